//! Crossings of many numbered tracks, from columns of numbers: the watch without names, answers and operations.
//!
//! This is the way for a stream of everything that flies, or for years of it: what [`crate::Watch`] reports as entering and
//! leaving is reported here, with the same instants and places, for tracks that are numbers and fixes that are in order.

use std::sync::Arc;

use detente_spacetime::{ALTITUDE_MAX_M, Altitude, Instant, Position, Reference};

use crate::{
    cells::Cells,
    event::{Border, Certainty, EventKind},
    grid::Spot,
    presence::Presence,
    screen::{Calm, Screen, Verdict, Way},
    segment::Segment,
    sighting::Sighting,
    visit::{self, State},
    watch::Settings,
    zone::{Watched, Zone},
};

/// Fixes that are worked on side by side, so that what one waits for from memory is fetched during the others.
const BLOCK: usize = 32;
/// Most zones: two bits of a number say more of a stay.
pub const ZONES_MAX: usize = 1 << 30;
/// The track may be in the zone, and that is all that is known.
const POSSIBLE: u32 = 1 << 31;
/// It was surely in the zone earlier in this stay.
const ONCE_SURE: u32 = 1 << 30;
const NUMBER: u32 = ONCE_SURE - 1;
/// The instant of a flight that has no fix yet.
const NEVER: i64 = i64::MIN;

/// Fixes as columns of equal length, those of one track in the order of time.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// The track, as [`Patrol::track`] numbered it.
    pub tracks: &'a [u32],
    /// Microseconds since 1970.
    pub micros: &'a [i64],
    /// Degrees north.
    pub latitudes_deg: &'a [f64],
    /// Degrees east.
    pub longitudes_deg: &'a [f64],
    /// Heights in the reference of the patrol, metres.
    pub heights_m: &'a [f64],
}

/// A track came into a zone, or left it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crossing {
    /// The number of the track.
    pub track: u32,
    /// The number of the zone, in the order they were given.
    pub zone: u32,
    /// [`EventKind::Inside`], [`EventKind::Enter`] or [`EventKind::Leave`].
    pub kind: EventKind,
    /// When, to the microsecond.
    pub at: Instant,
    /// Where, on the geodesic between the two fixes.
    pub place: Option<Position>,
    /// Whether it is sure, given the fixes.
    pub certainty: Certainty,
    /// Whether the whole visit lies between two fixes.
    pub between_fixes: bool,
    /// What was crossed.
    pub border: Option<Border>,
}

/// What a patrol took and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PatrolCounts {
    /// Segments held against the zones.
    pub segments: u64,
    /// Fixes left out: not later than the one before, of no track, or no place on earth.
    pub left_out: u64,
    /// Segments of which some zone had to be asked about exactly.
    pub asked: u64,
    /// Questions to the exact geometry.
    pub questions: u64,
    /// Crossings reported.
    pub crossings: u64,
}

/// Numbered tracks held against zones.
#[derive(Debug)]
pub struct Patrol {
    zones: Vec<(Zone, Watched)>,
    screen: Screen,
    cells: Cells,
    reference: Reference,
    forces: Vec<Option<Arc<str>>>,
    flights: Vec<Flight>,
    /// The zones each flight is in or may be in, by number in order.
    stays: Vec<Vec<u32>>,
    verdict: Verdict,
    counts: PatrolCounts,
}

/// What is known of a track: one line of the cache.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Flight {
    micros: i64,
    latitude_deg: f64,
    longitude_deg: f64,
    height_m: f64,
    /// The bit of its force, and the force by its place.
    bit: u32,
    force: u32,
    /// How long nothing changes.
    calm: Calm,
    /// Whether it is in no zone.
    is_free: bool,
}

/// One fix out of the columns.
#[derive(Clone, Copy, Debug)]
struct Mark {
    micros: i64,
    latitude_deg: f64,
    longitude_deg: f64,
    height_m: f64,
}

