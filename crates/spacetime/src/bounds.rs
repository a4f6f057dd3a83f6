//! Boxes of latitude and longitude that are sure to hold what they bound.

use crate::position::Position;

/// Added to every side, in degrees: about 0.1 mm, more than any rounding of degrees in `f64`.
const OUTWARD_DEG: f64 = 1e-9;
/// The least metres in a degree of latitude, at the equator (meridian radius a(1−e²) = 6 335 439 m), rounded down.
const METRES_IN_DEGREE_MIN: f64 = 110_570.0;
/// The least distance from the axis per cosine of geodetic latitude: the equatorial radius, metres, rounded down.
const EQUATORIAL_RADIUS_M: f64 = 6_378_136.0;

/// One rectangle of latitude and longitude, in degrees on WGS84, west ≤ east within [-180, 180].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// The southern side.
    pub south_deg: f64,
    /// The western side.
    pub west_deg: f64,
    /// The northern side.
    pub north_deg: f64,
    /// The eastern side.
    pub east_deg: f64,
}

impl Rect {
    fn intersects(&self, other: &Self) -> bool {
        self.south_deg <= other.north_deg
            && other.south_deg <= self.north_deg
            && self.west_deg <= other.east_deg
            && other.west_deg <= self.east_deg
    }
}

/// A region of the Earth between two parallels and two meridians, rounded outward.
///
/// It may cross the antimeridian; near a pole it takes in every longitude.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GeoBox {
    south_deg: f64,
    north_deg: f64,
    /// Where it starts, in [-180, 180).
    west_deg: f64,
    /// How far it reaches east from there, in [0, 360].
    width_deg: f64,
}

impl GeoBox {
    /// The whole Earth.
    pub const WORLD: Self = Self {
        south_deg: -90.0,
        north_deg: 90.0,
        west_deg: -180.0,
        width_deg: 360.0,
    };

    /// The box of one position.
    pub fn at(position: Position) -> Self {
        Self::new(
            position.latitude_deg(),
            position.latitude_deg(),
            position.longitude_deg(),
            0.0,
        )
    }

    /// The box of everything within `radius_m` metres of `center`, conservative on the ellipsoid.
    pub fn around(center: Position, radius_m: f64) -> Self {
        Self::at(center).expanded(radius_m)
    }

    /// The box between two parallels that starts at `west_deg` and reaches `width_deg` degrees east.
    pub(crate) fn new(south_deg: f64, north_deg: f64, west_deg: f64, width_deg: f64) -> Self {
        let south_deg = (south_deg - OUTWARD_DEG).max(-90.0);
        let north_deg = (north_deg + OUTWARD_DEG).min(90.0);
        let width_deg = width_deg + 2.0 * OUTWARD_DEG;
        let polar = south_deg <= -90.0 || north_deg >= 90.0;
        if polar || width_deg >= 360.0 {
            return Self {
                south_deg,
                north_deg,
                west_deg: -180.0,
                width_deg: 360.0,
            };
        }
        Self {
            south_deg,
            north_deg,
            west_deg: fold(west_deg - OUTWARD_DEG),
            width_deg,
        }
    }

    /// The southern side, degrees.
    pub fn south_deg(&self) -> f64 {
        self.south_deg
    }

    /// The northern side, degrees.
    pub fn north_deg(&self) -> f64 {
        self.north_deg
    }

