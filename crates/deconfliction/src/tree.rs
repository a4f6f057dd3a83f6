//! A packed tree of boxes with sixteen children a node.

use std::sync::Arc;

use crate::bounds::{Bounds, DIMENSIONS};
use crate::lanes::{LANES, Lanes, Portable};

/// Children of a node: as many as are compared at once.
pub(crate) const FAN_OUT: usize = LANES;

/// Sixteen boxes, one array per side and dimension, so that all are compared at once.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Node {
    low: [[i32; FAN_OUT]; DIMENSIONS],
    high: [[i32; FAN_OUT]; DIMENSIONS],
}

impl Node {
    const EMPTY: Self = Self {
        low: [[i32::MAX; FAN_OUT]; DIMENSIONS],
        high: [[i32::MIN; FAN_OUT]; DIMENSIONS],
    };

    fn set(&mut self, lane: usize, bounds: &Bounds) {
        for d in 0..DIMENSIONS {
            self.low[d][lane] = bounds.low[d];
            self.high[d][lane] = bounds.high[d];
        }
    }

    fn get(&self, lane: usize) -> Bounds {
        Bounds {
            low: std::array::from_fn(|d| self.low[d][lane]),
            high: std::array::from_fn(|d| self.high[d][lane]),
        }
    }

    fn union(&self) -> Bounds {
        (0..FAN_OUT).fold(Bounds::EMPTY, |all, lane| all.union(&self.get(lane)))
    }
}

/// A node or position that a search has come to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    /// The number of the search.
    pub(crate) search: u32,
    /// The number of the node in its level, or of the position.
    pub(crate) place: u32,
}

/// Boxes packed sixteen to a node, in the order given, bottom level first.
///
/// A box is known by its position in that order.
/// Positions never move; a removed box is blanked in its leaf and its position is not used again.
/// Levels are shared with clones until one of them changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct BoxTree {
    levels: Vec<Arc<Vec<Node>>>,
    len: usize,
}

impl BoxTree {
    /// Packs boxes that are already in a good order (see [`crate::order`]). Time is linear.
    pub(crate) fn pack(boxes: &[Bounds]) -> Self {
        let mut levels = vec![Arc::new(pack_level(boxes))];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            let unions: Vec<Bounds> = below.iter().map(Node::union).collect();
            levels.push(Arc::new(pack_level(&unions)));
        }
        Self {
            levels,
            len: boxes.len(),
        }
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.levels
            .iter()
            .map(|level| level.capacity() * size_of::<Node>())
            .sum()
    }

    /// The box at a position; empty where it was blanked or never was.
    pub(crate) fn bounds(&self, position: u32) -> Bounds {
        let (node, lane) = split(position);
        self.levels
            .first()
            .and_then(|leaves| leaves.get(node))
            .map_or(Bounds::EMPTY, |leaf| leaf.get(lane))
    }

    /// Appends a box at the next position, whatever its place: searches stay right and get slower.
    ///
    /// Meant for the few newest boxes; whatever is in the tree keeps its position.
    pub(crate) fn push(&mut self, bounds: &Bounds) {
        let mut number = self.len;
        self.len += 1;
        let mut level = 0;
        loop {
            let (node, lane) = (number / FAN_OUT, number % FAN_OUT);
            if self.levels.len() == level {
                self.levels.push(Arc::default());
                self.adopt_root(level);
            }
            let Some(nodes) = self.levels.get_mut(level).map(Arc::make_mut) else {
                return;
            };
            if nodes.len() == node {
                nodes.push(Node::EMPTY);
            }
            if let Some(entry) = nodes.get_mut(node) {
                entry.set(lane, &entry.get(lane).union(bounds));
            }
            if nodes.len() == 1 {
                return;
            }
            number = node;
            level += 1;
        }
    }

    /// Gives a new top level the box of the node that was the root until now.
    fn adopt_root(&mut self, level: usize) {
        let root = level
            .checked_sub(1)
            .and_then(|below| self.levels.get(below)?.first())
            .map(Node::union);
        if let (Some(root), Some(top)) = (root, self.levels.get_mut(level)) {
            let mut node = Node::EMPTY;
            node.set(0, &root);
            Arc::make_mut(top).push(node);
        }
    }

    /// Blanks one position, so that no search meets it again.
    ///
    /// The nodes above keep their size until the tree is packed anew.
    pub(crate) fn blank(&mut self, position: u32) {
        let (node, lane) = split(position);
        if let Some(leaf) = self
            .levels
            .first_mut()
            .and_then(|leaves| Arc::make_mut(leaves).get_mut(node))
        {
            leaf.set(lane, &Bounds::EMPTY);
        }
    }

    /// Puts into `found` the positions of all boxes that meet each of `searches`, in no particular order.
    ///
    /// All searches go down level by level together, so that the nodes of a level are fetched from memory side by side.
    /// `above` is working memory, handed in so that a search allocates nothing.
    #[inline(always)]
    pub(crate) fn search<L: Lanes, T>(
        &self,
        lanes: L,
        searches: &[(Bounds, T)],
        above: &mut Vec<Found>,
        found: &mut Vec<Found>,
    ) {
        found.clear();
        if self.levels.is_empty() {
            return;
        }
        found.extend((0..searches.len() as u32).map(|search| Found { search, place: 0 }));
        for nodes in self.levels.iter().rev() {
            std::mem::swap(above, found);
            found.clear();
            for Found { search, place } in above.iter() {
                let (Some(node), Some((bounds, _))) =
                    (nodes.get(*place as usize), searches.get(*search as usize))
                else {
                    continue;
                };
                let mut meeting = lanes.meeting(&node.low, &node.high, bounds);
                while meeting != 0 {
                    found.push(Found {
                        search: *search,
                        place: place * FAN_OUT as u32 + meeting.trailing_zeros(),
                    });
                    meeting &= meeting - 1;
                }
            }
        }
    }

    /// The positions of all boxes that meet `search`.
    pub(crate) fn meeting(&self, search: &Bounds) -> Vec<u32> {
        let (mut above, mut found) = (Vec::new(), Vec::new());
        self.search(Portable, &[(*search, ())], &mut above, &mut found);
        found.into_iter().map(|found| found.place).collect()
    }

    /// The children of a node: boxes of nodes below, or of positions when `level` is 0. Empty lanes are left out.
    pub(crate) fn children(
        &self,
        level: u32,
        node: u32,
    ) -> impl Iterator<Item = (u32, Bounds)> + '_ {
        let entry = self
            .levels
            .get(level as usize)
            .and_then(|nodes| nodes.get(node as usize));
        entry.into_iter().flat_map(move |entry| {
            (0..FAN_OUT as u32).filter_map(move |lane| {
                let bounds = entry.get(lane as usize);
                (bounds != Bounds::EMPTY).then_some((node * FAN_OUT as u32 + lane, bounds))
            })
        })
    }

    /// The level of the root, if there is anything.
    pub(crate) fn top(&self) -> Option<u32> {
        self.levels.len().checked_sub(1).map(|top| top as u32)
    }
}

