//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::server::Network;

/// Inventory server with the InvenTree REST API, in a single binary.
#[derive(Debug, Parser)]
#[command(name = "ironwood", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// TOML file with options (`listen = "0.0.0.0:8000"`). The command line and IRONWOOD_* variables
    /// take precedence
    #[arg(long, global = true, value_name = "FILE", env = "IRONWOOD_CONFIG")]
    pub config: Option<PathBuf>,
    /// Log level, or levels by module (`info,ironwood::access=info` logs requests)
    #[arg(long, global = true, env = "IRONWOOD_LOG", default_value = "info,ironwood::access=warn")]
    pub log: String,
    /// Log format: text or json
    #[arg(long, global = true, env = "IRONWOOD_LOG_FORMAT", default_value = "text")]
    pub log_format: String,
}

/// Location of the database and the secret key.
#[derive(Debug, Clone, Args)]
pub struct DatabaseArgs {
    /// Database URL: `sqlite:PATH` or `postgres://user:password@host/name`
    #[arg(long, env = "IRONWOOD_DATABASE", default_value = "sqlite:ironwood.sqlite3", hide_env_values = true)]
    pub database: String,
    /// Secret key that encrypts API tokens, at least 32 characters
    #[arg(long, env = "IRONWOOD_SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<String>,
    /// File with the secret key, readable by its owner only [default: `FILE.key` next to the SQLite
    /// file, created if it does not exist]
    #[arg(long, env = "IRONWOOD_SECRET_KEY_FILE")]
    pub secret_key_file: Option<PathBuf>,
    /// When a change in SQLite is confirmed: after it is written to disk (full), or after it is passed to
    /// the operating system (normal), which can lose the latest changes in a power failure
    #[arg(long, env = "IRONWOOD_SQLITE_SYNCHRONOUS", default_value = "full", value_name = "WHEN")]
    pub sqlite_synchronous: Synchronous,
    /// Most database connections that read; SQLite opens them as they are needed [default: number of CPU cores (at most 4) plus one]
    #[arg(long, env = "IRONWOOD_DATABASE_THREADS")]
    pub database_threads: Option<usize>,
}

/// When a change in SQLite is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Synchronous {
    Full,
    Normal,
}

/// Location of the files that records refer to.
#[derive(Debug, Clone, Args)]
pub struct MediaArgs {
    /// Folder for uploaded files
    #[arg(long, env = "IRONWOOD_MEDIA", default_value = "media", value_name = "DIR")]
    pub media: PathBuf,
    /// Skip uploaded files
    #[arg(long)]
    pub no_media: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server
    Serve(Box<Serve>),
    /// Import InvenTree records into an empty database, completely or not at all
    Import {
        #[command(flatten)]
        place: DatabaseArgs,
        /// Reject unknown models and fields instead of skipping them
        #[arg(long)]
        strict: bool,
        /// Folder with InvenTree's media files, which are copied
        #[arg(long, value_name = "DIR")]
        media_from: Option<PathBuf>,
        /// Folder for media files
        #[arg(long, env = "IRONWOOD_MEDIA", default_value = "media", value_name = "DIR")]
        media: PathBuf,
        /// File with the records, as written by `invoke export-records`
        records: PathBuf,
    },
    /// Export the database as InvenTree records
    Export {
        #[command(flatten)]
        place: DatabaseArgs,
        /// File to write
        records: PathBuf,
    },
    /// Manage users
    #[command(subcommand)]
    User(User),
    /// Manage API tokens
    #[command(subcommand)]
    Token(Token),
    /// Back up the database, secret key, and media files to one archive. The server can keep running
    Backup {
        #[command(flatten)]
        place: DatabaseArgs,
        #[command(flatten)]
        media: MediaArgs,
        /// File to write, which must not exist. `.tar` and `.tar.gz` include everything; `.sqlite3`, `.sqlite`,
        /// and `.db` include only the database, as an SQLite file
        to: PathBuf,
    },
    /// Restore a backup. Refuses to overwrite an existing database, key, or files
    Restore {
        #[command(flatten)]
        place: DatabaseArgs,
        #[command(flatten)]
        media: MediaArgs,
        /// Backup or SQLite file
        from: PathBuf,
    },
    /// Create the database, or upgrade it to the current schema
    Migrate {
        #[command(flatten)]
        place: DatabaseArgs,
    },
    /// Write the OpenAPI document of the API
    Openapi {
        /// File to write (`.yaml` for YAML). Default: standard output
        file: Option<PathBuf>,
    },
    /// Show who changed what, and when: the change log, newest first
    Log {
        #[command(flatten)]
        place: DatabaseArgs,
        #[command(flatten)]
        wanted: LogArgs,
    },
    /// Check the integrity of the database
    Check {
        #[command(flatten)]
        place: DatabaseArgs,
        /// Recalculate the stored totals of parts first
        #[arg(long)]
        repair: bool,
    },
}

