//! Realistic files, and the errors and values of their rows.

use serde_json::{Value as Json, json};

use super::{accept_all, csv, keys, path, rows, session};
use crate::testing::{Client, on_each_server};

fn mapping(client: &Client, session: i64, field: &str) -> Json {
    let maps = client.read(&format!("/api/importer/column-mapping/?session={session}"));
    maps.as_array().unwrap().iter().find(|m| m["field"] == field).unwrap().clone()
}

fn map_to(client: &Client, session: i64, field: &str, change: Json) -> (u16, Json) {
    let map = mapping(client, session, field);
    client.patch(&format!("/api/importer/column-mapping/{}/", map["pk"]), change)
}

fn read_rows(client: &Client, session: i64) -> Vec<Json> {
    client.done(&path(session, "accept_fields/"), json!({}));
    rows(client, session)
}

#[test]
fn headings_that_the_server_hands_out_can_be_mapped() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Screw", "IPN": "HC"}));
        for heading in ["\"Qty\n(pcs)\"", "\"Qty\t(pcs)\"", "Qty<b>", "<script>x</script>", " Amount\u{202e} ", "Menge"]
        {
            let id = csv(&admin, "stockitem", &format!("part,{heading}\nHC,7\n"));
            let column = admin.read(&path(id, ""))["columns"][1].clone();
            // no amount at all is no amount of one
            let (status, answer) = admin.post(&path(id, "accept_fields/"), json!({}));
            assert_eq!((status, &answer["fields"]), (400, &json!(["quantity"])), "{heading}: {answer}");
            let (status, answer) = map_to(&admin, id, "quantity", json!({"column": column}));
            assert_eq!(status, 200, "{heading}: {answer}");
            accept_all(&admin, id);
            let made = server.int("SELECT quantity FROM stock_stockitem ORDER BY id DESC LIMIT 1", &[]);
            assert_eq!(made, 700_000, "{heading}");
        }
        let id = csv(&admin, "stockitem", "part,quantity\nHC,\nHC,3\n");
        let all = read_rows(&admin, id);
        assert!(all[0]["errors"]["quantity"].is_array() && all[1]["valid"] == true, "{all:?}");
        // every amount of every kind of record
        let models = admin.read("/api/importer/models/");
        let mut amounts = 0;
        for model in models.as_array().unwrap().iter().filter_map(|m| m["model_type"].as_str()) {
            let begun = session(&admin, model, ("a.csv", b"Nothing\nx\n"), &[]);
            for name in ["quantity", "raw_amount"] {
                let Some(info) = begun["available_fields"].get(name) else { continue };
                amounts += 1;
                assert_eq!(info["required"], true, "{model} {name}");
                assert!(begun["field_defaults"].get(name).is_none(), "{model} {name}");
            }
        }
        assert!(amounts > 10 && part > 0, "{amounts}");
    });
}

#[test]
fn names_go_before_keys_and_the_row_says_so() {
    on_each_server(|server| {
        let admin = server.superuser();
        let first = admin.made("/api/part/", json!({"name": "First", "IPN": "A"}));
        let second = admin.made("/api/part/", json!({"name": "Second", "IPN": first.to_string()}));
        let third = admin.made("/api/part/", json!({"name": "Third", "IPN": "0082"}));
        let text = format!("part,quantity\n{first},1\n0082,1\n{second},1\n0{third},1\n");
        let id = csv(&admin, "stockitem", &text);
        let all = read_rows(&admin, id);
        let part = |at: usize| all[at]["data"]["part"].clone();
        assert_eq!((part(0), part(1), part(2)), (json!(second), json!(third), json!(second)), "{all:?}");
        assert!(all[0]["warnings"]["part"].is_array() && all[0]["valid"] == true, "{}", all[0]);
        assert!(all[1]["warnings"].is_null() && all[2]["warnings"].is_null(), "{all:?}");
        assert!(all[3]["errors"]["part"].is_array(), "no key is written so: {}", all[3]);
        // a column of keys
        let id = csv(&admin, "stockitem", &text);
        assert_eq!(map_to(&admin, id, "part", json!({"lookup_field": "pk"})).0, 200);
        let all = read_rows(&admin, id);
        assert_eq!((&all[0]["data"]["part"], &all[0]["warnings"]), (&json!(first), &Json::Null), "{all:?}");
        // a row of the file goes before a key, too
        let key = admin.made("/api/part/category/", json!({"name": "Old"}));
        let id = csv(&admin, "partcategory", &format!("name,parent\n{key},\nBelow,{key}\n"));
        let all = read_rows(&admin, id);
        assert!(all[1]["valid"] == true && all[1]["warnings"]["parent"].is_array(), "{}", all[1]);
        admin.done(&path(id, "accept_rows/"), json!({"rows": keys(&all)}));
        let below = admin.read("/api/part/category/?name=Below");
        assert_eq!(below[0]["pathstring"], format!("{key}/Below"));
    });
}

