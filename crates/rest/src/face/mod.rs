//! What clients meet: requests and answers, the registry that matches them, OPTIONS, and the OpenAPI document.

pub mod context;
pub mod http;
pub mod openapi;
pub mod options;
pub mod registry;
pub(crate) mod tag;
