//! Data that records of every type can have: attachments, parameters, notes, tags, and metadata.

pub mod attachment;
pub mod metadata;
pub mod notes_image;
pub mod parameter;
pub mod selection;
pub mod tag;
pub mod template;
#[cfg(test)]
mod tests;
pub mod units;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[
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
pub static ACTIONS: &[&Action] = &[&units::ALL];
