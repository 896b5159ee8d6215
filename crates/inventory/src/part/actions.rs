//! Questions about one part: requirements, serial numbers, prices, the state of its bill of materials.

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Access, Action, Args, Operations, Resource, Shape, action};
use ironwood_rest::select::{self, Rows};
use ironwood_rest::view::{INT, TEXT, View, col, sql, value};
use ironwood_store::Value;
use serde_json::json;

use super::requirements::REQUIREMENTS;
use super::tables::PART;

/// Actions of this file.
pub static ACTIONS: [&Action; 3] = [&REQUIREMENTS, &SERIAL_NUMBERS, &THUMBS];

/// Key of the part that the address names.
fn key(args: &Args) -> Result<i64> {
    args.first().and_then(|a| a.parse().ok()).ok_or(Error::NotFound)
}

static SERIALS: View = View::plain("PartSerialNumber", &[value("latest", TEXT).nullable(), value("next", TEXT)]);

static SERIAL_NUMBERS: Action = action(
    Method::Get,
    "/api/part/{id}/serial-numbers/",
    "part_serial_numbers_retrieve",
    Access::Table("part_part"),
    serial_numbers,
)
.response(200, Shape::Object(&SERIALS))
.help("The latest serial number of the part's family, and the next one.");

fn serial_numbers(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let id = key(args)?;
    if ctx.conn.one("SELECT 1 FROM part_part WHERE id = $1", &[Value::Int(id)])?.is_none() {
        return Err(Error::NotFound);
    }
    let latest = crate::stock::serial::latest(ctx.conn, id)?;
    let next = crate::stock::serial::next_after(latest.as_deref());
    Ok(Answer::json(200, &json!({"latest": latest, "next": next})))
}

static THUMB: View = View::new(
    "PartThumb",
    &PART,
    &[
        col("image").read_only().nullable(),
        sql("count", INT, "(SELECT COUNT(*) FROM part_part o WHERE o.image = {image})"),
    ],
);

static THUMB_OF: View = View::new("PartThumbSerializerUpdate", &PART, &[col("image").required().help("The picture.")]);

/// The picture of one part.
pub static PICTURE: Resource = Resource::new("/api/part/thumbs/", "part_thumbs", &THUMB_OF)
    .operations(Operations { list: false, create: false, delete: false, ..Operations::ALL })
    .help("The picture of a part.");

static THUMBS: Action = action(Method::Get, "/api/part/thumbs/", "part_thumbs_list", Access::SignedIn, thumbs)
    .params(&[
        ("limit", INT, "Rows of a page."),
        ("offset", INT, "Rows to leave out before the page."),
        ("search", TEXT, "Only pictures of parts in which all these words are found."),
    ])
    .response(200, Shape::Page(&THUMB))
    .help("Pictures of parts, each once, with how many parts have it.");

fn thumbs(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let mut query = Query::new(ctx.conn.backend(), ctx.request, ctx.user(), &PART);
    query.and("{image} <> '' AND {id} = (SELECT MIN(o.id) FROM part_part o WHERE o.image = {image})");
    let words = ctx.request.param("search").unwrap_or_default().to_owned();
    for word in words.split_whitespace().take(20) {
        let param = query.bind(word);
        let text = query.resolve(
            "{name} || ' ' || {description} || ' ' || COALESCE({IPN}, '') || ' ' || \
            COALESCE({revision}, '') || ' ' || COALESCE({keywords}, '') || ' ' || COALESCE({category.name}, '')",
        );
        let condition = query.backend.contains(&text, &param);
        query.and_sql(condition);
    }
    query.order_by("(SELECT COUNT(*) FROM part_part o WHERE o.image = {image})", true);
    query.order_by("{image}", true);
    match ironwood_rest::list::page(ctx.request, ctx.limits.page) {
        None => Ok(Answer::json_bytes(200, select::write_rows(ctx, &THUMB, Rows { query, page: None })?.0)),
        Some((limit, offset)) => {
            let count = query.count(ctx.conn)?;
            let rows = select::write_rows(ctx, &THUMB, Rows { query, page: Some((limit, offset)) })?.0;
            Ok(ironwood_rest::list::paged(ctx.request, count, limit, offset, &rows))
        }
    }
}
