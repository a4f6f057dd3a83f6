//! From the properties of one feature to the record of its kind.

use std::collections::BTreeSet;

use detente_spacetime::Volume4D;

use crate::area::{Area, AreaKind, AreaRecordKind};
use crate::document::Value;
use crate::drawing::Drawing;
use crate::finding::{Problems, Provenance, quoted};
use crate::height::Missing;
use crate::movement::{HumanitarianMovement, LEGS_MAX, Leg};
use crate::names::{ForceId, GroupId, Name, ParticipantId, PartyId, SubjectId};
use crate::operation::OperationPart;
use crate::parameters::{activities, activity_of};
use crate::profile::ProfileContext;
use crate::protected::ProtectedObject;
use crate::standoff::{ACCURACY_UNSTATED_M, STANDOFF_MAX_M};
use crate::table::{Table, name_of, unknown_name, word_of};
use crate::{exclusion, period};

/// A feature whose geometry, heights and times have been read, and whose other properties are next.
pub(super) struct FeatureReader<'a, 't, 'p> {
    pub(super) members: Table<'a, 't>,
    pub(super) properties: Table<'a, 't>,
    pub(super) provenance: Provenance,
    pub(super) context: &'p ProfileContext<'p>,
    pub(super) problems: &'p mut Problems,
}

/// What was drawn and the volume it means, when both could be read.
pub(super) type Drawn = Option<(Drawing, Volume4D)>;

impl<'a> FeatureReader<'a, '_, '_> {
    /// Returns the id from `properties` or from the feature; both must agree.
    fn id<N: Name>(&mut self, required: bool) -> Option<N> {
        let inner_path = self.properties.path().key("id");
        let outer_path = self.members.path().key("id");
        let inner = self.properties.get("id");
        let outer = self.members.get("id");
        let inner_id = inner.map(|value| name_of::<N>(value, &inner_path, self.problems));
        let outer_id = outer.map(|value| name_of::<N>(value, &outer_path, self.problems));
        match (inner_id, outer_id) {
            (Some(Some(inner)), Some(Some(outer))) if inner != outer => {
                let message = format!(
                    "the feature's `id` {} and the property `id` {} differ",
                    quoted(outer.as_str()),
                    quoted(inner.as_str()),
                );
                self.problems
                    .error("two_ids", self.properties.place_of("id"), message)
                    .help("keep one of them");
                None
            }
            (Some(id), _) | (None, Some(id)) => id,
            (None, None) => {
                if required {
                    self.problems
                        .error(
                            "missing_property",
                            self.properties.place(),
                            "`id` is missing",
                        )
                        .help("add `id`, a name of its own for this record");
                }
                None
            }
        }
    }

    pub(super) fn operation(&mut self, volume: Drawn) -> Option<OperationPart> {
        let shared = self.properties.has("operation");
        let own = self.id(!shared);
        let id = if shared {
            self.properties.name("operation", self.problems)
        } else {
            own
        };
        self.properties
            .require(&["party", "force", "activity"], self.problems);
        let name = self.properties.local_text("name", self.problems);
        let party: Option<PartyId> = self.properties.name("party", self.problems);
        let force: Option<ForceId> = self.properties.name("force", self.problems);
        self.check_party_and_force(party.as_ref(), force.as_ref());
        let path = self.properties.path().key("activity");
        let activity = self.properties.get("activity").and_then(|value| {
            let excluded = matches!(&value.value, Value::Text(text) if exclusion::excluded_term(text).is_some());
            if excluded { None } else { activity_of(value, &path, self.problems) }
        });
        let consents = self.participants("consents");
        let notified = self.properties.instant("notified", self.problems);
        if let (Some(notified), Some((_, volume))) = (notified, &volume)
            && notified > volume.window.start()
        {
            self.problems
                .warning(
                    "late_notice",
                    self.properties.place_of("notified"),
                    "the notice comes after the start",
                )
                .help("a notice after the start gives no lead time");
        }
        let (drawing, volume) = volume?;
        Some(OperationPart {
            id: id?,
            name,
            party: party?,
            force: force?,
            activity: activity?,
            volume,
            drawing,
            consents,
            notified,
            provenance: self.provenance.clone(),
        })
    }

    fn check_party_and_force(&mut self, party: Option<&PartyId>, force: Option<&ForceId>) {
        let Some(agreement) = self.context.agreement else {
            return;
        };
        if let Some(party) = party
            && !agreement.has_party(party.as_str())
        {
            let place = self.properties.place_of("party");
            unknown_name(
                "party",
                party.as_str(),
                place,
                agreement.party_names(),
                self.problems,
            );
        }
        let Some(force) = force else { return };
        let place = self.properties.place_of("force");
        match (agreement.forces.get(force), party) {
            (None, _) => {
                let known = agreement.forces.keys().map(Name::as_str);
                unknown_name("force", force.as_str(), place, known, self.problems);
            }
            (Some(known), Some(party)) if known.party != *party => {
                let message = format!(
                    "force {} belongs to {}, not to {}",
                    quoted(force.as_str()),
                    quoted(known.party.as_str()),
                    quoted(party.as_str()),
                );
                self.problems
                    .error("contradicting_party", place, message)
                    .help("name the party the force belongs to, or the force that flies");
            }
            (Some(_), _) => {}
        }
    }

    fn participants(&mut self, key: &'static str) -> Option<BTreeSet<ParticipantId>> {
        let agreement = self.context.agreement;
        let known = |name: &ParticipantId, place, problems: &mut Problems| {
            if let Some(agreement) = agreement
                && !agreement.participants.contains_key(name)
            {
                let known = agreement.participants.keys().map(Name::as_str);
                unknown_name("participant", name.as_str(), place, known, problems);
            }
        };
        let names = self.properties.names(key, self.problems, known)?;
        Some(names.into_iter().collect())
    }

