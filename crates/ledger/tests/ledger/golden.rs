//! Files of every released format, byte for byte: what was once written is read for ever.
//!
//! `tests/golden/v1` never changes. A new version of a format adds a folder; it does not touch an
//! old one. `UPDATE_REFERENCE=1` writes files that are not there yet.

use std::collections::BTreeMap;
use std::path::PathBuf;

use detente_ledger::audit::content::{ContentAudit, blob_path};
use detente_ledger::audit::structure::check;
use detente_ledger::awareness::AwarenessKey;
use detente_ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use detente_ledger::complaint::{REVEAL_KIND, Reveal, SEALED_KIND, SealedBody};
use detente_ledger::entry::Entry;
use detente_ledger::evidence::Evidence;
use detente_ledger::fork::ForkProof;
use detente_ledger::hash::Hash;
use detente_ledger::keys::{KEY_EVENT_KIND, KeyEvent, Role, RootSigner, SignedKeyEvent};
use detente_ledger::log::{Log, SEGMENT_BYTES_MIN, StorageSource};
use detente_ledger::policy::Policy;
use detente_ledger::reader::LogReader;
use detente_ledger::seal::{SealContext, SealSecretKey, SealSuite, open, seal};
use detente_ledger::storage::Storage as _;
use detente_ledger::storage::memory::MemoryDisk;
use detente_ledger::vkey::NoteSigner;
use detente_ledger::witness::AddCheckpoint;
use serde_json::{Map, Value, json};

use crate::sample::{ORIGIN, key, log_key, signed, witness_key};

type Files = BTreeMap<String, Vec<u8>>;

/// Entries of the golden ledger: one full bundle and a little.
const ENTRIES: u64 = 260;
/// Published files that are part of the fixture.
const LEDGER: [&str; 7] = [
    "checkpoint",
    "tile/0/000",
    "tile/0/001.p/4",
    "tile/1/000.p/1",
    "tile/entries/000",
    "tile/entries/001.p/4",
    "wal/0",
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1")
}

fn unit_key() -> NoteSigner {
    key("alpha.example/unit", Role::Unit.signature_type(), 22)
}

fn recipient(suite: SealSuite) -> SealSecretKey {
    SealSecretKey::from_seed(suite, &[9; 32])
}

fn entry(number: u64, kind: &str, body: Map<String, Value>) -> Entry {
    let seen = Checkpoint::new("bravo.example", number + 1, Hash::of(b"bravo")).expect("head");
    Entry {
        kind: kind.to_owned(),
        author: "alpha.example".to_owned(),
        written_at: format!("2016-09-12T{:02}:{:02}:00Z", number / 60, number % 60),
        salt: vec![7; 16],
        awareness: AwarenessKey::of([&seen]),
        unit_key: None,
        body,
    }
}

fn genesis() -> Vec<u8> {
    let root = RootSigner::from_seed(&[100; 32]).expect("root");
    let keys = [
        (Role::Log, log_key()),
        (
            Role::Cosign,
            key("alpha.example/cosign", Role::Cosign.signature_type(), 21),
        ),
        (Role::Unit, unit_key()),
    ];
    let keys = keys.map(|(role, signer)| (role, signer.vkey().clone()));
    let event = KeyEvent {
        participant: "alpha.example".to_owned(),
        sequence: 0,
        root: root.public(),
        next: RootSigner::from_seed(&[101; 32])
            .expect("root")
            .commitment(),
        keys: BTreeMap::from(keys),
        seal: Some(recipient(SealSuite::X25519).public().clone()),
        revoked: Vec::new(),
    };
    let body = SignedKeyEvent::sign(event, &[&root]).to_json();
    entry(0, KEY_EVENT_KIND, body).to_bytes().expect("entry")
}

