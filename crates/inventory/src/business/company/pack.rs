//! Pack quantities of supplier parts.

use ironwood_base::Result;
use ironwood_base::decimal::{self, DecimalError, Excess};
use ironwood_store::Connection;

use crate::platform::common::unit;

/// Places of what is in a pack.
pub const PLACES: u8 = 10;
/// One piece in a pack.
pub const ONE: i64 = decimal::scale(PLACES);

/// Reads what is in a pack (`100`, `2.5 m`, `1 dozen`), in the unit of the part, with [`PLACES`] places. A part
/// without a unit comes in pieces.
///
/// # Errors
/// Those of the database; the inner ones are messages for the client.
pub fn read(conn: &mut Connection, text: &str, unit: &str) -> Result<std::result::Result<i64, String>> {
    let unit = if unit.trim().is_empty() { "piece" } else { unit };
    let size = match decimal::parse(text.trim(), PLACES, Excess::Round) {
        Ok(number) => number,
        Err(DecimalError::OutOfRange) => return Ok(Err("Pack quantity is too large.".into())),
        Err(_) => match unit::load(conn)?.convert(text, unit).map(|magnitude| magnitude.to_scaled(PLACES)) {
            Ok(Some(size)) => size,
            Ok(None) => return Ok(Err("Pack quantity is too large.".into())),
            Err(why) => return Ok(Err(format!("Pack quantity is not valid. {why}"))),
        },
    };
    Ok(if size > 0 { Ok(size) } else { Err("Pack quantity must be greater than zero.".into()) })
}

/// So many packs (five places) as a quantity of the part (five places), rounded half away from zero;
/// `None` where it is out of range.
pub fn pieces(packs: i64, size: i64) -> Option<i64> {
    let (exact, one) = (i128::from(packs) * i128::from(size), i128::from(ONE));
    let rounded = exact.abs() / one + i128::from(exact.abs() % one * 2 >= one);
    i64::try_from(rounded * exact.signum()).ok()
}

/// A quantity of the part (five places) as packs (five places); `None` where no number of packs with five places
/// is exactly that much.
pub fn packs(quantity: i64, size: i64) -> Option<i64> {
    let (exact, size_of_one) = (i128::from(quantity) * i128::from(ONE), i128::from(size));
    let packs = i64::try_from(exact.checked_div(size_of_one)?).ok()?;
    (exact % size_of_one == 0).then_some(packs)
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
            assert_eq!(read("100", ""), Some(100 * ONE));
            assert_eq!(read("2.5", "m"), Some(25 * ONE / 10));
            assert_eq!(read("1 km", "m"), Some(1_000 * ONE));
            assert_eq!(read("250 mm", "m"), Some(ONE / 4));
            assert_eq!(read("1 dozen", ""), Some(12 * ONE));
            for (bad, unit) in
                [("0", ""), ("-5", ""), ("5 m", ""), ("5 kg", "m"), ("x", ""), ("1e30", ""), ("-1 m", "m")]
            {
                assert_eq!(read(bad, unit), None, "{bad} {unit}");
            }
        });
    }

    #[test]
    fn packs_are_counted_exactly() {
        assert_eq!(pieces(300_000, 100 * ONE), Some(30_000_000));
        assert_eq!(pieces(100_000, ONE / 3), Some(33_333));
        assert_eq!(pieces(1, ONE / 2), Some(1));
        assert_eq!(pieces(i64::MAX, 2 * ONE), None);
        assert_eq!(packs(2_000_000, 10 * ONE), Some(200_000));
        assert_eq!(packs(2_500_000, 10 * ONE), Some(250_000));
        assert_eq!(packs(1_000_000, 3 * ONE), None);
        assert_eq!(packs(100_000, 0), None);
    }
}
