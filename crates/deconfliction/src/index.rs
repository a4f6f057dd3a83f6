//! The index: volumes come and go, and each question is answered for those that are there.

use detente_persistent::{List, Map};
use detente_spacetime::{VerticalAssumptions, Volume4D};

use crate::bounds::Bounds;
use crate::run::Run;
use crate::shape::{Mapped, Solid};
use crate::solid::{bounds_of, fill};

/// Newest volumes kept without order: a search looks through their boxes in a microsecond at most.
const FRESH_MAX: usize = 256;

/// A run is merged into the one before it when that one is less than this many times as long.
///
/// Larger means fewer runs to search and more copying: a volume is copied about log₄(n / 256) times in all.
const GROWTH: usize = 4;

/// Widest box that is kept with the compact ones, ticks (0.3°): larger ones would stretch every node above them.
const COMPACT_WIDTH_MAX: i64 = 3_000_000;

/// Longest window kept with the compact ones, ticks (4 h).
const COMPACT_DURATION_MAX: i64 = 7_200;

/// The classes of size in which volumes are kept apart: compact, and wide or lasting.
const CLASSES: usize = 2;

/// An index of volumes by key, for exact conflicts in four dimensions.
///
/// A key names one volume. Questions are answered for the volumes held, sorted by key, and do not depend on the order in
/// which those were inserted.
///
/// # How it works
///
/// Boxes of volumes are packed into trees by place and time.
/// A search finds the boxes that meet its own; their footprints, stored as integers on charts of their tiles, are compared
/// quickly where the answer is certain by more than half a millimetre, and exactly where it is not.
///
/// # Cost
///
/// Inserting and removing take amortised logarithmic time; a question about a volume takes logarithmic time and what its
/// conflicts and near misses cost.
/// A clone shares what is packed with its original: it copies the newest volumes and a reference for each 64 others. Whoever
/// then takes out a volume that is packed copies the boxes it is packed with.
#[derive(Clone, Debug)]
pub struct Index<K> {
    pub(crate) assumptions: VerticalAssumptions,
    keys: Map<K, u32>,
    slots: List<Option<Entry<K>>>,
    free: Vec<u32>,
    fresh: Run,
    /// Packed runs of each class, longest first.
    packed: [Vec<Run>; CLASSES],
    solid: Solid,
    mapped: Mapped,
}

/// A volume and its key.
#[derive(Clone, Debug)]
pub(crate) struct Entry<K> {
    pub(crate) key: K,
    pub(crate) volume: Volume4D,
}

impl<K: Ord + Clone> Index<K> {
    /// An empty index; `assumptions` bound what converting between altitude references may add.
    pub fn new(assumptions: VerticalAssumptions) -> Self {
        Self {
            assumptions,
            keys: Map::new(),
            slots: List::new(),
            free: Vec::new(),
            fresh: Run::default(),
            packed: [const { Vec::new() }; CLASSES],
            solid: Solid::default(),
            mapped: Mapped::default(),
        }
    }

    /// Number of volumes.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no volume.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The volume of a key.
    pub fn get(&self, key: &K) -> Option<&Volume4D> {
        self.keys
            .get(key)
            .and_then(|slot| self.entry(*slot))
            .map(|entry| &entry.volume)
    }

