//! The keys a participant used, uses and is going to use, in their order.
//!
//! Which of them counts is said by the ledger alone: by the newest key event in it. So a rotation
//! needs no second place that remembers how far it came, and nothing to repair after a crash.

use std::fmt;
use std::sync::Arc;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::keys::SignedKeyEvent;
use detente_ledger::vkey::{NoteSigner, Vkey};
use detente_node::node::Identity;

use super::{HouseError, NodeKeys};

/// Keys that are used together, and the event that announces them; the first are announced by the
/// ledger's genesis.
#[derive(Clone, Debug)]
pub struct Generation {
    /// The keys.
    pub keys: NodeKeys,
    /// What puts them into force.
    pub event: Option<SignedKeyEvent>,
}

/// Every generation of a participant's keys, the oldest first; never empty.
#[derive(Clone, Debug)]
pub struct KeyRing {
    first: NodeKeys,
    later: Vec<Generation>,
}

impl KeyRing {
    /// Starts with the keys of the genesis.
    pub fn new(first: NodeKeys) -> Self {
        Self {
            first,
            later: Vec::new(),
        }
    }

    /// Adds the keys that follow. The transport stays: peers have pinned it with the card.
    #[must_use]
    pub fn then(mut self, keys: NodeKeys, event: Option<SignedKeyEvent>) -> Self {
        let keys = keys.carried_by(&self.first);
        self.later.push(Generation { keys, event });
        self
    }

    /// The keys of the genesis.
    pub fn first(&self) -> &NodeKeys {
        &self.first
    }

    /// The keys of a generation.
    pub fn keys(&self, number: usize) -> Option<&NodeKeys> {
        match number.checked_sub(1) {
            None => Some(&self.first),
            Some(place) => self.later.get(place).map(|generation| &generation.keys),
        }
    }

    /// What follows a generation.
    pub fn after(&self, number: usize) -> Option<&Generation> {
        self.later.get(number)
    }

    /// Every set of keys, the oldest first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &NodeKeys> {
        let later = self.later.iter().map(|generation| &generation.keys);
        std::iter::once(&self.first).chain(later)
    }

    /// Every key that signs, signed or will sign the ledger, the oldest first.
    ///
    /// # Errors
    ///
    /// [`HouseError::Key`].
    pub fn log_signers(&self) -> Result<Vec<NoteSigner>, HouseError> {
        self.all().map(NodeKeys::log_signer).collect()
    }

    /// Finds the generation that a log key belongs to.
    pub fn number(&self, log: &Vkey) -> Option<usize> {
        let is_it = |keys: &NodeKeys| keys.log_signer().is_ok_and(|signer| signer.vkey() == log);
        self.all().position(is_it)
    }

    /// Finds the generation that signed a checkpoint of the ledger.
    pub fn signed(&self, head: &SignedCheckpoint) -> Option<usize> {
        let is_it = |keys: &NodeKeys| {
            keys.log_signer()
                .is_ok_and(|signer| head.verify_log(&[signer.vkey().clone()]).is_ok())
        };
        self.all().position(is_it)
    }

    /// Says who the node is with the keys of a generation.
    ///
    /// # Errors
    ///
    /// [`HouseError::Key`].
    pub fn identity(&self, number: usize) -> Result<Identity, HouseError> {
        let keys = self.keys(number).unwrap_or(&self.first);
        Ok(Identity {
            origin: Arc::from(keys.origin()),
            cosigner: keys.cosigner()?,
            salt_seed: keys.salt_seed(),
            former_salt_seeds: self.all().take(number).map(NodeKeys::salt_seed).collect(),
        })
    }
}

type Read = dyn Fn() -> Result<KeyRing, HouseError> + Send + Sync;

/// Where the keys of a running node are read again, when others may have been added.
#[derive(Clone)]
pub struct KeySource(Arc<Read>);

impl KeySource {
    /// Reads by a function.
    pub fn new(read: impl Fn() -> Result<KeyRing, HouseError> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// Reads the keys.
    ///
    /// # Errors
    ///
    /// Whatever the function says.
    pub fn read(&self) -> Result<KeyRing, HouseError> {
        (self.0)()
    }
}

impl From<NodeKeys> for KeySource {
    /// Keys that nothing follows.
    fn from(keys: NodeKeys) -> Self {
        Self::new(move || Ok(KeyRing::new(keys.clone())))
    }
}

impl fmt::Debug for KeySource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeySource(…)")
    }
}
