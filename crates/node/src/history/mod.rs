//! The canonical order of the entries of all ledgers, and the fold along it.
//!
//! An entry depends on the entry before it in its ledger and on everything its awareness key
//! names. Entries whose past is not held wait. The others stand in the order of their moments
//! ([`Moment`]), then of their origins and indexes: an order that depends on the entries alone, so
//! that holders of equal ledgers fold the same sequence. What arrives late is inserted where it
//! belongs and everything behind it is folded again from the snapshot before.
//!
//! A ledger proved to have forked is *contested*: nobody's place depends on it any more, because
//! holders of different branches could otherwise never agree about the ledgers of others.

mod kept;
mod ledger;
mod moment;
mod past;
mod placed;
mod recorded;
mod snapshots;

pub use kept::Beginning;
pub use moment::Moment;
pub use past::Past;
pub use placed::Placed;
pub use recorded::Recorded;
pub use snapshots::SNAPSHOT_EVERY;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

use detente_ledger::entry::Entry;
use detente_ledger::hash::Hash;
use detente_spacetime::Instant;

use crate::kept::{Reader, Writer};
use crate::node::EntryFault;
use ledger::{Ledger, Waiting};
use placed::read_again;
use snapshots::Snapshots;

/// Entries of one ledger that wait with what they say; of those behind only the bytes are kept, and read again when their turn
/// comes. A node that starts takes a million at once, and what they say takes ten times the room of their bytes.
const WAITING_READ_MAX: usize = 4_096;

#[cfg(test)]
mod tests;

/// A state that entries are folded into.
pub trait Fold: Clone + Debug {
    /// What an entry says, read once.
    type Act: Clone + Debug;
    /// What applying an entry did.
    type Outcome: Clone + Debug + PartialEq;

    /// Reads what an entry of a ledger says; `fault` says what speaks against the entry itself.
    ///
    /// It must not depend on what was applied: an entry is read again whenever it is folded again.
    fn read(&self, origin: &Arc<str>, entry: &Entry, fault: Option<EntryFault>) -> Self::Act;

    /// Applies the next entry of the canonical order.
    fn apply(&mut self, recorded: &Recorded<Self::Act>) -> Self::Outcome;

    /// Returns the content beside the ledgers without which an act cannot be applied yet.
    ///
    /// Its entry waits for it, as it waits for its past: what arrives when must never show.
    fn awaits(_act: &Self::Act) -> Option<Hash> {
        None
    }

    /// Adds the content an act awaits; without bytes it could not be read and never will be.
    fn supply(&self, _act: &mut Self::Act, _hash: Hash, _bytes: Option<&[u8]>) {}

    /// Returns whether an act holds more than its entry says, and must be kept whole.
    fn is_more_than_said(_act: &Self::Act) -> bool {
        false
    }

    /// Names what this state begins from, before any entry.
    fn identity(&self) -> Hash {
        Hash::of(&[])
    }

    /// Writes the state, to be kept between two runs.
    fn write_kept(&self, to: &mut Writer) {
        to.fail("this state is not kept");
    }

    /// Reads a state that [`Fold::write_kept`] wrote; called on the state before any entry.
    fn read_kept(&self, _from: &mut Reader<'_>) -> Option<Self> {
        None
    }

    /// Writes what an entry did.
    fn write_outcome(_outcome: &Self::Outcome, to: &mut Writer) {
        to.fail("this state is not kept");
    }

    /// Reads what [`Fold::write_outcome`] wrote.
    fn read_outcome(_from: &mut Reader<'_>) -> Option<Self::Outcome> {
        None
    }

    /// Returns whether what is not written, but read from entries, is the same in a state that was read back.
    fn is_like(&self, _other: &Self) -> bool {
        true
    }
}

