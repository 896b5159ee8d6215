//! Everything that can be asked of the server, by area.

use ironwood_rest::registry::Registry;

use crate::{common, part, server, stock};

/// All resources and actions.
pub fn registry() -> Registry {
    let resources = [part::RESOURCES, stock::RESOURCES];
    let actions = [server::ACTIONS, common::ACTIONS, part::ACTIONS];
    Registry::new(resources.concat(), actions.concat())
}
