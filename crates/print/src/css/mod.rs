//! What style sheets say of pages.

pub(crate) mod content;
pub(crate) mod length;
pub(crate) mod page;
pub(crate) mod scan;

pub(crate) use page::{PageRule, PageStyle};
