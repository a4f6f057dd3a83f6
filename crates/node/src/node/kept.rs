//! What a node keeps between two runs, and whether it may begin from it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_ledger::hash::Hash;

use super::once::Recalled;
use super::{Node, Shared};
use crate::federation::Federation;
use crate::history::Beginning;
use crate::kept::{Kept, Reader, Sources, Writer};

/// What was kept when the node ran before.
#[derive(Clone, Debug)]
pub struct KeptFile {
    /// The bytes that [`Keeping::write`] wrote.
    pub bytes: Vec<u8>,
    /// Names the program that runs; what another program kept is not read.
    pub program: Hash,
    /// Content that reading asks for, see [`crate::kept::contents_of`].
    pub contents: BTreeMap<Hash, Vec<u8>>,
}

/// What a node keeps, on its way to the disk: it can be written on any thread.
#[derive(Clone, Debug)]
pub struct Keeping<P: Shared> {
    bound: Bound,
    founding: P,
    noted: BTreeSet<(Arc<str>, u64)>,
    wishes: Vec<Recalled>,
    beginning: Beginning<P>,
}

/// What must be the same for it to be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bound {
    program: Hash,
    founding: Hash,
    own: Arc<str>,
    /// Of each ledger how much is held, and the root it has there.
    ledgers: BTreeMap<Arc<str>, (u64, Option<Hash>)>,
    contested: BTreeSet<Arc<str>>,
}

crate::kept::kept! {
    Bound { program, founding, own, ledgers, contested }
}

/// Entries and content at hand.
struct AtHand<'a> {
    entries: &'a BTreeMap<Arc<str>, Vec<Arc<[u8]>>>,
    contents: &'a dyn Fn(Hash) -> Option<Vec<u8>>,
}

impl Sources for AtHand<'_> {
    fn entry(&self, origin: &str, index: u64) -> Option<Arc<[u8]>> {
        let ledger = self.entries.get(origin)?;
        ledger.get(usize::try_from(index).ok()?).cloned()
    }

    fn content(&self, hash: Hash) -> Option<Vec<u8>> {
        (self.contents)(hash)
    }
}

/// What a node begins from.
pub(super) struct Begun<P: Shared> {
    pub(super) noted: BTreeSet<(Arc<str>, u64)>,
    pub(super) wishes: Vec<Recalled>,
    pub(super) beginning: Beginning<P>,
}

/// Reads what was kept, where it fits what is held; `None` where anything does not.
pub(super) fn recall<P: Shared>(
    kept: &KeptFile,
    own: &Arc<str>,
    founding: &P,
    federation: &Federation,
    entries: &BTreeMap<Arc<str>, Vec<Arc<[u8]>>>,
) -> Option<Begun<P>> {
    let contents = |hash: Hash| kept.contents.get(&hash).cloned();
    let contents: &dyn Fn(Hash) -> Option<Vec<u8>> = &contents;
    let sources = AtHand { entries, contents };
    let mut from = Reader::new(&kept.bytes, &sources)?;
    let bound = Bound::read(&mut from)?;
    let ledgers: BTreeSet<Arc<str>> = federation.ledgers().cloned().collect();
    let held = bound.ledgers.iter().map(|(origin, (size, _))| {
        let root = federation.root_at(origin, *size);
        (origin.clone(), (*size, root))
    });
    let wanted = Bound {
        program: kept.program,
        founding: founding.identity(),
        own: own.clone(),
        ledgers: held.collect(),
        contested: federation.contested(),
    };
    // A root that is not there is none that fits.
    let is_held = bound.ledgers.values().all(|(_, root)| root.is_some());
    if bound != wanted || !is_held || !bound.ledgers.keys().eq(&ledgers) {
        return None;
    }
    let noted = Kept::read(&mut from)?;
    let wishes = Kept::read(&mut from)?;
    let beginning = Beginning::read(founding, &ledgers, &mut from)?;
    let sizes = beginning.sizes();
    let is_whole = bound
        .ledgers
        .iter()
        .all(|(origin, (size, _))| sizes.get(origin) == Some(size));
    (from.is_done() && is_whole).then_some(Begun {
        noted,
        wishes,
        beginning,
    })
}

impl<P: Shared> Node<P> {
    /// Returns what to keep so that this node starts quickly: how things stood at least `behind` entries ago, since entries
    /// that arrive late belong before the newest; `None` while there are not as many.
    ///
    /// # Cost
    ///
    /// A copy of where each entry stands.
    pub fn keep(&self, program: Hash, behind: usize) -> Option<Keeping<P>> {
        let beginning = self.history.beginning(behind)?;
        let sizes = beginning.sizes();
        let is_kept =
            |origin: &Arc<str>, index: u64| sizes.get(origin).is_some_and(|size| index < *size);
        let noted = self.noted.iter();
        let noted = noted.filter(|(origin, index)| is_kept(origin, *index));
        let ledgers = sizes.iter().map(|(origin, size)| {
            let root = self.federation.root_at(origin, *size);
            (origin.clone(), (*size, root))
        });
        let own_size = sizes.get(&self.own).copied().unwrap_or(0);
        Some(Keeping {
            bound: Bound {
                program,
                founding: self.founding.identity(),
                own: self.own.clone(),
                ledgers: ledgers.collect(),
                contested: self.federation.contested(),
            },
            founding: self.founding.clone(),
            noted: noted.cloned().collect(),
            wishes: self.wishes.recalled(own_size),
            beginning,
        })
    }

    /// Returns how many entries stood in what this node began from; 0 where it folded everything anew.
    pub fn begun_from(&self) -> u64 {
        self.begun_from
    }
}

impl<P: Shared> Keeping<P> {
    /// Writes it, reads it back, and compares; `contents` returns content beside the ledgers.
    ///
    /// # Errors
    ///
    /// Why it cannot be kept. The node goes on as before, and starts more slowly.
    pub fn write(&self, contents: &dyn Fn(Hash) -> Option<Vec<u8>>) -> Result<Vec<u8>, String> {
        let bytes = self.written()?;
        let entries = self.beginning.entries();
        let entries = &entries;
        let sources = AtHand { entries, contents };
        let again = self.read_back(&bytes, &sources);
        let again = again.ok_or_else(|| "it cannot be read back".to_owned())?;
        if again.written()? != bytes || !again.beginning.state().is_like(self.beginning.state()) {
            return Err("what is read back is another state".to_owned());
        }
        Ok(bytes)
    }

    fn written(&self) -> Result<Vec<u8>, String> {
        let mut to = Writer::default();
        self.bound.write(&mut to);
        self.noted.write(&mut to);
        self.wishes.write(&mut to);
        self.beginning.write(&mut to);
        to.finish()
    }

    fn read_back(&self, bytes: &[u8], sources: &dyn Sources) -> Option<Self> {
        let mut from = Reader::new(bytes, sources)?;
        let bound = Bound::read(&mut from)?;
        let noted = Kept::read(&mut from)?;
        let wishes = Kept::read(&mut from)?;
        let ledgers = bound.ledgers.keys().cloned().collect();
        let beginning = Beginning::read(&self.founding, &ledgers, &mut from)?;
        from.is_done().then_some(Self {
            bound,
            founding: self.founding.clone(),
            noted,
            wishes,
            beginning,
        })
    }
}
