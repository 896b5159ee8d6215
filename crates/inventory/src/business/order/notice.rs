//! Notifications about orders to responsible users and to followers of their parts.

use ironwood_base::{Error, Result, key};
use ironwood_rest::context::Context;
use ironwood_rest::selected;
use ironwood_store::{Connection, fragment};

use super::order_type::OrderType;
use crate::platform::common::contenttype::capitalize;
use crate::platform::notify::audience::Audience;
use crate::platform::notify::message::{self, Message};
use crate::schema::keys::{LineKey, OrderKey, OwnerKey, PartKey, UserKey, caller_key};

/// An event of an order that users are notified about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event<'a> {
    Issued,
    Cancelled,
    /// Something of these lines has come.
    Received(&'a [LineKey]),
    /// Its target date, or that of a line that is open, has passed.
    Overdue,
}

impl Event<'_> {
    /// Kind of the message about it.
    pub(crate) fn category(self, order_type: &OrderType) -> String {
        let model = order_type.table.model();
        match self {
            Event::Issued => format!("order.new_{model}"),
            Event::Cancelled => format!("order.canceled_{model}"),
            Event::Received(_) => format!("{}.items_received", order_type.name.replace(' ', "_")),
            Event::Overdue => format!("order.overdue_{model}"),
        }
    }
}

selected! {
    /// An order, and whom it concerns.
    struct Concerned {
        reference: String = "o.reference",
        responsible: Option<OwnerKey> = "o.responsible",
        created_by: Option<UserKey> = "o.created_by",
    }
}

/// Notifies the users concerned.
pub(crate) fn send(ctx: &mut Context<'_>, order_type: &OrderType, order: OrderKey, event: Event<'_>) -> Result<()> {
    let doer = caller_key(ctx);
    notify(ctx.conn, order_type, order, event, doer)
}

/// Like [`send`], but without a request. Notifies the responsible user or the members of the responsible group, and
/// followers of the parts of the order (for received items: of their parts). Users are not notified of their own
/// actions: the creator of issued and cancelled orders, the receiver of items. Overdue orders are also reported to
/// their creator.
pub(crate) fn notify(
    conn: &mut Connection,
    order_type: &OrderType,
    order: OrderKey,
    event: Event<'_>,
    doer: UserKey,
) -> Result<()> {
    let from = fragment!("FROM {} o WHERE o.id = $1", order_type.table.name);
    let found: Concerned = selected::first(conn, &from, &[order.into()])?.ok_or(Error::NotFound)?;
    let Concerned { reference, responsible, created_by: maker } = found;
    let mut audience = Audience { owners: responsible.into_iter().collect(), ..Audience::default() };
    match event {
        Event::Issued | Event::Cancelled => audience.except = maker,
        Event::Received(_) => audience.except = Some(doer),
        Event::Overdue => audience.users.extend(maker),
    }
    let (column, keys) = match event {
        Event::Received(lines) => ("id", key::ids(lines)),
        _ => ("order", vec![order.id()]),
    };
    let (part, lines) = (order_type.line_part, order_type.lines.name);
    let sql = fragment!("SELECT DISTINCT {part} FROM {lines} l WHERE l.\"{column}\" IN ({{keys}})");
    conn.of_keys(&sql, &keys, |row| audience.parts.extend(row.cell::<Option<PartKey>>(0)))?;
    let users = audience.resolve(conn)?;
    let (name, text) = match event {
        Event::Issued => ("was issued", "An order that you are involved in was issued."),
        Event::Cancelled => ("was cancelled", "An order that you are involved in was cancelled."),
        Event::Received(_) => ("has received items", "Items of an order that you are involved in were received."),
        Event::Overdue => ("is overdue", "The target date of an order that you are involved in has passed."),
    };
    let (category, name) = (event.category(order_type), format!("{} {reference} {name}", capitalize(order_type.name)));
    message::send(
        conn,
        &users,
        &Message {
            category: &category,
            name: &name,
            message: text,
            target: (order_type.table.record, order.general()),
        },
    )
}
