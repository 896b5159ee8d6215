//! Import sessions.

use std::collections::{HashMap, HashSet};

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Ahead, Context, Permission};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::input::{self, Mode, RawObject};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{
    Access, Action, Args, Condition, Delete, NO_RULES, Operations, Resource, Rules, Shape, action,
};
use ironwood_rest::resource::{filter, sort};
use ironwood_rest::view::{Field, INT, Many, Sql, TEXT, Type, View, col, filled, many, nested, pk, sql};
use ironwood_rest::{list, write};
use ironwood_store::{Value, fragment};
use serde_json::{Map, Value as Json};

use super::ahead::{self, FileRequest};
use super::file::Heading;
use super::file::format::FileFormat;
use super::models::{self, Importable, Model};
use super::state::{self, Session};
use super::{lookup, work};
use crate::platform::output::exporter;
use crate::platform::users::view::BRIEF;
use crate::schema::importer::{COLUMN_MAP, SESSION as TABLE};
use crate::schema::keys::{AnyKey, ImportKey, caller_key};
use crate::schema::users::USER;

/// Bytes of defaults, overrides or filters.
const LONGEST_OBJECT: usize = 100_000;

static STATES: &[(&str, &str)] = &[
    ("0", "Initializing"),
    ("10", "Mapping columns"),
    ("20", "Importing data"),
    ("30", "Processing data"),
    ("40", "Complete"),
];

/// What a field of a mapping is called and means: model, kind of session and field in one text.
const FIELD_OF: Sql = "{session.model_type} || CASE WHEN {session.update_records} THEN '/1/' ELSE '/0/' END || {field}";

/// Which column of a file goes into which field.
pub(crate) static MAP_VIEW: View = View::new(
    "DataImportColumnMap",
    &COLUMN_MAP,
    &[
        pk(),
        col("session").label("Import Session").read_only(),
        // as the file has it
        col("column").optional().verbatim().help("Name of the column. Empty: none."),
        col("field").read_only().help("Name of the field."),
        filled("label", TEXT, FIELD_OF, |ctx, keys| texts_of_fields(ctx, keys, Importable::label))
            .help("Label of the field."),
        filled("description", TEXT, FIELD_OF, |ctx, keys| texts_of_fields(ctx, keys, Importable::help))
            .help("Description."),
        col("lookup_field").help("How related records are looked up. Empty: by ID and by name."),
    ],
);

/// A text of each field, by `model/kind/field`.
fn texts_of_fields(
    ctx: &mut Context<'_>,
    keys: &[&str],
    text: fn(&Importable) -> &str,
) -> Result<HashMap<String, Vec<u8>>> {
    let mut known: HashMap<&str, Vec<Importable>> = HashMap::new();
    let mut out = HashMap::new();
    for key in keys {
        let Some((kind, name)) = key.rsplit_once('/') else { continue };
        if !known.contains_key(kind) {
            known.insert(kind, fields_of(ctx, kind)?);
        }
        if let Some(field) = known.get(kind).and_then(|fields| fields.iter().find(|f| f.name == name)) {
            out.insert((*key).to_owned(), Json::from(text(field)).to_string().into_bytes());
        }
    }
    Ok(out)
}

/// The fields of `model/1` (records are changed) or `model/0`.
fn fields_of(ctx: &mut Context<'_>, kind: &str) -> Result<Vec<Importable>> {
    let (model, update) = kind.split_once('/').unwrap_or((kind, "0"));
    models::find(model).map_or_else(|| Ok(Vec::new()), |model| models::fields(ctx, model, update == "1"))
}

fn available(ctx: &mut Context<'_>, kinds: &[&str]) -> Result<HashMap<String, Vec<u8>>> {
    let kinds: HashSet<&str> = kinds.iter().copied().collect();
    let mut out = HashMap::new();
    for kind in kinds {
        let fields = fields_of(ctx, kind)?;
        let shown: Map<String, Json> = fields.into_iter().map(|f| (f.name, Json::Object(f.info))).collect();
        out.insert(kind.to_owned(), Json::Object(shown).to_string().into_bytes());
    }
    Ok(out)
}

