//! `detente ledger` and `detente keys`: strangers verify, tampering ends with 4 and its place.

mod passphrase;
mod seals;
mod server;
mod web;

use std::collections::BTreeMap;
use std::path::Path;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use detente_ledger::entry::Entry;
use detente_ledger::fork::ForkProof;
use detente_ledger::hash::Hash;
use detente_ledger::log::{Log, SEGMENT_BYTES_MIN};
use detente_ledger::vkey::{KeyName, NoteSigner, SignatureType};
use detente_stores::files::Files;
use serde_json::{Map, Value, json};

use crate::harness::Folder;

fn key(name: &str, kind: SignatureType, seed: u8) -> NoteSigner {
    NoteSigner::new(KeyName::parse(name).unwrap(), kind, &[seed; 32]).unwrap()
}

fn log_key() -> NoteSigner {
    key("alpha.example/ledger", SignatureType::Ed25519, 1)
}

fn witness_key() -> NoteSigner {
    key("bravo.example/cosign", SignatureType::CosignatureV1, 2)
}

fn report(number: u64) -> Vec<u8> {
    let entry = Entry {
        kind: if number.is_multiple_of(2) {
            "report"
        } else {
            "operation"
        }
        .to_owned(),
        author: "alpha.example".to_owned(),
        written_at: format!("2016-09-12T16:{:02}:00Z", number % 60),
        salt: vec![7; 16],
        awareness: AwarenessKey::default(),
        unit_key: None,
        body: Map::from_iter([("number".to_owned(), json!(number))]),
    };
    entry.to_bytes().unwrap()
}

/// Writes a cosigned ledger of 300 entries into `DIR/log`, and its keys beside it.
fn write_ledger(folder: &Folder) {
    let mut log = Log::create(
        Files::open(&folder.path("log")).unwrap(),
        log_key(),
        SEGMENT_BYTES_MIN,
    )
    .unwrap();
    log.confirm_unshared().unwrap();
    for number in 0..300 {
        log.stage(report(number)).unwrap();
        if number % 50 == 49 {
            log.commit().unwrap();
        }
    }
    let mut note = log.head().note().clone();
    note.cosign(&witness_key(), 1_473_696_000);
    let line = note.signatures().last().unwrap().to_line();
    log.attach(&line, &[witness_key().vkey().clone()]).unwrap();
    log.publish().unwrap();
    std::fs::write(folder.path("log.vkey"), format!("{}\n", log_key().vkey())).unwrap();
    let policy = format!(
        "log {}\nwitness bravo {}\nquorum bravo\n",
        log_key().vkey(),
        witness_key().vkey()
    );
    std::fs::write(folder.path("policy"), policy).unwrap();
}

fn flip(path: &Path, place: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[place] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_cosigned_ledger_verifies_with_a_policy() {
    let folder = Folder::new();
    write_ledger(&folder);
    let run = folder.detente(&["ledger", "verify", "log", "--policy", "policy"]);
    insta::assert_snapshot!(run);
    let run = folder.detente(&["ledger", "verify", "log", "--vkey", "log.vkey", "--json"]);
    let answer: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        (run.exit, &answer["verified"], &answer["size"]),
        (0, &json!(true), &json!(300))
    );
}

#[test]
fn without_a_key_nothing_is_called_verified() {
    let folder = Folder::new();
    write_ledger(&folder);
    let run = folder.detente(&["ledger", "verify", "log"]);
    insta::assert_snapshot!(run);
    let run = folder.detente(&["ledger", "verify", "log", "--json"]);
    let answer: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.exit, &answer["verified"]), (0, &json!(false)));
}

#[test]
fn tampering_ends_with_4_and_names_the_place() {
    let cases: BTreeMap<&str, usize> = BTreeMap::from([
        ("tile/entries/000", 100),
        ("tile/entries/001.p/44", 3),
        ("tile/0/000", 5),
        ("tile/0/001.p/44", 5),
        ("tile/1/000.p/1", 5),
        ("checkpoint", 25),
    ]);
    for (path, place) in cases {
        for verb in ["verify", "audit"] {
            for trust in [&["--vkey", "log.vkey"][..], &[]] {
                let folder = Folder::new();
                write_ledger(&folder);
                flip(&folder.path(&format!("log/{path}")), place);
                let run = folder.detente(&[&["ledger", verb, "log"], trust].concat());
                assert_eq!(run.exit, 4, "{verb} {path}: {run}");
                assert!(run.stdout.contains(path), "{verb} {path}: {run}");
                assert!(!run.stdout.contains("\nverified"), "{run}");
            }
        }
    }
}

