//! What is kept beside the ledgers so that this node starts quickly: written on a thread of its own, and left where anything
//! is odd about it.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use detente_ledger::hash::Hash;
use detente_ledger::storage::{Storage, StorageError};
use detente_node::kept::contents_of;
use detente_node::node::{Keeping, KeptFile, Node, Shared};
use detente_stores::store::Store;

use super::Office;
use super::disk::blob_path;

/// Folder of what is kept.
const KEPT: &str = "kept";
/// Names the parts of what is kept, written when all of them are durable.
const HEAD: &str = "kept/head";
/// Bytes of one part: what a database takes at once without being held up.
const PART_BYTES_MAX: usize = 8 << 20;
/// The most parts that are read: more than memory would hold anyway.
const PARTS_MAX: usize = 1_024;
/// Entries that come after what is kept: those of others that were not here yet when it was written belong before the newest,
/// and an entry that belongs before it means folding everything anew.
const ENTRIES_BEHIND: usize = 1_024;
/// New entries after which it is written anew: folding them takes less than half a second.
const ENTRIES_NEW: u64 = 8_192;
/// It is also written only when a sixteenth of everything is new: writing takes time in proportion to everything.
const PART_NEW: u64 = 16;
/// And so seldom that writing it takes no more than this part of the time: a ledger that grows fast is written less often.
const KEEP_SHARE: u32 = 20;

/// Returns the hash of the program that runs, which decides whether it reads what was kept; `None` where the program cannot be
/// read, and nothing is kept.
fn program() -> Option<Hash> {
    static PROGRAM: OnceLock<Option<Hash>> = OnceLock::new();
    *PROGRAM.get_or_init(|| {
        let path = std::env::current_exe().ok()?;
        std::fs::read(path).ok().map(|bytes| Hash::of(&bytes))
    })
}

/// Reads what was kept, for a node that is being opened; whatever is not whole is left.
pub(super) fn read(files: &Store) -> Option<KeptFile> {
    let bytes = match read_parts(files) {
        Ok(found) => found?,
        Err(error) => {
            tracing::warn!(%error, "what was kept for a quick start cannot be read");
            return None;
        }
    };
    let contents = contents_of(&bytes).into_iter().filter_map(|hash| {
        let content = files.read(&blob_path(hash)).ok()??;
        Some((hash, content))
    });
    Some(KeptFile {
        contents: contents.collect(),
        program: program()?,
        bytes,
    })
}

fn read_parts(files: &Store) -> Result<Option<Vec<u8>>, StorageError> {
    let Some(head) = files.read(HEAD)? else {
        return Ok(None);
    };
    let head = String::from_utf8(head).unwrap_or_default();
    let mut bytes = Vec::new();
    for name in head.lines().take(PARTS_MAX) {
        let is_part = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let path = format!("{KEPT}/{name}");
        let part = match is_part {
            true => files.read(&path)?,
            false => None,
        };
        let Some(part) = part else {
            return Ok(None);
        };
        bytes.extend(part);
    }
    Ok(Some(bytes))
}

/// Says what became of what was kept.
pub(super) fn tell<P: Shared>(node: &Node<P>, was_there: bool) {
    let entries = node.history().order().len();
    match (was_there, node.begun_from()) {
        (true, 0) => tracing::warn!(
            entries,
            "what was kept does not fit this program or these ledgers: everything was folded anew"
        ),
        (true, kept) => tracing::info!(entries, kept, "started from what was kept"),
        (false, _) => {}
    }
}

/// Writes what is kept now and then.
#[derive(Debug)]
pub(super) struct Keeper {
    office: Office,
    /// Entries that stood in what was written last, or is being written.
    kept: u64,
    /// What is being written; how long it took.
    writer: Option<JoinHandle<Duration>>,
    /// Nothing is written before.
    rests_until: Option<Instant>,
}

impl Keeper {
    /// Starts with what a node began from.
    pub(super) fn new(office: Office, kept: u64) -> Self {
        Self {
            office,
            kept,
            writer: None,
            rests_until: None,
        }
    }

    /// Writes it anew where enough is new; not while it is being written.
    pub(super) fn keep_if_due<P>(&mut self, node: &Node<P>)
    where
        P: Shared + Send + Sync + 'static,
        P::Act: Send,
        P::Outcome: Send,
    {
        let entries = node.history().order().len() as u64;
        let new = entries.saturating_sub(self.kept);
        let is_due = new >= ENTRIES_NEW.max(entries / PART_NEW);
        if !is_due || self.is_busy() {
            return;
        }
        let keeping = program().and_then(|program| node.keep(program, ENTRIES_BEHIND));
        let Some(keeping) = keeping else {
            return;
        };
        // Not tried again for every entry, should it fail.
        self.kept = entries;
        let office = self.office.clone();
        let spawned = std::thread::Builder::new()
            .name("keeper".to_owned())
            .spawn(move || {
                let began = now();
                keep(&keeping, &office);
                now().duration_since(began)
            });
        match spawned {
            Ok(writer) => self.writer = Some(writer),
            Err(error) => tracing::warn!(%error, "nothing is kept for a quick start"),
        }
    }

    /// Whether it is being written, or was a moment ago.
    fn is_busy(&mut self) -> bool {
        if let Some(writer) = self.writer.take_if(|writer| writer.is_finished()) {
            // A thread that ended badly has said so.
            let took = writer.join().unwrap_or_default();
            self.rests_until = now().checked_add(took * KEEP_SHARE);
        }
        self.writer.is_some() || self.rests_until.is_some_and(|until| now() < until)
    }

    /// Waits until nothing is written any more.
    pub(super) fn stop(self) {
        if let Some(writer) = self.writer {
            // A thread that ended badly has said so.
            let _ = writer.join();
        }
    }
}

/// Reads the monotonic clock, for how often something is written alone.
#[expect(
    clippy::disallowed_methods,
    reason = "how often what is kept is written decides nothing else"
)]
fn now() -> Instant {
    Instant::now()
}

fn keep<P: Shared>(keeping: &Keeping<P>, office: &Office) {
    let contents = |hash: Hash| office.with(|files| files.read(&blob_path(hash)).ok()?)?;
    let bytes = match keeping.write(&contents) {
        Ok(bytes) => bytes,
        Err(reason) => {
            tracing::warn!(reason, "nothing is kept for a quick start");
            return;
        }
    };
    if let Err(error) = write(&bytes, office) {
        tracing::warn!(%error, "nothing is kept for a quick start");
    }
}

/// Writes the parts, then what names them, then takes the former parts away: a crash leaves the former ones or the new ones.
fn write(bytes: &[u8], office: &Office) -> Result<(), StorageError> {
    let name = Hash::of(bytes).to_hex();
    let name = name.get(..16).unwrap_or(&name);
    let mut parts = BTreeMap::new();
    for (number, part) in (1_000..).zip(bytes.chunks(PART_BYTES_MAX)) {
        parts.insert(format!("{name}{number}"), part);
    }
    for (name, part) in &parts {
        let path = format!("{KEPT}/{name}");
        let Some(written) = office.with(|files| files.replace(&path, part)) else {
            // Another server writes now.
            return Ok(());
        };
        written?;
    }
    let head: String = parts.keys().map(|name| format!("{name}\n")).collect();
    let done = office.with(|files| {
        files.replace(HEAD, head.as_bytes())?;
        for name in files.list(KEPT)? {
            let path = format!("{KEPT}/{name}");
            if path != HEAD && !parts.contains_key(&name) {
                files.remove(&path)?;
            }
        }
        Ok(())
    });
    done.unwrap_or(Ok(()))
}
