//! Every operation the agreement can be asked about, as facts left open and the bounds on them.

use std::collections::{BTreeMap, BTreeSet};

use detente_records::area::{AreaKind, AreaRecordKind};
use detente_records::names::{ForceId, ParticipantId, PartyId};
use detente_records::{Activity, Agreement, Name};
use detente_spacetime::Instant;

use super::formula::{Atoms, Formula, NumberId, ZERO, all, any, exactly_one};
use super::symbol::{Choice, Entity, Text, Value};
use crate::case::{PROTECTED_SEARCH_M, ResourceType};
use crate::facts::floor_m;
use crate::roster::Roster;

/// The id of an area no article names.
pub(super) const OTHER_AREA: &str = "(any area)";
/// The id of an area touched beside the one asked about, which no article names either.
pub(super) const ANOTHER_AREA: &str = "(another area)";
/// The id of a category no article and no policy names.
pub(super) const OTHER_CATEGORY: &str = "protected object";
/// The fact that an operation is inside the keep-out of the object asked about.
pub(super) const CONFLICT: &str = "inside the keep-out";
/// The largest distance, stand-off or keep-out considered, in metres: round the Earth.
pub(super) const METRES_MAX: i128 = 40_100_000;

/// What is fixed: the parties and forces of one agreement, and the areas its articles name.
pub(super) struct World<'a> {
    pub(super) roster: &'a Roster,
    pub(super) agreement: &'a Agreement,
    pub(super) areas: BTreeSet<String>,
    /// Told apart from other versions where conditions are taken as they stand: the same words
    /// may be true under one roster and false under another.
    pub(super) version: &'static str,
}

/// One request of an operation: about a thing it touches, or about the airspace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene {
    pub(super) activity: Activity,
    pub(super) kind: ResourceType,
    /// Whether the operation touches the area of the case: the one asked about, or, in the request
    /// at large, the one whose request is asked beside it.
    pub(super) enters_area: bool,
}

impl Scene {
    pub(super) fn of(activity: Activity, kind: ResourceType) -> Self {
        Self {
            activity,
            kind,
            enters_area: kind == ResourceType::Area,
        }
    }

    /// The request about the airspace of the same operation.
    pub(super) fn at_large(self) -> Self {
        Self {
            kind: ResourceType::Airspace,
            ..self
        }
    }

    /// The name of a quantity that differs between an operation's requests.
    pub(super) fn own(self, name: &str) -> String {
        match self.kind {
            ResourceType::Airspace => format!("{name} at large"),
            _ => format!("{name} there"),
        }
    }
}

