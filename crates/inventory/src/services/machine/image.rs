//! Pictures of labels as dots: dark or light.

use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, Luma};

use crate::platform::media::picture;

/// From this brightness on (of 255) a dot is light.
const LIGHT: u8 = 128;

/// What size a picture is brought to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scale {
    AsIs,
    /// So many dots wide and high (0: as high as it becomes), turned by a quarter before.
    Fit {
        width: usize,
        height: usize,
        turned: bool,
    },
}

/// Dots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bitmap {
    pub width: usize,
    pub height: usize,
    dark: Vec<bool>,
}

impl Bitmap {
    /// The dots of a PNG; what is transparent is light.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn read(png: &[u8], scale: Scale) -> Result<Bitmap, String> {
        let read = picture::read(png).map_err(|why| format!("The picture of the label cannot be read: {why}"))?;
        let mut gray = on_white(&read.image);
        if let Scale::Fit { width, height, turned } = scale {
            if turned {
                gray = imageops::rotate90(&gray);
            }
            let dots = |number: usize| u32::try_from(number.max(1)).unwrap_or(1);
            let high = u64::from(gray.height()) * u64::from(dots(width)) / u64::from(gray.width().max(1));
            let high = if height == 0 { u32::try_from(high.clamp(1, 20_000)).unwrap_or(1) } else { dots(height) };
            if (gray.width(), gray.height()) != (dots(width), high) {
                gray = imageops::resize(&gray, dots(width), high, FilterType::Triangle);
            }
        }
        let dark = gray.pixels().map(|pixel| pixel.0[0] < LIGHT).collect();
        Ok(Bitmap { width: gray.width() as usize, height: gray.height() as usize, dark })
    }

    /// Whether a dot is dark.
    pub(crate) fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.width && self.dark.get(y * self.width + x).copied().unwrap_or(false)
    }

    /// The dots row by row, eight in a byte, the leftmost one first; each row begins a byte.
    pub(crate) fn bytes(&self) -> impl Iterator<Item = u8> {
        self.dark.chunks(self.width.max(1)).flat_map(|row| {
            row.chunks(8)
                .map(|dots| dots.iter().enumerate().fold(0, |byte, (at, dark)| byte | u8::from(*dark) << (7 - at)))
        })
    }
}

/// A picture in gray, on white where it is transparent.
fn on_white(picture: &DynamicImage) -> GrayImage {
    let colors = picture.to_rgba8();
    GrayImage::from_fn(colors.width(), colors.height(), |x, y| {
        let [r, g, b, a] = colors.get_pixel(x, y).0.map(u32::from);
        let gray = (r * 299 + g * 587 + b * 114) / 1000;
        let shown = (gray * a + 255 * (255 - a)) / 255;
        Luma([u8::try_from(shown).unwrap_or(255)])
    })
}
