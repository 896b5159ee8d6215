//! Components of the document: what views look like on the wire.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value as Json, json};

use crate::options::label;
use crate::registry::Registry;
use crate::resource::Shape;
use crate::table::ColumnType;
use crate::view::{Field, Show, Source, Type, View};

/// A component: a view, and what of it is meant.
#[derive(Clone, Copy)]
struct Component {
    view: &'static View,
    /// Nothing is required.
    patched: bool,
    /// Fields that are left out.
    without: &'static [&'static str],
}

impl Component {
    fn name(self) -> String {
        let mut name = if self.patched { format!("Patched{}", self.view.name) } else { self.view.name.to_owned() };
        for (i, field) in self.without.iter().enumerate() {
            name.push_str(if i == 0 { "Without" } else { "And" });
            for word in field.split('_') {
                let (first, rest) = word.split_at(word.len().min(1));
                name.push_str(&first.to_uppercase());
                name.push_str(rest);
            }
        }
        name
    }
}

#[derive(Default)]
pub(super) struct Components {
    done: BTreeMap<String, Json>,
    wanted: Vec<Component>,
    /// Views whose accepted fields come back in answers.
    echoed: HashSet<&'static str>,
}

/// Views that actions answer with, and views below these: what they accept is also shown.
fn echoed(registry: &Registry) -> HashSet<&'static str> {
    fn add(view: &'static View, found: &mut HashSet<&'static str>) {
        if found.insert(view.name) {
            for field in view.fields.iter().filter(|f| matches!(f.source, Source::Input | Source::Sql(""))) {
                if let Type::Object(below) | Type::List(below) = field.wire(view.table) {
                    add(below, found);
                }
            }
        }
    }
    let rows: HashSet<&'static str> =
        registry.resources.iter().flat_map(|r| [r.view.name, r.row_view().name]).collect();
    let mut found = HashSet::new();
    for action in &registry.actions {
        if let Some(Shape::Object(view) | Shape::List(view) | Shape::Map(view) | Shape::Page(view)) = action.response
            && !rows.contains(view.name)
        {
            add(view, &mut found);
        }
    }
    found
}

impl Components {
    /// No components yet.
    pub(super) fn new(registry: &Registry) -> Self {
        Components { echoed: echoed(registry), ..Components::default() }
    }

    /// A reference to the component of a view.
    pub(super) fn reference(&mut self, view: &'static View, patched: bool) -> Json {
        self.refer(Component { view, patched, without: &[] })
    }

