//! Attachments: files and links on records.
//!
//! Whoever may change a record may attach something to it. Pictures get a preview from the background
//! worker, which also tells whether a file is a picture at all.

use std::fs;

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Act, Context, Facts};
use ironwood_rest::http::Method;
use ironwood_rest::resource::{
    Access, Delete, NO_RULES, Operations, Resource, Rules, Test, filter, flag_filter, order,
};
use ironwood_rest::select::write_text;
use ironwood_rest::table::Table;
use ironwood_rest::view::{INT, TEXT, View, col, made, nested, pk};
use ironwood_store::{Value, ValueRef};
use serde_json::json;

use crate::common::carrier::{self, Carrier, WITH_ATTACHMENTS};
use crate::common::tables::ATTACHMENT as TABLE;
use crate::common::tag;
use crate::media::{self, name, picture};
use crate::state::Inventory;
use crate::system::job::{self, Job, Kind, Next};
use crate::users::tables::USER;
use crate::users::view::BRIEF as USER_VIEW;

/// Width and height of a preview at most, in pixels.
const PREVIEW: u32 = 256;

static VIEW: View = View::new(
    "Attachment",
    &TABLE,
    &[
        pk(),
        col("attachment").nullable().help("The file."),
        col("thumbnail").read_only().nullable().help("A small copy of a picture."),
        made("filename", TEXT, &["{attachment}"], write_name).writable().optional().help("Name of the file."),
        col("link").help("An address instead of a file."),
        col("comment").help("What it is."),
        col("is_image").read_only().help("Whether the file is a picture."),
        col("upload_date").read_only().not_null().help("When it was attached."),
        col("upload_user").read_only().option_type("field").label("User").help("Who attached it."),
        nested("user_detail", "upload_user", &USER_VIEW).always().not_null(),
        col("file_size").read_only().help("Size of the file in bytes."),
        col("model_type").choices(WITH_ATTACHMENTS).help("Kind of the record that it is attached to."),
        col("model_id").help("Key of the record."),
        tag::TAGS,
    ],
);

