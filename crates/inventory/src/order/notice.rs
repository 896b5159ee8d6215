//! Messages about orders to those who answer for them, and to those who follow their parts.

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_store::{Connection, Value};

use super::kind::Kind;
use crate::notify::audience::Audience;
use crate::notify::message::{self, Message};

/// What happened to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    Issued,
    Cancelled,
    /// Something of these lines has come.
    Received(&'a [i64]),
    /// Its target date, or that of a line that is open, has passed.
    Overdue,
}

impl Event<'_> {
    /// Kind of the message about it.
    pub fn category(self, kind: &Kind) -> String {
        let model = kind.table.model();
        match self {
            Event::Issued => format!("order.new_{model}"),
            Event::Cancelled => format!("order.canceled_{model}"),
            Event::Received(_) => format!("{}.items_received", kind.name.replace(' ', "_")),
            Event::Overdue => format!("order.overdue_{model}"),
        }
    }
}

/// Tells those whom it concerns.
pub fn send(ctx: &mut Context<'_>, kind: &Kind, order: i64, event: Event<'_>) -> Result<()> {
    let doer = ctx.user();
    tell(ctx.conn, kind, order, event, doer)
}

/// [`send`] where there is no request: whoever is responsible, or every user of the group that is, and those
/// who follow a part of the order (of what has come, its parts). Whoever made the order knows that it was
/// issued or cancelled, and whoever received something knows that; both are told that it is overdue.
pub fn tell(conn: &mut Connection, kind: &Kind, order: i64, event: Event<'_>, doer: i64) -> Result<()> {
    let sql = format!("SELECT reference, responsible, created_by FROM {} WHERE id = $1", kind.table.name);
    let row = conn.one(&sql, &[Value::Int(order)])?.ok_or(Error::NotFound)?;
    let (reference, maker) = (row.text(0).to_owned(), row.opt_int(2));
    let mut audience = Audience { owners: row.opt_int(1).into_iter().collect(), ..Audience::default() };
    match event {
        Event::Issued | Event::Cancelled => audience.except = maker,
        Event::Received(_) => audience.except = Some(doer),
        Event::Overdue => audience.users.extend(maker),
    }
    let whole = [order];
    let (column, keys) = match event {
        Event::Received(lines) => ("id", lines),
        _ => ("order", whole.as_slice()),
    };
    let (part, lines) = (kind.line_part, kind.lines.name);
    let sql = format!("SELECT DISTINCT {part} FROM {lines} l WHERE l.\"{column}\" IN ({{keys}})");
    conn.of_keys(&sql, keys, |row| audience.parts.extend(row.opt_int(0)))?;
    let users = audience.resolve(conn)?;
    let (name, text) = match event {
        Event::Issued => ("was issued", "An order that concerns you was issued."),
        Event::Cancelled => ("was cancelled", "An order that concerns you was cancelled."),
        Event::Received(_) => ("has received items", "Items of an order that concerns you have been received."),
        Event::Overdue => ("is overdue", "The target date of an order that concerns you has passed."),
    };
    let (category, name) = (event.category(kind), format!("The {} {reference} {name}", kind.name));
    message::send(
        conn,
        &users,
        &Message { category: &category, name: &name, message: text, target: (kind.table.record, order) },
    )
}
