//! Questions and answers as they travel between a page and the module.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use detente_ledger::policy::Trusted;
use serde::{Deserialize, Deserializer, Serialize};

/// What a page asks: one member, named like the question.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Question<'text> {
    /// Are these keys, or a policy?
    Keys {
        #[serde(borrow)]
        keys: Cow<'text, str>,
    },
    /// Where does the ledger publish the entry of which this is the evidence?
    Place { evidence: Bytes },
    /// Is the entry in the ledger that its owner signed, and who cosigned that?
    Evidence {
        evidence: Bytes,
        /// The bundle with the entry, as the ledger publishes it.
        bundle: Bytes,
        /// Keys or a policy: what the reader trusts.
        #[serde(borrow)]
        keys: Cow<'text, str>,
        /// The ledger and the entry that the reader looks at.
        #[serde(borrow)]
        origin: Cow<'text, str>,
        index: u64,
    },
    /// Did the owner of the ledger sign this checkpoint, and who cosigned it?
    Checkpoint {
        checkpoint: Bytes,
        #[serde(borrow)]
        keys: Cow<'text, str>,
        #[serde(borrow)]
        origin: Cow<'text, str>,
    },
    /// Does one of two checkpoints continue the other?
    Compare {
        first: Bytes,
        second: Bytes,
        #[serde(borrow)]
        keys: Cow<'text, str>,
        /// Tiles of the larger, by their paths: those that were asked for so far.
        tiles: BTreeMap<String, Bytes>,
    },
}

/// Bytes, in base64.
#[derive(Clone, Debug)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text.as_bytes());
        bytes.map(Self).map_err(serde::de::Error::custom)
    }
}

/// What was found. `is` has the words of `EvidenceRefused::code` wherever the ledger refuses.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(crate) enum Answer {
    /// The keys can be read.
    Keys,
    /// They cannot; the line counts from one, 0 is the whole.
    NotKeys { line: usize },
    /// The path of the bundle, below the ledger's own.
    Place { bundle: String },
    /// Everything holds.
    Ok {
        size: u64,
        cosigned: Vec<Cosigned>,
        /// The entry as it is in the ledger, in base64: what is shown may be something else.
        entry: String,
    },
    /// The checkpoint is the ledger's.
    Signed {
        size: u64,
        root: String,
        cosigned: Vec<Cosigned>,
    },
    /// No checkpoint.
    NotCheckpoint,
    /// It speaks of another ledger or of another entry than the reader looks at.
    Another,
    /// One checkpoint continues the other.
    Continues,
    /// The tile at this path is needed to say more.
    Needs { path: String },
    /// The tiles are not those of the checkpoint.
    NotItsTiles,
    /// The two contradict each other; the proof (`detente/fork@v1`), in base64.
    Fork { proof: String },
    /// No evidence file.
    NotEvidence,
    /// The entry is not at its place in the tree.
    NotIncluded,
    /// No key of the reader's is that of the ledger.
    NoKey,
    /// A signature by a known key does not hold.
    BadSignature { by: String },
    /// The reader's policy asks for cosignatures that are not there.
    Quorum { by: String },
    /// The page asked something else.
    NotAQuestion { why: String },
}

/// A cosignature by a known key.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Cosigned {
    name: String,
    /// Seconds since 1970.
    at: u64,
}

impl Cosigned {
    pub(crate) fn all(trusted: &Trusted) -> Vec<Self> {
        let cosigned = trusted.cosigned.iter();
        let told = cosigned.map(|(key, time_s)| Self {
            name: key.name().to_string(),
            at: *time_s,
        });
        told.collect()
    }
}

/// Writes bytes as they travel.
pub(crate) fn encoded(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
