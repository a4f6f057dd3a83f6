//! Keys and genesis entries of made-up participants.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::entry::Entry;
use detente_ledger::hash::Hash;
use detente_ledger::keys::{KEY_EVENT_KIND, KeyEvent, Role, RootSigner, SignedKeyEvent};
use detente_ledger::seal::{SealPublicKey, SealSecretKey, SealSuite};
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

/// Sets of keys that every participant may come to use, one after another.
pub(crate) const GENERATIONS: usize = 3;

/// A participant's keys.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) origin: Arc<str>,
    pub(crate) ledger: Ledger,
    /// In the order in which they follow each other; never empty.
    pub(crate) generations: Vec<Generation>,
}

/// What a participant signs with for a while.
#[derive(Clone, Debug)]
pub(crate) struct Generation {
    pub(crate) log: NoteSigner,
    pub(crate) identity: Identity,
    /// What puts them into force, signed by the roots.
    pub(crate) event: SignedKeyEvent,
}

impl Member {
    /// Makes the participant number `number` of the world `seed`, whose ledgers begin at an instant;
    /// `None` for the handful of seeds that give no usable key.
    pub(crate) fn new(seed: u64, number: usize, begins: Instant) -> Option<Self> {
        let origin = format!("party-{number}.example");
        let seal = seal_secret(seed, number).public().clone();
        let generations = generations(seed, &origin, &seal)?;
        let entry = Entry {
            kind: KEY_EVENT_KIND.to_owned(),
            author: origin.clone(),
            written_at: begins.to_string(),
            salt: secret(seed, &origin, "salt", 0).to_vec(),
            awareness: AwarenessKey::default(),
            unit_key: None,
            body: generations.first()?.event.to_json(),
        };
        let origin: Arc<str> = Arc::from(origin.as_str());
        Some(Self {
            ledger: Ledger {
                origin: origin.clone(),
                genesis: entry.to_bytes().ok()?,
            },
            generations,
            origin,
        })
    }

    /// Returns the generation that signed a checkpoint of the participant's ledger.
    pub(crate) fn signed(&self, head: &SignedCheckpoint) -> Option<usize> {
        let mut keys = self.generations.iter().map(|it| it.log.vkey());
        keys.position(|key| head.verify_log(std::slice::from_ref(key)).is_ok())
    }
}

fn secret(seed: u64, origin: &str, purpose: &str, generation: usize) -> [u8; 32] {
    let generation = generation.to_be_bytes();
    let parts = [
        purpose.as_bytes(),
        &seed.to_be_bytes(),
        origin.as_bytes(),
        &generation,
    ];
    *Hash::of_parts(&parts).as_bytes()
}

fn generations(seed: u64, origin: &str, seal: &SealPublicKey) -> Option<Vec<Generation>> {
    let roots: Option<Vec<RootSigner>> = (0..=GENERATIONS)
        .map(|number| RootSigner::from_seed(&secret(seed, origin, "root", number)))
        .collect();
    let roots = roots?;
    let mut former_salt_seeds = Vec::new();
    let mut generations = Vec::new();
    for (number, root) in roots.iter().take(GENERATIONS).enumerate() {
        let signer = |role: Role| {
            let name = match role {
                Role::Log => origin.to_owned(),
                _ => format!("{origin}/{}", role.name()),
            };
            let secret = secret(seed, origin, role.name(), number);
            NoteSigner::new(KeyName::parse(&name).ok()?, role.signature_type(), &secret).ok()
        };
        let (log, cosigner) = (signer(Role::Log)?, signer(Role::Cosign)?);
        let event = KeyEvent {
            participant: origin.to_owned(),
            sequence: number as u64,
            root: root.public(),
            next: roots.get(number + 1)?.commitment(),
            keys: BTreeMap::from([
                (Role::Log, log.vkey().clone()),
                (Role::Cosign, cosigner.vkey().clone()),
            ]),
            seal: Some(seal.clone()),
            revoked: Vec::new(),
        };
        let before = number.checked_sub(1).and_then(|before| roots.get(before));
        let signers: Vec<&RootSigner> = before.into_iter().chain([root]).collect();
        let salt_seed = secret(seed, origin, "salts", number);
        generations.push(Generation {
            event: SignedKeyEvent::sign(event, &signers),
            identity: Identity {
                origin: Arc::from(origin),
                cosigner,
                salt_seed,
                former_salt_seeds: former_salt_seeds.clone(),
            },
            log,
        });
        former_salt_seeds.push(salt_seed);
    }
    Some(generations)
}
