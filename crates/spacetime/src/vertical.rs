//! Whether two bands of altitudes share a height, whatever each is measured from.

use std::cell::OnceCell;

use crate::altitude::{Altitude, AltitudeBand, Reference, ground};
use crate::atmosphere::sea_level_range_m;
use crate::bounds::GeoBox;
use crate::geoid::undulation_range_m;
use crate::widening::Widening;

/// Bands closer than this touch, and touching is overlapping: the half millimetre within which geometry counts as boundary,
/// far above rounding and far below the centimetre that must be told apart.
pub const VERTICAL_BOUNDARY_M: f64 = 0.000_5;

/// What is assumed about air and ground where nobody says more: ranges, as wide as the Earth has them unless an agreement
/// knows better.
///
/// A range given upside down is taken the right way up, one that is not a number as the world's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VerticalAssumptions {
    /// The lowest ground, metres above mean sea level.
    pub terrain_min_m: f64,
    /// The highest ground, metres above mean sea level.
    pub terrain_max_m: f64,
    /// The lowest air pressure at mean sea level, hPa.
    pub qnh_min_hpa: f64,
    /// The highest air pressure at mean sea level, hPa.
    pub qnh_max_hpa: f64,
    /// How much colder than the standard atmosphere the air between sea level and an aircraft is on average, kelvin.
    pub isa_deviation_min_k: f64,
    /// How much warmer than the standard atmosphere the air between sea level and an aircraft is on average, kelvin.
    pub isa_deviation_max_k: f64,
}

impl VerticalAssumptions {
    /// The extremes of the Earth, rounded outward.
    ///
    /// - Ground: the shore of the Dead Sea (−430 m; it falls by a metre a year) and Mount Everest (8 848.86 m, 2020 survey).
    /// - Pressure: 870 hPa in typhoon Tip, 1979, and 1 089.4 hPa at Tosontsengel, Mongolia, 2004 (WMO Weather and Climate
    ///   Extremes Archive); 1 094.3 hPa were reported from Tsetsen-Uul, Mongolia, on 29 December 2020 and not yet reviewed.
    /// - Warm: 56.7 °C at Furnace Creek, 1913 (same archive) is 41.4 K above the standard, and hot ground mixes the air
    ///   above it.
    /// - Cold: −67.8 °C at Verkhoyansk, 1892 (same archive) is 83 K below the standard, but in an inversion some hundred
    ///   metres deep; the column above is milder, and its pressure high where 870 hPa is assumed at the same time.
    pub const WORLD: Self = Self {
        terrain_min_m: -450.0,
        terrain_max_m: 8_850.0,
        qnh_min_hpa: 870.0,
        qnh_max_hpa: 1_095.0,
        isa_deviation_min_k: -60.0,
        isa_deviation_max_k: 42.0,
    };

    fn terrain_m(&self) -> (f64, f64) {
        let world = Self::WORLD;
        in_order(
            (self.terrain_min_m, self.terrain_max_m),
            (world.terrain_min_m, world.terrain_max_m),
        )
    }

    pub(crate) fn qnh_hpa(&self) -> (f64, f64) {
        // No air has no pressure altitude.
        const LEAST_HPA: f64 = 1.0;
        let world = Self::WORLD;
        let (min_hpa, max_hpa) = in_order(
            (self.qnh_min_hpa, self.qnh_max_hpa),
            (world.qnh_min_hpa, world.qnh_max_hpa),
        );
        (min_hpa.max(LEAST_HPA), max_hpa.max(LEAST_HPA))
    }

    pub(crate) fn isa_deviation_k(&self) -> (f64, f64) {
        let world = Self::WORLD;
        in_order(
            (self.isa_deviation_min_k, self.isa_deviation_max_k),
            (world.isa_deviation_min_k, world.isa_deviation_max_k),
        )
    }
}

impl Default for VerticalAssumptions {
    fn default() -> Self {
        Self::WORLD
    }
}

fn in_order(given: (f64, f64), world: (f64, f64)) -> (f64, f64) {
    let one = if given.0.is_finite() {
        given.0
    } else {
        world.0
    };
    let two = if given.1.is_finite() {
        given.1
    } else {
        world.1
    };
    (one.min(two), one.max(two))
}

