//! What records carry, through the API, on both databases.

use std::io::Cursor;

use ironwood_rest::http::{Body, FormValue, Method, Upload};
use serde_json::{Value as Json, json};

use crate::installation::worker::Worker;
use crate::platform::users::permission::{Permission, Ruleset};
use crate::testing::{Client, on_each_server, race};

fn upload(client: &Client, part: i64, name: &str, bytes: &[u8]) -> (u16, Json) {
    let file = Upload { name: name.into(), content_type: "application/octet-stream".into(), bytes: bytes.to_vec() };
    let form = vec![
        ("model_type".to_owned(), FormValue::Text("part".into())),
        ("model_id".to_owned(), FormValue::Text(part.to_string())),
        ("attachment".to_owned(), FormValue::File(file)),
    ];
    client.send(Method::Post, "/api/attachment/", Body::Form(form))
}

fn png() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(600, 300).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn metadata_is_replaced_and_added_to() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "P"}));
        let below = format!("/api/part/{part}/metadata/");
        let by_key = format!("/api/metadata/part/{part}/");
        assert_eq!(admin.read(&below)["metadata"], json!({}));
        assert_eq!(admin.put(&by_key, json!({"metadata": {"a": 1}})).0, 200);
        assert_eq!(admin.patch(&below, json!({"metadata": {"b": [2]}})).1["metadata"], json!({"a": 1, "b": [2]}));
        assert_eq!(admin.read(&format!("/api/metadata/part/pk/{part}/"))["metadata"], json!({"a": 1, "b": [2]}));
        assert_eq!(admin.put(&below, json!({"metadata": {}})).1["metadata"], json!({}));
        for refused in [json!({"metadata": [1]}), json!({"metadata": null}), json!({})] {
            let (status, answer) = admin.patch(&by_key, refused);
            assert_eq!((status, answer["metadata"].is_array()), (400, true), "{answer}");
        }
        assert_eq!(admin.get("/api/metadata/nothing/1/").0, 400);
        assert_eq!(admin.get("/api/metadata/part/999/").0, 404);
        assert_eq!(admin.get("/api/metadata/part/description/x/").0, 400);
        let bob = server.user("bob", &[(Ruleset::Part, &[Permission::View])]);
        assert_eq!(bob.get(&by_key).0, 200);
        assert_eq!(bob.patch(&by_key, json!({"metadata": {}})).0, 403);
        assert_eq!(bob.get("/api/metadata/build/1/").0, 403);
        assert_eq!(server.stranger().get(&below).0, 401);
    });
}

#[test]
fn another_file_of_the_same_name_leaves_the_one_that_others_share() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "P"}));
        let (_, first) = upload(&admin, part, "note.txt", b"old");
        let kept = first["attachment"].as_str().unwrap().trim_start_matches("/media/").to_owned();
        let path = kept.clone();
        server.write(move |conn| {
            let sql = "INSERT INTO common_attachment (model_type, model_id, attachment) VALUES ('part', $1, $2)";
            conn.execute(sql, &[part.into(), path.as_str().into()])
        });
        let file = Upload { name: "note.txt".into(), content_type: "text/plain".into(), bytes: b"new".to_vec() };
        let form = Body::Form(vec![("attachment".to_owned(), FormValue::File(file))]);
        let (status, changed) = admin.send(Method::Patch, &format!("/api/attachment/{}/", first["pk"]), form);
        assert_eq!(status, 200, "{changed}");
        let new = changed["attachment"].as_str().unwrap().trim_start_matches("/media/").to_owned();
        assert_eq!(std::fs::read(server.media.join(&kept)).unwrap(), b"old");
        assert_eq!(std::fs::read(server.media.join(&new)).unwrap(), b"new");
    });
}

