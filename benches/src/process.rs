//! What can be seen of the whole process only: how fast it starts, what memory it takes, how long an
//! import takes.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use ironwood_inventory::{installation::demo, platform::users};
use ironwood_testbed::TestDatabase;

use crate::harness::Failed;
use crate::table::time;

/// The first argument by which this program becomes the server.
pub(crate) const SERVER: &str = "as-the-server";

/// Does what the `ironwood` program does, but with the allocator of the C library.
pub(crate) fn be_the_server() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().take(1).chain(std::env::args_os().skip(2)).collect();
    match ironwood::commands::run(ironwood::cli::parse(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ironwood: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures import, start-up and memory on a fresh database of that kind.
pub(crate) fn measure(kind: &str, records: Option<&Path>) -> Result<(), Failed> {
    let place = TestDatabase::sqlite();
    let folder = place.folder().map_or_else(std::env::temp_dir, PathBuf::from);
    let made = folder.join("records.json");
    let records = match records {
        Some(records) => records,
        None => {
            write_records(&made)?;
            &made
        }
    };
    let mut imports = Vec::new();
    let mut database = None;
    for _ in 0..3 {
        let fresh = if kind == "sqlite" { Some(TestDatabase::sqlite()) } else { TestDatabase::postgres() };
        let Some(fresh) = fresh else { return Ok(()) };
        let started = Instant::now();
        let done = server(&fresh, &folder)?.arg("import").arg(records).stdout(Stdio::null()).output()?;
        if !done.status.success() {
            return Err(String::from_utf8_lossy(&done.stderr).into_owned().into());
        }
        imports.push(started.elapsed());
        database = Some(fresh);
    }
    let Some(database) = database else { return Ok(()) };
    let name = records.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    println!("\nimport of {name}: {}", best_and_worst(&imports));
    let (mut starts, mut resident) = (Vec::new(), 0);
    for _ in 0..5 {
        let started = Instant::now();
        let mut child = server(&database, &folder)?
            .args(["serve", "--listen", "127.0.0.1:0", "--media"])
            .arg(&folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut first = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut first)?;
        }
        starts.push(started.elapsed());
        std::thread::sleep(Duration::from_millis(300));
        resident = resident.max(resident_kilobytes(child.id()));
        let _ = child.kill();
        let _ = child.wait();
        if first.is_empty() {
            return Err("the server did not start".into());
        }
    }
    println!("start until it listens: {}", best_and_worst(&starts));
    println!("resident after the start: {:.1} MB", resident as f64 / 1000.0);
    Ok(())
}

fn server(database: &TestDatabase, folder: &Path) -> Result<Command, Failed> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg(SERVER)
        .env("IRONWOOD_DATABASE", &database.url)
        .env("IRONWOOD_SECRET_KEY", "a key for benchmarks only, of more than thirty characters")
        .env("IRONWOOD_LOG", "warn")
        .current_dir(folder);
    Ok(command)
}

fn write_records(to: &Path) -> Result<(), Failed> {
    let hash = users::password::unusable()?;
    let mut out = BufWriter::new(File::create(to)?);
    for (i, record) in demo::records(1, &hash).enumerate() {
        write!(out, "{}{record}", if i == 0 { "[" } else { ",\n" })?;
    }
    out.write_all(b"]")?;
    out.flush()?;
    Ok(())
}

fn best_and_worst(taken: &[Duration]) -> String {
    let (best, worst) = (taken.iter().min(), taken.iter().max());
    format!("{} to {}", time(best.copied().unwrap_or_default()), time(worst.copied().unwrap_or_default()))
}

fn resident_kilobytes(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.split_whitespace().next()).and_then(|n| n.parse().ok()).unwrap_or(0)
}
