//! The zones and operations of a dossier, with what the agreement says of flights in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_agreement::{AreaFacts, Thing};
use detente_monitoring::{DeclaredOperation, Standing, Zone, ZoneKind};
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
    let areas = dossier.areas.iter().map(|area| drawing.area(area));
    let objects = dossier
        .protected
        .iter()
        .map(|object| drawing.object(object));
    let operations = dossier.operations.iter();
    let volumes = operations
        .clone()
        .flat_map(|operation| drawing.volumes(operation));
    (
        areas.chain(objects).chain(volumes).collect(),
        operations
            .map(|operation| declared(operation, &dossier.agreement))
            .collect(),
    )
}

struct Drawing<'a> {
    court: Court<'a>,
    forces: Vec<ForceId>,
    input: &'a Input,
}

impl Drawing<'_> {
    fn area(&self, area: &Area) -> Zone {
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
        let unmatched = |force: &ForceId| restrains(force, Activity::Transit);
        let mut zone = self.zone(
            area.id.as_str(),
            ZoneKind::Area,
            &area.volume,
            &thing,
            unmatched,
        );
        zone.forces = (!area.applies_to.is_empty()).then(|| forces.map(text).collect());
        for operation in &self.input.dossier.operations {
            if !restrains(&operation.force, operation.activity) {
                zone.operations
                    .insert(Arc::from(operation.id.as_str()), Standing::Exempt);
            }
        }
        zone
    }

    fn object(&self, object: &ProtectedObject) -> Zone {
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
        let mut zone = self.zone(object.id.as_str(), kind, &volume, &thing, |_| true);
        for operation in &dossier.operations {
            if policy.exempts(&object.category, operation.activity) {
                zone.operations
                    .insert(Arc::from(operation.id.as_str()), Standing::Exempt);
            }
        }
        zone
    }

    /// The volumes of an operation as others meet them: nobody of its own party, and nobody whom no source names.
    fn volumes(&self, operation: &Operation) -> Vec<Zone> {
        let agreement = &self.input.dossier.agreement;
        let others = agreement.forces.iter();
        let others = others.filter(|(_, force)| force.party != operation.party);
        let others: BTreeSet<Arc<str>> = others.map(|(id, _)| text(id)).collect();
        let zone = |volume: &Volume4D| Zone {
            id: Arc::from(operation.id.as_str()),
            kind: ZoneKind::Operation,
            volume: volume.clone(),
            forces: Some(others.clone()),
            unmatched: BTreeMap::new(),
            operations: BTreeMap::new(),
        };
        operation.volumes.iter().map(zone).collect()
    }

    fn zone(
        &self,
        id: &str,
        kind: ZoneKind,
        volume: &Volume4D,
        thing: &Thing,
        unmatched: impl Fn(&ForceId) -> bool,
    ) -> Zone {
        let answers = self.forces.iter().filter(|force| unmatched(force));
        let answers = answers.filter_map(|force| {
            let answer = self
                .court
                .undeclared(force, id, thing.clone(), volume.window)?;
            Some((text(force), answer))
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

fn declared(operation: &Operation, agreement: &Agreement) -> DeclaredOperation {
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
