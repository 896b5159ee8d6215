//! Markdown as HTML: headings, lists, emphasis, code, quotes, links, rules, and paragraphs. HTML in it is escaped.

use crate::html::escape;

/// How deep lists and quotes nest at the most.
const DEEPEST: usize = 8;

/// A text in Markdown as HTML.
pub(super) fn to_html(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::new();
    blocks(&lines, 0, &mut out);
    out
}

/// What a line begins with, of what begins a block of its own.
fn is_block(line: &str) -> bool {
    let trimmed = line.trim_start();
    trimmed.is_empty()
        || heading(trimmed).is_some()
        || trimmed.starts_with("```")
        || trimmed.starts_with('>')
        || item(line).is_some()
        || is_rule(trimmed)
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|b| *b == b'#').count();
    let rest = line.get(level..)?;
    ((1..=6).contains(&level) && (rest.is_empty() || rest.starts_with(' ')))
        .then(|| (level, rest.trim().trim_end_matches('#').trim_end()))
}

fn is_rule(line: &str) -> bool {
    let signs: Vec<char> = line.chars().filter(|c| !c.is_whitespace()).collect();
    signs.len() >= 3 && matches!(signs[0], '-' | '*' | '_') && signs.iter().all(|c| *c == signs[0])
}

/// The indent of a list's item, whether it is numbered, and its text.
fn item(line: &str) -> Option<(usize, bool, &str)> {
    let indent = line.len() - line.trim_start().len();
    let rest = line.trim_start();
    if is_rule(rest) {
        return None;
    }
    if let Some(text) = rest.strip_prefix("- ").or_else(|| rest.strip_prefix("* ")).or_else(|| rest.strip_prefix("+ "))
    {
        return Some((indent, false, text));
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let text = rest.get(digits..)?.strip_prefix(". ")?;
    ((1..=9).contains(&digits)).then_some((indent, true, text))
}

fn blocks(lines: &[&str], depth: usize, out: &mut String) {
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        let trimmed = line.trim_start();
        if trimmed.is_empty() {
            at += 1;
        } else if let Some((level, text)) = heading(trimmed) {
            out.push_str(&format!("<h{level}>{}</h{level}>\n", inline(text)));
            at += 1;
        } else if trimmed.starts_with("```") {
            let end = lines[at + 1..]
                .iter()
                .position(|l| l.trim_start().starts_with("```"))
                .map_or(lines.len(), |n| at + 1 + n);
            out.push_str(&format!("<pre><code>{}</code></pre>\n", escape(&lines[at + 1..end].join("\n"))));
            at = end + 1;
        } else if is_rule(trimmed) {
            out.push_str("<hr>\n");
            at += 1;
        } else if trimmed.starts_with('>') && depth < DEEPEST {
            let end = lines[at..].iter().position(|l| !l.trim_start().starts_with('>')).map_or(lines.len(), |n| at + n);
            let inner: Vec<&str> = lines[at..end]
                .iter()
                .map(|l| l.trim_start().trim_start_matches('>'))
                .map(|l| l.strip_prefix(' ').unwrap_or(l))
                .collect();
            out.push_str("<blockquote>\n");
            blocks(&inner, depth + 1, out);
            out.push_str("</blockquote>\n");
            at = end;
        } else if let Some((indent, numbered, _)) = item(line).filter(|_| depth < DEEPEST) {
            at = list(lines, at, indent, numbered, depth, out);
        } else {
            // a paragraph has at least its first line, whatever that begins with
            let more = lines[at + 1..].iter().position(|l| is_block(l)).map_or(lines.len(), |n| at + 1 + n);
            let text: Vec<String> = lines[at..more]
                .iter()
                .map(|l| if l.ends_with("  ") { format!("{}<br>", inline(l.trim())) } else { inline(l.trim()) })
                .collect();
            out.push_str(&format!("<p>{}</p>\n", text.join("\n")));
            at = more;
        }
    }
}

