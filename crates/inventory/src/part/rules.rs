//! Rules of parts.

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::input::{self, Given, Mode};
use ironwood_store::{Connection, Value};
use serde_json::Value as Json;

use super::part::{INITIAL_STOCK, INITIAL_SUPPLIER};
use super::tables::PART;
use crate::app;

/// Flags of a new part that settings decide where the client does not.
const FLAGS: [(&str, &str); 7] = [
    ("assembly", "PART_ASSEMBLY"),
    ("component", "PART_COMPONENT"),
    ("is_template", "PART_TEMPLATE"),
    ("purchaseable", "PART_PURCHASEABLE"),
    ("salable", "PART_SALABLE"),
    ("trackable", "PART_TRACKABLE"),
    ("virtual", "PART_VIRTUAL"),
];

/// Before a part is made or changed.
pub(super) fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let snapshot = app::snapshot(ctx)?;
    let settings = &snapshot.settings;
    let body = Given::read(&ctx.request.body).unwrap_or_default();
    if change.is_new() {
        for (column, key) in FLAGS {
            if !body.values.contains_key(column) {
                change.set(column, settings.bool(key));
            }
        }
        for column in ["IPN", "revision", "units"] {
            if change.get(column) == &Value::Null {
                change.set(column, "");
            }
        }
        if ctx.caller.id().is_some() && change.int("creation_user").is_none() {
            change.set("creation_user", ctx.user());
        }
        if let Some(keywords) = category_keywords(ctx.conn, change)? {
            change.set("keywords", keywords);
        }
    } else if change.old("locked") == &Value::Bool(true) && change.flag("locked") {
        return Err(Error::non_field("This part is locked: unlock it before it is changed."));
    }
    let mut fields = Fields::new();
    check_links(ctx.conn, change, &mut fields)?;
    let ipn = change.text("IPN").to_owned();
    let pattern = settings.text("PART_IPN_REGEX");
    if change.is_changed("IPN") && !ipn.is_empty() {
        if !pattern.is_empty() && regex::Regex::new(&format!("^(?:{pattern})")).is_ok_and(|r| !r.is_match(&ipn)) {
            fields.add("IPN", format!("An internal part number has to match the pattern {pattern}."));
        }
        if !settings.bool("PART_ALLOW_DUPLICATE_IPN") {
            let sql = "SELECT 1 FROM part_part WHERE LOWER(\"IPN\") = LOWER($1) AND id <> $2";
            if ctx.conn.one(sql, &[ipn.as_str().into(), Value::Int(change.id.unwrap_or(0))])?.is_some() {
                fields.add("IPN", "Another part has this internal part number.");
            }
        }
    }
    if change.is_changed("revision") && !change.text("revision").is_empty() && !settings.bool("PART_ENABLE_REVISION") {
        fields.add("revision", "Revisions are switched off in the settings.");
    }
    if let Some(image) = change.extra.get("existing_image").and_then(Json::as_str).filter(|i| !i.is_empty()) {
        let name = image.rsplit('/').next().unwrap_or_default();
        let sql = "SELECT image FROM part_part WHERE image = $1 OR image = $2 LIMIT 1";
        let path = format!("part_images/{name}");
        match ctx.conn.one(sql, &[image.into(), path.into()])? {
            Some(row) => {
                let image = row.text(0).to_owned();
                change.set("image", image);
            }
            None => fields.add("existing_image", "No part has this picture."),
        }
    }
    fields.check()
}

fn category_keywords(conn: &mut Connection, change: &Change) -> Result<Option<String>> {
    let Some(category) = change.int("category").filter(|_| change.text("keywords").is_empty()) else { return Ok(None) };
    let sql = "SELECT default_keywords FROM part_partcategory WHERE id = $1";
    let row = conn.one(sql, &[Value::Int(category)])?;
    Ok(row.and_then(|r| r.opt_text(0).map(str::to_owned)).filter(|k| !k.is_empty()))
}

