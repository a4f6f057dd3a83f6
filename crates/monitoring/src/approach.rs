//! Early warning: a flight that heads for a place gives the people there time.
//!
//! A [`Warning`] names a place and when something may arrive there, and nothing about what is coming: no identity, position,
//! height or direction. It protects whoever is at the place, and is of no use against whoever flies.
//!
//! Warnings are told at once, from fixes as they arrive: they do not wait for stragglers as events do, and a fix that is older
//! than the last one of its track tells nothing about where it is going.

mod arrival;
mod near;
mod wire;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
    sync::Arc,
};

use detente_spacetime::{Footprint, Instant, Span, Window};
use sha2::{Digest as _, Sha256};

use crate::{
    evidence::hexadecimal,
    fix::{Fix, Identity},
    zone::DeclaredOperation,
};

pub use arrival::Arrival;
use arrival::Motion;
use near::Nearby;
pub use wire::SightingState;

/// Fixes from which course and speed are taken: as many as show a turn.
const FIXES_KEPT: usize = 8;
/// Course and speed are those of so long a stretch: longer, and a turn is seen late; shorter, and rounding of positions shows.
const COURSE_MICROS: i64 = 30_000_000;
/// After so long without a fix, where it was heading says nothing any more.
const SILENT_MICROS: i64 = 150_000_000;
/// A track is looked at this often: a place is not reached meanwhile, and flooding sources cost little.
const LOOK_EVERY_MICROS: i64 = 2_000_000;
/// So many looks in a row have to show the same before anybody is warned.
const LOOKS_MIN: u32 = 2;
/// A warning is told anew when the expected arrival has moved by this much.
const MOVED_MICROS: i64 = 60_000_000;
/// And not more often than this.
const TOLD_EVERY_MICROS: i64 = 30_000_000;
/// Who has turned away for so long is not expected any more.
const AWAY_MICROS: i64 = 60_000_000;
/// What begins the hash that names a warning.
const WARNING_DOMAIN: &[u8] = b"detente/warning/v1\n";

/// A place where people are warned.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its id, as warnings name it.
    pub id: Arc<str>,
    /// Where it is; the arrival is told for its border.
    pub footprint: Footprint,
    /// When anybody there is to be warned.
    pub window: Window,
    /// The forces whose approach is told; `None` is every force that a source names.
    pub forces: Option<BTreeSet<Arc<str>>>,
    /// The operations that may fly there, such as a medical evacuation to a hospital: they alarm nobody.
    pub expected: BTreeSet<Arc<str>>,
}

/// How far ahead the watch looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// A place is warned when something may be there within this.
    pub ahead: Span,
}

impl Default for Horizon {
    /// Fifteen minutes: twice the eight that spotters' networks gave people on average, and enough to take shelter.
    fn default() -> Self {
        Self {
            ahead: Span::from_micros(900_000_000),
        }
    }
}

/// What is told about a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// Names this message.
    pub id: WarningId,
    /// Names the first message of the same approach; the same as `id` in the first.
    pub first: WarningId,
    /// The message before this one.
    pub before: Option<(WarningId, Instant)>,
    /// The number of the message, from 1.
    pub number: u32,
    /// What the message does.
    pub kind: WarningKind,
    /// The place that is warned.
    pub place: Arc<str>,
    /// When the warning was given, on the clock of the fix that gave it.
    pub at: Instant,
    /// When something may be there; in a withdrawal, what was expected last.
    pub arrival: Arrival,
}

/// What a message does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WarningKind {
    /// It is the first about an approach.
    Raised,
    /// It takes the place of the one before.
    Updated,
    /// Nothing is expected any more.
    Withdrawn,
}

impl WarningKind {
    /// The word used in output.
    #[must_use]
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Updated => "updated",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Names a warning; a hash, from which nothing can be read back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WarningId(pub(crate) [u8; 16]);

impl fmt::Display for WarningId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hexadecimal(&self.0))
    }
}

