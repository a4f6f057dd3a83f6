//! A node that goes on under other keys while it runs, and a peer that follows it through its ledger.

use std::sync::Arc;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::reader::TileSource as _;
use detente_ledger::seal::blob_recipients;
use detente_ledger::vkey::Vkey;
use detente_server::house::{LEDGER, NodeKeys};
use detente_server::runtime::View;
use detente_stores::store::Place;
use serde_json::{Value, json};

use crate::objects::{exact_place, notified_coarsely, released};
use crate::place_readings::reads;
use crate::postgres::Server;
use crate::reports::{blobs, holds, release};
use crate::world::{LONE, Lone, Member, PATIENCE, World, lone_in};

const OWN: &str = "us.example/ledger";

fn watch(person: &str) -> Value {
    json!({
        "kind": "watch_taken", "subject": "flight-safety", "role": "watch_officer",
        "body": {"office": "Centre", "person": person, "until": "2099-01-01T00:00:00Z"},
    })
}

async fn on_watch(node: &Member, person: &str) -> u64 {
    let (status, said) = node.submit(&watch(person), &[]).await;
    assert_eq!(status, 201, "{said}");
    said["index"].as_u64().unwrap()
}

fn log_key(keys: &NodeKeys) -> Vkey {
    keys.log_signer().unwrap().vkey().clone()
}

type Seen = Arc<View<detente_node::picture::Picture>>;

async fn until(
    node: &Member,
    seen: impl Fn(&View<detente_node::picture::Picture>) -> bool,
) -> Seen {
    let handle = node.house.handle();
    let seen = handle.wait_for(seen);
    tokio::time::timeout(PATIENCE, seen).await.unwrap().unwrap()
}

/// Waits until a node holds entry `index` of the ledger, signed by this key and cosigned by the other.
async fn held(node: &Member, index: u64, key: &Vkey) -> Seen {
    until(node, |view| {
        let ledger = &view.ledgers[OWN];
        ledger.size > index
            && ledger
                .cosigned
                .get("ru.example/ledger")
                .is_some_and(|cosigned| cosigned.size > index)
            && ledger
                .head
                .as_ref()
                .is_some_and(|head| head.verify_log(std::slice::from_ref(key)).is_ok())
    })
    .await
}

