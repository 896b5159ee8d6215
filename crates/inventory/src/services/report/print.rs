//! Printing in the API: labels and reports for given records.
//!
//! A few records are printed within the request, whose answer then names the finished file; more are printed in the
//! background, and clients look at the output until it is complete. Deleting the output cancels the work.

use std::rc::Rc;
use std::sync::Arc;

use ironwood_base::{Error, Key, Result};
use ironwood_rest::context::{Context, Limits, Permission};
use ironwood_rest::effects::Effects;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::list;
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Outside, Shape, action, free_action};
use ironwood_rest::view::{BOOL, INT, TEXT, Type, View, input, value};
use ironwood_store::{Connection, Value, fragment};
use serde_json::{Value as Json, json};

use super::context::source::Source;
use super::defaults;
use super::document::DocumentType;
use super::options::{self, MACHINES, PLAIN, SHEETS};
use super::render::{Renderer, Stored, refusal};
use super::sheet::{Layout, MOST_ROWS, MOST_SKIPPED, WIDEST};
use super::work::{self, Finished, RenderOptions};
use crate::lists::the_registry;
use crate::platform::common::choices::PAGE_SIZES;
use crate::platform::media;
use crate::platform::output::{self, FOLDER, OUTPUTS};
use crate::platform::settings::keys;
use crate::platform::state::Inventory;
use crate::platform::system::job::{self, JobType, Next, Queue};
use crate::platform::users::background_user::BackgroundUser;
use crate::platform::users::visitor::Visitor;
use crate::schema::keys::*;
use crate::schema::record_type::{self, Has};
use crate::schema::report::{LABEL, REPORT};
use crate::services::machine;

/// Most records of one printing.
const MOST_ITEMS: usize = 1_000;
/// Most records that are printed within the request.
const AT_ONCE: usize = 25;

/// Most print jobs of a user that wait or are done: some minutes of printing.
const MOST_WAITING: i64 = 50;

static LABEL_VIEW: View = View::plain(
    "LabelPrint",
    &[
        input("template", INT).links(&LABEL).required().always().help("Template."),
        input("plugin", TEXT).label("Printing Plugin").always().help("Printing plugin: `inventreelabel` (a PDF file), `inventreelabelsheet` (sheets of labels), or `inventreelabelmachine` (a label printer). Default: `inventreelabel`."),
        input("items", Type::Ints).required().always().help("IDs of the records to print, up to 1,000."),
        input("page_size", TEXT).choices(PAGE_SIZES).default("\"A4\"").help("Sheets: paper size."),
        input("landscape", BOOL).default("false").help("Sheets: use landscape orientation."),
        input("skip", INT).label("Skip Labels").default("0").help("Sheets: number of labels to skip at the beginning of the first sheet."),
        input("border", BOOL).default("false").help("Sheets: draw a border around each label."),
        input("margin", INT).label("Page Margin").default("10").help("Sheets: page margin in millimeters."),
        input("gap", INT).default("0").help("Sheets: distance between labels in millimeters. An addition to the InvenTree API."),
        input("columns", INT).default("0").help("Sheets: number of columns. 0: as many as fit. An addition to the InvenTree API."),
        input("rows", INT).default("0").help("Sheets: number of rows. 0: as many as fit. An addition to the InvenTree API."),
        input("machine", TEXT).nullable().help("Label printers: ID of the machine."),
        input("driver_options", Type::Object(&machine::request::OPTIONS)).label("Options").nullable().help("Label printers: copies, and options of the machine. OPTIONS with `plugin` and `machine` in the query lists those of a machine."),
    ],
);

static REPORT_VIEW: View = View::plain(
    "ReportPrint",
    &[
        input("template", INT).links(&REPORT).required().always().help("Template."),
        input("items", Type::Ints).required().always().help("IDs of the records to print, up to 1,000."),
    ],
);

request! {
    struct LabelRequest of LABEL_VIEW {
        template: LabelTemplateKey,
        plugin: String,
        items: Vec<AnyKey>,
        page_size: String,
        landscape: bool,
        skip: i64,
        border: bool,
        margin: i64,
        gap: i64,
        columns: i64,
        rows: i64,
        machine: String,
        driver_options: Option<Box<machine::request::Options>>,
    } without []
}

