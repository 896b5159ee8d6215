//! Checksums of lines and bills of materials, which detect changes since validation.
//!
//! They are computed as InvenTree computes them, so that what was validated there stays validated after
//! its records are imported: an MD5 sum (it protects nothing) written the way Python shows bytes.

use std::collections::HashMap;
use std::fmt::Write as _;

use ironwood_base::amount::{Amount, Unit};
use ironwood_base::{Result, clock};
use ironwood_rest::bulk::{self, Assignment};
use ironwood_rest::change::Change;
use ironwood_rest::row;
use ironwood_rest::row::TableRow;
use ironwood_store::{Connection, Row, Value, fragment};
use md5::{Digest, Md5};

use crate::platform::settings::name_format::{NameFormat, NameParts};
use crate::schema::bom::{BOM_ITEM, BomItem};
use crate::schema::keys::{BomItemKey, PartKey, UserKey};
use crate::schema::part::PART;

/// Columns of a line that its checksum is made from: a change of one of them undoes a validation, of the
/// others (the note) does not.
pub(crate) const HASHED: &[&str] = &[
    "part",
    "sub_part",
    "quantity",
    "setup_quantity",
    "attrition",
    "rounding_multiple",
    "piece_count",
    "reference",
    "optional",
    "inherited",
    "consumable",
    "allow_variants",
];

