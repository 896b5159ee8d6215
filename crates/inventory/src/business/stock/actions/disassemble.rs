//! Disassembling a stock item into the components of its bill of materials.

use std::collections::{BTreeMap, BTreeSet};

use ironwood_base::amount::Exact;
use ironwood_base::status::{HistoryCode, StockStatus};
use ironwood_base::{Error, Key, Money, Quantity, Result};
use ironwood_rest::below;
use ironwood_rest::context::Context;
use ironwood_rest::form::RowFaults;
use ironwood_rest::http::Answer;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Action, Args, Shape};
use ironwood_rest::table::ColumnType;
use ironwood_rest::view::{INT, TEXT, Type, View, input, value};
use ironwood_rest::{request, selected};
use ironwood_store::{Connection, fragment};

use super::super::kernel::{Deltas, Item, Ledger};
use super::super::{history, item, owner};
use super::adjust::AMOUNT;
use crate::business::bom::lines::allowed_parts;
use crate::platform::settings::keys;
use crate::schema::bom::BOM_ITEM;
use crate::schema::keys::*;
use crate::schema::stock::LOCATION;

/// No price of a component reaches this.
const MOST: Money = Money::of(1_000_000_000_000);

const PRICE: Type = Type::Of(ColumnType::Decimal { places: 6, digits: 19 });

static LINE: View = View::plain(
    "DisassemblyLine",
    &[
        input("bom_item", INT).links(&BOM_ITEM).required().label("BOM item").help("Line of the bill of materials."),
        input("quantity", AMOUNT).as_text().required().help("Total quantity of the component."),
        input("location", INT)
            .links(&LOCATION)
            .nullable()
            .help("Destination of the component. Default: the common destination."),
        input("status", INT).chosen_from("StockStatus").help("Status of the component."),
        input("purchase_price", PRICE)
            .money()
            .nullable()
            .help("Unit price of the component. Default: a share of the item's price."),
        input("purchase_price_currency", TEXT).label("Currency").chosen_from("currency").help("Currency of the price."),
    ],
);

static VIEW: View = View::plain(
    "DisassembleStockItem",
    &[
        value("items", Type::List(&LINE)).writable().required().help("Components to recover."),
        input("quantity", AMOUNT).as_text().required().help("Quantity to disassemble."),
        input("location", INT)
            .links(&LOCATION)
            .nullable()
            .help("Destination location. Default: the location of the item."),
        input("notes", TEXT).max(512).help("Note to record in the stock history."),
    ],
);

request! {
    struct LineRequest of LINE {
        bom_item: BomItemKey,
        quantity: Quantity,
        location: Option<LocationKey>,
        status: Option<i64>,
        purchase_price: Option<Money>,
        purchase_price_currency: String,
    } without []
}

request! {
    struct DisassembleRequest of VIEW {
        items: Vec<LineRequest>,
        quantity: Quantity,
        location: Option<LocationKey>,
        notes: String,
    } without []
}

pub(super) static DISASSEMBLE: Action =
    super::on_item("/api/stock/{id}/disassemble/", "stock_disassemble_create", disassemble)
        .request(Shape::Object(&VIEW))
        .response(201, Shape::List(&item::VIEW))
        .help(
            "Disassembles a stock item. Installed items are removed, and components of its bill of materials are \
            added to stock.",
        );

/// A line of the request with what is known of it.
struct Line {
    bom_item: BomItemKey,
    part: PartKey,
    /// Still to be made of it.
    quantity: Quantity,
    location: Option<LocationKey>,
    status: Option<i64>,
    price: Option<Money>,
    currency: String,
    /// Twice the middle of its part's price range, 0 where none is known.
    worth: Money,
}

fn disassemble(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let key = super::key(args)?;
    let sql = "SELECT 1 FROM stock_stockitem WHERE id = $1";
    ctx.conn.one(sql, &[key.into()])?.ok_or(Error::NotFound)?;
    let request = DisassembleRequest::read(ctx)?;
    check_amounts(&request)?;
    owner::check_items(ctx, &[key])?;
    let user = caller_key(ctx);
    let currency = crate::platform::state::snapshot(ctx)?.settings.text(keys::INVENTREE_DEFAULT_CURRENCY).to_owned();
    let mut ledger = Ledger::open(ctx.conn, user, &[key])?;
    let item = ledger.item(key)?.clone();
    let quantity = request.quantity;
    if quantity > item.quantity {
        return Err(Error::field("quantity", "Quantity must not exceed the available quantity."));
    }
    if !item.is_in_stock() {
        return Err(Error::non_field("This stock item is not in stock."));
    }
    let mut lines = lines(ledger.conn, item.part, &request.items, &currency)?;
    if item.is_serialised() && quantity != item.quantity {
        return Err(Error::field("quantity", "An item with a serial number can only be disassembled as a whole."));
    }
    let places = lines.iter().map(|l| l.location).chain([request.location]).flatten();
    for place in places.collect::<BTreeSet<LocationKey>>() {
        ledger.check_location(place)?;
    }
    let place = request.location.or(item.location);
    let notes = request.notes.as_str();
    let mut out = take_out(&mut ledger, key, quantity == item.quantity, &mut lines, place, notes)?;
    share_price(&item, quantity, &mut lines);
    out.extend(make(&mut ledger, &item, &lines, place, notes)?);
    use_up(&mut ledger, &item, quantity, notes)?;
    ledger.close()?;
    super::made(ctx, &out)
}

