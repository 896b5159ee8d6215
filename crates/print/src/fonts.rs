//! The fonts that come with the program. Nothing is read from the machine.

use std::sync::Arc;

use parley::FontContext;
use parley::fontique::{
    Blob, Collection, CollectionOptions, FallbackKey, FamilyId, FontInfoOverride, GenericFamily, Script, SourceCache,
};

macro_rules! family {
    ($($file:literal),*) => { &[$(include_bytes!(concat!("../fonts/", $file, ".ttf")).as_slice()),*] };
}

type Files = &'static [&'static [u8]];

const SANS: Files =
    family!("LiberationSans-Regular", "LiberationSans-Bold", "LiberationSans-Italic", "LiberationSans-BoldItalic");
const SERIF: Files =
    family!("LiberationSerif-Regular", "LiberationSerif-Bold", "LiberationSerif-Italic", "LiberationSerif-BoldItalic");
const MONO: Files =
    family!("LiberationMono-Regular", "LiberationMono-Bold", "LiberationMono-Italic", "LiberationMono-BoldItalic");
/// Signs that the others lack, such as check marks.
const SIGNS: Files = family!("DejaVuSans");

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

/// The bundled files, for text within SVG pictures.
pub(crate) fn files() -> impl Iterator<Item = &'static [u8]> {
    [SANS, SERIF, MONO, SIGNS].into_iter().flatten().copied()
}

/// A font context with the bundled fonts alone. Making one takes a millisecond or so: clone it for each document.
pub(crate) fn context() -> FontContext {
    let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: false });
    let sans = register(&mut collection, SANS, SANS_NAMES);
    let serif = register(&mut collection, SERIF, SERIF_NAMES);
    let mono = register(&mut collection, MONO, MONO_NAMES);
    let signs = register(&mut collection, SIGNS, SIGNS_NAMES);
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
    for script in SCRIPTS {
        let key = FallbackKey::new(Script::from_bytes(**script), None);
        collection.set_fallbacks(key, sans.into_iter().chain(signs));
    }
    FontContext { collection, source_cache: SourceCache::new_shared() }
}

/// Registers a family under its names, and returns what the first name stands for.
fn register(collection: &mut Collection, files: Files, names: &[&str]) -> Option<FamilyId> {
    let blobs: Vec<Blob<u8>> = files.iter().map(|file| Blob::new(Arc::new(*file))).collect();
    for name in names {
        for blob in &blobs {
            let named = FontInfoOverride { family_name: Some(name), ..FontInfoOverride::default() };
            collection.register_fonts(blob.clone(), Some(named));
        }
    }
    collection.family_id(names.first()?)
}
