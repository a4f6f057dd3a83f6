//! One ledger's entries, placed and waiting.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use detente_ledger::entry::Entry;
use detente_ledger::hash::Hash;

use super::Fold;
use super::moment::Moment;
use super::placed::read_again;
use crate::node::EntryFault;

/// An entry that is held but not placed yet.
#[derive(Clone, Debug)]
pub(super) struct Waiting<A> {
    pub(super) bytes: Arc<[u8]>,
    pub(super) fault: Option<EntryFault>,
    /// What it says, unless so many wait that this is read again when its turn comes.
    pub(super) said: Option<(Arc<Entry>, A)>,
}

impl<A> Waiting<A> {
    /// Returns the entry.
    pub(super) fn entry(&self) -> Cow<'_, Entry> {
        match &self.said {
            Some((entry, _)) => Cow::Borrowed(entry),
            None => Cow::Owned(read_again(&self.bytes, self.fault).0),
        }
    }

    /// Returns the content it waits for; what waits for content is always kept as read.
    pub(super) fn awaits<F: Fold<Act = A>>(&self) -> Option<Hash> {
        F::awaits(&self.said.as_ref()?.1)
    }
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
