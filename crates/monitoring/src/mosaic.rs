//! Which zones lie in which cell of the grid: whole, or with which pieces of their border.
//!
//! Tiles of a degree are cut into cells, the finer the more zones they hold. A zone that fills a tile is told once for the
//! tile; otherwise it is told for every cell that it fills, and for every cell that its border comes near, with the pieces of
//! border there and a point of the cell that is known to be inside or outside.

use detente_spacetime::{Footprint, PieceRun};

use crate::{
    grid::{LATITUDE_MAX_DEG, ROWS, RowFrame, STEP_BITS, Spot, TILES_AROUND},
    roll::{Ring, Roll},
};

mod bed;

use bed::Bed;

/// Finest and coarsest cells, as powers of two in a degree: 0.9 km and 3.5 km of latitude.
const LEVEL_MAX: u32 = 7;
const LEVEL_MIN: u32 = 5;
/// A tile is cut finer while it would hold more zones than this for each cell of its side.
const ZONES_FOR_SIDE: usize = 2;
/// Cells in the side of a block, as a power of two: what fills a block is told once for it.
pub(crate) const BLOCK_BITS: u32 = 3;
/// A cell has at most so many units a side, as a power of two: coordinates fit in 16 bits.
const UNIT_BITS_MAX: u32 = 14;
/// Ways may bulge so far, steps, and still be looked for in the cells of their straight line alone.
pub(crate) const BULGE_INSIDE: f32 = 8.0;

/// What a record says of a zone in a cell.
pub(crate) const FILLS: u8 = 1;
/// Crossing a piece always changes between inside and outside.
pub(crate) const SIMPLE: u8 = 2;
/// The side of a point is known: one of those tried of a ring of the roll, else the first piece is no piece but the point.
pub(crate) const HAS_POINT: u8 = 4;
/// That point is inside.
pub(crate) const POINT_INSIDE: u8 = 8;
/// Before that, the first piece is no piece but names the pieces of the footprint's own boundary that are here.
pub(crate) const HAS_RUN: u8 = 16;

/// The pieces are those of the ring of the roll.
pub(crate) const OF_ROLL: u8 = 32;
/// And the cell west or south of their [`Square`] is inside,
pub(crate) const BELOW_INSIDE: u8 = 64;
/// and that east or north of it.
pub(crate) const ABOVE_INSIDE: u8 = 128;
/// Parts of the side of a cell by which a [`Square`] is told.
const PARTS: u32 = 16;
/// Where points whose side may be known are tried, as shares of a cell.
const TRIED: [[f64; 2]; 9] = [
    [0.5, 0.5],
    [0.2, 0.2],
    [0.8, 0.2],
    [0.2, 0.8],
    [0.8, 0.8],
    [0.5, 0.1],
    [0.5, 0.9],
    [0.1, 0.5],
    [0.9, 0.5],
];
/// Coarse heights: so many metres as a power of two, the first so far below zero.
const COARSE_BITS: u32 = 6;
const COARSE_BELOW_M: i32 = 1_024;

/// A zone in a cell or a tile: a quarter of a line of the cache.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    pub(crate) zone: u32,
    /// Where its pieces begin: among the edges, or in the ring of the zone, and then above it the parts of its [`Square`].
    first: u32,
    pub(crate) count: u16,
    pub(crate) kind: u8,
    /// Which of the points tried is the one whose side is known.
    tried: u8,
    /// The coarse heights that may be in the zone.
    pub(crate) low: u8,
    pub(crate) high: u8,
    /// The spans of time in which it begins and ends ([`Spans`]).
    pub(crate) opens: u8,
    pub(crate) closes: u8,
}

/// The part of a cell that holds all the border that is there: its corners in units of the cell, without end where it reaches
/// the sides of the cell.
///
/// The rest of the cell is one part, or if it reaches from side to side, two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Square {
    pub(crate) low: [f32; 2],
    pub(crate) high: [f32; 2],
}