/// Which entries of the change log are shown.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Changes of this table only: its name or model (`stock_stockitem`, `stock.stockitem`, `stockitem`)
    #[arg(long)]
    pub table: Option<String>,
    /// Changes of the row with this key only
    #[arg(long)]
    pub key: Option<i64>,
    /// Changes by this user only
    #[arg(long)]
    pub user: Option<String>,
    /// Nothing older: a date, a time in UTC, or an age (`30m`, `12h`, `7d`)
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Most entries to show; 0 for all
    #[arg(long, default_value_t = 100)]
    pub limit: u64,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum User {
    /// Add a user
    Add {
        name: String,
        /// Password. Default: read from standard input
        #[arg(long, env = "IRONWOOD_PASSWORD", hide_env_values = true)]
        password: Option<String>,
        #[arg(long, default_value = "")]
        email: String,
        /// Grant all permissions
        #[arg(long)]
        superuser: bool,
        /// Allow managing users and settings
        #[arg(long)]
        staff: bool,
        #[command(flatten)]
        place: DatabaseArgs,
    },
    /// List users
    List {
        #[command(flatten)]
        place: DatabaseArgs,
    },
    /// Set the password of a user and end their sessions
    Password {
        name: String,
        #[arg(long, env = "IRONWOOD_PASSWORD", hide_env_values = true)]
        password: Option<String>,
        #[command(flatten)]
        place: DatabaseArgs,
    },
}

#[derive(Debug, Subcommand)]
pub enum Token {
    /// Create a token and print it
    Create {
        user: String,
        #[arg(long, default_value = "")]
        name: String,
        #[command(flatten)]
        place: DatabaseArgs,
    },
    /// List tokens, partly hidden
    List {
        /// Only tokens of this user
        user: Option<String>,
        #[command(flatten)]
        place: DatabaseArgs,
    },
    /// Revoke a token, specified by its ID in the list or in full
    Revoke {
        token: String,
        #[command(flatten)]
        place: DatabaseArgs,
    },
}

