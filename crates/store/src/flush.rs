//! Group commit: one flush of the log makes all transactions safe that wait for it.
//!
//! SQLite with `synchronous = FULL` flushes its write-ahead log at every commit, while everyone
//! waits. Here the writer commits without a flush and goes on; a thread beside it flushes the log and
//! then sends the answers of all transactions that were committed before. Each waits for one flush,
//! and a flush serves as many as came meanwhile. A transaction is visible to readers from its commit
//! on, as it is to later writers; it is acknowledged once it is on the disk.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};
use ironwood_base::Error;

use crate::file::sibling;

/// Transactions that may wait for a flush; the writer waits for a place.
const WAITING: usize = 4096;

/// Sends an answer to its caller, unless the flush failed that it waited for.
pub(crate) type Answer = Box<dyn FnOnce(Result<(), Error>) + Send>;

/// The answer to what was done; one that failed changed nothing, and is sent at once.
pub(crate) fn answer<T: Send + 'static>(
    done: Result<T, Error>,
    send: impl FnOnce(Result<T, Error>) + Send + 'static,
) -> Option<Answer> {
    match done {
        Ok(done) => Some(Box::new(move |safe| send(safe.map(|()| done)))),
        Err(error) => {
            send(Err(error));
            None
        }
    }
}

/// Starts the thread that flushes the log of this database. It ends when its sender is dropped.
pub(crate) fn start(database: &Path) -> Result<(Sender<Answer>, JoinHandle<()>), Error> {
    let log = sibling(database, "-wal");
    let (sender, waiting) = bounded(WAITING);
    let thread = std::thread::Builder::new()
        .name("sqlite-flush".into())
        .spawn(move || run(&log, &waiting))
        .map_err(|error| Error::Internal(format!("cannot start a database thread: {error}")))?;
    Ok((sender, thread))
}

fn run(path: &PathBuf, waiting: &Receiver<Answer>) {
    let mut log = None;
    while let Ok(first) = waiting.recv() {
        // all that is taken here was committed before the flush begins
        let mut together = vec![first];
        together.extend(waiting.try_iter());
        let flushed = flush(path, &mut log);
        if let Err(error) = &flushed {
            tracing::error!("cannot flush the database log {}: {error}", path.display());
        }
        for answer in together {
            answer(flushed.clone());
        }
    }
}

/// The log keeps its file as long as a connection is open, so the file is opened once.
fn flush(path: &PathBuf, log: &mut Option<File>) -> Result<(), Error> {
    if log.is_none() {
        match File::options().read(true).write(true).open(path) {
            Ok(file) => *log = Some(file),
            // no log: everything is in the database file, which SQLite has flushed
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(unsafe_write(&error)),
        }
    }
    let Some(file) = log else { return Ok(()) };
    file.sync_data().map_err(|error| unsafe_write(&error))
}

fn unsafe_write(error: &std::io::Error) -> Error {
    Error::Internal(format!("the change may be lost, because the disk failed to store it: {error}"))
}
