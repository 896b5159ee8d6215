//! Sheets of labels: several labels beside each other on a page.

use ironwood_base::{Error, Result};
use serde_json::{Value as Json, json};

use super::render::paper;
use crate::platform::layout_engine::PageSize;

/// Most places on a sheet that may be left free.
pub(crate) const MOST_SKIPPED: i64 = 500;
/// Most rows or columns of labels on a sheet.
pub(crate) const MOST_ROWS: i64 = 100;
/// Widest margin or gap, in millimeters.
pub(crate) const WIDEST: i64 = 200;

/// How labels lie on a sheet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layout {
    pub page_size: String,
    pub landscape: bool,
    /// Around the sheet, in millimeters.
    pub margin: i64,
    /// Between labels, in millimeters.
    pub gap: i64,
    /// Labels beside each other; 0: as many as fit.
    pub columns: i64,
    /// Labels below each other; 0: as many as fit.
    pub rows: i64,
    /// Places at the beginning that are left free.
    pub skip: i64,
    /// Whether a line is drawn around each label.
    pub border: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Layout {
            page_size: "A4".into(),
            landscape: false,
            margin: 10,
            gap: 0,
            columns: 0,
            rows: 0,
            skip: 0,
            border: false,
        }
    }
}

impl Layout {
    /// The layout as JSON, for a job.
    pub(crate) fn json(&self) -> Json {
        json!({
            "page_size": self.page_size, "landscape": self.landscape, "margin": self.margin, "gap": self.gap,
            "columns": self.columns, "rows": self.rows, "skip": self.skip, "border": self.border,
        })
    }

    /// A layout from JSON.
    pub(crate) fn of_json(json: &Json) -> Self {
        let number = |name: &str| json[name].as_i64().unwrap_or(0);
        let flag = |name: &str| json[name].as_bool().unwrap_or(false);
        Layout {
            page_size: json["page_size"].as_str().unwrap_or("A4").to_owned(),
            landscape: flag("landscape"),
            margin: number("margin"),
            gap: number("gap"),
            columns: number("columns"),
            rows: number("rows"),
            skip: number("skip"),
            border: flag("border"),
        }
    }

    /// The size of the sheet.
    pub(crate) fn page(&self) -> PageSize {
        let (width, height) = paper(&self.page_size);
        if self.landscape { PageSize { width: height, height: width } } else { PageSize { width, height } }
    }

    /// Columns and rows of labels of this size.
    ///
    /// # Errors
    /// 400 where not one fits, or fewer than asked for.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "labels on a sheet are few")]
    pub(crate) fn grid(&self, width: f64, height: f64) -> Result<(usize, usize)> {
        let page = self.page();
        let gap = self.gap as f64;
        let fit = |room: f32, length: f64| {
            // a hair of tolerance: 3 labels of 63.3 mm fit on 189.9 mm
            let room = f64::from(room) - 2.0 * self.margin as f64 + gap + 0.01;
            (room / (length + gap)).floor().clamp(0.0, MOST_ROWS as f64) as i64
        };
        let (columns, rows) = (fit(page.width, width), fit(page.height, height));
        if columns < 1 || rows < 1 {
            return Err(Error::field("page_size", "The label is too large for this sheet."));
        }
        let chosen = |wanted: i64, most: i64, name: &str| match wanted {
            0 => Ok(most),
            wanted if wanted <= most => Ok(wanted),
            _ => Err(Error::field(name, format!("At most {most} labels fit on the sheet."))),
        };
        let (columns, rows) = (chosen(self.columns, columns, "columns")?, chosen(self.rows, rows, "rows")?);
        Ok((usize::try_from(columns).unwrap_or(1), usize::try_from(rows).unwrap_or(1)))
    }

