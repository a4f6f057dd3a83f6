//! Files settled beside the commits: nothing waits for them, and nothing is lost by it.

use std::cell::RefCell;
use std::rc::Rc;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::log::{CommitError, Log, SEGMENT_BYTES_MIN, Settling, StorageSource};
use detente_ledger::reader::LogReader;
use detente_ledger::storage::memory::{Fault, MemoryDisk};
use detente_ledger::storage::{Storage, StorageError};

use crate::sample::{entry, log_key};

/// One disk with two handles, as two threads of a process have it.
#[derive(Clone, Debug)]
struct Shared(Rc<RefCell<MemoryDisk>>);

impl Shared {
    fn new(disk: MemoryDisk) -> Self {
        Self(Rc::new(RefCell::new(disk)))
    }

    fn copy(&self) -> MemoryDisk {
        self.0.borrow().clone()
    }
}

impl Storage for Shared {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StorageError> {
        self.0.borrow().read(path)
    }
    fn list(&self, directory: &str) -> Result<Vec<String>, StorageError> {
        self.0.borrow().list(directory)
    }
    fn allocate(&mut self, path: &str, bytes: u64) -> Result<(), StorageError> {
        self.0.borrow_mut().allocate(path, bytes)
    }
    fn write_at(&mut self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StorageError> {
        self.0.borrow_mut().write_at(path, offset, bytes)
    }
    fn sync(&mut self, path: &str) -> Result<(), StorageError> {
        self.0.borrow_mut().sync(path)
    }
    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.0.borrow_mut().write(path, bytes)
    }
    fn settle(&mut self, paths: &[String]) -> Result<(), StorageError> {
        self.0.borrow_mut().settle(paths)
    }
    fn remove(&mut self, path: &str) -> Result<(), StorageError> {
        self.0.borrow_mut().remove(path)
    }
    fn replace(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.0.borrow_mut().replace(path, bytes)
    }
}

fn create() -> Log<Shared> {
    let disk = Shared::new(MemoryDisk::new());
    let mut log = Log::create(disk, log_key(), SEGMENT_BYTES_MIN).expect("created");
    log.confirm_unshared().expect("new");
    log
}

fn open(disk: MemoryDisk) -> Log<Shared> {
    let mut log = Log::open(Shared::new(disk), log_key(), &[]).expect("recovered");
    log.confirm_unshared().expect("recovered");
    log
}

fn padded_entry(index: u64) -> Vec<u8> {
    let mut bytes = entry(index);
    bytes.resize(300, b' ');
    bytes
}

fn stage(log: &mut Log<Shared>, count: u64) -> Result<(), CommitError> {
    for _ in 0..count {
        log.stage(padded_entry(log.next_index()))?;
    }
    Ok(())
}

/// Commits batches while the work on files handed out lies for two commits before it is done;
/// returns the acknowledged heads. Stops when the log does.
fn work(log: &mut Log<Shared>, batches: u64) -> Vec<SignedCheckpoint> {
    let mut companion = log.storage().clone();
    let mut heads = Vec::new();
    let mut handed_out: Option<Settling> = None;
    for batch in 0..batches {
        if stage(log, batch * 7 % 40 + 1).is_err() {
            return heads;
        }
        let mut committed = log.commit().cloned();
        if batch % 3 == 2 || committed == Err(CommitError::Settling) {
            // A full disk is tried again, a failed sync shows at the next commit.
            let settled = handed_out.take().map(|work| work.run(&mut companion));
            let _ = settled.map(|settled| log.settled(settled));
            handed_out = log.settling();
        }
        if committed == Err(CommitError::Settling) {
            committed = log.commit().cloned();
        }
        if committed == Err(CommitError::Settling) {
            let settled = handed_out.take().map(|work| work.run(&mut companion));
            let _ = settled.map(|settled| log.settled(settled));
            committed = log.commit().cloned();
        }
        match committed {
            Ok(head) => heads.push(head),
            Err(_) => return heads,
        }
    }
    heads
}

