//! Manual allocation of stock to build orders, and removing allocations.

use std::collections::HashMap;

use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::bulk;
use ironwood_rest::context::Context;
use ironwood_rest::form::RowFaults;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::row::{self, TableRow};
use ironwood_rest::table::{ColumnType, OnDelete, Table};
use ironwood_rest::view::{Type, View, input};
use ironwood_store::{Connection, Fragment, Value, fragment};
use serde_json::{Value as Json, json};

use super::load::{self, Line, Order};
use crate::business::bom::lines::allowed_parts;
use crate::business::stock::expiry;
use crate::business::stock::kernel::{Item, unallocated};
use crate::schema::build::{Allocation, LINE};
use crate::schema::keys::*;
use crate::schema::stock::ITEM;

/// A quantity that a client gives: up to 15 digits, 5 of them behind the point.
pub(super) const AMOUNT: Type = Type::Of(ColumnType::Decimal { places: 5, digits: 15 });

/// The key of a row of a table.
pub(super) const fn key_of(table: &'static Table) -> Type {
    Type::Of(ColumnType::Link(table, OnDelete::Cascade))
}

/// An action on the build order that the address names: `POST /api/build/{id}/…/`.
pub(super) const fn build_action(
    path: &'static str,
    id: &'static str,
    run: fn(&mut Context<'_>, &Args) -> Result<Answer>,
) -> Action {
    action(Method::Post, path, id, Access::Table("build_build"), run)
}

static ALLOCATION_ITEM: View = View::plain(
    "BuildAllocationItem",
    &[
        input("build_line", key_of(&LINE)).label("Build Line Item").required().help("Build line."),
        input("stock_item", key_of(&ITEM)).required().help("Stock item."),
        input("quantity", AMOUNT).money().required().help("Quantity."),
        input("output", key_of(&ITEM))
            .label("Build Output")
            .nullable()
            .help("Build output that tracked stock is installed into."),
    ],
);
static ALLOCATION: View =
    View::plain("BuildAllocation", &[input("items", Type::List(&ALLOCATION_ITEM)).required().help("Allocations.")]);

request! {
    struct ItemRequest of ALLOCATION_ITEM {
        build_line: BuildLineKey,
        stock_item: ItemKey,
        quantity: Quantity,
        output: Option<ItemKey>,
    } without []
}

request! {
    struct AllocateRequest of ALLOCATION {
        items: Vec<ItemRequest>,
    } without []
}

/// `POST /api/build/{id}/allocate/`.
pub(super) static ALLOCATE: Action =
    build_action("/api/build/{id}/allocate/", "build_allocate_create", allocate_action)
        .request(Shape::Object(&ALLOCATION))
        .response(201, Shape::Object(&ALLOCATION))
        .help("Allocates stock to lines of the build order.");

/// Stock that is to be allocated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AllocationRequest {
    pub line: BuildLineKey,
    pub stock_item: ItemKey,
    pub quantity: Quantity,
    pub output: Option<ItemKey>,
}

fn allocate_action(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = load::named(ctx.conn, args)?;
    let wanted: Vec<AllocationRequest> = AllocateRequest::read(ctx)?.items.into_iter().map(wanted).collect();
    if wanted.is_empty() {
        return Err(Error::non_field("Select at least one item to allocate."));
    }
    allocate(ctx.conn, &order, &wanted)?;
    let shown: Vec<Json> = wanted
        .iter()
        .map(|w| {
            let quantity = w.quantity.to_string();
            json!({"build_line": w.line, "stock_item": w.stock_item, "quantity": quantity, "output": w.output})
        })
        .collect();
    Ok(Answer::json(201, &json!({"items": shown})))
}

fn wanted(row: ItemRequest) -> AllocationRequest {
    AllocationRequest { line: row.build_line, stock_item: row.stock_item, quantity: row.quantity, output: row.output }
}

