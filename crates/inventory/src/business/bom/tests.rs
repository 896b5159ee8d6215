//! Bills of materials through the API, on both databases, several clients at once included.

use ironwood_base::Key;
use ironwood_rest::below;
use ironwood_store::sql;
use serde_json::{Value as Json, json};

use crate::testing::{Client, Server, on_each_server, race};

/// A small seeded generator: the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides
    }
}

fn part(client: &Client, name: &str, more: Json) -> i64 {
    let mut body = json!({"name": name, "description": "", "assembly": true, "component": true, "category": null});
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    client.made("/api/part/", body)
}

fn line(client: &Client, assembly: i64, sub_part: i64, more: Json) -> i64 {
    let mut body = json!({"part": assembly, "sub_part": sub_part, "quantity": 1});
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    client.made("/api/bom/", body)
}

/// How many parts are inside themselves, at any depth, inherited lines counted: none, whatever happened.
pub(crate) const INSIDE_THEMSELVES: &str = sql!(
    "WITH RECURSIVE uses(part, sub_part) AS (SELECT v.id, m.sub_part FROM part_bomitem m \
    JOIN part_part a ON a.id = m.part JOIN part_part v ON v.id = a.id OR (m.inherited AND ",
    below!("v", "a"),
    ")), \
    below(top, part) AS (SELECT u.part, u.sub_part FROM uses u UNION SELECT b.top, u.sub_part FROM below b \
    JOIN uses u ON u.part = b.part) \
    SELECT COUNT(*) FROM below b WHERE b.part = b.top"
);

fn is_valid(client: &Client, part: i64) -> bool {
    client.read(&format!("/api/part/{part}/bom-validate/"))["bom_validated"] == json!(true)
}

fn sign_off(client: &Client, part: i64) {
    let (status, answer) = client.patch(&format!("/api/part/{part}/bom-validate/"), json!({"valid": true}));
    assert_eq!((status, &answer["success"]), (200, &json!(true)), "{answer}");
}

#[test]
fn no_assembly_is_inside_itself_however_lines_and_variants_are_made() {
    on_each_server(|server| {
        let admin = server.superuser();
        let parts: Vec<i64> =
            (0..9).map(|i| part(&admin, &format!("Part {i}"), json!({"is_template": i < 3}))).collect();
        let mut dice = Dice(20_261_124);
        let (mut made, mut refused) = (0, 0);
        for _ in 0..70 {
            let (a, b) = (parts[dice.roll(9)], parts[dice.roll(9)]);
            let status = match dice.roll(6) {
                0 => admin.patch(&format!("/api/part/{a}/"), json!({"variant_of": parts[dice.roll(3)]})).0,
                1 => admin.patch(&format!("/api/part/{a}/"), json!({"variant_of": null})).0,
                _ => {
                    admin
                        .post(
                            "/api/bom/",
                            json!({"part": a, "sub_part": b, "quantity": 1, "inherited": dice.roll(2) == 0}),
                        )
                        .0
                }
            };
            if status < 300 {
                made += 1
            } else {
                refused += 1
            }
            assert!(status < 300 || status == 400);
            assert_eq!(server.int(INSIDE_THEMSELVES, &[]), 0);
        }
        assert!(made > 5 && refused > 5, "{made} made, {refused} refused");
    });
}

#[test]
fn clients_at_once_make_no_cycle() {
    on_each_server(|server| {
        let admin = server.superuser();
        let parts: Vec<i64> = (0..6).map(|i| part(&admin, &format!("Ring {i}"), json!({}))).collect();
        // each client closes one link of a ring: together they would close it
        let statuses = race(6, |i| {
            admin.post("/api/bom/", json!({"part": parts[i], "sub_part": parts[(i + 1) % 6], "quantity": 1})).0
        });
        assert_eq!(statuses.iter().filter(|s| **s == 400).count(), 1, "{statuses:?}");
        assert_eq!(server.int(INSIDE_THEMSELVES, &[]), 0);
    });
}

