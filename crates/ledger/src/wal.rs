//! The write-ahead log: two zero-filled segments, used in turn.
//!
//! A record holds a batch of entries and the checkpoint signed over them; one sync makes both
//! durable. Records start on page boundaries, so appending never rewrites a page that holds
//! durable bytes. A segment is recycled only after everything in it lies durably in tiles; its
//! first record then names the size at which it starts. Records carry the generation of their
//! segment, so leftovers of an earlier use are never mistaken for records.
//!
//! Record: magic (8), generation, sequence, payload length (8 each, big-endian), SHA-256 of these
//! three and the payload (32), payload. Payload: index of the first entry (8), number of entries
//! (4), entries as in a bundle, the signed checkpoint.

use crate::bundle::{push_entry, split_entries};
use crate::hash::Hash;
use crate::storage::{Storage, StorageError};

/// Starts every record.
const MAGIC: [u8; 8] = *b"detente\x01";
const HEADER_BYTES: usize = 64;
/// Records start at multiples of this: the page of every file system we know.
pub(crate) const PAGE_BYTES: usize = 4096;
/// The two segments.
pub(crate) const SEGMENT_PATHS: [&str; 2] = ["wal/0", "wal/1"];
/// Smallest segment: a few records of small batches.
pub const SEGMENT_BYTES_MIN: u64 = 64 * 1024;

/// A batch as logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) first_index: u64,
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) checkpoint: Vec<u8>,
}

/// The write position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wal {
    segment_bytes: u64,
    /// Which of [`SEGMENT_PATHS`] is written.
    place: usize,
    generation: u64,
    sequence: u64,
    offset: u64,
}

/// What was found in the segments.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) wal: Wal,
    /// The records of the newest generation, the base record first.
    pub(crate) records: Vec<Record>,
}

/// Why the segments cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ReplayError {
    Storage(StorageError),
    /// A damaged record is followed by a sound one: decay, not an unfinished write.
    Decayed {
        path: &'static str,
        offset: u64,
    },
}

impl From<StorageError> for ReplayError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl Wal {
    /// Creates both segments and writes the base record of generation 1.
    pub(crate) fn create<S: Storage>(
        storage: &mut S,
        segment_bytes: u64,
        base: &Record,
    ) -> Result<Self, StorageError> {
        let segment_bytes = segment_bytes.max(SEGMENT_BYTES_MIN);
        for path in SEGMENT_PATHS {
            storage.allocate(path, segment_bytes)?;
        }
        let mut wal = Self {
            segment_bytes,
            place: 0,
            generation: 1,
            sequence: 0,
            offset: 0,
        };
        wal.append(storage, base)?;
        Ok(wal)
    }

    /// Reads both segments; `None` when neither holds a record.
    ///
    /// A sound record that the newest chain of records does not reach, and that is not a leftover
    /// of an older generation, was once durable: what lies before it has decayed.
    pub(crate) fn replay<S: Storage>(storage: &S) -> Result<Option<Replay>, ReplayError> {
        let mut newest: Option<Replay> = None;
        let mut unreached: Option<(u64, ReplayError)> = None;
        for (place, path) in SEGMENT_PATHS.into_iter().enumerate() {
            let Some(bytes) = storage.read(path)? else {
                continue;
            };
            let (found, end) = read_chain(&bytes, place);
            let beyond = newest_beyond(&bytes, end);
            let known = unreached.as_ref().map(|(generation, _)| *generation);
            if let Some(generation) = beyond.filter(|generation| known < Some(*generation)) {
                let offset = end as u64;
                unreached = Some((generation, ReplayError::Decayed { path, offset }));
            }
            let Some(found) = found else {
                continue;
            };
            if newest
                .as_ref()
                .is_none_or(|known| known.wal.generation < found.wal.generation)
            {
                newest = Some(found);
            }
        }
        let generation = newest.as_ref().map(|newest| newest.wal.generation);
        match unreached {
            Some((beyond, error)) if Some(beyond) >= generation => Err(error),
            _ => Ok(newest),
        }
    }

    /// Returns whether a record of this many payload bytes fits the present segment.
    pub(crate) fn fits(&self, record: &Record) -> bool {
        self.offset + padded(record.payload_bytes()) <= self.segment_bytes
    }

    /// Returns whether a batch of this many entry bytes fits the present segment, whatever the
    /// length of its checkpoint.
    pub(crate) fn surely_fits(&self, entry_bytes: usize) -> bool {
        self.offset + padded(entry_bytes + PAGE_BYTES) <= self.segment_bytes
    }

    /// Returns whether a record fits an empty segment after its base record.
    pub(crate) fn ever_fits(&self, record: &Record) -> bool {
        let base = padded(16 + record.checkpoint.len());
        base + padded(record.payload_bytes()) <= self.segment_bytes
    }

    /// Returns whether a batch of this many entry bytes fits any segment at all.
    pub(crate) fn ever_fits_bytes(&self, entry_bytes: usize) -> bool {
        padded(PAGE_BYTES) + padded(entry_bytes + PAGE_BYTES) <= self.segment_bytes
    }

