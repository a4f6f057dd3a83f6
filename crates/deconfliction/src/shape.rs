//! Footprints as the quick test wants them: edges in chunks of seven, with a box around each chunk.

use detente_spacetime::footprint::PIECE_MAX_M;

use crate::chart::{Chart, Tile};
use crate::lanes::{LANES, Lanes, greatest, least};

/// Vertices of a chunk; the last of one chunk is the first of the next in its chain.
pub(crate) const VERTICES: usize = 8;

/// Edges of a chunk. Short chunks repeat their last vertex: an edge without length decides nothing by itself.
pub(crate) const EDGES: usize = VERTICES - 1;

/// Finest step of stored coordinates, metres: a tenth of a millimetre.
const STEP_MIN_M: f64 = 1.0e-4;

/// Largest stored coordinate, in steps; shapes that reach further are stored with coarser steps.
const STEPS_MAX: f64 = (1_u32 << 30) as f64;

/// Room for rounding in the arithmetic of the chart and the test, metres: 10⁴ times what 53 bits leave at 10 000 km.
const ARITHMETIC_M: f64 = 1.0e-5;

/// A rectangle on a chart, metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rectangle {
    pub(crate) low: [f64; 2],
    pub(crate) high: [f64; 2],
}

impl Rectangle {
    const EMPTY: Self = Self {
        low: [f64::INFINITY; 2],
        high: [f64::NEG_INFINITY; 2],
    };

    #[inline(always)]
    pub(crate) fn of(x: &[f64; VERTICES], y: &[f64; VERTICES]) -> Self {
        Self {
            low: [folded(x, least), folded(y, least)],
            high: [folded(x, greatest), folded(y, greatest)],
        }
    }

    #[inline(always)]
    fn join(&self, other: &Self) -> Self {
        Self {
            low: [
                least(self.low[0], other.low[0]),
                least(self.low[1], other.low[1]),
            ],
            high: [
                greatest(self.high[0], other.high[0]),
                greatest(self.high[1], other.high[1]),
            ],
        }
    }

    /// The same rectangle with every side moved outwards.
    #[inline(always)]
    pub(crate) fn widened(&self, metres: f64) -> Self {
        Self {
            low: self.low.map(|side| side - metres),
            high: self.high.map(|side| side + metres),
        }
    }

    #[inline(always)]
    pub(crate) fn meets(&self, other: &Self) -> bool {
        (self.low[0] <= other.high[0])
            & (self.high[0] >= other.low[0])
            & (self.low[1] <= other.high[1])
            & (self.high[1] >= other.low[1])
    }

    pub(crate) fn within(&self, other: &Self) -> bool {
        self.low[0] >= other.low[0]
            && self.low[1] >= other.low[1]
            && self.high[0] <= other.high[0]
            && self.high[1] <= other.high[1]
    }
}

/// One number of eight, by halves: the lanes of a register are folded upon each other.
#[inline(always)]
fn folded(values: &[f64; VERTICES], choose: impl Fn(f64, f64) -> f64) -> f64 {
    let four: [f64; 4] = std::array::from_fn(|i| choose(values[i], values[i + 4]));
    let two: [f64; 2] = std::array::from_fn(|i| choose(four[i], four[i + 2]));
    choose(two[0], two[1])
}

/// What the quick test must know of a shape besides its edges.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Nature {
    /// Everything within this distance of the core belongs to the shape, metres.
    pub(crate) offset_m: f64,
    /// Whether the core has an inside.
    pub(crate) region: bool,
    /// Whether the parity of crossings tells inside from outside: one part whose rings keep clear of themselves and each other.
    pub(crate) parity: bool,
    /// Whether every boundary point surely belongs to the core: no ring meets another or itself.
    pub(crate) clean: bool,
    /// Whether the core is one chain, so that one vertex stands for all.
    pub(crate) single: bool,
}

/// A shape as earth-centred vectors, in chunks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Solid {
    chunks: Vec<[[f64; VERTICES]; 3]>,
    pub(crate) nature: Nature,
}

impl Solid {
    /// Starts anew, keeping the memory.
    pub(crate) fn begin(&mut self, nature: Nature) {
        self.chunks.clear();
        self.nature = nature;
    }