/// A sealed entry, and its blob.
fn sealed(number: u64, suite: SealSuite) -> (Vec<u8>, SealedBody, Vec<u8>) {
    let context = SealContext {
        origin: ORIGIN.to_owned(),
        kind: "operation".to_owned(),
        agreement: "agreement-7".to_owned(),
    };
    let keys = [recipient(suite).public().clone()];
    let (seal, blob) = seal(&[42; 32], &context, b"corridor 3, from 04:00", &keys).expect("seal");
    let body = SealedBody {
        kind: context.kind,
        agreement: context.agreement,
        seal,
        reveal_by_s: 1_473_700_000,
    };
    let entry = entry(number, SEALED_KIND, body.to_json());
    (entry.to_bytes().expect("entry"), body, blob)
}

fn entries() -> Vec<Vec<u8>> {
    let report = |number: u64| {
        entry(
            number,
            "report",
            Map::from_iter([("n".to_owned(), json!(number))]),
        )
    };
    let reveal = Reveal {
        index: 2,
        seed: [42; 32],
        payload: b"corridor 3, from 04:00".to_vec(),
    };
    let entry_of = |number: u64| match number {
        0 => genesis(),
        1 => {
            let mut signed = report(1);
            signed.unit_key = Some(unit_key().vkey().clone());
            signed.to_signed_bytes(ORIGIN, &unit_key()).expect("entry")
        }
        2 => sealed(2, SealSuite::X25519).0,
        3 => sealed(3, SealSuite::XWing).0,
        4 => entry(4, REVEAL_KIND, reveal.to_json())
            .to_bytes()
            .expect("entry"),
        _ => report(number).to_bytes().expect("entry"),
    };
    (0..ENTRIES).map(entry_of).collect()
}

/// Writes everything anew, as today's code does.
fn written() -> Files {
    let mut log = Log::create(MemoryDisk::new(), log_key(), 2 * SEGMENT_BYTES_MIN).expect("new");
    log.confirm_unshared().expect("new");
    for entry in entries() {
        log.stage(entry).expect("staged");
    }
    log.commit().expect("committed");
    let mut note = log.head().note().clone();
    note.cosign(&witness_key(), 1_473_696_000);
    let line = note.signatures().last().expect("cosignature").to_line();
    let witness = [witness_key().vkey().clone()];
    log.attach(&line, &witness).expect("attached");
    log.publish().expect("published");
    let mut files = Files::new();
    for path in LEDGER {
        let bytes = log.storage().read(path).expect("read").expect("written");
        files.insert(path.to_owned(), bytes);
    }
    for (number, suite) in [(2, SealSuite::X25519), (3, SealSuite::XWing)] {
        let (_, body, blob) = sealed(number, suite);
        files.insert(blob_path(&body.seal.blob), blob);
    }
    let head = log.head().clone();
    let source = StorageSource(log.storage());
    let mut reader = LogReader::open(source, head.checkpoint().clone()).expect("log");
    let evidence = Evidence {
        extra: None,
        index: 257,
        proof: reader.inclusion_proof(257).expect("proof"),
        checkpoint: head.clone(),
    };
    files.insert("entry-257".to_owned(), reader.entry(257).expect("entry"));
    files.insert("entry-257.tlog-proof".to_owned(), evidence.to_bytes());
    let fork = ForkProof {
        smaller: signed(100, Hash::of(b"another history")),
        larger: head.clone(),
        root_at_smaller: reader.root_at(100).expect("root"),
        proof: reader.consistency_proof(100).expect("proof"),
    };
    files.insert("fork".to_owned(), fork.to_bytes());
    let request = AddCheckpoint {
        old_size: 100,
        proof: reader.consistency_proof(100).expect("proof"),
        checkpoint: head,
    };
    files.insert("add-checkpoint".to_owned(), request.to_bytes());
    let policy = format!(
        "log {}\nwitness bravo {}\nquorum bravo\n",
        log_key().vkey(),
        witness_key().vkey()
    );
    files.insert("policy".to_owned(), policy.into_bytes());
    files
}

fn golden() -> Files {
    let mut files = Files::new();
    for path in written().into_keys() {
        let full = folder().join(&path);
        let bytes = std::fs::read(&full).unwrap_or_else(|error| panic!("{path}: {error}"));
        files.insert(path, bytes);
    }
    files
}

