//! Supplier parts.

use ironwood_base::error::Fields;
use ironwood_base::status::PurchaseOrderStatus;
use ironwood_base::{Error, Result, clock};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Context, Facts};
use ironwood_rest::input::RawObject;
use ironwood_rest::resource::{Condition, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::select::write_text;
use ironwood_rest::view::{Field, Many, QUANTITY, TEXT, Type, View, col, input, made, many, nested, pk, sql};
use ironwood_store::{Connection, Value, ValueRef, sql};
use serde_json::Value as Json;

use super::companies::BRIEF as COMPANY_BRIEF;
use super::manufacturer_part::VIEW as MANUFACTURER_PART_VIEW;
use super::{pack, price_brief};
use crate::business::part::view::BRIEF as PART_BRIEF;
use crate::business::stock::available::in_stock_condition;
use crate::platform::common::duplicate::{self, PARAMETERS, original};
use crate::platform::common::{parameter, tag};
use crate::schema::company::{COMPANY, MANUFACTURER_PART, ManufacturerPart, SUPPLIER_PART as TABLE, SupplierPart};
use crate::schema::keys::{AnyKey, ManufacturerPartKey, PartKey};
use crate::schema::part::PART;

static PRICES: Many = Many::new(&price_brief::BRIEF, "{part}").order("{quantity}");
static OPTIONS: View = View::plain("SupplierPartDuplicateOptions", &[original(&TABLE), PARAMETERS]);
/// What a new supplier's part is copied from.
pub(crate) const DUPLICATE: Field = input("duplicate", Type::Object(&OPTIONS))
    .label("Duplication Options")
    .listed()
    .help("Supplier part to copy from.");

/// Stock that was bought as this.
const IN_STOCK: &str = sql!(
    "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s WHERE s.supplier_part = {id} AND ",
    in_stock_condition!(),
    ")"
);
/// What open purchase orders are still to bring, in packs.
const ON_ORDER: &str = sql!(
    "(SELECT COALESCE(CAST(SUM(l.quantity - l.received) AS BIGINT), 0) \
    FROM order_purchaseorderlineitem l JOIN order_purchaseorder o ON o.id = l.\"order\" \
    WHERE l.part = {id} AND o.status IN (",
    [..PurchaseOrderStatus::OPEN],
    ") AND l.quantity > l.received)"
);
const HAS_STOCK: &str =
    sql!("EXISTS (SELECT 1 FROM stock_stockitem s WHERE s.supplier_part = {id} AND ", in_stock_condition!(), ")");
const HAS_NO_STOCK: &str =
    sql!("NOT EXISTS (SELECT 1 FROM stock_stockitem s WHERE s.supplier_part = {id} AND ", in_stock_condition!(), ")");

/// A part of a supplier.
pub(crate) static VIEW: View = View::new(
    "SupplierPart",
    &TABLE,
    &[
        col("available").help("Quantity available from the supplier."),
        col("availability_updated").read_only(),
        col("description").help("Description by the supplier."),
        DUPLICATE,
        sql("in_stock", QUANTITY, IN_STOCK).counted(),
        sql("on_order", QUANTITY, ON_ORDER).nullable(),
        col("link").help("Link to an external page."),
        col("active").help("Whether the supplier part is active."),
        col("primary").help("Whether this is the primary supplier part of the part."),
        nested("manufacturer_detail", "manufacturer_part.manufacturer", &COMPANY_BRIEF).label("Manufacturer"),
        col("manufacturer_part").help("Manufacturer part."),
        nested("manufacturer_part_detail", "manufacturer_part", &MANUFACTURER_PART_VIEW)
            .label("Manufacturer Part")
            .without(&["part_detail"]),
        sql("MPN", TEXT, "{manufacturer_part.MPN}").nullable().label("MPN"),
        col("note").help("Remarks."),
        pk(),
        col("barcode_hash").read_only(),
        col("packaging").help("Packaging."),
        col("pack_quantity").help("Quantity in one pack, such as `10` or `2 m`. Empty: one unit."),
        col("pack_quantity_native").read_only().not_null(),
        col("part").label("Base Part").help("Part."),
        made(
            "pretty_name",
            TEXT,
            &[
                "{part.IPN}",
                "{supplier.name}",
                "{SKU}",
                "{manufacturer_part.manufacturer.name}",
                "{manufacturer_part.MPN}",
            ],
            write_name,
        )
        .nullable()
        .on("pretty", false),
        col("SKU").label("SKU").help("Supplier part number (SKU)."),
        col("supplier").help("Supplier."),
        nested("supplier_detail", "supplier", &COMPANY_BRIEF).label("Supplier"),
        col("updated").read_only(),
        col("notes"),
        nested("part_detail", "part", &PART_BRIEF).label("Part"),
        tag::TAGS,
        many("price_breaks", &PRICES).nullable().on("price_breaks", false),
        parameter::PARAMETERS,
    ],
);

fn write_name(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    let names: Vec<&str> = values.iter().filter_map(|v| v.as_text()).filter(|name| !name.is_empty()).collect();
    write_text(out, &names.join(" | "));
}

/// Parts of suppliers.
pub(crate) static PARTS: Resource = Resource::new("/api/company/part/", "company_part", &VIEW)
    .operations(Operations::ALL.bulk_delete())
    .filters(&[
        filter("supplier", Condition::Link(&COMPANY, "{supplier} = {value}")),
        filter("part", Condition::Link(&PART, "{part} = {value}")),
        filter("manufacturer_part", Condition::Link(&MANUFACTURER_PART, "{manufacturer_part} = {value}")),
        filter("SKU", Condition::Where(TEXT, "{SKU} = {value}")),
        flag_filter("active", "{active}", "NOT {active}"),
        flag_filter("primary", "{primary}", "NOT {primary}"),
        flag_filter("part_active", "{part.active}", "NOT {part.active}"),
        flag_filter("supplier_active", "{supplier.active}", "NOT {supplier.active}"),
        filter("MPN", Condition::Where(TEXT, "LOWER({manufacturer_part.MPN}) = LOWER({value})")),
        filter("manufacturer", Condition::Link(&COMPANY, "{manufacturer_part.manufacturer} = {value}")),
        filter(
            "company",
            Condition::Link(&COMPANY, "{manufacturer_part.manufacturer} = {value} OR {supplier} = {value}"),
        )
        .help("Supplier parts whose supplier or manufacturer is this company."),
        flag_filter("has_stock", HAS_STOCK, HAS_NO_STOCK),
        tag::BY_TAGS,
        tag::BY_TAG_NAME,
        tag::BY_NAME,
        tag::BY_SLUG,
    ])
    .search(&[
        "{SKU}",
        "{supplier.name}",
        "{manufacturer_part.manufacturer.name}",
        "{description}",
        "{manufacturer_part.MPN}",
        "{part.IPN}",
        "{part.name}",
        "{part.description}",
        "{part.keywords}",
        tag::SEARCHED,
    ])
    .sorts(&[
        sort("part", &["{part.name}"]),
        sort("supplier", &["{supplier.name}"]),
        sort("manufacturer", &["{manufacturer_part.manufacturer.name}"]),
        sort("active", &["{active}"]),
        sort("primary", &["{primary}"]),
        sort("IPN", &["{part.IPN}"]),
        sort("MPN", &["{manufacturer_part.MPN}"]),
        sort("SKU", &["{SKU}"]),
        sort("packaging", &["{packaging}"]),
        sort("pack_quantity", &["{pack_quantity_native}", "{pack_quantity}"]),
        sort("in_stock", &[IN_STOCK]),
        sort("updated", &["{updated}"]),
    ])
    .rules(Rules { check, saved, ..NO_RULES })
    .open_params(parameter::narrow)
    .help("Supplier parts.");

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    if change.is_new() {
        link_manufacturer(ctx, change)?;
    }
    if change.is_named(SupplierPart::available) {
        change.set(SupplierPart::availability_updated, clock::now());
    }
    let mut fields = Fields::new();
    check_pack(ctx.conn, change, &mut fields)?;
    let part: Option<PartKey> = change.key(SupplierPart::part);
    if let Some(key) = change.key::<ManufacturerPart>(SupplierPart::manufacturer_part) {
        let sql = "SELECT part FROM company_manufacturerpart WHERE id = $1";
        if ctx.conn.one(sql, &[key.into()])?.is_some_and(|row| Some(row.cell(0)) != part) {
            fields.add("manufacturer_part", "This manufacturer part belongs to another part.");
        }
    }
    fields.check()?;
    let id = Value::Int(change.id.unwrap_or(0));
    if [SupplierPart::part, SupplierPart::supplier, SupplierPart::SKU].iter().any(|c| change.is_changed(c)) {
        let sql = "SELECT 1 FROM company_supplierpart WHERE part = $1 AND supplier = $2 AND \"SKU\" = $3 AND id <> $4";
        let values =
            [part.into(), change.int(SupplierPart::supplier).into(), change.text(SupplierPart::SKU).into(), id.clone()];
        if ctx.conn.one(sql, &values)?.is_some() {
            return Err(Error::non_field("This supplier part already exists."));
        }
    }
    let others = "SELECT 1 FROM company_supplierpart WHERE part = $1 AND id <> $2 LIMIT 1";
    if ctx.conn.one(others, &[part.into(), id])?.is_none() {
        change.set(SupplierPart::primary, true);
    }
    duplicate::options(ctx.conn, change, &OPTIONS).map(|_| ())
}

