//! Everything that is in the air or must be kept clear of, and what an operation meets of it.

use std::cmp::Ordering;

use detente_deconfliction::{Conflict, Index, Scratch};
use detente_records::{KeepOut, Operation};
use detente_spacetime::{AltitudeBand, Footprint, Instant, Outline, Proximity, Volume4D, Widening};

use super::input::Input;

/// The index over a dossier and its operations.
#[derive(Debug)]
pub(super) struct Picture<'a> {
    input: &'a Input,
    keep_outs: Vec<KeepOut>,
    things: Index<Key>,
    /// Protected objects at every height, for distances.
    objects: Index<usize>,
}

/// A volume of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    thing: Subject,
    volume: usize,
}

/// A thing that can be met, by its place in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// A protected object, with everything kept out around it.
    ProtectedObject(usize),
    /// A humanitarian movement.
    Movement(usize),
    /// An area.
    Area(usize),
    /// Another operation.
    Operation(usize),
}

/// One thing met, over one stretch of time.
#[derive(Clone, Debug)]
pub(super) struct Contact {
    pub(super) subject: Subject,
    pub(super) enters: Instant,
    /// `None` until further notice.
    pub(super) leaves: Option<Instant>,
    /// Metres above the WGS84 ellipsoid.
    pub(super) lower_m: f64,
    /// Metres above the WGS84 ellipsoid; infinite without a limit.
    pub(super) upper_m: f64,
    /// Whether they meet whatever is within the assumptions about air and ground.
    pub(super) certain: bool,
    pub(super) widenings: Vec<Widening>,
    /// Metres between the footprints without any stand-off; 0 where they overlap.
    pub(super) distance_m: f64,
    /// The volumes that meet: the operation's own, and the thing's.
    meetings: Vec<(usize, usize)>,
}

impl<'a> Picture<'a> {
    /// Builds the index.
    pub(super) fn new(input: &'a Input) -> Self {
        let dossier = &input.dossier;
        let parameters = &dossier.agreement.parameters;
        let keep_outs: Vec<KeepOut> = dossier
            .protected
            .iter()
            .map(|object| object.keep_out(&parameters.standoff))
            .collect();
        let kept_out: Vec<Volume4D> = dossier
            .protected
            .iter()
            .zip(&keep_outs)
            .map(|(object, keep_out)| Volume4D {
                footprint: keep_out.footprint.clone(),
                ..object.volume.clone()
            })
            .collect();
        let at_every_height: Vec<Volume4D> = dossier
            .protected
            .iter()
            .map(|object| Volume4D {
                altitude: AltitudeBand::EVERY_HEIGHT,
                ..object.volume.clone()
            })
            .collect();
        let only = |thing| Key { thing, volume: 0 };
        let areas = dossier
            .areas
            .iter()
            .enumerate()
            .map(|(place, area)| (only(Subject::Area(place)), &area.volume));
        let protected = kept_out
            .iter()
            .enumerate()
            .map(|(place, volume)| (only(Subject::ProtectedObject(place)), volume));
        let movements = dossier
            .movements
            .iter()
            .enumerate()
            .map(|(place, movement)| (only(Subject::Movement(place)), &movement.volume));
        let operations = input
            .operations
            .iter()
            .enumerate()
            .flat_map(|(place, operation)| {
                let key = move |volume| Key {
                    thing: Subject::Operation(place),
                    volume,
                };
                operation
                    .volumes
                    .iter()
                    .enumerate()
                    .map(move |(number, volume)| (key(number), volume))
            });
        let mut things = Index::new(parameters.vertical);
        things.insert_all(areas.chain(protected).chain(movements).chain(operations));
        let mut objects = Index::new(parameters.vertical);
        objects.insert_all(at_every_height.iter().enumerate());
        Self {
            input,
            keep_outs,
            things,
            objects,
        }
    }

    /// Returns what is kept out around a protected object.
    pub(super) fn keep_out(&self, object: usize) -> Option<&KeepOut> {
        self.keep_outs.get(object)
    }

    /// Returns metres from the operation to the nearest protected object, whatever the heights; `None` beyond `max_m`.
    pub(super) fn nearest_protected_m(&self, operation: &Operation, max_m: f64) -> Option<f64> {
        let distances = operation.volumes.iter().filter_map(|volume| {
            let volume = Volume4D {
                altitude: AltitudeBand::EVERY_HEIGHT,
                ..volume.clone()
            };
            Some(self.objects.nearest(&volume, max_m)?.separation_m)
        });
        distances.min_by(f64::total_cmp)
    }

