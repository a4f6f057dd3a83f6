//! Operations: what someone wants to fly, as volumes, an activity and a responsible party.

use std::collections::{BTreeMap, BTreeSet};

use detente_spacetime::{Instant, Volume4D};

use crate::activity::Activity;
use crate::drawing::Drawing;
use crate::finding::{Problems, Provenance, quoted};
use crate::local_text::LocalText;
use crate::names::{ForceId, OperationId, ParticipantId, PartyId};

/// The most volumes of one operation; a long flight has dozens.
pub const OPERATION_VOLUMES_MAX: usize = 1_000;

/// A declared operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its id, shared by its volumes.
    pub id: OperationId,
    /// Name for people.
    pub name: Option<LocalText>,
    /// The party responsible.
    pub party: PartyId,
    /// The force that flies.
    pub force: ForceId,
    /// What it does.
    pub activity: Activity,
    /// Where, how high and when it flies; at least one.
    pub volumes: Vec<Volume4D>,
    /// The outlines as drawn, one for each volume.
    pub drawings: Vec<Drawing>,
    /// Participants that have consented.
    pub consents: BTreeSet<ParticipantId>,
    /// When it was notified to the other side, if it was.
    pub notified: Option<Instant>,
    /// Where its volumes were read, one for each.
    pub provenances: Vec<Provenance>,
}

impl Operation {
    /// Returns the start of its earliest volume.
    pub fn start(&self) -> Instant {
        self.volumes
            .iter()
            .map(|volume| volume.window.start())
            .min()
            .unwrap_or(Instant::MIN)
    }
}

/// One feature of an operation: a volume, and what the feature says of the operation.
#[derive(Clone, Debug)]
pub struct OperationPart {
    /// The operation it belongs to.
    pub id: OperationId,
    /// Name for people.
    pub name: Option<LocalText>,
    /// The party responsible.
    pub party: PartyId,
    /// The force that flies.
    pub force: ForceId,
    /// What the operation does.
    pub activity: Activity,
    /// The volume.
    pub volume: Volume4D,
    /// Its outline as drawn.
    pub drawing: Drawing,
    /// Consents, if the feature states them.
    pub consents: Option<BTreeSet<ParticipantId>>,
    /// The notice, if the feature states it.
    pub notified: Option<Instant>,
    /// Where it was read.
    pub provenance: Provenance,
}

/// Operations being put together from their volumes, in the order their first volumes appear.
#[derive(Debug, Default)]
pub struct Gathering {
    operations: Vec<Gathered>,
    known: BTreeMap<OperationId, usize>,
}

#[derive(Debug)]
struct Gathered {
    operation: Operation,
    consents: Option<BTreeSet<ParticipantId>>,
}

impl Gathering {
    /// Adds one volume; reports where it contradicts the operation's earlier volumes.
    pub fn add(&mut self, part: OperationPart, problems: &mut Problems) {
        let known = self
            .known
            .get(&part.id)
            .and_then(|index| self.operations.get_mut(*index));
        let Some(gathered) = known else {
            self.known.insert(part.id.clone(), self.operations.len());
            self.operations.push(Gathered::new(part));
            return;
        };
        gathered.add(part, problems);
    }

    /// Returns the operations, in the order of their first volumes.
    pub fn finish(self) -> Vec<Operation> {
        let complete = |gathered: Gathered| Operation {
            consents: gathered.consents.unwrap_or_default(),
            ..gathered.operation
        };
        self.operations.into_iter().map(complete).collect()
    }
}

impl Gathered {
    fn new(part: OperationPart) -> Self {
        let operation = Operation {
            id: part.id,
            name: part.name,
            party: part.party,
            force: part.force,
            activity: part.activity,
            volumes: vec![part.volume],
            drawings: vec![part.drawing],
            consents: BTreeSet::new(),
            notified: part.notified,
            provenances: vec![part.provenance],
        };
        Self {
            operation,
            consents: part.consents,
        }
    }

    fn add(&mut self, part: OperationPart, problems: &mut Problems) {
        let operation = &mut self.operation;
        let first = operation
            .provenances
            .first()
            .map_or(0, |place| place.start.line);
        let contradicts =
            |key: &str, differs: bool, problems: &mut Problems| {
                if differs {
                    let message = format!(
                        "this volume of {} names another `{key}` than the one in line {first}",
                        quoted(part.id.as_str()),
                    );
                    problems.error("contradicting_volumes", part.provenance.place(), message).help(
                    "volumes with the same `operation` are one operation: make them agree, or \
                     give this one its own id",
                );
                }
            };
        contradicts("party", operation.party != part.party, problems);
        contradicts("force", operation.force != part.force, problems);
        contradicts("activity", operation.activity != part.activity, problems);
        let both = |here: bool, there: bool| here && there;
        let consents = both(self.consents.is_some(), part.consents.is_some());
        contradicts(
            "consents",
            consents && self.consents != part.consents,
            problems,
        );
        let notified = both(operation.notified.is_some(), part.notified.is_some());
        contradicts(
            "notified",
            notified && operation.notified != part.notified,
            problems,
        );
        if operation.volumes.len() == OPERATION_VOLUMES_MAX {
            let message = format!(
                "{} has more than {OPERATION_VOLUMES_MAX} volumes",
                quoted(part.id.as_str()),
            );
            problems
                .error("too_many_volumes", part.provenance.place(), message)
                .help("draw fewer and larger volumes");
            return;
        }
        self.consents = self.consents.take().or(part.consents);
        operation.notified = operation.notified.or(part.notified);
        operation.name = operation.name.take().or(part.name);
        operation.volumes.push(part.volume);
        operation.drawings.push(part.drawing);
        operation.provenances.push(part.provenance);
    }
}
