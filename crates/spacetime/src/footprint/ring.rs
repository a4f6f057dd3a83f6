//! From the points of a document to chains of geodesic pieces.

use crate::{
    footprint::{
        BOUNDARY_M, VERTICES_MAX,
        core::Role,
        course::{self, EdgeKind},
        fault::{ShapeFault, ShapeFaultKind, ShapeNote, ShapeNoteKind, ShapePlace},
    },
    position::Position,
    surface::Vector,
};

/// Points of one chain that are less than this apart are one point, metres.
const REPEAT_M: f64 = BOUNDARY_M;

/// Chains ready for a core, with everything found on the way.
pub(crate) struct Built {
    pub(crate) chains: Vec<(u32, Role, Vec<Vector>)>,
    /// For each chain its place, and for each of its pieces the vertex of the input where its edge starts.
    pub(crate) origins: Vec<Origin>,
    /// Distinct vertices as given.
    pub(crate) vertex_count: usize,
    pub(crate) notes: Vec<ShapeNote>,
    pub(crate) faults: Vec<ShapeFault>,
}

/// Where a chain came from.
pub(crate) struct Origin {
    pub(crate) polygon: usize,
    pub(crate) ring: usize,
    pub(crate) edges: Vec<u32>,
}

impl Origin {
    pub(crate) fn place(&self, vertices: Vec<usize>) -> ShapePlace {
        ShapePlace {
            polygon: self.polygon,
            ring: self.ring,
            vertices,
        }
    }
}

/// A single point.
pub(crate) fn point(position: Position) -> Built {
    let vertex = Vector::of(position);
    Built {
        chains: vec![(0, Role::Line, vec![vertex, vertex])],
        origins: Vec::new(),
        vertex_count: 1,
        notes: Vec::new(),
        faults: Vec::new(),
    }
}

/// A line through the points.
pub(crate) fn line(points: &[Position], edges: EdgeKind) -> Built {
    let mut builder = Builder::new(edges);
    if builder.accepts(points.len()) {
        builder.chain(points, 0, 0, Role::Line);
    }
    builder.built()
}

/// Polygons, each an outer ring and its holes.
pub(crate) fn regions(polygons: &[&[Vec<Position>]], edges: EdgeKind) -> Built {
    let mut builder = Builder::new(edges);
    let count = polygons
        .iter()
        .flat_map(|rings| rings.iter())
        .map(Vec::len)
        .sum();
    if builder.accepts(count) {
        for (polygon, rings) in polygons.iter().enumerate() {
            if rings.is_empty() {
                let place = ShapePlace {
                    polygon,
                    ..ShapePlace::default()
                };
                builder.fault(place, ShapeFaultKind::Empty);
            }
            for (ring, points) in rings.iter().enumerate() {
                let role = if ring == 0 { Role::Shell } else { Role::Hole };
                builder.chain(points, polygon, ring, role);
            }
        }
    }
    builder.built()
}

struct Builder {
    edges: EdgeKind,
    chains: Vec<(u32, Role, Vec<Vector>)>,
    origins: Vec<Origin>,
    notes: Vec<ShapeNote>,
    faults: Vec<ShapeFault>,
    vertex_count: usize,
    piece_count: usize,
}

/// A vertex of the input that is kept.
#[derive(Clone, Copy)]
struct Kept {
    index: usize,
    position: Position,
    vector: Vector,
}

impl Builder {
    fn new(edges: EdgeKind) -> Self {
        Self {
            edges,
            chains: Vec::new(),
            origins: Vec::new(),
            notes: Vec::new(),
            faults: Vec::new(),
            vertex_count: 0,
            piece_count: 0,
        }
    }

    fn built(self) -> Built {
        let Self {
            chains,
            origins,
            vertex_count,
            notes,
            faults,
            ..
        } = self;
        Built {
            chains,
            origins,
            vertex_count,
            notes,
            faults,
        }
    }

    fn fault(&mut self, place: ShapePlace, kind: ShapeFaultKind) {
        self.faults.push(ShapeFault { place, kind });
    }

    fn accepts(&mut self, count: usize) -> bool {
        let fault = match count {
            0 => Some(ShapeFaultKind::Empty),
            1..=VERTICES_MAX => None,
            _ => Some(ShapeFaultKind::TooManyVertices { count }),
        };
        let accepted = fault.is_none();
        if let Some(kind) = fault {
            self.fault(ShapePlace::default(), kind);
        }
        accepted
    }

