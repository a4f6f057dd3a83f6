//! The structure of a log: do entries, tiles and checkpoint all say the same?
//!
//! One pass over the bundles. Where an entry and its tile disagree, the hashes above, back to the
//! checkpoint's root, say which of the two is wrong.

use super::Faults;
use crate::bundle::split_bundle;
use crate::checkpoint::Checkpoint;
use crate::hash::{HASH_BYTES, Hash};
use crate::reader::{FetchError, LogReader, ReadError, TileSource};
use crate::tile::{TILE_WIDTH, TileKind, TilePath, bundle_in_tree, tile_in_tree};
use crate::tree::{Tile, Tree, parse_hashes, perfect_root};

/// Where the published head lies.
const CHECKPOINT_PATH: &str = "checkpoint";

/// Watches an audit.
pub trait Visitor {
    /// An entry that is the logged one.
    fn entry(&mut self, index: u64, bytes: &[u8]);
}

/// Ignores every entry.
impl Visitor for () {
    fn entry(&mut self, _: u64, _: &[u8]) {}
}

/// Checks all entries and tiles of a log against a checkpoint.
///
/// The signatures of the checkpoint are the caller's business. Without a single fault every entry
/// was handed to `visitor`, in order.
///
/// # Errors
///
/// [`FetchError`] when the source fails; faults of the log are no errors, they are returned.
///
/// # Cost
///
/// Two hashes an entry, one pass over the files, memory for one bundle.
pub fn check<S: TileSource>(
    source: &S,
    checkpoint: &Checkpoint,
    visitor: &mut dyn Visitor,
) -> Result<Faults, FetchError> {
    let reader = match LogReader::open(source, checkpoint.clone()) {
        Ok(reader) => Some(reader),
        Err(ReadError::Fetch(error)) => return Err(error),
        Err(_) => None,
    };
    let mut pass = Pass {
        source,
        size: checkpoint.size(),
        reader,
        tree: Tree::new(),
        faults: Faults::new(),
    };
    for bundle in 0..checkpoint.size().div_ceil(TILE_WIDTH) {
        pass.bundle(bundle, visitor)?;
        // A log may claim any size: without its first files there is no point in going on.
        if pass.faults.count() > super::FAULTS_KEPT_MAX as u64 {
            pass.faults.add(
                CHECKPOINT_PATH,
                None,
                "too many faults; the rest was not read",
            );
            return Ok(pass.faults);
        }
    }
    for tile in pass.tree.partial_tiles() {
        pass.tile(&tile)?;
    }
    if pass.tree.root() != checkpoint.root() {
        let message = "the root is not that of the entries and tiles";
        pass.faults.add(CHECKPOINT_PATH, None, message);
    }
    Ok(pass.faults)
}

struct Pass<'source, S> {
    source: &'source S,
    size: u64,
    /// Present while the right edge gives the checkpoint's root.
    reader: Option<LogReader<&'source S>>,
    tree: Tree,
    faults: Faults,
}

