//! A list in shared blocks.

use std::slice;
use std::sync::Arc;

/// Items of a block: a change to a shared list copies one block, and the places of all.
const BLOCK: usize = 64;

/// A list that grows at its end; a clone shares every block with its original until one of them changes it.
///
/// # Cost
///
/// Reading takes one step. Cloning takes one for each 64 items.
#[derive(Clone, Debug)]
pub struct List<T> {
    /// All full but the last, and none empty.
    blocks: Vec<Arc<Vec<T>>>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { blocks: Vec::new() }
    }
}

impl<T> List<T> {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        let last = self.blocks.last().map_or(0, |block| block.len());
        self.blocks.len().saturating_sub(1) * BLOCK + last
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The item at a place.
    #[inline]
    pub fn get(&self, place: usize) -> Option<&T> {
        self.blocks.get(place / BLOCK)?.get(place % BLOCK)
    }

    /// Items in order.
    pub fn iter(&self) -> Items<'_, T> {
        Items {
            blocks: self.blocks.iter(),
            block: [].iter(),
        }
    }
}

impl<T: Clone> List<T> {
    /// Adds an item at the end.
    pub fn push(&mut self, item: T) {
        match self.blocks.last_mut() {
            Some(block) if block.len() < BLOCK => Arc::make_mut(block).push(item),
            _ => self.blocks.push(Arc::new(vec![item])),
        }
    }

    /// The item at a place, to be changed.
    pub fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        let block = self.blocks.get_mut(place / BLOCK)?;
        // Nothing is copied for a place that is not there.
        block.get(place % BLOCK)?;
        Arc::make_mut(block).get_mut(place % BLOCK)
    }
}

/// Items in order.
#[derive(Clone, Debug)]
pub struct Items<'a, T> {
    blocks: slice::Iter<'a, Arc<Vec<T>>>,
    block: slice::Iter<'a, T>,
}

impl<'a, T> Iterator for Items<'a, T> {
    type Item = &'a T;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.block.next() {
                return Some(item);
            }
            self.block = self.blocks.next()?.iter();
        }
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = Items<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_was_pushed_and_no_copy_sees_a_later_change(
            steps in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 0..1_000),
        ) {
            let (mut list, mut standard, mut kept) = (List::new(), Vec::new(), Vec::new());
            for (place, value, step) in steps {
                match step {
                    0 if !standard.is_empty() => {
                        let place = place.index(standard.len());
                        *list.get_mut(place).expect("an item") = value;
                        standard[place] = value;
                    }
                    1 if value < 16 => kept.push((list.clone(), standard.clone())),
                    _ => {
                        list.push(value);
                        standard.push(value);
                    }
                }
                prop_assert_eq!(list.len(), standard.len());
                prop_assert_eq!(list.get_mut(standard.len()), None);
            }
            kept.push((list, standard));
            for (list, standard) in kept {
                prop_assert!(list.iter().eq(&standard));
                prop_assert!((0..=standard.len()).all(|place| list.get(place) == standard.get(place)));
                prop_assert_eq!(list.is_empty(), standard.is_empty());
            }
        }
    }
}
