//! Templates of labels and reports, rendered to HTML for given records.

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use ironwood_base::{Error, Result, key};
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_rest::table::Table;
use ironwood_store::{Connection, fragment};
use ironwood_template::{Engine, Failure, Limits, Loader, Map, NoTemplates, Rendered, Template, TemplateError, Value};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::context::record::{Batch, Record};
use super::context::source::Source;
use super::document::{DocumentType, table_of};
use super::downloads::Downloads;
use super::{context, defaults, tags};
use crate::platform::common::choices::PAGE_SIZES;
use crate::platform::layout_engine::PageSize;
use crate::platform::media::name;
use crate::platform::settings::keys;
use crate::schema::keys::AnyKey;
use crate::schema::users::USER;

/// What one rendering may use.
pub(crate) const LIMITS: Limits =
    Limits { steps: 2_000_000, output: 32 << 20, depth: 20, time: Duration::from_secs(20) };
/// Largest file of a template.
const LARGEST_TEMPLATE: u64 = 2 << 20;
/// Folders of templates below that of reports, under which they name each other.
const FOLDERS: &[&str] = &["label", "report", "snippets"];
/// How the addresses begin that the API gives to records without a picture.
const NO_PICTURE: &str = "static/img/blank_image";

/// A template as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub kind: DocumentType,
    /// That of nothing where it is not kept: the text of an editor.
    pub id: AnyKey,
    pub name: String,
    pub description: String,
    pub revision: i64,
    /// The records that it is made of.
    pub table: &'static Table,
    /// Path of its file below the media folder.
    pub path: String,
    pub pattern: String,
    pub enabled: bool,
    pub attach: bool,
    /// Millimeters.
    pub width: f64,
    pub height: f64,
    pub page_size: String,
    pub landscape: bool,
    pub merge: bool,
}

selected! {
    /// What labels and reports have in common.
    struct StoredTemplate {
        name: String = "name",
        description: String = "description",
        revision: i64 = "revision",
        model_type: String = "model_type",
        template: String = "template",
        filename_pattern: String = "filename_pattern",
        enabled: bool = "enabled",
        attach_to_model: bool = "attach_to_model",
    }
}

selected! {
    /// The size of a label, in millimeters.
    struct LabelSize {
        width: f64 = "width",
        height: f64 = "height",
    }
}

selected! {
    /// The pages of a report.
    struct ReportPages {
        page_size: String = "page_size",
        landscape: bool = "landscape",
        merge: bool = "merge",
    }
}

impl Stored {
    /// Reads a template; `None` where there is none.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn load(conn: &mut Connection, kind: DocumentType, id: AnyKey) -> Result<Option<Self>> {
        let own = match kind {
            DocumentType::Label => LabelSize::COLUMNS,
            DocumentType::Report => ReportPages::COLUMNS,
        };
        let sql = fragment!("SELECT {}, {own} FROM {} WHERE id = $1", StoredTemplate::COLUMNS, kind.table().name);
        let (mut found, mut size, mut pages) = (None, None, None);
        conn.query(&sql, &[id.into()], |row| {
            match kind {
                DocumentType::Label => size = Some(LabelSize::read_from(row, StoredTemplate::WIDTH)),
                DocumentType::Report => pages = Some(ReportPages::read_from(row, StoredTemplate::WIDTH)),
            }
            found = Some(StoredTemplate::read(row));
            Ok(())
        })?;
        let Some(row) = found else { return Ok(None) };
        let Some(table) = table_of(&row.model_type) else { return Ok(None) };
        Ok(Some(Stored {
            kind,
            id,
            name: row.name,
            description: row.description,
            revision: row.revision,
            table,
            path: row.template,
            pattern: row.filename_pattern,
            enabled: row.enabled,
            attach: row.attach_to_model,
            width: size.as_ref().map_or(0.0, |size| size.width),
            height: size.as_ref().map_or(0.0, |size| size.height),
            landscape: pages.as_ref().is_some_and(|pages| pages.landscape),
            merge: pages.as_ref().is_some_and(|pages| pages.merge),
            page_size: pages.map_or_else(String::new, |pages| pages.page_size),
        }))
    }

    /// The size of its pages where its style sheet sets none.
    pub(crate) fn page(&self) -> PageSize {
        #[expect(clippy::cast_possible_truncation, reason = "millimeters of a label")]
        let size = match self.kind {
            DocumentType::Label => (self.width as f32, self.height as f32),
            DocumentType::Report => paper(&self.page_size),
        };
        let (width, height) = if self.landscape { (size.1, size.0) } else { size };
        PageSize { width, height }
    }
}

