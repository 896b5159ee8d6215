//! Numbers of states stand where the states are defined, and nowhere else.

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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let lines: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        found.extend(compared.find_iter(&lines.join("\n")).map(|one| format!("{name}: {}", one.as_str())));
    }
    assert!(found.is_empty(), "numbers of states in statements:\n{}", found.join("\n"));
}
