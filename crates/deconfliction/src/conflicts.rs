//! What a volume conflicts with, and all pairs that conflict.

use detente_spacetime::{VerticalRelation, Volume4D, Widening, Window};

use crate::index::{Entry, Index};
use crate::search::Scratch;
use crate::solid::vertical_relation;

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

/// Questions searched side by side: enough to keep memory busy, few enough that what they found stays in the nearest cache.
const SIDE_BY_SIDE: usize = 16;

impl<K: Ord + Clone> Index<K> {
    /// Every volume that conflicts with `volume`, by key: exact in place to a centimetre both ways, in height and in time.
    ///
    /// A volume of the index is in conflict with itself; leave its key out of the answer where that is not meant.
    pub fn conflicts(&self, volume: &Volume4D) -> Vec<Conflict<K>> {
        let mut conflicts = Vec::new();
        self.conflicts_into(volume, &mut Scratch::default(), &mut conflicts);
        conflicts
    }

    /// [`Index::conflicts`] into memory that is used again: for many questions one after another.
    pub fn conflicts_into(
        &self,
        volume: &Volume4D,
        scratch: &mut Scratch,
        conflicts: &mut Vec<Conflict<K>>,
    ) {
        conflicts.clear();
        self.search(&[volume], scratch, |_| true);
        self.confirm(&[volume], scratch, |_, _, conflict| {
            conflicts.push(conflict)
        });
        conflicts.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    }

    /// [`Index::conflicts`] of many volumes, sooner than one after another: searches side by side wait for memory together.
    ///
    /// `answer` is called once for each volume, in order, with its number and its conflicts.
    pub fn conflicts_of_each(
        &self,
        volumes: &[Volume4D],
        scratch: &mut Scratch,
        mut answer: impl FnMut(usize, &[Conflict<K>]),
    ) {
        let mut conflicts: [Vec<Conflict<K>>; SIDE_BY_SIDE] = [const { Vec::new() }; SIDE_BY_SIDE];
        let mut number = 0;
        for volumes in volumes.chunks(SIDE_BY_SIDE) {
            let volumes: Vec<&Volume4D> = volumes.iter().collect();
            self.search(&volumes, scratch, |_| true);
            self.confirm(&volumes, scratch, |question, _, conflict| {
                if let Some(conflicts) = conflicts.get_mut(question) {
                    conflicts.push(conflict);
                }
            });
            for (conflicts, _) in conflicts.iter_mut().zip(&volumes) {
                conflicts.sort_unstable_by(|a, b| a.key.cmp(&b.key));
                answer(number, conflicts);
                conflicts.clear();
                number += 1;
            }
        }
    }

    /// Every two volumes of the index that conflict, by first and then second key.
    pub fn all_pairs(&self) -> Vec<Pair<K>> {
        let mut pairs = Vec::new();
        let mut scratch = Scratch::default();
        let mut group: Vec<(u32, &Entry<K>)> = Vec::with_capacity(SIDE_BY_SIDE);
        // A slot's turn comes once; it is compared with those whose turn comes later.
        let mut turns = vec![u32::MAX; self.slot_count()];
        let mut turn = 0;
        // In the order of the runs, so that what one search brought into the caches serves the next.
        let mut order: Vec<u32> = Vec::with_capacity(self.len());
        for slot in self.runs().flat_map(|run| run.live_slots()) {
            if let Some(mine) = turns
                .get_mut(slot as usize)
                .filter(|mine| **mine == u32::MAX)
            {
                *mine = turn;
                turn += 1;
                order.push(slot);
            }
        }
        for slots in order.chunks(SIDE_BY_SIDE) {
            group.clear();
            group.extend(
                slots
                    .iter()
                    .filter_map(|slot| Some((*slot, self.entry(*slot)?))),
            );
            let volumes: Vec<&Volume4D> = group.iter().map(|(_, entry)| &entry.volume).collect();
            let turn_of = |slot: u32| turns.get(slot as usize).copied();
            let first = group.first().and_then(|(slot, _)| turn_of(*slot));
            self.search(&volumes, &mut scratch, |slot| turn_of(slot) > first);
            self.confirm(&volumes, &scratch, |question, slot, conflict| {
                let Some((own, entry)) = group.get(question) else {
                    return;
                };
                if turn_of(slot) > turn_of(*own) {
                    pairs.push(pair(&entry.key, conflict));
                }
            });
        }
        pairs
            .sort_unstable_by(|a, b| (&a.first, &a.conflict.key).cmp(&(&b.first, &b.conflict.key)));
        pairs
    }

    /// Fills the scratch with the candidates of volumes.
    fn search(&self, volumes: &[&Volume4D], scratch: &mut Scratch, wanted: impl Fn(u32) -> bool) {
        scratch.search(self.runs(), volumes, &self.assumptions, wanted);
    }

    /// Turns candidates into conflicts: exact where the quick test was unsure, and exact in height and time.
    fn confirm(
        &self,
        volumes: &[&Volume4D],
        scratch: &Scratch,
        mut found: impl FnMut(usize, u32, Conflict<K>),
    ) {
        for candidate in &scratch.candidates {
            let question = candidate.question as usize;
            let (Some(volume), Some(entry)) = (volumes.get(question), self.entry(candidate.slot))
            else {
                continue;
            };
            if let Some(conflict) = self.conflict(volume, entry, candidate.unsure) {
                found(question, candidate.slot, conflict);
            }
        }
    }

    fn conflict(&self, volume: &Volume4D, entry: &Entry<K>, unsure: bool) -> Option<Conflict<K>> {
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
        if unsure && !volume.footprint.overlaps(&entry.volume.footprint) {
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

/// A pair with the lesser key first.
fn pair<K: Ord + Clone>(key: &K, conflict: Conflict<K>) -> Pair<K> {
    if *key < conflict.key {
        return Pair {
            first: key.clone(),
            conflict,
        };
    }
    Pair {
        first: conflict.key,
        conflict: Conflict {
            key: key.clone(),
            ..conflict
        },
    }
}