    /// The smallest box that holds both; where two are equally small, the one further west.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let (west_deg, width_deg) = {
            let one = self.span_with(other);
            let two = other.span_with(self);
            if (one.1, one.0) <= (two.1, two.0) {
                one
            } else {
                two
            }
        };
        Self::new(
            self.south_deg.min(other.south_deg),
            self.north_deg.max(other.north_deg),
            west_deg,
            width_deg,
        )
    }

    /// The span of longitude from this box's west side that takes in the other.
    fn span_with(&self, other: &Self) -> (f64, f64) {
        let to_other = (other.west_deg - self.west_deg).rem_euclid(360.0);
        (
            self.west_deg,
            self.width_deg.max(to_other + other.width_deg).min(360.0),
        )
    }

    /// The box of everything within `metres` of this one: the whole Earth when that is not a number, this box when it is
    /// below zero.
    ///
    /// A point that is `d` metres from a parallel circle of latitude can be no more than `asin(sin(d/R)/cos(lat))` away in
    /// longitude; on the ellipsoid the auxiliary sphere is bounded from below by the equatorial radius and both angles are
    /// widened by one percent.
    #[must_use]
    pub fn expanded(&self, metres: f64) -> Self {
        if metres.is_nan() {
            return Self::WORLD;
        }
        let metres = metres.max(0.0);
        let latitude_deg = metres / METRES_IN_DEGREE_MIN;
        let (south, north) = (self.south_deg - latitude_deg, self.north_deg + latitude_deg);
        let furthest_deg = self.south_deg.abs().max(self.north_deg.abs());
        let angle = metres / EQUATORIAL_RADIUS_M * 1.01;
        let ratio = angle.sin() / furthest_deg.to_radians().cos() * 1.01;
        let polar = south <= -90.0 || north >= 90.0 || angle >= 1.5 || ratio >= 1.0;
        if polar {
            return Self::new(south, north, -180.0, 360.0);
        }
        let longitude_deg = ratio.asin().to_degrees();
        Self::new(
            south,
            north,
            self.west_deg - longitude_deg,
            self.width_deg + 2.0 * longitude_deg,
        )
    }

    /// Whether the boxes share a place.
    pub fn intersects(&self, other: &Self) -> bool {
        self.south_deg <= other.north_deg
            && other.south_deg <= self.north_deg
            && ((other.west_deg - self.west_deg).rem_euclid(360.0) <= self.width_deg
                || (self.west_deg - other.west_deg).rem_euclid(360.0) <= other.width_deg)
    }

    /// The place both boxes share, if any; where they meet twice around the Earth, the smaller of the two boxes.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        if !self.intersects(other) {
            return None;
        }
        let (south, north) = (
            self.south_deg.max(other.south_deg),
            self.north_deg.min(other.north_deg),
        );
        let narrow = |one: &Self, two: &Self| {
            if one.width_deg >= 360.0 {
                return Some((two.west_deg, two.width_deg));
            }
            let start = (two.west_deg - one.west_deg).rem_euclid(360.0);
            let wraps = start + two.width_deg > 360.0;
            (start <= one.width_deg && !wraps)
                .then(|| (two.west_deg, (one.width_deg - start).min(two.width_deg)))
        };
        let narrower = if self.width_deg <= other.width_deg {
            self
        } else {
            other
        };
        let (west, width) = narrow(self, other)
            .or_else(|| narrow(other, self))
            .unwrap_or((narrower.west_deg, narrower.width_deg));
        Some(Self::new(south, north, west, width))
    }

    /// Whether `position` lies in the box.
    pub fn contains(&self, position: Position) -> bool {
        self.intersects(&Self {
            south_deg: position.latitude_deg(),
            north_deg: position.latitude_deg(),
            west_deg: position.longitude_deg(),
            width_deg: 0.0,
        })
    }

    /// The box as one rectangle, or as two where it crosses the antimeridian.
    pub fn rects(&self) -> impl Iterator<Item = Rect> {
        let east_deg = self.west_deg + self.width_deg;
        let rect = |west_deg, east_deg| Rect {
            south_deg: self.south_deg,
            west_deg,
            north_deg: self.north_deg,
            east_deg,
        };
        let first = rect(self.west_deg, east_deg.min(180.0));
        let second = (east_deg > 180.0).then(|| rect(-180.0, east_deg - 360.0));
        std::iter::once(first).chain(second)
    }

    /// Whether any rectangle of this box meets any of the other; the same answer as [`GeoBox::intersects`], by rectangles.
    pub fn rects_intersect(&self, other: &Self) -> bool {
        self.rects()
            .any(|one| other.rects().any(|two| one.intersects(&two)))
    }
}

