//! One piece of a way against boundary pieces, each by itself: where it comes within reach, and where it goes.

use crate::{
    footprint::{BOUNDARY_M, Footprint},
    proximity::{
        edge::{Ball, Edge, chord_share, cross, distance_m},
        tree::{Box3, Content},
    },
    surface::Vector,
};

/// Where a stretch begins is found to this length of way, metres; 40 ns at 250 m/s.
const FOUND_TO_M: f64 = 1e-5;
/// How far beside a guess is looked for a place on either side of the border, metres.
const ASIDE_M: f64 = 0.4 * FOUND_TO_M;
/// Steps of the search for a border: every other halves what is left of 10 km, and half of these are less than [`FOUND_TO_M`].
const STEPS_MAX: u32 = 64;
/// Pieces whose ends lie on one side of a way by this much more than its reach, metres, are not near it: for what the
/// bend of a piece, the tilt of normals along it and rounding come to.
const SIDE_MARGIN_M: f64 = 0.01;
/// The same as a share of the reach.
const SIDE_MARGIN: f64 = 0.001;
/// Beyond this reach, metres, sides are not looked at: at its distance planes of sections are no measure.
const SIDE_REACH_MAX_M: f64 = 5_000.0;
/// How far the line through the ends of a way may be from where its points lie beside a piece, metres: a way of
/// [`crate::footprint::PIECE_MAX_M`] rises 2 m above its chord, along normals that are all but parallel.
const BESIDE_MARGIN_M: f64 = 0.02;
/// Beyond this reach, metres, a piece is not just passed through: [`Sweep::through`] is for the boundaries of rings.
const THROUGH_REACH_MAX_M: f64 = 2.0 * BOUNDARY_M;
/// A way that is within reach of a piece for longer than this before it crosses it, metres, all but runs along it, at less
/// than a tenth of a degree: what bends of either do is looked at closely.
const THROUGH_MAX_M: f64 = 0.5;

/// How a piece of a way and a boundary piece lie to each other.
pub(super) enum Contact {
    /// Surely out of each other's reach.
    Apart,
    /// The way comes from beyond the reach on one side and goes beyond it on the other.
    Through(Through),
    /// Anything else.
    Near,
}

/// Where a way passes through a boundary piece.
#[derive(Clone, Copy, Debug)]
pub(super) struct Through {
    /// Where it crosses the piece, as a share of the way.
    pub(super) at: f64,
    /// How long before and behind that it is within reach, likewise, but for what rounding and bends come to.
    pub(super) half: f64,
}

/// On which side of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    Behind,
}

/// One piece of a way on its search through the boundary pieces of a footprint.
pub(super) struct Sweep {
    way: Edge,
    /// The normal of the way to the left, and the squares of its length and of the chord's.
    left: Vector,
    length2: f64,
    ball: Ball,
    reach_m: f64,
}

impl Sweep {
    pub(super) fn new(way: Edge, reach_m: f64) -> Self {
        Self {
            way,
            left: way.left_normal(),
            length2: (way.b - way.a).length_squared(),
            ball: way.ball(),
            reach_m,
        }
    }

    pub(super) fn over(&self, footprint: &Footprint, found: &mut dyn FnMut(Edge, f64, f64)) {
        let core = footprint.core();
        let bounds = Box3::of_geodesics(&[self.way.a, self.way.b]);
        let mut pending = vec![0];
        while let Some(node) = pending.pop().and_then(|number| core.tree.node(number)) {
            if node.bounds.gap_squared_m2(&bounds) > self.reach_m * self.reach_m {
                continue;
            }
            match node.content {
                Content::Branch(left, right) => pending.extend([left, right]),
                Content::Leaf(run) => {
                    for edge in run.edges(&core.vertices) {
                        self.look(&edge, found);
                    }
                }
            }
        }
    }