fn check_links(conn: &mut Connection, change: &Change, fields: &mut Fields) -> Result<()> {
    if let Some(category) = change.int("category").filter(|_| change.is_changed("category")) {
        let sql = "SELECT structural FROM part_partcategory WHERE id = $1";
        if conn.one(sql, &[Value::Int(category)])?.is_some_and(|row| row.bool(0)) {
            fields.add("category", "A structural category holds no parts.");
        }
    }
    if let Some(template) = change.int("variant_of").filter(|_| change.is_changed("variant_of")) {
        let sql = "SELECT is_template FROM part_part WHERE id = $1";
        if change.id == Some(template) {
            fields.add("variant_of", "A part cannot be a variant of itself.");
        } else if conn.one(sql, &[Value::Int(template)])?.is_some_and(|row| !row.bool(0)) {
            fields.add("variant_of", "Only a template can have variants.");
        }
    }
    if let Some(origin) =
        change.int("revision_of").filter(|_| change.is_changed("revision_of") || change.is_changed("revision"))
    {
        let sql = "SELECT revision_of, is_template, variant_of FROM part_part WHERE id = $1";
        let Some(row) = conn.one(sql, &[Value::Int(origin)])? else { return Ok(()) };
        if change.id == Some(origin) {
            fields.add("revision_of", "A part cannot be a revision of itself.");
        } else if row.opt_int(0).is_some() {
            fields.add("revision_of", "A revision cannot have revisions of its own.");
        } else if row.bool(1) || change.flag("is_template") {
            fields.add("revision_of", "Templates have no revisions.");
        } else if change.text("revision").is_empty() {
            fields.add("revision_of", "A revision needs a revision code.");
        } else if row.opt_int(2) != change.int("variant_of") {
            fields.add("revision_of", "A revision is a variant of the same template as its origin.");
        }
    }
    Ok(())
}

