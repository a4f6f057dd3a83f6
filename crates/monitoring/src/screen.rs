//! What most segments meet: nothing, or zones they stay in. The rest is left to the exact geometry.
//!
//! [`Screen::answer`] tells of a segment which zones it lies in as a whole, and which have to be asked about exactly.
//! Every other zone it does not touch. Both are claims about [`crate::presence::Presence`], whatever errors the grid has,
//! and tested as such; nothing here decides where a border is crossed.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

#[cfg(test)]
use detente_spacetime::Position;
use detente_spacetime::Reference;

use crate::{
    grid::{RING_BULGE, RowFrame, STEP_BITS, Spot, TILES_AROUND},
    mosaic::{
        BLOCK_BITS, BULGE_INSIDE, Cell, FILLS, Mosaic, OF_ROLL, Record, Tile, coarse_height,
        least_height, unit_bits,
    },
    zone::{Watched, Zone},
};

mod draft;
mod expanse;
mod met;
mod probe;
mod rings;
mod verdict;
mod way;

pub(crate) use draft::Draft;

use met::met;
use probe::{Line, Meeting, Probe, Room};
pub(crate) use verdict::{Ask, Calm, Footing, Verdict};
use verdict::{Near, Start};
pub(crate) use way::Way;
use way::{HEIGHT_MAX_M, ceiling, floor, second};

/// Ways longer than this in either direction are left to the exact geometry, steps: half a degree.
const WAY_MAX_STEPS: u32 = 1 << 19;
/// So are ways that may bulge by more, steps: some 30 m.
const BULGE_MAX: f32 = 256.0;
/// And ways through more cells than this.
const CELLS_MAX: u32 = 96;
/// The bit of a flight that no source attributes.
const NOBODY: u32 = 1 << 30;
/// The bit of all forces beyond the first thirty.
const OTHERS: u32 = 1 << 31;
/// How much a flight may climb between a fix and the next without its pieces being read too late, units of height.
const NEAR_HEIGHT: i16 = 100;
/// Forces with a bit of their own.
const FORCES_OWN: usize = 30;

/// Zones made ready to be told apart quickly.
#[derive(Debug)]
pub(crate) struct Screen {
    mosaic: Mosaic,
    /// The reference in which the records tell heights.
    reference: Reference,
    /// The heights of every zone in the other references, each worked out when first asked for.
    heights: [OnceLock<Vec<[i16; 4]>>; REFERENCES.len()],
    /// The forces that zones name, by their bits.
    forces: BTreeMap<Arc<str>, u32>,
}

/// Zones whose heights are asked for in another reference than the screen's.
pub(crate) trait Others {
    /// The heights of all of them, by number.
    fn heights_in(&self, reference: Reference) -> Vec<[i16; 4]>;
}

impl Others for [(Zone, Watched)] {
    fn heights_in(&self, reference: Reference) -> Vec<[i16; 4]> {
        self.iter()
            .map(|(_, watched)| heights(watched, reference))
            .collect()
    }
}

const REFERENCES: [Reference; 4] = [
    Reference::Ellipsoid,
    Reference::MeanSeaLevel,
    Reference::Pressure,
    Reference::AboveGround,
];

/// The cells of a way as the corners of its first and last column and row, if it has two of each at most, in one tile.
type Few = ((u32, u32), (u32, u32));

#[inline(always)]
fn few(tile: &Tile, [from, to]: [Spot; 2]) -> Option<Few> {
    if ((from.x ^ to.x) | (from.y ^ to.y)) >> STEP_BITS != 0 {
        return None;
    }
    let (one, two) = (corner(tile, from), corner(tile, to));
    let side = 1_u32 << tile.cell_bits;
    let near = one.x.abs_diff(two.x) <= side && one.y.abs_diff(two.y) <= side;
    near.then_some(((one.x, two.x), (one.y, two.y)))
}

/// The south-west corner of the cell of a spot.
#[inline(always)]
fn corner(tile: &Tile, spot: Spot) -> Spot {
    let bits = tile.cell_bits;
    Spot {
        x: spot.x >> bits << bits,
        y: spot.y >> bits << bits,
    }
}

