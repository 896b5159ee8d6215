//! Foundations without I/O: exact amounts, dates, status codes, and the error type.

pub mod amount;
pub mod clock;
pub mod currency;
pub mod decimal;
pub mod error;
pub mod key;
pub mod requirement;
pub mod serial;
pub mod status;
pub mod unit;

pub use amount::{Attrition, BaseCost, Discount, Money, PackSize, Price, Quantity, Rate, StockLevel, SupplierStock};
pub use error::{Error, Result};
pub use key::Key;
