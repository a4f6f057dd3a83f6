//! A ledger's files on a real disk, held by one process at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, FileExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use detente_ledger::storage::{Storage, StorageError};

use crate::relative::is_plain;

/// Held exclusively by the process that writes.
const LOCK_PATH: &str = "lock";
/// Suffix of a file that is about to take another's place.
const SUCCESSOR: &str = "new";
/// Who may use a node's folders and files: its own account, since names of sources and exact places lie in them.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
/// Zeros written at a time.
const ZEROS_BYTES: usize = 1 << 20;
/// From this many files on, the whole file system is flushed first: then their own syncs find
/// nothing left to write, and only report errors. One by one, each would commit the journal.
const FLUSH_FILES_MIN: usize = 8;

/// A folder that one process writes.
#[derive(Debug)]
pub struct Files {
    root: PathBuf,
    /// The lock lasts as long as the last handle.
    lock: Arc<File>,
    /// Write-ahead segments stay open.
    open: BTreeMap<String, File>,
    /// Folders whose own names are durable.
    known: BTreeSet<PathBuf>,
}

impl Files {
    /// Opens a folder, creating it if needed, and locks it.
    ///
    /// # Errors
    ///
    /// [`FilesError::Locked`] when another process writes it.
    pub fn open(root: &Path) -> Result<Self, FilesError> {
        let context = |error| FilesError::Io {
            path: root.display().to_string(),
            error,
        };
        create_folders(root).map_err(context)?;
        let mut options = OpenOptions::new();
        let options = options.create(true).truncate(false).write(true);
        let options = options.mode(FILE_MODE);
        let lock = options.open(root.join(LOCK_PATH)).map_err(context)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => FilesError::Locked {
                path: root.display().to_string(),
            },
            TryLockError::Error(error) => context(error),
        })?;
        // A folder of another account is not ours to change.
        let _ = tighten(root);
        // The folder's own name must be durable, too; a parent that cannot be opened is not ours.
        if let Some(parent) = root
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            let _ = sync_folder(parent);
        }
        Ok(Self {
            root: root.to_owned(),
            lock: Arc::new(lock),
            open: BTreeMap::new(),
            known: BTreeSet::new(),
        })
    }

    /// Returns a second handle of the same folder, for another thread of this process.
    ///
    /// Both must not write the same file at the same time.
    #[must_use]
    pub fn companion(&self) -> Self {
        Self {
            root: self.root.clone(),
            lock: Arc::clone(&self.lock),
            open: BTreeMap::new(),
            known: BTreeSet::new(),
        }
    }

    /// Returns the folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the files directly in a directory with their lengths, by name.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    pub fn lengths(&self, directory: &str) -> Result<BTreeMap<String, u64>, StorageError> {
        let lengths = self.path(directory).and_then(|full| {
            let Some(entries) = absent_is_none(fs::read_dir(full))? else {
                return Ok(BTreeMap::new());
            };
            let mut lengths = BTreeMap::new();
            for entry in entries {
                let entry = entry?;
                let metadata = entry.metadata()?;
                if metadata.is_file() {
                    let name = entry.file_name().into_string().ok();
                    lengths.extend(name.map(|name| (name, metadata.len())));
                }
            }
            Ok(lengths)
        });
        lengths.map_err(failed("list", directory))
    }

    fn path(&self, path: &str) -> io::Result<PathBuf> {
        if !is_plain(path) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not a plain relative path",
            ));
        }
        Ok(self.root.join(path))
    }

    fn segment(&mut self, path: &str) -> io::Result<&File> {
        if !self.open.contains_key(path) {
            let full = self.path(path)?;
            let file = OpenOptions::new().write(true).open(full)?;
            self.open.insert(path.to_owned(), file);
        }
        self.open
            .get(path)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn fill_with_zeros(&mut self, path: &str, bytes: u64) -> io::Result<()> {
        self.open.remove(path);
        let full = self.path(path)?;
        create_parents(&full)?;
        let mut file = create(&full)?;
        let zeros = vec![0; ZEROS_BYTES];
        let mut left = bytes;
        while left > 0 {
            let count = usize::try_from(left)
                .unwrap_or(ZEROS_BYTES)
                .min(ZEROS_BYTES);
            file.write_all(zeros.get(..count).unwrap_or(&zeros))?;
            left -= count as u64;
        }
        file.sync_all()?;
        self.sync_folders(&full)
    }

    /// Makes the names that lead to a file durable, from its folder up to the root.
    fn sync_folders(&mut self, full: &Path) -> io::Result<()> {
        let folders = full
            .ancestors()
            .skip(1)
            .take_while(|path| path.starts_with(&self.root));
        for (height, folder) in folders.enumerate() {
            // A folder's own name is synced once; the file's folder gets new names all the time.
            if height > 0 && self.known.contains(folder) {
                continue;
            }
            sync_folder(folder)?;
            self.known.insert(folder.to_owned());
        }
        Ok(())
    }

    fn settle_all(&mut self, paths: &[String]) -> io::Result<()> {
        if paths.len() >= FLUSH_FILES_MIN {
            flush_file_system(&self.root)?;
        }
        let mut folders = BTreeSet::new();
        for path in paths {
            let full = self.path(path)?;
            File::open(&full)?.sync_all()?;
            folders.extend(full.parent().map(Path::to_owned));
        }
        for folder in folders {
            self.sync_folders(&folder.join(SUCCESSOR))?;
        }
        Ok(())
    }

    /// Writes every successor, makes all of them durable, and only then gives them their names.
    fn replace_each(&mut self, files: &[(String, &[u8])]) -> io::Result<()> {
        let mut successors = Vec::with_capacity(files.len());
        for (path, bytes) in files {
            let full = self.path(path)?;
            create_parents(&full)?;
            let successor = successor_of(&full);
            create(&successor)?.write_all(bytes)?;
            successors.push((successor, full));
        }
        if successors.len() >= FLUSH_FILES_MIN {
            flush_file_system(&self.root)?;
        }
        for (successor, _) in &successors {
            File::open(successor)?.sync_all()?;
        }
        let mut folders = BTreeSet::new();
        for (successor, full) in &successors {
            fs::rename(successor, full)?;
            folders.extend(full.parent().map(Path::to_owned));
        }
        for folder in folders {
            self.sync_folders(&folder.join(SUCCESSOR))?;
        }
        Ok(())
    }

    fn replace_whole(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let full = self.path(path)?;
        create_parents(&full)?;
        let successor = successor_of(&full);
        let mut file = create(&successor)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&successor, &full)?;
        self.sync_folders(&full)
    }
}

