//! The node's own ledger: opened, confirmed, then appended to by groups.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::keys::SignedKeyEvent;
use detente_ledger::log::{CommitError, Log, OpenError, SEGMENT_BYTES_DEFAULT};
use detente_ledger::storage::Storage as _;
use detente_ledger::vkey::{NoteSigner, Vkey};
use detente_node::node::{Identity, Input};
use detente_stores::committer::{Committer, Receipt};
use detente_stores::mirror::{MirrorError, read_entries};
use detente_stores::store::{PlaceError, Store};

use super::Report;
use super::disk::LEDGER;
use crate::house::{HouseError, KeyRing};

/// Entries kept in memory behind the newest: more than the files may lag behind commits, so that
/// peers are answered without waiting for files.
const RECENT_ENTRIES_MAX: usize = 65_536;
/// Bytes of entries kept in memory, for the same purpose.
const RECENT_BYTES_MAX: usize = 64 << 20;

type Commits = Vec<Receiver<Result<Receipt, CommitError>>>;

/// The files of a ledger that this process writes.
#[derive(Debug)]
pub struct LedgerStore {
    log: Log<Store>,
    keys: Keys,
    entries: Vec<Vec<u8>>,
}

/// The participant's keys, and which of them the log is signed with.
#[derive(Debug)]
struct Keys {
    ring: KeyRing,
    generation: usize,
    key: Vkey,
}

impl LedgerStore {
    /// Opens the ledger among a node's files, or begins it with its genesis entry.
    ///
    /// # Errors
    ///
    /// [`OwnLogError`].
    ///
    /// # Cost
    ///
    /// Reads every entry.
    pub fn open(files: &Store, ring: KeyRing, genesis: &[u8]) -> Result<Self, OwnLogError> {
        let signers = ring.log_signers();
        let signers = signers.map_err(|error| OwnLogError::Keys(error.to_string()))?;
        let first = signers.first().ok_or(OwnLogError::NotOurKey)?.clone();
        let others: Vec<Vkey> = signers.iter().map(|it| it.vkey().clone()).collect();
        // Commits must not wait for what else the node keeps.
        let open = || files.companion()?.below(LEDGER);
        let mut log = match Log::open(open()?, first.clone(), &others) {
            Err(OpenError::NotFound) => Log::create(open()?, first, SEGMENT_BYTES_DEFAULT)?,
            opened => opened?,
        };
        // The checkpoint that first covers a key event is signed by the key it names.
        let generation = ring.signed(log.head()).ok_or(OwnLogError::NotOurKey)?;
        let signer = signers.into_iter().nth(generation);
        let signer = signer.ok_or(OwnLogError::NotOurKey)?;
        let keys = Keys {
            ring,
            generation,
            key: signer.vkey().clone(),
        };
        log.sign_with(signer);
        if log.size() == 0 {
            // Nothing but the genesis entry the agreement pins can stand here, so signing it again
            // after a crash is no fork.
            log.confirm_unshared().map_err(|_| OwnLogError::Damaged)?;
            log.stage(genesis.to_vec())?;
            log.commit()?;
        }
        log.publish()?;
        let size = log.size();
        let entries = read_entries(|path| log.storage().read(path), 0, size, size)?;
        Ok(Self { log, keys, entries })
    }

    /// Opens another handle of the ledger's files, to read from.
    ///
    /// # Errors
    ///
    /// [`PlaceError`].
    pub fn companion(&self) -> Result<Store, PlaceError> {
        self.log.storage().companion()
    }

    /// Gives every entry away, but for copies of the newest.
    pub fn take_entries(&mut self) -> Vec<Vec<u8>> {
        let newest = self.entries.len().saturating_sub(RECENT_ENTRIES_MAX);
        let kept = self.entries.get(newest..).unwrap_or_default().to_vec();
        std::mem::replace(&mut self.entries, kept)
    }

    /// Returns which generation of keys the log is signed with.
    pub fn generation(&self) -> usize {
        self.keys.generation
    }

    /// Returns the key the log is signed with.
    pub fn key(&self) -> &Vkey {
        &self.keys.key
    }

    /// Returns the head.
    pub fn head(&self) -> &SignedCheckpoint {
        self.log.head()
    }
}

/// The own ledger of a running node.
#[derive(Debug)]
pub struct OwnLog {
    state: State,
    keys: Keys,
    /// Entries handed to the log whose tickets are not answered yet.
    commits: Option<Sender<(u64, Commits)>>,
    recent: Recent,
}

