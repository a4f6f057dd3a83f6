//! Awareness keys: what an author had seen of every ledger when it wrote.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::checkpoint::Checkpoint;
use crate::hash::{Hash, SIZE_MAX};
use crate::proof::{ProofError, check_consistency};

/// Most ledgers an awareness key names: one for each participant of an agreement, and room.
pub const AWARENESS_LEDGERS_MAX: usize = 64;

/// For each ledger, by origin, the size and root the author had mirrored.
///
/// It proves what the author could know, and it bounds *when*: an entry is not earlier than the
/// checkpoints it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwarenessKey(BTreeMap<String, Seen>);

/// One ledger as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Entries mirrored.
    pub size: u64,
    /// Root at that size.
    pub root: Hash,
}

impl AwarenessKey {
    /// Makes the key of some checkpoints; of two for one origin the larger counts.
    pub fn of<'a>(checkpoints: impl IntoIterator<Item = &'a Checkpoint>) -> Self {
        let mut ledgers: BTreeMap<String, Seen> = BTreeMap::new();
        for head in checkpoints {
            let seen = Seen {
                size: head.size(),
                root: head.root(),
            };
            let known = ledgers.entry(head.origin().to_owned()).or_insert(seen);
            if known.size < seen.size {
                *known = seen;
            }
        }
        Self(ledgers)
    }

    /// Returns what was seen of a ledger.
    pub fn seen(&self, origin: &str) -> Option<Seen> {
        self.0.get(origin).copied()
    }

    /// Returns the ledgers by origin, ascending.
    pub fn ledgers(&self) -> impl Iterator<Item = (&str, Seen)> {
        self.0.iter().map(|(origin, seen)| (origin.as_str(), *seen))
    }

    /// Returns whether entry `index` of a ledger was in view.
    pub fn covers(&self, origin: &str, index: u64) -> bool {
        self.seen(origin).is_some_and(|seen| index < seen.size)
    }

    /// Checks one ledger of the key against a later checkpoint of it, by consistency proof.
    ///
    /// # Errors
    ///
    /// [`ProofError`]: the author cites a history that the ledger does not have.
    pub fn check(&self, later: &Checkpoint, proof: &[Hash]) -> Result<(), ProofError> {
        let seen = self.seen(later.origin()).ok_or(ProofError::OutOfRange)?;
        check_consistency(proof, seen.size, seen.root, later.size(), later.root())
    }

    pub(crate) fn to_json(&self) -> Value {
        let item = |(origin, seen): (&String, &Seen)| json!({ "origin": origin, "size": seen.size, "root": seen.root.to_base64() });
        Value::Array(self.0.iter().map(item).collect())
    }

    /// Reads the canonical list: origins ascending, none twice, no other member.
    pub(crate) fn from_json(value: &Value) -> Option<Self> {
        let list = value
            .as_array()
            .filter(|list| list.len() <= AWARENESS_LEDGERS_MAX)?;
        let mut ledgers = BTreeMap::new();
        for item in list {
            let item = item.as_object().filter(|item| item.len() == 3)?;
            let origin = item
                .get("origin")?
                .as_str()
                .filter(|origin| !origin.is_empty())?;
            let size = item
                .get("size")?
                .as_u64()
                .filter(|size| *size <= SIZE_MAX)?;
            let root = Hash::from_base64(item.get("root")?.as_str()?)?;
            let last = ledgers
                .last_key_value()
                .map(|(last, _): (&String, _)| last.as_str());
            if last.is_some_and(|last| last >= origin) {
                return None;
            }
            ledgers.insert(origin.to_owned(), Seen { size, root });
        }
        Some(Self(ledgers))
    }
}
