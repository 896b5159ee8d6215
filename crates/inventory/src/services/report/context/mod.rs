//! What templates know: the variables of each kind of record, and what stands behind them.

pub(crate) mod convert;
pub(crate) mod names;
pub(crate) mod record;
pub(crate) mod rows;
pub(crate) mod source;
#[cfg(test)]
mod tests;
mod tests_of;

use std::rc::Rc;

use ironwood_rest::table::Table;
use ironwood_template::{Map, Value};

use crate::schema::build;
use crate::schema::company::COMPANY;
use crate::schema::part::PART;
use crate::schema::purchasing;
use crate::schema::returns;
use crate::schema::sales;
use crate::schema::stock::{ITEM, LOCATION};
use crate::schema::transfer;
use convert::LazyMap;
use record::{Looked, Record};

/// Where the value of a variable comes from.
enum Entry {
    /// The record itself.
    Itself,
    /// Names of the record, joined by dots.
    Get(&'static str),
    /// What a function makes of the record.
    Made(fn(&Rc<Record>) -> Looked<Value>),
}

use Entry::{Get, Itself, Made};

type Variables = &'static [(&'static str, Entry)];

const QR_DATA: (&str, Entry) = ("qr_data", Get("barcode"));
const QR_URL: (&str, Entry) = ("qr_url", Made(page_url));

const TITLE: (&str, Entry) = ("title", Made(|record| Ok(Value::text(names::text_of(record)?))));

/// The variables of orders of a customer.
const OF_A_CUSTOMER: Variables = &[
    ("order", Itself),
    ("customer", Get("customer")),
    REFERENCE,
    DESCRIPTION,
    TITLE,
    LINES,
    EXTRA_LINES,
    QR_DATA,
    QR_URL,
];

/// The variables of each kind of record. Names that older servers gave to labels are among them.
static VARIABLES: &[(&Table, Variables)] = &[
    (
        &PART,
        &[
            ("part", Itself),
            ("name", Get("name")),
            ("description", Get("description")),
            ("IPN", Get("IPN")),
            ("revision", Get("revision")),
            ("category", Get("category")),
            ("bom_items", Get("bom_items")),
            ("parameters", Made(|part| Ok(parameters(part.clone())))),
            ("test_template_list", Get("test_templates")),
            ("test_templates", Made(|part| Ok(test_templates(part.clone())))),
            QR_DATA,
            QR_URL,
        ],
    ),
    (
        &ITEM,
        &[
            ("stock_item", Itself),
            ("item", Itself),
            ("part", Get("part")),
            ("name", Get("part.full_name")),
            ("ipn", Get("part.IPN")),
            ("quantity", Get("quantity")),
            ("serial", Get("serial")),
            ("batch", Get("batch")),
            ("barcode_data", Get("barcode_data")),
            ("barcode_hash", Get("barcode_hash")),
            ("child_items", Get("child_items")),
            ("installed_items", Made(|item| Ok(lazy_list(item, |item| list_of(&item.get("installed_items")?))))),
            ("parameters", Made(|item| Ok(part_of(item)?.map_or(Value::map([]), parameters)))),
            ("results", Made(|item| Ok(lazy_map(item, tests_of::all_results)))),
            (
                "result_list",
                Made(|item| Ok(lazy_list(item, |item| Ok(tests_of::all_results(item)?.into_values().collect())))),
            ),
            ("tests", Made(|item| Ok(lazy_map(item, |item| map_of(tests_of::own_results(item)?))))),
            ("test_keys", Made(|item| Ok(lazy_list(item, tests_of::keys)))),
            ("test_template_list", Get("part.test_templates")),
            ("test_templates", Made(|item| Ok(part_of(item)?.map_or(Value::map([]), test_templates)))),
            QR_DATA,
            QR_URL,
        ],
    ),
    (
        &LOCATION,
        &[
            ("location", Itself),
            ("stock_location", Itself),
            ("parent", Get("parent")),
            ("stock_items", Get("get_stock_items")),
            QR_DATA,
            QR_URL,
        ],
    ),
    (
        &COMPANY,
        &[
            ("company", Itself),
            ("name", Get("name")),
            ("description", Get("description")),
            ("website", Get("website")),
            ("phone", Get("phone")),
            ("email", Get("email")),
            ("address", Get("address")),
            QR_URL,
        ],
    ),
    (
        &build::BUILD,
        &[
            ("build", Itself),
            ("part", Get("part")),
            ("quantity", Get("quantity")),
            ("reference", Get("reference")),
            TITLE,
            ("bom_items", Get("bom_items")),
            ("build_outputs", Get("build_outputs")),
            ("line_items", Get("line_items")),
            QR_DATA,
            QR_URL,
        ],
    ),
    (
        &build::LINE,
        &[
            ("build_line", Itself),
            ("build", Get("build")),
            ("bom_item", Get("bom_item")),
            ("part", Get("part")),
            ("quantity", Get("quantity")),
            ("allocated_quantity", Get("allocated_quantity")),
            ("allocations", Get("allocations")),
        ],
    ),
    (
        &purchasing::ORDER,
        &[
            ("order", Itself),
            ("supplier", Get("supplier")),
            REFERENCE,
            DESCRIPTION,
            TITLE,
            LINES,
            EXTRA_LINES,
            QR_DATA,
            QR_URL,
        ],
    ),
    (&sales::ORDER, OF_A_CUSTOMER),
    (&returns::ORDER, OF_A_CUSTOMER),
    (&transfer::ORDER, &[("order", Itself), REFERENCE, DESCRIPTION, TITLE, LINES, QR_DATA, QR_URL]),
    (
        &sales::SHIPMENT,
        &[
            ("shipment", Itself),
            ("order", Get("order")),
            ("address", Get("address")),
            ("allocations", Get("allocations")),
            ("tracking_number", Get("tracking_number")),
            REFERENCE,
            TITLE,
            QR_DATA,
            QR_URL,
        ],
    ),
];

