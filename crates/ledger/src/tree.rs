//! The growing tree: the right edge of a log in memory, giving roots and finished tiles.

use crate::hash::{HASH_BYTES, Hash, SIZE_MAX};
use crate::tile::{TILE_WIDTH, TilePath, hashes_at_level, tile_in_tree};

/// Levels of tiles in a tree of 2^63 - 1 entries.
pub const LEVELS_MAX: u8 = 8;

/// The right edge of a tree: for each level the hashes of its unfinished tile.
///
/// Memory is at most 8 levels of 255 hashes, 65 kB, for any size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    edge: Vec<Vec<Hash>>,
}

/// A tile that became full, or a partial tile of the present right edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Its address.
    pub path: TilePath,
    /// Its hashes, concatenated.
    pub bytes: Vec<u8>,
}

impl Tree {
    /// Starts an empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Rebuilds the edge of a tree of `size` entries from its partial tiles, lowest level first.
    ///
    /// `partials` gives for each level that has an unfinished tile the bytes of that tile.
    /// Returns `None` when a tile is missing or has another width than the size asks for; whether
    /// the hashes are right shows by comparing [`Tree::root`].
    pub fn from_edge(
        size: u64,
        mut partials: impl FnMut(TilePath) -> Option<Vec<u8>>,
    ) -> Option<Self> {
        let mut edge = Vec::new();
        for level in 0..LEVELS_MAX {
            let count = hashes_at_level(size, level);
            if count == 0 {
                break;
            }
            edge.push(match tile_in_tree(size, level, count / TILE_WIDTH) {
                Some(path) => parse_hashes(&partials(path)?, path.width())?,
                None => Vec::new(),
            });
        }
        Some(Self { size, edge })
    }

    /// Returns the number of entries.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf hash; finished tiles go to `finished`, lowest level first.
    ///
    /// Returns `false`, changing nothing, at the limit of 2^63 - 1 entries.
    #[must_use]
    pub fn push(&mut self, leaf: Hash, finished: &mut Vec<Tile>) -> bool {
        if self.size >= SIZE_MAX {
            return false;
        }
        self.size += 1;
        let mut hash = leaf;
        for level in 0..LEVELS_MAX {
            let place = usize::from(level);
            if self.edge.len() == place {
                self.edge.push(Vec::with_capacity(256));
            }
            let Some(row) = self.edge.get_mut(place) else {
                break;
            };
            row.push(hash);
            if row.len() < 256 {
                break;
            }
            let index = hashes_at_level(self.size, level) / TILE_WIDTH - 1;
            if let Ok(path) = TilePath::hashes(level, index, TILE_WIDTH) {
                finished.push(Tile {
                    path,
                    bytes: concatenate(row),
                });
            }
            hash = perfect_root(row);
            row.clear();
        }
        true
    }

    /// Returns the root (RFC 6962 section 2.1).
    ///
    /// # Cost
    ///
    /// At most 255 hashes a level.
    pub fn root(&self) -> Hash {
        let mut right: Option<Hash> = None;
        for row in &self.edge {
            let mut rest = row.as_slice();
            let mut perfect = Vec::new();
            while let Some(width) = rest.len().checked_ilog2() {
                let (left, more) = rest.split_at(1 << width);
                perfect.push(perfect_root(left));
                rest = more;
            }
            for left in perfect.iter().rev() {
                right = Some(right.map_or(*left, |right| Hash::node(left, &right)));
            }
        }
        right.unwrap_or_else(Hash::empty_tree)
    }

    /// Returns the partial tiles of the present size, lowest level first.
    pub fn partial_tiles(&self) -> Vec<Tile> {
        (0..LEVELS_MAX)
            .zip(&self.edge)
            .filter(|(_, row)| !row.is_empty())
            .filter_map(|(level, row)| {
                let index = hashes_at_level(self.size, level) / TILE_WIDTH;
                let path = TilePath::hashes(level, index, row.len() as u64).ok()?;
                Some(Tile {
                    path,
                    bytes: concatenate(row),
                })
            })
            .collect()
    }
}

/// Returns the hash over a row whose length is a power of two.
pub(crate) fn perfect_root(row: &[Hash]) -> Hash {
    let mut level = row.to_vec();
    while level.len() > 1 {
        let pairs = level.as_chunks::<2>().0;
        level = pairs
            .iter()
            .map(|[left, right]| Hash::node(left, right))
            .collect();
    }
    level.first().copied().unwrap_or_else(Hash::empty_tree)
}

/// Reads a tile of exactly `width` hashes.
pub(crate) fn parse_hashes(bytes: &[u8], width: u64) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    let whole = rest.is_empty() && hashes.len() as u64 == width;
    whole.then(|| hashes.iter().map(|hash| Hash::from_bytes(*hash)).collect())
}

fn concatenate(row: &[Hash]) -> Vec<u8> {
    row.iter()
        .flat_map(|hash| hash.as_bytes())
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn tree_hash(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash::empty_tree(),
            [only] => *only,
            _ => {
                let half = leaves.len().next_power_of_two() / 2;
                Hash::node(&tree_hash(&leaves[..half]), &tree_hash(&leaves[half..]))
            }
        }
    }

    #[test]
    fn roots_match_the_rfc_around_every_tile_edge() {
        let leaves: Vec<Hash> = (0..70_000_u64)
            .map(|i| Hash::leaf(&i.to_be_bytes()))
            .collect();
        let mut tree = Tree::new();
        let mut tiles = Vec::new();
        let edges = [
            1, 2, 3, 7, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 69_999,
        ];
        assert_eq!(tree.root(), tree_hash(&[]));
        for (index, leaf) in leaves.iter().enumerate() {
            assert!(tree.push(*leaf, &mut tiles));
            if edges.contains(&(index + 1)) {
                assert_eq!(tree.root(), tree_hash(&leaves[..=index]), "{}", index + 1);
            }
        }
        assert_eq!(tiles.len(), 273 + 1);
        let widths: Vec<u64> = tree
            .partial_tiles()
            .iter()
            .map(|t| t.path.width())
            .collect();
        assert_eq!(widths, [112, 17, 1]);
    }

    #[test]
    fn an_edge_reloaded_from_tiles_goes_on_alike() {
        let mut tree = Tree::new();
        let mut tiles = Vec::new();
        for index in 0..66_000_u64 {
            assert!(tree.push(Hash::leaf(&index.to_be_bytes()), &mut tiles));
        }
        let stored: BTreeMap<TilePath, Vec<u8>> = tree
            .partial_tiles()
            .into_iter()
            .map(|tile| (tile.path, tile.bytes))
            .collect();
        let mut again =
            Tree::from_edge(tree.size(), |path| stored.get(&path).cloned()).expect("edge");
        assert_eq!(again, tree);
        let mut more = Vec::new();
        assert!(again.push(Hash::leaf(b"next"), &mut more));
        assert!(tree.push(Hash::leaf(b"next"), &mut more));
        assert_eq!(again.root(), tree.root());
        assert_eq!(Tree::from_edge(5, |_| None), None);
    }
}
