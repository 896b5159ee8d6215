//! No operation gives a caller more than their permissions.

use ironwood_rest::http::{Body, Method};
use ironwood_rest::registry::access_of;
use ironwood_rest::resource::Access;

use super::filled;
use crate::installation::app::the_registry;
use crate::testing::on_each_server;

fn address_of(path: &str) -> String {
    filled(path, |name| if name == "model" { "part".into() } else { "1".into() })
}

#[test]
fn who_may_nothing_gets_nowhere() {
    on_each_server(|server| {
        let stranger = server.stranger();
        let (mut wrong, mut nobody) = (Vec::new(), server.user("nobody", &[]));
        for (i, (path, operation)) in the_registry().operations().into_iter().enumerate() {
            let (access, method) = (access_of(operation), operation.method);
            let address = address_of(&path);
            let body = || if method.safe() { Body::Empty } else { Body::Json(serde_json::json!({})) };
            let mut expect = |who: &str, got: u16, allowed: bool| {
                if !allowed {
                    wrong.push(format!("{} {path} ({access:?}): {got} for {who}", method.name()));
                }
            };
            let strange = stranger.send(method, &address, body()).0;
            expect("a stranger", strange, strange == 401 || matches!(access, Access::Public));
            let free = match access {
                // those that change something: `signed_in`
                Access::Public | Access::SignedIn => true,
                Access::StaffWrites
                | Access::ReadOrTable(_)
                | Access::ReadOrStaffTable(_)
                | Access::OnRecord(_)
                | Access::ReadOrAny(_) => method.safe(),
                Access::Staff | Access::Superuser | Access::Table(_) | Access::Right(..) => false,
            };
            if matches!(access, Access::Public) {
                continue;
            }
            let got = nobody.send(method, &address, body()).0;
            expect("somebody without rights", got, free || got == 403);
            if matches!(access, Access::SignedIn) && !method.safe() {
                // the user may have revoked their own token or deleted themselves
                nobody = server.user(&format!("nobody{i}"), &[]);
            }
        }
        assert!(wrong.is_empty(), "{} operations let somebody through:\n{}", wrong.len(), wrong.join("\n"));
    });
}

#[test]
fn options_tell_a_stranger_nothing() {
    on_each_server(|server| {
        let stranger = server.stranger();
        for (path, operation) in the_registry().operations() {
            if !matches!(access_of(operation), Access::Public) {
                let (status, answer) = stranger.send(Method::Options, &address_of(&path), Body::Empty);
                assert!(status == 401 || answer.get("actions").is_none(), "{path}: {status} {answer}");
            }
        }
    });
}
