//! SQL, as a type: statements, and the pieces that they are joined from.

use std::borrow::Cow;
use std::fmt;

use ironwood_base::clock;
use ironwood_base::key::Key;
use ironwood_base::status::{Code, Stateful};

#[doc(hidden)]
pub use ironwood_fragment::fragment as parse;

/// SQL of a statement or of a piece of one.
///
/// It is made from static text, numbers, checked names, and other fragments ([`fragment!`](crate::fragment!)). Text that
/// came from outside cannot become a fragment: it belongs in the parameters of the statement.
///
/// ```
/// use ironwood_store::{Fragment, fragment};
///
/// let column = Fragment::from("t.name");
/// let statement = fragment!("SELECT {column} FROM part t WHERE t.id = {}", Fragment::parameter(1));
/// assert_eq!(statement.text(), "SELECT t.name FROM part t WHERE t.id = $1");
/// ```
///
/// A string is not SQL:
///
/// ```compile_fail
/// # use ironwood_store::{Fragment, fragment};
/// let name = String::from("x'; DROP TABLE part; --");
/// let statement = fragment!("SELECT t.id FROM part t WHERE t.name = '{name}'");
/// ```
///
/// Nor is one that is borrowed:
///
/// ```compile_fail
/// # use ironwood_store::{Fragment, fragment};
/// fn find(name: &str) -> Fragment {
///     fragment!("SELECT t.id FROM part t WHERE t.name = '{name}'")
/// }
/// ```
///
/// ```compile_fail
/// # use ironwood_store::Connection;
/// fn find(conn: &mut Connection, name: &str) {
///     let sql = format!("SELECT t.id FROM part t WHERE t.name = '{name}'");
///     let found = conn.one(&sql, &[]);
/// }
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Fragment(Cow<'static, str>);

impl Fragment {
    /// A fragment without text.
    pub const fn new() -> Self {
        Fragment(Cow::Borrowed(""))
    }

    /// The placeholder of a parameter; the first one is 1.
    pub fn parameter(number: usize) -> Self {
        Fragment(Cow::Owned(format!("${number}")))
    }

    /// Placeholders of parameters, with commas between them.
    pub fn parameters(numbers: impl IntoIterator<Item = usize>) -> Self {
        Self::join(numbers.into_iter().map(Self::parameter), ", ")
    }

    /// Numbers, with commas between them.
    pub fn numbers<N: Into<i64>>(numbers: impl IntoIterator<Item = N>) -> Self {
        Self::join(numbers.into_iter().map(Into::into), ", ")
    }

    /// The name of a table or column, in quotation marks; `None` where the text is no such name.
    pub fn name(name: &str) -> Option<Self> {
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_name.then(|| Fragment(format!("\"{name}\"").into()))
    }

    /// Today's date as a literal.
    pub fn today() -> Self {
        Self::days_from_today(0)
    }

    /// The date so many days from now as a literal.
    pub fn days_from_today(days: i64) -> Self {
        Fragment(format!("'{}'", clock::days_from_today(days)).into())
    }

    /// SQL that a program wrote from descriptions of tables, or that a tool or a test asks. Nothing that answers a
    /// request has a use for it: a test searches the sources for others.
    pub fn generated(text: impl Into<String>) -> Self {
        Fragment(Cow::Owned(text.into()))
    }

    /// A constant text as a literal.
    pub fn literal(text: &'static str) -> Self {
        Fragment(format!("'{}'", text.replace('\'', "''")).into())
    }

    /// Fragments with a text between them.
    pub fn join(fragments: impl IntoIterator<Item: AsSql>, between: &'static str) -> Self {
        let mut joined = Fragment::new();
        for (at, fragment) in fragments.into_iter().enumerate() {
            if at > 0 {
                joined.push(between);
            }
            joined.push(fragment);
        }
        joined
    }

    /// Adds a fragment at the end.
    pub fn push(&mut self, fragment: impl AsSql) {
        match &mut self.0 {
            Cow::Borrowed("") => *self = fragment.to_fragment(),
            text => text.to_mut().push_str(&fragment.as_sql()),
        }
    }

    /// Replaces a mark wherever it stands.
    #[must_use]
    pub fn replace(&self, mark: &str, with: impl AsSql) -> Self {
        Fragment(self.0.replace(mark, &with.as_sql()).into())
    }

    /// Puts what `find` adds in the places of the names in braces.
    pub fn fill(template: impl AsSql, mut find: impl FnMut(&str, &mut Fragment)) -> Self {
        let template = template.as_sql();
        let mut rest: &str = &template;
        let mut filled = Fragment(String::with_capacity(rest.len() + 16).into());
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else { break };
            filled.0.to_mut().push_str(before);
            find(name, &mut filled);
            rest = after;
        }
        filled.0.to_mut().push_str(rest);
        filled
    }

    /// The fragment with its placeholders after so many others.
    #[must_use]
    pub fn after_parameters(&self, count: usize) -> Self {
        let mut moved = String::with_capacity(self.0.len() + 16);
        let mut rest: &str = &self.0;
        while let Some(at) = rest.find('$') {
            let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
            let number = &rest[at + 1..at + 1 + digits];
            moved.push_str(&rest[..=at]);
            moved.push_str(&number.parse::<usize>().map_or(number.to_owned(), |number| (number + count).to_string()));
            rest = &rest[at + 1 + digits..];
        }
        moved.push_str(rest);
        Fragment(moved.into())
    }

    /// Its text, to be read.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether it has no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq<&str> for Fragment {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl From<&'static str> for Fragment {
    fn from(text: &'static str) -> Self {
        Fragment(Cow::Borrowed(text))
    }
}

