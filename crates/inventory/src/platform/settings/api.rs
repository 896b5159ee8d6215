//! Settings in the API.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::input::RawObject;
use ironwood_rest::list;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::selected;
use ironwood_rest::view::{BOOL, INT, TEXT, Type, View, input, value};
use ironwood_store::{Kept, fragment};
use serde_json::{Value as Json, json};

use super::keys;
use super::values::Values;
use super::{Choices, Found, OwnSettings, Scope, Setting, SettingType, Settings, all, find, set_global, set_user};
use crate::schema::keys::{UserKey, caller_key};
use crate::schema::versions::{OWN_SETTINGS, SETTINGS};

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] =
    &[&GLOBAL_LIST, &GLOBAL_GET, &GLOBAL_PUT, &GLOBAL_PATCH, &USER_LIST, &USER_GET, &USER_PUT, &USER_PATCH];

static GLOBAL: View = View::plain(
    "GlobalSettings",
    &[
        value("pk", INT).label("ID"),
        value("key", TEXT).max(50),
        input("value", TEXT).always().required().nullable().max(2000).option_type("field"),
        value("name", TEXT),
        value("description", TEXT),
        value("type", TEXT),
        value("units", TEXT),
        value("choices", Type::Any),
        value("model_name", TEXT).nullable(),
        value("api_url", TEXT).nullable(),
        value("typ", TEXT),
        value("read_only", BOOL).label("Override").option_type("field"),
        value("confirm", BOOL),
        value("confirm_text", TEXT),
    ],
);
static USER: View = View::plain(
    "UserSettings",
    &[
        value("pk", INT).label("ID"),
        value("key", TEXT).max(50),
        input("value", TEXT).always().required().nullable().max(2000).option_type("field"),
        value("name", TEXT),
        value("description", TEXT),
        value("user", INT).option_type("field"),
        value("type", TEXT),
        value("units", TEXT),
        value("choices", Type::Any),
        value("model_name", TEXT).nullable(),
        value("api_url", TEXT).nullable(),
        value("typ", TEXT),
        value("confirm", BOOL),
        value("confirm_text", TEXT),
    ],
);

/// Lists that are kept as they were answered last, by kind and user; each has 60 kB.
const KEPT_LISTS: usize = 50;
static LISTS: LazyLock<Kept<(Scope, UserKey), Vec<u8>>> = LazyLock::new(|| Kept::new(KEPT_LISTS));

/// Rows that hold values.
struct Stored {
    /// Keys of the rows, by the setting's key.
    rows: HashMap<String, i64>,
    /// Rows of settings that this version does not know: plain texts.
    others: Vec<(i64, String, String)>,
    last: i64,
}

selected! {
    /// The row of a setting.
    struct StoredSetting<'r> {
        key: &'r str = "\"key\"",
        id: i64 = "id",
        value: &'r str = "value",
    }
}

impl Stored {
    fn load(ctx: &mut Context<'_>, scope: Scope) -> Result<Self> {
        let user = caller_key(ctx);
        let (from, params) = match scope {
            Scope::Global => ("FROM common_inventreesetting ORDER BY id", Vec::new()),
            Scope::User => ("FROM common_inventreeusersetting WHERE \"user\" = $1 ORDER BY id", vec![user.into()]),
        };
        let mut stored = Stored { rows: HashMap::new(), others: Vec::new(), last: 0 };
        ctx.conn.query(&fragment!("SELECT {} {from}", StoredSetting::COLUMNS), &params, |row| {
            let StoredSetting { key, id, value } = StoredSetting::read(row);
            // a leading underscore marks what the server keeps for itself
            if find(scope, key).is_none() && !key.starts_with('_') {
                stored.others.push((id, key.to_owned(), value.to_owned()));
            }
            stored.rows.insert(key.to_owned(), id);
            stored.last = id;
            Ok(())
        })?;
        Ok(stored)
    }

    /// The row's key. A setting that was never changed has no row: it gets a number beyond those of rows.
    fn number(&self, setting: &Setting) -> i64 {
        let place = || {
            let without = all(setting.scope).filter(|s| !s.unlisted && !self.rows.contains_key(&s.key));
            without.take_while(|s| s.key != setting.key).count() as i64
        };
        self.rows.get(&setting.key).copied().unwrap_or_else(|| self.last + 1 + place())
    }
}

