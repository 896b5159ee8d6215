//! Tables: plug-ins.

use ironwood_rest::table::OnDelete::Cascade;
use ironwood_rest::table::{Table, flag, json, link, text};

use crate::schema::users;

/// Plug-ins that were seen.
pub static CONFIG: Table = Table::new("plugin_pluginconfig", "plugin.pluginconfig").columns(&[
    text("key", 255).unique(),
    text("name", 255).null().blank(),
    text("package_name", 255).null().blank(),
    flag("active", false),
    json("metadata").null().filled("{}"),
]);

/// Settings of plug-ins.
pub static SETTING: Table = Table::new("plugin_pluginsetting", "plugin.pluginsetting")
    .columns(&[link("plugin", &CONFIG, Cascade), text("key", 50), text("value", 2000).blank().secret()])
    .unique(&[&["plugin", "key"]]);

/// Settings of plug-ins for single users.
pub static USER_SETTING: Table = Table::new("plugin_pluginusersetting", "plugin.pluginusersetting")
    .columns(&[
        link("plugin", &CONFIG, Cascade),
        link("user", &users::USER, Cascade),
        text("key", 50),
        text("value", 2000).blank().secret(),
    ])
    .unique(&[&["plugin", "user", "key"]]);