impl<F: AsSql> FromIterator<F> for Fragment {
    fn from_iter<I: IntoIterator<Item = F>>(fragments: I) -> Self {
        Self::join(fragments, "")
    }
}

impl<F: AsSql> Extend<F> for Fragment {
    fn extend<I: IntoIterator<Item = F>>(&mut self, fragments: I) {
        fragments.into_iter().for_each(|fragment| self.push(fragment));
    }
}

mod sealed {
    pub trait Sealed {}
}

/// What is SQL: static text, a [`Fragment`], a number.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not SQL",
    note = "SQL is static text or a `Fragment`, made by `fragment!`; values belong in the parameters of the statement"
)]
pub trait AsSql: sealed::Sealed {
    /// The text.
    fn as_sql(&self) -> Cow<'_, str>;

    /// A fragment of its own.
    fn to_fragment(&self) -> Fragment {
        Fragment(Cow::Owned(self.as_sql().into_owned()))
    }
}

impl sealed::Sealed for &'static str {}
impl AsSql for &'static str {
    fn as_sql(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }

    fn to_fragment(&self) -> Fragment {
        Fragment::from(*self)
    }
}

impl sealed::Sealed for Fragment {}
impl AsSql for Fragment {
    fn as_sql(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }

    fn to_fragment(&self) -> Fragment {
        self.clone()
    }
}

impl<T: AsSql> sealed::Sealed for &T {}
impl<T: AsSql> AsSql for &T {
    fn as_sql(&self) -> Cow<'_, str> {
        (**self).as_sql()
    }

    fn to_fragment(&self) -> Fragment {
        (**self).to_fragment()
    }
}

macro_rules! numbers {
    ($($type:ty)*) => {
        $(
            impl sealed::Sealed for $type {}
            impl AsSql for $type {
                fn as_sql(&self) -> Cow<'_, str> {
                    Cow::Owned(self.to_string())
                }
            }
        )*
    };
}

numbers! { i64 i32 u64 u32 u8 usize }

impl<T> sealed::Sealed for Key<T> {}
impl<T> AsSql for Key<T> {
    fn as_sql(&self) -> Cow<'_, str> {
        Cow::Owned(self.id().to_string())
    }
}

impl<T: Stateful> sealed::Sealed for Code<T> {}
impl<T: Stateful> AsSql for Code<T> {
    fn as_sql(&self) -> Cow<'_, str> {
        Cow::Owned(self.key().to_string())
    }
}

/// A [`Fragment`] of a text and what stands in its braces, as [`format!`] makes a string. Every argument has to be SQL
/// ([`AsSql`]). What is known while the program is built is joined by [`sql!`](crate::sql!).
///
/// ```
/// use ironwood_store::fragment;
///
/// let (table, key) = ("part_part", 5);
/// let condition = fragment!("{{id}} IN (SELECT {0}.id FROM {table} {0} WHERE {0}.id = {key})", "p");
/// assert_eq!(condition.text(), "{id} IN (SELECT p.id FROM part_part p WHERE p.id = 5)");
/// ```
#[macro_export]
macro_rules! fragment {
    ($($text:tt)+) => {
        $crate::fragment::parse!($crate; $($text)+)
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_is_joined_from_fragments() {
        let (alias, kinds) = (Fragment::from("t"), [3_i64, 7]);
        let statement = fragment!(
            "SELECT {alias}.id, '{{}}' \
             FROM {table} {alias} WHERE {alias}.kind IN ({}) AND {1} = {2}",
            Fragment::numbers(kinds),
            fragment!(r#"{alias}."name""#),
            Fragment::parameter(1),
            table = "part",
        );
        let wanted = "SELECT t.id, '{}' FROM part t WHERE t.kind IN (3, 7) AND t.\"name\" = $1";
        assert_eq!(statement.text(), wanted);
        assert_eq!(fragment!("'\u{1f}'{}", 5).text(), "'\u{1f}'5");
        assert!(matches!(fragment!("SELECT 1").0, Cow::Borrowed(_)), "static text is not copied");
        assert_eq!(Fragment::join(["a", "b"], " AND ").text(), "a AND b");
        assert_eq!(fragment!("a = $1 AND b = $12").after_parameters(3).text(), "a = $4 AND b = $15");
        assert!(Fragment::join([0_i64; 0], ", ").is_empty());
    }

    #[test]
    fn templates_are_filled() {
        let filled =
            Fragment::fill("{a} = {b} AND 1", |name, out| out.push(fragment!("t.{}", Fragment::name(name).unwrap())));
        assert_eq!(filled.text(), "t.\"a\" = t.\"b\" AND 1");
    }

    #[test]
    fn names_are_checked() {
        assert_eq!(Fragment::name("part_part").unwrap().text(), "\"part_part\"");
        for text in ["", "a\"b", "a b", "a;", "a.b", "é"] {
            assert_eq!(Fragment::name(text), None, "{text}");
        }
        assert_eq!(Fragment::literal("it's").text(), "'it''s'");
    }
}
