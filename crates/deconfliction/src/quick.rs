//! The quick test: whether two shapes overlap, answered only where the answer is certain.
//!
//! Both shapes lie on one chart, each with a tolerance by which its true boundary may differ from the mapped one.
//! An answer is given when no difference within the tolerances (and the band that counts as boundary) could change it;
//! everything else is [`Certainty::Unsure`] and goes to the exact test.

use crate::chart::Chart;
use crate::lanes::{Eight, Lanes, greatest, least};
use crate::shape::{EDGES, Mapped, MappedChunk, Nature, Rectangle, Shape, ShapeStore, VERTICES};

/// Gaps up to this count as contact in the exact test, metres; the quick test keeps clear of it on both sides.
const BOUNDARY_M: f64 = detente_spacetime::footprint::BOUNDARY_M;

/// What the quick test can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// The shapes share a point.
    Overlap,
    /// The shapes are farther apart than the boundary band.
    Apart,
    /// Too close to say.
    Unsure,
}

/// The distances that decide, on the chart.
#[derive(Clone, Copy, Debug)]
struct Margins {
    /// Cores farther apart than this are surely apart, metres.
    apart_m: f64,
    /// Cores nearer than this surely overlap, metres; negative where only a crossing is sure.
    overlap_m: f64,
    /// How far both boundaries together may differ from the mapped ones, metres.
    tolerance_m: f64,
}

impl Margins {
    fn between(query: &Mapped, query_nature: &Nature, shape: &Shape) -> Self {
        let (least, greatest) = Chart::stretch(query.angle.max(shape.angle()));
        let tolerance_m = query.tolerance_m + shape.tolerance_m() + BOUNDARY_M * greatest;
        let reach_m = query_nature.offset_m + shape.offset_m;
        Self {
            apart_m: reach_m * greatest + tolerance_m,
            overlap_m: reach_m * least - tolerance_m,
            tolerance_m,
        }
    }
}

/// Where two shapes have to be looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Approach {
    margins: Margins,
    /// The parts of the stored shape whose boundary may be near the other's, one bit each.
    pub(crate) parts: u32,
}

/// Compares what is known of a stored shape without its edges: an answer, or where to look for one.
#[inline(always)]
pub(crate) fn approach<L: Lanes>(
    lanes: L,
    query: &Mapped,
    query_nature: &Nature,
    shape: &Shape,
) -> Result<Certainty, Approach> {
    if !query.reached || !shape.usable {
        return Ok(Certainty::Unsure);
    }
    let margins = Margins::between(query, query_nature, shape);
    let near = shape.bounds_m().widened(margins.apart_m);
    if !query.bounds.meets(&near) {
        return Ok(Certainty::Apart);
    }
    let mut parts = 0;
    for chunk in query
        .chunks
        .iter()
        .filter(|chunk| chunk.bounds.meets(&near))
    {
        parts |= shape.parts(lanes, &chunk.bounds.widened(margins.apart_m));
    }
    Err(Approach { margins, parts })
}

/// Compares a mapped shape with a stored one, on the stored one's chart, where they approach each other.
#[inline(always)]
pub(crate) fn settle<L: Lanes>(
    lanes: L,
    query: &Mapped,
    query_nature: &Nature,
    store: &ShapeStore,
    shape: &Shape,
    approach: &Approach,
) -> Certainty {
    match boundaries(lanes, query, store, shape, approach) {
        Contact::Near => return Certainty::Unsure,
        Contact::Sure if query_nature.clean && shape.clean => return Certainty::Overlap,
        Contact::Sure => return Certainty::Unsure,
        Contact::None => {}
    }
    // No boundary is near the other: one core lies inside the other, or they are apart.
    let bounds = shape.bounds_m();
    let inside_stored = query_inside_stored(lanes, query, query_nature, store, shape, &bounds);
    if inside_stored != Certainty::Apart {
        return inside_stored;
    }
    stored_inside_query(query, query_nature, store, shape, &bounds)
}

/// How near two boundaries come.
enum Contact {
    /// Nowhere nearer than [`Margins::apart_m`].
    None,
    /// Somewhere too near to say.
    Near,
    /// Surely crossing, or surely nearer than the offsets reach.
    Sure,
}

#[inline(always)]
fn boundaries<L: Lanes>(
    lanes: L,
    query: &Mapped,
    store: &ShapeStore,
    shape: &Shape,
    approach: &Approach,
) -> Contact {
    let Approach { margins, parts } = approach;
    let mut near = false;
    for number in shape.chunks_of(*parts) {
        let Some((x, y)) = store.chunk(shape, number) else {
            continue;
        };
        let reach = Rectangle::of(&x, &y).widened(margins.apart_m);
        let chunk = StoredEdges::new(x, y, margins);
        for query in query
            .chunks
            .iter()
            .filter(|chunk| chunk.bounds.meets(&reach))
        {
            let found = edges(lanes, query, &chunk, &reach, margins);
            if found.sure {
                return Contact::Sure;
            }
            near |= found.near;
        }
    }
    if near { Contact::Near } else { Contact::None }
}

