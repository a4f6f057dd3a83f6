//! All hashes of a ledger's tree in memory: roots and proofs for every size without reading a file.

use detente_ledger::hash::Hash;
use detente_ledger::proof::{SubtreeHashes, prove_consistency, root_of};

/// The hashes of every perfect subtree, by height: about 64 bytes an entry.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forest {
    levels: Vec<Vec<Hash>>,
}

/// A subtree that is not there.
#[derive(Debug)]
pub(crate) struct OutOfForest;

impl Forest {
    /// Returns the number of entries.
    pub(crate) fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Appends a leaf hash.
    pub(crate) fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for height in 0.. {
            if self.levels.len() == height {
                self.levels.push(Vec::new());
            }
            let Some(level) = self.levels.get_mut(height) else {
                return;
            };
            level.push(hash);
            let [.., left, right] = level.as_slice() else {
                return;
            };
            if level.len() % 2 == 1 {
                return;
            }
            hash = Hash::node(left, right);
        }
    }

    /// Forgets the leaves from `size` on.
    pub(crate) fn truncate(&mut self, size: u64) {
        for (height, level) in (0_u32..).zip(&mut self.levels) {
            let keep = size.checked_shr(height).unwrap_or(0);
            level.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
        }
    }

    /// Returns the root at a size, if the tree reaches it.
    pub(crate) fn root_at(&self, size: u64) -> Option<Hash> {
        if size > self.size() {
            return None;
        }
        root_of(&mut &*self, size).ok()
    }

    /// Returns the consistency proof between two sizes.
    pub(crate) fn consistency(&self, old: u64, size: u64) -> Option<Vec<Hash>> {
        if size > self.size() {
            return None;
        }
        prove_consistency(&mut &*self, old, size).ok().flatten()
    }
}

impl SubtreeHashes for &Forest {
    type Error = OutOfForest;

    fn subtree(&mut self, height: u32, index: u64) -> Result<Hash, OutOfForest> {
        let place = |number: u64| usize::try_from(number).map_err(|_| OutOfForest);
        let level = self.levels.get(place(height.into())?).ok_or(OutOfForest)?;
        level.get(place(index)?).copied().ok_or(OutOfForest)
    }
}

#[cfg(test)]
mod tests {
    use detente_ledger::proof::check_consistency;
    use detente_ledger::tree::Tree;

    use super::*;

    #[test]
    fn roots_and_proofs_are_those_of_the_tile_tree() {
        let mut forest = Forest::default();
        let mut tree = Tree::new();
        let mut roots = vec![tree.root()];
        for index in 0..300_u64 {
            let leaf = Hash::leaf(&index.to_be_bytes());
            forest.push(leaf);
            assert!(tree.push(leaf, &mut Vec::new()));
            roots.push(tree.root());
        }
        for size in [300, 256, 255, 17, 1, 0] {
            forest.truncate(size);
            assert_eq!(forest.size(), size);
            for old in 0..=size {
                let at = usize::try_from(old).expect("small");
                assert_eq!(forest.root_at(old), Some(roots[at]));
                let proof = forest.consistency(old, size).expect("proof");
                let end = usize::try_from(size).expect("small");
                check_consistency(&proof, old, roots[at], size, roots[end]).expect("consistent");
            }
            assert_eq!(forest.root_at(size + 1), None);
        }
    }
}
