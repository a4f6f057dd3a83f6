//! What a node asks of the machine it runs on.
//!
//! Everything here is carried out by whoever drives the node: the server with real files and
//! sockets, the simulation with made-up ones.

use std::sync::Arc;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::hash::Hash;
use detente_ledger::vkey::Vkey;

use crate::federation::{Message, Notice};

/// Something to be done outside. Errands are run in their order; those with a ticket are answered
/// by an input that names it.
#[derive(Clone, Debug, PartialEq)]
pub enum Errand {
    /// Commit entries to the node's own log, in one piece.
    Append {
        /// Named in the answer.
        ticket: u64,
        /// Their exact bytes.
        entries: Vec<Vec<u8>>,
    },
    /// Commit a key event to the node's own log, alone, and sign the log with the key it names from
    /// its own checkpoint on.
    Rotate {
        /// Named in the answer, as of an append.
        ticket: u64,
        /// The event's exact bytes.
        entry: Vec<u8>,
        /// The key that signs from then on.
        key: Box<Vkey>,
    },
    /// Let the log sign again: these checkpoints of it are what peers hold; none at all means that
    /// no peer holds any.
    Confirm {
        /// Checkpoints of the own log, verified.
        held: Vec<SignedCheckpoint>,
    },
    /// Take entries of the node's own log back that only a peer still had.
    CatchUp {
        /// Everything after the log's present end.
        entries: Vec<Vec<u8>>,
        /// The log's own signed checkpoint behind them.
        held: SignedCheckpoint,
    },
    /// Keep a peer's cosignature line with the own log's newest checkpoint.
    Attach {
        /// Size of the checkpoint it is for.
        size: u64,
        /// The line.
        line: String,
    },
    /// Append verified entries to the mirror of a ledger, durably.
    Mirror {
        /// Named in the answer.
        ticket: u64,
        /// The ledger.
        origin: Arc<str>,
        /// Index of the first entry.
        first_index: u64,
        /// Their exact bytes.
        entries: Vec<Vec<u8>>,
        /// The signed checkpoint they complete, kept with them.
        head: Option<SignedCheckpoint>,
    },
    /// Keep a mirror's newest checkpoint with the cosignatures gathered so far.
    KeepHead {
        /// The ledger.
        origin: Arc<str>,
        /// The checkpoint.
        head: SignedCheckpoint,
    },
    /// Keep the proof that a ledger forked.
    KeepEvidence {
        /// The ledger.
        origin: Arc<str>,
        /// The fork proof file.
        proof: Vec<u8>,
    },
    /// Keep a blob, then say so.
    StoreBlob {
        /// Its SHA-256, already checked.
        hash: Hash,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Read a blob that an entry needs before it can be folded, and hand it in.
    ReadBlob {
        /// The blob.
        hash: Hash,
    },
    /// Read entries from a ledger's files and answer a peer with them.
    SendEntries {
        /// The peer.
        peer: Arc<str>,
        /// The exchange to answer.
        exchange: u64,
        /// The ledger.
        origin: Arc<str>,
        /// Index of the first entry.
        from: u64,
        /// How many.
        count: u64,
        /// The proof to send along.
        proof: Vec<Hash>,
    },
    /// Read a blob and answer a peer with it.
    SendBlob {
        /// The peer.
        peer: Arc<str>,
        /// The exchange to answer.
        exchange: u64,
        /// The blob.
        hash: Hash,
    },
    /// Send a message to a peer.
    Send {
        /// The peer, by the origin of its ledger.
        peer: Arc<str>,
        /// The message.
        message: Message,
    },
}

impl Errand {
    pub(crate) fn notice(peer: &Arc<str>, notice: Notice) -> Self {
        Self::Send {
            peer: peer.clone(),
            message: Message::Notice(notice),
        }
    }
}
