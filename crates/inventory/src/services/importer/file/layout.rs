//! Detects the header row, and title and footer rows around the data.

use std::collections::HashSet;

use ironwood_base::{Error, Result};
use serde_json::Value as Json;

use super::format::FileFormat;
use super::{Grid, Heading, Headings, Line, MOST_COLUMNS, is_empty, refuse};
use crate::platform::output::sheet::text_of;

/// Rows among which the one that names the columns is looked for.
pub(super) const LOOK: usize = 40;
/// Rows that tell how wide the table is.
const SAMPLE: usize = 200;
/// Most rows at the end that are taken for a footer.
const MOST_FOOTERS: usize = 10;
/// Characters of a column's name.
const LONGEST_NAME: usize = 100;

/// Texts with which rows of totals begin.
const TOTALS: [&str; 10] =
    ["total", "totals", "grand total", "subtotal", "sub total", "sum", "summe", "gesamt", "gesamtsumme", "end of file"];

fn filled(line: &Line) -> usize {
    line.cells.iter().filter(|cell| !is_empty(cell)).count()
}

/// How many cells a row of the table usually fills.
fn typical(lines: &[Line]) -> usize {
    let mut counts = std::collections::BTreeMap::new();
    for line in lines.iter().take(SAMPLE) {
        *counts.entry(filled(line)).or_insert(0_usize) += 1;
    }
    counts.into_iter().max_by_key(|(width, times)| (*times, *width)).map_or(0, |(width, _)| width)
}

fn matches(line: &Line, headings: Headings<'_>) -> usize {
    line.cells.iter().filter_map(Json::as_str).filter(|text| headings(&clean(text)) != Heading::Unknown).count()
}

/// The place of the row that names the columns: the one that names most fields, else the first one that is
/// as wide as the table.
fn header(lines: &[Line], headings: Headings<'_>) -> usize {
    let known: Vec<usize> = lines.iter().take(LOOK).map(|line| matches(line, headings)).collect();
    let best = known.iter().copied().max().unwrap_or(0);
    if best > 0 {
        // a title may happen to be called like a field, and so may a value of the data
        let first = known.first().copied().unwrap_or(0);
        return if first * 2 >= best { 0 } else { known.iter().position(|n| *n == best).unwrap_or(0) };
    }
    let width = typical(lines);
    lines.iter().take(LOOK).position(|line| filled(line) * 2 > width).unwrap_or(0)
}

/// How much the headings of a table tell: fields that they name, then cells.
pub(super) fn score(grid: &Grid, headings: Headings<'_>) -> (usize, usize) {
    let at = header(&grid.lines, headings);
    let below = grid.lines.get(at + 1..).unwrap_or_default();
    match grid.lines.get(at) {
        Some(line) if !below.is_empty() => {
            (matches(line, headings), filled(line) + below.iter().map(filled).sum::<usize>())
        }
        _ => (0, 0),
    }
}

/// Whether a row fills so few cells that it is hardly one of the table.
fn is_narrow(line: &Line, width: usize) -> bool {
    width >= 3 && filled(line) * 3 <= width
}

fn is_footer(line: &Line, width: usize) -> bool {
    let first = line.cells.iter().find(|cell| !is_empty(cell)).map(text_of).unwrap_or_default();
    let first = first.trim().trim_end_matches([':', '.']).trim().to_lowercase();
    TOTALS.contains(&first.as_str()) || is_narrow(line, width) && line.gap
}

/// Rows at the end that are no data.
fn footers(lines: &[Line]) -> usize {
    let width = typical(lines);
    let mut count = 0;
    while count < MOST_FOOTERS && lines.len() > count + 1 {
        let rest = &lines[..lines.len() - count];
        let Some(last) = rest.last() else { break };
        // below an empty row, several lines may follow each other
        let gap = rest[rest.len().saturating_sub(MOST_FOOTERS)..].iter().rev().find(|l| l.gap || !is_narrow(l, width));
        let follows = Line { gap: last.gap || gap.is_some_and(|l| l.gap), ..last.clone() };
        if !is_footer(&follows, width) {
            break;
        }
        count += 1;
    }
    count
}

/// Without line breaks and what cannot be seen: a name that can be sent back.
pub(super) fn clean(text: &str) -> String {
    let turning =
        |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let spaced: String = text.chars().filter(|c| !turning(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST_NAME).collect::<String>().trim_end().to_owned()
}

/// Names of columns; what has none is numbered, and so is what comes again.
fn names(cells: &[Json]) -> Vec<String> {
    let mut seen: HashSet<String> = HashSet::new();
    let mut names = Vec::with_capacity(cells.len());
    for (at, cell) in cells.iter().enumerate() {
        let name = clean(&text_of(cell));
        let name = if name.is_empty() { format!("Column {}", at + 1) } else { name };
        let (mut unique, mut number) = (name.clone(), 2);
        while !seen.insert(unique.clone()) {
            let kept: String = name.chars().take(LONGEST_NAME - 6).collect();
            unique = format!("{kept} ({number})");
            number += 1;
        }
        names.push(unique);
    }
    names
}

/// A table: names of its columns, how many of them the file names itself, and rows with their places.
pub(super) type Arranged = (Vec<String>, usize, Vec<(i64, Vec<Json>)>);

/// Tells names, data and the rest from each other.
pub(super) fn arrange(grid: Grid, format: &mut FileFormat, headings: Headings<'_>) -> Result<Arranged> {
    let mut lines = grid.lines;
    if lines.is_empty() {
        return refuse("The file is empty.");
    }
    let at = match format.header_row {
        Some(row) => lines
            .iter()
            .position(|line| line.index + 1 == row)
            .ok_or_else(|| Error::field("file_format", "header_row: This row of the file is empty."))?,
        None => header(&lines, headings),
    };
    lines.drain(..at);
    let first = lines.remove(0);
    format.header_row = Some(first.index + 1);
    let footers = format.footer_rows.unwrap_or_else(|| footers(&lines)).min(lines.len());
    lines.truncate(lines.len() - footers);
    format.footer_rows = Some(footers);
    let named = first.cells.len();
    let widest = lines.iter().map(|line| line.cells.len()).chain([named]).max().unwrap_or(named).min(MOST_COLUMNS);
    let mut cells = first.cells;
    cells.resize(widest, Json::Null);
    let place = |line: &Line| i64::try_from(line.index - first.index - 1).unwrap_or(i64::MAX);
    let rows = lines.into_iter().map(|line| (place(&line), line.cells)).collect();
    Ok((names(&cells), named, rows))
}
