//! The catalog of settings: `settings.toml`, read once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use toml::Value;

/// Whom a setting is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The whole server. Everyone reads them, staff changes them.
    Global,
    /// One user. Users can only read and change their own.
    User,
}

impl Scope {
    /// The scope's name in the API (`typ`).
    pub const fn name(self) -> &'static str {
        match self {
            Scope::Global => "inventree",
            Scope::User => "user",
        }
    }

    /// The table that keeps values other than defaults.
    pub const fn table(self) -> &'static str {
        match self {
            Scope::Global => "common_inventreesetting",
            Scope::User => "common_inventreeusersetting",
        }
    }
}

/// Type of a setting's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingType {
    Bool,
    Int,
    Text,
}

impl SettingType {
    /// The type's name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            SettingType::Bool => "boolean",
            SettingType::Int => "integer",
            SettingType::Text => "string",
        }
    }
}

/// Values that a setting may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choices {
    /// Whatever its type and its check allow.
    Any,
    /// One of these; with labels.
    Of(Vec<(String, String)>),
    /// A currency in use.
    Currencies,
    /// A plugin that fetches exchange rates, or none.
    ExchangePlugins,
    /// A plugin that makes barcodes.
    BarcodePlugins,
    /// A plugin that prints labels.
    LabelPlugins,
    /// A group of users, or none.
    Groups,
}

/// A rule on a value beyond its type and limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    Nothing,
    /// A JSON object.
    Json,
    /// An address that links can begin with, or nothing.
    BaseUrl,
    CurrencyCodes,
    /// A regular expression, or nothing.
    Regex,
    /// A template for batch codes.
    Template,
    /// A template over the columns of a part.
    PartName,
    /// `pack:name:variant`, or nothing.
    Icon,
    /// The pattern of an order's reference.
    Reference,
    /// `@example.org`, separated by commas.
    EmailDomains,
    /// Not above `PRICING_DECIMAL_PLACES`.
    PlacesMin,
    /// Not below `PRICING_DECIMAL_PLACES_MIN`.
    PlacesMax,
    /// Not to be switched on while no second factor can be set up.
    SecondFactor,
}

/// One setting.
#[derive(Debug, Clone)]
pub struct Setting {
    pub scope: Scope,
    pub key: String,
    pub name: String,
    pub description: String,
    pub kind: SettingType,
    /// The value where nothing else was set, in its stored form (`True`, `30`).
    pub default: String,
    /// What a number counts; empty: nothing in particular.
    pub units: String,
    /// Smallest and largest integer.
    pub min: i64,
    pub max: i64,
    pub choices: Choices,
    pub(super) check: Check,
    /// What a user is asked to confirm before a change; empty: nothing.
    pub confirm: String,
    /// Kept by the server for itself, not in the API.
    pub unlisted: bool,
    /// Of no use on a settings page.
    pub hidden: bool,
}

struct Catalog {
    global: BTreeMap<String, Setting>,
    user: BTreeMap<String, Setting>,
}

impl Catalog {
    fn of(&self, scope: Scope) -> &BTreeMap<String, Setting> {
        match scope {
            Scope::Global => &self.global,
            Scope::User => &self.user,
        }
    }
}

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    // the file is part of the program: a mistake in it is found by the tests
    read(include_str!("settings.toml")).expect("settings.toml is well-formed")
});

/// Settings that had another name before, by that name: older clients ask for it, older records hold it.
const RENAMED: &[(&str, &str)] = &[("PART_PARAMETER_ENFORCE_UNITS", "PARAMETER_ENFORCE_UNITS")];

/// The name of today of a setting.
fn current_name(key: &str) -> &str {
    RENAMED.iter().find(|(old, _)| old.eq_ignore_ascii_case(key)).map_or(key, |(_, new)| new)
}

/// The setting of that key, in upper or lower case, by its name of today or an earlier one; `None` where
/// there is none.
pub fn find(scope: Scope, key: &str) -> Option<&'static Setting> {
    let (settings, key) = (CATALOG.of(scope), current_name(key));
    settings.get(key).or_else(|| settings.get(&key.to_ascii_uppercase()))
}

/// All settings of a scope, by key.
pub fn all(scope: Scope) -> impl Iterator<Item = &'static Setting> {
    CATALOG.of(scope).values()
}

fn read(text: &str) -> Result<Catalog, String> {
    let file: toml::Table = text.parse().map_err(|e: toml::de::Error| e.to_string())?;
    let scope = |name: &str, scope| -> Result<BTreeMap<String, Setting>, String> {
        let entries = file.get(name).and_then(Value::as_table).ok_or(format!("section [{name}] is missing"))?;
        entries.iter().map(|(key, entry)| Ok((key.clone(), setting(scope, key, entry)?))).collect()
    };
    let known = file.keys().all(|k| k == "global" || k == "user");
    if !known {
        return Err("unknown scope".into());
    }
    Ok(Catalog { global: scope("global", Scope::Global)?, user: scope("user", Scope::User)? })
}

