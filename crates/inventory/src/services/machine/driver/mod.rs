//! Drivers of label printers.

pub(super) mod brother;
mod browser;
mod files;
pub(super) mod ipp;
pub(super) mod zebra;

use std::collections::HashMap;

use ironwood_base::Error;

pub(crate) use crate::platform::printing::Printing;

/// Why a machine did not print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It may work later.
    Unreachable(String),
    /// It will not work this way.
    Refused(String),
}

impl Fault {
    /// What is wrong.
    pub fn message(&self) -> &str {
        match self {
            Fault::Unreachable(why) | Fault::Refused(why) => why,
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Error {
        match fault {
            Fault::Unreachable(why) => Error::Status(503, why),
            Fault::Refused(why) => Error::field("machine", why),
        }
    }
}

/// A setting of a machine.
#[derive(Debug)]
pub(crate) struct Setting {
    pub key: &'static str,
    pub name: &'static str,
    pub description: &'static str,
    /// `string`, `integer` or `boolean`.
    pub kind: &'static str,
    pub default: &'static str,
    pub required: bool,
    /// Whether its value is never shown again.
    pub secret: bool,
    /// Values to choose from, with their labels; empty: any.
    pub choices: &'static [(&'static str, &'static str)],
    /// Smallest and largest integer.
    pub limits: (i64, i64),
    /// The record model of which the value is a key; empty: none.
    pub model: &'static str,
    /// Whether a print job can have another value. Its option has the name of the setting in lower case.
    pub per_job: bool,
}

pub(super) const fn setting(key: &'static str, name: &'static str, description: &'static str) -> Setting {
    Setting {
        key,
        name,
        description,
        kind: "string",
        default: "",
        required: false,
        secret: false,
        choices: &[],
        limits: (i64::MIN, i64::MAX),
        model: "",
        per_job: false,
    }
}

impl Setting {
    const fn required(mut self) -> Self {
        self.required = true;
        self
    }
    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
    pub(super) const fn default(mut self, value: &'static str) -> Self {
        self.default = value;
        self
    }
    pub(super) const fn integer(mut self, least: i64, most: i64) -> Self {
        self.kind = "integer";
        self.limits = (least, most);
        self
    }
    const fn flag(mut self) -> Self {
        self.kind = "boolean";
        self
    }
    const fn choices(mut self, choices: &'static [(&'static str, &'static str)]) -> Self {
        self.choices = choices;
        self
    }
    const fn per_job(mut self) -> Self {
        self.per_job = true;
        self
    }
    pub(super) const fn model(mut self, model: &'static str) -> Self {
        self.model = model;
        self
    }
}

/// The values of a machine's settings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values(pub HashMap<String, String>);

impl Values {
    /// The text of a setting.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.0.get(key).map_or("", String::as_str)
    }

    /// The number of a setting.
    pub(crate) fn int(&self, key: &str) -> i64 {
        self.text(key).trim().parse().unwrap_or(0)
    }

    /// Whether a setting says yes.
    pub(crate) fn flag(&self, key: &str) -> bool {
        crate::platform::settings::truth(self.text(key))
    }

    /// The port of a setting.
    fn port(&self, key: &str) -> u16 {
        u16::try_from(self.int(key)).unwrap_or(0)
    }

    /// The host, which must be there.
    fn host(&self) -> Result<&str, Fault> {
        match self.text("HOST").trim() {
            "" => Err(Fault::Refused("Enter the address of the printer in its settings.".into())),
            host => Ok(host),
        }
    }
}

/// What a driver takes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LabelFormat {
    /// A PDF with all labels.
    Pdf,
    /// A PNG of each label, at the resolution in the setting `DPI`.
    Pictures,
    /// A PDF that the browser prints: it becomes the output.
    Output,
}

/// Labels to print.
pub(crate) struct Labels {
    pub title: String,
    /// The PDF, or the PNG of each label.
    pub files: Vec<Vec<u8>>,
    pub copies: i64,
    /// Size of a label in millimeters.
    pub width: f64,
    pub height: f64,
}

type Probe = fn(&Values, &Printing) -> Result<(), Fault>;
type Send = fn(&Values, &Printing, &Labels) -> Result<(), Fault>;

/// A driver.
pub(crate) struct Driver {
    pub slug: &'static str,
    pub name: &'static str,
    pub description: &'static str,
    pub settings: &'static [Setting],
    pub format: LabelFormat,
    /// Whether the machine can be reached as it is set.
    pub probe: Probe,
    /// Prints.
    pub send: Send,
}

impl Driver {
    /// The settings of which a print job can have another value.
    pub(crate) fn options(&self) -> impl Iterator<Item = &'static Setting> {
        self.settings.iter().filter(|setting| setting.per_job)
    }
}

/// All drivers.
pub(crate) static DRIVERS: &[&Driver] =
    &[&ipp::DRIVER, &zebra::DRIVER, &brother::DRIVER, &files::FOLDER, &files::PROGRAM, &browser::DRIVER];

/// The driver of that name.
pub(crate) fn find(slug: &str) -> Option<&'static Driver> {
    DRIVERS.iter().copied().find(|driver| driver.slug == slug)
}

/// Settings of every machine, whatever its driver.
pub(crate) static MACHINE_SETTINGS: &[Setting] =
    &[setting("LOCATION", "Printer location", "Stock location of the printer").model("stock.stocklocation")];
