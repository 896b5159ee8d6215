//! Companies, supplier parts, and manufacturer parts.

pub mod address;
pub mod companies;
pub mod contact;
pub mod manufacturer_part;
pub mod pack;
pub mod price_break;
pub mod supplier_part;
#[cfg(test)]
mod tests;
pub mod view;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[
    &companies::COMPANIES,
    &address::ADDRESSES,
    &contact::CONTACTS,
    &manufacturer_part::PARTS,
    &supplier_part::PARTS,
    &price_break::PRICES,
];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[];