static MAPPINGS: Many = Many::new(&MAP_VIEW, "{session}");

const FIELDS: &[Field] = &[
    pk(),
    col("timestamp").read_only(),
    col("data_file").help("A CSV, TSV, XLSX, or ODS file with a header row."),
    col("update_records")
        .label("Update Existing Records")
        .help("Update existing records, identified by the `id` column."),
    col("model_type").choices(&models::CHOICES).help("Type of records to import."),
    filled(
        "available_fields",
        Type::Any,
        "{model_type} || CASE WHEN {update_records} THEN '/1' ELSE '/0' END",
        available,
    )
    .help("Available fields, as described by OPTIONS."),
    col("status").read_only().choices(STATES),
    col("user").read_only(),
    nested("user_detail", "user", &BRIEF).always(),
    col("columns").read_only().help("Names of the columns in the file."),
    many("column_mappings", &MAPPINGS),
    col("field_defaults").kind(Type::Any).nullable().help("Values of fields, used if the file has none."),
    col("field_overrides").kind(Type::Any).nullable().help("Values of fields, used instead of those in the file."),
    col("field_filters").kind(Type::Any).nullable().help("Filters for related records, by field."),
    col("file_format").kind(Type::Any).nullable().help(
        "Layout of the file: encoding, separator, sheet, header_row, footer_rows, decimal_sign, thousands_sign, and \
        date_order (YMD, DMY, or MDY). Values that are not set are detected from the whole file.",
    ),
    sql("row_count", INT, "(SELECT COUNT(*) FROM importer_dataimportrow r WHERE r.session = {id})"),
    sql(
        "completed_row_count",
        INT,
        "(SELECT COUNT(*) FROM importer_dataimportrow r WHERE r.session = {id} AND r.complete)",
    ),
    col("completed_row_count_history").help("Number of rows imported when the session ended."),
    col("row_count_history").help("Number of rows when the session ended."),
];

/// A session.
pub(crate) static VIEW: View = View::new("DataImportSession", &TABLE, FIELDS);

/// Sessions: everyone sees their own, superusers all.
pub(crate) static SESSIONS: Resource = Resource::new("/api/importer/session/", "importer_session", &VIEW)
    .operations(Operations::ALL.bulk_delete())
    .access(Access::SignedIn)
    .guard(|ctx, id| guard(ctx, id.of_kind()))
    .look(look)
    .filters(&[
        filter("model_type", Condition::Where(TEXT, "{model_type} = {value}")),
        filter("status", Condition::Custom(INT, by_state)),
        filter("user", Condition::Link(&USER, "{t}.\"user\" = {value}")),
    ])
    .search(&["{model_type}", "{data_file}"])
    .sorts(&[sort("timestamp", &["{timestamp}"]), sort("status", &["{status}"]), sort("model_type", &["{model_type}"])])
    .rules(Rules { check, saved, delete: Delete::Many(delete), ..NO_RULES })
    .help("Import sessions.");

fn by_state(query: &mut Query<'_>, text: &str) -> Result<()> {
    let Some((state, _)) = STATES.iter().find(|(state, _)| *state == text.trim()) else {
        return Err(Error::field("status", "Select a valid choice."));
    };
    query.and(fragment!("{{status}} = {state}"));
    Ok(())
}

/// Rows of an import require the permission to change records of their model.
fn delete(ctx: &mut Context<'_>, ids: &[AnyKey]) -> Result<bool> {
    guard_all(ctx, "importer_dataimportsession", "id", ids)?;
    Ok(true)
}

