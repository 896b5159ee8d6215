//! Parses the quantity of a line: a number, a fraction, or a number with a unit.

use ironwood_base::decimal::Excess;
use ironwood_base::unit::Units;
use ironwood_base::{Quantity, Result};
use ironwood_store::Connection;

use crate::platform::common::unit;

/// What stands for an amount that no one gave.
pub(crate) const DEFAULT: &str = "1.0";

/// The unit of what is just counted.
const PIECES: &str = "piece";

/// The quantity (rounded half away from zero) that an amount means for a part that is
/// counted in these units; or why it means none.
///
/// # Errors
/// Those of the database.
pub(crate) fn quantity(
    conn: &mut Connection,
    amount: &str,
    units: &str,
) -> Result<std::result::Result<Quantity, String>> {
    let amount = amount.trim();
    if let Ok(plain) = Quantity::parse(amount, Excess::Round) {
        return Ok(Ok(plain));
    }
    Ok(measured(unit::load(conn)?.as_ref(), amount, units.trim()))
}

fn measured(known: &Units, amount: &str, units: &str) -> std::result::Result<Quantity, String> {
    let units = if units.is_empty() { PIECES } else { units };
    let counted = |text: &str| known.convert(text, PIECES).is_ok();
    // an angle, or a dozen, is no length
    let mut words = amount.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().count() > 1);
    if !counted(&format!("1 {units}")) && words.any(|word| counted(&format!("1 {word}"))) {
        return Err(format!("This amount cannot be expressed in {units}."));
    }
    let found = known.convert(amount, units).map_err(|why| why.to_string())?;
    found.to_amount().ok_or_else(|| "Quantity is too large.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_numbers_fractions_or_quantities_of_the_parts_unit() {
        let known = ironwood_base::unit::built_in();
        let ok = |amount: &str, units: &str| measured(known, amount, units).unwrap().scaled();
        assert_eq!(ok("1/7", ""), 14_286);
        assert_eq!(ok("3.14cm", "metres"), 3_140);
        assert_eq!(ok("2 inches", "m"), 5_080);
        assert_eq!(ok("10 metres", "metres"), 1_000_000);
        assert_eq!(ok("1 dozen", ""), 1_200_000);
        for (amount, units) in [
            ("3 ampere", "metres"),
            ("17 degrees", "metres"),
            ("1 kg", "metres"),
            ("3 cm", ""),
            ("yak", ""),
            ("**", ""),
            ("1/0", ""),
        ] {
            assert!(measured(known, amount, units).is_err(), "{amount} in {units}");
        }
    }
}
