//! Whether both sides found the same conflicts, and if not, who is right.

use super::measure::{Conflicts, Measure};
use super::postgis::PostGis;
use anyhow::Result;

/// Pairs on which the two sides disagree.
pub(super) struct Differences {
    /// Found by us and not by PostGIS.
    pub(super) only_ours: Vec<(u32, u32)>,
    /// Found by PostGIS and not by us.
    pub(super) only_peer: Vec<(u32, u32)>,
    /// Those of either list on which PostGIS agrees with us once the edges are cut along their geodesics.
    pub(super) settled: usize,
}

impl Differences {
    /// Whether PostGIS agrees with us on every pair, given the same edges.
    pub(super) fn explained(&self) -> bool {
        self.settled == self.count()
    }

    pub(super) fn count(&self) -> usize {
        self.only_ours.len() + self.only_peer.len()
    }
}

/// Compares both answers and asks PostGIS again where they differ.
pub(super) fn differences(
    measure: &Measure,
    server: &PostGis,
    ours: &Conflicts,
    peer: &Conflicts,
) -> Result<Differences> {
    let only_ours: Vec<(u32, u32)> = ours.difference(peer).copied().collect();
    let only_peer: Vec<(u32, u32)> = peer.difference(ours).copied().collect();
    let disputed: Vec<(u32, u32)> = only_ours.iter().chain(&only_peer).copied().collect();
    let settled = match disputed.is_empty() {
        true => 0,
        false => {
            let again = server.densified(measure, &disputed)?;
            disputed
                .iter()
                .filter(|pair| again.contains(pair) == ours.contains(pair))
                .count()
        }
    };
    Ok(Differences {
        only_ours,
        only_peer,
        settled,
    })
}
