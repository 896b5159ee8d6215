//! Pictures are checked before the layout engine sees them. It is told their size alone; they are decoded when they are
//! painted (see [`crate::pixels`]).

use std::io::Cursor;
use std::sync::Arc;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use crate::drawing;

/// Most pixels of a picture that is decoded: 40 megapixels take 160 MB while they are made smaller.
const MAX_PIXELS: u64 = 40_000_000;

/// Bytes of pictures that a document holds as they were sent. Further ones are made smaller at once.
const HELD: usize = 48_000_000;

/// Pictures of so few bytes are always held.
const SMALL: usize = 100_000;

/// Pixels of a picture that is made smaller at once: enough for 60 x 40 mm at 300 dpi.
const REDUCED_PIXELS: f64 = 350_000.0;

/// A file that a document names, as it is handed on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Prepared {
    /// For the layout engine to read: a style sheet, a font, a drawing.
    File(Vec<u8>),
    Picture(Picture),
}

/// A picture of pixels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Picture {
    /// Its size as it is shown, in pixels.
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// The file. It may have fewer pixels.
    pub(crate) bytes: Arc<Vec<u8>>,
}

/// Checks the bytes of a file. None for a picture that is damaged or too large; other files are left as they are.
/// `held` counts the bytes of pictures.
pub(crate) fn prepare(bytes: Vec<u8>, held: &mut usize) -> Option<Prepared> {
    if drawing::is_drawing(&bytes) {
        return drawing::prepare(bytes).map(Prepared::File);
    }
    let Ok(format) = image::guess_format(&bytes) else { return Some(Prepared::File(bytes)) };
    let (width, height) = {
        let mut decoder = ImageReader::with_format(Cursor::new(&bytes), format).into_decoder().ok()?;
        let (width, height) = decoder.dimensions();
        if turns(decoder.orientation().unwrap_or(Orientation::NoTransforms)) {
            (height, width)
        } else {
            (width, height)
        }
    };
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > MAX_PIXELS {
        return None;
    }
    let is_held = *held + bytes.len() <= HELD || bytes.len() <= SMALL;
    let bytes = match format {
        _ if !is_held => reduce(&decode(&bytes)?)?,
        ImageFormat::Jpeg if Jpeg::read(&bytes).is_some() => bytes,
        ImageFormat::Png if is_whole_png(&bytes) => bytes,
        ImageFormat::WebP if is_whole_webp(&bytes) => bytes,
        // Whether others are damaged shows when they are decoded.
        _ => decode(&bytes).map(|_| bytes)?,
    };
    *held += bytes.len();
    Some(Prepared::Picture(Picture { width, height, bytes: Arc::new(bytes) }))
}

/// Decodes a picture, and turns it as it is to be shown.
pub(crate) fn decode(bytes: &[u8]) -> Option<DynamicImage> {
    let format = image::guess_format(bytes).ok()?;
    let mut decoder = ImageReader::with_format(Cursor::new(bytes), format).into_decoder().ok()?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    Some(picture)
}

/// Whether width and height change places.
fn turns(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    )
}

/// A picture with few pixels, as a file.
fn reduce(picture: &DynamicImage) -> Option<Vec<u8>> {
    let pixels = f64::from(picture.width()) * f64::from(picture.height());
    let factor = (REDUCED_PIXELS / pixels).sqrt().min(1.0);
    let side = |length: u32| ((f64::from(length) * factor) as u32).max(1);
    let small = picture.thumbnail_exact(side(picture.width()), side(picture.height()));
    let mut out = Cursor::new(Vec::new());
    if small.color().has_alpha() {
        small.write_to(&mut out, ImageFormat::Png).ok()?;
    } else {
        DynamicImage::from(small.to_rgb8()).write_to(&mut out, ImageFormat::Jpeg).ok()?;
    }
    Some(out.into_inner())
}

/// What a JPEG says of itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Jpeg {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// 1: gray, 3: colors, 4: inks.
    pub(crate) components: u8,
    /// Whether every reader of PDF can decode it: 8 bits, baseline or progressive, with Huffman codes.
    pub(crate) is_usual: bool,
}

impl Jpeg {
    /// Reads the head of a JPEG. None where it has none, or where its end is missing.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        /// What may follow the end of a picture, such as padding and previews.
        const AFTER: usize = 64 * 1024;
        let end = &bytes[bytes.len().saturating_sub(AFTER)..];
        if !bytes.starts_with(&[0xff, 0xd8]) || !end.windows(2).any(|pair| pair == [0xff, 0xd9]) {
            return None;
        }
        let mut rest = &bytes[2..];
        loop {
            let (&[0xff, marker], after) = rest.split_first_chunk()? else { return None };
            if marker == 0xff {
                rest = &rest[1..];
                continue;
            }
            let (&length, _) = after.split_first_chunk()?;
            match (marker, after.get(2..usize::from(u16::from_be_bytes(length)))?) {
                // Frames: all of 0xc0 to 0xcf but tables and the like.
                (0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf, frame) => {
                    let (&[bits, h1, h0, w1, w0, components], _) = frame.split_first_chunk()?;
                    return Some(Self {
                        width: u32::from(u16::from_be_bytes([w1, w0])),
                        height: u32::from(u16::from_be_bytes([h1, h0])),
                        components,
                        is_usual: bits == 8 && marker <= 0xc2,
                    });
                }
                // Pixels without a frame before them.
                (0xda, _) => return None,
                _ => rest = &after[usize::from(u16::from_be_bytes(length))..],
            }
        }
    }
}