    /// Adds a chain of vertices; a closed chain gives its first vertex again at the end.
    pub(crate) fn chain(&mut self, mut vertices: impl Iterator<Item = [f64; 3]>) {
        let Some(mut last) = vertices.next() else {
            return;
        };
        let mut alone = true;
        loop {
            let mut chunk = last.map(|value| [value; VERTICES]);
            let mut filled = 1;
            for vertex in vertices.by_ref().take(EDGES) {
                for axis in 0..3 {
                    chunk[axis][filled] = vertex[axis];
                }
                last = vertex;
                filled += 1;
            }
            if filled == 1 && !alone {
                return;
            }
            for axis in 0..3 {
                chunk[axis][filled..].fill(last[axis]);
            }
            self.chunks.push(chunk);
            alone = false;
            if filled < VERTICES {
                return;
            }
        }
    }

    /// The tile the shape is stored in: about the middle of its vertices.
    fn tile(&self) -> Tile {
        let sum = |axis: usize| self.chunks.iter().flat_map(|chunk| chunk[axis]).sum();
        Tile::of(std::array::from_fn(sum))
    }

    /// Maps the shape onto a chart. Nothing is said of shapes that reach beyond the chart.
    #[inline(always)]
    pub(crate) fn map(&self, chart: &Chart, mapped: &mut Mapped) {
        mapped.chunks.clear();
        let (mut bounds, mut cosine) = (Rectangle::EMPTY, 1.0_f64);
        for chunk in &self.chunks {
            let (x, y, least) = chart.project(chunk);
            let rectangle = Rectangle::of(&x, &y);
            cosine = cosine.min(least);
            bounds = bounds.join(&rectangle);
            mapped.chunks.push(MappedChunk {
                x,
                y,
                bounds: rectangle,
            });
        }
        mapped.reached = Chart::reaches(cosine) && !self.chunks.is_empty();
        mapped.bounds = bounds;
        mapped.angle = chart.angle(bounds.low, bounds.high);
        mapped.tolerance_m = Chart::deviation_m(mapped.angle, PIECE_MAX_M) + ARITHMETIC_M;
    }
}

/// One chunk on a chart, metres.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MappedChunk {
    pub(crate) x: [f64; VERTICES],
    pub(crate) y: [f64; VERTICES],
    pub(crate) bounds: Rectangle,
}

/// A shape on a chart.
#[derive(Clone, Debug)]
pub(crate) struct Mapped {
    pub(crate) chunks: Vec<MappedChunk>,
    pub(crate) bounds: Rectangle,
    /// How far from the chart's middle the shape reaches, radians.
    pub(crate) angle: f64,
    /// How far the true boundary may lie from the mapped one, metres.
    pub(crate) tolerance_m: f64,
    /// Whether the chart reaches the whole shape; if not, nothing else is meaningful.
    pub(crate) reached: bool,
}

impl Default for Mapped {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            bounds: Rectangle::EMPTY,
            angle: 0.0,
            tolerance_m: 0.0,
            reached: false,
        }
    }
}

/// One stored chunk in steps from the middle of its tile: a cache line.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Chunk {
    x: [i32; VERTICES],
    y: [i32; VERTICES],
}

/// A rectangle in steps: its west and south sides, and its east and north sides negated.
///
/// A rectangle then meets another where each of its sides is at most the other's opposite one, negated: four like comparisons.
type Sides = [i32; 4];

/// Parts of a shape that are kept apart; a part is one chunk, or several in a row where a shape has many.
pub(crate) const PARTS: usize = LANES;

/// Steps of a part's sides: the shape's extent in 254 parts, so that rounding outwards stays within eight bits.
const PART_STEPS: f64 = 254.0;

