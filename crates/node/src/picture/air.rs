//! Everything an operation can meet, version by version, with the entry each version came by.

use std::collections::BTreeSet;
use std::sync::Arc;

use detente_agreement::{AwarenessKey as ReadKey, Judgement, Rulebook};
use detente_deconfliction::Scratch;
use detente_ledger::awareness::AwarenessKey;
use detente_persistent::Map;
use detente_records::names::NAME_BYTES_MAX;
use detente_records::{
    Area, AreaId, HumanitarianMovement, MovementId, ObjectId, Operation, OperationId, Parameters,
    ParticipantId, ProtectedObject,
};
use detente_spacetime::Instant;

use crate::judge::{Bearing, Court, Subject, Things};

/// One thing an operation meets, by kind and id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Met {
    /// `protected_object`, `humanitarian_movement`, `area` or `operation`.
    pub kind: &'static str,
    /// Its id; a version that stands beside another carries its number.
    pub id: String,
}

/// The entry by which a version of a thing is on record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The ledger.
    pub origin: Arc<str>,
    /// The index in it.
    pub index: u64,
}

/// What is asked about an operation.
#[derive(Clone, Debug)]
pub(super) struct Question<'a> {
    pub(super) declared: &'a Operation,
    /// Its place in the order of proposals: who comes later yields to who was there before.
    pub(super) turn: u64,
    pub(super) notified: Instant,
    pub(super) consents: BTreeSet<ParticipantId>,
}

/// The answer to one operation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) judgement: Judgement,
    pub(super) met: BTreeSet<Met>,
}

/// Everything that can be met.
#[derive(Clone, Debug)]
pub(super) struct Air {
    pub(super) things: Things,
    pub(super) sources: Map<Met, Source>,
    pub(super) turns: Map<OperationId, u64>,
}

/// The name under which a version stands beside the version before it.
///
/// A name too long to carry the number loses its end.
pub(super) fn beside(id: &str, version: u32) -> String {
    let suffix = format!(" v{version}");
    let room = NAME_BYTES_MAX.saturating_sub(suffix.len());
    let mut kept = id.len().min(room);
    while !id.is_char_boundary(kept) {
        kept -= 1;
    }
    format!("{}{suffix}", id.get(..kept).unwrap_or_default())
}

impl Met {
    fn new(kind: &'static str, id: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.into(),
        }
    }
}

impl Air {
    pub(super) fn new(parameters: &Parameters) -> Self {
        Self {
            things: Things::new(parameters),
            sources: Map::new(),
            turns: Map::new(),
        }
    }

    /// The same things under other parameters.
    pub(super) fn under(&self, parameters: &Parameters) -> Self {
        let mut things = Things::new(parameters);
        things.extend(
            self.things.areas().cloned(),
            self.things.protected().map(|(object, _)| object.clone()),
            self.things.movements().cloned(),
            self.things.operations().cloned(),
        );
        for area in self.things.restraining() {
            things.set_opens(area, false);
        }
        Self {
            things,
            sources: self.sources.clone(),
            turns: self.turns.clone(),
        }
    }

    pub(super) fn things(&self) -> &Things {
        &self.things
    }

    /// The entry the current version of a thing came by.
    pub(super) fn source_of(&self, kind: &'static str, id: &str) -> Option<Source> {
        self.sources.get(&Met::new(kind, id)).cloned()
    }

    pub(super) fn put_area(&mut self, area: Area, source: Option<Source>) {
        self.note(Met::new("area", area.id.as_str()), source);
        self.things.insert_area(area);
    }

    /// Says whether being in an area may open anything.
    pub(super) fn set_opens(&mut self, id: &AreaId, opens: bool) {
        self.things.set_opens(id, opens);
    }

    pub(super) fn take_area(&mut self, id: &str) {
        self.sources.remove(&Met::new("area", id));
        if let Ok(id) = AreaId::parse(id) {
            self.things.remove_area(&id);
        }
    }

    pub(super) fn put_object(&mut self, object: ProtectedObject, source: Option<Source>) {
        self.note(Met::new("protected_object", object.id.as_str()), source);
        self.things.insert_protected(object);
    }

    pub(super) fn take_object(&mut self, id: &str) {
        self.sources.remove(&Met::new("protected_object", id));
        if let Ok(id) = ObjectId::parse(id) {
            self.things.remove_protected(&id);
        }
    }

    pub(super) fn put_movement(&mut self, movement: HumanitarianMovement, source: Option<Source>) {
        self.note(
            Met::new("humanitarian_movement", movement.id.as_str()),
            source,
        );
        self.things.insert_movement(movement);
    }

    pub(super) fn take_movement(&mut self, id: &str) {
        self.sources.remove(&Met::new("humanitarian_movement", id));
        if let Ok(id) = MovementId::parse(id) {
            self.things.remove_movement(&id);
        }
    }

    pub(super) fn put_operation(&mut self, operation: Operation, turn: u64) {
        self.turns.insert(operation.id.clone(), turn);
        self.things.insert_operation(operation);
    }

    pub(super) fn take_operation(&mut self, id: &OperationId) {
        self.turns.remove(id);
        self.things.remove_operation(id);
    }

    /// Judges an operation against everything that was there before it.
    ///
    /// That its proposer had seen what it meets is asked before, with [`Air::unseen`].
    pub(super) fn judge(&self, rulebook: &Rulebook, question: &Question<'_>) -> Answer {
        let court = Court {
            rulebook,
            things: &self.things,
        };
        let mut contacts = court.contacts(question.declared, &mut Scratch::default());
        contacts.retain(|contact| self.comes_before(contact.subject, question.turn));
        let met = contacts
            .iter()
            .filter_map(|contact| self.met(&court, contact.subject))
            .collect();
        let bearing = Bearing {
            notified: Some(question.notified),
            consents: question.consents.clone(),
            awareness: Some(ReadKey([0; 32])),
        };
        Answer {
            judgement: court.judge(question.declared, &bearing, &contacts),
            met,
        }
    }

    /// The restraints among `met` whose current version an author had not seen: written in another ledger and not covered by
    /// its awareness key.
    pub(super) fn unseen(
        &self,
        met: &BTreeSet<Met>,
        awareness: &AwarenessKey,
        own: &str,
    ) -> Vec<Met> {
        let unseen = met.iter().filter(|met| {
            self.sources.get(*met).is_some_and(|source| {
                source.origin.as_ref() != own && !awareness.covers(&source.origin, source.index)
            })
        });
        unseen.cloned().collect()
    }

    fn note(&mut self, met: Met, source: Option<Source>) {
        match source {
            Some(source) => self.sources.insert(met, source),
            None => self.sources.remove(&met),
        };
    }

    fn comes_before(&self, subject: Subject, turn: u64) -> bool {
        let Subject::Operation(slot) = subject else {
            return true;
        };
        let other = self.things.operation(slot);
        other.is_some_and(|other| {
            self.turns
                .get(&other.id)
                .is_none_or(|before| *before < turn)
        })
    }

    fn met(&self, court: &Court<'_>, subject: Subject) -> Option<Met> {
        let kind = match subject {
            Subject::ProtectedObject(_) => "protected_object",
            Subject::Movement(_) => "humanitarian_movement",
            Subject::Area(_) => "area",
            Subject::Operation(_) => "operation",
        };
        Some(Met::new(kind, court.id_of(subject)?))
    }
}
