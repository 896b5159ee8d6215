//! Addresses that older clients use: what they lead to has moved. Each is a part of a resource of today
//! under the old address and the old names of its fields, with the rules and rights of that resource.

mod attachments;
mod parameters;
mod templates;
#[cfg(test)]
mod tests;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area. They come after those that they are parts of, which stand for their tables.
pub(crate) static RESOURCES: &[&Resource] = &[
    &attachments::PART,
    &attachments::STOCK_ITEM,
    &attachments::BUILD_ORDER,
    &attachments::OF_COMPANY,
    &attachments::OF_MANUFACTURER_PART,
    &attachments::OF_PURCHASE_ORDER,
    &attachments::OF_SALES_ORDER,
    &attachments::OF_RETURN_ORDER,
    &parameters::TEMPLATES,
    &parameters::OF_PART,
    &parameters::OF_MANUFACTURER_PART,
    &templates::PART_LABEL,
    &templates::STOCK_LABEL,
    &templates::LOCATION_LABEL,
    &templates::BILL_OF_MATERIALS,
    &templates::BUILD_ORDER,
    &templates::PURCHASE_ORDER,
    &templates::SALES_ORDER,
    &templates::RETURN_ORDER,
    &templates::LOCATION,
    &templates::TESTS,
];

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[
    &templates::PRINT_PART_LABEL,
    &templates::PRINT_STOCK_LABEL,
    &templates::PRINT_LOCATION_LABEL,
    &templates::PRINT_BILL_OF_MATERIALS,
    &templates::PRINT_BUILD_ORDER,
    &templates::PRINT_PURCHASE_ORDER,
    &templates::PRINT_SALES_ORDER,
    &templates::PRINT_RETURN_ORDER,
    &templates::PRINT_LOCATION,
    &templates::PRINT_TESTS,
];
