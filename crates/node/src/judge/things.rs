//! Everything that is in the air or must be kept clear of, found by place, height and time.

use detente_deconfliction::{Index, Scratch};
use detente_persistent::Map;
use detente_records::{
    Area, AreaId, HumanitarianMovement, KeepOut, MovementId, ObjectId, Operation, OperationId,
    Parameters, ProtectedObject, StandoffPolicy,
};
use detente_spacetime::{AltitudeBand, Footprint, Proximity, Volume4D};

use super::contact::Contact;
use super::shelf::Shelf;

/// Everything that an operation can meet.
///
/// Things may be added, replaced and taken out one by one; what is found depends only on what is in, not on how it got there.
#[derive(Clone, Debug)]
pub struct Things {
    standoff: StandoffPolicy,
    areas: Shelf<AreaId, Area>,
    /// Areas that only hold back.
    restraining: Map<AreaId, ()>,
    protected: Shelf<ObjectId, Kept>,
    movements: Shelf<MovementId, HumanitarianMovement>,
    operations: Shelf<OperationId, Operation>,
    index: Index<Key>,
    /// Protected objects at every height, for distances.
    objects: Index<usize>,
}

/// A protected object and what is kept out around it.
#[derive(Clone, Debug)]
struct Kept {
    object: ProtectedObject,
    keep_out: KeepOut,
}

/// A volume of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    thing: Subject,
    volume: usize,
}

/// A thing that can be met, by its slot.
///
/// Slots are given in the order in which things were first put in, and a thing that is replaced keeps its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A protected object, with everything kept out around it.
    ProtectedObject(usize),
    /// A humanitarian movement.
    Movement(usize),
    /// An area.
    Area(usize),
    /// Another operation.
    Operation(usize),
}

/// What is put in all at once, the fastest way for many things.
#[derive(Debug, Default)]
struct Batch {
    index: Vec<(Key, Volume4D)>,
    objects: Vec<(usize, Volume4D)>,
}

impl Things {
    /// Nothing yet; `parameters` say what is kept out around an object, and bound what converting between altitudes may add.
    pub fn new(parameters: &Parameters) -> Self {
        Self {
            standoff: parameters.standoff.clone(),
            areas: Shelf::default(),
            restraining: Map::new(),
            protected: Shelf::default(),
            movements: Shelf::default(),
            operations: Shelf::default(),
            index: Index::new(parameters.vertical),
            objects: Index::new(parameters.vertical),
        }
    }

    /// Puts in many things at once, packed for searching: for each kind, slots follow the order given.
    pub fn extend(
        &mut self,
        areas: impl IntoIterator<Item = Area>,
        protected: impl IntoIterator<Item = ProtectedObject>,
        movements: impl IntoIterator<Item = HumanitarianMovement>,
        operations: impl IntoIterator<Item = Operation>,
    ) {
        let mut batch = Batch::default();
        for area in areas {
            self.shelve_area(area, &mut batch);
        }
        for object in protected {
            self.shelve_protected(object, &mut batch);
        }
        for movement in movements {
            self.shelve_movement(movement, &mut batch);
        }
        for operation in operations {
            self.shelve_operation(operation, &mut batch);
        }
        let volumes = batch.index.iter().map(|(key, volume)| (*key, volume));
        self.index.insert_all(volumes);
        let objects = batch.objects.iter().map(|(slot, volume)| (*slot, volume));
        self.objects.insert_all(objects);
    }

    /// Puts an area in, or replaces the one of its id.
    pub fn insert_area(&mut self, area: Area) {
        let mut batch = Batch::default();
        self.shelve_area(area, &mut batch);
        self.put(batch);
    }

    /// Says whether being in an area may open anything; of every area that is put in it does until otherwise said.
    pub fn set_opens(&mut self, id: &AreaId, opens: bool) {
        if opens {
            self.restraining.remove(id);
        } else {
            self.restraining.insert(id.clone(), ());
        }
    }

    /// Whether being in an area may open anything.
    pub fn opens(&self, id: &AreaId) -> bool {
        self.restraining.get(id).is_none()
    }

    /// The areas that only hold back.
    pub fn restraining(&self) -> impl Iterator<Item = &AreaId> {
        self.restraining.iter().map(|(id, ())| id)
    }

    /// Takes an area out.
    pub fn remove_area(&mut self, id: &AreaId) {
        self.restraining.remove(id);
        if let Some((slot, _)) = self.areas.take(id) {
            self.index.remove(&only(Subject::Area(slot)));
        }
    }

    /// Puts a protected object in, or replaces the one of its id.
    pub fn insert_protected(&mut self, object: ProtectedObject) {
        let mut batch = Batch::default();
        self.shelve_protected(object, &mut batch);
        self.put(batch);
    }

