//! Stock ownership: with `STOCK_OWNERSHIP_CONTROL`, only owners can change stock and locations.

use std::collections::BTreeSet;

use ironwood_base::{Error, Result};
use ironwood_rest::at_or_below;
use ironwood_rest::context::Context;
use ironwood_rest::table::Table;
use ironwood_store::{AsSql, Fragment, fragment, sql};

use crate::platform::settings::keys;
use crate::schema::keys::*;
use crate::schema::stock::{ITEM, LOCATION};

/// The owner of the nearest location, from the one with the alias `l` upwards, that has one.
const OF_LOCATION: &str = sql!(
    "(SELECT a.owner FROM stock_stocklocation a WHERE a.owner IS NOT NULL \
    AND ",
    at_or_below!("l", "a"),
    " ORDER BY LENGTH(a.tree_path) DESC LIMIT 1)"
);

/// Whether the caller is measured by ownership at all.
fn is_measured(ctx: &mut Context<'_>) -> Result<bool> {
    Ok(!ctx.caller.is_superuser()
        && crate::platform::state::snapshot(ctx)?.settings.bool(keys::STOCK_OWNERSHIP_CONTROL))
}

/// A condition: the caller is that owner, or in the group that is.
fn is_caller(ctx: &Context<'_>, owner: impl AsSql) -> Fragment {
    let user = caller_key(ctx);
    fragment!(
        "{owner} IN (SELECT o.id FROM users_owner o WHERE (o.owner_type = 'auth.user' AND o.owner_id = {user}) \
         OR (o.owner_type = 'auth.group' AND o.owner_id IN \
         (SELECT g.\"group\" FROM auth_user_groups g WHERE g.\"user\" = {user})))"
    )
}

/// Those of the items that the caller may not change because someone else owns them, or owns the place
/// where they are in stock. One statement.
///
/// # Errors
/// Those of the database.
pub(crate) fn foreign(ctx: &mut Context<'_>, items: &[ItemKey]) -> Result<BTreeSet<ItemKey>> {
    let mut found = BTreeSet::new();
    if !is_measured(ctx)? {
        return Ok(found);
    }
    let in_stock = super::available::IN_STOCK;
    let owner = fragment!("COALESCE(s.owner, CASE WHEN {in_stock} THEN {OF_LOCATION} END)");
    let own = is_caller(ctx, &owner);
    let sql = fragment!(
        "SELECT s.id FROM stock_stockitem s LEFT JOIN stock_stocklocation l ON l.id = s.location \
         WHERE s.id IN ({{keys}}) AND {owner} IS NOT NULL AND NOT {own}"
    );
    ctx.conn.of_keys(&sql, items, |row| {
        found.insert(row.cell(0));
    })?;
    Ok(found)
}

/// What is said of stock that someone else owns.
pub(crate) const FOREIGN: &str = "Only the owner can change this stock item.";

/// Refuses to change items that someone else owns.
///
/// # Errors
/// 403.
pub(crate) fn check_items(ctx: &mut Context<'_>, items: &[ItemKey]) -> Result<()> {
    if foreign(ctx, items)?.is_empty() { Ok(()) } else { Err(Error::Denied(FOREIGN.into())) }
}

/// Refuses to change a row of that table, where it is a stock item or location that someone else owns.
///
/// # Errors
/// 403.
pub(crate) fn check_record(ctx: &mut Context<'_>, table: &Table, key: AnyKey) -> Result<()> {
    match table.name {
        name if name == ITEM.name => check_items(ctx, &[key.of_kind()]),
        name if name == LOCATION.name => check_location(ctx, key.of_kind()),
        _ => Ok(()),
    }
}

/// Refuses to change any of these locations that someone else owns, or that are in one such.
///
/// # Errors
/// 403.
pub(crate) fn check_locations(ctx: &mut Context<'_>, locations: &[LocationKey]) -> Result<()> {
    if !is_measured(ctx)? {
        return Ok(());
    }
    let own = is_caller(ctx, OF_LOCATION);
    let sql = fragment!(
        "SELECT l.id FROM stock_stocklocation l WHERE l.id IN ({{keys}}) AND {OF_LOCATION} IS NOT NULL AND NOT {own}"
    );
    let mut foreign = false;
    ctx.conn.of_keys(&sql, locations, |_| foreign = true)?;
    if foreign { Err(Error::Denied("Only the owner can change this location.".into())) } else { Ok(()) }
}

