//! Packs: how many pieces, or how much, is in one unit that a supplier sells.

use ironwood_base::Result;
use ironwood_base::decimal::{self, Excess};
use ironwood_store::Connection;

/// Places of what is in a pack.
pub const PLACES: u8 = 10;
/// One piece in a pack.
pub const ONE: i64 = decimal::scale(PLACES);

/// Reads what is in a pack (`100`, `2.5 m`), in the unit of the part, with [`PLACES`] places.
///
/// # Errors
/// Those of the database; the inner ones are messages for the client.
pub fn read(_conn: &mut Connection, text: &str, _unit: &str) -> Result<std::result::Result<i64, String>> {
    Ok(match decimal::parse(text.trim(), PLACES, Excess::Round) {
        Ok(size) if size > 0 => Ok(size),
        Ok(_) => Err("There is more than nothing in a pack.".into()),
        Err(_) => Err("This cannot be read as what is in a pack.".into()),
    })
}

/// So many packs (five places) as a quantity of the part (five places), rounded half away from zero;
/// `None` where it is out of range.
pub fn pieces(packs: i64, size: i64) -> Option<i64> {
    let (exact, one) = (i128::from(packs) * i128::from(size), i128::from(ONE));
    let rounded = exact.abs() / one + i128::from(exact.abs() % one * 2 >= one);
    i64::try_from(rounded * exact.signum()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_are_counted_exactly() {
        assert_eq!(pieces(300_000, 100 * ONE), Some(30_000_000));
        assert_eq!(pieces(100_000, ONE / 3), Some(33_333));
        assert_eq!(pieces(1, ONE / 2), Some(1));
        assert_eq!(pieces(i64::MAX, 2 * ONE), None);
    }
}
