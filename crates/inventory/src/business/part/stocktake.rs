//! Stocktakes: quantity and value of each part on a date.

use std::collections::HashMap;

use ironwood_base::{Error, Key, Money, Quantity, Result, clock};
use ironwood_rest::at_or_below;
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::input::Input;
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::row;
use ironwood_rest::selected::Selected;
use ironwood_rest::subtree;
use ironwood_rest::table::{ColumnType, OnDelete};
use ironwood_rest::view::{BOOL, Type, View, input as accepted, value};
use ironwood_rest::{list, selected};
use ironwood_store::{Connection, Fragment, Value, fragment};
use serde_json::{Map, Value as Json, json};

use super::pricing::Converter;
use crate::business::stock::available::IN_STOCK;
use crate::platform::output::{self, sheet};
use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::platform::state::{self, Inventory};
use crate::platform::system::job::{self, Job, JobType, Next, Schedule};
use crate::schema::common::DATA_OUTPUT;
use crate::schema::keys::*;
use crate::schema::part::{CATEGORY, PART, Stocktake};
use crate::schema::stock::LOCATION;

/// Parts that one request counts itself; more are left to the background.
const AT_ONCE: usize = 2_000;
/// Keys in one statement, and rows in one.
const CHUNK: usize = 500;
/// Name under which the day of the last automatic stocktake is kept.
const LAST: &str = "stocktake_last";

const fn link(name: &'static str, table: &'static ironwood_rest::table::Table) -> ironwood_rest::view::Field {
    accepted(name, Type::Of(ColumnType::Link(table, OnDelete::Cascade))).nullable().listed()
}

static FORM: View = View::plain(
    "PartStocktakeGenerate",
    &[
        link("part", &PART).help("Only this part and its variants."),
        link("category", &CATEGORY).help("Only parts in this category and its subcategories."),
        link("location", &LOCATION)
            .help("Only stock in this location and below. Stocktake entries are not saved in this case."),
        accepted("generate_entry", BOOL)
            .label("Generate Stocktake Entries")
            .default("false")
            .help("Save the stocktake entries."),
        accepted("generate_report", BOOL).default("false").help("Create a report file."),
        value("output", Type::Object(&output::VIEW)).nullable(),
    ],
);

request! {
    struct StocktakeRequest of FORM {
        part: Option<PartKey>,
        category: Option<CategoryKey>,
        location: Option<LocationKey>,
        generate_entry: bool,
        generate_report: bool,
    } without []
}

pub(super) static GENERATE: Action = action(
    Method::Post,
    "/api/part/stocktake/generate/",
    "part_stocktake_generate_create",
    Access::Table("part_partstocktake"),
    generate,
)
.request(Shape::Object(&FORM))
.response(200, Shape::Object(&FORM))
.help("Performs a stocktake. Saves entries, creates a report, or both.");

/// What is counted, and what becomes of it.
#[derive(Debug, Clone, Copy, Default)]
struct Scope {
    part: Option<PartKey>,
    category: Option<CategoryKey>,
    location: Option<LocationKey>,
    /// Record it.
    entries: bool,
    /// Key of the file's record.
    report: Option<DataOutputKey>,
}

fn key<T>(values: &Map<String, Json>, name: &str) -> Option<Key<T>> {
    values.get(name).and_then(Json::as_i64).map(Key::from_id)
}

impl Scope {
    fn read(values: &Map<String, Json>) -> Self {
        let says = |name: &str| values.get(name).and_then(Json::as_bool).unwrap_or(false);
        Scope {
            part: key(values, "part"),
            category: key(values, "category"),
            location: key(values, "location"),
            entries: says("generate_entry"),
            report: key(values, "report"),
        }
    }

    fn json(&self) -> Json {
        json!({
            "part": self.part, "category": self.category, "location": self.location,
            "generate_entry": self.entries, "report": self.report,
        })
    }
}

fn generate(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let StocktakeRequest { part, category, location, generate_entry, generate_report } = StocktakeRequest::read(ctx)?;
    let mut scope = Scope { part, category, location, entries: generate_entry, report: None };
    if generate_report {
        let mut record = Change::create(&DATA_OUTPUT, Input::default());
        record.set("user", ctx.caller.id());
        record.set("output_type", "stocktake");
        record.set("output", "");
        scope.report = Some(Key::from_id(record.write(ctx.conn)?));
    }
    let snapshot = state::snapshot(ctx)?;
    let parts = parts(ctx.conn, scope)?;
    if parts.len() > AT_ONCE {
        job::enqueue(ctx, &COUNT, &scope.json())?;
    } else {
        run(ctx, &snapshot.settings, scope, &parts)?;
    }
    let output = match scope.report {
        Some(id) => list::row(ctx, &output::OUTPUTS, id)?.and_then(|row| serde_json::from_slice::<Json>(&row).ok()),
        None => None,
    };
    let body = json!({"part": scope.part, "category": scope.category, "location": scope.location, "output": output});
    Ok(Answer::json(200, &body))
}

