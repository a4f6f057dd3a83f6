//! The ledger's own checks for a page: a WebAssembly module that imports nothing.
//!
//! What it holds: questions and answers as JSON, and the three functions by which a page hands over the one and takes the
//! other. What it must not know: how anything is checked; that is `detente-ledger`, as the command and the node use it.
//! It imports nothing, so it reads no clock, no chance and no network: the same question has the same answer everywhere.
//! The trade-off: bytes travel as base64 inside the question, which costs a third more memory and buys an interface
//! without pointers of the caller's.
//!
//! ```
//! let answer = detente_verifier::answer(br#"{"keys": {"keys": "nobody"}}"#);
//! assert_eq!(answer, br#"{"is":"not_keys","line":1}"#);
//! ```

mod desk;
mod wire;

use std::collections::BTreeMap;

use detente_ledger::checkpoint::{CheckpointError, SignedCheckpoint};
use detente_ledger::evidence::{Evidence, EvidenceRefused};
use detente_ledger::fork::ForkProof;
use detente_ledger::note::NoteError;
use detente_ledger::policy::{Policy, UntrustedError};
use detente_ledger::reader::{FetchError, ReadError, TileSource};

use wire::{Answer, Bytes, Cosigned, Question, encoded};

/// Longest question: the largest bundle (16.8 MB) and evidence file in base64, the largest policy, and what surrounds them.
pub const QUESTION_BYTES_MAX: usize = 32 << 20;

/// Answers a question, both in JSON; whatever the bytes are, there is an answer.
pub fn answer(question: &[u8]) -> Vec<u8> {
    let answer = if question.len() > QUESTION_BYTES_MAX {
        Answer::NotAQuestion {
            why: format!("longer than {QUESTION_BYTES_MAX} bytes"),
        }
    } else {
        match serde_json::from_slice(question) {
            Ok(question) => examine(&question),
            Err(error) => Answer::NotAQuestion {
                why: error.to_string(),
            },
        }
    };
    // Strings and numbers only: this cannot fail, and an empty answer would be read as none.
    serde_json::to_vec(&answer).unwrap_or_default()
}

fn examine(question: &Question<'_>) -> Answer {
    let keys = match question {
        Question::Place { evidence } => return place(&evidence.0),
        Question::Keys { keys }
        | Question::Evidence { keys, .. }
        | Question::Checkpoint { keys, .. }
        | Question::Compare { keys, .. } => keys,
    };
    let policy = match Policy::parse_trusted(keys.as_bytes()) {
        Ok(policy) => policy,
        Err(error) => return Answer::NotKeys { line: error.line },
    };
    match question {
        Question::Keys { .. } | Question::Place { .. } => Answer::Keys,
        Question::Evidence {
            evidence,
            bundle,
            origin,
            index,
            ..
        } => match Evidence::parse(&evidence.0) {
            Err(_) => Answer::NotEvidence,
            Ok(evidence) => {
                let head = evidence.checkpoint.checkpoint();
                match (head.origin(), evidence.index) == (origin, *index) {
                    true => included(&evidence, &bundle.0, &policy),
                    false => Answer::Another,
                }
            }
        },
        Question::Checkpoint {
            checkpoint, origin, ..
        } => match SignedCheckpoint::parse(&checkpoint.0) {
            Err(_) => Answer::NotCheckpoint,
            Ok(signed) if signed.checkpoint().origin() != origin => Answer::Another,
            Ok(signed) => head(&signed, &policy),
        },
        Question::Compare {
            first,
            second,
            tiles,
            ..
        } => match (
            SignedCheckpoint::parse(&first.0),
            SignedCheckpoint::parse(&second.0),
        ) {
            (Ok(first), Ok(second)) => compare(first, second, tiles, &policy),
            _ => Answer::NotCheckpoint,
        },
    }
}

fn place(evidence: &[u8]) -> Answer {
    let Ok(evidence) = Evidence::parse(evidence) else {
        return Answer::NotEvidence;
    };
    match evidence.bundle() {
        Some(bundle) => Answer::Place {
            bundle: bundle.to_string(),
        },
        None => Answer::NotIncluded,
    }
}

fn included(evidence: &Evidence, bundle: &[u8], policy: &Policy) -> Answer {
    let verified = evidence.verify_bundle(bundle, policy);
    match verified.and_then(|trusted| Ok((trusted, evidence.entry_in(bundle)?))) {
        Ok((trusted, entry)) => Answer::Ok {
            size: evidence.checkpoint.checkpoint().size(),
            cosigned: Cosigned::all(&trusted),
            entry: encoded(entry),
        },
        Err(EvidenceRefused::Untrusted(error)) => untrusted(&error),
        Err(EvidenceRefused::Inclusion(_) | EvidenceRefused::Bundle(_)) => Answer::NotIncluded,
    }
}

fn head(signed: &SignedCheckpoint, policy: &Policy) -> Answer {
    match policy.check_by_log(signed) {
        Ok(trusted) => Answer::Signed {
            size: signed.checkpoint().size(),
            root: signed.checkpoint().root().to_base64(),
            cosigned: Cosigned::all(&trusted),
        },
        Err(error) => untrusted(&error),
    }
}

fn compare(
    first: SignedCheckpoint,
    second: SignedCheckpoint,
    tiles: &BTreeMap<String, Bytes>,
    policy: &Policy,
) -> Answer {
    if first.checkpoint().origin() != second.checkpoint().origin() {
        return Answer::Another;
    }
    for signed in [&first, &second] {
        match signed.verify_log(policy.logs()) {
            Ok(()) => {}
            Err(CheckpointError::Note(NoteError::BadSignature { name, .. })) => {
                return Answer::BadSignature {
                    by: name.to_string(),
                };
            }
            Err(_) => return Answer::NoKey,
        }
    }
    match ForkProof::compare(first, second, Given(tiles)) {
        Ok(None) => Answer::Continues,
        Ok(Some(fork)) => Answer::Fork {
            proof: encoded(&fork.to_bytes()),
        },
        Err(ReadError::Fetch(FetchError { path, .. })) => Answer::Needs { path },
        Err(_) => Answer::NotItsTiles,
    }
}

/// The tiles that the page has brought so far; any other is asked for.
struct Given<'tiles>(&'tiles BTreeMap<String, Bytes>);

impl TileSource for Given<'_> {
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        match self.0.get(path) {
            Some(bytes) => Ok(Some(bytes.0.clone())),
            None => Err(FetchError {
                path: path.to_owned(),
                reason: String::new(),
            }),
        }
    }
}

/// Says why a checkpoint is not to be believed.
fn untrusted(error: &UntrustedError) -> Answer {
    match error {
        UntrustedError::Note(NoteError::BadSignature { name, .. }) => Answer::BadSignature {
            by: name.to_string(),
        },
        UntrustedError::Quorum { quorum, .. } => Answer::Quorum { by: quorum.clone() },
        UntrustedError::Note(_) | UntrustedError::NotByLog { .. } => Answer::NoKey,
    }
}

// The body of the fuzz target names the crate as everybody else does.
#[cfg(test)]
extern crate self as detente_verifier;

#[cfg(test)]
mod tests;
