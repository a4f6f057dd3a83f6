//! What a ledger says is judged entry by entry: each fault stands at the entry that made it.

use std::collections::BTreeMap;

use detente_ledger::audit::content::{ContentAudit, ContentReport, blob_path};
use detente_ledger::audit::structure::check;
use detente_ledger::awareness::AwarenessKey;
use detente_ledger::checkpoint::Checkpoint;
use detente_ledger::complaint::{REVEAL_KIND, Reveal, SEALED_KIND, SealedBody};
use detente_ledger::entry::Entry;
use detente_ledger::hash::Hash;
use detente_ledger::keys::{Cosigned, KEY_EVENT_KIND, KeyEvent, Role, RootSigner, SignedKeyEvent};
use detente_ledger::seal::{SealContext, SealSecretKey, SealSuite, seal};
use detente_ledger::vkey::NoteSigner;
use serde_json::{Map, Value, json};

use crate::sample::{ORIGIN, key, log_files};

fn entry(kind: &str, body: Map<String, Value>) -> Entry {
    Entry {
        kind: kind.to_owned(),
        author: "alpha.example".to_owned(),
        written_at: "2016-09-12T16:00:00Z".to_owned(),
        salt: vec![7; 16],
        awareness: AwarenessKey::default(),
        unit_key: None,
        body,
    }
}

fn plain(entry: &Entry) -> Vec<u8> {
    entry.to_bytes().expect("entry")
}

fn report() -> Entry {
    entry("report", Map::from_iter([("n".to_owned(), json!(1))]))
}

fn aware(seen: &[(&str, u64, &[u8])]) -> Vec<u8> {
    let heads: Vec<Checkpoint> = seen
        .iter()
        .map(|(origin, size, root)| {
            let head = Checkpoint::new(origin, *size, Hash::of(root));
            head.expect("head")
        })
        .collect();
    plain(&Entry {
        awareness: AwarenessKey::of(&heads),
        ..report()
    })
}

fn root(seed: u8) -> RootSigner {
    RootSigner::from_seed(&[seed; 32]).expect("root")
}

fn unit(seed: u8) -> NoteSigner {
    key("alpha.example/unit", Role::Unit.signature_type(), seed)
}

/// The key event of this number, with a unit key of its own.
fn key_event(sequence: u64) -> Vec<u8> {
    let step = u8::try_from(sequence).expect("small");
    let keys = [
        (
            Role::Log,
            key(ORIGIN, Role::Log.signature_type(), 10 + step),
        ),
        (
            Role::Cosign,
            key(
                "alpha.example/cosign",
                Role::Cosign.signature_type(),
                20 + step,
            ),
        ),
        (Role::Unit, unit(30 + step)),
    ];
    let event = KeyEvent {
        participant: "alpha.example".to_owned(),
        sequence,
        root: root(100 + step).public(),
        next: root(101 + step).commitment(),
        keys: BTreeMap::from(keys.map(|(role, signer)| (role, signer.vkey().clone()))),
        seal: None,
        revoked: Vec::new(),
    };
    let (new, old) = (root(100 + step), root(99 + step));
    let roots = if sequence == 0 {
        vec![&new]
    } else {
        vec![&old, &new]
    };
    let body = SignedKeyEvent::sign(event, &roots).to_json();
    plain(&entry(KEY_EVENT_KIND, body))
}

fn signed_by(unit: &NoteSigner) -> Vec<u8> {
    let entry = Entry {
        unit_key: Some(unit.vkey().clone()),
        ..report()
    };
    entry.to_signed_bytes(ORIGIN, unit).expect("entry")
}

fn audit_with(entries: &[Vec<u8>], blobs: &[(Hash, Vec<u8>)], cosigned: &[u64]) -> ContentReport {
    let (mut files, head) = log_files(entries);
    for (hash, blob) in blobs {
        files.insert(blob_path(hash), blob.clone());
    }
    let cosigned = cosigned.iter().map(|size| Cosigned {
        size: *size,
        time_s: 1000 + size,
    });
    let mut content = ContentAudit::new(&files, ORIGIN, cosigned.collect());
    let faults = check(&files, head.checkpoint(), &mut content).expect("memory");
    assert!(faults.is_empty(), "the structure is sound");
    content.finish()
}

/// The indexes of the faulty entries.
fn places(report: &ContentReport) -> Vec<Option<u64>> {
    report
        .faults
        .list()
        .iter()
        .map(|fault| fault.index)
        .collect()
}

fn faults_of(entries: &[Vec<u8>]) -> Vec<Option<u64>> {
    places(&audit_with(entries, &[], &[entries.len() as u64]))
}

