//! Keys of rows by what the rows are: that of a part is not that of a stock item.

use ironwood_base::Key;
use ironwood_rest::context::Context;

pub(crate) use super::bom::BomItemKey;
pub(crate) use super::build::{BuildAllocationKey, BuildKey, BuildLineKey};
pub(crate) use super::common::{AnyKey, DataOutputKey, ParameterTemplateKey, ProjectCodeKey, SelectionListKey};
pub(crate) use super::company::{CompanyKey, ManufacturerPartKey, SupplierPartKey};
pub(crate) use super::importer::{FileRowKey, ImportKey};
pub(crate) use super::order::{AllocationKey, LineKey, OrderKey};
pub(crate) use super::part::{CategoryKey, PartKey, PricingKey, TestTemplateKey};
pub(crate) use super::purchasing::{PurchaseLineKey, PurchaseOrderKey};
pub(crate) use super::report::{LabelTemplateKey, ReportTemplateKey};
pub(crate) use super::returns::{ReturnLineKey, ReturnOrderKey};
pub(crate) use super::sales::{SalesAllocationKey, SalesLineKey, SalesOrderKey, ShipmentKey};
pub(crate) use super::stock::{ItemKey, LocationKey};
pub(crate) use super::system::JobKey;
pub(crate) use super::transfer::{TransferAllocationKey, TransferLineKey, TransferOrderKey};
pub(crate) use super::users::{GroupKey, OwnerKey, SessionKey, TokenKey, UserKey};

/// The key of the user whose request it is; that of nobody ([`Key::known`]) where there is none.
pub(crate) fn caller_key(ctx: &Context<'_>) -> UserKey {
    Key::from_id(ctx.user())
}
