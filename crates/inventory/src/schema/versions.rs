//! Counters of changes, by which servers know whether what they remember is still right ([`ironwood_store::Stamp`]).
//!
//! Counted are tables that every request asks about and that rarely change. A change of stock counts nowhere: its
//! writers would wait for each other.

use ironwood_rest::table::Default::Int;
use ironwood_rest::table::{Table, int, natural};

use super::{common, users};

/// The counters, a row for each counter and slot.
pub static VERSION: Table = Table::new("ironwood_version", "")
    .columns(&[natural("counter").record(""), natural("slot").record(""), int("number").default(Int(0)).record("")])
    .unique(&[&["counter", "slot"]])
    .unlogged("counts changes that are logged");

/// Slots of each counter on PostgreSQL. Two transactions that change tables of one counter wait for each other where
/// their processes count in the same slot.
pub const SLOTS: i64 = 8;

/// Who may sign in, and what they may do.
pub const CALLERS: i64 = 1;
/// Settings of the server, and lists of choices.
pub const SETTINGS: i64 = 2;
/// Settings of users.
pub const OWN_SETTINGS: i64 = 3;

/// What each counter counts: changes of rows of these tables, in the columns that are logged.
pub static COUNTED: &[(i64, &[&Table])] = &[
    (CALLERS, &[&users::USER, &users::GROUP, &users::USER_GROUPS, &users::RULESET, &users::TOKEN, &users::SESSION]),
    (SETTINGS, &[&common::SETTING, &common::CUSTOM_STATE]),
    (OWN_SETTINGS, &[&common::USER_SETTING]),
];