impl fmt::Debug for WarningId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Looks out for places that something heads for.
#[derive(Debug)]
pub struct Lookout {
    places: Vec<Place>,
    nearby: Nearby,
    operations: Vec<DeclaredOperation>,
    identities: Arc<BTreeMap<Arc<str>, Identity>>,
    horizon: Horizon,
    sightings: BTreeMap<Arc<str>, Sighting>,
}

/// What is known of one track.
#[derive(Clone, Debug, Default)]
struct Sighting {
    fixes: VecDeque<Fix>,
    looked: Option<Instant>,
    approaches: BTreeMap<u32, Approach>,
}

/// A track that heads for a place.
#[derive(Clone, Debug, Default, PartialEq)]
struct Approach {
    looks: u32,
    told: Option<Told>,
    away_since: Option<Instant>,
}

/// What was told last about an approach.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    first: WarningId,
    last: WarningId,
    number: u32,
    at: Instant,
    arrival: Arrival,
}

impl Lookout {
    /// Makes a lookout; only tracks to which a source gives a force, and none that it calls civil, are looked at.
    #[must_use]
    pub fn new(
        places: Vec<Place>,
        operations: Vec<DeclaredOperation>,
        identities: Arc<BTreeMap<Arc<str>, Identity>>,
        horizon: Horizon,
    ) -> Self {
        Self {
            nearby: Nearby::of(&places),
            places,
            operations,
            identities,
            horizon,
            sightings: BTreeMap::new(),
        }
    }

    /// Takes a fix as it arrives and hands over what it means for places.
    pub fn observe(&mut self, fix: &Fix, told: &mut impl FnMut(Warning)) {
        if self.places.is_empty() {
            return;
        }
        let Some(identity) = self.identities.get(&fix.track) else {
            return;
        };
        let (Some(force), false) = (&identity.force, identity.civil) else {
            return;
        };
        let mut sighting = self.sightings.remove(&fix.track).unwrap_or_default();
        if sighting.take(fix) {
            let view = View {
                lookout: self,
                force,
                fix,
            };
            view.look(&mut sighting, told);
        }
        self.sightings.insert(Arc::clone(&fix.track), sighting);
    }
}

impl Sighting {
    /// Takes a fix; whether it is time to look where the track is heading.
    fn take(&mut self, fix: &Fix) -> bool {
        if let Some(last) = self.fixes.back() {
            let passed = (fix.at - last.at).micros();
            if passed <= 0 {
                return false;
            }
            if passed > SILENT_MICROS || Motion::is_jump(last, fix) {
                self.fixes.clear();
            }
        }
        self.fixes.push_back(fix.clone());
        while self.fixes.len() > 2
            && (self.fixes.len() > FIXES_KEPT
                || self
                    .fixes
                    .front()
                    .is_some_and(|first| (fix.at - first.at).micros() > COURSE_MICROS))
        {
            self.fixes.pop_front();
        }
        let due = self
            .looked
            .is_none_or(|looked| (fix.at - looked).micros() >= LOOK_EVERY_MICROS);
        if due {
            self.looked = Some(fix.at);
        }
        due
    }
}

/// One look at one track.
struct View<'a> {
    lookout: &'a Lookout,
    force: &'a Arc<str>,
    fix: &'a Fix,
}

