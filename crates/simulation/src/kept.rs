//! A start from what was kept, held against one that folds everything anew.

use std::collections::VecDeque;

use detente_ledger::hash::Hash;
use detente_ledger::storage::Storage;
use detente_ledger::storage::memory::MemoryDisk;
use detente_node::effect::Errand;
use detente_node::node::{Effect, Input, Node};
use detente_spacetime::Instant;

use crate::Played;

/// What stands for the hash of a program.
pub(crate) fn program() -> Hash {
    Hash::of(b"the program of a made-up world")
}

/// What a power loss may leave of a file that is not needed.
pub(crate) fn torn(mut kept: Vec<u8>, seed: u64) -> Vec<u8> {
    let place = usize::try_from(seed).unwrap_or(0) % kept.len().max(1);
    match seed % 3 {
        0 => kept.truncate(place),
        1 => kept
            .iter_mut()
            .skip(place)
            .take(1)
            .for_each(|byte| *byte ^= 1),
        _ => {}
    }
    kept
}

/// Says in what a node that began from what was kept differs from one that folded everything anew.
pub(crate) fn difference<P: Played>(anew: &Node<P>, node: &Node<P>) -> Option<&'static str> {
    let outcomes = |node: &Node<P>| -> Vec<Option<P::Outcome>> {
        let places = 0..node.history().order().len();
        places
            .map(|place| node.history().outcome(place).cloned())
            .collect()
    };
    if anew.history().order() != node.history().order() {
        Some("another order")
    } else if outcomes(anew) != outcomes(node) {
        Some("other outcomes")
    } else if anew.picture().digest() != node.picture().digest() {
        Some("another state")
    } else if !anew.wanted_blobs().eq(node.wanted_blobs()) {
        Some("other content is wanted")
    } else if anew.missing() != node.missing() {
        Some("other entries wait")
    } else {
        None
    }
}

/// Reads the contents that entries wait for before anything else happens, so that two nodes can be compared; returns what
/// else is to be done.
pub(crate) fn read_contents<P: Played>(
    node: &mut Node<P>,
    effects: Vec<Effect<P>>,
    rest: &MemoryDisk,
    now: Instant,
) -> Vec<Effect<P>> {
    let mut effects = VecDeque::from(effects);
    let mut others = Vec::new();
    while let Some(effect) = effects.pop_front() {
        let Effect::Run(Errand::ReadBlob { hash }) = effect else {
            others.push(effect);
            continue;
        };
        let bytes = rest.read(&format!("blob/{}", hash.to_hex()));
        let bytes = bytes.ok().flatten();
        effects.extend(node.handle(now, Input::BlobRead { hash, bytes }));
    }
    others
}
