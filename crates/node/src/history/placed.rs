//! One entry in its place, as it is kept: its bytes, which say the rest.

use std::sync::Arc;

use detente_ledger::entry::{Entry, SignedEntry};
use detente_spacetime::Instant;

use super::moment::Moment;
use super::{Fold, Recorded};
use crate::node::{EntryFault, malformed};

/// An entry in its place in the canonical order.
///
/// What it says is read from its bytes when it is asked for: a ledger of years is mostly signs of life that nobody asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The ledger it lies in.
    pub origin: Arc<str>,
    /// Its index there.
    pub index: u64,
    /// Its effective time: not before anything it says it knew.
    pub at: Instant,
    /// Its rank among entries of that instant.
    pub(super) rank: u64,
    /// Its exact bytes.
    pub(super) bytes: Arc<[u8]>,
    /// What speaks against it, whatever it says.
    pub(super) fault: Option<EntryFault>,
    /// How much of each ledger it had seen, in the order of the ledgers; empty when nothing.
    pub(super) seen: Arc<[u64]>,
}

impl Placed {
    /// Returns what the canonical order sorts by.
    pub(super) fn key(&self) -> (Moment, &str, u64) {
        (self.moment(), &self.origin, self.index)
    }

    /// Returns the effective time with its rank.
    pub(super) fn moment(&self) -> Moment {
        Moment {
            at: self.at,
            rank: self.rank,
        }
    }

    /// Reads what it says; `whole` is the act where that holds more than the entry.
    pub(super) fn recorded<F: Fold>(&self, state: &F, whole: Option<F::Act>) -> Recorded<F::Act> {
        let (entry, fault) = read_again(&self.bytes, self.fault);
        let act = whole.unwrap_or_else(|| state.read(&self.origin, &entry, fault));
        self.with(Arc::new(entry), act)
    }

    /// Returns it with what it says.
    pub(super) fn with<A>(&self, entry: Arc<Entry>, act: A) -> Recorded<A> {
        let place = (self.origin.clone(), self.index);
        Recorded {
            bytes: Some(self.bytes.clone()),
            ..Recorded::new(place, entry, act, self.moment())
        }
    }
}

/// Reads an entry whose bytes were read before, with what spoke against it then.
pub(super) fn read_again(bytes: &[u8], fault: Option<EntryFault>) -> (Entry, Option<EntryFault>) {
    match SignedEntry::parse(bytes) {
        Ok(signed) => (signed.into_entry(), fault),
        Err(_) => (malformed(), Some(EntryFault::Malformed)),
    }
}