async fn rotated(node: &Member, who: &str) -> (u16, Value) {
    node.post(who, "/api/v1/keys/rotation", b"").await
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_follow_keys_in_a_running_node_and_its_peer_follows() {
    let mut world = World::open(2).await;
    on_watch(&world.nodes[0], "Officer 1").await;
    // Nothing follows yet, and it is the administrators' business.
    assert_eq!(rotated(&world.nodes[0], "administrator").await.0, 409);
    let second = world.nodes[0].keys.rotate();
    assert_eq!(rotated(&world.nodes[0], "planner").await.0, 403);
    assert_eq!(rotated(&world.nodes[0], "auditor").await.0, 403);

    let us = &world.nodes[0];
    let (status, said) = rotated(us, "administrator").await;
    assert_eq!((status, &said["origin"]), (201, &json!(OWN)), "{said}");
    let event = said["index"].as_u64().unwrap();
    assert_eq!(rotated(us, "administrator").await.0, 409);
    let index = on_watch(us, "Officer 2").await;
    assert!(index > event);
    for node in &world.nodes {
        held(node, index, &log_key(&second)).await;
    }
    let said = us.read("/api/v1/keys").await;
    let events = said["events"].as_array().unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!(events[1]["index"], event);
    assert_eq!(events[1]["log"], log_key(&second).to_string());
    // What leaves the house is sealed by the new unit, what the peer writes is cosigned by the new key.
    let unit = second.unit().unwrap().vkey().clone();
    let begun = tokio::time::timeout(PATIENCE, async {
        while *us.house.app.sealer.now().vkey() != unit {
            tokio::task::yield_now().await;
        }
    });
    begun.await.unwrap();
    let cosigner = second.cosigner().unwrap().vkey().clone();
    on_watch(&world.nodes[1], "Officer 3").await;
    until(&world.nodes[1], |view| {
        let head = view.ledgers["ru.example/ledger"].head.as_ref();
        head.is_some_and(|head| head.note().verify(std::slice::from_ref(&cosigner)).is_ok())
    })
    .await;

    // Both start again from files that two keys signed; other keys wait for the first of them.
    let mut us = world.leave(0).await;
    let third = us.keys().rotate();
    let fourth = us.keys().rotate();
    let ru = world.leave(0).await;
    world.back(ru).await;
    world.back(us).await;
    let (ru, us) = (&world.nodes[0], &world.nodes[1]);
    until(us, |view| view.is_confirmed).await;
    until(us, |view| view.log_key.as_ref() == Some(&log_key(&fourth))).await;
    let index = on_watch(us, "Officer 4").await;
    for node in [ru, us] {
        held(node, index, &log_key(&fourth)).await;
    }
    world.settle().await;
    let said = us.read("/api/v1/keys").await;
    let events = said["events"].as_array().unwrap();
    assert_eq!(events.len(), 4);
    assert_eq!(events[2]["log"], log_key(&third).to_string());

    // And once more, with nothing left to do.
    let us = world.leave(1).await;
    world.back(us).await;
    let us = &world.nodes[1];
    until(us, |view| view.is_confirmed).await;
    let index = on_watch(us, "Officer 5").await;
    held(us, index, &log_key(&fourth)).await;
    let said = us.read("/api/v1/keys").await;
    assert_eq!(said["events"].as_array().unwrap().len(), 4);
    world.close().await;
}

/// What was sealed before is still read, and a session does not outlive the unit's key.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_with_the_key_they_were_opened_under() {
    let mut world = World::open(1).await;
    let app = Arc::clone(&world.nodes[0].house.app);
    let (cookie, _) = app.sessions.open("all", 0, u64::MAX).unwrap();
    assert!(app.sessions.find(&cookie, 0).is_some());
    world.nodes[0].keys.rotate();
    assert_eq!(rotated(&world.nodes[0], "administrator").await.0, 201);
    let ended = tokio::time::timeout(PATIENCE, async {
        while app.sessions.find(&cookie, 0).is_some() {
            tokio::task::yield_now().await;
        }
    });
    ended.await.unwrap();
    let (cookie, _) = app.sessions.open("all", 0, u64::MAX).unwrap();
    assert!(app.sessions.find(&cookie, 0).is_some());
    world.close().await;
}

/// Takes the next keys of a node into use, and waits until every node knows them.
async fn follow(world: &mut World, number: usize) -> NodeKeys {
    let keys = world.nodes[number].keys.rotate();
    let (status, said) = rotated(&world.nodes[number], "administrator").await;
    assert_eq!(status, 201, "{said}");
    let (origin, event) = (world.nodes[number].card.origin.clone(), &said["index"]);
    let event = event.as_u64().unwrap();
    for node in &world.nodes {
        until(node, |view| view.ledgers[&*origin].size > event).await;
    }
    let unit = keys.unit().unwrap().vkey().clone();
    let begun = tokio::time::timeout(PATIENCE, async {
        while *world.nodes[number].house.app.sealer.now().vkey() != unit {
            tokio::task::yield_now().await;
        }
    });
    begun.await.unwrap();
    keys
}

/// The content of a report as somebody reads it who was sent it, or as its originator shows it.
async fn content(node: &Member, query: &str) -> (u16, Value) {
    let path = format!("/api/v1/reports/r-1/content{query}");
    let answer = node.ask(Some("all"), "get", &path, &[], None).await;
    let said = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    (answer.status.as_u16(), said["sha256"].clone())
}