fn setting(scope: Scope, key: &str, entry: &Value) -> Result<Setting, String> {
    let wrong = |what: &str| format!("{key}: {what}");
    let entry = entry.as_table().ok_or_else(|| wrong("not a table"))?;
    let mut setting = Setting {
        scope,
        key: key.to_owned(),
        name: String::new(),
        description: String::new(),
        kind: SettingType::Text,
        default: String::new(),
        units: String::new(),
        min: i64::MIN,
        max: i64::MAX,
        choices: Choices::Any,
        check: Check::Nothing,
        confirm: String::new(),
        unlisted: false,
        hidden: false,
    };
    for (name, value) in entry {
        let text = || value.as_str().map(str::to_owned).ok_or_else(|| wrong(name));
        let int = || value.as_integer().ok_or_else(|| wrong(name));
        let flag = || value.as_bool().ok_or_else(|| wrong(name));
        match name.as_str() {
            "default" => (setting.kind, setting.default) = default(value).ok_or_else(|| wrong(name))?,
            "name" => setting.name = text()?,
            "description" => setting.description = text()?,
            "units" => setting.units = text()?,
            "confirm" => setting.confirm = text()?,
            "min" => setting.min = int()?,
            "max" => setting.max = int()?,
            "unlisted" => setting.unlisted = flag()?,
            "hidden" => setting.hidden = flag()?,
            "check" => setting.check = check(&text()?).ok_or_else(|| wrong(name))?,
            "choices" => setting.choices = Choices::Of(choices(value).ok_or_else(|| wrong(name))?),
            "from" => setting.choices = source(&text()?).ok_or_else(|| wrong(name))?,
            _ => return Err(wrong(name)),
        }
    }
    if !entry.contains_key("default") || setting.name.is_empty() || setting.description.is_empty() {
        return Err(wrong("default, name, and description are required"));
    }
    Ok(setting)
}

fn default(value: &Value) -> Option<(SettingType, String)> {
    match value {
        Value::Boolean(flag) => Some((SettingType::Bool, stored_bool(*flag).to_owned())),
        Value::Integer(number) => Some((SettingType::Int, number.to_string())),
        Value::String(text) => Some((SettingType::Text, text.clone())),
        _ => None,
    }
}

fn choices(value: &Value) -> Option<Vec<(String, String)>> {
    let pair = |pair: &Value| match pair.as_array()?.as_slice() {
        [value, label] => Some((value.as_str()?.to_owned(), label.as_str()?.to_owned())),
        _ => None,
    };
    value.as_array()?.iter().map(pair).collect()
}

fn source(name: &str) -> Option<Choices> {
    Some(match name {
        "currencies" => Choices::Currencies,
        "exchange_plugins" => Choices::ExchangePlugins,
        "barcode_plugins" => Choices::BarcodePlugins,
        "label_plugins" => Choices::LabelPlugins,
        "groups" => Choices::Groups,
        _ => return None,
    })
}

fn check(name: &str) -> Option<Check> {
    Some(match name {
        "json" => Check::Json,
        "base_url" => Check::BaseUrl,
        "currency_codes" => Check::CurrencyCodes,
        "regex" => Check::Regex,
        "template" => Check::Template,
        "part_name" => Check::PartName,
        "icon" => Check::Icon,
        "reference" => Check::Reference,
        "email_domains" => Check::EmailDomains,
        "places_min" => Check::PlacesMin,
        "places_max" => Check::PlacesMax,
        "second_factor" => Check::SecondFactor,
        _ => return None,
    })
}

/// How a truth value is stored.
pub(super) fn stored_bool(flag: bool) -> &'static str {
    if flag { "True" } else { "False" }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_file_is_read() {
        assert_eq!((all(Scope::Global).count(), all(Scope::User).count()), (166, 43));
        let setting = find(Scope::Global, "inventree_backup_days").unwrap();
        assert_eq!((setting.kind, setting.default.as_str(), setting.min), (SettingType::Int, "1", 1));
        assert_eq!(setting.units, "days");
        assert_eq!(find(Scope::User, "LABEL_INLINE").unwrap().default, "True");
        assert!(find(Scope::User, "INVENTREE_BACKUP_DAYS").is_none());
    }

    #[test]
    fn keys_and_texts_are_in_form() {
        let mut names = BTreeSet::new();
        for setting in all(Scope::Global).chain(all(Scope::User)) {
            assert!(setting.key.len() <= 50 && setting.key == setting.key.to_ascii_uppercase(), "{}", setting.key);
            assert_eq!(setting.unlisted, setting.key.starts_with('_'), "{}", setting.key);
            assert!(!setting.description.ends_with('.'), "{}", setting.key);
            assert!(names.insert(&setting.name), "two settings are called {:?}", setting.name);
            if setting.kind != SettingType::Int {
                assert_eq!((setting.min, setting.max), (i64::MIN, i64::MAX), "{}", setting.key);
            }
            if let Choices::Of(choices) = &setting.choices {
                assert!(choices.iter().any(|(value, _)| *value == setting.default), "{}", setting.key);
            }
        }
    }

    #[test]
    fn mistakes_in_the_file_are_named() {
        for text in [
            "[global]",
            "[global]\nA = { default = 1 }\n[user]",
            "[global]\nA = { default = 1.5, name = \"a\", description = \"a\" }\n[user]",
            "[global]\nA = { default = 1, name = \"a\", description = \"a\", colour = \"red\" }\n[user]",
            "[global]\nA = { default = \"\", name = \"a\", description = \"a\", check = \"magic\" }\n[user]",
            "[global]\n[user]\n[other]",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read("[global]\n[user]").is_ok());
    }
}
