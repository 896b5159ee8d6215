//! Keys of rows by what the rows are: that of a part is not that of a stock item.

use ironwood_base::Key;
use ironwood_rest::context::Context;

pub(crate) use super::build::BuildKey;
pub(crate) use super::company::{CompanyKey, SupplierPartKey};
pub(crate) use super::part::PartKey;
pub(crate) use super::purchasing::PurchaseOrderKey;
pub(crate) use super::sales::SalesOrderKey;
pub(crate) use super::stock::{ItemKey, LocationKey};
pub(crate) use super::users::UserKey;

/// The key of the user whose request it is; that of nobody where there is none.
pub(crate) fn caller_key(ctx: &Context<'_>) -> UserKey {
    Key::from_id(ctx.user())
}
