//! Labels and reports are laid out by child processes, which are this program again.

use std::path::PathBuf;
use std::sync::Arc;

use ironwood_inventory::platform::layout_engine::{LayoutEngine, Output, PrintFault, PrintJob, Printed};
use ironwood_print::{Fault, Job, Limits, PageSize, Pool};

/// The argument that makes this program print, and nothing else. It is not for people.
const CHILD: &str = "print-child";

/// Whether this process was started to print.
#[must_use]
pub fn is_child() -> bool {
    std::env::args_os().nth(1).is_some_and(|argument| argument == CHILD)
}

/// Prints what the parent process sends. Returns whether all went well.
#[must_use]
pub fn run_child() -> bool {
    ironwood_print::child::run(std::env::args_os().nth(2).map(PathBuf::from))
}

/// The layout engine for the server, with the fonts of a folder. No process is started before there is something to
/// print.
#[must_use]
pub fn start(fonts: Option<PathBuf>) -> Arc<dyn LayoutEngine> {
    // Children begin in another folder.
    let fonts = fonts.map(|folder| std::path::absolute(&folder).unwrap_or(folder));
    let arguments = std::iter::once(CHILD.into()).chain(fonts.map(PathBuf::into_os_string)).collect();
    Arc::new(Children(Pool::new(this_program(), arguments, Limits::default())))
}

/// This program, also where its file has been replaced since it was started.
fn this_program() -> PathBuf {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { running } else { std::env::current_exe().unwrap_or_else(|_| PathBuf::from("ironwood")) }
}

struct Children(Pool);

impl LayoutEngine for Children {
    fn print(&self, job: &PrintJob, files: &mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Result<Printed, PrintFault> {
        let job = Job {
            documents: job.documents.clone(),
            title: job.title.clone(),
            page: PageSize { width: job.page.width, height: job.page.height },
            output: match job.output {
                Output::Pdf { archival } => ironwood_print::Output::Pdf { archival },
                Output::Png { dpi } => ironwood_print::Output::Png { dpi },
            },
        };
        let printed = self.0.print(&job, files).map_err(|fault| match fault {
            Fault::TooLarge(why) => PrintFault::TooLarge(why),
            Fault::TooSlow => PrintFault::TooSlow,
            Fault::Crashed => PrintFault::Crashed,
            Fault::Invalid(why) => PrintFault::Invalid(why),
            Fault::Busy => PrintFault::Busy,
            Fault::Unavailable => PrintFault::Unavailable,
        })?;
        Ok(Printed { files: printed.files, pages: printed.pages, missing: printed.missing })
    }
}