impl Patrol {
    /// Makes a patrol over at most [`ZONES_MAX`] zones, for heights told in one reference; what zones answer is not used.
    #[must_use]
    pub fn new(mut zones: Vec<Zone>, reference: Reference, settings: &Settings) -> Self {
        zones.truncate(ZONES_MAX);
        let mut cells = Cells::default();
        for zone in &zones {
            cells.add(zone.volume.footprint.bounds());
        }
        let ready = |zone: Zone| {
            let watched = Watched::new(zone.volume.clone(), settings.assumptions);
            (zone, watched)
        };
        let zones: Vec<(Zone, Watched)> = zones.into_iter().map(ready).collect();
        Self {
            screen: Screen::new(&zones, reference),
            zones,
            cells,
            reference,
            forces: Vec::new(),
            flights: Vec::new(),
            stays: Vec::new(),
            verdict: Verdict::default(),
            counts: PatrolCounts::default(),
        }
    }

    /// Adds a track that a source attributes to a force, or to nobody; returns its number.
    pub fn track(&mut self, force: Option<&Arc<str>>) -> u32 {
        let place = self.forces.iter().position(|known| known.as_ref() == force);
        let place = place.unwrap_or_else(|| {
            self.forces.push(force.cloned());
            self.forces.len() - 1
        });
        self.flights.push(Flight {
            micros: NEVER,
            latitude_deg: 0.0,
            longitude_deg: 0.0,
            height_m: 0.0,
            bit: self.screen.bit(force),
            force: place as u32,
            calm: Calm::NONE,
            is_free: true,
        });
        self.stays.push(Vec::new());
        (self.flights.len() - 1) as u32
    }

    /// Forgets what was seen of every track; the tracks keep their numbers.
    pub fn forget(&mut self) {
        for (flight, stays) in self.flights.iter_mut().zip(&mut self.stays) {
            (flight.micros, flight.calm, flight.is_free) = (NEVER, Calm::NONE, true);
            stays.clear();
        }
    }

    /// What was taken and done so far.
    #[must_use]
    pub fn counts(&self) -> PatrolCounts {
        self.counts
    }

    /// Bytes of the index of cells, without the zones themselves.
    #[must_use]
    pub fn index_bytes(&self) -> usize {
        self.screen.bytes()
    }

    /// Takes fixes and hands over every crossing, in the order of the columns and along each segment in the order of time.
    ///
    /// # Cost
    ///
    /// Some tens of nanoseconds for each fix that crosses nothing, about a microsecond for each border crossed
    /// (docs/reference/benchmarks.md).
    pub fn take(&mut self, fixes: &Columns<'_>, told: &mut impl FnMut(Crossing)) {
        let count = [
            fixes.micros.len(),
            fixes.latitudes_deg.len(),
            fixes.longitudes_deg.len(),
            fixes.heights_m.len(),
        ]
        .into_iter()
        .fold(fixes.tracks.len(), usize::min);
        let mut from = 0;
        while from < count {
            let block = from..(from + BLOCK).min(count);
            self.fetch(fixes, block.clone());
            for number in block {
                self.one(fixes, number, told);
            }
            from += BLOCK;
        }
    }

    /// Reads a little of everything that the fixes of a block will need, stage by stage: each stage waits for memory for all
    /// of them together.
    #[inline(always)]
    fn fetch(&self, fixes: &Columns<'_>, block: std::ops::Range<usize>) {
        let (Some(latitudes), Some(longitudes), Some(tracks), Some(micros), Some(heights)) = (
            fixes.latitudes_deg.get(block.clone()),
            fixes.longitudes_deg.get(block.clone()),
            fixes.tracks.get(block.clone()),
            fixes.micros.get(block.clone()),
            fixes.heights_m.get(block),
        ) else {
            return;
        };
        let mut spots = [([Spot::default(); 2], 0, 0.0); BLOCK];
        let (mut count, mut read) = (0, 0_u32);
        let marks = latitudes
            .iter()
            .zip(longitudes)
            .zip(micros.iter().zip(heights));
        for (track, ((latitude, longitude), (micros, height_m))) in tracks.iter().zip(marks) {
            let Some(flight) = self.flights.get(*track as usize) else {
                continue;
            };
            let to = Spot::at(*latitude, *longitude);
            if self.screen.holds_on(&flight.calm, to, *micros, *height_m) {
                continue;
            }
            if let Some(slot) = spots.get_mut(count) {
                *slot = ([flight.mark().spot(), to], *micros, *height_m);
                count += 1;
            }
        }
        let spots = spots.get(..count).unwrap_or_default();
        for ([from, to], ..) in spots {
            read ^= self.screen.touch(*from) ^ self.screen.touch(*to);
        }
        for ([from, to], ..) in spots {
            read ^= self.screen.touch_records(*from, true);
            read ^= self.screen.touch_records(*to, false);
        }
        for (spots, micros, height_m) in spots {
            for spot in spots {
                read ^= self.screen.touch_pieces(*spot, *micros, *height_m);
            }
        }
        std::hint::black_box(read);
    }

