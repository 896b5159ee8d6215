//! Zebra printers, and others that understand ZPL II: pictures over TCP.
//!
//! Source: Zebra's ZPL II programming guide, commands `^GF`, `^PW`, `^LL`, `^PQ`, `~SD`, `^PR`, `^MM`, `^MN`, `^MT`, `^PO`.

use std::fmt::Write;

use super::{Driver, Fault, LabelFormat, Labels, Printing, Values, setting};
use crate::services::machine::address;
use crate::services::machine::image::{Bitmap, Scale};

/// Resolutions of print heads.
static DPI: &[(&str, &str)] = &[("152", "152 dpi"), ("203", "203 dpi"), ("300", "300 dpi"), ("600", "600 dpi")];

/// What happens with a printed label (`^MM`).
static MODES: &[(&str, &str)] =
    &[("T", "Tear off"), ("C", "Cut"), ("P", "Peel off"), ("R", "Rewind"), ("D", "Cut when the printer is told to")];
/// What tells where a label ends (`^MN`).
static TRACKING: &[(&str, &str)] = &[
    ("Y", "Gaps between labels"),
    ("M", "Black marks"),
    ("N", "None: continuous tape"),
    ("A", "Found by the printer"),
];
/// How the print head colors (`^MT`).
static METHODS: &[(&str, &str)] = &[("D", "Direct thermal"), ("T", "Thermal transfer, with a ribbon")];
/// Inches in a second (`^PR`).
const SPEEDS: (i64, i64) = (1, 14);

/// Settings that become commands at the beginning of a label.
static COMMANDS: &[(&str, &str)] = &[("SPEED", "^PR"), ("MODE", "^MM"), ("TRACKING", "^MN"), ("METHOD", "^MT")];

pub(super) static DRIVER: Driver = Driver {
    slug: "zebra",
    name: "Zebra (ZPL)",
    description: "Label printers that understand ZPL II, over the network.",
    settings: &[
        setting("HOST", "Address", "Host name or IP address of the printer").required(),
        setting("PORT", "Port", "Port for raw print data").default("9100").integer(1, 65_535),
        setting("DPI", "Resolution", "Dots per inch of the print head").default("203").choices(DPI),
        setting("DARKNESS", "Darkness", "From 0 to 30. Empty: the setting of the printer").integer(0, 30).per_job(),
        setting("SPEED", "Speed", "Inches per second, from 1 to 14. Empty: the setting of the printer")
            .integer(SPEEDS.0, SPEEDS.1)
            .per_job(),
        setting("MODE", "After printing", "Empty: the setting of the printer").choices(MODES).per_job(),
        setting("ROTATE", "Upside down", "Rotate labels by 180 degrees").default("False").flag().per_job(),
        setting("TRACKING", "Media tracking", "Empty: the setting of the printer").choices(TRACKING),
        setting("METHOD", "Print method", "Empty: the setting of the printer").choices(METHODS),
    ],
    format: LabelFormat::Pictures,
    probe: |values, printing| address::connect(values.host()?, values.port("PORT"), printing.local).map(|_| ()),
    send,
};

fn send(values: &Values, printing: &Printing, labels: &Labels) -> Result<(), Fault> {
    // before the pictures are read
    address::resolve(values.host()?, values.port("PORT"), printing.local)?;
    let mut all = String::new();
    for png in &labels.files {
        let bitmap = Bitmap::read(png, Scale::AsIs).map_err(Fault::Refused)?;
        all.push_str(&zpl(&bitmap, labels.copies, values));
    }
    address::send(values.host()?, values.port("PORT"), printing.local, all.as_bytes())
}

/// A label in ZPL.
fn zpl(bitmap: &Bitmap, copies: i64, values: &Values) -> String {
    let (per_row, rows) = (bitmap.width.div_ceil(8), bitmap.height);
    let total = per_row * rows;
    let mut out = String::with_capacity(total * 2 + 200);
    out.push_str("^XA");
    let darkness = values.text("DARKNESS").trim();
    if !darkness.is_empty() {
        let _ = write!(out, "~SD{darkness:0>2}");
    }
    for (setting, command) in COMMANDS {
        let value = values.text(setting).trim();
        if !value.is_empty() {
            let _ = write!(out, "{command}{value}");
        }
    }
    // it stays until it is changed
    out.push_str(if values.flag("ROTATE") { "^POI" } else { "^PON" });
    let _ = write!(out, "^PW{}^LL{}^LH0,0^FO0,0^GFA,{total},{total},{per_row},", bitmap.width, bitmap.height);
    for byte in bitmap.bytes() {
        let _ = write!(out, "{byte:02X}");
    }
    let _ = writeln!(out, "^FS^PQ{copies},0,1,Y^XZ");
    out
}

#[cfg(test)]
pub(in crate::services::machine) mod tests {
    /// The pixels that a label in ZPL draws, row by row, true where dark; with its copies.
    pub(in crate::services::machine) fn decode(zpl: &str) -> (usize, usize, Vec<bool>, usize) {
        assert!(zpl.starts_with("^XA") && zpl.trim_end().ends_with("^XZ"), "{zpl:.80}");
        let number = |command: &str| -> usize {
            let rest = &zpl[zpl.find(command).unwrap() + command.len()..];
            rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
        };
        let field = &zpl[zpl.find("^GFA,").unwrap() + 5..];
        let field = &field[..field.find("^FS").unwrap()];
        let parts: Vec<&str> = field.splitn(4, ',').collect();
        let (total, per_row): (usize, usize) = (parts[0].parse().unwrap(), parts[2].parse().unwrap());
        let (width, height) = (number("^PW"), number("^LL"));
        let bytes: Vec<u8> =
            (0..total).map(|at| u8::from_str_radix(&parts[3][at * 2..at * 2 + 2], 16).unwrap()).collect();
        assert_eq!(bytes.len(), per_row * height);
        let dark = |x: usize, y: usize| bytes[y * per_row + x / 8] & (0x80 >> (x % 8)) != 0;
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| dark(x, y)).collect();
        (width, height, pixels, number("^PQ"))
    }
}
