//! Attachments: files and links on records.
//!
//! Images get a preview from the background
//! worker, which also tells whether a file is an image at all.

use std::fs;
use std::io::Read;
use std::path::Path;

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Context, Facts};
use ironwood_rest::effects::Effects;
use ironwood_rest::resource::{Condition, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::select::write_text;
use ironwood_rest::selected;
use ironwood_rest::table::Table;
use ironwood_rest::view::{INT, TEXT, View, col, made, nested, pk};
use ironwood_store::{Value, ValueRef, fragment};
use serde_json::{Value as Json, json};

use crate::platform::common::tag;
use crate::platform::media::{self, Source, name, picture};
use crate::platform::state::Inventory;
use crate::platform::system::job::{self, JobType, Next};
use crate::platform::users::view::BRIEF as USER_VIEW;
use crate::schema::common::ATTACHMENT as TABLE;
use crate::schema::keys::AnyKey;
use crate::schema::record_type::{self, Has, WITH_ATTACHMENTS};
use crate::schema::users::USER;

/// Width and height of a preview at most, in pixels.
const PREVIEW: u32 = 256;

static VIEW: View = View::new(
    "Attachment",
    &TABLE,
    &[
        pk(),
        col("attachment").nullable().help("File."),
        col("thumbnail").read_only().nullable().help("Thumbnail of the image."),
        made("filename", TEXT, &["{attachment}"], write_name).writable().optional().nullable().help("File name."),
        col("link").help("Link to an external file."),
        col("comment").help("Description."),
        col("is_image").read_only().help("Whether the file is an image."),
        col("upload_date").read_only().not_null().help("Date of upload."),
        col("upload_user").read_only().option_type("field").label("User").help("User who uploaded the file."),
        nested("user_detail", "upload_user", &USER_VIEW).always().not_null(),
        col("file_size").read_only().help("Size of the file in bytes."),
        col("model_type").choices(WITH_ATTACHMENTS).help("Type of record that the file is attached to."),
        col("model_id").help("ID of the record."),
        tag::TAGS,
    ],
);

pub(crate) fn write_name(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    match values.first().and_then(|v| v.as_text()).filter(|path| !path.is_empty()) {
        Some(path) => write_text(out, last(path)),
        None => out.extend_from_slice(b"null"),
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Attachments of records of every kind.
pub(crate) static ATTACHMENT: Resource = Resource::new("/api/attachment/", "attachment", &VIEW)
    .operations(Operations::ALL.bulk_delete())
    .filters(&[
        filter("model_type", Condition::Where(TEXT, "{model_type} = {value}")),
        filter("model_id", Condition::Where(INT, "{model_id} = {value}")),
        filter("upload_user", Condition::Link(&USER, "{upload_user} = {value}")),
        flag_filter("is_image", "{is_image}", "NOT {is_image}"),
        flag_filter("is_file", "{attachment} <> ''", "{attachment} = ''"),
        flag_filter("is_link", "COALESCE({link}, '') <> ''", "COALESCE({link}, '') = ''"),
        flag_filter("has_thumbnail", "{thumbnail} <> ''", "{thumbnail} = ''"),
        tag::BY_TAGS,
        tag::BY_TAG_NAME,
    ])
    .search(&["{comment}", "CAST({model_id} AS TEXT)", "{model_type}"])
    .sorts(&[
        sort("model_id", &["{model_id}"]),
        sort("model_type", &["{model_type}"]),
        sort("upload_date", &["{upload_date}"]),
        sort("file_size", &["{file_size}"]),
    ])
    .rules(Rules { check, saved, ..NO_RULES })
    .help("Files and links attached to records.");

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let scheme = change.text("link").split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    if change.is_changed("link") && scheme.is_some_and(|s| !matches!(s.as_str(), "http" | "https")) {
        return Err(Error::field("link", "Link must begin with http:// or https://."));
    }
    if change.get("attachment") == &Value::Null {
        change.set("attachment", "");
    }
    let upload = change.files.get("attachment").map(|file| file.bytes.len());
    if upload.is_none() && change.text("attachment").is_empty() && change.text("link").is_empty() {
        let mut fields = Fields::new();
        fields.add("attachment", "A file or a link is required.");
        fields.add("link", "A file or a link is required.");
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
        return Err(Error::non_field("This attachment has no file to rename."));
    }
    let safe = name::safe(wanted);
    if wanted.contains(['/', '\\', '\0']) || wanted.starts_with('.') || safe.is_empty() {
        return Err(Error::non_field("This file name is not valid."));
    }
    let ending = |name: &str| name::split(name).1.to_ascii_lowercase();
    if ending(&safe) != ending(last(&path)) {
        return Err(Error::non_field("The file extension cannot be changed."));
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let target = media::beside(folder, &safe);
    let media = Inventory::of(ctx.domain)?.media.clone();
    let taken = ctx.conn.one("SELECT 1 FROM common_attachment WHERE attachment = $1", &[target.as_str().into()])?;
    if taken.is_some() || media.join(&target).exists() {
        return Err(Error::non_field("Another file already has this name."));
    }
    if name::is_inside(&path) && media.join(&path).is_file() {
        // the old name goes after the commit, because no row has it any more
        let file = media.join(&path);
        change.set("attachment", media::place(&media, &mut ctx.effects, folder, &safe, Source::File(&file))?);
    } else {
        change.set("attachment", target);
    }
    Ok(())
}

fn saved(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    let path = change.text("attachment");
    // a renamed file is the same file
    let renamed = change.extra.contains_key("filename") && !change.is_given("file_size");
    if change.old("attachment") == change.get("attachment") || path.is_empty() || renamed {
        return Ok(());
    }
    let media = &Inventory::of(ctx.domain)?.media;
    if picture::looks_like(&beginning(&media.join(path))) {
        job::enqueue(ctx, &PREVIEWS, &json!({ "attachment": id }))?;
    }
    Ok(())
}

/// The first bytes of a file, which tell what it is.
fn beginning(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(64).read_to_end(&mut bytes));
    if read.is_ok() { bytes } else { Vec::new() }
}

/// Removes the files of records that are going to be deleted, their attachments with them.
///
/// # Errors
/// Those of the database.
pub(crate) fn forget_of(ctx: &mut Context<'_>, table: &'static Table, ids: &[AnyKey]) -> Result<()> {
    if !record_type::of(table).is_some_and(|one| one.has(Has::Attachments)) {
        return Ok(());
    }
    selected! {
        /// The files of an attachment.
        struct Paths<'r> {
            attachment: &'r str = "a.attachment",
            thumbnail: &'r str = "a.thumbnail",
        }
    }
    let model = table.model();
    let sql = fragment!(
        "SELECT {} FROM common_attachment a WHERE a.model_type = '{model}' \
         AND a.model_id IN ({{keys}}) AND NOT EXISTS (SELECT 1 FROM common_attachment b \
         WHERE b.attachment = a.attachment AND NOT (b.model_type = '{model}' AND b.model_id IN ({{keys}})))",
        Paths::COLUMNS
    );
    let mut paths = Vec::new();
    ctx.conn.of_keys(&sql, ids, |row| {
        let Paths { attachment, thumbnail } = Paths::read(row);
        paths.extend([attachment, thumbnail].map(str::to_owned));
    })?;
    paths.sort_unstable();
    paths.dedup();
    for path in paths.iter().filter(|path| !path.is_empty()) {
        let domain = ctx.domain;
        domain.drop_file(&mut ctx.effects, path);
    }
    Ok(())
}

/// Makes previews of images.
static PREVIEWS: JobType = JobType::free("preview_attachment", preview);

/// Jobs of this file.
pub(crate) static JOBS: &[&JobType] = &[&PREVIEWS];

/// The image is read outside of any transaction; one that cannot be read has failed.
fn preview(inventory: &Inventory, payload: &Json) -> Result<Next> {
    let id = payload["attachment"].as_i64().unwrap_or(0);
    let sql = "SELECT attachment FROM common_attachment WHERE id = $1";
    let path =
        inventory.db.read(move |conn| Ok(conn.one(sql, &[Value::Int(id)])?.map(|row| row.text(0).to_owned())))?;
    let Some(path) = path.filter(|path| name::is_inside(path)) else { return Ok(Next::Done) };
    let media = inventory.media.clone();
    let bytes = fs::read(media.join(&path)).map_err(|error| Error::bad_request(format!("{path}: {error}")))?;
    let small = match picture::read(&bytes) {
        Ok(read) => read.preview(PREVIEW),
        Err(picture::Fault::Busy) => return Err(Error::Internal(format!("{path}: {}", picture::Fault::Busy))),
        Err(why) => return Err(Error::bad_request(format!("cannot read {path} as an image: {why}"))),
    };
    let effects = inventory.write(move |conn| {
        let mut effects = Effects::default();
        // by now it may have another file, or be gone
        let sql = "SELECT thumbnail FROM common_attachment WHERE id = $1 AND attachment = $2";
        let Some(row) = conn.one(sql, &[Value::Int(id), path.as_str().into()])? else { return Ok(effects) };
        let old = row.text(0).to_owned();
        let thumbnail = match &small {
            Some(small) => media::write(&media, &mut effects, "", &format!("thumb_{}", last(&path)), small)?,
            None => String::new(),
        };
        let sql = "UPDATE common_attachment SET is_image = TRUE, thumbnail = $1 WHERE id = $2";
        conn.execute(sql, &[thumbnail.into(), Value::Int(id)])?;
        if !old.is_empty() {
            media::forget(&media, &mut effects, &old);
        }
        Ok(effects)
    })?;
    effects.committed();
    Ok(Next::Done)
}
