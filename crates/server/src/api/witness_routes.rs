//! The witness over HTTP (C2SP tlog-witness): `add-checkpoint`, and what was cosigned last.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use detente_ledger::hash::Hash;
use detente_ledger::note::NOTE_BYTES_MAX;
use detente_ledger::vkey::Vkey;
use detente_node::node::Node;
use detente_node::picture::Picture;

use super::App;
use super::answer::{Answer, Content, Named, bytes};
use super::route::{Gives, Needs, Route};
use crate::problem::Problem;
use crate::witness::{Booth, Held, REQUEST_BYTES_MAX, Said};

/// When whoever asked too often, or too early, may come again, in seconds.
const AGAIN_S: &str = "2";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/witness/add-checkpoint",
            "add_checkpoint",
            "Cosign a checkpoint that grew from the last one (C2SP tlog-witness)",
            Needs::Nobody,
            Gives::Untagged("text/plain; charset=utf-8", None),
            post(add),
        )
        .method("post")
        .takes_media("text/plain")
        .refuses_in(&["text/plain; charset=utf-8", "text/x.tlog.size"]),
        Route::get(
            "/witness/{hash}/checkpoint",
            "read_cosigned_checkpoint",
            "The newest cosigned checkpoint of a public log, named by the SHA-256 of its origin",
            Needs::Nobody,
            Gives::Bytes("text/plain; charset=utf-8"),
            get(newest),
        ),
    ]
}

async fn add(State(app): State<Arc<App>>, Content(body): Content) -> Answer {
    let malformed = || Problem::malformed("this is no add-checkpoint request");
    if body.len() > REQUEST_BYTES_MAX {
        return Err(malformed());
    }
    let (origin, size) = Booth::about(&body).ok_or_else(malformed)?;
    let own = Arc::clone(&app.origin);
    let look = move |node: &Node<Picture>, _| {
        // A log needs no witness in its own house.
        let key = node.log_key(&origin).filter(|_| *origin != *own)?;
        Some(Held {
            size: node.size(&origin),
            root: node.root_at(&origin, size),
            key,
        })
    };
    let held = app.handle.look(look).await;
    let held = held.map_err(|stopped| Problem::unavailable(stopped.to_string()))?;
    let now_s = app.wall_s();
    let said = match app.witness.admit(&body, held.as_ref(), now_s) {
        Ok(keys) => cosign(&app, body, keys, now_s).await?,
        Err(said) => said,
    };
    match said {
        Said::Answer(answer) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_REQUEST);
            let media = HeaderValue::from_static(answer.content_type);
            Ok((status, [(header::CONTENT_TYPE, media)], answer.body).into_response())
        }
        Said::TooMany => Ok(later(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many",
            "this witness has been asked too often in this minute",
        ))),
        Said::NotHeld => Ok(later(Problem::unavailable(
            "the entries are not held here yet; they are cosigned once they are",
        ))),
        Said::Malformed => Err(malformed()),
        Said::Unreadable => Err(Problem::unavailable("what was signed cannot be read")),
    }
}

/// Cosigns, on a thread that may wait for the disk.
async fn cosign(app: &Arc<App>, body: Bytes, keys: Vec<Vkey>, now_s: u64) -> Result<Said, Problem> {
    let app = Arc::clone(app);
    let said = tokio::task::spawn_blocking(move || {
        app.office.with(|files| match files.companion() {
            Ok(files) => app.witness.add_checkpoint(files, &body, &keys, now_s),
            Err(_) => Said::Unreadable,
        })
    });
    let said = said
        .await
        .map_err(|_| Problem::unavailable("the witness stopped"))?;
    said.ok_or_else(Problem::elsewhere)
}

fn later(problem: Problem) -> Response {
    let mut response = problem.into_response();
    let again = HeaderValue::from_static(AGAIN_S);
    response.headers_mut().insert(header::RETRY_AFTER, again);
    response
}

async fn newest(
    State(app): State<Arc<App>>,
    Named(hash): Named<String>,
    headers: HeaderMap,
) -> Answer {
    let hash = Hash::from_hex(&hash)
        .filter(|hash| app.witness.is_public(hash))
        .ok_or_else(Problem::not_found)?;
    // Below the hash of the origin, as the protocol names it and the witness keeps it.
    let path = format!("witness/{}/checkpoint", hash.to_hex());
    let reader = app.reader.clone();
    let read = tokio::task::spawn_blocking(move || reader.read(&path, NOTE_BYTES_MAX)).await;
    let read = read.map_err(|_| Problem::unavailable("the checkpoint could not be read"))?;
    let newest = read.map_err(|_| Problem::unavailable("the checkpoint could not be read"))?;
    bytes(
        &headers,
        "text/plain; charset=utf-8",
        newest.ok_or_else(Problem::not_found)?,
    )
}
