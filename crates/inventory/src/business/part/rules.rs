//! Rules of parts.

use ironwood_base::error::{Fields, NON_FIELD};
use ironwood_base::{Error, Result};
use ironwood_rest::below;
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::row;
use ironwood_store::{Connection, Value, sql};
use serde_json::Value as Json;

use super::{creation, picture};
use crate::platform::settings::keys;
use crate::platform::state;
use crate::schema::keys::{AnyKey, PartKey, UserKey, caller_key};
use crate::schema::part::{Category, PART, Part, PartStar};

/// Flags of a new part that settings decide where the client does not.
const FLAGS: [(&str, keys::Key<bool>); 7] = [
    (Part::assembly, keys::PART_ASSEMBLY),
    (Part::component, keys::PART_COMPONENT),
    (Part::is_template, keys::PART_TEMPLATE),
    (Part::purchaseable, keys::PART_PURCHASEABLE),
    (Part::salable, keys::PART_SALABLE),
    (Part::trackable, keys::PART_TRACKABLE),
    (Part::r#virtual, keys::PART_VIRTUAL),
];

/// Before a part is made or changed.
pub(super) fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let snapshot = state::snapshot(ctx)?;
    let settings = &snapshot.settings;
    if change.is_new() {
        for (column, key) in FLAGS {
            if !change.is_named(column) {
                change.set(column, settings.bool(key));
            }
        }
        for column in [Part::IPN, Part::revision, Part::units] {
            if change.get(column) == &Value::Null {
                change.set(column, "");
            }
        }
        if ctx.caller.id().is_some() {
            change.set(Part::creation_user, ctx.user());
        }
        if let Some(keywords) = category_keywords(ctx.conn, change)? {
            change.set(Part::keywords, keywords);
        }
    }
    let mut fields = Fields::new();
    if change.is_new() {
        creation::prepare(ctx.conn, change, &mut fields)?;
    }
    check_links(ctx.conn, change, &mut fields)?;
    if change.is_changed(Part::units) && !change.text(Part::units).is_empty() {
        match crate::platform::common::unit::check(ctx.conn, change, "units") {
            Err(Error::Invalid(found)) => fields.nest("units", found.json()["units"].clone()),
            other => other?,
        }
    }
    let assemblies_only = settings.bool(keys::PART_REVISION_ASSEMBLY_ONLY);
    check_revision(ctx.conn, change, assemblies_only, &mut fields)?;
    let ipn = change.text(Part::IPN).to_owned();
    let pattern = settings.text(keys::PART_IPN_REGEX);
    if change.is_changed(Part::IPN) {
        if !change.is_new() && !settings.bool(keys::PART_ALLOW_EDIT_IPN) {
            fields.add("IPN", "The settings do not allow changing the IPN of a part.");
        }
        let pattern = pattern.trim();
        if !pattern.is_empty() && regex::Regex::new(pattern).is_ok_and(|r| !r.is_match(&ipn)) {
            fields.add("IPN", format!("IPN must match the pattern {pattern}."));
        }
        if !ipn.is_empty() && !settings.bool(keys::PART_ALLOW_DUPLICATE_IPN) {
            let sql = "SELECT 1 FROM part_part WHERE LOWER(\"IPN\") = LOWER($1) AND id <> $2";
            if ctx.conn.one(sql, &[ipn.as_str().into(), Value::Int(change.id.unwrap_or(0))])?.is_some() {
                fields.add("IPN", "Another part already has this IPN.");
            }
        }
    }
    if change.is_changed(Part::revision)
        && !change.text(Part::revision).is_empty()
        && !settings.bool(keys::PART_ENABLE_REVISION)
    {
        fields.add("revision", "Part revisions are turned off in the settings.");
    }
    let remote = change.extra.get("remote_image").and_then(Json::as_str).filter(|url| !url.is_empty());
    if remote.is_some() && !settings.bool(keys::INVENTREE_DOWNLOAD_FROM_URL) {
        fields.add("remote_image", "Download from links is turned off in the settings.");
    } else if let Some(fault) = remote.and_then(crate::platform::media::remote::fault) {
        fields.add("remote_image", fault);
    }
    if let Some(image) = change.extra.get("existing_image").and_then(Json::as_str).filter(|i| !i.is_empty()) {
        let name = image.rsplit('/').next().unwrap_or_default();
        let sql = "SELECT image FROM part_part WHERE image = $1 OR image = $2 LIMIT 1";
        let path = format!("part_images/{name}");
        match ctx.conn.one(sql, &[image.into(), path.into()])? {
            Some(row) => {
                let image = row.text(0).to_owned();
                change.set(Part::image, image);
            }
            None => fields.add("existing_image", "No part uses this image."),
        }
    }
    fields.check()
}