/// After a part was made or changed.
pub(super) fn saved(ctx: &mut Context<'_>, change: &Change, id: i64) -> Result<()> {
    if let Some(starred) = change.extra.get("starred").and_then(Json::as_bool) {
        star(ctx.conn, id, ctx.user(), starred)?;
    }
    if !change.old("id").eq(&Value::Null) || change.old("name") != &Value::Null {
        return Ok(());
    }
    let copies = change.extra.get("copy_category_parameters").and_then(Json::as_bool).unwrap_or(true);
    if let Some(category) = change.int("category").filter(|_| copies) {
        copy_category_parameters(ctx.conn, id, category)?;
    }
    if let Some(Json::Object(supplier)) = change.extra.get("initial_supplier") {
        let given = input::check(ctx.conn, &INITIAL_SUPPLIER, Given::object(supplier), Mode::Whole)
            .and_then(|input| initial_supplier(ctx.conn, id, &input.extra));
        nest("initial_supplier", given)?;
    }
    if let Some(Json::Object(stock)) = change.extra.get("initial_stock") {
        let given = input::check(ctx.conn, &INITIAL_STOCK, Given::object(stock), Mode::Whole)
            .and_then(|input| initial_stock(ctx, change, id, &input.extra));
        nest("initial_stock", given)?;
    }
    Ok(())
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

/// Makes a user follow a part, or stop following it.
pub fn star(conn: &mut Connection, part: i64, user: i64, starred: bool) -> Result<()> {
    let params = [Value::Int(part), Value::Int(user)];
    conn.execute("DELETE FROM part_partstar WHERE part = $1 AND \"user\" = $2", &params)?;
    if starred {
        conn.execute("INSERT INTO part_partstar (part, \"user\") VALUES ($1, $2)", &params)?;
    }
    Ok(())
}

/// Gives a new part the parameters of its category and of all categories above; the nearest one
/// decides the value.
pub fn copy_category_parameters(conn: &mut Connection, part: i64, category: i64) -> Result<()> {
    let sql = "SELECT t.template, t.default_value FROM part_partcategoryparametertemplate t \
         JOIN part_partcategory a ON a.id = t.category JOIN part_partcategory c ON c.id = $1 \
         WHERE c.tree_path >= a.tree_path AND c.tree_path < SUBSTR(a.tree_path, 1, LENGTH(a.tree_path) - 1) || '0' \
         ORDER BY LENGTH(a.tree_path) DESC, t.id";
    let mut done: Vec<i64> = Vec::new();
    for row in conn.rows(sql, &[Value::Int(category)])? {
        let (template, data) = (row.int(0), row.text(1).to_owned());
        if done.contains(&template) || data.is_empty() {
            continue;
        }
        done.push(template);
        let number = data.trim().parse::<f64>().ok().filter(|n| n.is_finite()).map(Value::Real);
        conn.execute(
            "INSERT INTO common_parameter (model_type, model_id, template, data, data_numeric, note, updated, updated_by) \
             VALUES ('part.part', $1, $2, $3, $4, '', NULL, NULL)",
            &[
                Value::Int(part),
                Value::Int(template),
                data.into(),
                number.unwrap_or(Value::Null),
            ],
        )?;
    }
    Ok(())
}

fn initial_supplier(conn: &mut Connection, part: i64, given: &serde_json::Map<String, Json>) -> Result<()> {
    let key = |name: &str| given.get(name).and_then(Json::as_i64);
    let text = |name: &str| given.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let mut fields = Fields::new();
    for (field, column) in [("supplier", "is_supplier"), ("manufacturer", "is_manufacturer")] {
        if let Some(company) = key(field) {
            let sql = format!("SELECT {column} FROM company_company WHERE id = $1");
            if conn.one(&sql, &[Value::Int(company)])?.is_some_and(|row| !row.bool(0)) {
                fields.add(field, format!("This company is no {field}."));
            }
        }
    }
    let (sku, mpn) = (text("sku"), text("mpn"));
    if let Some(supplier) = key("supplier").filter(|_| !sku.is_empty()) {
        let sql = "SELECT 1 FROM company_supplierpart WHERE supplier = $1 AND \"SKU\" = $2";
        if conn.one(sql, &[Value::Int(supplier), sku.as_str().into()])?.is_some() {
            fields.add("sku", "This supplier has a part with this number already.");
        }
    }
    if let Some(manufacturer) = key("manufacturer").filter(|_| !mpn.is_empty()) {
        let sql = "SELECT 1 FROM company_manufacturerpart WHERE manufacturer = $1 AND \"MPN\" = $2";
        if conn.one(sql, &[Value::Int(manufacturer), mpn.as_str().into()])?.is_some() {
            fields.add("mpn", "This manufacturer has a part with this number already.");
        }
    }
    fields.check()?;
    let mut made = None;
    if let Some(manufacturer) = key("manufacturer").filter(|_| !mpn.is_empty()) {
        let sql = "INSERT INTO company_manufacturerpart (part, manufacturer, \"MPN\") VALUES ($1, $2, $3) RETURNING id";
        made = conn.one(sql, &[Value::Int(part), Value::Int(manufacturer), mpn.into()])?.map(|row| row.int(0));
    }
    if let Some(supplier) = key("supplier").filter(|_| !sku.is_empty()) {
        let sql = "INSERT INTO company_supplierpart (part, supplier, \"SKU\", manufacturer_part, updated) \
                   VALUES ($1, $2, $3, $4, $5)";
        let made = made.map_or(Value::Null, Value::Int);
        let now = ironwood_base::clock::now();
        conn.execute(sql, &[Value::Int(part), Value::Int(supplier), sku.into(), made, now.into()])?;
    }
    Ok(())
}

fn initial_stock(
    ctx: &mut Context<'_>,
    change: &Change,
    part: i64,
    given: &serde_json::Map<String, Json>,
) -> Result<()> {
    let text = given.get("quantity").and_then(Json::as_str).unwrap_or("0");
    let quantity =
        ironwood_base::decimal::parse(text, ironwood_base::decimal::QUANTITY, ironwood_base::decimal::Excess::Round)
            .map_err(|why| Error::field("quantity", why.to_string()))?;
    if quantity < 0 {
        return Err(Error::field("quantity", "This cannot be negative."));
    }
    if quantity == 0 || change.flag("virtual") {
        return Ok(());
    }
    let location = given.get("location").and_then(Json::as_i64).or_else(|| change.int("default_location"));
    let user = ctx.user();
    crate::stock::history::new_item(ctx.conn, part, location, quantity, user).map(|_| ())
}

/// Before a part is deleted: only one that is out of use, not locked, and (as the settings say) not
/// part of an assembly.
pub(super) fn delete(ctx: &mut Context<'_>, id: i64) -> Result<bool> {
    let row = ctx
        .conn
        .one("SELECT active, locked FROM part_part WHERE id = $1", &[Value::Int(id)])?
        .ok_or(Error::NotFound)?;
    if row.bool(1) {
        return Err(Error::non_field("This part is locked and cannot be deleted."));
    }
    if row.bool(0) {
        return Err(Error::non_field("This part is active and cannot be deleted."));
    }
    let snapshot = app::snapshot(ctx)?;
    let used = ctx.conn.one("SELECT 1 FROM part_bomitem WHERE sub_part = $1 LIMIT 1", &[Value::Int(id)])?.is_some();
    if used && !snapshot.settings.bool("PART_ALLOW_DELETE_FROM_ASSEMBLY") {
        return Err(Error::non_field("This part is used in an assembly and cannot be deleted."));
    }
    let sql = "SELECT id FROM part_part WHERE variant_of = $1";
    let variants: Vec<i64> = ctx.conn.rows(sql, &[Value::Int(id)])?.iter().map(|row| row.int(0)).collect();
    let parent =
        ctx.conn.one("SELECT variant_of FROM part_part WHERE id = $1", &[Value::Int(id)])?.and_then(|r| r.opt_int(0));
    for variant in variants {
        ctx.conn
            .execute("UPDATE part_part SET variant_of = $1 WHERE id = $2", &[parent.into(), Value::Int(variant)])?;
        if let Some(tree) = PART.tree {
            ironwood_rest::tree::rebuild(ctx.conn, &PART, tree, variant)?;
        }
    }
    Ok(true)
}
