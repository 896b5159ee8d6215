//! Automatic allocation of stock to a build order.

use std::collections::{BTreeMap, HashMap, HashSet};

use ironwood_base::{Quantity, Result};
use ironwood_rest::at_or_below;
use ironwood_rest::context::Context;
use ironwood_rest::http::Answer;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Action, Args, Shape};
use ironwood_rest::row::{self, TableRow};
use ironwood_rest::view::{BOOL, TEXT, Type, View, input};
use ironwood_rest::{request, selected};
use ironwood_store::{AsSql, Connection, fragment, sql};
use serde_json::json;

use super::eligible::{self, Candidate, Rank};
use super::load::{self, Line, Order};
use super::manual_allocation::{build_action, key_of};
use crate::business::stock::available::{IN_STOCK, SET_ASIDE, on_hand, usable};
use crate::business::stock::expiry;
use crate::business::stock::shortage::{self, OpenLine, Supply};
use crate::schema::build::{Allocation, LINE};
use crate::schema::keys::*;
use crate::schema::stock::LOCATION;

/// In which order stock of equally near parts is taken.
pub(crate) const SORTS: &[(&str, &str)] = &[
    ("updated", "Oldest update first"),
    ("-updated", "Latest update first"),
    ("quantity", "Smallest quantity first"),
    ("-quantity", "Largest quantity first"),
    ("expiry_date", "Earliest expiry first"),
];
const KINDS: &[(&str, &str)] = &[("all", "All"), ("untracked", "Untracked stock"), ("tracked", "Tracked stock")];

static FORM: View = View::plain(
    "BuildAutoAllocation",
    &[
        input("location", key_of(&LOCATION))
            .label("Source Location")
            .nullable()
            .help("Only use stock in this location and below."),
        input("exclude_location", key_of(&LOCATION)).nullable().help("Do not use stock in this location and below."),
        input("interchangeable", BOOL)
            .label("Interchangeable Stock")
            .default("false")
            .help("Allow a line to be filled from several stock items."),
        input("substitutes", BOOL).label("Substitute Stock").default("true").help("Allow substitute parts."),
        input("optional_items", BOOL).default("false").help("Also allocate stock to optional lines."),
        input("item_type", TEXT).choices(KINDS).default("\"untracked\"").help("Lines to allocate stock to."),
        input("stock_sort_by", TEXT)
            .label("Stock Priority")
            .choices(SORTS)
            .default("\"updated\"")
            .help("Order in which stock is allocated."),
        input("build_lines", Type::Ints)
            .links(&LINE)
            .help("Lines to allocate. If empty, all lines of the build order."),
    ],
);

request! {
    struct AutoRequest of FORM {
        location: Option<LocationKey>,
        exclude_location: Option<LocationKey>,
        interchangeable: bool,
        substitutes: bool,
        optional_items: bool,
        item_type: String,
        stock_sort_by: String,
        build_lines: Vec<BuildLineKey>,
    } without []
}

/// `POST /api/build/{id}/auto-allocate/`.
pub(super) static AUTO_ALLOCATE: Action =
    build_action("/api/build/{id}/auto-allocate/", "build_auto_allocate_create", auto_allocate_action)
        .request(Shape::Object(&FORM))
        .response(200, Shape::Object(&shortage::VIEW))
        .help(
            "Allocates available stock to the build order. Reports the allocated quantities and the reasons for any \
            shortage.",
        );

/// How stock is looked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Search {
    pub location: Option<LocationKey>,
    pub exclude_location: Option<LocationKey>,
    pub interchangeable: bool,
    pub substitutes: bool,
    pub optional: bool,
    /// One of [`SORTS`]; empty: the first.
    pub sort: String,
    /// Only these lines; empty: all.
    pub lines: Vec<BuildLineKey>,
}

