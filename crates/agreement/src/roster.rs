//! Who and what an agreement knows by name: everything an article may mention.

use std::collections::{BTreeMap, BTreeSet};

use detente_records::agreement::{Agreement, Status};
use detente_records::names::{AreaId, CategoryName, ForceId, GroupId, ParticipantId, PartyId};

/// The parties, forces, groups, areas and categories of an agreement.
///
/// Closed: whatever one of them refers to is in it as well. An entity store built from a roster
/// therefore never points outside itself, which matters because Cedar skips an article that
/// stumbles over a missing entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    pub(crate) agreement: String,
    pub(crate) status: Status,
    pub(crate) parties: BTreeMap<PartyId, RosterParty>,
    pub(crate) forces: BTreeMap<ForceId, RosterForce>,
    pub(crate) groups: BTreeSet<GroupId>,
    pub(crate) areas: BTreeSet<AreaId>,
    pub(crate) categories: BTreeSet<CategoryName>,
}

/// What articles can ask about a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RosterParty {
    pub(crate) participant: Option<ParticipantId>,
    pub(crate) guarantor: Option<ParticipantId>,
    pub(crate) suspended: bool,
    pub(crate) withdrawn: bool,
}

/// What articles can ask about a force; `within` holds direct parents only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RosterForce {
    pub(crate) party: PartyId,
    pub(crate) groups: BTreeSet<GroupId>,
    pub(crate) within: BTreeSet<ForceId>,
}

impl Roster {
    /// Returns everything `agreement` declares, with the categories of its stand-off policy.
    ///
    /// References to something undeclared are dropped here; reading the agreement reports them
    /// as errors.
    pub fn of(agreement: &Agreement) -> Self {
        let participants = agreement.participants.iter().map(|(id, participant)| {
            let party = RosterParty {
                participant: Some(id.clone()),
                guarantor: None,
                suspended: participant.suspended,
                withdrawn: participant.withdrawn,
            };
            (PartyId::from(id), party)
        });
        let known = |id: &ParticipantId| agreement.participants.contains_key(id);
        let bound = agreement.bound_parties.iter().map(|(id, bound)| {
            let party = RosterParty {
                participant: None,
                guarantor: bound.guarantor.clone().filter(known),
                suspended: bound.suspended,
                withdrawn: bound.withdrawn,
            };
            (id.clone(), party)
        });
        // A participant's entry wins over a bound party of the same name; reading refuses both.
        let parties: BTreeMap<_, _> = bound.chain(participants).collect();
        let forces = agreement
            .forces
            .iter()
            .filter(|(_, force)| parties.contains_key(&force.party));
        let forces = forces.map(|(id, force)| {
            let entry = RosterForce {
                party: force.party.clone(),
                groups: force
                    .groups
                    .iter()
                    .filter(|id| agreement.groups.contains_key(*id))
                    .cloned()
                    .collect(),
                within: force
                    .within
                    .iter()
                    .filter(|id| agreement.forces.contains_key(*id))
                    .cloned()
                    .collect(),
            };
            (id.clone(), entry)
        });
        let mut forces: BTreeMap<_, _> = forces.collect();
        let declared: BTreeSet<ForceId> = forces.keys().cloned().collect();
        for force in forces.values_mut() {
            force.within.retain(|parent| declared.contains(parent));
        }
        Self {
            agreement: agreement.id.as_str().to_owned(),
            status: agreement.status,
            parties,
            forces,
            groups: agreement.groups.keys().cloned().collect(),
            areas: BTreeSet::new(),
            categories: agreement
                .parameters
                .standoff
                .categories()
                .cloned()
                .collect(),
        }
    }

    /// Adds the areas a dossier declares.
    #[must_use]
    pub fn with_areas<'a>(mut self, areas: impl IntoIterator<Item = &'a AreaId>) -> Self {
        self.areas.extend(areas.into_iter().cloned());
        self
    }

    /// Adds the categories of the protected objects a dossier declares.
    #[must_use]
    pub fn with_categories<'a>(
        mut self,
        categories: impl IntoIterator<Item = &'a CategoryName>,
    ) -> Self {
        self.categories.extend(categories.into_iter().cloned());
        self
    }

    /// Everyone who signed, in order, also who has withdrawn since: an agreement that asks for
    /// everyone's consent is not eased by somebody leaving.
    pub(crate) fn signatories(&self) -> impl Iterator<Item = &ParticipantId> {
        self.parties
            .values()
            .filter_map(|party| party.participant.as_ref())
    }

    /// The participants whose consent can be asked: those that have not withdrawn, in order.
    pub(crate) fn consenting(&self) -> impl Iterator<Item = &ParticipantId> {
        let present = self.parties.values().filter(|party| !party.withdrawn);
        present.filter_map(|party| party.participant.as_ref())
    }

    /// The participant answerable for `party`: itself, or its guarantor.
    pub(crate) fn answerable(&self, party: &PartyId) -> Option<&ParticipantId> {
        let party = self.parties.get(party)?;
        party.participant.as_ref().or(party.guarantor.as_ref())
    }

    /// Whether both know the same parties, forces and groups, tied in the same way; who is
    /// suspended or has withdrawn may differ.
    pub(crate) fn same_names(&self, other: &Self) -> bool {
        let ties = |roster: &Self| -> Vec<_> {
            let parties = roster.parties.iter();
            parties
                .map(|(id, party)| {
                    (
                        id.clone(),
                        party.participant.clone(),
                        party.guarantor.clone(),
                    )
                })
                .collect()
        };
        self.agreement == other.agreement
            && ties(self) == ties(other)
            && self.forces == other.forces
            && self.groups == other.groups
    }

    /// The force and everything it is part of, in order.
    pub(crate) fn force_and_parents(&self, force: &ForceId) -> BTreeSet<&ForceId> {
        let mut found = BTreeSet::new();
        let mut open: Vec<&ForceId> = self
            .forces
            .get_key_value(force)
            .map(|(id, _)| id)
            .into_iter()
            .collect();
        while let Some(next) = open.pop() {
            if found.insert(next)
                && let Some(entry) = self.forces.get(next)
            {
                open.extend(entry.within.iter());
            }
        }
        found
    }
}
