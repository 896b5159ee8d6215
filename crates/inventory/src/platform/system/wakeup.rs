//! Wakes up the workers of this process.

use std::collections::HashSet;
use std::sync::atomic::AtomicUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Signals waiting workers that there is work.
#[derive(Debug, Default)]
pub struct Wakeup {
    /// How often there was a signal: each worker remembers the last one that it followed.
    signals: Mutex<u64>,
    signal: Condvar,
    /// Workers of this process.
    pub workers: AtomicUsize,
    /// The names under which they own jobs.
    owners: Mutex<HashSet<String>>,
}

impl Wakeup {
    /// Wakes up the workers, because there may be work.
    pub fn notify(&self) {
        let mut signals = self.signals.lock().unwrap_or_else(PoisonError::into_inner);
        *signals = signals.wrapping_add(1);
        self.signal.notify_all();
    }

    /// The names of all workers of this process. None begins or ends as long as this is held.
    pub fn owners(&self) -> MutexGuard<'_, HashSet<String>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there was another signal than the one seen last, at most this long.
    pub fn wait(&self, seen: &mut u64, longest: Duration) {
        let signals = self.signals.lock().unwrap_or_else(PoisonError::into_inner);
        let last = *seen;
        let waited = self.signal.wait_timeout_while(signals, longest, |signals| *signals == last);
        *seen = *waited.unwrap_or_else(PoisonError::into_inner).0;
    }
}
