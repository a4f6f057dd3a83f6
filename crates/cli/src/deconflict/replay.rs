//! A session brought to where its folder says it is.

use std::path::Path;

use detente_formats::geojson::read_volumes;
use detente_sharing::private_check::{
    Collision, Commitment, Complaint, Disclosure, Leg, Message, Outcome, ProtocolFault, Sent,
    Session, Step, Terms, audit as audited, collisions,
};
use detente_spacetime::VerticalAssumptions;

use super::folder::{By, Folder, SAID_BYTES_MAX};
use crate::diagnostics::{Documents, refuse, remark};
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;

/// A session and what was learnt in it.
#[derive(Debug)]
pub(super) struct Replayed {
    session: Session,
    bound: bool,
    outcome: Option<Outcome>,
    consented: bool,
    names: Vec<String>,
    legs: Vec<Leg>,
}

/// Plans as they stand in a file: in whole numbers, and by name.
#[derive(Debug)]
pub(super) struct Plans {
    pub(super) legs: Vec<Leg>,
    names: Vec<String>,
}

/// Why something that came is not the next thing to come.
#[derive(Debug, thiserror::Error)]
pub(super) enum TakeFault {
    /// It is larger than anything that can be said.
    #[error("it is larger than any message")]
    TooLarge,
    /// The first thing to come is a commitment.
    #[error("the first thing to come is the other side's commitment, and this is none")]
    NoCommitment,
    /// Not a message at all.
    #[error(transparent)]
    Message(#[from] detente_sharing::private_check::message::MessageFault),
    /// Not the message that comes next.
    #[error(transparent)]
    Protocol(#[from] ProtocolFault),
}

impl Replayed {
    /// Replays what the folder holds.
    pub(super) fn of(folder: &Folder) -> Result<Self, Failure> {
        let path = folder.plans_path();
        let (plans, _) = read(&path, &folder.plans, &mut Documents::default());
        if plans.names.len() != folder.legs.len() {
            let message = format!("{}: the plans are not those of the session", path.display());
            return Err(Failure::new(FailureKind::InvalidInput, message));
        }
        let legs = folder.legs.iter().map(|leg| vec![leg.clone()]).collect();
        let session = Session::open(folder.role, folder.terms.clone(), legs, folder.seed);
        let session = session.map_err(|fault| Failure::new(FailureKind::InvalidInput, fault))?;
        let mut replayed = Self {
            session,
            bound: false,
            outcome: None,
            consented: false,
            names: plans.names,
            legs: folder.legs.clone(),
        };
        let broken = |position: usize, why: String| {
            Failure::new(
                FailureKind::Verification,
                format!("message {position} of the session: {why}"),
            )
        };
        for (position, said) in folder.spoken().iter().enumerate() {
            match said.by {
                By::Them => {
                    replayed
                        .take(&said.bytes)
                        .map_err(|fault| broken(position, fault.to_string()))?;
                }
                By::Us if said.bytes == Message::Consent.to_bytes() => {
                    replayed
                        .consent()
                        .map_err(|fault| broken(position, fault.to_string()))?;
                }
                // What we said follows from the seed and from what they said.
                By::Us => {}
            }
        }
        Ok(replayed)
    }

    pub(super) fn commitment(&self) -> &Commitment {
        self.session.commitment()
    }

    pub(super) fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    pub(super) fn is_bound(&self) -> bool {
        self.bound
    }

    pub(super) fn has_consented(&self) -> bool {
        self.consented
    }

    /// How close the legs are that both sides were shown: by the plan's name; nothing before that.
    pub(super) fn collisions(&self, terms: &Terms) -> Vec<(&str, Collision)> {
        let Some(Outcome::Shown { plans, legs, .. }) = &self.outcome else {
            return Vec::new();
        };
        let own: Vec<Leg> = plans
            .iter()
            .filter_map(|plan| self.legs.get(*plan).cloned())
            .collect();
        let named = |collision: Collision| {
            let plan = plans.get(collision.own).copied();
            (plan.map_or("?", |plan| self.name(plan)), collision)
        };
        collisions(&own, legs, terms)
            .into_iter()
            .map(named)
            .collect()
    }

    /// The name of a plan, for people.
    pub(super) fn name(&self, position: usize) -> &str {
        self.names.get(position).map_or("?", String::as_str)
    }

    /// Takes the next thing the other side said; gives what to send back.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, TakeFault> {
        if bytes.len() > SAID_BYTES_MAX {
            return Err(TakeFault::TooLarge);
        }
        let step = if self.bound {
            self.session.receive(&Message::from_bytes(bytes)?)?
        } else {
            let theirs = Commitment::from_bytes(bytes).ok_or(TakeFault::NoCommitment)?;
            let step = self.session.begin(theirs)?;
            self.bound = true;
            step
        };
        Ok(self.learn(step))
    }

    /// Consents; gives what to send.
    pub(super) fn consent(&mut self) -> Result<Vec<Vec<u8>>, ProtocolFault> {
        let step = self.session.consent()?;
        self.consented = true;
        Ok(self.learn(step))
    }

    fn learn(&mut self, step: Step) -> Vec<Vec<u8>> {
        if step.learnt.is_some() {
            self.outcome = step.learnt;
        }
        step.send.iter().map(Message::to_bytes).collect()
    }
}

/// The plans, each one volume, and everything wrong with them.
fn read(
    path: &Path,
    bytes: &[u8],
    documents: &mut Documents,
) -> (Plans, detente_records::Problems) {
    let name = path.display().to_string();
    documents.add(&name, path.to_owned());
    let (volumes, mut problems) = read_volumes(&name, &mut &*bytes);
    let (mut legs, mut names) = (Vec::new(), Vec::new());
    for (position, plain) in volumes.iter().enumerate() {
        let id = plain
            .id
            .clone()
            .unwrap_or_else(|| format!("feature {position}"));
        match Leg::new(&plain.volume, &VerticalAssumptions::default()) {
            Ok(leg) => legs.push(leg),
            Err(fault) => {
                let place = plain.provenance.place();
                problems.error("no_place_in_the_grid", place, format!("{id}: {fault}"));
            }
        }
        names.push(id);
    }
    if volumes.is_empty() && !problems.has_errors() {
        problems
            .error(
                "no_volumes",
                detente_records::Place::default(),
                "the file holds no plan",
            )
            .help("give a FeatureCollection with at least one feature");
    }
    (Plans { legs, names }, problems)
}

/// The plans of a file; every problem is told, and ends the command.
pub(super) fn plans(
    path: &Path,
    bytes: &[u8],
    printer: &mut Printer,
    json: bool,
) -> Result<Result<Plans, Exit>, Failure> {
    let mut documents = Documents::default();
    let (plans, problems) = read(path, bytes, &mut documents);
    if problems.has_errors() {
        return refuse(&problems, &documents, json, printer).map(Err);
    }
    remark(&problems, &documents, printer);
    Ok(Ok(plans))
}

/// Replays the other side from what it disclosed, against what we heard from it.
pub(super) fn audit(
    ours: &Folder,
    theirs: &Folder,
    printer: &mut Printer,
    json: bool,
) -> Result<Result<Option<Complaint>, Exit>, Failure> {
    let declared = match plans(&theirs.plans_path(), &theirs.plans, printer, json)? {
        Ok(plans) => plans.legs,
        Err(exit) => return Ok(Err(exit)),
    };
    let each = |legs: &[Leg]| legs.iter().map(|leg| vec![leg.clone()]).collect();
    let disclosure = Disclosure {
        role: theirs.role,
        seed: theirs.seed,
        plans: each(&theirs.legs),
        declared: Some(each(&declared)),
    };
    let mut commitments = (None, None);
    let mut transcript = Vec::new();
    for said in ours.spoken() {
        let slot = match said.by {
            By::Them => &mut commitments.0,
            By::Us => &mut commitments.1,
        };
        if slot.is_none() {
            *slot = Commitment::from_bytes(&said.bytes);
            continue;
        }
        let message = Message::from_bytes(&said.bytes)
            .map_err(|fault| Failure::new(FailureKind::InvalidInput, fault))?;
        transcript.push(match said.by {
            By::Them => Sent::Audited(message),
            By::Us => Sent::Other(message),
        });
    }
    let (Some(audited_side), Some(own)) = commitments else {
        return Err(Failure::new(
            FailureKind::InvalidInput,
            "the session has not begun: there is nothing to audit",
        ));
    };
    Ok(Ok(audited(
        &disclosure,
        &ours.terms,
        (&audited_side, &own),
        &transcript,
    )))
}
