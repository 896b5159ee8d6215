//! Authentication and authorization: users, groups, roles, sign-in, tokens, and sessions.

pub mod account;
#[cfg(test)]
mod account_tests;
pub mod accounts;
pub(crate) mod api;
pub(crate) mod background_user;
pub(crate) mod browser;
pub(crate) mod limit;
pub mod password;
pub(crate) mod permission;
mod read_user;
pub(crate) mod resources;
pub mod secret;
pub(crate) mod session;
pub(crate) mod session_list;
pub mod signin;
#[cfg(test)]
mod testing;
pub mod token;
pub(crate) mod view;
pub(crate) mod visitor;

use ironwood_rest::resource::Resource;

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[
    &resources::USERS,
    &resources::GROUPS_OF_USERS,
    &resources::OWNERS,
    &resources::RULESETS_OF_GROUPS,
    &session_list::SESSIONS,
];
