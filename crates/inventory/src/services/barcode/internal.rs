//! The server's own barcodes: `{"part": 5}` or, shorter, `INV-PA5`; and codes of others that are linked
//! to a record.

use ironwood_base::Result;
use ironwood_rest::context::Context;
use ironwood_rest::selected;
use ironwood_store::{Connection, Fragment, fragment};
use serde_json::Value as Json;

use super::found::{self, Found};
use super::record_types;
use crate::platform::common::barcode_hash as hash;
use crate::schema::keys::AnyKey;
use crate::schema::record_type::{Has, RECORD_TYPES, RecordType, with};

/// Name of this format in answers and settings.
pub(crate) const NAME: &str = "InvenTreeBarcode";

/// How barcodes are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Format {
    /// Short, or JSON.
    pub short: bool,
    /// What short codes begin with.
    pub prefix: String,
}

selected! {
    /// A barcode setting.
    struct StoredSetting {
        key: String = "s.key",
        value: String = "s.value",
    }
}

selected! {
    /// A record that a code is linked to.
    struct Linked {
        record_type: i64 = "l.record_type",
        id: AnyKey = "l.id",
    }
}

impl Format {
    /// The format that the settings say (`INTERNAL_BARCODE_FORMAT`, `SHORT_BARCODE_PREFIX`).
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn load(conn: &mut Connection) -> Result<Self> {
        let mut format = Format { short: true, prefix: "INV-".into() };
        let from = "FROM plugin_pluginsetting s JOIN plugin_pluginconfig c ON c.id = s.plugin \
                    WHERE c.key = 'inventreebarcode'";
        for StoredSetting { key, value } in selected::all(conn, from, &[])? {
            match key.as_str() {
                "INTERNAL_BARCODE_FORMAT" => format.short = value != "json",
                "SHORT_BARCODE_PREFIX" => format.prefix = value,
                _ => {}
            }
        }
        Ok(format)
    }

    /// The barcode of a record.
    pub(crate) fn encode(&self, record_type: &RecordType, key: AnyKey) -> String {
        if self.short {
            format!("{}{}{key}", self.prefix, record_type.barcode)
        } else {
            format!("{{\"{}\": {key}}}", record_type.table.model())
        }
    }

    /// The record that a barcode of either format names.
    pub(crate) fn decode(&self, data: &str) -> Option<(&'static RecordType, AnyKey)> {
        self.decode_short(data).or_else(|| decode_json(data))
    }

    fn decode_short(&self, data: &str) -> Option<(&'static RecordType, AnyKey)> {
        let rest = data.strip_prefix(self.prefix.as_str())?;
        let (code, key) = (rest.get(..2)?, rest.get(2..)?);
        let digits = !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit());
        Some((record_types::by_code(code)?, key.parse().ok().filter(|_| digits)?))
    }
}

fn decode_json(data: &str) -> Option<(&'static RecordType, AnyKey)> {
    let Ok(Json::Object(named)) = serde_json::from_str(data) else { return None };
    with(Has::Barcode).find_map(|record_type| {
        let key = named.get(record_type.table.model())?;
        let key = key.as_i64().or_else(|| key.as_str()?.trim().parse().ok())?;
        Some((record_type, AnyKey::from_id(key)))
    })
}

/// The record that a barcode names or is linked to.
///
/// # Errors
/// Those of the database.
pub(crate) fn find(conn: &mut Connection, data: &str) -> Result<Option<(&'static RecordType, AnyKey)>> {
    let format = Format::load(conn)?;
    match named(conn, format.decode(data))? {
        Some(found) => Ok(Some(found)),
        None => linked(conn, data),
    }
}

/// What was read from a barcode, where there is such a record.
fn named(
    conn: &mut Connection,
    read: Option<(&'static RecordType, AnyKey)>,
) -> Result<Option<(&'static RecordType, AnyKey)>> {
    let Some((record_type, key)) = read else { return Ok(None) };
    let sql = fragment!("SELECT 1 FROM {} WHERE id = $1", record_type.table.name);
    Ok(conn.one(&sql, &[key.into()])?.map(|_| (record_type, key)))
}

/// The record that a code is linked to: one statement over all kinds.
fn linked(conn: &mut Connection, data: &str) -> Result<Option<(&'static RecordType, AnyKey)>> {
    let selects: Vec<Fragment> = RECORD_TYPES
        .iter()
        .enumerate()
        .filter(|(_, record_type)| record_type.has(Has::Barcode))
        .map(|(i, record_type)| {
            fragment!("SELECT {i} AS record_type, id FROM {} WHERE barcode_hash = $1", record_type.table.name)
        })
        .collect();
    let from = fragment!("FROM ({}) l ORDER BY l.record_type, l.id LIMIT 1", Fragment::join(&selects, " UNION ALL "));
    let linked: Option<Linked> = selected::first(conn, &from, &[hash::of(data).into()])?;
    Ok(linked.and_then(|found| Some((RECORD_TYPES.get(usize::try_from(found.record_type).ok()?)?, found.id))))
}

/// Decodes the server's own barcodes and linked ones. Of a short code only the record is told; all others
/// also say in words that it was found, whatever an order makes of it.
pub(super) fn decode(ctx: &mut Context<'_>, data: &str) -> Result<Option<Found>> {
    let format = Format::load(ctx.conn)?;
    if let Some((record_type, key)) = named(ctx.conn, format.decode_short(data))? {
        return found::record(ctx, record_type, key).map(Some);
    }
    let Some((record_type, key)) = find(ctx.conn, data)? else { return Ok(None) };
    let mut found = found::record(ctx, record_type, key)?;
    found.body.insert("success".into(), "A match was found for this barcode.".into());
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_they_are_written() {
        for (short, prefix) in [(true, "INV-"), (true, ""), (false, "INV-")] {
            let format = Format { short, prefix: prefix.into() };
            for record_type in with(Has::Barcode) {
                let read = format.decode(&format.encode(record_type, AnyKey::from_id(42)));
                assert_eq!(read.map(|(k, key)| (k.table.model(), key.id())), Some((record_type.table.model(), 42)));
            }
        }
        let format = Format { short: true, prefix: "INV-".into() };
        for other in ["INV-XX1", "INV-PA", "INV-PA1x", "INV-PA-1", "PA1", "{\"part\": []}", "INV-é", "[1]", ""] {
            assert!(format.decode(other).is_none(), "{other}");
        }
        assert_eq!(format.decode("{\"part\": \"7\"}").map(|(k, key)| (k.table.model(), key.id())), Some(("part", 7)));
    }
}
