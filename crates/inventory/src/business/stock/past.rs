//! Past stock levels, calculated from the stock history.
//!
//! Each entry keeps what of its item was in stock from then on, of which part and where (`after_stock`,
//! `after_part`, `after_location`), and every change of these leaves an entry. Entries that were taken in
//! from elsewhere lack that; they tell the quantity of their item, and where that changed, its location
//! and status, and some tell that the item left the stock or came back. Read in order up to a moment, they
//! give the item as it was. Items that were deleted since count until then: the database keeps whose
//! entries they were, and when they ended.

use std::collections::{BTreeMap, HashMap};

use ironwood_base::decimal::Excess;
use ironwood_base::key::{Key, Record};
use ironwood_base::status::{HistoryCode, STOCK_STATUS, StockStatus};
use ironwood_base::{Error, Quantity, Result, clock};
use ironwood_rest::at_or_below;
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::select::truth;
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_rest::view::{BOOL, INT, QUANTITY, TEXT, TIME, Type, View, value};
use ironwood_store::{Connection, Fragment, Row, fragment, sql};
use serde_json::{Value as Json, json};

use super::{history, history_limit};
use crate::platform::common::custom_state;
use crate::schema::keys::{ItemKey, LocationKey, PartKey};

/// Actions of this file.
pub(crate) static ACTIONS: &[&Action] = &[&STOCK_AT];

static ROW: View = View::plain(
    "StockAtRow",
    &[
        value("part", INT).help("Part."),
        value("location", INT).nullable().help("Stock location. Null: no location."),
        value("quantity", QUANTITY).help("Quantity in stock."),
        value("items", INT).help("Number of stock items."),
    ],
);

static VIEW: View = View::plain(
    "StockAt",
    &[
        value("at", TIME).help("Point in time."),
        value("quantity", QUANTITY).help("Total quantity."),
        value("items", INT).help("Number of stock items."),
        value("rows", Type::List(&ROW)).help("Quantities by part and location."),
    ],
);

static STOCK_AT: Action = action(
    Method::Get,
    "/api/stock/history/",
    "stock_history_retrieve",
    Access::Table("stock_stockitem"),
    stock_at,
)
.params(&[
    ("part", INT, "Stock of this part."),
    ("include_variants", BOOL, "Include variants."),
    ("location", INT, "Stock in this location."),
    ("cascade", BOOL, "Include locations below (default)."),
    ("at", TEXT, "A date (its end is used) or a date and time (ISO 8601). Default: now."),
])
.response(200, Shape::Object(&VIEW))
.help(
    "Stock of a part or in a location at a point in time, calculated from the stock history. An addition to the \
    InvenTree API.",
);

/// An item as its history tells it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct State {
    part: PartKey,
    quantity: Option<Quantity>,
    location: Option<LocationKey>,
    status: StockStatus,
    /// Sold, installed in another item, consumed, or still being made.
    away: bool,
}

/// What an entry does to the state of its item, by its code.
mod code {
    use super::HistoryCode;

    /// Entries about another item, under the assembly that it is or was in: their quantity is its.
    pub(super) const ABOUT_OTHERS: [HistoryCode; 2] =
        [HistoryCode::INSTALLED_CHILD_ITEM, HistoryCode::REMOVED_CHILD_ITEM];
    /// Installed, consumed, shipped, given to a customer, begun by a build.
    pub(super) const LEAVES: [HistoryCode; 5] = [
        HistoryCode::INSTALLED_INTO_ASSEMBLY,
        HistoryCode::BUILD_OUTPUT_CREATED,
        HistoryCode::BUILD_CONSUMED,
        HistoryCode::SHIPPED_AGAINST_SALES_ORDER,
        HistoryCode::SENT_TO_CUSTOMER,
    ];
    /// Returned, taken out, finished by a build.
    pub(super) const COMES: [HistoryCode; 6] = [
        HistoryCode::RETURNED_TO_STOCK,
        HistoryCode::REMOVED_FROM_ASSEMBLY,
        HistoryCode::BUILD_OUTPUT_COMPLETED,
        HistoryCode::BUILD_OUTPUT_REJECTED,
        HistoryCode::RETURNED_AGAINST_RETURN_ORDER,
        HistoryCode::RETURNED_FROM_CUSTOMER,
    ];
}

