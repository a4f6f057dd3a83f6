//! Content that lies beside the ledgers, by hash.
//!
//! What is sealed is handed out by the node whose ledger seals it, to those it is sealed for, and by
//! nobody else: a node that holds it as a recipient gives it to no one, whatever any ledger says.
//! Everybody else gets the answer that is given for what is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_ledger::hash::Hash;
use detente_ledger::seal::blob_recipients;
use detente_spacetime::Instant;

use super::limits::{BLOB_BYTES_ASKED_MAX, BLOBS_ASKED_MAX, IDLE_PAUSE_S};
use super::peer::is_over;
use super::{Ask, Federation, Growth};
use crate::effect::Errand;

/// Blobs wanted at a time: beyond it the oldest claims come first, and a ledger that names
/// millions of blobs costs no memory.
const WANTED_MAX: usize = 20_000;

/// What is held and what is missing.
#[derive(Clone, Debug, Default)]
pub(super) struct Blobs {
    /// Length by hash.
    held: BTreeMap<Hash, u64>,
    wanted: BTreeMap<Hash, Wanted>,
    /// What some ledger seals.
    sealed: BTreeMap<Hash, SealedBlob>,
}

#[derive(Clone, Debug, Default)]
struct SealedBlob {
    /// Those the own ledger seals it for; what other ledgers say counts for nothing here.
    readers: BTreeSet<Arc<str>>,
    /// The ledgers that seal it, and what about.
    named: BTreeSet<(Arc<str>, String)>,
}

#[derive(Clone, Debug)]
struct Wanted {
    bytes: u64,
    /// The ledger that names it, whose quota it counts on.
    origin: Arc<str>,
    /// Peers that do not have it, and when the last of them said so.
    lacking: BTreeSet<Arc<str>>,
    lacked_at: Option<Instant>,
    is_asked: bool,
}

/// The blobs asked of one peer that have not come.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    count: usize,
    bytes: u64,
}

impl Load {
    fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Whether one more of this length may be asked for: the first may be of any.
    fn has_room(&self, bytes: u64) -> bool {
        let together = self.bytes.saturating_add(bytes);
        self.count == 0 || (self.count < BLOBS_ASKED_MAX && together <= BLOB_BYTES_ASKED_MAX)
    }

    fn is_full(&self) -> bool {
        self.count >= BLOBS_ASKED_MAX || self.bytes >= BLOB_BYTES_ASKED_MAX
    }
}

impl Blobs {
    /// Returns the length of a blob that is held.
    pub(super) fn held(&self, hash: Hash) -> Option<u64> {
        self.held.get(&hash).copied()
    }

    pub(super) fn not_held(&mut self, now: Instant, name: &Arc<str>, hash: Hash) {
        if let Some(wanted) = self.wanted.get_mut(&hash) {
            wanted.lacking.insert(name.clone());
            wanted.lacked_at = Some(now);
            wanted.is_asked = false;
        }
    }
}

impl Federation {
    /// Notes that a blob lies on the disk.
    pub(crate) fn hold_blob(&mut self, hash: Hash, bytes: u64) {
        self.blobs.wanted.remove(&hash);
        self.blobs.held.insert(hash, bytes);
    }

    /// Returns whether a blob lies on the disk.
    pub(crate) fn holds_blob(&self, hash: Hash) -> bool {
        self.blobs.held.contains_key(&hash)
    }

    /// Returns the blobs that entries name and nobody has given us yet, with their lengths.
    pub(crate) fn wanted_blobs(&self) -> impl Iterator<Item = (Hash, u64)> {
        let wanted = self.blobs.wanted.iter();
        wanted.map(|(hash, wanted)| (*hash, wanted.bytes))
    }

    /// Wants a blob that an entry of a ledger names; one above the limit is never fetched.
    pub(crate) fn want_blob(&mut self, origin: &Arc<str>, hash: Hash, bytes: u64) {
        let blobs = &mut self.blobs;
        if bytes > self.limits.blob_bytes
            || blobs.held.contains_key(&hash)
            || blobs.wanted.len() >= WANTED_MAX
        {
            return;
        }
        blobs.wanted.entry(hash).or_insert_with(|| Wanted {
            bytes,
            origin: origin.clone(),
            lacking: BTreeSet::new(),
            lacked_at: None,
            is_asked: false,
        });
    }

    /// Notes that an entry of a ledger seals a blob for some readers.
    pub(crate) fn seal_blob(
        &mut self,
        origin: &Arc<str>,
        hash: Hash,
        about: &str,
        readers: BTreeSet<Arc<str>>,
    ) {
        let sealed = self.blobs.sealed.entry(hash).or_default();
        sealed.named.insert((origin.clone(), about.to_owned()));
        if *origin == self.own {
            sealed.readers.extend(readers);
        }
    }

