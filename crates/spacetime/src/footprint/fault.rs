//! What can be wrong with a shape, and what was put right.

use std::fmt;

/// A shape that cannot be used, with the place of the fault.
#[derive(Clone, Debug, PartialEq)]
pub struct ShapeFault {
    /// Where it is.
    pub place: ShapePlace,
    /// What it is.
    pub kind: ShapeFaultKind,
}

/// A thing put right or worth knowing in a shape that can be used, with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct ShapeNote {
    /// Where it is.
    pub place: ShapePlace,
    /// What it is.
    pub kind: ShapeNoteKind,
}

/// A place in the input, counted from zero as it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShapePlace {
    /// The polygon of a multi-polygon; 0 for other shapes.
    pub polygon: usize,
    /// The ring of the polygon: 0 is the outer one. 0 for other shapes.
    pub ring: usize,
    /// The vertices concerned; empty when the whole ring or shape is. An edge is named by its first vertex.
    pub vertices: Vec<usize>,
}

/// The reason inside a [`ShapeFault`].
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeFaultKind {
    /// No polygon, no ring or no point at all.
    #[error("the shape is empty")]
    Empty,
    /// Fewer distinct points than the shape needs.
    #[error("{distinct} distinct points where at least {needed} are needed")]
    TooFewPoints {
        /// Distinct points found.
        distinct: usize,
        /// Distinct points needed.
        needed: usize,
    },
    /// More vertices than [`super::VERTICES_MAX`].
    #[error("{count} vertices where at most {max} are accepted", max = super::VERTICES_MAX)]
    TooManyVertices {
        /// Vertices given.
        count: usize,
    },
    /// Edges so long, or parallels and rhumb lines so curved, that they need more than [`super::PIECES_MAX`] pieces.
    #[error("the edges need more than {max} geodesic pieces", max = super::PIECES_MAX)]
    TooManyPieces,
    /// An edge that is nearly half way around the earth: its course is not determined.
    #[error("the edge spans more than {max}° of the earth; add a point between its ends", max = super::EDGE_MAX_DEG)]
    EdgeTooLong,
    /// An edge along a parallel between opposite longitudes: east and west are equally short.
    #[error("the edge joins opposite longitudes; add a point between its ends")]
    OppositeLongitudes,
    /// A rhumb line that ends at a pole winds around it without end.
    #[error("a rhumb line cannot end at a pole")]
    RhumbAtPole,
    /// A ring that encloses nothing.
    #[error("the ring encloses no area")]
    ZeroArea,
    /// The shape does not fit in a hemisphere, so its inside is not determined.
    #[error("the shape is wider than a hemisphere")]
    WiderThanHemisphere,
    /// A radius or half-width that is not a number or outside its limits.
    #[error("{value_m} m is not between {min} m and {max} m", min = super::RADIUS_MIN_M, max = super::RADIUS_MAX_M)]
    RadiusOutOfRange {
        /// The value given, metres.
        value_m: f64,
    },
}

/// The content of a [`ShapeNote`].
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeNoteKind {
    /// A point within 0.5 mm of the one before it was dropped.
    #[error("repeated point dropped")]
    RepeatedPoint,
    /// The ring does not end with its first point; it was closed.
    #[error("the ring is not closed; closed with its first point")]
    NotClosed,
    /// The ring runs against RFC 7946 (outer counter-clockwise, holes clockwise); the side of smaller area was kept as the inside.
    #[error("the ring runs the wrong way around; the smaller side was taken as its inside")]
    Turned,
    /// Two edges of one ring cross; everything the ring winds around counts as inside.
    #[error("edges of the ring cross; everything it winds around counts")]
    SelfCrossing,
    /// A ring that winds around a place more than once without crossing itself: it runs along itself, or touches itself and
    /// goes on in the same sense.
    #[error(
        "the ring runs around the same place more than once; everything it winds around counts"
    )]
    WindsTwice,
    /// Two rings of one polygon cross; their boundaries count as part of the shape.
    #[error("rings of the polygon cross; their edges count as part of the shape")]
    RingsCross,
    /// A hole that is not inside its outer ring.
    #[error("the hole is not inside its outer ring")]
    HoleOutside,
    /// A hole that lies in another hole of its polygon.
    #[error("the hole lies in another hole; what any hole winds around is left out")]
    HoleWithinHole,
    /// The ring runs to the vertex and straight back.
    #[error(
        "the ring runs to this vertex and straight back; the spike counts as part of the shape"
    )]
    Spike,
    /// An edge that is to run along the parallel and whose ends are of different latitudes; said of the first of a chain.
    #[error("the ends of this edge are not on one parallel; it and others like it are geodesics")]
    Slanted,
    /// The ring is narrower than [`super::SLIVER_WIDTH_M`].
    #[error("the ring is a sliver, {width_m:.3} m wide")]
    Sliver {
        /// Twice the area over the perimeter, metres.
        width_m: f64,
    },
    /// The rings are so entangled that looking for crossings was given up; decisions are not affected.
    #[error("too entangled to list where edges cross")]
    CrossingsNotListed,
}

impl fmt::Display for ShapePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "polygon {}, ring {}", self.polygon, self.ring)?;
        for (i, vertex) in self.vertices.iter().enumerate() {
            let lead = if i > 0 {
                ","
            } else if self.vertices.len() > 1 {
                ", vertices"
            } else {
                ", vertex"
            };
            write!(f, "{lead} {vertex}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ShapeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.kind)
    }
}

impl fmt::Display for ShapeNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.kind)
    }
}

impl std::error::Error for ShapeFault {}
