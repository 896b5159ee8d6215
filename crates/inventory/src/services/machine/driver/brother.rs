//! Brother QL printers: raster lines over TCP.
//!
//! Source: Brother's raster command reference for the QL series: print head of 720 pins at 300 dpi, commands
//! `ESC @`, `ESC i a`, `ESC i z`, `ESC i M`, `ESC i A`, `ESC i K`, `ESC i d`, `M`, `g`, `Z`.

use super::{Driver, Fault, LabelFormat, Labels, Printing, Values, setting};
use crate::services::machine::address;
use crate::services::machine::image::{Bitmap, Scale};

/// Pins of the print head.
const PINS: usize = 720;
/// Bytes of a raster line.
const LINE: usize = PINS / 8;
/// Zeros that end whatever the printer was told before.
const RESET: usize = 400;
/// Millimeters that are fed before and after a label on continuous tape, at least and at most.
const FEED: (i64, i64) = (3, 127);
/// Dots in ten inches, which are 254 millimeters.
const DOTS: i64 = 3_000;

/// A roll of labels.
struct Roll {
    name: &'static str,
    label: &'static str,
    /// Millimeters; a length of 0 is continuous tape.
    width: u8,
    length: u8,
    /// Dots that can be printed across and along.
    dots: (usize, usize),
    /// Pins at the right that lie beside the tape.
    offset: usize,
}

const fn roll(
    name: &'static str,
    label: &'static str,
    [width, length]: [u8; 2],
    dots: (usize, usize),
    offset: usize,
) -> Roll {
    Roll { name, label, width, length, dots, offset }
}

static ROLLS: &[Roll] = &[
    roll("12", "12 mm tape", [12, 0], (106, 0), 29),
    roll("29", "29 mm tape", [29, 0], (306, 0), 6),
    roll("38", "38 mm tape", [38, 0], (413, 0), 12),
    roll("50", "50 mm tape", [50, 0], (554, 0), 12),
    roll("54", "54 mm tape", [54, 0], (590, 0), 0),
    roll("62", "62 mm tape", [62, 0], (696, 0), 12),
    roll("17x54", "17 x 54 mm", [17, 54], (165, 566), 0),
    roll("17x87", "17 x 87 mm", [17, 87], (165, 956), 0),
    roll("23x23", "23 x 23 mm", [23, 23], (202, 202), 42),
    roll("29x42", "29 x 42 mm", [29, 42], (306, 425), 6),
    roll("29x90", "29 x 90 mm", [29, 90], (306, 991), 6),
    roll("39x48", "39 x 48 mm", [39, 48], (425, 495), 6),
    roll("38x90", "38 x 90 mm", [38, 90], (413, 991), 12),
    roll("52x29", "52 x 29 mm", [52, 29], (578, 271), 0),
    roll("62x29", "62 x 29 mm", [62, 29], (696, 271), 12),
    roll("62x100", "62 x 100 mm", [62, 100], (696, 1109), 12),
];

/// The rolls as choices.
const fn choices<const N: usize>() -> [(&'static str, &'static str); N] {
    let mut all = [("", ""); N];
    let mut at = 0;
    while at < N {
        all[at] = (ROLLS[at].name, ROLLS[at].label);
        at += 1;
    }
    all
}

static CHOICES: [(&str, &str); 16] = choices::<16>();

pub(super) static DRIVER: Driver = Driver {
    slug: "brother-ql",
    name: "Brother QL",
    description: "Brother QL label printers, over the network.",
    settings: &[
        setting("HOST", "Address", "Host name or IP address of the printer").required(),
        setting("PORT", "Port", "Port for raw print data").default("9100").integer(1, 65_535),
        setting("ROLL", "Labels", "The labels in the printer").default("62").choices(&CHOICES),
        setting("CUT", "Cut", "Cut labels, and after the last one").default("True").flag().per_job(),
        setting("CUT_EVERY", "Cut after", "Number of labels between two cuts").default("1").integer(1, 255).per_job(),
        setting("HIGH_QUALITY", "High quality", "Prefer quality over speed").default("True").flag().per_job(),
        setting("FEED", "Feed", "Continuous tape: margin before and after each label, 3 to 127 mm")
            .default("3")
            .integer(FEED.0, FEED.1)
            .per_job(),
    ],
    format: LabelFormat::Pictures,
    probe: |values, printing| address::connect(values.host()?, values.port("PORT"), printing.local).map(|_| ()),
    send,
};

