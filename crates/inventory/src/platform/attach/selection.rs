//! Selection lists: the valid values of parameters.

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::confirm::Usage;
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::http::Method;
use ironwood_rest::registry::permission_of;
use ironwood_rest::resource::{Access, Condition, NO_RULES, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::view::{INT, Many, TEXT, View, col, many, nested, pk, sql};
use ironwood_store::{Connection, Value};

use super::template;
use crate::schema::common::{SELECTION_ENTRY, SELECTION_LIST};
use crate::schema::keys::{AnyKey, SelectionListKey};
use crate::schema::record_type::PARAMETERS_OF;

static ENTRY_VIEW: View = View::new(
    "SelectionEntry",
    &SELECTION_ENTRY,
    &[
        sql("id", INT, "{id}").label("ID"),
        col("value").help("Value."),
        col("label").help("Label shown to users."),
        col("description").help("Description."),
        col("active").help("Whether the entry can be selected."),
        col("list").label("Selection List").help("Selection list."),
    ],
);

static ENTRIES_OF: Many = Many::new(&ENTRY_VIEW, "{list}");

static VIEW: View = View::new(
    "SelectionList",
    &SELECTION_LIST,
    &[
        pk(),
        col("name").help("Name of the list."),
        col("description").help("Description of the list."),
        col("active").help("Whether it is enabled."),
        col("locked").help("Locked lists cannot be edited."),
        col("source_plugin").help("Plugin that provides the entries."),
        col("source_string").help("Source of the entries."),
        nested("default", "default", &ENTRY_VIEW).always(),
        col("created").read_only(),
        col("last_updated").read_only(),
        sql("entry_count", INT, "(SELECT COUNT(*) FROM common_selectionlistentry e WHERE e.list = {id})").counted(),
        many("choices", &ENTRIES_OF).on("choices", true),
    ],
);

/// Selection lists.
pub(crate) static LIST: Resource = Resource::new("/api/selection/", "selection", &VIEW)
    .access(Access::ReadOrAny(PARAMETERS_OF))
    .guard(guard_list)
    .in_use(list_in_use)
    .rules(Rules { check, ..NO_RULES })
    .help(
        "Lists of valid values for parameters. Requires the matching permission (add, change, or delete) for all \
        types of records whose parameters use the list. For an unused list, the permission for any type of record \
        that can have parameters is enough.",
    );

/// Models of the records whose rights a list has.
const OF_LIST: &str = "SELECT p.model_type FROM common_parametertemplate p WHERE p.selectionlist = $1 \
    AND p.model_type IS NOT NULL UNION SELECT v.model_type FROM common_parameter v \
    JOIN common_parametertemplate p ON p.id = v.template WHERE p.selectionlist = $1";

/// The same by the key of a value.
const OF_ENTRY: &str = "SELECT p.model_type FROM common_parametertemplate p \
    JOIN common_selectionlistentry e ON e.list = p.selectionlist WHERE e.id = $1 AND p.model_type IS NOT NULL \
    UNION SELECT v.model_type FROM common_parameter v JOIN common_parametertemplate p ON p.id = v.template \
    JOIN common_selectionlistentry e ON e.list = p.selectionlist WHERE e.id = $1";

fn list_in_use(ctx: &mut Context<'_>, ids: &[AnyKey]) -> Result<Vec<Usage>> {
    let mut templates = 0;
    let sql = "SELECT COUNT(*) FROM common_parametertemplate WHERE selectionlist IN ({keys})";
    ctx.conn.of_keys(sql, ids, |row| templates += row.int(0))?;
    Ok(vec![Usage::new(templates, ["parameter template", "parameter templates"], "be left without choices")])
}

fn entry_in_use(ctx: &mut Context<'_>, ids: &[AnyKey]) -> Result<Vec<Usage>> {
    let mut values = 0;
    let sql = "SELECT COUNT(*) FROM common_parameter v JOIN common_parametertemplate p ON p.id = v.template \
        JOIN common_selectionlistentry e ON e.list = p.selectionlist AND e.value = v.data WHERE e.id IN ({keys})";
    ctx.conn.of_keys(sql, ids, |row| values += row.int(0))?;
    Ok(vec![Usage::new(values, ["parameter", "parameters"], "have a value that is no longer valid")])
}

/// Values of a selection list.
pub(crate) static ENTRY: Resource = Resource::new("/api/selection/{id}/entry/", "selection_entry", &ENTRY_VIEW)
    .access(Access::ReadOrAny(PARAMETERS_OF))
    .guard(guard_entry)
    .in_use(entry_in_use)
    .scope("{list} = {/2}")
    .placeholder("entrypk")
    .filters(&[
        flag_filter("active", "{active}", "NOT {active}"),
        filter("list", Condition::Link(&SELECTION_LIST, "{list} = {value}")),
        filter("value", Condition::Where(TEXT, "{t}.value = {value}")),
    ])
    .search(&["{label}", "{description}"])
    .sorts(&[sort("list", &["{list}"]), sort("label", &["{label}"]), sort("active", &["{active}"])])
    .rules(Rules { check: check_entry, ..NO_RULES })
    .help("Entries of a selection list.");

fn is_locked(conn: &mut Connection, list: Option<SelectionListKey>) -> Result<bool> {
    let row = conn.one("SELECT locked FROM common_selectionlist WHERE id = $1", &[list.into()])?;
    Ok(row.is_some_and(|row| row.bool(0)))
}

fn check(_: &mut Context<'_>, change: &mut Change) -> Result<()> {
    if change.old("locked") == &Value::Bool(true) {
        return Err(Error::field("locked", "This selection list is locked."));
    }
    Ok(())
}

fn guard_list(ctx: &mut Context<'_>, id: AnyKey) -> Result<()> {
    template::permit(ctx, permission_of(ctx.request.method), OF_LIST, id)?;
    refuse_deletion(ctx, Some(id.of_kind()))
}

fn guard_entry(ctx: &mut Context<'_>, id: AnyKey) -> Result<()> {
    template::permit(ctx, permission_of(ctx.request.method), OF_ENTRY, id)?;
    let row = ctx.conn.one("SELECT list FROM common_selectionlistentry WHERE id = $1", &[id.into()])?;
    refuse_deletion(ctx, row.and_then(|row| row.cell(0)))
}

/// A locked list is not deleted, nor is any of its values, whether the request confirms it or not.
fn refuse_deletion(ctx: &mut Context<'_>, list: Option<SelectionListKey>) -> Result<()> {
    let is_refused = ctx.request.method == Method::Delete && is_locked(ctx.conn, list)?;
    if is_refused { Err(Error::Denied("This selection list is locked.".into())) } else { Ok(()) }
}

fn check_entry(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    // a value is in the list that the address names, unless the request says another one
    if change.is_new() && change.int("list").is_none() {
        let list: SelectionListKey =
            ctx.request.path.split('/').nth(3).and_then(|p| p.parse().ok()).ok_or(Error::NotFound)?;
        if ctx.conn.one("SELECT 1 FROM common_selectionlist WHERE id = $1", &[list.into()])?.is_none() {
            return Err(Error::NotFound);
        }
        change.set("list", list);
    }
    if change.is_changed("list") {
        template::permit(ctx, Permission::Change, OF_LIST, change.key("list").unwrap_or_default())?;
    }
    if is_locked(ctx.conn, change.key("list"))? || is_locked(ctx.conn, change.old_key("list"))? {
        return Err(Error::field("list", "This selection list is locked."));
    }
    let sql = "SELECT 1 FROM common_selectionlistentry WHERE list = $1 AND value = $2 AND id <> $3";
    let own = Value::Int(change.id.unwrap_or(0));
    if ctx.conn.one(sql, &[change.int("list").into(), change.text("value").into(), own])?.is_some() {
        return Err(Error::non_field("This list already has an entry with this value."));
    }
    Ok(())
}
