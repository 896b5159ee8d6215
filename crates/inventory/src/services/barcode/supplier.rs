//! Finds the records that supplier labels refer to.

use ironwood_base::key::{Any, Record};
use ironwood_base::status::PurchaseOrderStatus;
use ironwood_base::{Key, Result};
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_store::{AsSql, Connection, Fragment, fragment, sql};
use serde_json::{Map, Value as Json, json};

use super::found::{self, Found};
use super::label::{Label, VENDORS, Vendor};
use super::record_types;
use crate::schema::company::{ManufacturerPart, SupplierPart};
use crate::schema::keys::*;
use crate::schema::purchasing::Order;

/// The name of the setting that says which company acts as a supplier.
pub(crate) const SETTING: &str = "SUPPLIER_ID";

/// Most records that are looked at where several fit.
const CANDIDATES: usize = 20;

selected! {
    /// The company that acts as a supplier whose labels can be read.
    pub(crate) struct Supplier {
        pub id: CompanyKey = "c.id",
        pub name: String = "c.name",
    }
}

/// What was found for a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Match<T> {
    None,
    One(T),
    /// Several fit equally well.
    Several(Vec<T>),
}

impl<T> Match<T> {
    fn of(mut found: Vec<T>) -> Self {
        match found.len() {
            0 => Match::None,
            1 => found.pop().map_or(Match::None, Match::One),
            _ => Match::Several(found),
        }
    }

    /// What was found, where it is one.
    pub(crate) fn one(self) -> Option<T> {
        if let Match::One(found) = self { Some(found) } else { None }
    }
}

/// A record that a label may mean.
#[derive(Debug)]
pub(crate) struct Candidate<T> {
    pub id: Key<T>,
    /// What people call it.
    pub name: String,
}

impl<T: Record> Match<Candidate<T>> {
    /// The same of records of whatever kind.
    fn of_any_kind(self) -> Match<Candidate<Any>> {
        let general = |found: Candidate<T>| Candidate { id: found.id.general(), name: found.name };
        match self {
            Match::None => Match::None,
            Match::One(found) => Match::One(general(found)),
            Match::Several(found) => Match::Several(found.into_iter().map(general).collect()),
        }
    }
}

/// The names of candidates, joined by commas.
pub(crate) fn names<T>(candidates: &[Candidate<T>]) -> String {
    candidates.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The company that the settings name as this supplier; else the suppliers with its name in their own.
pub(crate) fn supplier(conn: &mut Connection, vendor: &Vendor) -> Result<Match<Supplier>> {
    if let Some(set) = setting(conn, vendor.slug)? {
        let Ok(id) = set.parse() else { return Ok(Match::None) };
        return Ok(by_id(conn, id)?.map_or(Match::None, Match::One));
    }
    let named = conn.backend().contains("c.name", "$1");
    let from = fragment!("FROM company_company c WHERE c.is_supplier AND {named} ORDER BY c.id LIMIT {CANDIDATES}");
    Ok(Match::of(selected::all(conn, &from, &[vendor.company.into()])?))
}

/// The company that the setting of a vendor names, as it is stored; `None` where it is not set.
pub(crate) fn setting(conn: &mut Connection, slug: &str) -> Result<Option<String>> {
    let sql = "SELECT s.value FROM plugin_pluginsetting s JOIN plugin_pluginconfig c ON c.id = s.plugin \
               WHERE c.key = $1 AND s.key = $2";
    let set = conn.one(sql, &[slug.into(), SETTING.into()])?.map(|row| row.text(0).trim().to_owned());
    Ok(set.filter(|set| !set.is_empty()))
}

/// Stores which company acts as a supplier; an empty text leaves it to the name.
pub(crate) fn put_setting(conn: &mut Connection, vendor: &Vendor, value: &str) -> Result<()> {
    conn.execute(
        "INSERT INTO plugin_pluginconfig (key, name, active) VALUES ($1, $2, TRUE) ON CONFLICT (key) DO NOTHING",
        &[vendor.slug.into(), vendor.name.into()],
    )?;
    conn.execute(
        "INSERT INTO plugin_pluginsetting (plugin, key, value) SELECT c.id, $2, $3 FROM plugin_pluginconfig c \
         WHERE c.key = $1 ON CONFLICT (plugin, key) DO UPDATE SET value = EXCLUDED.value",
        &[vendor.slug.into(), SETTING.into(), value.into()],
    )?;
    Ok(())
}

/// The supplier whose label was read. The first company that was found by its name stays: a second one with a
/// similar name does not change what labels mean.
pub(crate) fn remembered(conn: &mut Connection, vendor: &Vendor) -> Result<Match<Supplier>> {
    let found = supplier(conn, vendor)?;
    if let Match::One(supplier) = &found
        && setting(conn, vendor.slug)?.is_none()
    {
        put_setting(conn, vendor, &supplier.id.to_string())?;
    }
    Ok(found)
}

/// The vendor with this name in settings.
pub(crate) fn vendor(slug: &str) -> Option<&'static Vendor> {
    VENDORS.iter().find(|vendor| vendor.slug == slug)
}