#[test]
fn many_clients_edit_and_validate_one_bill_of_materials() {
    on_each_server(|server| {
        let admin = server.superuser();
        let template = part(&admin, "Template", json!({"is_template": true}));
        let variant = part(&admin, "Variant", json!({"variant_of": template}));
        let subs: Vec<i64> = (0..5).map(|i| part(&admin, &format!("Sub {i}"), json!({}))).collect();
        let lines: Vec<i64> = subs.iter().map(|sub| line(&admin, template, *sub, json!({"inherited": true}))).collect();
        race(50, |i| {
            let mut dice = Dice(i as u64);
            for _ in 0..3 {
                let id = lines[dice.roll(lines.len())];
                let status = match dice.roll(5) {
                    0 => admin.patch(&format!("/api/bom/{id}/"), json!({"quantity": dice.roll(50) + 1})).0,
                    1 => admin.patch(&format!("/api/bom/{id}/"), json!({"reference": format!("R{}", dice.roll(9))})).0,
                    2 => admin.patch(&format!("/api/bom/{id}/validate/"), json!({"valid": dice.roll(2) == 0})).0,
                    3 => admin.patch(&format!("/api/part/{template}/bom-validate/"), json!({"valid": true})).0,
                    _ => admin.patch(&format!("/api/part/{variant}/bom-validate/"), json!({"valid": true})).0,
                };
                assert_eq!(status, 200);
            }
        });
        // whatever the order was: what is called valid is as it was validated, and nothing else is
        for id in &lines {
            let row = admin.read(&format!("/api/bom/{id}/"));
            assert_eq!(admin.patch(&format!("/api/bom/{id}/"), json!({"note": "looked at"})).0, 200);
            assert_eq!(admin.read(&format!("/api/bom/{id}/"))["validated"], row["validated"]);
        }
        for part in [template, variant] {
            let before = is_valid(&admin, part);
            server.write(move |conn| {
                let format = crate::platform::settings::name_format::NameFormat::new(
                    crate::platform::settings::Settings::load(conn)?
                        .text(crate::platform::settings::keys::PART_NAME_FORMAT),
                );
                super::checksum::recheck(conn, &format, &[Key::from_id(part)])
            });
            assert_eq!(is_valid(&admin, part), before);
        }
        let expected = admin.read(&format!("/api/bom/?part={variant}")).as_array().map_or(0, Vec::len);
        assert_eq!(expected, lines.len());
    });
}

#[test]
fn a_change_that_counts_undoes_a_validation_and_its_reversal_restores_it() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (assembly, sub, other) =
            (part(&admin, "Lamp", json!({})), part(&admin, "Bulb", json!({})), part(&admin, "Tube", json!({})));
        let id = line(&admin, assembly, sub, json!({"quantity": 2}));
        sign_off(&admin, assembly);
        assert!(is_valid(&admin, assembly));
        let at = format!("/api/bom/{id}/");
        assert_eq!(admin.read(&at)["validated"], json!(true));
        assert_eq!(admin.patch(&at, json!({"note": "carefully"})).0, 200);
        assert!(is_valid(&admin, assembly));
        let changes = [
            (json!({"quantity": 3}), json!({"quantity": 2})),
            (json!({"setup_quantity": 1}), json!({"setup_quantity": 0})),
            (json!({"attrition": 2.5}), json!({"attrition": 0})),
            (json!({"rounding_multiple": 10}), json!({"rounding_multiple": null})),
            (json!({"reference": "B1"}), json!({"reference": ""})),
            (json!({"optional": true}), json!({"optional": false})),
            (json!({"consumable": true}), json!({"consumable": false})),
            (json!({"inherited": true}), json!({"inherited": false})),
            (json!({"allow_variants": true}), json!({"allow_variants": false})),
            (json!({"sub_part": other}), json!({"sub_part": sub})),
        ];
        for (change, back) in changes {
            assert_eq!(admin.patch(&at, change.clone()).0, 200, "{change}");
            assert!(!is_valid(&admin, assembly), "{change}");
            assert_eq!(admin.read(&at)["validated"], json!(false), "{change}");
            assert_eq!(admin.patch(&at, back).0, 200);
            assert!(is_valid(&admin, assembly), "back from {change}");
        }
        let more = line(&admin, assembly, other, json!({}));
        assert!(!is_valid(&admin, assembly));
        assert_eq!(admin.delete(&format!("/api/bom/{more}/")).0, 204);
        assert!(is_valid(&admin, assembly));
    });
}

#[test]
fn locked_assemblies_keep_their_lines() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (assembly, sub) = (part(&admin, "Clock", json!({})), part(&admin, "Hand", json!({})));
        let id = line(&admin, assembly, sub, json!({}));
        let set =
            |locked: bool| assert_eq!(admin.patch(&format!("/api/part/{assembly}/"), json!({"locked": locked})).0, 200);
        set(true);
        assert_eq!(admin.patch(&format!("/api/bom/{id}/"), json!({"quantity": 2})).0, 400);
        assert_eq!(admin.delete(&format!("/api/bom/{id}/")).0, 400);
        assert_eq!(admin.post("/api/bom/", json!({"part": assembly, "sub_part": sub, "quantity": 1})).0, 400);
        assert_eq!(admin.post(&format!("/api/part/{assembly}/bom-copy/"), json!({"part": sub})).0, 400);
        assert_eq!(server.int("SELECT COUNT(*) FROM part_bomitem", &[]), 1);
        set(false);
        assert_eq!(admin.delete(&format!("/api/bom/{id}/")).0, 204);
    });
}

