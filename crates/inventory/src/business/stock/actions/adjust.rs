//! Counting, adding, removing, moving, and returning several items at once, atomically.

use std::collections::BTreeMap;

use ironwood_base::status::HistoryCode;
use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::form::RowFaults;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::request;
use ironwood_rest::request::{Request, Sent};
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::selected;
use ironwood_rest::table::ColumnType;
use ironwood_rest::view::{BOOL, INT, TEXT, Type, View, input, value};
use ironwood_store::fragment;

use super::super::kernel::{Allowances, Count, Deltas, Item, Ledger, With};
use super::super::owner;
use crate::platform::settings::keys;
use crate::schema::keys::*;
use crate::schema::stock::{ITEM, LOCATION};

/// A quantity of up to 15 digits.
pub(super) const AMOUNT: Type = Type::Of(ColumnType::Decimal { places: 5, digits: 15 });

static LINE: View = View::plain(
    "StockAdjustmentItem",
    &[
        input("pk", INT).links(&ITEM).required().label("stock_item").help("Stock item."),
        input("quantity", AMOUNT).as_text().required().help("Quantity."),
        input("batch", TEXT).max(100).label("Batch Code").help("New batch code."),
        input("status", INT).nullable().chosen_from("StockStatus").help("New status."),
        input("packaging", TEXT).max(50).help("New packaging."),
        input("merge", BOOL)
            .label("Merge into existing stock")
            .default("false")
            .help("Merge with matching stock at the destination."),
    ],
);

macro_rules! form {
    ($view:ident, $name:literal, [$($more:expr),*]) => {
        static $view: View = View::plain(
            $name,
            &[
                value("items", Type::List(&LINE)).writable().required().help("Stock items and quantities."),
                input("notes", TEXT).max(512).help("Note to record in the stock history."),
                $($more),*
            ],
        );
    };
}

form!(
    COUNT,
    "StockCount",
    [input("location", INT)
        .links(&LOCATION)
        .nullable()
        .help("Location where the items were counted, if it should be recorded.")]
);
form!(ADD, "StockAdd", []);
form!(REMOVE, "StockRemove", []);
form!(TRANSFER, "StockTransfer", [input("location", INT).links(&LOCATION).required().help("Destination location.")]);
form!(
    RETURN,
    "StockReturn",
    [
        input("location", INT).links(&LOCATION).required().help("Destination location."),
        input("merge", BOOL)
            .label("Merge into existing stock")
            .default("false")
            .help("Merge an item with the one that it was split from, if possible.")
    ]
);

request! {
    struct LineRequest of LINE {
        pk: ItemKey,
        quantity: Quantity,
        batch: String,
        status: Option<i64>,
        packaging: String,
        merge: Sent<bool>,
    } without []
}

request! {
    struct CountRequest of COUNT {
        items: Vec<LineRequest>,
        notes: String,
        location: Option<LocationKey>,
    } without []
}

request! {
    struct AddRequest of ADD {
        items: Vec<LineRequest>,
        notes: String,
    } without []
}

request! {
    struct RemoveRequest of REMOVE {
        items: Vec<LineRequest>,
        notes: String,
    } without []
}

request! {
    struct TransferRequest of TRANSFER {
        items: Vec<LineRequest>,
        notes: String,
        location: LocationKey,
    } without []
}

request! {
    struct ReturnRequest of RETURN {
        items: Vec<LineRequest>,
        notes: String,
        location: LocationKey,
        merge: bool,
    } without []
}

/// What all of these ask for.
struct Adjustment {
    items: Vec<LineRequest>,
    fields: RequestFields,
}

impl From<CountRequest> for Adjustment {
    fn from(request: CountRequest) -> Self {
        let fields = RequestFields { location: request.location, notes: request.notes, merge: false };
        Adjustment { items: request.items, fields }
    }
}

impl From<AddRequest> for Adjustment {
    fn from(request: AddRequest) -> Self {
        Adjustment {
            items: request.items,
            fields: RequestFields { location: None, notes: request.notes, merge: false },
        }
    }
}

impl From<RemoveRequest> for Adjustment {
    fn from(request: RemoveRequest) -> Self {
        Adjustment {
            items: request.items,
            fields: RequestFields { location: None, notes: request.notes, merge: false },
        }
    }
}

impl From<TransferRequest> for Adjustment {
    fn from(request: TransferRequest) -> Self {
        let fields = RequestFields { location: Some(request.location), notes: request.notes, merge: false };
        Adjustment { items: request.items, fields }
    }
}