fn send(values: &Values, printing: &Printing, labels: &Labels) -> Result<(), Fault> {
    // before the pictures are read
    address::resolve(values.host()?, values.port("PORT"), printing.local)?;
    let name = values.text("ROLL");
    let roll = ROLLS.iter().find(|roll| roll.name == name);
    let roll = roll.ok_or_else(|| {
        Fault::Refused(format!("Unknown label roll \"{name}\". Select one of the choices in the machine settings."))
    })?;
    let mut bitmaps = Vec::new();
    for png in &labels.files {
        // a label that lies across the tape is turned
        let turned = (labels.height - f64::from(roll.width)).abs() < (labels.width - f64::from(roll.width)).abs();
        let scale = Scale::Fit { width: roll.dots.0, height: roll.dots.1, turned };
        bitmaps.push(Bitmap::read(png, scale).map_err(Fault::Refused)?);
    }
    let copies = usize::try_from(labels.copies.max(1)).unwrap_or(1);
    let all: Vec<&Bitmap> = bitmaps.iter().flat_map(|bitmap| std::iter::repeat_n(bitmap, copies)).collect();
    let options = PrintOptions {
        cut: values.flag("CUT"),
        cut_every: u8::try_from(values.int("CUT_EVERY").clamp(1, 255)).unwrap_or(1),
        quality: values.flag("HIGH_QUALITY"),
        feed: u16::try_from((values.int("FEED").clamp(FEED.0, FEED.1) * DOTS + 127) / 254).unwrap_or(u16::MAX),
    };
    let bytes = raster(&all, roll, &options);
    address::send(values.host()?, values.port("PORT"), printing.local, &bytes)
}

/// How labels are printed.
struct PrintOptions {
    cut: bool,
    cut_every: u8,
    quality: bool,
    /// Dots before and after each label on tape.
    feed: u16,
}

/// Labels as the printer takes them.
fn raster(labels: &[&Bitmap], roll: &Roll, options: &PrintOptions) -> Vec<u8> {
    let cut = options.cut;
    let mut out = vec![0; RESET];
    out.extend(b"\x1b@\x1bia\x01");
    for (at, label) in labels.iter().enumerate() {
        let is_tape = roll.length == 0;
        let lines = u32::try_from(label.height).unwrap_or(u32::MAX);
        // which of the following counts: kind, width, length of the labels, quality
        out.extend(b"\x1biz");
        out.extend([
            if options.quality { 0x8e | 0x40 } else { 0x8e },
            if is_tape { 0x0a } else { 0x0b },
            roll.width,
            roll.length,
        ]);
        out.extend(lines.to_le_bytes());
        out.extend([u8::from(at > 0), 0]);
        out.extend([0x1b, b'i', b'M', if cut { 0x40 } else { 0 }]);
        out.extend([0x1b, b'i', b'A', options.cut_every]);
        out.extend([0x1b, b'i', b'K', if cut { 0x08 } else { 0 }]);
        out.extend(b"\x1bid");
        out.extend(if is_tape { options.feed } else { 0 }.to_le_bytes());
        // without compression
        out.extend([b'M', 0]);
        for y in 0..label.height {
            let mut line = [0_u8; LINE];
            for x in (0..label.width).filter(|x| label.is_dark(*x, y)) {
                // pins count from the right
                let pin = roll.offset + (label.width - 1 - x);
                if pin < PINS {
                    line[pin / 8] |= 0x80 >> (pin % 8);
                }
            }
            out.extend([b'g', 0, u8::try_from(LINE).unwrap_or(0)]);
            out.extend(line);
        }
        out.push(if at + 1 == labels.len() { 0x1a } else { 0x0c });
    }
    out
}

#[cfg(test)]
pub(in crate::services::machine) mod tests {
    use super::{LINE, RESET};

    /// The labels in raster data: their pixels row by row, true where dark, for a roll of that many dots and offset.
    pub(in crate::services::machine) fn decode(bytes: &[u8], width: usize, offset: usize) -> Vec<Vec<bool>> {
        assert!(bytes[..RESET].iter().all(|byte| *byte == 0));
        let mut rest = &bytes[RESET..];
        let mut labels = vec![Vec::new()];
        while let [first, after @ ..] = rest {
            rest = match (*first, after) {
                (0x1b, [b'@', after @ ..]) => after,
                (0x1b, [b'i', b'z', after @ ..]) => &after[10..],
                (0x1b, [b'i', b'd', after @ ..]) => &after[2..],
                (0x1b, [b'i', _, _, after @ ..]) => after,
                (b'M', [_, after @ ..]) => after,
                (b'g', [0, length, after @ ..]) => {
                    assert_eq!(usize::from(*length), LINE);
                    let dark = |pin: usize| after[pin / 8] & (0x80 >> (pin % 8)) != 0;
                    labels.last_mut().unwrap().extend((0..width).map(|x| dark(offset + width - 1 - x)));
                    &after[LINE..]
                }
                (0x0c, after) => {
                    labels.push(Vec::new());
                    after
                }
                (0x1a, after) => {
                    assert!(after.is_empty());
                    after
                }
                other => panic!("{:?}", other.0),
            };
        }
        labels
    }
}
