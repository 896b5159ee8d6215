//! What a request does outside of the database, files above all: it follows the transaction.

/// Work to be done when the transaction has ended, one way or the other. Dropped without
/// [`Effects::committed`], it undoes what was done: a transaction that fails, or is run again, leaves
/// nothing behind.
#[derive(Default)]
pub struct Effects {
    commit: Vec<Box<dyn FnOnce() + Send>>,
    rollback: Vec<Box<dyn FnOnce() + Send>>,
}

impl Effects {
    /// Does something once the transaction is committed (removes a file that is no longer named).
    pub fn on_commit(&mut self, work: impl FnOnce() + Send + 'static) {
        self.commit.push(Box::new(work));
    }

    /// Undoes something where the transaction fails (removes a file that was written).
    pub fn on_rollback(&mut self, work: impl FnOnce() + Send + 'static) {
        self.rollback.push(Box::new(work));
    }

    /// Takes over what a part of the transaction left to be done.
    pub fn absorb(&mut self, mut other: Effects) {
        self.commit.append(&mut other.commit);
        self.rollback.append(&mut other.rollback);
    }

    /// The transaction is committed.
    pub fn committed(mut self) {
        self.rollback.clear();
        for work in std::mem::take(&mut self.commit) {
            work();
        }
    }
}

impl Drop for Effects {
    fn drop(&mut self) {
        for work in std::mem::take(&mut self.rollback) {
            work();
        }
    }
}

impl std::fmt::Debug for Effects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Effects({} on commit, {} on rollback)", self.commit.len(), self.rollback.len())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn what_was_done_is_undone_unless_it_is_committed() {
        let events = Arc::new(Mutex::new(Vec::new()));
        let effects = |name: &'static str| {
            let mut effects = Effects::default();
            let (done, undone) = (events.clone(), events.clone());
            effects.on_commit(move || done.lock().unwrap().push(format!("{name} done")));
            effects.on_rollback(move || undone.lock().unwrap().push(format!("{name} undone")));
            effects
        };
        drop(effects("first"));
        let mut outer = effects("outer");
        outer.absorb(effects("inner"));
        outer.committed();
        assert_eq!(*events.lock().unwrap(), ["first undone", "outer done", "inner done"]);
    }
}