/// Whom a blob that a node holds was sealed to.
fn sealed_to(
    world: &World,
    node: &Member,
    hash: detente_ledger::hash::Hash,
) -> Vec<detente_ledger::seal::RecipientId> {
    let place = Place::Folder(world.data(&node.card.holder));
    let path = format!("blob/{}", hash.to_hex());
    let bytes = place
        .reader()
        .unwrap()
        .read(&path, 8 << 20)
        .unwrap()
        .unwrap();
    blob_recipients(&bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sealed_before_keys_follow_keys_opens_for_whom_it_was_released_to_and_for_nobody_else()
 {
    let mut world = World::open(3).await;
    let terms =
        json!([{"recipient": "RU", "place": "grid_10km", "time": "hour", "detail": "full"}]);
    let us = &world.nodes[0];
    release(us, &terms).await;
    notified_coarsely(us, "hidden", "36.13912, 36.82534").await;
    let to = json!([
        {"recipient": "RU", "precision": "exact"}, {"recipient": "UN", "precision": "coarse"},
    ]);
    assert_eq!(released(us, "hidden", &to).await["refused"], Value::Null);
    world.settle().await;
    let (_, hash) = blobs(&world.nodes[0], "r-1").await.remove(0);
    holds(&world.nodes[1], hash).await;
    let place = reads(&world.nodes[1], "hidden").await;
    let (status, text) = content(&world.nodes[1], "").await;
    assert_eq!(status, 200);

    // Everybody goes on under other keys: whoever sealed it, whoever reads it, and whoever must not.
    let mut last = Vec::new();
    for number in 0..3 {
        last.push(follow(&mut world, number).await);
    }
    assert!(!sealed_to(&world, &world.nodes[1], hash).contains(&last[1].seal().public().id()));
    for is_restarted in [false, true] {
        if is_restarted {
            // Each comes last when it is back, so that their order stays.
            for _ in 0..3 {
                let node = world.leave(0).await;
                world.back(node).await;
            }
            for node in &world.nodes {
                until(node, |view| view.is_confirmed).await;
            }
        }
        let [us, ru, un] = world.nodes.as_slice() else {
            unreachable!()
        };
        assert_eq!(content(ru, "").await, (200, text.clone()));
        assert_eq!(content(us, "?recipient=RU").await, (200, text.clone()));
        assert_eq!(content(un, "").await.0, 404);
        assert_eq!(reads(ru, "hidden").await, place);
        assert_eq!(exact_place(un, "hidden").await.0, 404);
    }

    // What is released from now on is sealed to the keys that are in use now, and to no earlier one.
    let (us, ru) = (&world.nodes[0], &world.nodes[1]);
    notified_coarsely(us, "other", "36.23912, 36.82534").await;
    assert_eq!(released(us, "other", &to).await["refused"], Value::Null);
    world.settle().await;
    let seen = reads(ru, "other").await;
    assert_eq!(
        seen["feature"]["geometry"]["coordinates"],
        json!([36.82534, 36.23912])
    );
    assert_eq!(exact_place(&world.nodes[2], "other").await.0, 404);
    let view = us.house.handle().view();
    let id = detente_records::RecordId::parse("other").unwrap();
    let file = view.picture.protected_object(&id);
    let holder = detente_records::HolderId::parse("RU").unwrap();
    let sealed = file.unwrap().exact_for(&holder).unwrap().sealed.blob.sha256;
    let hash = detente_ledger::hash::Hash::from_bytes(*sealed.bytes());
    let mut expected: Vec<_> = last[..2]
        .iter()
        .map(|keys| keys.seal().public().id())
        .collect();
    let mut found = sealed_to(&world, ru, hash);
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    world.close().await;
}

/// The newest checkpoint that a node's place holds.
fn head(node: &Lone) -> SignedCheckpoint {
    let reader = node.place().reader().unwrap().below(LEDGER);
    SignedCheckpoint::parse(&reader.fetch("checkpoint").unwrap().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_over_after_keys_followed_keys_signs_with_the_new_ones_alone() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut node = lone_in(Place::Database(server.database(), LONE.into()));
    let tokens = node.people();
    let mut writing = node.serve(&tokens).await;
    until(&writing, |view| view.is_confirmed).await;
    on_watch(&writing, "Officer 0").await;
    let mut used = vec![node.node_keys().clone()];
    for round in 1..4 {
        let standing_by = node.serve(&tokens).await;
        assert!(!standing_by.house.handle().view().is_confirmed);
        let next = node.keys().rotate();
        // Whoever stands by takes nothing into use.
        assert_ne!(rotated(&standing_by, "administrator").await.0, 201);
        assert_eq!(rotated(&writing, "administrator").await.0, 201);
        if round == 2 {
            // And sometimes something was written under them before.
            on_watch(&writing, &format!("Officer {round} of the first")).await;
        }
        writing.house.close().await;
        until(&standing_by, |view| view.is_confirmed).await;
        let index = on_watch(&standing_by, &format!("Officer {round}")).await;
        until(&standing_by, |view| {
            let ledger = &view.ledgers[OWN];
            let is_new = |head: &SignedCheckpoint| head.verify_log(&[log_key(&next)]).is_ok();
            ledger.size > index && ledger.head.as_ref().is_some_and(is_new)
        })
        .await;
        assert_eq!(
            standing_by.house.handle().view().log_key,
            Some(log_key(&next))
        );
        let unit = next.unit().unwrap().vkey().clone();
        let renewed = tokio::time::timeout(PATIENCE, async {
            while *standing_by.house.app.sealer.now().vkey() != unit {
                tokio::task::yield_now().await;
            }
        });
        renewed.await.unwrap();
        // What anybody reads there is signed by the new key, and by none before it.
        let published = tokio::time::timeout(PATIENCE, async {
            while head(&node).checkpoint().size() <= index {
                tokio::task::yield_now().await;
            }
        });
        published.await.unwrap();
        assert!(head(&node).verify_log(&[log_key(&next)]).is_ok());
        for old in &used {
            assert!(head(&node).verify_log(&[log_key(old)]).is_err());
        }
        let said = standing_by.read("/api/v1/keys").await;
        let events = said["events"].as_array().unwrap();
        assert_eq!(events.len(), round + 1);
        assert_eq!(events[round]["log"], log_key(&next).to_string());
        used.push(next);
        writing = standing_by;
    }
    writing.house.close().await;
}

/// What a node says of its health.
async fn health(node: &Member) -> (u16, Value) {
    let answer = node.ask(None, "get", "/healthz", &[], None).await;
    let said = serde_json::from_slice(&answer.body).unwrap();
    (answer.status.as_u16(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_database_is_gone_says_that_it_cannot_write() {
    let Some(server) = Server::start() else {
        return;
    };
    let node = lone_in(Place::Database(server.database(), LONE.into()));
    let writing = node.serve(&node.people()).await;
    until(&writing, |view| view.is_confirmed).await;
    on_watch(&writing, "Officer 0").await;
    let (_, said) = health(&writing).await;
    assert_eq!(said["can_write"], true);
    drop(server);
    // It finds out by what it cannot keep, and goes on showing what it had shown.
    let (status, said) = writing.submit(&watch("Officer 1"), &[]).await;
    assert_ne!(status, 201, "{said}");
    let mut leading = writing.house.handle().leading();
    let resigned = leading.wait_for(|is_leading| !*is_leading);
    tokio::time::timeout(PATIENCE, resigned)
        .await
        .unwrap()
        .unwrap();
    let (status, said) = health(&writing).await;
    assert_eq!(
        (status, &said["can_write"], &said["is_healthy"]),
        (503, &json!(false), &json!(false))
    );
    let metrics = writing.ask(Some("all"), "get", "/metrics", &[], None).await;
    let text = String::from_utf8_lossy(&metrics.body).into_owned();
    assert!(text.contains("detente_can_write 0\n"), "{text}");
}
