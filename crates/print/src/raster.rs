//! Pictures of the pages of a PDF. They are made from the PDF itself, so that both cannot differ.

use std::io::Cursor;
use std::sync::Arc;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use image::ImageEncoder as _;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};

use crate::Fault;

/// Least and most pixels per inch.
const DPI: std::ops::RangeInclusive<u16> = 20..=1200;

/// Most pixels of a page: A4 at 600 dpi, or a label of 100 mm at 1200 dpi.
const MAX_PIXELS: f32 = 36_000_000.0;

/// Points in an inch.
const POINTS_PER_INCH: f32 = 72.0;

/// One PNG for each page.
pub(crate) fn pictures(pdf: Vec<u8>, dpi: u16) -> Result<Vec<Vec<u8>>, Fault> {
    if !DPI.contains(&dpi) {
        return Err(Fault::Invalid(format!("Choose a resolution between {} and {} dpi.", DPI.start(), DPI.end())));
    }
    let damaged = || Fault::Invalid("Cannot convert the pages to images.".to_owned());
    let pdf = Pdf::new(Arc::new(pdf)).map_err(|_| damaged())?;
    let scale = f32::from(dpi) / POINTS_PER_INCH;
    let cache = RenderCache::new();
    let interpreter = InterpreterSettings::default();
    let settings = RenderSettings { hinting: false, ..RenderSettings::default() };
    let mut files = Vec::new();
    for page in pdf.pages().iter() {
        let (width, height) = page.render_dimensions();
        let (across, down) = ((width * scale).round(), (height * scale).round());
        if across * down > MAX_PIXELS || across > f32::from(u16::MAX) || down > f32::from(u16::MAX) {
            return Err(Fault::TooLarge(format!(
                "A page has more than {} megapixels at {dpi} dpi.",
                MAX_PIXELS / 1.0e6
            )));
        }
        // The picture has whole pixels; half a pixel more keeps rounding from losing one.
        let pixmap = hayro::render(
            page,
            &cache,
            &interpreter,
            &settings,
            &PixmapSettings { x_scale: (across + 0.01) / width, y_scale: (down + 0.01) / height, bg_color: WHITE },
        );
        files.push(encode(&pixmap, dpi).ok_or_else(damaged)?);
    }
    Ok(files)
}

/// Writes a page, in gray where it has no color.
fn encode(pixmap: &hayro::vello_cpu::Pixmap, dpi: u16) -> Option<Vec<u8>> {
    let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    let pixels = pixmap.data();
    let is_gray = pixels.iter().all(|pixel| pixel.r == pixel.g && pixel.g == pixel.b);
    let (bytes, color): (Vec<u8>, _) = if is_gray {
        (pixels.iter().map(|pixel| pixel.r).collect(), image::ExtendedColorType::L8)
    } else {
        (pixels.iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect(), image::ExtendedColorType::Rgb8)
    };
    let mut out = Cursor::new(Vec::new());
    PngEncoder::new_with_quality(&mut out, CompressionType::Fast, FilterType::Adaptive)
        .write_image(&bytes, width, height, color)
        .ok()?;
    Some(with_resolution(out.into_inner(), dpi))
}

/// Adds the resolution (`pHYs`) to a PNG, after its header, so that it prints at the right size.
fn with_resolution(png: Vec<u8>, dpi: u16) -> Vec<u8> {
    /// The signature and the header chunk.
    const HEAD: usize = 8 + 25;
    let per_meter = (f32::from(dpi) / 0.0254).round() as u32;
    let mut chunk = b"pHYs".to_vec();
    chunk.extend(per_meter.to_be_bytes());
    chunk.extend(per_meter.to_be_bytes());
    chunk.push(1);
    let mut out = png[..HEAD].to_vec();
    out.extend((chunk.len() as u32 - 4).to_be_bytes());
    out.extend(&chunk);
    out.extend(checksum(&chunk).to_be_bytes());
    out.extend(&png[HEAD..]);
    out
}

/// CRC-32, as PNG has it.
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}
