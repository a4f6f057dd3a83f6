//! A participant's own ledger: staged entries become durable and signed in one step.
//!
//! The write-ahead log is the truth; tiles, bundles and the file `checkpoint` are written lazily
//! from it. A signature leaves this type only after the record that holds it is durable, so an
//! acknowledged or signed size never shrinks. After any storage fault on that path the log stops
//! for good: what a failed sync left behind is unknown, and only recovery can find out.
//!
//! A log starts unconfirmed each time it is opened: a restored backup looks exactly like a log that
//! was merely closed, so nothing is signed until the caller tells what peers last cosigned.

mod recovery;
mod settle;

pub use crate::wal::SEGMENT_BYTES_MIN;
pub use recovery::OpenError;
pub use settle::{Settled, Settling};

use crate::bundle::{BundleError, ENTRY_BYTES_MAX};
use crate::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::hash::Hash;
use crate::keys::{Role, SignedKeyEvent};
use crate::note::NoteError;
use crate::reader::{FetchError, LogReader, ReadError, TileSource};
use crate::storage::{Storage, StorageError};
use crate::tree::Tree;
use crate::vkey::{NoteSigner, Vkey};
use crate::wal::{Record, Wal};
use settle::Files;

/// Default length of a write-ahead segment: minutes of heavy load between recyclings.
pub const SEGMENT_BYTES_DEFAULT: u64 = 64 << 20;
/// Most bytes staged for one commit: a bound on memory, and a fraction of a segment.
pub const BATCH_BYTES_MAX: usize = 16 << 20;
/// The published head.
pub const CHECKPOINT_PATH: &str = "checkpoint";

/// A ledger that is written.
#[derive(Debug)]
pub struct Log<S> {
    storage: S,
    signer: NoteSigner,
    /// Other keys that sign this log, at other sizes: replaced ones, and one that is to follow.
    others: Vec<Vkey>,
    tree: Tree,
    /// The unfinished bundle.
    bundle: Vec<u8>,
    wal: Wal,
    head: SignedCheckpoint,
    staged: Vec<Vec<u8>>,
    staged_bytes: usize,
    files: Files,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Unconfirmed,
    Ready,
    Stopped,
}

impl<S: Storage> Log<S> {
    /// Creates an empty ledger; its origin is the signer's name.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; [`OpenError::Exists`] when anything of a ledger is already there.
    pub fn create(
        mut storage: S,
        signer: NoteSigner,
        segment_bytes: u64,
    ) -> Result<Self, OpenError> {
        if recovery::traces(&storage)? {
            return Err(OpenError::Exists);
        }
        let tree = Tree::new();
        let head = sign(&signer, &tree).map_err(OpenError::Signer)?;
        let base = base_record(&head);
        let wal = Wal::create(&mut storage, segment_bytes, &base)?;
        let bytes = head.note().to_bytes();
        storage.replace(CHECKPOINT_PATH, &bytes)?;
        Ok(Self {
            storage,
            signer,
            others: Vec::new(),
            tree,
            bundle: Vec::new(),
            wal,
            head,
            staged: Vec::new(),
            staged_bytes: 0,
            files: Files::default(),
            state: State::Unconfirmed,
        })
    }

    /// Returns the newest durable checkpoint, with the cosignatures attached so far.
    pub fn head(&self) -> &SignedCheckpoint {
        &self.head
    }

    /// Returns the number of durable entries.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Returns the storage, to read tiles from.
    pub fn storage(&self) -> &S {
        &self.storage
    }

    /// Gives the storage back.
    pub fn into_storage(self) -> S {
        self.storage
    }

    /// Returns whether a checkpoint is signed by a key: of its participant's several the one that
    /// signs the log where it ends now.
    pub fn is_head_by(&self, key: &Vkey) -> bool {
        self.head.verify_log(std::slice::from_ref(key)).is_ok()
    }

    /// Signs with this key from now on: after opening, the one that the log ends with.
    ///
    /// A log that goes on with another key than its entries name is believed by nobody; to change
    /// keys is [`Log::rotate`].
    pub fn sign_with(&mut self, signer: NoteSigner) {
        let before = std::mem::replace(&mut self.signer, signer);
        self.others.push(before.vkey().clone());
    }

