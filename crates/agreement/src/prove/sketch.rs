//! A counterexample as GeoJSON, drawn at a place of the caller's choosing, so that it can be
//! checked and looked at like any operation.

use detente_spacetime::{GeoBox, Instant, Position};
use serde_json::{Value, json};

use super::concretise::Counterexample;
use crate::case::{OperationCase, Thing, Touch};

/// Radius of the drawn operation, in metres: large enough to see, small beside any area.
const OPERATION_RADIUS_M: f64 = 1_000.0;
/// Radius of the drawn areas, in metres: the operation lies well inside.
const AREA_RADIUS_M: f64 = 5_000.0;
/// How far out of the way the operation is while it meets nothing, in metres: outside every area.
const ASIDE_M: f64 = 30_000.0;
/// Radius of a drawn protected object, in metres.
const OBJECT_RADIUS_M: f64 = 10.0;
/// Half the whole metre that a fact is rounded down to.
const HALF_METRE: f64 = 0.5;
/// Semi-major axis (metres) and first eccentricity squared of WGS84 (NGA.STND.0036, table 3.1).
const WGS84: (f64, f64) = (6_378_137.0, 0.006_694_379_990_141_3);

/// Places far out at sea, latitude and longitude in degrees: a case is drawn at the first that is free.
const FREE_PLACES: [(f64, f64); 4] = [(0.0, -30.0), (-30.0, 80.0), (30.0, -45.0), (-40.0, -120.0)];
/// The room a drawn case needs, metres: its areas have a radius of 5 km, its distances at most some tens of kilometres.
const ROOM_M: f64 = 100_000.0;

/// Returns a place far out at sea that no box of `taken` comes near, to draw a case at; the first of all when none is free.
pub fn free_place(taken: impl IntoIterator<Item = GeoBox>) -> Position {
    let taken: Vec<GeoBox> = taken.into_iter().collect();
    let is_free = |place: &Position| {
        let room = GeoBox::around(*place, ROOM_M);
        !taken.iter().any(|bounds| bounds.intersects(&room))
    };
    let mut places = FREE_PLACES.map(place).into_iter();
    places
        .find(is_free)
        .unwrap_or_else(|| place(FREE_PLACES[0]))
}

#[expect(
    clippy::expect_used,
    reason = "the places are constants, and on the Earth"
)]
fn place((latitude_deg, longitude_deg): (f64, f64)) -> Position {
    Position::new(latitude_deg, longitude_deg).expect("a place on the Earth")
}

/// The features of a counterexample, one collection for each file of a dossier.
#[derive(Clone, Debug, PartialEq)]
pub struct Sketch {
    /// The operation, and any other it meets.
    pub operations: Value,
    /// The areas it enters.
    pub areas: Value,
    /// The protected objects it comes near.
    pub protected: Value,
    /// The humanitarian movements it meets.
    pub movements: Value,
}

impl Counterexample {
    /// Draws the operation around `at`, and beside it what it touches.
    ///
    /// Choose a place away from everything else in the dossier, not near a pole. Distances are
    /// kept to within a metre; what is assumed of parties and agreement
    /// ([`Counterexample::assumed`]) cannot be drawn.
    pub fn sketch(&self, at: Position) -> Sketch {
        let (mut areas, mut protected, mut movements) = (Vec::new(), Vec::new(), Vec::new());
        let mut operations = operation(&self.operation, at);
        protected.extend(nearest(&self.operation, at));
        for touch in &self.operation.touches {
            match &touch.thing {
                Thing::Area(_) => areas.push(thing(touch, at)),
                Thing::ProtectedObject { .. } => protected.push(thing(touch, at)),
                Thing::Movement { .. } => movements.push(thing(touch, at)),
                Thing::Operation { .. } => operations.push(thing(touch, at)),
            }
        }
        Sketch {
            operations: collection(operations),
            areas: collection(areas),
            protected: collection(protected),
            movements: collection(movements),
        }
    }
}

fn collection(features: Vec<Value>) -> Value {
    json!({ "type": "FeatureCollection", "features": features })
}

/// The operation: at `at` while it meets what it meets, and out of the way before and after.
fn operation(case: &OperationCase, at: Position) -> Vec<Value> {
    let met = case.touches.first();
    let (enters, leaves) = match met {
        Some(touch) => (touch.enters.max(case.starts), touch.leaves),
        None => (case.starts, case.ends),
    };
    let mut stretches = Vec::new();
    if case.starts < enters {
        stretches.push((case.starts, Some(enters), east_of(at, -ASIDE_M)));
    }
    stretches.push((enters, leaves, at));
    if let Some(leaves) = leaves
        && case.ends.is_none_or(|ends| leaves < ends)
    {
        stretches.push((leaves, case.ends, east_of(at, -ASIDE_M)));
    }
    let consents: Vec<&str> = case.consents.iter().map(|id| id.as_str()).collect();
    let volumes = stretches.into_iter().enumerate();
    let volumes = volumes.map(|(index, (start, end, place))| {
        let mut properties = json!({
            "id": format!("counterexample-volume-{}", index + 1),
            "kind": "operation",
            "operation": case.operation.as_str(),
            "party": case.party.as_str(),
            "force": case.force.as_str(),
            "activity": case.activity.wire_name(),
            "consents": consents,
        });
        if let Some(notified) = case.notified {
            set(&mut properties, "notified", json!(notified.to_string()));
        }
        feature(place, OPERATION_RADIUS_M, start, end, properties)
    });
    volumes.collect()
}

