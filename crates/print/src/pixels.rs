//! Pictures as they are written into a PDF: with the pixels that they need, and as they were sent where they can be.

use std::hash::{Hash, Hasher};
use std::io::Cursor;
use std::sync::Arc;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader};
use krilla::image::{BitsPerComponent, CustomImage, Image, ImageColorspace};

use crate::picture::{self, Jpeg};

/// Pixels that a point of a picture gets at most: 300 dpi.
const PIXELS_PER_POINT: f64 = 300.0 / 72.0;

/// A picture is made smaller where it has more pixels than it needs by this factor on each side.
const EXCESS: f64 = 1.5;

/// Pixels that a picture keeps at most: half a page of A4 at 300 dpi.
const KEPT_PIXELS: u64 = 4_000_000;

/// Pixels that all pictures of a PDF together may keep, about: each gets a part of what is left.
const BUDGET: u64 = 24_000_000;

/// The part of what is left of the budget that one picture may keep.
const PART: u64 = 5;

/// Pixels that a picture keeps in any case.
const LEAST_PIXELS: u64 = 90_000;

/// Gray pictures of so few pixels are left as they are: codes must stay sharp.
const SHARP_PIXELS: u64 = 1_000_000;

/// Bytes that a JPEG may have for each pixel that it needs, to go into the PDF as it is. Made smaller, it would take
/// about half a byte for each.
const BYTES_PER_PIXEL: f64 = 1.5;

/// A JPEG of so few bytes goes into the PDF as it is.
const SMALL: usize = 64_000;

/// Bytes of JPEGs that go into a PDF as they are.
const PASSED: usize = 60_000_000;

/// The quality of pictures that are written as JPEG again.
const QUALITY: u8 = 88;

/// The bytes of a file.
pub(crate) type Bytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Writes pictures, within what a PDF may have of them.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    /// Pixels that were kept.
    pixels: u64,
    /// Bytes that went on as they were.
    passed: usize,
    /// Whether the PDF is only made for pictures of its pages: all pixels that go into it are decoded again.
    pub(crate) is_for_pictures: bool,
}

impl Writer {
    /// The picture of a file that is shown at this size in points. None where it cannot be decoded.
    pub(crate) fn write(&mut self, file: Bytes, points: (f64, f64)) -> Option<Image> {
        let bytes = (*file).as_ref();
        let format = image::guess_format(bytes).ok()?;
        if format == ImageFormat::Jpeg
            && let Some(image) = self.pass(&file, points)
        {
            return Some(image);
        }
        let is_lossy = format == ImageFormat::Jpeg || (format == ImageFormat::WebP && is_lossy_webp(bytes));
        self.write_pixels(Pixels::of(picture::decode(bytes)?), points, is_lossy)
    }

    /// Writes pixels with four channels.
    pub(crate) fn write_rgba(&mut self, data: &[u8], size: (u32, u32), points: (f64, f64)) -> Option<Image> {
        self.write_pixels(Pixels { size, channels: 4, data: data.to_vec() }, points, false)
    }

    /// A JPEG as it is, where that is good.
    fn pass(&mut self, file: &Bytes, points: (f64, f64)) -> Option<Image> {
        let bytes = (**file).as_ref();
        let jpeg = Jpeg::read(bytes).filter(|jpeg| jpeg.is_usual && matches!(jpeg.components, 1 | 3))?;
        let needed = needed((jpeg.width, jpeg.height), points);
        let most = (f64::from(needed.0) * f64::from(needed.1) * BYTES_PER_PIXEL) as usize;
        let is_smaller = needed != (jpeg.width, jpeg.height);
        if (is_smaller && (self.is_for_pictures || bytes.len() > most.max(SMALL))) || self.passed + bytes.len() > PASSED
        {
            return None;
        }
        let mut decoder = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Jpeg).into_decoder().ok()?;
        if decoder.orientation().is_ok_and(|orientation| orientation != Orientation::NoTransforms) {
            return None;
        }
        let image = Image::from_jpeg(Arc::clone(file).into(), false).ok()?;
        self.passed += bytes.len();
        Some(image)
    }

    fn write_pixels(&mut self, pixels: Pixels, points: (f64, f64), is_lossy: bool) -> Option<Image> {
        let mut size = needed(pixels.size, points);
        if pixels.channels == 1 && area(pixels.size) <= SHARP_PIXELS {
            size = pixels.size;
        }
        let kept = (BUDGET.saturating_sub(self.pixels) / PART).clamp(LEAST_PIXELS, KEPT_PIXELS);
        if area(size) > kept {
            let factor = (kept as f64 / area(size) as f64).sqrt();
            let side = |length: u32| ((f64::from(length) * factor) as u32).max(1);
            size = (side(size.0), side(size.1));
        }
        self.pixels += area(size);
        let pixels = if size == pixels.size { pixels } else { pixels.shrink(size) };
        if is_lossy && !self.is_for_pictures && matches!(pixels.channels, 1 | 3) {
            return Image::from_jpeg(pixels.jpeg()?.into(), false).ok();
        }
        Image::from_custom(pixels.split(), false).ok()
    }
}

