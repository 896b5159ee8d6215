use ironwood_testbed::for_each_database;

use super::*;

const SAMPLE: &str = include_str!("sample.json");

/// Import, export, import, export: nothing is lost, added or changed.
fn goes_there_and_back(name: &str, original: &str) {
    let wanted = by_key(original);
    for_each_database(|place| {
        let database = fresh(place);
        let report = take(&database, original).unwrap();
        assert_eq!(report.records, wanted.len() as u64, "{name}");
        assert!(report.unknown_models.is_empty() && report.unknown_fields.is_empty(), "{name}: {report}");
        let first = give(&database);
        let found = by_key(&first);
        for (key, fields) in &wanted {
            let given = found.get(key).unwrap_or_else(|| panic!("{name}: {key:?} is gone"));
            for (field, value) in fields {
                assert_eq!(given.get(field), Some(value), "{name}: {key:?} {field}");
            }
            assert_eq!(given.len(), fields.len(), "{name}: {key:?} has other fields: {given:?}");
        }
        assert_eq!(found.len(), wanted.len(), "{name}");
        database.close();

        let again = TestDatabase::sqlite();
        let database = fresh(&again);
        take(&database, &first).unwrap();
        assert_eq!(give(&database), first, "{name}");
        database.close();
    });
}

#[test]
fn the_sample_goes_there_and_back() {
    goes_there_and_back("sample", SAMPLE);
}

#[test]
fn the_reference_data_goes_there_and_back() {
    for name in ["data/demo_records.json", "data/fixtures_records.json"] {
        if let Some(text) = crate::testing::recorded(name) {
            goes_there_and_back(name, &text);
        }
    }
}
