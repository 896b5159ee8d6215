//! Rows straight from the database to JSON bytes.
//!
//! A [`Plan`] is made from a view for one request: which columns the statement reads, and how each
//! becomes JSON. Values of other tables' rows are fetched for the whole page by one statement per
//! field and put into the holes that the first pass left.

use std::collections::HashMap;

use ironwood_base::{Result, decimal};
use ironwood_store::{AsSql, Fragment, Row, Value, ValueRef, fragment};

use crate::context::{Caller, Context, Facts};
use crate::http::{Method, Request};
use crate::query::{Query, ROOT, TemplateColumn};
use crate::sight;
use crate::table::{ColumnType, Table};
use crate::view::{Field, Fill, Make, Many, Show, Source, Type, View};

/// How one column becomes JSON.
#[derive(Debug, Clone, Copy)]
enum JsonType {
    Int,
    Bool,
    Text,
    Number(u8),
    DecimalText(u8),
    Real,
    Time,
    Json,
    Media,
}

enum Emit {
    Value {
        column: usize,
        json_type: JsonType,
    },
    Object {
        present: usize,
        fields: Vec<(Vec<u8>, Emit)>,
    },
    Made {
        columns: std::ops::Range<usize>,
        make: Make,
    },
    /// Filled in later: which follow-up, and the column that holds the owner's key.
    Hole {
        slot: usize,
        column: usize,
    },
    Null,
}

enum FollowUp {
    /// The owners' table is the third.
    Many(&'static Many, Inside, &'static Table),
    Ancestors(&'static View),
    Filled(Fill),
}

/// What of a view is shown inside of another row.
#[derive(Clone, Copy)]
struct Inside {
    without: &'static [&'static str],
    showing: &'static [&'static str],
}

impl Inside {
    const PLAIN: Inside = Inside { without: &[], showing: &[] };

    fn of(field: &Field) -> Self {
        Inside { without: field.without, showing: field.showing }
    }
}

impl FollowUp {
    fn is_single(&self) -> bool {
        matches!(self, FollowUp::Many(many, ..) if many.single) || matches!(self, FollowUp::Filled(_))
    }
}

/// What a view shows in one request.
struct Plan {
    columns: Vec<TemplateColumn>,
    emits: Vec<(Vec<u8>, Emit)>,
    follow: Vec<FollowUp>,
    made: bool,
    /// The view is shown inside of another one.
    inside: bool,
    /// The row was made by this very request: its totals are not given.
    fresh: bool,
    /// The rows are read as a list.
    listed: bool,
}

fn json_type(kind: Type, as_text: bool) -> JsonType {
    match kind {
        Type::Of(ColumnType::Int { .. } | ColumnType::Link(..)) => JsonType::Int,
        Type::Of(ColumnType::Bool) => JsonType::Bool,
        Type::Of(ColumnType::Decimal { places, .. }) if as_text => JsonType::DecimalText(places),
        Type::Of(ColumnType::Decimal { places, .. }) => JsonType::Number(places),
        Type::Of(ColumnType::Real) => JsonType::Real,
        Type::Of(ColumnType::Time) => JsonType::Time,
        Type::Of(ColumnType::File | ColumnType::Image) => JsonType::Media,
        Type::Of(ColumnType::Json)
        | Type::Any
        | Type::Object(_)
        | Type::List(_)
        | Type::Map(_)
        | Type::Ints
        | Type::Texts => JsonType::Json,
        Type::Of(_) => JsonType::Text,
    }
}

fn key_bytes(name: &str) -> Vec<u8> {
    format!("\"{name}\":").into_bytes()
}

/// Whether a query parameter says yes.
pub fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "y" | "t" | "on" | "ok" => Some(true),
        "false" | "0" | "no" | "n" | "f" | "off" | "none" => Some(false),
        _ => None,
    }
}