    /// Commits a key event alone, and signs with the log key it names from the checkpoint on that
    /// first covers it: one record holds both, so that no crash comes between them.
    ///
    /// # Errors
    ///
    /// [`CommitError`], as [`Log::commit`]; [`CommitError::NotItsKey`] when the entry is no key event
    /// or names another log key, and [`CommitError::Staged`] when something waits to be committed
    /// with the key in use.
    pub fn rotate(
        &mut self,
        entry: Vec<u8>,
        signer: NoteSigner,
    ) -> Result<&SignedCheckpoint, CommitError> {
        self.check_ready()?;
        if !self.staged.is_empty() {
            return Err(CommitError::Staged);
        }
        if entry.len() > ENTRY_BYTES_MAX {
            let bytes = entry.len();
            return Err(CommitError::Entry(BundleError::EntryTooLong { bytes }));
        }
        let event = SignedKeyEvent::from_entry(&entry).ok_or(CommitError::NotItsKey)?;
        let named = event.event().keys.get(&Role::Log) == Some(signer.vkey());
        if !named || signer.vkey().name() != self.signer.vkey().name() {
            return Err(CommitError::NotItsKey);
        }
        if self.files_under_way() {
            return Err(CommitError::Settling);
        }
        self.commit_batch(vec![entry], None, &signer)?;
        self.sign_with(signer);
        Ok(&self.head)
    }

    /// Returns every key by which a checkpoint of this log may be signed.
    fn keys(&self) -> Vec<Vkey> {
        std::iter::once(self.signer.vkey().clone())
            .chain(self.others.iter().cloned())
            .collect()
    }

    /// Compares the log with checkpoints of it that peers hold, and allows signing when all agree.
    ///
    /// # Errors
    ///
    /// [`ConfirmError::Behind`]: a peer holds more than the log has, as after restoring a backup;
    /// use [`Log::catch_up`]. [`ConfirmError::Forked`]: a peer holds another history.
    pub fn confirm(&mut self, held: &[SignedCheckpoint]) -> Result<(), ConfirmError> {
        if self.state == State::Stopped {
            return Err(ConfirmError::Stopped);
        }
        if held.is_empty() {
            return Err(ConfirmError::Nothing);
        }
        let mut behind = None;
        let keys = self.keys();
        for signed in held {
            signed.verify_log(&keys)?;
            let head = signed.checkpoint();
            if head.size() > self.size() {
                behind = behind.max(Some(head.size()));
            } else if self.root_at(head.size())? != head.root() {
                return Err(ConfirmError::Forked { size: head.size() });
            }
        }
        if let Some(held) = behind {
            return Err(ConfirmError::Behind {
                held,
                own: self.size(),
            });
        }
        self.state = State::Ready;
        Ok(())
    }

    /// Allows signing on the operator's word that nobody else holds a checkpoint of this log.
    ///
    /// # Errors
    ///
    /// [`ConfirmError::Stopped`].
    pub fn confirm_unshared(&mut self) -> Result<(), ConfirmError> {
        if self.state == State::Stopped {
            return Err(ConfirmError::Stopped);
        }
        self.state = State::Ready;
        Ok(())
    }

    /// Takes back entries that only a peer's mirror still has, up to a checkpoint signed by this
    /// log. The log stays unconfirmed.
    ///
    /// # Errors
    ///
    /// [`CommitError`]; [`CommitError::NotOurs`] when the entries do not give the checkpoint.
    pub fn catch_up(
        &mut self,
        entries: &[Vec<u8>],
        held: &SignedCheckpoint,
    ) -> Result<(), CommitError> {
        if self.state == State::Stopped {
            return Err(CommitError::Stopped);
        }
        held.verify_log(&self.keys())
            .map_err(CommitError::NotOurs)?;
        let mut tree = self.tree.clone();
        for entry in entries {
            if !tree.push(Hash::leaf(entry), &mut Vec::new()) {
                return Err(CommitError::Full);
            }
        }
        let head = held.checkpoint();
        if (tree.size(), tree.root()) != (head.size(), head.root()) {
            return Err(CommitError::OtherHistory);
        }
        // Every prefix of what this log once signed may be signed again: it is the same history.
        let mut rest = entries;
        while self.size() < head.size() {
            let count = self.batch_count(rest);
            let (batch, more) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            let signer = self.signer.clone();
            self.commit_batch(
                batch.to_vec(),
                more.is_empty().then(|| held.clone()),
                &signer,
            )?;
            rest = more;
        }
        Ok(())
    }

