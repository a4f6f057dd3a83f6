//! Footprints: the horizontal extent of a volume, and exact answers about two of them.
//!
//! A footprint is a *core* (region, line or point with geodesic edges) and everything within an *offset* of it.
//! A circle is a point with a radius, a corridor a line with a half-width, a keep-out any of these with a buffer.
//! Two footprints overlap when the geodesic distance between their cores is at most the sum of their offsets.
//! Circles and corridors are therefore decided by distance; no inscribed or circumscribed polygon stands in for them.
//!
//! # Exactness
//!
//! Distances are computed to better than 0.1 mm, whatever the place: neither poles nor the antimeridian are special.
//! A gap of at most [`BOUNDARY_M`] counts as overlap, so an overlap is never missed, and a separation of a centimetre is never an overlap.

use std::{cmp::Ordering, fmt, sync::Arc};

use crate::{
    bounds::GeoBox, footprint::core::Core, position::Position, proximity::core_distance_m,
};

mod away;
pub(crate) mod core;
pub(crate) mod course;
mod crossings;
mod extent;
mod fault;
mod ring;
mod trace;

pub use course::EdgeKind;
pub use fault::{ShapeFault, ShapeFaultKind, ShapeNote, ShapeNoteKind, ShapePlace};
pub use trace::{CORNER_UNITS, corner};

/// A gap up to this counts as contact, metres: ten times the error of the arithmetic, a twentieth of a centimetre.
pub const BOUNDARY_M: f64 = 0.000_5;
/// Most vertices of one footprint: the finest national border in use has fewer, and a server must bound its work.
pub const VERTICES_MAX: usize = 100_000;
/// Most geodesic pieces of one footprint: 10 000 000 km of boundary, 24 MB.
pub const PIECES_MAX: usize = 1_000_000;
/// Longest geodesic piece, metres: over this length the chord carries the geodesic to less than 1 µm.
pub const PIECE_MAX_M: f64 = 10_000.0;
/// Longest edge, degrees of the earth: beyond it the shortest path depends on the last digits of the vertices.
pub const EDGE_MAX_DEG: f64 = 175.0;
/// Smallest radius or half-width, metres: one centimetre, the resolution of the product.
pub const RADIUS_MIN_M: f64 = 0.01;
/// Largest radius or half-width, metres: wider than any published circle or corridor.
pub const RADIUS_MAX_M: f64 = 500_000.0;
/// Rings narrower than this are noted, metres: narrower than any surveyed area, likely a slip.
pub const SLIVER_WIDTH_M: f64 = 0.1;
/// Rings narrower than this enclose nothing, metres.
pub const ZERO_WIDTH_M: f64 = 0.000_5;
/// A shape must fit in a cap of this radius around some point, degrees: then its inside is the smaller side.
pub const CAP_MAX_DEG: f64 = 88.0;

/// The horizontal extent of a volume: a core and everything within an offset of it.
///
/// Cloning is cheap: the core is shared.
#[derive(Clone)]
pub struct Footprint {
    core: Arc<Core>,
    vertex_count: usize,
    entangled: bool,
    clear: bool,
    offset_m: f64,
    bounds: GeoBox,
}

/// A footprint, with what was put right or is worth knowing about the shape it was made from.
#[derive(Clone, Debug)]
pub struct Shaped {
    /// The footprint.
    pub footprint: Footprint,
    /// Notes in the order of the input.
    pub notes: Vec<ShapeNote>,
}

/// How two footprints lie to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Proximity {
    /// They share a point, or come within [`BOUNDARY_M`] of it.
    Overlap,
    /// They do not.
    Apart {
        /// The geodesic distance between them, metres, to better than 0.1 mm.
        separation_m: f64,
    },
}

impl Footprint {
    /// Makes a footprint of a polygon: an outer ring and its holes.
    ///
    /// # Errors
    ///
    /// Every fault of every ring, with its place.
    pub fn polygon(rings: &[Vec<Position>], edges: EdgeKind) -> Result<Shaped, Vec<ShapeFault>> {
        Self::regions(std::slice::from_ref(&rings), edges)
    }

    /// Makes a footprint of several polygons, each an outer ring and its holes; it is their union.
    ///
    /// # Errors
    ///
    /// Every fault of every ring, with its place.
    pub fn multi_polygon(
        polygons: &[Vec<Vec<Position>>],
        edges: EdgeKind,
    ) -> Result<Shaped, Vec<ShapeFault>> {
        let polygons: Vec<&[Vec<Position>]> = polygons.iter().map(Vec::as_slice).collect();
        Self::regions(&polygons, edges)
    }

    /// Makes a footprint of everything within `radius_m` metres of a position.
    ///
    /// # Errors
    ///
    /// A radius outside [`RADIUS_MIN_M`]..=[`RADIUS_MAX_M`].
    pub fn circle(centre: Position, radius_m: f64) -> Result<Shaped, Vec<ShapeFault>> {
        let built = ring::point(centre);
        Self::finish(built, radius_m, checked_radius(radius_m))
    }

    /// Makes a footprint of everything within `half_width_m` metres of a line.
    ///
    /// # Errors
    ///
    /// Every fault of the line, and a half-width outside [`RADIUS_MIN_M`]..=[`RADIUS_MAX_M`].
    pub fn corridor(
        line: &[Position],
        half_width_m: f64,
        edges: EdgeKind,
    ) -> Result<Shaped, Vec<ShapeFault>> {
        let built = ring::line(line, edges);
        Self::finish(built, half_width_m, checked_radius(half_width_m))
    }

