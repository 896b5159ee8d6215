//! What each command does.

mod accounts;
mod archive;
mod backup;
mod data;
mod demo;
mod log;
mod restore;
mod serve;
mod signals;

use std::io::IsTerminal;
use std::ops::Deref;
use std::path::PathBuf;

use ironwood_base::{Error, Result};
use ironwood_inventory::installation::app::{App, AppConfig};
use ironwood_store::{Access, Durability, Options};

use crate::cli::{Cli, Command, DatabaseArgs, Synchronous};

/// Runs a command.
///
/// # Errors
/// One line for a person.
pub fn run(cli: Cli) -> Result<()> {
    begin_logging(&cli)?;
    if !matches!(cli.command, Command::Serve(_)) {
        signals::remove_drafts_when_stopped()?;
    }
    match cli.command {
        Command::Serve(options) => serve::serve(*options),
        Command::Import { place, strict, media_from, media, records } => {
            data::import(&place, strict, media_from.as_deref(), &media, &records)
        }
        Command::Export { place, records } => data::export(&place, &records),
        Command::User(command) => accounts::user(command),
        Command::Token(command) => accounts::token(command),
        Command::Backup { place, media, to } => backup::backup(&place, &media, &to),
        Command::Restore { place, media, from } => restore::restore(&place, &media, &from),
        Command::Migrate { place } => data::migrate(&place),
        Command::Openapi { file } => data::openapi(file.as_deref()),
        Command::Log { place, wanted } => log::show(&place, &wanted),
        Command::Check { place, repair } => data::check(&place, repair),
    }
}

fn begin_logging(cli: &Cli) -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&cli.log)
        .map_err(|error| Error::Internal(format!("--log {}: {error}", cli.log)))?;
    let colors = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colors).with_writer(std::io::stderr);
    match cli.log_format.as_str() {
        "json" => log.json().init(),
        "text" => log.init(),
        other => return Err(Error::Internal(format!("--log-format {other}: must be text or json"))),
    }
    Ok(())
}

fn app_config(place: &DatabaseArgs, access: Access) -> AppConfig {
    let durability = match place.sqlite_synchronous {
        Synchronous::Full => Durability::Full,
        Synchronous::Normal => Durability::Normal,
    };
    let mut store = Options { access, durability, ..Options::default() };
    if let Some(threads) = place.database_threads {
        store.threads = threads.max(1);
    }
    AppConfig {
        database: place.database.clone(),
        store,
        media: PathBuf::from("media"),
        secret_key: place.secret_key.clone(),
        secret_key_file: place.secret_key_file.clone(),
        limits: Default::default(),
        signin_limits: Default::default(),
        trusted_origins: Vec::new(),
        exchange: Default::default(),
        printing: Default::default(),
        setup: Vec::new(),
    }
}

/// The database of a command, closed however the command ends: an embedded database is then one
/// single file again.
struct OpenDatabase(App);

impl Deref for OpenDatabase {
    type Target = App;

    fn deref(&self) -> &App {
        &self.0
    }
}

impl Drop for OpenDatabase {
    fn drop(&mut self) {
        self.0.db().close();
    }
}

fn open(place: &DatabaseArgs, access: Access) -> Result<OpenDatabase> {
    App::open(app_config(place, access)).map(OpenDatabase)
}

fn failed(what: &str, error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("{what}: {error}"))
}
