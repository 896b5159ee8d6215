//! Layers know those before them in their list alone, and no two files import each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Layers of the domain, from the first to the last: one may use itself and those before it.
const LAYERS: [&str; 5] = ["schema", "platform", "business", "services", "installation"];

/// Folders of the engine, in the same order.
const FOLDERS: [&str; 4] = ["description", "reading", "writing", "face"];

/// Files that import each other for a reason.
const CIRCLES: &[(&str, &str, &str)] = &[
    ("schema::build", "schema::stock", "foreign keys in both directions"),
    ("schema::part", "schema::stock", "foreign keys in both directions"),
    ("schema::purchasing", "schema::stock", "foreign keys in both directions"),
    ("schema::sales", "schema::stock", "foreign keys in both directions"),
    ("services::report::context::names", "services::report::context::record", "records are values of records"),
    ("services::report::context::names", "services::report::context::rows", "records are values of records"),
    ("services::report::context::record", "services::report::context::rows", "records are values of records"),
];

/// The same in the engine: descriptions hold functions that are given requests, changes, and statements, which know
/// their descriptions.
const TYPES: &[(&str, &str)] = &[
    ("description::context", "description::resource"),
    ("description::context", "description::view"),
    ("description::operations", "description::resource"),
    ("description::resource", "description::statement"),
    ("description::subject", "description::table"),
    ("description::table", "description::view"),
];

/// The modules of a crate by their path, each with the modules that it names.
struct Modules(BTreeMap<String, BTreeSet<String>>);

