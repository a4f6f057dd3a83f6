//! The golden files of the ledger through the module: each sound file holds, each changed byte is found, each question is answered.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The golden files of the ledger, which the command and the page's own script are held to as well.
fn golden(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/../ledger/tests/golden/v1/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn ask(question: &Value) -> Value {
    let answer = answer(question.to_string().as_bytes());
    serde_json::from_slice(&answer).expect("JSON")
}

struct Case {
    evidence: Vec<u8>,
    bundle: Vec<u8>,
    keys: String,
}

impl Case {
    fn golden() -> Self {
        Self {
            evidence: golden("entry-257.tlog-proof"),
            bundle: golden("tile/entries/001.p/4"),
            keys: String::from_utf8(golden("policy")).expect("text"),
        }
    }

    fn ask(&self) -> Value {
        ask(&json!({"evidence": {
            "evidence": STANDARD.encode(&self.evidence),
            "bundle": STANDARD.encode(&self.bundle),
            "keys": self.keys,
        }}))
    }
}

#[test]
fn the_golden_evidence_holds_with_its_cosignature() {
    let case = Case::golden();
    let place = ask(&json!({"place": {"evidence": STANDARD.encode(&case.evidence)}}));
    assert_eq!(
        place,
        json!({"is": "place", "bundle": "tile/entries/001.p/4"})
    );
    let cosigned = json!([{"name": "bravo.example/witness", "at": 1_473_696_000}]);
    assert_eq!(
        case.ask(),
        json!({"is": "ok", "origin": "alpha.example/agreement-7", "size": 260, "cosigned": cosigned})
    );
}

#[test]
fn no_byte_of_the_golden_evidence_or_its_entry_can_be_another() {
    let sound = Case::golden();
    // The bundle holds the entries 256 to 259: two bytes of length and the entry, four times.
    let first = 2 + usize::from(u16::from_be_bytes([sound.bundle[0], sound.bundle[1]]));
    let entry = first + 2..first + 2 + golden("entry-257").len();
    for place in 0..sound.evidence.len() {
        let mut touched = Case::golden();
        touched.evidence[place] ^= 1;
        assert_ne!(touched.ask()["is"], "ok", "byte {place} of the evidence");
    }
    for place in 0..sound.bundle.len() {
        let mut touched = Case::golden();
        touched.bundle[place] ^= 1;
        let found = touched.ask();
        // Other entries of the bundle are not what the evidence speaks of; their lengths are, for they say where it begins.
        if entry.contains(&place) {
            assert_eq!(found["is"], "not_included", "byte {place} of the bundle");
        }
    }
}

#[test]
fn each_doubt_has_its_reason() {
    let with = |change: &dyn Fn(&mut Case)| {
        let mut case = Case::golden();
        change(&mut case);
        case.ask()
    };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    let stranger = "x.example+00000000+BgAA";
    let found = with(&|case| case.keys = stranger.to_owned());
    assert_eq!(found, json!({"is": "no_key"}));
    let found = with(&|case| case.keys = "log x".to_owned());
    assert_eq!(found, json!({"is": "not_keys", "line": 1}));
    let found = with(&|case| case.bundle.truncate(9));
    assert_eq!(found, json!({"is": "not_included"}));
    let found = with(&|case| case.evidence.clear());
    assert_eq!(found, json!({"is": "not_evidence"}));
    let found = with(&|case| {
        let whole = text(&case.evidence);
        case.evidence = whole.replace("\n260\n", "\n261\n").into_bytes();
    });
    assert_eq!(
        found,
        json!({"is": "bad_signature", "by": "alpha.example/agreement-7"})
    );
    let found = with(&|case| {
        let whole = text(&case.evidence);
        let kept: Vec<&str> = whole
            .split_inclusive('\n')
            .filter(|line| !line.contains("bravo"))
            .collect();
        case.evidence = kept.concat().into_bytes();
    });
    assert_eq!(found, json!({"is": "quorum", "by": "bravo"}));
}

#[test]
fn whatever_is_asked_there_is_an_answer() {
    for question in [
        "",
        "{}",
        "[]",
        "\u{0}",
        r#"{"evidence": {}}"#,
        r#"{"place": {"evidence": "not base64"}}"#,
        r#"{"place": {"evidence": ""}, "keys": {"keys": ""}}"#,
        r#"{"keys": {"keys": "", "more": 1}}"#,
        &"[".repeat(100_000),
    ] {
        let answer = answer(question.as_bytes());
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        assert_eq!(answer["is"], "not_a_question", "{question:.40}");
    }
    let long = answer(&vec![b' '; QUESTION_BYTES_MAX + 1]);
    assert!(long.starts_with(br#"{"is":"not_a_question""#));
    let keys = ask(&json!({"keys": {"keys": ""}}));
    assert_eq!(keys, json!({"is": "keys"}));
}
