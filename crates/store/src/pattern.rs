//! Regular expressions of clients: bounded before they are compiled, and the same on both databases.
//!
//! SQLite calls the crate `regex`. For PostgreSQL an expression is written again from what that crate reads in it:
//! classes (`\w`, `.`, letters in any case) become lists of signs, so that neither the server's syntax nor its
//! locale matters.

use std::fmt::Write as _;

use ironwood_base::{Error, Result};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::backend::Backend;
use crate::fragment;
use crate::fragment::{AsSql, Fragment};
use crate::value::Value;

/// Most characters of an expression.
const LONGEST: usize = 500;
/// How deep groups may lie in each other.
const DEEPEST: u32 = 30;
/// Largest number of repetitions that PostgreSQL takes.
const REPETITIONS: u32 = 255;
/// Largest size of an expression: signs and ranges of signs, each as often as it is repeated. `\w` has some 770.
const LARGEST: usize = 20_000;

/// A regular expression that is safe to run, in which letters match in any case.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    tree: Hir,
    /// What running it costs, in the measure of [`Pattern::LARGEST`].
    pub size: usize,
}

impl Pattern {
    /// Largest size that all expressions of one request may have together.
    pub const LARGEST: usize = LARGEST;

    /// Reads an expression.
    ///
    /// # Errors
    /// A message for the client where it is malformed, too large, or has something that not both databases know.
    pub fn read(text: &str) -> std::result::Result<Self, String> {
        if text.chars().count() > LONGEST {
            return Err(format!("A regular expression must be at most {LONGEST} characters."));
        }
        let parsed = ParserBuilder::new().case_insensitive(true).nest_limit(DEEPEST).build().parse(text);
        let tree = parsed.map_err(|_| "This is not a valid regular expression.")?;
        let size = size(&tree)?;
        if size > LARGEST {
            return Err("This regular expression is too large.".into());
        }
        Ok(Pattern { text: text.to_owned(), tree, size })
    }

    /// The parameter of a statement with [`Backend::matches`].
    pub fn value(&self, backend: Backend) -> Value {
        Value::Text(match backend {
            Backend::Sqlite => self.text.clone(),
            Backend::Postgres => {
                let mut out = String::from("***:");
                write(&mut out, &self.tree);
                out
            }
        })
    }
}

impl Backend {
    /// Whether the [`Pattern`] in the parameter matches somewhere in the text.
    pub fn matches(self, expr: impl AsSql, param: impl AsSql) -> Fragment {
        match self {
            Backend::Sqlite => fragment!("regex_match_fold({expr}, {param})"),
            Backend::Postgres => fragment!("(CAST({expr} AS TEXT) COLLATE \"C\" ~ CAST({param} AS TEXT))"),
        }
    }
}

fn unknown() -> String {
    "This regular expression uses a feature that is not supported.".into()
}

fn size(tree: &Hir) -> std::result::Result<usize, String> {
    Ok(match tree.kind() {
        HirKind::Empty => 1,
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).map_err(|_| unknown())?.len(),
        HirKind::Class(class) => ranges(class).count().max(1),
        HirKind::Look(Look::Start | Look::End | Look::StartLF | Look::EndLF) => 1,
        HirKind::Look(Look::WordUnicode | Look::WordUnicodeNegate) => 4 * word().count(),
        HirKind::Look(_) => return Err(unknown()),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(repetition.min);
            if most > REPETITIONS {
                return Err(format!("A regular expression can repeat something at most {REPETITIONS} times."));
            }
            size(&repetition.sub)?.saturating_mul(most.max(1) as usize)
        }
        HirKind::Capture(capture) => size(&capture.sub)?,
        HirKind::Concat(all) | HirKind::Alternation(all) => {
            all.iter().try_fold(0_usize, |sum, part| Ok::<_, String>(sum.saturating_add(size(part)?)))?
        }
    })
}

/// The first and the last sign of each range of a class.
fn ranges(class: &Class) -> Box<dyn Iterator<Item = (char, char)> + '_> {
    match class {
        Class::Unicode(class) => Box::new(class.ranges().iter().map(|range| (range.start(), range.end()))),
        Class::Bytes(class) => {
            Box::new(class.ranges().iter().map(|range| (char::from(range.start()), char::from(range.end()))))
        }
    }
}

/// The signs of words, as `\b` knows them.
fn word() -> impl Iterator<Item = (char, char)> {
    let tree = regex_syntax::parse(r"\w");
    let all: Vec<(char, char)> = match tree.as_ref().map(Hir::kind) {
        Ok(HirKind::Class(class)) => ranges(class).collect(),
        _ => Vec::new(),
    };
    all.into_iter()
}

