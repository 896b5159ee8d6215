//! Messages about build orders.

use ironwood_base::Result;
use ironwood_rest::context::Context;
use ironwood_store::{Connection, Value};

use super::load;
use crate::bom::lines as bom;
use crate::notify::message::{self, Message};
use crate::part::subscribers;
use crate::stock::kernel::{ONE, each_lot};

/// What happened to a build order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Created,
    Cancelled,
    Completed,
    /// Its target date was yesterday.
    Overdue,
    /// There is less stock than it needs.
    StockNeeded,
}

/// Users behind owners (users, or groups of them).
const USERS_OF_OWNER: &str = "SELECT u.id FROM users_owner o JOIN auth_user u ON (o.owner_type = 'auth.user' AND u.id = o.owner_id) \
    OR (o.owner_type = 'auth.group' AND u.id IN (SELECT m.\"user\" FROM auth_user_groups m WHERE m.\"group\" = o.owner_id)) \
    WHERE u.is_active AND o.id IN (";
/// Tells those whom it concerns; not the one who did it.
pub fn send(ctx: &mut Context<'_>, build: i64, event: Event) -> Result<()> {
    let doer = ctx.user();
    tell(ctx.conn, build, event, doer)
}

/// [`send`] where there is no request.
pub fn tell(conn: &mut Connection, build: i64, event: Event, doer: i64) -> Result<()> {
    let sql = "SELECT b.reference, b.part, b.issued_by, b.responsible, q.issued_by, q.responsible, o.created_by, o.responsible \
               FROM build_build b LEFT JOIN build_build q ON q.id = b.parent LEFT JOIN order_salesorder o ON o.id = b.sales_order \
               WHERE b.id = $1";
    let Some(row) = conn.one(sql, &[Value::Int(build)])? else { return Ok(()) };
    let (reference, part) = (row.text(0).to_owned(), row.int(1));
    let mut users: Vec<i64> = Vec::new();
    let mut owners: Vec<i64> = row.opt_int(3).into_iter().collect();
    let maker = row.opt_int(2);
    if event == Event::Completed {
        users.extend([row.opt_int(4), row.opt_int(6)].into_iter().flatten());
        owners.extend([row.opt_int(5), row.opt_int(7)].into_iter().flatten());
    }
    if matches!(event, Event::Completed | Event::Overdue) {
        users.extend(maker);
    }
    users.extend(subscribers::of(conn, part)?);
    if !owners.is_empty() {
        let keys: Vec<String> = owners.iter().map(i64::to_string).collect();
        let sql = format!("{USERS_OF_OWNER}{})", keys.join(","));
        users.extend(conn.rows(&sql, &[])?.iter().map(|row| row.int(0)));
    }
    users.sort_unstable();
    users.dedup();
    // whoever made the order knows that it is there
    let knows =
        |user: &i64| *user == doer || (matches!(event, Event::Created | Event::Cancelled) && maker == Some(*user));
    users.retain(|user| !knows(user));
    if users.is_empty() {
        return Ok(());
    }
    let (category, name, text) = match event {
        Event::Created => ("order.new_build", "was made", "A build order that concerns you was made."),
        Event::Cancelled => ("order.canceled_build", "was cancelled", "A build order that concerns you was cancelled."),
        Event::Completed => ("build.completed", "is complete", "A build order that concerns you is complete."),
        Event::Overdue => ("build.overdue_build_order", "is overdue", "The target date of a build order has passed."),
        Event::StockNeeded => ("build.stock_required", "needs stock", "There is less stock than a build order needs."),
    };
    let name = format!("The build order {reference} {name}");
    message::send(conn, &users, &Message { category, name: &name, message: text, target: ("build.build", build) })
}

/// Tells those who follow the part of a build order if there is less stock than it needs.
pub fn stock_needed(ctx: &mut Context<'_>, build: i64) -> Result<()> {
    let order = load::order(ctx.conn, build)?;
    let lines = bom::for_part(ctx.conn, order.part)?;
    let keys: Vec<i64> = lines.iter().map(|l| l.sub_part).collect();
    let mut available = std::collections::HashMap::new();
    let sql = format!(
        "SELECT p.id, (SELECT COALESCE(CAST(SUM(s.quantity - {}) AS BIGINT), 0) FROM stock_stockitem s WHERE s.part = p.id \
         AND {}) FROM part_part p WHERE p.id IN ({{keys}})",
        crate::stock::available::SET_ASIDE,
        crate::stock::available::IN_STOCK
    );
    each_lot(ctx.conn, &sql, &keys, |row| {
        available.insert(row.int(0), row.int(1));
    })?;
    let pieces = order.quantity.saturating_mul(ONE);
    let lacks = |line: &bom::Line| {
        let needed = line.required(pieces).unwrap_or(i64::MAX);
        available.get(&line.sub_part).copied().unwrap_or(0) < needed
    };
    if lines.iter().any(|line| !line.is_virtual && lacks(line)) {
        send(ctx, build, Event::StockNeeded)?;
    }
    Ok(())
}
