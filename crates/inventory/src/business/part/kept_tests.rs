//! Totals that are kept stay what they are the sums of, whatever is changed in which order.

use ironwood_store::Fragment;
use serde_json::json;

use super::kept;
use crate::schema::{contents, totals};
use crate::testing::{Dice, Server, on_each_server, race};

/// Columns that totals depend on, and values for them: `{n}` is a number by chance, the name of a table a key in it.
const COLUMNS: &[(&str, &str, &str)] = &[
    ("stock_stockitem", "part", "{part_part}"),
    ("stock_stockitem", "quantity", "{n} * 50000"),
    ("stock_stockitem", "status", "CASE {n} % 3 WHEN 0 THEN 10 WHEN 1 THEN 50 ELSE 65 END"),
    ("stock_stockitem", "is_building", "{n} % 2 = 0"),
    ("stock_stockitem", "build", "{build_build}"),
    ("stock_stockitem", "build", "NULL"),
    ("stock_stockitem", "location", "{stock_stocklocation}"),
    ("stock_stockitem", "location", "NULL"),
    ("stock_stockitem", "customer", "{company_company}"),
    ("stock_stockitem", "customer", "NULL"),
    ("stock_stockitem", "belongs_to", "{stock_stockitem}"),
    ("stock_stocklocation", "external", "{n} % 2 = 0"),
    ("build_build", "status", "10 + {n} % 4 * 10"),
    ("build_build", "part", "{part_part}"),
    ("build_build", "quantity", "{n}"),
    ("build_build", "completed", "{n}"),
    ("build_buildline", "build", "{build_build}"),
    ("build_buildline", "bom_item", "{part_bomitem}"),
    ("build_buildline", "quantity", "{n} * 100000"),
    ("build_buildline", "consumed", "{n} * 1000"),
    ("build_builditem", "quantity", "{n} * 1000"),
    ("build_builditem", "stock_item", "{stock_stockitem}"),
    ("build_builditem", "build_line", "{build_buildline}"),
    ("part_bomitem", "sub_part", "{part_part}"),
    ("order_purchaseorder", "status", "10 + {n} % 4 * 10"),
    ("order_purchaseorderlineitem", "quantity", "{n} * 100000"),
    ("order_purchaseorderlineitem", "received", "{n} * 50000"),
    ("order_purchaseorderlineitem", "part", "{company_supplierpart}"),
    ("order_purchaseorderlineitem", "part", "NULL"),
    ("order_purchaseorderlineitem", "order", "{order_purchaseorder}"),
    ("company_supplierpart", "part", "{part_part}"),
    ("company_supplierpart", "pack_quantity_native", "{n} * 100000"),
    ("order_salesorder", "status", "10 + {n} % 4 * 10"),
    ("order_salesorderlineitem", "part", "{part_part}"),
    ("order_salesorderlineitem", "quantity", "{n} * 100000"),
    ("order_salesorderlineitem", "shipped", "{n} * 50000"),
    ("order_salesorderlineitem", "order", "{order_salesorder}"),
    ("order_salesorderallocation", "quantity", "{n} * 1000"),
    ("order_salesorderallocation", "item", "{stock_stockitem}"),
    ("order_salesorderallocation", "line", "{order_salesorderlineitem}"),
    ("order_salesorderallocation", "shipment", "{order_salesordershipment}"),
    ("order_salesorderallocation", "shipment", "NULL"),
    ("order_salesordershipment", "shipment_date", "'2026-01-02'"),
    ("order_salesordershipment", "shipment_date", "NULL"),
    ("part_part", "variant_of", "NULL"),
    ("part_part", "category", "{part_partcategory}"),
    ("part_part", "category", "NULL"),
    ("part_partcategory", "tree_path", "CASE WHEN {n} % 2 = 0 THEN '/' ELSE '/1/' END || CAST(id AS TEXT) || '/'"),
    ("stock_stocklocation", "tree_path", "CASE WHEN {n} % 2 = 0 THEN '/' ELSE '/1/' END || CAST(id AS TEXT) || '/'"),
    ("part_part", "minimum_stock", "{n} * 1000000"),
    ("part_part", "maximum_stock", "{n} * 1000000"),
    // below part 5, or at the top
    ("part_part", "tree_path", "CASE WHEN {n} % 2 = 0 OR id < 20 THEN '/' ELSE '/5/' END || CAST(id AS TEXT) || '/'"),
];

/// SQL of the key of a row of a table by chance.
fn some_row(dice: &mut Dice, table: &str) -> String {
    let n = dice.below(1_000_000);
    format!("(SELECT id FROM {table} ORDER BY id LIMIT 1 OFFSET {n} % (SELECT GREATEST(COUNT(*), 1) FROM {table}))")
}

fn value(dice: &mut Dice, template: &str) -> String {
    match template.strip_prefix('{').and_then(|t| t.strip_suffix('}')).filter(|name| *name != "n") {
        Some(table) if !table.contains('}') => some_row(dice, table),
        _ => template.replace("{n}", &dice.below(9).to_string()),
    }
}

fn check(server: &Server, done: &str) {
    let wrong = server.try_write(totals::check).unwrap();
    assert!(wrong.is_empty(), "after {done}: {}", wrong.join("\n"));
}

