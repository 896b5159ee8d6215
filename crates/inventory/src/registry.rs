//! Everything that can be asked of the server, by area.

use ironwood_rest::registry::Registry;

use crate::{common, notify, output, part, server, settings, stock, users};

/// All resources and actions.
pub fn registry() -> Registry {
    let resources =
        [part::RESOURCES, stock::RESOURCES, users::RESOURCES, common::RESOURCES, notify::RESOURCES, output::RESOURCES];
    let actions = [
        server::ACTIONS,
        common::ACTIONS,
        part::ACTIONS,
        users::api::ACTIONS,
        users::browser::ACTIONS,
        settings::api::ACTIONS,
        common::contenttype::ACTIONS,
        stock::ACTIONS,
        notify::ACTIONS,
    ];
    Registry::new(resources.concat(), actions.concat())
}