/// The answer to a change shows everything; reading shows what is asked for. Inside of other rows
/// a view shows what it shows by default.
pub(crate) fn is_shown(field: &Field, request: &Request, inside: bool) -> bool {
    match field.show {
        Show::Always | Show::Detail => true,
        Show::Never => false,
        Show::Param(_, default) if inside => default,
        Show::Param(..) if !request.method.safe() => true,
        Show::Param(name, default) => request.param(name).and_then(truth).unwrap_or(default),
    }
}

/// Whether the caller may see what another table's rows show.
fn may_see(caller: &dyn Caller, view: &View) -> bool {
    caller.sees(view.table.name)
}

/// Stands for a value that is withheld.
const NOTHING: &str = "CAST(NULL AS BIGINT)";

/// The row that a field's SQL is about: its alias and table.
fn about(field: &Field, alias: &Fragment, table: &'static Table, query: &mut Query<'_>) -> (Fragment, &'static Table) {
    if field.about.is_empty() { (alias.clone(), table) } else { query.join(field.about, alias, table) }
}

impl Plan {
    fn new(view: &'static View, caller: &dyn Caller, query: &mut Query<'_>, fresh: bool, listed: bool) -> Self {
        let (columns, emits, follow) = (Vec::new(), Vec::new(), Vec::new());
        let mut plan = Plan { columns, emits, follow, made: false, inside: false, fresh, listed };
        plan.emits = plan.view(view, &ROOT.into(), caller, query, Inside::PLAIN);
        plan
    }

    /// For rows that are shown inside of other rows.
    fn within(view: &'static View, caller: &dyn Caller, query: &mut Query<'_>, inside: Inside) -> Self {
        let (columns, emits, follow) = (Vec::new(), Vec::new(), Vec::new());
        let mut plan = Plan { columns, emits, follow, made: false, inside: true, fresh: false, listed: false };
        plan.emits = plan.view(view, &ROOT.into(), caller, query, inside);
        plan
    }

    fn column(&mut self, template: impl AsSql, table: &'static Table, alias: &Fragment) -> usize {
        self.columns.push(TemplateColumn { template: template.to_fragment(), table, alias: alias.clone() });
        self.columns.len() - 1
    }

    fn view(
        &mut self,
        view: &'static View,
        alias: &Fragment,
        caller: &dyn Caller,
        query: &mut Query<'_>,
        here: Inside,
    ) -> Vec<(Vec<u8>, Emit)> {
        let table = view.table;
        let mut emits = Vec::with_capacity(view.fields.len());
        let request = query.request;
        let inside = *alias != ROOT || self.inside;
        for field in view.fields {
            let shown = is_shown(field, request, inside) || (field.shown() && here.showing.contains(&field.name));
            let kept_back = self.listed && !inside && matches!(field.show, Show::Detail);
            if !shown || kept_back || here.without.contains(&field.name) {
                continue;
            }
            let emit = match field.source {
                Source::Input => continue,
                _ if field.counted && (self.fresh || inside) => Emit::Null,
                Source::Column(name) => {
                    // spelled out, because a column may have the name of a special template (`user`)
                    let mut template = fragment!("{{t}}.\"{name}\"");
                    if table.column(name).is_some_and(|c| c.private) && !caller.sees_private(table.name) {
                        template = fragment!("CASE WHEN {{id}} = {{user}} THEN {template} ELSE '' END");
                    }
                    if !field.fallback.is_empty() {
                        template = fragment!("COALESCE({template}, {})", field.fallback);
                    }
                    let column = self.column(&template, table, alias);
                    Emit::Value { column, json_type: json_type(field.wire(table), field.as_text) }
                }
                Source::Sql(template) => {
                    let (at, of) = about(field, alias, table, query);
                    let withheld = sight::is_withheld(template, field.wire(table), of, caller);
                    let column = self.column(if withheld { NOTHING } else { template }, of, &at);
                    Emit::Value { column, json_type: json_type(field.wire(table), field.as_text) }
                }
                Source::Made(from, make) => {
                    let start = self.columns.len();
                    let (at, of) = about(field, alias, table, query);
                    for template in from {
                        let withheld = sight::is_withheld(template, field.wire(table), of, caller);
                        self.column(if withheld { NOTHING } else { template }, of, &at);
                    }
                    self.made = true;
                    Emit::Made { columns: start..self.columns.len(), make }
                }
                // what a user may not see is not shown inside of something else either
                Source::Nested(_, inner) | Source::Ancestors(_, inner) if !may_see(caller, inner) => {
                    // the answer to a change names every field
                    if request.method.safe() {
                        continue;
                    }
                    Emit::Null
                }
                Source::Many(many) if !may_see(caller, many.view) => continue,
                Source::Nested(path, inner) => {
                    let (joined, _) = query.join(path, alias, table);
                    let present = self.column("{id}", inner.table, &joined);
                    Emit::Object { present, fields: self.view(inner, &joined, caller, query, Inside::of(field)) }
                }
                Source::Many(many) => {
                    let column = self.column(many.owner, table, alias);
                    self.follow.push(FollowUp::Many(many, Inside::of(field), table));
                    Emit::Hole { slot: self.follow.len() - 1, column }
                }
                Source::Ancestors(template, inner) => {
                    let column = self.column(template, table, alias);
                    self.follow.push(FollowUp::Ancestors(inner));
                    Emit::Hole { slot: self.follow.len() - 1, column }
                }
                Source::Filled(template, fill) => {
                    let column = self.column(template, table, alias);
                    self.follow.push(FollowUp::Filled(fill));
                    Emit::Hole { slot: self.follow.len() - 1, column }
                }
            };
            emits.push((key_bytes(field.name), emit));
        }
        emits
    }
}

