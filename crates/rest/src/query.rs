//! Turns templates, filters, search and sorting into SQL.

use std::any::Any;
use std::sync::Arc;

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result, clock};
use ironwood_store::{Backend, Connection, Patterns, Value};

use crate::context::{Caller, Context};
use crate::http::Request;
use crate::input;
use crate::registry::Registry;
use crate::remembered;
use crate::resource::Resource;
use crate::search::Keys;
use crate::sight::Asking;
use crate::subject;
use crate::table::{Kind, Noted, PATH, PATH_END, Table};

/// Up to this many keys found by a full scan are kept, so that the count and the page need only one scan.
const MAX_KEPT_KEYS: usize = 1_000;

/// From this offset on, the rows of a page are found by a statement of their own.
const DEEP: u64 = 1_000;

/// Up to this many rows with notes (see [`Noted`]), statements are divided into those about these and about all others.
const MAX_NOTED: usize = 1_000;

/// Alias of the row that a statement is about.
pub const ROOT: &str = "t";

struct Join {
    base: String,
    path: String,
    alias: String,
    /// `part_part j1 ON …`, to follow a kind of join.
    sql: String,
    table: &'static Table,
    /// Whether there is a row for every row of the statement.
    certain: bool,
    /// For a view of rows and notes: these, and the join with the rows alone.
    noted: Option<(Noted, String)>,
}

/// Which rows a statement is about, where a companion is a view of rows and notes.
#[derive(Debug, Clone, Copy)]
enum Which<'s> {
    /// All, through the view.
    All,
    /// Those without notes, but for these keys (a subquery, or nothing where there are no notes): their rows alone.
    Settled(&'s str),
    /// Those of these keys, through the view.
    Noted(&'s str),
}

impl Join {
    fn sql(&self, which: Which<'_>) -> String {
        let kind = if self.certain { "JOIN" } else { "LEFT JOIN" };
        let sql = match (&self.noted, which) {
            (Some((_, rows)), Which::Settled(_)) if self.base == ROOT => rows,
            _ => &self.sql,
        };
        format!(" {kind} {sql}")
    }
}

/// A tree that a condition names: rows from one row on downwards. Where it begins and ends is read before the
/// statement is run ([`Query::read_trees`]), and stands in it as values: a database that finds it out on the way plans
/// for trees of an average size.
struct Tree {
    table: &'static Table,
    key: i64,
    /// Whether a row that is not there leaves the condition out.
    optional: bool,
}

/// Stand in conditions for the keys of the tree with that number, downwards and upwards.
const BELOW: char = '\u{2}';
const ABOVE: char = '\u{3}';

fn tree_mark(direction: char, number: usize) -> String {
    format!("{direction}{number}{direction}")
}

/// One way to sort.
struct Sorting {
    sql: String,
    down: bool,
    /// Whether it may be null.
    null: bool,
}

/// A statement over one table in the making: joins, conditions and their values.
pub struct Query<'a> {
    /// The database the statement is for.
    pub backend: Backend,
    pub request: &'a Request,
    pub caller: &'a dyn Caller,
    /// Key of the caller, 0 for no one.
    pub user: i64,
    pub table: &'static Table,
    /// The domain's snapshot, for resources whose filters depend on settings.
    pub snapshot: Option<Arc<dyn Any + Send + Sync>>,
    /// The resource whose list it is, if it is one.
    pub resource: Option<&'static Resource>,
    /// All operations of the server, if there is a current request.
    pub registry: Option<&'a Registry>,
    joins: Vec<Join>,
    conditions: Vec<String>,
    /// Conditions that hold whatever else is said of the rows.
    fixed: Vec<String>,
    params: Vec<Value>,
    order: Vec<Sorting>,
    must_exist: Vec<(&'static Table, &'static str, i64, String)>,
    trees: Vec<Tree>,
    failed: Option<String>,
    /// Whether the conditions cannot be answered by an index.
    scans: bool,
    /// Conditions that statements which only count rows replace: the condition, its placeholder, and a statement that
    /// gives the keys of the same rows.
    counted: Vec<(String, String, Keys)>,
    /// How the aliases of joined rows begin.
    joined: &'static str,
    /// Set while the request's own parameters are read: what they ask must be for the caller to see.
    asking: Option<Asking>,
    /// Whether they asked for more.
    hidden: bool,
    /// The regular expressions so far.
    patterns: Patterns,
}

