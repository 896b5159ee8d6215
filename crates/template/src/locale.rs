//! Numbers, amounts, and days in the manner of a language.
//!
//! Separators and the order of dates come from CLDR. Patterns for numbers are CLDR's, too: `#,##0.00 ¤`.

use icu_calendar::Date as CalendarDate;
use icu_datetime::DateTimeFormatter;
use icu_datetime::fieldsets::{YMD, YMDE};
use icu_datetime::input::{DateTime as DateTimeInput, Time as TimeInput};
use icu_decimal::DecimalFormatter;
use icu_locale_core::Locale;
use jiff::ZonedDateTime;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::date;
use crate::engine::Call;
use crate::error::Failure;
use crate::tags::number_argument;
use crate::value::Value;

/// Digits that a pattern may ask for on each side of the decimal point.
const MAX_DIGITS: usize = 28;

/// The language of a server that names none.
const DEFAULT_LANGUAGE: &str = "en-US";

/// The signs of a language.
struct Signs {
    decimal: String,
    group: String,
}

/// How an amount of money is written.
#[derive(Debug, Clone, Default)]
pub struct MoneyFormat {
    /// Least decimal places.
    pub min_places: usize,
    /// Most decimal places.
    pub max_places: usize,
    /// Least digits before the decimal point.
    pub leading: usize,
    /// Whether the sign of the currency is written.
    pub symbol: bool,
    /// A pattern such as `¤#,##0.00`, which says all of this.
    pub pattern: Option<String>,
    /// A language such as `de-de`; English where there is none.
    pub language: Option<String>,
}

fn language(name: Option<&str>) -> Result<Locale, Failure> {
    let name = name.filter(|name| !name.is_empty()).unwrap_or(DEFAULT_LANGUAGE).replace('_', "-");
    let failure =
        || Failure::new(format!("\"{name}\" is not a language code. Use a code such as \"en-us\" or \"de\"."));
    let mut locale: Locale = name.parse().map_err(|_| failure())?;
    if locale.id.language.as_str().len() > 3 || locale.id.language.is_unknown() {
        return Err(failure());
    }
    // digits are 0 to 9 in every language
    locale = format!("{}-u-nu-latn", locale.id).parse().map_err(|_| failure())?;
    Ok(locale)
}

fn signs(locale: &Locale) -> Result<Signs, Failure> {
    let formatter = DecimalFormatter::try_new(locale.into(), Default::default())
        .map_err(|error| Failure::new(format!("No number format is available for {locale}: {error}")))?;
    let sample: icu_decimal::input::Decimal = "123456789.5".parse().map_err(|_| Failure::new("no sample"))?;
    let text = formatter.format(&sample).to_string();
    let between = |from: char, to: char| -> String {
        let from = text.find(from).map_or(0, |at| at + from.len_utf8());
        let to = text.rfind(to).unwrap_or(text.len());
        text.get(from..to).unwrap_or("").to_owned()
    };
    Ok(Signs { decimal: between('9', '5'), group: between('3', '4') })
}

/// A pattern for numbers.
#[derive(Debug, Clone, PartialEq)]
struct Pattern {
    prefix: String,
    suffix: String,
    min_whole: usize,
    min_fraction: usize,
    max_fraction: usize,
    group: Option<usize>,
    percent: bool,
}

