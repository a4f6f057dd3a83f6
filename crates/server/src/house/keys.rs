//! The secrets a running node needs, made from the seeds of a participant's keys.

use std::collections::BTreeMap;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::entry::Entry;
use detente_ledger::hash::Hash;
use detente_ledger::keys::{KEY_EVENT_KIND, KeyEvent, Role, RootSigner, SignedKeyEvent};
use detente_ledger::seal::{SealSecretKey, SealSuite};
use detente_ledger::vkey::{KEY_BYTES, KeyName, NoteSigner, Vkey};
use detente_spacetime::Instant;

use super::HouseError;
use crate::chance;
use crate::tls::Transport;

/// Seeds of one participant: log, cosignature, unit, and what others seal to.
#[derive(Clone)]
pub struct NodeKeys {
    name: String,
    log: [u8; KEY_BYTES],
    cosign: [u8; KEY_BYTES],
    unit: [u8; KEY_BYTES],
    seal: [u8; KEY_BYTES],
    transport: [u8; KEY_BYTES],
}

impl NodeKeys {
    /// Takes the seeds of the keys in use.
    pub fn new(
        name: &str,
        log: [u8; KEY_BYTES],
        cosign: [u8; KEY_BYTES],
        unit: [u8; KEY_BYTES],
        seal: [u8; KEY_BYTES],
    ) -> Self {
        Self {
            name: name.to_owned(),
            log,
            cosign,
            unit,
            seal,
            transport: derived(b"detente/transport/v1", &unit),
        }
    }

    /// Takes the transport of other keys over: what the card pins does not change with the ledger's.
    #[must_use]
    pub fn carried_by(self, other: &Self) -> Self {
        Self {
            transport: other.transport,
            ..self
        }
    }

    /// Draws keys for a rehearsal and writes their genesis entry: nothing is kept of the root.
    ///
    /// # Errors
    ///
    /// [`HouseError::Key`].
    pub fn draw(name: &str, at: Instant) -> Result<(Self, Vec<u8>), HouseError> {
        let root = || {
            let seed = chance::draw().map_err(|error| HouseError::Key(error.to_string()))?;
            RootSigner::from_seed(&seed).ok_or_else(|| HouseError::Key("unusable".to_owned()))
        };
        Self::draw_under(name, at, (&root()?, &root()?))
    }

    /// Draws keys and writes their genesis entry, announced by a root and announcing the next.
    ///
    /// # Errors
    ///
    /// [`HouseError::Key`].
    pub fn draw_under(
        name: &str,
        at: Instant,
        (root, next): (&RootSigner, &RootSigner),
    ) -> Result<(Self, Vec<u8>), HouseError> {
        let failed = |error: &dyn std::fmt::Display| HouseError::Key(error.to_string());
        let seed = || chance::draw().map_err(|error| failed(&error));
        let keys = Self::new(name, seed()?, seed()?, seed()?, seed()?);
        let public = keys.public()?;
        let event = KeyEvent {
            participant: name.to_owned(),
            sequence: 0,
            root: root.public(),
            next: next.commitment(),
            keys: public,
            seal: Some(keys.seal().public().clone()),
            revoked: Vec::new(),
        };
        let salt: [u8; chance::SALT_BYTES] = chance::salt().map_err(|error| failed(&error))?;
        let entry = Entry {
            kind: KEY_EVENT_KIND.to_owned(),
            author: name.to_owned(),
            written_at: at.to_string(),
            salt: salt.to_vec(),
            awareness: AwarenessKey::default(),
            unit_key: None,
            body: SignedKeyEvent::sign(event, &[root]).to_json(),
        };
        let genesis = entry.to_bytes().map_err(|error| failed(&error))?;
        Ok((keys, genesis))
    }

    /// The public keys by role, as an event announces them.
    ///
    /// # Errors
    ///
    /// [`HouseError::Key`].
    pub fn public(&self) -> Result<BTreeMap<Role, Vkey>, HouseError> {
        let roles = Role::ALL.into_iter();
        roles
            .map(|role| Ok((role, self.signer(role)?.vkey().clone())))
            .collect()
    }

    /// The origin of the ledger.
    pub fn origin(&self) -> &str {
        &self.name
    }

    /// Signs the own ledger.
    ///
    /// # Errors
    ///
    /// [`HouseError::Key`].
    pub fn log_signer(&self) -> Result<NoteSigner, HouseError> {
        self.signer(Role::Log)
    }

    /// Signs cosignatures.
    ///
    /// # Errors
    ///
    /// [`HouseError::Key`].
    pub fn cosigner(&self) -> Result<NoteSigner, HouseError> {
        self.signer(Role::Cosign)
    }

    /// Signs the card.
    ///
    /// # Errors
    ///
    /// [`HouseError::Key`].
    pub fn unit(&self) -> Result<NoteSigner, HouseError> {
        self.signer(Role::Unit)
    }

    /// What the node shows its peers: a key of its own, made from the first unit's seed, so that
    /// nothing signed for a connection can be taken for anything signed for a ledger.
    ///
    /// # Errors
    ///
    /// [`HouseError::Tls`].
    pub fn transport(&self) -> Result<Transport, HouseError> {
        Ok(Transport::from_seed(&self.transport, "detente-node")?)
    }

    /// Opens what others seal for this participant.
    pub fn seal(&self) -> SealSecretKey {
        SealSecretKey::from_seed(SealSuite::X25519, &self.seal)
    }

    /// What the seeds of sealed content are made from.
    pub fn edition_secret(&self) -> [u8; KEY_BYTES] {
        derived(b"detente/edition-secret/v1", &self.seal)
    }

    /// What seals the sessions of users: it stays while the unit's key does, at every server alike.
    pub fn session_key(&self) -> [u8; KEY_BYTES] {
        derived(b"detente/session-key/v1", &self.unit)
    }

    /// What the salts of the node's own entries are made from.
    pub fn salt_seed(&self) -> [u8; KEY_BYTES] {
        derived(b"detente/salt-seed/v1", &self.log)
    }

    fn signer(&self, role: Role) -> Result<NoteSigner, HouseError> {
        let (name, seed) = match role {
            Role::Log => (self.name.clone(), &self.log),
            Role::Cosign => (format!("{}/cosign", self.name), &self.cosign),
            Role::Unit => (format!("{}/unit", self.name), &self.unit),
        };
        KeyName::parse(&name)
            .and_then(|name| NoteSigner::new(name, role.signature_type(), seed))
            .map_err(|error| HouseError::Key(error.to_string()))
    }
}

fn derived(purpose: &[u8], seed: &[u8; KEY_BYTES]) -> [u8; KEY_BYTES] {
    *Hash::of_parts(&[purpose, seed]).as_bytes()
}

impl std::fmt::Debug for NodeKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("NodeKeys")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
