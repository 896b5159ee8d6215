//! What operations ask of a caller that every signed-in user can send: each has its expected rights.

use ironwood_base::Key;
use ironwood_store::Fragment;
use std::cell::Cell;
use std::collections::BTreeSet;

use ironwood_rest::http::{Body, FormValue, Method, Upload};
use ironwood_rest::registry::access_of;
use ironwood_rest::resource::Access;
use serde_json::{Value as Json, json};

use super::filled;
use crate::installation::app::the_registry;
use crate::platform::users::permission::{Permission, Ruleset, rulesets};
use crate::platform::users::session;
use crate::testing::{Client, Server, on_each_server};

/// What an operation needs besides a signed-in caller.
#[derive(Debug, Clone, Copy)]
enum Needs {
    /// Nothing: it reads what the caller may view, or changes what is the caller's own.
    Nothing,
    /// A permission on a table.
    Right(&'static str, Permission),
    /// That the row of this table is the caller's own.
    Own(&'static str),
    /// That the row is the caller's own, and a permission on another table.
    OwnAnd(&'static str, &'static str, Permission),
}
use Needs::{Nothing, Own, OwnAnd, Right};

/// Records that requests name.
struct Records<'a> {
    server: &'a Server,
    /// Row of the table that [`Needs::Own`] names.
    own: i64,
    template: i64,
    report: i64,
    /// Barcodes so far.
    codes: Cell<u32>,
}

impl Records<'_> {
    /// A barcode that no record has.
    fn code(&self) -> String {
        self.codes.set(self.codes.get() + 1);
        format!("code {}", self.codes.get())
    }

    /// The first record of a table.
    fn first(&self, table: &str) -> i64 {
        let key = self.server.int(&format!("SELECT MIN(id) FROM {table}"), &[]);
        assert!(key > 0, "the demo has no {table}");
        key
    }
}