impl Pattern {
    fn parse(pattern: &str) -> Result<Pattern, Failure> {
        let positive = pattern.split(';').next().unwrap_or("");
        let is_digit = |c: char| matches!(c, '#' | '0' | ',' | '.' | '@');
        let start = positive
            .find(is_digit)
            .ok_or_else(|| Failure::new(format!("\"{pattern}\" has no placeholder for digits.")))?;
        let length = positive[start..].find(|c| !is_digit(c)).unwrap_or(positive.len() - start);
        let digits = &positive[start..start + length];
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let count = |text: &str, digit: char| text.chars().filter(|c| *c == digit).count();
        let found = Pattern {
            prefix: positive[..start].replace('\'', ""),
            suffix: positive[start + length..].replace('\'', ""),
            min_whole: count(whole, '0'),
            min_fraction: count(fraction, '0'),
            max_fraction: count(fraction, '0') + count(fraction, '#'),
            group: whole.rfind(',').map(|at| whole.len() - at - 1).filter(|size| *size > 0),
            percent: positive.contains('%'),
        };
        if found.min_whole > MAX_DIGITS || found.max_fraction > MAX_DIGITS {
            return Err(Failure::new(format!("A pattern can have at most {MAX_DIGITS} digits.")));
        }
        Ok(found)
    }

    fn apply(&self, number: Decimal, signs: &Signs, currency: &str) -> Result<String, Failure> {
        let number = if self.percent { number.checked_mul(100.into()) } else { Some(number) };
        let number = number.ok_or_else(|| Failure::new("The number is too large."))?;
        let places = u32::try_from(self.max_fraction).unwrap_or(0);
        let rounded = number.abs().round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven).normalize();
        let text = rounded.to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let whole = if whole == "0" && self.min_whole == 0 { "" } else { whole };
        let whole = format!("{}{whole}", "0".repeat(self.min_whole.saturating_sub(whole.len())));
        let fraction = format!("{fraction}{}", "0".repeat(self.min_fraction.saturating_sub(fraction.len())));
        let mut out = String::new();
        for (place, digit) in whole.chars().enumerate() {
            let left = whole.len() - place;
            if place > 0 && self.group.is_some_and(|size| left.is_multiple_of(size)) {
                out.push_str(&signs.group);
            }
            out.push(digit);
        }
        if !fraction.is_empty() {
            out.push_str(&signs.decimal);
            out.push_str(&fraction);
        }
        let sign = if number.is_sign_negative() && !rounded.is_zero() { "-" } else { "" };
        let text = format!("{sign}{}{out}{}", self.prefix.replace('¤', currency), self.suffix.replace('¤', currency));
        Ok(if currency.is_empty() { text.trim().to_owned() } else { text })
    }
}

/// The sign of a currency in a language: `$`, `€`, `CA$`; its code where it has none.
fn symbol(code: &str, locale: &Locale) -> String {
    let region = locale.id.region.map(|region| region.as_str().to_owned()).unwrap_or_default();
    let at_home = matches!(
        (code, &*region),
        ("AUD", "AU") | ("CAD", "CA") | ("NZD", "NZ") | ("MXN", "MX") | ("HKD", "HK") | ("TWD", "TW") | ("SGD", "SG")
    );
    if at_home {
        return "$".into();
    }
    let language = locale.id.language.as_str().to_owned();
    match code {
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        "JPY" if language == "zh" => "JP¥",
        "JPY" => "¥",
        "CNY" if language == "zh" => "¥",
        "CNY" => "CN¥",
        "AUD" => "A$",
        "BRL" => "R$",
        "CAD" => "CA$",
        "HKD" => "HK$",
        "ILS" => "₪",
        "INR" => "₹",
        "KRW" => "₩",
        "MXN" => "MX$",
        "NZD" => "NZ$",
        "PHP" => "₱",
        "TWD" => "NT$",
        "VND" => "₫",
        "PLN" if language == "pl" => "zł",
        "CZK" if language == "cs" => "Kč",
        other => other,
    }
    .to_owned()
}

/// Languages that write the sign of a currency before the number.
const SYMBOL_FIRST: &[&str] =
    &["en", "zh", "ja", "ko", "th", "hi", "bn", "ta", "te", "tr", "id", "ms", "nl", "pt", "fil"];

