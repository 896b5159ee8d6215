//! What has one mechanism is written by no statement of its own.

use std::fs;
use std::path::Path;

use regex::Regex;

use super::states_tests::{code_below, sources};

/// A statement, the files that may contain it, and what is used instead.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    (r"\bFROM \(VALUES\b", &[], "`Connection::execute_rows` and `rest::bulk` write rows of given values"),
    (r"\bSUBSTR\([a-z_.{}]*tree_path", &[], "what is below a node is a range of paths, up to `tree_end`"),
    (r"\btree_path\}? LIKE\b", &[], "what is below a node is a range of paths, up to `tree_end`"),
    (
        r"(tree_path|PATH\})\}*\s*(\\\n\s*)?>|<\s*(\\\n\s*)?[a-z_.{]*(tree_end|PATH_END)",
        &[],
        "`at_or_below!` and `below!` of `ironwood_rest` say what is below a node",
    ),
    (
        "common_inventreecustomuserstatemodel",
        &["schema/common.rs", "platform/common/custom_state.rs", "platform/users/permission.rs"],
        "`common::custom_state` finds custom states",
    ),
    (r"\buser(\(\)|\.id\(\))* > 0\b", &[], "`Key::known` says whether there is a user"),
];

/// Reads a column of a row by its place, other than the only one of a statement.
const BY_PLACE: &str =
    r"(\brow\.get|\.(int|text|bool|cell|quantity|money|is_null|opt_\w+))(::<[^()]*>)?\([1-9][0-9]?\)";

/// Files that do, and why.
const BY_PLACE_IN: &[&str] = &[
    // the names of both columns are those of the table that is listed
    "reading/query/groups.rs",
];

#[test]
fn columns_are_read_by_the_list_that_selects_them() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pattern = Regex::new(BY_PLACE).unwrap();
    for (code, is_one) in [
        ("row.text(1)", true),
        ("place.opt_int(2)", true),
        ("row.cell::<Option<PackSize>>(3)", true),
        ("row.get(2)", true),
        ("row.int(0)", false),
        ("words.get(1)", false),
        ("number.int(column)", false),
    ] {
        assert_eq!(pattern.is_match(code), is_one, "{code}");
    }
    let mut found = Vec::new();
    for root in [own.join("src"), own.join("../rest/src")] {
        for (name, code) in code_below(&root) {
            if !BY_PLACE_IN.contains(&name.as_str()) {
                found.extend(pattern.find_iter(&code).map(|read| format!("{name}: {}", read.as_str())));
            }
        }
    }
    assert!(found.is_empty(), "use `rest::selected!` or `rest::row!`: {found:?}");
}

#[test]
fn one_mechanism_is_used_for_each_thing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for (pattern, allowed, instead) in FORBIDDEN {
        let pattern = Regex::new(pattern).unwrap();
        let found: Vec<String> = files
            .iter()
            .map(|file| (file.strip_prefix(&root).unwrap().display().to_string(), fs::read_to_string(file).unwrap()))
            .filter(|(name, text)| !allowed.contains(&name.as_str()) && pattern.is_match(text))
            .map(|(name, _)| name)
            .collect();
        assert!(found.is_empty(), "{instead}: {found:?}");
    }
}
