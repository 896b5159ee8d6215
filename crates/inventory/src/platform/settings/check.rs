//! Validation of settings.

use std::sync::LazyLock;

use ironwood_base::{Result as Answer, currency};
use ironwood_rest::markup;
use ironwood_rest::selected;
use ironwood_store::Connection;
use minijinja::{Environment, UndefinedBehavior, context};
use regex::{Regex, RegexBuilder};
use serde_json::Value as Json;

use super::catalog::{Check, Choices, Setting, SettingType, stored_bool};
use super::keys;
use super::values::{Found, Settings, get_int, get_text, truth};

/// Most characters of a value.
const LONGEST: usize = 2000;
/// Memory of a compiled regular expression: it is compiled for every part that is checked.
const REGEX_BYTES: usize = 1 << 20;
/// Work that a template may cause when it is tried out.
const FUEL: u64 = 50_000;

/// Columns of a part that the template of its full name may use.
const PART_FIELDS: &[&str] = &[
    "pk",
    "id",
    "name",
    "description",
    "IPN",
    "keywords",
    "category",
    "revision",
    "revision_of",
    "variant_of",
    "is_template",
    "image",
    "link",
    "default_location",
    "default_expiry",
    "minimum_stock",
    "maximum_stock",
    "units",
    "assembly",
    "component",
    "trackable",
    "testable",
    "purchaseable",
    "salable",
    "active",
    "locked",
    "virtual",
    "consumable",
    "bom_validated",
    "bom_checksum",
    "bom_checked_by",
    "bom_checked_date",
    "creation_date",
    "creation_user",
    "responsible_owner",
    "base_cost",
    "multiple",
    "metadata",
    "notes",
    "barcode_data",
    "barcode_hash",
    "level",
];

/// A value in its stored form: typed, within limits, in keeping with the setting's own check.
///
/// # Errors
/// A message for the client.
pub(super) fn in_form(setting: &Setting, given: &str) -> Result<String, String> {
    if given.chars().count() > LONGEST {
        return Err(format!("Must be at most {LONGEST} characters."));
    }
    if given.contains('\0') {
        return Err("This text cannot be stored.".into());
    }
    match setting.kind {
        SettingType::Bool => Ok(stored_bool(truth(given)).to_owned()),
        SettingType::Int => {
            let number: i64 = given.trim().parse().map_err(|_| "Must be a whole number.")?;
            if number < setting.min {
                return Err(format!("Must be at least {}.", setting.min));
            }
            if number > setting.max {
                return Err(format!("Must be at most {}.", setting.max));
            }
            Ok(number.to_string())
        }
        SettingType::Text => {
            // the groups of a regular expression have names in angle brackets
            if !matches!(setting.check, Check::Regex) {
                markup::check(given)?;
            }
            text(setting.check, given)
        }
    }
}

/// The same, with rules that depend on other settings and rows.
///
/// # Errors
/// Those of the database; the inner ones are messages for the client.
pub(super) fn accept(conn: &mut Connection, setting: &'static Setting, given: &str) -> Answer<Result<String, String>> {
    let value = match in_form(setting, given) {
        Ok(value) => value,
        Err(message) => return Ok(Err(message)),
    };
    let number = || value.parse::<i64>().unwrap_or_default();
    match setting.check {
        Check::PlacesMin if number() > get_int(conn, keys::PRICING_DECIMAL_PLACES)? => {
            return Ok(Err("Must not be greater than the maximum number of decimal places.".into()));
        }
        Check::PlacesMax if number() < get_int(conn, keys::PRICING_DECIMAL_PLACES_MIN)? => {
            return Ok(Err("Must not be less than the minimum number of decimal places.".into()));
        }
        // one that came with the records of another server stays, and can be switched off
        Check::SecondFactor if truth(&value) && Settings::load(conn)?.values().of(setting) != Found::Bool(true) => {
            let message = "This server does not support a second factor, so users would no longer be able to sign in \
                with their passwords.";
            return Ok(Err(message.into()));
        }
        _ => {}
    }
    // no choice at all is always possible where it is what the setting starts with
    let unset = value.is_empty() && setting.default.is_empty();
    if !unset
        && let Some(choices) = choices(conn, setting)?
        && !choices.iter().any(|(choice, _)| *choice == value)
    {
        return Ok(Err("Select a valid choice.".into()));
    }
    Ok(Ok(value))
}

