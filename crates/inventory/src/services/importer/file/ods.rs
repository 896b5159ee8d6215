//! Sheets of OpenDocument files, read as a stream: a cell may say that it is repeated a million times, and
//! only those with something in them count.

use std::io::{BufRead, BufReader, Cursor, Read};

use ironwood_base::Result;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde_json::Value as Json;

use super::format::FileFormat;
use super::workbook::{decimal, most_unpacked};
use super::{Grid, Headings, LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, choose_sheet, is_empty, refuse};

/// Characters of a sheet's name.
const LONGEST_NAME: usize = 200;
/// Sheets of a file.
const MOST_SHEETS: usize = 1_000;

/// Reads a sheet.
pub(super) fn read(bytes: &[u8], format: &mut FileFormat, headings: Headings<'_>) -> Result<Grid> {
    let mut looked = parse(bytes, None)?;
    let names = looked.names;
    let at = choose_sheet(names, format, headings, |at| {
        Ok(looked.grids.get_mut(at).map(std::mem::take).unwrap_or_default())
    })?;
    drop(looked.grids);
    Ok(parse(bytes, Some(at))?.grids.pop().unwrap_or_default())
}

type Xml<'a> = Reader<&'a mut dyn BufRead>;

/// Reads the document inside of a file as far as it may be unpacked.
fn content<T>(bytes: &[u8], read: impl FnOnce(&mut Xml<'_>) -> Result<T>) -> Result<T> {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        return refuse("The file is damaged.");
    };
    let Ok(packed) = archive.by_name("content.xml") else {
        return refuse("The file is damaged.");
    };
    let limit = most_unpacked(bytes.len());
    let mut unpacked = BufReader::new(packed.take(limit));
    let mut reader = Reader::from_reader(&mut unpacked as &mut dyn BufRead);
    let done = read(&mut reader);
    let position = reader.buffer_position();
    match done {
        Err(_) if position >= limit => refuse("The file contains too much data."),
        done => done,
    }
}

/// The next event; `None` at the end.
fn next<'b>(reader: &mut Xml<'_>, buffer: &'b mut Vec<u8>) -> Result<Option<Event<'b>>> {
    match reader.read_event_into(buffer) {
        Ok(Event::Eof) => Ok(None),
        Ok(event) => Ok(Some(event)),
        Err(_) => refuse("The file is damaged."),
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).ok()??;
    found.normalized_value(XmlVersion::Explicit1_0).ok().map(std::borrow::Cow::into_owned)
}

fn times(tag: &BytesStart<'_>, name: &str) -> usize {
    let is_number = |text: &String| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let written = attribute(tag, name).filter(is_number);
    written.map_or(1, |text| text.parse().unwrap_or(usize::MAX)).max(1)
}

/// A cell while it is read.
#[derive(Default)]
struct Cell {
    /// What its attributes say that it is.
    value: Option<Json>,
    repeated: usize,
    text: String,
    paragraphs: usize,
}

impl Cell {
    fn new(tag: &BytesStart<'_>) -> Self {
        let of = |name: &str| attribute(tag, name);
        let value = match of("office:value-type").unwrap_or_default().as_str() {
            "float" | "currency" | "percentage" => {
                of("office:value").and_then(|text| text.trim().parse::<f64>().ok()).map(decimal)
            }
            "date" => of("office:date-value").map(|text| Json::from(text.trim_end_matches("T00:00:00"))),
            "boolean" => of("office:boolean-value").map(|text| Json::Bool(text == "true")),
            _ => of("office:string-value").map(Json::from),
        };
        Cell { value, repeated: times(tag, "table:number-columns-repeated"), ..Cell::default() }
    }

    fn push(&mut self, text: &str) -> Result<()> {
        if self.text.len() + text.len() > LONGEST_CELL * 4 {
            return refuse(format!("A cell has more than {LONGEST_CELL} characters."));
        }
        self.text.push_str(text);
        Ok(())
    }

    fn into_value(self) -> Json {
        self.value.unwrap_or_else(|| if self.text.is_empty() { Json::Null } else { Json::from(self.text) })
    }
}

/// A row while it is read.
#[derive(Default)]
struct Row {
    index: usize,
    repeated: usize,
    column: usize,
    cells: Vec<Json>,
}

impl Row {
    fn put(&mut self, cell: Cell) -> Result<()> {
        let repeated = cell.repeated;
        let value = cell.into_value();
        if !is_empty(&value) {
            if self.column.saturating_add(repeated) > MOST_COLUMNS {
                return refuse(format!("The file has more than {MOST_COLUMNS} columns."));
            }
            self.cells.resize(self.column, Json::Null);
            self.cells.extend(std::iter::repeat_n(value, repeated));
        }
        self.column = self.column.saturating_add(repeated);
        Ok(())
    }
}

