//! Build outputs: stock items in production, until they are completed or scrapped.

use std::collections::{HashMap, HashSet};

use ironwood_base::error::Fields;
use ironwood_base::status::{HistoryCode, StockStatus};
use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::at_or_below;
use ironwood_rest::bulk;
use ironwood_rest::context::Context;
use ironwood_rest::form::{self, RowFaults};
use ironwood_rest::http::Answer;
use ironwood_rest::resource::{Action, Args, Shape};
use ironwood_rest::row;
use ironwood_rest::view::{BOOL, INT, TEXT, Type, View, input};
use ironwood_rest::{request, selected};
use ironwood_store::{Connection, Value, sql};
use serde_json::json;

use super::consume::{Used, stock_of};
use super::lines;
use super::load::{self, Allocation, By, Order};
use super::manual_allocation::{AMOUNT, build_action, key_of};
use crate::business::bom::lines::allowed_parts;
use crate::business::stock::history;
use crate::business::stock::kernel::{self, Deltas, Item, Ledger, With};
use crate::platform::settings;
use crate::platform::settings::keys;
use crate::platform::system::job;
use crate::schema::keys::*;
use crate::schema::stock::{ITEM, LOCATION};

static OUTPUT_FORM: View = View::plain(
    "BuildOutput",
    &[input("output", key_of(&ITEM)).label("Build Output").required().help("Build output.")],
);
static QUANTITY_FORM: View = View::plain(
    "BuildOutputQuantity",
    &[
        input("output", key_of(&ITEM)).label("Build Output").required().help("Build output."),
        input("quantity", AMOUNT).money().help("Quantity. Default: the whole output."),
    ],
);
static COMPLETE_FORM: View = View::plain(
    "BuildOutputComplete",
    &[
        input("outputs", Type::List(&QUANTITY_FORM)).required().help("Outputs to complete."),
        input("location", key_of(&LOCATION)).required().help("Destination location."),
        input("status_custom_key", INT)
            .default(ironwood_store::sql!([ironwood_base::status::StockStatus::OK]))
            .chosen_from("StockStatus")
            .label("Status")
            .help("Status of the completed stock."),
        input("accept_incomplete_allocation", BOOL)
            .default("false")
            .help("Complete the outputs even if tracked components have not been allocated."),
        input("notes", TEXT).max(512).help("Note to record in the stock history."),
    ],
);
static SCRAP_FORM: View = View::plain(
    "BuildOutputScrap",
    &[
        input("outputs", Type::List(&QUANTITY_FORM)).required().help("Outputs to scrap."),
        input("location", key_of(&LOCATION)).required().help("Destination location."),
        input("discard_allocations", BOOL)
            .default("false")
            .help("Remove allocations to these outputs instead of consuming the stock."),
        input("notes", TEXT).max(512).required().help("Reason for scrapping."),
    ],
);
static DELETE_FORM: View = View::plain(
    "BuildOutputDelete",
    &[input("outputs", Type::List(&OUTPUT_FORM)).required().help("Outputs to delete.")],
);

request! {
    struct OutputRequest of OUTPUT_FORM {
        output: ItemKey,
    } without []
}

request! {
    struct QuantityRequest of QUANTITY_FORM {
        output: ItemKey,
        quantity: Option<Quantity>,
    } without []
}

request! {
    struct CompleteRequest of COMPLETE_FORM {
        outputs: Vec<QuantityRequest>,
        location: LocationKey,
        status_custom_key: i64,
        accept_incomplete_allocation: bool,
        notes: String,
    } without []
}

request! {
    struct ScrapRequest of SCRAP_FORM {
        outputs: Vec<QuantityRequest>,
        location: LocationKey,
        discard_allocations: bool,
        notes: String,
    } without []
}

request! {
    struct DeleteRequest of DELETE_FORM {
        outputs: Vec<OutputRequest>,
    } without []
}

/// A request that names outputs.
trait OfOutputs: request::Request {
    fn outputs(&self) -> Vec<ChosenOutput>;
}

impl OfOutputs for CompleteRequest {
    fn outputs(&self) -> Vec<ChosenOutput> {
        self.outputs.iter().map(QuantityRequest::chosen).collect()
    }
}

