//! Pictures are checked, and large ones made smaller, before the layout engine sees them.

use std::io::Cursor;
use std::sync::{Arc, LazyLock};

use image::{DynamicImage, ImageFormat, ImageReader};
use usvg::fontdb;

use crate::fonts;

/// Most pixels of a picture that is decoded: 40 megapixels take 160 MB while they are made smaller.
const MAX_PIXELS: u64 = 40_000_000;

/// Pictures with more pixels than this are made smaller: enough for half a page of A4 at 200 dpi.
const KEPT_PIXELS: u64 = 1_500_000;

/// Pixels that all pictures of a job together may keep, about, which take 32 MB: each gets a part of what is left.
const BUDGET: u64 = 8_000_000;

/// The part of what is left of the budget that one picture may keep.
const PART: u64 = 5;

/// Pixels that a picture keeps in any case.
const LEAST_PIXELS: u64 = 90_000;

/// Longest SVG picture.
const MAX_SVG_BYTES: usize = 8_000_000;

/// Elements of an SVG picture at most, so that its tree stays small.
const MAX_SVG_ELEMENTS: usize = 50_000;

/// Deepest nesting of an SVG picture: the reader recurses.
const MAX_SVG_DEPTH: usize = 100;

/// The fonts of text in SVG pictures.
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

/// Checks the bytes of a file. None for a picture that is damaged or too large; other files are left as they are.
/// `used` counts the pixels that pictures keep.
pub(crate) fn prepare(bytes: Vec<u8>, used: &mut u64) -> Option<Vec<u8>> {
    if looks_like_svg(&bytes) {
        return prepare_svg(bytes);
    }
    let Ok(format) = image::guess_format(&bytes) else { return Some(bytes) };
    let (width, height) = reader(&bytes, format).into_dimensions().ok()?;
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > MAX_PIXELS {
        return None;
    }
    let kept = (BUDGET.saturating_sub(*used) / PART).clamp(LEAST_PIXELS, KEPT_PIXELS);
    *used += pixels.min(kept);
    if pixels <= kept {
        return Some(bytes);
    }
    let picture = reader(&bytes, format).decode().ok()?;
    let factor = (kept as f64 / pixels as f64).sqrt();
    let side = |length: u32| ((f64::from(length) * factor) as u32).max(1);
    encode(&picture.thumbnail_exact(side(width), side(height)))
}

fn reader(bytes: &[u8], format: ImageFormat) -> ImageReader<Cursor<&[u8]>> {
    ImageReader::with_format(Cursor::new(bytes), format)
}

/// Writes a picture as a BMP or PNG, whichever keeps its transparency: neither takes time.
fn encode(picture: &DynamicImage) -> Option<Vec<u8>> {
    let mut out = Cursor::new(Vec::new());
    if picture.color().has_alpha() {
        let encoder = image::codecs::png::PngEncoder::new_with_quality(
            &mut out,
            image::codecs::png::CompressionType::Uncompressed,
            image::codecs::png::FilterType::NoFilter,
        );
        picture.write_with_encoder(encoder).ok()?;
    } else {
        picture.to_rgb8().write_to(&mut out, ImageFormat::Bmp).ok()?;
    }
    Some(out.into_inner())
}

fn looks_like_svg(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(1024)];
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    bytes.starts_with(&[0x1f, 0x8b]) || (text.starts_with('<') && text.contains("<svg"))
}

/// An SVG picture without text (which becomes outlines in our own fonts) and without references to files.
pub(crate) fn prepare_svg(bytes: Vec<u8>) -> Option<Vec<u8>> {
    // Compressed pictures may unpack to any size.
    if bytes.starts_with(&[0x1f, 0x8b]) || bytes.len() > MAX_SVG_BYTES {
        return None;
    }
    let text = std::str::from_utf8(&bytes).ok()?;
    check_svg(text)?;
    if !["<text", "<image", "<feImage", ":text", ":image"].iter().any(|element| text.contains(element)) {
        return Some(bytes);
    }
    outline_svg(text).map(String::into_bytes)
}

/// The picture with outlines in place of text, and with pictures of `data:` addresses alone.
fn outline_svg(text: &str) -> Option<String> {
    let mut options = usvg::Options {
        fontdb: Arc::clone(&FONTS),
        font_family: "Liberation Sans".to_owned(),
        ..usvg::Options::default()
    };
    options.image_href_resolver.resolve_string = Box::new(|_, _| None);
    options.image_href_resolver.resolve_data = Box::new(|mime, data, _| {
        let (width, height) = reader(&data, image::guess_format(&data).ok()?).into_dimensions().ok()?;
        if u64::from(width) * u64::from(height) > KEPT_PIXELS {
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
        if elements > MAX_SVG_ELEMENTS || depth > MAX_SVG_DEPTH {
            return None;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::new_rgba8(width, height).write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    #[test]
    fn large_pictures_are_made_smaller_and_huge_ones_refused() {
        assert_eq!(prepare(png(10, 10), &mut 0).unwrap(), png(10, 10));
        let small = prepare(png(2000, 1000), &mut 0).unwrap();
        let size = reader(&small, ImageFormat::Png).into_dimensions().unwrap();
        assert_eq!(size, (1732, 866));
        let mut huge = png(1, 1);
        // The header alone claims the size.
        huge[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
        assert_eq!(prepare(huge, &mut 0), None);
        assert_eq!(prepare(b"a { color: red }".to_vec(), &mut 0).unwrap(), b"a { color: red }");
    }

    #[test]
    fn text_in_pictures_becomes_outlines_and_files_are_not_read() {
        let svg = r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="50" height="20">
            <image xlink:href="/etc/hostname.png" width="5" height="5"/><text x="0" y="15" font-family="Arial">Ab</text></svg>"#;
        let prepared = String::from_utf8(prepare(svg.as_bytes().to_vec(), &mut 0).unwrap()).unwrap();
        assert!(prepared.contains("<path"), "{prepared}");
        assert!(!prepared.contains("hostname") && !prepared.contains("<text"), "{prepared}");
    }

    #[test]
    fn svg_bombs_are_refused() {
        let deep = format!("<svg>{}</svg>", "<g>".repeat(200));
        assert_eq!(prepare(deep.into_bytes(), &mut 0), None);
        assert_eq!(prepare(b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>".to_vec(), &mut 0), None);
        assert_eq!(prepare(format!("<svg>{}</svg>", "<g/>".repeat(60_000)).into_bytes(), &mut 0), None);
    }
}
