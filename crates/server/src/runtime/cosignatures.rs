//! Every cosignature seen since the start: the earliest proves when somebody had an entry.
//!
//! A ledger's mirror keeps the newest of each cosigner only. This list is in memory: what was seen
//! before a restart is proved by entries and the newest cosignatures.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use detente_ledger::keys::Cosigned;

/// Cosignatures kept; beyond it the oldest half goes, whose entries are old.
const KEPT_MAX: usize = 200_000;

/// A cosignature: `by` had this many entries of `origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The ledger.
    pub origin: Arc<str>,
    /// The ledger of who cosigned.
    pub by: Arc<str>,
    /// How much, and when.
    pub cosigned: Cosigned,
}

/// The list, shared with readers.
#[derive(Clone, Debug, Default)]
pub struct CosignatureLog(Arc<Mutex<Vec<Noted>>>);

impl CosignatureLog {
    /// Returns the list as it is now.
    pub fn all(&self) -> Vec<Noted> {
        self.lock().clone()
    }

    /// Notes one.
    pub(super) fn note(&self, noted: Noted) {
        let mut kept = self.lock();
        if kept.len() >= KEPT_MAX {
            kept.drain(..KEPT_MAX / 2);
        }
        kept.push(noted);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Noted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
