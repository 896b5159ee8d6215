//! One budget for the memory of all requests and answers together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use ironwood_base::Error;
use tokio::sync::Notify;

/// Shares up to this size may take the last quarter of the budget, so that large requests do not
/// keep small ones waiting.
const SMALL: u64 = 1_000_000;

/// The budget. Clones share it.
#[derive(Clone)]
pub(super) struct Memory(Arc<Inner>);

struct Inner {
    limit: u64,
    used: AtomicU64,
    waiting: AtomicUsize,
    freed: Notify,
}

/// Part of the budget, given back on drop.
pub(super) struct Share {
    memory: Memory,
    size: u64,
}

impl Memory {
    pub(super) fn new(limit: u64) -> Self {
        let (used, waiting) = (AtomicU64::new(0), AtomicUsize::new(0));
        Memory(Arc::new(Inner { limit, used, waiting, freed: Notify::new() }))
    }

    /// An empty share.
    pub(super) fn share(&self) -> Share {
        Share { memory: self.clone(), size: 0 }
    }

    /// A share of this size, where there is room for it now.
    pub(super) fn try_share(&self, size: u64) -> Option<Share> {
        self.take(0, size).then(|| Share { memory: self.clone(), size })
    }

    /// Whether a request is waiting for memory.
    pub(super) fn is_short(&self) -> bool {
        self.0.waiting.load(Ordering::Relaxed) > 0
    }

    fn give_back(&self, size: u64) {
        self.0.used.fetch_sub(size, Ordering::Relaxed);
        if self.is_short() {
            self.0.freed.notify_waiters();
        }
    }

    fn take(&self, held: u64, by: u64) -> bool {
        let limit = if held + by > SMALL { self.0.limit - self.0.limit / 4 } else { self.0.limit };
        let grown = |used: u64| used.checked_add(by).filter(|&sum| sum <= limit);
        self.0.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grown).is_ok()
    }
}

impl Share {
    /// Adds to the share; waits for others to give memory back.
    ///
    /// # Errors
    /// 413 where it can never fit, 503 where it does not in time.
    pub(super) async fn grow(&mut self, by: u64, wait: Duration) -> Result<(), Error> {
        let memory = self.memory.clone();
        if memory.take(self.size, by) {
            self.size += by;
            return Ok(());
        }
        if self.size + by > memory.0.limit - memory.0.limit / 4 {
            return Err(Error::Status(413, "This request needs more memory than the server allows.".into()));
        }
        memory.0.waiting.fetch_add(1, Ordering::Relaxed);
        let taken = tokio::time::timeout(wait, async {
            loop {
                let mut freed = std::pin::pin!(memory.0.freed.notified());
                freed.as_mut().enable();
                if memory.take(self.size, by) {
                    return;
                }
                freed.await;
            }
        })
        .await;
        memory.0.waiting.fetch_sub(1, Ordering::Relaxed);
        taken.map_err(|_| busy())?;
        self.size += by;
        Ok(())
    }

    /// Makes the share what is held now, whatever the limit says: memory that is taken already.
    pub(super) fn settle(&mut self, size: u64) {
        if size > self.size {
            self.memory.0.used.fetch_add(size - self.size, Ordering::Relaxed);
        } else {
            self.memory.give_back(self.size - size);
        }
        self.size = size;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.memory.give_back(self.size);
    }
}

fn busy() -> Error {
    Error::Status(503, "The server is too busy for a request of this size. Try again later.".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_shares_leave_room_for_small_ones_and_come_back() {
        let memory = Memory::new(8_000_000);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let wait = Duration::from_millis(20);
            let mut large = memory.share();
            large.grow(6_000_000, wait).await.unwrap();
            assert_eq!(memory.share().grow(1_500_000, wait).await.unwrap_err().status(), 503);
            memory.share().grow(900_000, wait).await.unwrap();
            assert_eq!(memory.share().grow(7_000_000, wait).await.unwrap_err().status(), 413);
            let mut next = memory.share();
            let (grown, ()) = tokio::join!(next.grow(2_000_000, Duration::from_secs(5)), async {
                tokio::task::yield_now().await;
                large.settle(1_000);
            });
            grown.unwrap();
        });
        assert_eq!(memory.0.used.load(Ordering::Relaxed), 0);
        assert!(!memory.is_short());
    }
}
