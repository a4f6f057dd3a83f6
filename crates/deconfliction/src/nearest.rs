//! The volume nearest to another, among those that share its height and time.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use detente_spacetime::{Proximity, VerticalRelation, Volume4D};

use crate::bounds::{Bounds, HEIGHT, LATITUDE, LONGITUDE, TICKS_PER_DEGREE, TIME};
use crate::index::{Entry, Index};
use crate::run::Run;
use crate::solid::{bounds_of, vertical_relation};

/// The nearest volume and how far away it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearest<K> {
    /// The key of the volume in the index; the least key where several are equally near.
    pub key: K,
    /// Geodesic distance between the footprints, metres; 0 where they overlap.
    pub separation_m: f64,
}

/// Polar radius of WGS84, metres, rounded down.
///
/// With reduced latitudes the ellipsoid's line element is nowhere shorter than that of a sphere of this radius.
const POLAR_RADIUS_M: f64 = 6_356_752.0;

/// Least ratio of a difference of reduced latitudes to that of geodetic ones: 1 − f, rounded down.
const REDUCED_LATITUDE_MIN: f64 = 0.996_6;

impl<K: Ord + Clone> Index<K> {
    /// The volume with the least horizontal distance to `volume`, among those that share its height and time.
    ///
    /// Nothing is found beyond `max_m` metres.
    /// Boxes are visited nearest first, so the cost is that of the few footprints about as near as the answer.
    pub fn nearest(&self, volume: &Volume4D, max_m: f64) -> Option<Nearest<K>> {
        let mut best: Option<(Metres, &K)> = None;
        self.approach(volume, max_m, |distance, key| {
            let candidate = (distance, key);
            let found = best.map_or(candidate, |found| found.min(candidate));
            best = Some(found);
            found.0
        });
        best.map(|(distance, key)| Nearest {
            key: key.clone(),
            separation_m: distance.0,
        })
    }

    /// Every volume within `max_m` metres horizontally of `volume`, among those that share its height and time: nearest
    /// first, then by key.
    pub fn within(&self, volume: &Volume4D, max_m: f64) -> Vec<Nearest<K>> {
        let mut found: Vec<(Metres, &K)> = Vec::new();
        self.approach(volume, max_m, |distance, key| {
            found.push((distance, key));
            Metres(max_m)
        });
        found.sort();
        let found = found.into_iter().map(|(distance, key)| Nearest {
            key: key.clone(),
            separation_m: distance.0,
        });
        found.collect()
    }

    /// Visits volumes nearest box first; `visit` is told a distance and says beyond which none is wanted any more.
    fn approach<'i>(
        &'i self,
        volume: &Volume4D,
        max_m: f64,
        mut visit: impl FnMut(Metres, &'i K) -> Metres,
    ) {
        let boxes: Vec<Bounds> = bounds_of(volume, &self.assumptions).collect();
        let runs: Vec<&Run> = self.runs().collect();
        let mut queue = BinaryHeap::new();
        for (run, number) in runs.iter().zip(0_u32..) {
            if let Some(level) = run.tree.top() {
                queue.push(Reverse((Metres(0.0), number, level + 1, 0)));
            }
        }
        let mut limit = Metres(max_m);
        let mut measured = BTreeSet::new();
        while let Some(Reverse((least, number, above, place))) = queue.pop() {
            if least > limit {
                break;
            }
            let Some(run) = runs.get(number as usize) else {
                continue;
            };
            if let Some(level) = above.checked_sub(1) {
                for (child, bounds) in run.tree.children(level, place) {
                    if let Some(least) = boxes
                        .iter()
                        .filter_map(|own| least_distance(own, &bounds))
                        .min()
                    {
                        queue.push(Reverse((least, number, level, child)));
                    }
                }
                continue;
            }
            let Some(slot) = run
                .slots
                .get(place as usize)
                .filter(|slot| measured.insert(**slot))
            else {
                continue;
            };
            let Some(entry) = self.entry(*slot) else {
                continue;
            };
            if let Some(distance) = self
                .distance(volume, entry)
                .filter(|distance| *distance <= Metres(max_m))
            {
                limit = visit(distance, &entry.key);
            }
        }
    }

