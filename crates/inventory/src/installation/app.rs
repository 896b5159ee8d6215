//! The server without its network: handles requests.

use std::any::Any;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use ironwood_base::{Error, Key, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Caller, Context, Domain, Done, Limits, Permission, Prepared};
use ironwood_rest::effects::Effects;
use ironwood_rest::http::{Answer, Request, Upload};
use ironwood_rest::registry::{Matched, Registry, check_access};
use ironwood_rest::resource::{Outside, Resource};
use ironwood_rest::table::{Column, Table};
use ironwood_store::migrate::{self, MigrateOptions};
use ironwood_store::{Access, Connection, Database, Options, Origin, Stamp, Value};

use crate::lists;
use crate::platform::exchange::provider::Provider;
use crate::platform::layout_engine::LayoutEngine;
use crate::platform::media::picture;
use crate::platform::settings::keys;
use crate::platform::settings::{self, Settings};
use crate::platform::state::{Inventory, Snapshot, origin};
use crate::platform::system::failure;
use crate::platform::system::idempotency;
use crate::platform::system::setup::ConfigOption;
use crate::platform::users::accounts::{self, FirstAdmin};
use crate::platform::users::limit;
use crate::platform::users::permission;
use crate::platform::users::secret::Secret;
use crate::platform::users::signin::Authenticator;
use crate::platform::users::visitor::Visitor;
use crate::schema::TABLES;
use crate::schema::keys::AnyKey;
use crate::schema::versions::SETTINGS;
use crate::services::machine::driver::Printing;
use crate::services::report::defaults;
use crate::{installation::migrations, installation::registry, platform::media, platform::output};

/// How the server is set up.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// `sqlite:PATH` or `postgres://…`.
    pub database: String,
    pub store: Options,
    /// Folder of uploaded files.
    pub media: PathBuf,
    /// The server's own key, where it is given directly.
    pub secret_key: Option<String>,
    /// File with the server's own key.
    pub secret_key_file: Option<PathBuf>,
    pub limits: Limits,
    pub signin_limits: limit::Limits,
    /// Other sites (`https://host`) whose pages may use a browser session here.
    pub trusted_origins: Vec<String>,
    /// Where exchange rates come from.
    pub exchange: Provider,
    /// Folder and program that print, which only the configuration names.
    pub printing: Printing,
    /// The program's options, for administrators to see.
    pub setup: Vec<ConfigOption>,
}

/// The server: database, sign-in, and all operations. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    inventory: Inventory,
    limits: Limits,
}

/// Time for which it counts who sends a request: while a large body comes in, rights may change.
const ADMITTED: Duration = Duration::from_secs(2);

/// A request whose sender is known and may send it.
pub struct Admission {
    matched: Arc<Matched<'static>>,
    visitor: Arc<Visitor>,
    at: Instant,
    /// Set where the visitor is remembered: what the transaction has to find unchanged.
    unproven: Option<Stamp>,
}

impl Admission {
    /// Name of the user who is signed in.
    pub fn user(&self) -> Option<&str> {
        self.visitor.user().map(|user| user.username.as_str())
    }
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(registry::registry);

/// All operations of the server.
pub fn the_registry() -> &'static Registry {
    &REGISTRY
}

impl Domain for Inventory {
    fn scopes(&self, table: &str, permission: Permission) -> Vec<String> {
        permission::scopes(table, permission)
    }

    fn name_of(&self, table: &str) -> String {
        let ruleset = permission::rulesets(table, permission::Permission::Add).next();
        ruleset.map_or_else(|| "these records".to_owned(), |ruleset| ruleset.label().to_lowercase())
    }

    fn snapshot(&self, conn: &mut Connection) -> Result<Arc<dyn Any + Send + Sync>> {
        Ok(Snapshot::load(conn)?)
    }

    fn prepare_file(&self, column: &Column, upload: &Upload) -> Result<Option<Prepared>> {
        let largest = self.db.read(largest_upload)?;
        let staged = media::stage::stage(&self.media, column, upload, largest)?;
        Ok(Some(Box::new(staged)))
    }