fn write_name(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    match values.first().and_then(|v| v.as_text()).filter(|path| !path.is_empty()) {
        Some(path) => write_text(out, last(path)),
        None => out.extend_from_slice(b"null"),
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Attachments of records of every kind.
pub static ATTACHMENT: Resource = Resource::new("/api/attachment/", "attachment", &VIEW)
    .operations(Operations::ALL.bulk_delete())
    // the rules ask for the rights on the record that it is attached to
    .access(Access::SignedIn)
    .guard(guard)
    .filters(&[
        filter("model_type", Test::Where(TEXT, "{model_type} = {value}")),
        filter("model_id", Test::Where(INT, "{model_id} = {value}")),
        filter("upload_user", Test::Link(&USER, "{upload_user} = {value}")),
        flag_filter("is_image", "{is_image}", "NOT {is_image}"),
        flag_filter("is_file", "{attachment} <> ''", "{attachment} = ''"),
        flag_filter("is_link", "COALESCE({link}, '') <> ''", "COALESCE({link}, '') = ''"),
        flag_filter("has_thumbnail", "{thumbnail} <> ''", "{thumbnail} = ''"),
        tag::BY_TAGS,
        tag::BY_TAG_NAME,
    ])
    .search(&["{comment}", "CAST({model_id} AS TEXT)", "{model_type}"])
    .order(&[
        order("model_id", &["{model_id}"]),
        order("model_type", &["{model_type}"]),
        order("upload_date", &["{upload_date}"]),
        order("file_size", &["{file_size}"]),
    ])
    .rules(Rules { check, saved, delete: Delete::Many(delete), ..NO_RULES })
    .help("Files and links on records of every kind.");

fn carrier(model: &str) -> Result<&'static Carrier> {
    carrier::find(model)
        .filter(|c| c.attachments && c.short() == model)
        .ok_or_else(|| Error::field("model_type", "Records of this kind have no attachments."))
}

fn may(ctx: &Context<'_>, model: &str, act: Act) -> Result<bool> {
    Ok(ctx.caller.may(carrier(model)?.table.name, act))
}

/// Whoever may not change a record may not change what is attached to it.
fn guard(ctx: &mut Context<'_>, id: i64) -> Result<()> {
    let row = ctx.conn.one("SELECT model_type FROM common_attachment WHERE id = $1", &[Value::Int(id)])?;
    let model = row.ok_or(Error::NotFound)?.text(0).to_owned();
    let act = if ctx.request.method == Method::Delete { Act::Delete } else { Act::Change };
    if may(ctx, &model, act)? { Ok(()) } else { Err(Error::denied()) }
}

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let model = change.text("model_type").to_owned();
    if !may(ctx, &model, Act::Change)? {
        return Err(Error::denied());
    }
    if change.is_changed("model_type") || change.is_changed("model_id") {
        let sql = format!("SELECT 1 FROM {} WHERE id = $1", carrier(&model)?.table.name);
        if ctx.conn.one(&sql, &[change.int("model_id").into()])?.is_none() {
            return Err(Error::field("model_id", "There is no such record."));
        }
    }
    let scheme = change.text("link").split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    if change.is_changed("link") && scheme.is_some_and(|s| !matches!(s.as_str(), "http" | "https")) {
        return Err(Error::field("link", "Links begin with http:// or https://."));
    }
    if change.get("attachment") == &Value::Null {
        change.set("attachment", "");
    }
    let upload = change.files.get("attachment").map(|file| file.bytes.len());
    if upload.is_none() && change.text("attachment").is_empty() && change.text("link").is_empty() {
        let mut fields = Fields::new();
        fields.add("attachment", "A file or a link is needed.");
        fields.add("link", "A file or a link is needed.");
        return fields.check();
    }
    if let Some(size) = upload {
        change.set("file_size", i64::try_from(size).unwrap_or(i64::MAX));
    } else if change.text("attachment").is_empty() {
        change.set("file_size", 0_i64);
    }
    if upload.is_some() || change.is_changed("attachment") {
        change.set("is_image", false);
        change.set("thumbnail", "");
    }
    if change.is_new() {
        change.set("upload_user", ctx.caller.id());
    }
    match change.extra.get("filename").and_then(|name| name.as_str()).map(str::to_owned) {
        Some(wanted) if upload.is_none() && !change.is_new() => rename(ctx, change, &wanted),
        _ => Ok(()),
    }
}

