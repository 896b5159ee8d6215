//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::server::Network;

/// An inventory server with the InvenTree REST API, in one program.
#[derive(Debug, Parser)]
#[command(name = "ironwood", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// TOML file with options (`listen = "0.0.0.0:8000"`); the command line and IRONWOOD_* variables
    /// go before it
    #[arg(long, global = true, value_name = "FILE", env = "IRONWOOD_CONFIG")]
    pub config: Option<PathBuf>,
    /// What goes to the log: a level, or levels by part (`info,ironwood::access=info` logs requests)
    #[arg(long, global = true, env = "IRONWOOD_LOG", default_value = "info,ironwood::access=warn")]
    pub log: String,
    /// Form of the log: text or json
    #[arg(long, global = true, env = "IRONWOOD_LOG_FORMAT", default_value = "text")]
    pub log_format: String,
}

/// Where the database and the server's own key are.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// `sqlite:PATH` or `postgres://user:password@host/name`
    #[arg(long, env = "IRONWOOD_DATABASE", default_value = "sqlite:ironwood.sqlite3", hide_env_values = true)]
    pub database: String,
    /// The server's own key, which seals API tokens; at least 32 characters
    #[arg(long, env = "IRONWOOD_SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<String>,
    /// File with the server's own key, which nobody else may read [default: `FILE.key` beside the SQLite
    /// file, made where it is missing]
    #[arg(long, env = "IRONWOOD_SECRET_KEY_FILE")]
    pub secret_key_file: Option<PathBuf>,
    /// When a change in SQLite is answered: once it is on the disk (full), or once it is handed to the
    /// operating system (normal), where a power cut may take the last moments
    #[arg(long, env = "IRONWOOD_SQLITE_SYNCHRONOUS", default_value = "full", value_name = "WHEN")]
    pub sqlite_synchronous: Synchronous,
    /// Threads with a database connection [default: processor cores, at most 4, and one]
    #[arg(long, env = "IRONWOOD_DATABASE_THREADS")]
    pub database_threads: Option<usize>,
}

/// When a change in SQLite is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Synchronous {
    Full,
    Normal,
}

