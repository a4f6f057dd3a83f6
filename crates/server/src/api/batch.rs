//! Many acts in one request: each for itself, each answered for itself.
//!
//! A batch is no transaction: an act that is refused holds back none of the others, as if each had been sent alone. Acts
//! of one batch are put to the node together, so that one durable write carries many.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::post;
use detente_records::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::task::JoinSet;

use super::App;
use super::acts::{Wish, body, may_write, write};
use super::answer::{Answer, Content, done};
use super::route::{Gives, Needs, Route, schema_of};
use crate::problem::Problem;
use crate::users::Identity;

/// Most acts of one batch: some seconds of work at most, so that a request ends.
const ACTS_MAX: usize = 1_000;
/// Most bytes of one batch.
const BATCH_BYTES_MAX: usize = 8 << 20;
/// Acts under way at a time.
const AT_ONCE: usize = 256;

/// Acts somebody wants on the record.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Batch {
    /// The acts, each for itself.
    acts: Vec<Wish>,
}

/// What became of each act.
#[derive(Debug, Serialize, JsonSchema)]
struct BatchView {
    /// Acts that are on record.
    recorded: usize,
    /// Acts that are not.
    refused: usize,
    /// The answer to each act, in the order of the batch.
    answers: Vec<AnswerView>,
}

/// The answer to one act.
#[derive(Debug, Serialize, JsonSchema)]
struct AnswerView {
    /// The status it would have been answered with alone.
    status: u16,
    /// The body it would have been answered with alone.
    body: Value,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/acts/batch",
            "submit_acts",
            "Put many acts on the record, each for itself",
            Needs::Acts,
            Gives::Json(200, schema_of::<BatchView>),
            post(submit),
        )
        .method("post")
        .takes(schema_of::<Batch>)
        .bytes_max(BATCH_BYTES_MAX),
    ]
}

async fn submit(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Content(bytes): Content,
) -> Answer {
    let batch: Batch = body(&bytes)?;
    if batch.acts.is_empty() || batch.acts.len() > ACTS_MAX {
        let message = format!("a batch has 1 to {ACTS_MAX} acts");
        return Err(Problem::malformed(message));
    }
    // What is no act at all is a mistake in the request; what an act is refused for is its own answer.
    let unknown: Vec<String> = (0..)
        .zip(&batch.acts)
        .filter(|(_, wish)| Kind::from_wire_name(&wish.kind).is_none())
        .map(|(index, wish): (usize, _)| format!("/acts/{index}/kind: `{}`", wish.kind))
        .collect();
    if !unknown.is_empty() {
        let message = format!("no kind of act: {}", unknown.join(", "));
        return Err(Problem::malformed(message));
    }
    let mut answers: Vec<Option<AnswerView>> = Vec::new();
    answers.resize_with(batch.acts.len(), || None);
    let mut wishes = batch.acts.into_iter().enumerate();
    let mut running = JoinSet::new();
    loop {
        while running.len() < AT_ONCE
            && let Some((index, wish)) = wishes.next()
        {
            let (app, who) = (Arc::clone(&app), who.clone());
            running.spawn(async move { (index, one(&app, &who, wish).await) });
        }
        let Some(answered) = running.join_next().await else {
            break;
        };
        let (index, answer) =
            answered.map_err(|_| Problem::unavailable("an act could not be put on record"))?;
        if let Some(place) = answers.get_mut(index) {
            *place = Some(answer);
        }
    }
    let answers: Vec<AnswerView> = answers.into_iter().flatten().collect();
    let recorded = answers.iter().filter(|answer| answer.status == 201).count();
    let view = BatchView {
        recorded,
        refused: answers.len() - recorded,
        answers,
    };
    done(StatusCode::OK, &view)
}

/// Puts one act on the record, as its own request would have.
async fn one(app: &App, who: &Identity, wish: Wish) -> AnswerView {
    let response = match may_write(app, who, &wish.kind) {
        Ok(granted) => write(app, who, &granted, wish, &HeaderMap::new(), None).await,
        Err(problem) => problem.into_response(),
    };
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), BATCH_BYTES_MAX).await;
    AnswerView {
        status,
        body: body
            .ok()
            .and_then(|body| serde_json::from_slice(&body).ok())
            .unwrap_or_default(),
    }
}