#[inline(always)]
fn along(from: u32, to: u32) -> f32 {
    to.wrapping_sub(from) as i32 as f32
}

/// The heights of a zone as a segment in a reference is compared with them: may be from, may be to, surely from, surely to.
fn heights(watched: &Watched, reference: Reference) -> [i16; 4] {
    const NEVER: [i16; 2] = [i16::MAX, i16::MIN];
    if watched.is_every_height() {
        return [i16::MIN, i16::MAX, i16::MIN, i16::MAX];
    }
    let Some(levels) = watched.levels_in(reference) else {
        return [i16::MIN, i16::MAX, NEVER[0], NEVER[1]];
    };
    let (lowest, highest) = levels.possible;
    // A segment whose heights are unknown reaches to the ends: only a zone of every height holds it for sure.
    let sure = levels.certain.map_or(NEVER, |(from, to)| {
        [ceiling(from).max(i16::MIN + 1), floor(to).min(i16::MAX - 1)]
    });
    [floor(lowest), ceiling(highest), sure[0], sure[1]]
}

impl Screen {
    /// Makes zones ready whose footprints are kept by whoever asks; see [`Draft::new`].
    pub(crate) fn new(zones: &[(Zone, Watched)], reference: Reference) -> Self {
        let mut draft = Draft::new(reference);
        for (zone, watched) in zones {
            draft.add(zone, watched, false);
        }
        draft.done(|zone| {
            let (_, watched) = zones.get(zone as usize)?;
            Some(&watched.volume.footprint)
        })
    }

    /// The bit of a force, or of a flight that nobody attributes.
    pub(crate) fn bit(&self, force: Option<&Arc<str>>) -> u32 {
        match force {
            None => NOBODY,
            // A force that no zone names is met by those for everyone alone, as nobody's.
            Some(force) => self.forces.get(force).copied().unwrap_or(NOBODY),
        }
    }

    /// Whether a bit stands for one force, or for nobody.
    pub(crate) fn is_own(&self, bit: u32) -> bool {
        bit != OTHERS
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.mosaic.bytes()
    }

    /// Tells what a segment of a flight with the bit `force` meets; false when it cannot be told.
    #[inline]
    pub(crate) fn answer(
        &self,
        way: &Way,
        force: u32,
        others: &(impl Others + ?Sized),
        verdict: &mut Verdict,
    ) -> bool {
        verdict.clear();
        let dx = way.to.x.wrapping_sub(way.from.x) as i32;
        let dy = way.to.y.wrapping_sub(way.from.y) as i32;
        if dx.unsigned_abs() > WAY_MAX_STEPS || dy.unsigned_abs() > WAY_MAX_STEPS {
            return false;
        }
        let Some(Some(frame)) = self.mosaic.rows.get((way.from.y >> STEP_BITS) as usize) else {
            return false;
        };
        let bulge = frame.bulge * (dx as f32 * dx as f32 + dy as f32 * dy as f32);
        let number = way.from.tile();
        let Some(tile) = self.mosaic.tile(number) else {
            return false;
        };
        let few = few(tile, [way.from, way.to]).filter(|_| bulge <= BULGE_INSIDE);
        let stays = few.is_some_and(|(columns, rows)| columns.0 == columns.1 && rows.0 == rows.1);
        // Whoever leaves the cell with the next fix has no use for how long anything holds on.
        let slow = 2 * dx.unsigned_abs().max(dy.unsigned_abs()) < 1 << tile.cell_bits;
        let spans = [way.from_s, way.to_s].map(|second| {
            let known = &mut verdict.span;
            if !(known.0..=known.1).contains(&second) {
                let (from, to) = self.mosaic.spans.around(second);
                *known = (from, to, self.mosaic.spans.number(second));
            }
            known.2
        });
        let mut look = Look {
            screen: self,
            way,
            force,
            others,
            verdict,
            coarse: match way.reference {
                Some(told) if told == self.reference => {
                    [coarse_height(way.low), coarse_height(way.high)]
                }
                _ => [0, u8::MAX],
            },
            spans,
            slack: frame.slack + bulge,
            calm: Calm::NONE,
            room: (stays && slow && tile.cell_bits < STEP_BITS && is_flat(tile, frame))
                .then(|| Room::new(tile.cell_bits, frame.slack + BULGE_INSIDE + RING_BULGE)),
        };
        if let Some(expanse) = self.expanse(tile, frame, [way.from, way.to], look.coarse) {
            look.across(tile, &expanse);
            if look.verdict.ask.is_empty() {
                look.verdict.calm = look.calm.in_box(expanse.corner, expanse.size, way.to);
            }
            verdict.settle();
            return true;
        }
        if let Some((columns, rows)) = few {
            look.filling(tile, true);
            let first = corner(tile, way.from);
            for y in [rows.0, rows.1]
                .into_iter()
                .take(1 + usize::from(rows.0 != rows.1))
            {
                for x in [columns.0, columns.1]
                    .into_iter()
                    .take(1 + usize::from(columns.0 != columns.1))
                {
                    let spot = Spot { x, y };
                    look.cell(tile, spot, spot == first);
                }
            }
            if let Some((corner, size)) = look.room.and_then(|room| room.within(first)) {
                look.verdict.calm = look.calm.in_box(corner, size, way.to);
            }
        } else if bulge > BULGE_MAX || !look.cells(number, bulge) {
            return false;
        }
        if look.verdict.ask.is_empty() && look.verdict.calm == Calm::NONE {
            look.verdict.calm = self.calm_around(way.to, look.coarse, look.calm);
        }
        verdict.settle();
        true
    }

