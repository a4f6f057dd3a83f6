//! The core of a footprint: its boundary in geodesic pieces, ready for exact questions.

use crate::{
    geodesic::polygon_area_m2,
    proximity::tree::{Box3, LEAF_EDGES_MAX, Run, Tree},
    surface::{EQUATORIAL_RADIUS_M, Vector},
};

/// What a chain of pieces bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The outer ring of a part; the chain ends where it starts.
    Shell,
    /// A hole of the part; the chain ends where it starts.
    Hole,
    /// A line or a single point, with no inside.
    Line,
}

/// Consecutive vertices `first..=last` of a core.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    pub(crate) first: u32,
    pub(crate) last: u32,
    /// The polygon of the multi-polygon.
    pub(crate) part: u32,
    pub(crate) role: Role,
}

/// A region, a line or a point without its offset.
#[derive(Debug)]
pub(crate) struct Core {
    /// All vertices, chain by chain; consecutive ones are at most [`super::PIECE_MAX_M`] apart.
    pub(crate) vertices: Vec<Vector>,
    pub(crate) chains: Vec<Chain>,
    pub(crate) tree: Tree,
    pub(crate) cap: Cap,
    /// Holds every point of the core; unlike the box of the tree, it holds the inside of a region, which rises above its boundary.
    pub(crate) extent: Box3,
    /// A fixed digest of the vertices: orders two cores quickly.
    digest: u64,
}

impl Core {
    /// Builds a core from chains of at least two vertices; a point is a chain that gives its vertex twice.
    pub(crate) fn new(chains: Vec<(u32, Role, Vec<Vector>)>) -> Self {
        let mut vertices = Vec::with_capacity(chains.iter().map(|(_, _, chain)| chain.len()).sum());
        let mut placed = Vec::with_capacity(chains.len());
        for (part, role, chain) in chains {
            let first = vertices.len() as u32;
            vertices.extend(chain);
            placed.push(Chain {
                first,
                last: (vertices.len() as u32).saturating_sub(1),
                part,
                role,
            });
        }
        let tree = Tree::new(&vertices, runs(&placed));
        let cap = Cap::around(&vertices);
        // A ray from the centre of the earth through an inside point meets the convex hull of the boundary, which lies
        // in the cap: the point is at most a (1 − cos radius) above it. The flattening changes that by less than 1 %.
        let extent = tree
            .bounds()
            .grown(EQUATORIAL_RADIUS_M * (1.0 - cap.cosine) * 1.02 + 1.0);
        let digest = digest(&vertices);
        Self {
            vertices,
            chains: placed,
            tree,
            cap,
            extent,
            digest,
        }
    }

    pub(crate) fn is_region(&self) -> bool {
        self.chains
            .first()
            .is_some_and(|chain| chain.role == Role::Shell)
    }

    /// The number of polygons of a region.
    pub(crate) fn parts(&self) -> u32 {
        self.chains
            .iter()
            .map(|chain| chain.part + 1)
            .max()
            .unwrap_or(0)
    }

    /// What the outer rings enclose without what the holes do, square metres.
    pub(crate) fn area_m2(&self) -> f64 {
        let signed = |chain: &Chain| {
            let area_m2 = polygon_area_m2(self.chain(chain).get(1..).unwrap_or(&[])).abs();
            match chain.role {
                Role::Shell => area_m2,
                Role::Hole => -area_m2,
                Role::Line => 0.0,
            }
        };
        self.chains.iter().map(signed).sum()
    }

    /// The first vertex of every chain: a chain that touches no boundary is inside when this vertex is.
    pub(crate) fn representatives(&self) -> impl Iterator<Item = Vector> + '_ {
        self.chains
            .iter()
            .filter_map(|chain| self.vertices.get(chain.first as usize))
            .copied()
    }

    pub(crate) fn chain(&self, chain: &Chain) -> &[Vector] {
        self.vertices
            .get(chain.first as usize..=chain.last as usize)
            .unwrap_or(&[])
    }

    /// A total order of cores by content, so that both orders of two arguments compute the same thing.
    pub(crate) fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.digest.cmp(&other.digest).then_with(|| {
            let bits = |core: &Self| {
                core.vertices
                    .iter()
                    .map(|vertex| vertex.bits())
                    .collect::<Vec<_>>()
            };
            bits(self).cmp(&bits(other)).then_with(|| {
                let layout = |core: &Self| {
                    core.chains
                        .iter()
                        .map(|c| (c.first, c.part, c.role as u8))
                        .collect::<Vec<_>>()
                };
                layout(self).cmp(&layout(other))
            })
        })
    }
}

