//! Whatever comes in, nothing breaks: every operation of the API's document gets odd input, at random
//! from a fixed seed, and answers it with less than 500.
//!
//! `IRONWOOD_WALK_INPUTS` lets it walk for longer, `IRONWOOD_WALK_SEED` along other ways.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ironwood_base::Error;
use ironwood_rest::http::{Body, FormValue, Method, Request, Upload};
use serde_json::{Map, Value as Json, json};

use super::{Documented, documented, filled, the_document};
use crate::installation::demo::Random;
use crate::testing::{Client, on_each_server};

/// Texts that break careless programs.
const TEXTS: &[&str] = &[
    "",
    " ",
    "\0",
    "0",
    "1",
    "-1",
    "2",
    "1.5",
    "-0.000001",
    "1e5",
    "1e400",
    "-1e400",
    "0x10",
    "NaN",
    "Infinity",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "92233720368547.75807",
    "9223372036854.775807",
    "99999999999999999999999999999999999999999999",
    "0.00000000000000000000000000000000000000001",
    "true",
    "null",
    "none",
    "[]",
    "[1",
    "{}",
    "{",
    "{\"part\": 1}",
    "1,2,3",
    ",",
    "1,",
    "x,y",
    "2026-11-24",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "99999-12-31",
    "2026-11-24T25:61:61Z",
    "9999-12-31T23:59:59+14:00",
    "0001-01-01T00:00:00-14:00",
    "'",
    "\"",
    "\\",
    "%",
    "_",
    "' OR 1=1 --",
    "$1",
    "{id}",
    "{user}",
    "{ref:04d}",
    "{ref:999999999d}",
    "{{ 1 / 0 }}",
    "{% for i in range(100000000) %}x{% endfor %}",
    "(",
    "[",
    "*",
    "(a+)+$",
    "a{1,99999}",
    "1-10",
    "1-99999999999",
    "10-1",
    "1+",
    "~+1",
    "A1-A5, B",
    "🦀",
    "\u{202e}abc",
    "\u{0}\u{1}\u{7f}",
    "ß",
    "İ",
    "../../etc/passwd",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://[::1",
    "http://x.y/",
    "a@b.c",
    "<script>alert(1)</script>",
    "USD",
    "XXX",
    "part.part",
    "part",
    "stock.stockitem",
    "10 mm",
    "5 parsecs",
    "1/0",
    "10^999999999",
    "admin",
    "id",
    "-pk",
    "name,-name",
    "--name",
    "csv",
    "OK",
    "10",
    "20",
    "40",
    "INV-SI1",
];

const INTEGERS: &[i64] =
    &[0, 1, 2, 3, 5, 7, 10, 20, 25, 30, 40, 50, 85, 100, -1, i64::MAX, i64::MIN, 1 << 31, 1 << 53, 99_999_999];

/// Makes odd things from a seed.
struct Odd<'a> {
    random: Random,
    document: &'a Json,
}

