//! From a body to changed rows: input is checked, changes are made, and what follows from them is done.

pub mod bulk;
pub mod change;
pub mod confirm;
pub mod effects;
pub mod form;
pub mod input;
pub mod request;
pub mod write;
