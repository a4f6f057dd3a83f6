//! The levels at which something flies in a band, told in the reference its height is measured from.

use super::{Surroundings, VerticalAssumptions};
use crate::altitude::{ALTITUDE_MAX_M, Altitude, AltitudeBand, Reference};
use crate::bounds::GeoBox;

/// Halvings of the range of altitudes: 200 km halved this often is less than a micrometre.
const HALVINGS: u32 = 40;

/// The heights, in metres of one reference, at which a level lies in a band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// From where to where it lies in the band under some of the assumptions; infinite where nothing bounds it.
    pub possible: (f64, f64),
    /// From where to where it does under all of them; `None` when no height is certain.
    pub certain: Option<(f64, f64)>,
}

impl Levels {
    /// Whether every height whatever lies in the band for certain, even one that is not known.
    #[must_use]
    pub fn are_everything(&self) -> bool {
        self.certain == Some((f64::NEG_INFINITY, f64::INFINITY))
    }
}

impl AltitudeBand {
    /// The heights above `reference` at which a level lies in this band, anywhere in `over`.
    ///
    /// The same comparison as [`super::vertical_overlap`]: limits in the same reference are compared as written, others
    /// become ranges.
    /// A level of SFC or UNL has no height: `None`.
    ///
    /// # Cost
    ///
    /// Up to 160 conversions of a height when the references differ, some 50 µs: made once and kept.
    #[must_use]
    pub fn levels(
        &self,
        reference: Reference,
        over: &GeoBox,
        assumptions: &VerticalAssumptions,
    ) -> Option<Levels> {
        let level = |height_m: f64| Altitude::new(height_m, reference).ok();
        level(0.0)?;
        let place = Surroundings::new(over, assumptions);
        let (band, turned) = place.right_way_up(self);
        let below = |height_m: f64| Some(place.clearance(band.lower(), level(height_m)?));
        let above = |height_m: f64| Some(place.clearance(level(height_m)?, band.upper()));
        let possible = (
            least(|height| below(height).is_some_and(|clearance| !clearance.is_apart())),
            -least(|height| above(-height).is_some_and(|clearance| !clearance.is_apart())),
        );
        let certain = (
            least(|height| below(height).is_some_and(|clearance| clearance.is_surely_none())),
            -least(|height| above(-height).is_some_and(|clearance| clearance.is_surely_none())),
        );
        let certain = (turned.is_none() && certain.0 <= certain.1).then_some(certain);
        Some(Levels { possible, certain })
    }
}

/// The least height from which on `holds` is true: −∞ when it always is, +∞ when it never is.
fn least(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut fails, mut held) = (-ALTITUDE_MAX_M, ALTITUDE_MAX_M);
    if holds(fails) {
        return f64::NEG_INFINITY;
    }
    if !holds(held) {
        return f64::INFINITY;
    }
    for _ in 0..HALVINGS {
        let middle = (fails + held) * 0.5;
        if holds(middle) {
            held = middle;
        } else {
            fails = middle;
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Position, VERTICAL_BOUNDARY_M};

    fn band(lower: Altitude, upper: Altitude) -> AltitudeBand {
        AltitudeBand::new(lower, upper).unwrap()
    }

    #[test]
    fn like_is_compared_with_like_to_the_boundary() {
        let over = GeoBox::at(Position::new(36.5, 40.7).unwrap());
        let flight_levels = band(
            Altitude::flight_level(150.0).unwrap(),
            Altitude::flight_level(250.0).unwrap(),
        );
        let levels = flight_levels
            .levels(Reference::Pressure, &over, &VerticalAssumptions::WORLD)
            .unwrap();
        assert_eq!(levels.certain, Some(levels.possible));
        assert!((levels.possible.0 - (4_572.0 - VERTICAL_BOUNDARY_M)).abs() < 1e-5);
        assert!((levels.possible.1 - (7_620.0 + VERTICAL_BOUNDARY_M)).abs() < 1e-5);
    }

    #[test]
    fn unlike_references_leave_a_range_that_is_only_possible() {
        let over = GeoBox::at(Position::new(36.2, 37.1).unwrap());
        let low = band(
            Altitude::SURFACE,
            Altitude::new(2_000.0, Reference::AboveGround).unwrap(),
        );
        let assumptions = VerticalAssumptions {
            terrain_min_m: -50.0,
            terrain_max_m: 1_700.0,
            ..VerticalAssumptions::WORLD
        };
        let levels = low
            .levels(Reference::MeanSeaLevel, &over, &assumptions)
            .unwrap();
        let (from, to) = levels.certain.unwrap();
        assert_eq!(
            (from, levels.possible.0),
            (f64::NEG_INFINITY, f64::NEG_INFINITY)
        );
        assert!((to - 1_950.0).abs() < 0.001, "{to}");
        assert!((levels.possible.1 - 3_700.0).abs() < 0.001);
    }

    #[test]
    fn every_height_holds_an_unknown_one() {
        let over = GeoBox::WORLD;
        for reference in [
            Reference::Ellipsoid,
            Reference::MeanSeaLevel,
            Reference::Pressure,
            Reference::AboveGround,
        ] {
            let levels =
                AltitudeBand::EVERY_HEIGHT.levels(reference, &over, &VerticalAssumptions::WORLD);
            assert!(levels.unwrap().are_everything());
        }
        let none = AltitudeBand::EVERY_HEIGHT.levels(
            Reference::Surface,
            &over,
            &VerticalAssumptions::WORLD,
        );
        assert_eq!(none, None);
    }
}