#[derive(Debug)]
enum State {
    /// Peers have not yet said what they hold.
    Unconfirmed(Box<Log<Store>>),
    Running(Committer<Store>),
    /// Nothing is signed any more.
    Stopped,
}

impl OwnLog {
    /// Takes over the opened ledger.
    pub fn new(store: LedgerStore) -> Self {
        let mut recent = Recent {
            first: store.log.size() - store.entries.len() as u64,
            entries: VecDeque::new(),
            bytes: 0,
        };
        for entry in store.entries {
            recent.push(entry);
        }
        Self {
            state: State::Unconfirmed(Box::new(store.log)),
            keys: store.keys,
            commits: None,
            recent,
        }
    }

    /// Says whom to tell when entries are durable.
    pub(super) fn report_to(
        &mut self,
        tell: impl Fn(Report) + Send + 'static,
    ) -> std::io::Result<()> {
        let (commits, reports) = channel::<(u64, Commits)>();
        self.commits = Some(commits);
        std::thread::Builder::new()
            .name("commits".to_owned())
            .spawn(move || report(&reports, &tell))?;
        Ok(())
    }

    /// Lets the log sign, when what peers hold agrees with it.
    pub(super) fn confirm(&mut self, held: &[SignedCheckpoint]) {
        let State::Unconfirmed(log) = std::mem::replace(&mut self.state, State::Stopped) else {
            return;
        };
        let mut log = *log;
        let confirmed = match held.is_empty() {
            true => log.confirm_unshared(),
            false => log.confirm(held),
        };
        if let Err(error) = confirmed {
            tracing::error!(%error, "the ledger cannot be signed");
            return;
        }
        let files = match log.storage().companion() {
            Ok(files) => files,
            Err(error) => {
                tracing::error!(%error, "the ledger's files cannot be opened");
                return;
            }
        };
        match Committer::start(log, files) {
            Ok(committer) => self.state = State::Running(committer),
            Err(error) => tracing::error!(%error, "the ledger's thread cannot be started"),
        }
    }

    /// Takes back entries that only a peer still had.
    pub(super) fn catch_up(&mut self, entries: &[Vec<u8>], held: &SignedCheckpoint) -> bool {
        let State::Unconfirmed(log) = &mut self.state else {
            return false;
        };
        if let Err(error) = log.catch_up(entries, held) {
            tracing::error!(%error, "lost entries cannot be taken back");
            return false;
        }
        // What peers gave back may end under other keys than the backup did.
        if let Some(generation) = self.keys.ring.signed(held)
            && let Some(signer) = self.keys.turn_to(generation)
        {
            log.sign_with(signer);
        }
        for entry in entries {
            self.recent.push(entry.clone());
        }
        true
    }

    /// Returns which generation of keys the log is signed with.
    pub(super) fn generation(&self) -> usize {
        self.keys.generation
    }

    /// Says who the node is with those keys.
    pub(super) fn identity(&self) -> Result<Identity, HouseError> {
        self.keys.ring.identity(self.keys.generation)
    }

    /// Takes the participant's keys as they are now, those in use among them.
    pub(super) fn renew(&mut self, ring: KeyRing) {
        match ring.number(&self.keys.key) {
            Some(generation) => {
                self.keys.generation = generation;
                self.keys.ring = ring;
            }
            None => tracing::error!("the node's keys were replaced by others that are not its own"),
        }
    }

    /// Returns the event that puts the next keys into force, and who the node is with them.
    pub(super) fn successor(&self) -> Option<Result<(SignedKeyEvent, Identity), HouseError>> {
        let next = self.keys.ring.after(self.keys.generation)?;
        let event = next.event.clone()?;
        let identity = self.keys.ring.identity(self.keys.generation + 1);
        Some(identity.map(|identity| (event, identity)))
    }

    /// Commits a key event, and everything after it under the key it names.
    pub(super) fn rotate(&mut self, ticket: u64, entry: Vec<u8>, key: &Vkey) {
        let generation = self.keys.ring.number(key);
        let signer = generation.and_then(|generation| self.keys.turn_to(generation));
        let commits = match (&self.state, signer) {
            (State::Running(committer), Some(signer)) => {
                self.recent.push(entry.clone());
                vec![committer.rotate(entry, signer)]
            }
            // No receipt will come, which the other thread reports as a failure.
            _ => vec![channel().1],
        };
        if let Some(reports) = &self.commits {
            let _ = reports.send((ticket, commits));
        }
    }

