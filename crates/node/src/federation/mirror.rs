//! One ledger as this node verified it: tree, keys, newest head and who cosigned.
//!
//! The same type holds the node's own ledger. It keeps hashes and lengths, never entries: those
//! lie in files, and go to the history once they are durable there.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::hash::Hash;
use detente_ledger::keys::{Cosigned, KeyEventError, KeyHistory, Role, SignedKeyEvent};
use detente_ledger::note::Note;
use detente_ledger::proof::check_consistency;
use detente_ledger::vkey::{KeyId, Vkey};

use super::forest::Forest;

/// A ledger, verified as far as it is held.
#[derive(Clone, Debug)]
pub(crate) struct Mirror {
    pub(crate) origin: Arc<str>,
    keys: KeyHistory,
    /// Key event entries with their indexes.
    key_entries: Vec<(u64, Vec<u8>)>,
    forest: Forest,
    /// Length of each entry, so that a chunk can be cut without reading files.
    lengths: Vec<u16>,
    /// Entries known to be on the disk.
    pub(crate) durable: u64,
    head: Option<SignedCheckpoint>,
    /// Keys that cosigned the present head.
    cosigners: BTreeMap<[u8; 4], u64>,
    /// By the cosigner's ledger: the newest cosignature seen.
    cosigned: BTreeMap<Arc<str>, Cosigned>,
}

/// Entries do not belong to the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// They do not hash to the checkpoint.
    Tree,
    /// The first entry is not the genesis the agreement pins.
    Genesis,
    /// None, or more than the checkpoint has.
    Count,
}

impl Mirror {
    /// Starts an empty mirror of the ledger with this genesis entry.
    pub(crate) fn new(origin: Arc<str>, genesis: &[u8]) -> Result<Self, KeyEventError> {
        let event = SignedKeyEvent::from_entry(genesis).ok_or(KeyEventError::Sequence)?;
        Ok(Self {
            origin,
            keys: KeyHistory::genesis(0, genesis, &event)?,
            key_entries: vec![(0, genesis.to_vec())],
            forest: Forest::default(),
            lengths: Vec::new(),
            durable: 0,
            head: None,
            cosigners: BTreeMap::new(),
            cosigned: BTreeMap::new(),
        })
    }

    /// Returns how many entries are verified.
    pub(crate) fn size(&self) -> u64 {
        self.forest.size()
    }

    pub(crate) fn root_at(&self, size: u64) -> Option<Hash> {
        self.forest.root_at(size)
    }

    pub(crate) fn consistency(&self, old: u64, size: u64) -> Option<Vec<Hash>> {
        self.forest.consistency(old, size)
    }

    /// Returns the newest head whose entries are all held.
    pub(crate) fn head(&self) -> Option<&SignedCheckpoint> {
        self.head.as_ref()
    }

    /// Returns the newest head whose entries are all on the disk.
    pub(crate) fn durable_head(&self) -> Option<&SignedCheckpoint> {
        self.head
            .as_ref()
            .filter(|head| head.checkpoint().size() <= self.durable)
    }

    pub(crate) fn keys(&self) -> &KeyHistory {
        &self.keys
    }

    pub(crate) fn key_entries_after(&self, sequence: u64) -> Vec<(u64, Vec<u8>)> {
        let skip = usize::try_from(sequence.saturating_add(1)).unwrap_or(usize::MAX);
        self.key_entries.iter().skip(skip).cloned().collect()
    }

    /// Returns the newest cosignature of each cosigner, by its ledger.
    pub(crate) fn cosigned(&self) -> &BTreeMap<Arc<str>, Cosigned> {
        &self.cosigned
    }

    pub(crate) fn cosigner_ids(&self) -> impl Iterator<Item = [u8; 4]> {
        self.cosigners.keys().copied()
    }

    /// Returns how many entries from `from` on make one answer.
    pub(crate) fn chunk(&self, from: u64, to: u64, entries_max: u64, bytes_max: u64) -> u64 {
        let start = usize::try_from(from).unwrap_or(usize::MAX);
        let end = usize::try_from(to.min(from.saturating_add(entries_max))).unwrap_or(usize::MAX);
        let mut bytes = 0;
        let mut count = 0;
        for length in self.lengths.get(start..end).unwrap_or_default() {
            bytes += u64::from(*length);
            if count > 0 && bytes > bytes_max {
                break;
            }
            count += 1;
        }
        count
    }

    /// Returns the bytes of the entries in a range.
    pub(crate) fn bytes(&self, from: u64, count: u64) -> u64 {
        let start = usize::try_from(from).unwrap_or(usize::MAX);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let lengths = self.lengths.iter().skip(start).take(count);
        lengths.map(|length| u64::from(*length)).sum()
    }

    /// Returns whether the key that counts at this size signed the checkpoint.
    pub(crate) fn is_signed(&self, signed: &SignedCheckpoint) -> bool {
        is_signed_at(&self.keys, signed)
    }

