//! Other participants' ledgers: pulled, verified, mirrored, cosigned.
//!
//! One [`Federation`] is a state machine: messages, acknowledgements of the disk and the time go
//! in, effects and findings come out. Everybody pulls; whoever holds a ledger may serve it, since
//! only its signed checkpoint is believed. A checkpoint is cosigned after its entries lie durably
//! in the mirror, so that the cosignature proves possession. Two checkpoints of one ledger that
//! cannot both be true are kept as a fork proof and handed to everybody.

mod blobs;
mod confirmation;
mod finding;
pub(crate) mod forest;
mod forks;
mod limits;
mod message;
mod mirror;
mod peer;
mod pull;
mod serve;
pub mod wire;

pub use finding::{Finding, Presence};
pub(crate) use forest::Forest;
pub use limits::*;
pub use message::{Answer, Ask, Known, Message, NOT_WANTED, Notice, Refused};

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use detente_ledger::hash::Hash;
use detente_ledger::keys::{Cosigned, KeyHistory, Role};
use detente_ledger::vkey::{NoteSigner, Vkey};
use detente_spacetime::Instant;

use crate::effect::Errand;
use crate::node::{StartError, Stored};
use blobs::Blobs;
use confirmation::Confirmation;
use mirror::Mirror;
use peer::{Asked, Peer};
use pull::Target;

/// A ledger of the agreement: the owner's own or a peer's.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Its origin, which also names the peer that writes it.
    pub origin: Arc<str>,
    /// The exact bytes of its first entry, pinned by the agreement: they fix its first keys.
    pub genesis: Vec<u8>,
}

/// Entries that became durable and may be folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrived {
    pub(crate) origin: Arc<str>,
    pub(crate) first_index: u64,
    pub(crate) entries: Vec<Vec<u8>>,
}

/// Entries on their way to the disk.
#[derive(Clone, Debug)]
struct Landing {
    ticket: u64,
    arrived: Arrived,
}

/// The mirrors of one node and what is open with each peer.
#[derive(Debug)]
pub(crate) struct Federation {
    own: Arc<str>,
    signer: NoteSigner,
    limits: Limits,
    mirrors: BTreeMap<Arc<str>, Mirror>,
    peers: BTreeMap<Arc<str>, Peer>,
    targets: BTreeMap<Arc<str>, Target>,
    landing: VecDeque<Landing>,
    /// Fork proof files by ledger; empty for a contradiction that could not be proved to others.
    contested: BTreeMap<Arc<str>, Vec<u8>>,
    growth: BTreeMap<Arc<str>, Growth>,
    /// By ledger: sizes it showed when asked directly, and when it was asked; oldest first.
    shown: BTreeMap<Arc<str>, VecDeque<(u64, Instant)>>,
    blobs: Blobs,
    confirmation: Confirmation,
    next_exchange: u64,
    next_ticket: u64,
    last_cosigned_s: u64,
    errands: Vec<Errand>,
    findings: Vec<Finding>,
    arrived: Vec<Arrived>,
}

/// What one ledger cost in this period.
#[derive(Clone, Copy, Debug)]
struct Growth {
    entries: limits::Meter,
    bytes: limits::Meter,
    blobs: limits::Meter,
    blob_bytes: limits::Meter,
}

impl Growth {
    fn new() -> Self {
        let meter = limits::Meter::new();
        Self {
            entries: meter,
            bytes: meter,
            blobs: meter,
            blob_bytes: meter,
        }
    }
}

/// The genesis entry of a ledger does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the genesis entry of `{origin}` does not hold: {reason}")]
pub struct GenesisError {
    /// The ledger.
    pub origin: String,
    /// Why.
    pub reason: detente_ledger::keys::KeyEventError,
}

