//! Pictures: which kinds are taken, and their smaller copies.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, ImageReader, Limits};

use super::name;

/// Width and height of a smaller copy at most, in pixels.
const SMALL: u32 = 128;
/// Width and height of a picture at most, in pixels.
const LARGEST: u32 = 12_000;
/// Memory for reading a picture at most, in bytes.
const MEMORY: u64 = 256 * 1024 * 1024;

/// A picture that was read.
pub struct Picture {
    pub format: ImageFormat,
    image: DynamicImage,
}

/// Reads a picture (PNG, JPEG, GIF, BMP, WebP, TIFF), within limits.
///
/// # Errors
/// Why it cannot be read.
pub fn read(bytes: &[u8]) -> Result<Picture, String> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|e| e.to_string())?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST);
    limits.max_image_height = Some(LARGEST);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let format = reader.format().ok_or("an unknown kind of picture")?;
    let image = reader.decode().map_err(|e| e.to_string())?;
    Ok(Picture { format, image })
}

/// Whether the bytes begin like a picture of a kind that is read.
pub fn looks_like(bytes: &[u8]) -> bool {
    image::guess_format(bytes).is_ok_and(|format| format.reading_enabled())
}

impl Picture {
    /// A copy of at most this width and height, as PNG.
    pub fn preview(&self, size: u32) -> Option<Vec<u8>> {
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
    pub fn small(&self) -> Option<Vec<u8>> {
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
pub fn with_ending(file: &str, format: ImageFormat) -> String {
    let (stem, ending) = name::split(file);
    let endings = format.extensions_str();
    let known = endings.iter().any(|e| ending.trim_start_matches('.').eq_ignore_ascii_case(e));
    if known { file.to_owned() } else { format!("{stem}.{}", endings.first().copied().unwrap_or("png")) }
}

/// Path of a picture's smaller copy: `a/b.thumbnail.png` for `a/b.png`.
pub fn thumbnail_of(path: &str) -> String {
    let (stem, ending) = name::split(path);
    format!("{stem}.thumbnail{ending}")
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
        let small = read(&picture.small().unwrap()).unwrap();
        assert_eq!((small.image.width(), small.image.height()), (128, 64));
        for bad in [&b"hello world"[..], b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", &png(4, 4)[..30]] {
            assert!(read(bad).is_err());
        }
        assert!(read(&png(LARGEST + 1, 1)).is_err());
    }

    #[test]
    fn endings_tell_the_format() {
        assert_eq!(with_ending("a.PNG", ImageFormat::Png), "a.PNG");
        assert_eq!(with_ending("a.html", ImageFormat::Png), "a.png");
        assert_eq!(with_ending("a", ImageFormat::Jpeg), "a.jpg");
        assert_eq!(thumbnail_of("part_images/a.jpg"), "part_images/a.thumbnail.jpg");
    }
}