    pub(super) fn append(&mut self, ticket: u64, entries: Vec<Vec<u8>>) {
        let commits = match &self.state {
            State::Running(committer) => {
                let handed = entries.into_iter().map(|entry| {
                    self.recent.push(entry.clone());
                    committer.submit(entry)
                });
                handed.collect()
            }
            // No receipt will come, which the other thread reports as a failure.
            State::Unconfirmed(_) | State::Stopped => vec![channel().1],
        };
        if let Some(reports) = &self.commits {
            let _ = reports.send((ticket, commits));
        }
    }

    pub(super) fn attach(&mut self, line: String, keys: Vec<Vkey>) {
        if let State::Running(committer) = &self.state {
            committer.attach(format!("{}\n", line.trim_end()), keys);
        }
    }

    /// Returns entries from memory, when all of them are there.
    pub(super) fn recent(&self, from: u64, count: u64) -> Option<Vec<Vec<u8>>> {
        self.recent.get(from, count)
    }

    /// Commits and publishes what is left.
    pub(super) fn stop(&mut self) {
        if let State::Running(committer) = std::mem::replace(&mut self.state, State::Stopped) {
            drop(committer.stop());
        }
    }
}

impl Keys {
    /// Goes on with another generation; returns its key for the log.
    fn turn_to(&mut self, generation: usize) -> Option<NoteSigner> {
        let signer = self.ring.keys(generation)?.log_signer().ok()?;
        self.generation = generation;
        self.key = signer.vkey().clone();
        Some(signer)
    }
}

/// Waits for commits in their order and reports each group once its checkpoint covers it exactly.
fn report(reports: &Receiver<(u64, Commits)>, tell: &dyn Fn(Report)) {
    while let Ok((ticket, commits)) = reports.recv() {
        let mut last = None;
        for commit in commits {
            match commit.recv().unwrap_or(Err(CommitError::Stopped)) {
                Ok(receipt) => last = Some(receipt),
                Err(error) => {
                    tracing::error!(%error, "entries could not be made durable");
                    tell(Report::Done(Input::AppendFailed { from: ticket }));
                    tell(Report::Failed);
                    return;
                }
            }
        }
        let Some(receipt) = last else {
            continue;
        };
        // A group commit covers later tickets too: the last of them reports for all.
        if receipt.checkpoint.checkpoint().size() == receipt.index + 1 {
            tell(Report::Done(Input::Appended {
                through: ticket,
                checkpoint: receipt.checkpoint.as_ref().clone(),
            }));
        }
    }
}

#[derive(Debug)]
struct Recent {
    first: u64,
    entries: VecDeque<Vec<u8>>,
    bytes: usize,
}

impl Recent {
    fn push(&mut self, entry: Vec<u8>) {
        self.bytes += entry.len();
        self.entries.push_back(entry);
        while self.entries.len() > RECENT_ENTRIES_MAX || self.bytes > RECENT_BYTES_MAX {
            let Some(oldest) = self.entries.pop_front() else {
                break;
            };
            self.bytes -= oldest.len();
            self.first += 1;
        }
    }

    fn get(&self, from: u64, count: u64) -> Option<Vec<Vec<u8>>> {
        let start = usize::try_from(from.checked_sub(self.first)?).ok()?;
        let end = start.checked_add(usize::try_from(count).ok()?)?;
        let range = (end <= self.entries.len()).then(|| self.entries.range(start..end))?;
        Some(range.cloned().collect())
    }
}

/// The own ledger cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OwnLogError {
    /// Its files cannot be opened, or another process writes them.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The ledger cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The genesis entry cannot be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// A key cannot be used.
    #[error("a key of the node cannot be used: {0}")]
    Keys(String),
    /// The ledger is signed with a key that is none of the node's.
    #[error(
        "the ledger is signed with a key that is not among this node's keys; its keys of the time \
         when it was last signed are needed"
    )]
    NotOurKey,
    /// The entries cannot be read back.
    #[error(transparent)]
    Read(#[from] MirrorError),
    /// The log says of itself that it stopped.
    #[error("the ledger stopped while it was opened")]
    Damaged,
}

impl OwnLogError {
    /// Whether its files cannot be read or written, or another process writes them.
    pub fn is_of_files(&self) -> bool {
        matches!(
            self,
            Self::Place(_)
                | Self::Open(OpenError::Storage(_))
                | Self::Commit(CommitError::Storage(_))
                | Self::Read(MirrorError::Storage(_))
        )
    }
}
