//! The port through which a ledger keeps its files.
//!
//! Paths are relative, `/`-separated, and never hold `..`. Nothing is durable before it is
//! settled or synced: a crash may lose or tear every write since. Real files are in
//! `detente-stores`; [`memory::MemoryDisk`] is a disk whose faults are chosen by a seed.

pub mod memory;

/// Files that survive, when told to.
pub trait Storage {
    /// Returns a whole file, or `None` when there is none.
    ///
    /// # Errors
    ///
    /// [`StorageError`], never for a file that does not exist.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StorageError>;

    /// Returns the names of the files directly in a directory, sorted; empty when there is none.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn list(&self, directory: &str) -> Result<Vec<String>, StorageError>;

    /// Creates a file of `bytes` zeros and makes it and its name durable.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn allocate(&mut self, path: &str, bytes: u64) -> Result<(), StorageError>;

    /// Overwrites part of an allocated file; not durable before [`Storage::sync`].
    ///
    /// # Errors
    ///
    /// [`StorageError`]; afterwards the range may hold old, new or mixed bytes.
    fn write_at(&mut self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StorageError>;

    /// Makes the bytes of an allocated file durable (fdatasync).
    ///
    /// # Errors
    ///
    /// [`StorageError`]; afterwards nothing is known about the bytes written since the last
    /// success, and a later success proves nothing about them.
    fn sync(&mut self, path: &str) -> Result<(), StorageError>;

    /// Creates or overwrites a whole file, with its directories; not durable before
    /// [`Storage::settle`], and not atomic.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError>;

    /// Makes whole files, their names, and the directories leading to them durable.
    ///
    /// # Errors
    ///
    /// As [`Storage::sync`].
    fn settle(&mut self, paths: &[String]) -> Result<(), StorageError>;

    /// Removes a file, if it is there; not durable.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn remove(&mut self, path: &str) -> Result<(), StorageError>;

    /// Replaces a file durably and in one step: a crash leaves the old file or the new one.
    ///
    /// # Errors
    ///
    /// [`StorageError`]; either of the two files may then be there.
    fn replace(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError>;

    /// Replaces several files durably, each in one step; what costs the same for one as for many is paid once.
    ///
    /// # Errors
    ///
    /// [`StorageError`]; some of the files may then be replaced.
    fn replace_all(&mut self, files: &[(String, &[u8])]) -> Result<(), StorageError> {
        files
            .iter()
            .try_for_each(|(path, bytes)| self.replace(path, bytes))
    }
}

/// A file operation failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot {operation} `{path}`: {reason}")]
pub struct StorageError {
    /// The operation, as a verb.
    pub operation: &'static str,
    /// The relative path.
    pub path: String,
    /// What the disk said.
    pub reason: String,
}
