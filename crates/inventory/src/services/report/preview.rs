//! What an editor of templates needs: a preview of a text that is not kept yet, and the names that templates know.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use base64::Engine as _;
use ironwood_base::{Error, Key, Result};
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::registry::Registry;
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Outside, Shape, action, free_action};
use ironwood_rest::table::{ColumnType, Table};
use ironwood_rest::view::{BOOL, Field, INT, JSON, REAL, TEXT, Type, View, input, value};
use ironwood_template::{Rendered, TemplateError, filter_names, tag_names};
use serde_json::{Map, Value as Json, json};

use super::context::source::Source;
use super::context::{self, names};
use super::document::{DocumentType, table_of};
use super::print::within;
use super::render::{Renderer, Stored};
use super::tags;
use super::work;
use crate::platform::common::choices::PAGE_SIZES;
use crate::platform::layout_engine::Output;
use crate::platform::state::Inventory;
use crate::schema::keys::*;
use crate::schema::record_type::WITH_DOCUMENTS;
use crate::schema::report as tables;

/// Most characters of a template that is previewed.
const LONGEST_TEMPLATE: u32 = 500_000;
/// Most records of a preview.
const MOST_ITEMS: usize = 10;
/// Most bytes of HTML, and of files, that a preview has: both are held in memory several times.
const MOST_BYTES: usize = 8 << 20;
/// Longest time that the templates of a preview may take.
const LONGEST: Duration = Duration::from_secs(20);
/// Resolution of the pictures of a preview, in dots per inch.
const DPI: u16 = 150;
/// How far from the variables records are described.
const FARTHEST: usize = 4;

/// Forms of a preview.
static FORMS: &[(&str, &str)] = &[("pdf", "PDF"), ("png", "Pictures of the pages"), ("html", "HTML")];

static ERROR: View = View::plain(
    "TemplateError",
    &[
        value("template", TEXT).help("Template that contains the error. It can be an included template."),
        value("line", INT).help("Line, counted from 1."),
        value("column", INT).help("Column in characters, counted from 1."),
        value("message", TEXT).help("What is wrong."),
    ],
);

static PREVIEW: View = View::plain(
    "TemplatePreview",
    &[
        value("html", TEXT).nullable().help("The rendered HTML."),
        value("pdf", TEXT).nullable().help("The document in base64."),
        value("pages", Type::Texts).help("Pictures of the pages as PNG in base64."),
        value("missing", Type::Texts)
            .help("Names that the template uses and that do not exist, such as `part.colour`."),
        value("missing_files", Type::Texts).help("URLs in the document that were not found."),
        value("errors", Type::List(&ERROR)).help("Errors in the template. If there are any, nothing is rendered."),
    ],
);

// what both kinds of preview take
const TEMPLATE_TEXT: Field = input("text", TEXT)
    .nullable()
    .max(LONGEST_TEMPLATE)
    .verbatim()
    .help("Text of the template, instead of the stored one.");
const MODEL_TYPE: Field =
    input("model_type", TEXT).choices(WITH_DOCUMENTS).nullable().help("Type of the records, if no template is given.");
const ITEMS: Field = input("items", Type::Ints).required().help("IDs of up to 10 records.");
const FORMAT: Field = input("format", TEXT).choices(FORMS).default("\"pdf\"").help("Format of the preview.");

static LABEL_REQUEST: View = View::plain(
    "LabelPreview",
    &[
        input("template", INT)
            .links(&tables::LABEL)
            .nullable()
            .help("A stored template. Its size is used if none is given."),
        TEMPLATE_TEXT,
        MODEL_TYPE,
        ITEMS,
        FORMAT,
        input("width", REAL).nullable().help("Width in millimeters."),
        input("height", REAL).nullable().help("Height in millimeters."),
    ],
);

