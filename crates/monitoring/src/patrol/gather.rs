//! Many fixes of the same tracks, put track by track.
//!
//! What a segment needs from memory is what the one before it on the same track needed: cells, zones and pieces of border
//! are near then, while a stream of many aircraft in the order of time comes back to none of them before they are forgotten.
//! Tracks that begin near each other follow each other, for the same reason.
//! What was found is told in the order of the columns all the same.

use super::{Columns, Crossing, Mark};
use crate::grid::{STEP_BITS, Spot};

/// Most fixes gathered at once: four minutes of twenty thousand aircraft, in fifty megabytes. A quarter of it would stay in
/// caches, but every track would come back to its cells four times as often, which costs more.
pub(super) const MOST: usize = 1 << 20;
/// An index smaller than this, bytes, is near anyway: fixes are taken as they come.
pub(super) const FROM_BYTES: usize = 8 << 20;
/// Fixes that a track must have on average for gathering to be worth its time.
const EACH: usize = 4;
/// Tracks are gathered along bands so high, steps as a power of two: some 14 km.
const BAND_BITS: u32 = STEP_BITS - 3;

/// Fixes by track, and what was found of them.
#[derive(Debug, Default)]
pub(super) struct Gather {
    /// Track by track, those of each in their own order.
    pub(super) reports: Vec<Report>,
    /// Crossings, with the place of their fix in the columns.
    pub(super) found: Vec<(u32, Crossing)>,
    /// For each track how many fixes it has, then where the next goes; kept at zero between.
    next: Vec<u32>,
    /// The tracks that have any, with the place of the first.
    seen: Vec<(u64, u32)>,
    order: Vec<(u32, u32)>,
}

/// One fix, and its place in the columns.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Report {
    pub(super) mark: Mark,
    pub(super) track: u32,
    pub(super) place: u32,
}

impl Gather {
    /// Gathers a range of the columns; false, and nothing is gathered, when too few of its fixes are of the same tracks.
    pub(super) fn collect(
        &mut self,
        fixes: &Columns<'_>,
        range: std::ops::Range<usize>,
        tracks: usize,
    ) -> bool {
        let Some(numbers) = fixes.tracks.get(range.clone()) else {
            return false;
        };
        self.next.resize(tracks, 0);
        self.seen.clear();
        for (track, place) in numbers.iter().zip(range.clone()) {
            let Some(next) = self.next.get_mut(*track as usize) else {
                continue;
            };
            if *next == 0 {
                let spot = fixes
                    .fix(place)
                    .map(|(_, mark)| mark.spot())
                    .unwrap_or_default();
                self.seen.push((along(spot), *track));
            }
            *next += 1;
        }
        let few = numbers.len() < EACH * self.seen.len();
        if few {
            for (_, track) in &self.seen {
                if let Some(next) = self.next.get_mut(*track as usize) {
                    *next = 0;
                }
            }
            return false;
        }
        self.seen.sort_unstable();
        let mut first = 0;
        for (_, track) in &self.seen {
            if let Some(next) = self.next.get_mut(*track as usize) {
                (first, *next) = (first + *next, first);
            }
        }
        // Every one of them is written anew.
        self.reports.resize(numbers.len(), Report::default());
        // What has no track of its own is left out by whoever takes it.
        let mut strays = first;
        for place in range {
            let Some((track, mark)) = fixes.fix(place) else {
                continue;
            };
            let next = self.next.get_mut(track as usize).unwrap_or(&mut strays);
            if let Some(report) = self.reports.get_mut(*next as usize) {
                *report = Report {
                    mark,
                    track,
                    place: place as u32,
                };
            }
            *next += 1;
        }
        for (_, track) in &self.seen {
            if let Some(next) = self.next.get_mut(*track as usize) {
                *next = 0;
            }
        }
        true
    }

    /// Tells what was found in the order of the columns, what belongs to one fix as it was found.
    pub(super) fn tell(&mut self, told: &mut impl FnMut(Crossing)) {
        self.order.clear();
        let places = self.found.iter().map(|(place, _)| *place);
        self.order.extend(places.zip(0..));
        self.order.sort_unstable();
        for (_, number) in &self.order {
            if let Some((_, crossing)) = self.found.get(*number as usize) {
                told(*crossing);
            }
        }
        self.found.clear();
    }
}

/// Where a spot is along bands from west to east, southern ones first.
fn along(spot: Spot) -> u64 {
    u64::from(spot.y >> BAND_BITS) << u32::BITS | u64::from(spot.x)
}
