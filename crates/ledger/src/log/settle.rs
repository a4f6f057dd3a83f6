//! The log's files on their way to the disk: tiles, bundles and the published checkpoint.
//!
//! All of them can be made again from the write-ahead log until its segment is recycled, so a
//! commit never waits for them. The work is handed out as a [`Settling`], which any thread carries
//! out with a storage of its own while the log goes on; the log takes the [`Settled`] back before
//! it hands out more or recycles a segment. Whoever has no second thread calls [`Log::publish`] and
//! leaves the rest to the recycling.

use std::collections::BTreeMap;

use super::{CHECKPOINT_PATH, CommitError, Log, State, base_record};
use crate::bundle::push_entry;
use crate::storage::{Storage, StorageError};
use crate::tile::{TILE_WIDTH, TilePath};
use crate::tree::Tile;

/// Files of which the log is responsible until they are durable.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Finished tiles and bundles not yet written.
    pub(super) unwritten: Vec<(TilePath, Vec<u8>)>,
    /// Finished and written since the segment's base, not yet durable.
    unsettled: Vec<TilePath>,
    /// Partial tiles that need not, and must not, be written again; whether they are durable.
    pub(super) partials: BTreeMap<TilePath, bool>,
    /// A [`Settling`] is handed out.
    under_way: bool,
}

/// Work on files, to be carried out by [`Settling::run`].
#[derive(Debug)]
#[must_use = "the log waits for the result"]
pub struct Settling {
    finished: Vec<(TilePath, Vec<u8>)>,
    /// Finished, written earlier, not durable.
    written: Vec<TilePath>,
    /// Tiles of the right edge not written before.
    edge: Vec<(TilePath, Vec<u8>)>,
    /// Tiles of the right edge that must be durable, too.
    edge_to_settle: Vec<TilePath>,
    /// Makes them durable, and not only readable.
    settles: bool,
    checkpoint: Option<Vec<u8>>,
}

/// What became of a [`Settling`].
#[derive(Debug)]
#[must_use = "the log waits for it"]
pub struct Settled {
    unwritten: Vec<(TilePath, Vec<u8>)>,
    unsettled: Vec<TilePath>,
    partials: Vec<(TilePath, bool)>,
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    Done,
    /// Something could not be written: tried again later.
    Unwritten(StorageError),
    /// A sync failed: nothing is known about the files any more.
    Unsettled(StorageError),
}

impl Settling {
    /// Returns the bytes of the files to be written.
    pub fn bytes(&self) -> usize {
        let files = self.finished.iter().chain(&self.edge);
        files.map(|(_, bytes)| bytes.len()).sum()
    }

    /// Writes the files, makes them durable, and then replaces the published checkpoint.
    ///
    /// The storage must be the log's own or reach the same files. The checkpoint is replaced only
    /// after everything it covers is written.
    pub fn run<S: Storage>(self, storage: &mut S) -> Settled {
        let mut settled = Settled {
            unwritten: Vec::new(),
            unsettled: self.written,
            partials: Vec::new(),
            outcome: Outcome::Done,
        };
        let mut files = self.finished.into_iter();
        while let Some((path, bytes)) = files.next() {
            if let Err(error) = storage.write(&path.to_string(), &bytes) {
                settled.unwritten.push((path, bytes));
                settled.unwritten.extend(files);
                settled.outcome = Outcome::Unwritten(error);
                return settled;
            }
            settled.unsettled.push(path);
        }
        for (path, bytes) in self.edge {
            if let Err(error) = storage.write(&path.to_string(), &bytes) {
                settled.outcome = Outcome::Unwritten(error);
                return settled;
            }
            settled.partials.push((path, false));
        }
        if !self.settles {
            return settled;
        }
        let due = settled.unsettled.iter().chain(&self.edge_to_settle);
        let paths: Vec<String> = due.map(TilePath::to_string).collect();
        if let Err(error) = storage.settle(&paths) {
            settled.outcome = Outcome::Unsettled(error);
            return settled;
        }
        settled.unsettled.clear();
        let durable = self.edge_to_settle.into_iter().map(|path| (path, true));
        settled.partials.extend(durable);
        if let Some(bytes) = self.checkpoint
            && let Err(error) = storage.replace(CHECKPOINT_PATH, &bytes)
        {
            settled.outcome = Outcome::Unwritten(error);
        }
        settled
    }
}

impl<S: Storage> Log<S> {
    /// Returns how many finished tiles and bundles wait to be written.
    pub fn files_waiting(&self) -> usize {
        self.files.unwritten.len()
    }

    /// Hands out the work of writing what is not written yet and publishing the present head;
    /// `None` while earlier work is under way or after the log stopped.
    pub fn settling(&mut self) -> Option<Settling> {
        if self.files.under_way || self.state == State::Stopped {
            return None;
        }
        self.files.under_way = true;
        let checkpoint = self.head.note().to_bytes();
        Some(Settling {
            edge_to_settle: Vec::new(),
            checkpoint: Some(checkpoint),
            ..self.work()
        })
    }

