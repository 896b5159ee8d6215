//! What one request can make the server do is bounded: answers about faults, and work while others wait.

use std::sync::mpsc;
use std::time::Duration;

use ironwood_rest::http::{Body, FormValue, Method, Upload};
use serde_json::{Value as Json, json};

use crate::installation::app::the_registry;
use crate::testing::on_each_server;

/// Most bytes of an answer about faults.
const LARGEST: usize = 100_000;

#[test]
fn answers_about_faults_are_small_whatever_was_sent() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "P", "trackable": true}));
        let long = "x".repeat(1_000_000);
        let serials = [
            "1,".repeat(500_000),
            "1-9000 ".repeat(20_000),
            "1+9999 ".repeat(20_000),
            long.clone(),
            "9-1 ".repeat(200_000),
            "~ ".repeat(400_000),
        ];
        let mut requests: Vec<(String, Json)> = Vec::new();
        for text in &serials {
            let stock = json!({"part": part, "quantity": 9_000, "serial_numbers": text});
            requests.push(("/api/stock/".into(), stock));
        }
        let names =
            |name: &str| -> Json { (0..5_000).map(|_| json!({"name": name, "category": long.len()})).collect() };
        requests.push(("/api/part/".into(), json!({"name": long, "IPN": long, "category": "x"})));
        requests
            .push(("/api/parameter/".into(), vec![json!({"model_type": &long[..20_000], "data": "x"}); 400].into()));
        requests.push(("/api/parameter/".into(), vec![json!({}); 9_000].into()));
        requests.push(("/api/bom/".into(), vec![json!({"part": "x", "sub_part": -1, "quantity": "y"}); 5_000].into()));
        let moved: Json = (0..5_000).map(|_| json!({"pk": "x", "quantity": "y"})).collect();
        for action in ["add", "remove", "count", "transfer"] {
            requests.push((format!("/api/stock/{action}/"), json!({"items": moved, "location": "x"})));
        }
        requests.push(("/api/search/".into(), json!({"search": long, "part": names("x")})));
        for (path, body) in requests {
            let sent = body.to_string().len();
            let (status, answer, _) = admin.counted(Method::Post, &path, body);
            let size = answer.to_string().len();
            // a search answers for each of its lists
            let is_told = status == 400 || path == "/api/search/";
            assert!(is_told && size < LARGEST, "{path}: {status} with {size} bytes for {sent}");
        }
        let keys: Vec<String> = (0..50_000).map(|i| format!("x{i}")).collect();
        let bulk = json!({"items": keys, "active": long});
        let (_, answer, _) = admin.counted(Method::Patch, "/api/part/", bulk);
        assert!(answer.to_string().len() < LARGEST);
    });
}

#[test]
fn pictures_are_looked_at_before_anybody_waits_for_them() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "P"}));
        let file =
            Upload { name: "p.png".into(), content_type: String::new(), bytes: b"\x89PNG\r\n\x1a\nbroken".to_vec() };
        let form = Body::Form(vec![("image".to_owned(), FormValue::File(file))]);
        let (began, beginning) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        let db = server.app.db().clone();
        let ended = std::sync::Mutex::new(ended);
        let writer = std::thread::spawn(move || {
            db.write(&crate::testing::origin(), move |conn| {
                conn.execute("UPDATE part_part SET description = 'held'", &[])?;
                let _ = began.send(());
                let _ = ended.lock().unwrap().recv_timeout(Duration::from_secs(60));
                Ok(())
            })
        });
        beginning.recv().unwrap();
        let (status, answer) = admin.send(Method::Patch, &format!("/api/part/{part}/"), form);
        assert_eq!((status, answer["image"].is_array()), (400, true), "{answer}");
        assert!(!writer.is_finished(), "it was refused while another one wrote");
        end.send(()).unwrap();
        writer.join().unwrap().unwrap();
        let left = std::fs::read_dir(server.media.join(".incoming")).map_or(0, Iterator::count);
        assert_eq!(left, 0, "nothing stays behind");
    });
}

#[test]
fn lists_as_files_are_read_by_readers() {
    on_each_server(|server| {
        let admin = server.superuser();
        for resource in the_registry().resources.iter().filter(|r| r.operations.list) {
            let path = format!("{}?export=true", resource.path.replace("{id}", "1"));
            let request = admin.request(Method::Get, &path, Body::Empty);
            let matched = the_registry().find(&request).unwrap();
            assert!(matched.export(&request).is_some() && !matched.writes(), "{path}");
        }
        // a request that is refused leaves no file behind
        assert_eq!(admin.get("/api/part/?export=true&export_format=pdf").0, 400);
        assert_eq!(admin.get("/api/part/?export=true&category=x").0, 400);
        assert_eq!(server.int("SELECT COUNT(*) FROM common_dataoutput", &[]), 0);
        let made = admin.read("/api/part/?export=true");
        assert!(
            made["complete"] == true
                && made["output"].as_str().is_some_and(|path| path.contains("/media/data_output/"))
        );
    });
}
