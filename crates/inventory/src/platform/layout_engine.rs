//! Where finished HTML becomes a document: the layout engine, as the server's functions see it.
//!
//! This crate does not depend on the layout engine, which is heavy: the program hands one to
//! [`App::print_with`](crate::installation::app::App::print_with).

use ironwood_base::Error;

/// Size of a page in millimeters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageSize {
    pub width: f32,
    pub height: f32,
}

/// What is made of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// One PDF; `archival`: as PDF/A.
    Pdf { archival: bool },
    /// A PNG for each page, at so many dots per inch.
    Png { dpi: u16 },
}

/// What to print: finished HTML, one document after the other, each beginning on a page of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintJob {
    pub documents: Vec<String>,
    pub title: String,
    /// Size of a page where the style sheet sets none with `@page { size }`.
    pub page: PageSize,
    pub output: Output,
}

/// A finished document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// One PDF, or one PNG for each page.
    pub files: Vec<Vec<u8>>,
    pub pages: u32,
    /// Addresses in the documents that were not found.
    pub missing: Vec<String>,
}

/// Why nothing was printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrintFault {
    /// The documents, or what they would become, pass a limit; the text says which.
    TooLarge(String),
    TooSlow,
    Crashed,
    Invalid(String),
    /// Everything that prints is at work.
    Busy,
    /// The layout engine cannot be started.
    Unavailable,
}

impl PrintFault {
    /// The message to the user.
    pub fn message(&self) -> String {
        match self {
            PrintFault::TooLarge(why) => format!("The document is too large to print: {why}"),
            PrintFault::TooSlow => "Printing took too long. Print fewer records, or simplify the template.".into(),
            PrintFault::Crashed => "The document layout failed. Simplify the template.".into(),
            PrintFault::Invalid(why) => format!("The document cannot be printed: {why}"),
            PrintFault::Busy => "The server is busy printing. Try again later.".into(),
            PrintFault::Unavailable => "Printing is not available on this server.".into(),
        }
    }
}

impl From<PrintFault> for Error {
    fn from(fault: PrintFault) -> Error {
        match fault {
            PrintFault::Busy => Error::Status(503, fault.message()),
            fault => Error::non_field(fault.message()),
        }
    }
}

/// Lays out documents.
pub trait LayoutEngine: Send + Sync {
    /// Prints. `files` gives the bytes of an address in the documents (media, assets), or `None`.
    ///
    /// # Errors
    /// Why nothing was printed.
    fn print(&self, job: &PrintJob, files: &mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Result<Printed, PrintFault>;
}
