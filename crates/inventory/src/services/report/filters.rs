//! Which records a template is meant for: conditions that people write as
//! `part__category=5, part__IPN__startswith=R, status__in=[10,50]`.
//!
//! A name is a column, or columns joined by `__` where all but the last are links; the last part may name a
//! comparison. The form is that of the InvenTree documentation of report filters; links are followed
//! forwards only.
//!
//! Whether a template is offered tells something about the records. So a filter names only columns that the API
//! shows (never a secret or private one), and counts only for those who may view every table on the way.

use ironwood_base::Result;
use ironwood_rest::context::Caller;
use ironwood_rest::input;
use ironwood_rest::query::Query;
use ironwood_rest::registry::Registry;
use ironwood_rest::table::{Column, ColumnType, Table};
use ironwood_store::{Fragment, Value, fragment};
use serde_json::Value as Json;

/// Most links from the record to the column.
const FARTHEST: usize = 6;
/// Most conditions of one template: each may join several tables.
const MOST_CONDITIONS: usize = 10;
/// Most values in the list of one condition.
const MOST_VALUES: usize = 200;

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
    column: Fragment,
    comparison: Comparison,
    values: Vec<Value>,
    /// The tables that the links lead to.
    through: Vec<&'static str>,
}

/// Conditions over records of one kind; a record has to meet all of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Filters(Vec<Condition>);

impl Filters {
    /// Reads conditions over the records of a table. An empty text has none.
    ///
    /// # Errors
    /// A message for the client, naming what is not understood.
    pub(crate) fn parse(text: &str, table: &'static Table, registry: &Registry) -> std::result::Result<Self, String> {
        let mut conditions = Vec::new();
        for part in split(text).into_iter().map(str::trim) {
            if conditions.len() == MOST_CONDITIONS {
                return Err(format!("Use at most {MOST_CONDITIONS} conditions."));
            }
            let pair = part.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
            match pair {
                Some((name, value)) if !name.is_empty() && !value.is_empty() && !value.contains('=') => {
                    conditions.push(condition(name, value, table, registry).map_err(|why| format!("{name}: {why}"))?);
                }
                _ => return Err(format!("{part}: Use the form name=value.")),
            }
        }
        Ok(Filters(conditions))
    }

    /// One condition: its name as above, and its value as text.
    ///
    /// # Errors
    /// A message for the client, naming what is not understood.
    pub(crate) fn one(
        name: &str,
        value: &str,
        table: &'static Table,
        registry: &Registry,
    ) -> std::result::Result<Self, String> {
        Ok(Filters(vec![condition(name, value, table, registry)?]))
    }

    /// Whether somebody may view all tables that the conditions look at.
    pub(crate) fn is_for(&self, caller: &dyn Caller) -> bool {
        self.0.iter().flat_map(|condition| &condition.through).all(|table| caller.sees(table))
    }

