//! Rules of stock items.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ironwood_base::error::Fields;
use ironwood_base::key;
use ironwood_base::status::{HistoryCode, STOCK_STATUS, StockStatus};
use ironwood_base::{Error, Key, Quantity, Result, serial};
use ironwood_rest::below;
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::resource::Together;
use ironwood_rest::row;
use ironwood_rest::selected;
use ironwood_store::{Connection, Value, sql};
use serde_json::{Map, Value as Json};

use super::kernel;
use super::kernel::Item;
use super::{batch, history, owner};
use crate::platform::common::custom_state;
use crate::platform::settings::keys;
use crate::schema::company::SupplierPart;
use crate::schema::keys::*;
use crate::schema::part::{PART, Part};
use crate::schema::stock::Location;

/// For items that are changed together.
pub(super) const TOGETHER: Together = Together { check: check_all, saved: saved_all };

/// Before an item is made or changed.
pub(super) fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    check_all(ctx, std::slice::from_mut(change))
}

row! {
    /// A part that there is to be stock of.
    struct Stocked in PART as PartKey {
        r#virtual: bool,
        trackable: bool,
    } without [..]
}

selected! {
    /// A supplier part and its part.
    struct Bought {
        id: SupplierPartKey = "id",
        part: PartKey = "part",
    }
}

/// What has to be known to check changes; read once for all of them.
#[derive(Default)]
struct Known {
    /// Locations that hold no stock.
    structural: BTreeSet<LocationKey>,
    parts: HashMap<PartKey, Stocked>,
    /// The parts of suppliers' parts.
    bought: HashMap<SupplierPartKey, PartKey>,
    /// Which build makes which part.
    makes: HashMap<(BuildKey, PartKey), bool>,
    /// Statuses of an administrator, with the built-in ones behind them.
    states: Option<HashMap<i64, StockStatus>>,
    /// Whether serial numbers that are there may be changed.
    edit_serials: bool,
    /// Serial numbers that are claimed, by part: item (none of a new one) and number.
    claims: BTreeMap<PartKey, Vec<(Option<ItemKey>, String)>>,
}

fn check_all(ctx: &mut Context<'_>, changes: &mut [Change]) -> Result<()> {
    let items: Vec<ItemKey> = changes.iter().filter_map(|change| change.id).map(Key::from_id).collect();
    if !items.is_empty() {
        owner::check_items(ctx, &items)?;
    }
    let mut known = Known::load(ctx, changes)?;
    let mut fields = Fields::new();
    for change in changes.iter_mut() {
        check_one(ctx.conn, change, &mut known, &mut fields)?;
        // what is wrong with one row is told, not the same again of all others
        fields.clone().check()?;
    }
    for (part, claims) in &known.claims {
        let serials: Vec<String> = claims.iter().map(|(_, serial)| serial.clone()).collect();
        let except: Vec<ItemKey> = claims.iter().filter_map(|(item, _)| *item).collect();
        if !kernel::conflicts(ctx.conn, *part, &serials, &except)?.is_empty() {
            fields.add("serial", "This serial number is already in use.");
            return fields.check();
        }
        let space = super::serial::space(ctx.conn, *part)?;
        for change in changes.iter_mut().filter(|change| claims_number(change) && change.key(Item::part) == Some(*part))
        {
            change.set(Item::serial_space, space);
        }
    }
    Ok(())
}

/// Whether an item gets a serial number, or takes it to another part.
fn claims_number(change: &Change) -> bool {
    !change.text(Item::serial).is_empty() && (change.is_changed(Item::serial) || change.is_changed(Item::part))
}

/// Whether what has to do with its part changes.
fn is_of_interest(change: &Change) -> bool {
    [Item::part, Item::quantity, Item::supplier_part].iter().any(|column| change.is_changed(column))
}

/// The keys in a column of these changes, each once.
fn keys_of<T>(changes: &[Change], column: &str, wanted: impl Fn(&Change) -> bool) -> Vec<Key<T>> {
    let keys: BTreeSet<Key<T>> = changes.iter().filter(|c| wanted(c)).filter_map(|c| c.key(column)).collect();
    keys.into_iter().collect()
}

