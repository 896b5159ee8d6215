//! What a supplier delivers becomes stock: one transaction, and a number of statements that hardly depends on
//! how many lines it is about.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use ironwood_base::error::Fields;
use ironwood_base::status::{BuildStatus, HistoryCode, OrderStatus};
use ironwood_base::{Error, Money, PackSize, Quantity, Result};
use ironwood_rest::bulk::{self, Assignment};
use ironwood_rest::selected;
use ironwood_store::{Connection, Value, fragment};
use serde_json::{Map, Value as Json};

use super::moves::is_outstanding;
use crate::business::company::pack;
use crate::business::order::order_type::PURCHASE;
use crate::business::order::states;
use crate::business::stock::kernel::{self, Deltas, Item, Ledger, is_in_range};
use crate::platform::common::barcode_hash as hash;
use crate::platform::exchange::rates::Rates;
use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::schema::keys::*;
use crate::schema::purchasing as schema;

/// What has come of one line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arrival {
    pub line: PurchaseLineKey,
    /// How many, in the supplier's packs.
    pub packs: Quantity,
    /// Where it goes; `None`: where the line says.
    pub location: Option<LocationKey>,
    /// Its condition, built-in or an administrator's own.
    pub status: i64,
    pub batch: String,
    pub expiry_date: Option<String>,
    /// Serial numbers as people type them; empty: none.
    pub serial_numbers: String,
    /// How it is packed; empty: as the supplier says.
    pub packaging: String,
    pub notes: String,
    /// A barcode for the new item; empty: none.
    pub barcode: String,
    /// Whether more may come than is outstanding.
    pub allow_over_receipt: bool,
}

/// What the field says by which more is received than is outstanding.
pub(crate) const OVER_RECEIPT_HELP: &str = "Allow receiving more than the outstanding quantity.";

/// What came of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Receipt {
    /// The new stock items.
    pub items: Vec<ItemKey>,
}

selected! {
    /// A line with everything that receiving needs to know.
    struct Line {
        id: PurchaseLineKey = "l.id",
        order: PurchaseOrderKey = "l.\"order\"",
        quantity: Quantity = "l.quantity",
        received: Quantity = "l.received",
        price: Option<Money> = "NULLIF(l.purchase_price, 0)",
        currency: String = "l.purchase_price_currency",
        destination: Option<LocationKey> = "COALESCE(l.destination, o.destination, p.default_location, b.destination)",
        supplier_part: Option<SupplierPartKey> = "s.id",
        part: Option<PartKey> = "s.part",
        pack: Option<PackSize> = "s.pack_quantity_native",
        packaging: Option<String> = "s.packaging",
        is_virtual: bool = "COALESCE(p.virtual, FALSE)",
        family: i64 = "p.tree_id",
        build: Option<BuildKey> = "b.id",
        build_external: bool = "COALESCE(b.external, FALSE)",
        build_part: Option<PartKey> = "b.part",
        build_status: Option<BuildStatus> = "b.status",
    }
}

const LINES: &str = "FROM order_purchaseorderlineitem l JOIN order_purchaseorder o ON o.id = l.\"order\" \
    LEFT JOIN company_supplierpart s ON s.id = l.part LEFT JOIN part_part p ON p.id = s.part \
    LEFT JOIN build_build b ON b.id = l.build_order WHERE l.id IN ({keys})";

impl Line {
    /// Pieces in a pack.
    fn size(&self) -> PackSize {
        self.pack.filter(|size| size.is_positive()).unwrap_or(PackSize::ONE)
    }

    /// The build order that the line is for, unless it is in this state.
    fn build_but(&self, status: BuildStatus) -> Option<BuildKey> {
        self.build.filter(|_| self.build_status != Some(status))
    }
}

/// How much of a line has come.
pub(super) const RECEIVED: Assignment = bulk::set(&schema::LINE, schema::Line::received);