/// [`guard`] for all sessions that rows of a table are, or belong to.
pub(crate) fn guard_all(
    ctx: &mut Context<'_>,
    table: &'static str,
    column: &'static str,
    ids: &[AnyKey],
) -> Result<()> {
    let mut models = Vec::new();
    let sql = fragment!(
        "SELECT DISTINCT s.model_type FROM {table} t JOIN importer_dataimportsession s ON s.id = t.{column} WHERE t.id IN ({{keys}})"
    );
    ctx.conn.of_keys(&sql, ids, |row| models.push(row.text(0).to_owned()))?;
    let denied = |model: &String| {
        models::find(model).is_some_and(|model| !ctx.caller.may(model.resource.view.table.name, Permission::Change))
    };
    if models.iter().any(denied) { Err(Error::denied()) } else { Ok(()) }
}

fn guard(ctx: &mut Context<'_>, id: ImportKey) -> Result<()> {
    let sql = "SELECT model_type FROM importer_dataimportsession WHERE id = $1";
    let row = ctx.conn.one(sql, &[id.into()])?.ok_or(Error::NotFound)?;
    match models::find(row.text(0)) {
        Some(model) if !ctx.caller.may(model.resource.view.table.name, Permission::Change) => Err(Error::denied()),
        _ => Ok(()),
    }
}

/// [`guard`] for what belongs to a session.
pub(crate) fn guard_of(ctx: &mut Context<'_>, table: &'static str, id: AnyKey) -> Result<()> {
    let row = ctx.conn.one(&fragment!("SELECT session FROM {table} WHERE id = $1"), &[id.into()])?;
    let session = row.ok_or(Error::NotFound)?.cell(0);
    guard(ctx, session)
}

/// A JSON object, given as such or as its text.
fn object(change: &mut Change, field: &'static str) -> Result<Map<String, Json>> {
    let text = match change.get(field) {
        Value::Text(text) if !text.is_empty() => text.clone(),
        _ => return Ok(Map::new()),
    };
    let refuse = || Error::field(field, "Must be an object.");
    if text.len() > LONGEST_OBJECT {
        return Err(Error::field(field, "This text is too long."));
    }
    let read: Json = serde_json::from_str(&text).map_err(|_| refuse())?;
    let read = match read {
        Json::String(inner) if inner.trim().is_empty() => Json::Null,
        Json::String(inner) => serde_json::from_str(&inner).map_err(|_| refuse())?,
        other => other,
    };
    match read {
        Json::Null => {
            change.set(field, Value::Null);
            Ok(Map::new())
        }
        Json::Object(map) => {
            change.set(field, Json::Object(map.clone()).to_string());
            Ok(map)
        }
        _ => Err(refuse()),
    }
}

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let mut fields = Fields::new();
    let mut objects = HashMap::new();
    let is_format_given = change.is_changed("file_format");
    for field in ["field_defaults", "field_overrides", "field_filters", "file_format"] {
        match object(change, field) {
            Ok(map) => drop(objects.insert(field, map)),
            Err(Error::Invalid(_)) => fields.add(field, "Must be an object."),
            Err(other) => return Err(other),
        }
    }
    fields.check()?;
    let begun = change.int("status").unwrap_or(0) > state::MAPPING;
    let settled = ["data_file", "model_type", "update_records"];
    let of_rows = ["field_defaults", "field_overrides", "field_filters"];
    let is_other = |change: &Change, field: &str| change.is_changed(field) || change.files.contains_key(field);
    if !change.is_new() && begun {
        let mut fields = Fields::new();
        for field in settled.iter().chain(&of_rows).filter(|field| is_other(change, field)) {
            fields.add(field, "The rows have already been read.");
        }
        fields.check()?;
    }
    if !change.is_new() && is_format_given {
        check_unread(ctx, change)?;
    }
    let update = change.flag("update_records");
    let Some(model) = models::find(change.text("model_type")) else {
        return Err(Error::field("model_type", "Records of this type cannot be imported."));
    };
    let there = models::fields(ctx, model, update)?;
    if change.is_changed("field_filters") {
        for (name, filters) in objects.get("field_filters").into_iter().flatten() {
            let target = there.iter().find(|f| f.name == *name).and_then(Importable::target);
            match (target, filters.as_object()) {
                (Some(table), Some(filters)) => lookup::check_filters(ctx, table, filters)?,
                _ => {
                    return Err(Error::field(
                        "field_filters",
                        "Filters must be objects, by the names of relation fields.",
                    ));
                }
            }
        }
    }
    if change.is_new() {
        change.set("user", ctx.caller.id());
    }
    let given = objects.remove("file_format").unwrap_or_default();
    // sent as JSON, a file cannot come at all
    let upload = change.files.get("data_file").map(|upload| upload.name.clone());
    if upload.is_none() && change.is_new() {
        return Err(Error::field("data_file", "A file is required."));
    }
    let Some(wanted) = wanted(change, model, upload.as_deref(), &given)? else { return Ok(()) };
    let read = ahead::read(ctx, &wanted)?;
    change.set("columns", Json::from(read.data().columns.clone()).to_string());
    change.set("file_format", read.data().format.json().to_string());
    change.set("status", state::MAPPING);
    if upload.is_none() {
        return Ok(());
    }
    let mut defaults = objects.remove("field_defaults").unwrap_or_default();
    let overrides = objects.remove("field_overrides").unwrap_or_default();
    for field in there.iter().filter(|f| !update && !overrides.contains_key(&f.name)) {
        if let (false, Some(default)) = (defaults.contains_key(&field.name), field.default()) {
            defaults.insert(field.name.clone(), default.clone());
        }
    }
    change.set("field_defaults", Json::Object(defaults).to_string());
    Ok(())
}

