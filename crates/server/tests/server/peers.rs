//! Peers: whoever does not hold a pinned key does not get past the handshake.

use std::sync::Arc;
use std::time::Duration;

use detente_server::answer::{Client, Method};
use detente_server::tls::{Pins, Transport};

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