impl OfOutputs for ScrapRequest {
    fn outputs(&self) -> Vec<ChosenOutput> {
        self.outputs.iter().map(QuantityRequest::chosen).collect()
    }
}

impl OfOutputs for DeleteRequest {
    fn outputs(&self) -> Vec<ChosenOutput> {
        self.outputs.iter().map(|row| ChosenOutput { output: row.output, quantity: None }).collect()
    }
}

impl QuantityRequest {
    fn chosen(&self) -> ChosenOutput {
        ChosenOutput { output: self.output, quantity: self.quantity }
    }
}

/// `POST /api/build/{id}/complete/`.
pub(super) static COMPLETE: Action =
    build_action("/api/build/{id}/complete/", "build_complete_create", complete_action)
        .request(Shape::Object(&COMPLETE_FORM))
        .response(200, Shape::Object(&job::DETAIL))
        .help("Completes outputs of the build order.");

/// `POST /api/build/{id}/scrap-outputs/`.
pub(super) static SCRAP: Action =
    build_action("/api/build/{id}/scrap-outputs/", "build_scrap_outputs_create", scrap_action)
        .request(Shape::Object(&SCRAP_FORM))
        .response(200, Shape::Object(&job::DETAIL))
        .help("Scraps outputs of the build order.");

/// `POST /api/build/{id}/delete-outputs/`.
pub(super) static DELETE: Action =
    build_action("/api/build/{id}/delete-outputs/", "build_delete_outputs_create", delete_action)
        .request(Shape::Object(&DELETE_FORM))
        .response(200, Shape::Object(&job::DETAIL))
        .help("Deletes outputs of the build order that are not complete.");

/// An output that something is to be done with, or so much of it.
#[derive(Debug, Clone, Copy)]
struct ChosenOutput {
    output: ItemKey,
    /// `None`: all of it.
    quantity: Option<Quantity>,
}

/// The outputs that a request names, their stock items, and what is wrong with the request so far.
struct Named<R> {
    request: R,
    fields: Fields,
    chosen: Vec<ChosenOutput>,
    items: HashMap<ItemKey, Item>,
    faults: RowFaults,
}

impl<R: OfOutputs> Named<R> {
    fn read(ctx: &mut Context<'_>, order: &Order) -> Result<Self> {
        let (form, fields) = form::read_partly(ctx, R::VIEW)?;
        let request = R::of(&form);
        let chosen = request.outputs();
        if chosen.is_empty() && fields.is_empty() {
            return Err(Error::non_field("Select at least one output."));
        }
        let keys: Vec<ItemKey> = chosen.iter().map(|c| c.output).collect();
        let items = row::lock::<Item>(ctx.conn, &keys)?.into_iter().map(|item| (item.id, item)).collect();
        let mut named = Named { request, fields, faults: RowFaults::new("outputs", chosen.len()), chosen, items };
        check_outputs(order, &named.chosen, &named.items, &mut named.faults);
        Ok(named)
    }

    /// Refuses the request where anything is wrong with it.
    fn check(self) -> Result<(R, Vec<ChosenOutput>)> {
        let mut fields = self.fields;
        self.faults.put(&mut fields);
        fields.check()?;
        Ok((self.request, self.chosen))
    }
}

/// Refuses what is no output that the build order is making, and quantities that are not there.
fn check_outputs(order: &Order, chosen: &[ChosenOutput], items: &HashMap<ItemKey, Item>, faults: &mut RowFaults) {
    let mut left: HashMap<ItemKey, Quantity> = HashMap::new();
    for (i, row) in chosen.iter().enumerate() {
        let Some(item) = items.get(&row.output) else {
            faults.add(i, "output", "This output does not exist.");
            continue;
        };
        if item.build != Some(order.id) || item.part != order.part {
            faults.add(i, "output", "This output does not belong to the build order.");
            continue;
        }
        if !item.is_building {
            faults.add(i, "output", "This output is already complete.");
            continue;
        }
        let left = left.entry(row.output).or_insert(item.quantity);
        match row.quantity {
            Some(quantity) if !quantity.is_positive() => {
                faults.add(i, "quantity", "Quantity must be greater than zero.")
            }
            Some(quantity) if quantity > *left => {
                faults.add(i, "quantity", "Quantity must not exceed the quantity of the output.")
            }
            None if *left < item.quantity => faults.add(i, "output", "This output is listed more than once."),
            _ if left.is_zero() => faults.add(i, "output", "This output is listed more than once."),
            quantity => *left -= quantity.unwrap_or(*left),
        }
    }
}