/// A band as heights above the WGS84 ellipsoid that is sure to hold it.
#[derive(Clone, Debug, PartialEq)]
pub struct EllipsoidBand {
    /// The lowest height the band may reach, metres above the WGS84 ellipsoid.
    pub lower_m: f64,
    /// The greatest height the band may reach, metres above the WGS84 ellipsoid; infinite without an upper limit.
    pub upper_m: f64,
    /// What was widened to say so, lowest first.
    pub widenings: Vec<Widening>,
}

impl AltitudeBand {
    /// The heights above the ellipsoid that are sure to hold this band anywhere in `over`.
    ///
    /// SFC as the lower limit becomes the lowest ground assumed.
    pub fn ellipsoid(&self, over: &GeoBox, assumptions: &VerticalAssumptions) -> EllipsoidBand {
        let place = Surroundings::new(over, assumptions);
        let (band, turned) = place.right_way_up(self);
        let upper_m = place.greatest_m(band.upper());
        let widenings = [
            place.widening(band.lower()),
            place.widening(band.upper()),
            turned,
        ];
        EllipsoidBand {
            lower_m: place.foot_m(&band, &band).min(upper_m),
            upper_m,
            widenings: in_reading_order(widenings.into_iter().flatten().collect()),
        }
    }

    /// Whether the lower limit is sure to lie above the upper one everywhere in `over`, so that the band cannot be meant.
    ///
    /// [`AltitudeBand::new`] refuses such bands where both limits have one reference; this also compares, say, 3 000 m AGL
    /// with 2 000 m MSL where the ground is known to be high.
    pub fn is_upside_down(&self, over: &GeoBox, assumptions: &VerticalAssumptions) -> bool {
        Surroundings::new(over, assumptions)
            .clearance(self.lower(), self.upper())
            .is_apart()
    }
}

/// How two bands lie to each other.
#[derive(Clone, Debug, PartialEq)]
pub enum VerticalRelation {
    /// They share a height, or may.
    Overlap {
        /// The lowest height they may share, metres above the WGS84 ellipsoid.
        lower_m: f64,
        /// The greatest height they may share, metres above the WGS84 ellipsoid; infinite when neither has an upper limit.
        upper_m: f64,
        /// Whether they share a height whatever pressure, temperature and ground are within the assumptions.
        certain: bool,
        /// What was widened to find the overlap or to tell its heights, lowest first.
        widenings: Vec<Widening>,
    },
    /// They share no height under any of the assumptions.
    Apart {
        /// The least distance between them, in metres of the reference both limits were compared in.
        gap_m: f64,
        /// What was widened and still left them apart, lowest first.
        widenings: Vec<Widening>,
    },
}

