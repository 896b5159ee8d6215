//! Files of records: where they are kept, what they may be, and their smaller copies.
//!
//! A file is written before its transaction is committed, under a name that nothing else has, and goes
//! again where the transaction fails; a file that no row names any more goes after the commit.

pub mod name;
pub mod picture;
pub mod remote;
pub mod sweep;

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::effects::Effects;
use ironwood_rest::http::Upload;
use ironwood_rest::table::{Column, Kind};
use ironwood_store::Value;

/// How many names are tried for a file.
const TRIES: u32 = 1_000;

/// Folder below the media folder for the files of a column.
pub fn folder(change: &Change, column: &str) -> String {
    match change.table.name {
        "part_part" => "part_images".into(),
        "company_company" => "company_images".into(),
        "common_notesimage" => "notes".into(),
        "importer_dataimportsession" => "import".into(),
        "common_attachment" => {
            let id = change.int("model_id").unwrap_or(0);
            format!("attachments/{}/{id}", name::safe(change.text("model_type")))
        }
        "stock_stockitemtestresult" => format!("stock_files/{}", change.int("stock_item").unwrap_or(0)),
        "report_labeltemplate" => "report/label".into(),
        "report_reporttemplate" => "report/report".into(),
        "report_reportsnippet" => "report/snippets".into(),
        "report_reportasset" => "report/assets".into(),
        table => format!("{table}/{column}"),
    }
}

/// Whether others know the files of a row by their names, as templates know each other: such a file is replaced
/// under its name, and no two rows have the same.
fn is_known_by_name(change: &Change) -> bool {
    change.table.record.starts_with("report.")
}

/// Keeps an uploaded file for a column; gives its path below `media`.
///
/// # Errors
/// [`Error::Invalid`] naming the column where the file is too large or, for a column of pictures, no
/// picture; 500 where it cannot be written.
pub fn keep(
    media: &Path,
    effects: &mut Effects,
    change: &Change,
    column: &Column,
    upload: &Upload,
    largest: usize,
) -> Result<String> {
    if upload.bytes.len() > largest {
        return Err(Error::field(column.name, format!("Files may have up to {} MB.", largest / 1_000_000)));
    }
    let mut name = name::safe(&upload.name);
    let is_picture = matches!(column.kind, Kind::Image);
    let mut small = None;
    if is_picture {
        let picture = picture::read(&upload.bytes)
            .map_err(|_| Error::field(column.name, "This is not a picture, or one that cannot be read."))?;
        name = picture::with_ending(&name, picture.format);
        small = picture.small();
    }
    let folder = folder(change, column.name);
    if is_known_by_name(change) && change.old(column.name) == &Value::Text(beside(&folder, &name)) {
        return replace(media, effects, &folder, &name, &upload.bytes);
    }
    let path = write(media, effects, &folder, &name, &upload.bytes)?;
    if let Some(bytes) = small {
        write_beside(media, effects, &picture::thumbnail_of(&path), &bytes);
    }
    Ok(path)
}

/// Writes the smaller copy of a picture; where that fails, the picture itself is shown.
pub fn write_beside(media: &Path, effects: &mut Effects, path: &str, bytes: &[u8]) {
    if fs::write(media.join(path), bytes).is_ok() {
        remove_on_rollback(media, effects, path);
    }
}

/// The path of a file in a folder below the media folder (empty: the media folder itself).
pub fn beside(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Writes a file under a name that nothing else has; gives its path below `media`.
///
/// # Errors
/// 500 where it cannot be written.
pub fn write(media: &Path, effects: &mut Effects, folder: &str, name: &str, bytes: &[u8]) -> Result<String> {
    let fault = |error: std::io::Error| Error::Internal(format!("{folder}/{name}: {error}"));
    fs::create_dir_all(media.join(folder)).map_err(fault)?;
    for number in 0..TRIES {
        let path = beside(folder, &name::numbered(name, number));
        match File::options().write(true).create_new(true).open(media.join(&path)) {
            Ok(mut file) => {
                remove_on_rollback(media, effects, &path);
                file.write_all(bytes).map_err(fault)?;
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(fault(error)),
        }
    }
    Err(Error::Internal(format!("{folder}/{name}: too many files of this name")))
}

/// Puts a file into the place of one that is there, once the transaction is committed; gives its path.
///
/// # Errors
/// 500 where it cannot be written.
fn replace(media: &Path, effects: &mut Effects, folder: &str, name: &str, bytes: &[u8]) -> Result<String> {
    let new = media.join(write(media, effects, folder, name, bytes)?);
    let path = beside(folder, name);
    let place = media.join(&path);
    effects.on_commit(move || {
        if let Err(error) = fs::rename(&new, &place) {
            tracing::error!("{} could not be replaced: {error}", place.display());
        }
    });
    Ok(path)
}

fn remove_on_rollback(media: &Path, effects: &mut Effects, path: &str) {
    let file = media.join(path);
    effects.on_rollback(move || {
        let _ = fs::remove_file(file);
    });
}

/// Removes a file and its smaller copy once the transaction is committed. Paths that lead out of the
/// media folder are left alone.
pub fn forget(media: &Path, effects: &mut Effects, path: &str) {
    if !name::is_inside(path) {
        return;
    }
    let files = [media.join(path), media.join(picture::thumbnail_of(path))];
    effects.on_commit(move || {
        for file in files {
            let _ = fs::remove_file(file);
        }
    });
}