fn auto_allocate_action(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = load::named(ctx.conn, args)?;
    let request = AutoRequest::read(ctx)?;
    let search = Search {
        location: request.location,
        exclude_location: request.exclude_location,
        interchangeable: request.interchangeable,
        substitutes: request.substitutes,
        optional: request.optional_items,
        sort: request.stock_sort_by,
        lines: request.build_lines,
    };
    let kind = request.item_type.as_str();
    let before = load::lines(ctx.conn, order.id)?;
    let parts = search.parts(ctx.conn, &before)?;
    let mut taken = Taken::default();
    if order.is_open() {
        if kind != "tracked" {
            untracked(ctx.conn, &search, &before, &parts, &mut taken)?;
        }
        if kind != "untracked" {
            tracked(ctx.conn, &order, &search, &before, &parts, &mut taken)?;
        }
    }
    row::insert::<Allocation>(ctx.conn, &taken.allocations)?;
    let wanted = |l: &&Line| {
        !l.consumable && l.missing().is_positive() && (search.lines.is_empty() || search.lines.contains(&l.id))
    };
    let lines: Vec<OpenLine> = before
        .iter()
        .filter(wanted)
        .map(|l| OpenLine {
            line: l.id.general(),
            part: l.part,
            parts: parts.get(&l.bom_item).into_iter().flatten().map(|c| c.part).collect(),
            open: l.missing(),
            allocated: taken.of_lines.get(&l.id).copied().unwrap_or_default(),
            passed_over: search.passed_over(&order, l, kind, &taken.several),
        })
        .collect();
    let supply = Supply::load(ctx.conn, &lines, &taken.of_parts)?;
    shortage::answer(ctx, "build.auto_allocate", &json!({"build": order.id}), &lines, &supply)
}

selected! {
    /// Stock that may be taken.
    struct Found {
        id: ItemKey = "s.id",
        part: PartKey = "s.part",
        /// What is not allocated.
        free: Quantity = sql!("GREATEST(s.quantity - ", SET_ASIDE, ", 0)"),
        serial: String = "s.serial",
        quantity: Quantity = "s.quantity",
        updated: String = "s.updated",
        expiry: Option<String> = "s.expiry_date",
    }
}

/// What an automatic allocation takes.
#[derive(Default)]
struct Taken {
    allocations: Vec<Allocation>,
    /// How much each line gets, and how much is taken of each part.
    of_lines: HashMap<BuildLineKey, Quantity>,
    of_parts: HashMap<PartKey, Quantity>,
    /// Lines for which someone has to choose between several stock items.
    several: HashSet<BuildLineKey>,
}

impl Taken {
    fn add(&mut self, item: &Found, line: BuildLineKey, quantity: Quantity, install_into: Option<ItemKey>) {
        self.allocations.push(Allocation {
            build_line: Some(line),
            stock_item: item.id,
            quantity,
            install_into,
            ..Allocation::fresh()
        });
        *self.of_lines.entry(line).or_default() += quantity;
        *self.of_parts.entry(item.part).or_default() += quantity;
    }
}

/// Parts whose stock lines may take, by the key of the line of the bill of materials.
type CandidateParts = HashMap<BomItemKey, Vec<Candidate>>;

