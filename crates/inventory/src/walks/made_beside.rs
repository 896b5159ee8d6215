//! Rows that are written past the engine: each statement is listed with what gives the right to it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::platform::users::permission::{Permission, rulesets};

/// File, table or struct for its rows, and the right by which they are made. Whatever goes through `write::create` is checked there.
const LISTED: &[(&str, &str, &str)] = &[
    ("business/bom/copy.rs", "BomItem", "the action's (bom), and `require` where a part is copied"),
    ("business/bom/copy.rs", "SUBSTITUTE", "as the lines"),
    ("business/build/manual_allocation.rs", "Allocation", "the action's"),
    ("business/build/auto_allocation.rs", "Allocation", "the action's"),
    ("business/build/lines.rs", "Line", "as the build order, and as the line of the bill of materials"),
    ("business/order/duplicate.rs", "extra", "as the order"),
    ("business/order/duplicate.rs", "order_type.lines", "as the order"),
    ("business/order/overdue.rs", "part_partstar", "test"),
    ("business/part/category.rs", "CategoryStar", "the caller's own subscription"),
    ("business/part/creation.rs", "TestTemplate", "that of the part: one ruleset"),
    ("business/part/creation.rs", "Parameter", "that of the part"),
    ("business/part/pricing/engine.rs", "part_partpricing", "worked out by the server"),
    ("business/part/pricing/mod.rs", "part_partpricing", "worked out by the server"),
    ("business/part/rules.rs", "PartStar", "the caller's own subscription"),
    ("business/part/stocktake.rs", "Stocktake", "the action's"),
    ("business/sales/allocation_rules.rs", "Allocation", "the action's"),
    ("business/sales/order.rs", "Shipment", "as the order"),
    ("business/stock/expiry.rs", "part_partstar", "test"),
    ("business/stock/history.rs", "stock_stockitemtracking", "as the item"),
    ("business/part/stocktake.rs", "DATA_OUTPUT", "the caller's own file"),
    ("business/stock/create.rs", "ITEM", "as the resource: its own way of making rows"),
    ("business/stock/kernel/ledger.rs", "Item", "the act: receiving, building, splitting, returning"),
    ("business/stock/kernel/ledger.rs", "stock::TEST_RESULT", "as the item that is split"),
    ("business/stock/kernel/ledger.rs", "stock::Entry", "as the item"),
    ("business/stock/location.rs", "TABLE", "the act: a place for what somebody takes"),
    ("business/transfer/allocation_rules.rs", "Allocation", "the action's"),
    ("platform/common/duplicate.rs", "Parameter", "that of the record"),
    ("platform/users/accounts.rs", "auth_group", "administering users"),
    ("platform/users/accounts.rs", "auth_user", "administering users"),
    ("platform/users/accounts.rs", "users_ruleset", "administering users"),
    ("platform/users/token.rs", "users_apitoken", "the caller's own token"),
    ("platform/common/tag.rs", "taggit_tag", "that of the record"),
    ("platform/common/tag.rs", "taggit_taggeditem", "that of the record"),
    ("services/machine/setting.rs", "machine_machinesetting", "changing the machine"),
    ("platform/output/mod.rs", "TABLE", "the caller's own file"),
    ("services/importer/session.rs", "COLUMN_MAP", "as the session"),
    ("services/importer/session.rs", "TABLE", "the caller's own import"),
    ("services/barcode/supplier.rs", "plugin_pluginsetting", "the server's own note of the supplier that a code names"),
    ("services/barcode/supplier.rs", "plugin_pluginconfig", "as the setting"),
    ("services/report/template.rs", "report_reporttemplate", "test"),
    ("services/barcode/scan.rs", "common_barcodescanresult", "what the caller scanned"),
];

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !["tests", "demo", "records", "migrations", "walks"].contains(&name.as_str()) {
            sources(&path, found);
        } else if name.ends_with(".rs") && !name.contains("test") {
            found.push(path);
        }
    }
}

#[test]
fn every_statement_that_makes_rows_of_a_ruleset_is_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut found = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        for (at, word) in text.match_indices("INSERT INTO ") {
            let rest = &text[at + word.len()..];
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            if rulesets(&rest[..end], Permission::Add).next().is_some() {
                found.insert((name.clone(), rest[..end].to_owned()));
            }
        }
        for (at, word) in text.match_indices("row::insert") {
            let rest = &text[at + word.len()..];
            let named = rest.strip_prefix("::<").and_then(|rest| rest.split_once('>'));
            let (of, _) = named.unwrap_or_else(|| panic!("{name}: `row::insert` has to name the rows that it makes"));
            found.insert((name.clone(), of.to_owned()));
        }
        for (at, word) in text.match_indices("Change::create(") {
            let table = text[at + word.len()..].split(',').next().unwrap_or_default();
            found.insert((
                name.clone(),
                table.rsplit("::").next().unwrap_or_default().trim_start_matches('&').to_owned(),
            ));
        }
        for (at, word) in text.match_indices("bulk::copy(") {
            let table = text[at + word.len()..].split(',').nth(1).unwrap_or_default();
            found.insert((name.clone(), table.trim().trim_start_matches('&').to_owned()));
        }
    }
    let listed: BTreeSet<_> = LISTED.iter().map(|(file, table, _)| ((*file).to_owned(), (*table).to_owned())).collect();
    let unlisted: Vec<_> = found.difference(&listed).collect();
    assert!(unlisted.is_empty(), "by which right are these rows made? {unlisted:?}");
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(gone.is_empty(), "these statements are gone: {gone:?}");
}
