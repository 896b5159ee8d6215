//! What all areas share.

pub mod icon;
pub mod parameter;
pub mod status;
pub mod tables;
pub mod tag;
pub mod tree;

use ironwood_rest::resource::Action;

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[&status::ALL, &status::ONE, &status::STOCK, &status::HISTORY];
