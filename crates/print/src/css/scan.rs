//! Reading a style sheet once, to find what the layout engine does not know: `@page` rules, and
//! properties about pages, which are handed on as custom properties.

use super::page::PageRule;

/// Deeper nesting of blocks than this is not read.
const MAX_DEPTH: usize = 64;

/// The prefix of the custom properties that carry properties about pages.
pub(crate) const PREFIX: &str = "--iw-";

/// What takes a running element out of the flow. In margin boxes it is left out of style sheets.
pub(crate) const HIDDEN: &str = "display: none !important; --iw-hidden: 1";

/// The usual height of lines of the bundled fonts, of their size.
pub(crate) const LINE_HEIGHT: f32 = 1.117;

/// Properties that the layout engine drops, under the name that they are carried by.
const CARRIED: &[(&str, &str)] = &[
    ("break-before", "break-before"),
    ("break-after", "break-after"),
    ("break-inside", "break-inside"),
    ("page-break-before", "break-before"),
    ("page-break-after", "break-after"),
    ("page-break-inside", "break-inside"),
    ("orphans", "orphans"),
    ("widows", "widows"),
    ("string-set", "string-set"),
    ("bookmark-level", "bookmark-level"),
    ("page", "page"),
];

/// The names of the custom properties, without their prefix. `true` where children take the value of their parent.
pub(crate) const PROPERTIES: &[(&str, bool)] = &[
    ("break-before", false),
    ("break-after", false),
    ("break-inside", false),
    ("orphans", true),
    ("widows", true),
    ("string-set", false),
    ("bookmark-level", false),
    ("running", false),
    ("footnote", false),
    ("page", true),
];

/// A style sheet that the layout engine reads, and what it says of pages.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    pub(crate) css: String,
    pub(crate) pages: Vec<PageRule>,
    /// Whether any property about pages occurs.
    pub(crate) carries: bool,
    /// Whether other declarations were changed.
    pub(crate) is_changed: bool,
}

/// Reads a style sheet.
pub(crate) fn read_sheet(text: &str) -> Sheet {
    let text = without_comments(text);
    let mut reader = Reader { text: &text, at: 0, sheet: Sheet::default() };
    reader.read(true);
    reader.sheet
}

/// Reads the value of a `style` attribute. None where it can stay as it is.
pub(crate) fn read_style_attribute(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let lower: String = lower.split_whitespace().collect();
    let concerns = [
        "break",
        "orphans",
        "widows",
        "running(",
        "string-set",
        "bookmark",
        "page",
        "footnote",
        "font:",
        "font-size:",
        "font-family:",
        "line-height",
    ];
    if !concerns.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let text = without_comments(text);
    let mut reader = Reader { text: &text, at: 0, sheet: Sheet::default() };
    reader.read(false);
    (reader.sheet.carries || reader.sheet.is_changed).then_some(reader.sheet.css)
}

/// The text without its comments, each of which becomes a space.
fn without_comments(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let (mut at, mut kept) = (0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' | b'\'' => at = end_of_string(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                out.push_str(&text[kept..at]);
                out.push(' ');
                let end = text[at + 2..].find("*/").map_or(text.len(), |found| at + 2 + found + 2);
                at = end;
                kept = end;
            }
            _ => at += 1,
        }
    }
    out.push_str(&text[kept..]);
    out
}

/// The place after a string that begins at `at`. A line break ends it, as in CSS.
fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let quote = bytes[at];
    let mut at = at + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'\n' => return at,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    sheet: Sheet,
}

impl<'a> Reader<'a> {
    /// Reads rules, or declarations alone where `rules` is not set.
    fn read(&mut self, rules: bool) {
        let mut depth = usize::from(!rules);
        // Whether rules of this depth and deeper are for the screen only.
        let mut screen_from: Option<usize> = None;
        loop {
            let text = self.statement();
            let Some(&end) = self.text.as_bytes().get(self.at) else {
                self.declaration(text, depth);
                return;
            };
            self.at += 1;
            match end {
                b'{' => {
                    let prelude = text.trim();
                    if starts_with_word(prelude, "@page") && depth < MAX_DEPTH {
                        let rule = self.page_rule(prelude["@page".len()..].trim());
                        if screen_from.is_none() {
                            self.sheet.pages.push(rule);
                        }
                        continue;
                    }
                    depth += 1;
                    if starts_with_word(prelude, "@media") && screen_from.is_none() && is_for_screen(prelude) {
                        screen_from = Some(depth);
                    }
                    self.sheet.css.push_str(text);
                    self.sheet.css.push('{');
                }
                b'}' => {
                    self.declaration(text, depth);
                    self.sheet.css.push('}');
                    if screen_from == Some(depth) {
                        screen_from = None;
                    }
                    depth = depth.saturating_sub(1);
                }
                _ => {
                    self.declaration(text, depth);
                    self.sheet.css.push(';');
                }
            }
        }
    }

