//! Packs the built web interface (`ui/dist`) into the program: each file compressed, with its content type and a tag.

use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    if out.iter().any(|part| part == "dist") && links_with_lld() {
        // Equal functions once, and addresses to be adjusted at the start in a short form, which glibc 2.36 and later read.
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=safe");
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    let mut table = String::from("static FILES: &[Embedded] = &[\n");
    if std::env::var_os("CARGO_FEATURE_WEB").is_some() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/dist");
        println!("cargo::rerun-if-changed={}", root.display());
        let mut files = Vec::new();
        collect(&root, &root, &mut files);
        assert!(
            files.iter().any(|name| name == "index.html"),
            "ui/dist has no index.html: build the web interface (cd ui && npm ci && npm run build), or leave it out \
             with --no-default-features"
        );
        files.sort();
        for (index, name) in files.iter().enumerate() {
            pack(&root, name, &out.join(format!("web-{index}")), &mut table);
        }
    }
    table.push_str("];\n");
    fs::write(out.join("web.rs"), table).expect("the output folder can be written");
}

/// Whether the program is linked by the linker that comes with Rust, which is so where nothing else is configured.
fn links_with_lld() -> bool {
    println!("cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    let of_target = |name: &str| std::env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    let has_own = std::env::var_os("RUSTC_LINKER").is_some()
        || std::env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("link"));
    of_target("ARCH") == "x86_64" && of_target("OS") == "linux" && of_target("ENV") == "gnu" && !has_own
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if let Ok(name) = path.strip_prefix(root) {
            files.push(name.to_string_lossy().replace('\\', "/"));
        }
    }
}

fn pack(root: &Path, name: &str, packed: &Path, table: &mut String) {
    let bytes = fs::read(root.join(name)).expect("a file of ui/dist can be read");
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bytes).expect("memory can be written");
    let small = encoder.finish().expect("memory can be written");
    // images and fonts are compressed already
    let is_gzip = small.len() < bytes.len();
    fs::write(packed, if is_gzip { &small } else { &bytes }).expect("the output folder can be written");
    writeln!(
        table,
        "Embedded {{ path: {name:?}, tag: \"\\\"{:016x}\\\"\", is_gzip: {is_gzip}, bytes: include_bytes!({packed:?}) }},",
        hasher.finish()
    )
    .expect("memory can be written");
}
