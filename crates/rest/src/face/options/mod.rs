//! OPTIONS: what may be sent and what comes back, field by field; clients build forms from it.

use std::collections::HashMap;

use ironwood_base::{Result, clock};
use ironwood_store::Value;
use serde_json::{Map, Value as Json, json};

use crate::access::is_allowed;
use crate::context::Context;
use crate::http::{Answer, Method};
use crate::list;
use crate::operations::{Operation, Target, access_of};
use crate::resource::{Action, Args, Shape};
use crate::select::is_shown;
use crate::table::{ColumnType, Default, Table};
use crate::view::{CALLER, Field, Show, Type, View};

mod kept;

use kept::Varying;

/// The answer to OPTIONS on an address with these operations.
///
/// # Errors
/// Those of the database, of the choices that the domain gives, and of the actions that describe themselves.
pub fn describe(ctx: &mut Context<'_>, operations: &[Operation], _args: &Args) -> Result<Answer> {
    let describes = |o: &Operation| matches!(o.target, Target::Action(Action { describe: Some(_), .. }));
    if operations.iter().any(describes) || list::wants_file(ctx.request) {
        let body = build(ctx, operations, &mut Lists::default())?;
        return Ok(Answer::json(200, &body));
    }
    let key = kept::key(ctx, operations)?;
    if let Some(known) = key.as_ref().and_then(kept::find)
        && let Some(body) = known.fill(ctx, &HashMap::new())?
    {
        return Ok(Answer::json_bytes(200, body));
    }
    let mut lists = Lists { varying: Some(Vec::new()), ..Lists::default() };
    let text = build(ctx, operations, &mut lists)?.to_string();
    let answer = kept::Answer::new(&text, lists.varying.as_deref().unwrap_or_default());
    let known = lists.chosen.into_iter().filter_map(|(list, value)| Some((list, value?))).collect();
    let body = answer.fill(ctx, &known)?;
    if let Some(key) = key.filter(|_| !lists.missing) {
        kept::keep(key, answer);
    }
    Ok(Answer::json_bytes(200, body.unwrap_or_else(|| text.into_bytes())))
}

fn build(ctx: &mut Context<'_>, operations: &[Operation], lists: &mut Lists) -> Result<Json> {
    let mut actions = Map::new();
    let mut body = json!({
        "name": name(operations),
        "description": help(operations),
        "renders": ["application/json"],
        "parses": ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"],
    });
    let allowed = |operation: &&Operation| is_allowed(ctx.caller, access_of(**operation), operation.method);
    // someone who may do none of it is told so
    if operations.iter().any(|o| !matches!(o.target, Target::Action(_)))
        && operations.iter().filter(allowed).count() == 0
    {
        return Err(ironwood_base::Error::denied());
    }
    for operation in operations.iter().filter(allowed) {
        if let Target::Action(Action { describe: Some(describe), .. }) = operation.target {
            actions.insert(operation.method.name().into(), Json::Object(describe(ctx)?));
            continue;
        }
        let view = match operation.target {
            Target::List(resource) => Some(resource.view),
            Target::Row(resource) => Some(resource.row_view()),
            Target::RowEndpoint(_, endpoint) => Some(endpoint.view),
            Target::Action(action) => match action.request.or(action.response) {
                Some(Shape::Object(view) | Shape::List(view) | Shape::Map(view) | Shape::Page(view)) => Some(view),
                _ => None,
            },
        };
        let Some(view) = view else {
            if operation.method == Method::Get {
                actions.insert("GET".into(), json!({}));
            }
            continue;
        };
        body["model"] = Json::from(model_name(view.table));
        if let (Target::List(resource), Method::Get, true) =
            (operation.target, operation.method, list::wants_file(ctx.request))
        {
            let export_options = ctx.domain.export_options(ctx, resource)?;
            actions.insert("GET".into(), Json::Object(export_options));
            continue;
        }
        match operation.method {
            Method::Get | Method::Post | Method::Put => {
                let listed = matches!(operation.target, Target::List(_));
                let fields = fields(ctx, lists, view, operation.method, listed)?;
                actions.insert(operation.method.name().into(), fields);
            }
            Method::Delete => {
                actions.insert("DELETE".into(), json!({}));
            }
            _ => {}
        }
    }
    body["actions"] = Json::Object(actions);
    Ok(body)
}