    fn regions(polygons: &[&[Vec<Position>]], edges: EdgeKind) -> Result<Shaped, Vec<ShapeFault>> {
        Self::finish(ring::regions(polygons, edges), 0.0, Ok(()))
    }

    fn finish(
        built: ring::Built,
        offset_m: f64,
        offset: Result<(), ShapeFaultKind>,
    ) -> Result<Shaped, Vec<ShapeFault>> {
        let ring::Built {
            chains,
            origins,
            vertex_count,
            notes,
            mut faults,
        } = built;
        faults.extend(offset.err().map(|kind| ShapeFault {
            place: ShapePlace::default(),
            kind,
        }));
        if !faults.is_empty() {
            return Err(faults);
        }
        let core = Core::new(chains);
        if core.cap.cosine < CAP_MAX_DEG.to_radians().cos() {
            return Err(vec![ShapeFault {
                place: ShapePlace::default(),
                kind: ShapeFaultKind::WiderThanHemisphere,
            }]);
        }
        let judged = crossings::judge(&core, &origins, notes);
        if !judged.faults.is_empty() {
            return Err(judged.faults);
        }
        let entangled = crossings::entangled(&judged.notes);
        let footprint = Self {
            bounds: extent::bounds(&core, offset_m),
            entangled,
            clear: judged.clear,
            core: Arc::new(core),
            vertex_count,
            offset_m,
        };
        Ok(Shaped {
            footprint,
            notes: judged.notes,
        })
    }

    /// Everything within `metres` of this footprint.
    ///
    /// A negative distance counts as zero and one that is not a number as infinite: what is not known keeps out.
    #[must_use]
    pub fn kept_out(&self, metres: f64) -> Self {
        let offset_m = self.offset_m
            + if metres.is_nan() {
                f64::INFINITY
            } else {
                metres.max(0.0)
            };
        Self {
            core: Arc::clone(&self.core),
            vertex_count: self.vertex_count,
            entangled: self.entangled,
            clear: self.clear,
            offset_m,
            bounds: extent::bounds(&self.core, offset_m),
        }
    }

    /// A box of latitudes and longitudes around the footprint, rounded outward.
    #[must_use]
    pub fn bounds(&self) -> &GeoBox {
        &self.bounds
    }

    /// The number of vertices it was made from, without repeated ones.
    #[must_use]
    pub fn vertex_count(&self) -> usize {
        self.vertex_count
    }

    /// How this footprint lies to another: overlap, or the distance between them.
    ///
    /// Both orders of the arguments give the same bits.
    ///
    /// # Cost
    ///
    /// A few microseconds for small shapes, about O(log n) for large ones that are apart;
    /// shapes whose boundaries run along each other for thousands of vertices cost milliseconds.
    #[must_use]
    pub fn proximity(&self, other: &Self) -> Proximity {
        // The decision costs little; the distance is computed for those apart alone, to the last digit.
        if self.overlaps(other) {
            return Proximity::Overlap;
        }
        match self.core_distance_m(other, 0.0, f64::INFINITY) {
            Some(distance_m) => Proximity::Apart {
                separation_m: distance_m - (self.offset_m + other.offset_m),
            },
            None => Proximity::Overlap,
        }
    }

    /// Whether the footprints overlap: the question of [`Footprint::proximity`], without the distance when they do not.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let reach_m = self.offset_m + other.offset_m + BOUNDARY_M;
        self.core_distance_m(other, reach_m, reach_m).is_some()
    }

    /// Whether a position lies in the footprint or within [`BOUNDARY_M`] of it.
    #[must_use]
    pub fn contains(&self, position: Position) -> bool {
        let point = Core::new(ring::point(position).chains);
        let reach_m = self.offset_m + BOUNDARY_M;
        core_distance_m(&self.core, &point, reach_m, reach_m).is_some()
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    /// How far the footprint reaches beyond its core, metres.
    #[must_use]
    pub fn offset_m(&self) -> f64 {
        self.offset_m
    }

    /// Whether the rings cross themselves or each other, so that they do not draw the region by themselves.
    pub fn is_entangled(&self) -> bool {
        self.entangled
    }

    /// Whether every ring keeps clear of itself and of the others, and no hole lies in another: then the rings draw the region
    /// by themselves, and whoever crosses one is on its other side.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.clear
    }

    /// Whether the core is one ring that neither crosses nor touches itself: whoever crosses it is on its other side.
    #[must_use]
    pub fn is_simple_ring(&self) -> bool {
        self.clear && self.core.chains.len() == 1 && self.core.is_region()
    }

    fn core_distance_m(&self, other: &Self, enough_m: f64, limit_m: f64) -> Option<f64> {
        match self.core.order(&other.core) {
            Ordering::Greater => core_distance_m(&other.core, &self.core, enough_m, limit_m),
            _ => core_distance_m(&self.core, &other.core, enough_m, limit_m),
        }
    }
}

impl fmt::Debug for Footprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Footprint")
            .field("vertices", &self.vertex_count)
            .field("pieces", &self.core.vertices.len())
            .field("offset_m", &self.offset_m)
            .field("bounds", &self.bounds)
            .finish()
    }
}

fn checked_radius(value_m: f64) -> Result<(), ShapeFaultKind> {
    if (RADIUS_MIN_M..=RADIUS_MAX_M).contains(&value_m) {
        Ok(())
    } else {
        Err(ShapeFaultKind::RadiusOutOfRange { value_m })
    }
}
