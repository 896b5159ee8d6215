//! Parameters: named values on records of many kinds.
//!
//! A view of records that have parameters has the field [`PARAMETERS`]; a resource whose list is filtered
//! and sorted by them reads [`narrow`] also (`Resource::also`). Neither needs anything else, for whatever
//! kind of record it is.

use ironwood_base::{Error, Result};
use ironwood_rest::query::Query;
use ironwood_rest::select::truth;
use ironwood_rest::selected;
use ironwood_rest::view::{Field, Many, View, col, many, nested, pk};
use ironwood_store::{AsSql, Connection, Fragment, Value, fragment};

use super::{contenttype, unit};
use crate::platform::users::view::BRIEF as USER;
use crate::schema::common::{PARAMETER, PARAMETER_TEMPLATE};
use crate::schema::keys::ParameterTemplateKey;
use crate::schema::record_type::{WITH_PARAMETERS, WITH_PARAMETERS_OR_ALL};

/// What a parameter is.
pub(crate) static TEMPLATE_VIEW: View = View::new(
    "ParameterTemplate",
    &PARAMETER_TEMPLATE,
    &[
        pk(),
        col("name").help("Name of the parameter."),
        col("units").help("Physical unit of the values."),
        col("description").help("Description of the parameter."),
        col("model_type")
            .choices(WITH_PARAMETERS_OR_ALL)
            .spelled(contenttype::find)
            .default("\"\"")
            .help("Type of records that can have the parameter. Empty: all."),
        col("checkbox").help("Values are true or false."),
        col("choices").help("Valid values, separated by commas."),
        col("selectionlist").label("Selection List").help("Selection list with the valid values."),
        col("enabled").help("Whether it is enabled."),
        col("unique").label("Uniqueness").help("Records among which values must be unique."),
    ],
);

/// The value of a parameter on one record.
pub(crate) static VIEW: View = View::new(
    "Parameter",
    &PARAMETER,
    &[
        pk(),
        col("template").help("Parameter template."),
        col("model_type")
            .optional()
            .choices(WITH_PARAMETERS)
            .spelled(contenttype::find)
            .default("\"\"")
            .help("Type of record."),
        col("model_id").label("Model ID").help("ID of the record."),
        col("data").help("Value."),
        col("data_numeric").help("Numeric value in the unit of the parameter."),
        col("note").help("Note about the value."),
        col("updated").read_only(),
        col("updated_by").label("Update By").read_only(),
        nested("template_detail", "template", &TEMPLATE_VIEW).on("template_detail", true),
        nested("updated_by_detail", "updated_by", &USER).on("updated_by_detail", true),
    ],
);

static OF_RECORD: Many = Many::new(&VIEW, "{model_id}").of_kind("model_type");

/// The parameters of a record, shown with `parameters=true`.
pub(crate) const PARAMETERS: Field = many("parameters", &OF_RECORD).on("parameters", false).nullable();

/// Most filters by parameters in one request.
const MOST: usize = 50;

/// How a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compare {
    /// With this operator.
    By(&'static str),
    Not,
    Contains,
}

/// `parameter_12`, `parameter_12_gte` → the template's key and the comparison.
fn named(param: &str) -> Option<(ParameterTemplateKey, Compare)> {
    let rest = param.strip_prefix("parameter_")?;
    let (key, operator) = rest.split_once('_').map_or((rest, ""), |(key, operator)| (key, operator));
    let compare = match operator {
        "" if rest == key => Compare::By("="),
        "gt" => Compare::By(">"),
        "gte" => Compare::By(">="),
        "lt" => Compare::By("<"),
        "lte" => Compare::By("<="),
        "ne" => Compare::Not,
        "icontains" => Compare::Contains,
        _ => return None,
    };
    let digits = !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| key.parse().ok()).flatten().map(|key| (key, compare))
}

/// Filters a list of records by the values of their parameters (`parameter_<template>=…`, with `_gt`,
/// `_gte`, `_lt`, `_lte`, `_ne`, `_icontains`), and sorts it by one (`ordering=-parameter_<template>`).
///
/// # Errors
/// [`Error::Invalid`] naming a parameter whose template is not there.
pub(crate) fn narrow(conn: &mut Connection, query: &mut Query<'_>) -> Result<()> {
    let request = query.request;
    let filters = request.query.iter().filter_map(|(name, value)| named(name).map(|found| (name, found, value)));
    let filters: Vec<_> = filters.take(MOST).collect();
    let ordering = request.param("ordering").unwrap_or_default().trim();
    let (name, down) = ordering.strip_prefix('-').map_or((ordering, false), |rest| (rest, true));
    let sorted = named(name).filter(|(_, compare)| *compare == Compare::By("=")).map(|(template, _)| template);
    // parameters without which a row is not shown are joined, each once, so that the database may begin with them
    let mut joined: Vec<ParameterTemplateKey> = Vec::new();
    for (_, (template, compare), _) in &filters {
        if *compare != Compare::Not && !joined.contains(template) && joined.len() < JOINED {
            joined.push(*template);
            join(query, *template, true);
        }
    }
    if !joined.is_empty() {
        query.looks_at_every_row();
    }
    if let Some(template) = sorted {
        let value = alias(template);
        if !joined.contains(&template) {
            join(query, template, false);
            query.order_by(&fragment!("({value}.id IS NOT NULL)"), true);
        }
        query.order_by(&fragment!("{value}.data_numeric"), down);
        query.order_by(&fragment!("{value}.data"), down);
    }
    for (name, (template, compare), value) in filters {
        let joined = compare != Compare::Not && joined.contains(&template);
        by_value(conn, query, name, template, compare, value, joined)?;
    }
    Ok(())
}

