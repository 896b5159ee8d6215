mod cells;
mod formats;
mod round_trip;

use std::time::{Duration, Instant};

use ironwood_rest::http::{Body, FormValue, Method, Upload};
use serde_json::{Value as Json, json};

use super::file::Heading;
use crate::installation::worker::Worker;
use crate::platform::output::sheet::{Format, Sheet};
use crate::platform::users::permission::{Permission, Ruleset};
use crate::testing::{Client, Server, on_each_server, race};

fn upload(client: &Client, model: &str, file: (&str, &[u8]), more: &[(&str, &str)]) -> (u16, Json) {
    let upload = Upload { name: file.0.into(), content_type: String::new(), bytes: file.1.to_vec() };
    let mut fields = vec![
        ("model_type".to_owned(), FormValue::Text(model.into())),
        ("data_file".to_owned(), FormValue::File(upload)),
    ];
    fields.extend(more.iter().map(|(name, text)| ((*name).to_owned(), FormValue::Text((*text).to_owned()))));
    client.send(Method::Post, "/api/importer/session/", Body::Form(fields))
}

fn session(client: &Client, model: &str, file: (&str, &[u8]), more: &[(&str, &str)]) -> Json {
    let (status, answer) = upload(client, model, file, more);
    assert_eq!(status, 201, "{answer}");
    answer
}

fn csv(client: &Client, model: &str, text: &str) -> i64 {
    session(client, model, ("rows.csv", text.as_bytes()), &[])["pk"].as_i64().unwrap()
}

fn path(session: i64, rest: &str) -> String {
    format!("/api/importer/session/{session}/{rest}")
}

fn rows(client: &Client, session: i64) -> Vec<Json> {
    client.read(&format!("/api/importer/row/?session={session}")).as_array().unwrap().clone()
}

fn keys(rows: &[Json]) -> Vec<i64> {
    rows.iter().map(|row| row["pk"].as_i64().unwrap()).collect()
}

fn accept_all(client: &Client, session: i64) -> Json {
    client.done(&path(session, "accept_fields/"), json!({}));
    let all = rows(client, session);
    assert!(all.iter().all(|row| row["valid"] == true), "{all:?}");
    client.done(&path(session, "accept_rows/"), json!({"rows": keys(&all)}));
    client.read(&path(session, ""))
}

#[test]
fn a_file_becomes_records() {
    on_each_server(|server| {
        let admin = server.superuser();
        let text =
            "Name,Description,Is_Customer,active,Nothing\nAcme,\"Bolts, nuts\",yes,,x\n,,,,\nBolt & Co,,no,false,\n";
        let begun = session(&admin, "company", ("c.csv", text.as_bytes()), &[]);
        assert_eq!(begun["status"], 10);
        assert_eq!(begun["columns"], json!(["Name", "Description", "Is_Customer", "active", "Nothing"]));
        assert_eq!(begun["field_defaults"]["active"], true);
        let maps = begun["column_mappings"].as_array().unwrap();
        let of = |field: &str| maps.iter().find(|m| m["field"] == field).unwrap()["column"].clone();
        assert_eq!((of("name"), of("is_customer"), of("website")), (json!("Name"), json!("Is_Customer"), json!("")));
        let id = begun["pk"].as_i64().unwrap();
        assert_eq!(admin.done(&path(id, "accept_fields/"), json!({}))["row_count"], 2);
        let all = rows(&admin, id);
        assert_eq!(all[1]["row_index"], 2, "empty rows are passed over");
        assert_eq!(all[0]["row_data"]["Is_Customer"], "yes");
        let found = admin.read(&format!("/api/importer/row/?session={id}&search=nuts"));
        assert_eq!(found.as_array().unwrap().len(), 1);
        assert_eq!((&all[0]["data"]["is_customer"], &all[0]["data"]["active"]), (&json!(true), &json!(true)));
        assert_eq!(admin.post(&path(id, "accept_rows/"), json!({"rows": []})).0, 400);
        admin.done(&path(id, "accept_rows/"), json!({"rows": keys(&all)[..1]}));
        let half = admin.read(&path(id, ""));
        assert_eq!((&half["status"], &half["completed_row_count"]), (&json!(30), &json!(1)));
        assert_eq!(admin.post(&path(id, "accept_rows/"), json!({"rows": keys(&all)})).0, 400, "one is a record");
        admin.done(&path(id, "accept_rows/"), json!({"rows": keys(&all)[1..]}));
        let ended = admin.read(&path(id, ""));
        assert_eq!((&ended["status"], &ended["row_count"]), (&json!(40), &json!(0)));
        assert_eq!((&ended["row_count_history"], &ended["completed_row_count_history"]), (&json!(2), &json!(2)));
        assert_eq!(ended["column_mappings"], json!([]));
        let made = admin.read("/api/company/?search=Acme");
        assert_eq!((&made[0]["description"], &made[0]["is_customer"]), (&json!("Bolts, nuts"), &json!(true)));
        assert_eq!(admin.delete(&path(id, "")).0, 204);
    });
}

