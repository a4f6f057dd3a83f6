//! What somebody put on record: who, in which ledger, when, and knowing what.

use std::sync::Arc;

use detente_ledger::awareness::AwarenessKey;
use detente_records::HolderId;
use detente_records::act::{Act, Role};
use detente_spacetime::Instant;

use super::air::Source;
use super::dossier::Dossier;
use super::founding::Holder;

/// A person or unit, by the name it goes by in a ledger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Author {
    /// Whose ledger.
    pub holder: HolderId,
    /// The name in that ledger.
    pub user: Arc<str>,
}

/// One act in its place.
#[derive(Clone, Debug)]
pub(super) struct Said<'a> {
    pub(super) origin: &'a Arc<str>,
    pub(super) index: u64,
    pub(super) holder: &'a Holder,
    pub(super) author: Author,
    pub(super) role: Role,
    pub(super) at: Instant,
    pub(super) awareness: &'a AwarenessKey,
    pub(super) act: &'a Act,
    /// The same, to be kept.
    pub(super) shared: &'a Arc<Act>,
    /// The entry's bytes, by which it can be read again.
    pub(super) bytes: Option<&'a Arc<[u8]>>,
    /// The dossier a tabled text consists of, if it could be read.
    pub(super) dossier: Option<&'a Arc<Dossier>>,
}

impl Said<'_> {
    pub(super) fn source(&self) -> Source {
        Source {
            origin: self.origin.clone(),
            index: self.index,
        }
    }

    /// Whether the act was written by `other` or by a writer of the same name in the same ledger.
    pub(super) fn is_by(&self, other: &Author) -> bool {
        self.author == *other
    }
}
