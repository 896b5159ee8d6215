//! Tests that walk all operations of the server.

mod bounded;
mod bounds;
mod dates;
mod dependents;
mod described;
mod made_beside;
mod malformed;
mod nodes;
mod odd_input;
mod plans;
mod required;
mod rights;
mod searched;
mod secrets;
mod shapes;
mod sight;
mod signed_in;
mod statements;
mod texts;

use ironwood_rest::http::Method;
use serde_json::Value as Json;

use crate::installation::app::the_registry;
use crate::platform::server::document;

/// One operation as the API's own document describes it.
struct Documented {
    method: Method,
    path: String,
    /// Names of its query parameters.
    params: Vec<String>,
    /// Schema of its body; null where it takes none.
    body: Json,
}

/// The API's document.
fn the_document() -> Json {
    document(the_registry())
}

/// All operations of the document.
fn documented(document: &Json) -> Vec<Documented> {
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let Some(method) = Method::parse(&method.to_ascii_uppercase()) else { continue };
            let params = operation["parameters"].as_array().into_iter().flatten();
            let params = params.filter(|p| p["in"] == "query").map(|p| p["name"].as_str().unwrap().to_owned());
            let content = operation["requestBody"]["content"].as_object();
            let body = content.and_then(|c| c.values().next()).map_or(Json::Null, |c| c["schema"].clone());
            all.push(Documented { method, path: path.clone(), params: params.collect(), body });
        }
    }
    all
}

/// An address with its `{…}` parts filled in.
pub(crate) fn filled(path: &str, mut fill: impl FnMut(&str) -> String) -> String {
    let parts = path.split('/').map(|part| match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
        Some(name) => fill(name),
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}
