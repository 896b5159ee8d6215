//! Ironwood, the program: command line, configuration and HTTP around the domain.

pub mod cli;
pub mod commands;
pub mod config;
#[cfg(unix)]
pub mod memory;
#[cfg(feature = "print")]
pub mod press;
pub mod server;
