//! `@page` rules, and the style of one page that follows from them.

use super::length::{PX_PER_MM, parse_length, parse_sides, split_values};
use super::scan::function_argument;

/// The margin of a page whose style sheets set none, as WeasyPrint has it.
const DEFAULT_MARGIN: f32 = 75.0;

/// Pages whose shorter side is less than this (in CSS pixels: 4 in) are labels and have no margin by default.
const LABEL_SIDE: f32 = 384.0;

/// Largest side of a page, in CSS pixels: 5 m.
const MAX_SIDE: f32 = 5000.0 * PX_PER_MM;

/// Smallest side of a page, in CSS pixels: 1 mm.
const MIN_SIDE: f32 = PX_PER_MM;

/// Names of paper sizes, with width and height in millimeters.
const PAPER: &[(&str, f32, f32)] = &[
    ("a0", 841.0, 1189.0),
    ("a1", 594.0, 841.0),
    ("a2", 420.0, 594.0),
    ("a3", 297.0, 420.0),
    ("a4", 210.0, 297.0),
    ("a5", 148.0, 210.0),
    ("a6", 105.0, 148.0),
    ("a7", 74.0, 105.0),
    ("a8", 52.0, 74.0),
    ("a9", 37.0, 52.0),
    ("a10", 26.0, 37.0),
    ("b3", 353.0, 500.0),
    ("b4", 250.0, 353.0),
    ("b5", 176.0, 250.0),
    ("b6", 125.0, 176.0),
    ("jis-b4", 257.0, 364.0),
    ("jis-b5", 182.0, 257.0),
    ("letter", 215.9, 279.4),
    ("legal", 215.9, 355.6),
    ("ledger", 279.4, 431.8),
    ("tabloid", 279.4, 431.8),
    ("executive", 184.15, 266.7),
];

/// Properties of `@page` that its margin boxes inherit.
const INHERITED: &[&str] = &[
    "color",
    "direction",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "letter-spacing",
    "line-height",
    "text-align",
    "text-transform",
    "white-space",
    "word-spacing",
];

/// Properties of `@page` that are painted behind the page's content.
const PAINTED: &[&str] = &["background", "border", "outline", "opacity"];

/// What a selector asks of a page beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pseudo {
    First,
    Left,
    Right,
    Blank,
    /// Pages whose number is `a * n + b`.
    Nth(i64, i64),
}

impl Pseudo {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        Some(match text.as_str() {
            "first" => Pseudo::First,
            "left" => Pseudo::Left,
            "right" => Pseudo::Right,
            "blank" => Pseudo::Blank,
            _ => {
                let (a, b) = parse_nth(function_argument(&text, "nth")?)?;
                Pseudo::Nth(a, b)
            }
        })
    }

    /// Whether it is for a page.
    fn fits(self, page: PageKind) -> bool {
        let is_right = page.index.is_multiple_of(2);
        match self {
            Pseudo::First => page.index == 0,
            Pseudo::Blank => page.is_blank,
            Pseudo::Left => !is_right,
            Pseudo::Right => is_right,
            Pseudo::Nth(a, b) => {
                let over = page.index as i64 + 1 - b;
                if a == 0 { over == 0 } else { over % a == 0 && over / a >= 0 }
            }
        }
    }

    fn specificity(self) -> u32 {
        if matches!(self, Pseudo::Left | Pseudo::Right) { 1 } else { 10 }
    }
}

/// Reads `2n+1`, `even` and the like.
fn parse_nth(text: &str) -> Option<(i64, i64)> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    match text.as_str() {
        "even" => return Some((2, 0)),
        "odd" => return Some((2, 1)),
        _ => {}
    }
    let number = |text: &str| text.parse::<i32>().ok().map(i64::from);
    let Some((a, b)) = text.split_once('n') else { return Some((0, number(&text)?)) };
    let a = match a {
        "" | "+" => 1,
        "-" => -1,
        a => number(a)?,
    };
    Some((a, if b.is_empty() { 0 } else { number(b)? }))
}

/// A selector of an `@page` rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Selector {
    /// The name of the pages (`page`), empty for all.
    name: String,
    pseudos: Vec<Pseudo>,
}

