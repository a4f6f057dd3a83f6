//! What the disk holds when a node is started, and why it could not be.

use std::sync::Arc;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::hash::Hash;

use super::kept::KeptFile;
use crate::federation::GenesisError;

/// What the disk holds when a node is started.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// The own ledger and every mirror.
    pub ledgers: Vec<StoredLedger>,
    /// Fork proof files.
    pub forks: Vec<Vec<u8>>,
    /// Blobs by hash, with their lengths.
    pub blobs: Vec<(Hash, u64)>,
    /// What was kept so that the node starts quickly.
    pub kept: Option<KeptFile>,
}

/// A ledger on the disk.
#[derive(Clone, Debug)]
pub struct StoredLedger {
    /// Its origin.
    pub origin: Arc<str>,
    /// Every entry under the head.
    pub entries: Vec<Vec<u8>>,
    /// Its newest checkpoint whose entries are all there, with cosignatures.
    pub head: SignedCheckpoint,
}

/// A node could not be started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// A genesis entry does not hold.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// A stored ledger is not what its checkpoint says, or not one of the agreement.
    #[error("the stored entries of `{origin}` do not give its stored checkpoint")]
    Stored {
        /// The ledger.
        origin: String,
    },
}
