//! The command `serve`.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ironwood_base::{Error, Result};
use ironwood_inventory::installation::app::{Admission, App};
use ironwood_inventory::installation::worker::Worker;
use ironwood_rest::http::{Answer, Body, Method, Presented, Request};
use ironwood_store::Access;
use ironwood_store::file::make_private_folder;

use super::{app_config, failed};
use crate::cli::Serve;
use crate::server::{self, Admitted, Limits, Proxies, Service, Settings};

/// The domain behind HTTP.
struct AppService(App);

impl Service for AppService {
    type Admission = Admission;

    fn admit(&self, request: &Request) -> std::result::Result<Admitted<Admission>, Answer> {
        let admission = self.0.admit(request)?;
        Ok(Admitted { user: admission.user().map(str::to_owned), admission })
    }

    fn answer(&self, request: Request, admission: Admission) -> Answer {
        self.0.answer(request, admission)
    }

    fn may_read_media(&self, path: &str, presented: &Presented, remote: IpAddr) -> Result<Option<String>> {
        let request = Request {
            method: Method::Get,
            path: format!("/media/{path}"),
            query: Vec::new(),
            raw_query: String::new(),
            base_url: String::new(),
            body: Body::Empty,
            remote,
            presented: presented.clone(),
            accept: String::new(),
            id: String::new(),
        };
        self.0.check_media(request).map(Some)
    }
}

/// Serves until the process is told to stop.
pub(super) fn serve(options: Serve) -> Result<()> {
    let mut config = app_config(&options.place, Access::Create);
    config.media.clone_from(&options.media);
    config.limits.page = options.max_page.max(1);
    config.limits.list = options.max_list.max(1);
    config.limits.bulk = options.max_bulk.max(1);
    config.trusted_origins.clone_from(&options.allow_origin);
    config.exchange.url.clone_from(&options.exchange_url);
    config.printing.folder.clone_from(&options.print_folder);
    config.printing.program.clone_from(&options.print_program);
    config.printing.local = options.print_local;
    config.setup = crate::config::sources("serve");
    let app = App::open(config)?;
    #[cfg(feature = "print")]
    app.print_with(crate::layout_engine::start(options.fonts.clone()));
    let mut sign_in = None;
    if options.demo {
        sign_in = super::demo::fill(&app, &options)?;
    }
    let first = app.prepare(options.admin_user.clone(), options.admin_password.clone(), options.bare)?;
    if let Some(first) = first {
        let password = first.password.unwrap_or_else(|| "as configured".into());
        sign_in = Some((first.username, password));
    }
    app.check_key()?;
    app.check_searches()?;
    if !options.media.exists() {
        let files = app.db().read(ironwood_inventory::platform::media::sweep::count_named)?;
        if files > 0 {
            tracing::error!(
                "the media folder {} did not exist, but the database refers to {files} files: see --media",
                options.media.display()
            );
        }
    }
    make_private_folder(&options.media)
        .map_err(|e| failed(&format!("cannot create the folder {}", options.media.display()), e))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(options.max_requests.max(1) + 8)
        .enable_all()
        .build()
        .map_err(|e| failed("cannot start", e))?;
    let worker = if options.no_worker { None } else { Some(Worker::start(&app)?) };
    let drained = runtime.block_on(async {
        let listener = server::bind(&options.listen).await?;
        let address = listener.local_addr().map_or_else(|_| options.listen.clone(), |a| a.to_string());
        println!("Ironwood is running at http://{address}/ (API documentation: /api-doc/)");
        if let Some((name, password)) = sign_in {
            println!("Sign in as {name} with the password {password}");
        }
        let settings = settings(&options);
        Ok::<_, Error>(server::run(listener, Arc::new(AppService(app.clone())), settings, told_to_stop()).await)
    })?;
    // whatever still runs has had its time
    runtime.shutdown_timeout(Duration::from_secs(1));
    drop(worker);
    app.db().close();
    if drained { Ok(()) } else { Err(Error::Internal("requests in progress did not finish in time".into())) }
}

const MEGABYTE: u64 = 1_000_000;

/// The budget in which an upload of so many megabytes fits: the last quarter is for small requests.
fn for_upload(megabytes: u64) -> u64 {
    (megabytes + 1).saturating_mul(MEGABYTE).saturating_mul(4) / 3
}

fn settings(options: &Serve) -> Settings {
    Settings {
        limits: Limits {
            upload: options.max_upload.saturating_mul(MEGABYTE),
            body: options.max_body.saturating_mul(MEGABYTE),
            header: options.max_header.saturating_mul(1024),
            request_time: Duration::from_secs(options.request_seconds.max(1)),
            requests: options.max_requests.max(1),
            connections: options.max_connections.max(1),
            connections_each: options.max_connections_each,
            memory: options.max_memory.saturating_mul(MEGABYTE).max(for_upload(options.max_upload)),
            shutdown: Duration::from_secs(options.shutdown_seconds),
            ..Limits::default()
        },
        media: options.media.clone(),
        proxies: Proxies { all: options.trust_proxy, networks: options.trusted_proxy.clone() },
        site_url: options.site_url.as_deref().map(|url| url.trim_end_matches('/').to_owned()),
        web: options.web.clone(),
        allowed_origins: options.allow_origin.clone(),
    }
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("shutting down: waiting for requests in progress");
}