/// A company.
pub(crate) fn by_id(conn: &mut Connection, id: CompanyKey) -> Result<Option<Supplier>> {
    selected::first(conn, "FROM company_company c WHERE c.id = $1", &[id.into()])
}

/// Parts by an identifier that is compared without regard to case, unless one has exactly this spelling. `from` is a
/// statement from its FROM on, up to the end of a condition.
fn by_identifier<T, P>(
    conn: &mut Connection,
    from: impl AsSql,
    column: &'static str,
    of: CompanyKey,
    text: &str,
) -> Result<Vec<PartRow<P>>>
where
    T: Selected + Into<PartRow<P>>,
{
    for same in [fragment!("{column} = $2"), conn.backend().equals_fold(column, "$2")] {
        let from = fragment!("{from} AND {same} ORDER BY 1 LIMIT {CANDIDATES}");
        let rows: Vec<T> = selected::all(conn, &from, &[of.into(), text.into()])?;
        if !rows.is_empty() {
            return Ok(rows.into_iter().map(Into::into).collect());
        }
    }
    Ok(Vec::new())
}

struct PartRow<T> {
    candidate: Candidate<T>,
    mpn: Option<String>,
}

selected! {
    /// A supplier part with SKU and supplier for people, and the MPN.
    struct SupplierPartRow {
        id: SupplierPartKey = "p.id",
        name: String = "c.name || ' ' || p.\"SKU\"",
        mpn: Option<String> = "m.\"MPN\"",
    }
}

selected! {
    /// A manufacturer part with MPN and manufacturer for people.
    struct ManufacturerPartRow {
        id: ManufacturerPartKey = "m.id",
        name: String = "COALESCE(c.name || ' ', '') || m.\"MPN\"",
        mpn: Option<String> = "m.\"MPN\"",
    }
}

impl From<SupplierPartRow> for PartRow<SupplierPart> {
    fn from(SupplierPartRow { id, name, mpn }: SupplierPartRow) -> Self {
        PartRow { candidate: Candidate { id, name }, mpn: mpn.map(|mpn| mpn.to_lowercase()) }
    }
}

impl From<ManufacturerPartRow> for PartRow<ManufacturerPart> {
    fn from(ManufacturerPartRow { id, name, mpn }: ManufacturerPartRow) -> Self {
        PartRow { candidate: Candidate { id, name }, mpn: mpn.map(|mpn| mpn.to_lowercase()) }
    }
}

/// Supplier parts of a supplier (`$1`, 0 for any).
const SUPPLIER_PARTS: &str = "FROM company_supplierpart p \
    JOIN company_company c ON c.id = p.supplier LEFT JOIN company_manufacturerpart m ON m.id = p.manufacturer_part \
    WHERE ($1 = 0 OR p.supplier = $1)";

