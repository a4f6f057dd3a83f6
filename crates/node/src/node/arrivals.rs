//! Durable entries on their way into the fold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::entry::{Entry, SignedEntry};
use detente_ledger::hash::Hash;
use detente_spacetime::Instant;
use serde_json::{Map, Value};

use super::{Accepted, Draft, Effect, EntryFault, Node, Readers, Shared};
use crate::effect::Errand;
use crate::federation::{CLOCK_TOLERANCE_S, Finding, later};
use crate::history::{Applied, claimed_at};

/// Kind under which bytes that are no entry are folded.
const MALFORMED_KIND: &str = "malformed";
/// Blobs looked for in one entry; what names more is not a record of this agreement.
const BLOBS_MAX: usize = 256;

impl<P: Shared> Node<P> {
    /// Folds whatever became durable, and passes on what the federation wants done.
    pub(super) fn fold(&mut self, now: Instant) {
        loop {
            let (errands, findings, arrived) = self.federation.drain();
            let is_contested = self.contest_forked();
            if errands.is_empty() && findings.is_empty() && arrived.is_empty() && !is_contested {
                break;
            }
            self.effects.extend(findings.into_iter().map(Effect::Found));
            self.effects.extend(errands.into_iter().map(Effect::Run));
            for arrived in arrived {
                let entries = arrived.entries.into_iter().map(Arc::from);
                self.receive(&arrived.origin, arrived.first_index, entries);
            }
            self.settle(now);
        }
    }

    /// Places what can be placed, and tells what it changed.
    fn settle(&mut self, now: Instant) {
        let federation = &self.federation;
        let applied = self
            .history
            .settle(|origin, size| federation.root_at(origin, size));
        self.tell_applied(&applied);
        self.answer_awaiting();
        self.examine(now, &applied);
    }

    /// Tells the history of ledgers that turned out to have forked.
    fn contest_forked(&mut self) -> bool {
        let mut is_new = false;
        for origin in self.federation.contested() {
            is_new |= self.history.contest(&origin);
        }
        is_new
    }

    /// Takes what is stored, from where the history begins; of the entries before that only those are read that do more
    /// than to be folded.
    pub(super) fn begin(
        &mut self,
        entries: &BTreeMap<Arc<str>, Vec<Arc<[u8]>>>,
        noted: &BTreeSet<(Arc<str>, u64)>,
        now: Instant,
    ) {
        for (origin, index) in noted {
            let place = usize::try_from(*index).ok();
            let bytes = entries.get(origin).and_then(|entries| entries.get(place?));
            if let Some(bytes) = bytes {
                let (entry, fault) = self.read(origin, *index, bytes);
                let act = self.history.state().read(origin, &entry, fault);
                self.note(origin, *index, &entry, &act);
            }
        }
        for (origin, entries) in entries {
            self.receive(origin, 0, entries.iter().cloned());
        }
        self.settle(now);
        self.fold(now);
    }

    fn receive(
        &mut self,
        origin: &Arc<str>,
        first_index: u64,
        entries: impl IntoIterator<Item = Arc<[u8]>>,
    ) {
        let held = self.history.received(origin);
        for (index, bytes) in (first_index..).zip(entries) {
            if index < held {
                continue;
            }
            let (entry, fault) = self.read(origin, index, &bytes);
            let act = self.history.state().read(origin, &entry, fault);
            if *origin == self.own {
                self.wishes.recorded(&entry.salt, index);
            }
            self.note(origin, index, &entry, &act);
            if let Some(hash) = P::awaits(&act) {
                self.awaited.insert(hash);
                if self.federation.holds_blob(hash) {
                    self.run(Errand::ReadBlob { hash });
                }
            }
            let said = (Arc::new(entry), act);
            self.history.receive(origin, bytes, said, fault);
        }
    }

    /// Does what an entry asks for by arriving, and remembers that it asked for something.
    fn note(&mut self, origin: &Arc<str>, index: u64, entry: &Entry, act: &P::Act) {
        let is_own = *origin == self.own && self.note_own(entry);
        let is_founding = self.note_founding(origin, entry);
        if self.want_named(origin, entry, act) || is_own || is_founding {
            self.noted.insert((origin.clone(), index));
        }
    }

    /// Wants the content an entry names, where it is for this node, and remembers whom it is for; returns whether it names any.
    fn want_named(&mut self, origin: &Arc<str>, entry: &Entry, act: &P::Act) -> bool {
        let named = named_blobs(&entry.body);
        let names_any = !named.is_empty();
        match self.history.state().readers(entry, act) {
            Readers::Everybody => {
                for (hash, length) in named {
                    self.federation.want_blob(origin, hash, length);
                }
            }
            Readers::Only {
                about,
                supersedes,
                blobs,
            } => {
                if supersedes {
                    self.federation.supersede_sealed(origin, &about);
                }
                for (hash, length) in named {
                    let readers = blobs.get(&hash).cloned().unwrap_or_default();
                    let is_ours = *origin == self.own || readers.contains(&self.own);
                    self.federation.seal_blob(origin, hash, &about, readers);
                    if is_ours {
                        self.federation.want_blob(origin, hash, length);
                    }
                }
                return true;
            }
        }
        names_any
    }

