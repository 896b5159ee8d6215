//! Shapes of the format as far back as InvenTree 0.13.

use ironwood_testbed::for_each_database;

use super::*;

const OLD: &str = r##"[
{"model": "part.part", "pk": 1, "fields": {"name": "Lamp", "is_template": true, "default_supplier": 9, "creation_date": "2023-01-01"}},
{"model": "part.part", "pk": 2, "fields": {"name": "Blue lamp", "variant_of": 1, "creation_date": "2023-01-01"}},
{"model": "part.partcategory", "pk": 1, "fields": {"name": "Top", "icon": "fas fa-lamp"}},
{"model": "part.partcategory", "pk": 2, "fields": {"name": "Below", "parent": 1}},
{"model": "stock.stocklocation", "pk": 1, "fields": {"name": "Room", "icon": "fas fa-box"}},
{"model": "part.partparametertemplate", "pk": 4, "fields": {"name": "Height", "units": "mm"}},
{"model": "part.partparameter", "pk": 6, "fields": {"part": 2, "template": 4, "data": "12", "data_numeric": 12.0}},
{"model": "part.partcategoryparametertemplate", "pk": 1, "fields": {"category": 1, "parameter_template": 4, "default_value": "5"}},
{"model": "company.company", "pk": 3, "fields": {"name": "Glow"}},
{"model": "company.supplierpart", "pk": 9, "fields": {"part": 1, "supplier": 3, "SKU": "S"}},
{"model": "company.manufacturerpart", "pk": 5, "fields": {"part": 1, "manufacturer": 3, "MPN": "M"}},
{"model": "company.manufacturerpartparameter", "pk": 6, "fields": {"manufacturer_part": 5, "name": "Height", "value": "13", "units": ""}},
{"model": "company.manufacturerpartparameter", "pk": 7, "fields": {"manufacturer_part": 5, "name": "Weight", "value": "2", "units": "kg"}},
{"model": "auth.user", "pk": 1, "fields": {"username": "mara", "password": "!x"}},
{"model": "stock.stockitem", "pk": 8, "fields": {"part": 2, "quantity": "1", "lft": 1, "rght": 2, "tree_id": 1, "level": 0}},
{"model": "stock.stockitemattachment", "pk": 1, "fields": {"stock_item": 8, "attachment": "stock_files/8/b.pdf", "comment": "item", "user": ["mara"], "upload_date": "2023-01-02"}},
{"model": "part.partattachment", "pk": 1, "fields": {"part": 2, "attachment": "part_files/2/a.pdf", "link": null, "comment": "part", "user": null, "upload_date": "2023-01-02"}},
{"model": "company.companyattachment", "pk": 4, "fields": {"company": 3, "attachment": "", "link": "https://example.org", "comment": null}},
{"model": "label.partlabel", "pk": 1, "fields": {"name": "Part label", "description": "x", "label": "label/part/l.html", "filters": "", "enabled": true, "width": 30.0, "height": 10.0, "filename_pattern": "l.pdf"}},
{"model": "label.stockitemlabel", "pk": 1, "fields": {"name": "Item label", "description": null, "label": "label/stock/l.html", "filters": null, "enabled": true, "width": 30.0, "height": 10.0, "filename_pattern": "l.pdf"}},
{"model": "report.testreport", "pk": 1, "fields": {"name": "Tests", "template": "report/test/t.html", "description": "d", "revision": 3, "page_size": "A4", "landscape": true, "filename_pattern": "t.pdf", "enabled": true, "filters": "", "include_installed": true}},
{"model": "part.parttesttemplate", "pk": 1, "fields": {"part": 1, "test_name": "Burns In", "description": "d"}},
{"model": "stock.stockitemtestresult", "pk": 1, "fields": {"stock_item": 8, "test": "burns in", "result": true, "date": "2023-01-03T00:00:00Z"}},
{"model": "stock.stockitemtestresult", "pk": 2, "fields": {"stock_item": 8, "test": "Drop", "result": false, "date": "2023-01-03T00:00:00Z"}},
{"model": "part.bomitem", "pk": 1, "fields": {"part": 1, "sub_part": 2, "quantity": "2.50000", "overage": "10%"}},
{"model": "common.inventreesetting", "pk": 1, "fields": {"key": "PART_PARAMETER_ENFORCE_UNITS", "value": "False"}}
]"##;

