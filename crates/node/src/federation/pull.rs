//! Pulling: polls, fetches, and the checks on every answer.

use std::sync::Arc;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::hash::{Hash, SIZE_MAX};
use detente_ledger::keys::{KeyHistory, Role, SignedKeyEvent};
use detente_ledger::note::Note;
use detente_ledger::proof::check_consistency;
use detente_spacetime::Instant;

use super::limits::{CHUNK_BYTES_MAX, CLOCK_TOLERANCE_S, IDLE_PAUSE_S, PERIOD_S};
use super::message::{Answer, Ask, Known, Message, NOT_WANTED, Notice, Refused};
use super::mirror::{Foreign, is_signed_at};
use super::peer::{Asked, is_over};
use super::{Arrived, Federation, Finding, Growth, Landing};
use crate::effect::Errand;

/// Sizes remembered of what a ledger showed when asked: enough to date entries that arrive within
/// the last few polls.
const SHOWN_MAX: usize = 32;
/// Fetches open with one peer at a time: one for each of a few ledgers, so that no one ledger
/// delays the others.
const FETCHES_MAX: usize = 4;

/// A checkpoint whose entries are being fetched.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) head: SignedCheckpoint,
    pub(super) source: Arc<str>,
    stage: Stage,
    /// Whether the question of this stage was sent.
    is_asked: bool,
}

/// What is needed next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The key events after ours: the checkpoint is not signed by a key we know.
    Keys,
    /// The next entries.
    Entries,
    /// The entries did not lead to the checkpoint: what root does it have at this size of ours?
    Proof { old: u64 },
}

impl Federation {
    /// Does whatever can be done now.
    pub(super) fn drive(&mut self, now: Instant) {
        self.expire(now);
        self.confirm(now);
        self.fetch(now);
        self.fetch_blobs(now);
        self.poll(now);
        self.release_parked(now);
    }

    fn expire(&mut self, now: Instant) {
        let mut late = Vec::new();
        for (name, peer) in &mut self.peers {
            if !peer.expire(now).is_empty() {
                peer.lose(now);
                late.push(name.clone());
            }
        }
        self.targets
            .retain(|_, target| !late.contains(&target.source));
        late.iter().for_each(|name| self.note_lost(name));
    }

    /// Sends a question.
    pub(super) fn ask(&mut self, now: Instant, name: &Arc<str>, ask: Ask) {
        self.next_exchange = self.next_exchange.wrapping_add(1);
        let exchange = self.next_exchange;
        let Some(peer) = self.peers.get_mut(name) else {
            return;
        };
        let asked = Asked {
            ask: ask.clone(),
            at: now,
        };
        peer.asked.insert(exchange, asked);
        self.errands.push(Errand::Send {
            peer: name.clone(),
            message: Message::Ask { exchange, ask },
        });
    }

