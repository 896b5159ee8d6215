//! What took long to find out about a list is remembered: how many rows there are, and which are on a page. The same
//! question, or the next page of it, need not look at all rows again, as long as nothing at all was changed in the
//! database.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use ironwood_base::Result;
use ironwood_store::{Connection, Value};

use crate::query::read_keys;

/// What is sooner found out again than looked up.
const SOON: Duration = Duration::from_millis(2);
/// Answers that are remembered for each connection.
const MOST: usize = 200;
/// Longest statement, with its values, whose answer is remembered: bytes.
const LONGEST: usize = 8_000;
/// Most numbers of an answer that is remembered.
const NUMBERS: usize = 250;

/// The numbers that a statement gave, and when (see [`Connection::moment`]).
struct Known {
    moment: String,
    numbers: Vec<i64>,
}

thread_local! {
    // a thread has one connection, and what it says of changes is true of that one only
    static KNOWN: RefCell<HashMap<String, Known>> = RefCell::default();
}

/// The number that a statement counts.
///
/// # Errors
/// Those of the database.
pub(crate) fn count(conn: &mut Connection, sql: &str, params: &[Value]) -> Result<u64> {
    let numbers = numbers(conn, sql, params)?;
    Ok(numbers.first().map_or(0, |number| u64::try_from(*number).unwrap_or(0)))
}

/// The first column of all rows that a statement gives.
///
/// # Errors
/// Those of the database.
pub(crate) fn numbers(conn: &mut Connection, sql: &str, params: &[Value]) -> Result<Vec<i64>> {
    let question = format!("{sql} {params:?}");
    let known = KNOWN.with_borrow(|known| known.get(&question).map(|k| (k.moment.clone(), k.numbers.clone())));
    if let Some((moment, numbers)) = known
        && conn.moment()? == Some(moment)
    {
        conn.spared();
        return Ok(numbers);
    }
    let began = Instant::now();
    let numbers = read_keys(conn, sql, params)?;
    if began.elapsed() < SOON || question.len() > LONGEST || numbers.len() > NUMBERS {
        return Ok(numbers);
    }
    if let Some(moment) = conn.moment()? {
        KNOWN.with_borrow_mut(|known| {
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(question, Known { moment, numbers: numbers.clone() });
        });
    }
    Ok(numbers)
}
