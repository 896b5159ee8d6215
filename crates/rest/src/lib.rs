//! The resource engine: a description of a resource gives its statements, JSON, validation,
//! OPTIONS, OpenAPI, records in and out.

pub mod http;
pub mod table;
