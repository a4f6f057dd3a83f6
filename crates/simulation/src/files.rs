//! What a machine keeps beside its own log, and how it reads all of it again.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::hash::Hash;
use detente_ledger::log::{Log, StorageSource};
use detente_ledger::reader::LogReader;
use detente_ledger::storage::Storage;
use detente_ledger::storage::memory::MemoryDisk;
use detente_node::node::StoredLedger;

/// Bytes before each entry of a mirror's file: its length.
const LENGTH_BYTES: usize = 4;

pub(crate) fn blobs_by_hash(disk: &MemoryDisk) -> BTreeMap<Hash, Vec<u8>> {
    let blobs = read_all(disk, "blob").into_iter();
    blobs.map(|bytes| (Hash::of(&bytes), bytes)).collect()
}

pub(crate) fn directory(origin: &str) -> String {
    Hash::of(origin.as_bytes()).to_hex()
}

/// Keeps mirrored entries, then the head they complete; returns whether the disk did.
pub(crate) fn keep(
    disk: &mut MemoryDisk,
    origin: &str,
    first_index: u64,
    entries: &[Vec<u8>],
    head: Option<&SignedCheckpoint>,
) -> bool {
    let directory = directory(origin);
    let mut file = Vec::new();
    for entry in entries {
        let length = u32::try_from(entry.len()).unwrap_or(u32::MAX);
        file.extend_from_slice(&length.to_be_bytes());
        file.extend_from_slice(entry);
    }
    let path = format!("mirror/{directory}/{first_index:020}");
    if !entries.is_empty() && disk.replace(&path, &file).is_err() {
        return false;
    }
    head.is_none_or(|head| {
        let path = format!("head/{directory}");
        disk.replace(&path, &head.note().to_bytes()).is_ok()
    })
}

/// Reads a mirror: its head, and the entries under it.
pub(crate) fn read_mirror(disk: &MemoryDisk, origin: &Arc<str>) -> Option<StoredLedger> {
    let directory = directory(origin);
    let head = disk.read(&format!("head/{directory}")).ok().flatten()?;
    let head = SignedCheckpoint::parse(&head).ok()?;
    let mut entries: Vec<Vec<u8>> = Vec::new();
    let folder = format!("mirror/{directory}");
    for name in disk.list(&folder).ok()? {
        let first: usize = name.parse().ok()?;
        let file = disk.read(&format!("{folder}/{name}")).ok().flatten()?;
        entries.truncate(first);
        let mut rest = file.as_slice();
        while let Some((length, more)) = rest.split_first_chunk::<LENGTH_BYTES>() {
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            let (entry, more) = more.split_at_checked(length)?;
            entries.push(entry.to_vec());
            rest = more;
        }
    }
    entries.truncate(usize::try_from(head.checkpoint().size()).ok()?);
    Some(StoredLedger {
        origin: origin.clone(),
        entries,
        head,
    })
}

pub(crate) fn read_all(disk: &MemoryDisk, folder: &str) -> Vec<Vec<u8>> {
    let names = disk.list(folder).unwrap_or_default();
    let read = |name: String| disk.read(&format!("{folder}/{name}")).ok().flatten();
    names.into_iter().filter_map(read).collect()
}

/// Reads the own log through its published files, as a stranger would.
pub(crate) fn read_log(log: &Log<MemoryDisk>) -> Result<StoredLedger, String> {
    let head = log.head().clone();
    let source = StorageSource(log.storage());
    let mut reader =
        LogReader::open(source, head.checkpoint().clone()).map_err(|error| error.to_string())?;
    let mut entries = Vec::new();
    for bundle in 0..head.checkpoint().size().div_ceil(256) {
        entries.extend(reader.bundle(bundle).map_err(|error| error.to_string())?);
    }
    Ok(StoredLedger {
        origin: Arc::from(head.checkpoint().origin()),
        entries,
        head,
    })
}