#[derive(Clone, Copy, Debug, Default)]
struct Found {
    sure: bool,
    near: bool,
}

/// Compares every edge of one chunk with every edge of another.
#[inline(always)]
fn edges<L: Lanes>(
    lanes: L,
    query: &MappedChunk,
    stored: &StoredEdges,
    reach: &Rectangle,
    margins: &Margins,
) -> Found {
    let mut found = Found::default();
    for i in 0..EDGES {
        let (a, b) = ([query.x[i], query.y[i]], [query.x[i + 1], query.y[i + 1]]);
        let edge = Rectangle {
            low: [least(a[0], b[0]), least(a[1], b[1])],
            high: [greatest(a[0], b[0]), greatest(a[1], b[1])],
        };
        if !edge.meets(reach) {
            continue;
        }
        let bits = stored.against(lanes, a, b, &edge, margins);
        if bits.crossing != 0 {
            return Found {
                sure: true,
                near: true,
            };
        }
        if bits.near != 0 {
            found.near = true;
            if margins.overlap_m > 0.0 && within(a, b, stored, bits.near, margins) {
                return Found {
                    sure: true,
                    near: true,
                };
            }
        }
    }
    found
}

/// One bit for every edge of a chunk.
#[derive(Clone, Copy, Debug)]
struct EdgeBits {
    /// Surely crosses.
    crossing: u32,
    /// Not surely apart.
    near: u32,
}

/// The edges of a stored chunk with what is the same for every edge compared with them.
struct StoredEdges {
    x: Eight,
    y: Eight,
    /// From each vertex to the next.
    step: [Eight; 2],
    low: [Eight; 2],
    high: [Eight; 2],
    /// [`Margins::apart_m`] and [`Margins::tolerance_m`] times a bound on each edge's length.
    apart: Eight,
    cross: Eight,
}

impl StoredEdges {
    #[inline(always)]
    fn new(x: [f64; VERTICES], y: [f64; VERTICES], margins: &Margins) -> Self {
        let (x, y) = (Eight(x), Eight(y));
        let next = |of: Eight| Eight::from_fn(|i| of.0[(i + 1) % VERTICES]);
        let (next_x, next_y) = (next(x), next(y));
        let step = [next_x - x, next_y - y];
        let length = step[0].size() + step[1].size();
        Self {
            x,
            y,
            step,
            low: [x.least(next_x), y.least(next_y)],
            high: [x.greatest(next_x), y.greatest(next_y)],
            apart: length * Eight::all(margins.apart_m),
            cross: length * Eight::all(margins.tolerance_m),
        }
    }

    /// On which side of each edge's line a point lies, and how far times the edge's length.
    #[inline(always)]
    fn beside(&self, point: [f64; 2]) -> Eight {
        self.step[0] * (Eight::all(point[1]) - self.y)
            - self.step[1] * (Eight::all(point[0]) - self.x)
    }

    /// Compares one edge with the seven of the chunk.
    ///
    /// Two segments are surely apart when a line along a side of the axes, or along either segment, keeps them
    /// [`Margins::apart_m`] apart, and surely cross when each segment's ends lie on either side of the other by more than the
    /// tolerance: moving both by less than that cannot part them.
    /// Distances from a line are compared as cross products, with the length of the line's segment bounded by the sum of its
    /// sides.
    #[inline(always)]
    fn against<L: Lanes>(
        &self,
        lanes: L,
        a: [f64; 2],
        b: [f64; 2],
        edge: &Rectangle,
        margins: &Margins,
    ) -> EdgeBits {
        let (ux, uy) = (b[0] - a[0], b[1] - a[1]);
        let length = ux.abs() + uy.abs();
        let from_edge = Eight::all(ux) * (self.y - Eight::all(a[1]))
            - Eight::all(uy) * (self.x - Eight::all(a[0]));
        let from_edge_next = Eight::from_fn(|i| from_edge.0[(i + 1) % VERTICES]);
        let (from_a, from_b) = (self.beside(a), self.beside(b));
        let (left, right) = (
            from_edge.least(from_edge_next),
            -from_edge.greatest(from_edge_next),
        );
        let (before, after) = (from_a.least(from_b), -from_a.greatest(from_b));
        let gap = (self.low[0] - Eight::all(edge.high[0]))
            .greatest(Eight::all(edge.low[0]) - self.high[0])
            .greatest(self.low[1] - Eight::all(edge.high[1]))
            .greatest(Eight::all(edge.low[1]) - self.high[1]);
        let apart = lanes.above(gap, Eight::all(margins.apart_m))
            | lanes.above(left.greatest(right), Eight::all(margins.apart_m * length))
            | lanes.above(before.greatest(after), self.apart);
        let crossing = lanes.above(
            (-left).least(-right),
            Eight::all(margins.tolerance_m * length),
        ) & lanes.above((-before).least(-after), self.cross);
        EdgeBits {
            crossing: crossing & LAST_LANE_OUT,
            near: !apart & LAST_LANE_OUT,
        }
    }
}

