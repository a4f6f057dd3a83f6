//! Single entries: their bytes, their proof, and who knew them by when.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::evidence::Evidence;
use detente_ledger::reader::LogReader;
use detente_node::node::Node;
use detente_node::picture::Picture;
use detente_stores::store::Reader;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::App;
use super::answer::{Answer, Named, bytes, json};
use super::route::{Gives, Needs, Route, schema_of};
use crate::authority::Action;
use crate::knowledge::{self, KnownView};
use crate::problem::Problem;
use crate::runtime::ledger_folder;
use crate::view::OutcomeView;

/// An entry, and what became of it.
#[derive(Serialize, JsonSchema)]
struct EntryView {
    origin: String,
    index: u64,
    holder: String,
    kind: String,
    author: String,
    written_at: String,
    /// When it counts: not before anything it says it knew.
    at: String,
    body: Value,
    outcome: OutcomeView,
}

const READ: Needs = Needs::Ledger(Action::Read);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/records/{origin}/{index}",
            "read_entry",
            "An entry, and what became of it",
            READ,
            Gives::Json(200, schema_of::<EntryView>),
            get(entry),
        ),
        Route::get(
            "/api/v1/records/{origin}/{index}/proof",
            "read_proof",
            "The evidence file of an entry (C2SP tlog-proof)",
            READ,
            Gives::Bytes("text/plain"),
            get(proof),
        ),
        Route::get(
            "/api/v1/records/{origin}/{index}/knowledge",
            "read_knowledge",
            "Who provably had an entry, by when, and what proves it",
            READ,
            Gives::Json(200, schema_of::<Vec<KnownView>>),
            get(known),
        ),
    ]
}

fn number(text: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

async fn entry(
    State(app): State<Arc<App>>,
    Named((origin, index)): Named<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let index = number(&index)?;
    let holders = Arc::clone(&app.holders);
    let look = move |node: &Node<Picture>, _| {
        let position = node.history().position(&origin, index)?;
        let placed = node.history().recorded(position)?;
        let outcome = node.history().outcome(position)?;
        Some(EntryView {
            origin: origin.clone(),
            index,
            holder: holders.get(&placed.origin)?.to_string(),
            kind: placed.entry.kind.clone(),
            author: placed.entry.author.clone(),
            written_at: placed.entry.written_at.clone(),
            at: placed.at.to_string(),
            body: Value::Object(placed.entry.body.clone()),
            outcome: OutcomeView::of(outcome),
        })
    };
    let shown = app.handle.look(look).await;
    let shown = shown.map_err(|stopped| Problem::unavailable(stopped.to_string()))?;
    json(&headers, &shown.ok_or_else(Problem::not_found)?)
}

async fn known(
    State(app): State<Arc<App>>,
    Named((origin, index)): Named<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let index = number(&index)?;
    let holders = Arc::clone(&app.holders);
    let noted = app.handle.cosignatures().all();
    let known = app
        .handle
        .look(move |node, _| knowledge::of(node, &holders, &noted, &origin, index))
        .await
        .map_err(|stopped| Problem::unavailable(stopped.to_string()))?;
    match known.is_empty() {
        true => Err(Problem::not_found()),
        false => json(&headers, &known),
    }
}

async fn proof(
    State(app): State<Arc<App>>,
    Named((origin, index)): Named<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let index = number(&index)?;
    if !app.handle.view().ledgers.contains_key(origin.as_str()) {
        return Err(Problem::not_found());
    }
    let files = app.reader.below(&ledger_folder(&app.origin, &origin));
    let made = tokio::task::spawn_blocking(move || evidence(&files, index));
    let proof = made
        .await
        .map_err(|_| Problem::unavailable("the proof could not be made"))?
        .ok_or_else(Problem::not_found)?;
    bytes(&headers, "text/plain", proof)
}

/// Makes the evidence file from the published files.
fn evidence(source: &Reader, index: u64) -> Option<Vec<u8>> {
    use detente_ledger::reader::TileSource as _;

    let checkpoint = source.fetch("checkpoint").ok()??;
    let checkpoint = SignedCheckpoint::parse(&checkpoint).ok()?;
    if index >= checkpoint.checkpoint().size() {
        return None;
    }
    let mut reader = LogReader::open(source, checkpoint.checkpoint().clone()).ok()?;
    let proof = reader.inclusion_proof(index).ok()?;
    let evidence = Evidence {
        extra: None,
        index,
        proof,
        checkpoint,
    };
    Some(evidence.to_bytes())
}