    /// Polls every peer that nothing is fetched from at the moment.
    fn poll(&mut self, now: Instant) {
        let idle: Vec<Arc<str>> = self
            .peers
            .iter()
            .filter(|(name, peer)| {
                let fetching = self.targets.values().any(|target| target.source == **name);
                !fetching && !peer.is_polled() && !peer.is_resting(now)
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in idle {
            let known = self.known(now);
            let wait = self.confirmation.is_done();
            self.ask(now, &name, Ask::Heads { known, wait });
        }
    }

    /// Says what this node holds, or is about to hold, of every ledger.
    fn known(&mut self, now: Instant) -> Vec<Known> {
        let origins: Vec<Arc<str>> = self.mirrors.keys().cloned().collect();
        let mut known = Vec::with_capacity(origins.len());
        for origin in origins {
            let unwanted = self.is_contested(&origin) || self.is_spent(now, &origin);
            let Some(mirror) = self.mirrors.get(&origin) else {
                continue;
            };
            let target = self.targets.get(&origin).map(|target| &target.head);
            let head = target.or(mirror.head()).map(SignedCheckpoint::checkpoint);
            let (mut size, root) =
                head.map_or((0, Hash::empty_tree()), |head| (head.size(), head.root()));
            if unwanted {
                size = NOT_WANTED;
            } else if origin == self.own && !self.confirmation.is_done() {
                // Whoever holds anything of our ledger is to say so.
                size = 0;
            }
            known.push(Known {
                cosigners: mirror.cosigner_ids().collect(),
                contested: self.is_contested(&origin),
                origin,
                size,
                root,
            });
        }
        known
    }

    /// Returns whether a ledger used up what it may grow in this period.
    fn is_spent(&mut self, now: Instant, origin: &Arc<str>) -> bool {
        let limits = self.limits;
        let growth = self
            .growth
            .entry(origin.clone())
            .or_insert_with(Growth::new);
        let spent = growth.entries.is_spent(now, limits.entries)
            || growth.bytes.is_spent(now, limits.entry_bytes);
        if spent && growth.entries.report_once() {
            self.findings.push(Finding::Throttled {
                peer: origin.clone(),
                what: "growth of a ledger",
            });
        }
        spent
    }

    /// Asks for what the targets need next.
    fn fetch(&mut self, now: Instant) {
        let mut asks = Vec::new();
        for (origin, target) in &mut self.targets {
            let Some(peer) = self.peers.get(&target.source) else {
                continue;
            };
            let opened = asks.iter().filter(|(name, _)| *name == target.source);
            if target.is_asked || peer.fetches() + opened.count() >= FETCHES_MAX {
                continue;
            }
            let Some(mirror) = self.mirrors.get(origin) else {
                continue;
            };
            let head = target.head.checkpoint();
            let (origin, size, root) = (origin.clone(), head.size(), head.root());
            let ask = match target.stage {
                Stage::Keys => Ask::Keys {
                    origin,
                    after: (mirror.keys().events().len() as u64).saturating_sub(1),
                },
                Stage::Entries => Ask::Entries {
                    origin,
                    from: mirror.size(),
                    size,
                    root,
                },
                Stage::Proof { old } => Ask::Proof {
                    origin,
                    old,
                    size,
                    root,
                },
            };
            target.is_asked = true;
            asks.push((target.source.clone(), ask));
        }
        for (name, ask) in asks {
            self.ask(now, &name, ask);
        }
    }

    pub(super) fn on_answer(
        &mut self,
        now: Instant,
        name: &Arc<str>,
        asked: Asked,
        answer: Answer,
    ) {
        match (asked.ask, answer) {
            (Ask::Heads { known, .. }, Answer::Heads(heads)) => {
                self.note_shown(name, asked.at, &known, &heads);
                self.on_heads(now, name, heads);
            }
            (Ask::Entries { origin, from, .. }, Answer::Entries { entries, proof }) => {
                self.on_entries(now, name, (&origin, from), entries, &proof);
            }
            (Ask::Keys { origin, .. }, Answer::Keys(events)) => {
                self.on_keys(now, name, &origin, &events);
            }
            (Ask::Proof { origin, old, .. }, Answer::Proof { root, proof }) => {
                self.on_proof(now, name, (&origin, old), root, proof);
            }
            (Ask::Blob { hash }, Answer::Blob(bytes)) => {
                self.on_blob(now, name, hash, bytes);
            }
            (Ask::Blob { hash }, Answer::Refused(Refused::NotHeld)) => {
                self.blobs.not_held(now, name, hash);
            }
            (_, Answer::Refused(Refused::NotHeld)) => self.give_up(now, name),
            (_, Answer::Refused(Refused::Throttled)) => {
                self.give_up(now, name);
                if let Some(peer) = self.peers.get_mut(name) {
                    peer.rest(now, PERIOD_S);
                }
            }
            _ => self.misbehaved(now, name, "an answer to another question"),
        }
    }

    fn on_heads(&mut self, now: Instant, name: &Arc<str>, heads: Vec<SignedCheckpoint>) {
        if heads.len() > self.mirrors.len() {
            self.misbehaved(now, name, "more checkpoints than ledgers");
            return;
        }
        let mut useful = heads.is_empty();
        let own_head = heads
            .iter()
            .find(|head| head.checkpoint().origin() == &*self.own)
            .cloned();
        self.note_held(name, own_head);
        for head in heads {
            useful |= self.on_head(now, name, head);
        }
        self.confirm(now);
        if let Some(peer) = self.peers.get_mut(name) {
            peer.succeed();
            peer.note_poll(now, useful);
            if !self.confirmation.is_done() {
                peer.rest(now, IDLE_PAUSE_S);
            }
        }
    }

    /// Takes one checkpoint from a peer; returns whether it was of use.
    fn on_head(&mut self, now: Instant, name: &Arc<str>, head: SignedCheckpoint) -> bool {
        let Some((origin, mirror)) = self.mirrors.get_key_value(head.checkpoint().origin()) else {
            return false;
        };
        let origin = origin.clone();
        if self.is_contested(&origin) {
            return false;
        }
        let (size, root) = (head.checkpoint().size(), head.checkpoint().root());
        if size <= mirror.size() {
            if mirror.root_at(size) != Some(root) {
                return self.on_other_root(&origin, name, head);
            }
            return self.merge(&origin, &head);
        }
        if self.targets.contains_key(&origin) || self.is_spent(now, &origin) {
            return false;
        }
        let known_key = self
            .mirrors
            .get(&origin)
            .is_some_and(|mirror| mirror.is_signed(&head));
        let target = Target {
            head,
            source: name.clone(),
            stage: if known_key {
                Stage::Entries
            } else {
                Stage::Keys
            },
            is_asked: false,
        };
        self.targets.insert(origin, target);
        true
    }

    /// Takes a head, and cosignatures over it, that agrees with what is held.
    fn merge(&mut self, origin: &Arc<str>, head: &SignedCheckpoint) -> bool {
        let Some(mirror) = self.mirrors.get_mut(origin) else {
            return false;
        };
        let newest = mirror.head().map_or(0, |head| head.checkpoint().size());
        if head.checkpoint().size() > newest {
            mirror.set_head(head);
        }
        self.merge_lines(origin, head.note())
    }

    pub(super) fn merge_lines(&mut self, origin: &Arc<str>, note: &Note) -> bool {
        let good = self.cosign_keys();
        let Some(mirror) = self.mirrors.get_mut(origin) else {
            return false;
        };
        let lines = mirror.merge(note, &good);
        let size = mirror.head().map_or(0, |head| head.checkpoint().size());
        if lines.is_empty() {
            return false;
        }
        if *origin == self.own {
            let attach = lines.into_iter().map(|line| Errand::Attach { size, line });
            self.errands.extend(attach);
        } else {
            self.keep_head(origin);
        }
        true
    }

    fn on_keys(
        &mut self,
        now: Instant,
        name: &Arc<str>,
        origin: &Arc<str>,
        events: &[(u64, Vec<u8>)],
    ) {
        let (Some(mirror), Some(target)) = (self.mirrors.get(origin), self.targets.get(origin))
        else {
            return;
        };
        let mut announced: KeyHistory = mirror.keys().clone();
        for (index, entry) in events {
            if let Some(event) = SignedKeyEvent::from_entry(entry) {
                // Each event is signed by the roots, so nobody but the owner can announce one.
                let _ = announced.apply(*index, &event);
            }
        }
        if target.source != *name || !is_signed_at(&announced, &target.head) {
            self.misbehaved(now, name, "a checkpoint that its ledger's key did not sign");
            return;
        }
        self.advance(origin, Stage::Entries);
    }

    fn on_entries(
        &mut self,
        now: Instant,
        name: &Arc<str>,
        (origin, from): (&Arc<str>, u64),
        entries: Vec<Vec<u8>>,
        proof: &[Hash],
    ) {
        let Some(target) = self
            .targets
            .get(origin)
            .filter(|it| it.source == *name)
            .cloned()
        else {
            return;
        };
        let Some(mirror) = self.mirrors.get_mut(origin) else {
            return;
        };
        let bytes: u64 = entries.iter().map(|entry| entry.len() as u64).sum();
        let longest = detente_ledger::bundle::ENTRY_BYTES_MAX as u64;
        let too_many = entries.len() as u64 > self.limits.chunk_entries;
        if mirror.size() != from || too_many || bytes > CHUNK_BYTES_MAX + longest {
            self.misbehaved(now, name, "more entries than one answer may hold");
            return;
        }
        match mirror.take(&entries, &target.head, proof) {
            Ok(()) => self.on_taken(now, &target, from, entries),
            Err(Foreign::Tree) => {
                // Bad entries, or a good checkpoint of another history?
                let old = mirror.head().map_or(0, |head| head.checkpoint().size());
                match old {
                    0 => self.misbehaved(now, name, "entries that are not the checkpoint's"),
                    old => self.advance(origin, Stage::Proof { old }),
                }
            }
            Err(Foreign::Genesis | Foreign::Count) => {
                self.misbehaved(now, name, "entries that are not the ledger's");
            }
        }
    }

    fn on_taken(&mut self, now: Instant, target: &Target, from: u64, entries: Vec<Vec<u8>>) {
        let head = target.head.checkpoint();
        let Some(origin) = self
            .mirrors
            .get_key_value(head.origin())
            .map(|(name, _)| name.clone())
        else {
            return;
        };
        let bytes: u64 = entries.iter().map(|entry| entry.len() as u64).sum();
        let count = entries.len() as u64;
        let growth = self
            .growth
            .entry(origin.clone())
            .or_insert_with(Growth::new);
        growth.entries.charge(now, count);
        growth.bytes.charge(now, bytes);
        if let Some(peer) = self.peers.get_mut(&target.source) {
            peer.succeed();
        }
        let is_whole = from + count == head.size();
        let arrived = Arrived {
            origin: origin.clone(),
            first_index: from,
            entries,
        };
        if origin == self.own {
            self.recover_own(arrived, is_whole.then_some(&target.head));
        } else {
            self.mirror(arrived, is_whole);
        }
        if is_whole {
            self.targets.remove(&origin);
            let note = target.head.note().clone();
            self.merge_lines(&origin, &note);
        } else if self.is_spent(now, &origin) {
            self.targets.remove(&origin);
        } else {
            self.advance(&origin, Stage::Entries);
        }
    }

    /// Sends verified entries to the disk.
    fn mirror(&mut self, arrived: Arrived, is_whole: bool) {
        let ticket = self.ticket();
        let head = self
            .mirrors
            .get(&arrived.origin)
            .and_then(|mirror| mirror.head())
            .filter(|_| is_whole)
            .cloned();
        self.errands.push(Errand::Mirror {
            ticket,
            origin: arrived.origin.clone(),
            first_index: arrived.first_index,
            entries: arrived.entries.clone(),
            head,
        });
        self.landing.push_back(Landing { ticket, arrived });
    }

    fn on_proof(
        &mut self,
        now: Instant,
        name: &Arc<str>,
        (origin, old): (&Arc<str>, u64),
        root: Hash,
        proof: Vec<Hash>,
    ) {
        let Some(target) = self
            .targets
            .get(origin)
            .filter(|it| it.source == *name)
            .cloned()
        else {
            return;
        };
        let head = target.head.checkpoint();
        let Some(mirror) = self.mirrors.get(origin) else {
            return;
        };
        let holds = check_consistency(&proof, old, root, head.size(), head.root()).is_ok();
        if holds && mirror.root_at(old) != Some(root) {
            self.on_two_histories(origin, target, (old, root), proof);
        } else if holds && old < mirror.size() && mirror.size() <= head.size() {
            // The histories part within what was fetched of a checkpoint that is not whole yet.
            let old = mirror.size();
            self.advance(origin, Stage::Proof { old });
        } else {
            self.misbehaved(now, name, "entries that are not the checkpoint's");
        }
    }

    fn on_two_histories(
        &mut self,
        origin: &Arc<str>,
        target: Target,
        (old, root): (u64, Hash),
        proof: Vec<Hash>,
    ) {
        self.targets.remove(origin);
        let held = self.mirrors.get(origin).and_then(|mirror| mirror.head());
        match held.filter(|head| head.checkpoint().size() == old).cloned() {
            Some(smaller) => {
                self.prove_fork((origin, &target.source), smaller, target.head, root, proof);
            }
            None => self.contradict(origin, &target.source),
        }
    }

    fn advance(&mut self, origin: &Arc<str>, stage: Stage) {
        if let Some(target) = self.targets.get_mut(origin) {
            target.stage = stage;
            target.is_asked = false;
        }
    }

    pub(super) fn on_notice(&mut self, now: Instant, notice: Notice) {
        match notice {
            Notice::Cosignature { origin, size, line } => {
                let head = self.mirrors.get(&origin).and_then(|mirror| mirror.head());
                let head = head.filter(|head| head.checkpoint().size() == size);
                let Some(mut note) = head.and_then(|head| Note::new(head.note().text()).ok())
                else {
                    return;
                };
                if note.add_lines(&line).is_ok() {
                    self.merge_lines(&origin, &note);
                }
            }
            Notice::Fork(proof) => self.on_fork_proof(now, &proof),
        }
    }

    /// Remembers how much of its own ledger a peer showed when it was asked.
    fn note_shown(
        &mut self,
        name: &Arc<str>,
        asked_at: Instant,
        known: &[Known],
        heads: &[SignedCheckpoint],
    ) {
        let asked = known.iter().find(|known| known.origin == *name);
        let Some(asked) = asked.filter(|known| known.size != NOT_WANTED) else {
            return;
        };
        let heads = heads.iter().map(SignedCheckpoint::checkpoint);
        let named = heads.filter(|head| head.origin() == &**name);
        let size = named.map(|head| head.size()).fold(asked.size, u64::max);
        let shown = self.shown.entry(name.clone()).or_default();
        shown.push_back((size, asked_at));
        while shown.len() > SHOWN_MAX {
            shown.pop_front();
        }
    }

    /// Returns when the ledger was last asked and did not hold entry `index` yet, if that is later
    /// than the entry claims by more than clocks may differ.
    pub(crate) fn absent_at(&self, origin: &str, index: u64, claimed: Instant) -> Option<Instant> {
        let shown = self.shown.get(origin)?;
        let absent = shown.iter().filter(|(size, _)| *size <= index);
        let last = absent.map(|(_, at)| *at).max()?;
        let later = last > claimed && is_over(claimed, CLOCK_TOLERANCE_S, last);
        later.then_some(last)
    }

    /// Returns whether a key of this unit counts for an entry of a ledger.
    pub(crate) fn unit_stands(
        &self,
        origin: &str,
        index: u64,
        key: &detente_ledger::vkey::Vkey,
    ) -> bool {
        debug_assert!(index <= SIZE_MAX);
        self.keys(origin).is_some_and(|keys| {
            let standing = keys.standing(Role::Unit, key, index, &[]);
            standing == detente_ledger::keys::Standing::Good
        })
    }
}