/// The entries of all ledgers in their canonical order, and the state they fold into.
#[derive(Clone, Debug)]
pub struct History<F: Fold> {
    ledgers: BTreeMap<Arc<str>, Ledger<F::Act>>,
    contested: BTreeSet<Arc<str>>,
    order: Vec<Placed>,
    outcomes: Vec<F::Outcome>,
    /// Acts that cannot be read again from their entries alone.
    whole: BTreeMap<(Arc<str>, u64), F::Act>,
    state: F,
    snapshots: Snapshots<F>,
}

/// An entry whose outcome is new or has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Its position in the canonical order.
    pub position: usize,
    /// Whether it was placed just now; otherwise something that belongs before it changed its
    /// outcome.
    pub first_time: bool,
}

/// Why an entry waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The ledger the entry lies in.
    pub origin: Arc<str>,
    /// Its index there.
    pub index: u64,
    /// The ledger it says it knew.
    pub cited: Arc<str>,
    /// How much of it.
    pub size: u64,
    /// Whether as much is held and placed, but with another root than the entry names.
    pub other_root: bool,
}

/// An entry that claims to be written earlier than something it knew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlyClaim {
    /// The ledger the entry lies in.
    pub origin: Arc<str>,
    /// Its index there.
    pub index: u64,
    /// The claimed time; `None` when it is no date.
    pub claimed: Option<Instant>,
    /// The effective time.
    pub at: Instant,
}

impl<F: Fold> History<F> {
    /// Starts without entries, for the ledgers of an agreement by their origins.
    pub fn new(founding: F, origins: impl IntoIterator<Item = Arc<str>>) -> Self {
        let ledgers = origins.into_iter().map(|origin| (origin, Ledger::new()));
        Self {
            ledgers: ledgers.collect(),
            contested: BTreeSet::new(),
            order: Vec::new(),
            outcomes: Vec::new(),
            whole: BTreeMap::new(),
            snapshots: Snapshots::new(founding.clone()),
            state: founding,
        }
    }

    /// Returns the state after every placed entry.
    pub fn state(&self) -> &F {
        &self.state
    }

    /// Returns how things stood at an instant, as this holder knows now: the entries whose effective time has come by then,
    /// those that arrived later included.
    ///
    /// Cheap to take; [`Past::replay`] does the work, wherever that suits.
    pub fn past(&self, at: Instant) -> Past<F> {
        let position = self.order.partition_point(|placed| placed.at <= at);
        // The state before any entry is never dropped.
        let (from, state) = match self.snapshots.before(position) {
            Some((from, state)) => (*from, state.clone()),
            None => (position, self.state.clone()),
        };
        let rest = self.order.get(from..position).unwrap_or_default();
        let rest = rest.iter().map(|placed| {
            let whole = self.whole.get(&(placed.origin.clone(), placed.index));
            (placed.clone(), whole.cloned())
        });
        Past::new(state, rest.collect())
    }

    /// Returns the placed entries in their canonical order.
    pub fn order(&self) -> &[Placed] {
        &self.order
    }

    /// Returns the entry at a position with what it says.
    ///
    /// # Cost
    ///
    /// The entry is read again from its bytes.
    pub fn recorded(&self, position: usize) -> Option<Recorded<F::Act>> {
        let placed = self.order.get(position)?;
        Some(self.read_placed(placed))
    }

    fn read_placed(&self, placed: &Placed) -> Recorded<F::Act> {
        let whole = self.whole.get(&(placed.origin.clone(), placed.index));
        placed.recorded(&self.state, whole.cloned())
    }

    /// Returns what applying the entry at a position did.
    pub fn outcome(&self, position: usize) -> Option<&F::Outcome> {
        self.outcomes.get(position)
    }

    /// Returns the position of an entry, when it is placed.
    pub fn position(&self, origin: &str, index: u64) -> Option<usize> {
        let moment = self.ledgers.get(origin)?.moment(index)?;
        let key = (moment, origin, index);
        self.order
            .binary_search_by(|placed| placed.key().cmp(&key))
            .ok()
    }

