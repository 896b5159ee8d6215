//! Everything that can be asked of the server, by area.

use ironwood_rest::registry::Registry;

use crate::server;

/// All resources and actions.
pub fn registry() -> Registry {
    let resources = [];
    let actions = [server::ACTIONS];
    Registry::new(resources.concat(), actions.concat())
}
