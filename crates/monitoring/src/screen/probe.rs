//! A straight line held against pieces of border on the grid.

use crate::{grid::Spot, mosaic::unit_bits};

/// A way in the units of a cell.
pub(super) struct Line {
    pub(super) from: [f32; 2],
    pub(super) to: [f32; 2],
    pub(super) slack: f32,
}

/// How a straight line and a piece of border lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meeting {
    /// Further apart than the slack.
    Clear,
    /// Each passes from one side of the other to the other side, by more than the slack.
    Crosses,
    /// Too near to say.
    Near,
}

/// A straight line that is held against pieces.
pub(super) struct Probe {
    from: [f32; 2],
    along: [f32; 2],
    low: [f32; 2],
    high: [f32; 2],
    slack: f32,
    /// The slack times at least the length of the line.
    margin: f32,
}

impl Probe {
    #[inline(always)]
    pub(super) fn new(from: [f32; 2], to: [f32; 2], slack: f32) -> Self {
        let along = [to[0] - from[0], to[1] - from[1]];
        Self {
            from,
            along,
            low: [least(from[0], to[0]) - slack, least(from[1], to[1]) - slack],
            high: [
                greatest(from[0], to[0]) + slack,
                greatest(from[1], to[1]) + slack,
            ],
            slack,
            margin: slack * (along[0].abs() + along[1].abs()),
        }
    }

    #[inline(always)]
    pub(super) fn meets(&self, piece: &[f32; 4]) -> Meeting {
        let [ax, ay, bx, by] = *piece;
        let beyond = greatest(ax, bx) < self.low[0]
            || least(ax, bx) > self.high[0]
            || greatest(ay, by) < self.low[1]
            || least(ay, by) > self.high[1];
        if beyond {
            return Meeting::Clear;
        }
        // Two lines that do not meet: one of them lies on one side of the other.
        let (from_x, from_y) = (ax - self.from[0], ay - self.from[1]);
        let to_a = self.along[0] * from_y - self.along[1] * from_x;
        let to_b = self.along[0] * (by - self.from[1]) - self.along[1] * (bx - self.from[0]);
        if (to_a > self.margin && to_b > self.margin)
            || (to_a < -self.margin && to_b < -self.margin)
        {
            return Meeting::Clear;
        }
        let (along_x, along_y) = (bx - ax, by - ay);
        let margin = self.slack * (along_x.abs() + along_y.abs());
        let of_from = along_y * from_x - along_x * from_y;
        let of_to = of_from + along_x * self.along[1] - along_y * self.along[0];
        if (of_from > margin && of_to > margin) || (of_from < -margin && of_to < -margin) {
            return Meeting::Clear;
        }
        let apart = |one: f32, two: f32, margin: f32| {
            (one > margin && two < -margin) || (one < -margin && two > margin)
        };
        if apart(to_a, to_b, self.margin) && apart(of_from, of_to, margin) {
            Meeting::Crosses
        } else {
            Meeting::Near
        }
    }
}

/// The part of a cell around the end of a way that no border comes near, in the units of the cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    low: [f32; 2],
    high: [f32; 2],
    /// How near a border may not come.
    slack: f32,
    unit_bits: u32,
}

impl Room {
    /// The whole of a cell of so many steps, as a power of two; `slack` in steps.
    pub(super) fn new(cell_bits: u32, slack: f32) -> Self {
        let unit_bits = unit_bits(cell_bits);
        let unit = 1.0 / (1_u32 << unit_bits) as f32;
        let side = (1_u32 << cell_bits) as f32 * unit;
        Self {
            low: [0.0; 2],
            high: [side; 2],
            slack: slack * unit + 2.0,
            unit_bits,
        }
    }

    /// Cuts off the box of a piece, on that side of `at` on which most is left.
    #[inline(always)]
    pub(super) fn leave_out(&mut self, piece: &[f32; 4], at: [f32; 2]) {
        let [ax, ay, bx, by] = *piece;
        let low = [least(ax, bx) - self.slack, least(ay, by) - self.slack];
        let high = [greatest(ax, bx) + self.slack, greatest(ay, by) + self.slack];
        let apart = |axis: usize| low[axis] > self.high[axis] || high[axis] < self.low[axis];
        if apart(0) || apart(1) {
            return;
        }
        let gap = |axis: usize| greatest(low[axis] - at[axis], at[axis] - high[axis]);
        let axis = usize::from(gap(1) > gap(0));
        if low[axis] > at[axis] {
            self.high[axis] = low[axis];
        } else if high[axis] < at[axis] {
            self.low[axis] = high[axis];
        } else {
            // The way ends in the box.
            self.high = self.low;
        }
    }

    /// The room in steps, as its south-west corner and its size, if there is any.
    #[inline(always)]
    pub(super) fn within(&self, cell: Spot) -> Option<(Spot, [u32; 2])> {
        let steps = |at: f32| (at as u32) << self.unit_bits;
        let [west, south] = self.low.map(|at| steps(at.ceil()));
        let [east, north] = self.high.map(steps);
        let (width, height) = (east.checked_sub(west)?, north.checked_sub(south)?);
        let corner = Spot {
            x: cell.x + west,
            y: cell.y + south,
        };
        Some((corner, [width, height]))
    }
}

#[inline(always)]
fn least(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

#[inline(always)]
fn greatest(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}
