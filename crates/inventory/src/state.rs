//! State that domain functions can access besides the transaction.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use ironwood_base::{Error, Result};
use ironwood_rest::context::{Context, Domain, Facts};
use ironwood_rest::http::Request;
use ironwood_store::{Connection, Database};

use crate::exchange::provider::Provider;
use crate::part::name_format::NameFormat;
use crate::report::press::Press;
use crate::settings::Settings;
use crate::system::setup::ConfigOption;
use crate::system::wakeup::Wakeup;
use crate::users::signin::Authenticator;
use crate::users::visitor::Visitor;

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
    pub press: Arc<OnceLock<Arc<dyn Press>>>,
    /// When the server started.
    pub started: Arc<str>,
}

/// What functions that make values know.
pub struct Snapshot {
    pub settings: Settings,
    name_format: OnceLock<NameFormat>,
}

impl Snapshot {
    /// Reads what there is to know.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(conn: &mut Connection) -> Result<Self> {
        Ok(Snapshot { settings: Settings::load(conn)?, name_format: OnceLock::new() })
    }

    /// How the full name of a part is put together.
    pub fn name_format(&self) -> &NameFormat {
        self.name_format.get_or_init(|| NameFormat::new(self.settings.text("PART_NAME_FORMAT")))
    }

    /// The snapshot behind values that are being made.
    pub fn of<'a>(facts: &'a Facts<'_>) -> Option<&'a Snapshot> {
        facts.snapshot.downcast_ref()
    }
}

impl Inventory {
    /// What lays out labels and reports.
    ///
    /// # Errors
    /// 400 where there is none.
    pub fn press(&self) -> Result<Arc<dyn Press>> {
        self.press.get().cloned().ok_or_else(|| Error::non_field("Printing is not set up."))
    }

    /// Who sends a request, see [`Visitor::behind`].
    ///
    /// # Errors
    /// As there.
    pub fn visitor(&self, request: &Request) -> Result<Visitor> {
        Visitor::behind(request, &self.db, &self.authenticator, &self.trusted_origins)
    }

    /// The domain behind a request.
    pub fn of(domain: &dyn Domain) -> Result<&Inventory> {
        domain.as_any().downcast_ref().ok_or_else(|| Error::Internal("another domain".into()))
    }
}

/// What functions that make values know, read at first need.
pub fn snapshot(ctx: &mut Context<'_>) -> Result<Arc<Snapshot>> {
    ctx.snapshot()?.downcast().map_err(|_| Error::Internal("another snapshot".into()))
}
