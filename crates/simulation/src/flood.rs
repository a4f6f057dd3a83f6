//! What a peer throws at others to fill or stall them.

use std::sync::Arc;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::checkpoint::Checkpoint;
use detente_ledger::entry::Entry;
use detente_ledger::hash::Hash;
use detente_node::federation::{Answer, Ask, Message, Notice};
use serde_json::Map;

use crate::chance::Chance;

/// Returns entries that say nothing, lie about the time, or name a past that nobody has.
pub(crate) fn entries(chance: &mut Chance, count: usize, others: &[Arc<str>]) -> Vec<Vec<u8>> {
    (0..count)
        .map(|_| {
            let noise = chance.bits();
            match chance.below(4) {
                0 => noise.to_be_bytes().to_vec(),
                1 => format!("{{\"detente\":1,\"kind\":\"{noise}\"}}").into_bytes(),
                2 => entry(chance, "9999-12-31T23:59:59Z", None),
                _ => {
                    let cited = chance.pick(others).cloned();
                    entry(chance, "2016-09-12T00:00:00Z", cited.as_deref())
                }
            }
        })
        .collect()
}

fn entry(chance: &mut Chance, written_at: &str, cited: Option<&str>) -> Vec<u8> {
    let root = Hash::of(&chance.bits().to_be_bytes());
    let seen = cited.and_then(|cited| Checkpoint::new(cited, chance.below(1 << 40), root).ok());
    let entry = Entry {
        kind: "note".to_owned(),
        author: "flood".to_owned(),
        written_at: written_at.to_owned(),
        salt: chance.bits().to_be_bytes().repeat(2),
        awareness: AwarenessKey::of(&seen),
        unit_key: None,
        body: Map::new(),
    };
    entry.to_bytes().unwrap_or_default()
}

/// Returns a message that asks for much or answers nothing.
pub(crate) fn message(chance: &mut Chance, others: &[Arc<str>]) -> Message {
    let exchange = chance.below(100);
    let origin: Arc<str> = chance
        .pick(others)
        .cloned()
        .unwrap_or_else(|| Arc::from("x"));
    let root = Hash::of(b"flood");
    let answer = |answer| Message::Answer { exchange, answer };
    match chance.below(6) {
        0 => Message::Ask {
            exchange,
            ask: Ask::Heads {
                known: Vec::new(),
                wait: false,
            },
        },
        1 => Message::Ask {
            exchange,
            ask: Ask::Proof {
                origin,
                old: chance.bits(),
                size: chance.bits(),
                root,
            },
        },
        2 => answer(Answer::Blob(vec![0; 1000])),
        3 => answer(Answer::Entries {
            entries: vec![vec![1; 100]; 10],
            proof: vec![root; 70],
        }),
        4 => Message::Notice(Notice::Fork(b"detente/fork@v1\nroot x\n".to_vec())),
        _ => Message::Ask {
            exchange,
            ask: Ask::Keys { origin, after: 0 },
        },
    }
}