/// Refuses to change a location that someone else owns, or that is in one.
///
/// # Errors
/// 403.
pub(crate) fn check_location(ctx: &mut Context<'_>, location: LocationKey) -> Result<()> {
    check_locations(ctx, &[location])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use crate::platform::settings;
    use crate::platform::users::permission::{Permission, Ruleset};
    use crate::testing::{Client, Server, on_each_server};

    const ALL: &[Permission] = &[Permission::View, Permission::Add, Permission::Change, Permission::Delete];
    const STOREKEEPER: &[(Ruleset, &[Permission])] =
        &[(Ruleset::Stock, ALL), (Ruleset::StockLocation, ALL), (Ruleset::Part, ALL), (Ruleset::SalesOrder, ALL)];

    fn owner(server: &Server, kind: &str, key: i64) -> i64 {
        let sql = format!("SELECT id FROM users_owner WHERE owner_type = 'auth.{kind}' AND owner_id = $1");
        server.int(&sql, &[key.into()])
    }

    /// Everything that can be done to an item and to its location: what it is called, and the status of the answer.
    fn attempts(who: &Client, world: &World, item: i64, place: i64) -> Vec<(&'static str, u16)> {
        let line = json!([{"pk": item, "quantity": 1}]);
        let to = world.elsewhere;
        // back and forth
        let other =
            if who.read(&format!("/api/stock/{item}/"))["part"] == world.part { world.variant } else { world.part };
        let post = |path: &str, body: Json| who.post(path, body).0;
        let on = |action: &str, body: Json| who.post(&format!("/api/stock/{item}/{action}/"), body).0;
        let row = format!("/api/stock/{item}/");
        let tested = json!({"stock_item": item, "template": world.template, "result": true});
        vec![
            ("edit", who.patch(&row, json!({"notes": "mine"})).0),
            ("edit many", who.patch("/api/stock/", json!({"items": [item], "packaging": "Box"})).0),
            ("count", post("/api/stock/count/", json!({"items": [{"pk": item, "quantity": 50}]}))),
            ("add", post("/api/stock/add/", json!({"items": line}))),
            ("remove", post("/api/stock/remove/", json!({"items": line}))),
            ("transfer", post("/api/stock/transfer/", json!({"items": line, "location": to}))),
            ("status", post("/api/stock/change_status/", json!({"items": [item], "status": 50}))),
            ("serialise", on("serialize", json!({"quantity": 1, "serial_numbers": "~", "destination": to}))),
            (
                "install",
                post(&format!("/api/stock/{}/install/", world.host), json!({"stock_item": item, "quantity": 1})),
            ),
            (
                "disassemble",
                on("disassemble", json!({"quantity": 1, "items": [{"bom_item": world.line, "quantity": 1}]})),
            ),
            ("convert", on("convert", json!({"part": other}))),
            ("test", post("/api/stock/test/", tested)),
            ("link", post("/api/barcode/link/", json!({"barcode": format!("code {item}"), "stockitem": item}))),
            ("unlink", post("/api/barcode/unlink/", json!({"stockitem": item}))),
            (
                "link place",
                post(
                    "/api/barcode/link/",
                    json!({"barcode": format!("place {place} {item} {}", who.user), "stocklocation": place}),
                ),
            ),
            ("edit place", who.patch(&format!("/api/stock/location/{place}/"), json!({"description": "mine"})).0),
        ]
    }

    struct World {
        elsewhere: i64,
        loose: i64,
        host: i64,
        part: i64,
        template: i64,
        line: i64,
        variant: i64,
    }

    #[test]
    fn only_owners_change_stock_and_places_by_themselves_by_their_group_or_by_the_place_above() {
        on_each_server(|server| {
            let admin = server.superuser();
            let (ann, eve) = (server.user("ann", STOREKEEPER), server.user("eve", STOREKEEPER));
            let group = server.int("SELECT \"group\" FROM auth_user_groups WHERE \"user\" = $1", &[ann.user.into()]);
            let part = admin.made(
                "/api/part/",
                json!({"name": "Pump", "trackable": true, "testable": true, "assembly": true, "is_template": true}),
            );
            let bolt = admin.made("/api/part/", json!({"name": "Bolt", "component": true}));
            let place = |body: Json| admin.made("/api/stock/location/", body);
            let world = World {
                elsewhere: place(json!({"name": "Elsewhere"})),
                loose: admin.made("/api/stock/", json!({"part": bolt, "quantity": 900})),
                host: admin.made("/api/stock/", json!({"part": bolt, "quantity": 1})),
                part,
                template: admin
                    .made("/api/part/test-template/", json!({"part": part, "test_name": "Leak", "description": "L"})),
                line: admin
                    .made("/api/bom/", json!({"part": part, "sub_part": bolt, "quantity": 1, "inherited": true})),
                variant: admin.made(
                    "/api/part/",
                    json!({"name": "Pump X", "trackable": true, "testable": true, "variant_of": part}),
                ),
            };
            let store = place(json!({"name": "Store", "owner": owner(server, "user", ann.user)}));
            let shelf = place(json!({"name": "Shelf", "parent": store}));
            let hall = place(json!({"name": "Hall", "owner": owner(server, "group", group)}));
            let open = place(json!({"name": "Open"}));
            let item = |place: i64, owner: Json| {
                let body = json!({"part": part, "quantity": 50, "location": place, "owner": owner});
                admin.made("/api/stock/", body)
            };
            let hers = json!(owner(server, "user", ann.user));
            let eves = json!(owner(server, "user", eve.user));
            let cases = [
                (item(shelf, Json::Null), shelf, [true, false]),
                (item(hall, Json::Null), hall, [true, false]),
                (item(open, Json::Null), open, [true, true]),
                (item(shelf, eves), shelf, [false, true]),
            ];
            let owned = item(open, hers);
            let switch = |value: &'static str| {
                server.write(move |conn| settings::set_global(conn, "STOCK_OWNERSHIP_CONTROL", value).map(|_| ()));
            };
            server.write(|conn| settings::set_global(conn, "STOCK_ENFORCE_BOM_INSTALLATION", "False").map(|_| ()));
            switch("True");
            for (key, place, may) in cases {
                for (who, may) in [&ann, &eve].into_iter().zip(may) {
                    for (what, status) in attempts(who, &world, key, place) {
                        // of a place its own owner decides, not that of an item in it
                        let may = if what.contains("place") { who.user == ann.user || place == open } else { may };
                        let done = (200..300).contains(&status);
                        assert!(done == may, "{what} of {key} in {place} by {}: {status}", who.user);
                        assert!(done || status == 403 || status == 400, "{what}: {status}");
                    }
                }
                assert!(attempts(&admin, &world, key, place).iter().all(|(_, status)| *status < 300));
            }
            // what goes with a place needs the right as well
            let gone = json!({"delete_stock_items": true, "delete_sub_locations": true});
            let delete = |who: &Client, place: i64| {
                let body = ironwood_rest::http::Body::Json(gone.clone());
                who.send(ironwood_rest::http::Method::Delete, &format!("/api/stock/location/{place}/"), body).0
            };
            assert_eq!(delete(&eve, store), 403);
            assert_eq!(delete(&ann, store), 403, "an item in it is somebody else's");
            assert_eq!(delete(&eve, open), 403, "an item in it is somebody else's");
            let many = |who: &Client| {
                let body = ironwood_rest::http::Body::Json(json!({"items": [owned, world.loose]}));
                who.send(ironwood_rest::http::Method::Delete, "/api/stock/", body).0
            };
            let there = server.int("SELECT COUNT(*) FROM stock_stockitem", &[]);
            assert_eq!(many(&eve), 403);
            assert_eq!(
                eve.post(
                    "/api/stock/merge/",
                    json!({"items": [{"item": world.loose}, {"item": owned}], "location": open})
                )
                .0,
                400
            );
            assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitem", &[]), there);
            assert_eq!(many(&ann), 200);
            switch("False");
            assert_eq!(delete(&eve, store), 204);
        });
    }
}
