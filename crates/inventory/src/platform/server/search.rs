//! Searches several lists at once.

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Body, Method, Request};
use ironwood_rest::input::RawObject;
use ironwood_rest::registry::is_allowed;
use ironwood_rest::resource::{Access, Action, Args, Resource, Shape, action};
use ironwood_rest::view::{BOOL, INT, TEXT, Type, View, input};
use ironwood_rest::{list, params};
use serde_json::{Map, Value as Json, json};

/// What can be searched: the name, the list, and a parameter that always holds.
const LISTS: &[(&str, &str, &str)] = &[
    ("build", "/api/build/", ""),
    ("company", "/api/company/", ""),
    ("supplier", "/api/company/", "is_supplier"),
    ("manufacturer", "/api/company/", "is_manufacturer"),
    ("customer", "/api/company/", "is_customer"),
    ("manufacturerpart", "/api/company/part/manufacturer/", ""),
    ("supplierpart", "/api/company/part/", ""),
    ("part", "/api/part/", ""),
    ("partcategory", "/api/part/category/", ""),
    ("purchaseorder", "/api/order/po/", ""),
    ("returnorder", "/api/order/ro/", ""),
    ("salesorder", "/api/order/so/", ""),
    ("salesordershipment", "/api/order/so/shipment/", ""),
    ("stockitem", "/api/stock/", ""),
    ("stocklocation", "/api/stock/location/", ""),
];

/// Parameters that every list of one search gets.
const SHARED: &[&str] = &["search", "search_regex", "search_whole", "search_notes", "limit", "offset"];

static VIEW: View = View::plain(
    "APISearchView",
    &[
        input("search", TEXT).required().always().max(500).help("Search text."),
        input("search_regex", BOOL).always().default("false").help("Treat the search text as regular expressions."),
        input("search_whole", BOOL).always().default("false").help("Match whole words only."),
        input("search_notes", BOOL).always().default("false").help("Search notes as well."),
        input("limit", INT).always().default("1").help("Maximum number of results per model."),
        input("offset", INT).always().default("0").help("Number of results per model to skip."),
        input("build", Type::Any),
        input("company", Type::Any),
        input("supplier", Type::Any),
        input("manufacturer", Type::Any),
        input("customer", Type::Any),
        input("manufacturerpart", Type::Any),
        input("supplierpart", Type::Any),
        input("part", Type::Any).help("Search parameters for parts. All other models work the same way."),
        input("partcategory", Type::Any),
        input("purchaseorder", Type::Any),
        input("returnorder", Type::Any),
        input("salesorder", Type::Any),
        input("salesordershipment", Type::Any),
        input("stockitem", Type::Any),
        input("stocklocation", Type::Any),
    ],
);

/// `POST /api/search/`.
pub(super) static SEARCH: Action = action(Method::Post, "/api/search/", "search_create", Access::SignedIn, search)
    .writes(false)
    .request(Shape::Object(&VIEW))
    .response(200, Shape::Any)
    .help("Searches several models at once. The body names each model and its search parameters.");

/// The value of a query parameter as it would stand in an address.
fn text_of(value: &Json) -> Option<String> {
    match value {
        Json::Null | Json::Object(_) => None,
        Json::String(text) => Some(text.clone()),
        Json::Array(list) => Some(list.iter().filter_map(text_of).collect::<Vec<_>>().join(",")),
        other => Some(other.to_string()),
    }
}

fn search(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let given = RawObject::read(&ctx.request.body)?.values;
    if given.get("search").and_then(text_of).is_none() {
        return Err(Error::field("search", "Search text is required."));
    }
    let mut shared: Vec<(String, String)> = Vec::new();
    let mut faults = Fields::new();
    for (name, kind) in params::OF_LISTS {
        if let Some(text) = given.get(*name).and_then(text_of)
            && let Err(Error::Invalid(found)) = list::read_param(*kind, name, &text)
        {
            faults.nest(name, found.json()[*name].clone());
        }
    }
    faults.check()?;
    for name in SHARED {
        match given.get(*name).and_then(text_of) {
            Some(text) => shared.push(((*name).to_owned(), text)),
            None if *name == "limit" => shared.push(("limit".to_owned(), "1".to_owned())),
            None => {}
        }
    }
    let mut found = Map::new();
    for (name, path, always) in LISTS {
        let Some(Json::Object(own)) = given.get(*name) else { continue };
        let Some(resource) = ctx.registry.resources.iter().copied().find(|r| r.path == *path) else { continue };
        let own = own.iter().filter(|(n, _)| !SHARED.contains(&n.as_str()) && !list::EXPORT.contains(&n.as_str()));
        let mut query: Vec<(String, String)> = own.filter_map(|(n, v)| Some((n.clone(), text_of(v)?))).collect();
        query.extend(shared.iter().cloned());
        if !always.is_empty() {
            query.push(((*always).to_owned(), "true".to_owned()));
        }
        found.insert((*name).to_owned(), one(ctx, resource, query)?);
    }
    Ok(Answer::json(200, &Json::Object(found)))
}

/// What one list answers; a refusal stands in the place of its rows and leaves the others alone.
fn one(ctx: &mut Context<'_>, resource: &'static Resource, query: Vec<(String, String)>) -> Result<Json> {
    if !is_allowed(ctx.caller, resource.access, Method::Get) {
        return Ok(json!({"error": "You do not have permission to view these records."}));
    }
    let request =
        Request { method: Method::Get, query, raw_query: String::new(), body: Body::Empty, ..ctx.request.clone() };
    let answer = ctx.savepoint(|ctx| {
        let mut inner = Context::new(ctx.conn, ctx.caller, &request, ctx.domain, ctx.registry, ctx.limits);
        list::list(&mut inner, resource)
    });
    match answer {
        Ok(answer) => serde_json::from_slice(&answer.body).map_err(|e| Error::Internal(e.to_string())),
        Err(error) if error.status() < 500 => Ok(json!({"error": error.json()})),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::platform::users::permission::{Permission, Ruleset};
    use crate::testing::on_each_server;

    #[test]
    fn each_list_answers_for_itself() {
        on_each_server(|server| {
            let admin = server.superuser();
            let category = admin.made("/api/part/category/", json!({"name": "Bolts"}));
            for i in 0..3 {
                admin.made("/api/part/", json!({"name": format!("Bolt M{i}"), "category": category, "active": i > 0}));
            }
            let all =
                json!({"search": "bolt", "limit": 2, "part": {"active": true}, "partcategory": {}, "stockitem": {}});
            let found = admin.done("/api/search/", all.clone());
            assert_eq!(found["part"]["count"], 2);
            assert_eq!(found["partcategory"]["results"][0]["pk"], category);
            assert_eq!(found["stockitem"]["count"], 0);
            assert!(found.get("company").is_none());
            let bob = server.user("bob", &[(Ruleset::PartCategory, &[Permission::View])]);
            let found = bob.done("/api/search/", all);
            assert!(found["part"]["error"].is_string() && found["partcategory"]["count"] == 1);
            let odd = json!({"search": "bolt", "part": {"category": "x"}, "partcategory": {}, "build": [1]});
            let found = admin.done("/api/search/", odd);
            assert!(found["part"]["error"]["category"].is_array(), "{found}");
            assert_eq!(found["partcategory"]["results"].as_array().map(Vec::len), Some(1));
            assert_eq!(admin.post("/api/search/", json!({"part": {}})).0, 400);
        });
    }
}
