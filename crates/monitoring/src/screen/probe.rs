//! A straight line held against pieces of border on the grid.

use crate::mosaic::Edge;

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
    pub(super) fn meets(&self, piece: &Edge) -> Meeting {
        let [ax, ay, bx, by] = piece.map(f32::from);
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

#[inline(always)]
fn least(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

#[inline(always)]
fn greatest(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}
