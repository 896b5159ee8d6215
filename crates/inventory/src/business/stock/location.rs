//! Stock locations, a tree. Structural locations contain no stock.

use ironwood_base::{Error, Key, Result};
use ironwood_rest::at_or_below;
use ironwood_rest::below;
use ironwood_rest::change::Change;
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::input::{Input, RawObject};
use ironwood_rest::resource::{Condition, Delete, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::row;
use ironwood_rest::select::truth;
use ironwood_rest::view::{BOOL, INT, REAL, TEXT, View, ancestors, col, nested, pk, sql};
use ironwood_store::{AsSql, Connection, Value, fragment, sql};

use super::view::{ICON, LOCATION_TYPE_BRIEF, LOCATION_TYPE_VIEW, STEP};
use super::{history, kernel, owner};
use crate::platform::common::parameter::PARAMETERS;
use crate::platform::common::tree::{self, LEVEL};
use crate::platform::common::{icon, tag};
use crate::schema::keys::*;
use crate::schema::stock::{LOCATION as TABLE, LOCATION_TYPE as TYPE_TABLE};
use crate::schema::tallies::in_and_below;

/// Stock items in the location and everywhere below it.
const ITEMS: &str = in_and_below!("ironwood_location_contents");
const SUBLOCATIONS: &str =
    sql!("(SELECT COUNT(*) FROM stock_stocklocation l WHERE ", below!("l.tree_path", "{tree_path}", "{tree_end}"), ")");
const LFT: &str = "(2 * (SELECT COUNT(*) FROM stock_stocklocation l WHERE l.tree_id = {tree_id} \
    AND l.pathstring < {pathstring}) - (LENGTH({tree_path}) - LENGTH(REPLACE({tree_path}, '/', '')) - 2))";

/// A location.
pub(crate) static VIEW: View = View::new(
    "Location",
    &TABLE,
    &[
        pk(),
        col("barcode_hash").read_only(),
        col("name").help("Name of the location."),
        sql("level", INT, LEVEL).help("Number of locations above this one."),
        col("description").help("Description of the location."),
        col("parent").label("Parent Location").help("Parent location. Empty for a top-level location."),
        col("pathstring").read_only().label("Path").help("Names from the top level down, separated by slashes."),
        ancestors("path", "{tree_path}", &STEP).on("path_detail", false),
        sql("items", INT, ITEMS).label("Stock Items").help("Number of stock items in this location and below."),
        sql("sublocations", INT, SUBLOCATIONS),
        col("owner").help("User or group responsible for the location."),
        ICON,
        col("custom_icon").help("Custom icon. Empty: the icon of the location type."),
        col("structural").help("Structural locations contain other locations, but no stock."),
        col("external").help("Whether the location is off-site."),
        col("location_type").help("Type of location."),
        nested("location_type_detail", "location_type", &LOCATION_TYPE_BRIEF).always(),
        tag::TAGS,
        PARAMETERS,
    ],
);

/// Locations.
pub(crate) static LOCATION: Resource = Resource::new("/api/stock/location/", "stock_location", &VIEW)
    .operations(Operations::ALL.bulk_update())
    .filters(&[
        filter("name", Condition::Where(TEXT, "{name} = {value}")),
        flag_filter("structural", "{structural}", "NOT {structural}"),
        flag_filter("external", "{external}", "NOT {external}"),
        filter(
            "location_type",
            Condition::LinkOrNull(&TYPE_TABLE, "{location_type} = {value}", "{location_type} IS NULL"),
        ),
        flag_filter("has_location_type", "{location_type} IS NOT NULL", "{location_type} IS NULL"),
        filter("parent", Condition::Custom(INT, tree::by_parent))
            .help("Locations directly below this one. With `cascade`, locations at all levels."),
        filter("cascade", Condition::Noted(BOOL)).help("Include all levels below."),
        filter("depth", Condition::Custom(INT, tree::by_depth))
            .help("Maximum depth below `parent`, or below the top level."),
        filter("top_level", Condition::Noted(BOOL)).help("Only top-level locations."),
        tag::BY_TAGS,
        tag::BY_TAG_NAME,
    ])
    .search(&["{name}", "{description}", "{pathstring}", tag::SEARCHED])
    .sorts(&[
        sort("name", &["{name}"]),
        sort("pathstring", &["{pathstring}"]),
        sort("items", &[ITEMS]),
        sort("level", &[LEVEL]),
        sort("tree_id", &["{tree_id}"]),
        sort("lft", &[LFT]),
    ])
    .default_sort(&["{tree_id}", "{pathstring}", "{name}"])
    .rules(Rules { check, delete: Delete::Each(delete), list: tree::by_level, ..NO_RULES })
    .help("Stock locations, organized in a tree.");

static TREE_VIEW: View = View::new(
    "LocationTree",
    &TABLE,
    &[
        pk(),
        col("name"),
        col("description"),
        col("pathstring").label("Path"),
        col("parent"),
        col("tree_id").read_only(),
        sql("level", INT, LEVEL),
        ICON.option_type("field"),
        col("structural"),
        sql("sublocations", INT, SUBLOCATIONS),
    ],
);

/// The whole tree in a form for drawing it.
pub(crate) static TREE: Resource = Resource::new("/api/stock/location/tree/", "stock_location_tree", &TREE_VIEW)
    .operations(Operations::LIST)
    .filters(&[
        filter("parent", Condition::Link(&TABLE, "{parent} = {value}")),
        filter("tree_id", Condition::Where(INT, "{tree_id} = {value}")),
        filter("level", Condition::Where(INT, tree::LEVEL_IS)),
        filter("max_level", Condition::Custom(REAL, tree::by_max_level)).help("Maximum level."),
        tree::EXPAND_TO,
    ])
    .search(&["{name}", "{description}"])
    .sorts(&[
        sort("level", &[LEVEL, "{name}"]),
        sort("name", &["{name}", LEVEL]),
        sort("sublocations", &[SUBLOCATIONS]),
    ])
    .default_sort(&[LEVEL, "{name}"])
    .rules(Rules { list: tree::widen, ..NO_RULES })
    .help("The location tree, in a compact form for display.");

fn check_type(_: &mut Context<'_>, change: &mut Change) -> Result<()> {
    icon::check(change, "icon")
}

/// Kinds of locations.
pub(crate) static LOCATION_TYPE: Resource =
    Resource::new("/api/stock/location-type/", "stock_location_type", &LOCATION_TYPE_VIEW)
        .search(&["{name}"])
        .sorts(&[
            sort("name", &["{name}"]),
            sort("location_count", &["(SELECT COUNT(*) FROM stock_stocklocation l WHERE l.location_type = {id})"]),
            sort("icon", &["{icon}"]),
        ])
        .default_sort(&["-(SELECT COUNT(*) FROM stock_stocklocation l WHERE l.location_type = {id})"])
        .rules(Rules { check: check_type, ..NO_RULES })
        .help("Types of stock locations.");

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    if let Some(id) = change.id {
        owner::check_location(ctx, Key::from_id(id))?;
    }
    if change.flag("structural") && !change.is_new() && change.is_changed("structural") {
        let id = change.id.unwrap_or_default();
        let sql = "SELECT 1 FROM stock_stockitem WHERE location = $1 LIMIT 1";
        if ctx.conn.one(sql, &[Value::Int(id)])?.is_some() {
            return Err(Error::non_field("A location that contains stock cannot be made structural."));
        }
    }
    icon::check(change, "custom_icon")
}

