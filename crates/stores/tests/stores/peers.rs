//! A ledger of a million entries, verified by two implementations that are not ours.
//!
//! Go's `golang.org/x/mod` reads every entry; the Python `aics-tlog` checks the cosigned checkpoint
//! and single entries. Both must accept what we wrote, and find a tampered file where we find it.
//! `crates/ledger/tests/peers/install.sh` installs them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use detente_ledger::audit::structure::check;
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::log::Log;
use detente_ledger::policy::Policy;
use detente_ledger::reader::TileSource as _;
use detente_ledger::vkey::{KeyName, NoteSigner, SignatureType};
use detente_stores::directory::Directory;
use detente_stores::files::Files;

const ENTRIES: u64 = 1_000_000;
/// Entries of one commit.
const BATCH: u64 = 20_000;
const ORIGIN: &str = "alpha.example/agreement-7";

fn key(name: &str, kind: SignatureType, seed: u8) -> NoteSigner {
    NoteSigner::new(KeyName::parse(name).expect("name"), kind, &[seed; 32]).expect("key")
}

fn log_key() -> NoteSigner {
    key(ORIGIN, SignatureType::Ed25519, 1)
}

fn witness_key() -> NoteSigner {
    key("bravo.example/witness", SignatureType::CosignatureV1, 2)
}

fn entry(index: u64) -> Vec<u8> {
    format!("{{\"entry\":{index}}}").into_bytes()
}

/// Writes the ledger through the write-ahead log, as a node would, and has it cosigned.
fn write_ledger(root: &Path) {
    let files = Files::open(root).expect("folder");
    let mut log = Log::create(files, log_key(), 64 << 20).expect("created");
    log.confirm_unshared().expect("new");
    for index in 0..ENTRIES {
        log.stage(entry(index)).expect("staged");
        if (index + 1).is_multiple_of(BATCH) {
            log.commit().expect("committed");
        }
    }
    log.commit().expect("committed");
    let mut note = log.head().note().clone();
    note.cosign(&witness_key(), 1_473_696_000);
    let line = note.signatures().last().expect("cosignature").to_line();
    log.attach(&line, &[witness_key().vkey().clone()])
        .expect("attached");
    log.publish().expect("published");
}

/// The first fault we find, by file.
fn our_verdict(root: &Path) -> Option<String> {
    let source = Directory::new(root);
    let bytes = source
        .fetch("checkpoint")
        .expect("read")
        .expect("published");
    let signed = SignedCheckpoint::parse(&bytes).expect("checkpoint");
    let policy = format!(
        "log {}\nwitness bravo {}\nquorum bravo\n",
        log_key().vkey(),
        witness_key().vkey()
    );
    let policy = Policy::parse(policy.as_bytes()).expect("policy");
    if let Err(error) = policy.check(&signed) {
        return Some(format!("checkpoint: {error}"));
    }
    let faults = check(&source, signed.checkpoint(), &mut ()).expect("read");
    faults.list().first().map(|fault| fault.path.clone())
}

/// A peer's program, or `None` with a printed reason; where peers are required it must be there.
fn peer(path: &str) -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/peers/ledger")
        .join(path);
    if program.exists() {
        return Some(program);
    }
    let reason = format!("{path} is not installed; run crates/ledger/tests/peers/install.sh");
    let required = std::env::var_os("DETENTE_PEERS").is_some_and(|value| value == "required");
    assert!(!required, "{reason}");
    eprintln!("skipped: {reason}");
    None
}

/// What a peer said, and whether it accepted.
fn ask(program: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .expect("the peer starts");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

fn ask_go(program: &Path, root: &Path) -> (bool, String) {
    let root = root.to_str().expect("path");
    ask(program, &["all", root, &log_key().vkey().to_string()])
}

fn ask_python(program: &Path, root: &Path, index: &str) -> (bool, String) {
    let (log, witness) = (
        log_key().vkey().to_string(),
        witness_key().vkey().to_string(),
    );
    let tiles = root.to_str().expect("path");
    let arguments = [
        "-m",
        "aics_tlog",
        "verify-inclusion",
        "--tiles",
        tiles,
        "--log-key",
        &log,
        "--witness-key",
        &witness,
        "--quorum",
        "1",
        "--index",
        index,
    ];
    ask(program, &arguments)
}

#[test]
fn strangers_verify_a_million_entries_and_find_tampering_where_we_do() {
    let folder = tempfile::Builder::new()
        .prefix("million")
        .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .expect("folder");
    let root = folder.path();
    write_ledger(root);
    assert_eq!(our_verdict(root), None);
    let (go, python) = (peer("goverify"), peer("venv/bin/python"));
    if let Some(go) = &go {
        let (accepted, said) = ask_go(go, root);
        assert!(accepted, "{said}");
        assert_eq!(said.trim(), format!("ok {ORIGIN} {ENTRIES}"));
    }
    if let Some(python) = &python {
        for index in ["0", "765432", "999999"] {
            let (accepted, said) = ask_python(python, root, index);
            assert!(accepted, "entry {index}: {said}");
        }
    }
    // Entry 765,432 lies in bundle and leaf tile 2,989.
    for (path, place) in [
        ("tile/entries/x002/989", 2000),
        ("tile/0/x002/989", 32 * 250),
    ] {
        let full = root.join(path);
        let sound = fs::read(&full).expect("file");
        let mut bent = sound.clone();
        let place = match path.contains("entries") {
            true => find(&sound, b"765432").expect("the entry"),
            false => place,
        };
        bent[place] ^= 1;
        fs::write(&full, &bent).expect("tampered");
        assert_eq!(our_verdict(root).as_deref(), Some(path));
        if let Some(go) = &go {
            let (accepted, said) = ask_go(go, root);
            assert!(!accepted && said.contains("fault"), "{said}");
            // Go names the bundle; of a tile it says only that the tiles are inconsistent.
            assert!(!path.contains("entries") || said.contains(path), "{said}");
        }
        if let Some(python) = &python {
            let (accepted, said) = ask_python(python, root, "765432");
            assert!(!accepted, "{said}");
            assert!(
                said.contains("x002/989") || said.contains("765432"),
                "{said}"
            );
            // It reads only the bundle it is asked for, but the tiles of the whole path.
            let (accepted, said) = ask_python(python, root, "5");
            assert_eq!(accepted, path.contains("entries"), "{said}");
        }
        fs::write(&full, &sound).expect("restored");
    }
    assert_eq!(our_verdict(root), None);
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}
