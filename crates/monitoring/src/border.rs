//! The border of a footprint as short straight pieces on the grid.
//!
//! Every point of the border is within the slack of its row ([`crate::grid::RowFrame`]) of some piece.
//! For circles, corridors and keep-outs there may be more pieces than border: lines beside the core on both sides, and arcs
//! around its corners.

use std::f64::consts::{FRAC_PI_4, TAU};

use detente_spacetime::{
    Footprint, PieceRun, Position,
    geodesic::{azimuth_deg, destination},
};

use crate::{
    grid::{LATITUDE_MAX_DEG, PIECE_M, SAGITTA_M, STEPS, TILES_AROUND},
    roll::Ring,
};

/// More pieces than this, and a footprint is asked about exactly wherever its box is: 70 000 km of border.
const PIECES_MAX: usize = 100_000;
/// Longer runs of pieces are better searched for by boxes.
pub(crate) const RUN_MAX: u32 = 64;
/// Where a corridor turns by less than this at its border, metres, no arc is needed.
const KINK_M: f64 = 0.02;
/// a² / b²: turns a point of the ellipsoid into the direction of its surface normal.
const POLAR_STRETCH: f64 = 1.0 / ((1.0 - FLATTENING) * (1.0 - FLATTENING));
/// Flattening of WGS84 (NGA.STND.0036, table 3.1).
const FLATTENING: f64 = 1.0 / 298.257_223_563;

/// A straight piece, in steps of the grid; longitudes run on across the antimeridian.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) from: [f64; 2],
    pub(crate) to: [f64; 2],
    /// Of which piece of the footprint's boundary it is a part; nothing for what lies beside a core.
    pub(crate) of: u32,
}

/// The border of a footprint.
#[derive(Debug)]
pub(crate) struct Border {
    pub(crate) pieces: Vec<Piece>,
    /// Whether the pieces are one simple ring, so that crossing one always changes between inside and outside.
    pub(crate) simple: bool,
    pub(crate) low: [f64; 2],
    pub(crate) high: [f64; 2],
    /// Pieces of the footprint's own boundary.
    own: u32,
}

impl Border {
    /// None for what the grid does not hold: near a pole, around the earth, or of too many pieces.
    pub(crate) fn of(footprint: &Footprint) -> Option<Self> {
        let bounds = footprint.bounds();
        let tropical =
            bounds.south_deg() > -LATITUDE_MAX_DEG && bounds.north_deg() < LATITUDE_MAX_DEG;
        let width_deg: f64 = bounds
            .rects()
            .map(|rect| rect.east_deg - rect.west_deg)
            .sum();
        if !tropical || width_deg > 170.0 {
            return None;
        }
        let mut trace = Trace { pieces: Vec::new() };
        let (mut chains, mut own) = (0, 0);
        for chain in footprint.chains() {
            let places = stations(chain)?;
            own = places.last().map_or(0, |(_, piece)| piece + 1);
            if footprint.offset_m() > 0.0 {
                trace.beside(&places, footprint.offset_m(), footprint.is_region())?;
            } else {
                trace.along(&places)?;
            }
            chains += 1;
        }
        let simple = chains == 1 && footprint.is_simple_ring() && footprint.offset_m() == 0.0;
        let mut border = Self {
            pieces: trace.pieces,
            simple,
            low: [f64::INFINITY; 2],
            high: [f64::NEG_INFINITY; 2],
            own,
        };
        border.unwrap();
        for piece in &border.pieces {
            for axis in 0..2 {
                border.low[axis] = border.low[axis].min(piece.from[axis]).min(piece.to[axis]);
                border.high[axis] = border.high[axis].max(piece.from[axis]).max(piece.to[axis]);
            }
        }
        Some(border)
    }

    /// The border of a ring whose edges are straight enough as they are.
    pub(crate) fn of_ring(ring: &Ring<'_>) -> Self {
        let corners: Vec<[f64; 2]> = (0..ring.len())
            .filter_map(|number| ring.steps(number))
            .collect();
        let around = corners.iter().skip(1).chain(corners.first());
        let pieces = corners.iter().zip(around).zip(0..);
        let pieces = pieces.map(|((from, to), of)| Piece {
            from: *from,
            to: *to,
            of,
        });
        let ends = |least: fn(f64, f64) -> f64, start: f64| {
            [0, 1].map(|axis: usize| corners.iter().map(|at| at[axis]).fold(start, least))
        };
        Self {
            low: ends(f64::min, f64::INFINITY),
            high: ends(f64::max, f64::NEG_INFINITY),
            own: ring.len(),
            simple: true,
            pieces: pieces.collect(),
        }
    }

    /// Moves every piece next to the first one, whatever side of the antimeridian it is on.
    fn unwrap(&mut self) {
        let around = f64::from(TILES_AROUND) * STEPS;
        let Some(first) = self.pieces.first().map(|piece| piece.from[0]) else {
            return;
        };
        let near = |x: f64| x - ((x - first) / around).round() * around;
        for piece in &mut self.pieces {
            piece.from[0] = near(piece.from[0]);
            piece.to[0] = near(piece.to[0]);
        }
    }

    /// The shortest run of a simple ring's own pieces that some pieces are parts of.
    pub(crate) fn run(&self, pieces: &[Piece], most: u32) -> Option<PieceRun> {
        if !self.simple || self.own == 0 {
            return None;
        }
        let mut of: Vec<u32> = pieces.iter().map(|piece| piece.of).collect();
        of.sort_unstable();
        of.dedup();
        let (lowest, highest) = (*of.first()?, *of.last()?);
        // The run leaves out the longest row of pieces that are not asked for; around the end of the ring there is one, too.
        let around = (lowest + self.own - highest, lowest, highest);
        let between = of.iter().zip(of.iter().skip(1));
        let longest = between
            .map(|(before, after)| (after - before, *after, *before))
            .fold(around, std::cmp::Ord::max);
        let (_, first, last) = longest;
        let count = (last + self.own - first) % self.own + 1;
        (count <= most).then_some(PieceRun { first, count })
    }

