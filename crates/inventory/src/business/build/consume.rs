//! Consumes stock allocated to a build order.

use std::collections::{BTreeMap, HashMap};

use ironwood_base::{Error, Key, Quantity, Result};
use ironwood_rest::bulk;
use ironwood_rest::context::Context;
use ironwood_rest::form::RowFaults;
use ironwood_rest::http::Answer;
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Action, Args, Shape};
use ironwood_rest::view::{TEXT, Type, View, input};
use ironwood_store::Connection;
use serde_json::json;

use super::load::{self, Allocation, By};
use super::manual_allocation::{AMOUNT, build_action, key_of};
use crate::business::stock::kernel::Ledger;
use crate::platform::system::job;
use crate::schema::build::{ALLOCATION, LINE};
use crate::schema::keys::*;

/// What was consumed, to be noted at lines and allocations once the stock is written.
#[derive(Debug, Default)]
pub(crate) struct Used {
    /// By line.
    lines: BTreeMap<BuildLineKey, Quantity>,
    /// What is left of allocations of which only a part was used.
    left: Vec<(BuildAllocationKey, Quantity)>,
    done: Vec<BuildAllocationKey>,
}

/// How much of an allocation can be consumed: no more than is allocated, nor than there is; nothing of stock
/// that is gone or in use elsewhere by now.
fn usable(ledger: &Ledger<'_>, allocation: &Allocation, quantity: Option<Quantity>) -> Quantity {
    let wanted = quantity.unwrap_or(allocation.quantity).min(allocation.quantity);
    match ledger.item(allocation.stock_item) {
        Ok(item) if item.is_on_hand() => wanted.min(item.quantity).max(Quantity::ZERO),
        _ => Quantity::ZERO,
    }
}

impl Used {
    /// Consumes allocations of a build order: of each the quantity named for it, or all of it. Tracked stock
    /// is installed into its output. The ledger has read the stock and the outputs.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn take(
        &mut self,
        ledger: &mut Ledger<'_>,
        build: BuildKey,
        allocations: &[Allocation],
        quantities: &HashMap<BuildAllocationKey, Quantity>,
        notes: &str,
    ) -> Result<()> {
        let parted = |a: &&Allocation| ledger.item(a.stock_item).is_ok_and(|item| item.quantity > a.quantity);
        let parts = allocations.iter().filter(parted).count();
        ledger.expect_new(parts)?;
        for allocation in allocations {
            let quantity = usable(ledger, allocation, quantities.get(&allocation.id).copied());
            if quantity.is_zero() {
                continue;
            }
            let used = match allocation.install_into.filter(|_| allocation.trackable) {
                Some(output) => ledger.install(allocation.stock_item, quantity, output, Some(build), notes)?,
                None => ledger.consume(allocation.stock_item, quantity, build, notes)?,
            };
            if used != allocation.stock_item {
                // what others have noted down stays with the stock that is left
                ledger.item_mut(used)?.metadata = None;
            }
            *self.lines.entry(allocation.line).or_default() += quantity;
            if quantity < allocation.quantity {
                self.left.push((allocation.id, allocation.quantity - quantity));
            } else {
                self.done.push(allocation.id);
            }
        }
        Ok(())
    }

    /// Notes it at lines and allocations: allocations that are consumed go.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn write(self, conn: &mut Connection) -> Result<()> {
        bulk::update_one(conn, load::MORE_CONSUMED, self.lines)?;
        bulk::update_one(conn, load::ALLOCATED, self.left)?;
        load::delete_allocations(conn, &self.done)
    }
}

/// Keys of the stock, and of the outputs that it goes into.
pub(crate) fn stock_of(allocations: &[Allocation]) -> Vec<ItemKey> {
    allocations.iter().flat_map(|a| [Some(a.stock_item), a.install_into]).flatten().collect()
}

/// Consumes allocations of a build order as they stand, or the quantities named for them.
///
/// # Errors
/// Those of the database.
pub(crate) fn consume(
    conn: &mut Connection,
    user: UserKey,
    build: BuildKey,
    allocations: &[Allocation],
    quantities: &HashMap<BuildAllocationKey, Quantity>,
    notes: &str,
) -> Result<()> {
    let mut used = Used::default();
    let mut ledger = Ledger::open(conn, user, &stock_of(allocations))?;
    used.take(&mut ledger, build, allocations, quantities, notes)?;
    ledger.close()?;
    used.write(conn)
}