static REPORT_REQUEST: View = View::plain(
    "ReportPreview",
    &[
        input("template", INT)
            .links(&tables::REPORT)
            .nullable()
            .help("A stored template. Its page size is used if none is given."),
        TEMPLATE_TEXT,
        MODEL_TYPE,
        ITEMS,
        FORMAT,
        input("page_size", TEXT).choices(PAGE_SIZES).nullable().help("Page size."),
        input("landscape", BOOL).nullable().help("Use landscape orientation."),
        input("merge", BOOL).nullable().help("Combine all records in one report."),
    ],
);

request! {
    struct LabelRequest of LABEL_REQUEST {
        template: Option<LabelTemplateKey>,
        text: String,
        model_type: String,
        items: Vec<AnyKey>,
        format: String,
        width: Option<f64>,
        height: Option<f64>,
    } without []
}

request! {
    struct ReportRequest of REPORT_REQUEST {
        template: Option<ReportTemplateKey>,
        text: String,
        model_type: String,
        items: Vec<AnyKey>,
        format: String,
        page_size: String,
        landscape: Option<bool>,
        merge: Option<bool>,
    } without []
}

/// What both kinds of preview ask for.
#[derive(Default)]
struct PreviewRequest {
    template: Option<AnyKey>,
    text: String,
    model_type: String,
    items: Vec<AnyKey>,
    format: String,
    width: Option<f64>,
    height: Option<f64>,
    page_size: String,
    landscape: Option<bool>,
    merge: Option<bool>,
}

impl From<LabelRequest> for PreviewRequest {
    fn from(request: LabelRequest) -> Self {
        let LabelRequest { template, text, model_type, items, format, width, height } = request;
        let template = template.map(Key::general);
        PreviewRequest { template, text, model_type, items, format, width, height, ..PreviewRequest::default() }
    }
}

impl From<ReportRequest> for PreviewRequest {
    fn from(request: ReportRequest) -> Self {
        let ReportRequest { template, text, model_type, items, format, page_size, landscape, merge } = request;
        let template = template.map(Key::general);
        PreviewRequest {
            template,
            text,
            model_type,
            items,
            format,
            page_size,
            landscape,
            merge,
            ..PreviewRequest::default()
        }
    }
}

/// `POST /api/label/preview/`: an addition to the InvenTree API.
pub(super) static PREVIEW_LABEL: Action =
    free_action(Method::Post, "/api/label/preview/", "label_preview_create", Access::Staff, |outside, _| {
        preview(outside, DocumentType::Label)
    })
    .request(Shape::Object(&LABEL_REQUEST))
    .response(200, Shape::Object(&PREVIEW))
    .help("Renders a label template with records, without saving anything. An addition to the InvenTree API.");

/// `POST /api/report/preview/`: an addition to the InvenTree API.
pub(super) static PREVIEW_REPORT: Action =
    free_action(Method::Post, "/api/report/preview/", "report_preview_create", Access::Staff, |outside, _| {
        preview(outside, DocumentType::Report)
    })
    .request(Shape::Object(&REPORT_REQUEST))
    .response(200, Shape::Object(&PREVIEW))
    .help("Renders a report template with records, without saving anything. An addition to the InvenTree API.");

/// What is to be tried.
struct Preview {
    stored: Stored,
    text: Option<String>,
    items: Vec<AnyKey>,
    format: String,
    user: UserKey,
}

