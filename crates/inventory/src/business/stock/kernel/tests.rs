use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::row;
use ironwood_store::Connection;

use super::*;
use crate::schema::keys::*;
use crate::testing::{Server, on_each_server};

fn part(conn: &mut Connection, name: &str) -> Result<PartKey> {
    let sql = "INSERT INTO part_part (name, description, tree_path, tree_id, trackable) VALUES ($1, '', '/1/', 1, TRUE) RETURNING id";
    Ok(conn.one(sql, &[name.into()])?.map_or_else(Default::default, |row| row.cell(0)))
}

fn location(conn: &mut Connection, name: &str, structural: bool) -> Result<LocationKey> {
    let sql = "INSERT INTO stock_stocklocation (name, structural) VALUES ($1, $2) RETURNING id";
    Ok(conn.one(sql, &[name.into(), structural.into()])?.map_or_else(Default::default, |row| row.cell(0)))
}

fn field(error: Error) -> String {
    match error {
        Error::Invalid(fields) => fields.json().as_object().unwrap().keys().next().unwrap().clone(),
        other => panic!("{other}"),
    }
}

/// `(code, deltas)` of an item, oldest first.
fn history(conn: &mut Connection, item: ItemKey) -> Vec<(i64, String)> {
    let sql = "SELECT tracking_type, deltas FROM stock_stockitemtracking WHERE item = $1 ORDER BY id";
    conn.rows(sql, &[item.into()]).unwrap().iter().map(|row| (row.int(0), row.text(1).to_owned())).collect()
}

fn stocked(conn: &mut Connection, part: PartKey, place: LocationKey, pieces: i64) -> Result<ItemKey> {
    let mut ledger = Ledger::open(conn, UserKey::default(), &[])?;
    let item = Item { location: Some(place), ..Item::new(part, Quantity::of(pieces)) };
    let key = ledger.create(item, HistoryCode::CREATED, &With::default())?;
    ledger.close()?;
    Ok(key)
}

fn on_each(test: fn(&mut Connection) -> Result<()>) {
    on_each_server(|server: &Server| server.write(test));
}

#[test]
fn parts_of_an_item_go_their_ways_and_nothing_is_lost() {
    on_each(|conn| {
        let part = part(conn, "Bolt")?;
        let (shelf, bench) = (location(conn, "Shelf", false)?, location(conn, "Bench", false)?);
        let item = stocked(conn, part, shelf, 100)?;
        let assembly = stocked(conn, part, shelf, 1)?;
        let mut ledger = Ledger::open(conn, UserKey::default(), &[item, assembly])?;
        let moved = ledger.transfer(item, Quantity::of(10), bench, &With { status: Some(55), ..With::notes("why") })?;
        let inside = ledger.install(item, Quantity::of(20), assembly, None, "")?;
        ledger.take(item, Quantity::of(5), HistoryCode::STOCK_REMOVE, &With::default())?;
        assert_eq!(field(ledger.add(item, Quantity::from_scaled(50_000), &With::default()).unwrap_err()), "quantity");
        ledger.add(item, Quantity::ONE, &With::default())?;
        ledger.count(item, Count { quantity: Quantity::of(64), location: Some(bench) }, &With::default())?;
        ledger.close()?;

        let quantity =
            |conn: &mut Connection, key: ItemKey| row::lock::<Item>(conn, &[key]).unwrap().first().map(|i| i.quantity);
        assert_eq!(
            [item, moved, inside].map(|key| quantity(conn, key)),
            [Some(Quantity::of(64)), Some(Quantity::of(10)), Some(Quantity::of(20))]
        );
        assert_eq!(history(conn, item).iter().map(|(code, _)| *code).collect::<Vec<_>>(), [1, 42, 42, 12, 11, 10]);
        let (code, deltas) = history(conn, moved).remove(0);
        assert_eq!(code, 40);
        let expected = serde_json::json!({"stockitem": item, "status": 55, "status_logical": 55, "old_status": 10,
            "old_status_logical": 10, "location": bench, "quantity": 10.0});
        assert_eq!(serde_json::from_str::<serde_json::Value>(&deltas).unwrap(), expected);
        assert_eq!(history(conn, assembly).last().unwrap().0, 35);

        let mut ledger = Ledger::open(conn, UserKey::default(), &[inside])?;
        ledger.uninstall(inside, Some(bench), "")?;
        ledger.close()?;
        let mut ledger = Ledger::open(conn, UserKey::default(), &[item, moved, inside])?;
        assert!(ledger.check_merge(inside, moved, Allowances::default()).is_err(), "statuses differ");
        let allow = Allowances { status: true, ..Allowances::default() };
        ledger.merge(item, &[moved, inside], Some(shelf), allow, &With::default(), Deltas::new())?;
        ledger.close()?;
        assert_eq!([item, moved, inside].map(|key| quantity(conn, key)), [Some(Quantity::of(94)), None, None]);
        Ok(())
    });
}

