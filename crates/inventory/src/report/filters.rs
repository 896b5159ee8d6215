//! Which records a template is meant for: conditions that people write as
//! `part__category=5, part__IPN__startswith=R, status__in=[10,50]`.
//!
//! A name is a column, or columns joined by `__` where all but the last are links; the last part may name a
//! comparison. The form is that of the InvenTree documentation of report filters; links are followed
//! forwards only.

use ironwood_base::Result;
use ironwood_rest::input;
use ironwood_rest::query::Query;
use ironwood_rest::table::{Column, Kind, Table};
use ironwood_store::Value;
use serde_json::Value as Json;

/// Most links from the record to the column.
const FARTHEST: usize = 6;

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    SameLetters,
    Contains,
    ContainsLetters,
    Begins,
    BeginsLetters,
    Ends,
    EndsLetters,
    Above,
    AtLeast,
    Below,
    AtMost,
    OneOf,
    IsNull,
}

impl Comparison {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "exact" => Comparison::Equal,
            "iexact" => Comparison::SameLetters,
            "contains" => Comparison::Contains,
            "icontains" => Comparison::ContainsLetters,
            "startswith" => Comparison::Begins,
            "istartswith" => Comparison::BeginsLetters,
            "endswith" => Comparison::Ends,
            "iendswith" => Comparison::EndsLetters,
            "gt" => Comparison::Above,
            "gte" => Comparison::AtLeast,
            "lt" => Comparison::Below,
            "lte" => Comparison::AtMost,
            "in" => Comparison::OneOf,
            "isnull" => Comparison::IsNull,
            _ => return None,
        })
    }

    /// Whether it looks into texts.
    const fn reads_text(self) -> bool {
        matches!(
            self,
            Comparison::SameLetters
                | Comparison::Contains
                | Comparison::ContainsLetters
                | Comparison::Begins
                | Comparison::BeginsLetters
                | Comparison::Ends
                | Comparison::EndsLetters
        )
    }

    const fn ignores_case(self) -> bool {
        matches!(
            self,
            Comparison::SameLetters | Comparison::ContainsLetters | Comparison::BeginsLetters | Comparison::EndsLetters
        )
    }
}

/// One condition over a record.
#[derive(Debug, Clone, PartialEq)]
struct Condition {
    /// The column as a template (`{part.IPN}`).
    column: String,
    comparison: Comparison,
    values: Vec<Value>,
}

/// Conditions over records of one kind; a record has to meet all of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filters(Vec<Condition>);

impl Filters {
    /// Reads conditions over the records of a table. An empty text has none.
    ///
    /// # Errors
    /// A message for the client, naming what is not understood.
    pub fn parse(text: &str, table: &'static Table) -> std::result::Result<Self, String> {
        let mut conditions = Vec::new();
        for part in split(text).into_iter().map(str::trim) {
            let pair = part.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
            match pair {
                Some((name, value)) if !name.is_empty() && !value.is_empty() && !value.contains('=') => {
                    conditions.push(condition(name, value, table).map_err(|why| format!("{name}: {why}"))?);
                }
                _ => return Err(format!("{part}: a name and a value are needed, joined by an equals sign.")),
            }
        }
        Ok(Filters(conditions))
    }

    /// Whether every record meets them.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the conditions to a list of records.
    pub fn narrow(&self, query: &mut Query<'_>) {
        for Condition { column, comparison, values } in &self.0 {
            let places: Vec<String> = values.iter().map(|value| query.bind(value.clone())).collect();
            let first = places.first().map_or("NULL", String::as_str);
            let (column, value) = if comparison.ignores_case() {
                (format!("LOWER({column})"), format!("LOWER(CAST({first} AS TEXT))"))
            } else if comparison.reads_text() {
                (column.clone(), format!("CAST({first} AS TEXT)"))
            } else {
                (column.clone(), first.to_owned())
            };
            query.and(&match comparison {
                Comparison::Equal | Comparison::SameLetters => format!("{column} = {value}"),
                // the same in both databases, whatever letters and signs the text has
                Comparison::Contains | Comparison::ContainsLetters => {
                    format!("{column} <> REPLACE({column}, {value}, '')")
                }
                Comparison::Begins | Comparison::BeginsLetters => {
                    format!("SUBSTR({column}, 1, LENGTH({value})) = {value}")
                }
                Comparison::Ends | Comparison::EndsLetters => format!(
                    "LENGTH({column}) >= LENGTH({value}) \
                     AND SUBSTR({column}, LENGTH({column}) - LENGTH({value}) + 1) = {value}"
                ),
                Comparison::Above => format!("{column} > {value}"),
                Comparison::AtLeast => format!("{column} >= {value}"),
                Comparison::Below => format!("{column} < {value}"),
                Comparison::AtMost => format!("{column} <= {value}"),
                Comparison::OneOf => format!("{column} IN ({})", places.join(", ")),
                Comparison::IsNull if values.first() == Some(&Value::Bool(true)) => format!("{column} IS NULL"),
                Comparison::IsNull => format!("{column} IS NOT NULL"),
            });
        }
    }
}