fn complete_action(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = load::named(ctx.conn, args)?;
    let mut named = Named::<CompleteRequest>::read(ctx, &order)?;
    let keys: Vec<ItemKey> = named.items.keys().copied().collect();
    let allocations = load::allocations(ctx.conn, By::Output(&keys))?;
    check_complete(ctx.conn, &order, &mut named, &allocations)?;
    let (request, chosen) = named.check()?;
    let done = Done { location: request.location, status: request.status_custom_key, notes: &request.notes };
    let user = caller_key(ctx);
    complete(ctx.conn, user, &order, &chosen, &allocations, &done)?;
    job::done_now(ctx, "build.complete_outputs", &json!({"build": order.id}))
}

/// What has to be true of outputs that are completed: all tracked parts are there (unless the caller accepts
/// that they are not) and done, required tests are passed, and one with parts allocated is not divided.
fn check_complete(
    conn: &mut Connection,
    order: &Order,
    named: &mut Named<CompleteRequest>,
    allocations: &[Allocation],
) -> Result<()> {
    let accept = named.request.accept_incomplete_allocation;
    let Named { chosen, items, faults, .. } = named;
    let mut there: HashMap<(ItemKey, BuildLineKey), Quantity> = HashMap::new();
    for a in allocations {
        *there.entry((a.install_into.unwrap_or_default(), a.line)).or_default() += a.quantity;
    }
    let tracked: Vec<(BuildLineKey, Quantity)> = load::lines(conn, order.id)?
        .into_iter()
        .filter(|l| l.trackable && !l.consumable)
        .map(|l| (l.id, l.each))
        .collect();
    let untested = if settings::get_bool(conn, keys::PREVENT_BUILD_COMPLETION_HAVING_INCOMPLETED_TESTS)? {
        let keys: Vec<ItemKey> = items.keys().copied().collect();
        untested(conn, order.part, &keys)?
    } else {
        HashSet::new()
    };
    for (i, row) in chosen.iter().enumerate() {
        let Some(item) = items.get(&row.output).filter(|_| !faults.has(i)) else { continue };
        let lacks = |(line, each): &(BuildLineKey, Quantity)| {
            there.get(&(row.output, *line)).copied().unwrap_or_default() < *each
        };
        let own = || allocations.iter().filter(|a| a.install_into == Some(row.output));
        if !accept && tracked.iter().any(lacks) {
            faults.add(i, "output", "Not all tracked components of this output have been allocated.");
        } else if untested.contains(&row.output) {
            faults.add(i, "non_field_errors", "This output has not passed all required tests.");
        } else if own().any(|a| a.in_production) {
            faults.add(i, "non_field_errors", "Some stock allocated to this output is still in production.");
        } else if row.quantity.is_some_and(|q| q != item.quantity) && own().next().is_some() {
            faults.add(i, "quantity", "An output with allocated stock can only be completed as a whole.");
        }
    }
    Ok(())
}

selected! {
    /// A result of a test.
    struct Tested {
        output: ItemKey = "r.stock_item",
        test: String = "t.key",
        result: bool = "r.result",
    }
}

/// Which of these outputs of a part have not passed every required test: the last result counts.
fn untested(conn: &mut Connection, part: PartKey, outputs: &[ItemKey]) -> Result<HashSet<ItemKey>> {
    let sql = sql!(
        "SELECT DISTINCT t.key FROM part_parttesttemplate t JOIN part_part a ON a.id = t.part JOIN part_part q \
               ON q.id = $1 WHERE t.required AND t.enabled AND ",
        at_or_below!("q", "a")
    );
    let required: Vec<String> = conn.rows(sql, &[part.into()])?.iter().map(|row| row.text(0).to_owned()).collect();
    if required.is_empty() {
        return Ok(HashSet::new());
    }
    let mut passed: HashMap<(ItemKey, String), bool> = HashMap::new();
    let from = "FROM stock_stockitemtestresult r JOIN part_parttesttemplate t ON t.id = r.template \
                WHERE r.stock_item IN ({keys}) ORDER BY r.date, r.id";
    for Tested { output, test, result } in selected::among(conn, from, outputs)? {
        passed.insert((output, test), result);
    }
    let fails =
        |output: &&ItemKey| required.iter().any(|key| !passed.get(&(**output, key.clone())).is_some_and(|p| *p));
    Ok(outputs.iter().filter(fails).copied().collect())
}

