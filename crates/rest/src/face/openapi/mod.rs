//! The OpenAPI 3 document, made from the descriptions.

mod components;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::confirm::CONFIRM;
use crate::context::{Domain, Permission};
use crate::http::Method;
use crate::params::ROWS;
use crate::registry::{Operation, Registry, Target, access_of, permission_of};
use crate::resource::{Access, Action, Condition, Filter, Resource, Shape};
use crate::table::{ColumnType, Table};
use crate::view::{BOOL, INT, Show, TEXT, Type, View};
use components::Components;

const CONFIRM_HELP: &str =
    "Delete records even if they are in use. Without this parameter, the response describes what would be affected.";

/// What stands at the head of the document.
#[derive(Debug, Clone)]
pub struct Head<'a> {
    pub title: &'a str,
    pub version: &'a str,
    pub description: &'a str,
}

/// The document.
pub fn document(registry: &Registry, domain: &dyn Domain, head: &Head<'_>) -> Json {
    let mut components = Components::new(registry);
    let mut paths: BTreeMap<String, Map<String, Json>> = BTreeMap::new();
    for (path, operation) in registry.operations() {
        let described = describe(&path, operation, domain, &mut components);
        let method = operation.method.name().to_ascii_lowercase();
        paths.entry(path).or_default().insert(method, described);
    }
    json!({
        "openapi": "3.0.3",
        "info": {"title": head.title, "version": head.version, "description": head.description},
        "paths": paths,
        "components": {
            "schemas": components.finish(),
            "securitySchemes": {
                "basicAuth": {"type": "http", "scheme": "basic"},
                "tokenAuth": {
                    "type": "apiKey", "in": "header", "name": "Authorization",
                    "description": "`Token <value>`, with a value from `/api/user/token/`",
                },
                "cookieAuth": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
            },
        },
    })
}

fn param(name: &str, place: &str, kind: Type, help: &str) -> Json {
    let schema = match kind {
        Type::Of(ColumnType::Int { min, .. }) if min > i64::MIN => json!({"type": "integer", "minimum": min}),
        Type::Of(ColumnType::Int { .. } | ColumnType::Link(..)) => json!({"type": "integer"}),
        Type::Of(ColumnType::Bool) => json!({"type": "boolean"}),
        Type::Of(ColumnType::Decimal { .. } | ColumnType::Real) => json!({"type": "number"}),
        Type::Of(ColumnType::Date) => json!({"type": "string", "format": "date"}),
        Type::Of(ColumnType::Time) => json!({"type": "string", "format": "date-time"}),
        _ => json!({"type": "string"}),
    };
    let mut param = json!({"name": name, "in": place, "schema": schema});
    if place == "path" {
        param["required"] = true.into();
    }
    if !help.is_empty() {
        param["description"] = help.into();
    }
    param
}

fn filter_type(filter: &Filter) -> Type {
    match filter.condition {
        Condition::Where(kind, _) | Condition::Custom(kind, _) | Condition::Noted(kind) => kind,
        Condition::Flag(..) => BOOL,
        Condition::Link(..) | Condition::LinkOrNull(..) => INT,
        Condition::Ints(_) | Condition::AllOf(_) => TEXT,
    }
}

fn on_request(view: &'static View, params: &mut Vec<Json>) {
    for field in view.fields {
        if let Show::Param(name, default) = field.show
            && !params.iter().any(|p| p["name"] == name)
        {
            let help =
                format!("Include `{}` in the response (default: {}).", field.name, if default { "yes" } else { "no" });
            params.push(param(name, "query", BOOL, &help));
        }
    }
}

fn list_params(resource: &'static Resource) -> Vec<Json> {
    let mut params: Vec<Json> =
        resource.filters.iter().map(|f| param(f.name, "query", filter_type(f), f.help)).collect();
    params.push(param(
        "limit",
        "query",
        ROWS,
        "Maximum number of records per page. Without it, the response is a plain list of all records.",
    ));
    params.push(param("offset", "query", ROWS, "Number of records to skip."));
    if !resource.sorts.is_empty() {
        let names: Vec<&str> = resource.sorts.iter().map(|o| o.name).collect();
        let help = format!(
            "Fields to sort by, separated by commas. Prefix a field with `-` for descending order. Other names are \
            ignored. Available fields: `{}`.",
            names.join("`, `")
        );
        let mut ordering = param("ordering", "query", TEXT, &help);
        ordering["x-values"] = names.into();
        params.push(ordering);
    }
    let search = if resource.search.is_empty() {
        "Accepted for compatibility. Has no effect, because these records have no searchable text."
    } else {
        "Only records that contain all of these words."
    };
    params.push(param("search", "query", TEXT, search));
    on_request(resource.view, &mut params);
    params.push(param("export", "query", BOOL, "Export all matching records to a file and return its record."));
    params.push(param("export_format", "query", TEXT, "File format: `csv`, `tsv`, or `xlsx`."));
    params.push(param("export_plugin", "query", TEXT, "Exporter to use. OPTIONS lists them with the default."));
    params
}