/// Refuses another format once rows are records or are on their way.
fn check_unread(ctx: &mut Context<'_>, change: &Change) -> Result<()> {
    let sql = "SELECT 1 FROM importer_dataimportrow WHERE session = $1 AND complete LIMIT 1";
    let complete = ctx.conn.one(sql, &[change.id.unwrap_or(0).into()])?.is_some();
    match change.int("status").unwrap_or(0) {
        state::IMPORTING => Err(Error::field("file_format", "The rows are still being read.")),
        _ if complete => Err(Error::field("file_format", "Some rows of this session have already been imported.")),
        state::COMPLETE => Err(Error::field("file_format", "This session has ended.")),
        _ => Ok(()),
    }
}

/// What a change of a session has to read: the file that comes with it, or the one that is kept, in another format.
fn wanted(
    change: &Change,
    model: &'static Model,
    upload: Option<&str>,
    given: &Map<String, Json>,
) -> Result<Option<FileRequest>> {
    let update = change.flag("update_records");
    let old = |name: &str| match change.old(name) {
        Value::Text(text) => text.as_str(),
        _ => "",
    };
    Ok(match upload {
        Some(name) => Some(FileRequest::head(name, FileFormat::default().choose(given)?, model, update)),
        None if change.is_changed("file_format") => {
            let format = FileFormat::only_chosen(&state::object(old("file_format"))).choose(given)?;
            Some(FileRequest::head(old("data_file"), format, model, update))
        }
        None => None,
    })
}

/// What is to be read before a session is made or changed. Whatever is wrong with the request is told later.
fn look(ctx: &mut Context<'_>, args: &[String]) -> Result<Option<Ahead>> {
    let Ok(given) = RawObject::without_files(&ctx.request.body) else { return Ok(None) };
    let Ok(input) = input::check(ctx.conn, &VIEW, given, Mode::Partial) else { return Ok(None) };
    let mut change = match args.last().and_then(|id| id.parse().ok()) {
        Some(id) if write::visible(ctx, &SESSIONS, id).is_ok() => Change::update(ctx.conn, &TABLE, id, input)?,
        Some(_) => return Ok(None),
        None => Change::create(&TABLE, input),
    };
    let Ok(format) = object(&mut change, "file_format") else { return Ok(None) };
    let Some(model) = models::find(change.text("model_type")) else { return Ok(None) };
    let upload = ahead::upload(ctx.request).map(|upload| upload.name.as_str());
    let Ok(Some(wanted)) = wanted(&change, model, upload, &format) else { return Ok(None) };
    let headings = headings(&models::fields(ctx, model, wanted.update)?, model.label());
    let known = move |name: &str| headings.get(&folded(name)).copied().unwrap_or(Heading::Unknown);
    ahead::work(ctx, wanted, known).map(Some)
}

