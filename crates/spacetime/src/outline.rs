//! Outlines of footprints, for people and for GeoJSON. Nothing is ever decided by an outline.
//!
//! # Tolerance
//!
//! Straight parts follow the geodesics of the footprint.
//! Round parts (circles, ends and outer corners of corridors and buffers) are polygons whose corners lie on the true curve
//! and whose edges stay within [`CURVE_ERROR_MIN_M`] of it, or within 1/[`CURVE_PARTS`] of a large offset and
//! 1/[`CURVE_PARTS_MIN`] of a small one.

use i_overlay::{
    core::{fill_rule::FillRule, overlay_rule::OverlayRule, solver::Solver},
    float::overlay::{FloatOverlay, OverlayOptions},
};

use crate::{
    footprint::{
        Footprint,
        core::{Core, Role},
    },
    geodesic::polygon_area_m2,
    plane::Plane,
    position::Position,
    proximity::nearest_points,
    surface::{CURVATURE_RADIUS_MEAN_M, Vector},
};

mod buffer;
mod longitudes;
mod spikes;

/// Curves are drawn at least this closely, metres: finer than any display.
pub const CURVE_ERROR_MIN_M: f64 = 0.1;
/// Curves of a large offset are drawn to this part of it: some 220 points for a circle.
pub const CURVE_PARTS: f64 = 10_000.0;
/// Curves of a small offset are drawn to this part of it: some 70 points for a circle.
pub const CURVE_PARTS_MIN: f64 = 1_000.0;

/// What is no further outside than this counts as held, metres: the exactness of every verdict.
const CONTACT_M: f64 = 0.01;

/// Areas and gaps smaller than this are not drawn, square metres: a square centimetre.
const AREA_MIN_M2: f64 = 0.000_1;

/// An area, or a single point where two footprints only touch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    polygons: Vec<Vec<Vec<OutlinePoint>>>,
    point: Option<Position>,
}

/// A corner of an outline.
///
/// Unlike a [`Position`] it tells 180° east from 180° west, so that a ring cut at the antimeridian stays on its side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutlinePoint {
    /// Longitude, degrees in −180..=180.
    pub longitude_deg: f64,
    /// Latitude, degrees in −90..=90.
    pub latitude_deg: f64,
}

impl Outline {
    /// Polygons as in RFC 7946: an outer ring, counter-clockwise, then holes, clockwise; each ring repeats its first point.
    ///
    /// Polygons are cut at the antimeridian (RFC 7946, section 3.1.9) and run around a pole they hold.
    #[must_use]
    pub fn polygons(&self) -> &[Vec<Vec<OutlinePoint>>] {
        &self.polygons
    }

    /// The place of contact, when there is no area to show.
    #[must_use]
    pub fn point(&self) -> Option<Position> {
        self.point
    }

    /// Whether there is nothing at all: the footprints are apart.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.polygons.is_empty() && self.point.is_none()
    }
}

/// Rings of surface points: an outer one, counter-clockwise, and holes, clockwise; the first point is not repeated.
type Region = Vec<Vec<Vector>>;

impl Footprint {
    /// The outline of the footprint, to the tolerance of the module.
    #[must_use]
    pub fn outline(&self) -> Outline {
        match self.area_regions() {
            Some(regions) if !regions.is_empty() => self.drawn(&regions, None),
            _ => self.contact(None),
        }
    }

    /// The outline of what two footprints share: empty exactly when they are apart, a point when they only touch.
    #[must_use]
    pub fn overlap_outline(&self, other: &Self) -> Outline {
        if !self.overlaps(other) {
            return Outline::default();
        }
        let shared = common_plane(&[self, other]).and_then(|plane| {
            let (first, second) = (
                buffer::shapes(self, &plane)?,
                buffer::shapes(other, &plane)?,
            );
            Some(lifted(
                &plane,
                overlay(&first, &second, OverlayRule::Intersect),
            ))
        });
        match shared {
            Some(regions) if !regions.is_empty() => self.drawn(&regions, Some(other)),
            _ => self.contact(Some(other)),
        }
    }

    /// The outline of what this footprint has and another has not: empty when the other holds all of it.
    ///
    /// Where no plane shows both of them, the whole of this footprint is drawn.
    #[must_use]
    pub fn outline_beyond(&self, other: &Self) -> Outline {
        if !self.overlaps(other) {
            return self.outline();
        }
        let left = common_plane(&[self, other]).and_then(|plane| {
            let (own, others) = (
                buffer::shapes(self, &plane)?,
                buffer::shapes(other, &plane)?,
            );
            Some(lifted(
                &plane,
                overlay(&own, &others, OverlayRule::Difference),
            ))
        });
        match left {
            Some(regions) => Outline {
                polygons: longitudes::cut(&regions),
                point: None,
            },
            None => self.outline(),
        }
    }

    /// Whether this footprint holds every place of another, to one centimetre; where curves are too roughly drawn to tell, no.
    ///
    /// `true` is sure: no place of the other is further than a centimetre outside.
    /// `false` is said besides of round parts that come closer to the border than they are drawn (see the module), and of
    /// footprints that no plane shows together.
    #[must_use]
    pub fn surely_holds(&self, other: &Self) -> bool {
        if self.core().order(other.core()).is_eq() {
            return self.offset_m() >= other.offset_m();
        }
        let error_m = buffer::curve_error_m(other.offset_m());
        // Chords lie inside their curve by the error at most, so that twice of it further out they lie outside.
        let outside = if error_m > 0.0 {
            other.kept_out(2.0 * error_m)
        } else {
            other.clone()
        };
        outside.outline_beyond(&self.kept_out(CONTACT_M)).is_empty()
    }

