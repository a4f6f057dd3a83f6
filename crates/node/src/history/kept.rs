//! How a history is kept: which entry stands where and what it did, and the state at one place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_spacetime::Instant;

use super::ledger::Ledger;
use super::placed::{Placed, read_again};
use super::snapshots::Snapshots;
use super::{Fold, History};
use crate::kept::{Kept, Reader, Writer};
use crate::node::EntryFault;

/// A part of a history that is to be kept: its beginning, as it stands.
#[derive(Clone, Debug)]
pub struct Beginning<F: Fold> {
    origins: Vec<Arc<str>>,
    order: Vec<Placed>,
    outcomes: Vec<F::Outcome>,
    /// By position, what an act waited for that is more than its entry says.
    whole: BTreeMap<(Arc<str>, u64), F::Act>,
    state: F,
}

impl<F: Fold> History<F> {
    /// Returns what of this history can be kept so that at least `behind` entries come after it; `None` when that is nothing.
    ///
    /// # Cost
    ///
    /// A copy of where each entry stands, and the entries since the snapshot before folded again.
    pub fn beginning(&self, behind: usize) -> Option<Beginning<F>> {
        let position = self.order.len().checked_sub(behind)?;
        let order = self.order.get(..position)?;
        if order.is_empty() {
            return None;
        }
        let (from, state) = self.snapshots.before(position)?;
        let mut state = state.clone();
        for placed in order.get(*from..)? {
            state.apply(&self.read_placed(placed));
        }
        let is_kept = |(origin, index): &(Arc<str>, u64)| {
            self.position(origin, *index)
                .is_some_and(|at| at < position)
        };
        let whole = self.whole.iter().filter(|(key, _)| is_kept(key));
        Some(Beginning {
            origins: self.ledgers.keys().cloned().collect(),
            order: order.to_vec(),
            outcomes: self.outcomes.get(..position)?.to_vec(),
            whole: whole.map(|(key, act)| (key.clone(), act.clone())).collect(),
            state,
        })
    }
}

impl<F: Fold> Beginning<F> {
    /// Returns how much of each ledger it holds.
    pub(crate) fn sizes(&self) -> BTreeMap<Arc<str>, u64> {
        let origins = self.origins.iter();
        let mut sizes: BTreeMap<Arc<str>, u64> =
            origins.map(|origin| (origin.clone(), 0)).collect();
        for placed in &self.order {
            if let Some(size) = sizes.get_mut(&placed.origin) {
                *size = placed.index + 1;
            }
        }
        sizes
    }

    /// Returns the bytes of its entries, by ledger.
    pub(crate) fn entries(&self) -> BTreeMap<Arc<str>, Vec<Arc<[u8]>>> {
        let mut entries: BTreeMap<Arc<str>, Vec<Arc<[u8]>>> = BTreeMap::new();
        for placed in &self.order {
            // Moments grow along a ledger, so its entries come in the order of their indexes.
            let ledger = entries.entry(placed.origin.clone()).or_default();
            ledger.push(placed.bytes.clone());
        }
        entries
    }

    /// Returns the state after all of it.
    pub fn state(&self) -> &F {
        &self.state
    }

    /// Writes it.
    pub fn write(&self, to: &mut Writer) {
        self.origins.write(to);
        to.length(self.order.len());
        let mut last: BTreeMap<&str, &Arc<[u64]>> = BTreeMap::new();
        let mut at = 0_i64;
        for (placed, outcome) in self.order.iter().zip(&self.outcomes) {
            let number = self.origins.iter().position(|it| *it == placed.origin);
            match number {
                Some(number) => to.length(number),
                None => to.fail("an entry of no ledger"),
            }
            // Moments grow along the order.
            to.number(placed.at.micros().wrapping_sub(at).cast_unsigned());
            at = placed.at.micros();
            to.number(placed.rank);
            to.number(match placed.fault {
                None => 0,
                Some(EntryFault::Malformed) => 1,
                Some(EntryFault::UnitSignature) => 2,
            });
            let is_new = last.insert(&placed.origin, &placed.seen) != Some(&placed.seen);
            is_new.write(to);
            if is_new {
                to.length(placed.seen.len());
                for size in placed.seen.iter() {
                    to.number(*size);
                }
            }
            let key = (placed.origin.clone(), placed.index);
            let is_whole = self.whole.contains_key(&key);
            is_whole.write(to);
            if is_whole {
                let (entry, fault) = read_again(&placed.bytes, placed.fault);
                match F::awaits(&self.state.read(&placed.origin, &entry, fault)) {
                    Some(hash) => to.content(hash),
                    None => to.fail("an act is more than its entry and its content say"),
                }
            }
            F::write_outcome(outcome, to);
        }
        self.state.write_kept(to);
    }

