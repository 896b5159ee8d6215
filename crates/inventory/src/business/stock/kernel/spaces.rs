//! Finds unused serial numbers.
//!
//! A serial number is used once within the family of its part (a template with all below it), or once on
//! the whole server where `SERIAL_NUMBER_GLOBALLY_UNIQUE` says so. An item therefore names the space that
//! its number is unique in (`serial_space`): the key of the part at the top of the family, or 0 for the
//! whole server. A unique index over space and number is what guarantees it; asking before
//! ([`super::conflicts`]) is for good messages.
//!
//! Records from elsewhere, and stock from before the setting was changed, may hold a number twice. Of
//! these the oldest item claims the number and the others have no space: they stay as they are, and
//! no one gets the number again.

use ironwood_base::{Error, Result, serial};
use ironwood_rest::at_or_below;
use ironwood_rest::subtree;
use ironwood_store::{AsSql, Connection, Value, fragment, sql};

use crate::platform::settings;
use crate::platform::settings::keys;
use crate::schema::keys::*;

/// The setting by which a serial number is used once on the whole server.
pub(crate) const EVERYWHERE: keys::Key<bool> = keys::SERIAL_NUMBER_GLOBALLY_UNIQUE;

/// Most serial numbers that a refusal names.
const SHOWN: usize = 20;

/// The space that serial numbers of a part are unique in; 0: the whole server.
///
/// # Errors
/// Those of the database.
pub(crate) fn space(conn: &mut Connection, part: PartKey) -> Result<i64> {
    if settings::get_bool(conn, EVERYWHERE)? {
        return Ok(0);
    }
    let sql = fragment!("SELECT {} FROM part_part p WHERE p.id = $1", conn.backend().root_key("p.tree_path"));
    Ok(conn.one(&sql, &[part.into()])?.map_or(part.id(), |row| row.int(0)))
}

/// The highest serial number among those that have to differ from a part's.
///
/// # Errors
/// Those of the database.
pub(crate) fn latest(conn: &mut Connection, part: PartKey) -> Result<Option<String>> {
    let space = space(conn, part)?;
    // numbers lie in an index, texts without one do not
    for only in [" AND s.serial_int > 0", ""] {
        let sql = fragment!(
            "SELECT s.serial FROM stock_stockitem s WHERE s.serial_space = $1{only} \
             ORDER BY s.serial_int DESC, s.serial DESC, s.id DESC LIMIT 1"
        );
        if let Some(row) = conn.one(&sql, &[Value::Int(space)])? {
            return Ok(Some(row.text(0).to_owned()));
        }
    }
    Ok(None)
}

/// The serial number after the latest one; the first is `1`.
pub(crate) fn next_after(latest: Option<&str>) -> String {
    latest.map_or_else(|| "1".to_owned(), serial::increment)
}

/// Claims the numbers of all items that have a serial number and no space. Gives how many remain
/// without one, because another item has claimed the number.
///
/// # Errors
/// Those of the database.
pub(crate) fn claim_all(conn: &mut Connection) -> Result<i64> {
    claim(conn, "TRUE")?;
    let sql = "SELECT COUNT(*) FROM stock_stockitem s WHERE s.serial <> '' AND s.serial_space IS NULL";
    Ok(conn.one(sql, &[])?.map_or(0, |row| row.int(0)))
}

/// Claims the numbers of items without a space whose part, with the alias `p`, fulfils a condition.
fn claim(conn: &mut Connection, of: impl AsSql) -> Result<()> {
    let everywhere = settings::get_bool(conn, EVERYWHERE)?;
    let space = if everywhere { "0".into() } else { conn.backend().root_key("p.tree_path") };
    let group = if everywhere { "s.serial".into() } else { fragment!("{space}, s.serial") };
    let sql = fragment!(
        "UPDATE stock_stockitem SET serial_space = (SELECT {space} FROM part_part p WHERE p.id = stock_stockitem.part) \
         WHERE id IN (SELECT MIN(s.id) FROM stock_stockitem s JOIN part_part p ON p.id = s.part \
         WHERE s.serial <> '' AND s.serial_space IS NULL AND {of} AND NOT EXISTS (SELECT 1 FROM stock_stockitem o \
         WHERE o.serial_space = {space} AND o.serial = s.serial) GROUP BY {group})"
    );
    conn.execute(&sql, &[])?;
    Ok(())
}

/// After the setting has changed: every number moves to the space that it is unique in now.
///
/// # Errors
/// Those of the database.
pub(crate) fn setting_changed(conn: &mut Connection, key: &str) -> Result<()> {
    if key != EVERYWHERE.name() {
        return Ok(());
    }
    conn.execute("UPDATE stock_stockitem SET serial_space = NULL WHERE serial_space IS NOT NULL", &[])?;
    claim_all(conn).map(|_| ())
}

/// At the start of a server: the setting may come from the configuration, which has changed since.
///
/// # Errors
/// Those of the database.
pub(crate) fn match_setting(conn: &mut Connection) -> Result<()> {
    let other = if settings::get_bool(conn, EVERYWHERE)? { "> 0" } else { "= 0" };
    let sql = fragment!("SELECT 1 FROM stock_stockitem WHERE serial_space {other} LIMIT 1");
    if conn.one(&sql, &[])?.is_some() { setting_changed(conn, EVERYWHERE.name()) } else { Ok(()) }
}

/// After a part has moved to another family, with all below it: its serial numbers go along.
///
/// # Errors
/// 400 on `variant_of` where the new family has some of them already.
pub(crate) fn family_changed(conn: &mut Connection, part: PartKey) -> Result<()> {
    let space = space(conn, part)?;
    if space == 0 {
        return Ok(());
    }
    let below = sql!(
        "SELECT p.id FROM part_part p JOIN part_part a ON a.id = $2 \
                 WHERE ",
        at_or_below!("p", "a")
    );
    let sql = fragment!(
        "SELECT s.serial FROM stock_stockitem s WHERE s.part IN ({below}) AND s.serial_space <> $1 \
         AND EXISTS (SELECT 1 FROM stock_stockitem o WHERE o.serial_space = $1 AND o.serial = s.serial) \
         ORDER BY s.serial_int, s.serial LIMIT {SHOWN}"
    );
    let params = [Value::Int(space), part.into()];
    let taken: Vec<String> = conn.rows(&sql, &params)?.iter().map(|row| row.text(0).to_owned()).collect();
    if !taken.is_empty() {
        let list = taken.join(", ");
        return Err(Error::field("variant_of", format!("The part family already has these serial numbers: {list}")));
    }
    let sql = fragment!(
        "UPDATE stock_stockitem SET serial_space = $1 WHERE part IN ({below}) AND serial_space IS NOT NULL \
         AND serial_space <> $1"
    );
    conn.execute(&sql, &params)?;
    // what was a double in the old family may be the only one in this
    let moved = subtree::at_or_below(
        "p.tree_path",
        fragment!("(SELECT a.tree_path FROM part_part a WHERE a.id = {part})"),
        fragment!("(SELECT a.tree_end FROM part_part a WHERE a.id = {part})"),
    );
    claim(conn, &moved)
}
