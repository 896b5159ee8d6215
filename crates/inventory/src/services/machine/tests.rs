//! Machines, from their settings to what they are sent.

use std::io::{Cursor, Read};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use image::{GrayImage, ImageFormat, Luma};
use serde_json::{Value as Json, json};

use super::driver::{brother, find, ipp, zebra};
use crate::platform::users::permission::{Permission, Ruleset};
use crate::services::report::tests::{Fake, template};
use crate::testing::{Client, Server, on_each_server};

/// A picture with a dark bar on its left quarter and a dark dot at the bottom right.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let gray = GrayImage::from_fn(width, height, |x, y| {
        Luma([if x < width / 4 || (x > width - 9 && y > height - 9) { 0 } else { 255 }])
    });
    let mut out = Cursor::new(Vec::new());
    gray.write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

/// Something that listens and keeps what it is sent.
fn listener() -> (u16, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut all = Vec::new();
            stream.unwrap().read_to_end(&mut all).unwrap();
            // who only looks whether something listens sends nothing
            if !all.is_empty() && sender.send(all).is_err() {
                return;
            }
        }
    });
    (port, receiver)
}

fn machine(admin: &Client, driver: &str, settings: &[(&str, &str)]) -> String {
    let body = json!({"name": format!("Printer {driver}"), "machine_type": "label-printer", "driver": driver});
    let (status, made) = admin.post("/api/machine/", body);
    assert_eq!(status, 201, "{made}");
    let key = made["pk"].as_str().unwrap().to_owned();
    for (name, value) in settings {
        let path = format!("/api/machine/{key}/settings/D/{name}/");
        let (status, answer) = admin.patch(&path, json!({"value": value}));
        assert_eq!((status, &answer["value"]), (200, &json!(value)), "{answer}");
    }
    key
}

fn print(admin: &Client, label: i64, items: &[i64], machine: &str, copies: i64) -> Json {
    let body = json!({
        "template": label, "items": items, "plugin": "inventreelabelmachine", "machine": machine,
        "driver_options": {"copies": copies},
    });
    let (status, made) = admin.post("/api/label/print/", body);
    assert_eq!(status, 201, "{made}");
    made
}

fn worked(server: &Server, admin: &Client, output: &Json) -> Json {
    server.run_job(crate::platform::media::sweep::JOBS[0]);
    admin.read(&format!("/api/data-output/{}/", output["pk"]))
}

/// Parts, and a label of 62 x 29 mm.
fn label(admin: &Client) -> (Vec<i64>, i64) {
    let parts = ["Bolt", "Nut"].map(|name| admin.made("/api/part/", json!({"name": name})));
    (parts.to_vec(), template(admin, "label", "part", "{{ name }}", &[("width", "62"), ("height", "29")]))
}

