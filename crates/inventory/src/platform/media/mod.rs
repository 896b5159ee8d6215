//! Files of records: storage, allowed types, and thumbnails.
//!
//! What takes time precedes the transaction ([`stage`]): an uploaded file is written, and an image read. Within the
//! transaction it gets a name that nothing else has, which goes again where the transaction fails; a file that no row
//! names any more goes after the commit.

pub(crate) mod name;
pub(crate) mod picture;
pub(crate) mod remote;
pub(crate) mod stage;
pub mod sweep;

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::effects::Effects;
use ironwood_rest::http::Upload;
use ironwood_rest::table::Column;
use ironwood_store::Value;
use ironwood_store::file::{make_private_folder, private};

use stage::Staged;

/// Characters of the name of a folder that cannot be guessed: 128 random bits.
const UNGUESSABLE: usize = 32;
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

/// Keeps an uploaded file for a column, as it was staged; gives its path below `media`.
///
/// # Errors
/// 500 where it cannot be written.
pub fn keep(
    media: &Path,
    effects: &mut Effects,
    change: &Change,
    column: &Column,
    upload: &Upload,
    staged: &Staged,
) -> Result<String> {
    let mut name = name::safe(&upload.name);
    if let Some(format) = staged.format {
        name = picture::with_ending(&name, format);
    }
    let mut folder = folder(change, column.name);
    if !change.table.user.is_empty() {
        folder = unguessable(&folder)?;
    }
    let source = Source::File(staged.path());
    if is_known_by_name(change) && change.old(column.name) == &Value::Text(beside(&folder, &name)) {
        return replace(media, effects, &folder, &name, source);
    }
    let path = place(media, effects, &folder, &name, source)?;
    if let Some(bytes) = &staged.small {
        write_beside(media, effects, &picture::thumbnail_of(&path), bytes);
    }
    Ok(path)
}

/// Writes the smaller copy of an image; where that fails, the image itself is shown.
pub fn write_beside(media: &Path, effects: &mut Effects, path: &str, bytes: &[u8]) {
    if fs::write(media.join(path), bytes).is_ok() {
        remove_on_rollback(media, effects, path);
    }
}

/// A folder of its own below another one, for a file whose name can be guessed although it is for one user.
///
/// # Errors
/// 500 where the system gives no random numbers.
pub fn unguessable(folder: &str) -> Result<String> {
    let mut random = [0_u8; UNGUESSABLE / 2];
    getrandom::fill(&mut random).map_err(|error| Error::Internal(format!("no random numbers: {error}")))?;
    Ok(random.iter().fold(format!("{folder}/"), |path, byte| format!("{path}{byte:02x}")))
}

/// The folder that [`unguessable`] made for a file, if it did.
fn own_folder(path: &str) -> Option<&str> {
    let (folder, _) = path.rsplit_once('/')?;
    let name = folder.rsplit('/').next()?;
    (name.len() == UNGUESSABLE && name.bytes().all(|b| b.is_ascii_hexdigit())).then_some(folder)
}

/// The path of a file in a folder below the media folder (empty: the media folder itself).
pub fn beside(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Where the bytes of a file come from.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    Bytes(&'a [u8]),
    /// Another file of the same folder tree: it gets a further name, without being copied.
    File(&'a Path),
}

/// Writes a file under a name that nothing else has; gives its path below `media`.
///
/// # Errors
/// 500 where it cannot be written.
pub fn write(media: &Path, effects: &mut Effects, folder: &str, name: &str, bytes: &[u8]) -> Result<String> {
    place(media, effects, folder, name, Source::Bytes(bytes))
}

/// Puts a file under a name that nothing else has; gives its path below `media`.
///
/// # Errors
/// 500 where it cannot be written.
pub fn place(media: &Path, effects: &mut Effects, folder: &str, name: &str, source: Source<'_>) -> Result<String> {
    let fault = |error: std::io::Error| {
        tracing::error!("cannot write {folder}/{name}: {error}");
        ironwood_base::error::of_file(&format!("{folder}/{name}"), &error)
    };
    make_private_folder(&media.join(folder)).map_err(fault)?;
    for number in 0..TRIES {
        let path = beside(folder, &name::numbered(name, number));
        match put(&media.join(&path), source) {
            Ok(()) => {
                remove_on_rollback(media, effects, &path);
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(fault(error)),
        }
    }
    Err(Error::Internal(format!("{folder}/{name}: too many files with this name")))
}

/// Makes a file that is not there yet.
fn put(target: &Path, source: Source<'_>) -> std::io::Result<()> {
    let linked = match source {
        Source::File(from) => fs::hard_link(from, target),
        Source::Bytes(_) => Err(ErrorKind::Unsupported.into()),
    };
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {}
        done => return done,
    }
    // some file systems have no further names
    let mut file = private().write(true).create_new(true).open(target)?;
    let written = match source {
        Source::Bytes(bytes) => file.write_all(bytes),
        Source::File(from) => File::open(from).and_then(|mut from| std::io::copy(&mut from, &mut file)).map(|_| ()),
    };
    written.inspect_err(|_| drop(fs::remove_file(target)))
}

/// Puts a file into the place of one that is there, once the transaction is committed; gives its path.
///
/// # Errors
/// 500 where it cannot be written.
fn replace(media: &Path, effects: &mut Effects, folder: &str, name: &str, source: Source<'_>) -> Result<String> {
    let new = media.join(place(media, effects, folder, name, source)?);
    let path = beside(folder, name);
    let place = media.join(&path);
    effects.on_commit(move || {
        if let Err(error) = fs::rename(&new, &place) {
            tracing::error!("cannot replace {}: {error}", place.display());
        }
    });
    Ok(path)
}

fn remove_on_rollback(media: &Path, effects: &mut Effects, path: &str) {
    let file = media.join(path);
    let folder = own_folder(path).map(|folder| media.join(folder));
    effects.on_rollback(move || {
        let _ = fs::remove_file(file);
        let _ = folder.map(fs::remove_dir);
    });
}

/// Removes a file and its smaller copy once the transaction is committed. Paths that lead out of the
/// media folder are left alone.
pub fn forget(media: &Path, effects: &mut Effects, path: &str) {
    if !name::is_inside(path) {
        return;
    }
    let files = [media.join(path), media.join(picture::thumbnail_of(path))];
    let folder = own_folder(path).map(|folder| media.join(folder));
    effects.on_commit(move || {
        for file in files {
            let _ = fs::remove_file(file);
        }
        let _ = folder.map(fs::remove_dir);
    });
}
