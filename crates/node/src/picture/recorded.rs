//! One entry in its place in the canonical order.

use std::sync::Arc;

use detente_ledger::entry::Entry;
use detente_records::HolderId;
use detente_records::act::Act;
use detente_spacetime::Instant;

use super::dossier::Dossier;

/// An entry with everything the fold may depend on.
#[derive(Clone, Debug)]
pub struct Recorded<A> {
    /// The ledger it lies in.
    pub origin: Arc<str>,
    /// Its index there.
    pub index: u64,
    /// The owner of that ledger.
    pub holder: HolderId,
    /// The entry as written.
    pub entry: Arc<Entry>,
    /// What it says, read once when it arrived.
    pub act: A,
    /// Its effective time: not before anything it says it knew.
    pub at: Instant,
}

/// What an entry says, as far as it could be read.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// The act, or what is wrong with it.
    pub act: Result<Act, Arc<str>>,
    /// The dossier of a text that is tabled, read from the content beside the ledger.
    pub dossier: Option<Arc<Dossier>>,
}