    /// Returns how many entries of a ledger are held.
    pub fn received(&self, origin: &str) -> u64 {
        self.ledgers.get(origin).map_or(0, Ledger::received)
    }

    /// Returns how many entries of a ledger are placed.
    pub fn placed(&self, origin: &str) -> u64 {
        self.ledgers.get(origin).map_or(0, Ledger::placed)
    }

    /// Returns the effective time of the newest placed entry of a ledger.
    pub fn latest(&self, origin: &str) -> Option<Instant> {
        let ledger = self.ledgers.get(origin)?;
        ledger.moments.last().map(|moment| moment.at)
    }

    /// Returns how much of a ledger an entry written at `now` should name: the placed entries up
    /// to the first that claims to be from the future.
    ///
    /// Naming more would drag the entry's own effective time along, or have it wait for a past
    /// that nobody holds.
    pub fn citable(&self, origin: &str, now: Instant) -> u64 {
        self.ledgers.get(origin).map_or(0, |ledger| {
            ledger.moments.partition_point(|moment| moment.at <= now) as u64
        })
    }

    /// Takes the next entry of a ledger: its bytes, what they read as, and what is wrong with them. Returns its index, or
    /// `None` for a ledger that is not one of the agreement's. Call [`History::settle`] to place it.
    pub fn receive(
        &mut self,
        origin: &str,
        bytes: Arc<[u8]>,
        (entry, act): (Arc<Entry>, F::Act),
        fault: Option<EntryFault>,
    ) -> Option<u64> {
        let ledger = self.ledgers.get_mut(origin)?;
        // What waits for content must be there when the content comes.
        let is_kept = ledger.waiting.len() < WAITING_READ_MAX
            || F::awaits(&act).is_some()
            || F::is_more_than_said(&act);
        ledger.waiting.push_back(Waiting {
            bytes,
            fault,
            said: is_kept.then_some((entry, act)),
        });
        Some(ledger.received() - 1)
    }

    /// Lets content that arrived be added to the acts that wait.
    pub fn supply(&mut self, mut add: impl FnMut(&F, &mut F::Act)) {
        for waiting in self.ledgers.values_mut().flat_map(|it| &mut it.waiting) {
            if let Some((_, act)) = &mut waiting.said {
                add(&self.state, act);
            }
        }
    }

    /// Places every entry whose past is held and folds what changed.
    ///
    /// `root_at` tells the root a held ledger has at a size.
    ///
    /// # Cost
    ///
    /// A step an entry when everything belongs at the end; otherwise a step for each entry behind
    /// the first insertion, and at most [`SNAPSHOT_EVERY`] or a fourth of that more.
    pub fn settle(&mut self, root_at: impl Fn(&str, u64) -> Option<Hash>) -> Vec<Applied> {
        let mut placed: Vec<(Placed, Option<Read<F::Act>>)> = Vec::new();
        loop {
            let before = placed.len();
            let origins: Vec<Arc<str>> = self.ledgers.keys().cloned().collect();
            for origin in origins {
                while let Some((next, said)) = self.place_next(&origin, &root_at) {
                    let said = said.filter(|_| placed.len() < WAITING_READ_MAX);
                    placed.push((next, said));
                }
            }
            if placed.len() == before {
                break;
            }
        }
        self.merge(placed)
    }