request! {
    struct ReportRequest of REPORT_VIEW {
        template: ReportTemplateKey,
        items: Vec<AnyKey>,
    } without []
}

/// `POST /api/label/print/`.
pub(super) static PRINT_LABELS: Action =
    free_action(Method::Post, "/api/label/print/", "label_print_create", Access::SignedIn, |outside, _| {
        start(outside, DocumentType::Label)
    })
    .request(Shape::Object(&LABEL_VIEW))
    .describe(|ctx| options::fields(ctx, &LABEL_VIEW))
    .response(201, Shape::Object(&output::VIEW))
    .help("Prints labels for records. With more than 25 records, or on a label printer, the output is completed in the background.");

/// `POST /api/report/print/`.
pub(super) static PRINT_REPORT: Action =
    free_action(Method::Post, "/api/report/print/", "report_print_create", Access::SignedIn, |outside, _| {
        start(outside, DocumentType::Report)
    })
    .request(Shape::Object(&REPORT_VIEW))
    .response(201, Shape::Object(&output::VIEW))
    .help("Prints reports for records. With more than 25 records, the output is completed in the background.");

static DEFAULTS_VIEW: View =
    View::plain("TemplateDefaults", &[value("added", INT).help("Number of templates that were added.")]);

/// `POST /api/report/defaults/`: an addition to the InvenTree API.
pub(super) static ADD_DEFAULTS: Action =
    action(Method::Post, "/api/report/defaults/", "report_defaults_create", Access::Staff, |ctx, _| {
        let (media, user) = (Inventory::of(ctx.domain)?.media.clone(), caller_key(ctx).known());
        let added = defaults::add(ctx.conn, &media, &mut ctx.effects, user)?;
        Ok(Answer::json(200, &json!({ "added": added })))
    })
    .response(200, Shape::Object(&DEFAULTS_VIEW))
    .help("Adds the default templates whose names do not exist yet. An addition to the InvenTree API.");

/// What is to be printed, checked.
#[derive(Debug, Clone)]
struct PrintOrder {
    kind: DocumentType,
    stored: Stored,
    items: Vec<AnyKey>,
    plugin: String,
    sheet: Option<Layout>,
    machine: Option<machine::Request>,
    user: UserKey,
}

/// Does something in a transaction that reads or (`writes`) changes, as the caller of an action outside of any.
///
/// # Errors
/// Those of the work.
pub(crate) fn within<T: Send + 'static>(
    outside: &Outside<'_>,
    writes: bool,
    mut work: impl FnMut(&mut Context<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let inventory = Inventory::of(outside.domain)?.clone();
    let caller = Arc::new(BackgroundUser(Visitor::of(outside.caller)?.user.clone()));
    let request = Arc::new(outside.request.clone());
    let db = inventory.db.clone();
    let by = crate::platform::state::origin(outside.request, outside.caller);
    let run = move |conn: &mut Connection| {
        let mut ctx = Context::new(conn, caller.as_ref(), &request, &inventory, the_registry(), Limits::default());
        let done = work(&mut ctx)?;
        Ok((done, std::mem::take(&mut ctx.effects)))
    };
    let (done, effects) = if writes { db.write(&by, run)? } else { db.read(run)? };
    effects.committed();
    Ok(done)
}