    /// Takes back what became of the work handed out.
    ///
    /// # Errors
    ///
    /// [`CommitError::Storage`]. The log stops when a sync failed; after a failed write (a full
    /// disk) it goes on, because the entries are durable in the write-ahead log, and the files
    /// are tried again with the next work.
    pub fn settled(&mut self, settled: Settled) -> Result<(), CommitError> {
        self.files.under_way = false;
        let newer = std::mem::take(&mut self.files.unwritten);
        self.files.unwritten = settled.unwritten;
        self.files.unwritten.extend(newer);
        self.files.unsettled.extend(settled.unsettled);
        self.files.partials.extend(settled.partials);
        match settled.outcome {
            Outcome::Done => Ok(()),
            Outcome::Unwritten(error) => Err(error.into()),
            Outcome::Unsettled(error) => {
                self.state = State::Stopped;
                Err(error.into())
            }
        }
    }

    /// Writes the tiles of the present size, makes the finished ones durable, and replaces the
    /// file `checkpoint`.
    ///
    /// # Errors
    ///
    /// [`CommitError::Settling`] while work handed out is under way; otherwise as
    /// [`Log::settled`].
    pub fn publish(&mut self) -> Result<(), CommitError> {
        if self.state == State::Stopped {
            return Err(CommitError::Stopped);
        }
        let Some(work) = self.settling() else {
            return Err(CommitError::Settling);
        };
        let settled = work.run(&mut self.storage);
        self.settled(settled)
    }

    /// Returns whether committing what is staged could need files that are still under way.
    pub(super) fn waits_for_files(&self) -> bool {
        self.files.under_way && !self.wal.surely_fits(self.staged_bytes)
    }

    /// Returns whether work on files is handed out and not back.
    pub(super) fn files_under_way(&self) -> bool {
        self.files.under_way
    }

    /// Takes in the tiles and bundles that a batch finished; the tree is still the one before it.
    pub(super) fn finish(&mut self, tiles: Vec<Tile>, entries: &[Vec<u8>]) {
        let tiles = tiles.into_iter().map(|tile| (tile.path, tile.bytes));
        self.files.unwritten.extend(tiles);
        for (index, entry) in (self.tree.size()..).zip(entries) {
            // The length was checked when the entry was staged or replayed.
            let _ = push_entry(&mut self.bundle, entry);
            if (index + 1).is_multiple_of(TILE_WIDTH)
                && let Ok(path) = TilePath::entries(index / TILE_WIDTH, TILE_WIDTH)
            {
                let bundle = std::mem::take(&mut self.bundle);
                self.files.unwritten.push((path, bundle));
            }
        }
    }

    /// Writes what is not written yet, partial tiles included, for reading it back; nothing
    /// becomes durable by it.
    pub(super) fn write_files(&mut self) -> Result<(), CommitError> {
        if self.files.under_way {
            return Err(CommitError::Settling);
        }
        let work = Settling {
            settles: false,
            ..self.work()
        };
        let settled = work.run(&mut self.storage);
        self.settled(settled)
    }

    /// Makes everything in the present segment durable as tiles and starts the other one.
    pub(super) fn recycle(&mut self) -> Result<(), CommitError> {
        if self.files.under_way {
            return Err(CommitError::Settling);
        }
        let settled = self.work().run(&mut self.storage);
        self.settled(settled)?;
        let base = base_record(&self.head);
        let recycled = self.wal.recycle(&mut self.storage, &base);
        self.or_stop(recycled)?;
        self.drop_outgrown();
        Ok(())
    }

    /// Gathers everything not durable, the right edge included.
    fn work(&mut self) -> Settling {
        let edge = self.edge();
        let durable = |path: &TilePath| self.files.partials.get(path) == Some(&true);
        let edge_to_settle = edge.iter().map(|(path, _)| *path);
        let edge_to_settle = edge_to_settle.filter(|path| !durable(path)).collect();
        let known = |path: &TilePath| self.files.partials.contains_key(path);
        let edge = edge.into_iter().filter(|(path, _)| !known(path)).collect();
        Settling {
            finished: std::mem::take(&mut self.files.unwritten),
            written: std::mem::take(&mut self.files.unsettled),
            edge,
            edge_to_settle,
            settles: true,
            checkpoint: None,
        }
    }

    /// Returns the unfinished tiles and the unfinished bundle.
    fn edge(&self) -> Vec<(TilePath, Vec<u8>)> {
        let tiles = self.tree.partial_tiles().into_iter();
        let mut edge: Vec<_> = tiles.map(|tile| (tile.path, tile.bytes)).collect();
        let size = self.tree.size();
        if let Ok(path) = TilePath::entries(size / TILE_WIDTH, size % TILE_WIDTH) {
            edge.push((path, self.bundle.clone()));
        }
        edge
    }

    /// Removes partial tiles whose full tile is durable, as the specification allows.
    fn drop_outgrown(&mut self) {
        let edge = self.edge();
        let present = |path: &TilePath| {
            edge.iter()
                .any(|(edge, _)| (edge.kind(), edge.index()) == (path.kind(), path.index()))
        };
        let partials = self.files.partials.keys();
        let gone: Vec<TilePath> = partials.filter(|path| !present(path)).copied().collect();
        for path in gone {
            // A partial tile left behind is harmless: it is a prefix of the full one.
            let _ = self.storage.remove(&path.to_string());
            self.files.partials.remove(&path);
        }
    }
}