impl Square {
    /// Whether a box is further from it than the slack.
    #[inline(always)]
    pub(crate) fn misses(&self, low: [f32; 2], high: [f32; 2], slack: f32) -> bool {
        let apart = |axis: usize| {
            high[axis] + slack < self.low[axis] || low[axis] - slack > self.high[axis]
        };
        apart(0) || apart(1)
    }

    /// Whether a point of the cell is inside a zone whose record is of that kind; none within the square, or near it.
    #[inline(always)]
    pub(crate) fn side(&self, kind: u8, at: [f32; 2], slack: f32) -> Option<bool> {
        let below = |axis: usize| at[axis] + slack < self.low[axis];
        let above = |axis: usize| at[axis] - slack > self.high[axis];
        if below(0) || below(1) {
            Some(kind & BELOW_INSIDE != 0)
        } else if above(0) || above(1) {
            Some(kind & ABOVE_INSIDE != 0)
        } else {
            None
        }
    }
}

impl Record {
    /// The pieces of the ring of the roll.
    #[inline(always)]
    pub(crate) fn run(&self) -> PieceRun {
        PieceRun {
            first: self.first & u32::from(u16::MAX),
            count: u32::from(self.count),
        }
    }

    /// The number of the first edge of what is not of the roll.
    #[inline(always)]
    pub(crate) fn first_edge(&self) -> usize {
        self.first as usize
    }

    /// Where in a cell the pieces of the ring of the roll are.
    #[inline(always)]
    pub(crate) fn square(&self, cell_bits: u32) -> Square {
        let part = (1_u32 << (cell_bits - unit_bits(cell_bits))) as f32 / PARTS as f32;
        let told = |place: u32| self.first >> (u16::BITS + 4 * place) & (PARTS - 1);
        let low = |place: u32| match told(place) {
            0 => f32::NEG_INFINITY,
            number => number as f32 * part,
        };
        let high = |place: u32| match told(place) {
            number if number == PARTS - 1 => f32::INFINITY,
            number => (number + 1) as f32 * part,
        };
        Square {
            low: [low(0), low(1)],
            high: [high(2), high(3)],
        }
    }
}

/// Spans of time, numbered so that as many zones begin or end in each.
#[derive(Debug, Default)]
pub(crate) struct Spans {
    /// The first second of each but the first.
    from: Vec<u32>,
}

impl Spans {
    fn of(roll: &Roll) -> Self {
        const MOST: usize = u8::MAX as usize;
        let ends = roll.all_terms().flat_map(|terms| [terms.start, terms.end]);
        let mut seconds: Vec<u32> = ends.collect();
        seconds.sort_unstable();
        let step = seconds.len().div_ceil(MOST).max(1);
        let mut from: Vec<u32> = seconds.into_iter().step_by(step).collect();
        from.dedup();
        Self { from }
    }

    /// The number of the span that holds a second: never higher for an earlier one.
    pub(crate) fn number(&self, second: u32) -> u8 {
        self.from.partition_point(|from| *from <= second).min(255) as u8
    }

    /// The first second of a span.
    pub(crate) fn begins(&self, number: u8) -> u32 {
        let place = usize::from(number).checked_sub(1);
        let from = place.and_then(|place| self.from.get(place));
        from.copied().unwrap_or(0)
    }

    /// From which second to which the span lies that holds a second.
    pub(crate) fn around(&self, second: u32) -> (u32, u32) {
        let place = self.from.partition_point(|from| *from <= second);
        let before = place.checked_sub(1).and_then(|place| self.from.get(place));
        let next = self.from.get(place);
        (
            before.copied().unwrap_or(0),
            next.map_or(u32::MAX, |next| next.wrapping_sub(1)),
        )
    }
}

/// A height in metres, coarsely: never higher for a lower one.
#[inline(always)]
pub(crate) fn coarse_height(height: i16) -> u8 {
    ((i32::from(height) + COARSE_BELOW_M) >> COARSE_BITS).clamp(0, 255) as u8
}

