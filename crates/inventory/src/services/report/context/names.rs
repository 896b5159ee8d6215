//! Names that templates may ask records for, besides their columns and what the API shows of them.
//!
//! Their source is the documentation of InvenTree's report context, and what its templates in use ask for.

use std::rc::Rc;

use ironwood_base::status::BuildStatus;
use ironwood_base::{Key, Quantity};
use ironwood_rest::at_or_below;
use ironwood_rest::table::{ColumnType, Table};
use ironwood_store::sql;
use ironwood_template::{LazyList, Value};
use rust_decimal::Decimal;

use super::convert;
use super::record::{Looked, Record};
use super::rows::RowSet;
use super::tests_of;
use crate::business::bom::{available, lines};
use crate::platform::media::picture;
use crate::platform::pages;
use crate::schema::TABLES;
use crate::schema::bom::BOM_ITEM;
use crate::schema::build;
use crate::schema::common::{ATTACHMENT, PARAMETER, PARAMETER_TEMPLATE, PROJECT_CODE, TAG};
use crate::schema::company;
use crate::schema::keys::PartKey;
use crate::schema::part;
use crate::schema::purchasing;
use crate::schema::record_type::{Has, with};
use crate::schema::returns;
use crate::schema::sales;
use crate::schema::stock;
use crate::schema::transfer;
use crate::schema::users;

/// How rows of another table belong to a record.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Link {
    /// This column of theirs has its key.
    Column(&'static str),
    /// One column has the name of its model (`short`: without the app), another one its key.
    Generic { model: &'static str, key: &'static str, short: bool },
    /// A condition: `{value}` is the key of the record, `{own}` its table, `{record}` its model.
    Where(&'static str),
}

/// Rows of another table that belong to a record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows {
    pub table: &'static Table,
    pub link: Link,
    pub order: &'static [&'static str],
}