#[test]
fn malformed_files_are_refused_by_name() {
    on_each_server(|server| {
        let admin = server.superuser();
        let bomb = {
            use std::io::Write;
            let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
            zip.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).unwrap();
            let zeros = vec![b' '; 1 << 20];
            for _ in 0..200 {
                zip.write_all(&zeros).unwrap();
            }
            zip.finish().unwrap().into_inner()
        };
        assert!(bomb.len() < 1_000_000);
        let wide = vec!["x"; 1001].join(",");
        let long = format!("name\n{}", "a\n".repeat(25_001));
        let cases: &[(&str, &[u8])] = &[
            ("a.csv", b""),
            ("a.csv", b"\n\n"),
            ("a.csv", b"name\na\0b\n"),
            ("a.csv", wide.as_bytes()),
            ("a.csv", long.as_bytes()),
            ("a.xlsx", b"name\na\n"),
            ("a.xlsx", b"PK\x03\x04"),
            ("a.xlsx", &bomb),
            ("a.pdf", b"name\na\n"),
            ("csv", b"name\na\n"),
        ];
        for (name, bytes) in cases {
            let (status, answer) = upload(&admin, "company", (name, bytes), &[]);
            assert_eq!(status, 400, "{name}: {answer}");
            assert!(answer.get("data_file").is_some(), "{answer}");
        }
        let good: (&str, &[u8]) = ("a.csv", b"name\nx\n");
        assert!(upload(&admin, "user", good, &[]).1.get("model_type").is_some());
        for field in ["field_defaults", "field_overrides", "field_filters"] {
            assert!(upload(&admin, "company", good, &[(field, "[1]")]).1.get(field).is_some());
        }
        let filters = [("field_filters", "{\"part\": {\"nonsense\": 1}}")];
        assert!(upload(&admin, "stockitem", good, &filters).1.get("field_filters").is_some());
        assert_eq!(server.int("SELECT COUNT(*) FROM importer_dataimportsession", &[]), 0);
    });
}

#[test]
fn worksheets_give_texts_and_exact_numbers() {
    let sheet = Sheet {
        columns: vec!["IPN".into(), "Amount".into(), "IPN".into(), String::new()],
        rows: vec![
            vec![json!("007"), serde_json::from_str("0.1").unwrap(), json!("=1+1"), Json::Null],
            vec![Json::Null, Json::Null, Json::Null, Json::Null],
            vec![json!(12345678), serde_json::from_str("33.333333333").unwrap(), json!(true), json!("x")],
        ],
    };
    for format in [Format::Xlsx, Format::Csv, Format::Tsv] {
        let name = format!("a.{}", format.extension());
        let data = super::file::read(&name, &sheet.write(format).unwrap(), &Default::default(), &|_| Heading::Unknown)
            .unwrap();
        assert_eq!(data.columns, ["IPN", "Amount", "IPN (2)", "Column 4"]);
        let text = |cell: &Json| crate::platform::output::sheet::text_of(cell);
        let rows: Vec<(i64, Vec<String>)> =
            data.rows.iter().map(|(at, cells)| (*at, cells.iter().map(text).collect())).collect();
        let own = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        assert_eq!(
            rows,
            [(0, own(["007", "0.1", "=1+1", ""])), (2, own(["12345678", "33.333333333", "True", "x"]))],
            "{name}"
        );
    }
}

