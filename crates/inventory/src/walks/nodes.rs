//! What one node changes, the next request on every node sees.

use ironwood_rest::http::{Answer, Method};
use ironwood_rest::registry::Target;
use ironwood_store::{Backend, Fragment, fragment, watch};
use serde_json::{Value as Json, json};

use crate::installation::app::the_registry;
use crate::platform::users::permission::{Permission, Ruleset};
use crate::schema::versions::{COUNTED, SETTINGS};
use crate::testing::{Client, on_each_server};

/// Changes at one node and reads at the other, in turn.
fn in_turn(nodes: &[Client; 2], mut act: impl FnMut(usize, &Client, &Client)) {
    for round in 0..8 {
        act(round, &nodes[round % 2], &nodes[(round + 1) % 2]);
    }
}

/// A PATCH that must be accepted.
fn changed(client: &Client, path: &str, body: Json) {
    let (status, answer) = client.patch(path, body);
    assert_eq!(status, 200, "PATCH {path}: {answer}");
}

#[test]
fn rights_and_settings_are_never_seen_late() {
    on_each_server(|server| {
        let other = server.another_node();
        let admin = server.superuser();
        let admins = [admin.clone(), admin.at(&other)];
        let user = server.user("erin", &[(Ruleset::Stock, &[Permission::View])]);
        let users = [user.clone(), user.at(&other)];
        let rule = server.int("SELECT MAX(id) FROM users_ruleset WHERE name = 'part'", &[]);
        in_turn(&admins, |round, here, there| {
            let may = round % 2 == 0;
            changed(here, &format!("/api/user/ruleset/{rule}/"), json!({"can_view": may}));
            for user in &users {
                assert_eq!(user.get("/api/part/?limit=1").0, if may { 200 } else { 403 }, "round {round}");
                let named = user.read("/api/user/me/?roles=true")["roles"]["part"].to_string();
                assert_eq!(named.contains("view"), may, "round {round}: {named}");
            }
            let name = format!("Works {round}");
            changed(here, "/api/settings/global/INVENTREE_INSTANCE/", json!({"value": name}));
            assert_eq!(there.read("/api/settings/global/INVENTREE_INSTANCE/")["value"], name);
            let all = there.read("/api/settings/global/");
            let listed = all.as_array().into_iter().flatten().find(|s| s["key"] == "INVENTREE_INSTANCE").cloned();
            assert_eq!(listed.unwrap_or_default()["value"], name);
        });
        // whoever is no longer active is let in nowhere
        changed(&admins[0], &format!("/api/user/{}/", user.user), json!({"is_active": false}));
        assert_eq!(users.each_ref().map(|user| user.get("/api/part/?limit=1").0), [401, 401]);
    });
}

#[test]
fn stock_and_orders_are_never_seen_late() {
    on_each_server(|server| {
        server.fill_with_demo();
        let other = server.another_node();
        let admin = server.superuser();
        let nodes = [admin.clone(), admin.at(&other)];
        let template = admin.made("/api/part/", json!({"name": "Frame", "is_template": true, "minimum_stock": 100}));
        let part = admin.made("/api/part/", json!({"name": "Frame M", "variant_of": template, "purchaseable": true}));
        let supplier = server.int("SELECT MIN(id) FROM company_company WHERE is_supplier", &[]);
        let count = |client: &Client, path: &str| client.read(path)["count"].as_i64().unwrap_or(-1);
        let most = |client: &Client, order: &str| {
            client.read(&format!("/api/part/?limit=1&ordering={order}"))["results"][0]["pk"].as_i64()
        };
        let (mut total, mut orders) = (0, count(&admin, "/api/order/po/?limit=1"));
        let all = count(&admin, "/api/stock/?limit=1");
        in_turn(&nodes, |round, here, there| {
            let quantity = 10 * (round as i64 + 1);
            let item = here.made("/api/stock/", json!({"part": part, "quantity": quantity}));
            total += quantity;
            let items = round as i64 + 1;
            assert_eq!(count(there, "/api/stock/?limit=1"), all + items);
            assert_eq!(count(there, &format!("/api/stock/?limit=1&part={part}")), items);
            assert_eq!(count(there, &format!("/api/stock/?limit=1&part={template}")), items, "with variants");
            let number = |part: i64, name: &str| there.read(&format!("/api/part/{part}/"))[name].as_f64();
            assert_eq!(number(part, "in_stock"), Some(total as f64));
            assert_eq!(number(template, "total_in_stock"), Some(total as f64));
            let low = there.read("/api/part/?limit=500&low_stock=true&search=Frame");
            let listed = low["results"].as_array().into_iter().flatten().any(|p| p["pk"] == json!(template));
            assert_eq!(listed, total < 100, "round {round}: {total}");
            // more of one part than of all others
            let row = json!({"items": [{"pk": item, "quantity": 1_000_000 + round}]});
            here.done("/api/stock/count/", row);
            assert_eq!(most(there, "-in_stock"), Some(part));
            let row = json!({"items": [{"pk": item, "quantity": quantity}]});
            there.done("/api/stock/count/", row);
            assert_ne!(most(here, "-in_stock"), Some(part));
            let order = here.made("/api/order/po/", json!({"supplier": supplier}));
            orders += 1;
            assert_eq!(count(there, "/api/order/po/?limit=1"), orders);
            let open = count(there, "/api/order/po/?limit=1&outstanding=true");
            there.done(&format!("/api/order/po/{order}/cancel/"), json!({}));
            assert_eq!(count(here, "/api/order/po/?limit=1&outstanding=true"), open - 1);
        });
    });
}