    /// Whether what was told of the way to where a flight was holds on to where it is.
    #[inline(always)]
    pub(crate) fn holds_on(calm: &Calm, to: Spot, micros: i64, height_m: f64) -> bool {
        calm.is_around(to)
            && height_m.abs() <= HEIGHT_MAX_M
            && floor(height_m) >= calm.low
            && ceiling(height_m) <= calm.high
            && second(micros) < calm.until
    }

    /// What holds on around a flight at about such a height after a way that is bare.
    #[inline(always)]
    pub(crate) fn bare_calm(&self, to: Spot, height_m: f64) -> Calm {
        let height = if height_m.abs() <= HEIGHT_MAX_M {
            [floor(height_m), ceiling(height_m)].map(coarse_height)
        } else {
            [0, u8::MAX]
        };
        self.calm_around(to, height, Calm::NONE)
    }

    /// Whether a way stays in a few cells in which nothing is: the most frequent answer, sooner than by [`Screen::answer`].
    #[inline(always)]
    pub(crate) fn is_bare(&self, [from, to]: [Spot; 2]) -> bool {
        let Some(tile) = self.mosaic.tile(from.tile()) else {
            return false;
        };
        let (Some(frame), Some((columns, rows))) = (self.frame(from), few(tile, [from, to])) else {
            return false;
        };
        let (dx, dy) = (along(from.x, to.x), along(from.y, to.y));
        let empty = |x: u32, y: u32| {
            let number = number(tile, Spot { x, y });
            self.mosaic.cell(number).count == 0
        };
        frame.bulge * (dx * dx + dy * dy) <= BULGE_INSIDE
            && tile.filling.count == 0
            && self.block(tile, from).count == 0
            && empty(columns.0, rows.0)
            && (columns.0 == columns.1 || empty(columns.1, rows.0))
            && (rows.0 == rows.1 || (empty(columns.0, rows.1) && empty(columns.1, rows.1)))
    }

    /// What fills the block of cells around a spot.
    #[inline(always)]
    fn block(&self, tile: &Tile, spot: Spot) -> Cell {
        self.mosaic.block(block_number(tile, spot))
    }

    #[inline(always)]
    fn frame(&self, spot: Spot) -> Option<&RowFrame> {
        self.mosaic
            .rows
            .get((spot.y >> STEP_BITS) as usize)?
            .as_ref()
    }