/// Width and height of a size of paper, in millimeters.
pub(crate) fn paper(name: &str) -> (f32, f32) {
    match name {
        "A3" => (297.0, 420.0),
        "Legal" => (215.9, 355.6),
        "Letter" => (215.9, 279.4),
        _ => (210.0, 297.0),
    }
}

/// Finds the templates that others extend or include: stored ones, then those of the program.
struct Files {
    media: PathBuf,
}

impl Loader for Files {
    fn source(&self, wanted: &str) -> std::result::Result<Option<String>, Failure> {
        let wanted = wanted.trim_start_matches('/');
        let in_folder = wanted.split_once('/').is_some_and(|(folder, _)| FOLDERS.contains(&folder));
        let path = self.media.join("report").join(wanted);
        if in_folder && name::is_inside(wanted) && path.is_file() {
            return read(&path).map(Some);
        }
        Ok(defaults::text(wanted).map(str::to_owned))
    }
}

fn read(path: &std::path::Path) -> std::result::Result<String, Failure> {
    let gone = |_| Failure::new("The template file cannot be read.");
    if fs::metadata(path).map_err(gone)?.len() > LARGEST_TEMPLATE {
        return Err(Failure::new(format!("The template is larger than {} MB.", LARGEST_TEMPLATE >> 20)));
    }
    let bytes = fs::read(path).map_err(gone)?;
    String::from_utf8(bytes).map_err(|_| Failure::new("The template file is not UTF-8 text."))
}

/// An engine with everything that templates of labels and reports may use.
fn engine(source: &Rc<Source>) -> Engine {
    let files = Files { media: source.inventory().media.clone() };
    let mut engine = Engine::new(Box::new(files), LIMITS, source.now.clone());
    tags::add_to(&mut engine, source);
    engine
}

/// Reads a text as a template: its tags and filters are known, and closed where they have to be.
///
/// # Errors
/// What is wrong, with its place.
pub(crate) fn check_syntax(name: &str, text: &str) -> std::result::Result<(), TemplateError> {
    let now = Timestamp::now().to_zoned_datetime(TimeZone::UTC);
    let mut engine = Engine::new(Box::new(NoTemplates), LIMITS, now);
    for tag in tags::names() {
        engine.add_tag(tag, |_| Ok(Value::None));
    }
    Template::parse(name, text, &engine).map(|_| ())
}

/// A template at work.
pub(crate) struct Renderer {
    pub source: Rc<Source>,
    pub stored: Stored,
    engine: Engine,
    parsed: Rc<Template>,
    /// Whether labels are told their page ([`Renderer::without_page`]).
    page_style: bool,
    downloads: RefCell<Downloads>,
}

/// The error of a template as the API tells it.
pub(crate) fn refusal(error: &TemplateError) -> Error {
    Error::field("template", error.to_string())
}