#[test]
fn files_as_people_have_them_become_records() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Widerstand", "IPN": "R-1"}));
        let text = "sep=;\r\nBestand der Firma Müller;;;\r\n\r\nPart;Quantity;Purchase price;Expiry date\r\n\
                    R-1;1.000,5;0,10 €;31.12.2026\r\nR-1;2;1.234,50;01.02.2027\r\nR-1;3;$5;1.3.27\r\nSumme;1.005,5\r\n";
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(text);
        let begun = session(&admin, "stockitem", ("a.csv", &bytes), &[]);
        let id = begun["pk"].as_i64().unwrap();
        let format = &begun["file_format"];
        assert_eq!(
            *format,
            json!({
                "header_row": 2, "footer_rows": 1, "decimal_sign": ",", "thousands_sign": ".", "date_order": "DMY",
                "chosen": [], "encoding": "windows-1252", "separator": ";",
            })
        );
        let all = read_rows(&admin, id);
        let of = |at: usize, field: &str| all[at]["data"][field].clone();
        assert_eq!(
            (of(0, "quantity"), of(0, "purchase_price"), of(0, "expiry_date")),
            (json!("1000.5"), json!("0.10"), json!("2026-12-31"))
        );
        assert_eq!((of(0, "purchase_price_currency"), of(2, "purchase_price_currency")), (json!("EUR"), json!("USD")));
        assert_eq!(of(2, "expiry_date"), "2027-03-01");
        assert!(all.len() == 3 && all.iter().all(|row| row["valid"] == true), "{all:?}");
        // chosen otherwise, it is read again
        let (status, answer) =
            admin.patch(&path(id, ""), json!({"file_format": {"decimal_sign": ".", "footer_rows": 0}}));
        assert_eq!((status, &answer["status"], &answer["row_count"]), (200, &json!(10), &json!(0)), "{answer}");
        assert_eq!(answer["file_format"]["chosen"], json!(["decimal_sign", "footer_rows"]));
        assert_eq!(answer["file_format"]["thousands_sign"], ",");
        let all = read_rows(&admin, id);
        assert!(all.len() == 4 && all[0]["errors"]["quantity"].is_array(), "{all:?}");
        let (_, answer) = admin.patch(
            &path(id, ""),
            json!({"file_format": {"decimal_sign": null, "footer_rows": null, "date_order": "MDY"}}),
        );
        assert_eq!(
            (&answer["file_format"]["decimal_sign"], &answer["file_format"]["chosen"]),
            (&json!(","), &json!(["date_order"]))
        );
        let all = read_rows(&admin, id);
        assert!(all[0]["errors"]["expiry_date"].is_array() && all[1]["data"]["expiry_date"] == "2027-01-02", "{all:?}");
        admin.done(&path(id, "accept_rows/"), json!({"rows": keys(&all)[1..2]}));
        assert_eq!(admin.patch(&path(id, ""), json!({"file_format": {"date_order": "DMY"}})).0, 400);
        assert_eq!(server.int("SELECT quantity FROM stock_stockitem WHERE part = $1", &[part.into()]), 200_000);
        for given in [
            json!({"decimal_sign": "x"}),
            json!({"nonsense": 1}),
            json!({"header_row": 0}),
            json!([1]),
            json!({"encoding": "x"}),
        ] {
            let (status, answer) =
                super::upload(&admin, "stockitem", ("a.csv", &bytes), &[("file_format", &given.to_string())]);
            assert!(status == 400 && answer.get("file_format").is_some(), "{given}: {answer}");
        }
        let given = [("file_format", "{\"header_row\": 3}")];
        assert_eq!(session(&admin, "stockitem", ("a.csv", &bytes), &given)["columns"][0], "R-1");
    });
}

#[test]
fn all_faults_of_a_row_are_told_at_once() {
    on_each_server(|server| {
        let admin = server.superuser();
        admin.made("/api/part/", json!({"name": "Known", "IPN": "K"}));
        let text = "part,location,quantity,purchase_price,status,expiry_date,link,batch\n\
                    Unknown,Nowhere,many,cheap,broken,soon,no address,<b>x</b>\nK,,-5,,,,ftp,\n";
        let id = csv(&admin, "stockitem", text);
        let all = read_rows(&admin, id);
        for field in ["part", "location", "quantity", "purchase_price", "status", "expiry_date", "link", "batch"] {
            assert!(all[0]["errors"].get(field).is_some(), "{field}: {}", all[0]["errors"]);
        }
        assert!(all[1]["errors"]["quantity"].is_array() && all[1]["errors"]["link"].is_array(), "{}", all[1]);
        // by PATCH of the row, too
        let row = format!("/api/importer/row/{}/", all[0]["pk"]);
        let data = json!({"part": "Unknown", "quantity": "many", "purchase_price": "cheap", "link": "x y"});
        let (_, answer) = admin.patch(&row, json!({"data": data}));
        for field in ["part", "quantity", "purchase_price", "link"] {
            assert!(answer["errors"].get(field).is_some(), "{field}: {}", answer["errors"]);
        }
        // much that is wrong stays small
        let wide: String = (0..60).map(|_| format!("{},x\n", "ü".repeat(40_000))).collect();
        let id = csv(&admin, "projectcode", &format!("code,responsible\n{wide}"));
        let all = read_rows(&admin, id);
        assert!(all.iter().all(|row| row["errors"].to_string().len() < 11_000), "bounded");
    });
}

#[test]
fn a_longer_row_is_taken_in_with_a_warning() {
    on_each_server(|server| {
        let admin = server.superuser();
        let id = csv(&admin, "projectcode", "code,description\nA,one,more\nB,two\n");
        let all = read_rows(&admin, id);
        assert!(all[0]["warnings"].is_object() && all[1]["warnings"].is_null(), "{all:?}");
        assert_eq!((&all[0]["valid"], &all[0]["row_data"]["Column 3"]), (&json!(true), &json!("more")));
    });
}