/// An amount of money as a text, such as `$1,234.50` or `1.234,50 €`.
///
/// # Errors
/// Where the language or the pattern cannot be read.
pub fn money(amount: Decimal, currency: &str, format: &MoneyFormat) -> Result<String, Failure> {
    let locale = language(format.language.as_deref())?;
    let signs = signs(&locale)?;
    let sign = if format.symbol { symbol(currency, &locale) } else { String::new() };
    let pattern = match &format.pattern {
        Some(pattern) => Pattern::parse(pattern)?,
        None => {
            let most = format.max_places.max(format.min_places).min(MAX_DIGITS);
            let first = SYMBOL_FIRST.contains(&locale.id.language.as_str());
            // a sign that ends in a letter keeps a distance
            let space = if sign.ends_with(char::is_alphabetic) { "\u{a0}" } else { "" };
            Pattern {
                prefix: if first { format!("¤{space}") } else { String::new() },
                suffix: if first { String::new() } else { "\u{a0}¤".into() },
                min_whole: format.leading.clamp(1, MAX_DIGITS),
                min_fraction: format.min_places.min(MAX_DIGITS),
                max_fraction: most,
                group: Some(3),
                percent: false,
            }
        }
    };
    pattern.apply(amount, &signs, &sign)
}

/// Reads a small count that may be given as anything; what is not a number is 0.
fn count_argument(call: &Call<'_>, name: &str) -> Option<usize> {
    let value = call.named(name).filter(|value| !value.is_none())?;
    Some(value.as_int().and_then(|count| usize::try_from(count).ok()).unwrap_or(0))
}

pub(crate) fn format_number(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.required(0, "number")?;
    if value.is_none() {
        return Err(Failure::new("The number is missing."));
    }
    let Some(mut number) = value.as_number() else { return Ok(Value::text(value.to_text()?)) };
    if let Some(multiplier) = number_argument(call, 1, "multiplier")? {
        number = number.checked_mul(multiplier).ok_or_else(|| Failure::new("The number is too large."))?;
    }
    let integer = call.flag_or(2, "integer", false)?;
    if integer {
        number = number.trunc();
    }
    let locale = language(call.named("locale").map(Value::to_text).transpose()?.as_deref())?;
    let pattern = match call.named("fmt") {
        Some(pattern) if pattern.truth()? => Pattern::parse(&pattern.to_text()?)?,
        _ => {
            let places = (count_argument(call, "decimal_places"), count_argument(call, "max_decimal_places"));
            let (least, most) = match places {
                (None, None) if integer => (0, 0),
                (None, None) => (0, 20),
                (least, most) => (least.unwrap_or(0), most.unwrap_or(0).max(least.unwrap_or(0))),
            };
            Pattern {
                prefix: String::new(),
                suffix: String::new(),
                min_whole: count_argument(call, "leading").unwrap_or(1).clamp(1, MAX_DIGITS),
                min_fraction: least.min(MAX_DIGITS),
                max_fraction: most.min(MAX_DIGITS),
                group: call.flag_or(3, "separator", false)?.then_some(3),
                percent: false,
            }
        }
    };
    Ok(Value::text(pattern.apply(number, &signs(&locale)?, "")?))
}

/// The zone that a tag names, or that of the server.
fn zone(call: &Call<'_>) -> Result<TimeZone, Failure> {
    match call.argument(1, "timezone").filter(|zone| !zone.is_none()) {
        None => Ok(call.now.time_zone().clone()),
        Some(name) => {
            let name = name.to_text()?;
            TimeZone::get(&name).map_err(|_| Failure::new(format!("Unknown time zone \"{name}\".")))
        }
    }
}

fn style(call: &Call<'_>) -> Result<String, Failure> {
    let style = call.text_or(usize::MAX, "date_format", "medium")?;
    if !matches!(&*style, "full" | "long" | "medium" | "short") {
        return Err(Failure::new("The date format must be full, long, medium, or short."));
    }
    Ok(style)
}

fn strftime(time: &ZonedDateTime, format: &str) -> Result<String, Failure> {
    jiff::fmt::strtime::format(format, time)
        .map_err(|error| Failure::new(format!("\"{format}\" cannot be used: {error}")))
}

