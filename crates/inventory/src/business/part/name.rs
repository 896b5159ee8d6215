//! Full name and image of a part in rows.

use ironwood_rest::context::Facts;
use ironwood_rest::select::write_text;
use ironwood_store::ValueRef;

use crate::platform::settings::name_format::NameParts;
use crate::platform::state::Snapshot;

/// What [`write_full_name`] reads.
pub(crate) const FROM: &[&str] = &["{name}", "{IPN}", "{revision}", "{description}"];

/// Writes the full name of a part.
pub(crate) fn write_full_name(out: &mut Vec<u8>, values: &[ValueRef<'_>], facts: &Facts<'_>) {
    let text = |i: usize| values.get(i).and_then(|v| v.as_text()).unwrap_or_default();
    let parts = NameParts { name: text(0), ipn: text(1), revision: text(2), description: text(3) };
    match Snapshot::of(facts) {
        Some(snapshot) => write_text(out, &snapshot.name_format().full_name(parts)),
        None => write_text(out, parts.name),
    }
}

/// The name of the smaller copy of an image.
pub(crate) fn thumbnail_of(image: &str) -> String {
    match image.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => format!("{stem}.thumbnail.{extension}"),
        _ => format!("{image}.thumbnail"),
    }
}

/// Writes the address of an image's smaller copy; a neutral image where there is none.
pub(crate) fn write_thumbnail(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    match values.first().and_then(|v| v.as_text()).filter(|image| !image.is_empty()) {
        Some(image) => ironwood_rest::select::write_media(out, &thumbnail_of(image)),
        None => write_text(out, "/static/img/blank_image.thumbnail.png"),
    }
}

#[cfg(test)]
mod tests {
    use super::thumbnail_of;

    #[test]
    fn a_thumbnail_lies_beside_its_picture() {
        assert_eq!(thumbnail_of("part_images/a.b.png"), "part_images/a.b.thumbnail.png");
        assert_eq!(thumbnail_of("a.b/picture"), "a.b/picture.thumbnail");
    }
}