fn area((width, height): (u32, u32)) -> u64 {
    u64::from(width) * u64::from(height)
}

/// The pixels that a picture needs at a size in points. Both sides are made smaller or none.
fn needed(size: (u32, u32), points: (f64, f64)) -> (u32, u32) {
    let side = |pixels: u32, points: f64| {
        let most = (points * PIXELS_PER_POINT).ceil();
        (most >= 1.0 && most * EXCESS < f64::from(pixels)).then_some(most as u32)
    };
    match (side(size.0, points.0), side(size.1, points.1)) {
        (Some(width), Some(height)) => (width, height),
        _ => size,
    }
}

/// Whether a WebP was compressed with loss.
fn is_lossy_webp(bytes: &[u8]) -> bool {
    /// Where the name of the first chunk stands, and how far behind an extended header the next one may be.
    const HEAD: std::ops::Range<usize> = 12..64;
    bytes.get(HEAD).is_some_and(|head| head.windows(4).any(|name| name == b"VP8 "))
}

/// A decoded picture: one or three channels of colors, and a further one where it is transparent.
struct Pixels {
    size: (u32, u32),
    channels: usize,
    data: Vec<u8>,
}

impl Pixels {
    fn of(picture: DynamicImage) -> Self {
        let size = (picture.width(), picture.height());
        let (channels, data) = match picture {
            DynamicImage::ImageLuma8(pixels) => (1, pixels.into_raw()),
            DynamicImage::ImageLumaA8(pixels) => (2, pixels.into_raw()),
            DynamicImage::ImageRgb8(pixels) => (3, pixels.into_raw()),
            DynamicImage::ImageLuma16(_) => (1, picture.into_luma8().into_raw()),
            picture if picture.color().has_alpha() => (4, picture.into_rgba8().into_raw()),
            picture => (3, picture.into_rgb8().into_raw()),
        };
        Self { size, channels, data }
    }

    fn has_alpha(&self) -> bool {
        self.channels.is_multiple_of(2)
    }