#[test]
fn a_unit_signs_only_while_its_key_counts() {
    let (old, new, stranger) = (unit(30), unit(31), unit(99));
    let entries = [
        key_event(0),
        signed_by(&old),
        key_event(1),
        signed_by(&old),
        signed_by(&new),
        signed_by(&stranger),
    ];
    let report = audit_with(&entries, &[], &[6]);
    assert_eq!(places(&report), [Some(3), Some(5)]);
    assert_eq!((report.key_events, report.unit_signatures), (2, 2));
    assert_eq!(
        report.faults.list()[0].message,
        "signed with a key that entry 2 ended"
    );
    let forged = String::from_utf8(signed_by(&old)).expect("text");
    let forged = forged.replace("\"n\":1", "\"n\":2").into_bytes();
    assert_eq!(faults_of(&[key_event(0), forged]), [Some(1)]);
}

#[test]
fn key_events_count_only_in_their_order_and_with_their_roots() {
    assert_eq!(faults_of(&[key_event(0), key_event(1), key_event(2)]), []);
    assert_eq!(faults_of(&[key_event(0), key_event(2)]), [Some(1)]);
    assert_eq!(faults_of(&[key_event(0), key_event(0)]), [Some(1)]);
    assert_eq!(faults_of(&[key_event(1)]), [Some(0)]);
    let malformed = plain(&entry(KEY_EVENT_KIND, Map::new()));
    assert_eq!(faults_of(&[key_event(0), malformed]), [Some(1)]);
}

#[test]
fn awareness_never_shrinks_or_changes_its_mind() {
    let grown = [aware(&[("bravo", 3, b"r3")]), aware(&[("bravo", 5, b"r5")])];
    let report = audit_with(&grown, &[], &[]);
    assert_eq!(places(&report), []);
    assert_eq!(report.citations["bravo"].len(), 2);
    let shrunk = [aware(&[("bravo", 5, b"r5")]), aware(&[("bravo", 3, b"r3")])];
    assert_eq!(faults_of(&shrunk), [Some(1)]);
    let changed = [aware(&[("bravo", 5, b"r5")]), aware(&[("bravo", 5, b"x")])];
    assert_eq!(faults_of(&changed), [Some(1)]);
    let ahead_of_itself = [aware(&[(ORIGIN, 1, b"r1")])];
    assert_eq!(faults_of(&ahead_of_itself), [Some(0)]);
}

#[test]
fn what_is_no_entry_is_a_fault_at_its_place() {
    let no_json = b"not an entry".to_vec();
    let twice = String::from_utf8(plain(&report())).expect("text");
    let twice = twice.replace("\"kind\":", "\"kind\":\"report\",\"kind\":");
    let entries = [plain(&report()), no_json, twice.into_bytes()];
    assert_eq!(faults_of(&entries), [Some(1), Some(2)]);
    let malformed_seal = plain(&entry(SEALED_KIND, Map::new()));
    assert_eq!(faults_of(&[malformed_seal]), [Some(0)]);
}

fn sealed() -> (SealedBody, Vec<u8>) {
    let context = SealContext {
        origin: ORIGIN.to_owned(),
        kind: "operation".to_owned(),
        agreement: "agreement-7".to_owned(),
    };
    let keys = [SealSecretKey::from_seed(SealSuite::X25519, &[9; 32])
        .public()
        .clone()];
    let (seal, blob) = seal(&[42; 32], &context, b"corridor 3", &keys).expect("seal");
    let body = SealedBody {
        kind: context.kind,
        agreement: context.agreement,
        seal,
        reveal_by_s: 1,
    };
    (body, blob)
}

fn reveal(payload: &[u8]) -> Vec<u8> {
    let reveal = Reveal {
        index: 0,
        seed: [42; 32],
        payload: payload.to_vec(),
    };
    plain(&entry(REVEAL_KIND, reveal.to_json()))
}

#[test]
fn a_reveal_of_another_payload_and_another_blob_are_faults_of_the_seal() {
    let (body, blob) = sealed();
    let sealed = plain(&entry(SEALED_KIND, body.to_json()));
    let hash = body.seal.blob;
    let judge = |payload: &[u8], blobs: &[(Hash, Vec<u8>)]| {
        audit_with(&[sealed.clone(), reveal(payload)], blobs, &[2])
    };
    let honest = judge(b"corridor 3", &[(hash, blob.clone())]);
    assert_eq!((places(&honest), honest.revealed), (Vec::new(), 1));
    assert_eq!((honest.blobs_absent, honest.revealed_in_part), (0, 1));
    let other = judge(b"corridor 4", &[(hash, blob.clone())]);
    assert_eq!((places(&other), other.revealed), (vec![Some(0)], 0));
    let swapped = judge(b"corridor 3", &[(hash, b"another blob".to_vec())]);
    assert_eq!(places(&swapped), [Some(0)]);
    assert_eq!(swapped.faults.list()[0].path, blob_path(&hash));
    // A blob may be withheld: the ledger holds without it.
    let withheld = judge(b"corridor 3", &[]);
    assert_eq!((places(&withheld), withheld.blobs_absent), (Vec::new(), 1));
    let nothing_to_reveal = [plain(&report()), reveal(b"corridor 3")];
    assert_eq!(faults_of(&nothing_to_reveal), [Some(1)]);
}
