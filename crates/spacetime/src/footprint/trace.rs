//! A footprint's core as plain numbers, for an index that settles the clear cases before the exact test.

use super::{Footprint, core::Role};
use crate::{position::Position, surface::Vector};

/// Units of [`Footprint::corners`] in a degree: eleven millimetres of latitude.
pub const CORNER_UNITS: f64 = 1e7;

impl Footprint {
    /// The chains of the core: for each its vertices, earth-centred and earth-fixed, metres.
    ///
    /// Consecutive vertices are joined by geodesics of at most [`super::PIECE_MAX_M`].
    /// A ring repeats its first vertex at its end, and a point is a chain that gives its vertex twice.
    pub fn chains(&self) -> impl Iterator<Item = impl Iterator<Item = [f64; 3]> + '_> + '_ {
        let core = &self.core;
        core.chains
            .iter()
            .map(|chain| core.chain(chain).iter().map(|v| [v.x, v.y, v.z]))
    }

    /// The corners of a simple ring without offset, as whole ten-millionths of a degree north and east, the first not repeated.
    ///
    /// None unless that is exactly what they are, to the last bit ([`corner`] gives them back), and every edge is one piece.
    #[must_use]
    pub fn corners(&self) -> Option<Vec<[i32; 2]>> {
        let chain = self.core.chains.first().map(|chain| self.core.chain(chain));
        let chain = chain.filter(|_| self.is_simple_ring() && self.offset_m == 0.0)?;
        let (_, vertices) = chain.split_last()?;
        vertices
            .iter()
            .map(|vertex| {
                let (latitude_deg, longitude_deg) = vertex.latitude_longitude_deg();
                let units = [latitude_deg, longitude_deg]
                    .map(|degrees| (degrees * CORNER_UNITS).round() as i32);
                let same = Vector::of(corner(units)?).bits() == vertex.bits();
                same.then_some(units)
            })
            .collect()
    }

    /// Whether the core has an inside; lines and points have none.
    #[must_use]
    pub fn is_region(&self) -> bool {
        self.core.is_region()
    }

    /// The number of polygons of a region; 1 for a line or a point.
    #[must_use]
    pub fn part_count(&self) -> usize {
        self.core
            .chains
            .iter()
            .filter(|chain| chain.role != Role::Hole)
            .count()
    }
}

/// The position at whole ten-millionths of a degree north and east.
#[must_use]
pub fn corner(units: [i32; 2]) -> Option<Position> {
    let [latitude_deg, longitude_deg] = units.map(|units| f64::from(units) / CORNER_UNITS);
    Position::new(latitude_deg, longitude_deg).ok()
}
