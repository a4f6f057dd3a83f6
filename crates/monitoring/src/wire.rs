//! The state of a watch as it is kept between two runs, or handed from one worker to another.
//!
//! What is written here and read back continues as if nothing had come between: numbers that decide are written by their
//! bits. Zones and operations go by their place in the lists the watch was made from, so that a state fits only the same
//! lists; who keeps it says so beside it.

use std::sync::Arc;

use detente_spacetime::{Altitude, Instant, Position, Reference};
use serde::{Deserialize, Serialize};

use crate::{fix::Fix, watch::Counts};

/// The form of the state; another number is another form.
pub const VERSION: u32 = 1;

/// Everything a watch has in mind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatchState {
    /// [`VERSION`].
    pub version: u32,
    /// How many zones and operations it is held against.
    pub zones: u64,
    /// How many operations.
    pub operations: u64,
    /// What came in and what was made of it.
    pub counts: CountsState,
    /// Every track, by identity.
    pub tracks: Vec<TrackState>,
}

/// See [`Counts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the fields are those of `Counts`, where they are described"
)]
pub struct CountsState {
    pub fixes: u64,
    pub segments: u64,
    pub duplicates: u64,
    pub conflicts: u64,
    pub too_late: u64,
    pub untracked: u64,
    pub events: u64,
}

/// What is known of one track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackState {
    /// The identity it is reported under.
    pub track: String,
    pub(crate) reorder: ReorderState,
    pub(crate) course: CourseState,
    pub(crate) stays: Vec<StayState>,
    pub(crate) conduct: Vec<ConductState>,
}

/// Fixes that may still be overtaken by an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReorderState {
    pub(crate) waiting: Vec<(u64, FixState)>,
    pub(crate) arrivals: u64,
    pub(crate) newest: Option<i64>,
    pub(crate) released: Option<i64>,
}

/// What successive fixes have shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct CourseState {
    pub(crate) last: Option<FixState>,
    pub(crate) other: Option<FixState>,
    pub(crate) swap_told: bool,
    pub(crate) stuck: u32,
    /// When the identity was last in two places at once.
    #[serde(default)]
    pub(crate) clash: Option<i64>,
    pub(crate) intervals: Vec<i64>,
    pub(crate) known: u64,
    pub(crate) fastest: u64,
}

/// A stay in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StayState {
    pub(crate) zone: u32,
    pub(crate) is_in: bool,
    pub(crate) was_certain: bool,
    pub(crate) since: i64,
    pub(crate) loiter_told: bool,
}

/// How the track has flown an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConductState {
    pub(crate) operation: u64,
    pub(crate) seen: bool,
    pub(crate) inside: bool,
    pub(crate) early_told: bool,
    pub(crate) outside_since: Option<i64>,
    pub(crate) contingent_told: bool,
    #[serde(default)]
    pub(crate) standing_told: bool,
}

/// A fix; degrees and metres by their bits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixState {
    at: i64,
    latitude: u64,
    longitude: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    height: Option<(u64, String)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    source: Option<String>,
}

impl FixState {
    /// Writes a fix; the track it belongs to and the unit of its height are not kept.
    #[must_use]
    pub fn of(fix: &Fix) -> Self {
        let height = |altitude: Altitude| {
            let code = altitude.reference().code().to_owned();
            (altitude.value_m().to_bits(), code)
        };
        Self {
            at: fix.at.micros(),
            latitude: fix.position.latitude_deg().to_bits(),
            longitude: fix.position.longitude_deg().to_bits(),
            height: fix.altitude.map(height),
            source: fix.source.as_deref().map(str::to_owned),
        }
    }

    /// Reads a fix of a track; none when it is no fix.
    #[must_use]
    pub fn fix(&self, track: &Arc<str>) -> Option<Fix> {
        let altitude = match &self.height {
            Some((bits, code)) => {
                let reference = Reference::from_code(code)?;
                Some(Altitude::new(f64::from_bits(*bits), reference).ok()?)
            }
            None => None,
        };
        let latitude_deg = f64::from_bits(self.latitude);
        let longitude_deg = f64::from_bits(self.longitude);
        Some(Fix {
            track: Arc::clone(track),
            at: Instant::from_micros(self.at)?,
            position: Position::new(latitude_deg, longitude_deg).ok()?,
            altitude,
            source: self.source.as_deref().map(Arc::from),
        })
    }
}

/// A kept state does not fit the watch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// It was written in another form.
    #[error("the state is of form {found}, not {VERSION}")]
    Version {
        /// Its form.
        found: u32,
    },
    /// It was kept over other zones or operations.
    #[error("the state was kept over other zones or operations")]
    OtherSky,
    /// A track's state is not one.
    #[error("the state of track `{track}` is not one")]
    Track {
        /// The track.
        track: String,
    },
}

impl From<Counts> for CountsState {
    fn from(counts: Counts) -> Self {
        Self {
            fixes: counts.fixes,
            segments: counts.segments,
            duplicates: counts.duplicates,
            conflicts: counts.conflicts,
            too_late: counts.too_late,
            untracked: counts.untracked,
            events: counts.events,
        }
    }
}

impl From<CountsState> for Counts {
    fn from(state: CountsState) -> Self {
        Self {
            fixes: state.fixes,
            segments: state.segments,
            duplicates: state.duplicates,
            conflicts: state.conflicts,
            too_late: state.too_late,
            untracked: state.untracked,
            events: state.events,
        }
    }
}

pub(crate) fn instant(micros: Option<i64>) -> Option<Option<Instant>> {
    match micros {
        Some(micros) => Some(Some(Instant::from_micros(micros)?)),
        None => Some(None),
    }
}
