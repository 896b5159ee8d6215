//! Concurrent changes to one tree and one bill of materials.

use ironwood_rest::http::{Body, Method};
use serde_json::json;

use crate::schema::TABLES;
use crate::schema::keys::PartKey;
use crate::testing::{Client, Server, on_each_server, race};

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
    match dice.below(14) {
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
        7 => send(
            Method::Post,
            "/api/bom/".into(),
            json!({"part": part, "sub_part": other, "quantity": 2, "inherited": true, "allow_variants": true}),
        ),
        8 => send(Method::Delete, "/api/bom/".into(), json!({"filters": {"part": part, "sub_part": other}})),
        9 => send(Method::Patch, format!("/api/part/{part}/"), json!({"variant_of": null})),
        10 => send(Method::Patch, format!("/api/part/{part}/"), json!({"keywords": format!("word{}", dice.below(5))})),
        11 => send(
            Method::Post,
            format!("/api/part/{part}/bom-copy/"),
            json!({"part": other, "include_inherited": true, "skip_invalid": true}),
        ),
        12 => send(Method::Delete, format!("/api/part/category/{category}/"), json!({})),
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
        let damage = server.write(|conn| crate::installation::upkeep::check(conn, TABLES));
        assert_eq!(damage, Vec::<String>::new());
        // names along the way are those of the categories above
        let sql = "SELECT COUNT(*) FROM part_partcategory c LEFT JOIN part_partcategory p ON p.id = c.parent \
                   WHERE c.pathstring <> COALESCE(p.pathstring || '/', '') || c.name";
        assert_eq!(server.int(sql, &[]), 0);
        counts_are_right(server, &admin);
        assert_eq!(server.int(crate::business::bom::tests::INSIDE_THEMSELVES, &[]), 0);
        // what is called valid is as it was validated, and nothing else is
        let known = |sql: &'static str| {
            server.app.db().read(move |conn| {
                let rows = conn.rows(sql, &[])?;
                Ok(rows.iter().map(|row| (row.int(0), row.bool(1))).collect::<Vec<_>>())
            })
        };
        let valid = known("SELECT id, bom_validated FROM part_part ORDER BY id").unwrap();
        let keys: Vec<PartKey> = valid.iter().map(|(id, _)| PartKey::from_id(*id)).collect();
        server.write(move |conn| {
            let settings = crate::platform::settings::Settings::load(conn)?;
            let format = crate::platform::settings::name_format::NameFormat::new(
                settings.text(crate::platform::settings::keys::PART_NAME_FORMAT),
            );
            crate::business::bom::checksum::recheck(conn, &format, &keys)
        });
        assert_eq!(known("SELECT id, bom_validated FROM part_part ORDER BY id").unwrap(), valid);
    });
}

/// What the API says of parts and categories below each category is what the parent links say.
fn counts_are_right(server: &Server, admin: &Client) {
    let sql = "WITH RECURSIVE below (top, id) AS (SELECT id, id FROM part_partcategory UNION \
               SELECT b.top, c.id FROM below b JOIN part_partcategory c ON c.parent = b.id)";
    let rows = admin.read("/api/part/category/");
    assert_eq!(rows.as_array().map(Vec::len), Some(server.int("SELECT COUNT(*) FROM part_partcategory", &[]) as usize));
    for row in rows.as_array().into_iter().flatten() {
        let top = row["pk"].as_i64().unwrap();
        let of = |select: &str| server.int(&format!("{sql} {select}"), &[top.into()]);
        assert_eq!(row["subcategories"], json!(of("SELECT COUNT(*) - 1 FROM below WHERE top = $1")), "{row}");
        let parts = of("SELECT COUNT(*) FROM part_part p JOIN below b ON b.id = p.category WHERE b.top = $1");
        assert_eq!(row["part_count"], json!(parts), "{row}");
    }
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
        assert_eq!(server.write(|conn| crate::installation::upkeep::check(conn, TABLES)), Vec::<String>::new());
    });
}
