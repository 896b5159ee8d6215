//! The expressions that the two databases write differently.

use crate::fragment;
use crate::fragment::{AsSql, Fragment};

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backend {
    /// An embedded SQLite file.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// The sign between texts that [`Backend::contains_any`] looks at together.
pub const UNIT: char = '\u{1f}';

/// Text is kept in PostgreSQL under the "C" collation, which knows only the letters of ASCII. This
/// one knows all of them, whatever the locale of the server.
const FOLD: &str = r#"COLLATE "und-x-icu""#;

impl Backend {
    /// The text in lower case, by the rules of Unicode. `LOWER` alone folds only ASCII in
    /// PostgreSQL.
    pub fn lower(self, expr: impl AsSql) -> Fragment {
        match self {
            Backend::Sqlite => fragment!("LOWER({expr})"),
            Backend::Postgres => fragment!("LOWER(CAST({expr} AS TEXT) {FOLD})"),
        }
    }

    /// A subquery of the keys in a parameter made by [`Value::keys`]: `x IN (…)` with any number of keys is
    /// one and the same statement.
    pub fn keys(self, param: impl AsSql) -> Fragment {
        match self {
            Backend::Sqlite => fragment!("SELECT value FROM json_each('[' || {param} || ']')"),
            Backend::Postgres => {
                fragment!("SELECT CAST(k AS BIGINT) FROM unnest(string_to_array(CAST({param} AS TEXT), ',')) k")
            }
        }
    }

    /// A subquery of the texts (named `value`) in a parameter made by [`Value::texts`]: with any number of texts
    /// it is one and the same statement.
    pub fn texts(self, param: impl AsSql) -> Fragment {
        match self {
            Backend::Sqlite => fragment!("SELECT value FROM json_each({param})"),
            Backend::Postgres => fragment!("SELECT value FROM json_array_elements_text(CAST({param} AS json))"),
        }
    }

    /// What ends a `SELECT` of rows (with that alias) that the transaction is going to change: PostgreSQL
    /// locks them, so that transactions in each other's way wait instead of failing late. SQLite has one
    /// writer anyway.
    pub fn for_update(self, alias: impl AsSql) -> Fragment {
        match self {
            Backend::Sqlite => Fragment::new(),
            Backend::Postgres => fragment!(" FOR UPDATE OF {alias}"),
        }
    }

    /// Ends a `SELECT` whose rows are to be changed: they are locked, and rows that another transaction
    /// has locked are passed over. SQLite has one writer and needs nothing.
    pub fn take_rows(self) -> &'static str {
        match self {
            Backend::Sqlite => "",
            Backend::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// The first number in a path of keys (`/1/5/9/`): the key at the root of a tree.
    pub fn root_key(self, path: impl AsSql) -> Fragment {
        match self {
            // what follows the digits is passed over
            Backend::Sqlite => fragment!("CAST(SUBSTR({path}, 2) AS INTEGER)"),
            Backend::Postgres => fragment!("CAST(NULLIF(SPLIT_PART({path}, '/', 2), '') AS BIGINT)"),
        }
    }

    /// The numbers in a path of keys (`/1/5/9/`) as rows of a `FROM`, in the column `value` of that alias.
    pub fn path_keys(self, path: impl AsSql, alias: impl AsSql) -> Fragment {
        match self {
            Backend::Sqlite => fragment!("json_each('[' || REPLACE(TRIM({path}, '/'), '/', ',') || ']') {alias}"),
            Backend::Postgres => fragment!("unnest(string_to_array(TRIM(BOTH '/' FROM {path}), '/')) {alias}(value)"),
        }
    }

    /// Whether the text has the parameter's value somewhere in it, without regard to case. The
    /// parameter holds the raw text that is looked for: nothing in it is a wildcard.
    pub fn contains(self, expr: impl AsSql, param: impl AsSql) -> Fragment {
        match self {
            Backend::Sqlite => fragment!("contains_fold({expr}, {param})"),
            // as a subquery, the parameter is folded once and not for every row
            Backend::Postgres => fragment!("(POSITION((SELECT {}) IN {}) > 0)", self.lower(param), self.lower(expr)),
        }
    }

    /// Whether the text in the parameter stands in one of the expressions, without regard to case: one look at
    /// each row. Texts with [`UNIT`], which stands between the expressions, have to be looked for one by one.
    pub fn contains_any(self, exprs: &[Fragment], param: impl AsSql) -> Fragment {
        match (self, exprs) {
            (_, [one]) => self.contains(one, param),
            (Backend::Sqlite, _) => fragment!("contains_any({param}, {})", Fragment::join(exprs, ", ")),
            (Backend::Postgres, _) => {
                self.contains(fragment!("CONCAT_WS(CHR({}), {})", u32::from(UNIT), Fragment::join(exprs, ", ")), param)
            }
        }
    }

    /// Whether two strings are equal, ignoring case.
    pub fn equals_fold(self, expr: impl AsSql, param: impl AsSql) -> Fragment {
        fragment!("({} = {})", self.lower(expr), self.lower(param))
    }
}
