//! Actions that set stock aside for orders, and what lists of allocations share: a kind of order says how by its
//! [`AllocationRules`].

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result, serial};
use ironwood_rest::context::Context;
use ironwood_rest::form::RowFaults;
use ironwood_rest::http::Answer;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Args, Condition, Filter, Sort, filter, sort};
use ironwood_rest::table::{ColumnType, Table};
use ironwood_rest::view::{BOOL, Field, INT, Sql, TEXT, Type, View, col, input, nested, pk, sql};
use serde_json::{Map, Value as Json, json};

use super::allocation_rules::{AllocationRequest, AllocationRules, More};
use super::states::{self, CurrentState, is_open};
use crate::business::part::part::by_parts;
use crate::business::part::view::BRIEF as PART_BRIEF;
use crate::business::stock::item;
use crate::business::stock::serial::{latest, next_after};
use crate::schema::keys::LineKey;
use crate::schema::part::PART;
use crate::schema::stock::{ITEM, LOCATION};

/// Refuses an order that is closed.
///
/// # Errors
/// 400.
pub(crate) fn refuse_closed(order: CurrentState) -> Result<()> {
    if is_open(order.status) { Ok(()) } else { Err(Error::non_field("Stock can only be allocated to an open order.")) }
}

/// What is wanted of a stock item for a line of that table.
pub(crate) const fn item_fields(lines: &'static Table) -> [Field; 3] {
    [
        input("line_item", INT).links(lines).required().help("Line of the order."),
        input("stock_item", INT).links(&ITEM).required().help("Stock item."),
        input("quantity", Type::Of(ColumnType::Decimal { places: 5, digits: 15 }))
            .as_text()
            .required()
            .help("Quantity."),
    ]
}

/// The list of what is wanted.
pub(crate) const fn requests_field(requested: &'static View) -> Field {
    input("items", Type::List(requested)).required().help("Allocations.")
}

/// Most pieces in one request.
const MOST: i64 = serial::MOST as i64;

/// What is wanted of the pieces of a line's part.
pub(crate) const fn serials_fields(lines: &'static Table) -> [Field; 3] {
    [
        input("line_item", INT).links(lines).required().help("Line of the order."),
        input("quantity", Type::Of(ColumnType::Int { min: 1, max: MOST })).required().help("Number of units."),
        input("serial_numbers", TEXT).required().help("Serial numbers, such as `1-10, 15`."),
    ]
}

/// Stock items that are to be set aside.
pub(crate) struct ByItem {
    pub items: Vec<AllocationRequest>,
    pub more: More,
}

/// Pieces that are to be set aside.
pub(crate) struct BySerial {
    pub line: LineKey,
    pub quantity: i64,
    pub serial_numbers: String,
    pub more: More,
}

/// Sets stock items aside that a request names: a form with [`requests_field`].
///
/// # Errors
/// 400 at each row that is not possible; nothing is allocated then.
pub(crate) fn by_item<R: Request + Into<ByItem>>(
    ctx: &mut Context<'_>,
    args: &Args,
    how: &AllocationRules,
) -> Result<Answer> {
    let order = states::current_state(ctx.conn, how.order_type, args)?;
    let ByItem { items: requests, more } = R::read(ctx)?.into();
    (how.check)(ctx.conn, order.id, more)?;
    if requests.is_empty() {
        return Err(Error::non_field("Select at least one item to allocate."));
    }
    refuse_closed(order)?;
    let mut faults = RowFaults::new("items", requests.len());
    for (row, field, message) in how.faults(ctx.conn, order.id, &requests, None)? {
        faults.add(row, field, message);
    }
    faults.check()?;
    (how.insert)(ctx.conn, &requests, more)?;
    let shown = |requested: &AllocationRequest| {
        let quantity = requested.quantity.to_string();
        json!({"line_item": requested.line, "stock_item": requested.item, "quantity": quantity})
    };
    let mut answer = Map::new();
    answer.insert("items".into(), requests.iter().map(shown).collect::<Vec<Json>>().into());
    more.show(&mut answer);
    Ok(Answer::json(201, &answer.into()))
}

