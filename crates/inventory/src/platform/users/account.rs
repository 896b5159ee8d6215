//! The signed-in user's own account, as the headless authentication API of web front ends shows it.

use ironwood_base::Result;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{Access, Action, Outside, Shape, free_action};
use ironwood_rest::view::{INT, Type, View, value};
use serde_json::{Value as Json, json};

use super::signin::SignInMethod;
use super::visitor::Visitor;
use crate::platform::state::Inventory;

pub(super) static DATA: View = View::plain("AuthData", &[value("status", INT), value("data", Type::Any)]);

fn data(rows: Vec<Json>) -> Answer {
    Answer::json(200, &json!({"status": 200, "data": rows}))
}

/// `GET /api/auth/v1/account/email`.
pub(super) static EMAIL: Action = free_action(
    Method::Get,
    "/api/auth/v1/account/email",
    "auth_account_email_retrieve",
    Access::SignedIn,
    |outside, _| {
        let email = &Visitor::of(outside.caller)?.user.email;
        let rows = [email].into_iter().filter(|email| !email.is_empty());
        // no address was ever verified: the server sends no e-mails
        Ok(data(rows.map(|email| json!({"email": email, "primary": true, "verified": false})).collect()))
    },
)
.response(200, Shape::Object(&DATA))
.help("E-mail addresses of the signed-in user.");

const fn none(path: &'static str, id: &'static str) -> Action {
    free_action(Method::Get, path, id, Access::SignedIn, |_, _| Ok(data(Vec::new())))
        .response(200, Shape::Object(&DATA))
}

/// `GET /api/auth/v1/account/authenticators`.
pub(super) static AUTHENTICATORS: Action =
    none("/api/auth/v1/account/authenticators", "auth_account_authenticators_retrieve")
        .help("Second factors of the signed-in user. Always empty, because they are not supported yet.");

/// `GET /api/auth/v1/account/providers`.
pub(super) static PROVIDERS: Action = none("/api/auth/v1/account/providers", "auth_account_providers_retrieve")
    .help("External accounts of the signed-in user. Always empty, because they are not supported yet.");

/// `GET /api/auth/v1/auth/sessions`.
pub(super) static SESSIONS: Action =
    free_action(Method::Get, "/api/auth/v1/auth/sessions", "auth_sessions_retrieve", Access::SignedIn, |outside, _| {
        sessions(outside)
    })
    .response(200, Shape::Object(&DATA))
    .help("Sessions of the signed-in user.");

fn sessions(outside: &Outside<'_>) -> Result<Answer> {
    let visitor = Visitor::of(outside.caller)?;
    let user = visitor.user.id;
    let current = match visitor.way {
        SignInMethod::Session { id, .. } => Some(id.id()),
        _ => None,
    };
    let rows = Inventory::of(outside.domain)?.db.read(move |conn| super::session::of_user(conn, user))?;
    Ok(data(
        rows.into_iter()
            .map(|mut row| {
                row["is_current"] = (row["id"].as_i64() == current).into();
                row
            })
            .collect(),
    ))
}