/// Sets stock aside for lines of an open build order. What is allocated for the same line, stock and output
/// already grows. Lines that are consumed without being counted get nothing.
///
/// # Errors
/// 400 at each row: stock that is not in stock, does not fit the line or is not there in that quantity,
/// tracked stock without an output of this order, other stock with one.
pub(crate) fn allocate(conn: &mut Connection, order: &Order, wanted: &[AllocationRequest]) -> Result<()> {
    if !order.is_open() {
        return Err(Error::non_field("Stock can only be allocated to an open build order."));
    }
    let keys: Vec<BuildLineKey> = wanted.iter().map(|w| w.line).collect();
    let lines = load::lines_of(conn, &keys)?;
    let keys: Vec<ItemKey> = wanted.iter().flat_map(|w| [Some(w.stock_item), w.output]).flatten().collect();
    let items: HashMap<ItemKey, Item> =
        row::lock::<Item>(conn, &keys)?.into_iter().map(|item| (item.id, item)).collect();
    let mut bom_items: Vec<BomItemKey> = lines.values().map(|l| l.bom_item).collect();
    bom_items.sort_unstable();
    let parts = allowed_parts(conn, &bom_items)?;
    let stock: Vec<ItemKey> = wanted.iter().map(|w| w.stock_item).collect();
    let mut free = unallocated(conn, &stock)?;

    let barred = expiry::barred(conn, &stock, expiry::ALLOW_BUILD)?;

    let mut faults = RowFaults::new("items", wanted.len());
    for (i, w) in wanted.iter().enumerate() {
        let (Some(line), Some(item)) = (lines.get(&w.line), items.get(&w.stock_item)) else {
            faults.add(i, "build_line", "This build line or stock item does not exist.");
            continue;
        };
        check_row(order, line, item, w, &items, &mut faults, i);
        if let Some(why) = barred.get(&w.stock_item) {
            faults.add(i, "stock_item", *why);
        }
        if faults.has(i) {
            continue;
        }
        if !parts.get(&line.bom_item).is_some_and(|list| list.contains(&item.part)) {
            faults.add(i, "stock_item", "Stock item must match the part of the line.");
            continue;
        }
        let left = free.entry(w.stock_item).or_default();
        if w.quantity > *left {
            faults.add(i, "quantity", "The available quantity is too small.");
        } else if line.trackable && w.output.is_none() {
            faults.add(i, "output", "Build output is required for tracked stock.");
        } else if !line.trackable && w.output.is_some() {
            faults.add(i, "output", "Only tracked stock can be allocated to a build output.");
        } else if !line.consumable {
            *left -= w.quantity;
        }
    }
    faults.check()?;
    let counted: Vec<AllocationRequest> =
        wanted.iter().filter(|w| lines.get(&w.line).is_some_and(|l| !l.consumable)).copied().collect();
    write(conn, &counted)
}

fn check_row(
    order: &Order,
    line: &Line,
    item: &Item,
    wanted: &AllocationRequest,
    items: &HashMap<ItemKey, Item>,
    faults: &mut RowFaults,
    row: usize,
) {
    if line.build != order.id {
        faults.add(row, "build_line", "This line belongs to another build order.");
    }
    if !item.is_in_stock() {
        faults.add(row, "stock_item", "This stock item is not in stock.");
    }
    if !wanted.quantity.is_positive() {
        faults.add(row, "quantity", "Quantity must be greater than zero.");
    }
    let fits = |output: &Item| output.is_building && output.build == Some(order.id);
    if wanted.output.is_some_and(|output| !items.get(&output).is_some_and(fits)) {
        faults.add(row, "output", "This is not an incomplete output of the build order.");
    }
}

