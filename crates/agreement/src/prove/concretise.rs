//! From a case of facts and bounds to an operation that the real evaluator judges.

use std::collections::BTreeSet;

use detente_records::area::{AreaKind, AreaRecordKind};
use detente_records::names::{
    AreaId, CategoryName, GroupId, OfficeName, OperationId, ParticipantId,
};
use detente_records::{Agreement, Status};
use detente_spacetime::Instant;

use super::formula::{Atom, AtomId, Atoms, Formula, ZERO};
use super::solve::Case;
use super::text;
use super::world::{
    ANOTHER_AREA, CONFLICT, OTHER_AREA, OTHER_CATEGORY, Scene, World, kinds, measures, millis,
};
use crate::case::{
    AreaFacts, AwarenessKey, OperationCase, PROTECTED_SEARCH_M, ResourceType, Thing, Touch,
};
use crate::evaluation::Outcome;
use crate::facts::OperationFacts;
use crate::finding::Judgement;
use crate::roster::Roster;
use crate::rulebook::Rulebook;
use crate::rules;

/// A concrete operation that does what a property says cannot happen.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// The operation and what it touches, as the evaluator judged it.
    pub operation: OperationCase,
    /// What is assumed of parties and agreement that is not so now, in words.
    pub assumed: Vec<String>,
    /// The agreement as it would then stand, minimum lead times set aside.
    pub agreement: Agreement,
    /// What the evaluator said.
    pub judgement: Judgement,
    /// The case told in words.
    pub story: String,
}

/// A case made concrete, and the agreement as it would then stand.
pub(super) struct Candidate {
    pub(super) operation: OperationCase,
    pub(super) rulebook: Rulebook,
    pub(super) assumed: Vec<String>,
}

/// An organisation that no article names.
const SOME_ORGANISATION: &str = "an aid organisation";
impl Candidate {
    /// Whether what the operation touches is a protected object that it only comes near.
    pub(super) fn only_near(&self) -> bool {
        let touch = self.operation.touches.first();
        touch.is_some_and(|touch| touch.thing.only_near())
    }

    /// What those policies of the articles that `keep` names by id say to the one request of
    /// `scene`; `None` when the operation is not admitted or its request is of another kind.
    pub(super) fn put(&self, scene: Scene, keep: impl Fn(&str) -> bool) -> Option<Outcome> {
        let evaluator = &self.rulebook.evaluator;
        let roster = evaluator.stores.roster();
        let answerable = rules::admit(&self.operation, roster).ok()?;
        let facts = OperationFacts::new(&self.operation, answerable, roster, &evaluator.vocabulary);
        let held = rules::consents_held(&self.operation, roster);
        let touch = match scene.kind {
            ResourceType::Airspace => None,
            _ => self.operation.touches.first(),
        };
        let slice = evaluator.slices.binding(scene.activity, scene.kind)?;
        let slice = super::standing::kept(slice, keep);
        Some(evaluator.put(&slice, &facts, touch, &held))
    }
}

/// Milliseconds in an hour.
const HOUR: i128 = 3_600_000;