/// Takes in what has come of an order's lines. More than is outstanding is received only where the arrival allows it.
///
/// # Errors
/// 404 for an order that is not there; 400 where it is not placed, or something cannot be received: faults of
/// one arrival stand below `items`, in the arrivals' order. Nothing is received then.
pub(crate) fn receive(
    conn: &mut Connection,
    user: UserKey,
    order: PurchaseOrderKey,
    arrivals: &[Arrival],
) -> Result<Receipt> {
    let sql = fragment!("SELECT o.status FROM order_purchaseorder o WHERE o.id = $1{}", conn.backend().for_update("o"));
    let status: OrderStatus = conn.one(&sql, &[order.into()])?.ok_or(Error::NotFound)?.cell(0);
    if arrivals.is_empty() {
        return Err(Error::non_field("Select at least one line to receive."));
    }
    let mut faults = Faults::new(arrivals.len());
    let mut lines = load(conn, arrivals)?;
    check(conn, order, arrivals, &lines, &mut faults)?;
    let serials = read_serials(conn, arrivals, &lines, &mut faults)?;
    faults.check()?;
    no_doubles(arrivals, &lines, &serials)?;
    if status != PURCHASE.issued {
        return Err(Error::non_field("Items can only be received on an issued order."));
    }
    let made = stock(conn, user, order, arrivals, &lines, &serials)?;
    let mut keys: BTreeSet<PurchaseLineKey> = BTreeSet::new();
    for arrival in arrivals {
        let Some(line) = lines.get_mut(&arrival.line) else { continue };
        let sum = line.received.checked_add(arrival.packs).filter(|sum| is_in_range(*sum));
        line.received = sum.ok_or_else(|| Error::field("quantity", "Quantity is too large to receive."))?;
        keys.insert(arrival.line);
    }
    let received: Vec<(PurchaseLineKey, Quantity)> =
        keys.iter().filter_map(|key| Some((*key, lines.get(key)?.received))).collect();
    bulk::update_one(conn, RECEIVED, received)?;
    made_by_builds(conn, arrivals, &lines)?;
    let settings = Settings::load(conn)?;
    let completed = settings.bool(keys::PURCHASEORDER_AUTO_COMPLETE) && !is_outstanding(conn, order)?;
    if completed {
        conn.execute(
            "UPDATE order_purchaseorder SET received_by = $2 WHERE id = $1",
            &[order.into(), user.known().into()],
        )?;
        states::put(conn, &PURCHASE, order.general(), OrderStatus::COMPLETE, PURCHASE.completed)?;
    }
    Ok(Receipt { items: made.into_iter().flatten().collect() })
}

fn load(conn: &mut Connection, arrivals: &[Arrival]) -> Result<HashMap<PurchaseLineKey, Line>> {
    let keys: Vec<PurchaseLineKey> = arrivals.iter().map(|a| a.line).collect::<BTreeSet<_>>().into_iter().collect();
    let from = fragment!("{LINES}{}", conn.backend().for_update("l"));
    Ok(selected::among::<Line>(conn, &from, &keys)?.into_iter().map(|line| (line.id, line)).collect())
}

/// Messages on arrivals, each below its own.
struct Faults(Vec<Fields>);

impl Faults {
    fn new(count: usize) -> Self {
        Faults(vec![Fields::new(); count])
    }

    fn add(&mut self, at: usize, field: &str, message: &str) {
        if let Some(fields) = self.0.get_mut(at) {
            fields.add(field, message);
        }
    }

