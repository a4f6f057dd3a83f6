//! The way of something that moves between two positions, and every stretch of it that lies in a footprint.
//!
//! The question is the same as that of [`Footprint::contains`], asked of every point of a geodesic at once.
//!
//! # How
//!
//! The set of points within reach of a footprint's core is the union of what lies inside the core and what lies within
//! reach of one of its boundary pieces.
//! Along the way, the distance to one piece has its minima at an end of the way, at the foot of an end of the piece, or
//! where both cross: two geodesics on a surface that is curved like a ball are never nearest in the interior of both.
//! Between these stops the distance passes the reach at most once, and bisection finds where.
//! What remains between the stretches near the boundary is inside or outside as a whole, and one winding number tells.
//!
//! # Exactness
//!
//! A stretch begins and ends within 10 µm of way of where the exact distance reaches the boundary.
//! A way that leaves a corridor's side and comes back to it within the same piece, never more than [`BULGE_MAX_M`]
//! outside, counts as staying.

use crate::{
    footprint::{BOUNDARY_M, Footprint, PIECE_MAX_M, ShapeFaultKind, course},
    geodesic::surface_distance_m,
    position::Position,
    proximity::{
        edge::{Ball, Edge, chord_share, cross, distance_m},
        inside,
        tree::{Box3, Content},
    },
    surface::{CURVATURE_RADIUS_MEAN_M, Vector},
};

/// How far a way may leave the side of a corridor and still count as staying inside, metres: a tenth of the resolution.
pub const BULGE_MAX_M: f64 = 0.001;
/// Where a stretch begins is found to this length of way, metres; 40 ns at 250 m/s.
const FOUND_TO_M: f64 = 1e-5;
/// Steps of the search for a border: every other halves what is left of 10 km, and half of these are less than [`FOUND_TO_M`].
const STEPS_MAX: u32 = 64;
/// Pieces whose ends lie on one side of a way by this much more than its reach, metres, are not near it: for what the
/// bend of a piece, the tilt of normals along it and rounding come to.
const SIDE_MARGIN_M: f64 = 0.01;
/// The same as a share of the reach.
const SIDE_MARGIN: f64 = 0.001;
/// Beyond this reach, metres, sides are not looked at: at its distance planes of sections are no measure.
const SIDE_REACH_MAX_M: f64 = 5_000.0;
/// Boundary pieces of a ring near a leg for which no memory is asked for.
const PIECES_FEW: usize = 8;
/// How far the line through the ends of a way may be from where its points lie beside a piece, metres: a way of
/// [`PIECE_MAX_M`] rises 2 m above its chord, along normals that are all but parallel.
const BESIDE_MARGIN_M: f64 = 0.02;
/// Pieces are never cut shorter than this for the sake of [`BULGE_MAX_M`], metres; the widest corridor asks for 800 m.
const PIECE_MIN_M: f64 = 500.0;

/// The geodesic way from one position to another.
#[derive(Clone, Debug)]
pub struct Leg {
    ends: [Vector; 2],
    /// The ends of equally long pieces between, if there are several.
    between: Vec<Vector>,
    length_m: f64,
    bounds: Box3,
}

/// Why there is no way between two positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the shortest way between positions on opposite sides of the earth is not known")]
pub struct LegError;

/// What is known beforehand of a leg and a footprint, so that less has to be looked at: by default nothing.
///
/// [`Footprint::passages_given`] relies on what is said here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beforehand {
    /// Of a ring alone, the runs of boundary pieces outside which none comes within reach of the leg; the second may be empty.
    pub pieces: Option<[PieceRun; 2]>,
    /// Whether the leg starts in the region, off its boundary by more than [`BOUNDARY_M`].
    pub starts_inside: Option<bool>,
}

/// Boundary pieces of a ring that follow each other.
///
/// Piece `i` begins at vertex `i` of the only chain of [`Footprint::chains`]; after the last comes the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PieceRun {
    /// The first piece.
    pub first: u32,
    /// How many there are.
    pub count: u32,
}

/// A stretch of a leg inside a footprint, as shares of the leg's length: 0 where it starts, 1 where it ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Passage {
    /// Where it enters; 0 when the leg starts inside.
    pub enters: f64,
    /// Where it leaves; 1 when the leg ends inside.
    pub leaves: f64,
}

