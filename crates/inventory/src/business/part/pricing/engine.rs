//! Calculates prices of many parts at once, bottom up.

use std::collections::{HashMap, HashSet};

use ironwood_base::amount::{Currency, Exact, Pieces};
use ironwood_base::{Money, Result, clock};
use ironwood_rest::row;
use ironwood_rest::row::TableRow;
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_store::{Connection, Fragment, Value, fragment, sql};

use super::graph::Graph;
use super::sources::{self, Line, Own, Part};
use super::{Converter, Range, mark};
use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::schema::keys::{PartKey, PricingKey};
use crate::schema::part::PRICING;

/// Parts that are calculated and written at a time.
const STEP: usize = 2_000;
/// Rows written by one statement.
const ROWS: usize = 200;

/// What was calculated for a part.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Summary {
    bom: Range,
    purchase: Range,
    internal: Range,
    supplier: Range,
    variant: Range,
    overall: Range,
    sale: Range,
    history: Range,
}

row! {
    /// The prices of a part as they stand in the database.
    struct Prices in PRICING as PricingKey {
        part: PartKey,
        currency: String,
        bom_cost_min: Option<Money>,
        bom_cost_max: Option<Money>,
        purchase_cost_min: Option<Money>,
        purchase_cost_max: Option<Money>,
        internal_cost_min: Option<Money>,
        internal_cost_max: Option<Money>,
        supplier_price_min: Option<Money>,
        supplier_price_max: Option<Money>,
        variant_cost_min: Option<Money>,
        variant_cost_max: Option<Money>,
        overall_min: Option<Money>,
        overall_max: Option<Money>,
        sale_price_min: Option<Money>,
        sale_price_max: Option<Money>,
        sale_history_min: Option<Money>,
        sale_history_max: Option<Money>,
        overall_min_currency: String,
        overall_max_currency: String,
        override_min: Option<Money>,
        override_min_currency: String,
        override_max: Option<Money>,
        override_max_currency: String,
    } without [..]
}

/// Columns of a summary, in the order of [`Summary::values`].
const COLUMNS: [&str; 16] = [
    Prices::bom_cost_min,
    Prices::bom_cost_max,
    Prices::purchase_cost_min,
    Prices::purchase_cost_max,
    Prices::internal_cost_min,
    Prices::internal_cost_max,
    Prices::supplier_price_min,
    Prices::supplier_price_max,
    Prices::variant_cost_min,
    Prices::variant_cost_max,
    Prices::overall_min,
    Prices::overall_max,
    Prices::sale_price_min,
    Prices::sale_price_max,
    Prices::sale_history_min,
    Prices::sale_history_max,
];

impl Summary {
    /// As it is kept: money may not be negative there, and a price below zero is no price.
    fn written(self) -> Self {
        let plain = |range: Range| Range {
            min: range.min.filter(|n| !n.is_negative()),
            max: range.max.filter(|n| !n.is_negative()),
        };
        Summary {
            bom: plain(self.bom),
            purchase: plain(self.purchase),
            internal: plain(self.internal),
            supplier: plain(self.supplier),
            variant: plain(self.variant),
            overall: plain(self.overall),
            sale: plain(self.sale),
            history: plain(self.history),
        }
    }

    fn values(&self) -> impl Iterator<Item = Value> {
        let ranges = [
            self.bom,
            self.purchase,
            self.internal,
            self.supplier,
            self.variant,
            self.overall,
            self.sale,
            self.history,
        ];
        ranges.into_iter().flat_map(|range| [range.min.into(), range.max.into()])
    }
}

/// What stands in the database: the summary as it is written, what people put in the place of the range over
/// all, and whether all that is in the default currency.
#[derive(Debug, Clone, Copy, Default)]
struct Kept {
    summary: Summary,
    overall: Range,
    instead: Range,
    current: bool,
}

fn kept(conn: &mut Connection, money: &Converter, ids: &[PartKey]) -> Result<HashMap<PartKey, Kept>> {
    let sql = fragment!("SELECT {} FROM part_partpricing t WHERE t.part IN ({{keys}})", row::columns::<Prices>("t"));
    let mut found = HashMap::with_capacity(ids.len());
    conn.of_keys(&sql, ids, |row| {
        let row = Prices::read(row, 0);
        let range = |min, max| Range { min, max };
        let summary = Summary {
            bom: range(row.bom_cost_min, row.bom_cost_max),
            purchase: range(row.purchase_cost_min, row.purchase_cost_max),
            internal: range(row.internal_cost_min, row.internal_cost_max),
            supplier: range(row.supplier_price_min, row.supplier_price_max),
            variant: range(row.variant_cost_min, row.variant_cost_max),
            overall: range(row.overall_min, row.overall_max),
            sale: range(row.sale_price_min, row.sale_price_max),
            history: range(row.sale_history_min, row.sale_history_max),
        };
        let convert = |amount: Option<Money>, currency: &str| {
            amount.and_then(|amount| money.convert(amount.in_currency(currency)))
        };
        let overall = Range {
            min: convert(row.overall_min, &row.overall_min_currency),
            max: convert(row.overall_max, &row.overall_max_currency),
        };
        let instead = Range {
            min: convert(row.override_min, &row.override_min_currency),
            max: convert(row.override_max, &row.override_max_currency),
        };
        found.insert(row.part, Kept { summary, overall, instead, current: row.currency == money.currency });
    })?;
    Ok(found)
}