#[test]
fn copies_bring_their_substitutes_but_no_signature() {
    on_each_server(|server| {
        let admin = server.superuser();
        let template = part(&admin, "Frame", json!({"is_template": true}));
        let (from, to) = (part(&admin, "From", json!({"variant_of": template})), part(&admin, "To", json!({})));
        let subs: Vec<i64> = (0..4).map(|i| part(&admin, &format!("Piece {i}"), json!({}))).collect();
        line(&admin, template, subs[0], json!({"inherited": true}));
        let first = line(&admin, from, subs[1], json!({"raw_amount": "2.5", "attrition": 1.5, "note": "n"}));
        admin.made("/api/bom/substitute/", json!({"bom_item": first, "part": subs[2]}));
        line(&admin, to, subs[3], json!({}));
        sign_off(&admin, from);
        let at = format!("/api/part/{to}/bom-copy/");
        admin.done(&at, json!({"part": from, "remove_existing": false}));
        let rows = admin.read(&format!("/api/bom/?part={to}&substitutes=true"));
        assert_eq!(rows.as_array().map_or(0, Vec::len), 2);
        let copy = &rows[1];
        assert_eq!(
            (&copy["quantity"], &copy["attrition"], &copy["validated"]),
            (&json!(2.5), &json!(1.5), &json!(false))
        );
        assert_eq!(copy["substitutes"][0]["part"], json!(subs[2]));
        admin.done(&at, json!({"part": from, "include_inherited": true, "copy_substitutes": false}));
        let rows = admin.read(&format!("/api/bom/?part={to}&substitutes=true&ordering=sub_part"));
        let found: Vec<&Json> = rows.as_array().unwrap().iter().map(|row| &row["sub_part"]).collect();
        assert_eq!(found, [&json!(subs[0]), &json!(subs[1])]);
        assert_eq!(rows[1]["substitutes"], json!([]));
        // what contains the assembly cannot be copied into it, but may be left out
        line(&admin, subs[3], to, json!({}));
        line(&admin, from, subs[3], json!({}));
        assert_eq!(admin.post(&at, json!({"part": from})).0, 400);
        admin.done(&at, json!({"part": from, "skip_invalid": true}));
        assert_eq!(server.int(INSIDE_THEMSELVES, &[]), 0);
    });
}

fn stock(client: &Client, part: i64, quantity: i64) {
    client.made("/api/stock/", json!({"part": part, "quantity": quantity}));
}

#[test]
fn what_can_be_built_counts_variants_and_substitutes() {
    on_each_server(|server| {
        let admin = server.superuser();
        let assembly = part(&admin, "Box", json!({}));
        let screw = part(&admin, "Screw", json!({"is_template": true}));
        let long = part(&admin, "Long screw", json!({"variant_of": screw}));
        let (nail, glue, lid) =
            (part(&admin, "Nail", json!({})), part(&admin, "Glue", json!({})), part(&admin, "Lid", json!({})));
        let screws = line(&admin, assembly, screw, json!({"quantity": 4, "setup_quantity": 2, "attrition": 25}));
        admin.made("/api/bom/substitute/", json!({"bom_item": screws, "part": nail}));
        line(&admin, assembly, glue, json!({"consumable": true}));
        let lids = line(&admin, assembly, lid, json!({"quantity": 2.5, "piece_count": 4}));
        let can_build = || admin.read(&format!("/api/part/{assembly}/requirements/"))["can_build"].clone();
        assert_eq!(can_build(), json!(0.0));
        for (part, quantity) in [(screw, 10), (long, 15), (nail, 27), (lid, 100)] {
            stock(&admin, part, quantity);
        }
        // (10 + 27 - 2) / (4 * 1.25): the line does not allow variants
        assert_eq!(can_build(), json!(7.0));
        // what there is of variants is shown all the same
        assert_eq!(admin.read(&format!("/api/bom/{screws}/"))["available_variant_stock"], json!(15.0));
        let variants = json!({"allow_variants": true});
        assert_eq!(admin.patch(&format!("/api/bom/{screws}/"), variants).0, 200);
        // (10 + 15 + 27 - 2) / (4 * 1.25)
        assert_eq!(can_build(), json!(10.0));
        let row = admin.read(&format!("/api/bom/{screws}/"));
        assert_eq!(row["can_build"], json!(10.0));
        assert_eq!(
            (&row["available_stock"], &row["available_variant_stock"], &row["available_substitute_stock"]),
            (&json!(10.0), &json!(15.0), &json!(27.0))
        );
        // four pieces of 2.5 for each
        assert_eq!(admin.read(&format!("/api/bom/{lids}/"))["can_build"], json!(10.0));
        sign_off(&admin, assembly);
        for pieces in [3, 2_000_000_000, 0] {
            let status = admin.patch(&format!("/api/bom/{lids}/"), json!({"piece_count": pieces})).0;
            assert_eq!(status, if pieces == 3 { 200 } else { 400 });
        }
        assert!(!is_valid(&admin, assembly));
        let sorted = admin.read("/api/bom/?ordering=-can_build");
        assert_eq!(sorted[0]["sub_part"], json!(lid));
        assert_eq!(admin.read("/api/bom/?available_stock=false").as_array().map_or(0, Vec::len), 1);
        assert_eq!(admin.read(&format!("/api/bom/?uses={nail}"))[0]["pk"], json!(screws));
        assert_eq!(admin.patch(&format!("/api/bom/{screws}/"), json!({"allow_variants": false})).0, 200);
        assert_eq!(admin.read(&format!("/api/bom/?uses={long}")), json!([]));
        assert_eq!(admin.patch(&format!("/api/bom/{screws}/"), json!({"allow_variants": true})).0, 200);
        assert_eq!(admin.read(&format!("/api/bom/?uses={long}"))[0]["pk"], json!(screws));
    });
}

