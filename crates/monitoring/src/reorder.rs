//! Fixes that arrive out of order are put in order, within a bounded window.

use std::{collections::BTreeMap, sync::Arc};

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
    waiting: BTreeMap<(Instant, u64), Fix>,
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
        self.waiting.insert((fix.at, self.arrivals), fix);
        true
    }

    /// The earliest fix that nothing within `window` can overtake any more.
    pub(crate) fn ready(&mut self, window: Span) -> Option<Fix> {
        let (at, _) = *self.waiting.first_key_value()?.0;
        let settled = self.newest.is_some_and(|newest| newest - at >= window);
        if settled || self.waiting.len() > WAITING_MAX {
            self.next()
        } else {
            None
        }
    }

    /// The earliest fix, because no more will come.
    pub(crate) fn next(&mut self) -> Option<Fix> {
        let (_, fix) = self.waiting.pop_first()?;
        self.released = Some(fix.at);
        Some(fix)
    }

    pub(crate) fn saved(&self) -> ReorderState {
        let waiting = self.waiting.iter();
        ReorderState {
            waiting: waiting
                .map(|((_, arrival), fix)| (*arrival, FixState::of(fix)))
                .collect(),
            arrivals: self.arrivals,
            newest: self.newest.map(Instant::micros),
            released: self.released.map(Instant::micros),
        }
    }

    pub(crate) fn restored(state: &ReorderState, track: &Arc<str>) -> Option<Self> {
        let mut waiting = BTreeMap::new();
        for (arrival, fix) in &state.waiting {
            let fix = fix.fix(track)?;
            waiting.insert((fix.at, *arrival), fix);
        }
        Some(Self {
            waiting,
            arrivals: state.arrivals,
            newest: instant(state.newest)?,
            released: instant(state.released)?,
        })
    }
}
