//! Files of sessions are read before the transactions that need them: SQLite has one writer, for which everyone waits.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result};
use ironwood_rest::context::{Ahead, Context};
use ironwood_rest::http::{Body, FormValue, Request, Upload};

use super::file::format::FileFormat;
use super::file::{self, DataFile, Heading, LARGEST};
use super::models::Model;
use crate::platform::media::name::is_inside;
use crate::platform::state::Inventory;
use crate::platform::system::permits::{Permit, Permits};

/// Who reads files: all at work have no more bytes than the largest one may have.
static PERMITS: Permits = Permits::new(LARGEST as u64);

/// A file that is to be read, and how.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FileRequest {
    /// Its name; of a file that is kept, its path below the media folder.
    pub name: String,
    /// What was chosen of it.
    pub format: FileFormat,
    pub model: &'static str,
    pub update: bool,
    /// Whether its rows are needed, too, or only what it says of itself.
    pub rows: bool,
}

impl FileRequest {
    /// What a file says of itself.
    pub(crate) fn head(name: &str, format: FileFormat, model: &Model, update: bool) -> Self {
        FileRequest { name: name.to_owned(), format, model: model.name(), update, rows: false }
    }
}

/// A file that was read. Reading the next one may wait until it is gone.
#[derive(Debug)]
pub(crate) struct Read {
    wanted: FileRequest,
    data: DataFile,
    refused: Option<Fields>,
    _permit: Permit,
}

impl Read {
    pub(crate) fn data(&self) -> &DataFile {
        &self.data
    }
}

/// The file of that name in the form that a request has sent.
pub(crate) fn upload(request: &Request) -> Option<&Upload> {
    let Body::Form(form) = &request.body else { return None };
    form.iter().find_map(|(name, value)| match value {
        FormValue::File(upload) if name == "data_file" => Some(upload),
        _ => None,
    })
}

/// Reads a file: that of the request, or the one that is kept under its name. `known` tells what headings stand for.
pub(crate) fn work(
    ctx: &Context<'_>,
    wanted: FileRequest,
    known: impl Fn(&str) -> Heading + Send + 'static,
) -> Result<Ahead> {
    let media = Inventory::of(ctx.domain)?.media.clone();
    Ok(Box::new(move |request| {
        let bytes = match upload(request) {
            Some(upload) => Ok(Cow::Borrowed(upload.bytes.as_slice())),
            None => kept(&media, &wanted.name).map(Cow::Owned),
        };
        let size = bytes.as_ref().map_or(0, |bytes| bytes.len().min(LARGEST) as u64);
        let busy = || Error::Status(503, "The server is busy reading other files. Try again later.".into());
        let permit = PERMITS.take(size).ok_or_else(busy)?;
        let read = bytes.and_then(|bytes| file::read(&wanted.name, &bytes, &wanted.format, &known));
        let (mut data, refused) = match read {
            Ok(data) => (data, None),
            Err(Error::Invalid(fields)) => (DataFile::default(), Some(fields)),
            Err(other) => return Err(other),
        };
        if !wanted.rows {
            data.rows = Vec::new();
        }
        Ok(Arc::new(Read { wanted, data, refused, _permit: permit }))
    }))
}

fn kept(media: &Path, name: &str) -> Result<Vec<u8>> {
    let gone = || Error::field("data_file", "The file no longer exists.");
    if !is_inside(name) {
        return Err(gone());
    }
    std::fs::read(media.join(name)).map_err(|_| gone())
}

/// The file that was read for this request or job.
///
/// # Errors
/// [`Error::Invalid`] where it is refused, or where another file is wanted by now.
pub(crate) fn read(ctx: &Context<'_>, wanted: &FileRequest) -> Result<Arc<Read>> {
    let other = || Error::field("data_file", "The session was changed by another request. Try again.");
    let read = ctx.ahead.clone().and_then(|done| done.downcast::<Read>().ok());
    let read = read.filter(|read| read.wanted == *wanted).ok_or_else(other)?;
    match &read.refused {
        Some(refused) => Err(Error::Invalid(refused.clone())),
        None => Ok(read),
    }
}
