//! Server information at `/api/`, versions, and health checks.

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Outside, Shape, action, free_action};
use ironwood_rest::view::{BOOL, INT, TEXT, Type, View, input, value};
use serde_json::json;

use super::{API_VERSION, COMPATIBLE_WITH, NAME, VERSION};
use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::platform::state::Inventory;

static CUSTOMIZE: View = View::plain(
    "Customize",
    &[
        value("logo", TEXT).nullable(),
        value("splash", TEXT).nullable(),
        value("login_message", TEXT).nullable(),
        value("navbar_message", TEXT).nullable(),
        value("disable_theme_storage", BOOL),
    ],
);

static SETTINGS: View = View::plain(
    "Settings",
    &[value("sso_registration", BOOL), value("registration_enabled", BOOL), value("password_forgotten_enabled", BOOL)],
);

static INFO: View = View::plain(
    "InfoApi",
    &[
        value("server", TEXT),
        value("id", TEXT).nullable(),
        value("version", TEXT),
        value("instance", TEXT),
        value("apiVersion", INT),
        value("worker_running", BOOL),
        value("worker_count", INT),
        value("worker_pending_tasks", INT),
        value("plugins_enabled", BOOL),
        value("plugins_install_disabled", BOOL),
        value("active_plugins", Type::Any),
        value("email_configured", BOOL),
        value("debug_mode", BOOL),
        value("docker_mode", BOOL),
        value("default_locale", TEXT),
        value("customize", Type::Object(&CUSTOMIZE)),
        value("system_health", BOOL),
        value("database", TEXT),
        value("platform", TEXT),
        value("installer", TEXT),
        value("target", TEXT).nullable(),
        value("django_admin", TEXT).nullable(),
        value("settings", Type::Object(&SETTINGS)),
        value("implementation", TEXT).help("Name of the program behind this API."),
        value("implementation_version", TEXT).help("Version of the program behind this API."),
    ],
);

/// `GET /api/`: who this is. Anybody may ask; details of the machine are for staff.
pub(super) static ROOT: Action =
    free_action(Method::Get, "/api/", "root_retrieve", Access::Public, root).response(200, Shape::Object(&INFO)).help(
        "Identifies the server. `server` is the name that API clients expect; `implementation` is the actual program.",
    );

fn root(outside: &Outside<'_>, _: &Args) -> Result<Answer> {
    let db = &Inventory::of(outside.domain)?.db;
    let known = db.read(|conn| {
        let sql = "SELECT COUNT(*) FROM ironwood_job WHERE state IN ('pending', 'running')";
        let pending = conn.one(sql, &[])?.map_or(0, |row| row.int(0));
        Ok((Settings::load(conn)?, pending))
    });
    let (settings, pending, healthy) = match known {
        Ok((settings, pending)) => (settings, pending, true),
        // clients look here for what is wrong: the rest of the API says that the database is away
        Err(Error::Status(503, _)) => (Settings::unchanged(), 0, false),
        Err(other) => return Err(other),
    };
    let staff = outside.caller.is_staff();
    let id = settings.bool(keys::INVENTREE_ANNOUNCE_ID).then(|| settings.text(keys::INVENTREE_INSTANCE_ID).to_owned());
    let database = match db.backend() {
        ironwood_store::Backend::Sqlite => "SQLite",
        ironwood_store::Backend::Postgres => "PostgreSQL",
    };
    Ok(Answer::json(
        200,
        &json!({
            "server": "InvenTree",
            "id": id,
            "version": COMPATIBLE_WITH,
            "instance": settings.text(keys::INVENTREE_INSTANCE),
            "apiVersion": API_VERSION,
            "worker_running": true,
            "worker_count": 1,
            "worker_pending_tasks": pending,
            "plugins_enabled": false,
            "plugins_install_disabled": true,
            "active_plugins": [],
            "email_configured": false,
            "debug_mode": false,
            "docker_mode": false,
            "default_locale": "en-us",
            "customize": {
                "logo": null, "splash": null, "login_message": null, "navbar_message": null,
                "disable_theme_storage": false,
            },
            "system_health": if healthy { staff.then_some(true) } else { Some(false) },
            "database": staff.then_some(database),
            "platform": staff.then_some(std::env::consts::OS),
            "installer": staff.then_some("PKG"),
            "target": null,
            "django_admin": null,
            "settings": {
                "sso_registration": false,
                "registration_enabled": settings.bool(keys::LOGIN_ENABLE_REG),
                "password_forgotten_enabled": settings.bool(keys::LOGIN_ENABLE_PWD_FORGOT),
            },
            "implementation": NAME,
            "implementation_version": VERSION,
        }),
    ))
}