    /// The picture with fewer pixels, each of which is the average of those that it stands for.
    fn shrink(&self, (width, height): (u32, u32)) -> Self {
        let channels = self.channels;
        let (from_width, from_height) = (self.size.0 as usize, self.size.1 as usize);
        let (to_width, to_height) = (width as usize, height as usize);
        let row = from_width * channels;
        let mut data = Vec::with_capacity(to_width * to_height * channels);
        let mut sums = vec![0u32; row];
        let mut premultiplied = vec![0u8; if self.has_alpha() { row } else { 0 }];
        for y in 0..to_height {
            let rows =
                y * from_height / to_height..((y + 1) * from_height / to_height).max(y * from_height / to_height + 1);
            sums.fill(0);
            for line in self.data[rows.start * row..rows.end * row].chunks_exact(row) {
                let line = if self.has_alpha() {
                    premultiply(line, channels, &mut premultiplied);
                    premultiplied.as_slice()
                } else {
                    line
                };
                for (sum, value) in sums.iter_mut().zip(line) {
                    *sum += u32::from(*value);
                }
            }
            let mut start = 0;
            for x in 0..to_width {
                let end = ((x + 1) * from_width / to_width).max(start + 1);
                let count = ((end - start) * rows.len()) as u32;
                let mut totals = [0u32; 4];
                for pixel in sums[start * channels..end * channels].chunks_exact(channels) {
                    for (total, sum) in totals.iter_mut().zip(pixel) {
                        *total += sum;
                    }
                }
                let alpha = if self.has_alpha() { totals[channels - 1] } else { 0 };
                for total in &totals[..channels - usize::from(self.has_alpha())] {
                    // Of a transparent picture, colors count by how opaque they are.
                    let value = if self.has_alpha() {
                        (u64::from(*total) * 255 + u64::from(alpha) / 2).checked_div(u64::from(alpha)).unwrap_or(0)
                    } else {
                        u64::from((total + count / 2) / count)
                    };
                    data.push(value.min(255) as u8);
                }
                if self.has_alpha() {
                    data.push(((alpha + count / 2) / count) as u8);
                }
                start = end;
            }
        }
        Self { size: (width, height), channels, data }
    }

    /// The picture as a JPEG.
    fn jpeg(&self) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let color = if self.channels == 1 { image::ExtendedColorType::L8 } else { image::ExtendedColorType::Rgb8 };
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut out, QUALITY)
            .encode(&self.data, self.size.0, self.size.1, color)
            .ok()?;
        Some(out)
    }

    /// Colors and transparency each for themselves, as a PDF has them.
    fn split(self) -> Split {
        let (color, alpha, is_gray) = match self.channels {
            1 => (self.data, None, true),
            2 => {
                let (gray, alpha) = self.data.as_chunks::<2>().0.iter().map(|[gray, alpha]| (*gray, *alpha)).unzip();
                (gray, Some(alpha), true)
            }
            3 => {
                let pixels = self.data.as_chunks::<3>().0;
                if pixels.iter().all(|[r, g, b]| r == g && g == b) {
                    (pixels.iter().map(|[gray, ..]| *gray).collect(), None, true)
                } else {
                    (self.data, None, false)
                }
            }
            _ => {
                let pixels = self.data.as_chunks::<4>().0;
                let alpha: Vec<u8> = pixels.iter().map(|[.., alpha]| *alpha).collect();
                let is_gray = pixels.iter().all(|[r, g, b, _]| r == g && g == b);
                let color = if is_gray {
                    pixels.iter().map(|[gray, ..]| *gray).collect()
                } else {
                    let mut color = vec![0; pixels.len() * 3];
                    for (to, [r, g, b, _]) in color.as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
                        *to = [*r, *g, *b];
                    }
                    color
                };
                (color, Some(alpha), is_gray)
            }
        };
        let alpha = alpha.filter(|alpha| alpha.iter().any(|alpha| *alpha != u8::MAX));
        let mut hasher = std::hash::DefaultHasher::new();
        (self.size, &color, &alpha).hash(&mut hasher);
        Split { size: self.size, is_gray, digest: hasher.finish(), data: Arc::new((color, alpha)) }
    }
}

/// Multiplies the colors of a line with how opaque they are.
fn premultiply(line: &[u8], channels: usize, out: &mut [u8]) {
    for (from, to) in line.chunks_exact(channels).zip(out.chunks_exact_mut(channels)) {
        let alpha = from[channels - 1];
        for (from, to) in from.iter().zip(to.iter_mut()) {
            *to = ((u16::from(*from) * u16::from(alpha) + 127) / 255) as u8;
        }
        to[channels - 1] = alpha;
    }
}

/// What a picture is written from.
#[derive(Clone)]
struct Split {
    size: (u32, u32),
    is_gray: bool,
    digest: u64,
    /// Colors, and how opaque they are.
    data: Arc<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Hash for Split {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.size, self.is_gray, self.digest).hash(state);
    }
}

impl CustomImage for Split {
    fn color_channel(&self) -> &[u8] {
        &self.data.0
    }

    fn alpha_channel(&self) -> Option<&[u8]> {
        self.data.1.as_deref()
    }

