//! What hangs on records, or belongs to a user, is for those alone who may view the records, or for that user.

use ironwood_store::Fragment;
use std::collections::BTreeSet;

use ironwood_rest::http::{Body, FormValue, Method, Upload};
use ironwood_rest::resource::Resource;
use serde_json::{Value as Json, json};

use super::filled;
use crate::installation::app::the_registry;
use crate::platform::users::permission::{Permission, Ruleset};
use crate::schema::TABLES;
use crate::testing::{Client, Server, on_each_server};

/// Resources whose rows have the rights of something else.
fn dependents() -> Vec<&'static Resource> {
    let all = the_registry().resources.iter().copied();
    all.filter(|r| {
        let table = r.view.table;
        table.subject.is_some() || table.seen_by.is_some() || !table.user.is_empty()
    })
    .collect()
}

fn form(fields: &[(&str, &str)], file: &str, name: &str, bytes: &[u8]) -> Body {
    let upload = Upload { name: name.into(), content_type: "text/plain".into(), bytes: bytes.to_vec() };
    let texts = fields.iter().map(|(name, text)| ((*name).to_owned(), FormValue::Text((*text).to_owned())));
    Body::Form(texts.chain([(file.to_owned(), FormValue::File(upload))]).collect())
}

fn png() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(300, 300).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A row of every such kind, on a sales order where they hang on records.
fn fill(server: &Server, admin: &Client) -> i64 {
    let user = admin.user;
    let order = admin.read("/api/order/so/?limit=1")["results"][0]["pk"].as_i64().unwrap();
    let on = [("model_type", "salesorder"), ("model_id", &order.to_string())];
    let contract = admin.send(Method::Post, "/api/attachment/", form(&on, "attachment", "zq-contract.txt", b"secret"));
    assert_eq!(contract.0, 201, "{}", contract.1);
    let image = admin.send(Method::Post, "/api/notes-image-upload/", form(&on, "image", "zq-photo.png", &png()));
    assert_eq!(image.0, 201, "{}", image.1);
    let template = admin.made("/api/parameter/template/", json!({"name": "Margin"}));
    let value = json!({"template": template, "model_type": "order.salesorder", "model_id": order, "data": "zq-40"});
    admin.made("/api/parameter/", value);
    assert_eq!(
        admin
            .patch(
                &format!("/api/order/so/{order}/"),
                json!({"tags": ["zq-confidential"], "metadata": {"of": "zq-metadata"}})
            )
            .0,
        200
    );
    assert_eq!(admin.get("/api/order/so/?export=true").0, 200);
    let session = form(&[("model_type", "projectcode")], "data_file", "zq-codes.csv", b"code\nzq-code\n");
    let (status, session) = admin.send(Method::Post, "/api/importer/session/", session);
    assert_eq!(status, 201, "{session}");
    admin.done(&format!("/api/importer/session/{}/accept_fields/", session["pk"]), json!({}));
    server.write(move |conn| {
        let now = ironwood_base::clock::now();
        let sql = "INSERT INTO common_barcodescanresult (data, \"user\", timestamp, endpoint, response, result) \
            VALUES ('zq-scan', $1, $2, '/api/barcode/', '{\"salesorder\": {\"pk\": 1}}', TRUE)";
        conn.execute(sql, &[user.into(), now.as_str().into()])?;
        let sql = "INSERT INTO common_notificationmessage (target_content_type, target_object_id, \"user\", category, name, creation) \
            SELECT 'order.salesorder', '1', id, 'x', 'zq-message', $1 FROM auth_user";
        conn.execute(sql, &[now.into()])
    });
    order
}

/// Keys of all rows of a table.
fn keys(server: &Server, table: &'static str) -> Vec<i64> {
    server.write(move |conn| {
        let sql = format!("SELECT id FROM {table} ORDER BY id LIMIT 40");
        Ok(conn.rows(Fragment::generated(&sql), &[])?.iter().map(|row| row.int(0)).collect())
    })
}

/// The tables of what belongs to records or to a user.
const DEPENDENT_TABLES: [&str; 9] = [
    "common_attachment",
    "common_notesimage",
    "common_parameter",
    "taggit_tag",
    "common_dataoutput",
    "common_barcodescanresult",
    "common_notificationmessage",
    "importer_dataimportsession",
    "importer_dataimportrow",
];

/// With what every text of [`fill`] begins.
const MARK: &str = "zq-";

