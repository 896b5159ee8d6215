//! The process that prints: it reads jobs from its standard input, and asks there for the files that they name.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::pdf::Printer;
use crate::wire::{self, FrameType};
use crate::{Fault, Job, Output, PageSize, Printed, fonts};

/// The stack of the thread that prints. Layout recurses for nested elements, whose depth is limited.
const STACK: usize = 64 * 1024 * 1024;

/// Memory for data, beside the stack.
const MEMORY: u64 = 512 * 1024 * 1024 + STACK as u64;

/// Seconds of processor time for all jobs of a child. The parent limits the time of each.
const CPU_SECONDS: u64 = 900;

/// What was printed, without the files.
#[derive(Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) files: usize,
    pub(crate) pages: u32,
    pub(crate) missing: Vec<String>,
}

/// Serves jobs until the parent closes the connection. Returns whether it ended in order.
///
/// Before it reads anything, the process takes from itself what printing does not need: memory beyond a limit,
/// and everything that needs a new file descriptor, which is to say all files and the network.
///
/// `fonts` is a folder of fonts that have the characters which the bundled ones lack.
pub fn run(fonts: Option<PathBuf>) -> bool {
    let thread = std::thread::Builder::new().stack_size(STACK).name("print".to_owned()).spawn(move || {
        let more = fonts.map(|folder| fonts::read_folder(&folder)).unwrap_or_default();
        restrict();
        let printer = Printer::new(more);
        warm_up(&printer);
        serve(&printer, &mut BufReader::new(io::stdin().lock()), &mut BufWriter::new(io::stdout().lock())).is_ok()
    });
    thread.is_ok_and(|thread| thread.join().unwrap_or(false))
}

#[cfg(unix)]
fn restrict() {
    use rlimit::Resource;
    // What a system does not know of these is left to the others.
    let limits = [
        (Resource::DATA, MEMORY),
        (Resource::CPU, CPU_SECONDS),
        (Resource::CORE, 0),
        (Resource::FSIZE, 0),
        // Standard input, output and error are open; nothing else can be opened.
        (Resource::NOFILE, 3),
    ];
    for (resource, limit) in limits {
        let _ = rlimit::setrlimit(resource, limit, limit);
    }
}

#[cfg(not(unix))]
fn restrict() {}

/// Prints a page with everything that is read once, so that the first job need not wait for it.
fn warm_up(printer: &Printer) {
    let html = "<style>@page { margin: 0; @top-left { content: 'a' } }</style><b>A</b><table><tr><td>1</table>\
                <svg width=9 height=9><rect width=5 height=5 /></svg>";
    let job = Job {
        documents: vec![html.to_owned()],
        title: String::new(),
        page: PageSize { width: 20.0, height: 20.0 },
        output: Output::Png { dpi: 50 },
    };
    let _ = printer.print(&job, &mut |_| None);
}

fn serve(printer: &Printer, input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    wire::send(output, FrameType::Ready, &[])?;
    while let Some((kind, bytes)) = wire::receive(input)? {
        if kind != FrameType::Job {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let job: Job = serde_json::from_slice(&bytes)?;
        drop(bytes);
        let mut broken = None;
        let result = {
            let mut files = |address: &str| match ask(input, output, address) {
                Ok(file) => file,
                Err(error) => {
                    broken = Some(error);
                    None
                }
            };
            panic::catch_unwind(AssertUnwindSafe(|| printer.print(&job, &mut files)))
        };
        if let Some(error) = broken {
            return Err(error);
        }
        match result {
            Ok(Ok(printed)) => send_printed(output, printed)?,
            Ok(Err(fault)) => wire::send(output, FrameType::Fault, &serde_json::to_vec(&fault)?)?,
            Err(_) => {
                wire::send(output, FrameType::Fault, &serde_json::to_vec(&Fault::Crashed)?)?;
                // What the panic left behind is not used again.
                return Err(io::ErrorKind::Other.into());
            }
        }
    }
    Ok(())
}

fn ask(input: &mut impl Read, output: &mut impl Write, address: &str) -> io::Result<Option<Vec<u8>>> {
    wire::send(output, FrameType::Address, address.as_bytes())?;
    match wire::receive(input)? {
        Some((FrameType::File, bytes)) => Ok(Some(bytes)),
        Some((FrameType::NoFile, _)) => Ok(None),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn send_printed(output: &mut impl Write, printed: Printed) -> io::Result<()> {
    let report = Report { files: printed.files.len(), pages: printed.pages, missing: printed.missing };
    wire::send(output, FrameType::Printed, &serde_json::to_vec(&report)?)?;
    for file in printed.files {
        wire::send(output, FrameType::Output, &file)?;
    }
    Ok(())
}
