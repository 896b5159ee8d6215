//! Records created with a part: copies from another part, category parameters, supplier, and initial stock.

use ironwood_base::decimal::Excess;
use ironwood_base::error::Fields;
use ironwood_base::status::HistoryCode;
use ironwood_base::{Error, Key, Quantity, Result, clock};
use ironwood_rest::at_or_below;
use ironwood_rest::change::Change;
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::input::{self, Input, Mode, RawObject};
use ironwood_rest::row;
use ironwood_rest::row::TableRow;
use ironwood_rest::selected;
use ironwood_rest::view::View;
use ironwood_rest::write;
use ironwood_store::{Connection, fragment, sql};
use serde_json::{Map, Value as Json, json};

use super::part::{DUPLICATE, INITIAL_STOCK, INITIAL_SUPPLIER};
use crate::business::bom::copy;
use crate::business::company::{manufacturer_part, supplier_part};
use crate::business::stock::kernel::{Item, Ledger, With};
use crate::platform::attach::parameter;
use crate::platform::common::duplicate;
use crate::schema::bom::BOM_ITEM;
use crate::schema::common::Parameter;
use crate::schema::keys::*;
use crate::schema::part::{PART, Part, TestTemplate};
use crate::schema::stock::ITEM;

/// How the bill of materials of another part is copied.
const LINES: copy::Options =
    copy::Options { remove_existing: false, include_inherited: false, skip_invalid: true, copy_substitutes: true };

/// An object inside of the part's, checked; `None` where it was not given.
fn inside(conn: &mut Connection, change: &Change, field: &str, form: &'static View) -> Result<Option<Input>> {
    match change.extra.get(field) {
        Some(Json::Object(values)) => {
            nest(field, input::check(conn, form, RawObject::object(values), Mode::Whole)).map(Some)
        }
        _ => Ok(None),
    }
}

/// Puts refusals of a nested object below its field.
fn nest<T>(field: &str, result: Result<T>) -> Result<T> {
    result.map_err(|error| match error {
        Error::Invalid(inner) => {
            let mut fields = Fields::new();
            fields.nest(field, inner.json());
            Error::Invalid(fields)
        }
        other => other,
    })
}

fn wants(options: &Input, name: &str) -> bool {
    let usual = DUPLICATE.field(name).is_some_and(|field| field.default == "true");
    options.extra.get(name).and_then(Json::as_bool).unwrap_or(usual)
}

row! {
    /// What a new part takes over from another one's own row.
    struct Copied in PART as PartKey {
        notes: Option<String>,
        image: String,
    } without [..]
}

/// Before a new part is written: what it takes over from another one's own fields; whether what comes
/// with it can be used.
pub(super) fn prepare(conn: &mut Connection, change: &mut Change, fields: &mut Fields) -> Result<()> {
    for (field, form) in
        [("duplicate", &DUPLICATE), ("initial_supplier", &INITIAL_SUPPLIER), ("initial_stock", &INITIAL_STOCK)]
    {
        match inside(conn, change, field, form) {
            Err(Error::Invalid(found)) => fields.nest(field, found.json()[field].clone()),
            other => drop(other?),
        }
    }
    let Ok(Some(options)) = inside(conn, change, "duplicate", &DUPLICATE) else { return Ok(()) };
    let Some(original) = options.extra.get("original").and_then(Json::as_i64) else { return Ok(()) };
    let Some(original) = row::one::<Copied>(conn, Key::from_id(original))? else { return Ok(()) };
    if wants(&options, "copy_notes") {
        change.set(Part::notes, original.notes);
    }
    if wants(&options, "copy_image") {
        change.set(Part::image, original.image);
    }
    Ok(())
}

