//! Where something was, and when: a fix without its names.

use detente_spacetime::{Altitude, Instant, Position};

use crate::fix::Fix;

/// A place, a height and an instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sighting {
    pub(crate) at: Instant,
    pub(crate) position: Position,
    pub(crate) altitude: Option<Altitude>,
}

impl Sighting {
    pub(crate) fn of(fix: &Fix) -> Self {
        Self {
            at: fix.at,
            position: fix.position,
            altitude: fix.altitude,
        }
    }
}
