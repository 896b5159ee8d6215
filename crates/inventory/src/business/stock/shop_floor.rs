//! The shop floor: what people have taken out lies in a place of theirs until they bring it back.

use ironwood_base::{Error, Result};
use ironwood_rest::tree;
use ironwood_store::{Connection, Value};
use serde_json::Value as Json;

use crate::schema::keys::*;
use crate::schema::stock::LOCATION;

/// Name of the top-level location with a place for each person.
const IN_USE: &str = "In use";
/// The latest entries of a history in which the place of an item is looked for.
const MOST_ENTRIES: i64 = 200;
/// The history names it: the place from which something was taken.
pub(crate) const TAKEN_FROM: &str = "taken_from";

/// Somebody who takes stock or brings it back.
pub(crate) struct Person {
    pub id: i64,
    name: String,
    username: String,
}

impl Person {
    /// Reads an active user.
    ///
    /// # Errors
    /// 400 on `person`.
    pub(crate) fn find(conn: &mut Connection, id: i64) -> Result<Self> {
        let sql = "SELECT first_name, last_name, username FROM auth_user WHERE id = $1 AND is_active";
        let row = conn.one(sql, &[Value::Int(id)])?;
        let row = row.ok_or_else(|| Error::field("person", format!("User {id} does not exist or is inactive.")))?;
        let username = row.text(2).to_owned();
        let name = format!("{} {}", row.text(0), row.text(1)).trim().to_owned();
        Ok(Person { id, name: if name.is_empty() { username.clone() } else { name }, username })
    }
}

/// The location of all that people have taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InUse(Option<LocationKey>);

impl InUse {
    /// Finds it, where anything was ever taken.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn find(conn: &mut Connection) -> Result<Self> {
        let sql = "SELECT id FROM stock_stocklocation WHERE name = $1 AND parent IS NULL ORDER BY id LIMIT 1";
        Ok(InUse(conn.one(sql, &[IN_USE.into()])?.map(|row| row.cell(0))))
    }

    /// Whether a location is it, or in it.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn holds(self, conn: &mut Connection, location: LocationKey) -> Result<bool> {
        let Some(root) = self.0 else { return Ok(false) };
        let sql = "SELECT 1 FROM stock_stocklocation l JOIN stock_stocklocation a ON a.id = $1 \
                   WHERE l.id = $2 AND l.tree_path >= a.tree_path AND l.tree_path < a.tree_end";
        Ok(conn.one(sql, &[root.into(), location.into()])?.is_some())
    }

    /// The place of a person; made at the first time.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn place_of(&mut self, conn: &mut Connection, person: &Person) -> Result<LocationKey> {
        let root = match self.0 {
            Some(root) => root,
            None => *self.0.insert(create(conn, IN_USE, None, None)?),
        };
        let sql = "SELECT id FROM users_owner WHERE owner_type = 'auth.user' AND owner_id = $1";
        let owner = conn.one(sql, &[person.id.into()])?.map(|row| row.int(0));
        let sql = "SELECT id, name, owner FROM stock_stocklocation WHERE parent = $1 ORDER BY id";
        let places = conn.rows(sql, &[root.into()])?;
        let own = places.iter().find(|place| owner.is_some() && place.opt_int(2) == owner);
        if let Some(own) = own {
            return Ok(own.cell(0));
        }
        // one that was made by hand
        match places.iter().find(|place| place.text(1) == person.name) {
            Some(place) if place.opt_int(2).is_none() => {
                let sql = "UPDATE stock_stocklocation SET owner = $1 WHERE id = $2";
                conn.execute(sql, &[owner.into(), place.int(0).into()])?;
                Ok(place.cell(0))
            }
            Some(_) => create(conn, &format!("{} ({})", person.name, person.username), Some(root), owner),
            None => create(conn, &person.name, Some(root), owner),
        }
    }

    /// The places where an item may be brought back to: the one from which it was taken, and the default location
    /// of its part.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn homes(self, conn: &mut Connection, item: ItemKey) -> Result<Vec<LocationKey>> {
        let sql = "SELECT deltas FROM stock_stockitemtracking WHERE item = $1 ORDER BY date DESC, id DESC LIMIT $2";
        let entries = conn.rows(sql, &[item.into(), MOST_ENTRIES.into()])?;
        let mut homes = Vec::new();
        for entry in &entries {
            let deltas: Json = serde_json::from_str(entry.opt_text(0).unwrap_or_default()).unwrap_or_default();
            let place = deltas[TAKEN_FROM].as_i64().or_else(|| deltas["location"].as_i64());
            let place = place.map(LocationKey::from_id);
            if let Some(place) = place
                && is_usable(conn, place)?
                && !self.holds(conn, place)?
            {
                homes.push(place);
                break;
            }
        }
        let sql = "SELECT COALESCE(p.default_location, (SELECT c.default_location FROM part_partcategory c \
                   JOIN part_partcategory own ON own.id = p.category WHERE own.tree_path >= c.tree_path \
                   AND own.tree_path < c.tree_end AND c.default_location IS NOT NULL \
                   ORDER BY LENGTH(c.tree_path) DESC LIMIT 1)) \
                   FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE s.id = $1";
        let usual: Option<LocationKey> = conn.one(sql, &[item.into()])?.and_then(|row| row.cell(0));
        if let Some(usual) = usual
            && !homes.contains(&usual)
            && is_usable(conn, usual)?
        {
            homes.push(usual);
        }
        Ok(homes)
    }
}

/// Whether a location is still there and holds stock.
fn is_usable(conn: &mut Connection, location: LocationKey) -> Result<bool> {
    let sql = "SELECT 1 FROM stock_stocklocation WHERE id = $1 AND NOT structural";
    Ok(conn.one(sql, &[location.into()])?.is_some())
}

fn create(conn: &mut Connection, name: &str, parent: Option<LocationKey>, owner: Option<i64>) -> Result<LocationKey> {
    // as many characters as the name of a location may have
    let name: String = name.chars().take(100).collect();
    let sql = "INSERT INTO stock_stocklocation (name, description, parent, owner, external, metadata) \
               VALUES ($1, '', $2, $3, TRUE, '{}') RETURNING id";
    let row = conn.one(sql, &[name.into(), parent.into(), owner.into()])?;
    let id = row.map(|row| row.int(0)).unwrap_or_default();
    if let Some(shape) = LOCATION.tree {
        tree::rebuild(conn, &LOCATION, shape, id)?;
    }
    Ok(LocationKey::from_id(id))
}
