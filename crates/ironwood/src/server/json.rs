//! JSON bodies: weighed before they are parsed, because the tree takes many times the memory of its
//! text.

use ironwood_base::Error;
use serde_json::Value as Json;

use super::Limits;

/// Deepest nesting of lists and objects.
const DEPTH: usize = 64;
/// Bytes in memory, measured: an object with its first members, each member with its value, each list,
/// each value in a list; without their text.
const OBJECT: u64 = 400;
const MEMBER: u64 = 140;
const LIST: u64 = 100;
const VALUE: u64 = 64;
/// Input is copied while it is checked and written.
const COPIES: u64 = 3;

/// What a text holds.
#[derive(Debug, Default, PartialEq)]
struct JsonShape {
    objects: u64,
    members: u64,
    lists: u64,
    commas: u64,
    depth: usize,
}

impl JsonShape {
    /// Counts without parsing: what is no JSON is counted somehow, and refused by the parser.
    fn of(text: &[u8]) -> JsonShape {
        let (mut shape, mut depth) = (JsonShape::default(), 0_usize);
        let mut bytes = text.iter();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' => {
                    while let Some(inner) = bytes.next() {
                        match inner {
                            b'"' => break,
                            b'\\' => drop(bytes.next()),
                            _ => {}
                        }
                    }
                }
                b'{' | b'[' => {
                    depth += 1;
                    shape.depth = shape.depth.max(depth);
                    *(if *byte == b'{' { &mut shape.objects } else { &mut shape.lists }) += 1;
                }
                b'}' | b']' => depth = depth.saturating_sub(1),
                b':' => shape.members += 1,
                b',' => shape.commas += 1,
                _ => {}
            }
        }
        shape
    }

    fn bytes(&self) -> u64 {
        let in_lists = self.commas.saturating_sub(self.members);
        COPIES * (self.objects * OBJECT + self.members * MEMBER + self.lists * (LIST + VALUE) + in_lists * VALUE)
    }
}

/// Bytes of memory that a body takes when it is parsed, besides its text.
///
/// # Errors
/// 400 where it is nested too deeply or has too many values.
pub(super) fn weigh(bytes: &[u8], limits: &Limits) -> Result<u64, Error> {
    let shape = JsonShape::of(bytes);
    if shape.depth > DEPTH {
        return Err(Error::bad_request(format!("The body is nested more than {DEPTH} levels deep.")));
    }
    let most = limits.values as u64;
    if shape.objects + shape.lists > most / 5 {
        return Err(Error::bad_request(format!("The body contains more than {} objects and lists.", most / 5)));
    }
    if shape.commas.max(shape.members) > most {
        return Err(Error::bad_request(format!("The body contains more than {most} values.")));
    }
    Ok(shape.bytes() + COPIES * bytes.len() as u64)
}

/// Parses a body.
///
/// # Errors
/// 400 that says what is wrong, and where.
pub(super) fn parse(bytes: &[u8], limits: &Limits) -> Result<Json, Error> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Error::bad_request(format!("The body is not valid UTF-8 (error at byte {}).", error.valid_up_to()))
    })?;
    let value: Json = serde_json::from_str(text)
        .map_err(|error| Error::bad_request(format!("The body is not valid JSON: {error}.")))?;
    match fault(&value, limits.string) {
        None => Ok(value),
        Some((place, message)) => {
            let field = place.iter().rev().find(|part| part.parse::<usize>().is_err());
            // a fault further inside is named by its whole path as well
            let inside = place.len() > 1;
            let path = place.iter().rev().map(String::as_str).collect::<Vec<_>>().join(".");
            let message = if inside { format!("{path}: {message}") } else { message };
            Err(Error::field(field.map_or(ironwood_base::error::NON_FIELD, String::as_str), message))
        }
    }
}

/// The first text that may not be, with the way to it, innermost first.
fn fault(value: &Json, longest: usize) -> Option<(Vec<String>, String)> {
    let text = |text: &str| {
        if text.contains('\0') {
            Some("Null characters are not allowed.".to_owned())
        } else if text.len() > longest {
            Some(format!("This string is longer than {longest} bytes."))
        } else {
            None
        }
    };
    let below = |name: String, inner: &Json| {
        fault(inner, longest).map(|(mut place, message)| {
            place.push(name);
            (place, message)
        })
    };
    match value {
        Json::String(s) => text(s).map(|message| (Vec::new(), message)),
        Json::Array(rows) => rows.iter().enumerate().find_map(|(i, row)| below(i.to_string(), row)),
        Json::Object(fields) => fields.iter().find_map(|(name, inner)| match text(name) {
            Some(message) => Some((vec![name.replace('\0', "\u{fffd}").chars().take(100).collect()], message)),
            None => below(name.clone(), inner),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Json, Error> {
        let limits = Limits { string: 20, values: 1_000, ..Limits::default() };
        weigh(text.as_bytes(), &limits)?;
        parse(text.as_bytes(), &limits)
    }

    #[test]
    fn numbers_stay_as_they_were_written() {
        let text = r#"{"quantity":12345678901234567890.10000}"#;
        assert_eq!(read(text).unwrap().to_string(), text);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in ["{", "{\"a\":NaN}", "[Infinity]", "{\"a\":1,}", "nul", "\u{feff}{}", "\"\\ud800\"", "1 2"] {
            assert_eq!(read(text).unwrap_err().status(), 400, "{text}");
        }
        assert_eq!(parse(b"\"\xff\"", &Limits::default()).unwrap_err().status(), 400);
        assert_eq!(read(&"[".repeat(100_000)).unwrap_err().status(), 400);
    }

    #[test]
    fn the_field_with_a_null_character_is_named() {
        let refused = |text: &str| read(text).unwrap_err().json().to_string();
        assert_eq!(refused(r#"{"name":"a\u0000"}"#), r#"{"name":["Null characters are not allowed."]}"#);
        assert!(refused(r#"{"items":[{"notes":"\u0000"}]}"#).contains("notes"));
        assert!(refused(r#"["\u0000"]"#).contains("non_field_errors"));
        assert!(refused(r#"{"a\u0000":1}"#).contains('\u{fffd}'));
        assert!(refused(r#"{"text":"123456789012345678901"}"#).contains("longer than 20"));
    }

    #[test]
    fn what_is_too_deep_or_has_too_many_values_is_refused_before_it_is_parsed() {
        let shape = JsonShape::of(br#"{"a":[1,{"b\"":"x,y:{["}],"c":[]}"#);
        assert_eq!(shape, JsonShape { objects: 2, members: 3, lists: 2, commas: 2, depth: 3 });
        let refused = |text: &str| read(text).unwrap_err().json()["detail"].as_str().unwrap_or_default().to_owned();
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&nested(DEPTH)).is_ok() && refused(&nested(DEPTH + 1)).contains("levels deep"));
        assert!(refused(&format!("[{}]", vec!["{}"; 200].join(","))).contains("more than 200 objects"));
        assert!(refused(&format!("[{}]", vec!["0"; 1_002].join(","))).contains("more than 1000 values"));
        assert!(read(&format!("[{}]", vec!["0"; 1_000].join(","))).is_ok());
    }
}
