//! Record models, numbered: what generic links refer to.

use std::sync::LazyLock;

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::list;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::{BOOL, INT, TEXT, View, value};
use serde_json::{Value as Json, json};

use crate::schema::TABLES;

static VIEW: View = View::plain(
    "ContentType",
    &[
        value("pk", INT).label("ID"),
        value("app_label", TEXT).max(100),
        value("model", TEXT).max(100),
        value("app_labeled_name", TEXT),
        value("is_plugin", BOOL).option_type("field"),
    ],
);

/// All models that records know, by name; a model's number is its place, from 1.
static MODELS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut models: Vec<&'static str> = TABLES.iter().map(|t| t.record).filter(|r| !r.is_empty()).collect();
    models.sort_unstable();
    models
});

/// The number of a model (`part.part`).
pub(crate) fn number(model: &str) -> Option<i64> {
    MODELS.binary_search(&model).ok().map(|i| i as i64 + 1)
}

/// The model of that number.
pub(crate) fn model(number: i64) -> Option<&'static str> {
    MODELS.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
}

/// The model that a text names: by number, in full (`part.part`) or by its own name (`part`), letters in
/// any case.
pub(crate) fn find(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return model(number);
    }
    let own = |model: &str| model.rsplit('.').next().is_some_and(|name| name.eq_ignore_ascii_case(text));
    MODELS.iter().copied().find(|model| model.eq_ignore_ascii_case(text) || own(model))
}

/// The text with a capital first letter.
pub(crate) fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn shown(number: i64) -> Option<Json> {
    let (app, name) = model(number)?.split_once('.')?;
    Some(json!({
        "pk": number, "app_label": app, "model": name,
        "app_labeled_name": format!("{} | {}", capitalize(app), capitalize(name)), "is_plugin": false,
    }))
}

/// Actions of this file.
pub(crate) static ACTIONS: &[&Action] = &[&LIST, &ONE, &BY_MODEL];

static LIST: Action = action(Method::Get, "/api/contenttype/", "contenttype_list", Access::SignedIn, listed)
    .params(&[
        ("limit", INT, "Maximum number of results per page."),
        ("offset", INT, "Number of records to skip."),
        ("ordering", TEXT, "`app_label` or `model`. Prefix with `-` for descending order."),
        ("search", TEXT, "Text contained in the name of the application or the model."),
    ])
    .response(200, Shape::Page(&VIEW))
    .help("Record models and their IDs.");

fn listed(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let rows: Vec<Json> = (1..=MODELS.len() as i64).filter_map(shown).collect();
    Ok(list::of_rows(ctx, rows, &["app_label", "model"], &["pk", "app_label", "model"]))
}

fn one(found: Option<Json>) -> Result<Answer> {
    found.map(|row| Answer::json(200, &row)).ok_or(Error::NotFound)
}

static ONE: Action =
    action(Method::Get, "/api/contenttype/{id}/", "contenttype_retrieve", Access::SignedIn, |_, args| {
        one(args.first().and_then(|a| a.parse().ok()).and_then(shown))
    })
    .response(200, Shape::Object(&VIEW))
    .help("A record model.");
static BY_MODEL: Action = action(
    Method::Get,
    "/api/contenttype/model/{model}/",
    "contenttype_retrieve_model",
    Access::SignedIn,
    |_, args| {
        let name = args.first().map(String::as_str).unwrap_or_default();
        let full = MODELS.iter().find(|m| **m == name || m.rsplit('.').next() == Some(name));
        one(full.and_then(|m| number(m)).and_then(shown))
    },
)
.response(200, Shape::Object(&VIEW))
.help("A record model, by name.");