#[test]
fn machines_have_types_drivers_and_settings() {
    on_each_server(|server| {
        let admin = server.superuser();
        assert_eq!(admin.read("/api/machine/types/")[0]["slug"], "label-printer");
        let drivers = admin.read("/api/machine/drivers/?machine_type=label-printer");
        let slugs: Vec<&str> = drivers.as_array().unwrap().iter().map(|d| d["slug"].as_str().unwrap()).collect();
        assert_eq!(slugs, ["ipp", "zebra", "brother-ql", "folder", "program", "browser"]);
        for (body, field) in [
            (json!({"name": "x", "machine_type": "oven", "driver": "ipp"}), "machine_type"),
            (json!({"name": "x", "machine_type": "label-printer", "driver": "none"}), "driver"),
        ] {
            let (status, answer) = admin.post("/api/machine/", body);
            assert!(status == 400 && answer.get(field).is_some(), "{answer}");
        }
        let key = machine(&admin, "ipp", &[("URL", "ipp://printer.example/ipp/print")]);
        let row = admin.read(&format!("/api/machine/{key}/"));
        assert_eq!(
            (&row["initialized"], &row["is_driver_available"], &row["status"]),
            (&json!(true), &json!(true), &json!(101)),
            "{row}"
        );
        let path = format!("/api/machine/{key}/settings/D/PASSWORD/");
        assert_eq!(admin.patch(&path, json!({"value": "hunter2"})).1["value"], "***");
        assert_eq!(admin.patch(&path, json!({"value": "***"})).0, 200);
        let kept = "SELECT COUNT(*) FROM machine_machinesetting WHERE value = 'hunter2'";
        assert_eq!(server.int(kept, &[]), 1, "the stand-in for a password leaves it");
        let all = admin.read(&format!("/api/machine/{key}/settings/"));
        assert!(!all.to_string().contains("hunter2"));
        assert_eq!(admin.patch(&format!("/api/machine/{key}/settings/M/LOCATION/"), json!({"value": "99"})).0, 400);
        assert_eq!(admin.patch(&format!("/api/machine/{key}/settings/D/NOTHING/"), json!({"value": "9"})).0, 404);
        assert_eq!(admin.patch(&format!("/api/machine/{key}/"), json!({"driver": "zebra"})).0, 400);
        let zebra = machine(&admin, "zebra", &[]);
        for (name, value) in [("PORT", "70000"), ("PORT", "x"), ("DPI", "204"), ("HOST", ""), ("HOST", "a\nb")] {
            let (status, answer) =
                admin.patch(&format!("/api/machine/{zebra}/settings/D/{name}/"), json!({"value": value}));
            assert!(status == 400 && answer.get("value").is_some(), "{name} {value}: {answer}");
        }
        // only administrators see and change them
        let clerk = server.user("clerk", &[(Ruleset::Part, &[Permission::View])]);
        for path in
            ["/api/machine/".to_owned(), format!("/api/machine/{key}/"), format!("/api/machine/{key}/settings/")]
        {
            assert_eq!(clerk.get(&path).0, 403, "{path}");
        }
        assert_eq!(clerk.post(&format!("/api/machine/{key}/restart/"), json!({})).0, 403);
        assert_eq!(clerk.patch(&path, json!({"value": "x"})).0, 403);
        assert_eq!(admin.delete(&format!("/api/machine/{key}/")).0, 204);
    });
}

#[test]
fn zebra_printers_get_the_pixels_of_each_label() {
    on_each_server(|server| {
        let (admin, layout_engine) = (server.superuser(), Fake::at(server));
        *layout_engine.picture.lock().unwrap() = Some(picture(100, 40));
        let (parts, label) = label(&admin);
        let (port, sent) = listener();
        let key = machine(&admin, "zebra", &[("HOST", "127.0.0.1"), ("PORT", &port.to_string()), ("DPI", "300")]);
        let output = print(&admin, label, &parts, &key, 3);
        assert_eq!((&output["complete"], &output["plugin"]), (&json!(false), &json!("inventreelabelmachine")));
        let row = worked(server, &admin, &output);
        assert_eq!(
            (&row["complete"], &row["progress"], &row["errors"]),
            (&json!(true), &json!(2), &json!(null)),
            "{row}"
        );
        let bytes = String::from_utf8(sent.recv().unwrap()).unwrap();
        let labels: Vec<&str> = bytes.split_inclusive("^XZ\n").collect();
        assert_eq!(labels.len(), 2);
        let (width, height, dark, copies) = zebra::tests::decode(labels[0]);
        assert_eq!((width, height, copies), (100, 40, 3));
        assert!(dark[0] && dark[24] && !dark[25] && !dark[99] && dark[39 * 100 + 99], "as in the picture");
        assert!(matches!(
            layout_engine.jobs.lock().unwrap()[0].output,
            crate::platform::layout_engine::Output::Png { dpi: 300 }
        ));
        let row = admin.read(&format!("/api/machine/{key}/"));
        assert_eq!((&row["status"], &row["machine_errors"]), (&json!(100), &json!([])), "{row}");
    });
}

