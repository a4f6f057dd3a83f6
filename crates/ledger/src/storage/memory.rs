//! A disk in memory that forgets, tears and fails as a seed says.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::{Storage, StorageError};
use crate::reader::{FetchError, TileSource};

/// Bytes that a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// How an elementary step of the disk goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails and did nothing.
    Fails,
    /// It reports failure although it was carried out.
    FailsButPersisted,
    /// The machine stops before it; every later step fails too.
    Crash,
    /// The machine stops after it.
    CrashAfter,
}

/// Steps a defective disk or a careless implementation leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Omissions {
    /// Data is not made durable although it is said to be.
    pub data_sync: bool,
    /// Names are not made durable although they are said to be.
    pub directory_sync: bool,
}

#[derive(Clone, Debug, Default)]
struct File {
    /// What a crash surely leaves; `None` while the name itself is not durable.
    durable: Option<Vec<u8>>,
    /// What reads return now.
    current: Vec<u8>,
    /// Writes since the last sync, in order.
    pending: Vec<(usize, Vec<u8>)>,
    /// Content synced but reachable only through a name that is not durable yet.
    synced: Vec<u8>,
}

/// A disk in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    files: BTreeMap<String, File>,
    steps: Cell<u64>,
    fault: Option<(u64, Fault)>,
    halted: Cell<bool>,
    capacity_bytes: Option<usize>,
    omissions: Omissions,
}

impl MemoryDisk {
    /// Makes an empty disk without faults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the step number `step` (from 0, counted from now) go wrong.
    pub fn fail_at(&mut self, step: u64, fault: Fault) {
        self.steps.set(0);
        self.fault = Some((step, fault));
    }

    /// Returns how many steps were made since the last [`MemoryDisk::fail_at`] or the beginning.
    pub fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// Limits the sum of all file lengths: beyond it writes fail as on a full disk.
    pub fn limit(&mut self, capacity_bytes: usize) {
        self.capacity_bytes = Some(capacity_bytes);
    }

    /// Leaves out steps, to show that the tests would notice.
    pub fn omit(&mut self, omissions: Omissions) {
        self.omissions = omissions;
    }

    /// Returns the disk as a restarted machine finds it after power loss: what was not durable is
    /// kept, lost or torn sector by sector as the seed says. The restarted disk has no fault.
    #[must_use]
    pub fn after_power_loss(&self, seed: u64) -> Self {
        let mut chance = Chance(seed ^ 0x9e37_79b9_7f4a_7c15);
        let mut files = BTreeMap::new();
        for (path, file) in &self.files {
            let name_kept = file.durable.is_some() || chance.coin();
            let replaced = file.durable.as_ref() == Some(&file.synced) || chance.coin();
            let base = match &file.durable {
                Some(durable) if !replaced => durable.clone(),
                _ => file.synced.clone(),
            };
            if !name_kept {
                continue;
            }
            let mut content = base;
            if replaced {
                for (offset, bytes) in &file.pending {
                    tear(&mut content, *offset, bytes, &mut chance);
                }
            }
            files.insert(path.clone(), File::settled(content));
        }
        Self {
            files,
            ..Self::default()
        }
    }

    /// Returns the disk as a restarted process finds it: everything written is there, but what was
    /// not synced is still not durable.
    #[must_use]
    pub fn after_process_crash(&self) -> Self {
        Self {
            files: self.files.clone(),
            omissions: self.omissions,
            ..Self::default()
        }
    }