/// Reads from every address, whatever it is for, as someone who may view nothing; gives those that tell a text of
/// [`fill`].
fn told_anywhere(who: &Client, order: i64) -> Vec<String> {
    let mut telling = Vec::new();
    for (path, operation) in the_registry().operations() {
        if operation.method != Method::Get {
            continue;
        }
        for key in [1, 2, order] {
            let address = filled(&path, |name| match name {
                "model" => "salesorder".into(),
                _ => key.to_string(),
            });
            let queries: &[&str] = if address == path { &["", "?limit=50&search=zq"] } else { &[""] };
            for query in queries {
                let answer = who.get(&format!("{address}{query}")).1.to_string();
                if answer.contains(MARK) {
                    telling.push(format!("{address}{query}: {answer}"));
                }
            }
            if address == path {
                break;
            }
        }
    }
    let searches =
        json!({"search": MARK, "part": {}, "salesorder": {}, "company": {}, "attachment": {}, "parameter": {}});
    let found = who.post("/api/search/", searches).1.to_string();
    if found.replace(&format!("\"{MARK}\""), "").contains(MARK) {
        telling.push(format!("/api/search/: {found}"));
    }
    telling
}

/// What someone gets of these rows on every way out, and every change that is let through.
fn leaks(server: &Server, who: &Client, resource: &'static Resource, wrong: &mut Vec<String>) {
    let (path, ids) = (resource.path, keys(server, resource.view.table.name));
    if resource.operations.list {
        let page = who.get(&format!("{path}?limit=100"));
        if page.0 == 200 && page.1["count"] != 0 {
            wrong.push(format!("{path}: counts {}", page.1["count"]));
        }
        for query in ["", "?search=a", "?search=o", "?ordering=-pk"] {
            let (status, rows) = who.get(&format!("{path}{query}"));
            if status == 200 && rows.as_array().is_none_or(|rows| !rows.is_empty()) {
                wrong.push(format!("{path}{query}: lists {rows}"));
            }
        }
        let (status, made) = who.get(&format!("{path}?export=true"));
        if status == 200 && resource.view.table.name != "common_dataoutput" && made["total"] != 0 {
            wrong.push(format!("{path}: exports {made}"));
        }
    }
    for id in ids {
        for (method, below) in [
            (Method::Get, ""),
            (Method::Patch, ""),
            (Method::Put, ""),
            (Method::Delete, ""),
            (Method::Get, "metadata/"),
            (Method::Patch, "metadata/"),
        ] {
            let body =
                if method.safe() { Body::Empty } else { Body::Json(json!({"metadata": {"a": 1}, "confirm": true})) };
            let (status, answer) = who.send(method, &format!("{path}{id}/{below}"), body);
            if !matches!(status, 403..=405) {
                wrong.push(format!("{} {path}{id}/{below}: {status} {answer}", method.name()));
            }
        }
        if resource.operations.bulk_delete {
            who.send(Method::Delete, path, Body::Json(json!({"items": [id]})));
        }
    }
}

/// Addresses of all files that rows name.
fn files(server: &Server) -> BTreeSet<String> {
    server.write(|conn| {
        let mut all = BTreeSet::new();
        for table in TABLES {
            for column in table.columns.iter().filter(|column| column.is_file()) {
                let sql = format!("SELECT \"{0}\" FROM {1} WHERE \"{0}\" <> ''", column.name, table.name);
                all.extend(
                    conn.rows(Fragment::generated(&sql), &[])?.iter().map(|row| format!("/media/{}", row.text(0))),
                );
            }
        }
        Ok(all)
    })
}

