//! What peers may ask for: messages, and the static files of the ledgers held here.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use detente_ledger::reader::TileSource as _;
use detente_ledger::tile::TilePath;
use detente_node::federation::wire::MESSAGE_BYTES_MAX;
use detente_node::federation::{ANSWER_WITHIN_S, LONG_POLL_S, Message};
use detente_node::node::Shared;
use detente_stores::store::Reader;

use super::MESSAGES_PATH;
use crate::listen::{Closing, PeerName};
use crate::runtime::Handle;
use crate::runtime::ledger_folder;

/// What the door stands in front of.
struct Door<P: Shared> {
    handle: Handle<P>,
    reader: Reader,
    own: Arc<str>,
}

/// The routes for peers; every request has passed the pinned handshake.
pub fn router<P>(handle: Handle<P>, reader: Reader, own: Arc<str>) -> Router
where
    P: Shared + Send + Sync + 'static,
    P::Act: Send,
    P::Outcome: Send,
    P::Refusal: Send,
{
    let door = Arc::new(Door {
        handle,
        reader,
        own,
    });
    Router::new()
        .route(MESSAGES_PATH, post(message::<P>))
        .route("/peer/v1/ledgers/{origin}/{*path}", get(file::<P>))
        .layer(DefaultBodyLimit::max(MESSAGE_BYTES_MAX))
        .with_state(door)
}

async fn message<P>(
    State(door): State<Arc<Door<P>>>,
    Extension(PeerName(peer)): Extension<PeerName>,
    Extension(mut closing): Extension<Closing>,
    body: Bytes,
) -> Response
where
    P: Shared + Send + Sync + 'static,
    P::Act: Send,
    P::Outcome: Send,
    P::Refusal: Send,
{
    let Ok(message) = Message::parse(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    // An answer comes with the response to a question, never by itself.
    if matches!(message, Message::Answer { .. }) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let patience = Duration::from_secs((LONG_POLL_S + ANSWER_WITHIN_S).unsigned_abs());
    let answered = door.handle.from_peer(Arc::from(peer), message);
    let answered = tokio::select! {
        answered = tokio::time::timeout(patience, answered) => answered,
        // Whoever waits for news waits for another node, or for this one when it is back.
        () = closing.wait() => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    match answered {
        Ok(Ok(Some(answer))) => {
            let json = [(header::CONTENT_TYPE, "application/json")];
            (StatusCode::OK, json, answer.to_bytes()).into_response()
        }
        Ok(Ok(None)) => StatusCode::ACCEPTED.into_response(),
        Ok(Err(_)) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Err(_) => StatusCode::GATEWAY_TIMEOUT.into_response(),
    }
}

/// Serves `checkpoint` and `tile/…` as C2SP tlog-tiles lays them out.
async fn file<P>(
    State(door): State<Arc<Door<P>>>,
    Path((origin, path)): Path<(String, String)>,
) -> Response
where
    P: Shared + Send + Sync + 'static,
    P::Act: Send,
    P::Outcome: Send,
    P::Refusal: Send,
{
    let known = door.handle.view().ledgers.contains_key(origin.as_str());
    let is_ledger_file = path == "checkpoint" || TilePath::parse(&path).is_ok();
    if !known || !is_ledger_file {
        return StatusCode::NOT_FOUND.into_response();
    }
    let files = door.reader.below(&ledger_folder(&door.own, &origin));
    let read = tokio::task::spawn_blocking(move || files.fetch(&path));
    match read.await {
        Ok(Ok(Some(bytes))) => bytes.into_response(),
        Ok(Ok(None)) => StatusCode::NOT_FOUND.into_response(),
        Ok(Err(_)) | Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
