//! Positions that look as if latitude and longitude had been exchanged.

use std::collections::BTreeMap;

use detente_records::{Operation, Problems, Provenance};
use detente_spacetime::Footprint;

use crate::dossier::Dossier;

/// Whole degrees around a record within which nothing else of the dossier may lie for it to be suspicious: some hundred
/// kilometres, further than operations usually are from what restrains them.
const ALONE_DEG: i32 = 3;

/// Whole degrees within which something of the dossier must lie once latitude and longitude are exchanged.
const AMONG_DEG: i32 = 1;

/// Warns of areas, protected objects, movements and operations that lie far from every restraint of the dossier, but
/// among them once latitude and longitude are exchanged.
///
/// Only a warning: the place may be meant. A dossier whose every position is exchanged is consistent, and not noticed.
///
/// Costs a few lookups for each record that lies near others, some fifty for one that does not.
pub fn warn_of_transposed(dossier: &Dossier, operations: &[Operation], problems: &mut Problems) {
    let areas = dossier
        .areas
        .iter()
        .map(|area| (&area.volume.footprint, &area.provenance));
    let protected = dossier
        .protected
        .iter()
        .map(|object| (&object.volume.footprint, &object.provenance));
    let movements = dossier
        .movements
        .iter()
        .map(|movement| (&movement.volume.footprint, &movement.provenance));
    let restraints: Vec<_> = areas.chain(protected).chain(movements).collect();
    let mut map = Map::default();
    for (footprint, _) in &restraints {
        map.add(Cell::of(footprint));
    }
    for (footprint, provenance) in restraints {
        let cell = Cell::of(footprint);
        // A restraint is no company for itself.
        if map.near(cell, ALONE_DEG) <= 1 {
            warn_if_among(cell, provenance, &map, problems);
        }
    }
    for operation in operations {
        for (volume, provenance) in operation.volumes.iter().zip(&operation.provenances) {
            let cell = Cell::of(&volume.footprint);
            if map.near(cell, ALONE_DEG) == 0 {
                warn_if_among(cell, provenance, &map, problems);
            }
        }
    }
}

fn warn_if_among(cell: Cell, provenance: &Provenance, map: &Map, problems: &mut Problems) {
    let exchanged = Cell {
        latitude: cell.longitude,
        longitude: cell.latitude,
    };
    // Near the diagonal both readings are one place, and a restraint would be its own company.
    let one_place = (cell.latitude - cell.longitude).abs() <= AMONG_DEG;
    if one_place || exchanged.latitude.abs() > 90 || map.near(exchanged, AMONG_DEG) == 0 {
        return;
    }
    let mut warning = Problems::new(&*provenance.document);
    warning
        .warning(
            "perhaps_transposed",
            provenance.place(),
            "this lies far from every area, object and movement of the dossier, but among them \
             if latitude and longitude are exchanged",
        )
        .help("in GeoJSON longitude comes first: are the two swapped?");
    problems.append(warning);
}

/// A square of one degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cell {
    latitude: i32,
    longitude: i32,
}

impl Cell {
    /// The square of a footprint's middle.
    fn of(footprint: &Footprint) -> Self {
        let bounds = footprint.bounds();
        let longitude_deg = bounds
            .rects()
            .next()
            .map_or(0.0, |rect| (rect.west_deg + rect.east_deg) / 2.0);
        let latitude_deg = (bounds.south_deg() + bounds.north_deg()) / 2.0;
        Self {
            latitude: latitude_deg.floor() as i32,
            longitude: longitude_deg.floor() as i32,
        }
    }
}

/// How many restraints lie in each square.
#[derive(Debug, Default)]
struct Map(BTreeMap<Cell, usize>);

impl Map {
    fn add(&mut self, cell: Cell) {
        *self.0.entry(cell).or_default() += 1;
    }

    /// How many lie within so many degrees either way; counting stops at two.
    fn near(&self, cell: Cell, degrees: i32) -> usize {
        let mut found = self.0.get(&cell).copied().unwrap_or_default();
        for latitude in cell.latitude - degrees..=cell.latitude + degrees {
            for longitude in cell.longitude - degrees..=cell.longitude + degrees {
                if found > 1 {
                    return found;
                }
                // 180 degrees either way is the same meridian.
                let longitude = (longitude + 180).rem_euclid(360) - 180;
                let other = Cell {
                    latitude,
                    longitude,
                };
                if other != cell {
                    found += self.0.get(&other).copied().unwrap_or_default();
                }
            }
        }
        found
    }
}