/// Most parameters that a list is joined with; SQLite joins 64 tables in all.
const JOINED: usize = 8;

/// Name of a joined parameter.
fn alias(template: ParameterTemplateKey) -> Fragment {
    fragment!("value{template}")
}

/// Joins the parameter of that template, of which a record has one at most.
fn join(query: &mut Query<'_>, template: ParameterTemplateKey, certain: bool) {
    let value = alias(template);
    let on =
        fragment!("{value}.model_type = {{@record}} AND {value}.model_id = {{id}} AND {value}.template = {template}");
    query.join_one(&PARAMETER, &value, &on, certain);
}

selected! {
    /// How a parameter is measured.
    struct Measured {
        checkbox: bool = "checkbox",
        units: String = "units",
    }
}

fn by_value(
    conn: &mut Connection,
    query: &mut Query<'_>,
    name: &str,
    template: ParameterTemplateKey,
    compare: Compare,
    text: &str,
    joined: bool,
) -> Result<()> {
    let own = alias(template);
    let p = if joined { own } else { "p".into() };
    let from = "FROM common_parametertemplate WHERE id = $1";
    let Some(Measured { checkbox, units }) = selected::first(conn, from, &[template.into()])? else {
        return Err(Error::field(name, "This parameter does not exist."));
    };
    let text = text.trim();
    let mut text = text.to_owned();
    let mut compare = compare;
    let number = if checkbox {
        // a box is ticked or not: there is nothing in between
        let ticked = truth(&text).unwrap_or(false);
        text = if ticked { "True" } else { "False" }.to_owned();
        if compare != Compare::Not {
            compare = Compare::By("=");
        }
        Some(if ticked { 1.0 } else { 0.0 })
    } else {
        match text.parse::<f64>() {
            Ok(number) => Some(number).filter(|n| n.is_finite()),
            Err(_) if units.is_empty() || compare == Compare::Contains => None,
            // what is no quantity in the parameter's unit is that of no record
            Err(_) => match unit::load(conn)?.convert(&text, &units).ok().and_then(|m| m.to_f64()) {
                Some(number) => Some(number),
                None => {
                    query.and("1 = 0");
                    return Ok(());
                }
            },
        }
    };
    let placeholder = query.bind(text);
    let data = match compare {
        Compare::By(operator) => fragment!("{p}.data {operator} {placeholder}"),
        Compare::Not => fragment!("{p}.data = {placeholder}"),
        Compare::Contains => query.backend.contains(fragment!("{p}.data"), &placeholder),
    };
    let condition = match (compare, number) {
        (Compare::Contains, _) | (_, None) => data,
        (_, Some(number)) => {
            // what has a number is compared by it, not by its digits
            let numeric = numeric(query, &p, compare, number);
            fragment!("({numeric} OR ({p}.data_numeric IS NULL AND {data}))")
        }
    };
    if joined {
        query.and_sql(condition);
        return Ok(());
    }
    let not = if compare == Compare::Not { "NOT " } else { "" };
    query.and(&fragment!(
        "{{id}} {not}IN (SELECT p.model_id FROM common_parameter p \
         WHERE p.template = {template} AND p.model_type = {{@record}} AND {condition})"
    ));
    Ok(())
}

/// Numbers nearer to each other than this part of them are the same: values from other servers carry
/// the noise of binary arithmetic (100 nF as 1.0000000000000002e-07).
const SAME: f64 = 1e-12;

fn numeric(query: &mut Query<'_>, p: impl AsSql, compare: Compare, number: f64) -> Fragment {
    let [low, high] = around(number);
    let mut bound = |edge: f64| query.bind(Value::Real(edge));
    match compare {
        Compare::By(">") => fragment!("{p}.data_numeric > {}", bound(high)),
        Compare::By(">=") => fragment!("{p}.data_numeric >= {}", bound(low)),
        Compare::By("<") => fragment!("{p}.data_numeric < {}", bound(low)),
        Compare::By("<=") => fragment!("{p}.data_numeric <= {}", bound(high)),
        _ => fragment!("({p}.data_numeric >= {} AND {p}.data_numeric <= {})", bound(low), bound(high)),
    }
}

/// The least and the greatest number that are the same as this one.
pub(crate) fn around(number: f64) -> [f64; 2] {
    let noise = number.abs() * SAME;
    [number - noise, number + noise]
}

#[cfg(test)]
mod tests {
    use ironwood_base::Key;

    use super::*;

    #[test]
    fn names_of_filters_are_read() {
        assert_eq!(named("parameter_12"), Some((Key::from_id(12), Compare::By("="))));
        assert_eq!(named("parameter_12_gte"), Some((Key::from_id(12), Compare::By(">="))));
        assert_eq!(named("parameter_3_ne"), Some((Key::from_id(3), Compare::Not)));
        for other in [
            "parameter_",
            "parameter_x",
            "parameter_1_",
            "parameter_1_in",
            "parameter_-1",
            "parameters",
            "parameter_99999999999999999999",
        ] {
            assert_eq!(named(other), None, "{other}");
        }
    }
}
