//! The stock history in the API.

use std::collections::{BTreeMap, HashMap};

use ironwood_base::status::STOCK_HISTORY_CODE;
use ironwood_base::{Error, Result};
use ironwood_rest::context::{Context, Facts};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Condition, Operations, Resource, filter, sort};
use ironwood_rest::select::{self, truth, write_text};
use ironwood_rest::view::{BOOL, INT, TEXT, TIME, Type, View, col, filled, made, nested, pk};
use ironwood_store::ValueRef;
use serde_json::{Map, Value as Json};

use super::item;
use crate::business::part::view::BRIEF as PART_BRIEF;
use crate::platform::users::view::BRIEF as USER_BRIEF;
use crate::schema::keys::PartKey;
use crate::schema::part::PART;
use crate::schema::stock::{ITEM, TRACKING as TABLE};
use crate::schema::users::USER;

static VIEW: View = View::new(
    "StockTracking",
    &TABLE,
    &[
        pk(),
        col("item"),
        nested("item_detail", "item", &item::VIEW),
        col("part").read_only(),
        nested("part_detail", "part", &PART_BRIEF).on("part_detail", false),
        col("date").read_only(),
        filled("deltas", Type::Any, "COALESCE(NULLIF({deltas}, ''), '{}')", detail),
        made("label", TEXT, &["{tracking_type}"], write_label),
        col("notes"),
        col("tracking_type").read_only(),
        col("user").read_only(),
        nested("user_detail", "user", &USER_BRIEF),
    ],
);

/// What the deltas of a history may name by its key: their entries, and the table of the row.
const NAMED: &[(&str, &str)] = &[
    ("part", "part_part"),
    ("location", "stock_stocklocation"),
    ("customer", "company_company"),
    ("purchaseorder", "order_purchaseorder"),
    ("salesorder", "order_salesorder"),
    ("returnorder", "order_returnorder"),
    ("transferorder", "order_transferorder"),
    ("buildorder", "build_build"),
    ("item", "stock_stockitem"),
    ("stockitem", "stock_stockitem"),
    ("person", "auth_user"),
    ("taken_from", "stock_stocklocation"),
    ("projectcode", "common_projectcode"),
];

/// How rows of a table are shown beside their keys.
fn view_of(ctx: &Context<'_>, table: &str) -> Option<&'static View> {
    match table {
        "part_part" => return Some(&PART_BRIEF),
        "auth_user" => return Some(&USER_BRIEF),
        _ => {}
    }
    let resources = ctx.registry.resources.iter();
    resources
        .filter(|r| r.operations.list && r.operations.retrieve)
        .find(|r| r.view.table.name == table)
        .map(|r| r.view)
}

/// Deltas with the rows that they name beside the keys (`location_detail`), null for what is gone. One
/// statement for each kind of row that is named on the page.
fn detail(ctx: &mut Context<'_>, texts: &[&str]) -> Result<HashMap<String, Vec<u8>>> {
    let parsed: Vec<(&str, Map<String, Json>)> =
        texts.iter().map(|text| (*text, serde_json::from_str(text).unwrap_or_default())).collect();
    let mut wanted: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (_, deltas) in &parsed {
        for (name, table) in NAMED {
            wanted.entry(table).or_default().extend(deltas.get(*name).and_then(Json::as_i64));
        }
    }
    let mut rows: BTreeMap<&str, HashMap<i64, Vec<u8>>> = BTreeMap::new();
    for (table, mut keys) in wanted {
        keys.sort_unstable();
        keys.dedup();
        if let Some(view) = view_of(ctx, table).filter(|_| ctx.caller.sees(table)) {
            rows.insert(table, select::rows_by_key(ctx, view, &keys)?);
        }
    }
    let shown = parsed.into_iter().map(|(text, deltas)| {
        let mut out = serde_json::to_vec(&deltas).unwrap_or_else(|_| b"{}".to_vec());
        for (name, table) in NAMED {
            let (Some(key), Some(rows)) = (deltas.get(*name), rows.get(table)) else { continue };
            out.pop();
            out.extend_from_slice(if out.len() > 1 { b"," } else { b"" });
            out.extend_from_slice(format!("\"{name}_detail\":").as_bytes());
            let row = key.as_i64().and_then(|key| rows.get(&key));
            out.extend_from_slice(row.map_or(b"null".as_slice(), Vec::as_slice));
            out.push(b'}');
        }
        (text.to_owned(), out)
    });
    Ok(shown.collect())
}

fn write_label(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    let code = values.first().and_then(|v| v.as_int()).unwrap_or(0);
    write_text(out, STOCK_HISTORY_CODE.find(code).map_or("", |s| s.label));
}

fn by_part(query: &mut Query<'_>, text: &str) -> Result<()> {
    let Ok(part) = text.trim().parse::<PartKey>() else {
        return Err(Error::field("part", "Must be the ID of a part."));
    };
    query.must_exist(&PART, part, "part");
    if query.request.param("include_variants").and_then(truth).unwrap_or(false) {
        query.and_tree("{part} IN {below}", &PART, part);
    } else {
        query.and_value("{part} = {value}", part);
    }
    Ok(())
}

/// The history of stock.
pub(crate) static HISTORY: Resource = Resource::new("/api/stock/track/", "stock_track", &VIEW)
    .operations(Operations::READ)
    .filters(&[
        filter("item", Condition::Link(&ITEM, "{item} = {value}")),
        filter("user", Condition::Link(&USER, "{t}.\"user\" = {value}")),
        filter("include_variants", Condition::Noted(BOOL)).help("Include variants of `part`."),
        filter("part", Condition::Custom(INT, by_part)),
        filter("min_date", Condition::Where(TIME, "{date} > {value}")),
        filter("max_date", Condition::Where(TIME, "{date} < {value}")),
    ])
    .search(&["{notes}"])
    .sorts(&[sort("date", &["{date}"])])
    .default_sort(&["-{date}"])
    .help("History of stock items.");
