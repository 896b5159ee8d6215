//! Child processes that print, kept at hand.

use std::ffi::OsString;
use std::io::{BufReader, BufWriter, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::child::Report;
use crate::wire::{self, FrameType};
use crate::{Fault, Job, Printed};

/// Jobs after which a child is replaced, so that memory that it keeps does not add up.
const JOBS_OF_A_CHILD: usize = 200;

/// What is kept of the error output of a child, to tell why it ended.
const KEPT_ERRORS: usize = 4096;

/// Lets mimalloc, where the program uses it, take memory when it is needed. What it takes in advance counts against the
/// limit of the child.
const ALLOCATION: [(&str, &str); 1] = [("MIMALLOC_ARENA_EAGER_COMMIT", "0")];

/// What a pool may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most children at a time.
    pub children: usize,
    /// Longest time of a job.
    pub job: Duration,
    /// Longest wait for a child.
    pub queue: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { children: 2, job: Duration::from_secs(45), queue: Duration::from_secs(30) }
    }
}

/// Child processes that print.
pub struct Pool {
    program: PathBuf,
    arguments: Vec<OsString>,
    limits: Limits,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Worker>,
    /// Children at work or being started.
    busy: usize,
}

impl Pool {
    /// A pool whose children are `program` with `arguments`, which must call [`crate::child::run`]. None is started yet.
    pub fn new(program: PathBuf, arguments: Vec<OsString>, limits: Limits) -> Self {
        Self { program, arguments, limits, state: Mutex::default(), freed: Condvar::new() }
    }

    /// Starts a child, so that the first job need not wait for it.
    ///
    /// # Errors
    /// [`Fault::Busy`] where no child becomes free in time, [`Fault::Unavailable`] where none can be started.
    pub fn warm_up(&self) -> Result<(), Fault> {
        let worker = self.take()?;
        self.give_back(Some(worker));
        Ok(())
    }