fn name(operations: &[Operation]) -> String {
    match operations.first().map(|o| o.target) {
        Some(Target::List(r)) => format!("{} list", r.view.name),
        Some(Target::Row(r)) => format!("{} detail", r.view.name),
        Some(Target::RowEndpoint(r, endpoint)) => format!("{} {}", r.view.name, endpoint.name),
        Some(Target::Action(a)) => a.id.to_owned(),
        None => String::new(),
    }
}

fn help(operations: &[Operation]) -> &'static str {
    match operations.first().map(|o| o.target) {
        Some(Target::List(r) | Target::Row(r)) => r.help,
        Some(Target::RowEndpoint(..)) => "",
        Some(Target::Action(a)) => a.help,
        None => "",
    }
}

/// `partcategory`: the record model without its application.
pub fn model_name(table: &Table) -> &'static str {
    table.record.rsplit('.').next().unwrap_or(table.name)
}

fn fields(ctx: &mut Context<'_>, lists: &mut Lists, view: &'static View, method: Method, listed: bool) -> Result<Json> {
    let mut out = Map::new();
    for field in view.fields {
        let there = match field.show {
            Show::Never => method != Method::Get || field.listed,
            Show::Param(..) => method != Method::Get || is_shown(field, ctx.request, false),
            Show::Detail => method != Method::Get || !listed,
            Show::Always => true,
        };
        if there {
            out.insert(field.name.into(), field_info(ctx, lists, view.table, field, 0)?);
        }
    }
    Ok(Json::Object(out))
}

/// What OPTIONS tells of the fields of a view that clients may give, by name.
///
/// # Errors
/// Those of the database and of the choices that the domain gives.
pub fn accepted(ctx: &mut Context<'_>, view: &'static View) -> Result<Map<String, Json>> {
    let mut lists = Lists::default();
    let mut out = Map::new();
    for field in view.fields.iter().filter(|f| f.writable && !f.described_read_only) {
        out.insert(field.name.into(), field_info(ctx, &mut lists, view.table, field, 0)?);
    }
    Ok(out)
}

