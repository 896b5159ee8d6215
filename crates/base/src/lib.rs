//! What everything else stands on: exact decimals, dates, the error type. Nothing here does I/O.

pub mod clock;
pub mod currency;
pub mod decimal;
pub mod error;
pub mod serial;
pub mod status;
pub mod unit;

pub use error::{Error, Result};