/// A stored shape; its edges are in the [`ShapeStore`] it belongs to.
#[derive(Clone, Copy, Debug)]
#[repr(align(128))]
pub(crate) struct Shape {
    bounds: Sides,
    first: u32,
    count: u32,
    pub(crate) tile: Tile,
    /// Metres in a step of the stored coordinates.
    step_m: f32,
    /// Rounded up.
    tolerance_m: f32,
    /// Rounded up.
    angle: f32,
    pub(crate) offset_m: f64,
    /// False for a shape no chart reaches: the quick test says nothing of it.
    pub(crate) usable: bool,
    pub(crate) region: bool,
    pub(crate) parity: bool,
    pub(crate) clean: bool,
    pub(crate) single: bool,
    /// The sides of each part, from the shape's own sides inwards, in 254ths of its extent.
    parts: [[u8; PARTS]; 4],
}

impl Shape {
    pub(crate) fn bounds_m(&self) -> Rectangle {
        let [west, south, east, north] = self
            .bounds
            .map(|side| f64::from(side) * f64::from(self.step_m));
        Rectangle {
            low: [west, south],
            high: [-east, -north],
        }
    }

    pub(crate) fn tolerance_m(&self) -> f64 {
        f64::from(self.tolerance_m)
    }

    pub(crate) fn angle(&self) -> f64 {
        f64::from(self.angle)
    }

    /// Reads a little of the shape, as [`ShapeStore::touch`].
    #[inline(always)]
    pub(crate) fn touch(&self) -> i32 {
        self.bounds[0] ^ i32::from(self.parts[0][0])
    }

    /// Number of chunks.
    pub(crate) fn count(&self) -> usize {
        self.count as usize
    }

    /// Chunks in a part.
    #[inline(always)]
    fn part_length(&self) -> usize {
        self.count().div_ceil(PARTS)
    }

    /// Extent from west to east and from south to north, in steps.
    #[inline(always)]
    fn extent(&self) -> [f64; 2] {
        let [west, south, east, north] = self.bounds.map(f64::from);
        [-east - west, -north - south]
    }

    /// One bit for every part that may meet a rectangle in metres.
    #[inline(always)]
    pub(crate) fn parts<L: Lanes>(&self, lanes: L, rectangle: &Rectangle) -> u32 {
        let per_metre = 1.0 / f64::from(self.step_m);
        let ([east, north], [west, south]) = (rectangle.high, rectangle.low);
        let limits = [east, north, -west, -south];
        let extent = self.extent();
        // The opposite side of the rectangle, seen from this side of the shape; the conversion saturates at 0 and 255.
        let limits: [u8; 4] = std::array::from_fn(|side| {
            let inwards = limits[side] * per_metre - f64::from(self.bounds[side]);
            (inwards * PART_STEPS / greatest(extent[side % 2], 1.0) + 1.0) as u8
        });
        lanes.within(&self.parts, limits)
    }

    /// The chunks of the parts whose bits are set.
    #[inline(always)]
    pub(crate) fn chunks_of(&self, mut parts: u32) -> impl Iterator<Item = usize> + use<> {
        let (length, count) = (self.part_length(), self.count());
        std::iter::from_fn(move || {
            let part = parts.trailing_zeros() as usize;
            parts &= parts.wrapping_sub(1);
            (part < PARTS).then(|| part * length..((part + 1) * length).min(count))
        })
        .flatten()
    }

    /// Writes the sides of the parts from those of the chunks; parts without chunks lie beyond every limit.
    fn set_parts(&mut self, chunks: &[Sides]) {
        self.parts = [[u8::MAX; PARTS]; 4];
        let extent = self.extent();
        for (part, chunks) in chunks.chunks(self.part_length().max(1)).enumerate() {
            let sides = chunks.iter().fold([i32::MAX; 4], |all, one| {
                std::array::from_fn(|i| all[i].min(one[i]))
            });
            for side in 0..4 {
                let inwards = f64::from(sides[side]) - f64::from(self.bounds[side]);
                let steps = inwards * PART_STEPS / greatest(extent[side % 2], 1.0) - 1.0;
                // Below 254, so that no part is beyond the widest limit.
                self.parts[side][part] = least(steps, PART_STEPS) as u8;
            }
        }
    }
}

/// The sides of a chunk.
fn sides(chunk: &Chunk) -> Sides {
    let least = |values: [i32; VERTICES]| {
        values
            .iter()
            .fold(i32::MAX, |least, value| least.min(*value))
    };
    let negated = |values: [i32; VERTICES]| values.map(i32::wrapping_neg);
    [
        least(chunk.x),
        least(chunk.y),
        least(negated(chunk.x)),
        least(negated(chunk.y)),
    ]
}

