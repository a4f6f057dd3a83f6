//! What an amendment changes beside the articles: who is bound, from when, by which distances and
//! times.
//!
//! Each change is told with its effect. Looser means that something is let through, or somebody is
//! given more time, than before; stricter the opposite; different that both may be so.

use std::collections::BTreeSet;
use std::fmt::Display;

use detente_records::{Activity, Agreement, CategoryName, Status};

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
    let mut found = Found(Vec::new());
    validity(old, new, &mut found);
    parties(old, new, &mut found);
    forces(old, new, &mut found);
    lead_times(old, new, &mut found);
    standoff(old, new, &mut found);
    clocks(old, new, &mut found);
    rest(old, new, &mut found);
    found.0
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
}

fn validity(old: &Agreement, new: &Agreement, found: &mut Found) {
    let covers = |status| match status {
        Status::InForce => 2,
        Status::Suspended => 1,
        Status::Draft | Status::Tabled | Status::Ended => 0,
    };
    let effect = if covers(new.status) >= covers(old.status) {
        Change::Looser
    } else {
        Change::Stricter
    };
    let word = |status: Status| Some(status.wire_name().to_owned());
    found.add("status", word(old.status), word(new.status), effect);
    let text =
        |instant: Option<detente_spacetime::Instant>| instant.map(|instant| instant.to_string());
    // Without a Day D nothing is permitted, and without an end everything after.
    let effect = match (old.day_d, new.day_d) {
        (Some(before), Some(after)) if after < before => Change::Looser,
        (None, Some(_)) => Change::Looser,
        _ => Change::Stricter,
    };
    found.add("Day D", text(old.day_d), text(new.day_d), effect);
    let effect = match (old.ends, new.ends) {
        (Some(before), Some(after)) if after < before => Change::Stricter,
        (None, Some(_)) => Change::Stricter,
        _ => Change::Looser,
    };
    found.add("end", text(old.ends), text(new.ends), effect);
}

fn parties(old: &Agreement, new: &Agreement, found: &mut Found) {
    let ids: BTreeSet<_> = old
        .participants
        .keys()
        .chain(new.participants.keys())
        .collect();
    for id in ids {
        let (before, after) = (old.participants.get(id), new.participants.get(id));
        match (before, after) {
            (Some(before), Some(after)) => {
                found.switch(
                    format!("suspension of {id}"),
                    before.suspended,
                    after.suspended,
                );
                found.switch(
                    format!("withdrawal of {id}"),
                    before.withdrawn,
                    after.withdrawn,
                );
            }
            _ => {
                let here = |there: bool| there.then(|| "signs".to_owned());
                found.add(
                    format!("participant {id}"),
                    here(before.is_some()),
                    here(after.is_some()),
                    Change::Different,
                );
            }
        }
    }
    let ids: BTreeSet<_> = old
        .bound_parties
        .keys()
        .chain(new.bound_parties.keys())
        .collect();
    for id in ids {
        let (before, after) = (old.bound_parties.get(id), new.bound_parties.get(id));
        let guarantor = |party: Option<&detente_records::agreement::BoundParty>| {
            party.map(|party| match &party.guarantor {
                Some(guarantor) => format!("{guarantor} answers for it"),
                None => "nobody answers for it".to_owned(),
            })
        };
        // Nothing is permitted to a party that nobody answers for.
        let answered = |party: Option<&detente_records::agreement::BoundParty>| {
            party.is_some_and(|party| party.guarantor.is_some())
        };
        let effect = match (answered(before), answered(after)) {
            (false, true) => Change::Looser,
            (true, false) => Change::Stricter,
            (false, false) => Change::Equivalent,
            (true, true) => Change::Different,
        };
        found.add(
            format!("bound party {id}"),
            guarantor(before),
            guarantor(after),
            effect,
        );
        if let (Some(before), Some(after)) = (before, after) {
            found.switch(
                format!("suspension of {id}"),
                before.suspended,
                after.suspended,
            );
            found.switch(
                format!("withdrawal of {id}"),
                before.withdrawn,
                after.withdrawn,
            );
        }
    }
}

