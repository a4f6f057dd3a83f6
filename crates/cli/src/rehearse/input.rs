//! What is rehearsed: the acts of a timeline, or the operations of a dossier.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use detente_formats::timeline::TIMELINE_BYTES_MAX;
use detente_formats::{Expected, Timeline};
use detente_ledger::hash::Hash;
use detente_node::node::Command;
use detente_node::picture::{self, Holder};
use detente_records::act::Digest;
use detente_records::{Agreement, HolderId};
use detente_server::house::{bundle, standing};
use detente_simulation::{Line, Scenario, Script, Telling};
use detente_spacetime::Span;
use serde_json::{Value, json};

use crate::diagnostics::{refuse, remark};
use crate::dossier::{self, Ready};
use crate::failure::{Failure, FailureKind};
use crate::file;
use crate::printer::Printer;
use crate::timeline::{Step, Told};

/// The timeline of a scenario.
const TIMELINE: &str = "timeline.toml";
/// The operations of a dossier.
const OPERATIONS: &str = "operations.geojson";
/// A rehearsal by chance begins this long before the first operation, so that some are flown in it.
const BEFORE_S: i64 = 120;

/// What is rehearsed.
#[derive(Debug)]
pub(super) enum Rehearsed {
    /// A timeline.
    Told(Box<Telling>),
    /// Operations, proposed by chance.
    ByChance(Box<Scenario>),
}

impl Rehearsed {
    /// Returns how many steps one world takes, for the progress line.
    pub(super) fn steps(&self) -> u64 {
        match self {
            Self::Told(telling) => telling.script.lines.len() as u64,
            Self::ByChance(_) => 1,
        }
    }
}

/// Reads the scenario; every problem of every file is reported before giving up.
pub(super) fn read(folder: &Path, json: bool, printer: &mut Printer) -> Result<Rehearsed, Failure> {
    let ready = dossier::ready(folder, json, printer)?;
    let path = folder.join(TIMELINE);
    let is_told = path
        .try_exists()
        .map_err(|error| Failure::unreadable(&path, error))?;
    match is_told {
        true => {
            let timeline = read_timeline(&path, ready, json, printer)?;
            telling(&timeline, folder).map(|telling| Rehearsed::Told(Box::new(telling)))
        }
        false => by_chance(ready, folder).map(|scenario| Rehearsed::ByChance(Box::new(scenario))),
    }
}

fn read_timeline(
    path: &Path,
    ready: Ready,
    json: bool,
    printer: &mut Printer,
) -> Result<Timeline, Failure> {
    let mut bytes = Vec::new();
    // One byte more than is read: the reader says that the file is too large.
    let most = TIMELINE_BYTES_MAX as u64 + 1;
    file::open(path)?
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::unreadable(path, error))?;
    let mut documents = ready.documents;
    let shown = path.display().to_string();
    documents.add(&shown, path.to_owned());
    let (timeline, problems) = Timeline::parse(&shown, &bytes);
    match timeline {
        Some(timeline) if !problems.has_errors() => {
            remark(&problems, &documents, printer);
            Ok(timeline)
        }
        _ => {
            refuse(&problems, &documents, json, printer)?;
            Err(invalid("the timeline is invalid"))
        }
    }
}

fn telling(timeline: &Timeline, folder: &Path) -> Result<Telling, Failure> {
    let told = Told::of(timeline, &|name| std::fs::read(folder.join(name)).ok())
        .map_err(|error| Failure::new(FailureKind::InvalidInput, error))?;
    let dossier = bundle::read(&told.bundle)
        .ok_or_else(|| invalid("the files that are tabled are no dossier by themselves"))?;
    let ids: BTreeSet<&str> = told.steps.iter().map(|step| step.node.as_str()).collect();
    let holders: Vec<Holder> = ids
        .iter()
        .map(|id| holder(dossier.agreement(), id))
        .collect::<Result<_, _>>()?;
    let party = |id: &str| ids.iter().position(|known| *known == id).unwrap_or(0);
    let lines = told.steps.iter().map(|step| line(step, party(&step.node)));
    let tabled_by = told
        .steps
        .iter()
        .filter(|step| step.kind == "agreement_tabled")
        .map(|step| (party(&step.node), told.bundle.clone()));
    Ok(Telling {
        script: Script {
            lines: lines.collect(),
            blobs: tabled_by.collect(),
        },
        holders,
        read_dossier: bundle::read,
    })
}

