//! How a file is laid out and written: guessed for the whole file, shown, and chosen instead where the guess
//! is wrong.

use ironwood_base::{Error, Result};
use serde_json::{Map, Value as Json, json};

use super::notation::{DateOrder, Notation};

/// Separators of cells.
pub(crate) const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];
/// Signs that may stand between thousands; a space stands for all kinds of spaces.
const THOUSANDS: [char; 5] = [',', '.', '\'', ' ', '_'];

/// What is known of a file. Before it is read, what was chosen; afterwards, everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FileFormat {
    /// Of a text file: how characters are encoded.
    pub encoding: Option<String>,
    pub separator: Option<char>,
    /// Of a workbook: the worksheet that is read.
    pub sheet: Option<String>,
    /// Of a workbook: its worksheets.
    pub sheets: Vec<String>,
    /// The row that names the columns, counted from 1.
    pub header_row: Option<usize>,
    /// Rows at the end that are no data.
    pub footer_rows: Option<usize>,
    pub decimal_sign: Option<char>,
    /// `Some(None)`: there is none.
    pub thousands_sign: Option<Option<char>>,
    pub date_order: Option<DateOrder>,
    /// How numbers and dates are written in the end.
    pub notation: Notation,
    /// Names of what was chosen.
    pub chosen: Vec<String>,
}

/// What can be chosen.
const OPTIONS: [&str; 8] =
    ["encoding", "separator", "sheet", "header_row", "footer_rows", "decimal_sign", "thousands_sign", "date_order"];

fn fault(name: &str, message: &str) -> Error {
    Error::field("file_format", format!("{name}: {message}"))
}

fn one_char(value: &Json) -> Option<char> {
    let mut letters = value.as_str()?.chars();
    letters.next().filter(|_| letters.next().is_none())
}

impl FileFormat {
    /// What clients choose. Null leaves an option to be guessed.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `file_format`.
    pub(crate) fn choose(mut self, given: &Map<String, Json>) -> Result<Self> {
        for (name, value) in given {
            let is_shown_only = matches!(name.as_str(), "sheets" | "chosen");
            if is_shown_only {
                continue;
            }
            if !OPTIONS.contains(&name.as_str()) {
                let name: String = name.chars().take(40).collect();
                return Err(fault(&name, &format!("Unknown option. Options are {}.", OPTIONS.join(", "))));
            }
            self.chosen.retain(|chosen| chosen != name);
            self.set(name, value)?;
            if !value.is_null() {
                self.chosen.push(name.clone());
            }
        }
        Ok(self)
    }

    fn set(&mut self, name: &str, value: &Json) -> Result<()> {
        let none = value.is_null();
        let count = || value.as_u64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|n| *n < 10_000_000);
        match name {
            "encoding" => {
                let label = value.as_str().and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
                if label.is_none() && !none {
                    return Err(fault(name, "Unknown encoding. Use a name such as utf-8, utf-16le, or windows-1252."));
                }
                self.encoding = label.map(|encoding| encoding.name().to_owned());
            }
            "separator" => {
                self.separator = one_char(value).filter(|c| SEPARATORS.contains(c));
                if self.separator.is_none() && !none {
                    return Err(fault(name, "Use a comma, a semicolon, a tab, or a vertical bar."));
                }
            }
            "sheet" => {
                self.sheet = value.as_str().map(str::to_owned);
                if self.sheet.is_none() && !none {
                    return Err(fault(name, "Enter the name of a worksheet."));
                }
            }
            "header_row" => {
                self.header_row = count().and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
                if self.header_row.is_none() && !none {
                    return Err(fault(name, "Enter a row number, counted from 1."));
                }
            }
            "footer_rows" => {
                self.footer_rows = count().and_then(|n| usize::try_from(n).ok());
                if self.footer_rows.is_none() && !none {
                    return Err(fault(name, "Enter a number of rows."));
                }
            }
            "decimal_sign" => {
                self.decimal_sign = one_char(value).filter(|c| matches!(c, '.' | ','));
                if self.decimal_sign.is_none() && !none {
                    return Err(fault(name, "Use a point or a comma."));
                }
            }
            "thousands_sign" => {
                let empty = value.as_str() == Some("");
                let sign = one_char(value).filter(|c| THOUSANDS.contains(c));
                if sign.is_none() && !none && !empty {
                    return Err(fault(
                        name,
                        "Use a comma, a point, a space, an apostrophe, or an empty string for none.",
                    ));
                }
                self.thousands_sign = if none { None } else { Some(sign) };
            }
            _ => {
                self.date_order = value.as_str().and_then(DateOrder::parse);
                if self.date_order.is_none() && !none {
                    return Err(fault(name, "Use YMD, DMY, or MDY."));
                }
            }
        }
        let (decimal, thousands) = (self.decimal_sign, self.thousands_sign.flatten());
        if decimal.is_some() && decimal == thousands {
            return Err(fault(name, "The decimal separator and the thousands separator must differ."));
        }
        Ok(())
    }

    /// Everything, as the API shows it.
    pub(crate) fn json(&self) -> Json {
        let notation = &self.notation;
        let mut shown = json!({
            "header_row": self.header_row,
            "footer_rows": self.footer_rows,
            "decimal_sign": notation.decimal.to_string(),
            "thousands_sign": notation.thousands.map(String::from).unwrap_or_default(),
            "date_order": notation.dates.name(),
            "chosen": self.chosen,
        });
        let more = [
            ("encoding", json!(self.encoding)),
            ("separator", json!(self.separator.map(String::from))),
            ("sheet", json!(self.sheet)),
        ];
        for (name, value) in more.into_iter().filter(|(_, value)| !value.is_null()) {
            shown[name] = value;
        }
        if !self.sheets.is_empty() {
            shown["sheets"] = json!(self.sheets);
        }
        shown
    }

    /// What was kept of a file that was read: everything in it is as good as chosen, so that the file is read
    /// the same way again.
    pub(crate) fn kept(kept: &Map<String, Json>) -> Self {
        let mut format = FileFormat::default();
        for name in OPTIONS {
            if let Some(value) = kept.get(name) {
                let _ = format.set(name, value);
            }
        }
        format.notation = Notation {
            decimal: format.decimal_sign.unwrap_or('.'),
            thousands: format.thousands_sign.unwrap_or(Some(',')),
            dates: format.date_order.unwrap_or_default(),
        };
        let chosen = kept.get("chosen").and_then(Json::as_array).into_iter().flatten();
        format.chosen = chosen.filter_map(|name| Some(name.as_str()?.to_owned())).collect();
        format
    }

    /// What clients chose of a file that was read; the rest is open again.
    pub(crate) fn only_chosen(kept: &Map<String, Json>) -> Self {
        let all = Self::kept(kept);
        let mut format = FileFormat { chosen: all.chosen.clone(), ..FileFormat::default() };
        for name in &all.chosen {
            if let Some(value) = kept.get(name) {
                let _ = format.set(name, value);
            }
        }
        format
    }
}
