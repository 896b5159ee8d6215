//! Working out prices: many parts at once, what is at the bottom first.

use std::collections::{HashMap, HashSet};

use ironwood_base::{Result, clock};
use ironwood_store::{Connection, Value};

use super::sources::{self, Line, Own, Part};
use super::{CHUNK, Money, Range, divide, list, mark};
use crate::settings::Settings;

/// One part of a quantity, as it is kept.
const ONE: i128 = 100_000;
/// Most parts below a part that are worked out with it on request.
const CLOSURE: usize = 20_000;
/// Rows written by one statement.
const ROWS: usize = 50;

/// What was worked out for a part.
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

/// Columns of a summary, in the order of [`Summary::values`].
const COLUMNS: [&str; 16] = [
    "bom_cost_min",
    "bom_cost_max",
    "purchase_cost_min",
    "purchase_cost_max",
    "internal_cost_min",
    "internal_cost_max",
    "supplier_price_min",
    "supplier_price_max",
    "variant_cost_min",
    "variant_cost_max",
    "overall_min",
    "overall_max",
    "sale_price_min",
    "sale_price_max",
    "sale_history_min",
    "sale_history_max",
];

impl Summary {
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

/// What stands in the database: the range over all, and what people put in its place.
#[derive(Debug, Clone, Copy, Default)]
struct Kept {
    overall: Range,
    instead: Range,
}

fn kept(conn: &mut Connection, money: &Money, ids: &[i64]) -> Result<HashMap<i64, Kept>> {
    let mut found = HashMap::new();
    let sql = |keys: &str| {
        format!(
            "SELECT part, overall_min, overall_min_currency, overall_max, overall_max_currency, \
             override_min, override_min_currency, override_max, override_max_currency \
             FROM part_partpricing WHERE part IN ({keys})"
        )
    };
    sources::each(conn, ids, sql, |row| {
        let amount =
            |i: usize| row.opt_int(i).and_then(|amount| money.convert(amount, row.opt_text(i + 1).unwrap_or_default()));
        let overall = Range { min: amount(1), max: amount(3) };
        found.insert(row.int(0), Kept { overall, instead: Range { min: amount(5), max: amount(7) } });
    })?;
    Ok(found)
}

/// Works out parts and writes what was found; gives those whose range over all is another than before.
/// Prices of parts they are made from are taken as they stand, unless these are among them.
pub fn refresh(conn: &mut Connection, settings: &Settings, ids: &[i64]) -> Result<Vec<i64>> {
    let money = Money::load(conn, settings)?;
    let parts = sources::parts(conn, ids)?;
    let mut ids: Vec<i64> = parts.keys().copied().collect();
    ids.sort_unstable();
    let own = sources::own(conn, settings, &money, &ids)?;
    let below = Below::load(conn, settings, &parts)?;
    let before = kept(conn, &money, &ids)?;
    // what the others are worth that these depend on
    let others: HashSet<i64> = ids.iter().flat_map(|id| below.of(*id)).filter(|id| !parts.contains_key(id)).collect();
    let others: Vec<i64> = others.into_iter().collect();
    let mut known: HashMap<i64, Range> =
        kept(conn, &money, &others)?.into_iter().map(|(id, kept)| (id, kept.overall)).collect();
    let mut done = Vec::with_capacity(ids.len());
    let mut changed = Vec::new();
    for id in below.bottom_up(&ids) {
        let old = before.get(&id).copied().unwrap_or_default();
        let summary = summarize(settings, &own, &below, &known, id, old.instead);
        if summary.overall != old.overall || !before.contains_key(&id) {
            changed.push(id);
        }
        known.insert(id, summary.overall);
        done.push((id, summary));
    }
    write(conn, &money.currency, &done)?;
    Ok(changed)
}

/// Works out a part and everything below it; marks what is above.
pub fn refresh_all_below(conn: &mut Connection, settings: &Settings, part: i64) -> Result<()> {
    let mut all = vec![part];
    let mut seen = HashSet::from([part]);
    let mut level = vec![part];
    while !level.is_empty() && all.len() < CLOSURE {
        let parts = sources::parts(conn, &level)?;
        let below = Below::load(conn, settings, &parts)?;
        level = level.iter().flat_map(|id| below.of(*id)).filter(|id| seen.insert(*id)).collect();
        all.extend(&level);
    }
    let changed = refresh(conn, settings, &all)?;
    mark_above(conn, settings, &changed, &all)
}

/// What parts are made from, and the variants of templates.
struct Below {
    lines: HashMap<i64, Vec<Line>>,
    variants: HashMap<i64, Vec<i64>>,
}

impl Below {
    fn load(conn: &mut Connection, settings: &Settings, parts: &HashMap<i64, Part>) -> Result<Self> {
        let assemblies: Vec<i64> = parts.values().filter(|p| p.assembly).map(|p| p.id).collect();
        let lines = sources::lines(conn, &assemblies)?;
        let templates: Vec<i64> = parts.values().filter(|p| p.is_template).map(|p| p.id).collect();
        let only_active = settings.bool("PRICING_ACTIVE_VARIANTS");
        let variants = sources::descendants(conn, &templates)?
            .into_iter()
            .map(|(id, below)| (id, below.iter().filter(|p| p.active || !only_active).map(|p| p.id).collect()))
            .collect();
        Ok(Below { lines, variants })
    }