/// The active parts that a stocktake is about.
fn parts(conn: &mut Connection, scope: Scope) -> Result<Vec<PartKey>> {
    let below = |table: &'static str, path: &'static str, param: Fragment| {
        let is_below = subtree::at_or_below(path, "a.tree_path", "a.tree_end");
        fragment!(" AND EXISTS (SELECT 1 FROM {table} a WHERE a.id = {param} AND {is_below})")
    };
    let mut params = Vec::new();
    let mut sql = Fragment::from(
        "SELECT p.id FROM part_part p LEFT JOIN part_partcategory c ON c.id = p.category WHERE p.active",
    );
    if let Some(part) = scope.part {
        params.push(part.into());
        sql.push(below("part_part", "p.tree_path", Fragment::parameter(params.len())));
    }
    if let Some(category) = scope.category {
        params.push(category.into());
        sql.push(below("part_partcategory", "c.tree_path", Fragment::parameter(params.len())));
    }
    sql.push(" ORDER BY p.id");
    Ok(conn.rows(&sql, &params)?.iter().map(|row| row.cell(0)).collect())
}

/// What was found of one part.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Found {
    items: i64,
    quantity: Quantity,
    /// In the default currency.
    cost_min: Money,
    cost_max: Money,
}

selected! {
    /// A stock item of a part, and prices of the part.
    struct Priced {
        part: PartKey = "a.id",
        quantity: Quantity = "s.quantity",
        price: Option<Money> = "s.purchase_price",
        price_currency: String = "s.purchase_price_currency",
        low: Option<Money> = "r.overall_min",
        low_currency: String = "r.overall_min_currency",
        high: Option<Money> = "r.overall_max",
        high_currency: String = "r.overall_max_currency",
    }
}

/// Counts stock of parts and of their variants.
fn count(
    conn: &mut Connection,
    settings: &Settings,
    scope: Scope,
    parts: &[PartKey],
) -> Result<HashMap<PartKey, Found>> {
    let money = Converter::load(conn, settings)?;
    let mut found: HashMap<PartKey, Found> = HashMap::with_capacity(parts.len());
    let mut place = Fragment::new();
    if let Some(location) = scope.location {
        place.push(fragment!(
            " AND EXISTS (SELECT 1 FROM stock_stocklocation b WHERE b.id = {location} AND {at_or_below})",
            at_or_below = at_or_below!("l", "b")
        ));
    }
    if settings.bool(keys::STOCKTAKE_EXCLUDE_EXTERNAL) {
        place.push(" AND NOT COALESCE(l.external, FALSE)");
    }
    for some in parts.chunks(CHUNK) {
        let keys = Fragment::numbers(some.iter().copied());
        let from = fragment!(
            "FROM part_part a JOIN part_part v ON {at_or_below} \
             JOIN stock_stockitem s ON s.part = v.id LEFT JOIN stock_stocklocation l ON l.id = s.location \
             LEFT JOIN part_partpricing r ON r.part = a.id WHERE a.id IN ({keys}) AND {}{place}",
            IN_STOCK,
            at_or_below = at_or_below!("v", "a")
        );
        conn.query(&fragment!("SELECT {} {from}", Priced::COLUMNS), &[], |row| {
            let item = Priced::read(row);
            let price = |amount: Option<Money>, currency: &str| {
                amount.and_then(|amount| money.convert(amount.in_currency(currency)))
            };
            let own = price(item.price, &item.price_currency);
            let (low, high) = (price(item.low, &item.low_currency), price(item.high, &item.high_currency));
            let quantity = item.quantity;
            let worth = |unit: Option<Money>| unit.and_then(|unit| unit.times(quantity)).unwrap_or_default();
            let part = found.entry(item.part).or_default();
            part.items += 1;
            part.quantity = part.quantity.saturating_add(quantity);
            part.cost_min = part.cost_min.saturating_add(worth(own.or(low).or(high)));
            part.cost_max = part.cost_max.saturating_add(worth(own.or(high).or(low)));
            Ok(())
        })?;
    }
    Ok(found)
}

