//! The command `backup`: database, key and media files in one archive.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use ironwood_base::{Error, Result, clock};
use ironwood_inventory::installation::app::App;
use ironwood_inventory::installation::records::{self, ExportOptions};
use ironwood_store::file::{Draft, sibling};
use ironwood_store::{Access, migrate};
use serde_json::json;
use tar::{Builder, EntryType, Header};

use super::archive::{self, DATABASE, FORM, KEY, MANIFEST, MEDIA, RECORDS, about};
use super::open;
use crate::cli::{DatabaseArgs, MediaArgs};

/// Endings of names that ask for the database alone.
const BARE: [&str; 3] = ["sqlite3", "sqlite", "db"];

/// Writes a backup while the server may be running.
pub(super) fn backup(place: &DatabaseArgs, media: &MediaArgs, to: &Path) -> Result<()> {
    let app = open(place, Access::ReadOnly)?;
    let ending = to.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    if archive::sqlite_file(place).is_some() && BARE.contains(&ending.as_str()) {
        app.db().back_up(to)?;
        println!("Created {}: database only.", to.display());
        println!(
            "Not included: the secret key and the media files. To back up everything, choose a name that ends in .tar \
            or .tar.gz."
        );
        return Ok(());
    }
    let draft = Draft::begin(to).map_err(|error| about("write", to, error))?;
    let out = draft.file().try_clone().map_err(|error| about("write", to, error))?;
    let mut archive = Archive { app: &app, place, to, notes: Vec::new() };
    let contents = if ending == "gz" || ending == "tgz" {
        let mut packed = GzEncoder::new(BufWriter::new(out), Compression::fast());
        let contents = archive.fill(media, &mut packed)?;
        packed.finish().and_then(|mut out| out.flush()).map_err(|error| about("write", to, error))?;
        contents
    } else {
        let mut out = BufWriter::new(out);
        let contents = archive.fill(media, &mut out)?;
        out.flush().map_err(|error| about("write", to, error))?;
        contents
    };
    draft.finish().map_err(|error| about("write", to, error))?;
    println!("Created {}: {contents}.", to.display());
    for note in archive.notes {
        println!("{note}");
    }
    Ok(())
}

struct Archive<'a> {
    app: &'a App,
    place: &'a DatabaseArgs,
    to: &'a Path,
    /// What is told at the end.
    notes: Vec<String>,
}

