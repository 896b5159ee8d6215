//! Pack quantities of supplier parts.

use ironwood_base::decimal::{DecimalError, Excess};
use ironwood_base::{Money, PackSize, Quantity, Result};
use ironwood_store::Connection;

use crate::platform::common::unit;

/// Reads what is in a pack (`100`, `2.5 m`, `1 dozen`), in the unit of the part. A part
/// without a unit comes in pieces.
///
/// # Errors
/// Those of the database; the inner ones are messages for the client.
pub(crate) fn read(conn: &mut Connection, text: &str, unit: &str) -> Result<std::result::Result<PackSize, String>> {
    let unit = if unit.trim().is_empty() { "piece" } else { unit };
    let size = match PackSize::parse(text.trim(), Excess::Round) {
        Ok(number) => number,
        Err(DecimalError::OutOfRange) => return Ok(Err("Pack quantity is too large.".into())),
        Err(_) => match unit::load(conn)?.convert(text, unit).map(|magnitude| magnitude.to_amount()) {
            Ok(Some(size)) => size,
            Ok(None) => return Ok(Err("Pack quantity is too large.".into())),
            Err(why) => return Ok(Err(format!("Pack quantity is not valid. {why}"))),
        },
    };
    Ok(if size.is_positive() { Ok(size) } else { Err("Pack quantity must be greater than zero.".into()) })
}

/// So many packs as a quantity of the part, rounded half away from zero; `None` where it is out of range.
pub(crate) fn pieces(packs: Quantity, size: PackSize) -> Option<Quantity> {
    packs.times(size)
}

/// What one piece costs where one pack has that price, rounded half away from zero; `None` where it is out of range.
pub(crate) fn piece_price(price: Money, size: PackSize) -> Option<Money> {
    price.by(PackSize::ONE, size)
}

/// A quantity of the part as packs; `None` where no number of packs is exactly that much.
pub(crate) fn packs(quantity: Quantity, size: PackSize) -> Option<Quantity> {
    quantity.exactly_by(PackSize::ONE, size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::on_each_server;

    #[test]
    fn packs_are_read_in_the_unit_of_the_part() {
        on_each_server(|server| {
            let read = |text: &'static str, unit: &'static str| {
                server.app.db().read(move |conn| read(conn, text, unit)).unwrap().ok()
            };
            let size = |text: &str| PackSize::parse(text, Excess::Refuse).ok();
            assert_eq!(read("100", ""), size("100"));
            assert_eq!(read("2.5", "m"), size("2.5"));
            assert_eq!(read("1 km", "m"), size("1000"));
            assert_eq!(read("250 mm", "m"), size("0.25"));
            assert_eq!(read("1 dozen", ""), size("12"));
            for (bad, unit) in
                [("0", ""), ("-5", ""), ("5 m", ""), ("5 kg", "m"), ("x", ""), ("1e30", ""), ("-1 m", "m")]
            {
                assert_eq!(read(bad, unit), None, "{bad} {unit}");
            }
        });
    }

    #[test]
    fn packs_are_counted_exactly() {
        let quantity = Quantity::from_scaled;
        let part_of_one = |n: i64| PackSize::from_scaled(PackSize::ONE.scaled() / n);
        assert_eq!(pieces(Quantity::of(3), PackSize::of(100)), Some(Quantity::of(300)));
        assert_eq!(pieces(Quantity::of(1), part_of_one(3)), Some(quantity(33_333)));
        assert_eq!(pieces(quantity(1), part_of_one(2)), Some(quantity(1)));
        assert_eq!(pieces(quantity(i64::MAX), PackSize::of(2)), None);
        assert_eq!(packs(Quantity::of(20), PackSize::of(10)), Some(Quantity::of(2)));
        assert_eq!(packs(Quantity::of(25), PackSize::of(10)), Some(quantity(250_000)));
        assert_eq!(packs(Quantity::of(10), PackSize::of(3)), None);
        assert_eq!(packs(Quantity::of(1), PackSize::ZERO), None);
    }
}
