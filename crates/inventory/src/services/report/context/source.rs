//! Where the values of a template come from: the database, as one caller may see it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use ironwood_base::{Error, Result};
use ironwood_rest::context::{Caller, Context, Limits};
use ironwood_rest::http::{Body, Method, Presented, Request};
use ironwood_rest::query::Query;
use ironwood_rest::registry::{Registry, check_access};
use ironwood_rest::seen;
use ironwood_rest::table::Table;
use ironwood_template::{Failure, Value};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use crate::lists::the_registry;
use crate::platform::exchange::rates::Rates;
use crate::platform::media::{name, picture};
use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::platform::state::Inventory;
use crate::platform::users::background_user::BackgroundUser;
use crate::platform::users::permission::User;
use crate::schema::TABLES;
use crate::schema::keys::UserKey;
use crate::services::barcode::internal::Format;

/// Most bytes of files that are kept while a document is made; others are read each time.
const MOST_KEPT: usize = 64 << 20;
/// Largest file of media that a document may hold.
const LARGEST_FILE: u64 = 50 << 20;

/// The database, as one caller may see it; every read is a transaction of its own.
pub(crate) struct Source {
    inventory: Inventory,
    caller: Arc<dyn Caller>,
    request: Arc<Request>,
    pub settings: Settings,
    pub barcodes: Format,
    pub now: ZonedDateTime,
    rates: RefCell<Option<Rc<Rates>>>,
    files: RefCell<HashMap<String, Option<Rc<Vec<u8>>>>>,
    /// Bytes in them.
    kept: Cell<usize>,
    /// Values that take long to make, by what they were made from.
    made: RefCell<HashMap<String, Value>>,
}

/// What a template's author is told of an error.
pub(crate) fn failure(error: &Error) -> Failure {
    match error {
        Error::Internal(why) => {
            tracing::error!("a template could not be rendered: {why}");
            Failure::new("The data could not be read.")
        }
        error => Failure::new(error.to_string()),
    }
}

/// A reading request without parameters, which the engine reads on behalf of templates.
pub(crate) fn neutral(base_url: &str) -> Request {
    Request {
        method: Method::Get,
        path: "/".into(),
        query: Vec::new(),
        raw_query: String::new(),
        base_url: base_url.to_owned(),
        body: Body::Empty,
        remote: std::net::Ipv4Addr::LOCALHOST.into(),
        presented: Presented::default(),
        accept: String::new(),
        id: String::new(),
    }
}

impl Source {
    /// The database as a user may see it now.
    ///
    /// # Errors
    /// 401 where there is no such active user; those of the database.
    pub(crate) fn open(inventory: &Inventory, user: UserKey) -> Result<Rc<Self>> {
        let (settings, barcodes, user) = inventory
            .db
            .read(move |conn| Ok((Settings::load(conn)?, Format::load(conn)?, User::by_id(conn, user)?)))?;
        let gone = || Error::Unauthenticated("The user who asked for this is no longer there.".into());
        let user = user.filter(|user| user.is_active).ok_or_else(gone)?;
        let base_url = settings.text(keys::INVENTREE_BASE_URL).trim_end_matches('/').to_owned();
        Ok(Rc::new(Source {
            inventory: inventory.clone(),
            caller: Arc::new(BackgroundUser(user)),
            request: Arc::new(neutral(&base_url)),
            settings,
            barcodes,
            now: Timestamp::now().to_zoned_datetime(TimeZone::system()),
            rates: RefCell::default(),
            files: RefCell::default(),
            kept: Cell::new(0),
            made: RefCell::default(),
        }))
    }

    /// Who reads.
    pub(crate) fn caller(&self) -> &dyn Caller {
        self.caller.as_ref()
    }

    /// The server.
    pub(crate) fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// Address of the server as users reach it, without a slash at its end.
    pub(crate) fn base_url(&self) -> &str {
        &self.request.base_url
    }

    /// Everything that can be asked of the server.
    pub(crate) fn registry(&self) -> &'static Registry {
        the_registry()
    }

    /// Reads in a transaction of its own.
    ///
    /// # Errors
    /// Those of the work.
    pub(crate) fn read<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Context<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (inventory, caller, request) = (self.inventory.clone(), self.caller.clone(), self.request.clone());
        self.inventory.db.read(move |conn| {
            let mut ctx = Context::new(conn, caller.as_ref(), &request, &inventory, the_registry(), Limits::default());
            work(&mut ctx)
        })
    }

    /// [`Source::read`] for templates.
    ///
    /// # Errors
    /// What the author of the template is told.
    pub(crate) fn look<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Context<'_>) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Failure> {
        self.read(work).map_err(|error| failure(&error))
    }

    /// Whether rows of a table may be shown.
    pub(crate) fn sees(&self, table: &Table) -> bool {
        self.caller.sees(table.name)
    }

    /// Whether a template may ask for any rows of a table: those of a list that the caller may read.
    pub(crate) fn may_list(&self, table: &Table) -> bool {
        let resource = self.registry().list_of(table);
        self.sees(table) && resource.is_some_and(|found| check_access(self.caller(), found.access, Method::Get).is_ok())
    }

    /// The exchange rates, read once.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn rates(&self) -> std::result::Result<Rc<Rates>, Failure> {
        if let Some(rates) = self.rates.borrow().as_ref() {
            return Ok(rates.clone());
        }
        let rates = Rc::new(self.look(|ctx| Rates::load(ctx.conn))?);
        *self.rates.borrow_mut() = Some(rates.clone());
        Ok(rates)
    }

    /// A value that was kept under a name.
    pub(crate) fn made(&self, name: &str) -> Option<Value> {
        self.made.borrow().get(name).cloned()
    }

    /// Keeps a value that takes long to make.
    pub(crate) fn keep(&self, name: String, value: &Value) {
        self.made.borrow_mut().insert(name, value.clone());
    }

    /// The bytes of a file below the media folder; `None` where there is none that the caller may see.
    pub(crate) fn file(&self, path: &str) -> Option<Rc<Vec<u8>>> {
        if let Some(known) = self.files.borrow().get(path) {
            return known.clone();
        }
        let bytes = self.read_file(path).map(Rc::new);
        let size = bytes.as_ref().map_or(0, |bytes| bytes.len()) + self.kept.get();
        if size <= MOST_KEPT {
            self.kept.set(size);
            self.files.borrow_mut().insert(path.to_owned(), bytes.clone());
        }
        bytes
    }

    fn read_file(&self, path: &str) -> Option<Vec<u8>> {
        if !name::is_inside(path) {
            return None;
        }
        let wanted = path.to_owned();
        let checked = self.read(move |ctx| {
            let registry = ctx.registry;
            match (registry.check_file(ctx, TABLES, &wanted), picture::original_of(&wanted)) {
                (Err(Error::NotFound), Some(original)) => registry.check_file(ctx, TABLES, &original),
                (checked, _) => checked,
            }
        });
        checked.ok()?;
        let file = self.inventory.media.join(path);
        let length = std::fs::metadata(&file).ok().filter(std::fs::Metadata::is_file)?.len();
        if length > LARGEST_FILE { None } else { std::fs::read(file).ok() }
    }
}

/// The rows of a table that the caller may see, as its list shows them.
pub(crate) fn seen_rows<'c>(ctx: &Context<'c>, table: &'static Table) -> Query<'c> {
    let mut query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, table);
    query.registry = Some(ctx.registry);
    if let Some(resource) = ctx.registry.list_of(table) {
        query.confine(resource);
    }
    seen::restrict(&mut query, ctx.caller);
    query
}
