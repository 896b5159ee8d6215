//! Tags on records of any kind.
//!
//! A view of tagged records has the field [`TAGS`], which shows and takes the names; its resource has the
//! filters [`BY_TAGS`] and the like. Neither needs anything else, for whatever kind of record it is.

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Condition, Filter, filter};
use ironwood_rest::selected;
use ironwood_rest::view::{Field, Many, Sql, TEXT, View, many, sql};
use ironwood_store::{Connection, Fragment, Value, fragment};
use serde_json::Value as Json;

use crate::schema::common::TAGGED;
use crate::schema::keys::AnyKey;

static NAME: View = View::new("TagName", &TAGGED, &[sql("name", TEXT, "{tag.name}")]);

static NAMES: Many = Many::new(&NAME, "{object_id}").of_kind("content_type").scalar();

/// The names of a record's tags: shown with `tags=true`, and taken.
pub(crate) const TAGS: Field =
    many("tags", &NAMES).optional().on("tags", false).kept_by(keep).help("Tags of the record.");

fn keep(ctx: &mut Context<'_>, change: &Change, key: AnyKey, names: &Json) -> Result<()> {
    let names: Vec<String> =
        names.as_array().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect();
    set(ctx.conn, change.table.record, key, &names)
}

/// Rows of a resource's table that have a tag of the slug `{value}`.
pub(crate) const SLUGGED: Sql = "EXISTS (SELECT 1 FROM taggit_taggeditem i JOIN taggit_tag g ON g.id = i.tag \
    WHERE i.content_type = {@record} AND i.object_id = {id} AND g.slug = {value})";
/// For a search: names and slugs of a row's tags. The rows are found once, instead of a look for every row.
pub(crate) const SEARCHED: Sql = "{id} IN (SELECT i.object_id FROM taggit_taggeditem i JOIN taggit_tag g ON g.id = i.tag \
    WHERE i.content_type = {@record} AND {match g.name || ' ' || g.slug})";

/// `tags=one,other` keeps records that have all of these.
pub(crate) const BY_TAGS: Filter = filter("tags", Condition::Custom(TEXT, by_names))
    .help("Tag names, separated by commas. Only records that have all of them.");
/// The same under the name that the interface uses.
pub(crate) const BY_TAG_NAME: Filter = filter("tag_name", Condition::Custom(TEXT, all_named)).help("Same as `tags`.");

/// Records that have a tag of this name.
pub(crate) const BY_NAME: Filter = filter("tags__name", Condition::Custom(TEXT, by_name)).help("Name of the tag.");
/// Records that have a tag of this slug.
pub(crate) const BY_SLUG: Filter = filter("tags__slug", Condition::Where(TEXT, SLUGGED)).help("Slug of the tag.");

/// The filter `tags`.
pub(crate) fn by_names(query: &mut Query<'_>, text: &str) -> Result<()> {
    all_named(query, text)
}

fn all_named(query: &mut Query<'_>, text: &str) -> Result<()> {
    let names: Vec<&str> = text.split(',').map(str::trim).filter(|n| !n.is_empty()).collect();
    if names.len() > MOST {
        return Err(Error::field("tags", format!("Use at most {MOST} tags.")));
    }
    if names.is_empty() {
        query.and("1 = 0");
    }
    names.into_iter().try_for_each(|name| by_name(query, name))
}

fn by_name(query: &mut Query<'_>, name: &str) -> Result<()> {
    let placeholder = query.bind(name.trim());
    let same = query.backend.equals_fold("g.name", &placeholder);
    query.and(&fragment!(
        "EXISTS (SELECT 1 FROM taggit_taggeditem i JOIN taggit_tag g ON g.id = i.tag \
         WHERE i.content_type = {{@record}} AND i.object_id = {{id}} AND {same})"
    ));
    Ok(())
}

/// Most tags in one filter.
const MOST: usize = 50;

/// Most tags of one record, and most characters of a name.
pub(super) const MOST_OF_A_RECORD: usize = 100;
pub(super) const LONGEST: usize = 100;

/// The name in addresses: lower case, words joined by hyphens, other signs left out.
pub(crate) fn slug(name: &str) -> String {
    let plain: String = name
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || c.is_whitespace() || matches!(c, '-' | '_'))
        .collect();
    let words: Vec<&str> = plain.split(|c: char| c.is_whitespace() || c == '-').filter(|w| !w.is_empty()).collect();
    words.join("-").trim_matches(['-', '_']).to_owned()
}

