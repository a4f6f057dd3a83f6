//! Carrying messages to a peer.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use bytes::Bytes;
use detente_node::federation::wire::MESSAGE_BYTES_MAX;
use detente_node::federation::{ANSWER_WITHIN_S, Ask, LONG_POLL_S, Message};
use detente_node::node::{Input, Shared};
use rustls::ClientConfig;
use tokio::sync::{Semaphore, mpsc};

use super::MESSAGES_PATH;
use crate::client::Client;
use crate::runtime::Handle;

/// Requests open to one peer at a time: its poll, its fetches, and notices.
const REQUESTS_MAX: usize = 16;
/// Connections kept to one peer: one for the poll that waits, one for the rest.
const CONNECTIONS: usize = 2;

/// Where a peer is reached, as `host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(pub String);

/// Carries one peer's messages until the node stops.
pub async fn carry<P>(
    handle: Handle<P>,
    peer: Arc<str>,
    address: Address,
    tls: Arc<ClientConfig>,
    mut line: mpsc::Receiver<Message>,
) where
    P: Shared + Send + Sync + 'static,
    P::Act: Send,
    P::Outcome: Send,
    P::Refusal: Send,
{
    let clients: Vec<Arc<Client>> = (0..CONNECTIONS)
        .map(|_| {
            let tls = Some(Arc::clone(&tls));
            Arc::new(Client::new(&address.0, tls, MESSAGE_BYTES_MAX))
        })
        .collect();
    let slots = Arc::new(Semaphore::new(REQUESTS_MAX));
    while let Some(message) = line.recv().await {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            return;
        };
        let place = usize::from(!waits(&message));
        let Some(client) = clients.get(place).cloned() else {
            return;
        };
        let (handle, peer) = (handle.clone(), peer.clone());
        tokio::spawn(async move {
            let input = match post(&client, &message).await {
                Some(Some(message)) => Some(Input::FromPeer { peer, message }),
                Some(None) => None,
                None => Some(Input::PeerLost {
                    peer,
                    exchange: exchange(&message),
                }),
            };
            if let Some(input) = input {
                // A node that stops needs no news.
                let _ = handle.tell(input).await;
            }
            drop(slot);
        });
    }
}

fn exchange(message: &Message) -> Option<u64> {
    match message {
        Message::Ask { exchange, .. } => Some(*exchange),
        Message::Answer { .. } | Message::Notice(_) => None,
    }
}

fn waits(message: &Message) -> bool {
    let ask = match message {
        Message::Ask { ask, .. } => ask,
        Message::Answer { .. } | Message::Notice(_) => return false,
    };
    matches!(ask, Ask::Heads { wait: true, .. })
}

/// Posts a message; `None` when the peer was not reached or its answer is no message.
async fn post(client: &Client, message: &Message) -> Option<Option<Message>> {
    let patience_s = match waits(message) {
        true => LONG_POLL_S + ANSWER_WITHIN_S,
        false => ANSWER_WITHIN_S,
    };
    let within = Duration::from_secs(patience_s.unsigned_abs());
    let body = Bytes::from(message.to_bytes());
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned())];
    let answer = client
        .ask(Method::POST, MESSAGES_PATH, &headers, body, within)
        .await
        .ok()?;
    match answer.status {
        StatusCode::OK => Message::parse(&answer.body).ok().map(Some),
        StatusCode::ACCEPTED => Some(None),
        _ => None,
    }
}
