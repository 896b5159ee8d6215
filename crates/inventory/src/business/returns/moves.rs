//! State transitions of return orders.

use ironwood_base::Result;
use ironwood_base::status::{RETURN_ORDER_LINE_STATUS, RETURN_ORDER_STATUS};
use ironwood_rest::context::Context;
use ironwood_rest::http::Answer;
use ironwood_rest::resource::{Action, Args};

use crate::business::order::order_type::RETURN;
use crate::business::order::states::{self, is_open, state_action};
use crate::platform::common::status;

/// `POST /api/order/ro/{id}/issue/`.
pub(crate) static ISSUE: Action =
    state_action("/api/order/ro/{id}/issue/", "order_ro_issue_create", "order_returnorder", |ctx, args| {
        states::issue_action(ctx, args, &RETURN)
    })
    .help("Issues a return order.");

/// `POST /api/order/ro/{id}/hold/`.
pub(crate) static HOLD: Action =
    state_action("/api/order/ro/{id}/hold/", "order_ro_hold_create", "order_returnorder", |ctx, args| {
        states::hold_action(ctx, args, &RETURN)
    })
    .help("Puts a return order on hold.");

/// `POST /api/order/ro/{id}/cancel/`. An order that is not open stays as it is.
pub(crate) static CANCEL: Action =
    state_action("/api/order/ro/{id}/cancel/", "order_ro_cancel_create", "order_returnorder", |ctx, args| {
        let order = states::current_state(ctx.conn, &RETURN, args)?;
        if is_open(order.status) {
            states::cancel(ctx, &RETURN, order)?;
        }
        Ok(states::moved())
    })
    .help("Cancels a return order.");

/// `POST /api/order/ro/{id}/complete/`. Repeating it changes nothing.
pub(crate) static COMPLETE: Action =
    state_action("/api/order/ro/{id}/complete/", "order_ro_complete_create", "order_returnorder", |ctx, args| {
        let order = states::current_state(ctx.conn, &RETURN, args)?;
        states::complete(ctx, &RETURN, order).map(|_| states::moved())
    })
    .help("Completes a return order.");

/// `GET /api/order/ro/status/`.
pub(crate) static STATUS: Action = status::of_kind("/api/order/ro/status/", "order_ro_status_retrieve", states_of);

/// `GET /api/order/ro-line/status/`.
pub(crate) static OUTCOMES: Action =
    status::of_kind("/api/order/ro-line/status/", "order_ro_line_status_retrieve", outcomes);

fn states_of(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    Ok(Answer::json(200, &status::describe(ctx.conn, &RETURN_ORDER_STATUS)?))
}

fn outcomes(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    Ok(Answer::json(200, &status::describe(ctx.conn, &RETURN_ORDER_LINE_STATUS)?))
}
