//! What a picture starts from: who keeps which ledger, and the text in force, if one is.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_records::HolderId;
use detente_records::act::Digest;

use super::dossier::Dossier;

/// What a picture starts from; the same for every holder of the agreement.
#[derive(Clone, Debug)]
pub struct Founding {
    /// Keepers of ledgers, by the origin of their ledger.
    pub holders: BTreeMap<Arc<str>, Holder>,
    /// The text in force from the beginning; without one, a text has to be tabled and adopted first.
    pub dossier: Option<Arc<Dossier>>,
}

/// Whoever keeps a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its id in the agreement.
    pub id: HolderId,
    /// SHA-256 of the first entry of its ledger: the key behind the id.
    pub identity: Digest,
    /// What it may do there.
    pub standing: Standing,
}

/// How somebody takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Signs and consents.
    Participant,
    /// Keeps a ledger and consents to nothing.
    Observer {
        /// Notifies protected objects and movements.
        notifier: bool,
        /// Watches whether the agreement is kept.
        monitor: bool,
    },
}