#[test]
fn callers_and_forms_are_never_seen_late() {
    on_each_server(|server| {
        let other = server.another_node();
        let admin = server.superuser();
        let admins = [admin.clone(), admin.at(&other)];
        let user = server.user("frank", &[(Ruleset::Part, &[Permission::View])]);
        let users = [user.clone(), user.at(&other)];
        let own = format!("/api/user/{}/", user.user);
        let groups = admin.read(&own)["groups"].clone();
        let group = groups[0]["pk"].clone();
        let model = admin.read("/api/contenttype/model/stockitem/")["pk"].clone();
        let of_user = "SELECT MAX(id) FROM users_apitoken WHERE \"user\" = (SELECT MAX(id) FROM auth_user)";
        let token = server.int(of_user, &[]);
        in_turn(&admins, |round, here, there| {
            let may = round % 2 == 1;
            let ids = if may { json!([group]) } else { json!([]) };
            changed(here, &own, json!({"group_ids": ids}));
            for user in &users {
                assert_eq!(user.get("/api/part/?limit=1").0, if may { 200 } else { 403 }, "round {round}");
                assert_eq!(user.options("/api/part/").0, if may { 200 } else { 403 }, "round {round}");
            }
            // by whoever writes to the database
            let node = if round % 2 == 0 { &other } else { server };
            let sql = format!("UPDATE users_apitoken SET revoked = {} WHERE id = {token}", !may);
            node.write(move |conn| conn.batch(Fragment::generated(&sql)));
            assert_eq!(users.each_ref().map(|user| user.get("/api/user/me/").0), [if may { 200 } else { 401 }; 2]);
            node.write(move |conn| {
                conn.batch(fragment!("UPDATE users_apitoken SET revoked = FALSE WHERE id = {token}"))
            });
            // forms: choices, what is suggested, settings
            let state = json!({"key": 1000 + round, "name": format!("S{round}"), "label": format!("State {round}"),
                "color": "primary", "logical_key": 10, "model": model, "reference_status": "StockStatus"});
            let (status, answer) = here.post("/api/generic/status/custom/", state);
            assert_eq!(status, 201, "{answer}");
            let fields = there.options("/api/stock/").1["actions"]["POST"].clone();
            assert!(
                fields["status"]["choices"].to_string().contains(&format!("State {round}")),
                "{}",
                fields["status"]
            );
            let code = ["EUR", "USD"][round % 2];
            changed(here, "/api/settings/global/INVENTREE_DEFAULT_CURRENCY/", json!({"value": code}));
            let fields = there.options("/api/company/").1["actions"]["POST"].clone();
            assert_eq!(fields["currency"]["default"], code);
            let next =
                |client: &Client| client.options("/api/build/").1["actions"]["POST"]["reference"]["default"].clone();
            assert_eq!(next(here), next(there));
            let value = (round + 1).to_string();
            changed(here, "/api/settings/user/SEARCH_PREVIEW_RESULTS/", json!({"value": value}));
            let all = there.read("/api/settings/user/");
            let listed = all.as_array().into_iter().flatten().find(|s| s["key"] == "SEARCH_PREVIEW_RESULTS").cloned();
            assert_eq!(listed.unwrap_or_default()["value"].to_string(), value);
            assert_ne!(users[0].read("/api/settings/user/"), all, "of another user");
        });
    });
}

fn tag_of(answer: &Answer) -> Option<String> {
    answer.headers.iter().find(|(name, _)| *name == "ETag").map(|(_, tag)| tag.clone())
}

