//! Prints the results as a table.

use std::time::Duration;

use crate::harness::Measured;

/// Rows under their headings.
pub(crate) struct Rows(Vec<Vec<String>>);

const HEADINGS: &[&str] =
    &["scenario", "SQL", "kB", "engine", "floor", "ratio", "req/s", "p50", "p99", "HTTP floor", "ratio"];

impl Rows {
    pub(crate) fn new() -> Rows {
        Rows(vec![HEADINGS.iter().map(|h| (*h).to_owned()).collect()])
    }

    pub(crate) fn add(&mut self, m: &Measured) {
        let none = || "-".to_owned();
        self.0.push(vec![
            m.name.to_owned(),
            m.statements.to_string(),
            format!("{:.1}", m.bytes as f64 / 1000.0),
            time(m.engine),
            m.floor.map_or_else(none, time),
            m.floor.map_or_else(none, |f| ratio(m.engine.as_secs_f64(), f.as_secs_f64())),
            format!("{:.0}", m.http.per_second),
            time(m.http.p50),
            time(m.http.p99),
            format!("{:.0}", m.http_floor.per_second),
            ratio(m.http_floor.per_second, m.http.per_second),
        ]);
        eprintln!("  {}: {}", m.name, time(m.engine));
    }

    pub(crate) fn print(&self) {
        let wide = |i: usize| self.0.iter().filter_map(|row| row.get(i)).map(|c| c.chars().count()).max().unwrap_or(0);
        for row in &self.0 {
            let cells: Vec<String> = row
                .iter()
                .enumerate()
                .map(|(i, cell)| {
                    let width = wide(i);
                    if i == 0 { format!("{cell:width$}") } else { format!("{cell:>width$}") }
                })
                .collect();
            println!("{}", cells.join("  "));
        }
    }
}

/// `0.123 ms`.
pub(crate) fn time(taken: Duration) -> String {
    format!("{:.3} ms", taken.as_secs_f64() * 1000.0)
}

fn ratio(over: f64, under: f64) -> String {
    if under > 0.0 { format!("{:.1}x", over / under) } else { "-".to_owned() }
}
