//! The configuration file: what the command line and the environment do not say.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::sync::OnceLock;

use clap::parser::ValueSource;
use clap::{ArgMatches, Command, CommandFactory};

use ironwood_inventory::platform::system::setup::{ConfigOption, Source};

use crate::cli::Cli;

/// Options that the configuration file sets: a pipe can be read only once.
static IN_FILE: OnceLock<BTreeSet<String>> = OnceLock::new();

/// How alike a name must be to one that exists to be suggested, from 0 to 1.
const ALIKE: f64 = 0.7;

/// Adds what a TOML file (`--config FILE` or `IRONWOOD_CONFIG`) says to the arguments, as far as
/// neither the arguments nor the environment say it. `listen = "0.0.0.0:80"` stands for
/// `--listen 0.0.0.0:80`; a list repeats the option. One file serves all commands: options of other
/// commands are left out, and names that no command has are refused.
///
/// # Errors
/// One line: the file cannot be read, a name is unknown, or a value is of a kind that no option has.
pub fn with_file(mut arguments: Vec<OsString>) -> Result<Vec<OsString>, String> {
    let mut all = Cli::command();
    all.build();
    let names = options_of(&all);
    warn_of_variables(&all);
    // whatever is wrong with the arguments is told by the parser proper
    let Ok(matches) = all.clone().ignore_errors(true).try_get_matches_from(&arguments) else { return Ok(arguments) };
    let (command, matches) = chosen(&all, &matches);
    let Some(file) = matches.get_one::<std::path::PathBuf>("config").filter(|file| !file.as_os_str().is_empty()) else {
        return Ok(arguments);
    };
    let shown = file.display();
    let added = read(file, &names, command, matches).map_err(|error| format!("{shown}: {error}"))?;
    // what follows `--` are no options
    let end = arguments.iter().position(|word| word == "--").unwrap_or(arguments.len());
    arguments.splice(end..end, added);
    Ok(arguments)
}

/// The options that a file adds to those given.
fn read(
    file: &Path,
    names: &BTreeSet<String>,
    command: &Command,
    matches: &ArgMatches,
) -> Result<Vec<OsString>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read the file: {error}"))?;
    let table: toml::Table =
        text.parse().map_err(|error: toml::de::Error| error.to_string().lines().collect::<Vec<_>>().join(" "))?;
    let mut added = Vec::new();
    let mut seen = BTreeSet::new();
    for (key, value) in table {
        let name = key.replace('_', "-");
        if !names.contains(&name) {
            return Err(unknown(&key, &name, names));
        }
        if !seen.insert(name.clone()) {
            return Err(format!("{key} is set more than once"));
        }
        let Some(argument) = command.get_arguments().find(|a| a.get_long() == Some(name.as_str())) else { continue };
        let source = matches.value_source(argument.get_id().as_str());
        if source.is_some_and(|source| source != ValueSource::DefaultValue) {
            continue;
        }
        let values = match value {
            toml::Value::Array(list) => list,
            single => vec![single],
        };
        for value in values {
            let is_flag = !argument.get_action().takes_values();
            match value {
                toml::Value::Boolean(on) if is_flag => added.extend(on.then(|| format!("--{name}").into())),
                _ if is_flag => return Err(format!("{key} must be true or false")),
                toml::Value::String(text) => added.push(format!("--{name}={text}").into()),
                toml::Value::Integer(number) => added.push(format!("--{name}={number}").into()),
                _ => return Err(format!("{key} must be a string, a whole number, or a list of these")),
            }
        }
    }
    IN_FILE.get_or_init(|| seen);
    Ok(added)
}

/// The command that was given, below all its parents, with what was given to it.
fn chosen<'a>(command: &'a Command, matches: &'a ArgMatches) -> (&'a Command, &'a ArgMatches) {
    match matches.subcommand().and_then(|(name, inner)| Some((command.find_subcommand(name)?, inner))) {
        Some((command, matches)) => chosen(command, matches),
        None => (command, matches),
    }
}

/// Long names of the options of a command and all below it that a file may set.
fn options_of(command: &Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(|a| a.get_long());
    let mut names: BTreeSet<String> =
        own.filter(|name| !["config", "help", "version"].contains(name)).map(str::to_owned).collect();
    for below in command.get_subcommands() {
        names.extend(options_of(below));
    }
    names
}

fn unknown(key: &str, name: &str, names: &BTreeSet<String>) -> String {
    let hint = nearest(name, names).map(|near| format!(" Did you mean {:?}?", near.replace('-', "_")));
    format!("unknown option {key:?}.{}", hint.unwrap_or_else(|| " See `ironwood serve --help`.".into()))
}