/// The lowest height that has this coarse height, or a higher one.
#[inline(always)]
pub(crate) fn least_height(coarse: u8) -> i16 {
    ((i32::from(coarse) << COARSE_BITS) - COARSE_BELOW_M) as i16
}

/// The coarse heights of zones whose borders are somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    pub(crate) low: u8,
    pub(crate) high: u8,
}

impl Reach {
    /// No border is there.
    pub(crate) const NOTHING: Self = Self {
        low: u8::MAX,
        high: 0,
    };

    fn join(&mut self, other: Self) {
        self.low = self.low.min(other.low);
        self.high = self.high.max(other.high);
    }

    /// Whether no border is there at all.
    #[inline(always)]
    pub(crate) fn is_nothing(self) -> bool {
        self.low > self.high
    }

    /// Whether no border is there of a zone that may reach what has these coarse heights.
    #[inline(always)]
    pub(crate) fn misses(self, [low, high]: [u8; 2]) -> bool {
        self.is_nothing() || low > self.high || high < self.low
    }
}

impl Default for Reach {
    fn default() -> Self {
        Self::NOTHING
    }
}

/// The records of a cell, those that reach highest first.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cell {
    pub(crate) first: u32,
    pub(crate) count: u32,
    /// The coarse heights that may be in any of its zones.
    pub(crate) low: u8,
    pub(crate) high: u8,
    /// The borders in it and in the cells of the tile around it; those in the cells of a block.
    pub(crate) borders: Reach,
}

/// Where the records of a cell begin, and what its [`Cell`] says of heights.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    first: u32,
    low: u8,
    high: u8,
    borders: Reach,
}

/// A degree of latitude by a degree of longitude.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tile {
    pub(crate) first_cell: u32,
    pub(crate) first_block: u32,
    /// Steps in the side of a cell, as a power of two.
    pub(crate) cell_bits: u32,
    /// What fills the whole tile, or is to be asked about anywhere in it, and the borders in any of its cells.
    pub(crate) filling: Cell,
}

/// A piece of border in units of its cell, from the cell's south-west corner.
pub(crate) type Edge = [i16; 4];

/// The border of a zone in a cell, in units of the cell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BorderHere<'a> {
    /// The pieces of the footprint's own boundary that are here, if they are numbered.
    pub(crate) run: Option<PieceRun>,
    /// A point whose side is known.
    pub(crate) point: Option<[f32; 2]>,
    pieces: Pieces<'a>,
}

/// Pieces of border.
#[derive(Clone, Copy, Debug)]
enum Pieces<'a> {
    Edges(&'a [Edge]),
    /// Some of a ring, seen from the corner of the cell in units of so many steps.
    Ring(Ring<'a>, PieceRun, Spot, f32),
}

impl BorderHere<'_> {
    /// Whether `look` holds for any piece.
    #[inline(always)]
    pub(crate) fn any(&self, mut look: impl FnMut(&[f32; 4]) -> bool) -> bool {
        match self.pieces {
            Pieces::Edges(edges) => edges.iter().any(|edge| look(&edge.map(f32::from))),
            Pieces::Ring(ring, run, corner, unit) => {
                ring.any_piece((run.first, run.count), corner, unit, |_, piece| {
                    look(&piece)
                })
            }
        }
    }
}

/// The cells of all tiles.
#[derive(Debug)]
pub(crate) struct Mosaic {
    /// By number of tile: which of `tiles`; the first has nothing in it.
    numbers: Vec<u16>,
    pub(crate) tiles: Vec<Tile>,
    /// For each cell of a tile where its records begin, and their coarse heights; they end where those of the next begin, and
    /// one more ends the last.
    cells: Vec<Place>,
    /// What fills the blocks of cells, likewise.
    blocks: Vec<Place>,
    pub(crate) spans: Spans,
    pub(crate) records: Vec<Record>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) rows: Vec<Option<RowFrame>>,
    pub(crate) roll: Roll,
}