#[test]
fn linked_rows_are_found_by_what_people_call_them() {
    on_each_server(|server| {
        let admin = server.superuser();
        let top = admin.made("/api/stock/location/", json!({"name": "Store"}));
        let shelf = admin.made("/api/stock/location/", json!({"name": "Shelf", "parent": top}));
        admin.made("/api/stock/location/", json!({"name": "Bin", "parent": top}));
        admin.made("/api/stock/location/", json!({"name": "Bin", "parent": shelf}));
        let bolt = admin.made("/api/part/", json!({"name": "Bolt", "IPN": "B-1", "revision": "C"}));
        let other = admin.made("/api/part/", json!({"name": "B-1", "IPN": "X-9"}));
        let text = "part,location,quantity,status,expiry_date\n\
                    Bolt,Store/Shelf,2.5,damaged,24/11/2027\n\
                    B-1,Shelf,1,,\n\
                    B-1 | Bolt | C,Bin,1,,\n\
                    Nut,Shelf,1,,\n";
        let id = csv(&admin, "stockitem", text);
        admin.done(&path(id, "accept_fields/"), json!({}));
        let all = rows(&admin, id);
        let good = &all[0]["data"];
        assert_eq!((&good["part"], &good["location"], &good["status"]), (&json!(bolt), &json!(shelf), &json!(55)));
        assert_eq!(good["expiry_date"], "2027-11-24");
        assert_eq!(all[0]["valid"], true, "{}", all[0]);
        assert!(all[1]["errors"].get("part").is_some(), "name of one part, IPN of another");
        assert_eq!(all[2]["data"]["part"], bolt, "a full name");
        assert!(all[2]["errors"].get("location").is_some(), "two locations have this name");
        assert!(all[3]["errors"].get("part").is_some());
        assert_eq!(admin.post(&path(id, "accept_rows/"), json!({"rows": keys(&all)})).0, 400);
        // a row is put right by its values
        let row = format!("/api/importer/row/{}/", all[3]["pk"]);
        let mut data = all[3]["data"].clone();
        data["part"] = json!("X-9");
        let (status, answer) = admin.patch(&row, json!({"data": data}));
        assert_eq!((status, &answer["valid"], &answer["data"]["part"]), (200, &json!(true), &json!(other)), "{answer}");
        admin.done(&path(id, "accept_rows/"), json!({"rows": [all[0]["pk"], all[3]["pk"]]}));
        assert_eq!(server.int("SELECT quantity FROM stock_stockitem WHERE part = $1", &[bolt.into()]), 250_000);
        assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitem WHERE part = $1", &[other.into()]), 1);
        // looked up by one column only
        let id = csv(&admin, "stockitem", "part,quantity\nB-1,1\n");
        let maps = admin.read(&format!("/api/importer/column-mapping/?session={id}"));
        let map = maps.as_array().unwrap().iter().find(|m| m["field"] == "part").unwrap();
        let map = format!("/api/importer/column-mapping/{}/", map["pk"]);
        assert_eq!(admin.patch(&map, json!({"lookup_field": "secret"})).0, 400);
        assert_eq!(admin.patch(&map, json!({"column": "no such"})).0, 400);
        assert_eq!(admin.patch(&map, json!({"lookup_field": "name"})).0, 200);
        admin.done(&path(id, "accept_fields/"), json!({}));
        assert_eq!(rows(&admin, id)[0]["data"]["part"], other);
    });
}

