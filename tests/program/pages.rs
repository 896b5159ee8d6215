//! Addresses of records that people follow, and the examples of the README.

use std::process::{Command, Stdio};

use crate::server::Server;

#[test]
fn addresses_of_records_lead_to_their_pages() {
    let server = Server::start(ironwood_testbed::TestDatabase::sqlite(), &["--demo"]);
    let page = |path: &str| server.send("GET", path, &[], b"");
    let shown = |path: &str| server.send("GET", path, &[("Accept", "text/html")], b"").status;
    for (path, to) in [
        ("/web/part/5/", "/parts/5"),
        ("/web/stock/item/12", "/stock/12"),
        ("/web/purchasing/purchase-order/3/line-items", "/purchase-orders/3"),
        ("/web/sales/shipment/4/", "/shipments/4"),
        ("/supplier-part/1050/", "/supplier-parts/1050"),
        ("/part/82/", "/parts/82"),
        ("/part/category/3/", "/categories/3"),
        ("/order/purchase-order/7/", "/purchase-orders/7"),
        ("/platform/stock/location/2", "/locations/2"),
        ("/build/9/", "/builds/9"),
        ("/web/", "/"),
    ] {
        let reply = page(path);
        assert_eq!((reply.status, reply.header("location")), (302, Some(to)), "{path}");
        assert_eq!(shown(to), 200, "{to}");
    }
    assert_eq!(page("/web/nothing/1").status, 404);
    assert_eq!(page("/nothing/1").status, 404);
    assert_eq!(server.send("POST", "/web/part/5/", &[], b"").status, 405);
    assert_eq!(page("/api/part/5/").status, 401, "the API is where it was");

    // what the server hands out
    let scan = server.admin("POST", "/api/barcode/", b"{\"barcode\": \"{\\\"part\\\": 5}\"}").json();
    let address = scan["part"]["web_url"].as_str().unwrap_or_else(|| panic!("{scan}"));
    assert_eq!(page(address).header("location"), Some("/parts/5"), "{address}");
    let calendar = server.admin("GET", "/api/order/calendar/purchase-order/calendar.ics", b"");
    let text = String::from_utf8(calendar.body).unwrap();
    let address = text.lines().find_map(|line| line.strip_prefix("URL:")).expect("an address").trim();
    let to = page(&address[address.find("/web/").unwrap()..]).header("location").map(str::to_owned);
    assert!(to.as_deref().is_some_and(|to| to.starts_with("/purchase-orders/")), "{address}: {to:?}");
}

/// The shell examples of the README, in order.
fn examples() -> Vec<String> {
    let text = include_str!("../../README.md");
    text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_examples_of_the_readme_work() {
    if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("SKIPPED: curl is not installed here");
        return;
    }
    let server = Server::sqlite();
    let token = server.admin("GET", "/api/user/token/", b"").json()["token"].as_str().unwrap().to_owned();
    let [order, import] = &examples()[..] else { panic!("two examples") };
    for script in [order, import] {
        let done = Command::new("bash")
            .args(["-euo", "pipefail", "-c", script])
            .env("SERVER", format!("http://{}", server.address))
            .env("TOKEN", &token)
            .current_dir(server.folder())
            .output()
            .unwrap();
        assert!(done.status.success(), "{}{script}", String::from_utf8_lossy(&done.stderr));
    }
    let read = |path: &str| server.admin("GET", path, b"").json();
    let stock = read("/api/stock/?in_stock=true");
    assert_eq!(stock.as_array().map(Vec::len), Some(1), "{stock}");
    assert_eq!(stock[0]["quantity"].as_f64(), Some(90.0), "{stock}");
    assert!(read("/api/order/so/shipment/")[0]["shipment_date"].is_string());
    let parts = read("/api/part/?ordering=name");
    let names: Vec<&str> = parts.as_array().unwrap().iter().map(|part| part["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Bolt", "M3 x 8 screw", "Washer"]);
}

#[test]
fn an_empty_database_has_groups_once_and_none_where_it_is_to_be_bare() {
    let groups = |server: &Server| {
        let all = server.admin("GET", "/api/user/group/", b"").json();
        all.as_array().unwrap().iter().map(|g| g["pk"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let server = Server::sqlite();
    let all = groups(&server);
    assert_eq!(all.len(), 6);
    for group in all {
        assert_eq!(server.admin("DELETE", &format!("/api/user/group/{group}/"), b"").status, 204);
    }
    let server = Server::start(server.stop(), &[]);
    assert!(groups(&server).is_empty(), "what was deleted is not put back");
    let bare = Server::start(ironwood_testbed::TestDatabase::sqlite(), &["--bare"]);
    assert!(groups(&bare).is_empty());
    assert_eq!(bare.admin("GET", "/api/parameter/template/", b"").json(), serde_json::json!([]));
}