/// Shapes side by side in memory, in the order in which a search meets them.
#[derive(Clone, Debug, Default)]
pub(crate) struct ShapeStore {
    shapes: Vec<Shape>,
    chunks: Vec<Chunk>,
}

impl ShapeStore {
    /// Appends a shape in the chart of its tile.
    pub(crate) fn push(&mut self, solid: &Solid, mapped: &mut Mapped) {
        let tile = solid.tile();
        solid.map(&Chart::of(tile), mapped);
        let reach_m = (0..2)
            .map(|i| mapped.bounds.low[i].abs().max(mapped.bounds.high[i].abs()))
            .fold(0.0, f64::max);
        let mut step_m = STEP_MIN_M as f32;
        while mapped.reached && reach_m > f64::from(step_m) * STEPS_MAX {
            step_m *= 2.0;
        }
        let snapped = |metres: f64| (metres / f64::from(step_m)).round() as i32;
        let first = self.chunks.len() as u32;
        if mapped.reached {
            let stored = |chunk: &MappedChunk| Chunk {
                x: chunk.x.map(snapped),
                y: chunk.y.map(snapped),
            };
            self.chunks.extend(mapped.chunks.iter().map(stored));
        }
        let chunk_sides: Vec<Sides> = self.chunks.iter().skip(first as usize).map(sides).collect();
        let nature = &solid.nature;
        let mut shape = Shape {
            bounds: chunk_sides.iter().fold([i32::MAX; 4], |all, one| {
                std::array::from_fn(|i| all[i].min(one[i]))
            }),
            first,
            count: self.chunks.len() as u32 - first,
            tile,
            step_m,
            // Snapping moves a point by half a step in either direction.
            tolerance_m: ((mapped.tolerance_m + f64::from(step_m) * 0.75) as f32).next_up(),
            angle: (mapped.angle as f32).next_up(),
            offset_m: nature.offset_m,
            usable: mapped.reached,
            region: nature.region,
            parity: nature.parity,
            clean: nature.clean,
            single: nature.single,
            parts: [[u8::MAX; PARTS]; 4],
        };
        shape.set_parts(&chunk_sides);
        self.shapes.push(shape);
    }

    /// Appends a shape of another store as it is.
    pub(crate) fn push_from(&mut self, other: &Self, position: u32) {
        let Some(shape) = other.shapes.get(position as usize) else {
            return;
        };
        let range = shape.first as usize..shape.first as usize + shape.count as usize;
        let first = self.chunks.len() as u32;
        self.chunks
            .extend_from_slice(other.chunks.get(range).unwrap_or_default());
        self.shapes.push(Shape { first, ..*shape });
    }

    #[inline(always)]
    pub(crate) fn get(&self, position: u32) -> Option<&Shape> {
        self.shapes.get(position as usize)
    }

    /// One chunk of a shape, in metres of its chart.
    #[inline(always)]
    pub(crate) fn chunk(
        &self,
        shape: &Shape,
        number: usize,
    ) -> Option<([f64; VERTICES], [f64; VERTICES])> {
        let step_m = f64::from(shape.step_m);
        let chunk = self.chunks.get(shape.first as usize + number)?;
        Some((
            chunk.x.map(|v| f64::from(v) * step_m),
            chunk.y.map(|v| f64::from(v) * step_m),
        ))
    }

    /// Reads a little of a shape, for the caches' sake: its edges are then on their way while others are worked on.
    #[inline(always)]
    pub(crate) fn touch(&self, shape: &Shape, number: usize) -> i32 {
        self.chunks
            .get(shape.first as usize + number)
            .map_or(0, |chunk| chunk.x[0])
    }

    /// Gives back memory that was reserved in vain.
    pub(crate) fn shrink(&mut self) {
        self.shapes.shrink_to_fit();
        self.chunks.shrink_to_fit();
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.shapes.capacity() * size_of::<Shape>() + self.chunks.capacity() * size_of::<Chunk>()
    }
}
