//! `ironwood-testbed [COMMAND…]`: runs a command with a PostgreSQL server for its tests, and stops the
//! server afterwards. Without a command it runs every test of the workspace.

use std::process::{Command, ExitCode};

use ironwood_testbed::{Cluster, SERVER};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let mut command = match words.next() {
        Some(program) => Command::new(program),
        None => all_tests(),
    };
    command.args(words);
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
    if let Some(cluster) = &cluster {
        command.env(SERVER, cluster.address());
    }
    let status = command.status();
    if let Some(Err(error)) = cluster.map(Cluster::stop) {
        eprintln!("cannot stop the PostgreSQL server: {error}");
    }
    match status {
        Ok(status) => ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)),
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
