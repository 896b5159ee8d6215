//! Text files with cells between separators, in the encodings and with the separators that programs use.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use ironwood_base::Result;
use serde_json::Value as Json;

use super::format::{FileFormat, SEPARATORS};
use super::{Grid, MOST_COLUMNS, refuse};
use crate::platform::output::sheet::meant;

/// Bytes that tell the encoding.
const SAMPLE: usize = 256 * 1024;
/// Records that tell the separator.
const RECORDS: usize = 50;
/// Fewer bytes outside of ASCII are no base for a guess.
const ENOUGH_BYTES: usize = 8;

/// Reads a text file.
pub(super) fn read(bytes: &[u8], tabs: bool, format: &mut FileFormat) -> Result<Grid> {
    let (text, encoding) = decoded(bytes, format.encoding.as_deref())?;
    format.encoding = Some(encoding.name().to_owned());
    let (named, text) = separator_line(&text);
    let separator = format.separator.or(named).unwrap_or_else(|| guess_separator(text, tabs));
    format.separator = Some(separator);
    let mut grid = Grid::default();
    let mut record = csv::StringRecord::new();
    let mut reader = reader(text, separator);
    let mut index = 0;
    loop {
        let start = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(grid),
            Err(_) => return refuse("The file is not a valid table."),
        }
        if record.len() > MOST_COLUMNS * 2 {
            return refuse(format!("The file has more than {MOST_COLUMNS} columns."));
        }
        let gap = text.get(start..).is_some_and(|rest| rest.starts_with(['\n', '\r']));
        grid.take(index, gap, record.iter().map(|cell| Json::from(meant(cell))).collect())?;
        index += 1;
    }
}

fn reader(text: &str, separator: char) -> csv::Reader<&[u8]> {
    let separator = u8::try_from(separator).unwrap_or(b',');
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes())
}

/// The text of a file: as its first bytes say, else UTF-8 where it can be that, else what is most likely.
fn decoded<'b>(bytes: &'b [u8], chosen: Option<&str>) -> Result<(Cow<'b, str>, &'static Encoding)> {
    let marked = Encoding::for_bom(bytes);
    let encoding = match (chosen.and_then(|label| Encoding::for_label(label.as_bytes())), marked) {
        (Some(chosen), _) => chosen,
        (None, Some((marked, _))) => marked,
        (None, None) => guess_encoding(bytes),
    };
    let body = match marked {
        Some((marked, length)) if marked == encoding => &bytes[length..],
        _ => bytes,
    };
    let (text, malformed) = encoding.decode_without_bom_handling(body);
    if malformed {
        let name = encoding.name();
        return refuse(format!("The file is not {name} text. Choose its encoding in file_format."));
    }
    Ok((text, encoding))
}

fn guess_encoding(bytes: &[u8]) -> &'static Encoding {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    if let Some(wide) = utf_16(bytes, sample) {
        return wide;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    // the interesting bytes may come late
    let other: Vec<u8> = bytes.iter().copied().filter(|b| !b.is_ascii()).take(ENOUGH_BYTES).collect();
    if other.len() < ENOUGH_BYTES {
        return WINDOWS_1252;
    }
    let first = bytes.iter().position(|b| !b.is_ascii()).unwrap_or(0).saturating_sub(SAMPLE / 2);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[first..(first + SAMPLE).min(bytes.len())], true);
    detector.guess(None, Utf8Detection::Deny)
}

/// UTF-16 without its mark: of characters that most tables have, every other byte is zero.
fn utf_16(bytes: &[u8], sample: &[u8]) -> Option<&'static Encoding> {
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let enough = (sample.len() / 10).max(4);
    let encoding = match (first, second) {
        (0, second) if second >= enough => UTF_16LE,
        (first, 0) if first >= enough => UTF_16BE,
        _ => return None,
    };
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(|_| encoding)
}

/// The separator that a first line `sep=;` names, and the text without that line.
fn separator_line(text: &str) -> (Option<char>, &str) {
    let end = text.find('\n').unwrap_or(text.len());
    let line = text[..end].trim_matches(['\r', '\u{feff}', '"', ' ']);
    let named = line.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and_then(|_| line[4..].chars().next());
    match named.filter(|c| SEPARATORS.contains(c)) {
        Some(separator) => (Some(separator), text.get(end + 1..).unwrap_or_default()),
        None => (None, text),
    }
}

/// The separator that cuts most rows into the same number of cells.
fn guess_separator(text: &str, tabs: bool) -> char {
    let usual = if tabs { '\t' } else { ',' };
    let mut best = (usual, (0, 0));
    for separator in [usual].into_iter().chain(SEPARATORS.into_iter().filter(|s| *s != usual)) {
        let mut counts = std::collections::BTreeMap::new();
        let mut record = csv::StringRecord::new();
        let mut reader = reader(text, separator);
        for _ in 0..RECORDS {
            if !reader.read_record(&mut record).unwrap_or(false) || record.len() > MOST_COLUMNS * 2 {
                break;
            }
            *counts.entry(record.len()).or_insert(0_usize) += 1;
        }
        let score = counts.into_iter().filter(|(width, _)| *width > 1).map(|(width, times)| (times, width)).max();
        if score.is_some_and(|score| score > best.1) {
            best = (separator, score.unwrap_or_default());
        }
    }
    best.0
}
