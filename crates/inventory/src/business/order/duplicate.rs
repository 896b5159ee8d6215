//! Duplicates orders.

use ironwood_base::Result;
use ironwood_rest::bulk;
use ironwood_store::Connection;

use super::order_type::OrderType;
pub(crate) use crate::platform::common::duplicate::{
    EXTRA_LINES, LINES, Options, PARAMETERS, copy_parameters, options, original,
};
use crate::schema::keys::OrderKey;

/// Copies what the options say into the order, each by one statement. Copied lines have nothing done yet,
/// and no target date of their own.
pub(crate) fn copy(conn: &mut Connection, order_type: &OrderType, options: &Options, order: OrderKey) -> Result<()> {
    let order = order.general();
    let pairs = [(options.original, order)];
    if options.lines {
        bulk::copy(conn, order_type.lines, "order", &pairs, order_type.fresh, "")?;
    }
    if let Some(extra) = order_type.extra_lines.filter(|_| options.extra_lines) {
        bulk::copy(conn, extra, "order", &pairs, &[], "")?;
    }
    if options.parameters {
        copy_parameters(conn, order_type.table, options.original, order)?;
    }
    Ok(())
}