impl From<ReturnRequest> for Adjustment {
    fn from(request: ReturnRequest) -> Self {
        let fields = RequestFields { location: Some(request.location), notes: request.notes, merge: request.merge };
        Adjustment { items: request.items, fields }
    }
}

type Run = fn(&mut Context<'_>, &Args) -> Result<Answer>;

const fn adjustment(path: &'static str, id: &'static str, view: &'static View, run: Run, help: &'static str) -> Action {
    action(Method::Post, path, id, Access::Right("stock_stockitem", Permission::Add), run)
        .request(Shape::Object(view))
        .response(201, Shape::Object(view))
        .help(help)
}

pub(super) static COUNT_ACTION: Action = adjustment(
    "/api/stock/count/",
    "stock_count_create",
    &COUNT,
    |ctx, _| adjust::<CountRequest>(ctx, Stock::Held, count),
    "Sets the quantities of stock items to the counted values.",
);
pub(super) static ADD_ACTION: Action = adjustment(
    "/api/stock/add/",
    "stock_add_create",
    &ADD,
    |ctx, _| adjust::<AddRequest>(ctx, Stock::Held, add),
    "Adds to the quantities of stock items.",
);
pub(super) static REMOVE_ACTION: Action = adjustment(
    "/api/stock/remove/",
    "stock_remove_create",
    &REMOVE,
    |ctx, _| adjust::<RemoveRequest>(ctx, Stock::Held, remove),
    "Removes from the quantities of stock items.",
);
pub(super) static TRANSFER_ACTION: Action = adjustment(
    "/api/stock/transfer/",
    "stock_transfer_create",
    &TRANSFER,
    |ctx, _| adjust::<TransferRequest>(ctx, Stock::HeldSome, transfer),
    "Moves stock items, or parts of them, to a location.",
);
pub(super) static RETURN_ACTION: Action = adjustment(
    "/api/stock/return/",
    "stock_return_create",
    &RETURN,
    |ctx, _| adjust::<ReturnRequest>(ctx, Stock::AwaySome, take_back),
    "Returns stock items that were sold, installed, or consumed to stock.",
);

/// Which items an action is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stock {
    /// On hand; a quantity of nothing is possible.
    Held,
    /// On hand, and some of it.
    HeldSome,
    /// Not in stock, and some of it.
    AwaySome,
}

/// One line of a request.
struct Line {
    row: usize,
    key: ItemKey,
    quantity: Quantity,
    with: With,
    merge: bool,
    /// Whether the line leaves that to the settings.
    merge_unsaid: bool,
}

/// What a whole request says beside its lines.
struct RequestFields {
    location: Option<LocationKey>,
    notes: String,
    merge: bool,
}

type Work = fn(&mut Ledger<'_>, &RequestFields, &[Line], &mut RowFaults) -> Result<()>;

/// Reads the lines, does the work over a ledger, and answers with what was asked for.
fn adjust<R: Request + Into<Adjustment>>(ctx: &mut Context<'_>, stock: Stock, work: Work) -> Result<Answer> {
    let (request, form) = R::read_form(ctx)?;
    let Adjustment { items, fields } = request.into();
    if items.is_empty() {
        return Err(Error::non_field("A list of stock items is required."));
    }
    let count = items.len();
    let mut lines: Vec<Line> =
        items.into_iter().enumerate().map(|(row, line)| read_line(row, line, &fields.notes)).collect();
    // items are always taken in the same order, and the answer names them in it
    lines.sort_by_key(|line| line.key);
    let keys: Vec<ItemKey> = lines.iter().map(|line| line.key).collect();
    let snapshot = crate::platform::state::snapshot(ctx)?;
    let anywhere = snapshot.settings.bool(keys::STOCK_ALLOW_OUT_OF_STOCK_TRANSFER);
    if snapshot.settings.bool(keys::STOCK_MERGE_ON_TRANSFER) {
        lines.iter_mut().for_each(|line| line.merge |= line.merge_unsaid);
    }
    let foreign = owner::foreign(ctx, &keys)?;
    let mut faults = RowFaults::new("items", count);
    let user = caller_key(ctx);
    let mut ledger = Ledger::open(ctx.conn, user, &keys)?;
    if let Some(location) = fields.location {
        ledger.check_location(location)?;
    }
    for line in &lines {
        if foreign.contains(&line.key) {
            faults.add(line.row, "pk", owner::FOREIGN);
        }
        if let Some(why) = unfit(ledger.item(line.key)?, stock, anywhere) {
            faults.add(line.row, "pk", why);
        }
        if line.quantity.is_negative() || (line.quantity.is_zero() && stock != Stock::Held) {
            faults.add(line.row, "quantity", "Quantity must be greater than zero.");
        }
    }
    if faults.any() {
        return faults.check().map(|()| Answer::empty());
    }
    work(&mut ledger, &fields, &lines, &mut faults)?;
    faults.check()?;
    let gone = ledger.close()?;
    let mut body = form.echo(R::VIEW);
    if let Some(items) = body["items"].as_array_mut() {
        items.sort_by_key(|item| item["pk"].as_i64());
        for item in
            items.iter_mut().filter(|item| item["pk"].as_i64().is_some_and(|key| gone.contains(&ItemKey::from_id(key))))
        {
            item["pk"] = serde_json::Value::Null;
        }
    }
    Ok(Answer::json(201, &body))
}

fn read_line(row: usize, line: LineRequest, notes: &str) -> Line {
    let with = With {
        status: line.status,
        batch: Some(line.batch).filter(|text| !text.is_empty()),
        packaging: Some(line.packaging).filter(|text| !text.is_empty()),
        ..With::notes(notes)
    };
    let merge_unsaid = line.merge == Sent::Not;
    Line { row, key: line.pk, quantity: line.quantity, with, merge: line.merge.value().unwrap_or(false), merge_unsaid }
}

/// Why an action cannot be about an item.
pub(super) fn unfit(item: &Item, stock: Stock, anywhere: bool) -> Option<&'static str> {
    let away = item.sales_order.is_some()
        || item.belongs_to.is_some()
        || item.customer.is_some()
        || item.consumed_by.is_some();
    match stock {
        Stock::Held if away && !anywhere => Some("This stock item is not in stock."),
        Stock::HeldSome if (away || !item.quantity.is_positive()) && !anywhere => {
            Some("This stock item is not in stock.")
        }
        Stock::AwaySome if item.is_in_stock() => Some("This stock item is already in stock."),
        _ => None,
    }
}

