//! Things of one kind by id and by slot.

use std::sync::Arc;

use detente_persistent::{List, Map};

/// Things of one kind. A slot belongs to one id for good, so that a thing that returns is found where it was.
#[derive(Clone, Debug)]
pub(super) struct Shelf<I, T> {
    slots: List<Option<Arc<T>>>,
    by_id: Map<I, usize>,
}

impl<I, T> Default for Shelf<I, T> {
    fn default() -> Self {
        Self {
            slots: List::new(),
            by_id: Map::new(),
        }
    }
}

impl<I: Ord + Clone, T> Shelf<I, T> {
    /// Puts a thing into the slot of its id; returns the slot.
    pub(super) fn put(&mut self, id: I, thing: T) -> usize {
        let thing = Some(Arc::new(thing));
        let known = self.by_id.get(&id).copied();
        if let Some(slot) = known
            && let Some(place) = self.slots.get_mut(slot)
        {
            *place = thing;
            return slot;
        }
        let slot = self.slots.len();
        self.by_id.insert(id, slot);
        self.slots.push(thing);
        slot
    }

    /// Takes a thing out; returns its slot with it.
    pub(super) fn take(&mut self, id: &I) -> Option<(usize, Arc<T>)> {
        let slot = *self.by_id.get(id)?;
        let thing = self.slots.get_mut(slot)?.take()?;
        Some((slot, thing))
    }

    /// The thing in a slot.
    pub(super) fn get(&self, slot: usize) -> Option<&T> {
        self.slots.get(slot)?.as_deref()
    }

    /// The thing with this id.
    pub(super) fn find(&self, id: &I) -> Option<&T> {
        self.get(*self.by_id.get(id)?)
    }

    /// Everything, by slot.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.slots
            .iter()
            .enumerate()
            .filter_map(|(slot, thing)| Some((slot, thing.as_deref()?)))
    }
}
