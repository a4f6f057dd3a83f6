//! Everything the node keeps beside its own ledger: mirrors, blobs, proofs of forks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::hash::Hash;
use detente_ledger::storage::{Storage as _, StorageError};
use detente_node::effect::Errand;
use detente_node::federation::{Answer, Refused};
use detente_node::node::{Input, StoredLedger};
use detente_stores::mirror::{Mirror, MirrorError, read_entries};
use detente_stores::store::{PlaceError, Store};

use super::Report;
use super::mail::Outbox;

/// Cosignatures of a mirrored head are published after this much idleness: publishing costs
/// several flushes, and entries must not wait for them.
const HEADS_IDLE: Duration = Duration::from_millis(50);
/// How often, counted in pauses of that length, a server asks whether it is still the elected one:
/// about once a second.
const CHECK_PAUSES: u32 = 20;
/// Folder of the own ledger.
pub(crate) const LEDGER: &str = "ledger";
/// Folder of the mirrors, one below it for each ledger.
const MIRRORS: &str = "mirrors";
/// Folder of what entries name by hash.
pub(super) const BLOBS: &str = "blob";
/// Longest content that is read: the longest request that may bring any.
pub(crate) const BLOB_READ_MAX: usize = 64 << 20;
/// Folder of fork proofs.
pub(super) const FORKS: &str = "forks";

/// Blobs made durable together: as many as one recipient has under way from two peers.
const BLOBS_AT_ONCE: usize = 32;

/// What the disk's thread is asked to do.
pub(super) enum DiskOrder {
    Errand(Errand),
}

/// What a node keeps beside its own ledger, written by this process alone.
#[derive(Debug)]
pub struct Disk {
    files: Store,
    own: (Arc<str>, Store),
    mirrors: BTreeMap<Arc<str>, Mirror<Store>>,
    /// Heads whose cosignatures are still gathering; they wait behind entries.
    heads: BTreeMap<Arc<str>, SignedCheckpoint>,
}

/// What it held when it was opened.
#[derive(Debug, Default)]
pub struct Found {
    /// Every mirror.
    pub ledgers: Vec<StoredLedger>,
    /// Fork proof files.
    pub forks: Vec<Vec<u8>>,
    /// Blobs with their lengths.
    pub blobs: Vec<(Hash, u64)>,
}

impl Disk {
    /// Opens what a node keeps, with a mirror for each of the other ledgers.
    ///
    /// # Errors
    ///
    /// [`DiskError`].
    pub fn open(
        files: Store,
        own: (Arc<str>, Store),
        others: &[Arc<str>],
    ) -> Result<(Self, Found), DiskError> {
        let mut found = Found::default();
        let mut mirrors = BTreeMap::new();
        for origin in others {
            let folder = mirror_folder(origin);
            let (mirror, held) = Mirror::open(files.below(&folder)?)?;
            mirrors.insert(origin.clone(), mirror);
            found.ledgers.extend(held.map(|held| StoredLedger {
                origin: origin.clone(),
                entries: held.entries,
                head: held.head,
            }));
        }
        for name in files.list(FORKS)? {
            found.forks.extend(files.read(&format!("{FORKS}/{name}"))?);
        }
        for (name, length) in files.lengths(BLOBS)? {
            found
                .blobs
                .extend(Hash::from_hex(&name).map(|hash| (hash, length)));
        }
        let disk = Self {
            files,
            own,
            mirrors,
            heads: BTreeMap::new(),
        };
        Ok((disk, found))
    }

    /// Starts the disk's thread.
    pub(super) fn start(
        mut self,
        outbox: Outbox,
        report: impl Fn(Report) + Send + 'static,
    ) -> std::io::Result<Sender<DiskOrder>> {
        let (orders, queue): (_, Receiver<DiskOrder>) = channel();
        std::thread::Builder::new()
            .name("disk".to_owned())
            .spawn(move || {
                let mut pauses = 0;
                let mut next = None;
                loop {
                    let order = match next.take() {
                        Some(order) => Ok(order),
                        None => queue.recv_timeout(HEADS_IDLE),
                    };
                    let done = match order {
                        Ok(DiskOrder::Errand(Errand::StoreBlob { hash, bytes })) => {
                            let mut blobs = vec![(hash, bytes)];
                            next = more_blobs(&queue, &mut blobs);
                            self.store_blobs(blobs, &|input| report(Report::Done(input)))
                        }
                        Ok(DiskOrder::Errand(errand)) => {
                            self.run(errand, &outbox, &|input| report(Report::Done(input)))
                        }
                        Err(RecvTimeoutError::Timeout) => {
                            pauses += 1;
                            self.keep_heads().and_then(|()| self.check(pauses))
                        }
                        Err(RecvTimeoutError::Disconnected) => break,
                    };
                    if let Err(error) = done {
                        // What is not reported durable is asked for again after a restart.
                        tracing::error!(%error, "the disk failed");
                        report(Report::Failed);
                    }
                }
                // Cosignatures that are not kept are gathered again.
                let _ = self.keep_heads();
            })?;
        Ok(orders)
    }

    /// Makes sure, now and then, that no other server was elected.
    fn check(&self, pauses: u32) -> Result<(), DiskError> {
        match pauses.is_multiple_of(CHECK_PAUSES) {
            true => Ok(self.files.check()?),
            false => Ok(()),
        }
    }

