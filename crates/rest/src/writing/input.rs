//! What clients send, checked against a view.

use std::collections::HashMap;

use ironwood_base::decimal::{self, Excess};
use ironwood_base::error::{Fields, NON_FIELD};
use ironwood_base::{Error, Result, clock};
use ironwood_store::{Connection, Value};
use serde_json::{Map, Value as Json};

pub use crate::exists::{exists, may_choose};
use crate::http::{Body, FormValue, Upload};
use crate::markup;
use crate::select::truth;
use crate::table::{ColumnType, Table};
use crate::view::{Field, Source, Type, View};

/// Most characters of a text without a limit of its own.
const LONGEST_TEXT: usize = 1_000_000;

/// An object as it came, before it is checked.
#[derive(Debug, Clone, Default)]
pub struct RawObject {
    pub values: Map<String, Json>,
    pub files: HashMap<String, Upload>,
    /// Whether it came as a form, where everything is text and an unset value is empty.
    pub form: bool,
}

impl RawObject {
    /// Reads the body of a request as one object.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it is something else.
    pub fn read(body: &Body) -> Result<Self> {
        match body {
            Body::Empty => Ok(RawObject::default()),
            Body::Json(Json::Object(values)) => Ok(RawObject { values: values.clone(), ..RawObject::default() }),
            Body::Json(_) => Err(Error::non_field("Must be an object.")),
            Body::Form(fields) => {
                let mut given = RawObject { form: true, ..RawObject::default() };
                for (name, value) in fields {
                    match value {
                        FormValue::File(upload) => {
                            given.files.insert(name.clone(), upload.clone());
                        }
                        FormValue::Text(text) => match given.values.get_mut(name) {
                            None => {
                                given.values.insert(name.clone(), Json::String(text.clone()));
                            }
                            Some(Json::Array(list)) => list.push(Json::String(text.clone())),
                            Some(first) => *first = Json::Array(vec![first.take(), Json::String(text.clone())]),
                        },
                    }
                }
                Ok(given)
            }
        }
    }

    /// Its texts without the files, which may be large.
    ///
    /// # Errors
    /// As [`Given::read`].
    pub fn without_files(body: &Body) -> Result<Self> {
        let Body::Form(fields) = body else { return Self::read(body) };
        let texts = fields.iter().filter(|(_, value)| matches!(value, FormValue::Text(_)));
        Self::read(&Body::Form(texts.cloned().collect()))
    }

    /// An object inside JSON.
    pub fn object(values: &Map<String, Json>) -> Self {
        RawObject { values: values.clone(), ..RawObject::default() }
    }
}

/// Checked values of one object.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// Columns of the view's table with their values, as far as they were given.
    pub columns: Vec<(&'static str, Value)>,
    /// Values of fields that are no columns, as far as they were given.
    pub extra: Map<String, Json>,
    pub files: HashMap<String, Upload>,
}

/// How strict to be about what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything required must be there.
    Whole,
    /// What is missing stays as it is.
    Partial,
}

/// Checks an object against a view, the existence of linked rows included.
///
/// # Errors
/// [`Error::Invalid`] naming every field that is refused.
pub fn check(conn: &mut Connection, view: &'static View, given: RawObject, mode: Mode) -> Result<Input> {
    let table = view.table;
    let mut fields = Fields::new();
    for (name, _) in given.files.iter().filter(|(_, file)| file.bytes.is_empty()) {
        fields.add(name, "The file is empty.");
    }
    let mut input = Input { files: by_column(view, given.files), ..Input::default() };
    for field in view.fields.iter().filter(|f| f.writable || f.described_output_only) {
        let value = given.values.get(field.name);
        let Some(value) = value.or_else(|| given.values.get(field.formerly).filter(|_| field.writable)) else {
            let file = field.column(table).is_some_and(|c| input.files.contains_key(c.name));
            if mode == Mode::Whole && field.is_required(table) && !file {
                fields.add(field.name, "This field is required.");
            }
            continue;
        };
        let Some(column) = field.column(table).filter(|_| !matches!(field.source, Source::Input)) else {
            match check_extra(field, table, value, given.form) {
                Ok(None) => {}
                Ok(Some(value)) => {
                    if let (Some(target), Some(key)) = (field.target(table), value.as_i64())
                        && !exists(conn, target, key)?
                    {
                        fields.add(field.name, format!("Record {key} does not exist."));
                        continue;
                    }
                    if let (Type::Object(inner), Json::Object(values)) = (field.wire(table), &value) {
                        match check(conn, inner, RawObject::object(values), Mode::Whole) {
                            Err(Error::Invalid(below)) => fields.nest(field.name, below.json()),
                            other => drop(other?),
                        }
                    }
                    input.extra.insert(field.name.to_owned(), value);
                }
                Err(message) => fields.add(field.name, message),
            }
            continue;
        };
        match single(field, table, value, given.form).map(|value| value.unwrap_or(Value::Null)) {
            Ok(Value::Int(key)) if matches!(column.kind, ColumnType::Link(..)) => {
                if let ColumnType::Link(target, _) = column.kind {
                    if may_choose(conn, target, column.only, key)? {
                        input.columns.push((column.name, Value::Int(key)));
                    } else {
                        fields.add(field.name, format!("Record {key} does not exist or cannot be selected here."));
                    }
                }
            }
            Ok(value) => input.columns.push((column.name, value)),
            // clients expect a malformed amount to be refused by itself, before anything else
            Err(message) if field.money && matches!(column.kind, ColumnType::Decimal { .. }) => {
                return Err(Error::field(field.name, message));
            }
            Err(message) => fields.add(field.name, message),
        }
    }
    fields.check()?;
    check_mandatory(view, false, &input)?;
    Ok(input)
}

