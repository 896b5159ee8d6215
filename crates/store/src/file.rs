//! Files that are complete or not there.
//!
//! A [`Draft`] is written beside its place and renamed into it when it is complete, so no one ever
//! sees half of it. A draft that is dropped is removed. What a killed process leaves is removed by
//! the next draft for the same place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// The end of every draft's name.
const ENDING: &str = ".part";

/// Drafts of this process, see [`remove_drafts`].
static DRAFTS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file on its way to its place.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    place: PathBuf,
    /// Held, and locked: a draft whose process has gone is not locked.
    file: File,
}

impl Draft {
    /// Begins a file that only its owner may read. Nothing may be at its place.
    ///
    /// # Errors
    /// `AlreadyExists` where something is at that place, and whatever the file system says.
    pub fn begin(place: &Path) -> io::Result<Draft> {
        if fs::symlink_metadata(place).is_ok() {
            return Err(taken());
        }
        Self::over(place)
    }

    /// Begins a file that may take the place of another one, see [`Draft::replace`].
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn over(place: &Path) -> io::Result<Draft> {
        remove_abandoned(place);
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = sibling(place, &format!(".{}-{number}{ENDING}", std::process::id()));
        let file = private().read(true).write(true).create_new(true).open(&path)?;
        DRAFTS.lock().unwrap_or_else(PoisonError::into_inner).push(path.clone());
        let draft = Draft { path, place: place.to_owned(), file };
        // a file system without locks must not keep anybody from writing
        let _ = draft.file.try_lock();
        Ok(draft)
    }

    /// Where it is written.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file itself.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The file itself, for writing.
    pub fn file_mut(&mut self) -> &mut File {
        &mut self.file
    }

    /// Puts the complete file in its place: its content and its name are on the disk afterwards.
    ///
    /// # Errors
    /// `AlreadyExists` where something has come to that place meanwhile, and whatever the file
    /// system says. The draft is removed.
    pub fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        match fs::hard_link(&self.path, &self.place) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(taken()),
            // some file systems know no links
            Err(_) if fs::symlink_metadata(&self.place).is_err() => fs::rename(&self.path, &self.place)?,
            Err(error) => return Err(error),
        }
        sync_folder(&self.place);
        Ok(())
    }

    /// [`Draft::finish`], where a file at that place is replaced.
    ///
    /// # Errors
    /// Whatever the file system says. The draft is removed.
    pub fn replace(self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, &self.place)?;
        sync_folder(&self.place);
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        remove_database(&self.path);
        DRAFTS.lock().unwrap_or_else(PoisonError::into_inner).retain(|path| *path != self.path);
    }
}

/// Removes all drafts of this process, which is about to end.
pub fn remove_drafts() {
    for path in DRAFTS.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        remove_database(&path);
    }
}

/// Options for a new file that only its owner may read.
pub fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "there is no mode to set"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a folder, and those above it that are missing, which only its owner may enter. One that is
/// there stays as it is.
///
/// # Errors
/// Whatever the file system says.
pub fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes the names in the folder of a file to the disk.
pub fn sync_folder(file: &Path) {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // not every system lets a folder be opened; then it has its own way
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// The path with something added to its name.
pub fn sibling(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

/// Names of files that SQLite keeps beside a database.
pub const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

fn remove_database(path: &Path) {
    let _ = fs::remove_file(path);
    for ending in BESIDE {
        let _ = fs::remove_file(sibling(path, ending));
    }
}

/// Removes drafts for a place whose processes have gone.
fn remove_abandoned(place: &Path) {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = place.file_name().and_then(|name| name.to_str()) else { return };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let found = entry.file_name();
        let middle = found.to_str().and_then(|n| n.strip_prefix(name)?.strip_prefix('.')?.strip_suffix(ENDING));
        let is_draft = middle.is_some_and(|m| {
            m.split_once('-').is_some_and(|(process, number)| {
                [process, number].iter().all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
            })
        });
        if is_draft && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            remove_database(&entry.path());
        }
    }
}

fn taken() -> io::Error {
    io::Error::new(ErrorKind::AlreadyExists, "a file with this name already exists")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("ironwood-draft-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_draft_is_complete_or_leaves_nothing() {
        let folder = folder("whole");
        let place = folder.join("b");
        let mut draft = Draft::begin(&place).unwrap();
        draft.file_mut().write_all(b"half").unwrap();
        assert!(!place.exists());
        drop(draft);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        // left by a process that was killed: no one holds its lock
        fs::write(folder.join("b.4711-0.part"), "half").unwrap();
        fs::write(folder.join("b.notes.part"), "somebody else's").unwrap();
        let mut draft = Draft::begin(&place).unwrap();
        let other = Draft::begin(&place).unwrap();
        draft.file_mut().write_all(b"whole").unwrap();
        draft.finish().unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), "whole");
        assert_eq!(other.finish().unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(Draft::begin(&place).unwrap_err().kind(), ErrorKind::AlreadyExists);
        let mut over = Draft::over(&place).unwrap();
        over.file_mut().write_all(b"new").unwrap();
        over.replace().unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), "new");
        let mut left: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["b", "b.notes.part"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
