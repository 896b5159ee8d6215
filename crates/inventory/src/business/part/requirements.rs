//! What all open builds and orders need of a part, and what there is of it and to come: of the part and of
//! all its variants together.

use ironwood_base::status::{BuildStatus, SalesOrderStatus};
use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::select;
use ironwood_rest::view::{INT, QUANTITY, View, sql};
use ironwood_store::sql;
use serde_json::Value as Json;

use super::totals::{self, on_order};
use crate::business::stock::available::in_stock_condition;
use crate::schema::keys::PartKey;
use crate::schema::part::PART;

/// A list of keys of the part and its variants.
macro_rules! family {
    () => {
        ironwood_store::sql!(
            "(SELECT v.id FROM part_part v WHERE ",
            ironwood_rest::at_or_below!("v.tree_path", "{tree_path}", "{tree_end}"),
            ")"
        )
    };
}
macro_rules! for_builds {
    () => {
        sql!(
            "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem i JOIN build_builditem a \
            ON a.stock_item = i.id WHERE i.part IN ",
            family!(),
            ")"
        )
    };
}
macro_rules! for_sales {
    () => {
        sql!(
            "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem i \
            JOIN order_salesorderallocation a ON a.item = i.id JOIN order_salesorderlineitem l ON l.id = a.line \
            JOIN order_salesorder o ON o.id = l.\"order\" LEFT JOIN order_salesordershipment h ON h.id = a.shipment \
            WHERE o.status IN (", [..SalesOrderStatus::OPEN], ") AND h.shipment_date IS NULL AND i.part IN ",
            family!(),
            ")"
        )
    };
}
macro_rules! there {
    () => {
        sql!(
            "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s WHERE ",
            in_stock_condition!(),
            " AND s.part IN ",
            family!(),
            ")"
        )
    };
}

/// Stock that no build and no sales order claims; what is only to be moved stays available.
const FREE: &str = sql!("GREATEST(", there!(), " - ", for_builds!(), " - ", for_sales!(), ", 0)");
/// What open builds are making.
const BUILDING: &str = sql!(
    "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s WHERE s.is_building AND s.part IN ",
    family!(),
    sql!(" AND (SELECT b.status FROM build_build b WHERE b.id = s.build) IN (", [..BuildStatus::OPEN], "))")
);
/// What open builds are still to make, in whole pieces.
const SCHEDULED: &str = sql!(
    "(SELECT COALESCE(CAST(SUM(GREATEST(b.quantity - b.completed, 0)) AS BIGINT), 0) FROM build_build b \
    WHERE b.status IN (",
    [..BuildStatus::OPEN],
    ") AND b.part IN ",
    family!(),
    ")"
);
/// What open builds still need.
macro_rules! needed_for_builds {
    () => {
        sql!(
            "(SELECT COALESCE(CAST(SUM(GREATEST(l.quantity - l.consumed, 0)) AS BIGINT), 0) FROM part_bomitem m \
            JOIN build_buildline l ON l.bom_item = m.id JOIN build_build b ON b.id = l.build \
            WHERE b.status IN (",
            [..BuildStatus::OPEN],
            ") AND m.sub_part IN ",
            family!(),
            ")"
        )
    };
}
/// What open sales orders still need.
macro_rules! needed_for_sales {
    () => {
        sql!(
            "(SELECT COALESCE(CAST(SUM(GREATEST(l.quantity - l.shipped, 0)) AS BIGINT), 0) FROM order_salesorderlineitem l \
            JOIN order_salesorder o ON o.id = l.\"order\" WHERE o.status IN (", [..SalesOrderStatus::OPEN], ") AND l.part IN ",
            family!(),
            ")"
        )
    };
}

static VIEW: View = View::new(
    "PartRequirements",
    &PART,
    &[
        sql("total_stock", QUANTITY, totals::TOTAL_IN_STOCK),
        sql("unallocated_stock", QUANTITY, FREE).label("Available Stock"),
        sql("can_build", QUANTITY, "0"),
        sql("ordering", QUANTITY, on_order!("{id}")).label("On Order"),
        sql("building", QUANTITY, BUILDING).label("In Production"),
        sql("scheduled_to_build", INT, SCHEDULED),
        sql("required_for_build_orders", QUANTITY, needed_for_builds!()),
        sql("allocated_to_build_orders", QUANTITY, for_builds!()),
        sql("required_for_sales_orders", QUANTITY, needed_for_sales!()),
        sql("allocated_to_sales_orders", QUANTITY, for_sales!()),
        // what follows has the names that older clients know, and is copied
        sql("available_stock", QUANTITY, "0").help("Same as `unallocated_stock`."),
        sql("on_order", QUANTITY, "0").help("Same as `ordering`."),
        sql("required_build_order_quantity", QUANTITY, "0").help("Same as `required_for_build_orders`."),
        sql("allocated_build_order_quantity", QUANTITY, "0").help("Same as `allocated_to_build_orders`."),
        sql("required_sales_order_quantity", QUANTITY, "0").help("Same as `required_for_sales_orders`."),
        sql("allocated_sales_order_quantity", QUANTITY, "0").help("Same as `allocated_to_sales_orders`."),
        sql("allocated", QUANTITY, sql!(for_builds!(), " + ", for_sales!())).help("To builds and sales orders."),
        sql("required", QUANTITY, sql!(needed_for_builds!(), " + ", needed_for_sales!()))
            .help("For builds and sales orders."),
    ],
);

const OLDER_NAMES: &[(&str, &str)] = &[
    ("available_stock", "unallocated_stock"),
    ("on_order", "ordering"),
    ("required_build_order_quantity", "required_for_build_orders"),
    ("allocated_build_order_quantity", "allocated_to_build_orders"),
    ("required_sales_order_quantity", "required_for_sales_orders"),
    ("allocated_sales_order_quantity", "allocated_to_sales_orders"),
];

pub(super) static REQUIREMENTS: Action = action(
    Method::Get,
    "/api/part/{id}/requirements/",
    "part_requirements_retrieve",
    Access::Table("part_part"),
    requirements,
)
.response(200, Shape::Object(&VIEW))
.help("Quantities of the part that orders and builds require, and what is available.");

fn requirements(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let part: PartKey = args.first().and_then(|a| a.parse().ok()).ok_or(Error::NotFound)?;
    let can_build = crate::business::bom::available::can_build(ctx.conn, &[part])?.get(&part).copied().unwrap_or(0);
    let query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, &PART);
    let row = select::write_row(ctx, &VIEW, query, part)?.ok_or(Error::NotFound)?;
    let mut body: Json = serde_json::from_slice(&row).map_err(|e| Error::Internal(e.to_string()))?;
    // what can be built is not one expression: it is counted over all lines, with what they can use
    body["can_build"] = serde_json::from_str(&format!("{can_build}.0")).unwrap_or(Json::Null);
    for (older, name) in OLDER_NAMES {
        body[*older] = body[*name].clone();
    }
    Ok(Answer::json(200, &body))
}
