//! Commands that are stopped leave no half-written files.

use ironwood_base::{Error, Result};
use ironwood_store::file::remove_drafts;

/// Exit status of a program that a signal ended: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;
const TERMINATED: i32 = 143;

/// Removes unfinished files and ends the program when it is told to stop.
pub(super) fn remove_drafts_when_stopped() -> Result<()> {
    let waiting = |error: std::io::Error| Error::Internal(format!("cannot wait for signals: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(waiting)?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            let status = runtime.block_on(stopped());
            remove_drafts();
            std::process::exit(status);
        })
        .map(|_| ())
        .map_err(waiting)
}

#[cfg(unix)]
async fn stopped() -> i32 {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => TERMINATED,
            () = interrupted() => INTERRUPTED,
        },
        Err(_) => {
            interrupted().await;
            INTERRUPTED
        }
    }
}

#[cfg(not(unix))]
async fn stopped() -> i32 {
    interrupted().await;
    INTERRUPTED
}

/// Never returns where such a signal cannot be waited for.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
