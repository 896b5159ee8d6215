//! What every area uses: users and rights, settings, jobs, files, messages, what hangs on records, and the log of changes.

pub mod attach;
pub mod changelog;
pub mod common;
pub mod exchange;
pub mod file_rules;
pub mod media;
pub mod notify;
pub mod output;
pub mod pages;
pub mod press;
pub mod printing;
pub mod server;
pub mod settings;
pub mod state;
pub mod system;
pub mod users;
