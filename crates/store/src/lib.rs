//! SQLite and PostgreSQL behind one connection type.
//!
//! Threads own the connections. A request's whole work on the database is one closure, run in one
//! transaction on one of these threads: plain synchronous code. Nothing above this crate knows
//! which database it is on; SQL that runs on both goes through unchanged, with `$1`, `$2`, … as
//! placeholders. Where the two differ, [`Backend`] writes the expression.
//!
//! A closure may run more than once: where PostgreSQL finds that two transactions cannot be put in
//! an order, one of them is rolled back and its closure is called again. So a closure has no effect
//! other than on the database.

mod backend;
mod connection;
mod constraint;
mod database;
pub mod file;
mod flush;
pub mod fragment;
mod log;
pub mod migrate;
mod origin;
mod pattern;
mod postgres;
mod rows;
pub mod sql;
mod sqlite;
mod value;
mod versions;
pub mod watch;

pub use backend::{Backend, UNIT};
pub use connection::Connection;
pub use database::{Access, Database, Durability, Options};
pub use fragment::{AsSql, Fragment};
pub use origin::{Details, Origin};
pub use pattern::{Pattern, Patterns};
pub use value::{Cell, FromValue, OwnedRow, Row, SqlType, Value, ValueRef};
pub use versions::{Kept, Stamp};