/// Does something for each line and puts what is refused where it belongs.
fn each(lines: &[Line], faults: &mut RowFaults, mut work: impl FnMut(&Line) -> Result<()>) -> Result<()> {
    for line in lines {
        if let Err(error) = work(line) {
            faults.take(line.row, error, ["item", "pk"])?;
        }
    }
    Ok(())
}

fn count(ledger: &mut Ledger<'_>, fields: &RequestFields, lines: &[Line], faults: &mut RowFaults) -> Result<()> {
    each(lines, faults, |line| {
        ledger.count(line.key, Count { quantity: line.quantity, location: fields.location }, &line.with)
    })
}

fn add(ledger: &mut Ledger<'_>, _: &RequestFields, lines: &[Line], faults: &mut RowFaults) -> Result<()> {
    each(lines, faults, |line| match line.quantity {
        Quantity::ZERO => Ok(()),
        quantity => ledger.add(line.key, quantity, &line.with),
    })
}

fn remove(ledger: &mut Ledger<'_>, _: &RequestFields, lines: &[Line], faults: &mut RowFaults) -> Result<()> {
    each(lines, faults, |line| match line.quantity {
        Quantity::ZERO => Ok(()),
        quantity => ledger.take(line.key, quantity, HistoryCode::STOCK_REMOVE, &line.with),
    })
}

fn transfer(ledger: &mut Ledger<'_>, fields: &RequestFields, lines: &[Line], faults: &mut RowFaults) -> Result<()> {
    let Some(location) = fields.location else { return Ok(()) };
    let mut hosts = Hosts::find(ledger, lines, location)?;
    let new =
        lines.iter().filter(|line| !line.merge && ledger.item(line.key).is_ok_and(|i| i.quantity > line.quantity));
    let new = new.count();
    ledger.expect_new(new)?;
    each(lines, faults, |line| {
        if line.merge
            && let Some(target) = hosts.of(ledger, line)?
        {
            return join(ledger, line, target, location);
        }
        ledger.transfer(line.key, line.quantity, location, &line.with).map(|_| ())
    })
}

/// Adds what a line moves to equal stock at its destination.
fn join(ledger: &mut Ledger<'_>, line: &Line, target: ItemKey, location: LocationKey) -> Result<()> {
    let item = ledger.item(line.key)?;
    let mut moved = Deltas::new();
    moved.insert("stockitem".into(), line.key.into());
    moved.insert("location".into(), location.into());
    for (name, text) in [("batch", &line.with.batch), ("packaging", &line.with.packaging)] {
        if let Some(text) = text {
            moved.insert(name.into(), text.as_str().into());
        }
    }
    if let Some(status) = line.with.status {
        moved.insert("status".into(), status.into());
    }
    let notes = With::notes(&line.with.notes);
    if line.quantity == item.quantity {
        ledger.merge(target, &[line.key], Some(location), Allowances::default(), &notes, moved)
    } else {
        ledger.pour(line.key, line.quantity, target, Some(location), &notes, moved)
    }
}

