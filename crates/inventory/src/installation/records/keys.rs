//! The keys of a table that have been seen.

use std::collections::HashSet;

/// Keys below this are kept as bits: 8 MB at most for a table, where a million keys in a hash set
/// would take twice that.
const DENSE: i64 = 1 << 26;

/// A set of keys.
#[derive(Debug, Default)]
pub(super) struct Keys {
    dense: Vec<u64>,
    sparse: HashSet<i64>,
    largest: i64,
}

impl Keys {
    /// Whether the key was new.
    pub(super) fn insert(&mut self, key: i64) -> bool {
        self.largest = self.largest.max(key);
        if !(0..DENSE).contains(&key) {
            return self.sparse.insert(key);
        }
        let (word, bit) = ((key / 64) as usize, 1_u64 << (key % 64));
        if word >= self.dense.len() {
            self.dense.resize((word + 1).next_power_of_two(), 0);
        }
        let new = self.dense[word] & bit == 0;
        self.dense[word] |= bit;
        new
    }

    pub(super) fn contains(&self, key: i64) -> bool {
        if !(0..DENSE).contains(&key) {
            return self.sparse.contains(&key);
        }
        self.dense.get((key / 64) as usize).is_some_and(|word| word & (1 << (key % 64)) != 0)
    }

    /// The key after the largest one seen.
    pub(super) fn next(&self) -> i64 {
        self.largest + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_whether_small_or_large() {
        let mut keys = Keys::default();
        for key in [0, 1, 63, 64, 100_000, DENSE - 1, DENSE, 1 << 61] {
            assert!(!keys.contains(key));
            assert!(keys.insert(key));
            assert!(!keys.insert(key));
            assert!(keys.contains(key));
        }
        assert!(!keys.contains(2) && !keys.contains(-1));
        assert_eq!(keys.next(), (1 << 61) + 1);
    }
}
