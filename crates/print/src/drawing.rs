//! Drawings (SVG) are checked, and what their reader would look for on the machine is taken out, before the layout
//! engine sees them.

use std::io::Cursor;
use std::sync::{Arc, LazyLock};

use image::ImageReader;
use usvg::fontdb;

use crate::fonts;

/// Most pixels of a picture within a drawing.
const MAX_PIXELS: u64 = 1_500_000;

/// Longest drawing.
const MAX_BYTES: usize = 8_000_000;

/// Elements of a drawing at most, so that its tree stays small.
const MAX_ELEMENTS: usize = 50_000;

/// Deepest nesting of a drawing: the reader recurses.
const MAX_DEPTH: usize = 100;

/// The fonts of text in drawings.
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut database = fontdb::Database::new();
    for file in fonts::files() {
        database.load_font_source(fontdb::Source::Binary(Arc::new(file)));
    }
    database.set_sans_serif_family("Liberation Sans");
    database.set_serif_family("Liberation Serif");
    database.set_monospace_family("Liberation Mono");
    Arc::new(database)
});

/// Whether a file is a drawing.
pub(crate) fn is_drawing(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(1024)];
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    bytes.starts_with(&[0x1f, 0x8b]) || (text.starts_with('<') && text.contains("<svg"))
}

/// A drawing without text (which becomes outlines in our own fonts) and without references to files.
pub(crate) fn prepare(bytes: Vec<u8>) -> Option<Vec<u8>> {
    // Compressed drawings may unpack to any size.
    if bytes.starts_with(&[0x1f, 0x8b]) || bytes.len() > MAX_BYTES {
        return None;
    }
    let text = std::str::from_utf8(&bytes).ok()?;
    check_svg(text)?;
    if !["<text", "<image", "<feImage", ":text", ":image"].iter().any(|element| text.contains(element)) {
        return Some(bytes);
    }
    outline_svg(text).map(String::into_bytes)
}

/// The drawing with outlines in place of text, and with pictures of `data:` addresses alone.
fn outline_svg(text: &str) -> Option<String> {
    let mut options = usvg::Options {
        fontdb: Arc::clone(&FONTS),
        font_family: "Liberation Sans".to_owned(),
        ..usvg::Options::default()
    };
    options.image_href_resolver.resolve_string = Box::new(|_, _| None);
    options.image_href_resolver.resolve_data = Box::new(|mime, data, _| {
        let format = image::guess_format(&data).ok()?;
        let (width, height) = ImageReader::with_format(Cursor::new(data.as_slice()), format).into_dimensions().ok()?;
        if u64::from(width) * u64::from(height) > MAX_PIXELS {
            return None;
        }
        match mime {
            "image/png" => Some(usvg::ImageKind::PNG(data)),
            "image/jpg" | "image/jpeg" => Some(usvg::ImageKind::JPEG(data)),
            _ => None,
        }
    });
    let tree = usvg::Tree::from_str(text, &options).ok()?;
    Some(tree.to_string(&usvg::WriteOptions { preserve_text: false, ..usvg::WriteOptions::default() }))
}

/// Counts elements and depth, roughly: by what begins and ends a tag.
fn check_svg(text: &str) -> Option<()> {
    let (mut elements, mut depth) = (0usize, 0usize);
    for (at, _) in text.match_indices('<') {
        let rest = &text[at + 1..];
        match rest.as_bytes().first() {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(b'!') if rest.to_ascii_uppercase().starts_with("!ENTITY") => return None,
            Some(b'!' | b'?') => {}
            _ => {
                elements += 1;
                let closed = rest.find('>').is_some_and(|end| rest[..end].ends_with('/'));
                if !closed {
                    depth += 1;
                }
            }
        }
        if elements > MAX_ELEMENTS || depth > MAX_DEPTH {
            return None;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_pictures_becomes_outlines_and_files_are_not_read() {
        let svg = r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="50" height="20">
            <image xlink:href="/etc/hostname.png" width="5" height="5"/><text x="0" y="15" font-family="Arial">Ab</text></svg>"#;
        let prepared = String::from_utf8(prepare(svg.as_bytes().to_vec()).unwrap()).unwrap();
        assert!(prepared.contains("<path"), "{prepared}");
        assert!(!prepared.contains("hostname") && !prepared.contains("<text"), "{prepared}");
    }

    #[test]
    fn svg_bombs_are_refused() {
        let deep = format!("<svg>{}</svg>", "<g>".repeat(200));
        assert_eq!(prepare(deep.into_bytes()), None);
        assert_eq!(prepare(b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>".to_vec()), None);
        assert_eq!(prepare(format!("<svg>{}</svg>", "<g/>".repeat(60_000)).into_bytes()), None);
    }
}
