//! Extra lines of sales orders.

use ironwood_rest::resource::{Delete, Filter, NO_RULES, Resource, Rules};
use ironwood_rest::view::{Field, View};

use super::order::VIEW as ORDER_VIEW;
use crate::business::order::order_type::SALES;
use crate::business::order::{extra_line, rules};
use crate::schema::sales::{EXTRA_LINE as TABLE, ORDER};

static FIELDS: [Field; extra_line::FIELDS] = extra_line::fields(&ORDER_VIEW);
static VIEW: View = View::new("SalesOrderExtraLine", &TABLE, &FIELDS);
static FILTERS: [Filter; 1] = extra_line::filters(&ORDER);
const RULES: Rules = Rules {
    check: |ctx, change| rules::check_line(ctx, change, &SALES),
    saved: |ctx, change, _| rules::saved_line(ctx, change, &SALES),
    delete: Delete::Many(|ctx, ids| rules::delete_lines(ctx, &SALES, TABLE.name, ids)),
    ..NO_RULES
};

/// Extra lines of sales orders.
pub(crate) static EXTRA_LINES: Resource =
    extra_line::resource("/api/order/so-extra-line/", "order_so_extra_line", &VIEW, &FILTERS, RULES);