    /// Reads the beginning of a history with this founding and these ledgers.
    pub fn read(founding: &F, ledgers: &BTreeSet<Arc<str>>, from: &mut Reader<'_>) -> Option<Self> {
        let origins: Vec<Arc<str>> = Kept::read(from)?;
        if !origins.iter().eq(ledgers) {
            return None;
        }
        // The same text everywhere, held once.
        let origins: Vec<Arc<str>> = ledgers.iter().cloned().collect();
        let count = from.length()?;
        let mut order: Vec<Placed> = Vec::with_capacity(count);
        let mut outcomes = Vec::with_capacity(count);
        let mut whole = BTreeMap::new();
        let mut sizes = vec![0_u64; origins.len()];
        let mut last: Vec<Arc<[u64]>> = vec![Arc::default(); origins.len()];
        let mut at = 0_i64;
        for _ in 0..count {
            let number = usize::read(from)?;
            let origin = origins.get(number)?.clone();
            let size = sizes.get_mut(number)?;
            let index = *size;
            *size += 1;
            at = at.wrapping_add(from.number()?.cast_signed());
            let rank = from.number()?;
            let fault = match from.number()? {
                0 => None,
                1 => Some(EntryFault::Malformed),
                2 => Some(EntryFault::UnitSignature),
                _ => return None,
            };
            let seen = last.get_mut(number)?;
            if bool::read(from)? {
                *seen = Vec::<u64>::read(from)?.into();
            }
            let seen = seen.clone();
            let bytes = from.entry(&origin, index)?;
            if bool::read(from)? {
                let (entry, fault) = read_again(&bytes, fault);
                let mut act = founding.read(&origin, &entry, fault);
                let (hash, content) = from.content()?;
                if F::awaits(&act) != Some(hash) {
                    return None;
                }
                founding.supply(&mut act, hash, Some(&content?));
                whole.insert((origin.clone(), index), act);
            }
            outcomes.push(F::read_outcome(from)?);
            let placed = Placed {
                origin,
                index,
                at: Instant::from_micros(at)?,
                rank,
                bytes,
                fault,
                seen,
            };
            if order
                .last()
                .is_some_and(|before| before.key() >= placed.key())
            {
                return None;
            }
            order.push(placed);
        }
        Some(Self {
            origins,
            order,
            outcomes,
            whole,
            state: founding.read_kept(from)?,
        })
    }

    /// Returns the history that begins like this, with nothing behind it so far.
    pub(crate) fn into_history(self, founding: F, contested: BTreeSet<Arc<str>>) -> History<F> {
        let mut ledgers: BTreeMap<Arc<str>, Ledger<F::Act>> = self
            .origins
            .into_iter()
            .map(|origin| (origin, Ledger::new()))
            .collect();
        for placed in &self.order {
            if let Some(ledger) = ledgers.get_mut(&placed.origin) {
                ledger.moments.push(placed.moment());
            }
        }
        let snapshots = Snapshots::beginning(founding, (self.order.len(), self.state.clone()));
        History {
            ledgers,
            contested,
            order: self.order,
            outcomes: self.outcomes,
            whole: self.whole,
            state: self.state,
            snapshots,
        }
    }
}
