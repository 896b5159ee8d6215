//! The OpenAPI document.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use ironwood_base::{Error, Result};
use ironwood_rest::context::{Domain, Permission};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::openapi::{self, Head};
use ironwood_rest::registry::Registry;
use ironwood_rest::resource::{Access, Action, Args, Outside, Shape, free_action};
use ironwood_rest::view::{TEXT, View};
use ironwood_store::Connection;
use serde_json::Value as Json;

use super::{API_VERSION, NAME, VERSION};
use crate::platform::users::permission;

const ABOUT: &str = "Inventory of parts, stock, orders, and builds.\n\nSign in with user name and password \
    (`Authorization: Basic …`) or with a token (`Authorization: Token …`). `GET /api/user/token/` returns a token. \
    With `limit`, lists are returned in pages: `{count, next, previous, results}`. Without it, they are plain lists. \
    Invalid input is answered with status 400 and `{\"field\": [\"message\"]}`. To repeat a change safely, send it \
    again with the same `Idempotency-Key` header: within 24 hours it is made only once, and every repeat gets the \
    same response.";

/// `GET /api/schema/`: this document, as JSON or (as most tools expect where nothing is said) YAML.
pub(super) static SCHEMA: Action = free_action(Method::Get, "/api/schema/", "schema_retrieve", Access::Public, schema)
    .params(&[("format", TEXT, "`json` or `yaml`.")])
    .response(200, Shape::Any)
    .help("The OpenAPI 3 document of this server.");

/// The domain without a database: enough to describe the API.
struct Described;

impl Domain for Described {
    fn scopes(&self, table: &str, permission: Permission) -> Vec<String> {
        permission::scopes(table, permission)
    }
    fn snapshot(&self, _: &mut Connection) -> Result<Arc<dyn Any + Send + Sync>> {
        Err(Error::Internal("this API description has no database".into()))
    }
    fn export_view(&self) -> Option<&'static View> {
        Some(&crate::platform::output::VIEW)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The whole document.
pub fn document(registry: &Registry) -> Json {
    let version = format!("{API_VERSION}");
    let head = Head { title: NAME, version: &version, description: ABOUT };
    let mut document = openapi::document(registry, &Described, &head);
    document["info"]["x-program-version"] = VERSION.into();
    document
}

fn schema(outside: &Outside<'_>, _: &Args) -> Result<Answer> {
    static DOCUMENT: OnceLock<(Vec<u8>, Vec<u8>)> = OnceLock::new();
    let (json, yaml) = DOCUMENT.get_or_init(|| {
        let document = document(outside.registry);
        // every JSON text is YAML, too; a reader gets it laid out
        (document.to_string().into_bytes(), to_yaml(&document).into_bytes())
    });
    let wants_json = match outside.request.param("format") {
        Some(format) => format.eq_ignore_ascii_case("json"),
        None => outside.request.accept.contains("json"),
    };
    let (content_type, body) =
        if wants_json { ("application/vnd.oai.openapi+json", json) } else { ("application/vnd.oai.openapi", yaml) };
    Ok(Answer { status: 200, content_type, headers: Vec::new(), body: body.clone() })
}

/// A JSON document as YAML.
pub fn to_yaml(document: &Json) -> String {
    serde_norway::to_string(&yaml(document)).unwrap_or_default()
}

// exact JSON numbers do not serialise to other formats by themselves
fn yaml(json: &Json) -> serde_norway::Value {
    use serde_norway::Value;
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => n.as_i64().map_or_else(|| Value::String(n.to_string()), |i| Value::Number(i.into())),
        Json::String(s) => Value::String(s.clone()),
        Json::Array(list) => Value::Sequence(list.iter().map(yaml).collect()),
        Json::Object(map) => Value::Mapping(map.iter().map(|(k, v)| (Value::String(k.clone()), yaml(v))).collect()),
    }
}
