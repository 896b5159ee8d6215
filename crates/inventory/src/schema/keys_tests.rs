//! Keys of records have the types of their records.

use regex::Regex;

use super::states_tests::code;

/// What keys are called by the records that they are of.
const RECORDS: &str = "address|allocation|assembly|bom_item|bom_line|build|build_item|build_line|build_order|\
    category|company|component|contact|customer|destination|group|item|job|line|line_item|location|manufacturer|\
    manufacturer_part|order|origin|original|output|owner|parent|part|person|project|project_code|purchase_order|\
    record|report|responsible|return_order|sales_order|selectionlist|session|shipment|stock_item|sub_part|substitute|\
    supplier|supplier_part|take_from|template|test_template|token|transfer_order|user|variant|variant_of";

/// Files that work on the rows of any table, or on keys that are not yet those of rows.
const AS_NUMBERS: &[&str] =
    &["installation/records/export.rs", "installation/records/legacy_rows.rs", "installation/upkeep/circle.rs"];

/// A parameter, field, or variable that is called like a record, or several, and holds numbers.
fn bare() -> Regex {
    let pattern = format!(
        r"\b(({RECORDS})(_key)?: (Option<|Sent<)?i64\b|({RECORDS})(s|_keys): &?(mut )?(Option<)?&?(\[i64\b|(Vec|BTreeSet|HashSet)<i64\b))"
    );
    Regex::new(&pattern).unwrap()
}

#[test]
fn keys_are_no_bare_numbers() {
    let bare = bare();
    for (text, is_one) in [
        ("fn star(conn: &mut Connection, part: i64)", true),
        ("shipment: Option<i64>,", true),
        ("parts: &[i64]", true),
        ("bom_items: Vec<i64>", true),
        ("places: Option<&[i64]>, lines: Option<&[i64]>", true),
        ("fn star(conn: &mut Connection, part: PartKey)", false),
        ("items: i64", false),
        ("quantity: i64", false),
        ("status: Option<i64>", false),
    ] {
        assert_eq!(bare.is_match(text), is_one, "{text}");
    }
    let mut found = Vec::new();
    for (name, code) in code().into_iter().filter(|(name, _)| !AS_NUMBERS.contains(&name.as_str())) {
        found.extend(bare.find_iter(&code).map(|one| format!("{name}: {}", one.as_str())));
    }
    assert!(found.is_empty(), "these are keys, of types in `schema::keys`:\n{}", found.join("\n"));
}