impl<S: TileSource> Pass<'_, S> {
    fn bundle(&mut self, bundle: u64, visitor: &mut dyn Visitor) -> Result<(), FetchError> {
        let Some(path) = bundle_in_tree(self.size, bundle) else {
            return Ok(());
        };
        let fetched = self.fetch_bundle(path)?;
        let entries = fetched
            .as_deref()
            .map(|bytes| split_bundle(bytes, path.width()));
        let entries = match entries {
            Some(Ok(entries)) => Some(entries),
            Some(Err(error)) => {
                self.faults.add(
                    path.to_string(),
                    Some(bundle * TILE_WIDTH),
                    error.to_string(),
                );
                None
            }
            None => {
                self.faults
                    .add(path.to_string(), Some(bundle * TILE_WIDTH), "missing");
                None
            }
        };
        let computed: Option<Vec<Hash>> = entries
            .as_ref()
            .map(|entries| entries.iter().map(|entry| Hash::leaf(entry)).collect());
        let leaves = self.judge(path, computed.as_deref())?;
        for (number, (leaf, index)) in leaves.iter().zip(bundle * TILE_WIDTH..).enumerate() {
            let same = computed.as_ref().and_then(|computed| computed.get(number)) == Some(leaf);
            match entries.as_ref().and_then(|entries| entries.get(number)) {
                Some(entry) if same => visitor.entry(index, entry),
                Some(_) => self
                    .faults
                    .add(path.to_string(), Some(index), "not the logged entry"),
                None => {}
            }
        }
        let mut finished = Vec::new();
        for leaf in leaves {
            // Sizes above the limit were refused with the checkpoint.
            let _ = self.tree.push(leaf, &mut finished);
        }
        // The level-0 tile was judged with the entries.
        for tile in finished.iter().filter(|tile| !is_leaf_tile(tile)) {
            self.tile(tile)?;
        }
        Ok(())
    }

    /// Decides which leaf hashes are the true ones and reports a leaf tile that has others.
    fn judge(
        &mut self,
        bundle: TilePath,
        computed: Option<&[Hash]>,
    ) -> Result<Vec<Hash>, FetchError> {
        let Some(path) = tile_in_tree(self.size, 0, bundle.index()) else {
            return Ok(Vec::new());
        };
        let stored = self.fetch_tile(path)?;
        let stored_hashes = stored
            .as_deref()
            .and_then(|bytes| parse_hashes(bytes, path.width()));
        if computed.is_some() && stored_hashes.as_deref() == computed {
            return Ok(stored_hashes.unwrap_or_default());
        }
        let expected = self.expected_root(path);
        let true_to = |hashes: &[Hash]| match expected {
            Expected::Root(root) => perfect_root(hashes) == root,
            Expected::Edge => false,
            Expected::Unknown => false,
        };
        // The right edge as a whole was checked when the reader opened.
        let edge = matches!(expected, Expected::Edge);
        let stored_true = stored_hashes
            .as_deref()
            .is_some_and(|hashes| edge || true_to(hashes));
        if stored_true {
            return Ok(stored_hashes.unwrap_or_default());
        }
        let message = match (&stored, &stored_hashes) {
            (None, _) => "missing".to_owned(),
            (Some(bytes), None) => format!("{} bytes, not those of its width", bytes.len()),
            (Some(_), Some(stored)) => {
                let differs = computed.and_then(|computed| {
                    stored
                        .iter()
                        .zip(computed)
                        .position(|(stored, computed)| stored != computed)
                });
                let place = differs.map(|place| format!(" from hash {place} on"));
                format!(
                    "does not agree with the entries{}",
                    place.unwrap_or_default()
                )
            }
        };
        self.faults.add(path.to_string(), None, message);
        let width = usize::try_from(path.width()).unwrap_or(0);
        Ok(match (computed, stored_hashes) {
            (Some(computed), _) => computed.to_vec(),
            (None, Some(stored)) => stored,
            (None, None) => vec![Hash::empty_tree(); width],
        })
    }

    /// Compares a tile computed from true leaves with the stored one.
    fn tile(&mut self, tile: &Tile) -> Result<(), FetchError> {
        if is_leaf_tile(tile) {
            return Ok(());
        }
        let stored = self.fetch_tile(tile.path)?;
        if stored.as_deref() == Some(tile.bytes.as_slice()) {
            return Ok(());
        }
        // Where faults below made the computed tile wrong, the stored one may be the true one.
        if !self.faults.is_empty() && self.is_authentic(tile.path) {
            return Ok(());
        }
        let message = match stored {
            None => "missing".to_owned(),
            Some(bytes) => {
                let same = bytes
                    .iter()
                    .zip(&tile.bytes)
                    .take_while(|(a, b)| a == b)
                    .count();
                format!(
                    "does not follow from the tiles below, at hash {}",
                    same / HASH_BYTES
                )
            }
        };
        self.faults.add(tile.path.to_string(), None, message);
        Ok(())
    }

    fn is_authentic(&mut self, path: TilePath) -> bool {
        let TileKind::Hashes { level } = path.kind() else {
            return false;
        };
        let reader = self.reader.as_mut();
        reader.is_some_and(|reader| reader.tile(level, path.index()).is_ok())
    }

    fn expected_root(&mut self, path: TilePath) -> Expected {
        let Some(reader) = self.reader.as_mut() else {
            return Expected::Unknown;
        };
        if !path.is_full() {
            return Expected::Edge;
        }
        let place = usize::try_from(path.index() % TILE_WIDTH).unwrap_or(usize::MAX);
        let parent = reader.tile(1, path.index() / TILE_WIDTH).ok();
        match parent.and_then(|parent| parent.get(place)) {
            Some(root) => Expected::Root(*root),
            None => Expected::Unknown,
        }
    }

    fn fetch_tile(&self, path: TilePath) -> Result<Option<Vec<u8>>, FetchError> {
        if let Some(bytes) = self.source.fetch(&path.to_string())? {
            return Ok(Some(bytes));
        }
        if path.is_full() {
            return Ok(None);
        }
        let wanted = usize::try_from(path.width()).unwrap_or(0) * HASH_BYTES;
        let full = self.source.fetch(&path.full().to_string())?;
        Ok(full.and_then(|bytes| bytes.get(..wanted).map(<[u8]>::to_vec)))
    }

    fn fetch_bundle(&self, path: TilePath) -> Result<Option<Vec<u8>>, FetchError> {
        if let Some(bytes) = self.source.fetch(&path.to_string())? {
            return Ok(Some(bytes));
        }
        if path.is_full() {
            return Ok(None);
        }
        let Some(full) = self.source.fetch(&path.full().to_string())? else {
            return Ok(None);
        };
        let width = usize::try_from(path.width()).unwrap_or(0);
        let cut = split_bundle(&full, TILE_WIDTH).ok().map(|entries| {
            entries
                .iter()
                .take(width)
                .map(|entry| 2 + entry.len())
                .sum::<usize>()
        });
        Ok(cut.and_then(|bytes| full.get(..bytes).map(<[u8]>::to_vec)))
    }
}

