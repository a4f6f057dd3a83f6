//! Two successive fixes as a segment in space, height and time.

use detente_spacetime::{Altitude, GeoBox, Instant, Leg, Position, Window};

use crate::sighting::Sighting;

/// Above this latitude a geodesic may bulge towards the pole by as much as half its length, degrees.
const STEEP_LATITUDE_DEG: f64 = 85.0;
/// tan 85°, rounded up: a geodesic of length L bulges by at most L² tan φ / 8R.
const STEEP_TANGENT: f64 = 11.5;
/// The smallest radius of curvature of the ellipsoid, metres, rounded down.
const RADIUS_MIN_M: f64 = 6_335_000.0;

/// The way from one fix to the next.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) from: Sighting,
    pub(crate) to: Sighting,
    pub(crate) leg: Leg,
    /// Whether nobody saw for much longer than usual what happened between.
    pub(crate) unseen: bool,
}

impl Segment {
    /// None when the fixes are on opposite sides of the earth.
    pub(crate) fn new(from: Sighting, to: Sighting, unseen: bool) -> Option<Self> {
        let leg = Leg::new(from.position, to.position).ok()?;
        Some(Self {
            from,
            to,
            leg,
            unseen,
        })
    }

    /// Microseconds from the first fix to the second.
    pub(crate) fn micros(&self) -> i64 {
        self.to.at.micros() - self.from.at.micros()
    }

    /// The instant at a share of the way, to the nearest microsecond.
    pub(crate) fn instant(&self, share: f64) -> Instant {
        let passed = (share.clamp(0.0, 1.0) * self.micros() as f64).round() as i64;
        Instant::from_micros(self.from.at.micros() + passed).unwrap_or(self.to.at)
    }

    pub(crate) fn place(&self, share: f64) -> Option<Position> {
        self.leg.at(share)
    }

    /// The height at a share of the way, when both fixes tell it from the same reference.
    pub(crate) fn altitude(&self, share: f64) -> Option<Altitude> {
        let (from, to) = self.heights()?;
        let height_m = from.value_m() + (to.value_m() - from.value_m()) * share;
        Altitude::new(height_m, from.reference()).ok()
    }

    /// The heights of both fixes, when they are told from the same reference.
    pub(crate) fn heights(&self) -> Option<(Altitude, Altitude)> {
        let (from, to) = (self.from.altitude?, self.to.altitude?);
        (from.reference() == to.reference()).then_some((from, to))
    }

    /// The shares of the way during a window.
    pub(crate) fn during(&self, window: &Window) -> Option<(f64, f64)> {
        let (start, end) = (self.from.at.micros(), self.to.at.micros());
        let opens = window.start().micros();
        let closes = window.end().map_or(i64::MAX, Instant::micros);
        if end < opens || start >= closes {
            return None;
        }
        let share = |instant: i64| (instant - start) as f64 / (end - start) as f64;
        let from = if opens > start { share(opens) } else { 0.0 };
        let to = if closes <= end { share(closes) } else { 1.0 };
        Some((from, to))
    }

    /// A box around the way.
    pub(crate) fn bounds(&self) -> GeoBox {
        let (from, to) = (self.from.position, self.to.position);
        let length_m = self.leg.length_m();
        let steepest_deg = from.latitude_deg().abs().max(to.latitude_deg().abs());
        let bulge_m = if steepest_deg < STEEP_LATITUDE_DEG {
            length_m * length_m * STEEP_TANGENT / (8.0 * RADIUS_MIN_M)
        } else {
            f64::INFINITY
        };
        let ends = GeoBox::at(from).union(&GeoBox::at(to));
        ends.expanded(bulge_m.min(length_m * 0.5) + 1.0)
    }
}
