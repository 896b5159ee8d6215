//! The `content` of margin boxes: texts, counters, named strings and running elements, one after the other.

/// A piece of a `content` list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    /// The number of the page (`counter(page)`), in a style such as `lower-roman`.
    Page(String),
    /// The number of pages (`counter(pages)`).
    Pages(String),
    /// An element that was taken out of the flow with `position: running(name)`.
    Element(String),
    /// A text that was set with `string-set`.
    Named(String),
    /// A picture.
    Picture(String),
}

/// Reads a `content` list. None for `none` and `normal`.
pub(crate) fn parse_content(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    if matches!(rest.to_ascii_lowercase().as_str(), "none" | "normal" | "") {
        return None;
    }
    while let Some(first) = rest.chars().next() {
        if first == '"' || first == '\'' {
            let (string, after) = read_string(rest);
            pieces.push(Piece::Text(string));
            rest = after;
        } else if let Some((name, arguments, after)) = read_function(rest) {
            pieces.extend(piece_of(&name, &arguments));
            rest = after;
        } else {
            rest = rest.split_once(char::is_whitespace).map_or("", |(_, after)| after);
        }
        rest = rest.trim_start();
    }
    Some(pieces)
}

fn piece_of(name: &str, arguments: &[String]) -> Option<Piece> {
    let first = arguments.first()?.clone();
    let style = arguments.get(1).cloned().unwrap_or_else(|| "decimal".to_owned());
    match (name, first.as_str()) {
        ("counter", "page") => Some(Piece::Page(style)),
        ("counter", "pages") => Some(Piece::Pages(style)),
        ("element", _) => Some(Piece::Element(first)),
        ("string", _) => Some(Piece::Named(first)),
        ("url", _) => Some(Piece::Picture(first)),
        _ => None,
    }
}

/// Reads a string in quotes with its escapes, and what comes after it.
pub(crate) fn read_string(text: &str) -> (String, &str) {
    let mut chars = text.char_indices().peekable();
    let Some((_, quote)) = chars.next() else { return (String::new(), text) };
    let mut string = String::new();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return (string, &text[at + c.len_utf8()..]);
        }
        if c != '\\' {
            string.push(c);
            continue;
        }
        let mut code = 0;
        let mut digits = 0;
        while digits < 6
            && let Some(digit) = chars.peek().and_then(|(_, c)| c.to_digit(16))
        {
            code = code * 16 + digit;
            digits += 1;
            chars.next();
        }
        if digits > 0 {
            string.push(char::from_u32(code).filter(|c| *c != '\0').unwrap_or('\u{fffd}'));
            if chars.peek().is_some_and(|(_, c)| c.is_whitespace()) {
                chars.next();
            }
        } else if let Some((_, escaped)) = chars.next()
            && escaped != '\n'
        {
            string.push(escaped);
        }
    }
    (string, "")
}

/// Reads `name(a, b)`: the name in lower case, its arguments without quotes, and what comes after it.
fn read_function(text: &str) -> Option<(String, Vec<String>, &str)> {
    let open = text.find('(')?;
    let name = &text[..open];
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return None;
    }
    let mut depth = 0usize;
    let mut quote = None;
    for (at, c) in text[open..].char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let inside = &text[open + 1..open + at];
            let arguments = if name.eq_ignore_ascii_case("url") { vec![inside] } else { inside.split(',').collect() };
            let arguments = arguments.into_iter().map(|a| a.trim().trim_matches(['"', '\'']).to_owned()).collect();
            return Some((name.to_ascii_lowercase(), arguments, &text[open + at + 1..]));
        }
    }
    None
}

/// A number in a style for counters.
pub(crate) fn format_counter(number: usize, style: &str) -> String {
    match style.trim() {
        "lower-roman" => roman(number).to_lowercase(),
        "upper-roman" => roman(number),
        "lower-alpha" | "lower-latin" => letters(number).to_lowercase(),
        "upper-alpha" | "upper-latin" => letters(number),
        "decimal-leading-zero" => format!("{number:02}"),
        _ => number.to_string(),
    }
}

fn roman(number: usize) -> String {
    if number == 0 || number > 3999 {
        return number.to_string();
    }
    const DIGITS: &[(usize, &str)] = &[
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut rest = number;
    let mut text = String::new();
    for (value, digit) in DIGITS {
        while rest >= *value {
            text.push_str(digit);
            rest -= value;
        }
    }
    text
}

fn letters(mut number: usize) -> String {
    let mut text = Vec::new();
    while number > 0 {
        number -= 1;
        text.push(char::from(b'A' + (number % 26) as u8));
        number /= 26;
    }
    text.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_content_lists() {
        let pieces =
            parse_content(r#""Page " counter(page) " of " counter( pages , upper-roman ) element(head) string(title)"#)
                .unwrap();
        assert_eq!(
            pieces,
            [
                Piece::Text("Page ".into()),
                Piece::Page("decimal".into()),
                Piece::Text(" of ".into()),
                Piece::Pages("upper-roman".into()),
                Piece::Element("head".into()),
                Piece::Named("title".into()),
            ]
        );
        assert_eq!(parse_content(r"'a\A b\'\2022'"), Some(vec![Piece::Text("a\nb'\u{2022}".into())]));
        assert_eq!(parse_content(" none "), None);
        for text in ["\"", "'\\", "counter(", "a(b(c", "x y z", "counter()", "url(\"a)b\") \"c\""] {
            let _ = parse_content(text);
        }
    }

    #[test]
    fn writes_numbers() {
        assert_eq!(format_counter(14, "lower-roman"), "xiv");
        assert_eq!(format_counter(28, "upper-alpha"), "AB");
        assert_eq!(format_counter(7, "decimal-leading-zero"), "07");
    }
}
