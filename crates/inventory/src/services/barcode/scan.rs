//! Decoding barcodes: the decoders are tried in turn.

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result, clock};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::{TEXT, View, input};
use ironwood_store::Value;
use serde_json::{Map, Value as Json};

use super::found::Found;
use super::internal;
use super::label::VENDORS;
use super::supplier;
use crate::platform::common::barcode_hash as hash;
use crate::platform::settings::keys;

/// Longest barcode.
pub(crate) const LONGEST: usize = 4095;

/// A barcode decoder.
pub(crate) struct Decoder {
    /// Its name in answers.
    pub name: &'static str,
    /// What the barcode says; `None` where it is of another kind. Only what is refused to the caller is
    /// an error.
    pub decode: fn(&mut Context<'_>, &str) -> Result<Option<Found>>,
}

/// All decoders, in the order in which they are asked. Those of suppliers come after our own.
pub(crate) static DECODERS: &[Decoder] = &[
    Decoder { name: internal::NAME, decode: internal::decode },
    Decoder { name: VENDORS[0].name, decode: |ctx, data| supplier::decode(ctx, data, &VENDORS[0]) },
    Decoder { name: VENDORS[1].name, decode: |ctx, data| supplier::decode(ctx, data, &VENDORS[1]) },
    Decoder { name: VENDORS[2].name, decode: |ctx, data| supplier::decode(ctx, data, &VENDORS[2]) },
    Decoder { name: VENDORS[3].name, decode: |ctx, data| supplier::decode(ctx, data, &VENDORS[3]) },
];

/// What a scan gave.
#[derive(Debug, Clone)]
pub(crate) struct Scan {
    /// The decoder that could read it.
    pub decoder: Option<&'static str>,
    /// What it found, with `plugin`, `barcode_data` and `barcode_hash`.
    pub body: Map<String, Json>,
}

/// Asks the decoders: the first one that finds something; else the first one that knows the kind of code.
///
/// # Errors
/// 403 where the caller may not see what the code names; those of the database.
pub(crate) fn scan(ctx: &mut Context<'_>, data: &str) -> Result<Scan> {
    let mut scan = Scan { decoder: None, body: Map::new() };
    for decoder in DECODERS {
        let Some(found) = (decoder.decode)(ctx, data)? else { continue };
        let failed = found.body.contains_key("error");
        if failed && scan.decoder.is_some() {
            continue;
        }
        scan = Scan { decoder: Some(decoder.name), body: found.body };
        if !failed {
            break;
        }
    }
    scan.body.insert("plugin".into(), scan.decoder.into());
    scan.body.insert("barcode_data".into(), data.into());
    scan.body.insert("barcode_hash".into(), hash::of(data).into());
    Ok(scan)
}

/// The barcode that a request holds, as it was scanned: control characters in it mean something.
///
/// # Errors
/// 400 on `barcode`.
pub(crate) fn barcode_of(ctx: &Context<'_>) -> Result<String> {
    let given = ironwood_rest::input::RawObject::read(&ctx.request.body)?;
    let refuse = |message: &str| Err(Error::field("barcode", message));
    match given.values.get("barcode") {
        None => refuse("This field is required."),
        Some(Json::Null) => refuse("This field may not be null."),
        Some(Json::String(text)) if text.trim().is_empty() => refuse("This field may not be blank."),
        Some(Json::String(text)) if text.contains('\0') => refuse("Null characters are not allowed."),
        Some(Json::String(text)) if text.chars().count() > LONGEST => refuse("This barcode is too long."),
        Some(Json::String(text)) => Ok(text.trim().to_owned()),
        Some(Json::Number(number)) => Ok(number.to_string()),
        Some(_) => refuse("Must be a string."),
    }
}

/// The answer to a scan, and its entry in the history of scans where that is kept: one that found nothing
/// is kept, too.
///
/// # Errors
/// Those of the database.
pub(crate) fn answer(ctx: &mut Context<'_>, data: &str, body: Map<String, Json>) -> Result<Answer> {
    let ok = !body.contains_key("error");
    let body = Json::Object(body);
    keep(ctx, data, &body, ok)?;
    Ok(Answer::json(if ok { 200 } else { 400 }, &body))
}

fn keep(ctx: &mut Context<'_>, data: &str, body: &Json, result: bool) -> Result<()> {
    let snapshot = crate::platform::state::snapshot(ctx)?;
    if !snapshot.settings.bool(keys::BARCODE_STORE_RESULTS) {
        return Ok(());
    }
    // what was asked beside the barcode, and what was answered, as texts
    let texts = |object: &Map<String, Json>| {
        let pairs = object.iter().map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (name.clone(), Json::String(text))
        });
        Json::Object(pairs.collect()).to_string()
    };
    let mut request = ironwood_rest::input::RawObject::read(&ctx.request.body)?.values;
    request.remove("barcode");
    let kept: String = data.chars().take(250).collect();
    let user = ctx.caller.id();
    ctx.conn.execute(
        "INSERT INTO common_barcodescanresult (data, \"user\", timestamp, endpoint, context, response, result) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            kept.into(),
            user.into(),
            clock::now().into(),
            format!("{}/", ctx.request.path.trim_end_matches('/')).into(),
            texts(&request).into(),
            texts(body.as_object().unwrap_or(&Map::new())).into(),
            result.into(),
        ],
    )?;
    let most = snapshot.settings.int(keys::BARCODE_RESULTS_MAX_NUM).max(0);
    let sql = "DELETE FROM common_barcodescanresult WHERE id NOT IN (SELECT k.id FROM common_barcodescanresult k \
               ORDER BY k.timestamp DESC, k.id DESC LIMIT $1)";
    ctx.conn.execute(sql, &[Value::Int(most)])?;
    Ok(())
}

pub(super) static VIEW: View =
    View::plain("Barcode", &[input("barcode", TEXT).max(4095).required().help("Content of the barcode.")]);

/// `POST /api/barcode/`.
pub(crate) static SCAN: Action = action(Method::Post, "/api/barcode/", "barcode_create", Access::SignedIn, run)
    .request(Shape::Object(&VIEW))
    .response(200, Shape::Any)
    .help("Finds the record for a barcode: an internal barcode, an assigned one, or the label of a supplier.");

fn run(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let data = barcode_of(ctx)?;
    let mut scan = scan(ctx, &data)?;
    if scan.decoder.is_none() {
        scan.body.insert("error".into(), "No match was found for this barcode.".into());
    } else if !scan.body.contains_key("error") {
        scan.body.insert("success".into(), "Match found for barcode data".into());
    }
    answer(ctx, &data, scan.body)
}

/// 400 with `{"error": …}`, as the addresses for barcodes refuse things.
pub(crate) fn refuse(message: impl Into<String>) -> Error {
    let mut fields = Fields::new();
    fields.nest("error", Json::String(message.into()));
    Error::Invalid(fields)
}
