//! Plug-ins: what clients know under the name of a plug-in and is built in here.

pub(crate) mod api;
pub(crate) mod built_in;
pub(crate) mod others;
#[cfg(test)]
mod tests;

use ironwood_rest::resource::Action;

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[
    &api::LIST,
    &api::ONE,
    &api::STATUS,
    &api::ADMIN,
    &api::SETTINGS,
    &api::ONES_SETTINGS,
    &api::ONES_USER_SETTINGS,
    &api::FEATURES,
    &api::INSTALL,
    &api::RELOAD,
    &api::ACTIVATE_PUT,
    &api::ACTIVATE_PATCH,
    &api::UNINSTALL_PUT,
    &api::UNINSTALL_PATCH,
    &api::DELETE,
    &others::ACTION,
    &others::LOCATE,
    &others::SUPPLIERS,
    &others::SUPPLIER_SEARCH,
    &others::SUPPLIER_IMPORT,
];
