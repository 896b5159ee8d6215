//! Records: lists that are filtered and sorted, parameters, and sums.

use std::rc::Rc;

use ironwood_template::{Call, Failure, Value};
use rust_decimal::Decimal;

use super::{Made, Tags};
use crate::schema::TABLES;
use crate::services::report::context::record::Record;
use crate::services::report::context::rows::RowSet;
use crate::services::report::context::source::Source;

pub(super) static TAGS: Tags = &[
    ("order_queryset", |_, call| {
        let list = call.required(0, "queryset")?;
        let names = call.arguments.iter().skip(1).map(Value::to_text).collect::<Result<Vec<String>, Failure>>()?;
        RowSet::of(list).map_or_else(|| Ok(list.clone()), |rows| rows.ordered(&names))
    }),
    ("filter_queryset", |_, call| {
        let list = call.required(0, "queryset")?;
        RowSet::of(list).map_or_else(|| Ok(list.clone()), |rows| rows.filtered(&conditions(call, "queryset")))
    }),
    ("filter_db_model", filter_model),
    ("parameter", |_, call| Ok(parameter(call)?.unwrap_or_default())),
    ("part_parameter", |_, call| Ok(parameter(call)?.unwrap_or_default())),
    ("parameter_value", |_, call| match parameter(call)? {
        Some(found) => Ok(found.lookup("data")?.unwrap_or_default()),
        None => Ok(call.argument(2, "backup_value").cloned().unwrap_or_default()),
    }),
    ("sum", sum),
    ("user_display", |_, call| {
        let user = call.required(0, "user")?;
        Ok(Value::text(if user.is_none() { String::new() } else { user.to_text()? }))
    }),
];

/// The named arguments besides the list itself.
fn conditions(call: &Call<'_>, list: &str) -> Vec<(Rc<str>, Value)> {
    call.named.iter().filter(|(name, _)| **name != *list).cloned().collect()
}

/// `{% filter_db_model "part.part" active=True as parts %}`: rows of a model, by its name with its app.
fn filter_model(source: &Rc<Source>, call: &Call<'_>) -> Made {
    let name = call.required(0, "model_name")?.to_text()?.to_lowercase();
    let table = TABLES.iter().copied().find(|table| !table.record.is_empty() && table.record == name);
    let Some(table) = table else {
        return Err(Failure::new(format!("Unknown type of record \"{name}\". Use a name such as \"part.part\".")));
    };
    if !source.may_list(table) {
        return Ok(Value::from(Vec::<Value>::new()));
    }
    let all = RowSet::all(source, table);
    RowSet::of(&all).map_or(Ok(Value::None), |rows| rows.filtered(&conditions(call, "model_name")))
}

/// The parameter of a record by its name, exactly as written or else without regard to case.
fn parameter(call: &Call<'_>) -> Result<Option<Value>, Failure> {
    let instance = call.required(0, "instance")?;
    let name = call.required(1, "parameter_name")?.to_text()?;
    let Some(record) = Record::of(instance) else {
        return match instance.is_none() {
            // what a record links to may not be there
            true => Ok(None),
            false => Err(Failure::new("The first argument must be a record, such as part.")),
        };
    };
    let list = record.get("parameters")?.elements()?.unwrap_or_default();
    let mut close = None;
    for found in list.iter() {
        let own = found.lookup("name")?.unwrap_or_default().to_text()?;
        if own == name {
            return Ok(Some(found.clone()));
        }
        if close.is_none() && own.to_lowercase() == name.to_lowercase() {
            close = Some(found.clone());
        }
    }
    Ok(close)
}

/// `{% sum lines "quantity" as total %}`: the sum of numbers, or of what the elements of a list have under a name.
fn sum(_: &Rc<Source>, call: &Call<'_>) -> Made {
    let list = call.required(0, "values")?.elements()?.unwrap_or_default();
    let path = call.text_or(1, "field", "")?;
    let (mut total, mut currency): (Decimal, Option<Rc<str>>) = (Decimal::ZERO, None);
    for element in list.iter() {
        let mut value = element.clone();
        for name in path.split(['.']).flat_map(|part| part.split("__")).filter(|name| !name.is_empty()) {
            value = value.lookup(name)?.unwrap_or_default();
        }
        if let Value::Money(_, code) = &value {
            match &currency {
                Some(known) if **known != **code => {
                    let message = format!("{known} and {code} are different currencies. Convert the amounts first.");
                    return Err(Failure::new(message));
                }
                _ => currency = Some(code.clone()),
            }
        }
        let number = if value.is_none() { Decimal::ZERO } else { value.as_number().unwrap_or_default() };
        total = total.checked_add(number).ok_or_else(|| Failure::new("The sum is too large."))?;
    }
    Ok(currency.map_or(Value::Decimal(total), |code| Value::Money(total, code)))
}
