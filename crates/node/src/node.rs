//! The only entrance of a participant's node.
//!
//! [`Node::handle`] takes one input at a time and returns what is to be done. It opens no file,
//! knows no time but what it is handed, and draws no chance: salts of its own entries come from a
//! secret seed. The same inputs therefore give the same outputs, which is what the simulation runs.
//! Questions read [`Node::picture`]; nothing changes by asking.

mod arrivals;
mod duties;
mod kept;
mod once;
mod stored;
mod succession;
#[cfg(test)]
mod tests;

pub(crate) use arrivals::malformed;
pub use duties::{FORK_PUBLISHED_KIND, HEARTBEAT_KIND, NODE_AUTHOR};
pub use kept::{Keeping, KeptFile};
pub use once::{Once, WISHES_KEPT_MAX};
pub use stored::{StartError, Stored, StoredLedger};

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Debug;
use std::sync::Arc;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::bundle::ENTRY_BYTES_MAX;
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::entry::{Entry, EntryError};
use detente_ledger::hash::Hash;
use detente_ledger::keys::{Cosigned, KeyEvent, KeyEventError, Role, SignedKeyEvent};
use detente_ledger::seal::SealPublicKey;
use detente_ledger::vkey::{NoteSigner, Vkey};
use detente_spacetime::Instant;
use serde_json::{Map, Value};

use crate::effect::Errand;
use crate::federation::{
    CLOCK_TOLERANCE_S, Federation, Finding, Ledger, Limits, Message, Presence, later,
};
use crate::history::{Applied, Fold, History, Missing};
use once::{Marks, Wishes};

/// Commands whose entries wait for the disk; beyond it new ones are refused, so that a disk that
/// hangs costs bounded memory.
pub const PENDING_MAX: usize = 10_000;

/// The state that nodes hold in common, and the rules for writing into it.
pub trait Shared: Fold {
    /// Why a wish is not fulfilled.
    type Refusal: Clone + Debug + PartialEq;

    /// Says who may have the content that an entry names beside its ledger.
    fn readers(&self, _entry: &Entry, _act: &Self::Act) -> Readers {
        Readers::Everybody
    }

    /// Turns a wish into the record to write, under the rules of the fold; `place` is the own ledger
    /// and its size.
    ///
    /// # Errors
    ///
    /// The refusal, with its reasons; and the record that says so, when the attempt is of weight.
    fn draft(
        &self,
        place: (&Arc<str>, u64),
        command: &Command,
        now: Instant,
        awareness: &AwarenessKey,
    ) -> Result<Draft, (Self::Refusal, Option<Draft>)>;
}

/// Who may have the content that an entry names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Whoever holds the ledger.
    Everybody,
    /// For each blob those named, by the origins of their ledgers; blobs not listed reach nobody.
    Only {
        /// What the content is about.
        about: String,
        /// Whether it takes the place of what the same ledger sealed about it before.
        supersedes: bool,
        /// The readers of each blob.
        blobs: BTreeMap<Hash, BTreeSet<Arc<str>>>,
    },
}

/// What speaks against an entry whatever it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryFault {
    /// Its bytes are not an entry.
    Malformed,
    /// Its unit signature does not hold, or by a key that is not the unit's.
    UnitSignature,
}

/// What a user wants on record.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Name of the user or unit.
    pub author: String,
    /// Kind of record.
    pub kind: String,
    /// Members of the record: subject, role, and what the kind asks for.
    pub body: Map<String, Value>,
}

