//! A log goes on under another key from the checkpoint on that first covers the event which says so,
//! whatever fails on the way.

use std::collections::BTreeMap;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::entry::Entry;
use detente_ledger::keys::{KEY_EVENT_KIND, KeyEvent, Role, RootSigner, SignedKeyEvent};
use detente_ledger::log::{CommitError, ConfirmError, Log, OpenError, SEGMENT_BYTES_MIN};
use detente_ledger::storage::memory::{Fault, MemoryDisk};
use detente_ledger::vkey::{NoteSigner, SignatureType, Vkey};

use crate::sample::{ORIGIN, entry, key, log_key};

fn next_key() -> NoteSigner {
    key(ORIGIN, SignatureType::Ed25519, 9)
}

fn both() -> [Vkey; 2] {
    [log_key().vkey().clone(), next_key().vkey().clone()]
}

/// The event that names a log key; who may announce it is not the log's business.
fn event(log: &NoteSigner) -> Vec<u8> {
    let root = RootSigner::from_seed(&[4; 32]).expect("root");
    let event = KeyEvent {
        participant: ORIGIN.to_owned(),
        sequence: 1,
        root: root.public(),
        next: root.commitment(),
        keys: BTreeMap::from([(Role::Log, log.vkey().clone())]),
        seal: None,
        revoked: Vec::new(),
    };
    let entry = Entry {
        kind: KEY_EVENT_KIND.to_owned(),
        author: ORIGIN.to_owned(),
        written_at: "2016-09-12T00:00:00Z".to_owned(),
        salt: vec![7; 16],
        awareness: AwarenessKey::default(),
        unit_key: None,
        body: SignedKeyEvent::sign(event, &[&root]).to_json(),
    };
    entry.to_bytes().expect("entry")
}

fn begun() -> Log<MemoryDisk> {
    let mut log = Log::create(MemoryDisk::new(), log_key(), SEGMENT_BYTES_MIN).expect("created");
    log.confirm_unshared().expect("new");
    commit(&mut log, 3);
    log
}

fn commit(log: &mut Log<MemoryDisk>, count: u64) {
    for _ in 0..count {
        log.stage(entry(log.next_index())).expect("room");
    }
    log.commit().expect("committed");
}

/// Opens a log as a node does: it knows its keys, and the head says which of them is in use.
fn reopened(disk: MemoryDisk) -> Log<MemoryDisk> {
    let mut log = Log::open(disk, log_key(), &both()).expect("recovered");
    if log.is_head_by(next_key().vkey()) {
        log.sign_with(next_key());
    }
    log.confirm_unshared().expect("recovered");
    log
}

#[test]
fn the_checkpoint_that_covers_the_event_is_signed_by_the_key_it_names() {
    let mut log = begun();
    let before = log.head().clone();
    assert!(log.is_head_by(log_key().vkey()));
    log.rotate(event(&next_key()), next_key()).expect("rotated");
    assert_eq!(log.size(), 4);
    assert!(log.is_head_by(next_key().vkey()) && !log.is_head_by(log_key().vkey()));
    commit(&mut log, 2);
    assert!(log.is_head_by(next_key().vkey()));
    // What peers hold from before is still this log's.
    assert_eq!(log.confirm(&[before]), Ok(()));
    log.publish().expect("published");

    let disk = log.into_storage();
    let mut log = reopened(disk.clone());
    commit(&mut log, 1);
    assert!(log.is_head_by(next_key().vkey()));
    // Whoever does not know the key opens nothing.
    let stranger = Log::open(disk, log_key(), &[]);
    assert!(matches!(stranger, Err(OpenError::Signature(_))));
}

#[test]
fn a_log_turns_to_no_key_but_the_one_its_event_names() {
    let mut log = begun();
    let elsewhere = key("bravo.example/other", SignatureType::Ed25519, 9);
    for (entry, signer) in [
        (entry(3), next_key()),
        (event(&log_key()), next_key()),
        (event(&elsewhere), elsewhere.clone()),
    ] {
        assert_eq!(
            log.rotate(entry, signer).err(),
            Some(CommitError::NotItsKey)
        );
    }
    log.stage(entry(3)).expect("room");
    let waiting = log.rotate(event(&next_key()), next_key()).err();
    assert_eq!(waiting, Some(CommitError::Staged));
    log.commit().expect("committed");
    assert_eq!(log.size(), 4);
    assert!(log.is_head_by(log_key().vkey()));
    let mut unconfirmed = Log::open(log.into_storage(), log_key(), &[]).expect("opens");
    let early = unconfirmed.rotate(event(&next_key()), next_key()).err();
    assert_eq!(early, Some(CommitError::Unconfirmed));
    assert_eq!(unconfirmed.confirm(&[]), Err(ConfirmError::Nothing));
}

/// At whichever step the disk fails or the process dies: afterwards the event is there and the head
/// by its key, or neither, and the log goes on.
#[test]
fn no_crash_comes_between_the_event_and_its_key() {
    let disk = begun().into_storage();
    let steps = {
        let mut disk = disk.clone();
        disk.fail_at(u64::MAX, Fault::Crash);
        let mut log = reopened(disk);
        let opened = log.storage().steps();
        log.rotate(event(&next_key()), next_key()).expect("rotated");
        log.publish().expect("published");
        opened..log.storage().steps()
    };
    let (mut with, mut without) = (0, 0);
    for step in steps {
        for fault in [
            Fault::Fails,
            Fault::FailsButPersisted,
            Fault::Crash,
            Fault::CrashAfter,
        ] {
            let mut disk = disk.clone();
            disk.fail_at(step, fault);
            let mut log = reopened(disk);
            let promised = log.rotate(event(&next_key()), next_key()).is_ok();
            // A publication that fails is made up for when the log is opened again.
            let _ = log.publish();
            let disk = log.into_storage();
            let crashed = [disk.after_process_crash()];
            let lost = (0..3).map(|seed| disk.after_power_loss(seed * 7919 + step));
            for disk in crashed.into_iter().chain(lost) {
                let what = format!("step {step} {fault:?}");
                let mut log = reopened(disk);
                let is_there = log.size() == 4;
                assert_eq!(is_there, log.is_head_by(next_key().vkey()), "{what}");
                assert!(is_there || !promised, "{what}: promised and lost");
                if !is_there {
                    assert_eq!(log.size(), 3, "{what}");
                    log.rotate(event(&next_key()), next_key()).expect("again");
                }
                commit(&mut log, 1);
                log.publish().expect("published");
                assert!(log.is_head_by(next_key().vkey()), "{what}");
                *(if is_there { &mut with } else { &mut without }) += 1;
            }
        }
    }
    assert!(with > 0 && without > 0, "{with} with, {without} without");
}
