//! Companies, supplier parts, and manufacturer parts.

pub(crate) mod address;
pub(crate) mod companies;
pub(crate) mod contact;
pub(crate) mod manufacturer_part;
pub(crate) mod pack;
pub(crate) mod price_break;
mod price_brief;
pub(crate) mod supplier_part;
#[cfg(test)]
mod tests;
pub(crate) mod view;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] = &[
    &companies::COMPANIES,
    &address::ADDRESSES,
    &contact::CONTACTS,
    &manufacturer_part::PARTS,
    &supplier_part::PARTS,
    &price_break::PRICES,
];

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[];
