//! References of orders and builds: texts that follow a pattern from the settings.
//!
//! In a pattern stand plain text, wildcards (`?` any character, `#` a digit) and places: `{ref:04d}` for
//! the number, `{date:%Y}` for the day, `{?:X}` for any text, with `X` where the server makes it.

use ironwood_base::{Error, Result, clock, serial};
use ironwood_rest::change::Change;
use ironwood_rest::selected;
use ironwood_rest::table::Table;
use ironwood_store::{Connection, fragment};
use regex::Regex;

use crate::platform::settings;
use crate::platform::settings::keys;

/// One sequence of references: the table that has them (columns `reference` and `reference_int`) and the
/// setting with their pattern.
#[derive(Debug)]
pub(crate) struct Series {
    pub table: &'static Table,
    pub setting: keys::Key<str>,
}

/// All of them.
pub(crate) static SERIES: &[&Series] = &[
    &Series { table: &crate::schema::purchasing::ORDER, setting: keys::PURCHASEORDER_REFERENCE_PATTERN },
    &Series { table: &crate::schema::sales::ORDER, setting: keys::SALESORDER_REFERENCE_PATTERN },
    &Series { table: &crate::schema::returns::ORDER, setting: keys::RETURNORDER_REFERENCE_PATTERN },
    &Series { table: &crate::schema::transfer::ORDER, setting: keys::TRANSFERORDER_REFERENCE_PATTERN },
    &Series { table: &crate::schema::build::BUILD, setting: keys::BUILDORDER_REFERENCE_PATTERN },
];

/// The sequence whose pattern is in that setting.
pub(crate) fn series(setting: &str) -> Option<&'static Series> {
    SERIES.iter().find(|s| s.setting.name() == setting).copied()
}

/// The sequence of a table.
///
/// # Errors
/// 500 for a table without references.
pub(crate) fn series_of(table: &Table) -> Result<&'static Series> {
    let found = SERIES.iter().find(|s| s.table.name == table.name).copied();
    found.ok_or_else(|| Error::Internal(format!("{} has no references", table.name)))
}

/// How many references in a row may be taken before the server gives up looking for a free one.
const TRIES: usize = 1_000;
/// Widest number that a pattern can ask for.
const WIDEST: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// The number: filled with zeros or spaces up to a width; only digits.
    Number {
        zeros: bool,
        width: usize,
        digits: bool,
    },
    Date(String),
    Any(String),
}

/// A pattern, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Piece>);

impl Pattern {
    /// Reads a pattern. Settings hold only valid ones; what cannot be read stands for itself.
    pub(crate) fn read(text: &str) -> Pattern {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text.trim();
        while let Some(c) = rest.chars().next() {
            if rest.starts_with("{{") || rest.starts_with("}}") {
                plain.push(c);
                rest = &rest[2..];
                continue;
            }
            let place = (c == '{').then(|| rest.find('}')).flatten().and_then(|end| Some((place(&rest[1..end])?, end)));
            match place {
                Some((piece, end)) => {
                    if !plain.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut plain)));
                    }
                    pieces.push(piece);
                    rest = &rest[end + 1..];
                }
                None => {
                    plain.push(c);
                    rest = &rest[c.len_utf8()..];
                }
            }
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Pattern(pieces)
    }

    /// The reference with that number, made today.
    pub(crate) fn write(&self, number: &str) -> String {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) | Piece::Any(text) => out.push_str(text),
                Piece::Date(form) => out.push_str(&date(form)),
                Piece::Number { zeros, width, .. } => {
                    let fill = width.saturating_sub(number.chars().count());
                    out.extend(std::iter::repeat_n(if *zeros { '0' } else { ' ' }, fill));
                    out.push_str(number);
                }
            }
        }
        out
    }

    fn regex(&self) -> Option<Regex> {
        let mut out = String::from("^");
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => {
                    for c in text.chars() {
                        match c {
                            '?' => out.push('.'),
                            '#' => out.push_str("[0-9]"),
                            c => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
                        }
                    }
                }
                Piece::Number { digits: true, .. } => out.push_str("(?P<ref> *[0-9]+)"),
                Piece::Number { digits: false, .. } => out.push_str("(?P<ref>.+)"),
                Piece::Date(_) | Piece::Any(_) => out.push_str(".+"),
            }
        }
        out.push('$');
        Regex::new(&out).ok()
    }

    /// Whether a reference follows the pattern; every one does where there is no pattern.
    pub(crate) fn allows(&self, reference: &str) -> bool {
        self.0.is_empty() || self.regex().is_none_or(|r| r.is_match(reference))
    }

    /// The text in the place of the number; `None` where the reference does not follow the pattern.
    pub(crate) fn number_in<'r>(&self, reference: &'r str) -> Option<&'r str> {
        Some(self.regex()?.captures(reference)?.name("ref")?.as_str().trim())
    }

    /// The number by which a reference is sorted.
    pub(crate) fn sort_key(&self, reference: &str) -> i64 {
        let number = self.number_in(reference).unwrap_or(reference).trim();
        let hex = number.strip_prefix("0x").and_then(|digits| i64::from_str_radix(digits, 16).ok());
        hex.map_or_else(|| serial::sort_key(number), |n| n.clamp(0, 0x7fff_ffff))
    }
}

fn place(inside: &str) -> Option<Piece> {
    let (name, form) = inside.split_once(':').unwrap_or((inside, ""));
    Some(match name {
        "ref" => {
            let digits = form.ends_with('d');
            let width = form.trim_end_matches('d');
            let zeros = width.len() > 1 && width.starts_with('0');
            Piece::Number { zeros, width: width.parse::<usize>().unwrap_or(0).min(WIDEST), digits }
        }
        "date" => Piece::Date(form.to_owned()),
        "?" => Piece::Any(form.to_owned()),
        _ => return None,
    })
}

