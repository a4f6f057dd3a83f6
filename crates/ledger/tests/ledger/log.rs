//! Whatever fails, an acknowledged or signed size never shrinks, and no log forks itself.

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::hash::Hash;
use detente_ledger::log::{
    CommitError, ConfirmError, Log, OpenError, SEGMENT_BYTES_MIN, StorageSource,
};
use detente_ledger::reader::LogReader;
use detente_ledger::storage::Storage;
use detente_ledger::storage::memory::{Fault, MemoryDisk, Omissions};

use crate::sample::{entry, log_key, sample_log};

fn create(disk: MemoryDisk) -> Log<MemoryDisk> {
    let mut log = Log::create(disk, log_key(), SEGMENT_BYTES_MIN).expect("created");
    log.confirm_unshared().expect("new");
    log
}

fn reopen(disk: MemoryDisk) -> Log<MemoryDisk> {
    let mut log = Log::open(disk, log_key(), &[]).expect("recovered");
    log.confirm_unshared().expect("recovered");
    log
}

/// Commits `batches` batches of growing size, publishing every third; returns the acknowledged
/// heads. Stops at the first error.
fn work(log: &mut Log<MemoryDisk>, batches: u64) -> Vec<SignedCheckpoint> {
    let mut heads = Vec::new();
    for batch in 0..batches {
        for _ in 0..=batch * 7 % 40 {
            if log.stage(padded_entry(log.next_index())).is_err() {
                return heads;
            }
        }
        match log.commit() {
            Ok(head) => heads.push(head.clone()),
            Err(_) => return heads,
        }
        if batch % 3 == 2 && log.publish().is_err() {
            return heads;
        }
    }
    heads
}

/// Entries of about 300 bytes, so that a small segment is recycled several times.
fn padded_entry(index: u64) -> Vec<u8> {
    let mut bytes = entry(index);
    bytes.resize(300, b' ');
    bytes
}

/// Checks that the log holds exactly the entries it should, by its own published files.
fn check_whole(log: &mut Log<MemoryDisk>) {
    log.publish().expect("publish");
    let head = log.head().checkpoint().clone();
    let mut reader =
        LogReader::open(StorageSource(log.storage()), head.clone()).expect("right edge");
    for bundle in 0..head.size().div_ceil(256) {
        let entries = reader.bundle(bundle).expect("bundle");
        for (index, bytes) in (bundle * 256..).zip(entries) {
            assert_eq!(bytes, padded_entry(index));
        }
    }
}

fn check_contains(log: &mut Log<MemoryDisk>, acknowledged: &[SignedCheckpoint], what: &str) {
    let Some(last) = acknowledged.last() else {
        return;
    };
    let held = last.checkpoint();
    assert!(
        log.size() >= held.size(),
        "{what}: {} of {}",
        log.size(),
        held.size()
    );
    log.confirm(acknowledged)
        .unwrap_or_else(|error| panic!("{what}: {error}"));
}

#[test]
fn entries_survive_reopening_across_many_segments() {
    let mut log = create(MemoryDisk::new());
    let heads = work(&mut log, 120);
    assert_eq!(heads.len(), 120);
    let size = log.size();
    check_whole(&mut log);
    let mut log = reopen(log.into_storage().after_power_loss(1));
    assert_eq!(log.size(), size);
    check_contains(&mut log, &heads, "reopened");
    check_whole(&mut log);
    let more = work(&mut log, 10);
    assert_eq!(more.len(), 10);
    check_whole(&mut log);
}

#[test]
fn the_published_files_are_those_of_any_tile_log() {
    let mut log = Log::create(MemoryDisk::new(), log_key(), 1 << 20).expect("created");
    log.confirm_unshared().expect("new");
    for index in 0..600 {
        log.stage(entry(index)).expect("staged");
    }
    log.commit().expect("committed");
    log.publish().expect("published");
    let (files, _) = sample_log(600);
    for (path, bytes) in files {
        assert_eq!(log.storage().read(&path), Ok(Some(bytes)), "{path}");
    }
}