type Input = fn(&Records<'_>) -> Json;

/// One request: its operation, what it needs, and its body.
struct Case(Method, &'static str, Needs, Input);

const EMPTY: Input = |_| json!({});
const ITEMS: Input = |records| json!({ "items": [records.own] });
const CODE: Input = |records| {
    let (purchase, sale) = (records.first("order_purchaseorder"), records.first("order_salesorder"));
    json!({"barcode": "ABC-1", "purchase_order": purchase, "sales_order": sale})
};
const METADATA: Input = |_| json!({"metadata": {"a": 1}});

const SESSION: &str = "importer_dataimportsession";
const MAPPING: &str = "importer_dataimportcolumnmap";
const ROW: &str = "importer_dataimportrow";
const MESSAGE: &str = "common_notificationmessage";
const OUTPUT: &str = "common_dataoutput";

/// Operations that change something, or are not sure to be safe, and that every signed-in user can send. Those on
/// records with barcodes are added by [`cases`].
const CASES: &[Case] = &[
    // the caller's own account
    Case(Method::Put, "/api/user/me/", Nothing, |_| json!({"first_name": "A", "last_name": "B"})),
    Case(Method::Patch, "/api/user/me/", Nothing, |_| json!({"first_name": "A"})),
    Case(Method::Delete, "/api/user/me/", Nothing, EMPTY),
    Case(Method::Put, "/api/user/me/profile/", Nothing, EMPTY),
    Case(Method::Patch, "/api/user/me/profile/", Nothing, |_| json!({"displayname": "A"})),
    Case(Method::Post, "/api/user/tokens/", Nothing, |_| json!({"name": "scanner"})),
    Case(Method::Delete, "/api/user/tokens/{id}/", Own("users_apitoken"), EMPTY),
    Case(Method::Delete, "/api/user/session/{id}/", Own("ironwood_session"), EMPTY),
    Case(Method::Post, "/api/auth/v1/account/password/change", Nothing, EMPTY),
    Case(Method::Put, "/api/settings/user/{key}/", Nothing, |_| json!({"value": "true"})),
    Case(Method::Patch, "/api/settings/user/{key}/", Nothing, |_| json!({"value": "true"})),
    // messages and files of the caller
    Case(
        Method::Put,
        "/api/notifications/{id}/",
        OwnAnd(MESSAGE, "part_part", Permission::View),
        |_| json!({"read": true}),
    ),
    Case(
        Method::Patch,
        "/api/notifications/{id}/",
        OwnAnd(MESSAGE, "part_part", Permission::View),
        |_| json!({"read": true}),
    ),
    Case(Method::Delete, "/api/notifications/{id}/", OwnAnd(MESSAGE, "part_part", Permission::View), EMPTY),
    Case(Method::Delete, "/api/notifications/", Own(MESSAGE), ITEMS),
    Case(Method::Post, "/api/notifications/readall/", Nothing, EMPTY),
    Case(Method::Delete, "/api/data-output/{id}/", Own(OUTPUT), EMPTY),
    Case(Method::Delete, "/api/data-output/", Own(OUTPUT), ITEMS),
    // an import is its user's, and becomes records by the permissions on these
    Case(Method::Post, "/api/importer/session/", Nothing, EMPTY),
    Case(Method::Put, "/api/importer/session/{id}/", OwnAnd(SESSION, "part_part", Permission::Change), EMPTY),
    Case(Method::Patch, "/api/importer/session/{id}/", OwnAnd(SESSION, "part_part", Permission::Change), EMPTY),
    Case(Method::Delete, "/api/importer/session/{id}/", OwnAnd(SESSION, "part_part", Permission::Change), EMPTY),
    Case(Method::Delete, "/api/importer/session/", OwnAnd(SESSION, "part_part", Permission::Change), ITEMS),
    Case(
        Method::Post,
        "/api/importer/session/{id}/accept_fields/",
        OwnAnd(SESSION, "part_part", Permission::Change),
        EMPTY,
    ),
    Case(
        Method::Post,
        "/api/importer/session/{id}/accept_rows/",
        OwnAnd(SESSION, "part_part", Permission::Add),
        |records| {
            let row = records.server.int(&format!("SELECT id FROM {ROW} WHERE session = {}", records.own), &[]);
            json!({ "rows": [row] })
        },
    ),
    Case(Method::Put, "/api/importer/column-mapping/{id}/", OwnAnd(MAPPING, "part_part", Permission::Change), EMPTY),
    Case(Method::Patch, "/api/importer/column-mapping/{id}/", OwnAnd(MAPPING, "part_part", Permission::Change), EMPTY),
    Case(Method::Put, "/api/importer/row/{id}/", OwnAnd(ROW, "part_part", Permission::Change), EMPTY),
    Case(Method::Patch, "/api/importer/row/{id}/", OwnAnd(ROW, "part_part", Permission::Change), EMPTY),
    Case(Method::Delete, "/api/importer/row/{id}/", OwnAnd(ROW, "part_part", Permission::Change), EMPTY),
    Case(Method::Delete, "/api/importer/row/", OwnAnd(ROW, "part_part", Permission::Change), ITEMS),
    // metadata have the rights of their record
    Case(Method::Put, "/api/metadata/{model}/{id}/", Right("part_part", Permission::Change), METADATA),
    Case(Method::Patch, "/api/metadata/{model}/{id}/", Right("part_part", Permission::Change), METADATA),
    Case(
        Method::Put,
        "/api/metadata/{model}/{lookup_field}/{lookup_value}/",
        Right("part_part", Permission::Change),
        METADATA,
    ),
    Case(
        Method::Patch,
        "/api/metadata/{model}/{lookup_field}/{lookup_value}/",
        Right("part_part", Permission::Change),
        METADATA,
    ),
    // barcodes
    Case(Method::Post, "/api/barcode/", Nothing, CODE),
    Case(Method::Post, "/api/barcode/po-receive/", Right("order_purchaseorder", Permission::Add), CODE),
    Case(Method::Post, "/api/barcode/po-allocate/", Right("order_purchaseorder", Permission::Add), CODE),
    Case(Method::Post, "/api/barcode/so-allocate/", Right("order_salesorder", Permission::Add), CODE),
    // suggestions tell nothing of records that the caller may not view
    Case(Method::Post, "/api/generate/batch-code/", Nothing, EMPTY),
    Case(
        Method::Post,
        "/api/generate/batch-code/",
        Right("build_build", Permission::View),
        |records| json!({"build_order": records.first("build_build")}),
    ),
    Case(
        Method::Post,
        "/api/generate/batch-code/",
        Right("stock_stockitem", Permission::View),
        |records| json!({"item": records.first("stock_stockitem")}),
    ),
    Case(
        Method::Post,
        "/api/generate/batch-code/",
        Right("stock_stocklocation", Permission::View),
        |records| json!({"location": records.first("stock_stocklocation")}),
    ),
    Case(
        Method::Post,
        "/api/generate/batch-code/",
        Right("part_part", Permission::View),
        |records| json!({"part": records.first("part_part")}),
    ),
    Case(
        Method::Post,
        "/api/generate/batch-code/",
        Right("order_purchaseorder", Permission::View),
        |records| json!({"purchase_order": records.first("order_purchaseorder")}),
    ),
    Case(Method::Post, "/api/generate/serial-number/", Nothing, EMPTY),
    Case(
        Method::Post,
        "/api/generate/serial-number/",
        Right("part_part", Permission::View),
        |records| json!({"part": records.first("part_part")}),
    ),
    // who may view records can print them
    Case(
        Method::Post,
        "/api/label/print/",
        Right("part_part", Permission::View),
        |records| json!({"template": records.template, "items": [records.first("part_part")]}),
    ),
    Case(
        Method::Post,
        "/api/report/print/",
        Right("part_part", Permission::View),
        |records| json!({"template": records.report, "items": [records.first("part_part")]}),
    ),
    // lists that the caller may not view are refused one by one
    Case(Method::Post, "/api/search/", Nothing, |_| json!({"search": "a", "part": {}, "stockitem": {}})),
    // no program does these
    Case(Method::Post, "/api/action/", Nothing, |_| json!({"action": "a"})),
    Case(Method::Post, "/api/locate/", Nothing, |_| json!({"plugin": "a"})),
];

/// The records that can have a barcode, by their names in requests.
const WITH_BARCODES: &[(&str, &str)] = &[
    ("build", "build_build"),
    ("manufacturerpart", "company_manufacturerpart"),
    ("supplierpart", "company_supplierpart"),
    ("purchaseorder", "order_purchaseorder"),
    ("returnorder", "order_returnorder"),
    ("salesorder", "order_salesorder"),
    ("salesordershipment", "order_salesordershipment"),
    ("transferorder", "order_transferorder"),
    ("part", "part_part"),
    ("stockitem", "stock_stockitem"),
    ("stocklocation", "stock_stocklocation"),
];

/// An operation, what it needs, and the body that is sent.
struct OperationCase {
    method: Method,
    path: &'static str,
    needs: Needs,
    body: Box<dyn Fn(&Records<'_>) -> Json>,
}

fn cases() -> Vec<OperationCase> {
    let mut all: Vec<OperationCase> = CASES
        .iter()
        .map(|Case(method, path, needs, body)| OperationCase {
            method: *method,
            path,
            needs: *needs,
            body: Box::new(body),
        })
        .collect();
    for &(name, table) in WITH_BARCODES {
        let mut add = |path, permission, body: Box<dyn Fn(&Records<'_>) -> Json>| {
            all.push(OperationCase { method: Method::Post, path, needs: Right(table, permission), body });
        };
        add(
            "/api/barcode/generate/",
            Permission::View,
            Box::new(move |r| json!({"model": name, "pk": r.first(table)})),
        );
        add(
            "/api/barcode/link/",
            Permission::Change,
            Box::new(move |r| json!({"barcode": r.code(), (name): r.first(table)})),
        );
        add("/api/barcode/unlink/", Permission::Change, Box::new(move |r| json!({(name): r.first(table)})));
        // what a code names is shown to those who may view it
        add(
            "/api/barcode/",
            Permission::View,
            Box::new(move |r| json!({"barcode": json!({(name): r.first(table)}).to_string()})),
        );
    }
    all
}

/// All rights but this one, in every ruleset that gives it.
fn all_but(table: &str, permission: Permission) -> Vec<(Ruleset, Vec<Permission>)> {
    let taken: Vec<Ruleset> = rulesets(table, permission).collect();
    assert!(!taken.is_empty(), "{table} needs no rights");
    let left = |ruleset: Ruleset| {
        let kept = |kept: &Permission| !(taken.contains(&ruleset) && *kept == permission);
        Permission::ALL.into_iter().filter(kept).collect()
    };
    Ruleset::ALL.into_iter().map(|ruleset| (ruleset, left(ruleset))).collect()
}

fn user(server: &Server, name: &str, rights: &[(Ruleset, Vec<Permission>)]) -> Client {
    let rights: Vec<(Ruleset, &[Permission])> = rights.iter().map(|(r, a)| (*r, a.as_slice())).collect();
    server.user(name, &rights)
}

/// A row of a table that belongs to a user.
fn own_row(server: &Server, admin: &Client, table: &'static str, user: i64) -> i64 {
    match table {
        "users_apitoken" => {
            let made = admin.done("/api/user/tokens/", json!({"name": "theirs", "user": user}));
            made["id"].as_i64().unwrap()
        }
        "ironwood_session" => {
            let secret = server.app.inventory().authenticator.secret().clone();
            server
                .write(move |conn| {
                    session::create(conn, &secret, Key::from_id(user), "Firefox", "192.0.2.7".parse().ok())
                })
                .id
                .id()
        }
        MESSAGE | OUTPUT => server.write(move |conn| {
            let sql = match table {
                MESSAGE => {
                    "INSERT INTO common_notificationmessage (target_content_type, target_object_id, \"user\", \
                     category, name, message, creation, \"read\") \
                     VALUES ('part.part', '1', $1, 'a', 'b', 'c', '2026-01-01 00:00:00.000000', FALSE) RETURNING id"
                }
                _ => {
                    "INSERT INTO common_dataoutput (created, \"user\", total, progress, complete, output) \
                     VALUES ('2026-01-01', $1, 1, 1, TRUE, '') RETURNING id"
                }
            };
            Ok(conn.one(sql, &[user.into()])?.map_or(0, |row| row.int(0)))
        }),
        SESSION | MAPPING | ROW => {
            let file = Upload { name: "a.csv".into(), content_type: String::new(), bytes: b"name\nBolt\n".to_vec() };
            let form = vec![
                ("model_type".to_owned(), FormValue::Text("part".into())),
                ("data_file".to_owned(), FormValue::File(file)),
            ];
            let (status, session) = admin.send(Method::Post, "/api/importer/session/", Body::Form(form));
            assert_eq!(status, 201, "{session}");
            let session = session["pk"].as_i64().unwrap();
            admin.done(&format!("/api/importer/session/{session}/accept_fields/"), json!({}));
            let sql = format!("UPDATE {SESSION} SET \"user\" = $1 WHERE id = $2");
            server.write(move |conn| conn.execute(Fragment::generated(&sql), &[user.into(), session.into()]));
            let first = format!("SELECT MIN(id) FROM {table} WHERE session = $1");
            if table == SESSION { session } else { server.int(&first, &[session.into()]) }
        }
        _ => panic!("no rows of {table} are made"),
    }
}

/// The row as text; empty where it is gone.
fn row_of(server: &Server, table: &str, id: i64) -> String {
    let sql = format!("SELECT * FROM {table} WHERE id = $1");
    server.write(move |conn| {
        Ok(conn.one(Fragment::generated(&sql), &[id.into()])?.map_or(String::new(), |row| format!("{row:?}")))
    })
}

struct Walk<'a> {
    server: &'a Server,
    admin: Client,
    records: Records<'a>,
    wrong: Vec<String>,
}

impl Walk<'_> {
    fn send(&mut self, client: &Client, case: &OperationCase, own: i64) -> u16 {
        self.records.own = own;
        let part = self.records.first("part_part").to_string();
        let address = filled(case.path, |name| match name {
            "model" => "part".into(),
            "key" => "STICKY_HEADER".into(),
            "lookup_field" => "pk".into(),
            "id" if own > 0 => own.to_string(),
            _ => part.clone(),
        });
        let body = (case.body)(&self.records);
        client.app_status(case.method, &address, Body::Json(body))
    }

    fn expect(&mut self, case: &OperationCase, who: &str, got: u16, is_right: bool) {
        if !is_right {
            self.wrong.push(format!("{} {} ({:?}): {got} for {who}", case.method.name(), case.path, case.needs));
        }
    }

    /// Each user who has the right through one ruleset alone.
    fn entitled(&self, table: &str, permission: Permission) -> Vec<Client> {
        let name = |ruleset: Ruleset| format!("only_{}_{}", permission.name(), ruleset.name());
        let of = |ruleset| user(self.server, &name(ruleset), &[(ruleset, vec![permission])]);
        rulesets(table, permission).map(of).collect()
    }

    fn without(&self, table: &str, permission: Permission) -> Client {
        user(self.server, &format!("no_{}_{table}", permission.name()), &all_but(table, permission))
    }

    fn others_are_refused(&mut self, case: &OperationCase, table: &'static str, others: &Client) {
        let bystander = self.server.user("bystander", &[]).user;
        let row = own_row(self.server, &self.admin, table, bystander);
        let before = row_of(self.server, table, row);
        let got = self.send(others, case, row);
        let is_kept = row_of(self.server, table, row) == before;
        let is_refused = if case.path.contains("{id}") { matches!(got, 403 | 404) } else { got < 500 };
        self.expect(case, "somebody else with all permissions", got, is_refused && is_kept);
    }

    fn case(&mut self, case: &OperationCase, at: usize) {
        const LET_IN: fn(u16) -> bool = |got| !matches!(got, 401 | 403);
        const REACHED: fn(u16) -> bool = |got| !matches!(got, 401 | 403 | 404);
        let everything: Vec<(Ruleset, Vec<Permission>)> =
            Ruleset::ALL.into_iter().map(|ruleset| (ruleset, Permission::ALL.to_vec())).collect();
        match case.needs {
            Nothing => {
                let nobody = self.server.user(&format!("nobody{at}"), &[]);
                let got = self.send(&nobody, case, 0);
                self.expect(case, "somebody without rights", got, LET_IN(got));
            }
            Right(table, permission) => {
                let without = self.without(table, permission);
                let got = self.send(&without, case, 0);
                self.expect(case, "somebody with all other rights", got, got == 403);
                for client in self.entitled(table, permission) {
                    let got = self.send(&client, case, 0);
                    self.expect(case, "somebody with that right", got, REACHED(got));
                }
            }
            Own(table) => {
                let others = user(self.server, "everything", &everything);
                self.others_are_refused(case, table, &others);
                let nobody = self.server.user(&format!("nobody{at}"), &[]);
                let row = own_row(self.server, &self.admin, table, nobody.user);
                let got = self.send(&nobody, case, row);
                self.expect(case, "its owner", got, REACHED(got));
            }
            OwnAnd(table, of, permission) => {
                let others = user(self.server, "everything", &everything);
                self.others_are_refused(case, table, &others);
                let without = self.without(of, permission);
                let row = own_row(self.server, &self.admin, table, without.user);
                let got = self.send(&without, case, row);
                self.expect(case, "its owner with all other rights", got, got == 403);
                for client in self.entitled(of, permission) {
                    let row = own_row(self.server, &self.admin, table, client.user);
                    let got = self.send(&client, case, row);
                    self.expect(case, "its owner with that right", got, REACHED(got));
                }
            }
        }
    }
}

#[test]
fn each_has_its_expected_rights() {
    let name = |method: Method, path: &str| format!("{} {path}", method.name());
    let registered: BTreeSet<String> = the_registry()
        .operations()
        .into_iter()
        .filter(|(_, operation)| matches!(access_of(*operation), Access::SignedIn) && !operation.method.safe())
        .map(|(path, operation)| name(operation.method, &path))
        .collect();
    let all = cases();
    let listed: BTreeSet<String> = all.iter().map(|case| name(case.method, case.path)).collect();
    assert_eq!(registered, listed, "each operation that every signed-in user can send is listed with what it needs");
    on_each_server(|server| {
        server.fill_with_demo();
        let admin = server.superuser();
        admin.done("/api/report/defaults/", json!({}));
        let template = |list: &str| admin.read(&format!("{list}?model_type=part"))[0]["pk"].as_i64().unwrap();
        let (label, report) = (template("/api/label/template/"), template("/api/report/template/"));
        let records = Records { server, own: 0, template: label, report, codes: Cell::new(0) };
        let mut walk = Walk { server, admin, records, wrong: Vec::new() };
        for (at, case) in all.iter().enumerate() {
            walk.case(case, at);
        }
        let wrong = walk.wrong;
        assert!(wrong.is_empty(), "{} operations have other rights:\n{}", wrong.len(), wrong.join("\n"));
    });
}