    /// Takes a protected object out.
    pub fn remove_protected(&mut self, id: &ObjectId) {
        if let Some((slot, _)) = self.protected.take(id) {
            self.index.remove(&only(Subject::ProtectedObject(slot)));
            self.objects.remove(&slot);
        }
    }

    /// Puts a humanitarian movement in, or replaces the one of its id.
    pub fn insert_movement(&mut self, movement: HumanitarianMovement) {
        let mut batch = Batch::default();
        self.shelve_movement(movement, &mut batch);
        self.put(batch);
    }

    /// Takes a humanitarian movement out.
    pub fn remove_movement(&mut self, id: &MovementId) {
        if let Some((slot, _)) = self.movements.take(id) {
            self.index.remove(&only(Subject::Movement(slot)));
        }
    }

    /// Puts an operation in, or replaces the one of its id.
    pub fn insert_operation(&mut self, operation: Operation) {
        let mut batch = Batch::default();
        self.remove_operation(&operation.id);
        self.shelve_operation(operation, &mut batch);
        self.put(batch);
    }

    /// Takes an operation out.
    pub fn remove_operation(&mut self, id: &OperationId) {
        if let Some((slot, operation)) = self.operations.take(id) {
            for volume in 0..operation.volumes.len() {
                let thing = Subject::Operation(slot);
                self.index.remove(&Key { thing, volume });
            }
        }
    }

    /// The area in a slot.
    pub fn area(&self, slot: usize) -> Option<&Area> {
        self.areas.get(slot)
    }

    /// The protected object in a slot, and what is kept out around it.
    pub fn protected_object(&self, slot: usize) -> Option<(&ProtectedObject, &KeepOut)> {
        let kept = self.protected.get(slot)?;
        Some((&kept.object, &kept.keep_out))
    }

    /// The humanitarian movement in a slot.
    pub fn movement(&self, slot: usize) -> Option<&HumanitarianMovement> {
        self.movements.get(slot)
    }

    /// The operation in a slot.
    pub fn operation(&self, slot: usize) -> Option<&Operation> {
        self.operations.get(slot)
    }

    /// The operation with this id.
    pub fn find_operation(&self, id: &OperationId) -> Option<&Operation> {
        self.operations.find(id)
    }

    /// Areas, by slot.
    pub fn areas(&self) -> impl Iterator<Item = &Area> {
        self.areas.iter().map(|(_, area)| area)
    }

    /// Protected objects and what is kept out around each, by slot.
    pub fn protected(&self) -> impl Iterator<Item = (&ProtectedObject, &KeepOut)> {
        let kept = self.protected.iter().map(|(_, kept)| kept);
        kept.map(|kept| (&kept.object, &kept.keep_out))
    }

    /// Humanitarian movements, by slot.
    pub fn movements(&self) -> impl Iterator<Item = &HumanitarianMovement> {
        self.movements.iter().map(|(_, movement)| movement)
    }

