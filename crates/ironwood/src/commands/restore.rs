//! The command `restore`: a server from its backup.
//!
//! Everything is written beside its place, checked, and put in place at the end, the database last:
//! where it is there, the rest is.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;
use ironwood_base::{Error, Result};
use ironwood_inventory::installation::records::{self, ImportOptions};
use ironwood_inventory::{installation::migrations, installation::upkeep};
use ironwood_store::file::{BESIDE, Draft, make_private_folder, private, sibling};
use ironwood_store::migrate::{self, MigrateOptions};
use ironwood_store::{Access, Database, Options};
use serde_json::Value as Json;

use super::archive::{self, DATABASE, FORM, KEY, MANIFEST, MEDIA, RECORDS, about};
use crate::cli::{DatabaseArgs, MediaArgs};

const SQLITE: &[u8] = b"SQLite format 3\0";
const GZIP: &[u8] = &[0x1f, 0x8b];
/// Bytes of a manifest or a key, at most.
const SMALL: u64 = 64 * 1024;

/// Makes database, key and media folder from a backup. Nothing that is there is overwritten.
pub(super) fn restore(place: &DatabaseArgs, media: &MediaArgs, from: &Path) -> Result<()> {
    let cannot = |error: io::Error| about("read the backup", from, error);
    let mut source = File::open(from).map_err(cannot)?;
    if !source.metadata().map_err(cannot)?.is_file() {
        return Err(about("read the backup", from, "it is not a file"));
    }
    refuse_existing(place)?;
    let mut head = Vec::new();
    (&mut source).take(SQLITE.len() as u64).read_to_end(&mut head).map_err(cannot)?;
    source.seek(SeekFrom::Start(0)).map_err(cannot)?;
    let mut restored = Restored::new(place, from, archive::media_folder(media));
    if head == SQLITE {
        restored.bare(&mut source)?;
    } else if head.starts_with(GZIP) {
        restored.unpack(&mut GzDecoder::new(BufReader::new(source)))?;
    } else {
        restored.unpack(&mut BufReader::new(source))?;
    }
    restored.finish()
}

/// Refuses a place where a database is, or where the log of one is: it belongs to a database that was
/// moved away, perhaps under a server that is still running.
fn refuse_existing(place: &DatabaseArgs) -> Result<()> {
    let Some(target) = archive::sqlite_file(place) else { return Ok(()) };
    if fs::symlink_metadata(target).is_ok() {
        return Err(Error::Internal(format!("{} already exists: move it to another place first", target.display())));
    }
    for beside in BESIDE.map(|ending| sibling(target, ending)) {
        if fs::symlink_metadata(&beside).is_ok() {
            return Err(Error::Internal(format!(
                "{} belongs to a database that was moved: stop the server that uses the database, and move this file \
                to its new folder",
                beside.display()
            )));
        }
    }
    Ok(())
}

struct Restored<'a> {
    place: &'a DatabaseArgs,
    from: &'a Path,
    media: Option<&'a Path>,
    /// The database that is to be put in place.
    database: Option<Draft>,
    records: Option<Draft>,
    key: Option<String>,
    /// The folder into which files were unpacked, and their number.
    unpacked: Option<(PathBuf, u64)>,
}

impl<'a> Restored<'a> {
    fn new(place: &'a DatabaseArgs, from: &'a Path, media: Option<&'a Path>) -> Self {
        Restored { place, from, media, database: None, records: None, key: None, unpacked: None }
    }

    fn refused(&self, why: impl std::fmt::Display) -> Error {
        Error::Internal(format!("cannot restore from {}: {why}", self.from.display()))
    }

    /// Takes a copy of the database alone.
    fn bare(&mut self, source: &mut File) -> Result<()> {
        for ending in ["-wal", "-journal"] {
            let log = sibling(self.from, ending);
            if fs::metadata(&log).is_ok_and(|about| about.len() > 0) {
                let why = format!("{} next to it contains changes that are missing in the file", log.display());
                return Err(self.refused(why));
            }
        }
        self.database = Some(self.draft_of_database(source)?);
        Ok(())
    }

    fn draft_of_database(&self, source: &mut dyn Read) -> Result<Draft> {
        let Some(target) = archive::sqlite_file(self.place) else {
            return Err(self.refused(
                "it contains an SQLite database. Restore it to SQLite, then move it to PostgreSQL with `ironwood \
                export` and `ironwood import`",
            ));
        };
        draft_of(target, source)
    }