/// What makes a case easy to imagine, most important first. None of it is required.
pub(super) fn wishes(world: &World<'_>, atoms: &mut Atoms, scene: Scene) -> Vec<Formula> {
    let at_large = scene.at_large();
    let mut wishes = vec![atoms.fact("in force")];
    // As the parties stand now, so that little has to be supposed.
    for (id, party) in &world.roster.parties {
        for (what, now) in [
            ("suspended", party.suspended),
            ("withdrawn", party.withdrawn),
        ] {
            let fact = atoms.fact(format!("{what} {id}"));
            wishes.push(if now { fact } else { !fact });
        }
    }
    let elsewhere = measures()
        .map(|id| format!("measure is {id}"))
        .chain(kinds().map(|id| format!("kind {id}")));
    let areas = world.areas.iter().map(String::as_str).chain([ANOTHER_AREA]);
    let elsewhere = elsewhere.chain(areas.map(|id| format!("area is {id}")));
    let groups = world.roster.groups.iter().map(|id| format!("group {id}"));
    let names: Vec<String> = elsewhere.chain(groups).collect();
    wishes.push(super::formula::all(
        names
            .iter()
            .map(|name| !atoms.fact(format!("elsewhere {name}")))
            .collect::<Vec<_>>(),
    ));
    wishes.push(atoms.fact("notified"));
    let [enters, leaves, lead] =
        ["enters", "leaves", "leadTime"].map(|name| atoms.number(&at_large.own(name)));
    if scene.kind != ResourceType::Airspace {
        let [there, gone] = ["enters", "leaves"].map(|name| atoms.number(&scene.own(name)));
        wishes.push(atoms.at_most(there, enters, 0));
        let notice = atoms.number(&scene.own("leadTime"));
        wishes.push(atoms.at_most(notice, lead, 0));
        wishes.push(atoms.at_most(leaves, gone, 0));
    }
    let anchor = world
        .agreement
        .day_d
        .or(world.agreement.as_of)
        .map_or(0, millis);
    wishes.push(atoms.at_most(ZERO, enters, -(anchor + 24 * HOUR)));
    wishes.push(atoms.at_most(enters, ZERO, anchor + 48 * HOUR));
    wishes.push(atoms.at_most(leaves, enters, 2 * HOUR));
    wishes.push(atoms.at_most(enters, leaves, -HOUR));
    for hours in [24, 12, 6, 2, 1] {
        wishes.push(atoms.at_most(ZERO, lead, -hours * HOUR));
    }
    wishes.push(atoms.at_most(lead, ZERO, 48 * HOUR));
    wishes.push(atoms.fact(at_large.own("certain")));
    let nearest = atoms.number("nearestProtectedM");
    wishes.push(atoms.at_most(ZERO, nearest, -20_000));
    match scene.kind {
        ResourceType::Area => {
            let (from, until) = (atoms.number("validFrom"), atoms.number("validUntil"));
            wishes.push(atoms.fact("area ends"));
            wishes.push(atoms.at_most(from, enters, -HOUR));
            wishes.push(atoms.at_most(enters, from, 24 * HOUR));
            wishes.push(atoms.at_most(leaves, until, -HOUR));
            wishes.push(atoms.at_most(until, leaves, 720 * HOUR));
            let groups: Vec<String> = world
                .roster
                .groups
                .iter()
                .map(|id| format!("group {id}"))
                .collect();
            wishes.extend(
                groups
                    .into_iter()
                    .map(|group| !atoms.fact(group))
                    .collect::<Vec<_>>(),
            );
        }
        ResourceType::ProtectedObject => {
            let [distance, standoff, keep_out] =
                ["distanceM", "standoffM", "keepOutM"].map(|name| atoms.number(name));
            wishes.push(atoms.at_most(ZERO, standoff, -500));
            wishes.push(atoms.at_most(keep_out, ZERO, 2_000));
            wishes.push(atoms.fact(format!("category is {OTHER_CATEGORY}")));
            let conflict = atoms.fact(CONFLICT);
            wishes.push(!conflict.clone());
            // Not inside and yet nearer than is kept out happens only above or below.
            let outside = atoms.at_most(keep_out, distance, -1);
            wishes.push(conflict.or(outside));
            wishes.push(atoms.at_most(distance, ZERO, 5_000));
        }
        _ => {}
    }
    wishes
}

/// Makes `case` concrete; `None` when it cannot be, such as a name no document could hold.
pub(super) fn candidate(
    rulebook: &Rulebook,
    world: &World<'_>,
    atoms: &Atoms,
    scene: Scene,
    case: &Case,
) -> Option<Candidate> {
    let reading = Reading {
        world,
        atoms,
        scene,
        case,
    };
    let operation = reading.operation()?;
    let (agreement, roster, assumed) = reading.standing(rulebook, operation.starts);
    let rulebook = rulebook.standing_as(agreement, roster);
    Some(Candidate {
        operation,
        rulebook,
        assumed,
    })
}

struct Reading<'r> {
    world: &'r World<'r>,
    atoms: &'r Atoms,
    scene: Scene,
    case: &'r Case,
}

