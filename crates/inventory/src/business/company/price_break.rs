//! Price breaks of supplier parts, and the price of a quantity.

use ironwood_base::{Result, decimal};
use ironwood_rest::resource::{Resource, Test, filter, order};
use ironwood_rest::view::{Field, INT, QUANTITY, View, col, nested, pk, sql};
use ironwood_store::{Connection, Value};

use super::companies::BRIEF as COMPANY_BRIEF;
use super::supplier_part::VIEW as SUPPLIER_PART_VIEW;
use crate::platform::exchange::rates::Rates;
use crate::schema::company::{COMPANY, SUPPLIER_PART, SUPPLIER_PRICE as TABLE};
use crate::schema::part::PART;
use ironwood_rest::parts::{concat, count};

const FIELDS: [Field; 7] = [
    pk(),
    col("part").help("Supplier part."),
    col("quantity").asked().help("Minimum quantity for this price."),
    col("price").money().required().mandatory().help("Price per pack."),
    col("price_currency").label("Currency").currency(),
    sql("supplier", INT, "{part.supplier}").option_type("field"),
    col("updated").read_only(),
];

/// A price inside of a supplier's part.
pub static BRIEF: View = View::new("SupplierPriceBreakBrief", &TABLE, &FIELDS);

const PARTS: &[&[Field]] = &[
    &FIELDS,
    &[nested("supplier_detail", "part.supplier", &COMPANY_BRIEF), nested("part_detail", "part", &SUPPLIER_PART_VIEW)],
];
static WHOLE: [Field; count(PARTS)] = concat(PARTS);
static VIEW: View = View::new("SupplierPriceBreak", &TABLE, &WHOLE);

/// Prices of suppliers.
pub static PRICES: Resource = Resource::new("/api/company/price-break/", "company_price_break", &VIEW)
    .filters(&[
        filter("part", Test::Link(&SUPPLIER_PART, "{part} = {value}")),
        filter("quantity", Test::Where(QUANTITY, "{quantity} = {value}")),
        filter("base_part", Test::Link(&PART, "{part.part} = {value}")),
        filter("supplier", Test::Link(&COMPANY, "{part.supplier} = {value}")),
    ])
    .search(&["{part.SKU}", "{part.supplier.name}"])
    .order(&[
        order("quantity", &["{quantity}"]),
        order("supplier", &["{part.supplier.name}"]),
        order("SKU", &["{part.SKU}"]),
        order("price", &["{price}"]),
    ])
    .default_order(&["{quantity}"])
    .help("Price breaks of supplier parts.");

/// One piece, as quantities are kept.
const ONE: i64 = decimal::scale(decimal::QUANTITY);

/// What one pack of a supplier's part costs (six places) where so many (five places) are bought: the price of
/// the highest step that is reached (the lowest where none is), for a whole number of the supplier's multiples,
/// with the base cost shared among them. `None` if there is no price, or none in this currency.
pub fn unit_price(conn: &mut Connection, part: i64, quantity: i64, currency: &str) -> Result<Option<i64>> {
    if quantity <= 0 {
        return Ok(None);
    }
    let Some(row) =
        conn.one("SELECT multiple, base_cost FROM company_supplierpart WHERE id = $1", &[Value::Int(part)])?
    else {
        return Ok(None);
    };
    let (multiple, base) = (i128::from(row.int(0).max(1)) * i128::from(ONE), row.int(1));
    let billed = if quantity % ONE == 0 {
        let wanted = i128::from(quantity);
        (wanted + multiple - 1) / multiple * multiple
    } else {
        i128::from(quantity)
    };
    let sql = "SELECT quantity, price, price_currency FROM company_supplierpricebreak \
               WHERE part = $1 AND price IS NOT NULL ORDER BY quantity";
    let steps = conn.rows(sql, &[Value::Int(part)])?;
    let reached = steps.iter().rfind(|step| i128::from(step.int(0)) <= billed).or(steps.first());
    let Some(step) = reached else { return Ok(None) };
    let rates = if step.text(2) == currency { Rates::default() } else { Rates::load(conn)? };
    let Some(price) = rates.convert(step.int(1), step.text(2), currency) else { return Ok(None) };
    // the base cost has three places
    let base = i128::from(base) * i128::from(decimal::scale(decimal::MONEY - 3)) * i128::from(ONE);
    let all = i128::from(price).checked_mul(billed).and_then(|cost| cost.checked_add(base));
    let quantity = i128::from(quantity);
    Ok(all.and_then(|all| i64::try_from((all + quantity / 2) / quantity).ok()))
}
