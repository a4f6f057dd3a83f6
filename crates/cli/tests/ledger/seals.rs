//! Audits of seals, which other participants' ledgers help to judge.

use std::collections::BTreeMap;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::complaint::{
    COMPLAINT_KIND, Complaint, REVEAL_KIND, Reveal, SEALED_KIND, SealedBody,
};
use detente_ledger::entry::Entry;
use detente_ledger::hash::Hash;
use detente_ledger::keys::{KEY_EVENT_KIND, KeyEvent, Role, RootSigner, SignedKeyEvent};
use detente_ledger::log::{Log, SEGMENT_BYTES_MIN};
use detente_ledger::seal::{OpenError, Seal, SealContext, SealSecretKey, SealSuite, seal};
use detente_ledger::vkey::SignatureType;
use detente_stores::files::Files;
use serde_json::{Map, Value, json};

use super::{key, log_key, witness_key};
use crate::harness::Folder;

const PAYLOAD: &[u8] = b"two aircraft, corridor 3, from 04:00";
/// By then a complaint must be answered; the ledger is cosigned after it.
const REVEAL_BY_S: u64 = 1_473_600_000;

fn entry(kind: &str, author: &str, awareness: AwarenessKey, body: Map<String, Value>) -> Vec<u8> {
    let entry = Entry {
        kind: kind.to_owned(),
        author: author.to_owned(),
        written_at: "2016-09-12T16:00:00Z".to_owned(),
        salt: vec![7; 16],
        awareness,
        unit_key: None,
        body,
    };
    entry.to_bytes().unwrap()
}

fn bravo_seal() -> SealSecretKey {
    SealSecretKey::from_seed(SealSuite::X25519, &[12; 32])
}

fn write(folder: &Folder, name: &str, origin: &str, entries: &[Vec<u8>]) -> SignedCheckpoint {
    let signer = match origin {
        "alpha.example/ledger" => log_key(),
        _ => key(origin, SignatureType::Ed25519, 3),
    };
    let files = Files::open(&folder.path(name)).unwrap();
    let mut log = Log::create(files, signer, SEGMENT_BYTES_MIN).unwrap();
    log.confirm_unshared().unwrap();
    for entry in entries {
        log.stage(entry.clone()).unwrap();
    }
    log.commit().unwrap();
    let mut note = log.head().note().clone();
    note.cosign(&witness_key(), 1_473_696_000);
    let line = note.signatures().last().unwrap().to_line();
    log.attach(&line, &[witness_key().vkey().clone()]).unwrap();
    log.publish().unwrap();
    log.head().clone()
}

/// Bravo's ledger: its genesis with the seal key, and what it says of alpha.
fn write_bravo(folder: &Folder, more: &[Vec<u8>]) -> SignedCheckpoint {
    let root = RootSigner::from_seed(&[100; 32]).unwrap();
    let keys = Role::ALL.into_iter().zip(20..).map(|(role, seed)| {
        let name = format!("bravo.example/{}", role.name());
        (role, key(&name, role.signature_type(), seed).vkey().clone())
    });
    let event = KeyEvent {
        participant: "bravo.example".to_owned(),
        sequence: 0,
        root: root.public(),
        next: RootSigner::from_seed(&[101; 32]).unwrap().commitment(),
        keys: keys.collect::<BTreeMap<_, _>>(),
        seal: Some(bravo_seal().public().clone()),
        revoked: Vec::new(),
    };
    let body = SignedKeyEvent::sign(event, &[&root]).to_json();
    let genesis = entry(
        KEY_EVENT_KIND,
        "bravo.example",
        AwarenessKey::default(),
        body,
    );
    let entries = [&[genesis][..], more].concat();
    write(folder, "bravo", "bravo.example/ledger", &entries)
}

fn sealed(folder: &Folder, spoilt: bool) -> SealedBody {
    let context = SealContext {
        origin: "alpha.example/ledger".to_owned(),
        kind: "operation".to_owned(),
        agreement: "syria-2016".to_owned(),
    };
    let recipients = [bravo_seal().public().clone()];
    let (honest, mut blob) = seal(&[42; 32], &context, PAYLOAD, &recipients).unwrap();
    if spoilt {
        // The wrapped key, between the recipient's name and the body: bravo cannot open it.
        let id = recipients[0].id();
        let place = blob.windows(id.0.len()).position(|part| part == id.0);
        let byte = place.unwrap() + id.0.len() + 40;
        blob[byte] ^= 1;
    }
    let seal = Seal {
        blob: Hash::of(&blob),
        ..honest
    };
    std::fs::create_dir_all(folder.path("alpha/blob")).unwrap();
    let path = format!("alpha/blob/{}", seal.blob.to_hex());
    std::fs::write(folder.path(&path), blob).unwrap();
    SealedBody {
        kind: "operation".to_owned(),
        agreement: "syria-2016".to_owned(),
        seal,
        reveal_by_s: REVEAL_BY_S,
    }
}