/// What a name means.
pub(crate) enum Meaning {
    /// A column under another name.
    Column(&'static str),
    /// What the API shows under a name.
    Shown(&'static str),
    /// Names behind each other, joined by dots.
    Path(&'static str),
    /// Rows of another table.
    Rows(Rows),
    /// What a function gives.
    Made(fn(&Record) -> Looked<Value>),
}

use crate::platform::settings::keys;
use Meaning::{Column, Made, Path, Shown};

const fn rows(table: &'static Table, column: &'static str) -> Meaning {
    Meaning::Rows(Rows { table, link: Link::Column(column), order: &[] })
}

const fn rows_where(table: &'static Table, condition: &'static str) -> Meaning {
    Meaning::Rows(Rows { table, link: Link::Where(condition), order: &[] })
}

type Named = (&'static str, Meaning);

/// Names of records of any kind.
static ANY: &[Named] = &[
    ("get_absolute_url", Made(page)),
    ("barcode", Made(barcode)),
    ("format_barcode", Made(barcode)),
    ("short_barcode", Made(barcode)),
    ("image_url", Made(|record| address_of(record, false))),
    ("thumbnail_url", Made(|record| address_of(record, true))),
    ("status_label", Shown("status_text")),
    ("is_overdue", Shown("overdue")),
    ("parameters", PARAMETERS),
    ("parameters_list", PARAMETERS),
    ("parameters_map", Made(parameters_map)),
    (
        "attachments",
        Meaning::Rows(Rows {
            table: &ATTACHMENT,
            link: Link::Generic { model: "model_type", key: "model_id", short: true },
            order: &[],
        }),
    ),
    (
        "tags",
        Meaning::Rows(Rows {
            table: &TAG,
            link: Link::Where(
                "{id} IN (SELECT g.tag FROM taggit_taggeditem g WHERE g.content_type = '{record}' \
                 AND g.object_id = {value})",
            ),
            order: &["{name}"],
        }),
    ),
];

const PARAMETERS: Meaning = Meaning::Rows(Rows {
    table: &PARAMETER,
    link: Link::Generic { model: "model_type", key: "model_id", short: false },
    order: &["{template.name}"],
});

/// Test templates of a part and of the templates above it.
const TESTS_OF_PART: &str = sql!(
    "{enabled} AND {part} IN (SELECT above.id FROM part_part own JOIN part_part above ON ",
    at_or_below!("own", "above"),
    " WHERE own.id = {value})"
);

/// Stock in a location and all below it.
const STOCK_BELOW: &str = at_or_below!(
    "{location.tree_path}",
    "(SELECT l.tree_path FROM stock_stocklocation l WHERE l.id = {value})",
    "(SELECT l.tree_end FROM stock_stocklocation l WHERE l.id = {value})"
);

static ORDER: &[Named] = &[
    ("order_address", Made(order_address)),
    ("currency", Made(order_currency)),
    ("currency_code", Made(order_currency)),
    ("line_count", Path("lines.count")),
];

static LINE: &[Named] = &[("total_line_price", Made(total_line_price)), ("remaining", Made(remaining))];

/// Names of the records of each table.
static NAMES: &[(&Table, &[Named])] = &[
    (
        &part::PART,
        &[
            ("full_name", Shown("full_name")),
            ("total_stock", Shown("total_in_stock")),
            ("available_stock", Shown("unallocated_stock")),
            ("on_order", Shown("ordering")),
            ("quantity_being_built", Shown("building")),
            ("can_build", Made(can_build)),
            ("bom_items", Made(bom_items)),
            ("get_bom_items", Made(bom_items)),
            ("has_bom", Path("bom_items.exists")),
            ("used_in", rows(&BOM_ITEM, "sub_part")),
            ("stock_items", rows(&stock::ITEM, "part")),
            ("supplier_parts", rows(&company::SUPPLIER_PART, "part")),
            ("manufacturer_parts", rows(&company::MANUFACTURER_PART, "part")),
            ("default_supplier", Made(default_supplier)),
            ("variants", rows(&part::PART, "variant_of")),
            ("revisions", rows(&part::PART, "revision_of")),
            ("builds", rows(&build::BUILD, "part")),
            ("salepricebreaks", rows(&part::SALE_PRICE, "part")),
            ("internalpricebreaks", rows(&part::INTERNAL_PRICE, "part")),
            ("test_templates", rows_where(&part::TEST_TEMPLATE, TESTS_OF_PART)),
            ("getTestTemplates", rows_where(&part::TEST_TEMPLATE, TESTS_OF_PART)),
            ("getTestTemplateMap", Made(tests_of::templates)),
            ("pricing", Made(pricing)),
            ("pricing_data", Made(pricing)),
        ],
    ),
    (&part::CATEGORY, &[("parts", rows(&part::PART, "category"))]),
    (&part::TEST_TEMPLATE, &[("name", Column("test_name"))]),
    (
        &stock::ITEM,
        &[
            ("serialized", Made(|record| Ok(Value::Bool(!record.string("serial").is_empty())))),
            ("is_serialized", Made(|record| Ok(Value::Bool(!record.string("serial").is_empty())))),
            ("child_items", rows(&stock::ITEM, "parent")),
            ("installed_items", Made(tests_of::installed)),
            ("installed_parts", rows(&stock::ITEM, "belongs_to")),
            ("get_installed_items", Made(tests_of::installed)),
            ("test_results", rows(&stock::TEST_RESULT, "stock_item")),
            ("testResultMap", Made(tests_of::own_results)),
            ("tracking_info", rows(&stock::TRACKING, "item")),
            ("allocations", rows(&build::ALLOCATION, "stock_item")),
            ("sales_order_allocations", rows(&sales::ALLOCATION, "item")),
            ("is_expired", Shown("expired")),
            ("is_stale", Shown("stale")),
        ],
    ),
    (
        &stock::LOCATION,
        &[
            ("stock_items", rows(&stock::ITEM, "location")),
            ("get_stock_items", rows_where(&stock::ITEM, STOCK_BELOW)),
            ("item_count", Path("get_stock_items.count")),
            ("icon", Shown("icon")),
        ],
    ),
    (
        &stock::TEST_RESULT,
        &[
            ("test_name", Path("template.test_name")),
            ("test", Path("template.test_name")),
            ("key", Path("template.key")),
        ],
    ),
    (&stock::TRACKING, &[("label", Shown("label"))]),
    (
        &company::COMPANY,
        &[
            ("primary_address", Made(primary_address)),
            (
                "address",
                Made(|record| {
                    Ok(record
                        .get("primary_address")?
                        .truth()?
                        .then(|| record.get("primary_address"))
                        .transpose()?
                        .unwrap_or_default())
                }),
            ),
            ("addresses", rows(&company::ADDRESS, "company")),
            ("contacts", rows(&company::CONTACT, "company")),
            ("currency_code", Made(company_currency)),
            (
                "parts",
                rows_where(
                    &company::SUPPLIER_PART,
                    "({supplier} = {value} OR {manufacturer_part.manufacturer} = {value})",
                ),
            ),
            ("supplied_parts", rows(&company::SUPPLIER_PART, "supplier")),
            ("manufactured_parts", rows(&company::MANUFACTURER_PART, "manufacturer")),
            ("purchase_orders", rows(&purchasing::ORDER, "supplier")),
            ("sales_orders", rows(&sales::ORDER, "customer")),
            ("return_orders", rows(&returns::ORDER, "customer")),
        ],
    ),
    (
        &company::SUPPLIER_PART,
        &[
            ("manufacturer", Path("manufacturer_part.manufacturer")),
            ("MPN", Path("manufacturer_part.MPN")),
            ("pricebreaks", rows(&company::SUPPLIER_PRICE, "part")),
            ("price_breaks", rows(&company::SUPPLIER_PRICE, "part")),
            ("stock_items", rows(&stock::ITEM, "supplier_part")),
        ],
    ),
    (&company::MANUFACTURER_PART, &[("supplier_parts", rows(&company::SUPPLIER_PART, "manufacturer_part"))]),
    (&BOM_ITEM, &[("substitutes", rows(&crate::schema::bom::SUBSTITUTE, "bom_item"))]),
    (
        &build::BUILD,
        &[
            ("build_lines", rows(&build::LINE, "build")),
            ("line_items", rows(&build::LINE, "build")),
            ("build_outputs", rows(&stock::ITEM, "build")),
            ("bom_items", Path("part.bom_items")),
            (
                "allocated_stock",
                rows_where(
                    &build::ALLOCATION,
                    "{build_line} IN (SELECT b.id FROM build_buildline b WHERE b.build = {value})",
                ),
            ),
            ("consumed_stock", rows(&stock::ITEM, "consumed_by")),
            (
                "remaining",
                Made(|record| {
                    Ok(Value::Int(record.int("quantity").unwrap_or(0) - record.int("completed").unwrap_or(0)))
                }),
            ),
            ("is_complete", Made(|record| Ok(Value::Bool(record.int("status") == Some(BuildStatus::COMPLETE.key()))))),
        ],
    ),
    (
        &build::LINE,
        &[
            ("part", Path("bom_item.sub_part")),
            ("allocations", rows(&build::ALLOCATION, "build_line")),
            ("allocated_quantity", Shown("allocated")),
            ("reference", Path("bom_item.reference")),
        ],
    ),
    (&build::ALLOCATION, &[("build", Path("build_line.build")), ("bom_item", Path("build_line.bom_item"))]),
    (
        &purchasing::ORDER,
        &[
            ("company", Column("supplier")),
            ("lines", rows(&purchasing::LINE, "order")),
            ("extra_lines", rows(&purchasing::EXTRA_LINE, "order")),
            ("stock_items", rows(&stock::ITEM, "purchase_order")),
        ],
    ),
    (
        &purchasing::LINE,
        &[
            ("price", Column("purchase_price")),
            ("supplier_part", Column("part")),
            ("base_part", Path("part.part")),
            ("get_base_part", Path("part.part")),
        ],
    ),
    (
        &sales::ORDER,
        &[
            ("company", Column("customer")),
            ("lines", rows(&sales::LINE, "order")),
            ("extra_lines", rows(&sales::EXTRA_LINE, "order")),
            ("shipments", rows(&sales::SHIPMENT, "order")),
            (
                "stock_allocations",
                rows_where(
                    &sales::ALLOCATION,
                    "{line} IN (SELECT l.id FROM order_salesorderlineitem l WHERE l.\"order\" = {value})",
                ),
            ),
        ],
    ),
    (
        &sales::LINE,
        &[
            ("price", Column("sale_price")),
            ("allocations", rows(&sales::ALLOCATION, "line")),
            ("allocated_quantity", Shown("allocated")),
        ],
    ),
    (
        &sales::SHIPMENT,
        &[
            ("allocations", rows(&sales::ALLOCATION, "shipment")),
            ("address", Made(shipment_address)),
            ("customer", Path("order.customer")),
            ("is_complete", Made(|record| Ok(Value::Bool(!record.string("shipment_date").is_empty())))),
        ],
    ),
    (&sales::ALLOCATION, &[("part", Path("item.part")), ("order", Path("line.order"))]),
    (
        &returns::ORDER,
        &[
            ("company", Column("customer")),
            ("lines", rows(&returns::LINE, "order")),
            ("extra_lines", rows(&returns::EXTRA_LINE, "order")),
        ],
    ),
    (&returns::LINE, &[("part", Path("item.part")), ("outcome_text", Shown("outcome_text"))]),
    (&transfer::ORDER, &[("lines", rows(&transfer::LINE, "order"))]),
    (
        &transfer::LINE,
        &[("allocations", rows(&transfer::ALLOCATION, "line")), ("allocated_quantity", Shown("allocated"))],
    ),
    (
        &PARAMETER,
        &[
            ("name", Path("template.name")),
            ("units", Path("template.units")),
            ("description", Path("template.description")),
        ],
    ),
    (&users::USER, &[("get_full_name", Made(full_name)), ("get_username", Column("username"))]),
    (&users::OWNER, &[("name", Shown("name"))]),
];

fn order_tables() -> [&'static Table; 4] {
    [&purchasing::ORDER, &sales::ORDER, &returns::ORDER, &transfer::ORDER]
}

fn line_tables() -> [&'static Table; 7] {
    [
        &purchasing::LINE,
        &purchasing::EXTRA_LINE,
        &sales::LINE,
        &sales::EXTRA_LINE,
        &returns::LINE,
        &returns::EXTRA_LINE,
        &transfer::LINE,
    ]
}

fn is_one_of(table: &Table, tables: &[&'static Table]) -> bool {
    tables.iter().any(|known| known.name == table.name)
}

/// The lists of names for the records of a table, the closest first.
fn lists(table: &Table) -> impl Iterator<Item = &'static Named> {
    let own = NAMES.iter().find(|(known, _)| known.name == table.name).map_or(&[][..], |(_, names)| *names);
    let orders = if is_one_of(table, &order_tables()) { ORDER } else { &[] };
    let order_lines = if is_one_of(table, &line_tables()) { LINE } else { &[] };
    own.iter().chain(orders).chain(order_lines).chain(ANY)
}

/// What a name means to the records of a table, if it has a meaning of its own.
pub(crate) fn find(table: &Table, name: &str) -> Option<&'static Meaning> {
    lists(table).find(|(known, _)| *known == name).map(|(_, meaning)| meaning)
}

/// All names of the records of a table, for completion in an editor.
pub(crate) fn all(table: &'static Table, shown: impl Iterator<Item = &'static str>) -> Vec<String> {
    let mut names: Vec<String> = vec!["pk".into()];
    names.extend(
        super::record::readable(table)
            .filter(|c| !c.private && !c.name.starts_with("tree_"))
            .map(|c| c.name.to_owned()),
    );
    names.extend(lists(table).map(|(name, _)| (*name).to_owned()));
    names.extend(shown.map(str::to_owned));
    names.sort();
    names.dedup();
    names
}

/// The table that a name leads to, where it leads to a record (false) or to rows (true).
pub(crate) fn target(table: &'static Table, name: &str) -> Option<(&'static Table, bool)> {
    let mut at = (table, false);
    for name in name.split('.') {
        at = match find(at.0, name) {
            Some(Meaning::Rows(rows)) => (rows.table, true),
            Some(Column(column)) => (link_of(at.0, column)?, false),
            Some(Path(path)) => target(at.0, path)?,
            Some(Made(_)) if matches!(name, "bom_items" | "get_bom_items") => (&BOM_ITEM, true),
            Some(Made(_)) if matches!(name, "primary_address" | "order_address" | "address") => {
                (&company::ADDRESS, false)
            }
            Some(_) => return None,
            None => (link_of(at.0, name)?, false),
        };
    }
    Some(at)
}

fn link_of(table: &'static Table, column: &str) -> Option<&'static Table> {
    match table.column(column)?.kind {
        ColumnType::Link(target, _) => Some(target),
        _ => None,
    }
}

/// Rows that are named after how they belong to a record: those below it in a tree, and `stockitem_set`.
pub(crate) fn rows_of(table: &'static Table, name: &str) -> Option<Rows> {
    if let Some(tree) = table.tree {
        match name {
            "children" | "get_children" => {
                return Some(Rows { table, link: Link::Column(tree.parent), order: &["{name}"] });
            }
            "path" | "get_ancestors" => {
                let link = Link::Where(sql!(
                    "EXISTS (SELECT 1 FROM {own} o WHERE o.id = {value} AND ",
                    at_or_below!("o", "{t}"),
                    ")"
                ));
                return Some(Rows { table, link, order: &["{tree_path}"] });
            }
            _ => {}
        }
    }
    let model = name.strip_suffix("_set")?;
    let other = TABLES.iter().copied().find(|other| other.model() == model && !other.record.is_empty())?;
    let links = |column: &&ironwood_rest::table::Column| {
        !column.secret && matches!(column.kind, ColumnType::Link(target, _) if target.name == table.name)
    };
    let column = other.columns.iter().find(links)?;
    Some(Rows { table: other, link: Link::Column(column.name), order: &[] })
}

/// A record as it stands in a text.
pub(crate) fn text_of(record: &Record) -> Looked<String> {
    let joined = |paths: &[&str], between: &str| -> Looked<String> {
        let mut texts = Vec::new();
        for path in paths {
            let value = record.get(path)?;
            if value.truth()? {
                texts.push(value.to_text()?);
            }
        }
        Ok(texts.join(between))
    };
    let table = record.table();
    let is = |other: &Table| record.is(other);
    let text = if is(&part::PART) {
        joined(&["full_name"], "")?
    } else if is(&company::ADDRESS) {
        joined(&["line1", "line2", "postal_code", "postal_city", "province", "country"], ", ")?
    } else if is(&company::SUPPLIER_PART) {
        joined(&["part.IPN", "supplier.name", "SKU"], " | ")?
    } else if is(&company::MANUFACTURER_PART) {
        joined(&["manufacturer.name", "MPN"], " | ")?
    } else if is(&stock::ITEM) {
        let part = joined(&["part.full_name"], "")?;
        let quantity = record.column("quantity")?.unwrap_or_default().to_text()?;
        let serial = record.string("serial");
        if serial.is_empty() { format!("{quantity} x {part}") } else { format!("{part} #{serial}") }
    } else if is(&transfer::ORDER) || is(&build::BUILD) {
        record.string("reference").to_owned()
    } else if is_one_of(table, &order_tables()) {
        joined(&["reference", "company.name"], " - ")?
    } else if is(&PROJECT_CODE) {
        joined(&["code"], "")?
    } else if is(&PARAMETER) {
        joined(&["template.name", "data"], ": ")?
    } else if is(&stock::TEST_RESULT) || is(&part::TEST_TEMPLATE) {
        joined(&["test_name"], "")?
    } else if is(&PARAMETER_TEMPLATE) {
        joined(&["name"], "")?
    } else {
        let known = ["pathstring", "username", "reference", "name", "title", "attachment"];
        let mut text = String::new();
        for name in known {
            if text.is_empty() && (table.column(name).is_some() || find(table, name).is_some()) {
                text = joined(&[name], "")?;
            }
        }
        text
    };
    Ok(if text.is_empty() { format!("{} {}", table.model(), record.id()) } else { text })
}

fn page(record: &Record) -> Looked<Value> {
    Ok(pages::address_of(record.table().model(), Key::from_id(record.id())).map_or(Value::text(""), Value::text))
}

fn barcode(record: &Record) -> Looked<Value> {
    let record_type = with(Has::Barcode).find(|one| record.is(one.table));
    Ok(record_type
        .map_or(Value::None, |found| Value::text(record.source().barcodes.encode(found, Key::from_id(record.id())))))
}

fn address_of(record: &Record, small: bool) -> Looked<Value> {
    let path = record.string("image");
    if path.is_empty() {
        return Ok(Value::text(""));
    }
    let path = if small { picture::thumbnail_of(path) } else { path.to_owned() };
    Ok(Value::text(format!("/media/{path}")))
}

/// The parameters of a record: their texts by name.
pub(crate) fn parameters_map(record: &Record) -> Looked<Value> {
    let mut map = ironwood_template::Map::new();
    let list = record.get("parameters")?.elements()?.unwrap_or_default();
    for parameter in list.iter().filter_map(Record::of) {
        map.insert(Rc::from(parameter.get("name")?.to_text()?), parameter.column("data")?.unwrap_or_default());
    }
    Ok(Value::Map(Rc::new(map)))
}

fn bom_items(record: &Record) -> Looked<Value> {
    let (source, id) = (record.source().clone(), record.id());
    Ok(match source.sees(&BOM_ITEM) {
        false => Value::from(Vec::<Value>::new()),
        true => {
            let found = source.look(move |ctx| lines::for_part(ctx.conn, Key::from_id(id)))?;
            RowSet::of_keys(&source, &BOM_ITEM, found.iter().map(|line| line.id.id()).collect())
        }
    })
}

fn can_build(record: &Record) -> Looked<Value> {
    let part = PartKey::from_id(record.id());
    let found = record.source().look(move |ctx| Ok(available::can_build(ctx.conn, &[part])?.get(&part).copied()))?;
    Ok(Value::Int(found.unwrap_or(0)))
}

fn default_supplier(record: &Record) -> Looked<Value> {
    let parts = record.get("supplier_parts")?.elements()?.unwrap_or_default();
    let primary = |value: &&Value| {
        Record::of(value).is_some_and(|found| found.int("primary") == Some(1) || found.int("active") == Some(1))
    };
    let chosen = parts.iter().filter_map(Record::of).position(|found| found.int("primary") == Some(1));
    Ok(chosen.and_then(|at| parts.get(at)).or_else(|| parts.iter().find(primary)).cloned().unwrap_or_default())
}

fn pricing(record: &Record) -> Looked<Value> {
    let rows = Rows { table: &part::PRICING, link: Link::Column("part"), order: &[] };
    Ok(RowSet::related(record.source(), &rows, record).lookup("first")?.unwrap_or_default())
}

fn primary_address(record: &Record) -> Looked<Value> {
    let rows = Rows { table: &company::ADDRESS, link: Link::Where("{company} = {value} AND {primary}"), order: &[] };
    Ok(RowSet::related(record.source(), &rows, record).lookup("first")?.unwrap_or_default())
}

fn order_address(record: &Record) -> Looked<Value> {
    let own = record.column("address")?.unwrap_or_default();
    if own.truth()? { Ok(own) } else { record.get("company.primary_address") }
}

fn shipment_address(record: &Record) -> Looked<Value> {
    let own = record.column("shipment_address")?.unwrap_or_default();
    if own.truth()? { Ok(own) } else { record.get("order.order_address") }
}

fn company_currency(record: &Record) -> Looked<Value> {
    let own = record.string("currency");
    Ok(Value::text(if own.is_empty() { record.source().settings.text(keys::INVENTREE_DEFAULT_CURRENCY) } else { own }))
}

fn order_currency(record: &Record) -> Looked<Value> {
    let own = record.string("order_currency");
    if !own.is_empty() {
        return Ok(Value::text(own));
    }
    let of_company = record.get("company.currency_code")?;
    let usual = || Value::text(record.source().settings.text(keys::INVENTREE_DEFAULT_CURRENCY));
    Ok(if of_company.truth()? { of_company } else { usual() })
}

/// Quantity times price, less the discount.
fn total_line_price(record: &Record) -> Looked<Value> {
    let Value::Money(price, currency) = record.get("price")? else { return Ok(Value::None) };
    let number = |name: &str| -> Looked<Decimal> {
        Ok(record.column(name)?.and_then(|value| value.as_number()).unwrap_or_default())
    };
    let share = Decimal::ONE - number("discount")? / Decimal::ONE_HUNDRED;
    let total = number("quantity")?.checked_mul(price).and_then(|total| total.checked_mul(share));
    Ok(total.map_or(Value::None, |total| Value::Money(total.normalize(), currency)))
}

/// What of a line is not received, shipped or transferred yet.
fn remaining(record: &Record) -> Looked<Value> {
    let quantity = |name: &str| record.int(name).map(Quantity::from_scaled);
    let done = ["received", "shipped", "transferred"].into_iter().find_map(quantity).unwrap_or_default();
    let left = quantity("quantity").unwrap_or_default().saturating_sub(done).max(Quantity::ZERO);
    Ok(Value::Decimal(convert::decimal(left)))
}

fn full_name(record: &Record) -> Looked<Value> {
    let full = format!("{} {}", record.string("first_name"), record.string("last_name"));
    Ok(Value::text(full.trim()))
}

/// A list of values that is made when it is needed.
pub(crate) fn lazy(make: impl Fn() -> Looked<Vec<Value>> + 'static) -> Value {
    LazyList::value(make)
}
