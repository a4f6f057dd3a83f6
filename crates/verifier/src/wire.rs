//! Questions and answers as they travel between a page and the module.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use detente_ledger::evidence::Evidence;
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
    },
}

/// Bytes, in base64.
#[derive(Debug)]
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
        origin: String,
        size: u64,
        cosigned: Vec<Cosigned>,
    },
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

impl Answer {
    pub(crate) fn holds(evidence: &Evidence, trusted: &Trusted) -> Self {
        let head = evidence.checkpoint.checkpoint();
        let cosigned = trusted.cosigned.iter().map(|(key, time_s)| Cosigned {
            name: key.name().to_string(),
            at: *time_s,
        });
        Self::Ok {
            origin: head.origin().to_owned(),
            size: head.size(),
            cosigned: cosigned.collect(),
        }
    }
}