fn wanted(ctx: &mut Context<'_>, kind: DocumentType) -> Result<Preview> {
    let request: PreviewRequest = match kind {
        DocumentType::Label => LabelRequest::read(ctx)?.into(),
        DocumentType::Report => ReportRequest::read(ctx)?.into(),
    };
    let kept = match request.template {
        None => None,
        Some(id) => {
            let unknown = || Error::field("template", format!("Template {id} does not exist."));
            Some(Stored::load(ctx.conn, kind, id)?.ok_or_else(unknown)?)
        }
    };
    let text = Some(request.text.clone()).filter(|text| !text.is_empty());
    if kept.is_none() && text.is_none() {
        return Err(Error::field("text", "Enter the template text, or select a template."));
    }
    let table = match request.model_type.as_str() {
        "" => kept.as_ref().map(|kept| kept.table),
        model => table_of(model),
    };
    let table = table.ok_or_else(|| Error::field("model_type", "Select the type of the records."))?;
    ctx.require(table.name, Permission::View)?;
    let items = request.items.clone();
    if items.is_empty() || items.len() > MOST_ITEMS {
        return Err(Error::field("items", format!("Select 1 to {MOST_ITEMS} records.")));
    }
    let mut stored = kept.unwrap_or_else(|| unkept(kind, table));
    stored.table = table;
    stored.attach = false;
    set_page(&mut stored, &request)?;
    let format = if request.format.is_empty() { "pdf".to_owned() } else { request.format };
    Ok(Preview { stored, text, items, format, user: caller_key(ctx) })
}

/// A template that is not kept yet.
fn unkept(kind: DocumentType, table: &'static Table) -> Stored {
    Stored {
        kind,
        id: Key::default(),
        name: "Preview".into(),
        description: String::new(),
        revision: 1,
        table,
        path: String::new(),
        pattern: "preview".into(),
        enabled: true,
        attach: false,
        width: 50.0,
        height: 20.0,
        page_size: String::new(),
        landscape: false,
        merge: false,
    }
}

/// Takes over what the request says of the page.
fn set_page(stored: &mut Stored, request: &PreviewRequest) -> Result<()> {
    let lengths = [("width", request.width, &mut stored.width), ("height", request.height, &mut stored.height)];
    for (name, given, length) in lengths {
        if let Some(given) = given {
            if !(2.0..=2_000.0).contains(&given) {
                return Err(Error::field(name, "Enter a length from 2 to 2,000 mm."));
            }
            *length = given;
        }
    }
    if !request.page_size.is_empty() {
        request.page_size.clone_into(&mut stored.page_size);
    }
    stored.landscape = request.landscape.unwrap_or(stored.landscape);
    stored.merge = request.merge.unwrap_or(stored.merge);
    Ok(())
}

fn preview(outside: &Outside<'_>, kind: DocumentType) -> Result<Answer> {
    let wanted = within(outside, false, move |ctx| wanted(ctx, kind))?;
    let source = Source::open(Inventory::of(outside.domain)?, wanted.user)?;
    let _permit = work::take_permit()?;
    let renderer = match Renderer::new(&source, wanted.stored, wanted.text.as_deref()) {
        Ok(renderer) => renderer,
        Err(error) => return Ok(Answer::json(200, &faulty(&error))),
    };
    let records = renderer.records(&wanted.items)?;
    if records.is_empty() {
        return Err(Error::field("items", "None of the selected records exists."));
    }
    let began = Instant::now();
    let (mut documents, mut bytes) = (Vec::new(), 0);
    for record in &records {
        let merge = renderer.stored.merge;
        match if merge { renderer.merged(&records) } else { renderer.one(record) } {
            Ok(document) => {
                bytes += document.text.len();
                check_size(bytes)?;
                documents.push(document);
            }
            Err(error) => return Ok(Answer::json(200, &faulty(&error))),
        }
        if merge {
            break;
        }
        if began.elapsed() > LONGEST {
            let message = format!("The preview took longer than {} seconds. Select fewer records.", LONGEST.as_secs());
            return Err(Error::field("items", message));
        }
    }
    Ok(Answer::json(200, &made(&renderer, documents, &wanted.format)?))
}

/// Refuses a preview of so many bytes, where that is too much.
fn check_size(bytes: usize) -> Result<()> {
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    let message = format!("The preview is larger than {} MB. Select fewer records.", MOST_BYTES >> 20);
    Err(Error::field("items", message))
}

