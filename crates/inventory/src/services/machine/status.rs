//! How machines are: what this process saw of them last.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use ironwood_base::status::LABEL_PRINTER_STATUS;

/// The state of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// A value of `LabelPrinterStatus`.
    pub status: i64,
    /// What it is, in words.
    pub text: String,
    pub errors: Vec<String>,
}

static SEEN: LazyLock<Mutex<HashMap<String, Seen>>> = LazyLock::new(Mutex::default);

fn named(name: &str) -> i64 {
    LABEL_PRINTER_STATUS.key(name)
}

fn label(status: i64) -> String {
    LABEL_PRINTER_STATUS.find(status).map_or_else(String::new, |found| found.label.to_owned())
}

/// What was seen of a machine last.
pub fn of(machine: &str) -> Seen {
    let known = SEEN.lock().unwrap_or_else(PoisonError::into_inner).get(machine).cloned();
    known.unwrap_or_else(|| Seen { status: named("UNKNOWN"), text: label(named("UNKNOWN")), errors: Vec::new() })
}

fn keep(machine: &str, seen: Seen) {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(machine.to_owned(), seen);
}

/// The machine was reached.
pub fn reached(machine: &str) {
    keep(machine, Seen { status: named("CONNECTED"), text: label(named("CONNECTED")), errors: Vec::new() });
}

/// The machine prints.
pub fn printing(machine: &str) {
    keep(machine, Seen { status: named("PRINTING"), text: label(named("PRINTING")), errors: Vec::new() });
}

/// The machine was not reached, or refused.
pub fn failed(machine: &str, reachable: bool, why: &str) {
    let status = named(if reachable { "ERROR" } else { "DISCONNECTED" });
    keep(machine, Seen { status, text: label(status), errors: vec![why.to_owned()] });
}

/// Nothing is known of the machine any more.
pub fn forget(machine: &str) {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).remove(machine);
}