/// Adds to allocations that are there, and makes those that are not.
fn write(conn: &mut Connection, wanted: &[AllocationRequest]) -> Result<()> {
    let lines: Vec<BuildLineKey> = wanted.iter().map(|w| w.line).collect();
    let mut there: HashMap<(BuildLineKey, ItemKey, Option<ItemKey>), (BuildAllocationKey, Quantity)> = HashMap::new();
    for a in load::allocations(conn, load::By::Line(&lines))? {
        // of several for the same, the first one grows
        there.entry((a.line, a.stock_item, a.install_into)).or_insert((a.id, a.quantity));
    }
    let mut grown: HashMap<BuildAllocationKey, Quantity> = HashMap::new();
    let mut made: Vec<Allocation> = Vec::new();
    let mut at: HashMap<(BuildLineKey, ItemKey, Option<ItemKey>), usize> = HashMap::new();
    for w in wanted {
        let which = (w.line, w.stock_item, w.output);
        if let Some((id, quantity)) = there.get_mut(&which) {
            *quantity += w.quantity;
            grown.insert(*id, *quantity);
        } else if let Some(i) = at.get(&which) {
            made[*i].quantity += w.quantity;
        } else {
            at.insert(which, made.len());
            made.push(Allocation {
                build_line: Some(w.line),
                stock_item: w.stock_item,
                quantity: w.quantity,
                install_into: w.output,
                ..Allocation::fresh()
            });
        }
    }
    let mut grown: Vec<(BuildAllocationKey, Quantity)> = grown.into_iter().collect();
    grown.sort_unstable();
    bulk::update_one(conn, load::ALLOCATED, grown)?;
    row::insert::<Allocation>(conn, &made)
}

static UNALLOCATION: View = View::plain(
    "BuildUnallocation",
    &[
        input("build_line", key_of(&LINE)).nullable().help("Only stock allocated to this line."),
        input("output", key_of(&ITEM))
            .label("Build output")
            .nullable()
            .help("Stock allocated to this output. Empty: stock not allocated to an output."),
    ],
);

request! {
    struct UnallocateRequest of UNALLOCATION {
        build_line: Option<BuildLineKey>,
        output: Option<ItemKey>,
    } without []
}

/// `POST /api/build/{id}/unallocate/`.
pub(super) static UNALLOCATE: Action =
    build_action("/api/build/{id}/unallocate/", "build_unallocate_create", unallocate_action)
        .request(Shape::Object(&UNALLOCATION))
        .response(201, Shape::Object(&UNALLOCATION))
        .help("Removes allocations of the build order.");

fn unallocate_action(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = load::named(ctx.conn, args)?;
    let request = UnallocateRequest::read(ctx)?;
    let (line, output) = (request.build_line, request.output);
    if let Some(key) = output {
        let sql = "SELECT 1 FROM stock_stockitem WHERE id = $1 AND is_building AND build = $2";
        if ctx.conn.one(sql, &[key.into(), order.id.into()])?.is_none() {
            return Err(Error::field("output", "This is not an incomplete output of the build order."));
        }
    }
    unallocate(ctx.conn, order.id, line, output)?;
    Ok(Answer::json(201, &json!({"build_line": line, "output": output})))
}

/// Frees stock that is allocated for an output of the build order (or for none), of one line or of all.
pub(crate) fn unallocate(
    conn: &mut Connection,
    build: BuildKey,
    line: Option<BuildLineKey>,
    output: Option<ItemKey>,
) -> Result<()> {
    let mut params = vec![build.into()];
    let mut and = |column: &'static str, key: Option<Value>| match key {
        Some(key) => {
            params.push(key);
            fragment!(" AND {column} = ${}", params.len())
        }
        None => Fragment::new(),
    };
    let of_line = and("build_line", line.map(Value::from));
    let of_output = if output.is_none() {
        " AND install_into IS NULL".into()
    } else {
        and("install_into", output.map(Value::from))
    };
    let sql = fragment!(
        "DELETE FROM build_builditem WHERE build_line IN (SELECT l.id FROM build_buildline l WHERE l.build = $1)\
         {of_line}{of_output}"
    );
    conn.execute(&sql, &params)?;
    Ok(())
}
