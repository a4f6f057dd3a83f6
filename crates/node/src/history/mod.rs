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

mod ledger;
mod moment;
mod past;
mod recorded;
mod snapshots;

pub use moment::Moment;
pub use past::Past;
pub use recorded::Recorded;
pub use snapshots::SNAPSHOT_EVERY;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

use detente_ledger::entry::Entry;
use detente_ledger::hash::Hash;
use detente_spacetime::Instant;

use ledger::{Ledger, Waiting};
use snapshots::Snapshots;

#[cfg(test)]
mod tests;

/// A state that entries are folded into.
pub trait Fold: Clone + Debug {
    /// What an entry says, read once.
    type Act: Clone + Debug;
    /// What applying an entry did.
    type Outcome: Clone + Debug + PartialEq;

    /// Applies the next entry of the canonical order.
    fn apply(&mut self, recorded: &Recorded<Self::Act>) -> Self::Outcome;

    /// Returns the content beside the ledgers without which an act cannot be applied yet.
    ///
    /// Its entry waits for it, as it waits for its past: what arrives when must never show.
    fn awaits(_act: &Self::Act) -> Option<Hash> {
        None
    }
}

/// The entries of all ledgers in their canonical order, and the state they fold into.
#[derive(Clone, Debug)]
pub struct History<F: Fold> {
    ledgers: BTreeMap<Arc<str>, Ledger<F::Act>>,
    contested: BTreeSet<Arc<str>>,
    order: Vec<Recorded<F::Act>>,
    outcomes: Vec<F::Outcome>,
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
        let position = self.order.partition_point(|recorded| recorded.at <= at);
        // The state before any entry is never dropped.
        let (from, state) = match self.snapshots.before(position) {
            Some((from, state)) => (*from, state.clone()),
            None => (position, self.state.clone()),
        };
        let rest = self.order.get(from..position).unwrap_or_default();
        Past::new(state, rest.to_vec())
    }

    /// Returns the placed entries in their canonical order.
    pub fn order(&self) -> &[Recorded<F::Act>] {
        &self.order
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

    /// Takes the next entry of a ledger; returns its index, or `None` for a ledger that is not
    /// one of the agreement's. Call [`History::settle`] to place it.
    pub fn receive(&mut self, origin: &str, entry: Arc<Entry>, act: F::Act) -> Option<u64> {
        let ledger = self.ledgers.get_mut(origin)?;
        ledger.waiting.push_back(Waiting { entry, act });
        Some(ledger.received() - 1)
    }

    /// Lets content that arrived be added to the acts that wait.
    pub fn supply(&mut self, mut add: impl FnMut(&F, &mut F::Act)) {
        for waiting in self.ledgers.values_mut().flat_map(|it| &mut it.waiting) {
            add(&self.state, &mut waiting.act);
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
        let mut placed = Vec::new();
        loop {
            let before = placed.len();
            let origins: Vec<Arc<str>> = self.ledgers.keys().cloned().collect();
            for origin in origins {
                while let Some(recorded) = self.place_next(&origin, &root_at) {
                    placed.push(recorded);
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
        for recorded in order {
            // Moments grow along a ledger, so its entries come in the order of their indexes.
            let waiting = Waiting {
                entry: recorded.entry,
                act: recorded.act,
            };
            back.entry(recorded.origin).or_default().push(waiting);
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
            let entry = &ledger.waiting.front()?.entry;
            self.lacks(origin, ledger.placed(), entry, &root_at)
        };
        self.ledgers.iter().filter_map(first).collect()
    }

    /// Returns the placed entries of a ledger, from `index` on, that claim a time earlier than
    /// something they knew, by more than `tolerance_us` microseconds.
    pub fn early_claims(&self, origin: &str, index: u64, tolerance_us: i64) -> Vec<EarlyClaim> {
        let placed = (index..self.placed(origin))
            .filter_map(|index| self.order.get(self.position(origin, index)?));
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
    ) -> Option<Recorded<F::Act>> {
        let ledger = self.ledgers.get(origin)?;
        let index = ledger.placed();
        let waiting = ledger.waiting.front()?;
        if F::awaits(&waiting.act).is_some() {
            return None;
        }
        let entry = waiting.entry.clone();
        if self.lacks(origin, index, &entry, root_at).is_some() {
            return None;
        }
        let cited = self
            .citations(origin, &entry)
            .filter_map(|(cited, seen)| self.ledgers.get(cited)?.moment(seen.size - 1));
        let past = cited.chain(ledger.moments.last().copied());
        let moment = Moment::after(past, claimed_at(&entry));
        let ledger = self.ledgers.get_mut(origin)?;
        let Waiting { entry, act } = ledger.waiting.pop_front()?;
        ledger.moments.push(moment);
        Some(Recorded::new((origin.clone(), index), entry, act, moment))
    }

    /// Inserts newly placed entries and folds from the first insertion on.
    fn merge(&mut self, mut placed: Vec<Recorded<F::Act>>) -> Vec<Applied> {
        placed.sort_by(|a, b| a.key().cmp(&b.key()));
        let Some(first) = placed.first() else {
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
        self.order.reserve(end - start);
        self.outcomes.reserve(end - start);
        loop {
            let from_tail = match (tail.peek(), placed.peek()) {
                (Some((old, _)), Some(new)) => old.key() < new.key(),
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            let (recorded, before) = match from_tail {
                true => tail
                    .next()
                    .map(|(old, outcome)| (old, Some(outcome)))
                    .unzip(),
                false => placed.next().map(|new| (new, None)).unzip(),
            };
            let (Some(recorded), before) = (recorded, before.flatten()) else {
                break;
            };
            let outcome = self.state.apply(&recorded);
            if before.as_ref() != Some(&outcome) {
                applied.push(Applied {
                    position: self.order.len(),
                    first_time: before.is_none(),
                });
            }
            self.order.push(recorded);
            self.outcomes.push(outcome);
            self.snapshots.offer(self.order.len(), end, &self.state);
        }
        applied
    }
}

/// Returns the time an entry claims, when it is a date.
pub(crate) fn claimed_at(entry: &Entry) -> Option<Instant> {
    Instant::parse_rfc3339(&entry.written_at).ok()
}