/// Where the files are that records name.
#[derive(Debug, Clone, Args)]
pub struct MediaPlace {
    /// Folder of uploaded files
    #[arg(long, env = "IRONWOOD_MEDIA", default_value = "media", value_name = "DIR")]
    pub media: PathBuf,
    /// Leave uploaded files out
    #[arg(long)]
    pub no_media: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server
    Serve(Box<Serve>),
    /// Take InvenTree records into an empty database, whole or not at all
    Import {
        #[command(flatten)]
        place: Place,
        /// Refuse models and fields that are not known here, instead of leaving them out
        #[arg(long)]
        strict: bool,
        /// Folder with InvenTree's media files, to be copied
        #[arg(long, value_name = "DIR")]
        media_from: Option<PathBuf>,
        /// Folder for media files
        #[arg(long, env = "IRONWOOD_MEDIA", default_value = "media", value_name = "DIR")]
        media: PathBuf,
        /// The records, as `invoke export-records` makes them
        records: PathBuf,
    },
    /// Write the database as InvenTree records
    Export {
        #[command(flatten)]
        place: Place,
        /// The file to write
        records: PathBuf,
    },
    /// Users
    #[command(subcommand)]
    User(User),
    /// API tokens
    #[command(subcommand)]
    Token(Token),
    /// Write database, key and media files into one archive, while the server may be running
    Backup {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        media: MediaPlace,
        /// The file to write, which must not exist. `.tar` and `.tar.gz` take everything; `.sqlite3`, `.sqlite`
        /// and `.db` take the database alone, as one SQLite file
        to: PathBuf,
    },
    /// Restore a backup. Refuses to overwrite a database, a key or files
    Restore {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        media: MediaPlace,
        /// The backup, or an SQLite file
        from: PathBuf,
    },
    /// Make the database, or bring it up to date
    Migrate {
        #[command(flatten)]
        place: Place,
    },
    /// Write the OpenAPI document of the API
    Openapi {
        /// The file to write (`.yaml` for YAML); standard output where none is given
        file: Option<PathBuf>,
    },
    /// Look for damage in the database
    Check {
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Subcommand)]
pub enum User {
    /// Add a user
    Add {
        name: String,
        /// Read from standard input where it is not given
        #[arg(long, env = "IRONWOOD_PASSWORD", hide_env_values = true)]
        password: Option<String>,
        #[arg(long, default_value = "")]
        email: String,
        /// May do everything
        #[arg(long)]
        superuser: bool,
        /// May administer users and settings
        #[arg(long)]
        staff: bool,
        #[command(flatten)]
        place: Place,
    },
    /// List users
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Set a password; ends the user's sessions
    Password {
        name: String,
        #[arg(long, env = "IRONWOOD_PASSWORD", hide_env_values = true)]
        password: Option<String>,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token and print it
    Create {
        user: String,
        #[arg(long, default_value = "")]
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// List tokens, their middle hidden
    List {
        /// Of this user only
        user: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// End a token, named by its key in the list or in full
    Revoke {
        token: String,
        #[command(flatten)]
        place: Place,
    },
}

/// Options of the server.
#[derive(Debug, Clone, Args)]
pub struct Serve {
    #[command(flatten)]
    pub place: Place,
    /// Folder of uploaded files
    #[arg(long, env = "IRONWOOD_MEDIA", default_value = "media", value_name = "DIR")]
    pub media: PathBuf,
    /// Address to listen on
    #[arg(long, env = "IRONWOOD_LISTEN", default_value = "127.0.0.1:8000")]
    pub listen: String,
    /// Fill a new database with a small demo company
    #[arg(long, env = "IRONWOOD_DEMO")]
    pub demo: bool,
    /// Size of the demo company: 200 means 100,000 parts and 1,000,000 stock items
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=200), requires = "demo")]
    pub scale: u32,
    /// Leave an empty database empty but for its administrator: no groups, no common parameters
    #[arg(long, env = "IRONWOOD_BARE")]
    pub bare: bool,
    /// Name of the administrator made in an empty database
    #[arg(long, env = "IRONWOOD_ADMIN_USER")]
    pub admin_user: Option<String>,
    /// Password of that administrator [default: a random one, shown once]
    #[arg(long, env = "IRONWOOD_ADMIN_PASSWORD", hide_env_values = true)]
    pub admin_password: Option<String>,
    /// Address as clients see it, with the path where there is one: `https://host/inventory` [default: from each request]
    #[arg(long, env = "IRONWOOD_SITE_URL")]
    pub site_url: Option<String>,
    /// Folder of another front end that is already built, such as InvenTree's: served at /web/ as well
    #[arg(long, env = "IRONWOOD_WEB", value_name = "DIR")]
    pub web: Option<PathBuf>,
    /// Believe X-Forwarded-For, -Proto and -Host of every peer: only where all requests come through a
    /// proxy that sets them
    #[arg(long, env = "IRONWOOD_TRUST_PROXY")]
    pub trust_proxy: bool,
    /// Believe these headers from this proxy only: an address or a network (10.0.0.0/8); may be
    /// repeated
    #[arg(long, env = "IRONWOOD_TRUSTED_PROXY", value_delimiter = ',', value_name = "ADDRESS")]
    pub trusted_proxy: Vec<Network>,
    /// Another origin (`https://host`) whose pages may use this server; may be repeated. `*` lets the
    /// pages of any origin read answers, without sign-in by cookie
    #[arg(long, env = "IRONWOOD_ALLOW_ORIGIN", value_delimiter = ',', value_parser = origin)]
    pub allow_origin: Vec<String>,
    /// The service that is asked for exchange rates as `URL?from=USD&to=EUR,GBP`; empty: none
    #[arg(long, env = "IRONWOOD_EXCHANGE_URL", default_value = ironwood_inventory::exchange::provider::USUAL)]
    pub exchange_url: String,
    /// Leave work for the background to other nodes
    #[arg(long, env = "IRONWOOD_NO_WORKER")]
    pub no_worker: bool,
    /// Megabytes of a body with files
    #[arg(long, env = "IRONWOOD_MAX_UPLOAD", default_value_t = 100)]
    pub max_upload: u64,
    /// Megabytes of any other body
    #[arg(long, env = "IRONWOOD_MAX_BODY", default_value_t = 10)]
    pub max_body: u64,
    /// Kilobytes of a request's headers
    #[arg(long, env = "IRONWOOD_MAX_HEADER", default_value_t = 64)]
    pub max_header: usize,
    /// Rows of one page; a larger `limit` is cut to it
    #[arg(long, env = "IRONWOOD_MAX_PAGE", default_value_t = 10_000)]
    pub max_page: u64,
    /// Rows of a list that is asked for without pages
    #[arg(long, env = "IRONWOOD_MAX_LIST", default_value_t = 250_000)]
    pub max_list: u64,
    /// Keys or rows in one bulk request
    #[arg(long, env = "IRONWOOD_MAX_BULK", default_value_t = 10_000)]
    pub max_bulk: usize,
    /// Seconds in which a request must be answered
    #[arg(long, env = "IRONWOOD_REQUEST_SECONDS", default_value_t = 60)]
    pub request_seconds: u64,
    /// Requests that are worked on at the same time
    #[arg(long, env = "IRONWOOD_MAX_REQUESTS", default_value_t = 64)]
    pub max_requests: usize,
    /// Open connections
    #[arg(long, env = "IRONWOOD_MAX_CONNECTIONS", default_value_t = 512)]
    pub max_connections: usize,
    /// Open connections of one address, except for trusted proxies; 0 for any number
    #[arg(long, env = "IRONWOOD_MAX_CONNECTIONS_EACH", default_value_t = 128)]
    pub max_connections_each: usize,
    /// Megabytes that the bodies and answers of all requests may take together; at least twice
    /// --max-upload
    #[arg(long, env = "IRONWOOD_MAX_MEMORY", default_value_t = 256)]
    pub max_memory: u64,
    /// Seconds that requests in flight are given when the server is told to stop
    #[arg(long, env = "IRONWOOD_SHUTDOWN_SECONDS", default_value_t = 30)]
    pub shutdown_seconds: u64,
}

/// An origin as browsers send it: in lower case, without a slash at the end.
fn origin(text: &str) -> Result<String, String> {
    let plain = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let host = plain.split_once("://").map(|(_, host)| host).unwrap_or_default();
    if plain == "*" || (!host.is_empty() && !host.contains(['/', '*', '?', '#', '@', ' '])) {
        Ok(plain)
    } else {
        Err("an origin is a scheme and a host, as in https://shop.example, or *".into())
    }
}

/// Reads the arguments; ends the program where they are wrong, or where help is asked for.
pub fn parse(arguments: Vec<OsString>) -> Cli {
    Cli::parse_from(arguments)
}
