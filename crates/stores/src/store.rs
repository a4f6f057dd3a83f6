//! Where a node keeps what it has: a folder, or a schema in a database.
//!
//! Both hold the same files under the same paths, so that everything above is written once.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use detente_ledger::bundle::BUNDLE_BYTES_MAX;
use detente_ledger::reader::{FetchError, TileSource};
use detente_ledger::storage::{Storage, StorageError};

use crate::directory::Directory;
use crate::files::{Files, FilesError};
use crate::postgres::{Candidate, Database, Postgres, PostgresError, PostgresReader};

/// Where a node keeps what it has.
#[derive(Clone, Debug)]
pub enum Place {
    /// A folder, written by one process.
    Folder(PathBuf),
    /// A database that elects who writes; the name is that of the node's own ledger.
    Database(Database, Arc<str>),
}

/// What a process needs to become the one that writes.
#[derive(Debug)]
pub enum Claim {
    /// To a folder.
    Folder(PathBuf),
    /// To a database.
    Database(Box<Candidate>),
}

/// The files of a node, or of a folder in them, written by this process alone.
#[derive(Debug)]
pub enum Store {
    /// In a folder.
    Files(Files),
    /// In a database.
    Postgres(Postgres),
}

/// The files of a node, or of a folder in them, for reading; nothing is locked.
#[derive(Clone, Debug)]
pub enum Reader {
    /// In a folder.
    Directory(Directory),
    /// In a database.
    Postgres(PostgresReader),
}

impl Place {
    /// Returns whether several servers can share it, one of which writes.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Database(..))
    }

    /// Returns what it takes to become the one that writes.
    pub fn claim(&self) -> Claim {
        match self {
            Self::Folder(root) => Claim::Folder(root.clone()),
            Self::Database(database, name) => {
                Claim::Database(Box::new(Candidate::new(database, name)))
            }
        }
    }

    /// Takes the place to write it.
    ///
    /// # Errors
    ///
    /// [`PlaceError`], also when another process writes it.
    pub fn take(&self) -> Result<Store, PlaceError> {
        match self {
            Self::Folder(root) => Ok(Store::Files(Files::open(root)?)),
            Self::Database(database, name) => Ok(Store::Postgres(Postgres::stand(database, name)?)),
        }
    }

    /// Opens the place to read it.
    ///
    /// # Errors
    ///
    /// [`PlaceError`].
    pub fn reader(&self) -> Result<Reader, PlaceError> {
        Ok(match self {
            Self::Folder(root) => Reader::Directory(Directory::new(root)),
            Self::Database(database, name) => {
                Reader::Postgres(PostgresReader::open(database, name)?)
            }
        })
    }
}

impl Claim {
    /// Makes the claim; `None` while another server of a database writes.
    ///
    /// # Errors
    ///
    /// [`PlaceError`]; for a folder also when another process writes it.
    pub fn make(&mut self) -> Result<Option<Store>, PlaceError> {
        match self {
            Self::Folder(root) => Ok(Some(Store::Files(Files::open(root)?))),
            Self::Database(candidate) => Ok(candidate.stand()?.map(Store::Postgres)),
        }
    }
}

impl Store {
    /// Opens a folder in it.
    ///
    /// # Errors
    ///
    /// [`PlaceError`].
    pub fn below(&self, folder: &str) -> Result<Self, PlaceError> {
        Ok(match self {
            Self::Files(files) => Self::Files(Files::open(&files.root().join(folder))?),
            Self::Postgres(database) => Self::Postgres(database.below(folder)),
        })
    }

    /// Opens a second handle of the same files, for another thread of this process.
    ///
    /// Both must not write the same file at the same time.
    ///
    /// # Errors
    ///
    /// [`PlaceError`].
    pub fn companion(&self) -> Result<Self, PlaceError> {
        Ok(match self {
            Self::Files(files) => Self::Files(files.companion()),
            Self::Postgres(database) => Self::Postgres(database.companion()?),
        })
    }

    /// Makes sure that this process is still the one that writes; a folder's lock lasts as long as
    /// the process.
    ///
    /// # Errors
    ///
    /// [`PlaceError`]; the store then has stopped for good.
    pub fn check(&self) -> Result<(), PlaceError> {
        match self {
            Self::Files(_) => Ok(()),
            Self::Postgres(database) => Ok(database.check_term()?),
        }
    }