/// The code of a file without comments and the tests at its end.
fn code(text: &str) -> String {
    let end = text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..end].lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn read(folder: &Path, module: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // tests use what they need
        if name.contains("test") || matches!(name.as_str(), "lives" | "walks") {
            continue;
        }
        let below = if module.is_empty() { name.clone() } else { format!("{module}::{name}") };
        if path.is_dir() {
            read(&path, &below, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !matches!(name.as_str(), "lib" | "lists") {
            let module = if name == "mod" { module.to_owned() } else { below };
            found.insert(module, code(&fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The paths of a list of imports: `a::{b, c::{self, d}}` is `a::b`, `a::c`, `a::c::d`.
fn paths(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((head, rest)) = tree.split_once('{') else { return vec![tree.trim_end_matches("::self").to_owned()] };
    let inside = &rest[..rest.rfind('}').unwrap_or(rest.len())];
    let (mut depth, mut from, mut all) = (0, 0, Vec::new());
    for (at, sign) in inside.char_indices().chain([(inside.len(), ',')]) {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                all.extend(paths(&inside[from..at]).iter().filter(|path| !path.is_empty()).map(|path| {
                    if path == "self" { head.trim_end_matches("::").to_owned() } else { format!("{head}{path}") }
                }));
                from = at + 1;
            }
            _ => {}
        }
    }
    all
}

/// All paths that a file names: those of its imports, and those that begin with `crate` or `super` elsewhere.
fn named(code: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let begins = code[..at].trim_end().is_empty()
            || code[..at].ends_with(['\n', ' '])
                && code[at..].find(';').is_some_and(|end| !code[at..at + end].contains('='));
        if begins && let Some(end) = code[at..].find(';') {
            all.extend(paths(&code[at + 4..at + end].split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    for word in ["crate::", "super::"] {
        for (at, _) in code.match_indices(word) {
            if !code[..at].ends_with(is_name) {
                let end = code[at..].find(|c| !is_name(c)).map_or(code.len(), |length| at + length);
                all.push(code[at..end].to_owned());
            }
        }
    }
    all
}

impl Modules {
    fn of(root: &Path) -> Modules {
        let mut files = BTreeMap::new();
        read(root, "", &mut files);
        let names: BTreeSet<String> = files.keys().cloned().collect();
        let uses = |module: &String, code: &String| {
            let targets = named(code).into_iter().filter_map(|path| resolve(&names, module, &path));
            (module.clone(), targets.filter(|target| target != module).collect())
        };
        Modules(files.iter().map(|(module, code)| uses(module, code)).collect())
    }

    /// Names of layers that a layer before them uses.
    fn upwards(&self, layers: &[&str]) -> Vec<String> {
        let layer = |module: &str| layers.iter().position(|layer| module.split("::").next() == Some(*layer));
        let mut found = Vec::new();
        for (module, targets) in &self.0 {
            for target in targets {
                if let (Some(own), Some(other)) = (layer(module), layer(target))
                    && own < other
                {
                    found.push(format!("{module} uses {target}"));
                }
            }
        }
        found
    }

    /// Pairs of files that import each other. A module and what is below it are one.
    fn circles(&self) -> Vec<(&str, &str)> {
        let mut found = Vec::new();
        for (module, targets) in &self.0 {
            for target in targets.iter().filter(|target| module < *target) {
                let is_below = target.starts_with(&format!("{module}::"));
                if !is_below && self.0.get(target).is_some_and(|back| back.contains(module)) {
                    found.push((module.as_str(), target.as_str()));
                }
            }
        }
        found
    }
}

/// The module that a path names, as far as it leads to one.
fn resolve(names: &BTreeSet<String>, module: &str, path: &str) -> Option<String> {
    let mut steps: Vec<&str> = path.split("::").map(str::trim).collect();
    let mut at: Vec<&str> = module.split("::").collect();
    match steps[0] {
        "crate" => {
            at.clear();
            steps.remove(0);
            // the crate names modules of its folders as its own
            if let Some(first) =
                steps.first().filter(|first| !names.iter().any(|name| name.split("::").next() == Some(first)))
            {
                let whole = names.iter().find(|name| name.rsplit("::").next() == Some(first))?;
                return Some(whole.clone());
            }
        }
        "super" => {
            while steps.first() == Some(&"super") {
                at.pop();
                steps.remove(0);
            }
        }
        "self" => drop(steps.remove(0)),
        _ => {}
    }
    let own = at.len();
    for step in steps {
        let next = at.iter().chain([&step]).copied().collect::<Vec<_>>().join("::");
        let is_module = names.contains(&next) || names.iter().any(|name| name.starts_with(&format!("{next}::")));
        if !is_module {
            break;
        }
        at.push(step);
    }
    let is_other = at.len() > own || path.starts_with("crate") || path.starts_with("super");
    Some(at.join("::")).filter(|found| is_other && names.contains(found))
}

fn domain() -> Modules {
    Modules::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

fn engine() -> Modules {
    Modules::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../rest/src"))
}

#[test]
fn no_layer_uses_a_later_one() {
    for (modules, layers) in [(domain(), LAYERS.as_slice()), (engine(), FOLDERS.as_slice())] {
        for layer in layers {
            assert!(modules.0.keys().any(|module| module.starts_with(layer)), "{layer}");
        }
        let found = modules.upwards(layers);
        assert!(found.is_empty(), "{} files use a later layer:\n{}", found.len(), found.join("\n"));
    }
}

#[test]
fn no_two_files_import_each_other() {
    let of_domain = CIRCLES.iter().map(|(one, other, _)| (*one, *other)).collect::<BTreeSet<_>>();
    let of_engine = TYPES.iter().copied().collect::<BTreeSet<_>>();
    for (modules, known) in [(domain(), of_domain), (engine(), of_engine)] {
        let found: BTreeSet<(&str, &str)> = modules.circles().into_iter().collect();
        let new: Vec<_> = found.difference(&known).collect();
        assert!(new.is_empty(), "these files import each other: {new:#?}");
        let gone: Vec<_> = known.difference(&found).collect();
        assert!(gone.is_empty(), "these no longer import each other and are listed: {gone:?}");
    }
}

#[test]
fn imports_are_read() {
    assert_eq!(paths("a::{b, c::{self, d}, e}"), ["a::b", "a::c", "a::c::d", "a::e"]);
    assert_eq!(named("use super::x::Y;\nfn f() { crate::a::g(1) }"), ["super::x::Y", "crate::a::g", "super::x::Y"]);
    let names: BTreeSet<String> = ["a", "a::b", "a::c", "d::e"].map(str::to_owned).into();
    let found = |module: &str, path: &str| resolve(&names, module, path);
    assert_eq!(found("a::b", "super::c::X").as_deref(), Some("a::c"));
    assert_eq!(found("a::b", "super::Y").as_deref(), Some("a"));
    assert_eq!(found("a::b", "crate::e::X").as_deref(), Some("d::e"));
    assert_eq!(found("a", "c::X").as_deref(), Some("a::c"));
    assert_eq!(found("a", "std::fs"), None);
}
