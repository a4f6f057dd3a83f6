//! Key events: who a participant is, which keys it uses, and since when one counts no more.
//!
//! A participant's identity is the hash of its genesis entry. Every event after that discloses
//! the root key whose hash the event before it published, and is signed by both the old and the
//! new root: whoever steals the root key in use cannot rotate, because it does not know the next
//! one. The same idea is KERI's pre-rotation and `nextKeyHashes` of did:webvh.
//!
//! The signed text of an event is carried as a string, so that it is never serialised again.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::entry::SignedEntry;
use crate::hash::{Hash, SIZE_MAX, decode_base64, encode_base64};
use crate::json::parse_strict;
use crate::seal::{SealPublicKey, SealSuite};
use crate::vkey::{KEY_BYTES, KeyName, NoteSigner, SIGNATURE_BYTES, SignatureType, Vkey};

/// Kind of an entry whose body is a key event.
pub const KEY_EVENT_KIND: &str = "key_event";
/// Separates root signatures from every other use of an Ed25519 key.
const EVENT_DOMAIN: &str = "detente/key-event/v1\n";
/// Root keys are never seen under a name of their own; this one computes their short id.
const ROOT_KEY_NAME: &str = "root";
/// Most keys one event revokes: all it could ever have held in a few roles.
const REVOKED_MAX: usize = 64;

/// What a key is for. One key, one role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Signs the participant's own checkpoints.
    Log,
    /// Cosigns the ledgers of others.
    Cosign,
    /// Signs single entries for a unit.
    Unit,
}

impl Role {
    /// Every role, in its order.
    pub const ALL: [Self; 3] = [Self::Log, Self::Cosign, Self::Unit];

    /// Returns the word used in events.
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Cosign => "cosign",
            Self::Unit => "unit",
        }
    }

    /// Returns the signature type a key of this role makes.
    pub fn signature_type(self) -> SignatureType {
        match self {
            Self::Cosign => SignatureType::CosignatureV1,
            Self::Log | Self::Unit => SignatureType::Ed25519,
        }
    }
}

/// One key event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEvent {
    /// Name of the participant.
    pub participant: String,
    /// 0 for genesis, then one more each time.
    pub sequence: u64,
    /// The root key this event discloses.
    pub root: [u8; KEY_BYTES],
    /// SHA-256 of the next root key, unknown to anyone until the next event.
    pub next: Hash,
    /// The keys in use from this event on, by role.
    pub keys: BTreeMap<Role, Vkey>,
    /// The key others seal entries to.
    pub seal: Option<SealPublicKey>,
    /// Keys that count no more because someone else may hold them.
    pub revoked: Vec<Vkey>,
}

impl KeyEvent {
    /// Returns the exact text that the roots sign.
    pub fn to_text(&self) -> String {
        let keys: Map<String, Value> = self
            .keys
            .iter()
            .map(|(role, key)| (role.name().to_owned(), Value::String(key.to_string())))
            .collect();
        let seal = self.seal.as_ref().map(
            |key| json!({ "suite": key.suite().name(), "key": encode_base64(key.as_bytes()) }),
        );
        json!({
            "participant": self.participant,
            "sequence": self.sequence,
            "root": encode_base64(&self.root),
            "next": self.next.to_hex(),
            "keys": keys,
            "seal": seal,
            "revoked": self.revoked.iter().map(Vkey::to_string).collect::<Vec<_>>(),
        })
        .to_string()
    }