/// Parts between commas, those in square brackets left out.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    let between = |c: char| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        c == ',' && depth <= 0
    };
    if text.trim().is_empty() { Vec::new() } else { text.split(between).collect() }
}

fn condition(name: &str, text: &str, table: &'static Table) -> std::result::Result<Condition, String> {
    let mut parts: Vec<&str> = name.split("__").collect();
    let named = parts.last().and_then(|last| Comparison::named(last)).filter(|_| parts.len() > 1);
    if named.is_some() {
        parts.pop();
    }
    let comparison = named.unwrap_or(Comparison::Equal);
    let (path, column) = column(&parts, table)?;
    let read = |value: &Json| match (column, comparison) {
        (_, Comparison::IsNull) => input::scalar(Kind::Bool, 0, false, value),
        (Some(column), comparison) if comparison.reads_text() => match column.kind {
            Kind::Text | Kind::Url | Kind::Email | Kind::File | Kind::Image => {
                input::scalar(Kind::Text, 0, true, value)
            }
            _ => Err("only texts can be compared like this.".into()),
        },
        (Some(column), _) => input::scalar(column.kind, 0, true, value),
        (None, comparison) if comparison.reads_text() => Err("only texts can be compared like this.".into()),
        (None, _) => input::scalar(Kind::Int { min: 0, max: i64::MAX }, 0, false, value),
    };
    let list = || serde_json::from_str::<Vec<Json>>(text).map_err(|_| "this is not a list.".to_owned());
    let values = match comparison {
        Comparison::OneOf if text.starts_with('[') => {
            list()?.iter().map(read).collect::<std::result::Result<_, _>>()?
        }
        _ => vec![read(&Json::from(text))?],
    };
    let values: Vec<Value> = values;
    if values.is_empty() {
        return Err("the list is empty.".into());
    }
    Ok(Condition { column: format!("{{{path}}}"), comparison, values })
}

/// The column that a name leads to (`None`: the key of a row), and its path as a template.
fn column(parts: &[&str], table: &'static Table) -> std::result::Result<(String, Option<&'static Column>), String> {
    let mut table = table;
    let mut path: Vec<&str> = Vec::new();
    for (i, part) in parts.iter().take(FARTHEST + 1).enumerate() {
        let is_last = i + 1 == parts.len();
        if is_last && matches!(*part, "pk" | "id") {
            path.push("id");
            return Ok((path.join("."), None));
        }
        let found = table.columns.iter().find(|c| c.name == *part || (!c.record.is_empty() && c.record == *part));
        let column = found.ok_or_else(|| format!("{part} is no column that can be asked for."))?;
        path.push(column.name);
        match column.kind {
            Kind::Many { .. } | Kind::Json => return Err(format!("{part} is no column that can be asked for.")),
            _ if is_last => return Ok((path.join("."), Some(column))),
            Kind::Link(target, _) => table = target,
            _ => return Err(format!("{part} leads to no other record.")),
        }
    }
    Err("this leads too far.".into())
}

/// How many of some records of a table meet conditions.
///
/// # Errors
/// Those of the database.
pub fn count(
    conn: &mut ironwood_store::Connection,
    mut query: Query<'_>,
    filters: &Filters,
    keys: &[i64],
) -> Result<u64> {
    query.and_keys("{id}", keys);
    filters.narrow(&mut query);
    query.count(conn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::tables::ITEM;

    #[test]
    fn conditions_are_read() {
        let read = |text: &str| Filters::parse(text, &ITEM);
        assert!(read("").unwrap().is_empty() && read("  ").unwrap().is_empty());
        let filters =
            read("part__IPN__startswith = R, status__in=[10, 50],part=5, quantity__gt=1.5, location__isnull=true");
        let columns: Vec<(String, Comparison, usize)> =
            filters.unwrap().0.into_iter().map(|c| (c.column, c.comparison, c.values.len())).collect();
        let expected = [
            ("{part.IPN}", Comparison::Begins, 1),
            ("{status}", Comparison::OneOf, 2),
            ("{part}", Comparison::Equal, 1),
            ("{quantity}", Comparison::Above, 1),
            ("{location}", Comparison::IsNull, 1),
        ];
        assert_eq!(columns, expected.map(|(name, comparison, n)| (name.to_owned(), comparison, n)));
        for wrong in [
            "x",
            "=1",
            "part=",
            "part=1=2",
            "nothing=1",
            "part__nothing=1",
            "quantity__part=1",
            "quantity=many",
            "status__in=[]",
            "status__in=[1",
            "quantity__icontains=1",
            "part__part=1",
            "pk__x=1",
            "status__in=[1],",
            "part__password; DROP TABLE part_part=1",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let far = vec!["parent"; 50].join("__");
        assert!(Filters::parse(&format!("{far}=1"), &crate::stock::tables::LOCATION).is_err());
    }
}