    /// Keeps blobs; durable together, where many come at a time.
    fn store_blobs(
        &mut self,
        blobs: Vec<(Hash, Vec<u8>)>,
        tell: &dyn Fn(Input),
    ) -> Result<(), DiskError> {
        let files: Vec<(String, &[u8])> = blobs
            .iter()
            .map(|(hash, bytes)| (blob_path(*hash), bytes.as_slice()))
            .collect();
        self.files.replace_all(&files)?;
        for (hash, bytes) in &blobs {
            let (hash, bytes) = (*hash, bytes.len() as u64);
            tell(Input::BlobStored { hash, bytes });
        }
        Ok(())
    }

    /// Publishes the heads whose cosignatures have gathered.
    fn keep_heads(&mut self) -> Result<(), DiskError> {
        for (origin, head) in std::mem::take(&mut self.heads) {
            let mirror = self.mirror(&origin)?;
            // Entries that came meanwhile brought a head of their own.
            if mirror.size() == head.checkpoint().size() {
                mirror.keep_head(&head)?;
            }
        }
        Ok(())
    }

    fn run(
        &mut self,
        errand: Errand,
        outbox: &Outbox,
        tell: &dyn Fn(Input),
    ) -> Result<(), DiskError> {
        match errand {
            Errand::Mirror {
                ticket,
                origin,
                first_index,
                entries,
                head,
            } => {
                self.mirror(&origin)?
                    .append(first_index, &entries, head.as_ref())?;
                tell(Input::Mirrored { ticket });
            }
            Errand::KeepHead { origin, head } => {
                self.heads.insert(origin, head);
            }
            Errand::KeepEvidence { origin: _, proof } => {
                let path = format!("{FORKS}/{}", Hash::of(&proof).to_hex());
                self.files.replace(&path, &proof)?;
            }
            Errand::StoreBlob { hash, bytes } => self.store_blobs(vec![(hash, bytes)], tell)?,
            Errand::ReadBlob { hash } => {
                // A disk that fails is no answer: the entry waits, as everywhere else where the
                // content is not held.
                let bytes = self.files.read(&blob_path(hash))?;
                tell(Input::BlobRead { hash, bytes });
            }
            Errand::SendEntries {
                peer,
                exchange,
                origin,
                from,
                count,
                proof,
            } => {
                let answer = match self.read(&origin, from, count) {
                    Ok(entries) => Answer::Entries { entries, proof },
                    Err(_) => Answer::Refused(Refused::NotHeld),
                };
                outbox.answer(&peer, exchange, answer);
            }
            Errand::SendBlob {
                peer,
                exchange,
                hash,
            } => {
                let answer = match self.files.read(&blob_path(hash))? {
                    Some(bytes) => Answer::Blob(bytes),
                    None => Answer::Refused(Refused::NotHeld),
                };
                outbox.answer(&peer, exchange, answer);
            }
            Errand::Append { .. }
            | Errand::Rotate { .. }
            | Errand::Confirm { .. }
            | Errand::CatchUp { .. }
            | Errand::Attach { .. }
            | Errand::Send { .. } => {}
        }
        Ok(())
    }

    fn mirror(&mut self, origin: &Arc<str>) -> Result<&mut Mirror<Store>, DiskError> {
        self.mirrors.get_mut(origin).ok_or(DiskError::Stranger)
    }

    fn read(&self, origin: &Arc<str>, from: u64, count: u64) -> Result<Vec<Vec<u8>>, DiskError> {
        let to = from + count;
        if *origin == self.own.0 {
            // Entries that left the memory lie in full bundles.
            let full = to.next_multiple_of(detente_ledger::tile::TILE_WIDTH);
            return Ok(read_entries(|path| self.own.1.read(path), from, to, full)?);
        }
        let mirror = self.mirrors.get(origin).ok_or(DiskError::Stranger)?;
        let read = |path: &str| mirror.storage().read(path);
        Ok(read_entries(read, from, to, mirror.size())?)
    }
}

/// Takes the blobs that wait next in the queue; returns what came after them.
fn more_blobs(queue: &Receiver<DiskOrder>, blobs: &mut Vec<(Hash, Vec<u8>)>) -> Option<DiskOrder> {
    while blobs.len() < BLOBS_AT_ONCE {
        match queue.try_recv().ok()? {
            DiskOrder::Errand(Errand::StoreBlob { hash, bytes }) => blobs.push((hash, bytes)),
            other => return Some(other),
        }
    }
    None
}

/// Returns the path of a blob.
pub(crate) fn blob_path(hash: Hash) -> String {
    format!("{BLOBS}/{}", hash.to_hex())
}

/// Returns the folder of a ledger, as the node and its readers name it.
pub(crate) fn ledger_folder(own: &str, origin: &str) -> String {
    match origin == own {
        true => LEDGER.to_owned(),
        false => mirror_folder(origin),
    }
}

fn mirror_folder(origin: &str) -> String {
    format!("{MIRRORS}/{}", folder_name(origin))
}

/// Returns a name that any file system takes: an origin may hold slashes.
fn folder_name(origin: &str) -> String {
    let plain = |character: char| match character {
        'a'..='z' | '0'..='9' | '.' | '-' => character,
        _ => '_',
    };
    let readable: String = origin.chars().map(plain).take(64).collect();
    let digest: String = Hash::of(origin.as_bytes())
        .to_hex()
        .chars()
        .take(8)
        .collect();
    format!("{}-{digest}", readable.trim_start_matches('.'))
}

/// What a node keeps cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiskError {
    /// A part of it cannot be opened, or another process writes it.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// A mirror failed.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// A file failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A ledger that is not of the agreement.
    #[error("there is no mirror of this ledger")]
    Stranger,
}
