//! When something that flies as it was seen to fly may be at a place.

use std::collections::VecDeque;

use detente_spacetime::{
    Footprint, Instant, Leg, Position,
    geodesic::{azimuth_deg, distance_m},
};

use super::near::Bounds;
use crate::{course::SPEED_MAX_M_S, fix::Fix};

/// Slower, and it goes nowhere in the time people are warned: taxiing, hovering, a balloon.
const SPEED_MIN_M_S: f64 = 15.0;
/// A course is not known better than this, degrees: aircraft wander, positions are rounded.
const SPREAD_MIN_DEG: f64 = 4.0;
/// Who changes course by more than this in half a minute is turning, and heads for no place, degrees.
const SPREAD_MAX_DEG: f64 = 40.0;
/// It may fly faster or slower than it was seen to fly by this share.
const SPEED_MARGIN: f64 = 0.1;
/// Reports of positions may differ by this much from where it was, metres.
const JITTER_M: f64 = 500.0;

/// When something may be at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Not before: the straight way, faster than it was seen to fly.
    pub earliest: Instant,
    /// If it goes on as it was seen to fly.
    pub expected: Instant,
    /// Not after, if it comes at all: with the turns it was seen to make, slower than it was seen to fly.
    pub latest: Instant,
}

/// Course and speed of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Motion {
    pub(super) at: Instant,
    pub(super) position: Position,
    /// Degrees clockwise from north.
    pub(super) course_deg: f64,
    /// How far the course may be off, degrees.
    pub(super) spread_deg: f64,
    speed_m_s: f64,
    slowest_m_s: f64,
    pub(super) fastest_m_s: f64,
}

impl Motion {
    /// Whether nothing can have flown from one fix to the other.
    pub(super) fn is_jump(from: &Fix, to: &Fix) -> bool {
        let seconds = (to.at - from.at).micros() as f64 / 1e6;
        distance_m(from.position, to.position) > SPEED_MAX_M_S * seconds + JITTER_M
    }

    /// None when there are too few fixes, or it stands, or it turns.
    pub(super) fn of(fixes: &VecDeque<Fix>) -> Option<Self> {
        let (first, last) = (fixes.front()?, fixes.back()?);
        let seconds = |from: &Fix, to: &Fix| (to.at - from.at).micros() as f64 / 1e6;
        let whole_s = seconds(first, last);
        if whole_s <= 0.0 {
            return None;
        }
        let speed_m_s = distance_m(first.position, last.position) / whole_s;
        if speed_m_s < SPEED_MIN_M_S {
            return None;
        }
        let course_deg = opposite(azimuth_deg(last.position, first.position));
        let mut spread_deg = SPREAD_MIN_DEG;
        let (mut slowest_m_s, mut fastest_m_s) = (speed_m_s, speed_m_s);
        for (from, to) in fixes.iter().zip(fixes.iter().skip(1)) {
            let way_m = distance_m(from.position, to.position);
            // Two reports close together show the rounding of positions rather than the course.
            if way_m < JITTER_M {
                continue;
            }
            let leg_deg = opposite(azimuth_deg(to.position, from.position));
            spread_deg = spread_deg.max(between_deg(leg_deg, course_deg));
            let leg_m_s = way_m / seconds(from, to);
            slowest_m_s = slowest_m_s.min(leg_m_s);
            fastest_m_s = fastest_m_s.max(leg_m_s);
        }
        (spread_deg <= SPREAD_MAX_DEG).then_some(Self {
            at: last.at,
            position: last.position,
            course_deg,
            spread_deg,
            speed_m_s,
            slowest_m_s: (slowest_m_s * (1.0 - SPEED_MARGIN)).max(SPEED_MIN_M_S),
            fastest_m_s: (fastest_m_s * (1.0 + SPEED_MARGIN)).min(SPEED_MAX_M_S),
        })
    }

    /// When it may be at the border of a footprint; none when it does not head there.
    pub(super) fn arrival(&self, footprint: &Footprint, bounds: &Bounds) -> Option<Arrival> {
        if footprint.contains(self.position) {
            return Some(Arrival {
                earliest: self.at,
                expected: self.at,
                latest: self.at,
            });
        }
        let away_m = distance_m(self.position, bounds.middle);
        let sight_deg = (bounds.radius_m / away_m)
            .clamp(0.0, 1.0)
            .asin()
            .to_degrees();
        let bearing_deg = azimuth_deg(self.position, bounds.middle);
        if between_deg(bearing_deg, self.course_deg) > self.spread_deg + sight_deg {
            return None;
        }
        let way_m = self.way_m(footprint, bounds, away_m);
        let turns = self.spread_deg.to_radians().cos();
        Some(Arrival {
            earliest: self.after(way_m / self.fastest_m_s)?,
            expected: self.after(way_m / self.speed_m_s)?,
            latest: self.after(way_m / (self.slowest_m_s * turns))?,
        })
    }

    /// How far it is to the border, straight towards the middle.
    fn way_m(&self, footprint: &Footprint, bounds: &Bounds, away_m: f64) -> f64 {
        let border = Leg::new(self.position, bounds.middle)
            .ok()
            .and_then(|leg| footprint.passages(&leg).first().map(|first| first.enters));
        // A ring or a crescent need not hold its middle.
        border.map_or((away_m - bounds.radius_m).max(0.0), |share| share * away_m)
    }

    fn after(&self, seconds: f64) -> Option<Instant> {
        let micros = (seconds * 1e6).round();
        let fits = micros.is_finite() && micros.abs() < 1e15;
        fits.then(|| Instant::from_micros(self.at.micros().saturating_add(micros as i64)))
            .flatten()
    }
}

fn opposite(azimuth_deg: f64) -> f64 {
    (azimuth_deg + 180.0).rem_euclid(360.0)
}

/// The angle between two directions, from 0 to 180 degrees.
pub(super) fn between_deg(one_deg: f64, two_deg: f64) -> f64 {
    let apart = (one_deg - two_deg).rem_euclid(360.0);
    apart.min(360.0 - apart)
}