/// Answers are not sent again while nothing was changed, and never once something was.
#[test]
fn tags_of_answers_end_with_each_change() {
    on_each_server(|server| {
        server.fill_with_demo();
        let other = server.another_node();
        let admin = server.superuser();
        let second = server.superuser_named("second");
        let user = server.user("tina", &[(Ruleset::Part, &[Permission::View])]);
        let rule = server.int("SELECT MAX(id) FROM users_ruleset WHERE name = 'part'", &[]);
        let part = server.int("SELECT MIN(id) FROM part_part", &[]);
        let mut paths: Vec<String> = the_registry()
            .operations()
            .into_iter()
            .filter(|(_, operation)| operation.method == Method::Get && matches!(operation.target, Target::List(_)))
            .map(|(path, _)| format!("{path}?limit=3"))
            .collect();
        paths.extend([format!("/api/part/{part}/"), "/api/settings/global/".into(), "/api/settings/user/".into()]);
        let (mut spared, mut tagged) = (0, 0);
        for path in &paths {
            let first = admin.get_unless(path, None);
            let Some(tag) = tag_of(&first) else { continue };
            tagged += 1;
            let again = admin.get_unless(path, Some(&format!("\"x\", {tag}")));
            match again.status {
                304 => {
                    spared += 1;
                    assert!(again.body.is_empty() && tag_of(&again).as_ref() == Some(&tag), "{path}");
                }
                // other programs write to the same PostgreSQL server
                status => assert_eq!((status, &again.body), (200, &first.body), "{path}"),
            }
            assert_ne!(second.get_unless(path, Some(&tag)).status, 304, "{path}: of somebody else");
            assert_ne!(admin.at(&other).get_unless(path, Some(&tag)).status, 304, "{path}: of another start");
            let more = format!("{path}{}ordering=name", if path.contains('?') { "&" } else { "?" });
            assert_ne!(admin.get_unless(&more, Some(&tag)).status, 304, "{path}: another question");
        }
        assert!(tagged > 50, "{tagged} of {}", paths.len());
        assert!(server.app.db().backend() == Backend::Postgres || spared == tagged, "{spared} of {tagged}");
        let here = admin.at(&other);
        let page = "/api/part/?limit=30&search=Roundabout";
        for round in 0..6 {
            let tag = tag_of(&admin.get_unless(page, None)).unwrap();
            here.made("/api/part/", json!({"name": format!("Roundabout {round}")}));
            let answer = admin.get_unless(page, Some(&tag));
            assert!(answer.status == 200 && tag_of(&answer).is_some_and(|new| new != tag));
            assert!(String::from_utf8_lossy(&answer.body).contains(&format!("Roundabout {round}")));
            // by another program
            let tag = tag_of(&answer).unwrap();
            other.write(move |conn| {
                conn.batch(fragment!(
                    "UPDATE part_part SET description = 'round {round}' WHERE name = 'Roundabout {round}'"
                ))
            });
            let answer = admin.get_unless(page, Some(&tag));
            assert!(String::from_utf8_lossy(&answer.body).contains(&format!("round {round}")));
            let settings = "/api/settings/global/";
            let tag = tag_of(&admin.get_unless(settings, None)).unwrap();
            assert_eq!(admin.get_unless(settings, Some(&tag)).status, 304);
            changed(&here, "/api/settings/global/INVENTREE_INSTANCE/", json!({"value": format!("Works {round}")}));
            assert_eq!(admin.get_unless(settings, Some(&tag)).status, 200);
        }
        // a right that was taken
        let tag = tag_of(&user.get_unless(page, None)).unwrap();
        changed(&here, &format!("/api/user/ruleset/{rule}/"), json!({"can_view": false}));
        assert_eq!(user.get_unless(page, Some(&tag)).status, 403);
    });
}

/// Forms that are kept are what would be built now, for everyone, whoever asked first.
#[test]
fn kept_forms_are_those_that_would_be_built() {
    // too long to be kept
    let anew = format!("?x={}", "x".repeat(300));
    on_each_server(|server| {
        server.fill_with_demo();
        let own = [(Ruleset::Build, &[Permission::View, Permission::Add][..]), (Ruleset::Part, &[Permission::View])];
        let clients =
            [server.superuser(), server.superuser_named("other"), server.user("u", &own), server.user("v", &own)];
        // moments go on
        let plain = |answer: &Json| {
            let text = answer.to_string();
            let moment = regex::Regex::new(r"\d{4}-\d\d-\d\dT[0-9:.]+Z").unwrap();
            moment.replace_all(&text, "now").into_owned()
        };
        let counted: Vec<&str> = COUNTED
            .iter()
            .filter(|(counter, _)| *counter == SETTINGS)
            .flat_map(|(_, tables)| tables.iter().map(|table| table.name))
            .collect();
        let mut paths: Vec<String> = the_registry().operations().into_iter().map(|(path, _)| path).collect();
        paths.sort();
        paths.dedup();
        assert!(paths.len() > 300, "{}", paths.len());
        for path in paths.iter().filter(|path| !path.contains('{')) {
            for client in &clients {
                for _ in 0..2 {
                    let (kept, built) = (client.options(path), client.options(&format!("{path}{anew}")));
                    assert_eq!((kept.0, plain(&kept.1)), (built.0, plain(&built.1)), "{path}");
                    assert!(!plain(&kept.1).contains("mark-"), "{path}");
                }
            }
        }
        // what lists of choices are read from is counted
        let lists = ironwood_base::status::ALL.iter().map(|class| class.name).chain(["currency", "page_size"]);
        for list in lists {
            let (_, ran) = watch::statements(|| {
                server.app.db().read(move |conn| crate::platform::common::choices::of(conn, list)).unwrap()
            });
            for table in crate::schema::TABLES.iter().map(|table| table.name) {
                let reads = ran.iter().any(|ran| ran.sql.split([' ', '(', ')']).any(|word| word == table));
                assert!(!reads || counted.contains(&table), "{list} reads {table}");
            }
        }
    });
}