/// After a new part was written.
pub(super) fn finish(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    let part: PartKey = id.of_kind();
    if let Some(options) = inside(ctx.conn, change, "duplicate", &DUPLICATE)?
        && let Some(original) = options.extra.get("original").and_then(Json::as_i64).map(PartKey::from_id)
    {
        if wants(&options, "copy_bom") && has_lines(ctx.conn, original)? {
            ctx.require(BOM_ITEM.name, Permission::Add)?;
            copy::copy(ctx, original, part, LINES)?;
        }
        if wants(&options, "copy_parameters") {
            duplicate::copy_parameters(ctx.conn, &PART, original.general(), part.general())?;
        }
        if wants(&options, "copy_tests") && change.flag(Part::testable) {
            copy_tests(ctx.conn, original, part)?;
        }
    }
    let copies = change.extra.get("copy_category_parameters").and_then(Json::as_bool).unwrap_or(true);
    if let Some(category) = change.key(Part::category).filter(|_| copies) {
        copy_category_parameters(ctx.conn, part, category)?;
    }
    if let Some(given) = inside(ctx.conn, change, "initial_supplier", &INITIAL_SUPPLIER)? {
        nest("initial_supplier", initial_supplier(ctx, part, &given.extra))?;
    }
    if let Some(given) = inside(ctx.conn, change, "initial_stock", &INITIAL_STOCK)? {
        nest("initial_stock", initial_stock(ctx, change, part, &given.extra))?;
    }
    Ok(())
}

fn has_lines(conn: &mut Connection, part: PartKey) -> Result<bool> {
    let sql = "SELECT 1 FROM part_bomitem WHERE part = $1 LIMIT 1";
    Ok(conn.one(sql, &[part.into()])?.is_some())
}

/// Gives a new part the tests of another one, but for those that it has from its templates.
fn copy_tests(conn: &mut Connection, from: PartKey, to: PartKey) -> Result<()> {
    let sql = fragment!(
        "SELECT {} FROM part_parttesttemplate o \
         WHERE o.part = $1 AND NOT EXISTS (SELECT 1 FROM part_parttesttemplate t JOIN part_part a ON a.id = t.part \
         JOIN part_part q ON q.id = $2 WHERE t.key = o.key AND {at_or_below}) ORDER BY o.id",
        row::columns::<TestTemplate>("o"),
        at_or_below = at_or_below!("q", "a")
    );
    let mut tests = Vec::new();
    conn.query(&sql, &[from.into(), to.into()], |row| {
        let original = TestTemplate::read(row, 0);
        tests.push(TestTemplate { id: Key::default(), part: to, metadata: Some("{}".into()), ..original });
        Ok(())
    })?;
    row::insert::<TestTemplate>(conn, &tests)
}

selected! {
    /// A parameter that parts of a category get.
    struct FromCategory {
        template: ParameterTemplateKey = "t.template",
        data: String = "t.default_value",
    }
}

/// Gives a new part the parameters of its category and of all categories above; the nearest one
/// decides the value. Parameters that it has already stay, and those whose values are unique are left
/// out: one value cannot stand on every part.
fn copy_category_parameters(conn: &mut Connection, part: PartKey, category: CategoryKey) -> Result<()> {
    let from = sql!(
        "FROM part_partcategoryparametertemplate t \
         JOIN common_parametertemplate m ON m.id = t.template \
         JOIN part_partcategory a ON a.id = t.category JOIN part_partcategory c ON c.id = $1 \
         WHERE ",
        at_or_below!("c", "a"),
        " \
         AND m.\"unique\" = 0 AND NOT EXISTS (SELECT 1 FROM common_parameter q WHERE q.model_type = 'part.part' \
         AND q.model_id = $2 AND q.template = t.template) ORDER BY LENGTH(a.tree_path) DESC, t.id"
    );
    let mut made: Vec<Parameter> = Vec::new();
    for FromCategory { template, data } in selected::all(conn, from, &[category.into(), part.into()])? {
        if made.iter().any(|parameter| parameter.template == template) {
            continue;
        }
        let data_numeric = parameter::numeric(&parameter::Template::load(conn, template)?, &data);
        let model_type = PART.record.to_owned();
        made.push(Parameter {
            model_type,
            model_id: part.general(),
            template,
            data,
            data_numeric,
            ..Parameter::default()
        });
    }
    row::insert::<Parameter>(conn, &made)
}

