//! Money: written, made, converted.

use std::rc::Rc;

use ironwood_base::amount::Currency;
use ironwood_base::{Money, currency};
use ironwood_template::locale::{self, MoneyFormat};
use ironwood_template::{Call, Failure, Value};
use rust_decimal::Decimal;

use super::{Made, Tags};
use crate::platform::settings::keys;
use crate::services::report::context::convert;
use crate::services::report::context::source::Source;

pub(super) static TAGS: Tags = &[
    ("render_currency", render),
    ("create_currency", create),
    ("convert_currency", convert),
    ("money_localize", localize),
];

/// The server's own currency.
fn usual(source: &Source) -> &str {
    source.settings.text(keys::INVENTREE_DEFAULT_CURRENCY)
}

/// An amount in another currency; `None` where there is no exchange rate.
fn converted(source: &Source, amount: Decimal, from: &str, to: &str) -> Result<Option<Decimal>, Failure> {
    if from == to {
        return Ok(Some(amount));
    }
    let Some(amount) = convert::amount::<Currency>(amount) else { return Ok(None) };
    let found: Option<Money> = source.rates()?.convert(amount.in_currency(from), to);
    Ok(found.map(convert::decimal))
}

fn optional(call: &Call<'_>, place: usize, name: &str) -> Result<Option<String>, Failure> {
    let text = call.text_or(place, name, "")?;
    Ok((!text.trim().is_empty()).then(|| text.trim().to_owned()))
}

fn count(call: &Call<'_>, name: &str) -> Option<usize> {
    call.named(name).filter(|value| !value.is_none()).and_then(|value| usize::try_from(value.as_int()?).ok())
}

/// An amount and its currency: money, or a number in the currency given or the server's own.
fn amount_of(source: &Source, value: &Value, currency: Option<&str>) -> Result<(Decimal, String), Failure> {
    if let Value::Money(amount, code) = value {
        return Ok((*amount, code.to_string()));
    }
    let number = value.as_number().ok_or_else(|| Failure::new(format!("{value:?} is not an amount of money.")))?;
    Ok((number, currency.unwrap_or(usual(source)).to_uppercase()))
}

fn render(source: &Rc<Source>, call: &Call<'_>) -> Made {
    let money = call.required(0, "money")?;
    if !money.truth()? && money.as_number().is_none() {
        return Ok(Value::text("-"));
    }
    let wanted = optional(call, usize::MAX, "currency")?.map(|code| code.to_uppercase());
    let (mut amount, mut code) = amount_of(source, money, wanted.as_deref())?;
    if let Some(wanted) = wanted
        && let Some(other) = converted(source, amount, &code, &wanted)?
    {
        (amount, code) = (other, wanted);
    }
    if let Some(multiplier) = call.named("multiplier").filter(|value| !value.is_none()) {
        let factor = multiplier.as_number().ok_or_else(|| Failure::new("The multiplier must be a number."))?;
        amount = amount.checked_mul(factor).ok_or_else(|| Failure::new("The amount is too large."))?;
    }
    let places = |key: keys::Key<i64>| usize::try_from(source.settings.int(key)).unwrap_or(0);
    let min_places = count(call, "decimal_places").unwrap_or_else(|| places(keys::PRICING_DECIMAL_PLACES_MIN));
    let format = MoneyFormat {
        min_places,
        max_places: count(call, "max_decimal_places")
            .unwrap_or_else(|| places(keys::PRICING_DECIMAL_PLACES))
            .max(min_places),
        leading: count(call, "leading").unwrap_or(1),
        symbol: call.flag_or(usize::MAX, "include_symbol", true)?,
        pattern: optional(call, usize::MAX, "fmt")?,
        language: optional(call, usize::MAX, "locale")?,
    };
    Ok(Value::text(locale::money(amount, &code, &format)?))
}

/// The code of a currency that is known.
fn known_code(source: &Source, given: Option<String>) -> Result<String, Failure> {
    let code = given.map_or_else(|| usual(source).to_owned(), |code| code.to_uppercase());
    match currency::name(&code) {
        Some(_) => Ok(code),
        None => Err(Failure::new(format!("Unknown currency \"{code}\"."))),
    }
}

fn create(source: &Rc<Source>, call: &Call<'_>) -> Made {
    let amount = call.required(0, "amount")?;
    let number = amount.as_number().ok_or_else(|| Failure::new(format!("{amount:?} is not an amount of money.")))?;
    let code = known_code(source, optional(call, 1, "currency")?)?;
    Ok(Value::Money(number, code.into()))
}

fn convert(source: &Rc<Source>, call: &Call<'_>) -> Made {
    let Value::Money(amount, from) = call.required(0, "money")? else {
        return Err(Failure::new("The first argument must be an amount of money with its currency."));
    };
    let to = known_code(source, optional(call, 1, "currency")?)?;
    let other = converted(source, *amount, from, &to)?;
    other
        .map(|amount| Value::Money(amount, to.as_str().into()))
        .ok_or_else(|| Failure::new(format!("There is no exchange rate from {from} to {to}.")))
}

/// `{% money_localize money %}` or `{% money_localize "4.5" "USD" %}`.
fn localize(source: &Rc<Source>, call: &Call<'_>) -> Made {
    let currency = call.arguments.get(1).map(Value::to_text).transpose()?.filter(|code| currency::name(code).is_some());
    let (amount, code) = amount_of(source, call.required(0, "money")?, currency.as_deref())?;
    let format = MoneyFormat { min_places: 2, max_places: 2, leading: 1, symbol: true, ..MoneyFormat::default() };
    Ok(Value::text(locale::money(amount, &code, &format)?))
}