    /// Prints a job in a child. `files` answers the bytes of an address in a document, or None.
    ///
    /// # Errors
    /// As [`Pool::warm_up`]; [`Fault::Invalid`] and [`Fault::TooLarge`] as [`crate::render`], [`Fault::TooSlow`] and
    /// [`Fault::Crashed`] where the child does not finish.
    pub fn print(&self, job: &Job, files: &mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Result<Printed, Fault> {
        let mut worker = self.take()?;
        let result = worker.print(job, files, self.limits.job);
        let usable = worker.is_usable() && !matches!(result, Err(Fault::Crashed | Fault::TooSlow));
        self.give_back(usable.then_some(worker));
        result
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An idle child, or a new one where there may be more.
    fn take(&self) -> Result<Worker, Fault> {
        let deadline = Instant::now() + self.limits.queue;
        let mut state = self.lock();
        loop {
            while let Some(mut worker) = state.idle.pop() {
                if worker.is_alive() {
                    state.busy += 1;
                    return Ok(worker);
                }
            }
            if state.busy < self.limits.children.max(1) {
                state.busy += 1;
                drop(state);
                let started = Worker::start(&self.program, &self.arguments, self.limits.job);
                if started.is_err() {
                    self.give_back(None);
                }
                return started;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Fault::Busy);
            }
            state = self.freed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn give_back(&self, worker: Option<Worker>) {
        let mut state = self.lock();
        state.busy = state.busy.saturating_sub(1);
        state.idle.extend(worker);
        drop(state);
        self.freed.notify_one();
    }
}

/// A child process with its pipes.
struct Worker {
    process: Arc<Mutex<Child>>,
    to: BufWriter<ChildStdin>,
    from: BufReader<ChildStdout>,
    errors: Arc<Mutex<Vec<u8>>>,
    jobs: usize,
    broken: bool,
}

impl Worker {
    fn start(program: &PathBuf, arguments: &[OsString], patience: Duration) -> Result<Self, Fault> {
        let mut process = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(ALLOCATION)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|_| Fault::Unavailable)?;
        let (Some(to), Some(from), Some(mut errors)) =
            (process.stdin.take(), process.stdout.take(), process.stderr.take())
        else {
            return Err(Fault::Unavailable);
        };
        let kept = Arc::new(Mutex::new(Vec::new()));
        let keeper = Arc::clone(&kept);
        // It ends with the child.
        let _ = std::thread::Builder::new().name("print-errors".to_owned()).spawn(move || {
            let mut buffer = [0; 512];
            while let Ok(read @ 1..) = errors.read(&mut buffer) {
                let mut kept = keeper.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&buffer[..read]);
                let over = kept.len().saturating_sub(KEPT_ERRORS);
                kept.drain(..over);
            }
        });
        let mut worker = Self {
            process: Arc::new(Mutex::new(process)),
            to: BufWriter::new(to),
            from: BufReader::new(from),
            errors: kept,
            jobs: 0,
            broken: false,
        };
        let guard = Watchdog::watch(&worker.process, patience);
        let ready = matches!(wire::receive(&mut worker.from), Ok(Some((FrameType::Ready, _))));
        drop(guard);
        if ready { Ok(worker) } else { Err(Fault::Unavailable) }
    }

    fn print(
        &mut self,
        job: &Job,
        files: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
        patience: Duration,
    ) -> Result<Printed, Fault> {
        self.jobs += 1;
        let watchdog = Watchdog::watch(&self.process, patience);
        let result = self.talk(job, files);
        let late = watchdog.has_killed();
        drop(watchdog);
        match result {
            Ok(result) => result,
            Err(()) => {
                self.broken = true;
                Err(if late { Fault::TooSlow } else { self.cause() })
            }
        }
    }

    /// The conversation about a job. An error is a child that ended or talks nonsense.
    fn talk(
        &mut self,
        job: &Job,
        files: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
    ) -> Result<Result<Printed, Fault>, ()> {
        let bytes = serde_json::to_vec(job).map_err(|_| ())?;
        wire::send(&mut self.to, FrameType::Job, &bytes).map_err(|_| ())?;
        drop(bytes);
        loop {
            let (kind, bytes) = self.receive()?;
            match kind {
                FrameType::Address => {
                    let address = String::from_utf8(bytes).map_err(|_| ())?;
                    let sent = match files(&address) {
                        Some(file) => wire::send(&mut self.to, FrameType::File, &file),
                        None => wire::send(&mut self.to, FrameType::NoFile, &[]),
                    };
                    sent.map_err(|_| ())?;
                }
                FrameType::Printed => {
                    let report: Report = serde_json::from_slice(&bytes).map_err(|_| ())?;
                    let mut printed = Printed { files: Vec::new(), pages: report.pages, missing: report.missing };
                    for _ in 0..report.files {
                        let (FrameType::Output, file) = self.receive()? else { return Err(()) };
                        printed.files.push(file);
                    }
                    return Ok(Ok(printed));
                }
                FrameType::Fault => return Ok(Err(serde_json::from_slice(&bytes).map_err(|_| ())?)),
                _ => return Err(()),
            }
        }
    }

    fn receive(&mut self) -> Result<(FrameType, Vec<u8>), ()> {
        wire::receive(&mut self.from).ok().flatten().ok_or(())
    }

    /// Why the child ended: what it wrote last says whether memory or stack ran out.
    fn cause(&self) -> Fault {
        for _ in 0..50 {
            if !matches!(lock_process(&self.process).try_wait(), Ok(None)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        // The thread that keeps the errors may be a moment behind.
        std::thread::sleep(Duration::from_millis(20));
        let errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        let errors = String::from_utf8_lossy(&errors);
        if errors.contains("memory allocation") || errors.contains("out of memory") {
            return Fault::TooLarge("Printing requires more memory than allowed.".to_owned());
        }
        if errors.contains("overflowed its stack") {
            return Fault::TooLarge("Elements are nested too deeply.".to_owned());
        }
        Fault::Crashed
    }

    fn is_alive(&mut self) -> bool {
        matches!(lock_process(&self.process).try_wait(), Ok(None))
    }

    fn is_usable(&mut self) -> bool {
        !self.broken && self.jobs < JOBS_OF_A_CHILD && self.is_alive()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let mut process = lock_process(&self.process);
        let _ = process.kill();
        let _ = process.wait();
    }
}

fn lock_process(process: &Mutex<Child>) -> MutexGuard<'_, Child> {
    process.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills a child that takes too long.
struct Watchdog {
    killed: Arc<AtomicBool>,
    done: Arc<(Mutex<bool>, Condvar)>,
}

impl Watchdog {
    fn watch(process: &Arc<Mutex<Child>>, patience: Duration) -> Self {
        let watchdog = Self { killed: Arc::default(), done: Arc::default() };
        let (killed, done, process) = (Arc::clone(&watchdog.killed), Arc::clone(&watchdog.done), Arc::clone(process));
        let _ = std::thread::Builder::new().name("print-watchdog".to_owned()).spawn(move || {
            let (is_done, signal) = &*done;
            let guard = is_done.lock().unwrap_or_else(PoisonError::into_inner);
            let waited = signal.wait_timeout_while(guard, patience, |is_done| !*is_done);
            let (is_done, _) = waited.unwrap_or_else(PoisonError::into_inner);
            if !*is_done {
                killed.store(true, Ordering::SeqCst);
                let _ = lock_process(&process).kill();
            }
        });
        watchdog
    }

    fn has_killed(&self) -> bool {
        self.killed.load(Ordering::SeqCst)
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        *self.done.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.done.1.notify_all();
    }
}