/// Whether a PNG has all its parts, and these are as they were written.
fn is_whole_png(bytes: &[u8]) -> bool {
    /// Length and name before, checksum behind.
    const AROUND: usize = 12;
    let Some(mut rest) = bytes.get(8..) else { return false };
    loop {
        let Some((&length, _)) = rest.split_first_chunk() else { return false };
        let Ok(length) = usize::try_from(u32::from_be_bytes(length)) else { return false };
        let Some((chunk, after)) = length.checked_add(AROUND).and_then(|length| rest.split_at_checked(length)) else {
            return false;
        };
        let (content, sum) = chunk[4..].split_at(length + 4);
        let mut checked = flate2::Crc::new();
        checked.update(content);
        if sum != checked.sum().to_be_bytes() {
            return false;
        }
        if content == b"IEND" {
            return true;
        }
        rest = after;
    }
}

/// Whether a WebP is as long as it says.
fn is_whole_webp(bytes: &[u8]) -> bool {
    let length = bytes.get(4..8).and_then(|length| Some(u32::from_le_bytes(length.try_into().ok()?)));
    length.is_some_and(|length| u64::from(length) + 8 <= bytes.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(width, height).write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    fn size(bytes: Vec<u8>) -> Option<(u32, u32)> {
        match prepare(bytes, &mut 0)? {
            Prepared::Picture(picture) => Some((picture.width, picture.height)),
            Prepared::File(_) => None,
        }
    }

    #[test]
    fn pictures_keep_their_size_and_huge_ones_are_refused() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Bmp, ImageFormat::Gif, ImageFormat::WebP] {
            assert_eq!(size(file(30, 20, format)), Some((30, 20)), "{format:?}");
        }
        let mut huge = file(1, 1, ImageFormat::Png);
        // The header alone claims the size.
        huge[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
        assert_eq!(prepare(huge, &mut 0), None);
        assert_eq!(prepare(b"a { color: red }".to_vec(), &mut 0), Some(Prepared::File(b"a { color: red }".to_vec())));
    }

    #[test]
    fn pictures_of_cameras_are_turned() {
        let mut bytes = file(30, 20, ImageFormat::Jpeg);
        // Exif with an orientation of 6: to be turned by a quarter.
        let mut exif =
            b"\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        exif.extend(bytes.split_off(2));
        bytes.extend(exif);
        assert_eq!(size(bytes.clone()), Some((20, 30)));
        assert_eq!(decode(&bytes).map(|picture| (picture.width(), picture.height())), Some((20, 30)));
    }

    #[test]
    fn damaged_pictures_are_refused() {
        for format in [ImageFormat::Png, ImageFormat::Gif, ImageFormat::Bmp, ImageFormat::WebP] {
            let mut bytes = file(30, 20, format);
            bytes.truncate(bytes.len() * 2 / 3);
            assert_eq!(prepare(bytes, &mut 0), None, "{format:?}");
        }
        let mut bytes = file(30, 20, ImageFormat::Png);
        let middle = bytes.len() - 20;
        bytes[middle] ^= 0xff;
        assert_eq!(prepare(bytes, &mut 0), None);
        assert_eq!(prepare(b"\xff\xd8\xff\xe0\x00\x02\xff\xd9".to_vec(), &mut 0), None);
    }

    #[test]
    fn pictures_beyond_what_is_held_have_fewer_pixels_and_the_same_size() {
        let noise = image::RgbImage::from_fn(1000, 800, |x, y| {
            image::Rgb([(x * y % 251) as u8, (x * 7 + y * 13) as u8, (x * x + y) as u8])
        });
        let mut out = Cursor::new(Vec::new());
        noise.write_to(&mut out, ImageFormat::Png).unwrap();
        let mut held = HELD;
        let Some(Prepared::Picture(picture)) = prepare(out.into_inner(), &mut held) else { panic!() };
        assert_eq!((picture.width, picture.height), (1000, 800));
        let jpeg = Jpeg::read(&picture.bytes).unwrap();
        assert!(jpeg.width * jpeg.height <= 350_000 && jpeg.components == 3 && jpeg.is_usual, "{jpeg:?}");
    }
}
