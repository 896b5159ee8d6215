//! The change log on the command line.

use std::io::{ErrorKind, Write};

use ironwood_base::{Error, Result};
use ironwood_inventory::platform::changelog::read::{self, Entry, LogFilter};
use ironwood_store::Access;

use super::{failed, open};
use crate::cli::{DatabaseArgs, LogArgs};

/// Entries that are read at once.
const LOT: u64 = 1_000;

/// Shows entries of the change log.
pub(super) fn show(place: &DatabaseArgs, options: &LogArgs) -> Result<()> {
    let table = options.table.as_deref().map(|name| {
        read::find_table(name).ok_or_else(|| Error::Internal(format!("--table {name}: there is no such table")))
    });
    let since = options.since.as_deref().map(|text| {
        let wrong = || Error::Internal(format!("--since {text}: enter a date, a time, or an age such as 7d"));
        read::find_moment(text).ok_or_else(wrong)
    });
    let filter = LogFilter {
        table: table.transpose()?,
        key: options.key,
        user: options.user.clone(),
        since: since.transpose()?,
        before: None,
    };
    let app = open(place, Access::ReadOnly)?;
    let limit = if options.limit == 0 { u64::MAX } else { options.limit };
    let mut shown = 0;
    let mut before = None;
    while shown < limit {
        let (part, lot) = (filter.clone(), LOT.min(limit - shown));
        let entries = app.db().read(move |conn| read::entries(conn, &part.clone().older_than(before), lot, 0))?;
        if !print(&entries, options.json)? {
            break;
        }
        shown += entries.len() as u64;
        before = entries.last().map(|entry| entry.id);
        if (entries.len() as u64) < lot {
            break;
        }
    }
    Ok(())
}

/// Prints entries; false where nobody reads on.
fn print(entries: &[Entry], json: bool) -> Result<bool> {
    let mut out = std::io::stdout().lock();
    for entry in entries {
        let text = if json { entry.json().to_string() } else { entry.text() };
        match writeln!(out, "{text}") {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(false),
            written => written.map_err(|error| failed("cannot write", error))?,
        }
    }
    Ok(true)
}