fn faulty(error: &TemplateError) -> Json {
    json!({
        "html": null, "pdf": null, "pages": [], "missing": [], "missing_files": [],
        "errors": [{"template": error.template, "line": error.line, "column": error.column, "message": error.message}],
    })
}

fn made(renderer: &Renderer, documents: Vec<Rendered>, format: &str) -> Result<Json> {
    let mut missing: Vec<String> = documents.iter().flat_map(|document| document.missing.iter().cloned()).collect();
    missing.sort();
    missing.dedup();
    let texts: Vec<String> = documents.into_iter().map(|document| document.text).collect();
    let html = texts.join("\n");
    let encoded = |bytes: &Vec<u8>| base64::engine::general_purpose::STANDARD.encode(bytes);
    let (mut pdf, mut pages, mut missing_files) = (None, Vec::new(), Vec::new());
    if format != "html" {
        let output = if format == "png" { Output::Png { dpi: DPI } } else { Output::Pdf { archival: false } };
        let printed = work::print(renderer, texts, output, renderer.stored.page())?;
        missing_files = printed.missing;
        check_size(printed.files.iter().map(Vec::len).sum())?;
        match format {
            "png" => pages = printed.files.iter().map(encoded).collect(),
            _ => pdf = printed.files.first().map(encoded),
        }
    }
    Ok(json!({
        "html": html, "pdf": pdf, "pages": pages, "missing": missing, "missing_files": missing_files, "errors": [],
    }))
}

static NAMES_VIEW: View = View::plain(
    "TemplateNames",
    &[
        value("variables", JSON).help(
            "The variables of the kind: name, and where it is a record or a list of records, its model and whether it \
             is a list.",
        ),
        value("records", JSON).help("The names of records by their model, each as a variable."),
        value("tags", Type::Texts).help("Names of the tags."),
        value("filters", Type::Texts).help("Names of the filters."),
    ],
);

/// `GET /api/label/names/`: an addition to the InvenTree API.
pub(super) static LABEL_NAMES: Action =
    action(Method::Get, "/api/label/names/", "label_names_retrieve", Access::SignedIn, |ctx, args| {
        known(ctx, args, DocumentType::Label)
    })
    .params(&[("model_type", TEXT, "Type of the records.")])
    .response(200, Shape::Object(&NAMES_VIEW))
    .help("The names that label templates can use. An addition to the InvenTree API.");

/// `GET /api/report/names/`: an addition to the InvenTree API.
pub(super) static REPORT_NAMES: Action =
    action(Method::Get, "/api/report/names/", "report_names_retrieve", Access::SignedIn, |ctx, args| {
        known(ctx, args, DocumentType::Report)
    })
    .params(&[("model_type", TEXT, "Type of the records.")])
    .response(200, Shape::Object(&NAMES_VIEW))
    .help("The names that report templates can use. An addition to the InvenTree API.");

