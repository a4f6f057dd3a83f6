//! Who is bound, who flies, and who looks on.

use std::collections::BTreeMap;

use detente_records::agreement::{BoundParty, Force, Group, Observer, Participant};
use detente_records::{ForceId, GroupId, ObserverId, ParticipantId, PartyId};

use super::{Found, listed, pairs};
use crate::prove::Change;

pub(super) fn participants(
    old: &BTreeMap<ParticipantId, Participant>,
    new: &BTreeMap<ParticipantId, Participant>,
    found: &mut Found,
) {
    for (id, was, is) in pairs(old, new) {
        let (Some(was), Some(is)) = (was, is) else {
            let here = |there: bool| there.then(|| "signs".to_owned());
            found.add(
                format!("participant {id}"),
                here(was.is_some()),
                here(is.is_some()),
                Change::Different,
            );
            continue;
        };
        let Participant {
            name,
            suspended,
            withdrawn,
        } = was;
        found.text(
            format!("name of {id}"),
            name.as_ref(),
            is.name.as_ref(),
            Change::Equivalent,
        );
        found.switch(format!("suspension of {id}"), *suspended, is.suspended);
        found.switch(format!("withdrawal of {id}"), *withdrawn, is.withdrawn);
    }
}

pub(super) fn bound_parties(
    old: &BTreeMap<PartyId, BoundParty>,
    new: &BTreeMap<PartyId, BoundParty>,
    found: &mut Found,
) {
    for (id, was, is) in pairs(old, new) {
        let guarantor = |party: Option<&BoundParty>| {
            party.map(|party| match &party.guarantor {
                Some(guarantor) => format!("{guarantor} answers for it"),
                None => "nobody answers for it".to_owned(),
            })
        };
        // Nothing is permitted to a party that nobody answers for.
        let answered =
            |party: Option<&BoundParty>| party.is_some_and(|party| party.guarantor.is_some());
        let effect = match (answered(was), answered(is)) {
            (false, true) => Change::Looser,
            (true, false) => Change::Stricter,
            (false, false) => Change::Equivalent,
            (true, true) => Change::Different,
        };
        found.add(
            format!("bound party {id}"),
            guarantor(was),
            guarantor(is),
            effect,
        );
        let (Some(was), Some(is)) = (was, is) else {
            continue;
        };
        let BoundParty {
            name,
            guarantor: _, // compared above
            suspended,
            withdrawn,
        } = was;
        found.text(
            format!("name of {id}"),
            name.as_ref(),
            is.name.as_ref(),
            Change::Equivalent,
        );
        found.switch(format!("suspension of {id}"), *suspended, is.suspended);
        found.switch(format!("withdrawal of {id}"), *withdrawn, is.withdrawn);
    }
}

pub(super) fn forces(
    old: &BTreeMap<ForceId, Force>,
    new: &BTreeMap<ForceId, Force>,
    found: &mut Found,
) {
    for (id, was, is) in pairs(old, new) {
        let told = |force: Option<&Force>| {
            let Force {
                party,
                name: _, // compared below
                groups,
                within,
            } = force?;
            let mut text = format!("of {party}");
            for group in groups {
                text.push_str(&format!(", in {group}"));
            }
            for parent in within {
                text.push_str(&format!(", part of {parent}"));
            }
            Some(text)
        };
        // A force that is not declared may not fly.
        let effect = match (was.is_some(), is.is_some()) {
            (false, true) => Change::Looser,
            (true, false) => Change::Stricter,
            _ => Change::Different,
        };
        found.add(format!("force {id}"), told(was), told(is), effect);
        if let (Some(was), Some(is)) = (was, is) {
            found.text(
                format!("name of {id}"),
                was.name.as_ref(),
                is.name.as_ref(),
                Change::Equivalent,
            );
        }
    }
}

/// Groups bind nobody by being declared: who is in them is told with the forces.
pub(super) fn groups(
    old: &BTreeMap<GroupId, Group>,
    new: &BTreeMap<GroupId, Group>,
    found: &mut Found,
) {
    for (id, was, is) in pairs(old, new) {
        let here = |there: bool| there.then(|| "declared".to_owned());
        found.add(
            format!("group {id}"),
            here(was.is_some()),
            here(is.is_some()),
            Change::Equivalent,
        );
        if let (Some(Group { name }), Some(is)) = (was, is) {
            found.text(
                format!("name of {id}"),
                name.as_ref(),
                is.name.as_ref(),
                Change::Equivalent,
            );
        }
    }
}

pub(super) fn observers(
    old: &BTreeMap<ObserverId, Observer>,
    new: &BTreeMap<ObserverId, Observer>,
    found: &mut Found,
) {
    for (id, was, is) in pairs(old, new) {
        let told = |observer: Option<&Observer>| {
            let Observer {
                name: _, // compared below
                functions,
            } = observer?;
            let functions = functions.iter().map(|function| function.wire_name());
            Some(listed(functions))
        };
        // What it notifies keeps operations away, and what it watches may close a dispute.
        found.add(
            format!("observer {id}"),
            told(was),
            told(is),
            Change::Different,
        );
        if let (Some(was), Some(is)) = (was, is) {
            found.text(
                format!("name of {id}"),
                was.name.as_ref(),
                is.name.as_ref(),
                Change::Equivalent,
            );
        }
    }
}