    /// Takes an archive apart.
    fn unpack(&mut self, source: &mut dyn Read) -> Result<()> {
        let from = self.from;
        let unreadable = |error: io::Error| {
            Error::Internal(format!("cannot restore from {}: not a backup, or damaged: {error}", from.display()))
        };
        let mut tar = tar::Archive::new(source);
        let mut known = false;
        for entry in tar.entries().map_err(unreadable)? {
            let mut entry = entry.map_err(unreadable)?;
            let path = entry.path().map_err(unreadable)?.into_owned();
            if !entry.header().entry_type().is_file() {
                return Err(self.refused(format!("{} in it is not a regular file", path.display())));
            }
            let name = path.to_str().unwrap_or_default();
            if !known && name != MANIFEST {
                return Err(self.refused("it was not made by `ironwood backup`"));
            }
            match name {
                MANIFEST => {
                    self.check_manifest(&small(&mut entry)?)?;
                    known = true;
                }
                DATABASE => self.database = Some(self.draft_of_database(&mut entry)?),
                RECORDS => {
                    let beside = archive::sqlite_file(self.place).map_or_else(|| from.to_owned(), Path::to_owned);
                    self.records = Some(draft_of(&sibling(&beside, ".records"), &mut entry)?);
                }
                KEY => self.key = Some(small(&mut entry)?),
                _ => self.unpack_media(&path, &mut entry)?,
            }
        }
        if self.database.is_none() && self.records.is_none() {
            return Err(self.refused("it contains no database"));
        }
        Ok(())
    }

    fn check_manifest(&self, text: &str) -> Result<()> {
        let manifest: Json = serde_json::from_str(text).map_err(|error| self.refused(error))?;
        match manifest["form"].as_u64() {
            Some(form) if form <= FORM => Ok(()),
            _ => Err(self.refused("it was made by a newer release; use that release")),
        }
    }

    fn unpack_media(&mut self, path: &Path, entry: &mut dyn Read) -> Result<()> {
        let Some(media) = self.media else { return Ok(()) };
        let inside = path.strip_prefix(MEDIA).ok().filter(|inside| {
            inside.components().all(|part| matches!(part, Component::Normal(_))) && !inside.as_os_str().is_empty()
        });
        let Some(inside) = inside else {
            return Err(self.refused(format!("unexpected entry {}", path.display())));
        };
        if self.unpacked.is_none() {
            if fs::read_dir(media).is_ok_and(|mut entries| entries.next().is_some()) {
                return Err(Error::Internal(format!(
                    "the media folder {} is not empty: move it to another place first, or restore without files \
                    (--no-media)",
                    media.display()
                )));
            }
            let beside = sibling(media, ".restoring");
            // what a killed restore left
            let _ = fs::remove_dir_all(&beside);
            make_private_folder(&beside).map_err(|error| about("create the folder", &beside, error))?;
            self.unpacked = Some((beside, 0));
        }
        let Some((folder, count)) = &mut self.unpacked else { return Ok(()) };
        let file = folder.join(inside);
        let mut write = || {
            make_private_folder(file.parent().unwrap_or(folder))?;
            let mut out = private().write(true).create_new(true).open(&file)?;
            io::copy(entry, &mut out)?;
            out.sync_all()
        };
        write().map_err(|error| about("write", &file, error))?;
        *count += 1;
        Ok(())
    }

    /// Checks what was unpacked and puts it in place.
    fn finish(mut self) -> Result<()> {
        let key = self.key_to_write()?;
        if let Some(database) = &self.database {
            self.check_database(database)?;
        }
        let mut done = vec!["database"];
        if let Some((file, text)) = &key {
            let mut draft = Draft::begin(file).map_err(|error| about("write", file, error))?;
            let written = draft.file_mut().write_all(text.as_bytes()).and_then(|()| draft.finish());
            written.map_err(|error| about("write", file, error))?;
            done.push("key");
        }
        let files = self.place_media()?;
        let placed = self.place_data();
        if let Err(error) = placed {
            if let Some((file, _)) = &key {
                let _ = fs::remove_file(file);
            }
            if let (Some(media), true) = (self.media, files.is_some()) {
                let _ = fs::remove_dir_all(media);
            }
            return Err(error);
        }
        println!("Restored {}: {}.", self.from.display(), done.join(", "));
        match files {
            Some(count) => {
                println!("Restored {count} media files to {}.", self.media.unwrap_or(Path::new("")).display())
            }
            None => println!("No media files were restored."),
        }
        if self.key.is_none() {
            println!("The backup contains no secret key: API tokens only work if the server has its previous key.");
        }
        Ok(())
    }