/// Gives the file another name in its folder.
fn rename(ctx: &mut Context<'_>, change: &mut Change, wanted: &str) -> Result<()> {
    let path = change.text("attachment").to_owned();
    let wanted = wanted.trim();
    if wanted == last(&path) {
        return Ok(());
    }
    if path.is_empty() {
        return Err(Error::non_field("There is no file that could be renamed."));
    }
    let safe = name::safe(wanted);
    if wanted.contains(['/', '\\', '\0']) || wanted.starts_with('.') || safe.is_empty() {
        return Err(Error::non_field("This is no name for a file."));
    }
    let ending = |name: &str| name::split(name).1.to_ascii_lowercase();
    if ending(&safe) != ending(last(&path)) {
        return Err(Error::non_field("The ending of the file's name has to stay as it is."));
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let target = media::beside(folder, &safe);
    let media = Inventory::of(ctx.domain)?.media.clone();
    let taken = ctx.conn.one("SELECT 1 FROM common_attachment WHERE attachment = $1", &[target.as_str().into()])?;
    if taken.is_some() || media.join(&target).exists() {
        return Err(Error::non_field("Another file has this name already."));
    }
    if name::is_inside(&path) && media.join(&path).is_file() {
        // the old file goes after the commit, because nothing names it any more
        let bytes = fs::read(media.join(&path)).map_err(|error| Error::Internal(format!("{path}: {error}")))?;
        change.set("attachment", media::write(&media, &mut ctx.effects, folder, &safe, &bytes)?);
    } else {
        change.set("attachment", target);
    }
    Ok(())
}

fn saved(ctx: &mut Context<'_>, change: &Change, id: i64) -> Result<()> {
    let path = change.text("attachment");
    // a renamed file is the same file
    let renamed = change.extra.contains_key("filename") && !change.is_given("file_size");
    if change.old("attachment") == change.get("attachment") || path.is_empty() || renamed {
        return Ok(());
    }
    let media = &Inventory::of(ctx.domain)?.media;
    let begins = fs::read(media.join(path)).unwrap_or_default();
    if picture::looks_like(&begins) {
        job::enqueue(ctx, &PREVIEWS, &json!({ "attachment": id }))?;
    }
    Ok(())
}

fn delete(ctx: &mut Context<'_>, ids: &[i64]) -> Result<bool> {
    let mut models = Vec::new();
    let sql = "SELECT DISTINCT model_type FROM common_attachment WHERE id IN ({keys})";
    ctx.conn.of_keys(sql, ids, |row| models.push(row.text(0).to_owned()))?;
    for model in models {
        if !may(ctx, &model, Act::Delete)? {
            return Err(Error::non_field("You may not delete these attachments."));
        }
    }
    Ok(true)
}

/// Removes the files of records that are going to be deleted, their attachments with them.
///
/// # Errors
/// Those of the database.
pub fn forget_of(ctx: &mut Context<'_>, table: &'static Table, ids: &[i64]) -> Result<()> {
    let Some(carrier) = carrier::CARRIERS.iter().find(|c| c.attachments && c.table.name == table.name) else {
        return Ok(());
    };
    let model = carrier.short();
    let sql = format!(
        "SELECT a.attachment, a.thumbnail FROM common_attachment a WHERE a.model_type = '{model}' \
         AND a.model_id IN ({{keys}}) AND NOT EXISTS (SELECT 1 FROM common_attachment b \
         WHERE b.attachment = a.attachment AND NOT (b.model_type = '{model}' AND b.model_id IN ({{keys}})))"
    );
    let mut paths = Vec::new();
    ctx.conn.of_keys(&sql, ids, |row| paths.extend([row.text(0), row.text(1)].map(str::to_owned)))?;
    paths.sort_unstable();
    paths.dedup();
    for path in paths.iter().filter(|path| !path.is_empty()) {
        let domain = ctx.domain;
        domain.drop_file(&mut ctx.effects, path);
    }
    Ok(())
}

/// Makes previews of pictures.
static PREVIEWS: Kind = Kind::bound("preview_attachment", preview);

/// Jobs of this file.
pub static JOBS: &[&Kind] = &[&PREVIEWS];

fn preview(job: &mut Job<'_, '_>) -> Result<Next> {
    let id = job.payload["attachment"].as_i64().unwrap_or(0);
    let sql = "SELECT attachment, thumbnail FROM common_attachment WHERE id = $1";
    let Some(row) = job.ctx.conn.one(sql, &[Value::Int(id)])? else { return Ok(Next::Done) };
    let (path, old) = (row.text(0).to_owned(), row.text(1).to_owned());
    let media = Inventory::of(job.ctx.domain)?.media.clone();
    if !name::is_inside(&path) {
        return Ok(Next::Done);
    }
    // a file that is gone, or no picture after all, has no preview
    let Ok(bytes) = fs::read(media.join(&path)) else { return Ok(Next::Done) };
    let Ok(read) = picture::read(&bytes) else { return Ok(Next::Done) };
    let thumbnail = match read.preview(PREVIEW) {
        Some(small) => media::write(&media, &mut job.ctx.effects, "", &format!("thumb_{}", last(&path)), &small)?,
        None => String::new(),
    };
    let sql = "UPDATE common_attachment SET is_image = TRUE, thumbnail = $1 WHERE id = $2";
    job.ctx.conn.execute(sql, &[thumbnail.into(), Value::Int(id)])?;
    if !old.is_empty() {
        media::forget(&media, &mut job.ctx.effects, &old);
    }
    Ok(Next::Done)
}