    /// The exact distance to a volume that shares height and time.
    fn distance(&self, volume: &Volume4D, entry: &Entry<K>) -> Option<Metres> {
        volume.window.intersection(&entry.volume.window)?;
        let relation = vertical_relation(volume, &entry.volume, &self.assumptions);
        matches!(relation, VerticalRelation::Overlap { .. }).then(|| {
            match volume.footprint.proximity(&entry.volume.footprint) {
                Proximity::Overlap => Metres(0.0),
                Proximity::Apart { separation_m } => Metres(separation_m),
            }
        })
    }
}

/// A distance, ordered.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Metres(f64);

impl Eq for Metres {}

impl PartialOrd for Metres {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Metres {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// A distance that nothing in one box to anything in the other undercuts; none where they share no height or no time.
fn least_distance(a: &Bounds, b: &Bounds) -> Option<Metres> {
    let shares = |d: usize| a.low[d] <= b.high[d] && a.high[d] >= b.low[d];
    if !shares(HEIGHT) || !shares(TIME) {
        return None;
    }
    let gap = |low: i32, high: i32| (f64::from(low) - f64::from(high)).max(0.0) / TICKS_PER_DEGREE;
    let between = |d: usize| gap(b.low[d], a.high[d]).max(gap(a.low[d], b.high[d]));
    // Around the other side of the world the boxes may be nearer.
    let around = |one: &Bounds, two: &Bounds| {
        (360.0
            - (f64::from(one.high[LONGITUDE]) - f64::from(two.low[LONGITUDE])) / TICKS_PER_DEGREE)
            .max(0.0)
    };
    let longitude_deg = between(LONGITUDE)
        .min(around(a, b))
        .min(around(b, a))
        .min(180.0);
    let north = (between(LATITUDE) * REDUCED_LATITUDE_MIN).to_radians();
    // From a point at latitude φ a meridian Δλ away is asin(cos φ sin Δλ) away, or as far as the nearer pole.
    let furthest = |one: &Bounds| {
        one.low[LATITUDE]
            .unsigned_abs()
            .max(one.high[LATITUDE].unsigned_abs())
    };
    let latitude = (f64::from(furthest(a).min(furthest(b))) / TICKS_PER_DEGREE)
        .min(90.0)
        .to_radians();
    let turn = longitude_deg
        .to_radians()
        .min(std::f64::consts::FRAC_PI_2)
        .sin();
    let east = (latitude.cos() * turn).clamp(0.0, 1.0).asin();
    // A millimetre less than computed covers the rounding of all this.
    Some(Metres((POLAR_RADIUS_M * north.max(east) - 1.0e-3).max(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use geographiclib_rs::{Geodesic, InverseGeodesic};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_two_points_are_nearer_than_their_boxes(
            a in (-90.0..90.0, -180.0..180.0), b in (-90.0..90.0, -180.0..180.0),
            sizes in prop::array::uniform4(0.0..20.0), near in prop::bool::ANY,
        ) {
            let (a, b): ((f64, f64), (f64, f64)) = (a, b);
            let beside = ((a.0 + b.0 / 90.0).clamp(-90.0, 90.0), (a.1 + b.1 / 90.0).clamp(-180.0, 180.0));
            let b = if near { beside } else { b };
            let bounds = |at: (f64, f64), width: f64, height: f64| Bounds::new(
                [(at.1 - width).max(-180.0), (at.1 + width).min(180.0)],
                [(at.0 - height).max(-90.0), (at.0 + height).min(90.0)],
                [0.0, 1.0], 0, None,
            );
            let (one, two) = (bounds(a, sizes[0], sizes[1]), bounds(b, sizes[2], sizes[3]));
            let distance: f64 = Geodesic::wgs84().inverse(a.0, a.1, b.0, b.1);
            let least = least_distance(&one, &two).unwrap();
            prop_assert!(least.0 <= distance, "{} > {distance}", least.0);
            prop_assert_eq!(least, least_distance(&two, &one).unwrap());
        }

        #[test]
        fn distant_points_have_distant_boxes(a in (-60.0..60.0, -170.0..0.0), away in 1.0..20.0) {
            let at = |latitude: f64, longitude: f64| {
                Bounds::new([longitude; 2], [latitude; 2], [0.0, 1.0], 0, None)
            };
            let (latitude, longitude): (f64, f64) = a;
            let distance: f64 = Geodesic::wgs84().inverse(latitude, longitude, latitude, longitude + away);
            let least = least_distance(&at(latitude, longitude), &at(latitude, longitude + away)).unwrap();
            prop_assert!(least.0 > distance * 0.98);
        }
    }
}
