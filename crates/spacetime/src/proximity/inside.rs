//! Whether a point lies in a region, by winding number.
//!
//! A ray leaves the point along the surface, and the pieces that cross it are counted with their direction.
//! The ray ends at the antipode, which is outside every region because no region is wider than a hemisphere.
//! The answer is certain for every point farther than a micrometre from the boundary;
//! nearer points are decided by their distance to it.

use crate::{
    footprint::core::{Core, Role},
    proximity::{
        edge::Edge,
        tree::{Content, Node},
    },
    surface::Vector,
};

/// Whether `point` lies inside the region of `core`; lines and points have no inside.
pub(crate) fn holds(core: &Core, point: Vector) -> bool {
    let wound = windings(core, point);
    let wound = || {
        wound
            .iter()
            .filter_map(|(chain, _)| core.chains.get(*chain as usize))
    };
    let in_hole_of =
        |part: u32| wound().any(|chain| chain.part == part && chain.role == Role::Hole);
    wound().any(|chain| chain.role == Role::Shell && !in_hole_of(chain.part))
}

/// Whether `point` lies inside a ring that encloses less than a hemisphere around it, given by its corners.
pub(crate) fn ring_holds(corners: &[Vector], point: Vector) -> bool {
    let ray = Ray::from(point);
    let around = corners.iter().skip(1).chain(corners.first());
    let windings = corners
        .iter()
        .zip(around)
        .map(|(a, b)| ray.crossing(&Edge { a: *a, b: *b }));
    windings.sum::<i32>() != 0
}

/// The chains of `core` that wind around `point`, with their winding numbers.
pub(crate) fn windings(core: &Core, point: Vector) -> Vec<(u32, i32)> {
    if !core.is_region() || !core.cap.holds(point) {
        return Vec::new();
    }
    let mut windings = Windings {
        ray: Ray::from(point),
        core,
        counts: Vec::new(),
    };
    windings.collect();
    windings.totals()
}

/// A half plane through the surface normal of a point.
struct Ray {
    from: Vector,
    /// Horizontal direction of the ray.
    ahead: Vector,
    /// Horizontal, to the right of the ray.
    right: Vector,
}

impl Ray {
    fn from(point: Vector) -> Self {
        let normal = point.normal();
        let (x, y, z) = (normal.x.abs(), normal.y.abs(), normal.z.abs());
        let axis = match () {
            () if x <= y && x <= z => Vector::new(1.0, 0.0, 0.0),
            () if y <= z => Vector::new(0.0, 1.0, 0.0),
            () => Vector::new(0.0, 0.0, 1.0),
        };
        let right = axis.cross(normal).unit();
        Self {
            from: point,
            ahead: normal.cross(right),
            right,
        }
    }

    /// Whether the box may hold a piece that crosses the ray.
    fn meets(&self, node: &Node) -> bool {
        let (centre, half) = (node.bounds.centre() - self.from, node.bounds.half());
        let reach =
            |axis: Vector| axis.x.abs() * half.x + axis.y.abs() * half.y + axis.z.abs() * half.z;
        self.right.dot(centre).abs() <= reach(self.right)
            && self.ahead.dot(centre) >= -reach(self.ahead)
    }

    /// +1 when the piece crosses the ray from left to right, −1 the other way, 0 when it does not cross it.
    fn crossing(&self, edge: &Edge) -> i32 {
        let (a, b) = (edge.a - self.from, edge.b - self.from);
        let (right_a, right_b) = (self.right.dot(a) >= 0.0, self.right.dot(b) >= 0.0);
        if right_a == right_b {
            return 0;
        }
        let (ahead_a, ahead_b) = (self.ahead.dot(a) >= 0.0, self.ahead.dot(b) >= 0.0);
        let ahead = if ahead_a == ahead_b {
            ahead_a
        } else {
            // The piece passes within its own length of the point: its side decides.
            (edge.left_of(self.from) < 0.0) == right_b
        };
        match (ahead, right_b) {
            (false, _) => 0,
            (true, true) => 1,
            (true, false) => -1,
        }
    }
}

struct Windings<'a> {
    ray: Ray,
    core: &'a Core,
    /// Winding number by chain; chains that are not listed do not wind around the point.
    counts: Vec<(u32, i32)>,
}

impl Windings<'_> {
    fn collect(&mut self) {
        let mut pending = vec![0];
        while let Some(node) = pending.pop().and_then(|number| self.core.tree.node(number)) {
            if !self.ray.meets(node) {
                continue;
            }
            match node.content {
                Content::Branch(left, right) => pending.extend([left, right]),
                Content::Leaf(run) => {
                    let sum: i32 = run
                        .edges(&self.core.vertices)
                        .map(|edge| self.ray.crossing(&edge))
                        .sum();
                    if sum != 0 {
                        self.counts.push((run.chain, sum));
                    }
                }
            }
        }
    }

    /// The chains that wind around the point, with their winding numbers.
    fn totals(&mut self) -> Vec<(u32, i32)> {
        self.counts.sort_unstable();
        let mut totals: Vec<(u32, i32)> = Vec::new();
        for (chain, count) in &self.counts {
            match totals.last_mut() {
                Some((last, total)) if last == chain => *total += count,
                _ => totals.push((*chain, *count)),
            }
        }
        totals.retain(|(_, total)| *total != 0);
        totals
    }
}