#[test]
fn older_shapes_are_taken_in_as_todays() {
    for_each_database(|place| {
        let database = fresh(place);
        let report = take(&database, OLD).unwrap();
        assert_eq!(
            report.unknown_fields.keys().collect::<Vec<_>>(),
            ["report.testreport.include_installed"],
            "{report}"
        );
        assert!(report.unknown_models.is_empty(), "{report}");
        let records = by_key(&give(&database));
        let field = |model: &str, key: i64, name: &str| {
            let record = records.get(&(model.to_owned(), key.to_string()));
            record.unwrap_or_else(|| panic!("no {model} {key}")).get(name).cloned().unwrap_or(Json::Null)
        };
        let number = |value: f64| Json::String(format!("number {value:?}"));
        let text = |value: &str| Json::String(value.to_owned());

        assert_eq!(field("part.partcategory", 1, "_icon"), text("fas fa-lamp"));
        assert_eq!(field("part.partcategory", 2, "pathstring"), text("Top/Below"));
        assert_eq!(field("stock.stocklocation", 1, "custom_icon"), text("fas fa-box"));
        assert_eq!(field("company.supplierpart", 9, "primary"), Json::Bool(true));

        assert_eq!(field("common.parametertemplate", 4, "units"), text("mm"));
        assert_eq!(field("common.parameter", 6, "model_type"), serde_json::json!(["part", "part"]));
        assert_eq!(field("common.parameter", 6, "model_id"), number(2.0));
        assert_eq!(field("part.partcategoryparametertemplate", 1, "template"), number(4.0));
        // keys of the maker's parameters: 6 is taken, 7 is free once 6 went to 7, so 8
        assert_eq!(field("common.parameter", 7, "data"), text("13"));
        assert_eq!(field("common.parameter", 7, "template"), number(4.0));
        assert_eq!(field("common.parameter", 7, "data_numeric"), number(13.0));
        assert_eq!(field("common.parameter", 8, "model_type"), serde_json::json!(["company", "manufacturerpart"]));
        assert_eq!(field("common.parameter", 8, "template"), number(5.0));
        assert_eq!(field("common.parametertemplate", 5, "name"), text("Weight"));

        assert_eq!(field("common.attachment", 1, "model_type"), text("part"));
        assert_eq!(field("common.attachment", 2, "model_type"), text("stockitem"));
        assert_eq!(field("common.attachment", 2, "model_id"), number(8.0));
        assert_eq!(field("common.attachment", 2, "upload_user"), serde_json::json!(["mara"]));
        assert_eq!(field("common.attachment", 4, "comment"), text(""));

        assert_eq!(field("report.labeltemplate", 1, "model_type"), text("stockitem"));
        assert_eq!(field("report.labeltemplate", 2, "template"), text("label/part/l.html"));
        assert_eq!(field("report.reporttemplate", 1, "landscape"), Json::Bool(true));

        assert_eq!(field("part.parttesttemplate", 1, "key"), text("burnsin"));
        assert_eq!(field("stock.stockitemtestresult", 1, "template"), number(1.0));
        assert_eq!(field("stock.stockitemtestresult", 2, "template"), number(2.0));
        assert_eq!(field("part.parttesttemplate", 2, "part"), number(1.0));
        assert_eq!(field("part.bomitem", 1, "attrition"), text("10.000"));
        assert_eq!(field("part.bomitem", 1, "raw_amount"), text("2.5"));
        assert_eq!(field("common.inventreesetting", 1, "key"), text("PARAMETER_ENFORCE_UNITS"));
        database.close();
    });
}

#[test]
fn tokens_are_sealed_and_not_given_out() {
    let place = TestDatabase::sqlite();
    let database = fresh(&place);
    let text = r#"[
        {"model": "users.apitoken", "pk": 900001, "fields": {"key": "inv-conformance-1", "user": ["allaccess"],
            "name": "conformance", "revoked": false, "expiry": "2099-01-01", "created": "2024-01-01T00:00:00Z",
            "last_seen": null, "metadata": null}},
        {"model": "auth.user", "pk": 1, "fields": {"username": "allaccess", "password": "!x"}}]"#;
    let without = ImportOptions::default();
    let error = import(&database, text.as_bytes(), &without, &mut |_, _| {}).unwrap_err().to_string();
    assert!(error.contains("users.apitoken 900001, field key: "), "{error}");
    take(&database, text).unwrap();
    let row = database.read(|conn| conn.one("SELECT key_hash, key_sealed FROM users_apitoken", &[])).unwrap().unwrap();
    let secret = options().secret.unwrap();
    assert_eq!(row.text(0), secret.token_hash("inv-conformance-1"));
    assert_eq!(secret.open_token(row.text(1), row.text(0)).as_deref(), Some("inv-conformance-1"));
    assert_eq!(count(&database, "SELECT \"user\" FROM users_apitoken"), 1);
    assert!(!give(&database).contains("apitoken"));
    database.close();
}
