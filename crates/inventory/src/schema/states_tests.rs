//! What no statement of the program may hold: numbers of states, which stand where the states are defined, and text that
//! only the program itself should have written.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// The files below a folder that are part of the program.
pub(super) fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // what is imported is not what the program says
        if path.is_dir() && !["tests", "demo", "walks"].contains(&name.as_str()) {
            sources(&path, found);
        } else if name.ends_with(".rs") && !name.contains("test") && name != "lives.rs" {
            found.push(path);
        }
    }
}

/// The code of the program by the names of its files, without tests and comments.
pub(super) fn code() -> Vec<(String, String)> {
    code_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

/// The code below a folder by the names of its files in it, without tests and comments.
pub(super) fn code_below(root: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    sources(root, &mut files);
    let mut all = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let lines: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        all.push((file.strip_prefix(root).unwrap().display().to_string(), lines.join("\n")));
    }
    all
}

/// A state that is compared with a number: `status = 30`, `{b.status} IN (10, 20)`, `WHERE b.id = s.build) IN (10`.
const COMPARED: &str = r#"(?x)
    \b(status|status_custom_key|logical_key|outcome|tracking_type)\b["}\\]*\s*(=|<>|<|>|<=|>=)\s*[1-9][0-9]+\s*[^;\s0-9]
    | (\b(status|status_custom_key|logical_key|outcome|tracking_type)\b["}\\]*|\))\s*(\\\n)?\s*(NOT\s+)?IN\s*(\\\n)?\s*\(\s*[0-9]"#;

#[test]
fn states_in_statements_come_from_their_constants() {
    let compared = Regex::new(COMPARED).unwrap();
    for (text, is_one) in [
        ("o.status = 30 AND", true),
        ("{order.status} NOT IN (10, 20)", true),
        ("(SELECT d.status FROM d) \\\n    IN (10, 20)", true),
        ("l.outcome <> 10)", true),
        ("answer.status = 201;", false),
        ("o.status IN ($1, $2)", false),
        ("r.\"status\" = $1", false),
        ("completed >= 100", false),
    ] {
        assert_eq!(compared.is_match(text), is_one, "{text}");
    }
    let found: Vec<String> = code()
        .into_iter()
        .flat_map(|(name, code)| {
            let found = compared.find_iter(&code).map(|one| format!("{name}: {}", one.as_str()));
            found.collect::<Vec<String>>()
        })
        .collect();
    assert!(found.is_empty(), "numbers of states in statements:\n{}", found.join("\n"));
}

/// Files that write statements from the descriptions of tables.
const GENERATING: &[&str] = &["platform/changelog/triggers.rs", "schema/totals.rs"];

#[test]
fn no_statement_that_answers_a_request_is_made_of_strings() {
    let made_of_strings = code().into_iter().filter(|(_, code)| code.contains("Fragment::generated"));
    let mut names: Vec<String> = made_of_strings.map(|(name, _)| name).collect();
    names.sort_unstable();
    assert_eq!(names, GENERATING, "join statements by `fragment!`, and bind values as parameters");
}
