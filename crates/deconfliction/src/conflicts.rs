//! What a volume conflicts with, and all pairs that conflict.

use detente_spacetime::{VerticalRelation, Volume4D, Widening, Window};

use crate::index::{Entry, Index};
use crate::search::Scratch;
use crate::solid::{bounds_of, vertical_relation};

/// A volume of the index that shares place, height and time with the volume asked about.
///
/// [`detente_spacetime::encounter`] of the two volumes says the same and draws the shared outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict<K> {
    /// The key of the volume in the index.
    pub key: K,
    /// When both are active.
    pub window: Window,
    /// The lowest shared height, metres above the WGS84 ellipsoid.
    pub lower_m: f64,
    /// The highest shared height, metres above the WGS84 ellipsoid; infinite when neither has a limit.
    pub upper_m: f64,
    /// Whether they share a height whatever is within the assumptions, and not only under some.
    pub certain: bool,
    /// What was widened to compare the heights, lowest first; empty when the comparison is exact.
    pub widenings: Vec<Widening>,
}

/// Two volumes of one index in conflict.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair<K> {
    /// The lesser key.
    pub first: K,
    /// The conflict, with the greater key.
    pub conflict: Conflict<K>,
}

impl<K: Ord + Clone> Index<K> {
    /// Every volume that conflicts with `volume`, by key: exact in place to a centimetre both ways, in height and in time.
    ///
    /// A volume of the index is in conflict with itself; leave its key out of the answer where that is not meant.
    pub fn conflicts(&self, volume: &Volume4D) -> Vec<Conflict<K>> {
        let mut conflicts = Vec::new();
        self.conflicts_into(volume, &mut Scratch::default(), &mut conflicts);
        conflicts
    }

    /// [`Index::conflicts`] into memory that is used again: for many questions in a row.
    pub fn conflicts_into(
        &self,
        volume: &Volume4D,
        scratch: &mut Scratch,
        conflicts: &mut Vec<Conflict<K>>,
    ) {
        conflicts.clear();
        self.search(volume, scratch, |_| true);
        self.confirm(volume, scratch, |conflict| conflicts.push(conflict));
        conflicts.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    }

    /// Every two volumes of the index that conflict, by first and then second key.
    pub fn all_pairs(&self) -> Vec<Pair<K>> {
        let mut pairs = Vec::new();
        let mut scratch = Scratch::default();
        let mut done = vec![false; self.slot_count()];
        // In the order of the runs, so that what one search brought into the caches serves the next.
        for slot in self.runs().flat_map(|run| run.live_slots()) {
            let Some(mark) = done.get_mut(slot as usize) else {
                continue;
            };
            if std::mem::replace(mark, true) {
                continue;
            }
            let Some(Entry { key, volume }) = self.entry(slot) else {
                continue;
            };
            self.search(volume, &mut scratch, |other| {
                done.get(other as usize) == Some(&false)
            });
            self.confirm(volume, &mut scratch, |conflict| {
                pairs.push(if *key < conflict.key {
                    Pair {
                        first: key.clone(),
                        conflict,
                    }
                } else {
                    Pair {
                        first: conflict.key,
                        conflict: Conflict {
                            key: key.clone(),
                            ..conflict
                        },
                    }
                });
            });
        }
        pairs
            .sort_unstable_by(|a, b| (&a.first, &a.conflict.key).cmp(&(&b.first, &b.conflict.key)));
        pairs
    }

    /// Fills the scratch with the candidates of a volume.
    pub(crate) fn search(
        &self,
        volume: &Volume4D,
        scratch: &mut Scratch,
        wanted: impl Fn(u32) -> bool,
    ) {
        scratch.boxes.clear();
        scratch.boxes.extend(bounds_of(volume, &self.assumptions));
        scratch.search(self.runs(), &volume.footprint, wanted);
    }

    /// Turns candidates into conflicts: exact where the quick test was unsure, and exact in height and time.
    fn confirm(
        &self,
        volume: &Volume4D,
        scratch: &mut Scratch,
        mut found: impl FnMut(Conflict<K>),
    ) {
        let candidates = &mut scratch.candidates;
        for slots in [&mut candidates.sure, &mut candidates.unsure] {
            slots.sort_unstable();
            slots.dedup();
        }
        let sure = candidates.sure.iter().map(|slot| (*slot, true));
        // A shape with two boxes may be sure by neither or by both: the test does not depend on the box.
        let unsure = candidates.unsure.iter().map(|slot| (*slot, false));
        for (slot, overlaps) in sure.chain(unsure) {
            let Some(entry) = self.entry(slot) else {
                continue;
            };
            if let Some(conflict) = self.conflict(volume, entry, overlaps) {
                found(conflict);
            }
        }
    }

    fn conflict(&self, volume: &Volume4D, entry: &Entry<K>, overlaps: bool) -> Option<Conflict<K>> {
        let window = volume.window.intersection(&entry.volume.window)?;
        let relation = vertical_relation(volume, &entry.volume, &self.assumptions);
        let VerticalRelation::Overlap {
            lower_m,
            upper_m,
            certain,
            widenings,
        } = relation
        else {
            return None;
        };
        if !overlaps && !volume.footprint.overlaps(&entry.volume.footprint) {
            return None;
        }
        Some(Conflict {
            key: entry.key.clone(),
            window,
            lower_m,
            upper_m,
            certain,
            widenings,
        })
    }
}