/// A name with the records behind it, if there are any.
fn described(name: &str, target: Option<(&'static Table, bool)>) -> Json {
    match target {
        Some((table, list)) => json!({"name": name, "model": table.model(), "list": list}),
        None => json!({"name": name, "model": null, "list": false}),
    }
}

fn known(ctx: &mut Context<'_>, _: &Args, kind: DocumentType) -> Result<Answer> {
    let model = ctx.request.param("model_type").unwrap_or_default();
    let table = table_of(model).ok_or_else(|| Error::field("model_type", "Enter a type of record, such as part."))?;
    let own = if kind == DocumentType::Label { context::OF_LABELS } else { context::OF_REPORTS };
    let mut variables: Vec<Json> = context::GLOBAL.iter().chain(own).map(|name| described(name, None)).collect();
    let of_kind = context::described(table);
    variables.extend(of_kind.iter().map(|(name, target)| described(name, *target)));
    let mut waiting: VecDeque<(&'static Table, usize)> =
        of_kind.iter().filter_map(|(_, target)| target.map(|(table, _)| (table, 0))).collect();
    let mut records: BTreeMap<&'static str, Json> = BTreeMap::new();
    while let Some((table, distance)) = waiting.pop_front() {
        if records.contains_key(table.model()) || distance > FARTHEST {
            continue;
        }
        let mut list = Vec::new();
        for name in names::all(table, shown_names(ctx.registry, table)) {
            let target = names::target(table, &name).or_else(|| link_target(table, &name));
            list.push(described(&name, target));
            waiting.extend(target.map(|(table, _)| (table, distance + 1)));
        }
        records.insert(table.model(), Json::Array(list));
    }
    let mut tag_list: Vec<&str> = tag_names().chain(tags::names()).collect();
    tag_list.sort_unstable();
    let filters: Vec<&str> = filter_names().collect();
    let records: Map<String, Json> = records.into_iter().map(|(name, list)| (name.to_owned(), list)).collect();
    let body = json!({"variables": variables, "records": records, "tags": tag_list, "filters": filters});
    Ok(Answer::json(200, &body))
}

fn link_target(table: &'static Table, name: &str) -> Option<(&'static Table, bool)> {
    match table.column(name)?.kind {
        ColumnType::Link(target, _) => Some((target, false)),
        ColumnType::Many { target, .. } => Some((target, true)),
        _ => None,
    }
}

/// The names under which the API shows values of a record that templates can use as they are.
fn shown_names(registry: &Registry, table: &Table) -> impl Iterator<Item = &'static str> + use<> {
    let fields = registry.list_of(table).map_or(&[][..], |resource| resource.row_view().fields);
    fields.iter().filter(|field| field.shown() && !field.name.ends_with("_detail")).map(|field| field.name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::on_each_server;

    #[test]
    fn previews_are_bounded_in_all() {
        on_each_server(|server| {
            let admin = server.superuser();
            let items: Vec<i64> =
                (0..10).map(|i| admin.made("/api/part/", json!({"name": format!("Part {i}")}))).collect();
            // 1 MB for each record
            let text = format!("{{% for i in \"{}\" %}}{}{{% endfor %}}", "a".repeat(1000), "x".repeat(1 << 10));
            let preview = |items: &[i64]| {
                let body = json!({"text": text, "model_type": "part", "items": items, "format": "html"});
                admin.post("/api/label/preview/", body)
            };
            let (status, one) = preview(&items[..1]);
            assert_eq!((status, one["html"].as_str().map(str::len)), (200, Some(1_024_000)));
            let (status, all) = preview(&items);
            assert_eq!(status, 400);
            assert!(all["items"][0].as_str().unwrap().contains("8 MB"), "{all}");
        });
    }

    #[test]
    fn an_editor_gets_the_names_for_completion() {
        on_each_server(|server| {
            let admin = server.superuser();
            let all = admin.read("/api/label/names/?model_type=stockitem");
            let variable = |name: &str| {
                all["variables"].as_array().unwrap().iter().find(|v| v["name"] == name).cloned().unwrap_or_default()
            };
            assert_eq!(variable("part"), json!({"name": "part", "model": "part", "list": false}));
            assert_eq!(variable("width")["model"], json!(null));
            let names: Vec<&str> =
                all["records"]["part"].as_array().unwrap().iter().map(|name| name["name"].as_str().unwrap()).collect();
            for name in ["full_name", "IPN", "category", "supplier_parts", "total_stock", "parameters"] {
                assert!(names.contains(&name), "{name}: {names:?}");
            }
            assert!(all["tags"].as_array().unwrap().contains(&json!("qrcode")));
            assert!(all["filters"].as_array().unwrap().contains(&json!("floatformat")));
            let users: Vec<&str> =
                all["records"]["user"].as_array().unwrap().iter().map(|name| name["name"].as_str().unwrap()).collect();
            assert!(!users.contains(&"password"), "{users:?}");
            assert_eq!(admin.get("/api/report/names/?model_type=x").0, 400);
        });
    }
}
