//! One search, or several side by side: from volumes to the slots whose footprints overlap them, or may.
//!
//! Memory is what a search waits for, so it goes in stages, and each stage first reads a little of what the next one needs of
//! every candidate: the fetches of all candidates, and of all searches side by side, then overlap.

use detente_spacetime::{VerticalAssumptions, Volume4D};

use crate::bounds::Bounds;
use crate::chart::{Chart, Tile};
use crate::lanes::{Lanes, Work, widest};
use crate::quick::{self, Approach, Certainty};
use crate::run::Run;
use crate::shape::{Mapped, Shape, Solid};
use crate::solid::{bounds_of, fill};
use crate::tree::Found;

/// Working memory of searches, kept between them so that a search allocates nothing.
///
/// It holds no answers: any scratch serves any index and any volume.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    /// The boxes searched for, each with the number of its question.
    boxes: Vec<(Bounds, u32)>,
    questions: Vec<Question>,
    above: Vec<Found>,
    found: Vec<Found>,
    pending: Vec<Pending>,
    /// What was found, by question and slot; a slot with several boxes may be named more than once.
    pub(crate) candidates: Vec<Candidate>,
}

/// A volume that was found, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Candidate {
    pub(crate) question: u32,
    pub(crate) slot: u32,
    /// Whether only the exact test can tell.
    pub(crate) unsure: bool,
}

/// What one question keeps during a search.
#[derive(Clone, Debug, Default)]
struct Question {
    solid: Solid,
    /// Whether `solid` is the footprint asked about: in an empty sky it is never needed.
    filled: bool,
    maps: Maps,
}

/// A candidate on its way to an answer.
#[derive(Clone, Copy, Debug)]
struct Pending {
    question: u32,
    position: u32,
    /// The number of the map it is compared on.
    map: u32,
    approach: Approach,
}

impl Scratch {
    /// Searches runs for what may share place, height and time with each volume.
    ///
    /// `wanted` says which slots are of interest.
    pub(crate) fn search<'r>(
        &mut self,
        runs: impl Iterator<Item = &'r Run>,
        volumes: &[&Volume4D],
        assumptions: &VerticalAssumptions,
        wanted: impl Fn(u32) -> bool,
    ) {
        self.boxes.clear();
        self.candidates.clear();
        if self.questions.len() < volumes.len() {
            self.questions.resize_with(volumes.len(), Question::default);
        }
        for (volume, question) in volumes.iter().zip(0..) {
            let boxes = bounds_of(volume, assumptions);
            self.boxes.extend(boxes.map(|bounds| (bounds, question)));
        }
        for question in &mut self.questions {
            question.filled = false;
            question.maps.used = 0;
        }
        for run in runs {
            widest(Stages {
                scratch: self,
                run,
                volumes,
                wanted: &wanted,
            });
        }
        self.candidates.sort_unstable();
        self.candidates
            .dedup_by_key(|candidate| (candidate.question, candidate.slot));
    }
}

/// The search of one run.
struct Stages<'a, W> {
    scratch: &'a mut Scratch,
    run: &'a Run,
    volumes: &'a [&'a Volume4D],
    wanted: &'a W,
}

impl<W: Fn(u32) -> bool> Work for Stages<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let Self {
            scratch,
            run,
            volumes,
            wanted,
        } = self;
        run.tree.search(
            lanes,
            &scratch.boxes,
            &mut scratch.above,
            &mut scratch.found,
        );
        let mut touched = 0;
        for found in &scratch.found {
            touched ^= run.shapes.get(found.place).map_or(0, Shape::touch);
        }
        touched ^= approach_all(lanes, scratch, run, volumes, wanted);
        std::hint::black_box(touched);
        settle_all(lanes, scratch, run);
    }
}

/// Settles what needs no edges, and notes where the others are to be looked at.
#[inline(always)]
fn approach_all<L: Lanes>(
    lanes: L,
    scratch: &mut Scratch,
    run: &Run,
    volumes: &[&Volume4D],
    wanted: &impl Fn(u32) -> bool,
) -> i32 {
    let mut touched = 0;
    scratch.pending.clear();
    for Found { search, place } in &scratch.found {
        let (Some(shape), Some(slot)) = (run.shapes.get(*place), run.slots.get(*place as usize))
        else {
            continue;
        };
        let Some((_, number)) = scratch.boxes.get(*search as usize) else {
            continue;
        };
        let asked = (
            volumes.get(*number as usize),
            scratch.questions.get_mut(*number as usize),
        );
        let (Some(volume), Some(question)) = asked else {
            continue;
        };
        if !wanted(*slot) {
            continue;
        }
        if !std::mem::replace(&mut question.filled, true) {
            fill(&mut question.solid, &volume.footprint);
        }
        let map = question.maps.on(shape.tile, &question.solid);
        let Some(mapped) = question.maps.get(map) else {
            continue;
        };
        match quick::approach(lanes, mapped, &question.solid.nature, shape) {
            Ok(certainty) => add(&mut scratch.candidates, certainty, *number, *slot),
            Err(approach) => {
                for chunk in shape.chunks_of(approach.parts) {
                    touched ^= run.shapes.touch(shape, chunk);
                }
                scratch.pending.push(Pending {
                    question: *number,
                    position: *place,
                    map,
                    approach,
                });
            }
        }
    }
    touched
}

/// Compares the edges of what is left.
#[inline(always)]
fn settle_all<L: Lanes>(lanes: L, scratch: &mut Scratch, run: &Run) {
    for pending in &scratch.pending {
        let (Some(shape), Some(slot)) = (
            run.shapes.get(pending.position),
            run.slots.get(pending.position as usize),
        ) else {
            continue;
        };
        let Some(question) = scratch.questions.get(pending.question as usize) else {
            continue;
        };
        let Some(mapped) = question.maps.get(pending.map) else {
            continue;
        };
        let certainty = quick::settle(
            lanes,
            mapped,
            &question.solid.nature,
            &run.shapes,
            shape,
            &pending.approach,
        );
        add(&mut scratch.candidates, certainty, pending.question, *slot);
    }
}

#[inline(always)]
fn add(candidates: &mut Vec<Candidate>, certainty: Certainty, question: u32, slot: u32) {
    let unsure = match certainty {
        Certainty::Overlap => false,
        Certainty::Unsure => true,
        Certainty::Apart => return,
    };
    candidates.push(Candidate {
        question,
        slot,
        unsure,
    });
}

/// The searching shape on the charts it was needed on so far.
#[derive(Clone, Debug, Default)]
struct Maps {
    maps: Vec<(Tile, Mapped)>,
    used: u32,
}

impl Maps {
    /// The number of the map on the chart of a tile, made when it is first needed.
    #[inline(always)]
    fn on(&mut self, tile: Tile, solid: &Solid) -> u32 {
        // The latest chart is the likeliest: neighbours in a run share tiles.
        let known = self
            .maps
            .iter()
            .zip(0..self.used)
            .rev()
            .find(|((of, _), _)| *of == tile);
        if let Some((_, number)) = known {
            return number;
        }
        let number = self.used;
        self.used += 1;
        if self.maps.len() < self.used as usize {
            self.maps.push((tile, Mapped::default()));
        }
        if let Some((of, mapped)) = self.maps.get_mut(number as usize) {
            *of = tile;
            solid.map(&Chart::of(tile), mapped);
        }
        number
    }

    #[inline(always)]
    fn get(&self, number: u32) -> Option<&Mapped> {
        self.maps.get(number as usize).map(|(_, mapped)| mapped)
    }
}
