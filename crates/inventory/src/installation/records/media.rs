//! The files that belong to records: a copy of a media folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ironwood_store::file::make_private_folder;

/// What was copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copied {
    pub files: u64,
    pub bytes: u64,
    /// Links, sockets and the like, left out: a link may point out of the folder.
    pub skipped: u64,
}

/// Copies a folder with all that is below it into another one, which is made where it is missing.
/// `progress` is told the bytes copied so far. A file that is there already is replaced, through a
/// file beside it, so that no one sees half of it.
///
/// # Errors
/// One line with the path and the reason. What was copied before stays.
pub fn copy(from: &Path, to: &Path, progress: &mut dyn FnMut(u64)) -> Result<Copied, String> {
    let fault = |path: &Path, error: &io::Error| format!("{}: {error}", path.display());
    if !from.is_dir() {
        return Err(format!("{}: folder does not exist", from.display()));
    }
    make_private_folder(to).map_err(|error| fault(to, &error))?;
    let inside = |path: &Path, of: &Path| Ok::<_, String>((canonical(path)?, canonical(of)?));
    let (source, target) = inside(from, to)?;
    if target.starts_with(&source) || source.starts_with(&target) {
        return Err(format!("{} and {} overlap", from.display(), to.display()));
    }
    let mut copied = Copied::default();
    let mut folders = vec![(source, target)];
    while let Some((from, to)) = folders.pop() {
        let entries = fs::read_dir(&from).map_err(|error| fault(&from, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| fault(&from, &error))?;
            let (source, target) = (entry.path(), to.join(entry.file_name()));
            // of the entry itself: a link is not followed
            let kind = entry.file_type().map_err(|error| fault(&source, &error))?;
            if kind.is_dir() {
                if fs::symlink_metadata(&target).is_ok_and(|there| there.is_symlink()) {
                    return Err(format!("{}: a symbolic link is in the way", target.display()));
                }
                make_private_folder(&target).map_err(|error| fault(&target, &error))?;
                folders.push((source, target));
            } else if kind.is_file() {
                let partial = beside(&target);
                let count = fs::copy(&source, &partial)
                    .and_then(|count| fs::rename(&partial, &target).map(|()| count))
                    .map_err(|error| {
                        let _ = fs::remove_file(&partial);
                        fault(&source, &error)
                    })?;
                copied.files += 1;
                copied.bytes += count;
                progress(copied.bytes);
            } else {
                copied.skipped += 1;
            }
        }
    }
    Ok(copied)
}

fn canonical(path: &Path) -> Result<PathBuf, String> {
    fs::canonicalize(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("ironwood-media-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn files_are_copied_and_links_left_out() {
        let base = folder("copy");
        let from = base.join("from");
        fs::create_dir_all(from.join("part_images/deep")).unwrap();
        fs::write(from.join("part_images/deep/a.txt"), "hello").unwrap();
        fs::write(from.join("b.txt"), "").unwrap();
        fs::write(base.join("secret"), "no").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(base.join("secret"), from.join("link")).unwrap();
        let to = base.join("to");
        for _ in 0..2 {
            let mut seen = 0;
            let copied = copy(&from, &to, &mut |bytes| seen = bytes).unwrap();
            assert_eq!((copied.files, copied.bytes, seen), (2, 5, 5));
            assert_eq!(copied.skipped, u64::from(cfg!(unix)));
        }
        assert_eq!(fs::read_to_string(to.join("part_images/deep/a.txt")).unwrap(), "hello");
        assert!(!to.join("link").exists());
        fs::remove_dir_all(&base).unwrap();
    }

    #[test]
    fn a_folder_is_not_copied_into_itself() {
        let base = folder("self");
        assert!(copy(&base, &base.join("below"), &mut |_| {}).is_err());
        assert!(
            copy(&base.join("missing"), &base.join("to"), &mut |_| {}).unwrap_err().contains("folder does not exist")
        );
        fs::remove_dir_all(&base).unwrap();
    }
}
