//! The change log for clients: all of it for those who administer users, the history of a record for whoever may view
//! the record.

use ironwood_base::{Error, Result};
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::list;
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::table::Table;
use ironwood_rest::view::{BOOL, INT, TEXT, TIME, Type, View, value};
use serde_json::Value as Json;

use super::read::{self, Entry, LogFilter};
use super::values::is_logged;
use crate::schema::changelog::{ACTIONS as HAPPENED, ORIGINS};

/// Entries of a page where the request does not say how many.
const PAGE: u64 = 100;

static CHANGE: View = View::plain(
    "AuditChange",
    &[
        value("column", TEXT).help("Name of the column."),
        value("before", Type::Any)
            .nullable()
            .help("Value before the change. Decimals are texts with all their digits."),
        value("after", Type::Any).nullable().help("Value after the change."),
        value("secret", BOOL).help("Whether the value is secret: it is not recorded."),
    ],
);

static VIEW: View = View::plain(
    "AuditEntry",
    &[
        value("pk", INT).label("ID"),
        value("transaction", INT).help("Entries with the same number were made together."),
        value("time", TIME).help("When the transaction began."),
        value("table", TEXT).help("Table of the row; empty for an entry that covers many rows."),
        value("key", INT).help("Key of the row."),
        value("action", TEXT).choices(HAPPENED).help("What happened to the row."),
        value("changes", Type::List(&CHANGE)),
        value("kind", TEXT).choices(ORIGINS).help("What made the change."),
        value("task", TEXT).nullable().help("Name of the job, the command or the migration."),
        value("user", INT).nullable().help("Key of the user."),
        value("username", TEXT).nullable(),
        value("sign_in", TEXT).nullable().help("Token or session with which the user signed in."),
        value("address", TEXT).nullable().help("Address of the client."),
        value("request", TEXT).nullable().help("ID of the request, as in the header X-Request-Id."),
        value("method", TEXT).nullable(),
        value("path", TEXT).nullable(),
    ],
);

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[&LIST];

static LIST: Action = action(Method::Get, "/api/audit/", "audit_list", Access::SignedIn, list)
    .params(&[
        (
            "table",
            TEXT,
            "Table of the row: its name (`stock_stockitem`) or its model (`stock.stockitem`, `stockitem`).",
        ),
        ("key", INT, "Key of the row."),
        ("user", TEXT, "Name of the user."),
        ("since", TEXT, "Oldest time: a date, a time, or an age such as `30m`, `12h`, `7d`."),
        ("limit", INT, "Entries of a page. Pages of very large changes are shorter."),
        ("offset", INT, "Entries to skip before the page."),
    ])
    .response(200, Shape::Page(&VIEW))
    .help(
        "Changes to all records, newest first. Users who administer users see everything; others name a record \
         (`table` and `key`) that they may view.",
    );

fn list(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let given = |name: &str| ctx.request.param(name).map(str::trim).filter(|text| !text.is_empty());
    let table = given("table")
        .map(|name| read::find_table(name).filter(|table| is_logged(table)))
        .map(|found| found.ok_or_else(|| Error::field("table", "There is no change log for a table of this name.")))
        .transpose()?;
    let since = given("since")
        .map(|text| {
            read::find_moment(text).ok_or_else(|| Error::field("since", "Enter a date, a time, or an age such as 7d."))
        })
        .transpose()?;
    let filter = LogFilter {
        table,
        key: given("key").map(|text| list::whole("key", text)).transpose()?,
        user: given("user").map(str::to_owned),
        since,
        before: None,
    };
    let is_open = ctx.caller.is_superuser() || (ctx.caller.is_staff() && ctx.caller.sees_private("auth_user"));
    if !is_open {
        check_record(ctx, &filter)?;
    }
    let (limit, offset) = list::page(ctx.request, ctx.limits.page).unwrap_or((PAGE, 0));
    let count = read::count(ctx.conn, &filter)?;
    let limit = read::fitting(ctx.conn, &filter, limit, offset)?;
    let mut entries = read::entries(ctx.conn, &filter, limit, offset)?;
    if !is_open && let Some(table) = filter.table {
        entries.iter_mut().for_each(|entry| conceal(ctx, table, entry));
    }
    let rows: Vec<Json> = entries.iter().map(Entry::json).collect();
    Ok(list::paged(ctx.request, count, limit, offset, Json::Array(rows).to_string().as_bytes()))
}

/// Refuses the history of a record to whoever may not view it: it is seen where a list shows it.
fn check_record(ctx: &mut Context<'_>, filter: &LogFilter) -> Result<()> {
    let (Some(table), Some(key)) = (filter.table, filter.key) else {
        return Err(Error::Denied("Name a record by table and key, or ask somebody who administers users.".into()));
    };
    let resource = ctx.registry.list_of(table).filter(|_| ctx.caller.may(table.name, Permission::View));
    let Some(resource) = resource else { return Err(Error::denied()) };
    let mut query = Query::of(ctx, resource);
    query.and_value("{id} = {value}", key);
    if query.count(ctx.conn)? == 0 { Err(Error::denied()) } else { Ok(()) }
}

/// Leaves out what the record itself does not show to everybody who may view it.
fn conceal(ctx: &Context<'_>, table: &Table, entry: &mut Entry) {
    entry.changes.retain(|change| change.is_secret || ctx.registry.shows(table, &change.column));
    // from where others work is for those who administer users
    for name in ["sign_in", "address", "request"] {
        entry.origin.remove(name);
    }
}