/// Stock at a destination that others can be merged into.
struct Hosts {
    /// By part, in the order of their keys.
    of_part: BTreeMap<PartKey, Vec<ItemKey>>,
    /// Items in which others are installed stay apart.
    holders: Vec<ItemKey>,
}

selected! {
    /// An item that other items of its part can be merged into.
    struct Host {
        item: ItemKey = "s.id",
        part: PartKey = "s.part",
    }
}

impl Hosts {
    /// Two statements, however many lines there are; none where nothing is to be merged.
    fn find(ledger: &mut Ledger<'_>, lines: &[Line], location: LocationKey) -> Result<Self> {
        let mut hosts = Hosts { of_part: BTreeMap::new(), holders: Vec::new() };
        let merged: Vec<ItemKey> = lines.iter().filter(|l| l.merge).map(|l| l.key).collect();
        let mut parts: Vec<PartKey> = merged.iter().filter_map(|key| ledger.item(*key).ok()).map(|i| i.part).collect();
        parts.sort_unstable();
        parts.dedup();
        let sql = "SELECT i.belongs_to FROM stock_stockitem i WHERE i.belongs_to IN ({keys})";
        ledger.conn.of_keys(sql, &merged, |row| hosts.holders.push(row.cell(0)))?;
        let from = fragment!(
            "FROM stock_stockitem s WHERE s.part IN ({{keys}}) AND s.location = {location} \
             AND COALESCE(s.serial, '') = '' AND NOT s.is_building AND s.sales_order IS NULL AND s.customer IS NULL \
             AND s.belongs_to IS NULL AND s.consumed_by IS NULL \
             AND NOT EXISTS (SELECT 1 FROM stock_stockitem i WHERE i.belongs_to = s.id) ORDER BY s.id"
        );
        let found: Vec<Host> = selected::among(ledger.conn, &from, &parts)?;
        ledger.load(&found.iter().map(|host| host.item).collect::<Vec<_>>())?;
        for Host { item, part } in found {
            hosts.of_part.entry(part).or_default().push(item);
        }
        Ok(hosts)
    }

    /// The item that takes over what a line moves: one of the same batch before others.
    fn of(&mut self, ledger: &Ledger<'_>, line: &Line) -> Result<Option<ItemKey>> {
        let item = ledger.item(line.key)?;
        if self.holders.contains(&line.key) || line.quantity > item.quantity {
            return Ok(None);
        }
        let fits = |key: &&ItemKey| {
            let same =
                |host: &Item| line.with.status.is_none_or(|s| s == host.shown_status() || s == host.status.key());
            ledger.item(**key).is_ok_and(same) && ledger.check_merge(**key, line.key, Allowances::default()).is_ok()
        };
        let hosts = self.of_part.get(&item.part).map_or(&[][..], Vec::as_slice);
        let batch = item.batch.as_deref().unwrap_or_default();
        let same = hosts
            .iter()
            .filter(fits)
            .find(|key| !batch.is_empty() && ledger.item(**key).is_ok_and(|host| host.batch.as_deref() == Some(batch)));
        Ok(same.or_else(|| hosts.iter().find(fits)).copied())
    }
}

fn take_back(ledger: &mut Ledger<'_>, fields: &RequestFields, lines: &[Line], faults: &mut RowFaults) -> Result<()> {
    if fields.merge {
        let parents: Vec<ItemKey> = lines.iter().filter_map(|line| ledger.item(line.key).ok()?.parent).collect();
        ledger.load(&parents)?;
    }
    let parts = lines.iter().filter(|line| ledger.item(line.key).is_ok_and(|item| item.quantity > line.quantity));
    let parts = parts.count();
    ledger.expect_new(parts)?;
    each(lines, faults, |line| {
        let parent = ledger.item(line.key)?.parent;
        let quantity = Some(line.quantity);
        let back = ledger.take_back(line.key, quantity, fields.location, HistoryCode::RETURNED_TO_STOCK, &line.with)?;
        let Some(parent) = parent.filter(|_| fields.merge && !ledger.item(back).is_ok_and(Item::is_serialised)) else {
            return Ok(());
        };
        let home = ledger.item(parent).is_ok_and(|p| p.location == fields.location);
        if home && ledger.check_merge(parent, back, Allowances::default()).is_ok() {
            let with = With::notes(&fields.notes);
            ledger.merge(parent, &[back], fields.location, Allowances::default(), &with, Deltas::new())?;
        }
        Ok(())
    })
}
