//! The shop floor: what people have taken out lies in a place of theirs until they bring it back.

use std::collections::{BTreeMap, BTreeSet};

use ironwood_base::{Error, Result};
use ironwood_rest::at_or_below;
use ironwood_rest::selected;
use ironwood_store::{Connection, fragment, sql};
use serde_json::Value as Json;

use super::location::{self, NewLocation};
use crate::schema::keys::*;

/// Name of the top-level location with a place for each person.
const IN_USE: &str = "In use";
/// The latest entries of a history in which the place of an item is looked for.
const MOST_ENTRIES: i64 = 200;
/// The history names it: the place from which something was taken.
pub(crate) const TAKEN_FROM: &str = "taken_from";

/// Somebody who takes stock or brings it back.
pub(crate) struct Person {
    pub id: UserKey,
    name: String,
    username: String,
}

selected! {
    /// The names of a user.
    struct UserNames {
        first_name: String = "first_name",
        last_name: String = "last_name",
        username: String = "username",
    }
}

selected! {
    /// The location of a person.
    struct Place {
        id: LocationKey = "id",
        name: String = "name",
        owner: Option<OwnerKey> = "owner",
    }
}

selected! {
    /// An entry in the history of an item.
    struct Past<'r> {
        item: ItemKey = "h.item",
        deltas: Option<&'r str> = "h.deltas",
    }
}

selected! {
    /// The default location of an item's part, or of the nearest category that has one.
    struct Usual {
        item: ItemKey = "s.id",
        location: Option<LocationKey> = sql!(
            "COALESCE(p.default_location, (SELECT c.default_location FROM part_partcategory c \
             JOIN part_partcategory own ON own.id = p.category WHERE ",
            at_or_below!("own", "c"),
            " AND c.default_location IS NOT NULL ORDER BY LENGTH(c.tree_path) DESC LIMIT 1))"
        ),
    }
}

impl Person {
    /// Reads an active user.
    ///
    /// # Errors
    /// 400 on `person`.
    pub(crate) fn find(conn: &mut Connection, id: UserKey) -> Result<Self> {
        let user = selected::first(conn, "FROM auth_user WHERE id = $1 AND is_active", &[id.into()])?;
        let UserNames { first_name, last_name, username } =
            user.ok_or_else(|| Error::field("person", format!("User {id} does not exist or is inactive.")))?;
        let name = format!("{first_name} {last_name}").trim().to_owned();
        Ok(Person { id, name: if name.is_empty() { username.clone() } else { name }, username })
    }
}

/// The location of all that people have taken, with the places in it.
#[derive(Debug)]
pub(crate) struct InUse {
    root: Option<LocationKey>,
    locations: BTreeSet<LocationKey>,
}

impl InUse {
    /// Finds it, where anything was ever taken.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn find(conn: &mut Connection) -> Result<Self> {
        let sql = sql!(
            "SELECT l.id FROM (SELECT tree_path, tree_end FROM stock_stocklocation \
                   WHERE name = $1 AND parent IS NULL ORDER BY id LIMIT 1) a \
                   JOIN stock_stocklocation l ON ",
            at_or_below!("l", "a"),
            " \
                   ORDER BY l.tree_path"
        );
        let found: Vec<LocationKey> = conn.rows(sql, &[IN_USE.into()])?.iter().map(|row| row.cell(0)).collect();
        Ok(InUse { root: found.first().copied(), locations: found.into_iter().collect() })
    }

    /// Whether a location is it, or in it.
    pub(crate) fn holds(&self, location: Option<LocationKey>) -> bool {
        location.is_some_and(|location| self.locations.contains(&location))
    }

    /// The place of a person; made at the first time.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn place_of(&mut self, conn: &mut Connection, person: &Person) -> Result<LocationKey> {
        let root = match self.root {
            Some(root) => root,
            None => *self.root.insert(create(conn, IN_USE, None, None)?),
        };
        let sql = "SELECT id FROM users_owner WHERE owner_type = 'auth.user' AND owner_id = $1";
        let owner: Option<OwnerKey> = conn.one(sql, &[person.id.into()])?.map(|row| row.cell(0));
        let from = "FROM stock_stocklocation WHERE parent = $1 ORDER BY id";
        let places: Vec<Place> = selected::all(conn, from, &[root.into()])?;
        let own = places.iter().find(|place| owner.is_some() && place.owner == owner);
        if let Some(own) = own {
            return Ok(own.id);
        }
        // one that was made by hand
        match places.iter().find(|place| place.name == person.name) {
            Some(place) if place.owner.is_none() => {
                let sql = "UPDATE stock_stocklocation SET owner = $1 WHERE id = $2";
                conn.execute(sql, &[owner.into(), place.id.into()])?;
                Ok(place.id)
            }
            Some(_) => create(conn, &format!("{} ({})", person.name, person.username), Some(root), owner),
            None => create(conn, &person.name, Some(root), owner),
        }
    }

    /// The places where each item may be brought back to: the one from which it was taken, and the default location
    /// of its part.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn homes(
        &self,
        conn: &mut Connection,
        items: &[ItemKey],
    ) -> Result<BTreeMap<ItemKey, Vec<LocationKey>>> {
        let mut candidates: Vec<(ItemKey, LocationKey, bool)> = Vec::new();
        let sql = fragment!(
            "SELECT {} FROM (SELECT t.item, t.deltas, ROW_NUMBER() OVER (PARTITION BY t.item \
             ORDER BY t.date DESC, t.id DESC) AS latest FROM stock_stockitemtracking t WHERE t.item IN ({{keys}})) h \
             WHERE latest <= {MOST_ENTRIES} ORDER BY item, latest",
            Past::COLUMNS
        );
        conn.of_keys(&sql, items, |row| {
            let Past { item, deltas } = Past::read(row);
            let deltas: Json = serde_json::from_str(deltas.unwrap_or_default()).unwrap_or_default();
            let place = deltas[TAKEN_FROM].as_i64().or_else(|| deltas["location"].as_i64());
            if let Some(place) = place.map(LocationKey::from_id).filter(|place| !self.holds(Some(*place))) {
                candidates.push((item, place, false));
            }
        })?;
        let from = "FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE s.id IN ({keys})";
        for Usual { item, location } in selected::among(conn, from, items)? {
            candidates.extend(location.map(|location| (item, location, true)));
        }
        // those that are still there and hold stock
        let places: BTreeSet<LocationKey> = candidates.iter().map(|(_, place, _)| *place).collect();
        let places: Vec<LocationKey> = places.into_iter().collect();
        let mut usable: BTreeSet<LocationKey> = BTreeSet::new();
        let sql = "SELECT id FROM stock_stocklocation WHERE NOT structural AND id IN ({keys})";
        conn.of_keys(sql, &places, |row| {
            usable.insert(row.cell(0));
        })?;
        let mut homes: BTreeMap<ItemKey, Vec<LocationKey>> = BTreeMap::new();
        for (item, place, is_usual) in candidates.into_iter().filter(|(_, place, _)| usable.contains(place)) {
            let known = homes.entry(item).or_default();
            // of where it was, the latest place counts
            if known.is_empty() || (is_usual && !known.contains(&place)) {
                known.push(place);
            }
        }
        Ok(homes)
    }
}

fn create(
    conn: &mut Connection,
    name: &str,
    parent: Option<LocationKey>,
    owner: Option<OwnerKey>,
) -> Result<LocationKey> {
    // as many characters as the name of a location may have
    let name = name.chars().take(100).collect();
    location::make(conn, NewLocation { name, parent, owner, external: true, ..NewLocation::default() })
}
