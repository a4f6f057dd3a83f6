//! What tracks are held against, with the answers of the agreement as data.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

use detente_spacetime::{Altitude, Instant, Levels, Reference, VerticalAssumptions, Volume4D};

use crate::{
    event::{Alert, AlertKind},
    presence::Limits,
    segment::Segment,
};

/// What a zone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ZoneKind {
    /// An area of the agreement.
    Area,
    /// Everything within the stand-off of a protected object.
    ProtectedObject,
    /// A volume of an operation that somebody else declared.
    Operation,
}

impl ZoneKind {
    /// The word used in output.
    #[must_use]
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Area => "area",
            Self::ProtectedObject => "protected_object",
            Self::Operation => "operation",
        }
    }
}

/// A zone that restrains flights.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Its id, as events name it.
    pub id: Arc<str>,
    /// What it is.
    pub kind: ZoneKind,
    /// Where, how high and when; of a protected object with its stand-off.
    pub volume: Volume4D,
    /// The forces it restrains; `None` is everyone, also a flight that nobody attributes.
    pub forces: Option<BTreeSet<Arc<str>>>,
    /// What a flight of a force in the zone is held against when no declared operation matches it.
    ///
    /// A force that is not listed raises no alert.
    pub unmatched: BTreeMap<Arc<str>, Answer>,
    /// What the agreement says of declared operations in this zone; one that is not listed is cleared.
    pub operations: BTreeMap<Arc<str>, Standing>,
}

/// Which articles speak, who answers, and on which clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The articles that would forbid the flight.
    pub articles: Vec<Arc<str>>,
    /// The participant that answers for the party.
    pub guarantor: Option<Arc<str>>,
    /// The clock on which it answers.
    pub clock: Option<Arc<str>>,
}

/// What the agreement says of a declared operation in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may be there; that it was is an event.
    Cleared,
    /// The zone does not concern it, such as a hospital a medical evacuation flies to.
    Exempt,
    /// It might have been there with longer notice.
    LateNotice(Answer),
    /// It may not be there.
    Refused(Answer),
}

/// A declared operation that tracks are matched to.
#[derive(Clone, Debug)]
pub struct DeclaredOperation {
    /// Its id.
    pub id: Arc<str>,
    /// The forces whose tracks match it: the one that flies it and those that are part of that one.
    pub forces: BTreeSet<Arc<str>>,
    /// Its volumes; a flight inside any of them conforms.
    pub volumes: Vec<Volume4D>,
    /// What the agreement says of it as a whole, wherever it flies; a flight of one that is held back is told once.
    pub standing: Standing,
}

impl Zone {
    /// Whether it restrains a flight that a source attributes to `force`, or to nobody.
    pub(crate) fn applies_to(&self, force: Option<&Arc<str>>) -> bool {
        restrains(self.forces.as_ref(), force)
    }
}

/// Whether what concerns `forces`, or everyone, concerns a flight attributed to `force`, or to nobody.
pub(crate) fn restrains(forces: Option<&BTreeSet<Arc<str>>>, force: Option<&Arc<str>>) -> bool {
    match (forces, force) {
        (None, _) => true,
        (Some(forces), Some(force)) => forces.contains(force),
        (Some(_), None) => false,
    }
}

impl Standing {
    /// How far it holds an operation back: the more, the farther.
    pub(crate) fn severity(&self) -> u8 {
        match self {
            Self::Exempt => 0,
            Self::Cleared => 1,
            Self::LateNotice(_) => 2,
            Self::Refused(_) => 3,
        }
    }

    /// The alert for a flight of an operation that is held back.
    pub(crate) fn alert(&self) -> Option<Alert> {
        let (kind, answer) = match self {
            Self::Exempt | Self::Cleared => return None,
            Self::LateNotice(answer) => (AlertKind::LateNotice, answer),
            Self::Refused(answer) => (AlertKind::NotAllowed, answer),
        };
        let answer = answer.clone();
        Some(Alert { kind, answer })
    }
}

impl DeclaredOperation {
    /// When its first volume begins.
    pub(crate) fn starts(&self) -> Option<Instant> {
        self.volumes
            .iter()
            .map(|volume| volume.window.start())
            .min()
    }

    /// When its last volume ends; `None` until further notice.
    pub(crate) fn ends(&self) -> Option<Instant> {
        let ends: Option<Vec<Instant>> = self
            .volumes
            .iter()
            .map(|volume| volume.window.end())
            .collect();
        ends?.into_iter().max()
    }
}

/// A volume with its heights told in every reference, each worked out when first needed.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) volume: Volume4D,
    /// Which of the volumes under its id, from 0.
    pub(crate) part: u32,
    assumptions: VerticalAssumptions,
    levels: [OnceLock<Option<Levels>>; 4],
}

impl Watched {
    pub(crate) fn new(volume: Volume4D, assumptions: VerticalAssumptions) -> Self {
        Self {
            volume,
            part: 0,
            assumptions,
            levels: [const { OnceLock::new() }; 4],
        }
    }

    /// The heights of the volume in the reference of `altitude`.
    pub(crate) fn levels(&self, altitude: Altitude) -> Option<Levels> {
        self.levels_in(altitude.reference())
    }

    /// When and how high it is, as a segment is compared with it.
    pub(crate) fn limits(&self, segment: &Segment) -> Limits {
        let is_every_height = self.is_every_height();
        let told = segment.heights().filter(|_| !is_every_height);
        Limits {
            window: self.volume.window,
            levels: told.and_then(|(from, _)| self.levels(from)),
            is_every_height,
        }
    }

    /// The heights of the volume in a reference.
    pub(crate) fn levels_in(&self, reference: Reference) -> Option<Levels> {
        let place = match reference {
            Reference::Ellipsoid => 0,
            Reference::MeanSeaLevel => 1,
            Reference::Pressure => 2,
            Reference::AboveGround => 3,
            Reference::Surface | Reference::Unlimited => return None,
        };
        let over = self.volume.footprint.bounds();
        let work_out = || {
            self.volume
                .altitude
                .levels(reference, over, &self.assumptions)
        };
        *self.levels.get(place)?.get_or_init(work_out)
    }

    /// Whether it reaches from the ground up without limit.
    pub(crate) fn is_every_height(&self) -> bool {
        let ground = self.volume.altitude.lower().reference() == Reference::Surface;
        ground && self.volume.altitude.upper().reference() == Reference::Unlimited
    }
}