/// Refuses what is left open although it must not be (see [`crate::view::Field::mandatory`]); of a new row also what is
/// missing. Clients expect this once everything else is right.
///
/// # Errors
/// [`Error::Invalid`] naming the fields.
pub fn check_mandatory(view: &View, is_new: bool, input: &Input) -> Result<()> {
    let mut fields = Fields::new();
    for field in view.fields.iter().filter(|f| f.mandatory) {
        let column = field.column(view.table).map(|column| column.name);
        match input.columns.iter().find(|(name, _)| Some(*name) == column) {
            None if is_new => fields.add(field.name, "This field is required."),
            Some((_, Value::Null)) => fields.add(field.name, "This field may not be null."),
            Some((_, Value::Text(text))) if text.is_empty() => fields.add(field.name, "This field may not be blank."),
            _ => {}
        }
    }
    fields.check()
}

/// Files by the columns that keep them, whatever the view calls these.
fn by_column(view: &'static View, mut files: HashMap<String, Upload>) -> HashMap<String, Upload> {
    for field in view.fields {
        if let Some(column) = field.column(view.table).filter(|c| c.is_file() && c.name != field.name)
            && let Some(file) = files.remove(field.name)
        {
            files.insert(column.name.to_owned(), file);
        }
    }
    files
}

/// Checks the value of a field that is no column; `None` stands for no value.
fn check_extra(
    field: &Field,
    table: &'static Table,
    value: &Json,
    as_form: bool,
) -> std::result::Result<Option<Json>, String> {
    let value = match field.wire(table) {
        Type::Of(kind) => return Ok(single(field, table, value, as_form)?.map(|value| to_json(value, kind))),
        Type::Texts => texts(value, usize::MAX)?,
        Type::Ints => keys(value, usize::MAX)?,
        Type::Object(_) | Type::Map(_) => match value {
            Json::Object(_) | Json::Null => value.clone(),
            _ => return Err("Must be an object.".into()),
        },
        Type::List(_) => match value {
            Json::Array(_) => value.clone(),
            _ => return Err("Must be a list.".into()),
        },
        Type::Any => value.clone(),
    };
    Ok(Some(value))
}

/// A list of texts; in forms, which have no lists, its JSON.
pub(crate) fn texts(value: &Json, most: usize) -> std::result::Result<Json, String> {
    let list = match value {
        Json::Array(list) => list.clone(),
        Json::Null => Vec::new(),
        Json::String(text) if text.trim().is_empty() => Vec::new(),
        Json::String(text) => serde_json::from_str(text).map_err(|_| "Must be a list of strings, as JSON.")?,
        _ => return Err("Must be a list of strings.".into()),
    };
    if list.len() > most {
        return Err(TOO_MANY.into());
    }
    for text in &list {
        markup::check(text.as_str().ok_or("Must be a list of strings.")?)?;
    }
    Ok(Json::Array(list))
}

/// What is said where a list is longer than one request may make it.
pub(crate) const TOO_MANY: &str = "Too many items for one request.";

/// A list of keys.
pub(crate) fn keys(value: &Json, most: usize) -> std::result::Result<Json, String> {
    let Json::Array(list) = value else { return Err("Must be a list of IDs.".into()) };
    if list.len() > most {
        return Err(TOO_MANY.into());
    }
    let keys: Option<Vec<i64>> = list.iter().map(key).collect();
    keys.map(Json::from).ok_or_else(|| "Must be a list of IDs.".into())
}

fn key(value: &Json) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))
}

fn to_json(value: Value, kind: ColumnType) -> Json {
    match (value, kind) {
        (Value::Int(i), ColumnType::Decimal { places, .. }) => Json::String(decimal::to_string(i, places)),
        (Value::Int(i), _) => Json::from(i),
        (Value::Bool(b), _) => Json::Bool(b),
        (Value::Text(t), _) => Json::String(t),
        (Value::Real(r), _) => Json::from(r),
        _ => Json::Null,
    }
}