impl Leg {
    /// The shortest way between two positions; both may be the same.
    ///
    /// # Errors
    ///
    /// Positions so nearly opposite to each other that the shortest way depends on their last digits
    /// ([`crate::footprint::EDGE_MAX_DEG`]).
    pub fn new(from: Position, to: Position) -> Result<Self, LegError> {
        let ends = [Vector::of(from), Vector::of(to)];
        let [a, b] = ends;
        let (mut between, mut bounds) = (Vec::new(), Box3::of_geodesics(&ends));
        if (b - a).length() > PIECE_MAX_M {
            between.push(a);
            course::pieces(from, to, &mut between, 0).map_err(|_: ShapeFaultKind| LegError)?;
            bounds = Box3::of_geodesics(&between);
            between.pop();
            between.remove(0);
        }
        Ok(Self {
            length_m: surface_distance_m(a, b),
            ends,
            between,
            bounds,
        })
    }

    /// Its length, metres.
    #[must_use]
    pub fn length_m(&self) -> f64 {
        self.length_m
    }

    /// The position at a share of its length; shares outside 0..=1 give the ends.
    #[must_use]
    pub fn at(&self, share: f64) -> Option<Position> {
        let (latitude, longitude) = self.point(share)?.latitude_longitude_deg();
        Position::new(latitude, longitude).ok()
    }

    /// The part of the leg between two shares, as a leg of its own.
    #[must_use]
    pub fn part(&self, from: f64, to: f64) -> Option<Self> {
        Self::new(self.at(from)?, self.at(to)?).ok()
    }

    /// The stretches of the leg in a simple ring without offset, mostly from its pieces near the leg alone: what
    /// [`Footprint::passages`] says.
    ///
    /// Each piece is the geodesic of at most [`PIECE_MAX_M`] between two corners that follow each other, and no other piece
    /// comes within reach of the leg; `starts_inside` as in [`Beforehand`].
    /// All `corners` are asked for only when the leg comes so near to the ring that its pieces alone do not tell sides.
    #[must_use]
    pub fn passages_of_ring(
        &self,
        pieces: &[[Position; 2]],
        starts_inside: Option<bool>,
        corners: impl Fn() -> Vec<Position>,
    ) -> Vec<Passage> {
        let mut before = None;
        let edges = pieces.iter().map(|[a, b]| {
            let from = match before {
                Some((position, vector)) if position == *a => vector,
                _ => Vector::of(*a),
            };
            let to = Vector::of(*b);
            before = Some((*b, to));
            Edge { a: from, b: to }
        });
        let (mut few, mut many) = ([Edge::NONE; PIECES_FEW], Vec::new());
        let edges: &[Edge] = if pieces.len() <= PIECES_FEW {
            few.iter_mut()
                .zip(edges)
                .for_each(|(slot, edge)| *slot = edge);
            few.get(..pieces.len()).unwrap_or_default()
        } else {
            many.extend(edges);
            &many
        };
        let mut near = near(self, BOUNDARY_M, |sweep, found| {
            for edge in edges {
                sweep.look(edge, found);
            }
        });
        let holds = |from: f64, enters: f64| {
            let ring: Vec<Vector> = corners().into_iter().map(Vector::of).collect();
            self.point((from + enters) * 0.5)
                .is_some_and(|point| inside::ring_holds(&ring, point))
        };
        united(with_inside(self, &mut near, starts_inside, true, holds))
    }

    fn pieces(&self) -> usize {
        self.between.len() + 1
    }

    fn piece(&self, number: usize) -> Option<Edge> {
        let [first, last] = self.ends;
        let before = number.checked_sub(1);
        Some(Edge {
            a: before
                .map_or(Some(&first), |before| self.between.get(before))
                .copied()?,
            b: *self.between.get(number).unwrap_or(&last),
        })
    }

    fn point(&self, share: f64) -> Option<Vector> {
        let along = share.clamp(0.0, 1.0) * self.pieces() as f64;
        let number = (along as usize).min(self.pieces() - 1);
        Some(self.piece(number)?.at(along - number as f64))
    }
}

impl Footprint {
    /// Every stretch of `leg` in the footprint or within [`BOUNDARY_M`] of it, in the order of the way, none touching the next.
    ///
    /// # Cost
    ///
    /// Some 30 ns when the boxes of leg and footprint are apart; a few microseconds for each crossing.
    #[must_use]
    pub fn passages(&self, leg: &Leg) -> Vec<Passage> {
        self.passages_given(leg, &Beforehand::default())
    }

