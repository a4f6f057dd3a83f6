//! Inclusion and consistency proofs: making and checking.
//!
//! Source: RFC 6962 sections 2.1.1 and 2.1.2 for their content; RFC 9162 sections 2.1.3.2 and
//! 2.1.4.2 for the checking procedures, which accept exactly the same proofs.

use crate::hash::{Hash, SIZE_MAX};

/// Most hashes in a proof: one for each level of a tree of 2^63 - 1 entries.
pub const PROOF_HASHES_MAX: usize = 63;

/// Where hashes of perfect subtrees come from when a proof is made.
pub trait SubtreeHashes {
    /// Why a hash could not be had.
    type Error;

    /// Returns the hash of the perfect subtree over entries
    /// `[index * 2^height, (index + 1) * 2^height)`.
    fn subtree(&mut self, height: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// A half-open range of entries that is one node of the tree.
#[derive(Clone, Copy)]
struct Range {
    start: u64,
    end: u64,
}

/// Returns the root of the first `size` entries.
pub fn root_of<H: SubtreeHashes>(hashes: &mut H, size: u64) -> Result<Hash, H::Error> {
    if size == 0 {
        return Ok(Hash::empty_tree());
    }
    range_hash(
        hashes,
        Range {
            start: 0,
            end: size,
        },
    )
}

/// Makes the inclusion proof of entry `index` in the tree of `size` entries.
///
/// Returns `None` when `index` is not in the tree.
pub fn prove_inclusion<H: SubtreeHashes>(
    hashes: &mut H,
    index: u64,
    size: u64,
) -> Result<Option<Vec<Hash>>, H::Error> {
    if index >= size || size > SIZE_MAX {
        return Ok(None);
    }
    let mut node = Range {
        start: 0,
        end: size,
    };
    let mut proof = Vec::new();
    while node.end - node.start > 1 {
        let (left, right) = split(node);
        if index < left.end {
            proof.push(right);
            node = left;
        } else {
            proof.push(left);
            node = right;
        }
    }
    proof.reverse();
    hash_all(hashes, &proof).map(Some)
}

/// Makes the consistency proof from the tree of `old` entries to that of `size` entries.
///
/// Returns `None` when `old > size`. The proof is empty when `old` is 0 or equals `size`.
pub fn prove_consistency<H: SubtreeHashes>(
    hashes: &mut H,
    old: u64,
    size: u64,
) -> Result<Option<Vec<Hash>>, H::Error> {
    if old > size || size > SIZE_MAX {
        return Ok(None);
    }
    if old == 0 || old == size {
        return Ok(Some(Vec::new()));
    }
    let mut node = Range {
        start: 0,
        end: size,
    };
    let mut proof = Vec::new();
    // RFC 6962 SUBPROOF: `on_left_edge` is its flag b, "the old root is this very node".
    let mut on_left_edge = true;
    while node.end > old {
        let (left, right) = split(node);
        if old <= left.end {
            proof.push(right);
            node = left;
        } else {
            proof.push(left);
            node = right;
            on_left_edge = false;
        }
    }
    if !on_left_edge {
        proof.push(node);
    }
    proof.reverse();
    hash_all(hashes, &proof).map(Some)
}

/// Checks that an entry with this leaf hash lies at `index` of the tree (`size`, `root`).
///
/// # Errors
///
/// [`ProofError`]; anything but the one right proof is refused.
///
/// # Cost
///
/// One hash for each proof line.
pub fn check_inclusion(
    proof: &[Hash],
    index: u64,
    leaf: Hash,
    size: u64,
    root: Hash,
) -> Result<(), ProofError> {
    if index >= size || size > SIZE_MAX {
        return Err(ProofError::OutOfRange);
    }
    let (mut position, mut last) = (index, size - 1);
    let mut hash = leaf;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if position & 1 == 1 || position == last {
            hash = Hash::node(sibling, &hash);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            hash = Hash::node(&hash, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    (hash == root).then_some(()).ok_or(ProofError::Root)
}

/// Checks that the tree (`old`, `old_root`) is a prefix of the tree (`size`, `root`).
///
/// From size 0 the proof is empty and the old root that of the empty tree.
///
/// # Errors
///
/// [`ProofError`].
pub fn check_consistency(
    proof: &[Hash],
    old: u64,
    old_root: Hash,
    size: u64,
    root: Hash,
) -> Result<(), ProofError> {
    let (computed_old, computed_new) = consistency_roots(proof, old, old_root, size, root)?;
    if computed_old != old_root || computed_new != root {
        return Err(ProofError::Root);
    }
    Ok(())
}

/// Folds a consistency proof into the two roots it speaks of.
fn consistency_roots(
    proof: &[Hash],
    old: u64,
    old_root: Hash,
    size: u64,
    root: Hash,
) -> Result<(Hash, Hash), ProofError> {
    if old > size || size > SIZE_MAX {
        return Err(ProofError::OutOfRange);
    }
    if old == size || old == 0 {
        if !proof.is_empty() {
            return Err(ProofError::Length);
        }
        let expected_old = if old == size {
            root
        } else {
            Hash::empty_tree()
        };
        let expected_new = if size == 0 { Hash::empty_tree() } else { root };
        return Ok((expected_old, expected_new));
    }
    let mut rest = proof.iter();
    // When the old tree is a perfect subtree its root is not repeated in the proof.
    let first = match old.is_power_of_two() {
        true => old_root,
        false => *rest.next().ok_or(ProofError::Length)?,
    };
    let (mut position, mut last) = (old - 1, size - 1);
    let shift = position.trailing_ones();
    position >>= shift;
    last >>= shift;
    let (mut old_hash, mut new_hash) = (first, first);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if position & 1 == 1 || position == last {
            old_hash = Hash::node(sibling, &old_hash);
            new_hash = Hash::node(sibling, &new_hash);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = Hash::node(&new_hash, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    Ok((old_hash, new_hash))
}

/// Splits at the largest power of two below the width (RFC 6962 section 2.1).
fn split(node: Range) -> (Range, Range) {
    let width = node.end - node.start;
    let half = 1_u64 << (u64::BITS - 1 - (width - 1).leading_zeros());
    let middle = node.start + half;
    (
        Range {
            start: node.start,
            end: middle,
        },
        Range {
            start: middle,
            end: node.end,
        },
    )
}

fn hash_all<H: SubtreeHashes>(hashes: &mut H, ranges: &[Range]) -> Result<Vec<Hash>, H::Error> {
    ranges
        .iter()
        .map(|range| range_hash(hashes, *range))
        .collect()
}

/// Hashes a node that may be cut off at the right edge of the tree.
fn range_hash<H: SubtreeHashes>(hashes: &mut H, range: Range) -> Result<Hash, H::Error> {
    let mut lefts = Vec::new();
    let mut node = range;
    loop {
        let width = node.end - node.start;
        if width.is_power_of_two() {
            let height = width.trailing_zeros();
            let mut hash = hashes.subtree(height, node.start >> height)?;
            for left in lefts.iter().rev() {
                hash = Hash::node(left, &hash);
            }
            return Ok(hash);
        }
        let (left, right) = split(node);
        let height = (left.end - left.start).trailing_zeros();
        lefts.push(hashes.subtree(height, left.start >> height)?);
        node = right;
    }
}

/// A proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The index is not in the tree, or the old tree is larger than the new one.
    #[error("the proof speaks of an entry or a size that the tree does not have")]
    OutOfRange,
    /// Too many or too few hashes.
    #[error("the proof does not have the number of hashes its place in the tree needs")]
    Length,
    /// The computed root is another.
    #[error("the hashes of the proof do not lead to the root")]
    Root,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recursive definition of RFC 6962 section 2.1, word for word: the oracle.
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

    /// RFC 6962 section 2.1.1, PATH.
    fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
        if leaves.len() <= 1 {
            return Vec::new();
        }
        let half = leaves.len().next_power_of_two() / 2;
        let (mut proof, sibling) = match index < half {
            true => (path(index, &leaves[..half]), tree_hash(&leaves[half..])),
            false => (
                path(index - half, &leaves[half..]),
                tree_hash(&leaves[..half]),
            ),
        };
        proof.push(sibling);
        proof
    }

    /// RFC 6962 section 2.1.2, SUBPROOF.
    fn subproof(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
        if old == leaves.len() {
            return if whole {
                Vec::new()
            } else {
                vec![tree_hash(leaves)]
            };
        }
        let half = leaves.len().next_power_of_two() / 2;
        let (mut proof, sibling) = match old <= half {
            true => (
                subproof(old, &leaves[..half], whole),
                tree_hash(&leaves[half..]),
            ),
            false => (
                subproof(old - half, &leaves[half..], false),
                tree_hash(&leaves[..half]),
            ),
        };
        proof.push(sibling);
        proof
    }

    struct Memory(Vec<Hash>);

    impl SubtreeHashes for Memory {
        type Error = std::convert::Infallible;

        fn subtree(&mut self, height: u32, index: u64) -> Result<Hash, Self::Error> {
            let start = usize::try_from(index << height).expect("small");
            Ok(tree_hash(&self.0[start..start + (1 << height)]))
        }
    }

    fn leaves(size: u64) -> Vec<Hash> {
        (0..size)
            .map(|index| Hash::leaf(&index.to_be_bytes()))
            .collect()
    }

    #[test]
    fn inclusion_proofs_are_those_of_the_rfc_for_every_small_tree() {
        for size in 1..70_u64 {
            let all = leaves(size);
            let root = tree_hash(&all);
            let mut memory = Memory(all.clone());
            assert_eq!(root_of(&mut memory, size), Ok(root));
            for index in 0..size {
                let proof = prove_inclusion(&mut memory, index, size)
                    .expect("memory")
                    .expect("in");
                let place = usize::try_from(index).expect("small");
                assert_eq!(proof, path(place, &all), "{index} of {size}");
                assert_eq!(
                    check_inclusion(&proof, index, all[place], size, root),
                    Ok(())
                );
                for wrong in 0..size {
                    let result = check_inclusion(&proof, wrong, all[place], size, root);
                    assert_eq!(result.is_ok(), wrong == index);
                }
            }
        }
    }

    #[test]
    fn consistency_proofs_are_those_of_the_rfc_for_every_small_tree() {
        for size in 1..70_u64 {
            let all = leaves(size);
            let root = tree_hash(&all);
            let mut memory = Memory(all.clone());
            for old in 1..=size {
                let place = usize::try_from(old).expect("small");
                let old_root = tree_hash(&all[..place]);
                let proof = prove_consistency(&mut memory, old, size)
                    .expect("memory")
                    .expect("in");
                assert_eq!(proof, subproof(place, &all, true), "{old} to {size}");
                assert_eq!(check_consistency(&proof, old, old_root, size, root), Ok(()));
                let wrong = Hash::of(b"wrong");
                assert!(check_consistency(&proof, old, wrong, size, root).is_err());
                assert!(check_consistency(&proof, old, old_root, size, wrong).is_err());
                if old != size {
                    let mut longer = proof.clone();
                    longer.push(wrong);
                    let result = check_consistency(&longer, old, old_root, size, root);
                    assert_eq!(result, Err(ProofError::Length));
                }
                for place in 0..proof.len() {
                    let mut bad = proof.clone();
                    bad[place] = wrong;
                    let result = check_consistency(&bad, old, old_root, size, root);
                    assert_eq!(result, Err(ProofError::Root));
                    bad.remove(place);
                    assert!(check_consistency(&bad, old, old_root, size, root).is_err());
                }
            }
        }
    }

    #[test]
    fn the_empty_tree_is_a_prefix_of_every_tree() {
        let root = Hash::of(b"any");
        let empty = Hash::empty_tree();
        assert_eq!(check_consistency(&[], 0, empty, 9, root), Ok(()));
        assert_eq!(
            check_consistency(&[], 0, root, 9, root),
            Err(ProofError::Root)
        );
        assert_eq!(
            check_consistency(&[root], 0, empty, 9, root),
            Err(ProofError::Length)
        );
        assert_eq!(check_consistency(&[], 0, empty, 0, empty), Ok(()));
        assert_eq!(
            check_consistency(&[], 0, root, 0, root),
            Err(ProofError::Root)
        );
        assert_eq!(
            check_consistency(&[], 2, root, 1, root),
            Err(ProofError::OutOfRange)
        );
    }

    #[test]
    fn sizes_at_the_limit_do_not_overflow() {
        let root = Hash::of(b"any");
        let proof = [root; PROOF_HASHES_MAX];
        for (index, size) in [(SIZE_MAX - 1, SIZE_MAX), (0, SIZE_MAX), (1 << 62, SIZE_MAX)] {
            assert!(check_inclusion(&proof, index, root, size, root).is_err());
            assert!(check_consistency(&proof, index, root, size, root).is_err());
        }
        assert_eq!(
            check_inclusion(&[], 0, root, SIZE_MAX + 1, root),
            Err(ProofError::OutOfRange)
        );
    }
}
