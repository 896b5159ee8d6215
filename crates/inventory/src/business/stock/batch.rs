//! Batch codes from the template in the settings.

use ironwood_base::Result;
use ironwood_store::Connection;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde_json::{Map, Value as Json};

use crate::platform::settings;
use crate::platform::settings::keys;

/// Steps that rendering one code may take.
const FUEL: u64 = 20_000;
/// Most characters of a batch code.
const LONGEST: usize = 100;

/// A batch code from a template that may use `date`, `year`, `month`, `day`, `hour`, `minute`, `week` and
/// what `values` adds. A template that cannot be rendered gives an empty code.
pub(crate) fn render(template: &str, values: &Map<String, Json>) -> String {
    if template.is_empty() {
        return String::new();
    }
    let now = TimeZone::UTC.to_datetime(Timestamp::now());
    let mut context = Map::new();
    for (name, number) in [
        ("year", i64::from(now.year())),
        ("month", i64::from(now.month())),
        ("day", i64::from(now.day())),
        ("hour", i64::from(now.hour())),
        ("minute", i64::from(now.minute())),
        ("week", i64::from(now.date().iso_week_date().week())),
    ] {
        context.insert(name.into(), number.into());
    }
    context.insert("date".into(), now.date().to_string().into());
    context.extend(values.iter().map(|(name, value)| (name.clone(), value.clone())));
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    let rendered = environment.render_str(template, of_object(&context)).unwrap_or_default();
    rendered.trim().chars().take(LONGEST).collect()
}

fn of_object(object: &Map<String, Json>) -> minijinja::Value {
    minijinja::Value::from_pairs(object.iter().map(|(name, value)| (name.as_str(), of_json(value))))
}

fn of_json(value: &Json) -> minijinja::Value {
    match value {
        Json::Null => minijinja::Value::from(()),
        Json::Bool(flag) => minijinja::Value::from(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => minijinja::Value::from(whole),
            None => minijinja::Value::from(number.to_string()),
        },
        Json::String(text) => minijinja::Value::from(text.as_str()),
        Json::Array(list) => minijinja::Value::from(list.iter().map(of_json).collect::<Vec<_>>()),
        Json::Object(object) => of_object(object),
    }
}

/// The batch code of stock of which nothing else is known.
///
/// # Errors
/// Those of the database.
pub(crate) fn default_code(conn: &mut Connection) -> Result<String> {
    Ok(render(&settings::get_text(conn, keys::STOCK_BATCH_CODE_TEMPLATE)?, &Map::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_use_the_day_and_what_is_known() {
        let today = ironwood_base::clock::today();
        assert_eq!(render("{{ date }}", &Map::new()), today);
        assert_eq!(render("B-{{ year }}", &Map::new()), format!("B-{}", &today[..4]));
        let values = serde_json::json!({"part": {"name": "Bolt <x>"}, "quantity": 3});
        let values = values.as_object().unwrap();
        assert_eq!(render("{{ part.name }}/{{ quantity }}/{{ item.serial }}", values), "Bolt <x>/3/");
        for bad in ["{{ year", "{% for i in range(10000) %}{% for j in range(10000) %}x{% endfor %}{% endfor %}"] {
            assert_eq!(render(bad, &Map::new()), "", "{bad}");
        }
        assert_eq!(render("{{ 'x' * 1000 }}", &Map::new()).len(), 100);
        assert_eq!(render(&"y".repeat(300), &Map::new()).len(), 100);
    }
}
