//! Extra lines of orders, such as shipping, fees, and rebates. One description for all order types.

use ironwood_rest::resource::{Condition, Filter, Operations, Resource, Rules, Sort, filter, sort};
use ironwood_rest::segments::{concat, count};
use ironwood_rest::table::Table;
use ironwood_rest::view::{Field, MONEY, View, col, made, nested};

use super::fields::{LINE, QUANTITY_TEXT};
use super::total;

const OWN: &[Field] = &[
    col("description").help("Description of the charge."),
    col("price").money().help("Unit price."),
    col("price_currency").label("Currency").currency(),
    made("total_price", MONEY, total::LINE_FACTORS, total::write_line).nullable().money(),
];

/// How many fields an extra line has.
pub(crate) const FIELDS: usize = count(&[&LINE, OWN]) + 1;

/// Fields of an extra line; `order` shows the order that it belongs to.
pub(crate) const fn fields(order: &'static View) -> [Field; FIELDS] {
    concat(&[&LINE, OWN, &[nested("order_detail", "order", order)]])
}

/// The filter of extra lines by their order.
pub(crate) const fn filters(orders: &'static Table) -> [Filter; 1] {
    [filter("order", Condition::Link(orders, "{order} = {value}"))]
}

const SORTS: &[Sort] = &[
    sort("quantity", &["{quantity}"]),
    sort("notes", &["{notes}"]),
    sort("reference", &["{reference}"]),
    sort("line", &["{line_int}", "{line}"]),
];

/// The resource of a kind's extra lines.
pub(crate) const fn resource(
    path: &'static str,
    id: &'static str,
    view: &'static View,
    filters: &'static [Filter],
    rules: Rules,
) -> Resource {
    Resource::new(path, id, view)
        .operations(Operations::ALL.bulk_delete())
        .filters(filters)
        .search(&[QUANTITY_TEXT, "{notes}", "{reference}", "{description}"])
        .sorts(SORTS)
        .default_sort(&["{id}"])
        .rules(rules)
        .help("Extra lines of orders, such as shipping or fees.")
}
