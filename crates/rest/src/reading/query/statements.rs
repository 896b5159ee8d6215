//! The statements that a query becomes: counting rows, finding those of a page, and reading their columns.

use ironwood_base::Result;
use ironwood_store::{AsSql, Backend, Connection, Fragment, Value, fragment};

use super::{Join, Query, ROOT, Sorting, TemplateColumn};
use crate::remembered;
use crate::search::Keys;

/// Up to this many keys found by a full scan are kept, so that the count and the page need only one scan.
const MAX_KEPT_KEYS: usize = 1_000;

/// From this offset on, the rows of a page are found by a statement of their own.
const DEEP: u64 = 1_000;

/// Up to this many rows with notes (see [`Noted`]), statements are divided into those about these and about all others.
const MAX_NOTED: usize = 1_000;

/// Which rows a statement is about, where a companion is a view of rows and notes.
#[derive(Debug, Clone, Copy)]
pub(super) enum RowScope<'s> {
    /// All, through the view.
    All,
    /// Those without notes, but for these keys (a subquery, or nothing where there are no notes): their rows alone.
    Settled(&'s Fragment),
    /// Those of these keys, through the view.
    Noted(&'s Fragment),
    /// Those of these keys, by their rows alone.
    Unnoted(&'s Fragment),
}

impl Join {
    fn sql(&self, which: RowScope<'_>) -> Fragment {
        let kind = if self.certain { "JOIN" } else { "LEFT JOIN" };
        let sql = match (&self.noted, which) {
            (Some((_, rows)), RowScope::Settled(_) | RowScope::Unnoted(_)) if self.base == ROOT => rows,
            _ => &self.sql,
        };
        fragment!(" {kind} {sql}")
    }
}

impl Query<'_> {
    /// Notes that finding the rows means to look at all of them; see [`Query::settle`].
    pub fn looks_at_every_row(&mut self) {
        self.scans = true;
    }

    /// Finds the rows at once where all of them have to be looked at and few are left, so that their number and
    /// a page of them do not take the same look twice: the conditions are then those on their keys alone. Gives
    /// the number of rows.
    ///
    /// # Errors
    /// Those of the database.
    pub fn settle(&mut self, conn: &mut Connection) -> Result<Option<u64>> {
        if !self.scans {
            return Ok(None);
        }
        self.check()?;
        let is_free = self.fixed.is_empty() && !self.joins.iter().any(|join| join.certain);
        if let (Some((condition, found)), [only], true) = (&self.found, self.conditions.as_slice(), is_free)
            && condition == only
        {
            return Ok(Some(*found as u64));
        }
        let found = self.few(conn, RowScope::All)?;
        if let Some(keys) = &found {
            self.stand_for(keys);
        }
        Ok(found.map(|keys| keys.len() as u64))
    }

    /// Finds the rows at once where conditions on joined rows leave few of them, whose number is known: PostgreSQL, which
    /// cannot guess how few, would walk along the order for a page and meet none.
    ///
    /// # Errors
    /// Those of the database.
    pub fn settle_few(&mut self, conn: &mut Connection, count: u64) -> Result<()> {
        let conditions = self.where_sql();
        let is_joined = || self.joins.iter().any(|join| reads(&conditions, join));
        if self.backend != Backend::Postgres || count > MAX_KEPT_KEYS as u64 || !is_joined() {
            return Ok(());
        }
        let own = self.params.len();
        let noted = self.noted(conn, false)?;
        self.params.truncate(own);
        let which = match &noted {
            None => RowScope::All,
            Some(keys) if keys.is_empty() => RowScope::Settled(keys),
            Some(_) => return Ok(()),
        };
        if let Some(keys) = self.few(conn, which)? {
            self.stand_for(&keys);
        }
        Ok(())
    }

    /// Keys of the rows where they are few.
    fn few(&self, conn: &mut Connection, which: RowScope<'_>) -> Result<Option<Vec<i64>>> {
        let conditions = self.where_sql_of(which);
        let joins = self.counting_joins_sql(&conditions, which);
        let most = MAX_KEPT_KEYS + 1;
        let sql = fragment!("SELECT {ROOT}.id FROM {} {ROOT}{joins}{conditions} LIMIT {most}", self.table.name);
        let keys = read_keys(conn, &sql, &self.params)?;
        Ok((keys.len() < most).then_some(keys))
    }

    /// Lets keys stand for all conditions.
    fn stand_for(&mut self, keys: &[i64]) {
        self.conditions.clear();
        self.params.clear();
        self.and_found(keys);
    }

    /// The joins of a statement that looks for rows: where a row is certain, the database may begin
    /// with it, so that it finds the first rows of an order without sorting all.
    fn joins_sql(&self, which: RowScope<'_>) -> Fragment {
        Fragment::join(self.joins.iter().map(|join| join.sql(which)), "")
    }

    /// The joins of a statement whose rows are known: it begins with these.
    pub(super) fn outer_joins_sql(&self) -> Fragment {
        Fragment::join(self.joins.iter().map(|j| fragment!(" LEFT JOIN {}", j.sql)), "")
    }

    /// The joins without which the number of rows would be another.
    pub(super) fn counting_joins_sql(&self, conditions: &Fragment, which: RowScope<'_>) -> Fragment {
        let mut wanted: Vec<&Join> = Vec::new();
        for join in self.joins.iter().rev() {
            let used = reads(conditions, join) || wanted.iter().any(|w| w.base == join.alias);
            if used || join.base.is_empty() {
                wanted.push(join);
            }
        }
        Fragment::join(wanted.iter().rev().map(|join| join.sql(which)), "")
    }

    pub(super) fn where_sql(&self) -> Fragment {
        self.where_sql_of(RowScope::All)
    }

    fn where_sql_of(&self, which: RowScope<'_>) -> Fragment {
        let mut all: Vec<Fragment> = self.conditions.iter().chain(&self.fixed).map(|c| fragment!("({c})")).collect();
        match which {
            RowScope::All => {}
            RowScope::Settled(keys) if keys.is_empty() => {}
            RowScope::Settled(keys) => all.push(fragment!("{ROOT}.id NOT IN ({keys})")),
            RowScope::Noted(keys) | RowScope::Unnoted(keys) => all.push(fragment!("{ROOT}.id IN ({keys})")),
        }
        if all.is_empty() { Fragment::new() } else { fragment!(" WHERE {}", Fragment::join(&all, " AND ")) }
    }

    /// Which rows have notes, where conditions, or the order if it matters, read a view of rows and notes. An index can
    /// then find the others: the statement is run for both, each in its own way. `None` where none of that helps.
    fn noted(&mut self, conn: &mut Connection, ordered: bool) -> Result<Option<Fragment>> {
        let conditions = self.where_sql();
        let used = |join: &&Join| {
            let orders = || ordered && self.order.iter().any(|sorting| reads(&sorting.sql, join));
            join.noted.is_some() && join.base == ROOT && (reads(&conditions, join) || orders())
        };
        let Some((noted, _)) = self.joins.iter().find(used).and_then(|join| join.noted.as_ref()) else {
            return Ok(None);
        };
        let sql = fragment!("SELECT DISTINCT {} FROM {} LIMIT {}", noted.key, noted.notes.name, MAX_NOTED + 1);
        let keys: Vec<i64> = conn.rows(&sql, &[])?.iter().map(|row| row.int(0)).collect();
        Ok(match keys.len() {
            0 => Some(Fragment::new()),
            1..=MAX_NOTED => {
                let param = self.bind(Value::keys(&keys));
                Some(self.backend.keys(param))
            }
            _ => None,
        })
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// 403 where a condition reads what the caller may not view; those of the database.
    pub fn count(&mut self, conn: &mut Connection) -> Result<u64> {
        self.check()?;
        let own = self.params.len();
        let noted = self.noted(conn, false)?;
        if let Some((sql, params)) = self.known_count(noted.as_ref()) {
            self.params.truncate(own);
            return remembered::count(conn, &sql, &params);
        }
        let whole: Vec<RowScope<'_>> = match &noted {
            None => vec![RowScope::All],
            Some(keys) if keys.is_empty() => vec![RowScope::Settled(keys)],
            Some(keys) => vec![RowScope::Settled(keys), RowScope::Noted(keys)],
        };
        let mut params = self.params.clone();
        let counts: Vec<Fragment> = whole.iter().map(|which| self.counting(*which, &mut params)).collect();
        let sql = match counts.as_slice() {
            [one] => one.clone(),
            several => fragment!("SELECT ({})", Fragment::join(several, ") + (")),
        };
        // other statements do not use the keys of this one, and PostgreSQL refuses a value without a use
        self.params.truncate(own);
        remembered::count(conn, &sql, &params)
    }

    /// The statement that counts the rows; further values are added to `params`.
    pub(super) fn counting(&self, which: RowScope<'_>, params: &mut Vec<Value>) -> Fragment {
        let mut conditions = self.where_sql_of(which);
        for (condition, param, keys) in &self.counted {
            let found = fragment!("({condition})");
            if conditions.text().contains(found.text()) {
                // databases refuse a value that is not used
                let other = fragment!("({} AND CAST({param} AS TEXT) IS NOT NULL)", among(keys, params.len()));
                params.extend(keys.values.iter().cloned());
                conditions = conditions.replace(found.text(), other);
            }
        }
        let joins = self.counting_joins_sql(&conditions, which);
        fragment!("SELECT COUNT(*) FROM {} {ROOT}{joins}{conditions}", self.table.name)
    }

    /// Keys of all rows, in the order asked for.
    ///
    /// # Errors
    /// 403 where a condition reads what the caller may not view; those of the database.
    pub fn keys(&self, conn: &mut Connection) -> Result<Vec<i64>> {
        self.check()?;
        read_keys(conn, self.finding(false, None, RowScope::All), &self.params)
    }

    /// The statement that finds the rows, in the order asked for: their keys, and what they are sorted by as `o0`, `o1`,
    /// …, where that is wanted.
    fn finding(&self, sorted_by: bool, page: Option<(Fragment, Fragment)>, which: RowScope<'_>) -> Fragment {
        let mut sql = fragment!("SELECT {ROOT}.id AS id");
        for (i, sorting) in self.order.iter().enumerate().filter(|_| sorted_by) {
            sql.push(fragment!(", {} AS o{i}", sorting.sql));
        }
        let (joins, conditions) = (self.joins_sql(which), self.where_sql_of(which));
        let order = order_sql(&self.order, self.last_sorted());
        sql.push(fragment!(" FROM {} {ROOT}{joins}{conditions}{order}", self.table.name));
        if let Some((limit, offset)) = page {
            sql.push(fragment!(" LIMIT {limit} OFFSET {offset}"));
        }
        sql
    }

    /// Placeholders of the limit and the offset of a page. As parameters: all pages share a statement, and SQLite, which
    /// holds sorting for cheap where it knows the limit, walks along an index where there is one, and stops.
    fn bind_page(&mut self, page: (u64, u64)) -> (Fragment, Fragment) {
        let mut bind = |n: u64| self.bind(i64::try_from(n).unwrap_or(i64::MAX));
        (bind(page.0), bind(page.1))
    }

    /// Keys of the rows of a page, in their order.
    fn page_keys(&mut self, conn: &mut Connection, page: Option<(u64, u64)>) -> Result<Vec<i64>> {
        self.check()?;
        if let Some(page) = page.filter(|(_, offset)| *offset >= DEEP) {
            let own = self.params.len();
            let bound = self.bind_page(page);
            let question = remembered::question(&self.finding(false, Some(bound), RowScope::All), &self.params);
            self.params.truncate(own);
            return remembered::numbers_by(conn, question, |conn| {
                let page = self.skip_groups(conn, page)?.unwrap_or(page);
                let (sql, params) = self.finding_page(conn, Some(page))?;
                read_keys(conn, &sql, &params)
            });
        }
        let (sql, params) = self.finding_page(conn, page)?;
        remembered::numbers(conn, &sql, &params)
    }

    /// The statement that finds the keys of a page.
    fn finding_page(&mut self, conn: &mut Connection, page: Option<(u64, u64)>) -> Result<(Fragment, Vec<Value>)> {
        let sql = match self.noted(conn, true)? {
            None => {
                let page = page.map(|page| self.bind_page(page));
                self.finding(false, page, RowScope::All)
            }
            Some(keys) if keys.is_empty() => {
                let page = page.map(|page| self.bind_page(page));
                self.finding(false, page, RowScope::Settled(&keys))
            }
            Some(keys) => {
                // each part gives as many as the page may need of it
                let until = page.map(|(limit, offset)| self.bind_page((limit.saturating_add(offset), 0)));
                let page = page.map(|page| self.bind_page(page));
                let (settled, noted) = (
                    self.finding(true, until.clone(), RowScope::Settled(&keys)),
                    self.finding(true, until, RowScope::Noted(&keys)),
                );
                let page = page.map_or(Fragment::new(), |(limit, offset)| fragment!(" LIMIT {limit} OFFSET {offset}"));
                let order = order_sql(&self.sorted_as("x"), "x");
                fragment!("SELECT x.id FROM (({settled}) UNION ALL ({noted})) x{order}{page}")
            }
        };
        Ok((sql, self.params.clone()))
    }

    /// The order over the columns `o0`, `o1`, … of a subquery.
    fn sorted_as(&self, alias: &'static str) -> Vec<Sorting> {
        let each = self.order.iter().enumerate();
        each.map(|(i, s)| Sorting { sql: fragment!("{alias}.o{i}"), down: s.down, null: s.null }).collect()
    }

    /// The alias whose key ends the order: that of a companion where it alone is sorted by, so that its index serves.
    fn last_sorted(&self) -> Fragment {
        let [only] = self.order.as_slice() else { return ROOT.into() };
        let of = only.sql.text().split('.').next().unwrap_or_default();
        let is_companion = |join: &&Join| {
            join.alias == of
                && join.base == ROOT
                && join.certain
                && self.table.companion.is_some_and(|c| c.name == join.path)
        };
        self.joins.iter().find(is_companion).map_or(ROOT.into(), |join| join.alias.clone())
    }

    /// The statement that reads columns (with whatever they compute) for a page of rows: `self` has
    /// the joins that the columns need, `rows` decides which rows and in which order. The keys of
    /// the page are found first, so a sort never evaluates a computed column it does not need.
    ///
    /// PostgreSQL finds them by a statement of its own, which it plans for its values; the one that reads the columns is
    /// planned once for all pages, which would take longer than to run it. Pages far behind, and those of many rows that a
    /// search found or that are sorted by values from other tables, are found so on both, because what takes long to find is
    /// remembered.
    ///
    /// # Errors
    /// Those of the database.
    pub fn around(
        mut self,
        conn: &mut Connection,
        mut rows: Query<'_>,
        columns: &[TemplateColumn],
        page: Option<(u64, u64)>,
    ) -> Result<(Fragment, Vec<Value>)> {
        rows.check()?;
        let resolved: Vec<Fragment> = columns.iter().map(|c| self.resolve_at(&c.template, &c.alias, c.table)).collect();
        let (columns, table) = (Fragment::join(&resolved, ", "), self.table.name);
        self.check()?;
        let is_deep = page.is_some_and(|(_, offset)| offset >= DEEP);
        let is_costly = rows.found.as_ref().is_some_and(|(_, found)| *found > MAX_KEPT_KEYS)
            || rows.order.iter().any(|sorting| sorting.sql.text().contains("SELECT "));
        let joins = self.outer_joins_sql();
        if self.backend == Backend::Postgres {
            let keys = rows.page_keys(conn, page)?;
            let sql = fragment!(
                "SELECT {columns} FROM unnest(string_to_array(CAST($1 AS TEXT), ',')) WITH ORDINALITY page(k, at) \
                 JOIN {table} {ROOT} ON {ROOT}.id = CAST(page.k AS BIGINT){joins} ORDER BY page.at"
            );
            return Ok((sql, vec![Value::keys(&keys)]));
        }
        let (keys, params) = if is_deep || is_costly {
            (Fragment::from("'[' || $1 || ']'"), vec![Value::keys(&rows.page_keys(conn, page)?)])
        } else {
            // without a limit the order of a subquery would mean nothing
            let page = page.map_or_else(|| ("-1".into(), "0".into()), |page| rows.bind_page(page));
            let found = rows.finding(false, Some(page), RowScope::All);
            (fragment!("(SELECT json_group_array(id) FROM ({found}))"), rows.params)
        };
        // SQLite takes the tables of a CROSS JOIN in this order. A list has its members in their order already: sorting
        // by what the keys were found by would carry all columns through the sort.
        let sql = fragment!(
            "SELECT {columns} FROM json_each({keys}) page CROSS JOIN {table} {ROOT}{joins} \
             WHERE {ROOT}.id = page.value ORDER BY page.rowid"
        );
        Ok((sql, params))
    }

    /// The statement that reads columns of all rows that the conditions leave.
    ///
    /// # Errors
    /// 403 where a condition reads what the caller may not view.
    pub fn plain(mut self, columns: &[TemplateColumn]) -> Result<(Fragment, Vec<Value>)> {
        let resolved: Vec<Fragment> = columns.iter().map(|c| self.resolve_at(&c.template, &c.alias, c.table)).collect();
        self.check()?;
        let sql = fragment!(
            "SELECT {} FROM {} {ROOT}{}{}{}",
            Fragment::join(&resolved, ", "),
            self.table.name,
            self.joins_sql(RowScope::All),
            self.where_sql(),
            order_sql(&self.order, ROOT)
        );
        Ok((sql, self.params))
    }
}

pub(crate) fn read_keys(conn: &mut Connection, sql: impl AsSql, params: &[Value]) -> Result<Vec<i64>> {
    let mut keys = Vec::new();
    conn.query_planned(sql, params, |row| {
        keys.push(row.int(0));
        Ok(())
    })?;
    Ok(keys)
}

/// The condition that a row is among those whose keys a statement gives, with its placeholders after so many others.
fn among(keys: &Keys, after: usize) -> Fragment {
    fragment!("{ROOT}.id IN ({})", keys.sql(true).after_parameters(after))
}

/// Whether SQL reads a row that was joined.
fn reads(sql: &Fragment, join: &Join) -> bool {
    let alias = join.alias.text();
    sql.text().match_indices(alias).any(|(at, _)| sql.text()[at + alias.len()..].starts_with('.'))
}

fn order_sql(terms: &[Sorting], alias: impl AsSql) -> Fragment {
    let down = terms.last().is_some_and(|term| term.down);
    let mut all: Vec<Fragment> = terms
        .iter()
        .map(|term| {
            // an index serves an order that says nothing of nulls
            let direction = match (term.down, term.null) {
                (true, true) => "DESC NULLS LAST",
                (true, false) => "DESC",
                (false, true) => "ASC NULLS FIRST",
                (false, false) => "ASC",
            };
            fragment!("{} {direction}", term.sql)
        })
        .collect();
    all.push(fragment!("{alias}.id {}", if down { "DESC" } else { "ASC" }));
    fragment!(" ORDER BY {}", Fragment::join(&all, ", "))
}