/// Options of the server.
#[derive(Debug, Clone, Args)]
pub struct Serve {
    #[command(flatten)]
    pub place: DatabaseArgs,
    /// Folder for uploaded files
    #[arg(long, env = "IRONWOOD_MEDIA", default_value = "media", value_name = "DIR")]
    pub media: PathBuf,
    /// Address to listen on
    #[arg(long, env = "IRONWOOD_LISTEN", default_value = "127.0.0.1:8000")]
    pub listen: String,
    /// Fill a new database with the data of a small demo company
    #[arg(long, env = "IRONWOOD_DEMO")]
    pub demo: bool,
    /// Size of the demo company: 200 means 100,000 parts and 1,000,000 stock items
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=200), requires = "demo")]
    pub scale: u32,
    /// Create only the administrator in an empty database: no groups and no parameter templates
    #[arg(long, env = "IRONWOOD_BARE")]
    pub bare: bool,
    /// Name of the administrator that is created in an empty database
    #[arg(long, env = "IRONWOOD_ADMIN_USER")]
    pub admin_user: Option<String>,
    /// Password of that administrator [default: random, printed once]
    #[arg(long, env = "IRONWOOD_ADMIN_PASSWORD", hide_env_values = true)]
    pub admin_password: Option<String>,
    /// Public URL of the server, including its path if any: `https://host/inventory` [default: derived from each request]
    #[arg(long, env = "IRONWOOD_SITE_URL")]
    pub site_url: Option<String>,
    /// Folder of another prebuilt front end, such as InvenTree's, to serve at /web/
    #[arg(long, env = "IRONWOOD_WEB", value_name = "DIR")]
    pub web: Option<PathBuf>,
    /// Folder of fonts for labels and reports that have characters the built-in fonts lack, such as Chinese
    #[arg(long, env = "IRONWOOD_FONTS", value_name = "DIR")]
    pub fonts: Option<PathBuf>,
    /// Trust X-Forwarded-For, -Proto, and -Host from every client. Only use this if all requests come
    /// through a proxy that sets these headers
    #[arg(long, env = "IRONWOOD_TRUST_PROXY")]
    pub trust_proxy: bool,
    /// Trust these headers from this proxy only: an address or a network (10.0.0.0/8). Can be
    /// repeated
    #[arg(long, env = "IRONWOOD_TRUSTED_PROXY", value_delimiter = ',', value_name = "ADDRESS")]
    pub trusted_proxy: Vec<Network>,
    /// Additional origin (`https://host`) whose pages can use this server. Can be repeated. `*` allows
    /// all origins, but without cookie authentication
    #[arg(long, env = "IRONWOOD_ALLOW_ORIGIN", value_delimiter = ',', value_parser = origin)]
    pub allow_origin: Vec<String>,
    /// URL of the exchange rate provider, requested as `URL?from=USD&to=EUR,GBP`. Empty: none
    #[arg(long, env = "IRONWOOD_EXCHANGE_URL", default_value = ironwood_inventory::platform::exchange::provider::USUAL)]
    pub exchange_url: String,
    /// Folder below which label machines of the kind "folder" write their jobs
    #[arg(long, env = "IRONWOOD_PRINT_FOLDER", value_name = "DIR")]
    pub print_folder: Option<PathBuf>,
    /// Program, with its arguments, that prints the jobs of label machines of the kind "program": it reads a PDF from its
    /// standard input. `{printer}` in an argument stands for the machine's setting. In quotation marks, divided by spaces
    #[arg(long, env = "IRONWOOD_PRINT_PROGRAM", value_delimiter = ' ', value_name = "PROGRAM")]
    pub print_program: Vec<String>,
    /// Let label machines be on this computer, such as its own CUPS
    #[arg(long, env = "IRONWOOD_PRINT_LOCAL")]
    pub print_local: bool,
    /// Do not run background tasks; leave them to other servers on the same database
    #[arg(long, env = "IRONWOOD_NO_WORKER")]
    pub no_worker: bool,
    /// Maximum size of a request with files, in megabytes
    #[arg(long, env = "IRONWOOD_MAX_UPLOAD", default_value_t = 100)]
    pub max_upload: u64,
    /// Maximum size of any other request, in megabytes
    #[arg(long, env = "IRONWOOD_MAX_BODY", default_value_t = 10)]
    pub max_body: u64,
    /// Maximum size of request headers, in kilobytes
    #[arg(long, env = "IRONWOOD_MAX_HEADER", default_value_t = 64)]
    pub max_header: usize,
    /// Maximum number of records per page. A larger `limit` is reduced to this value
    #[arg(long, env = "IRONWOOD_MAX_PAGE", default_value_t = 10_000)]
    pub max_page: u64,
    /// Maximum number of records in a list without pages
    #[arg(long, env = "IRONWOOD_MAX_LIST", default_value_t = 250_000)]
    pub max_list: u64,
    /// Maximum number of records in a bulk request
    #[arg(long, env = "IRONWOOD_MAX_BULK", default_value_t = 10_000)]
    pub max_bulk: usize,
    /// Request timeout, in seconds
    #[arg(long, env = "IRONWOOD_REQUEST_SECONDS", default_value_t = 60)]
    pub request_seconds: u64,
    /// Maximum number of concurrent requests
    #[arg(long, env = "IRONWOOD_MAX_REQUESTS", default_value_t = 64)]
    pub max_requests: usize,
    /// Maximum number of open connections
    #[arg(long, env = "IRONWOOD_MAX_CONNECTIONS", default_value_t = 512)]
    pub max_connections: usize,
    /// Maximum number of open connections per client address, except for trusted proxies. 0: no limit
    #[arg(long, env = "IRONWOOD_MAX_CONNECTIONS_EACH", default_value_t = 128)]
    pub max_connections_each: usize,
    /// Maximum memory for the bodies of all requests and responses, in megabytes. At least a third more than
    /// --max-upload
    #[arg(long, env = "IRONWOOD_MAX_MEMORY", default_value_t = 128)]
    pub max_memory: u64,
    /// Time for requests in progress to finish when the server shuts down, in seconds
    #[arg(long, env = "IRONWOOD_SHUTDOWN_SECONDS", default_value_t = 30)]
    pub shutdown_seconds: u64,
}

/// Parses an origin and normalizes it to the form that browsers send: lower case, without a trailing slash.
fn origin(text: &str) -> Result<String, String> {
    let plain = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let host = plain.split_once("://").map(|(_, host)| host).unwrap_or_default();
    if plain == "*" || (!host.is_empty() && !host.contains(['/', '*', '?', '#', '@', ' '])) {
        Ok(plain)
    } else {
        Err("enter an origin as scheme and host, such as https://shop.example, or *".into())
    }
}

/// Parses the arguments. Exits if they are not valid or if help is requested.
pub fn parse(arguments: Vec<OsString>) -> Cli {
    Cli::parse_from(arguments)
}
