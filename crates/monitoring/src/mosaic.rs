//! Which zones lie in which cell of the grid: whole, or with which pieces of their border.
//!
//! Tiles of a degree are cut into cells, the finer the more zones they hold. A zone that fills a tile is told once for the
//! tile; otherwise it is told for every cell that it fills, and for every cell that its border comes near, with the pieces of
//! border there and a point of the cell that is known to be inside or outside.

use detente_spacetime::{Footprint, PieceRun, Position};

use crate::{
    border::{Border, Piece},
    grid::{LATITUDE_MAX_DEG, ROWS, RowFrame, STEP_BITS, STEPS, TILES_AROUND},
};

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
pub(crate) const FILLS: u16 = 1;
/// Crossing a piece always changes between inside and outside.
pub(crate) const SIMPLE: u16 = 2;
/// The first piece is no piece but a point whose side is known.
pub(crate) const HAS_POINT: u16 = 4;
/// That point is inside.
pub(crate) const POINT_INSIDE: u16 = 8;
/// Before that, the first piece is no piece but names the pieces of the footprint's own boundary that are here.
pub(crate) const HAS_RUN: u16 = 16;

/// When, how high and for whom a zone applies, coarsely and safely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Whole seconds since 2000 when it begins and ends, both rounded down.
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// One bit for each force it applies to.
    pub(crate) forces: u32,
    /// The heights that may be in it, and those that surely are: four limits in metres.
    pub(crate) heights: [i16; 4],
}

/// A zone in a cell or a tile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    pub(crate) terms: Terms,
    pub(crate) zone: u32,
    pub(crate) first: u32,
    pub(crate) count: u16,
    pub(crate) kind: u16,
}

/// The records of a cell.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cell {
    pub(crate) first: u32,
    pub(crate) count: u32,
}

/// A degree of latitude by a degree of longitude.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tile {
    pub(crate) first_cell: u32,
    pub(crate) first_block: u32,
    /// Steps in the side of a cell, as a power of two.
    pub(crate) cell_bits: u32,
    /// What fills the whole tile, or is to be asked about anywhere in it.
    pub(crate) filling: Cell,
}

/// A piece of border in units of its cell, from the cell's south-west corner.
pub(crate) type Edge = [i16; 4];

/// The border of a zone in a cell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BorderHere<'a> {
    /// The pieces of the footprint's own boundary that are here, if they are numbered.
    pub(crate) run: Option<PieceRun>,
    /// A point whose side is known.
    pub(crate) point: Option<[i16; 2]>,
    pub(crate) pieces: &'a [Edge],
}

/// The cells of all tiles.
#[derive(Debug)]
pub(crate) struct Mosaic {
    /// By number of tile: which of `tiles`; the first has nothing in it.
    numbers: Vec<u16>,
    pub(crate) tiles: Vec<Tile>,
    /// For each cell of a tile where its records begin; they end where those of the next begin, and one more ends the last.
    cells: Vec<u32>,
    /// What fills the blocks of cells, likewise.
    blocks: Vec<u32>,
    pub(crate) records: Vec<Record>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) rows: Vec<Option<RowFrame>>,
}

/// Steps in a unit of a cell's coordinates, as a power of two.
#[inline(always)]
pub(crate) fn unit_bits(cell_bits: u32) -> u32 {
    cell_bits.saturating_sub(UNIT_BITS_MAX)
}

