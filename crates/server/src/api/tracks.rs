//! Tracks: where each thing that somebody observed was last, as the observations on record say it.
//!
//! A track is what one participant's observations name as the same track of their source, and where they name none, what
//! they call by the same subject. Nobody's last position is replaced by what another says, nothing is carried on from it,
//! no track is joined with one that is called otherwise, and nothing here is put in an order of interest.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use detente_node::node::Node;
use detente_node::picture::{HistoryLine, Outcome, Picture};
use detente_records::{Kind, RecordId};
use detente_spacetime::Instant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::App;
use super::answer::{Answer, Asked, PAGE_QUERY, Page, PageWish, json};
use super::route::{Gives, Needs, Route, schema_of};
use super::visibility::is_hidden;
use crate::authority::Action;
use crate::problem::Problem;
use crate::users::Identity;

/// Most observations that are looked at, the newest written first: a feed writes thousands a day, each is read anew
/// for an answer, and where something was a month ago is in its history.
const OBSERVATIONS_MAX: usize = 20_000;

/// Most positions that the way of a track has, the newest kept: a line of so many bends is as much as anybody follows.
const PATH_MAX: usize = 256;

/// The last known position of a track, and the way there.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct TrackView {
    /// What the source calls it, or what its observations are about, `@`, and whose ledger they are in.
    id: String,
    /// What the source calls it, as recorded; null where its observations name no track.
    track_id: Option<String>,
    /// The subject of the observation that says the position.
    subject: String,
    /// Whose ledger.
    holder: String,
    /// When it was observed there, RFC 3339.
    at: String,
    /// How exactly that is known.
    time_precision: String,
    /// Degrees north, WGS84.
    latitude_deg: f64,
    /// Degrees east, WGS84.
    longitude_deg: f64,
    /// How exactly the place is known.
    precision: String,
    /// By what it was observed.
    means: String,
    /// By whom.
    source: String,
    /// The grade given by whoever recorded it: how reliable the source is, how credible what it says.
    grade: Option<TrackGrade>,
    /// What was observed, word for word.
    text: String,
    /// How many observations of it say a place.
    observations: usize,
    /// Where it was observed, in the order of time, the newest 256 positions.
    path: Vec<TrackPoint>,
    /// The ledger of the entry that says the position.
    origin: String,
    /// Its index there.
    index: u64,
    /// When that entry counts from, RFC 3339.
    recorded_at: String,
}

/// Where a track was observed, and when.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
struct TrackPoint {
    /// When, RFC 3339.
    at: String,
    /// Degrees north, WGS84.
    latitude_deg: f64,
    /// Degrees east, WGS84.
    longitude_deg: f64,
}

/// A grade: letter and digit, each judged on its own.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
struct TrackGrade {
    /// From A, completely reliable, to F, cannot be judged.
    reliability: String,
    /// From 1, confirmed, to 6, cannot be judged.
    credibility: String,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/tracks",
            "list_tracks",
            "Where each thing that was observed was last, as the observations on record say it",
            Needs::Picture(Action::Read),
            Gives::Json(200, schema_of::<Page<TrackView>>),
            get(tracks),
        )
        .query(PAGE_QUERY),
    ]
}

/// What an observation says, of what was checked when it took effect.
#[derive(Debug, Deserialize)]
struct Said {
    at: String,
    time_precision: String,
    means: String,
    source: String,
    text: String,
    track_id: Option<String>,
    grade: Option<TrackGrade>,
    place: Option<SaidPlace>,
}

#[derive(Debug, Deserialize)]
struct SaidPlace {
    position: Option<SaidPosition>,
    precision: String,
}

#[derive(Debug, Deserialize)]
struct SaidPosition {
    latitude_deg: f64,
    longitude_deg: f64,
}

