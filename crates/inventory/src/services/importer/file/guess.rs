//! How a file writes numbers and dates, as its columns tell.

use serde_json::Value as Json;

use super::format::FileFormat;
use super::notation::{DateOrder, Notation, date_parts, is_space, split_time, without_currency};
use super::{Heading, Headings};

/// For what a text speaks: how many say so, by choice.
#[derive(Debug, Default, Clone, Copy)]
struct Votes {
    point: usize,
    comma: usize,
    /// Texts that may be read either way (`1,000`).
    open: usize,
    day_first: usize,
    month_first: usize,
}

/// Digits with signs between them.
fn is_number(text: &str) -> bool {
    let (number, _) = without_currency(text);
    let body = number.trim_start_matches(['-', '+', '−']);
    let known = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '’') || is_space(c);
    let is_time_or_date = date_parts(body).is_some_and(|p| p[0].len() == 4 || p[2].len() == 4);
    body.chars().any(|c| c.is_ascii_digit()) && body.chars().all(known) && !is_time_or_date
}

fn vote_number(text: &str, votes: &mut Votes) {
    let (number, _) = without_currency(text);
    let signs: Vec<(usize, char)> = number.char_indices().filter(|(_, c)| matches!(c, '.' | ',')).collect();
    let Some((last_at, last)) = signs.last().copied() else { return };
    let mut speak = |decimal: char| if decimal == ',' { votes.comma += 1 } else { votes.point += 1 };
    let kinds = signs.iter().any(|(_, c)| *c != last);
    let times = signs.iter().filter(|(_, c)| *c == last).count();
    if kinds {
        if times == 1 {
            speak(last);
        }
        return;
    }
    if times > 1 {
        // a sign that comes twice stands between thousands
        speak(if last == ',' { '.' } else { ',' });
        return;
    }
    let (whole, fraction) = (number[..last_at].trim_start_matches(['-', '+', '−']), &number[last_at + 1..]);
    if fraction.len() != 3 || whole.is_empty() || whole.len() > 3 || whole.starts_with('0') {
        speak(last);
    } else {
        votes.open += 1;
    }
}

fn vote_date(text: &str, votes: &mut Votes) {
    let Some((day, _)) = split_time(text.trim()) else { return };
    let Some([first, second, _]) = date_parts(day).filter(|p| matches!(p[2].len(), 2 | 4) && p[0].len() <= 2) else {
        return;
    };
    let number = |text: &str| text.parse::<u32>().unwrap_or(0);
    let (first, second) = (number(&first), number(&second));
    if first > 12 && (1..=12).contains(&second) || day.contains('.') && (1..=12).contains(&second) {
        votes.day_first += 1;
    } else if second > 12 && (1..=12).contains(&first) {
        votes.month_first += 1;
    }
}

/// Cells of one column that are enough to see how it is written.
const SAMPLE: usize = 5_000;

/// How the file writes numbers and dates: as chosen, or as its columns tell. Columns of numbers and dates are
/// asked first, those that go into no field afterwards.
pub(super) fn notation(
    format: &FileFormat,
    columns: &[String],
    rows: &[(i64, Vec<Json>)],
    headings: Headings<'_>,
) -> Notation {
    let mut by_heading = [Votes::default(); 2];
    for (at, name) in columns.iter().enumerate() {
        let heading = headings(name);
        let texts: Vec<&str> = rows
            .iter()
            .filter_map(|(_, cells)| cells.get(at)?.as_str())
            .filter(|text| !text.trim().is_empty())
            .take(SAMPLE)
            .collect();
        let votes = &mut by_heading[usize::from(heading == Heading::Unknown)];
        let numbers = texts.iter().filter(|text| is_number(text)).count();
        if heading == Heading::Number || heading == Heading::Unknown && numbers * 2 > texts.len() {
            texts.iter().filter(|text| is_number(text)).for_each(|text| vote_number(text, votes));
        }
        if matches!(heading, Heading::Date | Heading::Unknown) {
            texts.iter().for_each(|text| vote_date(text, votes));
        }
    }
    let [known, unknown] = by_heading;
    let numbers = if known.point + known.comma > 0 { known } else { unknown };
    let open = known.open + unknown.open > 0;
    let decimal = match (format.decimal_sign, format.thousands_sign.flatten()) {
        (Some(chosen), _) => chosen,
        (None, Some(',')) => '.',
        (None, Some('.')) => ',',
        _ if numbers.comma > numbers.point => ',',
        _ if numbers.point > 0 => '.',
        // programs that write decimals with a comma put semicolons between cells
        _ if open && format.separator == Some(';') => ',',
        _ => '.',
    };
    let usual = Some(if decimal == ',' { '.' } else { ',' });
    let dates = if known.day_first + known.month_first > 0 { known } else { unknown };
    let order = if dates.month_first > dates.day_first { DateOrder::Mdy } else { DateOrder::Dmy };
    Notation { decimal, thousands: format.thousands_sign.unwrap_or(usual), dates: format.date_order.unwrap_or(order) }
}
