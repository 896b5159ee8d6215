//! Barcode images in the API.

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::{INT, TEXT};

use super::link;
use super::record_types;
use super::symbol::{CORRECTIONS, SYMBOLOGIES, Symbol, Symbology};

/// Most pixels of a field.
const LARGEST_FIELD: u32 = 32;
/// Most characters of a code that is given as a text.
const LONGEST: usize = 4_095;

/// `GET /api/barcode/picture/`: an addition to the InvenTree API.
pub(crate) static PICTURE: Action =
    action(Method::Get, "/api/barcode/picture/", "barcode_picture_retrieve", Access::SignedIn, picture)
        .params(&[
            ("model", TEXT, "Type of record to generate the barcode for."),
            ("pk", INT, "ID of the record."),
            ("barcode", TEXT, "Text to encode, instead of a record."),
            ("symbology", TEXT, "`qr` (default), `datamatrix`, or `code128`."),
            ("correction", TEXT, "Error correction level of a QR code: `L`, `M` (default), `Q`, or `H`."),
            ("picture", TEXT, "`svg` (default) or `png`."),
            ("module", INT, "Size of one module in pixels, 1 to 32 (default: 4)."),
        ])
        .response(200, Shape::File(&["image/svg+xml", "image/png"]))
        .help("A barcode as an image, for labels and screens. An addition to the InvenTree API.");

/// The value of a parameter that is one of some names; the first where it is not given.
fn one_of<'a>(ctx: &'a Context<'_>, name: &'static str, choices: &[&'static str]) -> Result<&'a str> {
    let value = ctx.request.param(name).filter(|text| !text.is_empty()).unwrap_or(choices[0]);
    if choices.contains(&value) {
        Ok(value)
    } else {
        Err(Error::field(name, format!("Must be one of: {}.", choices.join(", "))))
    }
}

fn picture(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let data = data(ctx)?;
    let symbology = Symbology::named(one_of(ctx, "symbology", SYMBOLOGIES)?).unwrap_or(Symbology::Qr);
    let correction = one_of(ctx, "correction", CORRECTIONS)?;
    let module = match ctx.request.param("module") {
        None | Some("") => 4,
        Some(text) => text
            .parse()
            .ok()
            .filter(|pixels| (1..=LARGEST_FIELD).contains(pixels))
            .ok_or_else(|| Error::field("module", format!("Must be a number from 1 to {LARGEST_FIELD}.")))?,
    };
    let symbol = Symbol::of(symbology, &data, correction)?;
    let (content_type, body) = match one_of(ctx, "picture", &["svg", "png"])? {
        "png" => ("image/png", symbol.png(module)?),
        _ => ("image/svg+xml", symbol.svg(module).into_bytes()),
    };
    Ok(Answer { status: 200, content_type, headers: Vec::new(), body })
}

/// The text to show: that of a record, or the one given.
fn data(ctx: &mut Context<'_>) -> Result<String> {
    let given = |name: &str| ctx.request.param(name).filter(|text| !text.is_empty()).map(str::to_owned);
    match (given("model"), given("pk"), given("barcode")) {
        (None, None, Some(text)) if text.chars().count() <= LONGEST => Ok(text),
        (None, None, Some(_)) => Err(Error::field("barcode", format!("Must be at most {LONGEST} characters."))),
        (Some(model), Some(key), None) => {
            let record_type = record_types::by_model(&model);
            let record_type =
                record_type.ok_or_else(|| Error::field("model", "Records of this type have no barcodes."))?;
            let key = key.parse().map_err(|_| Error::field("pk", "Must be the ID of a record."))?;
            link::code_of(ctx, record_type, key)
        }
        (Some(_), None, None) => Err(Error::field("pk", "The ID of the record is required.")),
        (None, Some(_), None) => Err(Error::field("model", "The type of record is required.")),
        (None, None, None) => Err(Error::field("barcode", "Enter a record (`model` and `pk`) or a text.")),
        (_, _, Some(_)) => Err(Error::field("barcode", "Enter either a record or a text, not both.")),
    }
}

#[cfg(test)]
mod tests {
    use ironwood_rest::http::{Body, Method};
    use serde_json::json;

    use super::super::symbol::{Symbol, Symbology};
    use crate::platform::users::permission::{Permission, Ruleset};
    use crate::testing::on_each_server;

    #[test]
    fn pictures_are_of_records_that_the_caller_may_see() {
        on_each_server(|server| {
            let admin = server.superuser();
            let part = admin.made("/api/part/", json!({"name": "Bolt", "description": "M3"}));
            let clerk = server.user("clerk", &[(Ruleset::Part, &[Permission::View])]);
            let code = admin.done("/api/barcode/generate/", json!({"model": "part", "pk": part}));
            let code = code["barcode"].as_str().unwrap().to_owned();
            let of = |query: &str| {
                let path = format!("/api/barcode/picture/?{query}");
                server.app.handle(clerk.request(Method::Get, &path, Body::Empty))
            };
            for (name, symbology) in
                [("qr", Symbology::Qr), ("datamatrix", Symbology::DataMatrix), ("code128", Symbology::Code128)]
            {
                let symbol = Symbol::of(symbology, &code, "M").unwrap();
                let answer = of(&format!("model=part&pk={part}&symbology={name}"));
                assert_eq!((answer.status, answer.content_type), (200, "image/svg+xml"));
                assert_eq!(String::from_utf8(answer.body).unwrap(), symbol.svg(4));
                let answer = of(&format!("barcode={code}&symbology={name}&picture=png&module=2"));
                assert_eq!((answer.status, answer.content_type), (200, "image/png"));
                assert_eq!(answer.body, symbol.png(2).unwrap());
            }
            assert_eq!(of("model=stocklocation&pk=1").status, 403);
            for (query, field) in [
                ("", "barcode"),
                ("model=part", "pk"),
                ("pk=1", "model"),
                ("model=user&pk=1", "model"),
                ("model=part&pk=x", "pk"),
                ("barcode=x&symbology=aztec", "symbology"),
                ("barcode=x&correction=Z", "correction"),
                ("barcode=x&picture=gif", "picture"),
                ("barcode=x&module=0", "module"),
                ("barcode=x&module=100000", "module"),
                ("barcode=x&model=part&pk=1", "barcode"),
            ] {
                let (status, body) = clerk.get(&format!("/api/barcode/picture/?{query}"));
                assert!(status == 400 && body.get(field).is_some(), "{query}: {status} {body}");
            }
        });
    }
}