static ITEM_FORM: View = View::plain(
    "BuildConsumeAllocation",
    &[
        input("build_item", key_of(&ALLOCATION)).required().help("Allocation."),
        input("quantity", AMOUNT).money().required().help("Quantity to consume."),
    ],
);
static LINE_FORM: View = View::plain(
    "BuildConsumeLineItem",
    &[input("build_line", key_of(&LINE)).required().help("Build line whose allocated stock is consumed.")],
);
static FORM: View = View::plain(
    "BuildConsume",
    &[
        input("items", Type::List(&ITEM_FORM)).help("Allocations to consume."),
        input("lines", Type::List(&LINE_FORM)).help("Build lines to consume in full."),
        input("notes", TEXT).max(512).help("Note to record in the stock history."),
    ],
);

request! {
    struct ItemRequest of ITEM_FORM {
        build_item: BuildAllocationKey,
        quantity: Quantity,
    } without []
}

request! {
    struct LineRequest of LINE_FORM {
        build_line: BuildLineKey,
    } without []
}

request! {
    struct ConsumeRequest of FORM {
        items: Vec<ItemRequest>,
        lines: Vec<LineRequest>,
        notes: String,
    } without []
}

/// `POST /api/build/{id}/consume/`.
pub(super) static CONSUME: Action = build_action("/api/build/{id}/consume/", "build_consume_create", consume_action)
    .request(Shape::Object(&FORM))
    .response(200, Shape::Object(&job::DETAIL))
    .help("Consumes allocated stock before the build order is complete.");

fn consume_action(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = load::named(ctx.conn, args)?;
    let ConsumeRequest { items, lines, notes } = ConsumeRequest::read(ctx)?;
    if items.is_empty() && lines.is_empty() {
        return Err(Error::non_field("Select at least one allocation or line to consume."));
    }
    let line_keys: Vec<BuildLineKey> = lines.iter().map(|row| row.build_line).collect();
    let known = load::lines_of(ctx.conn, &line_keys)?;
    if line_keys.iter().any(|key| known.get(key).is_none_or(|line| line.build != order.id)) {
        return Err(Error::field("lines", "Some of these lines belong to another build order."));
    }
    if has_doubles(&line_keys) {
        return Err(Error::field("lines", "A line is listed more than once."));
    }
    let keys: Vec<BuildAllocationKey> = items.iter().map(|row| row.build_item).collect();
    let mut allocations = load::allocations(ctx.conn, By::Key(&keys))?;
    let by_key: HashMap<BuildAllocationKey, &Allocation> = allocations.iter().map(|a| (a.id, a)).collect();
    let mut faults = RowFaults::new("items", items.len());
    let mut quantities = HashMap::new();
    for (i, row) in items.iter().enumerate() {
        let (key, quantity) = (row.build_item, row.quantity);
        if !quantity.is_positive() {
            faults.add(i, "quantity", "Quantity must be greater than zero.");
        } else if by_key.get(&key).is_some_and(|a| quantity > a.quantity) {
            faults.add(i, "quantity", "Quantity must not exceed the allocated quantity.");
        }
        quantities.insert(key, quantity);
    }
    faults.check()?;
    if keys.iter().any(|key| by_key.get(key).is_none_or(|a| a.build != order.id)) {
        return Err(Error::field("items", "Some of these allocations belong to another build order."));
    }
    if has_doubles(&keys) {
        return Err(Error::field("items", "An allocation is listed more than once."));
    }
    allocations.extend(load::allocations(ctx.conn, By::Line(&line_keys))?);
    allocations.sort_by_key(|a| a.id);
    allocations.dedup_by_key(|a| a.id);
    if allocations.iter().any(|a| a.in_production) {
        return Err(Error::non_field("Some of this stock is still in production."));
    }
    let user = caller_key(ctx);
    consume(ctx.conn, user, order.id, &allocations, &quantities, &notes)?;
    job::done_now(ctx, "build.consume", &json!({"build": order.id}))
}

fn has_doubles<T>(keys: &[Key<T>]) -> bool {
    let mut sorted = keys.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}
