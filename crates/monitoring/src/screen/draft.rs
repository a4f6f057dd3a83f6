//! A screen while zones are added, one after another: none of them has to stay whole in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use detente_spacetime::{Footprint, Reference};

use super::{FORCES_OWN, OTHERS, REFERENCES, Screen, heights, way::seconds};
use crate::{
    mosaic::{Mosaic, tiles},
    roll::{Roll, Terms},
    zone::{Watched, Zone},
};

/// A screen while zones are added.
#[derive(Debug)]
pub(crate) struct Draft {
    reference: Reference,
    forces: BTreeMap<Arc<str>, u32>,
    roll: Roll,
    /// Tile and zone.
    by_tile: Vec<(u32, u32)>,
    count: u32,
}

impl Draft {
    /// A screen of which the records will tell heights in `reference`, which is the fastest to ask in.
    pub(crate) fn new(reference: Reference) -> Self {
        Self {
            reference,
            forces: BTreeMap::new(),
            roll: Roll::default(),
            by_tile: Vec::new(),
            count: 0,
        }
    }

    /// Adds the next zone; true when the screen keeps its ring, so that nobody else has to keep its footprint.
    pub(crate) fn add(&mut self, zone: &Zone, watched: &Watched, keeps: bool) -> bool {
        let window = &watched.volume.window;
        let terms = Terms {
            start: seconds(window.start()),
            end: window.end().map_or(u32::MAX, seconds),
            forces: match &zone.forces {
                None => u32::MAX,
                Some(those) => those.iter().fold(0, |bits, force| bits | self.bit(force)),
            },
            heights: heights(watched, self.reference),
        };
        let footprint = &watched.volume.footprint;
        let met = tiles(footprint);
        self.by_tile
            .extend(met.into_iter().map(|tile| (tile, self.count)));
        self.count += 1;
        if keeps {
            self.roll.add_ring(terms, footprint)
        } else {
            self.roll.add(terms);
            false
        }
    }

    fn bit(&mut self, force: &Arc<str>) -> u32 {
        let place = self.forces.len();
        if let Some(bit) = self.forces.get(force) {
            return *bit;
        }
        let bit = if place < FORCES_OWN {
            1 << place
        } else {
            OTHERS
        };
        self.forces.insert(Arc::clone(force), bit);
        bit
    }

    /// The screen, given the footprints of the zones whose rings it does not keep.
    pub(crate) fn done<'a>(self, footprint: impl Fn(u32) -> Option<&'a Footprint>) -> Screen {
        Screen {
            mosaic: Mosaic::of(self.roll, self.by_tile, footprint),
            reference: self.reference,
            heights: [const { OnceLock::new() }; REFERENCES.len()],
            forces: self.forces,
        }
    }
}
