//! Logs and keys that the tests share.

use std::collections::BTreeMap;

use detente_ledger::bundle::push_entry;
use detente_ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use detente_ledger::hash::Hash;
use detente_ledger::tile::TilePath;
use detente_ledger::tree::Tree;
use detente_ledger::vkey::{KeyName, NoteSigner, SignatureType};

pub(crate) const ORIGIN: &str = "alpha.example/agreement-7";

pub(crate) fn log_key() -> NoteSigner {
    key(ORIGIN, SignatureType::Ed25519, 1)
}

pub(crate) fn witness_key() -> NoteSigner {
    key("bravo.example/witness", SignatureType::CosignatureV1, 2)
}

pub(crate) fn key(name: &str, kind: SignatureType, seed: u8) -> NoteSigner {
    NoteSigner::new(KeyName::parse(name).expect("name"), kind, &[seed; 32]).expect("key")
}

pub(crate) fn entry(index: u64) -> Vec<u8> {
    format!("{{\"entry\":{index}}}").into_bytes()
}

pub(crate) fn signed(size: u64, root: Hash) -> SignedCheckpoint {
    let head = Checkpoint::new(ORIGIN, size, root).expect("head");
    let mut note = head.to_note().expect("note");
    note.sign(&log_key());
    SignedCheckpoint::from_note(note).expect("checkpoint")
}

/// Writes the C2SP files of a log of these entries.
pub(crate) fn log_files(entries: &[Vec<u8>]) -> (BTreeMap<String, Vec<u8>>, SignedCheckpoint) {
    let mut files = BTreeMap::new();
    let mut tree = Tree::new();
    let mut tiles = Vec::new();
    for (chunk, index) in entries.chunks(256).zip(0..) {
        let mut bundle = Vec::new();
        for entry in chunk {
            push_entry(&mut bundle, entry).expect("fits");
            assert!(tree.push(Hash::leaf(entry), &mut tiles));
        }
        let path = TilePath::entries(index, chunk.len() as u64).expect("path");
        files.insert(path.to_string(), bundle);
    }
    for tile in tiles.into_iter().chain(tree.partial_tiles()) {
        files.insert(tile.path.to_string(), tile.bytes);
    }
    let checkpoint = signed(tree.size(), tree.root());
    files.insert("checkpoint".to_owned(), checkpoint.note().to_bytes());
    (files, checkpoint)
}

pub(crate) fn sample_log(size: u64) -> (BTreeMap<String, Vec<u8>>, SignedCheckpoint) {
    log_files(&(0..size).map(entry).collect::<Vec<_>>())
}