/// The text of a field that takes it as it is (see [`Field::verbatim`]), if it fits.
fn verbatim<'a>(field: &Field, table: &'static Table, value: &'a Json) -> Option<&'a str> {
    let fits = |text: &&str| !text.contains('\0') && text.chars().count() <= field.limit(table) as usize;
    if field.verbatim { value.as_str().filter(fits) } else { None }
}

/// Checks one value of a field, whether this is a column or not; `None` stands for no value: an empty one in a form.
///
/// # Errors
/// A message for the client.
pub(crate) fn single(
    field: &Field,
    table: &'static Table,
    value: &Json,
    as_form: bool,
) -> std::result::Result<Option<Value>, String> {
    let column = field.column(table).filter(|_| !matches!(field.source, Source::Input));
    let kind = match (column, field.wire(table)) {
        (Some(column), _) => column.kind,
        (None, Type::Of(kind)) => kind,
        (None, _) => return Err("This field cannot be set.".into()),
    };
    let (null, required) = (field.may_be_null(table), field.is_required(table));
    let blank = column.map_or(!required, |column| column.blank);
    let empty = value.as_str().is_some_and(str::is_empty);
    let textual = matches!(
        kind,
        ColumnType::Text
            | ColumnType::Url
            | ColumnType::Email
            | ColumnType::File
            | ColumnType::Image
            | ColumnType::Json
    );
    if value.is_null() || (empty && !textual && (as_form || null)) {
        return match () {
            () if null && column.is_none_or(|column| column.null) => Ok(Some(Value::Null)),
            () if value.is_null() && textual && column.is_some() && blank => Ok(Some(Value::Text(String::new()))),
            () if null => Ok(Some(Value::Null)),
            () if as_form && column.is_none() && !required => Ok(None),
            () => Err("This field may not be null.".into()),
        };
    }
    if matches!(kind, ColumnType::File | ColumnType::Image) && !empty {
        // a path from a client could lead to any file: only the server makes paths
        return Err("Upload a file as multipart form data.".into());
    }
    if let Some(text) = verbatim(field, table, value) {
        return Ok(Some(Value::Text(text.to_owned())));
    }
    let mut value = scalar(kind, field.limit(table), blank, value)?;
    if let Value::Text(text) = &value
        && column.is_some_and(|column| column.markdown)
        && !markup::is_harmless(text)
    {
        return Err("This content could run as a script in a browser and is not allowed.".into());
    }
    if let (Some(spelled), Value::Text(text)) = (field.spelled, &value)
        && let Some(meant) = spelled(text)
    {
        value = Value::Text(meant.to_owned());
    }
    let choices = field.values(table);
    let may_be_empty = empty && column.is_some_and(|column| column.blank);
    if !choices.is_empty() && !may_be_empty {
        let shown = match &value {
            Value::Int(number) => number.to_string(),
            Value::Text(text) => text.clone(),
            _ => String::new(),
        };
        if !choices.iter().any(|(choice, _)| *choice == shown) {
            return Err("Select a valid choice.".into());
        }
    }
    Ok(Some(value))
}

