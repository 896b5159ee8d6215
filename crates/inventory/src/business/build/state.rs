//! States of build orders and their transitions.

use std::collections::HashMap;

use ironwood_base::error::Fields;
use ironwood_base::status::BuildStatus;
use ironwood_base::{Error, Quantity, Result, clock};
use ironwood_rest::below;
use ironwood_rest::bulk;
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::http::Answer;
use ironwood_rest::input::Input;
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Action, Args, Shape};
use ironwood_rest::view::{BOOL, TEXT, View, input};
use ironwood_store::{Connection, Value, sql};
use serde_json::json;

use super::load::{self, Line, Order};
use super::manual_allocation::build_action;
use super::notice::{self, Event};
use super::{consume, lines, output};
use crate::business::order::reference;
use crate::business::order::states::{moved, state_action};
use crate::platform::settings;
use crate::platform::settings::keys;
use crate::schema::build as tables;
use crate::schema::keys::*;

/// `POST /api/build/{id}/issue/`.
pub(super) static ISSUE: Action =
    state_action("/api/build/{id}/issue/", "build_issue_create", "build_build", |ctx, args| {
        let order = load::named(ctx.conn, args)?;
        if matches!(order.status, BuildStatus::PENDING | BuildStatus::ON_HOLD) {
            put(ctx.conn, &order, BuildStatus::PRODUCTION)?;
            notice::stock_needed(ctx, order.id)?;
        }
        Ok(moved())
    })
    .help("Issues the build order.");

/// `POST /api/build/{id}/hold/`.
pub(super) static HOLD: Action =
    state_action("/api/build/{id}/hold/", "build_hold_create", "build_build", |ctx, args| {
        let order = load::named(ctx.conn, args)?;
        if matches!(order.status, BuildStatus::PENDING | BuildStatus::PRODUCTION) {
            put(ctx.conn, &order, BuildStatus::ON_HOLD)?;
        }
        Ok(moved())
    })
    .help("Puts the build order on hold.");

/// Puts a build order into a state. A state of the administrator's own is left.
pub(super) fn put(conn: &mut Connection, order: &Order, status: BuildStatus) -> Result<()> {
    write(conn, order.id, &[("status", status.into()), ("status_custom_key", Value::Null)])
}

/// Closes a build order: it is complete or cancelled, today, by this user.
fn close(conn: &mut Connection, order: &Order, status: BuildStatus, user: UserKey) -> Result<()> {
    let values = [
        ("status", status.into()),
        ("status_custom_key", Value::Null),
        ("completion_date", clock::today().into()),
        ("completed_by", user.known().into()),
    ];
    write(conn, order.id, &values)
}