    /// Takes over what was refused of one arrival; anything else ends the whole.
    fn take<T>(&mut self, at: usize, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Error::Invalid(found)) => {
                if let Json::Object(found) = found.json() {
                    for (field, messages) in found {
                        for message in messages.as_array().into_iter().flatten().filter_map(Json::as_str) {
                            self.add(at, &field, message);
                        }
                    }
                }
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    fn check(self) -> Result<()> {
        if self.0.iter().all(Fields::is_empty) {
            return Ok(());
        }
        let mut fields = Fields::new();
        fields.nest("items", Json::Array(self.0.iter().map(Fields::json).collect()));
        Err(Error::Invalid(fields))
    }
}

fn check(
    conn: &mut Connection,
    order: PurchaseOrderKey,
    arrivals: &[Arrival],
    lines: &HashMap<PurchaseLineKey, Line>,
    faults: &mut Faults,
) -> Result<()> {
    let barcodes: Vec<&str> = arrivals.iter().map(|a| a.barcode.as_str()).filter(|b| !b.is_empty()).collect();
    let hashes: Vec<String> = barcodes.iter().map(|b| hash::of(b)).collect();
    if hashes.iter().collect::<HashSet<_>>().len() < hashes.len() {
        return Err(Error::non_field("Barcodes must be unique."));
    }
    let taken = if hashes.is_empty() { Vec::new() } else { hash::taken(conn, &hashes)? };
    let mut received: HashMap<PurchaseLineKey, Quantity> = HashMap::new();
    for (i, arrival) in arrivals.iter().enumerate() {
        let Some(line) = lines.get(&arrival.line) else {
            faults.add(i, "line_item", "This line does not exist.");
            continue;
        };
        if !arrival.packs.is_positive() {
            faults.add(i, "quantity", "Quantity must be greater than zero.");
        }
        let received = received.entry(arrival.line).or_insert(line.received);
        let outstanding = line.quantity.saturating_sub(*received).max(Quantity::ZERO);
        *received = received.saturating_add(arrival.packs.max(Quantity::ZERO));
        if arrival.packs > outstanding && !arrival.allow_over_receipt {
            faults.add(i, "quantity", &over_receipt(outstanding));
        }
        if !arrival.barcode.is_empty() && taken.contains(&hash::of(&arrival.barcode)) {
            faults.add(i, "barcode", "This barcode is already in use.");
        }
        if line.order != order {
            return Err(Error::non_field("A line belongs to another order."));
        }
        let Some(part) = line.part else {
            return Err(Error::non_field("The part of a line no longer exists."));
        };
        if line.is_virtual && !arrival.serial_numbers.is_empty() {
            return Err(Error::non_field("A virtual part cannot have serial numbers."));
        }
        if !line.is_virtual && arrival.location.or(line.destination).is_none() {
            return Err(Error::field("location", "Location is required."));
        }
        if line.build.is_some() {
            if !line.build_external {
                return Err(Error::non_field("The build order of a line is not external."));
            }
            if line.build_part != Some(part) {
                return Err(Error::non_field("The build order of a line is for another part."));
            }
        }
    }
    Ok(())
}

/// What is said where more has come than is outstanding.
fn over_receipt(outstanding: Quantity) -> String {
    let shown = crate::business::stock::history::quantity(outstanding);
    format!("Only {shown} of this line are outstanding. Set `allow_over_receipt` to receive more.")
}

/// Serial numbers of each arrival; none may be taken.
fn read_serials(
    conn: &mut Connection,
    arrivals: &[Arrival],
    lines: &HashMap<PurchaseLineKey, Line>,
    faults: &mut Faults,
) -> Result<Vec<Vec<String>>> {
    let mut all = vec![Vec::new(); arrivals.len()];
    for (i, arrival) in arrivals.iter().enumerate().filter(|(_, a)| !a.serial_numbers.trim().is_empty()) {
        let Some(line) = lines.get(&arrival.line) else { continue };
        let quantity = pack::pieces(arrival.packs, line.size()).unwrap_or_default();
        if !quantity.is_whole() {
            faults.add(i, "serial_numbers", "Quantity must be a whole number for items with serial numbers.");
            continue;
        }
        let pieces = usize::try_from(quantity.units()).unwrap_or(0);
        let read = kernel::read_serials(conn, line.part.unwrap_or_default(), &arrival.serial_numbers, pieces);
        if let Some(serials) = faults.take(i, read)? {
            all[i] = serials;
        }
    }
    Ok(all)
}

/// No serial number stands there twice for one family of parts.
fn no_doubles(arrivals: &[Arrival], lines: &HashMap<PurchaseLineKey, Line>, serials: &[Vec<String>]) -> Result<()> {
    let mut seen: HashSet<(i64, &str)> = HashSet::new();
    for (arrival, serials) in arrivals.iter().zip(serials) {
        let family = lines.get(&arrival.line).map_or(0, |line| line.family);
        for serial in serials {
            if !seen.insert((family, serial)) {
                return Err(Error::non_field(format!("The serial number {serial} is listed more than once.")));
            }
        }
    }
    Ok(())
}

/// What one piece costs, and in which currency.
fn piece_price(line: &Line, settings: &Settings, rates: &Rates) -> (Option<Money>, String) {
    let default = settings.text(keys::INVENTREE_DEFAULT_CURRENCY).to_owned();
    let Some(price) = line.price else { return (None, default) };
    let each = pack::piece_price(price, line.size());
    if !settings.bool(keys::PURCHASEORDER_CONVERT_CURRENCY) {
        return (each, line.currency.clone());
    }
    match each.and_then(|each| rates.convert(each.in_currency(&line.currency), &default)) {
        Some(converted) => (Some(converted), default),
        None => (each, line.currency.clone()),
    }
}

/// Makes the stock; gives the new items of each arrival.
fn stock(
    conn: &mut Connection,
    user: UserKey,
    order: PurchaseOrderKey,
    arrivals: &[Arrival],
    lines: &HashMap<PurchaseLineKey, Line>,
    serials: &[Vec<String>],
) -> Result<Vec<Vec<ItemKey>>> {
    let settings = Settings::load(conn)?;
    let converts = settings.bool(keys::PURCHASEORDER_CONVERT_CURRENCY);
    let rates = if converts { Rates::load(conn)? } else { Rates::default() };
    let mut faults = Faults::new(arrivals.len());
    let mut made = vec![Vec::new(); arrivals.len()];
    let mut ledger = Ledger::open(conn, user, &[])?;
    ledger.expect_new(serials.iter().map(|s| s.len().max(1)).sum())?;
    for (i, (arrival, serials)) in arrivals.iter().zip(serials).enumerate() {
        let Some((line, part)) = lines.get(&arrival.line).and_then(|line| Some((line, line.part?))) else { continue };
        if line.is_virtual {
            continue;
        }
        let quantity = pack::pieces(arrival.packs, line.size()).filter(|quantity| is_in_range(*quantity));
        let Some(quantity) = quantity else {
            faults.add(i, "quantity", "Quantity is too large to receive.");
            continue;
        };
        let location = arrival.location.or(line.destination);
        if let Some(location) = location {
            let checked = ledger.check_location(location);
            faults.take(i, checked)?;
        }
        let logical = ledger.logical_status(arrival.status);
        let Some(logical) = faults.take(i, logical)? else { continue };
        let (price, currency) = piece_price(line, &settings, &rates);
        let packaging =
            if arrival.packaging.is_empty() { line.packaging.clone() } else { Some(arrival.packaging.clone()) };
        let build = line.build_but(BuildStatus::CANCELLED);
        let model = Item {
            supplier_part: line.supplier_part,
            location,
            packaging,
            batch: Some(arrival.batch.clone()),
            serial: Some(String::new()),
            build,
            is_building: build.is_some() && line.build_status != Some(BuildStatus::COMPLETE),
            purchase_order: Some(order),
            expiry_date: arrival.expiry_date.clone(),
            delete_on_deplete: settings.bool(keys::STOCK_DELETE_DEPLETED_DEFAULT),
            status: logical,
            status_custom_key: (logical.key() != arrival.status).then_some(arrival.status),
            purchase_price: price,
            purchase_price_currency: currency,
            notes: Some(arrival.notes.clone()),
            metadata: None,
            ..Item::new(part, quantity)
        };
        made[i] = if serials.is_empty() {
            vec![ledger.insert(model)?]
        } else {
            let keys = ledger.create_serialised(&model, serials)?;
            for key in &keys {
                ledger.item_mut(*key)?.delete_on_deplete = model.delete_on_deplete;
            }
            keys
        };
        if let ([key], false) = (made[i].as_slice(), arrival.barcode.is_empty()) {
            ledger.assign_barcode(*key, &arrival.barcode, hash::of(&arrival.barcode))?;
        }
        for key in &made[i] {
            let mut deltas: Deltas = Map::new();
            deltas.insert("location".into(), location.into());
            deltas.insert("purchaseorder".into(), order.into());
            let quantity = ledger.item(*key)?.quantity;
            deltas.insert("quantity".into(), crate::business::stock::history::quantity(quantity));
            ledger.record(*key, HistoryCode::RECEIVED_AGAINST_PURCHASE_ORDER, deltas, "")?;
        }
    }
    faults.check()?;
    ledger.close()?;
    Ok(made)
}

/// What comes for a build order that is complete adds to what it made.
fn made_by_builds(conn: &mut Connection, arrivals: &[Arrival], lines: &HashMap<PurchaseLineKey, Line>) -> Result<()> {
    let mut sums: BTreeMap<BuildKey, Quantity> = BTreeMap::new();
    for arrival in arrivals {
        let Some(line) = lines.get(&arrival.line) else { continue };
        if let Some(build) = line.build.filter(|_| line.build_status == Some(BuildStatus::COMPLETE)) {
            let pieces = pack::pieces(arrival.packs, line.size()).unwrap_or_default();
            let sum = sums.entry(build).or_default();
            *sum = sum.saturating_add(pieces);
        }
    }
    for (build, sum) in sums {
        let whole = sum.rounded_units();
        let sql = "UPDATE build_build SET completed = completed + $2 WHERE id = $1";
        conn.execute(sql, &[build.into(), Value::Int(whole)])?;
    }
    Ok(())
}
