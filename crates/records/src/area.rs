//! Areas: where an agreement restrains what may be flown.

use std::collections::BTreeSet;

use detente_spacetime::Volume4D;

use crate::activity::Activity;
use crate::agreement::Agreement;
use crate::drawing::Drawing;
use crate::finding::Provenance;
use crate::local_text::LocalText;
use crate::names::{AreaId, ForceId, GroupId, ParticipantId, PartyId, SubjectId};

/// An area with its rules' data.
#[derive(Clone, Debug)]
pub struct Area {
    /// Its id.
    pub id: AreaId,
    /// What kind of measure it is.
    pub kind: AreaRecordKind,
    /// How present armed groups are in a designated area; unknown counts as every kind.
    pub area_kind: Option<AreaKind>,
    /// Name for people.
    pub name: Option<LocalText>,
    /// Where, how high and when it holds.
    pub volume: Volume4D,
    /// Its outline as drawn.
    pub drawing: Drawing,
    /// Forces, parties and groups it applies to; empty means everyone.
    pub applies_to: Vec<SubjectId>,
    /// Activities it applies to; empty means all.
    pub activities: Vec<Activity>,
    /// Participants whose consent it asks for; none stated means the rule of its kind.
    pub consent_of: Option<BTreeSet<ParticipantId>>,
    /// Groups present in it.
    pub groups: BTreeSet<GroupId>,
    /// Where it was read.
    pub provenance: Provenance,
}

impl Area {
    /// Says whether the area restrains `activity` flown by `force` for `party`.
    pub fn applies(
        &self,
        agreement: &Agreement,
        party: &PartyId,
        force: &ForceId,
        activity: Activity,
    ) -> bool {
        let activity_named = self.activities.is_empty() || self.activities.contains(&activity);
        let covers = |subject| agreement.covers(subject, party, force);
        activity_named && (self.applies_to.is_empty() || self.applies_to.iter().any(covers))
    }

    /// Returns the kinds a designated area counts as: its own, or all without one; none for others.
    pub fn area_kinds(&self) -> Vec<AreaKind> {
        match (self.kind, self.area_kind) {
            (AreaRecordKind::DesignatedArea, Some(kind)) => vec![kind],
            (AreaRecordKind::DesignatedArea, None) => AreaKind::ALL.map(|(_, kind)| kind).to_vec(),
            _ => Vec::new(),
        }
    }

    /// Returns the participants whose consent the area asks for: those it names, all of them for
    /// a designated area that names none, otherwise nobody.
    pub fn consent_asked_of(&self, agreement: &Agreement) -> BTreeSet<ParticipantId> {
        match (&self.consent_of, self.kind) {
            (Some(named), _) => named.clone(),
            (None, AreaRecordKind::DesignatedArea) => {
                agreement.participants.keys().cloned().collect()
            }
            (None, _) => BTreeSet::new(),
        }
    }
}

/// What kind of measure an area is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AreaRecordKind {
    /// An area the agreement designates, with an area kind.
    DesignatedArea,
    /// Closed.
    ProhibitedArea,
    /// Airspace users are restricted.
    RestrictedOperationsZone,
    /// No fire or effects may enter.
    NoFireArea,
    /// A route for passing through.
    Corridor,
    /// A strip without forces.
    DemilitarisedZone,
}

impl AreaRecordKind {
    /// Every kind with its wire name.
    pub const ALL: [(&'static str, Self); 6] = [
        ("designated_area", Self::DesignatedArea),
        ("prohibited_area", Self::ProhibitedArea),
        ("restricted_operations_zone", Self::RestrictedOperationsZone),
        ("no_fire_area", Self::NoFireArea),
        ("corridor", Self::Corridor),
        ("demilitarised_zone", Self::DemilitarisedZone),
    ];

    /// Returns the name used in documents.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::DesignatedArea => "designated_area",
            Self::ProhibitedArea => "prohibited_area",
            Self::RestrictedOperationsZone => "restricted_operations_zone",
            Self::NoFireArea => "no_fire_area",
            Self::Corridor => "corridor",
            Self::DemilitarisedZone => "demilitarised_zone",
        }
    }
}

/// How present armed groups outside the truce are in a designated area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AreaKind {
    /// Most concentrated presence.
    Concentrated,
    /// Significant presence.
    Significant,
    /// Possible presence; never takes a rule more permissive than the others by default.
    Possible,
}

impl AreaKind {
    /// Every kind with its wire name.
    pub const ALL: [(&'static str, Self); 3] = [
        ("concentrated", Self::Concentrated),
        ("significant", Self::Significant),
        ("possible", Self::Possible),
    ];

    /// Returns the name used in documents.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Concentrated => "concentrated",
            Self::Significant => "significant",
            Self::Possible => "possible",
        }
    }
}
