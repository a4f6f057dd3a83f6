//! Outlines as GeoJSON geometry, as patches of a picture, and as one place to name.

use detente_spacetime::{Outline, OutlinePoint};
use serde::{Serialize, Serializer};

use crate::map::Patch;

/// Decimal places of coordinates in answers: a tenth of a millimetre on the ground.
const DECIMALS: f64 = 1e9;

/// A GeoJSON geometry (RFC 7946, section 3.1): `Point`, `Polygon` or `MultiPolygon`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type", content = "coordinates")]
pub(crate) enum Geometry {
    /// Longitude and latitude, degrees.
    Point(Coordinate),
    /// Rings, the outer one first.
    Polygon(Vec<Vec<Coordinate>>),
    /// Polygons.
    MultiPolygon(Vec<Vec<Vec<Coordinate>>>),
}

/// Longitude and latitude, degrees on WGS84.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Coordinate(f64, f64);

impl Serialize for Coordinate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rounded = |degrees: f64| (degrees * DECIMALS).round() / DECIMALS;
        [rounded(self.0), rounded(self.1)].serialize(serializer)
    }
}

impl From<&OutlinePoint> for Coordinate {
    fn from(point: &OutlinePoint) -> Self {
        Self(point.longitude_deg, point.latitude_deg)
    }
}

/// Returns the geometry of one or several outlines; `None` when there is nothing to show.
pub(crate) fn geometry<'a>(outlines: impl IntoIterator<Item = &'a Outline>) -> Option<Geometry> {
    let mut polygons = Vec::new();
    let mut point = None;
    for outline in outlines {
        polygons.extend(outline.polygons().iter().map(|polygon| {
            polygon
                .iter()
                .map(|ring| ring.iter().map(Coordinate::from).collect::<Vec<_>>())
                .collect::<Vec<_>>()
        }));
        point = point.or_else(|| outline.point());
    }
    if polygons.len() > 1 {
        return Some(Geometry::MultiPolygon(polygons));
    }
    let point = point.map(|at| Geometry::Point(Coordinate(at.longitude_deg(), at.latitude_deg())));
    polygons.pop().map(Geometry::Polygon).or(point)
}

/// Returns the outline as a patch of a picture.
pub(crate) fn patch(outline: &Outline) -> Patch {
    let mut rings: Vec<Vec<[f64; 2]>> = Vec::new();
    for ring in outline.polygons().iter().flatten() {
        let mut places: Vec<[f64; 2]> = ring
            .iter()
            .map(|point| [point.longitude_deg, point.latitude_deg])
            .collect();
        places.pop();
        rings.push(places);
    }
    if let Some(at) = outline.point().filter(|_| rings.is_empty()) {
        rings.push(vec![[at.longitude_deg(), at.latitude_deg()]]);
    }
    Patch { rings }
}

/// Returns a place that stands for the outline: longitude and latitude, degrees.
///
/// The mean of the corners of its largest ring, which is near enough to name where something is.
pub(crate) fn middle(outline: &Outline) -> Option<[f64; 2]> {
    let patch = patch(outline);
    let ring = patch.rings.iter().max_by_key(|ring| ring.len())?;
    crate::map::middle(ring)
}
