//! The server without its network: everything that answers a request.

use std::any::Any;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Act, Context, Domain, Limits};
use ironwood_rest::effects::Effects;
use ironwood_rest::http::{Answer, Request, Upload};
use ironwood_rest::registry::Registry;
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

    /// Answers a request. Blocks the calling thread until the database thread is done.
    pub fn handle(&self, request: Request) -> Answer {
        self.handle_counted(request).0
    }

    /// [`App::handle`], with the number of SQL statements that the request took after its sender was
    /// known; 0 where it was refused.
    pub fn handle_counted(&self, request: Request) -> (Answer, u64) {
        let request = Arc::new(request);
        self.answer(&request).unwrap_or_else(|error| {
            if let Error::Internal(why) = &error {
                tracing::error!(path = %request.path, method = request.method.name(), "{why}");
            }
            (Answer::error(&error), 0)
        })
    }

    /// [`App::handle`], where an error stays one.
    #[cfg(test)]
    pub(crate) fn try_handle(&self, request: Request) -> Result<Answer> {
        self.answer(&Arc::new(request)).map(|(answer, _)| answer)
    }

    fn answer(&self, request: &Arc<Request>) -> Result<(Answer, u64)> {
        let matched = match the_registry().find(request) {
            Err(Error::NotFound) => return Ok((unknown_address(request), 0)),
            found => found?,
        };
        let visitor = Arc::new(self.0.inventory.visitor(request)?);
        let outside =
            Outside { caller: visitor.as_ref(), request, domain: &self.0.inventory, registry: the_registry() };
        if let Some(answer) = the_registry().run_free(&outside, &matched) {
            return answer.map(|answer| (answer, 0));
        }
        let (app, request, writes) = (self.clone(), request.clone(), matched.writes(request));
        let work = move |conn: &mut Connection| {
            let registry = the_registry();
            let matched = registry.find(&request)?;
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

/// There is nothing at that address, whoever asks.
fn unknown_address(request: &Request) -> Answer {
    let url = format!("{}{}", request.base_url, request.path);
    Answer::json(404, &serde_json::json!({"detail": "There is nothing at this address.", "url": url}))
}