/// Finds a column for each field of a new session, or of one with another file, other columns or other records.
fn saved(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    if !change.is_new() && change.is_changed("file_format") {
        // they were read in another format
        ctx.conn.execute("DELETE FROM importer_dataimportrow WHERE session = $1", &[id.into()])?;
    }
    let anew = ["data_file", "model_type", "update_records", "columns"].iter().any(|field| change.is_changed(field));
    if !anew {
        return Ok(());
    }
    let session = Session::load(ctx.conn, id.of_kind())?;
    ctx.conn.execute("DELETE FROM importer_dataimportcolumnmap WHERE session = $1", &[id.into()])?;
    let mut taken = HashSet::new();
    let model = session.model.label();
    let is_export = is_own_export(&session);
    for field in models::fields(ctx, session.model, session.update)? {
        if session.overrides.contains_key(&field.name) {
            continue;
        }
        let column = guess(&session.columns, &taken, &field, model).map(|at| {
            taken.insert(at);
            session.columns[at].clone()
        });
        let mut map = Change::create(&COLUMN_MAP, Default::default());
        map.set("session", id);
        map.set("field", field.name.as_str());
        if is_export && column.is_some() && field.target().is_some() {
            // exports name rows by their keys, which may also be someone's serial number or name
            map.set("lookup_field", "pk");
        }
        map.set("column", column.unwrap_or_default());
        map.write(ctx.conn)?;
    }
    Ok(())
}

/// Letters in any case, and `_` for spaces.
fn folded(text: &str) -> String {
    text.trim().replace('_', " ").to_lowercase()
}

/// What columns for a field may be called: its name, its label, what it means, its name behind the model's.
fn names_of(field: &Importable, model: &str) -> [String; 4] {
    let own = folded(&field.name);
    [own.clone(), folded(field.label()), folded(field.help()), format!("{} {own}", folded(model))]
}

/// What columns of a file may be called, and what stands below.
fn headings(fields: &[Importable], model: &str) -> HashMap<String, Heading> {
    let mut all = HashMap::new();
    for field in fields {
        for name in names_of(field, model) {
            all.entry(name).or_insert(field.heading());
        }
    }
    all
}

/// Whether a file has all the columns that the server's own table of these records has.
fn is_own_export(session: &Session) -> bool {
    let columns: HashSet<&str> = session.columns.iter().map(String::as_str).collect();
    exporter::headings(session.model.resource.view).iter().all(|name| columns.contains(name.as_str()))
}

/// The first column that is called as the field: exactly by its name, else by its label, else much like it.
fn guess(columns: &[String], taken: &HashSet<usize>, field: &Importable, model: &str) -> Option<usize> {
    let names = names_of(field, model);
    let first = |is_it: &dyn Fn(&str) -> bool| {
        (0..columns.len()).find(|at| !taken.contains(at) && is_it(columns[*at].as_str()))
    };
    first(&|column| column == field.name)
        .or_else(|| first(&|column| column == field.label() || column == field.help()))
        .or_else(|| first(&|column| names.contains(&folded(column))))
}

static MODEL_VIEW: View = View::plain(
    "DataImporterModel",
    &[
        ironwood_rest::view::value("serializer", TEXT),
        ironwood_rest::view::value("model_type", TEXT),
        ironwood_rest::view::value("api_url", TEXT).nullable(),
    ],
);