impl View<'_> {
    fn look(&self, sighting: &mut Sighting, told: &mut impl FnMut(Warning)) {
        let motion = Motion::of(&sighting.fixes);
        let mut numbers: BTreeSet<u32> = sighting.approaches.keys().copied().collect();
        if let Some(motion) = &motion {
            let nearby = &self.lookout.nearby;
            nearby.ahead_of(motion, self.lookout.horizon, &mut numbers);
        }
        for number in numbers {
            let Some(place) = self.lookout.places.get(number as usize) else {
                continue;
            };
            let arrival = motion
                .as_ref()
                .and_then(|motion| self.arrival(number, place, motion));
            let mut approach = sighting.approaches.remove(&number).unwrap_or_default();
            let warning = match arrival {
                Some(arrival) => approach.comes(place, self.fix, arrival),
                None => approach.turns_away(place, self.fix),
            };
            if let Some(warning) = warning {
                told(warning);
            }
            if approach.is_open() {
                sighting.approaches.insert(number, approach);
            }
        }
    }

    /// When the track may be at a place that it alarms; none when it does not head there.
    fn arrival(&self, number: u32, place: &Place, motion: &Motion) -> Option<Arrival> {
        let of_concern = place
            .forces
            .as_ref()
            .is_none_or(|forces| forces.contains(self.force));
        if !of_concern || !place.window.contains(self.fix.at) {
            return None;
        }
        let bounds = self.lookout.nearby.bounds(number)?;
        let arrival = motion.arrival(&place.footprint, &bounds)?;
        let latest = self.fix.at.plus(self.lookout.horizon.ahead)?;
        (arrival.expected <= latest && !self.is_expected_at(place)).then_some(arrival)
    }

    /// Whether the track flies an operation that may fly to the place.
    fn is_expected_at(&self, place: &Place) -> bool {
        let flies = |operation: &&DeclaredOperation| {
            operation.forces.contains(self.force)
                && place.expected.contains(&operation.id)
                && operation.volumes.iter().any(|volume| {
                    volume.window.contains(self.fix.at)
                        && volume.footprint.contains(self.fix.position)
                })
        };
        self.lookout
            .operations
            .iter()
            .any(|operation| flies(&operation))
    }
}

impl Approach {
    fn is_open(&self) -> bool {
        self.told.is_some() || self.looks > 0
    }

    /// The track heads for the place.
    fn comes(&mut self, place: &Place, fix: &Fix, arrival: Arrival) -> Option<Warning> {
        self.looks += 1;
        self.away_since = None;
        let Some(told) = &self.told else {
            if self.looks < LOOKS_MIN {
                return None;
            }
            return Some(self.tell(place, fix, WarningKind::Raised, arrival));
        };
        let moved = (arrival.expected - told.arrival.expected).micros().abs() >= MOVED_MICROS;
        let due = (fix.at - told.at).micros() >= TOLD_EVERY_MICROS;
        (moved && due).then(|| self.tell(place, fix, WarningKind::Updated, arrival))
    }

    /// The track does not head for the place, or not any more.
    fn turns_away(&mut self, place: &Place, fix: &Fix) -> Option<Warning> {
        self.looks = 0;
        let told = self.told.as_ref()?;
        let since = *self.away_since.get_or_insert(fix.at);
        if (fix.at - since).micros() < AWAY_MICROS {
            return None;
        }
        let arrival = told.arrival;
        let warning = self.tell(place, fix, WarningKind::Withdrawn, arrival);
        self.told = None;
        Some(warning)
    }

    fn tell(&mut self, place: &Place, fix: &Fix, kind: WarningKind, arrival: Arrival) -> Warning {
        let number = self.told.as_ref().map_or(0, |told| told.number) + 1;
        let id = WarningId::of(place, fix, number);
        let first = self.told.as_ref().map_or(id, |told| told.first);
        let before = self.told.as_ref().map(|told| (told.last, told.at));
        self.told = Some(Told {
            first,
            last: id,
            number,
            at: fix.at,
            arrival,
        });
        Warning {
            id,
            first,
            before,
            number,
            kind,
            place: Arc::clone(&place.id),
            at: fix.at,
            arrival,
        }
    }
}

impl WarningId {
    /// The place and the fix go into the hash, so that the same fix warns the same place once, whoever sees it again.
    fn of(place: &Place, fix: &Fix, number: u32) -> Self {
        let mut hash = Sha256::new();
        hash.update(WARNING_DOMAIN);
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        part(place.id.as_bytes());
        part(fix.track.as_bytes());
        part(&fix.at.micros().to_be_bytes());
        part(&fix.position.latitude_deg().to_bits().to_be_bytes());
        part(&fix.position.longitude_deg().to_bits().to_be_bytes());
        part(&number.to_be_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        let mut id = [0; 16];
        for (byte, from) in id.iter_mut().zip(digest) {
            *byte = from;
        }
        Self(id)
    }
}
