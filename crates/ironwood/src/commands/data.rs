//! Databases: records in and out, backups, upkeep.

use std::fs::File;
use std::io::{BufReader, BufWriter, IsTerminal, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use ironwood_base::{Error, Result};
use ironwood_inventory::records::{self, ExportOptions, ImportOptions, media};
use ironwood_inventory::{app, server, tables, upkeep};
use ironwood_store::{Backend, Database, Options};

use super::{failed, open};
use crate::cli::Place;

/// Takes records into an empty database.
pub(super) fn import(place: &Place, strict: bool, from: Option<&Path>, media: &Path, file: &Path) -> Result<()> {
    let source = File::open(file).map_err(|e| failed(&format!("cannot read {}", file.display()), e))?;
    let size = source.metadata().map_or(0, |m| m.len());
    let app = open(place)?;
    let secret = Some(app.inventory().gate.secret().as_ref().clone());
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(size) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {msg}") {
        bar.set_style(style);
    }
    let mut progress = |bytes: u64, records: u64| {
        bar.set_position(bytes);
        bar.set_message(format!("{records} records"));
    };
    let report = records::import(app.db(), BufReader::new(source), &ImportOptions { strict, secret }, &mut progress);
    bar.finish_and_clear();
    let report = report.map_err(|e| failed(&file.display().to_string(), e))?;
    println!("{report}");
    if let Some(from) = from {
        let copied = media::copy(from, media, &mut |_| {}).map_err(|e| failed("media files", e))?;
        println!(
            "{} media files copied ({} bytes); {} that are no plain files left out",
            copied.files, copied.bytes, copied.skipped
        );
    }
    app.db().close();
    Ok(())
}

/// Writes the database as records: into a file beside the wanted one first, so that a failure leaves
/// no half of it. A device or pipe is written to as it is.
pub(super) fn export(place: &Place, file: &Path) -> Result<()> {
    let app = open(place)?;
    let name = file.file_name().ok_or_else(|| failed("cannot write", file.display()))?;
    let device = std::fs::metadata(file).is_ok_and(|m| !m.is_file());
    let part = if device { file.to_owned() } else { file.with_file_name(format!("{}.part", name.to_string_lossy())) };
    let cannot = |e: &dyn std::fmt::Display| failed(&format!("cannot write {}", file.display()), e);
    let target = File::options().write(true).create(!device).truncate(!device).open(&part).map_err(|e| cannot(&e))?;
    let mut out = BufWriter::new(target);
    let written = records::export(app.db(), &mut out, &ExportOptions::default())
        .map_err(|e| cannot(&e))
        .and_then(|done| out.flush().map_err(|e| cannot(&e)).map(|()| done));
    let done = match written {
        Ok(done) => done,
        Err(error) => {
            if !device {
                let _ = std::fs::remove_file(&part);
            }
            return Err(error);
        }
    };
    if !device {
        std::fs::rename(&part, file).map_err(|e| cannot(&e))?;
    }
    println!("{done} records written");
    app.db().close();
    Ok(())
}

fn sqlite_path(place: &Place) -> Result<&Path> {
    place
        .database
        .strip_prefix("sqlite:")
        .map(Path::new)
        .ok_or_else(|| Error::Internal("this is for SQLite; for PostgreSQL, use pg_dump and pg_restore".into()))
}

/// Copies the database while it may be in use.
pub(super) fn backup(place: &Place, to: &Path) -> Result<()> {
    sqlite_path(place)?;
    let db = Database::open(&place.database, &Options::default())?;
    db.back_up(to)?;
    println!("{} written; keep the server's own key with it", to.display());
    Ok(())
}

/// Makes a database from a backup.
pub(super) fn restore(place: &Place, from: &Path) -> Result<()> {
    let target = sqlite_path(place)?;
    if target.exists() {
        return Err(Error::Internal(format!("{} is there already: move it away first", target.display())));
    }
    if !from.is_file() {
        return Err(Error::Internal(format!("{} is no file", from.display())));
    }
    let backup = Database::open(&format!("sqlite:{}", from.display()), &Options::default())?;
    if backup.read(ironwood_store::migrate::schema_version)? == 0 {
        return Err(Error::Internal(format!("{} is no database of this program", from.display())));
    }
    backup.back_up(target)?;
    println!("{} restored", target.display());
    Ok(())
}

/// Makes the database or brings it up to date.
pub(super) fn migrate(place: &Place) -> Result<()> {
    let app = open(place)?;
    let version = app.db().read(ironwood_store::migrate::schema_version)?;
    println!("the database is at version {version}");
    app.db().close();
    Ok(())
}

/// Writes the OpenAPI document.
pub(super) fn openapi(file: Option<&Path>) -> Result<()> {
    let document = server::document(app::the_registry());
    let yaml = file.and_then(Path::extension).is_some_and(|e| e == "yaml" || e == "yml");
    let text = if yaml { server::to_yaml(&document) } else { format!("{document:#}\n") };
    match file {
        Some(file) => std::fs::write(file, text).map_err(|e| failed(&format!("cannot write {}", file.display()), e)),
        None => std::io::stdout().write_all(text.as_bytes()).map_err(|e| failed("cannot write", e)),
    }
}

/// Looks for damage.
pub(super) fn check(place: &Place) -> Result<()> {
    let app = open(place)?;
    let mut found = app.db().read(|conn| upkeep::check(conn, tables::TABLES))?;
    if app.db().backend() == Backend::Sqlite {
        found.extend(app.db().read(upkeep::check_sqlite)?);
    }
    for line in &found {
        println!("{line}");
    }
    if found.is_empty() {
        println!("nothing wrong found");
        Ok(())
    } else {
        Err(Error::Internal(format!("{} faults found", found.len())))
    }
}
