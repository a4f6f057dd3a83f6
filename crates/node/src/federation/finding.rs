//! What a node noticed about another, with what shows it.

use std::sync::Arc;

use detente_spacetime::Instant;

/// Something worth telling the people at this node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A ledger has two histories; the proof is kept and published.
    Fork {
        /// The ledger.
        origin: Arc<str>,
    },
    /// Two signed checkpoints of a ledger contradict each other, but the file that would prove it
    /// to others needs more than this node could get.
    Contradiction {
        /// The ledger.
        origin: Arc<str>,
        /// Who showed the second history.
        peer: Arc<str>,
    },
    /// A peer holds a later history of this node's own ledger that is not ours, or proof of two:
    /// the node signs nothing any more.
    OwnFork,
    /// A peer's answer failed its checks.
    Misbehaved {
        /// The peer.
        peer: Arc<str>,
        /// What failed.
        what: &'static str,
    },
    /// A peer used up what a period grants it.
    Throttled {
        /// The peer, or the ledger that grew too fast.
        peer: Arc<str>,
        /// The quota.
        what: &'static str,
    },
    /// An entry claims a time earlier than something it knew.
    EarlyClaim {
        /// The ledger.
        origin: Arc<str>,
        /// Index of the entry.
        index: u64,
        /// Its effective time.
        at: Instant,
    },
    /// An entry claims a time before one at which its ledger, asked directly, did not hold it.
    BackDated {
        /// The ledger.
        origin: Arc<str>,
        /// Index of the entry.
        index: u64,
        /// When the ledger was asked and was still smaller.
        absent_at: Instant,
    },
    /// An entry claims a time that is still to come.
    FromTheFuture {
        /// The ledger.
        origin: Arc<str>,
        /// Index of the entry.
        index: u64,
        /// Its effective time.
        at: Instant,
    },
    /// A reachable ledger shows no heartbeat.
    HeartbeatWithheld {
        /// The ledger.
        origin: Arc<str>,
        /// Effective time of its newest entry.
        since: Instant,
    },
    /// A node says that it judges from another founding: other keepers of ledgers, or another text in force from the
    /// beginning.
    OtherFounding {
        /// Its ledger.
        origin: Arc<str>,
    },
    /// An entry names a past that its cited ledger does not have.
    FalseCitation {
        /// The ledger.
        origin: Arc<str>,
        /// Index of the entry.
        index: u64,
        /// The ledger it cites.
        cited: Arc<str>,
    },
    /// A peer's presence changed.
    Presence {
        /// The peer.
        peer: Arc<str>,
        /// What it is now.
        presence: Presence,
    },
}

/// Whether a peer can be spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// It answers.
    Normal,
    /// It has been silent for a while; nothing is known.
    Unknown,
    /// It has been silent for long.
    Down,
}
