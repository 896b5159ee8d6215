//! How numbers and dates are written: decimal sign, thousands sign, order of day and month. One file writes
//! them in one way, which its columns tell.

use ironwood_base::clock;

/// Order of year, month and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum DateOrder {
    Ymd,
    #[default]
    Dmy,
    Mdy,
}

impl DateOrder {
    pub(crate) fn name(self) -> &'static str {
        match self {
            DateOrder::Ymd => "YMD",
            DateOrder::Dmy => "DMY",
            DateOrder::Mdy => "MDY",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [DateOrder::Ymd, DateOrder::Dmy, DateOrder::Mdy]
            .into_iter()
            .find(|o| o.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// How a file writes numbers and dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Notation {
    pub decimal: char,
    pub thousands: Option<char>,
    pub dates: DateOrder,
}

impl Default for Notation {
    fn default() -> Self {
        Notation { decimal: '.', thousands: Some(','), dates: DateOrder::Dmy }
    }
}

/// Signs and words of currencies that stand before or behind an amount, with the code that they mean where
/// there is only one.
const CURRENCIES: &[(&str, &str)] = &[
    ("US$", "USD"),
    ("A$", "AUD"),
    ("C$", "CAD"),
    ("NZ$", "NZD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("₹", "INR"),
    ("₩", "KRW"),
    ("₺", "TRY"),
    ("₽", "RUB"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
    ("Fr.", "CHF"),
    ("$", "$"),
    ("¥", ""),
    ("kr", ""),
];

/// An amount without its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Amount {
    /// As the API takes it.
    pub number: String,
    /// The currency beside it: a code, `$` for one of the dollars, or empty for a sign that tells none.
    pub currency: Option<String>,
}

pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{a0}' | '\u{202f}' | '\u{2009}')
}

/// A number and the currency beside it.
pub(super) fn without_currency(text: &str) -> (String, Option<String>) {
    let text = text.trim_matches(is_space);
    let (sign, rest) = match text.strip_prefix(['-', '−']) {
        Some(rest) => ("-", rest.trim_start_matches(is_space)),
        None => ("", text),
    };
    let cut = |rest: &str| -> Option<(String, String)> {
        for (word, code) in CURRENCIES {
            if let Some(number) = rest.strip_prefix(word).or_else(|| rest.strip_suffix(word)) {
                return Some((number.to_owned(), (*code).to_owned()));
            }
        }
        let is_code = |code: &str| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
        if let Some((code, number)) = rest.split_at_checked(3).filter(|(code, _)| is_code(code)) {
            return Some((number.to_owned(), code.to_owned()));
        }
        let at = rest.len().checked_sub(3)?;
        let (number, code) = rest.split_at_checked(at).filter(|(_, code)| is_code(code))?;
        Some((number.to_owned(), code.to_owned()))
    };
    match cut(rest) {
        Some((number, currency)) => (format!("{sign}{}", number.trim_matches(is_space)), Some(currency)),
        None => (format!("{sign}{rest}"), None),
    }
}

impl Notation {
    /// The number that a text means in this notation, as the API takes it (`-1234.5`).
    pub(crate) fn number(&self, text: &str) -> Option<String> {
        let text = text.trim_matches(is_space);
        let (sign, body) = match text.strip_prefix(['-', '−', '+']) {
            Some(body) => (if text.starts_with('+') { "" } else { "-" }, body),
            None => ("", text),
        };
        let (body, power) = match body.find(['e', 'E']) {
            Some(at) => body.split_at(at),
            None => (body, ""),
        };
        if !power.is_empty() && power[1..].parse::<i32>().is_err() {
            return None;
        }
        let (whole, fraction) = match body.split_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (body, None),
        };
        let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let whole = if is_digits(whole) { whole.to_owned() } else { self.joined(whole)? };
        if fraction.is_some_and(|f| !is_digits(f)) || whole.is_empty() && fraction.is_none_or(str::is_empty) {
            return None;
        }
        let whole = if whole.is_empty() { "0" } else { whole.as_str() };
        Some(match fraction.filter(|f| !f.is_empty()) {
            Some(fraction) => format!("{sign}{whole}.{fraction}{power}"),
            None => format!("{sign}{whole}{power}"),
        })
    }

    /// Digits in groups of three, joined.
    fn joined(&self, text: &str) -> Option<String> {
        let sign = text.chars().find(|c| !c.is_ascii_digit())?;
        // spaces and apostrophes are nothing but thousands signs, whatever else the file has
        let known = Some(sign) == self.thousands || is_space(sign) || matches!(sign, '\'' | '’');
        let mut groups = text.split(sign);
        let first = groups.next()?;
        let is_group = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
        if !known || sign == self.decimal || !(1..=3).contains(&first.len()) || !is_group(first) {
            return None;
        }
        let mut all = first.to_owned();
        for group in groups {
            if group.len() != 3 || !is_group(group) {
                return None;
            }
            all.push_str(group);
        }
        Some(all)
    }

    /// An amount of money with the currency beside it.
    pub(crate) fn amount(&self, text: &str) -> Option<Amount> {
        let (number, currency) = without_currency(text);
        Some(Amount { number: self.number(&number)?, currency })
    }

    /// A quantity with its unit (`1,5 m`) as the API takes it.
    pub(crate) fn quantity(&self, text: &str) -> Option<String> {
        if self.decimal == '.' {
            return None;
        }
        let text = text.trim_matches(is_space);
        let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '+' | '-');
        let end = text.find(|c| !is_of_number(c)).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        Some(format!("{}{unit}", self.number(number)?))
    }

