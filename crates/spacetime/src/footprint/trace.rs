//! A footprint's core as plain numbers, for an index that settles the clear cases before the exact test.

use super::{Footprint, core::Role};

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
