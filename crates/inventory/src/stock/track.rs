//! The history of stock, to be read.

use ironwood_base::status::STOCK_HISTORY_CODE;
use ironwood_base::{Error, Result};
use ironwood_rest::context::Facts;
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Operations, Resource, Test, filter, order};
use ironwood_rest::select::{truth, write_text};
use ironwood_rest::view::{BOOL, INT, TEXT, TIME, Type, View, col, made, nested, pk};
use ironwood_store::ValueRef;

use super::item;
use super::tables::{ITEM, TRACKING as TABLE};
use crate::part::tables::PART;
use crate::part::view::BRIEF as PART_BRIEF;
use crate::users::tables::USER;
use crate::users::view::BRIEF as USER_BRIEF;

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
        made("deltas", Type::Any, &["{deltas}"], write_deltas),
        made("label", TEXT, &["{tracking_type}"], write_label),
        col("notes"),
        col("tracking_type").read_only(),
        col("user").read_only(),
        nested("user_detail", "user", &USER_BRIEF),
    ],
);

fn write_deltas(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    match values.first().and_then(|v| v.as_text()).filter(|t| !t.is_empty()) {
        Some(json) => out.extend_from_slice(json.as_bytes()),
        None => out.extend_from_slice(b"{}"),
    }
}

fn write_label(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    let code = values.first().and_then(|v| v.as_int()).unwrap_or(0);
    write_text(out, STOCK_HISTORY_CODE.find(code).map_or("", |s| s.label));
}

fn by_part(query: &mut Query<'_>, text: &str) -> Result<()> {
    let Ok(part) = text.trim().parse::<i64>() else {
        return Err(Error::field("part", "The key of a part is needed here."));
    };
    query.must_exist(&PART, part, "part");
    if query.request.param("include_variants").and_then(truth).unwrap_or(false) {
        query.and_value(
            "{part} IN (SELECT v.id FROM part_part v JOIN part_part a ON a.id = {value} \
             WHERE v.tree_path >= a.tree_path AND v.tree_path < SUBSTR(a.tree_path, 1, LENGTH(a.tree_path) - 1) || '0')",
            part,
        );
    } else {
        query.and_value("{part} = {value}", part);
    }
    Ok(())
}

/// The history of stock.
pub static HISTORY: Resource = Resource::new("/api/stock/track/", "stock_track", &VIEW)
    .operations(Operations::READ)
    .filters(&[
        filter("item", Test::Link(&ITEM, "{item} = {value}")),
        filter("user", Test::Link(&USER, "{t}.\"user\" = {value}")),
        filter("include_variants", Test::Noted(BOOL)).help("With the variants of `part`."),
        filter("part", Test::Custom(INT, by_part)),
        filter("min_date", Test::Where(TIME, "{date} > {value}")),
        filter("max_date", Test::Where(TIME, "{date} < {value}")),
    ])
    .search(&["{notes}"])
    .order(&[order("date", &["{date}"])])
    .default_order(&["-{date}"])
    .help("What happened to stock items, and who did it.");
