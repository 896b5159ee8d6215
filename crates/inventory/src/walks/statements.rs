//! No list takes a statement for each row.

use std::collections::{BTreeMap, BTreeSet};

use ironwood_rest::http::Method;
use ironwood_rest::registry::Target;
use ironwood_rest::resource::Resource;
use ironwood_rest::view::{Show, Source, View};
use serde_json::{Value as Json, json};

use crate::installation::app::the_registry;
use crate::testing::{Client, on_each_server};

/// Lists of rows inside of a view that each take a statement of their own, and the parameters that
/// show everything.
fn inside(view: &'static View, depth: u32, params: &mut BTreeSet<&'static str>) -> u64 {
    let mut lists = 0;
    for field in view.fields {
        if let Show::Param(name, _) = field.show {
            params.insert(name);
        }
        lists += match field.source {
            _ if depth > 5 => 0,
            Source::Nested(_, view) => inside(view, depth + 1, params),
            Source::Many(many) => 1 + inside(many.view, depth + 1, params),
            Source::Ancestors(_, view) => 1 + inside(view, depth + 1, params),
            // one for each kind of row that it names, and what is inside of these
            Source::Filled(..) => 40,
            _ => 0,
        };
    }
    lists
}

fn lists() -> impl Iterator<Item = &'static Resource> {
    the_registry().operations().into_iter().filter_map(|(_, operation)| match operation.target {
        Target::List(resource) if operation.method == Method::Get => Some(resource),
        _ => None,
    })
}

#[test]
fn a_list_takes_one_statement_and_one_for_each_list_inside() {
    on_each_server(|server| {
        server.fill_with_demo();
        let admin = server.superuser();
        let mut wrong = Vec::new();
        for resource in lists() {
            let mut params = BTreeSet::new();
            let inner = inside(resource.view, 0, &mut params);
            let shown: String = params.iter().map(|name| format!("&{name}=true")).collect();
            // which rows there are, these, how many, what is in them, and what the server's settings say
            let most = 4 + inner;
            let few = admin.statements(&format!("{}?limit=2{shown}", resource.path));
            let many = admin.statements(&format!("{}?limit=60{shown}", resource.path));
            if few > most || many > most {
                wrong.push(format!("{}: {few} for 2 rows, {many} for 60, not {most}", resource.path));
            }
            let bare = admin.statements(&format!("{}?limit=60", resource.path));
            // what took long, how many rows there are and which are on the page, is remembered for the second one
            if bare > many + 2 {
                wrong.push(format!("{}: {bare} without what can be asked for, {many} with it", resource.path));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// Keys of rows that go together: of one order, one bill of materials or the like, where they have such.
fn together(client: &Client, resource: &Resource) -> Vec<i64> {
    let (status, answer) = client.get(&format!("{}?limit=300", resource.path));
    let rows = answer["results"].as_array().filter(|_| status == 200).cloned().unwrap_or_default();
    let mut groups: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in rows {
        let of = ["order", "session", "part"].iter().find_map(|name| row.get(*name)).map(Json::to_string);
        groups.entry(of.unwrap_or_default()).or_default().extend(row["pk"].as_i64());
    }
    groups.into_values().max_by_key(Vec::len).unwrap_or_default()
}

/// Many rows are deleted by as many statements as one.
#[test]
fn bulk_deletion_takes_no_statement_for_each_row() {
    on_each_server(|server| {
        server.fill_with_demo();
        let admin = server.superuser();
        let (mut wrong, mut tried) = (Vec::new(), 0);
        for resource in the_registry().resources.iter().filter(|r| r.operations.bulk_delete && r.operations.list) {
            let keys = together(&admin, resource);
            let [first, others @ ..] = keys.as_slice() else { continue };
            let others = &others[..others.len().min(40)];
            if others.len() < 5 {
                continue;
            }
            let delete = |keys: &[i64]| admin.counted(Method::Delete, resource.path, json!({"items": keys}));
            let ((status, _, one), (all, _, many)) = (delete(&[*first]), delete(others));
            if (status, all) != (200, 200) {
                continue;
            }
            tried += 1;
            if many > one + 3 {
                wrong.push(format!("{}: {one} statements for one row, {many} for {}", resource.path, others.len()));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(tried > 5, "only {tried} lists could be tried");
    });
}