    /// The same as [`Footprint::passages`], for the price of what is not known beforehand.
    ///
    /// # Cost
    ///
    /// About a microsecond for a crossing when the pieces near it and the side of the start are known.
    #[must_use]
    pub fn passages_given(&self, leg: &Leg, known: &Beforehand) -> Vec<Passage> {
        let reach_m = self.offset_m() + BOUNDARY_M;
        if reach_m == f64::INFINITY {
            return vec![Passage {
                enters: 0.0,
                leaves: 1.0,
            }];
        }
        if !self.may_meet(leg) {
            return Vec::new();
        }
        let mut near = self.near_boundary(leg, reach_m, known.pieces.as_ref());
        if self.core().is_region() {
            let turns_known = self.offset_m() == 0.0 && self.is_simple_ring();
            let holds = |from: f64, enters: f64| {
                let middle = leg.point((from + enters) * 0.5);
                middle.is_some_and(|point| self.holds_inside(point))
            };
            let starts_inside = known.starts_inside;
            united(with_inside(
                leg,
                &mut near,
                starts_inside,
                turns_known,
                holds,
            ))
        } else {
            united(near.into_iter().map(|near| near.passage).collect())
        }
    }

    /// Whether the boxes around leg and footprint meet: where they do not, [`Footprint::passages`] is empty.
    #[must_use]
    pub fn may_meet(&self, leg: &Leg) -> bool {
        let reach_m = self.offset_m() + BOUNDARY_M;
        leg.bounds.gap_squared_m2(&self.core().extent) <= reach_m * reach_m
    }

    fn near_boundary(&self, leg: &Leg, reach_m: f64, known: Option<&[PieceRun; 2]>) -> Vec<Near> {
        // Numbers of pieces mean something on a ring alone.
        let known = known.filter(|_| self.core().chains.len() == 1 && self.core().is_region());
        near(leg, reach_m, |sweep, found| match known {
            Some(runs) => sweep.along(self, runs, found),
            None => sweep.over(self, found),
        })
    }

    fn holds_inside(&self, point: Vector) -> bool {
        self.core().extent.holds(point) && inside::holds(self.core(), point)
    }
}

/// Adds what lies between the stretches near the boundary and inside the region, which `holds` tells of what lies between two
/// shares.
fn with_inside(
    leg: &Leg,
    near: &mut [Near],
    starts_inside: Option<bool>,
    turns_known: bool,
    holds: impl Fn(f64, f64) -> bool,
) -> Vec<Passage> {
    near.sort_by(|one, two| one.passage.enters.total_cmp(&two.passage.enters));
    let mut all = Vec::with_capacity(2 * near.len() + 1);
    let (mut from, mut inside) = (0.0, starts_inside);
    let mut rest: &[Near] = near;
    loop {
        // The stretches that share points with the first of the rest.
        let mut leaves = rest.first().map_or(1.0, |first| first.passage.leaves);
        let count = rest
            .iter()
            .take_while(|next| {
                let joins = next.passage.enters <= leaves;
                leaves = if joins {
                    leaves.max(next.passage.leaves)
                } else {
                    leaves
                };
                joins
            })
            .count();
        let (stretch, behind) = rest.split_at(count);
        let enters = stretch.first().map_or(1.0, |first| first.passage.enters);
        if from < enters {
            let holds = inside.unwrap_or_else(|| holds(from, enters));
            if holds {
                all.push(Passage {
                    enters: from,
                    leaves: enters,
                });
            }
            inside = turns(leg, stretch)
                .filter(|_| turns_known)
                .map(|turns| holds != turns);
        } else {
            inside = None;
        }
        if stretch.is_empty() {
            return all;
        }
        all.push(Passage { enters, leaves });
        (from, rest) = (leaves, behind);
    }
}

/// Whether what comes behind a stretch near the boundary of a simple ring is on the other side of it; none when that has to
/// be looked at.
///
/// A stretch near one piece alone is nowhere near an end of it, because that is an end of another piece, too.
fn turns(leg: &Leg, stretch: &[Near]) -> Option<bool> {
    let [near] = stretch else { return None };
    let length_m = (near.piece.b - near.piece.a).length();
    let left_m = |share: f64| Some(near.piece.left_of(leg.point(share)?) / length_m);
    let (before_m, behind_m) = (left_m(near.passage.enters)?, left_m(near.passage.leaves)?);
    let sure = |left_m: f64| left_m.abs() > BOUNDARY_M * 0.5;
    (sure(before_m) && sure(behind_m)).then_some((before_m > 0.0) != (behind_m > 0.0))
}

