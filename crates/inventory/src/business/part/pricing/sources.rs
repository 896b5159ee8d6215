//! Reads prices by source, for many parts at once.

use std::collections::{HashMap, HashSet};

use ironwood_base::status::{PurchaseOrderStatus, SalesOrderStatus};
use ironwood_base::{Money, PackSize, Quantity, Result};
use ironwood_rest::at_or_below;
use ironwood_rest::below;
use ironwood_rest::row;
use ironwood_rest::row::TableRow;
use ironwood_rest::selected;
use ironwood_store::{AsSql, Connection, Fragment, fragment, sql};

use super::{Converter, Range};
use crate::business::bom::lines as bom;
use crate::business::company::pack;
use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::schema::keys::{BomItemKey, PartKey};
use crate::schema::part::PART;

row! {
    /// A part, as far as its price depends on it.
    pub(super) struct Part in PART as PartKey {
        pub(super) tree_path: String,
        pub(super) assembly: bool,
        pub(super) is_template: bool,
        pub(super) active: bool,
    } without [..]
}

impl Part {
    /// Keys of the templates above it.
    pub(super) fn ancestors(&self) -> impl Iterator<Item = PartKey> {
        self.tree_path.split('/').filter_map(|key| key.parse().ok()).filter(|key| *key != self.id)
    }
}

/// A line of a bill of materials: how much, and of which parts it may be.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) quantity: Quantity,
    pub(super) candidates: Vec<PartKey>,
}

/// Prices by part, for every source that needs no other part's price.
#[derive(Debug, Default)]
pub(super) struct Own {
    pub(super) purchase: HashMap<PartKey, Range>,
    pub(super) internal: HashMap<PartKey, Range>,
    pub(super) supplier: HashMap<PartKey, Range>,
    pub(super) sale: HashMap<PartKey, Range>,
    pub(super) history: HashMap<PartKey, Range>,
}

/// Reads parts by their keys.
pub(super) fn parts(conn: &mut Connection, ids: &[PartKey]) -> Result<HashMap<PartKey, Part>> {
    Ok(row::many::<Part>(conn, ids)?.into_iter().map(|part| (part.id, part)).collect())
}

selected! {
    /// A price of a part: of what is in a pack, or of one piece.
    struct Amount<'r> {
        part: PartKey = "x.part",
        amount: Money = "x.amount",
        currency: &'r str = "x.currency",
        pack: Option<PackSize> = "x.pack",
    }
}

/// Reads prices into ranges by part. `source` is a query that gives `part`, `amount`, `currency` and `pack`.
fn amounts(
    conn: &mut Connection,
    money: &Converter,
    ids: &[PartKey],
    into: &mut HashMap<PartKey, Range>,
    source: impl AsSql,
) -> Result<()> {
    conn.of_keys(&fragment!("SELECT {} FROM ({source}) x", Amount::COLUMNS), ids, |row| {
        let Amount { part, amount, currency, pack } = Amount::read(row);
        let size = pack.unwrap_or(PackSize::ONE);
        let amount = money.convert(amount.in_currency(currency)).and_then(|amount| pack::piece_price(amount, size));
        if let Some(amount) = amount {
            into.entry(part).or_default().take(amount);
        }
    })
}

const SOLD: &str = sql!([SalesOrderStatus::COMPLETE]);
const ONE_PACK: &str = "CAST(NULL AS BIGINT)";