/// The values to choose from with their labels; `None` where there is no choice.
///
/// # Errors
/// Those of the database.
pub(super) fn choices(conn: &mut Connection, setting: &Setting) -> Answer<Option<Vec<(String, String)>>> {
    let own = |pairs: &[(&str, &str)]| pairs.iter().map(|(v, l)| ((*v).to_owned(), (*l).to_owned())).collect();
    Ok(Some(match &setting.choices {
        Choices::Any => return Ok(None),
        Choices::Of(choices) => choices.clone(),
        Choices::Currencies => currency_choices(&get_text(conn, keys::CURRENCY_CODES)?),
        Choices::ExchangePlugins => own(&[("", "None"), ("inventreecurrencyexchange", "Built-in exchange rates")]),
        Choices::BarcodePlugins => own(&[("inventreebarcode", "Internal barcodes")]),
        Choices::LabelPlugins => own(&[
            ("inventreelabel", "Individual labels (PDF)"),
            ("inventreelabelmachine", "Label printers"),
            ("inventreelabelsheet", "Label sheets (PDF)"),
        ]),
        Choices::Groups => {
            let mut groups = vec![(String::new(), "None".to_owned())];
            let all: Vec<Group> = selected::all(conn, "FROM auth_group ORDER BY id", &[])?;
            groups.extend(all.into_iter().map(|group| (group.id.to_string(), group.name)));
            groups
        }
    }))
}

selected! {
    struct Group {
        id: i64 = "id",
        name: String = "name",
    }
}

/// Currencies to choose from, given the ones in use.
fn currency_choices(codes: &str) -> Vec<(String, String)> {
    let known = |code: &str| currency::name(code).map(|name| (code.to_owned(), format!("{code} - {name}")));
    let mut list: Vec<(String, String)> = Vec::new();
    for choice in codes.split(',').filter_map(|code| known(&code.trim().to_ascii_uppercase())) {
        if !list.contains(&choice) {
            list.push(choice);
        }
    }
    list
}

fn text(check: Check, given: &str) -> Result<String, String> {
    static URL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(https?|ftps?)://([^\s/@]*@)?(\[[0-9a-f:.]+\]|[\p{L}\p{N}]([\p{L}\p{N}._-]*[\p{L}\p{N}])?)(:\d{1,5})?([/?#]\S*)?$")
            .expect("a valid pattern")
    });
    static ICON: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]+$").expect("a valid pattern"));
    static DOMAIN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^@[A-Za-z0-9._-]+$").expect("a valid pattern"));
    let trimmed = given.trim();
    match check {
        Check::Nothing | Check::PlacesMin | Check::PlacesMax | Check::SecondFactor => {}
        Check::Json => match serde_json::from_str::<Json>(trimmed) {
            Ok(Json::Object(_)) => return Ok(trimmed.to_owned()),
            _ => return Err("Must be a JSON object, such as {}.".into()),
        },
        Check::BaseUrl => {
            if !trimmed.is_empty() && !URL.is_match(trimmed) {
                return Err("Enter a full URL, such as https://inventory.example.org.".into());
            }
            return Ok(trimmed.to_owned());
        }
        Check::CurrencyCodes => return currency::parse_list(given).map(|codes| codes.join(",")),
        Check::Regex => {
            let built = RegexBuilder::new(given).size_limit(REGEX_BYTES).build();
            built.map_err(|_| "This regular expression is not valid or not supported.")?;
        }
        Check::Template => compiles(given)?,
        Check::PartName => part_name(given)?,
        Check::Icon => {
            if !trimmed.is_empty() && !ICON.is_match(trimmed) {
                return Err("Enter an icon as pack:name:variant.".into());
            }
            return Ok(trimmed.to_owned());
        }
        Check::Reference => reference(given)?,
        Check::EmailDomains => {
            if let Some(domain) = trimmed.split(',').find(|d| !trimmed.is_empty() && !DOMAIN.is_match(d.trim())) {
                return Err(format!("\"{}\" is not a domain of the form @example.org.", domain.trim()));
            }
        }
    }
    Ok(given.to_owned())
}

