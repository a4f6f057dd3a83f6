//! The picture at an instant, as GeoJSON: as it was, as it is, or as it will be if nobody writes anything more.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use detente_node::picture::Picture;
use detente_spacetime::Instant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::App;
use super::answer::{Answer, Asked, json};
use super::route::{Gives, Needs, Parameter, Route, schema_of};
use crate::authority::Action;
use crate::problem::Problem;
use crate::view::{FeatureView, features};

/// A GeoJSON FeatureCollection (RFC 7946, section 3.3) with what it is of.
#[derive(Serialize, JsonSchema)]
struct PictureView {
    /// `FeatureCollection`.
    #[serde(rename = "type")]
    of_type: &'static str,
    /// The instant shown, RFC 3339.
    at: String,
    /// The node's clock when it answered, RFC 3339.
    now: String,
    /// Entries folded into it.
    applied: u64,
    /// Everything that stands, things of the text first.
    features: Vec<FeatureView>,
}

/// Which instant is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    at: Option<String>,
}

const QUERY: &[Parameter] = &[Parameter {
    name: "at",
    says: "the instant, RFC 3339; the node's clock when not given",
    schema: || serde_json::json!({"type": "string", "format": "date-time"}),
}];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/picture/features",
            "read_features",
            "Everything that stands at an instant, as GeoJSON: earlier as known now, later if nothing more is written",
            Needs::Picture(Action::Read),
            Gives::Json(200, schema_of::<PictureView>),
            get(read),
        )
        .query(QUERY),
    ]
}

async fn read(
    State(app): State<Arc<App>>,
    Asked(wanted): Asked<Wanted>,
    headers: HeaderMap,
) -> Answer {
    let now = app.clock.now();
    let at = match wanted.at.as_deref() {
        None => now,
        Some(text) => Instant::parse_rfc3339(text)
            .map_err(|error| Problem::malformed(format!("`at`: {error}")))?,
    };
    let picture = stood(&app, at).await?;
    // Drawing outlines takes a while where there are many.
    let drawn = tokio::task::spawn_blocking(move || {
        let picture = picture.at(at);
        (picture.applied(), features(&picture))
    });
    let (applied, features) = drawn
        .await
        .map_err(|_| Problem::unavailable("the picture could not be drawn"))?;
    let view = PictureView {
        of_type: "FeatureCollection",
        at: at.to_string(),
        now: now.to_string(),
        applied,
        features,
    };
    json(&headers, &view)
}

/// Returns the picture of the entries that count by an instant.
pub(super) async fn stood(app: &App, at: Instant) -> Result<Picture, Problem> {
    let view = app.handle.view();
    if at >= view.picture.newest() {
        return Ok(view.picture.clone());
    }
    let past = app.handle.look(move |node, _| node.history().past(at));
    let past = past
        .await
        .map_err(|stopped| Problem::unavailable(stopped.to_string()))?;
    let replayed = tokio::task::spawn_blocking(move || past.replay());
    replayed
        .await
        .map_err(|_| Problem::unavailable("the past could not be told"))
}