    /// The numbers of the cell and of the block of a spot, to be read early by [`Screen::cell_at`] and [`Screen::block_at`].
    #[inline(always)]
    pub(crate) fn numbers(&self, spot: Spot) -> [u32; 2] {
        let tile = self.mosaic.tile(spot.tile());
        tile.map_or([0; 2], |tile| {
            [number(tile, spot), block_number(tile, spot)]
        })
    }

    /// A cell by its number; reading it early brings it near.
    #[inline(always)]
    pub(crate) fn cell_at(&self, number: u32) -> Cell {
        self.mosaic.cell(number)
    }

    /// A block by its number; reading it early brings it near.
    #[inline(always)]
    pub(crate) fn block_at(&self, number: u32) -> Cell {
        self.mosaic.block(number)
    }

    /// Whether any zone in a cell may reach a flight of about that height.
    #[inline(always)]
    pub(crate) fn reaches(&self, cell: Cell, height: i16) -> bool {
        cell.count > 0
            && coarse_height(height.saturating_add(NEAR_HEIGHT)) >= cell.low
            && coarse_height(height.saturating_sub(NEAR_HEIGHT)) <= cell.high
    }

    /// Reads a little of record number `ahead` of a cell.
    #[inline(always)]
    pub(crate) fn touch_record(&self, cell: Cell, ahead: u32) -> u32 {
        let record = self
            .mosaic
            .records
            .get(cell.first.wrapping_add(ahead) as usize);
        record.map_or(0, |record| record.zone)
    }

    /// Reads a little of the pieces that a record of a cell names and that a flight of about that height may need.
    #[inline(always)]
    pub(crate) fn touch_pieces(&self, cell: Cell, ahead: u32, second: u32, height: i16) -> u32 {
        let place = cell.first.wrapping_add(ahead) as usize;
        let Some(record) = self.mosaic.records.get(place) else {
            return 0;
        };
        let (low, high) = (
            height.saturating_sub(NEAR_HEIGHT),
            height.saturating_add(NEAR_HEIGHT),
        );
        if coarse_height(high) < record.low || coarse_height(low) > record.high {
            return 0;
        }
        let Some(terms) = self.mosaic.roll.terms(record.zone) else {
            return 0;
        };
        let needed = record.count > 0
            && terms.start <= second
            && second <= terms.end
            && terms.heights[0] <= high
            && low <= terms.heights[1];
        if !needed {
            return 0;
        }
        if record.kind & OF_ROLL != 0 {
            return self.mosaic.roll.touch(record.zone, record.run().first);
        }
        const LINE: u16 = 8;
        let edge = |ahead: u16| {
            let place = record.first_edge() + usize::from(ahead);
            self.mosaic
                .edges
                .get(place)
                .map_or(0, |edge| edge[0] as u32)
        };
        edge(0) ^ edge(record.count.saturating_sub(1).min(LINE))
    }
}

/// The second and the height of a fix as records tell them.
#[inline(always)]
pub(crate) fn coarse(micros: i64, height_m: f64) -> (u32, i16) {
    (second(micros), floor(height_m))
}

/// Whether no way within one cell of a tile bulges out of it.
#[inline(always)]
fn is_flat(tile: &Tile, frame: &RowFrame) -> bool {
    let side = (1_u32 << tile.cell_bits) as f32;
    frame.bulge * 2.0 * side * side <= BULGE_INSIDE
}

/// The number of the cell of a spot in its tile.
#[inline(always)]
fn number(tile: &Tile, spot: Spot) -> u32 {
    const WITHIN: u32 = (1 << STEP_BITS) - 1;
    let (column, row) = (
        (spot.x & WITHIN) >> tile.cell_bits,
        (spot.y & WITHIN) >> tile.cell_bits,
    );
    tile.first_cell
        .wrapping_add((row << (STEP_BITS - tile.cell_bits)) | column)
}

/// The number of the block of a spot in its tile.
#[inline(always)]
fn block_number(tile: &Tile, spot: Spot) -> u32 {
    const WITHIN: u32 = (1 << STEP_BITS) - 1;
    // An empty tile is one cell and one block.
    let bits = (tile.cell_bits + BLOCK_BITS).min(STEP_BITS);
    let (column, row) = ((spot.x & WITHIN) >> bits, (spot.y & WITHIN) >> bits);
    tile.first_block
        .wrapping_add((row << (STEP_BITS - bits)) | column)
}