/// Where the paths of a tree begin and end.
type Bounds = (String, String);

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
            failed: None,
            scans: false,
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
        subject::restrict(&mut query, ctx.caller);
        query
    }

    /// Leaves out rows of the table that the resource never shows.
    pub fn confine(&mut self, resource: &Resource) {
        self.and(resource.scope);
        for (column, value) in resource.fixed {
            self.always(&format!("{{{column}}} = '{value}'"));
        }
    }

    /// Keeps a value for the statement and gives its placeholder.
    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    /// Keeps a regular expression of the request for the statement, as [`Backend::matches`] takes it, and gives
    /// its placeholder.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the parameter that it came in, where it is malformed or too large.
    pub fn bind_pattern(&mut self, param: &str, text: &str) -> Result<String> {
        let pattern = self.patterns.read(param, text)?;
        Ok(self.bind(pattern.value(self.backend)))
    }

    /// Adds a condition (a template).
    pub fn and(&mut self, template: &str) {
        if !template.is_empty() {
            let sql = self.resolve(template);
            self.conditions.push(sql);
        }
    }

    /// Adds a condition (a template without values) that nothing takes away again.
    pub fn always(&mut self, template: &str) {
        let sql = self.resolve(template);
        self.fixed.push(sql);
    }

    /// Does what a parameter of the request says about the rows. Gives `None` where that would look at rows or
    /// columns that the caller may not see (see [`sight`]).
    pub(crate) fn asking<T>(&mut self, asking: Asking, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
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
    pub fn and_sql(&mut self, sql: String) {
        if let Some(asking) = &self.asking {
            self.hidden |= asking.is_hidden(&sql, self.table, self.caller);
        }
        self.conditions.push(sql);
    }

    /// Adds a condition in which `{value}` stands for a value.
    pub fn and_value(&mut self, template: &str, value: impl Into<Value>) {
        let placeholder = self.bind(value);
        self.and(&template.replace("{value}", &placeholder));
    }

    /// Only rows whose key in a template is among these. Any number of keys is one parameter, so that the
    /// statement stays the same: keys written into it would be parsed, planned and kept again for each request.
    pub fn and_keys(&mut self, template: &str, keys: &[i64]) {
        let placeholder = self.bind(Value::keys(keys));
        self.and(&format!("{template} IN ({})", self.backend.keys(&placeholder)));
    }

    /// Only rows whose keys the statement gives.
    pub(crate) fn and_among(&mut self, keys: &Keys) {
        let sql = among(keys, self.params.len());
        self.params.extend(keys.values.iter().cloned());
        self.conditions.push(sql);
    }

    /// Only rows for which a template holds, in which `{value}` stands for the key of a row, `{below}` for the keys of
    /// that row and of all below it in its tree, and `{above}` for those of all above it: `{location} IN {below}`.
    pub fn and_tree(&mut self, template: &str, table: &'static Table, key: i64) {
        self.among_tree(template, Tree { table, key, optional: false });
    }

    /// As [`Query::and_tree`], but all rows where there is no row with that key.
    pub fn and_known_tree(&mut self, template: &str, table: &'static Table, key: i64) {
        self.among_tree(template, Tree { table, key, optional: true });
    }

    fn among_tree(&mut self, template: &str, tree: Tree) {
        let (below, above) = (tree_mark(BELOW, self.trees.len()), tree_mark(ABOVE, self.trees.len()));
        let (key, name) = (tree.key, tree.table.name);
        let marked = template.replace("{below}", &below).replace("{above}", &above);
        if marked != template {
            if let Some(asking) = &self.asking {
                // the keys say which rows are below which
                self.hidden |= asking.is_hidden(&format!("FROM {name}"), self.table, self.caller);
            }
            self.trees.push(tree);
        }
        if marked.contains("{value}") { self.and_value(&marked, key) } else { self.and(&marked) }
    }

    /// Reads where the trees of the conditions begin and end.
    ///
    /// # Errors
    /// Those of the database.
    pub fn read_trees(&mut self, conn: &mut Connection) -> Result<()> {
        let trees = std::mem::take(&mut self.trees);
        let mut known: Vec<(&str, i64, Option<Bounds>)> = Vec::new();
        for (number, tree) in trees.into_iter().enumerate() {
            let (name, key) = (tree.table.name, tree.key);
            let found = match known.iter().find(|(table, of, _)| *table == name && *of == key) {
                Some((.., bounds)) => bounds.clone(),
                None => {
                    let sql = format!("SELECT {PATH}, {PATH_END} FROM {name} WHERE id = $1");
                    let row = conn.one(&sql, &[Value::Int(key)])?;
                    let bounds = row.map(|row| (row.text(0).to_owned(), row.text(1).to_owned()));
                    known.push((name, key, bounds.clone()));
                    bounds
                }
            };
            for direction in [BELOW, ABOVE] {
                let mark = tree_mark(direction, number);
                if !self.conditions.iter().any(|condition| condition.contains(&mark)) {
                    continue;
                }
                let keys = match &found {
                    Some((from, end)) if direction == BELOW => {
                        let (from, end) = (self.bind(from.as_str()), self.bind(end.as_str()));
                        format!("(SELECT v.id FROM {name} v WHERE v.{PATH} >= {from} AND v.{PATH} < {end})")
                    }
                    Some((path, _)) => {
                        let above: Vec<i64> = path.split('/').filter_map(|key| key.parse().ok()).collect();
                        let above = self.bind(Value::keys(&above));
                        format!("({})", self.backend.keys(&above))
                    }
                    None => "(SELECT CAST(NULL AS BIGINT) WHERE 1 = 0)".to_owned(),
                };
                let all = tree.optional && found.is_none();
                for condition in self.conditions.iter_mut().filter(|condition| condition.contains(&mark)) {
                    *condition = if all { "1 = 1".to_owned() } else { condition.replace(&mark, &keys) };
                    if tree.optional && self.backend == Backend::Sqlite {
                        // most of all rows may be below: SQLite, which holds any tree for small, would gather and sort
                        // them, where it can walk along the order of the list
                        condition.push_str(&format!(" OR NOT EXISTS (SELECT 1 FROM {name} n WHERE n.id = {key})"));
                    }
                }
            }
        }
        Ok(())
    }

    /// Notes that the rows of a condition, which uses that placeholder, are counted by a statement that gives their
    /// keys.
    pub(crate) fn counted_among(&mut self, condition: String, param: &str, keys: Keys) {
        self.counted.push((condition, param.to_owned(), keys));
    }

    /// Takes in all rows of the tree above those that the conditions so far leave, whatever these say of them.
    pub fn with_ancestors(&mut self) {
        let conditions = self.where_sql();
        if conditions.is_empty() {
            return;
        }
        let (table, joins) = (self.table.name, self.counting_joins_sql(&conditions, Which::All));
        self.conditions = vec![format!(
            "{ROOT}.id IN (SELECT above.id FROM {table} {ROOT}{joins} JOIN {table} above \
             ON {ROOT}.{PATH} >= above.{PATH} AND {ROOT}.{PATH} < above.{PATH_END}{conditions})"
        )];
    }

    /// Takes in further rows: those for which a template holds, whatever the conditions so far say.
    pub fn or(&mut self, template: &str) {
        let more = self.resolve(template);
        if !self.conditions.is_empty() {
            let all: Vec<String> = self.conditions.drain(..).map(|c| format!("({c})")).collect();
            self.conditions = vec![format!("({}) OR ({more})", all.join(" AND "))];
        }
    }

    /// Sorts by a template, after what was added before.
    pub fn order_by(&mut self, template: &str, descending: bool) {
        let sql = self.resolve(template);
        let null = self.may_be_null(template);
        self.order.push(Sorting { sql, down: descending, null });
    }

    /// Whether a template, resolved already, may be null: all may but for columns that may not.
    fn may_be_null(&self, template: &str) -> bool {
        let Some(name) = template.strip_prefix('{').and_then(|t| t.strip_suffix('}')) else { return true };
        let (path, column) = name.rsplit_once(['.', ':']).unwrap_or(("", name));
        let (mut alias, mut table) = (ROOT, self.table);
        for step in path.split('.').filter(|s| !s.is_empty()) {
            let Some(join) = self.joins.iter().find(|j| j.base == alias && j.path == step && j.certain) else {
                return true;
            };
            (alias, table) = (&join.alias, join.table);
        }
        column != "id" && table.column(column).is_none_or(|c| c.null)
    }

    /// Whether a sorting was added.
    pub fn is_ordered(&self) -> bool {
        !self.order.is_empty()
    }

    /// A template over the statement's own row as SQL.
    pub fn resolve(&mut self, template: &str) -> String {
        self.resolve_at(template, ROOT, self.table)
    }

    /// A template over the row with that alias as SQL.
    pub fn resolve_at(&mut self, template: &str, alias: &str, table: &'static Table) -> String {
        if let Some(asking) = &self.asking {
            self.hidden |= asking.is_hidden(template, table, self.caller);
        }
        let mut out = String::with_capacity(template.len() + 16);
        let mut rest = template;
        while let Some(start) = rest.find('{') {
            out.push_str(&rest[..start]);
            let Some(end) = rest[start..].find('}') else { break };
            let name = &rest[start + 1..start + end];
            rest = &rest[start + end + 1..];
            match name {
                "t" => out.push_str(alias),
                "user" => out.push_str(&self.user.to_string()),
                "@record" => {
                    out.push('\'');
                    out.push_str(table.record);
                    out.push('\'');
                }
                "today" => {
                    out.push('\'');
                    out.push_str(&clock::today());
                    out.push('\'');
                }
                _ if name.starts_with('/') => {
                    let part = name[1..].parse::<usize>().ok().and_then(|at| self.request.path.split('/').nth(at + 1));
                    let number = part.and_then(|part| part.parse::<i64>().ok());
                    out.push_str(&number.map_or_else(|| "CAST(NULL AS BIGINT)".to_owned(), |n| n.to_string()));
                }
                _ if name.starts_with('?') => {
                    let number = self.request.param(&name[1..]).and_then(|n| n.trim().parse::<i64>().ok());
                    out.push_str(&number.map_or_else(|| "CAST(NULL AS BIGINT)".to_owned(), |n| n.to_string()));
                }
                _ if name.contains(':') => {
                    let joined = self.join_companion(name, alias, table);
                    out.push_str(&joined);
                }
                _ => match name.rsplit_once('.') {
                    None => {
                        self.refuse_secret(table, name);
                        out.push_str(alias);
                        out.push('.');
                        quote(&mut out, name);
                    }
                    Some((path, column)) => {
                        let (joined, of) = self.join(path, alias, table);
                        self.refuse_secret(of, column);
                        out.push_str(&joined);
                        out.push('.');
                        quote(&mut out, column);
                    }
                },
            }
        }
        out.push_str(rest);
        out
    }

    fn refuse_secret(&mut self, table: &'static Table, column: &str) {
        if table.column(column).is_some_and(|c| c.secret) {
            // a mistake in a description: the tests walk all of them
            self.failed = Some(format!("{}.{column} is secret", table.name));
        }
    }

    /// Joins the row that a path of links (`part.category`) leads to; gives its alias and table.
    pub fn join(&mut self, path: &str, alias: &str, table: &'static Table) -> (String, &'static Table) {
        let (mut alias, mut table) = (alias.to_owned(), table);
        for step in path.split('.') {
            if let Some(found) = self.joins.iter().find(|j| j.base == alias && j.path == step) {
                (alias, table) = (found.alias.clone(), found.table);
                continue;
            }
            let link = table.column(step);
            let Some(Kind::Link(target, _)) = link.map(|c| c.kind) else {
                // a mistake in a description: the tests walk all of them
                self.failed = Some(format!("{} has no link {step}", table.name));
                return (alias, table);
            };
            let joined = format!("{}{}", self.joined, self.joins.len() + 1);
            let sql = format!("{} {joined} ON {joined}.id = {alias}.\"{step}\"", target.name);
            let sure = alias == ROOT || self.joins.iter().any(|j| j.alias == alias && j.certain);
            let certain = sure && link.is_some_and(|c| !c.null);
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
    fn join_companion(&mut self, name: &str, alias: &str, table: &'static Table) -> String {
        let (called, column) = name.split_once(':').unwrap_or((name, ""));
        let Some(companion) = table.companion.filter(|companion| companion.name == called) else {
            // a mistake in a description: the tests walk all of them
            self.failed = Some(format!("{} has no companion {called}", table.name));
            return String::new();
        };
        let known = self.joins.iter().find(|j| j.base == alias && j.path == called).map(|j| j.alias.clone());
        let joined = known.unwrap_or_else(|| {
            let joined = format!("{}{}", self.joined, self.joins.len() + 1);
            let sql = |name: &str| format!("{name} {joined} ON {joined}.id = {alias}.id");
            let noted = companion.noted.filter(|_| self.backend == Backend::Postgres);
            let noted = noted.map(|noted| (noted, sql(noted.rows.name)));
            let (sql, table) = (sql(companion.table.name), companion.table);
            let certain = alias == ROOT || self.joins.iter().any(|j| j.alias == alias && j.certain);
            let (base, path) = (alias.to_owned(), called.to_owned());
            self.joins.push(Join { base, path, alias: joined.clone(), sql, table, certain, noted });
            joined
        });
        let mut out = joined;
        out.push('.');
        quote(&mut out, column);
        out
    }

    /// Joins the rows of a link table that name the statement's row in `column`; they get the alias.
    pub fn join_links(&mut self, link: &str, alias: &str, column: &str) {
        let sql = format!("{link} {alias} ON {alias}.\"{column}\" = {ROOT}.id");
        let (base, path) = (String::new(), link.to_owned());
        let (alias, table) = (alias.to_owned(), self.table);
        self.joins.push(Join { base, path, alias, sql, table, certain: true, noted: None });
    }

    /// Joins the row of a table, one at most for each row, for which a template over the statement's row holds; it
    /// gets the alias. Where `certain`, rows without it are left out.
    pub fn join_one(&mut self, table: &'static Table, alias: &str, on: &str, certain: bool) {
        let sql = format!("{} {alias} ON {}", table.name, self.resolve(on));
        let base = if certain { String::new() } else { ROOT.to_owned() };
        let alias = alias.to_owned();
        self.joins.push(Join { base, path: alias.clone(), alias, sql, table, certain, noted: None });
    }

    /// A condition over the row that a link leads to (SQL that `condition` makes), as a set of keys that the
    /// database finds once, not as a join for every row.
    pub fn among_linked(&mut self, link: &str, condition: impl FnOnce(&mut Query<'_>) -> String) -> String {
        let Some(Kind::Link(target, _)) = self.table.column(link).map(|c| c.kind) else {
            // a mistake in a description: the tests walk all of them
            self.failed = Some(format!("{} has no link {link}", self.table.name));
            return String::new();
        };
        let new = Query::new(self.backend, self.request, self.caller, target);
        let mut inner = Query { joined: "k", asking: self.asking, ..new };
        let sql = condition(&mut inner);
        let (name, joins) = (target.name, inner.outer_joins_sql());
        self.failed = self.failed.take().or(inner.failed);
        self.hidden |= inner.hidden;
        format!("{ROOT}.\"{link}\" IN (SELECT {ROOT}.id FROM {name} {ROOT}{joins} WHERE {sql})")
    }

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
        let conditions = self.where_sql();
        let joins = self.counting_joins_sql(&conditions, Which::All);
        let sql =
            format!("SELECT {ROOT}.id FROM {} {ROOT}{joins}{conditions} LIMIT {}", self.table.name, MAX_KEPT_KEYS + 1);
        let mut keys = Vec::new();
        conn.query_planned(&sql, &self.params, |row| {
            keys.push(row.int(0));
            Ok(())
        })?;
        if keys.len() > MAX_KEPT_KEYS {
            return Ok(None);
        }
        self.conditions.clear();
        self.params.clear();
        self.and_keys("{id}", &keys);
        Ok(Some(keys.len() as u64))
    }

    /// The joins of a statement that looks for rows: where a row is certain, the database may begin
    /// with it, so that it finds the first rows of an order without sorting all.
    fn joins_sql(&self, which: Which<'_>) -> String {
        self.joins.iter().map(|join| join.sql(which)).collect()
    }

    /// The joins of a statement whose rows are known: it begins with these.
    fn outer_joins_sql(&self) -> String {
        self.joins.iter().map(|j| format!(" LEFT JOIN {}", j.sql)).collect()
    }

    /// The joins without which the number of rows would be another.
    fn counting_joins_sql(&self, conditions: &str, which: Which<'_>) -> String {
        let mut wanted: Vec<&Join> = Vec::new();
        for join in self.joins.iter().rev() {
            let used = conditions.contains(&format!("{}.", join.alias)) || wanted.iter().any(|w| w.base == join.alias);
            if used || join.base.is_empty() {
                wanted.push(join);
            }
        }
        wanted.iter().rev().map(|join| join.sql(which)).collect()
    }

    fn where_sql(&self) -> String {
        self.where_sql_of(Which::All)
    }

    fn where_sql_of(&self, which: Which<'_>) -> String {
        let mut all: Vec<String> = self.conditions.iter().chain(&self.fixed).map(|c| format!("({c})")).collect();
        match which {
            Which::All | Which::Settled("") => {}
            Which::Settled(keys) => all.push(format!("{ROOT}.id NOT IN ({keys})")),
            Which::Noted(keys) => all.push(format!("{ROOT}.id IN ({keys})")),
        }
        if all.is_empty() { String::new() } else { format!(" WHERE {}", all.join(" AND ")) }
    }

    /// Which rows have notes, where conditions, or the order if it matters, read a view of rows and notes. An index can
    /// then find the others: the statement is run for both, each in its own way. `None` where none of that helps.
    fn noted(&mut self, conn: &mut Connection, ordered: bool) -> Result<Option<String>> {
        let conditions = self.where_sql();
        let used = |join: &&Join| {
            let start = format!("{}.", join.alias);
            let orders = || ordered && self.order.iter().any(|sorting| sorting.sql.contains(&start));
            join.noted.is_some() && join.base == ROOT && (conditions.contains(&start) || orders())
        };
        let Some((noted, _)) = self.joins.iter().find(used).and_then(|join| join.noted.as_ref()) else {
            return Ok(None);
        };
        let sql = format!("SELECT DISTINCT {} FROM {} LIMIT {}", noted.key, noted.notes.name, MAX_NOTED + 1);
        let keys: Vec<i64> = conn.rows(&sql, &[])?.iter().map(|row| row.int(0)).collect();
        Ok(match keys.len() {
            0 => Some(String::new()),
            1..=MAX_NOTED => {
                let param = self.bind(Value::keys(&keys));
                Some(self.backend.keys(&param))
            }
            _ => None,
        })
    }

    /// Notes that a parameter names a row that has to be there; see [`Query::check_links`].
    pub fn must_exist(&mut self, table: &'static Table, key: i64, param: &str) {
        self.must_exist.push((table, "", key, param.to_owned()));
    }

    /// Notes that a parameter names a row that has to be there and for which a condition over its columns holds.
    pub fn must_be(&mut self, table: &'static Table, only: &'static str, key: i64, param: &str) {
        self.must_exist.push((table, only, key, param.to_owned()));
    }

    /// Notes that a parameter names a row that has to be there and, where it is named like a link of the
    /// table, may be chosen for that link.
    pub fn must_be_eligible(&mut self, table: &'static Table, key: i64, param: &str) {
        let only = self.table.column(param).map_or("", |c| c.only);
        self.must_exist.push((table, only, key, param.to_owned()));
    }

    /// Refuses the request where a parameter names a row that is not there, and reads the trees that parameters name.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the parameters.
    pub fn check_links(&mut self, conn: &mut Connection) -> Result<()> {
        self.read_trees(conn)?;
        let mut fields = Fields::new();
        for (table, only, key, param) in std::mem::take(&mut self.must_exist) {
            if !input::may_choose(conn, table, only, key)? {
                fields.add(&param, "This record does not exist.");
            }
        }
        fields.check()
    }

    /// How many rows there are.
    pub fn count(&mut self, conn: &mut Connection) -> Result<u64> {
        self.check()?;
        let own = self.params.len();
        let noted = self.noted(conn, false)?;
        let whole: Vec<Which<'_>> = match noted.as_deref() {
            None => vec![Which::All],
            Some("") => vec![Which::Settled("")],
            Some(keys) => vec![Which::Settled(keys), Which::Noted(keys)],
        };
        let mut params = self.params.clone();
        let counts: Vec<String> = whole.iter().map(|which| self.counting(*which, &mut params)).collect();
        let sql = match counts.as_slice() {
            [one] => one.clone(),
            several => format!("SELECT ({})", several.join(") + (")),
        };
        // other statements do not use the keys of this one, and PostgreSQL refuses a value without a use
        self.params.truncate(own);
        remembered::count(conn, &sql, &params)
    }

    /// The statement that counts the rows; further values are added to `params`.
    fn counting(&self, which: Which<'_>, params: &mut Vec<Value>) -> String {
        let mut conditions = self.where_sql_of(which);
        for (condition, param, keys) in &self.counted {
            let found = format!("({condition})");
            if conditions.contains(&found) {
                // databases refuse a value that is not used
                let other = format!("({} AND CAST({param} AS TEXT) IS NOT NULL)", among(keys, params.len()));
                params.extend(keys.values.iter().cloned());
                conditions = conditions.replacen(&found, &other, 1);
            }
        }
        let joins = self.counting_joins_sql(&conditions, which);
        format!("SELECT COUNT(*) FROM {} {ROOT}{joins}{conditions}", self.table.name)
    }

    /// Keys of all rows, in the order asked for.
    pub fn keys(&self, conn: &mut Connection) -> Result<Vec<i64>> {
        self.check()?;
        read_keys(conn, &self.finding(false, None, Which::All), &self.params)
    }

    /// The statement that finds the rows, in the order asked for: their keys, and what they are sorted by as `o0`, `o1`,
    /// …, where that is wanted.
    fn finding(&self, sorted_by: bool, page: Option<(String, String)>, which: Which<'_>) -> String {
        let mut sql = format!("SELECT {ROOT}.id AS id");
        for (i, sorting) in self.order.iter().enumerate().filter(|_| sorted_by) {
            sql.push_str(&format!(", {} AS o{i}", sorting.sql));
        }
        let (joins, conditions) = (self.joins_sql(which), self.where_sql_of(which));
        let order = order_sql(&self.order, self.last_sorted());
        sql.push_str(&format!(" FROM {} {ROOT}{joins}{conditions}{order}", self.table.name));
        if let Some((limit, offset)) = page {
            sql.push_str(&format!(" LIMIT {limit} OFFSET {offset}"));
        }
        sql
    }

    /// Placeholders of the limit and the offset of a page. As parameters: all pages share a statement, and SQLite, which
    /// holds sorting for cheap where it knows the limit, walks along an index where there is one, and stops.
    fn bind_page(&mut self, page: (u64, u64)) -> (String, String) {
        let mut bind = |n: u64| self.bind(i64::try_from(n).unwrap_or(i64::MAX));
        (bind(page.0), bind(page.1))
    }

    /// Keys of the rows of a page, in their order.
    fn page_keys(&mut self, conn: &mut Connection, page: Option<(u64, u64)>) -> Result<Vec<i64>> {
        self.check()?;
        let sql = match self.noted(conn, true)?.as_deref() {
            noted @ (None | Some("")) => {
                let page = page.map(|page| self.bind_page(page));
                self.finding(false, page, noted.map_or(Which::All, Which::Settled))
            }
            Some(keys) => {
                // each part gives as many as the page may need of it
                let until = page.map(|(limit, offset)| self.bind_page((limit.saturating_add(offset), 0)));
                let page = page.map(|page| self.bind_page(page));
                let (settled, noted) = (
                    self.finding(true, until.clone(), Which::Settled(keys)),
                    self.finding(true, until, Which::Noted(keys)),
                );
                let page = page.map_or(String::new(), |(limit, offset)| format!(" LIMIT {limit} OFFSET {offset}"));
                let order = order_sql(&self.sorted_as("x"), "x");
                format!("SELECT x.id FROM (({settled}) UNION ALL ({noted})) x{order}{page}")
            }
        };
        remembered::numbers(conn, &sql, &self.params)
    }

    /// The order over the columns `o0`, `o1`, … of a subquery.
    fn sorted_as(&self, alias: &str) -> Vec<Sorting> {
        let each = self.order.iter().enumerate();
        each.map(|(i, s)| Sorting { sql: format!("{alias}.o{i}"), down: s.down, null: s.null }).collect()
    }

    /// The alias whose key ends the order: that of a companion where it alone is sorted by, so that its index serves.
    fn last_sorted(&self) -> &str {
        let [only] = self.order.as_slice() else { return ROOT };
        let of = only.sql.split('.').next().unwrap_or_default();
        let is_companion = |join: &&Join| {
            join.alias == of
                && join.base == ROOT
                && join.certain
                && self.table.companion.is_some_and(|c| c.name == join.path)
        };
        self.joins.iter().find(is_companion).map_or(ROOT, |join| &join.alias)
    }

    /// The statement that reads columns (with whatever they compute) for a page of rows: `self` has
    /// the joins that the columns need, `rows` decides which rows and in which order. The keys of
    /// the page are found first, so a sort never evaluates a computed column it does not need.
    ///
    /// PostgreSQL finds them by a statement of its own, which it plans for its values; the one that reads the columns is
    /// planned once for all pages, which would take longer than to run it. Pages far behind are found so on both, because
    /// what takes long to find is remembered.
    ///
    /// # Errors
    /// Those of the database.
    pub fn around(
        mut self,
        conn: &mut Connection,
        mut rows: Query<'_>,
        columns: &[TemplateColumn],
        page: Option<(u64, u64)>,
    ) -> Result<(String, Vec<Value>)> {
        rows.check()?;
        let resolved: Vec<String> = columns.iter().map(|c| self.resolve_at(&c.template, &c.alias, c.table)).collect();
        let (columns, table) = (resolved.join(", "), self.table.name);
        self.check()?;
        let is_deep = page.is_some_and(|(_, offset)| offset >= DEEP);
        if self.backend == Backend::Postgres || is_deep {
            let keys = rows.page_keys(conn, page)?;
            let joins = self.outer_joins_sql();
            let from = match self.backend {
                Backend::Postgres => format!(
                    "unnest(string_to_array(CAST($1 AS TEXT), ',')) WITH ORDINALITY page(k, at) \
                     JOIN {table} {ROOT} ON {ROOT}.id = CAST(page.k AS BIGINT){joins} ORDER BY page.at"
                ),
                Backend::Sqlite => format!(
                    "json_each('[' || $1 || ']') page CROSS JOIN {table} {ROOT}{joins} WHERE {ROOT}.id = page.value \
                     ORDER BY page.key"
                ),
            };
            return Ok((format!("SELECT {columns} FROM {from}"), vec![Value::keys(&keys)]));
        }
        let page = page.map(|page| rows.bind_page(page));
        let found = rows.finding(true, page, Which::All);
        let sql = format!(
            // SQLite takes the tables of a CROSS JOIN in this order
            "SELECT {columns} FROM ({found}) page CROSS JOIN {table} {ROOT}{} WHERE {ROOT}.id = page.id{}",
            self.outer_joins_sql(),
            order_sql(&rows.sorted_as("page"), ROOT)
        );
        Ok((sql, rows.params))
    }

    /// The statement that reads columns of all rows that the conditions leave.
    pub fn plain(mut self, columns: &[TemplateColumn]) -> Result<(String, Vec<Value>)> {
        let resolved: Vec<String> = columns.iter().map(|c| self.resolve_at(&c.template, &c.alias, c.table)).collect();
        self.check()?;
        let sql = format!(
            "SELECT {} FROM {} {ROOT}{}{}{}",
            resolved.join(", "),
            self.table.name,
            self.joins_sql(Which::All),
            self.where_sql(),
            order_sql(&self.order, ROOT)
        );
        Ok((sql, self.params))
    }

    fn check(&self) -> Result<()> {
        match &self.failed {
            Some(why) => Err(Error::Internal(why.clone())),
            None if !self.trees.is_empty() => Err(Error::Internal("the trees of a statement were not read".into())),
            None => Ok(()),
        }
    }
}

fn read_keys(conn: &mut Connection, sql: &str, params: &[Value]) -> Result<Vec<i64>> {
    let mut keys = Vec::new();
    conn.query_planned(sql, params, |row| {
        keys.push(row.int(0));
        Ok(())
    })?;
    Ok(keys)
}

/// The condition that a row is among those whose keys a statement gives, with its placeholders after so many others.
fn among(keys: &Keys, after: usize) -> String {
    let sql = keys.sql(true);
    let mut out = format!("{ROOT}.id IN (");
    let mut rest = sql.as_str();
    while let Some(at) = rest.find('$') {
        let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
        out.push_str(&rest[..=at]);
        match rest[at + 1..at + 1 + digits].parse::<usize>() {
            Ok(number) => out.push_str(&(number + after).to_string()),
            Err(_) => out.push_str(&rest[at + 1..at + 1 + digits]),
        }
        rest = &rest[at + 1 + digits..];
    }
    out.push_str(rest);
    out.push(')');
    out
}

/// A column of a statement: a template over the row with that alias.
#[derive(Debug, Clone)]
pub struct TemplateColumn {
    pub template: String,
    pub table: &'static Table,
    pub alias: String,
}

// A row without a value comes first, as in SQLite; the key makes the order total.
fn order_sql(terms: &[Sorting], alias: &str) -> String {
    let down = terms.last().is_some_and(|term| term.down);
    let mut all: Vec<String> = terms
        .iter()
        .map(|term| {
            // an index serves an order that says nothing of nulls
            let direction = match (term.down, term.null) {
                (true, true) => "DESC NULLS LAST",
                (true, false) => "DESC",
                (false, true) => "ASC NULLS FIRST",
                (false, false) => "ASC",
            };
            format!("{} {direction}", term.sql)
        })
        .collect();
    all.push(format!("{alias}.id {}", if down { "DESC" } else { "ASC" }));
    format!(" ORDER BY {}", all.join(", "))
}

/// Writes a quoted identifier.
pub fn quote(out: &mut String, name: &str) {
    out.push('"');
    out.push_str(name);
    out.push('"');
}
