//! Descriptions put together from parts: what several resources share is written once.
//!
//! ```ignore
//! const PARTS: &[&[Field]] = &[&ORDER_FIELDS, &[col("supplier")]];
//! static FIELDS: [Field; count(PARTS)] = concat(PARTS);
//! ```

/// How many items there are in all parts.
pub const fn count<T>(parts: &[&[T]]) -> usize {
    let (mut n, mut i) = (0, 0);
    while i < parts.len() {
        n += parts[i].len();
        i += 1;
    }
    n
}

/// All items of all parts, in order; `N` is their [`count`].
///
/// # Panics
/// While the program is built, where `N` is another number.
pub const fn concat<T: Copy, const N: usize>(parts: &[&[T]]) -> [T; N] {
    assert!(count(parts) == N, "the length must be the count of the parts");
    let mut first = 0;
    while parts[first].is_empty() {
        first += 1;
    }
    let mut all = [parts[first][0]; N];
    let (mut at, mut i) = (0, 0);
    while i < parts.len() {
        let mut j = 0;
        while j < parts[i].len() {
            all[at] = parts[i][j];
            at += 1;
            j += 1;
        }
        i += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_keep_their_order() {
        const PARTS: &[&[u8]] = &[&[], &[1, 2], &[], &[3]];
        static ALL: [u8; count(PARTS)] = concat(PARTS);
        assert_eq!(ALL, [1, 2, 3]);
    }
}
