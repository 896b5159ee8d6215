//! What has one mechanism is written by no statement of its own.

use std::fs;
use std::path::Path;

use regex::Regex;

use super::states_tests::sources;

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
];

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
