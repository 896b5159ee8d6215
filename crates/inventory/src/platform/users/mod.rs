//! Authentication and authorization: users, groups, roles, sign-in, tokens, and sessions.

pub mod account;
#[cfg(test)]
mod account_tests;
pub mod accounts;
pub mod api;
pub mod behalf;
pub mod browser;
pub mod limit;
pub mod password;
pub mod permission;
pub mod resources;
pub mod secret;
pub mod session;
pub mod signin;
#[cfg(test)]
mod testing;
pub mod token;
pub mod view;
pub mod visitor;

use ironwood_rest::resource::Resource;

/// Resources of this area.
pub static RESOURCES: &[&Resource] =
    &[&resources::USERS, &resources::GROUPS_OF_USERS, &resources::OWNERS, &resources::RULESETS_OF_GROUPS];
