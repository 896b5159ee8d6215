//! Built-in features under the plugin names that clients know.

use crate::platform::output::exporter::{self, Exporter};
use crate::{business::bom, business::part, services::barcode};

/// Everything that makes tables of lists.
pub(crate) static EXPORTERS: &[&Exporter] =
    &[&exporter::PLAIN, &exporter::PARAMETERS, &part::export::STOCKTAKE, &bom::export::LEVELS];

/// Something built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BuiltIn {
    pub key: &'static str,
    pub name: &'static str,
    pub description: &'static str,
    /// What it can do, in the words of plug-ins.
    pub mixins: &'static [&'static str],
}

/// All of them, in a fixed order.
pub(crate) fn all() -> Vec<BuiltIn> {
    let exporters = EXPORTERS.iter().map(|exporter| BuiltIn {
        key: exporter.name,
        name: exporter.label,
        description: "Exports lists to files",
        mixins: &["export"],
    });
    let vendors = barcode::label::VENDORS.iter().map(|vendor| BuiltIn {
        key: vendor.slug,
        name: vendor.name,
        description: "Reads the labels of a supplier",
        mixins: &["barcode", "supplier-barcode"],
    });
    let others = [
        BuiltIn {
            key: "inventreebarcode",
            name: "Internal barcodes",
            description: "Generates and reads the barcodes of this server",
            mixins: &["barcode"],
        },
        BuiltIn {
            key: "inventreecurrencyexchange",
            name: "Built-in exchange rates",
            description: "Downloads exchange rates",
            mixins: &["currencyexchange"],
        },
    ];
    let labels = [
        ("inventreelabel", "Labels as PDF", "Prints labels, each on a page of its own, into a file"),
        ("inventreelabelsheet", "Label sheets (PDF)", "Prints several labels beside each other on a page"),
        ("inventreelabelmachine", "Label printers", "Prints labels on a machine"),
    ];
    let labels = labels.map(|(key, name, description)| BuiltIn { key, name, description, mixins: &["labels"] });
    exporters.chain(vendors).chain(others).chain(labels).collect()
}
