//! What suppliers print on their bags and reels: Digi-Key, Mouser, LCSC, TME; ISO/IEC 15434 with the data
//! identifiers of ECIA.

use std::sync::LazyLock;

use regex::Regex;

/// What a label says, as far as it concerns an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Label {
    /// Our name of the order.
    pub order: Option<String>,
    /// The supplier's name of the order.
    pub supplier_order: Option<String>,
    /// What the supplier calls the part.
    pub sku: Option<String>,
    /// What the manufacturer calls the part.
    pub mpn: Option<String>,
    /// How many there are, as it is printed.
    pub quantity: Option<String>,
}

/// A supplier whose labels can be read.
#[derive(Debug)]
pub(crate) struct Vendor {
    /// Its name in answers.
    pub name: &'static str,
    /// Its name in settings.
    pub slug: &'static str,
    /// What stands in the name of the company, where no setting names it.
    pub company: &'static str,
    /// Reads a label; `None` where it is none of this supplier's.
    pub read: fn(&str) -> Option<Label>,
}

/// All of them, in the order in which they are asked.
pub(crate) const VENDORS: [Vendor; 4] = [
    Vendor { name: "DigiKeyBarcodePlugin", slug: "digikeyplugin", company: "DigiKey", read: ecia },
    Vendor { name: "LCSCBarcodePlugin", slug: "lcscplugin", company: "LCSC", read: lcsc },
    Vendor { name: "MouserBarcodePlugin", slug: "mouserplugin", company: "Mouser", read: mouser },
    Vendor { name: "TMEBarcodePlugin", slug: "tmeplugin", company: "TME", read: tme },
];

/// Format 06 of ISO/IEC 15434: fields with data identifiers.
const FORMAT: &str = "06\u{1d}";
/// Begins and ends a segment of a label.
const SEGMENT: char = '\u{1e}';
/// Ends a label.
const END: char = '\u{4}';
/// Stands between the fields of a segment.
const BETWEEN: char = '\u{1d}';

impl Label {
    /// Takes a field that begins with its data identifier (digits and a letter); identifiers that do not
    /// concern an order are passed over.
    fn take(&mut self, field: &str) {
        let digits = field.bytes().take_while(u8::is_ascii_digit).count();
        let (Some(identifier), Some(value)) = (field.get(..=digits), field.get(digits + 1..)) else { return };
        let place = match identifier {
            "K" => &mut self.order,
            "1K" => &mut self.supplier_order,
            "P" => &mut self.sku,
            "30P" if self.sku.is_none() => &mut self.sku,
            "1P" => &mut self.mpn,
            "Q" => &mut self.quantity,
            _ => return,
        };
        let value = value.trim();
        if !value.is_empty() {
            *place = Some(value.to_owned());
        }
    }
}

/// What stands in the envelope of ISO/IEC 15434, format 06, from the first field to the end of the segment. Some
/// scanners and older labels of Mouser leave separators of the envelope out.
fn envelope(data: &str) -> Option<&str> {
    let inside = data.strip_prefix('>').unwrap_or(data).strip_prefix("[)>")?;
    let inside = inside.strip_prefix(SEGMENT).unwrap_or(inside).strip_prefix(FORMAT)?;
    Some(inside.split([SEGMENT, END]).next().unwrap_or_default())
}

/// ISO/IEC 15434 with the data identifiers of ECIA, as Digi-Key and others print it.
fn ecia(data: &str) -> Option<Label> {
    let mut label = Label::default();
    envelope(data)?.split(BETWEEN).for_each(|field| label.take(field));
    Some(label)
}

/// Mouser has one field for its own name of the order and for ours.
fn mouser(data: &str) -> Option<Label> {
    let mut label = ecia(data)?;
    if label.supplier_order.is_none() {
        label.supplier_order.clone_from(&label.order);
    }
    Some(label)
}

/// `{pbn:PICK1,on:SO1,pc:C312270,pm:ST-1,qty:2}`. Values may hold commas: a piece that does not begin with a name
/// belongs to the value before it.
fn lcsc(data: &str) -> Option<Label> {
    let named = |piece: &str| {
        piece.split_once(':').is_some_and(|(name, _)| {
            let name = name.trim();
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase())
        })
    };
    let inside = data.strip_prefix('{')?.strip_suffix('}')?;
    let mut pairs: Vec<String> = Vec::new();
    for piece in inside.split(',') {
        match pairs.last_mut() {
            _ if named(piece) => pairs.push(piece.to_owned()),
            Some(before) => before.extend([",", piece]),
            None => return None,
        }
    }
    let mut label = Label::default();
    for (name, value) in pairs.iter().filter_map(|pair| pair.split_once(':')) {
        let place = match name.trim() {
            "pm" => &mut label.mpn,
            "pc" => &mut label.sku,
            "qty" => &mut label.quantity,
            "on" => &mut label.supplier_order,
            _ => continue,
        };
        *place = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
    }
    Some(label)
}