    /// Declares that a ledger has two histories: from now on nobody's place depends on it.
    ///
    /// Returns `false` when that was known. Everything is placed anew by the next
    /// [`History::settle`].
    pub fn contest(&mut self, origin: &str) -> bool {
        let Some((origin, _)) = self.ledgers.get_key_value(origin) else {
            return false;
        };
        if !self.contested.insert(origin.clone()) {
            return false;
        }
        let order = std::mem::take(&mut self.order);
        self.outcomes.clear();
        let mut back: BTreeMap<Arc<str>, Vec<Waiting<F::Act>>> = BTreeMap::new();
        for placed in order {
            // Moments grow along a ledger, so its entries come in the order of their indexes.
            let whole = self.whole.remove(&(placed.origin.clone(), placed.index));
            let waiting = Waiting {
                said: whole.map(|act| {
                    let (entry, _) = read_again(&placed.bytes, placed.fault);
                    (Arc::new(entry), act)
                }),
                bytes: placed.bytes,
                fault: placed.fault,
            };
            back.entry(placed.origin).or_default().push(waiting);
        }
        for (origin, entries) in back {
            if let Some(ledger) = self.ledgers.get_mut(&origin) {
                ledger.moments.clear();
                for waiting in entries.into_iter().rev() {
                    ledger.waiting.push_front(waiting);
                }
            }
        }
        if let Some((_, founding)) = self.snapshots.rewind(0) {
            self.state = founding;
        }
        true
    }

    /// Returns the ledgers known to have forked.
    pub fn contested(&self) -> impl Iterator<Item = &Arc<str>> {
        self.contested.iter()
    }

    /// Returns, for each ledger with waiting entries, what the first of them lacks.
    pub fn missing(&self, root_at: impl Fn(&str, u64) -> Option<Hash>) -> Vec<Missing> {
        let first = |(origin, ledger): (&Arc<str>, &Ledger<F::Act>)| {
            let entry = ledger.waiting.front()?.entry();
            self.lacks(origin, ledger.placed(), &entry, &root_at)
        };
        self.ledgers.iter().filter_map(first).collect()
    }

    /// Returns the placed entries of a ledger, from `index` on, that claim a time earlier than
    /// something they knew, by more than `tolerance_us` microseconds.
    pub fn early_claims(&self, origin: &str, index: u64, tolerance_us: i64) -> Vec<EarlyClaim> {
        let placed = (index..self.placed(origin))
            .filter_map(|index| self.recorded(self.position(origin, index)?));
        placed
            .filter_map(|recorded| {
                let claimed = claimed_at(&recorded.entry);
                let early = claimed.is_none_or(|claimed| {
                    recorded.at.micros().saturating_sub(claimed.micros()) > tolerance_us
                });
                early.then(|| EarlyClaim {
                    origin: recorded.origin.clone(),
                    index: recorded.index,
                    claimed,
                    at: recorded.at,
                })
            })
            .collect()
    }

    /// Says what keeps entry `index` of a ledger from being placed.
    fn lacks(
        &self,
        origin: &Arc<str>,
        index: u64,
        entry: &Entry,
        root_at: &impl Fn(&str, u64) -> Option<Hash>,
    ) -> Option<Missing> {
        self.citations(origin, entry).find_map(|(cited, seen)| {
            let held = match cited == origin {
                true => seen.size <= index,
                false => self.placed(cited) >= seen.size,
            };
            let same_root = held && root_at(cited, seen.size) == Some(seen.root);
            (!same_root).then(|| Missing {
                origin: origin.clone(),
                index,
                cited: cited.clone(),
                size: seen.size,
                other_root: held,
            })
        })
    }