impl Federation {
    /// Starts with empty mirrors; what the disk holds follows by [`Federation::restore`].
    ///
    /// Exchange numbers start at a number made from `now`, so that answers to questions of an
    /// earlier run find no question.
    pub(crate) fn new(
        own: Arc<str>,
        signer: NoteSigner,
        ledgers: &[Ledger],
        limits: Limits,
        now: Instant,
    ) -> Result<Self, GenesisError> {
        let mut mirrors = BTreeMap::new();
        let mut peers = BTreeMap::new();
        for ledger in ledgers {
            let mirror = Mirror::new(ledger.origin.clone(), &ledger.genesis).map_err(|reason| {
                GenesisError {
                    origin: ledger.origin.to_string(),
                    reason,
                }
            })?;
            mirrors.insert(ledger.origin.clone(), mirror);
            if ledger.origin != own {
                peers.insert(ledger.origin.clone(), Peer::new(now));
            }
        }
        Ok(Self {
            own,
            signer,
            limits,
            mirrors,
            peers,
            targets: BTreeMap::new(),
            landing: VecDeque::new(),
            contested: BTreeMap::new(),
            growth: BTreeMap::new(),
            shown: BTreeMap::new(),
            blobs: Blobs::default(),
            confirmation: Confirmation::new(now),
            next_exchange: now.micros().unsigned_abs(),
            next_ticket: 0,
            last_cosigned_s: 0,
            errands: Vec::new(),
            findings: Vec::new(),
            arrived: Vec::new(),
        })
    }

    /// Takes what is stored, behind what is held already.
    pub(crate) fn take_stored(&mut self, stored: Stored) -> Result<(), StartError> {
        for ledger in stored.ledgers {
            if !self.restore(&ledger.origin, ledger.entries, &ledger.head) {
                let origin = ledger.origin.to_string();
                return Err(StartError::Stored { origin });
            }
        }
        for proof in &stored.forks {
            self.restore_fork(proof);
        }
        for (hash, bytes) in stored.blobs {
            self.hold_blob(hash, bytes);
        }
        Ok(())
    }

    /// Takes what is stored of a ledger: the entries up to its stored head that are not held yet.
    fn restore(&mut self, origin: &str, entries: Vec<Vec<u8>>, head: &SignedCheckpoint) -> bool {
        let cosigners = self.cosign_keys();
        let Some(mirror) = self.mirrors.get_mut(origin) else {
            return false;
        };
        let first_index = mirror.size();
        if !entries.is_empty() && mirror.take(&entries, head, &[]).is_err() {
            return false;
        }
        mirror.set_head(head);
        mirror.merge(head.note(), &cosigners);
        mirror.durable = mirror.size();
        let arrived = Arrived {
            origin: mirror.origin.clone(),
            first_index,
            entries,
        };
        self.arrived.push(arrived);
        true
    }

    /// Answers the passing of time.
    pub(crate) fn tick(&mut self, now: Instant) {
        self.watch_presence(now);
        self.drive(now);
    }

    /// Takes a message from an authenticated peer.
    pub(crate) fn on_message(&mut self, now: Instant, from: &str, message: Message) {
        let Some((name, peer)) = self.peers.get_key_value(from) else {
            return;
        };
        let name = name.clone();
        match message {
            Message::Ask { exchange, ask } => {
                self.hear(now, &name);
                self.on_ask(now, &name, exchange, ask);
            }
            Message::Answer { exchange, answer } => {
                let asked = peer.asked.contains_key(&exchange);
                // An answer nobody waits for: late, repeated or made up.
                if let Some(asked) = asked.then(|| self.take_asked(&name, exchange)).flatten() {
                    self.hear(now, &name);
                    self.on_answer(now, &name, asked, answer);
                }
            }
            Message::Notice(notice) => {
                self.hear(now, &name);
                if self.is_granted(now, &name) {
                    self.on_notice(now, notice);
                }
            }
        }
        self.drive(now);
    }

    /// Notes that a question, or a notice, did not reach a peer or will not be answered.
    ///
    /// Other questions are lost or answered each by itself, and what the peer asks comes over a line of its own.
    pub(crate) fn on_lost(&mut self, now: Instant, from: &str, exchange: Option<u64>) {
        let Some((name, _)) = self.peers.get_key_value(from) else {
            return;
        };
        let name = name.clone();
        let Some(peer) = self.peers.get_mut(from) else {
            return;
        };
        let asked = exchange.map(|exchange| peer.asked.remove(&exchange));
        match asked {
            // It was given up before: that says nothing of the line as it is now.
            Some(None) => return,
            Some(Some(Asked {
                ask: Ask::Entries { .. } | Ask::Keys { .. } | Ask::Proof { .. },
                ..
            })) => self.targets.retain(|_, target| &*target.source != from),
            Some(Some(_)) | None => {}
        }
        peer.lose(now);
        if exchange.is_some() {
            self.note_lost(&name);
        }
        self.drive(now);
    }

