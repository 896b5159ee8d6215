//! Writes uploaded files to disk and decodes images before the transaction.
//!
//! SQLite has one writer, for which everyone waits. Files are large and images take seconds to be read, so both is
//! done before the transaction begins, within bounds of its own ([`super::picture`]).

use std::fs;
use std::path::{Path, PathBuf};

use image::ImageFormat;
use ironwood_base::{Error, Result};
use ironwood_rest::http::Upload;
use ironwood_rest::table::{Column, ColumnType};
use ironwood_store::file::make_private_folder;

use super::picture::{self, Fault};

/// Folder below the media folder of files whose rows are not written yet. Hidden, so nothing in it is served.
const FOLDER: &str = ".incoming";

/// A file that waits for its row. It goes with this value; what was kept has another name by then.
#[derive(Debug)]
pub struct Staged {
    path: PathBuf,
    /// Format of an image.
    pub(super) format: Option<ImageFormat>,
    /// Its smaller copy.
    pub(super) small: Option<Vec<u8>>,
}

impl Staged {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Seconds after which a file that still waits was left behind by a process that ended.
const LEFT_BEHIND: u64 = 24 * 60 * 60;

/// Removes files that processes left behind.
pub(super) fn clean(media: &Path) {
    for entry in fs::read_dir(media.join(FOLDER)).into_iter().flatten().flatten() {
        let age = entry.metadata().and_then(|about| about.modified()).ok().and_then(|time| time.elapsed().ok());
        if age.is_some_and(|age| age.as_secs() > LEFT_BEHIND) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Writes an uploaded file for a column, and reads it where it has to be an image.
///
/// # Errors
/// [`Error::Invalid`] naming the column where the file is too large or, for a column of images, no image or too
/// large a one; 503 where too many images are being read; 500 where it cannot be written.
pub(crate) fn stage(media: &Path, column: &Column, upload: &Upload, largest: usize) -> Result<Staged> {
    if upload.bytes.len() > largest {
        return Err(Error::field(column.name, format!("Files can be at most {} MB.", largest / 1_000_000)));
    }
    let (mut format, mut small) = (None, None);
    if matches!(column.kind, ColumnType::Image) {
        let picture = picture::read(&upload.bytes).map_err(|fault| match fault {
            Fault::Busy => Error::Status(503, "The server is busy processing images. Try again later.".into()),
            Fault::Large => Error::field(column.name, picture::too_large()),
            Fault::Unreadable(_) => Error::field(column.name, "This file is not an image, or it is damaged."),
        })?;
        format = Some(picture.format);
        small = picture.small();
    }
    let name = super::unguessable(FOLDER)?;
    let path = media.join(&name);
    let fault = |error: std::io::Error| {
        tracing::error!("cannot write {name}: {error}");
        ironwood_base::error::of_file(&name, &error)
    };
    make_private_folder(&media.join(FOLDER)).map_err(fault)?;
    let staged = Staged { path, format, small };
    fs::write(&staged.path, &upload.bytes).map_err(fault)?;
    Ok(staged)
}