#[test]
fn another_key_ends_with_4() {
    let folder = Folder::new();
    write_ledger(&folder);
    let other = key("alpha.example/ledger", SignatureType::Ed25519, 9)
        .vkey()
        .to_string();
    let run = folder.detente(&["ledger", "verify", "log", "--vkey", &other]);
    assert_eq!(run.exit, 4, "{run}");
    let run = folder.detente(&["ledger", "verify", "log", "--vkey", "nonsense"]);
    assert_eq!(run.exit, 3, "{run}");
    let run = folder.detente(&["ledger", "verify", "nowhere"]);
    assert_eq!(run.exit, 2, "{run}");
    let run = folder.detente(&["ledger", "verify", "http://127.0.0.1:1/log"]);
    assert_eq!(run.exit, 5, "{run}");
}

#[test]
fn entries_are_listed_by_kind_and_time() {
    let folder = Folder::new();
    write_ledger(&folder);
    let run = folder.detente(&[
        "ledger",
        "show",
        "log",
        "--vkey",
        "log.vkey",
        "--kind",
        "report",
        "--from",
        "2016-09-12T16:56:00Z",
        "--to",
        "2016-09-12T16:58:00Z",
    ]);
    insta::assert_snapshot!(run);
    let run = folder.detente(&["ledger", "show", "log", "--vkey", "log.vkey", "--json"]);
    assert_eq!(run.stdout.lines().count(), 300);
    let line: Value = serde_json::from_str(run.stdout.lines().nth(299).unwrap()).unwrap();
    assert_eq!(
        (&line["index"], &line["entry"]["body"]["number"]),
        (&json!(299), &json!(299))
    );
}

#[test]
fn evidence_convinces_without_the_ledger() {
    let folder = Folder::new();
    write_ledger(&folder);
    let run = folder.detente(&[
        "ledger", "proof", "log", "123", "--policy", "policy", "--out", "case",
    ]);
    insta::assert_snapshot!(run);
    let verify = |entry: &str| {
        folder.detente(&[
            "ledger",
            "verify",
            "case.tlog-proof",
            "--entry",
            entry,
            "--policy",
            "policy",
        ])
    };
    insta::assert_snapshot!(verify("case.entry"));
    std::fs::write(folder.path("other"), report(124)).unwrap();
    assert_eq!(verify("other").exit, 4);
    let page = std::fs::read_to_string(folder.path("case.html")).unwrap();
    assert!(page.contains("bravo.example/cosign") && page.contains("2016-09-12T16:00:00Z"));
    let run = folder.detente(&["ledger", "proof", "log", "300", "--policy", "policy"]);
    assert_eq!(run.exit, 2, "{run}");
}

#[test]
fn a_proof_of_two_histories_convinces_by_the_ledgers_key_alone() {
    let folder = Folder::new();
    write_ledger(&folder);
    let large = std::fs::read(folder.path("log/checkpoint")).unwrap();
    let large = SignedCheckpoint::parse(&large).unwrap();
    let other = Checkpoint::new(
        large.checkpoint().origin(),
        large.checkpoint().size(),
        Hash::of(b"what another party was shown"),
    );
    let mut note = other.unwrap().to_note().unwrap();
    note.sign(&log_key());
    let other = SignedCheckpoint::from_note(note).unwrap();
    let fork = ForkProof::of_equal_sizes(other, large.clone()).to_bytes();
    std::fs::write(folder.path("two.fork"), fork).unwrap();
    let verify = |file: &str, key: &str| folder.detente(&["ledger", "verify", file, "--vkey", key]);
    let run = verify("two.fork", "log.vkey");
    assert_eq!(run.exit, 0, "{run}");
    assert_eq!(
        run.stdout,
        "verified: the owner of alpha.example/ledger signed two histories: its checkpoints of 300 and 300 entries contradict each other\n"
    );
    let stranger = key("alpha.example/ledger", SignatureType::Ed25519, 9);
    assert_eq!(verify("two.fork", &stranger.vkey().to_string()).exit, 4);
    let same = ForkProof::of_equal_sizes(large.clone(), large).to_bytes();
    std::fs::write(folder.path("one.fork"), same).unwrap();
    let run = verify("one.fork", "log.vkey");
    assert_eq!(run.exit, 4, "{run}");
    assert!(run.stdout.contains("consistent with each other"), "{run}");
    std::fs::write(folder.path("none.fork"), "nothing").unwrap();
    assert_eq!(verify("none.fork", "log.vkey").exit, 3);
    assert_eq!(folder.detente(&["ledger", "verify", "two.fork"]).exit, 2);
}

