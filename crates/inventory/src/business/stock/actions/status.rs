//! Changing the status of stock items.

use ironwood_base::status::HistoryCode;
use ironwood_base::{Error, Result};
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::{INT, TEXT, Type, View, input};

use super::super::kernel::{Deltas, Ledger};
use super::super::owner;
use crate::schema::keys::*;
use crate::schema::stock::ITEM;

static VIEW: View = View::plain(
    "StockChangeStatus",
    &[
        input("items", Type::Ints).links(&ITEM).required().label("Stock Items").help("Stock items."),
        input("status", INT)
            .default(ironwood_store::sql!([ironwood_base::status::StockStatus::OK]))
            .chosen_from("StockStatus")
            .help("New status."),
        input("note", TEXT).max(512).label("Notes").help("Note to record in the stock history."),
    ],
);

request! {
    struct StatusRequest of VIEW {
        items: Vec<ItemKey>,
        status: i64,
        note: String,
    } without []
}

pub(super) static CHANGE_STATUS: Action = action(
    Method::Post,
    "/api/stock/change_status/",
    "stock_change_status_create",
    Access::Right("stock_stockitem", Permission::Add),
    change_status,
)
.request(Shape::Object(&VIEW))
.response(201, Shape::Object(&VIEW))
.help("Changes the status of stock items.");

fn change_status(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let (request, form) = StatusRequest::read_form(ctx)?;
    let (keys, status) = (request.items, request.status);
    if keys.is_empty() {
        return Err(Error::field("items", "A list of stock items is required."));
    }
    owner::check_items(ctx, &keys)?;
    let user = caller_key(ctx);
    let mut ledger = Ledger::open(ctx.conn, user, &keys)?;
    let logical = ledger.logical_status(status)?;
    for key in keys {
        let item = ledger.item_mut(key)?;
        if item.shown_status() == status {
            continue;
        }
        let mut deltas = Deltas::new();
        deltas.insert("status".into(), status.into());
        deltas.insert("status_logical".into(), logical.key().into());
        deltas.insert("old_status".into(), item.shown_status().into());
        deltas.insert("old_status_logical".into(), item.status.key().into());
        item.status = logical;
        item.status_custom_key = (logical.key() != status).then_some(status);
        ledger.record_for_item(key, HistoryCode::EDITED, deltas, &request.note)?;
    }
    ledger.close()?;
    Ok(Answer::json(201, &form.echo(&VIEW)))
}