fn check_amounts(request: &DisassembleRequest) -> Result<()> {
    const NEEDED: &str = "Quantity must be greater than zero.";
    let rows = &request.items;
    let mut faults = RowFaults::new("items", rows.len());
    for (i, row) in rows.iter().enumerate() {
        if !row.quantity.is_positive() {
            faults.add(i, "quantity", NEEDED);
        }
        if row.purchase_price.is_some_and(Money::is_negative) {
            faults.add(i, "purchase_price", "Price must not be negative.");
        }
    }
    faults.check()?;
    if !request.quantity.is_positive() {
        return Err(Error::field("quantity", NEEDED));
    }
    if rows.is_empty() { Err(Error::non_field("At least one line is required.")) } else { Ok(()) }
}

selected! {
    /// A line of a bill of materials, and what its component is worth.
    struct Known {
        bom_item: BomItemKey = "m.id",
        part: PartKey = "m.sub_part",
        low: Money = "p.overall_min",
        high: Money = "p.overall_max",
    }
}

/// The lines of the request: each names another line of the part's bill of materials, own or inherited,
/// that asks for real parts.
fn lines(conn: &mut Connection, part: PartKey, rows: &[LineRequest], currency: &str) -> Result<Vec<Line>> {
    let keys: Vec<BomItemKey> = rows.iter().map(|row| row.bom_item).collect();
    let from = fragment!(
        "FROM part_bomitem m JOIN part_part o ON o.id = m.part JOIN part_part a ON a.id = {part} JOIN part_part u ON u.id = m.sub_part \
         LEFT JOIN part_partpricing p ON p.part = u.id WHERE m.id IN ({{keys}}) AND NOT u.virtual \
         AND NOT m.consumable AND NOT u.consumable \
         AND (m.part = a.id OR (m.inherited AND {below}))",
        below = below!("a", "o")
    );
    let known = selected::among::<Known>(conn, &from, &keys)?.into_iter().map(|Known { bom_item, part, low, high }| {
        let known_of =
            if low.is_positive() && high.is_positive() { (low, high) } else { (low.max(high), low.max(high)) };
        (bom_item, (part, known_of.0.saturating_add(known_of.1)))
    });
    let known: BTreeMap<BomItemKey, (PartKey, Money)> = known.collect();
    let mut lines: Vec<Line> = Vec::with_capacity(rows.len());
    for row in rows {
        let bom_item = row.bom_item;
        let Some((part, worth)) = known.get(&bom_item).copied() else {
            return Err(Error::non_field("A line does not belong to the bill of materials of this part."));
        };
        if lines.iter().any(|line| line.bom_item == bom_item) {
            return Err(Error::non_field("A line of the bill of materials is listed more than once."));
        }
        let given = row.purchase_price_currency.as_str();
        lines.push(Line {
            bom_item,
            part,
            quantity: row.quantity,
            location: row.location,
            status: row.status,
            price: row.purchase_price,
            currency: if given.is_empty() { currency } else { given }.to_owned(),
            worth,
        });
    }
    Ok(lines)
}

/// Takes out what is installed; it counts for the line that it fits.
fn take_out(
    ledger: &mut Ledger<'_>,
    key: ItemKey,
    whole: bool,
    lines: &mut [Line],
    place: Option<LocationKey>,
    notes: &str,
) -> Result<Vec<ItemKey>> {
    let sql = "SELECT id FROM stock_stockitem WHERE belongs_to = $1 ORDER BY id";
    let inside: Vec<ItemKey> = ledger.conn.rows(sql, &[key.into()])?.iter().map(|row| row.cell(0)).collect();
    if inside.is_empty() {
        return Ok(inside);
    }
    if !whole {
        return Err(Error::field("quantity", "An item with installed items can only be disassembled as a whole."));
    }
    ledger.load(&inside)?;
    let fitting = fitting(ledger.conn, lines)?;
    for installed in &inside {
        let (part, quantity) = {
            let item = ledger.item(*installed)?;
            (item.part, item.quantity)
        };
        let line = fitting.get(&part).and_then(|bom| lines.iter_mut().find(|l| l.bom_item == *bom));
        let (mut to, mut status) = (place, None);
        if let Some(line) = line {
            line.quantity = line.quantity.saturating_sub(quantity).max(Quantity::ZERO);
            to = line.location.or(place);
            status = line.status;
        }
        if let Some(status) = status {
            let mut deltas = Deltas::new();
            ledger.set_status(*installed, status, &mut deltas)?;
            if !deltas.is_empty() {
                ledger.record(*installed, HistoryCode::EDITED, deltas, notes)?;
            }
        }
        ledger.uninstall(*installed, to, notes)?;
    }
    Ok(inside)
}