/// Kinds of records that can be imported.
pub(crate) static MODELS: Action =
    action(Method::Get, "/api/importer/models/", "importer_models_list", Access::SignedIn, |_, _| {
        let all: Vec<Json> = models::MODELS
            .iter()
            .map(|model| {
                serde_json::json!({
                    "serializer": format!("{}Serializer", model.resource.view.name),
                    "model_type": model.name(),
                    "api_url": model.resource.path,
                })
            })
            .collect();
        Ok(Answer::json(200, &Json::from(all)))
    })
    .response(200, Shape::List(&MODEL_VIEW))
    .help("Types of records that can be imported.");

/// The session that an address names, for those who may work on it.
///
/// # Errors
/// 404 where it is not there, 403 where the caller may not.
pub(crate) fn of(ctx: &mut Context<'_>, args: &[String]) -> Result<Session> {
    let id = args.first().and_then(|id| id.parse().ok()).ok_or(Error::NotFound)?;
    let session = Session::load(ctx.conn, id)?;
    if !ctx.caller.is_superuser() && session.user != caller_key(ctx).known() {
        return Err(Error::denied());
    }
    Ok(session)
}

/// The mapping is as it should be: the rows are read.
pub(crate) static ACCEPT_FIELDS: Action = action(
    Method::Post,
    "/api/importer/session/{id}/accept_fields/",
    "importer_session_accept_fields_create",
    Access::SignedIn,
    accept_fields,
)
.look(look_at_rows)
.response(200, Shape::Object(&VIEW))
.help("Reads the rows of the file with the current column mapping. A large file is read in the background.");

/// The rows of a small file are read within the request.
fn look_at_rows(ctx: &mut Context<'_>, args: &[String]) -> Result<Option<Ahead>> {
    let Ok(session) = of(ctx, args) else { return Ok(None) };
    if matches!(session.status, state::IMPORTING | state::COMPLETE) || !work::is_small(ctx, &session)? {
        return Ok(None);
    }
    session.read_ahead(ctx).map(Some)
}

fn accept_fields(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let mut session = of(ctx, args)?;
    if !ctx.caller.may(session.model.resource.view.table.name, Permission::Change) {
        return Err(Error::denied());
    }
    match session.status {
        state::IMPORTING => return Err(Error::non_field("The rows are still being read.")),
        state::COMPLETE => return Err(Error::non_field("This session has ended.")),
        _ => {}
    }
    let sql = "SELECT 1 FROM importer_dataimportrow WHERE session = $1 AND complete LIMIT 1";
    if ctx.conn.one(sql, &[session.id.into()])?.is_some() {
        return Err(Error::non_field("Some rows of this session have already been imported."));
    }
    let mut missing = Vec::new();
    for field in models::fields(ctx, session.model, session.update)? {
        let needed = if session.update { field.name == models::ID } else { field.is_required() };
        let mapped = session.mapping.iter().any(|m| m.field == field.name && !m.column.is_empty());
        let given = session.overrides.contains_key(&field.name)
            || session.defaults.get(&field.name).is_some_and(|value| !is_nothing(value));
        if needed && !mapped && !given {
            missing.push(field.name);
        }
    }
    if !missing.is_empty() {
        let mut fields = Fields::new();
        fields.add("error", "Some required fields are not mapped to a column.");
        missing.into_iter().for_each(|name| fields.add("fields", name));
        return Err(Error::Invalid(fields));
    }
    session.set_status(ctx.conn, state::IMPORTING)?;
    let id = session.id;
    work::read_rows(ctx, session)?;
    // the reading is told as begun, as it is where the background does it: clients then ask how far it is
    let body = list::row(ctx, &SESSIONS, id)?.ok_or(Error::NotFound)?;
    let mut shown: Map<String, Json> =
        serde_json::from_slice(&body).map_err(|error| Error::Internal(format!("session: {error}")))?;
    shown.insert("status".into(), state::IMPORTING.into());
    Ok(Answer::json(200, &Json::Object(shown)))
}

fn is_nothing(value: &Json) -> bool {
    value.is_null() || value.as_str() == Some("") || value == &Json::Bool(false)
}
