//! Ledgers folded without a node: what anybody who holds them computes.
//!
//! The same reading, the same order and the same fold as in a running node, over entries that somebody verified and hands in.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_ledger::entry::{Entry, SignedEntry};
use detente_ledger::hash::Hash;
use detente_ledger::keys::{KEY_EVENT_KIND, KeyHistory, Role, SignedKeyEvent, Standing};

use crate::federation::Forest;
use crate::history::{Fold, History, Missing};
use crate::node::{EntryFault, Shared, malformed};

/// One ledger's entries, verified by whoever hands them in.
#[derive(Clone, Debug)]
pub struct LedgerEntries {
    /// Origin of the ledger.
    pub origin: Arc<str>,
    /// Its entries from the first on, byte for byte.
    pub entries: Vec<Vec<u8>>,
}

/// What a replay came to.
#[derive(Clone, Debug)]
pub struct Replayed<P: Fold> {
    /// The entries in their order, and what they fold into.
    pub history: History<P>,
    /// For each ledger with entries that could not be placed, what the first of them lacks.
    pub missing: Vec<Missing>,
}

/// Folds ledgers from their beginning; `blob` returns content beside them by its hash.
///
/// # Cost
///
/// A step an entry, and memory for all of them.
pub fn replay<P: Shared>(
    founding: P,
    ledgers: &[LedgerEntries],
    blob: &dyn Fn(Hash) -> Option<Vec<u8>>,
) -> Replayed<P> {
    let origins = ledgers.iter().map(|ledger| ledger.origin.clone());
    let mut history = History::new(founding, origins);
    let mut forests: BTreeMap<&str, Forest> = BTreeMap::new();
    for ledger in ledgers {
        let forest = forests.entry(&ledger.origin).or_default();
        let mut keys = None;
        for (index, bytes) in (0..).zip(&ledger.entries) {
            forest.push(Hash::leaf(bytes));
            let (entry, fault) = read(&ledger.origin, index, bytes, &mut keys);
            let mut act = history.state().read(&ledger.origin, &entry, fault);
            if let Some(hash) = P::awaits(&act) {
                let content = blob(hash).filter(|bytes| Hash::of(bytes) == hash);
                // Without the content the entry waits, and everything that knew it.
                if let Some(bytes) = content {
                    history.state().supply(&mut act, hash, Some(&bytes));
                }
            }
            let said = (Arc::new(entry), act);
            history.receive(&ledger.origin, bytes.as_slice().into(), said, fault);
        }
    }
    let root_at = |origin: &str, size: u64| forests.get(origin)?.root_at(size);
    history.settle(root_at);
    let missing = history.missing(root_at);
    Replayed { history, missing }
}

/// Reads an entry, and what is wrong with it.
fn read(
    origin: &str,
    index: u64,
    bytes: &[u8],
    keys: &mut Option<KeyHistory>,
) -> (Entry, Option<EntryFault>) {
    let Ok(signed) = SignedEntry::parse(bytes) else {
        return (malformed(), Some(EntryFault::Malformed));
    };
    let entry = signed.entry().clone();
    if entry.kind == KEY_EVENT_KIND
        && let Some(event) = SignedKeyEvent::from_json(&entry.body)
    {
        match keys {
            None => *keys = KeyHistory::genesis(index, bytes, &event).ok(),
            // An event that does not follow changes no key; an audit names it.
            Some(keys) => drop(keys.apply(index, &event)),
        }
    }
    let holds = entry.unit_key.as_ref().is_none_or(|key| {
        let stands = keys
            .as_ref()
            .map(|keys| keys.standing(Role::Unit, key, index, &[]));
        signed.unit_signature_holds(origin) == Some(true) && stands == Some(Standing::Good)
    });
    (entry, (!holds).then_some(EntryFault::UnitSignature))
}