    /// Returns how many of these entries one commit can hold; at least one.
    fn batch_count(&self, entries: &[Vec<u8>]) -> usize {
        let mut bytes = 0;
        let fitting = entries.iter().take_while(|entry| {
            bytes += entry.len() + 2;
            bytes <= BATCH_BYTES_MAX && self.wal.ever_fits_bytes(bytes)
        });
        fitting.count().max(1)
    }

    /// Stages an entry for the next commit and returns the index it will have.
    ///
    /// # Errors
    ///
    /// [`CommitError::Entry`], [`CommitError::BatchFull`], [`CommitError::Unconfirmed`],
    /// [`CommitError::Stopped`].
    pub fn stage(&mut self, entry: Vec<u8>) -> Result<u64, CommitError> {
        self.check_ready()?;
        if entry.len() > ENTRY_BYTES_MAX {
            let bytes = entry.len();
            return Err(CommitError::Entry(BundleError::EntryTooLong { bytes }));
        }
        if !self.has_room(entry.len()) {
            return Err(CommitError::BatchFull);
        }
        self.staged_bytes += entry.len() + 2;
        self.staged.push(entry);
        Ok(self.next_index() - 1)
    }

    /// Returns whether an entry of this length still fits the commit that is being staged.
    pub fn has_room(&self, entry_bytes: usize) -> bool {
        let bytes = self.staged_bytes + entry_bytes + 2;
        bytes <= BATCH_BYTES_MAX && self.wal.ever_fits_bytes(bytes)
    }

    /// Returns the index the next staged entry will have.
    pub fn next_index(&self) -> u64 {
        self.tree.size() + self.staged.len() as u64
    }

    /// Makes the staged entries durable under a newly signed checkpoint, with one sync.
    ///
    /// # Errors
    ///
    /// [`CommitError`]. After [`CommitError::Settling`] the entries remain staged; after every
    /// other error they are dropped. After [`CommitError::Storage`] whether the batch is durable
    /// is for recovery to find out, unless the disk was full before anything of it was written.
    ///
    /// # Cost
    ///
    /// One write and one sync, one signature, a hash an entry. Once a segment is full, writing and
    /// syncing the files that were not settled since it began.
    pub fn commit(&mut self) -> Result<&SignedCheckpoint, CommitError> {
        self.check_ready()?;
        if self.waits_for_files() {
            return Err(CommitError::Settling);
        }
        if !self.staged.is_empty() {
            let batch = std::mem::take(&mut self.staged);
            self.staged_bytes = 0;
            let signer = self.signer.clone();
            self.commit_batch(batch, None, &signer)?;
        }
        Ok(&self.head)
    }

    fn check_ready(&self) -> Result<(), CommitError> {
        match self.state {
            State::Ready => Ok(()),
            State::Unconfirmed => Err(CommitError::Unconfirmed),
            State::Stopped => Err(CommitError::Stopped),
        }
    }

    fn commit_batch(
        &mut self,
        entries: Vec<Vec<u8>>,
        head: Option<SignedCheckpoint>,
        signer: &NoteSigner,
    ) -> Result<(), CommitError> {
        let mut tree = self.tree.clone();
        let mut tiles = Vec::new();
        for entry in &entries {
            if !tree.push(Hash::leaf(entry), &mut tiles) {
                return Err(CommitError::Full);
            }
        }
        let head = match head {
            Some(head) => head,
            None => sign(signer, &tree).map_err(CommitError::Signer)?,
        };
        let first_index = self.tree.size();
        let record = Record {
            first_index,
            entries,
            checkpoint: head.note().to_bytes(),
        };
        if !self.wal.fits(&record) {
            if !self.wal.ever_fits(&record) {
                return Err(CommitError::BatchFull);
            }
            self.recycle()?;
        }
        let appended = self.wal.append(&mut self.storage, &record);
        self.or_stop(appended)?;
        self.finish(tiles, &record.entries);
        self.tree = tree;
        self.head = head;
        Ok(())
    }