fn initial_supplier(ctx: &mut Context<'_>, part: PartKey, given: &Map<String, Json>) -> Result<()> {
    let key = |name: &str| given.get(name).and_then(Json::as_i64).map(CompanyKey::from_id);
    let text = |name: &str| given.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let mut fields = Fields::new();
    for (field, column) in [("supplier", "is_supplier"), ("manufacturer", "is_manufacturer")] {
        if let Some(company) = key(field) {
            let sql = fragment!("SELECT {column} FROM company_company WHERE id = $1");
            if ctx.conn.one(&sql, &[company.into()])?.is_some_and(|row| !row.bool(0)) {
                fields.add(field, format!("This company is not a {field}."));
            }
        }
    }
    let (sku, mpn) = (text("sku"), text("mpn"));
    let supplier = key("supplier").filter(|_| !sku.is_empty());
    let manufacturer = key("manufacturer").filter(|_| !mpn.is_empty());
    if let Some(supplier) = supplier {
        let sql = "SELECT 1 FROM company_supplierpart WHERE supplier = $1 AND \"SKU\" = $2";
        if ctx.conn.one(sql, &[supplier.into(), sku.as_str().into()])?.is_some() {
            fields.add("sku", "This supplier already has a part with this SKU.");
        }
    }
    if let Some(manufacturer) = manufacturer {
        let sql = "SELECT 1 FROM company_manufacturerpart WHERE manufacturer = $1 AND \"MPN\" = $2";
        if ctx.conn.one(sql, &[manufacturer.into(), mpn.as_str().into()])?.is_some() {
            fields.add("mpn", "This manufacturer already has a part with this MPN.");
        }
    }
    fields.check()?;
    let mut made = Json::Null;
    if let Some(manufacturer) = manufacturer {
        let body = json!({"part": part, "manufacturer": manufacturer, "MPN": mpn});
        made = Json::from(create(ctx, &manufacturer_part::PARTS, &body)?);
    }
    if let Some(supplier) = supplier {
        let body = json!({"part": part, "supplier": supplier, "SKU": sku, "manufacturer_part": made});
        create(ctx, &supplier_part::PARTS, &body)?;
    }
    Ok(())
}

fn create(ctx: &mut Context<'_>, resource: &'static ironwood_rest::resource::Resource, body: &Json) -> Result<i64> {
    let values = body.as_object().cloned().unwrap_or_default();
    write::create(ctx, resource, RawObject::object(&values))
}

fn initial_stock(ctx: &mut Context<'_>, change: &Change, part: PartKey, given: &Map<String, Json>) -> Result<()> {
    let text = given.get("quantity").and_then(Json::as_str).unwrap_or("0");
    let quantity = Quantity::parse(text, Excess::Round).map_err(|why| Error::field("quantity", why.to_string()))?;
    if quantity.is_negative() {
        return Err(Error::field("quantity", "Must not be negative."));
    }
    if quantity.is_zero() || change.flag(Part::r#virtual) {
        return Ok(());
    }
    ctx.require(ITEM.name, Permission::Add)?;
    let location = given.get("location").and_then(Json::as_i64).map(LocationKey::from_id);
    let location = location.or_else(|| change.key(Part::default_location));
    let expiry = change.int(Part::default_expiry).filter(|days| *days > 0).map(clock::days_from_today);
    let user = caller_key(ctx);
    let mut ledger = Ledger::open(ctx.conn, user, &[])?;
    if let Some(location) = location {
        ledger.check_location(location)?;
    }
    let item = ledger.fresh(part, quantity)?;
    ledger.create(Item { location, expiry_date: expiry, ..item }, HistoryCode::CREATED, &With::default())?;
    ledger.close().map(|_| ())
}
