//! One suite for every store: what the ledger's storage port promises.

use detente_ledger::log::{Log, SEGMENT_BYTES_MIN};
use detente_ledger::reader::{LogReader, TileSource};
use detente_ledger::storage::Storage;
use detente_ledger::vkey::{KeyName, NoteSigner, SignatureType};
use detente_stores::directory::Directory;
use detente_stores::files::Files;
use detente_stores::postgres::{Database, Postgres, PostgresReader};
use tempfile::TempDir;

use crate::server::Server;

/// Bytes of the allocated file; not a whole number of pages.
const SIZE: u64 = 10_000;

fn signer() -> NoteSigner {
    let name = KeyName::parse("alpha.example").expect("name");
    NoteSigner::new(name, SignatureType::Ed25519, &[1; 32]).expect("key")
}

fn entry(index: u64) -> Vec<u8> {
    format!("{{\"entry\":{index},\"words\":\"{}\"}}", "word ".repeat(40)).into_bytes()
}

/// Everything the port promises, on a new store; `open` opens the same store again.
fn keeps_the_port<S: Storage>(open: impl Fn() -> S) {
    let mut store = open();
    assert_eq!(store.read("wal/0"), Ok(None));
    assert_eq!(store.list("wal"), Ok(Vec::new()));
    store.allocate("wal/0", SIZE).expect("allocated");
    let mut expected = vec![0; 10_000];
    let mut lay = |store: &mut S, offset: usize, bytes: &[u8]| {
        store
            .write_at("wal/0", offset as u64, bytes)
            .expect("written");
        expected
            .iter_mut()
            .skip(offset)
            .zip(bytes)
            .for_each(|(to, from)| *to = *from);
        let read = store.read("wal/0").expect("read");
        assert!(
            read.as_ref() == Some(&expected),
            "after writing at {offset}"
        );
    };
    // Inside a page, across pages, whole pages, over what is there, up to the last byte.
    lay(&mut store, 10, b"first");
    lay(&mut store, 4_090, &[7; 20]);
    lay(&mut store, 4_096, &[8; 4_096]);
    store.sync("wal/0").expect("synced");
    lay(&mut store, 4_000, &[9; 200]);
    lay(&mut store, 9_990, &[3; 10]);
    store.sync("wal/0").expect("synced");
    store.sync("wal/0").expect("nothing to do is no fault");

    store.write("tile/0/000", b"a tile").expect("written");
    store.write("tile/0/001", b"another").expect("written");
    store.write("tile/entries/000", b"").expect("written");
    assert_eq!(store.read("tile/0/000"), Ok(Some(b"a tile".to_vec())));
    let tiles = ["tile/0/000", "tile/0/001", "tile/entries/000"].map(str::to_owned);
    store.settle(&tiles).expect("settled");
    store.write("tile/0/001", b"again").expect("written");
    store.settle(&tiles[1..2]).expect("settled");
    store.remove("tile/0/000").expect("removed");
    store.remove("tile/0/777").expect("absent is no fault");
    assert_eq!(store.read("tile/0/000"), Ok(None));
    store.replace("checkpoint", b"old").expect("replaced");
    store.replace("checkpoint", b"new").expect("replaced");
    drop(store);

    let store = open();
    assert!(
        store.read("wal/0") == Ok(Some(expected)),
        "the allocated file"
    );
    assert_eq!(store.read("checkpoint"), Ok(Some(b"new".to_vec())));
    assert_eq!(store.read("tile/0/001"), Ok(Some(b"again".to_vec())));
    assert_eq!(store.read("tile/entries/000"), Ok(Some(Vec::new())));
    assert_eq!(store.list("tile/0"), Ok(vec!["001".to_owned()]));
    assert_eq!(store.list("wal"), Ok(vec!["0".to_owned()]));
    assert_eq!(store.list("tile"), Ok(Vec::new()), "folders are not files");
}

/// What a store refuses.
fn refuses_what_it_cannot_keep<S: Storage>(mut store: S) {
    for path in ["../x", "/etc/passwd", "a/../b", "", "."] {
        assert!(store.write(path, b"x").is_err(), "{path:?}");
        assert!(store.read(path).is_err(), "{path:?}");
        assert!(store.remove(path).is_err(), "{path:?}");
    }
    assert!(store.write_at("wal/0", 0, b"x").is_err(), "not allocated");
}

/// A ledger that recycles its write-ahead log several times and is opened now and then.
fn carries_a_ledger<S: Storage, R: TileSource>(open: impl Fn() -> S, reader: impl Fn() -> R) {
    const ENTRIES: u64 = 1_200;
    let mut log = Log::create(open(), signer(), SEGMENT_BYTES_MIN).expect("created");
    log.confirm_unshared().expect("new");
    for index in 0..ENTRIES {
        log.stage(entry(index)).expect("staged");
        if index % 30 == 29 {
            log.commit().expect("committed");
        }
        if index % 390 == 389 {
            drop(log);
            log = Log::open(open(), signer(), &[]).expect("recovered");
            assert_eq!(log.size(), index + 1);
            log.confirm_unshared().expect("alone");
        }
    }
    log.publish().expect("published");
    let head = log.head().checkpoint().clone();
    let mut reader = LogReader::open(reader(), head).expect("readable");
    for index in 0..ENTRIES {
        assert!(reader.entry(index) == Ok(entry(index)), "entry {index}");
    }
}

#[test]
fn files_keep_the_port() {
    let folder = TempDir::new().expect("folder");
    keeps_the_port(|| opened(&folder));
}

#[test]
fn files_refuse_what_they_cannot_keep() {
    let folder = TempDir::new().expect("folder");
    refuses_what_it_cannot_keep(Files::open(folder.path()).expect("opened"));
}

/// Opens files that were open a moment ago: a program that another test starts holds every lock of this process for the
/// moment between being forked and being run.
fn opened(folder: &TempDir) -> Files {
    const TRIES_MAX: u32 = 1_000_000;
    for _ in 0..TRIES_MAX {
        if let Ok(files) = Files::open(folder.path()) {
            return files;
        }
        std::thread::yield_now();
    }
    Files::open(folder.path()).expect("opened")
}

#[test]
fn files_carry_a_ledger() {
    let folder = TempDir::new().expect("folder");
    carries_a_ledger(|| opened(&folder), || Directory::new(folder.path()));
}

#[test]
fn postgresql_keeps_the_port_and_carries_a_ledger() {
    let Some(server) = Server::start() else {
        return;
    };
    let stand = |ledger: &'static str| {
        let database = server.database();
        move || Postgres::succeed(&database, ledger).expect("elected")
    };
    keeps_the_port(stand("port"));
    refuses_what_it_cannot_keep(stand("refusals")());
    // Ledgers of one database do not see each other.
    keeps_the_port(stand("port of another"));
    // Nor do folders of one ledger, nor schemas of one database.
    let below = |folder: &'static str| {
        let open = stand("port");
        move || open().below(folder)
    };
    keeps_the_port(below("first"));
    keeps_the_port(below("first/second"));
    let elsewhere = Database::new(&server.url, "elsewhere").expect("a schema");
    let held = Postgres::stand(&server.database(), "port").expect("elected");
    keeps_the_port(|| Postgres::succeed(&elsewhere, "port").expect("elected all the same"));
    assert_eq!(held.list("wal"), Ok(vec!["0".to_owned()]));
    drop(held);
    carries_a_ledger(stand("alpha"), || {
        PostgresReader::open(&server.database(), "alpha").expect("connected")
    });
}
