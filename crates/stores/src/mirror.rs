//! A copy of another participant's ledger: the same files its owner publishes.
//!
//! The node has verified what arrives here. Entries become durable before they are reported kept;
//! the file `checkpoint` follows when the entries under it are complete, so a reader of the folder
//! never meets a head without its tiles.

use detente_ledger::bundle::{BundleError, push_entry, split_bundle};
use detente_ledger::checkpoint::{CheckpointError, SignedCheckpoint};
use detente_ledger::hash::Hash;
use detente_ledger::log::CHECKPOINT_PATH;
use detente_ledger::reader::FetchError;
use detente_ledger::storage::{Storage, StorageError};
use detente_ledger::tile::{TILE_WIDTH, TilePath, bundle_in_tree};
use detente_ledger::tree::Tree;

/// A mirror that is written.
#[derive(Debug)]
pub struct Mirror<S> {
    storage: S,
    tree: Tree,
    /// The unfinished bundle.
    bundle: Vec<u8>,
    head: Option<SignedCheckpoint>,
    /// Partial tiles under the present size; removed when they are outgrown and no longer needed.
    partials: Vec<String>,
}

/// What a mirror held when it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The published head.
    pub head: SignedCheckpoint,
    /// Every entry under it.
    pub entries: Vec<Vec<u8>>,
}

impl<S: Storage> Mirror<S> {
    /// Opens a mirror and reads what its published head covers; entries behind the head, left by a
    /// crash, are fetched again.
    ///
    /// # Errors
    ///
    /// [`MirrorError`]; a folder that does not hold what its checkpoint says is
    /// [`MirrorError::Damaged`].
    ///
    /// # Cost
    ///
    /// Reads and hashes every entry.
    pub fn open(storage: S) -> Result<(Self, Option<Held>), MirrorError> {
        let mut mirror = Self {
            storage,
            tree: Tree::new(),
            bundle: Vec::new(),
            head: None,
            partials: Vec::new(),
        };
        let Some(bytes) = mirror.storage.read(CHECKPOINT_PATH)? else {
            return Ok((mirror, None));
        };
        let head = SignedCheckpoint::parse(&bytes)?;
        let size = head.checkpoint().size();
        let entries = read_entries(|path| mirror.storage.read(path), 0, size, size)?;
        for entry in &entries {
            mirror.push(entry, &mut Vec::new())?;
        }
        if mirror.tree.root() != head.checkpoint().root() {
            return Err(MirrorError::Damaged);
        }
        mirror.partials = mirror
            .partial_files()?
            .into_iter()
            .map(|(path, _)| path)
            .collect();
        mirror.head = Some(head.clone());
        Ok((mirror, Some(Held { head, entries })))
    }

    /// Returns how many entries are kept.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Returns the storage, to read from.
    pub fn storage(&self) -> &S {
        &self.storage
    }

    /// Keeps entries durably, and the head when they reach it.
    ///
    /// # Errors
    ///
    /// [`MirrorError`]; after one, open the mirror again before writing more.
    ///
    /// # Cost
    ///
    /// One flush of a handful of files a call, and one more with a head.
    pub fn append(
        &mut self,
        first_index: u64,
        entries: &[Vec<u8>],
        head: Option<&SignedCheckpoint>,
    ) -> Result<(), MirrorError> {
        if first_index != self.size() {
            return Err(MirrorError::Gap {
                kept: self.size(),
                given: first_index,
            });
        }
        let mut files = Vec::new();
        for entry in entries {
            self.push(entry, &mut files)?;
        }
        let partials = self.partial_files()?;
        let outgrown: Vec<String> = std::mem::take(&mut self.partials);
        self.partials = partials.iter().map(|(path, _)| path.clone()).collect();
        files.extend(partials);
        for (path, bytes) in &files {
            self.storage.write(path, bytes)?;
        }
        let paths: Vec<String> = files.into_iter().map(|(path, _)| path).collect();
        self.storage.settle(&paths)?;
        if let Some(head) = head {
            self.keep_head(head)?;
            // Readers of the old head may still want them; the specification lets them go.
            for path in outgrown.iter().filter(|path| !self.partials.contains(path)) {
                self.storage.remove(path)?;
            }
        }
        Ok(())
    }

    /// Publishes a head whose entries are all kept, for instance with more cosignatures.
    ///
    /// # Errors
    ///
    /// [`MirrorError::Damaged`] when the head is not of these entries.
    pub fn keep_head(&mut self, head: &SignedCheckpoint) -> Result<(), MirrorError> {
        let same = head.checkpoint().size() == self.tree.size()
            && head.checkpoint().root() == self.tree.root();
        if !same {
            return Err(MirrorError::Damaged);
        }
        self.storage
            .replace(CHECKPOINT_PATH, &head.note().to_bytes())?;
        self.head = Some(head.clone());
        Ok(())
    }

    fn push(
        &mut self,
        entry: &[u8],
        files: &mut Vec<(String, Vec<u8>)>,
    ) -> Result<(), MirrorError> {
        let mut tiles = Vec::new();
        if !self.tree.push(Hash::leaf(entry), &mut tiles) {
            return Err(MirrorError::Damaged);
        }
        push_entry(&mut self.bundle, entry)?;
        if self.tree.size().is_multiple_of(TILE_WIDTH) {
            let path = TilePath::entries(self.tree.size() / TILE_WIDTH - 1, TILE_WIDTH);
            let path = path.map_err(|_| MirrorError::Damaged)?;
            files.push((path.to_string(), std::mem::take(&mut self.bundle)));
        }
        files.extend(
            tiles
                .into_iter()
                .map(|tile| (tile.path.to_string(), tile.bytes)),
        );
        Ok(())
    }

