//! Layers know those above them in [`crate`]'s list alone.

use std::fs;
use std::path::Path;

/// From the first to the last; a layer may use itself and those before it.
const LAYERS: [&str; 5] = ["schema", "platform", "business", "services", "installation"];

/// Lines of the source without its comments and the tests at its end.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let end = text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    text[..end].lines().map(str::trim).filter(|line| !line.starts_with("//"))
}

fn offenders(folder: &Path, root: &Path, layer: usize, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // tests use what they need
        if name.contains("test") || name == "lives.rs" {
            continue;
        }
        if path.is_dir() {
            offenders(&path, root, layer, found);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(&path).unwrap();
            for later in &LAYERS[layer + 1..] {
                let word = format!("{later}::");
                let uses = |line: &&str| {
                    line.match_indices(&word).any(|(at, _)| {
                        !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
                            && (line[..at].contains("crate") || line[..at].trim_start_matches(['{', ' ']).is_empty())
                    })
                };
                for line in code(&text).filter(uses) {
                    found.push(format!("{}: {line}", path.strip_prefix(root).unwrap().display()));
                }
            }
        }
    }
}

#[test]
fn no_layer_uses_a_later_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for (layer, name) in LAYERS.iter().enumerate() {
        assert!(root.join(name).is_dir(), "{name}");
        offenders(&root.join(name), &root, layer, &mut found);
    }
    assert!(found.is_empty(), "these lines name a later layer:\n{}", found.join("\n"));
}