/// A place in the output where something fetched later belongs.
struct Hole {
    at: usize,
    slot: usize,
    key: String,
}

struct Writer<'a> {
    out: Vec<u8>,
    holes: Vec<Hole>,
    facts: Option<Facts<'a>>,
}

impl Writer<'_> {
    fn object(&mut self, fields: &[(Vec<u8>, Emit)], row: &Row<'_>) {
        self.out.push(b'{');
        for (i, (key, emit)) in fields.iter().enumerate() {
            if i > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(key);
            self.emit(emit, row);
        }
        self.out.push(b'}');
    }

    fn emit(&mut self, emit: &Emit, row: &Row<'_>) {
        match emit {
            Emit::Null => self.out.extend_from_slice(b"null"),
            Emit::Value { column, json_type } => write_value(&mut self.out, row.get(*column), *json_type),
            Emit::Object { present, fields } => match row.get(*present) {
                ValueRef::Null => self.out.extend_from_slice(b"null"),
                _ => self.object(fields, row),
            },
            Emit::Made { columns, make } => {
                let values: Vec<ValueRef<'_>> = columns.clone().map(|i| row.get(i)).collect();
                if let Some(facts) = &self.facts {
                    make(&mut self.out, &values, facts);
                }
            }
            Emit::Hole { slot, column } => {
                let key = match row.get(*column) {
                    ValueRef::Int(i) => i.to_string(),
                    ValueRef::Text(t) => t.to_owned(),
                    _ => String::new(),
                };
                self.holes.push(Hole { at: self.out.len(), slot: *slot, key });
            }
        }
    }
}

/// Writes a JSON string.
pub fn write_text(out: &mut Vec<u8>, text: &str) {
    // writing to memory cannot fail
    let _ = serde_json::to_writer(out, text);
}

/// Writes a point in time as the API shows it: `2026-11-24 09:05`.
pub fn write_time(out: &mut Vec<u8>, stored: &str) {
    let shown = stored.get(..16).unwrap_or(stored).replacen('T', " ", 1);
    write_text(out, &shown);
}

/// Writes the address of a media file.
pub fn write_media(out: &mut Vec<u8>, path: &str) {
    if path.is_empty() {
        out.extend_from_slice(b"null");
    } else {
        write_text(out, &format!("/media/{}", encode_path(path)));
    }
}