#[test]
fn who_may_view_nothing_reads_and_changes_nothing_that_hangs_on_records() {
    on_each_server(|server| {
        server.fill_with_demo();
        let admin = server.superuser();
        let nobody = server.user("nobody", &[]);
        let order = fill(server, &admin);
        for table in DEPENDENT_TABLES {
            assert!(dependents().iter().any(|r| r.view.table.name == table), "{table} is walked");
            assert!(!keys(server, table).is_empty(), "there are rows of {table}");
        }
        assert!(told_anywhere(&admin, order).len() > 15, "the texts are told to whoever may view everything");
        assert_eq!(told_anywhere(&nobody, order), Vec::<String>::new());
        let before = |server: &Server| -> Vec<(&str, String)> {
            let mut dump = server.dump();
            // the user's own, empty exports
            dump.retain(|(table, _)| *table != "common_dataoutput");
            dump
        };
        let all = before(server);
        let mut wrong = Vec::new();
        // outputs of others come first: exports of other lists make some of one's own
        let mut resources = dependents();
        resources.sort_by_key(|r| r.view.table.name != "common_dataoutput");
        for resource in resources {
            leaks(server, &nobody, resource, &mut wrong);
        }
        for table in TABLES.iter().filter(|t| !t.record.is_empty() && t.column("metadata").is_some()) {
            for id in keys(server, table.name).into_iter().take(3) {
                // everyone may read, and no one without a right may change
                let shown = the_registry().resources.iter().filter(|r| r.view.table.name == table.name);
                let reads =
                    shown.filter(|r| r.operations.retrieve).any(|r| nobody.get(&format!("{}{id}/", r.path)).0 == 200);
                for model in [table.record, table.model()] {
                    let address = format!("/api/metadata/{model}/{id}/");
                    let (got, changed) =
                        (nobody.get(&address).0, nobody.patch(&address, json!({"metadata": {"a": 1}})).0);
                    if (got == 200 && !reads) || !matches!(changed, 403 | 404) {
                        wrong.push(format!("{address}: {got} {changed}"));
                    }
                }
            }
        }
        let files = files(server);
        assert!(files.len() > 5, "{files:?}");
        for address in &files {
            if nobody.file(address) == 200 && !address.contains("/data_output/") {
                wrong.push(format!("{address} is served"));
            }
            assert_eq!(admin.file(address), 200, "{address}");
            assert_eq!(server.stranger().file(address), 401);
        }
        assert!(wrong.is_empty(), "{} leaks:\n{}", wrong.len(), wrong.join("\n"));
        for ((table, was), (_, is)) in all.iter().zip(before(server)) {
            assert!(*was == is, "{table} was changed");
        }
    });
}

#[test]
fn what_hangs_on_a_record_has_its_rights() {
    on_each_server(|server| {
        server.fill_with_demo();
        let admin = server.superuser();
        let seller = server.user("seller", &[(Ruleset::SalesOrder, &[Permission::View])]);
        let buyer = server.user("buyer", &[(Ruleset::PurchaseOrder, &[Permission::View, Permission::Change])]);
        let order = fill(server, &admin);
        let of_order = format!("model_type=salesorder&model_id={order}");
        let listed = |who: &Client| who.read(&format!("/api/attachment/?{of_order}"));
        let attached = listed(&seller)[0].clone();
        assert!(attached["pk"].is_i64() && listed(&buyer) == json!([]));
        let (id, file) = (attached["pk"].clone(), attached["attachment"].as_str().unwrap().to_owned());
        assert_eq!((seller.file(&file), buyer.file(&file)), (200, 403));
        let address = format!("/api/attachment/{id}/");
        assert_eq!((seller.get(&address).0, buyer.get(&address).0), (200, 403));
        assert_eq!((seller.patch(&address, json!({"comment": "x"})).0, buyer.patch(&address, json!({})).0), (403, 403));
        // it cannot be moved away either
        let moved = json!({"model_type": "company", "model_id": 1});
        assert_eq!(buyer.patch(&address, moved).0, 403);
        let images = seller.read("/api/notes-image-upload/");
        let image = images[0]["image"].as_str().unwrap().to_owned();
        assert_eq!((seller.file(&image), buyer.file(&image)), (200, 403));
        let small = image.replace(".png", ".thumbnail.png");
        assert_eq!((seller.file(&small), buyer.file(&small)), (200, 403));
        assert_eq!(buyer.read("/api/notes-image-upload/"), json!([]));
        let tags = |who: &Client| -> BTreeSet<String> {
            let rows = who.read("/api/tag/");
            rows.as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap().to_owned()).collect()
        };
        assert!(tags(&seller).contains("zq-confidential") && !tags(&buyer).contains("zq-confidential"));
        let parameters =
            |who: &Client| who.read("/api/parameter/?limit=1&model_type=order.salesorder")["count"].clone();
        assert!(parameters(&seller).as_i64() > Some(0) && parameters(&buyer) == 0);
        assert_eq!(seller.read("/api/notifications/").as_array().map(Vec::len), Some(1));
        assert_eq!(buyer.read("/api/notifications/"), json!([]));
        // outputs and imports are their owner's, also for staff
        let staff =
            server.user("staff", &[(Ruleset::Admin, &[Permission::View, Permission::Change, Permission::Delete])]);
        let staff_key = staff.user;
        server
            .write(move |conn| conn.execute("UPDATE auth_user SET is_staff = TRUE WHERE id = $1", &[staff_key.into()]));
        for path in ["/api/data-output/", "/api/importer/session/", "/api/importer/row/", "/api/barcode/history/"] {
            assert_eq!(staff.read(path), json!([]), "{path}");
            assert_ne!(admin.read(path), json!([]), "{path}");
        }
        let output = admin.read("/api/data-output/")[0]["output"].as_str().unwrap().to_owned();
        let name = output.rsplit('/').next().unwrap();
        assert!(name.starts_with("Ironwood_SalesOrder_") && name.ends_with(".csv"), "{name}");
        assert!(output.rsplit('/').nth(1).is_some_and(|folder| folder.len() == 32), "{output}");
        assert_eq!((staff.file(&output), admin.file(&output)), (404, 200));
    });
}