fn fold(longitude_deg: f64) -> f64 {
    let folded = (longitude_deg + 180.0).rem_euclid(360.0) - 180.0;
    if folded >= 180.0 { -180.0 } else { folded }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geographiclib_rs::{DirectGeodesic, Geodesic};
    use proptest::prelude::*;

    fn position(latitude: f64, longitude: f64) -> Position {
        Position::new(latitude, longitude).unwrap()
    }

    #[test]
    fn a_box_across_the_antimeridian_is_two_rectangles() {
        let west = GeoBox::at(position(10.0, 179.0));
        let east = GeoBox::at(position(12.0, -178.0));
        let both = west.union(&east);
        assert_eq!(both, east.union(&west));
        assert!(both.width_deg < 3.1);
        assert_eq!(both.rects().count(), 2);
        assert!(both.contains(position(11.0, 180.0)));
        assert!(!both.contains(position(11.0, 0.0)));
    }

    #[test]
    fn near_a_pole_every_longitude_is_inside() {
        let cap = GeoBox::around(position(89.99, 10.0), 5_000.0);
        assert!(cap.contains(position(89.995, -170.0)));
        assert!(GeoBox::at(position(90.0, 0.0)).contains(position(90.0, 123.0)));
    }

    #[test]
    fn a_whole_circle_takes_nothing_from_what_it_meets() {
        let polar = GeoBox::new(-93.0, -75.0, 0.0, 0.0);
        let wide = GeoBox::new(-87.0, -69.0, 0.0, 217.0);
        let shared = polar.intersection(&wide).unwrap();
        assert_eq!(shared, wide.intersection(&polar).unwrap());
        assert!(shared.contains(position(-75.6, -151.1)));
    }

    #[test]
    fn a_distance_that_is_none_loses_no_place() {
        let aleppo = GeoBox::at(position(36.2, 37.1));
        assert_eq!(aleppo.expanded(f64::NAN), GeoBox::WORLD);
        assert!(
            aleppo
                .expanded(f64::INFINITY)
                .contains(position(-36.2, -142.9))
        );
        assert!(aleppo.expanded(-1.0).contains(position(36.2, 37.1)));
    }

    proptest! {
        #[test]
        fn expanding_takes_in_every_point_at_that_distance(
            latitude in -90.0..90.0, longitude in -180.0..180.0, azimuth in 0.0..360.0, exponent in 0.0..6.5_f64,
        ) {
            let metres = 10_f64.powf(exponent);
            let (lat, lon): (f64, f64) = Geodesic::wgs84().direct(latitude, longitude, azimuth, metres);
            let bounds = GeoBox::around(position(latitude, longitude), metres);
            prop_assert!(bounds.contains(position(lat, lon)), "{bounds:?} {lat} {lon}");
        }

        #[test]
        fn rectangles_and_spans_agree_and_intersections_hold_both(
            a in (-89.0..89.0, -180.0..180.0, 0.0..300.0), b in (-89.0..89.0, -180.0..180.0, 0.0..300.0),
        ) {
            let one = GeoBox::new(a.0 - 0.5, a.0 + 0.5, a.1, a.2);
            let two = GeoBox::new(b.0 - 5.0, b.0 + 5.0, b.1, b.2);
            prop_assert_eq!(one.intersects(&two), two.intersects(&one));
            prop_assert_eq!(one.intersects(&two), one.rects_intersect(&two));
            prop_assert_eq!(one.intersects(&two), one.intersection(&two).is_some());
            let both = one.union(&two);
            for part in [one, two] {
                for side in [part.west_deg, part.west_deg + part.width_deg] {
                    prop_assert!(both.contains(position(part.south_deg, fold(side))));
                }
            }
        }

        #[test]
        fn an_intersection_holds_every_point_of_both(
            a in (-89.0..89.0, -180.0..180.0, 0.0..359.0), b in (-89.0..89.0, -180.0..180.0, 0.0..359.0),
            latitude in -89.0..89.0, longitude in -180.0..180.0,
        ) {
            let one = GeoBox::new(a.0 - 9.0, a.0 + 9.0, a.1, a.2);
            let two = GeoBox::new(b.0 - 9.0, b.0 + 9.0, b.1, b.2);
            let point = position(latitude, longitude);
            if one.contains(point) && two.contains(point) {
                let shared = one.intersection(&two).unwrap();
                prop_assert!(shared.contains(point), "{shared:?}");
            }
        }
    }
}
