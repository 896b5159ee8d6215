//! Lines of purchase orders.

use ironwood_base::error::Fields;
use ironwood_base::status::PurchaseOrderStatus;
use ironwood_base::{Error, Money, Quantity, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Context, Facts};
use ironwood_rest::http::{Body, Method};
use ironwood_rest::input::{Input, RawObject};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{
    Condition, Delete, Filter, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort,
};
use ironwood_rest::segments::{concat, count};
use ironwood_rest::select::truth;
use ironwood_rest::view::{BOOL, Field, INT, MONEY, Many, TEXT, View, col, input, made, many, nested, sql};
use ironwood_rest::{row, selected};
use ironwood_store::{Connection, Fragment, Value, ValueRef, fragment, sql};
use serde_json::Value as Json;

use super::order::VIEW as ORDER_VIEW;
use crate::business::build::view::VIEW as BUILD_VIEW;
use crate::business::company::price_break::unit_price;
use crate::business::company::supplier_part::VIEW as SUPPLIER_PART_VIEW;
use crate::business::order::fields::{LINE as COMMON, ORDER_COMPLETE, line_filters};
use crate::business::order::order_type::PURCHASE;
use crate::business::order::{rules, total};
use crate::business::part::view::BRIEF as PART_BRIEF;
use crate::business::stock::kernel::is_in_range;
use crate::business::stock::view::LOCATION_BRIEF;
use crate::platform::settings::keys;
use crate::platform::settings::{self, Settings};
use crate::schema::build::BUILD;
use crate::schema::company::{SUPPLIER_PART, SupplierPart};
use crate::schema::keys::{BuildKey, CompanyKey, PartKey, PurchaseLineKey};
use crate::schema::part::PART;
use crate::schema::purchasing::{LINE as TABLE, Line, ORDER};

/// Where the line's goods go: its own destination, that of the order, or the part's usual location.
pub(crate) const DESTINATION: &str = "COALESCE({destination}, {order.destination}, {part.part.default_location})";

static DESTINATION_ROW: Many = Many::new(&LOCATION_BRIEF, "{id}").owner(DESTINATION).single();

const OVERDUE: &str = "({received} < {quantity} AND {target_date} IS NOT NULL AND {target_date} < {today})";

const OWN: &[Field] = &[
    col("part").label("Supplier Part").required().mandatory().help("Supplier part."),
    col("build_order").help("External build order for this line."),
    sql("overdue", BOOL, OVERDUE).counted(),
    col("received").read_only().default("0.0").help("Quantity received."),
    col("purchase_price").money().help("Unit price."),
    col("purchase_price_currency").label("Currency").currency(),
    made("auto_pricing", BOOL, &[], write_auto_pricing)
        .writable()
        .default("false")
        .help("Calculate the price from the supplier's price breaks."),
    col("destination").help("Destination location of the line. Default: the destination of the order."),
    made("total_price", MONEY, &["{quantity}", "{discount}", "{purchase_price}"], total::write_line).nullable().money(),
    input("merge_items", BOOL)
        .default("true")
        .listed()
        .help("Merge with an existing line for the same part, destination, and date."),
    sql("sku", TEXT, "{part.SKU}").nullable().label("SKU"),
    sql("mpn", TEXT, "{part.manufacturer_part.MPN}").nullable().label("MPN"),
    sql("ipn", TEXT, "{part.part.IPN}").nullable().label("Internal Part Number"),
    sql("internal_part", INT, "{part.part}").nullable().option_type("field"),
    sql("internal_part_name", TEXT, "{part.part.name}").nullable(),
    many("destination_detail", &DESTINATION_ROW).nullable().on("destination_detail", true),
    nested("part_detail", "part.part", &PART_BRIEF).on("part_detail", false),
    nested("supplier_part_detail", "part", &SUPPLIER_PART_VIEW).on("part_detail", false),
    nested("order_detail", "order", &ORDER_VIEW),
    nested("build_order_detail", "build_order", &BUILD_VIEW).on("build_order_detail", true),
];
const SEGMENTS: &[&[Field]] = &[&COMMON, OWN];
static FIELDS: [Field; count(SEGMENTS)] = concat(SEGMENTS);
static VIEW: View = View::new("PurchaseOrderLineItem", &TABLE, &FIELDS);