impl World<'_> {
    /// The forces that may ask at all: those someone answers for.
    pub(super) fn forces(&self) -> impl Iterator<Item = (&ForceId, &PartyId, &ParticipantId)> {
        self.roster.forces.iter().filter_map(|(id, force)| {
            Some((id, &force.party, self.roster.answerable(&force.party)?))
        })
    }

    pub(super) fn participants(&self) -> impl Iterator<Item = &ParticipantId> {
        self.roster
            .parties
            .values()
            .filter_map(|party| party.participant.as_ref())
    }

    /// What `entity` is below.
    pub(super) fn above(&self, entity: &Entity, category: Option<&str>) -> BTreeSet<Entity> {
        let mut found = BTreeSet::new();
        if entity.kind == "Force"
            && let Ok(force) = ForceId::parse(&entity.id)
        {
            for id in self.roster.force_and_parents(&force) {
                found.insert(Entity::new("Force", id.as_str()));
                if let Some(entry) = self.roster.forces.get(id) {
                    found.insert(Entity::new("Party", entry.party.as_str()));
                    found.extend(
                        entry
                            .groups
                            .iter()
                            .map(|group| Entity::new("Group", group.as_str())),
                    );
                }
            }
        }
        if let Some(category) = category {
            found.insert(Entity::new("ObjectCategory", category));
        }
        found
    }

    pub(super) fn principal(&self, atoms: &mut Atoms) -> Choice<Entity> {
        let forces: Vec<&ForceId> = self.forces().map(|(force, ..)| force).collect();
        forces
            .into_iter()
            .map(|force| (flies(atoms, force), Entity::new("Force", force.as_str())))
            .collect()
    }

    pub(super) fn resource(&self, atoms: &mut Atoms, scene: Scene) -> Value {
        match scene.kind {
            ResourceType::Airspace => {
                Value::entity(Entity::new("Airspace", crate::vocabulary::AIRSPACE_ID))
            }
            ResourceType::Area => Value::Entity(
                self.areas()
                    .map(|id| (atoms.fact(format!("area is {id}")), Entity::new("Area", id)))
                    .collect(),
            ),
            other => Value::entity(Entity::new(other.name(), "it")),
        }
    }

    fn areas(&self) -> impl Iterator<Item = &str> {
        self.areas.iter().map(String::as_str).chain([OTHER_AREA])
    }

    pub(super) fn categories(&self) -> impl Iterator<Item = &str> {
        self.roster
            .categories
            .iter()
            .map(Name::as_str)
            .chain([OTHER_CATEGORY])
    }

    /// The value of an attribute of the context.
    pub(super) fn context(
        &self,
        atoms: &mut Atoms,
        scene: Scene,
        attribute: &str,
    ) -> Option<Value> {
        let here = scene.enters_area;
        Some(match attribute {
            "agreement" => Value::entity(Entity::new("Agreement", &self.roster.agreement)),
            "party" => Value::Entity(self.by_force(atoms, |_, party, _| party.as_str())),
            "participant" => {
                Value::Entity(self.by_force(atoms, |_, _, answerable| answerable.as_str()))
            }
            "participants" => Value::Set(self.participant_set(|_| Formula::TRUE)),
            "consents" => Value::Set(self.consents(atoms)),
            "enters" | "leaves" | "leadTime" => {
                let number = atoms.number(&scene.own(attribute));
                Value::number(number)
            }
            "distanceM" if scene.kind == ResourceType::Airspace => Value::constant(0),
            "distanceM" | "nearestProtectedM" => {
                let number = atoms.number(attribute);
                Value::number(number)
            }
            "notified" => Value::Truth(atoms.fact("notified")),
            "certain" => Value::Truth(atoms.fact(scene.own("certain"))),
            "areas" => Value::Set(self.touched_areas(atoms, here)),
            "areaKinds" => Value::Set(touched(atoms, "AreaKind", kinds(), here, "kind")),
            "measures" => Value::Set(touched(
                atoms,
                "MeasureKind",
                measures(),
                here,
                "measure is",
            )),
            "groups" => Value::Set(touched(
                atoms,
                "Group",
                self.roster.groups.iter().map(Name::as_str),
                here,
                "group",
            )),
            _ => return None,
        })
    }

    /// Every area touched. Of those that no article names there may be the one asked about and
    /// others, which articles can tell apart only by that.
    fn touched_areas(&self, atoms: &mut Atoms, here: bool) -> BTreeMap<Entity, Formula> {
        let named = self.areas.iter().map(String::as_str);
        let mut areas = touched(atoms, "Area", named, here, "area is");
        let another = atoms.fact(format!("elsewhere area is {ANOTHER_AREA}"));
        areas.insert(Entity::new("Area", ANOTHER_AREA), another);
        if here {
            let this = atoms.fact(format!("area is {OTHER_AREA}"));
            areas.insert(Entity::new("Area", OTHER_AREA), this);
        }
        areas
    }

    fn by_force<'b>(
        &'b self,
        atoms: &mut Atoms,
        id: impl Fn(&'b ForceId, &'b PartyId, &'b ParticipantId) -> &'b str,
    ) -> Choice<Entity> {
        let mut joined: BTreeMap<Entity, Formula> = BTreeMap::new();
        for (force, party, answerable) in self.forces() {
            let entity = Entity::new("Party", id(force, party, answerable));
            let known = joined.remove(&entity).unwrap_or(Formula::FALSE);
            joined.insert(entity, known.or(flies(atoms, force)));
        }
        joined
            .into_iter()
            .map(|(entity, when)| (when, entity))
            .collect()
    }

    fn participant_set(
        &self,
        mut member: impl FnMut(&ParticipantId) -> Formula,
    ) -> BTreeMap<Entity, Formula> {
        self.participants()
            .map(|id| (Entity::new("Party", id.as_str()), member(id)))
            .collect()
    }

    /// Consents that count: given, or implied by proposing; never by who has withdrawn.
    pub(super) fn consents(&self, atoms: &mut Atoms) -> BTreeMap<Entity, Formula> {
        self.participant_set(|id| {
            let own = self.forces().filter(|(_, party, _)| *id == **party);
            let own: Vec<Formula> = own.map(|(force, ..)| flies(atoms, force)).collect();
            let given = atoms.fact(format!("consent {id}"));
            (!withdrawn(atoms, id.as_str())).and(given.or(any(own)))
        })
    }

    /// The value of an attribute of an entity.
    pub(super) fn attribute(
        &self,
        atoms: &mut Atoms,
        scene: Scene,
        entity: &Entity,
        attribute: &str,
    ) -> Option<Value> {
        let party = |id: &str| Value::entity(Entity::new("Party", id));
        Some(match (entity.kind.as_str(), attribute) {
            ("Party", "participant") => Value::Truth(Formula::Constant(
                self.roster
                    .parties
                    .get(entity.id.as_str())?
                    .participant
                    .is_some(),
            )),
            ("Party", "suspended") => Value::Truth(atoms.fact(format!("suspended {}", entity.id))),
            ("Party", "withdrawn") => Value::Truth(withdrawn(atoms, &entity.id)),
            ("Party", "guarantor") => party(
                self.roster
                    .parties
                    .get(entity.id.as_str())?
                    .guarantor
                    .as_ref()?
                    .as_str(),
            ),
            ("Force", "party") => party(self.roster.forces.get(entity.id.as_str())?.party.as_str()),
            ("Agreement", "inForce") => Value::Truth(atoms.fact("in force")),
            ("Agreement", "suspended") => Value::Truth(!atoms.fact("in force")),
            ("Area", _) if scene.kind == ResourceType::Area => self.area(atoms, attribute)?,
            ("ProtectedObject", "category") => Value::Entity(
                self.categories()
                    .map(|id| {
                        (
                            atoms.fact(format!("category is {id}")),
                            Entity::new("ObjectCategory", id),
                        )
                    })
                    .collect(),
            ),
            ("ProtectedObject", "standoffM" | "keepOutM") => {
                let number = atoms.number(attribute);
                Value::number(number)
            }
            ("Movement", "organisation") => {
                Value::Text(vec![(Formula::TRUE, Text::Unknown(attribute.to_owned()))])
            }
            ("Operation", "combat") => Value::Truth(atoms.fact("other combat")),
            ("Operation", "force") => Value::Entity(self.other_forces(atoms)),
            ("Operation", "party") => {
                let forces = self.other_forces(atoms);
                let parties = forces.into_iter().filter_map(|(when, force)| {
                    let party = &self.roster.forces.get(force.id.as_str())?.party;
                    Some((when, Entity::new("Party", party.as_str())))
                });
                Value::Entity(parties.collect())
            }
            _ => return None,
        })
    }

    fn area(&self, atoms: &mut Atoms, attribute: &str) -> Option<Value> {
        let set = |members: Vec<(Entity, Formula)>| Value::Set(members.into_iter().collect());
        Some(match attribute {
            "measure" => Value::Entity(
                measures()
                    .map(|id| {
                        (
                            atoms.fact(format!("measure is {id}")),
                            Entity::new("MeasureKind", id),
                        )
                    })
                    .collect(),
            ),
            "kinds" => set(kinds()
                .map(|id| {
                    (
                        Entity::new("AreaKind", id),
                        atoms.fact(format!("kind {id}")),
                    )
                })
                .collect()),
            "consentOf" => set(self
                .participants()
                .map(|id| {
                    (
                        Entity::new("Party", id.as_str()),
                        atoms.fact(format!("consent of {id}")),
                    )
                })
                .collect()),
            "groups" => set(self
                .roster
                .groups
                .iter()
                .map(|id| {
                    (
                        Entity::new("Group", id.as_str()),
                        atoms.fact(format!("group {id}")),
                    )
                })
                .collect()),
            "validFrom" | "validUntil" => {
                let number = atoms.number(attribute);
                Value::number(number)
            }
            _ => return None,
        })
    }

    /// Whether an entity has an attribute; all it can have is declared, and most are required.
    pub(super) fn has(
        &self,
        atoms: &mut Atoms,
        scene: Scene,
        entity: &Entity,
        attribute: &str,
    ) -> Formula {
        match (entity.kind.as_str(), attribute) {
            ("Party", "guarantor") => Formula::Constant(
                self.roster
                    .parties
                    .get(entity.id.as_str())
                    .is_some_and(|party| party.guarantor.is_some()),
            ),
            ("Area", "validUntil") => atoms.fact("area ends"),
            _ => Formula::Constant(self.attribute(atoms, scene, entity, attribute).is_some()),
        }
    }

    /// The forces whose operations may be met, of every party; the bounds leave out one's own.
    fn other_forces(&self, atoms: &mut Atoms) -> Choice<Entity> {
        self.roster
            .forces
            .keys()
            .map(|id| {
                (
                    atoms.fact(format!("other force is {id}")),
                    Entity::new("Force", id.as_str()),
                )
            })
            .collect()
    }

    /// What is true of every operation that reaches the articles about `scene`.
    pub(super) fn bounds(&self, atoms: &mut Atoms, scene: Scene) -> Formula {
        let principal: Vec<Formula> = self
            .principal(atoms)
            .into_iter()
            .map(|(when, _)| when)
            .collect();
        let mut parts = vec![exactly_one(&principal)];
        let at_large = scene.at_large();
        self.times(atoms, at_large, &mut parts);
        if scene.kind != ResourceType::Airspace {
            self.times(atoms, scene, &mut parts);
            self.passage(atoms, scene, at_large, &mut parts);
        }
        let nearest = atoms.number("nearestProtectedM");
        parts.push(between(
            atoms,
            nearest,
            0,
            i128::from(floor_m(PROTECTED_SEARCH_M)),
        ));
        self.standing(atoms, scene, &mut parts);
        self.elsewhere(atoms, &mut parts);
        match scene.kind {
            ResourceType::Area => self.area_bounds(atoms, scene, &mut parts),
            ResourceType::ProtectedObject => self.object_bounds(atoms, scene, &mut parts),
            ResourceType::Operation => self.operation_bounds(atoms, &mut parts),
            ResourceType::Airspace | ResourceType::Movement => {}
        }
        all(parts)
    }

    /// Times of one request: in range, in order, within the agreement's, and no notice no lead.
    ///
    /// The agreement's minimum lead times are left out: they can be changed without touching an
    /// article, so that no proof about articles may rest on them.
    fn times(&self, atoms: &mut Atoms, scene: Scene, parts: &mut Vec<Formula>) {
        let [enters, leaves, lead] =
            ["enters", "leaves", "leadTime"].map(|name| atoms.number(&scene.own(name)));
        let (first, last) = (millis(Instant::MIN), millis(Instant::MAX));
        parts.push(between(atoms, enters, first, last));
        parts.push(between(atoms, leaves, first, last));
        parts.push(between(atoms, lead, 0, last - first));
        parts.push(atoms.at_most(enters, leaves, -1));
        let none = atoms.at_most(lead, ZERO, 0);
        parts.push(atoms.fact("notified").or(none));
        if let Some(day_d) = self.agreement.day_d {
            parts.push(atoms.at_most(ZERO, enters, -millis(day_d)));
        }
        if let Some(ends) = self.agreement.ends {
            parts.push(atoms.at_most(leaves, ZERO, millis(ends) + 1));
        }
    }

    /// The stretch at the thing touched lies within the operation.
    fn passage(&self, atoms: &mut Atoms, there: Scene, at_large: Scene, parts: &mut Vec<Formula>) {
        let mut pair = |name: &str| {
            (
                atoms.number(&there.own(name)),
                atoms.number(&at_large.own(name)),
            )
        };
        let (enters, leaves, lead) = (pair("enters"), pair("leaves"), pair("leadTime"));
        parts.push(atoms.at_most(enters.1, enters.0, 0));
        parts.push(atoms.at_most(leaves.0, leaves.1, 0));
        parts.push(atoms.at_most(lead.1, lead.0, 0));
        // Both are rounded down to whole milliseconds, and may so differ by one.
        let at_once = atoms.at_most(enters.0, enters.1, 0);
        parts.push(at_once.implies(atoms.at_most(lead.0, lead.1, 1)));
        let (overall, certain) = (
            atoms.fact(at_large.own("certain")),
            atoms.fact(there.own("certain")),
        );
        parts.push(overall.implies(certain));
        let distance = atoms.number("distanceM");
        parts.push(if there.kind == ResourceType::ProtectedObject {
            between(atoms, distance, 0, METRES_MAX)
        } else {
            between(atoms, distance, 0, 0)
        });
    }

    /// The product's own rules about agreement and party.
    fn standing(&self, atoms: &mut Atoms, scene: Scene, parts: &mut Vec<Formula>) {
        if matches!(
            scene.activity,
            Activity::Medevac | Activity::SearchAndRescue | Activity::Humanitarian
        ) {
            return;
        }
        parts.push(atoms.fact("in force"));
        for (force, party, answerable) in self.forces() {
            let stays = !withdrawn(atoms, party.as_str()).or(withdrawn(atoms, answerable.as_str()));
            parts.push(flies(atoms, force).implies(stays));
        }
    }

    /// What is gathered from other areas comes of areas: each is some measure, and designated areas,
    /// no others, are of a kind.
    fn elsewhere(&self, atoms: &mut Atoms, parts: &mut Vec<Formula>) {
        let mut some = |names: Vec<String>| {
            let facts = names
                .iter()
                .map(|name| atoms.fact(format!("elsewhere {name}")));
            any(facts.collect::<Vec<_>>())
        };
        let named = self.areas.iter().map(String::as_str).chain([ANOTHER_AREA]);
        let area = some(named.map(|id| format!("area is {id}")).collect());
        let measure = some(measures().map(|id| format!("measure is {id}")).collect());
        let designated = AreaRecordKind::DesignatedArea.wire_name();
        let designated = some(vec![format!("measure is {designated}")]);
        let kind = some(kinds().map(|id| format!("kind {id}")).collect());
        let groups = self.roster.groups.iter();
        let group = some(groups.map(|id| format!("group {id}")).collect());
        parts.extend([
            area.clone().implies(measure.clone()),
            measure.implies(area.clone()),
            designated.clone().implies(kind.clone()),
            kind.implies(designated),
            group.implies(area),
        ]);
    }

    fn area_bounds(&self, atoms: &mut Atoms, scene: Scene, parts: &mut Vec<Formula>) {
        let area: Vec<Formula> = self
            .areas()
            .map(|id| atoms.fact(format!("area is {id}")))
            .collect();
        let measure: Vec<Formula> = measures()
            .map(|id| atoms.fact(format!("measure is {id}")))
            .collect();
        parts.extend([exactly_one(&area), exactly_one(&measure)]);
        let kinds: Vec<Formula> = kinds().map(|id| atoms.fact(format!("kind {id}"))).collect();
        let designated = atoms.fact(format!(
            "measure is {}",
            AreaRecordKind::DesignatedArea.wire_name()
        ));
        let (one, every, none) = (exactly_one(&kinds), all(kinds.clone()), !any(kinds));
        parts.push(
            one.or(every.clone())
                .and(designated.clone())
                .or(none.and(!designated)),
        );
        // An unknown kind needs everyone's consent, whatever articles say.
        for given in self.consents(atoms).into_values() {
            parts.push(every.clone().implies(given));
        }
        let (from, until) = (atoms.number("validFrom"), atoms.number("validUntil"));
        let (first, last) = (millis(Instant::MIN), millis(Instant::MAX));
        parts.extend([
            between(atoms, from, first, last),
            between(atoms, until, first, last),
        ]);
        parts.push(
            atoms
                .fact("area ends")
                .implies(atoms.at_most(from, until, 0)),
        );
        // An area is met only while it is there; leaving is rounded up, its end down.
        let [enters, leaves] = ["enters", "leaves"].map(|name| atoms.number(&scene.own(name)));
        parts.push(atoms.at_most(from, enters, 0));
        parts.push(
            atoms
                .fact("area ends")
                .implies(atoms.at_most(leaves, until, 1)),
        );
    }

    fn object_bounds(&self, atoms: &mut Atoms, scene: Scene, parts: &mut Vec<Formula>) {
        let category: Vec<Formula> = self
            .categories()
            .map(|id| atoms.fact(format!("category is {id}")))
            .collect();
        parts.push(exactly_one(&category));
        let (standoff, keep_out) = (atoms.number("standoffM"), atoms.number("keepOutM"));
        parts.extend([
            between(atoms, standoff, 0, METRES_MAX),
            between(atoms, keep_out, 0, METRES_MAX),
        ]);
        parts.push(atoms.at_most(standoff, keep_out, 0));
        // The product lets nothing into a keep-out but what the stand-off policy exempts.
        let conflict = atoms.fact(CONFLICT);
        let policy = &self.agreement.parameters.standoff;
        let exempt: Vec<Formula> = self
            .roster
            .categories
            .iter()
            .filter(|category| policy.exempts(category, scene.activity))
            .map(|category| atoms.fact(format!("category is {category}")))
            .collect();
        parts.push(conflict.clone().implies(any(exempt)));
        let distance = atoms.number("distanceM");
        parts.push(conflict.implies(atoms.at_most(distance, keep_out, 0)));
    }

    fn operation_bounds(&self, atoms: &mut Atoms, parts: &mut Vec<Formula>) {
        let others: Vec<Formula> = self
            .other_forces(atoms)
            .into_iter()
            .map(|(when, _)| when)
            .collect();
        parts.push(exactly_one(&others));
        for (force, party, _) in self.forces() {
            let own = self
                .roster
                .forces
                .iter()
                .filter(|(_, other)| other.party == *party);
            let own: Vec<Formula> = own
                .map(|(other, _)| atoms.fact(format!("other force is {other}")))
                .collect();
            parts.push(flies(atoms, force).implies(!any(own)));
        }
    }
}