    /// Adds the conditions to a list of records.
    pub(crate) fn narrow(&self, query: &mut Query<'_>) {
        for Condition { column, comparison, values, .. } in &self.0 {
            if let Comparison::IsNull = comparison {
                let not = if values.first() == Some(&Value::Bool(true)) { "" } else { "NOT " };
                query.and(fragment!("{column} IS {not}NULL"));
                continue;
            }
            let places: Vec<Fragment> = values.iter().map(|value| query.bind(value.clone())).collect();
            let first = places.first().cloned().unwrap_or_else(|| "NULL".into());
            let backend = query.backend;
            let (column, value) = if comparison.ignores_case() {
                (backend.lower(column), backend.lower(fragment!("CAST({first} AS TEXT)")))
            } else if comparison.reads_text() {
                (column.clone(), fragment!("CAST({first} AS TEXT)"))
            } else {
                (column.clone(), first)
            };
            query.and(&match comparison {
                Comparison::Equal | Comparison::SameLetters => fragment!("{column} = {value}"),
                // the same in both databases, whatever letters and signs the text has
                Comparison::Contains | Comparison::ContainsLetters => {
                    fragment!("{column} <> REPLACE({column}, {value}, '')")
                }
                Comparison::Begins | Comparison::BeginsLetters => {
                    fragment!("SUBSTR({column}, 1, LENGTH({value})) = {value}")
                }
                Comparison::Ends | Comparison::EndsLetters => fragment!(
                    "LENGTH({column}) >= LENGTH({value}) \
                     AND SUBSTR({column}, LENGTH({column}) - LENGTH({value}) + 1) = {value}"
                ),
                Comparison::Above => fragment!("{column} > {value}"),
                Comparison::AtLeast => fragment!("{column} >= {value}"),
                Comparison::Below => fragment!("{column} < {value}"),
                Comparison::AtMost => fragment!("{column} <= {value}"),
                Comparison::OneOf | Comparison::IsNull => fragment!("{column} IN ({})", Fragment::join(&places, ", ")),
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

fn condition(
    name: &str,
    text: &str,
    table: &'static Table,
    registry: &Registry,
) -> std::result::Result<Condition, String> {
    let mut parts: Vec<&str> = name.split("__").collect();
    let named = parts.last().and_then(|last| Comparison::named(last)).filter(|_| parts.len() > 1);
    if named.is_some() {
        parts.pop();
    }
    let comparison = named.unwrap_or(Comparison::Equal);
    let Path { template, column, through } = path(&parts, table, registry)?;
    let read = |value: &Json| match (column, comparison) {
        (_, Comparison::IsNull) => input::scalar(ColumnType::Bool, 0, false, value),
        (Some(column), comparison) if comparison.reads_text() => match column.kind {
            ColumnType::Text | ColumnType::Url | ColumnType::Email | ColumnType::File | ColumnType::Image => {
                input::scalar(ColumnType::Text, 0, true, value)
            }
            _ => Err("Only text fields support this comparison.".into()),
        },
        (Some(column), _) => input::scalar(column.kind, 0, true, value),
        (None, comparison) if comparison.reads_text() => Err("Only text fields support this comparison.".into()),
        (None, _) => input::scalar(ColumnType::Int { min: 0, max: i64::MAX }, 0, false, value),
    };
    let list = || serde_json::from_str::<Vec<Json>>(text).map_err(|_| "Must be a list.".to_owned());
    let values = match comparison {
        Comparison::OneOf if text.starts_with('[') => {
            list()?.iter().map(read).collect::<std::result::Result<_, _>>()?
        }
        _ => vec![read(&Json::from(text))?],
    };
    let values: Vec<Value> = values;
    if values.is_empty() || values.len() > MOST_VALUES {
        return Err(format!("Must be a list of 1 to {MOST_VALUES} values."));
    }
    Ok(Condition { column: template, comparison, values, through })
}

/// Where a name leads to.
struct Path {
    /// The column as a template.
    template: Fragment,
    /// `None`: the key of a row.
    column: Option<&'static Column>,
    /// The tables that its links lead to.
    through: Vec<&'static str>,
}

fn path(parts: &[&str], table: &'static Table, registry: &Registry) -> std::result::Result<Path, String> {
    let (mut table, mut through) = (table, Vec::new());
    let mut names: Vec<&'static str> = Vec::new();
    let done = |names: &[&'static str], column, through| {
        // a column by itself is spelled out: it may have the name of a special template (`user`)
        let template = match names {
            [own] => fragment!("{{t}}.\"{own}\""),
            names => fragment!("{{{}}}", Fragment::join(names, ".")),
        };
        Ok(Path { template, column, through })
    };
    for (i, part) in parts.iter().take(FARTHEST + 1).enumerate() {
        let is_last = i + 1 == parts.len();
        if is_last && matches!(*part, "pk" | "id") {
            names.push("id");
            return done(&names, None, through);
        }
        let unknown = || format!("{part} is not a field that can be filtered.");
        let found = table.columns.iter().find(|c| c.name == *part || (!c.record.is_empty() && c.record == *part));
        let column = found.filter(|column| registry.shows(table, column.name)).ok_or_else(unknown)?;
        names.push(column.name);
        match column.kind {
            ColumnType::Many { .. } | ColumnType::Json => return Err(unknown()),
            _ if is_last => return done(&names, Some(column), through),
            ColumnType::Link(target, _) => {
                through.push(target.name);
                table = target;
            }
            _ => return Err(format!("{part} is not a relation to another record.")),
        }
    }
    Err("Too many nested relations.".into())
}

/// The template of a column by which records are sorted (`part__name`), and the tables that its links lead to.
///
/// # Errors
/// A message naming what is not understood.
pub(crate) fn sorting(
    name: &str,
    table: &'static Table,
    registry: &Registry,
) -> std::result::Result<(Fragment, Vec<&'static str>), String> {
    let parts: Vec<&str> = name.split("__").collect();
    let Path { template, through, .. } = path(&parts, table, registry)?;
    Ok((template, through))
}

/// How many of some records of a table meet conditions.
///
/// # Errors
/// Those of the database.
pub(crate) fn count(
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
    use crate::installation::app::the_registry;
    use crate::schema::stock::ITEM;

    #[test]
    fn conditions_are_read() {
        let read = |text: &str| Filters::parse(text, &ITEM, the_registry());
        assert!(read("").unwrap().0.is_empty() && read("  ").unwrap().0.is_empty());
        let filters =
            read("part__IPN__startswith = R, status__in=[10, 50],part=5, quantity__gt=1.5, location__isnull=true");
        let columns: Vec<(Fragment, Comparison, usize)> =
            filters.unwrap().0.into_iter().map(|c| (c.column, c.comparison, c.values.len())).collect();
        let expected = [
            ("{part.IPN}", Comparison::Begins, 1),
            ("{t}.\"status\"", Comparison::OneOf, 2),
            ("{t}.\"part\"", Comparison::Equal, 1),
            ("{t}.\"quantity\"", Comparison::Above, 1),
            ("{t}.\"location\"", Comparison::IsNull, 1),
        ];
        assert_eq!(columns, expected.map(|(name, comparison, n)| (name.into(), comparison, n)));
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
            "part__creation_user__password__startswith=argon2",
            "part__creation_user__email__contains=@",
            "user__password=1",
            "tree_path__startswith=/1/",
            "serial_space=1",
            "status=1,status=1,status=1,status=1,status=1,status=1,status=1,status=1,status=1,status=1,status=1",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let far = vec!["parent"; 50].join("__");
        assert!(Filters::parse(&format!("{far}=1"), &crate::schema::stock::LOCATION, the_registry()).is_err());
    }
}
