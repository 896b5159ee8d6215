//! What someone may not view does not show in any answer, whichever way it is asked for.

use ironwood_store::Fragment;
use std::collections::BTreeMap;

use ironwood_rest::http::Method;
use ironwood_rest::registry::Target;
use ironwood_rest::resource::{Condition, Resource};
use ironwood_rest::table::{ColumnType, PATH, Table};
use ironwood_rest::view::Show;
use serde_json::json;

use crate::installation::app::the_registry;
use crate::platform::users::permission::{Permission, Ruleset, User};
use crate::schema::TABLES;
use crate::schema::keys::UserKey;
use crate::testing::{Client, Server, on_each_server};

/// Addresses that ask a list for everything that it can be asked: what it shows, each filter, search and sorting.
fn questions(resource: &Resource) -> Vec<String> {
    let shown: Vec<String> = resource
        .view
        .fields
        .iter()
        .filter_map(|field| match field.show {
            Show::Param(name, _) => Some(format!("{name}=true")),
            _ => None,
        })
        .collect();
    let mut all = vec![format!("limit=30&{}", shown.join("&"))];
    for filter in resource.filters {
        let values: &[&str] = match filter.condition {
            Condition::Flag(..) => &["true", "false"],
            Condition::Custom(ironwood_rest::view::Type::Of(ColumnType::Bool), _) => &["true", "false"],
            Condition::Link(..) | Condition::LinkOrNull(..) | Condition::Ints(_) => &["1", "3"],
            _ => &["1", "a"],
        };
        all.extend(values.iter().map(|value| format!("limit=30&{}={value}", filter.name)));
    }
    all.extend(resource.sorts.iter().map(|order| format!("limit=30&ordering={}", order.name)));
    for search in ["a", "re", "1", "e&search_regex=true", "1&search_notes=true"] {
        all.push(format!("limit=30&search={search}"));
    }
    all
}

/// Every answer to someone's questions.
fn answers(client: &Client) -> BTreeMap<String, (u16, String)> {
    let mut all = BTreeMap::new();
    for (path, operation) in the_registry().operations() {
        let Target::List(resource) = operation.target else { continue };
        if operation.method != Method::Get || client.get(&format!("{path}?limit=1")).0 != 200 {
            continue;
        }
        for question in questions(resource) {
            let address = format!("{path}?{question}");
            let (status, body) = client.get(&address);
            all.insert(address, (status, body.to_string()));
        }
    }
    all
}

/// Rewrites the texts of every row that the user cannot view, and all e-mail addresses of other users.
fn scramble(server: &Server, user: i64) {
    server.write(move |conn| {
        let seen = User::by_id(conn, UserKey::from_id(user))?.unwrap();
        for table in TABLES.iter().filter(|t| !t.name.starts_with("ironwood_") && !seen.sees(t.name)) {
            for column in texts(table) {
                let sql = format!(
                    "UPDATE {} SET \"{column}\" = 'z' || (id % 7) || 'e' || id WHERE \"{column}\" <> ''",
                    table.name
                );
                conn.execute(Fragment::generated(&sql), &[])?;
            }
        }
        conn.execute("UPDATE auth_user SET email = 'z' || id || '@example.com' WHERE id <> $1", &[user.into()])?;
        Ok(())
    });
}

/// Columns of a table that hold free texts.
fn texts(table: &Table) -> Vec<&'static str> {
    let is_text = |kind| matches!(kind, ColumnType::Text | ColumnType::Url | ColumnType::Email);
    table
        .columns
        .iter()
        .filter(|c| {
            is_text(c.kind) && !c.secret && c.choices.is_empty() && (c.max == 0 || c.max >= 10) && c.name != PATH
        })
        .map(|c| c.name)
        .collect()
}

#[test]
fn no_answer_depends_on_what_somebody_may_not_view() {
    on_each_server(|server| {
        server.fill_with_demo();
        let mut wrong = Vec::new();
        let mut count = 0;
        for ruleset in Ruleset::ALL {
            let client = server.user(&format!("only_{}", ruleset.name()), &[(ruleset, &[Permission::View])]);
            let before = answers(&client);
            scramble(server, client.user);
            let after = answers(&client);
            count += before.len();
            for (address, answer) in before {
                if after.get(&address) != Some(&answer) {
                    wrong.push(format!("{}: {address} ({})", ruleset.name(), answer.0));
                }
            }
        }
        // what was rewritten does show to those who may view it
        let list = server.superuser().read("/api/stock/?search=e1&part_detail=true").to_string();
        assert!(list.contains("\"name\":\"z"), "nothing was rewritten");
        assert!(wrong.is_empty(), "{} answers depend on what may not be viewed:\n{}", wrong.len(), wrong.join("\n"));
        assert!(count > 1_000, "only {count} questions were asked");
    });
}

/// The same by hand: what an attacker tried.
#[test]
fn linked_records_are_not_read_letter_by_letter() {
    on_each_server(|server| {
        let admin = server.superuser();
        let supplier = admin.made("/api/company/", json!({"name": "DigiKey", "is_supplier": true, "currency": "USD"}));
        let part = admin.made("/api/part/", json!({"name": "1551ABK", "purchaseable": true}));
        let sold = json!({"part": part, "supplier": supplier, "SKU": "HM-1"});
        let sold = admin.made("/api/company/part/", sold);
        let item = admin.made("/api/stock/", json!({"part": part, "quantity": 1, "supplier_part": sold}));
        let view: &[Permission] = &[Permission::View];
        let keeper = server.user("keeper", &[(Ruleset::Stock, view)]);
        let clerk = server.user("clerk", &[(Ruleset::Part, view)]);
        let status = |client: &Client, path: &str| client.get(path).0;
        let count = |client: &Client, path: &str| client.read(path).as_array().unwrap().len();

        // the row's own key may be asked for, what it leads to may not
        assert_eq!(count(&keeper, &format!("/api/stock/?part={part}")), 1);
        for filter in ["name_regex=^1551", "name=1551ABK", "IPN=x", "category=1", "active=true", "supplier=1"] {
            assert_eq!(status(&keeper, &format!("/api/stock/?part={part}&{filter}")), 403, "{filter}");
            let bulk = json!({"filters": {(filter.split('=').next().unwrap()): "1"}});
            let (refused, _) = server
                .user("mover", &[(Ruleset::Stock, &[Permission::View, Permission::Change])])
                .patch("/api/stock/", bulk);
            assert_eq!(refused, 403, "{filter}");
        }
        for term in ["1551", "HM-1", "DigiKey", "^1551&search_regex=true", "1551ABK&search_whole=true"] {
            assert_eq!(count(&keeper, &format!("/api/stock/?search={term}")), 0, "{term}");
            assert_eq!(count(&admin, &format!("/api/stock/?search={term}")), 1, "{term}");
        }
        assert_eq!(status(&keeper, "/api/stock/?ordering=part,-SKU,quantity"), 200);
        let row = keeper.read(&format!("/api/stock/{item}/"));
        assert!(row["SKU"].is_null() && row.get("part_detail").is_none_or(serde_json::Value::is_null), "{row}");
        assert_eq!(count(&clerk, "/api/company/part/?search=DigiKey"), 0);
        assert_eq!(count(&clerk, "/api/company/part/?search=HM-1"), 1);
        // a total that the part shows may be asked for
        assert_eq!(count(&clerk, "/api/part/?has_stock=true&ordering=in_stock"), 1);
        assert_eq!(clerk.read(&format!("/api/part/{part}/"))["in_stock"], 1.0);
    });
}
