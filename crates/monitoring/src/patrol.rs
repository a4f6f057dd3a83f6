//! Crossings of many numbered tracks, from columns of numbers: the watch without names, answers and operations.
//!
//! This is the way for a stream of everything that flies, or for years of it: what [`crate::Watch`] reports as entering and
//! leaving is reported here, with the same instants and places, for tracks that are numbers and fixes that are in order.

use std::sync::Arc;

use detente_spacetime::{ALTITUDE_MAX_M, Altitude, Instant, Position, Reference};

mod gather;

use gather::Gather;

use crate::{
    cells::Cells,
    event::{Border, Certainty, EventKind},
    grid::Spot,
    mosaic::Cell,
    post::{NoOthers, Posts},
    presence::Presence,
    screen::{Ask, Calm, Screen, Verdict, Way, coarse},
    segment::Segment,
    sighting::Sighting,
    visit::{self, State},
    watch::Settings,
    zone::Zone,
};

/// Fixes that are worked on side by side, so that what one waits for from memory is fetched during the others.
const BLOCK: usize = 64;
/// Records of a cell that are fetched early; what lies behind them is near then.
const EARLY_RECORDS: u32 = 24;
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
    zones: Posts,
    screen: Screen,
    cells: Cells,
    reference: Reference,
    forces: Vec<Option<Arc<str>>>,
    flights: Vec<Flight>,
    /// The zones each flight is in or may be in, by number in order.
    stays: Vec<Vec<u32>>,
    verdict: Verdict,
    /// The zones to be asked about exactly; kept to be filled again.
    open: Vec<Ask>,
    gather: Gather,
    /// How large an index must be, bytes, for fixes to be gathered.
    gathers_from: usize,
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
    /// Whether a fix of this block is still to be worked on.
    waits: bool,
}

/// A fix that changes something, or may.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// Its place in the columns.
    place: u32,
    /// The cells of where the track was and of where it is, and the block of where it was.
    from: u32,
    to: u32,
    block: u32,
    second: u32,
    height: i16,
}

/// One fix out of the columns.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    micros: i64,
    latitude_deg: f64,
    longitude_deg: f64,
    height_m: f64,
}

impl Patrol {
    /// Makes a patrol over at most [`ZONES_MAX`] zones, for heights told in one reference; what zones answer is not used.
    ///
    /// Zones are taken one after another and little is kept of each: an iterator that makes them needs no memory for all.
    #[must_use]
    pub fn new(
        zones: impl IntoIterator<Item = Zone>,
        reference: Reference,
        settings: &Settings,
    ) -> Self {
        let mut cells = Cells::default();
        let zones = zones.into_iter().take(ZONES_MAX);
        let (zones, screen) = Posts::of(zones, reference, settings.assumptions, |footprint| {
            cells.add(footprint.bounds());
        });
        Self {
            zones,
            screen,
            cells,
            reference,
            forces: Vec::new(),
            flights: Vec::new(),
            stays: Vec::new(),
            verdict: Verdict::default(),
            open: Vec::new(),
            gather: Gather::default(),
            gathers_from: gather::FROM_BYTES,
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
            waits: false,
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
            let to = (from + gather::MOST).min(count);
            let mut gather = std::mem::take(&mut self.gather);
            let gathers = self.screen.bytes() >= self.gathers_from
                && gather.collect(fixes, from..to, self.flights.len());
            if gathers {
                self.by_track(&mut gather, told);
            } else {
                self.in_order(fixes, from..to, told);
            }
            self.gather = gather;
            from = to;
        }
    }

    /// Takes gathered fixes, track by track, and tells of crossings in the order of the columns.
    fn by_track(&mut self, gather: &mut Gather, told: &mut impl FnMut(Crossing)) {
        let mut found = std::mem::take(&mut gather.found);
        for report in &gather.reports {
            self.one(report.track, &report.mark, true, &mut |crossing| {
                found.push((report.place, crossing));
            });
        }
        gather.found = found;
        gather.tell(told);
    }

