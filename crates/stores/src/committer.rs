//! Group commit: many callers, one sync, and files settled beside it.
//!
//! Whoever waits while a sync is under way shares the next one, so the batch grows with the load
//! and a lone entry waits for nobody. No timer is involved: a commit starts as soon as the one
//! before it ends. A second thread writes tiles and publishes, so that no commit waits for them
//! unless they lag too far behind.

use std::sync::mpsc::{
    Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, channel, sync_channel,
};
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::log::{CommitError, Log, Settled, Settling};
use detente_ledger::storage::Storage;
use detente_ledger::vkey::{NoteSigner, Vkey};

/// Entries waiting at most; beyond it callers wait, which bounds memory under a flood.
const QUEUE_ENTRIES_MAX: usize = 16_384;
/// Entries in one commit at most: keeps a commit short of 10 ms at hashing speed.
const BATCH_ENTRIES_MAX: usize = 4_096;
/// Bytes of entries in one commit at most, for the same reason at disk speed.
const BATCH_BYTES_MAX: usize = 4 << 20;
/// The files are published after this much idleness.
const PUBLISH_IDLE: Duration = Duration::from_millis(20);
/// Under steady load the files are settled and published by this many, 16,384 entries: enough that
/// one flush serves many of them, and few enough that none is long.
const SETTLE_FILES: usize = 128;
/// Files that wait while others are being settled: beyond it commits wait, which bounds memory
/// (64 MiB at 256 bytes an entry) when the disk takes entries faster than files.
const LAG_FILES_MAX: usize = 2_048;

/// Where a durable entry lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its index.
    pub index: u64,
    /// The signed checkpoint that covers it.
    pub checkpoint: Arc<SignedCheckpoint>,
}

/// A handle to append from any thread.
#[derive(Debug)]
pub struct Committer<S> {
    queue: Option<SyncSender<Request>>,
    head: Arc<RwLock<Arc<SignedCheckpoint>>>,
    thread: Option<JoinHandle<Log<S>>>,
}

#[derive(Debug)]
enum Request {
    Append(Append),
    Rotate(Append, Box<NoteSigner>),
    Attach { lines: String, cosigners: Vec<Vkey> },
}

#[derive(Debug)]
struct Append {
    entry: Vec<u8>,
    answer: Sender<Result<Receipt, CommitError>>,
}

type Waiting = Vec<(u64, Sender<Result<Receipt, CommitError>>)>;

impl<S: Storage + Send + 'static> Committer<S> {
    /// Takes over a confirmed log; `companion` reaches the same files as the log's own storage.
    ///
    /// # Errors
    ///
    /// The operating system's when a thread cannot be started.
    pub fn start<C: Storage + Send + 'static>(log: Log<S>, companion: C) -> std::io::Result<Self> {
        let (queue, requests) = sync_channel(QUEUE_ENTRIES_MAX);
        let head = Arc::new(RwLock::new(Arc::new(log.head().clone())));
        let settler = Settler::start(companion)?;
        let mut worker = Worker {
            log,
            head: Arc::clone(&head),
            settler,
            unpublished: false,
        };
        let thread = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || {
                worker.run(&requests);
                worker.finish()
            })?;
        Ok(Self {
            queue: Some(queue),
            head,
            thread: Some(thread),
        })
    }

    /// Hands an entry over; the answer comes when it is durable and signed, or failed.
    pub fn submit(&self, entry: Vec<u8>) -> Receiver<Result<Receipt, CommitError>> {
        let (answer, receiver) = channel();
        if let Some(queue) = &self.queue {
            // A closed queue drops the answer's sender, which the receiver sees as the end.
            let _ = queue.send(Request::Append(Append { entry, answer }));
        }
        receiver
    }

    /// Hands a key event over that names the key the log is signed with from its own checkpoint on;
    /// everything handed over before it is signed with the key before.
    pub fn rotate(
        &self,
        entry: Vec<u8>,
        signer: NoteSigner,
    ) -> Receiver<Result<Receipt, CommitError>> {
        let (answer, receiver) = channel();
        if let Some(queue) = &self.queue {
            let _ = queue.send(Request::Rotate(Append { entry, answer }, Box::new(signer)));
        }
        receiver
    }

    /// Adds cosignature lines, each checked with its key, to the newest checkpoint; lines that are
    /// for another are dropped, since the next round brings new ones.
    pub fn attach(&self, lines: String, cosigners: Vec<Vkey>) {
        if let Some(queue) = &self.queue {
            // A log that is gone publishes nothing any more.
            let _ = queue.send(Request::Attach { lines, cosigners });
        }
    }

    /// Appends an entry and waits until it is durable and signed.
    ///
    /// # Errors
    ///
    /// [`CommitError`]; [`CommitError::Stopped`] also when the log is gone.
    pub fn append(&self, entry: Vec<u8>) -> Result<Receipt, CommitError> {
        self.submit(entry)
            .recv()
            .unwrap_or(Err(CommitError::Stopped))
    }

    /// Returns the newest durable checkpoint.
    pub fn head(&self) -> Arc<SignedCheckpoint> {
        match self.head.read() {
            Ok(head) => Arc::clone(&head),
            Err(poisoned) => Arc::clone(&poisoned.into_inner()),
        }
    }

    /// Commits what waits, publishes, and gives the log back; `None` if its thread panicked.
    pub fn stop(mut self) -> Option<Log<S>> {
        self.queue = None;
        self.thread.take().and_then(|thread| thread.join().ok())
    }
}

