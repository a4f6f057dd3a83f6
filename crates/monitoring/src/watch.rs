//! The watch: fixes in, events out.

use std::{collections::BTreeMap, sync::Arc};

use detente_spacetime::{Reference, Span, VerticalAssumptions};

use crate::{
    cells::Cells,
    declarations::{Declarations, Touched},
    event::Event,
    fix::{Fix, Identity},
    screen::{Screen, Verdict},
    track::Track,
    wire::{StateError, TrackState, VERSION, WatchState},
    zone::{DeclaredOperation, Watched, Zone},
};

/// Most tracks at a time: fifty times the aircraft that are airborne over the whole earth, a kilobyte each.
pub const TRACKS_MAX: usize = 1_000_000;

/// How the watch is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How long a fix waits for earlier ones that are still on their way; events come that much later.
    pub reorder: Span,
    /// Staying in a zone this long is loitering.
    pub loiter: Span,
    /// An operation outside its declared volumes for this long is not taken to come back.
    pub contingent: Span,
    /// What is assumed about air and ground.
    pub assumptions: VerticalAssumptions,
}

impl Default for Settings {
    /// Ten seconds for stragglers, ten minutes for loitering, five for coming back, the world's air and ground.
    fn default() -> Self {
        Self {
            reorder: Span::from_micros(10_000_000),
            loiter: Span::from_micros(600_000_000),
            contingent: Span::from_micros(300_000_000),
            assumptions: VerticalAssumptions::WORLD,
        }
    }
}

/// What came in and what was made of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Fixes taken.
    pub fixes: u64,
    /// Segments held against zones.
    pub segments: u64,
    /// Fixes that said again what was known.
    pub duplicates: u64,
    /// Fixes that contradict another of the same instant.
    pub conflicts: u64,
    /// Fixes that came later than the window for stragglers allows.
    pub too_late: u64,
    /// Fixes of tracks beyond [`TRACKS_MAX`].
    pub untracked: u64,
    /// Events reported.
    pub events: u64,
}

/// Everything tracks are held against.
#[derive(Debug)]
pub(crate) struct Sky {
    pub(crate) settings: Settings,
    pub(crate) zones: Vec<(Zone, Watched)>,
    pub(crate) cells: Cells,
    /// Absent only where it is tested that it changes nothing.
    pub(crate) screen: Option<Screen>,
    pub(crate) operations: Declarations,
}

/// What is counted and used again for every fix.
#[derive(Debug, Default)]
pub(crate) struct Work {
    pub(crate) counts: Counts,
    pub(crate) verdict: Verdict,
    /// Of declared operations.
    pub(crate) touched: Touched,
}

/// Tracks held against zones, fix by fix.
///
/// The same fixes give the same events, however they are handed over in time.
#[derive(Debug)]
pub struct Watch {
    sky: Sky,
    identities: BTreeMap<Arc<str>, Identity>,
    tracks: BTreeMap<Arc<str>, Track>,
    work: Work,
}

impl Watch {
    /// Makes a watch over zones and declared operations; identities that are not listed are unknown.
    #[must_use]
    pub fn new(
        zones: Vec<Zone>,
        operations: Vec<DeclaredOperation>,
        identities: BTreeMap<Arc<str>, Identity>,
        settings: Settings,
    ) -> Self {
        let mut cells = Cells::default();
        for zone in &zones {
            cells.add(zone.volume.footprint.bounds());
        }
        let mut parts: BTreeMap<Arc<str>, u32> = BTreeMap::new();
        let mut ready = |zone: Zone| {
            let mut watched = Watched::new(zone.volume.clone(), settings.assumptions);
            let part = parts.entry(zone.id.clone()).or_default();
            watched.part = *part;
            *part += 1;
            (zone, watched)
        };
        let zones: Vec<(Zone, Watched)> = zones.into_iter().map(&mut ready).collect();
        Self {
            sky: Sky {
                // Receivers report pressure altitudes.
                screen: Some(Screen::new(&zones, Reference::Pressure)),
                zones,
                cells,
                operations: Declarations::new(operations, settings.assumptions),
                settings,
            },
            identities,
            tracks: BTreeMap::new(),
            work: Work::default(),
        }
    }

