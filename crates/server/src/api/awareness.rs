//! What the author of an entry had seen of every other ledger when it was written.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use detente_node::node::Node;
use detente_node::picture::Picture;
use detente_records::HolderId;
use schemars::JsonSchema;
use serde::Serialize;

use super::App;
use super::answer::{Answer, Named, json};
use super::route::{Gives, Needs, Route, schema_of};
use crate::authority::Action;
use crate::problem::Problem;

/// How much of one ledger an author had seen.
#[derive(Serialize, JsonSchema)]
struct SeenView {
    /// Whose ledger.
    holder: String,
    /// The ledger.
    origin: String,
    /// Entries of it that had been seen.
    size: u64,
    /// When the newest of them counts from, RFC 3339; null when it is not held here.
    newest_at: Option<String>,
    /// Entries of it that counted already when the entry was written, as known now, and had not been seen.
    unseen: u64,
}

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(
        "/api/v1/awareness/{origin}/{index}",
        "read_awareness",
        "How much of every ledger the author of an entry had seen",
        Needs::Picture(Action::Read),
        Gives::Json(200, schema_of::<Vec<SeenView>>),
        get(read),
    )]
}

async fn read(
    State(app): State<Arc<App>>,
    Named((origin, index)): Named<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let index: u64 = index.parse().map_err(|_| Problem::not_found())?;
    let holders = Arc::clone(&app.holders);
    let seen = app
        .handle
        .look(move |node, _| seen(node, &holders, &origin, index))
        .await
        .map_err(|stopped| Problem::unavailable(stopped.to_string()))?;
    json(&headers, &seen.ok_or_else(Problem::not_found)?)
}

fn seen(
    node: &Node<Picture>,
    holders: &BTreeMap<Arc<str>, HolderId>,
    origin: &str,
    index: u64,
) -> Option<Vec<SeenView>> {
    let history = node.history();
    let placed = history.order().get(history.position(origin, index)?)?;
    let others = holders.iter().filter(|(other, _)| ***other != *origin);
    let seen = others.map(|(other, holder)| {
        let size = history.seen_by(placed, other);
        let newest = size.checked_sub(1);
        let newest = newest.and_then(|newest| history.position(other, newest));
        let newest = newest.and_then(|position| history.order().get(position));
        let counted = history.citable(other, placed.at);
        SeenView {
            holder: holder.to_string(),
            origin: other.to_string(),
            size,
            newest_at: newest.map(|newest| newest.at.to_string()),
            unseen: counted.saturating_sub(size),
        }
    });
    Some(seen.collect())
}
