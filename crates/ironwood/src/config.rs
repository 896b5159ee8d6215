//! The configuration file: what the command line and the environment do not say.

use std::ffi::OsString;
use std::path::Path;

/// Adds what a TOML file (`--config FILE` or `IRONWOOD_CONFIG`) says to the arguments, as far as
/// neither the arguments nor the environment say it. `listen = "0.0.0.0:80"` stands for
/// `--listen 0.0.0.0:80`; a list repeats the option. Options that the command does not have are left
/// out, so that one file serves all commands.
///
/// # Errors
/// One line: the file cannot be read, or a value is of a kind that no option has.
pub fn with_file(mut arguments: Vec<OsString>) -> Result<Vec<OsString>, String> {
    let Some(file) = file_of(&arguments) else { return Ok(arguments) };
    let shown = Path::new(&file).display().to_string();
    let text = std::fs::read_to_string(&file).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        format!("{shown}: {}", error.to_string().lines().collect::<Vec<_>>().join(" "))
    })?;
    let command = arguments.iter().skip(1).find_map(|a| a.to_str().filter(|a| !a.starts_with('-')).map(str::to_owned));
    let known = crate::cli::options_of(command.as_deref());
    for (key, value) in table {
        let option = format!("--{}", key.replace('_', "-"));
        let variable = format!("IRONWOOD_{}", key.replace('-', "_").to_uppercase());
        let given = arguments
            .iter()
            .filter_map(|a| a.to_str())
            .any(|a| a == option || a.strip_prefix(&option).is_some_and(|rest| rest.starts_with('=')));
        if given || std::env::var_os(variable).is_some() || !known.contains(&option[2..].to_owned()) {
            continue;
        }
        let values = match value {
            toml::Value::Array(list) => list,
            single => vec![single],
        };
        for value in values {
            match value {
                toml::Value::Boolean(true) => arguments.push(option.clone().into()),
                toml::Value::Boolean(false) => {}
                toml::Value::String(text) => arguments.push(format!("{option}={text}").into()),
                toml::Value::Integer(number) => arguments.push(format!("{option}={number}").into()),
                _ => {
                    return Err(format!(
                        "{shown}: {key} can be a text, a whole number, true or false, or a list of these"
                    ));
                }
            }
        }
    }
    Ok(arguments)
}

fn file_of(arguments: &[OsString]) -> Option<OsString> {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--config") => return words.next().cloned(),
            Some(text) => {
                if let Some(file) = text.strip_prefix("--config=") {
                    return Some(file.into());
                }
            }
            None => {}
        }
    }
    std::env::var_os("IRONWOOD_CONFIG").filter(|file| !file.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_says_what_the_command_line_does_not() {
        let file = std::env::temp_dir().join(format!("ironwood-config-{}.toml", std::process::id()));
        std::fs::write(&file, "listen = \"0.0.0.0:1\"\ndatabase = \"sqlite:x\"\ntrust_proxy = true\nstrict = true\n")
            .unwrap();
        let words = |list: &[&str]| list.iter().map(OsString::from).collect::<Vec<_>>();
        let given = words(&["ironwood", "serve", "--config", file.to_str().unwrap(), "--database", "sqlite:y"]);
        let read = with_file(given.clone()).unwrap();
        let added: Vec<&str> = read[given.len()..].iter().map(|w| w.to_str().unwrap()).collect();
        assert_eq!(added, ["--listen=0.0.0.0:1", "--trust-proxy"]);
        std::fs::write(&file, "listen = [").unwrap();
        assert!(with_file(given.clone()).unwrap_err().lines().count() == 1);
        std::fs::remove_file(&file).unwrap();
        assert!(with_file(given).unwrap_err().contains("cannot read"));
    }
}