/// Steps in a unit of a cell's coordinates, as a power of two.
#[inline(always)]
pub(crate) fn unit_bits(cell_bits: u32) -> u32 {
    cell_bits.saturating_sub(UNIT_BITS_MAX)
}

impl Mosaic {
    /// Lays out the zones of a roll, given which meet which tile and the footprints of those whose rings are not in the roll.
    pub(crate) fn of<'a>(
        roll: Roll,
        mut by_tile: Vec<(u32, u32)>,
        footprint: impl Fn(u32) -> Option<&'a Footprint>,
    ) -> Self {
        let mut mosaic = Self {
            numbers: vec![0; (ROWS * TILES_AROUND) as usize],
            tiles: vec![Tile {
                cell_bits: STEP_BITS,
                ..Tile::default()
            }],
            cells: vec![Place::default(); 2],
            blocks: vec![Place::default(); 2],
            spans: Spans::of(&roll),
            records: Vec::new(),
            edges: Vec::new(),
            rows: (0..ROWS).map(RowFrame::of).collect(),
            roll,
        };
        by_tile.sort_unstable();
        by_tile.dedup();
        for group in by_tile.chunk_by(|one, two| one.0 == two.0) {
            let Some((tile, _)) = group.first() else {
                continue;
            };
            mosaic.lay(*tile, group.iter().map(|(_, zone)| *zone), &footprint);
        }
        mosaic.records.shrink_to_fit();
        mosaic.edges.shrink_to_fit();
        mosaic.cells.shrink_to_fit();
        mosaic.roll.shrink_to_fit();
        mosaic
    }

    #[inline(always)]
    pub(crate) fn tile(&self, number: u32) -> Option<&Tile> {
        let place = *self.numbers.get(number as usize)?;
        self.tiles.get(place as usize)
    }

    /// A cell by its number.
    #[inline(always)]
    pub(crate) fn cell(&self, number: u32) -> Cell {
        between(&self.cells, number)
    }

    /// A block of cells by its number.
    #[inline(always)]
    pub(crate) fn block(&self, number: u32) -> Cell {
        between(&self.blocks, number)
    }

    #[inline(always)]
    pub(crate) fn records_of(&self, cell: Cell) -> &[Record] {
        let first = cell.first as usize;
        self.records
            .get(first..first.wrapping_add(cell.count as usize))
            .unwrap_or_default()
    }

    /// What is known of the border of a zone in the cell of a tile with that corner; none when nothing is.
    #[inline(always)]
    pub(crate) fn border_of(
        &self,
        record: &Record,
        corner: Spot,
        cell_bits: u32,
    ) -> Option<BorderHere<'_>> {
        if record.kind & OF_ROLL != 0 {
            let unit = 1.0 / (1_u32 << unit_bits(cell_bits)) as f32;
            let run = record.run();
            let tried = TRIED.get(usize::from(record.tried));
            let point = tried.filter(|_| record.kind & HAS_POINT != 0);
            return Some(BorderHere {
                run: Some(run),
                point: point.map(|tried| tried.map(|share| snapped(share, cell_bits) as f32)),
                pieces: Pieces::Ring(self.roll.ring(record.zone)?, run, corner, unit),
            });
        }
        let first = record.first as usize;
        let mut pieces = self
            .edges
            .get(first..first.wrapping_add(usize::from(record.count)))
            .filter(|edges| !edges.is_empty())?;
        let (mut run, mut point) = (None, None);
        if record.kind & HAS_RUN != 0 {
            let (edge, rest) = pieces.split_first()?;
            let [low, high, count, _] = edge.map(|word| u32::from(word as u16));
            run = Some(PieceRun {
                first: low | high << 16,
                count,
            });
            pieces = rest;
        }
        if record.kind & HAS_POINT != 0 {
            let ([x, y, ..], rest) = pieces.split_first()?;
            point = Some([f32::from(*x), f32::from(*y)]);
            pieces = rest;
        }
        Some(BorderHere {
            run,
            point,
            pieces: Pieces::Edges(pieces),
        })
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.numbers)
            + size_of_val(&*self.tiles)
            + size_of_val(&*self.cells)
            + size_of_val(&*self.blocks)
            + size_of_val(&*self.records)
            + size_of_val(&*self.edges)
            + self.roll.bytes()
    }

    fn lay<'a>(
        &mut self,
        tile: u32,
        numbers: impl ExactSizeIterator<Item = u32>,
        footprint: &impl Fn(u32) -> Option<&'a Footprint>,
    ) {
        let Some(frame) = self
            .rows
            .get((tile / TILES_AROUND) as usize)
            .copied()
            .flatten()
        else {
            return;
        };
        let level = level(numbers.len());
        let mut bed = Bed::new(tile, level, frame);
        for number in numbers {
            if let Some(blank) = self.blank(number) {
                bed.take(blank, self.roll.ring(number), footprint(number));
            }
        }
        let place = self.tiles.len() as u16;
        if let Some(slot) = self.numbers.get_mut(tile as usize) {
            *slot = place;
        }
        let (first_cell, first_block) = (self.cells.len() as u32, self.blocks.len() as u32);
        let borders = Borders::of(&bed.laid, level);
        let filling = self.records(&bed.filling, &bed.edges);
        self.tiles.push(Tile {
            first_cell,
            first_block,
            cell_bits: bed.cell_bits,
            filling: Cell {
                borders: borders.within([0; 2], level),
                ..filling
            },
        });
        let mut blocks = self.spread(&mut bed.blocks, &bed.edges, level - BLOCK_BITS);
        for (place, number) in blocks
            .iter_mut()
            .zip(0_u32..1 << (2 * (level - BLOCK_BITS)))
        {
            let across = level - BLOCK_BITS;
            let corner = [number & ((1 << across) - 1), number >> across];
            place.borders = borders.within(corner.map(|at| at << BLOCK_BITS), BLOCK_BITS);
        }
        self.blocks.extend(blocks);
        let mut cells = self.spread(&mut bed.laid, &bed.edges, level);
        for (place, number) in cells.iter_mut().zip(0_u32..1 << (2 * level)) {
            place.borders = borders.around([number & ((1 << level) - 1), number >> level]);
        }
        self.cells.extend(cells);
    }

    /// A record of a zone that says nothing of a cell yet.
    fn blank(&self, zone: u32) -> Option<Record> {
        let terms = self.roll.terms(zone)?;
        let [lowest, highest, ..] = terms.heights;
        Some(Record {
            zone,
            first: 0,
            count: 0,
            kind: 0,
            tried: 0,
            low: coarse_height(lowest),
            high: coarse_height(highest),
            opens: self.spans.number(terms.start),
            closes: self.spans.number(terms.end),
        })
    }

    /// Adds the records of a tile by place; returns where those of each place begin, and where the last end.
    fn spread(&mut self, laid: &mut [(u32, Record)], edges: &[Edge], level: u32) -> Vec<Place> {
        laid.sort_by_key(|(place, record)| (*place, u8::MAX - record.high, record.zone));
        let mut groups = laid.chunk_by(|one, two| one.0 == two.0).peekable();
        let mut places = Vec::with_capacity((1 << (2 * level)) + 1);
        for place in 0..(1_u32 << (2 * level)) {
            let is_here =
                |group: &&[(u32, Record)]| group.first().is_some_and(|(at, _)| *at == place);
            let here = groups.next_if(is_here).unwrap_or_default();
            let records: Vec<Record> = here.iter().map(|(_, record)| *record).collect();
            let cell = self.records(&records, edges);
            places.push(Place {
                first: cell.first,
                low: cell.low,
                high: cell.high,
                borders: Reach::NOTHING,
            });
        }
        places.push(Place {
            first: self.records.len() as u32,
            ..Place::default()
        });
        places
    }

    /// Adds the records of one cell, and their pieces behind each other.
    fn records(&mut self, records: &[Record], edges: &[Edge]) -> Cell {
        let first = self.records.len() as u32;
        for record in records {
            let from = record.first as usize;
            if record.kind & OF_ROLL != 0 {
                self.records.push(*record);
                continue;
            }
            let pieces = edges
                .get(from..from + record.count as usize)
                .unwrap_or_default();
            let first = self.edges.len() as u32;
            self.edges.extend_from_slice(pieces);
            self.records.push(Record { first, ..*record });
        }
        let all = || records.iter();
        Cell {
            first,
            count: records.len() as u32,
            low: all().map(|record| record.low).min().unwrap_or(u8::MAX),
            high: all().map(|record| record.high).max().unwrap_or(0),
            borders: Reach::NOTHING,
        }
    }
}

