//! Tables: machines.

use ironwood_rest::table::OnDelete::Cascade;
use ironwood_rest::table::{Table, flag, link, text};

/// Whether a setting belongs to the machine or to its driver.
pub static SETTING_KINDS: &[(&str, &str)] = &[("M", "Machine"), ("D", "Driver")];

/// Machines such as label printers.
pub static MACHINE: Table = Table::new("machine_machineconfig", "machine.machineconfig")
    .columns(&[
        text("uuid", 36).unique().record(""),
        text("name", 255).unique(),
        text("machine_type", 255),
        text("driver", 255),
        flag("active", true),
    ])
    .natural_key(&["uuid"]);

/// Settings of machines.
pub static SETTING: Table = Table::new("machine_machinesetting", "machine.machinesetting")
    .columns(&[
        link("machine_config", &MACHINE, Cascade),
        text("config_type", 1).choices(SETTING_KINDS),
        text("key", 50),
        text("value", 2000).blank().secret(),
    ])
    .unique(&[&["machine_config", "config_type", "key"]]);
