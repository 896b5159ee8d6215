//! Tags on records of any kind.

use ironwood_base::Result;
use ironwood_rest::view::{Many, TEXT, View, sql};
use ironwood_store::{Connection, Value};

use super::tables::TAGGED;

static NAME: View = View::new("TagName", &TAGGED, &[sql("name", TEXT, "{tag.name}")]);

/// Names of the tags of records of one kind (a condition on `{content_type}`).
pub const fn of(condition: &'static str) -> Many {
    Many::new(&NAME, "{object_id}").only(condition).scalar()
}

/// `pcb-top` for `PCB top`: letters and digits, joined by hyphens.
fn slug(name: &str) -> String {
    let words: Vec<String> =
        name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
    words.join("-")
}

/// Gives a record exactly these tags; tags that are new are made.
pub fn set(conn: &mut Connection, model: &str, id: i64, names: &[String]) -> Result<()> {
    conn.execute(
        "DELETE FROM taggit_taggeditem WHERE content_type = $1 AND object_id = $2",
        &[model.into(), Value::Int(id)],
    )?;
    let mut done: Vec<String> = Vec::new();
    for name in names.iter().flat_map(|n| n.split(',')).map(str::trim).filter(|n| !n.is_empty()) {
        let name: String = name.chars().take(100).collect();
        if done.contains(&name) {
            continue;
        }
        let known = conn.one("SELECT id FROM taggit_tag WHERE name = $1", &[name.as_str().into()])?;
        let tag = match known {
            Some(row) => row.int(0),
            None => new_tag(conn, &name)?,
        };
        conn.execute(
            "INSERT INTO taggit_taggeditem (content_type, object_id, tag) VALUES ($1, $2, $3)",
            &[model.into(), Value::Int(id), Value::Int(tag)],
        )?;
        done.push(name);
    }
    Ok(())
}

fn new_tag(conn: &mut Connection, name: &str) -> Result<i64> {
    let base = slug(name);
    let mut number = 0;
    loop {
        let slug = if number == 0 { base.clone() } else { format!("{base}_{number}") };
        if conn.one("SELECT 1 FROM taggit_tag WHERE slug = $1", &[slug.as_str().into()])?.is_none() {
            let sql = "INSERT INTO taggit_tag (name, slug) VALUES ($1, $2) RETURNING id";
            return Ok(conn.one(sql, &[name.into(), slug.into()])?.map_or(0, |row| row.int(0)));
        }
        number += 1;
    }
}

/// The tags that a change gives, if it gives any.
pub fn given(change: &ironwood_rest::change::Change) -> Option<Vec<String>> {
    let list = change.extra.get("tags")?.as_array()?;
    Some(list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect())
}
