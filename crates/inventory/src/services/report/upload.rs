//! Files of templates keep the names that they were sent with, because templates name each other.

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_store::{Value, fragment};

use super::render;
use crate::platform::media::{self, name};

/// Endings of files of HTML.
pub(crate) const HTML: &[&str] = &[".html", ".htm"];

/// Checks the file that came with a change: its ending is one of these (empty: any), and no other row has a
/// file of that name.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(crate) fn check(ctx: &mut Context<'_>, change: &Change, field: &'static str, endings: &[&str]) -> Result<()> {
    let Some(upload) = change.files.get(field) else {
        return if change.text(field).is_empty() { Err(Error::field(field, "A file is required.")) } else { Ok(()) };
    };
    let name = name::safe(&upload.name);
    if !endings.is_empty() && !endings.contains(&name::split(&name).1.to_lowercase().as_str()) {
        return Err(Error::field(field, format!("File name must end in {}.", endings.join(" or "))));
    }
    let path = media::beside(&media::folder(change, field), &name);
    let sql = fragment!("SELECT 1 FROM {} WHERE {field} = $1 AND id <> $2", change.table.name);
    if ctx.conn.one(&sql, &[path.into(), Value::Int(change.id.unwrap_or(0))])?.is_some() {
        return Err(Error::field(field, "Another file already has this name."));
    }
    Ok(())
}

/// Checks that the file that came with a change is a template that can be read.
///
/// # Errors
/// [`Error::Invalid`] naming the field, with line and column of what is wrong.
pub(crate) fn check_syntax(change: &Change, field: &'static str) -> Result<()> {
    let Some(upload) = change.files.get(field) else { return Ok(()) };
    let text =
        std::str::from_utf8(&upload.bytes).map_err(|_| Error::field(field, "The template must be a text in UTF-8."))?;
    render::check_syntax(&name::safe(&upload.name), text).map_err(|error| Error::field(field, error.to_string()))
}

#[cfg(test)]
pub(super) mod tests {
    use ironwood_rest::http::{Body, FormValue, Method, Upload};
    use serde_json::Value as Json;

    use crate::testing::Client;

    /// A file of HTML for a field.
    pub(in crate::services::report) fn html(field: &str, name: &str, text: &str) -> (String, Upload) {
        let bytes = if text.is_empty() { b"<p></p>".to_vec() } else { text.as_bytes().to_vec() };
        (field.to_owned(), Upload { name: name.into(), content_type: "text/html".into(), bytes })
    }

    /// Sends texts and a file as a form.
    pub(in crate::services::report) fn sent(
        client: &Client,
        path: &str,
        texts: &[(&str, &str)],
        file: Option<(String, Upload)>,
    ) -> (u16, Json) {
        let text = |(name, text): &(&str, &str)| ((*name).to_owned(), FormValue::Text((*text).to_owned()));
        let mut form: Vec<_> = texts.iter().map(text).collect();
        form.extend(file.map(|(name, file)| (name, FormValue::File(file))));
        client.send(Method::Post, path, Body::Form(form))
    }
}
