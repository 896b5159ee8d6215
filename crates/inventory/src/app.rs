//! The server without its network: everything that answers a request.

use std::any::Any;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Act, Context, Domain, Limits};
use ironwood_rest::effects::Effects;
use ironwood_rest::http::{Answer, Request, Upload};
use ironwood_rest::registry::{Matched, Registry};
use ironwood_rest::resource::{Outside, Resource};
use ironwood_rest::table::{Column, Table};
use ironwood_store::migrate::MigrateOptions;
use ironwood_store::{Connection, Database, Options, Value};

use crate::exchange::provider::Provider;
use crate::settings::{self, Settings};
use crate::state::{Inventory, Snapshot};
use crate::users::accounts::{self, FirstAdmin};
use crate::users::limit;
use crate::users::permission;
use crate::users::secret::Secret;
use crate::users::signin::Gate;
use crate::users::visitor::Visitor;
use crate::{migrations, registry};

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
}

/// The server: database, sign-in, everything that can be asked of it. Cheap to clone.
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
}

impl Admission {
    /// Name of the user who is signed in.
    pub fn user(&self) -> Option<&str> {
        self.visitor.user().map(|user| user.username.as_str())
    }
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(registry::registry);

/// Everything that can be asked of the server.
pub fn the_registry() -> &'static Registry {
    &REGISTRY
}

impl Domain for Inventory {
    fn scopes(&self, table: &str, act: Act) -> Vec<String> {
        permission::scopes(table, act)
    }

    fn snapshot(&self, conn: &mut Connection) -> Result<Arc<dyn Any + Send + Sync>> {
        Ok(Arc::new(Snapshot::load(conn)?))
    }

    fn keep_file(
        &self,
        conn: &mut Connection,
        effects: &mut Effects,
        change: &Change,
        column: &Column,
        upload: &Upload,
    ) -> Result<String> {
        let megabytes = Settings::load(conn)?.int("INVENTREE_UPLOAD_MAX_SIZE").clamp(1, 10_000);
        crate::media::keep(&self.media, effects, change, column, upload, megabytes as usize * 1_000_000)
    }

    fn takes_short_links(&self, conn: &mut Connection) -> Result<bool> {
        Ok(!Settings::load(conn)?.bool("INVENTREE_STRICT_URLS"))
    }

    fn drop_file(&self, effects: &mut Effects, path: &str) {
        crate::media::forget(&self.media, effects, path);
    }

    fn written(&self, ctx: &mut Context<'_>, changes: &[Change]) -> Result<()> {
        crate::part::pricing::watch::written(ctx, changes)
    }

    fn deleting(&self, ctx: &mut Context<'_>, table: &'static Table, ids: &[i64]) -> Result<()> {
        crate::attach::attachment::forget_of(ctx, table, ids)?;
        crate::part::pricing::watch::deleting(ctx, table, ids)
    }

    fn export(&self, ctx: &mut Context<'_>, resource: &'static Resource) -> Result<Answer> {
        crate::output::export(ctx, resource, registry::EXPORTERS)
    }

    fn export_options(
        &self,
        ctx: &mut Context<'_>,
        resource: &'static Resource,
    ) -> Result<serde_json::Map<String, serde_json::Value>> {
        crate::output::options::describe(ctx, resource, registry::EXPORTERS)
    }

    fn choices(&self, conn: &mut Connection, list: &str) -> Result<Vec<(String, String)>> {
        crate::common::choices::of(conn, list)
    }

    fn chosen(&self, conn: &mut Connection, list: &str) -> Result<Option<Value>> {
        crate::common::choices::default_of(conn, list)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl App {
    /// Opens the database (made, or brought up to date, where needed) and everything around it.
    ///
    /// # Errors
    /// One line that says what is wrong.
    pub fn open(config: AppConfig) -> Result<Self> {
        let db = Database::open(&config.database, &config.store)?;
        ironwood_store::migrate::migrate(&db, migrations::MIGRATIONS, &MigrateOptions { backup: true })?;
        let secret = Secret::load(&config.database, config.secret_key.as_deref(), config.secret_key_file.as_deref())?;
        let gate = Arc::new(Gate::new(Arc::new(secret), config.signin_limits));
        let (media, trusted_origins) = (config.media, config.trusted_origins);
        let inventory = Inventory { db, gate, media, trusted_origins, bell: Arc::default(), exchange: config.exchange };
        Ok(App(Arc::new(Inner { inventory, limits: config.limits })))
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
        let visitor = match self.0.inventory.visitor(request) {
            // what anybody may ask for may need no database
            Err(Error::Status(503, _)) if matched.is_public() => Visitor(None),
            known => known?,
        };
        the_registry().check(&visitor, &matched)?;
        Ok(Admission { matched: Arc::new(matched), visitor: Arc::new(visitor), at: Instant::now() })
    }

    /// Answers a request that was admitted. Blocks the calling thread until the database thread is done.
    pub fn answer(&self, request: Request, admission: Admission) -> Answer {
        let request = Arc::new(request);
        self.try_answer(&request, admission).map_or_else(|error| refusal(&request, &error), |(answer, _)| answer)
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
        done.unwrap_or_else(|error| (refusal(&request, &error), 0))
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
        let Admission { matched, mut visitor, at } = admission;
        if at.elapsed() > ADMITTED {
            visitor = Arc::new(self.0.inventory.visitor(request)?);
        }
        let outside =
            Outside { caller: visitor.as_ref(), request, domain: &self.0.inventory, registry: the_registry() };
        if let Some(answer) = the_registry().run_free(&outside, &matched) {
            return answer.map(|answer| (answer, 0));
        }
        let (app, request, writes) = (self.clone(), request.clone(), matched.writes(request));
        let work = move |conn: &mut Connection| {
            let registry = the_registry();
            let before = conn.statements();
            let inner = &app.0;
            let mut ctx = Context::new(conn, visitor.as_ref(), &request, &inner.inventory, registry, inner.limits);
            let answer = registry.run(&mut ctx, &matched)?;
            let statements = ctx.conn.statements() - before;
            Ok((answer, statements, std::mem::take(&mut ctx.effects)))
        };
        let (answer, statements, effects) = if writes { self.db().write(work)? } else { self.db().read(work)? };
        effects.committed();
        Ok((answer, statements))
    }

    /// Prepares a database for its first use: the instance gets its id, and an administrator is made
    /// where there are no users.
    ///
    /// # Errors
    /// 400 where the name or password given cannot be used.
    pub fn prepare(&self, admin: Option<String>, password: Option<String>) -> Result<Option<FirstAdmin>> {
        self.db().write(move |conn| {
            settings::ensure_instance_id(conn)?;
            crate::stock::serial::match_setting(conn)?;
            accounts::first_admin(conn, admin.as_deref(), password.as_deref())
        })
    }
}

/// The answer to a request that is refused; the log is told of what the client is not.
fn refusal(request: &Request, error: &Error) -> Answer {
    match error {
        Error::Internal(why) => tracing::error!(path = %request.path, method = request.method.name(), "{why}"),
        Error::NotFound if the_registry().find(request).is_err() => return unknown_address(request),
        _ => {}
    }
    Answer::error(error)
}

/// There is nothing at that address, whoever asks.
fn unknown_address(request: &Request) -> Answer {
    let url = format!("{}{}", request.base_url, request.path);
    Answer::json(404, &serde_json::json!({"detail": "There is nothing at this address.", "url": url}))
}
