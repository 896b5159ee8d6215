//! What works on records of all areas: barcodes, imports, printing, plug-ins, and forms that older clients use.

pub(crate) mod barcode;
pub(crate) mod importer;
pub(crate) mod machine;
pub(crate) mod older;
pub(crate) mod plugin;
pub(crate) mod report;
