//! Totals that are kept stay what they are the sums of, whatever is changed in which order.

use ironwood_store::{Fragment, fragment};
use serde_json::json;

use super::kept;
use crate::schema::{tallies, totals};
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
    ("stock_stockitem", "consumed_by", "{build_build}"),
    ("stock_stockitem", "consumed_by", "NULL"),
    ("stock_stockitem", "serial", "'{n}'"),
    ("stock_stockitem", "serial", "NULL"),
    ("stock_stockitemtracking", "notes", "'{n}'"),
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
    ("part_part", "active", "{n} % 2 = 0"),
    ("part_part", "assembly", "{n} % 2 = 0"),
    ("part_part", "virtual", "{n} % 2 = 0"),
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
fn noted_changes_of_all_that_is_kept_are_added_in_the_background() {
    let noted = tallies::TALLIES.iter().map(|tally| tally.changes.name).chain([totals::CHANGES.name]);
    for changes in noted {
        let due = format!("SELECT 1 FROM {changes}");
        assert!(kept::SWEEPS.iter().any(|sweep| sweep.due == due), "nothing adds {changes}");
    }
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

/// The largest quantity of an order line is counted exactly.
#[test]
fn what_large_orders_bring_is_exact() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Wire", "purchaseable": true}));
        let supplier = admin.made("/api/company/", json!({"name": "Seller", "is_supplier": true}));
        let order = admin.made("/api/order/po/", json!({"supplier": supplier}));
        for (number, pack) in [("A", "1"), ("B", "2.5")] {
            let sold = json!({"part": part, "supplier": supplier, "SKU": number, "pack_quantity": pack});
            let sold = admin.made("/api/company/part/", sold);
            let line = json!({"order": order, "part": sold, "quantity": "3600000000.00002"});
            admin.made("/api/order/po-line/", line);
        }
        let kept = server.int("SELECT on_order FROM ironwood_part_totals WHERE id = $1", &[part.into()]);
        assert_eq!(kept, 360_000_000_000_002 + 900_000_000_000_005);
        check(server, "a large order");
    });
}

/// Packs of unknown size count as nothing on order, and do not block the order.
#[test]
fn packs_of_unknown_size_are_not_counted() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Wire", "purchaseable": true}));
        let supplier = admin.made("/api/company/", json!({"name": "Seller", "is_supplier": true}));
        let order = admin.made("/api/order/po/", json!({"supplier": supplier}));
        let sold = admin.made("/api/company/part/", json!({"part": part, "supplier": supplier, "SKU": "A"}));
        let line = json!({"order": order, "part": sold, "quantity": 3});
        let first = admin.made("/api/order/po-line/", line.clone());
        let on_order = || server.int("SELECT on_order FROM ironwood_part_totals WHERE id = $1", &[part.into()]);
        assert_eq!(on_order(), 300_000);
        let sql = "UPDATE company_supplierpart SET pack_quantity_native = NULL WHERE id = $1";
        server.write(move |conn| conn.execute(sql, &[sold.into()]));
        assert_eq!(on_order(), 0);
        admin.made("/api/order/po-line/", line);
        assert_eq!(admin.patch(&format!("/api/order/po-line/{first}/"), json!({"quantity": 4})).0, 200);
        assert_eq!(on_order(), 0);
        check(server, "packs of unknown size");
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
        for tally in tallies::TALLIES {
            let kept = tally.kept.name;
            server.write(move |conn| conn.batch(fragment!("UPDATE {kept} SET number = number + 1")));
            let wrong = server.try_write(tallies::check).unwrap();
            assert!(wrong.iter().all(|line| line.contains(kept)) && !wrong.is_empty(), "{kept}: {wrong:?}");
            server.write(tallies::renew);
        }
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
        for tally in tallies::TALLIES {
            assert_eq!(server.int(&format!("SELECT COUNT(*) FROM {}", tally.changes.name), &[]), 0);
        }
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

fn add_all(server: &Server) {
    let waiting = |name: &str| server.int(&format!("SELECT COUNT(*) FROM {name}"), &[]) > 0;
    while waiting(totals::CHANGES.name) || tallies::TALLIES.iter().any(|tally| waiting(tally.changes.name)) {
        server.write(kept::add_changes);
    }
}