#[test]
fn records_are_changed_by_their_keys() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Bolt", "description": "old", "keywords": "kept"}));
        let text = format!("ID,Description\n{part},new\n{},new\nx,new\n", part + 1000);
        let id =
            session(&admin, "part", ("p.csv", text.as_bytes()), &[("update_records", "true")])["pk"].as_i64().unwrap();
        admin.done(&path(id, "accept_fields/"), json!({}));
        let all = rows(&admin, id);
        assert_eq!(all.iter().map(|r| r["valid"] == true).collect::<Vec<_>>(), [true, false, false], "{all:?}");
        admin.done(&path(id, "accept_rows/"), json!({"rows": [all[0]["pk"]]}));
        let read = admin.read(&format!("/api/part/{part}/"));
        assert_eq!((&read["description"], &read["keywords"]), (&json!("new"), &json!("kept")));
        // the last rows that are no records go, and so the session ends
        for row in &all[1..] {
            assert_eq!(admin.delete(&format!("/api/importer/row/{}/", row["pk"])).0, 204);
        }
        assert_eq!(admin.read(&path(id, ""))["status"], 40);
    });
}

#[test]
fn sessions_belong_to_their_users_and_rights_are_those_of_a_post() {
    on_each_server(|server| {
        let file: (&str, &[u8]) = ("c.csv", b"name\nScrews\n");
        let ann = server.user("ann", &[(Ruleset::PartCategory, &[Permission::View, Permission::Change])]);
        let id = session(&ann, "partcategory", file, &[])["pk"].as_i64().unwrap();
        let bob =
            server.user("bob", &[(Ruleset::PartCategory, &[Permission::View, Permission::Change, Permission::Add])]);
        assert_eq!(bob.get(&path(id, "")).0, 404);
        assert_eq!(bob.post(&path(id + 99, "accept_rows/"), json!({})).0, 400);
        assert_eq!(bob.post(&path(id + 99, "accept_fields/"), json!({})).0, 404);
        assert_eq!(bob.read("/api/importer/session/"), json!([]));
        assert_eq!(bob.post(&path(id, "accept_fields/"), json!({})).0, 403);
        ann.done(&path(id, "accept_fields/"), json!({}));
        let all = rows(&ann, id);
        assert_eq!(rows(&bob, id).len(), 0);
        assert_eq!(bob.post(&path(id, "accept_rows/"), json!({"rows": keys(&all)})).0, 403);
        assert_eq!(ann.post(&path(id, "accept_rows/"), json!({"rows": keys(&all)})).0, 403, "she may not add");
        let cyd = server.user("cyd", &[(Ruleset::Stock, &[Permission::View])]);
        let id = session(&cyd, "partcategory", file, &[])["pk"].as_i64().unwrap();
        assert_eq!(cyd.post(&path(id, "accept_fields/"), json!({})).0, 403);
        assert_eq!(cyd.patch(&path(id, ""), json!({"field_defaults": {}})).0, 403);
        let id = session(&bob, "partcategory", file, &[])["pk"].as_i64().unwrap();
        accept_all(&bob, id);
        assert_eq!(server.int("SELECT COUNT(*) FROM part_partcategory", &[]), 1);
    });
}

#[test]
fn two_clients_accept_a_row_once() {
    on_each_server(|server| {
        let admin = server.superuser();
        let text: String = std::iter::once("name\n".to_owned()).chain((0..20).map(|i| format!("C{i}\n"))).collect();
        let id = csv(&admin, "partcategory", &text);
        admin.done(&path(id, "accept_fields/"), json!({}));
        let all = keys(&rows(&admin, id));
        let answers = race(6, |_| admin.post(&path(id, "accept_rows/"), json!({"rows": all})).0);
        assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
        assert_eq!(server.int("SELECT COUNT(*) FROM part_partcategory", &[]), 20);
        assert_eq!(admin.read(&path(id, ""))["completed_row_count_history"], 20);
    });
}

