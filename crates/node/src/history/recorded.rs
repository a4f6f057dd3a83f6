//! One entry in its place.

use std::sync::Arc;

use detente_ledger::entry::Entry;
use detente_spacetime::Instant;

use super::moment::Moment;

/// An entry with everything a fold may depend on.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded<A> {
    /// The ledger it lies in.
    pub origin: Arc<str>,
    /// Its index there.
    pub index: u64,
    /// The entry as written.
    pub entry: Arc<Entry>,
    /// Its exact bytes, where they are at hand.
    pub(crate) bytes: Option<Arc<[u8]>>,
    /// What it says, read once when it arrived.
    pub act: A,
    /// Its effective time: not before anything it says it knew.
    pub at: Instant,
    /// Its rank among entries of that instant.
    pub(crate) rank: u64,
}

impl<A> Recorded<A> {
    /// Puts an entry in its place; for a fold's own tests.
    pub fn new(
        (origin, index): (Arc<str>, u64),
        entry: Arc<Entry>,
        act: A,
        moment: Moment,
    ) -> Self {
        Self {
            origin,
            index,
            entry,
            bytes: None,
            act,
            at: moment.at,
            rank: moment.rank,
        }
    }

    /// Returns the effective time with its rank.
    pub fn moment(&self) -> Moment {
        Moment {
            at: self.at,
            rank: self.rank,
        }
    }
}
