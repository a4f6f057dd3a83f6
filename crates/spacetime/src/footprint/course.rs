//! The course of an edge between two positions, cut into geodesic pieces.

use geographiclib_rs::{Geodesic, GeodesicLine, capability};

use crate::{
    footprint::{EDGE_MAX_DEG, PIECE_MAX_M, PIECES_MAX, fault::ShapeFaultKind},
    geodesic::{WGS84, inverse},
    position::Position,
    surface::{CURVATURE_RADIUS_MEAN_M, EQUATORIAL_RADIUS_M, FLATTENING, Vector},
};

/// Parallels and rhumb lines are replaced by geodesics that stay this close to them, metres.
const COURSE_ERROR_M: f64 = 0.000_5;

/// Latitudes that differ by less than this are of one parallel, degrees: a tenth of a metre, less than published charts give.
pub(crate) const PARALLEL_DEG: f64 = 1e-6;

/// Beyond this latitude a loxodrome turns too sharply for [`is_level`], degrees.
const LEVEL_MAX_DEG: f64 = 89.9;

/// How an edge runs from one vertex to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// The shortest path on the ellipsoid (F3548-21, GeoJSON as this product reads it).
    Geodesic,
    /// Along the parallel between vertices of equal latitude, to a millionth of a degree, and geodesic otherwise (AIXM
    /// `LineStringSegment`).
    Parallel,
    /// A line of constant bearing.
    Rhumb,
}

/// The vertices of the course after `from`, up to and including `to`, as geographic positions.
///
/// Geodesics run straight from one to the next; a geodesic edge gives `to` alone.
pub(crate) fn stations(
    from: Position,
    to: Position,
    kind: EdgeKind,
) -> Result<Vec<Position>, ShapeFaultKind> {
    let mut stations = match kind {
        EdgeKind::Rhumb => curve(from, to)?,
        EdgeKind::Parallel if is_along_parallel(from, to) => curve(from, to)?,
        EdgeKind::Geodesic | EdgeKind::Parallel => Vec::new(),
    };
    stations.push(to);
    Ok(stations)
}

/// Whether an edge between these runs along the parallel where edges do: what differs by rounding is of one latitude.
///
/// Between slightly different latitudes that is the line of constant bearing, which changes its latitude evenly.
pub(crate) fn is_along_parallel(from: Position, to: Position) -> bool {
    from.latitude_deg() == to.latitude_deg() || is_level(from, to)
}

/// Whether a loxodrome changes its latitude so little that it does so evenly with its longitude: to a millionth of the change.
fn is_level(from: Position, to: Position) -> bool {
    let furthest_deg = from.latitude_deg().abs().max(to.latitude_deg().abs());
    (from.latitude_deg() - to.latitude_deg()).abs() < PARALLEL_DEG && furthest_deg < LEVEL_MAX_DEG
}

/// The points strictly between two positions on the loxodrome that joins them, close enough for geodesics between.
fn curve(from: Position, to: Position) -> Result<Vec<Position>, ShapeFaultKind> {
    let turn_deg = (to.longitude_deg() - from.longitude_deg() + 540.0).rem_euclid(360.0) - 180.0;
    if turn_deg == 0.0 {
        return Ok(Vec::new()); // A meridian is a geodesic.
    }
    if from.latitude_deg().abs() == 90.0 || to.latitude_deg().abs() == 90.0 {
        return if from.latitude_deg() == to.latitude_deg() {
            Ok(Vec::new())
        } else {
            Err(ShapeFaultKind::RhumbAtPole)
        };
    }
    if turn_deg == -180.0 {
        return Err(ShapeFaultKind::OppositeLongitudes);
    }
    Loxodrome::between(from, to, turn_deg).stations()
}

/// Whether an edge that is to run along the parallel runs along none, and is no meridian either.
pub(crate) fn is_slanted(from: Position, to: Position, kind: EdgeKind) -> bool {
    let turn_deg = fold_deg(to.longitude_deg() - from.longitude_deg()).abs();
    kind == EdgeKind::Parallel && turn_deg > PARALLEL_DEG && !is_along_parallel(from, to)
}

fn fold_deg(longitude_deg: f64) -> f64 {
    (longitude_deg + 180.0).rem_euclid(360.0) - 180.0
}

/// A line of constant bearing α that is neither a meridian nor ends at a pole.
struct Loxodrome {
    from: Position,
    turn_deg: f64,
    climb_deg: f64,
    /// The isometric latitude it gains; 0 where it runs level.
    isometric: f64,
    /// sin α.
    sine: f64,
    /// At least its length.
    length_m: f64,
}

