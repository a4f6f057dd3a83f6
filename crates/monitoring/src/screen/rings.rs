//! What the exact geometry has to be given of a ring of the roll: the pieces near a way, and whether it starts inside.

use detente_spacetime::{Leg, Passages, PieceRun, Position};
use smallvec::SmallVec;

use super::{
    Screen, Way, along,
    probe::{Meeting, Probe},
    verdict::{Ask, Near, Start},
};
use crate::{
    grid::{RING_BULGE, STEP_BITS, Spot},
    presence::WHOLE,
    roll::Ring,
};

/// Pieces of a ring that a way may come near: few, for which no memory is asked for.
type Pieces = SmallVec<[[Position; 2]; 4]>;

/// A ring of the roll and a way, seen from where the way starts, in steps.
struct Scene<'a> {
    ring: Ring<'a>,
    from: Spot,
    slack: f32,
}

impl Screen {
    /// The stretches of a leg in a ring of the roll, given what is to be asked about it, and the way if it was answered.
    pub(crate) fn passages_of_ring(
        &self,
        ask: &Ask,
        way: Option<&Way>,
        leg: &Leg,
    ) -> Option<Passages> {
        let ring = self.mosaic.roll.ring(ask.zone)?;
        let all = PieceRun {
            first: 0,
            count: ring.len(),
        };
        let corners = || {
            let numbers = 0..ring.len();
            numbers.filter_map(|number| ring.position(number)).collect()
        };
        let Some(way) = way else {
            let positions: Vec<Position> = corners();
            let around = positions.iter().skip(1).chain(positions.first());
            let pieces: Vec<[Position; 2]> = positions
                .iter()
                .zip(around)
                .map(|(from, to)| [*from, *to])
                .collect();
            return Some(leg.passages_of_ring(&pieces, None, corners));
        };
        let frame = self
            .mosaic
            .rows
            .get((way.from.y >> STEP_BITS) as usize)?
            .as_ref()?;
        let (dx, dy) = (along(way.from.x, way.to.x), along(way.from.y, way.to.y));
        let scene = Scene {
            ring,
            from: way.from,
            // A way may reach into the next row, whose steps are of another length.
            slack: (frame.slack + RING_BULGE + frame.bulge * (dx * dx + dy * dy)) * 1.5 + 2.0,
        };
        let runs = match ask.near {
            Near::Nothing => [PieceRun::default(); 2],
            Near::Pieces(runs) => runs,
            Near::Anything => [all, PieceRun::default()],
        };
        let pieces = scene.pieces(runs, [dx, dy])?;
        let starts_inside = match ask.start {
            Start::Inside => Some(true),
            Start::Outside | Start::Elsewhere => Some(false),
            Start::Unknown => scene.starts_inside(),
        };
        Some(match (pieces.as_slice(), starts_inside) {
            ([], Some(true)) => Passages::from_slice(&[WHOLE]),
            ([], Some(false)) => Passages::new(),
            _ => leg.passages_of_ring(&pieces, starts_inside, corners),
        })
    }
}

impl Scene<'_> {
    /// The pieces of some runs that the way may come near, each once.
    fn pieces(&self, [one, two]: [PieceRun; 2], to: [f32; 2]) -> Option<Pieces> {
        let (around, mut near) = (self.ring.len(), Pieces::new());
        let position = |number: u32| self.ring.position(number % around);
        let mut is_whole = true;
        let probe = Probe::new([0.0; 2], to, self.slack);
        for (run, before) in [(one, 0), (two, one.count)] {
            self.ring
                .any_piece((run.first, run.count), self.from, 1.0, |number, piece| {
                    let ahead = (number + around - one.first) % around;
                    if ahead >= before && probe.meets(&piece) != Meeting::Clear {
                        let ends = position(number).zip(position(number + 1));
                        is_whole &= ends.is_some();
                        near.extend(ends.map(|(from, to)| [from, to]));
                    }
                    false
                });
        }
        is_whole.then_some(near)
    }

    /// Whether the way starts inside; none when the border is too near to say.
    fn starts_inside(&self) -> Option<bool> {
        let here = Probe::new([0.0; 2], [0.0; 2], self.slack);
        let mut inside = false;
        let all = (0, self.ring.len());
        let near = self.ring.any_piece(all, self.from, 1.0, |_, piece| {
            let [ax, ay, bx, by] = piece;
            if (ay > 0.0) != (by > 0.0) && ax - ay * (bx - ax) / (by - ay) > 0.0 {
                inside = !inside;
            }
            here.meets(&piece) != Meeting::Clear
        });
        (!near).then_some(inside)
    }
}
