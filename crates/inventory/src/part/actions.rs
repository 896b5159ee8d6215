//! Questions about one part: requirements, serial numbers, prices, the state of its bill of materials.

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::select::{self, Rows};
use ironwood_rest::view::{BOOL, INT, QUANTITY, TEXT, View, col, input, nested, pk, sql, value};
use ironwood_store::Value;
use serde_json::json;

use super::tables::PART;
use super::totals;
use crate::users::view::BRIEF as USER;

/// Actions of this file.
pub static ACTIONS: [&Action; 4] = [&REQUIREMENTS, &SERIAL_NUMBERS, &BOM_VALIDATE, &THUMBS];

/// Key of the part that the address names.
fn key(args: &Args) -> Result<i64> {
    args.first().and_then(|a| a.parse().ok()).ok_or(Error::NotFound)
}

fn one_row(ctx: &mut Context<'_>, view: &'static View, id: i64) -> Result<Answer> {
    let query = Query::new(ctx.conn.backend(), ctx.request, ctx.user(), view.table);
    select::write_row(ctx, view, query, id)?.map(|body| Answer::json_bytes(200, body)).ok_or(Error::NotFound)
}

/// How many of the part could be made from what is there: the least over the lines of its bill of
/// materials that count, in whole parts.
const CAN_BUILD: &str = "(SELECT COALESCE(MIN(GREATEST((SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) \
    FROM stock_stockitem s WHERE s.part = m.sub_part AND s.quantity > 0 AND s.sales_order IS NULL \
    AND s.belongs_to IS NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND NOT s.is_building \
    AND s.status IN (10, 50, 55, 85)) - m.setup_quantity, 0) / m.quantity), 0) * 100000 FROM part_bomitem m \
    WHERE m.part = {id} AND NOT m.optional AND NOT m.consumable AND m.quantity > 0)";

static REQUIREMENTS_VIEW: View = View::new(
    "PartRequirements",
    &PART,
    &[
        sql("total_stock", QUANTITY, totals::TOTAL_IN_STOCK),
        sql("unallocated_stock", QUANTITY, totals::UNALLOCATED),
        sql("can_build", QUANTITY, CAN_BUILD),
        sql("ordering", QUANTITY, totals::ON_ORDER),
        sql("building", QUANTITY, totals::BUILDING),
        sql(
            "scheduled_to_build",
            INT,
            "(SELECT COALESCE(CAST(SUM(GREATEST(b.quantity - b.completed, 0)) AS BIGINT), 0) \
            FROM build_build b WHERE b.part = {id} AND b.status IN (10, 20, 25))",
        ),
        sql("required_for_build_orders", QUANTITY, totals::REQUIRED_FOR_BUILDS),
        sql("allocated_to_build_orders", QUANTITY, totals::ALLOCATED_TO_BUILDS),
        sql("required_for_sales_orders", QUANTITY, totals::REQUIRED_FOR_SALES),
        sql("allocated_to_sales_orders", QUANTITY, totals::ALLOCATED_TO_SALES),
    ],
);

static REQUIREMENTS: Action = action(
    Method::Get,
    "/api/part/{id}/requirements/",
    "part_requirements_retrieve",
    Access::Table("part_part"),
    |ctx, args| one_row(ctx, &REQUIREMENTS_VIEW, key(args)?),
)
.response(200, Shape::Object(&REQUIREMENTS_VIEW))
.help("What orders and builds need of the part, and what there is.");

static SERIALS: View = View::plain("PartSerialNumber", &[value("latest", TEXT).nullable(), value("next", TEXT)]);

static SERIAL_NUMBERS: Action = action(
    Method::Get,
    "/api/part/{id}/serial-numbers/",
    "part_serial_numbers_retrieve",
    Access::Table("part_part"),
    serial_numbers,
)
.response(200, Shape::Object(&SERIALS))
.help("The latest serial number of the part's family, and the next one.");

fn serial_numbers(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let id = key(args)?;
    if ctx.conn.one("SELECT 1 FROM part_part WHERE id = $1", &[Value::Int(id)])?.is_none() {
        return Err(Error::NotFound);
    }
    let latest = crate::stock::serial::latest(ctx.conn, id)?;
    let next = crate::stock::serial::next_after(latest.as_deref());
    Ok(Answer::json(200, &json!({"latest": latest, "next": next})))
}

static VALIDATE_VIEW: View = View::new(
    "PartBomValidate",
    &PART,
    &[
        pk(),
        col("bom_validated").read_only(),
        col("bom_checksum").read_only(),
        col("bom_checked_by").read_only(),
        nested("bom_checked_by_detail", "bom_checked_by", &USER).always(),
        col("bom_checked_date").read_only(),
        input("valid", BOOL).default("false"),
    ],
);

static BOM_VALIDATE: Action = action(
    Method::Get,
    "/api/part/{id}/bom-validate/",
    "part_bom_validate_retrieve",
    Access::Table("role:bom"),
    |ctx, args| one_row(ctx, &VALIDATE_VIEW, key(args)?),
)
.response(200, Shape::Object(&VALIDATE_VIEW))
.help("Whether the part's bill of materials has been checked as it stands.");

static THUMB: View = View::new(
    "PartThumb",
    &PART,
    &[
        col("image").read_only().nullable(),
        sql("count", INT, "(SELECT COUNT(*) FROM part_part o WHERE o.image = {image})"),
    ],
);

static THUMBS: Action = action(Method::Get, "/api/part/thumbs/", "part_thumbs_list", Access::SignedIn, thumbs)
    .params(&[
        ("limit", INT, "Rows of a page."),
        ("offset", INT, "Rows to leave out before the page."),
        ("search", TEXT, "Only pictures of parts in which all these words are found."),
    ])
    .response(200, Shape::Page(&THUMB))
    .help("Pictures of parts, each once, with how many parts have it.");

fn thumbs(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let mut query = Query::new(ctx.conn.backend(), ctx.request, ctx.user(), &PART);
    query.and("{image} <> '' AND {id} = (SELECT MIN(o.id) FROM part_part o WHERE o.image = {image})");
    let words = ctx.request.param("search").unwrap_or_default().to_owned();
    for word in words.split_whitespace().take(20) {
        let param = query.bind(word);
        let text = query.resolve(
            "{name} || ' ' || {description} || ' ' || COALESCE({IPN}, '') || ' ' || \
            COALESCE({revision}, '') || ' ' || COALESCE({keywords}, '') || ' ' || COALESCE({category.name}, '')",
        );
        let condition = query.backend.contains(&text, &param);
        query.and_sql(condition);
    }
    query.order_by("(SELECT COUNT(*) FROM part_part o WHERE o.image = {image})", true);
    query.order_by("{image}", false);
    match ironwood_rest::list::page(ctx.request, ctx.limits.page) {
        None => Ok(Answer::json_bytes(200, select::write_rows(ctx, &THUMB, Rows { query, page: None })?.0)),
        Some((limit, offset)) => {
            let count = query.count(ctx.conn)?;
            let rows = select::write_rows(ctx, &THUMB, Rows { query, page: Some((limit, offset)) })?.0;
            Ok(ironwood_rest::list::paged(ctx.request, count, limit, offset, &rows))
        }
    }
}
