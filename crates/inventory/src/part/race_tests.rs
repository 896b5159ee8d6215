//! Many clients at one tree and one bill of materials.

use ironwood_rest::http::{Body, Method};
use serde_json::json;

use crate::tables::TABLES;
use crate::testing::{Client, on_each_server, race};

/// What may be answered to a change that others are in the way of, or that they have made impossible.
const FINE: [u16; 8] = [200, 201, 204, 400, 404, 409, 429, 503];

/// A small stream of numbers, different for every client and the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

fn one_change(client: &Client, dice: &mut Dice, categories: &[i64], parts: &[i64]) -> u16 {
    let category = categories[dice.below(categories.len())];
    let part = parts[dice.below(parts.len())];
    let other = parts[dice.below(parts.len())];
    let to = categories[dice.below(categories.len())];
    let send = |method, path: String, body| client.app_status(method, &path, Body::Json(body));
    match dice.below(8) {
        0 => send(Method::Patch, format!("/api/part/category/{category}/"), json!({"parent": to})),
        1 => send(
            Method::Patch,
            format!("/api/part/category/{category}/"),
            json!({"name": format!("C{}", dice.below(9))}),
        ),
        2 => send(Method::Patch, format!("/api/part/{part}/"), json!({"category": to})),
        3 => send(Method::Patch, format!("/api/part/{part}/"), json!({"variant_of": other})),
        4 => send(
            Method::Post,
            "/api/bom/".into(),
            json!({"part": part, "sub_part": other, "quantity": 1 + dice.below(5)}),
        ),
        5 => send(Method::Patch, format!("/api/part/{part}/bom-validate/"), json!({"valid": true})),
        6 => send(Method::Post, "/api/part/category/".into(), json!({"name": "New", "parent": category})),
        _ => send(Method::Patch, "/api/part/".into(), json!({"items": [part, other], "category": to})),
    }
}

#[test]
fn fifty_clients_leave_trees_and_bills_of_materials_whole() {
    on_each_server(|server| {
        let admin = server.superuser();
        let mut categories = Vec::new();
        for i in 0..8 {
            let parent = (i > 0).then(|| categories[(i - 1) / 2]);
            categories.push(admin.made("/api/part/category/", json!({"name": format!("C{i}"), "parent": parent})));
        }
        let flags = json!({"assembly": true, "component": true, "is_template": true});
        let parts: Vec<i64> = (0..8)
            .map(|i| {
                let mut body = flags.clone();
                body["name"] = json!(format!("P{i}"));
                body["category"] = json!(categories[i]);
                admin.made("/api/part/", body)
            })
            .collect();
        let answers = race(50, |i| {
            let mut dice = Dice(i as u64 + 1);
            (0..4).map(|_| one_change(&admin, &mut dice, &categories, &parts)).collect::<Vec<u16>>()
        });
        let answers: Vec<u16> = answers.concat();
        assert!(answers.iter().all(|status| FINE.contains(status)), "{answers:?}");
        assert!(answers.iter().filter(|status| **status < 300).count() > 20, "{answers:?}");

        // every path agrees with its parents, no link leads to nothing, no tree has a circle
        let damage = server.write(|conn| crate::upkeep::check(conn, TABLES));
        assert_eq!(damage, Vec::<String>::new());
        // names along the way are those of the categories above
        let sql = "SELECT COUNT(*) FROM part_partcategory c LEFT JOIN part_partcategory p ON p.id = c.parent \
                   WHERE c.pathstring <> COALESCE(p.pathstring || '/', '') || c.name";
        assert_eq!(server.int(sql, &[]), 0);
        // no part is inside itself, at any depth
        let sql = "WITH RECURSIVE inside (top, part) AS (SELECT part, sub_part FROM part_bomitem UNION \
                   SELECT i.top, m.sub_part FROM inside i JOIN part_bomitem m ON m.part = i.part) \
                   SELECT COUNT(*) FROM inside WHERE top = part";
        assert_eq!(server.int(sql, &[]), 0);
        // the sign under a bill of materials stands only where each of its lines is signed
        let sql = "SELECT COUNT(*) FROM part_part p JOIN part_bomitem m ON m.part = p.id \
                   WHERE p.bom_validated AND NOT m.validated";
        assert_eq!(server.int(sql, &[]), 0);
    });
}

#[test]
fn two_moves_at_once_make_no_circle() {
    on_each_server(|server| {
        let admin = server.superuser();
        for round in 0..5 {
            let made = |name: &str| admin.made("/api/part/category/", json!({"name": format!("{name}{round}")}));
            let (a, b) = (made("A"), made("B"));
            race(2, |i| {
                let (what, to) = if i == 0 { (a, b) } else { (b, a) };
                admin.patch(&format!("/api/part/category/{what}/"), json!({"parent": to})).0
            });
            let sql = "SELECT COUNT(*) FROM part_partcategory WHERE id IN ($1, $2) AND parent IS NULL";
            assert_eq!(server.int(sql, &[a.into(), b.into()]), 1);
        }
        assert_eq!(server.write(|conn| crate::upkeep::check(conn, TABLES)), Vec::<String>::new());
    });
}