impl Known {
    fn load(ctx: &mut Context<'_>, changes: &[Change]) -> Result<Self> {
        let mut known = Known {
            edit_serials: crate::platform::state::snapshot(ctx)?.settings.bool(keys::STOCK_ALLOW_EDIT_SERIAL),
            ..Known::default()
        };
        let sql = "SELECT id FROM stock_stocklocation WHERE structural AND id IN ({keys})";
        ctx.conn.of_keys(
            sql,
            &keys_of::<Location>(changes, Item::location, |c| c.is_changed(Item::location)),
            |row| {
                known.structural.insert(row.cell(0));
            },
        )?;
        let parts = row::many::<Stocked>(ctx.conn, &keys_of::<Part>(changes, Item::part, is_of_interest))?;
        known.parts = parts.into_iter().map(|part| (part.id, part)).collect();
        let from = "FROM company_supplierpart WHERE id IN ({keys})";
        let bought: Vec<Bought> =
            selected::among(ctx.conn, from, &keys_of::<SupplierPart>(changes, Item::supplier_part, is_of_interest))?;
        known.bought = bought.into_iter().map(|bought| (bought.id, bought.part)).collect();
        Ok(known)
    }

    fn makes(&mut self, conn: &mut Connection, build: BuildKey, part: PartKey) -> Result<bool> {
        if let Some(makes) = self.makes.get(&(build, part)) {
            return Ok(*makes);
        }
        let sql = sql!(
            "SELECT 1 FROM build_build b JOIN part_part p ON p.id = b.part JOIN part_part w ON w.id = $2 \
                   WHERE b.id = $1 AND (w.id = p.id OR (w.active AND NOT w.virtual \
                   AND ((",
            below!("w", "p"),
            ") \
                   OR w.id = p.variant_of OR w.variant_of = p.variant_of)))"
        );
        let makes = conn.one(sql, &[build.into(), part.into()])?.is_some();
        self.makes.insert((build, part), makes);
        Ok(makes)
    }

    /// The built-in status behind one of an administrator.
    fn behind(&mut self, conn: &mut Connection, status: i64) -> Result<Option<StockStatus>> {
        if self.states.is_none() {
            self.states = Some(custom_state::built_in(conn, &STOCK_STATUS)?);
        }
        Ok(self.states.as_ref().and_then(|states| states.get(&status)).copied())
    }
}

fn check_one(conn: &mut Connection, change: &mut Change, known: &mut Known, fields: &mut Fields) -> Result<()> {
    if change.is_new() && !change.is_given(Item::batch) {
        let code = batch::default_code(conn)?;
        change.set(Item::batch, code);
    }
    if change.quantity(Item::quantity).is_some_and(Quantity::is_negative) {
        fields.add("quantity", "Quantity must not be negative.");
    }
    if change.is_changed(Item::location) && change.key(Item::location).is_some_and(|l| known.structural.contains(&l)) {
        fields.add("location", "A structural location cannot hold stock.");
    }
    if change.id.is_some() && change.int(Item::belongs_to) == change.id {
        fields.add("belongs_to", "An item cannot be installed in itself.");
    }
    check_part(change, known, fields);
    check_build(conn, change, known, fields)?;
    check_status(conn, change, known, fields)?;
    check_serial(change, known, fields);
    Ok(())
}

fn check_part(change: &Change, known: &Known, fields: &mut Fields) {
    let part = change.key(Item::part).filter(|_| is_of_interest(change));
    let Some(part) = part.and_then(|part| known.parts.get(&part)) else { return };
    if part.r#virtual {
        fields.add("part", "A virtual part cannot have stock.");
    }
    if part.trackable && change.quantity(Item::quantity).is_some_and(|q| !q.is_whole()) {
        fields.add("quantity", "Quantity must be a whole number for a trackable part.");
    }
    let bought = change.key(Item::supplier_part).and_then(|key| known.bought.get(&key));
    if bought.is_some_and(|of| *of != part.id) {
        fields.add("supplier_part", "This supplier part belongs to another part.");
    }
}

