//! What clients meet: the registry that matches requests, their parameters, OPTIONS, tags, and the OpenAPI document.

pub(crate) mod matched;
pub mod openapi;
pub mod options;
pub mod params;
pub mod registry;
pub(crate) mod tag;
