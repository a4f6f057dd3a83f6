//! A volume: a footprint, between two altitudes, during a window; and how two of them lie to each other.

use crate::{
    altitude::AltitudeBand,
    bounds::GeoBox,
    footprint::{Footprint, Proximity},
    instant::Span,
    outline::Outline,
    vertical::{VerticalAssumptions, VerticalRelation, vertical_overlap},
    widening::Widening,
    window::Window,
};

/// A region of the air and a time during which it matters.
///
/// Cloning is cheap: the footprint's shape is shared.
#[derive(Clone, Debug)]
pub struct Volume4D {
    /// Where.
    pub footprint: Footprint,
    /// How high.
    pub altitude: AltitudeBand,
    /// When.
    pub window: Window,
}

/// How two volumes lie to each other.
#[derive(Clone, Debug)]
pub enum Encounter {
    /// They share a place, a height and an instant, or may.
    Conflict(Extent),
    /// They do not.
    Apart(Separation),
}

/// What two volumes share.
#[derive(Clone, Debug)]
pub struct Extent {
    /// When.
    pub window: Window,
    /// The lowest height they may share, metres above the WGS84 ellipsoid.
    pub lower_m: f64,
    /// The greatest height they may share, metres above the WGS84 ellipsoid; infinite when neither has an upper limit.
    pub upper_m: f64,
    /// Whether they share a height whatever pressure, temperature and ground are within the assumptions.
    pub certain: bool,
    /// What was widened to find or to tell the heights.
    pub widenings: Vec<Widening>,
    footprints: (Footprint, Footprint),
}

/// How far two volumes are from each other; at least one of the three keeps them apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Separation {
    /// The geodesic distance between the footprints, metres; zero when they overlap.
    pub horizontal_m: f64,
    /// The least distance between the altitude bands, metres; `None` when they share a height, or may.
    pub vertical_m: Option<f64>,
    /// The time between the windows, zero when they touch; `None` when they share an instant.
    pub time: Option<Span>,
    /// What was widened and still left the bands apart.
    pub widenings: Vec<Widening>,
}

impl Extent {
    /// Where, as an outline for people and GeoJSON; computed when asked for.
    #[must_use]
    pub fn outline(&self) -> Outline {
        self.footprints.0.overlap_outline(&self.footprints.1)
    }
}

/// How `a` and `b` lie to each other, in all four dimensions.
///
/// Windows are half-open, so touching windows share no instant; altitude bands are closed, so touching bands share a height;
/// footprints share a place when they come within [`crate::footprint::BOUNDARY_M`] of each other.
/// The answer does not depend on the order of `a` and `b`.
///
/// # Cost
///
/// That of [`Footprint::proximity`]; [`conflicts`] answers the question alone, sooner.
#[must_use]
pub fn encounter(a: &Volume4D, b: &Volume4D, assumptions: &VerticalAssumptions) -> Encounter {
    let proximity = a.footprint.proximity(&b.footprint);
    let vertical = vertical_overlap(&a.altitude, &b.altitude, &common_box(a, b), assumptions);
    let window = a.window.intersection(&b.window);
    match (proximity, vertical, window) {
        (
            Proximity::Overlap,
            VerticalRelation::Overlap {
                lower_m,
                upper_m,
                certain,
                widenings,
            },
            Some(window),
        ) => Encounter::Conflict(Extent {
            window,
            lower_m,
            upper_m,
            certain,
            widenings,
            footprints: (a.footprint.clone(), b.footprint.clone()),
        }),
        (proximity, vertical, _) => {
            let (vertical_m, widenings) = match vertical {
                VerticalRelation::Overlap { .. } => (None, Vec::new()),
                VerticalRelation::Apart { gap_m, widenings } => (Some(gap_m), widenings),
            };
            let horizontal_m = match proximity {
                Proximity::Overlap => 0.0,
                Proximity::Apart { separation_m } => separation_m,
            };
            Encounter::Apart(Separation {
                horizontal_m,
                vertical_m,
                time: a.window.gap(&b.window),
                widenings,
            })
        }
    }
}

/// Whether two volumes share a place, a height and an instant, or may: the question of [`encounter`], cheapest part first.
#[must_use]
pub fn conflicts(a: &Volume4D, b: &Volume4D, assumptions: &VerticalAssumptions) -> bool {
    let meet_vertically = || {
        let over = common_box(a, b);
        let relation = vertical_overlap(&a.altitude, &b.altitude, &over, assumptions);
        matches!(relation, VerticalRelation::Overlap { .. })
    };
    a.window.intersection(&b.window).is_some()
        && a.footprint.bounds().intersects(b.footprint.bounds())
        && meet_vertically()
        && a.footprint.overlaps(&b.footprint)
}

/// Where both volumes apply, or, when nowhere, where either does.
fn common_box(a: &Volume4D, b: &Volume4D) -> GeoBox {
    let (a, b) = (a.footprint.bounds(), b.footprint.bounds());
    a.intersection(b).unwrap_or_else(|| a.union(b))
}