/// The thread that owns the log.
struct Worker<S> {
    log: Log<S>,
    head: Arc<RwLock<Arc<SignedCheckpoint>>>,
    settler: Settler,
    /// Something is durable that the files do not show yet.
    unpublished: bool,
}

impl<S: Storage> Worker<S> {
    fn run(&mut self, requests: &Receiver<Request>) {
        loop {
            let first = match self.unpublished || self.settler.busy {
                true => requests.recv_timeout(PUBLISH_IDLE),
                false => requests.recv().map_err(RecvTimeoutError::from),
            };
            match first {
                Ok(Request::Append(append)) => self.commit(append, requests),
                Ok(Request::Rotate(append, signer)) => self.rotate(append, *signer),
                Ok(Request::Attach { lines, cosigners }) => self.attach(&lines, &cosigners),
                Err(RecvTimeoutError::Timeout) => {
                    self.take_settled();
                    self.settle();
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Settles and publishes what is left, and gives the log back.
    fn finish(mut self) -> Log<S> {
        self.wait_settled();
        if self.unpublished {
            // Without the files everything is in the write-ahead log.
            let _ = self.log.publish();
        }
        self.log
    }

    /// Publishes the newest checkpoint with more cosignatures.
    fn attach(&mut self, lines: &str, cosigners: &[Vkey]) {
        if self.log.attach(lines, cosigners).is_ok() {
            self.unpublished = true;
            self.show_head(Arc::new(self.log.head().clone()));
        }
    }

    /// Commits a key event under the key it names.
    fn rotate(&mut self, request: Append, signer: NoteSigner) {
        self.wait_settled();
        let index = self.log.next_index();
        let rotated = self.log.rotate(request.entry, signer).cloned();
        let receipt = rotated.map(|checkpoint| {
            let checkpoint = Arc::new(checkpoint);
            self.unpublished = true;
            self.show_head(Arc::clone(&checkpoint));
            Receipt { index, checkpoint }
        });
        let _ = request.answer.send(receipt);
    }

    /// Commits the first request and all that wait behind it.
    fn commit(&mut self, first: Append, requests: &Receiver<Request>) {
        let mut waiting = Vec::new();
        let mut attached = Vec::new();
        let mut rotation = None;
        let mut bytes = 0;
        let mut next = Some(first);
        while let Some(request) = next.take() {
            // A small segment holds less than a batch may.
            if !waiting.is_empty() && !self.log.has_room(request.entry.len()) {
                self.answer(&mut waiting);
                bytes = 0;
            }
            bytes += request.entry.len();
            match self.log.stage(request.entry) {
                Ok(index) => waiting.push((index, request.answer)),
                Err(error) => {
                    let _ = request.answer.send(Err(error));
                }
            }
            if waiting.len() < BATCH_ENTRIES_MAX && bytes < BATCH_BYTES_MAX {
                next = match requests.try_recv() {
                    Ok(Request::Append(append)) => Some(append),
                    Ok(Request::Attach { lines, cosigners }) => {
                        attached.push((lines, cosigners));
                        None
                    }
                    Ok(Request::Rotate(append, signer)) => {
                        rotation = Some((append, signer));
                        None
                    }
                    Err(_) => None,
                };
            }
        }
        self.answer(&mut waiting);
        // They are for the head before this batch, or for none.
        for (lines, cosigners) in attached {
            self.attach(&lines, &cosigners);
        }
        if let Some((append, signer)) = rotation {
            self.rotate(append, *signer);
        }
        self.take_settled();
        if self.log.files_waiting() >= LAG_FILES_MAX {
            self.wait_settled();
        }
        if self.log.files_waiting() >= SETTLE_FILES {
            self.settle();
        }
    }

    fn answer(&mut self, waiting: &mut Waiting) {
        let mut result = self.log.commit().cloned();
        if result == Err(CommitError::Settling) {
            self.wait_settled();
            result = self.log.commit().cloned();
        }
        let result = result.map(Arc::new);
        if let Ok(checkpoint) = &result {
            self.unpublished |= !waiting.is_empty();
            self.show_head(Arc::clone(checkpoint));
        }
        for (index, answer) in waiting.drain(..) {
            let receipt = result
                .clone()
                .map(|checkpoint| Receipt { index, checkpoint });
            // Whoever no longer waits has no use for the receipt.
            let _ = answer.send(receipt);
        }
    }

    fn show_head(&self, head: Arc<SignedCheckpoint>) {
        match self.head.write() {
            Ok(mut shared) => *shared = head,
            Err(poisoned) => *poisoned.into_inner() = head,
        }
    }

    /// Hands work on files to the other thread, if it is free.
    fn settle(&mut self) {
        if self.unpublished
            && let Some(work) = self.log.settling()
        {
            self.unpublished = false;
            self.settler.hand_over(work);
        }
    }

    fn take_settled(&mut self) {
        let settled = self.settler.take();
        self.note(settled);
    }

    fn wait_settled(&mut self) {
        let settled = self.settler.wait();
        self.note(settled);
    }

    fn note(&mut self, settled: Option<Settled>) {
        if let Some(settled) = settled
            && self.log.settled(settled).is_err()
        {
            // A full disk is tried again; after a failed sync the log answers that it stopped.
            self.unpublished = true;
        }
    }
}

/// The thread that writes the files.
struct Settler {
    work: SyncSender<Settling>,
    done: Receiver<Settled>,
    busy: bool,
}

impl Settler {
    fn start<C: Storage + Send + 'static>(mut companion: C) -> std::io::Result<Self> {
        let (work, orders) = sync_channel::<Settling>(1);
        let (report, done) = sync_channel(1);
        std::thread::Builder::new()
            .name("ledger-files".to_owned())
            .spawn(move || {
                while let Ok(order) = orders.recv() {
                    if report.send(order.run(&mut companion)).is_err() {
                        return;
                    }
                }
            })?;
        Ok(Self {
            work,
            done,
            busy: false,
        })
    }

    fn hand_over(&mut self, work: Settling) {
        self.busy = self.work.send(work).is_ok();
    }

    fn take(&mut self) -> Option<Settled> {
        let settled = match self.done.try_recv() {
            Ok(settled) => Some(settled),
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => None,
        };
        self.busy = false;
        settled
    }

    fn wait(&mut self) -> Option<Settled> {
        let settled = match self.busy {
            true => self.done.recv().ok(),
            false => None,
        };
        self.busy = false;
        settled
    }
}
