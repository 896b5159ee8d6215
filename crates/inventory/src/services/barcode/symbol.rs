//! Codes as pictures: QR (ISO/IEC 18004), Data Matrix (ECC 200, ISO/IEC 16022), Code 128 (ISO/IEC 15417) and other
//! bars, as SVG or PNG.

use std::fmt::Write;
use std::io::Cursor;

use barcoders::sym::codabar::Codabar;
use barcoders::sym::code39::Code39;
use barcoders::sym::code93::Code93;
use barcoders::sym::code128::Code128;
use barcoders::sym::ean8::EAN8;
use barcoders::sym::ean13::EAN13;
use barcoders::sym::tf::TF;
use image::{GrayImage, ImageFormat, Luma};
use ironwood_base::{Error, Result};
use ironwood_template::escape;
use qrcode::{EcLevel, QrCode};

/// A way to write a text as dark and light fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbology {
    /// A QR code.
    Qr,
    /// A square Data Matrix.
    DataMatrix,
    /// A Data Matrix that may be wider than it is high.
    WideDataMatrix,
    /// Bars: printable and control characters of ASCII only.
    Code128,
    /// Bars: digits, capital letters and a few signs.
    Code39,
    /// Bars: as Code 39, shorter.
    Code93,
    /// Bars of goods: 12 or 13 digits.
    Ean13,
    /// Bars of small goods: 7 or 8 digits.
    Ean8,
    /// Bars of goods in North America: 11 or 12 digits.
    UpcA,
    /// Bars: pairs of digits.
    Itf,
    /// Bars: digits and a few signs between start and stop letters.
    Codabar,
}

/// Names of symbologies in requests, the usual one first.
pub(crate) const SYMBOLOGIES: &[&str] = &["qr", "datamatrix", "code128"];

/// Levels of error correction of QR codes, the usual one first: 15, 7, 25 and 30 % of a code may be damaged.
pub(crate) const CORRECTIONS: &[&str] = &["M", "L", "Q", "H"];

/// Most characters of a Code 128: a longer one is wider than any label.
const LONGEST_CODE128: usize = 128;

impl Symbology {
    /// The symbology of that name (`qr`, `datamatrix`, `code128`).
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "qr" => Some(Symbology::Qr),
            "datamatrix" => Some(Symbology::DataMatrix),
            "code128" => Some(Symbology::Code128),
            _ => None,
        }
    }

    /// The bars of that name, as barcode libraries call them (`ean13`, `code39`, `upc`).
    pub(crate) fn bars_named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "code128" | "gs1_128" | "gs1" => Symbology::Code128,
            "code39" => Symbology::Code39,
            "code93" => Symbology::Code93,
            "ean13" | "ean" | "gtin" | "jan" | "ean13-guard" | "isbn13" | "isbn" => Symbology::Ean13,
            "ean8" | "ean8-guard" => Symbology::Ean8,
            "upca" | "upc" => Symbology::UpcA,
            "itf" => Symbology::Itf,
            "codabar" | "nw-7" => Symbology::Codabar,
            _ => return None,
        })
    }
}

/// How a symbol is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawing<'a> {
    /// Pixels of one field, as the natural size.
    pub module: f32,
    /// Fields of the light margin; `None`: as its norm asks for.
    pub margin: Option<usize>,
    /// Colors as in CSS.
    pub dark: &'a str,
    pub light: &'a str,
    /// What stands below it.
    pub caption: Option<Caption<'a>>,
}

/// Text below bars, for people to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caption<'a> {
    pub text: &'a str,
    /// Size of its letters, in fields.
    pub size: f32,
    /// Distance from the bars, in fields.
    pub gap: f32,
}

