//! Boxes over the pieces of a core, in earth-centred coordinates.

use crate::{
    proximity::edge::{Edge, sagitta_max_m},
    surface::Vector,
};

/// Pieces in one leaf: enough to pay for the box test, few enough that the pairs of two leaves stay cheap.
pub(crate) const LEAF_EDGES_MAX: usize = 8;

/// An axis-aligned box in earth-centred coordinates; it holds the geodesics, not only their chords.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Box3 {
    low: Vector,
    high: Vector,
}

impl Box3 {
    const EMPTY: Self = Self {
        low: Vector::new(f64::INFINITY, f64::INFINITY, f64::INFINITY),
        high: Vector::new(f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY),
    };

    /// The box around the geodesics between successive vertices.
    pub(crate) fn of_geodesics(vertices: &[Vector]) -> Self {
        let mut bounds = Self::EMPTY;
        for (a, b) in vertices.iter().zip(vertices.iter().skip(1)) {
            // The last micrometres cover the rounding of the coordinates.
            let margin = sagitta_max_m((*b - *a).length()) + 1e-6;
            bounds.include(*a, margin);
            bounds.include(*b, margin);
        }
        bounds
    }

    fn include(&mut self, point: Vector, margin_m: f64) {
        let margin = Vector::new(margin_m, margin_m, margin_m);
        self.join(&Self {
            low: point - margin,
            high: point + margin,
        });
    }

    fn join(&mut self, other: &Self) {
        let (low, high) = (&mut self.low, &mut self.high);
        (low.x, low.y, low.z) = (
            low.x.min(other.low.x),
            low.y.min(other.low.y),
            low.z.min(other.low.z),
        );
        (high.x, high.y, high.z) = (
            high.x.max(other.high.x),
            high.y.max(other.high.y),
            high.z.max(other.high.z),
        );
    }

    pub(crate) fn centre(&self) -> Vector {
        (self.low + self.high) * 0.5
    }

    /// Half the extent along each axis.
    pub(crate) fn half(&self) -> Vector {
        (self.high - self.low) * 0.5
    }

    /// The square of a straight distance that no point of `self` to any of `other` undercuts, m².
    pub(crate) fn gap_squared_m2(&self, other: &Self) -> f64 {
        let gap = |low_1: f64, high_1: f64, low_2: f64, high_2: f64| {
            (low_2 - high_1).max(low_1 - high_2).max(0.0)
        };
        let x = gap(self.low.x, self.high.x, other.low.x, other.high.x);
        let y = gap(self.low.y, self.high.y, other.low.y, other.high.y);
        let z = gap(self.low.z, self.high.z, other.low.z, other.high.z);
        x * x + y * y + z * z
    }

    /// The box with every side moved outward.
    pub(crate) fn grown(&self, margin_m: f64) -> Self {
        let margin = Vector::new(margin_m, margin_m, margin_m);
        Self {
            low: self.low - margin,
            high: self.high + margin,
        }
    }

    pub(crate) fn wider_than(&self, other: &Self) -> bool {
        self.half().length_squared() >= other.half().length_squared()
    }

    pub(crate) fn holds(&self, point: Vector) -> bool {
        self.gap_squared_m2(&Self {
            low: point,
            high: point,
        }) == 0.0
    }
}

/// Up to [`LEAF_EDGES_MAX`] consecutive pieces of one chain.
///
/// Piece `i` runs from vertex `first + i` to vertex `first + i + 1`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) first: u32,
    pub(crate) edges: u32,
    pub(crate) chain: u32,
    /// Whether the last vertex of the run ends an open chain.
    pub(crate) ends_line: bool,
}

impl Run {
    /// The vertices of the run: one more than its pieces.
    pub(crate) fn vertices<'a>(&self, vertices: &'a [Vector]) -> &'a [Vector] {
        let first = self.first as usize;
        vertices
            .get(first..=first + self.edges as usize)
            .unwrap_or(&[])
    }

    fn bounds(&self, vertices: &[Vector]) -> Box3 {
        Box3::of_geodesics(self.vertices(vertices))
    }

    pub(crate) fn edges<'a>(&self, vertices: &'a [Vector]) -> impl Iterator<Item = Edge> + 'a {
        let vertices = self.vertices(vertices);
        vertices
            .iter()
            .zip(vertices.iter().skip(1))
            .map(|(a, b)| Edge { a: *a, b: *b })
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) bounds: Box3,
    pub(crate) content: Content,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Content {
    Leaf(Run),
    /// Two nodes of the tree, by number.
    Branch(u32, u32),
}

/// A balanced tree of boxes; the root is node 0.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    /// Builds the tree over runs of pieces; O(n log n), the same for the same input.
    pub(crate) fn new(vertices: &[Vector], runs: Vec<Run>) -> Self {
        let mut leaves: Vec<(Box3, Run)> = runs
            .into_iter()
            .map(|run| (run.bounds(vertices), run))
            .collect();
        let mut nodes = Vec::with_capacity(2 * leaves.len());
        build(&mut nodes, &mut leaves);
        Self { nodes }
    }

    pub(crate) fn root(&self) -> Option<&Node> {
        self.nodes.first()
    }

    pub(crate) fn node(&self, number: u32) -> Option<&Node> {
        self.nodes.get(number as usize)
    }

    pub(crate) fn bounds(&self) -> Box3 {
        self.root().map_or(Box3::EMPTY, |root| root.bounds)
    }
}

/// Appends the subtree over `leaves` and returns its number; the recursion halves, so it is at most 17 deep.
fn build(nodes: &mut Vec<Node>, leaves: &mut [(Box3, Run)]) -> u32 {
    let number = nodes.len() as u32;
    let mut bounds = Box3::EMPTY;
    for (leaf, _) in leaves.iter() {
        bounds.join(leaf);
    }
    let Some((_, run)) = leaves.first() else {
        return number;
    };
    nodes.push(Node {
        bounds,
        content: Content::Leaf(*run),
    });
    if leaves.len() > 1 {
        let half = bounds.half();
        let axis = |v: Vector| match () {
            () if half.x >= half.y && half.x >= half.z => v.x,
            () if half.y >= half.z => v.y,
            () => v.z,
        };
        let middle = leaves.len() / 2;
        leaves.select_nth_unstable_by(middle, |(a, run_a), (b, run_b)| {
            axis(a.centre())
                .total_cmp(&axis(b.centre()))
                .then(run_a.first.cmp(&run_b.first))
        });
        let (left, right) = leaves.split_at_mut(middle);
        let content = Content::Branch(build(nodes, left), build(nodes, right));
        if let Some(node) = nodes.get_mut(number as usize) {
            node.content = content;
        }
    }
    number
}
