//! What several sources say at once, taken from each in turn.
//!
//! Every source has a queue of its own. One that floods fills its queue and waits, which its line feels and nobody else;
//! one that is slow or silent leaves its queue empty and is passed by.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use detente_monitoring::Fix;

use super::told::Lost;

/// Fixes of one source that wait: a tenth of a second of a source that says all it can.
pub(super) const QUEUED_MAX: usize = 8_192;
/// Fixes taken from one source before the next has its turn.
pub(super) const TURN_MAX: usize = 256;
/// Remarks of one source that wait; of more only the last are told.
const REMARKS_MAX: usize = 32;

/// Where sources leave what they say.
#[derive(Debug)]
pub(super) struct Inbox {
    state: Mutex<State>,
    /// Something has arrived, or a source is over.
    arrived: Condvar,
    /// A queue has room again, or everything is over.
    room: Condvar,
}

#[derive(Debug)]
struct State {
    queues: Vec<Queue>,
    is_stopped: bool,
}

#[derive(Debug, Default)]
struct Queue {
    fixes: VecDeque<Fix>,
    remarks: VecDeque<String>,
    refused: u64,
    without_position: u64,
    without_reference: u64,
    /// Why the source was never reached.
    unreached: Option<String>,
    is_over: bool,
}

/// What one turn brought.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// Fixes with the number of their source.
    pub(super) fixes: Vec<(usize, Fix)>,
    /// What sources remarked.
    pub(super) remarks: Vec<(usize, String)>,
    /// Whether no source will say anything more.
    pub(super) is_over: bool,
    /// Whether somebody asked to stop.
    pub(super) is_stopped: bool,
}

impl Inbox {
    pub(super) fn new(sources: usize) -> Self {
        let queues = std::iter::repeat_with(Queue::default).take(sources);
        Self {
            state: Mutex::new(State {
                queues: queues.collect(),
                is_stopped: false,
            }),
            arrived: Condvar::new(),
            room: Condvar::new(),
        }
    }

    /// Leaves a fix; waits while the source's queue is full. False when everything is over.
    pub(super) fn leave(&self, source: usize, fix: Fix) -> bool {
        let mut state = self.lock();
        loop {
            if state.is_stopped {
                return false;
            }
            let Some(queue) = state.queues.get_mut(source) else {
                return false;
            };
            if queue.fixes.len() < QUEUED_MAX {
                queue.fixes.push_back(fix);
                self.arrived.notify_one();
                return true;
            }
            state = self
                .room
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Leaves a remark for whoever watches.
    pub(super) fn remark(&self, source: usize, text: String) {
        self.change(source, |queue| {
            if queue.remarks.len() >= REMARKS_MAX {
                queue.remarks.pop_front();
            }
            queue.remarks.push_back(text);
        });
    }

    /// Says what a source could not make fixes of so far.
    pub(super) fn lost(&self, source: usize, lost: Lost) {
        self.change(source, |queue| {
            queue.refused = lost.refused;
            queue.without_position = lost.without_position;
            queue.without_reference = lost.without_reference;
        });
    }

    /// Says that a source was never reached, and why.
    pub(super) fn unreached(&self, source: usize, why: String) {
        self.change(source, |queue| queue.unreached = Some(why));
    }

    /// The first source that was never reached, and why.
    pub(super) fn first_unreached(&self) -> Option<(usize, String)> {
        let state = self.lock();
        let mut queues = state.queues.iter().enumerate();
        queues.find_map(|(source, queue)| Some((source, queue.unreached.clone()?)))
    }

    /// Says that a source will say nothing more.
    pub(super) fn close(&self, source: usize) {
        self.change(source, |queue| queue.is_over = true);
    }

    /// Asks everybody to stop.
    pub(super) fn stop(&self) {
        self.lock().is_stopped = true;
        self.arrived.notify_all();
        self.room.notify_all();
    }

    /// Waits until it is asked to stop, at most so long; whether it was.
    pub(super) fn stopped_within(&self, wait: Duration) -> bool {
        let state = self.lock();
        let waited = self
            .room
            .wait_timeout_while(state, wait, |state| !state.is_stopped);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.is_stopped
    }

    /// Takes from every source in turn; waits while there is nothing, at most so long.
    pub(super) fn take(&self, wait: Duration) -> Turn {
        let state = self.lock();
        let waited = self
            .arrived
            .wait_timeout_while(state, wait, |state| state.has_nothing());
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let mut turn = Turn {
            is_stopped: state.is_stopped,
            ..Turn::default()
        };
        for (source, queue) in state.queues.iter_mut().enumerate() {
            let take = queue.fixes.len().min(TURN_MAX);
            turn.fixes
                .extend(queue.fixes.drain(..take).map(|fix| (source, fix)));
            turn.remarks
                .extend(queue.remarks.drain(..).map(|text| (source, text)));
        }
        turn.is_over = state.queues.iter().all(Queue::is_done);
        drop(state);
        self.room.notify_all();
        turn
    }

    /// What every source together could not make fixes of.
    pub(super) fn all_lost(&self) -> Lost {
        let state = self.lock();
        let mut sum = Lost::default();
        for queue in &state.queues {
            sum.refused += queue.refused;
            sum.without_position += queue.without_position;
            sum.without_reference += queue.without_reference;
        }
        sum
    }

    fn change(&self, source: usize, change: impl FnOnce(&mut Queue)) {
        if let Some(queue) = self.lock().queues.get_mut(source) {
            change(queue);
        }
        self.arrived.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_nothing(&self) -> bool {
        let quiet = |queue: &Queue| queue.fixes.is_empty() && queue.remarks.is_empty();
        let all_over = self.queues.iter().all(|queue| queue.is_over);
        !self.is_stopped && !all_over && self.queues.iter().all(quiet)
    }
}

impl Queue {
    fn is_done(&self) -> bool {
        self.is_over && self.fixes.is_empty() && self.remarks.is_empty()
    }
}