/// A record to write.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Name of the author.
    pub author: String,
    /// Kind of record.
    pub kind: String,
    /// Its members.
    pub body: Map<String, Value>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A user wants something on record.
    Command {
        /// Names the answer.
        request: u64,
        /// What.
        command: Command,
        /// Random bytes for the entry.
        salt: [u8; 16],
        /// What tells whether it was put before; without it, it is taken for new.
        once: Option<Once>,
    },
    /// All appends up to and including a ticket are durable under this checkpoint.
    Appended {
        /// The last of the tickets.
        through: u64,
        /// The own log's checkpoint behind them.
        checkpoint: SignedCheckpoint,
    },
    /// An administrator wants this node to go on with the keys that its participant's root keys
    /// announced for it.
    Rotate {
        /// Names the answer.
        request: u64,
        /// The announcement, signed by the root keys.
        event: Box<SignedKeyEvent>,
        /// Random bytes for the entry.
        salt: [u8; 16],
        /// Who the node is with these keys.
        successor: Box<Identity>,
    },
    /// Appends from a ticket on were not carried out and never will be.
    AppendFailed {
        /// The first of the tickets.
        from: u64,
    },
    /// Entries of the own log that others than this node wrote, such as key events.
    Adopted {
        /// Their exact bytes.
        entries: Vec<Vec<u8>>,
        /// The own log's checkpoint behind them.
        checkpoint: SignedCheckpoint,
    },
    /// The log took its lost entries back.
    CaughtUp,
    /// An operator's word that no peer holds more of the own log than this node.
    ConfirmUnshared,
    /// An operator's word that the own log is new, which peers that can be reached are asked about first.
    ConfirmNew,
    /// Mirrored entries up to and including a ticket are durable.
    Mirrored {
        /// The ticket.
        ticket: u64,
    },
    /// A blob lies on the disk, fetched or brought by a user.
    BlobStored {
        /// Its SHA-256.
        hash: Hash,
        /// Its length.
        bytes: u64,
    },
    /// What the disk holds of a blob that was asked for; `None` when it cannot be read.
    BlobRead {
        /// Its SHA-256.
        hash: Hash,
        /// Its bytes.
        bytes: Option<Vec<u8>>,
    },
    /// A message from a peer whose identity the transport has checked.
    FromPeer {
        /// The peer, by the origin of its ledger.
        peer: Arc<str>,
        /// The message.
        message: Message,
    },
    /// What was sent to a peer did not reach it, or will not be answered.
    PeerLost {
        /// The peer.
        peer: Arc<str>,
        /// The question; none where it was a notice.
        exchange: Option<u64>,
    },
    /// Time has passed; about once a second.
    Tick,
}

/// Something to be done or told.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect<P: Shared> {
    /// To be done outside.
    Run(Errand),
    /// The answer to a command.
    Answer {
        /// The command's request.
        request: u64,
        /// Where the record lies and what it did, or why there is none.
        answer: Result<Accepted<P::Outcome>, Refusal<P::Refusal>>,
    },
    /// An entry was folded for the first time, or does something else than before.
    Applied {
        /// The ledger.
        origin: Arc<str>,
        /// Its index.
        index: u64,
        /// What it does.
        outcome: P::Outcome,
        /// Whether it was folded before.
        is_revised: bool,
    },
    /// Something noticed about a peer.
    Found(Finding),
}

/// A record that is durable in the own ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted<O> {
    /// The own ledger.
    pub origin: Arc<str>,
    /// Index of the entry.
    pub index: u64,
    /// What it does.
    pub outcome: O,
}

/// Why a command left no record.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal<R> {
    /// The node was started and does not know yet whether its ledger is complete.
    #[error("it asks its peers before it writes, and stopped for good where its ledger forked")]
    NotConfirmed,
    /// This server only reads what another server of the same participant writes.
    #[error("another server of this participant writes")]
    Elsewhere,
    /// The same wish was put before and is still being done.
    #[error("the same wish is still being done")]
    UnderWay,
    /// Another wish was put under the same key.
    #[error("the key belongs to another wish")]
    KeyReused,
    /// Too many commands wait for the disk.
    #[error("too many records wait to be written")]
    Busy,
    /// The record does not fit an entry.
    #[error(transparent)]
    Entry(EntryError),
    /// The record cannot be read without content that is not held here.
    #[error("the content {0}, which the record cannot be read without, is not held here")]
    NoContent(Hash),
    /// No keys are there to follow those in use.
    #[error("no keys are there to follow those in use")]
    NoSuccessor,
    /// The announced keys cannot follow those in use.
    #[error("the announced keys cannot follow those in use: {0}")]
    Keys(KeyEventError),
    /// The disk failed; whether the record is there shows after a restart.
    #[error("the record could not be made durable")]
    Storage,
    /// The rules refuse it.
    #[error("the rules refuse the record")]
    Rules(R),
}

/// Who a node is.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Origin of the own ledger.
    pub origin: Arc<str>,
    /// Signs cosignatures over the ledgers of others.
    pub cosigner: NoteSigner,
    /// Secret from which the salts of the node's own entries are made.
    pub salt_seed: [u8; 32],
    /// Those before it, by which wishes put under earlier keys are known again; oldest first.
    pub former_salt_seeds: Vec<[u8; 32]>,
}