    /// Returns what an entry names of the agreement's ledgers, but for contested ones.
    fn citations<'a>(
        &'a self,
        origin: &'a Arc<str>,
        entry: &'a Entry,
    ) -> impl Iterator<Item = (&'a Arc<str>, detente_ledger::awareness::Seen)> {
        entry.awareness.ledgers().filter_map(move |(cited, seen)| {
            let (cited, _) = self.ledgers.get_key_value(cited)?;
            let counts = !self.contested.contains(cited) || cited == origin;
            (counts && seen.size > 0).then_some((cited, seen))
        })
    }

    /// Gives the next waiting entry of a ledger its moment, if its past is placed.
    fn place_next(
        &mut self,
        origin: &Arc<str>,
        root_at: &impl Fn(&str, u64) -> Option<Hash>,
    ) -> Option<(Placed, Option<Read<F::Act>>)> {
        let ledger = self.ledgers.get(origin)?;
        let index = ledger.placed();
        let waiting = ledger.waiting.front()?;
        if waiting.awaits::<F>().is_some() {
            return None;
        }
        let entry = waiting.entry();
        if self.lacks(origin, index, &entry, root_at).is_some() {
            return None;
        }
        let cited = self
            .citations(origin, &entry)
            .filter_map(|(cited, seen)| self.ledgers.get(cited)?.moment(seen.size - 1));
        let past = cited.chain(ledger.moments.last().copied());
        let moment = Moment::after(past, claimed_at(&entry));
        let seen = self.seen(&entry);
        let ledger = self.ledgers.get_mut(origin)?;
        let Waiting { bytes, fault, said } = ledger.waiting.pop_front()?;
        ledger.moments.push(moment);
        if let Some((_, act)) = said.as_ref().filter(|(_, act)| F::is_more_than_said(act)) {
            self.whole.insert((origin.clone(), index), act.clone());
        }
        let placed = Placed {
            origin: origin.clone(),
            index,
            at: moment.at,
            rank: moment.rank,
            bytes,
            fault,
            seen,
        };
        Some((placed, said))
    }

    /// Returns how much an entry had seen of each ledger, in the order of the ledgers; nothing when it had seen none.
    fn seen(&self, entry: &Entry) -> Arc<[u64]> {
        let seen = |origin: &Arc<str>| entry.awareness.seen(origin).map_or(0, |seen| seen.size);
        let sizes: Vec<u64> = self.ledgers.keys().map(seen).collect();
        match sizes.iter().all(|size| *size == 0) {
            true => Arc::default(),
            false => sizes.into(),
        }
    }

    /// Returns how much of a ledger a placed entry had seen.
    pub fn seen_by(&self, placed: &Placed, origin: &str) -> u64 {
        let number = self.ledgers.keys().position(|known| **known == *origin);
        let size = number.and_then(|number| placed.seen.get(number));
        size.copied().unwrap_or(0)
    }

    /// Inserts newly placed entries and folds from the first insertion on.
    fn merge(&mut self, mut placed: Vec<(Placed, Option<Read<F::Act>>)>) -> Vec<Applied> {
        placed.sort_by(|(a, _), (b, _)| a.key().cmp(&b.key()));
        let Some((first, _)) = placed.first() else {
            return Vec::new();
        };
        let lowest = self
            .order
            .partition_point(|other| other.key() < first.key());
        let mut start = self.order.len();
        if lowest < start
            && let Some((position, state)) = self.snapshots.rewind(lowest)
        {
            start = position;
            self.state = state;
        }
        let former = self.outcomes.split_off(start);
        let mut tail = self
            .order
            .split_off(start)
            .into_iter()
            .zip(former)
            .peekable();
        let end = start + tail.len() + placed.len();
        let mut placed = placed.into_iter().peekable();
        let mut applied = Vec::new();
        loop {
            let from_tail = match (tail.peek(), placed.peek()) {
                (Some((old, _)), Some((new, _))) => old.key() < new.key(),
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            let next = match from_tail {
                true => tail.next().map(|(old, before)| (old, None, Some(before))),
                false => placed.next().map(|(new, said)| (new, said, None)),
            };
            let Some((next, said, before)) = next else {
                break;
            };
            let recorded = match said {
                Some((entry, act)) => next.with(entry, act),
                None => self.read_placed(&next),
            };
            let outcome = self.state.apply(&recorded);
            if before.as_ref() != Some(&outcome) {
                applied.push(Applied {
                    position: self.order.len(),
                    first_time: before.is_none(),
                });
            }
            self.order.push(next);
            self.outcomes.push(outcome);
            self.snapshots.offer(self.order.len(), end, &self.state);
        }
        applied
    }
}

/// An entry with what it says.
type Read<A> = (Arc<Entry>, A);

/// Returns the time an entry claims, when it is a date.
pub(crate) fn claimed_at(entry: &Entry) -> Option<Instant> {
    Instant::parse_rfc3339(&entry.written_at).ok()
}
