//! Opening a log: replay, and the four ways the signed and the published head can relate.

use std::collections::BTreeMap;

use super::settle::Files;
use super::{CHECKPOINT_PATH, Log, State, StorageSource};
use crate::bundle::{push_entry, split_bundle};
use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::hash::{HASH_BYTES, Hash};
use crate::reader::{LogReader, ReadError};
use crate::storage::{Storage, StorageError};
use crate::tile::{TILE_WIDTH, TileKind, TilePath, bundle_in_tree};
use crate::tree::Tree;
use crate::vkey::{NoteSigner, Vkey};
use crate::wal::{Record, Replay, ReplayError, SEGMENT_PATHS, Wal};

impl<S: Storage> Log<S> {
    /// Opens a ledger after a stop of any kind. The log starts unconfirmed.
    ///
    /// The storage must be held exclusively; `former_keys` are the participant's other log
    /// keys, replaced by rotation or about to replace the signer.
    /// The last record is made durable again before anything relies on it.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; every variant but [`OpenError::NotFound`] means that the files contradict
    /// what was signed, and that signing on could fork the log.
    pub fn open(
        mut storage: S,
        signer: NoteSigner,
        former_keys: &[Vkey],
    ) -> Result<Self, OpenError> {
        let Some(Replay { mut wal, records }) = Wal::replay(&storage)? else {
            return Err(match traces(&storage)? {
                true => OpenError::LogLost,
                false => OpenError::NotFound,
            });
        };
        let keys: Vec<Vkey> = std::iter::once(signer.vkey().clone())
            .chain(former_keys.iter().cloned())
            .collect();
        let Some((base, batches)) = records.split_first() else {
            return Err(OpenError::LogLost);
        };
        let replayed = Replayed::from_base(&storage, base)?.apply(batches)?;
        replayed
            .head
            .verify_log(&keys)
            .map_err(OpenError::Signature)?;
        wal.harden(&mut storage, records.last().unwrap_or(base))?;
        let mut log = Self {
            storage,
            signer,
            others: former_keys.to_vec(),
            tree: replayed.tree,
            bundle: Vec::new(),
            wal,
            head: replayed.head,
            staged: Vec::new(),
            staged_bytes: 0,
            files: Files::default(),
            state: State::Unconfirmed,
        };
        log.files.unwritten = replayed.files;
        let durable = replayed.base_partials.into_iter().map(|path| (path, true));
        log.files.partials = durable.collect();
        log.bundle = replayed.bundle;
        log.check_published(&keys, &replayed.roots)?;
        Ok(log)
    }

    /// Compares the published checkpoint with the replayed one.
    fn check_published(
        &mut self,
        keys: &[Vkey],
        roots: &BTreeMap<u64, Hash>,
    ) -> Result<(), OpenError> {
        let Some(bytes) = self.storage.read(CHECKPOINT_PATH)? else {
            return Ok(());
        };
        let published = SignedCheckpoint::parse(&bytes).map_err(OpenError::Published)?;
        published.verify_log(keys).map_err(OpenError::Published)?;
        let (size, root) = (published.checkpoint().size(), published.checkpoint().root());
        let logged = self.size();
        if size > logged {
            return Err(OpenError::PublishedAhead {
                published: size,
                logged,
            });
        }
        let own = match roots.get(&size) {
            Some(root) => *root,
            None => self.root_of_published(size)?,
        };
        if own != root {
            return Err(OpenError::PublishedFork { size });
        }
        if size == logged {
            // Same text: keep the cosignatures that were published with it.
            self.head = published;
        }
        Ok(())
    }

    fn root_of_published(&mut self, size: u64) -> Result<Hash, OpenError> {
        self.write_files()
            .map_err(|error| OpenError::Files(Box::new(error)))?;
        let source = StorageSource(&self.storage);
        let mut reader = LogReader::open(source, self.head.checkpoint().clone())?;
        Ok(reader.root_at(size)?)
    }
}

/// Returns whether anything of a ledger is in the storage.
pub(super) fn traces<S: Storage>(storage: &S) -> Result<bool, StorageError> {
    for path in [CHECKPOINT_PATH, SEGMENT_PATHS[0], SEGMENT_PATHS[1]] {
        // A segment of zeros is left by a creation that never finished: nothing was signed.
        let written = |bytes: &Vec<u8>| bytes.iter().any(|byte| *byte != 0);
        if storage.read(path)?.as_ref().is_some_and(written) {
            return Ok(true);
        }
    }
    Ok(false)
}

struct Replayed {
    tree: Tree,
    head: SignedCheckpoint,
    bundle: Vec<u8>,
    files: Vec<(TilePath, Vec<u8>)>,
    base_partials: std::collections::BTreeSet<TilePath>,
    /// The root at every size that was signed since the base.
    roots: BTreeMap<u64, Hash>,
}

impl Replayed {
    /// Loads the right edge at the size where the segment starts, and checks it.
    fn from_base<S: Storage>(storage: &S, base: &Record) -> Result<Self, OpenError> {
        let head = SignedCheckpoint::parse(&base.checkpoint).map_err(OpenError::Signature)?;
        let (size, root) = (head.checkpoint().size(), head.checkpoint().root());
        let mut base_partials = std::collections::BTreeSet::new();
        let mut fault = None;
        let tree = Tree::from_edge(size, |path| {
            base_partials.insert(path);
            read_partial(storage, path).unwrap_or_else(|error| {
                fault = Some(error);
                None
            })
        });
        if let Some(fault) = fault {
            return Err(fault.into());
        }
        let tree = tree
            .filter(|tree| tree.root() == root)
            .ok_or(OpenError::Edge { size })?;
        let bundle = match bundle_in_tree(size, size / TILE_WIDTH) {
            None => Vec::new(),
            Some(path) => {
                base_partials.insert(path);
                let bytes = read_partial(storage, path)?.ok_or(OpenError::Edge { size })?;
                check_bundle(&bytes, &tree).ok_or(OpenError::Edge { size })?;
                bytes
            }
        };
        Ok(Self {
            roots: BTreeMap::from([(size, root)]),
            tree,
            head,
            bundle,
            files: Vec::new(),
            base_partials,
        })
    }

