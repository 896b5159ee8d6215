//! Pictures and other files.
//!
//! A file is named by its address below `/media/`, which whatever lays the document out asks the server for; a picture
//! that is wanted in another size is made here.

use std::io::Cursor;
use std::rc::Rc;

use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat};
use ironwood_rest::table::Table;
use ironwood_template::{Call, Failure, Value};

use super::{Made, Tags, data_address};
use crate::platform::media::picture;
use crate::platform::settings::keys;
use crate::schema::company::COMPANY;
use crate::schema::part::PART;
use crate::services::report::context::record::Record;
use crate::services::report::context::source::Source;

/// Widest and highest picture that a template may ask for, in pixels.
const LARGEST: i64 = 4_000;

/// What stands where there is no picture: a light frame.
pub(in super::super) const BLANK: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"64\" height=\"64\" viewBox=\"0 0 64 64\">\
    <rect x=\"1\" y=\"1\" width=\"62\" height=\"62\" rx=\"6\" fill=\"#f4f5f7\" stroke=\"#d5d9e0\" stroke-width=\"2\"/>\
    <path d=\"M14 46l12-16 8 10 6-7 10 13z\" fill=\"#d5d9e0\"/><circle cx=\"43\" cy=\"22\" r=\"5\" fill=\"#d5d9e0\"/></svg>";

/// The logo of a server whose administrators set none.
const LOGO: &str = include_str!("../defaults/logo.svg");

/// Names of assets that are the company's logo.
const LOGO_ASSETS: &[&str] = &["logo.svg", "logo.png", "logo.jpg", "logo.jpeg", "logo.webp"];

pub(super) static TAGS: Tags = &[
    ("asset", asset),
    ("uploaded_image", |source, call| {
        let path = path_of(call.required(0, "filename")?)?;
        uploaded(source, call, &path)
    }),
    ("encode_svg_image", |source, call| {
        let path = path_of(call.required(0, "filename")?)?;
        let bytes = source.file(&path).ok_or_else(|| missing(&path))?;
        Ok(data_address("image/svg+xml", &bytes))
    }),
    ("part_image", |source, call| image_of(source, call, &PART, "part_image", "part")),
    ("company_image", |source, call| image_of(source, call, &COMPANY, "company_image", "company")),
    ("logo_image", |source, call| logo(source, call)),
    ("inventree_logo", |source, call| logo(source, call)),
    ("get_media_prefix", |_, _| Ok(Value::text("/media/"))),
    ("get_static_prefix", |_, _| Ok(Value::text("/static/"))),
    ("static", |_, call| Ok(Value::text(format!("/static/{}", call.required(0, "path")?.to_text()?)))),
];

fn missing(path: &str) -> Failure {
    Failure::new(format!("File \"{path}\" does not exist."))
}

/// The path of a file below the media folder.
fn path_of(value: &Value) -> Result<String, Failure> {
    let text = match value {
        Value::None => String::new(),
        value => value.to_text()?,
    };
    let path = text.trim_start_matches(['/', '\\']);
    Ok(path.strip_prefix("media/").unwrap_or(path).to_owned())
}

/// The address of a file below the media folder.
fn address(path: &str) -> Value {
    Value::text(format!("/media/{path}"))
}

fn asset(source: &Rc<Source>, call: &Call<'_>) -> Made {
    let name = path_of(call.required(0, "filename")?)?;
    let path = format!("report/assets/{name}");
    if !name.is_empty() && source.file(&path).is_some() {
        return Ok(address(&path));
    }
    if call.flag_or(1, "raise_error", false)? { Err(missing(&name)) } else { Ok(Value::None) }
}