/// The stretches of a leg near the boundary pieces that `look` makes each part of it look at.
fn near(
    leg: &Leg,
    reach_m: f64,
    look: impl Fn(&Sweep, &mut dyn FnMut(Edge, f64, f64)),
) -> Vec<Near> {
    let mut near = Vec::new();
    let parts = parts(leg, reach_m);
    let total = (leg.pieces() * parts) as f64;
    for number in 0..leg.pieces() {
        let Some(piece) = leg.piece(number) else {
            continue;
        };
        for part in 0..parts {
            let way = if parts == 1 {
                piece
            } else {
                let at = |step: usize| piece.at(step as f64 / parts as f64);
                Edge {
                    a: at(part),
                    b: at(part + 1),
                }
            };
            let first = (number * parts + part) as f64;
            let mut found = |piece: Edge, enters: f64, leaves: f64| {
                let passage = Passage {
                    enters: (first + enters) / total,
                    leaves: (first + leaves) / total,
                };
                near.push(Near { passage, piece });
            };
            look(&Sweep::new(way, reach_m), &mut found);
        }
    }
    near
}

/// Into how many parts each piece of a leg is cut: over a part of length L, a way outside a corridor of half-width r
/// bulges by at most L²·r/(8R²).
fn parts(leg: &Leg, reach_m: f64) -> usize {
    let longest_m = CURVATURE_RADIUS_MEAN_M * (8.0 * BULGE_MAX_M / reach_m).sqrt();
    let longest_m = longest_m.clamp(PIECE_MIN_M, PIECE_MAX_M);
    let piece_m = leg.length_m / leg.pieces() as f64;
    (piece_m / longest_m).ceil().max(1.0) as usize
}

/// A stretch of a way within reach of one boundary piece.
struct Near {
    passage: Passage,
    piece: Edge,
}

/// One piece of a way on its search through the boundary pieces of a footprint.
struct Sweep {
    way: Edge,
    ball: Ball,
    reach_m: f64,
}

impl Sweep {
    fn new(way: Edge, reach_m: f64) -> Self {
        Self {
            way,
            ball: way.ball(),
            reach_m,
        }
    }

    fn over(&self, footprint: &Footprint, found: &mut dyn FnMut(Edge, f64, f64)) {
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

    /// Looks at some pieces of a ring, at each once.
    fn along(
        &self,
        footprint: &Footprint,
        [one, two]: &[PieceRun; 2],
        found: &mut dyn FnMut(Edge, f64, f64),
    ) {
        let vertices = &footprint.core().vertices;
        let pieces = (vertices.len() as u64).saturating_sub(1).max(1);
        let numbers = |run: &PieceRun| {
            let first = u64::from(run.first);
            (0..u64::from(run.count).min(pieces)).map(move |ahead| (first + ahead) % pieces)
        };
        let is_in_one = |number: &u64| {
            let ahead = (number + pieces - u64::from(one.first) % pieces) % pieces;
            ahead < u64::from(one.count)
        };
        let both = numbers(one).chain(numbers(two).filter(|number| !is_in_one(number)));
        for number in both {
            let number = number as usize;
            if let (Some(a), Some(b)) = (vertices.get(number), vertices.get(number + 1)) {
                self.look(&Edge { a: *a, b: *b }, found);
            }
        }
    }

    fn look(&self, edge: &Edge, found: &mut dyn FnMut(Edge, f64, f64)) {
        if !self.beside(&self.way, edge)
            && self.ball.within(&edge.ball(), self.reach_m)
            && !self.beside(edge, &self.way)
        {
            self.near(edge, &mut |enters, leaves| found(*edge, enters, leaves));
        }
    }

    /// Whether `other` lies on one side of the line through `edge`, further from it than the reach.
    ///
    /// The plane of a piece holds its geodesic to a micrometre, and no point is nearer to the piece than to the plane.
    fn beside(&self, edge: &Edge, other: &Edge) -> bool {
        if self.reach_m > SIDE_REACH_MAX_M {
            return false;
        }
        let (a, b) = (edge.left_of(other.a), edge.left_of(other.b));
        // A squared comparison of metres times the length of the edge, whose normal may be half a percent longer.
        let margin_m = self.reach_m * (1.0 + SIDE_MARGIN) + SIDE_MARGIN_M;
        let least2 = margin_m * margin_m * (edge.b - edge.a).length_squared() * 1.02;
        a * b > 0.0 && a * a > least2 && b * b > least2
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

/// Joins passages that share a point.
fn united(mut passages: Vec<Passage>) -> Vec<Passage> {
    passages.sort_by(|one, two| one.enters.total_cmp(&two.enters));
    passages.dedup_by(|next, last| {
        let joins = next.enters <= last.leaves;
        if joins {
            last.leaves = last.leaves.max(next.leaves);
        }
        joins
    });
    passages
}