    /// Notes that mirrored entries are durable; tickets are answered in their order.
    pub(crate) fn on_mirrored(&mut self, now: Instant, ticket: u64) {
        while let Some(landing) = self.landing.front()
            && landing.ticket <= ticket
        {
            let Some(Landing { arrived, .. }) = self.landing.pop_front() else {
                break;
            };
            let durable = arrived.first_index + arrived.entries.len() as u64;
            let origin = arrived.origin.clone();
            if let Some(mirror) = self.mirrors.get_mut(&origin) {
                mirror.durable = mirror.durable.max(durable);
            }
            self.arrived.push(arrived);
            self.cosign(now, &origin);
        }
        self.drive(now);
    }

    /// Takes entries of the own log that are durable under a new checkpoint.
    pub(crate) fn on_own(
        &mut self,
        now: Instant,
        entries: Vec<Vec<u8>>,
        head: &SignedCheckpoint,
    ) -> bool {
        let Some(mirror) = self.mirrors.get_mut(&self.own) else {
            return false;
        };
        let first_index = mirror.size();
        if mirror.take(&entries, head, &[]).is_err() {
            return false;
        }
        mirror.durable = mirror.size();
        self.arrived.push(Arrived {
            origin: self.own.clone(),
            first_index,
            entries,
        });
        self.drive(now);
        true
    }

    /// Returns and empties what is to be done, what was noticed, and what may be folded.
    pub(crate) fn drain(&mut self) -> (Vec<Errand>, Vec<Finding>, Vec<Arrived>) {
        (
            std::mem::take(&mut self.errands),
            std::mem::take(&mut self.findings),
            std::mem::take(&mut self.arrived),
        )
    }

    /// Returns and empties what was restored, by ledger and from its first entry on.
    pub(crate) fn take_restored(&mut self) -> BTreeMap<Arc<str>, Vec<Arc<[u8]>>> {
        let arrived = std::mem::take(&mut self.arrived).into_iter();
        let entries = |arrived: Arrived| arrived.entries.into_iter().map(Arc::from).collect();
        arrived
            .map(|arrived| (arrived.origin.clone(), entries(arrived)))
            .collect()
    }

    /// Returns the root a held ledger has at a size.
    pub(crate) fn root_at(&self, origin: &str, size: u64) -> Option<Hash> {
        self.mirrors.get(origin)?.root_at(size)
    }

    /// Returns how many entries of a ledger are verified and durable.
    pub(crate) fn size(&self, origin: &str) -> u64 {
        let mirror = self.mirrors.get(origin);
        mirror.map_or(0, |mirror| mirror.durable.min(mirror.size()))
    }

    /// Returns the newest whole, durable checkpoint of a ledger.
    pub(crate) fn head(&self, origin: &str) -> Option<&SignedCheckpoint> {
        self.mirrors.get(origin)?.durable_head()
    }

    /// Returns each other participant's newest cosignature over a ledger.
    pub(crate) fn cosigned(&self, origin: &str) -> Option<&BTreeMap<Arc<str>, Cosigned>> {
        self.mirrors.get(origin).map(Mirror::cosigned)
    }

    /// Returns a ledger's key events as far as it is held.
    pub(crate) fn keys(&self, origin: &str) -> Option<&KeyHistory> {
        self.mirrors.get(origin).map(Mirror::keys)
    }

    /// Returns the key for an entry that names these sizes of the ledgers.
    pub(crate) fn awareness(&self, sizes: impl Fn(&str) -> u64) -> AwarenessKey {
        let seen: Vec<Checkpoint> = self
            .mirrors
            .values()
            .filter(|mirror| mirror.origin != self.own && !self.is_contested(&mirror.origin))
            .filter_map(|mirror| {
                let size = sizes(&mirror.origin).min(mirror.durable);
                let root = mirror.root_at(size)?;
                Checkpoint::new(&mirror.origin, size, root).ok()
            })
            .filter(|seen| seen.size() > 0)
            .collect();
        AwarenessKey::of(&seen)
    }

    /// Returns a peer's presence.
    pub(crate) fn presence(&self, peer: &str, now: Instant) -> Option<Presence> {
        self.peers.get(peer).map(|peer| peer.presence(now))
    }

    /// Returns when a peer last spoke to this node.
    pub(crate) fn heard(&self, peer: &str) -> Option<Instant> {
        self.peers.get(peer).and_then(Peer::heard)
    }

    /// Returns the origins of all ledgers, ascending.
    pub(crate) fn ledgers(&self) -> impl Iterator<Item = &Arc<str>> {
        self.mirrors.keys()
    }