pub(crate) fn format_date(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.required(0, "dt")?;
    if value.is_none() {
        return Err(Failure::new("The date is missing."));
    }
    let value = match value {
        Value::Text(text) => date::parse(&text.value).unwrap_or_else(|| value.clone()),
        other => other.clone(),
    };
    let day = match &value {
        Value::DateTime(time) => time.with_time_zone(zone(call)?).date(),
        Value::Date(day) => *day,
        other => return Ok(Value::text(other.to_text()?)),
    };
    if let Some(format) = call.named("fmt").filter(|format| !format.is_none()) {
        let at = day.to_zoned_datetime(TimeZone::UTC).map_err(|error| Failure::new(error.to_string()))?;
        return Ok(Value::text(strftime(&at, &format.to_text()?)?));
    }
    let locale = language(call.named("locale").map(Value::to_text).transpose()?.as_deref())?;
    let day = calendar(day)?;
    let unknown = |error: icu_datetime::DateTimeFormatterLoadError| Failure::new(error.to_string());
    let preferences = (&locale).into();
    Ok(Value::text(match &*style(call)? {
        "full" => DateTimeFormatter::try_new(preferences, YMDE::long()).map_err(unknown)?.format(&day).to_string(),
        "long" => DateTimeFormatter::try_new(preferences, YMD::long()).map_err(unknown)?.format(&day).to_string(),
        "short" => DateTimeFormatter::try_new(preferences, YMD::short()).map_err(unknown)?.format(&day).to_string(),
        _ => DateTimeFormatter::try_new(preferences, YMD::medium()).map_err(unknown)?.format(&day).to_string(),
    }))
}

pub(crate) fn format_datetime(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.required(0, "dt")?;
    let value = match value {
        Value::Text(text) => date::parse(&text.value).unwrap_or_else(|| value.clone()),
        other => other.clone(),
    };
    let Some(time) = date::point(&value, call.now) else {
        return Err(Failure::new("The value is not a date or time."));
    };
    let time = time.with_time_zone(zone(call)?);
    if let Some(format) = call.named("fmt").filter(|format| !format.is_none()) {
        return Ok(Value::text(strftime(&time, &format.to_text()?)?));
    }
    let locale = language(call.named("locale").map(Value::to_text).transpose()?.as_deref())?;
    let component = |number: i8| u8::try_from(number).unwrap_or(0);
    let clock = TimeInput::try_new(component(time.hour()), component(time.minute()), component(time.second()), 0)
        .map_err(|error| Failure::new(error.to_string()))?;
    let input = DateTimeInput { date: calendar(time.date())?, time: clock };
    let unknown = |error: icu_datetime::DateTimeFormatterLoadError| Failure::new(error.to_string());
    let preferences = (&locale).into();
    Ok(Value::text(match &*style(call)? {
        "full" => DateTimeFormatter::try_new(preferences, YMDE::long().with_time_hms())
            .map_err(unknown)?
            .format(&input)
            .to_string(),
        "long" => DateTimeFormatter::try_new(preferences, YMD::long().with_time_hms())
            .map_err(unknown)?
            .format(&input)
            .to_string(),
        "short" => DateTimeFormatter::try_new(preferences, YMD::short().with_time_hm())
            .map_err(unknown)?
            .format(&input)
            .to_string(),
        _ => DateTimeFormatter::try_new(preferences, YMD::medium().with_time_hms())
            .map_err(unknown)?
            .format(&input)
            .to_string(),
    }))
}

fn calendar(day: Date) -> Result<CalendarDate<icu_calendar::Iso>, Failure> {
    let component = |number: i8| u8::try_from(number).unwrap_or(1);
    CalendarDate::try_new_iso(day.year().into(), component(day.month()), component(day.day()))
        .map_err(|error| Failure::new(error.to_string()))
}
