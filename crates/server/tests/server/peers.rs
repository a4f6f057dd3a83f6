//! Peers: whoever does not hold a pinned key does not get past the handshake.

use std::sync::Arc;
use std::time::Duration;

use detente_server::answer::{Client, Method};
use detente_server::tls::{Pins, Transport};

use detente_server::house::HouseError;
use serde_json::json;

use crate::world::World;

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn an_unpinned_key_is_refused_on_either_side() {
    let world = World::open(2).await;
    let us = &world.nodes[0];
    let address = us.house.peer.to_string();
    let get = |client: Client| async move {
        let path = "/peer/v1/ledgers/us.example%2Fledger/checkpoint";
        let answer = client.ask(Method::GET, path, &[], Vec::new().into(), PATIENCE);
        answer.await.map(|answer| answer.status.as_u16())
    };
    let stranger = Transport::from_seed(&[9; 32], "stranger").unwrap();
    let right = Arc::new(Pins::new([(us.card.transport, "us".to_owned())]));
    let tls = Arc::new(stranger.client(Arc::clone(&right)).unwrap());
    let refused = get(Client::new(&address, Some(tls), 1 << 20)).await;
    assert!(refused.is_err(), "{refused:?}");
    // And a node that shows another key than the pinned one is not spoken to.
    let wrong = Arc::new(Pins::new([(stranger.public(), "us".to_owned())]));
    let tls = Arc::new(stranger.client(wrong).unwrap());
    let refused = get(Client::new(&address, Some(tls), 1 << 20)).await;
    assert!(refused.is_err(), "{refused:?}");
    // Without any certificate.
    let plain = get(Client::new(&address, None, 1 << 20)).await;
    assert!(plain.is_err(), "{plain:?}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_with_entries_is_not_called_new_and_starts_without_the_word() {
    let mut world = World::open(2).await;
    let act = json!({
        "kind": "watch_taken", "subject": "flight-safety", "role": "watch_officer",
        "body": {
            "office": "Centre", "person": "First officer", "until": "2099-01-01T00:00:00Z",
        },
    });
    let (status, answer) = world.nodes[0].submit(&act, &[]).await;
    assert_eq!(status, 201, "{answer}");
    let absent = world.leave(0).await;
    let refused = world.refused_as_new(&absent).await;
    assert!(matches!(refused, HouseError::NotNew { size } if size > 1));
    assert!(refused.to_string().contains("Start without it"));
    world.back(absent).await;
    world.close().await;
}
