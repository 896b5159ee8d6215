//! Price breaks of supplier parts, and the price of a quantity.

use ironwood_base::{BaseCost, Money, Quantity, Result};
use ironwood_rest::resource::{Condition, Resource, filter, sort};
use ironwood_rest::row;
use ironwood_rest::view::{Field, QUANTITY, View, nested};
use ironwood_store::Connection;

use super::companies::BRIEF as COMPANY_BRIEF;
use super::price_brief::FIELDS;
use super::supplier_part::VIEW as SUPPLIER_PART_VIEW;
use crate::platform::exchange::rates::Rates;
use crate::schema::company::{COMPANY, SUPPLIER_PART, SUPPLIER_PRICE as TABLE, SupplierPrice};
use crate::schema::keys::SupplierPartKey;
use crate::schema::part::PART;
use ironwood_rest::segments::{concat, count};

const SEGMENTS: &[&[Field]] = &[
    &FIELDS,
    &[nested("supplier_detail", "part.supplier", &COMPANY_BRIEF), nested("part_detail", "part", &SUPPLIER_PART_VIEW)],
];
static WHOLE: [Field; count(SEGMENTS)] = concat(SEGMENTS);
static VIEW: View = View::new("SupplierPriceBreak", &TABLE, &WHOLE);

/// Prices of suppliers.
pub(crate) static PRICES: Resource = Resource::new("/api/company/price-break/", "company_price_break", &VIEW)
    .filters(&[
        filter("part", Condition::Link(&SUPPLIER_PART, "{part} = {value}")),
        filter("quantity", Condition::Where(QUANTITY, "{quantity} = {value}")),
        filter("base_part", Condition::Link(&PART, "{part.part} = {value}")),
        filter("supplier", Condition::Link(&COMPANY, "{part.supplier} = {value}")),
    ])
    .search(&["{part.SKU}", "{part.supplier.name}"])
    .sorts(&[
        sort("quantity", &["{quantity}"]),
        sort("supplier", &["{part.supplier.name}"]),
        sort("SKU", &["{part.SKU}"]),
        sort("price", &["{price}"]),
    ])
    .default_sort(&["{quantity}"])
    .help("Price breaks of supplier parts.");

row! {
    /// What a supplier asks for besides the price.
    struct Terms in SUPPLIER_PART as SupplierPartKey {
        multiple: i64,
        base_cost: BaseCost,
    } without [..]
}

/// What one pack of a supplier's part costs where so many are bought: the price of
/// the highest step that is reached (the lowest where none is), for a whole number of the supplier's multiples,
/// with the base cost shared among them. `None` if there is no price, or none in this currency.
pub(crate) fn unit_price(
    conn: &mut Connection,
    part: SupplierPartKey,
    quantity: Quantity,
    currency: &str,
) -> Result<Option<Money>> {
    if !quantity.is_positive() {
        return Ok(None);
    }
    let Some(terms) = row::one::<Terms>(conn, part)? else { return Ok(None) };
    let (multiple, base) = (Quantity::whole(terms.multiple.max(1)), terms.base_cost.money());
    let (Some(multiple), Some(base)) = (multiple, base) else { return Ok(None) };
    let billed = if quantity.is_whole() { quantity.round_up_to(multiple) } else { Some(quantity) };
    let Some(billed) = billed else { return Ok(None) };
    let steps = "t.part = $1 AND t.price IS NOT NULL ORDER BY t.quantity";
    let steps: Vec<SupplierPrice> = row::matching(conn, steps, &[part.into()])?;
    let reached = steps.iter().rfind(|step| step.quantity <= billed).or(steps.first());
    let Some(step) = reached else { return Ok(None) };
    let rates = if step.price_currency == currency { Rates::default() } else { Rates::load(conn)? };
    let price = step.price.and_then(|price| rates.convert(price.in_currency(&step.price_currency), currency));
    let Some(price) = price else { return Ok(None) };
    let all = price.exact(billed).saturating_add(base.exact(Quantity::ONE));
    Ok(all.per(quantity))
}
