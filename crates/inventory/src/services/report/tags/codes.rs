//! Codes: QR, Data Matrix, bars.

use ironwood_base::Error;
use ironwood_template::{Call, Failure};

use super::{Made, Tags, data_address};
use crate::services::barcode::symbol::{Caption, Drawing, Symbol, Symbology};

/// Largest natural size of one field, in pixels.
const LARGEST_FIELD: f32 = 100.0;
/// Widest margin, in fields.
const WIDEST_MARGIN: i64 = 50;
/// Natural size of a field of bars, in pixels.
const BAR: f32 = 2.0;
/// Usual size of the text below bars, in points.
const CAPTION_POINTS: f32 = 10.0;
/// Fields of 0.2 mm in a point.
const FIELDS_PER_POINT: f32 = 25.4 / 72.0 / 0.2;
/// Fields between bars and their text.
const CAPTION_GAP: f32 = 4.0;

pub(super) static TAGS: Tags = &[
    ("qrcode", |_, call| {
        let correction = call.text_or(usize::MAX, "error_correction", "M")?;
        draw(call, &data_of(call)?, Symbology::Qr, &correction, number(call, "box_size", 20.0)?, Some(1), None)
    }),
    ("datamatrix", |_, call| {
        let wide = call.flag_or(1, "rectangular", false)?;
        let symbology = if wide { Symbology::WideDataMatrix } else { Symbology::DataMatrix };
        draw(call, &data_of(call)?, symbology, "", number(call, "scale", 1.0)?, Some(1), None)
    }),
    ("barcode", |_, call| {
        let name = call.text_or(1, "barcode_class", "code128")?;
        let symbology = Symbology::bars_named(&name).ok_or_else(|| {
            Failure::new(format!("Unknown type of barcode \"{name}\". Use code128, ean13, or code39."))
        })?;
        draw_bars(call, symbology)
    }),
];

/// A small number of an argument.
fn number(call: &Call<'_>, name: &str, usual: f32) -> Result<f32, Failure> {
    let Some(value) = call.named(name).filter(|value| !value.is_none()) else { return Ok(usual) };
    let text = value.to_text()?;
    let read = text.trim().parse::<f32>().ok().filter(|number| number.is_finite() && *number > 0.0);
    read.map(|number| number.min(LARGEST_FIELD))
        .ok_or_else(|| Failure::new(format!("\"{name}\" must be a positive number.")))
}

/// What a code says.
fn data_of(call: &Call<'_>) -> Result<String, Failure> {
    let data = call.required(0, "data")?;
    let text = if data.is_none() { String::new() } else { data.to_text()? };
    match text.trim() {
        "" => Err(Failure::new("The barcode has no data.")),
        text => Ok(text.to_owned()),
    }
}

/// Bars, with their text below unless `write_text=False`.
fn draw_bars(call: &Call<'_>, symbology: Symbology) -> Made {
    let text = data_of(call)?;
    let caption = call.flag_or(usize::MAX, "write_text", true)?.then(|| {
        let size = number(call, "font_size", CAPTION_POINTS)? * FIELDS_PER_POINT;
        Ok::<_, Failure>(Caption { text: &text, size, gap: CAPTION_GAP })
    });
    let module = BAR * number(call, "scale", 1.0)?;
    draw(call, &text, symbology, "", module, None, caption.transpose()?)
}

fn draw(
    call: &Call<'_>,
    text: &str,
    symbology: Symbology,
    correction: &str,
    module: f32,
    margin: Option<i64>,
    caption: Option<Caption<'_>>,
) -> Made {
    let symbol = Symbol::of(symbology, text, correction).map_err(|error| Failure::new(message(&error)))?;
    let border = call.named("border").and_then(|value| value.as_int()).or(margin);
    let margin = border.map(|fields| usize::try_from(fields.clamp(0, WIDEST_MARGIN)).unwrap_or(0));
    let (dark, light) =
        (call.text_or(usize::MAX, "fill_color", "black")?, call.text_or(usize::MAX, "back_color", "white")?);
    let svg = symbol.draw(Drawing { module, margin, dark: &dark, light: &light, caption });
    Ok(data_address("image/svg+xml", svg.as_bytes()))
}

/// What an error says, without the name of its field.
fn message(error: &Error) -> String {
    match error {
        Error::Invalid(fields) => fields
            .json()
            .as_object()
            .and_then(|map| map.values().next())
            .and_then(|list| list[0].as_str().map(str::to_owned))
            .unwrap_or_else(|| error.to_string()),
        error => error.to_string(),
    }
}
