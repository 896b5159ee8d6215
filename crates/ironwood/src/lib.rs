//! Ironwood, the program: command line, configuration and HTTP around the domain.

pub mod cli;
pub mod commands;
pub mod config;
#[cfg(feature = "print")]
pub mod layout_engine;
#[cfg(unix)]
pub mod memory;
pub mod server;