    /// Keys and volumes, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &Volume4D)> {
        self.keys
            .iter()
            .filter_map(|(key, slot)| self.entry(*slot).map(|entry| (key, &entry.volume)))
    }

    /// Adds a volume, or replaces the one its key had, which is returned.
    pub fn insert(&mut self, key: K, volume: &Volume4D) -> Option<Volume4D> {
        let before = self.add(key, volume);
        if self.fresh.len() >= FRESH_MAX {
            self.settle();
        }
        before
    }

    /// Adds many volumes at once and packs them together: faster than one by one, and the best layout for searches.
    ///
    /// Where a key is named twice, the later volume replaces the earlier.
    pub fn insert_all<'v>(&mut self, volumes: impl IntoIterator<Item = (K, &'v Volume4D)>) {
        for (key, volume) in volumes {
            self.add(key, volume);
        }
        self.settle();
    }

    /// Takes a volume out.
    pub fn remove(&mut self, key: &K) -> Option<Volume4D> {
        let slot = self.keys.remove(key)?;
        let entry = self.slots.get_mut(slot as usize).and_then(Option::take)?;
        for bounds in bounds_of(&entry.volume, &self.assumptions) {
            for run in std::iter::once(&mut self.fresh).chain(self.packed.iter_mut().flatten()) {
                run.remove(slot, &bounds);
            }
        }
        self.free.push(slot);
        self.thin_out();
        Some(entry.volume)
    }

    /// Bytes of the trees and quick shapes; the volumes themselves and the keys are not counted.
    pub fn bytes(&self) -> usize {
        self.runs().map(Run::bytes).sum()
    }

    pub(crate) fn entry(&self, slot: u32) -> Option<&Entry<K>> {
        self.slots.get(slot as usize).and_then(Option::as_ref)
    }

    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.packed
            .iter()
            .flatten()
            .chain(std::iter::once(&self.fresh))
            .filter(|run| run.live() > 0)
    }

    /// Number of slots ever used at once: every slot is below it.
    pub(crate) fn slot_count(&self) -> usize {
        self.slots.len()
    }

    fn add(&mut self, key: K, volume: &Volume4D) -> Option<Volume4D> {
        let before = self.remove(&key);
        let entry = Entry {
            key: key.clone(),
            volume: volume.clone(),
        };
        let slot = match self.free.pop() {
            Some(slot) => {
                if let Some(place) = self.slots.get_mut(slot as usize) {
                    *place = Some(entry);
                }
                slot
            }
            None => {
                self.slots.push(Some(entry));
                (self.slots.len() - 1) as u32
            }
        };
        self.keys.insert(key, slot);
        fill(&mut self.solid, &volume.footprint);
        for bounds in bounds_of(volume, &self.assumptions) {
            self.fresh
                .push(&bounds, slot, &self.solid, &mut self.mapped);
        }
        before
    }

    /// Packs the fresh volumes, and merges runs that became as long as the ones before them.
    fn settle(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        for (class, runs) in self.packed.iter_mut().enumerate() {
            let packed = Run::merge(&[&fresh], |bounds| class_of(bounds) == class);
            if packed.live() > 0 {
                runs.push(packed);
                merge_lengths(runs);
            }
        }
    }

    /// Packs anew what has lost more than half of its volumes.
    fn thin_out(&mut self) {
        for runs in &mut self.packed {
            if runs.iter().any(|run| run.live() * 2 < run.len()) {
                for run in runs.iter_mut().filter(|run| run.live() * 2 < run.len()) {
                    *run = Run::merge(&[run], |_| true);
                }
                runs.retain(|run| run.live() > 0);
                merge_lengths(runs);
            }
        }
        if self.fresh.live() == 0 {
            self.fresh = Run::default();
        }
    }
}

/// Merges from the end until every run is [`GROWTH`] times as long as the next.
fn merge_lengths(runs: &mut Vec<Run>) {
    let lengths: Vec<usize> = runs.iter().map(Run::live).collect();
    let mut from = lengths.len();
    let mut gathered = 0;
    // The longest tail whose total calls for a merge is merged in one go, so that nothing is copied twice.
    let mut merge_from = lengths.len();
    while from > 0 {
        from -= 1;
        let length = lengths.get(from).copied().unwrap_or(0);
        if gathered > 0 && length < gathered * GROWTH {
            merge_from = from;
        }
        gathered += length;
    }
    if merge_from < runs.len() {
        let tail = runs.split_off(merge_from);
        let tail: Vec<&Run> = tail.iter().collect();
        runs.push(Run::merge(&tail, |_| true));
    }
}

fn class_of(bounds: &Bounds) -> usize {
    use crate::bounds::{LATITUDE, LONGITUDE, TIME};
    let wide = bounds.extent(LONGITUDE).max(bounds.extent(LATITUDE)) > COMPACT_WIDTH_MAX;
    usize::from(wide || bounds.extent(TIME) > COMPACT_DURATION_MAX)
}
