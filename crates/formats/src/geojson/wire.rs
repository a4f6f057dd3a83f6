//! The profile as it is written: serialisable twins of records, and the way from one to the other.
//!
//! Output is stable: the same records give the same bytes, members in a fixed order, one feature a
//! line, numbers in the shortest form that reads back to the same double.

use std::collections::BTreeMap;

use detente_records::{
    Area, Drawing, HumanitarianMovement, LocalText, Name, Operation, PlainVolume, ProtectedObject,
    Shape, drawing,
};
use detente_spacetime::{
    Altitude, AltitudeBand, AltitudeError, Instant, METRES_IN_FOOT, Position, Reference, Unit,
    Window,
};
use serde::Serialize;

/// Records to be written as one collection, in the order of these fields.
#[derive(Clone, Copy, Debug, Default)]
pub struct Records<'a> {
    /// Areas.
    pub areas: &'a [Area],
    /// Protected objects.
    pub protected: &'a [ProtectedObject],
    /// Humanitarian movements.
    pub movements: &'a [HumanitarianMovement],
    /// Operations, each volume a feature.
    pub operations: &'a [Operation],
}

/// Returns `records` as a FeatureCollection of the profile.
pub fn write_records(records: &Records<'_>) -> String {
    let areas = records.areas.iter().map(area);
    let protected = records.protected.iter().map(protected);
    let movements = records.movements.iter().map(movement);
    let operations = records.operations.iter().flat_map(operation);
    collection(areas.chain(protected).chain(movements).chain(operations))
}

/// Returns bare volumes as a FeatureCollection of the profile.
pub fn write_volumes(volumes: &[PlainVolume]) -> String {
    collection(volumes.iter().map(|plain| Feature {
        kind: "Feature",
        id: plain.id.as_deref(),
        geometry: Geometry::of(&plain.drawing),
        properties: Properties {
            kind: plain.kind.map(|kind| kind.wire_name()),
            name: plain.name.as_ref().map(Text::of),
            ..Properties::of(&plain.drawing, &plain.volume.altitude, &plain.volume.window)
        },
    }))
}

fn collection<'a>(features: impl Iterator<Item = Feature<'a>>) -> String {
    let mut out = String::from("{\"type\":\"FeatureCollection\",\"features\":[");
    let mut separator = "\n";
    for feature in features {
        out.push_str(separator);
        // Writing to memory fails only for maps with keys that are no text; there are none.
        out.push_str(&serde_json::to_string(&feature).unwrap_or_default());
        separator = ",\n";
    }
    out.push_str("\n]}\n");
    out
}

fn area(area: &Area) -> Feature<'_> {
    Feature {
        kind: "Feature",
        id: Some(area.id.as_str()),
        geometry: Geometry::of(&area.drawing),
        properties: Properties {
            kind: Some(area.kind.wire_name()),
            name: area.name.as_ref().map(Text::of),
            area_kind: area.area_kind.map(|kind| kind.wire_name()),
            applies_to: listed(&area.applies_to),
            activities: area
                .activities
                .iter()
                .map(|activity| activity.wire_name())
                .collect(),
            consent_of: area.consent_of.as_ref().map(listed),
            groups: listed(&area.groups),
            ..Properties::of(&area.drawing, &area.volume.altitude, &area.volume.window)
        },
    }
}

fn protected(object: &ProtectedObject) -> Feature<'_> {
    Feature {
        kind: "Feature",
        id: Some(object.id.as_str()),
        geometry: Geometry::of(&object.drawing),
        properties: Properties {
            kind: Some("protected_object"),
            name: object.name.as_ref().map(Text::of),
            category: Some(object.category.as_str()),
            accuracy_m: object.accuracy_m,
            standoff_m: object.standoff_m,
            submitted_by: object.submitted_by.as_ref().map(Name::as_str),
            ..Properties::of(
                &object.drawing,
                &object.volume.altitude,
                &object.volume.window,
            )
        },
    }
}

fn movement(movement: &HumanitarianMovement) -> Feature<'_> {
    let legs = movement.legs.iter().map(|leg| Leg {
        name: leg.name.as_ref().map(Text::of),
        start: instant(leg.window.start()),
        end: end(&leg.window),
    });
    Feature {
        kind: "Feature",
        id: Some(movement.id.as_str()),
        geometry: Geometry::of(&movement.drawing),
        properties: Properties {
            kind: Some("humanitarian_movement"),
            name: movement.name.as_ref().map(Text::of),
            organisation: Some(movement.organisation.as_str()),
            legs: legs.collect(),
            ..Properties::of(
                &movement.drawing,
                &movement.volume.altitude,
                &movement.volume.window,
            )
        },
    }
}

fn operation(operation: &Operation) -> impl Iterator<Item = Feature<'_>> {
    operation
        .volumes
        .iter()
        .zip(&operation.drawings)
        .map(|(volume, drawing)| Feature {
            kind: "Feature",
            id: None,
            geometry: Geometry::of(drawing),
            properties: Properties {
                kind: Some("operation"),
                name: operation.name.as_ref().map(Text::of),
                operation: Some(operation.id.as_str()),
                party: Some(operation.party.as_str()),
                force: Some(operation.force.as_str()),
                activity: Some(operation.activity.wire_name()),
                consents: listed(&operation.consents),
                notified: operation.notified.map(instant),
                ..Properties::of(drawing, &volume.altitude, &volume.window)
            },
        })
}

