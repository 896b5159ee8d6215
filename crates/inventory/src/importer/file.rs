//! Data files: CSV, TSV and XLSX read into rows of texts and numbers, within limits.
//!
//! What stands in a cell is taken as it is: a formula counts with the value that its program left, an
//! XLSX number is the shortest decimal that means it, dates are written `YYYY-MM-DD`.

use std::collections::HashSet;
use std::io::{Cursor, Read, sink};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};
use ironwood_base::{Error, Result};
use serde_json::{Number, Value as Json};

use crate::output::sheet::{Format, meant};

/// Bytes of a file.
pub const LARGEST: usize = 32 * 1024 * 1024;
/// Bytes of everything that is packed in an XLSX file.
const LARGEST_UNPACKED: u64 = 192 * 1024 * 1024;
/// Files that are packed in an XLSX file.
const MOST_PACKED: usize = 2_000;
/// Rows of data.
pub const MOST_ROWS: usize = 25_000;
const MOST_COLUMNS: usize = 1_000;
const MOST_CELLS: usize = 2_000_000;
/// Characters of a cell.
const LONGEST_CELL: usize = 50_000;
/// Bytes of all cells together.
const MOST_TEXT: usize = 64 * 1024 * 1024;
/// Characters of a column's name.
const LONGEST_NAME: usize = 100;

/// What a file holds.
#[derive(Debug, Default)]
pub struct DataFile {
    /// Names of the columns, each only once.
    pub columns: Vec<String>,
    /// Rows with anything in them: how many rows stand before, and a text, number, truth value or null
    /// for each column.
    pub rows: Vec<(i64, Vec<Json>)>,
}

fn refuse<T>(message: &str) -> Result<T> {
    Err(Error::field("data_file", message))
}

/// Reads a file; the ending of its name tells its form.
///
/// # Errors
/// [`Error::Invalid`] on `data_file`: an unknown form, something malformed, or too much of something.
pub fn read(name: &str, bytes: &[u8]) -> Result<DataFile> {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let Some(format) = Format::parse(ending) else {
        return refuse("The file has to be csv, tsv or xlsx.");
    };
    if bytes.len() > LARGEST {
        return refuse("The file is too large.");
    }
    let blank = if format == Format::Xlsx { Json::Null } else { Json::from("") };
    let mut table = Table { blank, ..Table::default() };
    match format {
        Format::Csv => separated(bytes, b',', &mut table)?,
        Format::Tsv => separated(bytes, b'\t', &mut table)?,
        Format::Xlsx => {
            // a reader of other people's files may meet what it was not made for
            catch_unwind(AssertUnwindSafe(|| workbook(bytes, &mut table)))
                .unwrap_or_else(|_| refuse("The file cannot be read."))?;
        }
    }
    table.finish()
}

/// A file on its way to rows.
#[derive(Debug, Default)]
struct Table {
    columns: Option<Vec<String>>,
    rows: Vec<(i64, Vec<Json>)>,
    cells: usize,
    text: usize,
    seen: usize,
    /// What stands where a row has no further cells.
    blank: Json,
}

impl Table {
    /// Takes the next row; the first one has the names of the columns.
    fn take(&mut self, mut cells: Vec<Json>) -> Result<()> {
        let Some(columns) = &mut self.columns else {
            if cells.len() > MOST_COLUMNS {
                return refuse("The file has too many columns.");
            }
            self.columns = Some(names(&cells));
            return Ok(());
        };
        while cells.last().is_some_and(is_empty) {
            cells.pop();
        }
        if cells.len() > columns.len() && !self.blank.is_null() {
            return refuse("A row has more cells than there are columns.");
        }
        // a worksheet has columns that the first row does not name
        if cells.len() > columns.len() {
            let more: Vec<Json> = columns.drain(..).map(Json::from).chain(cells.iter().map(|_| Json::Null)).collect();
            *columns = names(&more[..cells.len().max(1)]);
        }
        let index = self.seen;
        self.seen += 1;
        if cells.is_empty() {
            return Ok(());
        }
        self.cells += columns.len();
        for cell in &cells {
            let Json::String(text) = cell else { continue };
            if text.chars().count() > LONGEST_CELL {
                return refuse("A cell has too much text.");
            }
            if text.contains('\0') {
                return refuse("The file has null characters in it.");
            }
            self.text += text.len();
        }
        if self.rows.len() >= MOST_ROWS {
            return Err(Error::field("data_file", format!("The file has more than {MOST_ROWS} rows.")));
        }
        if self.cells > MOST_CELLS || self.text > MOST_TEXT {
            return refuse("The file has too much in it.");
        }
        self.rows.push((i64::try_from(index).unwrap_or(i64::MAX), cells));
        Ok(())
    }

