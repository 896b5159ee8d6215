//! Validating and copying bills of materials.

use ironwood_base::{Error, Key, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::input;
use ironwood_rest::query::Query;
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::select;
use ironwood_rest::table::{ColumnType, OnDelete};
use ironwood_rest::view::{BOOL, Type, View, col, input, nested, pk};
use serde_json::json;

use super::copy::{self, Options};
use super::{checksum, lines};
use crate::platform::state;
use crate::platform::system::job;
use crate::platform::users::view::BRIEF as USER;
use crate::schema::keys::PartKey;
use crate::schema::part::{PART, Part};

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[&LINE_PUT, &LINE_PATCH, &PART_GET, &PART_PUT, &PART_PATCH, &COPY];

fn key<T>(args: &Args) -> Result<Key<T>> {
    args.first().and_then(|a| a.parse().ok()).ok_or(Error::NotFound)
}

static LINE: View = View::plain(
    "BomItemValidation",
    &[input("valid", BOOL).default("false").listed().help("Whether the line is validated.")],
);

request! {
    struct LineRequest of LINE {
        valid: bool,
    } without []
}

const fn of_line(method: Method, id: &'static str) -> Action {
    action(method, "/api/bom/{id}/validate/", id, Access::Table("part_bomitem"), validate_line)
        .request(Shape::Object(&LINE))
        .response(200, Shape::Object(&LINE))
        .help("Validates a line in its current state, or removes the validation.")
}
static LINE_PUT: Action = of_line(Method::Put, "bom_validate_update");
static LINE_PATCH: Action = of_line(Method::Patch, "bom_validate_partial_update");

fn validate_line(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let line = lines::one(ctx.conn, key(args)?)?;
    let valid = LineRequest::read(ctx)?.valid;
    let snapshot = state::snapshot(ctx)?;
    checksum::validate_lines(ctx.conn, snapshot.name_format(), &[line.id], valid)?;
    Ok(Answer::json(200, &json!({"valid": valid})))
}

static OF_PART: View = View::new(
    "PartBomValidate",
    &PART,
    &[
        pk(),
        col("bom_validated").read_only(),
        col("bom_checksum").read_only(),
        col("bom_checked_by").read_only(),
        nested("bom_checked_by_detail", "bom_checked_by", &USER).always(),
        col("bom_checked_date").read_only(),
        input("valid", BOOL).default("false").listed().help("Whether the bill of materials is validated."),
    ],
);

request! {
    struct PartRequest of OF_PART {
        valid: bool,
    } without []
}

static PART_GET: Action = action(
    Method::Get,
    "/api/part/{id}/bom-validate/",
    "part_bom_validate_retrieve",
    Access::Table("role:bom"),
    |ctx, args| {
        let query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, &PART);
        select::write_row(ctx, &OF_PART, query, key::<Part>(args)?.id())?
            .map(|body| Answer::json_bytes(200, body))
            .ok_or(Error::NotFound)
    },
)
.response(200, Shape::Object(&OF_PART))
.help("Whether the bill of materials of the part is validated in its current state.");

const fn of_part(method: Method, id: &'static str) -> Action {
    action(method, "/api/part/{id}/bom-validate/", id, Access::Table("role:bom"), validate_part)
        .request(Shape::Object(&OF_PART))
        .response(200, Shape::Object(&job::DETAIL))
        .help("Validates the whole bill of materials in its current state, or removes the validation.")
}
static PART_PUT: Action = of_part(Method::Put, "part_bom_validate_update");
static PART_PATCH: Action = of_part(Method::Patch, "part_bom_validate_partial_update");

fn part_is_there(ctx: &mut Context<'_>, part: PartKey) -> Result<()> {
    if input::exists(ctx.conn, &PART, part.id())? { Ok(()) } else { Err(Error::NotFound) }
}

fn validate_part(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let part: PartKey = key(args)?;
    part_is_there(ctx, part)?;
    let valid = PartRequest::read(ctx)?.valid;
    let (snapshot, user) = (state::snapshot(ctx)?, ctx.caller.id().map(Key::from_id));
    checksum::validate_part(ctx.conn, snapshot.name_format(), part, user, valid)?;
    job::done_now(ctx, "bom.validate", &json!({"part": part, "valid": valid}))
}

static COPYING: View = View::plain(
    "PartCopyBOM",
    &[
        input("part", Type::Of(ColumnType::Link(&PART, OnDelete::Cascade)))
            .required()
            .listed()
            .help("Part to copy from."),
        input("remove_existing", BOOL)
            .label("Remove Existing Data")
            .default("true")
            .listed()
            .help("Delete the existing lines of the part first."),
        input("include_inherited", BOOL)
            .default("false")
            .listed()
            .help("Also copy lines that the other part inherits."),
        input("skip_invalid", BOOL)
            .label("Skip Invalid Rows")
            .default("false")
            .listed()
            .help("Skip lines that are not valid for this part."),
        input("copy_substitutes", BOOL)
            .label("Copy Substitute Parts")
            .default("true")
            .listed()
            .help("Copy the substitutes of each line."),
    ],
);

request! {
    struct CopyRequest of COPYING {
        part: PartKey,
        remove_existing: bool,
        include_inherited: bool,
        skip_invalid: bool,
        copy_substitutes: bool,
    } without []
}

static COPY: Action =
    action(Method::Post, "/api/part/{id}/bom-copy/", "part_bom_copy_create", Access::Table("part_part"), copy_lines)
        .request(Shape::Object(&COPYING))
        .response(201, Shape::Object(&COPYING))
        .help("Copies the bill of materials of another part.");

fn copy_lines(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let part: PartKey = key(args)?;
    let request = CopyRequest::read(ctx)?;
    part_is_there(ctx, part)?;
    let from = request.part;
    let options = Options {
        remove_existing: request.remove_existing,
        include_inherited: request.include_inherited,
        skip_invalid: request.skip_invalid,
        copy_substitutes: request.copy_substitutes,
    };
    let sql = "SELECT assembly FROM part_part WHERE id = $1";
    if !ctx.conn.one(sql, &[part.into()])?.is_some_and(|row| row.bool(0)) {
        return Err(Error::non_field("Part must be an assembly to have a bill of materials."));
    }
    copy::copy(ctx, from, part, options)?;
    Ok(Answer::json(
        201,
        &json!({
            "part": from,
            "remove_existing": options.remove_existing,
            "include_inherited": options.include_inherited,
            "skip_invalid": options.skip_invalid,
            "copy_substitutes": options.copy_substitutes,
        }),
    ))
}
