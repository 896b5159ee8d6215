//! What an empty database is given at its first start: groups with rights, and templates of common
//! parameters with their units.
//!
//! It happens once. What someone deletes or changes afterwards stays so, because the database is then
//! not empty any more.

use ironwood_base::Result;
use ironwood_store::Connection;

use crate::platform::users::accounts;
use crate::platform::users::permission::Ruleset::{
    self, Bom, Build, Part, PartCategory, PurchaseOrder, ReturnOrder, SalesOrder, ShopFloor, Stock, StockLocation,
    TransferOrder,
};

/// A group, with what its members may do besides viewing everything but the administration.
struct Group {
    name: &'static str,
    /// May add, change and delete.
    all: &'static [Ruleset],
    /// May add and change.
    add: &'static [Ruleset],
    /// May change.
    change: &'static [Ruleset],
}

/// Members take stock out, use it up, and bring it back to where it was. They see nothing that this does not need.
const SHOP_FLOOR: &str = "Shop floor";

static GROUPS: &[Group] = &[
    Group { name: "Viewer", all: &[], add: &[], change: &[] },
    // moves, counts, receives and ships
    Group {
        name: "Stock keeper",
        all: &[Stock, TransferOrder],
        // receiving and shipping take the right to add to an order
        add: &[StockLocation, PurchaseOrder, SalesOrder, ReturnOrder],
        change: &[],
    },
    // suppliers and their parts belong to parts and purchase orders
    Group { name: "Buyer", all: &[PurchaseOrder], add: &[Part], change: &[Stock] },
    Group { name: "Engineer", all: &[PartCategory, Part, Bom, Build], add: &[Stock], change: &[] },
    Group { name: "Sales", all: &[SalesOrder, ReturnOrder], add: &[], change: &[] },
];

/// Templates of parameters: name, unit, description.
static PARAMETERS: &[[&str; 3]] = &[
    ["Resistance", "ohm", "Electrical resistance"],
    ["Capacitance", "F", "Electrical capacitance"],
    ["Inductance", "H", "Electrical inductance"],
    ["Voltage", "V", "Rated voltage"],
    ["Current", "A", "Rated current"],
    ["Power", "W", "Rated power"],
    ["Frequency", "Hz", "Rated frequency"],
    ["Tolerance", "percent", "Tolerance of the rated value"],
    ["Length", "mm", "Length"],
    ["Width", "mm", "Width"],
    ["Height", "mm", "Height"],
    ["Weight", "g", "Weight of one unit"],
    ["Package", "", "Package or case style, such as 0603 or SOT-23"],
    ["Material", "", "Material that the part is made of"],
    ["Color", "", "Color"],
];

