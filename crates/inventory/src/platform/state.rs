//! State that domain functions can access besides the transaction.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock, OnceLock};

use ironwood_base::{Error, Result};
use ironwood_rest::context::{Caller, Context, Domain, Facts};
use ironwood_rest::http::Request;
use ironwood_rest::resource::Outside;
use ironwood_store::{Connection, Database, Details, Kept, Origin};

use crate::platform::exchange::provider::Provider;
use crate::platform::layout_engine::LayoutEngine;
use crate::platform::printing::Printing;
use crate::platform::settings::name_format::NameFormat;
use crate::platform::settings::{Settings, keys};
use crate::platform::system::wakeup::Wakeup;
use crate::platform::users::signin::{Authenticator, SignInMethod, SignedIn};
use crate::platform::users::visitor::Visitor;
use crate::schema::versions::SETTINGS;

/// An option of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigOption {
    /// Name on the command line and in the configuration file.
    pub name: String,
    /// Environment variable.
    pub variable: String,
    pub source: Source,
}

/// Where the value of an option came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    CommandLine,
    Environment,
    File,
    Default,
}

impl Source {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Source::CommandLine => "command line",
            Source::Environment => "env",
            Source::File => "file",
            Source::Default => "default",
        }
    }
}

/// The server as the domain's functions know it.
#[derive(Clone)]
pub struct Inventory {
    pub db: Database,
    pub authenticator: Arc<Authenticator>,
    pub media: PathBuf,
    pub trusted_origins: Vec<String>,
    /// Wakes the background worker of this process.
    pub wakeup: Arc<Wakeup>,
    /// Where exchange rates come from.
    pub exchange: Provider,
    /// The program's options.
    pub setup: Arc<[ConfigOption]>,
    /// What lays out labels and reports, once it is there.
    pub layout_engine: Arc<OnceLock<Arc<dyn LayoutEngine>>>,
    /// What the configuration says of printing.
    pub printing: Arc<Printing>,
    /// When the server started.
    pub started: Arc<str>,
    /// Who makes the changes of [`Inventory::write`].
    pub origin: Origin,
}

/// What functions that make values know.
pub(crate) struct Snapshot {
    pub settings: Settings,
    name_format: OnceLock<NameFormat>,
}

/// The last snapshot.
static LAST: LazyLock<Kept<(), Snapshot>> = LazyLock::new(|| Kept::new(1));

impl Snapshot {
    /// What there is to know, as it was read last where nothing of it was changed.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn load(conn: &mut Connection) -> Result<Arc<Self>> {
        let stamp = conn.stamp(&[SETTINGS])?;
        if let Some(last) = stamp.as_ref().and_then(|stamp| LAST.get(&(), stamp)) {
            return Ok(last);
        }
        let snapshot = Arc::new(Snapshot { settings: Settings::load(conn)?, name_format: OnceLock::new() });
        if let Some(stamp) = stamp {
            LAST.put((), stamp, snapshot.clone());
        }
        Ok(snapshot)
    }

    /// How the full name of a part is put together.
    pub(crate) fn name_format(&self) -> &NameFormat {
        self.name_format.get_or_init(|| NameFormat::new(self.settings.text(keys::PART_NAME_FORMAT)))
    }

    /// The snapshot behind values that are being made.
    pub(crate) fn of<'a>(facts: &'a Facts<'_>) -> Option<&'a Snapshot> {
        facts.snapshot.downcast_ref()
    }
}

impl Inventory {
    /// What lays out labels and reports.
    ///
    /// # Errors
    /// 400 where there is none.
    pub fn layout_engine(&self) -> Result<Arc<dyn LayoutEngine>> {
        self.layout_engine.get().cloned().ok_or_else(|| Error::non_field("Printing is not set up."))
    }

    /// Who sends a request, see [`Visitor::behind`].
    ///
    /// # Errors
    /// As there.
    pub fn visitor(&self, request: &Request) -> Result<Visitor> {
        Visitor::behind(request, &self.db, &self.authenticator, &self.trusted_origins)
    }

    /// The same server, at work for somebody.
    pub fn acting(&self, origin: Origin) -> Inventory {
        Inventory { origin, ..self.clone() }
    }

    /// Runs one transaction on behalf of whoever this server is at work for.
    ///
    /// # Errors
    /// Those of [`Database::write`].
    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.db.write(&self.origin, work)
    }

    /// The domain behind a request without a transaction, at work for whoever sends it.
    ///
    /// # Errors
    /// As [`Inventory::of`].
    pub fn behind(outside: &Outside<'_>) -> Result<Inventory> {
        Ok(Inventory::of(outside.domain)?.acting(origin(outside.request, outside.caller)))
    }

    /// The domain behind a request.
    ///
    /// # Errors
    /// [`Error::Internal`] where the engine runs another domain.
    pub fn of(domain: &dyn Domain) -> Result<&Inventory> {
        domain.as_any().downcast_ref().ok_or_else(|| Error::Internal("another domain".into()))
    }
}

/// Who sends a request and from where, as the change log keeps it.
pub(crate) fn origin(request: &Request, caller: &dyn Caller) -> Origin {
    let known = Details {
        request: request.id.clone(),
        method: request.method.name().to_owned(),
        path: request.path.clone(),
        ..Origin::request(request.remote)
    };
    let Ok(SignedIn { user, way, .. }) = Visitor::of(caller) else { return Origin::new(known) };
    let sign_in = match way {
        SignInMethod::Password => "password".to_owned(),
        SignInMethod::Token { name, .. } => format!("token {name}"),
        SignInMethod::Session { id, .. } => format!("session {id}"),
    };
    Origin::new(Details { user: Some(user.id.id()), username: user.username.clone(), sign_in, ..known })
}

/// What functions that make values know, read at first need.
pub(crate) fn snapshot(ctx: &mut Context<'_>) -> Result<Arc<Snapshot>> {
    ctx.snapshot()?.downcast().map_err(|_| Error::Internal("another snapshot".into()))
}
