//! Prices of parts by quantity: for customers, and within the company.

use ironwood_rest::resource::{Resource, Test, filter, order};
use ironwood_rest::view::{View, col, pk};

use super::tables::{INTERNAL_PRICE, PART, SALE_PRICE};

/// A price for customers.
pub static SALE_VIEW: View = View::new(
    "PartSalePrice",
    &SALE_PRICE,
    &[
        pk(),
        col("part").help("The part."),
        col("quantity").asked().help("Least quantity for this price."),
        col("price").money().help("Price of one."),
        col("price_currency").currency(),
    ],
);

static INTERNAL_VIEW: View = View::new(
    "PartInternalPrice",
    &INTERNAL_PRICE,
    &[
        pk(),
        col("part").help("The part."),
        col("quantity").asked().help("Least quantity for this price."),
        col("price").money().help("Price of one."),
        col("price_currency").currency(),
    ],
);

/// Prices for customers.
pub static SALE: Resource = Resource::new("/api/part/sale-price/", "part_sale_price", &SALE_VIEW)
    .filters(&[filter("part", Test::Link(&PART, "{part} = {value}"))])
    .order(&[order("quantity", &["{quantity}"]), order("price", &["{price}"])])
    .default_order(&["{quantity}"])
    .help("What customers pay, by quantity.");

/// Prices within the company.
pub static INTERNAL: Resource = Resource::new("/api/part/internal-price/", "part_internal_price", &INTERNAL_VIEW)
    .filters(&[filter("part", Test::Link(&PART, "{part} = {value}"))])
    .order(&[order("quantity", &["{quantity}"]), order("price", &["{price}"])])
    .default_order(&["{quantity}"])
    .help("What a part costs within the company, by quantity.");