fn check(log: &mut Log<Shared>, acknowledged: &[SignedCheckpoint], what: &str) {
    if !acknowledged.is_empty() {
        log.confirm(acknowledged)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    log.publish().expect("published");
    let head = log.head().checkpoint().clone();
    let source = StorageSource(log.storage());
    let mut reader = LogReader::open(source, head.clone()).expect("right edge");
    for bundle in 0..head.size().div_ceil(256) {
        let entries = reader.bundle(bundle).expect("bundle");
        for (index, bytes) in (bundle * 256..).zip(entries) {
            assert_eq!(bytes, padded_entry(index), "{what}");
        }
    }
}

#[test]
fn whatever_step_fails_while_files_lag_nothing_acknowledged_is_lost() {
    const BATCHES: u64 = 16;
    let mut prepared = create();
    let before = work(&mut prepared, 24);
    assert_eq!(before.len(), 24);
    let prepared = prepared.storage().copy();
    let steps = {
        let mut disk = prepared.clone();
        disk.fail_at(u64::MAX, Fault::Crash);
        let mut log = open(disk);
        assert_eq!(work(&mut log, BATCHES).len(), 16);
        log.storage().copy().steps()
    };
    for step in 0..steps {
        for fault in [
            Fault::Fails,
            Fault::FailsButPersisted,
            Fault::Crash,
            Fault::CrashAfter,
        ] {
            let mut disk = prepared.clone();
            disk.fail_at(step, fault);
            let shared = Shared::new(disk);
            let mut acknowledged = before.clone();
            if let Ok(mut log) = Log::open(shared.clone(), log_key(), &[]) {
                log.confirm_unshared().expect("recovered");
                acknowledged.extend(work(&mut log, BATCHES));
            }
            let what = format!("step {step} {fault:?}");
            let disk = shared.copy();
            check(&mut open(disk.after_process_crash()), &acknowledged, &what);
            let lost = disk.after_power_loss(step);
            check(&mut open(lost), &acknowledged, &what);
        }
    }
}

#[test]
fn a_full_segment_waits_for_the_files_and_keeps_what_is_staged() {
    let mut log = create();
    stage(&mut log, 20).expect("staged");
    log.commit().expect("committed");
    let handed_out = log.settling().expect("nothing is under way");
    assert!(log.settling().is_none(), "one at a time");
    assert_eq!(log.publish(), Err(CommitError::Settling));
    let waiting = loop {
        stage(&mut log, 20).expect("staged");
        match log.commit() {
            Ok(_) => assert!(log.size() < 1000, "the segment is full at some point"),
            Err(error) => break error,
        }
    };
    assert_eq!(waiting, CommitError::Settling);
    let size = log.size();
    let settled = handed_out.run(&mut log.storage().clone());
    log.settled(settled).expect("written");
    log.commit().expect("committed");
    assert_eq!(log.size(), size + 20);
    check(&mut log, &[], "after waiting");
}

#[test]
fn a_checkpoint_is_published_only_with_its_files() {
    let mut log = create();
    stage(&mut log, 60).expect("staged");
    log.commit().expect("committed");
    let published = log.storage().read("checkpoint").expect("read");
    let handed_out = log.settling().expect("nothing is under way");
    let mut full = log.storage().copy();
    full.limit(2 * 64 * 1024);
    let settled = handed_out.run(&mut full);
    assert!(matches!(log.settled(settled), Err(CommitError::Storage(_))));
    assert_eq!(full.read("checkpoint"), Ok(published), "still the old one");
    // A full disk does not stop the log, and the files are not forgotten.
    let retried = log.settling().expect("nothing is under way");
    let settled = retried.run(&mut log.storage().clone());
    log.settled(settled).expect("written");
    check(&mut log, &[], "after the full disk");
}

#[test]
fn a_sync_that_fails_beside_the_log_stops_it() {
    let mut log = create();
    stage(&mut log, 150).expect("staged");
    log.commit().expect("committed");
    stage(&mut log, 150).expect("staged");
    log.commit().expect("committed");
    assert_eq!(log.files_waiting(), 2, "a tile and a bundle");
    let handed_out = log.settling().expect("nothing is under way");
    let mut failing = log.storage().copy();
    // Two finished files and three of the right edge are written before the first sync.
    failing.fail_at(5, Fault::FailsButPersisted);
    let settled = handed_out.run(&mut failing);
    let error = log.settled(settled).expect_err("a failed sync");
    assert!(matches!(&error, CommitError::Storage(fault) if fault.operation == "sync"));
    assert_eq!(log.stage(entry(9)), Err(CommitError::Stopped));
    assert_eq!(log.commit().err(), Some(CommitError::Stopped));
    assert!(log.settling().is_none());
}
