use ironwood_store::Fragment;
use serde_json::json;

use crate::schema::TABLES;
use crate::testing::{Server, on_each_server};

fn found(server: &Server) -> Vec<String> {
    server.write(|conn| super::check(conn, TABLES))
}

fn harm(server: &Server, sql: &str) {
    let sql = sql.to_owned();
    server.write(move |conn| conn.execute(Fragment::generated(&sql), &[]));
}

#[test]
fn a_company_without_damage_is_found_whole() {
    on_each_server(|server| {
        server.fill_with_demo();
        assert_eq!(found(server), [""; 0]);
    });
}

#[test]
fn damage_of_each_kind_is_found() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = |name: &str| {
            admin.made("/api/part/", json!({"name": name, "assembly": true, "component": true, "salable": true}))
        };
        let (a, b, c) = (part("A"), part("B"), part("C"));
        admin.made("/api/bom/", json!({"part": a, "sub_part": b, "quantity": 1}));
        admin.made("/api/bom/", json!({"part": b, "sub_part": c, "quantity": 1}));
        let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        let items = admin.done("/api/stock/", json!({"part": a, "quantity": 5, "location": place}));
        let item = items[0]["pk"].as_i64().unwrap();
        let customer = admin.made("/api/company/", json!({"name": "Buyer", "is_customer": true}));
        let order = admin.made("/api/order/so/", json!({"customer": customer}));
        let line = admin.made("/api/order/so-line/", json!({"order": order, "part": a, "quantity": 4}));
        let allocated = json!({"items": [{"line_item": line, "stock_item": item, "quantity": 4}]});
        admin.done(&format!("/api/order/so/{order}/allocate/"), allocated);
        let template = admin.made("/api/parameter/template/", json!({"name": "Colour"}));
        let given = json!({"model_type": "part.part", "model_id": c, "template": template, "data": "red"});
        let parameter = admin.made("/api/parameter/", given);
        assert_eq!(found(server), [""; 0]);

        harm(
            server,
            &format!(
                "INSERT INTO part_bomitem (part, sub_part, raw_amount, quantity, piece_count, optional, consumable, \
                 setup_quantity, attrition, reference, note, checksum, validated, inherited, allow_variants) \
                 VALUES ({c}, {a}, '1', 100000, 1, FALSE, FALSE, 0, 0, '', '', '', FALSE, FALSE, FALSE)"
            ),
        );
        let circle = |key: i64| format!("part_part {key}: its bill of materials forms a cycle");
        assert_eq!(found(server), [circle(a), circle(b), circle(c)]);
        harm(server, &format!("DELETE FROM part_bomitem WHERE part = {c}"));

        for (damage, repair, fault) in [
            (
                format!("UPDATE stock_stockitem SET quantity = 300000 WHERE id = {item}"),
                format!("UPDATE stock_stockitem SET quantity = 500000 WHERE id = {item}"),
                format!("stock_stockitem {item}: more of it is allocated than it contains"),
            ),
            (
                format!("UPDATE order_salesorderlineitem SET quantity = 300000 WHERE id = {line}"),
                format!("UPDATE order_salesorderlineitem SET quantity = 400000 WHERE id = {line}"),
                format!("order_salesorderlineitem {line}: more stock is allocated to it than it requires"),
            ),
            (
                format!("UPDATE stock_stockitem SET belongs_to = {item} WHERE id = {item}"),
                format!("UPDATE stock_stockitem SET belongs_to = NULL WHERE id = {item}"),
                format!("stock_stockitem {item}: belongs_to forms a cycle"),
            ),
            (
                format!(
                    "UPDATE stock_stockitem SET serial = '7', quantity = 400000, serial_space = {a} WHERE id = {item}"
                ),
                format!(
                    "UPDATE stock_stockitem SET serial = NULL, quantity = 500000, serial_space = NULL WHERE id = {item}"
                ),
                format!("stock_stockitem {item}: it has a serial number, but its quantity is not 1"),
            ),
            (
                format!("UPDATE part_part SET tree_path = '/9/{b}/' WHERE id = {b}"),
                format!("UPDATE part_part SET tree_path = '/{b}/' WHERE id = {b}"),
                format!("part_part {b}: its path does not match its parent"),
            ),
            (
                format!("UPDATE stock_stocklocation SET structural = TRUE WHERE id = {place}"),
                format!("UPDATE stock_stocklocation SET structural = FALSE WHERE id = {place}"),
                format!("stock_stockitem {item}: it is in a structural location"),
            ),
            (
                format!("UPDATE common_parameter SET model_id = 98765 WHERE id = {parameter}"),
                format!("UPDATE common_parameter SET model_id = {c} WHERE id = {parameter}"),
                format!("common_parameter {parameter}: the record that it belongs to does not exist"),
            ),
        ] {
            harm(server, &damage);
            assert_eq!(found(server), [fault]);
            harm(server, &repair);
        }
    });
}