fn category_keywords(conn: &mut Connection, change: &Change) -> Result<Option<String>> {
    let Some(category) = change.key::<Category>(Part::category).filter(|_| change.text(Part::keywords).is_empty())
    else {
        return Ok(None);
    };
    let sql = "SELECT default_keywords FROM part_partcategory WHERE id = $1";
    let row = conn.one(sql, &[category.into()])?;
    Ok(row.and_then(|r| r.opt_text(0).map(str::to_owned)).filter(|k| !k.is_empty()))
}

fn check_links(conn: &mut Connection, change: &Change, fields: &mut Fields) -> Result<()> {
    if let Some(category) = change.key::<Category>(Part::category).filter(|_| change.is_changed(Part::category)) {
        let sql = "SELECT structural FROM part_partcategory WHERE id = $1";
        if conn.one(sql, &[category.into()])?.is_some_and(|row| row.bool(0)) {
            fields.add("category", "A structural category cannot contain parts.");
        }
    }
    if let Some(template) = change.key::<Part>(Part::variant_of).filter(|_| change.is_changed(Part::variant_of)) {
        let sql = "SELECT is_template FROM part_part WHERE id = $1";
        if change.id == Some(template.id()) {
            fields.add("variant_of", "A part cannot be a variant of itself.");
        } else if conn.one(sql, &[template.into()])?.is_some_and(|row| !row.bool(0)) {
            fields.add("variant_of", "Only a template part can have variants.");
        }
    }
    Ok(())
}

row! {
    /// The part that another one is a revision of.
    struct Original in PART as PartKey {
        is_template: bool,
        variant_of: Option<PartKey>,
        assembly: bool,
    } without [..]
}

/// A revision has a code of its own, and is a variant of the same template as its origin.
fn check_revision(conn: &mut Connection, change: &Change, assemblies_only: bool, fields: &mut Fields) -> Result<()> {
    let concerned =
        [Part::revision_of, Part::revision, Part::variant_of, Part::assembly].iter().any(|c| change.is_changed(c));
    let Some(origin) = change.key(Part::revision_of).filter(|_| concerned) else { return Ok(()) };
    let Some(original) = row::one::<Original>(conn, origin)? else { return Ok(()) };
    let revision = change.text(Part::revision);
    if change.id == Some(PartKey::id(origin)) {
        fields.add("revision_of", "A part cannot be a revision of itself.");
    } else if revision.is_empty() {
        fields.add("revision", "Revision code is required for a revision.");
    } else if assemblies_only && !(change.flag(Part::assembly) && original.assembly) {
        fields.add("revision_of", "Only assemblies can have revisions.");
    } else if original.is_template {
        fields.add("revision_of", "A template part cannot have revisions.");
    } else if original.variant_of != change.key(Part::variant_of) {
        fields.add("revision_of", "A revision must be a variant of the same template as its original part.");
    } else {
        let sql = "SELECT 1 FROM part_part WHERE revision_of = $1 AND revision = $2 AND id <> $3 LIMIT 1";
        let params = [origin.into(), revision.into(), Value::Int(change.id.unwrap_or(0))];
        if conn.one(sql, &params)?.is_some() {
            fields.add(NON_FIELD, "A revision with this code already exists.");
        }
    }
    Ok(())
}