    /// One document with all labels, which are documents of this size.
    ///
    /// # Errors
    /// As [`Layout::grid`].
    #[expect(clippy::cast_precision_loss, reason = "labels on a sheet are few")]
    pub(crate) fn document(&self, labels: &[String], width: f64, height: f64) -> Result<String> {
        let (columns, rows) = self.grid(width, height)?;
        let page = self.page();
        let places = columns * rows;
        let (mut styles, mut bodies): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        for label in labels {
            let (own, body) = parts(label);
            for style in own {
                if !styles.contains(&style) {
                    styles.push(style);
                }
            }
            bodies.push(body);
        }
        let skipped = usize::try_from(self.skip).unwrap_or(0);
        let mut pages: Vec<String> = Vec::new();
        for (at, body) in bodies.iter().enumerate() {
            let place = at + skipped;
            while pages.len() <= place / places {
                pages.push(String::new());
            }
            let (row, column) = ((place % places) / columns, (place % places) % columns);
            let left = self.margin as f64 + column as f64 * (width + self.gap as f64);
            let top = self.margin as f64 + row as f64 * (height + self.gap as f64);
            let cell =
                format!("<div class=\"sheet-label\" style=\"left: {left:.2}mm; top: {top:.2}mm\">{body}</div>\n");
            if let Some(page) = pages.last_mut() {
                page.push_str(&cell);
            }
        }
        let (wide, high) = (page.width, page.height);
        let border = if self.border { "outline: 0.2mm solid #888;" } else { "" };
        let pages: String = pages.iter().map(|labels| format!("<div class=\"sheet\">\n{labels}</div>\n")).collect();
        Ok(format!(
            "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><style>\n{}\n</style><style>\n\
             @page {{ size: {wide}mm {high}mm; margin: 0; padding: 0; }}\n\
             html, body {{ margin: 0 !important; padding: 0 !important; width: auto; height: auto; }}\n\
             .sheet {{ position: relative; width: {wide}mm; height: {high}mm; overflow: hidden; break-after: page; }}\n\
             .sheet:last-child {{ break-after: auto; }}\n\
             .sheet-label {{ position: absolute; width: {width}mm; height: {height}mm; overflow: hidden; {border} }}\n\
             .sheet-label * {{ break-before: auto !important; break-after: auto !important; \
             page-break-before: auto !important; page-break-after: auto !important; }}\n\
             </style></head><body>\n{pages}</body></html>",
            styles.join("\n")
        ))
    }
}

/// The styles of a document, without rules for its pages, and what its body holds.
fn parts(document: &str) -> (Vec<String>, String) {
    let (mut styles, mut rest) = (Vec::new(), String::with_capacity(document.len()));
    let mut left = document;
    while let Some((start, after)) = find_tag(left, "<style") {
        rest.push_str(&left[..start]);
        let inner = &left[after..];
        let end = inner.to_ascii_lowercase().find("</style").unwrap_or(inner.len());
        styles.push(without_pages(&inner[..end]));
        let behind = &inner[end..];
        left = behind.find('>').map_or("", |at| &behind[at + 1..]);
    }
    rest.push_str(left);
    for name in ["<!doctype", "<html", "</html", "<head", "</head", "<body", "</body", "<meta", "<title"] {
        while let Some((start, after)) = find_tag(&rest, name) {
            rest.replace_range(start..after, "");
        }
    }
    (styles, rest.replace("</title>", ""))
}

/// Where a tag begins and where it ends.
fn find_tag(text: &str, name: &str) -> Option<(usize, usize)> {
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let start = from + lower[from..].find(name)?;
        let behind = lower.as_bytes().get(start + name.len()).copied().unwrap_or(b'>');
        if behind == b'>' || behind == b'/' || behind.is_ascii_whitespace() {
            let end = text[start..].find('>').map_or(text.len(), |at| start + at + 1);
            return Some((start, end));
        }
        from = start + name.len();
    }
}

/// A style sheet without its `@page` rules: the sheet has its own.
fn without_pages(style: &str) -> String {
    let mut out = String::with_capacity(style.len());
    let mut rest = style;
    while let Some(start) = rest.find("@page") {
        out.push_str(&rest[..start]);
        let mut depth = 0_usize;
        let mut end = rest.len();
        for (at, c) in rest[start..].char_indices() {
            match c {
                '{' => depth += 1,
                '}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        end = start + at + 1;
                        break;
                    }
                }
                _ => {}
            }
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_lie_in_rows_and_columns_behind_skipped_places() {
        let layout = Layout { skip: 1, ..Layout::default() };
        assert_eq!(layout.grid(62.0, 29.0).unwrap(), (3, 9));
        let label = "<head><style>@page { size: 62mm 29mm; @top { content: \"\" } } b { color: red }</style></head>\
                     <body><b>X</b></body>";
        let document = layout.document(&vec![label.to_owned(); 27], 62.0, 29.0).unwrap();
        assert_eq!(document.matches("class=\"sheet\"").count(), 2, "27 labels behind a free place take two sheets");
        assert_eq!(document.matches("class=\"sheet-label\"").count(), 27);
        assert_eq!(document.matches("color: red").count(), 1, "the same style stands there once");
        assert_eq!(document.matches("@page").count(), 1);
        assert!(document.contains("left: 72.00mm; top: 10.00mm"), "the first one lies in the second column");
        assert_eq!(document.matches("<body").count(), 1);
        for wrong in [
            Layout { margin: 150, ..Layout::default() },
            Layout { columns: 4, ..Layout::default() },
            Layout { rows: 10, ..Layout::default() },
        ] {
            assert!(wrong.grid(62.0, 29.0).is_err(), "{wrong:?}");
        }
    }
}
