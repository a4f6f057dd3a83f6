//! Every pair that overlaps, or the pair that is nearest.

use std::cmp::Ordering;

use detente_deconfliction::Index;
use detente_records::PlainVolume;
use detente_spacetime::{
    AltitudeBand, Encounter, Outline, Span, VerticalAssumptions, Volume4D, Widening, Window,
    encounter,
};

/// Farther than any two places on Earth are from one another, in metres: half of the equator.
const FARTHEST_M: f64 = 20_100_000.0;

/// What the comparison of two files found.
#[derive(Debug)]
pub(super) struct Comparison {
    /// The pairs that overlap, by time and then by ids.
    pub(super) pairs: Vec<Pair>,
    /// The outline that the first pair shares.
    pub(super) outline: Option<Outline>,
    /// The nearest pair, when none overlaps.
    pub(super) nearest: Option<Miss>,
}

/// Two volumes that overlap.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) first: String,
    pub(super) second: String,
    pub(super) window: Window,
    /// Metres above the WGS84 ellipsoid.
    pub(super) lower_m: f64,
    /// Metres above the WGS84 ellipsoid; infinite without a limit.
    pub(super) upper_m: f64,
    pub(super) widenings: Vec<Widening>,
    places: (usize, usize),
}

/// The two volumes whose footprints are nearest to one another, and what keeps them apart.
#[derive(Debug)]
pub(super) struct Miss {
    pub(super) first: String,
    pub(super) second: String,
    /// Geodesic metres between the footprints; 0 where they overlap.
    pub(super) separation_m: f64,
    /// Metres between the altitude bands; `None` where they meet.
    pub(super) vertical_m: Option<f64>,
    /// Time between the windows; `None` where they overlap.
    pub(super) time: Option<Span>,
}

/// Compares all of `first` with all of `second`.
///
/// # Cost
///
/// The smaller question first: one search of an index of `second` for each volume of `first`.
pub(super) fn compare(first: &[PlainVolume], second: &[PlainVolume]) -> Comparison {
    let assumptions = VerticalAssumptions::WORLD;
    let mut index = Index::new(assumptions);
    index.insert_all(
        second
            .iter()
            .enumerate()
            .map(|(place, plain)| (place, &plain.volume)),
    );
    let mut pairs = Vec::new();
    for (place, one) in first.iter().enumerate() {
        for conflict in index.conflicts(&one.volume) {
            let Some(other) = second.get(conflict.key) else {
                continue;
            };
            pairs.push(Pair {
                first: name(one),
                second: name(other),
                window: conflict.window,
                lower_m: conflict.lower_m,
                upper_m: conflict.upper_m,
                widenings: conflict.widenings,
                places: (place, conflict.key),
            });
        }
    }
    pairs.sort_by(|a, b| a.order().cmp(&b.order()));
    let shared = pairs
        .first()
        .and_then(|pair| Some((first.get(pair.places.0)?, second.get(pair.places.1)?)));
    let outline = shared.map(|(one, other)| {
        one.volume
            .footprint
            .overlap_outline(&other.volume.footprint)
    });
    let nearest = if pairs.is_empty() {
        nearest(first, second, assumptions)
    } else {
        None
    };
    Comparison {
        pairs,
        outline,
        nearest,
    }
}

impl Pair {
    fn order(&self) -> impl Ord + '_ {
        (self.window.start(), &self.first, &self.second, self.places)
    }
}

/// Finds the two volumes nearest to one another: on the ground first, then in height, then in time.
///
/// Volumes that tie in all of these are told apart by their names, so that no order of files or features matters.
fn nearest(
    first: &[PlainVolume],
    second: &[PlainVolume],
    assumptions: VerticalAssumptions,
) -> Option<Miss> {
    let everywhere: Vec<Volume4D> = second.iter().map(|plain| spread(&plain.volume)).collect();
    let mut index = Index::new(assumptions);
    index.insert_all(everywhere.iter().enumerate());
    let mut least_m = None;
    for one in first {
        let limit_m = least_m.unwrap_or(FARTHEST_M);
        if let Some(found) = index.nearest(&spread(&one.volume), limit_m) {
            least_m = Some(found.separation_m);
        }
    }
    let least_m = least_m?;
    let mut best: Option<Miss> = None;
    for one in first {
        for found in index.within(&spread(&one.volume), least_m) {
            let Some(other) = second.get(found.key) else {
                continue;
            };
            let miss = miss(one, other, found.separation_m, &assumptions);
            if best.as_ref().is_none_or(|best| miss.order(best).is_lt()) {
                best = Some(miss);
            }
        }
    }
    best
}

fn miss(
    one: &PlainVolume,
    other: &PlainVolume,
    separation_m: f64,
    assumptions: &VerticalAssumptions,
) -> Miss {
    let (vertical_m, time) = match encounter(&one.volume, &other.volume, assumptions) {
        Encounter::Apart(separation) => (separation.vertical_m, separation.time),
        // Not reached: this is asked only when no two volumes are in conflict.
        Encounter::Conflict(_) => (None, None),
    };
    Miss {
        first: name(one),
        second: name(other),
        separation_m,
        vertical_m,
        time,
    }
}

impl Miss {
    /// How it compares with another: nearer in place, else in height, else in time, else earlier in names.
    fn order(&self, other: &Self) -> Ordering {
        let names = |miss: &Self| {
            let (one, two) = (miss.first.clone(), miss.second.clone());
            if one <= two { (one, two) } else { (two, one) }
        };
        let height = |miss: &Self| miss.vertical_m.unwrap_or(-1.0);
        self.separation_m
            .total_cmp(&other.separation_m)
            .then_with(|| height(self).total_cmp(&height(other)))
            .then_with(|| self.time.cmp(&other.time))
            .then_with(|| names(self).cmp(&names(other)))
    }
}

/// The volume at every height and at all times, so that only its footprint counts.
fn spread(volume: &Volume4D) -> Volume4D {
    Volume4D {
        footprint: volume.footprint.clone(),
        altitude: AltitudeBand::EVERY_HEIGHT,
        window: Window::ALWAYS,
    }
}

/// The id of a volume, or where it stands in its file.
fn name(plain: &PlainVolume) -> String {
    plain
        .id
        .clone()
        .unwrap_or_else(|| plain.provenance.pointer.clone())
}