    /// The date that a text means, `YYYY-MM-DD`, with its time behind it (`T14:05:00`) where it has one.
    pub(crate) fn date(&self, text: &str) -> Option<String> {
        let text = text.trim_matches(is_space);
        let is_iso = text.len() > 10 && text.as_bytes().get(4) == Some(&b'-');
        if let Some(moment) = Some(text).filter(|_| is_iso).and_then(clock::parse_time) {
            return Some(moment);
        }
        let (day, time) = split_time(text)?;
        let date = self.day(day)?;
        Some(match time {
            Some(time) => format!("{date}T{time}"),
            None => date,
        })
    }

    fn day(&self, text: &str) -> Option<String> {
        let parts = date_parts(text)?;
        let [first, second, third] = [parts[0].as_str(), parts[1].as_str(), parts[2].as_str()];
        let (year, month, day) = match self.dates {
            _ if first.len() == 4 => (first, second, third),
            // the name of a month says which one it is
            _ if first.starts_with('m') => (third, first, second),
            _ if second.starts_with('m') => (third, second, first),
            DateOrder::Ymd => (first, second, third),
            DateOrder::Dmy => (third, second, first),
            DateOrder::Mdy => (third, first, second),
        };
        let number = |text: &str| text.trim_start_matches('m').parse::<u32>().ok().filter(|_| text.len() <= 4);
        let year = match year.len() {
            4 => number(year)?,
            // as spreadsheets read years of two digits
            2 => number(year).map(|year| if year < 70 { 2000 + year } else { 1900 + year })?,
            _ => return None,
        };
        clock::parse_date(&format!("{year:04}-{:02}-{:02}", number(month)?, number(day)?))
    }
}

/// A text as a date and the time behind it, as `HH:MM:SS`.
pub(super) fn split_time(text: &str) -> Option<(&str, Option<String>)> {
    let Some(colon) = text.find(':') else { return Some((text, None)) };
    let start = text[..colon].rfind(is_space)?;
    let (day, time) = text.split_at(start);
    let lower = time.trim().to_ascii_lowercase();
    let half = ["am", "pm"].into_iter().find(|half| lower.ends_with(half));
    let clock = half.map_or(lower.as_str(), |half| lower.trim_end_matches(half)).trim();
    let mut numbers = clock.split(':').map(|part| part.parse::<u32>().ok().filter(|_| part.len() <= 2));
    let (hour, minute, second) = (numbers.next()??, numbers.next()??, numbers.next().unwrap_or(Some(0))?);
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some("pm") => hour % 12 + 12,
        Some(_) => hour % 12,
        None => hour,
    };
    let valid = hour < 24 && minute < 60 && second < 60 && numbers.next().is_none();
    valid.then(|| (day.trim(), Some(format!("{hour:02}:{minute:02}:{second:02}"))))
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The three parts of a date; a month by its name is `m` with its number.
pub(super) fn date_parts(text: &str) -> Option<[String; 3]> {
    let signs = ['-', '/', '.', ' ', ','];
    let parts: Vec<String> = text
        .split(|c| signs.contains(&c) || is_space(c))
        .filter(|part| !part.is_empty())
        .map(|part| {
            let lower = part.to_lowercase();
            let month = MONTHS.iter().position(|m| lower.len() >= 3 && lower.starts_with(m));
            month.map_or(lower, |month| format!("m{}", month + 1))
        })
        .collect();
    let is_part = |p: &String| p.len() <= 4 && p.trim_start_matches('m').bytes().all(|b| b.is_ascii_digit());
    <[String; 3]>::try_from(parts).ok().filter(|parts| parts.iter().all(is_part))
}