#[test]
fn rows_that_are_refused_leave_nothing_behind() {
    on_each_server(|server| {
        let admin = server.superuser();
        let id = csv(&admin, "projectcode", "code,description\nA,first\nA,second\nB,third\n");
        admin.done(&path(id, "accept_fields/"), json!({}));
        let all = rows(&admin, id);
        assert!(all.iter().all(|row| row["valid"] == true), "each by itself is good: {all:?}");
        admin.done(&path(id, "accept_rows/"), json!({"rows": keys(&all)}));
        let all = rows(&admin, id);
        assert_eq!(all.iter().map(|r| r["complete"] == true).collect::<Vec<_>>(), [true, false, true]);
        assert!(all[1]["errors"].get("code").is_some(), "{}", all[1]);
        assert_eq!(server.int("SELECT COUNT(*) FROM common_projectcode", &[]), 2);
        assert_eq!(admin.patch(&format!("/api/importer/row/{}/", all[0]["pk"]), json!({"data": {"code": "Z"}})).0, 400);
        assert_eq!(admin.post(&path(id, "accept_fields/"), json!({})).0, 400, "rows are records already");
    });
}

fn wait_until(admin: &Client, session: i64, status: i64) {
    let began = Instant::now();
    while admin.read(&path(session, ""))["status"] != status {
        assert!(began.elapsed() < Duration::from_secs(120), "{}", admin.read(&path(session, "")));
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn many_rows_are_work_for_the_background() {
    on_each_server(|server| {
        let admin = server.superuser();
        let text: String = std::iter::once("code\n".to_owned()).chain((0..600).map(|i| format!("P{i}\n"))).collect();
        let id = csv(&admin, "projectcode", &text);
        assert_eq!(admin.done(&path(id, "accept_fields/"), json!({}))["status"], 20);
        assert_eq!(admin.read(&path(id, ""))["status"], 20);
        assert_eq!(admin.post(&path(id, "accept_fields/"), json!({})).0, 400, "they are being read");
        let worker = Worker::start(&server.app).unwrap();
        wait_until(&admin, id, 30);
        let all = rows(&admin, id);
        assert!(all.len() == 600 && all.iter().all(|row| row["valid"] == true));
        // twice: no row becomes two records
        admin.done(&path(id, "accept_rows/"), json!({"rows": keys(&all)}));
        admin.post(&path(id, "accept_rows/"), json!({"rows": keys(&all)}));
        wait_until(&admin, id, 40);
        drop(worker);
        assert_eq!(server.int("SELECT COUNT(*) FROM common_projectcode", &[]), 600);
        assert_eq!(server.int("SELECT COUNT(*) FROM ironwood_job WHERE state = 'failed'", &[]), 0);
    });
}

/// Lines as `(assembly, component, quantity, reference)`.
fn tree(server: &Server) -> Vec<(i64, i64, i64, String)> {
    server.write(|conn| {
        let sql =
            "SELECT part, sub_part, quantity, reference FROM part_bomitem ORDER BY part, sub_part, reference, quantity";
        Ok(conn.rows(sql, &[])?.iter().map(|r| (r.int(0), r.int(1), r.int(2), r.text(3).to_owned())).collect())
    })
}

fn exported(server: &Server, admin: &Client, part: i64, format: &str) -> Vec<u8> {
    let address = format!("/api/bom/?part={part}&export=true&export_plugin=bom-exporter&export_format={format}");
    let output = admin.read(&address)["output"].as_str().unwrap().to_owned();
    let file = output.split_once("/media/").unwrap().1.to_owned();
    std::fs::read(server.app.inventory().media.join(file)).unwrap()
}

fn assembly(admin: &Client, name: &str) -> i64 {
    admin.made("/api/part/", json!({"name": name, "IPN": format!("I-{name}"), "assembly": true, "component": true}))
}

#[test]
fn a_bill_of_materials_keeps_its_levels_there_and_back() {
    on_each_server(|server| {
        let admin = server.superuser();
        let parts: Vec<i64> = ["Top", "Board", "Power"].iter().map(|name| assembly(&admin, name)).collect();
        let leaf = |name: &str| admin.made("/api/part/", json!({"name": name, "component": true}));
        let (resistor, chip) = (leaf("Resistor"), leaf("Chip"));
        let line = |part: i64, sub: i64, amount: &str, reference: &str| {
            let body = json!({"part": part, "sub_part": sub, "raw_amount": amount, "reference": reference});
            admin.made("/api/bom/", body)
        };
        let [top, board, power] = parts[..] else { unreachable!() };
        line(top, board, "2", "B1 B2");
        line(top, power, "1", "P1");
        line(top, resistor, "4", "R1-R4");
        line(board, power, "1.5", "");
        line(board, chip, "1", "U1");
        // twice the same, and both times it is meant
        line(power, resistor, "3", "");
        line(power, resistor, "3", "");
        line(power, resistor, "7", "");
        let before = tree(server);
        assert_eq!(before.len(), 8);
        for format in ["csv", "xlsx"] {
            let bytes = exported(server, &admin, top, format);
            server.write(|conn| conn.execute("DELETE FROM part_bomitem", &[]).map(|_| ()));
            let name = format!("bom.{format}");
            let overrides = format!("{{\"part\": {top}}}");
            let begun = session(&admin, "bomitem", (&name, &bytes), &[("field_overrides", &overrides)]);
            let id = begun["pk"].as_i64().unwrap();
            let ended = accept_all(&admin, id);
            assert_eq!(ended["status"], 40, "{ended}");
            assert_eq!(tree(server), before, "{format}");
        }
        // once more: all of it is there
        let bytes = exported(server, &admin, top, "tsv");
        let id = session(&admin, "bomitem", ("bom.tsv", &bytes), &[])["pk"].as_i64().unwrap();
        assert_eq!(accept_all(&admin, id)["status"], 40);
        assert_eq!(tree(server), before);
    });
}

#[test]
fn levels_say_where_lines_belong() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (top, sub, deep) = (assembly(&admin, "Top"), assembly(&admin, "Sub"), assembly(&admin, "Deep"));
        let bolt = admin.made("/api/part/", json!({"name": "Bolt", "component": true}));
        let begin = |text: &str| {
            let overrides = format!("{{\"part\": {top}}}");
            let begun = session(&admin, "bomitem", ("b.csv", text.as_bytes()), &[("field_overrides", &overrides)]);
            let id = begun["pk"].as_i64().unwrap();
            admin.done(&path(id, "accept_fields/"), json!({}));
            (id, rows(&admin, id))
        };
        let (id, all) =
            begin("Level,sub_part,raw_amount\n1,I-Sub,1\n2,I-Deep,2\n3,Bolt,5\n1,Bolt,1\n3,Bolt,1\nx,Bolt,1\n");
        assert_eq!((&all[1]["data"]["part"], &all[2]["data"]["part"]), (&json!(sub), &json!(deep)));
        assert_eq!(all.iter().map(|r| r["valid"] == true).collect::<Vec<_>>(), [true, true, true, true, false, false]);
        assert!(all[4]["errors"].get("level").is_some() && all[5]["errors"].get("level").is_some());
        // another component: what stands below it follows
        let row = format!("/api/importer/row/{}/", all[0]["pk"]);
        let (_, changed) = admin.patch(&row, json!({"data": {"level": "1", "sub_part": bolt, "raw_amount": "1"}}));
        assert_eq!(changed["valid"], true);
        let all = rows(&admin, id);
        assert_eq!(all[1]["data"]["part"], bolt);
        assert!(all[1]["errors"].get("part").is_some(), "a bolt is no assembly: {}", all[1]);
        // no circles: the file is refused at the line that would close one
        let (id, all) = begin("Level,sub_part,raw_amount\n1,I-Sub,1\n2,I-Deep,1\n3,I-Top,1\n");
        admin.done(&path(id, "accept_rows/"), json!({"rows": keys(&all)}));
        let all = rows(&admin, id);
        assert_eq!(all.iter().map(|r| r["complete"] == true).collect::<Vec<_>>(), [true, true, false]);
        assert!(all[2]["errors"].get("sub_part").is_some(), "{}", all[2]);
        // a sub-assembly that is otherwise is not added to
        let (_, all) = begin("Level,sub_part,raw_amount\n1,I-Sub,1\n2,I-Deep,9\n");
        assert!(all[1]["errors"].get("sub_part").is_some(), "{}", all[1]);
        assert_eq!(server.int("SELECT COUNT(*) FROM part_bomitem", &[]), 2);
    });
}

