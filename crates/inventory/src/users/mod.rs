//! Who somebody is, and what he may do: users, groups, roles, sign-in, tokens and sessions.

pub mod accounts;
pub mod limit;
pub mod password;
pub mod permission;
pub mod secret;
pub mod session;
pub mod signin;
pub mod tables;
#[cfg(test)]
mod testing;
pub mod token;
pub mod view;
