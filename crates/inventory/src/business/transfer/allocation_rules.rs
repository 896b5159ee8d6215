//! What stock transfer orders can allocate, and how.

use std::collections::HashMap;

use ironwood_base::status::TransferOrderStatus;
use ironwood_rest::row::{self, TableRow};
use ironwood_store::sql;

use crate::business::order::allocation_rules::{AllocationRequest, AllocationRules};
use crate::business::order::order_type::TRANSFER;
use crate::business::stock::available::MOVABLE;
use crate::schema::transfer::{ALLOCATION, Allocation};

/// How transfer orders set stock aside: whatever can be moved, in any condition.
pub(crate) static ALLOCATION_RULES: AllocationRules = AllocationRules {
    order_type: &TRANSFER,
    table: &ALLOCATION,
    claims: sql!("z.status IN (", [..TransferOrderStatus::OPEN], ")"),
    conditions: &[
        (MOVABLE, "This stock item is not in stock."),
        ("NOT p.virtual", "A virtual part cannot have stock."),
    ],
    barred: |_, _| Ok(HashMap::new()),
    check: |_, _, _| Ok(()),
    insert: |conn, requests, _| {
        let row = |request: &AllocationRequest| Allocation {
            line: request.line.of_kind(),
            item: request.item,
            quantity: request.quantity,
            ..Allocation::fresh()
        };
        let rows: Vec<Allocation> = requests.iter().map(row).collect();
        row::insert::<Allocation>(conn, &rows)
    },
};
