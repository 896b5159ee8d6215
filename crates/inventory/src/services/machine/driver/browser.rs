//! Printing in the browser: the labels become a file, which the web interface opens and prints.

use super::{Driver, LabelFormat};

pub(super) static DRIVER: Driver = Driver {
    slug: "browser",
    name: "Print in the browser",
    description: "Opens the labels in the browser, which prints them on a printer of its computer.",
    settings: &[],
    format: LabelFormat::Output,
    probe: |_, _| Ok(()),
    send: |_, _, _| Ok(()),
};
