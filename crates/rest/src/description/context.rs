//! What a request carries with it: the connection, the caller, what the domain knows.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use ironwood_base::key::{self, Key};
use ironwood_base::{Error, Result};
use ironwood_store::{Connection, Value};
use serde_json::{Map, Value as Json};

use crate::effects::Effects;
use crate::http::{Body, Method, Request, Upload};
use crate::operations::Registry;
use crate::resource::Resource;
use crate::table::{Column, Table};
use crate::values::Change;
use crate::view::View;

/// A permission on the rows of a table: view, add, change, or delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    View,
    Add,
    Change,
    Delete,
}

impl Permission {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Permission; 4] = [Permission::View, Permission::Add, Permission::Change, Permission::Delete];

    /// `view`, `add`, `change`, `delete`.
    pub const fn name(self) -> &'static str {
        match self {
            Permission::View => "view",
            Permission::Add => "add",
            Permission::Change => "change",
            Permission::Delete => "delete",
        }
    }
}

/// Who is asking.
pub trait Caller: Send + Sync {
    /// Key of the signed-in user.
    fn id(&self) -> Option<i64>;
    fn is_staff(&self) -> bool;
    fn is_superuser(&self) -> bool;
    /// Whether the caller has this permission on rows of that table.
    fn may(&self, table: &str, permission: Permission) -> bool;
    /// Whether rows of that table are shown inside of other rows, and may be asked about by filters, searches
    /// and sort orders of other lists.
    fn sees(&self, table: &str) -> bool {
        self.may(table, Permission::View)
    }
    /// Whether private columns of that table ([`crate::table::Column::private`]) are shown of everyone's row.
    fn sees_private(&self, table: &str) -> bool {
        self.may(table, Permission::Change)
    }
    /// What decides over all of this but the key: equal for callers who may do and see the same of what is nobody's
    /// own. `None` where that cannot be told.
    fn rights(&self) -> Option<Vec<u8>> {
        None
    }
    /// The domain's own user type.
    fn as_any(&self) -> &dyn Any;
}

/// What the domain adds to the engine.
pub trait Domain: Send + Sync {
    /// Scopes (`r:view:part`) that a table belongs to, for the API's documentation.
    fn scopes(&self, table: &str, permission: Permission) -> Vec<String>;
    /// What the rows of a table are called in messages: `stock items`.
    fn name_of(&self, _table: &str) -> String {
        "these records".into()
    }
    /// What functions that make values ([`crate::view::Source::Made`]) need to know, read once per
    /// request that has such values.
    ///
    /// # Errors
    /// Those of the database.
    fn snapshot(&self, conn: &mut Connection) -> Result<Arc<dyn Any + Send + Sync>>;
    /// Values of a list that the domain keeps, with their labels ([`crate::view::Field::chosen_from`]).
    ///
    /// # Errors
    /// Those of the database.
    fn choices(&self, _conn: &mut Connection, _list: &str) -> Result<Vec<(String, String)>> {
        Ok(Vec::new())
    }
    /// The value of such a list that stands where none is given.
    ///
    /// # Errors
    /// Those of the database.
    fn chosen(&self, _conn: &mut Connection, _list: &str) -> Result<Option<Value>> {
        Ok(None)
    }
    /// Does with an uploaded file for a column what takes time: it precedes the transaction. What it gives comes
    /// to [`Domain::keep_file`].
    ///
    /// # Errors
    /// 400 on the field, for a file that the domain refuses.
    fn prepare_file(&self, _column: &Column, _upload: &Upload) -> Result<Option<Prepared>> {
        Ok(None)
    }
    /// Keeps a file that came for a column of the row that a change makes; gives its path below the
    /// media folder.
    ///
    /// # Errors
    /// 400 on the column, for a file that the domain refuses or has no place for; those of the database.
    fn keep_file(
        &self,
        _conn: &mut Connection,
        _effects: &mut Effects,
        _change: &Change,
        column: &Column,
        _upload: &Upload,
        _prepared: Option<&Prepared>,
    ) -> Result<String> {
        Err(Error::field(column.name, "This server does not store files."))
    }
    /// Whether an address may come without its scheme (`example.com/x`).
    ///
    /// # Errors
    /// Those of the database.
    fn takes_short_links(&self, _conn: &mut Connection) -> Result<bool> {
        Ok(true)
    }
    /// Removes a file that no row names any more, once the transaction is committed.
    fn drop_file(&self, _effects: &mut Effects, _path: &str) {}
    /// Follows rows that the engine made or changed: their keys are known by now.
    ///
    /// # Errors
    /// What the domain has against the change; those of the database.
    fn written(&self, _ctx: &mut Context<'_>, _changes: &[Change]) -> Result<()> {
        Ok(())
    }
    /// Precedes rows that the engine deletes.
    ///
    /// # Errors
    /// What the domain has against the deletion; those of the database.
    fn deleting(&self, _ctx: &mut Context<'_>, _table: &'static Table, _keys: &[Key<key::Any>]) -> Result<()> {
        Ok(())
    }
    /// Counters of changes ([`Connection::stamp`]) of all that OPTIONS tells besides what is suggested; `None` where
    /// changes of it are not counted.
    fn counters_of_options(&self) -> Option<&'static [i64]> {
        None
    }
    /// Whether the value that is suggested from a list differs although nothing that is counted was changed.
    fn suggests_anew(&self, _list: &str) -> bool {
        true
    }
    /// What a list answers where it is asked for as a file; `None`: it cannot be.
    fn export_view(&self) -> Option<&'static View> {
        None
    }
    /// What may be said about a file of a list's rows, by parameter: OPTIONS with `export=true` tells it.
    ///
    /// # Errors
    /// 400 where the list cannot be had as the file that is asked for; those of the database.
    fn export_options(&self, _ctx: &mut Context<'_>, _resource: &'static Resource) -> Result<Map<String, Json>> {
        Ok(Map::new())
    }
    /// The domain's own type.
    fn as_any(&self) -> &dyn Any;
}