/// Fills a database that holds no records; false where it holds some.
///
/// # Errors
/// Those of the database.
pub(crate) fn fill(conn: &mut Connection) -> Result<bool> {
    if !crate::installation::records::is_empty(conn)? {
        return Ok(false);
    }
    for group in GROUPS {
        let id = accounts::create_group(conn, group.name)?;
        for ruleset in Ruleset::ALL.into_iter().filter(|ruleset| !matches!(ruleset, Ruleset::Admin | ShopFloor)) {
            let [all, add, change] = [group.all, group.add, group.change].map(|list| list.contains(&ruleset));
            let sql = "UPDATE users_ruleset SET can_view = TRUE, can_add = $1, can_change = $2, can_delete = $3 \
                       WHERE \"group\" = $4 AND name = $5";
            let rights = [all || add, all || add || change, all].map(ironwood_store::Value::Bool);
            conn.execute(sql, &[&rights[..], &[id.into(), ruleset.name().into()]].concat())?;
        }
    }
    let shop_floor = accounts::create_group(conn, SHOP_FLOOR)?;
    conn.execute(
        "UPDATE users_ruleset SET can_view = TRUE, can_add = TRUE, can_delete = TRUE WHERE \"group\" = $1 AND name = $2",
        &[shop_floor.into(), ShopFloor.name().into()],
    )?;
    for [name, units, description] in PARAMETERS {
        let sql = "INSERT INTO common_parametertemplate (name, units, description) VALUES ($1, $2, $3)";
        conn.execute(sql, &[(*name).into(), (*units).into(), (*description).into()])?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::platform::users::accounts::NewUser;
    use crate::testing::{Client, on_each_server};

    #[test]
    fn an_empty_database_gets_groups_and_parameters_once() {
        on_each_server(|server| {
            assert!(server.write(fill), "it was empty");
            assert!(!server.write(fill), "it is not empty any more");
            let admin = server.superuser();
            let names = |path: &str| -> Vec<String> {
                let all = admin.read(path);
                all.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
            };
            let groups = names("/api/user/group/");
            let given = GROUPS.iter().map(|group| group.name).chain([SHOP_FLOOR]);
            assert!(given.into_iter().all(|given| groups.iter().any(|name| name == given)), "{groups:?}");
            assert_eq!(names("/api/parameter/template/").len(), PARAMETERS.len());
            // each unit is one that values can be given in
            for template in admin.read("/api/parameter/template/").as_array().unwrap() {
                let path = format!("/api/parameter/template/{}/", template["pk"]);
                let (status, answer) =
                    admin.patch(&path, json!({"units": template["units"], "name": template["name"]}));
                assert_eq!(status, 200, "{answer}");
            }
            // what is deleted stays away, also from an empty list
            for group in admin.read("/api/user/group/").as_array().unwrap() {
                assert_eq!(admin.delete(&format!("/api/user/group/{}/", group["pk"])).0, 204);
            }
            assert!(server.app.prepare(None, None, false).unwrap().is_none());
            assert!(names("/api/user/group/").is_empty());
        });
    }

    #[test]
    fn members_may_do_their_work_and_no_more() {
        on_each_server(|server| {
            assert!(server.write(fill));
            let admin = server.superuser();
            let part = admin.made("/api/part/", json!({"name": "Bolt", "purchaseable": true, "salable": true}));
            let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
            let company = json!({"name": "Both", "is_supplier": true, "is_customer": true, "currency": "USD"});
            let company = admin.made("/api/company/", company);
            let member = |group: &'static str| -> Client {
                server.member(NewUser { username: group.replace(' ', "-"), ..NewUser::default() }, group)
            };
            let viewer = member("Viewer");
            let clients: Vec<Client> = GROUPS.iter().map(|group| member(group.name)).collect();
            for client in &clients {
                for path in [
                    "part",
                    "part/category",
                    "stock",
                    "stock/location",
                    "bom",
                    "build",
                    "company",
                    "order/po",
                    "order/so",
                    "order/ro",
                    "order/transfer-order",
                ] {
                    client.read(&format!("/api/{path}/?limit=1"));
                }
                assert_eq!(client.patch("/api/settings/global/PART_COMPONENT/", json!({"value": false})).0, 403);
            }
            let item = json!({"part": part, "quantity": 5, "location": place});
            for (group, path, body, may) in [
                ("Stock keeper", "stock", item.clone(), true),
                ("Stock keeper", "part", json!({"name": "Nut"}), false),
                ("Stock keeper", "bom", json!({"part": part, "sub_part": part, "quantity": 1}), false),
                ("Buyer", "order/po", json!({"supplier": company}), true),
                ("Buyer", "company/part", json!({"part": part, "supplier": company, "SKU": "B-1"}), true),
                ("Buyer", "order/so", json!({"customer": company}), false),
                ("Engineer", "part", json!({"name": "Washer"}), true),
                ("Engineer", "part/category", json!({"name": "Metal"}), true),
                ("Engineer", "order/so", json!({"customer": company}), false),
                ("Sales", "order/so", json!({"customer": company}), true),
                ("Sales", "stock", item.clone(), false),
            ] {
                let client = &clients[GROUPS.iter().position(|g| g.name == group).unwrap()];
                let (status, answer) = client.post(&format!("/api/{path}/"), body.clone());
                assert_eq!(status, if may { 201 } else { 403 }, "{group} {path}: {answer}");
                assert_eq!(viewer.post(&format!("/api/{path}/"), body).0, 403, "viewer {path}");
            }
            let receipt = purchase(&admin, company, part);
            let keeper = &clients[1];
            keeper.done(&receipt.0, json!({"items": [{"line_item": receipt.1, "quantity": 2}], "location": place}));
        });
    }

    /// Places an order; gives the address at which it is received, and its line.
    fn purchase(admin: &Client, supplier: i64, part: i64) -> (String, i64) {
        let supplied = admin.made("/api/company/part/", json!({"part": part, "supplier": supplier, "SKU": "A-1"}));
        let order = admin.made("/api/order/po/", json!({"supplier": supplier}));
        let line: Json = json!({"order": order, "part": supplied, "quantity": 2});
        let line = admin.made("/api/order/po-line/", line);
        admin.done(&format!("/api/order/po/{order}/issue/"), json!({}));
        (format!("/api/order/po/{order}/receive/"), line)
    }
}
