//! A plan's volume in whole numbers, from which its cells follow exactly.
//!
//! Turning a footprint into whole numbers is the only step that computes with fractions; what it may round by is added to
//! the reach, so that a leg always holds its volume.

use detente_spacetime::geodesic::{azimuth_deg, destination, distance_m};
use detente_spacetime::{OutlinePoint, Position, VerticalAssumptions, Volume4D};

use super::Terms;
use super::grid::{LATITUDE_MAX_DEG, TURN};

/// What a leg may hold beyond its volume, metres: the bow of an edge, the steps of a curve and the snapping of corners.
pub(super) const ROUNDING_M: f64 = 6.0;

/// Edges are cut to this length, metres, so that a straight line in degrees stays within [`EDGE_BOW_CM`] of the geodesic:
/// L²/8R · tan 85° is 3.6 m.
const EDGE_MAX_M: f64 = 4_000.0;
/// How far a straight edge in degrees may be from the geodesic, centimetres.
const EDGE_BOW_CM: i64 = 400;
/// Snapping to units of angle, and whatever two machines' trigonometry may differ by, centimetres.
const SNAP_CM: i64 = 10;
/// Curves are drawn to a thousandth of their radius, or to 10 cm (see the outline's tolerance).
const CURVE_PARTS: f64 = 1_000.0;
/// Heights are cut to this range, centimetres above the ellipsoid: below lies no air, and above it one layer stands for all.
const HEIGHT_RANGE_CM: (i64, i64) = (-100_000, 3_000_000);
/// Longest window, microseconds: a plan for longer than a week is not a plan for an operation.
const WINDOW_MAX_US: i64 = 7 * 86_400 * 1_000_000;
/// Most corners of a leg, cut edges included: ten times what a footprint may have.
const CORNERS_MAX: usize = 100_000;

/// A volume in whole numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Closed rings of corners, longitude and latitude in units of angle; a point counts when it lies in an odd number.
    pub(super) rings: Vec<Vec<(i64, i64)>>,
    /// How far around the rings the leg reaches, centimetres.
    pub(super) reach_cm: i64,
    /// Lowest and greatest height, centimetres above the ellipsoid, both held.
    pub(super) heights_cm: (i64, i64),
    /// First instant, and the first one that no longer counts, microseconds since 1970.
    pub(super) window_us: (i64, i64),
}

/// Why a volume cannot take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LegFault {
    /// Its window has no end.
    #[error("a window without an end cannot be compared in private; state an end")]
    Endless,
    /// Its window is longer than a week.
    #[error("a window of more than seven days cannot be compared in private; cut it")]
    TooLong,
    /// It reaches beyond 85° of latitude.
    #[error("a volume beyond 85° of latitude cannot be compared in private")]
    Polar,
    /// Its shape has too many corners.
    #[error("the shape has too many corners")]
    TooManyCorners,
}

impl Leg {
    /// The volume, widened by half of the agreed separation in every direction, in whole numbers.
    ///
    /// # Errors
    ///
    /// [`LegFault`], when the volume has no place in the grid.
    pub fn new(
        volume: &Volume4D,
        terms: &Terms,
        assumptions: &VerticalAssumptions,
    ) -> Result<Self, LegFault> {
        let window_us = window_us(volume, terms)?;
        let outline = volume.footprint.outline();
        let mut rings = Vec::new();
        let mut corners = 0;
        for ring in outline.polygons().iter().flatten() {
            let ring = snapped(ring)?;
            corners += ring.len();
            if corners > CORNERS_MAX {
                return Err(LegFault::TooManyCorners);
            }
            rings.push(ring);
        }
        if let Some(point) = outline.point() {
            rings.push(vec![units(point.longitude_deg(), point.latitude_deg())?]);
        }
        let curve_cm = (volume.footprint.offset_m() * 100.0 / CURVE_PARTS)
            .ceil()
            .max(10.0);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a footprint is no wider than the earth"
        )]
        let curve_cm = curve_cm as i64;
        let half_cm = i64::from(terms.separation_m) * 50;
        Ok(Self {
            rings,
            reach_cm: half_cm + EDGE_BOW_CM + SNAP_CM + curve_cm,
            heights_cm: heights_cm(volume, terms, assumptions),
            window_us,
        })
    }
}