#[test]
fn templates_and_lists_have_the_rights_of_the_records_that_use_them() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "P"}));
        let list = admin.made("/api/selection/", json!({"name": "Sizes"}));
        let entries = format!("/api/selection/{list}/entry/");
        let entry = admin.done(&entries, json!({"value": "S", "label": "Small"}))["id"].clone();
        let template = admin.made("/api/parameter/template/", json!({"name": "Size", "selectionlist": list}));
        let of_part = json!({"template": template, "model_type": "part.part", "model_id": part, "data": "S"});
        admin.made("/api/parameter/", of_part);
        let nobody = server.user("nobody", &[]);
        let reader = server.user("reader", &[(Ruleset::Part, &[Permission::View])]);
        let buyer = server.user("buyer", &[(Ruleset::PurchaseOrder, &Permission::ALL)]);
        let engineer = server.user("engineer", &[(Ruleset::Part, &Permission::ALL)]);
        let rows = [
            format!("/api/parameter/template/{template}/"),
            format!("{entries}{entry}/"),
            format!("/api/selection/{list}/"),
        ];
        for row in &rows {
            for who in [&nobody, &reader, &buyer] {
                assert_eq!(who.get(row).0, 200, "{row}");
                assert_eq!(who.patch(row, json!({"description": "x"})).0, 403, "{row}");
                assert_eq!(who.delete(&format!("{row}?confirm=true")).0, 403, "{row}");
            }
            assert_eq!(engineer.patch(row, json!({"description": "x"})).0, 200, "{row}");
            let (status, answer) = engineer.delete(row);
            assert!(status == 400 && answer["confirm"][0].as_str().is_some_and(|m| m.contains("1 param")), "{answer}");
            assert_eq!(engineer.send(Method::Delete, row, Body::Json(json!({"confirm": false}))).0, 400);
        }
        for who in [&nobody, &reader] {
            assert_eq!(who.post("/api/parameter/template/", json!({"name": "T"})).0, 403);
            assert_eq!(who.post("/api/selection/", json!({"name": "L"})).0, 403);
            assert_eq!(who.post(&entries, json!({"value": "M", "label": "M"})).0, 403);
            assert!(who.options("/api/parameter/template/").1["actions"].get("POST").is_none());
        }
        assert_eq!(buyer.post(&entries, json!({"value": "M", "label": "M"})).0, 403, "parts use the list");
        let of_parts = json!({"name": "T", "model_type": "part.part"});
        assert_eq!(buyer.post("/api/parameter/template/", of_parts.clone()).0, 403);
        let unused = engineer.made("/api/parameter/template/", of_parts);
        assert_eq!(engineer.delete(&format!("/api/parameter/template/{unused}/")).0, 204);
        for row in rows.iter().skip(1) {
            assert_eq!(engineer.send(Method::Delete, row, Body::Json(json!({"confirm": true}))).0, 204);
        }
        assert_eq!(engineer.delete(&format!("{}?confirm=true", rows[0])).0, 204);
        assert_eq!(server.int("SELECT COUNT(*) FROM common_parameter", &[]), 0);
    });
}

#[test]
fn empty_files_are_refused_everywhere() {
    on_each_server(|server| {
        server.fill_with_demo();
        let admin = server.superuser();
        let mut tried = 0;
        for resource in the_registry().resources.iter().filter(|r| r.operations.create || r.operations.update) {
            for field in resource.row_view().fields.iter().filter(|f| f.writable) {
                if !field.column(resource.view.table).is_some_and(ironwood_rest::table::Column::is_file) {
                    continue;
                }
                let (method, path) = if resource.operations.create {
                    (Method::Post, resource.path.to_owned())
                } else {
                    let id = keys(server, resource.view.table.name)[0];
                    (Method::Patch, format!("{}{id}/", resource.path))
                };
                let (status, answer) = admin.send(method, &path, form(&[], field.name, "x.png", b""));
                let message: Option<&Json> = answer.get(field.name);
                assert!(status == 400 && message.is_some_and(|m| m.to_string().contains("empty")), "{path}: {answer}");
                tried += 1;
            }
        }
        assert!(tried >= 7, "{tried}");
    });
}
