//! What the right to work on the shop floor gives, and what it does not.

use std::collections::BTreeSet;

use ironwood_rest::http::{Body, Method};
use serde_json::{Value as Json, json};

use crate::installation::app::the_registry;
use crate::platform::settings;
use crate::platform::users::permission::{Permission, Ruleset};
use crate::testing::{Client, Server, on_each_server};
use crate::walks::filled;

const WORKER: &[(Ruleset, &[Permission])] =
    &[(Ruleset::ShopFloor, &[Permission::View, Permission::Add, Permission::Delete])];

const TAKE: &str = "/api/stock/shop-floor/take/";
const USE: &str = "/api/stock/shop-floor/use/";
const RETURN: &str = "/api/stock/shop-floor/return/";

struct World {
    admin: Client,
    /// The tablet: it is signed in.
    tablet: Client,
    /// Who shows a badge.
    ann: i64,
    shelf: i64,
    other: i64,
    part: i64,
    bag: i64,
}

fn world(server: &Server) -> World {
    let admin = server.superuser();
    let place = |name: &str| admin.made("/api/stock/location/", json!({"name": name}));
    let (shelf, other) = (place("Shelf"), place("Other"));
    let part = admin.made("/api/part/", json!({"name": "Screwdriver"}));
    let bag = admin.made("/api/stock/", json!({"part": part, "quantity": 20, "location": shelf}));
    let tablet = server.user("tablet", WORKER);
    let ann = server.user("ann", &[]).user;
    World { admin, tablet, ann, shelf, other, part, bag }
}

fn items(client: &Client, part: i64) -> Vec<Json> {
    client.read(&format!("/api/stock/?part={part}&location_detail=true&ordering=pk")).as_array().unwrap().clone()
}

/// How much lies in the location of that name: whole quantities.
fn in_place(rows: &[Json], name: &str) -> i64 {
    let there = |row: &&Json| row["location_detail"]["name"] == name;
    rows.iter().filter(there).map(|row| row["quantity"].as_f64().unwrap() as i64).sum()
}

#[test]
fn what_is_taken_stands_in_the_history_with_who_took_it() {
    on_each_server(|server| {
        let World { admin, tablet, ann, shelf, part, bag, .. } = world(server);
        let project = admin.made("/api/project-code/", json!({"code": "LAB"}));
        let body =
            json!({"person": ann, "items": [{"pk": bag, "quantity": 3}], "project_code": project, "notes": "Now"});
        tablet.done(TAKE, body);
        let rows = items(&tablet, part);
        assert_eq!((in_place(&rows, "Shelf"), in_place(&rows, "ann")), (17, 3), "{rows:?}");
        let taken = rows.iter().find(|row| row["pk"] != bag).unwrap()["pk"].as_i64().unwrap();
        for item in [bag, taken] {
            let history = tablet.read(&format!("/api/stock/track/?item={item}&ordering=-date"));
            let entry = &history[0];
            assert_eq!(entry["user"], tablet.user, "{entry}");
            assert_eq!(entry["deltas"]["person"], ann, "{entry}");
            assert_eq!(entry["deltas"]["person_detail"]["username"], "ann", "{entry}");
            assert_eq!(entry["notes"], "Now");
        }
        let history = admin.read(&format!("/api/stock/track/?item={taken}"));
        assert_eq!(history[0]["deltas"]["taken_from"], shelf);
        assert_eq!(history[0]["deltas"]["projectcode_detail"]["code"], "LAB");
        // a second time: the same place
        tablet.done(TAKE, json!({"person": ann, "items": [{"pk": bag, "quantity": 2}]}));
        let places = admin.read("/api/stock/location/?name=ann");
        assert_eq!(places.as_array().unwrap().len(), 1, "{places}");
        // whole again: what comes back as it was goes into its bag
        for row in items(&tablet, part).iter().filter(|row| row["pk"] != bag) {
            tablet.done(RETURN, json!({"person": ann, "items": [{"pk": row["pk"], "quantity": row["quantity"]}]}));
        }
        let rows = items(&tablet, part);
        assert_eq!((rows.len(), in_place(&rows, "Shelf")), (1, 20), "{rows:?}");
        let history = admin.read(&format!("/api/stock/track/?item={bag}&ordering=-date"));
        assert_eq!(history[0]["deltas"]["person"], ann, "{history}");
    });
}