#[test]
fn an_audit_counts_what_it_checked() {
    let folder = Folder::new();
    write_ledger(&folder);
    let run = folder.detente(&["ledger", "audit", "log", "--policy", "policy"]);
    insta::assert_snapshot!(run);
}

#[test]
fn keys_are_drawn_rotated_and_revoked_and_the_ledger_follows_them() {
    let folder = Folder::new();
    std::fs::write(folder.path("unlock"), "correct horse battery staple\n").unwrap();
    let keys = |verb: &[&str]| {
        folder.detente(&[verb, &["--keys", "keys", "--unlock-file", "unlock"]].concat())
    };
    assert_eq!(keys(&["keys", "new", "alpha.example/ledger"]).exit, 0);
    assert_eq!(keys(&["keys", "new", "alpha.example/ledger"]).exit, 2);
    let public = |name: &str| std::fs::read_to_string(folder.path("keys").join(name)).unwrap();
    let first = public("log.vkey");
    assert_eq!(keys(&["keys", "rotate"]).exit, 0);
    // What is signed until the next keys are adopted is verified with the ones before.
    assert_eq!(public("log-0.vkey"), first);
    assert_ne!(public("log.vkey"), first);
    // Which of several are in use is not guessed: the ones before may still be.
    let run = keys(&["keys", "revoke", "unit"]);
    assert_eq!(run.exit, 2, "{run}");
    assert!(run.stderr.contains("--sequence"), "{run}");
    assert_eq!(keys(&["keys", "revoke", "unit", "--sequence", "2"]).exit, 2);
    assert!(!folder.path("keys/key-event-2.json").exists());
    let run = keys(&["keys", "revoke", "unit", "--sequence", "0"]);
    assert_eq!(run.exit, 0, "{run}");
    assert!(run.stderr.contains("an earlier number"), "{run}");
    let event: Value = serde_json::from_str(&public("key-event-2.json")).unwrap();
    let revoked = event.to_string();
    assert!(revoked.contains(public("unit-0.vkey").trim()), "{revoked}");
    assert!(!revoked.contains(public("unit-1.vkey").trim()), "{revoked}");
    let run = folder.detente(&["keys", "show", "--keys", "keys", "--json"]);
    let shown: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(
        shown["log"]
            .as_str()
            .unwrap()
            .starts_with("alpha.example/ledger+")
    );
    std::fs::write(folder.path("unlock"), "wrong\n").unwrap();
    assert_eq!(keys(&["keys", "rotate"]).exit, 3);

    // The events make a history that an audit accepts, and only in their order.
    for (order, exit) in [([0, 1, 2], 0), ([0, 2, 1], 4)] {
        let name = format!("log-{exit}");
        let files = Files::open(&folder.path(&name)).unwrap();
        let mut log = Log::create(files, log_key(), SEGMENT_BYTES_MIN).unwrap();
        log.confirm_unshared().unwrap();
        for number in order {
            let path = folder.path(&format!("keys/key-event-{number}.json"));
            log.stage(std::fs::read(path).unwrap()).unwrap();
        }
        log.commit().unwrap();
        log.publish().unwrap();
        let run = folder.detente(&["ledger", "audit", &name]);
        assert_eq!(run.exit, exit, "{run}");
    }
}