/// How outputs are completed.
struct Done<'a> {
    location: LocationKey,
    status: i64,
    notes: &'a str,
}

/// Completes outputs: what is allocated for them is consumed, or installed in them.
fn complete(
    conn: &mut Connection,
    user: UserKey,
    order: &Order,
    chosen: &[ChosenOutput],
    allocations: &[Allocation],
    done: &Done<'_>,
) -> Result<()> {
    let mut keys = stock_of(allocations);
    keys.extend(chosen.iter().map(|c| c.output));
    let mut ledger = Ledger::open(conn, user, &keys)?;
    ledger.check_location(done.location)?;
    let mut used = Used::default();
    let mut made = Quantity::ZERO;
    for row in chosen {
        let quantity = row.quantity.unwrap_or(ledger.item(row.output)?.quantity);
        let output = part_off(&mut ledger, row.output, quantity, None)?;
        if output == row.output {
            let own: Vec<Allocation> = allocations.iter().filter(|a| a.install_into == Some(output)).cloned().collect();
            used.take(&mut ledger, order.id, &own, &HashMap::new(), "")?;
        }
        ledger
            .set_status(output, done.status, &mut Deltas::new())
            .map_err(|_| Error::field("status_custom_key", "This status does not exist."))?;
        let item = ledger.item_mut(output)?;
        leave(item, order, done.location);
        let mut deltas = Deltas::new();
        deltas.insert("status".into(), done.status.into());
        deltas.insert("buildorder".into(), order.id.into());
        deltas.insert("quantity".into(), history::quantity(item.quantity));
        deltas.insert("location".into(), done.location.into());
        made = made.saturating_add(item.quantity);
        ledger.record(output, HistoryCode::BUILD_OUTPUT_COMPLETED, deltas, done.notes)?;
    }
    ledger.close()?;
    used.write(conn)?;
    free(conn, allocations)?;
    let sql = "UPDATE build_build SET completed = completed + $2 WHERE id = $1";
    conn.execute(sql, &[order.id.into(), Value::Int(made.units())])?;
    lines::refresh(conn, order.id)
}

/// An output leaves production.
fn leave(item: &mut Item, order: &Order, location: LocationKey) {
    item.is_building = false;
    item.build = Some(order.id);
    item.location = Some(location);
    item.delete_on_deplete &= !item.is_serialised();
    item.metadata.get_or_insert_with(|| "{}".into());
}

/// The output itself where all of it is meant, else an output of that quantity that is split from it.
fn part_off(
    ledger: &mut Ledger<'_>,
    output: ItemKey,
    quantity: Quantity,
    location: Option<LocationKey>,
) -> Result<ItemKey> {
    ledger.split(output, quantity, location, &With::default())
}

/// Removes allocations of which something is left.
fn free(conn: &mut Connection, allocations: &[Allocation]) -> Result<()> {
    let keys: Vec<BuildAllocationKey> = allocations.iter().map(|a| a.id).collect();
    load::delete_allocations(conn, &keys)
}

fn scrap_action(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = load::named(ctx.conn, args)?;
    let (request, chosen) = Named::<ScrapRequest>::read(ctx, &order)?.check()?;
    let user = caller_key(ctx);
    scrap(ctx.conn, user, &order, &chosen, request.location, request.discard_allocations, &request.notes)?;
    job::done_now(ctx, "build.scrap_outputs", &json!({"build": order.id}))
}