fn encode_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for b in path.bytes() {
        if b.is_ascii_alphanumeric() || b"/-._~()+,=@!$&'*;:".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

fn write_value(out: &mut Vec<u8>, value: ValueRef<'_>, json_type: JsonType) {
    use std::io::Write as _;
    match (value, json_type) {
        (ValueRef::Null, _) => out.extend_from_slice(b"null"),
        (ValueRef::Int(i), JsonType::Bool) => out.extend_from_slice(if i != 0 { b"true" } else { b"false" }),
        (ValueRef::Int(i), JsonType::Number(places)) => decimal::write_short(out, i, places),
        (ValueRef::Int(i), JsonType::DecimalText(places)) => {
            out.push(b'"');
            decimal::write(out, i, places);
            out.push(b'"');
        }
        (ValueRef::Int(i), JsonType::Text) => {
            out.push(b'"');
            decimal::write_int(out, i);
            out.push(b'"');
        }
        (ValueRef::Int(i), _) => decimal::write_int(out, i),
        (ValueRef::Bool(b), _) => out.extend_from_slice(if b { b"true" } else { b"false" }),
        (ValueRef::Real(r), _) => {
            if r.is_finite() {
                let _ = write!(out, "{r:?}");
            } else {
                out.extend_from_slice(b"null");
            }
        }
        (ValueRef::Text(t), JsonType::Time) => write_time(out, t),
        (ValueRef::Text(t), JsonType::Media) => write_media(out, t),
        (ValueRef::Text(t), JsonType::Json) => out.extend_from_slice(if t.is_empty() { b"null" } else { t.as_bytes() }),
        (ValueRef::Text(t), _) => write_text(out, t),
        (ValueRef::Bytes(_), _) => out.extend_from_slice(b"null"),
    }
}

/// Which rows, and which page of them.
pub struct Rows<'a> {
    pub query: Query<'a>,
    /// How many at most, after how many.
    pub page: Option<(u64, u64)>,
}

/// Rows as JSON: `[{…},…]`; with the number of rows in it.
///
/// # Errors
/// 403 where a condition reads what the caller may not view; those of the database.
pub fn write_rows(ctx: &mut Context<'_>, view: &'static View, rows: Rows<'_>) -> Result<(Vec<u8>, u64)> {
    append_rows(ctx, view, rows, Vec::new())
}

/// [`write_rows`] behind what `out` holds already, so that an answer around rows is not copied.
pub(crate) fn append_rows(
    ctx: &mut Context<'_>,
    view: &'static View,
    rows: Rows<'_>,
    mut out: Vec<u8>,
) -> Result<(Vec<u8>, u64)> {
    let mut outer = Query::new(rows.query.backend, rows.query.request, rows.query.caller, view.table);
    let plan = Plan::new(view, ctx.caller, &mut outer, false, ctx.request.method.safe());
    let (sql, params) = outer.around(ctx.conn, rows.query, &plan.columns, rows.page)?;
    let mut count = 0;
    out.push(b'[');
    let mut out = stream(ctx, &plan, &sql, &params, out, |writer, row| {
        if count > 0 {
            writer.out.push(b',');
        }
        writer.object(&plan.emits, row);
        count += 1;
    })?;
    out.push(b']');
    Ok((out, count))
}

/// One row as JSON; `None` where there is no such row.
///
/// # Errors
/// 403 where a condition reads what the caller may not view; those of the database.
pub fn write_row(
    ctx: &mut Context<'_>,
    view: &'static View,
    mut query: Query<'_>,
    key: impl Into<i64>,
) -> Result<Option<Vec<u8>>> {
    let fresh = ctx.request.method == Method::Post;
    let plan = Plan::new(view, ctx.caller, &mut query, fresh, false);
    query.and_value("{id} = {value}", key.into());
    let (sql, params) = query.plain(&plan.columns)?;
    let out = stream(ctx, &plan, &sql, &params, Vec::new(), |writer, row| writer.object(&plan.emits, row))?;
    Ok((!out.is_empty()).then_some(out))
}