/// What is being made names its build, and a build makes its own part, or one that its part can become.
fn check_build(conn: &mut Connection, change: &Change, known: &mut Known, fields: &mut Fields) -> Result<()> {
    let build = change.key(Item::build);
    if change.flag(Item::is_building) && build.is_none() {
        fields.add("build", "Build order is required for an item in production.");
    }
    let changed = change.is_changed(Item::build) || change.is_changed(Item::part);
    if let (Some(build), Some(part)) = (build.filter(|_| changed), change.key(Item::part))
        && !known.makes(conn, build, part)?
    {
        fields.add("build", "This build order is for another part.");
    }
    Ok(())
}

/// A status of an administrator stands for a built-in one. The last one given counts: `status_custom_key`,
/// else `status`; either may be any of both kinds.
fn check_status(conn: &mut Connection, change: &mut Change, known: &mut Known, fields: &mut Fields) -> Result<()> {
    let given = |column: &str| change.int(column).filter(|s| *s != 0 && change.is_given(column));
    let custom = given(Item::status_custom_key);
    let status = given(Item::status).filter(|_| change.is_named(Item::status) || change.is_changed(Item::status));
    let Some(wanted) = custom.or(status) else { return Ok(()) };
    if StockStatus::find(wanted).is_some() {
        change.set(Item::status, wanted);
        change.set(Item::status_custom_key, Value::Null);
    } else if let Some(logical) = known.behind(conn, wanted)? {
        change.set(Item::status, logical);
        change.set(Item::status_custom_key, wanted);
    } else {
        fields.add(if custom.is_some() { "status_custom_key" } else { "status" }, "This status does not exist.");
    }
    Ok(())
}

fn check_serial(change: &mut Change, known: &mut Known, fields: &mut Fields) {
    let text = change.text(Item::serial).to_owned();
    if change.is_changed(Item::serial) {
        let was = matches!(change.old(Item::serial), Value::Text(t) if !t.is_empty());
        if was && !known.edit_serials {
            fields.add("serial", "The serial number of an existing stock item cannot be changed.");
            return;
        }
        if text.is_empty() {
            change.set(Item::serial, Value::Null);
            change.set(Item::serial_int, 0);
            change.set(Item::serial_space, Value::Null);
            return;
        }
    }
    if text.is_empty() {
        return;
    }
    match change.quantity(Item::quantity) {
        Some(Quantity::ZERO) => change.set(Item::quantity, Quantity::ONE),
        Some(quantity) if quantity != Quantity::ONE => {
            fields.add("quantity", "Quantity must be 1 for an item with a serial number.");
            fields.add("serial", "Only an item with a quantity of 1 can have a serial number.");
            return;
        }
        _ => {}
    }
    change.set(Item::delete_on_deplete, false);
    if claims_number(change) {
        change.set(Item::serial_int, serial::sort_key(&text));
        let part = change.key(Item::part).unwrap_or_default();
        known.claims.entry(part).or_default().push((change.id.map(Key::from_id), text));
    }
}

/// What a change may say of an item by which it comes into stock or leaves it, and how the history names it.
const RECORDED_LINKS: &[(&str, &str)] = &[
    (Item::part, "part"),
    (Item::customer, "customer"),
    (Item::sales_order, "salesorder"),
    (Item::belongs_to, "stockitem"),
    (Item::consumed_by, "buildorder"),
];

/// After an item was made or changed: its history.
pub(super) fn saved(ctx: &mut Context<'_>, change: &Change, _: AnyKey) -> Result<()> {
    saved_all(ctx, std::slice::from_ref(change))
}

