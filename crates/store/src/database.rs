//! The threads that own the connections, and the way to them.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use futures_channel::oneshot;
use ironwood_base::Error;

use crate::connection::{Connection, Mode, RawConnection};
use crate::file::Draft;
use crate::flush::{self, Answer};
use crate::origin::Origin;
use crate::{Backend, postgres, sqlite, versions};

/// What a program means to do with a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// Read and write; an embedded database is made where it is missing.
    #[default]
    Create,
    /// Read and write a database that is there.
    Existing,
    /// Read a database that is there, and leave it as it is.
    ReadOnly,
}

/// When a change of an embedded database is answered. PostgreSQL has its own setting
/// (`synchronous_commit`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Once it is on the disk: what was answered survives a power cut.
    #[default]
    Full,
    /// Once it is handed to the operating system: it survives a crash of this program, and a power
    /// cut may take the last moments. The database stays consistent either way.
    Normal,
}

/// How a database is opened.
#[derive(Debug, Clone)]
pub struct Options {
    pub access: Access,
    pub durability: Durability,
    /// Most threads that read: for SQLite beside the one that writes, for PostgreSQL the number of
    /// connections.
    pub threads: usize,
    /// Tasks that may wait for a thread; beyond it a task is refused with status 503.
    pub queue: usize,
    /// Prepared statements that each connection keeps.
    pub statement_cache: usize,
}

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Options {
            access: Access::default(),
            durability: Durability::default(),
            threads: cores.min(4) + 1,
            queue: 1024,
            statement_cache: 256,
        }
    }
}

/// Work for a database thread. What it gives back is the answer to its caller, which is sent once
/// what it wrote is safe; `None` where there is nothing to wait for.
type Task = Box<dyn FnOnce(&mut Connection) -> Option<Answer> + Send>;

/// A database, open. Clones share it; it closes with the last one.
#[derive(Clone)]
pub struct Database(Arc<Inner>);

struct Inner {
    backend: Backend,
    path: Option<PathBuf>,
    access: Access,
    queues: RwLock<Option<Queues>>,
    threads: Mutex<Threads>,
}

struct Queues {
    read: Sender<Task>,
    write: Sender<Task>,
    spare: Option<Arc<Spare>>,
}

/// The readers of an embedded database but the first. They are opened when they are needed, because each reads the
/// whole schema, and keeps it.
struct Spare {
    needed: Sender<()>,
    /// Number of open readers that have nothing to do.
    idle: AtomicUsize,
    /// Whether one was woken that has not looked yet: to wake another for each task would cost more than many tasks do.
    woken: AtomicBool,
}

/// How long a task waits before a further reader is opened for it: a reader sends an answer a moment before it is free
/// again.
const OPEN_AFTER: Duration = Duration::from_millis(2);
/// Time until a reader that could not be opened is tried again.
const OPEN_AGAIN: Duration = Duration::from_secs(1);

impl Spare {
    fn new(count: usize) -> (Arc<Self>, Receiver<()>) {
        let (needed, wake_ups) = bounded(count);
        (Arc::new(Spare { needed, idle: AtomicUsize::new(0), woken: AtomicBool::new(false) }), wake_ups)
    }

    /// Wakes a reader where more tasks wait than readers.
    fn wake_for(&self, tasks: usize) {
        if tasks > self.idle.load(Ordering::SeqCst) && !self.woken.swap(true, Ordering::SeqCst) {
            // where all were woken, nobody listens
            let _ = self.needed.try_send(());
        }
    }

    /// Waits until a reader is needed; false where it never will be.
    fn wait_until_needed(this: &Weak<Self>, wake_ups: &Receiver<()>, tasks: &Receiver<Task>) -> bool {
        while wake_ups.recv().is_ok() {
            std::thread::sleep(OPEN_AFTER);
            // before it looks: what comes later wakes again
            if let Some(spare) = this.upgrade() {
                spare.woken.store(false, Ordering::SeqCst);
            }
            if !tasks.is_empty() {
                return true;
            }
        }
        false
    }