impl Renderer {
    /// Reads a stored template, or `text` in its place.
    ///
    /// # Errors
    /// What is wrong with the template, with its place.
    pub(crate) fn new(
        source: &Rc<Source>,
        stored: Stored,
        text: Option<&str>,
    ) -> std::result::Result<Self, TemplateError> {
        let engine = engine(source);
        let short = stored.path.strip_prefix("report/").unwrap_or(&stored.path);
        let shown = if short.is_empty() { "template" } else { short };
        let parsed = match text {
            Some(text) => Template::parse(shown, text, &engine)?,
            None => {
                let file = source.inventory().media.join(&stored.path);
                // those of a migrated database may have come without their files
                let text = match defaults::text(short).filter(|_| !file.is_file()) {
                    Some(text) => Ok(text.to_owned()),
                    None => read(&file),
                };
                let text = text.map_err(|why| TemplateError {
                    template: shown.to_owned(),
                    line: 1,
                    column: 1,
                    message: why.message,
                })?;
                Template::parse(shown, &text, &engine)?
            }
        };
        Ok(Renderer {
            source: source.clone(),
            stored,
            engine,
            parsed: Rc::new(parsed),
            page_style: true,
            downloads: RefCell::default(),
        })
    }

    /// Leaves the style of the page to whoever puts several labels on one.
    pub(crate) fn without_page(mut self) -> Self {
        self.page_style = false;
        self
    }