#[test]
fn totals_stay_right_whatever_is_changed() {
    on_each_server(|server| {
        server.fill_with_demo();
        check(server, "the demo company came");
        let mut dice = Dice(17);
        let mut done = 0;
        for act in 0..260 {
            let sql = if act % 13 == 12 {
                let (table, ..) = COLUMNS[dice.below(COLUMNS.len() as u64) as usize];
                format!("DELETE FROM {table} WHERE id = {}", some_row(&mut dice, table))
            } else {
                let (table, column, template) = COLUMNS[act % COLUMNS.len()];
                let rows = match dice.below(6) {
                    0 => format!("id % 7 = {}", dice.below(7)),
                    _ => format!("id = {}", some_row(&mut dice, table)),
                };
                format!("UPDATE {table} SET \"{column}\" = {} WHERE {rows}", value(&mut dice, template))
            };
            let run = sql.clone();
            // what the database refuses leaves all as it was
            done += usize::from(server.try_write(move |conn| conn.execute(Fragment::generated(&run), &[])).is_ok());
            check(server, &sql);
            if act % 40 == 39 {
                server.write(kept::add_changes);
                check(server, "changes were added");
            }
        }
        assert!(done > 150, "only {done} changes were made");
    });
}

/// Records come in any order: what links to a row may be there before it.
#[test]
fn rows_count_from_when_what_they_link_to_is_there() {
    on_each_server(|server| {
        server.write(|conn| {
            conn.batch(
                "INSERT INTO stock_stockitem (id, part, quantity, location) VALUES (1, 9, 700000, 5); \
                 INSERT INTO part_part (id, name) VALUES (9, 'Late'); \
                 INSERT INTO stock_stockitem (id, part, quantity) VALUES (2, 9, 100000); \
                 INSERT INTO stock_stocklocation (id, name, external) VALUES (5, 'Later', TRUE)",
            )
        });
        let totals = |column: &str| server.int(&format!("SELECT {column} FROM ironwood_part_totals WHERE id = 9"), &[]);
        assert_eq!((totals("in_stock"), totals("external_stock")), (800_000, 700_000));
        server.write(|conn| {
            conn.batch(
                "UPDATE stock_stockitem SET location = NULL WHERE id = 1; DELETE FROM stock_stocklocation; \
                 DELETE FROM stock_stockitem WHERE id = 2",
            )
        });
        assert_eq!((totals("in_stock"), totals("external_stock")), (700_000, 0));
        server.write(|conn| conn.batch("DELETE FROM part_part"));
        assert_eq!(server.int("SELECT COUNT(*) FROM ironwood_part_total", &[]), 0);
    });
}

/// Wrong totals are named, and made right.
#[test]
fn wrong_totals_are_found_and_made_anew() {
    on_each_server(|server| {
        server.fill_with_demo();
        server.write(|conn| conn.batch("UPDATE ironwood_part_total SET in_stock = in_stock + 1 WHERE id % 2 = 0"));
        assert!(server.try_write(totals::check).unwrap().len() > 5);
        server.write(totals::renew);
        server.write(|conn| conn.batch("UPDATE ironwood_location_content SET number = number + 1 WHERE id % 2 = 0"));
        assert!(server.try_write(contents::check).unwrap().len() > 3);
        server.write(contents::renew);
        check(server, "all were made anew");
    });
}

/// Many who write about one part do not wait for its totals, nor lose any of them.
#[test]
fn totals_of_a_part_that_many_write_about_are_right() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Bolt"}));
        let made = race(8, |i| {
            let client = admin.clone();
            (0..5)
                .filter(|n| client.post("/api/stock/", json!({"part": part, "quantity": i * 10 + n})).0 == 201)
                .count()
        });
        let sum: usize = (0..8).map(|i| (0..5).map(|n| i * 10 + n).sum::<usize>()).sum();
        if made.iter().sum::<usize>() == 40 {
            assert_eq!(admin.read(&format!("/api/part/{part}/"))["in_stock"].as_f64(), Some(sum as f64));
        }
        check(server, "the race");
        server.write(kept::add_changes);
        check(server, "changes were added");
        assert_eq!(server.int("SELECT COUNT(*) FROM ironwood_part_total_change", &[]), 0);
        assert_eq!(server.int("SELECT COUNT(*) FROM ironwood_location_content_change", &[]), 0);
    });
}

/// While changes wait to be added, pages and counts find the parts with and without them.
#[test]
fn lists_by_totals_are_right_while_changes_wait() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = |name: &str| admin.made("/api/part/", json!({"name": name, "minimum_stock": 5}));
        let (low, full) = (part("Low"), part("Full"));
        for (part, quantity) in [(low, 2), (full, 9)] {
            admin.made("/api/stock/", json!({"part": part, "quantity": quantity}));
        }
        for order in ["", "&ordering=-total_in_stock", "&ordering=in_stock"] {
            let path = format!("/api/part/?low_stock=true&active=true&limit=1{order}");
            let page = admin.read(&path);
            assert_eq!((&page["count"], &page["results"][0]["pk"]), (&json!(1), &json!(low)), "{path}");
            let all = admin.read(&format!("/api/part/?has_stock=true&active=true&limit=5{order}"));
            assert_eq!((&all["count"], all["results"].as_array().map(Vec::len)), (&json!(2), Some(2)), "{path}");
        }
        assert_eq!(admin.read("/api/part/?low_stock=false&limit=3")["count"], json!(1));
    });
}
