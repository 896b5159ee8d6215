//! Numbers of rows that took long to count are remembered: the next page of the same list need not count again, as
//! long as nothing at all was changed in the database.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use ironwood_base::Result;
use ironwood_store::{Connection, Value};

/// Counting that is sooner done again than looked up.
const SOON: Duration = Duration::from_millis(2);
/// Numbers that are remembered for each connection.
const MOST: usize = 200;
/// Longest statement, with its values, that a number is remembered for: bytes.
const LONGEST: usize = 8_000;

/// A number, and when it was counted (see [`Connection::moment`]).
struct Counted {
    moment: String,
    number: u64,
}

thread_local! {
    // a thread has one connection, and what it says of changes is true of that one only
    static KNOWN: RefCell<HashMap<String, Counted>> = RefCell::default();
}

/// The number that a statement counts.
///
/// # Errors
/// Those of the database.
pub(crate) fn count(conn: &mut Connection, sql: &str, params: &[Value]) -> Result<u64> {
    let question = format!("{sql} {params:?}");
    let known = KNOWN.with_borrow(|known| known.get(&question).map(|k| (k.moment.clone(), k.number)));
    if let Some((moment, number)) = known
        && conn.moment()? == Some(moment)
    {
        return Ok(number);
    }
    let began = Instant::now();
    let mut number = 0;
    conn.query_planned(sql, params, |row| {
        number = u64::try_from(row.int(0)).unwrap_or(0);
        Ok(())
    })?;
    if began.elapsed() < SOON || question.len() > LONGEST {
        return Ok(number);
    }
    if let Some(moment) = conn.moment()? {
        KNOWN.with_borrow_mut(|known| {
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(question, Counted { moment, number });
        });
    }
    Ok(number)
}