    /// The records with these keys that the caller may see, in this order.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn records(&self, keys: &[AnyKey]) -> Result<Vec<Rc<Record>>> {
        Batch::load(&self.source, self.stored.table, &key::ids(keys)).map_err(|why| Error::non_field(why.message))
    }

    fn at_start(&self, why: Failure) -> TemplateError {
        TemplateError { template: self.stored.name.clone(), line: 1, column: 1, message: why.message }
    }

    /// One document about one record.
    ///
    /// # Errors
    /// What is wrong with the template, with its place.
    pub(crate) fn one(&self, record: &Rc<Record>) -> std::result::Result<Rendered, TemplateError> {
        self.engine.render(&self.parsed, self.variables(record)?)
    }

    /// One document about all records.
    ///
    /// # Errors
    /// As [`Renderer::one`].
    pub(crate) fn merged(&self, records: &[Rc<Record>]) -> std::result::Result<Rendered, TemplateError> {
        self.engine.render(&self.parsed, self.of_all(records)?)
    }

    fn of_all(&self, records: &[Rc<Record>]) -> std::result::Result<Map, TemplateError> {
        let mut instances = Vec::with_capacity(records.len());
        for record in records {
            let own = context::of(record).map_err(|why| self.at_start(why))?;
            instances.push(Value::Map(Rc::new(own)));
        }
        let mut variables = self.globals().map_err(|why| self.at_start(why))?;
        variables.insert("instances".into(), Value::from(instances));
        Ok(variables)
    }

    /// The variables for one record.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn variables(&self, record: &Rc<Record>) -> std::result::Result<Map, TemplateError> {
        let made = self.globals().and_then(|mut variables| {
            // what the record says of itself counts more
            let (width, height) = (variables.get("width").cloned(), variables.get("height").cloned());
            variables.extend(context::of(record)?);
            for (name, value) in [("width", width), ("height", height)] {
                if let Some(value) = value {
                    variables.insert(name.into(), value);
                }
            }
            Ok(variables)
        });
        made.map_err(|why| self.at_start(why))
    }

    fn globals(&self) -> std::result::Result<Map, Failure> {
        let (source, stored) = (&self.source, &self.stored);
        let user = source.caller().id().unwrap_or(0);
        let record = |table, id| -> std::result::Result<Value, Failure> {
            let found = Batch::load(source, table, &[id])?.into_iter().next();
            Ok(found.map_or(Value::None, |row| Value::Object(row)))
        };
        let settings = &source.settings;
        let address: Vec<Value> = settings
            .text(keys::REPORT_ADDRESS)
            .split(',')
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .map(Value::text)
            .collect();
        let mut own = vec![
            ("base_url", Value::text(source.base_url())),
            ("date", Value::Date(source.now.date())),
            ("datetime", Value::DateTime(Box::new(source.now.clone()))),
            ("template", stored.id.known().map_or(Ok(Value::None), |id| record(stored.kind.table(), id.id()))?),
            ("template_name", Value::text(stored.name.as_str())),
            ("template_description", Value::text(stored.description.as_str())),
            ("template_revision", Value::Int(stored.revision)),
            ("user", record(&USER, user)?),
            (
                "own_company",
                Value::map([
                    ("name", Value::text(settings.text(keys::INVENTREE_COMPANY_NAME))),
                    ("address", Value::List(Rc::new(address))),
                ]),
            ),
        ];
        match stored.kind {
            DocumentType::Label => {
                let number = |length: f64| Decimal::try_from(length).unwrap_or_default().normalize();
                let (width, height) = (number(stored.width), number(stored.height));
                let style = format!("@page {{ size: {width}mm {height}mm; margin: 0mm; }}");
                own.extend([
                    ("width", Value::Decimal(width)),
                    ("height", Value::Decimal(height)),
                    ("page_style", if self.page_style { Value::safe(style) } else { Value::None }),
                ]);
            }
            DocumentType::Report => {
                let turned = if stored.landscape { " landscape" } else { "" };
                let known = PAGE_SIZES.iter().any(|(size, _)| *size == stored.page_size);
                let size =
                    if known { stored.page_size.as_str() } else { settings.text(keys::REPORT_DEFAULT_PAGE_SIZE) };
                own.extend([
                    ("page_size", Value::text(format!("{size}{turned}"))),
                    ("landscape", Value::Bool(stored.landscape)),
                    ("merge", Value::Bool(stored.merge)),
                    ("report_name", Value::text(stored.name.as_str())),
                    ("report_description", Value::text(stored.description.as_str())),
                    ("report_revision", Value::Int(stored.revision)),
                ]);
            }
        }
        Ok(own.into_iter().map(|(name, value)| (Rc::from(name), value)).collect())
    }

    /// The name of the file, without its ending: the template's pattern, evaluated.
    ///
    /// # Errors
    /// What is wrong with the pattern.
    pub(crate) fn file_name(&self, records: &[Rc<Record>]) -> std::result::Result<String, TemplateError> {
        let variables = match records.first() {
            Some(record) if !self.stored.merge => self.variables(record)?,
            _ => self.of_all(records)?,
        };
        let pattern = Template::parse(
            "filename pattern",
            &format!("{{% autoescape off %}}{}{{% endautoescape %}}", self.stored.pattern),
            &self.engine,
        )?;
        let text = self.engine.render(&Rc::new(pattern), variables)?.text;
        let safe = name::safe(text.trim().replace(['/', '\\'], "-").as_str());
        let stem =
            [".pdf", ".html", ".htm", ".png"].iter().find_map(|ending| safe.strip_suffix(ending)).unwrap_or(&safe);
        Ok(if stem.is_empty() { self.stored.kind.name().to_owned() } else { stem.to_owned() })
    }

    /// What stands at an address in the documents: a file below `/media/` that the caller may see, the picture of records
    /// that have none, or a file on another server where the settings allow it.
    pub(crate) fn file(&self, address: &str) -> Option<Vec<u8>> {
        let is_elsewhere = address.starts_with("http://") || address.starts_with("https://");
        if is_elsewhere && !address.starts_with(self.source.base_url()) {
            return self.downloads.borrow_mut().get(&self.source.settings, address);
        }
        let path = address.strip_prefix(self.source.base_url()).unwrap_or(address);
        let path = path.trim_start_matches('/').split(['?', '#']).next().unwrap_or_default();
        if path.starts_with(NO_PICTURE) {
            return Some(tags::BLANK.as_bytes().to_vec());
        }
        let path = path.strip_prefix("media/")?;
        self.source.file(path).map(|bytes| bytes.as_ref().clone())
    }
}
