//! Which statements are run, for tests that ask a database how it answers them. Only in builds for development.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::value::Value;

static WATCHED: AtomicBool = AtomicBool::new(false);
static RAN: Mutex<Vec<Ran>> = Mutex::new(Vec::new());

/// A statement that read something, and its values.
#[derive(Debug, Clone)]
pub struct Ran {
    pub sql: String,
    pub params: Vec<Value>,
}

/// Does some work, and gives the statements that were run meanwhile, by all connections of the process.
pub fn statements<T>(work: impl FnOnce() -> T) -> (T, Vec<Ran>) {
    let ran = || std::mem::take(&mut *RAN.lock().unwrap_or_else(PoisonError::into_inner));
    ran();
    WATCHED.store(true, Ordering::SeqCst);
    let done = work();
    WATCHED.store(false, Ordering::SeqCst);
    (done, ran())
}

/// Notes a statement where someone watches.
pub(crate) fn note(sql: &str, params: &[Value]) {
    if cfg!(debug_assertions) && WATCHED.load(Ordering::Relaxed) {
        let ran = Ran { sql: sql.to_owned(), params: params.to_vec() };
        RAN.lock().unwrap_or_else(PoisonError::into_inner).push(ran);
    }
}