    /// Takes fixes in their own order, block by block.
    fn in_order(
        &mut self,
        fixes: &Columns<'_>,
        range: std::ops::Range<usize>,
        told: &mut impl FnMut(Crossing),
    ) {
        let (mut from, count) = (range.start, range.end);
        while from < count {
            let mut slots = [Slot::default(); BLOCK];
            let waiting = self.pass(fixes, from..(from + BLOCK).min(count), &mut slots);
            let waiting = slots.get(..waiting).unwrap_or_default();
            self.fetch(waiting);
            for slot in waiting {
                if let Some((track, mark)) = fixes.fix(slot.place as usize) {
                    self.one(track, &mark, false, told);
                }
            }
            from += BLOCK;
        }
    }

    /// Takes the fixes of a block that change nothing; puts the others into slots, and says how many they are.
    #[inline(always)]
    fn pass(
        &mut self,
        fixes: &Columns<'_>,
        block: std::ops::Range<usize>,
        slots: &mut [Slot; BLOCK],
    ) -> usize {
        let (Some(latitudes), Some(longitudes), Some(tracks), Some(micros), Some(heights)) = (
            fixes.latitudes_deg.get(block.clone()),
            fixes.longitudes_deg.get(block.clone()),
            fixes.tracks.get(block.clone()),
            fixes.micros.get(block.clone()),
            fixes.heights_m.get(block.clone()),
        ) else {
            return 0;
        };
        let mut waiting = 0;
        let marks = latitudes
            .iter()
            .zip(longitudes)
            .zip(micros.iter().zip(heights));
        for ((track, place), ((latitude, longitude), (micros, height_m))) in
            tracks.iter().zip(block.start as u32..).zip(marks)
        {
            let Some(flight) = self.flights.get_mut(*track as usize) else {
                self.counts.left_out += 1;
                continue;
            };
            let to = Spot::at(*latitude, *longitude);
            // What is no place on earth is not in a box that holds on, unless it is beyond the antimeridian.
            let holds_on = Screen::holds_on(&flight.calm, to, *micros, *height_m)
                && *micros > flight.micros
                && longitude.abs() < 180.0
                && latitude.abs() <= 90.0;
            if holds_on && !flight.waits {
                (flight.micros, flight.height_m) = (*micros, *height_m);
                (flight.latitude_deg, flight.longitude_deg) = (*latitude, *longitude);
                self.counts.segments += 1;
                continue;
            }
            let from = flight.mark().spot();
            flight.waits = true;
            if let Some(slot) = slots.get_mut(waiting) {
                let (second, height) = coarse(*micros, *height_m);
                let [from, block] = self.screen.numbers(from);
                *slot = Slot {
                    place,
                    from,
                    to: self.screen.numbers(to)[0],
                    block,
                    second,
                    height,
                };
                waiting += 1;
            }
        }
        waiting
    }

    /// Reads a little of everything that the fixes of a block will need, stage by stage: each stage waits for memory for all
    /// of them together.
    #[inline(always)]
    fn fetch(&self, slots: &[Slot]) {
        let (mut read, mut cells) = (0_u32, [[Cell::default(); 3]; BLOCK]);
        for (slot, cell) in slots.iter().zip(&mut cells) {
            cell[0] = self.screen.cell_at(slot.from);
            cell[2] = self.screen.block_at(slot.block);
        }
        for (slot, cell) in slots.iter().zip(&mut cells) {
            if slot.from != slot.to {
                cell[1] = self.screen.cell_at(slot.to);
            }
        }
        let near = slots.iter().zip(&cells).flat_map(|(slot, cells)| {
            let reached = |cell: &&Cell| self.screen.reaches(**cell, slot.height);
            cells.iter().filter(reached)
        });
        for cell in near {
            // Four records are in one line of the cache.
            let mut ahead = 0;
            while ahead < cell.count.min(EARLY_RECORDS) {
                read ^= self.screen.touch_record(*cell, ahead);
                ahead += 4;
            }
        }
        for (slot, cells) in slots.iter().zip(&cells) {
            // What fills a block has no pieces.
            for cell in cells.iter().take(2) {
                for ahead in 0..cell.count.min(EARLY_RECORDS) {
                    read ^= self
                        .screen
                        .touch_pieces(*cell, ahead, slot.second, slot.height);
                }
            }
        }
        std::hint::black_box(read);
    }

