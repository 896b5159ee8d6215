//! Packs the fonts that come with the program.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=fonts");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for entry in fs::read_dir(Path::new("fonts")).expect("there is a folder of fonts") {
        let path = entry.expect("the folder of fonts can be read").path();
        if path.extension().is_none_or(|extension| extension != "ttf") {
            continue;
        }
        let name = path.file_name().expect("a font has a name").to_string_lossy().into_owned();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&fs::read(&path).expect("a font can be read")).expect("memory can be written");
        fs::write(out.join(format!("{name}.gz")), encoder.finish().expect("memory can be written"))
            .expect("the output folder can be written");
    }
}