    /// Returns the files directly in a directory with their lengths, by name.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    pub fn lengths(&self, directory: &str) -> Result<BTreeMap<String, u64>, StorageError> {
        match self {
            Self::Files(files) => files.lengths(directory),
            Self::Postgres(database) => database.lengths(directory),
        }
    }

    fn port(&self) -> &dyn Storage {
        match self {
            Self::Files(files) => files,
            Self::Postgres(database) => database,
        }
    }

    fn port_mut(&mut self) -> &mut dyn Storage {
        match self {
            Self::Files(files) => files,
            Self::Postgres(database) => database,
        }
    }
}

impl Storage for Store {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StorageError> {
        self.port().read(path)
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, StorageError> {
        self.port().list(directory)
    }

    fn allocate(&mut self, path: &str, bytes: u64) -> Result<(), StorageError> {
        self.port_mut().allocate(path, bytes)
    }

    fn write_at(&mut self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StorageError> {
        self.port_mut().write_at(path, offset, bytes)
    }

    fn sync(&mut self, path: &str) -> Result<(), StorageError> {
        self.port_mut().sync(path)
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.port_mut().write(path, bytes)
    }

    fn settle(&mut self, paths: &[String]) -> Result<(), StorageError> {
        self.port_mut().settle(paths)
    }

    fn remove(&mut self, path: &str) -> Result<(), StorageError> {
        self.port_mut().remove(path)
    }

    fn replace(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.port_mut().replace(path, bytes)
    }

    fn replace_all(&mut self, files: &[(String, &[u8])]) -> Result<(), StorageError> {
        self.port_mut().replace_all(files)
    }
}

impl Reader {
    /// Returns a reader of a folder in it.
    #[must_use]
    pub fn below(&self, folder: &str) -> Self {
        match self {
            Self::Directory(directory) => Self::Directory(directory.below(folder)),
            Self::Postgres(database) => Self::Postgres(database.below(folder)),
        }
    }

    /// Reads a file of at most so many bytes.
    ///
    /// # Errors
    ///
    /// [`FetchError`].
    pub fn read(&self, path: &str, bytes_max: usize) -> Result<Option<Vec<u8>>, FetchError> {
        match self {
            Self::Directory(directory) => directory.fetch_up_to(path, bytes_max),
            Self::Postgres(database) => database
                .read(path, bytes_max)
                .map_err(|error| unfetched(path, &error)),
        }
    }

    /// Returns the paths of all files, sorted.
    ///
    /// # Errors
    ///
    /// [`FetchError`].
    pub fn paths(&self) -> Result<Vec<String>, FetchError> {
        match self {
            Self::Directory(directory) => directory.paths(),
            Self::Postgres(database) => database.paths().map_err(|error| unfetched("", &error)),
        }
    }

    /// Returns the names of the files directly in a directory with their lengths, sorted.
    ///
    /// # Errors
    ///
    /// [`FetchError`].
    pub fn lengths(&self, folder: &str) -> Result<Vec<(String, u64)>, FetchError> {
        match self {
            Self::Directory(directory) => directory.lengths(folder),
            Self::Postgres(database) => database
                .lengths(folder)
                .map_err(|error| unfetched(folder, &error)),
        }
    }
}

fn unfetched(path: &str, error: &PostgresError) -> FetchError {
    FetchError {
        path: path.to_owned(),
        reason: error.in_full(),
    }
}

impl TileSource for Reader {
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        self.read(path, BUNDLE_BYTES_MAX)
    }
}

/// A place cannot be opened, or is another's to write.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// The folder.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The database.
    #[error("{}", .0.in_full())]
    Postgres(#[from] PostgresError),
}

impl PlaceError {
    /// Whether the database could not be reached, or failed.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Postgres(PostgresError::Database(_)))
    }

    /// Whether another process writes the place.
    pub fn is_held(&self) -> bool {
        matches!(
            self,
            Self::Files(FilesError::Locked { .. }) | Self::Postgres(PostgresError::Held { .. })
        )
    }
}
