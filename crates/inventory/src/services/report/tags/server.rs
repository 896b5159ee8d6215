//! The server itself: its names, settings, links into its pages, states in words.

use std::rc::Rc;

use ironwood_base::status;
use ironwood_template::{Call, Failure, Value, escape};

use super::{Made, Tags};
use crate::platform::server::VERSION;
use crate::platform::settings::{self, Found, OwnSettings, Scope, keys};
use crate::schema::keys::UserKey;
use crate::services::report::context::source::Source;

/// Name of the program.
const PROGRAM: &str = "Ironwood";

pub(super) static TAGS: Tags = &[
    ("inventree_instance_name", |source, _| Ok(Value::text(source.settings.text(keys::INVENTREE_INSTANCE)))),
    ("inventree_title", |source, _| {
        let own = source.settings.bool(keys::INVENTREE_INSTANCE_TITLE);
        Ok(Value::text(if own { source.settings.text(keys::INVENTREE_INSTANCE) } else { PROGRAM }))
    }),
    ("inventree_version", |_, call| {
        let short = call.flag_or(0, "shortstring", false)?;
        Ok(Value::text(if short { format!("{PROGRAM} {VERSION}") } else { VERSION.to_owned() }))
    }),
    ("inventree_commit_hash", |_, _| Ok(Value::text(""))),
    ("inventree_commit_date", |_, _| Ok(Value::text(""))),
    ("inventree_installer", |_, _| Ok(Value::text(""))),
    ("inventree_customize", |_, _| Ok(Value::None)),
    ("settings_value", setting),
    ("setting_object", |source, call| {
        let value = setting(source, call)?;
        let key = call.required(0, "key")?.clone();
        Ok(if value.is_none() { Value::None } else { Value::map([("key", key), ("value", value)]) })
    }),
    ("internal_link", link),
    ("status_label", state),
    ("display_status_label", state),
    ("icon", |_, call| {
        let class = call.named("class").map(Value::to_text).transpose()?.unwrap_or_default();
        Ok(Value::safe(format!("<i class=\"icon {}\"></i>", escape(&class))))
    }),
    ("include_icon_fonts", |_, _| Ok(Value::safe(""))),
    ("url", |_, _| Ok(Value::text(""))),
    ("safe_url", |_, _| Ok(Value::None)),
    ("querystring", |_, call| {
        let mut pairs = Vec::new();
        for (name, value) in call.named.iter().filter(|(_, value)| !value.is_none()) {
            pairs.push(format!("{name}={}", value.to_text()?));
        }
        Ok(Value::text(format!("?{}", pairs.join("&"))))
    }),
    ("plugin_list", |_, _| Ok(Value::from(Vec::<Value>::new()))),
    ("inactive_plugin_list", |_, _| Ok(Value::from(Vec::<Value>::new()))),
    ("plugin_settings", |_, _| Ok(Value::map([]))),
    ("mixin_enabled", |_, _| Ok(Value::Bool(false))),
    ("mixin_available", |_, _| Ok(Value::Bool(false))),
    ("flag_enabled", |_, _| Ok(Value::Bool(false))),
    ("flag_disabled", |_, _| Ok(Value::Bool(true))),
];

/// The value of a setting of the server; with `user=` one of the caller's own.
fn setting(source: &Rc<Source>, call: &Call<'_>) -> Made {
    let key = call.required(0, "key")?.to_text()?;
    let own = call.named("user").is_some_and(|user| !user.is_none());
    let scope = if own { Scope::User } else { Scope::Global };
    let Some(found) = settings::find(scope, &key).filter(|found| !found.unlisted) else { return Ok(Value::None) };
    let read = |found: Found<'_>| match found {
        Found::Bool(value) => Value::Bool(value),
        Found::Int(value) => Value::Int(value),
        Found::Text(value) => Value::text(value),
    };
    if own {
        let user = UserKey::from_id(source.caller().id().unwrap_or(0));
        let own = source.look(move |ctx| OwnSettings::load(ctx.conn, user))?;
        return Ok(read(own.values().of(found)));
    }
    Ok(read(source.settings.values().of(found)))
}

/// A link to a page of the server.
fn link(source: &Rc<Source>, call: &Call<'_>) -> Made {
    let (path, text) = (call.required(0, "link")?.to_text()?, call.required(1, "text")?);
    let text = match text {
        Value::Text(text) if text.safe => text.value.to_string(),
        other => escape(&other.to_text()?),
    };
    let is_address = path.starts_with("http://") || path.starts_with("https://");
    let address = match path.as_str() {
        "" => return Ok(Value::safe(text)),
        path if is_address => path.to_owned(),
        path => format!("{}/{}", source.base_url(), path.trim_start_matches('/')),
    };
    Ok(Value::safe(format!("<a href=\"{}\">{text}</a>", escape(&address))))
}

/// Kinds of states by the names that templates give them.
const STATES: &[(&str, &str)] = &[
    ("stock", "StockStatus"),
    ("build", "BuildStatus"),
    ("purchase_order", "PurchaseOrderStatus"),
    ("sales_order", "SalesOrderStatus"),
    ("return_order", "ReturnOrderStatus"),
    ("return_order_line", "ReturnOrderLineStatus"),
    ("transfer_order", "TransferOrderStatus"),
];

/// A state in words: `{% status_label "purchase_order" order.status %}`.
fn state(_: &Rc<Source>, call: &Call<'_>) -> Made {
    let kind = call.required(0, "typ")?.to_text()?;
    let key = call.required(1, "key")?.as_int().ok_or_else(|| Failure::new("The status must be a number."))?;
    let name = STATES.iter().find(|(short, _)| *short == kind).map_or(kind.as_str(), |(_, name)| name);
    let class = status::class(name).ok_or_else(|| Failure::new(format!("Unknown type of status \"{kind}\".")))?;
    Ok(class.find(key).map_or_else(|| Value::Int(key), |found| Value::text(found.label)))
}
