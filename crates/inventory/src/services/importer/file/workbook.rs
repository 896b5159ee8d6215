//! Worksheets of XLSX files.

use std::io::{Cursor, Read, sink};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};
use ironwood_base::Result;
use serde_json::{Number, Value as Json};

use super::format::FileFormat;
use super::{Grid, Headings, MOST_COLUMNS, choose_sheet, is_empty, refuse};

/// Bytes of everything that is packed in a file.
const LARGEST_UNPACKED: u64 = 192 * 1024 * 1024;
/// Bytes that any file may unpack to.
const SMALL_UNPACKED: u64 = 8 * 1024 * 1024;
/// How much larger than the file its contents may be: worksheets are packed to a tenth, and seldom to less
/// than a thirtieth; what goes beyond is made to fill the memory.
const MOST_RATIO: u64 = 100;
/// Files that are packed in a file.
const MOST_PACKED: usize = 2_000;

/// Bytes that a packed file may unpack to.
pub(super) fn most_unpacked(packed: usize) -> u64 {
    (packed as u64).saturating_mul(MOST_RATIO).clamp(SMALL_UNPACKED, LARGEST_UNPACKED)
}

/// Reads a worksheet.
pub(super) fn read(bytes: &[u8], format: &mut FileFormat, headings: Headings<'_>) -> Result<Grid> {
    unpacks_within_limits(bytes)?;
    let Ok(mut book) = Xlsx::new(Cursor::new(bytes)) else {
        return refuse("The file is damaged.");
    };
    let names = book.sheet_names();
    let at = choose_sheet(names.clone(), format, headings, |at| sheet(&mut book, &names[at], Grid::preview()))?;
    sheet(&mut book, &names[at], Grid::default())
}

fn sheet(book: &mut Xlsx<Cursor<&[u8]>>, name: &str, mut grid: Grid) -> Result<Grid> {
    let Ok(mut cells) = book.worksheet_cells_reader(name) else {
        // a sheet of charts has no cells
        return if grid.enough > 0 { Ok(grid) } else { refuse("The worksheet cannot be read.") };
    };
    let mut row: Vec<Json> = Vec::new();
    let mut at: Option<u32> = None;
    while !grid.is_enough() {
        let cell = match cells.next_cell() {
            Ok(Some(cell)) => cell,
            Ok(None) => break,
            Err(_) => return refuse("The file is damaged."),
        };
        let value = value(cell.get_value());
        if is_empty(&value) {
            continue;
        }
        let (line, column) = cell.get_position();
        let column = column as usize;
        if column >= MOST_COLUMNS {
            return refuse(format!("The file has more than {MOST_COLUMNS} columns."));
        }
        match at {
            Some(known) if known == line => {}
            Some(known) if line < known => return refuse("The file is damaged."),
            _ => {
                if let Some(known) = at {
                    grid.take(known as usize, false, std::mem::take(&mut row))?;
                }
                at = Some(line);
            }
        }
        if row.len() <= column {
            row.resize(column + 1, Json::Null);
        }
        row[column] = value;
    }
    if let Some(line) = at {
        grid.take(line as usize, false, row)?;
    }
    Ok(grid)
}

/// Unpacks everything once, to nowhere: what a file says of its own size need not be true.
fn unpacks_within_limits(bytes: &[u8]) -> Result<()> {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        return refuse("The file is damaged.");
    };
    if archive.len() > MOST_PACKED {
        return refuse("The file contains too many internal parts.");
    }
    let mut left = most_unpacked(bytes.len());
    for at in 0..archive.len() {
        let Ok(packed) = archive.by_index(at) else {
            return refuse("The file is damaged.");
        };
        let Ok(unpacked) = std::io::copy(&mut packed.take(left + 1), &mut sink()) else {
            return refuse("The file is damaged.");
        };
        left = match left.checked_sub(unpacked) {
            Some(left) => left,
            None => return refuse("The file contains too much data."),
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
pub(super) fn decimal(number: f64) -> Json {
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