impl Selector {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let name = parts.next().unwrap_or_default().trim().to_owned();
        Some(Self { name, pseudos: parts.map(Pseudo::read).collect::<Option<_>>()? })
    }

    /// How specific it is for a page. None where it is not for that page.
    fn specificity(&self, page: PageKind) -> Option<u32> {
        let is_named = !self.name.is_empty();
        if (is_named && self.name != page.name) || !self.pseudos.iter().all(|pseudo| pseudo.fits(page)) {
            return None;
        }
        Some(self.pseudos.iter().map(|pseudo| pseudo.specificity()).sum::<u32>() + if is_named { 100 } else { 0 })
    }
}

/// An `@page` rule.
#[derive(Debug, Clone)]
pub(crate) struct PageRule {
    /// Empty where none can be read, so that the rule never applies.
    selectors: Vec<Selector>,
    pub(crate) declarations: Vec<(String, String)>,
    /// Margin boxes by name, such as `top-left`.
    pub(crate) boxes: Vec<(String, Vec<(String, String)>)>,
}

impl PageRule {
    pub(crate) fn new(selector: &str) -> Self {
        let selectors = selector.split(',').filter_map(Selector::read).collect();
        Self { selectors, declarations: Vec::new(), boxes: Vec::new() }
    }

    /// How specific the rule is for a page. None where it is not for that page.
    fn specificity(&self, page: PageKind) -> Option<u32> {
        self.selectors.iter().filter_map(|selector| selector.specificity(page)).max()
    }
}

/// What tells a page from another, for the selectors of `@page`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageKind<'a> {
    /// Counted from 0: the first one is a right page.
    pub(crate) index: usize,
    pub(crate) is_blank: bool,
    /// The name that style sheets gave it, or nothing.
    pub(crate) name: &'a str,
}

/// The style of a page. Lengths are in CSS pixels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PageStyle {
    pub(crate) width: f32,
    pub(crate) height: f32,
    /// Top, right, bottom, left.
    pub(crate) margin: [f32; 4],
    /// Where the document's content goes: x, y, width, height.
    pub(crate) content: [f32; 4],
    /// Declarations that margin boxes inherit.
    pub(crate) inherited: Vec<(String, String)>,
    /// Declarations that are painted behind the content: background and border.
    pub(crate) painted: Vec<(String, String)>,
    /// Margin boxes by name, each property once.
    pub(crate) boxes: Vec<(String, Vec<(String, String)>)>,
}

impl PageStyle {
    /// The style of a page under the rules of a document. `fallback` is the size in CSS pixels where no rule sets one.
    pub(crate) fn resolve(rules: &[PageRule], page: PageKind, fallback: (f32, f32)) -> Self {
        let mut applied: Vec<(u32, &PageRule)> =
            rules.iter().filter_map(|rule| Some((rule.specificity(page)?, rule))).collect();
        applied.sort_by_key(|(specificity, _)| *specificity);
        let declarations = cascade(applied.iter().flat_map(|(_, rule)| &rule.declarations));
        let mut boxes: Vec<(String, Vec<(String, String)>)> = Vec::new();
        for (_, rule) in &applied {
            for (name, added) in &rule.boxes {
                match boxes.iter_mut().find(|(known, _)| known == name) {
                    Some((_, present)) => *present = cascade(present.iter().chain(added)),
                    None => boxes.push((name.clone(), cascade(added.iter()))),
                }
            }
        }
        let (width, height) = size_of(&declarations, fallback);
        let default = if width.min(height) < LABEL_SIDE { 0.0 } else { DEFAULT_MARGIN };
        let margin = sides(&declarations, "margin", "", [width, height], default);
        let padding = sides(&declarations, "padding", "", [width, height], 0.0);
        let border = sides(&declarations, "border", "-width", [width, height], 0.0);
        let find = |name: &str, base| last(&declarations, name).and_then(|value| parse_length(value, base));
        let inset = |side: usize| margin[side] + border[side] + padding[side];
        let content_width = find("width", width).unwrap_or(width - inset(3) - inset(1));
        let content_height = find("height", height).unwrap_or(height - inset(0) - inset(2));
        let pick = |wanted: &[&str]| {
            let is_wanted = |name: &str| wanted.contains(&name);
            declarations.iter().filter(|(name, _)| is_wanted(name)).cloned().collect::<Vec<_>>()
        };
        let painted = declarations
            .iter()
            .filter(|(name, _)| {
                PAINTED.iter().any(|painted| name == painted || name.starts_with(&format!("{painted}-")))
            })
            .cloned()
            .collect();
        Self {
            width,
            height,
            margin,
            content: [inset(3), inset(0), content_width.max(1.0), content_height.max(1.0)],
            inherited: pick(INHERITED),
            painted,
            boxes,
        }
    }
}