/// The borders in each cell of a tile.
struct Borders {
    level: u32,
    cells: Vec<Reach>,
}

impl Borders {
    fn of(laid: &[(u32, Record)], level: u32) -> Self {
        let mut cells = vec![Reach::NOTHING; 1 << (2 * level)];
        for (place, record) in laid {
            let is_border = record.kind & FILLS == 0;
            if let Some(cell) = cells.get_mut(*place as usize).filter(|_| is_border) {
                cell.join(Reach {
                    low: record.low,
                    high: record.high,
                });
            }
        }
        Self { level, cells }
    }

    fn over(&self, columns: std::ops::Range<u32>, rows: std::ops::Range<u32>) -> Reach {
        let mut all = Reach::NOTHING;
        for row in rows {
            let place = |column: u32| ((row << self.level) + column) as usize;
            let cells = self.cells.get(place(columns.start)..place(columns.end));
            for cell in cells.unwrap_or_default() {
                all.join(*cell);
            }
        }
        all
    }

    /// Those in a square of cells, its side as a power of two.
    fn within(&self, [column, row]: [u32; 2], side: u32) -> Reach {
        self.over(column..column + (1 << side), row..row + (1 << side))
    }

    /// Those in a cell and the cells of the tile around it.
    fn around(&self, at: [u32; 2]) -> Reach {
        let end = 1_u32 << self.level;
        let [columns, rows] = at.map(|at| at.saturating_sub(1)..(at + 2).min(end));
        self.over(columns, rows)
    }
}