    /// The text up to the next `;`, `{` or `}` that stands outside of strings and parentheses.
    fn statement(&mut self) -> &'a str {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut parentheses = 0usize;
        while self.at < bytes.len() {
            match bytes[self.at] {
                b'"' | b'\'' => {
                    self.at = end_of_string(bytes, self.at).min(bytes.len());
                    continue;
                }
                b'\\' => self.at += 1,
                b'(' | b'[' => parentheses += 1,
                b')' | b']' => parentheses = parentheses.saturating_sub(1),
                b';' if parentheses == 0 => break,
                b'{' | b'}' => break,
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.at.min(bytes.len());
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    /// Writes a declaration, and beside it the custom property that carries what the layout engine drops.
    fn declaration(&mut self, text: &str, depth: usize) {
        if depth > 0
            && let Some((name, value)) = split_declaration(text)
        {
            if let Some((_, carried)) = CARRIED.iter().find(|(known, _)| *known == name) {
                self.sheet.carries = true;
                self.sheet.css.push_str(&format!("{PREFIX}{carried}: {value}"));
                return;
            }
            if name == "position"
                && let Some(running) = function_argument(value, "running")
            {
                self.sheet.carries = true;
                self.sheet.css.push_str(&format!("{PREFIX}running: {running}; {HIDDEN}"));
                return;
            }
            let plain = value.split('!').next().unwrap_or_default().trim();
            if name == "float" && plain.eq_ignore_ascii_case("footnote") {
                self.sheet.carries = true;
                self.sheet.css.push_str(&format!("{PREFIX}footnote: 1; {HIDDEN}"));
                return;
            }
            if let Some(line) = translate(&name, value) {
                self.sheet.is_changed = true;
                self.sheet.css.push_str(&line);
                return;
            }
        }
        self.sheet.css.push_str(text);
    }

    /// Reads the block of an `@page` rule, whose opening brace is behind us.
    fn page_rule(&mut self, selector: &str) -> PageRule {
        let mut rule = PageRule::new(selector);
        loop {
            let text = self.statement();
            let end = self.text.as_bytes().get(self.at).copied();
            self.at = (self.at + 1).min(self.text.len());
            match end {
                Some(b'{') => {
                    let name = text.trim().trim_start_matches('@').to_ascii_lowercase();
                    let declarations = self.declarations();
                    rule.boxes.push((name, declarations));
                }
                Some(b';') => rule.declarations.extend(split_declaration(text).map(owned)),
                Some(_) | None => {
                    rule.declarations.extend(split_declaration(text).map(owned));
                    return rule;
                }
            }
        }
    }

    /// Reads the declarations of a margin box, up to its closing brace.
    fn declarations(&mut self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut depth = 1;
        loop {
            let text = self.statement();
            let end = self.text.as_bytes().get(self.at).copied();
            self.at = (self.at + 1).min(self.text.len());
            match end {
                Some(b'{') => depth += 1,
                Some(b';') if depth == 1 => found.extend(split_declaration(text).map(owned)),
                Some(b';') => {}
                Some(_) | None => {
                    if depth == 1 {
                        found.extend(split_declaration(text).map(owned));
                    }
                    depth -= 1;
                    if depth == 0 || end.is_none() {
                        return found;
                    }
                }
            }
        }
    }
}

/// Sizes of fonts by name, in CSS pixels. The layout engine has those of browsers for some of them.
const FONT_SIZES: &[(&str, &str)] = &[
    ("xx-small", "9.6px"),
    ("x-small", "12px"),
    ("small", "14.222px"),
    ("medium", "16px"),
    ("large", "19.2px"),
    ("x-large", "24px"),
    ("xx-large", "32px"),
    ("smaller", "0.8889em"),
];

/// A declaration that the layout engine would take otherwise than templates mean it, in other words: the usual height of
/// lines (see the base style sheet), sizes of fonts by name, and fonts of equal width, which it makes smaller. None for
/// other declarations.
fn translate(name: &str, value: &str) -> Option<String> {
    let (plain, important) = match value.rsplit_once('!') {
        Some((plain, word)) if word.trim().eq_ignore_ascii_case("important") => (plain.trim(), "!important"),
        _ => (value, ""),
    };
    let before = match name {
        "line-height" if plain.eq_ignore_ascii_case("normal") => String::new(),
        // With a size, and no height of lines behind it.
        "font" if plain.contains(|c: char| c.is_ascii_digit()) && !plain.contains('/') => format!("font: {value};"),
        "font-size" => {
            let (_, size) = FONT_SIZES.iter().find(|(known, _)| plain.eq_ignore_ascii_case(known))?;
            return Some(format!("font-size: {size}{important}"));
        }
        "font-family" if plain.eq_ignore_ascii_case("monospace") => {
            return Some(format!("font-family: \"Liberation Mono\"{important}"));
        }
        _ => return None,
    };
    Some(format!("{before}line-height: {LINE_HEIGHT}{important}"))
}

fn owned((name, value): (String, &str)) -> (String, String) {
    (name, value.to_owned())
}

/// Name in lower case and value of a declaration.
fn split_declaration(text: &str) -> Option<(String, &str)> {
    let (name, value) = text.split_once(':')?;
    let name = name.trim();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    is_name.then(|| (name.to_ascii_lowercase(), value.trim()))
}

/// What stands in the parentheses of the function `name`, where the value is such a call.
pub(crate) fn function_argument<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let value = value.trim();
    let head = value.get(..name.len())?;
    let rest = value[name.len()..].trim_start().strip_prefix('(')?;
    head.eq_ignore_ascii_case(name).then(|| rest.split(')').next().unwrap_or_default().trim())
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
        && !text[word.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
}

fn is_for_screen(prelude: &str) -> bool {
    let prelude = prelude.to_ascii_lowercase();
    (prelude.contains("screen") && !prelude.contains("print") && !prelude.contains("not "))
        || prelude.contains("not print")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_page_rules_with_their_boxes() {
        let sheet = read_sheet(
            "a{color:red} @page :first { size: A4; /* ; */ margin: 1cm 2cm; @top-left { content: \"a;}b\" } } \
             @media print { @page { margin: 0 } p { break-before: page } } @media screen { @page { margin: 9cm } }",
        );
        assert_eq!(sheet.pages.len(), 2);
        assert_eq!(sheet.pages[0].declarations[1], ("margin".to_owned(), "1cm 2cm".to_owned()));
        assert_eq!(sheet.pages[0].boxes[0].1[0].1, "\"a;}b\"");
        assert!(sheet.css.contains("--iw-break-before: page"));
        assert!(!sheet.css.contains("@page"));
    }

    #[test]
    fn carries_properties_of_style_attributes() {
        assert_eq!(read_style_attribute("color: red"), None);
        let style = read_style_attribute("color: red; PAGE-BREAK-AFTER: always !important").unwrap();
        assert_eq!(style, "color: red;--iw-break-after: always !important");
        assert!(read_style_attribute("position: running( head )").unwrap().contains("--iw-running: head;"));
    }

    #[test]
    fn usual_heights_of_lines_are_those_of_the_fonts() {
        let css = |text: &str| read_sheet(text).css;
        assert_eq!(css("a{font: bold 9px Arial}"), "a{font: bold 9px Arial;line-height: 1.117}");
        assert_eq!(css("a{line-height:NORMAL !important;}"), "a{line-height: 1.117!important;}");
        for same in ["a{font: 9px/2 Arial}", "a{font: inherit}", "a{line-height: 2}", "@font-face{font-family: a}"] {
            assert_eq!(css(same), same);
        }
        assert_eq!(read_style_attribute("font : 9px serif"), Some("font: 9px serif;line-height: 1.117".to_owned()));
        assert_eq!(read_style_attribute("font-size: 9px"), None);
        assert_eq!(css("a{font-size: X-Small !important}"), "a{font-size: 12px!important}");
        assert_eq!(css("a{font-family: monospace}"), "a{font-family: \"Liberation Mono\"}");
    }

    #[test]
    fn reads_whatever_is_sent() {
        for text in ["@page{", "@page", "a{b:\"", "}}}}", "@page{@x{y{z", "a{b:\\", "é{\\é", "@page{}}}{", "/*", "'"]
        {
            let _ = read_sheet(text);
            let _ = read_style_attribute(&format!("break-after:{text}"));
        }
    }
}
