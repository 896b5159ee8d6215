//! Custom states, which supplement the built-in ones.

use std::collections::HashMap;

use ironwood_base::status::{self, Code, Stateful, StatusClass};
use ironwood_base::{Error, Result, error::Fields};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Context, Facts};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Access, Condition, NO_RULES, Resource, Rules, filter, sort};
use ironwood_rest::select::write_text;
use ironwood_rest::selected;
use ironwood_rest::view::{INT, TEXT, View, col, made, pk};
use ironwood_store::{Connection, Value, ValueRef};

use super::contenttype;
use crate::schema::common::CUSTOM_STATE as TABLE;

selected! {
    /// A state that an administrator has added.
    pub(crate) struct CustomState {
        pub(crate) key: i64 = "c.key",
        /// The built-in state that it stands for.
        pub(crate) logical_key: i64 = "c.logical_key",
        pub(crate) name: String = "c.name",
        pub(crate) label: String = "c.label",
        pub(crate) color: String = "c.color",
    }
}

/// The states that were added to those of a class, in the order of their numbers. A number of both kinds is the
/// built-in one.
///
/// # Errors
/// Those of the database.
pub(crate) fn added_to(conn: &mut Connection, class: &StatusClass) -> Result<Vec<CustomState>> {
    let from = "FROM common_inventreecustomuserstatemodel c WHERE c.reference_status = $1 ORDER BY c.key";
    let mut found: Vec<CustomState> = selected::all(conn, from, &[class.name.into()])?;
    found.retain(|state| class.find(state.key).is_none());
    Ok(found)
}

/// The built-in states that those added to a class stand for, by their numbers.
///
/// # Errors
/// Those of the database.
pub(crate) fn built_in<T: Stateful>(conn: &mut Connection, class: &StatusClass) -> Result<HashMap<i64, Code<T>>> {
    let found = added_to(conn, class)?;
    Ok(found.into_iter().map(|state| (state.key, Code::from_key(state.logical_key))).collect())
}

/// The field with the name of a record's state: the label of a custom state goes before that of the built-in one.
macro_rules! status_text {
    ($class:path) => {
        ironwood_rest::view::made(
            "status_text",
            ironwood_rest::view::TEXT,
            &[
                "{status}",
                ironwood_store::sql!(
                    "(SELECT c.label FROM common_inventreecustomuserstatemodel c WHERE c.reference_status = '",
                    $class.name,
                    "' AND c.key = {status_custom_key})"
                ),
            ],
            |out, values, _| $crate::platform::common::custom_state::write_label(out, values, &$class),
        )
        .option_type("field")
    };
}
pub(crate) use status_text;

/// Writes the name of a state from the state itself and the label of a custom one.
pub(crate) fn write_label(out: &mut Vec<u8>, values: &[ValueRef<'_>], class: &StatusClass) {
    let &[status, own, ..] = values else { return };
    let (own, status) = (own.as_text(), status.as_int().unwrap_or(0));
    write_text(out, own.or_else(|| class.find(status).map(|s| s.label)).unwrap_or_default());
}

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