/// Three forms: pairs (`QTY:1 PN:WBP-302 PO:1/1 MPN:X https://…`), data identifiers divided by spaces
/// (`PWBP-302 1PMPNWBP-302 Q1 K1/1`), and that of ECIA. An order is named with the number of the line.
fn tme(data: &str) -> Option<Label> {
    static PAIRS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^[A-Z]+:\S+(\s+\S+)*\s*$").expect("a valid pattern"));
    static IDENTIFIERS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^([0-9]*[A-Z]\S*\s+)+[0-9]*[A-Z]\S*\s*$").expect("a valid pattern"));
    let mut label = Label::default();
    if let Some(read) = ecia(data) {
        label = read;
    } else if PAIRS.is_match(data) {
        for (name, value) in data.split_whitespace().filter_map(|pair| pair.split_once(':')) {
            let place = match name {
                "PN" => &mut label.sku,
                "CPO" => &mut label.order,
                "PO" => &mut label.supplier_order,
                "MPN" => &mut label.mpn,
                "QTY" => &mut label.quantity,
                _ => continue,
            };
            *place = Some(value.to_owned()).filter(|value| !value.is_empty());
        }
    } else if IDENTIFIERS.is_match(data) {
        data.split_whitespace().for_each(|field| label.take(field));
    } else {
        return None;
    }
    // an order is named with the number of its line
    if label.supplier_order.is_none() {
        label.supplier_order = label.order.clone().filter(|order| order.contains('/'));
    }
    if let Some(order) = &mut label.supplier_order {
        *order = order.split('/').next().unwrap_or_default().to_owned();
    }
    (label != Label::default()).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(of: [Option<&str>; 5]) -> Label {
        let [order, supplier_order, sku, mpn, quantity] = of.map(|text| text.map(str::to_owned));
        Label { order, supplier_order, sku, mpn, quantity }
    }

    #[test]
    fn labels_of_suppliers_are_read() {
        let digikey = "[)>\u{1e}06\u{1d}P296-LM358-ND\u{1d}1PLM358\u{1d}K\u{1d}1K72991337\u{1d}10K857\u{1d}11K1\u{1d}4LPH\u{1d}Q10\
                       \u{1d}11ZPICK\u{1d}20Z000";
        assert_eq!(
            ecia(digikey),
            Some(label([None, Some("72991337"), Some("296-LM358-ND"), Some("LM358"), Some("10")]))
        );
        let mouser_label = "[)>\u{1e}06\u{1d}KP0-1337\u{1d}14K011\u{1d}1PMC34063ADR\u{1d}Q3\u{1d}11K073\u{1d}4LMX\u{1d}1VTI\u{1e}\u{4}";
        let read = Some(label([Some("P0-1337"), Some("P0-1337"), None, Some("MC34063ADR"), Some("3")]));
        assert_eq!(mouser(mouser_label), read);
        assert_eq!(mouser(&mouser_label.replacen("[)>\u{1e}06\u{1d}", ">[)>06\u{1d}", 1)), read);
        assert_eq!(
            lcsc("{pbn:PICK2009,on:SO2009291337,pc:C312270,pm:ST-1-102,qty:2,mc:,cc:1,pdi:34421807}"),
            Some(label([None, Some("SO2009291337"), Some("C312270"), Some("ST-1-102"), Some("2")]))
        );
        let old = "PWBP-302 1PMPNWBP-302 Q1 K19361337/1";
        assert_eq!(
            tme(old),
            Some(label([Some("19361337/1"), Some("19361337"), Some("WBP-302"), Some("MPNWBP-302"), Some("1")]))
        );
        let pairs = "QTY:1 PN:WBP-302 PO:19361337/1 CPO:PO-2023-06-08-001337 MFR:WISHERENTERPRISE MPN:WBP-302 RoHS https://www.tme.eu/details/WBP-302";
        assert_eq!(
            tme(pairs),
            Some(label([Some("PO-2023-06-08-001337"), Some("19361337"), Some("WBP-302"), Some("WBP-302"), Some("1")]))
        );
    }

    #[test]
    fn a_comma_inside_of_a_value_ends_nothing() {
        for (code, mpn, quantity) in [
            ("{pbn:P1,on:SO1,pc:C5,pm:74HC595D,118,qty:7,mc:,cc:1}", "74HC595D,118", Some("7")),
            ("{pm:A,B,C:1,qty:2}", "A,B,C:1", Some("2")),
            ("{pm:A:B,1:2,pc:C5}", "A:B,1:2", None),
            ("{qty:2,pm:X,}", "X,", Some("2")),
        ] {
            let read = lcsc(code).unwrap();
            assert_eq!((read.mpn.as_deref(), read.quantity.as_deref()), (Some(mpn), quantity), "{code}");
        }
    }

    #[test]
    fn no_field_is_lost_however_a_label_ends() {
        for begin in ["[)>\u{1e}06\u{1d}", ">[)>06\u{1d}", "[)>06\u{1d}"] {
            for end in ["", "\u{1e}", "\u{4}", "\u{1e}\u{4}", "\u{1d}\u{1e}\u{4}", "\u{1e}05\u{1d}Q9\u{1e}\u{4}"] {
                let read = ecia(&format!("{begin}1PX\u{1d}Q3{end}"));
                assert_eq!(read, Some(label([None, None, None, Some("X"), Some("3")])), "{begin:?} {end:?}");
            }
        }
    }

    #[test]
    fn other_codes_are_left_to_others() {
        for other in ["", "PO-1", "{\"part\": 1}x", "INV-PA1", "hello world", "{}", "[)>", "https://example.org/x y"] {
            for vendor in VENDORS {
                assert_eq!((vendor.read)(other), None, "{} {other}", vendor.name);
            }
        }
        // any text is safe to read
        for odd in ["[)>\u{1e}06\u{1d}", "[)>\u{1e}06\u{1d}\u{1d}9\u{1d}ä\u{1d}1ä", "{:}", "{a:b:c,d}"] {
            VENDORS.iter().for_each(|vendor| drop((vendor.read)(odd)));
        }
    }
}
