//! The domain, in layers. A layer knows those above it in this list, never those below:
//! [`schema`], [`platform`], [`business`], [`services`], [`installation`]; a test reads the imports.
//! Within a layer stands one module for each area, one file for each resource or action.

mod business;
pub mod installation;
#[cfg(test)]
mod layers_tests;
mod lists;
pub mod platform;
pub mod schema;
mod services;
#[cfg(test)]
#[allow(dead_code, reason = "each area uses what it needs")]
mod testing;
#[cfg(test)]
mod walks;