fn choices(setting: &Setting, settings: &Settings) -> Vec<(String, String)> {
    match &setting.choices {
        Choices::Of(list) => list.clone(),
        Choices::Currencies => settings
            .text(keys::CURRENCY_CODES)
            .split(',')
            .map(str::trim)
            .filter(|c| !c.is_empty())
            .map(|code| (code.to_owned(), crate::platform::common::choices::currency_label(code)))
            .collect(),
        _ => Vec::new(),
    }
}

fn shown(setting: &'static Setting, own: &Values, global: &Settings, stored: &Stored, user: UserKey) -> Json {
    let value = match own.of(setting) {
        Found::Bool(value) => json!(value),
        Found::Int(value) => json!(value),
        Found::Text(value) => json!(value),
    };
    let key = stored.number(setting);
    let choices: Vec<Json> = choices(setting, global)
        .into_iter()
        .map(|(value, name)| json!({"value": value, "display_name": name}))
        .collect();
    let related = matches!(setting.choices, Choices::Groups);
    let mut shown = json!({
        "pk": key, "key": setting.key, "value": value, "name": setting.name, "description": setting.description,
        "type": if related { "related field" } else { setting.kind.name() }, "units": setting.units,
        "choices": choices, "model_name": related.then_some("auth.group"),
        "api_url": related.then_some("/api/user/group/"), "typ": setting.scope.name(),
        "confirm": !setting.confirm.is_empty(), "confirm_text": setting.confirm,
    });
    match setting.scope {
        Scope::Global => shown["read_only"] = false.into(),
        Scope::User => shown["user"] = user.into(),
    }
    shown
}

/// A row of a setting that this version does not know.
fn unknown((id, key, value): &(i64, String, String), scope: Scope, user: UserKey) -> Json {
    let mut shown = json!({
        "pk": id, "key": key, "value": value, "name": "", "description": "", "type": SettingType::Text.name(), "units": "",
        "choices": [], "model_name": null, "api_url": null, "typ": scope.name(), "confirm": false, "confirm_text": "",
    });
    match scope {
        Scope::Global => shown["read_only"] = false.into(),
        Scope::User => shown["user"] = user.into(),
    }
    shown
}

fn values(ctx: &mut Context<'_>, scope: Scope) -> Result<(Values, Settings)> {
    let global = Settings::load(ctx.conn)?;
    let own = match scope {
        Scope::Global => global.values().clone(),
        Scope::User => {
            let user = caller_key(ctx);
            OwnSettings::load(ctx.conn, user)?.values().clone()
        }
    };
    Ok((own, global))
}

fn listed(ctx: &mut Context<'_>, scope: Scope) -> Result<Answer> {
    let user = caller_key(ctx);
    let (whose, counters): (_, &[i64]) = match scope {
        Scope::Global => (UserKey::default(), &[SETTINGS]),
        Scope::User => (user, COUNTERS),
    };
    let key = (scope, whose);
    let stamp = if ctx.request.query.is_empty() { ctx.conn.stamp(counters)? } else { None };
    if let Some(known) = stamp.as_ref().and_then(|stamp| LISTS.get(&key, stamp)) {
        return Ok(Answer::json_bytes(200, known.to_vec()));
    }
    let (own, global) = values(ctx, scope)?;
    let stored = Stored::load(ctx, scope)?;
    let mut rows: Vec<Json> =
        all(scope).filter(|s| !s.unlisted).map(|setting| shown(setting, &own, &global, &stored, user)).collect();
    rows.extend(stored.others.iter().map(|other| unknown(other, scope, user)));
    rows.sort_by_key(|row| row["pk"].as_i64());
    let answer = list::of_rows(ctx, rows, &["key"], &["pk", "key", "name"]);
    if let Some(stamp) = stamp {
        LISTS.put(key, stamp, Arc::new(answer.body.clone()));
    }
    Ok(answer)
}

/// The setting that an address names. What the server keeps for itself is not there.
fn named(scope: Scope, args: &Args) -> Result<&'static Setting> {
    let key = args.first().map(String::as_str).unwrap_or_default();
    find(scope, key).filter(|s| !s.unlisted).ok_or(Error::NotFound)
}

fn one(ctx: &mut Context<'_>, setting: &'static Setting) -> Result<Answer> {
    let (own, global) = values(ctx, setting.scope)?;
    let stored = Stored::load(ctx, setting.scope)?;
    Ok(Answer::json(200, &shown(setting, &own, &global, &stored, caller_key(ctx))))
}

