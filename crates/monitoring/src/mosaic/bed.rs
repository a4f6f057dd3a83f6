//! Laying out one tile: which zones fill which of its cells, and which pieces of border come near which.

use detente_spacetime::{Footprint, Position};

use super::{
    ABOVE_INSIDE, BELOW_INSIDE, BLOCK_BITS, BULGE_INSIDE, Edge, FILLS, HAS_POINT, HAS_RUN, OF_ROLL,
    PARTS, POINT_INSIDE, Record, SIMPLE, TRIED, snapped, unit_bits,
};
use crate::{
    border::{Border, Piece, RUN_MAX},
    grid::{RING_BULGE, RowFrame, STEP_BITS, STEPS, TILES_AROUND},
    roll::Ring,
};

/// A zone while it is laid out.
struct Laid<'a> {
    blank: Record,
    border: &'a Border,
    /// By how many steps its border must be moved east to lie where the tile is.
    shift: f64,
    /// Whether its ring is in the roll.
    in_roll: bool,
}

/// One tile while it is laid out.
pub(super) struct Bed {
    level: u32,
    pub(super) cell_bits: u32,
    /// Its south-west corner, steps.
    corner: [f64; 2],
    /// How near a cell a piece must come to be told there, steps.
    near: f64,
    slack: f64,
    pub(super) filling: Vec<Record>,
    pub(super) laid: Vec<(u32, Record)>,
    pub(super) blocks: Vec<(u32, Record)>,
    pub(super) edges: Vec<Edge>,
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
    pub(super) fn new(tile: u32, level: u32, frame: RowFrame) -> Self {
        let cell_bits = STEP_BITS - level;
        Self {
            level,
            cell_bits,
            corner: [
                f64::from(tile % TILES_AROUND) * STEPS,
                f64::from(tile / TILES_AROUND) * STEPS,
            ],
            near: f64::from(frame.slack)
                + f64::from(BULGE_INSIDE + RING_BULGE)
                + f64::from(1_u32 << unit_bits(cell_bits)),
            slack: f64::from(frame.slack + RING_BULGE),
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

    /// Lays out the zone of a record that says nothing yet, given its ring if it is in the roll, else its footprint.
    pub(super) fn take(
        &mut self,
        blank: Record,
        ring: Option<Ring<'_>>,
        footprint: Option<&Footprint>,
    ) {
        let fills = Record {
            kind: FILLS,
            ..blank
        };
        let border = match &ring {
            Some(ring) => Some(Border::of_ring(ring)),
            None => footprint.and_then(Border::of),
        };
        let Some(border) = border else {
            // Neither filling nor with pieces: to be asked about.
            return self.filling.push(blank);
        };
        let shift = self.shift(&border);
        self.touch(&border, shift);
        let holds = |at: [f64; 2]| self.holds(footprint, &border, shift, at);
        if self.touched.is_empty() {
            if holds([STEPS * 0.5; 2]) {
                self.filling.push(fills);
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
        self.lay_inside(fills, columns, rows, &sides);
        let laid = Laid {
            blank,
            border: &border,
            shift,
            in_roll: ring.is_some(),
        };
        for group in touched.chunk_by(|one, two| one.0 == two.0) {
            self.lay_border(&laid, footprint, group);
        }
        touched.clear();
        (self.touched, self.inside) = (touched, sides);
    }

    /// Tells a zone in every cell that it fills, or once for all of a block.
    fn lay_inside(&mut self, fills: Record, columns: (u32, u32), rows: (u32, u32), sides: &[Side]) {
        let width = columns.1 - columns.0 + 1;
        let side = |row: u32, column: u32| {
            let within =
                rows.0 <= row && row <= rows.1 && columns.0 <= column && column <= columns.1;
            let place = within.then(|| (row - rows.0) * width + (column - columns.0))?;
            sides.get(place as usize).copied()
        };
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
    fn holds(
        &self,
        footprint: Option<&Footprint>,
        border: &Border,
        shift: f64,
        at: [f64; 2],
    ) -> bool {
        let (x, y) = (at[0] + self.corner[0], at[1] + self.corner[1]);
        if border.simple {
            return border.winds_around([x - shift, y]);
        }
        let position = Position::new(y / STEPS - 90.0, x / STEPS - 180.0);
        footprint
            .zip(position.ok())
            .is_some_and(|(footprint, position)| footprint.contains(position))
    }

    /// Tells a zone in a cell that its border comes near.
    fn lay_border(&mut self, laid: &Laid<'_>, footprint: Option<&Footprint>, group: &[(u32, u32)]) {
        let Some((cell, _)) = group.first().copied() else {
            return;
        };
        let (border, shift) = (laid.border, laid.shift);
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
        let mut record = laid.blank;
        if border.simple {
            record.kind |= SIMPLE;
        }
        let point = self.clear_point(&pieces);
        if let Some((tried, point)) = point {
            record.kind |= HAS_POINT;
            record.tried = tried;
            let at = [corner[0] + point[0], corner[1] + point[1]];
            if self.holds(footprint, border, shift, at) {
                record.kind |= POINT_INSIDE;
            }
        }
        if laid.in_roll {
            if let Some(run) = border.run(&pieces, u32::from(u16::MAX)) {
                let parts = self.parts(&pieces);
                let inside = |[x, y]: [f64; 2]| {
                    let at = [corner[0] + x, corner[1] + y];
                    self.holds(footprint, border, shift, at)
                };
                record.kind |= OF_ROLL | self.sides(parts, inside);
                let [[low_x, high_x], [low_y, high_y]] = parts;
                let square = low_x | low_y << 4 | high_x << 8 | high_y << 12;
                record.first = run.first | square << u16::BITS;
                record.count = run.count as u16;
                self.laid.push((cell, record));
            } else if record.kind & POINT_INSIDE != 0 {
                // Looked at closely, no piece comes near.
                let fills = Record {
                    kind: FILLS,
                    ..laid.blank
                };
                self.laid.push((cell, fills));
            }
            return;
        }
        let unit = f64::from(1_u32 << unit_bits(self.cell_bits));
        record.first = self.edges.len() as u32;
        if let Some(run) = border.run(&pieces, RUN_MAX) {
            record.kind |= HAS_RUN;
            let words = [run.first, run.first >> 16, run.count].map(|word| word as u16 as i16);
            self.edges.push([words[0], words[1], words[2], 0]);
        }
        if let Some((_, point)) = point {
            let [x, y] = point.map(|steps| (steps / unit).round() as i16);
            self.edges.push([x, y, x, y]);
        }
        for piece in &pieces {
            let [ax, ay] = piece.from.map(|steps| (steps / unit).round() as i16);
            let [bx, by] = piece.to.map(|steps| (steps / unit).round() as i16);
            self.edges.push([ax, ay, bx, by]);
        }
        match u16::try_from(self.edges.len() - record.first as usize) {
            Ok(count) => self.laid.push((cell, Record { count, ..record })),
            // More pieces than are counted: to be asked about.
            Err(_) => {
                self.edges.truncate(record.first as usize);
                self.laid.push((cell, laid.blank));
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

    /// The lowest and the highest part of the side of a cell, along each axis, that border may be in.
    fn parts(&self, pieces: &[Piece]) -> [[u32; 2]; 2] {
        let part = self.cell_steps() / f64::from(PARTS);
        let number = |at: f64| (at / part).floor().clamp(0.0, f64::from(PARTS - 1)) as u32;
        [0, 1].map(|axis: usize| {
            let ends = || {
                pieces
                    .iter()
                    .flat_map(|piece| [piece.from[axis], piece.to[axis]])
            };
            let low = ends().fold(f64::INFINITY, f64::min) - self.slack;
            let high = ends().fold(f64::NEG_INFINITY, f64::max) + self.slack;
            [number(low), number(high)]
        })
    }

    /// Which of what lies around those parts is inside.
    fn sides(
        &self,
        [[low_x, high_x], [low_y, high_y]]: [[u32; 2]; 2],
        inside: impl Fn([f64; 2]) -> bool,
    ) -> u8 {
        let part = self.cell_steps() / f64::from(PARTS);
        // In the middle of what is left below, and of what is left above.
        let below = |low: u32| (low > 0).then(|| f64::from(low) * 0.5 * part);
        let above =
            |high: u32| (high + 1 < PARTS).then(|| f64::from(high + 1 + PARTS) * 0.5 * part);
        let middle = self.cell_steps() * 0.5;
        let along =
            |x: Option<f64>, y: Option<f64>| x.map(|x| [x, middle]).or(y.map(|y| [middle, y]));
        let (below, above) = (
            along(below(low_x), below(low_y)),
            along(above(high_x), above(high_y)),
        );
        let side = |at: Option<[f64; 2]>, kind: u8| {
            if at.is_some_and(&inside) { kind } else { 0 }
        };
        let spans = |low: u32, high: u32| low == 0 && high + 1 == PARTS;
        if spans(low_x, high_x) || spans(low_y, high_y) {
            return side(below, BELOW_INSIDE) | side(above, ABOVE_INSIDE);
        }
        // All that is around is one part.
        side(below.or(above), BELOW_INSIDE | ABOVE_INSIDE)
    }

    /// A point of the cell far from all pieces, of a few that are tried, with its number; none when all are too near.
    fn clear_point(&self, pieces: &[Piece]) -> Option<(u8, [f64; 2])> {
        let unit = f64::from(1_u32 << unit_bits(self.cell_bits));
        let enough = 4.0 * (self.slack + unit);
        let clearance = |point: &[f64; 2]| {
            pieces
                .iter()
                .map(|piece| distance(*point, piece))
                .fold(f64::INFINITY, f64::min)
        };
        let mut best: Option<(u8, [f64; 2], f64)> = None;
        for (tried, number) in TRIED.iter().zip(0..) {
            let point = tried.map(|share| snapped(share, self.cell_bits) * unit);
            let clear = clearance(&point);
            if clear > enough && best.is_none_or(|(_, _, most)| clear > most) {
                best = Some((number, point, clear));
            }
            if clear > self.cell_steps() * 0.2 {
                break;
            }
        }
        best.map(|(number, point, _)| (number, point))
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
