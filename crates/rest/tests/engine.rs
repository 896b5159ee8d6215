//! The engine on a small model of its own: a library with shelves (a tree), books and notes.

use std::any::Any;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock, Mutex};

use ironwood_base::Result;
use ironwood_rest::context::{Caller, Context, Domain, Limits, Permission};
use ironwood_rest::http::{Answer, Body, Method, Presented, Request};
use ironwood_rest::registry::Registry;
use ironwood_rest::resource::{Condition, Operations, Resource, filter, flag_filter, sort};
use ironwood_rest::table::OnDelete::{Cascade, Protect};
use ironwood_rest::table::{PATH, Table, decimal, flag, link, natural, text};
use ironwood_rest::view::{BOOL, INT, Many, TEXT, View, ancestors, col, made, many, nested, pk, sql};
use ironwood_store::{Connection, Database, Options, Origin, fragment};
use ironwood_testbed::for_each_database;
use serde_json::{Value as Json, json};

static SHELF: Table = Table::new("shelf", "library.shelf")
    .columns(&[
        text("name", 20),
        link("parent", &SHELF, Protect).null(),
        text("pathstring", 250).blank(),
        text(PATH, 0).blank().record(""),
        natural("tree_id").default(ironwood_rest::table::Default::Int(0)),
    ])
    .tree("parent", "name", "pathstring");
static BOOK: Table = Table::new("book", "library.book").columns(&[
    text("title", 30),
    link("shelf", &SHELF, Protect).null(),
    decimal("price", 19, 6).null(),
    flag("lent", false),
    text("isbn", 20).null().blank().unique(),
]);
static NOTE: Table = Table::new("note", "library.note").columns(&[link("book", &BOOK, Cascade), text("words", 100)]);

static STEP: View = View::new("Step", &SHELF, &[pk(), col("name").read_only()]);
static SHELF_VIEW: View = View::new(
    "Shelf",
    &SHELF,
    &[
        pk(),
        col("name"),
        col("parent"),
        col("pathstring").read_only(),
        ancestors("path", "{tree_path}", &STEP).on("path_detail", false),
        sql("books", INT, "(SELECT COUNT(*) FROM book b WHERE b.shelf = {id})").counted(),
    ],
);
static NOTE_VIEW: View = View::new("Note", &NOTE, &[pk(), col("words")]);
static WORDS: View = View::new("Words", &NOTE, &[col("words").read_only()]);
static NOTES: Many = Many::new(&NOTE_VIEW, "{book}");
static NOTE_WORDS: Many = Many::new(&WORDS, "{book}").scalar().order("-{id}");
static BOOK_VIEW: View = View::new(
    "Book",
    &BOOK,
    &[
        pk(),
        col("title"),
        col("shelf"),
        col("price").as_text(),
        col("lent"),
        col("isbn"),
        made("shout", TEXT, &["{title}", "{shelf.name}"], |out, values, _| {
            let shout = format!("{}!{}", values[0].as_text().unwrap_or(""), values[1].as_text().unwrap_or("-"));
            ironwood_rest::select::write_text(out, &shout);
        }),
        nested("shelf_detail", "shelf", &SHELF_VIEW),
        many("notes", &NOTES),
        many("words", &NOTE_WORDS),
    ],
);
static BOOKS: Resource = Resource::new("/api/book/", "book", &BOOK_VIEW)
    .operations(Operations::ALL.bulk_create().bulk_update().bulk_delete())
    .filters(&[
        filter("shelf", Condition::LinkOrNull(&SHELF, "{shelf} = {value}", "{shelf} IS NULL")),
        flag_filter("lent", "{lent}", "NOT {lent}"),
        filter("price_max", Condition::Where(ironwood_rest::view::MONEY, "{price} <= {value}")),
        filter("ids", Condition::Ints("{id} IN {value}")),
        filter(
            "note",
            Condition::Where(TEXT, "EXISTS (SELECT 1 FROM note n WHERE n.book = {id} AND n.words = {value})"),
        ),
        filter("odd", Condition::Noted(BOOL)),
    ])
    .search(&["{title}", "{shelf.name}", "EXISTS (SELECT 1 FROM note n WHERE n.book = {id} AND {match n.words})"])
    .sorts(&[sort("title", &["{title}"]), sort("shelf", &["{shelf.name}", "{title}"]), sort("price", &["{price}"])]);
static SHELVES: Resource = Resource::new("/api/shelf/", "shelf", &SHELF_VIEW);

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::new(vec![&BOOKS, &SHELVES], vec![]));

