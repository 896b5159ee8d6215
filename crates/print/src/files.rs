//! The files that a document names. Nothing is fetched: an address is answered from the document itself (`data:`)
//! or by whoever asked for the print.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use blitz_dom::BaseDocument;
use blitz_dom::net::{Resource, ResourceLoadResponse};
use blitz_dom::util::ImageType;
use blitz_traits::net::{Bytes, NetHandler, NetProvider, Request};

use crate::css::{PageRule, scan};
use crate::picture::{self, Prepared};

/// The address that relative addresses are resolved against. It never leaves this crate.
pub(crate) const BASE: &str = "https://document.invalid/";

/// Most files that a document may name.
const MAX_FILES: usize = 20_000;

/// Bytes of files that are kept for the other documents of a job.
const KEPT_BYTES: usize = 16_000_000;

/// A request of the layout engine that waits for its answer.
type Waiting = (String, Box<dyn NetHandler>);

/// Collects what the layout engine asks for.
#[derive(Default)]
pub(crate) struct Requests {
    waiting: Mutex<Vec<Waiting>>,
}

impl NetProvider for Requests {
    fn fetch(&self, _document: usize, request: Request, handler: Box<dyn NetHandler>) {
        if let Ok(mut waiting) = self.waiting.lock() {
            waiting.push((request.url.into(), handler));
        }
    }
}

impl Requests {
    pub(crate) fn take(&self) -> Vec<Waiting> {
        self.waiting.lock().map(|mut waiting| std::mem::take(&mut *waiting)).unwrap_or_default()
    }
}

/// Answers requests, and remembers what was not found.
pub(crate) struct Files<'a> {
    answer: &'a mut dyn FnMut(&str) -> Option<Vec<u8>>,
    /// Addresses without a file, as the layout engine writes them.
    pub(crate) lost: HashSet<String>,
    /// The same as documents write them, each once.
    pub(crate) missing: Vec<String>,
    /// `@page` rules of linked style sheets.
    pub(crate) rules: Vec<PageRule>,
    /// Whether a linked style sheet has properties about pages.
    pub(crate) carries: bool,
    /// Whether running elements are shown, as in margin boxes.
    pub(crate) shows_running: bool,
    answered: usize,
    /// Bytes of the pictures that the document holds.
    held: usize,
    /// Files that further documents may name, too, by their address, and their bytes.
    kept: HashMap<String, Prepared>,
    kept_bytes: usize,
}

impl<'a> Files<'a> {
    pub(crate) fn new(answer: &'a mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Self {
        Self {
            answer,
            lost: HashSet::new(),
            missing: Vec::new(),
            rules: Vec::new(),
            carries: false,
            shows_running: false,
            answered: 0,
            held: 0,
            kept: HashMap::new(),
            kept_bytes: 0,
        }
    }

    /// Begins a document of the job.
    pub(crate) fn begin(&mut self) {
        self.held = self.kept_bytes;
    }

    /// Answers whatever waits. Every request gets an answer, since the layout engine paints nothing before.
    pub(crate) fn serve(&mut self, requests: &Requests, dom: &mut BaseDocument) -> bool {
        let mut served = false;
        for (address, handler) in requests.take() {
            served = true;
            let bytes = match self.read(&address) {
                Some(Prepared::File(bytes)) => bytes,
                Some(Prepared::Picture(picture)) => {
                    // The layout engine would decode it: it is given its size, and the file in the place of pixels.
                    dom.load_resource(ResourceLoadResponse {
                        request_id: usize::MAX,
                        node_id: None,
                        resolved_url: Some(address.clone()),
                        result: Ok(Resource::Image(ImageType::Image, picture.width, picture.height, picture.bytes)),
                    });
                    Vec::new()
                }
                None => Vec::new(),
            };
            handler.bytes(address, Bytes::from(bytes));
        }
        served
    }

    fn read(&mut self, address: &str) -> Option<Prepared> {
        self.answered += 1;
        let found = if self.answered > MAX_FILES { None } else { self.find(address) };
        if found.is_none() {
            self.lost.insert(address.to_owned());
            let written = written_address(address);
            if !self.missing.contains(&written) {
                self.missing.push(written);
            }
        }
        found
    }

