//! What an entry says to the picture.

use std::sync::Arc;

use detente_records::act::Act;

use super::dossier::Dossier;
pub use crate::history::Recorded;

/// What an entry says, as far as it could be read.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// The act, or what is wrong with it; shared by the order and whatever keeps it as said.
    pub act: Result<Arc<Act>, Arc<str>>,
    /// The dossier of a text that is tabled, read from the content beside the ledger.
    pub dossier: Option<Arc<Dossier>>,
}