fn scopes(access: Access, method: Method, domain: &dyn Domain) -> Vec<String> {
    let table = match access {
        Access::Public => return Vec::new(),
        Access::Superuser => return vec!["a:superuser".into()],
        Access::Staff => return vec!["a:staff".into()],
        Access::StaffWrites if !method.safe() => return vec!["a:staff".into()],
        Access::ReadOrTable(table) | Access::ReadOrStaffTable(table) if !method.safe() => table,
        Access::Table(table) => table,
        Access::OnRecord(subject) if !method.safe() => {
            let permission = if method == Method::Delete { subject.delete } else { subject.change };
            return or_general(of_any(subject.kinds, permission.unwrap_or(Permission::View), domain));
        }
        Access::ReadOrAny(tables) if !method.safe() => {
            return or_general(of_any(tables, permission_of(method), domain));
        }
        Access::Right(table, permission) => return or_general(domain.scopes(table, permission)),
        _ => return vec!["g:read".into()],
    };
    or_general(domain.scopes(table, permission_of(method)))
}

/// Scopes of which one is enough for an act on rows of one of these tables.
fn of_any(tables: &[&'static Table], permission: Permission, domain: &dyn Domain) -> Vec<String> {
    let mut all: Vec<String> = tables.iter().flat_map(|table| domain.scopes(table.name, permission)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn or_general(scopes: Vec<String>) -> Vec<String> {
    if scopes.is_empty() { vec!["g:read".into()] } else { scopes }
}

fn summary(operation: Operation) -> String {
    let words = |view: &View| {
        let mut out = String::new();
        for c in view.name.chars() {
            if c.is_uppercase() && !out.is_empty() {
                out.push(' ');
            }
            out.extend(c.to_lowercase());
        }
        out
    };
    match (operation.target, operation.method) {
        (Target::Action(action), _) => action.help.split(['.', '\n']).next().unwrap_or_default().to_owned(),
        (Target::RowEndpoint(r, endpoint), _) => format!("{}: {}", endpoint.name, words(r.view)),
        (Target::List(r), Method::Get) => format!("List: {}", words(r.view)),
        (Target::List(r), Method::Post) => format!("Create: {}", words(r.view)),
        (Target::List(r), Method::Delete) => format!("Delete in bulk: {}", words(r.view)),
        (Target::List(r), _) => format!("Update in bulk: {}", words(r.view)),
        (Target::Row(r), Method::Get) => format!("Retrieve: {}", words(r.row_view())),
        (Target::Row(r), Method::Delete) => format!("Delete: {}", words(r.row_view())),
        (Target::Row(r), Method::Patch) => format!("Partial update: {}", words(r.row_view())),
        (Target::Row(r), _) => format!("Update: {}", words(r.row_view())),
    }
}

fn operation_id(operation: Operation) -> String {
    let verb = match (operation.target, operation.method) {
        (Target::Action(action), _) => return action.id.to_owned(),
        (Target::RowEndpoint(_, endpoint), _) => endpoint.name,
        (Target::List(_), Method::Get) => "list",
        (Target::List(_), Method::Post) => "create",
        (Target::List(_), Method::Put) => "bulk_update",
        (Target::List(_), Method::Patch) => "bulk_partial_update",
        (Target::List(_), _) => "bulk_destroy",
        (Target::Row(_), Method::Get) => "retrieve",
        (Target::Row(_), Method::Put) => "update",
        (Target::Row(_), Method::Patch) => "partial_update",
        (Target::Row(_), _) => "destroy",
    };
    match operation.target {
        Target::List(r) | Target::Row(r) | Target::RowEndpoint(r, _) => format!("{}_{verb}", r.id),
        Target::Action(_) => String::new(),
    }
}

fn bulk_request() -> Json {
    json!({"type": "object", "properties": {
        "items": {"type": "array", "items": {"type": "integer"}, "description": "IDs of the records."},
        "filters": {"type": "object", "additionalProperties": {}},
    }})
}

/// All rows as a bare list, or a page of them where `limit` is given.
fn rows_of(row: &Json) -> Json {
    json!({"anyOf": [
        {"type": "array", "items": row},
        {"type": "object", "required": ["count", "next", "previous", "results"], "properties": {
            "count": {"type": "integer"},
            "next": {"type": "string", "format": "uri", "nullable": true},
            "previous": {"type": "string", "format": "uri", "nullable": true},
            "results": {"type": "array", "items": row},
        }},
    ]})
}

/// One object, or a list of them.
fn one_or_many(object: Json, many: bool) -> Json {
    if many { json!({"oneOf": [object, {"type": "array", "items": object}]}) } else { object }
}

/// Refusals that are possible for an operation, by status.
fn refused(operation: Operation, has_params: bool, has_key: bool) -> Vec<(u16, &'static str, &'static str)> {
    let (changes, public) = (!operation.method.safe(), matches!(access_of(operation), Access::Public));
    let action = matches!(operation.target, Target::Action(_));
    let mut all = Vec::new();
    if changes || has_params || action {
        all.push((400, "Invalid input. The response has messages by field.", "Faults"));
    }
    all.push((401, "Not signed in, or the credentials are not valid.", "Detail"));
    if !public || changes {
        all.push((403, "The user does not have permission.", "Detail"));
    }
    if has_key || action {
        all.push((404, "The record does not exist, or the user cannot view it.", "Detail"));
    }
    if changes {
        all.push((409, "The request conflicts with other records or with a simultaneous change.", "Detail"));
        all.push((413, "The request body is too large.", "Detail"));
        all.push((429, "Too many attempts. `Retry-After` says when to try again.", "Detail"));
    }
    all
}

/// A schema under each of the types that it may come as.
fn content(schema: &Json, types: &[&str]) -> Json {
    Json::Object(types.iter().map(|kind| ((*kind).to_owned(), json!({"schema": schema}))).collect())
}

/// What an operation takes and answers.
struct Exchange {
    request: Option<Json>,
    response: Option<Json>,
    types: &'static [&'static str],
    status: u16,
    help: &'static str,
    deprecated: bool,
}

const JSON_TYPE: &[&str] = &["application/json"];

fn of_list(resource: &'static Resource, method: Method, domain: &dyn Domain, components: &mut Components) -> Exchange {
    let row = resource.row_view();
    let (mut request, mut status) = (None, 200);
    let response = match method {
        Method::Get => {
            let mut rows = rows_of(&components.reference(resource.view, false));
            if let (Some(file), Some(ways)) = (domain.export_view(), rows["anyOf"].as_array_mut()) {
                ways.push(components.reference(file, false));
            }
            rows
        }
        Method::Delete => {
            request = Some(bulk_request());
            json!({"type": "object", "properties": {"success": {"type": "string"}}})
        }
        Method::Post => {
            status = 201;
            request = Some(one_or_many(components.reference(row, false), resource.operations.bulk_create));
            one_or_many(components.reference(row, false), resource.operations.bulk_create)
        }
        _ => {
            request = Some(json!({"allOf": [components.reference(row, true), bulk_request()]}));
            let rows = components.reference(row, false);
            json!({"type": "object", "required": ["success", "items"], "properties": {
                "success": {"type": "string"}, "items": {"type": "array", "items": rows},
            }})
        }
    };
    let (help, deprecated) = (resource.help, resource.deprecated);
    Exchange { request, response: Some(response), types: JSON_TYPE, status, help, deprecated }
}

fn of_row(resource: &'static Resource, method: Method, components: &mut Components) -> Exchange {
    let view = resource.row_view();
    let changes = matches!(method, Method::Put | Method::Patch);
    let gone = method == Method::Delete;
    Exchange {
        request: changes.then(|| components.reference(view, method == Method::Patch)),
        response: (!gone).then(|| components.reference(view, false)),
        types: JSON_TYPE,
        status: if gone { 204 } else { 200 },
        help: resource.help,
        deprecated: resource.deprecated,
    }
}

fn of_action(action: &'static Action, components: &mut Components) -> Exchange {
    let patched = action.method == Method::Patch;
    Exchange {
        request: action.request.map(|s| shape(s, components, patched)),
        response: action.response.map(|s| shape(s, components, false)),
        types: if let Some(Shape::File(kinds)) = action.response { kinds } else { JSON_TYPE },
        status: action.status,
        help: action.help,
        deprecated: action.deprecated,
    }
}

fn describe(path: &str, operation: Operation, domain: &dyn Domain, components: &mut Components) -> Json {
    let method = operation.method;
    let mut params: Vec<Json> = path
        .split(['{', '}'])
        .skip(1)
        .step_by(2)
        .map(|name| param(name, "path", key_type(operation, name), ""))
        .collect();
    let has_key = !params.is_empty();
    let exchange = match operation.target {
        Target::List(resource) => {
            if method == Method::Get {
                params.extend(list_params(resource));
            }
            params.extend(confirmation(resource, method));
            of_list(resource, method, domain, components)
        }
        Target::Row(resource) => {
            if method == Method::Get {
                on_request(resource.row_view(), &mut params);
            }
            params.extend(confirmation(resource, method));
            of_row(resource, method, components)
        }
        Target::RowEndpoint(_, endpoint) => Exchange {
            request: (!method.safe()).then(|| components.reference(endpoint.view, method == Method::Patch)),
            response: Some(components.reference(endpoint.view, false)),
            types: JSON_TYPE,
            status: 200,
            help: "",
            deprecated: false,
        },
        Target::Action(action) => {
            params.extend(action.params.iter().map(|(name, kind, help)| param(name, "query", *kind, help)));
            of_action(action, components)
        }
    };
    let scopes = scopes(access_of(operation), method, domain);
    let mut out = json!({
        "operationId": operation_id(operation),
        "summary": summary(operation),
        "tags": [path.split('/').find(|p| !p.is_empty() && *p != "api").unwrap_or("api")],
        "x-scopes": scopes,
        "responses": {},
    });
    let mut text = exchange.help.to_owned();
    if !scopes.is_empty() {
        text = format!("{text}\n\nRequires one of these scopes: `{}`.", scopes.join("`, `"));
    }
    out["description"] = text.trim().into();
    if exchange.deprecated {
        out["deprecated"] = true.into();
    }
    for (status, about, component) in refused(operation, params.iter().any(|p| p["in"] == "query"), has_key) {
        let schema = json!({"$ref": format!("#/components/schemas/{component}")});
        out["responses"][status.to_string()] = json!({"description": about, "content": content(&schema, JSON_TYPE)});
    }
    if !params.is_empty() {
        out["parameters"] = params.into();
    }
    if let Some(schema) = exchange.request {
        out["requestBody"] = json!({"content": {
            "application/json": {"schema": schema},
            "application/x-www-form-urlencoded": {"schema": schema},
            "multipart/form-data": {"schema": schema},
        }});
    }
    let none = exchange.status == 204;
    let mut answer = json!({"description": if none { "Success. The response has no body." } else { "Done." }});
    if let Some(schema) = exchange.response {
        answer["content"] = content(&schema, exchange.types);
    }
    out["responses"][exchange.status.to_string()] = answer;
    out["security"] = if matches!(access_of(operation), Access::Public) {
        json!([])
    } else {
        json!([{"basicAuth": []}, {"tokenAuth": []}, {"cookieAuth": []}])
    };
    out
}

/// What has to be given to delete rows that are in use.
fn confirmation(resource: &'static Resource, method: Method) -> Option<Json> {
    resource.in_use.filter(|_| method == Method::Delete).map(|_| param(CONFIRM, "query", BOOL, CONFIRM_HELP))
}

/// Type of a part of an address.
fn key_type(operation: Operation, name: &str) -> Type {
    match operation.target {
        Target::Row(resource) if name == "id" && resource.key != "id" => TEXT,
        Target::List(_) | Target::Row(_) | Target::RowEndpoint(..) if name == "id" => ROWS,
        _ if matches!(name, "id" | "pk") => ROWS,
        _ => TEXT,
    }
}

fn shape(shape: Shape, components: &mut Components, patched: bool) -> Json {
    match shape {
        Shape::Object(view) => components.reference(view, patched),
        Shape::List(view) => json!({"type": "array", "items": components.reference(view, patched)}),
        Shape::Map(view) => {
            json!({"type": "object", "additionalProperties": components.reference(view, patched)})
        }
        Shape::Page(view) => rows_of(&components.reference(view, patched)),
        Shape::Any => json!({}),
        Shape::File(_) => json!({"type": "string", "format": "binary"}),
    }
}