impl State {
    /// What an entry of our own keeps.
    const fn kept(part: PartKey, location: Option<LocationKey>, stock: Quantity) -> Self {
        State { part, quantity: Some(stock), location, status: StockStatus::OK, away: false }
    }

    const fn new(part: PartKey) -> Self {
        State { part, quantity: None, location: None, status: StockStatus::OK, away: false }
    }

    fn apply(&mut self, code: HistoryCode, deltas: &Json, states: &HashMap<i64, StockStatus>) {
        if code::ABOUT_OTHERS.contains(&code) {
            return;
        }
        if let Some(quantity) = deltas.get("quantity").and_then(read_quantity) {
            self.quantity = Some(quantity);
        }
        if let Some(part) = deltas.get("part").and_then(Json::as_i64) {
            self.part = Key::from_id(part);
        }
        if let Some(status) = deltas.get("status_logical").or_else(|| deltas.get("status")).and_then(Json::as_i64) {
            self.status = states.get(&status).copied().unwrap_or(StockStatus::from_key(status));
        }
        if code::LEAVES.contains(&code) {
            self.away = true;
            self.location = None;
        }
        if code::COMES.contains(&code) {
            self.away = false;
            self.location = None;
        }
        if let Some(location) = deltas.get("location") {
            self.location = location.as_i64().map(Key::from_id);
        }
    }

    fn in_stock(&self) -> Option<Quantity> {
        let there = !self.away && StockStatus::AVAILABLE.contains(&self.status);
        self.quantity.filter(|q| there && q.is_positive())
    }
}

/// A JSON number as a quantity.
fn read_quantity(number: &Json) -> Option<Quantity> {
    let text = number.as_str().map_or_else(|| number.to_string(), str::to_owned);
    Quantity::parse(&text, Excess::Round).ok()
}

/// The moment that a request asks about, in the stored form: of a day its end.
fn moment(text: &str) -> Result<String> {
    let text = text.trim();
    let day = if text.len() == 10 { clock::parse_date(text) } else { None };
    let read = day.map(|day| format!("{day}T23:59:59.999Z")).or_else(|| clock::parse_time(&text.replace(' ', "+")));
    read.or_else(|| clock::parse_time(text))
        .ok_or_else(|| Error::field("at", "Must be a date or a date and time (ISO 8601)."))
}

/// Keys below a row of a tree, itself included.
fn tree_keys<T: Record>(conn: &mut Connection, key: Key<T>, below: bool, param: &str) -> Result<Vec<Key<T>>> {
    let table = T::TABLE;
    let sql = if below {
        fragment!(
            "SELECT l.id FROM {table} l JOIN {table} a ON a.id = $1 WHERE {at_or_below}",
            at_or_below = at_or_below!("l", "a")
        )
    } else {
        fragment!("SELECT l.id FROM {table} l WHERE l.id = $1")
    };
    let keys: Vec<Key<T>> = conn.rows(&sql, &[key.into()])?.iter().map(|row| row.cell(0)).collect();
    if keys.is_empty() { Err(Error::field(param, "This record does not exist.")) } else { Ok(keys) }
}

/// The key that a parameter names.
fn key<T>(ctx: &Context<'_>, name: &str) -> Result<Option<Key<T>>> {
    match ctx.request.param(name).map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| Error::field(name, "Must be the ID of a record.")),
    }
}