    /// Takes one fix; `anew` when nobody has looked whether what is known of its track holds on.
    #[inline(always)]
    fn one(&mut self, track: u32, fix: &Mark, anew: bool, told: &mut impl FnMut(Crossing)) {
        let Mark {
            micros,
            latitude_deg,
            longitude_deg,
            height_m,
        } = *fix;
        let sound = latitude_deg.abs() <= 90.0
            && longitude_deg.abs() <= 180.0
            && height_m.abs() <= ALTITUDE_MAX_M;
        let Some(flight) = self.flights.get_mut(track as usize) else {
            self.counts.left_out += 1;
            return;
        };
        flight.waits = false;
        if !sound || micros <= flight.micros {
            self.counts.left_out += 1;
            return;
        }
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
        let end = to.spot();
        if anew && Screen::holds_on(&flight.calm, end, micros, height_m) {
            return;
        }
        let spots = [from.spot(), end];
        if flight.is_free && self.screen.is_bare(spots) {
            flight.calm = self.screen.bare_calm(end, height_m);
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
            .answer(&way, flight.bit, &NoOthers, &mut self.verdict);
        let stays = self
            .stays
            .get(track as usize)
            .map_or(&[][..], Vec::as_slice);
        if answered && self.verdict.is(stays) {
            flight.calm = self.verdict.calm;
            return;
        }
        flight.calm = Calm::NONE;
        let way = answered.then_some(&way);
        self.exactly(track, [from, to], first, way, told);
    }

    /// Asks the exact geometry about every zone that the screen leaves open.
    #[inline(never)]
    fn exactly(
        &mut self,
        track: u32,
        [from, to]: [Mark; 2],
        first: bool,
        way: Option<&Way>,
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
        let answered = way.is_some();
        let mut open = std::mem::take(&mut self.open);
        open.clear();
        if answered {
            open.extend(&self.verdict.ask);
            // Wholly in and in before: nothing changes.
            let entered = self.verdict.whole.iter().copied();
            open.extend(
                entered
                    .filter(|zone| !stays.contains(zone))
                    .map(Ask::within),
            );
            // In before and told nothing of now: it has left.
            let before = stays.iter().map(|stay| stay & NUMBER);
            let left = before.filter(|zone| {
                self.verdict.asks(*zone).is_none()
                    && self.verdict.whole.binary_search(zone).is_err()
            });
            open.extend(left.map(Ask::apart));
        } else {
            let mut near: Vec<u32> = stays.iter().map(|stay| stay & NUMBER).collect();
            self.cells.near(&segment.bounds(), &mut near);
            near.sort_unstable();
            near.dedup();
            open.extend(near.into_iter().map(Ask::anything));
        }
        open.sort_unstable_by_key(|ask| ask.zone);
        self.counts.asked += 1;
        let own = self.screen.is_own(flight.bit);
        let force = self
            .forces
            .get(flight.force as usize)
            .and_then(Option::as_ref);
        for ask in &open {
            let number = ask.zone;
            let Some(limits) = self.zones.limits(number) else {
                continue;
            };
            // Of forces with a bit of their own the screen has told no zone that does not apply.
            let applies = answered && own;
            if !applies && !self.zones.applies_to(number, force) {
                continue;
            }
            self.counts.questions += 1;
            let presence = Presence::within(&segment, limits, || {
                self.zones.passages(ask, way, &segment.leg, &self.screen)
            });
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
            for change in visit::changes(state, &presence, &segment, &limits.window) {
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
        self.open = open;
    }
}

impl Columns<'_> {
    #[inline(always)]
    fn fix(&self, place: usize) -> Option<(u32, Mark)> {
        let mark = Mark {
            micros: *self.micros.get(place)?,
            latitude_deg: *self.latitudes_deg.get(place)?,
            longitude_deg: *self.longitudes_deg.get(place)?,
            height_m: *self.heights_m.get(place)?,
        };
        Some((*self.tracks.get(place)?, mark))
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