    /// Takes the next task; meanwhile the reader counts as idle.
    fn next_task(this: &Weak<Self>, tasks: &Receiver<Task>) -> Option<Task> {
        // not kept while it waits: spare readers end with it
        if let Some(spare) = this.upgrade() {
            spare.idle.fetch_add(1, Ordering::SeqCst);
        }
        let task = tasks.recv().ok();
        if let Some(spare) = this.upgrade() {
            spare.idle.fetch_sub(1, Ordering::SeqCst);
            // those that came just now still counted on this one
            spare.wake_for(tasks.len());
        }
        task
    }
}

#[derive(Default)]
struct Threads {
    readers: Vec<JoinHandle<Option<Connection>>>,
    writer: Option<JoinHandle<Option<Connection>>>,
    flusher: Option<JoinHandle<()>>,
}

thread_local! {
    static IN_TASK: Cell<bool> = const { Cell::new(false) };
}

impl Database {
    /// Opens `sqlite:PATH` (the file is made where it is missing) or `postgres://…`.
    ///
    /// # Errors
    /// `Error::Internal` with one line that says what is wrong.
    pub fn open(url: &str, options: &Options) -> Result<Database, Error> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path == ":memory:" {
                return Err(Error::Internal("the database needs a file name: sqlite:PATH".into()));
            }
            return Self::open_sqlite(Path::new(path), options);
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Self::open_postgres(url, options);
        }
        Err(Error::Internal("the database must be given as sqlite:PATH or postgres://…".into()))
    }

    fn open_sqlite(path: &Path, options: &Options) -> Result<Database, Error> {
        let writes = options.access != Access::ReadOnly;
        let source = versions::new_source();
        let (writer, reader) = if writes {
            let (writer, reader) = sqlite::open_both(path, options, source)?;
            (Some(writer), reader)
        } else {
            (None, sqlite::open(path, Mode::Read, options, source)?)
        };
        let (read, read_tasks) = bounded(options.queue.max(1));
        let (write, write_tasks) = bounded(options.queue.max(1));
        let mut threads = Threads::default();
        let (spare, wake_ups) = Spare::new(options.threads.max(1) - 1);
        let first = move || Some(RawConnection::Sqlite(reader));
        threads.readers.push(spawn("sqlite-read-0".into(), first, read_tasks.clone(), None, Arc::downgrade(&spare))?);
        for i in 1..options.threads {
            let (path, options) = (path.to_owned(), options.clone());
            let (tasks, wake_ups, waker) = (read_tasks.clone(), wake_ups.clone(), Arc::downgrade(&spare));
            let open = move || {
                while Spare::wait_until_needed(&waker, &wake_ups, &tasks) {
                    match sqlite::open(&path, Mode::Read, &options, source) {
                        Ok(raw) => return Some(RawConnection::Sqlite(raw)),
                        Err(error) => {
                            tracing::error!("cannot open another reader: {error}");
                            std::thread::sleep(OPEN_AGAIN);
                            // what waits still needs one
                            if let Some(spare) = waker.upgrade() {
                                spare.wake_for(tasks.len());
                            }
                        }
                    }
                }
                None
            };
            let name = format!("sqlite-read-{i}");
            threads.readers.push(spawn(name, open, read_tasks.clone(), None, Arc::downgrade(&spare))?);
        }
        let queues = Queues { read, write, spare: Some(spare) };
        if let Some(writer) = writer {
            let flush = match options.durability {
                Durability::Normal => None,
                Durability::Full => {
                    let (flush, thread) = flush::start(path)?;
                    threads.flusher = Some(thread);
                    Some(flush)
                }
            };
            let open = || Some(RawConnection::Sqlite(writer));
            threads.writer = Some(spawn("sqlite-write".into(), open, write_tasks, flush, Weak::new())?);
        }
        Ok(Self::new(Backend::Sqlite, Some(path.to_owned()), options.access, queues, threads))
    }

    fn open_postgres(url: &str, options: &Options) -> Result<Database, Error> {
        let address = postgres::address(url)?;
        let new_connection = || postgres::PostgresConnection::new(address.clone(), options.statement_cache);
        let mut first = new_connection();
        // on a thread of its own: the client may not block inside an asynchronous runtime
        let checked = std::thread::spawn(move || first.check().map(|()| first)).join();
        let mut first = Some(checked.map_err(|_| Error::Internal("panic while connecting to the database".into()))??);
        let (read, tasks) = bounded(options.queue.max(1));
        let mut threads = Threads::default();
        for i in 0..options.threads.max(1) {
            let raw = first.take().unwrap_or_else(new_connection);
            let open = || Some(RawConnection::Postgres(Box::new(raw)));
            threads.readers.push(spawn(format!("postgres-{i}"), open, tasks.clone(), None, Weak::new())?);
        }
        let write = read.clone();
        Ok(Self::new(Backend::Postgres, None, options.access, Queues { read, write, spare: None }, threads))
    }

    fn new(backend: Backend, path: Option<PathBuf>, access: Access, queues: Queues, threads: Threads) -> Self {
        let (queues, threads) = (RwLock::new(Some(queues)), Mutex::new(threads));
        Database(Arc::new(Inner { backend, path, access, queues, threads }))
    }

    /// Which database it is.
    pub fn backend(&self) -> Backend {
        self.0.backend
    }

    /// The file of an embedded database.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// Runs `f` in a read-only transaction that sees one state of the database, and waits for it.
    /// It may run more than once.
    ///
    /// # Errors
    /// What `f` returns; status 503 when too many tasks wait or the database is closed;
    /// `Error::Internal` where `f` panics or is called from within another task.
    pub fn read<T: Send + 'static>(
        &self,
        f: impl FnMut(&mut Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.wait(None, f)
    }

    /// Runs `f` in one transaction, which is committed where `f` answers `Ok` and undone otherwise,
    /// and waits for it. It may run more than once. The change log notes who makes its changes.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub fn write<T: Send + 'static>(
        &self,
        origin: &Origin,
        f: impl FnMut(&mut Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.wait(Some(origin.clone()), f)
    }

    /// [`Database::read`] for asynchronous callers. A task whose caller has gone before it began is
    /// left out.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn read_async<T: Send + 'static>(
        &self,
        mut f: impl FnMut(&mut Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (sender, answer) = oneshot::channel();
        self.send(Mode::Read, move |connection| {
            if !sender.is_canceled() {
                let _ = sender.send(connection.transaction(None, &mut f));
            }
            None
        })?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// [`Database::write`] for asynchronous callers. It is carried out even where its caller goes.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn write_async<T: Send + 'static>(
        &self,
        origin: &Origin,
        mut f: impl FnMut(&mut Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (sender, answer) = oneshot::channel();
        let origin = origin.clone();
        self.send(Mode::Write, move |connection| {
            let done = connection.transaction(Some(&origin), &mut f);
            flush::answer(done, move |done| drop(sender.send(done)))
        })?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Copies an embedded database, as it is now, into a new file. It is complete or not there.
    ///
    /// # Errors
    /// `Error::Internal` where the file exists or cannot be written, or the database is PostgreSQL.
    pub fn back_up(&self, to: &Path) -> Result<(), Error> {
        let cannot =
            |error: &dyn std::fmt::Display| Error::Internal(format!("cannot write the copy {}: {error}", to.display()));
        let draft = Draft::begin(to).map_err(|error| cannot(&error))?;
        self.copy_into(&draft).map_err(|error| cannot(&error))?;
        draft.finish().map_err(|error| cannot(&error))
    }

    /// Copies an embedded database, as it is now, into an empty draft.
    ///
    /// # Errors
    /// `Error::Internal` where it cannot be written, or the database is PostgreSQL.
    pub fn copy_into(&self, draft: &Draft) -> Result<(), Error> {
        let path = draft.path().to_owned();
        self.run(Mode::Read, move |connection| match connection.raw() {
            RawConnection::Sqlite(raw) => raw.copy_into(&path),
            RawConnection::Postgres(_) => Err(Error::Internal("to copy a PostgreSQL database, use pg_dump".into())),
        })
    }

    /// Finishes the tasks that wait, closes all connections and ends the threads; an embedded
    /// database is then one single file. Later tasks are refused.
    pub fn close(&self) {
        self.0.close();
    }

    fn wait<T: Send + 'static>(
        &self,
        origin: Option<Origin>,
        mut f: impl FnMut(&mut Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let mode = if origin.is_some() { Mode::Write } else { Mode::Read };
        self.run(mode, move |connection| connection.transaction(origin.as_ref(), &mut f))
    }

    /// Runs `f` outside any transaction, on a thread for this mode.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        mode: Mode,
        f: impl FnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (sender, answer) = bounded(1);
        self.send(mode, move |connection| {
            let done = f(connection);
            flush::answer(done, move |done| drop(sender.send(done)))
        })?;
        answer.recv().unwrap_or_else(|_| Err(closed()))
    }

    fn send(
        &self,
        mode: Mode,
        task: impl FnOnce(&mut Connection) -> Option<Answer> + Send + 'static,
    ) -> Result<(), Error> {
        if mode == Mode::Write && self.0.access == Access::ReadOnly {
            return Err(Error::Internal("the database is open for reading only".into()));
        }
        if IN_TASK.get() {
            return Err(Error::Internal("a database task is waiting for another one".into()));
        }
        let queues = self.0.queues.read().unwrap_or_else(PoisonError::into_inner);
        let Some(queues) = queues.as_ref() else { return Err(closed()) };
        let queue = if mode == Mode::Write { &queues.write } else { &queues.read };
        queue.try_send(Box::new(task)).map_err(|error| match error {
            TrySendError::Full(_) => Error::Status(503, "The server is too busy. Try again later.".into()),
            TrySendError::Disconnected(_) => closed(),
        })?;
        if let Some(spare) = queues.spare.as_ref().filter(|_| mode == Mode::Read) {
            spare.wake_for(queue.len());
        }
        Ok(())
    }
}

