//! Some partitions, read and concluded from by one process of any number.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::bus::{Bus, BusError, PIECE_BYTES_MAX, Written, heard_within};
use crate::desk::{Desk, Outcome};
use crate::lease::Leases;
use crate::wire::{Batch, Head};

/// Leases are renewed this often: three times while they last.
const RENEW_EVERY: Duration = Duration::from_secs(3);
/// A partition in which nothing happens is looked at this often, in case a wake-up was lost.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Messages between two checkpoints, at most: some thousand fixes to read again after a failure.
const KEEP_EVERY: u32 = 64;
/// A checkpoint is written when nothing has come for this long.
const KEEP_AFTER: Duration = Duration::from_millis(500);

/// A checkpoint is looked for so often, half a second apart, until all its parts are there: longer than servers need to choose
/// another leader, which may be behind by what it has not applied yet.
const PARTS_TRIES: u32 = 40;

/// A partition that is being read: how it is told to stop, and how it ends.
type Reading = (watch::Sender<bool>, JoinHandle<Result<(), BusError>>);

/// What a worker needs to know beside the logs.
pub trait Kit: Send + Sync + 'static {
    /// Makes a desk over the zones, with nothing in mind yet.
    fn desk(&self) -> Desk;

    /// The name of an observation, and the line that tells it; none for what goes into no log.
    fn told(&self, outcome: &Outcome) -> Option<(String, String)>;

    /// Takes a remark for whoever runs the worker.
    fn remark(&self, words: &str);
}

/// Works on partitions until told to stop.
///
/// # Errors
///
/// [`BusError`].
pub async fn work<K: Kit>(
    bus: Bus,
    kit: Arc<K>,
    name: String,
    mut stop: watch::Receiver<bool>,
) -> Result<(), BusError> {
    let mut leases = Leases::new(bus.clone(), name.clone());
    let mut tasks: BTreeMap<u32, Reading> = BTreeMap::new();
    loop {
        for partition in leases.renew().await? {
            // Its last checkpoint first, so that the next reader has nothing to read twice.
            end(tasks.remove(&partition)).await?;
            leases.release(partition).await?;
        }
        let held: Vec<u32> = leases.held().collect();
        let lost: Vec<u32> = tasks
            .keys()
            .copied()
            .filter(|partition| !held.contains(partition))
            .collect();
        for partition in lost {
            end(tasks.remove(&partition)).await?;
        }
        for partition in held {
            let ended = tasks
                .get(&partition)
                .is_some_and(|(_, task)| task.is_finished());
            if ended {
                // Overtaken by another worker, or out of reach of a server: the log is read anew.
                end(tasks.remove(&partition)).await?;
            }
            tasks.entry(partition).or_insert_with(|| {
                let (sender, stop) = watch::channel(false);
                let reading = Partition {
                    bus: bus.clone(),
                    kit: Arc::clone(&kit),
                    worker: name.clone(),
                    partition,
                };
                (sender, tokio::spawn(reading.follow(stop)))
            });
        }
        let asked = tokio::time::timeout(RENEW_EVERY, stop.wait_for(|stop| *stop)).await;
        if asked.is_ok() {
            break;
        }
    }
    for task in std::mem::take(&mut tasks).into_values() {
        end(Some(task)).await?;
    }
    leases.leave().await
}

async fn end(task: Option<Reading>) -> Result<(), BusError> {
    let Some((stop, task)) = task else {
        return Ok(());
    };
    // A task that is gone needs no word.
    let _ = stop.send(true);
    match task.await {
        Ok(ended) => ended,
        Err(error) => Err(BusError::Refused(error.to_string())),
    }
}

/// One partition as one worker reads it.
struct Partition<K> {
    bus: Bus,
    kit: Arc<K>,
    worker: String,
    partition: u32,
}

/// How far a partition was read.
struct Position {
    head: Head,
    /// The message that holds the head; 0 before the first.
    revision: u64,
    /// Messages taken since.
    taken: u32,
    kept_at: Instant,
    sequence: u64,
}

impl Position {
    /// Where a checkpoint left off.
    fn at(head: Head, revision: u64) -> Self {
        Self {
            revision,
            taken: 0,
            kept_at: now(),
            sequence: head.sequence,
            head,
        }
    }
}

impl<K: Kit> Partition<K> {
    /// Reads the log until told to stop, or until another worker has overtaken this one.
    async fn follow(self, stop: watch::Receiver<bool>) -> Result<(), BusError> {
        let mut heard = self.bus.listen(self.partition).await?;
        let mut desk = self.kit.desk();
        let Some(mut position) = self.take_up(&mut desk).await? else {
            return Err(BusError::Refused(format!(
                "the checkpoint of partition {} was kept over other zones",
                self.partition
            )));
        };
        loop {
            if *stop.borrow() {
                self.keep(&desk, &mut position).await?;
                return Ok(());
            }
            match self.bus.next(self.partition, position.sequence).await? {
                Some(read) => {
                    // Only a checkpoint of somebody else frees what was not read here: a log that may have holes is read anew.
                    if self.head().await?.0 != position.revision {
                        return Ok(());
                    }
                    let batch: Batch =
                        serde_json::from_slice(&read.payload).unwrap_or_else(|error| {
                            self.kit.remark(&format!(
                                "message {} of partition {} cannot be read and is left out: {error}",
                                read.sequence, self.partition
                            ));
                            Batch::default()
                        });
                    self.conclude(&mut desk, batch, read.sequence).await?;
                    position.sequence = read.sequence;
                    position.taken += 1;
                }
                None => heard_within(&mut heard, LOOK_EVERY).await,
            }
            let quiet = now().duration_since(position.kept_at) >= KEEP_AFTER;
            let due = position.taken >= KEEP_EVERY || (position.taken > 0 && quiet);
            if due && !self.keep(&desk, &mut position).await? {
                return Ok(());
            }
        }
    }

