//! Exact decimals: fixed-point integers, scaled by a power of ten that belongs to the column.
//!
//! A value of a column with `places` decimal places is the integer `value * 10^places`. Sums and
//! comparisons of such integers are exact, in memory and in SQL.

use std::fmt;

/// Decimal places of a quantity of parts.
pub const QUANTITY: u8 = 5;
/// Decimal places of a price.
pub const MONEY: u8 = 6;

/// Why a text is no decimal of the wanted form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalError {
    /// Not a number at all (`abc`, `NaN`, empty).
    Malformed,
    /// More decimal places than the column keeps, with digits other than zero in them.
    TooPrecise,
    /// Beyond what the column holds.
    OutOfRange,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DecimalError::Malformed => "Must be a number.",
            DecimalError::TooPrecise => "This number has too many decimal places.",
            DecimalError::OutOfRange => "This number is out of range.",
        })
    }
}

/// What to do with digits beyond the last place kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// Refuse them, unless they are zeros.
    Refuse,
    /// Round half away from zero.
    Round,
}

const POWERS: [i64; 19] = {
    let mut powers = [1_i64; 19];
    let mut i = 1;
    while i < 19 {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// `10^places`, for `places` up to 18.
pub const fn scale(places: u8) -> i64 {
    POWERS[places as usize]
}

/// Reads a decimal number (`12`, `-0.5`, `.5`, `1e3`, `1.25E-2`) as a scaled integer.
///
/// # Errors
/// [`DecimalError`], as its variants say; a result beyond `i64` is out of range.
pub fn parse(text: &str, places: u8, excess: Excess) -> Result<i64, DecimalError> {
    let text = text.trim();
    if text.is_empty() || text.len() > 400 {
        return Err(DecimalError::Malformed);
    }
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().map_err(|_| DecimalError::Malformed)?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.as_bytes().first() {
        Some(b'-') => (true, &mantissa[1..]),
        Some(b'+') => (false, &mantissa[1..]),
        _ => (false, mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(DecimalError::Malformed);
    }
    // the digit at index i of whole+fraction stands for 10^(whole.len() - 1 - i + exponent)
    let last = i64::from(exponent) + whole.len() as i64 + i64::from(places); // digits kept
    let mut value: i64 = 0;
    let mut kept = 0_i64;
    let mut round_up = false;
    for digit in whole.bytes().chain(fraction.bytes()) {
        let digit = i64::from(digit - b'0');
        if kept < last {
            value = value.checked_mul(10).and_then(|v| v.checked_add(digit)).ok_or(DecimalError::OutOfRange)?;
        } else if excess == Excess::Refuse {
            if digit != 0 {
                return Err(DecimalError::TooPrecise);
            }
        } else if kept == last {
            round_up = digit >= 5;
        }
        kept += 1;
    }
    while kept < last && value != 0 {
        value = value.checked_mul(10).ok_or(DecimalError::OutOfRange)?;
        kept += 1;
    }
    if round_up {
        value = value.checked_add(1).ok_or(DecimalError::OutOfRange)?;
    }
    Ok(if negative { -value } else { value })
}

/// Writes a scaled integer with all its places: `1.50000`, `-0.00001`, `3` where `places` is 0.
pub fn write(out: &mut Vec<u8>, value: i64, places: u8) {
    let scale = scale(places).unsigned_abs();
    let magnitude = value.unsigned_abs();
    if value < 0 {
        out.push(b'-');
    }
    let mut digits = itoa::Buffer::new();
    out.extend_from_slice(digits.format(magnitude / scale).as_bytes());
    if places > 0 {
        out.push(b'.');
        let fraction = digits.format(magnitude % scale).as_bytes();
        out.resize(out.len() + usize::from(places).saturating_sub(fraction.len()), b'0');
        out.extend_from_slice(fraction);
    }
}

/// Writes a whole number.
pub fn write_int(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Writes a scaled integer as a JSON number without needless zeros, but always with one decimal
/// place: `1.5`, `3.0`.
pub fn write_short(out: &mut Vec<u8>, value: i64, places: u8) {
    let start = out.len();
    write(out, value, places);
    if places == 0 {
        out.extend_from_slice(b".0");
        return;
    }
    while out.len() > start + 2 && out.ends_with(b"0") && out[out.len() - 2] != b'.' {
        out.pop();
    }
}

/// [`write`] as a string.
pub fn to_string(value: i64, places: u8) -> String {
    let mut out = Vec::with_capacity(24);
    write(&mut out, value, places);
    String::from_utf8(out).unwrap_or_default()
}

/// A value scaled to `from` places, scaled to `to` places; digits that do not fit are rounded half
/// away from zero. `None` when out of range.
pub fn rescale(value: i64, from: u8, to: u8) -> Option<i64> {
    if to >= from {
        return value.checked_mul(scale(to - from));
    }
    let divisor = scale(from - to);
    let (quotient, rest) = (value / divisor, value % divisor);
    Some(if rest.abs() * 2 >= divisor { quotient + rest.signum() } else { quotient })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_and_clients_write() {
        let read = |t| parse(t, 5, Excess::Refuse);
        assert_eq!(read("12"), Ok(1_200_000));
        assert_eq!(read("-0.5"), Ok(-50_000));
        assert_eq!(read(".00001"), Ok(1));
        assert_eq!(read("1e3"), Ok(100_000_000));
        assert_eq!(read("1.25E-2"), Ok(1_250));
        assert_eq!(read("1.5000000000"), Ok(150_000));
        assert_eq!(read("0e999999"), Ok(0));
        assert_eq!(read("0.000001"), Err(DecimalError::TooPrecise));
        assert_eq!(read("1e30"), Err(DecimalError::OutOfRange));
        assert_eq!(read("99999999999999999999"), Err(DecimalError::OutOfRange));
        for bad in ["", "abc", "NaN", "inf", "1,5", "--1", "1e", ".", "1.2.3", "0x10"] {
            assert_eq!(read(bad), Err(DecimalError::Malformed), "{bad}");
        }
    }

    #[test]
    fn rounds_half_away_from_zero_where_asked() {
        assert_eq!(parse("0.000005", 5, Excess::Round), Ok(1));
        assert_eq!(parse("-0.000005", 5, Excess::Round), Ok(-1));
        assert_eq!(parse("0.0000049", 5, Excess::Round), Ok(0));
        assert_eq!(parse("5e-7", 5, Excess::Round), Ok(0));
        assert_eq!(rescale(15, 1, 0), Some(2));
        assert_eq!(rescale(-14, 1, 0), Some(-1));
        assert_eq!(rescale(2, 5, 6), Some(20));
        assert_eq!(rescale(i64::MAX, 5, 6), None);
    }

    #[test]
    fn writes_exactly() {
        assert_eq!(to_string(-1, 5), "-0.00001");
        assert_eq!(to_string(i64::MIN, 5), "-92233720368547.75808");
        let mut out = Vec::new();
        write_short(&mut out, 150_000, 5);
        out.push(b' ');
        write_short(&mut out, 300_000, 5);
        out.push(b' ');
        write_short(&mut out, 0, 5);
        assert_eq!(out, b"1.5 3.0 0.0");
    }
}
