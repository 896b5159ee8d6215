//! The state of a stock item in the ledger.

use crate::schema::keys::*;
use ironwood_base::Quantity;
use ironwood_base::status::StockStatus;

pub(crate) use crate::schema::stock::Item;

/// No quantity reaches this: 15 digits, 5 of them behind the point.
pub(super) const LIMIT: Quantity = Quantity::of(10_000_000_000);

/// Whether a quantity can be stored: it is not negative, and below [`LIMIT`].
pub(crate) fn is_in_range(quantity: Quantity) -> bool {
    (Quantity::ZERO..LIMIT).contains(&quantity)
}

impl Item {
    /// A new item of a part, in good condition; nothing else is known of it.
    pub fn new(part: PartKey, quantity: Quantity) -> Self {
        Item {
            part,
            quantity,
            batch: Some(String::new()),
            delete_on_deplete: true,
            status: StockStatus::OK,
            metadata: Some("{}".into()),
            ..Item::default()
        }
    }

    /// Whether it is one piece with a serial number.
    pub fn is_serialised(&self) -> bool {
        self.serial.as_deref().is_some_and(|s| !s.trim().is_empty())
    }

    /// Whether it is on hand: neither sold, installed, given to a customer nor consumed, and there is some
    /// of it. Its status and whether it is still being made do not matter here.
    pub fn is_on_hand(&self) -> bool {
        self.quantity.is_positive()
            && self.sales_order.is_none()
            && self.belongs_to.is_none()
            && self.customer.is_none()
            && self.consumed_by.is_none()
    }

    /// The same as [`super::super::available::IN_STOCK`] in SQL.
    pub fn is_in_stock(&self) -> bool {
        self.is_on_hand() && !self.is_building && StockStatus::AVAILABLE.contains(&self.status)
    }

    /// The status that people see: the administrator's own one, or the built-in one.
    pub fn shown_status(&self) -> i64 {
        self.status_custom_key.unwrap_or(self.status.key())
    }
}
