//! The body of the fuzz target for what a page asks of the ledger's checks, also run by the tests of the crate.

use serde_json::Value;

/// Answers any bytes; the answer is always JSON that says what it is, and only a page that brings keys is told that
/// something holds.
pub(crate) fn run(bytes: &[u8]) {
    let answer = detente_verifier::answer(bytes);
    let answer: Value = serde_json::from_slice(&answer).expect("an answer is JSON");
    let is = answer["is"].as_str().expect("an answer says what it is");
    if matches!(is, "ok" | "signed") {
        let question = String::from_utf8_lossy(bytes);
        assert!(question.contains("keys"), "{question}");
        assert!(answer["size"].is_u64(), "{answer}");
    }
}