    /// Returns the content that a record cannot be read without and that is not held here. Everything after it in the
    /// own ledger would wait for that, for ever if nobody brings it.
    pub(super) fn content_missing(&self, now: Instant, draft: &Draft) -> Option<Hash> {
        if named_blobs(&draft.body).is_empty() {
            return None;
        }
        let entry = Entry {
            kind: draft.kind.clone(),
            author: draft.author.clone(),
            written_at: now.to_string(),
            salt: Vec::new(),
            awareness: AwarenessKey::default(),
            unit_key: None,
            body: draft.body.clone(),
        };
        let act = self.history.state().read(&self.own, &entry, None);
        P::awaits(&act).filter(|hash| !self.federation.holds_blob(*hash))
    }

    pub(super) fn on_blob_stored(&mut self, hash: Hash, bytes: u64) {
        self.federation.hold_blob(hash, bytes);
        if self.awaited.contains(&hash) {
            self.run(Errand::ReadBlob { hash });
        }
    }

    /// Adds content to the entries that wait for it.
    pub(super) fn on_blob_read(&mut self, now: Instant, hash: Hash, bytes: Option<&[u8]>) {
        let bytes = bytes.filter(|bytes| Hash::of(bytes) == hash);
        if !self.awaited.remove(&hash) {
            return;
        }
        self.history.supply(|state, act| {
            if P::awaits(act) == Some(hash) {
                state.supply(act, hash, bytes);
            }
        });
        self.settle(now);
    }

    fn read(&self, origin: &Arc<str>, index: u64, bytes: &[u8]) -> (Entry, Option<EntryFault>) {
        let Ok(signed) = SignedEntry::parse(bytes) else {
            return (malformed(), Some(EntryFault::Malformed));
        };
        let holds = signed.entry().unit_key.as_ref().is_none_or(|key| {
            signed.unit_signature_holds(origin) == Some(true)
                && self.federation.unit_stands(origin, index, key)
        });
        let fault = (!holds).then_some(EntryFault::UnitSignature);
        (signed.into_entry(), fault)
    }

    /// Answers commands whose entries are folded now.
    fn answer_awaiting(&mut self) {
        let own = self.own.clone();
        let folded: Vec<(u64, u64, P::Outcome)> = self
            .awaiting
            .iter()
            .filter_map(|(index, request)| {
                let position = self.history.position(&own, *index)?;
                let outcome = self.history.outcome(position)?.clone();
                Some((*index, *request, outcome))
            })
            .collect();
        for (index, request, outcome) in folded {
            self.awaiting.remove(&index);
            let answer = Ok(Accepted {
                origin: own.clone(),
                index,
                outcome,
            });
            self.effects.push(Effect::Answer { request, answer });
        }
    }

    /// Compares what new entries claim with what is known.
    fn examine(&mut self, now: Instant, applied: &[Applied]) {
        // What is found before the start is nobody's news.
        let applied: &[Applied] = match self.is_starting {
            true => &[],
            false => applied,
        };
        let soon = later(now, CLOCK_TOLERANCE_S);
        for change in applied.iter().filter(|change| change.first_time) {
            let Some(placed) = self.history.order().get(change.position) else {
                continue;
            };
            if placed.origin == self.own {
                continue;
            }
            let (origin, index, at) = (placed.origin.clone(), placed.index, placed.at);
            let claimed = self.history.recorded(change.position);
            let claimed = claimed.and_then(|recorded| claimed_at(&recorded.entry));
            let is_early = claimed.is_none_or(|claimed| later(claimed, CLOCK_TOLERANCE_S) < at);
            let absent_at =
                claimed.and_then(|claimed| self.federation.absent_at(&origin, index, claimed));
            if at > soon {
                self.found(Finding::FromTheFuture { origin, index, at });
            } else if is_early {
                self.found(Finding::EarlyClaim { origin, index, at });
            } else if let Some(absent_at) = absent_at {
                self.found(Finding::BackDated {
                    origin,
                    index,
                    absent_at,
                });
            }
        }
        self.accuse_false_citations();
    }

    fn accuse_false_citations(&mut self) {
        for missing in self.missing() {
            let key = (missing.origin.clone(), missing.index);
            if missing.other_root && self.accused.insert(key) {
                self.found(Finding::FalseCitation {
                    origin: missing.origin,
                    index: missing.index,
                    cited: missing.cited,
                });
            }
        }
    }

    pub(super) fn found(&mut self, finding: Finding) {
        self.effects.push(Effect::Found(finding));
    }

    pub(super) fn run(&mut self, errand: Errand) {
        self.effects.push(Effect::Run(errand));
    }
}

/// What stands in the fold for bytes that are no entry: it says nothing and depends on nothing.
pub(crate) fn malformed() -> Entry {
    Entry {
        kind: MALFORMED_KIND.to_owned(),
        author: String::new(),
        written_at: String::new(),
        salt: Vec::new(),
        awareness: AwarenessKey::default(),
        unit_key: None,
        body: Map::new(),
    }
}

/// Returns the blobs a record names anywhere in it: objects with `sha256` and `bytes`.
fn named_blobs(body: &Map<String, Value>) -> Vec<(Hash, u64)> {
    let mut found = Vec::new();
    let mut open: Vec<&Value> = body.values().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => {
                let hash = members.get("sha256").and_then(Value::as_str);
                let bytes = members.get("bytes").and_then(Value::as_u64);
                if let (Some(hash), Some(bytes)) = (hash.and_then(Hash::from_hex), bytes) {
                    found.push((hash, bytes));
                }
                open.extend(members.values());
            }
            _ => {}
        }
        if found.len() >= BLOBS_MAX {
            break;
        }
    }
    found
}