impl Archive<'_> {
    /// Writes all parts; says what they are.
    fn fill(&mut self, media: &MediaArgs, out: &mut dyn Write) -> Result<String> {
        let to = self.to;
        let cannot = |error: io::Error| about("write", to, error);
        let media = self.media_to_take(media)?;
        let (name, data) = self.data()?;
        let mut key = self.key()?;
        let version = self.app.db().read(migrate::schema_version)?;
        let manifest = json!({
            "ironwood": env!("CARGO_PKG_VERSION"), "form": FORM, "created": clock::now(), "schema": version,
            "data": name, "key": key.is_some(), "media": media.is_some(),
        });
        let mut tar = Builder::new(out);
        let text = format!("{manifest:#}\n");
        append(&mut tar, MANIFEST, text.len() as u64, &mut text.as_bytes()).map_err(cannot)?;
        let mut source = File::open(data.path()).map_err(cannot)?;
        let size = source.metadata().map_err(cannot)?.len();
        append(&mut tar, name, size, &mut source).map_err(cannot)?;
        drop(data);
        let mut parts = vec![if name == DATABASE { "database".to_owned() } else { "records".to_owned() }];
        if let Some(text) = key.take() {
            append(&mut tar, KEY, text.len() as u64, &mut text.as_bytes()).map_err(cannot)?;
            parts.push("key".to_owned());
        }
        if let Some(folder) = media {
            parts.push(format!("{} media files", self.add_media(&mut tar, folder)?));
        }
        tar.into_inner().map_err(cannot)?;
        Ok(parts.join(", "))
    }

    /// The rows: a copy of the SQLite file, or all records of a PostgreSQL database.
    fn data(&mut self) -> Result<(&'static str, Draft)> {
        let place = sibling(self.to, ".data");
        let draft = Draft::over(&place).map_err(|error| about("write", &place, error))?;
        if archive::sqlite_file(self.place).is_some() {
            self.app.db().copy_into(&draft).map_err(|error| about("write", self.to, error))?;
            return Ok((DATABASE, draft));
        }
        let mut out = BufWriter::new(draft.file());
        records::export(self.app.db(), &mut out, &ExportOptions::default())
            .map_err(|error| about("write", self.to, error))?;
        out.flush().map_err(|error| about("write", self.to, error))?;
        drop(out);
        self.notes.push(
            "The backup of a PostgreSQL database contains its records as `ironwood export` writes them. Not included: \
            API tokens, sessions, and background tasks. For an exact copy, use pg_dump as well."
                .into(),
        );
        Ok((RECORDS, draft))
    }

    /// The text of the key file; `None` where the key is kept elsewhere.
    fn key(&mut self) -> Result<Option<String>> {
        let Some(file) = archive::key_file(self.place)? else {
            self.notes
                .push("Not included: the secret key, which is set by IRONWOOD_SECRET_KEY. Keep a copy of it.".into());
            return Ok(None);
        };
        match std::fs::read_to_string(&file) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.notes.push(format!("Not included: the secret key. The file {} does not exist.", file.display()));
                Ok(None)
            }
            Err(error) => Err(about("read", &file, error)),
        }
    }

    /// The folder to be taken. One that is missing is an error where it was named, or where the database
    /// names files.
    fn media_to_take<'m>(&mut self, media: &'m MediaArgs) -> Result<Option<&'m Path>> {
        let Some(folder) = archive::media_folder(media) else {
            self.notes.push("Not included: the media files.".into());
            return Ok(None);
        };
        if folder.is_dir() {
            return Ok(Some(folder));
        }
        let files = self.app.db().read(ironwood_inventory::platform::media::sweep::count_named)?;
        if files > 0 {
            return Err(Error::Internal(format!(
                "the media folder {} does not exist, but the database refers to {files} files: specify the folder \
                with --media, or skip the files with --no-media",
                folder.display()
            )));
        }
        self.notes.push(format!(
            "The media folder {} does not exist, and the database refers to no files.",
            folder.display()
        ));
        Ok(None)
    }

    /// Adds the files below a folder; gives their number. Links are not followed, and what goes
    /// meanwhile is left out.
    fn add_media(&mut self, tar: &mut Builder<&mut dyn Write>, folder: &Path) -> Result<u64> {
        let (mut count, mut odd) = (0, 0);
        let mut folders = vec![(folder.to_owned(), MEDIA.to_owned())];
        while let Some((folder, inside)) = folders.pop() {
            let mut entries: Vec<_> = match std::fs::read_dir(&folder) {
                Ok(entries) => entries.collect::<io::Result<_>>().map_err(|error| about("read", &folder, error))?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(about("read", &folder, error)),
            };
            entries.sort_by_key(std::fs::DirEntry::file_name);
            for entry in entries {
                let (path, kind) = (entry.path(), entry.file_type().map_err(|e| about("read", &entry.path(), e))?);
                let (true, Some(name)) =
                    (kind.is_dir() || kind.is_file(), entry.file_name().to_str().map(str::to_owned))
                else {
                    odd += 1;
                    continue;
                };
                let name = format!("{inside}/{name}");
                if kind.is_dir() {
                    folders.push((path, name));
                    continue;
                }
                let mut file = match File::open(&path) {
                    Ok(file) => file,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(about("read", &path, error)),
                };
                let size = file.metadata().map_err(|error| about("read", &path, error))?.len();
                append(tar, &name, size, &mut file).map_err(|error| about("back up", &path, error))?;
                count += 1;
            }
        }
        if odd > 0 {
            self.notes.push(format!("Skipped {odd} entries of the media folder that are not regular files."));
        }
        Ok(count)
    }
}

/// Adds one file of exactly this size, whatever becomes of its source meanwhile.
fn append(tar: &mut Builder<&mut dyn Write>, name: &str, size: u64, source: &mut dyn Read) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o600);
    header.set_size(size);
    tar.append_data(&mut header, name, source.chain(io::repeat(0)).take(size))
}