/// Reads every source of the parts themselves.
pub(super) fn own(conn: &mut Connection, settings: &Settings, money: &Converter, ids: &[PartKey]) -> Result<Own> {
    let mut own = Own::default();
    amounts(
        conn,
        money,
        ids,
        &mut own.purchase,
        sql!(
            "SELECT s.part, l.purchase_price AS amount, l.purchase_price_currency AS currency, \
             s.pack_quantity_native AS pack \
             FROM company_supplierpart s JOIN order_purchaseorderlineitem l ON l.part = s.id \
             JOIN order_purchaseorder o ON o.id = l.\"order\" \
             WHERE s.part IN ({keys}) AND o.status = ",
            [PurchaseOrderStatus::COMPLETE],
            " AND l.received > 0 AND l.purchase_price IS NOT NULL"
        ),
    )?;
    if settings.bool(keys::PRICING_USE_STOCK_PRICING) {
        let days = settings.int(keys::PRICING_STOCK_ITEM_AGE_DAYS);
        let since = match days > 0 {
            true => fragment!(" AND i.updated >= {}", Fragment::days_from_today(-days)),
            false => Fragment::new(),
        };
        amounts(
            conn,
            money,
            ids,
            &mut own.purchase,
            &fragment!(
                "SELECT i.part, i.purchase_price AS amount, i.purchase_price_currency AS currency, {ONE_PACK} AS pack \
                 FROM stock_stockitem i \
                 WHERE i.part IN ({{keys}}) AND i.purchase_price IS NOT NULL{since}"
            ),
        )?;
    }
    if settings.bool(keys::PART_INTERNAL_PRICE) {
        amounts(
            conn,
            money,
            ids,
            &mut own.internal,
            &fragment!(
                "SELECT b.part, b.price AS amount, b.price_currency AS currency, {ONE_PACK} AS pack \
                 FROM part_partinternalpricebreak b \
                 WHERE b.part IN ({{keys}}) AND b.price IS NOT NULL"
            ),
        )?;
    }
    amounts(
        conn,
        money,
        ids,
        &mut own.supplier,
        "SELECT s.part, b.price AS amount, b.price_currency AS currency, s.pack_quantity_native AS pack \
             FROM company_supplierpart s \
             JOIN company_supplierpricebreak b ON b.part = s.id JOIN part_part p ON p.id = s.part \
             WHERE s.part IN ({keys}) AND p.purchaseable AND b.price IS NOT NULL",
    )?;
    amounts(
        conn,
        money,
        ids,
        &mut own.sale,
        &fragment!(
            "SELECT b.part, b.price AS amount, b.price_currency AS currency, {ONE_PACK} AS pack \
             FROM part_partsellpricebreak b \
             WHERE b.part IN ({{keys}}) AND b.price IS NOT NULL"
        ),
    )?;
    amounts(
        conn,
        money,
        ids,
        &mut own.history,
        &fragment!(
            "SELECT a.id AS part, l.sale_price AS amount, l.sale_price_currency AS currency, {ONE_PACK} AS pack \
             FROM part_part a \
             JOIN part_part v ON {at_or_below} \
             JOIN order_salesorderlineitem l ON l.part = v.id JOIN order_salesorder o ON o.id = l.\"order\" \
             WHERE a.id IN ({{keys}}) AND o.status = {SOLD} AND l.sale_price IS NOT NULL",
            at_or_below = at_or_below!("v", "a")
        ),
    )?;
    Ok(own)
}

/// Parts below these ones in their families, by the part above.
pub(super) fn descendants(conn: &mut Connection, ids: &[PartKey]) -> Result<HashMap<PartKey, Vec<Part>>> {
    let mut below: HashMap<PartKey, Vec<Part>> = HashMap::new();
    let sql = fragment!(
        "SELECT a.id, {} FROM part_part a JOIN part_part v ON {below} \
         WHERE a.id IN ({{keys}})",
        row::columns::<Part>("v"),
        below = below!("v", "a")
    );
    conn.of_keys(&sql, ids, |row| {
        below.entry(row.cell(0)).or_default().push(Part::read(row, 1));
    })?;
    Ok(below)
}

/// The lines of assemblies' bills of materials, inherited ones with them. A line may be made of inactive
/// parts only where they are its own. The parts that lines name are read into `known`.
pub(super) fn lines(
    conn: &mut Connection,
    assemblies: &[PartKey],
    known: &mut HashMap<PartKey, Part>,
) -> Result<HashMap<PartKey, Vec<Line>>> {
    let all = bom::for_parts(conn, assemblies)?;
    let mut keys: Vec<BomItemKey> = all.values().flatten().map(|line| line.id).collect();
    keys.sort_unstable();
    keys.dedup();
    let allowed = bom::allowed_parts(conn, &keys)?;
    let named: HashSet<PartKey> = allowed.values().flatten().copied().filter(|id| !known.contains_key(id)).collect();
    let mut named: Vec<PartKey> = named.into_iter().collect();
    named.sort_unstable();
    known.extend(parts(conn, &named)?);
    let priced = |line: &bom::Line| {
        let fits = |id: &&PartKey| **id == line.sub_part || known.get(*id).is_some_and(|part| part.active);
        let candidates = allowed.get(&line.id).into_iter().flatten().filter(fits).copied().collect();
        Line { quantity: line.quantity, candidates }
    };
    Ok(all.into_iter().map(|(part, lines)| (part, lines.iter().map(priced).collect())).collect())
}