row! {
    /// A location that the server makes itself.
    pub(crate) struct NewLocation in TABLE as LocationKey {
        pub(crate) name: String,
        pub(crate) parent: Option<LocationKey>,
        pub(crate) owner: Option<OwnerKey>,
        pub(crate) external: bool,
    } without [..]
}

/// Makes a location.
///
/// # Errors
/// Those of the database.
pub(crate) fn make(conn: &mut Connection, location: NewLocation) -> Result<LocationKey> {
    let mut change = Change::create(&TABLE, Input::default());
    change.set(NewLocation::name, location.name);
    change.set(NewLocation::parent, location.parent);
    change.set(NewLocation::owner, location.owner);
    change.set(NewLocation::external, location.external);
    change.write(conn).map(Key::from_id)
}

/// Deletes a location. What lies in it moves up, or goes too where the request says so.
fn delete(ctx: &mut Context<'_>, id: AnyKey) -> Result<bool> {
    let given = RawObject::read(&ctx.request.body)?;
    let says = |name: &str| match given.values.get(name) {
        Some(serde_json::Value::Bool(b)) => *b,
        Some(serde_json::Value::String(s)) => truth(s).unwrap_or(false),
        _ => false,
    };
    let location: LocationKey = id.of_kind();
    owner::check_location(ctx, location)?;
    let (below, items) = (says("delete_sub_locations"), says("delete_stock_items"));
    if items {
        ctx.require("stock_stockitem", Permission::Delete)?;
    }
    clear(ctx, location, below, items)?;
    let contents = tree::Contents { table: "stock_stockitem", column: "location" };
    tree::delete(ctx.conn, &TABLE, &contents, id, below, items)?;
    Ok(false)
}

fn tree_keys(ctx: &mut Context<'_>, nodes: impl AsSql, location: LocationKey) -> Result<Vec<LocationKey>> {
    Ok(ctx.conn.rows(nodes, &[location.into()])?.iter().map(|row| row.cell(0)).collect())
}

/// Takes the stock out of a location that goes (and of those below it, where they go as well): to the
/// location above it, or away. The history of the items tells of it.
fn clear(ctx: &mut Context<'_>, location: LocationKey, below: bool, delete: bool) -> Result<()> {
    let sql = "SELECT parent FROM stock_stocklocation WHERE id = $1";
    let above: Option<LocationKey> = ctx.conn.one(sql, &[location.into()])?.ok_or(Error::NotFound)?.cell(0);
    let nodes = if below {
        sql!(
            "SELECT l.id FROM stock_stocklocation l JOIN stock_stocklocation a ON a.id = $1 WHERE ",
            at_or_below!("l", "a")
        )
    } else {
        "SELECT l.id FROM stock_stocklocation l WHERE l.id = $1"
    };
    let sql = fragment!("SELECT s.id FROM stock_stockitem s WHERE s.location IN ({nodes}) ORDER BY s.id");
    let keys: Vec<ItemKey> = ctx.conn.rows(&sql, &[location.into()])?.iter().map(|row| row.cell(0)).collect();
    // with the location goes what others may own
    if below {
        let nodes = tree_keys(ctx, nodes, location)?;
        owner::check_locations(ctx, &nodes)?;
    }
    owner::check_items(ctx, &keys)?;
    if delete {
        return kernel::delete(ctx.conn, &keys);
    }
    let user = caller_key(ctx);
    let mut ledger = kernel::Ledger::open(ctx.conn, user, &keys)?;
    if let Some(above) = above.filter(|_| !keys.is_empty()) {
        ledger.check_location(above)?;
    }
    for key in keys {
        let item = ledger.item_mut(key)?;
        item.location = above;
        let mut deltas = kernel::Deltas::new();
        deltas.insert("quantity".into(), history::quantity(item.quantity));
        deltas.insert("location".into(), above.into());
        ledger.record(key, kernel::HistoryCode::STOCK_MOVE, deltas, "")?;
    }
    ledger.close().map(|_| ())
}
