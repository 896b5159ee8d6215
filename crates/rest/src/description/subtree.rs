//! What lies below a row of a tree, as SQL: a range of paths, so that databases walk along an index.

#[doc(hidden)]
pub use ironwood_store::sql;
use ironwood_store::{AsSql, Fragment, fragment};

/// SQL: one row of a tree is another one, or lies below it. Rows are named by their aliases, or by the SQL of the path of
/// the one, and of [`PATH`](crate::table::PATH) and [`PATH_END`](crate::table::PATH_END) of the other.
///
/// ```
/// use ironwood_rest::at_or_below;
///
/// assert_eq!(at_or_below!("v", "a"), "v.tree_path >= a.tree_path AND v.tree_path < a.tree_end");
/// assert_eq!(
///     at_or_below!("{category.tree_path}", "c.tree_path", "c.tree_end"),
///     "{category.tree_path} >= c.tree_path AND {category.tree_path} < c.tree_end"
/// );
/// ```
#[macro_export]
macro_rules! at_or_below {
    ($row:expr, $top:expr) => {
        $crate::at_or_below!(
            $crate::subtree::sql!($row, ".", $crate::table::PATH),
            $crate::subtree::sql!($top, ".", $crate::table::PATH),
            $crate::subtree::sql!($top, ".", $crate::table::PATH_END)
        )
    };
    ($path:expr, $top:expr, $end:expr) => {
        $crate::subtree::sql!($path, " >= ", $top, " AND ", $path, " < ", $end)
    };
}

/// As [`at_or_below!`](crate::at_or_below!), without the other row itself.
///
/// ```
/// use ironwood_rest::below;
///
/// assert_eq!(below!("v", "a"), "v.tree_path > a.tree_path AND v.tree_path < a.tree_end");
/// ```
#[macro_export]
macro_rules! below {
    ($row:expr, $top:expr) => {
        $crate::below!(
            $crate::subtree::sql!($row, ".", $crate::table::PATH),
            $crate::subtree::sql!($top, ".", $crate::table::PATH),
            $crate::subtree::sql!($top, ".", $crate::table::PATH_END)
        )
    };
    ($path:expr, $top:expr, $end:expr) => {
        $crate::subtree::sql!($path, " > ", $top, " AND ", $path, " < ", $end)
    };
}

/// As the macro of the same name, where the SQL is not known while the program is built.
pub fn at_or_below(path: impl AsSql, top: impl AsSql, end: impl AsSql) -> Fragment {
    fragment!("{path} >= {top} AND {path} < {end}")
}
