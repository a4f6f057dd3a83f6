//! Acts of the node itself; their subject is the node.

use super::Digest;
use super::member::acts;
use super::text::{Blob, Verbatim};
use crate::local_text::LocalText;
use crate::names::RecordId;

acts! {
    /// See [`super::Kind::Heartbeat`].
    Heartbeat {
        /// Hash of what the node judges from: who keeps which ledger, and the text in force from the beginning. Whoever
        /// judges from the same says the same.
        founding: Option<Digest>,
    }

    /// See [`super::Kind::AttemptRefused`].
    AttemptRefused {
        /// The kind of act attempted, as it was sent.
        attempted: Verbatim,
        /// What it was about, where that could be read.
        about: Option<RecordId>,
        /// Why it was refused.
        reasons: Vec<LocalText>,
    }

    /// See [`super::Kind::ForkPublished`].
    ForkPublished {
        /// The ledger, by its origin.
        origin: RecordId,
        /// The contradicting checkpoints, as a fork proof.
        proof: Blob,
    }
}