    pub(super) fn look(&self, edge: &Edge, found: &mut dyn FnMut(Edge, f64, f64)) {
        match self.contact(edge) {
            Contact::Apart => {}
            Contact::Through(through) => {
                let side = |side| self.border_through(edge, &through, side);
                match (side(Side::Before), side(Side::Behind)) {
                    (Some(enters), Some(leaves)) => found(*edge, enters, leaves),
                    _ => self.near(edge, &mut |enters, leaves| found(*edge, enters, leaves)),
                }
            }
            Contact::Near => self.near(edge, &mut |enters, leaves| found(*edge, enters, leaves)),
        }
    }

    /// How the way and a boundary piece lie to each other.
    #[inline]
    pub(super) fn contact(&self, edge: &Edge) -> Contact {
        let piece = [edge.a, edge.b].map(|end| self.left.dot(end - self.way.a));
        if self.beyond(piece, self.length2) || !self.ball.within(&edge.ball(), self.reach_m) {
            return Contact::Apart;
        }
        let left = edge.left_normal();
        let way = [self.way.a, self.way.b].map(|end| left.dot(end - edge.a));
        if self.beyond(way, (edge.b - edge.a).length_squared()) {
            return Contact::Apart;
        }
        match self.through(piece, way, left.length()) {
            Some(through) => Contact::Through(through),
            None => Contact::Near,
        }
    }

    /// Whether both ends of something lie on one side of a line, further from it than the reach; given how far to the left of
    /// it, metres times the length of the piece that the line goes through, and the square of that length.
    ///
    /// The plane of a piece holds its geodesic to a micrometre, and no point is nearer to the piece than to the plane.
    fn beyond(&self, [a, b]: [f64; 2], length2: f64) -> bool {
        if self.reach_m > SIDE_REACH_MAX_M {
            return false;
        }
        // A squared comparison of metres times the length of the edge, whose normal may be half a percent longer.
        let margin_m = self.reach_m * (1.0 + SIDE_MARGIN) + SIDE_MARGIN_M;
        let least2 = margin_m * margin_m * length2 * 1.02;
        a * b > 0.0 && a * a > least2 && b * b > least2
    }

    /// Where the way passes through a piece, if it does, given how far the ends of the piece are to the left of the way, those
    /// of the way to the left of the piece, and how long the normal of the piece is.
    ///
    /// Two geodesics of at most [`crate::footprint::PIECE_MAX_M`] that cross do so once, and the distance from one of them to
    /// the other grows from there to both sides.
    fn through(&self, piece: [f64; 2], way: [f64; 2], normal_m: f64) -> Option<Through> {
        let [from, to] = way;
        let crosses = from * to < 0.0 && piece[0] * piece[1] < 0.0;
        let margin = (self.reach_m * (1.0 + SIDE_MARGIN) + SIDE_MARGIN_M) * normal_m;
        let comes_and_goes = from.abs() > margin && to.abs() > margin;
        if !crosses || !comes_and_goes || self.reach_m > THROUGH_REACH_MAX_M {
            return None;
        }
        let half = self.reach_m * normal_m / (from - to).abs();
        let is_steep = half * half * self.length2 <= THROUGH_MAX_M * THROUGH_MAX_M;
        is_steep.then(|| Through {
            at: from / (from - to),
            half,
        })
    }

    /// The last share within reach of a piece that the way passes through, before it or behind it.
    ///
    /// Distance to the piece is even along the way, but for bends that come to less than what is looked for: one place a little
    /// within and one a little beyond decide; none when they do not.
    pub(super) fn border_through(&self, edge: &Edge, through: &Through, side: Side) -> Option<f64> {
        let outward = if side == Side::Before { -1.0 } else { 1.0 };
        let guess = through.at + outward * through.half;
        let aside = outward * ASIDE_M / self.length2.sqrt().max(FOUND_TO_M);
        let (outside, inside) = (guess + aside, guess - aside);
        let found = self.clearance_m(edge, inside) <= 0.0 && self.clearance_m(edge, outside) > 0.0;
        found.then_some(inside)
    }