/// Scraps outputs, or parts of them. What is allocated for a whole output goes with it, or becomes free.
fn scrap(
    conn: &mut Connection,
    user: UserKey,
    order: &Order,
    chosen: &[ChosenOutput],
    location: LocationKey,
    discard: bool,
    notes: &str,
) -> Result<()> {
    let outputs: Vec<ItemKey> = chosen.iter().map(|c| c.output).collect();
    let allocations = load::allocations(conn, By::Output(&outputs))?;
    let mut keys = stock_of(&allocations);
    keys.extend(&outputs);
    let mut ledger = Ledger::open(conn, user, &keys)?;
    ledger.check_location(location)?;
    let mut used = Used::default();
    let mut gone: Vec<Allocation> = Vec::new();
    for row in chosen {
        let quantity = row.quantity.unwrap_or(ledger.item(row.output)?.quantity);
        let output = part_off(&mut ledger, row.output, quantity, Some(location))?;
        if output == row.output {
            let own: Vec<Allocation> = allocations.iter().filter(|a| a.install_into == Some(output)).cloned().collect();
            if !discard {
                used.take(&mut ledger, order.id, &own, &HashMap::new(), "")?;
            }
            gone.extend(own);
        }
        ledger.set_status(output, StockStatus::REJECTED.key(), &mut Deltas::new())?;
        leave(ledger.item_mut(output)?, order, location);
        let mut deltas = Deltas::new();
        deltas.insert("quantity".into(), history::quantity(quantity));
        deltas.insert("location".into(), location.into());
        deltas.insert("status".into(), StockStatus::REJECTED.key().into());
        deltas.insert("buildorder".into(), order.id.into());
        ledger.record(output, HistoryCode::BUILD_OUTPUT_REJECTED, deltas, notes)?;
    }
    ledger.close()?;
    used.write(conn)?;
    free(conn, &gone)
}

fn delete_action(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = load::named(ctx.conn, args)?;
    let (_, chosen) = Named::<DeleteRequest>::read(ctx, &order)?.check()?;
    let outputs: Vec<ItemKey> = chosen.iter().map(|c| c.output).collect();
    let user = caller_key(ctx);
    delete(ctx.conn, user, &order, &outputs)?;
    job::done_now(ctx, "build.delete_outputs", &json!({"build": order.id}))
}

/// Removes outputs that are being made. What is allocated for them becomes free; what is installed in them
/// is taken out again, to where the output was, and its line needs it again.
///
/// # Errors
/// Those of the database.
pub(super) fn delete(conn: &mut Connection, user: UserKey, order: &Order, outputs: &[ItemKey]) -> Result<()> {
    let allocations = load::allocations(conn, By::Output(outputs))?;
    free(conn, &allocations)?;
    let mut installed: Vec<ItemKey> = Vec::new();
    conn.of_keys("SELECT s.id FROM stock_stockitem s WHERE s.belongs_to IN ({keys}) ORDER BY s.id", outputs, |row| {
        installed.push(row.cell(0));
    })?;
    if !installed.is_empty() {
        take_out(conn, user, order, outputs, &installed)?;
    }
    kernel::delete(conn, outputs)
}

fn take_out(
    conn: &mut Connection,
    user: UserKey,
    order: &Order,
    outputs: &[ItemKey],
    installed: &[ItemKey],
) -> Result<()> {
    let lines: Vec<load::Line> =
        load::lines(conn, order.id)?.into_iter().filter(|l| l.consumed.is_positive()).collect();
    let bom_items: Vec<BomItemKey> = lines.iter().map(|l| l.bom_item).collect();
    let allowed = allowed_parts(conn, &bom_items)?;
    let mut left: Vec<Quantity> = lines.iter().map(|l| l.consumed).collect();
    let keys: Vec<ItemKey> = outputs.iter().chain(installed).copied().collect();
    let mut ledger = Ledger::open(conn, user, &keys)?;
    let mut back: HashMap<BuildLineKey, Quantity> = HashMap::new();
    for key in installed {
        let item = ledger.item(*key)?;
        let (part, quantity, used) = (item.part, item.quantity, item.consumed_by == Some(order.id));
        let place = item.belongs_to.map(|output| ledger.item(output)).transpose()?.and_then(|output| output.location);
        ledger.uninstall(*key, place, "")?;
        let fits = |i: &usize| {
            left[*i] >= quantity && allowed.get(&lines[*i].bom_item).is_some_and(|parts| parts.contains(&part))
        };
        if used && let Some(i) = (0..lines.len()).find(fits) {
            left[i] -= quantity;
            back.insert(lines[i].id, left[i]);
        }
    }
    ledger.close()?;
    bulk::update_one(conn, load::CONSUMED, back)
}
