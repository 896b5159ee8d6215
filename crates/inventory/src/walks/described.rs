//! The API's document is a valid one, and describes everything once.

use std::collections::HashSet;

use openapiv3::{OpenAPI, Operation, Parameter, ReferenceOr};
use serde_json::Value as Json;

use super::the_document;
use crate::installation::app::the_registry;

/// Every reference in the document.
fn references<'d>(json: &'d Json, found: &mut HashSet<&'d str>) {
    match json {
        Json::Object(map) => {
            if let Some(Json::String(to)) = map.get("$ref") {
                found.insert(to);
            }
            map.values().for_each(|value| references(value, found));
        }
        Json::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn the_document_is_openapi_3() {
    let document = the_document();
    let text = document.to_string();
    let read: OpenAPI = serde_json::from_str(&text).expect("an OpenAPI 3 document");
    assert!(read.openapi.starts_with("3.0."));
    let mut targets = HashSet::new();
    references(&document, &mut targets);
    for target in targets {
        let pointer = target.strip_prefix('#').expect("a reference within the document");
        assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
    }
    let (mut ids, mut count) = (HashSet::new(), 0);
    for (path, item) in read.paths.iter() {
        let item = item.as_item().expect("paths are written out");
        let wanted: HashSet<&str> = path.split('/').filter_map(|p| p.strip_prefix('{')?.strip_suffix('}')).collect();
        for (method, operation) in item.iter() {
            count += 1;
            let id = operation.operation_id.as_deref().unwrap_or_default();
            assert!(!id.is_empty() && ids.insert(id.to_owned()), "{method} {path}: the id {id:?} is taken");
            assert_eq!(in_path(operation), wanted, "{method} {path}");
            assert!(!operation.responses.responses.is_empty(), "{method} {path} answers nothing");
            let query = operation.parameters.iter().filter_map(|p| match p.as_item() {
                Some(Parameter::Query { parameter_data, .. }) => Some(parameter_data.name.as_str()),
                _ => None,
            });
            let mut names = HashSet::new();
            for name in query {
                assert!(names.insert(name), "{method} {path}: the parameter {name} twice");
            }
        }
    }
    assert_eq!(count, the_registry().operations().len(), "two operations share an address");
}

fn in_path(operation: &Operation) -> HashSet<&str> {
    let names = operation.parameters.iter().filter_map(|parameter| match parameter {
        ReferenceOr::Item(Parameter::Path { parameter_data, .. }) => Some(parameter_data.name.as_str()),
        _ => None,
    });
    names.collect()
}
