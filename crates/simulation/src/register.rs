//! The simplest shared state that notices order: a register of notes, the last one counting.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::entry::Entry;
use detente_ledger::hash::Hash;
use detente_node::history::{Fold, Recorded};
use detente_node::kept::{Kept, Reader, Writer};
use detente_node::node::{Command, Draft, EntryFault, Shared};
use detente_spacetime::Instant;
use serde_json::{Map, Value, json};

use crate::Played;
use crate::chance::Chance;
use crate::script::Came;

/// Subjects written about.
const SUBJECTS: u64 = 6;
/// Kind of a note.
const NOTE_KIND: &str = "note";
/// Every so many-th value is refused, so that refusals happen too.
const REFUSED_EVERY: u64 = 7;

/// A register of notes.
#[derive(Clone, Debug)]
pub struct Register {
    notes: BTreeMap<String, u64>,
    /// Chain over everything applied, in its order.
    chain: Hash,
    applied: u64,
}

impl Fold for Register {
    type Act = Option<(String, u64)>;
    type Outcome = bool;

    fn read(
        &self,
        _origin: &Arc<str>,
        entry: &Entry,
        fault: Option<EntryFault>,
    ) -> Option<(String, u64)> {
        if fault.is_some() || entry.kind != NOTE_KIND {
            return None;
        }
        let subject = entry.body.get("subject")?.as_str()?.to_owned();
        Some((subject, entry.body.get("value")?.as_u64()?))
    }

    fn write_kept(&self, to: &mut Writer) {
        self.notes.write(to);
        self.chain.write(to);
        self.applied.write(to);
    }

    fn read_kept(&self, from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            notes: Kept::read(from)?,
            chain: Kept::read(from)?,
            applied: Kept::read(from)?,
        })
    }

    fn write_outcome(outcome: &bool, to: &mut Writer) {
        outcome.write(to);
    }

    fn read_outcome(from: &mut Reader<'_>) -> Option<bool> {
        Kept::read(from)
    }

    fn apply(&mut self, recorded: &Recorded<Self::Act>) -> bool {
        self.applied += 1;
        let at = recorded.at.micros().to_be_bytes();
        let index = recorded.index.to_be_bytes();
        let parts: [&[u8]; 4] = [
            self.chain.as_bytes(),
            recorded.origin.as_bytes(),
            &index,
            &at,
        ];
        self.chain = Hash::of_parts(&parts);
        let Some((subject, value)) = &recorded.act else {
            return false;
        };
        self.notes.insert(subject.clone(), *value) != Some(*value)
    }
}

impl Shared for Register {
    type Refusal = &'static str;

    fn draft(
        &self,
        _own: (&Arc<str>, u64),
        command: &Command,
        _now: Instant,
        _awareness: &AwarenessKey,
    ) -> Result<Draft, (&'static str, Option<Draft>)> {
        let draft = |kind: &str| Draft {
            author: command.author.clone(),
            kind: kind.to_owned(),
            body: command.body.clone(),
        };
        let value = command.body.get("value").and_then(Value::as_u64);
        match value {
            Some(value) if !value.is_multiple_of(REFUSED_EVERY) => Ok(draft(&command.kind)),
            _ => Err(("not this value", Some(draft("attempt_refused")))),
        }
    }
}

impl Played for Register {
    fn founding(_origins: &[String], is_odd: bool) -> Self {
        Self {
            notes: BTreeMap::new(),
            chain: Hash::of(if is_odd { b"odd" } else { b"even" }),
            applied: 0,
        }
    }

    fn wish(&self, chance: &mut Chance, own: &str) -> Option<Command> {
        let subject = format!("subject-{}", chance.below(SUBJECTS));
        let value = chance.below(1 << 20);
        Some(Command {
            author: format!("user of {own}"),
            kind: NOTE_KIND.to_owned(),
            body: Map::from_iter([
                ("subject".to_owned(), json!(subject)),
                ("value".to_owned(), json!(value)),
            ]),
        })
    }

    fn digest(&self) -> Hash {
        let mut parts: Vec<Vec<u8>> = vec![self.chain.as_bytes().to_vec()];
        for (subject, value) in &self.notes {
            parts.push(format!("{subject}={value}").into_bytes());
        }
        parts.push(self.applied.to_be_bytes().to_vec());
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        Hash::of_parts(&parts)
    }

    fn came(_: &bool) -> Came {
        Came::Effective(Vec::new())
    }

    fn rule(refusal: &&'static str) -> String {
        (*refusal).to_owned()
    }
}
