//! The only source of time: the machine's clock, or a simulated one that a rehearsal moves.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use detente_spacetime::Instant;

/// What time it is, for everything a node does.
///
/// Never runs backwards: a machine whose clock was set back repeats its last instant.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
struct Source {
    simulated: bool,
    last: Mutex<Instant>,
}

impl Clock {
    /// The machine's clock.
    pub fn real() -> Self {
        Self::new(false, machine_instant(Instant::MIN))
    }

    /// A clock that stands still until it is moved.
    pub fn simulated(start: Instant) -> Self {
        Self::new(true, start)
    }

    fn new(simulated: bool, start: Instant) -> Self {
        let last = Mutex::new(start);
        Self(Arc::new(Source { simulated, last }))
    }

    /// Returns the present instant.
    pub fn now(&self) -> Instant {
        let mut last = self.lock();
        if !self.0.simulated {
            *last = machine_instant(*last).max(*last);
        }
        *last
    }

    /// Returns whether a rehearsal moves this clock.
    pub fn is_simulated(&self) -> bool {
        self.0.simulated
    }

    /// Moves a simulated clock forward; does nothing to the machine's clock or towards the past.
    pub fn advance_to(&self, instant: Instant) {
        if self.0.simulated {
            let mut last = self.lock();
            *last = instant.max(*last);
        }
    }

    /// Returns seconds since 1970, as cosignatures and sessions count them.
    pub fn now_s(&self) -> u64 {
        u64::try_from(self.now().micros() / 1_000_000).unwrap_or(0)
    }

    fn lock(&self) -> MutexGuard<'_, Instant> {
        self.0.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place where time enters"
)]
fn machine_instant(otherwise: Instant) -> Instant {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let micros = i64::try_from(since.as_micros()).ok();
    micros.and_then(Instant::from_micros).unwrap_or(otherwise)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Instant {
        Instant::from_micros(micros).expect("in range")
    }

    #[test]
    fn a_simulated_clock_moves_only_forward_and_only_when_told() {
        let clock = Clock::simulated(at(10));
        let shared = clock.clone();
        clock.advance_to(at(30));
        clock.advance_to(at(20));
        assert_eq!(shared.now(), at(30));
    }

    #[test]
    fn the_machine_clock_never_repeats_an_earlier_instant() {
        let clock = Clock::real();
        let first = clock.now();
        clock.advance_to(Instant::MAX);
        assert!(clock.now() >= first);
        assert!(clock.now() < Instant::MAX);
    }
}