/// Each property once, with the value that was declared last, or last with `!important`.
fn cascade<'a>(declarations: impl Iterator<Item = &'a (String, String)>) -> Vec<(String, String)> {
    let mut values: Vec<(String, String, bool)> = Vec::new();
    for (name, value) in declarations {
        let (value, important) = match value.rsplit_once('!') {
            Some((value, word)) if word.trim().eq_ignore_ascii_case("important") => (value.trim(), true),
            _ => (value.as_str(), false),
        };
        match values.iter().position(|(known, _, _)| known == name) {
            Some(at) if values[at].2 && !important => {}
            found => {
                // A shorthand after its longhand counts, hence the order of the last declarations.
                if let Some(at) = found {
                    values.remove(at);
                }
                values.push((name.clone(), value.to_owned(), important));
            }
        }
    }
    values.into_iter().map(|(name, value, _)| (name, value)).collect()
}

fn last<'a>(declarations: &'a [(String, String)], name: &str) -> Option<&'a str> {
    declarations.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// The size of the page: of `size`, else the fallback.
fn size_of(declarations: &[(String, String)], fallback: (f32, f32)) -> (f32, f32) {
    let (mut width, mut height) = fallback;
    let mut lengths = Vec::new();
    let mut landscape = None;
    for word in last(declarations, "size").unwrap_or_default().split_whitespace() {
        let word = word.to_ascii_lowercase();
        if word == "landscape" || word == "portrait" {
            landscape = Some(word == "landscape");
        } else if let Some((_, w, h)) = PAPER.iter().find(|(name, _, _)| *name == word) {
            lengths = vec![w * PX_PER_MM, h * PX_PER_MM];
        } else if let Some(length) = parse_length(&word, 0.0).filter(|length| *length > 0.0) {
            lengths.push(length);
        }
    }
    match lengths[..] {
        [side] => (width, height) = (side, side),
        [w, h, ..] => (width, height) = (w, h),
        [] => {}
    }
    if landscape.is_some_and(|landscape| landscape != (width > height)) {
        (width, height) = (height, width);
    }
    (width.clamp(MIN_SIDE, MAX_SIDE), height.clamp(MIN_SIDE, MAX_SIDE))
}

/// The lengths of a property with four sides, in the order in which shorthand and sides were declared.
fn sides(declarations: &[(String, String)], name: &str, suffix: &str, size: [f32; 2], default: f32) -> [f32; 4] {
    const SIDES: [&str; 4] = ["top", "right", "bottom", "left"];
    let mut lengths = [default; 4];
    for (declared, value) in declarations {
        if *declared == format!("{name}{suffix}") || (name == "border" && declared == "border") {
            if let Some(values) = border_or_sides(name, value, size[0]) {
                lengths = values.map(|value| value.unwrap_or(0.0));
                // Percentages of vertical margins of a page are of its height.
                if let Some(vertical) = border_or_sides(name, value, size[1]) {
                    lengths[0] = vertical[0].unwrap_or(0.0);
                    lengths[2] = vertical[2].unwrap_or(0.0);
                }
            }
            continue;
        }
        for (side, side_name) in SIDES.iter().enumerate() {
            let is_side = *declared == format!("{name}-{side_name}{suffix}")
                || (name == "border" && *declared == format!("border-{side_name}"));
            if is_side && let Some(values) = border_or_sides(name, value, size[(side + 1) % 2]) {
                lengths[side] = values[side].unwrap_or(0.0);
            }
        }
    }
    lengths
}

