use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1251, WINDOWS_1252};
use serde_json::{Value as Json, json};

use super::format::FileFormat;
use super::notation::{DateOrder, Notation};
use super::{DataFile, Heading, read};
use crate::platform::output::sheet::text_of;

/// What columns of these tests are called.
fn heading(name: &str) -> Heading {
    match name {
        "Price" | "Qty" | "Quantity" => Heading::Number,
        "Date" => Heading::Date,
        "Part" | "Note" => Heading::Other,
        _ => Heading::Unknown,
    }
}

fn guessed(name: &str, bytes: &[u8]) -> DataFile {
    read(name, bytes, &FileFormat::default(), &heading).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn texts(file: &DataFile) -> Vec<Vec<String>> {
    file.rows.iter().map(|(_, cells)| cells.iter().map(text_of).collect()).collect()
}

fn encoded(text: &str, encoding: &'static Encoding, mark: bool) -> Vec<u8> {
    let wide = |big: bool| {
        let mark: &[u16] = if mark { &[0xfeff] } else { &[] };
        let units = mark.iter().copied().chain(text.encode_utf16());
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    match encoding {
        e if e == UTF_16LE => wide(false),
        e if e == UTF_16BE => wide(true),
        e => e.encode(text).0.into_owned(),
    }
}

#[test]
fn encodings_and_separators_of_other_programs() {
    let plain = "Part,Qty,Note\nAß-1,7,\"größer, länger\"\nB-2,10,10 µF ±5 %\n";
    let wanted = [["Aß-1", "7", "größer, länger"], ["B-2", "10", "10 µF ±5 %"]];
    for separator in [',', ';', '\t', '|'] {
        let text = plain.replace("Part,Qty,Note", "Part\u{1}Qty\u{1}Note").replace("-1,7,", "-1\u{1}7\u{1}");
        let text = text.replace("-2,10,", "-2\u{1}10\u{1}").replace('\u{1}', &separator.to_string());
        for (encoding, marks) in [
            (encoding_rs::UTF_8, &[false][..]),
            (UTF_16LE, &[true, false]),
            (UTF_16BE, &[true, false]),
            (WINDOWS_1252, &[false]),
        ] {
            for mark in marks {
                for (name, lead) in [("a.csv", ""), ("a.tsv", ""), ("a.txt", ""), ("a.csv", "sep=SEP\r\n")] {
                    let text = format!("{}{text}", lead.replace("SEP", &separator.to_string()));
                    let file = guessed(name, &encoded(&text, encoding, *mark));
                    let what = format!("{name} {separator:?} {} {mark} {lead}", encoding.name());
                    assert_eq!(file.columns, ["Part", "Qty", "Note"], "{what}");
                    assert_eq!(texts(&file), wanted, "{what}");
                    assert_eq!(file.format.encoding.as_deref(), Some(encoding.name()), "{what}");
                    assert_eq!(file.format.separator, Some(separator), "{what}");
                }
            }
        }
    }
    let marked = [b"\xef\xbb\xbf".as_slice(), plain.as_bytes()].concat();
    assert_eq!(guessed("a.csv", &marked).columns[0], "Part");
    let cyrillic = "Part,Note\nR1,Резистор постоянный\nC1,Конденсатор керамический\n";
    let file = guessed("a.csv", &encoded(cyrillic, WINDOWS_1251, false));
    assert_eq!(texts(&file)[1][1], "Конденсатор керамический");
    // chosen, and wrong
    let given = json!({"encoding": "utf-8"});
    let format = FileFormat::default().choose(given.as_object().unwrap()).unwrap();
    let error = read("a.csv", &encoded(plain, WINDOWS_1252, false), &format, &heading).unwrap_err();
    assert!(error.to_string().contains("not UTF-8"), "{error}");
}

#[test]
fn titles_footers_and_longer_rows() {
    let text = "Order 4711,,\nPrinted on 2026-11-24\n\nPart,Qty,Note,Price\nA,1,x,0.5\nB,2,,0.7,more,cells\n\
                C,3,y,0.9\nTotal,6,,2.1\n\nThank you for your order\nPage 1 of 1\n";
    let file = guessed("a.csv", text.as_bytes());
    assert_eq!(file.columns, ["Part", "Qty", "Note", "Price", "Column 5", "Column 6"]);
    assert_eq!((file.named, file.format.header_row, file.format.footer_rows), (4, Some(3), Some(3)));
    assert_eq!(texts(&file)[1], ["B", "2", "", "0.7", "more", "cells"]);
    assert_eq!(file.rows.len(), 3);
    // without names that are known
    let file = guessed("a.csv", b"My list\n\nFoo;Bar;Baz\n1;2;3\n4;5;6\n");
    assert_eq!((&file.columns[..], file.rows.len()), (&["Foo".to_owned(), "Bar".into(), "Baz".into()][..], 2));
    // what is no footer
    for text in ["Part,Note\nA,x\nTotalizer,\n", "Part\nA\n\nB\n", "Part,Qty,Note\nA,1,x\nB,2,\nC,,\n", "Part\nx\n"] {
        let file = guessed("a.csv", text.as_bytes());
        assert_eq!((file.format.header_row, file.format.footer_rows), (Some(1), Some(0)), "{text}");
    }
    // chosen
    let format = |given: Json| FileFormat::default().choose(given.as_object().unwrap()).unwrap();
    let text = "Part,Qty\nA,1\nTotal,1\n";
    let file = read("a.csv", text.as_bytes(), &format(json!({"footer_rows": 0, "header_row": 2})), &heading).unwrap();
    assert_eq!((file.columns, file.rows.len()), (vec!["A".to_owned(), "1".into()], 1));
    let error = read("a.csv", text.as_bytes(), &format(json!({"header_row": 9})), &heading).unwrap_err();
    assert!(error.to_string().contains("file_format"), "{error}");
}

#[test]
fn headings_can_be_sent_back() {
    let file = guessed("a.csv", b"\"Qty\n(pcs)\",\"a\tb\",Qty<b>,\"\r\n\",x\xe2\x80\xaey,Qty<b>\n1,2,3,4,5,6\n");
    assert_eq!(file.columns, ["Qty (pcs)", "a b", "Qty<b>", "Column 4", "xy", "Qty<b> (2)"]);
}

#[test]
fn numbers_and_dates_are_read_as_the_file_writes_them() {
    let notation =
        |decimal, dates| Notation { decimal, thousands: Some(if decimal == ',' { '.' } else { ',' }), dates };
    let (point, comma) = (notation('.', DateOrder::Dmy), notation(',', DateOrder::Mdy));
    for (text, by_point, by_comma) in [
        ("0.10", Some("0.10"), None),
        ("0,10", None, Some("0.10")),
        ("1,000", Some("1000"), Some("1.000")),
        ("1.000", Some("1.000"), Some("1000")),
        ("1,234,567.5", Some("1234567.5"), None),
        ("1.234.567,5", None, Some("1234567.5")),
        ("1 234 567", Some("1234567"), Some("1234567")),
        ("1\u{202f}234,5", None, Some("1234.5")),
        ("1'234.5", Some("1234.5"), None),
        (" -7 ", Some("-7"), Some("-7")),
        ("−7", Some("-7"), Some("-7")),
        ("+5", Some("5"), Some("5")),
        ("1e3", Some("1e3"), Some("1e3")),
        (".5", Some("0.5"), None),
        (",5", None, Some("0.5")),
        ("5.", Some("5"), None),
        ("1,00,0", None, None),
        ("12,34", None, Some("12.34")),
        ("1-2", None, None),
        ("ten", None, None),
        ("", None, None),
        ("-", None, None),
        (".", None, None),
    ] {
        assert_eq!(point.number(text).as_deref(), by_point, "{text} with a point");
        assert_eq!(comma.number(text).as_deref(), by_comma, "{text} with a comma");
    }
    for (text, number, currency) in [
        ("$0.10", "0.10", Some("$")),
        ("-$1,000.50", "-1000.50", Some("$")),
        ("€ 5", "5", Some("EUR")),
        ("5 €", "5", Some("EUR")),
        ("USD 5.5", "5.5", Some("USD")),
        ("5.5 CHF", "5.5", Some("CHF")),
        ("5", "5", None),
    ] {
        let amount = point.amount(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((amount.number.as_str(), amount.currency.as_deref()), (number, currency), "{text}");
    }
    assert_eq!(point.amount("5 pcs"), None);
    assert_eq!(comma.quantity("1,5 m").as_deref(), Some("1.5 m"));
    assert_eq!(comma.quantity("1.000").as_deref(), Some("1000"));
    for (text, day_first, month_first) in [
        ("2026-11-24", Some("2026-11-24"), Some("2026-11-24")),
        ("2026/1/2", Some("2026-01-02"), Some("2026-01-02")),
        ("31.12.2026", Some("2026-12-31"), None),
        ("12/31/2026", None, Some("2026-12-31")),
        ("3/4/2026", Some("2026-04-03"), Some("2026-03-04")),
        ("31-12-26", Some("2026-12-31"), None),
        ("1/2/99", Some("1999-02-01"), Some("1999-01-02")),
        ("31 Dec 2026", Some("2026-12-31"), Some("2026-12-31")),
        ("December 31, 2026", Some("2026-12-31"), Some("2026-12-31")),
        ("3.4.2026 14:05", Some("2026-04-03T14:05:00"), Some("2026-03-04T14:05:00")),
        ("3/4/2026 2:05:06 PM", Some("2026-04-03T14:05:06"), Some("2026-03-04T14:05:06")),
        ("31/31/2026", None, None),
        ("0000-01-01", None, None),
        ("1.1.0000", None, None),
        ("24:00", None, None),
        ("soon", None, None),
    ] {
        assert_eq!(point.date(text).as_deref(), day_first, "{text} day first");
        assert_eq!(comma.date(text).as_deref(), month_first, "{text} month first");
    }
}

#[test]
fn the_notation_is_guessed_from_the_columns() {
    for (text, decimal, order) in [
        ("Part,Price\nA,\"0,10\"\nB,\"1.000\"\n", ',', "DMY"),
        ("Part,Price\nA,$0.10\nB,\"1,000\"\n", '.', "DMY"),
        ("Part;Price;Date\nA;1.234,50;31.12.2026\n", ',', "DMY"),
        ("Part,Price,Date\nA,5,1/2/2026\nB,6,1/31/2026\n", '.', "MDY"),
        ("Part,Qty\nA,\"1,000\"\n", '.', "DMY"),
        ("Part;Qty\nA;1.000\n", ',', "DMY"),
        ("Part,Qty\nA,1.234.567\n", ',', "DMY"),
        ("Part,Qty\nA,\"1,234,567\"\n", '.', "DMY"),
        // what columns of other things say does not count
        ("Part,Price,Version\nA,\"0,5\",1.10\nB,\"0,7\",2.15\nC,1,3.25\n", ',', "DMY"),
        ("Part,Note\n1.5,\"2,5\"\n", '.', "DMY"),
        // nothing is known of the columns
        ("Foo,Bar\nx,\"0,5\"\ny,\"1,25\"\n", ',', "DMY"),
    ] {
        let format = guessed("a.csv", text.as_bytes()).format;
        assert_eq!((format.notation.decimal, format.notation.dates.name()), (decimal, order), "{text}");
        // kept, it is read the same way again
        let kept = format.json();
        let again = FileFormat::kept(kept.as_object().unwrap());
        let again = read("a.csv", text.as_bytes(), &again, &|_| Heading::Unknown).unwrap().format;
        assert_eq!(again.json(), kept, "{text}");
    }
}

/// An ODS file with this document.
fn ods(content: &str) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("content.xml", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(content.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

fn sheets(tables: &str) -> Vec<u8> {
    ods(&format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content xmlns:office=\"o\" xmlns:table=\"t\" \
         xmlns:text=\"x\"><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>\
         </office:document-content>"
    ))
}

#[test]
fn sheets_of_open_documents() {
    let text = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let row = |cells: &str| format!("<table:table-row>{cells}</table:table-row>");
    let number =
        "<table:table-cell office:value-type=\"float\" office:value=\"0.1\"><text:p>0,10</text:p></table:table-cell>";
    let date = "<table:table-cell office:value-type=\"date\" office:date-value=\"2026-12-31\"><text:p>31.12.26</text:p></table:table-cell>";
    let gap = "<table:table-cell table:number-columns-repeated=\"2\"/>";
    let end = "<table:table-cell table:number-columns-repeated=\"16384\"/>";
    let cover = format!("<table:table table:name=\"Cover\">{}</table:table>", row(&text("Our list")));
    let data = format!(
        "<table:table table:name=\"Data\">{}{}<table:table-row table:number-rows-repeated=\"1000000\">{end}</table:table-row>{}</table:table>",
        row(&format!("{}{}{}{}", text("Part"), text("Price"), text("Date"), text("Note"))),
        row(&format!(
            "{}{number}{date}{}{end}",
            text("A &amp; B<text:s text:c=\"2\"/>&#x43;"),
            text("one</text:p><text:p>two")
        )),
        row(&format!("{}{gap}{}", text("D"), text("x<office:annotation><text:p>hidden</text:p></office:annotation>"))),
    );
    let file = guessed("a.ods", &sheets(&format!("{cover}{data}")));
    assert_eq!(file.format.sheet.as_deref(), Some("Data"));
    assert_eq!(file.format.sheets, ["Cover", "Data"]);
    assert_eq!(file.columns, ["Part", "Price", "Date", "Note"]);
    assert_eq!(texts(&file), [["A & B  C", "0.1", "2026-12-31", "one\ntwo"], ["D", "", "", "x"]]);
    let given = json!({"sheet": "Nothing"});
    let format = FileFormat::default().choose(given.as_object().unwrap()).unwrap();
    assert!(read("a.ods", &sheets(&data), &format, &heading).is_err());
}

#[test]
fn files_that_are_made_to_fill_the_memory_are_refused() {
    let cell = "<table:table-cell table:number-columns-repeated=\"16384\"><text:p>x</text:p></table:table-cell>";
    let few = "<table:table-cell table:number-columns-repeated=\"900\"><text:p>x</text:p></table:table-cell>";
    let table = |rows: &str| sheets(&format!("<table:table table:name=\"a\">{rows}</table:table>"));
    let repeated = |cells: &str, times: &str| {
        table(&format!("<table:table-row table:number-rows-repeated=\"{times}\">{cells}</table:table-row>"))
    };
    let spaces = "<text:s text:c=\"40000\"/>".repeat(100);
    let entity = ods("<!DOCTYPE a [<!ENTITY b \"xxxxxxxxxx\"><!ENTITY c \"&b;&b;&b;&b;\">]><a>&c;&c;</a>");
    let cases = [
        repeated(cell, "1"),
        repeated(few, "1048576"),
        repeated(few, "24000"),
        repeated(few, "99999999999999999999"),
        table(&format!(
            "<table:table-row><table:table-cell><text:p>{spaces}</text:p></table:table-cell></table:table-row>"
        )),
        table(&"<table:table table:name=\"b\"/>".repeat(2_000)),
        sheets(&" ".repeat(60 << 20)),
        sheets(&format!("<x y=\"{}\"/>", "z".repeat(30 << 20))),
        entity,
        ods("<table:table"),
        b"PK\x03\x04".to_vec(),
        Vec::new(),
    ];
    for (at, bytes) in cases.iter().enumerate() {
        assert!(bytes.len() < 1_000_000);
        let began = std::time::Instant::now();
        assert!(read("a.ods", bytes, &FileFormat::default(), &heading).is_err(), "{at}");
        assert!(began.elapsed().as_secs() < 20, "{at}: {:?}", began.elapsed());
    }
}

#[test]
fn odd_bytes_never_make_it_panic() {
    let mut dice = crate::testing::Dice(13);
    let pieces: [&[u8]; 16] = [
        b"Part",
        b"Qty",
        b",",
        b";",
        b"\t",
        b"\n",
        b"\r\n",
        b"\"",
        b"\0",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xe4",
        b"1.5",
        b"sep=",
        b"\xef\xbb\xbf",
        b"Total",
    ];
    for _ in 0..3_000 {
        let length = dice.below(30);
        let bytes: Vec<u8> = (0..length).flat_map(|_| dice.pick(&pieces).unwrap().to_vec()).collect();
        for name in ["a.csv", "a.tsv", "a.xlsx", "a.ods"] {
            if let Ok(file) = read(name, &bytes, &FileFormat::default(), &heading) {
                assert!(file.rows.iter().all(|(at, cells)| *at >= 0 && cells.len() == file.columns.len()));
            }
        }
    }
}
