//! Data files: CSV, TSV, XLSX and ODS read into rows of texts and numbers, within limits.
//!
//! What stands in a cell is taken as it is: a formula counts with the value that its program left, a number
//! of a worksheet is the shortest decimal that means it, its dates are written `YYYY-MM-DD`. How a file is
//! laid out and written ([`format`]) is guessed from the whole file, and can be chosen instead.

mod delimited;
pub(crate) mod format;
mod guess;
mod layout;
pub(crate) mod notation;
mod ods;
#[cfg(test)]
mod tests;
mod workbook;

use std::panic::{AssertUnwindSafe, catch_unwind};

use ironwood_base::{Error, Result};
use serde_json::Value as Json;

use format::FileFormat;

/// Bytes of a file.
pub(crate) const LARGEST: usize = 32 * 1024 * 1024;
/// Rows of data.
pub(crate) const MOST_ROWS: usize = 25_000;
/// Rows that may stand around the data: titles and footers.
const MOST_OTHER_ROWS: usize = 100;
const MOST_COLUMNS: usize = 1_000;
const MOST_CELLS: usize = 2_000_000;
/// Characters of a cell.
const LONGEST_CELL: usize = 50_000;
/// Bytes of all cells together.
const MOST_TEXT: usize = 64 * 1024 * 1024;
/// Worksheets that are looked through for the one with the data.
const MOST_SHEETS: usize = 50;

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct DataFile {
    /// Names of the columns, each only once.
    pub columns: Vec<String>,
    /// How many of them the file names itself.
    pub named: usize,
    /// Rows with anything in them: how many rows stand before, and a text, number, truth value or null
    /// for each column.
    pub rows: Vec<(i64, Vec<Json>)>,
    /// How it was read.
    pub format: FileFormat,
}

/// What a heading says of the values below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heading {
    /// It names no field.
    Unknown,
    Number,
    Date,
    Other,
}

/// Tells what a heading stands for.
pub(crate) type Headings<'a> = &'a dyn Fn(&str) -> Heading;

fn refuse<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::field("data_file", message))
}

/// A row as it stands in the file.
#[derive(Debug, Clone)]
struct Line {
    /// How many rows stand before it.
    index: usize,
    /// Whether an empty row stands before it.
    gap: bool,
    cells: Vec<Json>,
}

/// The rows of a table that have anything in them.
#[derive(Debug, Default)]
struct Grid {
    lines: Vec<Line>,
    cells: usize,
    text: usize,
    /// Rows that are enough to see what the table is; 0: all are read.
    enough: usize,
}

impl Grid {
    /// A grid for so many rows as tell what the table is.
    fn preview() -> Self {
        Grid { enough: layout::LOOK, ..Grid::default() }
    }

    fn is_enough(&self) -> bool {
        self.enough > 0 && self.lines.len() >= self.enough
    }

    /// Takes the row that stands behind so many others.
    fn take(&mut self, index: usize, gap: bool, mut cells: Vec<Json>) -> Result<()> {
        while cells.last().is_some_and(is_empty) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(());
        }
        if cells.len() > MOST_COLUMNS {
            return refuse(format!("The file has more than {MOST_COLUMNS} columns."));
        }
        for cell in &cells {
            let Json::String(text) = cell else { continue };
            if text.len() > LONGEST_CELL && text.chars().count() > LONGEST_CELL {
                return refuse(format!("A cell has more than {LONGEST_CELL} characters."));
            }
            if text.contains('\0') {
                return refuse("The file contains null characters.");
            }
            self.text += text.len();
        }
        self.cells += cells.len();
        if self.lines.len() >= MOST_ROWS + MOST_OTHER_ROWS {
            return refuse(format!("The file has more than {MOST_ROWS} rows."));
        }
        if self.cells > MOST_CELLS || self.text > MOST_TEXT {
            return refuse("The file contains too much data.");
        }
        let gap = gap || self.lines.last().is_some_and(|last| last.index + 1 < index);
        self.lines.push(Line { index, gap, cells });
        Ok(())
    }
}

/// Whether a cell says nothing.
pub(crate) fn is_empty(cell: &Json) -> bool {
    match cell {
        Json::Null => true,
        Json::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// The kind of a file, by the ending of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileType {
    Text,
    Xlsx,
    Ods,
}

/// Reads a file; the ending of its name tells its form. What `chosen` leaves open is guessed.
///
/// # Errors
/// [`Error::Invalid`] on `data_file`: an unknown form, something malformed, or too much of something; on
/// `file_format` where what was chosen is not in the file.
pub(crate) fn read(name: &str, bytes: &[u8], chosen: &FileFormat, headings: Headings<'_>) -> Result<DataFile> {
    let ending = name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase());
    let form = match ending.as_str() {
        "csv" | "tsv" | "txt" => FileType::Text,
        "xlsx" | "xlsm" => FileType::Xlsx,
        "ods" => FileType::Ods,
        _ => return refuse("Upload a CSV, TSV, XLSX, or ODS file."),
    };
    if bytes.len() > LARGEST {
        return refuse(format!("The file is larger than {} MB.", LARGEST / 1024 / 1024));
    }
    let mut format = chosen.clone();
    let grid = match form {
        FileType::Text => delimited::read(bytes, ending == "tsv", &mut format)?,
        // a reader of other people's files may meet what it was not made for
        FileType::Xlsx => catch_unwind(AssertUnwindSafe(|| workbook::read(bytes, &mut format, headings)))
            .unwrap_or_else(|_| refuse("The file is damaged."))?,
        FileType::Ods => ods::read(bytes, &mut format, headings)?,
    };
    let (columns, named, mut rows) = layout::arrange(grid, &mut format, headings)?;
    if rows.len() > MOST_ROWS {
        return refuse(format!("The file has more than {MOST_ROWS} rows."));
    }
    if columns.len().saturating_mul(rows.len()) > MOST_CELLS {
        return refuse("The file contains too much data.");
    }
    let blank = if form == FileType::Text { Json::from("") } else { Json::Null };
    rows.iter_mut().for_each(|(_, cells)| cells.resize(columns.len(), blank.clone()));
    format.notation = guess::notation(&format, &columns, &rows, headings);
    Ok(DataFile { columns, named, rows, format })
}

/// The sheet to read: the chosen one, or the first of those whose headings tell most.
fn choose_sheet(
    names: Vec<String>,
    format: &mut FileFormat,
    headings: Headings<'_>,
    mut look: impl FnMut(usize) -> Result<Grid>,
) -> Result<usize> {
    if names.is_empty() {
        return refuse("The file has no worksheet.");
    }
    let at = match &format.sheet {
        Some(chosen) => names
            .iter()
            .position(|name| name == chosen)
            .ok_or_else(|| Error::field("file_format", "sheet: The file has no worksheet with this name."))?,
        None if names.len() == 1 => 0,
        None => {
            let mut best = (0, (0, 0));
            for at in 0..names.len().min(MOST_SHEETS) {
                let score = layout::score(&look(at)?, headings);
                if score > best.1 {
                    best = (at, score);
                }
            }
            best.0
        }
    };
    format.sheet = names.get(at).cloned();
    format.sheets = names;
    Ok(at)
}
