//! Foundations without I/O: exact decimals, dates, and the error type.

pub mod clock;
pub mod currency;
pub mod decimal;
pub mod error;
pub mod serial;
pub mod status;
pub mod unit;

pub use error::{Error, Result};
