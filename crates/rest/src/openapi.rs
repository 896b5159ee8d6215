//! The OpenAPI 3 document, made from the descriptions.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::confirm::CONFIRM;
use crate::context::{Act, Domain};
use crate::http::Method;
use crate::options::label;
use crate::registry::{Operation, Registry, Target, access_of, act_of};
use crate::resource::{Access, Filter, Resource, Shape, Test};
use crate::table::{Kind, Table};
use crate::view::{BOOL, Field, INT, Show, TEXT, Type, View};

const CONFIRM_HELP: &str = "Delete it although it is in use; without it the answer says what would go.";

/// What stands at the head of the document.
#[derive(Debug, Clone)]
pub struct Head<'a> {
    pub title: &'a str,
    pub version: &'a str,
    pub description: &'a str,
}

/// The document.
pub fn document(registry: &Registry, domain: &dyn Domain, head: &Head<'_>) -> Json {
    let mut components = Components::default();
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

#[derive(Default)]
struct Components {
    done: BTreeMap<String, Json>,
    wanted: Vec<(&'static View, bool)>,
}

impl Components {
    /// A reference to the component of a view.
    fn reference(&mut self, view: &'static View, patched: bool) -> Json {
        let name = if patched { format!("Patched{}", view.name) } else { view.name.to_owned() };
        if !self.done.contains_key(&name) {
            self.done.insert(name.clone(), Json::Null);
            self.wanted.push((view, patched));
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    fn finish(mut self) -> BTreeMap<String, Json> {
        while let Some((view, patched)) = self.wanted.pop() {
            let schema = self.object(view, patched);
            let name = if patched { format!("Patched{}", view.name) } else { view.name.to_owned() };
            self.done.insert(name, schema);
        }
        self.done
    }

    fn object(&mut self, view: &'static View, patched: bool) -> Json {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in view.fields {
            properties.insert(field.name.to_owned(), self.field(view, field));
            // what is always shown is always there in an answer; what is needed has to be sent
            let shown = !field.writable && matches!(field.show, Show::Always);
            if !patched && (field.is_required(view.table) || shown) {
                required.push(field.name);
            }
        }
        let mut schema = json!({"type": "object", "properties": properties});
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema
    }

    fn field(&mut self, view: &'static View, field: &Field) -> Json {
        let wire = field.wire(view.table);
        let mut schema = self.kind(wire, field.as_text || field.money);
        // whatever stands beside a reference is ignored, so it is wrapped
        if schema.get("$ref").is_some() {
            schema = json!({"allOf": [schema]});
        }
        schema["title"] = label(field).into();
        if !field.help.is_empty() {
            schema["description"] = field.help.into();
        }
        if field.may_be_null(view.table) {
            schema["nullable"] = true.into();
        }
        if !field.writable {
            schema["readOnly"] = true.into();
        }
        if !field.shown() {
            schema["writeOnly"] = true.into();
        }
        let limit = field.limit(view.table);
        if limit > 0 && matches!(wire, Type::Of(Kind::Text | Kind::Url | Kind::Email)) {
            schema["maxLength"] = limit.into();
        }
        let choices = field.values(view.table);
        if !choices.is_empty() {
            let values: Vec<Json> = choices
                .iter()
                .map(|(v, _)| match wire {
                    Type::Of(Kind::Int { .. }) => v.parse::<i64>().map_or_else(|_| Json::from(*v), Json::from),
                    _ => Json::from(*v),
                })
                .collect();
            let meaning: Vec<String> = choices.iter().map(|(v, l)| format!("* `{v}` - {l}")).collect();
            schema["enum"] = values.into();
            schema["description"] = format!("{}\n\n{}", field.help, meaning.join("\n")).trim().into();
        }
        schema
    }

    fn kind(&mut self, kind: Type, as_text: bool) -> Json {
        match kind {
            Type::Object(view) => self.reference(view, false),
            Type::List(view) => json!({"type": "array", "items": self.reference(view, false)}),
            Type::Texts => json!({"type": "array", "items": {"type": "string"}}),
            Type::Ints => json!({"type": "array", "items": {"type": "integer"}}),
            Type::Any => json!({}),
            Type::Of(kind) => match kind {
                Kind::Int { min, max } => {
                    let mut schema = json!({"type": "integer"});
                    if min > i64::MIN {
                        schema["minimum"] = min.into();
                    }
                    if max < i64::MAX {
                        schema["maximum"] = max.into();
                    }
                    schema
                }
                Kind::Link(..) => json!({"type": "integer"}),
                Kind::Bool => json!({"type": "boolean"}),
                Kind::Text | Kind::Model => json!({"type": "string"}),
                Kind::Url | Kind::File | Kind::Image => json!({"type": "string", "format": "uri"}),
                Kind::Email => json!({"type": "string", "format": "email"}),
                Kind::Decimal { .. } if as_text => json!({"type": "string", "format": "decimal"}),
                Kind::Decimal { .. } | Kind::Real => json!({"type": "number", "format": "double"}),
                Kind::Date => json!({"type": "string", "format": "date"}),
                Kind::Time => json!({"type": "string", "format": "date-time"}),
                Kind::Json => json!({}),
                Kind::Many { .. } => json!({"type": "array", "items": {"type": "integer"}}),
            },
        }
    }
}

fn param(name: &str, place: &str, kind: Type, help: &str) -> Json {
    let schema = match kind {
        Type::Of(Kind::Int { .. } | Kind::Link(..)) => json!({"type": "integer"}),
        Type::Of(Kind::Bool) => json!({"type": "boolean"}),
        Type::Of(Kind::Decimal { .. } | Kind::Real) => json!({"type": "number"}),
        Type::Of(Kind::Date) => json!({"type": "string", "format": "date"}),
        Type::Of(Kind::Time) => json!({"type": "string", "format": "date-time"}),
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
    match filter.test {
        Test::Where(kind, _) | Test::Custom(kind, _) | Test::Noted(kind) => kind,
        Test::Flag(..) => BOOL,
        Test::Link(..) | Test::LinkOrNull(..) => INT,
        Test::Ints(_) | Test::AllOf(_) => TEXT,
    }
}

fn on_request(view: &'static View, params: &mut Vec<Json>) {
    for field in view.fields {
        if let Show::Param(name, default) = field.show
            && !params.iter().any(|p| p["name"] == name)
        {
            let help = format!(
                "Whether `{}` is part of the answer (default: {}).",
                field.name,
                if default { "yes" } else { "no" }
            );
            params.push(param(name, "query", BOOL, &help));
        }
    }
}

fn list_params(resource: &'static Resource) -> Vec<Json> {
    let mut params: Vec<Json> =
        resource.filters.iter().map(|f| param(f.name, "query", filter_type(f), f.help)).collect();
    params.push(param("limit", "query", INT, "Rows of a page; without it, everything is given as a bare list."));
    params.push(param("offset", "query", INT, "Rows to leave out before the page."));
    if !resource.order.is_empty() {
        let names: Vec<String> =
            resource.order.iter().flat_map(|o| [o.name.to_owned(), format!("-{}", o.name)]).collect();
        params.push(json!({
            "name": "ordering", "in": "query", "description": "Field to sort by; with `-`, downwards.",
            "schema": {"type": "string", "enum": names},
        }));
    }
    let search = if resource.search.is_empty() {
        "Accepted, and changes nothing: these rows have no text that is searched."
    } else {
        "Only rows in which every one of these words is found."
    };
    params.push(param("search", "query", TEXT, search));
    on_request(resource.view, &mut params);
    params.push(param("export", "query", BOOL, "Make a file of all rows and answer with its record."));
    params.push(param("export_format", "query", TEXT, "Form of the file: `csv`, `tsv` or `xlsx`."));
    params.push(param(
        "export_plugin",
        "query",
        TEXT,
        "What makes the file; `inventree-exporter` unless said otherwise.",
    ));
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
            let act = if method == Method::Delete { subject.delete } else { subject.change };
            return or_general(of_any(subject.kinds, act.unwrap_or(Act::View), domain));
        }
        Access::ReadOrAny(tables) if !method.safe() => return or_general(of_any(tables, act_of(method), domain)),
        Access::Right(table, act) => return or_general(domain.scopes(table, act)),
        _ => return vec!["g:read".into()],
    };
    or_general(domain.scopes(table, act_of(method)))
}

/// Scopes of which one is enough for an act on rows of one of these tables.
fn of_any(tables: &[&'static Table], act: Act, domain: &dyn Domain) -> Vec<String> {
    let mut all: Vec<String> = tables.iter().flat_map(|table| domain.scopes(table.name, act)).collect();
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
        (Target::Part(r, part), _) => format!("{}: {}", part.name, words(r.view)),
        (Target::List(r), Method::Get) => format!("List: {}", words(r.view)),
        (Target::List(r), Method::Post) => format!("Create: {}", words(r.view)),
        (Target::List(r), Method::Delete) => format!("Delete several: {}", words(r.view)),
        (Target::List(r), _) => format!("Change several: {}", words(r.view)),
        (Target::Row(r), Method::Get) => format!("Read: {}", words(r.row_view())),
        (Target::Row(r), Method::Delete) => format!("Delete: {}", words(r.row_view())),
        (Target::Row(r), Method::Patch) => format!("Change in part: {}", words(r.row_view())),
        (Target::Row(r), _) => format!("Change: {}", words(r.row_view())),
    }
}

fn operation_id(operation: Operation) -> String {
    let verb = match (operation.target, operation.method) {
        (Target::Action(action), _) => return action.id.to_owned(),
        (Target::Part(_, part), _) => part.name,
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
        Target::List(r) | Target::Row(r) | Target::Part(r, _) => format!("{}_{verb}", r.id),
        Target::Action(_) => String::new(),
    }
}

fn bulk_request() -> Json {
    json!({"type": "object", "properties": {
        "items": {"type": "array", "items": {"type": "integer"}, "description": "Keys of the rows."},
        "filters": {"type": "object", "additionalProperties": {}},
    }})
}

fn page_of(rows: Json) -> Json {
    json!({"type": "object", "required": ["count", "results"], "properties": {
        "count": {"type": "integer"},
        "next": {"type": "string", "format": "uri", "nullable": true},
        "previous": {"type": "string", "format": "uri", "nullable": true},
        "results": {"type": "array", "items": rows},
    }})
}

/// A schema under each of the types that it may come as.
fn content(schema: &Json, types: &[&str]) -> Json {
    Json::Object(types.iter().map(|kind| ((*kind).to_owned(), json!({"schema": schema}))).collect())
}

fn describe(path: &str, operation: Operation, domain: &dyn Domain, components: &mut Components) -> Json {
    let method = operation.method;
    let mut params: Vec<Json> = path
        .split(['{', '}'])
        .skip(1)
        .step_by(2)
        .map(|name| param(name, "path", if matches!(name, "id" | "pk") { INT } else { TEXT }, ""))
        .collect();
    let mut request = None;
    let mut response = None;
    let mut types: &[&str] = &["application/json"];
    let mut status = 200;
    let mut help = "";
    match operation.target {
        Target::List(resource) => {
            help = resource.help;
            match method {
                Method::Get => {
                    params.extend(list_params(resource));
                    response = Some(page_of(components.reference(resource.view, false)));
                }
                Method::Delete => {
                    params.extend(resource.in_use.map(|_| param(CONFIRM, "query", BOOL, CONFIRM_HELP)));
                    request = Some(bulk_request());
                    response = Some(json!({"type": "object", "properties": {"success": {"type": "string"}}}));
                }
                Method::Post => {
                    request = Some(components.reference(resource.row_view(), false));
                    response = Some(components.reference(resource.row_view(), false));
                    status = 201;
                }
                _ => {
                    request = Some(components.reference(resource.row_view(), method == Method::Patch));
                    response = Some(components.reference(resource.row_view(), false));
                }
            }
        }
        Target::Row(resource) => {
            help = resource.help;
            let view = resource.row_view();
            match method {
                Method::Get => on_request(view, &mut params),
                Method::Delete => {
                    status = 204;
                    params.extend(resource.in_use.map(|_| param(CONFIRM, "query", BOOL, CONFIRM_HELP)));
                }
                _ => request = Some(components.reference(view, method == Method::Patch)),
            }
            if status == 200 {
                response = Some(components.reference(view, false));
            }
        }
        Target::Part(_, part) => {
            response = Some(components.reference(part.view, false));
            if !method.safe() {
                request = Some(components.reference(part.view, method == Method::Patch));
            }
        }
        Target::Action(action) => {
            help = if action.help.is_empty() { help } else { action.help };
            params.extend(action.params.iter().map(|(name, kind, help)| param(name, "query", *kind, help)));
            status = action.status;
            let patched = method == Method::Patch;
            request = action.request.map(|s| shape(s, components, patched));
            response = action.response.map(|s| shape(s, components, false));
            if let Some(Shape::File(kinds)) = action.response {
                types = kinds;
            }
        }
    }
    let access = access_of(operation);
    let scopes = scopes(access, method, domain);
    let mut out = json!({
        "operationId": operation_id(operation),
        "summary": summary(operation),
        "tags": [path.split('/').find(|p| !p.is_empty() && *p != "api").unwrap_or("api")],
        "x-scopes": scopes,
        "responses": {},
    });
    let mut text = help.to_owned();
    if !scopes.is_empty() {
        text = format!("{text}\n\nNeeds one of: `{}`.", scopes.join("`, `"));
    }
    out["description"] = text.trim().into();
    if !params.is_empty() {
        out["parameters"] = params.into();
    }
    if let Some(schema) = request {
        out["requestBody"] = json!({"content": {
            "application/json": {"schema": schema},
            "application/x-www-form-urlencoded": {"schema": schema},
            "multipart/form-data": {"schema": schema},
        }});
    }
    let mut answer = json!({"description": if status == 204 { "Done; there is nothing to say." } else { "Done." }});
    if let Some(schema) = response {
        answer["content"] = content(&schema, types);
    }
    out["responses"][status.to_string()] = answer;
    if matches!(access, Access::Public) {
        out["security"] = json!([]);
    } else {
        out["security"] = json!([{"basicAuth": []}, {"tokenAuth": []}, {"cookieAuth": []}]);
        out["responses"]["401"] = json!({"description": "Nobody is signed in."});
        out["responses"]["403"] = json!({"description": "The user may not do this."});
    }
    if !method.safe() {
        out["responses"]["400"] = json!({"description": "Refused: the messages stand by field."});
    }
    out
}

fn shape(shape: Shape, components: &mut Components, patched: bool) -> Json {
    match shape {
        Shape::Object(view) => components.reference(view, patched),
        Shape::List(view) => json!({"type": "array", "items": components.reference(view, patched)}),
        Shape::Page(view) => page_of(components.reference(view, patched)),
        Shape::Any => json!({}),
        Shape::File(_) => json!({"type": "string", "format": "binary"}),
    }
}
