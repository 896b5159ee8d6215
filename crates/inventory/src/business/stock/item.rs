//! Stock items.

use ironwood_base::status::STOCK_STATUS;
use ironwood_base::{Error, Key, Result, clock};
use ironwood_rest::context::Facts;
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Condition, Delete, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::select::truth;
use ironwood_rest::view::{
    BOOL, DATE, INT, Many, QUANTITY, TEXT, TIME, View, ancestors, col, input, made, many, nested, pk, sql,
};
use ironwood_store::{AsSql, ValueRef, fragment};

use super::available::{CLAIMED, ROW_IN_STOCK};
use super::view::{LOCATION_BRIEF, STEP};
use super::{rules, test};
use crate::business::bom::usable::STOCK_FOR_LINE;
use crate::business::company::view::SUPPLIER_PART_BRIEF;
use crate::business::part::part::matches_regex;
use crate::business::part::view::BRIEF as PART_BRIEF;
use crate::platform::common::custom_state::status_text;
use crate::platform::common::tag;
use crate::platform::settings::keys;
use crate::platform::state::Snapshot;
use crate::schema::bom::BOM_ITEM;
use crate::schema::build::BUILD;
use crate::schema::company::{COMPANY, MANUFACTURER_PART, SUPPLIER_PART};
use crate::schema::keys::{CompanyKey, LocationKey, PartKey};
use crate::schema::part::{CATEGORY, PART};
use crate::schema::purchasing::ORDER as PURCHASE_ORDER;
use crate::schema::sales::ORDER as SALES_ORDER;
use crate::schema::stock::{ITEM as TABLE, LOCATION};

const INSTALLED: &str = "(SELECT COUNT(*) FROM stock_stockitem i WHERE i.belongs_to = {id})";
const CHILDREN: &str = "(SELECT COUNT(*) FROM stock_stockitem i WHERE i.parent = {id})";
const TRACKING: &str = "(SELECT COUNT(*) FROM stock_stockitemtracking i WHERE i.item = {id})";

static TESTS: Many = Many::new(&test::BRIEF, "{stock_item}").order("{date}");

