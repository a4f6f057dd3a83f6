//! What an agreement says of private checks: the distances plans should keep, and what sessions may cost and give away.

use crate::document::Located;
use crate::finding::Problems;
use crate::place::Path;
use crate::table::Table;

/// Largest distance, metres: above it the coarsest cells say nothing.
const DISTANCE_MAX_M: f64 = 20_000.0;
/// Longest time between plans, seconds: a day.
const TIME_MAX_S: f64 = 86_400.0;
/// Most cells a side may bring at one level: two lists of them, sealed, are the largest content a peer takes.
pub const CHECK_CELLS_MAX: u32 = 57_344;
/// The finest level there is.
const LEVEL_FINEST: f64 = 3.0;
/// Most sessions a day: more would tell by their differences what single ones do not.
const SESSIONS_MAX: f64 = 1_000.0;
/// Longest time a session may be open, hours: a week, as long as a plan may be.
const HOURS_MAX: f64 = 168.0;

/// The table `parameters.private_check`; what is not said is the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivateChecks {
    /// Least distance on the ground that plans should keep, metres.
    pub separation_m: u32,
    /// Least vertical distance, metres.
    pub vertical_m: u32,
    /// Least time between plans, seconds.
    pub time_s: u32,
    /// Most cells a side may bring at one level: it bounds what a side that does not follow the protocol can ask about.
    pub cells_max: u32,
    /// The finest level that may be entered.
    pub finest: u32,
    /// Most sessions that one side may propose to another within a day.
    pub sessions_per_day: u32,
    /// Longest time a session may be open, hours.
    pub hours: u32,
}

impl Default for PrivateChecks {
    /// Distances as between flights under visual rules; cells for a thousand plans; a session every few hours.
    fn default() -> Self {
        Self {
            separation_m: 1_000,
            vertical_m: 300,
            time_s: 60,
            cells_max: 32_768,
            finest: 3,
            sessions_per_day: 6,
            hours: 24,
        }
    }
}

impl PrivateChecks {
    /// Reads the table; reports what is wrong with it.
    pub(crate) fn read(value: &Located<'_>, path: &Path<'_>, problems: &mut Problems) -> Self {
        let mut read = Self::default();
        let Some(mut table) = Table::of(value, path, problems) else {
            return read;
        };
        let mut set = |key, range: std::ops::RangeInclusive<f64>, unit, place: &mut u32| {
            if let Some(number) = table.number_within(key, range, unit, problems) {
                // A part of a metre or of a cell is taken for the whole, the stricter way for distances.
                *place = number.ceil() as u32;
            }
        };
        set(
            "separation_m",
            0.0..=DISTANCE_MAX_M,
            "m",
            &mut read.separation_m,
        );
        set(
            "vertical_m",
            0.0..=DISTANCE_MAX_M,
            "m",
            &mut read.vertical_m,
        );
        set("time_s", 0.0..=TIME_MAX_S, "s", &mut read.time_s);
        let cells = 1.0..=f64::from(CHECK_CELLS_MAX);
        set("cells_max", cells, "cells", &mut read.cells_max);
        set("finest", 0.0..=LEVEL_FINEST, "levels", &mut read.finest);
        set(
            "sessions_per_day",
            0.0..=SESSIONS_MAX,
            "sessions",
            &mut read.sessions_per_day,
        );
        set("hours", 1.0..=HOURS_MAX, "h", &mut read.hours);
        table.warn_of_unknown(problems);
        read
    }
}