    /// Hands out and asks for nothing any more of what a ledger has sealed about something so far:
    /// it was corrected or recalled.
    pub(crate) fn supersede_sealed(&mut self, origin: &Arc<str>, about: &str) {
        let key = (origin.clone(), about.to_owned());
        for (hash, sealed) in &mut self.blobs.sealed {
            if !sealed.named.contains(&key) {
                continue;
            }
            if *origin == self.own {
                sealed.readers.clear();
            }
            // What another ledger made us want is not this one's to take back.
            let wanted = self.blobs.wanted.get(hash);
            if wanted.is_some_and(|wanted| wanted.origin == *origin) {
                self.blobs.wanted.remove(hash);
            }
        }
    }

    /// Says whether a peer may be given a blob.
    pub(crate) fn may_have(&self, peer: &str, hash: Hash) -> bool {
        let sealed = self.blobs.sealed.get(&hash);
        sealed.is_none_or(|sealed| sealed.readers.contains(peer))
    }

    /// Asks for wanted blobs: first those who named them, then anybody. Small ones several at a time from each peer, others
    /// one at a time, so that documents never delay entries.
    pub(super) fn fetch_blobs(&mut self, now: Instant) {
        let mut asked_now = BTreeSet::new();
        let mut free: BTreeMap<Arc<str>, Load> = BTreeMap::new();
        for (name, peer) in &self.peers {
            let mut load = Load::default();
            for asked in peer.asked.values() {
                if let Ask::Blob { hash } = asked.ask {
                    asked_now.insert(hash);
                    let wanted = self.blobs.wanted.get(&hash);
                    load.add(wanted.map_or(0, |wanted| wanted.bytes));
                }
            }
            if !load.is_full() && !peer.is_resting(now) {
                free.insert(name.clone(), load);
            }
        }
        let peers = self.peers.len();
        let mut asks = Vec::new();
        let limits = self.limits;
        for (hash, wanted) in &mut self.blobs.wanted {
            if free.is_empty() {
                break;
            }
            wanted.is_asked &= asked_now.contains(hash);
            let lacked_at = wanted.lacked_at.unwrap_or(Instant::MIN);
            if wanted.lacking.len() >= peers && is_over(lacked_at, IDLE_PAUSE_S, now) {
                // Nobody had it last time; a ledger may arrive before its documents.
                wanted.lacking.clear();
            }
            let growth = self
                .growth
                .entry(wanted.origin.clone())
                .or_insert_with(Growth::new);
            let spent = growth.blobs.is_spent(now, limits.blobs)
                || growth.blob_bytes.is_spent(now, limits.blob_period_bytes);
            if wanted.is_asked || spent {
                continue;
            }
            let can_give = |name: &Arc<str>, load: &Load| {
                !wanted.lacking.contains(name) && load.has_room(wanted.bytes)
            };
            let named = free.get_key_value(&wanted.origin);
            let named = named.filter(|(name, load)| can_give(name, load));
            let any = || free.iter().find(|(name, load)| can_give(name, load));
            let Some(name) = named.or_else(any).map(|(name, _)| name.clone()) else {
                continue;
            };
            if let Some(load) = free.get_mut(&name) {
                load.add(wanted.bytes);
                if load.is_full() {
                    free.remove(&name);
                }
            }
            wanted.is_asked = true;
            asks.push((name, Ask::Blob { hash: *hash }));
        }
        for (name, ask) in asks {
            self.ask(now, &name, ask);
        }
    }

    pub(super) fn on_blob(&mut self, now: Instant, name: &Arc<str>, hash: Hash, bytes: Vec<u8>) {
        let Some(wanted) = self.blobs.wanted.get_mut(&hash) else {
            return;
        };
        let length = bytes.len() as u64;
        if length != wanted.bytes || Hash::of(&bytes) != hash {
            self.blobs.not_held(now, name, hash);
            self.misbehaved(now, name, "a blob that is not the one named");
            return;
        }
        let growth = self
            .growth
            .entry(wanted.origin.clone())
            .or_insert_with(Growth::new);
        growth.blobs.charge(now, 1);
        growth.blob_bytes.charge(now, length);
        self.blobs.wanted.remove(&hash);
        if blob_recipients(&bytes).is_some() {
            // Sealed by its own frame, whatever the entry that names it says.
            self.blobs.sealed.entry(hash).or_default();
        }
        self.errands.push(Errand::StoreBlob { hash, bytes });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_blobs_are_asked_for_several_at_a_time_and_documents_alone() {
        let mut places = Load::default();
        while places.has_room(2 << 10) {
            places.add(2 << 10);
        }
        assert_eq!(places.count, BLOBS_ASKED_MAX);
        assert!(places.is_full());
        let mut document = Load::default();
        assert!(document.has_room(8 << 20));
        document.add(8 << 20);
        assert!(document.is_full());
        let mut place = Load::default();
        place.add(2 << 10);
        assert!(!place.has_room(8 << 20));
    }
}
