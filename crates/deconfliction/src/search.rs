//! One search: from a volume to the slots whose footprints overlap it, or may.

use detente_spacetime::Footprint;

use crate::bounds::Bounds;
use crate::chart::{Chart, Tile};
use crate::lanes::{Lanes, Work, widest};
use crate::quick::{self, Approach, Certainty};
use crate::run::Run;
use crate::shape::{Mapped, Shape, Solid};
use crate::solid::fill;

/// Working memory of searches, kept between them so that a search allocates nothing.
///
/// It holds no answers: any scratch serves any index and any volume.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    solid: Solid,
    /// Whether `solid` is the footprint of the search: most searches of an empty sky never need it.
    filled: bool,
    pub(crate) boxes: Vec<Bounds>,
    pub(crate) candidates: Candidates,
    above: Vec<u32>,
    positions: Vec<u32>,
    maps: Maps,
    pending: Vec<Pending>,
}

/// What a search found, slot by slot; a slot with several boxes may be named more than once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidates {
    /// Slots whose footprints surely overlap.
    pub(crate) sure: Vec<u32>,
    /// Slots whose footprints only the exact test can tell.
    pub(crate) unsure: Vec<u32>,
}

impl Scratch {
    /// Searches runs for what meets [`Scratch::boxes`] and may overlap a footprint.
    ///
    /// `wanted` says which slots are of interest.
    pub(crate) fn search<'r>(
        &mut self,
        runs: impl Iterator<Item = &'r Run>,
        footprint: &Footprint,
        wanted: impl Fn(u32) -> bool,
    ) {
        self.candidates.sure.clear();
        self.candidates.unsure.clear();
        self.maps.used = 0;
        self.filled = false;
        widest(Search {
            scratch: self,
            runs,
            footprint,
            wanted,
        });
    }
}

struct Search<'s, R, W> {
    scratch: &'s mut Scratch,
    runs: R,
    footprint: &'s Footprint,
    wanted: W,
}

impl<'r, R: Iterator<Item = &'r Run>, W: Fn(u32) -> bool> Work for Search<'_, R, W> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let Self {
            scratch,
            runs,
            footprint,
            wanted,
        } = self;
        for run in runs {
            for number in 0..scratch.boxes.len() {
                let Some(bounds) = scratch.boxes.get(number) else {
                    continue;
                };
                run.tree
                    .search(lanes, bounds, &mut scratch.above, &mut scratch.positions);
                scratch.positions.retain(|position| {
                    run.slots
                        .get(*position as usize)
                        .is_some_and(|slot| wanted(*slot))
                });
                if scratch.positions.is_empty() {
                    continue;
                }
                if !std::mem::replace(&mut scratch.filled, true) {
                    fill(&mut scratch.solid, footprint);
                }
                judge(lanes, scratch, run);
            }
        }
    }
}

/// A candidate on its way to an answer.
#[derive(Clone, Copy, Debug)]
struct Pending {
    position: u32,
    /// The number of the map it is compared on.
    map: usize,
    approach: Approach,
}

/// Sorts the positions found in a run into sure and unsure.
///
/// Memory is what this waits for, so it goes in stages: each first reads a little of what the next one needs of every
/// candidate, and the fetches of all of them run side by side.
#[inline(always)]
fn judge<L: Lanes>(lanes: L, scratch: &mut Scratch, run: &Run) {
    let Scratch {
        solid,
        maps,
        positions,
        pending,
        candidates,
        ..
    } = scratch;
    let mut touched = 0;
    for position in positions.iter() {
        touched ^= run.shapes.get(*position).map_or(0, Shape::touch);
    }
    pending.clear();
    for position in positions.iter() {
        let Some(shape) = run.shapes.get(*position) else {
            continue;
        };
        let map = maps.on(shape.tile, solid);
        let Some(mapped) = maps.get(map) else {
            continue;
        };
        match quick::approach(lanes, mapped, &solid.nature, shape) {
            Ok(certainty) => candidates.add(certainty, run, *position),
            Err(approach) => {
                touched ^= shape
                    .chunks_of(approach.parts)
                    .fold(0, |all, number| all ^ run.shapes.touch(shape, number));
                pending.push(Pending {
                    position: *position,
                    map,
                    approach,
                });
            }
        }
    }
    std::hint::black_box(touched);
    for Pending {
        position,
        map,
        approach,
    } in pending.iter()
    {
        let (Some(shape), Some(mapped)) = (run.shapes.get(*position), maps.get(*map)) else {
            continue;
        };
        let certainty = quick::settle(lanes, mapped, &solid.nature, &run.shapes, shape, approach);
        candidates.add(certainty, run, *position);
    }
}

impl Candidates {
    #[inline(always)]
    fn add(&mut self, certainty: Certainty, run: &Run, position: u32) {
        let list = match certainty {
            Certainty::Overlap => &mut self.sure,
            Certainty::Unsure => &mut self.unsure,
            Certainty::Apart => return,
        };
        list.extend(run.slots.get(position as usize));
    }
}

/// The searching shape on the charts it was needed on so far.
#[derive(Clone, Debug, Default)]
struct Maps {
    maps: Vec<(Tile, Mapped)>,
    used: usize,
}

impl Maps {
    #[inline(always)]
    fn on(&mut self, tile: Tile, solid: &Solid) -> usize {
        // The latest chart is the likeliest: neighbours in a run share tiles.
        let known = (0..self.used)
            .rev()
            .find(|i| self.maps.get(*i).is_some_and(|(of, _)| *of == tile));
        let place = known.unwrap_or(self.used);
        if known.is_none() {
            if self.maps.len() == place {
                self.maps.push((tile, Mapped::default()));
            }
            self.used += 1;
            if let Some((of, mapped)) = self.maps.get_mut(place) {
                *of = tile;
                solid.map(&Chart::of(tile), mapped);
            }
        }
        place
    }

    #[inline(always)]
    fn get(&self, place: usize) -> Option<&Mapped> {
        self.maps.get(place).map(|(_, mapped)| mapped)
    }
}
