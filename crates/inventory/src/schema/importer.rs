//! Tables: data import.

use ironwood_base::Key;
use ironwood_base::key::Record;
use ironwood_rest::table::Default::{Int, Now};
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{Table, file, flag, json, link, natural, text, time};

use crate::schema::users;

const WORKING_COPY: &str = "a working copy of an uploaded file; the records that are made of it are logged";

/// Data files that are being taken in.
pub static SESSION: Table = Table::new("importer_dataimportsession", "importer.dataimportsession")
    .of_user("{t}.\"user\"")
    .indexes(&[&["data_file"]])
    .columns(&[
        time("timestamp").default(Now),
        file("data_file"),
        json("columns").null(),
        text("model_type", 100),
        natural("status").default(Int(0)),
        link("user", &users::USER, SetNull).null(),
        json("field_defaults").null(),
        json("field_overrides").null(),
        json("field_filters").null(),
        json("file_format").null().record(""),
        flag("update_records", false),
        natural("completed_row_count_history").null().unlogged("moves while rows are taken in"),
        natural("row_count_history").null(),
    ]);

/// Which column of a file goes into which field.
pub static COLUMN_MAP: Table = Table::new("importer_dataimportcolumnmap", "importer.dataimportcolumnmap")
    .of_user("{session.user}")
    .unlogged(WORKING_COPY)
    .columns(&[
        link("session", &SESSION, Cascade),
        text("field", 100),
        text("column", 100).blank(),
        text("lookup_field", 100).null().blank(),
    ]);

/// Rows of a file.
pub static ROW: Table = Table::new("importer_dataimportrow", "importer.dataimportrow")
    .of_user("{session.user}")
    .unlogged(WORKING_COPY)
    .columns(&[
        link("session", &SESSION, Cascade),
        natural("row_index").default(Int(0)),
        json("row_data").null(),
        json("data").null(),
        json("errors").null(),
        json("warnings").null().record(""),
        flag("valid", false),
        flag("complete", false),
    ]);

/// What sessions of imports are.
#[derive(Debug)]
pub enum Import {}

impl Record for Import {
    const TABLE: &'static str = SESSION.name;
}

/// What rows of a file are.
#[derive(Debug)]
pub enum FileRow {}

impl Record for FileRow {
    const TABLE: &'static str = ROW.name;
}

/// The key of a session of an import.
pub type ImportKey = Key<Import>;
/// The key of a row of a file.
pub type FileRowKey = Key<FileRow>;
