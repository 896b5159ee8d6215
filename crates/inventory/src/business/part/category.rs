//! Part categories, a tree. Structural categories contain no parts.

use ironwood_base::{Error, Result};
use ironwood_rest::below;
use ironwood_rest::change::Change;
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::input::RawObject;
use ironwood_rest::resource::{Condition, Delete, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::row;
use ironwood_rest::select::truth;
use ironwood_rest::view::{BOOL, Field, INT, REAL, TEXT, View, ancestors, col, pk, sql};
use ironwood_store::{Value, sql};

use crate::platform::common::parameter::PARAMETERS;
use crate::platform::common::tree::{self, LEVEL};
use crate::platform::settings::keys;
use crate::schema::keys::{AnyKey, caller_key};
use crate::schema::part::CATEGORY as TABLE;
use crate::schema::part::CategoryStar;
use crate::schema::tallies::in_and_below;

/// One step on the way from the root of the tree.
pub(crate) static STEP: View =
    View::new("TreePath", &TABLE, &[pk(), col("name").read_only(), sql("icon", TEXT, "COALESCE({icon}, '')")]);

/// Parts in the category and everywhere below it.
const PART_COUNT: &str = in_and_below!("ironwood_category_contents");
/// Categories below the category, at any depth.
const SUBCATEGORIES: &str =
    sql!("(SELECT COUNT(*) FROM part_partcategory c WHERE ", below!("c.tree_path", "{tree_path}", "{tree_end}"), ")");
const STARRED: &str = "EXISTS (SELECT 1 FROM part_partcategorystar s WHERE s.category = {id} AND s.\"user\" = {user})";
/// Default location of the category above, or of the nearest one further up (but for the top) that
/// has one.
const PARENT_LOCATION: &str = sql!(
    "COALESCE({parent.default_location}, (SELECT c.default_location \
    FROM part_partcategory c WHERE ",
    below!("{parent.tree_path}", "c.tree_path", "c.tree_end"),
    " \
    AND c.default_location IS NOT NULL AND c.parent IS NOT NULL ORDER BY LENGTH(c.tree_path) DESC LIMIT 1))"
);

const STARRED_FIELD: Field = sql("starred", BOOL, STARRED)
    .described_output_only()
    .help("Whether the signed-in user follows this category.")
    .option_type("field");

/// A category.
pub(crate) static VIEW: View = View::new(
    "Category",
    &TABLE,
    &[
        pk(),
        col("name").help("Name of the category."),
        col("description").help("Description of the category."),
        col("default_location").help("Default stock location for parts in this category."),
        col("default_keywords").help("Default keywords for new parts in this category."),
        sql("level", INT, LEVEL).help("Number of categories above this one."),
        col("parent").label("Parent Category").help("Parent category. Empty for a top-level category."),
        sql("part_count", INT, PART_COUNT).counted().label("Parts"),
        sql("subcategories", INT, SUBCATEGORIES).counted(),
        col("pathstring").read_only().label("Path").help("Names from the top level down, separated by slashes."),
        ancestors("path", "{tree_path}", &STEP).on("path_detail", false),
        STARRED_FIELD,
        col("structural").help("Structural categories contain other categories, but no parts."),
        col("icon").blank_for_null().help("Name of the icon."),
        sql("parent_default_location", INT, PARENT_LOCATION).counted(),
        PARAMETERS,
    ],
);

/// Categories.
pub(crate) static CATEGORY: Resource = Resource::new("/api/part/category/", "part_category", &VIEW)
    .operations(Operations::ALL.bulk_update())
    .filters(&[
        filter("name", Condition::Where(TEXT, "{name} = {value}")),
        flag_filter("structural", "{structural}", "NOT {structural}"),
        flag_filter("starred", STARRED, STARRED_NOT)
            .help("Only categories that the signed-in user follows (or does not follow)."),
        filter("parent", Condition::Custom(INT, tree::by_parent))
            .help("Direct subcategories of this category. With `cascade`, subcategories at all levels."),
        filter("cascade", Condition::Noted(BOOL)).help("Include all levels below."),
        filter("depth", Condition::Custom(INT, tree::by_depth))
            .help("Maximum depth below `parent`, or below the top level."),
        filter("top_level", Condition::Noted(BOOL)).help("Only top-level categories."),
        filter("exclude_tree", Condition::Link(&TABLE, tree::NOT_IN_TREE))
            .help("Exclude this category and all of its subcategories."),
    ])
    .search(&["{name}", "{description}", "{pathstring}"])
    .sorts(&[
        sort("name", &["{name}"]),
        sort("pathstring", &["{pathstring}"]),
        sort("level", &[LEVEL]),
        sort("tree_id", &["{tree_id}"]),
        sort("lft", &[LFT]),
        sort("part_count", &[PART_COUNT]),
    ])
    .default_sort(&["{tree_id}", "{pathstring}", "{name}"])
    .rules(Rules { check, saved, delete: Delete::Each(delete), list: tree::by_level, ..NO_RULES })
    .help("Part categories, organized in a tree.");

const STARRED_NOT: &str =
    "NOT EXISTS (SELECT 1 FROM part_partcategorystar s WHERE s.category = {id} AND s.\"user\" = {user})";

/// The number that a nested set would give the row.
const LFT: &str = "(2 * (SELECT COUNT(*) FROM part_partcategory c WHERE c.tree_id = {tree_id} \
    AND c.pathstring < {pathstring}) - (LENGTH({tree_path}) - LENGTH(REPLACE({tree_path}, '/', '')) - 2))";

static TREE_VIEW: View = View::new(
    "CategoryTree",
    &TABLE,
    &[
        pk(),
        col("name"),
        col("description"),
        col("pathstring").label("Path"),
        col("parent"),
        col("tree_id").read_only(),
        sql("level", INT, LEVEL),
        col("icon").blank_for_null(),
        col("structural"),
        sql("subcategories", INT, SUBCATEGORIES),
    ],
);

/// The whole tree in a form for drawing it.
pub(crate) static TREE: Resource = Resource::new("/api/part/category/tree/", "part_category_tree", &TREE_VIEW)
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
        sort("subcategories", &[SUBCATEGORIES]),
    ])
    .default_sort(&[LEVEL, "{name}"])
    .rules(Rules { list: tree::widen, ..NO_RULES })
    .help("The category tree, in a compact form for display.");

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    if change.flag("structural") && !change.is_new() && change.is_changed("structural") {
        let id = change.id.unwrap_or_default();
        let sql = "SELECT 1 FROM part_part WHERE category = $1 LIMIT 1";
        if ctx.conn.one(sql, &[Value::Int(id)])?.is_some() {
            return Err(Error::non_field("A category that contains parts cannot be made structural."));
        }
    }
    // a category without an icon of its own is shown with the server's: that is no icon of its own
    let has_own = matches!(change.old("icon"), Value::Text(icon) if !icon.is_empty());
    if change.is_given("icon")
        && !has_own
        && change.text("icon") == crate::platform::state::snapshot(ctx)?.settings.text(keys::PART_CATEGORY_DEFAULT_ICON)
    {
        change.unset("icon");
    }
    crate::platform::common::icon::check(change, "icon")
}

fn saved(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    if let Some(starred) = change.extra.get("starred").and_then(|v| v.as_bool()) {
        let (category, user) = (id.of_kind(), caller_key(ctx));
        ctx.conn.execute(
            "DELETE FROM part_partcategorystar WHERE category = $1 AND \"user\" = $2",
            &[category.into(), user.into()],
        )?;
        if starred {
            row::insert::<CategoryStar>(ctx.conn, [&CategoryStar { category, user, ..CategoryStar::default() }])?;
        }
    }
    Ok(())
}

/// Deletes a category. What lies in it moves up, or goes too where the request says so.
fn delete(ctx: &mut Context<'_>, id: AnyKey) -> Result<bool> {
    let given = RawObject::read(&ctx.request.body)?;
    let says = |name: &str| match given.values.get(name) {
        Some(serde_json::Value::Bool(b)) => *b,
        Some(serde_json::Value::String(s)) => truth(s).unwrap_or(false),
        _ => false,
    };
    let contents = tree::Contents { table: "part_part", column: "category" };
    if says("delete_parts") {
        ctx.require(contents.table, Permission::Delete)?;
    }
    tree::delete(ctx.conn, &TABLE, &contents, id, says("delete_child_categories"), says("delete_parts"))?;
    Ok(false)
}
