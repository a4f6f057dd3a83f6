//! One ledger's entries, placed and waiting.

use std::collections::VecDeque;
use std::sync::Arc;

use detente_ledger::entry::Entry;

use super::moment::Moment;

/// An entry that is held but not placed yet.
#[derive(Clone, Debug)]
pub(super) struct Waiting<A> {
    pub(super) entry: Arc<Entry>,
    pub(super) act: A,
}

/// The entries of one ledger: those placed have a moment, the others wait in their order.
#[derive(Clone, Debug)]
pub(super) struct Ledger<A> {
    pub(super) moments: Vec<Moment>,
    pub(super) waiting: VecDeque<Waiting<A>>,
}

impl<A> Ledger<A> {
    pub(super) fn new() -> Self {
        Self {
            moments: Vec::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Returns how many entries stand in the canonical order.
    pub(super) fn placed(&self) -> u64 {
        self.moments.len() as u64
    }

    /// Returns how many entries are held.
    pub(super) fn received(&self) -> u64 {
        self.placed() + self.waiting.len() as u64
    }

    /// Returns the moment of entry `index`, when it is placed.
    pub(super) fn moment(&self, index: u64) -> Option<Moment> {
        self.moments.get(usize::try_from(index).ok()?).copied()
    }
}