/// A list that begins at a line; gives the line behind it.
fn list(lines: &[&str], mut at: usize, indent: usize, numbered: bool, depth: usize, out: &mut String) -> usize {
    let name = if numbered { "ol" } else { "ul" };
    out.push_str(&format!("<{name}>\n"));
    while let Some((own, kind, text)) = lines.get(at).and_then(|line| item(line)) {
        if own < indent || (own == indent && kind != numbered) {
            break;
        }
        let mut inner = vec![text];
        at += 1;
        while let Some(line) = lines.get(at) {
            let deeper = line.len() - line.trim_start().len() > indent;
            if line.trim().is_empty() || !deeper {
                break;
            }
            inner.push(line);
            at += 1;
        }
        out.push_str("<li>");
        let rest: Vec<&str> = inner[1..].to_vec();
        out.push_str(&inline(inner[0]));
        if !rest.is_empty() {
            out.push('\n');
            blocks(&rest, depth + 1, out);
        }
        out.push_str("</li>\n");
    }
    out.push_str(&format!("</{name}>\n"));
    at
}

/// Emphasis, code, and links of a line.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let done = match first {
            '`' => between(rest, "`").map(|(inner, after)| (format!("<code>{}</code>", escape(inner)), after)),
            '*' | '_' => emphasis(rest, first),
            '[' => link(rest),
            '\\' => rest[1..]
                .chars()
                .next()
                .filter(char::is_ascii_punctuation)
                .map(|c| (escape(c.encode_utf8(&mut [0; 4])), &rest[1 + c.len_utf8()..])),
            _ => None,
        };
        match done {
            Some((html, after)) => {
                out.push_str(&html);
                rest = after;
            }
            None => {
                out.push_str(&escape(first.encode_utf8(&mut [0; 4])));
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    out
}

/// What stands between a mark at the beginning and the next one, and what follows.
fn between<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let inner = text.strip_prefix(mark)?;
    let end = inner.find(mark).filter(|end| *end > 0)?;
    Some((&inner[..end], &inner[end + mark.len()..]))
}

fn emphasis(text: &str, mark: char) -> Option<(String, &str)> {
    let (double, single) = (mark.to_string().repeat(2), mark.to_string());
    let (found, name) = match between(text, &double) {
        Some(found) => (found, "strong"),
        None => (between(text, &single)?, "em"),
    };
    let (inner, after) = found;
    let is_tight = !inner.starts_with(char::is_whitespace) && !inner.ends_with(char::is_whitespace);
    // inner marks are of the other kind, so this ends
    is_tight.then(|| (format!("<{name}>{}</{name}>", inline(inner)), after))
}

fn link(text: &str) -> Option<(String, &str)> {
    let (label, after) = text.strip_prefix('[')?.split_once("](")?;
    let (address, after) = after.split_once(')')?;
    let is_plain = ["http://", "https://", "mailto:", "/"].iter().any(|head| address.starts_with(head));
    let label = if label.contains('[') { escape(label) } else { inline(label) };
    let html = if is_plain { format!("<a href=\"{}\">{label}</a>", escape(address)) } else { label };
    Some((html, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html_and_html_stays_text() {
        let text = "# Notes #\n\nUse **flux** and `a<b`,\nsee [here](https://x.example/?a=1&b=2).\n\n- one\n- two\n  1. deep\n\n> said\n\n---\n```\n<b>\n```\n<script>";
        assert_eq!(
            to_html(text),
            "<h1>Notes</h1>\n<p>Use <strong>flux</strong> and <code>a&lt;b</code>,\nsee \
             <a href=\"https://x.example/?a=1&amp;b=2\">here</a>.</p>\n<ul>\n<li>one</li>\n<li>two\n<ol>\n<li>deep</li>\n\
             </ol>\n</li>\n</ul>\n<blockquote>\n<p>said</p>\n</blockquote>\n<hr>\n<pre><code>&lt;b&gt;</code></pre>\n\
             <p>&lt;script&gt;</p>\n"
        );
        assert_eq!(to_html("[x](javascript:alert(1))"), "<p>x)</p>\n");
        for odd in
            ["*", "**", "[", "[a](", "`", "#", "1. ", "- ", "> ", ">>>>>>>>>>>>> x", "\\", "* *", "_a _", "```", "é*ü*"]
        {
            to_html(odd);
        }
    }
}