    /// Returns every path, sorted.
    pub fn paths(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    /// Changes a stored file in place, as decay or an intruder would; nothing when there is none.
    pub fn tamper(&mut self, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
        if let Some(file) = self.files.get_mut(path) {
            let mut content = file.current.clone();
            change(&mut content);
            *file = File::settled(content);
        }
    }

    /// Removes a stored file, as an intruder would.
    pub fn lose(&mut self, path: &str) {
        self.files.remove(path);
    }

    /// Runs one elementary step under the fault plan.
    fn step(
        &mut self,
        operation: &'static str,
        path: &str,
        action: impl FnOnce(&mut Self) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let number = self.steps.get();
        self.steps.set(number.saturating_add(1));
        let failure = |reason: &str| StorageError {
            operation,
            path: path.to_owned(),
            reason: reason.to_owned(),
        };
        if self.halted.get() {
            return Err(failure("the machine has stopped"));
        }
        match self.fault.filter(|(step, _)| *step == number) {
            None => action(self),
            Some((_, Fault::Fails)) => Err(failure("input/output error")),
            Some((_, Fault::FailsButPersisted)) => {
                action(self)?;
                Err(failure("input/output error"))
            }
            Some((_, Fault::Crash)) => {
                self.halted.set(true);
                Err(failure("the machine has stopped"))
            }
            Some((_, Fault::CrashAfter)) => {
                action(self)?;
                self.halted.set(true);
                Err(failure("the machine has stopped"))
            }
        }
    }

    fn check_space(&self, path: &str, more: usize) -> Result<(), StorageError> {
        let used: usize = self.files.values().map(|file| file.current.len()).sum();
        match self.capacity_bytes {
            Some(capacity) if used + more > capacity => Err(StorageError {
                operation: "write",
                path: path.to_owned(),
                reason: "no space left on device".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    fn put(&mut self, path: &str, offset: usize, bytes: &[u8]) -> Result<(), StorageError> {
        let length = self.files.get(path).map_or(0, |file| file.current.len());
        self.check_space(path, (offset + bytes.len()).saturating_sub(length))?;
        let file = self.files.entry(path.to_owned()).or_default();
        overwrite(&mut file.current, offset, bytes);
        file.pending.push((offset, bytes.to_vec()));
        Ok(())
    }

    fn sync_data(&mut self, path: &str) {
        if self.omissions.data_sync {
            return;
        }
        if let Some(file) = self.files.get_mut(path) {
            file.synced = file.current.clone();
            file.pending.clear();
            if file.durable.is_some() {
                file.durable = Some(file.synced.clone());
            }
        }
    }

    fn sync_name(&mut self, path: &str) {
        if self.omissions.directory_sync {
            return;
        }
        if let Some(file) = self.files.get_mut(path) {
            file.durable = Some(file.synced.clone());
        }
    }
}

impl File {
    fn settled(content: Vec<u8>) -> Self {
        Self {
            durable: Some(content.clone()),
            synced: content.clone(),
            current: content,
            pending: Vec::new(),
        }
    }
}

impl Storage for MemoryDisk {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.files.get(path).map(|file| file.current.clone()))
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, StorageError> {
        let prefix = format!("{directory}/");
        let names = self
            .files
            .keys()
            .filter_map(|path| path.strip_prefix(&prefix));
        Ok(names
            .filter(|name| !name.contains('/'))
            .map(str::to_owned)
            .collect())
    }

    fn allocate(&mut self, path: &str, bytes: u64) -> Result<(), StorageError> {
        let zeros = vec![0; usize::try_from(bytes).unwrap_or(usize::MAX)];
        self.step("allocate", path, |disk| {
            disk.files.remove(path);
            disk.put(path, 0, &zeros)
        })?;
        self.settle(&[path.to_owned()])
    }

    fn write_at(&mut self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StorageError> {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        self.step("write", path, |disk| disk.put(path, offset, bytes))
    }

    fn sync(&mut self, path: &str) -> Result<(), StorageError> {
        self.step("sync", path, |disk| {
            disk.sync_data(path);
            Ok(())
        })
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.step("write", path, |disk| {
            if let Some(file) = disk.files.get_mut(path) {
                file.current.clear();
                file.pending.push((0, Vec::new()));
            }
            disk.put(path, 0, bytes)
        })
    }

    fn settle(&mut self, paths: &[String]) -> Result<(), StorageError> {
        for path in paths {
            self.step("sync", path, |disk| {
                disk.sync_data(path);
                Ok(())
            })?;
            self.step("sync the directory of", path, |disk| {
                disk.sync_name(path);
                Ok(())
            })?;
        }
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Result<(), StorageError> {
        // The harshest reading: the removal is durable at once.
        self.step("remove", path, |disk| {
            disk.files.remove(path);
            Ok(())
        })
    }

    fn replace(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        // The temporary file of a real disk: until the rename nothing changes under the name.
        self.step("write the successor of", path, |disk| {
            disk.check_space(path, bytes.len())
        })?;
        self.step("sync the successor of", path, |_| Ok(()))?;
        self.step("rename", path, |disk| {
            let synced = !disk.omissions.data_sync;
            let file = disk.files.entry(path.to_owned()).or_default();
            file.current = bytes.to_vec();
            file.pending = match synced {
                true => Vec::new(),
                false => vec![(0, bytes.to_vec())],
            };
            file.synced = if synced { bytes.to_vec() } else { Vec::new() };
            Ok(())
        })?;
        self.step("sync the directory of", path, |disk| {
            disk.sync_name(path);
            Ok(())
        })
    }
}

impl TileSource for MemoryDisk {
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        Ok(self.files.get(path).map(|file| file.current.clone()))
    }
}

fn overwrite(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    if let Some(range) = content.get_mut(offset..end) {
        range.copy_from_slice(bytes);
    }
}

/// Applies a write sector by sector, each by the toss of a coin.
fn tear(content: &mut Vec<u8>, offset: usize, bytes: &[u8], chance: &mut Chance) {
    let mut done = 0;
    while done < bytes.len() {
        let to_edge = SECTOR_BYTES - (offset + done) % SECTOR_BYTES;
        let end = bytes.len().min(done + to_edge);
        if chance.coin()
            && let Some(sector) = bytes.get(done..end)
        {
            overwrite(content, offset + done, sector);
        }
        done = end;
    }
}

/// A small deterministic generator (splitmix64, Steele, Lea and Flood 2014).
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    fn coin(&mut self) -> bool {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) & 1 == 1
    }
}
