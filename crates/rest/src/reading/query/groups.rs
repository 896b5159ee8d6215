//! Pages far behind in lists that are sorted by a linked row: the numbers of rows of each linked row, which the database
//! keeps, say which of them the page is made of. All rows before these are skipped unseen.

use ironwood_base::Result;
use ironwood_store::{Connection, Fragment, fragment};

use super::{Query, ROOT};
use crate::table::{ColumnType, Companion, Table};

/// What the rows of a list are divided by.
struct Groups {
    /// The linked table, and its kept numbers.
    table: &'static Table,
    companion: Companion,
    /// The column of the companion with the number of rows.
    number: &'static str,
    /// The column of the linked table by which the list is sorted first, and how it stands in the statement.
    column: &'static str,
    sorted: Fragment,
    down: bool,
}

/// The linked rows that a page is made of.
struct Found {
    first: String,
    last: String,
    /// Rows before those of the first.
    before: u64,
}

impl Query<'_> {
    /// Leaves the rows of the linked rows that a page is made of, where that is known, and gives the page among these.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn skip_groups(&mut self, conn: &mut Connection, page: (u64, u64)) -> Result<Option<(u64, u64)>> {
        let Some(groups) = self.groups() else { return Ok(None) };
        let (limit, offset) = page;
        let Some(found) = groups.find(conn, page)? else {
            // the page is behind all rows
            self.and_sql("1 = 0".into());
            return Ok(Some((limit, 0)));
        };
        let (low, high) = if groups.down { (found.last, found.first) } else { (found.first, found.last) };
        let (low, high) = (self.bind(low), self.bind(high));
        self.and_sql(fragment!("{sorted} >= {low} AND {sorted} <= {high}", sorted = groups.sorted));
        Ok(Some((limit, offset - found.before)))
    }

    fn groups(&self) -> Option<Groups> {
        let grouped = self.table.grouped?;
        let (link, order) = (self.table.column(grouped.link)?, self.order.first()?);
        let ColumnType::Link(table, _) = link.kind else { return None };
        let join = self.joins.iter().find(|join| join.base == ROOT && join.path == grouped.link && join.certain)?;
        let column = table.columns.iter().find(|column| {
            let is_plain = matches!(column.kind, ColumnType::Text) && !column.null;
            is_plain && order.sql == fragment!("{}.\"{}\"", join.alias, column.name)
        })?;
        let counts_all = self.fixed.is_empty() && self.joins.iter().all(|join| !join.base.is_empty());
        let conditions: Vec<&Fragment> = self.conditions.iter().filter(|condition| **condition != "1 = 1").collect();
        let (_, number) = grouped.numbers.iter().filter(|_| counts_all).find(|(condition, _)| match *conditions {
            [] => condition.is_empty(),
            [only] => self.as_condition(condition).is_some_and(|(sql, _)| sql == *only),
            _ => false,
        })?;
        let (sorted, down) = (order.sql.clone(), order.down);
        Some(Groups { table, companion: table.companion?, number, column: column.name, sorted, down })
    }
}

impl Groups {
    /// Walks along the linked rows, whose numbers of rows add up, to those of a page. `None`: it is behind all rows.
    fn find(&self, conn: &mut Connection, (limit, offset): (u64, u64)) -> Result<Option<Found>> {
        let (column, number) = (self.column, self.number);
        let sql = fragment!(
            "SELECT g.\"{column}\", c.\"{number}\" FROM {} g JOIN {} c ON c.id = g.id ORDER BY g.\"{column}\" {}",
            self.table.name,
            self.companion.table.name,
            if self.down { "DESC" } else { "ASC" }
        );
        let end = offset.saturating_add(limit);
        // rows before those with the value, and with them
        let (mut value, mut before, mut with) = (String::new(), 0, 0);
        let mut found: Option<Found> = None;
        conn.query_planned(&sql, &[], |row| {
            let text = row.text(0);
            if text != value {
                text.clone_into(&mut value);
                before = with;
            }
            with += u64::try_from(row.int(1)).unwrap_or(0);
            match &mut found {
                None if with > offset => found = Some(Found { first: value.clone(), last: value.clone(), before }),
                Some(found) if before < end => value.clone_into(&mut found.last),
                _ => {}
            }
            Ok(())
        })?;
        Ok(found)
    }
}
