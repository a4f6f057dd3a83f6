//! The state of a lookout, track by track, as it is kept or handed over.

use std::{collections::BTreeMap, sync::Arc};

use detente_spacetime::Instant;
use serde::{Deserialize, Serialize};

use super::{Approach, Arrival, Lookout, Sighting, Told, WarningId};
use crate::wire::{FixState, StateError, instant};

/// What is known of one track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SightingState {
    /// The identity it is reported under.
    pub track: String,
    fixes: Vec<FixState>,
    looked: Option<i64>,
    approaches: Vec<ApproachState>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ApproachState {
    place: u32,
    looks: u32,
    away_since: Option<i64>,
    told: Option<ToldState>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ToldState {
    first: [u8; 16],
    last: [u8; 16],
    number: u32,
    at: i64,
    earliest: i64,
    expected: i64,
    latest: i64,
}

impl Lookout {
    /// Returns everything the lookout has in mind.
    #[must_use]
    pub fn saved(&self) -> Vec<SightingState> {
        let sightings = self.sightings.iter();
        sightings
            .map(|(track, sighting)| sighting.saved(track))
            .collect()
    }

    /// Returns what it has in mind of one track, and forgets it.
    pub fn give(&mut self, track: &str) -> Option<SightingState> {
        let (track, sighting) = self.sightings.remove_entry(track)?;
        Some(sighting.saved(&track))
    }

    /// Takes what was saved or given, in the place of what it knows of the track.
    ///
    /// # Errors
    ///
    /// [`StateError::Track`] when the state is not one.
    pub fn take(&mut self, state: &SightingState) -> Result<(), StateError> {
        let track: Arc<str> = Arc::from(state.track.as_str());
        let sighting = Sighting::restored(state, &track).ok_or_else(|| StateError::Track {
            track: state.track.clone(),
        })?;
        self.sightings.insert(track, sighting);
        Ok(())
    }
}

impl Sighting {
    fn saved(&self, track: &Arc<str>) -> SightingState {
        let approach = |(place, approach): (&u32, &Approach)| ApproachState {
            place: *place,
            looks: approach.looks,
            away_since: approach.away_since.map(Instant::micros),
            told: approach.told.as_ref().map(|told| ToldState {
                first: told.first.0,
                last: told.last.0,
                number: told.number,
                at: told.at.micros(),
                earliest: told.arrival.earliest.micros(),
                expected: told.arrival.expected.micros(),
                latest: told.arrival.latest.micros(),
            }),
        };
        SightingState {
            track: track.to_string(),
            fixes: self.fixes.iter().map(FixState::of).collect(),
            looked: self.looked.map(Instant::micros),
            approaches: self.approaches.iter().map(approach).collect(),
        }
    }

    fn restored(state: &SightingState, track: &Arc<str>) -> Option<Self> {
        let mut approaches = BTreeMap::new();
        for approach in &state.approaches {
            let told = match &approach.told {
                Some(told) => Some(told.restored()?),
                None => None,
            };
            let restored = Approach {
                looks: approach.looks,
                told,
                away_since: instant(approach.away_since)?,
            };
            approaches.insert(approach.place, restored);
        }
        let fixes: Option<_> = state.fixes.iter().map(|fix| fix.fix(track)).collect();
        Some(Self {
            fixes: fixes?,
            looked: instant(state.looked)?,
            approaches,
        })
    }
}

impl ToldState {
    fn restored(&self) -> Option<Told> {
        Some(Told {
            first: WarningId(self.first),
            last: WarningId(self.last),
            number: self.number,
            at: Instant::from_micros(self.at)?,
            arrival: Arrival {
                earliest: Instant::from_micros(self.earliest)?,
                expected: Instant::from_micros(self.expected)?,
                latest: Instant::from_micros(self.latest)?,
            },
        })
    }
}