fn holder(agreement: &Agreement, id: &str) -> Result<Holder, Failure> {
    let unknown = || {
        invalid(&format!(
            "the agreement names nobody `{id}` who keeps a ledger"
        ))
    };
    Ok(Holder {
        id: HolderId::parse(id).map_err(|_| unknown())?,
        // In a rehearsal nobody has keys before the world is made: the name stands for them.
        identity: Digest::new(*Hash::of(id.as_bytes()).as_bytes()),
        standing: standing(agreement, id).ok_or_else(unknown)?,
    })
}

fn line(step: &Step, party: usize) -> Line {
    let mut body = serde_json::Map::new();
    body.insert("subject".to_owned(), json!(step.subject));
    body.insert("role".to_owned(), json!(step.role));
    body.extend(step.body.clone());
    Line {
        at: step.at,
        party,
        command: Command {
            author: step.user.clone(),
            kind: step.kind.clone(),
            body,
        },
        expected: match &step.expected {
            Expected::Accepted { state } => detente_simulation::Expected::Effective(state.clone()),
            Expected::Refused { rule } => detente_simulation::Expected::Refused(rule.clone()),
        },
    }
}

/// Makes a scenario whose operations are proposed by chance.
fn by_chance(ready: Ready, folder: &Path) -> Result<Scenario, Failure> {
    let operations = operations(folder)?;
    let dossier = ready.dossier;
    let starts = dossier
        .operations
        .iter()
        .flat_map(|operation| &operation.volumes)
        .map(|volume| volume.window.start());
    let begins = starts
        .min()
        .and_then(|start| start.plus(Span::from_seconds(-BEFORE_S)?))
        .ok_or_else(|| {
            invalid("there is nothing to rehearse: no timeline.toml and no operations")
        })?;
    let participants = dossier.agreement.participants.keys();
    let participants = participants.filter_map(|id| HolderId::parse(id.as_str()).ok());
    Ok(Scenario {
        participants: participants.collect(),
        operations,
        begins,
        dossier: picture::Dossier {
            sha256: dossier.content.sha256(),
            rulebook: Arc::new(ready.rulebook),
            areas: dossier.areas,
            protected: dossier.protected,
            movements: dossier.movements,
            operations: Vec::new(),
            concerns: dossier.concerns,
        },
    })
}

/// Returns the features of each operation, without what only an act may say.
fn operations(folder: &Path) -> Result<Vec<(String, String, Vec<Value>)>, Failure> {
    let path = folder.join(OPERATIONS);
    let bytes = std::fs::read(&path).unwrap_or_default();
    let collection: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let mut operations: BTreeMap<(String, String), Vec<Value>> = BTreeMap::new();
    for feature in collection["features"].as_array().into_iter().flatten() {
        let mut feature = feature.clone();
        let text = |name: &str| feature["properties"][name].as_str().map(str::to_owned);
        let (Some(id), Some(party)) = (text("operation").or_else(|| text("id")), text("party"))
        else {
            continue;
        };
        if let Some(properties) = feature["properties"].as_object_mut() {
            for stated_by_acts in ["consents", "notified"] {
                properties.shift_remove(stated_by_acts);
            }
        }
        operations.entry((id, party)).or_default().push(feature);
    }
    let operations = operations.into_iter();
    Ok(operations
        .map(|((id, party), features)| (id, party, features))
        .collect())
}

fn invalid(message: &str) -> Failure {
    Failure::new(FailureKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use detente_spacetime::Instant;

    use super::*;

    #[test]
    fn the_scenario_of_2016_is_told_by_three_holders() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/syria-2016");
        let bytes = std::fs::read(folder.join(TIMELINE)).unwrap();
        let (timeline, problems) = Timeline::parse(TIMELINE, &bytes);
        assert!(problems.is_empty(), "{problems}");
        let telling = telling(&timeline.unwrap(), &folder).unwrap();
        assert_eq!(telling.holders.len(), 3);
        assert!(
            telling
                .script
                .lines
                .iter()
                .all(|line| line.at > Instant::MIN)
        );
        assert_eq!(telling.script.blobs.len(), 1);
    }
}
