//! Places by name: what a name may stand for, to be read back to whoever said it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use detente_sharing::gazetteer::{Candidate, Likeness};
use detente_spacetime::Position;
use detente_spacetime::notation::{self, Notation, Stated};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::App;
use super::answer::{self, Answer, json};
use super::route::{Gives, Needs, Parameter, Route, schema_of};
use crate::authority::Action;
use crate::problem::Problem;

/// A name, and where it was said to be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    name: String,
    #[serde(default)]
    latitude_deg: Option<f64>,
    #[serde(default)]
    longitude_deg: Option<f64>,
    /// The same in any notation.
    #[serde(default)]
    at: Option<String>,
}

/// A position as somebody said it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    text: String,
    #[serde(default)]
    notation: Option<String>,
}

/// A position, read strictly and said again.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct PositionView {
    /// What was said.
    said: String,
    /// The notation it was said in.
    notation: &'static str,
    latitude_deg: f64,
    longitude_deg: f64,
    /// How exactly it was said, by its digits.
    precision_m: f64,
    /// The same in other notations, to be confirmed by whoever said it.
    read_back: Vec<ReadBackView>,
}

/// A position in another notation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct ReadBackView {
    notation: &'static str,
    text: String,
    /// How far what is read back lies from what was said.
    distance_m: f64,
}

impl PositionView {
    pub(super) fn of(text: &str, said: &Stated, notations: &[Notation]) -> Self {
        let read_back = notations.iter().map(|notation| {
            let back = said.read_back(*notation);
            ReadBackView {
                notation: notation.wire_name(),
                text: back.text,
                distance_m: back.distance_m,
            }
        });
        Self {
            said: text.to_owned(),
            notation: said.notation.wire_name(),
            latitude_deg: said.position.latitude_deg(),
            longitude_deg: said.position.longitude_deg(),
            precision_m: said.precision_m,
            read_back: read_back.collect(),
        }
    }
}

/// What a name may stand for.
#[derive(Debug, Serialize, JsonSchema)]
struct PlacesView {
    /// Places known here at all; none when the dossier brings no gazetteer.
    known: usize,
    /// Likeliest first. None is chosen: whoever said the name confirms one.
    candidates: Vec<PlaceView>,
}

/// A place that may be meant.
#[derive(Debug, Serialize, JsonSchema)]
struct PlaceView {
    id: String,
    /// Every name it goes by, with its language.
    names: Vec<NameView>,
    /// The name that was found.
    matched: String,
    /// `same`, `sounds` or `near`.
    likeness: &'static str,
    /// How many letters or sounds differ.
    edits: usize,
    latitude_deg: f64,
    longitude_deg: f64,
    accuracy_m: f64,
    /// How far from where it was said to be.
    distance_m: Option<f64>,
    /// How its position is known.
    source: String,
    /// What to read back.
    read_back: String,
}

/// A name in one language.
#[derive(Debug, Serialize, JsonSchema)]
struct NameView {
    language: String,
    text: String,
}

const QUERY: &[Parameter] = &[
    Parameter {
        name: "name",
        says: "the name as it was written or heard",
        schema: || serde_json::json!({"type": "string", "minLength": 1}),
    },
    Parameter {
        name: "latitude_deg",
        says: "where it was said to be, degrees north",
        schema: || serde_json::json!({"type": "number", "minimum": -90, "maximum": 90}),
    },
    Parameter {
        name: "longitude_deg",
        says: "where it was said to be, degrees east",
        schema: || serde_json::json!({"type": "number", "minimum": -180, "maximum": 180}),
    },
    Parameter {
        name: "at",
        says: "where it was said to be, in any notation, in place of the degrees",
        schema: || serde_json::json!({"type": "string", "minLength": 1}),
    },
];

const SAID: &[Parameter] = &[
    Parameter {
        name: "text",
        says: "the position as it was written or heard",
        schema: || serde_json::json!({"type": "string", "minLength": 1}),
    },
    Parameter {
        name: "notation",
        says: "say it again in this notation only",
        schema: || serde_json::json!({"type": "string", "enum": Notation::ALL.map(Notation::wire_name)}),
    },
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/places",
            "find_places",
            "Places a name may stand for, in Arabic, Russian or Latin letters, to be read back",
            Needs::Picture(Action::Read),
            Gives::Json(200, schema_of::<PlacesView>),
            get(find),
        )
        .query(QUERY),
        Route::get(
            "/api/v1/positions",
            "read_position",
            "A position in degrees, MGRS or UTM, read strictly and said again in other notations",
            Needs::Picture(Action::Read),
            Gives::Json(200, schema_of::<PositionView>),
            get(position),
        )
        .query(SAID),
    ]
}

async fn position(answer::Asked(said): answer::Asked<Said>, headers: HeaderMap) -> Answer {
    let stated = notated(&said.text)?;
    let notations = match said.notation.as_deref() {
        None => Notation::ALL.to_vec(),
        Some(name) => {
            let unknown = "the notation is decimal, sexagesimal, mgrs or utm";
            vec![Notation::named(name).ok_or_else(|| Problem::malformed(unknown))?]
        }
    };
    json(&headers, &PositionView::of(&said.text, &stated, &notations))
}

fn notated(text: &str) -> Result<Stated, Problem> {
    notation::read(text).map_err(|error| Problem::malformed(format!("{error}; {}", error.help())))
}

async fn find(
    State(app): State<Arc<App>>,
    answer::Asked(asked): answer::Asked<Asked>,
    headers: HeaderMap,
) -> Answer {
    if asked.name.is_empty() {
        return Err(Problem::malformed(
            "`name` is empty: give the name as it was heard",
        ));
    }
    let said_at = match (asked.latitude_deg, asked.longitude_deg, &asked.at) {
        (None, None, None) => None,
        (None, None, Some(text)) => Some(notated(text)?.position),
        (Some(latitude), Some(longitude), None) => {
            let position = Position::new(latitude, longitude);
            Some(position.map_err(|error| Problem::malformed(error.to_string()))?)
        }
        _ => return Err(Problem::malformed("give both degrees, or `at`, or neither")),
    };
    let gazetteer = &app.gazetteer;
    let candidates = gazetteer.resolve(&asked.name, said_at);
    let shown = PlacesView {
        known: gazetteer.places().count(),
        candidates: candidates
            .iter()
            .map(|candidate| PlaceView::of(candidate, gazetteer.read_back(candidate)))
            .collect(),
    };
    json(&headers, &shown)
}

impl PlaceView {
    fn of(candidate: &Candidate<'_>, read_back: String) -> Self {
        let place = candidate.place;
        let (likeness, edits) = match candidate.likeness {
            Likeness::Same => ("same", 0),
            Likeness::Sounds => ("sounds", 0),
            Likeness::Near(edits) => ("near", edits),
        };
        let matched = place.names.get(candidate.name);
        Self {
            id: place.id.to_string(),
            names: place
                .names
                .iter()
                .map(|name| NameView {
                    language: name.language.to_string(),
                    text: name.text.clone(),
                })
                .collect(),
            matched: matched.map_or_else(String::new, |name| name.text.clone()),
            likeness,
            edits,
            latitude_deg: place.position.latitude_deg(),
            longitude_deg: place.position.longitude_deg(),
            accuracy_m: place.accuracy_m,
            distance_m: candidate.distance_m,
            source: place.source.clone(),
            read_back,
        }
    }
}
