//! Query parameters that an operation describes: what is malformed is refused before anything else happens.
//!
//! The filters of a list are left to the list, because some of them take more than their type says (`null`).

use ironwood_base::error::{Fields, NON_FIELD};
use ironwood_base::{Error, Result};
use serde_json::Value as Json;

use crate::confirm::CONFIRM;
use crate::http::{Body, Method, Request};
use crate::list::read_param;
use crate::operations::{Operation, Target};
use crate::resource::Shape;
use crate::table::ColumnType;
use crate::view::{BOOL, Show, Type, View};

/// A number of rows.
pub const ROWS: Type = Type::Of(ColumnType::Int { min: 0, max: i64::MAX });

/// Parameters of every list whose form is checked, with their types.
pub const OF_LISTS: &[(&str, Type)] = &[
    ("limit", ROWS),
    ("offset", ROWS),
    ("search_regex", BOOL),
    ("search_whole", BOOL),
    ("search_notes", BOOL),
    ("export", BOOL),
];

/// Refuses malformed parameters, each by its name.
///
/// # Errors
/// [`Error::Invalid`].
pub fn check(operation: Operation, request: &Request) -> Result<()> {
    let mut faults = Fields::new();
    for (name, text) in &request.query {
        let Some(kind) = kind_of(operation, name).filter(|_| !text.trim().is_empty()) else { continue };
        match read_param(kind, name, text) {
            Err(Error::Invalid(found)) if !faults.has(name) => faults.nest(name, found.json()[name].clone()),
            _ => {}
        }
    }
    faults.check()
}

/// The type of a described parameter that is no filter of a list.
fn kind_of(operation: Operation, name: &str) -> Option<Type> {
    match (operation.target, operation.method) {
        (Target::Action(action), _) => {
            let described = action.params.iter().find(|(n, ..)| *n == name)?.1;
            Some(if matches!(name, "limit" | "offset") { ROWS } else { described })
        }
        (Target::List(resource), Method::Get) => {
            if resource.filters.iter().any(|filter| filter.name == name) {
                return None;
            }
            let common = OF_LISTS.iter().find(|(n, _)| *n == name).map(|(_, kind)| *kind);
            common.or_else(|| switches(resource.view, name).then_some(BOOL))
        }
        (Target::List(resource) | Target::Row(resource), Method::Delete) => {
            (resource.in_use.is_some() && name == CONFIRM).then_some(BOOL)
        }
        (Target::Row(resource), Method::Get) => switches(resource.row_view(), name).then_some(BOOL),
        _ => None,
    }
}

/// Whether the parameter says if a field of the view is shown.
fn switches(view: &View, name: &str) -> bool {
    view.fields.iter().any(|field| matches!(field.show, Show::Param(param, _) if param == name))
}

/// Adds fields that are not known to the reasons for which a body is refused: they are often the cause.
pub fn name_unknown_fields(operation: Operation, body: &Body, error: Error) -> Error {
    let Some(view) = accepted(operation) else { return error };
    match (error, body) {
        (Error::Invalid(mut faults), Body::Json(Json::Object(values))) => {
            add_unknown(&mut faults, view, values.keys());
            Error::Invalid(faults)
        }
        (Error::Invalid(mut faults), Body::Form(fields)) => {
            add_unknown(&mut faults, view, fields.iter().map(|(name, _)| name));
            Error::Invalid(faults)
        }
        (Error::List(mut rows), Body::Json(Json::Array(given))) => {
            for (row, values) in rows.iter_mut().zip(given) {
                if let (Json::Object(below), Json::Object(values)) = (row, values)
                    && !below.is_empty()
                {
                    let mut faults = Fields::new();
                    add_unknown(&mut faults, view, values.keys());
                    if let Json::Object(unknown) = faults.json() {
                        below.extend(unknown);
                    }
                }
            }
            Error::List(rows)
        }
        (other, _) => other,
    }
}

/// Most unknown fields that are named.
const MOST_UNKNOWN: usize = 20;

fn add_unknown<'a>(faults: &mut Fields, view: &View, given: impl Iterator<Item = &'a String>) {
    // what bulk requests name their rows with
    let of_bulk = |name: &str| matches!(name, "items" | "filters" | CONFIRM | NON_FIELD);
    let known = |name: &str| of_bulk(name) || view.fields.iter().any(|f| f.name == name || f.formerly == name);
    for name in given.filter(|name| !known(name)).take(MOST_UNKNOWN) {
        if !faults.has(name) {
            faults.add(name, "Unknown field.");
        }
    }
}

/// What the body of a request is checked against.
fn accepted(operation: Operation) -> Option<&'static View> {
    match operation.target {
        _ if operation.method.safe() => None,
        Target::List(resource) | Target::Row(resource) => Some(resource.row_view()),
        Target::RowEndpoint(..) => None,
        Target::Action(action) => match action.request {
            Some(Shape::Object(view) | Shape::List(view)) => Some(view),
            _ => None,
        },
    }
}
