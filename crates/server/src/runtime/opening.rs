//! What a node is made from, each time this server becomes the one that writes.

use std::sync::{Arc, Mutex, PoisonError};

use detente_ledger::vkey::NoteSigner;
use detente_node::federation::{Ledger, Limits};
use detente_node::node::{Effect, Identity, Node, Shared, StartError, Stored, StoredLedger};
use detente_stores::store::{Place, PlaceError, Store};

use super::disk::{Disk, DiskError};
use super::own_log::{LedgerStore, OwnLog, OwnLogError};
use crate::clock::Clock;

/// Everything a node is made from but its files.
#[derive(Clone, Debug)]
pub struct Parts<P> {
    /// Where its files are.
    pub place: Place,
    /// Who it is.
    pub identity: Identity,
    /// Signs its ledger.
    pub signer: NoteSigner,
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
        origins
            .filter(|origin| *origin != self.identity.origin)
            .collect()
    }

    /// Opens the node from files that this process writes.
    pub(super) fn open(&self, files: Store) -> Result<Opened<P>, OpenError> {
        let own = &self.identity.origin;
        let genesis = self
            .ledgers
            .iter()
            .find(|ledger| ledger.origin == *own)
            .map(|ledger| ledger.genesis.as_slice())
            .ok_or(OpenError::NoOwnLedger)?;
        let mut ledger = LedgerStore::open(&files, self.signer.clone(), genesis)?;
        let own_files = (own.clone(), ledger.companion()?);
        let office = files.companion()?;
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
        };
        let (node, first) = self.node(stored)?;
        Ok(Opened {
            node,
            first,
            own_log: OwnLog::new(ledger),
            disk,
            office,
        })
    }

    /// Makes a node of what is stored.
    pub(super) fn node(&self, stored: Stored) -> Result<(Node<P>, Vec<Effect<P>>), StartError> {
        Node::new(
            self.identity.clone(),
            &self.ledgers,
            self.founding.clone(),
            stored,
            self.limits,
            self.clock.now(),
        )
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
    /// A thread cannot be started.
    #[error("the operating system refuses")]
    Io(#[from] std::io::Error),
    /// The own ledger is not one of the agreement's.
    #[error("the node's own ledger is not one of the agreement's")]
    NoOwnLedger,
}