#[test]
fn tags_know_no_case() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "P", "tags": ["Red", "red", " Größe ", "A,B"]}));
        let company = admin.made("/api/company/", json!({"name": "C", "tags": ["RED"]}));
        let tags = |path: String| {
            let mut tags: Vec<String> = serde_json::from_value(admin.read(&path)["tags"].clone()).unwrap();
            tags.sort();
            tags
        };
        assert_eq!(tags(format!("/api/part/{part}/?tags=true")), ["A", "B", "Größe", "Red"]);
        assert_eq!(tags(format!("/api/company/{company}/?tags=true")), ["Red"]);
        let found = |query: &str| admin.read(&format!("/api/part/?{query}")).as_array().unwrap().len();
        assert_eq!((found("tags=red,GRÖSSE"), found("tags=red,größe"), found("tag_name=b,blue")), (0, 1, 0));
        admin.patch(&format!("/api/part/{part}/"), json!({"tags": ["red", "new"]}));
        assert_eq!(tags(format!("/api/part/{part}/?tags=true")), ["Red", "new"]);
        assert_eq!(admin.patch(&format!("/api/part/{part}/"), json!({"tags": ["x".repeat(101)]})).0, 400);
        // the same new word from many sides is one tag
        let made = race(6, |i| admin.post("/api/part/", json!({"name": format!("R{i}"), "tags": ["same"]})).0);
        assert_eq!(made, [201; 6]);
        assert_eq!(server.int("SELECT COUNT(*) FROM taggit_tag WHERE slug LIKE 'same%'", &[]), 1);
        assert_eq!(admin.read("/api/tag/?model_type=company").as_array().unwrap().len(), 1);
        let bob = server.user("bob", &[(Ruleset::Part, &[Permission::View, Permission::Add])]);
        assert_eq!(bob.post("/api/tag/", json!({"name": "mine"})).0, 403);
    });
}

#[test]
fn parameters_are_quantities_in_the_unit_of_their_template() {
    on_each_server(|server| {
        let admin = server.superuser();
        let template = admin.made("/api/parameter/template/", json!({"name": "Resistance", "units": "ohm"}));
        let values = ["10k", "2k7", "8R6", "4.7 kohm", "1/4", "100"];
        let parts: Vec<i64> =
            (0..values.len()).map(|i| admin.made("/api/part/", json!({"name": format!("R{i}")}))).collect();
        let rows: Vec<Json> = parts
            .iter()
            .zip(values)
            .map(
                |(part, data)| json!({"template": template, "model_type": "part.part", "model_id": part, "data": data}),
            )
            .collect();
        let (status, made) = admin.post("/api/parameter/", json!(rows));
        assert_eq!(status, 201, "{made}");
        let numbers: Vec<f64> = made.as_array().unwrap().iter().map(|p| p["data_numeric"].as_f64().unwrap()).collect();
        assert_eq!(numbers, [10_000.0, 2_700.0, 8.6, 4_700.0, 0.25, 100.0]);
        let found = |query: &str| {
            let rows = admin.read(&format!("/api/part/?{query}"));
            rows.as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let p = format!("parameter_{template}");
        assert_eq!(found(&format!("{p}_gt=2.7k&ordering=-{p}")), ["R0", "R3"]);
        assert_eq!(found(&format!("{p}_gte=2.7k&ordering={p}")), ["R1", "R3", "R0"]);
        assert_eq!(found(&format!("{p}=0.25 ohm")), ["R4"]);
        assert_eq!(found(&format!("{p}_lt=100&ordering=-{p}")), ["R2", "R4"]);
        assert_eq!(found(&format!("{p}_ne=10k")).len(), 5);
        assert_eq!(found(&format!("{p}_gt=5 mm")).len(), 0);
        assert_eq!(admin.get("/api/part/?parameter_999=1").0, 400);
        // one list takes as many statements with a filter as without units to convert
        assert!(admin.statements(&format!("/api/part/?{p}_gt=1k")) <= admin.statements("/api/part/") + 2);
        // a wrong unit is refused by name, and nothing of a list is kept
        let other = admin.made("/api/part/", json!({"name": "X"}));
        let good = json!({"template": template, "model_type": "part", "model_id": other, "data": "1k"});
        let bad = json!({"template": template, "model_type": "part.part", "model_id": parts[0], "data": "5 mm"});
        assert_eq!(admin.post("/api/parameter/", json!([good, bad])).0, 400);
        let count = "SELECT COUNT(*) FROM common_parameter";
        assert_eq!(server.int(count, &[]), 6);
        let first = made[0]["pk"].as_i64().unwrap();
        let (status, answer) = admin.patch(&format!("/api/parameter/{first}/"), json!({"data": "5 mm"}));
        assert_eq!((status, answer["data"].is_array()), (400, true), "{answer}");
        // another unit: the numbers are calculated again
        admin.patch(&format!("/api/parameter/template/{template}/"), json!({"units": "kohm"}));
        let fourth = made[3]["pk"].as_i64().unwrap();
        assert_eq!(admin.read(&format!("/api/parameter/{fourth}/"))["data_numeric"], json!(4.7));
        for (field, wrong) in [("units", json!("wobbles")), ("units", json!("10")), ("name", json!("RESISTANCE"))] {
            let row = json!({"name": "Another", field: wrong});
            let (status, answer) = admin.post("/api/parameter/template/", row);
            assert_eq!((status, answer[field].is_array()), (400, true), "{answer}");
        }
    });
}

#[test]
fn parameters_keep_the_rules_of_their_template_and_record() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "P"}));
        let twin = admin.made("/api/part/", json!({"name": "Q"}));
        let company = admin.made("/api/company/", json!({"name": "C"}));
        let template = |more: Json| {
            let mut row = json!({"name": format!("T{more}").chars().take(90).collect::<String>()});
            row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            admin.made("/api/parameter/template/", row)
        };
        let give = |client: &Client, template: i64, model: &str, id: i64, data: &str| {
            client.post(
                "/api/parameter/",
                json!({"template": template, "model_type": model, "model_id": id, "data": data}),
            )
        };
        let choice = template(json!({"choices": "red, green"}));
        assert_eq!(give(&admin, choice, "part.part", part, "blue").0, 400);
        assert_eq!(give(&admin, choice, "part.part", part, "green").0, 201);
        assert_eq!(give(&admin, choice, "part.part", part, "red").0, 400);
        let ticked = template(json!({"checkbox": true}));
        let (_, row) = give(&admin, ticked, "part.part", part, "yes");
        assert_eq!((&row["data"], &row["data_numeric"]), (&json!("True"), &json!(1.0)));
        assert_eq!(admin.post("/api/parameter/template/", json!({"name": "x", "checkbox": true, "units": "m"})).0, 400);
        assert_eq!(admin.post("/api/parameter/template/", json!({"name": "x", "choices": "a,b,a"})).0, 400);
        // among parts, 1k and 1000 are the same; a company may have it as well
        let unique = template(json!({"units": "ohm", "unique": 1}));
        assert_eq!(give(&admin, unique, "part.part", part, "1k").0, 201);
        assert_eq!(give(&admin, unique, "part.part", twin, "1000").0, 400);
        assert_eq!(give(&admin, unique, "company.company", company, "1000 ohm").0, 201);
        assert_eq!(give(&admin, unique, "stock.stockitem", 1, "1").0, 400);
        assert_eq!(give(&admin, unique, "part.part", 9_999, "1").0, 400);
        let bob = server.user("bob", &[(Ruleset::Part, &[Permission::View])]);
        let parameter = row["pk"].as_i64().unwrap();
        assert_eq!(give(&bob, choice, "part.part", twin, "red").0, 403);
        assert_eq!(bob.delete(&format!("/api/parameter/{parameter}/")).0, 403);
        assert_eq!(bob.patch(&format!("/api/parameter/{parameter}/"), json!({"data": "no"})).0, 403);
        admin.patch(&format!("/api/part/{part}/"), json!({"locked": true}));
        assert_eq!(admin.patch(&format!("/api/parameter/{parameter}/"), json!({"data": "no"})).0, 400);
        assert_eq!(admin.delete(&format!("/api/parameter/{parameter}/")).0, 400);
    });
}