fn runs(chains: &[Chain]) -> Vec<Run> {
    let mut runs = Vec::new();
    for (number, chain) in chains.iter().enumerate() {
        let mut first = chain.first;
        while first < chain.last {
            let edges = (chain.last - first).min(LEAF_EDGES_MAX as u32);
            let ends_line = chain.role == Role::Line && first + edges == chain.last;
            runs.push(Run {
                first,
                edges,
                chain: number as u32,
                ends_line,
            });
            first += edges;
        }
    }
    runs
}

/// FNV-1a over the coordinates, word by word: fixed for ever, unlike the standard library's hasher.
fn digest(vertices: &[Vector]) -> u64 {
    vertices
        .iter()
        .flat_map(|vertex| vertex.bits())
        .fold(0xcbf2_9ce4_8422_2325, |hash, word| {
            (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

/// A circular cap of directions from the centre of the earth that holds a core.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cap {
    pub(crate) axis: Vector,
    /// Cosine of the cap's angular radius.
    pub(crate) cosine: f64,
}

impl Cap {
    /// Slack on the cosine for edges that bulge past the cap of their vertices, and for points just outside.
    const SLACK: f64 = 0.01;
    /// The mean direction serves unless its cap is wider than this cosine (about 75°).
    const MEAN_COSINE: f64 = 0.25;
    /// Directions that are enough to find the axis of a wide core.
    const SAMPLE: usize = 512;
    /// Steps of the refinement for wide cores; the radius is then within some 1/200 of the least.
    const STEPS: u32 = 400;

    fn around(vertices: &[Vector]) -> Self {
        let directions: Vec<Vector> = vertices.iter().map(|vertex| vertex.unit()).collect();
        let sum = directions
            .iter()
            .fold(Vector::new(0.0, 0.0, 0.0), |sum, direction| {
                sum + *direction
            });
        let mean = Self::with_axis(sum.unit(), &directions);
        if mean.cosine >= Self::MEAN_COSINE {
            mean
        } else {
            let stride = directions.len().div_ceil(Self::SAMPLE).max(1);
            let sample: Vec<Vector> = directions.iter().step_by(stride).copied().collect();
            Self::with_axis(Self::least(&sample).axis, &directions)
        }
    }

    /// Bădoiu and Clarkson's iteration towards the centre of the least ball around the directions,
    /// as far as it takes to be clearly within a hemisphere.
    fn least(directions: &[Vector]) -> Self {
        let mut centre = directions
            .first()
            .copied()
            .unwrap_or(Vector::new(1.0, 0.0, 0.0));
        let mut best = Self::with_axis(centre, directions);
        for step in 1..=Self::STEPS {
            let farthest = directions
                .iter()
                .min_by(|a, b| a.dot(centre).total_cmp(&b.dot(centre)));
            let Some(farthest) = farthest else { break };
            let cap = Self {
                axis: centre.unit(),
                cosine: farthest.dot(centre.unit()),
            };
            if cap.cosine > best.cosine {
                best = cap;
            }
            if best.cosine >= Self::MEAN_COSINE {
                break;
            }
            centre = centre + (*farthest - centre) * (1.0 / f64::from(step + 1));
        }
        best
    }

    fn with_axis(axis: Vector, directions: &[Vector]) -> Self {
        let cosine = directions
            .iter()
            .map(|direction| direction.dot(axis))
            .fold(1.0, f64::min);
        Self { axis, cosine }
    }

    pub(crate) fn holds(&self, point: Vector) -> bool {
        point.unit().dot(self.axis) >= self.cosine - Self::SLACK
    }
}
