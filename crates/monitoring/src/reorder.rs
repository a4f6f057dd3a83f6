//! Fixes that arrive out of order are put in order, within a bounded window.

use std::{collections::VecDeque, sync::Arc};

use detente_spacetime::{Instant, Span};

use crate::{
    fix::Fix,
    wire::{FixState, ReorderState, instant},
};

/// Most fixes of one track that wait: at ten a second more than a minute, and a bound on memory.
const WAITING_MAX: usize = 1_024;

/// The fixes of one track that may still be overtaken by an earlier one.
#[derive(Debug, Default)]
pub(crate) struct Reorder {
    /// With the number of their arrival, in the order of time and then of arrival; most come in that order.
    waiting: VecDeque<(u64, Fix)>,
    arrivals: u64,
    newest: Option<Instant>,
    released: Option<Instant>,
}

impl Reorder {
    /// Takes a fix; false when it comes later than the window allows and is left out.
    pub(crate) fn take(&mut self, fix: Fix) -> bool {
        if self.released.is_some_and(|released| fix.at < released) {
            return false;
        }
        self.newest = self.newest.max(Some(fix.at));
        self.arrivals += 1;
        let later = self
            .waiting
            .iter()
            .rev()
            .take_while(|(_, waits)| waits.at > fix.at);
        let place = self.waiting.len() - later.count();
        self.waiting.insert(place, (self.arrivals, fix));
        true
    }

    /// The earliest fix that nothing within `window` can overtake any more.
    pub(crate) fn ready(&mut self, window: Span) -> Option<Fix> {
        let at = self.waiting.front()?.1.at;
        let settled = self.newest.is_some_and(|newest| newest - at >= window);
        if settled || self.waiting.len() > WAITING_MAX {
            self.next()
        } else {
            None
        }
    }

    /// The earliest fix, because no more will come.
    pub(crate) fn next(&mut self) -> Option<Fix> {
        let (_, fix) = self.waiting.pop_front()?;
        self.released = Some(fix.at);
        Some(fix)
    }

    pub(crate) fn saved(&self) -> ReorderState {
        let waiting = self.waiting.iter();
        ReorderState {
            waiting: waiting
                .map(|(arrival, fix)| (*arrival, FixState::of(fix)))
                .collect(),
            arrivals: self.arrivals,
            newest: self.newest.map(Instant::micros),
            released: self.released.map(Instant::micros),
        }
    }

    pub(crate) fn restored(state: &ReorderState, track: &Arc<str>) -> Option<Self> {
        let waiting = state.waiting.iter();
        let waiting: Option<Vec<(u64, Fix)>> = waiting
            .map(|(arrival, fix)| Some((*arrival, fix.fix(track)?)))
            .collect();
        let mut waiting = waiting?;
        waiting.sort_by_key(|(arrival, fix)| (fix.at, *arrival));
        Some(Self {
            waiting: waiting.into(),
            arrivals: state.arrivals,
            newest: instant(state.newest)?,
            released: instant(state.released)?,
        })
    }
}