impl Search {
    /// Lines that get stock: counted ones that lack some.
    fn lines<'l>(&self, lines: &'l [Line], tracked: bool) -> Vec<&'l Line> {
        let wanted = |l: &&Line| {
            l.trackable == tracked
                && !l.consumable
                && (!l.optional || self.optional)
                && l.missing().is_positive()
                && (tracked || self.lines.is_empty() || self.lines.contains(&l.id))
        };
        lines.iter().filter(wanted).collect()
    }

    /// Why a line gets no stock, where that is not for lack of stock.
    fn passed_over(
        &self,
        order: &Order,
        line: &Line,
        kind: &str,
        several: &HashSet<BuildLineKey>,
    ) -> Option<&'static str> {
        match () {
            () if !order.is_open() => Some("This build order is closed."),
            () if line.optional && !self.optional => {
                Some("Optional lines are skipped. Set `optional_items` to include them.")
            }
            () if line.trackable && kind == "untracked" => {
                Some("Tracked lines are skipped. Set `item_type` to include them.")
            }
            () if !line.trackable && kind == "tracked" => {
                Some("Untracked lines are skipped. Set `item_type` to include them.")
            }
            () if several.contains(&line.id) => {
                Some("Several stock items match. Set `interchangeable`, or allocate one of them.")
            }
            () if line.trackable => Some("No available stock has the serial number of an output of the build order."),
            () => None,
        }
    }

    /// Parts whose stock each line may take.
    fn parts(&self, conn: &mut Connection, lines: &[Line]) -> Result<CandidateParts> {
        let mut parts = eligible::candidates(conn, lines)?;
        for list in parts.values_mut() {
            list.retain(|c| c.usable && (self.substitutes || c.rank != Rank::Substitute));
        }
        Ok(parts)
    }

    /// Stock of these parts for which the condition holds, in the order in which it is taken.
    fn stock(&self, conn: &mut Connection, parts: &[PartKey], condition: impl AsSql) -> Result<Vec<Found>> {
        let below = |location: LocationKey| {
            fragment!(
                "(SELECT w.id FROM stock_stocklocation w JOIN stock_stocklocation a ON a.id = {location} \
                 WHERE {at_or_below})",
                at_or_below = at_or_below!("w", "a")
            )
        };
        let mut from = fragment!("FROM stock_stockitem s WHERE s.part IN ({{keys}}) AND {condition}");
        if let Some(location) = self.location {
            from.push(fragment!(" AND s.location IN {}", below(location)));
        }
        if let Some(location) = self.exclude_location {
            from.push(fragment!(" AND (s.location IS NULL OR s.location NOT IN {})", below(location)));
        }
        let mut found: Vec<Found> = selected::among(conn, &from, parts)?;
        found.sort_by(|a, b| {
            let by = match self.sort.as_str() {
                "-updated" => b.updated.cmp(&a.updated),
                "quantity" => a.quantity.cmp(&b.quantity),
                "-quantity" => b.quantity.cmp(&a.quantity),
                // what never expires comes last
                "expiry_date" => (a.expiry.is_none(), &a.expiry).cmp(&(b.expiry.is_none(), &b.expiry)),
                _ => a.updated.cmp(&b.updated),
            };
            by.then(a.id.cmp(&b.id))
        });
        let keys: Vec<ItemKey> = found.iter().map(|item| item.id).collect();
        let barred = expiry::barred(conn, &keys, expiry::ALLOW_BUILD)?;
        found.retain(|item| !barred.contains_key(&item.id));
        Ok(found)
    }
}

