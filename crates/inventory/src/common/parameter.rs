//! Parameters: named values on records of many kinds.
//!
//! A view of records that have parameters has the field [`PARAMETERS`]; a resource whose list is filtered
//! and sorted by them reads [`narrow`] also (`Resource::also`). Neither needs anything else, for whatever
//! kind of record it is.

use ironwood_base::{Error, Result};
use ironwood_rest::query::Query;
use ironwood_rest::select::truth;
use ironwood_rest::view::{Field, Many, View, col, many, nested, pk};
use ironwood_store::{Connection, Value};

use super::tables::{PARAMETER, PARAMETER_TEMPLATE};
use crate::users::view::BRIEF as USER;

/// What a parameter is.
pub static TEMPLATE_VIEW: View = View::new(
    "ParameterTemplate",
    &PARAMETER_TEMPLATE,
    &[
        pk(),
        col("name"),
        col("units"),
        col("description"),
        col("model_type"),
        col("checkbox"),
        col("choices"),
        col("selectionlist"),
        col("enabled"),
        col("unique"),
    ],
);

/// The value of a parameter on one record.
pub static VIEW: View = View::new(
    "Parameter",
    &PARAMETER,
    &[
        pk(),
        col("template"),
        col("model_type"),
        col("model_id"),
        col("data"),
        col("data_numeric").read_only(),
        col("note"),
        col("updated").read_only(),
        col("updated_by").read_only(),
        nested("template_detail", "template", &TEMPLATE_VIEW).on("template_detail", true),
        nested("updated_by_detail", "updated_by", &USER).on("updated_by_detail", true),
    ],
);

static OF_RECORD: Many = Many::new(&VIEW, "{model_id}").of_kind("model_type");

/// The parameters of a record, shown with `parameters=true`.
pub const PARAMETERS: Field = many("parameters", &OF_RECORD).on("parameters", false).nullable();

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
fn named(param: &str) -> Option<(i64, Compare)> {
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
pub fn narrow(conn: &mut Connection, query: &mut Query<'_>) -> Result<()> {
    let request = query.request;
    let filters = request.query.iter().filter_map(|(name, value)| named(name).map(|found| (name, found, value)));
    for (name, (template, compare), value) in filters.take(MOST) {
        by_value(conn, query, name, template, compare, value)?;
    }
    let ordering = request.param("ordering").unwrap_or_default().trim();
    let (name, down) = ordering.strip_prefix('-').map_or((ordering, false), |rest| (rest, true));
    if let Some((template, Compare::By("="))) = named(name) {
        let of = format!(
            "FROM common_parameter p WHERE p.model_type = {{@record}} AND p.model_id = {{id}} AND p.template = {template}"
        );
        query.order_by(&format!("(EXISTS (SELECT 1 {of}))"), true);
        query.order_by(&format!("(SELECT p.data_numeric {of})"), down);
        query.order_by(&format!("(SELECT p.data {of})"), down);
    }
    Ok(())
}

fn by_value(
    conn: &mut Connection,
    query: &mut Query<'_>,
    name: &str,
    template: i64,
    compare: Compare,
    text: &str,
) -> Result<()> {
    let sql = "SELECT checkbox FROM common_parametertemplate WHERE id = $1";
    let Some(row) = conn.one(sql, &[Value::Int(template)])? else {
        return Err(Error::field(name, "There is no such parameter."));
    };
    let text = text.trim();
    let mut text = text.to_owned();
    let mut compare = compare;
    let number = if row.bool(0) {
        // a box is ticked or not: there is nothing in between
        let ticked = truth(&text).unwrap_or(false);
        text = if ticked { "True" } else { "False" }.to_owned();
        if compare != Compare::Not {
            compare = Compare::By("=");
        }
        Some(if ticked { 1.0 } else { 0.0 })
    } else {
        text.parse::<f64>().ok().filter(|n| n.is_finite())
    };
    let placeholder = query.bind(text);
    let data = match compare {
        Compare::By(operator) => format!("p.data {operator} {placeholder}"),
        Compare::Not => format!("p.data = {placeholder}"),
        Compare::Contains => query.backend.contains("p.data", &placeholder),
    };
    let condition = match (compare, number) {
        (Compare::Contains, _) | (_, None) => data,
        (_, Some(number)) => {
            let placeholder = query.bind(Value::Real(number));
            let operator = if let Compare::By(operator) = compare { operator } else { "=" };
            // what has a number is compared by it, not by its digits
            format!("(p.data_numeric {operator} {placeholder} OR (p.data_numeric IS NULL AND {data}))")
        }
    };
    let not = if compare == Compare::Not { "NOT " } else { "" };
    query.and(&format!(
        "{{id}} {not}IN (SELECT p.model_id FROM common_parameter p \
         WHERE p.template = {template} AND p.model_type = {{@record}} AND {condition})"
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_filters_are_read() {
        assert_eq!(named("parameter_12"), Some((12, Compare::By("="))));
        assert_eq!(named("parameter_12_gte"), Some((12, Compare::By(">="))));
        assert_eq!(named("parameter_3_ne"), Some((3, Compare::Not)));
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