static VERSIONS: View = View::plain(
    "Version",
    &[
        value("server", TEXT),
        value("api", INT),
        value("commit_hash", TEXT),
        value("commit_date", TEXT),
        value("commit_branch", TEXT).nullable(),
        value("python", TEXT),
        value("django", TEXT),
        value("implementation", TEXT),
        value("implementation_version", TEXT),
    ],
);
static LINKS: View =
    View::plain("Link", &[value("doc", TEXT), value("code", TEXT), value("app", TEXT), value("bug", TEXT)]);
static VERSION_VIEW: View = View::plain(
    "VersionView",
    &[
        value("dev", BOOL),
        value("up_to_date", BOOL),
        value("version", Type::Object(&VERSIONS)),
        value("links", Type::Object(&LINKS)),
    ],
);

/// `GET /api/version/`.
pub(super) static VERSION_INFO: Action =
    action(Method::Get, "/api/version/", "version_retrieve", Access::Staff, version)
        .response(200, Shape::Object(&VERSION_VIEW))
        .help("Versions of the API and of the program.");

fn version(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let base = &ctx.request.base_url;
    Ok(Answer::json(
        200,
        &json!({
            "dev": false,
            "up_to_date": true,
            "version": {
                "server": COMPATIBLE_WITH, "api": API_VERSION, "commit_hash": "", "commit_date": "",
                "commit_branch": null, "python": "", "django": "",
                "implementation": NAME, "implementation_version": VERSION,
            },
            "links": {
                "doc": format!("{base}/api-doc/"), "code": format!("{base}/api-doc/"),
                "app": format!("{base}/api-doc/"), "bug": format!("{base}/api-doc/"),
            },
        }),
    ))
}

static VERSION_INFORMATION: View = View::plain(
    "VersionInformation",
    &[
        value("version", TEXT),
        value("date", TEXT),
        value("gh", TEXT).nullable(),
        value("text", Type::Texts),
        value("latest", BOOL),
    ],
);

/// `GET /api/version-text`.
pub(super) static VERSION_TEXT: Action =
    action(Method::Get, "/api/version-text", "version_text_list", Access::Staff, version_text)
        .params(&[
            ("start_version", INT, "First API version to include."),
            ("versions", INT, "Number of API versions to include."),
        ])
        .response(200, Shape::Map(&VERSION_INFORMATION))
        .help("API changes by version.");

fn version_text(_: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let text = format!("{NAME} {VERSION} implements this version of the API.");
    Ok(Answer::json(
        200,
        &json!({
            format!("v{API_VERSION}"): {
                "version": format!("v{API_VERSION}"), "date": "", "gh": null, "text": [text], "latest": true,
            },
        }),
    ))
}

static LICENSE_VIEW: View = View::plain("LicenseView", &[value("backend", Type::Any), value("frontend", Type::Any)]);

/// `GET /api/license/`.
pub(super) static LICENSES: Action =
    action(Method::Get, "/api/license/", "license_retrieve", Access::SignedIn, licenses)
        .response(200, Shape::Object(&LICENSE_VIEW))
        .help("Licenses of the program and its dependencies.");

fn licenses(_: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let own = json!([{"name": NAME, "version": VERSION, "license": env!("CARGO_PKG_LICENSE")}]);
    Ok(Answer::json(200, &json!({"backend": own, "frontend": []})))
}

static HEALTH_STATUS: View = View::plain(
    "HealthCheckStatus",
    &[value("status", TEXT).choices(&[("ok", "The server is running."), ("loading", "The server is starting.")])],
);

/// `GET /api/system/health/`: answers once the database does.
pub(super) static HEALTH: Action =
    action(Method::Get, "/api/system/health/", "system_health_retrieve", Access::Public, health)
        .response(200, Shape::Object(&HEALTH_STATUS))
        .help("Health check.");

fn health(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    ctx.conn.one("SELECT 1", &[])?;
    Ok(Answer::json(200, &json!({"status": "ok"})))
}

static OBSERVABILITY: View = View::plain(
    "ObservabilityEnd",
    &[input("traceid", TEXT).max(128).required().always(), input("service", TEXT).max(128).required().always()],
);

request! {
    struct TraceEnd of OBSERVABILITY {
        traceid: String,
    } without [service]
}

/// `POST /api/system-internal/observability/end`: the web front end tells that its page was drawn.
pub(super) static OBSERVABILITY_END: Action = action(
    Method::Post,
    "/api/system-internal/observability/end",
    "system_internal_observability_end_create",
    Access::Public,
    observability_end,
)
.writes(false)
.request(Shape::Object(&OBSERVABILITY))
.response(200, Shape::Any)
.help("Accepts the end of a trace from the web interface.");

fn observability_end(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let ended = TraceEnd::read(ctx)?;
    tracing::debug!(traceid = ended.traceid, "page rendered");
    Ok(Answer::json(200, &json!({"status": "ok"})))
}