#[test]
fn what_is_refused_says_why_and_changes_nothing() {
    on_each(|conn| {
        let part = part(conn, "Nut")?;
        let (shelf, rack) = (location(conn, "Shelf", false)?, location(conn, "Rack", true)?);
        let item = stocked(conn, part, shelf, 3)?;
        let mut ledger = Ledger::open(conn, UserKey::default(), &[item])?;
        let with = With::default();
        let before = ledger.item(item)?.clone();
        let bad_status = With { status: Some(99), ..With::default() };
        assert_eq!(
            field(ledger.take(item, Quantity::of(4), HistoryCode::STOCK_REMOVE, &with).unwrap_err()),
            "quantity"
        );
        assert_eq!(field(ledger.take(item, Quantity::ZERO, HistoryCode::STOCK_REMOVE, &with).unwrap_err()), "quantity");
        assert_eq!(field(ledger.add(item, super::item::LIMIT, &with).unwrap_err()), "quantity");
        assert_eq!(field(ledger.split(item, Quantity::of(4), None, &with).unwrap_err()), "quantity");
        assert_eq!(field(ledger.split(item, Quantity::ONE, None, &bad_status).unwrap_err()), "status");
        assert_eq!(field(ledger.transfer(item, Quantity::ONE, rack, &with).unwrap_err()), "location");
        assert_eq!(
            field(ledger.transfer(item, Quantity::ONE, LocationKey::from_id(12345), &with).unwrap_err()),
            "location"
        );
        let count = Count { quantity: -Quantity::ONE, location: None };
        assert_eq!(field(ledger.count(item, count, &with).unwrap_err()), "quantity");
        assert_eq!(
            field(ledger.take(ItemKey::from_id(999), Quantity::ONE, HistoryCode::STOCK_REMOVE, &with).unwrap_err()),
            "item"
        );
        assert_eq!(*ledger.item(item)?, before);
        ledger.close()?;
        assert_eq!(history(conn, item).len(), 1);
        assert_eq!(conn.one("SELECT COUNT(*) FROM stock_stockitem", &[])?.unwrap().int(0), 1);
        Ok(())
    });
}

#[test]
fn an_empty_item_goes_unless_something_speaks_of_it() {
    on_each(|conn| {
        let part = part(conn, "Washer")?;
        let shelf = location(conn, "Shelf", false)?;
        let (a, b) = (stocked(conn, part, shelf, 2)?, stocked(conn, part, shelf, 2)?);
        let mut ledger = Ledger::open(conn, UserKey::default(), &[a, b])?;
        let child = ledger.split(a, Quantity::ONE, None, &With::default())?;
        ledger.item_mut(b)?.delete_on_deplete = false;
        ledger.take(a, Quantity::ONE, HistoryCode::STOCK_REMOVE, &With::default())?;
        ledger.take(b, Quantity::of(2), HistoryCode::STOCK_REMOVE, &With::default())?;
        ledger.close()?;
        let left: Vec<ItemKey> = row::lock::<Item>(conn, &[a, b, child])?.iter().map(|i| i.id).collect();
        assert_eq!(left, [b, child]);
        let kept = "SELECT COUNT(*) FROM stock_stockitemtracking WHERE item IS NULL AND part = $1";
        assert_eq!(conn.one(kept, &[part.into()])?.unwrap().int(0), 3, "its history stays with the part");
        Ok(())
    });
}