fn write_alpha(folder: &Folder, spoilt: bool, revealed: bool, awareness: AwarenessKey) {
    let sealed = sealed(folder, spoilt);
    let mut entries = vec![entry(
        SEALED_KIND,
        "alpha.example",
        awareness,
        sealed.to_json(),
    )];
    if revealed {
        let reveal = Reveal {
            index: 0,
            seed: [42; 32],
            payload: PAYLOAD.to_vec(),
        };
        let body = reveal.to_json();
        entries.push(entry(
            REVEAL_KIND,
            "alpha.example",
            AwarenessKey::default(),
            body,
        ));
    }
    write(folder, "alpha", "alpha.example/ledger", &entries);
    let policy = format!(
        "log {}\nwitness bravo {}\nquorum bravo\n",
        log_key().vkey(),
        witness_key().vkey()
    );
    folder.write("policy", &policy);
}

fn audit(folder: &Folder, with: &[&str]) -> (i32, Value) {
    let arguments = ["ledger", "audit", "alpha", "--policy", "policy", "--json"];
    let run = folder.detente(&[&arguments, with].concat());
    (run.exit, run.json())
}

#[test]
fn a_reveal_is_judged_with_the_recipients_key_from_its_own_ledger() {
    let folder = Folder::new();
    write_bravo(&folder, &[]);
    write_alpha(&folder, false, true, AwarenessKey::default());
    let (exit, report) = audit(&folder, &[]);
    assert_eq!((exit, &report["revealed"]), (0, &json!(1)), "{report}");
    assert_eq!(
        report["revealed_in_part"],
        json!(1),
        "bravo's key is unknown"
    );
    let (exit, report) = audit(&folder, &["--with", "bravo"]);
    assert_eq!((exit, &report["revealed"]), (0, &json!(1)), "{report}");
    assert_eq!(report["revealed_in_part"], json!(0));
}

#[test]
fn what_was_wrapped_wrongly_for_a_recipient_shows_only_beside_its_ledger() {
    let folder = Folder::new();
    write_bravo(&folder, &[]);
    write_alpha(&folder, true, true, AwarenessKey::default());
    let (exit, report) = audit(&folder, &["--with", "bravo"]);
    assert_eq!((exit, &report["fault_count"]), (4, &json!(1)), "{report}");
    assert_eq!(report["faults"][0]["index"], json!(0));
}

#[test]
fn a_complaint_in_the_recipients_ledger_left_unanswered_is_a_fault() {
    let recipient = bravo_seal().public().id();
    let complaint = Complaint::new("alpha.example/ledger", 0, recipient, OpenError::Malformed);
    let body = complaint.unwrap().to_json();
    let told = entry(
        COMPLAINT_KIND,
        "bravo.example",
        AwarenessKey::default(),
        body,
    );
    for (revealed, expected) in [(false, 4), (true, 0)] {
        let folder = Folder::new();
        write_bravo(&folder, std::slice::from_ref(&told));
        write_alpha(&folder, false, revealed, AwarenessKey::default());
        assert_eq!(
            audit(&folder, &[]).0,
            0,
            "alpha's ledger alone does not tell"
        );
        let (exit, report) = audit(&folder, &["--with", "bravo"]);
        assert_eq!(exit, expected, "{report}");
    }
}

#[test]
fn what_a_ledger_says_it_knew_of_another_is_checked_against_that_other() {
    let folder = Folder::new();
    let head = write_bravo(&folder, &[]);
    let honest = AwarenessKey::of([head.checkpoint()]);
    write_alpha(&folder, false, true, honest);
    assert_eq!(audit(&folder, &["--with", "bravo"]).0, 0);

    let folder = Folder::new();
    write_bravo(&folder, &[]);
    let another = head.checkpoint().size();
    let origin = "bravo.example/ledger";
    let invented =
        detente_ledger::checkpoint::Checkpoint::new(origin, another, Hash::of(b"invented"));
    write_alpha(&folder, false, true, AwarenessKey::of([&invented.unwrap()]));
    assert_eq!(audit(&folder, &[]).0, 0);
    let (exit, report) = audit(&folder, &["--with", "bravo"]);
    assert_eq!(exit, 4, "{report}");

    // A ledger that does not hold is no witness, and says so with its own place.
    super::flip(&folder.path("bravo/tile/entries/000.p/1"), 9);
    let (exit, report) = audit(&folder, &["--with", "bravo"]);
    assert_eq!(exit, 4);
    assert_eq!(
        report["faults"][0]["path"],
        json!("bravo/tile/entries/000.p/1")
    );
}