async fn tracks(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Asked(wish): Asked<PageWish>,
    headers: HeaderMap,
) -> Answer {
    let view = app.handle.view();
    let sightings = sightings(&view.picture, |subject| {
        is_hidden(&app, &view.picture, &who, subject)
    });
    let seen = app.handle.look(move |node, _| seen(node, &sightings)).await;
    let seen = seen.map_err(|stopped| Problem::unavailable(stopped.to_string()))?;
    let items = seen.into_iter().map(|(id, (_, track))| (id, track));
    json(&headers, &wish.cut(items, |track| track)?)
}

/// The observations that took effect and may be seen, the newest first, up to the limit.
fn sightings(
    picture: &Picture,
    is_hidden: impl Fn(&RecordId) -> bool,
) -> Vec<(RecordId, HistoryLine)> {
    let is_sighting = |line: &&HistoryLine| {
        line.kind == Kind::ObservationRecorded && matches!(line.outcome, Outcome::Effective(_))
    };
    let mut found: Vec<(&RecordId, &HistoryLine)> = picture
        .histories()
        .flat_map(|(subject, lines)| lines.iter().map(move |line| (subject, line)))
        .filter(|(_, line)| is_sighting(line))
        .filter(|(subject, _)| !is_hidden(subject))
        .collect();
    found.sort_by_key(|(_, line)| Reverse((line.at, &line.source.origin, line.source.index)));
    found.truncate(OBSERVATIONS_MAX);
    found
        .into_iter()
        .map(|(subject, line)| (subject.clone(), line.clone()))
        .collect()
}

/// Finds the last observation with a place of each track, in the order of their ids.
fn seen(
    node: &Node<Picture>,
    sightings: &[(RecordId, HistoryLine)],
) -> BTreeMap<String, (Instant, TrackView)> {
    let mut last: BTreeMap<String, (Instant, TrackView)> = BTreeMap::new();
    let mut ways: BTreeMap<String, BTreeMap<Instant, TrackPoint>> = BTreeMap::new();
    for (subject, line) in sightings {
        let Some((at, mut track)) = track(node, subject, line) else {
            continue;
        };
        let way = ways.entry(track.id.clone()).or_default();
        // Of two that say where it was at one instant, the one written last, which comes first, counts.
        way.entry(at).or_insert_with(|| TrackPoint {
            at: track.at.clone(),
            latitude_deg: track.latitude_deg,
            longitude_deg: track.longitude_deg,
        });
        // What is written late may be of earlier: the last is the one observed last.
        if let Some((known_at, known)) = last.get_mut(&track.id) {
            known.observations = known.observations.saturating_add(1);
            if *known_at >= at {
                continue;
            }
            track.observations = known.observations;
        }
        last.insert(track.id.clone(), (at, track));
    }
    for (id, way) in ways {
        if let Some((_, track)) = last.get_mut(&id) {
            let skipped = way.len().saturating_sub(PATH_MAX);
            track.path = way.into_values().skip(skipped).collect();
        }
    }
    last
}

/// Reads an observation from its entry; `None` for one that says no position.
fn track(
    node: &Node<Picture>,
    subject: &RecordId,
    line: &HistoryLine,
) -> Option<(Instant, TrackView)> {
    let position = node
        .history()
        .position(&line.source.origin, line.source.index)?;
    let placed = node.history().recorded(position)?;
    let said: Said = serde_json::from_value(Value::Object(placed.entry.body.clone())).ok()?;
    let at = Instant::parse_rfc3339(&said.at).ok()?;
    let place = said.place?;
    let position = place.position?;
    let track = TrackView {
        id: format!(
            "{}@{}",
            said.track_id.as_deref().unwrap_or(subject.as_str()),
            line.author.holder
        ),
        track_id: said.track_id,
        subject: subject.to_string(),
        holder: line.author.holder.to_string(),
        at: at.to_string(),
        time_precision: said.time_precision,
        latitude_deg: position.latitude_deg,
        longitude_deg: position.longitude_deg,
        precision: place.precision,
        means: said.means,
        source: said.source,
        grade: said.grade,
        text: said.text,
        observations: 1,
        path: Vec::new(),
        origin: line.source.origin.to_string(),
        index: line.source.index,
        recorded_at: line.at.to_string(),
    };
    Some((at, track))
}