/// Today in the form of a pattern (`%Y-%m`); as ISO writes it where there is no form, or none that can be
/// used.
fn date(form: &str) -> String {
    let today = clock::today();
    let written = today.parse::<jiff::civil::Date>().ok().and_then(|date| jiff::fmt::strtime::format(form, date).ok());
    written.filter(|text| !text.is_empty()).unwrap_or(today)
}

/// The pattern of a sequence.
pub(crate) fn pattern(conn: &mut Connection, series: &Series) -> Result<Pattern> {
    Ok(Pattern::read(&settings::get_text(conn, series.setting)?))
}

selected! {
    /// The reference of an order, and the number by which orders are sorted.
    pub(super) struct Reference {
        pub(super) reference: String = "reference",
        pub(super) number: i64 = "reference_int",
    }
}

/// The reference that follows the highest one there is: `PO-0008` after `PO-0007`.
///
/// To be called in the transaction that makes the row: then no number is given twice and none is left out,
/// however many make rows at once.
///
/// # Errors
/// 400 where so many references in a row are taken that no free one is found.
pub(crate) fn next(conn: &mut Connection, series: &Series) -> Result<String> {
    let pattern = pattern(conn, series)?;
    let table = series.table.name;
    let from = fragment!("FROM {table} ORDER BY reference_int DESC, id DESC LIMIT 1");
    let mut number = match selected::first::<Reference>(conn, &from, &[])? {
        None => "1".to_owned(),
        Some(Reference { reference, number }) => {
            let last = pattern.number_in(&reference).map_or_else(|| number.to_string(), str::to_owned);
            plain(serial::increment(&last))
        }
    };
    let sql = fragment!("SELECT 1 FROM {table} WHERE reference = $1");
    for _ in 0..TRIES {
        let reference = pattern.write(&number);
        if conn.one(&sql, &[reference.as_str().into()])?.is_none() {
            return Ok(reference);
        }
        number = plain(serial::increment(&number));
    }
    Err(Error::field("reference", "No unused reference was found. Enter one."))
}

/// A number without leading zeros: the pattern has its own.
fn plain(number: String) -> String {
    let digits = number.trim_start_matches('0');
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) { digits.to_owned() } else { number }
}

/// Gives a new row its reference where the client gave none, checks a given one, and keeps its sort key
/// (`reference_int`) true. For the rules of every table with references.
///
/// # Errors
/// 400 on `reference` where it does not follow the pattern, or is taken.
pub(crate) fn check(conn: &mut Connection, series: &Series, change: &mut Change) -> Result<()> {
    if change.is_new() && change.text("reference").trim().is_empty() {
        let reference = next(conn, series)?;
        change.set("reference", reference);
    }
    if !change.is_given("reference") {
        return Ok(());
    }
    let pattern = pattern(conn, series)?;
    let reference = change.text("reference").trim().to_owned();
    if reference.is_empty() {
        return Err(Error::field("reference", "Reference is required."));
    }
    if !pattern.allows(&reference) {
        let form = settings::get_text(conn, series.setting)?;
        return Err(Error::field("reference", format!("Reference must match the pattern {form}.")));
    }
    let sql = fragment!("SELECT 1 FROM {} WHERE reference = $1 AND id <> $2", series.table.name);
    if conn.one(&sql, &[reference.as_str().into(), change.id.unwrap_or(0).into()])?.is_some() {
        return Err(Error::field("reference", "This reference is already in use."));
    }
    change.set("reference_int", pattern.sort_key(&reference));
    change.set("reference", reference);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_write_and_read_their_own_references() {
        for (pattern, number, written) in [
            ("PO-{ref:04d}", "7", "PO-0007"),
            ("PO-{ref:04d}", "12345", "PO-12345"),
            ("{ref}", "7", "7"),
            ("{?:PO}-{ref:04d}-x", "7", "PO-0007-x"),
            ("S{{x}}-{ref:d}", "7", "S{x}-7"),
            ("{ref:3}", "7", "  7"),
        ] {
            let read = Pattern::read(pattern);
            assert_eq!(read.write(number), written, "{pattern}");
            assert!(read.allows(written), "{pattern}");
            assert_eq!(read.sort_key(written), number.parse::<i64>().unwrap(), "{pattern}");
        }
        let year = Pattern::read("PO-{date:%Y}-{ref:03d}").write("5");
        assert_eq!(year, format!("PO-{}-005", &clock::today()[..4]));
    }

    #[test]
    fn wildcards_and_digits_are_checked() {
        let pattern = Pattern::read("PO-??-##-{ref:04d}");
        assert!(pattern.allows("PO-ab-12-1"));
        for bad in ["PO-ab-1x-1", "PO-a-12-1", "PO-ab-12-", "PO-ab-12-x", "xPO-ab-12-1", "PO-ab-12-1 "] {
            assert!(!pattern.allows(bad), "{bad}");
        }
        let wild = Pattern::read("{?:PO}-{ref:04d}");
        assert!(wild.allows("ABC-9994") && !wild.allows("9995") && !wild.allows("-9996"));
        assert!(Pattern::read("").allows("anything"));
        assert!(Pattern::read("a.b-{ref}").allows("a.b-1") && !Pattern::read("a.b-{ref}").allows("axb-1"));
    }

    #[test]
    fn sort_keys_stay_within_what_clients_hold() {
        let pattern = Pattern::read("PO-{ref}");
        for (reference, key) in
            [("PO-99999999999999999999", 0x7fff_ffff), ("PO-12-A", 12), ("other", 0), ("PO-0x1F", 31), ("PO-A7", 7)]
        {
            assert_eq!(pattern.sort_key(reference), key, "{reference}");
        }
    }
}
