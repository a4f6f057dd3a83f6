//! The golden files of the ledger through the module: each sound file holds, each changed byte is found, each question is answered.

#[path = "../../../fuzz/bodies/verifier.rs"]
mod body;
#[path = "../../../fuzz/bodies/mutation.rs"]
mod mutations;

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
    index: u64,
}

impl Case {
    fn golden() -> Self {
        Self {
            evidence: golden("entry-257.tlog-proof"),
            bundle: golden("tile/entries/001.p/4"),
            keys: String::from_utf8(golden("policy")).expect("text"),
            index: 257,
        }
    }

    fn ask(&self) -> Value {
        ask(&json!({"evidence": {
            "evidence": STANDARD.encode(&self.evidence),
            "bundle": STANDARD.encode(&self.bundle),
            "keys": self.keys,
            "origin": "alpha.example/agreement-7",
            "index": self.index,
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
        json!({"is": "ok", "size": 260, "cosigned": cosigned, "entry": STANDARD.encode(golden("entry-257"))})
    );
    // Evidence for something else than what the reader looks at proves nothing about that.
    let of_another = Case {
        index: 256,
        ..Case::golden()
    };
    assert_eq!(of_another.ask(), json!({"is": "another"}));
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
fn a_checkpoint_holds_with_its_cosignature_and_no_byte_of_it_can_be_another() {
    let keys = Case::golden().keys;
    let head = |checkpoint: &[u8], origin: &str| {
        let checkpoint = STANDARD.encode(checkpoint);
        ask(&json!({"checkpoint": {"checkpoint": checkpoint, "keys": keys, "origin": origin}}))
    };
    let sound = golden("checkpoint");
    let origin = "alpha.example/agreement-7";
    let found = head(&sound, origin);
    assert_eq!(
        (&found["is"], &found["size"]),
        (&json!("signed"), &json!(260))
    );
    assert_eq!(found["cosigned"][0]["at"], 1_473_696_000);
    assert_eq!(head(&sound, "bravo.example"), json!({"is": "another"}));
    assert_eq!(head(b"", origin), json!({"is": "not_checkpoint"}));
    for place in 0..sound.len() {
        let mut touched = sound.clone();
        touched[place] ^= 1;
        assert_ne!(head(&touched, origin)["is"], "signed", "byte {place}");
    }
}

/// Asks whether two checkpoints are one history, bringing each tile that is asked for; returns the paths and the answer.
fn compare(first: &[u8], second: &[u8], keys: &str) -> (Vec<String>, Value) {
    let mut tiles = serde_json::Map::new();
    loop {
        let answer = ask(&json!({"compare": {
            "first": STANDARD.encode(first),
            "second": STANDARD.encode(second),
            "keys": keys,
            "tiles": tiles,
        }}));
        let paths = tiles.keys().cloned().collect();
        let Some(path) = answer["path"].as_str() else {
            return (paths, answer);
        };
        let tile = json!(STANDARD.encode(golden(path)));
        assert!(tiles.insert(path.to_owned(), tile).is_none(), "{path}");
    }
}

#[test]
fn two_checkpoints_are_one_history_or_a_proof_that_they_are_not() {
    let keys = Case::golden().keys;
    let fork = ForkProof::parse(&golden("fork")).expect("the golden fork");
    let (small, large) = (
        fork.smaller.note().to_bytes(),
        fork.larger.note().to_bytes(),
    );
    assert_eq!(compare(&large, &large, &keys).1, json!({"is": "continues"}));
    for (first, second) in [(&small, &large), (&large, &small)] {
        let (paths, found) = compare(first, second, &keys);
        assert_eq!(paths, ["tile/0/001.p/4", "tile/1/000.p/1", "tile/0/000"]);
        let proof = STANDARD.decode(found["proof"].as_str().expect("a fork"));
        assert_eq!(proof.expect("base64"), golden("fork"));
    }
    let stranger = compare(&small, &large, "x.example+00000000+BgAA").1;
    assert_eq!(stranger, json!({"is": "no_key"}));
    let mut touched = small.clone();
    let place = touched.len() - 9;
    touched[place] = if touched[place] == b'A' { b'B' } else { b'A' };
    assert_eq!(compare(&touched, &large, &keys).1["is"], "bad_signature");
    assert_eq!(
        compare(b"", &large, &keys).1,
        json!({"is": "not_checkpoint"})
    );
    let tiles = json!({"tile/0/001.p/4": "", "tile/1/000.p/1": ""});
    let found = ask(&json!({"compare": {
        "first": STANDARD.encode(&small), "second": STANDARD.encode(&large), "keys": keys, "tiles": tiles,
    }}));
    assert_eq!(found, json!({"is": "not_its_tiles"}));
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

/// Mutations of sound questions; a second or two in all.
const ROUNDS: u64 = 3_000;

#[test]
fn mutated_questions_are_answered_too() {
    let golden = |name: &str| STANDARD.encode(golden(name));
    let keys = Case::golden().keys;
    let origin = "alpha.example/agreement-7";
    let tiles = json!({"tile/0/001.p/4": golden("tile/0/001.p/4"), "tile/1/000.p/1": golden("tile/1/000.p/1")});
    let sound = [
        json!({"keys": {"keys": keys}}),
        json!({"place": {"evidence": golden("entry-257.tlog-proof")}}),
        json!({"evidence": {
            "evidence": golden("entry-257.tlog-proof"),
            "bundle": golden("tile/entries/001.p/4"),
            "keys": keys, "origin": origin, "index": 257,
        }}),
        json!({"checkpoint": {"checkpoint": golden("checkpoint"), "keys": keys, "origin": origin}}),
        json!({"compare": {
            "first": golden("checkpoint"), "second": golden("checkpoint"), "keys": keys, "tiles": tiles,
        }}),
    ]
    .map(|question| question.to_string());
    let fragments: [&[u8]; 12] = [
        b"{", b"}", b"[", b"\"", b",", b":", b"\\u0000", b"\xff", b"null", b"-1", b"AAAA", b"keys",
    ];
    let documents: Vec<&str> = sound.iter().map(String::as_str).collect();
    mutations::run(1, ROUNDS, &documents, &fragments, body::run);
}