fn stream(
    ctx: &mut Context<'_>,
    plan: &Plan,
    sql: &Fragment,
    params: &[Value],
    mut out: Vec<u8>,
    mut each: impl FnMut(&mut Writer<'_>, &Row<'_>),
) -> Result<Vec<u8>> {
    let snapshot = if plan.made { Some(ctx.snapshot()?) } else { None };
    let (request, caller) = (ctx.request, ctx.caller);
    let facts = snapshot.as_deref().map(|snapshot| Facts { snapshot, request, caller });
    out.reserve(16 * 1024);
    let mut writer = Writer { out, holes: Vec::new(), facts };
    ctx.conn.query(sql, params, |row| {
        each(&mut writer, row);
        Ok(())
    })?;
    let Writer { out, holes, .. } = writer;
    fill(ctx, plan, out, &holes)
}

/// Fetches what the holes want, one statement for each field, and puts it in.
fn fill(ctx: &mut Context<'_>, plan: &Plan, out: Vec<u8>, holes: &[Hole]) -> Result<Vec<u8>> {
    if holes.is_empty() {
        return Ok(out);
    }
    let mut found: Vec<HashMap<String, Vec<u8>>> = Vec::with_capacity(plan.follow.len());
    for (slot, follow) in plan.follow.iter().enumerate() {
        let mut keys: Vec<&str> =
            holes.iter().filter(|h| h.slot == slot && !h.key.is_empty()).map(|h| h.key.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        found.push(match follow {
            _ if keys.is_empty() => HashMap::new(),
            FollowUp::Many(many, inside, owners) => fetch_many(ctx, many, *inside, owners, &keys)?,
            FollowUp::Ancestors(view) => fetch_ancestors(ctx, view, &keys)?,
            FollowUp::Filled(fill) => fill(ctx, &keys)?,
        });
    }
    let mut filled = Vec::with_capacity(out.len() * 2);
    let mut from = 0;
    for hole in holes {
        filled.extend_from_slice(&out[from..hole.at]);
        from = hole.at;
        match found[hole.slot].get(&hole.key) {
            Some(json) => filled.extend_from_slice(json),
            None if hole.key.is_empty() || plan.follow[hole.slot].is_single() => filled.extend_from_slice(b"null"),
            None => filled.extend_from_slice(b"[]"),
        }
    }
    filled.extend_from_slice(&out[from..]);
    Ok(filled)
}

/// Rows may have holes of their own, so where one ends is known only after these are filled: a byte that
/// JSON cannot contain stands between them.
const BETWEEN: u8 = 0x1E;

fn fetch_many(
    ctx: &mut Context<'_>,
    many: &'static Many,
    inside: Inside,
    owners: &'static Table,
    keys: &[&str],
) -> Result<HashMap<String, Vec<u8>>> {
    let mut query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, many.view.table);
    let mut plan = Plan::within(many.view, ctx.caller, &mut query, inside);
    let owner = match many.through {
        None => many.key.into(),
        Some([link, owner, own]) => {
            query.join_links(link, "links", own);
            fragment!("links.\"{owner}\"")
        }
    };
    let key = plan.column(&owner, many.view.table, &ROOT.into());
    let owned_by: Vec<i64> = keys.iter().filter_map(|key| key.parse().ok()).collect();
    query.and_keys(&owner, &owned_by);
    query.and(many.condition);
    if !many.owner_kind.is_empty() {
        query.and_value(fragment!("{{{}}} = {{value}}", many.owner_kind), owners.record);
    }
    let (order, down) = many.order.strip_prefix('-').map_or((many.order, false), |rest| (rest, true));
    query.order_by(order, down);
    let (sql, params) = query.plain(&plan.columns)?;
    let mut owners: Vec<i64> = Vec::new();
    let out = stream(ctx, &plan, &sql, &params, Vec::new(), |writer, row| {
        writer.out.push(BETWEEN);
        owners.push(row.int(key));
        match plan.emits.as_slice() {
            [(_, only)] if many.scalar => writer.emit(only, row),
            _ => writer.object(&plan.emits, row),
        }
    })?;
    let mut found: HashMap<String, Vec<u8>> = HashMap::new();
    for (owner, piece) in owners.iter().zip(out.split(|b| *b == BETWEEN).skip(1)) {
        let list = found.entry(owner.to_string()).or_default();
        if many.single {
            *list = piece.to_vec();
            continue;
        }
        list.push(if list.is_empty() { b'[' } else { b',' });
        list.extend_from_slice(piece);
    }
    if !many.single {
        found.values_mut().for_each(|list| list.push(b']'));
    }
    Ok(found)
}

