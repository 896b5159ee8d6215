//! All operations of the server, by area.

use ironwood_rest::registry::Registry;

pub use crate::plugin::built_in::EXPORTERS;
use crate::{
    attach, barcode, bom, build, changelog, common, company, exchange, importer, machine, notify, older, order, output,
    part, plugin, purchasing, report, returns, sales, server, settings, stock, system, transfer, users,
};

/// All resources and actions.
pub fn registry() -> Registry {
    let resources = [
        part::RESOURCES,
        bom::RESOURCES,
        stock::RESOURCES,
        company::RESOURCES,
        exchange::RESOURCES,
        order::RESOURCES,
        purchasing::RESOURCES,
        sales::RESOURCES,
        returns::RESOURCES,
        transfer::RESOURCES,
        build::RESOURCES,
        attach::RESOURCES,
        barcode::RESOURCES,
        users::RESOURCES,
        common::RESOURCES,
        notify::RESOURCES,
        output::RESOURCES,
        report::RESOURCES,
        importer::RESOURCES,
        system::RESOURCES,
        machine::RESOURCES,
        // after what they are parts of
        older::RESOURCES,
    ];
    let actions = [
        server::ACTIONS,
        common::ACTIONS,
        common::contenttype::ACTIONS,
        part::ACTIONS,
        bom::ACTIONS,
        stock::ACTIONS,
        stock::actions::ACTIONS,
        stock::generate::ACTIONS,
        stock::past::ACTIONS,
        company::ACTIONS,
        exchange::ACTIONS,
        order::ACTIONS,
        purchasing::ACTIONS,
        sales::ACTIONS,
        returns::ACTIONS,
        transfer::ACTIONS,
        build::ACTIONS,
        attach::ACTIONS,
        attach::metadata::ACTIONS,
        barcode::ACTIONS,
        users::api::ACTIONS,
        users::browser::ACTIONS,
        settings::api::ACTIONS,
        notify::ACTIONS,
        importer::ACTIONS,
        system::ACTIONS,
        changelog::api::ACTIONS,
        report::ACTIONS,
        plugin::ACTIONS,
        machine::ACTIONS,
        older::ACTIONS,
    ];
    Registry::new(resources.concat(), actions.concat()).with_part(&attach::metadata::OF_ROW)
}
