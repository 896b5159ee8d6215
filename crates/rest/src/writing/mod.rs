//! From a body to changed rows: input is checked, changes are made, and what follows from them is done.

pub mod bulk;
pub mod change;
pub mod confirm;
pub mod form;
pub mod input;
pub(crate) mod permit;
pub mod request;
pub mod tree;
pub mod write;
