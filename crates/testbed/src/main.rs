//! `ironwood-testbed [COMMAND…]`: runs a command with a PostgreSQL server for its tests, and stops the
//! server afterwards. Without a command it runs every test of the workspace, and those of the web interface in a
//! browser where there is one.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use ironwood_testbed::{Cluster, SERVER};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let mut commands = match words.next() {
        Some(program) => {
            let mut command = Command::new(program);
            command.args(words);
            vec![command]
        }
        None => std::iter::once(all_tests()).chain(browser_tests()).collect(),
    };
    let cluster = if std::env::var_os(SERVER).is_some_and(|address| !address.is_empty()) {
        None
    } else {
        match Cluster::shared() {
            Ok(cluster) => cluster,
            Err(error) => {
                eprintln!("a PostgreSQL server for the tests: {error}");
                return ExitCode::FAILURE;
            }
        }
    };
    let mut status = Ok(0);
    for command in &mut commands {
        if let Some(cluster) = &cluster {
            command.env(SERVER, cluster.address());
        }
        status = command.status().map(|status| status.code().unwrap_or(1));
        if !matches!(status, Ok(0)) {
            break;
        }
    }
    if let Some(Err(error)) = cluster.map(Cluster::stop) {
        eprintln!("cannot stop the PostgreSQL server: {error}");
    }
    match status {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            eprintln!("cannot run the command: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Every test of the workspace: by nextest where it is installed, else by `cargo test`.
fn all_tests() -> Command {
    let nextest = Command::new("cargo").args(["nextest", "--version"]).output().is_ok_and(|o| o.status.success());
    let mut command = Command::new("cargo");
    if nextest {
        command.args(["nextest", "run", "--workspace"]);
    } else {
        command.args(["test", "--workspace"]);
    }
    command
}

/// The tests of the web interface in a browser; what is missing for them is said.
fn browser_tests() -> Option<Command> {
    let browser =
        std::env::var_os("IRONWOOD_BROWSER").map_or_else(|| PathBuf::from("/usr/bin/chromium"), PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui");
    if !browser.exists() || !root.join("node_modules/playwright-core").exists() {
        eprintln!("SKIPPED: the tests of the web interface in a browser need chromium, and `npm ci` in ui");
        return None;
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("../target"), PathBuf::from);
    let mut command = Command::new("node");
    command.arg(root.join("e2e/run.mjs")).arg(target.join("debug/ironwood"));
    Some(command)
}
