//! Places, heights and times as the API shows them: GeoJSON outlines and altitudes with their reference.

use detente_records::{LocalText, Shape};
use detente_spacetime::{
    Altitude, Instant, Outline, OutlinePoint, Position, Reference, Unit, VerticalAssumptions,
    Volume4D,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// Decimal places of coordinates: a tenth of a metre on the ground, finer than any display.
const DECIMALS: f64 = 1e6;
/// The end of a window that has none: until further notice.
pub(crate) const UNTIL_FURTHER_NOTICE: &str = "UFN";
const METRES_IN_FOOT: f64 = 0.3048;

/// A height as its author gave it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AltitudeView {
    /// The number; null for the surface and for no limit.
    pub value: Option<f64>,
    /// `m`, `ft` or `FL`; null for the surface and for no limit.
    pub unit: Option<&'static str>,
    /// `W84`, `MSL`, `STD`, `AGL`, `SFC` or `UNL`.
    pub reference: &'static str,
}

impl AltitudeView {
    /// Shows a height.
    pub fn of(altitude: &Altitude) -> Self {
        let reference = altitude.reference();
        let (value, unit) = match altitude.unit() {
            _ if matches!(reference, Reference::Surface | Reference::Unlimited) => (None, None),
            Unit::Metres => (Some(altitude.value_m()), Some("m")),
            Unit::Feet => (Some(altitude.value_m() / METRES_IN_FOOT), Some("ft")),
            Unit::FlightLevel => (
                Some(altitude.value_m() / METRES_IN_FOOT / 100.0),
                Some("FL"),
            ),
        };
        let rounded = |value: f64| (value * 1e3).round() / 1e3;
        Self {
            value: value.map(rounded),
            unit,
            reference: reference.code(),
        }
    }
}

/// How high and when a volume reaches.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReachView {
    /// Lower limit, as its author gave it.
    pub lower: AltitudeView,
    /// Upper limit, as its author gave it.
    pub upper: AltitudeView,
    /// The lowest height it may reach, metres above the WGS84 ellipsoid.
    pub lower_m: f64,
    /// The greatest, metres above the WGS84 ellipsoid; null without a limit.
    pub upper_m: Option<f64>,
    /// First instant, RFC 3339.
    pub start: String,
    /// First instant no longer inside, RFC 3339, or `UFN`.
    pub end: String,
}

impl ReachView {
    /// Shows how high and when; heights are widened as far as the assumptions ask.
    pub fn of(volume: &Volume4D, assumptions: &VerticalAssumptions) -> Self {
        let band = volume
            .altitude
            .ellipsoid(volume.footprint.bounds(), assumptions);
        Self {
            lower: AltitudeView::of(&volume.altitude.lower()),
            upper: AltitudeView::of(&volume.altitude.upper()),
            lower_m: metres(band.lower_m),
            upper_m: finite(band.upper_m),
            start: volume.window.start().to_string(),
            end: ending(volume.window.end()),
        }
    }
}

/// Metres to a tenth of a millimetre.
pub(crate) fn metres(metres: f64) -> f64 {
    (metres * 1e4).round() / 1e4 + 0.0
}

/// Metres; `None` for no limit, which JSON cannot write as a number.
pub(crate) fn finite(metres_above: f64) -> Option<f64> {
    metres_above.is_finite().then(|| metres(metres_above))
}

/// An end, or until further notice.
pub(crate) fn ending(end: Option<Instant>) -> String {
    end.map_or_else(|| UNTIL_FURTHER_NOTICE.to_owned(), |end| end.to_string())
}

/// A text in one language, or by language tag.
pub(crate) fn local_text(text: &LocalText) -> Value {
    match text {
        LocalText::Plain(text) => Value::String(text.clone()),
        LocalText::ByLanguage(texts) => texts
            .iter()
            .map(|(tag, text)| (tag.to_string(), Value::String(text.clone())))
            .collect(),
    }
}

/// Several outlines as one GeoJSON geometry; `None` when there is nothing to show.
pub(crate) fn geometry<'a>(outlines: impl IntoIterator<Item = &'a Outline>) -> Option<Value> {
    let mut polygons: Vec<Value> = Vec::new();
    let mut point = None;
    for outline in outlines {
        for polygon in outline.polygons() {
            let rings = polygon
                .iter()
                .map(|ring| Value::Array(ring.iter().map(corner).collect()));
            polygons.push(Value::Array(rings.collect()));
        }
        point = point.or_else(|| outline.point());
    }
    if polygons.len() > 1 {
        return Some(json!({"type": "MultiPolygon", "coordinates": polygons}));
    }
    let polygon = polygons
        .pop()
        .map(|rings| json!({"type": "Polygon", "coordinates": rings}));
    polygon.or_else(|| point.map(|at| json!({"type": "Point", "coordinates": position(&at)})))
}

/// The line of a corridor, or the centre of a circle, as it was drawn; `None` for other shapes.
pub(crate) fn axis(shape: &Shape) -> Option<Value> {
    match shape {
        Shape::Circle { centre, .. } => {
            Some(json!({"type": "Point", "coordinates": position(centre)}))
        }
        Shape::Corridor { line, .. } => {
            let line: Vec<Value> = line.iter().map(position).collect();
            Some(json!({"type": "LineString", "coordinates": line}))
        }
        Shape::Polygon(_) | Shape::MultiPolygon(_) => None,
    }
}

fn corner(point: &OutlinePoint) -> Value {
    json!([rounded(point.longitude_deg), rounded(point.latitude_deg)])
}

fn position(at: &Position) -> Value {
    json!([rounded(at.longitude_deg()), rounded(at.latitude_deg())])
}

fn rounded(degrees: f64) -> f64 {
    (degrees * DECIMALS).round() / DECIMALS + 0.0
}
