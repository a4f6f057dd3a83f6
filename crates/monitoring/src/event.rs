//! What was observed.

use std::sync::Arc;

use detente_spacetime::{Altitude, Instant, Position};

use crate::{
    fix::Fix,
    zone::{Answer, ZoneKind},
};

/// One observation about a track.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The identity under which it was reported.
    pub track: Arc<str>,
    /// What happened.
    pub kind: EventKind,
    /// The zone or operation it happened with; none for what concerns the track alone.
    pub with: Option<(Arc<str>, ZoneKind)>,
    /// Which of the volumes under that id, from 0.
    pub part: u32,
    /// When, to the microsecond.
    pub at: Instant,
    /// Until when, for what has a duration.
    pub until: Option<Instant>,
    /// Where, on the geodesic between the two fixes.
    pub place: Option<Position>,
    /// How high, linear between the two fixes; none when they do not tell.
    pub altitude: Option<Altitude>,
    /// Whether it is sure, given the fixes.
    pub certainty: Certainty,
    /// Whether the visit lies wholly between two fixes, so that no single fix shows it.
    pub between_fixes: bool,
    /// What was crossed: side, floor, ceiling or window.
    pub border: Option<Border>,
    /// The force, if a source named one.
    pub force: Option<Arc<str>>,
    /// Who named it.
    pub stated_by: Option<Arc<str>>,
    /// The declared operation the track was matched to.
    pub operation: Option<Arc<str>>,
    /// Why somebody should look at it.
    pub alert: Option<Alert>,
    /// The fixes it was concluded from.
    pub evidence: Vec<Fix>,
}

/// What was observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// The first fix of the track lies in the zone.
    Inside,
    /// The track came into the zone.
    Enter,
    /// The track left the zone.
    Leave,
    /// The track has stayed in the zone for long.
    Loiter,
    /// The track may have been in the zone while nobody saw it.
    PossiblePresence,
    /// The track left the sides of its operation's declared volumes.
    LeftVolume,
    /// The track left its operation's declared heights downward.
    BelowVolume,
    /// The track left its operation's declared heights upward.
    AboveVolume,
    /// The track came back into its operation's declared volumes.
    BackInVolume,
    /// The track was in its operation's space before its time.
    Early,
    /// The track was in its operation's space after its time.
    Late,
    /// The track has been outside its operation's declared volumes for so long that it is not taken to come back.
    Contingent,
    /// The track was not seen for much longer than usual.
    Gap,
    /// The track moved faster than anything flies.
    Teleport,
    /// The track goes back and forth between two places, or is in both at once: one identity, two aircraft.
    IdentitySwap,
    /// Places change, but the time they are reported for does not.
    FrozenClock,
}

/// Whether an observation is sure, given the fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// It follows from the fixes.
    Certain,
    /// It is one of the things the fixes allow: a height had to be converted, or nobody saw.
    Possible,
}

/// What bounds a stay in a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Border {
    /// Its outline.
    Side,
    /// Its lower limit.
    Floor,
    /// Its upper limit.
    Ceiling,
    /// The beginning or end of its window.
    Window,
}

/// Why somebody should look at an event. It names no wrong: a finding needs people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The category.
    pub kind: AlertKind,
    /// The articles concerned, who answers, and on which clock.
    pub answer: Answer,
}

/// The category of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertKind {
    /// A flight of a force that the zone restrains, matched by no declared operation.
    UnmatchedFlight,
    /// The same, when it is not certain that it was there.
    PossibleUnmatchedFlight,
    /// A declared operation whose notice came too late.
    LateNotice,
    /// A declared operation that the agreement does not allow there.
    NotAllowed,
    /// An operation outside its declared volumes.
    Nonconforming,
    /// An operation outside its declared heights.
    AltitudeBust,
    /// An operation that has been outside its declared volumes for so long that it is not taken to come back.
    Contingent,
}

impl EventKind {
    /// The word used in output.
    #[must_use]
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::Enter => "enter",
            Self::Leave => "leave",
            Self::Loiter => "loiter",
            Self::PossiblePresence => "possible_presence",
            Self::LeftVolume => "left_volume",
            Self::BelowVolume => "below_volume",
            Self::AboveVolume => "above_volume",
            Self::BackInVolume => "back_in_volume",
            Self::Early => "early",
            Self::Late => "late",
            Self::Contingent => "contingent",
            Self::Gap => "gap",
            Self::Teleport => "teleport",
            Self::IdentitySwap => "identity_swap",
            Self::FrozenClock => "frozen_clock",
        }
    }
}

impl Certainty {
    /// The word used in output.
    #[must_use]
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Possible => "possible",
        }
    }
}

impl Border {
    /// The word used in output.
    #[must_use]
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Side => "side",
            Self::Floor => "floor",
            Self::Ceiling => "ceiling",
            Self::Window => "window",
        }
    }
}

impl AlertKind {
    /// The word used in output.
    #[must_use]
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::UnmatchedFlight => "unmatched_flight",
            Self::PossibleUnmatchedFlight => "possible_unmatched_flight",
            Self::LateNotice => "late_notice",
            Self::NotAllowed => "not_allowed",
            Self::Nonconforming => "nonconforming",
            Self::AltitudeBust => "altitude_bust",
            Self::Contingent => "contingent",
        }
    }
}