struct Library;
impl Domain for Library {
    fn scopes(&self, table: &str, act: Permission) -> Vec<String> {
        vec![format!("r:{}:{table}", act.name())]
    }
    fn snapshot(&self, _: &mut Connection) -> Result<Arc<dyn Any + Send + Sync>> {
        Ok(Arc::new(()))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Someone who may do everything with the tables named.
struct Reader(Option<i64>, &'static [&'static str]);
impl Caller for Reader {
    fn id(&self) -> Option<i64> {
        self.0
    }
    fn is_staff(&self) -> bool {
        false
    }
    fn is_superuser(&self) -> bool {
        false
    }
    fn may(&self, table: &str, _: Permission) -> bool {
        self.1.contains(&table)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

const ALL: &[&str] = &["shelf", "book", "note"];

struct Fixture {
    db: Database,
    /// Statements that the last request took.
    statements: Arc<Mutex<u64>>,
}

impl Fixture {
    fn new(url: &str) -> Self {
        let db = Database::open(url, &Options::default()).unwrap();
        db.write(&Origin::command("test"), |conn| {
            let id = ironwood_store::migrate::dialect(conn.backend(), "{{id}}");
            let text = ironwood_store::migrate::dialect(conn.backend(), "{{text}}");
            conn.batch(fragment!(
                "CREATE TABLE shelf (id {id}, name {text} NOT NULL, parent BIGINT REFERENCES shelf(id), \
                 pathstring {text} NOT NULL DEFAULT '', tree_path {text} NOT NULL DEFAULT '', tree_id BIGINT NOT NULL DEFAULT 0); \
                 CREATE TABLE book (id {id}, title {text} NOT NULL, shelf BIGINT REFERENCES shelf(id), price BIGINT, \
                 lent BOOLEAN NOT NULL, isbn {text} UNIQUE); \
                 CREATE TABLE note (id {id}, book BIGINT NOT NULL REFERENCES book(id) ON DELETE CASCADE, words {text} NOT NULL);"
            ))
        })
        .unwrap();
        Fixture { db, statements: Arc::default() }
    }

    fn ask_as(&self, reader: Reader, method: Method, address: &str, body: Option<Json>) -> Answer {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let request = Request {
            method,
            path: path.trim_end_matches('/').to_owned(),
            query: query
                .split('&')
                .filter_map(|p| p.split_once('='))
                .map(|(n, v)| (n.to_owned(), v.replace('+', " ")))
                .collect(),
            raw_query: query.to_owned(),
            base_url: "http://here".into(),
            body: body.map_or(Body::Empty, Body::Json),
            remote: IpAddr::V4(Ipv4Addr::LOCALHOST),
            presented: Presented::default(),
            accept: String::new(),
            id: String::new(),
        };
        let reader = Arc::new(reader);
        let statements = self.statements.clone();
        let work = move |conn: &mut Connection| {
            let matched = REGISTRY.find(&request)?;
            let before = conn.statements();
            let mut ctx = Context::new(conn, reader.as_ref(), &request, &Library, &REGISTRY, Limits::default());
            let answer = REGISTRY.run(&mut ctx, &matched)?;
            *statements.lock().unwrap() = ctx.conn.statements() - before;
            Ok(answer)
        };
        self.db.write(&Origin::command("test"), work).unwrap_or_else(|error| Answer::error(&error))
    }

    fn ask(&self, method: Method, address: &str, body: Option<Json>) -> (u16, Json) {
        let answer = self.ask_as(Reader(Some(1), ALL), method, address, body);
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Json::Null))
    }

    fn get(&self, address: &str) -> Json {
        let (status, body) = self.ask(Method::Get, address, None);
        assert_eq!(status, 200, "{address}: {body}");
        body
    }

    fn post(&self, address: &str, body: Json) -> Json {
        let (status, answer) = self.ask(Method::Post, address, Some(body));
        assert_eq!(status, 201, "{address}: {answer}");
        answer
    }

