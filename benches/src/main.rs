//! `ironwood-benches`: how fast the server is, and how far from the floor.
//!
//! See `benches/README.md`. Each area keeps its scenarios in a file of its own in `scenarios/`.

mod harness;
mod http;
mod process;
mod scenarios;
mod table;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use ironwood_testbed::TestDatabase;

use harness::{Bench, Failed};

/// Measures the server on data of the demo company.
#[derive(Debug, Parser)]
struct Options {
    /// Size of the demo company: 1 means 500 parts and 5,000 stock items
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=200))]
    scale: u32,
    /// Databases to measure on
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    database: Vec<String>,
    /// Measure on this database, which is filled if it is empty, and kept
    #[arg(long, value_name = "ADDRESS")]
    keep: Option<String>,
    /// Only scenarios with one of these in their name
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Seconds for each measurement
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Clients that send requests at the same time
    #[arg(long, default_value_t = 4)]
    clients: usize,
    /// Leave out start-up time, memory and import
    #[arg(long)]
    no_process: bool,
    /// Without the change log, to see what it costs
    #[arg(long)]
    without_log: bool,
    /// Without the totals that triggers keep, to see what they cost
    #[arg(long)]
    without_totals: bool,
    /// Answer changes before they are flushed to the disk, to see what that costs (SQLite)
    #[arg(long)]
    without_flush: bool,
    /// Records for the import (default: those of the demo company at scale 1)
    #[arg(long, value_name = "FILE")]
    records: Option<std::path::PathBuf>,
}

fn main() -> ExitCode {
    // the server whose start is measured is this program itself
    if std::env::args_os().nth(1).is_some_and(|first| first == process::SERVER) {
        return process::be_the_server();
    }
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ironwood-benches: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Failed> {
    if cfg!(debug_assertions) {
        eprintln!("built without --release: the figures mean little");
    }
    let time = Duration::from_secs_f64(options.seconds.clamp(0.01, 600.0));
    if let Some(address) = &options.keep {
        return measure(options, address, time);
    }
    for kind in &options.database {
        let database = match kind.as_str() {
            "sqlite" => TestDatabase::sqlite(),
            "postgres" => match TestDatabase::postgres() {
                Some(database) => database,
                None => {
                    println!("\nPostgreSQL is not installed here: left out");
                    continue;
                }
            },
            other => return Err(format!("--database {other}: sqlite and postgres are possible").into()),
        };
        println!("\n{kind}");
        measure(options, &database.url, time)?;
        if !options.no_process {
            process::measure(kind, options.records.as_deref())?;
        }
    }
    Ok(())
}

/// Measures the scenarios on a database.
fn measure(options: &Options, address: &str, time: Duration) -> Result<(), Failed> {
    println!("{} parts, {} stock items", 500 * options.scale, 5_000 * options.scale);
    let bench = Bench::start(address, options.scale, !options.without_flush)?;
    println!("filled in {:.1} s\n", bench.filled.as_secs_f64());
    if options.without_log {
        bench.drop_log()?;
    }
    if options.without_totals {
        bench.drop_totals()?;
    }
    let named = |name: &str| options.only.is_empty() || options.only.iter().any(|part| name.contains(part.as_str()));
    let chosen = scenarios::all().filter(|s| named(s.name));
    let mut rows = table::Rows::new();
    for scenario in chosen {
        let measured = bench.measure(scenario, time, options.clients)?;
        rows.add(&measured);
    }
    rows.print();
    Ok(())
}