/// A label made from a field's name.
pub fn label(field: &Field) -> String {
    if !field.label.is_empty() {
        return field.label.into();
    }
    let words = field.name.replace("__", " ").replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Lists that the domain keeps, each read once for an answer.
#[derive(Default)]
struct Lists {
    choices: HashMap<&'static str, Vec<(String, String)>>,
    chosen: HashMap<&'static str, Option<Json>>,
    /// What varies, where marks are put in its place.
    varying: Option<Vec<Varying>>,
    /// A list suggests nothing now, and may do so the next time.
    missing: bool,
}

impl Lists {
    fn choices(&mut self, ctx: &mut Context<'_>, list: &'static str) -> Result<&[(String, String)]> {
        if !self.choices.contains_key(list) {
            self.choices.insert(list, ctx.domain.choices(ctx.conn, list)?);
        }
        Ok(self.choices.get(list).map_or(&[], Vec::as_slice))
    }

    fn chosen(&mut self, ctx: &mut Context<'_>, list: &'static str) -> Result<Option<Json>> {
        if !self.chosen.contains_key(list) {
            self.chosen.insert(list, suggestion(ctx, list)?);
        }
        let value = self.chosen.get(list).cloned().flatten();
        if !ctx.domain.suggests_anew(list) {
            return Ok(value);
        }
        self.missing |= value.is_none();
        Ok(value.map(|value| self.vary(Varying::Suggested(list), || value)))
    }

    /// A value that is another one the next time, or a mark in its place.
    fn vary(&mut self, varying: Varying, value: impl FnOnce() -> Json) -> Json {
        match &mut self.varying {
            Some(all) => {
                if !all.contains(&varying) {
                    all.push(varying);
                }
                varying.mark().into()
            }
            None => value(),
        }
    }
}

/// The value that stands where none is given.
fn suggestion(ctx: &mut Context<'_>, list: &str) -> Result<Option<Json>> {
    Ok(match ctx.domain.chosen(ctx.conn, list)? {
        Some(Value::Text(text)) => Some(Json::from(text)),
        Some(Value::Int(number)) => Some(Json::from(number)),
        _ => None,
    })
}

fn field_info(
    ctx: &mut Context<'_>,
    lists: &mut Lists,
    table: &'static Table,
    field: &Field,
    depth: usize,
) -> Result<Json> {
    let registry = ctx.registry;
    let wire = field.wire(table);
    let read_only = !field.writable || field.described_read_only;
    let mut info = Map::new();
    let link = field.target(table);
    info.insert("type".into(), type_name(field, table, wire, read_only).into());
    info.insert("required".into(), (field.described_required || field.is_required(table)).into());
    info.insert("read_only".into(), read_only.into());
    info.insert("label".into(), label(field).into());
    if !field.help.is_empty() {
        info.insert("help_text".into(), field.help.into());
    }
    let limit = field.limit(table);
    if limit > 0
        && matches!(
            wire,
            Type::Of(ColumnType::Text | ColumnType::Url | ColumnType::Email | ColumnType::File | ColumnType::Image)
        )
    {
        info.insert("max_length".into(), limit.into());
    }
    if let Type::Of(ColumnType::Decimal { places, digits }) = wire
        && (field.as_text || field.money)
    {
        info.insert("max_digits".into(), digits.into());
        info.insert("decimal_places".into(), places.into());
    }
    if let Some(default) = default_json(field, table).or_else(|| moment(lists, field, table)) {
        info.insert("default".into(), default);
    }
    if field.suggested == CALLER {
        info.insert("default".into(), lists.vary(Varying::Caller, || ctx.caller.id().into()));
    } else if !field.suggested.is_empty()
        && let Some(default) = lists.chosen(ctx, field.suggested)?
    {
        info.insert("default".into(), default);
    }
    if !field.chosen_from.is_empty() && !read_only {
        if !field.may_be_null(table)
            && let Some(chosen) = lists.chosen(ctx, field.chosen_from)?
        {
            info.insert("default".into(), chosen);
        }
        let none = field.may_be_null(table) && field.column(table).is_some_and(|c| c.blank);
        let none = none.then(|| (String::new(), "None".to_owned()));
        let list: Vec<Json> = none
            .iter()
            .chain(lists.choices(ctx, field.chosen_from)?)
            .map(|(v, label)| json!({"value": choice_value(v, wire), "display_name": label}))
            .collect();
        info.insert("choices".into(), Json::Array(list));
    }
    let choices = field.values(table);
    if !choices.is_empty() && !read_only && field.chosen_from.is_empty() {
        let list: Vec<Json> =
            choices.iter().map(|(v, label)| json!({"value": choice_value(v, wire), "display_name": label})).collect();
        info.insert("choices".into(), Json::Array(list));
    }
    if let Some(target) = link.filter(|_| !read_only || field.option_type == "related field") {
        info.insert("model".into(), model_name(target).into());
        info.insert("api_url".into(), registry.address_of(target).into());
        info.insert("pk_field".into(), "pk".into());
        info.insert("filters".into(), Json::Object(only(field.column(table).map_or("", |c| c.only))));
    }
    match wire {
        Type::Object(inner) | Type::Map(inner) if depth < 3 => {
            let mut children = Map::new();
            let there =
                |child: &&Field| !matches!(child.show, Show::Param(_, false)) || field.showing.contains(&child.name);
            for child in inner.fields.iter().filter(there) {
                children.insert(child.name.to_owned(), field_info(ctx, lists, inner.table, child, depth + 1)?);
            }
            info.insert("children".into(), Json::Object(children));
        }
        Type::Texts => {
            info.insert("child".into(), json!({"type": "string", "required": true, "read_only": false}));
        }
        _ => {}
    }
    if matches!(wire, Type::Of(ColumnType::Text | ColumnType::Url | ColumnType::Email)) {
        // a list of choices has an empty one only where none at all may be chosen
        let blank = field.may_be_blank(table) && (field.chosen_from.is_empty() || field.may_be_null(table));
        info.insert("allow_blank".into(), blank.into());
    } else if info.get("type").is_some_and(|name| name == "choice") {
        info.insert("allow_blank".into(), false.into());
    }
    info.insert("allow_null".into(), field.may_be_null(table).into());
    Ok(Json::Object(info))
}

/// A condition on the rows that a link may lead to (`active AND NOT virtual`), as filters of their list: with
/// these, clients offer only what can be chosen. Parts that are no plain columns are left out.
fn only(condition: &str) -> Map<String, Json> {
    let is_name = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    condition
        .split(" AND ")
        .filter_map(|part| {
            let (name, value) = match (part.strip_prefix("NOT "), part.strip_suffix(" IS NULL")) {
                (Some(name), _) => (name, Json::Bool(false)),
                (_, Some(name)) => (name, Json::Null),
                _ => (part, Json::Bool(true)),
            };
            is_name(name).then(|| (name.to_owned(), value))
        })
        .collect()
}

fn choice_value(value: &str, wire: Type) -> Json {
    match wire {
        Type::Of(ColumnType::Int { .. }) => value.parse::<i64>().map_or_else(|_| Json::from(value), Json::from),
        _ => Json::from(value),
    }
}

fn default_json(field: &Field, table: &'static Table) -> Option<Json> {
    if !field.default.is_empty() {
        return serde_json::from_str(field.default).ok();
    }
    let column = field.column(table)?;
    match column.default {
        Default::Bool(b) => Some(b.into()),
        Default::Int(i) => Some(i.into()),
        Default::Text(t) if !t.is_empty() => Some(t.into()),
        _ => None,
    }
}

/// The moment or the day, where that is the default.
fn moment(lists: &mut Lists, field: &Field, table: &'static Table) -> Option<Json> {
    let column = field.column(table).filter(|c| matches!(c.default, Default::Now | Default::Changed))?;
    Some(match column.kind {
        ColumnType::Date => lists.vary(Varying::Today, || clock::today().into()),
        _ => lists.vary(Varying::Now, || clock::now().into()),
    })
}

fn type_name(field: &Field, table: &'static Table, wire: Type, read_only: bool) -> &'static str {
    if !field.option_type.is_empty() {
        return field.option_type;
    }
    if !field.values(table).is_empty() || !field.chosen_from.is_empty() {
        return "choice";
    }
    if field.links.is_some() && !read_only {
        return "related field";
    }
    match wire {
        Type::Of(kind) => match kind {
            ColumnType::Int { .. } => "integer",
            ColumnType::Bool => "boolean",
            ColumnType::Text | ColumnType::Model => "string",
            ColumnType::Url => "url",
            ColumnType::Email => "email",
            ColumnType::File => "file upload",
            ColumnType::Image => "image upload",
            ColumnType::Decimal { .. } if field.as_text || field.money => "decimal",
            ColumnType::Decimal { .. } | ColumnType::Real => "float",
            ColumnType::Date => "date",
            ColumnType::Time => "datetime",
            ColumnType::Link(..) if read_only => "field",
            ColumnType::Link(..) => "related field",
            ColumnType::Json | ColumnType::Many { .. } => "field",
        },
        Type::Object(_) | Type::Map(_) => "nested object",
        Type::Texts | Type::Ints => "list",
        Type::List(_) | Type::Any => "field",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_become_filters() {
        assert_eq!(Json::Object(only("")), json!({}));
        assert_eq!(Json::Object(only("assembly")), json!({"assembly": true}));
        assert_eq!(
            Json::Object(only(
                "NOT virtual AND belongs_to IS NULL AND part IN (SELECT p.id FROM p WHERE p.salable AND NOT p.odd)"
            )),
            json!({"virtual": false, "belongs_to": null})
        );
    }
}