/// The picture of a record in its column `image`.
fn image_of(source: &Rc<Source>, call: &Call<'_>, table: &Table, tag: &str, name: &str) -> Made {
    let value = call.required(0, name)?;
    let Some(record) = Record::of(value).filter(|record| record.is(table)) else {
        return match value.truth()? {
            // what a record links to may not be there
            false => Ok(blank()),
            true => Err(Failure::new(format!("\"{tag}\" takes a {name}."))),
        };
    };
    let path = record.string("image");
    let small = call.flag_or(1, "preview", false)? || call.flag_or(2, "thumbnail", false)?;
    let thumbnail = picture::thumbnail_of(path);
    let path = if small && source.file(&thumbnail).is_some() { &thumbnail } else { path };
    uploaded(source, call, path)
}

fn blank() -> Value {
    data_address("image/svg+xml", BLANK.as_bytes())
}

/// A picture, in another size where that is asked for.
fn uploaded(source: &Rc<Source>, call: &Call<'_>, path: &str) -> Made {
    let size = |name: &str| {
        let given = call.named(name).and_then(|value| value.as_int()).filter(|pixels| *pixels > 0);
        given.and_then(|pixels| u32::try_from(pixels.min(LARGEST)).ok())
    };
    let (width, height) = (size("width"), size("height"));
    let turn = call.named("rotate").and_then(|value| value.as_int()).map_or(0, |degrees| degrees.rem_euclid(360));
    let Some(bytes) = (!path.is_empty()).then(|| source.file(path)).flatten() else {
        if call.flag_or(usize::MAX, "raise_error", false)? || !call.flag_or(1, "replace_missing", true)? {
            return Err(missing(path));
        }
        return Ok(blank());
    };
    if (width, height, turn) == (None, None, 0) {
        return Ok(address(path));
    }
    let key = format!("{path}?{width:?}{height:?}{turn}");
    if let Some(made) = source.made(&key) {
        return Ok(made);
    }
    let made = match changed(&bytes, width, height, turn) {
        Some((kind, bytes)) => data_address(kind, &bytes),
        // no picture that can be changed, such as an SVG
        None => address(path),
    };
    source.keep(key, &made);
    Ok(made)
}

/// A picture in another size, turned against the clock by so many degrees.
fn changed(bytes: &[u8], width: Option<u32>, height: Option<u32>, turn: i64) -> Option<(&'static str, Vec<u8>)> {
    let read = picture::read(bytes).ok()?;
    let (image, format) = (&read.image, read.format);
    let (own_width, own_height) = (f64::from(image.width().max(1)), f64::from(image.height().max(1)));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a picture within limits")]
    let scaled = |length: f64| length.round().clamp(1.0, 4_000.0) as u32;
    let (width, height) = match (width, height) {
        (Some(width), Some(height)) => (width, height),
        (Some(width), None) => (width, scaled(f64::from(width) * own_height / own_width)),
        (None, Some(height)) => (scaled(f64::from(height) * own_width / own_height), height),
        (None, None) => (image.width(), image.height()),
    };
    let mut made = if (width, height) == (image.width(), image.height()) {
        image.clone()
    } else {
        image.resize_exact(width, height, FilterType::Triangle)
    };
    made = match turn {
        90 => made.rotate270(),
        180 => made.rotate180(),
        270 => made.rotate90(),
        _ => made,
    };
    let mut out = Cursor::new(Vec::new());
    if format == ImageFormat::Jpeg {
        DynamicImage::ImageRgb8(made.to_rgb8()).write_to(&mut out, ImageFormat::Jpeg).ok()?;
        return Some(("image/jpeg", out.into_inner()));
    }
    DynamicImage::ImageRgba8(made.to_rgba8()).write_to(&mut out, ImageFormat::Png).ok()?;
    Some(("image/png", out.into_inner()))
}

/// The company's logo: the asset that the settings name, or one that is called so, else a neutral one.
fn logo(source: &Rc<Source>, _: &Call<'_>) -> Made {
    let set = source.settings.text(keys::REPORT_LOGO);
    for name in std::iter::once(&set).chain(LOGO_ASSETS).filter(|name| !name.is_empty()) {
        let path = format!("report/assets/{name}");
        if source.file(&path).is_some() {
            return Ok(address(&path));
        }
    }
    Ok(data_address("image/svg+xml", LOGO.as_bytes()))
}