/// A participant's node.
#[derive(Debug)]
pub struct Node<P: Shared> {
    own: Arc<str>,
    salt_seed: [u8; 32],
    former_salt_seeds: Vec<[u8; 32]>,
    /// Who this node is once its key event is durable, with the ticket of that.
    successor: Option<(u64, Identity)>,
    federation: Federation,
    /// The state before any entry.
    founding: P,
    history: History<P>,
    /// How many entries stood in what this node began from.
    begun_from: u64,
    /// Entries that did more, when they arrived, than to be folded.
    noted: BTreeSet<(Arc<str>, u64)>,
    /// Entries handed to the disk, by ticket.
    pending: VecDeque<Pending>,
    next_ticket: u64,
    /// Requests whose entry is durable and not folded yet, by index.
    awaiting: BTreeMap<u64, u64>,
    /// What the newest own entry claims, so that claims never go back.
    last_written: Option<Instant>,
    heartbeat_pending: bool,
    /// Whether the own ledger says what this node judges from.
    told: duties::Told,
    /// Contested ledgers whose proof this node has put on record.
    published: BTreeSet<Arc<str>>,
    /// Blobs without which an entry cannot be folded.
    awaited: BTreeSet<Hash>,
    /// Findings that must not be repeated: heartbeats withheld since, false citations.
    withheld: BTreeMap<Arc<str>, Instant>,
    accused: BTreeSet<(Arc<str>, u64)>,
    /// Whose node said last that it judges from another founding.
    estranged: BTreeSet<Arc<str>>,
    wishes: Wishes,
    /// What is folded before the start is nobody's news.
    is_starting: bool,
    effects: Vec<Effect<P>>,
}

/// An entry on its way to the disk.
#[derive(Clone, Debug)]
struct Pending {
    ticket: u64,
    bytes: Vec<u8>,
    request: Option<u64>,
}