    fn titles(&self, query: &str) -> Vec<String> {
        let rows = self.get(&format!("/api/book/?{query}"));
        rows.as_array().unwrap().iter().map(|r| r["title"].as_str().unwrap().to_owned()).collect()
    }
}

fn library(url: &str) -> Fixture {
    let fixture = Fixture::new(url);
    let top = fixture.post("/api/shelf/", json!({"name": "Top"}))["pk"].as_i64().unwrap();
    let below = fixture.post("/api/shelf/", json!({"name": "Below", "parent": top}))["pk"].as_i64().unwrap();
    fixture.post(
        "/api/book/",
        json!([
            {"title": "Zoo", "shelf": below, "price": "12.345678"},
            {"title": "ant", "shelf": top, "price": 3, "lent": true},
            {"title": "Öl", "isbn": "1"},
        ]),
    );
    fixture
        .db
        .write(&Origin::command("test"), |conn| {
            conn.batch("INSERT INTO note (book, words) VALUES (1, 'first'), (1, 'second'), (2, 'third')")
        })
        .unwrap();
    fixture
}

#[test]
fn rows_show_columns_joins_lists_and_made_values() {
    for_each_database(|database| {
        let fixture = library(&database.url);
        assert_eq!(
            fixture.get("/api/book/1/?shelf_detail=true"),
            json!({
                "pk": 1, "title": "Zoo", "shelf": 2, "price": "12.345678", "lent": false, "isbn": null,
                "shout": "Zoo!Below",
                "shelf_detail": {"pk": 2, "name": "Below", "parent": 1, "pathstring": "Top/Below", "books": null},
                "notes": [{"pk": 1, "words": "first"}, {"pk": 2, "words": "second"}],
                "words": ["second", "first"],
            })
        );
        let third = fixture.get("/api/book/3/?shelf_detail=true");
        assert_eq!((&third["shelf_detail"], &third["notes"]), (&Json::Null, &json!([])));
        assert_eq!(
            fixture.get("/api/shelf/2/?path_detail=1")["path"],
            json!([{"pk": 1, "name": "Top"}, {"pk": 2, "name": "Below"}])
        );
    });
}

#[test]
fn a_list_takes_one_statement_and_one_for_each_inner_list() {
    for_each_database(|database| {
        let fixture = library(&database.url);
        for (address, most) in
            [("/api/book/", 3), ("/api/book/?limit=2&shelf_detail=1", 4), ("/api/shelf/?path_detail=1", 2)]
        {
            fixture.get(address);
            // PostgreSQL finds the rows by a statement of its own
            let most = most + u64::from(database.is_postgres());
            assert_eq!(*fixture.statements.lock().unwrap(), most, "{address}");
        }
    });
}

#[test]
fn lists_filter_search_sort_and_page() {
    for_each_database(|database| {
        let fixture = library(&database.url);
        assert_eq!(fixture.titles("ordering=title"), ["Zoo", "ant", "Öl"]);
        assert_eq!(fixture.titles("ordering=-title"), ["Öl", "ant", "Zoo"]);
        assert_eq!(fixture.titles("ordering=price"), ["Öl", "ant", "Zoo"]);
        assert_eq!(fixture.titles("ordering=-shelf"), ["ant", "Zoo", "Öl"]);
        assert_eq!(fixture.titles("lent=true"), ["ant"]);
        assert_eq!(fixture.titles("lent=0&ordering=title"), ["Zoo", "Öl"]);
        assert_eq!(fixture.titles("shelf=null"), ["Öl"]);
        assert_eq!(fixture.titles("price_max=3.000001"), ["ant"]);
        assert_eq!(fixture.titles("ids=3,1"), ["Zoo", "Öl"]);
        assert_eq!(fixture.titles("note=third"), ["ant"]);
        assert_eq!(fixture.titles("unknown=5").len(), 3);
        assert_eq!(fixture.titles("search=ÖL"), ["Öl"]);
        assert_eq!(fixture.titles("search=top+ant"), ["ant"]);
        assert_eq!(fixture.titles("search=second"), ["Zoo"]);
        assert_eq!(fixture.titles("search=z.*o&search_regex=true"), ["Zoo"]);
        assert_eq!(fixture.titles("search=zo&search_whole=true"), Vec::<String>::new());
        assert_eq!(fixture.titles("search=zoo&search_whole=true"), ["Zoo"]);
        assert_eq!(fixture.titles("search=50%25"), Vec::<String>::new());
        let page = fixture.get("/api/book/?limit=1&offset=1&ordering=title");
        assert_eq!((page["count"].as_i64(), page["results"][0]["title"].as_str()), (Some(3), Some("ant")));
        assert_eq!(page["next"], "http://here/api/book/?ordering=title&limit=1&offset=2");
        assert_eq!(page["previous"], "http://here/api/book/?ordering=title&limit=1");
        for (query, field) in [
            ("shelf=99", "shelf"),
            ("shelf=x", "shelf"),
            ("lent=maybe", "lent"),
            ("price_max=x", "price_max"),
            ("odd=x", "odd"),
            ("search=(&search_regex=1", "search"),
        ] {
            let (status, body) = fixture.ask(Method::Get, &format!("/api/book/?{query}"), None);
            assert!(status == 400 && body[field].is_array(), "{query}: {status} {body}");
        }
        assert_eq!(fixture.ask(Method::Get, "/api/book/?ids=1,x", None).0, 400);
    });
}

#[test]
fn bad_input_names_its_fields_and_changes_nothing() {
    for_each_database(|database| {
        let fixture = library(&database.url);
        let cases = [
            (json!({}), vec!["title"]),
            (json!({"title": ""}), vec!["title"]),
            (json!({"title": null}), vec!["title"]),
            (json!({"title": "x".repeat(31)}), vec!["title"]),
            (json!({"title": "a\u{0}b"}), vec!["title"]),
            (json!({"title": ["x"], "lent": "perhaps"}), vec!["title", "lent"]),
            (json!({"title": "x", "shelf": 77}), vec!["shelf"]),
            (json!({"title": "x", "shelf": {"pk": 1}}), vec!["shelf"]),
            (json!({"title": "x", "price": "NaN"}), vec!["price"]),
            (json!({"title": "x", "price": 1e300}), vec!["price"]),
            (json!({"title": "x", "isbn": "1"}), vec!["isbn"]),
            (json!("x"), vec!["non_field_errors"]),
        ];
        for (body, fields) in cases {
            let (status, answer) = fixture.ask(Method::Post, "/api/book/", Some(body.clone()));
            let named: Vec<&String> = answer.as_object().unwrap().keys().collect();
            assert!(status == 400 && named == fields, "{body}: {status} {answer}");
        }
        let (status, answer) = fixture.ask(
            Method::Post,
            "/api/book/",
            Some(json!([{"title": "fine"}, {"title": "twice", "isbn": "1"}, {"nothing": 1}, {"title": "also fine"}])),
        );
        assert_eq!(status, 400);
        assert_eq!(answer[0], json!([]));
        assert!(answer[1]["isbn"].is_array() && answer[2]["title"].is_array(), "{answer}");
        assert_eq!(fixture.titles("").len(), 3);
    });
}

#[test]
fn changes_keep_what_they_do_not_name() {
    for_each_database(|database| {
        let fixture = library(&database.url);
        let (status, row) =
            fixture.ask(Method::Patch, "/api/book/1/", Some(json!({"price": "0.1", "pk": 9, "shout": "x"})));
        assert_eq!((status, row["price"].as_str(), row["title"].as_str()), (200, Some("0.100000"), Some("Zoo")));
        assert!(row["shelf_detail"].is_object(), "the answer to a change shows everything");
        assert_eq!(fixture.ask(Method::Put, "/api/book/1/", Some(json!({"price": 1}))).0, 400);
        assert_eq!(fixture.ask(Method::Patch, "/api/book/99/", Some(json!({}))).0, 404);
        let (status, body) = fixture.ask(Method::Patch, "/api/book/", Some(json!({"items": [1, 2], "lent": true})));
        assert_eq!((status, body["items"].as_array().map(Vec::len)), (200, Some(2)));
        assert_eq!(fixture.titles("lent=true").len(), 2);
        for items in [json!(null), json!([]), json!("1"), json!(["x"])] {
            let (status, body) = fixture.ask(Method::Delete, "/api/book/", Some(json!({"items": items})));
            assert!(status == 400 && body.get("non_field_errors").is_some(), "{status} {body}");
        }
        let (status, body) = fixture.ask(Method::Delete, "/api/book/", Some(json!({"items": [77]})));
        assert!(status == 200 && body.get("success").is_some(), "what is gone is gone: {status} {body}");
        for filters in [json!({}), json!({"nothing": 1}), json!({"lent": []})] {
            assert_eq!(fixture.ask(Method::Delete, "/api/book/", Some(json!({"filters": filters}))).0, 400);
        }
        assert_eq!(fixture.ask(Method::Delete, "/api/book/1/", None).0, 204);
        assert_eq!(fixture.ask(Method::Get, "/api/book/1/", None).0, 404);
        assert_eq!(fixture.ask(Method::Delete, "/api/shelf/1/", None).0, 409, "the shelf is in use");
        assert_eq!(fixture.get("/api/shelf/").as_array().unwrap().len(), 2);
    });
}

#[test]
fn trees_follow_their_parents_and_never_close_a_circle() {
    for_each_database(|database| {
        let fixture = library(&database.url);
        let leaf = fixture.post("/api/shelf/", json!({"name": "Leaf", "parent": 2}))["pk"].as_i64().unwrap();
        for parent in [1, 2, leaf] {
            let (status, body) = fixture.ask(Method::Patch, "/api/shelf/1/", Some(json!({"parent": parent})));
            assert!(status == 400 && body["parent"].is_array(), "{parent}: {status} {body}");
        }
        assert_eq!(fixture.ask(Method::Patch, "/api/shelf/1/", Some(json!({"name": "New"}))).0, 200);
        assert_eq!(fixture.get("/api/shelf/3/")["pathstring"], "New/Below/Leaf");
        assert_eq!(fixture.ask(Method::Patch, "/api/shelf/2/", Some(json!({"parent": null}))).0, 200);
        assert_eq!(fixture.get("/api/shelf/3/?path_detail=1")["path"][0]["name"], "Below");
        assert_eq!(fixture.get("/api/shelf/3/")["pathstring"], "Below/Leaf");
    });
}

#[test]
fn rights_are_checked_before_anything_else() {
    for_each_database(|database| {
        let fixture = library(&database.url);
        for (_, operation) in REGISTRY.operations() {
            let address = match operation.target {
                ironwood_rest::registry::Target::Row(r) | ironwood_rest::registry::Target::RowEndpoint(r, _) => {
                    format!("{}1/", r.path)
                }
                ironwood_rest::registry::Target::List(r) => r.path.to_owned(),
                ironwood_rest::registry::Target::Action(a) => a.path.to_owned(),
            };
            let body = Some(json!({"not": "even valid"}));
            assert_eq!(fixture.ask_as(Reader(None, ALL), operation.method, &address, body.clone()).status, 401);
            assert_eq!(fixture.ask_as(Reader(Some(5), &[]), operation.method, &address, body).status, 403);
        }
        let seen = fixture.ask_as(Reader(Some(5), &["book"]), Method::Get, "/api/book/1/?shelf_detail=1", None);
        let seen: Json = serde_json::from_slice(&seen.body).unwrap();
        assert_eq!(seen["title"], "Zoo");
        assert!(seen.get("shelf_detail").is_none() && seen.get("notes").is_none(), "{seen}");
        assert_eq!(fixture.ask(Method::Get, "/api/nothing/", None).0, 404);
        assert_eq!(fixture.ask(Method::Post, "/api/book/1/", None).0, 405);
    });
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}

#[test]
fn options_and_openapi_tell_the_same() {
    for_each_database(|database| {
        let fixture = library(&database.url);
        let (status, options) = fixture.ask(Method::Options, "/api/book/", None);
        assert_eq!((status, options["model"].as_str()), (200, Some("book")));
        let title = &options["actions"]["POST"]["title"];
        assert_eq!(
            (&title["type"], &title["required"], &title["max_length"]),
            (&json!("string"), &json!(true), &json!(30))
        );
        let shelf = &options["actions"]["POST"]["shelf"];
        assert_eq!((&shelf["type"], &shelf["api_url"]), (&json!("related field"), &json!("/api/shelf/")));
        assert!(options["actions"]["DELETE"].is_object());
    });
    let head = ironwood_rest::openapi::Head { title: "Library", version: "1", description: "" };
    let document = ironwood_rest::openapi::document(&REGISTRY, &Library, &head);
    for_each_database(|database| {
        let fixture = library(&database.url);
        for (path, view) in [("/api/book/", "Book"), ("/api/shelf/", "Shelf")] {
            let (_, options) = fixture.ask(Method::Options, path, None);
            let fields = options["actions"]["POST"].as_object().unwrap();
            let schema = &document["components"]["schemas"][view];
            let described = schema["properties"].as_object().unwrap();
            let names = |fields: &serde_json::Map<String, Json>| fields.keys().cloned().collect::<Vec<_>>();
            assert_eq!(sorted(names(fields)), sorted(names(described)), "{view}");
            for (name, field) in fields {
                let property = &described[name];
                let read_only = property["readOnly"] == json!(true);
                assert_eq!(field["read_only"], read_only, "{view}.{name}: {field} {property}");
                let required = schema["required"].as_array().is_some_and(|all| all.contains(&json!(name)));
                assert!(read_only || field["required"] == required, "{view}.{name}: {field} {schema}");
                assert_eq!(field.get("max_length"), property.get("maxLength"), "{view}.{name}");
            }
        }
    });
    assert_eq!(document["paths"]["/api/book/"]["get"]["x-scopes"][0], "r:view:book");
    let names: Vec<&str> = document["paths"]["/api/book/"]["get"]["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|p| p["name"].as_str())
        .collect();
    assert!(["lent", "limit", "search", "shelf_detail", "ordering"].iter().all(|n| names.contains(n)), "{names:?}");
}