const REFERENCE: (&str, Entry) = ("reference", Get("reference"));
const DESCRIPTION: (&str, Entry) = ("description", Get("description"));
const LINES: (&str, Entry) = ("lines", Get("lines"));
const EXTRA_LINES: (&str, Entry) = ("extra_lines", Get("extra_lines"));

/// Variables of every template.
pub(crate) const GLOBAL: &[&str] = &[
    "base_url",
    "date",
    "datetime",
    "template",
    "template_name",
    "template_description",
    "template_revision",
    "user",
    "own_company",
];
/// Variables of labels.
pub(crate) const OF_LABELS: &[&str] = &["width", "height", "page_style"];
/// Variables of reports.
pub(crate) const OF_REPORTS: &[&str] =
    &["page_size", "landscape", "merge", "report_name", "report_description", "report_revision"];

fn variables(table: &Table) -> Variables {
    VARIABLES.iter().find(|(known, _)| known.name == table.name).map_or(&[], |(_, variables)| *variables)
}

/// The names of the variables of a kind of record, each with the table of the record (or, true, rows) behind it.
pub(crate) fn described(table: &'static Table) -> Vec<(&'static str, Option<(&'static Table, bool)>)> {
    let described = |(name, entry): &(&'static str, Entry)| match entry {
        Itself => (*name, Some((table, false))),
        Get(path) => (*name, names::target(table, path)),
        Made(_) => (*name, None),
    };
    variables(table).iter().map(described).collect()
}

/// The variables of a record.
///
/// # Errors
/// Where they cannot be read.
pub(crate) fn of(record: &Rc<Record>) -> Looked<Map> {
    let value = |entry: &Entry| match entry {
        Itself => Ok(Value::Object(record.clone())),
        Get(path) => record.get(path),
        Made(make) => make(record),
    };
    variables(record.table()).iter().map(|(name, entry)| Ok((Rc::from(*name), value(entry)?))).collect()
}

/// The full address of the page of a record.
fn page_url(record: &Rc<Record>) -> Looked<Value> {
    let path = record.get("get_absolute_url")?.to_text()?;
    Ok(Value::text(format!("{}{path}", record.source().base_url())))
}

fn part_of(item: &Rc<Record>) -> Looked<Option<Rc<Record>>> {
    item.follow("part")
}

fn parameters(part: Rc<Record>) -> Value {
    LazyMap::value(move || map_of(names::parameters_map(&part)?))
}

fn test_templates(part: Rc<Record>) -> Value {
    LazyMap::value(move || map_of(tests_of::templates(&part)?))
}

fn map_of(value: Value) -> Looked<Map> {
    Ok(match value {
        Value::Map(map) => Rc::unwrap_or_clone(map),
        _ => Map::new(),
    })
}

fn list_of(value: &Value) -> Looked<Vec<Value>> {
    Ok(value.elements()?.map_or_else(Vec::new, |list| list.to_vec()))
}

fn lazy_map(record: &Rc<Record>, make: fn(&Record) -> Looked<Map>) -> Value {
    let record = record.clone();
    LazyMap::value(move || make(&record))
}

fn lazy_list(record: &Rc<Record>, make: fn(&Record) -> Looked<Vec<Value>>) -> Value {
    let record = record.clone();
    names::lazy(move || make(&record))
}