#[test]
fn locked_selection_lists_stay_as_they_are() {
    on_each_server(|server| {
        let admin = server.superuser();
        let list = admin.made("/api/selection/", json!({"name": "Colours"}));
        let entries = format!("/api/selection/{list}/entry/");
        let (status, entry) = admin.post(&entries, json!({"value": "r", "label": "Red"}));
        assert_eq!((status, &entry["list"]), (201, &json!(list)), "{entry}");
        assert_eq!(admin.post(&entries, json!({"value": "r", "label": "Again"})).0, 400);
        let one = format!("{entries}{}/", entry["id"]);
        assert_eq!(admin.get(&format!("/api/selection/{}/entry/{}/", list + 1, entry["id"])).0, 404);
        let template = admin.made("/api/parameter/template/", json!({"name": "Colour", "selectionlist": list}));
        let part = admin.made("/api/part/", json!({"name": "P"}));
        let give = |data: &str| {
            let row = json!({"template": template, "model_type": "part.part", "model_id": part, "data": data});
            admin.post("/api/parameter/", row).0
        };
        assert_eq!((give("x"), give("r")), (400, 201));
        admin.patch(&format!("/api/selection/{list}/"), json!({"locked": true}));
        assert_eq!(admin.patch(&one, json!({"label": "x"})).0, 400);
        assert_eq!(admin.post(&entries, json!({"value": "b", "label": "Blue"})).0, 400);
        assert_eq!(admin.delete(&one).0, 403);
        assert_eq!(admin.patch(&format!("/api/selection/{list}/"), json!({"name": "x"})).0, 400);
        assert_eq!(admin.delete(&format!("/api/selection/{list}/")).0, 403);
    });
}

