//! The node as a witness (C2SP tlog-witness): its cosigner signs checkpoints that others bring.
//!
//! Two kinds of logs are cosigned. For a ledger of the agreement a cosignature says that this node
//! holds its entries, whoever asks and however: a checkpoint is cosigned here only once the mirror
//! has the same tree, and by the log's keys as they stand in that mirror now. Other logs are those
//! of the settings; for them the witness looks at consistency alone, as the protocol says.
//!
//! What was signed is read from the node's files at each request and lies there again, durably,
//! before the answer exists: whichever server of a node is the one that writes, it knows.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use detente_ledger::hash::Hash;
use detente_ledger::storage::Storage;
use detente_ledger::vkey::{NoteSigner, Vkey};
use detente_ledger::witness::{AddCheckpoint, Response, Witness};

pub use detente_ledger::witness::REQUEST_BYTES_MAX;

use crate::renewed::Renewed;

/// Requests answered in a minute: each that succeeds costs a sync of the disk.
pub const REQUESTS_PER_MINUTE_MAX: u64 = 600;
/// Requests for one log in a minute: no log needs more, and one must not use up what others need.
pub const REQUESTS_PER_LOG_MAX: u64 = 120;

/// The witness of a node.
#[derive(Debug)]
pub struct Booth {
    /// The key it cosigns with, and those it cosigned with before.
    keys: Renewed<(NoteSigner, Vec<Vkey>)>,
    strangers: Vec<Vkey>,
    meter: Mutex<Meter>,
}

/// What was asked in this minute.
#[derive(Debug, Default)]
struct Meter {
    minute: u64,
    all: u64,
    by_log: BTreeMap<String, u64>,
}

/// What the node holds of a log of its agreement.
#[derive(Clone, Debug)]
pub struct Held {
    /// How many entries.
    pub size: u64,
    /// The root of the tree of the checkpoint's size, if that many are held.
    pub root: Option<Hash>,
    /// The key that signs the log now.
    pub key: Vkey,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The protocol's answer.
    Answer(Response),
    /// Too many requests.
    TooMany,
    /// The entries are not here yet; they are being fetched.
    NotHeld,
    /// The request cannot be read.
    Malformed,
    /// What was signed before cannot be read: nothing is signed.
    Unreadable,
}

impl Booth {
    /// Prepares the witness; `former` are keys this node cosigned with before, `strangers` those of
    /// logs beside the agreement's.
    pub fn new(signer: NoteSigner, former: Vec<Vkey>, strangers: Vec<Vkey>) -> Self {
        Self {
            keys: Renewed::new((signer, former)),
            strangers,
            meter: Mutex::default(),
        }
    }

    /// Cosigns with another key from now on.
    pub fn renew(&self, signer: NoteSigner, former: Vec<Vkey>) {
        self.keys.replace((signer, former));
    }

    /// Reads whose log a request is about, and which tree.
    pub fn about(body: &[u8]) -> Option<(String, u64)> {
        let request = AddCheckpoint::parse(body)?;
        let head = request.checkpoint.checkpoint();
        Some((head.origin().to_owned(), head.size()))
    }

    /// Returns whether the newest checkpoint of a log is for everybody: one of the settings is public,
    /// those of the agreement are the business of its participants.
    pub fn is_public(&self, hash: &Hash) -> bool {
        let mut origins = self.strangers.iter().map(|key| key.name().as_str());
        origins.any(|origin| Hash::of(origin.as_bytes()) == *hash)
    }

    /// Decides about a request as far as it can be told without looking at what was signed; `held` is
    /// what the node holds of the log, for one of the agreement.
    ///
    /// The signature comes first: whoever cannot sign a log learns nothing about it, not even that it
    /// is known here when it is the agreement's, and uses up nobody's share of requests.
    ///
    /// # Errors
    ///
    /// What to say at once.
    pub fn admit(&self, body: &[u8], held: Option<&Held>, now_s: u64) -> Result<Vec<Vkey>, Said> {
        let request = AddCheckpoint::parse(body).ok_or(Said::Malformed)?;
        let head = request.checkpoint.checkpoint();
        let keys: Vec<Vkey> = match held {
            Some(held) => vec![held.key.clone()],
            None => {
                let named = |key: &&Vkey| key.name().as_str() == head.origin();
                self.strangers.iter().filter(named).cloned().collect()
            }
        };
        if !request.is_signed_by(&keys) {
            let is_public = held.is_none() && !keys.is_empty();
            return Err(Said::Answer(match is_public {
                true => Response::unsigned(),
                false => Response::unknown(),
            }));
        }
        if !self.lock().admits(head.origin(), now_s / 60) {
            return Err(Said::TooMany);
        }
        let Some(held) = held else {
            return Ok(keys);
        };
        match held.root {
            _ if head.size() > held.size => Err(Said::NotHeld),
            Some(root) if root == head.root() => Ok(keys),
            // The mirror has another tree: that is for the federation to prove, and nothing to sign.
            _ => Err(Said::Answer(Response::contradicted())),
        }
    }

    /// Answers a request that was admitted, by what was signed in `files`.
    ///
    /// One request at a time: checking and recording are one step only then.
    pub fn add_checkpoint<S: Storage>(
        &self,
        files: S,
        body: &[u8],
        keys: &[Vkey],
        now_s: u64,
    ) -> Said {
        let own = self.keys.now();
        match Witness::reopen(files, own.0.clone(), &own.1, keys) {
            Ok(mut witness) => Said::Answer(witness.add_checkpoint(body, now_s)),
            Err(error) => {
                tracing::error!(%error, "the witness cannot read what it signed");
                Said::Unreadable
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Meter> {
        self.meter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Meter {
    fn admits(&mut self, log: &str, minute: u64) -> bool {
        if self.minute != minute {
            *self = Self {
                minute,
                ..Self::default()
            };
        }
        let of_log = self.by_log.entry(log.to_owned()).or_default();
        *of_log += 1;
        self.all += 1;
        *of_log <= REQUESTS_PER_LOG_MAX && self.all <= REQUESTS_PER_MINUTE_MAX
    }
}
