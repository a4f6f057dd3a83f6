//! Places by where they are: a filter that leaves out what cannot be reached, never a decision.

use std::collections::{BTreeMap, BTreeSet};

use detente_spacetime::{GeoBox, Position, Rect, geodesic::distance_m};

use super::{Horizon, Place, arrival::Motion};

/// Side of a cell, degrees: a flight reaches a few dozen of them in a quarter of an hour.
const CELL_DEG: f64 = 0.5;
/// Longer than a degree of a meridian anywhere, metres, so that a plane holds whatever the globe holds.
const DEGREE_M: f64 = 111_700.0;
/// Beyond this latitude degrees of longitude say nothing about directions.
const STEEP_LATITUDE_DEG: f64 = 80.0;
/// What a direction on the plane may be off within reach, degrees.
const PLANE_ERROR_DEG: f64 = 8.0;

/// A circle around a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub(super) middle: Position,
    pub(super) radius_m: f64,
}

/// Places by cells of latitude and longitude.
#[derive(Debug, Default)]
pub(super) struct Nearby {
    by_cell: BTreeMap<(i32, i32), Vec<u32>>,
    bounds: Vec<Option<Bounds>>,
    /// The radius of the largest place.
    widest_m: f64,
}

impl Nearby {
    pub(super) fn of(places: &[Place]) -> Self {
        let mut nearby = Self::default();
        for (number, place) in places.iter().enumerate() {
            let bounds = around(place.footprint.bounds());
            nearby.bounds.push(bounds);
            let Some(bounds) = bounds else {
                continue;
            };
            nearby.widest_m = nearby.widest_m.max(bounds.radius_m);
            let cell = (
                cell(bounds.middle.latitude_deg()),
                cell(bounds.middle.longitude_deg()),
            );
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            nearby.by_cell.entry(cell).or_default().push(number);
        }
        nearby
    }

    /// The circle around a place.
    pub(super) fn bounds(&self, number: u32) -> Option<Bounds> {
        self.bounds.get(number as usize).copied().flatten()
    }

    /// Adds the places that may lie ahead within the horizon.
    pub(super) fn ahead_of(&self, motion: &Motion, horizon: Horizon, found: &mut BTreeSet<u32>) {
        let seconds = horizon.ahead.micros() as f64 / 1e6;
        let reach_m = motion.fastest_m_s * seconds + self.widest_m;
        let around = GeoBox::at(motion.position).expanded(reach_m);
        for rect in around.rects() {
            for (latitude, longitudes) in rows(&rect) {
                let row = (latitude, *longitudes.start())..=(latitude, *longitudes.end());
                for (_, numbers) in self.by_cell.range(row) {
                    let ahead = numbers
                        .iter()
                        .filter(|number| self.lies_ahead(motion, **number));
                    found.extend(ahead);
                }
            }
        }
    }

    fn lies_ahead(&self, motion: &Motion, number: u32) -> bool {
        let Some(bounds) = self.bounds(number) else {
            return false;
        };
        let (here, there) = (motion.position, bounds.middle);
        if here.latitude_deg().abs().max(there.latitude_deg().abs()) > STEEP_LATITUDE_DEG {
            return true;
        }
        let north_deg = there.latitude_deg() - here.latitude_deg();
        let east_deg =
            (there.longitude_deg() - here.longitude_deg() + 540.0).rem_euclid(360.0) - 180.0;
        let middle = f64::midpoint(here.latitude_deg(), there.latitude_deg());
        let east_deg = east_deg * middle.to_radians().cos();
        let away_deg = east_deg.hypot(north_deg);
        let radius_deg = bounds.radius_m * 1.02 / DEGREE_M;
        if away_deg <= radius_deg * 1.05 {
            return true;
        }
        let sight_deg = (radius_deg / away_deg).min(1.0).asin().to_degrees();
        let bearing_deg = east_deg.atan2(north_deg).to_degrees();
        super::arrival::between_deg(bearing_deg, motion.course_deg)
            <= motion.spread_deg + sight_deg + PLANE_ERROR_DEG
    }
}

fn cell(degrees: f64) -> i32 {
    (degrees / CELL_DEG).floor() as i32
}

/// The rows of cells that a rectangle meets, each with its columns.
fn rows(rect: &Rect) -> impl Iterator<Item = (i32, std::ops::RangeInclusive<i32>)> + use<> {
    let columns = cell(rect.west_deg)..=cell(rect.east_deg);
    (cell(rect.south_deg)..=cell(rect.north_deg)).map(move |row| (row, columns.clone()))
}

/// A circle that holds a box; none of a box that holds nothing.
fn around(bounds: &GeoBox) -> Option<Bounds> {
    let rects: Vec<Rect> = bounds.rects().collect();
    let wide = |rect: &Rect| rect.east_deg - rect.west_deg;
    let widest = rects
        .iter()
        .max_by(|one, two| wide(one).total_cmp(&wide(two)))?;
    let middle = Position::new(
        f64::midpoint(widest.south_deg, widest.north_deg),
        f64::midpoint(widest.west_deg, widest.east_deg),
    )
    .ok()?;
    let corners = rects.iter().flat_map(|rect| {
        let latitudes = [rect.south_deg, rect.north_deg];
        latitudes.into_iter().flat_map(|latitude_deg| {
            let longitudes = [rect.west_deg, rect.east_deg];
            longitudes.map(|longitude_deg| Position::new(latitude_deg, longitude_deg).ok())
        })
    });
    let radius_m = corners
        .flatten()
        .map(|corner| distance_m(middle, corner))
        .fold(0.0, f64::max);
    Some(Bounds { middle, radius_m })
}