    /// Takes a message and tells what it leads to, before anything says that it was read.
    async fn conclude(&self, desk: &mut Desk, batch: Batch, sequence: u64) -> Result<(), BusError> {
        let mut outcomes = Vec::new();
        desk.take(batch, &mut outcomes);
        let mut sent = 0;
        for outcome in outcomes {
            if let Outcome::Send(to, entry) = outcome {
                // The same message leads to the same entries: its name says which.
                let name = format!("p{}-{sequence}-{sent}", self.partition);
                sent += 1;
                let batch = Batch {
                    entries: vec![entry],
                };
                let payload = serde_json::to_vec(&batch).unwrap_or_default();
                self.bus.append(to, &name, Bytes::from(payload)).await?;
            } else if let Some((id, line)) = self.kit.told(&outcome) {
                self.bus.tell(&id, Bytes::from(line)).await?;
            }
        }
        Ok(())
    }

    /// Reads the newest checkpoint; none when it fits no desk of this worker.
    ///
    /// Whoever read the partition before may be writing its last checkpoint now: it takes the parts of the one before away,
    /// and then its own is read. Taking that for a loss ended one worker after the other whenever leases changed hands.
    async fn take_up(&self, desk: &mut Desk) -> Result<Option<Position>, BusError> {
        let mut patience = PARTS_TRIES;
        loop {
            let (revision, head) = self.head().await?;
            let Some(head) = head else {
                let head = Head {
                    sequence: 0,
                    parts: String::new(),
                    count: 0,
                };
                return Ok(Some(Position::at(head, revision)));
            };
            match self.parts(&head).await? {
                Some(bytes) => {
                    let state = serde_json::from_slice(&bytes).ok();
                    let fits = state.is_some_and(|state| desk.restore(&state).is_ok());
                    return Ok(fits.then(|| Position::at(head, revision)));
                }
                None if patience == 0 => {
                    return Err(BusError::Refused(format!(
                        "a part of the checkpoint of partition {} is gone",
                        self.partition
                    )));
                }
                None => {
                    patience -= 1;
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        }
    }

    /// The newest checkpoint, with the message that holds it; 0 before the first.
    async fn head(&self) -> Result<(u64, Option<Head>), BusError> {
        let read = self.bus.read_state(&self.head_key()).await?;
        let revision = read.as_ref().map_or(0, |read| read.sequence);
        let head = read.and_then(|read| serde_json::from_slice(&read.payload).ok());
        Ok((revision, head))
    }

    /// The bytes of a checkpoint; none when a part of it is not there.
    async fn parts(&self, head: &Head) -> Result<Option<Vec<u8>>, BusError> {
        let mut bytes = Vec::new();
        for number in 0..head.count {
            let key = self.part_key(&head.parts, number);
            let Some(part) = self.bus.read_state(&key).await? else {
                return Ok(None);
            };
            bytes.extend_from_slice(&part.payload);
        }
        Ok(Some(bytes))
    }

    /// Writes a checkpoint; false when another worker has written one meanwhile.
    async fn keep(&self, desk: &Desk, position: &mut Position) -> Result<bool, BusError> {
        position.kept_at = now();
        if position.taken == 0 {
            return Ok(true);
        }
        let bytes = serde_json::to_vec(&desk.saved()).unwrap_or_default();
        let parts = format!("{}-{}", self.worker, position.sequence);
        let mut count = 0;
        for piece in bytes.chunks(PIECE_BYTES_MAX) {
            let key = self.part_key(&parts, count);
            let after = self
                .bus
                .read_state(&key)
                .await?
                .map_or(0, |read| read.sequence);
            self.bus
                .write_state(&key, Bytes::copy_from_slice(piece), after)
                .await?;
            count += 1;
        }
        let head = Head {
            sequence: position.sequence,
            parts,
            count,
        };
        let value = Bytes::from(serde_json::to_vec(&head).unwrap_or_default());
        match self
            .bus
            .write_state(&self.head_key(), value, position.revision)
            .await?
        {
            Written::Overtaken => return Ok(false),
            Written::At(revision) => position.revision = revision,
        }
        let before = std::mem::replace(&mut position.head, head);
        position.taken = 0;
        for number in 0..before.count {
            self.bus
                .drop_state(&self.part_key(&before.parts, number))
                .await?;
        }
        // What the checkpoint before covers: servers may take two checkpoints written at one instant for both the newest,
        // and then the log must still hold what the older one needs.
        self.bus.free(self.partition, before.sequence).await?;
        Ok(true)
    }

    fn head_key(&self) -> String {
        format!("head.{}", self.partition)
    }

    fn part_key(&self, parts: &str, number: u32) -> String {
        format!("part.{}.{parts}.{number}", self.partition)
    }
}

/// Reads the monotonic clock, for the pace of checkpoints alone.
#[expect(
    clippy::disallowed_methods,
    reason = "how often a checkpoint is written decides nothing else"
)]
fn now() -> Instant {
    Instant::now()
}
