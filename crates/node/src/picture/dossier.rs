//! An agreement's whole text, as the picture needs it.

use std::fmt;
use std::sync::Arc;

use detente_agreement::Rulebook;
use detente_records::{Agreement, Area, Concern, HumanitarianMovement, Operation, ProtectedObject};

/// A dossier that was read without an error: the agreement, its articles made ready, and everything it declares.
///
/// Reading one needs foreign formats, so whoever knows those hands it in beside the entry that tables it.
#[derive(Clone)]
pub struct Dossier {
    /// SHA-256 of its canonical bundle: what participants initial and adopt.
    pub sha256: [u8; 32],
    /// The articles, and the agreement they belong to.
    pub rulebook: Arc<Rulebook>,
    /// Areas in force from the beginning.
    pub areas: Vec<Area>,
    /// Objects protected from the beginning.
    pub protected: Vec<ProtectedObject>,
    /// Movements notified with it.
    pub movements: Vec<HumanitarianMovement>,
    /// Operations that stand in the air beside those proposed later.
    pub operations: Vec<Operation>,
    /// Concerns stated with it.
    pub concerns: Vec<Concern>,
}

/// Reads a tabled dossier's canonical bundle; equal bytes must give equal dossiers everywhere.
pub type ReadDossier = fn(&[u8]) -> Option<Dossier>;

impl Dossier {
    /// The agreement as its document states it.
    pub fn agreement(&self) -> &Agreement {
        self.rulebook.agreement()
    }
}

impl fmt::Debug for Dossier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Dossier")
            .field("agreement", &self.agreement().id)
            .finish_non_exhaustive()
    }
}