    /// Returns the peers, by the origins of their ledgers.
    pub(crate) fn peers(&self) -> impl Iterator<Item = &Arc<str>> {
        self.peers.keys()
    }

    fn hear(&mut self, now: Instant, name: &str) {
        if let Some(peer) = self.peers.get_mut(name) {
            peer.hear(now);
        }
    }

    fn take_asked(&mut self, name: &str, exchange: u64) -> Option<Asked> {
        self.peers.get_mut(name)?.asked.remove(&exchange)
    }

    fn watch_presence(&mut self, now: Instant) {
        for (name, peer) in &mut self.peers {
            let presence = peer.presence(now);
            if presence != peer.reported {
                peer.reported = presence;
                self.findings.push(Finding::Presence {
                    peer: name.clone(),
                    presence,
                });
            }
        }
    }

    /// Cosigns the newest whole head of a mirror, once it is durable.
    fn cosign(&mut self, now: Instant, origin: &Arc<str>) {
        if *origin == self.own || !self.confirmation.is_done() || self.is_contested(origin) {
            return;
        }
        let good = self.cosign_keys();
        let own_id = self.signer.vkey().id().0;
        let Some(mirror) = self.mirrors.get_mut(origin) else {
            return;
        };
        let Some(head) = mirror.durable_head() else {
            return;
        };
        if mirror.cosigner_ids().any(|id| id == own_id) {
            return;
        }
        let seconds = u64::try_from(now.micros().max(0) / 1_000_000).unwrap_or(0);
        // What was signed later must not look earlier, whatever the clock says.
        self.last_cosigned_s = self.last_cosigned_s.max(seconds);
        let size = head.checkpoint().size();
        let mut note = head.note().clone();
        note.cosign(&self.signer, self.last_cosigned_s);
        let lines = mirror.merge(&note, &good);
        let Some(line) = lines.into_iter().next() else {
            return;
        };
        self.keep_head(origin);
        for peer in self.peers.keys() {
            let notice = Notice::Cosignature {
                origin: origin.clone(),
                size,
                line: line.clone(),
            };
            self.errands.push(Errand::notice(peer, notice));
        }
    }

    /// Cosigns everything that is whole and durable; after the node was confirmed.
    fn cosign_all(&mut self, now: Instant) {
        let origins: Vec<Arc<str>> = self.mirrors.keys().cloned().collect();
        for origin in origins {
            self.cosign(now, &origin);
        }
    }

    fn keep_head(&mut self, origin: &Arc<str>) {
        if let Some(head) = self.mirrors.get(origin).and_then(Mirror::durable_head) {
            self.errands.push(Errand::KeepHead {
                origin: origin.clone(),
                head: head.clone(),
            });
        }
    }

    /// Cosigns with another key from now on, once the own ledger says that it does.
    pub(crate) fn cosign_with(&mut self, now: Instant, signer: NoteSigner) {
        self.signer = signer;
        self.cosign_all(now);
    }

    /// Returns the keys whose cosignatures count now.
    pub(crate) fn keys_that_cosign(&self) -> Vec<Vkey> {
        let keys = self.cosign_keys().into_iter();
        keys.map(|(_, key)| key).collect()
    }

    /// Returns the cosigning keys in use, with the ledgers of those who hold them.
    fn cosign_keys(&self) -> Vec<(Arc<str>, Vkey)> {
        let key = |mirror: &Mirror| {
            let key = mirror.keys().active(Role::Cosign)?;
            Some((mirror.origin.clone(), key.clone()))
        };
        self.mirrors.values().filter_map(key).collect()
    }

    fn is_contested(&self, origin: &str) -> bool {
        self.contested.contains_key(origin)
    }

    /// Returns the ledgers that must not be relied on.
    pub(crate) fn contested(&self) -> BTreeSet<Arc<str>> {
        self.contested.keys().cloned().collect()
    }

    fn misbehaved(&mut self, now: Instant, name: &Arc<str>, what: &'static str) {
        self.findings.push(Finding::Misbehaved {
            peer: name.clone(),
            what,
        });
        self.give_up(now, name);
    }

    /// Stops pulling from a peer for a while; another may serve instead.
    fn give_up(&mut self, now: Instant, name: &Arc<str>) {
        if let Some(peer) = self.peers.get_mut(name) {
            peer.fail(now);
        }
        self.targets.retain(|_, target| target.source != *name);
    }

    fn ticket(&mut self) -> u64 {
        self.next_ticket += 1;
        self.next_ticket
    }
}