    /// Adds a chain; a faulty one adds its faults alone.
    fn chain(&mut self, points: &[Position], polygon: usize, ring: usize, role: Role) {
        let place = |vertices| ShapePlace {
            polygon,
            ring,
            vertices,
        };
        let closed = role != Role::Line;
        let kept = self.distinct(points, closed, &place);
        let needed = if closed { 3 } else { 2 };
        let distinct = kept.len();
        if distinct < needed {
            let kind = ShapeFaultKind::TooFewPoints { distinct, needed };
            return self.fault(place(Vec::new()), kind);
        }
        if closed {
            self.note_spikes(&kept, &place);
        }
        self.vertex_count += distinct;
        let mut vertices: Vec<Vector> = Vec::with_capacity(distinct + 1);
        vertices.extend(kept.first().map(|first| first.vector));
        let mut edges = Vec::with_capacity(distinct + 1);
        let ends = kept.iter().skip(1).chain(kept.first().filter(|_| closed));
        let (mut faulty, mut slanted) = (false, None);
        for (from, to) in kept.iter().zip(ends) {
            if let Err(kind) = self.edge(from.position, to.position, &mut vertices) {
                self.fault(place(vec![from.index, to.index]), kind);
                faulty = true;
            }
            if slanted.is_none() && course::is_slanted(from.position, to.position, self.edges) {
                slanted = Some(place(vec![from.index, to.index]));
            }
            edges.resize(vertices.len().saturating_sub(1), from.index as u32);
        }
        self.notes.extend(slanted.map(|place| ShapeNote {
            place,
            kind: ShapeNoteKind::Slanted,
        }));
        if faulty {
            return;
        }
        if closed
            && let (Some(first), Some(last)) = (vertices.first().copied(), vertices.last_mut())
        {
            // The ring ends in the very bits it starts with.
            *last = first;
        }
        self.piece_count += vertices.len();
        self.chains.push((polygon as u32, role, vertices));
        self.origins.push(Origin {
            polygon,
            ring,
            edges,
        });
    }

    fn edge(
        &self,
        from: Position,
        to: Position,
        vertices: &mut Vec<Vector>,
    ) -> Result<(), ShapeFaultKind> {
        let mut from = from;
        for to in course::stations(from, to, self.edges)? {
            course::pieces(from, to, vertices, self.piece_count)?;
            from = to;
        }
        Ok(())
    }

    /// The points without repetitions, and for a ring without the repeated first point.
    fn distinct(
        &mut self,
        points: &[Position],
        closed: bool,
        place: &impl Fn(Vec<usize>) -> ShapePlace,
    ) -> Vec<Kept> {
        let mut kept: Vec<Kept> = Vec::with_capacity(points.len());
        for (index, position) in points.iter().enumerate() {
            let point = Kept {
                index,
                position: *position,
                vector: Vector::of(*position),
            };
            if kept
                .last()
                .is_some_and(|last| (last.vector - point.vector).length() <= REPEAT_M)
            {
                self.notes.push(ShapeNote {
                    place: place(vec![index]),
                    kind: ShapeNoteKind::RepeatedPoint,
                });
            } else {
                kept.push(point);
            }
        }
        if closed {
            let repeats_first = |kept: &[Kept]| match kept {
                [first, .., last] => (first.vector - last.vector).length() <= REPEAT_M,
                _ => false,
            };
            let is_closed = repeats_first(&kept);
            while repeats_first(&kept) {
                kept.pop();
            }
            if !is_closed {
                self.notes.push(ShapeNote {
                    place: place(Vec::new()),
                    kind: ShapeNoteKind::NotClosed,
                });
            }
        }
        kept
    }

    fn note_spikes(&mut self, kept: &[Kept], place: &impl Fn(Vec<usize>) -> ShapePlace) {
        let count = kept.len();
        for (i, tip) in kept.iter().enumerate() {
            let (Some(before), Some(after)) =
                (kept.get((i + count - 1) % count), kept.get((i + 1) % count))
            else {
                continue;
            };
            if (before.vector - after.vector).length() <= REPEAT_M {
                self.notes.push(ShapeNote {
                    place: place(vec![tip.index]),
                    kind: ShapeNoteKind::Spike,
                });
            }
        }
    }
}
