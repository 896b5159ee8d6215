//! Data that records of every type can have: attachments, parameters, notes, tags, and metadata.

pub(crate) mod attachment;
pub(crate) mod metadata;
pub(crate) mod notes_image;
pub(crate) mod parameter;
pub(crate) mod selection;
pub(crate) mod tag;
pub(crate) mod template;
#[cfg(test)]
mod tests;
pub(crate) mod units;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] = &[
    &attachment::ATTACHMENT,
    &notes_image::IMAGE,
    &template::TEMPLATE,
    &parameter::PARAMETER,
    &selection::LIST,
    &selection::ENTRY,
    &tag::TAG,
    &units::UNIT,
];

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[&units::ALL];