impl Loxodrome {
    fn between(from: Position, to: Position, turn_deg: f64) -> Self {
        let (start_deg, end_deg) = (from.latitude_deg(), to.latitude_deg());
        // A gain of a few bits would be told from nothing but rounding.
        let isometric = match is_level(from, to) {
            true => 0.0,
            false => isometric_difference(start_deg, end_deg),
        };
        let gentlest_deg = if start_deg * end_deg < 0.0 {
            0.0
        } else {
            start_deg.abs().min(end_deg.abs())
        };
        let turn = turn_deg.to_radians();
        let across = turn * gentlest_deg.to_radians().cos();
        let climb_deg = end_deg - start_deg;
        Self {
            from,
            turn_deg,
            climb_deg,
            isometric,
            sine: turn.abs() / turn.hypot(isometric),
            length_m: EQUATORIAL_RADIUS_M * across.hypot(climb_deg.to_radians()),
        }
    }

    /// The points strictly between its ends, as far apart as its curvature allows.
    fn stations(&self) -> Result<Vec<Position>, ShapeFaultKind> {
        let mut stations = Vec::new();
        let mut share = self.next(0.0);
        while share < 1.0 {
            stations.extend(self.at(share));
            if stations.len() > PIECES_MAX {
                return Err(ShapeFaultKind::TooManyPieces);
            }
            share = self.next(share);
        }
        Ok(stations)
    }

    fn latitude_deg(&self, share: f64) -> f64 {
        self.from.latitude_deg() + self.climb_deg * share
    }

    /// The position at a share of the climb, or of the turn along a parallel.
    fn at(&self, share: f64) -> Option<Position> {
        let latitude_deg = self.latitude_deg(share);
        let turned = if self.isometric == 0.0 {
            share
        } else {
            isometric_difference(self.from.latitude_deg(), latitude_deg) / self.isometric
        };
        let longitude_deg = fold_deg(self.from.longitude_deg() + self.turn_deg * turned);
        Position::new(latitude_deg, longitude_deg).ok()
    }

    /// The share at the end of the longest chord from `share` that stays close to the line.
    fn next(&self, share: f64) -> f64 {
        let step = self.chord_m(share) / self.length_m;
        let ahead = self.chord_m((share + step).min(1.0)) / self.length_m;
        // Always a step onwards, however many pieces that takes: their number is limited.
        share + step.min(ahead).max(1.0 / (2.0 * PIECES_MAX as f64))
    }

    /// A chord of length L is L²κ/8 away from a curve of geodesic curvature κ; a loxodrome has κ = tan φ sin α / N.
    fn chord_m(&self, share: f64) -> f64 {
        let slope = self.latitude_deg(share).to_radians().tan().abs();
        let curvature = slope * self.sine / CURVATURE_RADIUS_MEAN_M;
        (8.0 * COURSE_ERROR_M / curvature).sqrt() * 0.95
    }
}

/// The difference of isometric latitude ψ = asinh(tan φ) − e atanh(e sin φ), without cancellation.
fn isometric_difference(from_deg: f64, to_deg: f64) -> f64 {
    let (from, to) = (from_deg.to_radians(), to_deg.to_radians());
    let eccentricity = (FLATTENING * (2.0 - FLATTENING)).sqrt();
    let rise = 2.0 * ((to - from) * 0.5).sin() * ((to + from) * 0.5).cos(); // sin φ₂ − sin φ₁
    let sphere = (rise / (from.cos() * to.cos())).asinh();
    let flat = eccentricity
        * (eccentricity * rise / (1.0 - (eccentricity * from.sin()) * (eccentricity * to.sin())))
            .atanh();
    sphere - flat
}

/// Appends the vertices after `from`, up to and including `to`, that cut their geodesic into pieces.
///
/// `taken` pieces of the footprint are elsewhere already.
pub(crate) fn pieces(
    from: Position,
    to: Position,
    out: &mut Vec<Vector>,
    taken: usize,
) -> Result<(), ShapeFaultKind> {
    let (a, b) = (Vector::of(from), Vector::of(to));
    if (b - a).length() > PIECE_MAX_M {
        if a.unit().dot(b.unit()) < EDGE_MAX_DEG.to_radians().cos() {
            return Err(ShapeFaultKind::EdgeTooLong);
        }
        let whole = inverse(a, b);
        let count = (whole.distance_m / PIECE_MAX_M).ceil();
        let mask = capability::LATITUDE | capability::LONGITUDE | capability::DISTANCE_IN;
        let geodesic: &Geodesic = &WGS84;
        let line = GeodesicLine::new(
            geodesic,
            from.latitude_deg(),
            from.longitude_deg(),
            whole.departure_deg,
            Some(mask),
            None,
            None,
        );
        for piece in 1..count as u32 {
            let along_m = whole.distance_m * f64::from(piece) / count;
            let (_, latitude, longitude, ..) = line._gen_position(false, along_m, mask);
            if let Ok(position) = Position::new(latitude, fold_deg(longitude)) {
                out.push(Vector::of(position));
            }
        }
    }
    out.push(b);
    if taken + out.len() > PIECES_MAX {
        Err(ShapeFaultKind::TooManyPieces)
    } else {
        Ok(())
    }
}