/// Rows by their keys, each as an object as it is shown inside of other rows; nothing where the caller may
/// not see rows of that table.
///
/// # Errors
/// Those of the database.
pub fn rows_by_key(ctx: &mut Context<'_>, view: &'static View, keys: &[i64]) -> Result<HashMap<i64, Vec<u8>>> {
    by_key(ctx, view, keys, Totals::LeftOut)
}

/// Rows by their keys, like [`rows_by_key`], with their totals.
///
/// # Errors
/// Those of the database.
pub fn rows_with_totals(ctx: &mut Context<'_>, view: &'static View, keys: &[i64]) -> Result<HashMap<i64, Vec<u8>>> {
    by_key(ctx, view, keys, Totals::Shown)
}

/// Whether rows show their totals ([`Field::counted`]).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Totals {
    LeftOut,
    Shown,
}

fn by_key(ctx: &mut Context<'_>, view: &'static View, keys: &[i64], totals: Totals) -> Result<HashMap<i64, Vec<u8>>> {
    if keys.is_empty() || !may_see(ctx.caller, view) {
        return Ok(HashMap::new());
    }
    let mut query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, view.table);
    let mut plan = match totals {
        Totals::LeftOut => Plan::within(view, ctx.caller, &mut query, Inside::PLAIN),
        Totals::Shown => Plan::new(view, ctx.caller, &mut query, false, false),
    };
    let id = plan.column("{id}", view.table, &ROOT.into());
    query.and_keys("{id}", keys);
    let (sql, params) = query.plain(&plan.columns)?;
    let mut found: Vec<i64> = Vec::with_capacity(keys.len());
    let out = stream(ctx, &plan, &sql, &params, Vec::new(), |writer, row| {
        writer.out.push(BETWEEN);
        found.push(row.int(id));
        writer.object(&plan.emits, row);
    })?;
    Ok(found.into_iter().zip(out.split(|b| *b == BETWEEN).skip(1).map(<[u8]>::to_vec)).collect())
}

/// `keys` are tree paths (`/1/5/9/`); every key in them names a row of the view's table.
fn fetch_ancestors(ctx: &mut Context<'_>, view: &'static View, keys: &[&str]) -> Result<HashMap<String, Vec<u8>>> {
    let mut ids: Vec<i64> = keys.iter().flat_map(|path| path.split('/')).filter_map(|id| id.parse().ok()).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, view.table);
    let mut plan = Plan::within(view, ctx.caller, &mut query, Inside::PLAIN);
    let id = plan.column("{id}", view.table, &ROOT.into());
    query.and_keys("{id}", &ids);
    let (sql, params) = query.plain(&plan.columns)?;
    let mut rows: HashMap<String, Vec<u8>> = HashMap::new();
    stream(ctx, &plan, &sql, &params, Vec::new(), |writer, row| {
        let start = writer.out.len();
        writer.object(&plan.emits, row);
        rows.insert(row.int(id).to_string(), writer.out[start..].to_vec());
    })?;
    Ok(keys
        .iter()
        .map(|path| {
            let mut list = vec![b'['];
            for row in path.split('/').filter_map(|id| rows.get(id)) {
                if list.len() > 1 {
                    list.push(b',');
                }
                list.extend_from_slice(row);
            }
            list.push(b']');
            ((*path).to_owned(), list)
        })
        .collect())
}
