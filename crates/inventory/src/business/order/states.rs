//! States of orders and their transitions.
//!
//! Every kind of order is pending, then issued, perhaps on hold, and complete or cancelled in the end.
//! Repeating a move is no error and changes nothing, except that only an open order can be cancelled.

use ironwood_base::status::OrderStatus;
use ironwood_base::{Error, Result, clock};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::View;
use ironwood_store::{Connection, Fragment, fragment, sql};
use serde_json::json;

use super::order_type::OrderType;
use super::rules;
use crate::schema::keys::OrderKey;

/// The order is open.
pub(crate) const OPEN: &str = sql!("{status} IN (", [..OrderStatus::OPEN], ")");
pub(crate) const NOT_OPEN: &str = sql!("{status} NOT IN (", [..OrderStatus::OPEN], ")");

/// Whether an order in that state is open.
pub(crate) fn is_open(status: OrderStatus) -> bool {
    OrderStatus::OPEN.contains(&status)
}

/// An order on its way to another state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CurrentState {
    pub id: OrderKey,
    pub status: OrderStatus,
}

/// The order that an address names (its first part), with its state.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) fn current_state(conn: &mut Connection, order_type: &OrderType, args: &Args) -> Result<CurrentState> {
    let id: OrderKey = args.first().and_then(|a| a.parse().ok()).ok_or(Error::NotFound)?;
    let sql = fragment!("SELECT status FROM {} WHERE id = $1", order_type.table.name);
    let row = conn.one(&sql, &[id.into()])?.ok_or(Error::NotFound)?;
    Ok(CurrentState { id, status: row.cell(0) })
}

/// Puts an order into a state. A date column, where one is named, gets today's date. A state of the
/// administrator's own is left, and the total is calculated again.
pub(crate) fn put(
    conn: &mut Connection,
    order_type: &OrderType,
    id: OrderKey,
    status: OrderStatus,
    dated: &'static str,
) -> Result<()> {
    let date = if dated.is_empty() { Fragment::new() } else { fragment!(", \"{dated}\" = $3") };
    let sql =
        fragment!("UPDATE {} SET status = $2, status_custom_key = NULL{date} WHERE id = $1", order_type.table.name);
    let mut params = vec![id.into(), status.into()];
    if !dated.is_empty() {
        params.push(clock::today().into());
    }
    conn.execute(&sql, &params)?;
    if status == OrderStatus::COMPLETE {
        crate::business::part::pricing::watch::order_done(conn, order_type.table.name, id)?;
    }
    rules::touch(conn, order_type, id)
}

/// Issues an order that is pending or on hold; whether it moved.
pub(crate) fn issue(ctx: &mut Context<'_>, order_type: &OrderType, order: CurrentState) -> Result<bool> {
    if !matches!(order.status, OrderStatus::PENDING | OrderStatus::ON_HOLD) {
        return Ok(false);
    }
    put(ctx.conn, order_type, order.id, order_type.issued, "issue_date")?;
    super::notice::send(ctx, order_type, order.id, super::notice::Event::Issued)?;
    Ok(true)
}

/// Puts an order on hold that is pending or issued; whether it moved.
pub(crate) fn hold(ctx: &mut Context<'_>, order_type: &OrderType, order: CurrentState) -> Result<bool> {
    if order.status != OrderStatus::PENDING && order.status != order_type.issued {
        return Ok(false);
    }
    put(ctx.conn, order_type, order.id, OrderStatus::ON_HOLD, "")?;
    Ok(true)
}

/// Cancels an open order.
///
/// # Errors
/// 400 where it is not open.
pub(crate) fn cancel(ctx: &mut Context<'_>, order_type: &OrderType, order: CurrentState) -> Result<()> {
    if !is_open(order.status) {
        return Err(refused("Only an open order can be cancelled."));
    }
    put(ctx.conn, order_type, order.id, OrderStatus::CANCELLED, "")?;
    super::notice::send(ctx, order_type, order.id, super::notice::Event::Cancelled)
}

/// Completes an order that is issued; whether it moved. What has to be true before is the kind's to check.
pub(crate) fn complete(ctx: &mut Context<'_>, order_type: &OrderType, order: CurrentState) -> Result<bool> {
    if order.status != order_type.issued {
        return Ok(false);
    }
    put(ctx.conn, order_type, order.id, OrderStatus::COMPLETE, order_type.completed)?;
    Ok(true)
}

/// A refusal that belongs to no field, told as a list.
pub(crate) fn refused(message: &str) -> Error {
    Error::List(vec![json!(message)])
}

/// The answer to a move.
pub(crate) fn moved() -> Answer {
    Answer::json(201, &json!({}))
}

static NOTHING: View = View::plain("OrderMove", &[]);

/// An action that moves an order: `POST …/{id}/issue/` and the like.
pub(crate) const fn state_action(
    path: &'static str,
    id: &'static str,
    table: &'static str,
    run: fn(&mut Context<'_>, &Args) -> Result<Answer>,
) -> Action {
    action(Method::Post, path, id, Access::Table(table), run)
        .request(Shape::Object(&NOTHING))
        .response(201, Shape::Object(&NOTHING))
}

/// [`issue`] as the whole of an action.
pub(crate) fn issue_action(ctx: &mut Context<'_>, args: &Args, order_type: &OrderType) -> Result<Answer> {
    let order = current_state(ctx.conn, order_type, args)?;
    issue(ctx, order_type, order).map(|_| moved())
}

/// [`hold`] as the whole of an action.
pub(crate) fn hold_action(ctx: &mut Context<'_>, args: &Args, order_type: &OrderType) -> Result<Answer> {
    let order = current_state(ctx.conn, order_type, args)?;
    hold(ctx, order_type, order).map(|_| moved())
}

/// [`cancel`] as the whole of an action.
pub(crate) fn cancel_action(ctx: &mut Context<'_>, args: &Args, order_type: &OrderType) -> Result<Answer> {
    let order = current_state(ctx.conn, order_type, args)?;
    cancel(ctx, order_type, order).map(|()| moved())
}
