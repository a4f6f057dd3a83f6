//! One partition: what follows from its log.
//!
//! A desk knows no network and no time. The same log gives the same events and the same tracks handed over, in the same order,
//! whoever reads it and however often; that is what makes it safe to kill a worker, or to have two at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_monitoring::approach::{Lookout, Warning};
use detente_monitoring::wire::{FixState, StateError};
use detente_monitoring::{Event, Watch};

use crate::wire::{Batch, DeskState, Entry, PlaceState};

/// Fixes of a track that wait until it is handed over; beyond it the oldest are left out, so that a track whose other side was
/// lost costs bounded memory.
const WAITING_MAX: usize = 4_096;

/// The state of a partition.
#[derive(Debug)]
pub struct Desk {
    watch: Watch,
    lookout: Lookout,
    book: BTreeMap<String, PlaceState>,
    is_settled: bool,
}

/// What a message of the log leads to.
#[derive(Debug)]
pub enum Outcome {
    /// Something was observed.
    Event(Box<Event>),
    /// A place is to be warned.
    Warning(Box<Warning>),
    /// An entry belongs into the log of another partition.
    Send(u32, Entry),
}

impl Desk {
    /// Begins with a watch and a lookout that have nothing in mind yet.
    #[must_use]
    pub fn new(watch: Watch, lookout: Lookout) -> Self {
        Self {
            watch,
            lookout,
            book: BTreeMap::new(),
            is_settled: false,
        }
    }

    /// Takes up what another desk over the same zones had in mind.
    ///
    /// # Errors
    ///
    /// [`StateError`].
    pub fn restore(&mut self, state: &DeskState) -> Result<(), StateError> {
        self.watch.restore(&state.watch)?;
        for sighting in &state.sightings {
            self.lookout.take(sighting)?;
        }
        self.book.clone_from(&state.book);
        self.is_settled = state.is_settled;
        Ok(())
    }

    /// Returns everything it has in mind.
    #[must_use]
    pub fn saved(&self) -> DeskState {
        DeskState {
            watch: self.watch.saved(),
            sightings: self.lookout.saved(),
            book: self.book.clone(),
            is_settled: self.is_settled,
        }
    }

    /// Takes the next message of the log and hands over what it leads to, in order.
    pub fn take(&mut self, batch: Batch, out: &mut Vec<Outcome>) {
        for entry in batch.entries {
            match entry {
                Entry::Fix { track, hands, fix } => self.seen(track, hands, fix, out),
                Entry::Left { track, hands, to } => self.left(track, hands, to, out),
                Entry::Handed {
                    track,
                    hands,
                    watch,
                    lookout,
                } => {
                    // A state that is none is one of a track that begins anew.
                    if self.expects(&track, hands) {
                        let _ = watch.map(|state| self.watch.take_track(&state));
                        let _ = lookout.map(|state| self.lookout.take(&state));
                        self.arrived(track, hands, out);
                    }
                }
                Entry::Settle => {
                    self.is_settled = true;
                    self.settle(out);
                }
            }
        }
    }

    fn seen(&mut self, track: String, hands: u64, fix: FixState, out: &mut Vec<Outcome>) {
        match self.book.get_mut(&track) {
            None if hands == 0 => {
                self.book.insert(track.clone(), PlaceState::Here(0));
                self.observe(&track, &fix, out);
            }
            None => self.wait_for(track, hands, fix),
            Some(PlaceState::Here(known)) => {
                *known = hands.max(*known);
                self.observe(&track, &fix, out);
            }
            Some(PlaceState::Awaited { fixes, .. }) => {
                if fixes.len() >= WAITING_MAX {
                    fixes.remove(0);
                }
                fixes.push(fix);
            }
            // Sent before it was known that the track had left: it belongs where the track went.
            Some(PlaceState::Gone(gone, to)) if hands < *gone => {
                let (hands, to) = (*gone, *to);
                out.push(Outcome::Send(to, Entry::Fix { track, hands, fix }));
            }
            Some(PlaceState::Gone(..)) => self.wait_for(track, hands, fix),
        }
    }

    fn wait_for(&mut self, track: String, hands: u64, fix: FixState) {
        let awaited = PlaceState::Awaited {
            hands,
            fixes: vec![fix],
            onward: None,
        };
        self.book.insert(track, awaited);
    }

    fn left(&mut self, track: String, hands: u64, to: u32, out: &mut Vec<Outcome>) {
        match self.book.get_mut(&track) {
            Some(PlaceState::Here(known)) if *known >= hands => {}
            Some(PlaceState::Gone(known, _)) if *known >= hands => {}
            Some(PlaceState::Awaited { hands: known, .. }) if *known >= hands => {}
            Some(PlaceState::Awaited { onward, .. }) => {
                if onward.is_none_or(|(known, _)| known < hands) {
                    *onward = Some((hands, to));
                }
            }
            Some(PlaceState::Here(_) | PlaceState::Gone(..)) | None => {
                self.give(track, hands, to, out)
            }
        }
    }

    fn give(&mut self, track: String, hands: u64, to: u32, out: &mut Vec<Outcome>) {
        let handed = Entry::Handed {
            watch: self.watch.give_track(&track).map(Box::new),
            lookout: self.lookout.give(&track).map(Box::new),
            track: track.clone(),
            hands,
        };
        self.book.insert(track, PlaceState::Gone(hands, to));
        out.push(Outcome::Send(to, handed));
    }

    /// Whether a track handed over is news: not here already, and not gone on since.
    fn expects(&self, track: &str, hands: u64) -> bool {
        match self.book.get(track) {
            None | Some(PlaceState::Awaited { .. }) => true,
            Some(PlaceState::Here(known) | PlaceState::Gone(known, _)) => *known < hands,
        }
    }

    fn arrived(&mut self, track: String, hands: u64, out: &mut Vec<Outcome>) {
        let before = self.book.insert(track.clone(), PlaceState::Here(hands));
        let Some(PlaceState::Awaited { fixes, onward, .. }) = before else {
            return self.settle_if_told(out);
        };
        for fix in &fixes {
            self.observe(&track, fix, out);
        }
        if let Some((hands, to)) = onward {
            self.give(track, hands, to, out);
        }
        self.settle_if_told(out);
    }

    fn observe(&mut self, track: &str, fix: &FixState, out: &mut Vec<Outcome>) {
        let Some(fix) = fix.fix(&Arc::from(track)) else {
            return;
        };
        self.lookout.observe(&fix, &mut |warning| {
            out.push(Outcome::Warning(Box::new(warning)))
        });
        self.watch
            .observe(fix, &mut |event| out.push(Outcome::Event(Box::new(event))));
    }

    fn settle_if_told(&mut self, out: &mut Vec<Outcome>) {
        if self.is_settled {
            self.settle(out);
        }
    }

    fn settle(&mut self, out: &mut Vec<Outcome>) {
        self.watch
            .finish(&mut |event| out.push(Outcome::Event(Box::new(event))));
    }
}
