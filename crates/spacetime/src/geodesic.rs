//! Geodesics of the WGS84 ellipsoid: distance, azimuth, destination, and pieces of an edge.
//!
//! # Source
//!
//! C. F. F. Karney, *Algorithms for geodesics*, J. Geodesy 87 (2013) 43–55, <https://doi.org/10.1007/s00190-012-0578-z>,
//! through `geographiclib-rs` (error about 15 nm).

use std::{f64::consts::FRAC_PI_2, sync::LazyLock};

use geographiclib_rs::{DirectGeodesic, Geodesic, InverseGeodesic, PolygonArea, Winding};

use crate::{
    position::Position,
    surface::{CURVATURE_RADIUS_MAX_M, Vector},
};

/// The longest distance for which the series of [`short_distance_m`] is used, metres; its error there is below 1 µm.
const SERIES_MAX_M: f64 = 100_000.0;

pub(crate) static WGS84: LazyLock<Geodesic> = LazyLock::new(Geodesic::wgs84);

/// The shortest distance between two positions along the ellipsoid, metres.
#[must_use]
pub fn distance_m(from: Position, to: Position) -> f64 {
    let (from, to) = (Vector::of(from), Vector::of(to));
    surface_distance_m(from, to)
}

/// The initial azimuth of the geodesic between two positions, degrees clockwise from north in [−180, 180].
#[must_use]
pub fn azimuth_deg(from: Position, to: Position) -> f64 {
    let (azimuth, _, _): (f64, f64, f64) = WGS84.inverse(
        from.latitude_deg(),
        from.longitude_deg(),
        to.latitude_deg(),
        to.longitude_deg(),
    );
    azimuth
}

/// The position `distance_m` metres away along the geodesic that leaves `from` at `azimuth_deg`.
///
/// A distance that is not a number gives `from` itself.
#[must_use]
pub fn destination(from: Position, azimuth_deg: f64, distance_m: f64) -> Position {
    let (latitude, longitude): (f64, f64) = WGS84.direct(
        from.latitude_deg(),
        from.longitude_deg(),
        azimuth_deg,
        distance_m,
    );
    Position::new(latitude, longitude).unwrap_or(from)
}

/// The geodesic distance between two points of the ellipsoid, metres.
pub(crate) fn surface_distance_m(from: Vector, to: Vector) -> f64 {
    let chord = (to - from).length();
    if chord <= SERIES_MAX_M {
        short_distance_m(from, to, chord)
    } else {
        inverse(from, to).distance_m
    }
}

/// A chord that no two points of the ellipsoid exceed whose geodesic distance is at most `distance_m`, metres.
///
/// A geodesic bends at least as sharply as a circle of the largest radius of curvature, so its chord is no longer
/// than that circle's (Schur's comparison; the torsion of geodesics is covered by the last factor).
pub(crate) fn chord_max_m(distance_m: f64) -> f64 {
    let diameter = 2.0 * CURVATURE_RADIUS_MAX_M;
    if distance_m >= FRAC_PI_2 * diameter {
        return f64::INFINITY;
    }
    diameter * (distance_m / diameter).sin() * (1.0 + 1e-6)
}

/// What Karney's inverse problem answers.
pub(crate) struct Inverse {
    pub(crate) distance_m: f64,
    /// Azimuth of the geodesic where it arrives, degrees.
    pub(crate) arrival_deg: f64,
    pub(crate) departure_deg: f64,
}

/// Karney's inverse problem between two points of the ellipsoid.
pub(crate) fn inverse(from: Vector, to: Vector) -> Inverse {
    let ((latitude_1, longitude_1), (latitude_2, longitude_2)) =
        (from.latitude_longitude_deg(), to.latitude_longitude_deg());
    let (distance_m, departure_deg, arrival_deg, _): (f64, f64, f64, f64) =
        WGS84.inverse(latitude_1, longitude_1, latitude_2, longitude_2);
    Inverse {
        distance_m,
        arrival_deg,
        departure_deg,
    }
}

/// Distance from the chord: s = c (1 + (κc)²/24 + 3(κc)⁴/640), κ the normal curvature midway in the chord's direction.
pub(crate) fn short_distance_m(from: Vector, to: Vector, chord: f64) -> f64 {
    if chord == 0.0 {
        return 0.0;
    }
    let along = (to - from) * (1.0 / chord);
    let bend = chord * ((from + to) * 0.5).curvature(along);
    let bend2 = bend * bend;
    chord * (1.0 + bend2 * (1.0 / 24.0 + bend2 * (3.0 / 640.0)))
}

/// The area to the left of a ring of geodesics, square metres; negative when the ring runs clockwise.
pub(crate) fn polygon_area_m2(ring: &[Vector]) -> f64 {
    let mut area = PolygonArea::new(&WGS84, Winding::CounterClockwise);
    for vertex in ring {
        let (latitude, longitude) = vertex.latitude_longitude_deg();
        area.add_point(latitude, longitude);
    }
    let (_, area_m2, _) = area.compute(true);
    area_m2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn places() -> impl Strategy<Value = Position> {
        (-90.0..=90.0_f64, -180.0..180.0_f64)
            .prop_map(|(lat, lon)| Position::new(lat, lon).expect("a position"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn the_series_agrees_with_the_inverse_problem(
            from in places(), azimuth_deg in -180.0..180.0_f64, distance_m in 0.0..SERIES_MAX_M,
        ) {
            let (a, b) = (Vector::of(from), Vector::of(destination(from, azimuth_deg, distance_m)));
            prop_assert!((surface_distance_m(a, b) - distance_m).abs() < 1e-6);
        }

        #[test]
        fn no_chord_is_longer_than_its_bound(a in places(), b in places(), share in 0.0..=1.0_f64) {
            let b = destination(a, azimuth_deg(a, b), distance_m(a, b) * share);
            let chord_m = (Vector::of(b) - Vector::of(a)).length();
            let bound_m = chord_max_m(distance_m(a, b));
            prop_assert!(chord_m <= bound_m, "{chord_m} {bound_m}");
        }
    }
}
