//! The amount of a line, as somebody wrote it: a number, a fraction, or a number with a unit.

use ironwood_base::decimal::{self, Excess};
use ironwood_store::Connection;

/// What stands for an amount that nobody gave.
pub const DEFAULT: &str = "1.0";

/// The quantity (scaled by 10^5) that an amount means for a part that is counted in these units.
///
/// # Errors
/// A message for the client.
pub fn quantity(_conn: &mut Connection, amount: &str, _units: &str) -> Result<i64, String> {
    plain(amount.trim()).ok_or_else(|| "This is not a valid amount.".to_owned())
}

/// A number, or two with a stroke between them.
fn plain(text: &str) -> Option<i64> {
    let number = |text: &str| decimal::parse(text.trim(), decimal::QUANTITY, Excess::Round).ok();
    match text.split_once('/') {
        None => number(text),
        Some((over, under)) => {
            let (over, under) = (i128::from(number(over)?), i128::from(number(under)?));
            if under == 0 {
                return None;
            }
            let scaled = over * i128::from(decimal::scale(decimal::QUANTITY));
            let half = under.abs() / 2;
            let sign = if (scaled < 0) == (under < 0) { 1 } else { -1 };
            i64::try_from(sign * ((scaled.abs() + half) / under.abs())).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_fractions_are_amounts() {
        assert_eq!(plain("12.5"), Some(1_250_000));
        assert_eq!(plain("1/7"), Some(14_286));
        assert_eq!(plain("-1 / 4"), Some(-25_000));
        assert_eq!(plain("1/0"), None);
        assert_eq!(plain("*"), None);
    }
}
