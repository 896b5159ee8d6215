//! Serial numbers as people type them: `1-10, 15, 20+5, ~`.

use std::collections::HashSet;

/// Most serial numbers in one text.
pub const MOST: usize = 10_000;
/// Most characters of one serial number.
pub const LONGEST: usize = 100;
/// Most bytes of a text with serial numbers: as many as there may be, each as long as it may be.
const LONGEST_TEXT: usize = MOST * (LONGEST + 2);
/// Faults after which a text is not read any further.
const MOST_FAULTS: usize = 20;

/// The number by which a serial is sorted: the digits at its beginning, or those at its end; at most
/// what clients of the API hold in 31 bits.
pub fn sort_key(serial: &str) -> i64 {
    let leading: String = serial.chars().take_while(char::is_ascii_digit).collect();
    let digits = if leading.is_empty() {
        let trailing: String = serial.chars().rev().take_while(char::is_ascii_digit).collect();
        trailing.chars().rev().collect()
    } else {
        leading
    };
    digits.parse::<i64>().map_or(if digits.is_empty() { 0 } else { 0x7fff_ffff }, |n| n.min(0x7fff_ffff))
}

/// The serial number after one: its last digits count up and keep their width.
pub fn increment(serial: &str) -> String {
    let digits = serial.chars().rev().take_while(char::is_ascii_digit).count();
    let (head, tail) = serial.split_at(serial.len() - digits);
    match tail.parse::<u128>() {
        Ok(number) => format!("{head}{:0digits$}", number + 1),
        Err(_) => format!("{serial}1"),
    }
}

/// Reads serial numbers: separated by commas, semicolons or spaces; `a-b` is a range, `a+n` is `a` and
/// the `n` after it, `a+` goes on until all are there, `~` is the next free one (`next`).
///
/// # Errors
/// Every fault found, as messages for people.
pub fn parse(text: &str, quantity: usize, next: &str) -> Result<Vec<String>, Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let mut faults = Vec::new();
    let mut free = next.to_owned();
    if quantity > MOST || text.len() > LONGEST_TEXT {
        return Err(vec![format!("At most {MOST} serial numbers can be generated at once.")]);
    }
    let mut add = |serial: String, faults: &mut Vec<String>| {
        if !seen.insert(serial.clone()) {
            if faults.len() >= MOST_FAULTS {
                return;
            }
            faults.push(format!("The serial number {serial} is listed more than once."));
        } else if found.len() < MOST {
            found.push(serial);
        }
    };
    let mut count = 0_usize;
    for group in text.split([',', ';', ' ', '\n', '\t']).map(str::trim).filter(|g| !g.is_empty()) {
        if faults.len() >= MOST_FAULTS {
            faults.push("There are more errors. Fix these first and try again.".into());
            break;
        }
        if count > MOST {
            faults.push(format!("At most {MOST} serial numbers can be generated at once."));
            break;
        }
        let is_long = |group: &str| group.chars().count() > LONGEST;
        let group = if is_long(group) { group.to_owned() } else { group.replace('~', &free) };
        if is_long(&group) {
            faults.push(format!("A serial number must be at most {LONGEST} characters."));
            continue;
        }
        if group == free {
            free = increment(&free);
        }
        if let Some((first, more)) = group.split_once('+') {
            let more = if more.is_empty() {
                quantity.saturating_sub(count + 1)
            } else {
                match more.parse::<usize>() {
                    Ok(more) if more <= MOST => more,
                    _ => {
                        faults.push(format!("{group} is not a valid serial number or range."));
                        continue;
                    }
                }
            };
            let mut serial = first.to_owned();
            for _ in 0..=more {
                if faults.len() >= MOST_FAULTS {
                    break;
                }
                add(serial.clone(), &mut faults);
                serial = increment(&serial);
                count += 1;
            }
            continue;
        }
        if let Some((first, last)) = group.split_once('-') {
            match range(first, last, quantity) {
                Some(Ok(serials)) => {
                    count += serials.len();
                    serials.into_iter().for_each(|serial| add(serial, &mut faults));
                    continue;
                }
                Some(Err(fault)) => {
                    faults.push(format!("The range {group} {fault}"));
                    continue;
                }
                // a hyphen inside of a serial number
                None => {}
            }
        }
        add(group, &mut faults);
        count += 1;
    }
    if count == 0 && faults.is_empty() {
        faults.push("Serial numbers are required.".into());
    } else if faults.is_empty() && count != quantity {
        faults.push(format!("{count} serial numbers were entered for a quantity of {quantity}."));
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

fn range(first: &str, last: &str, most: usize) -> Option<Result<Vec<String>, String>> {
    let head: String =
        first.chars().take(first.len() - first.chars().rev().take_while(char::is_ascii_digit).count()).collect();
    let start: u64 = first.get(head.len()..)?.parse().ok()?;
    let end: u64 = last.strip_prefix(&head).unwrap_or(last).parse().ok()?;
    if end < start {
        return Some(Err("ends before it begins.".into()));
    }
    if (end - start) as u128 + 1 > most as u128 {
        return Some(Err(format!("contains more serial numbers than the quantity of {most}.")));
    }
    let width = first.len() - head.len();
    Some(Ok((start..=end).map(|n| format!("{head}{n:0width$}")).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_type() {
        let read = |text: &str, n: usize| parse(text, n, "51");
        assert_eq!(read("1-3, 7", 4).unwrap(), ["1", "2", "3", "7"]);
        assert_eq!(read("20+2", 3).unwrap(), ["20", "21", "22"]);
        assert_eq!(read("5+", 3).unwrap(), ["5", "6", "7"]);
        assert_eq!(read("~+", 2).unwrap(), ["51", "52"]);
        assert_eq!(read("~, ~", 2).unwrap(), ["51", "52"]);
        assert_eq!(read("A08-A10", 3).unwrap(), ["A08", "A09", "A10"]);
        assert_eq!(read("AB-CD", 1).unwrap(), ["AB-CD"]);
        for (bad, n) in [("1,1", 2), ("", 1), ("1-20", 10), ("1,2", 3), ("9-1", 2), ("1+x", 2), ("1", 20_000)] {
            assert!(read(bad, n).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_text_is_told_in_few_words() {
        let many = "1,".repeat(500_000);
        let long = "x".repeat(200_000);
        let ranges = "1+9999 ".repeat(100_000);
        let spans = "A1-A9000 ".repeat(50_000);
        for text in [many.as_str(), &long, &ranges, &spans, &"~".repeat(900_000)] {
            let began = std::time::Instant::now();
            let faults = parse(text, 9_000, &"9".repeat(90)).unwrap_err();
            assert!(faults.len() <= MOST_FAULTS + 2, "{} faults", faults.len());
            assert!(faults.iter().map(String::len).sum::<usize>() < 10_000);
            assert!(began.elapsed().as_millis() < 2_000, "{:?}", began.elapsed());
        }
    }

    #[test]
    fn serials_count_up_and_sort() {
        assert_eq!(increment("A-099"), "A-100");
        assert_eq!(increment("ABC"), "ABC1");
        assert_eq!(
            (sort_key("12b"), sort_key("b12"), sort_key("x"), sort_key("99999999999")),
            (12, 12, 0, 0x7fff_ffff)
        );
    }
}