/// The lane after the last edge joins the ends of the chunk and is no edge.
const LAST_LANE_OUT: u32 = (1 << EDGES) - 1;

/// Measures the edges that are not surely apart; true when one is surely within reach.
fn within(a: [f64; 2], b: [f64; 2], stored: &StoredEdges, near: u32, margins: &Margins) -> bool {
    let vertex = |i: usize| [stored.x.0[i], stored.y.0[i]];
    (0..EDGES).filter(|j| near >> j & 1 == 1).any(|j| {
        let (c, d) = (vertex(j), vertex(j + 1));
        let least_squared = [(a, c, d), (b, c, d), (c, a, b), (d, a, b)]
            .into_iter()
            .map(|(p, from, to)| distance_squared(p, from, to))
            .fold(f64::INFINITY, f64::min);
        least_squared < margins.overlap_m * margins.overlap_m
    })
}

/// Square of the distance from a point to a segment.
fn distance_squared(p: [f64; 2], from: [f64; 2], to: [f64; 2]) -> f64 {
    let (ux, uy) = (to[0] - from[0], to[1] - from[1]);
    let (px, py) = (p[0] - from[0], p[1] - from[1]);
    let length_squared = ux * ux + uy * uy;
    let along = if length_squared > 0.0 {
        ((px * ux + py * uy) / length_squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (px - along * ux).powi(2) + (py - along * uy).powi(2)
}

#[inline(always)]
fn query_inside_stored<L: Lanes>(
    lanes: L,
    query: &Mapped,
    query_nature: &Nature,
    store: &ShapeStore,
    shape: &Shape,
    bounds: &Rectangle,
) -> Certainty {
    if !shape.region || (query_nature.single && !query.bounds.within(bounds)) {
        return Certainty::Apart;
    }
    if !shape.parity {
        return Certainty::Unsure;
    }
    let samples = if query_nature.single {
        1
    } else {
        query.chunks.len()
    };
    let inside = query.chunks.iter().take(samples).any(|chunk| {
        let (x, y) = (chunk.x[0], chunk.y[0]);
        // The ray meets only the parts east of the point and level with it.
        let ray = Rectangle {
            low: [x, y],
            high: [bounds.high[0], y],
        };
        let crossings: u32 = shape
            .chunks_of(shape.parts(lanes, &ray))
            .filter_map(|number| store.chunk(shape, number))
            .map(|(xs, ys)| crossings(x, y, &xs, &ys))
            .sum();
        crossings % 2 == 1
    });
    if inside {
        Certainty::Overlap
    } else {
        Certainty::Apart
    }
}

fn stored_inside_query(
    query: &Mapped,
    query_nature: &Nature,
    store: &ShapeStore,
    shape: &Shape,
    bounds: &Rectangle,
) -> Certainty {
    if !query_nature.region || (shape.single && !bounds.within(&query.bounds)) {
        return Certainty::Apart;
    }
    if !query_nature.parity {
        return Certainty::Unsure;
    }
    let samples = if shape.single { 1 } else { shape.count() };
    let inside = (0..samples)
        .filter_map(|number| store.chunk(shape, number))
        .any(|(xs, ys)| {
            let crossings: u32 = query
                .chunks
                .iter()
                .map(|chunk| crossings(xs[0], ys[0], &chunk.x, &chunk.y))
                .sum();
            crossings % 2 == 1
        });
    if inside {
        Certainty::Overlap
    } else {
        Certainty::Apart
    }
}

/// How many edges of a chunk cross the ray from a point towards larger x.
///
/// Each edge holds its lower end and not its upper one, so that a ray through a vertex counts once.
#[inline(always)]
fn crossings(x: f64, y: f64, xs: &[f64; VERTICES], ys: &[f64; VERTICES]) -> u32 {
    let mut count = 0;
    for j in 0..EDGES {
        let (rising, falling) = (
            (ys[j] <= y) & (ys[j + 1] > y),
            (ys[j + 1] <= y) & (ys[j] > y),
        );
        let side = (xs[j + 1] - xs[j]) * (y - ys[j]) - (x - xs[j]) * (ys[j + 1] - ys[j]);
        count += u32::from((rising & (side > 0.0)) | (falling & (side < 0.0)));
    }
    count
}

#[cfg(test)]
mod tests;
