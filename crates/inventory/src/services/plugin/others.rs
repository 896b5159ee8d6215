//! URLs of plugin types that are not available.

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::form;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::input::RawObject;
use ironwood_rest::resource::{Access, Action, Shape, action};
use ironwood_rest::view::{INT, TEXT, Type, View, input, value};
use serde_json::json;

use crate::schema::part::{CATEGORY, PART};
use crate::schema::stock::{ITEM, LOCATION};

static ACTION_VIEW: View =
    View::plain("ActionPlugin", &[input("action", TEXT).required().always(), input("data", Type::Any).always()]);

/// `POST /api/action/`.
pub(super) static ACTION: Action = action(Method::Post, "/api/action/", "action_create", Access::SignedIn, |ctx, _| {
    let given = RawObject::read(&ctx.request.body)?;
    let Some(action) = given.values.get("action").filter(|action| !action.is_null()) else {
        return Ok(Answer::json(400, &json!({"error": "Action is required.", "detail": "Action is required."})));
    };
    Ok(Answer::json(404, &json!({"error": "This action does not exist.", "action": action})))
})
.writes(false)
.request(Shape::Object(&ACTION_VIEW))
.response(200, Shape::Object(&ACTION_VIEW))
.help("Runs a plugin action. None are available.");

static LOCATE_VIEW: View = View::plain(
    "LocatePlugin",
    &[
        input("plugin", TEXT).required().always(),
        input("item", INT).links(&ITEM).always(),
        input("location", INT).links(&LOCATION).always(),
    ],
);

/// `POST /api/locate/`.
pub(super) static LOCATE: Action = action(Method::Post, "/api/locate/", "locate_create", Access::SignedIn, |ctx, _| {
    form::read(ctx, &LOCATE_VIEW)?;
    Err(Error::field("plugin", "No plugin with this name can locate items."))
})
.writes(false)
.request(Shape::Object(&LOCATE_VIEW))
.response(200, Shape::Object(&LOCATE_VIEW))
.help("Locates an item through a plugin. None are available.");

static SUPPLIER_VIEW: View = View::plain(
    "SupplierList",
    &[value("plugin_slug", TEXT), value("supplier_slug", TEXT), value("supplier_name", TEXT)],
);

/// `GET /api/supplier/list/`.
pub(super) static SUPPLIERS: Action =
    action(Method::Get, "/api/supplier/list/", "supplier_list_list", Access::SignedIn, |_, _| {
        Ok(Answer::json(200, &json!([])))
    })
    .response(200, Shape::List(&SUPPLIER_VIEW))
    .help("Suppliers with a searchable catalog. Always empty.");

static FOUND_VIEW: View = View::plain(
    "SearchResult",
    &[
        value("id", TEXT),
        value("sku", TEXT),
        value("name", TEXT),
        value("exact", ironwood_rest::view::BOOL),
        value("description", TEXT),
        value("price", TEXT),
        value("link", TEXT),
        value("image_url", TEXT),
        value("existing_part_id", INT).nullable(),
    ],
);

fn no_supplier(_: &mut Context<'_>) -> Result<Answer> {
    Err(Error::Status(404, "This supplier does not exist.".into()))
}

/// `GET /api/supplier/search/`.
pub(super) static SUPPLIER_SEARCH: Action =
    action(Method::Get, "/api/supplier/search/", "supplier_search_list", Access::SignedIn, |ctx, _| no_supplier(ctx))
        .params(&[
            ("plugin", TEXT, "Key of the plugin."),
            ("supplier", TEXT, "Key of the supplier."),
            ("term", TEXT, "Search text."),
        ])
        .response(200, Shape::List(&FOUND_VIEW))
        .help("Searches the catalog of a supplier.");

static IMPORT_VIEW: View = View::plain(
    "SupplierImport",
    &[
        input("plugin", TEXT).required(),
        input("supplier", TEXT).required(),
        input("part_import_id", TEXT).required(),
        input("category_id", INT).links(&CATEGORY).nullable(),
        input("part_id", INT).links(&PART).nullable(),
    ],
);

static IMPORTED_VIEW: View = View::plain(
    "SupplierImportResult",
    &[
        value("part_id", INT),
        value("part_detail", Type::Any),
        value("manufacturer_part_id", INT),
        value("supplier_part_id", INT),
        value("pricing", Type::Any),
        value("parameters", Type::Any),
    ],
);

/// `POST /api/supplier/import/`.
pub(super) static SUPPLIER_IMPORT: Action =
    action(Method::Post, "/api/supplier/import/", "supplier_import_create", Access::Table("part_part"), |ctx, _| {
        form::read(ctx, &IMPORT_VIEW)?;
        no_supplier(ctx)
    })
    .writes(false)
    .request(Shape::Object(&IMPORT_VIEW))
    .response(200, Shape::Object(&IMPORTED_VIEW))
    .help("Imports a part from the catalog of a supplier.");
