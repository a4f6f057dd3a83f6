//! A segment as the screen sees it: on the grid, in whole seconds and units of height.

use detente_spacetime::{Altitude, Instant, Reference};

use super::REFERENCES;
use crate::{grid::Spot, sighting::Sighting};

/// Heights are compared in units of this, metres.
pub(crate) const HEIGHT_UNIT_M: f64 = 1.0;
/// Beyond this height, up or down, a flight counts as of unknown height, metres: 16 bits end there.
pub(super) const HEIGHT_MAX_M: f64 = 30_000.0;
/// The beginning of 2000, seconds since 1970: times are counted from there, so that 32 bits hold them.
const EPOCH_S: i64 = 946_684_800;

/// A segment as the screen sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(super) from: Spot,
    pub(super) to: Spot,
    pub(super) from_s: u32,
    pub(super) to_s: u32,
    pub(super) low: i16,
    pub(super) high: i16,
    /// The reference of its heights; none when they are not known, and then they are everything.
    pub(super) reference: Option<Reference>,
}

impl Way {
    pub(crate) fn between(from: &Sighting, to: &Sighting) -> Self {
        let heights = match (from.altitude, to.altitude) {
            (Some(one), Some(two)) if one.reference() == two.reference() => Some((one, two)),
            _ => None,
        };
        let reference = heights
            .map(|(one, _)| one.reference())
            .filter(|told| REFERENCES.contains(told));
        let (low, high) = match (reference, heights) {
            (Some(_), Some((one, two))) => range(one, two),
            _ => UNKNOWN_HEIGHTS,
        };
        let reference = reference.filter(|_| (low, high) != UNKNOWN_HEIGHTS);
        Self {
            from: Spot::of(from.position),
            to: Spot::of(to.position),
            from_s: seconds(from.at),
            to_s: seconds(to.at),
            low,
            high,
            reference,
        }
    }

    /// A way whose heights are told from `reference`, from columns of numbers.
    #[inline(always)]
    pub(crate) fn of_numbers(
        spots: [Spot; 2],
        micros: [i64; 2],
        heights_m: [f64; 2],
        reference: Reference,
    ) -> Self {
        let low_m = if heights_m[0] < heights_m[1] {
            heights_m[0]
        } else {
            heights_m[1]
        };
        let high_m = if heights_m[0] < heights_m[1] {
            heights_m[1]
        } else {
            heights_m[0]
        };
        let known = low_m >= -HEIGHT_MAX_M && high_m <= HEIGHT_MAX_M;
        Self {
            from: spots[0],
            to: spots[1],
            from_s: second(micros[0]),
            to_s: second(micros[1]),
            low: if known { floor(low_m) } else { i16::MIN },
            high: if known { ceiling(high_m) } else { i16::MAX },
            reference: if known { Some(reference) } else { None },
        }
    }
}

/// The heights of a way of which nothing is known.
const UNKNOWN_HEIGHTS: (i16, i16) = (i16::MIN, i16::MAX);

fn range(one: Altitude, two: Altitude) -> (i16, i16) {
    let (one, two) = (one.value_m(), two.value_m());
    if one.abs() > HEIGHT_MAX_M || two.abs() > HEIGHT_MAX_M {
        return UNKNOWN_HEIGHTS;
    }
    (floor(one.min(two)), ceiling(one.max(two)))
}

/// The unit below a height, and below no other's: −32 767 to 32 766, as the ends mean everything.
#[inline(always)]
pub(super) fn floor(height_m: f64) -> i16 {
    // Truncation is towards zero; one unit lower is below for every height.
    ((height_m * (1.0 / HEIGHT_UNIT_M)) as i16).max(i16::MIN + 2) - 1
}

#[inline(always)]
pub(super) fn ceiling(height_m: f64) -> i16 {
    ((height_m * (1.0 / HEIGHT_UNIT_M)) as i16).min(i16::MAX - 2) + 1
}

/// Whole seconds since 2000, rounded down; what is before counts as its beginning.
#[inline(always)]
pub(super) fn second(micros: i64) -> u32 {
    (micros.div_euclid(1_000_000) - EPOCH_S).clamp(0, i64::from(u32::MAX) - 1) as u32
}

pub(super) fn seconds(at: Instant) -> u32 {
    second(at.micros())
}
