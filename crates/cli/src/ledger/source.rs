//! Where a ledger lies: a folder, or below a URL.

use std::path::Path;

use clap::Args;
use detente_ledger::bundle::BUNDLE_BYTES_MAX;
use detente_ledger::checkpoint::{CheckpointError, SignedCheckpoint};
use detente_ledger::reader::{FetchError, TileSource};
use detente_stores::directory::Directory;

use crate::failure::{Failure, FailureKind};

/// Names a ledger.
#[derive(Args, Debug)]
pub(crate) struct LedgerPlace {
    /// Folder or URL prefix with `checkpoint` and `tile/`
    #[arg(value_name = "DIR|URL")]
    pub(crate) ledger: String,
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
    /// Opens the place; a folder must exist.
    pub(crate) fn open(&self) -> Result<Source, Failure> {
        if self.ledger.starts_with("http://") {
            return Ok(Source::Web(Web::new(&self.ledger)));
        }
        if self.ledger.starts_with("https://") {
            let message = "this build fetches over http:// only";
            return Err(Failure::new(FailureKind::Usage, message).hint(
                "authenticity comes from signatures, not from the connection; or mirror the \
                 ledger into a folder and verify that",
            ));
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
        let kind = match self {
            Self::Folder(_) => FailureKind::Usage,
            Self::Web(_) => FailureKind::Unreachable,
        };
        Failure::new(kind, error)
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

/// A URL prefix.
#[derive(Debug)]
pub(crate) struct Web {
    prefix: String,
    agent: ureq::Agent,
}

impl Web {
    fn new(url: &str) -> Self {
        /// A server that takes longer for one file is as good as not there.
        const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .build();
        Self {
            prefix: url.trim_end_matches('/').to_owned(),
            agent: config.new_agent(),
        }
    }
}

impl TileSource for Web {
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        let failed = |reason: String| FetchError {
            path: path.to_owned(),
            reason,
        };
        let url = format!("{}/{path}", self.prefix);
        let mut response = self
            .agent
            .get(&url)
            .call()
            .map_err(|error| failed(error.to_string()))?;
        match response.status().as_u16() {
            200 => {}
            404 | 410 => return Ok(None),
            status => return Err(failed(format!("the server answered {status}"))),
        }
        let limit = BUNDLE_BYTES_MAX as u64;
        let body = response.body_mut().with_config().limit(limit).read_to_vec();
        body.map(Some).map_err(|error| failed(error.to_string()))
    }
}