/// One way on its search through cells.
struct Look<'a, O: ?Sized> {
    screen: &'a Screen,
    way: &'a Way,
    force: u32,
    others: &'a O,
    verdict: &'a mut Verdict,
    /// Its coarse heights; everything when they are told from elsewhere than the screen's.
    coarse: [u8; 2],
    /// The spans of time in which it begins and ends.
    spans: [u8; 2],
    /// How far a border and the way together may be from where the grid has them, steps.
    slack: f32,
    /// How high and until when what is told holds on.
    calm: Calm,
    /// And how far around, as long as it does anywhere.
    room: Option<Room>,
}

/// A zone that applies to a way.
struct Applied {
    /// For its whole time and height.
    whole: bool,
    /// When it ends.
    end: u32,
    /// The heights that surely are in the zone.
    sure: [i16; 2],
}

impl<'a, O: Others + ?Sized> Look<'a, O> {
    /// Looks in every cell that the way may touch; false when there are too many.
    fn cells(&mut self, number: u32, bulge: f32) -> bool {
        let grow = i64::from(bulge as u32) + 2;
        let (from, to) = (self.way.from, self.way.to);
        let wide = |one: u32, two: u32| {
            (
                i64::from(one.min(two)) - grow,
                i64::from(one.max(two)) + grow,
            )
        };
        let (xs, ys) = (wide(from.x, to.x), wide(from.y, to.y));
        let columns = (xs.0 >> STEP_BITS, xs.1 >> STEP_BITS);
        if columns.0 < 0 || columns.1 >= i64::from(TILES_AROUND) || ys.0 < 0 {
            return false;
        }
        let mut left = CELLS_MAX;
        for row in (ys.0 >> STEP_BITS)..=(ys.1 >> STEP_BITS) {
            for column in columns.0..=columns.1 {
                let here = row as u32 * TILES_AROUND + column as u32;
                let Some(Some(frame)) = self.screen.mosaic.rows.get(row as usize) else {
                    return false;
                };
                let Some(tile) = self.screen.mosaic.tile(here) else {
                    return false;
                };
                self.slack = self.slack.max(frame.slack + bulge);
                self.filling(tile, here == number);
                let corner = (column << STEP_BITS, row << STEP_BITS);
                if !self.tile(tile, corner, (xs, ys), grow, &mut left) {
                    return false;
                }
            }
        }
        true
    }

