//! What is open between this node and one peer.

use std::collections::BTreeMap;

use detente_spacetime::Instant;

use super::finding::Presence;
use super::limits::{
    ANSWER_WITHIN_S, DOWN_AFTER_S, IDLE_PAUSE_S, IDLE_POLLS_MAX, LONG_POLL_S, Meter, RETRY_FIRST_S,
    RETRY_LAST_S, UNKNOWN_AFTER_S,
};
use super::message::{Ask, Known};

/// A question that waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) ask: Ask,
    pub(super) at: Instant,
}

/// A peer's poll that waits for something to say.
#[derive(Clone, Debug)]
pub(super) struct Parked {
    pub(super) exchange: u64,
    pub(super) known: Vec<Known>,
    pub(super) at: Instant,
}

/// One peer.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) asked: BTreeMap<u64, Asked>,
    pub(super) parked: Option<Parked>,
    pub(super) requests: Meter,
    pub(super) served_bytes: Meter,
    /// Failures in a row.
    failures: u32,
    /// Polls in a row whose answer brought nothing.
    idle_polls: u32,
    /// Nothing is asked until this many seconds after this instant.
    pause: Option<(Instant, i64)>,
    /// Whether that is because it could not be reached.
    is_lost: bool,
    /// When it last spoke; before that, when this node was started.
    heard: Instant,
    spoke: bool,
    pub(super) reported: Presence,
}

impl Peer {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            asked: BTreeMap::new(),
            parked: None,
            requests: Meter::new(),
            served_bytes: Meter::new(),
            failures: 0,
            idle_polls: 0,
            pause: None,
            is_lost: false,
            heard: now,
            spoke: false,
            reported: Presence::Unknown,
        }
    }

    /// Notes that the peer spoke: one that could not be reached is there again, and is asked soon. Where only its own way
    /// to us is open, that costs an attempt a second.
    pub(super) fn hear(&mut self, now: Instant) {
        self.heard = now;
        self.spoke = true;
        if let Some((_, seconds)) = self.pause.as_mut().filter(|_| self.is_lost) {
            *seconds = (*seconds).min(RETRY_FIRST_S);
        }
    }

    /// Notes that an answer was of use.
    pub(super) fn succeed(&mut self) {
        self.failures = 0;
        self.pause = None;
    }

    /// Notes whether a poll brought anything; only a peer that keeps repeating itself is polled
    /// less, since the answers to two polls may cross with a notice now and then.
    pub(super) fn note_poll(&mut self, now: Instant, is_useful: bool) {
        self.idle_polls = if is_useful {
            0
        } else {
            self.idle_polls.saturating_add(1)
        };
        if self.idle_polls > IDLE_POLLS_MAX {
            self.rest(now, IDLE_PAUSE_S);
        }
    }

    /// Waits longer after every failure in a row.
    pub(super) fn fail(&mut self, now: Instant) {
        let doubled = RETRY_FIRST_S.checked_shl(self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        self.rest(now, doubled.unwrap_or(RETRY_LAST_S).min(RETRY_LAST_S));
    }

    /// Waits likewise after it could not be reached; of several questions lost at once the first one counts.
    pub(super) fn lose(&mut self, now: Instant) {
        if self.is_lost && self.is_resting(now) {
            return;
        }
        self.fail(now);
        self.is_lost = true;
    }

    /// Asks nothing for a while.
    pub(super) fn rest(&mut self, now: Instant, seconds: i64) {
        self.pause = Some((now, seconds));
        self.is_lost = false;
    }

    pub(super) fn is_resting(&self, now: Instant) -> bool {
        self.pause
            .is_some_and(|(since, seconds)| !is_over(since, seconds, now))
    }

    pub(super) fn is_polled(&self) -> bool {
        let mut asked = self.asked.values();
        asked.any(|asked| matches!(asked.ask, Ask::Heads { .. }))
    }

    /// Returns how many questions other than polls are open.
    pub(super) fn fetches(&self) -> usize {
        let fetches = self.asked.values();
        fetches
            .filter(|asked| !matches!(asked.ask, Ask::Heads { .. }))
            .count()
    }

    /// Removes and returns the questions whose answer is overdue.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<Asked> {
        let overdue = |asked: &Asked| {
            let patience_s = match asked.ask {
                Ask::Heads { wait: true, .. } => LONG_POLL_S + ANSWER_WITHIN_S,
                _ => ANSWER_WITHIN_S,
            };
            is_over(asked.at, patience_s, now)
        };
        let due: Vec<u64> = self
            .asked
            .iter()
            .filter(|(_, asked)| overdue(asked))
            .map(|(exchange, _)| *exchange)
            .collect();
        due.iter()
            .filter_map(|exchange| self.asked.remove(exchange))
            .collect()
    }

    /// When it last spoke; `None` when it has not since this node was started.
    pub(super) fn heard(&self) -> Option<Instant> {
        self.spoke.then_some(self.heard)
    }

    pub(super) fn presence(&self, now: Instant) -> Presence {
        let silent_us = now.micros().saturating_sub(self.heard.micros());
        if silent_us >= DOWN_AFTER_S * 1_000_000 {
            Presence::Down
        } else if !self.spoke || silent_us >= UNKNOWN_AFTER_S * 1_000_000 {
            Presence::Unknown
        } else {
            Presence::Normal
        }
    }
}

/// Returns whether a span that began at `since` is over; also when the clock went back, since a
/// wait must not grow by the size of the jump.
pub(super) fn is_over(since: Instant, seconds: i64, now: Instant) -> bool {
    let elapsed_us = now.micros().saturating_sub(since.micros());
    elapsed_us < 0 || elapsed_us >= seconds.saturating_mul(1_000_000)
}