    /// Attaches cosignature lines to the newest checkpoint, each checked with its key.
    ///
    /// # Errors
    ///
    /// [`NoteError`] when a line is malformed or does not verify; nothing is then attached.
    pub fn attach(&mut self, lines: &str, cosigners: &[Vkey]) -> Result<(), NoteError> {
        let mut note = self.head.note().clone();
        note.add_lines(lines)?;
        note.verify(cosigners)?;
        self.head.note_mut().add_lines(lines)
    }

    fn or_stop(&mut self, result: Result<(), StorageError>) -> Result<(), CommitError> {
        if result.is_err() {
            self.state = State::Stopped;
        }
        Ok(result?)
    }

    fn root_at(&mut self, size: u64) -> Result<Hash, ConfirmError> {
        if size == self.size() {
            return Ok(self.tree.root());
        }
        self.write_files()
            .map_err(|error| ConfirmError::Files(Box::new(error)))?;
        let source = StorageSource(&self.storage);
        let mut reader = LogReader::open(source, self.head.checkpoint().clone())?;
        Ok(reader.root_at(size)?)
    }
}

/// Reads a log's files through its storage.
#[derive(Debug)]
pub struct StorageSource<'storage, S>(pub &'storage S);

impl<S: Storage> TileSource for StorageSource<'_, S> {
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        self.0.read(path).map_err(|error| FetchError {
            path: path.to_owned(),
            reason: error.to_string(),
        })
    }
}

fn sign(signer: &NoteSigner, tree: &Tree) -> Result<SignedCheckpoint, CheckpointError> {
    let origin = signer.vkey().name().as_str();
    let mut note = Checkpoint::new(origin, tree.size(), tree.root())?.to_note()?;
    note.sign(signer);
    SignedCheckpoint::from_note(note)
}

fn base_record(head: &SignedCheckpoint) -> Record {
    let head_size = head.checkpoint().size();
    Record {
        first_index: head_size,
        entries: Vec::new(),
        checkpoint: head.note().to_bytes(),
    }
}

/// Entries could not be committed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError {
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// An earlier fault stopped the log.
    #[error("the log stopped after a storage fault; reopen it")]
    Stopped,
    /// Nobody has said yet what peers last cosigned.
    #[error("the log does not sign before it knows what peers last cosigned")]
    Unconfirmed,
    /// The entry is too long.
    #[error(transparent)]
    Entry(BundleError),
    /// The batch is full; commit first.
    #[error("the batch holds as much as one commit can")]
    BatchFull,
    /// The segment is full, and work on files is under way; see [`Log::settled`].
    #[error("the files handed out to be settled are not back yet")]
    Settling,
    /// Entries wait to be committed with the key in use.
    #[error("entries wait to be committed before the keys can change")]
    Staged,
    /// The entry names another key than the one to sign with.
    #[error("the entry is no key event that names the key to sign with")]
    NotItsKey,
    /// 2^63 - 1 entries.
    #[error("the log holds as many entries as it ever can")]
    Full,
    /// The checkpoint could not be made.
    #[error(transparent)]
    Signer(CheckpointError),
    /// The held checkpoint was not signed by this log.
    #[error("the checkpoint is not this log's: {0}")]
    NotOurs(CheckpointError),
    /// The entries do not continue this log to the held checkpoint.
    #[error("the entries do not lead from this log to the checkpoint")]
    OtherHistory,
}

/// The log may not sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfirmError {
    /// No checkpoint was handed in; see [`Log::confirm_unshared`].
    #[error("no peer's checkpoint was given")]
    Nothing,
    /// An earlier fault stopped the log.
    #[error("the log stopped after a storage fault; reopen it")]
    Stopped,
    /// A held checkpoint is not this log's.
    #[error(transparent)]
    NotOurs(#[from] CheckpointError),
    /// A peer holds more than the log has.
    #[error("a peer holds {held} entries, the log only {own}: take the missing ones back first")]
    Behind {
        /// Largest size a peer holds.
        held: u64,
        /// Size of the log.
        own: u64,
    },
    /// A peer holds another history.
    #[error("a peer holds another history at size {size}; this log must never sign again")]
    Forked {
        /// Size of the peer's checkpoint.
        size: u64,
    },
    /// The log's own tiles could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The log's own tiles could not be written.
    #[error(transparent)]
    Files(Box<CommitError>),
}
