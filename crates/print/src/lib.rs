//! Documents on paper: HTML and CSS laid out on pages, as PDF and as pictures.
//!
//! The layout engine is Blitz (`blitz-dom`), which lays a document out once as a long strip at the width of the
//! page. This crate adds what pages need: `@page` with its margin boxes, breaks, repeated heads of tables and
//! fixed boxes; and writes PDF (`krilla`), from which pictures are made (`hayro`).
//!
//! [`render`] works in this process. A document from outside belongs in another one: [`Pool`] keeps child
//! processes at hand that run [`child::run`], with limits on memory and time, and without files.

mod adjust;
mod breaks;
mod canvas;
pub mod child;
mod collapse;
mod columns;
mod css;
mod document;
mod drawing;
mod ellipsis;
mod files;
mod fill;
mod flow;
mod fonts;
mod glyphs;
mod html;
mod lists;
mod margin;
mod notes;
mod pages;
mod pdf;
mod picture;
mod pixels;
mod pool;
mod raster;
mod strays;
mod style;
mod wire;

use serde::{Deserialize, Serialize};

pub use pool::{Limits, Pool};

/// The size of a page in millimeters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PageSize {
    /// Width in millimeters.
    pub width: f32,
    /// Height in millimeters.
    pub height: f32,
}

impl PageSize {
    /// A4, upright.
    pub const A4: Self = Self { width: 210.0, height: 297.0 };
}

/// What is made of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// One PDF. `archival` makes it PDF/A-2b.
    Pdf {
        /// Whether the file is to be fit for archives.
        archival: bool,
    },
    /// One PNG for each page.
    Png {
        /// Pixels per inch.
        dpi: u16,
    },
}

/// What to print: documents, each of which begins on a page of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Documents in HTML.
    pub documents: Vec<String>,
    /// The title of the PDF.
    pub title: String,
    /// The size of a page where style sheets set none.
    pub page: PageSize,
    /// What is made of the documents.
    pub output: Output,
}

/// What was printed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Printed {
    /// One PDF, or one PNG for each page.
    pub files: Vec<Vec<u8>>,
    /// How many pages there are.
    pub pages: u32,
    /// Addresses in the documents for which there was no file.
    pub missing: Vec<String>,
}

/// Why nothing was printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// The document, or what would become of it, is too large.
    TooLarge(String),
    /// Printing took longer than it may.
    TooSlow,
    /// The process that printed ended unexpectedly.
    Crashed,
    /// The job or a document is not valid.
    Invalid(String),
    /// All processes are at work.
    Busy,
    /// No process can be started.
    Unavailable,
}

/// Prints in this process. `files` answers the bytes of an address in a document, or None.
///
/// Meant for documents that are trusted: nothing but the sizes of documents is limited here.
///
/// # Errors
/// [`Fault::Invalid`] for a job or a document that is not valid, [`Fault::TooLarge`] for one that is too large.
pub fn render(job: &Job, files: &mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Result<Printed, Fault> {
    pdf::Printer::new(Vec::new()).print(job, files)
}