    fn bits_per_component(&self) -> BitsPerComponent {
        BitsPerComponent::Eight
    }

    fn size(&self) -> (u32, u32) {
        self.size
    }

    fn icc_profile(&self) -> Option<&[u8]> {
        None
    }

    fn color_space(&self) -> ImageColorspace {
        if self.is_gray { ImageColorspace::Luma } else { ImageColorspace::Rgb }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let pixels = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([(x / 8) as u8, (y / 8) as u8, 100]));
        let mut out = Cursor::new(Vec::new());
        pixels.write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    #[test]
    fn pictures_have_the_pixels_that_they_need() {
        let size = |format, points| {
            Writer::default().write(Arc::new(picture(600, 400, format)), (points, points)).unwrap().size()
        };
        // 72 points are an inch: 300 pixels, where more than 450 are too many on both sides
        assert_eq!(size(ImageFormat::Png, 72.0), (600, 400));
        assert_eq!(size(ImageFormat::Png, 24.0), (100, 100));
        assert_eq!(size(ImageFormat::Png, 720.0), (600, 400));
    }

    #[test]
    fn a_jpeg_goes_on_as_it_is_unless_it_is_far_too_large() {
        let bytes = picture(600, 400, ImageFormat::Jpeg);
        let mut writer = Writer::default();
        assert_eq!(writer.write(Arc::new(bytes.clone()), (24.0, 24.0)).unwrap().size(), (600, 400));
        assert_eq!(writer.passed, bytes.len());
        let mut writer = Writer { is_for_pictures: true, ..Writer::default() };
        assert_eq!(writer.write(Arc::new(bytes.clone()), (24.0, 24.0)).unwrap().size(), (100, 100));
        let mut writer = Writer::default();
        let noise =
            image::RgbImage::from_fn(1000, 800, |x, y| image::Rgb([(x * y) as u8, (x * 7) as u8, (x ^ y) as u8]));
        let mut large = Vec::new();
        noise.write_to(&mut Cursor::new(&mut large), ImageFormat::Jpeg).unwrap();
        assert!(large.len() > SMALL);
        assert_eq!(writer.write(Arc::new(large), (24.0, 24.0)).unwrap().size(), (100, 100));
        assert_eq!(writer.passed, 0);
    }

    #[test]
    fn smaller_pictures_are_averages() {
        let pixels = Pixels { size: (4, 2), channels: 1, data: vec![0, 10, 100, 100, 20, 30, 100, 101] };
        assert_eq!(pixels.shrink((2, 1)).data, [15, 100]);
        // What is transparent has no color.
        let pixels = Pixels { size: (2, 1), channels: 4, data: vec![200, 100, 50, 255, 0, 255, 0, 0] };
        assert_eq!(pixels.shrink((1, 1)).data, [200, 100, 50, 128]);
        let pixels = Pixels { size: (7, 5), channels: 3, data: vec![9; 105] };
        assert_eq!(pixels.shrink((3, 2)).data, [9; 18]);
    }

    #[test]
    fn gray_and_opaque_pictures_are_written_as_such() {
        let split = Pixels { size: (2, 1), channels: 4, data: vec![7, 7, 7, 255, 9, 9, 9, 255] }.split();
        assert!(split.is_gray && split.data.0 == [7, 9] && split.data.1.is_none());
        let split = Pixels { size: (2, 1), channels: 4, data: vec![7, 8, 7, 255, 9, 9, 9, 0] }.split();
        assert!(!split.is_gray && split.data.0 == [7, 8, 7, 9, 9, 9] && split.data.1 == Some(vec![255, 0]));
    }

    #[test]
    fn many_large_pictures_get_fewer_pixels_each() {
        let mut writer = Writer::default();
        for _ in 0..40 {
            let pixels = Pixels { size: (2000, 2000), channels: 1, data: vec![0; 4_000_000] };
            writer.write_pixels(pixels, (9999.0, 9999.0), false).unwrap();
        }
        assert!(writer.pixels < BUDGET + 40 * LEAST_PIXELS, "{}", writer.pixels);
    }
}
