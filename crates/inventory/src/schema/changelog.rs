//! Tables: the change log.

use ironwood_rest::table::Default::{Int, Text};
use ironwood_rest::table::{Table, int, json, natural, text, time};

const THE_LOG: &str = "the log itself";

/// What a row went through.
pub static ACTIONS: &[(&str, &str)] =
    &[("add", "Added"), ("change", "Changed"), ("delete", "Deleted"), ("import", "Imported")];

/// What makes changes.
pub static ORIGINS: &[(&str, &str)] = &[
    ("request", "Request"),
    ("job", "Background job"),
    ("command", "Command line"),
    ("migration", "Database migration"),
    ("server", "Server"),
    ("outside", "Another program"),
];

/// Transactions that changed something, with who is behind them. Users are named by key and by text, without a foreign
/// key: the log outlives them.
pub static TRANSACTION: Table = Table::new("ironwood_transaction", "")
    .columns(&[
        time("time").index().record(""),
        text("kind", 20).record("").choices(ORIGINS),
        text("task", 0).null().record(""),
        int("user").null().index().record(""),
        text("username", 0).null().record(""),
        text("sign_in", 0).null().record(""),
        text("address", 0).null().record(""),
        text("request", 0).null().record(""),
        text("method", 0).null().record(""),
        text("path", 0).null().record(""),
    ])
    .unlogged(THE_LOG);

/// Rows that were made, changed or deleted. `changes` is an object by column: `[before, after]` of a row that was
/// changed, the value of one that was made or deleted, which SQLite writes as a list of values instead. Without foreign keys, which would cost each change a look-up:
/// the transaction is written with its rows, and what they say of is often gone.
pub static CHANGE: Table = Table::new("ironwood_change", "")
    .columns(&[
        int("transaction").record(""),
        text("table", 0).record(""),
        int("key").record(""),
        text("action", 10).record("").choices(ACTIONS),
        json("changes").record(""),
    ])
    .indexes(&[&["transaction"], &["table", "key"]])
    .unlogged(THE_LOG);

/// Lists of columns, by which the values of a row are told that SQLite logged without their names. They stay as long
/// as the log.
pub static COLUMNS: Table = Table::new("ironwood_log_columns", "")
    .columns(&[text("table", 0).record(""), json("columns").record("")])
    .unlogged(THE_LOG);

/// One row: the number of the last transaction of an embedded database and whether it is open, and which triggers the
/// database has.
pub static STATE: Table = Table::new("ironwood_log_state", "")
    .columns(&[
        natural("open").default(Int(0)).record(""),
        natural("transaction").default(Int(0)).record(""),
        text("triggers", 64).blank().default(Text("")).record(""),
    ])
    .unlogged(THE_LOG);