#[test]
fn a_part_of_it_comes_back_damaged_and_some_is_used_up() {
    on_each_server(|server| {
        let World { tablet, ann, part, bag, .. } = world(server);
        tablet.done(TAKE, json!({"person": ann, "items": [{"pk": bag, "quantity": 5}]}));
        let taken = items(&tablet, part).iter().find(|row| row["pk"] != bag).unwrap()["pk"].clone();
        tablet.done(RETURN, json!({"person": ann, "items": [{"pk": taken, "quantity": 2, "status": 55}]}));
        let rows = items(&tablet, part);
        let damaged = rows.iter().find(|row| row["status"] == 55).unwrap();
        assert_eq!((damaged["quantity"].as_f64(), &damaged["location_detail"]["name"]), (Some(2.0), &json!("Shelf")));
        assert_eq!(in_place(&rows, "ann"), 3);
        tablet.done(USE, json!({"person": ann, "items": [{"pk": taken, "quantity": 1}, {"pk": bag, "quantity": 4}]}));
        let rows = items(&tablet, part);
        assert_eq!((in_place(&rows, "ann"), in_place(&rows, "Shelf")), (2, 13), "{rows:?}");
        let history = tablet.read(&format!("/api/stock/track/?item={bag}&ordering=-date"));
        assert_eq!((&history[0]["deltas"]["person"], &history[0]["deltas"]["removed"]), (&json!(ann), &json!(4.0)));
    });
}

#[test]
fn it_goes_back_to_where_it_was_or_to_the_place_of_its_part() {
    on_each_server(|server| {
        let World { admin, tablet, ann, other, part, bag, .. } = world(server);
        let bob = server.user("bob", &[]).user;
        tablet.done(TAKE, json!({"person": ann, "items": [{"pk": bag, "quantity": 20}]}));
        // from hand to hand
        tablet.done(TAKE, json!({"person": bob, "items": [{"pk": bag, "quantity": 20}]}));
        let back = |location: i64| json!({"person": bob, "items": [{"pk": bag, "quantity": 20}], "location": location});
        assert_eq!(tablet.post(RETURN, back(other)).0, 400);
        let (status, answer) =
            server.user("mover", &[(Ruleset::ShopFloor, &[Permission::Add])]).post(RETURN, back(other));
        assert_eq!(status, 400, "{answer}");
        assert_eq!(in_place(&items(&tablet, part), "bob"), 20);
        admin.patch(&format!("/api/part/{part}/"), json!({"default_location": other}));
        tablet.done(RETURN, back(other));
        assert_eq!(in_place(&items(&tablet, part), "Other"), 20);
        // nothing that was not taken out
        let (status, answer) = tablet.post(RETURN, json!({"person": bob, "items": [{"pk": bag, "quantity": 1}]}));
        assert_eq!(status, 400, "{answer}");
        tablet.done(TAKE, json!({"person": bob, "items": [{"pk": bag, "quantity": 1}]}));
        let place = admin.read("/api/stock/location/?name=bob")[0]["pk"].as_i64().unwrap();
        let taken = items(&tablet, part).iter().find(|row| row["location"] == place).unwrap()["pk"].clone();
        let anywhere: &[(Ruleset, &[Permission])] = &[(Ruleset::ShopFloor, &[Permission::Add, Permission::Change])];
        let third = admin.made("/api/stock/location/", json!({"name": "Third"}));
        let body = json!({"person": bob, "items": [{"pk": taken, "quantity": 1}], "location": third});
        assert_eq!(tablet.post(RETURN, body.clone()).0, 400);
        server.user("chooser", anywhere).done(RETURN, body);
    });
}

#[test]
fn it_refuses_what_is_not_there_and_who_is_not_there() {
    on_each_server(|server| {
        let World { admin, tablet, ann, bag, .. } = world(server);
        let line = |quantity: Json| json!([{"pk": bag, "quantity": quantity}]);
        for path in [TAKE, USE] {
            assert_eq!(tablet.post(path, json!({"person": ann, "items": line(json!(21))})).0, 400);
            assert_eq!(tablet.post(path, json!({"person": ann, "items": line(json!(0))})).0, 400);
            assert_eq!(tablet.post(path, json!({"person": ann, "items": line(json!(-1))})).0, 400);
            assert_eq!(tablet.post(path, json!({"person": ann, "items": []})).0, 400);
            assert_eq!(tablet.post(path, json!({"person": 999_999, "items": line(json!(1))})).0, 400);
            assert_eq!(tablet.post(path, json!({"items": line(json!(1))})).0, 400);
        }
        admin.patch(&format!("/api/user/{ann}/"), json!({"is_active": false}));
        let (status, answer) = tablet.post(TAKE, json!({"person": ann, "items": line(json!(1))}));
        assert_eq!((status, answer.get("person").is_some()), (400, true), "{answer}");
        assert_eq!(server.int("SELECT COUNT(*) FROM stock_stocklocation WHERE name = 'In use'", &[]), 0);
    });
}

