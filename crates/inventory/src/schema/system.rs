//! Tables: the server itself.

use ironwood_base::Key;
use ironwood_base::key::Record;
use ironwood_rest::table::Default::{Changed, Int, Now, Text};
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{Table, json, link, natural, text, time, url};

use crate::schema::users;

/// Errors of the server, for administrators to see.
pub static ERROR: Table =
    Table::new("error_report_error", "error_report.error").unlogged("a log by itself").columns(&[
        text("kind", 128).null().blank().index(),
        text("info", 0),
        text("data", 0).null().blank(),
        url("path", 200).null().blank(),
        time("when").default(Now).index(),
        text("html", 0).null().blank(),
        time("modified").default(Changed),
    ]);

/// Work for the background. Written in the transaction that causes it.
pub static JOB: Table = Table::new("ironwood_job", "")
    .unlogged("progress and leases of the background; what a job changes is logged")
    .columns(&[
        text("kind", 100).record(""),
        json("payload").default(Text("{}")).record(""),
        text("state", 20).default(Text("pending")).record(""),
        natural("progress").default(Int(0)).record(""),
        natural("total").default(Int(0)).record(""),
        natural("attempts").default(Int(0)).record(""),
        text("error", 0).null().record(""),
        time("created").default(Now).record(""),
        time("started").null().record(""),
        time("finished").null().record(""),
        time("run_after").null().record(""),
        // the worker that has it, and until when others leave it alone
        text("owner", 40).null().record(""),
        time("lease").null().record(""),
        link("user", &users::USER, SetNull).null().record(""),
    ])
    .indexes(&[&["state", "run_after"], &["kind"], &["created"]]);

/// Work that comes back: what is due at which moment. The program names the kinds.
pub static SCHEDULE: Table = Table::new("ironwood_schedule", "").unlogged("when the background works next").columns(&[
    text("name", 100).unique().record(""),
    text("kind", 100).record(""),
    natural("minutes").range(1, 1_000_000).record(""),
    time("last_run").null().record(""),
    time("next_run").record(""),
    link("job", &JOB, SetNull).null().record(""),
]);

/// Files of rows that were deleted: what no other row names is removed by a job.
pub static LEFTOVER: Table = Table::new("ironwood_leftover", "")
    .unlogged("files that wait for their removal")
    .columns(&[text("path", 0).record(""), time("since").record("")]);

/// Answers to requests that were sent with an `Idempotency-Key`, written with what the request changed.
pub static IDEMPOTENCY: Table = Table::new("ironwood_idempotency", "")
    .unlogged("answers kept for a day")
    .columns(&[
        link("user", &users::USER, Cascade).record(""),
        text("key", 255).record(""),
        text("request", 64).record(""),
        natural("status").null().record(""),
        text("body", 0).null().record(""),
        time("created").index().record(""),
    ])
    .unique(&[&["user", "key"]]);

/// What the server keeps for itself, by name.
pub static META: Table = Table::new("ironwood_meta", "")
    .unlogged("what the server counts and keeps for itself, such as failed attempts to sign in")
    .columns(&[text("name", 100).unique().record(""), text("value", 0).secret().record("")]);

/// What jobs are.
#[derive(Debug)]
pub enum Job {}

impl Record for Job {
    const TABLE: &'static str = JOB.name;
}

/// The key of a job.
pub type JobKey = Key<Job>;
