//! The keys of this node's ledger: which counted when, and taking the next ones into use.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use detente_ledger::keys::{KeyEvent, Role};
use detente_node::node::Refusal;
use schemars::JsonSchema;
use serde::Serialize;

use super::App;
use super::answer::{Answer, done, json};
use super::route::{Gives, Needs, Route, schema_of};
use crate::authority::Action;
use crate::problem::Problem;
use crate::users::Identity;

/// The keys of the node's ledger, in the order in which they were announced.
#[derive(Serialize, JsonSchema)]
struct Keys {
    /// The ledger.
    origin: String,
    /// Each key event; the last one counts.
    events: Vec<Announced>,
}

/// One key event.
#[derive(Serialize, JsonSchema)]
struct Announced {
    /// Index of its entry.
    index: u64,
    /// 0 for genesis, then one more each time.
    sequence: u64,
    /// The key that signs the ledger from then on.
    log: Option<String>,
    /// The key that cosigns the ledgers of others.
    cosign: Option<String>,
    /// The key of the unit.
    unit: Option<String>,
    /// Keys that may be in other hands.
    revoked: Vec<String>,
}

/// The next keys are in use.
#[derive(Serialize, JsonSchema)]
struct Rotated {
    /// The ledger.
    origin: String,
    /// Index of the key event.
    index: u64,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/keys",
            "read_keys",
            "The keys of this node's ledger, and since which entry each counts",
            Needs::House(Action::Read),
            Gives::Json(200, schema_of::<Keys>),
            get(read),
        ),
        Route::get(
            "/api/v1/keys/rotation",
            "rotate_keys",
            "Take the keys into use that follow those in use; answered when their event is durable",
            Needs::House(Action::Manage),
            Gives::Json(201, schema_of::<Rotated>),
            post(rotate),
        )
        .method("post"),
    ]
}

async fn read(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    let own = Arc::clone(&app.origin);
    let events = app.handle.look(move |node, _| {
        let events = node.key_events(&own).iter();
        events
            .map(|(index, event)| announced(*index, event))
            .collect()
    });
    let events = events
        .await
        .map_err(|stopped| Problem::unavailable(stopped.to_string()))?;
    let origin = app.origin.to_string();
    json(&headers, &Keys { origin, events })
}

fn announced(index: u64, event: &KeyEvent) -> Announced {
    let key = |role: Role| event.keys.get(&role).map(ToString::to_string);
    Announced {
        index,
        sequence: event.sequence,
        log: key(Role::Log),
        cosign: key(Role::Cosign),
        unit: key(Role::Unit),
        revoked: event.revoked.iter().map(ToString::to_string).collect(),
    }
}

async fn rotate(State(app): State<Arc<App>>, Extension(who): Extension<Identity>) -> Answer {
    let source = app.keys.clone();
    let read = tokio::task::spawn_blocking(move || source.read()).await;
    let ring = read
        .map_err(|error| Problem::unavailable(error.to_string()))?
        .map_err(|error| Problem::unavailable(error.to_string()))?;
    let answered = app.handle.rotate(ring).await;
    let answered = answered.map_err(|stopped| Problem::unavailable(stopped.to_string()))?;
    match answered {
        Ok(accepted) => {
            tracing::info!(index = accepted.index, by = %who.name, "the keys were rotated");
            let rotated = Rotated {
                origin: accepted.origin.to_string(),
                index: accepted.index,
            };
            done(StatusCode::CREATED, &rotated)
        }
        Err(refusal @ (Refusal::NoSuccessor | Refusal::Keys(_) | Refusal::UnderWay)) => {
            let detail = match refusal {
                Refusal::NoSuccessor => {
                    "`detente keys rotate` writes them where this server reads its keys".to_owned()
                }
                other => other.to_string(),
            };
            let title = "there are no keys that could follow now";
            Err(Problem::new(StatusCode::CONFLICT, "no-successor", title).detail(detail))
        }
        Err(Refusal::Elsewhere) => Err(Problem::elsewhere()),
        Err(other) => Err(Problem::unavailable(other.to_string())),
    }
}