/// Sets pieces aside whose serial numbers a request names: a form with [`serials_fields`].
///
/// # Errors
/// 400 on `line_item` or `serial_numbers`.
pub(crate) fn by_serial<R: Request + Into<BySerial>>(
    ctx: &mut Context<'_>,
    args: &Args,
    how: &AllocationRules,
) -> Result<Answer> {
    let order = states::current_state(ctx.conn, how.order_type, args)?;
    let BySerial { line, quantity, serial_numbers, more } = R::read(ctx)?.into();
    let part = how.part_of(ctx.conn, order.id, line)?;
    (how.check)(ctx.conn, order.id, more)?;
    refuse_closed(order)?;
    let next = next_after(latest(ctx.conn, part)?.as_deref());
    let pieces = usize::try_from(quantity).unwrap_or(0);
    let serials = serial::parse(&serial_numbers, pieces, &next).map_err(|faults| {
        let mut fields = Fields::new();
        faults.iter().for_each(|fault| fields.add("serial_numbers", fault));
        Error::Invalid(fields)
    })?;
    how.serials(ctx.conn, order.id, line, &serials, more)?;
    let mut answer = Map::new();
    answer.insert("line_item".into(), line.into());
    answer.insert("quantity".into(), quantity.into());
    answer.insert("serial_numbers".into(), serial_numbers.into());
    more.show(&mut answer);
    Ok(Answer::json(201, &answer.into()))
}

/// What every allocation shows. A list shows the stock and the part only where they are asked for, a single row
/// shows them.
pub(crate) const fn fields(orders: &'static Table, details: bool) -> [Field; 10] {
    [
        pk(),
        col("item").help("Stock item."),
        col("quantity").described_required().help("Quantity."),
        col("line").read_only(),
        sql("part", INT, "{item.part}").links(&PART).option_type("field"),
        sql("order", INT, "{line.order}").links(orders).option_type("field"),
        // other servers leave it empty, and clients take the serial number from `item_detail`
        sql("serial", TEXT, "CAST(NULL AS TEXT)").nullable(),
        sql("location", INT, "{item.location}").links(&LOCATION).option_type("field"),
        nested("item_detail", "item", &item::VIEW).on("item_detail", details).without(&[
            "part_detail",
            "location_detail",
            "supplier_part_detail",
        ]),
        nested("part_detail", "item.part", &PART_BRIEF).on("part_detail", details),
    ]
}

const BELOW: &str = "{item.location} IN {below}";

/// By what every list of allocations can be filtered.
pub(crate) const fn filters(orders: &'static Table, lines: &'static Table) -> [Filter; 6] {
    [
        filter("order", Condition::Link(orders, "{line.order} = {value}")),
        filter("line", Condition::Link(lines, "{line} = {value}")),
        filter("item", Condition::Link(&ITEM, "{item} = {value}")).any(),
        filter("part", Condition::Custom(INT, |query, text| by_parts(query, text, "{item.part} IN {parts}"))),
        filter("include_variants", Condition::Noted(BOOL)).help("Include variants of `part`."),
        filter("location", Condition::Link(&LOCATION, BELOW)).help("Stock in this location or below."),
    ]
}

/// Where every list of allocations is searched.
pub(crate) const SEARCH: &[Sql] = &["{item.part.name}", "{item.part.IPN}", "{item.serial}", "{item.batch}"];

/// By what every list of allocations can be sorted.
pub(crate) const SORTINGS: [Sort; 7] = [
    sort("quantity", &["{quantity}"]),
    sort("part", &["{item.part.name}"]),
    sort("IPN", &["{item.part.IPN}"]),
    sort("serial", &["{item.serial_int}", "{item.serial}"]),
    sort("batch", &["{item.batch}"]),
    sort("location", &["{item.location.name}"]),
    sort("order", &["{line.order.reference}"]),
];
