//! Lengths of `@page` rules.

/// CSS pixels in a millimeter.
pub(crate) const PX_PER_MM: f32 = 96.0 / 25.4;

/// A length in CSS pixels. `base` is what percentages are of. None for `auto` and what is no length.
pub(crate) fn parse_length(text: &str, base: f32) -> Option<f32> {
    let text = text.trim();
    if let Some(inner) = super::scan::function_argument(text, "calc") {
        return parse_sum(inner, base);
    }
    let digits = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(text.len());
    let number: f32 = text[..digits].parse().ok()?;
    let unit = text[digits..].trim().to_ascii_lowercase();
    let factor = match unit.as_str() {
        "mm" => PX_PER_MM,
        "cm" => PX_PER_MM * 10.0,
        "q" => PX_PER_MM / 4.0,
        "in" => 96.0,
        "px" => 1.0,
        "pt" => 96.0 / 72.0,
        "pc" => 16.0,
        "em" | "rem" => 16.0,
        "%" => base / 100.0,
        "" if number == 0.0 => 1.0,
        _ => return None,
    };
    let length = number * factor;
    length.is_finite().then_some(length)
}

/// A sum of lengths, as in `calc(1cm + 2mm)`.
fn parse_sum(text: &str, base: f32) -> Option<f32> {
    let mut sum = 0.0;
    let mut sign = 1.0;
    for word in text.split_whitespace() {
        match word {
            "+" => sign = 1.0,
            "-" => sign = -1.0,
            word => sum += sign * parse_length(word, base)?,
        }
    }
    Some(sum)
}

/// One to four lengths of the sides: top, right, bottom, left.
pub(crate) fn parse_sides(text: &str, base: f32) -> Option<[Option<f32>; 4]> {
    let mut values = Vec::new();
    for word in split_values(text) {
        values.push(if word.eq_ignore_ascii_case("auto") { None } else { Some(parse_length(word, base)?) });
    }
    Some(match values[..] {
        [all] => [all; 4],
        [vertical, horizontal] => [vertical, horizontal, vertical, horizontal],
        [top, horizontal, bottom] => [top, horizontal, bottom, horizontal],
        [top, right, bottom, left] => [top, right, bottom, left],
        _ => return None,
    })
}

/// The values of a list that is separated by white space, functions in one piece.
pub(crate) fn split_values(text: &str) -> Vec<&str> {
    let mut values = Vec::new();
    let (mut depth, mut start) = (0usize, None);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c.is_whitespace() && depth == 0 {
            values.extend(start.take().map(|start: usize| &text[start..at]));
        } else if start.is_none() {
            start = Some(at);
        }
    }
    values.extend(start.map(|start| &text[start..]));
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lengths() {
        let near =
            |text, expected: f32| assert!((parse_length(text, 200.0).unwrap() - expected).abs() < 0.01, "{text}");
        near("25.4mm", 96.0);
        near("2.54CM", 96.0);
        near("72pt", 96.0);
        near("10%", 20.0);
        near("calc(1in + 4px)", 100.0);
        near("0", 0.0);
        assert_eq!(parse_length("5", 1.0), None);
        assert_eq!(parse_length("auto", 1.0), None);
        assert_eq!(parse_sides("1px 2px", 1.0), Some([Some(1.0), Some(2.0), Some(1.0), Some(2.0)]));
    }
}