    fn refer(&mut self, wanted: Component) -> Json {
        let name = wanted.name();
        if !self.done.contains_key(&name) {
            self.done.insert(name.clone(), Json::Null);
            self.wanted.push(wanted);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    pub(super) fn finish(mut self) -> BTreeMap<String, Json> {
        while let Some(wanted) = self.wanted.pop() {
            let schema = self.object(wanted);
            self.done.insert(wanted.name(), schema);
        }
        self.done.extend(refusals());
        self.done
    }

    fn object(&mut self, Component { view, patched, without }: Component) -> Json {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in view.fields.iter().filter(|field| !without.contains(&field.name)) {
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
        let mut schema = self.kind(wire, field);
        // whatever stands beside a reference is ignored, so it is wrapped
        if schema.get("$ref").is_some() {
            schema = json!({"allOf": [schema]});
        }
        schema["title"] = label(field).into();
        if !field.help.is_empty() {
            schema["description"] = field.help.into();
        }
        let is_file = matches!(wire, Type::Of(ColumnType::File | ColumnType::Image));
        let none = is_file && field.may_be_blank(view.table);
        if field.may_be_null(view.table) || none {
            schema["nullable"] = true.into();
        }
        if !field.writable {
            schema["readOnly"] = true.into();
        }
        if !field.shown() && !self.echoed.contains(view.name) {
            schema["writeOnly"] = true.into();
        }
        let of_any_type = field.option_type == "field" && field.writable && matches!(wire, Type::Of(ColumnType::Text));
        if of_any_type && let Some(of_text) = schema.as_object_mut() {
            of_text.remove("type");
        }
        let limit = field.limit(view.table);
        if limit > 0 && !of_any_type && matches!(wire, Type::Of(ColumnType::Text | ColumnType::Url | ColumnType::Email))
        {
            schema["maxLength"] = limit.into();
        }
        let choices = field.values(view.table);
        if !choices.is_empty() {
            let mut values: Vec<Json> = choices
                .iter()
                .map(|(v, _)| match wire {
                    Type::Of(ColumnType::Int { .. }) => v.parse::<i64>().map_or_else(|_| Json::from(*v), Json::from),
                    _ => Json::from(*v),
                })
                .collect();
            let meaning: Vec<String> = choices.iter().map(|(v, l)| format!("* `{v}` - {l}")).collect();
            if field.may_be_blank(view.table)
                && matches!(wire, Type::Of(ColumnType::Text))
                && !values.contains(&"".into())
            {
                values.push("".into());
            }
            if field.may_be_null(view.table) {
                values.push(Json::Null);
            }
            schema["enum"] = values.into();
            schema["description"] = format!("{}\n\n{}", field.help, meaning.join("\n")).trim().into();
        }
        schema
    }

    fn kind(&mut self, kind: Type, field: &Field) -> Json {
        let without = field.without;
        match kind {
            Type::Object(view) => self.refer(Component { view, patched: false, without }),
            Type::List(view) => {
                json!({"type": "array", "items": self.refer(Component { view, patched: false, without })})
            }
            Type::Map(view) => {
                let one = self.refer(Component { view, patched: false, without });
                json!({"type": "object", "additionalProperties": one})
            }
            Type::Texts => json!({"type": "array", "items": {"type": "string"}}),
            Type::Ints => json!({"type": "array", "items": {"type": "integer"}}),
            Type::Any => json!({}),
            Type::Of(kind) => match kind {
                ColumnType::Int { min, max } => {
                    let mut schema = json!({"type": "integer"});
                    if min > i64::MIN {
                        schema["minimum"] = min.into();
                    }
                    if max < i64::MAX {
                        schema["maximum"] = max.into();
                    }
                    schema
                }
                ColumnType::Link(..) => json!({"type": "integer"}),
                ColumnType::Bool => json!({"type": "boolean"}),
                // addresses may come without their scheme, and both may be empty
                ColumnType::Text | ColumnType::Model | ColumnType::Url | ColumnType::Email => json!({"type": "string"}),
                ColumnType::File | ColumnType::Image => json!({"type": "string", "format": "uri-reference"}),
                ColumnType::Decimal { .. } if field.as_text => json!({"type": "string", "pattern": DECIMAL}),
                // shown as a number; as text it is exact in programs that know only binary fractions
                ColumnType::Decimal { .. } if field.money => {
                    json!({"anyOf": [{"type": "string", "pattern": DECIMAL}, {"type": "number"}]})
                }
                ColumnType::Decimal { .. } | ColumnType::Real => json!({"type": "number", "format": "double"}),
                ColumnType::Date => json!({"type": "string", "format": "date"}),
                // shown to the minute with a space; taken in any form of ISO 8601
                ColumnType::Time => json!({"type": "string", "pattern": MOMENT}),
                ColumnType::Json => json!({}),
                ColumnType::Many { .. } => json!({"type": "array", "items": {"type": "integer"}}),
            },
        }
    }
}

/// An exact decimal as text.
const DECIMAL: &str = r"^-?[0-9]+(\.[0-9]+)?$";
/// A date with time.
const MOMENT: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}.*)?$";

/// Components of refusals.
fn refusals() -> [(String, Json); 2] {
    let faults = json!({
        "description": "Messages by field (`{\"name\": [\"…\"]}`). Messages that concern no single field are under \
            `non_field_errors` or `detail`. For a request with a list, a list with one such object for each item.",
        "anyOf": [
            {"type": "object", "additionalProperties": {}},
            {"type": "array", "items": {}},
        ],
    });
    let detail = json!({"type": "object", "properties": {"detail": {"type": "string"}}});
    [("Faults".to_owned(), faults), ("Detail".to_owned(), detail)]
}