    #[inline(always)]
    fn one(&mut self, fixes: &Columns<'_>, number: usize, told: &mut impl FnMut(Crossing)) {
        let (Some(track), Some(micros), Some(latitude_deg), Some(longitude_deg), Some(height_m)) = (
            fixes.tracks.get(number).copied(),
            fixes.micros.get(number).copied(),
            fixes.latitudes_deg.get(number).copied(),
            fixes.longitudes_deg.get(number).copied(),
            fixes.heights_m.get(number).copied(),
        ) else {
            return;
        };
        let sound = latitude_deg.abs() <= 90.0
            && longitude_deg.abs() <= 180.0
            && height_m.abs() <= ALTITUDE_MAX_M;
        let Some(flight) = self
            .flights
            .get_mut(track as usize)
            .filter(|flight| sound && micros > flight.micros)
        else {
            self.counts.left_out += 1;
            return;
        };
        let to = Mark {
            micros,
            latitude_deg,
            longitude_deg: if longitude_deg == 180.0 {
                -180.0
            } else {
                longitude_deg
            },
            height_m,
        };
        let first = flight.micros == NEVER;
        let from = if first { to } else { flight.mark() };
        (
            flight.micros,
            flight.latitude_deg,
            flight.longitude_deg,
            flight.height_m,
        ) = (to.micros, to.latitude_deg, to.longitude_deg, to.height_m);
        self.counts.segments += u64::from(!first);
        let spots = [from.spot(), to.spot()];
        if self
            .screen
            .holds_on(&flight.calm, spots[1], to.micros, to.height_m)
        {
            return;
        }
        if flight.is_free && self.screen.is_bare(spots) {
            flight.calm = self.screen.bare_calm(spots);
            return;
        }
        let way = Way::of_numbers(
            spots,
            [from.micros, to.micros],
            [from.height_m, to.height_m],
            self.reference,
        );
        let answered = self
            .screen
            .answer(&way, flight.bit, &self.zones, &mut self.verdict);
        let stays = self
            .stays
            .get(track as usize)
            .map_or(&[][..], Vec::as_slice);
        if answered && self.verdict.is(stays) {
            flight.calm = self.verdict.calm;
            return;
        }
        flight.calm = Calm::NONE;
        self.exactly(track, [from, to], first, answered, told);
    }