impl Inner {
    fn close(&self) {
        let queues = self.queues.write().unwrap_or_else(PoisonError::into_inner).take();
        let mut threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(Queues { read, write, spare }) = queues else { return };
        drop((read, spare));
        if self.backend == Backend::Postgres {
            drop(write);
            threads.readers.drain(..).for_each(join);
            return;
        }
        // the writer last: only without readers can it fold everything into the one file
        threads.readers.drain(..).for_each(join);
        drop(write);
        threads.writer.into_iter().for_each(join);
        threads.flusher.into_iter().for_each(join);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

/// Waits for a thread. A connection that it answers is closed here: SQLite removes the files beside
/// its own only where the last connection is closed after all others, not together with one.
fn join<T>(thread: JoinHandle<T>) {
    // a task may hold the last clone
    if thread.thread().id() != std::thread::current().id() {
        drop(thread.join());
    }
}

/// A thread that runs tasks on the connection that `open` gives, until there can be no more. Answers a connection to
/// SQLite, to be closed.
fn spawn(
    name: String,
    open: impl FnOnce() -> Option<RawConnection> + Send + 'static,
    tasks: Receiver<Task>,
    flush: Option<Sender<Answer>>,
    spare: Weak<Spare>,
) -> Result<JoinHandle<Option<Connection>>, Error> {
    std::thread::Builder::new()
        .name(name)
        .spawn(move || {
            IN_TASK.set(true);
            let mut connection = Connection::new(open()?);
            let mut next = Spare::next_task(&spare, &tasks);
            while let Some(task) = next {
                match (task(&mut connection), &flush) {
                    (Some(answer), Some(flush)) => drop(flush.send(answer)),
                    (Some(answer), None) => answer(Ok(())),
                    (None, _) => {}
                }
                next = tasks.try_recv().ok().or_else(|| {
                    // nothing may stay open while it waits
                    connection.settle();
                    Spare::next_task(&spare, &tasks)
                });
            }
            if let RawConnection::Sqlite(raw) = connection.raw() {
                raw.finish();
                return Some(connection);
            }
            None
        })
        .map_err(|error| Error::Internal(format!("cannot start a database thread: {error}")))
}

fn closed() -> Error {
    Error::Status(503, "The database is closed.".into())
}
