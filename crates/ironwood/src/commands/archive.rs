//! What a backup consists of, and where its parts are.

use std::path::{Path, PathBuf};

use ironwood_base::{Error, Result};
use ironwood_inventory::platform::users::secret;

use crate::cli::{DatabaseArgs, MediaArgs};

/// Names of the parts in the archive.
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const DATABASE: &str = "database.sqlite3";
pub(super) const RECORDS: &str = "records.json";
pub(super) const KEY: &str = "secret.key";
pub(super) const MEDIA: &str = "media";
/// The form of archives that this program writes, and the newest that it reads.
pub(super) const FORM: u64 = 1;

/// The file of an SQLite database; `None` for PostgreSQL.
pub(super) fn sqlite_file(place: &DatabaseArgs) -> Option<&Path> {
    let path = place.database.strip_prefix("sqlite:")?;
    Some(Path::new(path.strip_prefix("//").unwrap_or(path)))
}

/// Where the server's key is kept in a file; `None` where it is given directly.
pub(super) fn key_file(place: &DatabaseArgs) -> Result<Option<PathBuf>> {
    if place.secret_key.as_ref().is_some_and(|key| !key.trim().is_empty()) {
        return Ok(None);
    }
    match &place.secret_key_file {
        Some(file) => Ok(Some(file.clone())),
        None => secret::default_file(&place.database),
    }
}

/// The media folder, unless it is to be left out.
pub(super) fn media_folder(media: &MediaArgs) -> Option<&Path> {
    (!media.no_media).then_some(media.media.as_path())
}

/// An error about a file.
pub(super) fn about(what: &str, file: &Path, error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("cannot {what} {}: {error}", file.display()))
}