/// Counts and keeps what was found.
fn run(ctx: &mut Context<'_>, settings: &Settings, scope: Scope, parts: &[PartKey]) -> Result<()> {
    if !settings.bool(keys::STOCKTAKE_ENABLE) {
        if let Some(report) = scope.report {
            let why = json!({"error": "Stocktake is turned off in the settings."}).to_string();
            let sql = "UPDATE common_dataoutput SET errors = $1 WHERE id = $2";
            ctx.conn.execute(sql, &[why.into(), report.into()])?;
        }
        return Ok(());
    }
    let today = clock::today();
    // what was counted in one place alone says nothing of the part
    let entries = scope.entries && scope.location.is_none();
    let mut parts = parts.to_vec();
    if entries {
        let sql = "SELECT DISTINCT part FROM part_partstocktake WHERE date >= $1";
        let done: Vec<PartKey> = ctx.conn.rows(sql, &[today.as_str().into()])?.iter().map(|row| row.cell(0)).collect();
        let done: std::collections::HashSet<PartKey> = done.into_iter().collect();
        parts.retain(|part| !done.contains(part));
    }
    let found = count(ctx.conn, settings, scope, &parts)?;
    let rows: Vec<(PartKey, Found)> = parts
        .iter()
        .filter(|part| scope.location.is_none() || found.contains_key(part))
        .map(|part| (*part, found.get(part).copied().unwrap_or_default()))
        .collect();
    if entries {
        keep(ctx.conn, settings.text(keys::INVENTREE_DEFAULT_CURRENCY), &today, &rows)?;
    }
    match scope.report {
        Some(report) => write_report(ctx, settings, report, &today, &rows),
        None => Ok(()),
    }
}

fn keep(conn: &mut Connection, currency: &str, today: &str, rows: &[(PartKey, Found)]) -> Result<()> {
    let entry = |(part, found): &(PartKey, Found)| Stocktake {
        part: *part,
        item_count: found.items,
        quantity: found.quantity,
        date: today.to_owned(),
        cost_min: Some(found.cost_min),
        cost_min_currency: currency.to_owned(),
        cost_max: Some(found.cost_max),
        cost_max_currency: currency.to_owned(),
        ..Stocktake::default()
    };
    let entries: Vec<Stocktake> = rows.iter().map(entry).collect();
    row::insert::<Stocktake>(conn, &entries)
}

const HEADER: [&str; 10] = [
    "Part ID",
    "Part Name",
    "Part IPN",
    "Part Description",
    "Date",
    "Item Count",
    "Quantity",
    "Minimum Cost",
    "Maximum Cost",
    "Currency",
];

row! {
    /// How a part is called.
    struct Named in PART as PartKey {
        name: String,
        IPN: Option<String>,
        description: String,
    } without [..]
}

fn write_report(
    ctx: &mut Context<'_>,
    settings: &Settings,
    report: DataOutputKey,
    today: &str,
    rows: &[(PartKey, Found)],
) -> Result<()> {
    let mut names: HashMap<PartKey, Named> = HashMap::with_capacity(rows.len());
    for some in rows.chunks(CHUNK) {
        let keys: Vec<PartKey> = some.iter().map(|(part, _)| *part).collect();
        let parts = row::many::<Named>(ctx.conn, &keys)?;
        names.extend(parts.into_iter().map(|part| (part.id, part)));
    }
    let currency = settings.text(keys::INVENTREE_DEFAULT_CURRENCY);
    let table = sheet::Sheet {
        columns: HEADER.map(str::to_owned).into(),
        rows: rows
            .iter()
            .map(|(part, found)| {
                let Named { name, IPN: ipn, description, .. } = names.remove(part).unwrap_or_default();
                vec![
                    json!(part),
                    json!(name),
                    json!(ipn.unwrap_or_default()),
                    json!(description),
                    json!(today),
                    json!(found.items),
                    json!(found.quantity.to_string()),
                    json!(found.cost_min.to_string()),
                    json!(found.cost_max.to_string()),
                    json!(currency),
                ]
            })
            .collect(),
    };
    let bytes = table.write(sheet::Format::Csv)?;
    let media = Inventory::of(ctx.domain)?.media.clone();
    let name = format!("stocktake_{today}_{report}.csv");
    let folder = crate::platform::media::unguessable(output::FOLDER)?;
    let path = crate::platform::media::write(&media, &mut ctx.effects, &folder, &name, &bytes)?;
    let sql = "UPDATE common_dataoutput SET output = $1, total = $2, progress = 100, complete = TRUE WHERE id = $3";
    ctx.conn.execute(sql, &[path.into(), Value::Int(rows.len() as i64), report.into()])?;
    Ok(())
}

