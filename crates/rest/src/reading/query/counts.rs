//! How many rows a list has, where the database keeps the number.

use ironwood_store::{Fragment, Value, fragment};

use super::statements::RowScope;
use super::{Query, ROOT};
use crate::table::Counted;

/// What the conditions of the statement ask of kept numbers.
#[derive(Default)]
struct Known {
    facts: Vec<Fragment>,
    /// The numbers of the parameters between which the paths are.
    bounds: Option<(usize, usize)>,
    /// Whether it reads a view of rows and notes, of which numbers are kept without the notes.
    noted: bool,
}

impl Known {
    /// The statement that reads the number, with the parameters between which the paths are.
    fn sql(&self, counted: &Counted, (from, end): (usize, usize)) -> Fragment {
        let mut conditions = self.facts.clone();
        if self.bounds.is_some() {
            let (from, end) = (Fragment::parameter(from), Fragment::parameter(end));
            conditions.push(fragment!("k.path >= {from} AND k.path < {end}"));
        }
        let conditions = match conditions.as_slice() {
            [] => Fragment::new(),
            all => fragment!(" WHERE {}", Fragment::join(all, " AND ")),
        };
        fragment!("SELECT COALESCE(CAST(SUM(k.number) AS BIGINT), 0) FROM {} k{conditions}", counted.numbers)
    }
}

impl Query<'_> {
    /// The statement that gives the number of rows from kept numbers, where these are known for exactly the conditions
    /// there are. `noted` are the rows with notes (see [`Query::noted`]).
    pub(super) fn known_count(&self, noted: Option<&Fragment>) -> Option<(Fragment, Vec<Value>)> {
        let counts_all = self.fixed.is_empty() && self.joins.iter().all(|join| !join.base.is_empty());
        let mut counted = self.table.counted.iter().filter(|_| counts_all);
        counted.find_map(|counted| self.count_from(counted, noted))
    }

    fn count_from(&self, counted: &Counted, noted: Option<&Fragment>) -> Option<(Fragment, Vec<Value>)> {
        let known = self.conditions_on(counted)?;
        match noted {
            Some(keys) if known.noted && !keys.is_empty() => {
                // rows with notes count as the view has them, not as they are kept
                let sql = known.sql(counted, known.bounds.unwrap_or_default());
                let mut params = self.params.clone();
                let settled = self.counting(RowScope::Unnoted(keys), &mut params);
                let noted = self.counting(RowScope::Noted(keys), &mut params);
                Some((fragment!("SELECT ({sql}) - ({settled}) + ({noted})"), params))
            }
            None if known.noted => None,
            _ => {
                let value = |number: usize| self.params.get(number - 1).cloned().unwrap_or(Value::Null);
                let params = known.bounds.map_or(Vec::new(), |(from, end)| vec![value(from), value(end)]);
                Some((known.sql(counted, (1, 2)), params))
            }
        }
    }

    /// What the conditions ask; `None` where one of them is not known.
    fn conditions_on(&self, counted: &Counted) -> Option<Known> {
        let mut known = Known::default();
        for condition in self.conditions.iter().filter(|condition| **condition != "1 = 1") {
            if let Some(below) = self.below.iter().find(|below| below.condition == *condition) {
                if known.bounds.is_some() || below.template != counted.below {
                    return None;
                }
                known.bounds = Some(below.bounds);
                continue;
            }
            let of = |template: &'static str| self.as_condition(template).filter(|(sql, _)| sql == condition);
            let found = counted.facts.iter().enumerate().find_map(|(bit, (holds, fails))| {
                of(holds).map(|(_, noted)| (bit, "<>", noted)).or_else(|| of(fails).map(|(_, noted)| (bit, "=", noted)))
            });
            let (bit, compared, noted) = found?;
            known.noted |= noted;
            known.facts.push(fragment!("(k.state & {}) {compared} 0", 1_i64 << bit));
        }
        (known.bounds.is_some() != counted.below.is_empty()).then_some(known)
    }

    /// A template as it stands in the statement, and whether it reads a view of rows and notes; `None` where it reads
    /// what the statement does not.
    pub(super) fn as_condition(&self, template: &'static str) -> Option<(Fragment, bool)> {
        let (mut noted, mut is_read) = (false, true);
        let sql = Fragment::fill(template, |name, out| {
            let (alias, column) = match name.split_once(':') {
                Some((companion, column)) => {
                    let join = self.joins.iter().find(|join| join.base == ROOT && join.path == companion);
                    noted |= join.is_some_and(|join| join.noted.is_some());
                    (join.map(|join| join.alias.clone()), column)
                }
                None => (Some(ROOT.into()), name),
            };
            match (alias, Fragment::name(column)) {
                (Some(alias), Some(column)) => out.push(fragment!("{alias}.{column}")),
                _ => is_read = false,
            }
        });
        is_read.then_some((sql, noted))
    }
}
