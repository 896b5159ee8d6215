//! What every area uses: users and rights, settings, jobs, files, messages, what hangs on records, and the log of changes.

pub(crate) mod attach;
pub mod changelog;
pub(crate) mod common;
pub mod exchange;
pub(crate) mod file_rules;
pub mod layout_engine;
pub mod media;
pub(crate) mod notify;
pub(crate) mod output;
pub mod pages;
pub(crate) mod printing;
pub mod server;
pub mod settings;
pub(crate) mod state;
pub mod system;
pub mod users;