    fn apply(mut self, batches: &[Record]) -> Result<Self, OpenError> {
        for record in batches {
            let size = self.tree.size();
            let damaged = || OpenError::Record { size };
            if record.first_index != size {
                return Err(damaged());
            }
            for entry in &record.entries {
                self.push(entry).ok_or_else(damaged)?;
            }
            let head = SignedCheckpoint::parse(&record.checkpoint).map_err(|_| damaged())?;
            let signed = (head.checkpoint().size(), head.checkpoint().root());
            if signed != (self.tree.size(), self.tree.root()) {
                return Err(damaged());
            }
            self.roots.insert(signed.0, signed.1);
            self.head = head;
        }
        Ok(self)
    }

    fn push(&mut self, entry: &[u8]) -> Option<()> {
        let mut tiles = Vec::new();
        if !self.tree.push(Hash::leaf(entry), &mut tiles) {
            return None;
        }
        push_entry(&mut self.bundle, entry).ok()?;
        self.files
            .extend(tiles.into_iter().map(|tile| (tile.path, tile.bytes)));
        let size = self.tree.size();
        if size.is_multiple_of(TILE_WIDTH) {
            let path = TilePath::entries(size / TILE_WIDTH - 1, TILE_WIDTH).ok()?;
            self.files.push((path, std::mem::take(&mut self.bundle)));
        }
        Some(())
    }
}

/// Reads a partial tile or bundle, or its part of the full one.
fn read_partial<S: Storage>(storage: &S, path: TilePath) -> Result<Option<Vec<u8>>, StorageError> {
    if let Some(bytes) = storage.read(&path.to_string())? {
        return Ok(Some(bytes));
    }
    let Some(full) = storage.read(&path.full().to_string())? else {
        return Ok(None);
    };
    let width = usize::try_from(path.width()).unwrap_or(0);
    let bytes = match path.kind() {
        TileKind::Hashes { .. } => Some(width * HASH_BYTES),
        TileKind::Entries => split_bundle(&full, TILE_WIDTH).ok().map(|entries| {
            entries
                .iter()
                .take(width)
                .map(|entry| 2 + entry.len())
                .sum()
        }),
    };
    Ok(bytes.and_then(|bytes| full.get(..bytes).map(<[u8]>::to_vec)))
}

/// Checks the entries of the unfinished bundle against the unfinished leaf tile.
fn check_bundle(bytes: &[u8], tree: &Tree) -> Option<()> {
    let width = tree.size() % TILE_WIDTH;
    let entries = split_bundle(bytes, width).ok()?;
    let leaves = tree.partial_tiles().into_iter().find(|tile| {
        tile.path.kind() == TileKind::Hashes { level: 0 } && tile.path.width() == width
    })?;
    let hashes: Vec<u8> = entries
        .iter()
        .flat_map(|entry| *Hash::leaf(entry).as_bytes())
        .collect();
    (hashes == leaves.bytes).then_some(())
}

impl From<ReplayError> for OpenError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Storage(error) => Self::Storage(error),
            ReplayError::Decayed { path, offset } => Self::Decayed { path, offset },
        }
    }
}

/// A log could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// There is no ledger.
    #[error("there is no ledger here")]
    NotFound,
    /// There is one already.
    #[error("there already is a ledger here")]
    Exists,
    /// There is a published checkpoint but no write-ahead log.
    #[error("the write-ahead log is gone although a checkpoint was published")]
    LogLost,
    /// A durable record of the write-ahead log has changed.
    #[error("`{path}` is damaged at byte {offset}")]
    Decayed {
        /// The segment.
        path: &'static str,
        /// Start of the damaged record.
        offset: u64,
    },
    /// A record does not continue the log.
    #[error("the write-ahead log does not continue the ledger at entry {size}")]
    Record {
        /// Entries before the record.
        size: u64,
    },
    /// The tiles at the right edge do not give the signed root.
    #[error("the tiles do not give the root signed for size {size}")]
    Edge {
        /// Size at the start of the segment.
        size: u64,
    },
    /// The logged checkpoint is malformed or not signed by this log's key.
    #[error("the logged checkpoint is not signed by this log: {0}")]
    Signature(CheckpointError),
    /// The key makes no checkpoint.
    #[error("no checkpoint can be signed: {0}")]
    Signer(CheckpointError),
    /// The published checkpoint is malformed or not signed by this log's key.
    #[error("the published checkpoint is not this log's: {0}")]
    Published(CheckpointError),
    /// The published checkpoint is newer than the log: part of the log is lost.
    #[error("size {published} was published, but only {logged} entries are logged")]
    PublishedAhead {
        /// Published size.
        published: u64,
        /// Logged size.
        logged: u64,
    },
    /// The published checkpoint has another root.
    #[error("the checkpoint published for size {size} has another root than the log")]
    PublishedFork {
        /// Its size.
        size: u64,
    },
    /// The log's own tiles cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The log's own tiles cannot be written.
    #[error(transparent)]
    Files(Box<super::CommitError>),
}