/// Whether what is in stock expires within so many days.
fn write_expiry(out: &mut Vec<u8>, values: &[ValueRef<'_>], days: i64) {
    let &[in_stock, date] = values else { return };
    let date = date.as_text();
    let soon =
        in_stock.as_bool() == Some(true) && date.is_some_and(|date| date < clock::days_from_today(days).as_str());
    out.extend_from_slice(if soon { b"true" } else { b"false" });
}

fn write_expired(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    write_expiry(out, values, 0);
}

fn write_stale(out: &mut Vec<u8>, values: &[ValueRef<'_>], facts: &Facts<'_>) {
    write_expiry(out, values, Snapshot::of(facts).map_or(0, |s| s.settings.int(keys::STOCK_STALE_DAYS)));
}

/// A stock item.
pub(crate) static VIEW: View = View::new(
    "StockItem",
    &TABLE,
    &[
        pk(),
        col("part").help("Part."),
        col("quantity").required().default("1").help("Quantity."),
        col("serial").label("Serial Number").default("null").help("Serial number of a single item."),
        col("batch").label("Batch Code").suggested("stock_batch").help("Batch code."),
        col("location").label("Stock Location").help("Stock location."),
        col("belongs_to").label("Installed In").help("Stock item that this item is installed in."),
        col("build").label("Source Build").help("Build order that produced the item."),
        col("consumed_by").help("Build order that consumed the item."),
        col("customer").help("Customer who has the item."),
        col("delete_on_deplete").help("Delete the item when its quantity reaches zero."),
        col("expiry_date").help("Expiry date. The item is expired after this date."),
        sql("in_stock", BOOL, ROW_IN_STOCK),
        col("is_building").help("Whether the item is in production."),
        col("link").label("External Link").help("Link to an external page."),
        col("notes"),
        col("owner").help("Responsible user or group."),
        col("packaging").help("Packaging."),
        col("parent")
            .label("Parent Item")
            .read_only()
            .option_type("field")
            .help("Stock item that this item was split from."),
        col("purchase_order").label("Source Purchase Order").help("Purchase order that the item was received on."),
        sql("purchase_order_reference", TEXT, "{purchase_order.reference}").nullable(),
        col("sales_order").label("Destination Sales Order").help("Sales order."),
        sql("sales_order_reference", TEXT, "{sales_order.reference}").nullable(),
        col("status")
            .optional()
            .chosen_from("StockStatus")
            .default(ironwood_store::sql!([ironwood_base::status::StockStatus::OK]))
            .help("Status."),
        status_text!(STOCK_STATUS).nullable(),
        col("status_custom_key")
            .label("Custom status key")
            .fallback("{status}")
            .default("null")
            .chosen_from("StockStatus")
            .help("Status, including custom states."),
        col("supplier_part").help("Supplier part."),
        sql("SKU", TEXT, "{supplier_part.SKU}").nullable().label("Supplier Part Number"),
        sql("MPN", TEXT, "{supplier_part.manufacturer_part.MPN}").nullable().label("Manufacturer Part Number"),
        col("barcode_hash").read_only(),
        col("creation_date").read_only(),
        col("stocktake_date").read_only(),
        col("updated").read_only(),
        col("purchase_price").money().help("Purchase price of one unit."),
        col("purchase_price_currency").label("Currency").currency(),
        input("use_pack_size", BOOL).nullable().listed().help("Quantity is given in packs of the supplier part."),
        input("serial_numbers", TEXT).nullable().listed().help("Serial numbers, such as `1-10, 15`."),
        sql("allocated", QUANTITY, CLAIMED).label("Allocated Quantity").counted(),
        made("expired", BOOL, &[ROW_IN_STOCK, "{expiry_date}"], write_expired).counted(),
        sql("installed_items", INT, INSTALLED).counted(),
        sql("child_items", INT, CHILDREN).counted(),
        made("stale", BOOL, &[ROW_IN_STOCK, "{expiry_date}"], write_stale).counted(),
        nested("location_detail", "location", &LOCATION_BRIEF).label("Location"),
        ancestors("location_path", "{location.tree_path}", &STEP).on("path_detail", false).option_type("field"),
        nested("part_detail", "part", &PART_BRIEF).label("Part").on("part_detail", true),
        nested("supplier_part_detail", "supplier_part", &SUPPLIER_PART_BRIEF).label("Supplier Part"),
        tag::TAGS,
        many("tests", &TESTS).nullable().on("tests", false),
        sql("tracking_items", INT, TRACKING).counted(),
    ],
);

fn setting(query: &Query<'_>, read: impl Fn(&Snapshot) -> i64) -> i64 {
    query.snapshot.as_deref().and_then(|s| s.downcast_ref::<Snapshot>()).map_or(0, read)
}

fn yes_or_no(name: &str, text: &str) -> Result<bool> {
    truth(text).ok_or_else(|| Error::field(name, "Must be true or false."))
}

/// Items in stock that expire before a date, or all others.
fn expiring(query: &mut Query<'_>, before: &str, wanted: bool) {
    let condition = fragment!("{ROW_IN_STOCK} AND {{expiry_date}} IS NOT NULL AND {{expiry_date}} < {{value}}");
    if wanted {
        query.and_value(&condition, before);
    } else {
        query.and_value(&fragment!("NOT COALESCE(({condition}), FALSE)"), before);
    }
}

fn by_expired(query: &mut Query<'_>, text: &str) -> Result<()> {
    let wanted = yes_or_no("expired", text)?;
    if setting(query, |s| i64::from(s.settings.bool(keys::STOCK_ENABLE_EXPIRY))) != 0 {
        expiring(query, &clock::today(), wanted);
    }
    Ok(())
}

fn by_stale(query: &mut Query<'_>, text: &str) -> Result<()> {
    let wanted = yes_or_no("stale", text)?;
    let days = setting(query, |s| s.settings.int(keys::STOCK_STALE_DAYS));
    if days > 0 {
        expiring(query, &clock::days_from_today(days), wanted);
    }
    Ok(())
}

fn key<T>(name: &str, text: &str) -> Result<Key<T>> {
    text.trim().parse().map_err(|_| Error::field(name, "Must be the ID of a record."))
}

fn says(query: &Query<'_>, name: &str, default: bool) -> bool {
    query.request.param(name).and_then(truth).unwrap_or(default)
}

fn by_part(query: &mut Query<'_>, text: &str) -> Result<()> {
    let part: PartKey = key("part", text)?;
    query.must_exist(&PART, part, "part");
    // who may not view parts is told nothing of their families
    if says(query, "include_variants", true) && query.sees(&PART) {
        query.and_tree("{part} IN {below}", &PART, part);
    } else {
        query.and_value("{part} = {value}", part);
    }
    Ok(())
}

fn by_location(query: &mut Query<'_>, text: &str) -> Result<()> {
    let cascade = says(query, "cascade", true);
    if matches!(text.trim().to_ascii_lowercase().as_str(), "null" | "none") {
        if !cascade {
            query.and("{location} IS NULL");
        }
        return Ok(());
    }
    let location: LocationKey = key("location", text)?;
    if cascade && query.sees(&LOCATION) {
        // an unknown location leaves the list as it is
        query.and_known_tree("{location} IN {below}", &LOCATION, location);
    } else {
        query.and_value("{location} = {value}", location);
    }
    Ok(())
}

const IN_CATEGORY: &str = "{part.category} IN {below}";
const SET_ASIDE: &str = "(EXISTS (SELECT 1 FROM order_salesorderallocation a WHERE a.item = {id}) \
    OR EXISTS (SELECT 1 FROM order_transferorderallocation a WHERE a.item = {id}) \
    OR EXISTS (SELECT 1 FROM build_builditem a WHERE a.stock_item = {id}))";
const NOT_SET_ASIDE: &str = "NOT (EXISTS (SELECT 1 FROM order_salesorderallocation a WHERE a.item = {id}) \
    OR EXISTS (SELECT 1 FROM order_transferorderallocation a WHERE a.item = {id}) \
    OR EXISTS (SELECT 1 FROM build_builditem a WHERE a.stock_item = {id}))";

fn by_available(query: &mut Query<'_>, text: &str) -> Result<()> {
    if yes_or_no("available", text)? {
        query.and(&fragment!("{ROW_IN_STOCK} AND {{quantity}} > {CLAIMED}"));
    } else {
        query.and(&fragment!("{{quantity}} <= {CLAIMED}"));
    }
    Ok(())
}

fn by_in_stock(query: &mut Query<'_>, text: &str) -> Result<()> {
    let condition = if yes_or_no("in_stock", text)? { ROW_IN_STOCK.into() } else { fragment!("NOT {ROW_IN_STOCK}") };
    query.and(&condition);
    Ok(())
}

fn contains(query: &mut Query<'_>, expression: impl AsSql, text: &str) -> Result<()> {
    let param = query.bind(text);
    let sql = query.resolve(expression);
    let condition = query.backend.contains(&sql, &param);
    query.and_sql(condition);
    Ok(())
}

/// Stock items.
pub(crate) static ITEM: Resource = Resource::new("/api/stock/", "stock", &VIEW)
    .operations(Operations::ALL.no_create().bulk_update().bulk_delete())
    .uses_snapshot()
    .filters(&[
        filter("IPN", Condition::Where(TEXT, "LOWER({part.IPN}) = LOWER({value})")),
        filter("IPN_contains", Condition::Custom(TEXT, |q, text| contains(q, "{part.IPN}", text))),
        filter("IPN_regex", Condition::Custom(TEXT, |q, text| matches_regex(q, "IPN_regex", "{part.IPN}", text))),
        filter("name", Condition::Where(TEXT, "LOWER({part.name}) = LOWER({value})")),
        filter("name_contains", Condition::Custom(TEXT, |q, text| contains(q, "{part.name}", text))),
        filter("name_regex", Condition::Custom(TEXT, |q, text| matches_regex(q, "name_regex", "{part.name}", text))),
        flag_filter("active", "{part.active}", "NOT {part.active}"),
        flag_filter("assembly", "{part.assembly}", "NOT {part.assembly}"),
        flag_filter("salable", "{part.salable}", "NOT {part.salable}"),
        flag_filter("allocated", SET_ASIDE, NOT_SET_ASIDE),
        filter("available", Condition::Custom(BOOL, by_available)),
        filter("in_stock", Condition::Custom(BOOL, by_in_stock)),
        filter("batch", Condition::Where(TEXT, "LOWER({batch}) = LOWER({value})")),
        filter("batch_regex", Condition::Custom(TEXT, |q, text| matches_regex(q, "batch_regex", "{batch}", text))),
        filter("belongs_to", Condition::Link(&TABLE, "{belongs_to} = {value}")),
        filter("bom_item", Condition::Link(&BOM_ITEM, STOCK_FOR_LINE))
            .help("Stock that can be used for this BOM line."),
        filter("build", Condition::Link(&BUILD, "{build} = {value}")),
        filter("consumed_by", Condition::Link(&BUILD, "{consumed_by} = {value}")),
        flag_filter("consumed", "{consumed_by} IS NOT NULL", "{consumed_by} IS NULL"),
        filter("cascade", Condition::Noted(BOOL)).help("Include stock in locations below (default)."),
        filter("location", Condition::Custom(INT, by_location))
            .help("Stock in this location. `null`: without a location."),
        filter("category", Condition::Link(&CATEGORY, IN_CATEGORY)),
        filter(
            "company",
            Condition::Link(
                &COMPANY,
                "{supplier_part.supplier} = {value} \
            OR {supplier_part.manufacturer_part.manufacturer} = {value}",
            ),
        ),
        filter("created_after", Condition::Where(TIME, "{creation_date} > {value}")),
        filter("created_before", Condition::Where(TIME, "{creation_date} < {value}")),
        filter("customer", Condition::Link(&COMPANY, "{customer} = {value}")),
        flag_filter("depleted", "{quantity} <= 0", "{quantity} > 0"),
        filter("expired", Condition::Custom(BOOL, by_expired)),
        filter("stale", Condition::Custom(BOOL, by_stale)),
        filter("expiry_after", Condition::Where(DATE, "{expiry_date} > {value}")),
        filter("expiry_before", Condition::Where(DATE, "{expiry_date} < {value}")),
        flag_filter("external", "{location.external}", "NOT COALESCE({location.external}, FALSE)"),
        flag_filter("has_batch", "COALESCE({batch}, '') <> ''", "COALESCE({batch}, '') = ''"),
        flag_filter(
            "has_child_items",
            "EXISTS (SELECT 1 FROM stock_stockitem i WHERE i.parent = {id})",
            "NOT EXISTS (SELECT 1 FROM stock_stockitem i WHERE i.parent = {id})",
        ),
        flag_filter(
            "has_installed_items",
            "EXISTS (SELECT 1 FROM stock_stockitem i WHERE i.belongs_to = {id})",
            "NOT EXISTS (SELECT 1 FROM stock_stockitem i WHERE i.belongs_to = {id})",
        ),
        flag_filter("has_purchase_price", "{purchase_price} IS NOT NULL", "{purchase_price} IS NULL"),
        flag_filter("has_stocktake", "{stocktake_date} IS NOT NULL", "{stocktake_date} IS NULL"),
        filter("include_variants", Condition::Noted(BOOL)).help("Include variants of `part` (default)."),
        flag_filter("installed", "{belongs_to} IS NOT NULL", "{belongs_to} IS NULL"),
        flag_filter("is_building", "{is_building}", "NOT {is_building}"),
        filter(
            "manufacturer",
            Condition::Link(
                &COMPANY,
                "{supplier_part.manufacturer_part.manufacturer} = {value} \
            AND {supplier_part.manufacturer_part.manufacturer.is_manufacturer}",
            ),
        ),
        filter("manufacturer_part", Condition::Link(&MANUFACTURER_PART, "{supplier_part.manufacturer_part} = {value}")),
        filter("max_stock", Condition::Where(QUANTITY, "{quantity} <= {value}")),
        filter("min_stock", Condition::Where(QUANTITY, "{quantity} >= {value}")),
        filter("parent", Condition::Link(&TABLE, "{parent} = {value}")),
        filter("part", Condition::Custom(INT, by_part)).help("Stock of this part and, by default, of its variants."),
        filter(
            "part_tree",
            Condition::Link(&PART, "{part.tree_id} = (SELECT a.tree_id FROM part_part a WHERE a.id = {value})"),
        ),
        filter("purchase_order", Condition::Link(&PURCHASE_ORDER, "{purchase_order} = {value}")),
        filter("sales_order", Condition::Link(&SALES_ORDER, "{sales_order} = {value}")),
        flag_filter("sent_to_customer", "{customer} IS NOT NULL", "{customer} IS NULL"),
        filter("serial", Condition::Where(TEXT, "{serial} = {value}")),
        filter("serial_gte", Condition::Where(INT, "{serial_int} >= {value}")),
        filter("serial_lte", Condition::Where(INT, "{serial_int} <= {value}")),
        flag_filter("serialized", "COALESCE({serial}, '') <> ''", "COALESCE({serial}, '') = ''"),
        filter(
            "status",
            Condition::Where(
                INT,
                "({status} = {value} AND {status_custom_key} IS NULL) OR {status_custom_key} = {value}",
            ),
        ),
        filter("stocktake_after", Condition::Where(DATE, "{stocktake_date} > {value}")),
        filter("stocktake_before", Condition::Where(DATE, "{stocktake_date} < {value}")),
        filter(
            "supplier",
            Condition::Custom(INT, |q, text| {
                let company: CompanyKey = key("supplier", text)?;
                q.must_be(&COMPANY, "is_supplier", company, "supplier");
                q.and_value("{supplier_part.supplier} = {value}", company);
                Ok(())
            }),
        ),
        filter("supplier_part", Condition::Link(&SUPPLIER_PART, "{supplier_part} = {value}")),
        tag::BY_TAGS,
        tag::BY_TAG_NAME,
        tag::BY_NAME,
        tag::BY_SLUG,
        flag_filter(
            "tracked",
            "(COALESCE({serial}, '') <> '' OR COALESCE({batch}, '') <> '')",
            "COALESCE({serial}, '') = '' AND COALESCE({batch}, '') = ''",
        ),
        filter("updated_after", Condition::Where(TIME, "{updated} > {value}")),
        filter("updated_before", Condition::Where(TIME, "{updated} < {value}")),
    ])
    .search(&[
        "{serial}",
        "{batch}",
        "{location.name}",
        "{part.name}",
        "{part.IPN}",
        "{part.description}",
        "{supplier_part.SKU}",
        "{supplier_part.supplier.name}",
        "{supplier_part.manufacturer_part.MPN}",
        "{supplier_part.manufacturer_part.manufacturer.name}",
        tag::SEARCHED,
    ])
    .sorts(&[
        sort("batch", &["{batch}"]),
        sort("location", &["{location.pathstring}"]),
        sort("part", &["{part.name}"]),
        sort("part__name", &["{part.name}"]),
        sort("part__IPN", &["{part.IPN}"]),
        sort("updated", &["{updated}"]),
        sort("purchase_price", &["{purchase_price}"]),
        sort("creation_date", &["{creation_date}"]),
        sort("stocktake_date", &["{stocktake_date}"]),
        sort("expiry_date", &["{expiry_date}"]),
        sort("packaging", &["{packaging}"]),
        sort("quantity", &["{quantity}"]),
        sort("stock", &["{quantity}", "{serial_int}", "{serial}"]),
        sort("status", &["{status}"]),
        sort("IPN", &["{part.IPN}"]),
        sort("SKU", &["{supplier_part.SKU}"]),
        sort("MPN", &["{supplier_part.manufacturer_part.MPN}"]),
    ])
    .default_sort(&["{part.name}", "{quantity}", "{location.pathstring}"])
    .rules(Rules {
        check: rules::check,
        saved: rules::saved,
        delete: Delete::Many(rules::delete),
        together: Some(rules::TOGETHER),
        ..NO_RULES
    })
    .help("Stock items.");
