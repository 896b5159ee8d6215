//! Icons, named as `pack:name:variant`.

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;

/// Whether a text names an icon.
pub(crate) fn is_icon(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    parts.len() == 3
        && parts[0] == "ti"
        && parts[1..]
            .iter()
            .all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)))
}

/// Refuses a changed column that is neither empty nor names an icon.
pub(crate) fn check(change: &Change, column: &str) -> Result<()> {
    let text = change.text(column);
    if change.is_changed(column) && !text.is_empty() && !is_icon(text) {
        return Err(Error::field(column, "Enter an icon as pack:name:variant, for example ti:package:outline."));
    }
    Ok(())
}