fn window_us(volume: &Volume4D, terms: &Terms) -> Result<(i64, i64), LegFault> {
    let start = volume.window.start().micros();
    let end = volume.window.end().ok_or(LegFault::Endless)?.micros();
    if end.saturating_sub(start) > WINDOW_MAX_US {
        return Err(LegFault::TooLong);
    }
    let half = i64::from(terms.time_s) * 500_000;
    Ok((start.saturating_sub(half), end.saturating_add(half)))
}

fn heights_cm(volume: &Volume4D, terms: &Terms, assumptions: &VerticalAssumptions) -> (i64, i64) {
    let band = volume
        .altitude
        .ellipsoid(volume.footprint.bounds(), assumptions);
    let half = i64::from(terms.vertical_m) * 50;
    let (least, most) = HEIGHT_RANGE_CM;
    // Outside the range heights are clamped, which keeps their order and so never loses an overlap.
    let clamped = |value: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the value is clamped to the range first"
        )]
        let cm = value.clamp(-1e9, 1e9) as i64;
        cm
    };
    let lower = clamped((band.lower_m * 100.0).floor()).saturating_sub(half);
    let upper = clamped((band.upper_m * 100.0).ceil()).saturating_add(half);
    (lower.clamp(least, most), upper.clamp(least, most))
}

/// A ring with its long edges cut along their geodesics, snapped; the repeated last corner is left out.
fn snapped(ring: &[OutlinePoint]) -> Result<Vec<(i64, i64)>, LegFault> {
    let mut corners = Vec::with_capacity(ring.len());
    for (from, to) in ring.iter().zip(ring.iter().skip(1)) {
        corners.push(units(from.longitude_deg, from.latitude_deg)?);
        // Edges along the antimeridian are cuts of the drawing; their ends have the same longitude and need no cutting.
        let (Ok(start), Ok(end)) = (
            Position::new(from.latitude_deg, from.longitude_deg),
            Position::new(to.latitude_deg, to.longitude_deg),
        ) else {
            return Err(LegFault::Polar);
        };
        let length_m = distance_m(start, end);
        if length_m <= EDGE_MAX_M {
            continue;
        }
        let azimuth = azimuth_deg(start, end);
        let parts = (length_m / EDGE_MAX_M).ceil();
        let mut part = 1.0;
        while part < parts {
            let place = destination(start, azimuth, length_m * part / parts);
            let longitude = beside(place.longitude_deg(), from.longitude_deg);
            corners.push(units(longitude, place.latitude_deg())?);
            part += 1.0;
            if corners.len() > CORNERS_MAX {
                return Err(LegFault::TooManyCorners);
            }
        }
    }
    Ok(corners)
}

/// The longitude on the side of the antimeridian where `near` lies, degrees.
fn beside(longitude_deg: f64, near_deg: f64) -> f64 {
    if longitude_deg - near_deg > 180.0 {
        longitude_deg - 360.0
    } else if longitude_deg - near_deg < -180.0 {
        longitude_deg + 360.0
    } else {
        longitude_deg
    }
}

fn units(longitude_deg: f64, latitude_deg: f64) -> Result<(i64, i64), LegFault> {
    if latitude_deg.abs() > LATITUDE_MAX_DEG {
        return Err(LegFault::Polar);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "degrees within a turn become whole units of 2^-32 turns"
    )]
    let unit = |degrees: f64| (degrees / 360.0 * TURN as f64).round() as i64;
    Ok((unit(longitude_deg), unit(latitude_deg)))
}
