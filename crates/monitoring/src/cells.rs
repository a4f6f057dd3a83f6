//! Zones by cells of latitude and longitude: a filter, never a decision.

use std::collections::BTreeMap;

use detente_spacetime::{GeoBox, Rect};

/// Side of a cell, degrees: some 7 km, so that a segment of a few seconds meets few cells, and a cell few zones.
const CELL_DEG: f64 = 0.0625;
/// A box over more cells than this is held against everything instead.
const CELLS_MAX: usize = 4_096;

/// Numbers of things, findable by where their boxes are.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    by_cell: BTreeMap<(i16, i16), Vec<u32>>,
    /// What covers too many cells to be listed in each.
    wide: Vec<u32>,
    count: u32,
}

impl Cells {
    /// Adds the next thing; things are numbered from 0 in the order they are added.
    pub(crate) fn add(&mut self, bounds: &GeoBox) {
        let number = self.count;
        self.count += 1;
        match cells(bounds) {
            Some(cells) => {
                for cell in cells {
                    self.by_cell.entry(cell).or_default().push(number);
                }
            }
            None => self.wide.push(number),
        }
    }

    /// Adds to `found` the number of everything whose box may meet `bounds`, some perhaps twice.
    pub(crate) fn near(&self, bounds: &GeoBox, found: &mut Vec<u32>) {
        match cells(bounds) {
            Some(cells) => {
                found.extend(&self.wide);
                for cell in cells {
                    found.extend(self.by_cell.get(&cell).into_iter().flatten());
                }
            }
            None => found.extend(0..self.count),
        }
    }
}

/// The cells a box meets; none when they are too many.
fn cells(bounds: &GeoBox) -> Option<Vec<(i16, i16)>> {
    let steps = |low_deg: f64, high_deg: f64| {
        let step = |degrees: f64| (degrees / CELL_DEG).floor() as i16;
        step(low_deg)..=step(high_deg)
    };
    let count = |rect: &Rect| {
        steps(rect.south_deg, rect.north_deg).count() * steps(rect.west_deg, rect.east_deg).count()
    };
    if bounds.rects().map(|rect| count(&rect)).sum::<usize>() > CELLS_MAX {
        return None;
    }
    let within = bounds.rects().flat_map(|rect| {
        steps(rect.south_deg, rect.north_deg).flat_map(move |latitude| {
            steps(rect.west_deg, rect.east_deg).map(move |longitude| (latitude, longitude))
        })
    });
    // The meridian of 180° is the western side of one rectangle and the eastern side of the other.
    let east = (180.0 / CELL_DEG) as i16;
    Some(
        within
            .map(|(latitude, longitude)| {
                let longitude = if longitude == east { -east } else { longitude };
                (latitude, longitude)
            })
            .collect(),
    )
}