/// A color that can be written into an SVG: its name, or digits behind `#`; else the one that stands in for it.
fn color<'a>(given: &'a str, usual: &'a str) -> &'a str {
    let digits = given.strip_prefix('#');
    let is_hex = digits.is_some_and(|d| matches!(d.len(), 3 | 6) && d.bytes().all(|b| b.is_ascii_hexdigit()));
    let is_name = !given.is_empty() && given.len() <= 30 && given.bytes().all(|b| b.is_ascii_alphabetic());
    if is_hex || is_name { given } else { usual }
}

/// Width of a letter of a caption, and how far it rises above its line, as parts of its size.
const LETTER_WIDTH: f32 = 0.61;
const ASCENT: f32 = 0.8;

/// A text as fields (modules), dark or light, without the light margin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Symbol {
    /// Fields beside each other.
    width: usize,
    /// Row by row, true where dark. Bars have one row.
    dark: Vec<bool>,
    /// Fields from the top to the bottom, as it is drawn.
    height: usize,
    /// Fields of the light margin on each side that its norm asks for.
    margin: usize,
}

impl Symbol {
    /// Writes a text as a symbol. `correction` (`L`, `M`, `Q`, `H`) matters to QR codes only; anything else
    /// is `M`.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `barcode` where the text is empty, too long for the symbology, or has
    /// characters that it cannot show.
    pub(crate) fn of(symbology: Symbology, data: &str, correction: &str) -> Result<Self> {
        if data.is_empty() {
            return Err(refuse("There is nothing to encode."));
        }
        match symbology {
            Symbology::Qr => qr(data, correction),
            Symbology::DataMatrix => data_matrix(data, true),
            Symbology::WideDataMatrix => data_matrix(data, false),
            Symbology::Code128 => code128(data),
            bars => other_bars(bars, data),
        }
    }

    /// Fields from side to side and from top to bottom, margin included.
    pub(crate) const fn size(&self) -> (usize, usize) {
        (self.width + 2 * self.margin, self.height + 2 * self.margin)
    }

    fn rows(&self) -> usize {
        self.dark.len() / self.width.max(1)
    }

    /// The symbol as SVG: `module` pixels for each field as its natural size, and sharp at any.
    pub(crate) fn svg(&self, module: u32) -> String {
        #[expect(clippy::cast_precision_loss, reason = "pixels of one field are few")]
        let module = module as f32;
        self.draw(Drawing { module, margin: None, dark: "#000", light: "#fff", caption: None })
    }