fn nearest<'a>(name: &str, names: &'a BTreeSet<String>) -> Option<&'a String> {
    let alike = |other: &String| strsim::normalized_damerau_levenshtein(name, other);
    let near = names.iter().max_by(|a, b| alike(a).total_cmp(&alike(b)))?;
    (alike(near) >= ALIKE).then_some(near)
}

/// What the names of all variables begin with.
const PREFIX: &str = "IRONWOOD_";

/// Says which `IRONWOOD_*` variables are almost, but not quite, the name of an option. Others may be
/// someone else's.
fn warn_of_variables(all: &Command) {
    let names = variables_of(all);
    for (variable, _) in std::env::vars_os() {
        let Some(name) = variable.to_str().and_then(|v| v.strip_prefix(PREFIX)).filter(|name| !names.contains(*name))
        else {
            continue;
        };
        if let Some(near) = nearest(name, &names) {
            eprintln!("ironwood: unknown variable {PREFIX}{name}. Did you mean {PREFIX}{near}?");
        }
    }
}

/// Names of the variables of a command and all below it, without their prefix.
fn variables_of(command: &Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(|a| a.get_env()).filter_map(|name| name.to_str());
    let mut names: BTreeSet<String> = own.filter_map(|name| name.strip_prefix(PREFIX)).map(str::to_owned).collect();
    for below in command.get_subcommands() {
        names.extend(variables_of(below));
    }
    names
}

/// The options of a command, and where their values came from.
pub fn sources(command: &str) -> Vec<ConfigOption> {
    let mut all = Cli::command();
    all.build();
    let given = |option: &str| {
        let with_value = format!("{option}=");
        std::env::args_os().any(|word| word == option || word.to_string_lossy().starts_with(&with_value))
    };
    let names = all.find_subcommand(command).map(options_of).unwrap_or_default();
    let source = |name: &str, variable: &str| match () {
        () if given(&format!("--{name}")) => Source::CommandLine,
        () if std::env::var_os(variable).is_some() => Source::Environment,
        () if IN_FILE.get().is_some_and(|names| names.contains(name)) => Source::File,
        () => Source::Default,
    };
    names
        .into_iter()
        .map(|name| {
            let variable = format!("{PREFIX}{}", name.replace('-', "_").to_uppercase());
            ConfigOption { source: source(&name, &variable), name, variable }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_says_what_the_command_line_does_not() {
        let file = std::env::temp_dir().join(format!("ironwood-config-{}.toml", std::process::id()));
        let path = file.to_str().unwrap().to_owned();
        let write = |text: &str| std::fs::write(&file, text).unwrap();
        let words = |list: &[&str]| list.iter().map(OsString::from).collect::<Vec<_>>();
        let added = |given: &[&str]| {
            let given = words(given);
            let all = with_file(given.clone())?;
            Ok::<_, String>(all[given.len()..].iter().map(|w| w.to_str().unwrap().to_owned()).collect::<Vec<_>>())
        };
        write("listen = \"0.0.0.0:1\"\ndatabase = \"sqlite:x\"\ntrust_proxy = true\ndemo = false\nstrict = true\n");
        let serve = ["ironwood", "serve", "--config", &path, "--database", "sqlite:y"];
        let mut found = added(&serve).unwrap();
        found.sort();
        assert_eq!(found, ["--listen=0.0.0.0:1", "--trust-proxy"]);
        // wherever the option stands, and for commands below commands
        assert_eq!(added(&["ironwood", "--config", &path, "check"]).unwrap(), ["--database=sqlite:x"]);
        assert_eq!(added(&["ironwood", "user", "list", "--config", &path]).unwrap(), ["--database=sqlite:x"]);
        let closed = with_file(words(&["ironwood", "export", "--config", &path, "--", "-f"])).unwrap();
        assert_eq!(closed.last().unwrap(), "-f");
        assert!(closed.contains(&"--database=sqlite:x".into()));

        for (text, says) in [
            ("databse = \"x\"", "Did you mean \"database\"?"),
            ("max-pge = 3", "Did you mean \"max_page\"?"),
            ("flux_capacitor = 1", "unknown option \"flux_capacitor\""),
            ("[serve]\nlisten = \"x\"", "unknown option \"serve\""),
            ("config = \"x\"", "unknown option \"config\""),
            ("max_page = 1\nmax-page = 2", "more than once"),
            ("max_page = 1.5", "max_page must be"),
            ("trust_proxy = \"yes\"", "true or false"),
            ("listen = [", "TOML"),
        ] {
            write(text);
            let error = added(&serve).unwrap_err();
            assert!(error.lines().count() == 1 && error.contains(says) && error.contains(&path), "{text}: {error}");
        }
        std::fs::remove_file(&file).unwrap();
        assert!(added(&serve).unwrap_err().contains("cannot read"));
    }
}