/// Whether `a` and `b` share a height anywhere in `over`, which must hold every place where both apply.
///
/// Each lower limit is compared with the other's upper limit: two limits with one reference exactly as written (SFC is
/// 0 m AGL), two of MSL, pressure and AGL in heights above mean sea level, others in heights above the ellipsoid.
/// What cannot be converted exactly becomes a range, and they are apart only when they are apart across the ranges.
/// Bands are closed: touching, within [`VERTICAL_BOUNDARY_M`], is overlapping. Nothing lies below SFC or above UNL.
/// The answer does not depend on the order of `a` and `b`.
pub fn vertical_overlap(
    a: &AltitudeBand,
    b: &AltitudeBand,
    over: &GeoBox,
    assumptions: &VerticalAssumptions,
) -> VerticalRelation {
    let place = Surroundings::new(over, assumptions);
    let (one, one_turned) = place.right_way_up(a);
    let (two, two_turned) = place.right_way_up(b);
    let turned = [one_turned, two_turned].into_iter().flatten();
    let clearances = [
        place.clearance(one.lower(), two.upper()),
        place.clearance(two.lower(), one.upper()),
    ];
    let gap_m = clearances
        .iter()
        .map(|clearance| clearance.least_m)
        .fold(f64::NEG_INFINITY, f64::max);
    if clearances.iter().any(Clearance::is_apart) {
        let apart = clearances.iter().filter(|clearance| clearance.is_apart());
        let widenings = apart.flat_map(|it| place.widened_in(it)).chain(turned);
        return VerticalRelation::Apart {
            gap_m,
            widenings: in_reading_order(widenings.collect()),
        };
    }
    let certain = one_turned.is_none()
        && two_turned.is_none()
        && clearances.iter().all(Clearance::is_surely_none);
    let lower_m = place.foot_m(&one, &two).max(place.foot_m(&two, &one));
    let upper_m = place
        .greatest_m(one.upper())
        .min(place.greatest_m(two.upper()));
    let uncertain = clearances
        .iter()
        .filter(|clearance| !clearance.is_surely_none());
    let from = [(&one, &two), (&two, &one)]
        .into_iter()
        .filter(|(band, other)| place.foot_m(band, other) == lower_m)
        .map(|(band, _)| band.lower());
    let to = [one, two]
        .map(|band| band.upper())
        .into_iter()
        .filter(|limit| place.greatest_m(*limit) == upper_m);
    let widenings = uncertain
        .flat_map(|it| place.widened_in(it))
        .chain(from.chain(to).filter_map(|limit| place.widening(limit)))
        .chain(turned);
    VerticalRelation::Overlap {
        lower_m: lower_m.min(upper_m),
        upper_m,
        certain,
        widenings: in_reading_order(widenings.collect()),
    }
}

/// Lowest first, each once: the order does not tell which band was given first.
fn in_reading_order(mut widenings: Vec<Widening>) -> Vec<Widening> {
    let heights = |widening: &Widening| match *widening {
        Widening::Limit {
            lower_m, upper_m, ..
        } => (lower_m, upper_m),
        Widening::UpsideDown { .. } => (f64::INFINITY, f64::INFINITY),
    };
    widenings.sort_by(|one, two| {
        let (low, high) = (heights(one), heights(two));
        (low.0.total_cmp(&high.0))
            .then(low.1.total_cmp(&high.1))
            .then_with(|| one.to_string().cmp(&two.to_string()))
    });
    widenings.dedup();
    widenings
}

/// The heights a limit may have.
#[derive(Clone, Copy, Debug)]
struct Heights {
    least_m: f64,
    greatest_m: f64,
}

impl Heights {
    fn exactly(height_m: f64) -> Self {
        Self {
            least_m: height_m,
            greatest_m: height_m,
        }
    }

    fn plus(self, (least_m, greatest_m): (f64, f64)) -> Self {
        Self {
            least_m: self.least_m + least_m,
            greatest_m: self.greatest_m + greatest_m,
        }
    }
}

/// How far a lower limit lies above an upper limit: at least and at most, across all assumptions; negative when below.
#[derive(Clone, Copy, Debug)]
struct Clearance {
    lower: Altitude,
    upper: Altitude,
    least_m: f64,
    greatest_m: f64,
    /// Whether the limits were compared as written.
    exact: bool,
}

impl Clearance {
    fn is_apart(&self) -> bool {
        self.least_m > VERTICAL_BOUNDARY_M
    }

    fn is_surely_none(&self) -> bool {
        self.greatest_m <= VERTICAL_BOUNDARY_M
    }
}

/// Where bands are compared, and what is assumed there.
struct Surroundings<'a> {
    over: &'a GeoBox,
    assumptions: &'a VerticalAssumptions,
    /// Found when first needed: limits with one reference are compared without it.
    undulation_m: OnceCell<(f64, f64)>,
}

impl<'a> Surroundings<'a> {
    fn new(over: &'a GeoBox, assumptions: &'a VerticalAssumptions) -> Self {
        Self {
            over,
            assumptions,
            undulation_m: OnceCell::new(),
        }
    }

    /// The band, or with its limits exchanged when it is upside down everywhere, and word of that.
    ///
    /// An empty band would be apart from everything: a mistake in writing would let everything through.
    fn right_way_up(&self, band: &AltitudeBand) -> (AltitudeBand, Option<Widening>) {
        if !self.clearance(band.lower(), band.upper()).is_apart() {
            return (*band, None);
        }
        (band.turned(), Some(Widening::UpsideDown { band: *band }))
    }