#[test]
fn brother_printers_get_raster_lines() {
    on_each_server(|server| {
        let (admin, layout_engine) = (server.superuser(), Fake::at(server));
        *layout_engine.picture.lock().unwrap() = Some(picture(732, 343));
        let (parts, label) = label(&admin);
        let (port, sent) = listener();
        let key =
            machine(&admin, "brother-ql", &[("HOST", "127.0.0.1"), ("PORT", &port.to_string()), ("ROLL", "62x29")]);
        assert_eq!(worked(server, &admin, &print(&admin, label, &parts[..1], &key, 2))["complete"], true);
        let labels = brother::tests::decode(&sent.recv().unwrap(), 696, 12);
        assert_eq!(labels.len(), 2, "two copies");
        let dark = &labels[0];
        assert_eq!(dark.len(), 696 * 271);
        assert!(dark[0] && dark[170] && !dark[180] && !dark[695] && dark[270 * 696 + 695], "as in the picture");
    });
}

#[test]
fn ipp_printers_get_the_document_and_are_tried_again() {
    on_each_server(|server| {
        let (admin, _press) = (server.superuser(), Fake::at(server));
        let (parts, label) = label(&admin);
        let (url, sent) = ipp::tests::printer(&[0x0000, 0x0507, 0x0000]);
        let key = machine(&admin, "ipp", &[("URL", &url), ("MEDIA", "om_label_62x29mm")]);
        assert_eq!(admin.post(&format!("/api/machine/{key}/restart/"), json!({})), (200, json!({"ok": true})));
        let (operation, ..) = ipp::tests::decode(&sent.recv().unwrap());
        assert_eq!(operation, 0x000b, "Get-Printer-Attributes");
        assert_eq!(admin.read(&format!("/api/machine/{key}/"))["status"], 100);
        // busy at first
        let output = print(&admin, label, &parts, &key, 2);
        let worker = crate::installation::worker::Worker::start(&server.app).unwrap();
        sent.recv().unwrap();
        let began = std::time::Instant::now();
        let failed = loop {
            let row = admin.read(&format!("/api/data-output/{}/", output["pk"]));
            if !row["errors"].is_null() || began.elapsed().as_secs() > 20 {
                break row;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        };
        assert!(failed["errors"]["error"].as_str().unwrap().contains("as told"), "{failed}");
        assert_eq!(admin.read(&format!("/api/machine/{key}/"))["status"], 400);
        let soon = "UPDATE ironwood_job SET run_after = NULL WHERE state = 'pending'";
        server.write(move |conn| conn.execute(soon, &[]));
        let (operation, attributes, document) = ipp::tests::decode(&sent.recv().unwrap());
        drop(worker);
        assert_eq!(operation, 0x0002, "Print-Job");
        let value = |name: &str| attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        assert_eq!(value("printer-uri"), Some(url.clone().into_bytes()));
        assert_eq!(value("document-format"), Some(b"application/pdf".to_vec()));
        assert_eq!(value("copies"), Some(vec![0, 0, 0, 2]));
        assert_eq!(value("media"), Some(b"om_label_62x29mm".to_vec()));
        assert_eq!(document, b"%PDF-1.7 fake");
        let row = worked(server, &admin, &output);
        assert_eq!((&row["complete"], &row["errors"]), (&json!(true), &json!(null)), "{row}");
    });
}

#[test]
fn machines_that_cannot_print_say_why() {
    on_each_server(|server| {
        let (admin, _press) = (server.superuser(), Fake::at(server));
        let (parts, label) = label(&admin);
        let wrong = |driver: &str, settings: &[(&str, &str)], wanted: &str| {
            let key = machine(&admin, driver, settings);
            let output = print(&admin, label, &parts, &key, 1);
            let row = worked(server, &admin, &output);
            let why = row["errors"]["error"].as_str().unwrap_or_default();
            assert!(why.contains(wanted) && row["complete"] == false, "{driver}: {row}");
            assert_eq!(admin.delete(&format!("/api/machine/{key}/")).0, 204);
        };
        wrong("zebra", &[("HOST", "169.254.169.254")], "cannot be used");
        wrong("zebra", &[], "Enter the address");
        wrong("ipp", &[("URL", "file:///etc/passwd")], "Enter an address");
        wrong("ipp", &[("URL", "ipp://u:p@printer.example/")], "in the settings");
        wrong("folder", &[], "No folder for print jobs");
        wrong("program", &[], "No printing program");
        let key = machine(&admin, "browser", &[]);
        let row = worked(server, &admin, &print(&admin, label, &parts, &key, 1));
        assert_eq!(admin.file(row["output"].as_str().unwrap()), 200, "the browser prints this file: {row}");
        assert_eq!(admin.patch(&format!("/api/machine/{key}/"), json!({"active": false})).0, 200);
        let body = json!({"template": label, "items": parts, "plugin": "inventreelabelmachine", "machine": key});
        let (status, answer) = admin.post("/api/label/print/", body);
        assert!(status == 400 && answer["machine"][0].as_str().unwrap().contains("is not active"), "{answer}");
    });
}

#[test]
fn folders_and_programs_are_those_of_the_configuration() {
    use super::driver::{Labels, Printing, Values};
    let folder = std::env::temp_dir().join(format!("ironwood-print-{}", std::process::id()));
    let values =
        |pairs: &[(&str, &str)]| Values(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect());
    let labels = Labels { title: "x".into(), files: vec![b"%PDF".to_vec()], copies: 2, width: 1.0, height: 1.0 };
    let target = folder.join("out.pdf");
    let printing = Printing {
        folder: Some(folder.clone()),
        program: vec![
            "/bin/sh".into(),
            "-c".into(),
            format!("cat > {}; echo {{printer}} >&2; test -n '{{printer}}'", target.display()),
        ],
        local: false,
    };
    let driver = find("folder").unwrap();
    (driver.send)(&values(&[("FOLDER", "labels")]), &printing, &labels).unwrap();
    let files: Vec<_> = std::fs::read_dir(folder.join("labels")).unwrap().collect();
    assert_eq!(files.len(), 2, "one for each copy");
    for wrong in ["../up", "a/b", ".."] {
        assert!((driver.send)(&values(&[("FOLDER", wrong)]), &printing, &labels).is_err(), "{wrong}");
    }
    let driver = find("program").unwrap();
    (driver.send)(&values(&[("PRINTER", "labels-1")]), &printing, &labels).unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), b"%PDF");
    let failed = (driver.send)(&values(&[("PRINTER", "")]), &printing, &labels).unwrap_err();
    assert!(failed.message().contains("failed"), "{failed:?}");
    for wrong in ["a b", "$(id)", "-x", "a;b"] {
        assert!((driver.send)(&values(&[("PRINTER", wrong)]), &printing, &labels).is_err(), "{wrong}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn options_name_the_machines_also_for_users_who_may_not_administer_them() {
    on_each_server(|server| {
        let (admin, _press) = (server.superuser(), Fake::at(server));
        let (parts, label) = label(&admin);
        let place = admin.made("/api/stock/location/", json!({"name": "Desk"}));
        let first = machine(&admin, "folder", &[]);
        let second = machine(&admin, "browser", &[]);
        let path = format!("/api/machine/{second}/settings/M/LOCATION/");
        assert_eq!(admin.patch(&path, json!({"value": place})).0, 200);
        let off = machine(&admin, "zebra", &[]);
        assert_eq!(admin.patch(&format!("/api/machine/{off}/"), json!({"active": false})).0, 200);
        let clerk = server.user("clerk", &[(Ruleset::Part, &[Permission::View])]);
        let fields = |client: &Client, plugin: &str| {
            let (status, body) = client.options(&format!("/api/label/print/?plugin={plugin}"));
            assert_eq!(status, 200, "{body}");
            body["actions"]["POST"].clone()
        };
        let choices = |client: &Client| -> Vec<(String, String)> {
            let fields = fields(client, "inventreelabelmachine");
            let list = fields["machine"]["choices"].as_array().unwrap();
            list.iter().map(|c| (c["value"].to_string(), c["display_name"].as_str().unwrap().to_owned())).collect()
        };
        assert_eq!(choices(&clerk).len(), 2);
        assert!(choices(&clerk).iter().all(|(_, name)| !name.contains("Desk")), "a place that the user may not view");
        assert!(choices(&admin).iter().any(|(_, name)| name.ends_with("@ Desk")));
        let output = print(&clerk, label, &parts, &second, 1);
        assert_eq!(output["plugin"], "inventreelabelmachine");
        let (key, name) = choices(&clerk)[0].clone();
        assert!(key.contains(&second) && name.ends_with("(last used)"), "{key} {name}");
        assert!(choices(&clerk)[1].0.contains(&first));
        let of_machine = fields(&clerk, "inventreelabelmachine");
        assert_eq!(of_machine["driver_options"]["children"]["copies"]["type"], "integer");
        assert!(of_machine["driver_options"]["child"]["children"].get("darkness").is_none(), "folders have no options");
        assert!(of_machine.get("page_size").is_none());
        let of_sheet = fields(&clerk, "inventreelabelsheet");
        assert!(of_sheet["page_size"]["choices"].is_array() && of_sheet.get("machine").is_none());
        let plain: Vec<String> = fields(&clerk, "").as_object().unwrap().keys().cloned().collect();
        assert_eq!(plain, ["template", "plugin", "items"]);
    });
}

#[test]
fn a_job_has_the_options_of_its_machine() {
    on_each_server(|server| {
        let (admin, layout_engine) = (server.superuser(), Fake::at(server));
        *layout_engine.picture.lock().unwrap() = Some(picture(100, 40));
        let (parts, label) = label(&admin);
        let (port, sent) = listener();
        let settings = [("HOST", "127.0.0.1"), ("PORT", &port.to_string()), ("DARKNESS", "7"), ("TRACKING", "M")];
        let zebra = machine(&admin, "zebra", &settings);
        let brother = machine(&admin, "brother-ql", &[("HOST", "127.0.0.1"), ("PORT", &port.to_string())]);
        let (url, requests) = ipp::tests::printer(&[0x0001]);
        let ipp = machine(&admin, "ipp", &[("URL", &url), ("SIDES", "two-sided-long-edge"), ("QUALITY", "3")]);
        let order = |machine: &str, options: Json| {
            admin.post(
                "/api/label/print/",
                json!({"template": label, "items": &parts[..1], "plugin": "inventreelabelmachine", "machine": machine,
                       "driver_options": options}),
            )
        };
        let printed = |machine: &str, options: Json| {
            let (status, made) = order(machine, options);
            assert_eq!(status, 201, "{made}");
            let row = worked(server, &admin, &made);
            assert_eq!((&row["complete"], &row["errors"]), (&json!(true), &json!(null)), "{row}");
        };
        // what OPTIONS says of each
        let children = |machine: &str| {
            let path = format!("/api/label/print/?plugin=inventreelabelmachine&machine={machine}");
            admin.options(&path).1["actions"]["POST"]["driver_options"]["children"].clone()
        };
        let of_zebra = children(&zebra);
        assert_eq!((&of_zebra["darkness"]["default"], &of_zebra["darkness"]["type"]), (&json!(7), &json!("integer")));
        assert_eq!(of_zebra["mode"]["choices"][1], json!({"value": "C", "display_name": "Cut"}));
        assert_eq!((&of_zebra["rotate"]["type"], &of_zebra["rotate"]["default"]), (&json!("boolean"), &json!(false)));
        assert!(of_zebra.get("sides").is_none() && children(&brother)["cut_every"]["default"] == 1);
        assert_eq!(children(&ipp)["sides"]["default"], "two-sided-long-edge");

        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        printed(&zebra, json!({}));
        let plain = text(sent.recv().unwrap());
        assert!(plain.contains("~SD07^MNM^PON") && plain.contains("^PQ1,"), "{plain:.200}");
        let options = json!({"copies": 4, "darkness": 12, "speed": 3, "mode": "C", "rotate": true});
        printed(&zebra, options);
        let chosen = text(sent.recv().unwrap());
        assert!(chosen.contains("~SD12^PR3^MMC^MNM^POI") && chosen.contains("^PQ4,"), "{chosen:.200}");
        assert_eq!(zebra::tests::decode(&chosen).2, zebra::tests::decode(&plain).2);

        let raw = |bytes: &[u8], command: &[u8]| {
            let at = bytes.windows(command.len()).position(|window| window == command).unwrap() + command.len();
            bytes[at..at + 2].to_vec()
        };
        printed(&brother, json!({"cut": true, "cut_every": 5, "feed": 10, "high_quality": false, "copies": 2}));
        let bytes = sent.recv().unwrap();
        assert_eq!(brother::tests::decode(&bytes, 696, 12).len(), 2);
        assert_eq!(
            (raw(&bytes, b"\x1biA")[0], raw(&bytes, b"\x1bid"), raw(&bytes, b"\x1biz")[0]),
            (5, vec![118, 0], 0x8e)
        );

        printed(&ipp, json!({"sides": "one-sided", "finishing": "60", "darkness": -5, "copies": 3}));
        let (_, attributes, _) = ipp::tests::decode(&requests.recv().unwrap());
        let value = |name: &str| attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        assert_eq!(value("sides"), Some(b"one-sided".to_vec()));
        assert_eq!(value("print-quality"), Some(vec![0, 0, 0, 3]), "that of the machine");
        assert_eq!(value("finishings"), Some(vec![0, 0, 0, 60]));
        assert_eq!(value("print-darkness"), Some(vec![255, 255, 255, 251]));
        assert_eq!(value("print-color-mode"), None);

        for (machine, options, name) in [
            (&zebra, json!({"darkness": 31}), "darkness"),
            (&zebra, json!({"darkness": "dark"}), "darkness"),
            (&zebra, json!({"mode": "X"}), "mode"),
            (&zebra, json!({"rotate": "perhaps"}), "rotate"),
            (&zebra, json!({"sides": "one-sided"}), "sides"),
            (&zebra, json!({"copies": 101}), "copies"),
            (&zebra, json!({"copies": 0}), "copies"),
            (&brother, json!({"cut_every": 256}), "cut_every"),
            (&ipp, json!({"priority": 0}), "priority"),
            (&ipp, json!({"media": "a\nb"}), "media"),
        ] {
            let (status, answer) = order(machine, options.clone());
            assert!(status == 400 && answer["driver_options"].get(name).is_some(), "{options}: {answer}");
        }
    });
}

#[test]
fn a_user_has_only_so_many_jobs_waiting() {
    on_each_server(|server| {
        let (admin, _press) = (server.superuser(), Fake::at(server));
        let (parts, label) = label(&admin);
        let key = machine(&admin, "browser", &[]);
        let body = json!({"template": label, "items": parts, "plugin": "inventreelabelmachine", "machine": key});
        let made: Vec<Json> = (0..50).map(|_| print(&admin, label, &parts, &key, 1)).collect();
        let (status, answer) = admin.post("/api/label/print/", body.clone());
        assert!(status == 429 && answer["detail"].as_str().unwrap().contains("50 print jobs"), "{answer}");
        let other = server.user("ann", &[(Ruleset::Part, &[Permission::View])]);
        assert_eq!(other.post("/api/label/print/", body.clone()).0, 201, "others print");
        let (status, made_now) = admin.post("/api/label/print/", json!({"template": label, "items": parts}));
        assert_eq!(status, 201, "into a file, within the request: {made_now}");
        worked(server, &admin, &made[0]);
        assert_eq!(admin.post("/api/label/print/", body).0, 201, "once they are done");
    });
}
