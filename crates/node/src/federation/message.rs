//! What nodes say to each other.
//!
//! A node asks, its peer answers, and an exchange number ties the two together; notices need no
//! answer. Any message may be lost, repeated, delayed or forged by whoever may speak as that peer:
//! nothing in one is believed before it is checked, and asking again is always harmless.

use std::sync::Arc;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::hash::Hash;

/// Anything one node sends another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A question; its answer carries the same number.
    Ask {
        /// Chosen by who asks; never used twice between two peers.
        exchange: u64,
        /// The question.
        ask: Ask,
    },
    /// The answer to a question.
    Answer {
        /// The number of the question.
        exchange: u64,
        /// The answer.
        answer: Answer,
    },
    /// Something to know.
    Notice(Notice),
}

/// What the asker holds of one ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The ledger.
    pub origin: Arc<str>,
    /// Entries held or about to be; [`NOT_WANTED`] when nothing of it is wanted now.
    pub size: u64,
    /// Root at that size.
    pub root: Hash,
    /// Short ids of the keys whose cosignature over exactly this head is held.
    pub cosigners: Vec<[u8; 4]>,
    /// Whether a proof is held that this ledger forked.
    pub contested: bool,
}

/// The size a node states for a ledger of which it wants nothing at present.
pub const NOT_WANTED: u64 = detente_ledger::hash::SIZE_MAX;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Which checkpoints do you hold that I do not?
    Heads {
        /// What the asker holds; a ledger not named is not held at all.
        known: Vec<Known>,
        /// Whether the answer may wait until there is one to give.
        wait: bool,
    },
    /// Entries of a ledger from an index on, under a checkpoint the asked peer named.
    Entries {
        /// The ledger.
        origin: Arc<str>,
        /// First index wanted.
        from: u64,
        /// Size of the checkpoint.
        size: u64,
        /// Root of the checkpoint.
        root: Hash,
    },
    /// The key events of a ledger after one.
    Keys {
        /// The ledger.
        origin: Arc<str>,
        /// Sequence number of the last event known.
        after: u64,
    },
    /// The root a checkpoint's tree has at an older size, with the proof.
    Proof {
        /// The ledger.
        origin: Arc<str>,
        /// The older size.
        old: u64,
        /// Size of the checkpoint.
        size: u64,
        /// Root of the checkpoint.
        root: Hash,
    },
    /// A blob that an entry names.
    Blob {
        /// Its SHA-256.
        hash: Hash,
    },
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Checkpoints that differ from what the asker knows, with their cosignatures; may be empty.
    Heads(Vec<SignedCheckpoint>),
    /// The next entries, and the consistency proof from behind them to the checkpoint.
    Entries {
        /// Their exact bytes.
        entries: Vec<Vec<u8>>,
        /// Empty when they reach the checkpoint.
        proof: Vec<Hash>,
    },
    /// Key event entries with their indexes.
    Keys(Vec<(u64, Vec<u8>)>),
    /// The root at the older size, and the consistency proof from there.
    Proof {
        /// The root.
        root: Hash,
        /// The proof.
        proof: Vec<Hash>,
    },
    /// The blob's bytes.
    Blob(Vec<u8>),
    /// No.
    Refused(Refused),
}

/// Why a peer does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The asker used up what this period grants.
    Throttled,
    /// It is not held here.
    NotHeld,
}

/// Something to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The sender holds a ledger up to a checkpoint durably, and signed that.
    Cosignature {
        /// The ledger.
        origin: Arc<str>,
        /// Size of the checkpoint.
        size: u64,
        /// The signature line.
        line: String,
    },
    /// A ledger has two histories: a fork proof file.
    Fork(Vec<u8>),
}