fn stock_at(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let says = |name: &'static str, default: bool| match ctx.request.param(name).map(str::trim) {
        None | Some("") => Ok(default),
        Some(text) => truth(text).ok_or_else(|| Error::field(name, "Must be true or false.")),
    };
    let part: Option<PartKey> = key(ctx, "part")?;
    let location: Option<LocationKey> = key(ctx, "location")?;
    let (variants, cascade) = (says("include_variants", false)?, says("cascade", true)?);
    let at = ctx.request.param("at").map_or_else(|| Ok(clock::now()), moment)?;
    if part.is_none() && location.is_none() {
        return Err(Error::field("part", "Part or location is required."));
    }
    let snapshot = crate::platform::state::snapshot(ctx)?;
    if history_limit::begins(&snapshot.settings).is_some_and(|first| at < first) {
        return Err(Error::field("at", "The stock history of that time is no longer available."));
    }
    let parts = part.map(|p| tree_keys(ctx.conn, p, variants, "part")).transpose()?;
    let places = location.map(|l| tree_keys(ctx.conn, l, cascade, "location")).transpose()?;
    let items = items_at(ctx.conn, &at, parts.as_deref(), places.as_deref())?;
    let mut sums: BTreeMap<(PartKey, Option<LocationKey>), (Quantity, i64)> = BTreeMap::new();
    for state in items.values() {
        let Some(quantity) = state.in_stock() else { continue };
        let of_part = parts.as_ref().is_none_or(|parts| parts.contains(&state.part));
        let there = places.as_ref().is_none_or(|places| state.location.is_some_and(|l| places.contains(&l)));
        if of_part && there {
            let sum = sums.entry((state.part, state.location)).or_default();
            *sum = (sum.0.saturating_add(quantity), sum.1 + 1);
        }
    }
    let rows: Vec<Json> = sums
        .iter()
        .map(|((part, location), (quantity, items))| {
            json!({"part": part, "location": location, "quantity": history::quantity(*quantity), "items": items})
        })
        .collect();
    let total = sums.values().map(|(quantity, _)| *quantity).sum();
    let count: i64 = sums.values().map(|(_, items)| items).sum();
    Ok(Answer::json(200, &json!({"at": at, "quantity": history::quantity(total), "items": count, "rows": rows})))
}

selected! {
    /// An entry of the history, and what its item is of now.
    struct PastEntry {
        item: ItemKey = "COALESCE(t.item, t.item_key)",
        part: Option<PartKey> = "t.part",
        tracking_type: HistoryCode = "t.tracking_type",
        deltas: Option<String> = "t.deltas",
        item_part: Option<PartKey> = "s.part",
        after_part: Option<PartKey> = "t.after_part",
        after_location: Option<LocationKey> = "t.after_location",
        after_stock: Option<Quantity> = "t.after_stock",
    }
}

/// The items of the parts, or of any that were ever in the locations, as they were at a moment.
fn items_at(
    conn: &mut Connection,
    at: &str,
    parts: Option<&[PartKey]>,
    places: Option<&[LocationKey]>,
) -> Result<HashMap<ItemKey, State>> {
    let states: HashMap<i64, StockStatus> = custom_state::built_in(conn, &STOCK_STATUS)?;
    // an item may have become one of another part since: all that it ever was is read
    let chosen = match (parts, places) {
        (Some(parts), _) => fragment!(
            "SELECT p.item FROM stock_stockitemtracking p WHERE p.part IN ({0}) AND p.item IS NOT NULL \
             UNION SELECT p.item_key FROM stock_stockitemtracking p WHERE p.part IN ({0}) AND p.item_key IS NOT NULL \
             UNION SELECT COALESCE(p.item, p.item_key) FROM stock_stockitemtracking p \
             WHERE p.part IS NULL AND p.after_part IN ({0}) \
             UNION SELECT s.id FROM stock_stockitem s WHERE s.part IN ({0})",
            Fragment::numbers(parts.iter().copied())
        ),
        (None, Some(places)) => {
            let named: Vec<Fragment> = places
                .iter()
                .flat_map(|l| {
                    [
                        fragment!("p.deltas LIKE '%\"location\":{l},%'"),
                        fragment!("p.deltas LIKE '%\"location\":{l}}}%'"),
                    ]
                })
                .chain(places.iter().flat_map(|l| {
                    [
                        fragment!("p.deltas LIKE '%\"location\": {l},%'"),
                        fragment!("p.deltas LIKE '%\"location\": {l}}}%'"),
                    ]
                }))
                .collect();
            fragment!(
                "SELECT COALESCE(p.item, p.item_key) FROM stock_stockitemtracking p \
                 WHERE p.after_part IS NULL AND ({0}) \
                 UNION SELECT COALESCE(p.item, p.item_key) FROM stock_stockitemtracking p WHERE p.after_location IN ({1}) \
                 UNION SELECT s.id FROM stock_stockitem s WHERE s.location IN ({1})",
                Fragment::join(&named, " OR "),
                Fragment::numbers(places.iter().copied())
            )
        }
        (None, None) => return Ok(HashMap::new()),
    };
    let mut items: HashMap<ItemKey, State> = HashMap::new();
    let sql = fragment!(
        "SELECT {} FROM stock_stockitemtracking t LEFT JOIN stock_stockitem s ON s.id = t.item \
         WHERE (t.item IN ({chosen}) OR t.item_key IN ({chosen})) AND t.date <= $1 \
         AND (t.ended IS NULL OR t.ended > $1) ORDER BY t.date, t.id",
        PastEntry::COLUMNS
    );
    conn.query(&sql, &[at.into()], |row: &Row<'_>| {
        let entry = PastEntry::read(row);
        if let (Some(part), Some(stock)) = (entry.after_part, entry.after_stock) {
            items.insert(entry.item, State::kept(part, entry.after_location, stock));
            return Ok(());
        }
        let part = entry.part.or(entry.item_part);
        let state = items.entry(entry.item).or_insert_with(|| State::new(part.unwrap_or_default()));
        if let Some(part) = entry.part {
            state.part = part;
        }
        let deltas: Json = entry.deltas.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        state.apply(entry.tracking_type, &deltas, &states);
        Ok(())
    })?;
    unrecorded(conn, at, &chosen, &mut items)?;
    Ok(items)
}

