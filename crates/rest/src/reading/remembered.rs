//! What took long to find out about a list is remembered: how many rows there are, and which are on a page. The same
//! question, or the next page of it, need not look at all rows again, as long as nothing at all was changed in the
//! database.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use ironwood_base::Result;
use ironwood_store::{Connection, Fragment, Value};

use crate::query::read_keys;

/// What is sooner found out again than looked up.
const SOON: Duration = Duration::from_millis(2);
/// Answers that are remembered for each connection.
const MOST: usize = 200;
/// Most numbers in all answers together that are remembered for each connection.
const NUMBERS: usize = 100_000;

/// A statement with its values, by two digests with keys of this process: the chance that two are taken for one is far
/// below that of a fault of the machine.
pub(crate) type Question = (u64, u64);

/// The numbers that a statement gave, and when (see [`Connection::moment`]).
struct Known {
    moment: String,
    numbers: Vec<i64>,
}

thread_local! {
    // a thread has one connection, and what it says of changes is true of that one only
    static KNOWN: RefCell<HashMap<Question, Known>> = RefCell::default();
}

pub(crate) fn question(sql: &Fragment, params: &[Value]) -> Question {
    static KEYS: LazyLock<[RandomState; 2]> = LazyLock::new(Default::default);
    let [first, second] = KEYS.each_ref().map(|keys| {
        let mut hasher = keys.build_hasher();
        sql.hash(&mut hasher);
        for value in params {
            std::mem::discriminant(value).hash(&mut hasher);
            match value {
                Value::Null => (),
                Value::Bool(value) => value.hash(&mut hasher),
                Value::Int(value) => value.hash(&mut hasher),
                Value::Real(value) => value.to_bits().hash(&mut hasher),
                Value::Text(value) => value.hash(&mut hasher),
                Value::Bytes(value) => value.hash(&mut hasher),
            }
        }
        hasher.finish()
    });
    (first, second)
}

/// The number that a statement counts.
///
/// # Errors
/// Those of the database.
pub(crate) fn count(conn: &mut Connection, sql: &Fragment, params: &[Value]) -> Result<u64> {
    let numbers = numbers(conn, sql, params)?;
    Ok(numbers.first().map_or(0, |number| u64::try_from(*number).unwrap_or(0)))
}

/// The first column of all rows that a statement gives.
///
/// # Errors
/// Those of the database.
pub(crate) fn numbers(conn: &mut Connection, sql: &Fragment, params: &[Value]) -> Result<Vec<i64>> {
    numbers_by(conn, question(sql, params), |conn| read_keys(conn, sql, params))
}

/// The same, where something else than the statement finds them out.
///
/// # Errors
/// Those of the database.
pub(crate) fn numbers_by(
    conn: &mut Connection,
    question: Question,
    find: impl FnOnce(&mut Connection) -> Result<Vec<i64>>,
) -> Result<Vec<i64>> {
    let known = KNOWN.with_borrow(|known| known.get(&question).map(|k| (k.moment.clone(), k.numbers.clone())));
    if let Some((moment, numbers)) = known
        && conn.moment()? == Some(moment)
    {
        conn.spared();
        return Ok(numbers);
    }
    let began = Instant::now();
    let numbers = find(conn)?;
    if began.elapsed() < SOON || numbers.len() > NUMBERS {
        return Ok(numbers);
    }
    if let Some(moment) = conn.moment()? {
        KNOWN.with_borrow_mut(|known| {
            let held: usize = known.values().map(|known| known.numbers.len()).sum();
            if known.len() >= MOST || held + numbers.len() > NUMBERS {
                known.clear();
            }
            known.insert(question, Known { moment, numbers: numbers.clone() });
        });
    }
    Ok(numbers)
}
