//! Fonts for the PDF, and the characters that their glyphs stand for.

use std::collections::HashMap;

use krilla::text::Font;
use peniko::FontData;
use skrifa::{FontRef, MetadataProvider};

/// A font as the PDF needs it.
pub(crate) struct Face {
    pub(crate) font: Font,
    /// The character of each glyph, so that text can be copied.
    characters: HashMap<u32, char>,
}

impl Face {
    fn new(data: &FontData) -> Option<Self> {
        let font = Font::new(data.data.as_ref().to_vec().into(), data.index)?;
        let reader = FontRef::from_index(data.data.as_ref(), data.index).ok()?;
        let mut characters = HashMap::new();
        for (code, glyph) in reader.charmap().mappings() {
            if let Some(character) = char::from_u32(code) {
                // Of several characters, the first one is the usual one: a space rather than one that does not break.
                let known = characters.entry(glyph.to_u32()).or_insert(character);
                *known = (*known).min(character);
            }
        }
        Some(Self { font, characters })
    }

    /// What a glyph stands for.
    pub(crate) fn character(&self, glyph: u32) -> Option<char> {
        self.characters.get(&glyph).copied()
    }
}

/// The fonts that have been used.
#[derive(Default)]
pub(crate) struct Faces {
    faces: HashMap<(u64, u32), Option<Face>>,
}

impl Faces {
    pub(crate) fn get(&mut self, data: &FontData) -> Option<&Face> {
        self.faces.entry((data.data.id(), data.index)).or_insert_with(|| Face::new(data)).as_ref()
    }
}