    /// Returns everything the operation at `place` meets: by thing, then by time.
    ///
    /// Areas that do not apply to it are left out. Stretches of one thing that touch or overlap in time are told as one.
    pub(super) fn contacts(&self, place: usize, scratch: &mut Scratch) -> Vec<Contact> {
        let Some(operation) = self.input.operations.get(place) else {
            return Vec::new();
        };
        let mut contacts = Vec::new();
        let mut conflicts = Vec::new();
        for (number, volume) in operation.volumes.iter().enumerate() {
            self.things.conflicts_into(volume, scratch, &mut conflicts);
            let met = conflicts
                .drain(..)
                .filter(|conflict| self.concerns(conflict.key.thing, place, operation));
            contacts.extend(met.map(|conflict| self.contact(conflict, number, volume)));
        }
        contacts.sort_by(Contact::by_thing_and_time);
        merged(contacts)
    }

    /// Returns the outlines where the operation and the thing share ground.
    pub(super) fn outlines(&self, place: usize, contact: &Contact) -> Vec<Outline> {
        let shared = contact.meetings.iter().filter_map(|&(own, other)| {
            let own = &self
                .input
                .operations
                .get(place)?
                .volumes
                .get(own)?
                .footprint;
            Some(own.overlap_outline(self.footprint(contact.subject, other)?))
        });
        shared.collect()
    }

    /// Whether the thing is anybody's business: an area that applies, or another operation.
    fn concerns(&self, subject: Subject, place: usize, operation: &Operation) -> bool {
        match subject {
            Subject::Area(area) => self.input.dossier.areas.get(area).is_some_and(|area| {
                area.applies(
                    &self.input.dossier.agreement,
                    &operation.party,
                    &operation.force,
                    operation.activity,
                )
            }),
            Subject::Operation(other) => other != place,
            Subject::ProtectedObject(_) | Subject::Movement(_) => true,
        }
    }

    fn contact(&self, conflict: Conflict<Key>, own: usize, volume: &Volume4D) -> Contact {
        let Conflict {
            key,
            window,
            lower_m,
            upper_m,
            certain,
            widenings,
        } = conflict;
        Contact {
            subject: key.thing,
            enters: window.start(),
            leaves: window.end(),
            lower_m,
            upper_m,
            certain,
            widenings,
            distance_m: self.distance_m(key.thing, volume),
            meetings: vec![(own, key.volume)],
        }
    }

    /// Metres to the object itself; everything else met is met at no distance.
    fn distance_m(&self, subject: Subject, volume: &Volume4D) -> f64 {
        let Subject::ProtectedObject(object) = subject else {
            return 0.0;
        };
        let object = self.input.dossier.protected.get(object);
        match object.map(|object| volume.footprint.proximity(&object.volume.footprint)) {
            Some(Proximity::Apart { separation_m }) => separation_m,
            Some(Proximity::Overlap) | None => 0.0,
        }
    }

    fn footprint(&self, subject: Subject, volume: usize) -> Option<&Footprint> {
        let dossier = &self.input.dossier;
        match subject {
            Subject::ProtectedObject(object) => self
                .keep_outs
                .get(object)
                .map(|keep_out| &keep_out.footprint),
            Subject::Movement(movement) => dossier
                .movements
                .get(movement)
                .map(|movement| &movement.volume.footprint),
            Subject::Area(area) => dossier.areas.get(area).map(|area| &area.volume.footprint),
            Subject::Operation(operation) => {
                let volume = self.input.operations.get(operation)?.volumes.get(volume)?;
                Some(&volume.footprint)
            }
        }
    }
}

impl Contact {
    fn by_thing_and_time(&self, other: &Self) -> Ordering {
        (self.subject, self.enters, &self.meetings).cmp(&(
            other.subject,
            other.enters,
            &other.meetings,
        ))
    }

    /// Whether `next`, which does not begin earlier, carries on where this one ends.
    fn continues_into(&self, next: &Self) -> bool {
        self.subject == next.subject && self.leaves.is_none_or(|leaves| next.enters <= leaves)
    }

    fn absorb(&mut self, next: Self) {
        self.leaves = self
            .leaves
            .zip(next.leaves)
            .map(|(one, other)| one.max(other));
        self.lower_m = self.lower_m.min(next.lower_m);
        self.upper_m = self.upper_m.max(next.upper_m);
        self.certain |= next.certain;
        self.distance_m = self.distance_m.min(next.distance_m);
        for widening in next.widenings {
            if !self.widenings.contains(&widening) {
                self.widenings.push(widening);
            }
        }
        self.meetings.extend(next.meetings);
    }
}

/// Joins stretches of one thing that touch or overlap in time.
fn merged(contacts: Vec<Contact>) -> Vec<Contact> {
    let mut joined: Vec<Contact> = Vec::new();
    for contact in contacts {
        match joined.last_mut() {
            Some(last) if last.continues_into(&contact) => last.absorb(contact),
            _ => joined.push(contact),
        }
    }
    joined
}
