//! How machines are: what this process saw of them last.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use ironwood_base::status::{LABEL_PRINTER_STATUS, PrinterStatus};

/// The state of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub status: PrinterStatus,
    /// What it is, in words.
    pub text: String,
    pub errors: Vec<String>,
}

static SEEN: LazyLock<Mutex<HashMap<String, Seen>>> = LazyLock::new(Mutex::default);

fn label(status: PrinterStatus) -> String {
    LABEL_PRINTER_STATUS.find(status.key()).map_or_else(String::new, |found| found.label.to_owned())
}

/// What was seen of a machine last.
pub(crate) fn of(machine: &str) -> Seen {
    let known = SEEN.lock().unwrap_or_else(PoisonError::into_inner).get(machine).cloned();
    known.unwrap_or_else(|| Seen {
        status: PrinterStatus::UNKNOWN,
        text: label(PrinterStatus::UNKNOWN),
        errors: Vec::new(),
    })
}

fn keep(machine: &str, seen: Seen) {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(machine.to_owned(), seen);
}

/// The machine was reached.
pub(crate) fn reached(machine: &str) {
    keep(machine, Seen { status: PrinterStatus::CONNECTED, text: label(PrinterStatus::CONNECTED), errors: Vec::new() });
}

/// The machine prints.
pub(crate) fn printing(machine: &str) {
    keep(machine, Seen { status: PrinterStatus::PRINTING, text: label(PrinterStatus::PRINTING), errors: Vec::new() });
}

/// The machine was not reached, or refused.
pub(crate) fn failed(machine: &str, reachable: bool, why: &str) {
    let status = if reachable { PrinterStatus::ERROR } else { PrinterStatus::DISCONNECTED };
    keep(machine, Seen { status, text: label(status), errors: vec![why.to_owned()] });
}

/// Nothing is known of the machine any more.
pub(crate) fn forget(machine: &str) {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).remove(machine);
}