/// The name of what is to take the place of a file.
fn successor_of(full: &Path) -> PathBuf {
    let mut successor = full.to_owned().into_os_string();
    successor.push(".");
    successor.push(SUCCESSOR);
    PathBuf::from(successor)
}

fn create_parents(full: &Path) -> io::Result<()> {
    full.parent().map_or(Ok(()), create_folders)
}

fn create_folders(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(FOLDER_MODE).create(folder)
}

/// Creates a file, or empties the one that is there.
fn create(full: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(true);
    options.mode(FILE_MODE).open(full)
}

/// Closes a folder to other accounts that an earlier version, or somebody by hand, left open.
fn tighten(folder: &Path) -> io::Result<()> {
    let mode = fs::metadata(folder)?.permissions().mode();
    match mode & 0o077 {
        0 => Ok(()),
        _ => fs::set_permissions(folder, Permissions::from_mode(mode & 0o700)),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Writes out what the file system holds in memory. Only haste: whether a file is durable, its own
/// sync says; where there is no such call, those syncs do all the work.
fn flush_file_system(folder: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    let _ = rustix::fs::syncfs(File::open(folder)?);
    #[cfg(not(target_os = "linux"))]
    let _ = folder;
    Ok(())
}

fn absent_is_none<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(None),
        Err(error) => Err(error),
    }
}

fn failed<'a>(operation: &'static str, path: &'a str) -> impl Fn(io::Error) -> StorageError + 'a {
    move |error| StorageError {
        operation,
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

impl Storage for Files {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let bytes = self
            .path(path)
            .and_then(|full| absent_is_none(fs::read(full)));
        bytes.map_err(failed("read", path))
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, StorageError> {
        self.lengths(directory)
            .map(|lengths| lengths.into_keys().collect())
    }

    fn allocate(&mut self, path: &str, bytes: u64) -> Result<(), StorageError> {
        self.fill_with_zeros(path, bytes)
            .map_err(failed("allocate", path))
    }

    fn write_at(&mut self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StorageError> {
        let written = self
            .segment(path)
            .and_then(|file| file.write_all_at(bytes, offset));
        written.map_err(failed("write", path))
    }

    fn sync(&mut self, path: &str) -> Result<(), StorageError> {
        self.segment(path)
            .and_then(File::sync_data)
            .map_err(failed("sync", path))
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let written = self.path(path).and_then(|full| match create(&full) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create_parents(&full)?;
                create(&full)?.write_all(bytes)
            }
            created => created?.write_all(bytes),
        });
        written.map_err(failed("write", path))
    }

    fn settle(&mut self, paths: &[String]) -> Result<(), StorageError> {
        let first = paths.first().map_or("", String::as_str);
        self.settle_all(paths).map_err(failed("sync", first))
    }

    fn remove(&mut self, path: &str) -> Result<(), StorageError> {
        let removed = self
            .path(path)
            .and_then(|full| absent_is_none(fs::remove_file(full)));
        removed.map(|_| ()).map_err(failed("remove", path))
    }

    fn replace(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.replace_whole(path, bytes)
            .map_err(failed("replace", path))
    }

    fn replace_all(&mut self, files: &[(String, &[u8])]) -> Result<(), StorageError> {
        let first = files.first().map_or("", |(path, _)| path.as_str());
        self.replace_each(files).map_err(failed("replace", first))
    }
}

/// A ledger's folder could not be opened for writing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FilesError {
    /// Another process writes it.
    #[error("`{path}` is being written by another process")]
    Locked {
        /// The folder.
        path: String,
    },
    /// The file system failed.
    #[error("cannot open `{path}`")]
    Io {
        /// The folder.
        path: String,
        /// What it said.
        #[source]
        error: io::Error,
    },
}