/// One value of a column's kind.
///
/// # Errors
/// A message for the client.
pub fn scalar(kind: ColumnType, max: u32, blank: bool, value: &Json) -> std::result::Result<Value, String> {
    let number = || match value {
        Json::Number(n) => Some(n.to_string()),
        Json::String(s) => Some(s.trim().to_owned()),
        _ => None,
    };
    match kind {
        ColumnType::Bool => match value {
            Json::Bool(b) => Ok(Value::Bool(*b)),
            Json::Number(n) if n.as_i64() == Some(0) => Ok(Value::Bool(false)),
            Json::Number(n) if n.as_i64() == Some(1) => Ok(Value::Bool(true)),
            Json::String(s) => truth(s).map(Value::Bool).ok_or_else(|| "Must be true or false.".into()),
            _ => Err("Must be true or false.".into()),
        },
        ColumnType::Int { min, max } => {
            let text = number().ok_or("Must be a whole number.")?;
            let read = decimal::parse(&text, 0, Excess::Refuse).map_err(|why| match why {
                decimal::DecimalError::OutOfRange => "This number is out of range.",
                _ => "Must be a whole number.",
            })?;
            if (min..=max).contains(&read) {
                Ok(Value::Int(read))
            } else {
                Err(format!("Must be between {min} and {max}."))
            }
        }
        ColumnType::Link(..) => match value {
            Json::Number(n) => n.as_i64().map(Value::Int).ok_or_else(|| "Must be the ID of a record.".into()),
            Json::String(s) => s.trim().parse().map(Value::Int).map_err(|_| "Must be the ID of a record.".into()),
            _ => Err("Must be the ID of a record.".into()),
        },
        ColumnType::Decimal { places, digits } => {
            let text = number().ok_or("Must be a number.")?;
            let read = decimal::parse(&text, places, Excess::Round).map_err(|why| why.to_string())?;
            if digits < 19 && read.unsigned_abs() >= decimal::scale(digits).unsigned_abs() {
                return Err(format!("Must have at most {digits} digits."));
            }
            Ok(Value::Int(read))
        }
        ColumnType::Real => {
            let text = number().ok_or("Must be a number.")?;
            match text.parse::<f64>() {
                Ok(r) if r.is_finite() => Ok(Value::Real(r)),
                _ => Err("Must be a number.".into()),
            }
        }
        ColumnType::Date => match value {
            Json::String(s) => {
                clock::parse_date(s).map(Value::Text).ok_or_else(|| "Must be a date (YYYY-MM-DD).".into())
            }
            _ => Err("Must be a date (YYYY-MM-DD).".into()),
        },
        ColumnType::Time => match value {
            Json::String(s) => {
                clock::parse_time(s).map(Value::Text).ok_or_else(|| "Must be a date and time (ISO 8601).".into())
            }
            _ => Err("Must be a date and time (ISO 8601).".into()),
        },
        ColumnType::Json => Ok(Value::Text(value.to_string())),
        ColumnType::Text
        | ColumnType::Url
        | ColumnType::Email
        | ColumnType::File
        | ColumnType::Image
        | ColumnType::Model
        | ColumnType::Many { .. } => {
            let text = match value {
                Json::String(s) => s.trim().to_owned(),
                Json::Number(n) => n.to_string(),
                _ => return Err("Must be a string.".into()),
            };
            check_text(kind, max, blank, text).map(Value::Text)
        }
    }
}

/// Texts longer than this have several lines.
const SEVERAL_LINES: u32 = 5_000;

/// Leaves out what cannot be seen: control characters (line breaks stay in long texts) and marks that
/// turn the direction of writing.
fn visible(text: &str, max: u32) -> String {
    let lines = max == 0 || max > SEVERAL_LINES;
    let seen = |c: char| {
        let turning = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        !turning && (!c.is_control() || (lines && matches!(c, '\n' | '\r' | '\t')))
    };
    text.chars().filter(|c| seen(*c)).collect::<String>().trim().to_owned()
}

fn check_text(kind: ColumnType, max: u32, blank: bool, text: String) -> std::result::Result<String, String> {
    if text.contains('\0') {
        return Err("Null characters are not allowed.".into());
    }
    let text = visible(&text, max);
    if text.is_empty() {
        return if blank { Ok(text) } else { Err("This field may not be blank.".into()) };
    }
    let limit = if max == 0 { LONGEST_TEXT } else { max as usize };
    if text.chars().count() > limit {
        return Err(format!("Must be at most {limit} characters."));
    }
    if matches!(kind, ColumnType::Text | ColumnType::Url | ColumnType::Email | ColumnType::Model) {
        markup::check(&text)?;
    }
    match kind {
        ColumnType::Url if !is_url(&text) => Err("Enter a full URL, such as https://example.com/datasheet.pdf.".into()),
        ColumnType::Email if !is_email(&text) => Err("Enter a valid e-mail address.".into()),
        _ => Ok(text),
    }
}

fn is_url(text: &str) -> bool {
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let known = ["http", "https", "ftp", "ftps"].iter().any(|s| s.eq_ignore_ascii_case(scheme));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let named = host.contains('.') || host.starts_with("localhost") || host.starts_with('[');
    known && named && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c))
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && (host.contains('.') || host == "localhost")
            && !host.starts_with('.')
            && !host.ends_with('.')
            && !host.contains('@')
            && !text.chars().any(char::is_whitespace)
    })
}

/// The list of keys that a bulk request names under `items`.
///
/// # Errors
/// [`Error::Invalid`] where there is none, it is empty, too long or no list of keys.
pub fn items(given: &RawObject, most: usize) -> Result<Vec<i64>> {
    let refuse = |message: &str| Err(Error::field(NON_FIELD, message));
    match given.values.get("items") {
        None | Some(Json::Null) => refuse("A list of items is required."),
        Some(Json::Array(list)) if list.is_empty() => refuse("A list of items is required."),
        Some(Json::Array(list)) if list.len() > most => refuse(TOO_MANY),
        Some(Json::Array(list)) => {
            let keys: Option<Vec<i64>> = list.iter().map(key).collect();
            keys.map_or_else(|| refuse("Each item must be the ID of a record."), Ok)
        }
        Some(_) => refuse("Items must be a list."),
    }
}