/// What is in a pack, in the unit of the part.
fn check_pack(conn: &mut Connection, change: &mut Change, fields: &mut Fields) -> Result<()> {
    let text = change.text(SupplierPart::pack_quantity).trim().to_owned();
    let text = if text.is_empty() { "1".to_owned() } else { text };
    let unit = conn.one("SELECT units FROM part_part WHERE id = $1", &[change.int(SupplierPart::part).into()])?;
    let unit = unit.and_then(|row| row.opt_text(0).map(str::to_owned)).unwrap_or_default();
    match pack::read(conn, &text, &unit)? {
        Ok(size) => {
            change.set(SupplierPart::pack_quantity, text);
            change.set(SupplierPart::pack_quantity_native, size);
        }
        Err(message) => fields.add("pack_quantity", message),
    }
    Ok(())
}

/// A new part can name its manufacturer and its manufacturer part number as text.
fn link_manufacturer(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let body = RawObject::read(&ctx.request.body).unwrap_or_default();
    let text = |name: &str| body.values.get(name).and_then(Json::as_str).map(str::trim).unwrap_or_default();
    let (manufacturer, mpn) = (text("manufacturer"), text("MPN"));
    if manufacturer.is_empty() || mpn.is_empty() || change.int(SupplierPart::manufacturer_part).is_some() {
        return Ok(());
    }
    let sql = "SELECT m.id FROM company_manufacturerpart m JOIN company_company c ON c.id = m.manufacturer \
               WHERE c.name = $1 AND m.\"MPN\" = $2 AND m.part = $3 ORDER BY m.id LIMIT 1";
    let found = ctx.conn.one(sql, &[manufacturer.into(), mpn.into(), change.int(SupplierPart::part).into()])?;
    let found = found.ok_or_else(|| Error::field("MPN", "This manufacturer part does not exist."))?;
    change.set(SupplierPart::manufacturer_part, found.cell::<ManufacturerPartKey>(0));
    Ok(())
}

fn saved(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    if change.flag(SupplierPart::primary) {
        let sql = "UPDATE company_supplierpart SET \"primary\" = FALSE WHERE part = $1 AND id <> $2 AND \"primary\"";
        ctx.conn.execute(sql, &[change.int(SupplierPart::part).into(), id.into()])?;
    }
    if change.old(SupplierPart::part) == &Value::Null
        && let Some(options) = duplicate::options(ctx.conn, change, &OPTIONS)?
        && options.parameters
    {
        duplicate::copy_parameters(ctx.conn, &TABLE, options.original, id)?;
    }
    Ok(())
}
