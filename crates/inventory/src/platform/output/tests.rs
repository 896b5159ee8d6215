use serde_json::{Value as Json, json};

use crate::testing::{Client, Server, on_each_server};

fn lines(server: &Server, client: &Client, address: &str) -> Vec<String> {
    let output = client.read(address)["output"].as_str().unwrap().to_owned();
    let file = server.app.inventory().media.join(output.split_once("/media/").unwrap().1);
    std::fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn options_tell_what_a_file_may_be() {
    on_each_server(|server| {
        let admin = server.superuser();
        let export_options = |address: &str| admin.options(address).1["actions"]["GET"].clone();
        let all = export_options("/api/bom/?export=true");
        assert_eq!(
            (&all["export_format"]["default"], &all["export_format"]["type"]),
            (&json!("csv"), &json!("choice"))
        );
        let names = |export_options: &Json| -> Vec<String> {
            let choices = export_options["export_plugin"]["choices"].as_array().unwrap();
            choices.iter().map(|c| c["value"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&all), ["inventree-exporter", "bom-exporter"]);
        assert!(all.get("export_levels").is_none());
        let bom = export_options("/api/bom/?export=true&export_plugin=bom-exporter");
        assert_eq!((&bom["export_levels"]["default"], &bom["export_stock_data"]["default"]), (&json!(0), &json!(true)));
        let parts = ["inventree-exporter", "parameter-exporter", "inventree-stocktake-exporter"];
        assert_eq!(names(&export_options("/api/part/?export=true")), parts);
        assert!(export_options("/api/part/").get("export_format").is_none());
        for (field, value) in [("export_format", "pdf"), ("export_plugin", "bom-exporter")] {
            let (status, answer) = admin.get(&format!("/api/part/?export=true&{field}={value}"));
            assert!(status == 400 && answer.get(field).is_some(), "{answer}");
        }
    });
}

#[test]
fn a_stocktake_counts_what_it_is_told_to() {
    on_each_server(|server| {
        let admin = server.superuser();
        let template = admin.made("/api/part/", json!({"name": "Bolt", "is_template": true}));
        let variant = admin.made("/api/part/", json!({"name": "Bolt M3", "variant_of": template}));
        admin.made("/api/part/", json!({"name": "Nut"}));
        admin.made("/api/stock/", json!({"part": template, "quantity": 1}));
        admin.made("/api/stock/", json!({"part": variant, "quantity": 5}));
        let of = |options: &str| {
            let address = "/api/part/?ordering=name&export=true&export_plugin=inventree-stocktake-exporter";
            let more = "&export_pricing_data=false";
            let all = lines(server, &admin, &format!("{address}{more}{options}"));
            all[1..].iter().map(|line| line.rsplit(',').next().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(of(""), ["1", "5", "0"]);
        assert_eq!(of("&export_include_variant_items=true"), ["6", "5", "0"]);
        assert_eq!(of("&export_exclude_zero_stock_entries=true"), ["1", "5"]);
    });
}