    /// Verifies entries against a checkpoint and takes them; nothing changes on an error.
    ///
    /// The checkpoint's signature is the caller's business.
    pub(crate) fn take(
        &mut self,
        entries: &[Vec<u8>],
        target: &SignedCheckpoint,
        proof: &[Hash],
    ) -> Result<(), Foreign> {
        let head = target.checkpoint();
        let from = self.size();
        let to = from + entries.len() as u64;
        if entries.is_empty() || to > head.size() {
            return Err(Foreign::Count);
        }
        if from == 0 && entries.first().map(|entry| Hash::of(entry)) != Some(self.keys.identity()) {
            return Err(Foreign::Genesis);
        }
        for entry in entries {
            self.forest.push(Hash::leaf(entry));
        }
        let root = self.forest.root_at(to);
        let fits = root.is_some_and(|root| {
            check_consistency(proof, to, root, head.size(), head.root()).is_ok()
        });
        if !fits {
            self.forest.truncate(from);
            return Err(Foreign::Tree);
        }
        for (index, entry) in (from..).zip(entries) {
            // Longer entries cannot lie in a bundle, so no honest ledger holds one.
            self.lengths
                .push(u16::try_from(entry.len()).unwrap_or(u16::MAX));
            self.note_key_event(index, entry);
        }
        if to == head.size() && self.is_signed(target) {
            self.set_head(target);
        }
        Ok(())
    }

    /// Applies a key event; one that does not hold has no effect, for anybody.
    fn note_key_event(&mut self, index: u64, entry: &[u8]) {
        if index == 0 {
            return;
        }
        if let Some(event) = SignedKeyEvent::from_entry(entry)
            && self.keys.apply(index, &event).is_ok()
        {
            self.key_entries.push((index, entry.to_vec()));
        }
    }

    /// Makes a checkpoint the head, when its tree is held whole and the right key signed it.
    pub(crate) fn set_head(&mut self, head: &SignedCheckpoint) {
        let (size, root) = (head.checkpoint().size(), head.checkpoint().root());
        if self.size() < size || self.root_at(size) != Some(root) {
            return;
        }
        let Some(key) = log_key_at(&self.keys, size) else {
            return;
        };
        let Ok(mut note) = Note::new(head.note().text()) else {
            return;
        };
        // Only the log's own line is kept; cosignatures are added when their keys were checked.
        let mut lines = head.note().signatures().iter().map(|line| line.to_line());
        let Some(line) = lines.find(|line| holds(&note, line, key)) else {
            return;
        };
        if note.add_lines(&line).is_ok()
            && let Ok(kept) = SignedCheckpoint::from_note(note)
        {
            self.cosigners.clear();
            self.head = Some(kept);
        }
    }

    /// Adds the cosignatures of a note over the present head, by keys that are good; returns the
    /// lines that are new.
    pub(crate) fn merge(&mut self, note: &Note, good: &[(Arc<str>, Vkey)]) -> Vec<String> {
        let Some(head) = self.head.as_mut() else {
            return Vec::new();
        };
        if head.note().text() != note.text() {
            return Vec::new();
        }
        let size = head.checkpoint().size();
        let mut added = Vec::new();
        for signature in note.signatures() {
            let line = signature.to_line();
            let Some((KeyId(id), by, time_s)) = cosigner(note.text(), &line, good) else {
                continue;
            };
            if self.cosigners.contains_key(&id) || head.note_mut().add_lines(&line).is_err() {
                continue;
            }
            self.cosigners.insert(id, time_s);
            self.cosigned.insert(by, Cosigned { size, time_s });
            added.push(line);
        }
        added
    }
}

/// Returns the log key that counts for a checkpoint of this size: entries before it decide.
pub(crate) fn log_key_at(keys: &KeyHistory, size: u64) -> Option<&Vkey> {
    let newest_first = keys.events().iter().rev();
    let mut before = newest_first.skip_while(|(index, _)| *index >= size.max(1));
    let (_, event) = before.next()?;
    event.keys.get(&Role::Log)
}

/// Returns whether the log key that counts at its size signed the checkpoint.
pub(crate) fn is_signed_at(keys: &KeyHistory, signed: &SignedCheckpoint) -> bool {
    log_key_at(keys, signed.checkpoint().size())
        .is_some_and(|key| signed.verify_log(std::slice::from_ref(key)).is_ok())
}

fn holds(note: &Note, line: &str, key: &Vkey) -> bool {
    let mut single = note.clone();
    single.add_lines(line).is_ok() && single.verify(std::slice::from_ref(key)).is_ok()
}

/// Returns who made a cosignature line over this text, if one of `good` did.
fn cosigner(text: &str, line: &str, good: &[(Arc<str>, Vkey)]) -> Option<(KeyId, Arc<str>, u64)> {
    let mut single = Note::new(text).ok()?;
    single.add_lines(line).ok()?;
    good.iter().find_map(|(by, key)| {
        let verified = single.verify(std::slice::from_ref(key)).ok()?;
        Some((key.id(), by.clone(), verified.first()?.time_s?))
    })
}
