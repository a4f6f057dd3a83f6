//! What is kept between two runs never shows: whatever was said so far, a picture that was written and read back is the same,
//! and goes on the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::checkpoint::Checkpoint;
use detente_ledger::hash::Hash;
use detente_ledger::tree::Tree;
use detente_node::history::{Beginning, Fold, History};
use detente_node::kept::{Reader, Sources, Writer};
use detente_node::picture::Picture;
use detente_node::replay::{LedgerEntries, replay};

use crate::world::World;

/// The bytes of ledgers.
#[derive(Debug, Default)]
struct Held(BTreeMap<String, Vec<Vec<u8>>>);

impl Sources for Held {
    fn entry(&self, origin: &str, index: u64) -> Option<Arc<[u8]>> {
        let entry = self.0.get(origin)?.get(usize::try_from(index).ok()?)?;
        Some(Arc::from(entry.as_slice()))
    }

    fn content(&self, _hash: Hash) -> Option<Vec<u8>> {
        None
    }
}

/// Writes everything said so far into ledgers, whose roots the entries name truly.
fn ledgers(world: &World) -> Held {
    let mut held = Held::default();
    let mut trees: BTreeMap<String, (Tree, Vec<Hash>)> = BTreeMap::new();
    for recorded in &world.said {
        let seen: Vec<Checkpoint> = recorded
            .entry
            .awareness
            .ledgers()
            .filter_map(|(origin, seen)| {
                let size = usize::try_from(seen.size).unwrap();
                let root = trees.get(origin)?.1.get(size.checked_sub(1)?)?;
                Some(Checkpoint::new(origin, seen.size, *root).unwrap())
            })
            .collect();
        let mut entry = (*recorded.entry).clone();
        entry.awareness = AwarenessKey::of(&seen);
        let bytes = entry.to_bytes().unwrap();
        let (tree, roots) = trees
            .entry(recorded.origin.to_string())
            .or_insert_with(|| (Tree::new(), Vec::new()));
        assert!(tree.push(Hash::leaf(&bytes), &mut Vec::new()));
        roots.push(tree.root());
        let ledger = held.0.entry(recorded.origin.to_string()).or_default();
        ledger.push(bytes);
    }
    held
}

fn written(beginning: &Beginning<Picture>) -> Vec<u8> {
    let mut to = Writer::default();
    beginning.write(&mut to);
    to.finish().unwrap()
}

/// Keeps a part of what was said, reads it back, and lets the rest be said again.
pub(crate) fn goes_on_alike(world: &World) {
    if world.said.iter().any(|it| it.act.dossier.is_some()) {
        // A text that was tabled without its content cannot be read back.
        return;
    }
    let held = ledgers(world);
    let origins: Vec<Arc<str>> = world.founding.holders().keys().cloned().collect();
    let entries: Vec<LedgerEntries> = origins
        .iter()
        .map(|origin| LedgerEntries {
            origin: origin.clone(),
            entries: held.0.get(&**origin).cloned().unwrap_or_default(),
        })
        .collect();
    let history: History<Picture> = replay(world.founding.clone(), &entries, &|_| None).history;
    let said = history.order().len();
    assert_eq!(said, world.said.len(), "everything is placed");
    for behind in [0, said / 2] {
        let Some(beginning) = history.beginning(behind) else {
            continue;
        };
        let bytes = written(&beginning);
        let mut from = Reader::new(&bytes, &held).unwrap();
        let ledgers = origins.iter().cloned().collect();
        let again = Beginning::read(&world.founding, &ledgers, &mut from).unwrap();
        assert!(from.is_done());
        assert_eq!(written(&again), bytes, "it is written the same again");
        assert!(again.state().is_like(beginning.state()));
        let mut state = again.state().clone();
        for position in said - behind..said {
            let recorded = history.recorded(position).unwrap();
            let outcome = state.apply(&recorded);
            assert_eq!(Some(&outcome), history.outcome(position));
        }
        assert_eq!(state.digest(), history.state().digest());
    }
}

#[test]
fn bytes_that_are_not_whole_are_never_read() {
    let mut world = World::new();
    for number in 0..8 {
        let line = format!("line-{number}");
        let body = serde_json::json!({"office": "Desk", "until": "2016-09-14T00:00:00Z"});
        world.does("US:anna", "watch_officer", "watch_taken", &line, body);
    }
    let held = ledgers(&world);
    let entries: Vec<LedgerEntries> = held
        .0
        .iter()
        .map(|(origin, entries)| LedgerEntries {
            origin: Arc::from(origin.as_str()),
            entries: entries.clone(),
        })
        .collect();
    let history = replay(world.founding.clone(), &entries, &|_| None).history;
    let bytes = written(&history.beginning(0).unwrap());
    let ledgers = held
        .0
        .keys()
        .map(|origin| Arc::from(origin.as_str()))
        .collect();
    let read = |bytes: &[u8]| {
        let mut from = Reader::new(bytes, &held)?;
        Beginning::<Picture>::read(&world.founding, &ledgers, &mut from)
    };
    assert!(read(&bytes).is_some());
    for length in 0..bytes.len() {
        assert!(read(&bytes[..length]).is_none());
    }
    let format = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for place in format + 32..bytes.len() {
        let mut other = bytes.clone();
        other[place] ^= 1 << (place % 8);
        assert!(read(&other).is_none(), "its hash does not hold");
        // Nor do odd bytes whose hash holds make it stop.
        let hash = Hash::of(&other[format + 32..]);
        other[format..format + 32].copy_from_slice(hash.as_bytes());
        let _ = read(&other);
    }
}
