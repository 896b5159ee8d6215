//! The Django template language, for labels and reports.
//!
//! [`Template::parse`] reads a template, [`Engine::render`] makes a text of it. A template works with
//! [`Value`]s; records of the host program are [`Object`]s, which are read when a template looks into
//! them. The built-in tags and filters are those of the language, of `humanize`, and of InvenTree where
//! they need no database; the host adds the others with [`Engine::add_tag`].
//!
//! Templates are foreign: what a rendering may use is bounded by [`Limits`], and an error names its line
//! and column.
//!
//! ```
//! use ironwood_template::{Engine, Limits, Map, NoTemplates, Template, Value};
//!
//! let now = "2026-03-09T14:05:09+00:00[UTC]".parse()?;
//! let engine = Engine::new(Box::new(NoTemplates), Limits::default(), now);
//! let template = Template::parse("hello", "Hello {{ name|upper }}!", &engine)?;
//! let rendered = engine.render(&template.into(), Map::from_iter([("name".into(), Value::text("<you>"))]))?;
//! assert_eq!(rendered.text, "Hello &lt;YOU&gt;!");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Source of the rules: the documentation of Django's template language, and of InvenTree's report helpers.

mod condition;
mod context;
mod date;
mod engine;
mod error;
mod expression;
mod filters;
mod html;
mod lexer;
pub mod locale;
mod node;
mod parser;
mod render;
mod tags;
#[cfg(test)]
mod tests;
mod value;

pub use engine::{Call, Engine, Limits, Loader, NoTemplates, Rendered, Tag};
pub use error::{Failure, TemplateError};
pub use filters::names as filter_names;
pub use html::escape;
pub use node::Template;
pub use tags::names as tag_names;
pub use value::{LazyList, Map, Object, Text, Value};
