//! Custom states, which supplement the built-in ones.

use ironwood_base::{Error, Result, error::Fields, status};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Context, Facts};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Access, Condition, NO_RULES, Resource, Rules, filter, sort};
use ironwood_rest::select::write_text;
use ironwood_rest::view::{INT, TEXT, View, col, made, pk};
use ironwood_store::{Value, ValueRef};

use super::contenttype;
use crate::schema::common::CUSTOM_STATE as TABLE;

static VIEW: View = View::new(
    "CustomState",
    &TABLE,
    &[
        pk(),
        col("key").label("Value").help("Number of the state."),
        col("name").help("Name for use in programs."),
        col("label").help("Label shown to users."),
        col("color").help("Display color."),
        col("logical_key").help("Built-in state that this state is treated as."),
        made("model", INT, &["{t}.model"], write_number)
            .described_output_only()
            .nullable()
            .option_type("related field"),
        made("model_name", TEXT, &["{t}.model"], write_name),
        col("reference_status").help("Type of status that the state is added to."),
    ],
);

fn write_number(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    let number = values.first().and_then(|v| v.as_text()).and_then(contenttype::number);
    out.extend_from_slice(number.map_or_else(|| "null".to_owned(), |n| n.to_string()).as_bytes());
}

fn write_name(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    let model = values.first().and_then(|v| v.as_text()).unwrap_or_default();
    write_text(out, model.rsplit('.').next().unwrap_or_default());
}

fn by_model(query: &mut Query<'_>, text: &str) -> Result<()> {
    let model = text.trim().parse().ok().and_then(contenttype::model);
    let model = model.ok_or_else(|| Error::field("model", "This model does not exist."))?;
    query.and_value("{t}.model = {value}", model);
    Ok(())
}

/// States that an administrator has added.
pub(crate) static STATES: Resource = Resource::new("/api/generic/status/custom/", "generic_status_custom", &VIEW)
    .access(Access::ReadOrStaffTable("common_inventreecustomuserstatemodel"))
    .filters(&[
        filter("model", Condition::Custom(INT, by_model)),
        filter("reference_status", Condition::Where(TEXT, "{reference_status} = {value}")),
    ])
    .search(&["CAST({key} AS TEXT)", "{name}", "{label}", "{reference_status}"])
    .sorts(&[sort("key", &["{key}"])])
    .default_sort(&["{key}"])
    .rules(Rules { check, ..NO_RULES })
    .help("Custom states that supplement the built-in ones.");

fn check(_: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let mut fields = Fields::new();
    if let Some(number) = change.extra.get("model").and_then(|v| v.as_i64()) {
        match contenttype::model(number) {
            Some(model) => change.set("model", model),
            None => fields.add("model", "This model does not exist."),
        }
    }
    let name = change.text("name");
    let mut letters = name.chars();
    let begins = letters.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    if !begins || !letters.all(|c| c.is_alphanumeric() || c == '_') || name.to_uppercase() != name {
        fields.add(
            "name",
            "Name must consist of capital letters, digits, and underscores, and must not begin with a digit.",
        );
    }
    let (key, logical) = (change.int("key").unwrap_or(0), change.int("logical_key").unwrap_or(0));
    match status::class(change.text("reference_status")) {
        None => fields.add("reference_status", "This type of status does not exist."),
        Some(class) => {
            if class.find(logical).is_none() {
                fields.add("logical_key", "This is not a built-in state of this type of status.");
            }
            if class.find(key).is_some() {
                fields.add("key", "A built-in state already has this number.");
            }
            let name = change.text("name").to_uppercase();
            if class.values.iter().any(|s| s.name == name) {
                fields.add("name", "A built-in state already has this name.");
            }
        }
    }
    if change.get("model") == &Value::Null {
        fields.add("model", "Model is required.");
    }
    fields.check()
}