impl<P: Shared> Node<P> {
    /// Starts a node from what its disk holds.
    ///
    /// It signs nothing before peers have said what they hold of its ledger.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub fn new(
        identity: Identity,
        ledgers: &[Ledger],
        founding: P,
        mut stored: Stored,
        limits: Limits,
        now: Instant,
    ) -> Result<(Self, Vec<Effect<P>>), StartError> {
        let own = identity.origin;
        let mut federation = Federation::new(own.clone(), identity.cosigner, ledgers, limits, now)?;
        let kept = stored.kept.take();
        federation.take_stored(stored)?;
        let entries = federation.take_restored();
        let begun = kept
            .as_ref()
            .and_then(|kept| kept::recall(kept, &own, &founding, &federation, &entries));
        let origins = ledgers.iter().map(|ledger| ledger.origin.clone());
        let (history, noted, recalled) = match begun {
            Some(begun) => {
                let contested = federation.contested();
                let history = begun.beginning.into_history(founding.clone(), contested);
                (history, begun.noted, begun.wishes)
            }
            None => {
                let mut history = History::new(founding.clone(), origins);
                for origin in federation.contested() {
                    history.contest(&origin);
                }
                (history, BTreeSet::new(), Vec::new())
            }
        };
        let mut node = Self {
            own,
            salt_seed: identity.salt_seed,
            former_salt_seeds: identity.former_salt_seeds,
            successor: None,
            federation,
            founding,
            begun_from: history.order().len() as u64,
            history,
            noted: BTreeSet::new(),
            pending: VecDeque::new(),
            next_ticket: 0,
            awaiting: BTreeMap::new(),
            last_written: None,
            heartbeat_pending: false,
            told: duties::Told::nothing(now),
            published: BTreeSet::new(),
            awaited: BTreeSet::new(),
            withheld: BTreeMap::new(),
            accused: BTreeSet::new(),
            estranged: BTreeSet::new(),
            wishes: Wishes::recall(recalled),
            is_starting: true,
            effects: Vec::new(),
        };
        node.begin(&entries, &noted, now);
        node.is_starting = false;
        // Nor is what was found; what is to be done still is.
        node.effects
            .retain(|effect| matches!(effect, Effect::Run(_)));
        node.federation.tick(now);
        node.fold(now);
        let effects = std::mem::take(&mut node.effects);
        Ok((node, effects))
    }

    /// Takes what another server of the same participant has stored meanwhile: of each ledger the
    /// entries behind those held, and its newest head.
    ///
    /// For a node that only reads; what one that writes would do about it is among the effects.
    ///
    /// # Errors
    ///
    /// [`StartError::Stored`]; what fitted before it is taken.
    pub fn follow(&mut self, now: Instant, stored: Stored) -> Result<Vec<Effect<P>>, StartError> {
        let blobs: Vec<Hash> = stored.blobs.iter().map(|(hash, _)| *hash).collect();
        let taken = self.federation.take_stored(stored);
        for hash in blobs {
            if self.awaited.contains(&hash) {
                self.run(Errand::ReadBlob { hash });
            }
        }
        self.fold(now);
        taken.map(|()| std::mem::take(&mut self.effects))
    }

    /// Takes one input at the time the node's clock shows; returns what is to be done, in order.
    pub fn handle(&mut self, now: Instant, input: Input) -> Vec<Effect<P>> {
        match input {
            Input::Command {
                request,
                command,
                salt,
                once,
            } => self.on_command(now, request, &command, salt, once.as_ref()),
            Input::Appended {
                through,
                checkpoint,
            } => self.on_appended(now, through, &checkpoint),
            Input::Rotate {
                request,
                event,
                salt,
                successor,
            } => self.on_rotate(now, request, &event, salt, *successor),
            Input::AppendFailed { from } => self.on_append_failed(from),
            Input::Adopted {
                entries,
                checkpoint,
            } => {
                self.federation.on_own(now, entries, &checkpoint);
            }
            Input::CaughtUp => {
                self.federation.on_caught_up(now);
                self.succeed(now);
            }
            Input::ConfirmUnshared => self.federation.confirm_unshared(now),
            Input::ConfirmNew => self.federation.confirm_new(now),
            Input::Mirrored { ticket } => self.federation.on_mirrored(now, ticket),
            Input::BlobStored { hash, bytes } => self.on_blob_stored(hash, bytes),
            Input::BlobRead { hash, bytes } => self.on_blob_read(now, hash, bytes.as_deref()),
            Input::FromPeer { peer, message } => self.federation.on_message(now, &peer, message),
            Input::PeerLost { peer, exchange } => self.federation.on_lost(now, &peer, exchange),
            Input::Tick => {
                self.federation.tick(now);
                self.fold(now);
                self.do_duties(now);
            }
        }
        self.fold(now);
        std::mem::take(&mut self.effects)
    }

    /// Returns the state all entries fold into.
    pub fn picture(&self) -> &P {
        self.history.state()
    }

    /// Returns the entries in their canonical order with what they did.
    pub fn history(&self) -> &History<P> {
        &self.history
    }

    /// Returns the keys whose cosignatures count now.
    pub fn cosign_keys(&self) -> Vec<Vkey> {
        self.federation.keys_that_cosign()
    }

    /// Returns the origin of the own ledger.
    pub fn origin(&self) -> &Arc<str> {
        &self.own
    }

    /// Returns whether the node may write.
    pub fn is_confirmed(&self) -> bool {
        self.federation.is_confirmed()
    }

    /// Returns the newest whole, durable checkpoint of a ledger, with its cosignatures.
    pub fn head(&self, origin: &str) -> Option<&SignedCheckpoint> {
        self.federation.head(origin)
    }

    /// Returns how many entries of a ledger are verified and durable here.
    pub fn size(&self, origin: &str) -> u64 {
        self.federation.size(origin)
    }

    /// Returns the origins of the agreement's ledgers, ascending.
    pub fn ledgers(&self) -> impl Iterator<Item = &Arc<str>> {
        self.federation.ledgers()
    }

    /// Returns the root a ledger has at a size, as far as it is verified here.
    pub fn root_at(&self, origin: &str, size: u64) -> Option<Hash> {
        self.federation.root_at(origin, size)
    }

    /// Returns each other participant's newest cosignature over a ledger, by its own ledger.
    pub fn cosigned(&self, origin: &str) -> Option<&BTreeMap<Arc<str>, Cosigned>> {
        self.federation.cosigned(origin)
    }

    /// Whether the owner of a ledger said last that its node judges from another founding than this one.
    pub fn judges_otherwise(&self, origin: &str) -> bool {
        self.estranged.contains(origin)
    }

    /// Returns a peer's presence.
    pub fn presence(&self, peer: &str, now: Instant) -> Option<Presence> {
        self.federation.presence(peer, now)
    }

    /// Returns when a peer last spoke to this node; `None` when it has not since the node was started.
    pub fn heard(&self, peer: &str) -> Option<Instant> {
        self.federation.heard(peer)
    }

    /// Returns the proofs held of forked ledgers.
    pub fn forks(&self) -> impl Iterator<Item = (&Arc<str>, &[u8])> {
        self.federation.forks()
    }

    /// Returns for each ledger with entries that cannot be placed what the first of them lacks.
    pub fn missing(&self) -> Vec<Missing> {
        self.history
            .missing(|origin, size| self.federation.root_at(origin, size))
    }

    /// Returns the key that content for the owner of a ledger is sealed to, if it has one.
    pub fn seal_key(&self, origin: &str) -> Option<&SealPublicKey> {
        let (_, event) = self.federation.keys(origin)?.events().last()?;
        event.seal.as_ref()
    }

    /// Returns whether a peer would be given a blob that lies here.
    pub fn may_have(&self, peer: &str, hash: Hash) -> bool {
        self.federation.may_have(peer, hash)
    }

    /// Returns whether a blob lies here.
    pub fn holds_blob(&self, hash: Hash) -> bool {
        self.federation.holds_blob(hash)
    }

    /// Returns the blobs that entries name and that nobody has given us yet, with their lengths.
    pub fn wanted_blobs(&self) -> impl Iterator<Item = (Hash, u64)> {
        self.federation.wanted_blobs()
    }

    /// Returns the key that signs a ledger now, after every rotation that is held of it.
    pub fn log_key(&self, origin: &str) -> Option<Vkey> {
        self.federation.keys(origin)?.active(Role::Log).cloned()
    }

    /// Returns the key events of a ledger as far as it is held, with the indexes of their entries.
    pub fn key_events(&self, origin: &str) -> &[(u64, KeyEvent)] {
        let keys = self.federation.keys(origin);
        keys.map_or(&[], |keys| keys.events())
    }

    /// Returns every key this node has cosigned with, as its own ledger says.
    pub fn own_cosigners(&self) -> Vec<Vkey> {
        let keys = self.federation.keys(&self.own);
        keys.map_or_else(Vec::new, |keys| keys.ever_held(Role::Cosign))
    }

    /// Returns the awareness key an entry written now would carry.
    pub fn awareness(&self, now: Instant) -> AwarenessKey {
        // Peers' clocks may run ahead a little; what they wrote just now is not of the future.
        let soon = later(now, CLOCK_TOLERANCE_S);
        self.federation
            .awareness(|origin| self.history.citable(origin, soon))
    }

    fn on_command(
        &mut self,
        now: Instant,
        request: u64,
        command: &Command,
        chance: [u8; 16],
        once: Option<&Once>,
    ) {
        let marks = once.map(|once| Marks::of(&self.salt_seed, &command.author, once));
        let known = once.and_then(|once| self.answer_to(&command.author, once));
        let answer = match known {
            Some(answer) => answer,
            None => match self.try_command(now, request, command, (chance, marks)) {
                Ok(()) => return,
                Err(refusal) => Err(refusal),
            },
        };
        self.effects.push(Effect::Answer { request, answer });
    }

    fn try_command(
        &mut self,
        now: Instant,
        request: u64,
        command: &Command,
        (chance, marks): ([u8; 16], Option<Marks>),
    ) -> Result<(), Refusal<P::Refusal>> {
        if !self.is_confirmed() {
            return Err(Refusal::NotConfirmed);
        }
        if self.pending.len() >= PENDING_MAX {
            return Err(Refusal::Busy);
        }
        let awareness = self.awareness(now);
        let place = (&self.own, self.federation.size(&self.own));
        let state = self.history.state();
        let drafted = state.draft(place, command, now, &awareness);
        match drafted {
            Ok(draft) => {
                if let Some(hash) = self.content_missing(now, &draft) {
                    return Err(Refusal::NoContent(hash));
                }
                let salt = once::salt(chance, marks);
                self.write(now, draft, awareness, salt, Some(request))
                    .map_err(Refusal::Entry)?;
                if let Some(marks) = marks {
                    self.wishes.written(marks, self.next_ticket);
                }
                Ok(())
            }
            Err((refusal, record)) => {
                if let Some(record) = record {
                    // What cannot be recorded is refused all the same.
                    let _ = self.write(now, record, awareness, chance.to_vec(), None);
                }
                Err(Refusal::Rules(refusal))
            }
        }
    }

    /// Writes an entry and hands it to the disk.
    fn write(
        &mut self,
        now: Instant,
        draft: Draft,
        awareness: AwarenessKey,
        salt: Vec<u8>,
        request: Option<u64>,
    ) -> Result<(), EntryError> {
        let bytes = self.compose(now, draft, awareness, salt)?;
        self.hand_over(bytes, request, |ticket, entry| Errand::Append {
            ticket,
            entries: vec![entry],
        });
        Ok(())
    }

    fn compose(
        &mut self,
        now: Instant,
        draft: Draft,
        awareness: AwarenessKey,
        salt: Vec<u8>,
    ) -> Result<Vec<u8>, EntryError> {
        let latest = self.history.latest(&self.own).max(self.last_written);
        // A clock that was set back must not make this ledger contradict itself.
        let written_at = latest.map_or(now, |latest| latest.max(now));
        let entry = Entry {
            kind: draft.kind,
            author: draft.author,
            written_at: written_at.to_string(),
            salt,
            awareness,
            unit_key: None,
            body: draft.body,
        };
        let bytes = entry.to_bytes()?;
        debug_assert!(bytes.len() <= ENTRY_BYTES_MAX);
        self.last_written = Some(written_at);
        Ok(bytes)
    }

    /// Hands an entry to the disk by an errand; returns its ticket.
    fn hand_over(
        &mut self,
        bytes: Vec<u8>,
        request: Option<u64>,
        errand: impl FnOnce(u64, Vec<u8>) -> Errand,
    ) -> u64 {
        self.next_ticket += 1;
        let ticket = self.next_ticket;
        self.effects
            .push(Effect::Run(errand(ticket, bytes.clone())));
        self.pending.push_back(Pending {
            ticket,
            bytes,
            request,
        });
        ticket
    }

    fn on_appended(&mut self, now: Instant, through: u64, checkpoint: &SignedCheckpoint) {
        let mut entries = Vec::new();
        let mut index = self.federation.size(&self.own);
        while let Some(pending) = self.pending.front()
            && pending.ticket <= through
        {
            let Some(pending) = self.pending.pop_front() else {
                break;
            };
            if let Some(request) = pending.request {
                self.awaiting.insert(index, request);
            }
            entries.push(pending.bytes);
            index += 1;
        }
        self.heartbeat_pending = false;
        if !entries.is_empty() {
            self.federation.on_own(now, entries, checkpoint);
            self.succeed(now);
        }
    }

    fn on_append_failed(&mut self, from: u64) {
        let failed: Vec<Pending> = {
            let keep = self
                .pending
                .partition_point(|pending| pending.ticket < from);
            self.pending.drain(keep..).collect()
        };
        self.heartbeat_pending = false;
        self.wishes.failed(from);
        self.successor.take_if(|(ticket, _)| *ticket >= from);
        for request in failed.into_iter().filter_map(|pending| pending.request) {
            let answer = Err(Refusal::Storage);
            self.effects.push(Effect::Answer { request, answer });
        }
    }

    /// Makes the salt of an entry the node writes by itself.
    fn own_salt(&self, now: Instant) -> [u8; 16] {
        let counter = self.next_ticket.to_be_bytes();
        let time = now.micros().to_be_bytes();
        let size = self.federation.size(&self.own).to_be_bytes();
        let parts: [&[u8]; 5] = [b"detente/salt/v1", &self.salt_seed, &counter, &time, &size];
        let hash = Hash::of_parts(&parts);
        let mut salt = [0; 16];
        salt.copy_from_slice(&hash.as_bytes()[..16]);
        salt
    }

    fn tell_applied(&mut self, applied: &[Applied]) {
        if self.is_starting {
            return;
        }
        for change in applied {
            let placed = self.history.order().get(change.position);
            let (Some(placed), Some(outcome)) = (placed, self.history.outcome(change.position))
            else {
                continue;
            };
            self.effects.push(Effect::Applied {
                origin: placed.origin.clone(),
                index: placed.index,
                outcome: outcome.clone(),
                is_revised: !change.first_time,
            });
        }
    }
}