#[test]
fn units_are_added_by_staff_and_never_in_a_circle() {
    on_each_server(|server| {
        let admin = server.superuser();
        let tube = admin.made("/api/units/", json!({"name": "tube", "symbol": "tb", "definition": "50 piece"}));
        admin.made("/api/units/", json!({"name": "reel", "definition": "10 tube"}));
        for (field, row) in [
            ("name", json!({"name": "1x", "definition": "1 m"})),
            ("symbol", json!({"name": "x", "symbol": "tb", "definition": "1 m"})),
            ("definition", json!({"name": "x", "definition": "2 nothing"})),
            ("definition", json!({"name": "x", "definition": "2 x"})),
        ] {
            let (status, answer) = admin.post("/api/units/", row);
            assert_eq!((status, answer[field].is_array()), (400, true), "{answer}");
        }
        let (status, answer) = admin.patch(&format!("/api/units/{tube}/"), json!({"definition": "2 reel"}));
        assert_eq!((status, answer["definition"].is_array()), (400, true), "{answer}");
        let all = admin.read("/api/units/all/");
        let compatible = &all["available_units"]["reel"]["compatible_units"];
        assert!(compatible.as_array().unwrap().contains(&json!("tube")), "{compatible}");
        let bob = server.user("bob", &[]);
        assert_eq!(bob.post("/api/units/", json!({"name": "y", "definition": "1 m"})).0, 403);
    });
}

#[test]
fn files_stay_in_their_folder_whatever_they_are_called() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "P"}));
        let media = server.app.inventory().media.clone();
        for name in [
            "../../../etc/passwd",
            "..\\..\\boot.ini",
            "/etc/shadow",
            "C:\\a.txt",
            ".htaccess",
            "..",
            "a\u{0}b.txt",
            "x\u{202e}gpj.exe",
            "con<script>.html",
            "%2e%2e%2fx",
            "",
            "a/./../b.svg",
        ] {
            let (status, row) = upload(&admin, part, name, b"hello");
            assert_eq!(status, 201, "{name}: {row}");
            let path = row["attachment"].as_str().unwrap();
            let rest =
                path.strip_prefix(&format!("/media/attachments/part/{part}/")).unwrap_or_else(|| panic!("{path}"));
            assert!(!rest.contains(['/', '\\', '<', '\0']) && !rest.starts_with('.') && !rest.is_empty(), "{path}");
            assert_eq!(row["file_size"], json!(5));
        }
        let folder = media.join(format!("attachments/part/{part}"));
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 12);
        let row = upload(&admin, part, "own.txt", b"a").1;
        let one = format!("/api/attachment/{}/", row["pk"]);
        for name in ["../b.txt", "b.html", "/b.txt", "..", ".b.txt", "b\\c.txt"] {
            assert_eq!(admin.patch(&one, json!({"filename": name})).0, 400, "{name}");
        }
        let (status, renamed) = admin.patch(&one, json!({"filename": "b c.txt"}));
        assert_eq!((status, &renamed["filename"]), (200, &json!("b_c.txt")), "{renamed}");
        assert!(!media.join(format!("attachments/part/{part}/own.txt")).exists());
        assert_eq!(std::fs::read(media.join(format!("attachments/part/{part}/b_c.txt"))).unwrap(), b"a");
    });
}

