//! Turns templates, filters, search and sorting into SQL.

mod counts;
mod groups;
mod statements;
mod trees;

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result};
use ironwood_store::{AsSql, Backend, Connection, Fragment, Patterns, Value, fragment};

use crate::at_or_below;
use crate::context::{Caller, Context};
use crate::exists;
use crate::http::Request;
use crate::resource::Resource;
use crate::seen;
pub use crate::statement::Query;
use crate::statement::{Disclosure, Join, Keys, Sorting};
use crate::table::{ColumnType, Table};

use statements::RowScope;
pub(crate) use statements::read_keys;

/// Alias of the row that a statement is about.
pub const ROOT: &str = "t";

impl<'a> Query<'a> {
    pub fn new(backend: Backend, request: &'a Request, caller: &'a dyn Caller, table: &'static Table) -> Self {
        Query {
            backend,
            request,
            caller,
            user: caller.id().unwrap_or(0),
            table,
            snapshot: None,
            resource: None,
            registry: None,
            joins: Vec::new(),
            conditions: Vec::new(),
            fixed: Vec::new(),
            params: Vec::new(),
            order: Vec::new(),
            must_exist: Vec::new(),
            trees: Vec::new(),
            below: Vec::new(),
            failed: None,
            scans: false,
            found: None,
            counted: Vec::new(),
            joined: "j",
            asking: None,
            hidden: false,
            patterns: Patterns::default(),
        }
    }