    /// The parts whose prices the part's own depends on.
    fn of(&self, id: i64) -> impl Iterator<Item = i64> {
        let lines = self.lines.get(&id).into_iter().flatten().flat_map(|line| line.candidates.iter().copied());
        lines.chain(self.variants.get(&id).into_iter().flatten().copied())
    }

    /// The same parts, each after those among them that it depends on. Where old data has a circle, it
    /// is cut somewhere.
    fn bottom_up(&self, ids: &[i64]) -> Vec<i64> {
        let wanted: HashSet<i64> = ids.iter().copied().collect();
        let (mut seen, mut sorted) = (HashSet::new(), Vec::with_capacity(ids.len()));
        for id in ids {
            let mut open = vec![(*id, false)];
            while let Some((id, left)) = open.pop() {
                if left {
                    sorted.push(id);
                } else if seen.insert(id) {
                    open.push((id, true));
                    open.extend(
                        self.of(id).filter(|below| wanted.contains(below) && !seen.contains(below)).map(|b| (b, false)),
                    );
                }
            }
        }
        sorted
    }
}

/// The cost of a bill of materials: of each line the cheapest and the dearest part it may be, times its
/// quantity. Lines without a price are left out; without any there is no cost.
fn bom_cost(lines: &[Line], known: &HashMap<i64, Range>) -> Range {
    let (mut min, mut max): (Option<i128>, Option<i128>) = (None, None);
    for line in lines {
        let mut range = Range::default();
        for part in &line.candidates {
            range.join(known.get(part).copied().unwrap_or_default());
        }
        for (total, amount) in [(&mut min, range.min), (&mut max, range.max)] {
            if let Some(amount) = amount {
                *total = Some(total.unwrap_or(0).saturating_add(i128::from(amount) * i128::from(line.quantity)));
            }
        }
    }
    let rounded = |total: Option<i128>| total.and_then(|total| divide(total, ONE));
    Range { min: rounded(min), max: rounded(max) }
}

fn summarize(
    settings: &Settings,
    own: &Own,
    below: &Below,
    known: &HashMap<i64, Range>,
    id: i64,
    instead: Range,
) -> Summary {
    let of = |map: &HashMap<i64, Range>| map.get(&id).copied().unwrap_or_default();
    let mut summary = Summary {
        bom: below.lines.get(&id).map_or_else(Range::default, |lines| bom_cost(lines, known)),
        purchase: of(&own.purchase),
        internal: of(&own.internal),
        supplier: of(&own.supplier),
        sale: of(&own.sale),
        history: of(&own.history),
        ..Summary::default()
    };
    for variant in below.variants.get(&id).into_iter().flatten() {
        summary.variant.join(known.get(variant).copied().unwrap_or_default());
    }
    let mut overall = summary.bom;
    overall.join(summary.purchase);
    overall.join(summary.internal);
    if settings.bool("PRICING_USE_SUPPLIER_PRICING") {
        let past = settings.bool("PRICING_PURCHASE_HISTORY_OVERRIDES_SUPPLIER");
        overall.join(Range {
            min: summary.supplier.min.filter(|_| !past || summary.purchase.min.is_none()),
            max: summary.supplier.max.filter(|_| !past || summary.purchase.max.is_none()),
        });
    }
    if settings.bool("PRICING_USE_VARIANT_PRICING") {
        overall.join(summary.variant);
    }
    if settings.bool("PART_BOM_USE_INTERNAL_PRICE") {
        overall.min = summary.internal.min.or(overall.min);
        overall.max = summary.internal.max.or(overall.max);
    }
    overall.min = instead.min.or(overall.min);
    overall.max = instead.max.or(overall.max);
    summary.overall = overall;
    summary
}

fn write(conn: &mut Connection, currency: &str, done: &[(i64, Summary)]) -> Result<()> {
    // money may not be negative in these columns; a price below zero is no price
    let positive = |value: Value| if matches!(value, Value::Int(i) if i < 0) { Value::Null } else { value };
    let codes: Vec<String> =
        COLUMNS.iter().map(|name| format!("{name}_currency")).chain(["currency".to_owned()]).collect();
    let names = format!(
        "part, {}, {}, override_min_currency, override_max_currency, scheduled_for_update, updated",
        COLUMNS.join(", "),
        codes.join(", ")
    );
    let sets: Vec<String> = COLUMNS
        .iter()
        .map(|c| (*c).to_owned())
        .chain(codes.iter().cloned())
        .chain(["scheduled_for_update".to_owned(), "updated".to_owned()])
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    for some in done.chunks(ROWS) {
        let mut params: Vec<Value> = vec![currency.into(), clock::now().into()];
        let mut rows = Vec::with_capacity(some.len());
        for (id, summary) in some {
            params.push(Value::Int(*id));
            let key = format!("${}", params.len());
            let mut values = Vec::with_capacity(COLUMNS.len());
            for value in summary.values() {
                params.push(positive(value));
                values.push(format!("CAST(${} AS BIGINT)", params.len()));
            }
            let codes = vec!["$1"; codes.len() + 2].join(", ");
            rows.push(format!("({key}, {}, {codes}, FALSE, $2)", values.join(", ")));
        }
        let sql = format!(
            "INSERT INTO part_partpricing ({names}) VALUES {} ON CONFLICT (part) DO UPDATE SET {}",
            rows.join(", "),
            sets.join(", ")
        );
        conn.execute(&sql, &params)?;
    }
    Ok(())
}

/// Marks what depends on the prices of these parts: assemblies that use them, and templates above them;
/// but not those that were worked out together with them.
pub fn mark_above(conn: &mut Connection, settings: &Settings, changed: &[i64], together: &[i64]) -> Result<()> {
    let parts = sources::parts(conn, changed)?;
    let together: HashSet<i64> = together.iter().copied().collect();
    let mut above: HashSet<i64> = parts.values().flat_map(Part::ancestors).collect();
    let all: Vec<i64> = above.union(&parts.keys().copied().collect()).copied().collect();
    let mut inherited = HashSet::new();
    for some in all.chunks(CHUNK) {
        // of templates above a changed part, only lines that allow variants are concerned: the few more
        // that are marked are found unchanged
        let keys = list(some);
        let sql = format!(
            "SELECT m.part, m.inherited FROM part_bomitem m WHERE m.sub_part IN ({keys}) \
             UNION SELECT m.part, m.inherited FROM part_bomitemsubstitute s JOIN part_bomitem m ON m.id = s.bom_item \
             WHERE s.part IN ({keys})"
        );
        conn.query(&sql, &[], |row| {
            above.insert(row.int(0));
            if row.bool(1) {
                inherited.insert(row.int(0));
            }
            Ok(())
        })?;
    }
    let heirs: Vec<i64> = inherited.into_iter().collect();
    above.extend(sources::descendants(conn, &heirs)?.into_values().flatten().map(|part| part.id));
    let mut above: Vec<i64> = above.into_iter().filter(|id| !together.contains(id)).collect();
    above.sort_unstable();
    mark(conn, settings, &above)
}