fn pack_level(boxes: &[Bounds]) -> Vec<Node> {
    boxes
        .chunks(FAN_OUT)
        .map(|children| {
            let mut node = Node::EMPTY;
            for (lane, bounds) in children.iter().enumerate() {
                node.set(lane, bounds);
            }
            node
        })
        .collect()
}

fn split(position: u32) -> (usize, usize) {
    (position as usize / FAN_OUT, position as usize % FAN_OUT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::packing_order;
    use proptest::prelude::*;

    fn arbitrary_bounds() -> impl Strategy<Value = Bounds> {
        let side = || (-50_i32..50, 0_i32..20).prop_map(|(low, length)| (low, low + length));
        [side(), side(), side(), side()].prop_map(|sides| Bounds {
            low: sides.map(|(low, _)| low),
            high: sides.map(|(_, high)| high),
        })
    }

    proptest! {
        #[test]
        fn a_search_finds_exactly_the_boxes_it_meets(
            boxes in prop::collection::vec(arbitrary_bounds(), 0..600),
            search in arbitrary_bounds(),
            blanked in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            let mut packed: Vec<Bounds> =
                packing_order(&boxes).into_iter().map(|place| boxes[place as usize]).collect();
            let mut tree = BoxTree::pack(&packed);
            let blanked = blanked.iter().filter(|_| !boxes.is_empty()).map(|i| i.index(boxes.len()));
            for place in blanked {
                tree.blank(place as u32);
                packed[place] = Bounds::EMPTY;
            }
            let mut found = tree.meeting(&search);
            found.sort_unstable();
            let expected: Vec<u32> =
                (0..packed.len() as u32).filter(|i| packed[*i as usize].meets(&search)).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn boxes_pushed_one_by_one_are_found_as_packed_ones_are(
            boxes in prop::collection::vec(arbitrary_bounds(), 0..600),
            search in arbitrary_bounds(),
        ) {
            let mut tree = BoxTree::default();
            for bounds in &boxes {
                tree.push(bounds);
            }
            let mut found = tree.meeting(&search);
            found.sort_unstable();
            let expected: Vec<u32> =
                (0..boxes.len() as u32).filter(|i| boxes[*i as usize].meets(&search)).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn every_instruction_set_gives_the_same_answer(
            boxes in prop::collection::vec(arbitrary_bounds(), 16),
            search in arbitrary_bounds(),
        ) {
            let mut node = Node::EMPTY;
            for (lane, bounds) in boxes.iter().enumerate() {
                node.set(lane, bounds);
            }
            let portable = Portable.meeting(&node.low, &node.high, &search);
            #[cfg(target_arch = "x86_64")]
            {
                if let Some(lanes) = pulp::x86::V3::try_new() {
                    prop_assert_eq!(lanes.meeting(&node.low, &node.high, &search), portable);
                }
                if let Some(lanes) = pulp::x86::V4::try_new() {
                    prop_assert_eq!(lanes.meeting(&node.low, &node.high, &search), portable);
                }
            }
            for (lane, bounds) in boxes.iter().enumerate() {
                prop_assert_eq!(portable >> lane & 1 == 1, bounds.meets(&search));
            }
        }
    }
}
