//! Wakes up the workers of this process.

use std::sync::atomic::AtomicUsize;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Signals waiting workers that there is work.
#[derive(Debug, Default)]
pub struct Wakeup {
    pending: Mutex<bool>,
    signal: Condvar,
    /// Workers of this process.
    pub workers: AtomicUsize,
}

impl Wakeup {
    /// Wakes up the workers, because there may be work.
    pub fn notify(&self) {
        *self.pending.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.signal.notify_all();
    }

    /// Waits until there may be work, at most this long.
    pub fn wait(&self, longest: Duration) {
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.signal.wait_timeout_while(pending, longest, |pending| !*pending);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}
