//! What can go wrong with a template, and where.

use std::fmt;

/// A message without a place, as tags and filters give it. The renderer adds the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong and what to do, for the author of the template.
    pub message: String,
    /// Whether a limit was reached: such a failure is never caught inside of a template.
    pub limit: bool,
}

impl Failure {
    /// A failure with this message.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), limit: false }
    }

    pub(crate) fn limit(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), limit: true }
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Failure {
        Failure::new(message)
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Failure {
        Failure::new(message)
    }
}

/// An error in a template: a message and the place in the text that it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// Name of the template, as it was loaded.
    pub template: String,
    /// Line of the tag, counted from 1.
    pub line: usize,
    /// Column of the tag in characters, counted from 1.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}, column {}: {}", self.template, self.line, self.column, self.message)
    }
}

impl std::error::Error for TemplateError {}

/// A position in the text of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Position {
    /// Counted from 0.
    pub(crate) line: usize,
    /// In characters, counted from 0.
    pub(crate) column: usize,
}