    fn parse(text: &str) -> Option<Self> {
        let value = parse_strict(text.as_bytes()).ok()?;
        let members = value.as_object().filter(|members| members.len() == 7)?;
        let mut keys = BTreeMap::new();
        for (name, key) in members.get("keys")?.as_object()? {
            let role = Role::ALL.into_iter().find(|role| role.name() == name)?;
            let key = Vkey::parse(key.as_str()?).ok()?;
            if key.signature_type() != role.signature_type() {
                return None;
            }
            keys.insert(role, key);
        }
        let seal = match members.get("seal")? {
            Value::Null => None,
            seal => Some(parse_seal(seal.as_object()?)?),
        };
        let revoked = members.get("revoked")?.as_array()?;
        if revoked.len() > REVOKED_MAX {
            return None;
        }
        let participant = members.get("participant")?.as_str()?;
        Some(Self {
            participant: KeyName::parse(participant).ok()?.as_str().to_owned(),
            sequence: members
                .get("sequence")?
                .as_u64()
                .filter(|number| *number <= SIZE_MAX)?,
            root: decode_base64(members.get("root")?.as_str()?)?
                .try_into()
                .ok()?,
            next: Hash::from_hex(members.get("next")?.as_str()?)?,
            keys,
            seal,
            revoked: revoked
                .iter()
                .map(|key| Vkey::parse(key.as_str()?).ok())
                .collect::<Option<_>>()?,
        })
    }
}

fn parse_seal(members: &Map<String, Value>) -> Option<SealPublicKey> {
    let suite = SealSuite::from_name(members.get("suite")?.as_str()?)?;
    let key = decode_base64(members.get("key")?.as_str()?)?;
    SealPublicKey::new(suite, &key).filter(|_| members.len() == 2)
}

/// A root key's secret half.
#[derive(Clone, Debug)]
pub struct RootSigner(NoteSigner);

impl RootSigner {
    /// Builds a root key from 32 secret random bytes.
    ///
    /// Returns `None` for the handful of seeds whose key is unusable.
    pub fn from_seed(seed: &[u8; KEY_BYTES]) -> Option<Self> {
        let name = KeyName::parse(ROOT_KEY_NAME).ok()?;
        NoteSigner::new(name, SignatureType::Ed25519, seed)
            .ok()
            .map(Self)
    }

    /// Returns the public key.
    pub fn public(&self) -> [u8; KEY_BYTES] {
        self.0
            .vkey()
            .public_bytes()
            .try_into()
            .unwrap_or([0; KEY_BYTES])
    }

    /// Returns the hash to publish in the event before this key is disclosed.
    pub fn commitment(&self) -> Hash {
        root_commitment(&self.public())
    }
}

fn root_commitment(public: &[u8; KEY_BYTES]) -> Hash {
    Hash::of_parts(&[b"detente/next-root/v1", public])
}

/// An event with its signatures: the body of a key event entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedKeyEvent {
    event: KeyEvent,
    text: String,
    signatures: Vec<([u8; KEY_BYTES], [u8; SIGNATURE_BYTES])>,
}

impl SignedKeyEvent {
    /// Signs an event: genesis by its own root, later ones by the old root and the new.
    pub fn sign(event: KeyEvent, roots: &[&RootSigner]) -> Self {
        let text = event.to_text();
        let message = event_message(&text);
        let signatures = roots
            .iter()
            .map(|root| (root.public(), root.0.sign_raw(&message)))
            .collect();
        Self {
            event,
            text,
            signatures,
        }
    }

    /// Returns the event.
    pub fn event(&self) -> &KeyEvent {
        &self.event
    }

    /// Returns the members of the entry's body.
    pub fn to_json(&self) -> Map<String, Value> {
        let signature = |(key, signature): &([u8; KEY_BYTES], [u8; SIGNATURE_BYTES])| json!({ "key": encode_base64(key), "signature": encode_base64(signature) });
        let signatures = self.signatures.iter().map(signature).collect();
        Map::from_iter([
            ("event".to_owned(), Value::String(self.text.clone())),
            ("signatures".to_owned(), Value::Array(signatures)),
        ])
    }

    /// Reads an entry as a key event, when it is one; checks form, not signatures.
    ///
    /// Nearly all entries are not: without an escape their kind would stand in the bytes as it is.
    pub fn from_entry(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        if !text.contains('\\') && !text.contains(KEY_EVENT_KIND) {
            return None;
        }
        let signed = SignedEntry::parse(bytes).ok()?;
        let entry = signed.entry();
        (entry.kind == KEY_EVENT_KIND)
            .then(|| Self::from_json(&entry.body))
            .flatten()
    }