    /// How far `lower`, a lower limit, lies above `upper`, an upper limit.
    fn clearance(&self, lower: Altitude, upper: Altitude) -> Clearance {
        let (above, below) = (lower.reference(), upper.reference());
        let clearance = |least_m, greatest_m, exact| Clearance {
            lower,
            upper,
            least_m,
            greatest_m,
            exact,
        };
        let alike = ground(above) == ground(below);
        if above == Reference::Surface || below == Reference::Unlimited {
            return clearance(f64::NEG_INFINITY, f64::NEG_INFINITY, true);
        }
        if alike {
            let gap_m = lower.value_m() - upper.value_m();
            return clearance(gap_m, gap_m, true);
        }
        // Over one place mean sea level is equally high for both limits, so where it can be, it is left out.
        let heights = |limit| match self.above_sea_level_m(limit) {
            Some(heights) if above != Reference::Ellipsoid && below != Reference::Ellipsoid => {
                heights
            }
            _ => self.ellipsoid_m(limit),
        };
        let (lower_m, upper_m) = (heights(lower), heights(upper));
        clearance(
            lower_m.least_m - upper_m.greatest_m,
            lower_m.greatest_m - upper_m.least_m,
            false,
        )
    }

    /// The heights above mean sea level that a limit may have, none for heights above the ellipsoid.
    fn above_sea_level_m(&self, limit: Altitude) -> Option<Heights> {
        let value_m = limit.value_m();
        match limit.reference() {
            Reference::Ellipsoid => None,
            Reference::MeanSeaLevel => Some(Heights::exactly(value_m)),
            Reference::Pressure => {
                let (least_m, greatest_m) = sea_level_range_m(value_m, self.assumptions);
                Some(Heights {
                    least_m,
                    greatest_m,
                })
            }
            Reference::AboveGround | Reference::Surface => {
                Some(Heights::exactly(value_m).plus(self.assumptions.terrain_m()))
            }
            Reference::Unlimited => Some(Heights::exactly(f64::INFINITY)),
        }
    }

    /// The heights above the ellipsoid that a limit may have.
    fn ellipsoid_m(&self, limit: Altitude) -> Heights {
        self.above_sea_level_m(limit).map_or_else(
            || Heights::exactly(limit.value_m()),
            |heights| {
                heights.plus(
                    *self
                        .undulation_m
                        .get_or_init(|| undulation_range_m(self.over)),
                )
            },
        )
    }

    fn least_m(&self, limit: Altitude) -> f64 {
        self.ellipsoid_m(limit).least_m
    }

    /// The lowest height that `band` may share with `other`: where it starts, and below anything when that is the surface.
    fn foot_m(&self, band: &AltitudeBand, other: &AltitudeBand) -> f64 {
        let lower_m = self.least_m(band.lower());
        if band.lower().reference() != Reference::Surface {
            return lower_m;
        }
        // An upper limit below the lowest ground: all that is shared lies there.
        let uppers_m = [band, other].map(|band| self.least_m(band.upper()));
        uppers_m.into_iter().fold(lower_m, f64::min)
    }

    fn greatest_m(&self, limit: Altitude) -> f64 {
        self.ellipsoid_m(limit).greatest_m
    }

    /// What is said about a limit told as a height above the ellipsoid; nothing when that is exact.
    fn widening(&self, limit: Altitude) -> Option<Widening> {
        let Heights {
            least_m,
            greatest_m,
        } = self.ellipsoid_m(limit);
        (least_m < greatest_m).then_some(Widening::Limit {
            limit,
            lower_m: least_m,
            upper_m: greatest_m,
        })
    }

    /// What was widened to compare two limits; nothing when they were compared as written.
    fn widened_in(&self, clearance: &Clearance) -> impl Iterator<Item = Widening> + use<'_> {
        let limits = if clearance.exact {
            None
        } else {
            Some([clearance.lower, clearance.upper])
        };
        limits
            .into_iter()
            .flatten()
            .filter_map(|limit| self.widening(limit))
    }
}

mod levels;
#[cfg(test)]
mod tests;

pub use levels::Levels;
