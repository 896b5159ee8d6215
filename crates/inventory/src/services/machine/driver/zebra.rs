//! Zebra printers, and others that understand ZPL II: pictures over TCP.
//!
//! Source: Zebra's ZPL II programming guide, commands `^GF`, `^PW`, `^LL`, `^PQ`.

use std::fmt::Write;

use super::{Driver, Fault, Form, Labels, Printing, Values, setting};
use crate::services::machine::address;
use crate::services::machine::image::{Bitmap, Scale};

/// Resolutions of print heads.
static DPI: &[(&str, &str)] = &[("152", "152 dpi"), ("203", "203 dpi"), ("300", "300 dpi"), ("600", "600 dpi")];

pub(super) static DRIVER: Driver = Driver {
    slug: "zebra",
    name: "Zebra (ZPL)",
    description: "Label printers that understand ZPL II, over the network.",
    settings: &[
        setting("HOST", "Address", "Host name or IP address of the printer").required(),
        setting("PORT", "Port", "Port for raw print data").default("9100").integer(1, 65_535),
        setting("DPI", "Resolution", "Dots per inch of the print head").default("203").choices(DPI),
        setting("DARKNESS", "Darkness", "From 0 to 30. Empty: the setting of the printer").integer(0, 30),
    ],
    form: Form::Pictures,
    probe: |values, printing| address::connect(values.host()?, values.port("PORT"), printing.local).map(|_| ()),
    send,
};

fn send(values: &Values, printing: &Printing, labels: &Labels) -> Result<(), Fault> {
    // before the pictures are read
    address::resolve(values.host()?, values.port("PORT"), printing.local)?;
    let mut all = String::new();
    for png in &labels.files {
        let bitmap = Bitmap::read(png, Scale::AsIs).map_err(Fault::Refused)?;
        all.push_str(&zpl(&bitmap, labels.copies, values.text("DARKNESS").trim()));
    }
    address::send(values.host()?, values.port("PORT"), printing.local, all.as_bytes())
}

/// A label in ZPL.
fn zpl(bitmap: &Bitmap, copies: i64, darkness: &str) -> String {
    let (per_row, rows) = (bitmap.width.div_ceil(8), bitmap.height);
    let total = per_row * rows;
    let mut out = String::with_capacity(total * 2 + 200);
    out.push_str("^XA");
    if !darkness.is_empty() {
        let _ = write!(out, "~SD{darkness:0>2}");
    }
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