    /// Reads the members of an entry's body; checks form, not signatures.
    pub fn from_json(body: &Map<String, Value>) -> Option<Self> {
        if body.len() != 2 {
            return None;
        }
        let text = body.get("event")?.as_str()?.to_owned();
        let mut signatures = Vec::new();
        for item in body.get("signatures")?.as_array()?.iter().take(3) {
            let item = item.as_object().filter(|item| item.len() == 2)?;
            let key = decode_base64(item.get("key")?.as_str()?)?.try_into().ok()?;
            let signature = decode_base64(item.get("signature")?.as_str()?)?
                .try_into()
                .ok()?;
            signatures.push((key, signature));
        }
        Some(Self {
            event: KeyEvent::parse(&text)?,
            text,
            signatures,
        })
    }

    fn is_signed_by(&self, root: &[u8; KEY_BYTES]) -> bool {
        let key = KeyName::parse(ROOT_KEY_NAME)
            .and_then(|name| Vkey::new(name, SignatureType::Ed25519, *root));
        let message = event_message(&self.text);
        key.is_ok_and(|key| {
            let own = self.signatures.iter().filter(|(by, _)| by == root);
            own.into_iter()
                .any(|(_, signature)| key.verify_raw(&message, signature))
        })
    }
}

fn event_message(text: &str) -> Vec<u8> {
    format!("{EVENT_DOMAIN}{text}").into_bytes()
}

/// A counterparty's cosignature over the ledger: at `time_s` it had seen `size` entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// Entries in the cosigned checkpoint.
    pub size: u64,
    /// Seconds since 1970.
    pub time_s: u64,
}

/// The key events of one ledger, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHistory {
    identity: Hash,
    /// Index in the ledger, event.
    events: Vec<(u64, KeyEvent)>,
}

/// Whether a key's signature in an entry counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Good,
    /// The key was replaced or revoked in an earlier entry of the same ledger.
    Ended {
        /// Index of the event that ended it.
        by: u64,
        /// When the counterparty first cosigned that event; `None` while it has not.
        since_s: Option<u64>,
    },
    /// The key was never this participant's key in this role at that entry.
    NeverHeld,
}

impl KeyHistory {
    /// Starts a history with the genesis event, found in entry `index` with these exact bytes.
    ///
    /// # Errors
    ///
    /// [`KeyEventError`].
    pub fn genesis(
        index: u64,
        entry_bytes: &[u8],
        signed: &SignedKeyEvent,
    ) -> Result<Self, KeyEventError> {
        if signed.event.sequence != 0 {
            return Err(KeyEventError::Sequence);
        }
        if !signed.is_signed_by(&signed.event.root) {
            return Err(KeyEventError::Signature);
        }
        if !signed.event.revoked.is_empty() || shares_keys(&signed.event) {
            return Err(KeyEventError::Keys);
        }
        Ok(Self {
            identity: Hash::of(entry_bytes),
            events: vec![(index, signed.event.clone())],
        })
    }

    /// Applies the next event, found in entry `index`.
    ///
    /// # Errors
    ///
    /// [`KeyEventError`]; the history is then unchanged.
    pub fn apply(&mut self, index: u64, signed: &SignedKeyEvent) -> Result<(), KeyEventError> {
        let Some((last_index, last)) = self.events.last() else {
            return Err(KeyEventError::Sequence);
        };
        let event = &signed.event;
        let follows = event.sequence == last.sequence + 1 && index > *last_index;
        if !follows || event.participant != last.participant {
            return Err(KeyEventError::Sequence);
        }
        if root_commitment(&event.root) != last.next {
            return Err(KeyEventError::NotTheNextRoot);
        }
        if !signed.is_signed_by(&last.root) || !signed.is_signed_by(&event.root) {
            return Err(KeyEventError::Signature);
        }
        let ended = |key: &Vkey| {
            let earlier = self
                .events
                .iter()
                .any(|(_, event)| event.revoked.contains(key));
            earlier || event.revoked.contains(key)
        };
        if shares_keys(event) || event.keys.values().any(ended) {
            return Err(KeyEventError::Keys);
        }
        self.events.push((index, event.clone()));
        Ok(())
    }

