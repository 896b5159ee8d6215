//! The work of printing: from a template and records to files. It never runs inside of a transaction.

use std::rc::Rc;
use std::time::{Duration, Instant};

use ironwood_base::{Error, Result};

use super::context::record::Record;
use super::render::{Renderer, refusal};
use super::sheet::Layout;
use crate::platform::layout_engine::{Output, PrintFault, PrintJob, Printed};
use crate::platform::system::permits::{Permit, Permits};

/// Most bytes of HTML of one printing.
const MOST_BYTES: usize = 64 << 20;
/// Longest time that the templates of one printing may take.
const LONGEST: Duration = Duration::from_secs(50);
/// Printings at work in this process: each takes a processor and memory.
static PERMITS: Permits = Permits::new(4);

/// Waits for the permit to print, which ends when it is dropped.
///
/// # Errors
/// 503 where others take too long.
pub(crate) fn take_permit() -> Result<Permit> {
    Ok(PERMITS.take(1).ok_or(PrintFault::Busy)?)
}

/// A finished file.
pub(crate) struct Finished {
    /// Name without its ending.
    pub stem: String,
    pub ending: &'static str,
    pub bytes: Vec<u8>,
    /// Files of single records that are attached to them: key and bytes.
    pub attached: Vec<(i64, Vec<u8>)>,
}

/// How labels or reports are put together.
#[derive(Debug, Clone, Default)]
pub(crate) struct RenderOptions {
    /// HTML instead of a PDF.
    pub debug: bool,
    /// Labels beside each other on sheets.
    pub sheet: Option<Layout>,
}

/// Told how many records are done; gives false where the work is not wanted any more.
pub(crate) type Progress<'p> = &'p mut dyn FnMut(usize) -> Result<bool>;

/// The documents of a printing, as HTML.
///
/// # Errors
/// What is wrong with the template; where a limit is reached.
pub(crate) fn documents(renderer: &Renderer, records: &[Rc<Record>], progress: Progress<'_>) -> Result<Vec<String>> {
    if renderer.stored.merge {
        return Ok(vec![renderer.merged(records).map_err(|error| refusal(&error))?.text]);
    }
    let began = Instant::now();
    let (mut documents, mut bytes) = (Vec::with_capacity(records.len()), 0);
    for (at, record) in records.iter().enumerate() {
        let document = renderer.one(record).map_err(|error| refusal(&error))?.text;
        bytes += document.len();
        if bytes > MOST_BYTES {
            return Err(Error::field(
                "items",
                format!("The documents are larger than {} MB. Print fewer records.", MOST_BYTES >> 20),
            ));
        }
        if began.elapsed() > LONGEST {
            return Err(Error::field(
                "items",
                format!("The template took longer than {} seconds. Print fewer records.", LONGEST.as_secs()),
            ));
        }
        documents.push(document);
        if !progress(at + 1)? {
            return Err(Error::bad_request("Printing was canceled."));
        }
    }
    Ok(documents)
}

/// Lays documents out.
///
/// # Errors
/// 400 where there is no layout engine; what it says.
pub(crate) fn print(
    renderer: &Renderer,
    documents: Vec<String>,
    output: Output,
    page: crate::platform::layout_engine::PageSize,
) -> Result<Printed> {
    let layout_engine = renderer.source.inventory().layout_engine()?;
    let job = PrintJob { documents, title: renderer.stored.name.clone(), page, output };
    let printed = layout_engine.print(&job, &mut |address| renderer.file(address));
    Ok(printed?)
}

/// Prints records by a template into a file.
///
/// # Errors
/// What is wrong with the template; what the layout engine says; where a limit is reached.
pub(crate) fn finish(
    renderer: &Renderer,
    records: &[Rc<Record>],
    options: &RenderOptions,
    progress: Progress<'_>,
) -> Result<Finished> {
    let stem = renderer.file_name(records).map_err(|error| Error::field("filename_pattern", error.to_string()))?;
    let mut documents = documents(renderer, records, progress)?;
    let stored = &renderer.stored;
    let mut page = stored.page();
    if let Some(layout) = &options.sheet {
        documents = vec![layout.document(&documents, stored.width, stored.height)?];
        page = layout.page();
    }
    if options.debug {
        let bytes = documents.join("\n").into_bytes();
        return Ok(Finished { stem, ending: ".html", bytes, attached: Vec::new() });
    }
    let output = Output::Pdf { archival: false };
    let mut attached = Vec::new();
    if stored.attach && options.sheet.is_none() {
        // one file for each record; a merged report belongs to all of them
        for (at, document) in documents.iter().enumerate() {
            let bytes = one_file(print(renderer, vec![document.clone()], output, page)?)?;
            if stored.merge {
                attached.extend(records.iter().map(|record| (record.id(), bytes.clone())));
            } else if let Some(record) = records.get(at) {
                attached.push((record.id(), bytes));
            }
        }
    }
    let bytes = match attached.as_slice() {
        [(_, only)] if documents.len() == 1 => only.clone(),
        _ => one_file(print(renderer, documents, output, page)?)?,
    };
    Ok(Finished { stem, ending: ".pdf", bytes, attached })
}

/// The only file that was made.
fn one_file(printed: Printed) -> Result<Vec<u8>> {
    printed.files.into_iter().next().ok_or_else(|| Error::Internal("the layout engine gave no file".into()))
}