/// The members of a set the operation gathers from everything it touches: those of the thing
/// asked about, and any others.
fn touched<'b>(
    atoms: &mut Atoms,
    kind: &str,
    ids: impl Iterator<Item = &'b str>,
    here: bool,
    fact: &str,
) -> BTreeMap<Entity, Formula> {
    ids.map(|id| {
        let elsewhere = atoms.fact(format!("elsewhere {fact} {id}"));
        let member = if here {
            elsewhere.or(atoms.fact(format!("{fact} {id}")))
        } else {
            elsewhere
        };
        (Entity::new(kind, id), member)
    })
    .collect()
}

pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    AreaKind::ALL.into_iter().map(|(_, kind)| kind.wire_name())
}

pub(super) fn measures() -> impl Iterator<Item = &'static str> {
    AreaRecordKind::ALL
        .into_iter()
        .map(|(_, measure)| measure.wire_name())
}

pub(super) fn flies(atoms: &mut Atoms, force: &ForceId) -> Formula {
    atoms.fact(format!("force is {force}"))
}

fn withdrawn(atoms: &mut Atoms, party: &str) -> Formula {
    atoms.fact(format!("withdrawn {party}"))
}

fn between(atoms: &mut Atoms, number: NumberId, low: i128, high: i128) -> Formula {
    atoms
        .at_most(ZERO, number, -low)
        .and(atoms.at_most(number, ZERO, high))
}

/// Whole milliseconds since 1970, as Cedar counts.
pub(super) fn millis(instant: Instant) -> i128 {
    i128::from(instant.micros()).div_euclid(1_000)
}