    /// Tells of a share of the way whether it is on one side of the line through `edge`, surely further from it than the reach.
    fn outside(&self, edge: &Edge) -> impl Fn(f64) -> bool {
        let (from, to) = (edge.left_of(self.way.a), edge.left_of(self.way.b));
        let margin_m = self.reach_m * (1.0 + SIDE_MARGIN) + SIDE_MARGIN_M + BESIDE_MARGIN_M;
        let least2 = margin_m * margin_m * (edge.b - edge.a).length_squared() * 1.02;
        let says = self.reach_m <= SIDE_REACH_MAX_M;
        move |share| {
            let left = from + (to - from) * share;
            says && left * left > least2
        }
    }

    /// How far outside the reach of `edge` the way is at a share of it, metres.
    fn clearance_m(&self, edge: &Edge, share: f64) -> f64 {
        let point = self.way.at(share);
        distance_m(point, point.normal(), edge) - self.reach_m
    }

    /// Tells of every stretch of the way within reach of a piece, whatever way and piece do.
    fn near(&self, edge: &Edge, found: &mut impl FnMut(f64, f64)) {
        let mut stops = [
            0.0,
            chord_share(edge.a, &self.way),
            chord_share(edge.b, &self.way),
            self.crossing(edge).unwrap_or(1.0),
            1.0,
        ];
        stops.sort_by(f64::total_cmp);
        let surely_outside = self.outside(edge);
        // A stop with its clearance, if anybody asked for it.
        let told = |(share, clearance_m): (f64, Option<f64>)| {
            let clearance_m = clearance_m.unwrap_or_else(|| self.clearance_m(edge, share));
            (share, clearance_m)
        };
        let mut entered = None;
        let mut before: Option<(f64, Option<f64>)> = None;
        for stop in stops {
            if before.is_some_and(|(share, _)| share == stop) {
                continue;
            }
            let here = if surely_outside(stop) {
                (stop, None)
            } else {
                (stop, Some(self.clearance_m(edge, stop)))
            };
            let inside = here.1.is_some_and(|clearance_m| clearance_m <= 0.0);
            match (entered, inside, before) {
                (None, true, Some(before)) => {
                    entered = Some(self.border(edge, told(before), told(here)));
                }
                (None, true, None) => entered = Some(stop),
                (Some(from), false, Some(before)) => {
                    found(from, self.border(edge, told(here), told(before)));
                    entered = None;
                }
                _ => {}
            }
            before = Some(here);
        }
        if let Some(from) = entered {
            found(from, 1.0);
        }
    }

    fn crossing(&self, edge: &Edge) -> Option<f64> {
        if !cross(&self.way, edge, 0.0) {
            return None;
        }
        let (from, to) = (edge.left_of(self.way.a), edge.left_of(self.way.b));
        (from != to).then(|| (from / (from - to)).clamp(0.0, 1.0))
    }

    /// The last share on the inner side, between one outside and one inside, each given with its clearance.
    ///
    /// The clearance is nearly straight along the way: the line through both ends tells where it passes zero, and a step
    /// to either side of that place closes in on it at once. Every other step halves what is left, whatever the clearance does.
    fn border(&self, edge: &Edge, mut outside: (f64, f64), mut inside: (f64, f64)) -> f64 {
        let length_m = (self.way.b - self.way.a).length();
        let found_to = FOUND_TO_M / length_m.max(FOUND_TO_M);
        for step in 0..STEPS_MAX {
            let gap = outside.0 - inside.0;
            if gap.abs() <= found_to {
                break;
            }
            let guess = if step % 2 == 0 && outside.1.is_finite() {
                inside.0 - gap * inside.1 / (outside.1 - inside.1)
            } else {
                inside.0 + gap * 0.5
            };
            let aside = found_to * 0.4 * gap.signum();
            for share in [guess - aside, guess + aside] {
                // Only what lies between the ends says more than they do.
                if (share - inside.0) * gap <= 0.0 || (outside.0 - share) * gap <= 0.0 {
                    continue;
                }
                let clearance_m = self.clearance_m(edge, share);
                if clearance_m <= 0.0 {
                    inside = (share, clearance_m);
                } else {
                    outside = (share, clearance_m);
                }
            }
        }
        inside.0
    }
}
