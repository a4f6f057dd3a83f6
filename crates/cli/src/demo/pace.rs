//! How fast the scenario's clock runs.

use std::str::FromStr;
use std::time::Duration;

use detente_server::clock::Clock;
use detente_spacetime::{Instant, Span};

/// Between two steps the clock moves on by this much for every real moment, so that nodes can
/// find each other again after a jump.
const CREEP: (Duration, i64) = (Duration::from_millis(10), 500_000);

/// How much faster than the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speed {
    /// This many times.
    Times(u32),
    /// From step to step without waiting.
    Max,
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "max" {
            return Ok(Self::Max);
        }
        match text.parse::<u32>() {
            Ok(times) if times > 0 => Ok(Self::Times(times)),
            _ => Err("a whole number from 1, or max".to_owned()),
        }
    }
}

impl Speed {
    /// Moves the clock to an instant, at this speed.
    pub(super) async fn reach(self, clock: &Clock, at: Instant) {
        let Self::Times(times) = self else {
            clock.advance_to(at);
            return;
        };
        while clock.now() < at {
            let (moment, _) = CREEP;
            tokio::time::sleep(moment).await;
            let micros = i64::try_from(moment.as_micros()).unwrap_or(0);
            let next = clock
                .now()
                .plus(Span::from_micros(micros.saturating_mul(i64::from(times))));
            clock.advance_to(next.unwrap_or(at).min(at));
        }
    }
}

/// Moves the clock on as the world's goes, from where the scenario left it.
pub(super) async fn go_on(clock: &Clock) {
    let (moment, _) = CREEP;
    let micros = i64::try_from(moment.as_micros()).unwrap_or(0);
    loop {
        tokio::time::sleep(moment).await;
        let next = clock.now().plus(Span::from_micros(micros));
        clock.advance_to(next.unwrap_or(Instant::MAX));
    }
}

/// Lets the clock creep for one real moment, never beyond `until`.
pub(super) async fn creep(clock: &Clock, until: Option<Instant>) {
    let (moment, micros) = CREEP;
    tokio::time::sleep(moment).await;
    let next = clock.now().plus(Span::from_micros(micros));
    let next = next.unwrap_or(Instant::MAX);
    clock.advance_to(until.map_or(next, |until| next.min(until)));
}
