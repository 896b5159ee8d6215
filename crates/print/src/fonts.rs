//! The fonts that come with the program, and those of a folder beside it. The machine's own are not looked at.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use parley::FontContext;
use parley::fontique::{
    Blob, Collection, CollectionOptions, FallbackKey, FamilyId, FontInfoOverride, GenericFamily, Script, SourceCache,
};

/// Files of a family, unpacked when they are first used: only the process that prints needs them.
macro_rules! family {
    ($($file:literal),*) => {
        LazyLock::new(|| vec![$(unpack(include_bytes!(concat!("../fonts/", $file, ".woff2")))),*])
    };
}

type Files = LazyLock<Vec<Vec<u8>>>;

static SANS: Files =
    family!("LiberationSans-Regular", "LiberationSans-Bold", "LiberationSans-Italic", "LiberationSans-BoldItalic");
static SERIF: Files =
    family!("LiberationSerif-Regular", "LiberationSerif-Bold", "LiberationSerif-Italic", "LiberationSerif-BoldItalic");
static MONO: Files =
    family!("LiberationMono-Regular", "LiberationMono-Bold", "LiberationMono-Italic", "LiberationMono-BoldItalic");
/// Signs that the others lack, such as check marks.
static SIGNS: Files = family!("DejaVuSans");

fn unpack(packed: &[u8]) -> Vec<u8> {
    // a test unpacks all of them
    wuff::decompress_woff2(packed).unwrap_or_default()
}

/// Names under which documents ask for a font, beside its own name.
const SANS_NAMES: &[&str] = &[
    "Liberation Sans",
    "Arial",
    "Helvetica",
    "Helvetica Neue",
    "Arimo",
    "Verdana",
    "Tahoma",
    "Segoe UI",
    "Roboto",
    "Open Sans",
    "Calibri",
];
const SERIF_NAMES: &[&str] = &["Liberation Serif", "Times New Roman", "Times", "Tinos", "Georgia"];
const MONO_NAMES: &[&str] = &["Liberation Mono", "Courier New", "Courier", "Cousine", "Consolas", "Menlo", "Monaco"];
const SIGNS_NAMES: &[&str] = &["DejaVu Sans"];

/// Scripts for which a font is looked up where the one that was asked for lacks a character.
const SCRIPTS: &[&[u8; 4]] = &[
    b"Zyyy", b"Zinh", b"Latn", b"Grek", b"Cyrl", b"Hebr", b"Arab", b"Armn", b"Geor", b"Zsym", b"Zmth", b"Zsye", b"Brai",
];

/// Scripts for which the bundled fonts have nothing, and a folder of fonts may.
const OTHER_SCRIPTS: &[&[u8; 4]] =
    &[b"Hani", b"Hira", b"Kana", b"Hang", b"Bopo", b"Deva", b"Beng", b"Taml", b"Thai", b"Ethi"];

/// Most bytes of the fonts of a folder, which are kept in memory.
const MAX_FOLDER_BYTES: usize = 100_000_000;

/// Reads the fonts of a folder, in the order of their names.
pub(crate) fn read_folder(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_font = |path: &Path| {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        ["ttf", "otf", "ttc", "otc"].iter().any(|known| known.eq_ignore_ascii_case(extension))
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| is_font(path)).collect();
    paths.sort();
    let mut left = MAX_FOLDER_BYTES;
    let mut fonts = Vec::new();
    for path in paths {
        let size = std::fs::metadata(&path).map_or(u64::MAX, |metadata| metadata.len());
        if size <= left as u64
            && let Ok(bytes) = std::fs::read(&path)
        {
            left = left.saturating_sub(bytes.len());
            fonts.push(bytes);
        }
    }
    fonts
}

/// The bundled files, for text within SVG pictures.
pub(crate) fn files() -> impl Iterator<Item = &'static [u8]> {
    [&SANS, &SERIF, &MONO, &SIGNS].into_iter().flat_map(|family| family.iter().map(Vec::as_slice))
}

/// A font context with the bundled fonts and `more`, which have the characters that those lack. Making one takes a
/// millisecond or so: clone it for each document.
pub(crate) fn context(more: Vec<Vec<u8>>) -> FontContext {
    let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: false });
    let sans = register(&mut collection, &SANS, SANS_NAMES);
    let serif = register(&mut collection, &SERIF, SERIF_NAMES);
    let mono = register(&mut collection, &MONO, MONO_NAMES);
    let signs = register(&mut collection, &SIGNS, SIGNS_NAMES);
    for (generic, family) in [
        (GenericFamily::SansSerif, sans),
        (GenericFamily::SystemUi, sans),
        (GenericFamily::UiSansSerif, sans),
        (GenericFamily::Serif, serif),
        (GenericFamily::UiSerif, serif),
        (GenericFamily::Monospace, mono),
        (GenericFamily::UiMonospace, mono),
        (GenericFamily::Cursive, serif),
        (GenericFamily::Fantasy, sans),
        (GenericFamily::Math, serif),
        (GenericFamily::Emoji, signs),
    ] {
        collection.set_generic_families(generic, family.into_iter());
    }
    let mut others: Vec<FamilyId> = Vec::new();
    for font in more {
        let registered = collection.register_fonts(Blob::new(Arc::new(font)), None);
        others.extend(registered.iter().map(|(family, _)| *family));
    }
    others.dedup();
    for script in SCRIPTS.iter().chain(OTHER_SCRIPTS) {
        let key = FallbackKey::new(Script::from_bytes(**script), None);
        collection.set_fallbacks(key, sans.into_iter().chain(signs).chain(others.iter().copied()));
    }
    FontContext { collection, source_cache: SourceCache::new_shared() }
}

/// Registers a family under its names, and returns what the first name stands for.
fn register(collection: &mut Collection, files: &'static Files, names: &[&str]) -> Option<FamilyId> {
    let blobs: Vec<Blob<u8>> = files.iter().map(|file| Blob::new(Arc::new(file.as_slice()))).collect();
    for name in names {
        for blob in &blobs {
            let named = FontInfoOverride { family_name: Some(name), ..FontInfoOverride::default() };
            collection.register_fonts(blob.clone(), Some(named));
        }
    }
    collection.family_id(names.first()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fonts_of_a_folder_are_read() {
        let folder = std::env::temp_dir().join(format!("ironwood-fonts-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (index, font) in files().enumerate() {
            assert!(font.len() > 100_000);
            std::fs::write(folder.join(format!("{index}.ttf")), font).unwrap();
        }
        let fonts = read_folder(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(fonts.len(), 13);
        let mut context = context(fonts);
        assert!(context.collection.family_id("Arial").is_some());
        assert!(read_folder(Path::new("/nonexistent")).is_empty());
    }
}