/// What the domain made of an uploaded file before the transaction.
pub type Prepared = Box<dyn Any + Send + Sync>;

/// What was made of the files of a request, by field.
pub type Uploads = Arc<HashMap<String, Prepared>>;

/// What slow work of a request gave that precedes its transaction.
pub type Done = Arc<dyn Any + Send + Sync>;

/// Such work: it runs outside of any transaction.
pub type Ahead = Box<dyn FnOnce(&Request) -> Result<Done> + Send>;

/// Finds out, in a transaction that reads, what slow work a request needs before the one that writes. Where something
/// speaks against the request it finds none: that is told later.
pub type Look = fn(&mut Context<'_>, &[String]) -> Result<Option<Ahead>>;

/// What a function that makes a value may use.
pub struct Facts<'a> {
    /// The domain's snapshot.
    pub snapshot: &'a (dyn Any + Send + Sync),
    pub request: &'a Request,
    pub caller: &'a dyn Caller,
}

/// Most that one request may ask for.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Rows of one page; a larger `limit` is cut to it.
    pub page: u64,
    /// Rows of a list that is asked for without pages.
    pub list: u64,
    /// Keys or rows in one bulk request.
    pub bulk: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { page: 10_000, list: 250_000, bulk: 10_000 }
    }
}

/// One request at work inside one transaction.
pub struct Context<'a> {
    pub conn: &'a mut Connection,
    pub caller: &'a dyn Caller,
    pub request: &'a Request,
    pub domain: &'a dyn Domain,
    pub registry: &'a Registry,
    pub limits: Limits,
    /// What is done outside of the database when the transaction has ended.
    pub effects: Effects,
    /// What was made of the files of the request before the transaction.
    pub uploads: Uploads,
    /// What the request's slow work gave ([`Look`]).
    pub ahead: Option<Done>,
    snapshot: Option<Arc<dyn Any + Send + Sync>>,
}

impl<'a> Context<'a> {
    pub fn new(
        conn: &'a mut Connection,
        caller: &'a dyn Caller,
        request: &'a Request,
        domain: &'a dyn Domain,
        registry: &'a Registry,
        limits: Limits,
    ) -> Self {
        let (effects, uploads) = (Effects::default(), Uploads::default());
        Context { conn, caller, request, domain, registry, limits, effects, uploads, ahead: None, snapshot: None }
    }

    /// Does something that may fail without spoiling the whole transaction: what it wrote is undone
    /// where it fails.
    ///
    /// # Errors
    /// Those of the work; those of the database.
    pub fn savepoint<T>(&mut self, work: impl FnOnce(&mut Context<'_>) -> Result<T>) -> Result<T> {
        let (caller, request, domain) = (self.caller, self.request, self.domain);
        let (registry, limits, known) = (self.registry, self.limits, self.snapshot.clone());
        let (uploads, ahead) = (self.uploads.clone(), self.ahead.clone());
        let (done, effects, known) = self.conn.savepoint(|conn| {
            let mut inner = Context::new(conn, caller, request, domain, registry, limits);
            inner.uploads = uploads;
            inner.ahead = ahead;
            inner.snapshot = known;
            let done = work(&mut inner)?;
            Ok((done, std::mem::take(&mut inner.effects), inner.snapshot.take()))
        })?;
        self.snapshot = known;
        self.effects.absorb(effects);
        Ok(done)
    }

    /// Does something as a plain reading request would see it: rows that an action answers with are shown as
    /// in a list, their totals included, without what its own query parameters ask for.
    ///
    /// # Errors
    /// Those of the work.
    pub fn reading<T>(&mut self, work: impl FnOnce(&mut Context<'_>) -> Result<T>) -> Result<T> {
        let request = Request {
            method: Method::Get,
            query: Vec::new(),
            raw_query: String::new(),
            body: Body::Empty,
            ..self.request.clone()
        };
        let mut inner = Context::new(self.conn, self.caller, &request, self.domain, self.registry, self.limits);
        inner.snapshot = self.snapshot.take();
        let done = work(&mut inner)?;
        let effects = std::mem::take(&mut inner.effects);
        self.effects.absorb(effects);
        Ok(done)
    }

    /// Refuses whatever else an operation does than what its access allows, where the caller lacks the right for
    /// it: a right on this table (or, as a domain may name it, in this area).
    ///
    /// # Errors
    /// 403.
    pub fn require(&self, table: &str, permission: Permission) -> Result<()> {
        if self.caller.may(table, permission) {
            return Ok(());
        }
        Err(Error::Denied(format!("You need permission to {} {}.", permission.name(), self.domain.name_of(table))))
    }

    /// The caller's key, 0 where no one is signed in.
    pub fn user(&self) -> i64 {
        self.caller.id().unwrap_or(0)
    }

    /// The domain's snapshot, read at first need.
    ///
    /// # Errors
    /// Those of [`Domain::snapshot`].
    pub fn snapshot(&mut self) -> Result<Arc<dyn Any + Send + Sync>> {
        if let Some(snapshot) = &self.snapshot {
            return Ok(snapshot.clone());
        }
        let snapshot = self.domain.snapshot(self.conn)?;
        self.snapshot = Some(snapshot.clone());
        Ok(snapshot)
    }

    /// Discards the snapshot. Call this after changing the data that it was made from.
    pub fn forget_snapshot(&mut self) {
        self.snapshot = None;
    }
}
