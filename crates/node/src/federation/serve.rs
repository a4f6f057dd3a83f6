//! Answering peers, within what a period grants each.

use std::sync::Arc;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::hash::Hash;
use detente_spacetime::Instant;

use super::limits::{CHUNK_BYTES_MAX, LONG_POLL_S};
use super::message::{Answer, Ask, Known, Message, NOT_WANTED, Notice, Refused};
use super::mirror::Mirror;
use super::peer::{Parked, is_over};
use super::{Federation, Finding};
use crate::effect::Errand;

impl Federation {
    pub(super) fn on_ask(&mut self, now: Instant, name: &Arc<str>, exchange: u64, ask: Ask) {
        if !self.is_granted(now, name) {
            return;
        }
        let answer = match ask {
            Ask::Heads { known, wait } => {
                self.on_poll(now, name, exchange, known, wait);
                return;
            }
            Ask::Entries {
                origin,
                from,
                size,
                root,
            } => match self.entries(name, exchange, &origin, from, (size, root)) {
                Some((errand, bytes)) => {
                    self.charge_served(now, name, bytes);
                    self.errands.push(errand);
                    return;
                }
                None => Answer::Refused(Refused::NotHeld),
            },
            Ask::Keys { origin, after } => match self.mirrors.get(&origin) {
                Some(mirror) => Answer::Keys(mirror.key_entries_after(after)),
                None => Answer::Refused(Refused::NotHeld),
            },
            Ask::Proof {
                origin,
                old,
                size,
                root,
            } => self.proof(&origin, old, (size, root)),
            Ask::Blob { hash } => match self.blobs.held(hash).filter(|_| self.may_have(name, hash))
            {
                Some(bytes) => {
                    self.charge_served(now, name, bytes);
                    let peer = name.clone();
                    self.errands.push(Errand::SendBlob {
                        peer,
                        exchange,
                        hash,
                    });
                    return;
                }
                None => Answer::Refused(Refused::NotHeld),
            },
        };
        self.answer(name, exchange, answer);
    }

    /// Counts a request; returns whether it is still granted. Told once a period, then silence:
    /// refusing every message of a flood would double it.
    pub(super) fn is_granted(&mut self, now: Instant, name: &Arc<str>) -> bool {
        let limits = self.limits;
        let Some(peer) = self.peers.get_mut(name) else {
            return false;
        };
        peer.requests.charge(now, 1);
        let spent = peer.requests.is_spent(now, limits.requests)
            || peer.served_bytes.is_spent(now, limits.served_bytes);
        if spent && peer.requests.report_once() {
            self.findings.push(Finding::Throttled {
                peer: name.clone(),
                what: "requests",
            });
        }
        !spent
    }

    fn charge_served(&mut self, now: Instant, name: &Arc<str>, bytes: u64) {
        if let Some(peer) = self.peers.get_mut(name) {
            peer.served_bytes.charge(now, bytes);
        }
    }

    pub(super) fn answer(&mut self, name: &Arc<str>, exchange: u64, answer: Answer) {
        self.errands.push(Errand::Send {
            peer: name.clone(),
            message: Message::Answer { exchange, answer },
        });
    }

    fn on_poll(
        &mut self,
        now: Instant,
        name: &Arc<str>,
        exchange: u64,
        known: Vec<Known>,
        wait: bool,
    ) {
        self.send_forks(name, &known);
        let offered = self.offered(&known);
        if !wait || !offered.is_empty() {
            self.answer(name, exchange, Answer::Heads(offered));
            return;
        }
        let Some(peer) = self.peers.get_mut(name) else {
            return;
        };
        let parked = Parked {
            exchange,
            known,
            at: now,
        };
        // A peer has one poll; an older one it gave up, and its request ends.
        if let Some(older) = peer.parked.replace(parked) {
            self.answer(name, older.exchange, Answer::Heads(Vec::new()));
        }
    }

    /// Sends the proofs of forks that a peer does not know of.
    fn send_forks(&mut self, name: &Arc<str>, known: &[Known]) {
        for (origin, proof) in &self.contested {
            let told = known
                .iter()
                .any(|known| known.origin == *origin && known.contested);
            if !told && !proof.is_empty() {
                let notice = Notice::Fork(proof.clone());
                self.errands.push(Errand::notice(name, notice));
            }
        }
    }

    /// Returns the durable heads, with cosignatures, that an asker lacks.
    ///
    /// A cosignature by a key that another one replaced is no news: who knows of the replacement does not
    /// take it, and would be told of it again and again.
    fn offered(&self, known: &[Known]) -> Vec<SignedCheckpoint> {
        let keys = self.cosign_keys();
        let counts = |id: &[u8; 4]| keys.iter().any(|(_, key)| key.id().0 == *id);
        let lacks = |mirror: &&Mirror| {
            let Some(head) = mirror.durable_head() else {
                return false;
            };
            let Some(known) = known.iter().find(|known| known.origin == mirror.origin) else {
                return true;
            };
            let (size, root) = (head.checkpoint().size(), head.checkpoint().root());
            match known.size {
                NOT_WANTED => false,
                other if other != size => other < size,
                _ => {
                    let mut ids = mirror.cosigner_ids().filter(counts);
                    known.root != root || ids.any(|id| !known.cosigners.contains(&id))
                }
            }
        };
        let heads = self.mirrors.values().filter(lacks);
        heads
            .filter_map(|mirror| mirror.durable_head().cloned())
            .collect()
    }

    /// Answers polls that waited for something, or long enough.
    pub(super) fn release_parked(&mut self, now: Instant) {
        let mut ready = Vec::new();
        for (name, peer) in &self.peers {
            let Some(parked) = &peer.parked else {
                continue;
            };
            let offered = self.offered(&parked.known);
            if !offered.is_empty() || is_over(parked.at, LONG_POLL_S, now) {
                ready.push((name.clone(), parked.exchange, offered));
            }
        }
        for (name, exchange, offered) in ready {
            if let Some(peer) = self.peers.get_mut(&name) {
                peer.parked = None;
            }
            self.answer(&name, exchange, Answer::Heads(offered));
        }
    }

    /// Returns the errand that answers with entries, and their bytes.
    fn entries(
        &self,
        name: &Arc<str>,
        exchange: u64,
        origin: &Arc<str>,
        from: u64,
        (size, root): (u64, Hash),
    ) -> Option<(Errand, u64)> {
        let mirror = self.mirrors.get(origin)?;
        if from >= size || size > mirror.durable || mirror.root_at(size) != Some(root) {
            return None;
        }
        let count = mirror.chunk(from, size, self.limits.chunk_entries, CHUNK_BYTES_MAX);
        let proof = mirror.consistency(from + count, size)?;
        let errand = Errand::SendEntries {
            peer: name.clone(),
            exchange,
            origin: mirror.origin.clone(),
            from,
            count,
            proof,
        };
        Some((errand, mirror.bytes(from, count)))
    }

    fn proof(&self, origin: &Arc<str>, old: u64, (size, root): (u64, Hash)) -> Answer {
        let answer = || {
            let mirror = self.mirrors.get(origin)?;
            let same = mirror.root_at(size) == Some(root);
            let root = mirror.root_at(old).filter(|_| same && old <= size)?;
            let proof = mirror.consistency(old, size)?;
            Some(Answer::Proof { root, proof })
        };
        answer().unwrap_or(Answer::Refused(Refused::NotHeld))
    }
}