    /// Writes a record and makes it durable.
    pub(crate) fn append<S: Storage>(
        &mut self,
        storage: &mut S,
        record: &Record,
    ) -> Result<(), StorageError> {
        let path = SEGMENT_PATHS[self.place % 2];
        let bytes = encode(self.generation, self.sequence, record);
        storage.write_at(path, self.offset, &bytes)?;
        storage.sync(path)?;
        self.sequence += 1;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    /// Starts the other segment with a base record. Everything in the present one must be settled.
    pub(crate) fn recycle<S: Storage>(
        &mut self,
        storage: &mut S,
        base: &Record,
    ) -> Result<(), StorageError> {
        let mut next = Self {
            place: (self.place + 1) % 2,
            generation: self.generation + 1,
            sequence: 0,
            offset: 0,
            ..self.clone()
        };
        next.append(storage, base)?;
        *self = next;
        Ok(())
    }

    /// Writes the last record again and syncs it: a failed sync may have left it in memory only,
    /// looking durable to a reader.
    pub(crate) fn harden<S: Storage>(
        &mut self,
        storage: &mut S,
        last: &Record,
    ) -> Result<(), StorageError> {
        let length = padded(last.payload_bytes());
        self.offset = self.offset.saturating_sub(length);
        self.sequence = self.sequence.saturating_sub(1);
        self.append(storage, last)
    }
}

impl Record {
    fn payload_bytes(&self) -> usize {
        let entries: usize = self.entries.iter().map(|entry| 2 + entry.len()).sum();
        12 + entries + self.checkpoint.len()
    }

    fn payload(&self) -> Vec<u8> {
        let mut payload = Vec::with_capacity(self.payload_bytes());
        payload.extend_from_slice(&self.first_index.to_be_bytes());
        let count = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        payload.extend_from_slice(&count.to_be_bytes());
        for entry in &self.entries {
            // Entries were checked against the limit when they were staged.
            let _ = push_entry(&mut payload, entry);
        }
        payload.extend_from_slice(&self.checkpoint);
        payload
    }

    fn parse(payload: &[u8]) -> Option<Self> {
        let (first_index, rest) = payload.split_first_chunk::<8>()?;
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let (entries, checkpoint) = split_entries(rest, u32::from_be_bytes(*count))?;
        Some(Self {
            first_index: u64::from_be_bytes(*first_index),
            entries: entries.into_iter().map(<[u8]>::to_vec).collect(),
            checkpoint: checkpoint.to_vec(),
        })
    }
}

/// Bytes a record of this payload takes on disk.
fn padded(payload_bytes: usize) -> u64 {
    (HEADER_BYTES + payload_bytes).next_multiple_of(PAGE_BYTES) as u64
}

fn encode(generation: u64, sequence: u64, record: &Record) -> Vec<u8> {
    let payload = record.payload();
    let [generation, sequence, length] =
        [generation, sequence, payload.len() as u64].map(u64::to_be_bytes);
    let check = Hash::of_parts(&[&generation, &sequence, &length, &payload]);
    let mut bytes = Vec::with_capacity(HEADER_BYTES + payload.len() + PAGE_BYTES);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&[generation, sequence, length].concat());
    bytes.extend_from_slice(check.as_bytes());
    bytes.extend_from_slice(&payload);
    bytes.resize(bytes.len().next_multiple_of(PAGE_BYTES), 0);
    bytes
}

struct Decoded {
    generation: u64,
    sequence: u64,
    record: Record,
    bytes: usize,
}

fn decode(bytes: &[u8]) -> Option<Decoded> {
    let rest = bytes.strip_prefix(&MAGIC)?;
    let (generation, rest) = rest.split_first_chunk::<8>()?;
    let (sequence, rest) = rest.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<8>()?;
    let (check, rest) = rest.split_first_chunk::<32>()?;
    let payload = rest.get(..usize::try_from(u64::from_be_bytes(*length)).ok()?)?;
    let expected = Hash::of_parts(&[generation, sequence, length, payload]);
    if expected != Hash::from_bytes(*check) {
        return None;
    }
    Some(Decoded {
        generation: u64::from_be_bytes(*generation),
        sequence: u64::from_be_bytes(*sequence),
        record: Record::parse(payload)?,
        bytes: (HEADER_BYTES + payload.len()).next_multiple_of(PAGE_BYTES),
    })
}

/// Reads the records from the start of a segment; returns them and where they end.
fn read_chain(bytes: &[u8], place: usize) -> (Option<Replay>, usize) {
    let mut records = Vec::new();
    let mut offset = 0;
    let mut generation = None;
    while let Some(found) = bytes.get(offset..).and_then(decode) {
        let expected = generation.get_or_insert(found.generation);
        if found.generation != *expected || found.sequence != records.len() as u64 {
            break;
        }
        records.push(found.record);
        offset += found.bytes;
    }
    let wal = generation.map(|generation| Wal {
        segment_bytes: bytes.len() as u64,
        place,
        generation,
        sequence: records.len() as u64,
        offset: offset as u64,
    });
    (wal.map(|wal| Replay { wal, records }), offset)
}

/// Returns the newest generation among sound records at or after `from`.
fn newest_beyond(bytes: &[u8], from: usize) -> Option<u64> {
    let pages = (from / PAGE_BYTES)..(bytes.len() / PAGE_BYTES);
    let sound = pages.filter_map(|page| bytes.get(page * PAGE_BYTES..).and_then(decode));
    sound.map(|found| found.generation).max()
}