/// After a part was made or changed.
pub(super) fn saved(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    let part: PartKey = id.of_kind();
    if change.old(Part::name) != &Value::Null && change.is_changed(Part::variant_of) {
        crate::business::bom::rules::family_changed(ctx, part)?;
        crate::business::stock::serial::family_changed(ctx.conn, part)?;
    }
    if change.old(Part::name) != &Value::Null && change.is_changed(Part::units) {
        let old = if let Value::Text(old) = change.old(Part::units) { old.as_str() } else { "" };
        crate::business::magnitudes::part_changed(ctx, part, old)?;
    }
    if let Some(starred) = change.extra.get("starred").and_then(Json::as_bool) {
        let user = caller_key(ctx);
        star(ctx.conn, part, user, starred)?;
    }
    if change.old(Part::name) == &Value::Null {
        creation::finish(ctx, change, id)?;
    }
    if let Some(url) = change.extra.get("remote_image").and_then(Json::as_str).filter(|url| !url.is_empty()) {
        picture::wanted(ctx, part, url)?;
    }
    if change.flag(Part::trackable) && change.is_changed(Part::trackable) {
        make_users_trackable(ctx.conn, part)?;
    }
    Ok(())
}

/// What a trackable part is built into has to be trackable, too, all the way up.
fn make_users_trackable(conn: &mut Connection, part: PartKey) -> Result<()> {
    let mut open = vec![part];
    while !open.is_empty() {
        let sql = sql!(
            "SELECT DISTINCT h.id FROM part_bomitem m JOIN part_part a ON a.id = m.part JOIN part_part h \
                   ON h.id = a.id OR (m.inherited AND ",
            below!("h", "a"),
            ") \
                   WHERE NOT h.trackable AND (m.sub_part IN ({keys}) OR EXISTS (SELECT 1 FROM part_bomitemsubstitute s \
                   WHERE s.bom_item = m.id AND s.part IN ({keys})))"
        );
        let mut users: Vec<PartKey> = Vec::new();
        conn.of_keys(sql, &open, |row| users.push(row.cell(0)))?;
        conn.execute_keys("UPDATE part_part SET trackable = TRUE WHERE id IN ({keys})", &users)?;
        open = users;
    }
    Ok(())
}

/// Makes a user follow a part, or stop following it.
pub(crate) fn star(conn: &mut Connection, part: PartKey, user: UserKey, starred: bool) -> Result<()> {
    let params = [part.into(), user.into()];
    conn.execute("DELETE FROM part_partstar WHERE part = $1 AND \"user\" = $2", &params)?;
    if starred {
        row::insert::<PartStar>(conn, [&PartStar { part, user, ..PartStar::default() }])?;
    }
    Ok(())
}

row! {
    /// A part that is to be deleted.
    struct Deleted in PART as PartKey {
        active: bool,
        locked: bool,
        variant_of: Option<PartKey>,
    } without [..]
}

/// Official clients know the refusal by these words.
const STILL_ACTIVE: &str = "Cannot delete this part as it is still active";

/// Before a part is deleted: only one that is out of use, not locked, and (as the settings say) not
/// part of an assembly.
pub(super) fn delete(ctx: &mut Context<'_>, id: AnyKey) -> Result<bool> {
    let part = row::one::<Deleted>(ctx.conn, id.of_kind())?.ok_or(Error::NotFound)?;
    let snapshot = state::snapshot(ctx)?;
    if part.locked && snapshot.settings.bool(keys::PART_ENABLE_LOCKING) {
        return Err(Error::non_field("Part is locked and cannot be deleted."));
    }
    if part.active {
        return Err(Error::non_field(STILL_ACTIVE));
    }
    let used = ctx.conn.one("SELECT 1 FROM part_bomitem WHERE sub_part = $1 LIMIT 1", &[part.id.into()])?.is_some();
    if used && !snapshot.settings.bool(keys::PART_ALLOW_DELETE_FROM_ASSEMBLY) {
        return Err(Error::non_field("Part is used in an assembly and cannot be deleted."));
    }
    let sql = "SELECT id FROM part_part WHERE variant_of = $1";
    let variants: Vec<PartKey> = ctx.conn.rows(sql, &[part.id.into()])?.iter().map(|row| row.cell(0)).collect();
    for variant in variants {
        ctx.conn
            .execute("UPDATE part_part SET variant_of = $1 WHERE id = $2", &[part.variant_of.into(), variant.into()])?;
        if let Some(tree) = PART.tree {
            ironwood_rest::tree::rebuild(ctx.conn, &PART, tree, variant.id())?;
            crate::business::stock::serial::family_changed(ctx.conn, variant)?;
        }
    }
    Ok(true)
}
