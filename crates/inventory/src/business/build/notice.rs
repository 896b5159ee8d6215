//! Notifications about build orders.

use ironwood_base::{Quantity, Result};
use ironwood_rest::context::Context;
use ironwood_rest::selected;
use ironwood_store::Connection;

use super::load;
use crate::business::bom::{available, lines as bom};
use crate::platform::notify::audience::Audience;
use crate::platform::notify::message::{self, Message};
use crate::schema::keys::*;

/// What happened to a build order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Created,
    Cancelled,
    Completed,
    /// Its target date has passed.
    Overdue,
    /// There is less stock than it needs.
    StockNeeded,
}

impl Event {
    /// Kind of the message about it.
    pub(crate) const fn category(self) -> &'static str {
        match self {
            Event::Created => "build.new_build",
            Event::Cancelled => "build.canceled_build",
            Event::Completed => "build.completed",
            Event::Overdue => "build.overdue_build_order",
            Event::StockNeeded => "build.stock_required",
        }
    }
}

selected! {
    /// A build order, and whom it and the orders that it is for concern.
    struct Concerned {
        reference: String = "b.reference",
        part: PartKey = "b.part",
        issued_by: Option<UserKey> = "b.issued_by",
        responsible: Option<OwnerKey> = "b.responsible",
        parent_issued_by: Option<UserKey> = "q.issued_by",
        parent_responsible: Option<OwnerKey> = "q.responsible",
        sales_order_created_by: Option<UserKey> = "o.created_by",
        sales_order_responsible: Option<OwnerKey> = "o.responsible",
    }
}

/// Notifies the users concerned.
pub(crate) fn send(ctx: &mut Context<'_>, build: BuildKey, event: Event) -> Result<()> {
    let doer = caller_key(ctx);
    notify(ctx.conn, build, event, doer)
}

/// Like [`send`], but without a request. Notifies the responsible user or group and followers of the part. Completion
/// is also reported to the creators and responsible users of the parent build order and the sales order. Users are
/// not notified of their own actions.
pub(crate) fn notify(conn: &mut Connection, build: BuildKey, event: Event, doer: UserKey) -> Result<()> {
    let from = "FROM build_build b LEFT JOIN build_build q ON q.id = b.parent \
                LEFT JOIN order_salesorder o ON o.id = b.sales_order WHERE b.id = $1";
    let Some(found) = selected::first::<Concerned>(conn, from, &[build.into()])? else { return Ok(()) };
    let (reference, maker) = (found.reference, found.issued_by);
    let mut audience =
        Audience { owners: found.responsible.into_iter().collect(), parts: vec![found.part], ..Audience::default() };
    match event {
        Event::Created | Event::Cancelled => audience.except = maker,
        Event::Completed => {
            audience.users.extend([maker, found.parent_issued_by, found.sales_order_created_by].into_iter().flatten());
            audience.owners.extend([found.parent_responsible, found.sales_order_responsible].into_iter().flatten());
            audience.except = Some(doer);
        }
        Event::Overdue => audience.users.extend(maker),
        Event::StockNeeded => {}
    }
    let users = audience.resolve(conn)?;
    let (name, text) = match event {
        Event::Created => ("was created", "A build order that you are involved in was created."),
        Event::Cancelled => ("was cancelled", "A build order that you are involved in was cancelled."),
        Event::Completed => ("is complete", "A build order that you are involved in is complete."),
        Event::Overdue => ("is overdue", "The target date of a build order has passed."),
        Event::StockNeeded => ("requires stock", "The available stock is less than the build order requires."),
    };
    let category = event.category();
    let name = format!("Build order {reference} {name}");
    message::send(
        conn,
        &users,
        &Message { category, name: &name, message: text, target: ("build.build", build.general()) },
    )
}

/// Notifies followers of the part of a build order if there is less stock than it requires.
pub(crate) fn stock_needed(ctx: &mut Context<'_>, build: BuildKey) -> Result<()> {
    let order = load::order(ctx.conn, build)?;
    let lines = bom::for_part(ctx.conn, order.part)?;
    let keys: Vec<BomItemKey> = lines.iter().map(|l| l.id).collect();
    let usable = available::of_lines(ctx.conn, &keys)?;
    let pieces = Quantity::whole(order.quantity).unwrap_or(Quantity::MAX);
    let lacks = |line: &bom::Line| {
        let needed = line.required(pieces).unwrap_or(Quantity::MAX);
        usable.get(&line.id).copied().unwrap_or_default() < needed
    };
    if lines.iter().any(|line| !line.is_virtual && lacks(line)) {
        send(ctx, build, Event::StockNeeded)?;
    }
    Ok(())
}