selected! {
    /// An item of which no entry tells a quantity.
    struct Unrecorded {
        id: ItemKey = "s.id",
        part: PartKey = "s.part",
        quantity: Quantity = "s.quantity",
        location: Option<LocationKey> = "s.location",
        status: StockStatus = "s.status",
        is_away: bool = "(s.is_building OR s.sales_order IS NOT NULL OR s.belongs_to IS NOT NULL \
            OR s.customer IS NOT NULL OR s.consumed_by IS NOT NULL)",
    }
}

/// Items of which no entry tells a quantity (they came from elsewhere): as they are now, from when they
/// were made.
fn unrecorded(conn: &mut Connection, at: &str, chosen: &Fragment, items: &mut HashMap<ItemKey, State>) -> Result<()> {
    let changed_parts = sql!([HistoryCode::INSTALLED_CHILD_ITEM, HistoryCode::REMOVED_CHILD_ITEM]);
    let from = fragment!(
        "FROM stock_stockitem s WHERE s.id IN ({chosen}) \
         AND (s.creation_date IS NULL OR s.creation_date <= $1) AND NOT EXISTS \
         (SELECT 1 FROM stock_stockitemtracking t WHERE t.item = s.id AND (t.after_part IS NOT NULL OR t.deltas LIKE '%\"quantity\"%') \
         AND t.tracking_type NOT IN ({changed_parts}))"
    );
    let found: Vec<Unrecorded> = selected::all(conn, &from, &[at.into()])?;
    items.extend(found.into_iter().map(|item| {
        let Unrecorded { id, part, quantity, location, status, is_away: away } = item;
        (id, State { part, quantity: Some(quantity), location, status, away })
    }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::on_each_server;

    #[test]
    fn what_is_asked_of_the_past_is_read_strictly() {
        on_each_server(|server| {
            let admin = server.superuser();
            let part = admin.made("/api/part/", json!({"name": "Bolt", "is_template": true}));
            let variant = admin.made("/api/part/", json!({"name": "Bolt M3", "variant_of": part}));
            admin.made("/api/stock/", json!({"part": variant, "quantity": 3}));
            for (field, value) in [
                ("at", "yesterday"),
                ("at", "2026-02-30"),
                ("part", "1.5"),
                ("part", "99999"),
                ("location", "x"),
                ("include_variants", "maybe"),
                ("cascade", "2"),
            ] {
                let own = if field == "part" { String::new() } else { format!("part={part}&") };
                let (status, answer) = admin.get(&format!("/api/stock/history/?{own}{field}={value}"));
                assert!(status == 400 && answer.get(field).is_some(), "{field}={value}: {status} {answer}");
            }
            let (status, answer) = admin.get("/api/stock/history/");
            assert!(status == 400 && answer.get("part").is_some(), "{answer}");
            let total = |more: &str| admin.read(&format!("/api/stock/history/?part={part}{more}"))["quantity"].clone();
            assert_eq!([total(""), total("&include_variants=")], [json!(0.0), json!(0.0)]);
            assert_eq!(total("&include_variants=yes"), json!(3.0));
        });
    }
}
