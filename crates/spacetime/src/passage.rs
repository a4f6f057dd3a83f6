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
//! A piece of a ring that the way just passes through, as most are that it meets, needs no stops: what it does there is even.
//! What remains between the stretches near the boundary is inside or outside as a whole, and one winding number tells.
//!
//! # Exactness
//!
//! A stretch begins and ends within 10 µm of way of where the exact distance reaches the boundary.
//! A way that leaves a corridor's side and comes back to it within the same piece, never more than [`BULGE_MAX_M`]
//! outside, counts as staying.

use smallvec::SmallVec;

use crate::{
    footprint::{BOUNDARY_M, Footprint, PIECE_MAX_M, ShapeFaultKind, course},
    geodesic::surface_distance_m,
    position::Position,
    proximity::{edge::Edge, inside, tree::Box3},
    surface::{CURVATURE_RADIUS_MEAN_M, Vector},
};

mod sweep;

use sweep::{Contact, Side, Sweep, Through};

/// How far a way may leave the side of a corridor and still count as staying inside, metres: a tenth of the resolution.
pub const BULGE_MAX_M: f64 = 0.001;
/// Boundary pieces of a ring near a leg for which no memory is asked for.
const PIECES_FEW: usize = 8;
/// Passages and crossings of one leg for which no memory is asked for.
const PASSAGES_FEW: usize = 2;
/// Stretches near two boundary pieces count as apart when this many times as far from each other as they are long.
const APART: f64 = 2.0;
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

/// The stretches of a leg inside a footprint, in the order of the way, none touching the next.
pub type Passages = SmallVec<[Passage; PASSAGES_FEW]>;

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
    ) -> Passages {
        let mut before = None;
        let edges: SmallVec<[Edge; PIECES_FEW]> = pieces
            .iter()
            .map(|[a, b]| {
                let from = match before {
                    Some((position, vector)) if position == *a => vector,
                    _ => Vector::of(*a),
                };
                let to = Vector::of(*b);
                before = Some((*b, to));
                Edge { a: from, b: to }
            })
            .collect();
        let known = starts_inside.and_then(|inside| self.straight_through(edges.iter(), inside));
        if let Some(passages) = known {
            return passages;
        }
        let mut near = near(self, BOUNDARY_M, |sweep, found| {
            for edge in &edges {
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

    /// The stretches in a simple ring of a leg that passes through each of its pieces that it meets, well away from the ends
    /// of the piece: what the general way tells, for the price of the borders that are told. None for any other leg.
    ///
    /// `edges` are all pieces of the ring that come within reach. Near an end of a piece it would meet the next one, too, and
    /// not apart from the first.
    fn straight_through<'a>(
        &self,
        edges: impl Iterator<Item = &'a Edge>,
        starts_inside: bool,
    ) -> Option<Passages> {
        if !self.between.is_empty() {
            return None;
        }
        let sweep = Sweep::new(self.piece(0)?, BOUNDARY_M);
        let mut met: SmallVec<[(Through, &Edge); PASSAGES_FEW]> = SmallVec::new();
        for edge in edges {
            match sweep.contact(edge) {
                Contact::Apart => {}
                Contact::Through(through) => met.push((through, edge)),
                Contact::Near => return None,
            }
        }
        met.sort_by(|(one, _), (two, _)| one.at.total_cmp(&two.at));
        let apart = |(one, two): (&(Through, _), &(Through, _))| {
            two.0.at - one.0.at > APART * (one.0.half + two.0.half)
        };
        if !met.iter().zip(met.iter().skip(1)).all(apart) {
            return None;
        }
        let (mut passages, mut entered) = (Passages::new(), starts_inside.then_some(0.0));
        for (through, edge) in met {
            entered = match entered {
                Some(enters) => {
                    let leaves = sweep.border_through(edge, &through, Side::Behind)?;
                    passages.push(Passage { enters, leaves });
                    None
                }
                None => Some(sweep.border_through(edge, &through, Side::Before)?),
            };
        }
        passages.extend(entered.map(|enters| Passage {
            enters,
            leaves: 1.0,
        }));
        Some(passages)
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
    pub fn passages(&self, leg: &Leg) -> Passages {
        self.passages_given(leg, &Beforehand::default())
    }

    /// The same as [`Footprint::passages`], for the price of what is not known beforehand.
    ///
    /// # Cost
    ///
    /// Half a microsecond for a crossing when the pieces near it and the side of the start are known.
    #[must_use]
    pub fn passages_given(&self, leg: &Leg, known: &Beforehand) -> Passages {
        let reach_m = self.offset_m() + BOUNDARY_M;
        if reach_m == f64::INFINITY {
            let whole = Passage {
                enters: 0.0,
                leaves: 1.0,
            };
            return Passages::from_slice(&[whole]);
        }
        if !self.may_meet(leg) {
            return Passages::new();
        }
        // Numbers of pieces mean something on a ring alone.
        let is_ring = self.core().chains.len() == 1 && self.core().is_region();
        let pieces = known.pieces.filter(|_| is_ring);
        let pieces: Option<SmallVec<[Edge; PIECES_FEW]>> =
            pieces.map(|runs| self.edges_of(runs).collect());
        let turns_known = self.offset_m() == 0.0 && self.is_simple_ring();
        if let (Some(pieces), Some(inside), true) = (&pieces, known.starts_inside, turns_known)
            && let Some(passages) = leg.straight_through(pieces.iter(), inside)
        {
            return passages;
        }
        let mut near = near(leg, reach_m, |sweep, found| match &pieces {
            Some(pieces) => pieces.iter().for_each(|edge| sweep.look(edge, found)),
            None => sweep.over(self, found),
        });
        if self.core().is_region() {
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

    /// Some pieces of a ring, each once.
    fn edges_of(&self, [one, two]: [PieceRun; 2]) -> impl Iterator<Item = Edge> {
        let vertices = &self.core().vertices;
        let pieces = (vertices.len() as u64).saturating_sub(1).max(1);
        let numbers = move |run: PieceRun| {
            let first = u64::from(run.first);
            (0..u64::from(run.count).min(pieces)).map(move |ahead| (first + ahead) % pieces)
        };
        let is_in_one = move |number: &u64| {
            let ahead = (number + pieces - u64::from(one.first) % pieces) % pieces;
            ahead < u64::from(one.count)
        };
        let both = numbers(one).chain(numbers(two).filter(move |number| !is_in_one(number)));
        both.filter_map(|number| {
            let number = number as usize;
            Some(Edge {
                a: *vertices.get(number)?,
                b: *vertices.get(number + 1)?,
            })
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
) -> Passages {
    near.sort_by(|one, two| one.passage.enters.total_cmp(&two.passage.enters));
    let mut all = Passages::with_capacity(2 * near.len() + 1);
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

/// Joins passages that share a point.
fn united(mut passages: Passages) -> Passages {
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