#[test]
fn who_may_only_take_and_return_uses_nothing_up() {
    on_each_server(|server| {
        let World { ann, bag, .. } = world(server);
        let taker = server.user("taker", &[(Ruleset::ShopFloor, &[Permission::View, Permission::Add])]);
        let body = json!({"person": ann, "items": [{"pk": bag, "quantity": 1}]});
        assert_eq!(taker.post(USE, body.clone()).0, 403);
        taker.done(TAKE, body.clone());
        let viewer = server.user("viewer", &[(Ruleset::ShopFloor, &[Permission::View])]);
        for path in [TAKE, USE, RETURN] {
            assert_eq!(viewer.post(path, body.clone()).0, 403, "{path}");
        }
        // the right to work with stock includes it
        let keeper = server.user("keeper", &[(Ruleset::Stock, &[Permission::View, Permission::Add])]);
        keeper.done(TAKE, body.clone());
        keeper.done(USE, body);
    });
}

#[test]
fn with_owners_a_person_returns_what_lies_in_their_place() {
    on_each_server(|server| {
        let World { tablet, ann, part, bag, .. } = world(server);
        server.write(|conn| settings::set_global(conn, "STOCK_OWNERSHIP_CONTROL", "True").map(|_| ()));
        tablet.done(TAKE, json!({"person": ann, "items": [{"pk": bag, "quantity": 4}]}));
        let taken = items(&tablet, part).iter().find(|row| row["pk"] != bag).unwrap()["pk"].clone();
        tablet.done(RETURN, json!({"person": ann, "items": [{"pk": taken, "quantity": 4}]}));
        assert_eq!(in_place(&items(&tablet, part), "Shelf"), 20);
    });
}

/// Everything that is written by a request, with a body that would do it where that is easily said.
fn attempts(world: &World) -> Vec<(Method, String, Json)> {
    let line = json!([{"pk": world.bag, "quantity": 1, "item": world.bag}]);
    let everything = json!({
        "items": line, "location": world.other, "part": world.part, "quantity": 1, "name": "New", "notes": "x",
        "stock_item": world.bag, "status": 55, "person": world.ann, "barcode": "x", "stockitem": world.bag,
        "serial_numbers": "1", "destination": world.other, "description": "x", "parent": world.other,
    });
    let address = |path: &str| {
        filled(path, |name| match name {
            "model" => "part".into(),
            _ if path.starts_with("/api/stock/location/") => world.shelf.to_string(),
            _ if path.starts_with("/api/stock/") => world.bag.to_string(),
            _ if path.starts_with("/api/part/") => world.part.to_string(),
            _ => "1".into(),
        })
    };
    let mut all: Vec<(Method, String, Json)> = Vec::new();
    for (path, operation) in the_registry().operations() {
        // these only make up a text
        if !operation.method.safe() && !path.starts_with("/api/generate/") {
            all.push((operation.method, address(&path), json!({})));
            all.push((operation.method, address(&path), everything.clone()));
        }
    }
    all
}

/// Compares with somebody who has no right at all: the right to the shop floor adds the three operations of it, and
/// no other.
#[test]
fn the_right_gives_what_it_says_and_no_other_write() {
    on_each_server(|server| {
        let world = world(server);
        let refused = |who: &Client, method: Method, path: &str, body: &Json| {
            matches!(who.send(method, path, Body::Json(body.clone())).0, 401 | 403)
        };
        let mut given = BTreeSet::new();
        for (i, (method, path, body)) in attempts(&world).into_iter().enumerate() {
            // some of what everybody may do ends their sign-in
            let fresh = path.starts_with("/api/user/") || path.starts_with("/api/auth/");
            let suffix = if fresh { i } else { 0 };
            let worker = server.user(&format!("worker{suffix}"), WORKER);
            let nobody = server.user(&format!("nobody{suffix}"), &[]);
            if !refused(&worker, method, &path, &body) && refused(&nobody, method, &path, &body) {
                given.insert((method.name(), path));
            }
        }
        let stray: Vec<_> = given.iter().filter(|(_, path)| ![TAKE, USE, RETURN].contains(&path.as_str())).collect();
        assert!(stray.is_empty(), "more than the shop floor: {stray:?}");
        assert_eq!(given.len(), 3, "{given:?}");
        // nothing was done to stock by any of it but through these
        let sql = "SELECT COUNT(*) FROM stock_stockitemtracking t JOIN auth_user u ON u.id = t.\"user\" \
                   WHERE u.username LIKE 'worker%' AND t.deltas NOT LIKE '%\"person\"%'";
        assert_eq!(server.int(sql, &[]), 0);
        let roles = world.tablet.read("/api/user/me/roles/");
        assert_eq!(roles["roles"]["shop_floor"], json!(["view", "add", "delete"]), "{roles}");
        assert!(roles["roles"]["stock"].is_null(), "{roles}");
        // among the rulesets of a group where it grants anything
        let groups = world.admin.read("/api/user/group/?ordering=id");
        let named =
            |group: &Json| group["roles"].as_array().unwrap().iter().filter(|r| r["name"] == "shop_floor").count();
        let named: Vec<usize> = groups.as_array().unwrap().iter().map(named).collect();
        assert!(named.contains(&0) && named.contains(&1), "{named:?}");
    });
}