/// Reads the sheet at a place, or the first rows of every sheet.
fn parse(bytes: &[u8], wanted: Option<usize>) -> Result<Parser> {
    content(bytes, |reader| {
        let mut parser = Parser { wanted, ..Parser::default() };
        let mut buffer = Vec::new();
        while let Some(event) = next(reader, &mut buffer)? {
            if parser.read(&event)? {
                break;
            }
            buffer.clear();
        }
        Ok(parser)
    })
}

#[derive(Default)]
struct Parser {
    names: Vec<String>,
    /// One for each sheet, or one for the wanted one.
    grids: Vec<Grid>,
    row: Row,
    cell: Option<Cell>,
    /// How deep inside of comments and drawings.
    hidden: usize,
    /// Whether the rows of the present sheet are read.
    reading: bool,
    /// The place of the sheet that is read; `None`: the first rows of all.
    wanted: Option<usize>,
}

impl Parser {
    /// Takes an event in; true where the sheet is at its end.
    fn read(&mut self, event: &Event<'_>) -> Result<bool> {
        match event {
            Event::Start(tag) if tag.name().as_ref() == "table:table" => {
                let name = attribute(tag, "table:name").unwrap_or_default();
                self.reading = self.wanted.is_none_or(|wanted| wanted == self.names.len());
                self.names.push(name.chars().take(LONGEST_NAME).collect());
                self.row = Row::default();
                if self.names.len() > MOST_SHEETS {
                    return refuse("The file has too many worksheets.");
                }
                if self.reading {
                    self.grids.push(if self.wanted.is_some() { Grid::default() } else { Grid::preview() });
                }
            }
            Event::End(tag) if tag.name().as_ref() == "table:table" => {
                let done = self.reading && self.wanted.is_some();
                self.reading = false;
                return Ok(done);
            }
            _ if !self.reading => {}
            Event::Start(tag) => self.start(tag, false)?,
            Event::Empty(tag) => self.start(tag, true)?,
            Event::End(tag) => self.end(tag.name().as_ref())?,
            Event::Text(text) => self.text(&text.xml10_content())?,
            Event::CData(text) => self.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let known = reference.resolve_char_ref().ok().flatten().map(String::from);
                let known =
                    known.or_else(|| quick_xml::escape::resolve_predefined_entity(reference).map(str::to_owned));
                self.text(&known.unwrap_or_default())?;
            }
            _ => {}
        }
        if self.grids.last().is_some_and(Grid::is_enough) {
            self.reading = false;
        }
        Ok(false)
    }

    fn text(&mut self, text: &str) -> Result<()> {
        match &mut self.cell {
            Some(cell) if self.hidden == 0 && cell.paragraphs > 0 => cell.push(text),
            _ => Ok(()),
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, empty: bool) -> Result<()> {
        match tag.name().as_ref() {
            "table:table-row" => {
                self.row.repeated = times(tag, "table:number-rows-repeated");
                if empty {
                    self.end("table:table-row")?;
                }
            }
            "table:table-cell" | "table:covered-table-cell" => {
                self.cell = Some(Cell::new(tag));
                if empty {
                    self.end("table:table-cell")?;
                }
            }
            "office:annotation" | "draw:frame" | "draw:custom-shape" if !empty => self.hidden += 1,
            "text:p" => {
                if let Some(cell) = self.cell.as_mut().filter(|_| self.hidden == 0) {
                    if cell.paragraphs > 0 {
                        cell.push("\n")?;
                    }
                    cell.paragraphs += 1;
                }
            }
            "text:s" => self.text(&" ".repeat(times(tag, "text:c").min(LONGEST_CELL)))?,
            "text:tab" => self.text("\t")?,
            "text:line-break" => self.text("\n")?,
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<()> {
        match name {
            "table:table-cell" | "table:covered-table-cell" => match self.cell.take() {
                Some(cell) => self.row.put(cell)?,
                None => return Ok(()),
            },
            "table:table-row" => {
                let row = std::mem::take(&mut self.row);
                let next = row.index.saturating_add(row.repeated);
                if !row.cells.is_empty() {
                    if row.repeated > MOST_ROWS {
                        return refuse(format!("The file has more than {MOST_ROWS} rows."));
                    }
                    let Some(grid) = self.grids.last_mut() else { return Ok(()) };
                    for at in row.index..next {
                        if grid.is_enough() {
                            break;
                        }
                        grid.take(at, false, row.cells.clone())?;
                    }
                }
                self.row.index = next;
            }
            "office:annotation" | "draw:frame" | "draw:custom-shape" => self.hidden = self.hidden.saturating_sub(1),
            _ => {}
        }
        Ok(())
    }
}