/// From where to where the records of a place are.
#[inline(always)]
fn between(places: &[Place], number: u32) -> Cell {
    let number = number as usize;
    match places.get(number..).and_then(|rest| rest.first_chunk()) {
        Some([place, next]) => Cell {
            first: place.first,
            count: next.first.wrapping_sub(place.first),
            low: place.low,
            high: place.high,
            borders: place.borders,
        },
        None => Cell::default(),
    }
}

/// Into how many cells a side a tile with so many zones is cut, as a power of two.
fn level(zones: usize) -> u32 {
    let wanted = (zones * ZONES_FOR_SIDE).max(1).ilog2();
    wanted.clamp(LEVEL_MIN, LEVEL_MAX)
}

/// The tiles that the box of a footprint meets.
pub(crate) fn tiles(footprint: &Footprint) -> Vec<u32> {
    let mut found = Vec::new();
    for rect in footprint.bounds().expanded(2.0).rects() {
        let step = |degrees: f64, most: u32| (degrees.max(0.0) as u32).min(most - 1);
        let south = (
            rect.south_deg.max(-LATITUDE_MAX_DEG) + 90.0,
            rect.north_deg.min(LATITUDE_MAX_DEG) + 90.0,
        );
        for row in step(south.0, ROWS)..=step(south.1, ROWS) {
            for column in step(rect.west_deg + 180.0, TILES_AROUND)
                ..=step(rect.east_deg + 180.0, TILES_AROUND)
            {
                found.push(row * TILES_AROUND + column);
            }
        }
    }
    found
}

/// Where a share of a cell is, in whole units of the cell.
#[inline(always)]
fn snapped(share: f64, cell_bits: u32) -> f64 {
    (share * f64::from(1_u32 << (cell_bits - unit_bits(cell_bits)))).round()
}
