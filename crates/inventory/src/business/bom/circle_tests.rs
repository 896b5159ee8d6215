//! Imported records can contain cycles. No traversal may run forever.

use ironwood_rest::http::{Body, Method};
use serde_json::{Value as Json, json};

use crate::installation::worker::Worker;
use crate::testing::{Client, Server, on_each_server};

/// Lines that no request could make.
fn imported(server: &Server, lines: &[(i64, i64, i64, bool)]) {
    for (part, sub_part, quantity, inherited) in lines.iter().copied() {
        server.write(move |conn| {
            let sql = "INSERT INTO part_bomitem (part, sub_part, quantity, raw_amount, inherited, allow_variants) \
                       VALUES ($1, $2, $3, '1', $4, TRUE)";
            let params = [part.into(), sub_part.into(), (quantity * 100_000).into(), inherited.into()];
            conn.execute(sql, &params)
        });
    }
}

fn made(admin: &Client, name: &str, more: Json) -> i64 {
    let mut body = json!({"name": name, "assembly": true, "component": true, "category": null});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    admin.made("/api/part/", body)
}

/// Waits until the worker has nothing left to do.
fn settled(server: &Server) {
    let began = std::time::Instant::now();
    let sql = "SELECT (SELECT COUNT(*) FROM part_partpricing WHERE scheduled_for_update) \
               + (SELECT COUNT(*) FROM ironwood_job WHERE state IN ('pending', 'running'))";
    while server.int(sql, &[]) > 0 {
        assert!(began.elapsed().as_secs() < 60, "the worker goes on and on");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn a_part_inside_itself_keeps_nothing_busy() {
    on_each_server(|server| {
        let admin = server.superuser();
        assert_eq!(admin.patch("/api/settings/global/PART_INTERNAL_PRICE/", json!({"value": true})).0, 200);
        let [a, b, c, isolated] = ["A", "B", "C", "Alone"].map(|name| made(&admin, name, json!({})));
        let template = made(&admin, "T", json!({"is_template": true}));
        let variant = made(&admin, "V", json!({"variant_of": template}));
        let bolt = made(&admin, "Bolt", json!({"assembly": false}));
        // a circle of three with a bolt in each, a part that is made from itself, and a template whose variant
        // inherits a line of what is made from the template
        imported(
            server,
            &[
                (a, b, 2, false),
                (b, c, 3, false),
                (c, a, 4, false),
                (a, bolt, 1, false),
                (b, bolt, 1, false),
                (c, bolt, 1, false),
                (isolated, isolated, 7, false),
                (isolated, a, 1, false),
                (template, c, 1, true),
                (c, template, 1, false),
            ],
        );
        let worker = Worker::start(&server.app).unwrap();
        let price = admin.made("/api/part/internal-price/", json!({"part": bolt, "quantity": 1, "price": 1}));
        settled(server);
        let of = |part: i64| admin.read(&format!("/api/part/{part}/pricing/"))["bom_cost_min"].clone();
        // lines of the circle cost nothing: whatever it is begun with, the same comes out
        let expected = [(a, 1.0), (b, 1.0), (c, 1.0), (isolated, 1.0)];
        for (part, cost) in expected {
            assert_eq!(of(part), json!(cost), "{part}");
        }
        let (status, _) = admin.patch(&format!("/api/part/internal-price/{price}/"), json!({"price": 5}));
        assert_eq!(status, 200);
        settled(server);
        assert_eq!(of(isolated), json!(5.0));
        for part in [a, b, c, isolated, template, variant] {
            let (status, answer) = admin.patch(&format!("/api/part/{part}/pricing/"), json!({"update": true}));
            assert_eq!(status, 200, "{answer}");
        }
        settled(server);
        for (part, cost) in expected {
            assert_eq!(of(part), json!(cost * 5.0), "{part}");
        }
        drop(worker);

        // everything else that looks into bills of materials comes to an end as well
        for part in [a, isolated, template, variant] {
            for path in ["requirements/", "bom-validate/", ""] {
                admin.read(&format!("/api/part/{part}/{path}"));
            }
            admin.read(&format!("/api/bom/?part={part}&sub_part_detail=true&pricing=true&can_build=true"));
            admin.read(&format!("/api/bom/?uses={part}"));
            admin.read(&format!("/api/part/?in_bom_for={part}"));
            assert_eq!(admin.patch(&format!("/api/part/{part}/bom-validate/"), json!({"valid": true})).0, 200);
            assert_eq!(admin.patch(&format!("/api/part/{part}/"), json!({"trackable": true})).0, 200);
        }
        let [x, y] = ["X", "Y"].map(|name| made(&admin, name, json!({})));
        assert_eq!(admin.post("/api/bom/", json!({"part": x, "sub_part": a, "quantity": 1})).0, 201);
        assert_eq!(admin.post("/api/bom/", json!({"part": a, "sub_part": x, "quantity": 1})).0, 400);
        assert_eq!(admin.post(&format!("/api/part/{y}/bom-copy/"), json!({"part": a})).0 / 100, 2);
        assert_eq!(admin.patch(&format!("/api/part/{y}/"), json!({"variant_of": template})).0 / 100, 4);

        // an export shows each part of the circle once on the way down
        let path = format!("/api/bom/?part={a}&export=true&export_format=csv&export_plugin=bom-exporter");
        let answer = server.app.handle(admin.request(Method::Get, &path, Body::Empty));
        assert_eq!(answer.status, 200);
        let answer: Json = serde_json::from_slice(&answer.body).unwrap();
        let rows = "SELECT total FROM common_dataoutput WHERE id = $1";
        let lines = server.int(rows, &[answer["pk"].as_i64().unwrap().into()]);
        assert!((8..20).contains(&lines), "{lines}");
    });
}
