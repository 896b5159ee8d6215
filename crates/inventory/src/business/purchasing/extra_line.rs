//! Extra lines of purchase orders.

use ironwood_rest::resource::{Delete, Filter, NO_RULES, Resource, Rules};
use ironwood_rest::view::{Field, View};

use super::order::VIEW as ORDER_VIEW;
use crate::business::order::order_type::PURCHASE;
use crate::business::order::{extra_line, rules};
use crate::schema::purchasing::{EXTRA_LINE as TABLE, ORDER};

static FIELDS: [Field; extra_line::FIELDS] = extra_line::fields(&ORDER_VIEW);
static VIEW: View = View::new("PurchaseOrderExtraLine", &TABLE, &FIELDS);
static FILTERS: [Filter; 1] = extra_line::filters(&ORDER);

/// Extra lines of purchase orders.
pub(crate) static EXTRA_LINES: Resource = extra_line::resource(
    "/api/order/po-extra-line/",
    "order_po_extra_line",
    &VIEW,
    &FILTERS,
    Rules {
        check: |ctx, change| rules::check_line(ctx, change, &PURCHASE),
        saved: |ctx, change, _| rules::saved_line(ctx, change, &PURCHASE),
        delete: Delete::Many(|ctx, ids| rules::delete_lines(ctx, &PURCHASE, TABLE.name, ids)),
        ..NO_RULES
    },
);
