//! Extra lines of return orders.

use ironwood_rest::resource::{Delete, Filter, NO_RULES, Resource, Rules};
use ironwood_rest::view::{Field, View};

use super::order::VIEW as ORDER_VIEW;
use crate::business::order::order_type::RETURN;
use crate::business::order::{extra_line, rules};
use crate::schema::returns::{EXTRA_LINE as TABLE, ORDER};

static FIELDS: [Field; extra_line::FIELDS] = extra_line::fields(&ORDER_VIEW);
static VIEW: View = View::new("ReturnOrderExtraLine", &TABLE, &FIELDS);
static FILTERS: [Filter; 1] = extra_line::filters(&ORDER);
const RULES: Rules = Rules {
    check: |ctx, change| rules::check_line(ctx, change, &RETURN),
    saved: |ctx, change, _| rules::saved_line(ctx, change, &RETURN),
    delete: Delete::Many(|ctx, ids| rules::delete_lines(ctx, &RETURN, TABLE.name, ids)),
    ..NO_RULES
};

/// Extra lines of return orders.
pub(crate) static EXTRA_LINES: Resource =
    extra_line::resource("/api/order/ro-extra-line/", "order_ro_extra_line", &VIEW, &FILTERS, RULES);
