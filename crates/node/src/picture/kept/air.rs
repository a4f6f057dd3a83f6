//! What is in the air: kept as which of the things that stand it is, and put there again.

use std::collections::BTreeMap;
use std::fmt::Debug;

use detente_records::{Area, AreaId, HumanitarianMovement, Operation, ProtectedObject};

use super::super::air::Air;
use super::super::standing::before_any_text;
use super::super::{Picture, standing};
use super::declared::dossiers;
use crate::judge::Things;
use crate::kept::{Kept, Reader, Writer};

/// Everything that may be in the air, by what stands; in a fixed order.
struct Pool {
    areas: Vec<Area>,
    objects: Vec<ProtectedObject>,
    movements: Vec<HumanitarianMovement>,
    operations: Vec<Operation>,
}

impl Pool {
    fn of(picture: &Picture) -> Self {
        let mut pool = Self {
            areas: Vec::new(),
            objects: Vec::new(),
            movements: Vec::new(),
            operations: Vec::new(),
        };
        for dossier in dossiers(picture) {
            pool.areas.extend(dossier.areas.iter().cloned());
            pool.objects.extend(dossier.protected.iter().cloned());
            let apart = dossier
                .protected
                .iter()
                .filter_map(standing::object_of_text);
            pool.objects.extend(apart);
            pool.movements.extend(dossier.movements.iter().cloned());
            let apart = dossier
                .movements
                .iter()
                .filter_map(standing::movement_of_text);
            pool.movements.extend(apart);
            pool.operations.extend(dossier.operations.iter().cloned());
        }
        for file in picture.areas.values() {
            pool.areas.extend(file.in_the_air());
        }
        for id in picture.standing.suspended_areas() {
            let known = pool.areas.iter().filter(|area| area.id == *id);
            let closed: Vec<Area> = known.filter_map(standing::closed).collect();
            pool.areas.extend(closed);
        }
        for file in picture.objects.values() {
            let objects = file.in_the_air().into_iter();
            pool.objects.extend(objects.map(|(_, object)| object));
        }
        for file in picture.movements.values() {
            pool.movements.extend(file.in_the_air());
        }
        let operations = picture.operations.values();
        let flown = operations.filter(|file| file.is_in_the_air());
        pool.operations
            .extend(flown.map(|file| (*file.declared).clone()));
        pool
    }
}

/// Writes which of a pool each thing is.
fn write_places<'a, T: Debug + 'a>(
    things: impl Iterator<Item = &'a T>,
    pool: &'a [T],
    id: impl Fn(&T) -> &str,
    to: &mut Writer,
) {
    let mut by_id: BTreeMap<&str, Vec<(usize, &T)>> = BTreeMap::new();
    for (place, thing) in pool.iter().enumerate() {
        by_id.entry(id(thing)).or_default().push((place, thing));
    }
    let mut places: Vec<usize> = Vec::new();
    for thing in things {
        let shown = format!("{thing:?}");
        let alike = by_id.get(id(thing)).map_or(&[][..], Vec::as_slice);
        // The newest of those that are alike; they are alike in everything.
        let found = alike
            .iter()
            .rev()
            .find(|(_, one)| format!("{one:?}") == shown);
        match found {
            Some((place, _)) => places.push(*place),
            None => to.fail(format!("nothing that stands puts {} there", id(thing))),
        }
    }
    places.write(to);
}

/// Reads which of a pool each thing is.
fn read_places<T: Clone>(pool: &[T], from: &mut Reader<'_>) -> Option<Vec<T>> {
    let places: Vec<usize> = Kept::read(from)?;
    let things = places.iter().map(|place| pool.get(*place).cloned());
    things.collect()
}

pub(super) fn write(picture: &Picture, to: &mut Writer) {
    let pool = Pool::of(picture);
    let Air {
        things,
        sources,
        turns,
    } = &*picture.air;
    write_places(things.areas(), &pool.areas, |area| area.id.as_str(), to);
    let objects = things.protected().map(|(object, _)| object);
    write_places(objects, &pool.objects, |object| object.id.as_str(), to);
    let movements = things.movements();
    write_places(movements, &pool.movements, |it| it.id.as_str(), to);
    let operations = things.operations();
    write_places(operations, &pool.operations, |it| it.id.as_str(), to);
    let restraining = things.restraining();
    restraining.cloned().collect::<Vec<AreaId>>().write(to);
    sources.write(to);
    turns.write(to);
}

pub(super) fn read(picture: &Picture, from: &mut Reader<'_>) -> Option<Air> {
    let pool = Pool::of(picture);
    let mut things = match picture.parameters() {
        Some(parameters) => Things::new(parameters),
        None => Things::new(&before_any_text()),
    };
    let areas = read_places(&pool.areas, from)?;
    let objects = read_places(&pool.objects, from)?;
    let movements = read_places(&pool.movements, from)?;
    let operations = read_places(&pool.operations, from)?;
    things.extend(areas, objects, movements, operations);
    let restraining: Vec<AreaId> = Kept::read(from)?;
    for area in &restraining {
        things.set_opens(area, false);
    }
    Some(Air {
        things,
        sources: Kept::read(from)?,
        turns: Kept::read(from)?,
    })
}
