//! Tile paths and proofs judged by us and by the published crate `tlog_tiles` 0.2.0.
//!
//! Notes and checkpoints are compared in `hostile.rs`. Where that crate panics, only we are asked.

use std::panic::catch_unwind;

use detente_ledger::hash::{Hash, SIZE_MAX};
use detente_ledger::proof::{check_consistency, check_inclusion};
use detente_ledger::reader::LogReader;
use detente_ledger::tile::{TileKind, TilePath};
use tlog_tiles::{Hash as TheirHash, Tile, check_record, check_tree};

use crate::hostile::{Chance, bend};
use crate::sample::{entry, sample_log};

const PATHS: [&str; 10] = [
    "tile/0/000",
    "tile/0/x001/x234/067",
    "tile/1/x001/234.p/5",
    "tile/7/001.p/255",
    "tile/3/999",
    "tile/63/000",
    "tile/2/x999/999.p/1",
    // Levels past 63, widths of nothing: the published parser panics on these.
    "tile/64/000",
    "tile/22/200/80",
    "tile/0/000.p/0",
];

/// The published crate's verdict; `None` when it panics. Its paths also name the tile's height.
fn their_path(path: &str) -> Option<Option<(u8, u64, u64)>> {
    let theirs = path.replacen("tile/", "tile/8/", 1);
    let judged = catch_unwind(|| Tile::from_path(&theirs));
    let parsed = |tile: Tile| (tile.level(), tile.level_index(), u64::from(tile.width()));
    judged.ok().map(|judged| judged.ok().map(parsed))
}

fn our_path(path: &str) -> Option<(u8, u64, u64)> {
    let parsed = TilePath::parse(path).ok()?;
    match parsed.kind() {
        TileKind::Hashes { level } => Some((level, parsed.index(), parsed.width())),
        TileKind::Entries => None,
    }
}

#[test]
fn the_published_parser_panics_where_ours_refuses() {
    assert!(catch_unwind(|| Tile::from_path("tile/22/200/80")).is_err());
    assert!(TilePath::parse("tile/22/200/80").is_err());
    assert_eq!(their_path("tile/0/000.p/0"), None);
    assert!(TilePath::parse("tile/0/000.p/0").is_err());
}

#[test]
fn tile_paths_are_judged_alike() {
    let mut chance = Chance::new(4711);
    let mut accepted = 0;
    for round in 0..20_000_usize {
        let good = PATHS[round % PATHS.len()];
        let bytes = match round < PATHS.len() {
            true => good.as_bytes().to_vec(),
            false => bend(good.as_bytes(), &mut chance),
        };
        let Ok(path) = String::from_utf8(bytes) else {
            continue;
        };
        let (ours, theirs) = (our_path(&path), their_path(&path));
        match theirs {
            // Bundles are `data` there and have no level.
            _ if path.starts_with("tile/data/") => assert_eq!(ours, None),
            None => assert_eq!(ours, None, "{path:?} makes the other one panic"),
            // They stop at 2^64, we at 2^63.
            Some(Some((_, index, _))) if index > SIZE_MAX => assert_eq!(ours, None),
            Some(theirs) => assert_eq!(ours, theirs, "{path:?}"),
        }
        accepted += u32::from(ours.is_some());
    }
    assert!(accepted > 300, "{accepted} paths were sound");
}

fn their_hash(hash: Hash) -> TheirHash {
    TheirHash(*hash.as_bytes())
}

fn their_proof(proof: &[Hash]) -> Vec<TheirHash> {
    proof.iter().copied().map(their_hash).collect()
}

/// Spoils a proof: another hash, one less, one more, two swapped; sometimes not at all.
fn spoil(proof: &mut Vec<Hash>, chance: &mut Chance) {
    let at = chance.below(proof.len() + 1);
    match chance.below(6) {
        0 if at < proof.len() => proof[at] = Hash::of(b"spoilt"),
        1 if at < proof.len() => drop(proof.remove(at)),
        2 => proof.insert(at, Hash::of(b"needless")),
        3 if at + 1 < proof.len() => proof.swap(at, at + 1),
        _ => {}
    }
}

#[test]
fn proofs_are_judged_alike() {
    let mut chance = Chance::new(815);
    let sizes = [1_u64, 2, 3, 7, 8, 255, 256, 257, 600, 700];
    let heads: Vec<_> = sizes
        .iter()
        .map(|size| {
            let (files, head) = sample_log(*size);
            LogReader::open(files, head.checkpoint().clone()).expect("log")
        })
        .collect();
    let mut readers = heads;
    let (mut held, mut refused) = (0, 0);
    for _ in 0..4_000 {
        let place = chance.below(readers.len());
        let other = readers[chance.below(place + 1)].checkpoint().clone();
        let reader = &mut readers[place];
        let (size, root) = (reader.checkpoint().size(), reader.checkpoint().root());
        let index = chance.next() % size;
        let leaf = Hash::leaf(&entry(index));
        let mut proof = reader.inclusion_proof(index).expect("proof");
        spoil(&mut proof, &mut chance);
        let claimed = index.saturating_add(u64::from(chance.below(9) == 0));
        let ours = check_inclusion(&proof, claimed, leaf, size, root).is_ok();
        let theirs = their_proof(&proof);
        let theirs = check_record(&theirs, size, their_hash(root), claimed, their_hash(leaf));
        assert_eq!(ours, theirs.is_ok(), "entry {claimed} of {size}");

        let mut proof = reader.consistency_proof(other.size()).expect("proof");
        spoil(&mut proof, &mut chance);
        let old = other.size().saturating_sub(u64::from(chance.below(9) == 0));
        let ours_old = check_consistency(&proof, old, other.root(), size, root).is_ok();
        if old > 0 {
            let theirs = their_proof(&proof);
            let (new, known) = (their_hash(root), their_hash(other.root()));
            let theirs = check_tree(&theirs, size, new, old, known).is_ok();
            assert_eq!(ours_old, theirs, "from {old} to {size}");
        }
        held += u32::from(ours) + u32::from(ours_old);
        refused += u32::from(!ours) + u32::from(!ours_old);
    }
    assert!(
        held > 1_000 && refused > 1_000,
        "{held} held, {refused} not"
    );
}