/// The supplier's part that a label names: by the supplier's own number; by that of the manufacturer where the
/// label has none of the supplier's, or several parts have it.
pub(crate) fn supplier_part(
    conn: &mut Connection,
    label: &Label,
    supplier: Option<&Supplier>,
) -> Result<Match<Candidate<SupplierPart>>> {
    let of = supplier.map_or_else(Key::default, |s| s.id);
    let mut rows = match (&label.sku, &label.mpn) {
        (Some(sku), _) => by_identifier::<SupplierPartRow, _>(conn, SUPPLIER_PARTS, "p.\"SKU\"", of, sku)?,
        (None, Some(mpn)) => by_identifier::<SupplierPartRow, _>(conn, SUPPLIER_PARTS, "m.\"MPN\"", of, mpn)?,
        (None, None) => Vec::new(),
    };
    if let (true, Some(mpn)) = (rows.len() > 1, label.mpn.as_ref().map(|mpn| mpn.to_lowercase()))
        && rows.iter().any(|row| row.mpn.as_ref() == Some(&mpn))
    {
        rows.retain(|row| row.mpn.as_ref() == Some(&mpn));
    }
    Ok(Match::of(rows.into_iter().map(|row| row.candidate).collect()))
}

/// The parts of suppliers with this number.
pub(crate) fn supplier_parts_of_sku(
    conn: &mut Connection,
    sku: &str,
    supplier: Option<CompanyKey>,
) -> Result<Vec<SupplierPartKey>> {
    let rows =
        by_identifier::<SupplierPartRow, _>(conn, SUPPLIER_PARTS, "p.\"SKU\"", supplier.unwrap_or_default(), sku)?;
    Ok(rows.iter().map(|row| row.candidate.id).collect())
}

/// The manufacturer's part that a label names: of the supplier itself, or one that it sells.
pub(crate) fn manufacturer_part(
    conn: &mut Connection,
    label: &Label,
    supplier: Option<&Supplier>,
) -> Result<Match<Candidate<ManufacturerPart>>> {
    const PARTS: &str = "FROM company_manufacturerpart m LEFT JOIN company_company c ON c.id = m.manufacturer \
        WHERE ($1 = 0 OR m.manufacturer = $1 OR EXISTS (SELECT 1 FROM company_supplierpart p \
        WHERE p.manufacturer_part = m.id AND p.supplier = $1))";
    let Some(mpn) = &label.mpn else { return Ok(Match::None) };
    let rows = by_identifier::<ManufacturerPartRow, _>(
        conn,
        PARTS,
        "m.\"MPN\"",
        supplier.map_or_else(Key::default, |s| s.id),
        mpn,
    )?;
    Ok(Match::of(rows.into_iter().map(|row| row.candidate).collect()))
}

/// How well the references of an order fit the two names on a label; 0: not at all. A name in its own place
/// counts for more than one in the other's place, and the exact spelling decides between orders of one name.
fn fit(label: &Label, reference: &str, supplier_reference: &str) -> u32 {
    const OWN_PLACE: u32 = 4;
    const OTHER_PLACE: u32 = 2;
    const SPELLING: u32 = 1;
    let same = |name: Option<&String>, reference: &str, points: u32| match name {
        Some(name) if name == reference => points + SPELLING,
        Some(name) if name.to_lowercase() == reference.to_lowercase() => points,
        _ => 0,
    };
    let (ours, theirs) = (label.order.as_ref(), label.supplier_order.as_ref());
    let other = same(theirs, reference, OTHER_PLACE).max(same(ours, supplier_reference, OTHER_PLACE));
    let own = same(ours, reference, OWN_PLACE) + same(theirs, supplier_reference, OWN_PLACE);
    own.max(other)
}

/// SQL: 1 for a placed order.
const PLACED: &str = sql!("CASE WHEN o.status = ", [PurchaseOrderStatus::PLACED], " THEN 1 ELSE 0 END");

selected! {
    /// An order that a label may name.
    struct Named {
        id: PurchaseOrderKey = "o.id",
        reference: String = "o.reference",
        supplier_reference: String = "o.supplier_reference",
        placed: i64 = PLACED,
    }
}

