//! What a node is made from, each time this server becomes the one that writes.

use std::sync::{Arc, Mutex, PoisonError};

use detente_node::federation::{Ledger, Limits};
use detente_node::node::{Effect, Node, Shared, StartError, Stored, StoredLedger};
use detente_stores::mirror::MirrorError;
use detente_stores::store::{Place, PlaceError, Store};

use super::disk::{Disk, DiskError};
use super::kept;
use super::own_log::{LedgerStore, OwnLog, OwnLogError};
use crate::clock::Clock;
use crate::house::{KeyRing, KeySource};

/// Everything a node is made from but its files.
#[derive(Clone, Debug)]
pub struct Parts<P> {
    /// Where its files are.
    pub place: Place,
    /// Origin of its own ledger.
    pub own: Arc<str>,
    /// Its keys, of which the ledger says which are in use.
    pub keys: KeySource,
    /// Every ledger of the agreement, its own among them.
    pub ledgers: Vec<Ledger>,
    /// The state before any entry.
    pub founding: P,
    /// What peers may cost.
    pub limits: Limits,
    /// The time its acts are dated by.
    pub clock: Clock,
}

/// What this server may write beside the ledgers: something while it is the one that writes.
#[derive(Clone, Debug, Default)]
pub struct Office(Arc<Mutex<Option<Store>>>);

impl Office {
    /// Works with the files; `None` while this server only reads.
    ///
    /// One thread at a time.
    pub fn with<T>(&self, work: impl FnOnce(&mut Store) -> T) -> Option<T> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_mut().map(work)
    }

    /// Works with nothing, while nobody here writes.
    pub fn hold<T>(&self, work: impl FnOnce() -> T) -> T {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let done = work();
        drop(held);
        done
    }

    pub(super) fn set(&self, files: Option<Store>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = files;
    }
}

/// A node that was opened to be written.
pub(super) struct Opened<P: Shared> {
    pub(super) node: Node<P>,
    pub(super) first: Vec<Effect<P>>,
    pub(super) own_log: OwnLog,
    pub(super) disk: Disk,
    pub(super) office: Store,
}

impl<P: Shared> Parts<P> {
    /// Returns the origins of everybody else's ledgers.
    pub(super) fn peers(&self) -> Vec<Arc<str>> {
        let origins = self.ledgers.iter().map(|ledger| ledger.origin.clone());
        origins.filter(|origin| *origin != self.own).collect()
    }

    /// Opens the node from files that this process writes.
    pub(super) fn open(&self, files: Store) -> Result<Opened<P>, OpenError> {
        let own = &self.own;
        let genesis = self
            .ledgers
            .iter()
            .find(|ledger| ledger.origin == *own)
            .map(|ledger| ledger.genesis.as_slice())
            .ok_or(OpenError::NoOwnLedger)?;
        let ring = self.keys.read();
        let ring = ring.map_err(|error| OpenError::Keys(error.to_string()))?;
        let mut ledger = LedgerStore::open(&files, ring.clone(), genesis)?;
        let own_files = (own.clone(), ledger.companion()?);
        let office = files.companion()?;
        let kept = kept::read(&files);
        let was_kept = kept.is_some();
        let (disk, found) = Disk::open(files, own_files, &self.peers())?;
        let mut ledgers = found.ledgers;
        ledgers.push(StoredLedger {
            origin: own.clone(),
            entries: ledger.take_entries(),
            head: ledger.head().clone(),
        });
        let stored = Stored {
            ledgers,
            forks: found.forks,
            blobs: found.blobs,
            kept,
        };
        let (node, first) = self.node(&ring, ledger.generation(), stored)?;
        kept::tell(&node, was_kept);
        if node.log_key(own).as_ref() != Some(ledger.key()) {
            return Err(OpenError::OtherKey);
        }
        Ok(Opened {
            node,
            first,
            own_log: OwnLog::new(ledger),
            disk,
            office,
        })
    }

    /// Makes a node that has seen nothing yet, to read what another server writes.
    pub(super) fn reader(&self) -> Result<Node<P>, OpenError> {
        let ring = self.keys.read();
        let ring = ring.map_err(|error| OpenError::Keys(error.to_string()))?;
        Ok(self.node(&ring, 0, Stored::default())?.0)
    }

    /// Makes a node of what is stored, with the keys of a generation.
    fn node(
        &self,
        ring: &KeyRing,
        generation: usize,
        stored: Stored,
    ) -> Result<(Node<P>, Vec<Effect<P>>), OpenError> {
        let identity = ring.identity(generation);
        let node = Node::new(
            identity.map_err(|error| OpenError::Keys(error.to_string()))?,
            &self.ledgers,
            self.founding.clone(),
            stored,
            self.limits,
            self.clock.now(),
        );
        Ok(node?)
    }
}

/// A node cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The place cannot be opened, or another process writes it.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The own ledger cannot be opened.
    #[error(transparent)]
    Ledger(#[from] OwnLogError),
    /// Mirrors or blobs cannot be opened.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// What is stored contradicts itself.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The node's keys cannot be read.
    #[error("the node's keys cannot be read: {0}")]
    Keys(String),
    /// The own ledger is signed with another key than its entries name.
    #[error("the node's own ledger is signed with a key that its newest key event does not name")]
    OtherKey,
    /// A thread cannot be started.
    #[error("the operating system refuses")]
    Io(#[from] std::io::Error),
    /// The own ledger is not one of the agreement's.
    #[error("the node's own ledger is not one of the agreement's")]
    NoOwnLedger,
}

impl OpenError {
    /// Whether files cannot be read or written, or another process writes them.
    pub fn is_of_files(&self) -> bool {
        match self {
            Self::Place(_) | Self::Io(_) => true,
            Self::Ledger(error) => error.is_of_files(),
            Self::Disk(error) => matches!(
                error,
                DiskError::Place(_)
                    | DiskError::Storage(_)
                    | DiskError::Mirror(MirrorError::Storage(_))
            ),
            Self::Start(_) | Self::Keys(_) | Self::OtherKey | Self::NoOwnLedger => false,
        }
    }

    /// Whether what is stored does not hold.
    pub fn is_of_a_ledger(&self) -> bool {
        match self {
            Self::Ledger(OwnLogError::Open(_) | OwnLogError::Read(_))
            | Self::Disk(DiskError::Mirror(_))
            | Self::Start(_) => !self.is_of_files(),
            _ => false,
        }
    }
}