fn change(ctx: &mut Context<'_>, setting: &'static Setting) -> Result<Answer> {
    let given = RawObject::read(&ctx.request.body)?;
    let text = match given.values.get("value") {
        None => return Err(Error::field("value", "This field is required.")),
        Some(Json::Null) => String::new(),
        Some(Json::Bool(true)) => "True".to_owned(),
        Some(Json::Bool(false)) => "False".to_owned(),
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        Some(_) => return Err(Error::field("value", "Must be a string, a number, or a Boolean.")),
    };
    match setting.scope {
        Scope::Global => set_global(ctx.conn, &setting.key, &text)?,
        Scope::User => {
            let user = caller_key(ctx);
            set_user(ctx.conn, user, &setting.key, &text)?
        }
    };
    ctx.forget_snapshot();
    one(ctx, setting)
}

const LIST_PARAMS: &[(&str, Type, &str)] = &[
    ("limit", INT, "Maximum number of results per page."),
    ("offset", INT, "Number of records to skip."),
    ("ordering", TEXT, "`pk`, `key`, or `name`. Prefix with `-` for descending order."),
    ("search", TEXT, "Text contained in the key."),
];

type RunSetting = fn(&mut Context<'_>, &Args) -> Result<Answer>;

/// What answers about settings are made from; those about users' settings name currencies, which are a setting of the
/// server.
const COUNTERS: &[i64] = &[SETTINGS, OWN_SETTINGS];

/// The list of one kind of settings.
const fn list_of(path: &'static str, id: &'static str, view: &'static View, run: RunSetting) -> Action {
    action(Method::Get, path, id, Access::SignedIn, run)
        .params(LIST_PARAMS)
        .response(200, Shape::Page(view))
        .counted(COUNTERS)
}

/// One setting.
const fn one_of(path: &'static str, id: &'static str, view: &'static View, run: RunSetting) -> Action {
    action(Method::Get, path, id, Access::SignedIn, run).response(200, Shape::Object(view)).counted(COUNTERS)
}

/// A change of one setting.
const fn change_of(
    method: Method,
    path: &'static str,
    id: &'static str,
    view: &'static View,
    access: Access,
    run: RunSetting,
) -> Action {
    action(method, path, id, access, run).request(Shape::Object(view)).response(200, Shape::Object(view))
}

const GLOBAL_ONE: &str = "/api/settings/global/{key}/";
const USER_ONE: &str = "/api/settings/user/{key}/";
const CHANGE_GLOBAL: RunSetting = |ctx, args| change(ctx, named(Scope::Global, args)?);
const CHANGE_USER: RunSetting = |ctx, args| change(ctx, named(Scope::User, args)?);

static GLOBAL_LIST: Action =
    list_of("/api/settings/global/", "settings_global_list", &GLOBAL, |ctx, _| listed(ctx, Scope::Global))
        .help("Server settings.");
static GLOBAL_GET: Action =
    one_of(GLOBAL_ONE, "settings_global_retrieve", &GLOBAL, |ctx, args| one(ctx, named(Scope::Global, args)?))
        .help("A server setting.");
static GLOBAL_PUT: Action =
    change_of(Method::Put, GLOBAL_ONE, "settings_global_update", &GLOBAL, Access::StaffWrites, CHANGE_GLOBAL)
        .help("Changes a server setting.");
static GLOBAL_PATCH: Action =
    change_of(Method::Patch, GLOBAL_ONE, "settings_global_partial_update", &GLOBAL, Access::StaffWrites, CHANGE_GLOBAL)
        .help("Changes a server setting.");
static USER_LIST: Action =
    list_of("/api/settings/user/", "settings_user_list", &USER, |ctx, _| listed(ctx, Scope::User))
        .help("Settings of the signed-in user.");
static USER_GET: Action =
    one_of(USER_ONE, "settings_user_retrieve", &USER, |ctx, args| one(ctx, named(Scope::User, args)?))
        .help("A setting of the signed-in user.");
static USER_PUT: Action =
    change_of(Method::Put, USER_ONE, "settings_user_update", &USER, Access::SignedIn, CHANGE_USER)
        .help("Changes a setting of the signed-in user.");
static USER_PATCH: Action =
    change_of(Method::Patch, USER_ONE, "settings_user_partial_update", &USER, Access::SignedIn, CHANGE_USER)
        .help("Changes a setting of the signed-in user.");
