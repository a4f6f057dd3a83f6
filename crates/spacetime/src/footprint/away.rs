//! How far a footprint has to move to keep a distance, where that can be said.

use super::{Footprint, Proximity};
use crate::{
    proximity::edge::Edge,
    surface::{CURVATURE_RADIUS_MEAN_M, Vector},
};

/// A core of more pieces is not looked at for being convex: whether it is would cost more than it tells.
const PIECES_CONVEX_MAX: usize = 1_000;
/// A corner that bends the other way by less than this is none, metres: pieces of one geodesic do.
const BEND_M: f64 = 0.001;
/// Shapes that reach further than this to a side are not moved as one, metres: the ground is too round.
const REACH_MAX_M: f64 = 250_000.0;

impl Footprint {
    /// How far to move directly away from `other` until the two are `kept_m` apart, metres; 0 where they are already.
    ///
    /// `None` where it cannot be said simply: of shapes that are not convex, which may have the other on several sides, and of
    /// shapes that overlap and are not both circles.
    #[must_use]
    pub fn way_out_m(&self, other: &Self, kept_m: f64) -> Option<f64> {
        let way_m = if self.is_circle() && other.is_circle() {
            let centres_m = self.core_distance_m(other, 0.0, f64::INFINITY)?;
            kept_m + self.offset_m + other.offset_m - centres_m
        } else {
            let reach_m = self.reach_m().max(other.reach_m());
            if reach_m > REACH_MAX_M || !self.is_convex() || !other.is_convex() {
                return None;
            }
            let Proximity::Apart {
                separation_m: apart_m,
            } = self.proximity(other)
            else {
                return None;
            };
            // Both lie on their sides of two lines across the way; these come nearer to each other to the sides, and none
            // of the two is further from the way than it is wide.
            kept_m / (2.0 * reach_m / CURVATURE_RADIUS_MEAN_M).cos() - apart_m
        };
        Some(way_m.max(0.0))
    }

    fn is_circle(&self) -> bool {
        matches!(self.core.vertices.as_slice(), [one, two] if one.bits() == two.bits())
    }

    /// At least how far it reaches from the middle of its cap, metres.
    fn reach_m(&self) -> f64 {
        let radius = self.core.cap.cosine.clamp(-1.0, 1.0).acos();
        radius * CURVATURE_RADIUS_MEAN_M * 1.01 + self.offset_m
    }

    /// Whether the geodesic between any two of its places lies in it.
    fn is_convex(&self) -> bool {
        let vertices = self.core.vertices.as_slice();
        if vertices.len() > PIECES_CONVEX_MAX || self.core.chains.len() != 1 {
            return false;
        }
        let bends = |corners: &[Vector]| match corners {
            [a, corner, b] => bend(*a, *corner, *b),
            _ => 0.0,
        };
        if !self.is_region() {
            return vertices
                .windows(3)
                .all(|corners| bends(corners).abs() < BEND_M);
        }
        let closing = match vertices {
            [first, second, .., last, _] => bend(*last, *first, *second),
            _ => 0.0,
        };
        let bends: Vec<f64> = vertices.windows(3).map(bends).chain([closing]).collect();
        self.is_simple_ring()
            && (bends.iter().all(|bend| *bend > -BEND_M) || bends.iter().all(|bend| *bend < BEND_M))
    }
}

/// How far a corner lies to the right of the line between its neighbours, metres.
fn bend(from: Vector, corner: Vector, to: Vector) -> f64 {
    let across = Edge { a: from, b: to };
    let length = (to - from).length();
    -across.left_of(corner) / length.max(f64::MIN_POSITIVE)
}
