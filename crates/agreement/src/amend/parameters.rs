//! What an amendment changes beside the articles: who is bound, from when, by which distances and
//! times.
//!
//! Each change is told with its effect. Looser means that something is let through, or somebody is
//! given more time, than before; stricter the opposite; different that both may be so; equivalent
//! that nothing follows from it for operations.
//!
//! The structs compared are taken apart member by member, so that a new member has to be compared
//! before this compiles.

mod figures;
mod parties;
mod preconditions;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use detente_records::agreement::Dispute;
use detente_records::{Agreement, LanguageTag, LocalText, Status};
use detente_spacetime::Instant;

use crate::prove::Change;

/// One change of an agreement's document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterChange {
    /// What changes: `lead time of strike`.
    pub subject: String,
    /// What it was; `None` when it is new.
    pub before: Option<String>,
    /// What it becomes; `None` when it is dropped.
    pub after: Option<String>,
    /// What follows for operations, or for whoever must act.
    pub effect: Change,
}

/// Every change, in a fixed order.
pub(super) fn changes(old: &Agreement, new: &Agreement) -> Vec<ParameterChange> {
    let Agreement {
        id,
        title,
        languages,
        status,
        day_d,
        ends,
        as_of,
        participants,
        bound_parties,
        forces,
        groups,
        observers,
        preconditions,
        parameters,
        disputes,
        // What the preconditions leave closed: those are compared.
        held_back: _,
        // Places of the document.
        citations: _,
    } = old;
    let mut found = Found(Vec::new());
    // Articles and records name the agreement they belong to.
    found.add(
        "id",
        Some(id.to_string()),
        Some(new.id.to_string()),
        Change::Different,
    );
    found.text("title", Some(title), Some(&new.title), Change::Equivalent);
    let tags = |tags: &[LanguageTag]| (!tags.is_empty()).then(|| listed(tags));
    found.add(
        "languages",
        tags(languages),
        tags(&new.languages),
        Change::Equivalent,
    );
    validity(
        (*status, *day_d, *ends),
        (new.status, new.day_d, new.ends),
        &mut found,
    );
    // What an operation of the dossier that does not say counts as notified at.
    let instant = |instant: Option<Instant>| instant.map(|instant| instant.to_string());
    found.add(
        "as of",
        instant(*as_of),
        instant(new.as_of),
        Change::Different,
    );
    parties::participants(participants, &new.participants, &mut found);
    parties::bound_parties(bound_parties, &new.bound_parties, &mut found);
    parties::forces(forces, &new.forces, &mut found);
    parties::groups(groups, &new.groups, &mut found);
    parties::observers(observers, &new.observers, &mut found);
    figures::changes(parameters, &new.parameters, &mut found);
    preconditions::changes(preconditions, &new.preconditions, &mut found);
    for (article, was, is) in pairs(disputes, &new.disputes) {
        let told = |dispute: Option<&Dispute>| {
            dispute.map(|Dispute { readings }| {
                let readings = readings.iter().map(|reading| {
                    format!("{} reads it: {}", reading.participant, told(&reading.text))
                });
                match readings.collect::<Vec<_>>().join("; ") {
                    none if none.is_empty() => "no reading on record".to_owned(),
                    readings => readings,
                }
            })
        };
        // Until it is settled the stricter reading counts, whatever the readings say.
        found.add(
            format!("dispute about article {article}"),
            told(was),
            told(is),
            come_or_gone(was, is, Change::Equivalent),
        );
    }
    found.0
}

/// Something that restrains by being there; `kept` where it is there before and after.
fn come_or_gone<T>(before: Option<T>, after: Option<T>, kept: Change) -> Change {
    match (before.is_some(), after.is_some()) {
        (false, true) => Change::Stricter,
        (true, false) => Change::Looser,
        _ => kept,
    }
}

/// Everything of two maps by its key, in order: what it was and what it becomes.
fn pairs<'a, K: Ord, V>(
    old: &'a BTreeMap<K, V>,
    new: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = (&'a K, Option<&'a V>, Option<&'a V>)> {
    let keys: BTreeSet<&K> = old.keys().chain(new.keys()).collect();
    keys.into_iter()
        .map(|key| (key, old.get(key), new.get(key)))
}

/// Names, one after the other.
fn listed<T: Display>(names: impl IntoIterator<Item = T>) -> String {
    let names = names.into_iter().map(|name| name.to_string());
    names.collect::<Vec<_>>().join(", ")
}

/// A text in every language it has.
fn told(text: &LocalText) -> String {
    match text {
        LocalText::Plain(text) => text.clone(),
        LocalText::ByLanguage(texts) => {
            let texts = texts.iter().map(|(tag, text)| format!("{tag}: {text}"));
            texts.collect::<Vec<_>>().join("; ")
        }
    }
}

struct Found(Vec<ParameterChange>);

impl Found {
    fn add(
        &mut self,
        subject: impl Into<String>,
        before: Option<String>,
        after: Option<String>,
        effect: Change,
    ) {
        if before != after {
            self.0.push(ParameterChange {
                subject: subject.into(),
                before,
                after,
                effect,
            });
        }
    }

    /// A quantity of which more is stricter, and its lack looser still.
    fn restraint<T: Display + PartialOrd>(
        &mut self,
        subject: impl Into<String>,
        before: Option<&T>,
        after: Option<&T>,
    ) {
        let effect = if after >= before {
            Change::Stricter
        } else {
            Change::Looser
        };
        let told = |value: Option<&T>| value.map(ToString::to_string);
        self.add(subject, told(before), told(after), effect);
    }

    /// Something whose truth is stricter.
    fn switch(&mut self, subject: String, before: bool, after: bool) {
        let effect = if after {
            Change::Stricter
        } else {
            Change::Looser
        };
        self.add(
            subject,
            Some(before.to_string()),
            Some(after.to_string()),
            effect,
        );
    }

    /// A text for people, in whichever language it changes.
    fn text(
        &mut self,
        subject: impl Into<String>,
        before: Option<&LocalText>,
        after: Option<&LocalText>,
        effect: Change,
    ) {
        self.add(subject, before.map(told), after.map(told), effect);
    }
}

/// Status, Day D and end.
type Validity = (Status, Option<Instant>, Option<Instant>);

fn validity(
    (old_status, old_day_d, old_ends): Validity,
    (new_status, new_day_d, new_ends): Validity,
    found: &mut Found,
) {
    let covers = |status| match status {
        Status::InForce => 2,
        Status::Suspended => 1,
        Status::Draft | Status::Tabled | Status::Ended => 0,
    };
    let effect = if covers(new_status) >= covers(old_status) {
        Change::Looser
    } else {
        Change::Stricter
    };
    let word = |status: Status| Some(status.wire_name().to_owned());
    found.add("status", word(old_status), word(new_status), effect);
    let text = |instant: Option<Instant>| instant.map(|instant| instant.to_string());
    // Without a Day D nothing is permitted, and without an end everything after.
    let effect = match (old_day_d, new_day_d) {
        (Some(before), Some(after)) if after < before => Change::Looser,
        (None, Some(_)) => Change::Looser,
        _ => Change::Stricter,
    };
    found.add("Day D", text(old_day_d), text(new_day_d), effect);
    let effect = match (old_ends, new_ends) {
        (Some(before), Some(after)) if after < before => Change::Stricter,
        (None, Some(_)) => Change::Stricter,
        _ => Change::Looser,
    };
    found.add("end", text(old_ends), text(new_ends), effect);
}