#[test]
fn what_is_written_today_is_what_was_written_then() {
    let update = std::env::var_os("UPDATE_REFERENCE").is_some();
    for (path, bytes) in written() {
        let full = folder().join(&path);
        if update && !full.exists() {
            std::fs::create_dir_all(full.parent().expect("folder")).expect("folder");
            std::fs::write(&full, &bytes).expect("written");
        }
        let golden = std::fs::read(&full).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(golden == bytes, "{path} has drifted");
    }
}

#[test]
fn the_golden_ledger_verifies_and_its_content_is_sound() {
    let files = golden();
    let policy = Policy::parse(&files["policy"]).expect("policy");
    let head = SignedCheckpoint::parse(&files["checkpoint"]).expect("checkpoint");
    assert_eq!(head.checkpoint().size(), ENTRIES);
    let trusted = policy.check(&head).expect("signed and cosigned");
    assert_eq!(trusted.cosigned[0].1, 1_473_696_000);
    let mut content = ContentAudit::new(&files, ORIGIN, Vec::new());
    let faults = check(&files, head.checkpoint(), &mut content).expect("memory");
    assert_eq!(faults.list(), []);
    let content = content.finish();
    assert_eq!(content.faults.list(), []);
    assert_eq!(
        (
            content.key_events,
            content.unit_signatures,
            content.sealed,
            content.revealed
        ),
        (1, 1, 2, 1)
    );
    assert_eq!((content.revealed_in_part, content.blobs_absent), (0, 0));
}

#[test]
fn the_golden_evidence_fork_and_request_hold() {
    let files = golden();
    let policy = Policy::parse(&files["policy"]).expect("policy");
    let evidence = Evidence::parse(&files["entry-257.tlog-proof"]).expect("evidence");
    evidence
        .verify(&files["entry-257"], &policy)
        .expect("holds");
    let fork = ForkProof::parse(&files["fork"]).expect("fork proof");
    assert_eq!(fork.verify(&[log_key().vkey().clone()]), Ok(()));
    let request = AddCheckpoint::parse(&files["add-checkpoint"]).expect("request");
    assert_eq!((request.old_size, request.proof.len() > 1), (100, true));
}

/// The console's own reader is held against the same files and the same changes (`web/src/proof/evidence.test.ts`).
#[test]
fn no_byte_of_the_golden_evidence_or_its_entry_can_be_another() {
    let files = golden();
    let policy = Policy::parse(&files["policy"]).expect("policy");
    let holds = |evidence: &[u8], entry: &[u8]| {
        Evidence::parse(evidence).is_ok_and(|evidence| evidence.verify(entry, &policy).is_ok())
    };
    let (evidence, entry) = (&files["entry-257.tlog-proof"], &files["entry-257"]);
    assert!(holds(evidence, entry));
    for place in 0..evidence.len() {
        let mut touched = evidence.clone();
        touched[place] ^= 1;
        assert!(!holds(&touched, entry), "byte {place} of the evidence");
    }
    for place in 0..entry.len() {
        let mut touched = entry.clone();
        touched[place] ^= 1;
        assert!(!holds(evidence, &touched), "byte {place} of the entry");
    }
}

#[test]
fn the_golden_write_ahead_log_opens() {
    let mut disk = MemoryDisk::new();
    for (path, bytes) in golden() {
        disk.write(&path, &bytes).expect("written");
    }
    let log = Log::open(disk, log_key(), &[]).expect("recovered");
    assert_eq!(log.size(), ENTRIES);
}

#[test]
fn the_golden_seals_still_open() {
    let files = golden();
    for (number, suite) in [(2, SealSuite::X25519), (3, SealSuite::XWing)] {
        let (_, body, _) = sealed(number, suite);
        let blob = &files[&blob_path(&body.seal.blob)];
        let payload = open(&body.seal, &body.context(ORIGIN), blob, &recipient(suite));
        assert_eq!(payload.as_deref(), Ok(&b"corridor 3, from 04:00"[..]));
    }
}
