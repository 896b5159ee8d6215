//! The physical units of the server: built-in and custom ones.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use ironwood_base::unit::{self, Custom, UnitError, Units};
use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::selected;
use ironwood_store::Connection;

selected! {
    /// A unit that was added.
    pub(crate) struct AddedUnit {
        pub(crate) name: String = "name",
        pub(crate) symbol: String = "symbol",
        pub(crate) definition: String = "definition",
    }
}

/// Units made from the rows that were read last: a reading is one short statement, a making is not.
static LAST: LazyLock<Mutex<(Vec<AddedUnit>, Arc<Units>)>> =
    LazyLock::new(|| Mutex::new((Vec::new(), Arc::new(unit::built_in().clone()))));

/// The units that were added, but for the row `except`.
pub(crate) fn added(conn: &mut Connection, except: i64) -> Result<Vec<AddedUnit>> {
    selected::all(conn, "FROM common_customunit WHERE id <> $1 ORDER BY id", &[except.into()])
}

fn custom(AddedUnit { name, symbol, definition }: &AddedUnit) -> Custom<'_> {
    Custom { name, symbol, definition }
}

/// All units. Those of imported rows that cannot be read are left out.
pub(crate) fn load(conn: &mut Connection) -> Result<Arc<Units>> {
    let rows = added(conn, 0)?;
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.0 != rows {
        last.1 = Arc::new(usable(&rows));
        last.0 = rows;
    }
    Ok(last.1.clone())
}

/// Units with those of these rows that can be read.
pub(crate) fn usable(rows: &[AddedUnit]) -> Units {
    let customs: Vec<Custom<'_>> = rows.iter().map(custom).collect();
    if let Ok(units) = unit::built_in().with(&customs) {
        return units;
    }
    let mut units = unit::built_in().clone();
    let mut left = customs;
    loop {
        let before = left.len();
        left.retain(|c| match units.with(std::slice::from_ref(c)) {
            Ok(more) => {
                units = more;
                false
            }
            Err(_) => true,
        });
        if left.len() == before {
            return units;
        }
    }
}

/// The units with those of these rows.
///
/// # Errors
/// Why they cannot be.
pub(crate) fn with(rows: &[AddedUnit]) -> std::result::Result<Units, UnitError> {
    unit::built_in().with(&rows.iter().map(custom).collect::<Vec<_>>())
}

/// Refuses a changed column that is neither empty nor a unit.
///
/// # Errors
/// [`Error::Invalid`] naming the column.
pub(crate) fn check(conn: &mut Connection, change: &Change, column: &str) -> Result<()> {
    let text = change.text(column).trim().to_owned();
    if !change.is_changed(column) || text.is_empty() {
        return Ok(());
    }
    load(conn)?.check(&text).map_err(|why| Error::field(column, format!("This is not a physical unit. {why}")))
}
