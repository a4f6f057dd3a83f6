//! An event as JSON, one line each (docs/reference/events.md).

use detente_monitoring::{Event, Fix};
use detente_spacetime::{Altitude, Position};
use serde::Serialize;

/// An event on the wire.
#[derive(Debug, Serialize)]
pub(super) struct EventAnswer<'a> {
    id: &'a str,
    event: &'static str,
    track: &'a str,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    with_kind: Option<&'static str>,
    certainty: &'static str,
    between_fixes: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    border: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    altitude: Option<AltitudeAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    force: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stated_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alert: Option<AlertAnswer<'a>>,
    evidence: Vec<FixAnswer<'a>>,
    evidence_item: ItemAnswer<'a>,
}

/// What keeps the evidence: the hash of its bytes, and how far the source's clock was off.
#[derive(Debug, Serialize)]
pub(super) struct ItemAnswer<'a> {
    pub(super) sha256: String,
    pub(super) bytes: u64,
    pub(super) media_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) clock_ahead_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) clock_basis: Option<&'a str>,
}

/// An early warning on the wire. It has no place for what is coming.
#[derive(Debug, Serialize)]
pub(super) struct WarningAnswer<'a> {
    pub(super) id: String,
    pub(super) event: &'static str,
    pub(super) does: &'static str,
    pub(super) first: String,
    pub(super) number: u32,
    pub(super) place: &'a str,
    pub(super) at: String,
    pub(super) earliest: String,
    pub(super) expected: String,
    pub(super) latest: String,
    pub(super) subscribers: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct PlaceAnswer {
    latitude_deg: f64,
    longitude_deg: f64,
}

#[derive(Debug, Serialize)]
struct AltitudeAnswer {
    value_m: f64,
    reference: &'static str,
}

#[derive(Debug, Serialize)]
struct AlertAnswer<'a> {
    kind: &'static str,
    articles: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guarantor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct FixAnswer<'a> {
    at: String,
    place: PlaceAnswer,
    #[serde(skip_serializing_if = "Option::is_none")]
    altitude: Option<AltitudeAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

impl<'a> EventAnswer<'a> {
    pub(super) fn new(event: &'a Event, id: &'a str, evidence_item: ItemAnswer<'a>) -> Self {
        let alert = event.alert.as_ref().map(|alert| AlertAnswer {
            kind: alert.kind.wire_name(),
            articles: alert.answer.articles.iter().map(AsRef::as_ref).collect(),
            guarantor: alert.answer.guarantor.as_deref(),
            clock: alert.answer.clock.as_deref(),
        });
        Self {
            id,
            event: event.kind.wire_name(),
            track: &event.track,
            at: event.at.to_string(),
            until: event.until.map(|until| until.to_string()),
            with: event.with.as_ref().map(|(id, _)| id.as_ref()),
            with_kind: event.with.as_ref().map(|(_, kind)| kind.wire_name()),
            certainty: event.certainty.wire_name(),
            between_fixes: event.between_fixes,
            border: event.border.map(|border| border.wire_name()),
            place: event.place.map(place),
            altitude: event.altitude.map(altitude),
            force: event.force.as_deref(),
            stated_by: event.stated_by.as_deref(),
            operation: event.operation.as_deref(),
            alert,
            evidence: event.evidence.iter().map(fix).collect(),
            evidence_item,
        }
    }
}

fn fix(fix: &Fix) -> FixAnswer<'_> {
    FixAnswer {
        at: fix.at.to_string(),
        place: place(fix.position),
        altitude: fix.altitude.map(altitude),
        source: fix.source.as_deref(),
    }
}

/// Degrees to nine decimals: a tenth of a millimetre.
fn place(position: Position) -> PlaceAnswer {
    let rounded = |degrees: f64| (degrees * 1e9).round() / 1e9;
    PlaceAnswer {
        latitude_deg: rounded(position.latitude_deg()),
        longitude_deg: rounded(position.longitude_deg()),
    }
}

fn altitude(altitude: Altitude) -> AltitudeAnswer {
    AltitudeAnswer {
        value_m: (altitude.value_m() * 1e3).round() / 1e3,
        reference: altitude.reference().code(),
    }
}
