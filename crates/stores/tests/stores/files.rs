//! Real files keep what the in-memory disk promises.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use detente_ledger::log::{CommitError, Log, SEGMENT_BYTES_MIN};
use detente_ledger::reader::LogReader;
use detente_ledger::storage::Storage as _;
use detente_ledger::vkey::{KeyName, NoteSigner, SignatureType};
use detente_stores::committer::Committer;
use detente_stores::directory::Directory;
use detente_stores::files::{Files, FilesError};
use tempfile::TempDir;

fn signer() -> NoteSigner {
    let name = KeyName::parse("alpha.example").expect("name");
    NoteSigner::new(name, SignatureType::Ed25519, &[1; 32]).expect("key")
}

fn create(root: &Path) -> Log<Files> {
    let files = Files::open(root).expect("folder");
    let mut log = Log::create(files, signer(), SEGMENT_BYTES_MIN).expect("created");
    log.confirm_unshared().expect("new");
    log
}

fn entry(index: u64) -> Vec<u8> {
    format!("{{\"entry\":{index}}}").into_bytes()
}

#[test]
fn a_ledger_survives_reopening_and_is_read_by_anyone() {
    let folder = TempDir::new().expect("folder");
    let mut log = create(folder.path());
    for round in 0..40 {
        for index in 0..50 {
            log.stage(entry(round * 50 + index)).expect("staged");
        }
        log.commit().expect("committed");
    }
    drop(log);
    let files = Files::open(folder.path()).expect("unlocked again");
    let mut log = Log::open(files, signer(), &[]).expect("recovered");
    assert_eq!(log.size(), 2000);
    log.publish().expect("published");
    let head = log.head().checkpoint().clone();
    let mut reader = LogReader::open(Directory::new(folder.path()), head).expect("reader");
    for index in (0..2000).step_by(37) {
        assert_eq!(reader.entry(index), Ok(entry(index)));
    }
    let paths = Directory::new(folder.path()).paths().expect("paths");
    assert!(paths.contains(&"tile/0/006".to_owned()), "{paths:?}");
}

#[test]
fn one_process_writes_at_a_time() {
    let folder = TempDir::new().expect("folder");
    let log = create(folder.path());
    let second = Files::open(folder.path());
    assert!(matches!(second, Err(FilesError::Locked { .. })));
    // Another process is kept out as well: flock(1) uses the same kernel lock.
    let lock = folder.path().join("lock");
    let mut flock = Command::new("flock");
    let flock = flock
        .arg("--nonblock")
        .arg(&lock)
        .arg("true")
        .stderr(Stdio::null());
    if let Ok(status) = flock.status() {
        assert!(!status.success());
        drop(log);
        assert!(flock.status().expect("flock").success());
    }
}

#[test]
fn many_threads_share_commits_and_each_gets_its_own_index() {
    let folder = TempDir::new().expect("folder");
    let log = create(folder.path());
    let companion = log.storage().companion();
    let committer = Arc::new(Committer::start(log, companion).expect("thread"));
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let committer = Arc::clone(&committer);
            std::thread::spawn(move || {
                (0..200_u64)
                    .map(|number| {
                        let receipt = committer.append(entry(thread * 1000 + number));
                        let receipt = receipt.expect("durable");
                        assert!(receipt.checkpoint.checkpoint().size() > receipt.index);
                        (receipt.index, entry(thread * 1000 + number))
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut written: Vec<(u64, Vec<u8>)> = threads
        .into_iter()
        .flat_map(|thread| thread.join().expect("thread"))
        .collect();
    written.sort();
    assert_eq!(committer.head().checkpoint().size(), 1600);
    let too_long = committer.append(vec![0; 65_536]);
    assert!(matches!(too_long, Err(CommitError::Entry(_))));
    let log = Arc::into_inner(committer)
        .and_then(Committer::stop)
        .expect("log");
    let head = log.head().checkpoint().clone();
    let mut reader = LogReader::open(Directory::new(folder.path()), head).expect("published");
    for (place, (index, bytes)) in (0..).zip(written) {
        assert_eq!(place, index);
        assert_eq!(reader.entry(index), Ok(bytes));
    }
}

#[test]
fn what_a_node_keeps_is_for_its_own_account_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = TempDir::new().expect("folder");
    let root = folder.path().join("data");
    std::fs::create_dir(&root).expect("made before");
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&root, open).expect("open to all");
    let mut files = Files::open(&root).expect("opened");
    files.replace("drafts/r-1.json", b"{}").expect("one");
    let two: [(String, &[u8]); 1] = [("users/all.json".to_owned(), b"{}")];
    files.replace_all(&two).expect("several");
    let mode = |path: &str| {
        let metadata = std::fs::metadata(root.join(path)).expect("there");
        metadata.permissions().mode() & 0o777
    };
    for path in ["", "drafts", "users"] {
        assert_eq!(mode(path), 0o700, "{path}");
    }
    for path in ["lock", "drafts/r-1.json", "users/all.json"] {
        assert_eq!(mode(path), 0o600, "{path}");
    }
}