    /// The area of the footprint on the ellipsoid, square metres; buffered shapes to about one part in five hundred.
    ///
    /// Shapes that cross themselves, overlap themselves or have a buffer, and are almost as wide as a hemisphere,
    /// are given the area within their rings.
    #[must_use]
    pub fn area_m2(&self) -> f64 {
        let plain = self.offset_m() <= 0.0 && self.is_clear() && self.core().parts() == 1;
        let regions = if plain { None } else { self.area_regions() };
        let area_m2: f64 = match regions {
            Some(regions) => regions
                .iter()
                .flatten()
                .map(|ring| polygon_area_m2(ring))
                .sum(),
            None => self.core().area_m2(),
        };
        area_m2.max(0.0)
    }

    fn area_regions(&self) -> Option<Vec<Region>> {
        let plane = common_plane(&[self])?;
        Some(lifted(&plane, buffer::shapes(self, &plane)?))
    }

    fn drawn(&self, regions: &[Region], other: Option<&Self>) -> Outline {
        let polygons = longitudes::cut(regions);
        if polygons.is_empty() {
            return self.contact(other);
        }
        Outline {
            polygons,
            point: None,
        }
    }

    /// A single point of the footprint, or of what it shares with another.
    fn contact(&self, other: Option<&Self>) -> Outline {
        let point = match other {
            Some(other) => contact(self, other),
            None => self.core().vertices.first().copied(),
        };
        let place = point.and_then(|point| {
            let (latitude_deg, longitude_deg) = point.latitude_longitude_deg();
            Position::new(latitude_deg, longitude_deg).ok()
        });
        Outline {
            polygons: Vec::new(),
            point: place,
        }
    }
}

/// A point that both footprints hold, of two that overlap.
fn contact(first: &Footprint, second: &Footprint) -> Option<Vector> {
    let (a, b) = nearest_points(first.core(), second.core())?;
    let (reach_a, reach_b) = (first.offset_m(), second.offset_m());
    let share = if reach_a + reach_b > 0.0 {
        reach_a / (reach_a + reach_b)
    } else {
        0.5
    };
    let share = if share.is_finite() { share } else { 0.5 };
    Some((a + (b - a) * share).lifted())
}

/// Area in the plane: shapes of rings, outer counter-clockwise, holes clockwise.
type Shapes = Vec<Vec<Vec<[f64; 2]>>>;

/// A plane that shows all of the footprints, near the smallest of them.
fn common_plane(footprints: &[&Footprint]) -> Option<Plane> {
    let mut smallest_first: Vec<&Core> = footprints
        .iter()
        .map(|footprint| footprint.core())
        .collect();
    smallest_first.sort_by(|a, b| {
        b.cap
            .cosine
            .total_cmp(&a.cap.cosine)
            .then_with(|| a.order(b))
    });
    let reach = footprints
        .iter()
        .map(|footprint| footprint.offset_m())
        .fold(0.0, f64::max);
    let sum = smallest_first
        .iter()
        .fold(Vector::new(0.0, 0.0, 0.0), |sum, core| sum + core.cap.axis);
    let axes = smallest_first
        .iter()
        .map(|core| core.cap.axis)
        .chain([sum.unit()]);
    axes.into_iter()
        .find(|axis| smallest_first.iter().all(|core| shows(*axis, core, reach)))
        .map(Plane::along)
}

/// Whether everything within `reach_m` of a core is less than 85° from an axis.
fn shows(axis: Vector, core: &Core, reach_m: f64) -> bool {
    let away =
        axis.dot(core.cap.axis).clamp(-1.0, 1.0).acos() + core.cap.cosine.clamp(-1.0, 1.0).acos();
    (away + reach_m / CURVATURE_RADIUS_MEAN_M).to_degrees() < 85.0
}

/// Area in metres.
fn overlay(subject: &Shapes, clip: &Shapes, rule: OverlayRule) -> Shapes {
    let shapes = overlay_without_specks(subject, clip, rule, AREA_MIN_M2);
    shapes
        .into_iter()
        .map(|shape| shape.into_iter().map(spikes::removed).collect())
        .collect()
}

fn overlay_without_specks(
    subject: &Shapes,
    clip: &Shapes,
    rule: OverlayRule,
    area_min: f64,
) -> Shapes {
    let mut options = OverlayOptions::<f64, i64>::default();
    options.preserve_input_collinear = true;
    options.preserve_output_collinear = true;
    options.min_output_area = area_min;
    let solver = Solver::default();
    FloatOverlay::<[f64; 2], i64>::from_subj_and_clip_custom(subject, clip, options, solver)
        .overlay(rule, FillRule::NonZero)
}

fn lifted(plane: &Plane, shapes: Shapes) -> Vec<Region> {
    let ring = |ring: Vec<[f64; 2]>| {
        ring.iter()
            .filter_map(|[x, y]| plane.reverse_vector(*x, *y))
            .collect()
    };
    shapes
        .into_iter()
        .map(|shape| shape.into_iter().map(ring).collect())
        .collect()
}