/// Lengths of sides; of a border, the one length among width, style and color.
fn border_or_sides(name: &str, value: &str, base: f32) -> Option<[Option<f32>; 4]> {
    if name != "border" {
        return parse_sides(value, base);
    }
    let words = split_values(value);
    if words.iter().any(|word| matches!(*word, "none" | "hidden")) {
        return Some([Some(0.0); 4]);
    }
    let named = |word: &str| match word {
        "thin" => Some(1.0),
        "medium" => Some(3.0),
        "thick" => Some(5.0),
        word => parse_length(word, base),
    };
    words.iter().find_map(|word| named(word)).map(|width| [Some(width); 4])
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // whole numbers
mod tests {
    use super::super::scan::read_sheet;
    use super::*;

    fn named(css: &str, index: usize, name: &str) -> PageStyle {
        let label = (50.0 * PX_PER_MM, 25.0 * PX_PER_MM);
        PageStyle::resolve(&read_sheet(css).pages, PageKind { index, is_blank: false, name }, label)
    }

    fn style(css: &str, index: usize) -> PageStyle {
        named(css, index, "")
    }

    fn near(found: f32, millimeters: f32) {
        assert!((found - millimeters * PX_PER_MM).abs() < 0.05, "{} mm", found / PX_PER_MM);
    }

    #[test]
    fn sizes_are_named_or_measured() {
        for (css, width, height) in [
            ("@page { size: A4 }", 210.0, 297.0),
            ("@page { size: landscape letter }", 279.4, 215.9),
            ("@page { size: 62mm 29mm }", 62.0, 29.0),
            ("@page { size: 3cm }", 30.0, 30.0),
            ("@page { size: portrait }", 25.0, 50.0),
            ("@page { size: nonsense }", 50.0, 25.0),
            ("", 50.0, 25.0),
        ] {
            let page = style(css, 0);
            near(page.width, width);
            near(page.height, height);
        }
    }

    #[test]
    fn a_page_without_size_keeps_the_size_of_the_label() {
        let page = style("@page { width: 45mm; height: 20mm; padding: 1mm }", 0);
        near(page.width, 50.0);
        near(page.content[0], 1.0);
        near(page.content[2], 45.0);
        near(page.content[3], 20.0);
    }

    #[test]
    fn margins_follow_selectors_and_order() {
        let css = "@page :first { margin-top: 30mm } @page { size: A4; margin: 10mm 20mm; margin-left: 5mm } \
                   @page :left { margin: 1mm !important } @page chapter { margin: 0 }";
        let first = style(css, 0);
        near(first.margin[0], 30.0);
        near(first.margin[1], 20.0);
        near(first.margin[3], 5.0);
        near(style(css, 1).margin[3], 1.0);
        near(style(css, 2).margin[0], 10.0);
        assert_eq!(style("@page { size: A4 }", 0).margin[0], DEFAULT_MARGIN);
        assert_eq!(style("@page { margin: 0; border: 2px solid red }", 0).content[0], 2.0);
    }

    #[test]
    fn pages_have_names_and_numbers() {
        let css = "@page { margin: 1mm } @page wide { margin: 2mm } @page wide:first, other { margin: 3mm } \
                   @page :nth(3n + 2) { margin-top: 4mm } @page :nth(even of wide), :what { margin: 9mm } \
                   @page :nth(4) { margin-left: 5mm } @page :nth(-n+2) { margin-right: 6mm }";
        let margins = |index, name| named(css, index, name).margin;
        near(margins(0, "wide")[2], 3.0);
        near(margins(2, "wide")[2], 2.0);
        near(margins(0, "other")[2], 3.0);
        near(margins(2, "")[2], 1.0);
        for (index, top, left, right) in
            [(0, 1.0, 1.0, 6.0), (1, 4.0, 1.0, 6.0), (3, 1.0, 5.0, 1.0), (4, 4.0, 1.0, 1.0)]
        {
            let margin = margins(index, "");
            near(margin[0], top);
            near(margin[3], left);
            near(margin[1], right);
        }
    }

    #[test]
    fn margin_boxes_are_merged() {
        let css = "@page { @top-left { content: 'a'; color: red } } @page :first { @top-left { content: none } }";
        let first = style(css, 0);
        assert_eq!(first.boxes[0].1, [("color".into(), "red".into()), ("content".into(), "none".into())]);
        assert_eq!(style(css, 1).boxes[0].1[0].1, "'a'");
    }
}