    fn partial_files(&self) -> Result<Vec<(String, Vec<u8>)>, MirrorError> {
        let mut files: Vec<(String, Vec<u8>)> = self
            .tree
            .partial_tiles()
            .into_iter()
            .map(|tile| (tile.path.to_string(), tile.bytes))
            .collect();
        let (index, width) = (self.tree.size() / TILE_WIDTH, self.tree.size() % TILE_WIDTH);
        if width > 0 {
            let path = TilePath::entries(index, width).map_err(|_| MirrorError::Damaged)?;
            files.push((path.to_string(), self.bundle.clone()));
        }
        Ok(files)
    }
}

/// Reads entries `from..to` of a ledger's files, which hold at least `size` entries; `read` gives
/// a file.
///
/// What is read is not compared with any root: the caller's own process wrote these files.
///
/// # Errors
///
/// [`MirrorError`]; [`MirrorError::Damaged`] for a bundle that is missing or short.
pub fn read_entries<E>(
    read: impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
    from: u64,
    to: u64,
    size: u64,
) -> Result<Vec<Vec<u8>>, MirrorError>
where
    MirrorError: From<E>,
{
    let mut entries = Vec::new();
    let mut index = from;
    while index < to.min(size) {
        let path = bundle_in_tree(size, index / TILE_WIDTH).ok_or(MirrorError::Damaged)?;
        let mut bytes = read(&path.to_string())?;
        let mut width = path.width();
        if bytes.is_none() && !path.is_full() {
            // The ledger grew meanwhile and its partial bundle was replaced by the full one.
            bytes = read(&path.full().to_string())?;
            width = TILE_WIDTH;
        }
        let bytes = bytes.ok_or(MirrorError::Damaged)?;
        let bundle = split_bundle(&bytes, width)?;
        let skip = usize::try_from(index % TILE_WIDTH).unwrap_or(0);
        let start = index - index % TILE_WIDTH;
        for (place, entry) in bundle.iter().enumerate().skip(skip) {
            if start + place as u64 >= to.min(size) {
                break;
            }
            entries.push(entry.to_vec());
        }
        index = start + TILE_WIDTH;
    }
    Ok(entries)
}

/// A mirror could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MirrorError {
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A file could not be read.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The kept checkpoint is not one.
    #[error("the mirror's checkpoint cannot be read")]
    Checkpoint(#[from] CheckpointError),
    /// A bundle cannot be read or an entry is too long for one.
    #[error("a bundle of the mirror cannot be read")]
    Bundle(#[from] BundleError),
    /// Entries do not follow those that are kept.
    #[error("the mirror holds {kept} entries and was given more from index {given} on")]
    Gap {
        /// Entries kept.
        kept: u64,
        /// Index of the first entry given.
        given: u64,
    },
    /// The files do not hold what the checkpoint says.
    #[error("the mirror's files do not hold what its checkpoint says")]
    Damaged,
}

#[cfg(test)]
mod tests {
    use super::*;
    use detente_ledger::checkpoint::Checkpoint;
    use detente_ledger::storage::memory::MemoryDisk;
    use detente_ledger::vkey::{KeyName, NoteSigner, SignatureType};

    fn head(tree: &Tree) -> SignedCheckpoint {
        let name = KeyName::parse("ru.example").expect("name");
        let signer = NoteSigner::new(name, SignatureType::Ed25519, &[1; 32]).expect("key");
        let mut note = Checkpoint::new("ru.example", tree.size(), tree.root())
            .and_then(|checkpoint| checkpoint.to_note().map_err(Into::into))
            .expect("note");
        note.sign(&signer);
        SignedCheckpoint::from_note(note).expect("checkpoint")
    }

    fn entries(range: std::ops::Range<u64>) -> Vec<Vec<u8>> {
        range
            .map(|index| format!("entry {index}").into_bytes())
            .collect()
    }

    #[test]
    fn what_was_kept_is_there_again_and_nothing_behind_the_head() {
        let (mut mirror, held) = Mirror::open(MemoryDisk::new()).expect("open");
        assert_eq!(held, None);
        let mut tree = Tree::new();
        let mut at = 0;
        for step in [1, 7, 248, 256, 600, 3] {
            let batch = entries(at..at + step);
            for entry in &batch {
                assert!(tree.push(Hash::leaf(entry), &mut Vec::new()));
            }
            mirror.append(at, &batch, Some(&head(&tree))).expect("kept");
            at += step;
        }
        mirror
            .append(at, &entries(at..at + 5), None)
            .expect("kept without a head");
        assert_eq!(
            mirror.append(at, &[], None),
            Err(MirrorError::Gap {
                kept: at + 5,
                given: at
            })
        );
        let (reopened, held) = Mirror::open(mirror.storage).expect("open");
        let held = held.expect("held");
        assert_eq!(held.entries, entries(0..at));
        assert_eq!(held.head, head(&tree));
        assert_eq!(reopened.size(), at);
        let some = read_entries(|path| reopened.storage().read(path), 250, 520, at).expect("read");
        assert_eq!(some, entries(250..520));
    }
}