/// The matrix: every step of the disk, failing in every way, then restarting both as a process and
/// after power loss with several seeds.
#[test]
fn no_acknowledged_entry_is_lost_whatever_step_fails() {
    const BATCHES: u64 = 14;
    let steps = {
        let mut log = create(MemoryDisk::new());
        let mut disk = log.storage().clone();
        work(&mut log, 24);
        disk.fail_at(u64::MAX, Fault::Crash);
        let mut log = reopen(disk);
        work(&mut log, BATCHES);
        log.storage().steps()
    };
    let faults = [
        Fault::Fails,
        Fault::FailsButPersisted,
        Fault::Crash,
        Fault::CrashAfter,
    ];
    let mut prepared = create(MemoryDisk::new());
    let before = work(&mut prepared, 24);
    let prepared = prepared.into_storage();
    for step in 0..steps {
        for fault in faults {
            let mut disk = prepared.clone();
            disk.fail_at(step, fault);
            let mut acknowledged = before.clone();
            let disk = match Log::open(disk.clone(), log_key(), &[]) {
                Err(_) => disk,
                Ok(mut log) => {
                    log.confirm_unshared().expect("recovered");
                    acknowledged.extend(work(&mut log, BATCHES));
                    log.into_storage()
                }
            };
            let what = format!("step {step} {fault:?}");
            let restarted = disk.after_process_crash();
            let mut log = reopen(restarted);
            check_contains(&mut log, &acknowledged, &what);
            // What the restarted process relies on must now be durable, too.
            let size = log.size();
            let log = reopen(log.into_storage().after_power_loss(step));
            assert!(log.size() >= size, "{what}: shrank after the restart");
            for seed in 0..3 {
                let what = format!("{what} seed {seed}");
                let mut log = reopen(disk.after_power_loss(seed * 7919 + step));
                check_contains(&mut log, &acknowledged, &what);
                work(&mut log, 2);
                check_whole(&mut log);
            }
        }
    }
}

/// The same checks notice a store that leaves out a sync: they are able to fail.
#[test]
fn a_store_that_forgets_to_sync_is_caught() {
    for omissions in [
        Omissions {
            data_sync: true,
            directory_sync: false,
        },
        Omissions {
            data_sync: false,
            directory_sync: true,
        },
    ] {
        let mut caught = 0;
        for seed in 0..40 {
            let mut disk = MemoryDisk::new();
            disk.omit(omissions);
            let mut log = create(disk);
            let heads = work(&mut log, 12);
            let disk = log.into_storage().after_power_loss(seed);
            let kept = Log::open(disk, log_key(), &[]).map(|log| log.size());
            let promised = heads.last().map_or(0, |head| head.checkpoint().size());
            caught += u32::from(kept.unwrap_or(0) < promised);
        }
        assert!(
            caught >= 30,
            "{omissions:?}: noticed in {caught} of 40 seeds"
        );
    }
}

#[test]
fn a_full_disk_stops_writing_and_loses_nothing() {
    let mut log = create(MemoryDisk::new());
    let before = work(&mut log, 5);
    let mut disk = log.into_storage();
    disk.limit(4 * 64 * 1024);
    let mut log = reopen(disk);
    let mut acknowledged = before;
    acknowledged.extend(work(&mut log, 400));
    assert!(acknowledged.len() < 405, "the disk is full at some point");
    let mut disk = log.into_storage();
    disk.limit(usize::MAX);
    let mut log = reopen(disk);
    check_contains(&mut log, &acknowledged, "full disk");
    check_whole(&mut log);
}

#[test]
fn after_a_failed_sync_nothing_is_signed_any_more() {
    let mut log = create(MemoryDisk::new());
    work(&mut log, 3);
    let mut disk = log.into_storage();
    disk.fail_at(3, Fault::FailsButPersisted);
    let mut log = reopen(disk);
    let mut stopped = None;
    for index in 0..5 {
        log.stage(entry(index))
            .and_then(|_| log.commit().map(|_| ()))
            .unwrap_or_else(|error| {
                stopped.get_or_insert(error);
            });
    }
    assert!(matches!(stopped, Some(CommitError::Storage(_))));
    assert_eq!(log.stage(entry(9)), Err(CommitError::Stopped));
    assert_eq!(log.commit().err(), Some(CommitError::Stopped));
    assert_eq!(log.publish(), Err(CommitError::Stopped));
    assert_eq!(log.confirm_unshared(), Err(ConfirmError::Stopped));
}

