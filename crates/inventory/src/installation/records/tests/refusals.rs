//! Each error is one line with its position, and changes nothing.

use ironwood_testbed::{TestDatabase, for_each_database};

use super::*;

const CATEGORY: &str = r#"{"model": "part.partcategory", "pk": 1, "fields": {"name": "Lamps", "parent": null}}"#;
const GROUP: &str = r#"{"model": "auth.group", "pk": 1, "fields": {"name": "Bench"}}"#;
const LOCATION: &str = r#"{"model": "stock.stocklocation", "pk": 1, "fields": {"name": "Room", "parent": null}}"#;

/// Faulty records, the third of which is at line 4, and what is said of them.
const FAULTS: &[(&str, &str)] = &[
    ("no json", "line 4, column 1: found n, expected a record"),
    (r#"{"model": "auth.group", "pk": 2, "fields": {"name": }}"#, "line 4, column 53: invalid JSON"),
    (r#"{"model": "auth.group", "pk": 2,"#, "line 4, column 33: invalid JSON"),
    (r#"{"pk": 2, "fields": {}}"#, "line 4, column 1: record has no model"),
    (r#"{"model": "auth.group", "pk": 2}"#, "line 4, column 1: auth.group 2: record has no fields"),
    (
        r#"{"model": "auth.group", "pk": null, "fields": {"name": "x"}}"#,
        "line 4, column 1: auth.group 0, field pk: found null, expected a key",
    ),
    (
        r#"{"model": "auth.group", "pk": 9223372036854775807, "fields": {"name": "x"}}"#,
        "field pk: 9223372036854775807 is out of range",
    ),
    (
        r#"{"model": "auth.group", "pk": 1, "fields": {"name": "Other"}}"#,
        "line 4, column 1: auth.group 1, field pk: duplicate record with this key",
    ),
    (
        r#"{"model": "auth.group", "pk": 2, "fields": {"name": "Bench"}}"#,
        "line 4, column 1: auth.group 2, field name: ",
    ),
    (
        r#"{"model": "auth.group", "pk": 2, "fields": {}}"#,
        "line 4, column 1: auth.group 2, field name: required, but missing",
    ),
    (
        r#"{"model": "auth.group", "pk": 2, "fields": {"name": null}}"#,
        "line 4, column 1: auth.group 2, field name: null in a required field",
    ),
    (
        r#"{"model": "auth.group", "pk": 2, "fields": {"name": 5}}"#,
        "line 4, column 1: auth.group 2, field name: found a number, expected a string",
    ),
    (
        r#"{"model": "auth.group", "pk": 2, "fields": {"name": "a\u0000"}}"#,
        "line 4, column 1: auth.group 2, field name: the text contains a null character",
    ),
    (
        r#"{"model": "part.partcategory", "pk": 2, "fields": {"name": "x", "parent": 77}}"#,
        "line 4, column 1: part.partcategory 2, field parent: part.partcategory 77 does not exist",
    ),
    (
        r#"{"model": "part.partcategory", "pk": 2, "fields": {"name": "x", "default_location": "Room"}}"#,
        "line 4, column 1: part.partcategory 2, field default_location: found a string, expected a key",
    ),
    (
        r#"{"model": "part.partcategory", "pk": 2, "fields": {"name": "x", "parent": ["Lamps"]}}"#,
        "field parent: \"[\\\"Lamps\\\"]\" is not a key of part.partcategory",
    ),
    (
        r#"{"model": "part.partcategory", "pk": 2, "fields": {"name": "x", "parent": 2}}"#,
        "line 4, column 1: part.partcategory 2, field parent: the records form a cycle: 2 -> 2",
    ),
    (
        r#"{"model": "common.inventreeusersetting", "pk": 1, "fields": {"key": "A", "value": "b", "user": ["bob"]}}"#,
        "line 4, column 1: common.inventreeusersetting 1, field user: auth.user [\"bob\"] does not exist",
    ),
    (
        r#"{"model": "auth.user", "pk": 1, "fields": {"username": "u", "password": "", "groups": [["Nowhere"]]}}"#,
        "line 4, column 1: auth.user 1, field groups: auth.group [\"Nowhere\"] does not exist",
    ),
    (
        r#"{"model": "auth.user", "pk": 1, "fields": {"username": "u", "password": "", "is_staff": "maybe"}}"#,
        "line 4, column 1: auth.user 1, field is_staff: found a string, expected true or false",
    ),
    (
        r#"{"model": "auth.user", "pk": 1, "fields": {"username": "u", "password": "", "date_joined": "soon"}}"#,
        "line 4, column 1: auth.user 1, field date_joined: \"soon\" is not a date and time (ISO 8601)",
    ),
    (r#"{"metadata": true, "api_version": 535}"#, "line 4, column 1: the records come from a newer version (API 535)"),
];

#[test]
fn each_fault_is_one_line_and_changes_nothing() {
    for_each_database(|place| {
        let database = fresh(place);
        for (fault, wanted) in FAULTS {
            let text = format!("[{CATEGORY},\n{GROUP},\n{LOCATION},\n{fault}]");
            let error = take(&database, &text).unwrap_err().to_string();
            assert!(error.contains(wanted), "{fault}\nsaid: {error}\nwanted: {wanted}");
            assert!(!error.contains('\n'));
            assert!(database.read(is_empty).unwrap(), "{fault}");
        }
        let circle = r#"[
            {"model": "part.partcategory", "pk": 1, "fields": {"name": "a", "parent": 2}},
            {"model": "part.partcategory", "pk": 2, "fields": {"name": "b", "parent": 3}},
            {"model": "part.partcategory", "pk": 3, "fields": {"name": "c", "parent": 2}}]"#;
        let error = take(&database, circle).unwrap_err().to_string();
        assert!(error.contains("field parent: the records form a cycle: "), "{error}");
        assert!(database.read(is_empty).unwrap());
        // and after all that, good records are taken in
        assert_eq!(take(&database, &format!("[{CATEGORY},{GROUP}]")).unwrap().records, 2);
        let error = take(&database, &format!("[{LOCATION}]")).unwrap_err().to_string();
        assert!(error.contains("not empty"), "{error}");
        database.close();
    });
}

#[test]
fn over_long_texts_and_large_numbers_name_record_and_field() {
    let place = TestDatabase::sqlite();
    let database = fresh(&place);
    let long = "ä".repeat(300);
    let error = take(&database, &format!(r#"[{{"model": "auth.group", "pk": 2, "fields": {{"name": "{long}"}}}}]"#));
    let error = error.unwrap_err().to_string();
    assert!(error.starts_with("line 1, column 2: auth.group 2, field name: 300 characters; at most "), "{error}");
    for (quantity, reason) in [
        ("\"1e20\"", "\"1e20\" is out of range"),
        ("99999999999", "is out of range"),
        ("\"1.123456\"", "has more than 5 decimal places"),
        ("\"NaN\"", "is not a decimal number"),
        ("[]", "found a list, expected a decimal number"),
    ] {
        let text =
            format!(r#"[{{"model": "stock.stockitem", "pk": 2, "fields": {{"part": 1, "quantity": {quantity}}}}}]"#);
        let error = take(&database, &text).unwrap_err().to_string();
        assert!(error.starts_with("line 1, column 2: stock.stockitem 2, field quantity: "), "{error}");
        assert!(error.contains(reason), "{error}");
    }
    database.close();
}

#[test]
fn what_is_unknown_is_counted_or_refused() {
    let place = TestDatabase::sqlite();
    let database = fresh(&place);
    let text = r#"[
        {"model": "magic.wand", "pk": "any", "fields": {"x": 1}},
        {"model": "magic.wand", "pk": 2, "fields": {}},
        {"model": "sessions.session", "pk": "abc", "fields": {}},
        {"model": "auth.group", "pk": 2, "fields": {"name": "a", "colour": "red"}}]"#;
    let strict = ImportOptions { strict: true, ..options() };
    let error = import(&database, text.as_bytes(), &strict, &mut |_, _| {}).unwrap_err().to_string();
    assert_eq!(error, "unknown: models magic.wand (2); fields auth.group.colour (1)");
    assert!(database.read(is_empty).unwrap());
    let report = take(&database, text).unwrap();
    assert_eq!(report.records, 1);
    assert_eq!(report.unknown_models.get("magic.wand"), Some(&2));
    assert_eq!(report.unknown_fields.get("auth.group.colour"), Some(&1));
    assert_eq!(report.left_out.get("sessions.session"), Some(&1));
    let text = report.to_string();
    assert!(text.contains("magic.wand: 2") && text.contains("auth.group.colour: 1"), "{text}");
    database.close();
}

#[test]
fn progress_ends_with_the_whole_file() {
    let place = TestDatabase::sqlite();
    let database = fresh(&place);
    let text = format!("[{GROUP}, {CATEGORY}]  ");
    let mut last = (0, 0);
    import(&database, text.as_bytes(), &options(), &mut |bytes, records| last = (bytes, records)).unwrap();
    assert_eq!(last, (text.len() as u64, 2));
    database.close();
}

#[test]
fn a_full_disk_is_one_line_when_records_are_written() {
    /// Has room for a few bytes.
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if bytes.len() > self.0 {
                return Err(std::io::ErrorKind::StorageFull.into());
            }
            self.0 -= bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let place = TestDatabase::sqlite();
    let database = fresh(&place);
    let error = export(&database, Full(20), &ExportOptions::default()).unwrap_err().to_string();
    assert!(error.starts_with("cannot write the records: "), "{error}");
    database.close();
}

#[test]
fn a_generator_takes_part_in_the_callers_transaction() {
    for_each_database(|place| {
        let database = fresh(place);
        let refused = database.write(&crate::testing::origin(), |conn| {
            let records = [GROUP, "{\"model\": \"auth.group\", \"pk\": 2, \"fields\": {}}"];
            import_records(conn, records.map(|text| serde_json::from_str(text).unwrap()), &options())
        });
        let error = refused.unwrap_err().to_string();
        assert_eq!(error, "record 2: auth.group 2, field name: required, but missing");
        assert!(database.read(is_empty).unwrap());
        let report = database.write(&crate::testing::origin(), |conn| {
            import_records(conn, [GROUP, CATEGORY].map(|text| serde_json::from_str(text).unwrap()), &options())
        });
        assert_eq!(report.unwrap().models.iter().map(|(_, count)| count).sum::<u64>(), 2);
        // the next row gets a key of its own
        let key = database.write(&crate::testing::origin(), |conn| {
            let row = conn.one("INSERT INTO auth_group (name, permissions) VALUES ('new', '[]') RETURNING id", &[])?;
            Ok(row.map(|row| row.int(0)))
        });
        assert_eq!(key.unwrap(), Some(2));
        database.close();
    });
}
