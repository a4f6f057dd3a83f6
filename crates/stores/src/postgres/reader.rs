//! Reading a ledger's files from the database, by any server, elected or not.

use std::sync::{Mutex, PoisonError};

use detente_ledger::bundle::BUNDLE_BYTES_MAX;
use detente_ledger::reader::{FetchError, TileSource};
use postgres::Client;

use super::{PostgresError, session};
use crate::relative::is_plain;

/// The published files of a ledger; nothing is locked or written.
pub struct PostgresReader {
    ledger: String,
    url: String,
    /// Opened again when the connection is lost.
    client: Mutex<Option<Client>>,
}

impl std::fmt::Debug for PostgresReader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("PostgresReader")
            .field("ledger", &self.ledger)
            .finish_non_exhaustive()
    }
}

impl PostgresReader {
    /// Connects.
    ///
    /// # Errors
    ///
    /// [`PostgresError`].
    pub fn open(url: &str, ledger: &str) -> Result<Self, PostgresError> {
        let mut client = session::connect(url)?;
        session::create_tables(&mut client)?;
        Ok(Self {
            ledger: ledger.to_owned(),
            url: url.to_owned(),
            client: Mutex::new(Some(client)),
        })
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, PostgresError> {
        if !is_plain(path) {
            return Err(PostgresError::Path);
        }
        let mut held = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_none_or(Client::is_closed) {
            *held = Some(session::connect(&self.url)?);
        }
        let Some(client) = held.as_mut() else {
            return Err(PostgresError::Stopped);
        };
        let limit = i32::try_from(BUNDLE_BYTES_MAX).unwrap_or(i32::MAX);
        let row = client.query_opt(
            "select bytes from detente.file
             where ledger = $1 and path = $2 and octet_length(bytes) <= $3",
            &[&self.ledger, &path, &limit],
        )?;
        Ok(match row {
            Some(row) => Some(row.try_get(0)?),
            None => None,
        })
    }
}

impl TileSource for PostgresReader {
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        self.read(path).map_err(|error| FetchError {
            path: path.to_owned(),
            reason: error.in_full(),
        })
    }
}
