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

use detente_ledger::evidence::{Evidence, EvidenceRefused};
use detente_ledger::note::NoteError;
use detente_ledger::policy::{Policy, UntrustedError};

use wire::{Answer, Question};

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
    match question {
        Question::Keys { keys } => match Policy::parse_trusted(keys.as_bytes()) {
            Ok(_) => Answer::Keys,
            Err(error) => Answer::NotKeys { line: error.line },
        },
        Question::Place { evidence } => match Evidence::parse(&evidence.0) {
            Err(_) => Answer::NotEvidence,
            Ok(evidence) => match evidence.bundle() {
                Some(bundle) => Answer::Place {
                    bundle: bundle.to_string(),
                },
                None => Answer::NotIncluded,
            },
        },
        Question::Evidence {
            evidence,
            bundle,
            keys,
        } => {
            let policy = match Policy::parse_trusted(keys.as_bytes()) {
                Ok(policy) => policy,
                Err(error) => return Answer::NotKeys { line: error.line },
            };
            let Ok(evidence) = Evidence::parse(&evidence.0) else {
                return Answer::NotEvidence;
            };
            match evidence.verify_bundle(&bundle.0, &policy) {
                Ok(trusted) => Answer::holds(&evidence, &trusted),
                Err(error) => doubt(&error),
            }
        }
    }
}

/// Says why something is not to be believed.
fn doubt(error: &EvidenceRefused) -> Answer {
    match error {
        EvidenceRefused::Inclusion(_) | EvidenceRefused::Bundle(_) => Answer::NotIncluded,
        EvidenceRefused::Untrusted(UntrustedError::Note(NoteError::BadSignature {
            name, ..
        })) => Answer::BadSignature {
            by: name.to_string(),
        },
        EvidenceRefused::Untrusted(UntrustedError::Quorum { quorum, .. }) => {
            Answer::Quorum { by: quorum.clone() }
        }
        EvidenceRefused::Untrusted(_) => Answer::NoKey,
    }
}

#[cfg(test)]
mod tests;