    pub(super) fn area(&mut self, kind: AreaRecordKind, volume: Drawn) -> Option<Area> {
        let id = self.id(true);
        let name = self.properties.local_text("name", self.problems);
        let area_kind = self.area_kind(kind);
        let applies_to = self.subjects();
        let activities = activities(&mut self.properties, "activities", self.problems);
        let consent_of = self.participants("consent_of");
        let agreement = self.context.agreement;
        let known = |name: &GroupId, place, problems: &mut Problems| {
            if let Some(agreement) = agreement
                && !agreement.groups.contains_key(name)
            {
                let known = agreement.groups.keys().map(Name::as_str);
                unknown_name("group", name.as_str(), place, known, problems);
            }
        };
        let groups = self.properties.names("groups", self.problems, known);
        let (drawing, volume) = volume?;
        Some(Area {
            id: id?,
            kind,
            area_kind,
            name,
            volume,
            drawing,
            applies_to,
            activities,
            consent_of,
            groups: groups.into_iter().flatten().collect(),
            provenance: self.provenance.clone(),
        })
    }

    fn area_kind(&mut self, kind: AreaRecordKind) -> Option<AreaKind> {
        if kind != AreaRecordKind::DesignatedArea {
            return None;
        }
        let path = self.properties.path().key("area_kind");
        match self.properties.get("area_kind") {
            Some(value) => {
                let known = &AreaKind::ALL;
                word_of(
                    value,
                    &path,
                    "unknown_area_kind",
                    "area kind",
                    known,
                    self.problems,
                )
            }
            None => {
                let names = AreaKind::ALL.map(|(name, _)| name);
                let message = "`area_kind` is missing; the area counts as every kind";
                self.problems
                    .warning("missing_area_kind", self.properties.place(), message)
                    .help(format!(
                        "add `area_kind`, one of {}",
                        crate::nearest::listed(&names)
                    ));
                None
            }
        }
    }

    fn subjects(&mut self) -> Vec<SubjectId> {
        let agreement = self.context.agreement;
        let known = |name: &SubjectId, place, problems: &mut Problems| {
            if let Some(agreement) = agreement
                && !agreement.has_subject(name.as_str())
            {
                let known = agreement.subject_names();
                unknown_name(SubjectId::WHAT, name.as_str(), place, known, problems);
            }
        };
        let subjects = self.properties.names("applies_to", self.problems, known);
        let subjects = subjects.unwrap_or_default();
        if subjects.is_empty() && self.properties.has("applies_to") {
            self.problems
                .warning(
                    "empty_list",
                    self.properties.place_of("applies_to"),
                    "`applies_to` names nobody and is read as everyone",
                )
                .help("leave it out if everyone is meant");
        }
        subjects
    }

    pub(super) fn object(&mut self, volume: Drawn) -> Option<ProtectedObject> {
        let id = self.id(true);
        self.properties.require(&["category"], self.problems);
        let category = self.properties.name("category", self.problems);
        let name = self.properties.local_text("name", self.problems);
        let range = 0.0..=STANDOFF_MAX_M;
        let accuracy_m =
            self.properties
                .number_within("accuracy_m", range.clone(), "m", self.problems);
        let standoff_m = self
            .properties
            .number_within("standoff_m", range, "m", self.problems);
        if !self.properties.has("accuracy_m") {
            let message = format!("`accuracy_m` is missing and read as {ACCURACY_UNSTATED_M} m");
            self.problems
                .warning("missing_accuracy", self.properties.place(), message)
                .help("add `accuracy_m`: how far the true place may lie from this one");
        }
        let submitted_by = self.properties.name("submitted_by", self.problems);
        let (drawing, volume) = volume?;
        Some(ProtectedObject {
            id: id?,
            category: category?,
            name,
            volume,
            drawing,
            accuracy_m,
            standoff_m,
            submitted_by,
            provenance: self.provenance.clone(),
        })
    }

    pub(super) fn movement(&mut self, volume: Drawn) -> Option<HumanitarianMovement> {
        let id = self.id(true);
        self.properties.require(&["organisation"], self.problems);
        let organisation = self.properties.name("organisation", self.problems);
        let name = self.properties.local_text("name", self.problems);
        let legs = self.legs(volume.as_ref().map(|(_, volume)| volume));
        let (drawing, volume) = volume?;
        Some(HumanitarianMovement {
            id: id?,
            name,
            organisation: organisation?,
            volume,
            drawing,
            legs,
            provenance: self.provenance.clone(),
        })
    }

    fn legs(&mut self, volume: Option<&Volume4D>) -> Vec<Leg> {
        let mut legs = Vec::new();
        self.properties.each("legs", self.problems, |leg, problems| {
                let name = leg.local_text("name", problems);
                let window = period::read(leg, Missing::Error, problems);
                leg.warn_of_unknown(problems);
                let Some(window) = window else { return };
                let inside = volume.is_none_or(|volume| {
                    let within_end = match (window.end(), volume.window.end()) {
                        (_, None) => true,
                        (None, Some(_)) => false,
                        (Some(leg), Some(whole)) => leg <= whole,
                    };
                    volume.window.start() <= window.start() && within_end
                });
                if !inside {
                    problems
                    .error("leg_outside_window", leg.place(), "the leg is not inside the movement's own time")
                    .help("widen `start` and `end` of the movement: outside them it is not protected");
                }
                legs.push(Leg { name, window });
            },
        );
        if legs.len() > LEGS_MAX {
            let message = format!("{} legs, more than {LEGS_MAX}", legs.len());
            self.problems
                .error(
                    "too_many_entries",
                    self.properties.place_of("legs"),
                    message,
                )
                .help("split the movement");
        }
        legs
    }
}
