//! Options of the program for printing.

use std::path::PathBuf;

/// What the configuration says of printing: nothing of it can be set over the API.
#[derive(Debug, Clone, Default)]
pub struct Printing {
    /// The folder below which printing into folders writes.
    pub folder: Option<PathBuf>,
    /// The program that prints and its arguments; `{printer}` in them stands for the machine's setting.
    pub program: Vec<String>,
    /// Whether machines on this computer may be reached.
    pub local: bool,
}
