//! Images: supported formats and thumbnails.

use std::fmt;
use std::io::Cursor;

use image::{DynamicImage, ImageError, ImageFormat, ImageReader, Limits};

use super::name;
use crate::platform::system::permits::{Permit, Permits};

/// Width and height of a smaller copy at most, in pixels.
const SMALL: u32 = 128;
/// Width and height of a image at most, in pixels.
const LARGEST: u32 = 12_000;
/// Memory for reading a image at most, in bytes.
const MEMORY: u64 = 256 * 1024 * 1024;

/// Pixels of a image at most: what cameras take. Reading one takes some 200 MB and a second.
const MOST_PIXELS: u64 = 50_000_000;

/// A image that was read. Reading the next large one waits until it is gone.
pub(crate) struct Picture {
    pub format: ImageFormat,
    /// The picture itself.
    pub image: DynamicImage,
    _permit: Permit,
}

/// Why a image is not read.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Too many others are being read.
    Busy,
    /// It has too many pixels.
    Large,
    /// It is none, or broken.
    Unreadable(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Busy => f.write_str("other images are being processed"),
            Fault::Large => f.write_str(&too_large()),
            Fault::Unreadable(why) => f.write_str(why),
        }
    }
}

/// The message about an image that is too large.
pub(crate) fn too_large() -> String {
    format!(
        "Images can have at most {} megapixels and at most {LARGEST} pixels in width or height.",
        MOST_PIXELS / 1_000_000
    )
}

/// Who reads images: all at work have no more pixels than the largest one may have.
static PERMITS: Permits = Permits::new(MOST_PIXELS);

fn reader(bytes: &[u8]) -> Result<ImageReader<Cursor<&[u8]>>, Fault> {
    let unreadable = |error: std::io::Error| Fault::Unreadable(error.to_string());
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(unreadable)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST);
    limits.max_image_height = Some(LARGEST);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    Ok(reader)
}

/// Reads a image (PNG, JPEG, GIF, BMP, WebP, TIFF), within limits. This may take seconds: never within a
/// transaction.
///
/// # Errors
/// Why it is not read.
pub(crate) fn read(bytes: &[u8]) -> Result<Picture, Fault> {
    let unreadable = |error: ImageError| match error {
        ImageError::Limits(_) => Fault::Large,
        other => Fault::Unreadable(other.to_string()),
    };
    let format = reader(bytes)?.format().ok_or_else(|| Fault::Unreadable("unknown image format".into()))?;
    // the head alone tells the size
    let (width, height) = reader(bytes)?.into_dimensions().map_err(unreadable)?;
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS || width > LARGEST || height > LARGEST {
        return Err(Fault::Large);
    }
    let permit = PERMITS.take(pixels).ok_or(Fault::Busy)?;
    let image = reader(bytes)?.decode().map_err(unreadable)?;
    Ok(Picture { format, image, _permit: permit })
}

/// Whether the bytes begin like a image of a kind that is read.
pub(crate) fn looks_like(bytes: &[u8]) -> bool {
    image::guess_format(bytes).is_ok_and(|format| format.reading_enabled())
}

impl Picture {
    /// A copy of at most this width and height, as PNG.
    pub(crate) fn preview(&self, size: u32) -> Option<Vec<u8>> {
        let mut bytes = Cursor::new(Vec::new());
        let small = if self.image.width().max(self.image.height()) > size {
            self.image.thumbnail(size, size)
        } else {
            self.image.clone()
        };
        DynamicImage::ImageRgba8(small.to_rgba8()).write_to(&mut bytes, ImageFormat::Png).ok()?;
        Some(bytes.into_inner())
    }

    /// A smaller copy in the same format (WebP and the like as they can be written).
    pub(crate) fn small(&self) -> Option<Vec<u8>> {
        let small = self.image.thumbnail(SMALL, SMALL);
        let mut bytes = Cursor::new(Vec::new());
        let small = match self.format {
            // these know no transparency
            ImageFormat::Jpeg | ImageFormat::Bmp => DynamicImage::ImageRgb8(small.to_rgb8()),
            _ => DynamicImage::ImageRgba8(small.to_rgba8()),
        };
        small.write_to(&mut bytes, self.format).ok()?;
        Some(bytes.into_inner())
    }
}

/// The name with an ending that belongs to the format.
pub(crate) fn with_ending(file: &str, format: ImageFormat) -> String {
    let (stem, ending) = name::split(file);
    let endings = format.extensions_str();
    let known = endings.iter().any(|e| ending.trim_start_matches('.').eq_ignore_ascii_case(e));
    if known { file.to_owned() } else { format!("{stem}.{}", endings.first().copied().unwrap_or("png")) }
}

/// Path of a image's smaller copy: `a/b.thumbnail.png` for `a/b.png`.
pub(crate) fn thumbnail_of(path: &str) -> String {
    let (stem, ending) = name::split(path);
    format!("{stem}.thumbnail{ending}")
}

/// Path of the image whose smaller copy is at a path, if it is that of one.
pub(crate) fn original_of(path: &str) -> Option<String> {
    path.contains(".thumbnail.").then(|| path.replacen(".thumbnail.", ".", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgba8(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn pictures_are_read_and_made_smaller() {
        let picture = read(&png(400, 200)).unwrap();
        assert_eq!(picture.format, ImageFormat::Png);
        let small = picture.small().unwrap();
        drop(picture);
        let small = read(&small).unwrap();
        assert_eq!((small.image.width(), small.image.height()), (128, 64));
        for bad in [&b"hello world"[..], b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", &png(4, 4)[..30]] {
            assert!(read(bad).is_err());
        }
        for (width, height) in [(LARGEST + 1, 1), (1, LARGEST + 1), (8_000, 8_000)] {
            // the head is enough to know it
            let head = &png_head(width, height);
            assert!(matches!(read(head), Err(Fault::Large)), "{width} x {height}");
        }
    }

    /// The beginning of a PNG of that size.
    fn png_head(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = png(1, 1);
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let crc = crc32(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.to_be_bytes());
        bytes
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        !bytes.iter().fold(!0_u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
    }

    #[test]
    fn few_pictures_are_read_at_the_same_time() {
        let bytes = png(2_000, 2_000);
        let most = std::thread::scope(|scope| {
            let running: Vec<_> = (0..32).map(|_| scope.spawn(|| read(&bytes).map(drop))).collect();
            let mut most = 0;
            while !running.iter().all(|thread| thread.is_finished()) {
                most = most.max(PERMITS.at_work());
                std::thread::yield_now();
            }
            let done: Vec<_> = running.into_iter().map(|thread| thread.join().unwrap()).collect();
            assert!(done.iter().all(|read| matches!(read, Ok(()) | Err(Fault::Busy))));
            assert!(done.iter().any(Result::is_ok));
            most
        });
        assert!(most > 0 && most <= MOST_PIXELS, "{most} pixels");
    }

    #[test]
    fn endings_tell_the_format() {
        assert_eq!(with_ending("a.PNG", ImageFormat::Png), "a.PNG");
        assert_eq!(with_ending("a.html", ImageFormat::Png), "a.png");
        assert_eq!(with_ending("a", ImageFormat::Jpeg), "a.jpg");
        assert_eq!(thumbnail_of("part_images/a.jpg"), "part_images/a.thumbnail.jpg");
        assert_eq!(original_of("part_images/a.thumbnail.jpg").as_deref(), Some("part_images/a.jpg"));
        assert_eq!(original_of("part_images/a.jpg"), None);
    }
}