/// Gives a record exactly these tags, letters in any case; tags that are new are made.
///
/// # Errors
/// [`Error::Invalid`] naming `tags` where there are too many, or a name is too long.
pub(crate) fn set(conn: &mut Connection, model: &str, record: AnyKey, names: &[String]) -> Result<()> {
    let mut wanted: Vec<&str> = Vec::new();
    for name in names.iter().flat_map(|n| n.split(',')).map(str::trim).filter(|n| !n.is_empty()) {
        if name.chars().count() > LONGEST || name.contains('\0') {
            return Err(Error::field("tags", format!("Tag name must be at most {LONGEST} characters.")));
        }
        if !wanted.iter().any(|known| same(known, name)) {
            wanted.push(name);
        }
    }
    if wanted.len() > MOST_OF_A_RECORD {
        return Err(Error::field("tags", format!("A record can have at most {MOST_OF_A_RECORD} tags.")));
    }
    let from = "FROM taggit_taggeditem i JOIN taggit_tag g ON g.id = i.tag \
        WHERE i.content_type = $1 AND i.object_id = $2";
    let mut gone = Vec::new();
    for held in selected::all::<Tagged>(conn, from, &[model.into(), record.into()])? {
        match wanted.iter().position(|name| same(name, &held.name)) {
            Some(at) => {
                wanted.remove(at);
            }
            None => gone.push(held.item),
        }
    }
    conn.execute_keys("DELETE FROM taggit_taggeditem WHERE id IN ({keys})", &gone)?;
    if wanted.is_empty() {
        return Ok(());
    }
    let mut tags = known(conn, &wanted)?;
    wanted.retain(|name| !tags.iter().any(|known| same(&known.name, name)));
    for name in wanted {
        tags.push(Tag { id: new(conn, name)?, name: name.to_owned() });
    }
    let rows: Vec<Fragment> = tags.iter().map(|tag| fragment!("($1, $2, {})", tag.id)).collect();
    let sql = fragment!(
        "INSERT INTO taggit_taggeditem (content_type, object_id, tag) VALUES {}",
        Fragment::join(&rows, ", ")
    );
    conn.execute(&sql, &[model.into(), record.into()])?;
    Ok(())
}

selected! {
    /// A tag of a record.
    struct Tagged {
        item: AnyKey = "i.id",
        name: String = "g.name",
    }
}

selected! {
    struct Tag {
        id: i64 = "g.id",
        name: String = "g.name",
    }
}

fn same(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}

/// The tags of these names that are there, letters in any case.
fn known(conn: &mut Connection, names: &[&str]) -> Result<Vec<Tag>> {
    let places = Fragment::parameters(1..=names.len());
    let lower = conn.backend().lower("g.name");
    let from = fragment!("FROM taggit_tag g WHERE {lower} IN ({places}) ORDER BY g.id");
    let params: Vec<Value> = names.iter().map(|name| Value::Text(name.to_lowercase())).collect();
    let mut found: Vec<Tag> = Vec::new();
    for tag in selected::all::<Tag>(conn, &from, &params)? {
        if !found.iter().any(|known| same(&known.name, &tag.name)) {
            found.push(tag);
        }
    }
    Ok(found)
}

/// Makes a tag; gives its key.
fn new(conn: &mut Connection, name: &str) -> Result<i64> {
    let slug = free_slug(conn, name, 0)?;
    let sql = "INSERT INTO taggit_tag (name, slug) VALUES ($1, $2) RETURNING id";
    let row = conn.one(sql, &[name.into(), slug.into()])?;
    row.map(|row| row.int(0)).ok_or_else(|| Error::Internal("no key for a new tag".into()))
}

/// The slug of a name that no other tag than `own` has: with a number where another tag has it.
pub(crate) fn free_slug(conn: &mut Connection, name: &str, own: i64) -> Result<String> {
    let base: String = slug(name).chars().take(LONGEST - 8).collect();
    let sql = "SELECT slug FROM taggit_tag WHERE id <> $1 AND SUBSTR(slug, 1, LENGTH(CAST($2 AS TEXT))) = $2";
    let rows = conn.rows(sql, &[Value::Int(own), base.as_str().into()])?;
    let taken: std::collections::HashSet<&str> = rows.iter().map(|row| row.text(0)).collect();
    if !taken.contains(base.as_str()) && !base.is_empty() {
        return Ok(base);
    }
    let free = (1_u32..).map(|number| format!("{base}_{number}")).find(|slug| !taken.contains(slug.as_str()));
    free.ok_or_else(|| Error::Internal("no unused slug is available".into()))
}

/// The tags that a change gives, if it gives any.
pub(crate) fn given(change: &Change) -> Option<Vec<String>> {
    let list = change.extra.get("tags")?.as_array()?;
    Some(list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect())
}
