//! What a decoder found behind a barcode.

use ironwood_base::{Error, Result};
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::select;
use serde_json::{Map, Value as Json};

use crate::platform::pages;
use crate::schema::keys::AnyKey;
use crate::schema::record_type::RecordType;

/// What a decoder found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    /// For the answer: `{"part": {"pk": 5, …}}`, or `{"error": …}` where the code is of this kind, but
    /// leads to nothing.
    pub body: Map<String, Json>,
    /// The record: the name of its kind, and its key.
    pub record: Option<(&'static str, AnyKey)>,
}

/// A record as a decoder gives it: with its addresses, and as the API shows it.
///
/// # Errors
/// 403 where the caller may not see it; those of the database.
pub(crate) fn record(ctx: &mut Context<'_>, record_type: &'static RecordType, key: AnyKey) -> Result<Found> {
    if !ctx.caller.may(record_type.table.name, Permission::View) {
        return Err(Error::denied());
    }
    let mut shown = Map::new();
    shown.insert("pk".into(), key.into());
    shown.insert("api_url".into(), format!("{}{key}/", record_type.api).into());
    let resource = ctx.registry.resources.iter().find(|r| r.path == record_type.api && r.operations.retrieve);
    if let Some(resource) = resource {
        let rows = select::rows_by_key(ctx, resource.row_view(), &[key.id()])?;
        if let Some(row) = rows.get(&key.id()) {
            shown.insert("instance".into(), serde_json::from_slice(row).unwrap_or_default());
        }
    }
    if let Some(page) = pages::address_of(record_type.table.record, key) {
        shown.insert("web_url".into(), page.into());
    }
    let mut body = Map::new();
    body.insert(record_type.table.model().into(), Json::Object(shown));
    Ok(Found { body, record: Some((record_type.table.model(), key)) })
}
