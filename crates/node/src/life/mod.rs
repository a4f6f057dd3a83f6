//! The agreement's life: texts, signatures, concerns, meetings, preconditions, timeline, suspensions, channels, watches, publication.
//!
//! [`of`] shows all of it as it stands in a picture at an instant. It decides nothing: what counts was decided by the fold.
//! Reading order: this file, `text`, `talks`, `apart`.

mod apart;
mod talks;
mod text;
pub mod wire;

use detente_records::workflow::Machine;
use detente_records::{Agreement, Status};
use detente_spacetime::{Instant, Span};

use crate::outcomes::wire::RecordRef;
use crate::picture::{Matter, Picture};
use wire::{AgreementLife, MilestoneView, SafetyFloorView};

/// Microseconds of an hour.
const HOUR_US: i64 = 3_600_000_000;

/// Shows where the agreement stands in its life.
///
/// Hand in [`Picture::at`] of the same instant, so that every clock has run out by then.
///
/// # Cost
///
/// Linear in everything on record about the agreement itself, and in the allegations for every precondition that asks for
/// quiet.
pub fn of(picture: &Picture, now: Instant) -> AgreementLife {
    let agreement = picture.agreement();
    AgreementLife {
        at: now.to_string(),
        agreement: agreement.map(|agreement| agreement.id.to_string()),
        status: agreement.map(|agreement| status(agreement, now).wire_name().to_owned()),
        texts: text::texts(picture, now),
        concerns: talks::concerns(picture),
        meetings: talks::meetings(picture),
        readings: talks::readings(picture),
        accessions: talks::accessions(picture),
        timeline: timeline(picture, now),
        suspensions: apart::suspensions(picture),
        withdrawals: apart::withdrawals(picture),
        channels: apart::channels(picture),
        watches: apart::watches(picture, now),
        publication: apart::publications(picture),
        safety_floor: floor(picture, now),
    }
}

/// The state of an agreement at an instant: nothing is in force behind its end, and no clock of the record runs for a text
/// that binds from the founding on.
fn status(agreement: &Agreement, now: Instant) -> Status {
    let is_over = agreement.ends.is_some_and(|ends| ends <= now);
    match agreement.status {
        Status::InForce | Status::Suspended if is_over => Status::Ended,
        status => status,
    }
}

/// The entries of a matter that took effect.
fn records(matter: &Matter) -> Vec<RecordRef> {
    let lines = matter.lines.iter();
    lines.map(|line| RecordRef::from(&line.source)).collect()
}

fn floor(picture: &Picture, now: Instant) -> SafetyFloorView {
    let things = picture.things();
    let protected = things.protected().filter(|(object, _)| {
        let window = &object.volume.window;
        window.end().is_none_or(|end| end > now)
    });
    let movements = picture
        .movements()
        .filter(|(_, file)| !file.matter.course.is_over());
    SafetyFloorView {
        protected_objects: protected.count() as u64,
        movements: movements.count() as u64,
        ledgers: picture.holders().len() as u64,
    }
}

/// What is due when: of the text that binds or comes closest to it, and of suspensions and withdrawals.
fn timeline(picture: &Picture, now: Instant) -> Vec<MilestoneView> {
    let mut found: Vec<(Option<Instant>, MilestoneView)> = Vec::new();
    for (id, file) in picture.texts() {
        if file.matter.course.is_over() {
            continue;
        }
        let participants = picture.signatories(file);
        let day_d = file.agreed_day_d(&participants);
        let mut add = |kind: &str, of: &str, at: Option<Instant>, met: bool| {
            let status = match (at, met) {
                (_, true) => "met",
                (None, _) => "not_anchored",
                (Some(at), _) if at > now => "to_come",
                (Some(_), _) if kind == "precondition_due" => "overdue",
                (Some(_), _) => "past",
            };
            let relative = day_d.zip(at).map(|(day_d, at)| relative(day_d, at));
            let milestone = MilestoneView {
                kind: kind.to_owned(),
                of: of.to_owned(),
                at: at.map(|at| at.to_string()),
                relative,
                status: status.to_owned(),
            };
            found.push((at, milestone));
        };
        add("day_d", id.as_str(), day_d, false);
        let states = picture.preconditions(file, now);
        let asked = file.dossier.iter();
        for (id, asked) in asked.flat_map(|dossier| &dossier.agreement().preconditions) {
            let Some(state) = states.get(id) else {
                continue;
            };
            let met = state.met.is_some();
            if asked.after.is_some() {
                add("precondition_earliest", id.as_str(), state.earliest, met);
            }
            if asked.due.is_some() {
                add("precondition_due", id.as_str(), state.due, met);
            }
        }
        if let Some(ends) = text::ends(file, &participants) {
            add("end", id.as_str(), Some(ends), false);
        }
    }
    for (kind, of, at) in apart::effects(picture) {
        let status = if at > now { "to_come" } else { "past" };
        let milestone = MilestoneView {
            kind: kind.to_owned(),
            of: of.to_string(),
            at: Some(at.to_string()),
            relative: None,
            status: status.to_owned(),
        };
        found.push((Some(at), milestone));
    }
    found.sort_by(|(a, one), (b, other)| {
        let key = |at: &Option<Instant>| (at.is_none(), *at);
        (key(a), &one.kind, &one.of).cmp(&(key(b), &other.kind, &other.of))
    });
    found.into_iter().map(|(_, milestone)| milestone).collect()
}

/// Writes an instant as counted from Day D: `D`, `D+48h`, `D-3h`, minutes where it is no whole hour.
fn relative(day_d: Instant, at: Instant) -> String {
    let micros = at.micros().saturating_sub(day_d.micros());
    let sign = if micros < 0 { '-' } else { '+' };
    let (hours, rest) = (micros.abs() / HOUR_US, micros.abs() % HOUR_US);
    match (hours, rest / 60_000_000) {
        (0, 0) => "D".to_owned(),
        (hours, 0) => format!("D{sign}{hours}h"),
        (hours, minutes) => format!("D{sign}{hours}h{minutes:02}min"),
    }
}

/// Whole hours of a span.
fn hours(span: Span) -> u64 {
    u64::try_from(span.micros() / HOUR_US).unwrap_or(0)
}

/// What can be written next in a state, and by whom, in words.
fn next(machine: &Machine, state: &str) -> Vec<String> {
    let acts = machine.acts_in(state).into_iter();
    acts.map(|act| {
        let actors = machine.actors_of(state, act);
        let who = detente_records::workflow::described(&actors).join(", or ");
        format!("{}: {who}", act.wire_name())
    })
    .collect()
}