/// For each part that a line can be made of (its own, variants where allowed, substitutes): the line, the
/// first one where several are possible.
fn fitting(conn: &mut Connection, lines: &[Line]) -> Result<BTreeMap<PartKey, BomItemKey>> {
    let keys: Vec<BomItemKey> = lines.iter().map(|line| line.bom_item).collect();
    let allowed = allowed_parts(conn, &keys)?;
    let mut found = BTreeMap::new();
    for line in keys {
        for part in allowed.get(&line).into_iter().flatten() {
            found.entry(*part).or_insert(line);
        }
    }
    Ok(found)
}

/// Shares the price of the item out among what is made of it, by what the parts are worth; evenly by
/// quantity where that is not known of all of them. Prices that were given stand.
fn share_price(item: &Item, quantity: Quantity, lines: &mut [Line]) {
    let Some(price) = item.purchase_price.filter(|p| p.is_positive()) else { return };
    if lines.iter().any(|line| line.price.is_some()) {
        return;
    }
    let valued = lines.iter().all(|line| line.worth.is_positive());
    let weight = |line: &Line| if valued { line.worth } else { Money::ONE };
    let total =
        lines.iter().fold(Exact::ZERO, |sum: Exact<_, _>, line| sum.saturating_add(weight(line).exact(line.quantity)));
    let cost = price.exact(quantity);
    for line in lines.iter_mut().filter(|line| line.quantity.is_positive()) {
        line.price = cost.share(weight(line), total).filter(|price| *price < MOST);
        line.currency.clone_from(&item.purchase_price_currency);
    }
}

/// Makes an item for each line of which something is left to be made.
fn make(
    ledger: &mut Ledger<'_>,
    item: &Item,
    lines: &[Line],
    place: Option<LocationKey>,
    notes: &str,
) -> Result<Vec<ItemKey>> {
    let lines: Vec<&Line> = lines.iter().filter(|line| line.quantity.is_positive()).collect();
    ledger.expect_new(lines.len())?;
    let mut made = Vec::with_capacity(lines.len());
    for line in lines {
        let location = line.location.or(place);
        let mut new = Item {
            location,
            parent: Some(item.id),
            batch: item.batch.clone(),
            purchase_order: item.purchase_order,
            purchase_price: line.price,
            purchase_price_currency: line.currency.clone(),
            ..ledger.fresh(line.part, line.quantity)?
        };
        if let Some(status) = line.status {
            new.status = ledger.logical_status(status)?;
            new.status_custom_key = (new.status.key() != status).then_some(status);
        }
        let new = ledger.insert(new)?;
        let mut deltas = Deltas::new();
        deltas.insert("stockitem".into(), item.id.into());
        deltas.insert("quantity".into(), history::quantity(line.quantity));
        let named: [(&str, Option<AnyKey>); 3] = [
            ("buildorder", item.build.map(Key::general)),
            ("purchaseorder", item.purchase_order.map(Key::general)),
            ("location", location.map(Key::general)),
        ];
        for (name, key) in named {
            if let Some(key) = key {
                deltas.insert(name.into(), key.into());
            }
        }
        ledger.record(new, HistoryCode::CREATED_FROM_DISASSEMBLY, deltas, notes)?;
        made.push(new);
    }
    Ok(made)
}

/// The item stays, with nothing left of it, for its history; one with a serial number counts as destroyed.
fn use_up(ledger: &mut Ledger<'_>, item: &Item, quantity: Quantity, notes: &str) -> Result<()> {
    let mut deltas = Deltas::new();
    deltas.insert("removed".into(), history::quantity(quantity));
    if item.is_serialised() {
        deltas.insert("status".into(), StockStatus::DESTROYED.key().into());
        deltas.insert("old_status".into(), item.status.key().into());
        let changed = ledger.item_mut(item.id)?;
        changed.status = StockStatus::DESTROYED;
        changed.status_custom_key = None;
    } else {
        let left = item.quantity - quantity;
        ledger.check_whole(item.part, left)?;
        deltas.insert("quantity".into(), history::quantity(left));
        ledger.item_mut(item.id)?.quantity = left;
    }
    ledger.record(item.id, HistoryCode::DISASSEMBLED, deltas, notes)
}
