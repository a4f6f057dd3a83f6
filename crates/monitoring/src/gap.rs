//! Where something may have been while nobody saw it.
//!
//! At a speed v, unseen for a time T between two places, it may have been wherever the ways to both together are at most
//! v·T: in an ellipse. The ellipse is held by strips along the straight way between, each as wide as the ellipse there is.

use detente_spacetime::{GeoBox, Levels};

use crate::{course::SPEED_MAX_M_S, segment::Segment, zone::Watched};

/// Strips that hold the ellipse: their corners stand out from it by a few percent of its width.
const STRIPS: u32 = 16;
/// It may have flown faster than it was seen to fly by this factor.
const SPEED_MARGIN: f64 = 1.1;
/// It is not assumed to have climbed or descended faster than this, metres per second.
const CLIMB_MAX_M_S: f64 = 50.0;

/// What something may have reached while unseen.
#[derive(Debug)]
pub(crate) struct Reach<'a> {
    segment: &'a Segment,
    /// Half of the longest way it may have flown, metres: the long half axis of the ellipse.
    long_m: f64,
    /// Half of the straight way, metres.
    straight_m: f64,
    climb_m: f64,
}

impl<'a> Reach<'a> {
    /// `fastest_m_s` is the fastest it was seen to fly; zero when that is not known.
    pub(crate) fn new(segment: &'a Segment, fastest_m_s: f64) -> Self {
        let seconds = segment.micros() as f64 / 1e6;
        let speed = if fastest_m_s > 0.0 {
            (fastest_m_s * SPEED_MARGIN).min(SPEED_MAX_M_S)
        } else {
            SPEED_MAX_M_S
        };
        let straight_m = segment.leg.length_m() * 0.5;
        Self {
            segment,
            long_m: (speed * seconds * 0.5).max(straight_m),
            straight_m,
            climb_m: CLIMB_MAX_M_S * seconds * 0.5,
        }
    }

    /// A box around everything in reach.
    pub(crate) fn bounds(&self) -> GeoBox {
        self.segment.bounds().expanded(self.widest_m(0.0))
    }

    /// Whether it may have been in the volume.
    pub(crate) fn meets(&self, watched: &Watched) -> bool {
        self.segment.during(&watched.volume.window).is_some()
            && self.may_be_as_high(watched)
            && self.strips_meet(watched)
    }

    /// Half the width of the ellipse at a distance from its middle along the long axis.
    fn widest_m(&self, from_middle_m: f64) -> f64 {
        let short2 = (self.long_m * self.long_m - self.straight_m * self.straight_m).max(0.0);
        let along = (from_middle_m / self.long_m).min(1.0);
        (short2 * (1.0 - along * along)).max(0.0).sqrt()
    }

    fn strips_meet(&self, watched: &Watched) -> bool {
        let footprint = &watched.volume.footprint;
        (0..STRIPS).any(|strip| {
            let from = f64::from(strip) / f64::from(STRIPS);
            let to = f64::from(strip + 1) / f64::from(STRIPS);
            let middle = |share: f64| (share * 2.0 - 1.0).abs() * self.straight_m;
            let nearest_m = if from <= 0.5 && to >= 0.5 {
                0.0
            } else {
                middle(from).min(middle(to))
            };
            // Beyond an end the ellipse reaches on by the difference of the half axes.
            let beyond_m = if strip == 0 || strip + 1 == STRIPS {
                self.long_m - self.straight_m
            } else {
                0.0
            };
            let width_m = self.widest_m(nearest_m).max(beyond_m);
            let reached = footprint.kept_out(width_m);
            self.segment
                .leg
                .part(from, to)
                .is_some_and(|part| !reached.passages(&part).is_empty())
        })
    }

    fn may_be_as_high(&self, watched: &Watched) -> bool {
        let Some((from, to)) = self.segment.heights() else {
            return true;
        };
        let low_m = from.value_m().min(to.value_m()) - self.climb_m;
        let high_m = from.value_m().max(to.value_m()) + self.climb_m;
        match watched.levels(from) {
            Some(Levels { possible, .. }) => possible.0 <= high_m && low_m <= possible.1,
            None => true,
        }
    }
}