/// A protected object as far away as the nearest one is said to be, where none that is met is as
/// near: it takes no part but that distance.
fn nearest(case: &OperationCase, at: Position) -> Option<Value> {
    let distance_m = case.nearest_protected_m?;
    let met = case.touches.iter().any(|touch| {
        matches!(touch.thing, Thing::ProtectedObject { .. }) && touch.distance_m <= distance_m
    });
    if met {
        return None;
    }
    let properties = json!({
        "id": "nearest-protected-object", "kind": "protected_object",
        "category": super::world::OTHER_CATEGORY, "standoff_m": 0, "accuracy_m": 0,
    });
    let west_m = OPERATION_RADIUS_M + distance_m + HALF_METRE + OBJECT_RADIUS_M;
    Some(feature(
        east_of(at, -west_m),
        OBJECT_RADIUS_M,
        case.starts,
        case.ends,
        properties,
    ))
}

fn thing(touch: &Touch, at: Position) -> Value {
    let id = touch.with.as_str();
    match &touch.thing {
        Thing::Area(area) => {
            let consent_of: Vec<&str> = area.consent_of.iter().map(|id| id.as_str()).collect();
            let groups: Vec<&str> = area.groups.iter().map(|id| id.as_str()).collect();
            let mut properties = json!({
                "id": id, "kind": area.measure.wire_name(), "consent_of": consent_of, "groups": groups,
            });
            if let Some(kind) = area.area_kind {
                set(&mut properties, "area_kind", json!(kind.wire_name()));
            }
            feature(
                at,
                AREA_RADIUS_M,
                area.valid_from,
                area.valid_until,
                properties,
            )
        }
        Thing::ProtectedObject {
            category,
            standoff_m,
            keep_out_m,
            ..
        } => {
            let properties = json!({
                "id": id, "kind": "protected_object", "category": category.as_str(),
                "standoff_m": standoff_m, "accuracy_m": keep_out_m - standoff_m,
            });
            let east_m = OPERATION_RADIUS_M + touch.distance_m + HALF_METRE + OBJECT_RADIUS_M;
            feature(
                east_of(at, east_m),
                OBJECT_RADIUS_M,
                touch.enters,
                touch.leaves,
                properties,
            )
        }
        Thing::Movement { organisation } => {
            let properties = json!({
                "id": id, "kind": "humanitarian_movement", "organisation": organisation.as_str(),
            });
            feature(
                at,
                OPERATION_RADIUS_M,
                touch.enters,
                touch.leaves,
                properties,
            )
        }
        Thing::Operation {
            party,
            force,
            activity,
        } => {
            let properties = json!({
                "id": format!("{id}-volume-1"), "kind": "operation", "operation": id,
                "party": party.as_str(), "force": force.as_str(), "activity": activity.wire_name(),
            });
            feature(
                at,
                OPERATION_RADIUS_M,
                touch.enters,
                touch.leaves,
                properties,
            )
        }
    }
}

/// A cylinder from the ground up: every altitude of a sketch overlaps every other.
fn feature(
    at: Position,
    radius_m: f64,
    start: Instant,
    end: Option<Instant>,
    mut properties: Value,
) -> Value {
    set(&mut properties, "radius_m", json!(radius_m));
    set(&mut properties, "lower", json!({ "reference": "SFC" }));
    set(&mut properties, "upper", json!({ "reference": "UNL" }));
    set(&mut properties, "start", json!(start.to_string()));
    set(
        &mut properties,
        "end",
        json!(end.map_or_else(|| "UFN".to_owned(), |end| end.to_string())),
    );
    let coordinates = [at.longitude_deg(), at.latitude_deg()];
    json!({
        "type": "Feature",
        "geometry": { "type": "Point", "coordinates": coordinates },
        "properties": properties,
    })
}

fn set(properties: &mut Value, key: &str, value: Value) {
    if let Some(properties) = properties.as_object_mut() {
        properties.insert(key.to_owned(), value);
    }
}

/// The position `metres` east along the parallel, whose radius is N cos φ. Over the distances a
/// sketch needs, a parallel and a geodesic differ by less than a metre below 60° of latitude.
fn east_of(at: Position, metres: f64) -> Position {
    let (axis_m, eccentricity_squared) = WGS84;
    let latitude = at.latitude_deg().to_radians();
    let normal_m = axis_m / (1.0 - eccentricity_squared * latitude.sin().powi(2)).sqrt();
    let longitude_deg = at.longitude_deg() + (metres / (normal_m * latitude.cos())).to_degrees();
    Position::new(at.latitude_deg(), longitude_deg).unwrap_or(at)
}