#[test]
fn a_restored_backup_does_not_fork_itself() {
    let mut log = create(MemoryDisk::new());
    work(&mut log, 6);
    let backup = log.storage().clone();
    let kept = log.size();
    work(&mut log, 6);
    let held = log.head().clone();
    log.publish().expect("publish");
    let mirror = log.storage().clone();

    let mut restored = Log::open(backup, log_key(), &[]).expect("a backup opens");
    let refused = restored.stage(b"another history".to_vec());
    assert_eq!(refused, Err(CommitError::Unconfirmed));
    assert_eq!(restored.commit().err(), Some(CommitError::Unconfirmed));
    let behind = ConfirmError::Behind {
        held: held.checkpoint().size(),
        own: kept,
    };
    assert_eq!(restored.confirm(std::slice::from_ref(&held)), Err(behind));
    assert_eq!(restored.commit().err(), Some(CommitError::Unconfirmed));

    let mut reader = LogReader::open(mirror, held.checkpoint().clone()).expect("mirror");
    let missing: Vec<Vec<u8>> = (kept..held.checkpoint().size())
        .map(|index| reader.entry(index).expect("mirrored"))
        .collect();
    assert_eq!(
        restored.catch_up(&missing[1..], &held),
        Err(CommitError::OtherHistory)
    );
    restored.catch_up(&missing, &held).expect("caught up");
    restored
        .confirm(std::slice::from_ref(&held))
        .expect("level with the peer");
    restored.stage(b"more".to_vec()).expect("staged");
    restored.commit().expect("signs again");
    assert_eq!(restored.size(), held.checkpoint().size() + 1);
}

#[test]
fn two_copies_of_one_key_cannot_both_go_on() {
    let mut first = create(MemoryDisk::new());
    work(&mut first, 3);
    let mut second = reopen(first.storage().clone());
    first.stage(b"one".to_vec()).expect("staged");
    let held = first.commit().expect("the first one signs").clone();
    second.stage(b"other".to_vec()).expect("staged");
    second.commit().expect("the copy does not know yet");
    // The counterparty holds what the first one published; the copy is convicted on contact.
    let size = held.checkpoint().size();
    let mut copy = Log::open(second.into_storage(), log_key(), &[]).expect("opens");
    assert_eq!(copy.confirm(&[held]), Err(ConfirmError::Forked { size }));
    assert_eq!(copy.commit().err(), Some(CommitError::Unconfirmed));
}

#[test]
fn the_four_ways_published_and_logged_heads_relate() {
    let mut log = create(MemoryDisk::new());
    work(&mut log, 3);
    log.publish().expect("publish");
    let level = log.storage().clone();
    log.stage(entry(0)).expect("staged");
    log.commit().expect("committed");
    let older = log.storage().clone();
    log.publish().expect("publish");
    let newest = log
        .storage()
        .read("checkpoint")
        .expect("read")
        .expect("published");

    assert!(Log::open(level.clone(), log_key(), &[]).is_ok());
    assert!(Log::open(older, log_key(), &[]).is_ok());
    let mut ahead = level.clone();
    ahead.tamper("checkpoint", |bytes| *bytes = newest);
    let (published, logged) = (log.size(), log.size() - 1);
    let error = OpenError::PublishedAhead { published, logged };
    assert_eq!(Log::open(ahead, log_key(), &[]).err(), Some(error));
    let mut forked = level.clone();
    let other = crate::sample::signed(logged, Hash::of(b"other"))
        .note()
        .to_bytes();
    forked.tamper("checkpoint", |bytes| *bytes = other);
    let error = OpenError::PublishedFork { size: logged };
    assert_eq!(Log::open(forked, log_key(), &[]).err(), Some(error));
    let mut lost = level.clone();
    lost.lose("wal/0");
    lost.lose("wal/1");
    assert_eq!(
        Log::open(lost, log_key(), &[]).err(),
        Some(OpenError::LogLost)
    );
    assert_eq!(
        Log::open(MemoryDisk::new(), log_key(), &[]).err(),
        Some(OpenError::NotFound)
    );
    assert_eq!(
        Log::create(level, log_key(), 0).err(),
        Some(OpenError::Exists)
    );
}

#[test]
fn decay_in_the_middle_of_the_write_ahead_log_is_not_taken_for_its_end() {
    let mut log = create(MemoryDisk::new());
    work(&mut log, 4);
    let mut disk = log.into_storage();
    disk.tamper("wal/0", |bytes| bytes[4096 + 100] ^= 1);
    let error = OpenError::Decayed {
        path: "wal/0",
        offset: 4096,
    };
    assert_eq!(Log::open(disk, log_key(), &[]).err(), Some(error));
}

#[test]
fn an_entry_of_65536_bytes_and_an_endless_batch_are_refused() {
    let mut log = create(MemoryDisk::new());
    assert!(matches!(
        log.stage(vec![0; 65_536]),
        Err(CommitError::Entry(_))
    ));
    let mut staged = 0;
    while log.stage(vec![0; 20_000]).is_ok() {
        staged += 1;
        assert!(staged < 100);
    }
    assert_eq!(log.stage(vec![0; 20_000]), Err(CommitError::BatchFull));
    assert_eq!(
        log.commit().expect("the rest commits").checkpoint().size(),
        staged
    );
}
