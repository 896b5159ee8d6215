//! The server under HTTP, in this process, and a client that does no more than it must.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use ironwood::server::{self, Admitted, Limits, Proxies, Service, Settings};
use ironwood_base::{Error, Result};
use ironwood_inventory::installation::app::{Admission, App};
use ironwood_rest::http::{Answer, Presented, Request};
use tokio::sync::oneshot;

use crate::harness::{Ask, Failed};

/// The server, and beside it `/floor/N`: N bytes that are ready in memory.
struct Measured(App);

impl Service for Measured {
    /// `None` for the floor.
    type Admission = Option<Admission>;

    fn admit(&self, request: &Request) -> std::result::Result<Admitted<Option<Admission>>, Answer> {
        let is_floor = request.path.starts_with("/floor/");
        let admission = if is_floor { None } else { Some(self.0.admit(request)?) };
        Ok(Admitted { user: admission.as_ref().and_then(Admission::user).map(str::to_owned), admission })
    }

    fn answer(&self, request: Request, admission: Option<Admission>) -> Answer {
        match admission {
            Some(admission) => self.0.answer(request, admission),
            None => {
                let size = request.path.strip_prefix("/floor/").and_then(|size| size.parse().ok());
                Answer::json_bytes(200, vec![b' '; size.unwrap_or(0)])
            }
        }
    }

    fn may_read_media(&self, _: &str, _: &Presented, _: IpAddr) -> Result<Option<String>> {
        Err(Error::NotFound)
    }
}

/// Serves until it is dropped.
pub(crate) struct HttpServer {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl HttpServer {
    pub(crate) fn start(app: App) -> std::result::Result<HttpServer, Failed> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let listener = runtime.block_on(server::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let settings = Settings {
            // several clients who are not signed in read large answers at once
            limits: Limits { memory: 2_000_000_000, ..Limits::default() },
            media: std::env::temp_dir(),
            proxies: Proxies::default(),
            site_url: None,
            web: None,
            allowed_origins: Vec::new(),
        };
        runtime.spawn(server::run(listener, Arc::new(Measured(app)), settings, async {
            let _ = stopped.await;
        }));
        Ok(HttpServer { address, stop: Some(stop), runtime: Some(runtime) })
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

/// One connection that is kept open.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    token: String,
    buffer: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr, token: &str) -> std::result::Result<Client, Failed> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Client { stream: BufReader::with_capacity(64 * 1024, stream), token: token.to_owned(), buffer: Vec::new() })
    }

    /// Sends a request and reads its answer; an error where that is not 2xx.
    pub(crate) fn send(&mut self, ask: &Ask) -> std::result::Result<(), Failed> {
        let body = ask.body.as_ref().map_or_else(String::new, ToString::to_string);
        let head = format!(
            "{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Token {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            ask.method.name(),
            ask.path,
            self.token,
            body.len()
        );
        self.stream.get_mut().write_all(head.as_bytes())?;
        let (mut status, mut length, mut line) = (0_u16, 0_usize, String::new());
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err("the server closed the connection".into());
            }
            if status == 0 {
                status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or("no status")?;
            } else if let Some((name, value)) = line.split_once(':') {
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse()?;
                }
            } else if line.trim().is_empty() {
                break;
            }
        }
        self.buffer.resize(length, 0);
        self.stream.read_exact(&mut self.buffer)?;
        if (200..300).contains(&status) {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&self.buffer);
        Err(format!("{} {}: {status} {text}", ask.method.name(), ask.path).into())
    }
}
