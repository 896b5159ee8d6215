//! Ironwood, the program: command line, configuration and HTTP around the domain.

pub mod cli;
pub mod commands;
pub mod config;
pub mod server;