/// The purchase order that a label names, by our reference or the supplier's, without regard to case. Placed
/// orders go before all others; of several the one that fits best.
pub(crate) fn purchase_order(
    conn: &mut Connection,
    label: &Label,
    supplier: Option<&Supplier>,
) -> Result<Match<Candidate<Order>>> {
    let names = [&label.order, &label.supplier_order].map(|name| name.clone().unwrap_or_default());
    if names.iter().all(String::is_empty) {
        return Ok(Match::None);
    }
    let backend = conn.backend();
    let one_of = |column: &'static str| {
        let (folded, names) = (backend.lower(column), [backend.lower("$2"), backend.lower("$3")]);
        fragment!("({folded} <> '' AND {folded} IN ({}))", Fragment::join(&names, ", "))
    };
    let from = fragment!(
        "FROM order_purchaseorder o WHERE ($1 = 0 OR o.supplier = $1) AND ({} OR {}) \
         ORDER BY {} DESC, o.id DESC LIMIT {CANDIDATES}",
        one_of("o.reference"),
        one_of("o.supplier_reference"),
        PLACED
    );
    let [ours, theirs] = names;
    let values = [supplier.map_or_else(Key::default, |s| s.id).into(), ours.into(), theirs.into()];
    let mut best: Vec<Candidate<Order>> = Vec::new();
    let mut score = (0, 0);
    for order in selected::all::<Named>(conn, &from, &values)? {
        let this = (order.placed, fit(label, &order.reference, &order.supplier_reference));
        if this > score {
            score = this;
            best.clear();
        }
        if this == score {
            best.push(Candidate { id: order.id, name: order.reference });
        }
    }
    Ok(Match::of(best))
}

/// What a label of this supplier names, for the general scan.
pub(super) fn decode(ctx: &mut Context<'_>, data: &str, vendor: &Vendor) -> Result<Option<Found>> {
    let Some(label) = (vendor.read)(data) else { return Ok(None) };
    let supplier = remembered(ctx.conn, vendor)?.one();
    let named = [
        ("purchaseorder", purchase_order(ctx.conn, &label, supplier.as_ref())?.of_any_kind()),
        ("supplierpart", supplier_part(ctx.conn, &label, supplier.as_ref())?.of_any_kind()),
        ("manufacturerpart", manufacturer_part(ctx.conn, &label, supplier.as_ref())?.of_any_kind()),
    ];
    let mut found = Found::default();
    let mut several = Map::new();
    for (name, matched) in named {
        let Some(record_type) = record_types::by_model(name) else { continue };
        // one of several things that a label names may be hidden from the caller
        if !ctx.caller.may(record_type.table.name, Permission::View) {
            continue;
        }
        match matched {
            Match::None => {}
            Match::One(one) => {
                let record = found::record(ctx, record_type, one.id)?;
                found.body.extend(record.body);
                found.record = record.record;
            }
            Match::Several(candidates) => {
                let list: Vec<Json> = candidates.iter().map(|c| json!({ "pk": c.id, "name": c.name })).collect();
                several.insert(name.into(), list.into());
            }
        }
    }
    if found.body.is_empty() && several.is_empty() {
        return Ok(None);
    }
    if found.body.is_empty() {
        found.body.insert("error".into(), "More than one record matches this label. See `matches`.".into());
    } else {
        if let Some(supplier) = supplier {
            found.body.insert("company".into(), json!({ "pk": supplier.id }));
        }
        found.body.insert("success".into(), "A match was found for this label.".into());
    }
    if !several.is_empty() {
        found.body.insert("matches".into(), several.into());
    }
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_fit_in_their_own_place_best() {
        let label = |order: &str, theirs: &str| Label {
            order: Some(order.to_owned()).filter(|text| !text.is_empty()),
            supplier_order: Some(theirs.to_owned()).filter(|text| !text.is_empty()),
            ..Label::default()
        };
        let both = label("po-1", "77");
        assert!(fit(&both, "PO-1", "77") > fit(&both, "PO-2", "77"));
        assert!(fit(&both, "PO-2", "77") > fit(&both, "77", ""));
        assert!(fit(&label("PO-1", ""), "PO-1", "") > fit(&label("PO-1", ""), "po-1", ""));
        assert!(fit(&label("280001", ""), "PO-1", "280001") > 0);
        assert_eq!(fit(&label("", ""), "", ""), 0);
        assert_eq!(fit(&label("x", ""), "PO-1", ""), 0);
    }
}
