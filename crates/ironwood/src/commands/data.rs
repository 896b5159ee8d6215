//! Databases: records in and out, upkeep.

use std::fs::File;
use std::io::{BufReader, BufWriter, IsTerminal, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use ironwood_base::{Error, Result};
use ironwood_inventory::installation::records::{self, ExportOptions, ImportOptions, media};
use ironwood_inventory::schema::totals;
use ironwood_inventory::{installation::app, installation::upkeep, platform::server, schema};
use ironwood_store::file::Draft;
use ironwood_store::{Access, Backend, Origin};

use super::{failed, open};
use crate::cli::DatabaseArgs;

/// Takes records into an empty database.
pub(super) fn import(place: &DatabaseArgs, strict: bool, from: Option<&Path>, media: &Path, file: &Path) -> Result<()> {
    let source = File::open(file).map_err(|e| failed(&format!("cannot read {}", file.display()), e))?;
    let size = source.metadata().map_or(0, |m| m.len());
    if let Some(from) = from.filter(|from| !from.is_dir()) {
        return Err(Error::Internal(format!("the media folder {} does not exist", from.display())));
    }
    let app = open(place, Access::Create)?;
    let secret = Some(app.inventory().authenticator.secret().as_ref().clone());
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
            "{} media files copied ({} bytes); {} skipped because they are not regular files",
            copied.files, copied.bytes, copied.skipped
        );
    }
    Ok(())
}

/// Writes the database as records. A file is complete or not there; a device or pipe is written to as
/// it is.
pub(super) fn export(place: &DatabaseArgs, file: &Path) -> Result<()> {
    let app = open(place, Access::ReadOnly)?;
    let cannot = |e: &dyn std::fmt::Display| failed(&format!("cannot write {}", file.display()), e);
    let write = |target: &File| {
        let mut out = BufWriter::new(target);
        let done = records::export(app.db(), &mut out, &ExportOptions::default()).map_err(|e| cannot(&e))?;
        out.flush().map_err(|e| cannot(&e)).map(|()| done)
    };
    let device = std::fs::metadata(file).is_ok_and(|m| !m.is_file());
    let done = if device {
        write(&File::options().write(true).open(file).map_err(|e| cannot(&e))?)?
    } else {
        let draft = Draft::over(file).map_err(|e| cannot(&e))?;
        let done = write(draft.file())?;
        draft.replace().map_err(|e| cannot(&e))?;
        done
    };
    println!("{done} records written");
    Ok(())
}

/// Makes the database or brings it up to date.
pub(super) fn migrate(place: &DatabaseArgs) -> Result<()> {
    let app = open(place, Access::Create)?;
    let version = app.db().read(ironwood_store::migrate::schema_version)?;
    println!("the database is at schema version {version}");
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

/// Looks for damage. Repairs before it what is worked out from other rows, where that is wanted.
pub(super) fn check(place: &DatabaseArgs, repair: bool) -> Result<()> {
    if repair {
        let app = open(place, Access::Existing)?;
        app.db().write(&Origin::command("check"), totals::renew)?;
    }
    let app = open(place, Access::ReadOnly)?;
    let mut found = app.db().read(|conn| upkeep::check(conn, schema::TABLES))?;
    if app.db().backend() == Backend::Sqlite {
        found.extend(app.db().read(upkeep::check_sqlite)?);
    }
    for line in &found {
        println!("{line}");
    }
    if found.is_empty() {
        println!("no problems found");
        Ok(())
    } else {
        Err(Error::Internal(format!("{} problems found", found.len())))
    }
}
