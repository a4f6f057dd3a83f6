//! Reading a log that may lie: every tile is checked against the checkpoint before it is used.

use std::collections::BTreeMap;

use crate::bundle::split_bundle;
use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::proof::{SubtreeHashes, prove_consistency, prove_inclusion, root_of};
use crate::tile::{
    TILE_HEIGHT, TILE_WIDTH, TilePath, bundle_in_tree, hashes_at_level, tile_in_tree,
};
use crate::tree::{Tree, parse_hashes, perfect_root};

/// Checked tiles kept in memory: 1,024 tiles are 8 MB and cover a path to any recent entry.
const TILES_KEPT_MAX: usize = 1024;

/// Where the files of a log come from: a directory, a web server, memory.
pub trait TileSource {
    /// Returns the bytes at a relative path such as `checkpoint` or `tile/0/000`; `None` when
    /// there is no such file.
    ///
    /// # Errors
    ///
    /// [`FetchError`] when it cannot be known whether the file exists.
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError>;
}

impl<T: TileSource + ?Sized> TileSource for &T {
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        (**self).fetch(path)
    }
}

impl TileSource for BTreeMap<String, Vec<u8>> {
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        Ok(self.get(path).cloned())
    }
}

/// A file could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot fetch `{path}`: {reason}")]
pub struct FetchError {
    /// The relative path.
    pub path: String,
    /// What the source said.
    pub reason: String,
}

/// An authenticated view of a log at one checkpoint.
///
/// The checkpoint's signatures are the caller's business; the reader makes sure that everything
/// it returns is what the checkpoint's root fixes.
#[derive(Debug)]
pub struct LogReader<S> {
    source: S,
    checkpoint: Checkpoint,
    tiles: BTreeMap<(u8, u64), Vec<Hash>>,
}

impl<S: TileSource> LogReader<S> {
    /// Loads the right edge of the tree and checks it against the root.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub fn open(source: S, checkpoint: Checkpoint) -> Result<Self, ReadError> {
        let mut reader = Self {
            source,
            checkpoint,
            tiles: BTreeMap::new(),
        };
        let size = reader.checkpoint.size();
        let mut fault = None;
        let mut edge = BTreeMap::new();
        let tree = Tree::from_edge(size, |path| match reader.fetch_tile(path) {
            Ok(bytes) => {
                edge.insert(path, bytes.clone());
                Some(bytes)
            }
            Err(error) => {
                fault = Some(error);
                None
            }
        });
        if let Some(fault) = fault {
            return Err(fault);
        }
        if tree.map(|tree| tree.root()) != Some(reader.checkpoint.root()) {
            let paths = edge.keys().map(TilePath::to_string).collect();
            return Err(ReadError::Edge { paths });
        }
        for (path, bytes) in edge {
            if let crate::tile::TileKind::Hashes { level } = path.kind()
                && let Some(hashes) = parse_hashes(&bytes, path.width())
            {
                reader.tiles.insert((level, path.index()), hashes);
            }
        }
        Ok(reader)
    }

    /// Returns the checkpoint the reader trusts.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Returns the checked hashes of a tile, full or partial as the tree has it.
    ///
    /// # Errors
    ///
    /// [`ReadError`]; [`ReadError::Tile`] when the tile is not what its parent says.
    pub fn tile(&mut self, level: u8, index: u64) -> Result<&[Hash], ReadError> {
        if !self.tiles.contains_key(&(level, index)) {
            let hashes = self.load_tile(level, index)?;
            if self.tiles.len() >= TILES_KEPT_MAX {
                self.drop_tiles();
            }
            self.tiles.insert((level, index), hashes);
        }
        Ok(self.tiles.get(&(level, index)).map_or(&[], Vec::as_slice))
    }

    fn load_tile(&mut self, level: u8, index: u64) -> Result<Vec<Hash>, ReadError> {
        let size = self.checkpoint.size();
        let path = tile_in_tree(size, level, index).ok_or(ReadError::OutOfRange)?;
        let expected = {
            let parent = self.tile(level + 1, index / TILE_WIDTH)?;
            let place = usize::try_from(index % TILE_WIDTH).unwrap_or(usize::MAX);
            *parent.get(place).ok_or(ReadError::OutOfRange)?
        };
        let bytes = self.fetch_tile(path)?;
        let hashes = parse_hashes(&bytes, path.width()).ok_or_else(|| ReadError::Width {
            path: path.to_string(),
            bytes: bytes.len(),
        })?;
        if perfect_root(&hashes) != expected {
            return Err(ReadError::Tile {
                path: path.to_string(),
            });
        }
        Ok(hashes)
    }

    /// Forgets the two lowest levels, which only neighbours would use again; the edge is kept.
    fn drop_tiles(&mut self) {
        let size = self.checkpoint.size();
        let last = |level| hashes_at_level(size, level) / TILE_WIDTH;
        self.tiles
            .retain(|(level, index), _| *level > 1 || *index == last(*level));
    }

    /// Fetches a tile; where a partial one is gone, the full one stands in for it.
    fn fetch_tile(&self, path: TilePath) -> Result<Vec<u8>, ReadError> {
        if let Some(bytes) = self.source.fetch(&path.to_string())? {
            return Ok(bytes);
        }
        let full = (!path.is_full()).then(|| path.full().to_string());
        let fallback = full
            .map(|full| self.source.fetch(&full))
            .transpose()?
            .flatten();
        let wanted = usize::try_from(path.width()).unwrap_or(0) * crate::hash::HASH_BYTES;
        fallback
            .and_then(|bytes| bytes.get(..wanted).map(<[u8]>::to_vec))
            .ok_or_else(|| ReadError::Missing {
                path: path.to_string(),
            })
    }

    /// Returns the checked entries of bundle `index`.
    ///
    /// # Errors
    ///
    /// [`ReadError`]; [`ReadError::Entry`] names the first entry that is not the logged one.
    pub fn bundle(&mut self, index: u64) -> Result<Vec<Vec<u8>>, ReadError> {
        let size = self.checkpoint.size();
        let path = bundle_in_tree(size, index).ok_or(ReadError::OutOfRange)?;
        let bytes = self.fetch_bundle(path)?;
        let malformed = |reason| ReadError::Bundle {
            path: path.to_string(),
            reason,
        };
        let width = path.width();
        let entries = split_bundle(&bytes, width).map_err(malformed)?;
        let entries: Vec<Vec<u8>> = entries.into_iter().map(<[u8]>::to_vec).collect();
        let leaves = self.tile(0, index)?;
        for ((entry, leaf), number) in entries.iter().zip(leaves).zip(index * TILE_WIDTH..) {
            if Hash::leaf(entry) != *leaf {
                return Err(ReadError::Entry {
                    index: number,
                    path: path.to_string(),
                });
            }
        }
        Ok(entries)
    }

    fn fetch_bundle(&self, path: TilePath) -> Result<Vec<u8>, ReadError> {
        if let Some(bytes) = self.source.fetch(&path.to_string())? {
            return Ok(bytes);
        }
        let missing = || ReadError::Missing {
            path: path.to_string(),
        };
        if path.is_full() {
            return Err(missing());
        }
        let full = self
            .source
            .fetch(&path.full().to_string())?
            .ok_or_else(missing)?;
        let entries = split_bundle(&full, TILE_WIDTH).map_err(|reason| ReadError::Bundle {
            path: path.full().to_string(),
            reason,
        })?;
        let width = usize::try_from(path.width()).unwrap_or(0);
        let bytes: usize = entries
            .iter()
            .take(width)
            .map(|entry| 2 + entry.len())
            .sum();
        Ok(full.get(..bytes).unwrap_or_default().to_vec())
    }

    /// Returns one checked entry.
    ///
    /// # Errors
    ///
    /// As [`LogReader::bundle`].
    pub fn entry(&mut self, index: u64) -> Result<Vec<u8>, ReadError> {
        if index >= self.checkpoint.size() {
            return Err(ReadError::OutOfRange);
        }
        let place = usize::try_from(index % TILE_WIDTH).unwrap_or(usize::MAX);
        let mut entries = self.bundle(index / TILE_WIDTH)?;
        if place >= entries.len() {
            return Err(ReadError::OutOfRange);
        }
        Ok(entries.swap_remove(place))
    }

    /// Makes the inclusion proof of an entry in the checkpoint's tree.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    ///
    /// # Cost
    ///
    /// At most one tile read for each of the tree's tile levels.
    pub fn inclusion_proof(&mut self, index: u64) -> Result<Vec<Hash>, ReadError> {
        let size = self.checkpoint.size();
        prove_inclusion(self, index, size)?.ok_or(ReadError::OutOfRange)
    }

    /// Makes the consistency proof from an older size to the checkpoint.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub fn consistency_proof(&mut self, old: u64) -> Result<Vec<Hash>, ReadError> {
        let size = self.checkpoint.size();
        prove_consistency(self, old, size)?.ok_or(ReadError::OutOfRange)
    }

    /// Returns the root the log had at an older size.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub fn root_at(&mut self, size: u64) -> Result<Hash, ReadError> {
        if size > self.checkpoint.size() {
            return Err(ReadError::OutOfRange);
        }
        root_of(self, size)
    }
}