#[test]
fn attachments_follow_the_rights_and_the_life_of_their_record() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "P", "active": false}));
        let media = server.app.inventory().media.clone();
        let link = |link: &str| {
            let row = json!({"model_type": "part", "model_id": part, "link": link});
            admin.post("/api/attachment/", row).0
        };
        assert_eq!(link("https://example.com/a?b#c"), 201);
        for bad in
            ["javascript:alert(1)", "ftp://example.com/a", "data:text/html,x", "file:///etc/passwd", "example.com", ""]
        {
            assert_eq!(link(bad), 400, "{bad}");
        }
        assert_eq!(
            admin.post("/api/attachment/", json!({"model_type": "part", "model_id": 999, "link": "https://a.b"})).0,
            400
        );
        assert_eq!(
            admin.post("/api/attachment/", json!({"model_type": "user", "model_id": 1, "link": "https://a.b"})).0,
            400
        );
        let bob = server.user("bob", &[(Ruleset::Part, &[Permission::View])]);
        assert_eq!(upload(&bob, part, "a.txt", b"a").0, 403);
        let ann = server.user("ann", &[(Ruleset::Part, &[Permission::View, Permission::Change])]);
        let (status, row) = upload(&ann, part, "a.txt", b"a");
        assert_eq!((status, &row["upload_user"]), (201, &json!(ann.user)), "{row}");
        let one = format!("/api/attachment/{}/", row["pk"]);
        assert_eq!(bob.patch(&one, json!({"comment": "x"})).0, 403);
        assert_eq!(ann.delete(&one).0, 403);
        let bulk = json!({"items": [row["pk"]]});
        assert_eq!(ann.send(Method::Delete, "/api/attachment/", Body::Json(bulk.clone())).0, 403);
        let file = media.join(format!("attachments/part/{part}/a.txt"));
        assert!(file.exists());
        assert!(admin.send(Method::Delete, "/api/attachment/", Body::Json(bulk)).0 < 300);
        assert!(!file.exists());
        upload(&admin, part, "b.txt", b"b");
        assert_eq!(admin.delete(&format!("/api/part/{part}/")).0, 204);
        assert_eq!(server.int("SELECT COUNT(*) FROM common_attachment", &[]), 0);
        assert!(!media.join(format!("attachments/part/{part}/b.txt")).exists());
    });
}

#[test]
fn pictures_get_a_preview_and_others_do_not() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "P"}));
        let (_, picture) = upload(&admin, part, "a.png", &png());
        let (_, broken) = upload(&admin, part, "b.png", b"not a picture");
        let worker = Worker::start(&server.app).unwrap();
        let began = std::time::Instant::now();
        let waiting = "SELECT COUNT(*) FROM ironwood_job WHERE kind = 'preview_attachment' AND state = 'pending'";
        let seen = "SELECT COUNT(*) FROM common_attachment WHERE is_image AND thumbnail <> ''";
        while server.int(seen, &[]) == 0 || server.int(waiting, &[]) > 0 {
            assert!(began.elapsed().as_secs() < 60);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        drop(worker);
        let row = admin.read(&format!("/api/attachment/{}/", picture["pk"]));
        let preview = row["thumbnail"].as_str().unwrap().strip_prefix("/media/").unwrap();
        let small = image::open(server.app.inventory().media.join(preview)).unwrap();
        assert_eq!((small.width(), small.height()), (256, 128));
        assert_eq!(admin.read(&format!("/api/attachment/{}/", broken["pk"]))["is_image"], json!(false));
        assert_eq!(admin.read("/api/attachment/?has_thumbnail=true").as_array().unwrap().len(), 1);
        let notes = |name: &str, bytes: Vec<u8>, model: &str| {
            let file = Upload { name: name.into(), content_type: String::new(), bytes };
            let form = vec![
                ("image".to_owned(), FormValue::File(file)),
                ("model_type".to_owned(), FormValue::Text(model.into())),
            ];
            admin.send(Method::Post, "/api/notes-image-upload/", Body::Form(form)).0
        };
        assert_eq!(notes("n.html", png(), "part"), 201);
        assert_eq!(notes("n.png", b"<svg onload=alert(1)>".to_vec(), "part"), 400);
        assert_eq!(notes("n.png", png(), "user"), 400);
    });
}

#[test]
fn notes_run_nothing_in_a_browser() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "P"}));
        let one = format!("/api/part/{part}/");
        let text = "# Title\n\n* a < b && c > d\n\n[link](https://example.com)\n\n    code";
        assert_eq!(admin.patch(&one, json!({"notes": text})).1["notes"], json!(text));
        for bad in ["<script>alert(1)</script>", "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>"] {
            let (status, answer) = admin.patch(&one, json!({"notes": bad}));
            assert_eq!((status, answer["notes"].is_array()), (400, true), "{bad}: {answer}");
        }
        let (status, answer) = admin.patch(&one, json!({"description": "<b>x</b>"}));
        assert_eq!((status, answer["description"].is_array()), (400, true), "{answer}");
        assert_eq!(admin.patch(&one, json!({"link": "example.com/x"})).0, 400);
    });
}
