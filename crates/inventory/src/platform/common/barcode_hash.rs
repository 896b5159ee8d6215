//! Barcodes assigned to records, looked up by a hash of their content.

use ironwood_base::Result;
use ironwood_store::{Connection, Fragment, Value, fragment};
use md5::{Digest, Md5};

use crate::schema::record_type::{Has, with};

/// What is in a barcode without what cannot be seen.
pub(crate) fn visible(data: &str) -> String {
    data.trim().chars().filter(|c| !c.is_control()).collect()
}

/// The hash by which the record of a barcode is found.
pub(crate) fn of(data: &str) -> String {
    let digest = Md5::digest(visible(data).as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Which of these hashes belong to a record, of whatever kind.
pub(crate) fn taken(conn: &mut Connection, hashes: &[String]) -> Result<Vec<String>> {
    if hashes.is_empty() {
        return Ok(Vec::new());
    }
    let texts = conn.backend().texts("$1");
    let of_each: Vec<Fragment> = with(Has::Barcode)
        .map(|one| fragment!("SELECT b.barcode_hash FROM {} b WHERE b.barcode_hash IN ({texts})", one.table.name))
        .collect();
    let rows = conn.rows(Fragment::join(&of_each, " UNION ALL "), &[Value::texts(hashes)])?;
    Ok(rows.iter().map(|row| row.text(0).to_owned()).collect())
}