/// Calculates parts and writes what was found; gives those whose range over all is another than before.
/// Prices of parts they are made from are taken as they stand, unless these are among them.
///
/// # Errors
/// Those of the database.
pub(crate) fn refresh(conn: &mut Connection, settings: &Settings, ids: &[PartKey]) -> Result<Vec<PartKey>> {
    let graph = Graph::load(conn, settings, ids)?;
    let wanted: HashSet<PartKey> = ids.iter().copied().collect();
    let sorted: Vec<PartKey> = graph.sorted().iter().copied().filter(|id| wanted.contains(id)).collect();
    work_out(conn, settings, &graph, &sorted)
}

/// Calculates a part and everything below it; marks what is above.
///
/// # Errors
/// Those of the database.
pub(crate) fn refresh_all_below(conn: &mut Connection, settings: &Settings, part: PartKey) -> Result<()> {
    let graph = Graph::load(conn, settings, &[part])?;
    let changed = work_out(conn, settings, &graph, graph.sorted())?;
    mark_above(conn, settings, &changed, graph.sorted())
}

/// Calculates these parts, which stand after what they depend on, some at a time.
fn work_out(conn: &mut Connection, settings: &Settings, graph: &Graph, sorted: &[PartKey]) -> Result<Vec<PartKey>> {
    let money = Converter::load(conn, settings)?;
    let mut known: HashMap<PartKey, Range> = HashMap::new();
    let mut changed = Vec::new();
    for some in sorted.chunks(STEP) {
        let here: HashSet<PartKey> = some.iter().copied().collect();
        let own = sources::own(conn, settings, &money, some)?;
        let before = kept(conn, &money, some)?;
        // what the others are worth that these depend on
        let others: HashSet<PartKey> = some
            .iter()
            .flat_map(|id| graph.below(*id))
            .filter(|id| !here.contains(id) && !known.contains_key(id))
            .collect();
        let mut others: Vec<PartKey> = others.into_iter().collect();
        others.sort_unstable();
        known.extend(kept(conn, &money, &others)?.into_iter().map(|(id, kept)| (id, kept.overall)));
        let (mut new, mut same) = (Vec::new(), Vec::new());
        for id in some {
            let old = before.get(id).copied().unwrap_or_default();
            let summary = summarize(settings, &own, graph, &known, *id, old.instead).written();
            if summary.overall != old.overall || !before.contains_key(id) {
                changed.push(*id);
            }
            known.insert(*id, summary.overall);
            if old.current && summary == old.summary { same.push(*id) } else { new.push((*id, summary)) }
        }
        write(conn, &money.currency, &new)?;
        let sql = fragment!(
            "UPDATE part_partpricing SET scheduled_for_update = FALSE, updated = $2 WHERE part IN ({})",
            conn.backend().keys("$1")
        );
        if !same.is_empty() {
            conn.execute(&sql, &[Value::keys(&same), clock::now().into()])?;
        }
    }
    Ok(changed)
}

/// The cost of quantities, not rounded yet.
type Cost = Exact<Currency, Pieces>;

/// The cost of a bill of materials: of each line the cheapest and the dearest part it may be, times its
/// quantity. Lines without a price are left out; without any there is no cost.
fn bom_cost(lines: &[Line], known: &HashMap<PartKey, Range>) -> Range {
    let (mut min, mut max): (Option<Cost>, Option<Cost>) = (None, None);
    for line in lines {
        let mut range = Range::default();
        for part in &line.candidates {
            range.join(known.get(part).copied().unwrap_or_default().filled());
        }
        for (total, amount) in [(&mut min, range.min), (&mut max, range.max)] {
            if let Some(amount) = amount {
                *total = Some(total.unwrap_or(Exact::ZERO).saturating_add(amount.exact(line.quantity)));
            }
        }
    }
    Range { min: min.and_then(Exact::round), max: max.and_then(Exact::round) }
}

