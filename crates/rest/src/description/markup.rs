//! Markup in texts that clients send: texts are shown in browsers, by programs that may not be careful.

use pulldown_cmark::{Event, Options, Parser, Tag};

/// Whether a text has something in it that HTML takes for a tag, a comment or the like. `<` before
/// anything but a letter, `/`, `!` or `?` is just a sign (`a < b`, `<3`).
pub fn has_tags(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes
        .windows(2)
        .any(|pair| pair[0] == b'<' && (pair[1].is_ascii_alphabetic() || matches!(pair[1], b'/' | b'!' | b'?')))
}

/// Refuses a text with HTML in it: the one rule for all texts that are no Markdown.
///
/// # Errors
/// A message for the client.
pub fn check(text: &str) -> Result<(), String> {
    if has_tags(text) { Err("HTML is not allowed here.".into()) } else { Ok(()) }
}

/// Whether Markdown is harmless once it is shown as HTML: no raw HTML, and links only to where a browser
/// runs nothing.
pub fn is_harmless(markdown: &str) -> bool {
    Parser::new_ext(markdown, Options::all()).all(|event| match event {
        Event::Html(_) | Event::InlineHtml(_) => false,
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => is_harmless_link(&dest_url),
        _ => true,
    })
}

/// Schemes of links that lead somewhere instead of running something.
const SCHEMES: &[&str] = &["http", "https", "ftp", "mailto", "tel"];

fn is_harmless_link(link: &str) -> bool {
    // no address has these, and they would end the attribute of a page that is put together carelessly
    if link.contains(['"', '<', '>']) {
        return false;
    }
    // browsers leave out what cannot be seen
    let seen: String = link.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let before_path = seen.split(['/', '?', '#']).next().unwrap_or_default();
    match before_path.split_once(':') {
        None => !before_path.to_ascii_lowercase().contains("&colon"),
        Some((scheme, _)) => SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_from_signs() {
        for tag in ["<b>", "a</p", "<!-- x", "<?php", "x <img src=x", "<SCRIPT"] {
            assert!(has_tags(tag), "{tag}");
        }
        for plain in ["a < b", "<3", "1 <5> 2", "a <", "->", "< b", "&lt;b&gt;"] {
            assert!(!has_tags(plain), "{plain}");
        }
    }

    #[test]
    fn notes_run_nothing() {
        for harmless in [
            "# Title\n\n- *one*\n- [two](https://example.com/a?b#c)\n\n![picture](/media/notes/a.png)",
            "| a | b |\n|---|---|\n| 1 | 2 |",
            "`code` and\n\n    more code",
            "[mail](mailto:a@example.com) a < b && c > d",
            "[relative](part/5:3)",
            "[titled](https://example.com/it's \"A title\")",
        ] {
            assert!(is_harmless(harmless), "{harmless}");
        }
        for harmful in [
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x]( javascript:alert(1))",
            "[x](java&#115;cript:alert(1))",
            "[x](javascript&colon;alert(1))",
            "[x](&#x6A;avascript:alert(1))",
            "[x](<java\tscript:alert(1)>)",
            "![x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x][y]\n\n[y]: vbscript:msgbox(1)",
            "<javascript:alert(1)>",
            "![x](\"onerror=\"alert('x'))",
            "[x](a\"onmouseover=\"alert(1))",
            "a <b onmouseover=alert(1)>b</b>",
            "<script>alert(1)</script>",
            "<!-- x -->",
        ] {
            assert!(!is_harmless(harmful), "{harmful}");
        }
    }
}
