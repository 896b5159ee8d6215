//! Build orders through the whole server, on both databases.

mod external;
mod flow;
mod races;
mod whole;

use ironwood_rest::http::{Body, Method};
use ironwood_store::{Fragment, Value, fragment};
use serde_json::{Value as Json, json};

use crate::testing::{Client, Server};

/// A server with a place for stock and someone who may do everything.
struct World<'a> {
    server: &'a Server,
    admin: Client,
    place: i64,
}

impl<'a> World<'a> {
    fn new(server: &'a Server) -> Self {
        let admin = server.superuser();
        let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        World { server, admin, place }
    }

    fn part(&self, name: &str, more: Json) -> i64 {
        let mut body = json!({"name": name, "description": name, "component": true});
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        self.admin.made("/api/part/", body)
    }

    fn assembly(&self, name: &str) -> i64 {
        self.part(name, json!({"assembly": true}))
    }

    fn stock(&self, part: i64, quantity: i64) -> i64 {
        self.admin.made("/api/stock/", json!({"part": part, "quantity": quantity, "location": self.place}))
    }

    fn piece(&self, part: i64, serial: &str) -> i64 {
        let body = json!({"part": part, "quantity": 1, "serial_numbers": serial, "location": self.place});
        self.admin.made("/api/stock/", body)
    }

    /// A line of a bill of materials: so many whole pieces; with further columns.
    fn bom(&self, assembly: i64, part: i64, quantity: i64, more: &'static str) -> i64 {
        let sets = if more.is_empty() { Fragment::new() } else { fragment!(", {more}") };
        self.server.write(move |conn| {
            let sql =
                "INSERT INTO part_bomitem (part, sub_part, raw_amount, quantity) VALUES ($1, $2, $3, $4) RETURNING id";
            let params =
                [Value::Int(assembly), Value::Int(part), quantity.to_string().into(), (quantity * 100_000).into()];
            let id = conn.one(sql, &params)?.map_or(0, |row| row.int(0));
            conn.execute(
                fragment!("UPDATE part_bomitem SET quantity = quantity{sets} WHERE id = $1"),
                &[Value::Int(id)],
            )?;
            Ok(id)
        })
    }

    fn build(&self, part: i64, quantity: i64) -> i64 {
        self.admin.made("/api/build/", json!({"part": part, "quantity": quantity, "title": "test"}))
    }

    fn lines(&self, build: i64) -> Vec<Json> {
        self.admin.read(&format!("/api/build/line/?build={build}")).as_array().unwrap().clone()
    }

    fn line(&self, build: i64, part: i64) -> i64 {
        let lines = self.lines(build);
        lines.iter().find(|l| l["part"] == json!(part)).unwrap_or_else(|| panic!("no line for {part}"))["pk"]
            .as_i64()
            .unwrap()
    }

    fn act(&self, build: i64, action: &str, body: Json) -> (u16, Json) {
        self.admin.post(&format!("/api/build/{build}/{action}/"), body)
    }

    /// An action that must be accepted.
    fn done(&self, build: i64, action: &str, body: Json) -> Json {
        self.admin.done(&format!("/api/build/{build}/{action}/"), body)
    }

    /// Statements that an action takes, which must be accepted.
    fn statements(&self, build: i64, action: &str, body: Json) -> u64 {
        let request = self.admin.request(Method::Post, &format!("/api/build/{build}/{action}/"), Body::Json(body));
        let (answer, statements) = self.server.app.handle_counted(request);
        assert!((200..300).contains(&answer.status), "{action}: {}", String::from_utf8_lossy(&answer.body));
        statements
    }

    /// An action that must be refused with these fields.
    fn refused(&self, build: i64, action: &str, body: Json, fields: &[&str]) -> Json {
        let (status, answer) = self.act(build, action, body);
        assert_eq!(status, 400, "{action}: {answer}");
        let mut names: Vec<&String> = answer.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, fields, "{action}: {answer}");
        answer
    }

    fn allocate(&self, build: i64, line: i64, stock: i64, quantity: i64) -> (u16, Json) {
        let item = json!({"build_line": line, "stock_item": stock, "quantity": quantity});
        self.act(build, "allocate", json!({"items": [item]}))
    }

    /// The sum of `x.quantity` over rows (`table x WHERE …`), in whole units.
    fn sum(&self, sql: &str) -> i64 {
        self.server.int(&format!("SELECT COALESCE(CAST(SUM(x.quantity) AS BIGINT), 0) / 100000 FROM {sql}"), &[])
    }

    fn count(&self, sql: &str) -> i64 {
        self.server.int(&format!("SELECT COUNT(*) FROM {sql}"), &[])
    }

    fn item(&self, key: i64) -> Json {
        self.admin.read(&format!("/api/stock/{key}/"))
    }

    fn order(&self, key: i64) -> Json {
        self.admin.read(&format!("/api/build/{key}/"))
    }

    /// Begins one output; gives its key.
    fn output(&self, build: i64, body: Json) -> i64 {
        self.done(build, "create-output", body)[0]["pk"].as_i64().unwrap()
    }
}

/// What nothing may break: no stock is allocated beyond what there is, and what build orders have consumed of
/// a part is what their lines say.
fn check_stock(world: &World<'_>) {
    let over = world.server.int(
        "SELECT COUNT(*) FROM stock_stockitem s WHERE s.quantity < (SELECT COALESCE(SUM(a.quantity), 0) \
         FROM build_builditem a WHERE a.stock_item = s.id)",
        &[],
    );
    assert_eq!(over, 0, "more is set aside than there is");
    let wrong = world.server.int(
        "SELECT COUNT(*) FROM build_build b WHERE (SELECT COALESCE(SUM(l.consumed), 0) FROM build_buildline l \
         WHERE l.build = b.id) <> (SELECT COALESCE(SUM(s.quantity), 0) FROM stock_stockitem s WHERE s.consumed_by = b.id)",
        &[],
    );
    assert_eq!(wrong, 0, "what lines say was used up is not what was used up");
    assert_eq!(world.count("stock_stockitem WHERE quantity < 0"), 0);
    assert_eq!(world.count("build_builditem WHERE quantity <= 0"), 0);
}