impl<S: TileSource> SubtreeHashes for LogReader<S> {
    type Error = ReadError;

    fn subtree(&mut self, height: u32, index: u64) -> Result<Hash, ReadError> {
        let level = u8::try_from(height / TILE_HEIGHT).map_err(|_| ReadError::OutOfRange)?;
        let within = height % TILE_HEIGHT;
        let first = index.checked_shl(within).ok_or(ReadError::OutOfRange)?;
        let row = self.tile(level, first / TILE_WIDTH)?;
        let start = usize::try_from(first % TILE_WIDTH).unwrap_or(usize::MAX);
        let end = start.saturating_add(1 << within);
        row.get(start..end)
            .map(perfect_root)
            .ok_or(ReadError::OutOfRange)
    }
}

/// A log could not be read truthfully.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The source failed.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The tree of the checkpoint has no such entry, size or tile.
    #[error("the checkpoint's tree does not reach that far")]
    OutOfRange,
    /// A file the checkpoint's size requires is not there.
    #[error("`{path}` is missing")]
    Missing {
        /// Its relative path.
        path: String,
    },
    /// The tiles at the right edge do not give the checkpoint's root.
    #[error("the tiles {} do not give the root in the checkpoint", .paths.join(", "))]
    Edge {
        /// The tiles of the right edge.
        paths: Vec<String>,
    },
    /// A tile has the wrong length.
    #[error("`{path}` has {bytes} bytes, not those of its width")]
    Width {
        /// Its relative path.
        path: String,
        /// Its length.
        bytes: usize,
    },
    /// A tile does not hash to its place in the parent tile.
    #[error("`{path}` does not match its parent tile")]
    Tile {
        /// Its relative path.
        path: String,
    },
    /// A bundle cannot be split into its entries.
    #[error("`{path}` is malformed: {reason}")]
    Bundle {
        /// Its relative path.
        path: String,
        /// The fault inside.
        reason: crate::bundle::BundleError,
    },
    /// An entry does not hash to its leaf.
    #[error("entry {index} in `{path}` is not the entry that was logged")]
    Entry {
        /// Index of the entry.
        index: u64,
        /// The bundle.
        path: String,
    },
}