#[derive(Clone, Copy)]
enum Expected {
    /// The full tile hashes to this.
    Root(Hash),
    /// The tile is part of the right edge, which is sound.
    Edge,
    /// The tiles above are not sound.
    Unknown,
}

fn is_leaf_tile(tile: &Tile) -> bool {
    tile.path.kind() == TileKind::Hashes { level: 0 }
}

/// What a file that the checkpoint's tree does not need turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leftover {
    /// A tile or bundle the tree needs; it was checked.
    Needed,
    /// A partial tile of an earlier size that agrees with what came later.
    EarlierSize,
    /// A partial tile of an earlier size that disagrees.
    Contradicts,
    /// A tile of a larger size than the checkpoint's: not published, not judged.
    Beyond,
    /// Not a file of a tile log.
    Foreign,
}

/// Judges a file found beside the log's own.
///
/// # Errors
///
/// [`FetchError`].
pub fn leftover<S: TileSource>(
    source: &S,
    checkpoint: &Checkpoint,
    path: &str,
) -> Result<Leftover, FetchError> {
    let Ok(tile) = TilePath::parse(path) else {
        let needed = path == CHECKPOINT_PATH;
        return Ok(if needed {
            Leftover::Needed
        } else {
            Leftover::Foreign
        });
    };
    let size = checkpoint.size();
    let needed = match tile.kind() {
        TileKind::Hashes { level } => tile_in_tree(size, level, tile.index()),
        TileKind::Entries => bundle_in_tree(size, tile.index()),
    };
    let Some(needed) = needed.filter(|needed| needed.width() >= tile.width()) else {
        return Ok(Leftover::Beyond);
    };
    if needed == tile {
        return Ok(Leftover::Needed);
    }
    let (Some(bytes), Some(later)) = (source.fetch(path)?, source.fetch(&needed.to_string())?)
    else {
        return Ok(Leftover::Contradicts);
    };
    let right_length = match tile.kind() {
        TileKind::Hashes { .. } => bytes.len() as u64 == tile.width() * HASH_BYTES as u64,
        TileKind::Entries => split_bundle(&bytes, tile.width()).is_ok(),
    };
    let agrees = right_length && later.starts_with(&bytes);
    Ok(if agrees {
        Leftover::EarlierSize
    } else {
        Leftover::Contradicts
    })
}
