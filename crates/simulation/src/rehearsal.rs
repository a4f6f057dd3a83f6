//! A scenario in the simulated world: its participants, its articles, its acts or its operations.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_node::node::Command;
use detente_node::picture::{Dossier, Founding, Holder, Picture, ReadDossier, Standing};
use detente_records::HolderId;
use detente_spacetime::{Instant, Span};
use serde_json::{Value, json};

use crate::air::{about, command, flown_unclear, identity};
use crate::cast::Cast;
use crate::chance::Chance;
use crate::report::Report;
use crate::script::Script;
use crate::world::{Conditions, World};

/// How long proposals of a rehearsal stay open.
const OPEN_S: i64 = 12 * 3600;

/// How often the same plan may be put forward.
const REPEATED: u64 = 1_000;

/// What is rehearsed where nobody wrote down who does what: operations, proposed by chance.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The text in force from the beginning, without declared operations.
    pub dossier: Dossier,
    /// Who signs; each gets a node of its own.
    pub participants: Vec<HolderId>,
    /// Operations that may be proposed: id, party, features of the exchange profile.
    pub operations: Vec<(String, String, Vec<Value>)>,
    /// When it begins.
    pub begins: Instant,
}

/// What is rehearsed where every act is written down.
#[derive(Clone, Debug)]
pub struct Telling {
    /// Who keeps a ledger, in the order in which the script's lines name them.
    pub holders: Vec<Holder>,
    /// Reads the dossier that is tabled.
    pub read_dossier: ReadDossier,
    /// The acts, and the dossier as a blob of whoever tables it.
    pub script: Script,
}

/// Plays a scenario: its participants and one observer who notifies, with users who propose its
/// operations, consent, activate and stop by chance, in a world that goes wrong as the seed says.
///
/// # Errors
///
/// A description of what could not be set up.
pub fn rehearse(scenario: &Scenario, seed: u64) -> Result<Report, String> {
    let conditions = conditions(scenario.participants.len() + 1, seed, scenario.begins);
    let (cast, played) = (scenario.clone(), scenario.clone());
    let cast = Cast::new(
        Box::new(move |origins: &[String], _| founding(&cast, origins)),
        Box::new(move |picture: &Picture, chance: &mut Chance, own: &str| {
            wish(&played, picture, chance, own)
        }),
    );
    let cast = Cast {
        breaches: Box::new(flown_unclear),
        ..cast
    };
    Ok(World::with(conditions, cast)?.play())
}

/// Tells a scenario's acts in a world that goes wrong as the seed says; `watch` hears how many of how
/// many were told.
///
/// # Errors
///
/// A description of what could not be set up.
pub fn rehearse_telling(
    telling: &Telling,
    seed: u64,
    watch: &mut dyn FnMut(usize, usize),
) -> Result<Report, String> {
    let lines = &telling.script.lines;
    let begins = lines.first().map_or(Instant::MIN, |line| line.at);
    let holders = telling.holders.clone();
    let read_dossier = telling.read_dossier;
    let founding = move |origins: &[String], _: bool| {
        let origins = origins.iter().map(|origin| Arc::from(origin.as_str()));
        let holders = origins.zip(holders.iter().cloned()).collect();
        let founding = Founding {
            holders,
            dossier: None,
        };
        Picture::new(founding).reading_with(read_dossier)
    };
    let cast = Cast {
        breaches: Box::new(flown_unclear),
        script: Some(telling.script.clone()),
        ..Cast::new(Box::new(founding), Box::new(|_, _, _| None))
    };
    let conditions = conditions(telling.holders.len(), seed, begins);
    Ok(World::with(conditions, cast)?.play_watched(watch))
}

/// Nobody lies in a rehearsal: what a scenario expects of somebody who does is not written down.
fn conditions(parties: usize, seed: u64, begins: Instant) -> Conditions {
    Conditions {
        parties,
        is_equivocating: false,
        is_flooding: false,
        begins_us: begins.micros(),
        ..Conditions::any(seed)
    }
}

fn founding(scenario: &Scenario, origins: &[String]) -> Picture {
    let observer = HolderId::parse("observer").ok();
    let ids = scenario.participants.iter().cloned();
    let standings = ids
        .map(|id| (id, Standing::Participant))
        .chain(observer.map(|id| {
            let standing = Standing::Observer {
                notifier: true,
                monitor: true,
            };
            (id, standing)
        }));
    let holders: BTreeMap<Arc<str>, Holder> = origins
        .iter()
        .zip(standings)
        .map(|(origin, (id, standing))| {
            (
                Arc::from(origin.as_str()),
                Holder {
                    id,
                    identity: identity(origin),
                    standing,
                },
            )
        })
        .collect();
    Picture::new(Founding {
        holders,
        dossier: Some(Arc::new(scenario.dossier.clone())),
    })
}

fn wish(scenario: &Scenario, picture: &Picture, chance: &mut Chance, own: &str) -> Option<Command> {
    let holder = picture.holders().get(own)?;
    let is_participant = holder.standing == Standing::Participant;
    match chance.below(10) {
        0..=4 if is_participant => {
            let agreement = picture.agreement()?;
            let own: Vec<_> = scenario
                .operations
                .iter()
                .filter(|(_, party, _)| {
                    let party = detente_records::PartyId::parse(party).ok();
                    let answerable = party.and_then(|party| agreement.answerable(&party).cloned());
                    answerable.is_some_and(|it| it.as_str() == holder.id.as_str())
                })
                .collect();
            let (id, _, features) = chance.pick(&own)?;
            // The same plan may be put forward again: each time as an operation of its own.
            let id = format!("{id}-{}", chance.below(REPEATED));
            let features: Vec<Value> = features
                .iter()
                .enumerate()
                .map(|(number, feature)| {
                    let mut feature = feature.clone();
                    feature["properties"]["id"] = json!(format!("{id}-volume-{number}"));
                    feature["properties"]["operation"] = json!(id);
                    feature
                })
                .collect();
            let expires = scenario.begins.plus(Span::from_seconds(OPEN_S)?)?;
            let body = json!({
                "features": features, "version": 1,
                "expires": expires.to_string(), "process_class": "deliberate",
            });
            Some(command("operation_proposed", "planner", &id, body))
        }
        5..=6 => about(picture, chance, "operation_consented", "consenter"),
        7..=8 => about(picture, chance, "operation_activated", "watch_officer"),
        _ => about(picture, chance, "operation_stopped", "watch_officer"),
    }
}