impl Mosaic {
    /// Lays out zones that are numbered in their order.
    pub(crate) fn of(zones: &[(&Footprint, Terms)]) -> Self {
        let mut mosaic = Self {
            numbers: vec![0; (ROWS * TILES_AROUND) as usize],
            tiles: vec![Tile {
                cell_bits: STEP_BITS,
                ..Tile::default()
            }],
            cells: vec![0; 2],
            blocks: vec![0; 2],
            records: Vec::new(),
            edges: Vec::new(),
            rows: (0..ROWS).map(RowFrame::of).collect(),
        };
        let mut by_tile: Vec<(u32, u32)> = Vec::new();
        for ((footprint, _), number) in zones.iter().zip(0..) {
            by_tile.extend(tiles(footprint).into_iter().map(|tile| (tile, number)));
        }
        by_tile.sort_unstable();
        by_tile.dedup();
        for group in by_tile.chunk_by(|one, two| one.0 == two.0) {
            let Some((tile, _)) = group.first() else {
                continue;
            };
            mosaic.lay(*tile, group.iter().map(|(_, zone)| *zone), zones);
        }
        mosaic.records.shrink_to_fit();
        mosaic.edges.shrink_to_fit();
        mosaic.cells.shrink_to_fit();
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

    /// What is known of the border of a zone in a cell; none when nothing is.
    #[inline(always)]
    pub(crate) fn border_of(&self, record: &Record) -> Option<BorderHere<'_>> {
        let first = record.first as usize;
        let mut pieces = self
            .edges
            .get(first..first.wrapping_add(usize::from(record.count)))
            .filter(|edges| !edges.is_empty())?;
        let mut here = BorderHere {
            run: None,
            point: None,
            pieces: &[],
        };
        if record.kind & HAS_RUN != 0 {
            let (edge, rest) = pieces.split_first()?;
            let [low, high, count, _] = edge.map(|word| u32::from(word as u16));
            here.run = Some(PieceRun {
                first: low | high << 16,
                count,
            });
            pieces = rest;
        }
        if record.kind & HAS_POINT != 0 {
            let ([x, y, ..], rest) = pieces.split_first()?;
            here.point = Some([*x, *y]);
            pieces = rest;
        }
        here.pieces = pieces;
        Some(here)
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.numbers)
            + size_of_val(&*self.tiles)
            + size_of_val(&*self.cells)
            + size_of_val(&*self.blocks)
            + size_of_val(&*self.records)
            + size_of_val(&*self.edges)
    }

    fn lay(
        &mut self,
        tile: u32,
        numbers: impl ExactSizeIterator<Item = u32>,
        zones: &[(&Footprint, Terms)],
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
            if let Some((footprint, terms)) = zones.get(number as usize) {
                bed.take(number, footprint, *terms);
            }
        }
        let place = self.tiles.len() as u16;
        if let Some(slot) = self.numbers.get_mut(tile as usize) {
            *slot = place;
        }
        let (first_cell, first_block) = (self.cells.len() as u32, self.blocks.len() as u32);
        let filling = self.records(&bed.filling, &bed.edges);
        self.tiles.push(Tile {
            first_cell,
            first_block,
            cell_bits: bed.cell_bits,
            filling,
        });
        let blocks = self.spread(&mut bed.blocks, &bed.edges, level - BLOCK_BITS);
        self.blocks.extend(blocks);
        let cells = self.spread(&mut bed.laid, &bed.edges, level);
        self.cells.extend(cells);
    }

    /// Adds the records of a tile by place; returns where those of each place begin, and where the last end.
    fn spread(&mut self, laid: &mut [(u32, Record)], edges: &[Edge], level: u32) -> Vec<u32> {
        // A stable order by place keeps the order of the zones in each; borders come before what fills it.
        laid.sort_by_key(|(place, record)| (*place, record.kind & FILLS));
        let mut groups = laid.chunk_by(|one, two| one.0 == two.0).peekable();
        let mut places = Vec::with_capacity((1 << (2 * level)) + 1);
        for place in 0..(1_u32 << (2 * level)) {
            let is_here =
                |group: &&[(u32, Record)]| group.first().is_some_and(|(at, _)| *at == place);
            let here = groups.next_if(is_here).unwrap_or_default();
            let records: Vec<Record> = here.iter().map(|(_, record)| *record).collect();
            places.push(self.records(&records, edges).first);
        }
        places.push(self.records.len() as u32);
        places
    }

    /// Adds the records of one cell, and their pieces behind each other.
    fn records(&mut self, records: &[Record], edges: &[Edge]) -> Cell {
        let first = self.records.len() as u32;
        for record in records {
            let from = record.first as usize;
            let pieces = edges
                .get(from..from + record.count as usize)
                .unwrap_or_default();
            let first = self.edges.len() as u32;
            self.edges.extend_from_slice(pieces);
            self.records.push(Record { first, ..*record });
        }
        Cell {
            first,
            count: records.len() as u32,
        }
    }
}