/// The history of items that were made or changed. Of a change it tells what stock depends on: status,
/// quantity, location, part, and who has it; of an item without any history, that it is there.
fn saved_all(ctx: &mut Context<'_>, changes: &[Change]) -> Result<()> {
    let is_made = |change: &Change| change.old(Item::part) == &Value::Null;
    let changed = changes.iter().filter(|change| !is_made(change));
    let items: Vec<ItemKey> = changed.filter_map(|change| change.id).map(Key::from_id).collect();
    let mut without_history: BTreeSet<ItemKey> = BTreeSet::new();
    let sql = "SELECT s.id FROM stock_stockitem s WHERE s.id IN ({keys}) \
               AND NOT EXISTS (SELECT 1 FROM stock_stockitemtracking t WHERE t.item = s.id)";
    ctx.conn.of_keys(sql, &items, |row| {
        without_history.insert(row.cell(0));
    })?;
    let mut entries = Vec::new();
    for change in changes {
        let item = ItemKey::from_id(change.id.unwrap_or_default());
        if is_made(change) || without_history.contains(&item) {
            entries.push((item, HistoryCode::CREATED, first(change)));
            continue;
        }
        let deltas = deltas_of(change);
        if !deltas.is_empty() {
            entries.push((item, HistoryCode::EDITED, deltas));
        }
    }
    let user = caller_key(ctx);
    history::add_many(ctx.conn, &entries, user, "")
}

fn number(change: &Change, column: &str) -> Json {
    change.int(column).map_or(Json::Null, Json::from)
}

/// What the first entry of an item says.
fn first(change: &Change) -> Map<String, Json> {
    let mut deltas = Map::new();
    deltas.insert("status".into(), number(change, Item::status));
    deltas.insert("quantity".into(), history::quantity(change.quantity(Item::quantity).unwrap_or(Quantity::ONE)));
    if let Some(location) = change.int(Item::location) {
        deltas.insert("location".into(), location.into());
    }
    deltas
}

/// The entry of a change in the stock history.
fn deltas_of(change: &Change) -> Map<String, Json> {
    let mut deltas = Map::new();
    if change.is_changed(Item::status) {
        let shown = change.int(Item::status_custom_key).map_or_else(|| number(change, Item::status), Json::from);
        let old = |column: &str| match change.old(column) {
            Value::Int(value) => Json::from(*value),
            _ => Json::Null,
        };
        let old_custom = old(Item::status_custom_key);
        deltas.insert("status".into(), shown);
        deltas.insert("status_logical".into(), number(change, Item::status));
        deltas.insert("old_status".into(), if old_custom.is_null() { old(Item::status) } else { old_custom });
        deltas.insert("old_status_logical".into(), old(Item::status));
    }
    if change.is_changed(Item::quantity) {
        deltas.insert("quantity".into(), history::quantity(change.quantity(Item::quantity).unwrap_or_default()));
    }
    if change.is_changed(Item::location) {
        deltas.insert("location".into(), number(change, Item::location));
    }
    for (column, name) in RECORDED_LINKS {
        if change.is_changed(column) {
            deltas.insert((*name).into(), number(change, column));
        }
    }
    if change.is_changed(Item::is_building) {
        deltas.insert("is_building".into(), change.flag(Item::is_building).into());
    }
    deltas
}

/// Before items are deleted. What was split from them counts as split from their own parents.
pub(super) fn delete(ctx: &mut Context<'_>, ids: &[AnyKey]) -> Result<bool> {
    let ids: Vec<ItemKey> = key::of_kind(ids);
    owner::check_items(ctx, &ids)?;
    if !crate::platform::state::snapshot(ctx)?.settings.bool(keys::STOCK_ALLOW_DELETE_SERIALIZED) {
        let mut serialised = false;
        let sql = "SELECT s.id FROM stock_stockitem s WHERE s.id IN ({keys}) AND s.serial <> ''";
        ctx.conn.of_keys(sql, &ids, |_| serialised = true)?;
        if serialised {
            return Err(Error::non_field("A stock item with a serial number cannot be deleted."));
        }
    }
    kernel::delete(ctx.conn, &ids)?;
    Ok(false)
}
