//! Concatenates constant slices at compile time, so that resources can share segments of their descriptions.
//!
//! ```
//! use ironwood_rest::segments::{concat, count};
//!
//! const SEGMENTS: &[&[&str]] = &[&["reference", "description"], &["supplier"]];
//! static FIELDS: [&str; count(SEGMENTS)] = concat(SEGMENTS);
//! assert_eq!(FIELDS, ["reference", "description", "supplier"]);
//! ```

use ironwood_base::status::same;

use crate::view::Field;

/// Total number of items.
pub const fn count<T>(segments: &[&[T]]) -> usize {
    let (mut n, mut i) = (0, 0);
    while i < segments.len() {
        n += segments[i].len();
        i += 1;
    }
    n
}

/// All items, in order. `N` must equal their [`count`].
///
/// # Panics
/// At compile time, if `N` differs from the number of items.
pub const fn concat<T: Copy, const N: usize>(segments: &[&[T]]) -> [T; N] {
    assert!(count(segments) == N, "the length must equal the number of segments");
    let mut first = 0;
    while segments[first].is_empty() {
        first += 1;
    }
    let mut all = [segments[first][0]; N];
    let (mut at, mut i) = (0, 0);
    while i < segments.len() {
        let mut j = 0;
        while j < segments[i].len() {
            all[at] = segments[i][j];
            at += 1;
            j += 1;
        }
        i += 1;
    }
    all
}

/// Fields with one of them put in the place of the one that has its name.
///
/// # Panics
/// While the program is built, where there is none of that name.
pub const fn with<const N: usize>(mut fields: [Field; N], field: Field) -> [Field; N] {
    let mut i = 0;
    while !same(fields[i].name, field.name) {
        i += 1;
    }
    fields[i] = field;
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{col, pk};

    #[test]
    fn a_field_takes_the_place_of_its_namesake() {
        const FIELDS: [Field; 3] = with([pk(), col("name"), col("other")], col("name").read_only());
        assert!(!FIELDS[1].writable && FIELDS[1].name == "name" && FIELDS[2].writable);
    }

    #[test]
    fn parts_keep_their_order() {
        const SEGMENTS: &[&[u8]] = &[&[], &[1, 2], &[], &[3]];
        static ALL: [u8; count(SEGMENTS)] = concat(SEGMENTS);
        assert_eq!(ALL, [1, 2, 3]);
    }
}