fn compiles(template: &str) -> Result<(), String> {
    Environment::new().template_from_str(template).map(drop).map_err(|e| format!("The template is not valid: {e}"))
}

/// A template over a part: each place in it names a column, and it can be rendered.
fn part_name(template: &str) -> Result<(), String> {
    static PLACE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{\{(.*?)\}\}").expect("a valid pattern"));
    static FIELD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"part\.([A-Za-z_]+)").expect("a valid pattern"));
    for place in PLACE.captures_iter(template) {
        let mut named = FIELD.captures_iter(&place[1]).peekable();
        if named.peek().is_none() {
            return Err(format!("{} is not a field of the part.", &place[0]));
        }
        if let Some(unknown) = named.find(|field| !PART_FIELDS.contains(&&field[1])) {
            return Err(format!("A part has no field \"{}\".", &unknown[1]));
        }
    }
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    let part = context! { pk => 1, id => 1, name => "Name", description => "Description" };
    environment
        .render_str(template, context! { part => part })
        .map(drop)
        .map_err(|e| format!("The template is not valid: {e}"))
}

/// The pattern of references: text, wildcards and places `{ref:04d}`, `{date:%Y}`, `{?:A}`. The
/// number has its place exactly once.
fn reference(pattern: &str) -> Result<(), String> {
    let mut names: Vec<&str> = Vec::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        let doubled = rest[at..].starts_with("{{") || rest[at..].starts_with("}}");
        if doubled {
            rest = &rest[at + 2..];
            continue;
        }
        let place = &rest[at..];
        let end = place.find('}').filter(|_| place.starts_with('{')).ok_or("The pattern has an unmatched brace.")?;
        let inside = &place[1..end];
        rest = &place[end + 1..];
        let (name, form) = inside.split_once(':').unwrap_or((inside, ""));
        match name {
            "" => continue,
            "ref" if !form.trim_end_matches('d').chars().all(|c| c.is_ascii_digit()) || form.len() > 4 => {
                return Err(format!("\"{form}\" is not a valid number format. Use a format such as 04d."));
            }
            "ref" | "date" | "?" => {}
            other => return Err(format!("\"{other}\" is not a valid placeholder.")),
        }
        if names.contains(&name) {
            return Err(format!("The placeholder {{{name}}} is used more than once."));
        }
        names.push(name);
    }
    if names.contains(&"ref") {
        Ok(())
    } else {
        Err("The pattern must contain the placeholder {ref} for the number.".into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalog::{Scope, all, find};
    use super::*;

    fn take(key: &str, value: &str) -> Result<String, String> {
        in_form(find(Scope::Global, key).unwrap(), value)
    }

    #[test]
    fn every_default_passes_its_own_check() {
        for setting in all(Scope::Global).chain(all(Scope::User)) {
            assert_eq!(in_form(setting, &setting.default), Ok(setting.default.clone()), "{}", setting.key);
        }
    }

    #[test]
    fn truth_values_are_read_leniently() {
        for yes in ["true", "True", "1", "y", "TRUE", "on"] {
            assert_eq!(take("BARCODE_ENABLE", yes), Ok("True".into()), "{yes}");
        }
        for no in ["false", "0", "n", "", "invalid", "None", "-1"] {
            assert_eq!(take("BARCODE_ENABLE", no), Ok("False".into()), "{no}");
        }
    }

    #[test]
    fn numbers_keep_to_their_limits() {
        assert_eq!(take("LABEL_DPI", " 100 "), Ok("100".into()));
        assert_eq!(take("STOCK_STALE_DAYS", "-3"), Ok("-3".into()));
        for bad in ["99", "", "many", "300.5", "1e3", "99999999999999999999"] {
            assert!(take("LABEL_DPI", bad).is_err(), "{bad}");
        }
        assert!(take("PRICING_DECIMAL_PLACES", "7").is_err());
    }

    #[test]
    fn texts_keep_to_their_form() {
        let good = [
            ("INVENTREE_BASE_URL", ""),
            ("INVENTREE_BASE_URL", "http://warehouse:8000"),
            ("INVENTREE_BASE_URL", "https://parts.example.org/app"),
            ("INVENTREE_BASE_URL", "http://[::1]:8080"),
            ("PART_IPN_REGEX", r"^[A-Z]{3}-\d+$"),
            ("STOCK_BATCH_CODE_TEMPLATE", "B{{ year }}-{{ month }}"),
            ("PART_CATEGORY_DEFAULT_ICON", "ti:package:outline"),
            ("SSO_GROUP_MAP", r#"{"staff": "Office"}"#),
            ("LOGIN_SIGNUP_MAIL_RESTRICTION", "@example.org,@example.net"),
            ("PART_NAME_FORMAT", "{{ part.name }}{% if part.pk %}!{% endif %}"),
            ("SALESORDER_REFERENCE_PATTERN", "S{{x}}-{date:%Y}-{?:A}{ref}"),
            ("SALESORDER_REFERENCE_PATTERN", "###-{ref:4d}"),
        ];
        for (key, value) in good {
            assert_eq!(take(key, value), Ok(value.into()));
        }
        let bad = [
            ("INVENTREE_BASE_URL", "warehouse"),
            ("INVENTREE_BASE_URL", "javascript://alert"),
            ("INVENTREE_BASE_URL", "http://a b"),
            ("PART_IPN_REGEX", "(["),
            ("STOCK_BATCH_CODE_TEMPLATE", "{{ year"),
            ("PART_CATEGORY_DEFAULT_ICON", "package"),
            ("SSO_GROUP_MAP", "[]"),
            ("SSO_GROUP_MAP", ""),
            ("LOGIN_SIGNUP_MAIL_RESTRICTION", "example.org"),
            ("LOGIN_SIGNUP_MAIL_RESTRICTION", "@example.org,"),
            ("PART_NAME_FORMAT", "{{ }}"),
            ("PART_NAME_FORMAT", "{{ part.price }}"),
            ("PART_NAME_FORMAT", "{{ part.name"),
            ("PART_NAME_FORMAT", "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}"),
            ("SALESORDER_REFERENCE_PATTERN", ""),
            ("SALESORDER_REFERENCE_PATTERN", "SO-0001"),
            ("SALESORDER_REFERENCE_PATTERN", "{ref}-{ref}"),
            ("SALESORDER_REFERENCE_PATTERN", "{ref"),
            ("SALESORDER_REFERENCE_PATTERN", "ref}"),
            ("SALESORDER_REFERENCE_PATTERN", "{ref}{colour}"),
            ("SALESORDER_REFERENCE_PATTERN", "{ref:abc}"),
            ("INVENTREE_INSTANCE", "a\0b"),
        ];
        for (key, value) in bad {
            assert!(take(key, value).is_err(), "{key}: {value}");
        }
        assert!(take("INVENTREE_INSTANCE", &"ä".repeat(2000)).is_ok());
        assert!(take("INVENTREE_INSTANCE", &"ä".repeat(2001)).is_err());
    }

    #[test]
    fn currencies_in_use_are_known_ones() {
        assert_eq!(take("CURRENCY_CODES", "usd, EUR,"), Ok("USD,EUR".into()));
        assert!(take("CURRENCY_CODES", "USD,XYZ").is_err());
        assert_eq!(currency_choices("EUR,nonsense,eur"), [("EUR".into(), "EUR - Euro".into())]);
    }
}