fn forces(old: &Agreement, new: &Agreement, found: &mut Found) {
    let ids: BTreeSet<_> = old.forces.keys().chain(new.forces.keys()).collect();
    for id in ids {
        let told = |force: Option<&detente_records::agreement::Force>| {
            force.map(|force| {
                let mut text = format!("of {}", force.party);
                for group in &force.groups {
                    text.push_str(&format!(", in {group}"));
                }
                for parent in &force.within {
                    text.push_str(&format!(", part of {parent}"));
                }
                text
            })
        };
        let (before, after) = (old.forces.get(id), new.forces.get(id));
        // A force that is not declared may not fly.
        let effect = match (before.is_some(), after.is_some()) {
            (false, true) => Change::Looser,
            (true, false) => Change::Stricter,
            _ => Change::Different,
        };
        found.add(format!("force {id}"), told(before), told(after), effect);
    }
}

fn lead_times(old: &Agreement, new: &Agreement, found: &mut Found) {
    let (before, after) = (&old.parameters.lead_times, &new.parameters.lead_times);
    for activity in Activity::ALL {
        found.restraint(
            format!("lead time of {activity}"),
            before.get(&activity),
            after.get(&activity),
        );
    }
}

fn standoff(old: &Agreement, new: &Agreement, found: &mut Found) {
    let (before, after) = (&old.parameters.standoff, &new.parameters.standoff);
    let metres = |metres: f64| format!("{metres} m");
    let effect = |before: f64, after: f64| {
        if after >= before {
            Change::Stricter
        } else {
            Change::Looser
        }
    };
    found.add(
        "stand-off by default",
        Some(metres(before.default_m)),
        Some(metres(after.default_m)),
        effect(before.default_m, after.default_m),
    );
    let categories: BTreeSet<&CategoryName> =
        before.categories().chain(after.categories()).collect();
    for category in categories {
        let (was, is) = (before.standoff_m(category), after.standoff_m(category));
        found.add(
            format!("stand-off of {category}"),
            Some(metres(was)),
            Some(metres(is)),
            effect(was, is),
        );
        for activity in Activity::ALL {
            found.switch(
                format!("stand-off of {category} for {activity}"),
                !before.exempts(category, activity),
                !after.exempts(category, activity),
            );
        }
    }
}

fn clocks(old: &Agreement, new: &Agreement, found: &mut Found) {
    let (before, after) = (&old.parameters.clocks, &new.parameters.clocks);
    let ids: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for id in ids {
        let (was, is) = (before.get(id), after.get(id));
        let told = |clock: Option<&detente_records::parameters::Clock>| {
            clock.map(|clock| match &clock.owner {
                Some(owner) => format!("{} for {owner}", clock.duration),
                None => format!("{} for nobody", clock.duration),
            })
        };
        // Whoever has less time is bound more; a clock that nobody owns binds nobody.
        let owned = |clock: Option<&detente_records::parameters::Clock>| {
            clock.and_then(|clock| clock.owner.clone())
        };
        let effect = match (was, is) {
            (Some(was), Some(is)) if was.owner == is.owner => {
                if is.duration <= was.duration {
                    Change::Stricter
                } else {
                    Change::Looser
                }
            }
            _ => match (owned(was), owned(is)) {
                (None, Some(_)) => Change::Stricter,
                (Some(_), None) => Change::Looser,
                (None, None) => Change::Equivalent,
                (Some(_), Some(_)) => Change::Different,
            },
        };
        found.add(format!("clock {id}"), told(was), told(is), effect);
    }
}

fn rest(old: &Agreement, new: &Agreement, found: &mut Found) {
    let ids: BTreeSet<_> = old
        .preconditions
        .keys()
        .chain(new.preconditions.keys())
        .collect();
    for id in ids {
        let told = |agreement: &Agreement| {
            let precondition = agreement.preconditions.get(id)?;
            Some(precondition.text.in_language(&["en"]).to_owned())
        };
        let effect = match (told(old).is_some(), told(new).is_some()) {
            (false, true) => Change::Stricter,
            (true, false) => Change::Looser,
            _ => Change::Different,
        };
        found.add(format!("precondition {id}"), told(old), told(new), effect);
    }
    let most =
        |agreement: &Agreement| Some(agreement.parameters.notices_unvalidated_max.to_string());
    found.add(
        "unvalidated objects of one submitter at most",
        most(old),
        most(new),
        Change::Different,
    );
    let assumed = |agreement: &Agreement| Some(format!("{:?}", agreement.parameters.vertical));
    found.add(
        "assumptions about air and ground",
        assumed(old),
        assumed(new),
        Change::Different,
    );
}