/// Filters of lists, and which of them kept numbers know.
const COUNTED: &[(&str, bool)] = &[
    ("/api/stock/?", true),
    ("/api/stock/?in_stock=true", true),
    ("/api/stock/?in_stock=false", true),
    ("/api/stock/?in_stock=true&depleted=false&serialized=true", true),
    ("/api/stock/?consumed=true", true),
    ("/api/stock/?installed=false&sent_to_customer=false&is_building=false", true),
    ("/api/stock/?location={location}", true),
    ("/api/stock/?location={location}&in_stock=true", true),
    ("/api/stock/?location=999999", true),
    ("/api/stock/?location={location}&cascade=false", false),
    ("/api/stock/?location={location}&serialized=true", false),
    ("/api/stock/?has_batch=true", false),
    ("/api/stock/?in_stock=true&search=box", false),
    ("/api/stock/track/?", true),
    ("/api/part/?", true),
    ("/api/part/?active=true", true),
    ("/api/part/?active=false&virtual=false", true),
    ("/api/part/?has_stock=true&active=true", true),
    ("/api/part/?has_stock=true&purchaseable=true&component=true", true),
    ("/api/part/?category={category}", true),
    ("/api/part/?category={category}&active=true", true),
    ("/api/part/?category={category}&has_stock=true", false),
    ("/api/part/?low_stock=true", false),
];

/// Pages of lists tell the number of rows from kept numbers, where these are known for the filters, and it is right.
#[test]
fn pages_tell_numbers_that_are_kept() {
    on_each_server(|server| {
        server.fill_with_demo();
        let admin = server.superuser();
        let root = |table: &str, children: &str| {
            let sql = format!("SELECT MIN(id) FROM {table} WHERE id IN (SELECT \"{children}\" FROM {table})");
            server.int(&sql, &[]).to_string()
        };
        let (location, category) = (root("stock_stocklocation", "parent"), root("part_partcategory", "parent"));
        let fill = |path: &str| path.replace("{location}", &location).replace("{category}", &category);
        let count = |path: &str| admin.read(&format!("{path}&limit=1"))["count"].as_u64().unwrap();
        let compare = |when: &str| {
            for (path, _) in COUNTED {
                let path = fill(path);
                // what is true of all rows, and known of none
                let no_filter = match () {
                    () if path.starts_with("/api/part/") => "exclude_id=999999",
                    () if path.starts_with("/api/stock/track/") => "min_date=1990-01-01",
                    () => "min_stock=0",
                };
                assert_eq!(count(&path), count(&format!("{path}&{no_filter}")), "{path}, {when}");
            }
        };
        compare("as it came");
        // on PostgreSQL, some changes wait to be added and others do not
        add_all(server);
        compare("all changes were added");
        server.write(|conn| {
            conn.batch(
                "UPDATE stock_stockitem SET quantity = 0 WHERE id % 5 = 0; UPDATE part_part SET active = FALSE WHERE id % 3 = 0; \
                 UPDATE stock_stockitem SET consumed_by = (SELECT MIN(id) FROM build_build) WHERE id % 4 = 0; UPDATE stock_stockitem SET location = NULL \
                 WHERE id % 11 = 0",
            )
        });
        compare("changes wait");
        add_all(server);
        let before: Vec<u64> = COUNTED.iter().map(|(path, _)| count(&fill(path))).collect();
        for tally in tallies::TALLIES {
            let kept = tally.kept.name;
            server.write(move |conn| conn.batch(fragment!("UPDATE {kept} SET number = number + 1000")));
        }
        // a state of no row has no cell
        let some = COUNTED.iter().zip(before).filter(|(_, before)| *before > 0);
        assert!(some.clone().count() > 15);
        for ((path, is_known), before) in some {
            assert_eq!(count(&fill(path)) != before, *is_known, "{path}: whether it is counted from kept numbers");
        }
        server.write(tallies::renew);
    });
}

/// Pages far behind, which skip rows by their numbers, are those of the whole list.
#[test]
fn pages_far_behind_are_those_of_the_whole_list() {
    on_each_server(|server| {
        server.fill_with_demo();
        let admin = server.superuser();
        // parts of the same name, and items without a place
        server.write(|conn| {
            conn.batch(
                "UPDATE part_part SET name = 'Same', \"IPN\" = CAST(id AS TEXT) WHERE id % 9 = 0; \
                 UPDATE stock_stockitem SET location = NULL WHERE id % 11 = 0; \
                 UPDATE stock_stockitem SET quantity = 0 WHERE id % 5 = 0",
            )
        });
        for filter in ["", "&in_stock=true", "&in_stock=false", "&ordering=-part", "&ordering=part&in_stock=true"] {
            let whole = admin.read(&format!("/api/stock/?{filter}"));
            let keys: Vec<&serde_json::Value> = whole.as_array().unwrap().iter().map(|row| &row["pk"]).collect();
            let last = keys.len();
            for offset in [1_000, 1_007, 2_500, last.saturating_sub(3), last, last + 10_000] {
                let page = admin.read(&format!("/api/stock/?limit=25&offset={offset}{filter}"));
                let shown: Vec<&serde_json::Value> =
                    page["results"].as_array().unwrap().iter().map(|row| &row["pk"]).collect();
                let expected: Vec<&serde_json::Value> = keys.iter().skip(offset).take(25).copied().collect();
                assert_eq!(shown, expected, "{filter} {offset} of {last}");
            }
        }
    });
}