/// Bytes the way Python shows them: `b'\x01a'`.
fn shown(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut out = format!("b{quote}");
    for byte in bytes {
        let c = char::from(*byte);
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            _ if c == quote => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            // writing to memory cannot fail
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push(quote);
    out
}

/// What a line's checksum is made from.
struct Content {
    line: BomItem,
    /// What its assembly and its part are called.
    part: String,
    sub_part: String,
}

/// A number as the checksum has it, where it is positive.
fn hash_amount<U: Unit>(hash: &mut Md5, amount: Amount<U>) {
    if amount.is_positive() {
        let mut text = Vec::new();
        amount.write_short(&mut text);
        let plain = text.strip_suffix(b".0").unwrap_or(&text);
        hash.update(plain);
    }
}

impl Content {
    fn sum(&self) -> String {
        let mut hash = Md5::new();
        let line = &self.line;
        for (key, name) in [(line.part, &self.part), (line.sub_part, &self.sub_part)] {
            hash.update(name.as_bytes());
            hash.update(key.to_string().as_bytes());
        }
        hash_amount(&mut hash, line.quantity);
        hash_amount(&mut hash, line.setup_quantity);
        hash_amount(&mut hash, line.attrition);
        hash_amount(&mut hash, line.rounding_multiple.unwrap_or_default());
        // lines of one piece have the checksum that they had before there were pieces
        if line.piece_count > 1 {
            hash.update(line.piece_count.to_string());
        }
        hash.update(line.reference.as_bytes());
        for flag in [line.optional, line.inherited, line.consumable, line.allow_variants] {
            hash.update(if flag { "True" } else { "False" });
        }
        shown(&hash.finalize())
    }
}

row! {
    /// How a part is called.
    struct Named in PART as PartKey {
        name: String,
        IPN: Option<String>,
        revision: Option<String>,
        description: String,
    } without [..]
}

impl Named {
    /// Name and description, as a checksum has them.
    fn described(&self, format: &NameFormat) -> String {
        let description = self.description.as_str();
        let (ipn, revision) = (self.IPN.as_deref().unwrap_or_default(), self.revision.as_deref().unwrap_or_default());
        format!("{} - {description}", format.full_name(NameParts { name: &self.name, ipn, revision, description }))
    }
}

const FROM: &str = "FROM part_bomitem m JOIN part_part a ON a.id = m.part JOIN part_part s ON s.id = m.sub_part WHERE";

/// Reads a line, its assembly and its part.
fn content(row: &Row<'_>, format: &NameFormat) -> Content {
    let first = row::width::<BomItem>();
    let name = |at: usize| Named::read(row, at).described(format);
    Content { line: BomItem::read(row, 0), part: name(first), sub_part: name(first + row::width::<Named>()) }
}

/// Checksum of a line that is about to be made or changed.
///
/// # Errors
/// Those of the database.
pub(crate) fn of_change(conn: &mut Connection, format: &NameFormat, change: &Change) -> Result<String> {
    let line = BomItem::of_change(change);
    let parts = row::many::<Named>(conn, &[line.part, line.sub_part])?;
    let names: HashMap<PartKey, String> = parts.iter().map(|part| (part.id, part.described(format))).collect();
    let name = |key: PartKey| names.get(&key).cloned().unwrap_or_default();
    Ok(Content { part: name(line.part), sub_part: name(line.sub_part), line }.sum())
}

/// Checksums of these lines, by their keys.
///
/// # Errors
/// Those of the database.
pub(crate) fn of_lines(
    conn: &mut Connection,
    format: &NameFormat,
    lines: &[BomItemKey],
) -> Result<HashMap<BomItemKey, String>> {
    let mut sums = HashMap::with_capacity(lines.len());
    let (line, part, sub_part) = (row::columns::<BomItem>("m"), row::columns::<Named>("a"), row::columns::<Named>("s"));
    conn.of_keys(&fragment!("SELECT {line}, {part}, {sub_part} {FROM} m.id IN ({{keys}})"), lines, |row| {
        sums.insert(row.cell(0), content(row, format).sum());
    })?;
    Ok(sums)
}

/// Checksum of the whole bill of materials of each of these parts: over all its lines, inherited ones
/// included, in the order of their keys.
///
/// # Errors
/// Those of the database.
pub(crate) fn of_parts(
    conn: &mut Connection,
    format: &NameFormat,
    parts: &[PartKey],
) -> Result<HashMap<PartKey, String>> {
    let assemblies = super::lines::for_parts(conn, parts)?;
    let mut keys: Vec<BomItemKey> = assemblies.values().flatten().map(|line| line.id).collect();
    keys.sort_unstable();
    keys.dedup();
    let sums = of_lines(conn, format, &keys)?;
    Ok(parts
        .iter()
        .map(|part| {
            let mut hash = Md5::new();
            hash.update(part.to_string().as_bytes());
            for line in assemblies.get(part).into_iter().flatten() {
                hash.update(sums.get(&line.id).map_or("", String::as_str).as_bytes());
            }
            (*part, shown(&hash.finalize()))
        })
        .collect())
}

row! {
    /// How the bill of materials of a part was validated.
    struct Validation in PART as PartKey {
        bom_checksum: String,
        bom_checked_date: Option<String>,
        bom_validated: bool,
    } without [..]
}

/// Looks again whether the bills of materials of these parts are still as they were validated, and keeps
/// the answer with the parts.
///
/// # Errors
/// Those of the database.
pub(crate) fn recheck(conn: &mut Connection, format: &NameFormat, parts: &[PartKey]) -> Result<()> {
    let (mut kept, mut valid, mut invalid) = (HashMap::new(), Vec::new(), Vec::new());
    for part in row::many::<Validation>(conn, parts)? {
        if !part.bom_checksum.is_empty() && part.bom_checked_date.is_some() {
            kept.insert(part.id, (part.bom_checksum, part.bom_validated));
        } else if part.bom_validated {
            invalid.push(part.id);
        }
    }
    let mut keys: Vec<PartKey> = kept.keys().copied().collect();
    keys.sort_unstable();
    let sums = of_parts(conn, format, &keys)?;
    for (part, (checksum, was_valid)) in kept {
        match (sums.get(&part) == Some(&checksum), was_valid) {
            (true, false) => valid.push(part),
            (false, true) => invalid.push(part),
            _ => {}
        }
    }
    for (parts, value) in [(valid, "TRUE"), (invalid, "FALSE")] {
        let mut parts = parts;
        parts.sort_unstable();
        conn.execute_keys(&fragment!("UPDATE part_part SET bom_validated = {value} WHERE id IN ({{keys}})"), &parts)?;
    }
    Ok(())
}

/// Whether a line is signed off, and as it stood then.
const SIGNED_OFF: &[Assignment] = &[bulk::set(&BOM_ITEM, BomItem::validated), bulk::set(&BOM_ITEM, BomItem::checksum)];

/// Signs a line off as it stands, or takes that back.
///
/// # Errors
/// Those of the database.
pub(crate) fn validate_lines(
    conn: &mut Connection,
    format: &NameFormat,
    lines: &[BomItemKey],
    valid: bool,
) -> Result<()> {
    let sums = if valid { of_lines(conn, format, lines)? } else { HashMap::new() };
    let rows: Vec<(BomItemKey, Vec<Value>)> = lines
        .iter()
        .map(|line| (*line, vec![Value::Bool(valid), sums.get(line).map_or("", String::as_str).into()]))
        .collect();
    bulk::update(conn, SIGNED_OFF, &rows)
}

/// Signs the whole bill of materials of a part off as it stands, its own lines included, or takes that
/// back (the lines stay validated then).
///
/// # Errors
/// Those of the database.
pub(crate) fn validate_part(
    conn: &mut Connection,
    format: &NameFormat,
    part: PartKey,
    user: Option<UserKey>,
    valid: bool,
) -> Result<()> {
    if valid {
        let rows = conn.rows("SELECT id FROM part_bomitem WHERE part = $1 ORDER BY id", &[part.into()])?;
        let lines: Vec<BomItemKey> = rows.iter().map(|row| row.cell(0)).collect();
        validate_lines(conn, format, &lines, true)?;
    }
    let checksum =
        if valid { of_parts(conn, format, &[part])?.remove(&part).unwrap_or_default() } else { String::new() };
    let sql = "UPDATE part_part SET bom_validated = $1, bom_checksum = $2, bom_checked_by = $3, bom_checked_date = $4 \
               WHERE id = $5";
    let params = [valid.into(), checksum.into(), user.into(), clock::today().into(), part.into()];
    conn.execute(sql, &params)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use ironwood_base::Quantity;

    use super::*;

    #[test]
    fn checksums_are_written_as_bytes_of_python() {
        assert_eq!(shown(b"ab\x00\xff\n"), "b'ab\\x00\\xff\\n'");
        assert_eq!(shown(b"it's"), "b\"it's\"");
        assert_eq!(shown(b"'\"\\"), "b'\\'\"\\\\'");
    }

    #[test]
    fn a_line_has_the_checksum_that_inventree_gives_it() {
        let line = BomItem {
            part: PartKey::from_id(100),
            sub_part: PartKey::from_id(1),
            quantity: Quantity::of(10),
            piece_count: 1,
            allow_variants: true,
            ..BomItem::default()
        };
        let content = Content {
            line,
            part: "BOB | Bob | A2 - Can we build it? Yes we can!".into(),
            sub_part: "M2x4 LPHS - M2x4 low profile head screw".into(),
        };
        assert_eq!(content.sum(), "b'\\xe7\\xbcX`\\xff\\x81\\xb1\\x84\\x0c\\xfe0\\x9a\\xc4<\\x95\\x83'");
    }
}
