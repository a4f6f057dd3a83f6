//! Keys and genesis entries of made-up participants.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::entry::Entry;
use detente_ledger::hash::Hash;
use detente_ledger::keys::{KEY_EVENT_KIND, KeyEvent, Role, RootSigner, SignedKeyEvent};
use detente_ledger::seal::{SealSecretKey, SealSuite};
use detente_ledger::vkey::{KeyName, NoteSigner};
use detente_node::federation::Ledger;
use detente_node::node::Identity;
use detente_spacetime::Instant;

/// Returns what opens content sealed for the participant number `number` of the world `seed`.
pub(crate) fn seal_secret(seed: u64, number: usize) -> SealSecretKey {
    let number = number.to_be_bytes();
    let parts: [&[u8]; 3] = [b"seal", &seed.to_be_bytes(), &number];
    SealSecretKey::from_seed(SealSuite::X25519, Hash::of_parts(&parts).as_bytes())
}

/// A participant's keys.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) origin: Arc<str>,
    pub(crate) log: NoteSigner,
    pub(crate) identity: Identity,
    pub(crate) ledger: Ledger,
}

impl Member {
    /// Makes the participant number `number` of the world `seed`, whose ledgers begin at an instant;
    /// `None` for the handful of seeds that give no usable key.
    pub(crate) fn new(seed: u64, number: usize, begins: Instant) -> Option<Self> {
        let origin = format!("party-{number}.example");
        let secret = |purpose: &str| -> [u8; 32] {
            let parts = [purpose.as_bytes(), &seed.to_be_bytes(), origin.as_bytes()];
            *Hash::of_parts(&parts).as_bytes()
        };
        let signer = |role: Role| {
            let name = match role {
                Role::Log => origin.clone(),
                _ => format!("{origin}/{}", role.name()),
            };
            let name = KeyName::parse(&name).ok()?;
            NoteSigner::new(name, role.signature_type(), &secret(role.name())).ok()
        };
        let (log, cosigner) = (signer(Role::Log)?, signer(Role::Cosign)?);
        let root = RootSigner::from_seed(&secret("root"))?;
        let next = RootSigner::from_seed(&secret("next root"))?;
        let event = KeyEvent {
            participant: origin.clone(),
            sequence: 0,
            root: root.public(),
            next: next.commitment(),
            keys: BTreeMap::from([
                (Role::Log, log.vkey().clone()),
                (Role::Cosign, cosigner.vkey().clone()),
            ]),
            seal: Some(seal_secret(seed, number).public().clone()),
            revoked: Vec::new(),
        };
        let entry = Entry {
            kind: KEY_EVENT_KIND.to_owned(),
            author: origin.clone(),
            written_at: begins.to_string(),
            salt: secret("salt").to_vec(),
            awareness: AwarenessKey::default(),
            unit_key: None,
            body: SignedKeyEvent::sign(event, &[&root]).to_json(),
        };
        let origin: Arc<str> = Arc::from(origin.as_str());
        Some(Self {
            ledger: Ledger {
                origin: origin.clone(),
                genesis: entry.to_bytes().ok()?,
            },
            identity: Identity {
                origin: origin.clone(),
                cosigner,
                salt_seed: secret("salts"),
                former_salt_seeds: Vec::new(),
            },
            origin,
            log,
        })
    }
}