#[test]
fn old_sessions_go_with_their_files() {
    on_each_server(|server| {
        let admin = server.superuser();
        let old = csv(&admin, "company", "name\nAcme\n");
        let new = csv(&admin, "company", "name\nAcme\n");
        server.write(move |conn| {
            let sql = "UPDATE importer_dataimportsession SET timestamp = '2020-01-01T00:00:00.000Z' WHERE id = $1";
            conn.execute(sql, &[old.into()])?;
            let (kind, nothing) = (super::cleanup::JOBS[0], json!({}));
            crate::platform::system::job::insert(conn, kind, &nothing, None, "").map(|_| ())
        });
        let worker = Worker::start(&server.app).unwrap();
        let began = Instant::now();
        while admin.get(&path(old, "")).0 != 404 {
            assert!(began.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(worker);
        assert_eq!(admin.get(&path(new, "")).0, 200);
        let folder = server.app.inventory().media.join("import");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
    });
}

#[test]
fn rows_name_records_that_earlier_rows_make() {
    on_each_server(|server| {
        let admin = server.superuser();
        let old = admin.made("/api/part/category/", json!({"name": "Old"}));
        let text = "name,parent\nTop,\nMiddle,Top\nLeaf,Top/Middle\nBelow,Old\nDeep,Old/Below\nLost,Later\nLater,\nMiddle,Old\n\
                    Which,Middle\nThis,Old/Middle\n";
        let id = csv(&admin, "partcategory", text);
        admin.done(&path(id, "accept_fields/"), json!({}));
        let all = rows(&admin, id);
        let valid: Vec<bool> = all.iter().map(|row| row["valid"] == true).collect();
        assert_eq!(valid, [true, true, true, true, true, false, true, true, false, true], "{all:?}");
        assert_eq!(admin.read("/api/part/category/").as_array().unwrap().len(), 1, "nothing is left of trying");
        // the row above comes first
        let own = keys(&all);
        admin.done(&path(id, "accept_rows/"), json!({"rows": [own[1], own[4]]}));
        let waiting = rows(&admin, id);
        assert!(
            waiting[1]["complete"] == false && waiting[1]["valid"] == true && waiting[1]["errors"]["parent"].is_array()
        );
        let good: Vec<i64> = [0, 1, 2, 3, 4, 6, 7, 9].iter().map(|at| own[*at]).collect();
        admin.done(&path(id, "accept_rows/"), json!({"rows": good}));
        let (status, row) = admin
            .patch(&format!("/api/importer/row/{}/", own[5]), json!({"data": {"name": "Lost", "parent": "Later"}}));
        assert_eq!((status, row["valid"].clone()), (200, json!(true)), "{row}");
        let mut made: Vec<String> = admin
            .read("/api/part/category/")
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["pathstring"].as_str().unwrap().to_owned())
            .collect();
        made.sort();
        let wanted = [
            "Later",
            "Old",
            "Old/Below",
            "Old/Below/Deep",
            "Old/Middle",
            "Old/Middle/This",
            "Top",
            "Top/Middle",
            "Top/Middle/Leaf",
        ];
        assert_eq!(made, wanted);
        assert!(old > 0);

        let id = csv(&admin, "part", "name,is_template,variant_of\nT,yes,\nV,no,T\nW,no,V\n");
        admin.done(&path(id, "accept_fields/"), json!({}));
        let all = rows(&admin, id);
        assert_eq!(
            [&all[0]["valid"], &all[1]["valid"], &all[2]["valid"]],
            [&json!(true), &json!(true), &json!(false)],
            "{all:?}"
        );
        // what the file says goes before what settings say of new parts
        admin.done(&path(id, "accept_rows/"), json!({"rows": keys(&all)[..2]}));
        let made = admin.read("/api/part/?is_template=true");
        assert_eq!((made.as_array().map(Vec::len), &made[0]["name"]), (Some(1), &json!("T")));
    });
}

#[test]
fn substitutes_come_with_their_lines() {
    on_each_server(|server| {
        let admin = server.superuser();
        let top = assembly(&admin, "Lamp");
        let component = |name: &str| admin.made("/api/part/", json!({"name": name, "component": true}));
        let (bulb, led, tube) = (component("Bulb"), component("LED"), component("Tube"));
        let line = admin.made("/api/bom/", json!({"part": top, "sub_part": bulb, "quantity": 2}));
        for part in [led, tube] {
            admin.made("/api/bom/substitute/", json!({"bom_item": line, "part": part}));
        }
        let file = exported(server, &admin, top, "csv");
        let header = String::from_utf8(file.clone()).unwrap();
        assert!(header.lines().next().unwrap().contains("Substitute 2"), "{header}");
        assert_eq!(admin.delete(&format!("/api/bom/{line}/")).0, 204);
        let begun =
            session(&admin, "bomitem", ("b.csv", &file), &[("field_overrides", &json!({"part": top}).to_string())]);
        accept_all(&admin, begun["pk"].as_i64().unwrap());
        let lines = admin.read(&format!("/api/bom/?part={top}&substitutes=true"));
        let mut found: Vec<i64> =
            lines[0]["substitutes"].as_array().unwrap().iter().map(|s| s["part"].as_i64().unwrap()).collect();
        found.sort_unstable();
        assert_eq!(found, [led, tube]);

        // what cannot be used is refused under the name of its column
        let other = assembly(&admin, "Torch");
        let text = "part,sub_part,raw_amount,substitute_1\nTorch,Bulb,1,Bulb\nTorch,LED,1,Tube\n";
        let id = csv(&admin, "bomitem", text);
        admin.done(&path(id, "accept_fields/"), json!({}));
        let all = rows(&admin, id);
        assert!(all[0]["errors"]["substitute_1"].is_array() && all[1]["valid"] == true, "{all:?}");
        assert!(other > 0);
    });
}

#[test]
fn each_row_of_a_file_is_a_line_of_an_order() {
    on_each_server(|server| {
        let admin = server.superuser();
        let supplier = admin.made("/api/company/", json!({"name": "Supplier", "is_supplier": true}));
        let part = admin.made("/api/part/", json!({"name": "Bolt", "purchaseable": true}));
        admin.made("/api/company/part/", json!({"part": part, "supplier": supplier, "SKU": "AB-1"}));
        let order = admin.made("/api/order/po/", json!({"supplier": supplier}));
        let text = "part,quantity,purchase_price\nAB-1,10,0.5\nAB-1,100,0.2\nAB-1,5,\n";
        let defaults = json!({"order": order}).to_string();
        let begun =
            session(&admin, "purchaseorderlineitem", ("l.csv", text.as_bytes()), &[("field_defaults", &defaults)]);
        let fields = begun["available_fields"].as_object().unwrap();
        assert!(!fields.contains_key("merge_items"), "{fields:?}");
        accept_all(&admin, begun["pk"].as_i64().unwrap());
        let lines = admin.read(&format!("/api/order/po-line/?order={order}"));
        let prices: Vec<(f64, Option<f64>)> = lines
            .as_array()
            .unwrap()
            .iter()
            .map(|line| (line["quantity"].as_f64().unwrap(), line["purchase_price"].as_f64()))
            .collect();
        assert_eq!(prices, [(10.0, Some(0.5)), (100.0, Some(0.2)), (5.0, None)]);
    });
}
