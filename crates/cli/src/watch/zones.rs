//! The zones and operations of a dossier, with what the agreement says of flights in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_agreement::{AreaFacts, Thing};
use detente_deconfliction::Scratch;
use detente_monitoring::{Answer, DeclaredOperation, Standing, Zone, ZoneKind};
use detente_node::judge::Things;
use detente_records::names::ForceId;
use detente_records::{Activity, Agreement, Area, Operation, ProtectedObject};
use detente_spacetime::{Encounter, Volume4D, Window, encounter};

use super::agreement::Court;
use super::dossier::Input;

/// Everything tracks are held against; `forces` are those that tracks are said to belong to.
pub(super) fn of(
    input: &Input,
    forces: &BTreeSet<Arc<str>>,
) -> (Vec<Zone>, Vec<DeclaredOperation>) {
    let dossier = &input.dossier;
    let drawing = Drawing {
        court: Court { input },
        forces: forces
            .iter()
            .filter_map(|force| ForceId::parse(force).ok())
            .collect(),
        input,
    };
    let areas = dossier.areas.iter().flat_map(|area| drawing.area(area));
    let objects = dossier
        .protected
        .iter()
        .flat_map(|object| drawing.object(object));
    let operations = dossier.operations.iter();
    let volumes = operations
        .clone()
        .flat_map(|operation| drawing.volumes(operation));
    (
        areas.chain(objects).chain(volumes).collect(),
        drawing.declared(),
    )
}

/// What the articles are asked of a flight that nobody declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// Whether it may pass through the zone.
    Through,
    /// Only whether it may fly at all.
    Anywhere,
    /// Nothing: the zone does not concern it.
    Nothing,
}

struct Drawing<'a> {
    court: Court<'a>,
    forces: Vec<ForceId>,
    input: &'a Input,
}

