//! Sale and internal price breaks of parts.

use ironwood_rest::resource::{Condition, Filter, Resource, Sort, filter, sort};
use ironwood_rest::view::{View, col, pk};

use crate::schema::part::{INTERNAL_PRICE, PART, SALE_PRICE};

/// A price for customers.
pub(crate) static SALE_VIEW: View = View::new(
    "PartSalePrice",
    &SALE_PRICE,
    &[
        pk(),
        col("part").help("Part."),
        col("quantity").described_required().help("Minimum quantity for this price."),
        col("price").money().mandatory().help("Unit price."),
        col("price_currency").label("Currency").currency(),
    ],
);

static INTERNAL_VIEW: View = View::new(
    "PartInternalPrice",
    &INTERNAL_PRICE,
    &[
        pk(),
        col("part").help("Part."),
        col("quantity").described_required().help("Minimum quantity for this price."),
        col("price").money().mandatory().help("Unit price."),
        col("price_currency").label("Currency").currency(),
    ],
);

const FILTERS: &[Filter] = &[filter("part", Condition::Link(&PART, "{part} = {value}"))];
const ORDERS: &[Sort] = &[sort("quantity", &["{quantity}"]), sort("price", &["{price}"])];

/// A price list by quantity, at one of its addresses.
const fn prices(path: &'static str, id: &'static str, view: &'static View) -> Resource {
    Resource::new(path, id, view).filters(FILTERS).sorts(ORDERS).default_sort(&["{quantity}"])
}

/// Prices for customers.
pub(crate) static SALE: Resource = prices("/api/part/sale-price/", "part_sale_price", &SALE_VIEW).help(SALE_HELP);

/// Prices within the company.
pub(crate) static INTERNAL: Resource =
    prices("/api/part/internal-price/", "part_internal_price", &INTERNAL_VIEW).help(INTERNAL_HELP);

// where clients look for them that know later versions of the API
pub(crate) static SALE_MOVED: Resource =
    prices("/api/pricing/sale-price/", "pricing_sale_price", &SALE_VIEW).help(SALE_HELP);
pub(crate) static INTERNAL_MOVED: Resource =
    prices("/api/pricing/internal-price/", "pricing_internal_price", &INTERNAL_VIEW).help(INTERNAL_HELP);

const SALE_HELP: &str = "Sale price breaks of parts.";
const INTERNAL_HELP: &str = "Internal price breaks of parts.";
