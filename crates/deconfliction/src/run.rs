//! A packed run of volumes: a tree of boxes with the shapes and slots of its leaves in the same order.

use std::sync::Arc;

use crate::bounds::Bounds;
use crate::order::packing_order;
use crate::shape::{Mapped, ShapeStore, Solid};
use crate::tree::BoxTree;

/// Volumes side by side; a volume is known by its position.
///
/// A clone shares what it is packed of; of a removal it copies the boxes alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run {
    pub(crate) tree: BoxTree,
    /// The slot of the index in which each position's volume is kept.
    pub(crate) slots: Arc<Vec<u32>>,
    pub(crate) shapes: Arc<ShapeStore>,
    /// Positions that are not blanked.
    live: usize,
}

impl Run {
    /// Merges runs into one, leaving out what was removed from them.
    ///
    /// Shapes are copied as they are, so that merging never changes an answer and never projects anything.
    pub(crate) fn merge(runs: &[&Self], wanted: impl Fn(&Bounds) -> bool) -> Self {
        let mut boxes = Vec::new();
        let mut sources = Vec::new();
        for (run, number) in runs.iter().zip(0_usize..) {
            for position in 0..run.slots.len() as u32 {
                let bounds = run.tree.bounds(position);
                if bounds != Bounds::EMPTY && wanted(&bounds) {
                    boxes.push(bounds);
                    sources.push((number, position));
                }
            }
        }
        let order = packing_order(&boxes);
        let packed: Vec<Bounds> = order
            .iter()
            .filter_map(|place| boxes.get(*place as usize).copied())
            .collect();
        let mut slots = Vec::with_capacity(order.len());
        let mut shapes = ShapeStore::default();
        for place in order {
            let Some(&(number, position)) = sources.get(place as usize) else {
                continue;
            };
            let Some(run) = runs.get(number) else {
                continue;
            };
            slots.extend(run.slots.get(position as usize));
            shapes.push_from(&run.shapes, position);
        }
        shapes.shrink();
        Self {
            tree: BoxTree::pack(&packed),
            slots: Arc::new(slots),
            shapes: Arc::new(shapes),
            live: boxes.len(),
        }
    }

    /// Appends a volume with its shape, without regard to order.
    pub(crate) fn push(&mut self, bounds: &Bounds, slot: u32, solid: &Solid, mapped: &mut Mapped) {
        self.tree.push(bounds);
        Arc::make_mut(&mut self.slots).push(slot);
        Arc::make_mut(&mut self.shapes).push(solid, mapped);
        self.live += 1;
    }

    /// Removes every position of a slot among those that meet a box.
    pub(crate) fn remove(&mut self, slot: u32, bounds: &Bounds) {
        for position in self.tree.meeting(bounds) {
            if self.slots.get(position as usize) == Some(&slot) {
                self.tree.blank(position);
                self.live -= 1;
            }
        }
    }

    pub(crate) fn live(&self) -> usize {
        self.live
    }

    /// The slots of all positions that are not blanked, in order.
    pub(crate) fn live_slots(&self) -> impl Iterator<Item = u32> {
        let live = |position: &u32| self.tree.bounds(*position) != Bounds::EMPTY;
        (0..self.slots.len() as u32)
            .filter(live)
            .filter_map(|position| self.slots.get(position as usize).copied())
    }

    /// Positions, removed ones included.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.tree.bytes() + self.slots.capacity() * size_of::<u32>() + self.shapes.bytes()
    }
}
