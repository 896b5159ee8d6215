//! Actions on one part: requirements, serial numbers, prices, and BOM validation.

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::list;
use ironwood_rest::resource::{Access, Action, Args, Operations, Resource, Shape, action};
use ironwood_rest::selected;
use ironwood_rest::view::{INT, TEXT, View, col, sql, value};
use ironwood_rest::{search, select};
use ironwood_store::{Fragment, Value, fragment};
use serde_json::json;

use super::requirements::REQUIREMENTS;
use crate::schema::keys::PartKey;
use crate::schema::part::PART;

/// Actions of this file.
pub(crate) static ACTIONS: [&Action; 3] = [&REQUIREMENTS, &SERIAL_NUMBERS, &THUMBS];

/// Key of the part that the address names.
fn key(args: &Args) -> Result<PartKey> {
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
.help("The latest serial number among the part and its variants, and the next one.");

fn serial_numbers(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let part = key(args)?;
    if ctx.conn.one("SELECT 1 FROM part_part WHERE id = $1", &[part.into()])?.is_none() {
        return Err(Error::NotFound);
    }
    let latest = crate::business::stock::serial::latest(ctx.conn, part)?;
    let next = crate::business::stock::serial::next_after(latest.as_deref());
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

static THUMB_OF: View = View::new("PartThumbSerializerUpdate", &PART, &[col("image").required().help("Image file.")]);

/// The image of one part.
pub(crate) static PICTURE: Resource = Resource::new("/api/part/thumbs/", "part_thumbs", &THUMB_OF)
    .operations(Operations { list: false, create: false, delete: false, ..Operations::ALL })
    .help("Image of a part.");

static THUMBS: Action =
    action(Method::Get, "/api/part/thumbs/", "part_thumbs_list", Access::Table("part_part"), thumbs)
        .params(&[
            ("limit", INT, "Maximum number of results per page."),
            ("offset", INT, "Number of records to skip."),
            ("search", TEXT, "Only images of parts that contain all of these words."),
        ])
        .response(200, Shape::Page(&THUMB))
        .help("Images of parts, each listed once with the number of parts that use it.");

/// Where an image's parts are searched.
const SEARCHED: &str = "p.name || ' ' || p.description || ' ' || COALESCE(p.\"IPN\", '') || ' ' || \
    COALESCE(p.revision, '') || ' ' || COALESCE(p.keywords, '') || ' ' || COALESCE(c.name, '')";

selected! {
    /// A picture, and how many parts have it.
    struct Thumb<'r> {
        image: &'r str = "p.image",
        count: i64 = "COUNT(*)",
    }
}

fn thumbs(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let mut params: Vec<Value> = Vec::new();
    let mut from =
        Fragment::from("FROM part_part p LEFT JOIN part_partcategory c ON c.id = p.category WHERE p.image <> ''");
    for term in search::terms(ctx.request.param("search").unwrap_or_default()).into_iter().take(20) {
        params.push(term.into());
        let found = ctx.conn.backend().contains(SEARCHED, Fragment::parameter(params.len()));
        from.push(fragment!(" AND ({found})"));
    }
    let page = list::page(ctx.request, ctx.limits.page);
    let count = match page {
        None => 0,
        Some(_) => {
            let row = ctx.conn.one(&fragment!("SELECT COUNT(DISTINCT p.image) {from}"), &params)?;
            row.and_then(|row| u64::try_from(row.int(0)).ok()).unwrap_or(0)
        }
    };
    let (limit, offset) = page.unwrap_or((ctx.limits.list, 0));
    params.extend([limit, offset].map(|number| Value::Int(i64::try_from(number).unwrap_or(i64::MAX))));
    let sql = fragment!(
        "SELECT {} {from} GROUP BY p.image ORDER BY COUNT(*) DESC, p.image DESC LIMIT ${} OFFSET ${}",
        Thumb::COLUMNS,
        params.len() - 1,
        params.len()
    );
    let mut rows = vec![b'['];
    ctx.conn.query(&sql, &params, |row| {
        let Thumb { image, count } = Thumb::read(row);
        let comma = if rows.len() > 1 { "," } else { "" };
        rows.extend_from_slice(format!("{comma}{{\"image\":").as_bytes());
        select::write_media(&mut rows, image);
        rows.extend_from_slice(format!(",\"count\":{count}}}").as_bytes());
        Ok(())
    })?;
    rows.push(b']');
    Ok(match page {
        None => Answer::json_bytes(200, rows),
        Some((limit, offset)) => list::paged(ctx.request, count, limit, offset, &rows),
    })
}
