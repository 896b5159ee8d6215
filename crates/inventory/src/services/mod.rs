//! What works on records of all areas: barcodes, imports, printing, plug-ins, and forms that older clients use.

pub mod barcode;
pub mod importer;
pub mod machine;
pub mod older;
pub mod plugin;
pub mod report;
