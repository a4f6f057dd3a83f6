//! Group commit: many callers, one sync.
//!
//! Whoever waits while a sync is under way shares the next one, so the batch grows with the load
//! and a lone entry waits for nobody. No timer is involved: a commit starts as soon as the one
//! before it ends.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::log::{CommitError, Log};
use detente_ledger::storage::Storage;

/// Entries waiting at most; beyond it callers wait, which bounds memory under a flood.
const QUEUE_ENTRIES_MAX: usize = 16_384;
/// Entries in one commit at most: keeps a commit short of 10 ms at hashing speed.
const BATCH_ENTRIES_MAX: usize = 4_096;
/// The files are published after this much idleness.
const PUBLISH_IDLE: Duration = Duration::from_millis(20);
/// Under steady load the files are published after this many entries.
const PUBLISH_ENTRIES: u64 = 65_536;

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
struct Request {
    entry: Vec<u8>,
    answer: Sender<Result<Receipt, CommitError>>,
}

impl<S: Storage + Send + 'static> Committer<S> {
    /// Takes over a confirmed log.
    ///
    /// # Errors
    ///
    /// The operating system's when no thread can be started.
    pub fn start(log: Log<S>) -> std::io::Result<Self> {
        let (queue, requests) = sync_channel(QUEUE_ENTRIES_MAX);
        let head = Arc::new(RwLock::new(Arc::new(log.head().clone())));
        let shared = Arc::clone(&head);
        let thread = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || run(log, &requests, &shared))?;
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
            let _ = queue.send(Request { entry, answer });
        }
        receiver
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

fn run<S: Storage>(
    mut log: Log<S>,
    requests: &Receiver<Request>,
    head: &RwLock<Arc<SignedCheckpoint>>,
) -> Log<S> {
    let mut unpublished = 0;
    loop {
        let first = match requests.recv_timeout(PUBLISH_IDLE) {
            Ok(request) => request,
            Err(RecvTimeoutError::Timeout) => {
                publish(&mut log, &mut unpublished);
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => {
                publish(&mut log, &mut unpublished);
                return log;
            }
        };
        unpublished += commit(&mut log, first, requests, head);
        if unpublished >= PUBLISH_ENTRIES {
            publish(&mut log, &mut unpublished);
        }
    }
}

fn publish<S: Storage>(log: &mut Log<S>, unpublished: &mut u64) {
    // A full disk is tried again with the next entries; they are durable without the files.
    if *unpublished > 0 && log.publish().is_ok() {
        *unpublished = 0;
    }
}

/// Commits the first request and all that wait behind it; returns how many entries were committed.
fn commit<S: Storage>(
    log: &mut Log<S>,
    first: Request,
    requests: &Receiver<Request>,
    head: &RwLock<Arc<SignedCheckpoint>>,
) -> u64 {
    let mut waiting = Vec::new();
    let mut next = Some(first);
    while let Some(request) = next.take() {
        match log.stage(request.entry.clone()) {
            Ok(index) => waiting.push((index, request.answer)),
            Err(CommitError::BatchFull) if !waiting.is_empty() => {
                answer_all(log, &mut waiting, head);
                next = Some(request);
                continue;
            }
            Err(error) => {
                let _ = request.answer.send(Err(error));
            }
        }
        if waiting.len() < BATCH_ENTRIES_MAX {
            next = requests.try_recv().ok();
        }
    }
    let before = waiting.len() as u64;
    answer_all(log, &mut waiting, head);
    before
}

fn answer_all<S: Storage>(
    log: &mut Log<S>,
    waiting: &mut Vec<(u64, Sender<Result<Receipt, CommitError>>)>,
    head: &RwLock<Arc<SignedCheckpoint>>,
) {
    let result = log.commit().map(|head| Arc::new(head.clone()));
    if let Ok(checkpoint) = &result {
        match head.write() {
            Ok(mut shared) => *shared = Arc::clone(checkpoint),
            Err(poisoned) => *poisoned.into_inner() = Arc::clone(checkpoint),
        }
    }
    for (index, answer) in waiting.drain(..) {
        let receipt = result
            .clone()
            .map(|checkpoint| Receipt { index, checkpoint });
        // Whoever no longer waits has no use for the receipt.
        let _ = answer.send(receipt);
    }
}