    /// Returns the participant's identity: the hash of its genesis entry.
    pub fn identity(&self) -> Hash {
        self.identity
    }

    /// Returns the events with the indexes of their entries.
    pub fn events(&self) -> &[(u64, KeyEvent)] {
        &self.events
    }

    /// Returns the key in use for a role after all events.
    pub fn active(&self, role: Role) -> Option<&Vkey> {
        self.events
            .last()
            .and_then(|(_, event)| event.keys.get(&role))
    }

    /// Returns every key ever held in a role, oldest first.
    pub fn ever_held(&self, role: Role) -> Vec<Vkey> {
        let mut held: Vec<Vkey> = Vec::new();
        for key in self
            .events
            .iter()
            .filter_map(|(_, event)| event.keys.get(&role))
        {
            if !held.contains(key) {
                held.push(key.clone());
            }
        }
        held
    }

    /// Says whether a signature by `key` in entry `index` of this ledger counts.
    ///
    /// The order of entries decides; `cosigned` dates it, since a revocation has the time at which
    /// the counterparty first cosigned it and no other.
    pub fn standing(&self, role: Role, key: &Vkey, index: u64, cosigned: &[Cosigned]) -> Standing {
        let before = self.events.iter().filter(|(at, _)| *at <= index);
        let mut standing = Standing::NeverHeld;
        for (at, event) in before {
            if event.keys.get(&role) == Some(key) {
                standing = Standing::Good;
            } else if standing == Standing::Good {
                standing = Standing::Ended {
                    by: *at,
                    since_s: first_cosigned(*at, cosigned),
                };
            }
        }
        standing
    }

    /// Says whether a signature by `key` that is known to have existed at `time_s` counts; `None`
    /// while an event that ends the key is not cosigned, since its time is then unknown.
    pub fn stood_at(
        &self,
        role: Role,
        key: &Vkey,
        time_s: u64,
        cosigned: &[Cosigned],
    ) -> Option<bool> {
        let mut held = false;
        for (index, event) in &self.events {
            let holds = event.keys.get(&role) == Some(key);
            if held && !holds {
                let since_s = first_cosigned(*index, cosigned)?;
                return Some(time_s < since_s);
            }
            held |= holds;
        }
        Some(held)
    }
}

/// Returns the earliest time at which an entry was cosigned.
pub fn first_cosigned(index: u64, cosigned: &[Cosigned]) -> Option<u64> {
    let covering = cosigned.iter().filter(|cosigned| cosigned.size > index);
    covering.map(|cosigned| cosigned.time_s).min()
}

/// One key must not serve two roles: a cosignature would pass for an entry.
fn shares_keys(event: &KeyEvent) -> bool {
    let keys: Vec<&[u8]> = event.keys.values().map(Vkey::public_bytes).collect();
    let root = event.root.as_slice();
    let twice = keys
        .iter()
        .enumerate()
        .any(|(at, key)| keys.iter().skip(at + 1).any(|k| k == key));
    twice || keys.contains(&root)
}

/// A key event was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyEventError {
    /// Not the next event of this participant.
    #[error("the event is not the next one of this participant")]
    Sequence,
    /// The root key is not the one announced.
    #[error("the root key is not the one whose hash the event before announced")]
    NotTheNextRoot,
    /// A required root signature is missing or bad.
    #[error("the event is not signed by the roots it needs")]
    Signature,
    /// A key serves two roles, or comes back after it was revoked.
    #[error("a key serves two roles or was revoked")]
    Keys,
}
