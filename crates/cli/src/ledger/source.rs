//! Where a ledger lies: a folder, or below a URL.

use std::path::Path;

use clap::Args;
use detente_ledger::checkpoint::{CheckpointError, SignedCheckpoint};
use detente_ledger::reader::{FetchError, TileSource};
use detente_stores::directory::Directory;

use super::web::{Connection, Web};
use crate::failure::{Failure, FailureKind};

/// Names a ledger.
#[derive(Args, Debug)]
pub(crate) struct LedgerPlace {
    /// Folder or URL prefix with `checkpoint` and `tile/`
    #[arg(value_name = "DIR|URL")]
    pub(crate) ledger: String,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// A place to fetch a ledger's files from.
#[derive(Debug)]
pub(crate) enum Source {
    /// A folder on this machine.
    Folder(Directory),
    /// A web server.
    Web(Web),
}

impl LedgerPlace {
    /// Names a folder on this machine.
    pub(super) fn of_folder(ledger: String) -> Self {
        let connection = Connection::unused();
        Self { ledger, connection }
    }

    /// Opens the place; a folder must exist.
    pub(crate) fn open(&self) -> Result<Source, Failure> {
        if Web::is_url(&self.ledger) {
            return Ok(Source::Web(Web::new(&self.ledger, &self.connection)?));
        }
        let path = Path::new(&self.ledger);
        std::fs::read_dir(path).map_err(|error| Failure::unreadable(path, error))?;
        Ok(Source::Folder(Directory::new(path)))
    }
}

impl Source {
    /// Reads the published checkpoint; says what is wrong with it when it cannot be parsed.
    pub(crate) fn checkpoint(&self) -> Result<Result<SignedCheckpoint, String>, Failure> {
        let bytes = self
            .fetch("checkpoint")
            .map_err(|error| self.unreachable(error))?;
        Ok(match bytes {
            None => Err("missing".to_owned()),
            Some(bytes) => {
                SignedCheckpoint::parse(&bytes).map_err(|error: CheckpointError| error.to_string())
            }
        })
    }

    /// Returns the paths of all files, where the place can tell.
    pub(crate) fn paths(&self) -> Result<Option<Vec<String>>, Failure> {
        match self {
            Self::Folder(folder) => folder
                .paths()
                .map(Some)
                .map_err(|error| self.unreachable(error)),
            Self::Web(_) => Ok(None),
        }
    }

    /// Translates a failed fetch: a folder that cannot be read, or a server that is not there.
    pub(crate) fn unreachable(&self, error: FetchError) -> Failure {
        match self {
            Self::Folder(_) => Failure::new(FailureKind::Usage, error),
            Self::Web(web) => web.unreachable(error),
        }
    }
}

impl TileSource for Source {
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        match self {
            Self::Folder(folder) => folder.fetch(path),
            Self::Web(web) => web.fetch(path),
        }
    }
}
