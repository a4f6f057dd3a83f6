//! Branch and bound for the least distance between two cores.

use crate::{
    footprint::core::Core,
    geodesic::chord_max_m,
    proximity::{
        edge::{Ball, Edge, cross, distance_m, foot},
        tree::{Content, LEAF_EDGES_MAX, Node, Run},
    },
    surface::Vector,
};

/// The least distance between the boundaries of two cores, metres.
///
/// Zero when they cross.
/// Stops early with some distance at most `enough_m` once it has found one.
/// Returns `None` when no distance is below `limit_m`.
///
/// # Cost
///
/// About O(log n) for shapes apart; every pair of pieces near the least distance costs some 100 ns.
pub(crate) fn boundary_distance_m(
    first: &Core,
    second: &Core,
    enough_m: f64,
    limit_m: f64,
) -> Option<f64> {
    let mut search = Search::new(first, second, enough_m, limit_m);
    search.run();
    search.witness.map(|_| search.best_m)
}

/// A point on the boundary of each core, as near to each other as the boundaries are.
pub(crate) fn nearest_boundary_points(first: &Core, second: &Core) -> Option<(Vector, Vector)> {
    let mut search = Search::new(first, second, 0.0, f64::INFINITY);
    search.run();
    match search.witness? {
        Witness::Crossing(edge_a, edge_b) => {
            let shared = edge_a.crossing_with(&edge_b);
            Some((shared, shared))
        }
        Witness::FirstVertex(point, edge) => Some((point, foot(point, &edge))),
        Witness::SecondVertex(point, edge) => Some((foot(point, &edge), point)),
    }
}

/// What the least distance so far was measured between.
#[derive(Clone, Copy)]
enum Witness {
    Crossing(Edge, Edge),
    /// A vertex of the first core and a piece of the second.
    FirstVertex(Vector, Edge),
    /// A vertex of the second core and a piece of the first.
    SecondVertex(Vector, Edge),
}

struct Search<'a> {
    first: &'a Core,
    second: &'a Core,
    best_m: f64,
    /// No straight distance beyond this belongs to a geodesic distance up to `best_m`.
    chord_m: f64,
    witness: Option<Witness>,
    enough_m: f64,
    pending: Vec<(&'a Node, &'a Node, f64)>,
}

impl<'a> Search<'a> {
    fn new(first: &'a Core, second: &'a Core, enough_m: f64, limit_m: f64) -> Self {
        let pending = Vec::with_capacity(48);
        Self {
            first,
            second,
            best_m: limit_m,
            chord_m: chord_max_m(limit_m),
            witness: None,
            enough_m,
            pending,
        }
    }

    fn push(&mut self, a: &'a Node, b: &'a Node) {
        let gap2 = a.bounds.gap_squared_m2(&b.bounds);
        if gap2 <= self.chord_m * self.chord_m {
            self.pending.push((a, b, gap2));
        }
    }

    fn run(&mut self) {
        if let (Some(a), Some(b)) = (self.first.tree.root(), self.second.tree.root()) {
            self.push(a, b);
        }
        while let Some((a, b, gap2)) = self.pending.pop() {
            if gap2 > self.chord_m * self.chord_m {
                continue;
            }
            match (a.content, b.content) {
                (Content::Leaf(run_a), Content::Leaf(run_b)) => {
                    self.leaves(&run_a, &run_b);
                    if self.witness.is_some() && self.best_m <= self.enough_m {
                        return;
                    }
                }
                (Content::Branch(left, right), Content::Leaf(_)) => {
                    self.split_first(left, right, b)
                }
                (Content::Leaf(_), Content::Branch(left, right)) => {
                    self.split_second(a, left, right)
                }
                (Content::Branch(left_a, right_a), Content::Branch(left_b, right_b)) => {
                    if a.bounds.wider_than(&b.bounds) {
                        self.split_first(left_a, right_a, b);
                    } else {
                        self.split_second(a, left_b, right_b);
                    }
                }
            }
        }
    }

    fn split_first(&mut self, left: u32, right: u32, b: &'a Node) {
        let (Some(left), Some(right)) = (self.first.tree.node(left), self.first.tree.node(right))
        else {
            return;
        };
        let near_left =
            left.bounds.gap_squared_m2(&b.bounds) <= right.bounds.gap_squared_m2(&b.bounds);
        let (near, far) = if near_left {
            (left, right)
        } else {
            (right, left)
        };
        self.push(far, b);
        self.push(near, b);
    }

    fn split_second(&mut self, a: &'a Node, left: u32, right: u32) {
        let (Some(left), Some(right)) = (self.second.tree.node(left), self.second.tree.node(right))
        else {
            return;
        };
        let near_left =
            left.bounds.gap_squared_m2(&a.bounds) <= right.bounds.gap_squared_m2(&a.bounds);
        let (near, far) = if near_left {
            (left, right)
        } else {
            (right, left)
        };
        self.push(a, far);
        self.push(a, near);
    }

    fn leaves(&mut self, run_a: &Run, run_b: &Run) {
        let mut balls = [Ball::NONE; LEAF_EDGES_MAX];
        for (ball, edge) in balls.iter_mut().zip(run_b.edges(&self.second.vertices)) {
            *ball = edge.ball();
        }
        let vertices_b = run_b.vertices(&self.second.vertices);
        let mut normals = [Vector::new(0.0, 0.0, 0.0); LEAF_EDGES_MAX + 1];
        for (normal, vertex) in normals.iter_mut().zip(vertices_b) {
            *normal = vertex.normal();
        }
        let edges_a = run_a.edges as usize;
        for (i, edge_a) in run_a.edges(&self.first.vertices).enumerate() {
            let ball_a = edge_a.ball();
            let (normal_a, normal_end) = (edge_a.a.normal(), edge_a.b.normal());
            let ends_a = run_a.ends_line && i + 1 == edges_a;
            let edges_b = run_b.edges as usize;
            for (j, edge_b) in run_b.edges(&self.second.vertices).enumerate() {
                let Some(ball_b) = balls.get(j) else { continue };
                if !ball_a.within(ball_b, self.chord_m) {
                    continue;
                }
                if ball_a.within(ball_b, 0.0) && cross(&edge_a, &edge_b, 0.0) {
                    self.best_m = 0.0;
                    self.witness = Some(Witness::Crossing(edge_a, edge_b));
                    return;
                }
                self.offer(edge_a.a, normal_a, &edge_b, Witness::FirstVertex);
                if ends_a {
                    self.offer(edge_a.b, normal_end, &edge_b, Witness::FirstVertex);
                }
                let (Some(normal_b), Some(normal_b_end)) = (normals.get(j), normals.get(j + 1))
                else {
                    continue;
                };
                self.offer(edge_b.a, *normal_b, &edge_a, Witness::SecondVertex);
                if run_b.ends_line && j + 1 == edges_b {
                    self.offer(edge_b.b, *normal_b_end, &edge_a, Witness::SecondVertex);
                }
            }
        }
    }

    fn offer(
        &mut self,
        point: Vector,
        normal: Vector,
        edge: &Edge,
        witness: fn(Vector, Edge) -> Witness,
    ) {
        let distance = distance_m(point, normal, edge);
        if distance <= self.best_m {
            self.best_m = distance;
            self.chord_m = chord_max_m(distance);
            self.witness = Some(witness(point, *edge));
        }
    }
}