    /// The same watch with every question asked exactly.
    #[cfg(test)]
    pub(crate) fn unscreened(mut self) -> Self {
        self.sky.screen = None;
        self.sky.operations = self.sky.operations.unscreened();
        self
    }

    /// Takes a fix and hands over what it shows.
    ///
    /// # Cost
    ///
    /// About a microsecond for a fix near no zone; ten for each border crossed.
    pub fn observe(&mut self, fix: Fix, told: &mut impl FnMut(Event)) {
        self.work.counts.fixes += 1;
        if let Some(track) = self.tracks.get_mut(&fix.track) {
            track.take(fix, &self.sky, &mut self.work, told);
            return;
        }
        if self.tracks.len() >= TRACKS_MAX {
            self.work.counts.untracked += 1;
            return;
        }
        let identity = self.identities.get(&fix.track).cloned();
        let mut track = Track::new(identity.unwrap_or_default(), &self.sky);
        let name = fix.track.clone();
        track.take(fix, &self.sky, &mut self.work, told);
        self.tracks.insert(name, track);
    }

    /// Hands over what the fixes that still waited for stragglers show.
    pub fn finish(&mut self, told: &mut impl FnMut(Event)) {
        for track in self.tracks.values_mut() {
            track.settle(&self.sky, &mut self.work, told);
        }
    }

    /// Returns everything the watch has in mind, to be kept or handed on.
    #[must_use]
    pub fn saved(&self) -> WatchState {
        let tracks = self.tracks.iter();
        WatchState {
            version: VERSION,
            zones: self.sky.zones.len() as u64,
            operations: self.sky.operations.len() as u64,
            counts: self.work.counts.into(),
            tracks: tracks.map(|(id, track)| track.saved(id)).collect(),
        }
    }

    /// Takes what another watch over the same zones and operations had in mind, in the place of its own.
    ///
    /// # Errors
    ///
    /// [`StateError`]; the watch is as it was.
    pub fn restore(&mut self, state: &WatchState) -> Result<(), StateError> {
        if state.version != VERSION {
            return Err(StateError::Version {
                found: state.version,
            });
        }
        let sky = (
            self.sky.zones.len() as u64,
            self.sky.operations.len() as u64,
        );
        if sky != (state.zones, state.operations) {
            return Err(StateError::OtherSky);
        }
        let mut tracks = BTreeMap::new();
        for track in &state.tracks {
            let (id, track) = self.restored(track)?;
            tracks.insert(id, track);
        }
        self.tracks = tracks;
        self.work.counts = state.counts.into();
        Ok(())
    }

    /// Returns what the watch has in mind of one track, and forgets it.
    pub fn give_track(&mut self, track: &str) -> Option<TrackState> {
        let (id, track) = self.tracks.remove_entry(track)?;
        Some(track.saved(&id))
    }

    /// Takes what another watch has given away of a track.
    ///
    /// # Errors
    ///
    /// [`StateError::Track`] when the state is not one.
    pub fn take_track(&mut self, state: &TrackState) -> Result<(), StateError> {
        let (id, track) = self.restored(state)?;
        self.tracks.insert(id, track);
        Ok(())
    }

    fn restored(&self, state: &TrackState) -> Result<(Arc<str>, Track), StateError> {
        let id: Arc<str> = Arc::from(state.track.as_str());
        let identity = self.identities.get(&id).cloned().unwrap_or_default();
        match Track::restored(state, &id, identity, &self.sky) {
            Some(track) => Ok((id, track)),
            None => Err(StateError::Track {
                track: state.track.clone(),
            }),
        }
    }

    /// What came in so far, and what was made of it.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.work.counts
    }

    /// Whether a track of this identity was seen.
    #[must_use]
    pub fn has_seen(&self, track: &str) -> bool {
        self.tracks.contains_key(track)
    }

    /// How many tracks were seen.
    #[must_use]
    pub fn tracks(&self) -> usize {
        self.tracks.len()
    }
}