    fn keep_file(
        &self,
        conn: &mut Connection,
        effects: &mut Effects,
        change: &Change,
        column: &Column,
        upload: &Upload,
        prepared: Option<&Prepared>,
    ) -> Result<String> {
        match prepared.and_then(|prepared| prepared.downcast_ref()) {
            Some(staged) => media::keep(&self.media, effects, change, column, upload, staged),
            None => {
                let staged = media::stage::stage(&self.media, column, upload, largest_upload(conn)?)?;
                media::keep(&self.media, effects, change, column, upload, &staged)
            }
        }
    }

    fn takes_short_links(&self, conn: &mut Connection) -> Result<bool> {
        Ok(!Settings::load(conn)?.bool(keys::INVENTREE_STRICT_URLS))
    }

    fn drop_file(&self, effects: &mut Effects, path: &str) {
        media::forget(&self.media, effects, path);
    }

    fn written(&self, ctx: &mut Context<'_>, changes: &[Change]) -> Result<()> {
        lists::written(ctx, changes)
    }

    fn deleting(&self, ctx: &mut Context<'_>, table: &'static Table, keys: &[AnyKey]) -> Result<()> {
        lists::deleting(ctx, table, keys)
    }

    fn export_options(
        &self,
        ctx: &mut Context<'_>,
        resource: &'static Resource,
    ) -> Result<serde_json::Map<String, serde_json::Value>> {
        output::options::describe(ctx, resource, registry::EXPORTERS)
    }

    fn choices(&self, conn: &mut Connection, list: &str) -> Result<Vec<(String, String)>> {
        crate::platform::common::choices::of(conn, list)
    }

    fn chosen(&self, conn: &mut Connection, list: &str) -> Result<Option<Value>> {
        crate::platform::common::choices::default_of(conn, list)
    }

