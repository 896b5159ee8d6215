//! Compares the columns of structs with those of their tables, while the program is built.

pub(super) use ironwood_base::status::same;
use ironwood_store::SqlType;

use super::{Cell, LeftOut};
use crate::table::{Column, ColumnType, Table};

/// Compares a row with its table, while the program is built.
///
/// # Panics
/// Where they differ, with the name of the column.
pub const fn check(table: &Table, cells: &[Cell], left: LeftOut, of_keys: &str) {
    assert!(same(table.name, of_keys), "the keys are those of another table");
    // `differences` has a bit for each
    assert!(cells.len() <= 64, "a row has at most 64 columns");
    let mut i = 0;
    while i < cells.len() {
        match find(table, cells[i].name) {
            Some(column) if !fits(&column.kind, cells[i].sql_type) || column.null != cells[i].null => {
                the_type_is_not_that_of_the_column(cells[i].name)
            }
            Some(_) => {}
            None => the_table_has_no_column(cells[i].name),
        }
        i += 1;
    }
    let LeftOut::These(left_out) = left else { return };
    i = 0;
    while i < left_out.len() {
        if find(table, left_out[i]).is_none() {
            the_table_has_no_column(left_out[i]);
        }
        i += 1;
    }
    i = 0;
    while i < table.columns.len() {
        if table.columns[i].stored() && !names(cells, left_out, table.columns[i].name) {
            the_row_lacks_the_column(table.columns[i].name);
        }
        i += 1;
    }
}

pub(super) const fn the_table_has_no_column(name: &str) -> ! {
    panic!("{}", name)
}

pub(super) const fn the_row_lacks_the_column(name: &str) -> ! {
    panic!("{}", name)
}

const fn the_type_is_not_that_of_the_column(name: &str) -> ! {
    panic!("{}", name)
}

pub(crate) const fn find<'t>(table: &'t Table, name: &str) -> Option<&'t Column> {
    let mut i = 0;
    while i < table.columns.len() {
        if same(table.columns[i].name, name) {
            return Some(&table.columns[i]);
        }
        i += 1;
    }
    None
}

const fn names(cells: &[Cell], left_out: &[&str], name: &str) -> bool {
    let mut i = 0;
    while i < cells.len() {
        if same(cells[i].name, name) {
            return true;
        }
        i += 1;
    }
    i = 0;
    while i < left_out.len() {
        if same(left_out[i], name) {
            return true;
        }
        i += 1;
    }
    false
}

const fn fits(kind: &ColumnType, sql_type: SqlType) -> bool {
    match (kind, sql_type) {
        (ColumnType::Many { .. }, _) => false,
        (ColumnType::Int { .. }, SqlType::Code) | (ColumnType::Link(..), SqlType::Int) => true,
        // the key of a row of a table that another column names
        (ColumnType::Int { .. }, SqlType::Key(table)) => table.is_empty(),
        _ => match (kind.sql_type(), sql_type) {
            (SqlType::Key(one), SqlType::Key(other)) => same(one, other),
            (SqlType::Decimal(one), SqlType::Decimal(other)) => one == other,
            (SqlType::Int, SqlType::Int)
            | (SqlType::Bool, SqlType::Bool)
            | (SqlType::Real, SqlType::Real)
            | (SqlType::Text, SqlType::Text) => true,
            _ => false,
        },
    }
}
