//! Reading a node's files from the database, by any server, elected or not.

use std::sync::{Arc, Mutex, PoisonError};

use detente_ledger::bundle::BUNDLE_BYTES_MAX;
use detente_ledger::reader::{FetchError, TileSource};
use postgres::Client;

use super::session::Connection;
use super::{Database, PostgresError, session};
use crate::relative::is_plain;

/// The published files of a ledger; nothing is locked or written.
#[derive(Clone)]
pub struct PostgresReader {
    database: Database,
    ledger: Arc<str>,
    folder: String,
    /// Opened again when the connection is lost.
    client: Arc<Mutex<Option<Connection>>>,
}

impl std::fmt::Debug for PostgresReader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("PostgresReader")
            .field("database", &self.database)
            .field("ledger", &self.ledger)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl PostgresReader {
    /// Connects.
    ///
    /// # Errors
    ///
    /// [`PostgresError`].
    pub fn open(database: &Database, ledger: &str) -> Result<Self, PostgresError> {
        let mut client = database.connect()?;
        client.with(|client| session::create_tables(client, database))?;
        Ok(Self {
            database: database.clone(),
            ledger: Arc::from(ledger),
            folder: String::new(),
            client: Arc::new(Mutex::new(Some(client))),
        })
    }

    /// Returns a reader whose paths begin in a folder, over the same connection.
    #[must_use]
    pub fn below(&self, folder: &str) -> Self {
        let mut below = self.clone();
        below.folder = format!("{}{folder}/", self.folder);
        below
    }

    /// Reads a file of at most so many bytes; a longer one is not there.
    ///
    /// # Errors
    ///
    /// [`PostgresError`].
    pub fn read(&self, path: &str, bytes_max: usize) -> Result<Option<Vec<u8>>, PostgresError> {
        let limit = i32::try_from(bytes_max).unwrap_or(i32::MAX);
        let schema = self.database.schema();
        if !is_plain(path) {
            return Err(PostgresError::Path);
        }
        let (ledger, path) = (&*self.ledger, format!("{}{path}", self.folder));
        let row = self.with(|client| {
            client.query_opt(
                &format!(
                    "select bytes from {schema}.file
                     where ledger = $1 and path = $2 and octet_length(bytes) <= $3"
                ),
                &[&ledger, &path, &limit],
            )
        })?;
        Ok(match row {
            Some(row) => Some(row.try_get(0)?),
            None => None,
        })
    }

    /// Returns the names of the files directly in a directory, with their lengths.
    ///
    /// # Errors
    ///
    /// [`PostgresError`].
    pub fn lengths(&self, directory: &str) -> Result<Vec<(String, u64)>, PostgresError> {
        let schema = self.database.schema();
        let (ledger, prefix) = (&*self.ledger, format!("{}{directory}/", self.folder));
        let rows = self.with(|client| {
            client.query(
                &format!(
                    "select path, octet_length(bytes)::bigint from {schema}.file
                     where ledger = $1 and starts_with(path, $2) order by path"
                ),
                &[&ledger, &prefix],
            )
        })?;
        let mut lengths = Vec::new();
        for row in rows {
            let (path, bytes): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
            let name = path
                .strip_prefix(&prefix)
                .filter(|name| !name.contains('/'));
            lengths.extend(name.map(|name| (name.to_owned(), u64::try_from(bytes).unwrap_or(0))));
        }
        Ok(lengths)
    }

    /// Returns the paths of all files, sorted.
    ///
    /// # Errors
    ///
    /// [`PostgresError`].
    pub fn paths(&self) -> Result<Vec<String>, PostgresError> {
        let schema = self.database.schema();
        let rows = self.with(|client| {
            client.query(
                &format!(
                    "select path from {schema}.file
                     where ledger = $1 and starts_with(path, $2) order by path"
                ),
                &[&&*self.ledger, &self.folder],
            )
        })?;
        let mut paths = Vec::new();
        for row in rows {
            let path: String = row.try_get(0)?;
            paths.extend(path.strip_prefix(&self.folder).map(str::to_owned));
        }
        Ok(paths)
    }

    fn with<T: Send>(
        &self,
        work: impl FnOnce(&mut Client) -> Result<T, postgres::Error> + Send,
    ) -> Result<T, PostgresError> {
        let mut held = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let mut connection = match held.take().filter(|open| !open.is_closed()) {
            Some(connection) => connection,
            None => self.database.connect()?,
        };
        let done = connection.with(|client| Ok(work(client)?));
        *held = Some(connection);
        done
    }
}

impl TileSource for PostgresReader {
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        self.read(path, BUNDLE_BYTES_MAX)
            .map_err(|error| FetchError {
                path: path.to_owned(),
                reason: error.in_full(),
            })
    }
}