/// All parts that one of the lines may take.
fn all_parts(lines: &[&Line], parts: &CandidateParts) -> Vec<PartKey> {
    let mut all: Vec<PartKey> =
        lines.iter().filter_map(|line| parts.get(&line.bom_item)).flatten().map(|c| c.part).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Takes stock without serial numbers for lines of untracked parts. Where there are several stock items for a line,
/// it gets one only if they are interchangeable: else someone has to choose.
fn untracked(
    conn: &mut Connection,
    search: &Search,
    lines: &[Line],
    parts: &CandidateParts,
    taken: &mut Taken,
) -> Result<()> {
    let lines = search.lines(lines, false);
    if lines.is_empty() {
        return Ok(());
    }
    let condition = fragment!("{IN_STOCK} AND COALESCE(s.serial, '') = ''");
    let stock = search.stock(conn, &all_parts(&lines, parts), &condition)?;
    let mut of_part: HashMap<PartKey, Vec<usize>> = HashMap::new();
    for (i, item) in stock.iter().enumerate() {
        of_part.entry(item.part).or_default().push(i);
    }
    let mut free: Vec<Quantity> = stock.iter().map(|item| item.free).collect();
    for line in lines {
        let mut choice: Vec<(Rank, usize)> = Vec::new();
        for candidate in parts.get(&line.bom_item).into_iter().flatten() {
            // what is allocated for others is no choice
            let items = of_part.get(&candidate.part).into_iter().flatten().filter(|i| free[**i].is_positive());
            choice.extend(items.map(|i| (candidate.rank, *i)));
        }
        if choice.len() != 1 && !search.interchangeable {
            if choice.len() > 1 {
                taken.several.insert(line.id);
            }
            continue;
        }
        choice.sort_unstable();
        let mut missing = line.missing();
        for (_, i) in choice {
            let quantity = missing.min(free[i]);
            if !quantity.is_positive() {
                continue;
            }
            free[i] -= quantity;
            missing -= quantity;
            taken.add(&stock[i], line.id, quantity, None);
            if missing.is_zero() {
                break;
            }
        }
    }
    Ok(())
}

/// Stock of tracked parts that is on hand, be it still being made, and has the serial number of an output
/// that the build order is making.
const WITH_SERIAL_OF_OUTPUT: &str = sql!(
    on_hand!("s.", ""),
    " AND ",
    usable!("s.", ""),
    " AND s.serial <> '' AND s.serial IN (SELECT x.serial FROM stock_stockitem x WHERE x.is_building AND x.build = "
);

selected! {
    /// An output with its serial number.
    struct OutputSerial {
        id: ItemKey = "x.id",
        serial: String = "x.serial",
    }
}

/// Takes stock for outputs that are being made: where exactly one piece that fits a line has the output's serial
/// number, it belongs to it.
fn tracked(
    conn: &mut Connection,
    order: &Order,
    search: &Search,
    lines: &[Line],
    parts: &CandidateParts,
    taken: &mut Taken,
) -> Result<()> {
    let from = "FROM stock_stockitem x WHERE x.build = $1 AND x.is_building AND x.serial <> '' ORDER BY x.id";
    let outputs: Vec<OutputSerial> = selected::all(conn, from, &[order.id.into()])?;
    let outputs: Vec<(ItemKey, String)> = outputs.into_iter().map(|output| (output.id, output.serial)).collect();
    take_for(conn, order, search, &outputs, &search.lines(lines, true), parts, taken)
}

/// Allocates stock with the serial numbers of these outputs (with their serial numbers) alone.
pub(crate) fn tracked_for(
    conn: &mut Connection,
    order: &Order,
    search: &Search,
    outputs: &[(ItemKey, String)],
) -> Result<()> {
    let lines = load::lines(conn, order.id)?;
    let chosen = search.lines(&lines, true);
    if chosen.is_empty() || outputs.is_empty() {
        return Ok(());
    }
    let parts = search.parts(conn, &lines)?;
    let mut taken = Taken::default();
    take_for(conn, order, search, outputs, &chosen, &parts, &mut taken)?;
    row::insert::<Allocation>(conn, &taken.allocations)
}

fn take_for(
    conn: &mut Connection,
    order: &Order,
    search: &Search,
    outputs: &[(ItemKey, String)],
    lines: &[&Line],
    parts: &CandidateParts,
    taken: &mut Taken,
) -> Result<()> {
    if lines.is_empty() || outputs.is_empty() {
        return Ok(());
    }
    let condition = fragment!("{WITH_SERIAL_OF_OUTPUT}{})", order.id);
    let stock = search.stock(conn, &all_parts(lines, parts), &condition)?;
    let keys: Vec<ItemKey> = outputs.iter().map(|(id, _)| *id).collect();
    let there: HashSet<(BuildLineKey, Option<ItemKey>)> =
        load::allocations(conn, load::By::Output(&keys))?.iter().map(|a| (a.line, a.install_into)).collect();
    let mut missing: BTreeMap<BuildLineKey, Quantity> = lines.iter().map(|l| (l.id, l.missing())).collect();
    let mut free: Vec<Quantity> = stock.iter().map(|item| item.free).collect();
    let mut by_serial: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, item) in stock.iter().enumerate() {
        by_serial.entry(item.serial.as_str()).or_default().push(i);
    }
    for (output, serial) in outputs {
        for line in lines {
            let left = missing.entry(line.id).or_default();
            if !left.is_positive() || there.contains(&(line.id, Some(*output))) {
                continue;
            }
            let fits =
                |i: &usize| parts.get(&line.bom_item).is_some_and(|p| p.iter().any(|c| c.part == stock[*i].part));
            let fitting: Vec<usize> =
                by_serial.get(serial.as_str()).into_iter().flatten().copied().filter(fits).collect();
            let [only] = fitting.as_slice() else { continue };
            if free[*only] < Quantity::ONE || stock[*only].id == *output {
                continue;
            }
            free[*only] -= Quantity::ONE;
            *left -= Quantity::ONE;
            taken.add(&stock[*only], line.id, Quantity::ONE, Some(*output));
        }
    }
    Ok(())
}
