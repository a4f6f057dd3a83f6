//! Whether the node can do its work, what it counted, and the document of this API.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use detente_node::federation::Presence;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::answer::{Answer, done, json};
use super::route::{Gives, Needs, Route, schema_of};
use super::{App, gate};
use crate::authority::{Action, Object};
use crate::metrics::Gauge;
use crate::problem::Problem;

/// Whether the node can do its work.
#[derive(Serialize, JsonSchema)]
struct Health {
    /// It may write: this server is the one that writes, and peers agree with what its ledger holds.
    can_write: bool,
    /// Seconds since the newest entry of its own ledger was folded.
    checkpoint_age_s: Option<u64>,
    /// Both, within the limit.
    is_healthy: bool,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/healthz",
            "health",
            "Signed a checkpoint lately and can write",
            Needs::Nobody,
            Gives::Untagged("application/json", Some(schema_of::<Health>)),
            get(health),
        )
        .also(503),
        Route::get(
            "/metrics",
            "metrics",
            "Counters for Prometheus; from other machines for those who may read the house",
            Needs::Nobody,
            Gives::Untagged("text/plain", None),
            get(metrics),
        ),
        Route::get(
            "/api/v1/openapi.json",
            "openapi",
            "This document",
            Needs::Nobody,
            Gives::Json(200, schema_of::<Value>),
            get(openapi),
        ),
    ]
}

/// Whether this server may write now. A view is of when it was made: a server whose database is gone
/// makes none any more, and knows at once that it no longer writes.
fn can_write(app: &App) -> bool {
    app.handle.view().is_confirmed && *app.handle.leading().borrow()
}

async fn health(State(app): State<Arc<App>>) -> Answer {
    let view = app.handle.view();
    let signed_at = view.signed_at;
    let now_us = app.clock.now().micros();
    let age_s = signed_at.map(|at| u64::try_from((now_us - at.micros()) / 1_000_000).unwrap_or(0));
    let recent = age_s.is_some_and(|age_s| age_s <= app.checkpoint_s_max);
    let can_write = can_write(&app);
    let health = Health {
        can_write,
        checkpoint_age_s: age_s,
        is_healthy: can_write && recent,
    };
    let status = match health.is_healthy {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    done(status, &health)
}

/// How many entries there are of whose ledger is the house's business once others can reach the socket.
async fn metrics(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    if !app.is_local {
        let who = gate::identify(&app, &Method::GET, &headers)?;
        if app
            .authority
            .grant(&who, Action::Read, Object::House)
            .is_none()
        {
            return Err(Problem::forbidden());
        }
    }
    let view = app.handle.view();
    let gauge = |name, help, origin: &Arc<str>, value| Gauge {
        name,
        help,
        label: Some(("origin", origin.to_string())),
        value,
    };
    let mut gauges = Vec::new();
    for (origin, ledger) in &view.ledgers {
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        let size = ledger.size as f64;
        gauges.push(gauge(
            "detente_ledger_entries",
            "Entries held.",
            origin,
            size,
        ));
    }
    for (origin, ledger) in &view.ledgers {
        let up = match ledger.presence {
            Some(Presence::Normal) => 1.0,
            Some(Presence::Unknown | Presence::Down) => 0.0,
            None => continue,
        };
        gauges.push(gauge(
            "detente_peer_up",
            "Whether a peer answers.",
            origin,
            up,
        ));
    }
    gauges.push(Gauge {
        name: "detente_can_write",
        help: "Whether the node may write.",
        label: None,
        value: f64::from(u8::from(can_write(&app))),
    });
    let text = app.metrics.to_text(&gauges);
    let media = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    Ok((media, text).into_response())
}

async fn openapi(headers: HeaderMap) -> Answer {
    json(&headers, &super::openapi_document())
}
