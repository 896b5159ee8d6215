//! The parts of a quantity as people write it: a number, and a unit behind it. The number is a decimal
//! (`4.7`), a fraction (`1/4`), a mixed one (`1 1/2`), or one with its prefix in the place of the point (`2k7`).
//! Nothing is calculated: `5 - 10` is a range, `5*3` is a text.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

use super::UnitError;
use super::expression::number;

/// A number, and the text of the unit behind it; empty: none.
#[derive(Debug)]
pub(super) struct Quantity {
    pub(super) value: BigRational,
    pub(super) unit: String,
}

/// Fractions that are one character.
const FRACTIONS: &[(char, i64, i64)] = &[
    ('½', 1, 2),
    ('⅓', 1, 3),
    ('⅔', 2, 3),
    ('¼', 1, 4),
    ('¾', 3, 4),
    ('⅛', 1, 8),
    ('⅜', 3, 8),
    ('⅝', 5, 8),
    ('⅞', 7, 8),
];

fn ratio(over: i64, under: i64) -> BigRational {
    BigRational::new(BigInt::from(over), BigInt::from(under))
}

/// What may stand before the other digits where a prefix is the point (`R47`): resistors and capacitors
/// alone are marked so.
const LEADING: &str = "RKkMmpnuµμ";

/// Reads a quantity in the ways that its text may be meant, the most usual first.
pub(super) fn readings(text: &str) -> Result<Vec<Quantity>, UnitError> {
    let text = text.trim();
    let (negative, body) = match text.strip_prefix(['-', '−']) {
        Some(body) => (true, body.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text).trim_start()),
    };
    let mut found = Vec::new();
    let plain = plain(body);
    let marked = prefix_as_point(body);
    let why = plain.as_ref().err().cloned();
    found.extend(plain.ok().into_iter().chain(marked));
    if negative {
        found.iter_mut().for_each(|quantity| quantity.value = -quantity.value.clone());
    }
    if found.is_empty() { Err(why.unwrap_or(UnitError::Malformed)) } else { Ok(found) }
}

/// Whether a text may be marked by a prefix before its digits (`R47`), as values of parts are.
pub(super) fn leading_point(text: &str) -> Option<String> {
    let mut letters = text.chars();
    let first = letters.next().filter(|c| LEADING.contains(*c))?;
    let rest = letters.as_str();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0).then(|| format!("0{first}{rest}"))
}

fn plain(text: &str) -> Result<Quantity, UnitError> {
    let chars: Vec<char> = text.chars().collect();
    let single = |at: usize| chars.get(at).and_then(|c| FRACTIONS.iter().find(|(f, ..)| f == c));
    let is_digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let rest = |at: usize| chars[at..].iter().collect::<String>().trim().to_owned();
    let spaces = |mut at: usize| {
        while chars.get(at).is_some_and(|c| c.is_whitespace()) {
            at += 1;
        }
        at
    };
    if let Some((_, over, under)) = single(0) {
        return unit(ratio(*over, *under), rest(1));
    }
    if !is_digit(0) && chars.first() != Some(&'.') {
        return Err(UnitError::Malformed);
    }
    let (first, end) = number(&chars, 0)?;
    let behind = spaces(end);
    if let Some((_, over, under)) = single(behind) {
        return if first.is_integer() {
            unit(first + ratio(*over, *under), rest(behind + 1))
        } else {
            Err(UnitError::Malformed)
        };
    }
    // over a number: a fraction
    if let Some(under_at) = over_number(&chars, behind, spaces) {
        let (under, end) = number(&chars, under_at)?;
        if under.is_zero() {
            return Err(UnitError::Range);
        }
        return unit(first / under, rest(end));
    }
    // a second number is the fraction of a mixed one
    let (mixed_at, joined) = match chars.get(behind) {
        Some('-') if end == behind => (spaces(behind + 1), true),
        _ => (behind, false),
    };
    if is_digit(mixed_at) && (joined || mixed_at > end) {
        let (over, end) = number(&chars, mixed_at)?;
        let under_at = over_number(&chars, end, |at| at).ok_or(UnitError::Malformed)?;
        let (under, end) = number(&chars, under_at)?;
        let proper = first.is_integer() && over.is_integer() && under.is_integer() && over < under;
        return if proper { unit(first + over / under, rest(end)) } else { Err(UnitError::Malformed) };
    }
    unit(first, rest(end))
}

/// The place of a number behind a stroke.
fn over_number(chars: &[char], at: usize, spaces: impl Fn(usize) -> usize) -> Option<usize> {
    let at = matches!(chars.get(at), Some('/' | '÷' | '⁄')).then(|| spaces(at + 1))?;
    chars.get(at).is_some_and(char::is_ascii_digit).then_some(at)
}

/// A number with the rest of the text as its unit, in which numbers are nothing but powers.
fn unit(value: BigRational, text: String) -> Result<Quantity, UnitError> {
    let mut before: Option<char> = None;
    for c in text.chars() {
        let is_power = before.is_some_and(|b| matches!(b, '^' | '*' | '-' | '(' | '.' | '_') || b.is_alphanumeric());
        if c.is_ascii_digit() && !is_power || matches!(c, '+' | ',') {
            return Err(UnitError::Malformed);
        }
        before = if c.is_whitespace() { before.filter(|b| *b == '^') } else { Some(c) };
    }
    let sum = text.starts_with(['-', '−', '*', '×', '·', '^', '(']);
    // a minus stands in powers alone, a single asterisk between units alone
    let minus = text.match_indices('-').any(|(at, _)| {
        let before = text[..at].trim_end();
        !before.ends_with(['^', '(']) && !before.ends_with("**")
    });
    let letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let product = letters
        .windows(2)
        .enumerate()
        .any(|(at, pair)| pair[0] == '*' && pair[1].is_ascii_digit() && (at == 0 || letters[at - 1] != '*'));
    if sum || minus || product { Err(UnitError::Malformed) } else { Ok(Quantity { value, unit: text }) }
}

/// `2k7` is `2.7k`, `10n005F` is `10.005nF`, `123kohm45` is `123.45kohm`.
fn prefix_as_point(text: &str) -> Option<Quantity> {
    let split = |text: &str, of: fn(char) -> bool| text.find(|c| !of(c)).unwrap_or(text.len());
    let (left, rest) = text.split_at(split(text, |c| c.is_ascii_digit()));
    let (letters, rest) = rest.split_at(split(rest, char::is_alphabetic));
    let (right, suffix) = rest.split_at(split(rest, |c| c.is_ascii_digit()));
    if left.is_empty() || letters.is_empty() || right.is_empty() || matches!(letters, "e" | "E") {
        return None;
    }
    let chars: Vec<char> = format!("{left}.{right}").chars().collect();
    let (value, _) = number(&chars, 0).ok()?;
    unit(value, format!("{letters}{suffix}")).ok()
}
