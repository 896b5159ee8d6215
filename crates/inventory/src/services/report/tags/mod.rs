//! Tags of templates that read from the server. Those that need none of it are the template language's own.
//!
//! Their names and arguments are those of InvenTree's template libraries `report`, `barcode` and `inventree_extras`.

mod codes;
mod data;
mod media;
mod money;
mod server;

use std::rc::Rc;

use ironwood_template::{Call, Engine, Failure, Value};

use super::context::source::Source;

pub(super) use media::BLANK;

type Made = Result<Value, Failure>;
type Function = fn(&Rc<Source>, &Call<'_>) -> Made;

/// The tags of one library.
type Tags = &'static [(&'static str, Function)];

static LIBRARIES: &[Tags] = &[codes::TAGS, data::TAGS, media::TAGS, money::TAGS, server::TAGS];

/// Adds all tags to an engine.
pub(crate) fn add_to(engine: &mut Engine, source: &Rc<Source>) {
    for (name, function) in LIBRARIES.iter().copied().flatten() {
        let source = source.clone();
        engine.add_tag(name, move |call| function(&source, call));
    }
}

/// The names of all tags here.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    LIBRARIES.iter().copied().flatten().map(|(name, _)| *name)
}

/// Bytes as an address that holds them.
fn data_address(kind: &str, bytes: &[u8]) -> Value {
    use base64::Engine as _;
    Value::safe(format!("data:{kind};base64,{}", base64::engine::general_purpose::STANDARD.encode(bytes)))
}
