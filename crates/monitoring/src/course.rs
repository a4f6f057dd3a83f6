//! What successive fixes make of a track: a way, a gap, a jump, or nothing at all.

use std::sync::Arc;

use detente_spacetime::{Instant, Span, geodesic::distance_m};

use crate::{
    fix::Fix,
    wire::{CourseState, FixState, instant},
};

/// Nothing that is watched flies faster, metres per second: three times the speed of sound at any height.
pub(crate) const SPEED_MAX_M_S: f64 = 1_000.0;
/// How far two reports of one place may differ, metres: sources round to hundreds of metres.
const JITTER_M: f64 = 500.0;
/// Two reports of the same instant within this distance are one, metres.
const SAME_PLACE_M: f64 = 1.0;
/// Two reports of the same instant further apart are two aircraft, metres: no clock that is a second off tells as much.
const TWO_PLACES_M: f64 = SPEED_MAX_M_S + JITTER_M;
/// So many places in a row for one instant, and the clock stands still.
const STUCK_MIN: u32 = 3;
/// A gap is this many times the longest of the last intervals.
const GAP_INTERVALS: i64 = 3;
/// No interval shorter than this is a gap.
const GAP_MIN_MICROS: i64 = 30_000_000;
/// The first interval of a track is a gap beyond this: nothing is known yet of how often it is seen.
const GAP_AT_FIRST_MICROS: i64 = 90_000_000;
/// A track that jumped may come back within this time to be the one that was there before.
const BRANCH_KEPT_MICROS: i64 = 600_000_000;
/// How many intervals are remembered.
const INTERVALS: usize = 3;

/// What the next fix means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// The track begins here.
    Begin,
    /// It came from the fix before.
    Move { from: Fix },
    /// It came from the fix before, and was not seen for much longer than usual.
    Unseen { from: Fix },
    /// Nothing can have come here from the fix before.
    Jump { from: Fix },
    /// It jumped before, and now back: two aircraft under one identity.
    Swap { from: Fix },
    /// The same instant again, elsewhere, for the third time in a row.
    StuckClock { from: Fix },
    /// In two places at once, for the second instant: two aircraft under one identity.
    TwoPlaces { from: Fix },
    /// The same instant again, elsewhere.
    Conflict,
    /// The same fix again.
    Duplicate,
}

/// The state of one track.
#[derive(Clone, Debug, Default)]
pub(crate) struct Course {
    last: Option<Fix>,
    /// Where the identity was before it jumped.
    other: Option<Fix>,
    swap_told: bool,
    stuck: u32,
    /// When the identity was last in two places at once.
    clash: Option<Instant>,
    intervals: [i64; INTERVALS],
    known: usize,
    /// The fastest it was seen to fly, metres per second.
    pub(crate) fastest_m_s: f64,
}

impl Course {
    /// Takes the next fix in order of time.
    pub(crate) fn step(&mut self, fix: &Fix) -> Step {
        let Some(last) = self.last.clone() else {
            self.last = Some(fix.clone());
            return Step::Begin;
        };
        let passed = fix.at - last.at;
        let apart_m = distance_m(last.position, fix.position);
        if passed <= Span::ZERO {
            return self.same_instant(last, fix, apart_m);
        }
        self.stuck = 0;
        self.last = Some(fix.clone());
        let seconds = passed.micros() as f64 / 1e6;
        if apart_m > SPEED_MAX_M_S * seconds + JITTER_M {
            return self.jump(last, fix);
        }
        if passed.micros() > self.longest_usual_micros() {
            return Step::Unseen { from: last };
        }
        if let Some(slot) = self.intervals.get_mut(self.known % INTERVALS) {
            *slot = passed.micros();
            self.known += 1;
        }
        self.fastest_m_s = self.fastest_m_s.max((apart_m / seconds).min(SPEED_MAX_M_S));
        Step::Move { from: last }
    }

    fn same_instant(&mut self, last: Fix, fix: &Fix, apart_m: f64) -> Step {
        if apart_m <= SAME_PLACE_M {
            return Step::Duplicate;
        }
        self.stuck += 1;
        // A clock that stands still tells many places of one instant; two aircraft tell two of each.
        if self.stuck == 1 && apart_m > TWO_PLACES_M {
            let before = self.clash.replace(fix.at);
            let again = before.is_some_and(|before| {
                let passed = (fix.at - before).micros();
                (1..=BRANCH_KEPT_MICROS).contains(&passed)
            });
            if again && !std::mem::replace(&mut self.swap_told, true) {
                return Step::TwoPlaces { from: last };
            }
        }
        if self.stuck == STUCK_MIN {
            Step::StuckClock { from: last }
        } else {
            Step::Conflict
        }
    }

    fn jump(&mut self, last: Fix, fix: &Fix) -> Step {
        let back = self.other.take().is_some_and(|other| {
            let passed = fix.at - other.at;
            let reach_m = SPEED_MAX_M_S * passed.micros() as f64 / 1e6 + JITTER_M;
            passed.micros() <= BRANCH_KEPT_MICROS
                && distance_m(other.position, fix.position) <= reach_m
        });
        self.other = Some(last.clone());
        match (back, self.swap_told) {
            (true, false) => {
                self.swap_told = true;
                Step::Swap { from: last }
            }
            (true, true) => Step::Begin,
            (false, _) => {
                self.swap_told = false;
                Step::Jump { from: last }
            }
        }
    }

    fn longest_usual_micros(&self) -> i64 {
        if self.known == 0 {
            return GAP_AT_FIRST_MICROS;
        }
        let longest = self.intervals.iter().max().copied().unwrap_or_default();
        longest.saturating_mul(GAP_INTERVALS).max(GAP_MIN_MICROS)
    }

    pub(crate) fn saved(&self) -> CourseState {
        CourseState {
            last: self.last.as_ref().map(FixState::of),
            other: self.other.as_ref().map(FixState::of),
            swap_told: self.swap_told,
            stuck: self.stuck,
            clash: self.clash.map(Instant::micros),
            intervals: self.intervals.to_vec(),
            known: self.known as u64,
            fastest: self.fastest_m_s.to_bits(),
        }
    }

    pub(crate) fn restored(state: &CourseState, track: &Arc<str>) -> Option<Self> {
        let fix = |state: &Option<FixState>| match state {
            Some(state) => state.fix(track).map(Some),
            None => Some(None),
        };
        Some(Self {
            last: fix(&state.last)?,
            other: fix(&state.other)?,
            swap_told: state.swap_told,
            stuck: state.stuck,
            clash: instant(state.clash)?,
            intervals: state.intervals.as_slice().try_into().ok()?,
            known: usize::try_from(state.known).ok()?,
            fastest_m_s: f64::from_bits(state.fastest),
        })
    }
}
