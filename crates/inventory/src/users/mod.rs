//! Who somebody is, and what he may do: users, groups, roles, sign-in, tokens and sessions.

pub mod password;
pub mod secret;