impl Odd<'_> {
    fn one_in(&mut self, n: i64) -> bool {
        self.random.between(0, n) == 0
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.random.between(0, from.len() as i64) as usize]
    }

    fn text(&mut self) -> String {
        if self.one_in(30) {
            return "x".repeat(self.random.between(90, 60_000) as usize);
        }
        (*self.pick(TEXTS)).to_owned()
    }

    /// Mostly the key of a row that may be there.
    fn key(&mut self) -> i64 {
        if self.one_in(5) { *self.pick(INTEGERS) } else { self.random.between(1, 60) }
    }

    fn number(&mut self) -> Json {
        match self.random.between(0, 4) {
            0 => serde_json::from_str(
                ["1e400", "0.1", "-0.0", "99999999999999999999", "12.345678901"][self.random.between(0, 5) as usize],
            )
            .unwrap(),
            1 => json!(*self.pick(INTEGERS)),
            _ => json!(self.key()),
        }
    }

    fn anything(&mut self, depth: u32) -> Json {
        match self.random.between(0, if depth > 2 { 5 } else { 8 }) {
            0 => Json::Null,
            1 => json!(self.one_in(2)),
            2 => self.number(),
            3 | 4 => json!(self.text()),
            5 => (0..self.random.between(0, 4)).map(|_| self.anything(depth + 1)).collect(),
            6 => {
                let name = self.text();
                json!({ name: self.anything(depth + 1), "pk": self.key() })
            }
            _ => (0..self.random.between(0, 40)).map(|_| json!(self.key())).collect(),
        }
    }

    /// Something that the schema describes, or nearly.
    fn value(&mut self, schema: &Json, depth: u32) -> Json {
        if self.one_in(12) || depth > 6 {
            return self.anything(0);
        }
        if let Some(name) = schema["$ref"].as_str() {
            let document = self.document;
            let target = name.rsplit('/').next().and_then(|n| document["components"]["schemas"].get(n));
            return target.map_or(Json::Null, |t| self.value(t, depth + 1));
        }
        if let Some(of) = schema["allOf"].as_array().or(schema["oneOf"].as_array()).and_then(|all| all.first()) {
            return self.value(of, depth);
        }
        if let Some(values) = schema["enum"].as_array().filter(|v| !v.is_empty()) {
            return self.pick(values).clone();
        }
        if schema["nullable"] == true && self.one_in(4) {
            return Json::Null;
        }
        match schema["type"].as_str() {
            Some("object") => {
                let mut object = Map::new();
                let required = schema["required"].as_array().cloned().unwrap_or_default();
                for (name, field) in schema["properties"].as_object().into_iter().flatten() {
                    let wanted = required.iter().any(|r| r == name.as_str());
                    if field["readOnly"] != true && (wanted && !self.one_in(20) || self.one_in(3)) {
                        object.insert(name.clone(), self.value(field, depth + 1));
                    }
                }
                Json::Object(object)
            }
            Some("array") => (0..self.random.between(0, 4)).map(|_| self.value(&schema["items"], depth + 1)).collect(),
            Some("integer") => json!(self.key()),
            Some("number") => self.number(),
            Some("boolean") => json!(self.one_in(2)),
            Some("string") => match schema["format"].as_str() {
                Some("date") => json!("2026-11-24"),
                Some("date-time") => json!("2026-11-24T10:00:00Z"),
                Some("decimal") => json!(self.random.between(0, 50).to_string()),
                _ if self.one_in(2) => json!(format!("thing {}", self.random.between(0, 1000))),
                _ => json!(self.text()),
            },
            _ => self.anything(0),
        }
    }

    fn form(&mut self, value: &Json) -> Body {
        let mut pairs = Vec::new();
        for (name, value) in value.as_object().into_iter().flatten() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let given = if self.one_in(5) {
                let bytes =
                    if self.one_in(2) { b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff".to_vec() } else { vec![0; 9] };
                FormValue::File(Upload { name: self.text(), content_type: "image/png".into(), bytes })
            } else {
                FormValue::Text(text)
            };
            pairs.push((name.clone(), given));
        }
        Body::Form(pairs)
    }

    fn request(&mut self, client: &Client, of: &Documented) -> Request {
        let path = filled(&of.path, |name| match name {
            _ if self.one_in(8) => self.text().replace('/', "-"),
            "model" | "key" | "name" | "slug" => {
                (*self.pick(&["part", "stockitem", "INVENTREE_INSTANCE", "USD"])).into()
            }
            _ => self.key().to_string(),
        });
        let body = match of.method {
            Method::Get | Method::Head | Method::Options => Body::Empty,
            _ if self.one_in(15) => Body::Json(self.anything(0)),
            _ if self.one_in(30) => Body::Empty,
            _ => {
                let value = self.value(&of.body, 0);
                if self.one_in(8) { self.form(&value) } else { Body::Json(value) }
            }
        };
        let mut request = client.request(of.method, "/", body);
        request.path = format!("/{}", path.trim_matches('/'));
        let common =
            ["limit", "offset", "search", "ordering", "export", "export_format", "search_regex", "search_whole"];
        for name in of.params.iter().map(String::as_str).chain(common) {
            let often = if common.contains(&name) { 8 } else { (of.params.len() as i64 / 3).clamp(2, 12) };
            if self.one_in(often) {
                let value = match self.random.between(0, 3) {
                    0 => self.key().to_string(),
                    1 => {
                        if self.one_in(2) {
                            "true".into()
                        } else {
                            "false".into()
                        }
                    }
                    _ => self.text(),
                };
                request.query.push((name.to_owned(), value));
            }
        }
        if of.method.safe() && !request.query.iter().any(|(n, _)| n == "limit") {
            request.query.push(("limit".into(), "5".into()));
        }
        request
    }
}

/// Inputs where the environment does not say how many: about three for each operation.
const INPUTS: i64 = 2_000;

fn number_from(variable: &str, otherwise: i64) -> i64 {
    std::env::var(variable).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise)
}

/// What went wrong with a request, where something did.
fn fault(client: &Client, request: Request) -> Option<String> {
    let sent = {
        let body = match &request.body {
            Body::Json(json) => json.to_string().chars().take(600).collect(),
            Body::Form(pairs) => format!("{pairs:?}").chars().take(600).collect::<String>(),
            Body::Empty => String::new(),
        };
        format!("{} {} {:?} {body}", request.method.name(), request.path, request.query)
    };
    match catch_unwind(AssertUnwindSafe(|| client.try_send(request))) {
        Err(_) => Some(format!("panic: {sent}")),
        Ok(Ok(status)) if status >= 500 => Some(format!("{status}: {sent}")),
        Ok(Err(Error::Internal(why))) => Some(format!("{why}\n    {sent}")),
        Ok(Err(Error::Status(status, why))) if status >= 500 => Some(format!("{status} {why}\n    {sent}")),
        Ok(_) => None,
    }
}

#[test]
fn odd_input_breaks_nothing() {
    let document = the_document();
    let operations = documented(&document);
    let inputs = number_from("IRONWOOD_WALK_INPUTS", INPUTS);
    on_each_server(|server| {
        server.fill_with_demo();
        let mut odd = Odd { random: Random::new(number_from("IRONWOOD_WALK_SEED", 1)), document: &document };
        let (mut faults, mut sent) = (Vec::<(String, String)>::new(), 0);
        let mut admin = server.superuser();
        // each operation in its turn: no number of inputs leaves one out by chance
        for of in operations.iter().cycle().take(usize::try_from(inputs).unwrap()) {
            // signing out is right, and would make every further request a stranger's
            if of.path.starts_with("/api/auth/") && of.method == Method::Delete {
                continue;
            }
            let request = odd.request(&admin, of);
            sent += 1;
            if let Some(why) = fault(&admin, request) {
                let name = format!("{} {}", of.method.name(), of.path);
                if !faults.iter().any(|(known, _)| *known == name) {
                    faults.push((name, why));
                }
            }
            if sent % 50 == 0 && admin.get("/api/user/me/").0 != 200 {
                admin = server.superuser_named(&format!("root{sent}"));
            }
        }
        eprintln!("{sent} requests to {} operations", operations.len());
        let listed: Vec<String> = faults.into_iter().map(|(name, why)| format!("{name}\n    {why}")).collect();
        assert!(listed.is_empty(), "{} operations broke:\n{}", listed.len(), listed.join("\n"));
    });
}