#[test]
fn ten_thousand_serial_numbers_take_few_statements() {
    on_each(|conn| {
        let part = part(conn, "Sensor")?;
        let shelf = location(conn, "Shelf", false)?;
        let item = stocked(conn, part, shelf, 10_000)?;
        let before = conn.statements();
        let serials = read_serials(conn, part, "1-9999, 20000", 10_000)?;
        let mut ledger = Ledger::open(conn, UserKey::default(), &[item])?;
        let keys = ledger.serialise(item, &serials, None, "")?;
        ledger.close()?;
        assert!(conn.statements() - before < 450, "{} statements", conn.statements() - before);
        assert_eq!(keys.len(), 10_000);
        assert!(row::lock::<Item>(conn, &[item])?.is_empty());
        let next = read_serials(conn, part, "~", 1)?;
        assert_eq!(next, ["20001"]);
        let refused = read_serials(conn, part, "5, 30000, 7", 3).unwrap_err();
        assert!(refused.to_string().contains("5, 7"), "{refused}");
        let sum = conn.one("SELECT COUNT(DISTINCT serial_int) FROM stock_stockitem WHERE part = $1", &[part.into()])?;
        assert_eq!(sum.unwrap().int(0), 10_000);
        Ok(())
    });
}

#[test]
fn customers_give_back_what_they_were_given() {
    on_each(|conn| {
        let part = part(conn, "Gear")?;
        let shelf = location(conn, "Shelf", false)?;
        let item = stocked(conn, part, shelf, 5)?;
        let sql = "INSERT INTO company_company (name, is_customer) VALUES ('Acme', TRUE) RETURNING id";
        let acme: CompanyKey = conn.one(sql, &[])?.unwrap().cell(0);
        let mut ledger = Ledger::open(conn, UserKey::default(), &[item])?;
        let to = ledger.recipient(acme, None)?;
        let sold = ledger.assign(item, Quantity::of(2), &to, "there")?;
        ledger.close()?;
        assert_eq!(unallocated(conn, &[item])?[&item], Quantity::of(3));
        let mut ledger = Ledger::open(conn, UserKey::default(), &[sold])?;
        assert!(!ledger.item(sold)?.is_on_hand());
        let with = With { status: Some(85), ..With::default() };
        let back =
            ledger.take_back(sold, Some(Quantity::ONE), Some(shelf), HistoryCode::RETURNED_FROM_CUSTOMER, &with)?;
        ledger.close()?;
        let items = row::lock::<Item>(conn, &[sold, back])?;
        assert_eq!((items[0].customer, items[0].quantity), (Some(acme), Quantity::ONE));
        assert_eq!((items[1].customer, items[1].status.key(), items[1].location), (None, 85, Some(shelf)));
        let (code, deltas) = history(conn, back).pop().unwrap();
        assert_eq!(code, 105);
        assert!(deltas.contains("\"customer_name\":\"Acme\""), "{deltas}");
        Ok(())
    });
}

#[test]
fn stock_is_written_by_the_ledger_alone() {
    fn sources(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                found.push(path);
            }
        }
    }
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&source, &mut files);
    let writes = regex::Regex::new(r#"(?i)(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\\?"?stock_stockitem\b"#).unwrap();
    let (mut within, mut others) = (0, Vec::new());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap().replace("\\\n", " ");
        let name = file.strip_prefix(&source).unwrap().to_string_lossy().replace('\\', "/");
        // tests make faulty stock on purpose
        if name.contains("tests") || name.starts_with("walks/") {
            continue;
        }
        let found = writes.find_iter(&text).count();
        if name.starts_with("business/stock/kernel/") {
            within += found;
        } else if found > 0 {
            others.push(name);
        }
    }
    assert!(within >= 4, "the search finds the writes of the ledger itself");
    assert_eq!(others, Vec::<String>::new(), "these files write stock past the ledger");
}