    /// Operations, by slot.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter().map(|(_, operation)| operation)
    }

    /// Metres from the operation to the nearest protected object, whatever the heights; `None` beyond `max_m`.
    pub fn nearest_protected_m(&self, operation: &Operation, max_m: f64) -> Option<f64> {
        let distances = operation.volumes.iter().filter_map(|volume| {
            let separation = self.objects.nearest(&at_every_height(volume), max_m)?;
            Some(separation.separation_m)
        });
        distances.min_by(f64::total_cmp)
    }

    /// The protected objects within `max_m` of a volume, whatever the heights, while both are there: the nearest first.
    pub fn protected_near(
        &self,
        volume: &Volume4D,
        max_m: f64,
    ) -> impl Iterator<Item = &ProtectedObject> {
        let near = self.objects.within(&at_every_height(volume), max_m);
        let kept = near
            .into_iter()
            .filter_map(|near| self.protected.get(near.key));
        kept.map(|kept| &kept.object)
    }

    /// The protected objects within `max_m` of the operation, whatever the heights, that it does not meet: for each
    /// volume of the operation one contact, from both being there to one of them not.
    pub(super) fn near(&self, operation: &Operation, max_m: f64) -> Vec<Contact> {
        let mut contacts = Vec::new();
        for volume in &operation.volumes {
            for near in self.objects.within(&at_every_height(volume), max_m) {
                let Some(kept) = self.protected.get(near.key) else {
                    continue;
                };
                let Some(window) = volume.window.intersection(&kept.object.volume.window) else {
                    continue;
                };
                let subject = Subject::ProtectedObject(near.key);
                contacts.push(Contact::near(subject, &window, near.separation_m));
            }
        }
        contacts
    }

    /// What each volume of an operation meets; stretches of one thing are not joined yet.
    pub(super) fn meetings(&self, operation: &Operation, scratch: &mut Scratch) -> Vec<Contact> {
        let mut contacts = Vec::new();
        let mut conflicts = Vec::new();
        for (own, volume) in operation.volumes.iter().enumerate() {
            self.index.conflicts_into(volume, scratch, &mut conflicts);
            let met = conflicts.drain(..).map(|conflict| {
                let distance_m = self.distance_m(conflict.key.thing, &volume.footprint);
                let meeting = (own, conflict.key.volume);
                let mut contact = Contact::new(conflict.key.thing, meeting, &conflict, distance_m);
                // Several volumes may lie on several sides of one thing.
                if operation.volumes.len() == 1 {
                    contact.further_m = self.further_m(conflict.key.thing, &volume.footprint);
                }
                contact
            });
            contacts.extend(met);
        }
        contacts
    }

    /// The footprint of one volume of a thing, with what is kept out around it.
    pub(super) fn footprint(&self, subject: Subject, volume: usize) -> Option<&Footprint> {
        match subject {
            Subject::ProtectedObject(slot) => {
                let kept = self.protected.get(slot)?;
                Some(&kept.keep_out.footprint)
            }
            Subject::Movement(slot) => Some(&self.movements.get(slot)?.volume.footprint),
            Subject::Area(slot) => Some(&self.areas.get(slot)?.volume.footprint),
            Subject::Operation(slot) => {
                let volume = self.operations.get(slot)?.volumes.get(volume)?;
                Some(&volume.footprint)
            }
        }
    }

    /// Metres to the object itself; everything else met is met at no distance.
    fn distance_m(&self, subject: Subject, footprint: &Footprint) -> f64 {
        let Subject::ProtectedObject(slot) = subject else {
            return 0.0;
        };
        let kept = self.protected.get(slot);
        match kept.map(|kept| footprint.proximity(&kept.object.volume.footprint)) {
            Some(Proximity::Apart { separation_m }) => separation_m,
            Some(Proximity::Overlap) | None => 0.0,
        }
    }

    /// Metres that a footprint has to move to leave what is kept out around a protected object, where that can be said.
    fn further_m(&self, subject: Subject, footprint: &Footprint) -> Option<f64> {
        let Subject::ProtectedObject(slot) = subject else {
            return None;
        };
        let kept = self.protected.get(slot)?;
        footprint.way_out_m(&kept.object.volume.footprint, kept.keep_out.distance_m())
    }

    fn shelve_area(&mut self, area: Area, batch: &mut Batch) {
        let volume = area.volume.clone();
        let slot = self.areas.put(area.id.clone(), area);
        batch.index.push((only(Subject::Area(slot)), volume));
    }

    fn shelve_protected(&mut self, object: ProtectedObject, batch: &mut Batch) {
        let keep_out = object.keep_out(&self.standoff);
        let kept_out = Volume4D {
            footprint: keep_out.footprint.clone(),
            ..object.volume.clone()
        };
        let anywhere_above = at_every_height(&object.volume);
        let kept = Kept { object, keep_out };
        let slot = self.protected.put(kept.object.id.clone(), kept);
        let thing = Subject::ProtectedObject(slot);
        batch.index.push((only(thing), kept_out));
        batch.objects.push((slot, anywhere_above));
    }

    fn shelve_movement(&mut self, movement: HumanitarianMovement, batch: &mut Batch) {
        let volume = movement.volume.clone();
        let slot = self.movements.put(movement.id.clone(), movement);
        batch.index.push((only(Subject::Movement(slot)), volume));
    }

    fn shelve_operation(&mut self, operation: Operation, batch: &mut Batch) {
        let volumes = operation.volumes.clone();
        let slot = self.operations.put(operation.id.clone(), operation);
        let thing = Subject::Operation(slot);
        let keyed = volumes.into_iter().enumerate();
        batch
            .index
            .extend(keyed.map(|(volume, held)| (Key { thing, volume }, held)));
    }

    /// Puts few things in.
    fn put(&mut self, batch: Batch) {
        for (key, volume) in batch.index {
            self.index.insert(key, &volume);
        }
        for (slot, volume) in batch.objects {
            self.objects.insert(slot, &volume);
        }
    }
}

/// The key of a thing of one volume.
fn only(thing: Subject) -> Key {
    Key { thing, volume: 0 }
}

fn at_every_height(volume: &Volume4D) -> Volume4D {
    Volume4D {
        altitude: AltitudeBand::EVERY_HEIGHT,
        ..volume.clone()
    }
}
