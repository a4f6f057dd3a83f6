//! Conservative boxes in longitude, latitude, height and time, on integer ticks.

/// Dimensions of a box, in storage order.
pub(crate) const DIMENSIONS: usize = 4;

/// Ticks per degree of longitude and latitude: one tick is about a centimetre, and 360° fit in 32 bits.
pub(crate) const TICKS_PER_DEGREE: f64 = 1.0e7;

/// Ticks per metre of height: one centimetre, and ±21 000 km fit in 32 bits.
const TICKS_PER_METRE: f64 = 100.0;

/// Microseconds in one tick of time: two seconds, so that ±136 years around the epoch fit in 32 bits.
const MICROS_PER_TICK: i64 = 2_000_000;

/// 2000-01-01T00:00:00Z, where the ticks of time begin, in microseconds since 1970.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// A closed box on integer ticks that covers everything it was made from.
///
/// Every conversion rounds outwards and saturates, so a box may be larger than its contents and is never smaller:
/// two contents that meet always have boxes that meet.
/// Integers rather than floats: no value is unordered, and a comparison costs the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) low: [i32; DIMENSIONS],
    pub(crate) high: [i32; DIMENSIONS],
}

/// Position of each dimension in [`Bounds`].
pub(crate) const LONGITUDE: usize = 0;
pub(crate) const LATITUDE: usize = 1;
pub(crate) const HEIGHT: usize = 2;
pub(crate) const TIME: usize = 3;

impl Bounds {
    /// The box that covers nothing and meets no box of a real volume.
    pub(crate) const EMPTY: Self = Self {
        low: [i32::MAX; DIMENSIONS],
        high: [i32::MIN; DIMENSIONS],
    };

    /// The box of a rectangle in degrees, a band of heights in metres, and a half-open window in microseconds.
    ///
    /// An `end_micros` of `None` never ends.
    pub(crate) fn new(
        longitude_deg: [f64; 2],
        latitude_deg: [f64; 2],
        height_m: [f64; 2],
        start_micros: i64,
        end_micros: Option<i64>,
    ) -> Self {
        Self {
            low: [
                floor(longitude_deg[0] * TICKS_PER_DEGREE),
                floor(latitude_deg[0] * TICKS_PER_DEGREE),
                floor(height_m[0] * TICKS_PER_METRE),
                time_tick(start_micros),
            ],
            high: [
                ceil(longitude_deg[1] * TICKS_PER_DEGREE),
                ceil(latitude_deg[1] * TICKS_PER_DEGREE),
                ceil(height_m[1] * TICKS_PER_METRE),
                // The window excludes its end: the last tick it occupies is that of the microsecond before.
                end_micros.map_or(i32::MAX, |end| time_tick(end.saturating_sub(1))),
            ],
        }
    }

    /// Whether the closed boxes share a point: the plain form of what the lanes compute.
    #[cfg(test)]
    pub(crate) fn meets(&self, other: &Self) -> bool {
        (0..DIMENSIONS).all(|d| self.low[d] <= other.high[d] && self.high[d] >= other.low[d])
    }

    /// The smallest box that covers both.
    pub(crate) fn union(&self, other: &Self) -> Self {
        Self {
            low: std::array::from_fn(|d| self.low[d].min(other.low[d])),
            high: std::array::from_fn(|d| self.high[d].max(other.high[d])),
        }
    }

    /// Length along a dimension in ticks, 0 for a box without any.
    pub(crate) fn extent(&self, dimension: usize) -> i64 {
        (i64::from(self.high[dimension]) - i64::from(self.low[dimension])).max(0)
    }

    /// Middle along a dimension, in ticks.
    pub(crate) fn middle(&self, dimension: usize) -> i64 {
        (i64::from(self.low[dimension]) + i64::from(self.high[dimension])) / 2
    }
}

/// One less than the rounded-down value: the product above is itself rounded, by less than a tick.
fn floor(ticks: f64) -> i32 {
    // `as` saturates, and maps what is not a number to 0; callers hand in checked numbers.
    (ticks.floor() - 1.0) as i32
}

/// One more than the rounded-up value, as in [`floor`].
fn ceil(ticks: f64) -> i32 {
    (ticks.ceil() + 1.0) as i32
}

/// The tick an instant falls in, saturating far from the epoch.
fn time_tick(micros: i64) -> i32 {
    let ticks = micros
        .saturating_sub(EPOCH_MICROS)
        .div_euclid(MICROS_PER_TICK);
    ticks.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start_micros: i64, end_micros: Option<i64>) -> Bounds {
        Bounds::new(
            [35.0, 36.0],
            [33.0, 34.0],
            [0.0, 100.0],
            start_micros,
            end_micros,
        )
    }

    #[test]
    fn windows_that_touch_on_a_tick_are_not_candidates() {
        let noon = EPOCH_MICROS + 12 * 3_600_000_000;
        let before = window(noon - 3_600_000_000, Some(noon));
        let after = window(noon, Some(noon + 3_600_000_000));
        assert!(!before.meets(&after));
        assert!(before.meets(&window(noon - 1, Some(noon))));
    }

    #[test]
    fn far_instants_and_unlimited_heights_saturate() {
        let ancient = window(i64::MIN, Some(i64::MIN + 1));
        let endless = window(i64::MIN, None);
        assert!(ancient.meets(&endless));
        let unlimited = Bounds::new([0.0, 1.0], [0.0, 1.0], [0.0, f64::INFINITY], 0, None);
        assert_eq!(unlimited.high[HEIGHT], i32::MAX);
        assert!(!unlimited.meets(&Bounds::EMPTY));
        assert!(!Bounds::EMPTY.meets(&unlimited));
    }

    #[test]
    fn rounding_is_outwards() {
        let a = Bounds::new([10.0, 20.000_000_01], [0.0, 1.0], [0.0, 1.0], 0, Some(1));
        let b = Bounds::new([20.000_000_01, 30.0], [0.0, 1.0], [1.0, 2.0], 0, Some(1));
        assert!(a.meets(&b));
        assert_eq!(a.union(&b).extent(LONGITUDE), 200_000_002);
    }
}