fn write(out: &mut String, tree: &Hir) {
    match tree.kind() {
        HirKind::Empty => out.push_str("(?:)"),
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).chars().for_each(|c| sign(out, c)),
        HirKind::Class(class) => set(out, ranges(class)),
        HirKind::Look(Look::Start) => out.push_str(r"\A"),
        HirKind::Look(Look::End) => out.push_str(r"\Z"),
        HirKind::Look(Look::StartLF) => out.push_str(r"(?:\A|(?<=\u000A))"),
        HirKind::Look(Look::EndLF) => out.push_str(r"(?:\Z|(?=\u000A))"),
        HirKind::Look(look) => {
            let mut signs = String::new();
            set(&mut signs, word());
            let both = if *look == Look::WordUnicode { ["?!", "?="] } else { ["?=", "?!"] };
            let _ = write!(out, "(?:(?<={signs})({}{signs})|(?<!{signs})({}{signs}))", both[0], both[1]);
        }
        HirKind::Repetition(repetition) => {
            out.push_str("(?:");
            write(out, &repetition.sub);
            out.push(')');
            let _ = match (repetition.min, repetition.max) {
                (0, None) => write!(out, "*"),
                (min, None) => write!(out, "{{{min},}}"),
                (min, Some(max)) => write!(out, "{{{min},{max}}}"),
            };
        }
        HirKind::Capture(capture) => {
            out.push_str("(?:");
            write(out, &capture.sub);
            out.push(')');
        }
        HirKind::Concat(all) => all.iter().for_each(|part| write(out, part)),
        HirKind::Alternation(all) => {
            out.push_str("(?:");
            for (i, part) in all.iter().enumerate() {
                if i > 0 {
                    out.push('|');
                }
                write(out, part);
            }
            out.push(')');
        }
    }
}

/// One of these signs. No text has a null in it.
fn set(out: &mut String, ranges: impl Iterator<Item = (char, char)>) {
    let start = out.len();
    out.push('[');
    for (first, last) in ranges.filter(|(_, last)| *last > '\0') {
        let first = first.max('\u{1}');
        sign(out, first);
        if first < last {
            out.push('-');
            sign(out, last);
        }
    }
    out.push(']');
    if out.len() == start + 2 {
        out.truncate(start);
        out.push_str(NOTHING);
    }
}

/// Matches nowhere.
const NOTHING: &str = r"(?:\A(?!\A))";

fn sign(out: &mut String, c: char) {
    let _ = match c {
        '\0' => write!(out, "{NOTHING}"),
        c if c.is_ascii_alphanumeric() => write!(out, "{c}"),
        c if u32::from(c) <= 0xFFFF => write!(out, "\\u{:04X}", u32::from(c)),
        c => write!(out, "\\U{:08X}", u32::from(c)),
    };
}

/// Reads the regular expressions of one request, which may take so much together.
#[derive(Debug, Default)]
pub struct Patterns {
    number: usize,
    size: usize,
}

impl Patterns {
    /// Most expressions in one request.
    pub const MOST: usize = 8;

    /// Reads one more.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the parameter that it came in.
    pub fn read(&mut self, param: &str, text: &str) -> Result<Pattern> {
        self.number += 1;
        if self.number > Self::MOST {
            let message = format!("A request can contain at most {} regular expressions.", Self::MOST);
            return Err(Error::field(param, message));
        }
        let pattern = Pattern::read(text).map_err(|message| Error::field(param, message))?;
        self.size += pattern.size;
        if self.size > Pattern::LARGEST {
            return Err(Error::field(param, "The regular expressions of this request are too large."));
        }
        Ok(pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_expressions_are_refused_before_they_are_compiled() {
        for large in
            [r"\w{200}", "(a{100}){100}{100}", "((((a{9}){9}){9}){9}){9}", "x{256}", &"a".repeat(501), r"(\b\w\b){9}"]
        {
            assert!(Pattern::read(large).is_err(), "{large}");
        }
        for wrong in ["(", "[a", "*", "a{2,1}", r"(a)\1", "(?=a)", r"(?-u:\xFF)", r"\b{start}a", &"(".repeat(40)] {
            assert!(Pattern::read(wrong).is_err(), "{wrong}");
        }
        let mut patterns = Patterns::default();
        let read: Vec<bool> = (0..20).map(|_| patterns.read("search", "a+b").is_ok()).collect();
        assert_eq!(read.iter().filter(|ok| **ok).count(), Patterns::MOST);
        let mut patterns = Patterns::default();
        assert!((0..8).map(|_| patterns.read("search", r"\w{9}")).any(|read| read.is_err()));
    }
}