impl Reading<'_> {
    fn fact(&self, name: &str) -> Option<bool> {
        self.atoms
            .known_fact(name)
            .map(|atom| self.case.holds(atom))
    }

    fn is(&self, name: String) -> bool {
        self.fact(&name).unwrap_or(false)
    }

    fn number(&self, name: &str) -> i128 {
        self.atoms
            .known_number(name)
            .map_or(0, |number| self.case.number(number))
    }

    fn instant(&self, millis: i128) -> Option<Instant> {
        let micros = i64::try_from(millis.checked_mul(1_000)?).ok()?;
        Some(Instant::from_micros(micros).unwrap_or(if micros < 0 {
            Instant::MIN
        } else {
            Instant::MAX
        }))
    }

    fn operation(&self) -> Option<OperationCase> {
        let at_large = self.scene.at_large();
        let (force, party, _) = self
            .world
            .forces()
            .find(|(force, ..)| self.is(format!("force is {force}")))?;
        let starts = self.number(&at_large.own("enters"));
        let lead = self.number(&at_large.own("leadTime"));
        let notified = self.fact("notified").unwrap_or(true);
        let given = self
            .world
            .participants()
            .filter(|id| self.is(format!("consent {id}")));
        let mut operation = OperationCase {
            operation: OperationId::parse("counterexample").ok()?,
            party: party.clone(),
            force: force.clone(),
            activity: self.scene.activity,
            starts: self.instant(starts)?,
            ends: Some(self.instant(self.number(&at_large.own("leaves")))?),
            notified: if notified {
                Some(self.instant(starts - lead)?)
            } else {
                None
            },
            consents: given.cloned().collect(),
            awareness: Some(AwarenessKey([0; 32])),
            nearest_protected_m: None,
            touches: Vec::new(),
        };
        let nearest = metres(self.number("nearestProtectedM"));
        operation.nearest_protected_m = (nearest < PROTECTED_SEARCH_M).then_some(nearest);
        if self.scene.kind != ResourceType::Airspace {
            operation.touches.push(self.touch(starts, lead, notified)?);
        }
        operation.touches.extend(self.elsewhere(&operation)?);
        Some(operation)
    }

    fn touch(&self, starts: i128, lead: i128, notified: bool) -> Option<Touch> {
        let own = |name: &str| self.number(&self.scene.own(name));
        let enters = if notified {
            starts + own("leadTime") - lead
        } else {
            own("enters")
        };
        let thing = self.thing()?;
        // An area that articles name has to be drawn under its name, or they are about another.
        let with = match &thing {
            Thing::Area(area) if self.world.areas.contains(area.id.as_str()) => area.id.to_string(),
            _ => "there".to_owned(),
        };
        Some(Touch {
            with,
            thing,
            enters: self.instant(enters)?,
            leaves: Some(self.instant(own("leaves"))?),
            distance_m: metres(self.number("distanceM")),
            certain: self.fact(&self.scene.own("certain")).unwrap_or(true),
        })
    }

    fn thing(&self) -> Option<Thing> {
        Some(match self.scene.kind {
            ResourceType::Airspace => return None,
            ResourceType::Area => Thing::Area(self.area()?),
            ResourceType::ProtectedObject => {
                let category = self
                    .world
                    .categories()
                    .find(|id| self.is(format!("category is {id}")))
                    .unwrap_or(OTHER_CATEGORY);
                Thing::ProtectedObject {
                    category: CategoryName::parse(category).ok()?,
                    standoff_m: i64::try_from(self.number("standoffM")).ok()?,
                    keep_out_m: i64::try_from(self.number("keepOutM")).ok()?,
                    conflict: self.is(CONFLICT.to_owned()),
                }
            }
            ResourceType::Movement => Thing::Movement {
                organisation: self.organisation()?,
            },
            ResourceType::Operation => {
                let force = self
                    .world
                    .roster
                    .forces
                    .keys()
                    .find(|id| self.is(format!("other force is {id}")))?;
                let party = self.world.roster.forces.get(force)?.party.clone();
                let combat = self.is("other combat".to_owned());
                let activity = if combat {
                    detente_records::Activity::Strike
                } else {
                    detente_records::Activity::Transit
                };
                Thing::Operation {
                    party,
                    force: force.clone(),
                    activity,
                }
            }
        })
    }

    /// A name that is spelt and formed as the case says, or at least as much like it as one finds.
    fn organisation(&self) -> Option<OfficeName> {
        let name = |name: &String| name == "organisation";
        let said: Vec<(&Atom, bool)> = self
            .atoms
            .atoms
            .iter()
            .enumerate()
            .filter(|(_, atom)| {
                matches!(atom, Atom::Spelt { name: of, .. } | Atom::Like { name: of, .. } if name(of))
            })
            .map(|(index, atom)| (atom, self.case.holds(AtomId(index))))
            .collect();
        let mut candidates = vec![SOME_ORGANISATION.to_owned()];
        for (atom, holds) in &said {
            match atom {
                Atom::Spelt { text, .. } if *holds => candidates.push(text.clone()),
                Atom::Like { pattern, .. } if *holds => candidates.extend(
                    ["", "x", SOME_ORGANISATION].map(|filler| text::instance(pattern, filler)),
                ),
                _ => {}
            }
        }
        let fits = |candidate: &String| {
            said.iter().all(|(atom, holds)| match atom {
                Atom::Spelt { text, .. } => (text == candidate) == *holds,
                Atom::Like { pattern, .. } => text::matches(pattern, candidate) == *holds,
                _ => true,
            })
        };
        let found = candidates.iter().find(|candidate| fits(candidate));
        OfficeName::parse(found.or(candidates.last())?).ok()
    }

    fn area(&self) -> Option<AreaFacts> {
        let kinds: Vec<AreaKind> = AreaKind::ALL
            .into_iter()
            .filter(|(name, _)| self.is(format!("kind {name}")))
            .map(|(_, kind)| kind)
            .collect();
        let measure = AreaRecordKind::ALL
            .into_iter()
            .find(|(name, _)| self.is(format!("measure is {name}")))?
            .1;
        let id = self
            .world
            .areas
            .iter()
            .find(|id| self.is(format!("area is {id}")))
            .map_or(OTHER_AREA, String::as_str);
        let until = self.instant(self.number("validUntil"))?;
        Some(AreaFacts {
            id: AreaId::parse(id).ok()?,
            measure,
            area_kind: match kinds.as_slice() {
                [only] => Some(*only),
                _ => None,
            },
            consent_of: self
                .world
                .participants()
                .filter(|id| self.is(format!("consent of {id}")))
                .cloned()
                .collect(),
            groups: self.groups(""),
            valid_from: self.instant(self.number("validFrom"))?,
            valid_until: self.is("area ends".to_owned()).then_some(until),
            opens: true,
        })
    }

    fn groups(&self, prefix: &str) -> BTreeSet<GroupId> {
        self.world
            .roster
            .groups
            .iter()
            .filter(|id| self.is(format!("{prefix}group {id}")))
            .cloned()
            .collect()
    }

    /// The other areas touched, when the case needs some for what the operation gathers: one for
    /// each measure, and for each kind of a designated area.
    fn elsewhere(&self, operation: &OperationCase) -> Option<Vec<Touch>> {
        let is = |name: &str| self.is(format!("elsewhere {name}"));
        let mut kinds: Vec<Option<AreaKind>> = AreaKind::ALL
            .into_iter()
            .filter(|(name, _)| is(&format!("kind {name}")))
            .map(|(_, kind)| Some(kind))
            .collect();
        let mut measures: Vec<AreaRecordKind> = AreaRecordKind::ALL
            .into_iter()
            .filter(|(name, _)| is(&format!("measure is {name}")))
            .map(|(_, measure)| measure)
            .collect();
        let groups = self.groups("elsewhere ");
        let mut ids: Vec<String> = self
            .world
            .areas
            .iter()
            .filter(|id| is(&format!("area is {id}")))
            .cloned()
            .collect();
        if is(&format!("area is {ANOTHER_AREA}")) {
            ids.push(ANOTHER_AREA.to_owned());
        }
        let designated = measures.contains(&AreaRecordKind::DesignatedArea);
        if !kinds.is_empty() && !designated {
            measures.push(AreaRecordKind::DesignatedArea);
        }
        if measures.is_empty() && (!groups.is_empty() || !ids.is_empty()) {
            // What it shares with the area asked about is not told apart.
            let own = match self.scene.kind {
                ResourceType::Area => self.area(),
                _ => None,
            };
            let measure = own.as_ref().map(|area| area.measure);
            measures.push(measure.unwrap_or(AreaRecordKind::Corridor));
            kinds.extend(own.map(|area| area.area_kind));
        }
        if kinds.is_empty() {
            kinds.push(Some(AreaKind::Concentrated));
        }
        let mut forms: Vec<(AreaRecordKind, Option<AreaKind>)> = Vec::new();
        for measure in measures {
            match measure {
                AreaRecordKind::DesignatedArea => {
                    forms.extend(kinds.iter().map(|kind| (measure, *kind)));
                }
                _ => forms.push((measure, None)),
            }
        }
        // Every area that is named is touched, whatever it is.
        while !forms.is_empty() && forms.len() < ids.len() {
            forms.extend(forms.first().copied());
        }
        let touches = forms.into_iter().enumerate().map(|(index, form)| {
            let (measure, area_kind) = form;
            let id = match ids.get(index) {
                Some(id) => id.clone(),
                None => format!("{ANOTHER_AREA} {}", index + 1),
            };
            let with = match index {
                _ if self.world.areas.contains(&id) => id.clone(),
                0 => "elsewhere".to_owned(),
                _ => format!("elsewhere-{}", index + 1),
            };
            Some(Touch {
                with,
                thing: Thing::Area(AreaFacts {
                    id: AreaId::parse(&id).ok()?,
                    measure,
                    area_kind,
                    consent_of: BTreeSet::new(),
                    groups: groups.clone(),
                    valid_from: operation.starts,
                    valid_until: operation.ends,
                    opens: true,
                }),
                enters: operation.starts,
                leaves: operation.ends,
                distance_m: 0.0,
                certain: true,
            })
        });
        touches.collect()
    }

    /// The agreement and its parties as the case has them, and what differs from now. Minimum
    /// lead times are set aside, as in the search.
    fn standing(&self, rulebook: &Rulebook, starts: Instant) -> (Agreement, Roster, Vec<String>) {
        let mut agreement = rulebook.agreement.clone();
        let mut roster = self.world.roster.clone();
        let mut assumed = Vec::new();
        let in_force = self.fact("in force").unwrap_or(true);
        let status = if in_force {
            Status::InForce
        } else {
            Status::Suspended
        };
        if status != agreement.status {
            assumed.push(
                if in_force {
                    "the agreement is in force"
                } else {
                    "the agreement is suspended"
                }
                .to_owned(),
            );
        }
        agreement.status = status;
        roster.status = status;
        agreement.day_d.get_or_insert(starts);
        agreement.parameters.lead_times.clear();
        for (id, party) in &mut roster.parties {
            let suspended = self
                .fact(&format!("suspended {id}"))
                .unwrap_or(party.suspended);
            let withdrawn = self
                .fact(&format!("withdrawn {id}"))
                .unwrap_or(party.withdrawn);
            for (what, was, is) in [
                ("suspended", party.suspended, suspended),
                ("withdrawn", party.withdrawn, withdrawn),
            ] {
                match (was, is) {
                    (false, true) => assumed.push(format!("{} is {what}", id.as_str())),
                    (true, false) => assumed.push(format!("{} is no longer {what}", id.as_str())),
                    _ => {}
                }
            }
            (party.suspended, party.withdrawn) = (suspended, withdrawn);
        }
        for (id, participant) in &mut agreement.participants {
            if let Some(party) = roster.parties.get(id.as_str()) {
                (participant.suspended, participant.withdrawn) = (party.suspended, party.withdrawn);
            }
        }
        for (id, bound) in &mut agreement.bound_parties {
            if let Some(party) = roster.parties.get(id) {
                (bound.suspended, bound.withdrawn) = (party.suspended, party.withdrawn);
            }
        }
        (agreement, roster, assumed)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a distance on Earth in whole metres is exact"
)]
fn metres(value: i128) -> f64 {
    value as f64
}

/// Who consents, for words.
pub(super) fn consenting(operation: &OperationCase) -> impl Iterator<Item = &str> {
    operation.consents.iter().map(ParticipantId::as_str)
}
