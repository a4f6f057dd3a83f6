//! Reading a log's folder that anybody may have written.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use detente_ledger::bundle::BUNDLE_BYTES_MAX;
use detente_ledger::reader::{FetchError, TileSource};

/// Deepest folder below a log: `tile/<level>/` and seven index elements, and room.
const DEPTH_MAX: usize = 16;

/// A folder with `checkpoint` and `tile/`, read only; nothing is locked or written.
#[derive(Clone, Debug)]
pub struct Directory {
    root: PathBuf,
}

impl Directory {
    /// Names the folder; it is looked at when something is fetched.
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// Returns the relative paths of all files below, sorted.
    ///
    /// # Errors
    ///
    /// [`FetchError`] for a folder that cannot be read.
    pub fn paths(&self) -> Result<Vec<String>, FetchError> {
        let mut paths = Vec::new();
        self.walk(&self.root, "", 0, &mut paths)
            .map_err(|error| FetchError {
                path: self.root.display().to_string(),
                reason: error.to_string(),
            })?;
        paths.sort();
        Ok(paths)
    }

    /// Returns a reader of a folder in it.
    #[must_use]
    pub fn below(&self, folder: &str) -> Self {
        Self {
            root: self.root.join(folder),
        }
    }

    /// Returns the files directly in a folder with their lengths, sorted by name.
    ///
    /// # Errors
    ///
    /// [`FetchError`] for a folder that cannot be read.
    pub fn lengths(&self, folder: &str) -> Result<Vec<(String, u64)>, FetchError> {
        let read = || {
            let entries = match fs::read_dir(self.root.join(folder)) {
                Err(error) if is_absence(&error) => return Ok(Vec::new()),
                entries => entries?,
            };
            let mut lengths = Vec::new();
            for entry in entries {
                let entry = entry?;
                let metadata = entry.metadata()?;
                if metadata.is_file() {
                    let name = entry.file_name().to_string_lossy().into_owned();
                    lengths.push((name, metadata.len()));
                }
            }
            lengths.sort();
            Ok(lengths)
        };
        read().map_err(failed(folder))
    }

    /// Reads a file of at most so many bytes.
    ///
    /// # Errors
    ///
    /// [`FetchError`], also for a longer one.
    pub fn fetch_up_to(&self, path: &str, bytes_max: usize) -> Result<Option<Vec<u8>>, FetchError> {
        self.read(path, bytes_max).map_err(failed(path))
    }

    fn walk(
        &self,
        folder: &Path,
        prefix: &str,
        depth: usize,
        paths: &mut Vec<String>,
    ) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            // Links are not followed: a loop would never end.
            if entry.file_type()?.is_dir() && depth < DEPTH_MAX {
                self.walk(&entry.path(), &format!("{path}/"), depth + 1, paths)?;
            } else {
                paths.push(path);
            }
        }
        Ok(())
    }

    fn read(&self, path: &str, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
        let full = self.root.join(path);
        let metadata = match fs::metadata(&full) {
            Ok(metadata) => metadata,
            Err(error) if is_absence(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        // A pipe or device of this name could block for ever.
        if !metadata.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        let limit = bytes_max as u64;
        if metadata.len() > limit {
            return Err(io::Error::other("larger than any such file"));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
        File::open(&full)?.take(limit).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }
}

fn failed(path: &str) -> impl Fn(io::Error) -> FetchError + '_ {
    move |error| FetchError {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

impl TileSource for Directory {
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        self.fetch_up_to(path, BUNDLE_BYTES_MAX)
    }
}