/// A change that took the price from the supplier's prices says so; otherwise nothing is left of the wish.
fn write_auto_pricing(out: &mut Vec<u8>, _: &[ValueRef<'_>], facts: &Facts<'_>) {
    let changed = matches!(facts.request.method, Method::Put | Method::Patch);
    let wanted = match &facts.request.body {
        Body::Json(Json::Object(body)) => body.get("auto_pricing").and_then(Json::as_bool) == Some(true),
        _ => false,
    };
    out.extend_from_slice(if changed && wanted { b"true" } else { b"false" });
}

fn by_base_part(query: &mut Query<'_>, text: &str) -> Result<()> {
    let Ok(part) = text.trim().parse::<PartKey>() else {
        return Err(Error::field("base_part", "Must be the ID of a part."));
    };
    query.must_be(&PART, "purchaseable", part, "base_part");
    if query.request.param("include_variants").and_then(truth).unwrap_or(false) {
        query.and_tree("{part.part} IN {below}", &PART, part);
    } else {
        query.and_value("{part.part} = {value}", part);
    }
    Ok(())
}

const OWN_FILTERS: &[Filter] = &[
    ORDER_COMPLETE,
    flag_filter("has_pricing", "{purchase_price} IS NOT NULL", "{purchase_price} IS NULL"),
    filter("part", Condition::Link(&SUPPLIER_PART, "{part} = {value}")),
    filter("base_part", Condition::Custom(INT, by_base_part)).help("Lines for this part, from any supplier."),
    filter("include_variants", Condition::Noted(BOOL)).help("Include variants of `base_part`."),
    flag_filter(
        "pending",
        sql!("{order.status} IN (", [..PurchaseOrderStatus::OPEN], ")"),
        sql!("{order.status} NOT IN (", [..PurchaseOrderStatus::OPEN], ")"),
    )
    .help("Lines of open orders."),
    flag_filter(
        "received",
        "{received} >= {quantity}",
        sql!("{received} < {quantity} AND {order.status} IN (", [..PurchaseOrderStatus::OPEN], ")"),
    )
    .help("Lines that are fully received (or, with `false`, still expected on open orders)."),
];
const FILTER_SEGMENTS: &[&[Filter]] = &[&line_filters(&ORDER), OWN_FILTERS];
static FILTERS: [Filter; count(FILTER_SEGMENTS)] = concat(FILTER_SEGMENTS);

/// Lines of purchase orders.
pub(crate) static LINES: Resource = Resource::new("/api/order/po-line/", "order_po_line", &VIEW)
    .operations(Operations::ALL.bulk_delete())
    .filters(&FILTERS)
    .search(&[
        "{part.part.name}",
        "{part.part.description}",
        "{part.manufacturer_part.MPN}",
        "{part.SKU}",
        "{reference}",
    ])
    .sorts(&[
        sort("MPN", &["{part.manufacturer_part.MPN}"]),
        sort("part_name", &["{part.part.name}"]),
        sort("purchase_price", &["{purchase_price}"]),
        sort("quantity", &["{quantity}"]),
        sort("received", &["{received}"]),
        sort("reference", &["{reference}"]),
        sort("SKU", &["{part.SKU}"]),
        sort("IPN", &["{part.part.IPN}"]),
        sort("target_date", &["{target_date}"]),
        sort("order", &["{order.reference}"]),
        sort("status", &["{order.status}"]),
        sort("complete_date", &["{order.complete_date}"]),
        sort("line", &["{line_int}", "{line}", "{part.SKU}"]),
    ])
    .rules(Rules {
        check,
        saved: |ctx, change, _| rules::saved_line(ctx, change, &PURCHASE),
        delete: Delete::Many(|ctx, ids| rules::delete_lines(ctx, &PURCHASE, TABLE.name, ids)),
        ..NO_RULES
    })
    .help("Lines of purchase orders.");

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    rules::check_line(ctx, change, &PURCHASE)?;
    let mut fields = Fields::new();
    if change.quantity(Line::quantity).is_some_and(|quantity| !quantity.is_positive()) {
        fields.add("quantity", "Quantity must be greater than zero.");
    }
    check_part(ctx.conn, change, &mut fields)?;
    fields.check()?;
    if change.is_new() {
        merge(ctx, change)?;
    }
    if change.extra.get("auto_pricing").and_then(Json::as_bool) == Some(true) {
        let (part, quantity) =
            (change.key(Line::part).unwrap_or_default(), change.quantity(Line::quantity).unwrap_or_default());
        let currency = change.text(Line::purchase_price_currency).to_owned();
        if let Some(price) = unit_price(ctx.conn, part, quantity, &currency)? {
            change.set(Line::purchase_price, price);
        }
    }
    Ok(())
}

selected! {
    /// What is bought, and from whom.
    struct Bought {
        supplier: Option<CompanyKey> = "s.supplier",
        part: PartKey = "s.part",
        assembly: bool = "p.assembly",
        order_supplier: Option<CompanyKey> = "o.supplier",
    }
}

row! {
    /// A build order that a line is for.
    struct Outsourced in BUILD as BuildKey {
        external: bool,
        part: PartKey,
    } without [..]
}

