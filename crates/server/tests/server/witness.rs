//! The witness over HTTP, as C2SP tlog-witness says: a peer's ledger, a stranger's log, and limits.

use std::sync::Arc;

use detente_ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use detente_ledger::hash::Hash;
use detente_ledger::keys::Role as KeyRole;
use detente_ledger::log::{Log, SEGMENT_BYTES_MIN};
use detente_ledger::storage::memory::MemoryDisk;
use detente_ledger::vkey::{KeyName, NoteSigner, Vkey};
use detente_ledger::witness::AddCheckpoint;
use detente_server::answer::Answer;
use detente_server::witness::REQUESTS_PER_LOG_MAX;

use crate::acts::watch;
use crate::world::{Member, World};

fn stranger() -> NoteSigner {
    let name = KeyName::parse("log.example/stranger").unwrap();
    NoteSigner::new(name, KeyRole::Log.signature_type(), &[3; 32]).unwrap()
}

async fn add(node: &Member, request: &AddCheckpoint) -> (u16, String, Answer) {
    let answer = node
        .send(None, "post", "/witness/add-checkpoint", &request.to_bytes())
        .await;
    let said = String::from_utf8_lossy(&answer.body).into_owned();
    (answer.status.as_u16(), said, answer)
}

fn first(checkpoint: &SignedCheckpoint) -> AddCheckpoint {
    AddCheckpoint {
        old_size: 0,
        proof: Vec::new(),
        checkpoint: checkpoint.clone(),
    }
}

/// Adds the answer's lines to the checkpoint, and returns whether this node's key made one.
fn is_cosigned(checkpoint: &SignedCheckpoint, lines: &str, key: &Vkey) -> bool {
    let mut note = checkpoint.note().clone();
    note.add_lines(lines).is_ok() && note.verify(std::slice::from_ref(key)).is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peers_ledger_is_cosigned_once_it_is_held_and_never_against_the_mirror() {
    let world = World::open(2).await;
    let (us, ru) = (&world.nodes[0], &world.nodes[1]);
    let (status, _) = ru.submit(&watch("A"), &[]).await;
    assert_eq!(status, 201);
    world.settle().await;
    let origin: Arc<str> = Arc::from(ru.card.origin.as_str());
    // As far as it is mirrored: the ledger itself may have grown since.
    let handle = us.house.handle();
    let head = handle.view().ledgers[&origin].head.clone().unwrap();
    let key = handle.look(|node, _| node.own_cosigners().pop().unwrap());
    let key = key.await.unwrap();
    let (status, said, _) = add(us, &first(&head)).await;
    assert_eq!(status, 200, "{said}");
    assert!(is_cosigned(&head, &said, &key), "{said}");
    // Whoever begins at the wrong size is told the right one.
    let (status, said, answer) = add(us, &first(&head)).await;
    assert_eq!(status, 409);
    assert_eq!(said.trim(), head.checkpoint().size().to_string());
    assert_eq!(answer.headers["content-type"], "text/x.tlog.size");
    // An agreement's ledger is no public matter, however it is asked for.
    let absent = Hash::of(b"of nobody").to_hex();
    let mut answers = Vec::new();
    for hash in [Hash::of(origin.as_bytes()).to_hex(), absent] {
        let path = format!("/witness/{hash}/checkpoint");
        let answer = us.send(None, "get", &path, b"").await;
        answers.push((answer.status.as_u16(), answer.body));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, 404);
    // Whoever cannot sign it does not learn that it is here, or how long it is.
    let forger = |origin: &str, size: u64| {
        let name = KeyName::parse(origin).unwrap();
        let key = NoteSigner::new(name, KeyRole::Log.signature_type(), &[9; 32]).unwrap();
        let head = Checkpoint::new(origin, size, Hash::leaf(b"made up")).unwrap();
        let mut note = head.to_note().unwrap();
        note.sign(&key);
        first(&SignedCheckpoint::from_note(note).unwrap())
    };
    for size in [1, 1_000_000] {
        let (status, known, _) = add(us, &forger(&origin, size)).await;
        assert_eq!(
            (status, &known),
            (404, &add(us, &forger("nobody.example", size)).await.1)
        );
    }
    // The own ledger has no witness in its own house; neither has anybody unknown.
    let own = us.house.handle().view().ledgers[us.card.origin.as_str()]
        .head
        .clone();
    let (status, ..) = add(us, &first(&own.unwrap())).await;
    assert_eq!(status, 404);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_log_is_witnessed_as_the_protocol_says_and_within_limits() {
    let signer = stranger();
    let key = signer.vkey().clone();
    let world = World::with(1, |plan| plan.doors.witnessed = vec![key.clone()]).await;
    let us = &world.nodes[0];
    let log = |entries: &[&[u8]]| {
        let mut log = Log::create(MemoryDisk::new(), stranger(), SEGMENT_BYTES_MIN).unwrap();
        log.confirm_unshared().unwrap();
        for entry in entries {
            log.stage(entry.to_vec()).unwrap();
        }
        log.commit().unwrap().clone()
    };
    let one = log(&[b"a"]);
    let (status, said, _) = add(us, &first(&one)).await;
    assert_eq!(status, 200, "{said}");
    // One that grew, with the proof that it did; and one of the same size with another root.
    let two = log(&[b"a", b"b"]);
    let grown = AddCheckpoint {
        old_size: 1,
        proof: vec![Hash::leaf(b"b")],
        checkpoint: two.clone(),
    };
    let unproved = AddCheckpoint {
        proof: vec![Hash::leaf(b"c")],
        ..grown.clone()
    };
    assert_eq!(add(us, &unproved).await.0, 422);
    let (status, said, _) = add(us, &grown).await;
    assert_eq!(status, 200, "{said}");
    let forked = AddCheckpoint {
        old_size: 2,
        proof: Vec::new(),
        checkpoint: log(&[b"a", b"c"]),
    };
    assert_eq!(add(us, &forked).await.0, 422);
    // What was cosigned is published under the hash of the origin.
    let path = format!(
        "/witness/{}/checkpoint",
        Hash::of(key.name().as_str().as_bytes()).to_hex()
    );
    let newest = us.send(None, "get", &path, b"").await;
    assert_eq!(newest.status.as_u16(), 200);
    let newest = SignedCheckpoint::parse(&newest.body).unwrap();
    assert_eq!(newest.checkpoint(), two.checkpoint());
    // Whoever has not the log's key uses up nothing of what the log may ask.
    let other =
        NoteSigner::new(key.name().clone(), KeyRole::Log.signature_type(), &[4; 32]).unwrap();
    let mut note = two.checkpoint().to_note().unwrap();
    note.sign(&other);
    let forged = first(&SignedCheckpoint::from_note(note).unwrap());
    for _ in 0..=REQUESTS_PER_LOG_MAX {
        assert_eq!(add(us, &forged).await.0, 403);
    }
    let malformed = us
        .send(None, "post", "/witness/add-checkpoint", b"old 0\n\nx")
        .await;
    assert_eq!(malformed.status.as_u16(), 400);
    // One log cannot ask for ever.
    let mut last = 0;
    for _ in 0..2 * REQUESTS_PER_LOG_MAX + 10 {
        let (status, _, answer) = add(us, &grown).await;
        last = status;
        if status == 429 {
            assert!(answer.headers.contains_key("retry-after"));
            break;
        }
        assert_eq!(status, 409);
    }
    assert_eq!(last, 429);
    world.close().await;
}
