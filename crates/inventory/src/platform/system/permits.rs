//! Permits for slow tasks that take memory and processor time: reading images and files.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The most tasks that wait for a permit. Further tasks are refused.
const MOST_WAITING: usize = 8;
/// Longest time that a task waits for its permit.
const PATIENCE: Duration = Duration::from_secs(20);

/// Work of one kind that is done at this moment, in all requests and jobs of the process.
#[derive(Debug)]
pub(crate) struct Permits {
    /// Size of all pieces at work at most: that of the largest one.
    most: u64,
    at_work: Mutex<AtWork>,
    freed: Condvar,
}

#[derive(Debug)]
struct AtWork {
    size: u64,
    pieces: usize,
    waiting: usize,
}

/// A permit for one task. Dropping it lets the next task begin.
#[derive(Debug)]
pub(crate) struct Permit {
    of: &'static Permits,
    size: u64,
}

impl Permits {
    pub(crate) const fn new(most: u64) -> Self {
        let at_work = AtWork { size: 0, pieces: 0, waiting: 0 };
        Permits { most, at_work: Mutex::new(at_work), freed: Condvar::new() }
    }

    /// Size of all pieces at work.
    #[cfg(test)]
    pub(crate) fn at_work(&self) -> u64 {
        self.at_work.lock().unwrap().size
    }

    /// Waits until there is room for a piece of that size: half of the processors are for such work at most. `None`
    /// where too many others wait, or for too long.
    pub(crate) fn take(&'static self, size: u64) -> Option<Permit> {
        let pieces = thread::available_parallelism().map_or(1, |n| n.get().div_ceil(2));
        let full = |work: &mut AtWork| work.pieces >= pieces || work.size + size > self.most;
        let mut work = self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        if full(&mut work) {
            if work.waiting >= MOST_WAITING {
                return None;
            }
            work.waiting += 1;
            let waited = self.freed.wait_timeout_while(work, PATIENCE, full);
            work = waited.unwrap_or_else(PoisonError::into_inner).0;
            work.waiting -= 1;
            if full(&mut work) {
                return None;
            }
        }
        work.pieces += 1;
        work.size += size;
        Some(Permit { of: self, size })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut work = self.of.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        work.pieces -= 1;
        work.size -= self.size;
        self.of.freed.notify_all();
    }
}