fn start(outside: &Outside<'_>, kind: DocumentType) -> Result<Answer> {
    let inventory = Inventory::of(outside.domain)?;
    let order = within(outside, false, move |ctx| read(ctx, kind))?;
    let source = Source::open(inventory, order.user)?;
    let renderer = Renderer::new(&source, order.stored.clone(), None).map_err(|error| refusal(&error))?;
    let records = renderer.records(&order.items)?;
    if records.is_empty() {
        return Err(Error::field("items", "None of the selected records exists."));
    }
    if let Some(layout) = &order.sheet {
        layout.grid(order.stored.width, order.stored.height)?;
    }
    if order.machine.is_some() || records.len() > AT_ONCE {
        // reject what cannot be printed before it is queued
        inventory.layout_engine()?;
        let items: Vec<AnyKey> = records.iter().map(|record| Key::from_id(record.id())).collect();
        let order = PrintOrder { items, ..order };
        return within(outside, true, move |ctx| queue(ctx, &order));
    }
    let renderer = if order.sheet.is_some() { renderer.without_page() } else { renderer };
    let options = RenderOptions { debug: is_debug(&source, kind)?, sheet: order.sheet.clone() };
    let _permit = work::take_permit()?;
    let finished = work::finish(&renderer, &records, &options, &mut |_| Ok(true))?;
    let total = records.len();
    let mut effects = Effects::default();
    let path = write(inventory, &finished, &mut effects)?;
    let finished = Arc::new(finished);
    let answer = within(outside, true, move |ctx| {
        attach(ctx, &order, &finished)?;
        let record = vec![
            ("user", order.user.into()),
            ("total", count(total).into()),
            ("progress", count(total).into()),
            ("complete", true.into()),
            ("output_type", order.kind.name().into()),
            ("template_name", order.stored.name.as_str().into()),
            ("plugin", plugin_of(&order)),
            ("output", path.as_str().into()),
        ];
        created(output::note(ctx, &record)?)
    })?;
    effects.committed();
    Ok(answer)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn plugin_of(order: &PrintOrder) -> Value {
    if order.kind == DocumentType::Label { order.plugin.as_str().into() } else { Value::Null }
}

fn created(mut answer: Answer) -> Result<Answer> {
    answer.status = 201;
    Ok(answer)
}

/// Reads and checks what is asked for.
fn read(ctx: &mut Context<'_>, kind: DocumentType) -> Result<PrintOrder> {
    let (id, items, label) = match kind {
        DocumentType::Label => {
            let label = LabelRequest::read(ctx)?;
            (label.template.general(), label.items.clone(), Some(label))
        }
        DocumentType::Report => {
            let report = ReportRequest::read(ctx)?;
            (report.template.general(), report.items, None)
        }
    };
    let unknown = || Error::field("template", format!("Template {id} does not exist or is not enabled."));
    let stored = Stored::load(ctx.conn, kind, id)?.filter(|stored| stored.enabled).ok_or_else(unknown)?;
    ctx.require(stored.table.name, Permission::View)?;
    if kind == DocumentType::Label && (stored.width <= 0.0 || stored.height <= 0.0) {
        return Err(Error::field("template", "The label template must have a width and a height greater than zero."));
    }
    if items.is_empty() {
        return Err(Error::field("items", "Select at least one record."));
    }
    if items.len() > MOST_ITEMS {
        return Err(Error::field("items", format!("Select at most {MOST_ITEMS} records.")));
    }
    let plugin = label.as_ref().map(|label| label.plugin.as_str()).filter(|plugin| !plugin.is_empty());
    let plugin = plugin.unwrap_or(PLAIN).to_owned();
    let (mut sheet, mut machine) = (None, None);
    match (plugin.as_str(), &label) {
        (PLAIN, _) => {}
        (SHEETS, Some(label)) => sheet = Some(layout(label)?),
        (MACHINES, Some(label)) => {
            let options = label.driver_options.as_deref();
            machine = Some(machine::Request::read(ctx.conn, label.machine.trim(), options)?);
        }
        _ => return Err(Error::field("plugin", format!("Use one of: {PLAIN}, {SHEETS}, {MACHINES}."))),
    }
    let mut seen = std::collections::HashSet::new();
    let items = items.into_iter().filter(|key| seen.insert(*key)).collect();
    Ok(PrintOrder { kind, stored, items, plugin, sheet, machine, user: caller_key(ctx) })
}

/// How labels lie on a sheet.
fn layout(label: &LabelRequest) -> Result<Layout> {
    let number = |name: &str, number: i64, most: i64| {
        let fits = (0..=most).contains(&number);
        if fits { Ok(number) } else { Err(Error::field(name, format!("Enter a number from 0 to {most}."))) }
    };
    let page_size = if label.page_size.is_empty() { "A4" } else { &label.page_size };
    Ok(Layout {
        page_size: page_size.to_owned(),
        landscape: label.landscape,
        margin: number("margin", label.margin, WIDEST)?,
        gap: number("gap", label.gap, WIDEST)?,
        columns: number("columns", label.columns, MOST_ROWS)?,
        rows: number("rows", label.rows, MOST_ROWS)?,
        skip: number("skip", label.skip, MOST_SKIPPED)?,
        border: label.border,
    })
}

/// Refuses a further job of a user of whom many wait, so that one cannot keep the others from printing.
fn check_waiting(ctx: &mut Context<'_>, user: UserKey) -> Result<()> {
    let sql = "SELECT COUNT(*) FROM ironwood_job WHERE \"user\" = $1 AND kind IN ($2, $3) AND state IN ('pending', 'running')";
    let row = ctx.conn.one(sql, &[user.into(), IN_BACKGROUND.name.into(), ON_MACHINE.name.into()])?;
    if row.map_or(0, |row| row.int(0)) >= MOST_WAITING {
        let message = format!(
            "You have {MOST_WAITING} print jobs waiting. Try again when some of them are done, or delete outputs to cancel them."
        );
        return Err(Error::Status(429, message));
    }
    Ok(())
}

/// Notes the output and queues the work behind it.
fn queue(ctx: &mut Context<'_>, order: &PrintOrder) -> Result<Answer> {
    check_waiting(ctx, order.user)?;
    let sql = "INSERT INTO common_dataoutput (created, \"user\", total, progress, complete, output_type, template_name, \
               plugin, output) VALUES ($1, $2, $3, 0, FALSE, $4, $5, $6, '') RETURNING id";
    let params = [
        ironwood_base::clock::today().into(),
        order.user.into(),
        count(order.items.len()).into(),
        order.kind.name().into(),
        order.stored.name.as_str().into(),
        plugin_of(order),
    ];
    let id = ctx.conn.one(sql, &params)?.map_or(0, |row| row.int(0));
    let payload = json!({
        "output": id, "user": order.user, "kind": order.kind.name(), "template": order.stored.id,
        "items": order.items, "plugin": order.plugin, "sheet": order.sheet.as_ref().map(Layout::json),
        "machine": order.machine.as_ref().map(machine::Request::json),
    });
    match &order.machine {
        Some(request) => {
            options::remember(ctx, &request.key)?;
            job::enqueue(ctx, &ON_MACHINE, &payload)?;
        }
        None => {
            job::enqueue(ctx, &IN_BACKGROUND, &payload)?;
        }
    }
    created(list::retrieve(ctx, &OUTPUTS, id)?)
}

/// Whether HTML is wanted instead of a PDF.
fn is_debug(source: &Rc<Source>, kind: DocumentType) -> Result<bool> {
    if kind == DocumentType::Report {
        return Ok(source.settings.bool(keys::REPORT_DEBUG_MODE));
    }
    source.read(|ctx| {
        let sql = "SELECT s.value FROM plugin_pluginsetting s JOIN plugin_pluginconfig c ON c.id = s.plugin \
                   WHERE c.key = $1 AND s.key = 'DEBUG'";
        let row = ctx.conn.one(sql, &[PLAIN.into()])?;
        Ok(row.is_some_and(|row| crate::platform::settings::truth(row.text(0))))
    })
}

fn write(inventory: &Inventory, finished: &Finished, effects: &mut Effects) -> Result<String> {
    let name = format!("{}{}", finished.stem, finished.ending);
    media::write(&inventory.media, effects, &media::unguessable(FOLDER)?, &name, &finished.bytes)
}

/// Attaches the files of single records to them.
fn attach(ctx: &mut Context<'_>, order: &PrintOrder, finished: &Finished) -> Result<()> {
    let table = order.stored.table;
    if !record_type::of(table).is_some_and(|one| one.has(Has::Attachments)) {
        return Ok(());
    }
    let media = Inventory::of(ctx.domain)?.media.clone();
    let name = format!("{}{}", finished.stem, finished.ending);
    for (id, bytes) in &finished.attached {
        let folder = format!("attachments/{}/{id}", table.model());
        let path = media::write(&media, &mut ctx.effects, &folder, &name, bytes)?;
        let sql = "INSERT INTO common_attachment (model_type, model_id, attachment, thumbnail, comment, upload_user, \
                   upload_date, is_image, file_size) VALUES ($1, $2, $3, '', $4, $5, $6, FALSE, $7)";
        let comment: String = format!("Printed with {}", order.stored.name).chars().take(250).collect();
        let params = [
            table.model().into(),
            (*id).into(),
            path.into(),
            comment.into(),
            order.user.into(),
            ironwood_base::clock::today().into(),
            count(bytes.len()).into(),
        ];
        ctx.conn.execute(sql, &params)?;
    }
    Ok(())
}

/// Prints many records into a file.
static IN_BACKGROUND: JobType = JobType::free("print_records", print_job).queue(Queue::Printing);
/// Prints labels on a machine; tried again where the machine cannot be reached.
static ON_MACHINE: JobType = JobType::free("print_on_machine", machine_job).queue(Queue::Printing);

/// Jobs of this file.
pub(crate) static JOBS: &[&JobType] = &[&IN_BACKGROUND, &ON_MACHINE];

/// Reads a job back; `None` where its output is gone, which cancels it.
fn read_job(inventory: &Inventory, payload: &Json) -> Result<Option<(DataOutputKey, PrintOrder)>> {
    let number = |name: &str| payload[name].as_i64().unwrap_or(0);
    let (output, template) = (DataOutputKey::from_id(number("output")), AnyKey::from_id(number("template")));
    let kind = if payload["kind"] == "label" { DocumentType::Label } else { DocumentType::Report };
    let found = inventory.db.read(move |conn| {
        let sql = "SELECT 1 FROM common_dataoutput WHERE id = $1";
        if conn.one(sql, &[output.into()])?.is_none() {
            return Ok(None);
        }
        Stored::load(conn, kind, template).map(Some)
    })?;
    let Some(stored) = found else { return Ok(None) };
    let stored = stored.ok_or_else(|| Error::bad_request("The template was deleted."))?;
    let keys = payload["items"].as_array().into_iter().flatten().filter_map(Json::as_i64).map(Key::from_id);
    let machine = machine::Request::of_json(&payload["machine"]);
    let sheet = payload["sheet"].is_object().then(|| Layout::of_json(&payload["sheet"]));
    let plugin = payload["plugin"].as_str().unwrap_or(PLAIN).to_owned();
    Ok(Some((
        output,
        PrintOrder {
            kind,
            stored,
            items: keys.collect(),
            plugin,
            sheet,
            machine,
            user: UserKey::from_id(number("user")),
        },
    )))
}

/// Notes on an output how far it is, or what went wrong; false where it is gone.
fn note(inventory: &Inventory, output: DataOutputKey, column: &'static str, value: impl Into<Value>) -> Result<bool> {
    let value = value.into();
    let sql = fragment!("UPDATE common_dataoutput SET {column} = $1 WHERE id = $2");
    inventory.write(move |conn| Ok(conn.execute(&sql, &[value.clone(), output.into()])? > 0))
}

fn note_failure(inventory: &Inventory, output: DataOutputKey, error: &Error) -> Result<bool> {
    let message = match error {
        Error::Internal(why) => {
            tracing::error!("printing failed: {why}");
            "Printing failed on the server.".to_owned()
        }
        error => error.to_string(),
    };
    note(inventory, output, "errors", json!({ "error": message }).to_string())
}

/// How many records are printed between two notes of the progress.
const STEP: usize = 10;

fn print_job(inventory: &Inventory, payload: &Json) -> Result<Next> {
    let Some((output, order)) = read_job(inventory, payload)? else { return Ok(Next::Done) };
    let mut progress = |done: usize| match done.is_multiple_of(STEP) {
        true => note(inventory, output, "progress", count(done)),
        false => Ok(true),
    };
    match finish_job(inventory, &order, &mut progress) {
        Ok(finished) => complete(inventory, output, order, finished)?,
        Err(error) => {
            note_failure(inventory, output, &error)?;
            // too much else was being printed
            if matches!(error, Error::Status(503, _)) {
                return Err(error);
            }
        }
    }
    Ok(Next::Done)
}

fn finish_job(inventory: &Inventory, order: &PrintOrder, progress: work::Progress<'_>) -> Result<Finished> {
    let source = Source::open(inventory, order.user)?;
    let renderer = Renderer::new(&source, order.stored.clone(), None).map_err(|error| refusal(&error))?;
    let renderer = if order.sheet.is_some() { renderer.without_page() } else { renderer };
    let records = renderer.records(&order.items)?;
    let options = RenderOptions { debug: is_debug(&source, order.kind)?, sheet: order.sheet.clone() };
    let _permit = work::take_permit()?;
    work::finish(&renderer, &records, &options, progress)
}

/// Keeps the file of an output, and what is attached to records.
fn complete(inventory: &Inventory, output: DataOutputKey, order: PrintOrder, finished: Finished) -> Result<()> {
    let mut effects = Effects::default();
    let path = write(inventory, &finished, &mut effects)?;
    let (server, finished) = (inventory.clone(), Arc::new(finished));
    let user = order.user;
    let (kept, attached) = inventory.write(move |conn| {
        let sql =
            "UPDATE common_dataoutput SET output = $1, progress = total, complete = TRUE, errors = NULL WHERE id = $2";
        if conn.execute(sql, &[path.as_str().into(), output.into()])? == 0 {
            return Ok((false, Effects::default()));
        }
        let Some(user) = crate::platform::users::permission::User::by_id(conn, user)? else {
            return Ok((true, Effects::default()));
        };
        let request = super::context::source::neutral("");
        let caller = BackgroundUser(user);
        let mut ctx = Context::new(conn, &caller, &request, &server, the_registry(), Limits::default());
        attach(&mut ctx, &order, &finished)?;
        Ok((true, std::mem::take(&mut ctx.effects)))
    })?;
    if kept {
        effects.committed();
        attached.committed();
    }
    Ok(())
}

fn machine_job(inventory: &Inventory, payload: &Json) -> Result<Next> {
    let Some((output, order)) = read_job(inventory, payload)? else { return Ok(Next::Done) };
    let Some(request) = order.machine.clone() else { return Ok(Next::Done) };
    let sent = (|| {
        let source = Source::open(inventory, order.user)?;
        let renderer = Renderer::new(&source, order.stored.clone(), None).map_err(|error| refusal(&error))?;
        let records = renderer.records(&order.items)?;
        let _permit = work::take_permit()?;
        machine::print(&request, &renderer, &records, &mut |done| note(inventory, output, "progress", count(done)))
    })();
    match sent {
        Ok(Some(finished)) => {
            complete(inventory, output, order, finished)?;
            Ok(Next::Done)
        }
        Ok(None) => {
            let sql = "UPDATE common_dataoutput SET progress = total, complete = TRUE, errors = NULL WHERE id = $1";
            inventory.write(move |conn| conn.execute(sql, &[output.into()]))?;
            Ok(Next::Done)
        }
        Err(error) => {
            note_failure(inventory, output, &error)?;
            // a machine that cannot be reached is tried again
            if matches!(error, Error::Status(503, _)) { Err(error) } else { Ok(Next::Done) }
        }
    }
}

/// Prints as older clients ask for it: the keys stand in the query, the answer is the file.
///
/// # Errors
/// As for today's requests.
pub(crate) fn older(outside: &Outside<'_>, kind: DocumentType, template: &str) -> Result<Answer> {
    const NAMES: &[&str] = &["part", "item", "location", "build", "order", "stock_item", "bom"];
    let named = |name: &str| {
        let name = name.trim_end_matches("[]");
        NAMES.iter().any(|known| name == *known || name.strip_suffix('s') == Some(known))
    };
    let keys = outside.request.query.iter().filter(|(name, _)| named(name)).flat_map(|(_, value)| value.split(','));
    let items: Vec<AnyKey> = keys.filter_map(|key| key.trim().parse().ok()).take(AT_ONCE + 1).collect();
    if items.is_empty() || items.len() > AT_ONCE {
        return Err(Error::field("items", format!("Select 1 to {AT_ONCE} records.")));
    }
    let id: AnyKey = template.parse().map_err(|_| Error::NotFound)?;
    let (stored, user) = within(outside, false, move |ctx| {
        let stored = Stored::load(ctx.conn, kind, id)?.filter(|stored| stored.enabled).ok_or(Error::NotFound)?;
        ctx.require(stored.table.name, Permission::View)?;
        Ok((stored, caller_key(ctx)))
    })?;
    let source = Source::open(Inventory::of(outside.domain)?, user)?;
    let stored = Stored { attach: false, ..stored };
    let renderer = Renderer::new(&source, stored, None).map_err(|error| refusal(&error))?;
    let records = renderer.records(&items)?;
    if records.is_empty() {
        return Err(Error::field("items", "None of the selected records exists."));
    }
    let _permit = work::take_permit()?;
    let finished = work::finish(&renderer, &records, &RenderOptions::default(), &mut |_| Ok(true))?;
    let name = format!("inline; filename=\"{}{}\"", finished.stem.replace('"', ""), finished.ending);
    let headers = vec![("content-disposition", name)];
    Ok(Answer { status: 200, content_type: "application/pdf", headers, body: finished.bytes })
}
