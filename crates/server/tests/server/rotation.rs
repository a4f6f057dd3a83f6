//! A node that goes on under other keys while it runs, and a peer that follows it through its ledger.

use std::sync::Arc;

use detente_ledger::vkey::Vkey;
use detente_server::house::NodeKeys;
use detente_server::runtime::View;
use serde_json::{Value, json};

use crate::world::{Member, PATIENCE, World};

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
