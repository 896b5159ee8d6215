//! Status codes in the API, including custom states.

use ironwood_base::status::{self, StatusClass};
use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::{BOOL, INT, TEXT, Type, View, value};
use ironwood_store::Connection;
use serde_json::{Map, Value as Json, json};

use super::custom_state;

static STATE_VALUE: View = View::plain(
    "GenericStateValue",
    &[
        value("key", INT).writable().required(),
        value("logical_key", TEXT).writable().optional(),
        value("name", TEXT).writable().required(),
        value("label", TEXT).writable().required(),
        value("color", TEXT).writable().optional(),
        value("custom", BOOL).writable().optional(),
    ],
);
static STATE_CLASS: View = View::plain(
    "GenericStateClass",
    &[value("status_class", TEXT).label("Class"), value("values", Type::Map(&STATE_VALUE)).writable().required()],
);

/// One kind of status with all its values: built-in ones and the administrator's own.
pub(crate) fn describe(conn: &mut Connection, class: &StatusClass) -> Result<Json> {
    let mut values: Map<String, Json> = class
        .values
        .iter()
        .map(|s| {
            let shown = json!({"key": s.key, "name": s.name, "label": s.label, "color": s.color});
            (s.name.to_owned(), shown)
        })
        .collect();
    for state in custom_state::added_to(conn, class)? {
        let shown = json!({
            "key": state.key, "name": state.name, "label": state.label, "color": state.color,
            "logical_key": state.logical_key, "custom": true,
        });
        values.entry(state.name).or_insert(shown);
    }
    Ok(json!({"status_class": class.name, "values": values}))
}

/// `GET /api/generic/status/`: every kind.
pub(crate) static ALL: Action =
    action(Method::Get, "/api/generic/status/", "generic_status_retrieve_all", Access::SignedIn, all)
        .response(200, Shape::Any)
        .help("All types of status with their values.");

fn all(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let mut body = Map::new();
    for class in status::ALL {
        body.insert(class.name.to_owned(), describe(ctx.conn, class)?);
    }
    Ok(Answer::json(200, &Json::Object(body)))
}

/// `GET /api/generic/status/{statusmodel}/`: one kind by its name.
pub(crate) static ONE: Action = action(
    Method::Get,
    "/api/generic/status/{statusmodel}/",
    "generic_status_retrieve",
    Access::SignedIn,
    |ctx, args| {
        let name = args.first().map(String::as_str).unwrap_or_default();
        let class = status::class(name).ok_or(Error::NotFound)?;
        Ok(Answer::json(200, &describe(ctx.conn, class)?))
    },
)
.response(200, Shape::Object(&STATE_CLASS))
.help("A type of status with its values.");

/// An address that tells one kind of status.
pub(crate) const fn of_kind(
    path: &'static str,
    id: &'static str,
    run: fn(&mut Context<'_>, &Args) -> Result<Answer>,
) -> Action {
    action(Method::Get, path, id, Access::SignedIn, run)
        .response(200, Shape::Object(&STATE_CLASS))
        .help("Values of this type of status.")
}

/// `GET /api/stock/status/`.
pub(crate) static STOCK: Action = of_kind("/api/stock/status/", "stock_status_retrieve", |ctx, _| {
    Ok(Answer::json(200, &describe(ctx.conn, &status::STOCK_STATUS)?))
});

/// `GET /api/stock/track/status/`.
pub(crate) static HISTORY: Action = of_kind("/api/stock/track/status/", "stock_track_status_retrieve", |ctx, _| {
    Ok(Answer::json(200, &describe(ctx.conn, &status::STOCK_HISTORY_CODE)?))
});