    fn finish(self) -> Result<DataFile> {
        match self.columns {
            Some(columns) if !columns.is_empty() => {
                if columns.len().saturating_mul(self.rows.len()) > MOST_CELLS {
                    return refuse("The file has too much in it.");
                }
                let mut rows = self.rows;
                rows.iter_mut().for_each(|(_, cells)| cells.resize(columns.len(), self.blank.clone()));
                Ok(DataFile { columns, rows })
            }
            _ => refuse("The first row has to have the names of the columns."),
        }
    }
}

fn is_empty(cell: &Json) -> bool {
    match cell {
        Json::Null => true,
        Json::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// Names of columns without spaces around them; what has none is numbered, and so is what comes again.
fn names(cells: &[Json]) -> Vec<String> {
    let mut seen: HashSet<String> = HashSet::new();
    let mut names = Vec::with_capacity(cells.len());
    for (at, cell) in cells.iter().enumerate() {
        let text = crate::output::sheet::text_of(cell).replace('\0', "");
        let name: String = text.trim().chars().take(LONGEST_NAME).collect();
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

fn separated(bytes: &[u8], separator: u8, table: &mut Table) -> Result<()> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return refuse("The file is not UTF-8 text.");
    };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(_) => return refuse("The file cannot be read."),
        }
        if record.len() > MOST_COLUMNS * 2 {
            return refuse("The file has too many columns.");
        }
        table.take(record.iter().map(|cell| Json::from(meant(cell))).collect())?;
    }
}

fn workbook(bytes: &[u8], table: &mut Table) -> Result<()> {
    unpacks_within_limits(bytes)?;
    let Ok(mut book) = Xlsx::new(Cursor::new(bytes)) else {
        return refuse("The file cannot be read.");
    };
    let Some(sheet) = book.sheet_names().first().cloned() else {
        return refuse("The file has no worksheet.");
    };
    let Ok(mut cells) = book.worksheet_cells_reader(&sheet) else {
        return refuse("The file cannot be read.");
    };
    let mut row: Vec<Json> = Vec::new();
    let mut at: Option<u32> = None;
    loop {
        let cell = match cells.next_cell() {
            Ok(Some(cell)) => cell,
            Ok(None) => break,
            Err(_) => return refuse("The file cannot be read."),
        };
        let value = value(cell.get_value());
        if is_empty(&value) {
            continue;
        }
        let (line, column) = cell.get_position();
        let column = column as usize;
        if column >= MOST_COLUMNS {
            return refuse("The file has too many columns.");
        }
        match at {
            Some(known) if known == line => {}
            Some(known) if line < known => return refuse("The file cannot be read."),
            _ => {
                if let Some(known) = at {
                    table.take(std::mem::take(&mut row))?;
                    table.seen += (line - known - 1) as usize;
                }
                at = Some(line);
            }
        }
        if row.len() <= column {
            row.resize(column + 1, Json::Null);
        }
        row[column] = value;
    }
    if at.is_some() { table.take(row) } else { Ok(()) }
}

/// Unpacks everything once, to nowhere: what a file says of its own size need not be true.
fn unpacks_within_limits(bytes: &[u8]) -> Result<()> {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        return refuse("The file cannot be read.");
    };
    if archive.len() > MOST_PACKED {
        return refuse("The file has too much in it.");
    }
    let mut left = LARGEST_UNPACKED;
    for at in 0..archive.len() {
        let Ok(packed) = archive.by_index(at) else {
            return refuse("The file cannot be read.");
        };
        let Ok(unpacked) = std::io::copy(&mut packed.take(left + 1), &mut sink()) else {
            return refuse("The file cannot be read.");
        };
        left = match left.checked_sub(unpacked) {
            Some(left) => left,
            None => return refuse("The file has too much in it."),
        };
    }
    Ok(())
}

fn value(cell: &DataRef<'_>) -> Json {
    match cell {
        DataRef::Empty => Json::Null,
        DataRef::Int(number) => Json::from(*number),
        DataRef::Float(number) => decimal(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Json::from(text.as_str()),
        DataRef::SharedString(text) => Json::from(*text),
        DataRef::Bool(truth) => Json::Bool(*truth),
        DataRef::DateTime(moment) if moment.is_datetime() => Json::from(moment_text(moment)),
        DataRef::DateTime(length) => decimal(length.as_f64()),
        DataRef::Error(error) => Json::from(error.to_string()),
    }
}

/// The decimal that a binary number stands for: a whole number exactly, another one with the 15 digits
/// that worksheets show and keep.
fn decimal(number: f64) -> Json {
    const WHOLE: f64 = 9_007_199_254_740_992.0;
    if !number.is_finite() {
        return Json::Null;
    }
    let text = if number.trunc().total_cmp(&number).is_eq() && number.abs() < WHOLE {
        format!("{number:.0}")
    } else {
        let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
        rounded.to_string()
    };
    let text = if text == "-0" { "0".to_owned() } else { text };
    text.parse::<Number>().map_or(Json::Null, Json::Number)
}

fn moment_text(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}
