//! Writers that are killed, and servers that stand for election.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use detente_ledger::log::{CommitError, Log, SEGMENT_BYTES_MIN};
use detente_ledger::reader::LogReader;
use detente_ledger::vkey::{KeyName, NoteSigner, SignatureType};
use detente_stores::directory::Directory;
use detente_stores::files::Files;
use detente_stores::postgres::{Postgres, PostgresError, PostgresReader};
use tempfile::TempDir;

use crate::server::Server;

/// How often a writer is killed.
const ROUNDS: u64 = 12;

fn signer() -> NoteSigner {
    let name = KeyName::parse("alpha.example").expect("name");
    NoteSigner::new(name, SignatureType::Ed25519, &[1; 32]).expect("key")
}

fn entry(index: u64) -> Vec<u8> {
    format!("{{\"entry\":{index}}}").into_bytes()
}

struct Writer {
    child: Child,
    acknowledged: BufReader<ChildStdout>,
}

impl Writer {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_append_until_killed"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let acknowledged = BufReader::new(child.stdout.take().expect("piped"));
        Self {
            child,
            acknowledged,
        }
    }

    /// Kills it after some acknowledgements; returns all that it gave.
    fn kill_after(mut self, count: u64) -> BTreeSet<u64> {
        let mut given = BTreeSet::new();
        let mut lines = self.acknowledged.by_ref().lines();
        for _ in 0..count {
            let line = lines.next().expect("it runs until killed").expect("text");
            given.insert(line.parse().expect("an index"));
        }
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
        // A line cut short by the kill acknowledges nothing.
        let rest = lines.map_while(Result::ok);
        given.extend(rest.filter_map(|line| line.parse::<u64>().ok()));
        given
    }
}

#[test]
fn a_killed_writer_of_files_loses_nothing_acknowledged() {
    let folder = TempDir::new().expect("folder");
    let root = folder.path().to_str().expect("text");
    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        let writer = Writer::start(&["files", root]);
        acknowledged.extend(writer.kill_after(1 + round * 17));
    }
    let files = Files::open(folder.path()).expect("the lock went with its process");
    let mut log = Log::open(files, signer(), &[]).expect("recovered");
    log.publish().expect("published");
    let head = log.head().checkpoint().clone();
    let mut reader = LogReader::open(Directory::new(folder.path()), head).expect("readable");
    for index in acknowledged {
        assert_eq!(reader.entry(index), Ok(entry(index)));
    }
}

#[test]
fn a_killed_sequencer_loses_nothing_acknowledged_and_another_takes_over() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        let writer = Writer::start(&["postgres", &server.url, "alpha"]);
        acknowledged.extend(writer.kill_after(1 + round * 17));
        if round == ROUNDS / 2 {
            server.crash();
        }
    }
    let mut log = Log::open(
        Postgres::succeed(&server.database(), "alpha").expect("elected"),
        signer(),
        &[],
    )
    .expect("recovered");
    log.publish().expect("published");
    let head = log.head().checkpoint().clone();
    let source = PostgresReader::open(&server.database(), "alpha").expect("connected");
    let mut reader = LogReader::open(source, head).expect("readable");
    for index in acknowledged {
        assert_eq!(reader.entry(index), Ok(entry(index)));
    }
}

#[test]
fn the_database_elects_one_writer_and_a_superseded_one_changes_nothing() {
    let Some(server) = Server::start() else {
        return;
    };
    let first = Postgres::stand(&server.database(), "alpha").expect("elected");
    let second = Postgres::stand(&server.database(), "alpha");
    assert!(matches!(second, Err(PostgresError::Held { .. })));
    let elsewhere =
        Postgres::stand(&server.database(), "bravo").expect("another ledger, another term");
    assert_eq!(elsewhere.term(), 1);
    let mut log = Log::create(first, signer(), SEGMENT_BYTES_MIN).expect("created");
    log.confirm_unshared().expect("new");
    log.stage(entry(0)).expect("staged");
    log.commit().expect("committed");

    // Its lock is lost while its connection seems well, as behind a pooler that swaps sessions.
    begin_later_term(&server.url);
    log.stage(entry(1)).expect("staged");
    let refused = log.commit();
    assert!(
        matches!(refused, Err(CommitError::Storage(_))),
        "{refused:?}"
    );
    assert!(log.commit().is_err(), "it has stopped for good");
    drop(log);

    let successor = Postgres::succeed(&server.database(), "alpha").expect("elected");
    assert!(successor.term() > 1);
    let log = Log::open(successor, signer(), &[]).expect("recovered");
    assert_eq!(log.size(), 1, "what was acknowledged, and nothing else");
}

/// Begins a later term of `alpha`.
fn begin_later_term(url: &str) {
    let mut client = postgres::Client::connect(url, postgres::NoTls).expect("connected");
    client
        .batch_execute("update detente.sequencer set term = term + 1 where ledger = 'alpha'")
        .expect("a later term");
}
