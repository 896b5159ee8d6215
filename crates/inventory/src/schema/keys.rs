//! Keys of rows by what the rows are: that of a part is not that of a stock item.

pub(crate) use super::build::BuildKey;
pub(crate) use super::company::{CompanyKey, SupplierPartKey};
pub(crate) use super::part::PartKey;
pub(crate) use super::purchasing::PurchaseOrderKey;
pub(crate) use super::sales::SalesOrderKey;
pub(crate) use super::stock::{ItemKey, LocationKey};
