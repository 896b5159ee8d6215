//! The state of an import session.

use ironwood_base::{Error, Result};
use ironwood_rest::context::{Ahead, Context};
use ironwood_rest::selected;
use ironwood_store::{Connection, Value, fragment};
use serde_json::{Map, Value as Json};

use super::ahead::{self, FileRequest};
use super::file::Heading;
use super::file::format::FileFormat;
use super::models::{self, Model};
use crate::platform::state::Inventory;
use crate::schema::keys::{ImportKey, UserKey};

/// States of a session.
pub(crate) const MAPPING: i64 = 10;
pub(crate) const IMPORTING: i64 = 20;
pub(crate) const PROCESSING: i64 = 30;
pub(crate) const COMPLETE: i64 = 40;

/// Which column of the file goes into a field.
#[derive(Debug, Clone)]
pub(crate) struct Mapped {
    pub field: String,
    /// Empty: none.
    pub column: String,
    /// What linked rows are looked up by; `None`: everything.
    pub lookup: Option<String>,
}

/// A session.
#[derive(Debug)]
pub(crate) struct Session {
    pub id: ImportKey,
    pub model: &'static Model,
    pub user: Option<UserKey>,
    pub status: i64,
    /// Whether records are changed, and not made.
    pub update: bool,
    /// Path below the media folder.
    pub data_file: String,
    pub columns: Vec<String>,
    pub defaults: Map<String, Json>,
    pub overrides: Map<String, Json>,
    pub filters: Map<String, Json>,
    pub mapping: Vec<Mapped>,
    /// How the file is laid out and written.
    pub format: FileFormat,
}

/// A JSON object in a column; anything else is as good as none.
pub(crate) fn object(text: &str) -> Map<String, Json> {
    match serde_json::from_str(text) {
        Ok(Json::Object(map)) => map,
        // what came as a text of JSON was kept as such by older servers
        Ok(Json::String(inner)) => match serde_json::from_str(&inner) {
            Ok(Json::Object(map)) => map,
            _ => Map::new(),
        },
        _ => Map::new(),
    }
}

selected! {
    /// A session as it is stored.
    struct Stored {
        model_type: String = "model_type",
        user: Option<UserKey> = "\"user\"",
        status: i64 = "status",
        update_records: bool = "update_records",
        data_file: String = "data_file",
        columns: String = "columns",
        field_defaults: String = "field_defaults",
        field_overrides: String = "field_overrides",
        field_filters: String = "field_filters",
        file_format: String = "file_format",
    }
}

selected! {
    /// The mapping of a field as it is stored.
    struct StoredMapping {
        field: String = "field",
        column: String = "\"column\"",
        lookup: String = "lookup_field",
    }
}

impl Session {
    /// Reads a session with its mapping.
    ///
    /// # Errors
    /// 404 where it is not there; [`Error::Invalid`] where its records cannot be imported.
    pub(crate) fn load(conn: &mut Connection, id: ImportKey) -> Result<Self> {
        let stored = selected::first(conn, "FROM importer_dataimportsession WHERE id = $1", &[id.into()])?;
        let stored: Stored = stored.ok_or(Error::NotFound)?;
        let unknown = || Error::field("model_type", "Records of this type cannot be imported.");
        let mut session = Session {
            id,
            model: models::find(&stored.model_type).ok_or_else(unknown)?,
            user: stored.user,
            status: stored.status,
            update: stored.update_records,
            data_file: stored.data_file,
            columns: serde_json::from_str(&stored.columns).unwrap_or_default(),
            defaults: object(&stored.field_defaults),
            overrides: object(&stored.field_overrides),
            filters: object(&stored.field_filters),
            mapping: Vec::new(),
            format: FileFormat::kept(&object(&stored.file_format)),
        };
        let from = "FROM importer_dataimportcolumnmap WHERE session = $1 ORDER BY id";
        for StoredMapping { field, column, lookup } in selected::all(conn, from, &[id.into()])? {
            session.mapping.push(Mapped { field, column, lookup: Some(lookup).filter(|l| !l.is_empty()) });
        }
        Ok(session)
    }

    /// The file, with its rows, as it was read before.
    pub(crate) fn again(&self) -> FileRequest {
        let format = self.format.clone();
        FileRequest { name: self.data_file.clone(), format, model: self.model.name(), update: self.update, rows: true }
    }

    /// Reads the file as it was read before.
    ///
    /// # Errors
    /// 500.
    pub(crate) fn read_ahead(self, ctx: &Context<'_>) -> Result<Ahead> {
        let wanted = self.again();
        let known = move |name: &str| {
            if self.columns.iter().any(|column| column == name) { Heading::Other } else { Heading::Unknown }
        };
        ahead::work(ctx, wanted, known)
    }

    /// Bytes of the file; 0 where it is gone.
    ///
    /// # Errors
    /// 500.
    pub(crate) fn file_size(&self, ctx: &Context<'_>) -> Result<u64> {
        let path = Inventory::of(ctx.domain)?.media.join(&self.data_file);
        Ok(std::fs::metadata(path).map_or(0, |about| about.len()))
    }

    /// What a row's values are to be in the end: overrides go before the row, the row before defaults.
    pub(crate) fn merged(&self, data: &Map<String, Json>) -> Map<String, Json> {
        let mut all = self.defaults.clone();
        all.extend(data.iter().chain(&self.overrides).map(|(name, value)| (name.clone(), value.clone())));
        all
    }

    /// Moves the session on.
    pub(crate) fn set_status(&mut self, conn: &mut Connection, status: i64) -> Result<()> {
        self.status = status;
        let sql = "UPDATE importer_dataimportsession SET status = $1 WHERE id = $2";
        conn.execute(sql, &[Value::Int(status), self.id.into()]).map(|_| ())
    }
}

/// Ends a session of which every row is a record: rows and mapping go, their numbers stay.
///
/// # Errors
/// Those of the database.
pub(crate) fn end_if_complete(conn: &mut Connection, session: ImportKey) -> Result<()> {
    let sql = "UPDATE importer_dataimportsession SET status = $1, \
               completed_row_count_history = (SELECT COUNT(*) FROM importer_dataimportrow r WHERE r.session = $2), \
               row_count_history = (SELECT COUNT(*) FROM importer_dataimportrow r WHERE r.session = $2) \
               WHERE id = $2 AND status = $3 \
               AND NOT EXISTS (SELECT 1 FROM importer_dataimportrow r WHERE r.session = $2 AND NOT r.complete)";
    if conn.execute(sql, &[Value::Int(COMPLETE), session.into(), Value::Int(PROCESSING)])? > 0 {
        for table in ["importer_dataimportrow", "importer_dataimportcolumnmap"] {
            conn.execute(&fragment!("DELETE FROM {table} WHERE session = $1"), &[session.into()])?;
        }
    }
    Ok(())
}
