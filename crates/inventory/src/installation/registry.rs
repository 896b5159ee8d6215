//! All operations of the server, by area.

use ironwood_rest::registry::Registry;

pub(crate) use crate::services::plugin::built_in::EXPORTERS;
use crate::{
    business::bom, business::build, business::company, business::order, business::part, business::purchasing,
    business::returns, business::sales, business::stock, business::transfer, platform::attach, platform::changelog,
    platform::common, platform::exchange, platform::notify, platform::output, platform::server, platform::settings,
    platform::system, platform::users, services::barcode, services::importer, services::machine, services::older,
    services::plugin, services::report,
};

/// All resources and actions.
pub(crate) fn registry() -> Registry {
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
    Registry::new(resources.concat(), actions.concat()).with_row_endpoint(&attach::metadata::OF_ROW)
}