/// From where to where the records of a place are.
#[inline(always)]
fn between(firsts: &[u32], number: u32) -> Cell {
    let number = number as usize;
    match firsts.get(number..).and_then(|rest| rest.first_chunk()) {
        Some([first, end]) => Cell {
            first: *first,
            count: end.wrapping_sub(*first),
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
fn tiles(footprint: &Footprint) -> Vec<u32> {
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

/// One tile while it is laid out.
struct Bed {
    level: u32,
    cell_bits: u32,
    /// Its south-west corner, steps.
    corner: [f64; 2],
    /// How near a cell a piece must come to be told there, steps.
    near: f64,
    slack: f64,
    filling: Vec<Record>,
    laid: Vec<(u32, Record)>,
    blocks: Vec<(u32, Record)>,
    edges: Vec<Edge>,
    touched: Vec<(u32, u32)>,
    inside: Vec<Side>,
}

/// What is known of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Unknown,
    Border,
    Inside,
    Outside,
}

impl Bed {
    fn new(tile: u32, level: u32, frame: RowFrame) -> Self {
        let cell_bits = STEP_BITS - level;
        Self {
            level,
            cell_bits,
            corner: [
                f64::from(tile % TILES_AROUND) * STEPS,
                f64::from(tile / TILES_AROUND) * STEPS,
            ],
            near: f64::from(frame.slack)
                + f64::from(BULGE_INSIDE)
                + f64::from(1_u32 << unit_bits(cell_bits)),
            slack: f64::from(frame.slack),
            filling: Vec::new(),
            laid: Vec::new(),
            blocks: Vec::new(),
            edges: Vec::new(),
            touched: Vec::new(),
            inside: Vec::new(),
        }
    }

    fn cell_steps(&self) -> f64 {
        f64::from(1_u32 << self.cell_bits)
    }

    fn side(&self) -> u32 {
        1 << self.level
    }

    fn record(zone: u32, terms: Terms, kind: u16) -> Record {
        Record {
            terms,
            zone,
            first: 0,
            count: 0,
            kind,
        }
    }

    fn take(&mut self, zone: u32, footprint: &Footprint, terms: Terms) {
        let Some(border) = Border::of(footprint) else {
            // Neither filling nor with pieces: to be asked about.
            return self.filling.push(Self::record(zone, terms, 0));
        };
        let shift = self.shift(&border);
        self.touch(&border, shift);
        let holds = |at: [f64; 2]| self.holds(footprint, &border, shift, at);
        if self.touched.is_empty() {
            if holds([STEPS * 0.5; 2]) {
                self.filling.push(Self::record(zone, terms, FILLS));
            }
            return;
        }
        // The cells of the box of the border, row by row.
        let cells = |axis: usize| {
            let cell = |at: f64| {
                (at / self.cell_steps())
                    .floor()
                    .clamp(0.0, f64::from(self.side() - 1)) as u32
            };
            let (low, high) = (border.low[axis], border.high[axis]);
            let moved = if axis == 0 { shift } else { 0.0 } - self.corner[axis];
            (
                cell(low + moved - self.near),
                cell(high + moved + self.near),
            )
        };
        let (columns, rows) = (cells(0), cells(1));
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        let mut sides = std::mem::take(&mut self.inside);
        sides.clear();
        let width = (columns.1 - columns.0 + 1) as usize;
        sides.resize(width * (rows.1 - rows.0 + 1) as usize, Side::Unknown);
        let place =
            |row: u32, column: u32| (row - rows.0) as usize * width + (column - columns.0) as usize;
        for (cell, _) in &touched {
            let (row, column) = (cell >> self.level, cell & (self.side() - 1));
            if let Some(side) = sides.get_mut(place(row, column)) {
                *side = Side::Border;
            }
        }
        for row in rows.0..=rows.1 {
            for column in columns.0..=columns.1 {
                if sides.get(place(row, column)) != Some(&Side::Unknown) {
                    continue;
                }
                // Neighbours that no border comes near are on the same side.
                let beside = (column > columns.0)
                    .then(|| sides.get(place(row, column - 1)))
                    .flatten();
                let below = (row > rows.0)
                    .then(|| sides.get(place(row - 1, column)))
                    .flatten();
                let known = beside
                    .into_iter()
                    .chain(below)
                    .find(|side| **side != Side::Border)
                    .copied();
                let middle = [column, row].map(|cell| (f64::from(cell) + 0.5) * self.cell_steps());
                let side = known.unwrap_or_else(|| {
                    if self.holds(footprint, &border, shift, middle) {
                        Side::Inside
                    } else {
                        Side::Outside
                    }
                });
                if let Some(slot) = sides.get_mut(place(row, column)) {
                    *slot = side;
                }
            }
        }
        self.lay_inside(zone, terms, columns, rows, &sides);
        for group in touched.chunk_by(|one, two| one.0 == two.0) {
            self.lay_border(zone, terms, footprint, &border, shift, group);
        }
        touched.clear();
        (self.touched, self.inside) = (touched, sides);
    }

    /// Tells a zone in every cell that it fills, or once for all of a block.
    fn lay_inside(
        &mut self,
        zone: u32,
        terms: Terms,
        columns: (u32, u32),
        rows: (u32, u32),
        sides: &[Side],
    ) {
        let width = columns.1 - columns.0 + 1;
        let side = |row: u32, column: u32| {
            let within =
                rows.0 <= row && row <= rows.1 && columns.0 <= column && column <= columns.1;
            let place = within.then(|| (row - rows.0) * width + (column - columns.0))?;
            sides.get(place as usize).copied()
        };
        let fills = Self::record(zone, terms, FILLS);
        let (last, across) = ((1 << BLOCK_BITS) - 1, self.level - BLOCK_BITS);
        for block_row in rows.0 >> BLOCK_BITS..=rows.1 >> BLOCK_BITS {
            for block_column in columns.0 >> BLOCK_BITS..=columns.1 >> BLOCK_BITS {
                let (row, column) = (block_row << BLOCK_BITS, block_column << BLOCK_BITS);
                let inside = (row..=row + last)
                    .flat_map(|row| (column..=column + last).map(move |column| (row, column)))
                    .filter(|(row, column)| side(*row, *column) == Some(Side::Inside));
                if inside.clone().count() == 1 << (2 * BLOCK_BITS) {
                    self.blocks
                        .push(((block_row << across) | block_column, fills));
                } else {
                    let cells = inside.map(|(row, column)| ((row << self.level) | column, fills));
                    self.laid.extend(cells);
                }
            }
        }
    }

    /// By how many steps the border must be moved east to lie where the tile is.
    fn shift(&self, border: &Border) -> f64 {
        let around = f64::from(TILES_AROUND) * STEPS;
        let middle = (border.low[0] + border.high[0]) * 0.5;
        ((self.corner[0] + STEPS * 0.5 - middle) / around).round() * around
    }

    /// Notes which pieces come near which cells.
    fn touch(&mut self, border: &Border, shift: f64) {
        self.touched.clear();
        let (side, cell_steps, near) = (f64::from(self.side()), self.cell_steps(), self.near);
        for (piece, number) in border.pieces.iter().zip(0_u32..) {
            let [ax, ay] = self.local(piece.from, shift);
            let [bx, by] = self.local(piece.to, shift);
            let cells = |low: f64, high: f64| {
                let (low, high) = (
                    ((low - near) / cell_steps).floor(),
                    ((high + near) / cell_steps).floor(),
                );
                (low < side && high >= 0.0)
                    .then(|| (low.max(0.0) as u32, high.min(side - 1.0) as u32))
            };
            let Some(rows) = cells(ay.min(by), ay.max(by)) else {
                continue;
            };
            for row in rows.0..=rows.1 {
                let (south, north) = (
                    f64::from(row) * cell_steps - near,
                    f64::from(row + 1) * cell_steps + near,
                );
                let (mut west, mut east) = (ax.min(bx), ax.max(bx));
                if (by - ay).abs() > 1e-6 {
                    let at = |y: f64| ax + (bx - ax) * ((y - ay) / (by - ay)).clamp(0.0, 1.0);
                    let (one, two) = (at(south), at(north));
                    west = west.max(one.min(two));
                    east = east.min(one.max(two));
                }
                let Some(columns) = cells(west, east) else {
                    continue;
                };
                for column in columns.0..=columns.1 {
                    self.touched.push(((row << self.level) | column, number));
                }
            }
        }
    }

    fn local(&self, [x, y]: [f64; 2], shift: f64) -> [f64; 2] {
        [x + shift - self.corner[0], y - self.corner[1]]
    }

    /// Whether a point of the tile that no piece is near lies in the footprint.
    fn holds(&self, footprint: &Footprint, border: &Border, shift: f64, at: [f64; 2]) -> bool {
        let (x, y) = (at[0] + self.corner[0], at[1] + self.corner[1]);
        if border.simple {
            return border.winds_around([x - shift, y]);
        }
        let position = Position::new(y / STEPS - 90.0, x / STEPS - 180.0);
        position.is_ok_and(|position| footprint.contains(position))
    }

    /// Tells a zone in a cell that its border comes near.
    fn lay_border(
        &mut self,
        zone: u32,
        terms: Terms,
        footprint: &Footprint,
        border: &Border,
        shift: f64,
        group: &[(u32, u32)],
    ) {
        let Some((cell, _)) = group.first().copied() else {
            return;
        };
        let corner = [cell & (self.side() - 1), cell >> self.level]
            .map(|at| f64::from(at) * self.cell_steps());
        let pieces: Vec<Piece> = group
            .iter()
            .filter_map(|(_, number)| border.pieces.get(*number as usize))
            .filter_map(|piece| {
                let moved = |point| {
                    let [x, y] = self.local(point, shift);
                    [x - corner[0], y - corner[1]]
                };
                self.clipped(Piece {
                    from: moved(piece.from),
                    to: moved(piece.to),
                    of: piece.of,
                })
            })
            .collect();
        let mut kind = if border.simple { SIMPLE } else { 0 };
        let unit = f64::from(1_u32 << unit_bits(self.cell_bits));
        let first = self.edges.len() as u32;
        if let Some(run) = border.run(&pieces) {
            kind |= HAS_RUN;
            let words = [run.first, run.first >> 16, run.count].map(|word| word as u16 as i16);
            self.edges.push([words[0], words[1], words[2], 0]);
        }
        if let Some(point) = self.clear_point(&pieces) {
            kind |= HAS_POINT;
            if self.holds(
                footprint,
                border,
                shift,
                [corner[0] + point[0], corner[1] + point[1]],
            ) {
                kind |= POINT_INSIDE;
            }
            let [x, y] = point.map(|steps| (steps / unit).round() as i16);
            self.edges.push([x, y, x, y]);
        }
        for piece in &pieces {
            let [ax, ay] = piece.from.map(|steps| (steps / unit).round() as i16);
            let [bx, by] = piece.to.map(|steps| (steps / unit).round() as i16);
            self.edges.push([ax, ay, bx, by]);
        }
        let count = self.edges.len() - first as usize;
        match u16::try_from(count) {
            Ok(count) => self.laid.push((
                cell,
                Record {
                    terms,
                    zone,
                    first,
                    count,
                    kind,
                },
            )),
            // More pieces than are counted: to be asked about.
            Err(_) => {
                self.edges.truncate(first as usize);
                self.laid.push((cell, Self::record(zone, terms, 0)));
            }
        }
    }

    /// The part of a piece in the cell and a little around it (Liang and Barsky).
    fn clipped(&self, piece: Piece) -> Option<Piece> {
        let (low, high) = (-self.near, self.cell_steps() + self.near);
        let along = [piece.to[0] - piece.from[0], piece.to[1] - piece.from[1]];
        let (mut enters, mut leaves) = (0.0_f64, 1.0_f64);
        for (from, along) in piece.from.into_iter().zip(along) {
            if along == 0.0 {
                if from < low || from > high {
                    return None;
                }
                continue;
            }
            let (one, two) = ((low - from) / along, (high - from) / along);
            enters = enters.max(one.min(two));
            leaves = leaves.min(one.max(two));
        }
        let at = |share: f64| {
            [0, 1].map(|axis| (piece.from[axis] + along[axis] * share).clamp(low, high))
        };
        (enters <= leaves).then(|| Piece {
            from: at(enters),
            to: at(leaves),
            of: piece.of,
        })
    }

    /// A point of the cell far from all pieces, of a few that are tried; none when all are too near.
    fn clear_point(&self, pieces: &[Piece]) -> Option<[f64; 2]> {
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
        let unit = f64::from(1_u32 << unit_bits(self.cell_bits));
        let enough = 4.0 * (self.slack + unit);
        let clearance = |point: &[f64; 2]| {
            pieces
                .iter()
                .map(|piece| distance(*point, piece))
                .fold(f64::INFINITY, f64::min)
        };
        let snapped = |share: f64| (share * self.cell_steps() / unit).round() * unit;
        let mut best: Option<([f64; 2], f64)> = None;
        for tried in TRIED {
            let point = tried.map(snapped);
            let clear = clearance(&point);
            if clear > enough && best.is_none_or(|(_, most)| clear > most) {
                best = Some((point, clear));
            }
            if clear > self.cell_steps() * 0.2 {
                break;
            }
        }
        best.map(|(point, _)| point)
    }
}

/// The distance of a point from a piece on the grid, steps.
fn distance([x, y]: [f64; 2], piece: &Piece) -> f64 {
    let ([ax, ay], [bx, by]) = (piece.from, piece.to);
    let (along_x, along_y) = (bx - ax, by - ay);
    let squared = along_x * along_x + along_y * along_y;
    let share = if squared > 0.0 {
        (((x - ax) * along_x + (y - ay) * along_y) / squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (x - ax - along_x * share).hypot(y - ay - along_y * share)
}