    /// Looks in the cells of one tile, row by row.
    fn tile(
        &mut self,
        tile: &Tile,
        corner: (i64, i64),
        (xs, ys): ((i64, i64), (i64, i64)),
        grow: i64,
        left: &mut u32,
    ) -> bool {
        let (bits, most) = (tile.cell_bits, (1_i64 << (STEP_BITS - tile.cell_bits)) - 1);
        let cell = |at: i64, corner: i64| ((at - corner) >> bits).clamp(0, most);
        let (from, to) = (self.way.from, self.way.to);
        let (from_x, from_y) = (f64::from(from.x), f64::from(from.y));
        let (along_x, along_y) = (f64::from(to.x) - from_x, f64::from(to.y) - from_y);
        for row in cell(ys.0, corner.1)..=cell(ys.1, corner.1) {
            let (mut west, mut east) = xs;
            if along_y != 0.0 {
                let at =
                    |y: i64| from_x + along_x * ((y as f64 - from_y) / along_y).clamp(0.0, 1.0);
                let south = corner.1 + (row << bits);
                let (one, two) = (at(south - grow), at(south + (1 << bits) + grow));
                west = west.max(one.min(two) as i64 - grow);
                east = east.min(one.max(two) as i64 + 1 + grow);
            }
            if east < corner.0 || west >= corner.0 + (1 << STEP_BITS) {
                continue;
            }
            for column in cell(west, corner.0)..=cell(east, corner.0) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    return false;
                }
                let spot = Spot {
                    x: (corner.0 + (column << bits)) as u32,
                    y: (corner.1 + (row << bits)) as u32,
                };
                let first = (from.x ^ spot.x) >> bits == 0 && (from.y ^ spot.y) >> bits == 0;
                self.cell(tile, spot, first);
            }
        }
        true
    }

    /// What fills the whole tile, and if the way begins there (`first`) what fills the block in which it does.
    #[inline(always)]
    fn filling(&mut self, tile: &Tile, first: bool) {
        let mosaic: &'a Mosaic = &self.screen.mosaic;
        let block = first.then(|| self.screen.block(tile, self.way.from));
        let filled = block.unwrap_or_default();
        let records = [tile.filling, filled].map(|cell| mosaic.records_of(cell));
        for record in records.into_iter().flatten() {
            if !self.may_apply(record) {
                continue;
            }
            let Some(applied) = self.applies(record) else {
                continue;
            };
            if record.kind & FILLS == 0 {
                self.room = None;
                self.verdict.ask.push(Ask::anything(record.zone));
            } else if first {
                self.within(record, &applied);
            }
        }
    }

    /// What lies in the cell of a spot; `first` when the way begins there.
    #[inline(always)]
    fn cell(&mut self, tile: &Tile, spot: Spot, first: bool) {
        let cell = self.screen.mosaic.cell(number(tile, spot));
        if cell.count == 0 {
            return;
        }
        if self.coarse[0] > cell.high {
            self.calm.low = self.calm.low.max(least_height(cell.high + 1));
            return;
        }
        if self.coarse[1] < cell.low {
            self.calm.high = self.calm.high.min(least_height(cell.low) - 1);
            return;
        }
        let corner = corner(tile, spot);
        let bits = unit_bits(tile.cell_bits);
        let unit = 1.0 / (1_u32 << bits) as f32;
        let local = |spot: Spot| {
            [
                spot.x.wrapping_sub(corner.x) as i32 as f32 * unit,
                spot.y.wrapping_sub(corner.y) as i32 as f32 * unit,
            ]
        };
        let line = Line {
            from: local(self.way.from),
            to: local(self.way.to),
            slack: (self.slack + RING_BULGE) * unit + 2.0,
        };
        let ends = |least: fn(f32, f32) -> f32| {
            [0, 1].map(|axis: usize| least(line.from[axis], line.to[axis]))
        };
        let (low, high) = (ends(f32::min), ends(f32::max));
        let mosaic: &'a Mosaic = &self.screen.mosaic;
        for record in mosaic.records_of(cell) {
            if self.coarse[0] > record.high {
                // Nor do those behind it reach higher.
                self.calm.low = self.calm.low.max(least_height(record.high + 1));
                break;
            }
            let fills = record.kind & FILLS != 0;
            if fills && !first {
                // What fills a further cell is known where the way begins.
                continue;
            }
            if !self.may_apply(record) {
                continue;
            }
            let mut side = None;
            if record.kind & OF_ROLL != 0 {
                let square = record.square(tile.cell_bits);
                let is_apart = square.misses(low, high, line.slack);
                if is_apart && !first {
                    continue;
                }
                side = square.side(record.kind, line.from, line.slack);
                if let Some(inside) = side.filter(|_| is_apart) {
                    // Whatever applies: who is outside stays there, who is inside does if it does.
                    if inside {
                        let Some(applied) = self.applies(record) else {
                            continue;
                        };
                        self.within(record, &applied);
                    }
                    if let Some(room) = &mut self.room {
                        let ([west, south], [east, north]) = (square.low, square.high);
                        room.leave_out(&[west, south, east, north], line.to);
                    }
                    continue;
                }
            }
            let Some(applied) = self.applies(record) else {
                continue;
            };
            if fills {
                self.within(record, &applied);
            } else {
                self.border(
                    record,
                    &applied,
                    &line,
                    (corner, tile.cell_bits),
                    first,
                    side,
                );
            }
        }
    }

    /// Whether a zone may apply to the way, by what its record says.
    #[inline(always)]
    fn may_apply(&mut self, record: &Record) -> bool {
        if self.coarse[1] < record.low {
            self.calm.high = self.calm.high.min(least_height(record.low) - 1);
            return false;
        }
        if self.coarse[0] > record.high {
            self.calm.low = self.calm.low.max(least_height(record.high + 1));
            return false;
        }
        if self.spans[0] > record.closes {
            return false;
        }
        if self.spans[1] < record.opens {
            let begins = self.screen.mosaic.spans.begins(record.opens);
            self.calm.until = self.calm.until.min(begins);
            return false;
        }
        true
    }

    /// Whether a zone that may apply does, and if so whether for the whole time and height of the way.
    #[inline(always)]
    fn applies(&mut self, record: &Record) -> Option<Applied> {
        let (way, terms) = (self.way, self.screen.mosaic.roll.terms(record.zone)?);
        if terms.forces & self.force == 0 || way.from_s > terms.end {
            return None;
        }
        if way.to_s < terms.start {
            self.calm.until = self.calm.until.min(terms.start);
            return None;
        }
        let [lowest, highest, from, to] = match way.reference {
            Some(other) if other != self.screen.reference => self.heights_in(other, record.zone),
            _ => terms.heights,
        };
        if way.high < lowest {
            self.calm.high = self.calm.high.min(lowest.saturating_sub(1));
            return None;
        }
        if way.low > highest {
            self.calm.low = self.calm.low.max(highest.saturating_add(1));
            return None;
        }
        let in_time = way.from_s > terms.start && way.to_s < terms.end;
        Some(Applied {
            whole: in_time && way.low >= from && way.high <= to,
            end: terms.end,
            sure: [from, to],
        })
    }

    /// Tells of a zone in whose footprint the way lies.
    #[inline(always)]
    fn within(&mut self, record: &Record, applied: &Applied) {
        if applied.whole {
            self.calm.until = self.calm.until.min(applied.end);
            self.calm.low = self.calm.low.max(applied.sure[0]);
            self.calm.high = self.calm.high.min(applied.sure[1]);
            self.verdict.whole.push(record.zone);
        } else {
            self.room = None;
            self.verdict.ask.push(Ask::within(record.zone));
        }
    }

    #[cold]
    #[inline(never)]
    fn heights_in(&self, reference: Reference, zone: u32) -> [i16; 4] {
        const UNKNOWN: [i16; 4] = [i16::MIN, i16::MAX, i16::MAX, i16::MIN];
        let place = REFERENCES.iter().position(|known| *known == reference);
        let Some(told) = place.and_then(|place| self.screen.heights.get(place)) else {
            return UNKNOWN;
        };
        let all = told.get_or_init(|| self.others.heights_in(reference));
        all.get(zone as usize).copied().unwrap_or(UNKNOWN)
    }

    /// Tells of a zone whose border is in a cell. Where the way begins decides; further on, only whether the border comes near.
    #[inline(always)]
    fn border(
        &mut self,
        record: &Record,
        applied: &Applied,
        line: &Line,
        (corner, cell_bits): (Spot, u32),
        first: bool,
        side: Option<bool>,
    ) {
        let zone = record.zone;
        let Some(here) = self.screen.mosaic.border_of(record, corner, cell_bits) else {
            self.room = None;
            return self.verdict.ask.push(Ask::anything(zone));
        };
        let way = Probe::new(line.from, line.to, line.slack);
        if !first {
            if here.any(|piece| way.meets(piece) != Meeting::Clear) {
                let (start, near) = (Start::Elsewhere, Near::run(here.run));
                self.verdict.ask.push(Ask { zone, start, near });
            }
            return;
        }
        let (start, is_near) = met(record, &here, line, &way, side);
        match start {
            Start::Inside if !is_near => self.within(record, applied),
            Start::Outside if !is_near => {}
            start => {
                self.room = None;
                let near = Near::run(here.run);
                return self.verdict.ask.push(Ask { zone, start, near });
            }
        }
        if let Some(room) = &mut self.room {
            here.any(|piece| {
                room.leave_out(piece, line.to);
                false
            });
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
