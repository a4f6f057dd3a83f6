//! What stands in the logs.

use std::collections::BTreeMap;

use detente_monitoring::approach::SightingState;
use detente_monitoring::wire::{FixState, TrackState, WatchState};
use serde::{Deserialize, Serialize};

/// Entries of one message, at most: some ten kilobytes.
pub const ENTRIES_MAX: usize = 128;

/// One message of a partition's log.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// In the order in which they happened.
    pub entries: Vec<Entry>,
}

/// Something that happened in a partition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Entry {
    /// A track was seen.
    Fix {
        /// Its identity.
        track: String,
        /// How often it had changed hands before.
        hands: u64,
        /// Where and when.
        fix: FixState,
    },
    /// A track has left for another partition.
    Left {
        /// Its identity.
        track: String,
        /// How often it has changed hands with this.
        hands: u64,
        /// The partition it went to.
        to: u32,
    },
    /// What the partition it came from had in mind of a track.
    Handed {
        /// Its identity.
        track: String,
        /// How often it has changed hands with this.
        hands: u64,
        /// What the watch had in mind; none of a track it had not seen.
        watch: Option<Box<TrackState>>,
        /// What the lookout had in mind.
        lookout: Option<Box<SightingState>>,
    },
    /// No more will come for now: what waits for stragglers is told.
    Settle,
}

/// Where the feeders last sent a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The partition.
    pub to: u32,
    /// The one before; the same for a track that never left.
    pub from: u32,
    /// How often it has changed hands.
    pub hands: u64,
    /// Its cell, by row and column.
    pub cell: (i32, i32),
}

/// What a partition's desk has in mind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeskState {
    /// The watch.
    pub watch: WatchState,
    /// The lookout.
    pub sightings: Vec<SightingState>,
    /// Where its tracks are.
    pub book: BTreeMap<String, PlaceState>,
    /// Whether it was told to settle.
    pub is_settled: bool,
}

/// Where a track is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PlaceState {
    /// Here, after so many changes of hands.
    Here(u64),
    /// Gone with the change of that number, to a partition.
    Gone(u64, u32),
    /// On its way here: what was seen of it meanwhile, and where it went on to.
    Awaited {
        /// The change of hands that brings it.
        hands: u64,
        /// What was seen of it meanwhile.
        fixes: Vec<FixState>,
        /// The changes of hands that came after: their numbers and where to.
        onward: Option<(u64, u32)>,
    },
}

/// The newest checkpoint of a partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The last message of the log that it covers.
    pub sequence: u64,
    /// The name its parts go under.
    pub parts: String,
    /// How many there are.
    pub count: u32,
}