    /// Whether a point, in steps, lies inside a simple ring; right wherever no piece is near.
    pub(crate) fn winds_around(&self, [x, y]: [f64; 2]) -> bool {
        let crossed = |piece: &&Piece| {
            let ([ax, ay], [bx, by]) = (piece.from, piece.to);
            (ay > y) != (by > y) && x < ax + (bx - ax) * ((y - ay) / (by - ay))
        };
        self.pieces.iter().filter(crossed).count() % 2 == 1
    }
}

/// The vertices of a chain with stations between, so that none is further than [`PIECE_M`] from the next; with each the
/// number of the piece that leads to it.
fn stations(chain: impl Iterator<Item = [f64; 3]>) -> Option<Vec<(Position, u32)>> {
    let mut places = Vec::new();
    let mut before: Option<[f64; 3]> = None;
    for (vertex, number) in chain.zip(0_u32..) {
        let piece = number.saturating_sub(1);
        if let Some(last) = before {
            let along = [0, 1, 2].map(|axis| vertex[axis] - last[axis]);
            let length_m = along.iter().map(|part| part * part).sum::<f64>().sqrt();
            let count = (length_m / PIECE_M).ceil().max(1.0) as u32;
            for station in 1..count {
                let share = f64::from(station) / f64::from(count);
                let station = [0, 1, 2].map(|axis| last[axis] + along[axis] * share);
                places.push((place(station)?, piece));
            }
        }
        places.push((place(vertex)?, piece));
        before = Some(vertex);
        if places.len() > PIECES_MAX {
            return None;
        }
    }
    Some(places)
}

/// The place above a point at most two metres below the ellipsoid, to a centimetre.
fn place([x, y, z]: [f64; 3]) -> Option<Position> {
    let latitude = (z * POLAR_STRETCH).atan2(x.hypot(y));
    Position::new(latitude.to_degrees(), y.atan2(x).to_degrees()).ok()
}

struct Trace {
    pieces: Vec<Piece>,
}

impl Trace {
    /// Adds the pieces between successive places.
    fn along(&mut self, places: &[(Position, u32)]) -> Option<()> {
        for ((from, _), (to, of)) in places.iter().zip(places.iter().skip(1)) {
            self.pieces.push(Piece {
                from: steps(*from),
                to: steps(*to),
                of: *of,
            });
        }
        (self.pieces.len() <= PIECES_MAX).then_some(())
    }

    /// Adds everything at a distance from a line that may be border: both sides, and the corners.
    fn beside(&mut self, places: &[(Position, u32)], offset_m: f64, closed: bool) -> Option<()> {
        let ways: Vec<(Position, Position)> = places
            .iter()
            .zip(places.iter().skip(1))
            .filter(|((from, _), (to, _))| from != to)
            .map(|((from, _), (to, _))| (*from, *to))
            .collect();
        let Some((first, last)) = ways.first().zip(ways.last()) else {
            return self.arc(places.first()?.0, 0.0, 360.0, offset_m);
        };
        let departs = |way: &(Position, Position)| azimuth_deg(way.0, way.1);
        let arrives = |way: &(Position, Position)| azimuth_deg(way.1, way.0) + 180.0;
        for way in &ways {
            for side_deg in [-90.0, 90.0] {
                let from = destination(way.0, departs(way) + side_deg, offset_m);
                let to = destination(way.1, arrives(way) + side_deg, offset_m);
                self.along(&[(from, 0), (to, 0)])?;
            }
        }
        let corners = ways.iter().zip(ways.iter().skip(1));
        let joint = closed.then_some((last, first));
        for (before, after) in corners.chain(joint) {
            let turn_deg = (departs(after) - arrives(before) + 540.0).rem_euclid(360.0) - 180.0;
            if turn_deg.to_radians().abs() * offset_m > KINK_M {
                for side_deg in [-90.0, 90.0] {
                    self.arc(after.0, arrives(before) + side_deg, turn_deg, offset_m)?;
                }
            }
        }
        if !closed {
            self.arc(first.0, departs(first) + 90.0, 180.0, offset_m)?;
            self.arc(last.1, arrives(last) - 90.0, 180.0, offset_m)?;
        }
        Some(())
    }

    fn arc(&mut self, centre: Position, from_deg: f64, turn_deg: f64, radius_m: f64) -> Option<()> {
        // A chord over the angle θ leaves its arc by r (1 − cos θ/2).
        let angle = 2.0 * (1.0 - SAGITTA_M / radius_m).clamp(-1.0, 1.0).acos();
        let angle = angle.min(PIECE_M / radius_m).min(FRAC_PI_4);
        let count = (turn_deg.abs() / 360.0 * TAU / angle).ceil().max(1.0);
        if count > PIECES_MAX as f64 {
            return None;
        }
        let at = |step: u32| {
            destination(
                centre,
                from_deg + turn_deg * f64::from(step) / count,
                radius_m,
            )
        };
        let places: Vec<(Position, u32)> = (0..=count as u32).map(|step| (at(step), 0)).collect();
        self.along(&places)
    }
}

fn steps(position: Position) -> [f64; 2] {
    [
        (position.longitude_deg() + 180.0) * STEPS,
        (position.latitude_deg() + 90.0) * STEPS,
    ]
}