    /// Asks the exact geometry about every zone that the screen leaves open.
    #[inline(never)]
    fn exactly(
        &mut self,
        track: u32,
        [from, to]: [Mark; 2],
        first: bool,
        answered: bool,
        told: &mut impl FnMut(Crossing),
    ) {
        let (Some(flight), Some(stays)) = (
            self.flights.get_mut(track as usize),
            self.stays.get_mut(track as usize),
        ) else {
            return;
        };
        let sightings = (from.sighting(self.reference), to.sighting(self.reference));
        let (Some(from), Some(to)) = sightings else {
            self.counts.left_out += 1;
            return;
        };
        let Some(segment) = Segment::new(from, to, false) else {
            // On opposite sides of the earth: nothing is known of the way, and the track begins anew.
            stays.clear();
            (flight.micros, flight.is_free) = (NEVER, true);
            return;
        };
        let mut open: Vec<u32> = stays.iter().map(|stay| stay & NUMBER).collect();
        if answered {
            // Wholly in and in before: nothing changes.
            open.retain(|zone| {
                self.verdict.whole.binary_search(zone).is_err() || !stays.contains(zone)
            });
            open.extend(&self.verdict.ask);
            open.extend(
                self.verdict
                    .whole
                    .iter()
                    .filter(|zone| !stays.contains(zone)),
            );
        } else {
            self.cells.near(&segment.bounds(), &mut open);
        }
        open.sort_unstable();
        open.dedup();
        self.counts.asked += 1;
        let own = self.screen.is_own(flight.bit);
        let force = self
            .forces
            .get(flight.force as usize)
            .and_then(Option::as_ref);
        for number in open {
            let Some((zone, watched)) = self.zones.get(number as usize) else {
                continue;
            };
            // Of forces with a bit of their own the screen has told no zone that does not apply.
            let applies = answered && own;
            if !applies && !zone.applies_to(force) {
                continue;
            }
            self.counts.questions += 1;
            let presence = Presence::of(&segment, watched);
            let stay = stays.iter().position(|stay| stay & NUMBER == number);
            let before = stay.and_then(|place| stays.get(place)).copied();
            if before.is_none() && presence.is_nowhere() {
                continue;
            }
            let mut once_sure =
                before.is_some_and(|stay| stay & (POSSIBLE | ONCE_SURE) != POSSIBLE);
            let mut state = before.map_or(State::Out, |stay| {
                if stay & POSSIBLE == 0 {
                    State::In
                } else {
                    State::Possible
                }
            });
            for change in visit::changes(state, &presence, &segment, watched) {
                once_sure |= change.after == State::In;
                let sure = match change.after {
                    State::In => true,
                    State::Possible => false,
                    State::Out => once_sure,
                };
                once_sure &= change.after != State::Out;
                state = change.after;
                self.counts.crossings += 1;
                told(Crossing {
                    track,
                    zone: number,
                    kind: match (change.after > change.before, first) {
                        (true, true) => EventKind::Inside,
                        (true, false) => EventKind::Enter,
                        (false, _) => EventKind::Leave,
                    },
                    at: segment.instant(change.share),
                    place: segment.place(change.share),
                    certainty: if sure {
                        Certainty::Certain
                    } else {
                        Certainty::Possible
                    },
                    between_fixes: change.between_fixes,
                    border: change.border.filter(|_| !first),
                });
            }
            keep(stays, number, state, once_sure);
        }
        flight.is_free = stays.is_empty();
    }
}

impl Flight {
    #[inline(always)]
    fn mark(&self) -> Mark {
        Mark {
            micros: self.micros,
            latitude_deg: self.latitude_deg,
            longitude_deg: self.longitude_deg,
            height_m: self.height_m,
        }
    }
}

/// Keeps what is now known of a stay.
fn keep(stays: &mut Vec<u32>, zone: u32, state: State, once_sure: bool) {
    let place = stays.partition_point(|stay| stay & NUMBER < zone);
    let known = stays.get(place).is_some_and(|stay| stay & NUMBER == zone);
    let stay = match state {
        State::Out => None,
        State::In => Some(zone),
        State::Possible if once_sure => Some(zone | POSSIBLE | ONCE_SURE),
        State::Possible => Some(zone | POSSIBLE),
    };
    match (stay, known) {
        (Some(stay), true) => {
            if let Some(slot) = stays.get_mut(place) {
                *slot = stay;
            }
        }
        (Some(stay), false) => stays.insert(place, stay),
        (None, true) => {
            stays.remove(place);
        }
        (None, false) => {}
    }
}

impl Mark {
    #[inline(always)]
    fn spot(&self) -> Spot {
        Spot::at(self.latitude_deg, self.longitude_deg)
    }

    fn sighting(&self, reference: Reference) -> Option<Sighting> {
        Some(Sighting {
            at: Instant::from_micros(self.micros)?,
            position: Position::new(self.latitude_deg, self.longitude_deg).ok()?,
            altitude: Altitude::new(self.height_m, reference).ok(),
        })
    }
}

#[cfg(test)]
mod tests;
