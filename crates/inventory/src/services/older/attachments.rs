//! Attachments of one type of record. Now below `/api/attachment/`.

use ironwood_rest::resource::{Condition, Filter, Resource, filter};
use ironwood_rest::table::Table;
use ironwood_rest::view::{Field, TEXT, View, col, col_as, made, nested, pk};

use crate::platform::attach::attachment::{ATTACHMENT, write_name};
use crate::platform::users::view::BRIEF as USER;
use crate::schema::build::BUILD;
use crate::schema::common::ATTACHMENT as TABLE;
use crate::schema::company::{COMPANY, MANUFACTURER_PART};
use crate::schema::part::PART as PARTS;
use crate::schema::purchasing::ORDER as PURCHASE_ORDER;
use crate::schema::returns::ORDER as RETURN_ORDER;
use crate::schema::sales::ORDER as SALES_ORDER;
use crate::schema::stock::ITEM;

const fn fields(link: &'static str, table: &'static Table) -> [Field; 9] {
    [
        pk(),
        col_as(link, "model_id").links(table).help("Record that the file is attached to."),
        col("attachment").nullable().help("File."),
        made("filename", TEXT, &["{attachment}"], write_name).writable().optional().nullable().help("File name."),
        col("link").help("Link to an external file."),
        col("comment").help("Description."),
        col("upload_date").read_only().not_null().help("Date of upload."),
        col_as("user", "upload_user").read_only().option_type("field").help("User who uploaded the file."),
        nested("user_detail", "upload_user", &USER).always().not_null(),
    ]
}

const fn by(link: &'static str, table: &'static Table) -> [Filter; 1] {
    [filter(link, Condition::Link(table, "{model_id} = {value}"))]
}

const fn of(
    path: &'static str,
    view: &'static View,
    filters: &'static [Filter],
    kind: &'static [(&'static str, &'static str)],
) -> Resource {
    Resource {
        path,
        id: view.name,
        view,
        filters,
        fixed: kind,
        deprecated: true,
        help: "Attachments of one type of record. Use /api/attachment/ instead.",
        ..ATTACHMENT
    }
}

pub(super) static PART: Resource =
    of("/api/part/attachment/", &PART_VIEW, &by("part", &PARTS), &[("model_type", "part")]);
static PART_VIEW: View = View::new("PartAttachment", &TABLE, &fields("part", &PARTS));

pub(super) static STOCK_ITEM: Resource =
    of("/api/stock/attachment/", &STOCK_VIEW, &by("stock_item", &ITEM), &[("model_type", "stockitem")]);
static STOCK_VIEW: View = View::new("StockItemAttachment", &TABLE, &fields("stock_item", &ITEM));

pub(super) static BUILD_ORDER: Resource =
    of("/api/build/attachment/", &BUILD_VIEW, &by("build", &BUILD), &[("model_type", "build")]);
static BUILD_VIEW: View = View::new("BuildAttachment", &TABLE, &fields("build", &BUILD));

pub(super) static OF_COMPANY: Resource =
    of("/api/company/attachment/", &COMPANY_VIEW, &by("company", &COMPANY), &[("model_type", "company")]);
static COMPANY_VIEW: View = View::new("CompanyAttachment", &TABLE, &fields("company", &COMPANY));

pub(super) static OF_MANUFACTURER_PART: Resource = of(
    "/api/company/part/manufacturer/attachment/",
    &MANUFACTURER_PART_VIEW,
    &by("manufacturer_part", &MANUFACTURER_PART),
    &[("model_type", "manufacturerpart")],
);
static MANUFACTURER_PART_VIEW: View =
    View::new("ManufacturerPartAttachment", &TABLE, &fields("manufacturer_part", &MANUFACTURER_PART));

pub(super) static OF_PURCHASE_ORDER: Resource = of(
    "/api/order/po/attachment/",
    &PURCHASE_ORDER_VIEW,
    &by("order", &PURCHASE_ORDER),
    &[("model_type", "purchaseorder")],
);
static PURCHASE_ORDER_VIEW: View = View::new("PurchaseOrderAttachment", &TABLE, &fields("order", &PURCHASE_ORDER));

pub(super) static OF_SALES_ORDER: Resource =
    of("/api/order/so/attachment/", &SALES_ORDER_VIEW, &by("order", &SALES_ORDER), &[("model_type", "salesorder")]);
static SALES_ORDER_VIEW: View = View::new("SalesOrderAttachment", &TABLE, &fields("order", &SALES_ORDER));

pub(super) static OF_RETURN_ORDER: Resource =
    of("/api/order/ro/attachment/", &RETURN_ORDER_VIEW, &by("order", &RETURN_ORDER), &[("model_type", "returnorder")]);
static RETURN_ORDER_VIEW: View = View::new("ReturnOrderAttachment", &TABLE, &fields("order", &RETURN_ORDER));