    /// The rows of a resource that the caller may see: every statement about them begins with it.
    pub fn of(ctx: &Context<'a>, resource: &'static Resource) -> Self {
        let mut query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, resource.view.table);
        (query.resource, query.registry) = (Some(resource), Some(ctx.registry));
        query.confine(resource);
        seen::restrict(&mut query, ctx.caller);
        query
    }

    /// Leaves out rows of the table that the resource never shows.
    pub fn confine(&mut self, resource: &Resource) {
        self.and(resource.scope);
        for (column, value) in resource.fixed {
            self.always(fragment!("{{{column}}} = {}", Fragment::literal(value)));
        }
    }

    /// Keeps a value for the statement and gives its placeholder.
    pub fn bind(&mut self, value: impl Into<Value>) -> Fragment {
        self.params.push(value.into());
        Fragment::parameter(self.params.len())
    }

    /// Keeps a regular expression of the request for the statement, as [`Backend::matches`] takes it, and gives
    /// its placeholder.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the parameter that it came in, where it is malformed or too large.
    pub fn bind_pattern(&mut self, param: &str, text: &str) -> Result<Fragment> {
        let pattern = self.patterns.read(param, text)?;
        Ok(self.bind(pattern.value(self.backend)))
    }

    /// Adds a condition (a template).
    pub fn and(&mut self, template: impl AsSql) {
        if !template.as_sql().is_empty() {
            let sql = self.resolve(template);
            self.conditions.push(sql);
        }
    }

    /// Adds a condition (a template without values) that nothing takes away again.
    pub fn always(&mut self, template: impl AsSql) {
        let sql = self.resolve(template);
        self.fixed.push(sql);
    }

    /// Does what a parameter of the request says about the rows. Gives `None` where that would look at rows or
    /// columns that the caller may not see (see [`sight`]).
    pub(crate) fn asking<T>(&mut self, asking: Disclosure, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let before = self.asking.replace(asking);
        let done = work(self);
        self.asking = before;
        (!std::mem::take(&mut self.hidden)).then_some(done)
    }

    /// Whether the caller may ask about rows of a table.
    pub fn sees(&self, table: &Table) -> bool {
        self.caller.sees(table.name)
    }

    /// Adds a condition that is SQL already.
    pub fn and_sql(&mut self, sql: Fragment) {
        if let Some(asking) = &self.asking {
            self.hidden |= asking.is_hidden(sql.text(), self.table, self.caller);
        }
        self.conditions.push(sql);
    }

    /// Adds a condition in which `{value}` stands for a value.
    pub fn and_value(&mut self, template: impl AsSql, value: impl Into<Value>) {
        let placeholder = self.bind(value);
        self.and(template.to_fragment().replace("{value}", placeholder));
    }

    /// Only rows whose key in a template is among these. Any number of keys is one parameter, so that the
    /// statement stays the same: keys written into it would be parsed, planned and kept again for each request.
    pub fn and_keys(&mut self, template: impl AsSql, keys: &[impl Copy + Into<i64>]) {
        let placeholder = self.bind(Value::keys(keys));
        self.and(fragment!("{template} IN ({})", self.backend.keys(&placeholder)));
    }

    /// Only rows that have these keys, which are keys of rows of the statement's table, each once.
    pub(crate) fn and_found(&mut self, keys: &[i64]) {
        self.and_keys("{id}", keys);
        if let [only] = self.conditions.as_slice() {
            self.found = Some((only.clone(), keys.len()));
        }
    }

    /// Notes that the rows of a condition, which uses that placeholder, are counted by a statement that gives their
    /// keys.
    pub(crate) fn counted_among(&mut self, condition: Fragment, param: Fragment, keys: Keys) {
        self.counted.push((condition, param, keys));
    }

    /// Takes in all rows of the tree above those that the conditions so far leave, whatever these say of them.
    pub fn with_ancestors(&mut self) {
        let conditions = self.where_sql();
        if conditions.is_empty() {
            return;
        }
        let (table, joins) = (self.table.name, self.counting_joins_sql(&conditions, RowScope::All));
        self.conditions = vec![fragment!(
            "{ROOT}.id IN (SELECT above.id FROM {table} {ROOT}{joins} JOIN {table} above \
             ON {is_below}{conditions})",
            is_below = at_or_below!(ROOT, "above")
        )];
    }

    /// Takes in further rows: those for which a template holds, whatever the conditions so far say.
    pub fn or(&mut self, template: impl AsSql) {
        let more = self.resolve(template);
        if !self.conditions.is_empty() {
            let all: Vec<Fragment> = self.conditions.drain(..).map(|c| fragment!("({c})")).collect();
            self.conditions = vec![fragment!("({}) OR ({more})", Fragment::join(&all, " AND "))];
        }
    }

    /// Sorts by a template, after what was added before.
    pub fn order_by(&mut self, template: impl AsSql, descending: bool) {
        let sql = self.resolve(&template);
        let null = self.may_be_null(&template.as_sql());
        self.order.push(Sorting { sql, down: descending, null });
    }

    /// Whether a template, resolved already, may be null: all may but for columns that may not.
    fn may_be_null(&self, template: &str) -> bool {
        let Some(name) = template.strip_prefix('{').and_then(|t| t.strip_suffix('}')) else { return true };
        let (path, column) = name.rsplit_once(['.', ':']).unwrap_or(("", name));
        let (mut alias, mut table) = (Fragment::from(ROOT), self.table);
        for step in path.split('.').filter(|s| !s.is_empty()) {
            let Some(join) = self.joins.iter().find(|j| j.base == alias && j.path == step && j.certain) else {
                return true;
            };
            (alias, table) = (join.alias.clone(), join.table);
        }
        column != "id" && table.column(column).is_none_or(|c| c.null)
    }

    /// Whether a sorting was added.
    pub fn is_ordered(&self) -> bool {
        !self.order.is_empty()
    }

    /// A template over the statement's own row as SQL.
    pub fn resolve(&mut self, template: impl AsSql) -> Fragment {
        self.resolve_at(template, &ROOT.into(), self.table)
    }

    /// A template over the row with that alias as SQL.
    pub fn resolve_at(&mut self, template: impl AsSql, alias: &Fragment, table: &'static Table) -> Fragment {
        if let Some(asking) = &self.asking {
            self.hidden |= asking.is_hidden(&template.as_sql(), table, self.caller);
        }
        Fragment::fill(template, |name, out| self.fill(name, alias, table, out))
    }

    /// Adds what a name in a template stands for.
    fn fill(&mut self, name: &str, alias: &Fragment, table: &'static Table, out: &mut Fragment) {
        match name {
            // an empty object of JSON
            "" => out.push("{}"),
            "t" => out.push(alias),
            "user" => out.push(self.user),
            "@record" => out.push(Fragment::literal(table.record)),
            "today" => out.push(Fragment::today()),
            _ if name.starts_with('/') => {
                let part = name[1..].parse::<usize>().ok().and_then(|at| self.request.path.split('/').nth(at + 1));
                push_number(out, part.and_then(|part| part.parse().ok()));
            }
            _ if name.starts_with('?') => {
                push_number(out, self.request.param(&name[1..]).and_then(|n| n.trim().parse().ok()));
            }
            _ if name.contains(':') => {
                let joined = self.join_companion(name, alias, table);
                out.push(joined);
            }
            _ => {
                let column = match name.rsplit_once('.') {
                    None => {
                        self.refuse_secret(table, name);
                        self.column(alias, name)
                    }
                    Some((path, column)) => {
                        let (joined, of) = self.join(path, alias, table);
                        self.refuse_secret(of, column);
                        self.column(&joined, column)
                    }
                };
                out.push(column);
            }
        }
    }

    /// A column of the row with that alias.
    fn column(&mut self, alias: &Fragment, name: &str) -> Fragment {
        let Some(name) = Fragment::name(name) else {
            // a mistake in a description: the tests walk all of them
            self.failed = Some(format!("{name} is not the name of a column"));
            return Fragment::new();
        };
        fragment!("{alias}.{name}")
    }

    fn refuse_secret(&mut self, table: &'static Table, column: &str) {
        if table.column(column).is_some_and(|c| c.secret) {
            // a mistake in a description: the tests walk all of them
            self.failed = Some(format!("{}.{column} is secret", table.name));
        }
    }

    /// Joins the row that a path of links (`part.category`) leads to; gives its alias and table.
    pub fn join(&mut self, path: &str, alias: impl AsSql, table: &'static Table) -> (Fragment, &'static Table) {
        let (mut alias, mut table) = (alias.to_fragment(), table);
        for step in path.split('.') {
            if let Some(found) = self.joins.iter().find(|j| j.base == alias && j.path == step) {
                (alias, table) = (found.alias.clone(), found.table);
                continue;
            }
            let link = table.column(step);
            let Some((column, ColumnType::Link(target, _))) = link.map(|c| (c, c.kind)) else {
                // a mistake in a description: the tests walk all of them
                self.failed = Some(format!("{} has no link {step}", table.name));
                return (alias, table);
            };
            let joined = fragment!("{}{}", self.joined, self.joins.len() + 1);
            let sql = fragment!("{} {joined} ON {joined}.id = {alias}.\"{}\"", target.name, column.name);
            let sure = alias == ROOT || self.joins.iter().any(|j| j.alias == alias && j.certain);
            let certain = sure && !column.null;
            let path = step.to_owned();
            self.joins.push(Join {
                base: alias,
                path,
                alias: joined.clone(),
                sql,
                table: target,
                certain,
                noted: None,
            });
            (alias, table) = (joined, target);
        }
        (alias, table)
    }

    /// Joins the row that a table's companion has for its row, and gives the column that `totals:in_stock` names.
    fn join_companion(&mut self, name: &str, alias: &Fragment, table: &'static Table) -> Fragment {
        let (called, column) = name.split_once(':').unwrap_or((name, ""));
        let Some(companion) = table.companion.filter(|companion| companion.name == called) else {
            // a mistake in a description: the tests walk all of them
            self.failed = Some(format!("{} has no companion {called}", table.name));
            return Fragment::new();
        };
        let known = self.joins.iter().find(|j| j.base == *alias && j.path == called).map(|j| j.alias.clone());
        let joined = known.unwrap_or_else(|| {
            let joined = fragment!("{}{}", self.joined, self.joins.len() + 1);
            let sql = |name: &'static str| fragment!("{name} {joined} ON {joined}.id = {alias}.id");
            let noted = companion.noted.filter(|_| self.backend == Backend::Postgres);
            let noted = noted.map(|noted| (noted, sql(noted.rows.name)));
            let (sql, table) = (sql(companion.table.name), companion.table);
            let certain = *alias == ROOT || self.joins.iter().any(|j| j.alias == *alias && j.certain);
            let (base, path) = (alias.clone(), called.to_owned());
            self.joins.push(Join { base, path, alias: joined.clone(), sql, table, certain, noted });
            joined
        });
        self.column(&joined, column)
    }

    /// Joins the rows of a link table that name the statement's row in `column`; they get the alias.
    pub fn join_links(&mut self, link: &'static str, alias: &'static str, column: &'static str) {
        let sql = fragment!("{link} {alias} ON {alias}.\"{column}\" = {ROOT}.id");
        let (base, path) = (Fragment::new(), link.to_owned());
        let (alias, table) = (alias.into(), self.table);
        self.joins.push(Join { base, path, alias, sql, table, certain: true, noted: None });
    }

    /// Joins the row of a table, one at most for each row, for which a template over the statement's row holds; it
    /// gets the alias. Where `certain`, rows without it are left out.
    pub fn join_one(&mut self, table: &'static Table, alias: impl AsSql, on: impl AsSql, certain: bool) {
        let sql = fragment!("{} {alias} ON {}", table.name, self.resolve(on));
        let base = Fragment::from(if certain { "" } else { ROOT });
        let alias = alias.to_fragment();
        self.joins.push(Join { base, path: alias.text().to_owned(), alias, sql, table, certain, noted: None });
    }

    /// A condition over the row that a link leads to (SQL that `condition` makes), as a set of keys that the
    /// database finds once, not as a join for every row.
    pub fn among_linked(&mut self, link: &str, condition: impl FnOnce(&mut Query<'_>) -> Fragment) -> Fragment {
        let Some((link, ColumnType::Link(target, _))) = self.table.column(link).map(|c| (c.name, c.kind)) else {
            // a mistake in a description: the tests walk all of them
            self.failed = Some(format!("{} has no link {link}", self.table.name));
            return Fragment::new();
        };
        let new = Query::new(self.backend, self.request, self.caller, target);
        let mut inner = Query { joined: "k", asking: self.asking, ..new };
        let sql = condition(&mut inner);
        let (name, joins) = (target.name, inner.outer_joins_sql());
        self.failed = self.failed.take().or(inner.failed);
        self.hidden |= inner.hidden;
        fragment!("{ROOT}.\"{link}\" IN (SELECT {ROOT}.id FROM {name} {ROOT}{joins} WHERE {sql})")
    }

    /// Notes that a parameter names a row that has to be there; see [`Query::check_links`].
    pub fn must_exist(&mut self, table: &'static Table, key: impl Into<i64>, param: &str) {
        self.must_exist.push((table, "", key.into(), param.to_owned()));
    }

    /// Notes that a parameter names a row that has to be there and for which a condition over its columns holds.
    pub fn must_be(&mut self, table: &'static Table, only: &'static str, key: impl Into<i64>, param: &str) {
        self.must_exist.push((table, only, key.into(), param.to_owned()));
    }

    /// Notes that a parameter names a row that has to be there and, where it is named like a link of the
    /// table, may be chosen for that link.
    pub fn must_be_eligible(&mut self, table: &'static Table, key: impl Into<i64>, param: &str) {
        let only = self.table.column(param).map_or("", |c| c.only);
        self.must_exist.push((table, only, key.into(), param.to_owned()));
    }

    /// Refuses the request where a parameter names a row that is not there, and reads the trees that parameters name.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the parameters.
    pub fn check_links(&mut self, conn: &mut Connection) -> Result<()> {
        self.read_trees(conn)?;
        let mut fields = Fields::new();
        for (table, only, key, param) in std::mem::take(&mut self.must_exist) {
            if !exists::may_choose(conn, table, only, key)? {
                fields.add(&param, "This record does not exist.");
            }
        }
        fields.check()
    }

    fn check(&self) -> Result<()> {
        match &self.failed {
            Some(why) => Err(Error::Internal(why.clone())),
            None if !self.trees.is_empty() => Err(Error::Internal("the trees of a statement were not read".into())),
            None => Ok(()),
        }
    }
}

/// A column of a statement: a template over the row with that alias.
#[derive(Debug, Clone)]
pub struct TemplateColumn {
    pub template: Fragment,
    pub table: &'static Table,
    pub alias: Fragment,
}

// A row without a value comes first, as in SQLite; the key makes the order total.

fn push_number(out: &mut Fragment, number: Option<i64>) {
    match number {
        Some(number) => out.push(number),
        None => out.push("CAST(NULL AS BIGINT)"),
    }
}