#[test]
fn lists_with_details_take_the_same_number_of_statements_however_long_they_are() {
    on_each_server(|server| {
        let admin = server.superuser();
        let assembly = part(&admin, "Board", json!({}));
        let path =
            format!("/api/bom/?part={assembly}&sub_part_detail=true&part_detail=true&substitutes=true&pricing=true");
        let mut counted = Vec::new();
        for i in 0..8 {
            let sub = part(&admin, &format!("Chip {i}"), json!({}));
            line(&admin, assembly, sub, json!({}));
            counted.push(admin.statements(&path));
            assert_eq!(admin.read(&path).as_array().map(Vec::len), Some(i + 1));
        }
        assert_eq!(counted, [counted[0]; 8]);
        server.write(move |conn| {
            let before = conn.statements();
            super::available::can_build(conn, &[Key::from_id(assembly)])?;
            assert!(conn.statements() - before <= 4);
            Ok(())
        });
    });
}

fn exported(server: &Server, client: &Client, path: &str) -> i64 {
    let answer = client.read(path);
    assert_eq!(answer["complete"], json!(true), "{answer}");
    server.int("SELECT total FROM common_dataoutput WHERE id = $1", &[answer["pk"].as_i64().unwrap().into()])
}

#[test]
fn an_export_goes_down_all_levels_asked_for() {
    on_each_server(|server| {
        let admin = server.superuser();
        let [car, axle, wheel, bolt] = ["Car", "Axle", "Wheel", "Bolt"].map(|name| part(&admin, name, json!({})));
        line(&admin, car, axle, json!({"quantity": 2}));
        line(&admin, axle, wheel, json!({"quantity": 2}));
        line(&admin, wheel, bolt, json!({"quantity": 5}));
        line(&admin, axle, bolt, json!({"quantity": 3}));
        let path = format!("/api/bom/?part={car}&export=true&export_format=csv&export_plugin=bom-exporter");
        exported(server, &admin, &path);
        let mut request = admin.request(ironwood_rest::http::Method::Get, &path, ironwood_rest::http::Body::Empty);
        request.query.retain(|(name, _)| name != "export");
        let sheets = [0, 1, 2].map(|levels| {
            let mut request = request.clone();
            request.query.push(("export_levels".into(), levels.to_string()));
            let inventory = server.app.inventory().clone();
            let visitor = inventory.visitor(&request).unwrap();
            server.write(move |conn| {
                let registry = crate::installation::app::the_registry();
                let limits = ironwood_rest::context::Limits::default();
                let mut ctx =
                    ironwood_rest::context::Context::new(conn, &visitor, &request, &inventory, registry, limits);
                (super::export::LEVELS.sheet)(&mut ctx, &super::item::ITEM)
            })
        });
        assert_eq!(sheets.each_ref().map(|sheet| sheet.rows.len()), [4, 1, 3]);
        let all = &sheets[0];
        let column = |name: &str| all.columns.iter().position(|c| c == name).unwrap();
        let (level, name, total) = (column("BOM Level"), column("Component.Name"), column("Total Quantity"));
        let seen: Vec<[&Json; 3]> = all.rows.iter().map(|row| [&row[level], &row[name], &row[total]]).collect();
        let expected = [
            [json!(1), json!("Axle"), json!(2.0)],
            [json!(2), json!("Wheel"), json!(4.0)],
            [json!(3), json!("Bolt"), json!(20.0)],
            [json!(2), json!("Bolt"), json!(6.0)],
        ];
        assert_eq!(seen, expected.each_ref().map(|row| row.each_ref()));
    });
}