    fn find(&mut self, address: &str) -> Option<Prepared> {
        if let Some(known) = self.kept.get(address) {
            return Some(known.clone());
        }
        let is_data = address.starts_with("data:");
        let bytes = if is_data {
            decode_data(address)?
        } else {
            let written = written_address(address);
            (self.answer)(&written).or_else(|| {
                let decoded = decode_percent(written.split(['?', '#']).next().unwrap_or_default());
                (decoded != written).then(|| (self.answer)(&decoded)).flatten()
            })?
        };
        let is_sheet = address.split(['?', '#']).next().is_some_and(|path| path.ends_with(".css"))
            || address.starts_with("data:text/css");
        let bytes = match String::from_utf8(bytes) {
            // What it says of pages counts in each document.
            Ok(text) if is_sheet => return Some(Prepared::File(self.read_sheet(&text))),
            Ok(text) => text.into_bytes(),
            Err(error) => error.into_bytes(),
        };
        let prepared = picture::prepare(bytes, &mut self.held)?;
        let length = match &prepared {
            Prepared::File(bytes) => bytes.len(),
            Prepared::Picture(picture) => picture.bytes.len(),
        };
        if !is_data && self.kept_bytes + length <= KEPT_BYTES {
            self.kept_bytes += length;
            self.kept.insert(address.to_owned(), prepared.clone());
        }
        Some(prepared)
    }

    /// Reads a linked style sheet, and returns what the layout engine can use of it.
    fn read_sheet(&mut self, text: &str) -> Vec<u8> {
        let sheet = scan::read_sheet(text);
        self.rules.extend(sheet.pages);
        self.carries |= sheet.carries;
        let css = if self.shows_running { sheet.css.replace(scan::HIDDEN, "") } else { sheet.css };
        css.into_bytes()
    }
}

/// The address as the document has it: relative addresses begin with `/`. Contents (`data:`) are cut short.
fn written_address(address: &str) -> String {
    if address.starts_with("data:") {
        return address.chars().take(40).collect();
    }
    match address.strip_prefix(BASE) {
        Some(path) => format!("/{path}"),
        None => address.to_owned(),
    }
}

/// The bytes of a `data:` address.
pub(crate) fn decode_data(address: &str) -> Option<Vec<u8>> {
    let (head, body) = address.strip_prefix("data:")?.split_once(',')?;
    if head.to_ascii_lowercase().ends_with(";base64") {
        let body: Vec<u8> = percent_bytes(body).into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let lenient = base64::engine::GeneralPurpose::new(
            &base64::alphabet::STANDARD,
            base64::engine::GeneralPurposeConfig::new()
                .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent)
                .with_decode_allow_trailing_bits(true),
        );
        return lenient.decode(body).ok();
    }
    Some(percent_bytes(body))
}

fn decode_percent(text: &str) -> String {
    String::from_utf8_lossy(&percent_bytes(text)).into_owned()
}

fn percent_bytes(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |offset: usize| bytes.get(at + offset).and_then(|byte| char::from(*byte).to_digit(16));
        match (bytes[at], digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, _, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// A provider for documents that name no files.
pub(crate) fn requests() -> Arc<Requests> {
    Arc::new(Requests::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_addresses_are_decoded() {
        assert_eq!(decode_data("data:text/plain,a%20b"), Some(b"a b".to_vec()));
        assert_eq!(decode_data("data:image/png;base64,aGk="), Some(b"hi".to_vec()));
        assert_eq!(decode_data("data:image/png;base64,aG\nk"), Some(b"hi".to_vec()));
        assert_eq!(decode_data("data:;base64,!!"), None);
    }

    #[test]
    fn addresses_are_told_as_they_were_written() {
        assert_eq!(written_address("https://document.invalid/media/a%20b.png"), "/media/a%20b.png");
        assert_eq!(written_address("https://example.com/x.png"), "https://example.com/x.png");
        assert_eq!(decode_percent("/media/a%20b.png"), "/media/a b.png");
    }
}