fn listed<'a, N: Name + 'a>(names: impl IntoIterator<Item = &'a N>) -> Vec<&'a str> {
    names.into_iter().map(Name::as_str).collect()
}

/// A GeoJSON feature.
#[derive(Debug, Serialize)]
struct Feature<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    geometry: Geometry,
    properties: Properties<'a>,
}

/// A GeoJSON geometry.
#[derive(Debug, Serialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Point([f64; 2]),
    LineString(Vec<[f64; 2]>),
    Polygon(Vec<Vec<[f64; 2]>>),
    MultiPolygon(Vec<Vec<Vec<[f64; 2]>>>),
}

impl Geometry {
    fn of(drawing: &Drawing) -> Self {
        match &drawing.shape {
            Shape::Polygon(polygon) => Self::Polygon(rings(polygon)),
            Shape::MultiPolygon(polygons) => {
                Self::MultiPolygon(polygons.iter().map(|polygon| rings(polygon)).collect())
            }
            Shape::Circle { centre, .. } => Self::Point(pair(centre)),
            Shape::Corridor { line, .. } => Self::LineString(line.iter().map(pair).collect()),
        }
    }
}

fn rings(polygon: &[Vec<Position>]) -> Vec<Vec<[f64; 2]>> {
    polygon
        .iter()
        .map(|ring| ring.iter().map(pair).collect())
        .collect()
}

fn pair(position: &Position) -> [f64; 2] {
    [position.longitude_deg(), position.latitude_deg()]
}

/// The properties of the profile, in the order they are written.
#[derive(Debug, Default, Serialize)]
struct Properties<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    party: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    force: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    activity: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    consents: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notified: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    area_kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    applies_to: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    activities: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent_of: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy_m: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    standoff_m: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    legs: Vec<Leg<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    radius_m: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    half_width_m: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edges: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower: Option<Height>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper: Option<Height>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
}

impl Properties<'_> {
    /// Returns the properties every kind shares.
    fn of(drawing: &Drawing, altitude: &AltitudeBand, window: &Window) -> Self {
        let (radius_m, half_width_m) = match drawing.shape {
            Shape::Circle { radius_m, .. } => (Some(radius_m), None),
            Shape::Corridor { half_width_m, .. } => (None, Some(half_width_m)),
            Shape::Polygon(_) | Shape::MultiPolygon(_) => (None, None),
        };
        let edges = drawing::EDGES
            .iter()
            .skip(1)
            .find(|(_, edges)| *edges == drawing.edges);
        Self {
            radius_m,
            half_width_m,
            edges: edges.map(|(name, _)| *name),
            lower: Some(Height::of(&altitude.lower())),
            upper: Some(Height::of(&altitude.upper())),
            start: Some(instant(window.start())),
            end: Some(end(window)),
            ..Self::default()
        }
    }
}

/// One leg of a timetable.
#[derive(Debug, Serialize)]
struct Leg<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Text<'a>>,
    start: String,
    end: String,
}

/// Text for people.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Text<'a> {
    Plain(&'a str),
    ByLanguage(BTreeMap<&'a str, &'a str>),
}

impl<'a> Text<'a> {
    fn of(text: &'a LocalText) -> Self {
        match text {
            LocalText::Plain(text) => Self::Plain(text),
            LocalText::ByLanguage(texts) => {
                let texts = texts.iter();
                Self::ByLanguage(
                    texts
                        .map(|(tag, text)| (tag.as_str(), text.as_str()))
                        .collect(),
                )
            }
        }
    }
}

/// An altitude with its unit and reference.
#[derive(Debug, Serialize)]
struct Height {
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'static str>,
    reference: &'static str,
}

impl Height {
    fn of(altitude: &Altitude) -> Self {
        let reference = altitude.reference().code();
        if matches!(
            altitude.reference(),
            Reference::Surface | Reference::Unlimited
        ) {
            return Self {
                value: None,
                unit: None,
                reference,
            };
        }
        let value_m = altitude.value_m();
        let feet = value_m / METRES_IN_FOOT;
        let (unit, value) = match altitude.unit() {
            Unit::Metres => ("m", value_m),
            Unit::Feet => {
                let read = |number| Altitude::from_feet(number, altitude.reference());
                ("ft", written_value(value_m, feet, read))
            }
            Unit::FlightLevel => (
                "FL",
                written_value(value_m, feet / 100.0, Altitude::flight_level),
            ),
        };
        Self {
            value: Some(value),
            unit: Some(unit),
            reference,
        }
    }
}

/// Returns the number that `read` turns into `value_m`: the one near `quotient` with the fewest
/// decimals if one of up to nine decimals is, else the quotient.
fn written_value(
    value_m: f64,
    quotient: f64,
    read: impl Fn(f64) -> Result<Altitude, AltitudeError>,
) -> f64 {
    let reads_back = |number: &f64| {
        read(*number).is_ok_and(|altitude| altitude.value_m().to_bits() == value_m.to_bits())
    };
    (0..=9)
        .map(|decimals| 10_f64.powi(decimals))
        .map(|scale| (quotient * scale).round() / scale)
        .find(reads_back)
        .unwrap_or(quotient)
}

fn instant(instant: Instant) -> String {
    instant.to_string()
}

fn end(window: &Window) -> String {
    window.end().map_or_else(|| "UFN".to_owned(), instant)
}