/// A stocktake of very many parts.
static COUNT: JobType = JobType::bound("stocktake", |job: &mut Job<'_, '_>| {
    let settings = Settings::load(job.ctx.conn)?;
    let values = job.payload.as_object().ok_or_else(|| Error::bad_request("The job has no payload."))?;
    let scope = Scope::read(values);
    let parts = parts(job.ctx.conn, scope)?;
    run(job.ctx, &settings, scope, &parts)?;
    Ok(Next::Done)
});
/// Old entries go, and new ones are made as often as the settings say.
static DAILY: JobType = JobType::bound("stocktake_daily", daily);

/// Jobs of stocktakes.
pub(crate) static JOBS: &[&JobType] = &[&COUNT, &DAILY];
/// What comes back.
pub(crate) static SCHEDULES: &[Schedule] = &[Schedule { name: "Automatic stocktake", job: &DAILY, minutes: 24 * 60 }];

fn daily(job: &mut Job<'_, '_>) -> Result<Next> {
    let settings = Settings::load(job.ctx.conn)?;
    if settings.bool(keys::STOCKTAKE_DELETE_OLD_ENTRIES) {
        let before = clock::days_from_today(-settings.int(keys::STOCKTAKE_DELETE_DAYS));
        job.ctx.conn.execute("DELETE FROM part_partstocktake WHERE date < $1", &[before.into()])?;
    }
    let days = settings.int(keys::STOCKTAKE_AUTO_DAYS);
    if !settings.bool(keys::STOCKTAKE_ENABLE) || days < 1 {
        return Ok(Next::Done);
    }
    let last = job.ctx.conn.one("SELECT value FROM ironwood_meta WHERE name = $1", &[LAST.into()])?;
    let (since, today) = (clock::days_from_today(-days), clock::today());
    // a day yet to come is that of a clock which ran ahead
    if last.as_ref().is_some_and(|row| row.text(0) > since.as_str() && row.text(0) <= today.as_str()) {
        return Ok(Next::Done);
    }
    let scope = Scope { entries: true, ..Scope::default() };
    let parts = parts(job.ctx.conn, scope)?;
    run(job.ctx, &settings, scope, &parts)?;
    let sql = "INSERT INTO ironwood_meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    job.ctx.conn.execute(sql, &[LAST.into(), clock::today().into()])?;
    Ok(Next::Done)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use crate::testing::on_each_server;

    #[test]
    fn what_is_there_is_counted_with_variants_and_kept_once_a_day() {
        on_each_server(|server| {
            let admin = server.superuser();
            let template = admin.made("/api/part/", json!({"name": "T", "is_template": true}));
            let variant = admin.made("/api/part/", json!({"name": "V", "variant_of": template}));
            let other = admin.made("/api/part/", json!({"name": "O"}));
            let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
            for (part, price) in [(template, Json::Null), (variant, json!(2.5)), (other, json!(1))] {
                let body = json!({"part": part, "quantity": 4, "location": place, "purchase_price": price});
                admin.made("/api/stock/", body);
            }
            let prices = json!({"override_min": 1, "override_max": 3});
            assert_eq!(admin.patch(&format!("/api/part/{template}/pricing/"), prices).0, 200);
            let make = |body: Json| admin.done("/api/part/stocktake/generate/", body);
            // switched off: nothing is counted, and the file's record says so
            let off = make(json!({"part": template, "generate_entry": true, "generate_report": true}));
            assert_eq!((&off["output"]["complete"], off["output"]["errors"].is_object()), (&json!(false), true));
            assert_eq!(admin.patch("/api/settings/global/STOCKTAKE_ENABLE/", json!({"value": true})).0, 200);
            for _ in 0..2 {
                make(json!({"part": template, "generate_entry": true}));
            }
            let rows = admin.read(&format!("/api/part/stocktake/?part={template}"));
            assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
            let (row, count) = (&rows[0], &rows[0]["item_count"]);
            assert_eq!((count, &row["quantity"]), (&json!(2), &json!(8.0)));
            assert_eq!((&row["cost_min"], &row["cost_max"]), (&json!(14.0), &json!(22.0)));
            assert_eq!(admin.read(&format!("/api/part/stocktake/?part={other}")), json!([]));
            // in one place: only a file
            let there = make(json!({"location": place, "generate_entry": true, "generate_report": true}));
            assert_eq!((&there["output"]["complete"], &there["output"]["total"]), (&json!(true), &json!(3)));
            assert_eq!(admin.read("/api/part/stocktake/").as_array().map(Vec::len), Some(2));
        });
    }
}
