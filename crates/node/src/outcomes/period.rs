//! Periods: half-open, so that what happens at a cut-off is counted once.

use detente_spacetime::{Instant, Span};

/// Days of a week.
pub const WEEK_DAYS: u8 = 7;
/// Hours of a day.
const DAY_H: i64 = 24;

/// From an instant until another, which is no longer part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    from: Instant,
    until: Instant,
}

impl Period {
    /// Takes a period that is not empty.
    pub fn new(from: Instant, until: Instant) -> Option<Self> {
        (from < until).then_some(Self { from, until })
    }

    /// The days that end at an instant; `None` where time begins or ends.
    pub fn days_until(days: u8, until: Instant) -> Option<Self> {
        let span = Span::from_hours(DAY_H * i64::from(days))?;
        let back = Span::from_micros(span.micros().checked_neg()?);
        Self::new(until.plus(back)?, until)
    }

    /// Its beginning.
    pub fn from(self) -> Instant {
        self.from
    }

    /// Its end, which is not part of it.
    pub fn until(self) -> Instant {
        self.until
    }

    /// Whether an instant is part of it.
    pub fn contains(self, at: Instant) -> bool {
        self.from <= at && at < self.until
    }

    /// The period of the same length before it, shortened where time begins.
    pub fn before(self) -> Self {
        let length = self.until.micros().saturating_sub(self.from.micros());
        let from = self.from.micros().saturating_sub(length);
        Self {
            from: Instant::from_micros(from).unwrap_or(Instant::MIN),
            until: self.from,
        }
    }

    /// The days it consists of, the earliest first; a rest at the beginning that is no whole day is left out.
    pub fn days(self) -> Vec<Self> {
        let mut days = Vec::new();
        let mut until = self.until;
        while let Some(day) = Self::days_until(1, until).filter(|day| day.from >= self.from) {
            days.push(day);
            until = day.from;
        }
        days.reverse();
        days
    }
}
