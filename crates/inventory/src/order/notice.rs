//! Messages about orders to those who answer for them.

use ironwood_base::Result;
use ironwood_rest::context::Context;
use ironwood_store::Value;

use super::kind::Kind;
use crate::notify::message::{self, Message};

/// What happened to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Issued,
    Cancelled,
    Received,
}

/// Tells the user, or all users of the group, who is responsible for the order; not the one who did it.
pub fn send(ctx: &mut Context<'_>, kind: &Kind, order: i64, event: Event) -> Result<()> {
    let sql = format!(
        "SELECT t.reference, u.id FROM {} t JOIN users_owner o ON o.id = t.responsible JOIN auth_user u \
         ON (o.owner_type = 'auth.user' AND u.id = o.owner_id) OR (o.owner_type = 'auth.group' AND u.id IN \
         (SELECT m.\"user\" FROM auth_user_groups m WHERE m.\"group\" = o.owner_id)) WHERE t.id = $1",
        kind.table.name
    );
    let rows = ctx.conn.rows(&sql, &[Value::Int(order)])?;
    let doer = ctx.user();
    let users: Vec<i64> = rows.iter().map(|row| row.int(1)).filter(|user| *user != doer).collect();
    let Some(reference) = rows.first().map(|row| row.text(0).to_owned()).filter(|_| !users.is_empty()) else {
        return Ok(());
    };
    let model = kind.table.record.rsplit('.').next().unwrap_or_default();
    let (category, name, text) = match event {
        Event::Issued => (
            format!("order.new_{model}"),
            format!("The {} {reference} was issued", kind.name),
            "An order that you are responsible for was issued.",
        ),
        Event::Cancelled => (
            format!("order.canceled_{model}"),
            format!("The {} {reference} was cancelled", kind.name),
            "An order that you are responsible for was cancelled.",
        ),
        Event::Received => (
            format!("{}.items_received", kind.name.replace(' ', "_")),
            format!("Items of the {} {reference} have arrived", kind.name),
            "Items of an order that you are responsible for have been received.",
        ),
    };
    let message = Message { category: &category, name: &name, message: text, target: (kind.table.record, order) };
    message::send(ctx.conn, &users, &message)
}
