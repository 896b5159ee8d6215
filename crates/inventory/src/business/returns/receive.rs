//! Receives returned items.

use std::collections::HashMap;

use ironwood_base::status::{HistoryCode, StockStatus};
use ironwood_base::{Error, Quantity, Result, clock};
use ironwood_rest::bulk::{self, Assignment};
use ironwood_rest::context::Context;
use ironwood_rest::form::RowFaults;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::selected;
use ironwood_rest::view::{INT, TEXT, Type, View, input};
use ironwood_store::{Connection, Value};
use serde_json::{Value as Json, json};

use super::FOREIGN;
use crate::business::order::order_type::RETURN;
use crate::business::order::{notice, rules, states};
use crate::business::stock::kernel::{Ledger, With};
use crate::schema::keys::*;
use crate::schema::returns::{self as schema, LINE};
use crate::schema::stock::LOCATION;

/// The status of what comes back, where none is given: to be looked at before it is used.
const USUAL: StockStatus = StockStatus::QUARANTINED;

/// A line that arrives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub line: ReturnLineKey,
    /// The status of the stock from now on, built-in or an administrator's own.
    pub status: Option<i64>,
}

selected! {
    /// What has to be known of a line.
    struct Line {
        id: ReturnLineKey = "l.id",
        order: ReturnOrderKey = "l.\"order\"",
        customer: Option<CompanyKey> = "o.customer",
        item: ItemKey = "l.item",
        quantity: Quantity = "l.quantity",
        received: bool = "(l.received_date IS NOT NULL)",
    }
}

/// What is noted of a line that arrives: the day, and the item that the stock is from then on.
const RECEIVED: &[Assignment] = &[bulk::set(&LINE, schema::Line::received_date), bulk::set(&LINE, schema::Line::item)];

/// Takes lines of an order back into stock: their quantities become items at a location that no customer
/// has any more, split off where the customer keeps some.
///
/// # Errors
/// 400 on the row (`item`) of a line that is of another order, or was received before; on `location`.
pub(crate) fn receive(
    conn: &mut Connection,
    user: UserKey,
    order: ReturnOrderKey,
    arrivals: &[Arrival],
    location: LocationKey,
    note: &str,
) -> Result<()> {
    let keys: Vec<ReturnLineKey> = arrivals.iter().map(|a| a.line).collect();
    let from = "FROM order_returnorderlineitem l JOIN order_returnorder o ON o.id = l.\"order\" WHERE l.id IN ({keys})";
    let found = selected::among::<Line>(conn, from, &keys)?;
    let mut lines: HashMap<ReturnLineKey, Line> = found.into_iter().map(|line| (line.id, line)).collect();
    let items: Vec<ItemKey> = lines.values().map(|line| line.item).collect();
    let mut ledger = Ledger::open(conn, user, &items)?;
    ledger.check_location(location)?;
    let mut faults = RowFaults::new("items", arrivals.len());
    let mut moved: Vec<(ReturnLineKey, ItemKey)> = Vec::with_capacity(arrivals.len());
    for (row, arrival) in arrivals.iter().enumerate() {
        let line = match lines.get_mut(&arrival.line) {
            Some(line) if line.order == order => line,
            _ => {
                faults.add(row, "item", "This line does not belong to the order.");
                continue;
            }
        };
        if std::mem::replace(&mut line.received, true) {
            faults.add(row, "item", "This line has already been received.");
            continue;
        }
        let customer = ledger.item(line.item)?.customer;
        if customer.is_some() && customer != line.customer {
            faults.add(row, "item", FOREIGN);
            continue;
        }
        let with =
            With { notes: note.to_owned(), status: Some(arrival.status.unwrap_or(USUAL.key())), ..With::default() }
                .and("returnorder", order);
        match ledger.take_back(
            line.item,
            Some(line.quantity),
            Some(location),
            HistoryCode::RETURNED_AGAINST_RETURN_ORDER,
            &with,
        ) {
            Ok(item) => moved.push((arrival.line, item)),
            Err(Error::Invalid(_)) => faults.add(row, "item", "The stock item does not have the quantity of the line."),
            Err(other) => return Err(other),
        }
    }
    faults.check()?;
    ledger.close()?;
    let today = clock::today();
    let rows: Vec<(ReturnLineKey, Vec<Value>)> =
        moved.into_iter().map(|(line, item)| (line, vec![today.as_str().into(), item.into()])).collect();
    bulk::update(conn, RECEIVED, &rows)
}

static ARRIVAL: View = View::plain(
    "ReturnOrderLineItemReceive",
    &[
        input("item", INT).label("Return order line item").links(&LINE).required().help("Line of the return order."),
        input("status", INT).chosen_from("StockStatus").nullable().help("New status of the stock item."),
    ],
);
static FORM: View = View::plain(
    "ReturnOrderReceive",
    &[
        input("items", Type::List(&ARRIVAL)).required().help("Received lines."),
        input("location", INT).links(&LOCATION).required().help("Destination location."),
        input("note", TEXT).default("\"\"").help("Note to record in the stock history."),
    ],
);

request! {
    struct ArrivalRequest of ARRIVAL {
        item: ReturnLineKey,
        status: Option<i64>,
    } without []
}

request! {
    struct ReceiveRequest of FORM {
        items: Vec<ArrivalRequest>,
        location: LocationKey,
        note: String,
    } without []
}

/// `POST /api/order/ro/{id}/receive/`.
pub(crate) static RECEIVE: Action = action(
    Method::Post,
    "/api/order/ro/{id}/receive/",
    "order_ro_receive_create",
    Access::Table("order_returnorder"),
    run,
)
.request(Shape::Object(&FORM))
.response(201, Shape::Object(&FORM))
.help("Receives lines of a return order into stock.");

fn run(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = states::current_state(ctx.conn, &RETURN, args)?;
    let ReceiveRequest { items, location, note } = ReceiveRequest::read(ctx)?;
    if order.status != RETURN.issued {
        return Err(Error::non_field("Items can only be received on an order that is in progress."));
    }
    let arrivals: Vec<Arrival> = items.iter().map(|row| Arrival { line: row.item, status: row.status }).collect();
    if arrivals.is_empty() {
        return Err(Error::non_field("Select at least one line to receive."));
    }
    let user = caller_key(ctx);
    receive(ctx.conn, user, order.id.of_kind(), &arrivals, location, &note)?;
    rules::touch(ctx.conn, &RETURN, order.id)?;
    let lines: Vec<LineKey> = arrivals.iter().map(|a| a.line.general()).collect();
    notice::send(ctx, &RETURN, order.id, notice::Event::Received(&lines))?;
    let items: Vec<Json> = arrivals.iter().map(|a| json!({"item": a.line, "status": a.status})).collect();
    Ok(Answer::json(201, &json!({"items": items, "location": location, "note": note})))
}
