//! What a patrol keeps of its zones: nothing that can be made again, a hundred bytes and the corners of a ring for most.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use detente_spacetime::{Footprint, Leg, Passages, Reference, VerticalAssumptions};

use crate::{
    presence::{Limits, WHOLE},
    screen::{Ask, Draft, Footing, Others, Screen, Way},
    zone::{Watched, Zone, restrains},
};

type Forces = Option<BTreeSet<Arc<str>>>;

/// Zones by number, without their names and answers.
#[derive(Debug)]
pub(crate) struct Posts {
    posts: Vec<Post>,
    /// Whom zones restrain, each set once.
    forces: Vec<Forces>,
    /// The footprints whose rings are not in the roll of the screen.
    footprints: BTreeMap<u32, Footprint>,
}

/// One zone.
#[derive(Debug)]
struct Post {
    limits: Limits,
    forces: u32,
}

/// No zone has other heights than those of the screen's reference.
pub(crate) struct NoOthers;

impl Others for NoOthers {
    fn heights_in(&self, _: Reference) -> Vec<[i16; 4]> {
        Vec::new()
    }
}

impl Posts {
    /// Takes zones one by one, so that no two of them need be whole in memory; `seen` is shown the footprint of each.
    pub(crate) fn of(
        zones: impl Iterator<Item = Zone>,
        reference: Reference,
        assumptions: VerticalAssumptions,
        mut seen: impl FnMut(&Footprint),
    ) -> (Self, Screen) {
        let mut draft = Draft::new(reference);
        let mut numbers: BTreeMap<Forces, u32> = BTreeMap::new();
        let (mut posts, mut footprints) = (Vec::new(), BTreeMap::new());
        for (zone, number) in zones.zip(0..) {
            let watched = Watched::new(zone.volume.clone(), assumptions);
            seen(&zone.volume.footprint);
            if !draft.add(&zone, &watched, true) {
                footprints.insert(number, zone.volume.footprint);
            }
            let next = numbers.len() as u32;
            posts.push(Post {
                limits: Limits {
                    window: zone.volume.window,
                    levels: watched.levels_in(reference),
                    is_every_height: watched.is_every_height(),
                },
                forces: *numbers.entry(zone.forces).or_insert(next),
            });
        }
        posts.shrink_to_fit();
        let screen = draft.done(|zone| footprints.get(&zone));
        let mut forces: Vec<(u32, Forces)> = numbers
            .into_iter()
            .map(|(forces, number)| (number, forces))
            .collect();
        forces.sort_unstable_by_key(|(number, _)| *number);
        let forces = forces.into_iter().map(|(_, forces)| forces).collect();
        let posts = Self {
            posts,
            forces,
            footprints,
        };
        (posts, screen)
    }

    pub(crate) fn limits(&self, zone: u32) -> Option<&Limits> {
        self.posts.get(zone as usize).map(|post| &post.limits)
    }

    /// Whether a zone restrains a flight that a source attributes to `force`, or to nobody.
    pub(crate) fn applies_to(&self, zone: u32, force: Option<&Arc<str>>) -> bool {
        let post = self.posts.get(zone as usize);
        let forces = post.and_then(|post| self.forces.get(post.forces as usize));
        forces.is_some_and(|forces| restrains(forces.as_ref(), force))
    }

    /// The stretches of a leg in the footprint of a zone; `way` when the screen has answered of it.
    pub(crate) fn passages(
        &self,
        ask: &Ask,
        way: Option<&Way>,
        leg: &Leg,
        screen: &Screen,
    ) -> Passages {
        let known = match ask.footing() {
            Footing::Apart => return Passages::new(),
            Footing::Within => return Passages::from_slice(&[WHOLE]),
            Footing::Open(known) => known,
        };
        if let Some(footprint) = self.footprints.get(&ask.zone()) {
            return footprint.passages_given(leg, &known);
        }
        screen.passages_of_ring(ask, way, leg).unwrap_or_default()
    }
}
