//! Records that labels of suppliers name.

use ironwood_base::Result;
use ironwood_rest::context::{Act, Context};
use ironwood_store::{Connection, Value};
use serde_json::json;

use super::found::{self, Found};
use super::kind;
use super::label::{Label, Vendor};

/// The company that acts as a supplier whose labels can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supplier {
    pub id: i64,
    pub name: String,
}

/// The company that the settings name as this supplier; else the only supplier with that name in its own.
pub fn supplier(conn: &mut Connection, vendor: &Vendor) -> Result<Option<Supplier>> {
    let sql = "SELECT s.value FROM plugin_pluginsetting s JOIN plugin_pluginconfig c ON c.id = s.plugin \
               WHERE c.key = $1 AND s.key = 'SUPPLIER_ID'";
    let set = conn.one(sql, &[vendor.slug.into()])?.map(|row| row.text(0).trim().to_owned());
    if let Some(set) = set.filter(|set| !set.is_empty()) {
        let Ok(id) = set.parse::<i64>() else { return Ok(None) };
        return by_id(conn, id);
    }
    let named = conn.backend().contains("c.name", "$1");
    let sql =
        format!("SELECT c.id, c.name FROM company_company c WHERE c.is_supplier AND {named} ORDER BY c.id LIMIT 2");
    let rows = conn.rows(&sql, &[vendor.company.into()])?;
    Ok(match rows.as_slice() {
        [one] => Some(Supplier { id: one.int(0), name: one.text(1).to_owned() }),
        _ => None,
    })
}

/// A company.
pub fn by_id(conn: &mut Connection, id: i64) -> Result<Option<Supplier>> {
    let row = conn.one("SELECT id, name FROM company_company WHERE id = $1", &[Value::Int(id)])?;
    Ok(row.map(|row| Supplier { id: row.int(0), name: row.text(1).to_owned() }))
}

/// The only one of the rows that a statement gives.
fn only(conn: &mut Connection, sql: &str, params: &[Value]) -> Result<Option<i64>> {
    let rows = conn.rows(sql, params)?;
    Ok(if let [one] = rows.as_slice() { Some(one.int(0)) } else { None })
}

/// The supplier's part that a label names, where it is only one: by his own number; by that of the
/// manufacturer where the label has none of his, or several of his parts have it.
pub fn supplier_part(conn: &mut Connection, label: &Label, supplier: Option<&Supplier>) -> Result<Option<i64>> {
    let of = supplier.map_or(0, |s| s.id);
    let by_mpn = "SELECT p.id FROM company_supplierpart p JOIN company_manufacturerpart m ON m.id = p.manufacturer_part \
                  WHERE ($1 = 0 OR p.supplier = $1) AND m.\"MPN\" = $2 AND ($3 = '' OR p.\"SKU\" = $3) LIMIT 2";
    let by_sku = "SELECT p.id FROM company_supplierpart p WHERE ($1 = 0 OR p.supplier = $1) AND p.\"SKU\" = $2 LIMIT 2";
    let of = Value::Int(of);
    match (&label.sku, &label.mpn) {
        (Some(sku), mpn) => match (only(conn, by_sku, &[of.clone(), sku.as_str().into()])?, mpn) {
            (None, Some(mpn)) => only(conn, by_mpn, &[of, mpn.as_str().into(), sku.as_str().into()]),
            (found, _) => Ok(found),
        },
        (None, Some(mpn)) => only(conn, by_mpn, &[of, mpn.as_str().into(), "".into()]),
        (None, None) => Ok(None),
    }
}

/// The manufacturer's part that a label names, where it is only one: of the supplier himself, or one that he
/// sells.
pub fn manufacturer_part(conn: &mut Connection, label: &Label, supplier: Option<&Supplier>) -> Result<Option<i64>> {
    let Some(mpn) = &label.mpn else { return Ok(None) };
    let sql = "SELECT m.id FROM company_manufacturerpart m WHERE m.\"MPN\" = $2 AND ($1 = 0 OR m.manufacturer = $1 \
               OR EXISTS (SELECT 1 FROM company_supplierpart p WHERE p.manufacturer_part = m.id AND p.supplier = $1)) LIMIT 2";
    only(conn, sql, &[Value::Int(supplier.map_or(0, |s| s.id)), mpn.as_str().into()])
}

/// The purchase order that a label names, where it is only one.
pub fn purchase_order(conn: &mut Connection, label: &Label, supplier: Option<&Supplier>) -> Result<Option<i64>> {
    let (column, name) = match (&label.order, &label.supplier_order) {
        (Some(order), _) => ("reference", order),
        (None, Some(order)) => ("supplier_reference", order),
        (None, None) => return Ok(None),
    };
    let sql =
        format!("SELECT o.id FROM order_purchaseorder o WHERE ($1 = 0 OR o.supplier = $1) AND o.{column} = $2 LIMIT 2");
    only(conn, &sql, &[Value::Int(supplier.map_or(0, |s| s.id)), name.as_str().into()])
}

/// What a label of this supplier names, for the general scan.
pub(super) fn decode(ctx: &mut Context<'_>, data: &str, vendor: &Vendor) -> Result<Option<Found>> {
    let Some(label) = (vendor.read)(data) else { return Ok(None) };
    let supplier = supplier(ctx.conn, vendor)?;
    let named = [
        ("purchaseorder", purchase_order(ctx.conn, &label, supplier.as_ref())?),
        ("supplierpart", supplier_part(ctx.conn, &label, supplier.as_ref())?),
        ("manufacturerpart", manufacturer_part(ctx.conn, &label, supplier.as_ref())?),
    ];
    let mut found = Found::default();
    for (name, key) in named {
        let (Some(kind), Some(key)) = (kind::by_label(name), key) else { continue };
        // one of several things that a label names may be hidden from the caller
        if !ctx.caller.may(kind.table.name, Act::View) {
            continue;
        }
        let record = found::record(ctx, kind, key)?;
        found.body.extend(record.body);
        found.record = record.record;
    }
    if found.body.is_empty() {
        return Ok(None);
    }
    if let Some(supplier) = supplier {
        found.body.insert("company".into(), json!({ "pk": supplier.id }));
    }
    found.body.insert("success".into(), "Something was found for this label.".into());
    Ok(Some(found))
}
