//! Margin boxes of pages, and what is painted behind their content. They are laid out as one document in which
//! the pages lie one below the other.

use std::fmt::Write as _;

use blitz_dom::FontContext;

use crate::Fault;
use crate::css::PageStyle;
use crate::css::content::{Piece, format_counter, parse_content};
use crate::document::{self, Laid};
use crate::files::Files;

/// What a page's margin boxes may show.
pub(crate) struct PageTexts {
    /// HTML of running elements by name.
    pub(crate) running: Vec<(String, String)>,
    /// Named strings.
    pub(crate) named: Vec<(String, String)>,
}

/// A page whose margins are to be filled.
pub(crate) struct Sheet<'a> {
    pub(crate) style: &'a PageStyle,
    pub(crate) texts: PageTexts,
}

/// A row or column of margin boxes: the names from start to end, and whether they lie side by side.
struct Edge {
    boxes: [&'static str; 3],
    is_row: bool,
}

const EDGES: [Edge; 4] = [
    Edge { boxes: ["top-left", "top-center", "top-right"], is_row: true },
    Edge { boxes: ["bottom-left", "bottom-center", "bottom-right"], is_row: true },
    Edge { boxes: ["left-top", "left-middle", "left-bottom"], is_row: false },
    Edge { boxes: ["right-top", "right-middle", "right-bottom"], is_row: false },
];

const CORNERS: [&str; 4] = ["top-left-corner", "top-right-corner", "bottom-right-corner", "bottom-left-corner"];

/// Properties of a margin box that are about its place, which is given here.
const PLACED: &[&str] = &["content", "vertical-align", "position", "display", "float"];

/// Whether a page has anything in its margins or behind its content.
pub(crate) fn has_margins(style: &PageStyle) -> bool {
    !style.painted.is_empty() || style.boxes.iter().any(|(_, declarations)| content_of(declarations).is_some())
}

/// Lays the margins of all pages out. The page at an index begins at the sum of the heights before it.
pub(crate) fn lay_out(sheets: &[Sheet], styles: &str, fonts: FontContext, files: &mut Files) -> Result<Laid, Fault> {
    let mut html = format!(
        "<!DOCTYPE html><html><head>{styles}<style>\
         html, body {{ margin: 0 !important; padding: 0 !important; border: 0 !important; background: none !important; \
         width: auto !important; height: auto !important; position: static !important; float: none !important }}\
         body {{ font: inherit !important; color: inherit !important; text-align: start !important }}\
         iw-page, iw-box, iw-area {{ display: block; box-sizing: border-box }}\
         iw-page, iw-area {{ position: absolute }} iw-box {{ display: flex; flex-direction: column; min-width: 0 }}\
         iw-text {{ display: block; white-space: pre-wrap }}</style></head><body>"
    );
    let mut top = 0.0;
    let (mut width, mut height) = (0.0f32, 0.0f32);
    for (index, sheet) in sheets.iter().enumerate() {
        write_page(&mut html, sheet, top, (index + 1, sheets.len()));
        top += sheet.style.height;
        width = width.max(sheet.style.width);
        height = height.max(sheet.style.height);
    }
    html.push_str("</body></html>");
    document::parse(&html, fonts, files)?.lay_out(width, height, &|_| width, files)
}

fn write_page(html: &mut String, sheet: &Sheet, top: f32, number: (usize, usize)) {
    let style = sheet.style;
    let _ = write!(
        html,
        "<iw-page style=\"left:0;top:{top}px;width:{}px;height:{}px;overflow:hidden;",
        style.width, style.height
    );
    write_declarations(html, style.inherited.iter());
    html.push_str("\">");
    let [margin_top, margin_right, margin_bottom, margin_left] = style.margin;
    let inner_width = style.width - margin_left - margin_right;
    let inner_height = style.height - margin_top - margin_bottom;
    if !style.painted.is_empty() {
        area(html, [margin_left, margin_top, inner_width, inner_height], "");
        html.truncate(html.len() - 2);
        write_declarations(html, style.painted.iter());
        html.push_str("\"></iw-area>");
    }
    let bottom = style.height - margin_bottom;
    let right = style.width - margin_right;
    let areas = [
        [margin_left, 0.0, inner_width, margin_top],
        [margin_left, bottom, inner_width, margin_bottom],
        [0.0, margin_top, margin_left, inner_height],
        [right, margin_top, margin_right, inner_height],
    ];
    for (edge, place) in EDGES.iter().zip(areas) {
        write_edge(html, sheet, edge, place, number);
    }
    let corners = [
        [0.0, 0.0, margin_left, margin_top],
        [right, 0.0, margin_right, margin_top],
        [right, bottom, margin_right, margin_bottom],
        [0.0, bottom, margin_left, margin_bottom],
    ];
    for (name, place) in CORNERS.iter().zip(corners) {
        if let Some(text) = box_html(sheet, name, "flex:1;", number) {
            area(html, place, "display:flex;");
            html.push_str(&text);
            html.push_str("</iw-area>");
        }
    }
    html.push_str("</iw-page>");
}

/// Opens an element at a place: left, top, width, height.
fn area(html: &mut String, [left, top, width, height]: [f32; 4], more: &str) {
    let _ = write!(html, "<iw-area style=\"left:{left}px;top:{top}px;width:{width}px;height:{height}px;{more}\">");
}

/// The boxes of an edge: the middle one in the middle, whatever the others need.
fn write_edge(html: &mut String, sheet: &Sheet, edge: &Edge, place: [f32; 4], number: (usize, usize)) {
    let has = |name: &str| find_box(sheet.style, name).is_some_and(|declarations| content_of(declarations).is_some());
    let present = edge.boxes.map(has);
    if present == [false; 3] {
        return;
    }
    let axis = if edge.is_row { "row" } else { "column" };
    area(html, place, &format!("display:flex;flex-direction:{axis};"));
    let side_grows = if present[1] { "flex:1 1 0;" } else { "flex:1 1 auto;" };
    for (at, name) in edge.boxes.iter().enumerate() {
        let grows = if at == 1 { "flex:0 1 auto;" } else { side_grows };
        match box_html(sheet, name, grows, number) {
            Some(text) => html.push_str(&text),
            // An empty box on one side keeps the middle box in the middle.
            None if present[1] && at != 1 => {
                let _ = write!(html, "<iw-box style=\"{side_grows}\"></iw-box>");
            }
            None => {}
        }
    }
    html.push_str("</iw-area>");
}

fn find_box<'a>(style: &'a PageStyle, name: &str) -> Option<&'a [(String, String)]> {
    style.boxes.iter().find(|(known, _)| known == name).map(|(_, declarations)| declarations.as_slice())
}