fn summarize(
    settings: &Settings,
    own: &Own,
    graph: &Graph,
    known: &HashMap<PartKey, Range>,
    id: PartKey,
    instead: Range,
) -> Summary {
    let of = |map: &HashMap<PartKey, Range>| map.get(&id).copied().unwrap_or_default();
    let mut summary = Summary {
        bom: bom_cost(graph.lines(id), known),
        purchase: of(&own.purchase),
        internal: of(&own.internal),
        supplier: of(&own.supplier),
        sale: of(&own.sale),
        history: of(&own.history),
        ..Summary::default()
    };
    for variant in graph.variants(id) {
        summary.variant.join(known.get(variant).copied().unwrap_or_default().filled());
    }
    let mut overall = summary.bom;
    overall.join(summary.purchase);
    overall.join(summary.internal);
    if settings.bool(keys::PRICING_USE_SUPPLIER_PRICING) {
        let past = settings.bool(keys::PRICING_PURCHASE_HISTORY_OVERRIDES_SUPPLIER);
        overall.join(Range {
            min: summary.supplier.min.filter(|_| !past || summary.purchase.min.is_none()),
            max: summary.supplier.max.filter(|_| !past || summary.purchase.max.is_none()),
        });
    }
    if settings.bool(keys::PRICING_USE_VARIANT_PRICING) {
        overall.join(summary.variant);
    }
    if settings.bool(keys::PART_BOM_USE_INTERNAL_PRICE) {
        overall = overall.replaced(summary.internal);
    }
    summary.overall = overall.replaced(instead);
    summary
}

fn write(conn: &mut Connection, currency: &str, done: &[(PartKey, Summary)]) -> Result<()> {
    let codes: Vec<Fragment> =
        COLUMNS.iter().map(|name| fragment!("{name}_currency")).chain(["currency".into()]).collect();
    let names = fragment!(
        "part, {}, {}, override_min_currency, override_max_currency, scheduled_for_update, updated",
        Fragment::join(COLUMNS, ", "),
        Fragment::join(&codes, ", ")
    );
    let sets: Vec<Fragment> = COLUMNS
        .iter()
        .map(|name| Fragment::from(*name))
        .chain(codes.iter().cloned())
        .chain(["scheduled_for_update".into(), "updated".into()])
        .map(|name| fragment!("{name} = excluded.{name}"))
        .collect();
    for some in done.chunks(ROWS) {
        let mut params: Vec<Value> = vec![currency.into(), clock::now().into()];
        let mut rows = Vec::with_capacity(some.len());
        for (id, summary) in some {
            params.push((*id).into());
            let key = fragment!("${}", params.len());
            let mut values = Vec::with_capacity(COLUMNS.len());
            for value in summary.values() {
                params.push(value);
                values.push(fragment!("CAST(${} AS BIGINT)", params.len()));
            }
            let codes = Fragment::join(vec!["$1"; codes.len() + 2], ", ");
            rows.push(fragment!("({key}, {}, {codes}, FALSE, $2)", Fragment::join(&values, ", ")));
        }
        let sql = fragment!(
            "INSERT INTO part_partpricing ({names}) VALUES {} ON CONFLICT (part) DO UPDATE SET {}",
            Fragment::join(&rows, ", "),
            Fragment::join(&sets, ", ")
        );
        conn.execute(&sql, &params)?;
    }
    Ok(())
}

selected! {
    /// An assembly that uses a part.
    struct Use {
        assembly: PartKey = "m.part",
        inherited: bool = "m.inherited",
    }
}

/// Marks what depends on the prices of these parts: assemblies that use them, and templates above them;
/// but not those that were calculated together with them.
pub(crate) fn mark_above(
    conn: &mut Connection,
    settings: &Settings,
    changed: &[PartKey],
    together: &[PartKey],
) -> Result<()> {
    let parts = sources::parts(conn, changed)?;
    let together: HashSet<PartKey> = together.iter().copied().collect();
    let mut above: HashSet<PartKey> = parts.values().flat_map(Part::ancestors).collect();
    let all: Vec<PartKey> = above.union(&parts.keys().copied().collect()).copied().collect();
    let mut inherited = HashSet::new();
    // of templates above a changed part, only lines that allow variants are concerned: the few more that are
    // marked are found unchanged
    let sql = sql!(
        "SELECT ",
        Use::COLUMNS,
        " FROM part_bomitem m WHERE m.sub_part IN ({keys}) UNION SELECT ",
        Use::COLUMNS,
        " FROM part_bomitemsubstitute s JOIN part_bomitem m ON m.id = s.bom_item WHERE s.part IN ({keys})"
    );
    conn.of_keys(sql, &all, |row| {
        let found = Use::read(row);
        above.insert(found.assembly);
        if found.inherited {
            inherited.insert(found.assembly);
        }
    })?;
    let heirs: Vec<PartKey> = inherited.into_iter().collect();
    above.extend(sources::descendants(conn, &heirs)?.into_values().flatten().map(|part| part.id));
    let mut above: Vec<PartKey> = above.into_iter().filter(|id| !together.contains(id)).collect();
    above.sort_unstable();
    mark(conn, settings, &above)
}