/// The part is one of the order's supplier; a build order that it is for makes that part elsewhere.
fn check_part(conn: &mut Connection, change: &Change, fields: &mut Fields) -> Result<()> {
    let Some(part) = change.key::<SupplierPart>(Line::part) else {
        if change.is_new() || change.is_changed(Line::part) {
            fields.add("part", "Supplier part is required.");
        }
        return Ok(());
    };
    if ![Line::part, Line::order, Line::build_order].iter().any(|column| change.is_changed(column)) {
        return Ok(());
    }
    let from = "FROM company_supplierpart s JOIN part_part p ON p.id = s.part JOIN order_purchaseorder o ON o.id = $2 \
                WHERE s.id = $1";
    let params = [part.into(), change.int(Line::order).into()];
    let Some(bought) = selected::first::<Bought>(conn, from, &params)? else { return Ok(()) };
    if bought.supplier != bought.order_supplier {
        fields.add("part", "The supplier of this order does not sell this part.");
        fields.add("order", "This order is placed with another supplier.");
        return Ok(());
    }
    match change.key(Line::build_order) {
        Some(build) => {
            let Some(build) = row::one::<Outsourced>(conn, build)? else { return Ok(()) };
            if !build.external {
                fields.add("build_order", "Build order must be external.");
            } else if !bought.assembly {
                fields.add("build_order", "Part must be an assembly.");
            } else if build.part != bought.part {
                fields.add("build_order", "This build order is for another part.");
            }
        }
        None if bought.assembly => {
            let settings = Settings::load(conn)?;
            if settings.bool(keys::BUILDORDER_EXTERNAL_BUILDS) && settings.bool(keys::BUILDORDER_EXTERNAL_REQUIRED) {
                fields.add("build_order", "Build order is required for an assembly.");
            }
        }
        None => {}
    }
    Ok(())
}

/// What a new line says besides its part, date, destination and quantity: with the type of the column in SQL. A line
/// is merged into another one only where nothing of this is lost.
const DETAILS: &[(&str, &str)] = &[
    (Line::reference, "TEXT"),
    (Line::notes, "TEXT"),
    (Line::link, "TEXT"),
    (Line::line, "TEXT"),
    (Line::project_code, "BIGINT"),
    (Line::build_order, "BIGINT"),
    (Line::discount, "BIGINT"),
    (Line::purchase_price, "BIGINT"),
];

selected! {
    /// A line that a new one is like.
    struct SimilarLine {
        id: PurchaseLineKey = "l.id",
        quantity: Quantity = "l.quantity",
        purchase_price: Option<Money> = "l.purchase_price",
    }
}

/// A new line that is like one that is there (part, target date, destination) adds to that one, unless the
/// client or the setting says otherwise, or it has details that the other line has not: the change becomes one of the
/// line that is there.
fn merge(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let wanted = match change.extra.get("merge_items").and_then(Json::as_bool) {
        Some(wanted) => wanted,
        None => settings::get_bool(ctx.conn, keys::PURCHASEORDER_MERGE_LINE_ITEMS)?,
    };
    if !wanted {
        return Ok(());
    }
    let mut from = Fragment::from(
        "FROM order_purchaseorderlineitem l WHERE l.\"order\" = $1 AND l.part = $2 \
         AND COALESCE(l.target_date, '') = $3 AND COALESCE(l.destination, 0) = $4",
    );
    let mut like = vec![
        change.int(Line::order).into(),
        change.int(Line::part).into(),
        change.text(Line::target_date).into(),
        Value::Int(change.int(Line::destination).unwrap_or(0)),
    ];
    let mut must_be = |column: &'static str, kind: &'static str, value: Value| {
        like.push(value);
        from.push(fragment!(" AND l.\"{column}\" = CAST(${} AS {kind})", like.len()));
    };
    for (column, kind) in DETAILS {
        match change.get(column) {
            Value::Null => {}
            Value::Text(text) if text.is_empty() => {}
            Value::Int(0) if *column == "discount" => {}
            value => must_be(column, kind, value.clone()),
        }
    }
    if change.money(Line::purchase_price).is_some() {
        must_be("purchase_price_currency", "TEXT", change.text(Line::purchase_price_currency).into());
    }
    from.push(fragment!(" ORDER BY l.id LIMIT 1{}", ctx.conn.backend().for_update("l")));
    let Some(alike) = selected::first::<SimilarLine>(ctx.conn, &from, &like)? else { return Ok(()) };
    if change.extra.get("auto_pricing").and_then(Json::as_bool) == Some(true) && alike.purchase_price.is_some() {
        // a price that someone has agreed on is not replaced by that of a list
        let currency = change.text(Line::purchase_price_currency).to_owned();
        let listed = unit_price(ctx.conn, change.key(Line::part).unwrap_or_default(), alike.quantity, &currency)?;
        if listed != alike.purchase_price {
            return Ok(());
        }
    }
    let sum =
        alike.quantity.checked_add(change.quantity(Line::quantity).unwrap_or_default()).filter(|sum| is_in_range(*sum));
    let sum = sum.ok_or_else(|| Error::field("quantity", "Quantity is too large."))?;
    let input = Input { columns: vec![("quantity", sum.into())], ..Input::default() };
    let mut merged = Change::update(ctx.conn, &TABLE, alike.id.id(), input)?;
    std::mem::swap(&mut merged.extra, &mut change.extra);
    *change = merged;
    Ok(())
}

/// Makes a line of a row of a file: each row is a line of its own, and keeps the price that it names.
///
/// # Errors
/// As POST.
pub(crate) fn imported(ctx: &mut Context<'_>, resource: &'static Resource, mut given: RawObject) -> Result<i64> {
    given.values.insert("merge_items".into(), false.into());
    let priced = |value: &Json| !value.is_null() && value.as_str() != Some("");
    if given.values.get("purchase_price").is_some_and(priced) {
        given.values.remove("auto_pricing");
    }
    ironwood_rest::write::create(ctx, resource, given)
}