fn value<'a>(declarations: &'a [(String, String)], name: &str) -> Option<&'a str> {
    declarations.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn content_of(declarations: &[(String, String)]) -> Option<Vec<Piece>> {
    parse_content(value(declarations, "content")?)
}

/// A margin box as HTML. None where it has no content.
fn box_html(sheet: &Sheet, name: &str, place: &str, number: (usize, usize)) -> Option<String> {
    let declarations = find_box(sheet.style, name)?;
    let pieces = content_of(declarations)?;
    let (align, default_vertical) = match name {
        "top-left" | "bottom-left" | "top-right-corner" | "bottom-right-corner" => ("left", "middle"),
        "top-right" | "bottom-right" | "top-left-corner" | "bottom-left-corner" => ("right", "middle"),
        "left-top" | "right-top" => ("center", "top"),
        "left-bottom" | "right-bottom" => ("center", "bottom"),
        _ => ("center", "middle"),
    };
    let justify = match value(declarations, "vertical-align").unwrap_or(default_vertical) {
        "top" => "flex-start",
        "bottom" => "flex-end",
        _ => "center",
    };
    let mut html = format!("<iw-box style=\"{place}justify-content:{justify};text-align:{align};");
    let fixed = if name.starts_with("left") || name.starts_with("right") { "height" } else { "width" };
    if value(declarations, fixed).is_some() && !name.ends_with("corner") {
        html.push_str("flex:none;");
    }
    write_declarations(&mut html, declarations.iter().filter(|(name, _)| !PLACED.contains(&name.as_str())));
    html.push_str("\"><iw-text>");
    for piece in pieces {
        let find = |list: &[(String, String)], wanted: &str| {
            list.iter().find(|(name, _)| name == wanted).map(|(_, text)| text.clone()).unwrap_or_default()
        };
        match piece {
            Piece::Text(text) => escape(&mut html, &text),
            Piece::Page(style) => escape(&mut html, &format_counter(number.0, &style)),
            Piece::Pages(style) => escape(&mut html, &format_counter(number.1, &style)),
            Piece::Named(name) => escape(&mut html, &find(&sheet.texts.named, &name.to_ascii_lowercase())),
            Piece::Element(name) => {
                let element = find(&sheet.texts.running, &name.to_ascii_lowercase());
                let _ = write!(html, "</iw-text>{element}<iw-text>");
            }
            Piece::Picture(address) => {
                html.push_str("<img src=\"");
                escape(&mut html, &address);
                html.push_str("\">");
            }
        }
    }
    html.push_str("</iw-text></iw-box>");
    Some(html)
}

/// Declarations for a `style` attribute.
pub(crate) fn write_declarations<'a>(html: &mut String, declarations: impl Iterator<Item = &'a (String, String)>) {
    for (name, value) in declarations {
        escape(html, name);
        html.push(':');
        escape(html, value);
        html.push(';');
    }
}

/// Text for HTML, in and out of attributes.
pub(crate) fn escape(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            c => html.push(c),
        }
    }
}