impl Drawing<'_> {
    /// A volume, cut where the agreement ends: what is restrained before that and what after are two questions.
    fn within_windows(&self, volume: &Volume4D) -> Vec<Volume4D> {
        let window = volume.window;
        let ends = self.input.dossier.agreement.ends;
        let ends = ends
            .filter(|ends| window.start() < *ends && window.end().is_none_or(|end| *ends < end));
        let halves = ends.and_then(|ends| {
            let before = Window::new(window.start(), Some(ends)).ok()?;
            Some(vec![before, Window::new(ends, window.end()).ok()?])
        });
        let windows = halves.unwrap_or_else(|| vec![window]).into_iter();
        let within = |window| Volume4D {
            window,
            ..volume.clone()
        };
        windows.map(within).collect()
    }

    fn area(&self, area: &Area) -> Vec<Zone> {
        let agreement = &self.input.dossier.agreement;
        let thing = Thing::Area(AreaFacts::of(area, agreement));
        let restrains = |force: &ForceId, activity| {
            let known = agreement.forces.get(force);
            known.is_some_and(|known| area.applies(agreement, &known.party, force, activity))
        };
        let anyhow = |force: &ForceId| {
            let mut activities = Activity::ALL.into_iter();
            activities.any(|activity| restrains(force, activity))
        };
        let forces = agreement.forces.keys().filter(|force| anyhow(force));
        let forces: Option<BTreeSet<Arc<str>>> =
            (!area.applies_to.is_empty()).then(|| forces.map(text).collect());
        // A flight that passes through, or one that may do nothing anywhere.
        let unmatched = |force: &ForceId| match restrains(force, Activity::Transit) {
            true => Asked::Through,
            false if anyhow(force) => Asked::Anywhere,
            false => Asked::Nothing,
        };
        let exempt = self.input.dossier.operations.iter();
        let exempt = exempt.filter(|one| !restrains(&one.force, one.activity));
        let exempt: Vec<&Operation> = exempt.collect();
        let kind = ZoneKind::Area;
        let mut zones = self.zones(area.id.as_str(), kind, &area.volume, &thing, unmatched);
        for zone in &mut zones {
            zone.forces = forces.clone();
            exempts(zone, &exempt);
        }
        zones
    }

    fn object(&self, object: &ProtectedObject) -> Vec<Zone> {
        let dossier = &self.input.dossier;
        let policy = &dossier.agreement.parameters.standoff;
        let keep_out = object.keep_out(policy);
        let thing = Thing::ProtectedObject {
            category: object.category.clone(),
            standoff_m: whole_metres(keep_out.standoff_m),
            keep_out_m: whole_metres(keep_out.distance_m()),
            conflict: true,
        };
        let volume = Volume4D {
            footprint: keep_out.footprint,
            ..object.volume.clone()
        };
        let kind = ZoneKind::ProtectedObject;
        let id = object.id.as_str();
        let mut zones = self.zones(id, kind, &volume, &thing, |_| Asked::Through);
        let exempt = dossier.operations.iter();
        let exempt = exempt.filter(|one| policy.exempts(&object.category, one.activity));
        let exempt: Vec<&Operation> = exempt.collect();
        for zone in &mut zones {
            exempts(zone, &exempt);
        }
        zones
    }

    /// The volumes of an operation as others meet them: nobody of its own party, and nobody whom no source names.
    ///
    /// Who may do nothing anywhere may not be there either; else what meets it is told and alarms nobody.
    fn volumes(&self, operation: &Operation) -> Vec<Zone> {
        let agreement = &self.input.dossier.agreement;
        let others = agreement.forces.iter();
        let others = others.filter(|(_, force)| force.party != operation.party);
        let others: BTreeSet<Arc<str>> = others.map(|(id, _)| text(id)).collect();
        let zone = |volume: Volume4D| {
            let among_others = self.forces.iter();
            let among_others = among_others.filter(|force| others.contains(force.as_str()));
            Zone {
                id: Arc::from(operation.id.as_str()),
                kind: ZoneKind::Operation,
                forces: Some(others.clone()),
                unmatched: among_others
                    .filter_map(|force| self.unmatched(force, Asked::Anywhere, None, volume.window))
                    .collect(),
                volume,
                operations: BTreeMap::new(),
            }
        };
        let volumes = operation.volumes.iter();
        volumes
            .flat_map(|volume| self.within_windows(volume))
            .map(zone)
            .collect()
    }

    /// What a flight that nobody declared is held against.
    fn unmatched(
        &self,
        force: &ForceId,
        asked: Asked,
        through: Option<(&str, &Thing)>,
        window: Window,
    ) -> Option<(Arc<str>, Answer)> {
        let through = match asked {
            Asked::Through => through,
            Asked::Anywhere => None,
            Asked::Nothing => return None,
        };
        let answer = self.court.undeclared(force, through, window)?;
        Some((text(force), answer))
    }

    /// The operations that tracks are matched to, with what the agreement says of each as a whole.
    fn declared(&self) -> Vec<DeclaredOperation> {
        let dossier = &self.input.dossier;
        let mut things = Things::new(&dossier.agreement.parameters);
        things.extend(
            dossier.areas.iter().cloned(),
            dossier.protected.iter().cloned(),
            dossier.movements.iter().cloned(),
            dossier.operations.iter().cloned(),
        );
        let mut scratch = Scratch::default();
        let mut declared = |operation: &Operation| {
            let standing = self
                .court
                .standing_as_a_whole(operation, &things, &mut scratch);
            declared(operation, &dossier.agreement, standing)
        };
        let operations = dossier.operations.iter();
        operations.map(&mut declared).collect()
    }

    fn zones(
        &self,
        id: &str,
        kind: ZoneKind,
        volume: &Volume4D,
        thing: &Thing,
        unmatched: impl Fn(&ForceId) -> Asked,
    ) -> Vec<Zone> {
        let volumes = self.within_windows(volume).into_iter();
        volumes
            .map(|volume| self.zone(id, kind, &volume, thing, &unmatched))
            .collect()
    }

    fn zone(
        &self,
        id: &str,
        kind: ZoneKind,
        volume: &Volume4D,
        thing: &Thing,
        unmatched: impl Fn(&ForceId) -> Asked,
    ) -> Zone {
        let answers = self.forces.iter().filter_map(|force| {
            let through = Some((id, thing));
            self.unmatched(force, unmatched(force), through, volume.window)
        });
        let standings = self
            .input
            .dossier
            .operations
            .iter()
            .filter_map(|operation| {
                let window = self.meeting(operation, volume)?;
                let standing = self.court.standing(operation, id, thing, window);
                Some((Arc::from(operation.id.as_str()), standing))
            });
        Zone {
            id: Arc::from(id),
            kind,
            volume: volume.clone(),
            forces: None,
            unmatched: answers.collect(),
            operations: standings.collect(),
        }
    }

    /// When an operation first meets a volume.
    fn meeting(&self, operation: &Operation, volume: &Volume4D) -> Option<Window> {
        let assumptions = &self.input.dossier.agreement.parameters.vertical;
        let windows = operation.volumes.iter().filter_map(|own| {
            let window = own.window.intersection(&volume.window)?;
            let conflict = matches!(encounter(own, volume, assumptions), Encounter::Conflict(_));
            conflict.then_some(window)
        });
        windows.min_by_key(Window::start)
    }
}

/// Notes operations that a zone does not concern.
fn exempts(zone: &mut Zone, operations: &[&Operation]) {
    for operation in operations {
        let id = Arc::from(operation.id.as_str());
        zone.operations.insert(id, Standing::Exempt);
    }
}

fn declared(operation: &Operation, agreement: &Agreement, standing: Standing) -> DeclaredOperation {
    let part_of_it = |force: &&ForceId| {
        agreement
            .force_and_parents(force)
            .contains(&operation.force)
    };
    DeclaredOperation {
        id: Arc::from(operation.id.as_str()),
        forces: agreement
            .forces
            .keys()
            .filter(part_of_it)
            .map(text)
            .collect(),
        volumes: operation.volumes.clone(),
        standing,
    }
}

fn text(force: &ForceId) -> Arc<str> {
    Arc::from(force.as_str())
}

/// Metres rounded up to a whole number, as articles compare them.
#[expect(
    clippy::cast_possible_truncation,
    reason = "distances are bounded by their readers; the cast saturates"
)]
fn whole_metres(metres: f64) -> i64 {
    metres.ceil() as i64
}