    /// The key file to be written; `None` where the key is there, or was not in the backup.
    fn key_to_write(&self) -> Result<Option<(PathBuf, String)>> {
        let (Some(text), Some(file)) = (&self.key, archive::key_file(self.place)?) else { return Ok(None) };
        match fs::read_to_string(&file) {
            Ok(there) if there.trim() == text.trim() => Ok(None),
            Ok(_) => Err(Error::Internal(format!(
                "the key file {} contains a different key than the backup: move it to another place first",
                file.display()
            ))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                    make_private_folder(folder).map_err(|error| about("create the folder", folder, error))?;
                }
                Ok(Some((file, text.clone())))
            }
            Err(error) => Err(about("read", &file, error)),
        }
    }

    /// Refuses a file that is no database of this program, is damaged, or is newer than the program.
    fn check_database(&self, draft: &Draft) -> Result<()> {
        let options = Options { access: Access::ReadOnly, threads: 1, ..Options::default() };
        let checked = Database::open(&format!("sqlite:{}", draft.path().display()), &options).and_then(|copy| {
            let version = copy.read(migrate::schema_version)?;
            let newest = migrations::MIGRATIONS.last().map_or(0, |migration| migration.number);
            if version == 0 || version > newest {
                let why =
                    if version == 0 { "it is not an Ironwood database" } else { "it was made by a newer release" };
                return Err(Error::Internal(why.into()));
            }
            match copy.read(upkeep::check_sqlite)?.first() {
                None => Ok(()),
                Some(fault) => Err(Error::Internal(format!("its database is damaged: {fault}"))),
            }
        });
        checked.map_err(|error| self.refused(error))
    }

    /// Puts the unpacked files in the place of the media folder; gives their number.
    fn place_media(&mut self) -> Result<Option<u64>> {
        let (Some(media), Some((folder, count))) = (self.media, &self.unpacked) else { return Ok(None) };
        // it is empty, or not there
        let _ = fs::remove_dir(media);
        fs::rename(folder, media).map_err(|error| about("create the media folder", media, error))?;
        let count = *count;
        self.unpacked = None;
        Ok(Some(count))
    }

    fn place_data(&mut self) -> Result<()> {
        if let Some(draft) = self.database.take() {
            refuse_existing(self.place)?;
            return draft.finish().map_err(|error| about("restore", self.from, error));
        }
        let Some(records) = self.records.take() else { return Ok(()) };
        let Some(target) = archive::sqlite_file(self.place) else {
            return self.import(&records, &self.place.database);
        };
        let draft = Draft::begin(target).map_err(|error| about("write", target, error))?;
        self.import(&records, &format!("sqlite:{}", draft.path().display()))?;
        refuse_existing(self.place)?;
        draft.finish().map_err(|error| about("restore", self.from, error))
    }

    /// Takes the records of a backup into an empty database.
    fn import(&self, records: &Draft, database: &str) -> Result<()> {
        let db = Database::open(database, &Options::default())?;
        migrations::upgrade(&db, &MigrateOptions { backup: false })?;
        let source = File::open(records.path()).map_err(|error| about("read", records.path(), error))?;
        // tokens are no part of exported records, so no key is needed
        let options = ImportOptions { strict: true, secret: None };
        let done = records::import(&db, BufReader::new(source), &options, &mut |_, _| {});
        db.close();
        done.map(|_| ()).map_err(|error| self.refused(error))
    }
}

impl Drop for Restored<'_> {
    fn drop(&mut self) {
        if let Some((folder, _)) = &self.unpacked {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Writes a part of the backup into a draft beside its place.
fn draft_of(place: &Path, source: &mut dyn Read) -> Result<Draft> {
    let mut draft = Draft::begin(place).map_err(|error| about("write", place, error))?;
    io::copy(source, draft.file_mut()).map_err(|error| about("write", place, error))?;
    Ok(draft)
}

fn small(entry: &mut dyn Read) -> Result<String> {
    let mut text = String::new();
    entry
        .take(SMALL)
        .read_to_string(&mut text)
        .map_err(|error| Error::Internal(format!("the backup cannot be read: {error}")))?;
    Ok(text)
}