/// Changes a build order as its own rules would: its sort key and its lines are true afterwards.
fn write(conn: &mut Connection, id: BuildKey, values: &[(&'static str, Value)]) -> Result<()> {
    let mut change = Change::update(conn, &tables::BUILD, id.id(), Input::default())?;
    for (column, value) in values {
        change.set(column, value.clone());
    }
    let pattern = reference::pattern(conn, reference::series_of(&tables::BUILD)?)?;
    let key = pattern.sort_key(change.text("reference"));
    change.set("reference_int", key);
    change.write(conn)?;
    lines::refresh(conn, id)
}

static CANCEL_FORM: View = View::plain(
    "BuildCancel",
    &[
        input("remove_allocated_stock", BOOL)
            .label("Consume Allocated Stock")
            .default("false")
            .help("Consume allocated stock instead of removing the allocations."),
        input("remove_incomplete_outputs", BOOL).default("false").help("Delete outputs that are not complete."),
    ],
);

request! {
    struct CancelRequest of CANCEL_FORM {
        remove_allocated_stock: bool,
        remove_incomplete_outputs: bool,
    } without []
}

/// `POST /api/build/{id}/cancel/`.
pub(super) static CANCEL: Action = build_action("/api/build/{id}/cancel/", "build_cancel_create", cancel_action)
    .request(Shape::Object(&CANCEL_FORM))
    .response(201, Shape::Object(&CANCEL_FORM))
    .help("Cancels the build order.");

fn cancel_action(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = load::named(ctx.conn, args)?;
    let request = CancelRequest::read(ctx)?;
    let (stock, outputs) = (request.remove_allocated_stock, request.remove_incomplete_outputs);
    match order.status {
        BuildStatus::CANCELLED => {}
        BuildStatus::COMPLETE => return Err(Error::non_field("A completed build order cannot be cancelled.")),
        _ => {
            let user = caller_key(ctx);
            cancel(ctx.conn, user, &order, stock, outputs)?;
            notice::send(ctx, order.id, Event::Cancelled)?;
        }
    }
    Ok(Answer::json(201, &json!({"remove_allocated_stock": stock, "remove_incomplete_outputs": outputs})))
}

/// Cancels an open build order. Stock that is allocated is consumed where the caller says so, else free again;
/// incomplete outputs are deleted on request.
pub(crate) fn cancel(
    conn: &mut Connection,
    user: UserKey,
    order: &Order,
    use_stock: bool,
    remove_outputs: bool,
) -> Result<()> {
    if use_stock {
        use_up(conn, user, order)?;
    }
    free_all(conn, order.id)?;
    if remove_outputs {
        let sql = "SELECT id FROM stock_stockitem WHERE build = $1 AND is_building";
        let outputs: Vec<ItemKey> = conn.rows(sql, &[order.id.into()])?.iter().map(|row| row.cell(0)).collect();
        output::delete(conn, user, order, &outputs)?;
    }
    close(conn, order, BuildStatus::CANCELLED, user)
}

/// Consumes what is allocated for lines of untracked parts.
fn use_up(conn: &mut Connection, user: UserKey, order: &Order) -> Result<()> {
    let tracked: Vec<BuildLineKey> =
        load::lines(conn, order.id)?.iter().filter(|l| l.trackable).map(|l| l.id).collect();
    let mut allocations = load::allocations_of(conn, order.id)?;
    allocations.retain(|a| !tracked.contains(&a.line));
    consume::consume(conn, user, order.id, &allocations, &HashMap::new(), "")
}

fn free_all(conn: &mut Connection, build: BuildKey) -> Result<()> {
    let sql = "DELETE FROM build_builditem WHERE build_line IN (SELECT l.id FROM build_buildline l WHERE l.build = $1)";
    conn.execute(sql, &[build.into()])?;
    Ok(())
}

const EXCESS: &[(&str, &str)] = &[
    ("reject", "Do not complete the build order"),
    ("accept", "Consume all allocated stock"),
    ("trim", "Remove the excess allocation first"),
];
static FINISH_FORM: View = View::plain(
    "BuildComplete",
    &[
        input("accept_overallocated", TEXT)
            .label("Overallocated Stock")
            .choices(EXCESS)
            .default("\"reject\"")
            .help("What to do with stock that is allocated in excess of the required quantity."),
        input("accept_unallocated", BOOL)
            .default("false")
            .help("Complete the build order even if stock has not been fully allocated."),
        input("accept_incomplete", BOOL)
            .default("false")
            .help("Complete the build order even if fewer units were built than planned."),
    ],
);

request! {
    struct FinishRequest of FINISH_FORM {
        accept_overallocated: String,
        accept_unallocated: bool,
        accept_incomplete: bool,
    } without []
}

/// `POST /api/build/{id}/finish/`.
pub(super) static FINISH: Action = build_action("/api/build/{id}/finish/", "build_finish_create", finish_action)
    .request(Shape::Object(&FINISH_FORM))
    .response(201, Shape::Object(&FINISH_FORM))
    .help("Completes the build order.");

fn finish_action(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = load::named(ctx.conn, args)?;
    let request = FinishRequest::read(ctx)?;
    let excess = request.accept_overallocated.as_str();
    let (unallocated, incomplete) = (request.accept_unallocated, request.accept_incomplete);
    let lines = load::lines(ctx.conn, order.id)?;
    let mut fields = Fields::new();
    if excess == "reject" && lines.iter().any(|l| !l.consumable && l.allocated > l.required()) {
        fields.add("accept_overallocated", "More stock is allocated than required.");
    }
    if !unallocated && lines.iter().any(|l| !l.consumable && !l.trackable && l.missing().is_positive()) {
        fields.add("accept_unallocated", "Required stock has not been fully allocated.");
    }
    if !incomplete && order.completed < order.quantity {
        fields.add("accept_incomplete", "The completed quantity is less than the quantity to build.");
    }
    fields.check()?;
    check_finish(ctx.conn, &order)?;
    let user = caller_key(ctx);
    finish(ctx.conn, user, &order, &lines, excess == "trim")?;
    notice::send(ctx, order.id, Event::Completed)?;
    let shown =
        json!({"accept_overallocated": excess, "accept_unallocated": unallocated, "accept_incomplete": incomplete});
    Ok(Answer::json(201, &shown))
}

/// What no caller can accept.
fn check_finish(conn: &mut Connection, order: &Order) -> Result<()> {
    if settings::get_bool(conn, keys::BUILDORDER_REQUIRE_CLOSED_CHILDS)? {
        let sql = sql!(
            "SELECT 1 FROM build_build b JOIN build_build a ON a.id = $1 WHERE b.id <> a.id AND ",
            below!("b", "a"),
            " AND b.status IN (",
            [..BuildStatus::OPEN],
            ") LIMIT 1"
        );
        if conn.one(sql, &[order.id.into()])?.is_some() {
            return Err(Error::non_field("Child build orders are still open."));
        }
    }
    if order.status != BuildStatus::PRODUCTION {
        return Err(Error::non_field("Only a build order in production can be completed."));
    }
    let sql = "SELECT 1 FROM stock_stockitem WHERE build = $1 AND is_building LIMIT 1";
    if conn.one(sql, &[order.id.into()])?.is_some() {
        return Err(Error::non_field("Some outputs are still in production."));
    }
    Ok(())
}

/// Completes a build order: what is allocated for untracked lines is consumed, everything else that is set
/// aside becomes free. With `trim`, what is allocated beyond need becomes free before.
pub(crate) fn finish(conn: &mut Connection, user: UserKey, order: &Order, lines: &[Line], trim: bool) -> Result<()> {
    if trim {
        trim_excess(conn, order, lines)?;
    }
    use_up(conn, user, order)?;
    free_all(conn, order.id)?;
    close(conn, order, BuildStatus::COMPLETE, user)
}

/// Frees what is allocated beyond need, oldest allocations first.
fn trim_excess(conn: &mut Connection, order: &Order, lines: &[Line]) -> Result<()> {
    let mut excess: HashMap<BuildLineKey, Quantity> = lines
        .iter()
        .filter(|l| !l.trackable && !l.consumable)
        .map(|l| (l.id, l.allocated - l.required()))
        .filter(|(_, excess)| excess.is_positive())
        .collect();
    let (mut left, mut gone) = (Vec::new(), Vec::new());
    for a in load::allocations_of(conn, order.id)? {
        let Some(over) = excess.get_mut(&a.line).filter(|over| over.is_positive()) else { continue };
        let freed = a.quantity.min(*over);
        *over -= freed;
        if freed == a.quantity {
            gone.push(a.id);
        } else {
            left.push((a.id, a.quantity - freed));
        }
    }
    bulk::update_one(conn, load::ALLOCATED, left)?;
    load::delete_allocations(conn, &gone)
}