    /// The symbol as SVG. It fills whatever room it is given.
    pub(crate) fn draw(&self, drawing: Drawing<'_>) -> String {
        let margin = drawing.margin.unwrap_or(self.margin);
        let (width, height) = (self.width + 2 * margin, self.height + 2 * margin);
        let (dark, light) = (color(drawing.dark, "#000"), color(drawing.light, "#fff"));
        let tall = if self.rows() == 1 { self.height } else { 1 };
        let mut path = String::new();
        for (row, fields) in self.dark.chunks(self.width.max(1)).enumerate() {
            let mut at = 0;
            // neighbours are one rectangle, so that no hairline shows between them
            for run in fields.chunk_by(|a, b| a == b) {
                if run[0] {
                    let (x, y, w) = (at + margin, row + margin, run.len());
                    let _ = write!(path, "M{x} {y}h{w}v{tall}h-{w}z");
                }
                at += run.len();
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a symbol has few fields")]
        let (wide, bars, free) = (width as f32, height as f32, margin as f32);
        let (mut below, mut high) = (String::new(), bars);
        if let Some(caption) = drawing.caption {
            // a text that is wider than its bars is set smaller
            #[expect(clippy::cast_precision_loss, reason = "a text has few characters")]
            let letters = caption.text.chars().count().max(1) as f32;
            let size = caption.size.min(wide / letters / LETTER_WIDTH);
            let baseline = bars - free + caption.gap + size * ASCENT;
            high = baseline + size * (1.0 - ASCENT) + free;
            let _ = write!(
                below,
                "<text x=\"{}\" y=\"{baseline}\" fill=\"{dark}\" font-family=\"Liberation Mono,monospace\" \
                 font-size=\"{size}\" text-anchor=\"middle\" xml:space=\"preserve\">{}</text>",
                wide / 2.0,
                escape(caption.text),
            );
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} {high}\" \
             preserveAspectRatio=\"none\" shape-rendering=\"crispEdges\"><path fill=\"{light}\" \
             d=\"M0 0h{width}v{high}h-{width}z\"/><path fill=\"{dark}\" d=\"{path}\"/>{below}</svg>",
            wide * drawing.module,
            high * drawing.module,
        )
    }

    /// The symbol as PNG, `module` pixels for each field.
    ///
    /// # Errors
    /// 500 where it cannot be written.
    pub(crate) fn png(&self, module: u32) -> Result<Vec<u8>> {
        let module = module.max(1);
        let (width, height) = self.size();
        let pixels = |fields: usize| u32::try_from(fields).unwrap_or(u32::MAX).saturating_mul(module);
        let picture = GrayImage::from_fn(pixels(width), pixels(height), |x, y| {
            let dark = self.is_dark((x / module) as usize, (y / module) as usize);
            Luma([if dark { 0 } else { 255 }])
        });
        let mut out = Cursor::new(Vec::new());
        picture
            .write_to(&mut out, ImageFormat::Png)
            .map_err(|error| Error::Internal(format!("cannot create the PNG image: {error}")))?;
        Ok(out.into_inner())
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        let (Some(x), Some(y)) = (x.checked_sub(self.margin), y.checked_sub(self.margin)) else { return false };
        if x >= self.width || y >= self.height {
            return false;
        }
        let row = if self.rows() == 1 { 0 } else { y };
        self.dark.get(row * self.width + x).copied().unwrap_or(false)
    }
}

fn refuse(message: impl Into<String>) -> Error {
    Error::field("barcode", message.into())
}

fn qr(data: &str, correction: &str) -> Result<Symbol> {
    let level = match correction {
        "L" => EcLevel::L,
        "Q" => EcLevel::Q,
        "H" => EcLevel::H,
        _ => EcLevel::M,
    };
    let code = QrCode::with_error_correction_level(data, level)
        .map_err(|_| refuse("The text is too long for a QR code with this error correction level."))?;
    let width = code.width();
    let dark = code.into_colors().into_iter().map(|color| color == qrcode::Color::Dark).collect();
    Ok(Symbol { width, dark, height: width, margin: 4 })
}

fn data_matrix(data: &str, is_square: bool) -> Result<Symbol> {
    let symbols = datamatrix::SymbolList::default();
    let symbols = if is_square { symbols.enforce_square() } else { symbols.enforce_rectangular() };
    let code = datamatrix::DataMatrix::encode_str(data, symbols).map_err(|_| {
        refuse("The text is too long for a Data Matrix code or contains characters that it cannot encode.")
    })?;
    let map = code.bitmap();
    Ok(Symbol { width: map.width(), height: map.height(), dark: map.bits().to_vec(), margin: 2 })
}

fn code128(data: &str) -> Result<Symbol> {
    if !data.is_ascii() {
        return Err(refuse("Code 128 can only encode ASCII characters."));
    }
    if data.len() > LONGEST_CODE128 {
        return Err(refuse(format!("Code 128 can encode at most {LONGEST_CODE128} characters.")));
    }
    let code = Code128::new(with_sets(data)).map_err(|_| refuse("Code 128 cannot encode this text."))?;
    Ok(bars(&code.encode(), 10))
}

/// Bars of one of the other kinds.
fn other_bars(symbology: Symbology, data: &str) -> Result<Symbol> {
    let (name, most) = match symbology {
        Symbology::Ean13 => ("an EAN-13", 13),
        Symbology::Ean8 => ("an EAN-8", 8),
        Symbology::UpcA => ("a UPC-A", 12),
        _ => ("this barcode", LONGEST_CODE128),
    };
    let refused =
        || refuse(format!("{} cannot show this text.", name.replacen('a', "A", 1).replacen("this", "This", 1)));
    // the digits that goods have too few of are zeros before them; the last one checks the others
    let digits = |count: usize| {
        let checked = format!("{data:0>count$}");
        let fits = checked.len() == count || checked.len() == count + 1;
        if fits && checked.bytes().all(|b| b.is_ascii_digit()) {
            Ok(checked[..count].to_owned())
        } else {
            Err(refused())
        }
    };
    if data.len() > most {
        return Err(refused());
    }
    let encoded = match symbology {
        Symbology::Ean13 => EAN13::new(digits(12)?).map(|code| code.encode()),
        Symbology::UpcA => EAN13::new(format!("0{}", digits(11)?)).map(|code| code.encode()),
        Symbology::Ean8 => EAN8::new(digits(7)?).map(|code| code.encode()),
        Symbology::Code39 => Code39::new(data.to_uppercase()).map(|code| code.encode()),
        Symbology::Code93 => Code93::new(data.to_uppercase()).map(|code| code.encode()),
        Symbology::Codabar => Codabar::new(data).map(|code| code.encode()),
        _ => {
            let pairs = if data.len() % 2 == 1 { format!("0{data}") } else { data.to_owned() };
            TF::interleaved(pairs).map(|code| code.encode())
        }
    };
    Ok(bars(&encoded.map_err(|_| refused())?, 11))
}

/// Bars as a symbol.
fn bars(encoded: &[u8], margin: usize) -> Symbol {
    let dark: Vec<bool> = encoded.iter().map(|bar| *bar == 1).collect();
    let width = dark.len();
    // at least 15 % of the width, so that a scanner held askew still crosses all bars
    Symbol { width, dark, height: (width * 3).div_ceil(20).max(24), margin }
}

/// Character sets of Code 128, as the encoder writes the change to one of them.
const SET_A: char = '\u{c0}';
const SET_B: char = '\u{181}';
const SET_C: char = '\u{106}';

/// A text with the changes of character set that keep it short: set C packs two digits into one symbol, which
/// pays from four digits in a row; set A has control characters, set B small letters.
fn with_sets(data: &str) -> String {
    let bytes = data.as_bytes();
    let digits_at = |at: usize| bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut out = String::new();
    let mut set = None;
    let mut at = 0;
    let mut switch = |out: &mut String, to: char| {
        if set != Some(to) {
            out.push(to);
            set = Some(to);
        }
        to
    };
    let mut letters = SET_B;
    while at < bytes.len() {
        let digits = digits_at(at);
        let all = at == 0 && digits == bytes.len();
        if digits >= 4 || (all && digits == 2) {
            // the odd one first, so that the rest is pairs
            if digits % 2 == 1 {
                switch(&mut out, letters);
                out.push(char::from(bytes[at]));
                at += 1;
            }
            switch(&mut out, SET_C);
            out.push_str(&data[at..at + digits - digits % 2]);
            at += digits - digits % 2;
        } else {
            let run = digits.max(1);
            let byte = bytes[at];
            letters = match byte {
                ..32 => SET_A,
                96.. => SET_B,
                _ => letters,
            };
            switch(&mut out, letters);
            out.push_str(&data[at..at + run]);
            at += run;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use rxing::common::HybridBinarizer;
    use rxing::{BarcodeFormat, BinaryBitmap, DecodeHints, Luma8LuminanceSource, MultiFormatReader, Reader};

    use super::*;

    #[test]
    fn captions_stand_below_bars() {
        let symbol = Symbol::of(Symbology::Code128, "A<1", "").unwrap();
        let drawing = Drawing { module: 2.0, margin: None, dark: "#000", light: "#fff", caption: None };
        let plain = symbol.draw(drawing);
        let captioned =
            symbol.draw(Drawing { caption: Some(Caption { text: "A<1", size: 17.0, gap: 4.0 }), ..drawing });
        assert!(!plain.contains("<text") && captioned.contains(">A&lt;1</text>"), "{captioned}");
        let height =
            |svg: &str| -> f32 { svg.split(" height=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap() };
        assert!(height(&captioned) > height(&plain) + 30.0);
    }

    /// What another program reads from the picture.
    fn scanned(png: &[u8], format: BarcodeFormat) -> String {
        let picture = image::load_from_memory(png).unwrap().to_luma8();
        let source = Luma8LuminanceSource::new(picture.as_raw().clone(), picture.width(), picture.height()).unwrap();
        let hints = DecodeHints {
            PossibleFormats: Some([format].into()),
            PureBarcode: Some(true),
            TryHarder: Some(true),
            ..DecodeHints::default()
        };
        let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
        MultiFormatReader::default().decode_with_hints(&mut bitmap, &hints).unwrap().getText().to_owned()
    }

    #[test]
    fn a_scanner_reads_what_was_written() {
        let json = "{\"stockitem\": 123456}";
        let texts = [
            "INV-SI1",
            "INV-SI123456",
            json,
            "a",
            "12",
            "123",
            "12345",
            "AB12345cd1234",
            "https://example.org/?a=1&b=2",
            "PO-0001 x\ty",
            "lower\u{1}UPPER\u{1f}1234567",
            "~!@#$%^&*()_+`[]\\",
        ];
        for text in texts {
            for (name, format) in [
                ("qr", BarcodeFormat::QR_CODE),
                ("datamatrix", BarcodeFormat::DATA_MATRIX),
                ("code128", BarcodeFormat::CODE_128),
            ] {
                let symbol = Symbol::of(Symbology::named(name).unwrap(), text, "M").unwrap();
                assert_eq!(scanned(&symbol.png(4).unwrap(), format), text, "{name}");
            }
        }
        for (name, format) in [("qr", BarcodeFormat::QR_CODE), ("datamatrix", BarcodeFormat::DATA_MATRIX)] {
            let symbol = Symbol::of(Symbology::named(name).unwrap(), "Größe 5 µm", "H").unwrap();
            assert_eq!(scanned(&symbol.png(4).unwrap(), format), "Größe 5 µm", "{name}");
        }
    }

    #[test]
    fn what_cannot_be_shown_is_refused() {
        for (symbology, text) in [
            (Symbology::Qr, String::new()),
            (Symbology::Qr, "x".repeat(4_000)),
            (Symbology::DataMatrix, "x".repeat(4_000)),
            (Symbology::Code128, "x".repeat(129)),
            (Symbology::Code128, "µ".into()),
        ] {
            let Err(Error::Invalid(fields)) = Symbol::of(symbology, &text, "M") else { panic!("{symbology:?}") };
            assert!(fields.json().get("barcode").is_some(), "{symbology:?}");
        }
    }

    #[test]
    fn digits_are_packed() {
        assert_eq!(with_sets("123456"), format!("{SET_C}123456"));
        assert_eq!(with_sets("12345"), format!("{SET_B}1{SET_C}2345"));
        assert_eq!(with_sets("A1B"), format!("{SET_B}A1B"));
        assert_eq!(with_sets("a1234b"), format!("{SET_B}a{SET_C}1234{SET_B}b"));
        assert_eq!(with_sets("\u{1}a"), format!("{SET_A}\u{1}{SET_B}a"));
    }

    #[test]
    fn a_drawing_has_the_fields_of_the_picture() {
        let symbol = Symbol::of(Symbology::Qr, "INV-SI1", "M").unwrap();
        let (width, height) = symbol.size();
        let svg = symbol.svg(3);
        assert!(svg.contains(&format!("viewBox=\"0 0 {width} {height}\"")), "{svg}");
        let drawn: usize = svg
            .split('M')
            .skip(2)
            .map(|part| part.split('h').nth(1).unwrap().split('v').next().unwrap().parse::<usize>().unwrap())
            .sum();
        assert_eq!(drawn, symbol.dark.iter().filter(|dark| **dark).count());
    }
}
