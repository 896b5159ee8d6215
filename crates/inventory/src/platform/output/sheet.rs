//! A table of texts and numbers as CSV, TSV or XLSX.

use ironwood_base::{Error, Result};
use serde_json::Value as Json;

/// Form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Tsv,
    Xlsx,
}

impl Format {
    /// The format of that name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Format::Csv, Format::Tsv, Format::Xlsx].into_iter().find(|f| f.extension().eq_ignore_ascii_case(name.trim()))
    }

    /// Ending of file names.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Tsv => "tsv",
            Format::Xlsx => "xlsx",
        }
    }
}

/// A table with named columns.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    pub columns: Vec<String>,
    /// One JSON scalar for each column.
    pub rows: Vec<Vec<Json>>,
}

/// Most rows of a worksheet, the line of names included.
const WORKSHEET_ROWS: usize = 1_048_576;
/// Most characters of a worksheet's cell.
const CELL_CHARACTERS: usize = 32_767;

impl Sheet {
    /// The table as a file.
    ///
    /// # Errors
    /// [`Error::Invalid`] where a worksheet cannot hold it.
    pub(crate) fn write(&self, format: Format) -> Result<Vec<u8>> {
        match format {
            Format::Csv => self.separated(b','),
            Format::Tsv => self.separated(b'\t'),
            Format::Xlsx => self.workbook(),
        }
    }

    fn separated(&self, separator: u8) -> Result<Vec<u8>> {
        let fault = |error: csv::Error| Error::Internal(format!("table: {error}"));
        let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|name| harmless(name))).map_err(fault)?;
        for row in &self.rows {
            let cells = row.iter().map(|cell| match cell {
                Json::String(text) => harmless(text),
                other => text_of(other),
            });
            writer.write_record(cells).map_err(fault)?;
        }
        writer.into_inner().map_err(|error| Error::Internal(format!("table: {error}")))
    }

    fn workbook(&self) -> Result<Vec<u8>> {
        if self.rows.len() >= WORKSHEET_ROWS {
            return Err(Error::field("export_format", "The list has too many rows for a worksheet."));
        }
        let fault = |error: rust_xlsxwriter::XlsxError| Error::Internal(format!("worksheet: {error}"));
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet();
        let names: Vec<Json> = self.columns.iter().map(|name| Json::from(name.as_str())).collect();
        for (r, row) in std::iter::once(&names).chain(&self.rows).enumerate() {
            let r = u32::try_from(r).map_err(|_| Error::Internal("worksheet: too many rows".into()))?;
            for (c, cell) in row.iter().enumerate() {
                let c = u16::try_from(c).map_err(|_| Error::Internal("worksheet: too many columns".into()))?;
                match cell {
                    Json::Null => continue,
                    Json::Bool(truth) => sheet.write_boolean(r, c, *truth).map(|_| ()),
                    // a worksheet knows binary numbers alone: what it cannot hold exactly stays text
                    Json::Number(number) => match number.to_string().parse::<f64>() {
                        Ok(real) if is_exact(&number.to_string()) => sheet.write_number(r, c, real).map(|_| ()),
                        _ => sheet.write_string(r, c, text_of(cell)).map(|_| ()),
                    },
                    other => {
                        let text: String = text_of(other).chars().take(CELL_CHARACTERS).collect();
                        sheet.write_string(r, c, text).map(|_| ())
                    }
                }
                .map_err(fault)?;
            }
        }
        workbook.save_to_buffer().map_err(fault)
    }
}

/// Whether a number has no more digits than a binary number keeps.
fn is_exact(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() <= 15
}

/// Signs with which a formula begins, in the forms of all keyboards: full width, small, and as in mathematics.
const FORMULA: [char; 13] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '\u{2212}'];

/// Signs that do not show, which spreadsheets leave out before a formula.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Whether a spreadsheet may take a text for a formula. A number is none.
fn is_formula(text: &str) -> bool {
    let shown = text.trim_start_matches(is_unseen);
    let begins = |text: &str| text.starts_with(FORMULA);
    // a quote says of what follows that it is a text: one that was there before must not be lost
    let begins = begins(shown) || begins(shown.trim_start_matches('\'').trim_start_matches(is_unseen));
    (begins || text.starts_with(['\t', '\r', '\n'])) && text.parse::<f64>().is_err()
}

/// A text that a spreadsheet takes for nothing but a text: a quote in front of what it may take for a formula.
fn harmless(text: &str) -> String {
    if is_formula(text) { format!("'{text}") } else { text.to_owned() }
}

/// The text that a cell of a file with separators means: without the quote that says that it is no
/// formula.
pub(crate) fn meant(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| harmless(text).len() > text.len()).unwrap_or(cell)
}

/// A value as the text of a cell.
pub(crate) fn text_of(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::Bool(true) => "True".into(),
        Json::Bool(false) => "False".into(),
        Json::String(text) => text.clone(),
        Json::Array(list) => list.iter().map(text_of).collect::<Vec<_>>().join(", "),
        Json::Number(number) => without_zeros(&number.to_string()).to_owned(),
        other => other.to_string(),
    }
}

/// A decimal number without the zeros that end its fraction: `10` for `10.0`. Other programs refuse pieces
/// that are not written whole.
pub(crate) fn without_zeros(number: &str) -> &str {
    if number.contains('.') && !number.contains(['e', 'E']) {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sheet() -> Sheet {
        Sheet {
            columns: vec!["ID".into(), "Name".into(), "Active".into()],
            rows: vec![vec![json!(1), json!("a \"b\", c"), json!(true)], vec![json!(2.5), json!("=1+1"), Json::Null]],
        }
    }

    #[test]
    fn texts_are_quoted_and_never_formulas() {
        let text = String::from_utf8(sheet().write(Format::Csv).unwrap()).unwrap();
        assert_eq!(text, "ID,Name,Active\n1,\"a \"\"b\"\", c\",True\n2.5,'=1+1,\n");
        let text = String::from_utf8(sheet().write(Format::Tsv).unwrap()).unwrap();
        assert!(text.starts_with("ID\tName\tActive\n"));
        assert_eq!(harmless("-5.25"), "-5.25");
        for text in ["＝1+1", "＋1", "－1+1", "＠x", " =1+1", "\t=1", "\u{feff}=1", "\u{a0}@x", "\r\n+x", "'=1", "−x"]
        {
            assert!(harmless(text).starts_with('\''), "{text:?}");
            assert_eq!(meant(&harmless(text)), text);
        }
        for text in ["=1+1", "-5.25", "'tis", "plain", "@x", ""] {
            assert_eq!(meant(&harmless(text)), text);
        }
    }

    #[test]
    fn whole_amounts_are_written_whole() {
        for (number, written) in [
            ("10.0", "10"),
            ("0.0", "0"),
            ("-3.50", "-3.5"),
            ("100", "100"),
            ("1.5e-7", "1.5e-7"),
            ("0.00100", "0.001"),
        ] {
            let cell: Json = serde_json::from_str(number).unwrap();
            assert_eq!(text_of(&cell), written);
            let sheet = Sheet { columns: vec!["n".into()], rows: vec![vec![cell]] };
            for format in [Format::Csv, Format::Tsv] {
                let text = String::from_utf8(sheet.write(format).unwrap()).unwrap();
                assert_eq!(text, format!("n\n{written}\n"));
            }
        }
    }

    #[test]
    fn a_workbook_is_a_zip_archive() {
        assert!(sheet().write(Format::Xlsx).unwrap().starts_with(b"PK"));
    }
}