    fn counters_of_options(&self) -> Option<&'static [i64]> {
        Some(&[SETTINGS])
    }

    fn suggests_anew(&self, list: &str) -> bool {
        !crate::platform::common::choices::is_by_settings(list)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Does what a request that writes asks for.
fn carry_out(ctx: &mut Context<'_>, registry: &Registry, matched: &Matched<'_>) -> Result<Answer> {
    let run = |ctx: &mut Context<'_>| registry.run(ctx, matched);
    #[cfg(test)]
    let run = |ctx: &mut Context<'_>| crate::platform::changelog::actors_tests::witnessed(ctx, run);
    run(ctx)
}

/// Most bytes of an uploaded file.
fn largest_upload(conn: &mut Connection) -> Result<usize> {
    let megabytes = settings::get_int(conn, keys::INVENTREE_UPLOAD_MAX_SIZE)?.clamp(1, 10_000);
    Ok(megabytes as usize * 1_000_000)
}

impl App {
    /// Opens the database and everything around it. With [`Access::Create`] it is made, or brought up to
    /// date, where needed, and so is the server's key; otherwise it has to be there and up to date.
    ///
    /// # Errors
    /// One line that says what is wrong.
    pub fn open(config: AppConfig) -> Result<Self> {
        let db = Database::open(&config.database, &config.store)?;
        let (given, file) = (config.secret_key.as_deref(), config.secret_key_file.as_deref());
        let secret = if config.store.access == Access::Create {
            migrations::upgrade(&db, &MigrateOptions { backup: true })?;
            Secret::load(&config.database, given, file)?
        } else {
            migrate::require_current(&db, migrations::MIGRATIONS)?;
            Secret::find(&config.database, given, file)?.map_or_else(Secret::ephemeral, Ok)?
        };
        let authenticator = Arc::new(Authenticator::new(Arc::new(secret), config.signin_limits));
        let (media, trusted_origins) = (config.media, config.trusted_origins);
        let inventory = Inventory {
            db,
            authenticator,
            media,
            trusted_origins,
            wakeup: Arc::default(),
            exchange: config.exchange,
            setup: config.setup.into(),
            layout_engine: Arc::default(),
            printing: Arc::new(config.printing),
            started: ironwood_base::clock::now().into(),
            origin: Origin::server("work"),
        };
        Ok(App(Arc::new(Inner { inventory, limits: config.limits })))
    }

    /// Sets what lays out labels and reports. The first one stays.
    pub fn print_with(&self, layout_engine: Arc<dyn LayoutEngine>) {
        let _ = self.0.inventory.layout_engine.set(layout_engine);
    }

    /// Says in the log where the database holds tokens that the server's key does not open.
    ///
    /// # Errors
    /// Those of the database.
    pub fn check_key(&self) -> Result<()> {
        let authenticator = self.0.inventory.authenticator.clone();
        let lost = self.db().read(move |conn| authenticator.count_lost_tokens(conn))?;
        if lost > 0 {
            tracing::error!(
                "{lost} API tokens in the database were made with another secret key and no longer work: restore that \
                key (see --secret-key-file) or create new tokens"
            );
        }
        Ok(())
    }

    /// Says in the log where searches look at every row because the database has no index for them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn check_searches(&self) -> Result<()> {
        if !self.db().read(ironwood_rest::search::is_indexed)? {
            tracing::warn!(
                "searches scan all rows: the extension pg_trgm could not be created when the database was upgraded. \
                 Create it, and the indexes of the migration \"an index for searches\", to make searches fast"
            );
        }
        Ok(())
    }

    /// The domain with its database.
    pub fn inventory(&self) -> &Inventory {
        &self.0.inventory
    }

    /// Most that one request may ask for.
    pub fn limits(&self) -> Limits {
        self.0.limits
    }

    /// The database.
    pub fn db(&self) -> &Database {
        &self.0.inventory.db
    }

    /// Finds out what a request asks for, who sends it, and whether they may. Its body does not matter, and
    /// may be read afterwards.
    ///
    /// # Errors
    /// The answer to a request that is refused.
    pub fn admit(&self, request: &Request) -> std::result::Result<Admission, Answer> {
        self.try_admit(request).map_err(|error| refusal(request, &error))
    }

    fn try_admit(&self, request: &Request) -> Result<Admission> {
        let matched = the_registry().find(request)?;
        // what only reads finds out in its own transaction whether the visitor is still who they were
        if request.method.safe()
            && the_registry().is_one_read(request, &matched)
            && let Some((visitor, stamp)) = Visitor::remembered(request, &self.0.inventory.authenticator)
            && the_registry().check(&visitor, &matched).is_ok()
        {
            let (matched, visitor) = (Arc::new(matched), Arc::new(visitor));
            return Ok(Admission { matched, visitor, at: Instant::now(), unproven: Some(stamp) });
        }
        self.readmit(request, matched)
    }

    /// Finds out in the database who sends a request, and whether they may.
    fn readmit(&self, request: &Request, matched: Matched<'static>) -> Result<Admission> {
        let visitor = match self.0.inventory.visitor(request) {
            // what anybody may ask for may need no database
            Err(Error::Status(503, _)) if matched.is_public() => Visitor(None),
            known => known?,
        };
        the_registry().check(&visitor, &matched)?;
        let (matched, visitor) = (Arc::new(matched), Arc::new(visitor));
        Ok(Admission { matched, visitor, at: Instant::now(), unproven: None })
    }

    /// Answers a request that was admitted. Blocks the calling thread until the database thread is done.
    pub fn answer(&self, request: Request, admission: Admission) -> Answer {
        let request = Arc::new(request);
        self.try_answer(&request, admission).map_or_else(|error| self.refuse(&request, &error), |(answer, _)| answer)
    }

    /// The answer to a request that failed; what the server could not do is kept for administrators.
    fn refuse(&self, request: &Request, error: &Error) -> Answer {
        if let Error::Internal(why) = error {
            failure::keep(self.db(), &request.path, why);
        }
        refusal(request, error)
    }

    /// Admits a request and answers it.
    pub fn handle(&self, request: Request) -> Answer {
        self.handle_counted(request).0
    }

    /// [`App::handle`], with the number of SQL statements that the request took after its sender was
    /// known; 0 where it was refused.
    pub fn handle_counted(&self, request: Request) -> (Answer, u64) {
        let request = Arc::new(request);
        let done = self.try_admit(&request).and_then(|admission| self.try_answer(&request, admission));
        done.unwrap_or_else(|error| (self.refuse(&request, &error), 0))
    }

    /// [`App::handle`], where an error stays one.
    #[cfg(test)]
    pub(crate) fn try_handle(&self, request: Request) -> Result<Answer> {
        let request = Arc::new(request);
        let done = self.try_admit(&request).and_then(|admission| self.try_answer(&request, admission));
        match done {
            Err(Error::NotFound) => Ok(refusal(&request, &Error::NotFound)),
            done => done.map(|(answer, _)| answer),
        }
    }

    fn try_answer(&self, request: &Arc<Request>, admission: Admission) -> Result<(Answer, u64)> {
        let Admission { matched, mut visitor, at, unproven } = admission;
        if let Some(stamp) = unproven {
            if let Some(done) = self.read_if(request, &matched, &visitor, stamp)? {
                return Ok(done);
            }
            visitor = self.readmit(request, the_registry().find(request)?)?.visitor;
        } else if at.elapsed() > ADMITTED {
            visitor = Arc::new(self.0.inventory.visitor(request)?);
        }
        let outside =
            Outside { caller: visitor.as_ref(), request, domain: &self.0.inventory, registry: the_registry() };
        if let Some(answer) = the_registry().run_free(&outside, &matched) {
            return answer.map(|answer| (answer, 0));
        }
        if let Some(resource) = matched.export(request) {
            return self.export(visitor, request, resource);
        }
        let uploads = the_registry().prepare(&outside, &matched)?;
        let ahead = self.work_ahead(&visitor, request, &matched)?;
        let (app, request, writes) = (self.clone(), request.clone(), matched.writes());
        let by = origin(&request, visitor.as_ref());
        let work = move |conn: &mut Connection| {
            let registry = the_registry();
            let before = conn.statements();
            let inner = &app.0;
            let mut ctx = Context::new(conn, visitor.as_ref(), &request, &inner.inventory, registry, inner.limits);
            ctx.uploads = uploads.clone();
            ctx.ahead = ahead.clone();
            let answer = match writes {
                true => idempotency::once(&mut ctx, |ctx| carry_out(ctx, registry, &matched))?,
                false => registry.run(&mut ctx, &matched)?,
            };
            let statements = ctx.conn.statements() - before;
            Ok((answer, statements, std::mem::take(&mut ctx.effects)))
        };
        let (answer, statements, effects) = if writes { self.db().write(&by, work)? } else { self.db().read(work)? };
        effects.committed();
        Ok((answer, statements))
    }

    /// Answers a request that reads, if what is remembered of the visitor still holds.
    fn read_if(
        &self,
        request: &Arc<Request>,
        matched: &Arc<Matched<'static>>,
        visitor: &Arc<Visitor>,
        stamp: Stamp,
    ) -> Result<Option<(Answer, u64)>> {
        let (app, request, matched, visitor) = (self.clone(), request.clone(), matched.clone(), visitor.clone());
        let done = self.db().read(move |conn| {
            if !Authenticator::is_current(conn, &stamp)? {
                return Ok(None);
            }
            let (before, inner) = (conn.statements(), &app.0);
            let mut ctx =
                Context::new(conn, visitor.as_ref(), &request, &inner.inventory, the_registry(), inner.limits);
            let answer = the_registry().run(&mut ctx, &matched)?;
            Ok(Some((answer, ctx.conn.statements() - before, std::mem::take(&mut ctx.effects))))
        })?;
        Ok(done.map(|(answer, statements, effects)| {
            effects.committed();
            (answer, statements)
        }))
    }

    /// Does what of a request takes time, before the transaction that others wait for.
    fn work_ahead(
        &self,
        visitor: &Arc<Visitor>,
        request: &Arc<Request>,
        matched: &Matched<'_>,
    ) -> Result<Option<Done>> {
        let Some(look) = the_registry().look(matched) else { return Ok(None) };
        the_registry().check(visitor.as_ref(), matched)?;
        let (app, sent, caller, args) = (self.clone(), request.clone(), visitor.clone(), matched.args.clone());
        let work = self.db().read(move |conn| {
            let inner = &app.0;
            let mut ctx = Context::new(conn, caller.as_ref(), &sent, &inner.inventory, the_registry(), inner.limits);
            look(&mut ctx, &args)
        })?;
        work.map(|work| work(request)).transpose()
    }

    /// Makes a file of a list: the rows are read where reading keeps no one from writing, the file is written
    /// outside of any transaction, and its record by one that is short.
    fn export(
        &self,
        visitor: Arc<Visitor>,
        request: &Arc<Request>,
        resource: &'static Resource,
    ) -> Result<(Answer, u64)> {
        check_access(visitor.as_ref(), resource.access, request.method)?;
        let (app, sent, caller) = (self.clone(), request.clone(), visitor.clone());
        let (made, read) = self.db().read(move |conn| {
            let (before, inner) = (conn.statements(), &app.0);
            let mut ctx = Context::new(conn, caller.as_ref(), &sent, &inner.inventory, the_registry(), inner.limits);
            let made = output::make(&mut ctx, resource, registry::EXPORTERS)?;
            Ok((made, ctx.conn.statements() - before))
        })?;
        let mut effects = Effects::default();
        let path = made.write(&self.0.inventory.media, &mut effects)?;
        let (app, request, record) =
            (self.clone(), request.clone(), made.record(visitor.id().map(Key::from_id), &path));
        let by = origin(&request, visitor.as_ref());
        let (answer, written) = self.db().write(&by, move |conn| {
            let (before, inner) = (conn.statements(), &app.0);
            let mut ctx =
                Context::new(conn, visitor.as_ref(), &request, &inner.inventory, the_registry(), inner.limits);
            let answer = output::note(&mut ctx, &record)?;
            Ok((answer, ctx.conn.statements() - before))
        })?;
        effects.committed();
        Ok((answer, read + written))
    }

    /// Denies access to a file below `/media/` unless the caller can view a row that refers to it.
    /// Gives the user's name.
    ///
    /// # Errors
    /// 401 where no one is signed in; else 403 or 404, as the row would answer.
    pub fn check_media(&self, request: Request) -> Result<String> {
        let visitor = Arc::new(self.0.inventory.visitor(&request)?);
        let Some(user) = visitor.user() else {
            return Err(Error::Unauthenticated("Sign in to continue.".into()));
        };
        let name = user.username.clone();
        let (app, request) = (self.clone(), Arc::new(request));
        self.db().read(move |conn| {
            let (inner, registry) = (&app.0, the_registry());
            let path = request.path.strip_prefix("/media/").unwrap_or_default();
            let mut ctx = Context::new(conn, visitor.as_ref(), &request, &inner.inventory, registry, inner.limits);
            match (registry.check_file(&mut ctx, TABLES, path), picture::original_of(path)) {
                // the smaller copy of a image has its rights
                (Err(Error::NotFound), Some(original)) => registry.check_file(&mut ctx, TABLES, &original),
                (checked, _) => checked,
            }
        })?;
        Ok(name)
    }

    /// Prepares a database for its first use: the instance gets its id, an empty database what
    /// [`crate::installation::starter`] has (unless it is to stay `bare`), and an administrator is made where there are
    /// no users.
    ///
    /// # Errors
    /// 400 where the name or password given cannot be used.
    pub fn prepare(&self, admin: Option<String>, password: Option<String>, bare: bool) -> Result<Option<FirstAdmin>> {
        let media = self.0.inventory.media.clone();
        let (first, effects) = self.db().write(&Origin::server("start"), move |conn| {
            let mut effects = Effects::default();
            if !bare && crate::installation::starter::fill(conn)? {
                tracing::info!("created default groups and parameter templates in the new database");
            }
            if !bare && defaults::give_once(conn, &media, &mut effects)? > 0 {
                tracing::info!("the database was given templates of labels and reports");
            }
            accounts::complete_groups(conn)?;
            settings::ensure_instance_id(conn)?;
            crate::business::stock::serial::match_setting(conn)?;
            Ok((accounts::first_admin(conn, admin.as_deref(), password.as_deref())?, effects))
        })?;
        effects.committed();
        Ok(first)
    }
}

/// The response to a failed request. Details that the client does not get are logged.
fn refusal(request: &Request, error: &Error) -> Answer {
    match error {
        Error::Internal(why) => tracing::error!(path = %request.path, method = request.method.name(), "{why}"),
        Error::NotFound if the_registry().find(request).is_err() => return unknown_address(request),
        _ => {}
    }
    Answer::error(error)
}

/// The URL does not exist, for any caller.
fn unknown_address(request: &Request) -> Answer {
    let url = format!("{}{}", request.base_url, request.path);
    Answer::json(404, &serde_json::json!({"detail": "This URL does not exist.", "url": url}))
}
