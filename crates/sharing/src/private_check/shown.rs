//! Showing single legs of those a side is committed to.
//!
//! The legs of all plans, filled up with leaves that stand for none, are the leaves of a tree (RFC 6962) in an order that only
//! their side knows. Its root is in the commitment, so that a leg shown later, with its salt and its path, is one that was
//! there from the beginning; nothing is learnt of the others, and of their number only the power of two above it.

use std::convert::Infallible;

use detente_ledger::hash::Hash;
use detente_ledger::proof::{SubtreeHashes, check_inclusion, prove_inclusion};

use super::Leg;
use super::secrets::{Purpose, Secrets};

/// Fewest leaves, so that a handful of legs does not show.
const LEAVES_MIN: usize = 16;
/// Most legs of a side: twice the plans that a session was measured with.
pub const LEGS_MAX: usize = 1 << 11;
/// Most bytes of a side's legs together: with what proves them, all of them fit into one message of 4 MiB, and that into the
/// largest content a peer takes.
pub const LEGS_BYTES_MAX: usize = 3 << 20;
/// Longest path: that of the most legs.
pub(super) const PATH_MAX: usize = 11;

/// A leg with what proves that its side was committed to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownLeg {
    /// The place of its leaf.
    pub place: u32,
    /// The salt of its leaf.
    pub salt: [u8; 16],
    /// The leg.
    pub leg: Leg,
    /// The path from the leaf to the root.
    pub path: Vec<Hash>,
}

impl ShownLeg {
    /// Whether it is one of the leaves of a tree.
    pub(super) fn is_of(&self, leaves: u32, root: Hash) -> bool {
        let leaf = leaf(&self.salt, &self.leg.to_bytes());
        let (place, leaves) = (u64::from(self.place), u64::from(leaves));
        check_inclusion(&self.path, place, leaf, leaves, root).is_ok()
    }
}

fn leaf(salt: &[u8; 16], leg: &[u8]) -> Hash {
    Hash::leaf(&[salt, leg].concat())
}

/// A side's legs as the leaves of a full tree.
#[derive(Clone, Debug)]
pub(super) struct Leaves {
    /// The hashes of each height, from the leaves to the root.
    heights: Vec<Vec<Hash>>,
    salts: Vec<[u8; 16]>,
    /// Where each leg's leaf is.
    places: Vec<usize>,
}

impl SubtreeHashes for &Leaves {
    type Error = Infallible;

    fn subtree(&mut self, height: u32, index: u64) -> Result<Hash, Infallible> {
        let height = usize::try_from(height).ok();
        let row = height.and_then(|height| self.heights.get(height));
        let index = usize::try_from(index).ok();
        let hash = row.zip(index).and_then(|(row, index)| row.get(index));
        // The tree is full: there is no node that it does not hold.
        Ok(hash.copied().unwrap_or_else(Hash::empty_tree))
    }
}

impl Leaves {
    /// Makes the leaves of legs in the order of the plans.
    pub(super) fn of<'a>(secrets: &Secrets, legs: impl Iterator<Item = &'a Leg>) -> Self {
        let legs: Vec<&Leg> = legs.collect();
        let count = legs.len().max(LEAVES_MIN).next_power_of_two();
        let salts = secrets.salts(Purpose::LegSalts, count);
        let order = secrets.order(Purpose::Legs, count);
        let mut places = vec![0; legs.len()];
        let mut row = Vec::with_capacity(count);
        for (place, (leg, salt)) in order.iter().zip(&salts).enumerate() {
            let bytes = legs.get(*leg).map_or_else(Vec::new, |leg| leg.to_bytes());
            row.push(leaf(salt, &bytes));
            if let Some(of) = places.get_mut(*leg) {
                *of = place;
            }
        }
        let mut heights = vec![row];
        while let Some(row) = heights.last().filter(|row| row.len() > 1) {
            let (pairs, _) = row.as_chunks::<2>();
            let above = pairs.iter().map(|[left, right]| Hash::node(left, right));
            heights.push(above.collect());
        }
        Self {
            heights,
            salts,
            places,
        }
    }

    pub(super) fn root(&self) -> Hash {
        let root = self.heights.last().and_then(|row| row.first());
        root.copied().unwrap_or_else(Hash::empty_tree)
    }

    /// How many leaves there are.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.salts.len()).unwrap_or(u32::MAX)
    }

    /// Shows the leg at a position among the legs.
    pub(super) fn show(&self, position: usize, leg: &Leg) -> Option<ShownLeg> {
        let place = *self.places.get(position)?;
        let Ok(path) = prove_inclusion(&mut &*self, place as u64, self.salts.len() as u64);
        Some(ShownLeg {
            place: u32::try_from(place).ok()?,
            salt: *self.salts.get(place)?,
            leg: leg.clone(),
            path: path?,
        })
    }
}
